"""Spells: stretches of days in which something holds, and how long they last."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[Any]


def spells(true: Days) -> list[tuple[int, int]]:
    """Return the (first, end) of each stretch of true values in a one-dimensional array; ``end`` is exclusive."""
    if not true.any():
        return []
    padded = np.zeros(len(true) + 2, dtype=bool)
    padded[1:-1] = true
    edges = (padded[1:] != padded[:-1]).nonzero()[0].tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def longest(true: Days) -> int:
    """Return the length of the longest stretch of true values."""
    return max((b - a for a, b in spells(true)), default=0)


def week_mean(values: Days) -> Days:
    """Return the mean over the seven days up to and with each day (fewer at the start)."""
    total = np.cumsum(np.concatenate(([0.0], np.asarray(values, dtype=float))))
    n = len(values)
    first = np.maximum(np.arange(n) - 6, 0)
    mean: Days = (total[1:] - total[first]) / (np.arange(n) - first + 1)
    return mean


def kaplan_meier_median(durations: Days, ended: Days) -> float | None:
    """Return the median duration when some are still open (censored); None if it is not reached.

    Kaplan and Meier (1958): survival S = Π (1 − d/n) over the times at which something ended.
    """
    survival = 1.0
    ends = [d for d, over in zip(durations.tolist(), ended.tolist(), strict=True) if over]
    at_least = sorted(durations.tolist())
    for t in sorted(set(ends)):  # lists: there are few holds, and arrays cost more to set up than to use
        at_risk = len(at_least) - bisect_left(at_least, t)
        survival *= 1.0 - ends.count(t) / at_risk
        if survival <= 0.5 + 1.0e-9:  # the product of exact fractions may end just above the half
            return float(t)
    return None
