"""Population: support for insurgents and state at each place, moved by harm, shortage and control; and information.

Support is a softmax of two potentials and neutrality (0), drifting home: bounded without clamps. After Atkinson and
Kress (2012) and Bennett (2008); information drives the aimed share of fire (Kress and Szechtman 2009).
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import COERCION, D_COERCE, HELD_BY_INSURGENTS, HELD_BY_STATE, SOURCE
from sim.draws import poisson, uniform
from sim.fast import happens
from sim.jit import rule
from sim.rules.books import log_event

_LARGE = 300.0  # a potential whose exponential comes near the largest number


@rule
def coerce(w: Any, p: Any) -> None:
    """Insurgent violence against civilians where they are present without support."""
    place = w.places[p]
    if place.fighters <= 0 or place.kind == SOURCE:
        return
    rules = w.params.population
    crowd = place.population / (place.population + rules.crowd_half)
    mean = rules.coercion_rate * place.fighters / 25.0 * crowd * (1.0 - place.support_insurgents)
    if not happens(mean, uniform(w.run.key, D_COERCE, place.id, 0)):
        return
    dead = 1 + poisson(rules.coercion_deaths, uniform(w.run.key, D_COERCE, place.id, 1))
    w.deaths[0] += dead
    w.tally.civilians_by_insurgents += dead
    place.harm_insurgents += dead
    log_event(w, COERCION, p, -1, -1, place.fighters, place.id, dead, 0, 0, 0, 0)


@rule
def opinion(w: Any, p: Any) -> None:
    """Move a place's support: harm repels from who did it, shortage is blamed on both, control coerces, home draws."""
    place = w.places[p]
    if place.kind == SOURCE:
        return
    rules = w.params.population
    feel = w.params.switches.harm_feedback
    by_insurgents = math.log1p(place.harm_insurgents) * feel if place.harm_insurgents > 0.0 else 0.0
    by_state = math.log1p(place.harm_state) * feel if place.harm_state > 0.0 else 0.0
    shortage = rules.shortage_effect * max(0.0, 1.0 - place.served) * w.params.switches.shortage_blame
    held = 1.0 if place.holder == HELD_BY_INSURGENTS else 0.0
    guarded = 1.0 if place.holder == HELD_BY_STATE and place.men > 0 else 0.0
    rule_effect = rules.control_effect * w.params.switches.coercion
    dx = rules.harm_effect * (by_state - by_insurgents) - shortage * (1.0 - rules.blame_on_state)
    dy = rules.harm_effect * (by_insurgents - by_state) - shortage * rules.blame_on_state
    dx += rule_effect * (held - 0.5 * guarded)
    dy += rule_effect * (0.5 * guarded - held)
    place.x_insurgents += dx + (place.home_insurgents - place.x_insurgents) / rules.drift_days
    place.x_state += dy + (place.home_state - place.x_state) / rules.drift_days
    settle(w, p)


@rule
def settle(w: Any, p: Any) -> None:
    """Turn potentials into shares and into what people tell the state."""
    place = w.places[p]
    rules = w.params.population
    top = max(place.x_insurgents, place.x_state)
    shift = top if top > _LARGE else 0.0  # the shares stay what they are, and nothing overflows
    a = math.exp(place.x_insurgents - shift)
    b = math.exp(place.x_state - shift)
    neutral = 1.0 if shift == 0.0 else math.exp(-shift)
    place.support_insurgents = a / (neutral + a + b)
    place.support_state = b / (neutral + a + b)
    told = rules.information_min + rules.information_gain * place.support_state * (1.0 - place.support_insurgents)
    place.information = min(1.0, told)
