"""Assaults on places: the fight, the flight of a broken garrison, and whether the attackers hold what they took."""

from __future__ import annotations

import math
from typing import Any

from sim.codes import (
    ASSAULT,
    BASE_ATTACK,
    D_CAPTURED,
    D_STAY,
    ESCORT,
    GARRISON,
    HELD_BY_INSURGENTS,
    HELD_BY_NOBODY,
    HOLD,
    REST,
    STATE,
)
from sim.draws import binomial, pair, uniform
from sim.jit import rule
from sim.rules.books import log_event, withdraw_detachment
from sim.rules.combat import ATTACKER_WINS, aimed_share, collateral, fight, mean_quality, nerve, set_duel
from sim.rules.fires import fire_support
from sim.rules.losses import ANY, hit_cells, hit_hired, hit_units
from sim.rules.routes import start
from sim.rules.slots import recount


@rule
def assault(w: Any, p: Any) -> None:
    """Resolve an assault on a place by all groups that strike it today, against all who defend it."""
    rules = w.params.combat
    recount(w, p)
    place = w.places[p]
    size = place.strikers
    leader = largest_at(w, p, ASSAULT)
    if leader < 0 or place.holder == HELD_BY_INSURGENTS:
        stand_down(w, p)
        return
    who = w.cells[leader].id
    group = w.cells[leader].group
    men = place.men
    hired = place.contractors
    men_lost = 0
    contractors_lost = 0
    fighters_lost = 0
    bystanders = 0
    broken = ATTACKER_WINS
    if men + hired > 0:
        aim = aimed_share(w, p, rules.mass_exposure)
        set_duel(w, men + hired, size, mean_quality(w, men, hired), aim, nerve(w, p))
        w.duel.support = fire_support(w, p, size) / rules.assault_rounds
        broken = fight(w, who)
        fighters_lost = w.duel.fighters_lost
        contractors_lost = hit_hired(w, p, men, hired, w.duel.men_lost, who)
        men_lost = hit_units(w, p, ANY, w.duel.men_lost - contractors_lost, who)
        bystanders = collateral(w, p, who, w.duel.men_lost + fighters_lost)
        hit_cells(w, p, ASSAULT, fighters_lost, who)
        place.strikers -= fighters_lost
        log_event(w, BASE_ATTACK, p, -1, group, size, who, bystanders, fighters_lost, men_lost, contractors_lost, 0)
    place.raided_on = w.run.day
    if broken == ATTACKER_WINS:
        overrun(w, p, who)
    else:
        stand_down(w, p)


@rule
def larger(one: Any, other: Any) -> Any:
    """Return whether one cell has more fighters than another (ties to the lower identity)."""
    return one.fighters > other.fighters or (one.fighters == other.fighters and one.id < other.id)


@rule
def largest_at(w: Any, p: Any, task: Any) -> Any:
    """Return the largest cell with a task at ``p`` (ties to the lower identity), or −1."""
    best = -1
    slot = w.places[p].cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0 and c.task == task and c.place == p and (best < 0 or larger(c, w.cells[best])):
            best = slot
        slot = c.next
    return best


@rule
def stand_down(w: Any, p: Any) -> None:
    """Send the strikers at a place back into hiding."""
    slot = w.places[p].cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0 and c.task == ASSAULT and c.place == p:
            c.task = REST
            c.target = -1
            c.days_left = int(w.params.insurgents.recover_days)
        slot = c.next


@rule
def overrun(w: Any, p: Any, who: Any) -> None:
    """The defence of a place is broken: captures, flight, looted stock; then the attackers hold it or leave."""
    rules = w.params.combat
    place = w.places[p]
    take_prisoners(w, p, who)
    looted = int(place.stock_l * rules.stock_loot)
    place.stock_l -= looted
    w.fuel.looted += looted
    place.holder = HELD_BY_NOBODY
    if w.params.switches.holding > 0.0 and wants_to_hold(w, p, who):
        occupy(w, p)
    else:
        stand_down(w, p)


@rule
def wants_to_hold(w: Any, p: Any, who: Any) -> Any:
    """Weigh holding a taken place: people's support against the force that could come back."""
    rules = w.params.insurgents
    place = w.places[p]
    strength = math.log((place.strikers + 1.0) / (place.threat + 1.0))
    x = rules.hold_bias + rules.hold_support * (place.support_insurgents - 0.25) + rules.hold_strength * strength
    return uniform(w.run.key, D_STAY, who, 0) < 1.0 / (1.0 + math.exp(-x))


@rule
def occupy(w: Any, p: Any) -> None:
    """Let the strikers hold the place they have taken."""
    place = w.places[p]
    place.holder = HELD_BY_INSURGENTS
    place.held_on = w.run.day
    slot = place.cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0 and c.task == ASSAULT and c.place == p:
            c.task = HOLD
            c.target = p
        slot = c.next


@rule
def take_prisoners(w: Any, p: Any, who: Any) -> None:
    """Take a share of the broken garrison prisoner; the others flee: see :func:`flight_goal`."""
    rules = w.params.combat
    refuge = flight_goal(w, p)
    slot = w.places[p].unit_head
    while slot >= 0:
        u = w.units[slot]
        following = u.next
        if u.alive > 0 and u.place == p and u.leg >= u.legs:
            taken = binomial(u.men, rules.capture_share, uniform(w.run.key, D_CAPTURED, pair(who, u.id), 0))
            u.men -= taken
            w.people[STATE].captured += taken
            if refuge < 0:
                w.people[STATE].deserted += u.men
                u.men = 0
            flee(w, slot, refuge)
        slot = following
    slot = w.places[p].detachment_head
    while slot >= 0:
        d = w.detachments[slot]
        if d.alive > 0 and d.place == p:
            if refuge < 0:
                withdraw_detachment(w, slot)
            d.place = refuge
            d.task = 0
            d.target = -1
            start(d, 0)
        slot = d.next
    w.places[p].men = 0
    w.places[p].contractors = 0


@rule
def flight_goal(w: Any, p: Any) -> Any:
    """Return where a broken garrison flees: its depot, the capital, the base next to it, or nowhere (−1)."""
    if w.places[p].supply_hub >= 0:
        depot = w.hubs[w.places[p].supply_hub].place
        if depot != p and w.places[depot].holder == 0 and w.places[depot].country == w.places[p].country:
            return depot
    for goal in (w.run.capital, w.run.second):
        if goal >= 0 and goal != p and w.places[goal].holder == 0 and w.places[p].country == 0:
            return goal
    return -1


@rule
def flee(w: Any, slot: Any, refuge: Any) -> None:
    """Move a broken unit to its refuge: a garrison joins the one there, an escort stays, a column waits for orders."""
    u = w.units[slot]
    if u.men <= 0:
        u.alive = -1
        return
    u.place = refuge
    start(u, 0)
    u.task = 0
    u.target = -1  # else it would count as bound for the place that it fled from
    if u.kind == GARRISON:
        other = garrison_at(w, refuge)
        if other >= 0 and other != slot:
            w.units[other].men += u.men
            u.men = 0
            u.alive = -1
        else:
            u.home = refuge
    elif u.kind == ESCORT:
        u.home = refuge


@rule
def garrison_at(w: Any, place: Any) -> Any:
    """Return the garrison of a place, or −1."""
    for i in range(w.run.units_top):
        u = w.units[i]
        if u.alive > 0 and u.kind == GARRISON and u.home == place and u.place == place:
            return i
    return -1
