"""The order of the day, as the one readable list of phases, and the compiled loop over days.

A day: dawn, timeline, flow, units, combat, consumption, population, regime, bargaining, upkeep, dusk. Each phase is a
function here; the Mesa driver calls the same phases one by one, the compiled driver runs :func:`run_days`.
"""

from __future__ import annotations

from typing import Any

from sim.codes import (
    A_CELL,
    A_DETACHMENT,
    A_UNIT,
    ASSAULT,
    CAPTURE,
    COLUMN,
    HARASS,
    HELD_BY_INSURGENTS,
    HELD_BY_STATE,
    LOG_FULL,
    MOVE,
    OK,
    REST,
    STOPPED,
    SWEEP,
)
from sim.draws import day_key
from sim.jit import entry, rule
from sim.ledger import audit
from sim.rules.assault import assault
from sim.rules.bargaining import bargain
from sim.rules.books import log_event
from sim.rules.campaigns import lead_campaign, look_around
from sim.rules.choices import feel_urges
from sim.rules.contractors import reconsider, replace_losses, step_detachment
from sim.rules.engagements import ambush, harass
from sim.rules.fires import fire_on, renew_sorties
from sim.rules.insurgents import note_left_places, step_cell, wake
from sim.rules.logistics import consume, demand, step_convoy, update_roads
from sim.rules.population import coerce, opinion
from sim.rules.recruits import quit_war, recruit
from sim.rules.regime import cohere, count_forces, legitimate, may_collapse, pay, perceive
from sim.rules.reinforcements import come_back, desert, reinforce
from sim.rules.routes import build_trees
from sim.rules.slots import bury, clear_day, list_cells, list_live, muster, shuffle
from sim.rules.state import note_trouble, retake, step_unit, sweep
from sim.rules.supply import supply
from sim.rules.timeline import follow
from sim.trace import write_trace

PHASES = (
    "dawn",
    "timeline",
    "flow",
    "units",
    "combat",
    "consumption",
    "population",
    "regime",
    "bargaining",
    "upkeep",
    "dusk",
)
"""The order of the day."""


@rule
def dawn(w: Any) -> None:
    """Begin the day: its number, its key for draws, empty day counts."""
    w.run.day += 1
    w.run.key = day_key(w.run.seed, w.run.day)
    clear_day(w)


@rule
def timeline(w: Any) -> None:
    """Apply what the scenario sets for today."""
    follow(w)


@rule
def flow(w: Any) -> None:
    """Logistics: carriers remember, paths are renewed, fuel is ordered and sent."""
    update_roads(w)
    build_trees(w)
    list_cells(w)
    muster(w)
    demand(w)
    supply(w)


@rule
def order(w: Any, everyone: Any) -> None:
    """Prepare the unit phase: campaigns, what cells know, trouble, sorties, who wakes, the order of activation.

    ``everyone`` lists also those whose step does nothing today: agents written in Python may override it.
    """
    lead_campaign(w)
    look_around(w)
    feel_urges(w)
    note_trouble(w)
    renew_sorties(w)
    for k in range(w.n_standing):
        wake(w, w.standing[k])
    list_live(w, everyone)
    shuffle(w)


@rule
def activate(w: Any, kind: Any, slot: Any) -> Any:
    """Let one live thing take its step; return whether it may have begun what the combat phase must resolve."""
    if kind == A_CELL:
        c = w.cells[slot]
        if c.alive > 0:
            step_cell(w, slot)
        return c.task != REST and c.task != MOVE
    if kind == A_UNIT:
        u = w.units[slot]
        if u.alive > 0:
            step_unit(w, slot)
        return u.task == SWEEP
    if kind == A_DETACHMENT:
        if w.detachments[slot].alive > 0:
            step_detachment(w, slot)
        return False
    v = w.convoys[slot]
    if v.alive > 0:
        step_convoy(w, slot)
    return v.attacker >= 0


@rule
def units(w: Any) -> None:
    """The unit phase: every live thing takes its step, in the keyed order of the day."""
    order(w, False)
    n = 0
    for k in range(w.listed):
        code = w.order[k]
        stirs = activate(w, code >> 16, code & 65535)
        w.order[n] = code
        n += 1 if stirs else 0
    w.stirring = n


