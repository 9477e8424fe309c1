"""What is done for speed alone, and why: the rules stay as the ODD tells them, the shortcuts stand here.

Each shortcut is exact: it leaves out work whose result cannot matter, so that every trajectory keeps its bits. exp and
log cost 20-30 ns each and a day asked for some 400 of them; most only decided what a cheap bound decides already:

    e^-x ≥ 1 - x          so a hazard x cannot strike when 1 - u > x,
    (1 - p)^n ≥ 1 - n·p   so a count cannot be above 0 when 1 - u > n·p,
    -ln u ≥ 1 - u         so a race's waiting time cannot be below (1 - u)/rate.

A slack of 1e-12 stands between bound and decision, a thousand times the rounding of exp and log.

Elsewhere, for speed and nothing else:
- sim/world.py: rows hold 32-bit integers, so that a cell fills one cache line of 64 bytes and a world fits in L2.
- sim/rules/slots.py: the day's order comes from a bucket sort; cells in hiding, whose step is nothing, stay out.
  Live cells are listed once a day (``standing``) and born ones added, so that nothing else scans the table for them.
- sim/day.py: the unit phase keeps, in place, only those whom the combat phase must look at (``stirs``).
- sim/rules/supply.py: ``weigh_sources`` renews the sources' shares only when paths have changed.
- sim/rules/routes.py: ``price_roads`` lays the roads' prices beside the neighbours' list before a search.
- sim/jit.py: one compilation per kind of number.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.jit import rule

_SLACK = 1.0e-12
_32 = np.uint64(32)


@rule
def surely_none(mean: Any, u: Any) -> Any:
    """Return whether the quantile of ``u`` of a Poisson or binomial count with this mean is certainly 0."""
    return u < 1.0 - mean - _SLACK


@rule
def happens(hazard: Any, u: Any) -> Any:
    """Return whether something of a daily hazard happens: u < 1 − e^−hazard."""
    if u > hazard + _SLACK:
        return False
    return u < 1.0 - math.exp(-hazard)


@rule
def surely_later(u: Any, rate: Any, first: Any) -> Any:
    """Return whether the waiting time −ln(u)/rate certainly does not come before ``first``."""
    return (1.0 - u) * (1.0 - _SLACK) > first * rate


@rule
def highest_gumbel(u: Any) -> Any:
    """Return a number that the Gumbel draw −ln(−ln u) cannot exceed, without a logarithm."""
    if u < 0.5:
        return 0.37  # −ln(ln 2) = 0.3665
    if u < 0.9:
        return 2.26  # −ln(−ln 0.9) = 2.2504
    if u < 0.99:
        return 4.61  # −ln(−ln 0.99) = 4.6001
    return 40.0  # the largest draw is 1 − 2^−53: 36.7


@rule
def power(base: Any, exponent: Any) -> Any:
    """Return base^exponent; a square is one product."""
    return base * base if exponent == 2.0 else base**exponent


@rule
def bucket_of(key: Any, buckets: Any) -> Any:
    """Return the bucket of a 64-bit key, in the keys' order, for any number of buckets."""
    return np.int64(((key >> _32) * np.uint64(buckets)) >> _32)
