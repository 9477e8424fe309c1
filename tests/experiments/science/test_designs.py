"""Sensitivity designs on functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest

from experiments import load_scenario
from experiments.science import designs as d
from sim.parameters import infos

RANGES = [d.Range("a", 0.0, 1.0), d.Range("b", 0.0, 1.0), d.Range("c", 0.0, 1.0)]


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("mali_2025")


def test_morris_finds_the_slopes():
    points = d.morris_points(RANGES, 10)
    found = d.morris(RANGES, points, 5 * points[:, 0] - 2 * points[:, 1])
    assert [(s.key, s.mu_star) for s in found] == [
        ("a", pytest.approx(5)),
        ("b", pytest.approx(2)),
        ("c", pytest.approx(0, abs=1e-12)),
    ]
    assert all(s.sigma == pytest.approx(0, abs=1e-9) for s in found)


def test_sobol_finds_the_shares():
    """y = 3a + b: variances 9 to 1, no interaction."""
    points = d.sobol_points(RANGES, 1024)
    found = {i.key: i for i in d.sobol(RANGES, 3 * points[:, 0] + points[:, 1])}
    assert found["a"].first == pytest.approx(0.9, abs=0.03)
    assert found["a"].total == pytest.approx(0.9, abs=0.03)
    assert found["b"].total == pytest.approx(0.1, abs=0.03)
    assert found["c"].total == pytest.approx(0, abs=1e-9)


def test_what_does_not_vary_has_no_influence():
    assert all(s.mu_star == 0 for s in d.morris(RANGES, d.morris_points(RANGES, 4), np.ones(16)))
    assert all(i.total == 0 for i in d.sobol(RANGES, np.ones(5 * 8)))


def test_designs_are_the_same_every_time():
    assert np.array_equal(d.morris_points(RANGES, 4), d.morris_points(RANGES, 4))
    assert np.array_equal(d.sobol_points(RANGES, 8), d.sobol_points(RANGES, 8))


def test_ranges_stay_inside_those_of_the_parameters(scenario):
    for full in (False, True):
        found = d.ranges(scenario, 0.5, full)
        assert len(found) > 100
        for r in found:
            assert infos()[r.key].low <= r.low < r.high <= infos()[r.key].high
            assert infos()[r.key].source.split(":")[0] not in ("ablation", "scale", "speed")


def test_half_means_from_half_to_one_and_a_half(scenario):
    (r,) = d.ranges(scenario, 0.5, keys=["regime.revenue"])
    value = scenario.parameters.regime.revenue
    assert (r.low, r.high) == (0.5 * value, 1.5 * value)


def test_a_named_parameter_that_stands_at_its_end_is_varied_whole(scenario):
    (r,) = d.ranges(scenario.with_settings({"state.army_fires": 0}), 0.5, keys=["state.army_fires"])
    assert (r.low, r.high) == (0, infos()["state.army_fires"].high)
