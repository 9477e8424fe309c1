"""Insurgents: cells that rest, move, interdict, harass, assemble, assault and hold; groups that merge and split."""

from __future__ import annotations

import math
from typing import Any

from sim.codes import (
    ASSAULT,
    ASSEMBLE,
    D_COORDINATE,
    D_JOIN,
    D_REGROUP,
    D_STAY,
    ENGAGED,
    HARASS,
    HELD_BY_INSURGENTS,
    HIDDEN,
    HOLD,
    INTERDICT,
    LEFT,
    MAIN,
    MOVE,
    READY,
    REGROUPING,
    REST,
)
from sim.draws import pair, uniform
from sim.fast import happens, surely_later
from sim.jit import rule
from sim.rules.assault import largest_at
from sim.rules.books import log_event
from sim.rules.campaigns import FRESH
from sim.rules.choices import (
    assault_utility,
    consider,
    gumbel,
    harass_utility,
    hold_utility,
    interdict_utility,
    move_utility,
    perceived_strength,
    rest_abroad,
)
from sim.rules.combat import willing
from sim.rules.fires import scatter, shatter


@rule
def wake(w: Any, i: Any) -> None:
    """Begin a cell's day: losses are forgotten, and one in hiding learns whether it stays, regroups or is roused."""
    c = w.cells[i]
    c.recent_loss *= 1.0 - 1.0 / w.params.insurgents.recover_days
    c.stance = READY
    if c.task != REST or c.days_left <= 0:
        return
    if roused(w, c):
        c.days_left = 0
        return
    c.days_left -= 1
    c.stance = REGROUPING if regroups(w, c) else HIDDEN


@rule
def step_cell(w: Any, i: Any) -> None:
    """Let one cell live its day: regroup, carry on with its task or choose a new one; nothing in hiding or engaged."""
    c = w.cells[i]
    if c.stance == REGROUPING:
        regroup(w, i)
    elif c.stance != READY:
        return
    elif c.task == REST or c.task == INTERDICT:
        if c.days_left > 0:
            c.days_left -= 1
        else:
            c.road = -1
            choose(w, i)
    elif c.task == MOVE:
        travel(w, i)
    elif c.task == ASSEMBLE:
        wait_to_strike(w, i)
    elif c.task == HOLD:
        keep_or_leave(w, i)
    elif c.task == ASSAULT or c.task == HARASS:
        c.task = REST


@rule
def roused(w: Any, c: Any) -> Any:
    """Return whether a hiding cell without fresh losses answers the call of a coordinated day; allies by alliance."""
    if w.campaign.coordinated != w.run.day or c.recent_loss >= FRESH:
        return False
    chance = w.params.insurgents.join_chance
    if c.group != MAIN:
        chance *= w.params.insurgents.alliance
    return uniform(w.run.key, D_COORDINATE, c.id, 1) < chance


@rule
def regroups(w: Any, c: Any) -> Any:
    """Return whether a resting group acts as a group today: with a chance ∝ its size (Johnson et al.)."""
    rules = w.params.insurgents
    return uniform(w.run.key, D_REGROUP, c.id, 0) * rules.cell_size < rules.regroup_rate * c.fighters


@rule
def regroup(w: Any, i: Any) -> None:
    """Coalesce or fragment (Johnson et al.): a group shatters with ν, else joins another, picked ∝ size."""
    rules = w.params.insurgents
    c = w.cells[i]
    if uniform(w.run.key, D_REGROUP, c.id, 1) < rules.fragmentation:
        if w.params.switches.fragmentation > 0.0:
            shatter(w, i, int(rules.cell_size), int(rules.recover_days))
    elif w.params.switches.coalescence > 0.0:
        partner = pick_partner(w, i)
        if partner >= 0:
            merge(w, partner, i)


