"""Time to breakthrough: Kaplan-Meier estimates with Greenwood intervals, from scipy."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
LEVEL = 0.9


def without_breakthrough(days: Array, happened: Array, horizon: int) -> pd.DataFrame:
    """Return the share of runs that are still without a breakthrough, by day.

    Args:
        days: day of each run's breakthrough, or its last day (censored); shape (runs,).
        happened: whether it was a breakthrough; shape (runs,).
        horizon: the last day to show.

    Returns:
        Columns day, share, low, high (90 %, Greenwood's variance on the log-log scale); a row at each step, the first
        at day 0 and the last at the horizon.
    """
    import pandas as pd
    from scipy import stats

    rows = [(0.0, 1.0, 1.0, 1.0)]
    happened = np.asarray(happened, dtype=bool)
    if happened.any():
        sample = stats.CensoredData.right_censored(np.asarray(days, dtype=float), ~happened)
        estimate = stats.ecdf(sample).sf
        with warnings.catch_warnings():  # where all have ended, log-log has no value
            warnings.simplefilter("ignore", RuntimeWarning)
            bounds = estimate.confidence_interval(LEVEL, method="log-log")
        low, high = bounds.low.probabilities, bounds.high.probabilities
        for k, (day, share) in enumerate(zip(estimate.quantiles, estimate.probabilities, strict=True)):
            if np.isin(day, np.asarray(days)[happened]):
                rows.append((float(day), float(share), _or(low[k], share), _or(high[k], share)))
    rows.append((float(horizon), *rows[-1][1:]))
    return pd.DataFrame(rows, columns=["day", "share", "low", "high"])


def _or(value: float, other: float) -> float:
    return float(value) if np.isfinite(value) else float(other)


def insurgent_breakthrough_times(runs: pd.DataFrame, days: int) -> tuple[Array, Array]:
    """Return day and whether it happened, for insurgent breakthroughs, national or regional; others are censored."""
    happened = runs["outcome"].str.startswith("insurgent").to_numpy()
    return np.where(happened, runs["breakthrough_day"].to_numpy(), days), happened
