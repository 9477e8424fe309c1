"""The state: garrisons, mobile columns and escorts; relief and retaking, sweeps.

Command quality bounds how fast and how well columns react; contractors can replace part of what is missing.
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import (
    COLUMN,
    D_CAPTURED,
    D_HARM,
    D_PERCEIVE,
    D_REACT,
    D_STAY,
    D_SWEEP,
    ESCORT,
    GARRISON,
    HELD_BY_INSURGENTS,
    HELD_BY_STATE,
    HOLD,
    IDLE,
    INSURGENTS,
    RELIEVE,
    REST,
    RETAKE,
    RETURN,
    ROAD_ATTACK,
    SOURCE,
    SWEEP,
    SWEEP_CONTACT,
    SWEEP_HARM,
)
from sim.draws import binomial, normal_quantile, pair, poisson, uniform
from sim.jit import rule
from sim.rules.assault import flight_goal, garrison_at
from sim.rules.books import kill_cell, kill_unit, log_event
from sim.rules.combat import (
    ATTACKER_WINS,
    DEFENDER_WINS,
    aimed_share,
    collateral,
    fight,
    mean_quality,
    set_duel,
    told,
    willing,
)
from sim.rules.engagements import find_attacker
from sim.rules.fires import fire_support, scatter
from sim.rules.losses import ANY, detachment_stands, hit_cells, hit_hired, hit_units, unit_stands
from sim.rules.routes import march, path_between, start
from sim.rules.slots import new_garrison, recount


@rule
def step_unit(w: Any, i: Any) -> None:
    """Let one state unit live its day: garrisons stand, columns react, sweep and march, escorts come home."""
    u = w.units[i]
    if u.kind == GARRISON:
        return
    if u.kind == ESCORT:
        if u.task == RETURN:
            come_home(w, i)
        return
    if u.task == IDLE:
        react(w, i)
    elif u.leg < u.legs:
        advance(w, i)
    elif u.task == RETURN and w.places[u.place].holder != HELD_BY_INSURGENTS:
        u.task = IDLE
        u.target = -1
    else:
        u.days_left -= 1
        if u.days_left <= 0 or u.task == RETURN:
            go_back(w, i)


@rule
def go_back(w: Any, i: Any) -> None:
    """March home, or to a refuge while insurgents hold that; with nowhere to go, stay."""
    goal = haven(w, w.units[i])
    if goal >= 0:
        send(w, i, goal, RETURN)


@rule
def haven(w: Any, who: Any) -> Any:
    """Return where a column or detachment goes back to: home, or, while insurgents hold that, where it would flee."""
    if w.places[who.home].holder == HELD_BY_INSURGENTS:
        return flight_goal(w, who.home)
    return who.home


@rule
def come_home(w: Any, i: Any) -> None:
    """Let an escort drive home; where home has been lost it makes for another, or waits on the road."""
    u = w.units[i]
    u.days_left -= 1
    if u.days_left > 0:
        return
    refuge = haven(w, u)
    if refuge < 0:
        return
    u.home = refuge
    u.task = IDLE
    u.place = u.home


@rule
def react(w: Any, i: Any) -> None:
    """Order an idle column to relieve or retake what matters most, else to sweep; slow without command."""
    u = w.units[i]
    rules = w.params.state
    if u.men < rules.column_min_men:
        if u.place != u.home and w.places[u.home].holder == HELD_BY_STATE:
            send(w, i, u.home, RETURN)  # only at home can it be refilled
        return
    if uniform(w.run.key, D_REACT, u.id, 0) < rules.reaction_rate * w.nation.command * w.params.switches.relief:
        goal = relief_goal(w, i)
        if goal >= 0:
            send(w, i, goal, RELIEVE)
            return
    if uniform(w.run.key, D_REACT, u.id, 1) < rules.sweep_rate * w.nation.command * w.params.switches.sweeps:
        goal = sweep_goal(w, i)
        if goal >= 0:
            send(w, i, goal, SWEEP)


@rule
def note_trouble(w: Any) -> None:
    """List the places that call for relief today: lost, or attacked not long ago."""
    memory = w.params.state.relief_memory_days
    n = 0
    for p in range(w.run.n_places):
        place = w.places[p]
        trouble = place.holder != HELD_BY_STATE or w.run.day - place.raided_on < memory
        if trouble and place.country == 0 and place.kind != SOURCE and place.garrison_target > 0.0:
            w.troubled[n] = p
            n += 1
    w.n_troubled = n


@rule
def relief_goal(w: Any, i: Any) -> Any:
    """Return the lost or attacked place that is worth most and looks winnable, the capital first; −1 if none."""
    u = w.units[i]
    best = -1
    most = 0.0
    for k in range(w.n_troubled):
        p = w.troubled[k]
        place = w.places[p]
        if not winnable(w, i, p):
            continue
        need = 1.0 if place.holder != HELD_BY_STATE else 0.3
        here = w.places[u.place]
        far = math.sqrt((here.x_km - place.x_km) ** 2 + (here.y_km - place.y_km) ** 2)
        worth = need * place.value / (1.0 + far / w.params.state.relief_scale_km)
        if worth > most:
            most = worth
            best = p
    return best


@rule
def winnable(w: Any, i: Any, p: Any) -> Any:
    """Return whether a place's holders, as perceived, look weaker than the columns that could come, with fires."""
    u = w.units[i]
    place = w.places[p]
    if place.holder != HELD_BY_INSURGENTS:
        return True
    rules = w.params.state
    z = normal_quantile(uniform(w.run.key, D_PERCEIVE, u.id, p))
    perceived = (place.fighters + 1.0) * math.exp(rules.perception_noise * (1.0 - told(w, p)) * z)
    coming = u.men + 0.0
    for k in range(w.run.units_top):
        o = w.units[k]
        if k != i and o.alive > 0 and o.kind == COLUMN and (o.target == p or o.task == IDLE):
            coming += o.men
    return coming * rules.relief_odds * (1.0 + w.nation.readiness) > perceived


