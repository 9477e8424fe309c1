"""Proper scores of a predictive distribution of counts, and the negative-binomial null that it has to beat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SMOOTHING = (
    "log scores: each run's count spread by a normal kernel on the square-root scale (the spread of a count is even "
    "there), cut into whole counts; bandwidth 0.9 · min(sd, IQR/1.34) · n^-1/5 (Silverman 1986), with a spread of at "
    "least 1/2, that of a Poisson count. CRPS: of the runs themselves, unsmoothed, in the form that is fair for a "
    "finite number of runs (Ferro 2014)."
)


def bandwidth(counts: Array) -> float:
    """Return the kernel's standard deviation on the square-root scale (Silverman's rule; Poisson spread at least)."""
    roots = np.sqrt(counts)
    q1, q3 = np.quantile(roots, (0.25, 0.75))
    spread = min(float(roots.std(ddof=1)) if len(roots) > 1 else 0.0, float(q3 - q1) / 1.34)
    return float(0.9 * max(spread, 0.5) * len(roots) ** -0.2)


def log_score(counts: Array, seen: int) -> float:
    """Return the log chance of ``seen`` under the smoothed distribution of simulated ``counts``; never −∞."""
    from scipy.special import logsumexp

    return float(logsumexp(_log_cells(counts, seen, bandwidth(counts))) - math.log(len(counts)))


def _log_cells(counts: Array, seen: int, h: float) -> Array:
    """Return, for each run, the log of its kernel's mass from √(seen − ½), or −∞ if that is none, to √(seen + ½)."""
    from scipy.special import log_ndtr

    roots = np.sqrt(counts)
    high = (math.sqrt(seen + 0.5) - roots) / h
    if seen == 0:
        cells: Array = log_ndtr(high)
        return cells
    low = (math.sqrt(seen - 0.5) - roots) / h
    flip = low > 0  # work in the lower tail, where logs are exact
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    top, bottom = log_ndtr(b), log_ndtr(a)
    cells = top + np.log1p(-np.exp(np.minimum(bottom - top, -1e-15)))
    return cells


def crps(counts: Array, seen: int) -> float:
    """Return the continuous ranked probability score of the runs, fair for their number; smaller is better."""
    x = np.sort(np.asarray(counts, dtype=float))
    n = len(x)
    error = float(np.abs(x - seen).mean())
    if n < 2:
        return error
    pairs = float(np.sum((2 * np.arange(1, n + 1) - n - 1) * x)) / (n * (n - 1))  # half the mean |x − x'|, i ≠ j
    return error - pairs


def rank(counts: Array, seen: int) -> float:
    """Return the share of runs below ``seen``, ties half (the probability integral transform)."""
    return float(np.mean(counts < seen) + 0.5 * np.mean(counts == seen))


@dataclass(frozen=True)
class NegativeBinomial:
    """A negative binomial of given mean and size: variance = mean + mean²/size."""

    mean: float
    size: float

    def _law(self) -> Any:
        from scipy.stats import nbinom

        return nbinom(self.size, self.size / (self.size + self.mean))

    def log_score(self, seen: int) -> float:
        """Return the log chance of ``seen``."""
        return float(self._law().logpmf(seen))

    def crps(self, seen: int) -> float:
        """Return the continuous ranked probability score: the sum over k of (P(X ≤ k) − [seen ≤ k])²."""
        law = self._law()
        k = np.arange(0, max(seen, int(law.isf(1e-10))) + 2)
        return float(np.sum((law.cdf(k) - (k >= seen)) ** 2))


def fit_negative_binomial(counts: Array) -> NegativeBinomial:
    """Return the maximum-likelihood negative binomial; without overdispersion, one that is Poisson to six digits."""
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    x = np.asarray(counts, dtype=float)
    mean = max(float(x.mean()), 1e-9)

    def loss(log_size: float) -> float:
        r = math.exp(log_size)
        terms = gammaln(x + r) - gammaln(r) + r * math.log(r / (r + mean)) + x * math.log(mean / (r + mean))
        return -float(np.sum(terms))

    found = minimize_scalar(loss, bounds=(-6.0, 14.0), method="bounded")
    return NegativeBinomial(mean, math.exp(float(found.x)))
