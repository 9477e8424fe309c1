"""Event statistics on synthetic data whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.science.observation import Events, Rule
from experiments.science.statistics import (
    NAMES,
    daily_statistics,
    distances_km,
    event_statistics,
    exponent,
    near_repeat,
    size_statistics,
)


def events_at(day, lat, lon=None):
    """Clashes, all recorded."""
    n = len(day)
    lon = np.zeros(n) if lon is None else np.asarray(lon, float)
    return Events(np.asarray(day), np.full(n, 3), np.zeros(n, int), np.zeros(n), np.asarray(lat, float), lon)


def test_sizes_by_hand():
    found = size_statistics(np.array([0, 0, 0, 1, 2, 3, 10]))
    assert found["zero_death_share"] == pytest.approx(3 / 7)
    assert found["lethal_size_mean"] == 4
    assert found["lethal_size_median"] == 2.5
    assert found["lethal_size_p95"] == pytest.approx(8.95)


def test_without_events_nothing_is_defined():
    found = size_statistics(np.array([], dtype=int))
    assert all(np.isnan(value) for value in found.values())


@pytest.mark.parametrize("true", [1.8, 2.5])
def test_the_exponent_of_a_drawn_power_law_comes_back(true):
    rng = np.random.default_rng(4)
    k = np.arange(2, 2_000_000)
    weights = k**-true
    sizes = rng.choice(k, size=4000, p=weights / weights.sum())
    assert exponent(sizes, 2) == pytest.approx(true, abs=0.06)  # three standard errors and the cut tail


def test_days_by_hand():
    found = daily_statistics(np.array([10, 10, 11]), (10, 13))
    assert found["daily_variance_to_mean"] == pytest.approx(np.var([2, 1, 0, 0], ddof=1) / 0.75)
    assert found["most_events_in_a_day"] == 2


def test_a_poisson_process_has_variance_over_mean_one():
    rng = np.random.default_rng(5)
    day = rng.integers(0, 20_000, 20_000)
    assert daily_statistics(day, (0, 19_999))["daily_variance_to_mean"] == pytest.approx(1, abs=0.05)


def test_distance():
    km = distances_km(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0]))
    assert km[0, 1] == pytest.approx(111.19, abs=0.1)
    assert km[0, 2] == pytest.approx(111.19, abs=0.1)
    assert np.all(np.diag(km) == 0)


def test_knox_by_hand():
    """Two sites, two bursts: 2 of 6 pairs near, 2 of 6 soon, both the same two: 2 / (2·2/6) = 3."""
    events = events_at([0, 1, 100, 101], [0.0, 0.0, 5.0, 5.0])
    assert near_repeat(events, (0, 2)) == pytest.approx(3)
    assert near_repeat(events, (99, 101)) == 0


def test_knox_is_one_without_contagion():
    rng = np.random.default_rng(6)
    ratios = [near_repeat(events_at(rng.integers(0, 243, 200), rng.integers(0, 20, 200)), (0, 2)) for _ in range(60)]
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)


def test_knox_is_the_mean_over_permutations():
    rng = np.random.default_rng(7)
    day, lat = rng.integers(0, 60, 40), rng.integers(0, 4, 40).astype(float)
    chance = [near_repeat(events_at(rng.permutation(day), lat), (0, 2)) for _ in range(400)]
    assert np.mean(chance) == pytest.approx(1, abs=4 * np.std(chance) / 20)


def test_too_few_events():
    assert np.isnan(near_repeat(events_at([1], [0.0]), (0, 2)))


def test_every_statistic_is_there():
    rule = Rule(1.0, 1.0, "ML", (), (), ())
    found = event_statistics(events_at([0, 1], [0.0, 0.0]), rule, (0, 242), {"near_repeat_2_days": (0, 2)})
    assert set(found) == {*NAMES, "near_repeat_2_days"}
