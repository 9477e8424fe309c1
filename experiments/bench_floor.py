"""The floor of a day: only the draws and the memory traffic that it cannot avoid, on the model's own world."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.codes import A_CELL, A_UNIT
from sim.draws import day_key, uniform
from sim.rules.slots import list_live, shuffle

DRAWS = 2
"""Draws for each live unit and day; the model makes about as many (tests/sim/test_work.py)."""


@njit(nogil=True, error_model="numpy")
def touch_days(world: Any, days: Any) -> Any:
    """Let ``days`` days pass in which nothing is decided; return the agent-days."""
    w = world[0]
    steps = 0
    for day in range(days):
        w.run.day = day
        w.run.key = day_key(w.run.seed, day)
        list_live(w, True)
        shuffle(w)
        steps += w.run.live
        for k in range(w.run.live):
            touch(w, w.order[k] >> 16, w.order[k] & 65535)
        for p in range(w.run.n_places):
            w.places[p].threat = 0.5 * (w.places[p].threat + uniform(w.run.key, 0, w.places[p].id, 0))
        for r in range(w.run.n_roads):
            w.roads[r].risk *= 0.9
    return steps


@njit(nogil=True, error_model="numpy")
def touch(w: Any, kind: Any, slot: Any) -> None:
    """Read and write one row, with its draws."""
    if kind == A_CELL:
        w.cells[slot].recent_loss = draws(w, w.cells[slot].id)
    elif kind == A_UNIT:
        w.units[slot].progress_h = draws(w, w.units[slot].id)
    elif kind == A_UNIT + 1:
        w.detachments[slot].readiness = draws(w, w.detachments[slot].id)
    else:
        w.convoys[slot].progress_h = draws(w, w.convoys[slot].id)


@njit(nogil=True, error_model="numpy")
def draws(w: Any, who: Any) -> Any:
    """Return the sum of a unit's draws of today."""
    total = 0.0
    for k in range(DRAWS):
        total += uniform(w.run.key, 1, who, k)
    return total + np.float64(0.0)