@rule
def sweep_goal(w: Any, i: Any) -> Any:
    """Return the place at most one road away where most fighters are believed to hide, or −1."""
    u = w.units[i]
    best = -1
    most = 0.0
    for k in range(w.near_start[u.place], w.near_start[u.place + 1] + 1):
        p = u.place if k == w.near_start[u.place + 1] else w.near_place[k]
        place = w.places[p]
        if place.country != 0 or place.kind == SOURCE or place.truce_until > w.run.day:
            continue
        z = normal_quantile(uniform(w.run.key, D_PERCEIVE, u.id, p))
        believed = place.fighters * math.exp(w.params.state.perception_noise * (1.0 - told(w, p)) * z)
        if believed > most:
            most = believed
            best = p
    return best


@rule
def send(w: Any, i: Any, goal: Any, task: Any) -> None:
    """Send a column on its way."""
    u = w.units[i]
    u.task = task
    u.target = goal
    u.days_left = int(w.params.state.stay_days)
    if u.place == goal:
        start(u, 0)
    elif not path_between(w, u, u.place, goal):
        start(u, 0)
        u.task = IDLE
        u.target = -1


@rule
def advance(w: Any, i: Any) -> None:
    """March for a day; on each road that it enters cells may waylay the column, which then stops for the day."""
    u = w.units[i]
    hours = w.params.state.march_hours * (0.5 + 0.5 * w.nation.served)
    while hours > 0.0 and u.leg < u.legs:
        if u.progress_h == 0.0:
            road = u.path[u.leg]
            cell = find_attacker(w, road, u.id, u.men + 0.0)
            if cell >= 0:
                waylay(w, i, road, cell)
                return
        hours = march(w, u, hours)


@rule
def waylay(w: Any, i: Any, road: Any, cell: Any) -> None:
    """Resolve an ambush of a column on the road; it goes on the next day."""
    u = w.units[i]
    c = w.cells[cell]
    rules = w.params.combat
    size = c.fighters
    set_duel(w, u.men, size, 1.0, rules.ambush_aim, 1.0)
    w.duel.max_rounds = int(rules.ambush_rounds)
    fight(w, pair(c.id, u.id))
    log_event(w, ROAD_ATTACK, -1, road, c.group, size, c.id, 0, w.duel.fighters_lost, w.duel.men_lost, 0, 0)
    u.progress_h = 1.0e-9
    kill_unit(w, i, w.duel.men_lost)
    c.task = REST
    c.road = -1
    c.days_left = int(w.params.insurgents.recover_days)
    kill_cell(w, cell, w.duel.fighters_lost)


@rule
def sweep(w: Any, i: Any) -> None:
    """Search a place: contact with a hidden cell depends on what people tell; harm to civilians on what they do not."""
    u = w.units[i]
    place = w.places[u.place]
    if place.truce_until > w.run.day:
        return
    rules = w.params.state
    crowd = place.population / (place.population + w.params.population.crowd_half)
    watched = 1.0 - rules.contractor_harm * min(1.0, place.contractors / 100.0)
    mean = rules.sweep_harm * (1.0 - told(w, u.place)) * crowd * (2.0 - watched)
    dead = poisson(mean, uniform(w.run.key, D_HARM, u.id, 0))
    if dead > 0:
        w.deaths[0] += dead
        w.tally.civilians_by_state += dead
        place.harm_state += dead
        log_event(w, SWEEP_HARM, u.place, -1, -1, u.men, u.id, dead, 0, 0, 0, 0)
    cell = contact(w, i)
    if cell < 0:
        return
    c = w.cells[cell]
    size = c.fighters
    set_duel(w, u.men, size, 1.0, aimed_share(w, u.place, 0.0), 1.0)
    w.duel.max_rounds = int(w.params.combat.harass_rounds)
    beaten = fight(w, u.id) == ATTACKER_WINS
    kill_unit(w, i, w.duel.men_lost)
    kill_cell(w, cell, w.duel.fighters_lost)
    if c.alive > 0 and not beaten:
        detain(w, cell, u.men)
    log_event(w, SWEEP_CONTACT, u.place, -1, c.group, size, u.id, 0, w.duel.fighters_lost, w.duel.men_lost, 0, 0)
    # a group that outnumbers the column stands: else one column would undo any mass
    if c.alive > 0 and uniform(w.run.key, D_STAY, c.id, 5) >= willing(w, c.fighters, u.men):
        scatter(w, cell)


