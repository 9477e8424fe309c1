"""The discrete power law of event sizes: maximum-likelihood exponent and standard error (Clauset et al. 2009)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FROM_SIZE: Final = 2
FEWEST: Final = 10  # sizes below which an exponent would say more about luck than about the run
LOW, HIGH = 1.01, 12.0  # where the exponent is looked for
_HEAD: Final = 20  # terms summed one by one; with them the rest of the series is exact to 1e-10


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """P(size = s) = s^-exponent / zeta(exponent, from_size) for whole s from `from_size` up.

    Attributes:
        exponent: maximum-likelihood estimate.
        error: its standard error, from the curvature of the likelihood.
        n: sizes that it rests on.
        from_size: the smallest size that it holds for.
    """

    exponent: float
    error: float
    n: int
    from_size: int

    def at_least(self, size: ArrayLike) -> NDArray[np.float64]:
        """Chance that a size of `from_size` or more is at least `size`; same shape."""
        sizes = np.asarray(size, dtype=np.float64)
        tails = np.array([hurwitz_zeta(self.exponent, float(s)) for s in sizes.ravel()]).reshape(sizes.shape)
        return np.asarray(tails / hurwitz_zeta(self.exponent, self.from_size))


def hurwitz_zeta(a: float, q: float) -> float:
    """Hurwitz's zeta function, the sum of (k + q)^-a over k = 0, 1, ..., for a > 1 and q > 0 (Euler and Maclaurin)."""
    k = np.arange(_HEAD, dtype=np.float64) + q
    end = _HEAD + q
    tail = end ** (1 - a) / (a - 1) + end**-a / 2 + a * end ** (-a - 1) / 12
    return float(np.sum(k**-a) + tail - a * (a + 1) * (a + 2) * end ** (-a - 3) / 720)


def _slopes(a: float, q: float) -> tuple[float, float]:
    """First and second derivative of log zeta(a, q) in a, by central differences."""
    h = 1e-4
    low, middle, high = (math.log(hurwitz_zeta(x, q)) for x in (a - h, a, a + h))
    return (high - low) / (2 * h), (high - 2 * middle + low) / h**2


def fit_power_law(sizes: ArrayLike, from_size: int = FROM_SIZE) -> PowerLaw | None:
    """Fit the exponent to the sizes from `from_size` up (Clauset, Shalizi & Newman 2009, equations 3.5 and 3.6).

    Args:
        sizes: whole numbers; smaller ones are left out.
        from_size: smallest size, 1 or more.

    Returns:
        The law; None if fewer than `FEWEST` sizes are left, or they decide no exponent (all the same, say).
    """
    kept = np.asarray(sizes, dtype=np.float64)
    kept = kept[kept >= from_size]
    if len(kept) < FEWEST:
        return None
    wanted = -float(np.mean(np.log(kept)))  # at the maximum, the slope of log zeta is minus the mean logarithm
    low, high = LOW, HIGH
    if not _slopes(low, from_size)[0] < wanted < _slopes(high, from_size)[0]:
        return None
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if _slopes(middle, from_size)[0] < wanted else (low, middle)
    exponent = (low + high) / 2
    return PowerLaw(exponent, 1 / math.sqrt(len(kept) * _slopes(exponent, from_size)[1]), len(kept), from_size)
