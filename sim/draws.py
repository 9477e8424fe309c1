"""Counter-based random draws: a draw is a function of (seed, day, purpose, who, k) and of nothing else.

``who`` is a stable identity, never a slot, so that two runs with one seed share their luck thing by thing (common
random numbers) however their populations differ, and both drivers draw alike. Two rounds of the splitmix64 finaliser
(Steele, Lea and Flood 2014); ``tests/sim/test_draws.py`` holds it to a statistical battery.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.fast import surely_none
from sim.jit import rule

_U = np.uint64
_GOLDEN = _U(0x9E3779B97F4A7C15)
_ODD = _U(0xD1342543DE82EF95)
_M1 = _U(0xBF58476D1CE4E5B9)
_M2 = _U(0x94D049BB133111EB)
_S30, _S27, _S31, _S12, _S32 = _U(30), _U(27), _U(31), _U(12), _U(32)
_TWO_52 = 2.0**-52  # with 53 bits, the largest draw would round to 1
_NO_TERM = 1.0e-18  # a term that changes no sum near 1: past the mode, inversion ends there
_EXACT_MEAN = 30.0  # up to this mean, counts are inverted term by term; beyond, by a Cornish-Fisher quantile


@rule
def mix(z: Any) -> Any:
    """Scramble 64 bits (the splitmix64 finaliser)."""
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@rule
def child(parent: Any, day: Any, ordinal: Any) -> Any:
    """Return a stable identity for the ``ordinal``-th thing that ``parent`` brings forth on ``day``."""
    return mix(parent + mix(_U(day) * _GOLDEN + _U(ordinal) * _ODD + _GOLDEN))


@rule
def pair(a: Any, b: Any) -> Any:
    """Return the identity of an ordered pair; never XOR, which would make (a, a) one thing for all a."""
    return mix(a + mix(b))


@rule
def day_key(seed: Any, day: Any) -> Any:
    """Return the key that all draws of one day share."""
    return mix(mix(_U(seed) + _GOLDEN) + _U(day) * _GOLDEN)


@rule
def uniform(key: Any, purpose: Any, who: Any, k: Any) -> Any:
    """Return a uniform draw in the open interval (0, 1)."""
    z = mix(key + _U(who) * _GOLDEN)
    z = mix(z ^ ((_U(purpose) << _S32) + _U(k)) * _ODD)
    return (np.float64(z >> _S12) + 0.5) * _TWO_52


@rule
def normal_quantile(u: Any) -> Any:
    """Return the standard normal quantile (Acklam's rational approximation, relative error below 1.2e-9)."""
    if u < 0.02425:
        q = math.sqrt(-2.0 * math.log(u))
        return _tail(q)
    if u > 0.97575:
        q = math.sqrt(-2.0 * math.log(1.0 - u))
        return -_tail(q)
    q = u - 0.5
    r = q * q
    top = -39.69683028665376 * r + 220.9460984245205
    top = ((top * r - 275.9285104469687) * r + 138.3577518672690) * r - 30.66479806614716
    low = -54.47609879822406 * r + 161.5858368580409
    low = ((low * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572
    return (top * r + 2.506628277459239) * q / (low * r + 1.0)


@rule
def _tail(q: Any) -> Any:
    top = ((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734
    low = ((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416
    return ((top * q + 4.374664141464968) * q + 2.938163982698783) / (low * q + 1.0)


@rule
def poisson(mean: Any, u: Any) -> Any:
    """Return the Poisson(mean) quantile of ``u``: one uniform, so that a slightly larger mean gives a close count."""
    if mean <= 0.0 or surely_none(mean, u):
        return 0
    if mean > _EXACT_MEAN:
        z = normal_quantile(u)
        return max(0, int(math.floor(mean + math.sqrt(mean) * z + (z * z - 1.0) / 6.0 + 0.5)))
    term = math.exp(-mean)
    total = term
    k = 0
    while u > total and (k < mean or term > _NO_TERM):
        k += 1
        term *= mean / k
        total += term
    return k


@rule
def binomial(n: Any, p: Any, u: Any) -> Any:
    """Return the Binomial(n, p) quantile of ``u``: exact for n·min(p, 1−p) ≤ 30, a Cornish-Fisher quantile beyond."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - _binomial_low(n, 1.0 - p, 1.0 - u)
    return _binomial_low(n, p, u)


@rule
def _binomial_low(n: Any, p: Any, u: Any) -> Any:
    mean = n * p
    if surely_none(mean, u):
        return 0
    if mean > _EXACT_MEAN:
        z = normal_quantile(u)
        k = mean + math.sqrt(mean * (1.0 - p)) * z + (z * z - 1.0) * (1.0 - 2.0 * p) / 6.0
        return min(n, max(0, int(math.floor(k + 0.5))))
    odds = p / (1.0 - p)
    term = math.exp(n * math.log1p(-p))
    total = term
    k = 0
    while u > total and k < n and (k < mean or term > _NO_TERM):
        term *= odds * (n - k) / (k + 1.0)
        k += 1
        total += term
    return k


@rule
def weekly(who: Any, day: Any) -> Any:
    """Return whether ``day`` is the weekday of ``who``: spreads what is settled weekly over the days of the week."""
    return ((_U(who) >> _S32) + _U(day)) % _U(7) == _U(0)
