"""The power law of event sizes against exact values, and against sizes drawn from one."""

import math

import numpy as np
import pytest
from scipy import special, stats

from experiments.figures.labels import spread
from experiments.figures.power_law import FEWEST, fit_power_law, hurwitz_zeta


@pytest.mark.parametrize(("a", "q"), [(1.05, 1.0), (1.87, 2.0), (2.0, 1.0), (2.5, 7.0), (6.0, 30.0)])
def test_zeta_is_exact(a, q):
    assert hurwitz_zeta(a, q) == pytest.approx(special.zeta(a, q), rel=1e-9)


def test_zeta_of_two_is_basels():
    assert hurwitz_zeta(2.0, 1.0) == pytest.approx(math.pi**2 / 6, rel=1e-10)


@pytest.mark.parametrize("exponent", [1.7, 2.0, 2.5, 3.5])
def test_the_exponent_of_drawn_sizes_is_found_within_its_error(exponent):
    sizes = stats.zipf.rvs(exponent, size=4000, random_state=np.random.default_rng(7))
    law = fit_power_law(sizes, from_size=1)
    assert abs(law.exponent - exponent) < 3 * law.error
    # Clauset et al. 2009, equation 3.6: the error from the curvature of the likelihood.
    assert law.error == pytest.approx(_error(law.exponent, law.n), rel=0.01)


def _error(a, n):
    h = 1e-3
    zeta, up, down = (special.zeta(x, 1.0) for x in (a, a + h, a - h))
    first, second = (up - down) / (2 * h), (up - 2 * zeta + down) / h**2
    return 1 / math.sqrt(n * (second / zeta - (first / zeta) ** 2))


def test_shares_are_those_of_the_law():
    law = fit_power_law([2] * 30 + [3] * 10 + [9] * 4)
    assert law.at_least([2])[0] == pytest.approx(1.0)
    assert law.at_least([3])[0] == pytest.approx(1 - 2.0**-law.exponent / special.zeta(law.exponent, 2))
    assert law.n == 44


@pytest.mark.parametrize("sizes", [[], [5] * (FEWEST - 1), [1] * 100, [2] * 100])
def test_what_decides_no_exponent_has_none(sizes):
    assert fit_power_law(sizes) is None


def test_labels_are_moved_apart_by_as_little_as_it_takes():
    assert spread([0.0, 10.0], 2.0).tolist() == [0.0, 10.0]
    assert spread([5.0, 5.0], 2.0).tolist() == [4.0, 6.0]
    moved = spread([9.0, 1.0, 9.5, 1.2], 1.0, low=0.0, high=10.0)
    assert np.all(np.diff(np.sort(moved)) >= 1.0 - 1e-12)
    assert np.argsort(moved).tolist() == [1, 3, 0, 2]
    assert moved.min() >= 0.0 and moved.max() <= 10.0
