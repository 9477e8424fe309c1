"""Losses shared over those who stand together: in proportion to their numbers, and nobody's row matters.

Each takes the whole part of its share; who takes what is left over is drawn man by man, with chance ∝ number (a race
of exponentials keyed by fight and identity, so that two fights of a day do not hit the same).
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import D_ENGAGE, D_SHARE, ESCORT, IDLE
from sim.draws import pair, uniform
from sim.jit import rule
from sim.rules.books import kill_cell, kill_detachment, kill_unit

ANY = -1  # of every kind or task
_NEVER = 1.0e300


@rule
def waiting(w: Any, fight: Any, who: Any, k: Any, number: Any) -> Any:
    """Return the time after which the ``k``-th odd loss of a fight would hit ``who``: shorter for the many."""
    return -math.log(uniform(w.run.key, D_SHARE, pair(fight, who), k)) / number


@rule
def unit_stands(w: Any, i: Any, p: Any, kind: Any) -> Any:
    """Return whether a unit of a kind stands at ``p``: not on the march, not riding with a convoy."""
    u = w.units[i]
    here = u.alive > 0 and u.place == p and u.leg >= u.legs and u.men > 0
    return here and (kind == ANY or u.kind == kind) and (u.kind != ESCORT or u.task == IDLE)


@rule
def hit_units(w: Any, p: Any, kind: Any, lost: Any, fight: Any) -> Any:
    """Take ``lost`` men from the units of a kind that are listed at ``p``, at most all; return how many.

    ``fight`` keys the draws.
    """
    head = w.places[p].unit_head
    total = 0
    i = head
    while i >= 0:
        if unit_stands(w, i, p, kind):
            total += w.units[i].men
        i = w.units[i].next
    lost = min(lost, total)
    if lost <= 0:
        return 0
    taken = 0
    i = head
    while i >= 0:
        if unit_stands(w, i, p, kind):
            share = lost * w.units[i].men // total
            taken += share
            kill_unit(w, i, share)
        i = w.units[i].next
    for k in range(taken, lost):
        best = -1
        first = _NEVER
        i = head
        while i >= 0:
            if unit_stands(w, i, p, kind):
                wait = waiting(w, fight, w.units[i].id, k, w.units[i].men)
                if wait < first:
                    first = wait
                    best = i
            i = w.units[i].next
        kill_unit(w, best, 1)
    w.places[p].men = max(0, w.places[p].men - lost)
    return lost


@rule
def cell_stands(w: Any, i: Any, p: Any, task: Any) -> Any:
    """Return whether a cell with a task is at ``p``."""
    c = w.cells[i]
    return c.alive > 0 and c.place == p and c.fighters > 0 and (task == ANY or c.task == task)


@rule
def hit_cells(w: Any, p: Any, task: Any, lost: Any, fight: Any) -> None:
    """Take ``lost`` fighters from the cells with a task that are listed at ``p``, at most all."""
    head = w.places[p].cell_head
    total = 0
    i = head
    while i >= 0:
        if cell_stands(w, i, p, task):
            total += w.cells[i].fighters
        i = w.cells[i].next
    lost = min(lost, total)
    taken = 0
    i = head
    while i >= 0 and lost > 0:
        if cell_stands(w, i, p, task):
            share = lost * w.cells[i].fighters // total
            taken += share
            kill_cell(w, i, share)
        i = w.cells[i].next
    for k in range(taken, lost):
        best = -1
        first = _NEVER
        i = head
        while i >= 0:
            if cell_stands(w, i, p, task):
                wait = waiting(w, fight, w.cells[i].id, k, w.cells[i].fighters)
                if wait < first:
                    first = wait
                    best = i
            i = w.cells[i].next
        kill_cell(w, best, 1)


@rule
def detachment_stands(w: Any, i: Any, p: Any) -> Any:
    """Return whether a detachment is at ``p``, not on the march."""
    d = w.detachments[i]
    return d.alive > 0 and d.place == p and d.leg >= d.legs and d.men > 0


@rule
def hit_detachments(w: Any, p: Any, lost: Any, fight: Any) -> Any:
    """Take ``lost`` contractors from the detachments that are listed at ``p``, at most all; return how many."""
    head = w.places[p].detachment_head
    total = 0
    i = head
    while i >= 0:
        if detachment_stands(w, i, p):
            total += w.detachments[i].men
        i = w.detachments[i].next
    lost = min(lost, total)
    taken = 0
    i = head
    while i >= 0 and lost > 0:
        if detachment_stands(w, i, p):
            share = lost * w.detachments[i].men // total
            taken += share
            kill_detachment(w, i, share)
        i = w.detachments[i].next
    for k in range(taken, lost):
        best = -1
        first = _NEVER
        i = head
        while i >= 0:
            if detachment_stands(w, i, p):
                wait = waiting(w, fight, w.detachments[i].id, k, w.detachments[i].men)
                if wait < first:
                    first = wait
                    best = i
            i = w.detachments[i].next
        kill_detachment(w, best, 1)
    w.places[p].contractors = max(0, w.places[p].contractors - lost)
    return lost


@rule
def share_of_hired(w: Any, men: Any, hired: Any, lost: Any, fight: Any, k: Any) -> Any:
    """Return how many of the ``lost`` are contractors, who fight beside ``men``: by numbers, the odd one by draw."""
    return min(int(lost * hired / (men + hired) + uniform(w.run.key, D_ENGAGE, fight, k)), hired, lost)


@rule
def hit_hired(w: Any, p: Any, men: Any, hired: Any, lost: Any, fight: Any) -> Any:
    """Take the contractors' share of the ``lost`` from those at ``p``; return how many."""
    return hit_detachments(w, p, share_of_hired(w, men, hired, lost, fight, 1), fight)
