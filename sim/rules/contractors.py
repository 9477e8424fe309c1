"""Contractors: detachments that need fuel from the same roads, pay from the treasury, and tolerate losses so far.

Readiness gates all that they do: fires, escort, reaction, command. That is the paradox's mechanism.
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import (
    CONTRACTORS,
    D_DEPART,
    D_REACT,
    DEPARTURE,
    HELD_BY_INSURGENTS,
    HELD_BY_STATE,
    IDLE,
    RELIEVE,
    REST,
    RETURN,
    ROAD_ATTACK,
)
from sim.draws import pair, uniform, weekly
from sim.jit import rule
from sim.rules.books import kill_cell, kill_detachment, log_event, withdraw_detachment
from sim.rules.combat import fight, set_duel
from sim.rules.engagements import find_attacker
from sim.rules.fires import in_range
from sim.rules.routes import march, path_between, start
from sim.rules.state import haven


@rule
def step_detachment(w: Any, i: Any) -> None:
    """Let one detachment live its day: readiness follows fuel and pay; it reacts near by, marches and comes home."""
    d = w.detachments[i]
    ready(w, d)
    if d.task == IDLE and d.place != d.home and w.places[d.home].holder == HELD_BY_STATE:
        go_back(w, i)  # it fled, and home is the state's again
    elif d.task == IDLE:
        respond(w, i)
    elif d.leg < d.legs:
        drive_on(w, i)
    elif d.task == RETURN and w.places[d.place].holder != HELD_BY_INSURGENTS:
        d.task = IDLE
        d.target = -1
    else:
        d.days_left -= 1
        if d.days_left <= 0 or d.task == RETURN:
            go_back(w, i)


@rule
def go_back(w: Any, i: Any) -> None:
    """March home, or to a refuge while insurgents hold that; with nowhere to go, stay."""
    goal = haven(w, w.detachments[i])
    if goal >= 0:
        dispatch(w, i, goal, RETURN)


@rule
def ready(w: Any, d: Any) -> None:
    """Move readiness towards what fuel and pay allow; forget old losses; count days of arrears."""
    rules = w.params.contractors
    fuel = 1.0
    if w.params.switches.contractor_fuel > 0.0:
        fuel = w.places[d.place].military_served
    pay = 1.0 - rules.pay_weight * (1.0 - w.nation.contractors_paid)
    d.readiness += (fuel * pay - d.readiness) / rules.ready_days
    d.recent_loss -= d.recent_loss / rules.loss_memory_days
    d.arrears_days = max(0.0, d.arrears_days + (1.0 if w.nation.contractors_paid < 0.95 else -1.0))


@rule
def respond(w: Any, i: Any) -> None:
    """March to a lost place within reach that columns are marching to: contractors lead the retaking."""
    d = w.detachments[i]
    rules = w.params.contractors
    if w.params.switches.relief == 0.0:
        return
    if uniform(w.run.key, D_REACT, d.id, 0) >= rules.reaction_rate * d.readiness:
        return
    for k in range(w.n_troubled):
        p = w.troubled[k]
        if w.places[p].holder != HELD_BY_STATE and in_range(w, d, p) and awaited(w, p):
            dispatch(w, i, p, RELIEVE)
            return


@rule
def awaited(w: Any, p: Any) -> Any:
    """Return whether a column marches to a place."""
    for k in range(w.run.units_top):
        if w.units[k].alive > 0 and w.units[k].target == p and w.units[k].task == RELIEVE:
            return True
    return False


@rule
def dispatch(w: Any, i: Any, goal: Any, task: Any) -> None:
    """Send a detachment on its way."""
    d = w.detachments[i]
    for k in range(w.run.convoys_top):
        if w.convoys[k].detachment == i:
            w.convoys[k].detachment = -1  # its riders are called back
    d.task = task
    d.target = goal
    d.days_left = int(w.params.state.stay_days)
    if d.place == goal:
        start(d, 0)
    elif not path_between(w, d, d.place, goal):
        start(d, 0)
        d.task = IDLE
        d.target = -1


@rule
def drive_on(w: Any, i: Any) -> None:
    """March for a day; on each road that it enters cells may waylay the detachment, which then stops for the day."""
    d = w.detachments[i]
    hours = w.params.state.march_hours
    while hours > 0.0 and d.leg < d.legs:
        if d.progress_h == 0.0:
            road = d.path[d.leg]
            cell = find_attacker(w, road, d.id, d.men * w.params.contractors.combat_weight)
            if cell >= 0:
                stop_on_road(w, i, road, cell)
                return
        hours = march(w, d, hours)


@rule
def stop_on_road(w: Any, i: Any, road: Any, cell: Any) -> None:
    """Resolve an ambush of a detachment on the march; it goes on the next day."""
    d = w.detachments[i]
    c = w.cells[cell]
    rules = w.params.combat
    size = c.fighters
    set_duel(w, d.men, size, w.params.contractors.combat_weight, rules.ambush_aim, 1.0)
    w.duel.max_rounds = int(rules.ambush_rounds)
    fight(w, pair(c.id, d.id))
    log_event(w, ROAD_ATTACK, -1, road, c.group, size, c.id, 0, w.duel.fighters_lost, 0, w.duel.men_lost, 0)
    d.progress_h = 1.0e-9
    c.task = REST
    c.road = -1
    c.days_left = int(w.params.insurgents.recover_days)
    kill_cell(w, cell, w.duel.fighters_lost)
    kill_detachment(w, i, w.duel.men_lost)


@rule
def reconsider(w: Any, i: Any) -> None:
    """Weigh leaving the country, once a week: arrears beyond patience or losses beyond tolerance."""
    d = w.detachments[i]
    if w.params.switches.departure == 0.0 or not weekly(d.id, w.run.day):
        return
    rules = w.params.contractors
    owed = d.arrears_days / rules.patience_days
    bled = d.recent_loss / rules.loss_tolerance
    chance = rules.departure_rate * (math.exp(min(6.0, owed * owed + bled * bled)) - 1.0)
    if uniform(w.run.key, D_DEPART, d.id, 0) < chance:
        log_event(w, DEPARTURE, d.place, -1, -1, d.men, d.id, 0, 0, 0, 0, 0)
        withdraw_detachment(w, i)


@rule
def replace_losses(w: Any, i: Any) -> None:
    """Rotate replacements in, up to the contracted strength, while the contract is paid (a fraction a day)."""
    d = w.detachments[i]
    rules = w.params.contractors
    gap = d.start_men - d.men
    if gap <= 0 or w.nation.contractors_paid < 0.95 or d.task != IDLE:
        return
    if uniform(w.run.key, D_DEPART, d.id, 1) < rules.rotation_rate * gap:
        d.men += 1
        w.people[CONTRACTORS].reinforced += 1
