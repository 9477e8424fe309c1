"""Bargaining: local truces that let fuel pass against the release of detainees, likelier when both sides hurt."""

from __future__ import annotations

from typing import Any

from sim.codes import D_RELEASE, D_TRUCE, INSURGENTS, SOURCE, TRUCE
from sim.draws import binomial, uniform
from sim.fast import happens
from sim.jit import rule
from sim.rules.books import log_event
from sim.rules.recruits import smallest_cell


@rule
def bargain(w: Any, p: Any) -> None:
    """Let a truce come about at one place: the state's hurt is hunger, the insurgents' their recent losses."""
    place = w.places[p]
    rules = w.params.bargaining
    if w.params.switches.bargaining == 0.0 or place.country != 0 or place.kind == SOURCE:
        return
    if place.truce_until > w.run.day or place.fighters <= 0 or place.served_week >= 1.0:
        return
    chance = rules.truce_rate * (1.0 - place.served_week) * (rules.base_hurt + insurgents_hurt(w, p))
    if not happens(chance, uniform(w.run.key, D_TRUCE, place.id, 0)):
        return
    place.truce_until = w.run.day + 1 + int(rules.truce_days)  # from tomorrow, that many whole days
    w.tally.truces += 1
    released = release(w, p)
    log_event(w, TRUCE, p, -1, -1, released, place.id, 0, 0, 0, 0, 0)


@rule
def insurgents_hurt(w: Any, p: Any) -> Any:
    """Return the mean recent loss of the cells at a place, by fighters."""
    hurt = 0.0
    total = 1.0e-9
    slot = w.places[p].cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0:
            hurt += c.recent_loss * c.fighters
            total += c.fighters
        slot = c.next
    return hurt / total


@rule
def release(w: Any, p: Any) -> Any:
    """Release a share of the detainees to the cell at the place; return how many."""
    people = w.people[INSURGENTS]
    held = people.captured - people.released
    slot = smallest_cell(w, p)
    if held <= 0 or slot < 0:
        return 0
    n = binomial(held, w.params.bargaining.release_share, uniform(w.run.key, D_RELEASE, w.places[p].id, 0))
    people.released += n
    w.cells[slot].fighters += n
    return n