@rule
def pick_partner(w: Any, i: Any) -> Any:
    """Pick another resting group of the same allegiance here, with chance ∝ size (a race of exponentials), or −1."""
    c = w.cells[i]
    best = -1
    first = 1.0e300
    slot = w.places[c.place].cell_head
    while slot >= 0:
        o = w.cells[slot]
        if slot != i and o.alive > 0 and o.task == REST and o.group == c.group and o.place == c.place:
            u = uniform(w.run.key, D_REGROUP, pair(c.id, o.id), 2)
            if not surely_later(u, o.fighters, first):
                wait = -math.log(u) / o.fighters
                if wait < first:
                    first = wait
                    best = slot
        slot = o.next
    return best


@rule
def merge(w: Any, into: Any, i: Any) -> None:
    """Merge group ``i`` into group ``into``."""
    c = w.cells[i]
    o = w.cells[into]
    o.recent_loss = (o.recent_loss * o.fighters + c.recent_loss * c.fighters) / max(1, o.fighters + c.fighters)
    o.fighters += c.fighters
    c.fighters = 0
    c.alive = -1
    w.tally.merges += 1


@rule
def choose(w: Any, i: Any) -> None:
    """Weigh rest, joining a rally, a road, an outpost, the place itself and moving on; take the best of the draws."""
    if join_rally(w, i):
        return
    c = w.cells[i]
    w.tally.choices += 1
    w.tally.neighbours += w.near_start[c.place + 1] - w.near_start[c.place]
    rules = w.params.insurgents
    best = rules.rest_bias + rules.rest_after_loss * c.recent_loss + rest_abroad(w, c) + gumbel(w, c, 0)
    task = REST
    target = -1
    value = consider(w, c, 1, harass_utility(w, c), best)
    if value > best:
        best = value
        task = HARASS
    value = consider(w, c, 2, assault_utility(w, c), best)
    if value > best:
        best = value
        task = ASSEMBLE
    value = consider(w, c, 3, hold_utility(w, c), best)
    if value > best:
        best = value
        task = HOLD
    for k in range(w.near_start[c.place], w.near_start[c.place + 1]):
        road = w.near_road[k]
        value = consider(w, c, 100 + road, interdict_utility(w, c, road), best)
        if value > best:
            best = value
            task = INTERDICT
            target = road
        value = consider(w, c, 10000 + road, move_utility(w, c, w.near_place[k]), best)
        if value > best:
            best = value
            task = MOVE
            target = k
    begin(w, i, task, target)


@rule
def begin(w: Any, i: Any, task: Any, target: Any) -> None:
    """Take up a task."""
    c = w.cells[i]
    rules = w.params.insurgents
    c.task = task
    if task == REST:
        c.days_left = int(rules.rest_days)
    elif task == INTERDICT:
        c.road = target
        c.days_left = int(rules.interdict_days)
    elif task == MOVE:
        c.target = w.near_place[target]
        c.days_left = int(w.roads[w.near_road[target]].hours / rules.march_hours)
    elif task == HOLD:
        c.target = c.place
    elif task == ASSEMBLE:
        c.target = c.place
        c.days_left = int(rules.assembly_days)
        w.places[c.place].rally = i
        w.places[c.place].rally_id = c.id


@rule
def join_rally(w: Any, i: Any) -> Any:
    """Join a group that assembles here or next door; return whether the cell did (it merges, waits beside or walks)."""
    c = w.cells[i]
    if rallying(w, c.place) and joins(w, c, c.place):
        leader = w.places[c.place].rally
        if w.cells[leader].group == c.group and w.params.switches.coalescence > 0.0:
            merge(w, leader, i)
        else:
            c.task = ASSEMBLE
            c.target = c.place
            c.days_left = w.cells[leader].days_left
        return True
    for k in range(w.near_start[c.place], w.near_start[c.place + 1]):
        there = w.near_place[k]
        if rallying(w, there) and w.places[there].country == w.places[c.place].country:
            u = uniform(w.run.key, D_JOIN, pair(c.id, w.places[there].rally_id), 1)
            if u < w.params.insurgents.call_share and joins(w, c, there):
                begin(w, i, MOVE, k)
                return True
    return False


@rule
def rallying(w: Any, place: Any) -> Any:
    """Return whether a leader still assembles at a place."""
    slot = w.places[place].rally
    if slot < 0:
        return False
    o = w.cells[slot]
    return assembles(o, place) and o.id == w.places[place].rally_id


