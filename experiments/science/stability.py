"""How many seeds are enough: each output's coefficient of variation against the number of runs (Lee et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
TOLERANCE = 0.1  # relative change of the coefficient of variation that is let pass


@dataclass(frozen=True)
class Stability:
    """How one output's spread settles as runs are added.

    Attributes:
        measure: its name.
        sizes: numbers of runs.
        variation: coefficient of variation over so many runs, mean over random orders of the runs.
        low, high: the 5 % and 95 % quantiles over those orders.
        enough: fewest runs from which 90 % of the orders stay within the tolerance of the value over all runs.
        mean_error: half-width of the mean's 90 % interval at the largest number, relative to the mean.
    """

    measure: str
    sizes: tuple[int, ...]
    variation: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    enough: int | None
    mean_error: float


def stability(measure: str, values: Array, sizes: Sequence[int], orders: int = 200) -> Stability:
    """Return how the spread of an output settles.

    Runs are independent, so any order of them is as good as another: the coefficient is computed along many random
    orders, which shows what another choice of seeds would have given.

    Args:
        measure: its name.
        values: one number a run.
        sizes: numbers of runs to look at, rising, at most the number of values.
        orders: random orders.
    """
    values = np.asarray(values, dtype=float)
    draw = np.random.default_rng(20260428)
    table = np.empty((orders, len(sizes)))
    for k in range(orders):
        shuffled = draw.permutation(values)
        table[k] = [_variation(shuffled[:n]) for n in sizes]
    final = _variation(values)
    within = np.mean(np.abs(table - final) <= TOLERANCE * abs(final), axis=0) >= 0.9
    settled = [n for k, n in enumerate(sizes) if bool(np.all(within[k:]))]
    return Stability(
        measure=measure,
        sizes=tuple(sizes),
        variation=tuple(float(x) for x in table.mean(axis=0)),
        low=tuple(float(x) for x in np.quantile(table, 0.05, axis=0)),
        high=tuple(float(x) for x in np.quantile(table, 0.95, axis=0)),
        enough=settled[0] if settled else None,
        mean_error=float(1.645 * abs(final) / np.sqrt(len(values))),
    )


def _variation(values: Array) -> float:
    mean = float(values.mean())
    return float(values.std(ddof=1)) / mean if mean else 0.0
