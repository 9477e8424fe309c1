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
    OK,
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
from sim.rules.contractors import reconsider, replace_losses, step_detachment
from sim.rules.engagements import ambush, harass
from sim.rules.fires import fire_on, renew_sorties
from sim.rules.insurgents import note_left_places, step_cell
from sim.rules.logistics import consume, demand, step_convoy, supply, update_roads
from sim.rules.population import coerce, opinion
from sim.rules.recruits import quit_war, recruit
from sim.rules.regime import cohere, count_forces, legitimate, may_collapse, pay, perceive
from sim.rules.routes import build_trees
from sim.rules.slots import bury, clear_day, list_live, muster, shuffle
from sim.rules.state import desert, reinforce, retake, step_unit, sweep
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
    muster(w)
    demand(w)
    supply(w)


@rule
def order(w: Any) -> None:
    """Prepare the unit phase: campaigns, what cells know, today's sorties, the order of activation."""
    lead_campaign(w)
    look_around(w)
    renew_sorties(w)
    list_live(w)
    shuffle(w)


@rule
def activate(w: Any, kind: Any, slot: Any) -> None:
    """Let one live thing take its step."""
    if kind == A_CELL:
        if w.cells[slot].alive > 0:
            step_cell(w, slot)
    elif kind == A_UNIT:
        if w.units[slot].alive > 0:
            step_unit(w, slot)
    elif kind == A_DETACHMENT:
        if w.detachments[slot].alive > 0:
            step_detachment(w, slot)
    elif w.convoys[slot].alive > 0:
        step_convoy(w, slot)


@rule
def units(w: Any) -> None:
    """The unit phase: every live thing takes its step, in the keyed order of the day."""
    order(w)
    for k in range(w.run.live):
        activate(w, w.order[k] // 65536, w.order[k] % 65536)


@rule
def combat(w: Any) -> None:
    """Resolve what the units began: ambushes, hit-and-run attacks, fires, assaults, sweeps, retakings."""
    muster(w)
    for k in range(w.run.live):
        engage(w, w.order[k] // 65536, w.order[k] % 65536)
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
    """Recruits, quitters, reinforcements, deserters, rotations, departures."""
    for p in range(w.run.n_places):
        recruit(w, p)
    for i in range(w.run.cells_top):
        if w.cells[i].alive > 0:
            quit_war(w, i)
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