@rule
def combat(w: Any) -> None:
    """Resolve what the units began: ambushes, hit-and-run attacks, fires, assaults, sweeps, retakings."""
    muster(w)
    for k in range(w.stirring):
        engage(w, w.order[k] >> 16, w.order[k] & 65535)
    for p in range(w.run.n_places):
        if w.places[p].strikers > 0:
            assault(w, p)
    for p in range(w.run.n_places):
        place = w.places[p]
        if place.holder != HELD_BY_STATE and place.unit_head >= 0 and place.garrison_target > 0.0:
            retake(w, p)
    note_left_places(w)
    note_captures(w)


@rule
def engage(w: Any, kind: Any, slot: Any) -> None:
    """Resolve what one live thing began today."""
    if kind == A_CELL:
        c = w.cells[slot]
        if c.alive <= 0:
            return
        if c.task == HARASS:
            harass(w, slot)
        elif c.task != ASSAULT:
            fire_on(w, slot)
    elif kind == A_UNIT:
        u = w.units[slot]
        if u.alive > 0 and u.kind == COLUMN and u.task == SWEEP and u.leg >= u.legs:
            sweep(w, slot)
    elif kind > A_DETACHMENT:
        ambush(w, slot)


@rule
def note_captures(w: Any) -> None:
    """A place counts as captured once it is still held on the day after: a looting that leaves at once does not."""
    for p in range(w.run.n_places):
        place = w.places[p]
        if place.holder == HELD_BY_INSURGENTS and place.held_on == w.run.day - 1:
            w.tally.captures += 1
            log_event(w, CAPTURE, p, -1, -1, place.fighters, place.id, 0, 0, 0, 0, 0)


@rule
def consumption(w: Any) -> None:
    """Ration and burn fuel."""
    consume(w)


@rule
def population(w: Any) -> None:
    """Violence against civilians, and opinion."""
    for p in range(w.run.n_places):
        coerce(w, p)
        opinion(w, p)


@rule
def regime(w: Any) -> None:
    """Command, pay, reputation, legitimacy, cohesion, collapse."""
    count_forces(w)
    pay(w)
    perceive(w)
    legitimate(w)
    cohere(w)
    may_collapse(w)


@rule
def bargaining(w: Any) -> None:
    """Local truces."""
    for p in range(w.run.n_places):
        bargain(w, p)


@rule
def upkeep(w: Any) -> None:
    """Recruits, the neighbour's return, quitters, reinforcements, deserters, rotations, departures."""
    for p in range(w.run.n_places):
        recruit(w, p)
        come_back(w, p)
    for k in range(w.n_standing):
        if w.cells[w.standing[k]].alive > 0:
            quit_war(w, w.standing[k])
    for i in range(w.run.units_top):
        if w.units[i].alive > 0:
            reinforce(w, i)
            desert(w, i)
    for i in range(w.run.detachments_top):
        if w.detachments[i].alive > 0:
            replace_losses(w, i)
            reconsider(w, i)


@rule
def dusk(w: Any) -> None:
    """End the day: free the slots of those gone, check the books."""
    bury(w)
    audit(w)


@entry
def run_days(world: Any, days: Any, trace: Any, log: Any, logged: Any, stop: Any) -> Any:
    """Run ``days`` days; write a trace row a day and append events to ``log``; return how many events it now holds.

    ``stop`` is a one-byte array that another thread may set; it is read once a day.
    """
    w = world[0]
    for _ in range(days):
        if stop[0] != 0:
            w.run.status = STOPPED
        if w.run.status != OK:
            break
        dawn(w)
        timeline(w)
        flow(w)
        units(w)
        combat(w)
        consumption(w)
        population(w)
        regime(w)
        bargaining(w)
        upkeep(w)
        dusk(w)
        if w.run.day < trace.shape[0]:
            write_trace(w, trace[w.run.day])
        for k in range(w.run.events_today):
            if logged >= log.shape[0]:
                w.run.status = LOG_FULL
                break
            log[logged] = w.today[k]
            logged += 1
    return logged
