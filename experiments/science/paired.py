"""Paired differences: two variants with one seed share their luck thing by thing, so a difference is the variant's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_BOOTSTRAPS, _SEED = 1000, 20260428


def bootstrap_mean(values: Array, level: float = 0.9) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean (Efron & Tibshirani 1993), the same draws for every call."""
    values = np.asarray(values, dtype=float)
    if len(values) == 0:
        return float("nan"), float("nan")
    draw = np.random.default_rng(_SEED).integers(0, len(values), size=(_BOOTSTRAPS, len(values)))
    low, high = np.quantile(values[draw].mean(axis=1), ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
