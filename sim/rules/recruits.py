"""Recruits and quitters: how the insurgents grow and shrink without a fight."""

from __future__ import annotations

import math
from typing import Any

from sim.codes import D_QUIT, D_RECRUIT, INSURGENTS, SOURCE
from sim.draws import binomial, poisson, uniform, weekly
from sim.fast import power
from sim.jit import rule

_WEEK = 7


@rule
def recruit(w: Any, p: Any) -> None:
    """Recruit at a place: Poisson, convex in support (few join alone), with reputation and what is left to recruit."""
    place = w.places[p]
    if place.fighters <= 0 or place.kind == SOURCE or w.params.switches.recruitment == 0.0:
        return
    rules = w.params.insurgents
    crowd = place.population / (place.population + w.params.population.crowd_half)
    reputed = 1.0 + rules.recruit_reputation * w.nation.reputation * w.params.switches.reputation
    left = place.recruits_left / max(1.0, rules.recruit_pool * place.population)
    mean = rules.recruit_rate * crowd * power(place.support_insurgents, rules.recruit_power) * reputed * left
    n = poisson(mean, uniform(w.run.key, D_RECRUIT, place.id, 0))
    if n == 0:
        return
    slot = smallest_cell(w, p)
    if slot < 0:
        return
    n = min(n, int(place.recruits_left))
    w.cells[slot].fighters += n
    place.recruits_left -= n
    w.people[INSURGENTS].recruited += n


@rule
def smaller(one: Any, other: Any) -> Any:
    """Return whether one cell has fewer fighters than another (ties to the lower identity)."""
    return one.fighters < other.fighters or (one.fighters == other.fighters and one.id < other.id)


@rule
def smallest_cell(w: Any, p: Any) -> Any:
    """Return the smallest live cell at a place (ties to the lower identity), or −1."""
    best = -1
    slot = w.places[p].cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0 and c.place == p and (best < 0 or smaller(c, w.cells[best])):
            best = slot
        slot = c.next
    return best


@rule
def quit_war(w: Any, i: Any) -> None:
    """Let fighters leave a cell, once a week: more after losses, more the fewer people stand behind them, less in fame.

    The odds follow support as those of leaving a held place do: e^(−quit_support·(support − ¼)).
    """
    c = w.cells[i]
    if not weekly(c.id, w.run.day):
        return
    rules = w.params.insurgents
    alone = math.exp(-rules.quit_support * (w.places[c.place].support_insurgents - 0.25))
    reputed = 1.0 - 0.5 * w.nation.reputation * w.params.switches.reputation
    share = _WEEK * rules.quit_rate * (1.0 + rules.quit_after_loss * c.recent_loss) * alone * reputed
    gone = binomial(c.fighters, min(1.0, share), uniform(w.run.key, D_QUIT, c.id, 0))
    c.fighters -= gone
    w.people[INSURGENTS].deserted += gone
    if c.fighters == 0:
        c.alive = -1
