"""Many runs: the same as one by one, whatever the threads; forced changes keep the books."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from experiments import load_scenario
from experiments.science import shocks
from experiments.science.runs import AllRunsFailedError, run_all
from sim.spells import longest
from sim.world import world_hash

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def minimal():
    return load_scenario("minimal", ["days=60"])


def hashes(scenario, workers, **more):
    kept = run_all([scenario], range(1, 6), lambda run: world_hash(run.world), workers, **more)
    assert not kept.failures
    return kept.values[0]


def test_the_same_as_simulate_whatever_the_threads(minimal):
    one = hashes(minimal, 1)
    assert one == hashes(minimal, 3)
    assert one == [sim.simulate(minimal, seed).summary["world_hash"] for seed in range(1, 6)]


def test_a_change_that_does_nothing_changes_nothing(minimal):
    assert hashes(minimal, 1) == hashes(minimal, 1, forced=[{7: lambda world: None, 20: lambda world: None}])


def test_a_failed_run_is_told_and_not_kept(minimal):
    def spoil(world):
        if world["run"]["seed"][0] == 2:
            world["fuel"]["destroyed"][0] += 1

    kept = run_all([minimal], range(1, 4), lambda run: run.seed, 2, forced=[{5: spoil}])
    assert kept.values == [[1, 3]]
    assert [(f.seed, f.error.split()[0]) for f in kept.failures] == [(2, "ledger_broken")]


def test_nothing_but_failures_is_an_error(minimal):
    def spoil(world):
        world["fuel"]["destroyed"][0] += 1

    with pytest.raises(AllRunsFailedError, match="seed 1: ledger_broken"):
        run_all([minimal], [1, 2], lambda run: run.seed, 1, forced=[{5: spoil}])


def test_two_weeks_without_fuel():
    scenario = load_scenario("mali_2025", ["days=390"])
    changes = shocks.close_sources(scenario, 330, 14)
    kept = run_all([scenario], [1, 2], lambda run: run.trace["capital_served"].copy(), forced=[changes])
    assert not kept.failures
    for served in kept.values[0]:
        assert longest(served[330:344] < 0.3) >= 7
        assert served[380:].mean() > 0.8  # open again


def test_a_town_lost_is_held_and_people_balance():
    scenario = load_scenario("mali_2025", ["days=360"])
    place = scenario.geography.index("SAN")
    changes = shocks.take_town(scenario, "SAN", 330, 14)
    kept = run_all([scenario], [1, 2], lambda run: run.trace["place_holder"][:, place].copy(), forced=[changes])
    assert not kept.failures
    for holder in kept.values[0]:  # holders may leave within the day; the next morning they are there again
        assert np.mean(holder[330:344] == 1) >= 0.7


def test_the_summary_of_a_shock_by_hand():
    def after(days, returned, broke):
        return shocks.After(days, returned, 0.0, broke, "stalemate", 1.0)

    plain = [after(0, True, False)] * 4
    hit = [after(5, True, False), after(7, True, False), after(80, True, True), after(196, False, True)]
    found = shocks.summary("town", plain, hit)
    assert found.median_days == 7
    assert found.within == 0.5
    assert found.added == 0.5
    assert found.breakthroughs == (0.5, 0.0)
