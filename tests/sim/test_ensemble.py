"""`simulate_many`: the same as one run at a time, whatever the number of workers; an error is a row."""

import threading

import numpy as np
import pandas as pd
import pytest
from sim_support import early, fresh, minimal, run

from sim import ensemble
from sim.ensemble import Bench, run_seeds, simulate_many
from sim.measures import measures
from sim.parameters import BadParameterValueError, UnknownParameterError
from sim.run import simulate
from sim.scenario import BadCountError, MissingScenarioError

PLAN = early(minimal(), 5, 60)
POINTS = pd.DataFrame({"contractors.personnel": [0, 100], "switches.deterrence": [1, 0]})
DAYS = 70


def same(one, two):
    return one == two or (isinstance(one, float) and np.isnan(one) and np.isnan(two))


def test_rows_are_those_of_single_runs():
    table = simulate_many(PLAN, POINTS, seeds=[3, 9, 4], days=DAYS)
    assert table["point"].tolist() == [0, 0, 0, 1, 1, 1] and table["seed"].tolist() == [3, 9, 4] * 2
    assert (table["error"] == "").all()
    for _, row in table.iterrows():
        plan = PLAN.with_settings({key: row[key] for key in POINTS.columns})
        alone = measures(plan, *run(plan, int(row["seed"]), DAYS))
        assert set(alone) <= set(table.columns)
        assert all(same(row[name], value) for name, value in alone.items())


def test_the_number_of_workers_changes_nothing():
    tables = [simulate_many(PLAN, POINTS, seeds=range(9), workers=n, days=40) for n in (1, 2, 5)]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])


def test_a_bench_that_ran_something_else_before_gives_the_same():
    stop = np.zeros(1, np.uint8)
    bench, used = Bench(DAYS), Bench(DAYS)
    list(run_seeds(early(minimal(population__insurgent_support=0.8), 1, 60, 3.0), range(4), DAYS, used, stop))
    for one, two in zip(
        run_seeds(PLAN, [5, 6], DAYS, bench, stop), run_seeds(PLAN, [5, 6], DAYS, used, stop), strict=True
    ):
        assert set(one) == set(two) and all(same(one[k], two[k]) for k in one)


def test_an_error_is_a_row_and_the_others_go_on(monkeypatch):
    build = ensemble.build_world

    def spoiled(scenario, seed):
        world = build(scenario, seed)
        if scenario.parameters.contractors.personnel == 0:
            world["units"]["men"][0, 0] += 1  # one man out of nothing
        return world

    monkeypatch.setattr(ensemble, "build_world", spoiled)
    table = simulate_many(PLAN, POINTS, seeds=[1, 2], days=20)
    assert table["error"].tolist() == ["ledger_broken on day 19"] * 2 + ["", ""]
    assert table["outcome"].isna().tolist() == [True, True, False, False]


def test_progress_counts_every_row():
    done, lock = [], threading.Lock()

    def on_rows(n):
        with lock:
            done.append(n)

    simulate_many(PLAN, POINTS, seeds=range(11), days=5, on_rows=on_rows, workers=2)
    assert sum(done) == 22


def test_without_points_there_is_the_base_alone():
    table = simulate_many(PLAN, seeds=range(3), days=5)
    assert table["point"].tolist() == [0, 0, 0] and table["outcome"].tolist() == ["not_assessed"] * 3
    assert len(simulate_many(PLAN, seeds=[], days=5)) == 0


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"points": pd.DataFrame({"contractors.personel": [1]})},
            UnknownParameterError,
            "did you mean 'contractors.personnel'?",
        ),
        (
            {"points": pd.DataFrame({"contractors.personnel": [1, -1]})},
            BadParameterValueError,
            "contractors.personnel: -1",
        ),
        (
            {"points": pd.DataFrame({"contractors.personnel": [np.nan]})},
            BadParameterValueError,
            "contractors.personnel: nan",
        ),
        ({"seeds": [1, -2]}, BadCountError, "seeds: -2 is not allowed"),
        ({"days": 0}, BadCountError, "days: 0 is not allowed"),
    ],
)
def test_nonsense_is_refused_before_the_first_run(monkeypatch, given, error, message):
    monkeypatch.setattr(ensemble, "run_seeds", None)
    with pytest.raises(error) as caught:
        simulate_many(PLAN, **given)
    assert message in str(caught.value)


def test_a_stop_ends_a_run_within_the_day():
    stop = np.ones(1, np.uint8)
    assert list(run_seeds(PLAN, [1, 2], DAYS, Bench(DAYS), stop)) == []
    row = Bench(DAYS).run(PLAN, fresh(PLAN), 1, stop)
    assert row["error"].startswith("stopped")


def test_points_may_be_a_mapping_and_seeds_a_number():
    table = simulate_many(PLAN, {"contractors.personnel": [0, 100]}, seeds=2, days=30)
    assert list(table["contractors.personnel"]) == [0, 0, 100, 100] and list(table["seed"]) == [0, 1, 0, 1]


def test_a_name_is_no_scenario():
    for ask in (lambda: simulate_many("minimal"), lambda: simulate("minimal", seed=1)):
        with pytest.raises(MissingScenarioError, match="scenario: 'minimal' is not allowed"):
            ask()
