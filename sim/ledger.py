"""The books: people by side and fuel in whole litres, balanced every day.

People: initial + recruited + reinforced + released = present + dead + captured + deserted + withdrawn.
Fuel: opening stock + entered = consumed + destroyed + looted + turned back + in stock + on the road.
"""

from __future__ import annotations

from typing import Any

from sim.codes import CONTRACTORS, INSURGENTS, STATE
from sim.jit import rule


@rule
def present(w: Any, side: Any) -> Any:
    """Return the people of one side who are present."""
    n = 0
    if side == INSURGENTS:
        for k in range(w.n_standing):
            c = w.cells[w.standing[k]]
            n += c.fighters * (c.alive > 0)  # no branch to mispredict
    elif side == STATE:
        for i in range(w.run.units_top):
            n += w.units[i].men * (w.units[i].alive > 0)
    else:
        for i in range(w.run.detachments_top):
            if w.detachments[i].alive > 0:
                n += w.detachments[i].men
    return n


@rule
def people_error(w: Any) -> Any:
    """Return the absolute imbalance of the people's books over the armed sides; ``w.present`` keeps who was counted."""
    error = 0
    for side in (INSURGENTS, STATE, CONTRACTORS):
        b = w.people[side]
        came = b.initial + b.recruited + b.reinforced + b.released
        went = b.dead + b.captured + b.deserted + b.withdrawn
        w.present[side] = present(w, side)
        error += abs(came - went - w.present[side])
    return error


@rule
def fuel_error(w: Any) -> Any:
    """Return the imbalance of the fuel's books in litres."""
    f = w.fuel
    there = 0
    for p in range(w.run.n_places):
        there += w.places[p].stock_l
    for i in range(w.run.convoys_top):
        if w.convoys[i].alive > 0:
            there += w.convoys[i].litres
    return f.opening + f.entered - f.consumed - f.destroyed - f.looted - f.turned_back - there


@rule
def audit(w: Any) -> None:
    """Remember the largest imbalance seen on any day (it should be 0)."""
    w.run.people_error = max(w.run.people_error, people_error(w))
    w.run.fuel_error_l = max(w.run.fuel_error_l, abs(fuel_error(w)))