@rule
def joins(w: Any, c: Any, place: Any) -> Any:
    """Return whether a cell answers the call of the group that assembles at a place; allies by their alliance."""
    leader = w.cells[w.places[place].rally]
    chance = w.params.insurgents.join_chance
    if leader.group != c.group:
        chance *= w.params.insurgents.alliance
    return uniform(w.run.key, D_JOIN, pair(c.id, leader.id), 0) < chance


@rule
def travel(w: Any, i: Any) -> None:
    """Walk; on arrival hide, ready to choose the next day."""
    c = w.cells[i]
    c.days_left -= 1
    if c.days_left <= 0:
        c.place = c.target
        c.target = -1
        c.task = REST
        c.days_left = 0


@rule
def wait_to_strike(w: Any, i: Any) -> None:
    """Wait until the others have come or the coordinated day is here; then all who assemble here strike, or none.

    Without coalescence each decides for itself.
    """
    c = w.cells[i]
    c.days_left -= 1
    if c.days_left > 0 and w.campaign.coordinated != w.run.day:
        return
    alone = w.params.switches.coalescence == 0.0
    strength = (c.fighters if alone else assembled(w, c.place)) * w.params.insurgents.strike_ratio
    strikes = uniform(w.run.key, D_STAY, c.id, 1) < willing(w, strength, perceived_strength(w, c, c.place))
    n = w.n_standing  # those who come out of a group that scatters are not among them
    for k in range(n):
        slot = w.standing[k]
        o = w.cells[slot]
        if assembles(o, c.place) and (slot == i or not alone):
            o.stance = ENGAGED  # whose turn is still to come does no more today
            if strikes:
                o.task = ASSAULT
            else:
                scatter(w, slot)


@rule
def assembles(c: Any, place: Any) -> Any:
    """Return whether a cell waits at a place for the others to strike it."""
    return c.alive > 0 and c.task == ASSEMBLE and c.place == place


@rule
def assembled(w: Any, place: Any) -> Any:
    """Return the fighters of all groups that assemble at a place."""
    n = 0
    for k in range(w.n_standing):  # not by the place's list, which is of the morning: one may have come off a road
        c = w.cells[w.standing[k]]
        if assembles(c, place):
            n += c.fighters
    return n


@rule
def keep_or_leave(w: Any, i: Any) -> None:
    """Hold on or leave: leaving is likelier with little support, a strong threat near, and recent losses."""
    c = w.cells[i]
    rules = w.params.insurgents
    place = w.places[c.place]
    ratio = place.threat / max(1.0, float(place.fighters))
    hazard = rules.leave_rate * math.exp(-rules.hold_support * (place.support_insurgents - 0.25)) * min(3.0, ratio)
    hazard += rules.leave_after_loss * c.recent_loss
    if happens(hazard, uniform(w.run.key, D_STAY, c.id, 2)):
        scatter(w, i)
    elif ratio < rules.spare_ratio and uniform(w.run.key, D_STAY, c.id, 3) < rules.advance_rate:
        advance_from(w, i)


@rule
def advance_from(w: Any, i: Any) -> None:
    """Free what a safe place does not need: all but the largest group, and of that all but one cell."""
    c = w.cells[i]
    size = int(w.params.insurgents.cell_size)
    if c.fighters >= 2 * size and w.params.switches.fragmentation > 0.0:
        shatter(w, i, size, 0)
    elif largest_at(w, c.place, HOLD) != i:
        c.task = REST
        c.target = -1
        c.days_left = 0


@rule
def note_left_places(w: Any) -> None:
    """A place that no group holds any more is nobody's until the state comes back."""
    for p in range(w.run.n_places):
        place = w.places[p]
        if place.holder != HELD_BY_INSURGENTS:
            continue
        held = False
        slot = place.cell_head
        while slot >= 0:
            c = w.cells[slot]
            if c.alive > 0 and c.task == HOLD and c.place == p:
                held = True
            slot = c.next
        if not held:
            place.holder = 2
            log_event(w, LEFT, p, -1, -1, w.run.day - place.held_on, place.id, 0, 0, 0, 0, 0)
