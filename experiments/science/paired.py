"""Paired differences: two variants with one seed share their luck thing by thing, so a difference is the variant's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_BOOTSTRAPS, _SEED = 1000, 20260428


def bootstrap_mean(values: Array, level: float = 0.9) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean (Efron & Tibshirani 1993), the same draws for every call.

    Of values that are all the same it has no width, which says nothing about how sure the mean is.
    """
    values = np.asarray(values, dtype=float)
    if len(values) == 0:
        return float("nan"), float("nan")
    draw = np.random.default_rng(_SEED).integers(0, len(values), size=(_BOOTSTRAPS, len(values)))
    low, high = np.quantile(values[draw].mean(axis=1), ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def chance_interval(gap: Array, level: float = 0.9) -> tuple[float, float]:
    """Return the interval of a mean paired difference of chances, from gaps of -1, 0 or 1, at least one.

    Wald's with half a pair added to each of the four cells (Agresti & Min 2005), within -1 and 1; it does not shrink to
    nothing where all pairs agree.
    """
    from scipy.stats import norm

    more, less = float((gap > 0).sum()) + 0.5, float((gap < 0).sum()) + 0.5
    m = len(gap) + 2.0
    middle = (more - less) / m
    half = float(norm.ppf(0.5 + level / 2)) * math.sqrt((more + less) - (more - less) ** 2 / m) / m
    return max(-1.0, middle - half), min(1.0, middle + half)


def gap_interval(gap: Array, chance: bool, level: float = 0.9) -> tuple[float, float]:
    """Return the interval of a mean paired difference: the bootstrap's, but of chances that all agree Agresti & Min's.

    Args:
        gap: the difference of each pair.
        chance: whether it is a difference of yes (1) and no (0).
        level: how much the interval shall hold.
    """
    if chance and len(gap) and np.ptp(gap) == 0:
        return chance_interval(gap, level)
    return bootstrap_mean(gap, level)


def told_interval(low: float, high: float, pairs: int, tell: Callable[[float], str]) -> str:
    """Return an interval in words, or that all pairs agree: then it has no width, and that is no certainty."""
    if low == high:
        return f"all {pairs:,} pairs agree" if pairs > 1 else "one pair only"
    return f"{tell(low)} to {tell(high)}"