@rule
def detain(w: Any, cell: Any, men: Any) -> None:
    """Detain part of a cell that was met, of at most as many as the column's men; a later truce can release them."""
    c = w.cells[cell]
    taken = binomial(min(c.fighters, men), w.params.state.detain_share, uniform(w.run.key, D_CAPTURED, c.id, 1))
    c.fighters -= taken
    w.people[INSURGENTS].captured += taken
    if c.fighters == 0:
        c.alive = -1


@rule
def contact(w: Any, i: Any) -> Any:
    """Return the hidden cell that a sweep runs into, or −1: each may be found, the surest found is met."""
    u = w.units[i]
    place = w.places[u.place]
    chance = w.params.state.contact_rate * (0.2 + told(w, u.place))
    best = -1
    surest = 0.0
    slot = place.cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0 and c.place == u.place and c.task != HOLD:
            margin = chance * c.fighters - uniform(w.run.key, D_SWEEP, pair(u.id, c.id), 0)
            if margin > surest:
                best = slot
                surest = margin
        slot = c.next
    return best


@rule
def retake(w: Any, p: Any) -> None:
    """Retake a lost place with all columns and contractors that have come."""
    if w.params.switches.relief == 0.0:
        return
    recount(w, p)
    place = w.places[p]
    men = arrived(w, p)
    if men <= 0:
        return
    fighters = place.fighters
    if place.holder == HELD_BY_INSURGENTS and fighters > 0:
        if not storm(w, p, men, fighters):
            return
    else:
        log_event(w, RETAKE, p, -1, -1, men, place.id, 0, 0, 0, 0, 0)
    place.holder = HELD_BY_STATE
    w.tally.retakes += 1
    leave_garrison(w, p)


@rule
def storm(w: Any, p: Any, men: Any, fighters: Any) -> Any:
    """Fight the holders of a place, exposed to aimed fire, with all who have come; return whether the holders broke."""
    rules = w.params.combat
    place = w.places[p]
    hired = place.contractors
    aim = aimed_share(w, p, rules.mass_exposure)
    set_duel(w, men + hired, fighters, mean_quality(w, men, hired), aim, w.nation.cohesion)
    w.duel.support = fire_support(w, p, fighters) / rules.assault_rounds
    winner = fight(w, place.id)
    fighters_lost = w.duel.fighters_lost
    contractors_lost = hit_hired(w, p, men, hired, w.duel.men_lost, place.id)
    men_lost = hit_units(w, p, COLUMN, w.duel.men_lost - contractors_lost, place.id)
    bystanders = collateral(w, p, place.id, w.duel.men_lost + fighters_lost)
    hit_cells(w, p, ANY, fighters_lost, place.id)
    if winner == DEFENDER_WINS:
        drive_out(w, p)
    elif winner == ATTACKER_WINS:
        fall_back(w, p)
    log_event(w, RETAKE, p, -1, -1, men, place.id, bystanders, fighters_lost, men_lost, contractors_lost, 0)
    return winner == DEFENDER_WINS


@rule
def fall_back(w: Any, p: Any) -> None:
    """Let those who broke before a lost place march home tomorrow: whether to try again is weighed anew."""
    slot = w.places[p].unit_head
    while slot >= 0:
        if unit_stands(w, slot, p, COLUMN):
            w.units[slot].days_left = 0
        slot = w.units[slot].next
    slot = w.places[p].detachment_head
    while slot >= 0:
        if detachment_stands(w, slot, p):
            w.detachments[slot].days_left = 0
        slot = w.detachments[slot].next


@rule
def arrived(w: Any, p: Any) -> Any:
    """Return the men of the columns that stand at a place."""
    men = 0
    slot = w.places[p].unit_head
    while slot >= 0:
        if unit_stands(w, slot, p, COLUMN):
            men += w.units[slot].men
        slot = w.units[slot].next
    return men


@rule
def drive_out(w: Any, p: Any) -> None:
    """Scatter the broken holders of a place."""
    slot = w.places[p].cell_head
    while slot >= 0:
        c = w.cells[slot]
        following = c.next
        if c.alive > 0 and c.place == p and c.task == HOLD:
            scatter(w, slot)
        slot = following


@rule
def leave_garrison(w: Any, p: Any) -> None:
    """Leave part of the strongest column as the place's new garrison: men are moved, none is made."""
    best = -1
    for i in range(w.run.units_top):
        u = w.units[i]
        here = u.alive > 0 and u.kind == COLUMN and u.place == p and u.leg >= u.legs
        if here and (best < 0 or u.men > w.units[best].men):
            best = i
    if best < 0 or garrison_at(w, p) >= 0:
        return
    men = int(w.units[best].men * w.params.state.garrison_share)
    if men == 0 or new_garrison(w, p, men, 0) < 0:
        return
    w.units[best].men -= men
    if w.units[best].men == 0:
        w.units[best].alive = -1
