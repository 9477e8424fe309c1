"""The spread of many runs is what the ensemble says of them, whatever the number of threads; it can be stopped."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from experiments.classroom.spread import (
    CONDITIONS,
    Run,
    RunStoppedError,
    columns,
    counts,
    estimated_seconds,
    iterate_unmet,
    modal,
    new_stop,
    spread,
    typical_seed,
)
from experiments.compose import load_scenario
from sim.ensemble import simulate_many
from sim.outcomes import INDETERMINATE, OUTCOMES
from sim.run import simulate

SEEDS = range(1, 9)


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("minimal")


@pytest.fixture(scope="module")
def rows(scenario):
    return spread([scenario, scenario.with_settings({"contractors.personnel": 0})], SEEDS, new_stop(), threads=2)


def test_runs_end_as_the_ensemble_says(scenario, rows):
    table = simulate_many(scenario, seeds=SEEDS)
    assert [OUTCOMES[run.outcome] for run in rows[0]] == list(table["outcome"])
    assert [run.day for run in rows[0]] == list(table["breakthrough_day"])
    assert [run.civilians for run in rows[0]] == list(table["deaths_civilians"])
    assert [run.dry for run in rows[0]] == list(table["capital_days_denied"])
    others = table["deaths_insurgents"] + table["deaths_state"] + table["deaths_contractors"]
    assert [run.others for run in rows[0]] == list(others)


def test_runs_do_not_depend_on_threads_and_keep_the_order_of_seeds(scenario, rows):
    assert spread([scenario], [5, 2, 7], new_stop(), threads=1)[0] == [rows[0][k - 1] for k in (5, 2, 7)]


def test_what_is_not_met_is_what_the_summary_says(scenario, rows):
    odd = [run for run in rows[0] if OUTCOMES[run.outcome] == INDETERMINATE]
    assert odd, "this test needs a run of none of these"
    evidence = simulate(scenario, odd[0].seed).summary["outcome_evidence"]
    assert list(iterate_unmet(odd[:1])) == [name for name in CONDITIONS if not evidence[name]["met"]]
    assert all(run.unmet == 0 for run in rows[0] if run not in odd)


def test_each_finished_run_is_told(scenario):
    told, lock = [], threading.Lock()

    def tell(index, run):
        with lock:
            told.append((index, run.seed))

    spread([scenario, scenario], range(3), new_stop(), threads=2, on_run=tell)
    assert sorted(told) == [(i, s) for i in range(2) for s in range(3)]


def test_a_stop_byte_ends_the_runs(scenario):
    stop = new_stop()
    stop[0] = 1
    with pytest.raises(RunStoppedError):
        spread([scenario], SEEDS, stop)


def test_a_stop_byte_set_meanwhile_ends_them_too(scenario):
    stop = new_stop()
    long = replace(scenario, days=1080)

    def end(_, __):
        stop[0] = 1

    with pytest.raises(RunStoppedError):
        spread([long], range(1000), stop, threads=2, on_run=end)


def run(seed, outcome):
    return Run(seed, outcome, -1, 0, 0, 0, 0)


def test_counts_mode_and_columns():
    runs = [run(1, 3), run(2, 0), run(3, 3)]
    assert counts(runs) == {OUTCOMES[0]: 1, OUTCOMES[3]: 2}
    assert modal(runs) == 3 and modal(runs[:2]) == 0
    assert columns(runs)["outcome"] == [3, 0, 3]


def test_the_recorded_seed_is_typical_of_the_first_setting_before_all():
    first = [run(1, 3), run(2, 3), run(3, 0), run(4, 3)]
    second = [run(1, 4), run(2, 0), run(3, 0), run(4, 1)]
    assert typical_seed([first, second]) == 2
    assert typical_seed([first, [replace(r, outcome=4) for r in second[:3]] + [run(4, 1)]]) == 1


def test_the_estimate_is_a_time(scenario):
    assert 0 < estimated_seconds([scenario] * 4, 50, 2) < 600


def test_worlds_are_not_shared(scenario):
    one = spread([scenario], [3], new_stop())[0][0]
    assert one == spread([scenario], [3], new_stop())[0][0] and np.isfinite(one.civilians)
