"""`simulate`: a pure function of scenario, seed and version; its result, its tables and what it refuses."""

import re

import numpy as np
import pytest
from sim_support import early, minimal

from sim.parameter_errors import StalemateError
from sim.run import RunFailedError, RunResult, UnknownDriverError, finish, simulate, with_room
from sim.scenario import BadCountError
from sim.trace import COLUMNS
from sim.world import world_hash

PLAN = early(minimal(), 5, 40)


def test_the_same_call_gives_the_same_run():
    one, two = simulate(PLAN, 3, days=60), simulate(PLAN, 3, days=60)
    assert one.summary == two.summary and one.daily.equals(two.daily) and one.events.equals(two.events)
    assert simulate(PLAN, 4, days=60).summary["world_hash"] != one.summary["world_hash"]


def test_a_longer_run_begins_with_the_shorter():
    short, long = simulate(PLAN, 3, days=50), simulate(PLAN, 3, days=80)
    assert long.daily.iloc[:50].equals(short.daily)
    assert len(long.daily) == 80 == long.summary["days"] and simulate(PLAN, 3).summary["days"] == PLAN.days


def test_the_tables():
    run = simulate(PLAN, 3, days=60)
    assert isinstance(run, RunResult) and list(run.daily.columns) == list(COLUMNS)
    assert run.daily["day"].tolist() == list(range(60))
    assert list(run.events.columns) == [
        "day", "kind", "side", "place", "road", "country", "group", "size", "deaths_civilians", "deaths_insurgents",
        "deaths_state", "deaths_contractors", "tankers", "lat", "lon",
    ]  # fmt: skip
    events = run.events
    assert set(events["side"]) <= {"insurgents", "state", "regime"} and events["day"].is_monotonic_increasing
    on_road = events[events["kind"] == "road_attack"]
    assert (on_road["place"] == "").all() and set(on_road["road"]) <= {f"{r.a}-{r.b}" for r in PLAN.geography.roads}
    placed = events[(events["place"] != "") | (events["road"] != "")]
    assert placed["lat"].notna().all() and placed["country"].isin(["XM", "XN"]).all()
    assert run.places_daily["served"].shape == run.places_daily["holder"].shape == (60, 5)
    assert np.allclose(run.places_daily["served"][:, 0], run.daily["capital_served"], atol=1e-6)
    assert run.summary["world_hash"] == world_hash(run.world)


def test_a_result_says_what_happened_in_one_line():
    run = simulate(PLAN, 3, days=60)
    assert re.fullmatch(
        r"<RunResult minimal seed 3: not_assessed after 60 days, \d+ deaths \(\d+ civilians\)>", repr(run)
    )


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"driver": "compild"},
            UnknownDriverError,
            "driver: no 'compild'; it takes compiled or mesa; did you mean 'compiled'?",
        ),
        ({"seed": -1}, BadCountError, "seed: -1 is not allowed"),
        ({"seed": 2**63}, BadCountError, f"seed: {2**63} is not allowed"),
        ({"seed": 1.5}, BadCountError, "seed: 1.5 is not allowed"),
        ({"seed": float("nan")}, BadCountError, "seed: nan is not allowed"),
        ({"days": 0}, BadCountError, "days: 0 is not allowed"),
        ({"days": -5}, BadCountError, "days: -5 is not allowed"),
    ],
)
def test_nonsense_is_refused_before_the_first_day(given, error, message):
    with pytest.raises(error) as caught:
        simulate(PLAN, **given)
    assert message in str(caught.value) and isinstance(caught.value, StalemateError) and "\n" not in str(caught.value)


def test_a_run_with_broken_books_or_status_is_an_error_and_no_result():
    run = simulate(PLAN, 3, days=5)
    for field, value, what in (
        ("people_error", 1, "ledger_broken"),
        ("fuel_error_l", 3, "ledger_broken"),
        ("status", 3, "log_full"),
    ):
        world = run.world.copy()
        world["run"][field] = value
        with pytest.raises(RunFailedError, match=f"run minimal seed 3: {what} on day 4"):
            finish(PLAN, 3, world, run.trace, run.log)


def test_progress_is_told_up_to_the_last_day():
    told = []
    simulate(PLAN, 3, days=70, on_day=told.append)
    assert told == [30, 60, 70]


def test_the_largest_seed_runs():
    assert simulate(PLAN, 2**63 - 1, days=3).summary["seed"] == 2**63 - 1


@pytest.mark.parametrize(("rows", "logged", "free"), [(10, 4, 3), (10, 4, 6), (10, 4, 7), (10, 10, 500), (0, 0, 5)])
def test_the_log_has_room_for_the_days_to_come(rows, logged, free):
    log = np.arange(rows)
    larger = with_room(log, logged, free)
    assert len(larger) - logged >= free and larger[:rows].tolist() == log.tolist()
    assert (larger is log) == (rows - logged >= free)
