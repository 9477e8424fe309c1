"""How many seeds are enough, and paired bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.numbers import told
from experiments.science.paired import bootstrap_mean, chance_interval, gap_interval, told_interval
from experiments.science.stability import stability


def test_the_variation_of_a_known_law_comes_back():
    values = np.random.default_rng(1).normal(100, 20, 2000)
    found = stability("x", values, (10, 50, 200, 1000))
    assert found.variation[-1] == pytest.approx(0.2, rel=0.05)
    widths = np.subtract(found.high, found.low)
    assert np.all(np.diff(widths) < 0)
    assert found.mean_error == pytest.approx(1.645 * 0.2 / np.sqrt(2000), rel=0.05)


def test_a_narrow_law_needs_no_more_runs_than_a_heavy_tail():
    draw = np.random.default_rng(2)
    sizes = (10, 25, 50, 100, 150, 200, 300, 350)
    narrow = stability("x", draw.normal(100, 5, 400), sizes).enough
    heavy = stability("x", draw.lognormal(0, 1.5, 400), sizes).enough
    assert narrow is not None
    assert heavy is None or heavy > narrow


def test_what_does_not_vary_is_settled_at_once():
    found = stability("x", np.full(50, 3.0), (10, 20))
    assert found.enough == 10
    assert found.variation == (0.0, 0.0)
    assert stability("x", np.zeros(50), (10, 20)).mean_error == 0.0


def test_the_bootstrap_interval_is_that_of_the_mean():
    values = np.random.default_rng(3).normal(5, 2, 400)
    low, high = bootstrap_mean(values)
    half = 1.645 * values.std(ddof=1) / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.03)
    assert bootstrap_mean(values) == (low, high)  # the same draws every time
    assert np.isnan(bootstrap_mean(np.array([]))[0])


def test_pairs_of_chances_that_all_agree_are_no_certainty():
    for n, least in ((2, -0.1), (10, 0.6), (60, 0.9)):
        low, high = gap_interval(np.ones(n), chance=True)
        assert (low, high) == chance_interval(np.ones(n)) and least < low < 1 == high
        none = gap_interval(np.zeros(n), chance=True)
        assert none[0] == -none[1] < 0
    assert gap_interval(-np.ones(10), chance=True)[0] == -1


def test_other_pairs_keep_the_bootstrap():
    gap = np.array([0.0, 1.0, 1.0, -1.0, 1.0])
    assert gap_interval(gap, chance=True) == bootstrap_mean(gap)
    assert gap_interval(np.full(5, 3.0), chance=False) == (3, 3)
    assert np.isnan(gap_interval(np.array([]), chance=True)).all()


def test_an_interval_without_width_is_told_as_agreement():
    assert told_interval(3.0, 3.0, 12, told) == "all 12 pairs agree"
    assert told_interval(3.0, 3.0, 1, told) == "one pair only"
    assert told_interval(-0.5, 3.0, 12, told) == "-0.5 to 3"
