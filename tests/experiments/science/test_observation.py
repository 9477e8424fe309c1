"""The observation model: chances, keyed draws, what is compared."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import load_scenario
from experiments.science.observation import Events, Rule, draws, events_of, monthly
from sim import codes
from sim.world import EVENT_DTYPE

RULE = Rule(0.4, 2.0, "ML", ("base_attack", "fire"), ("coercion",), ("sweep_harm", "fire"))


def log_of(*rows):
    """An event log: (day, kind, place, road, deaths, actor) a row."""
    log = np.zeros(len(rows), EVENT_DTYPE)
    for k, (day, kind, place, road, deaths, actor) in enumerate(rows):
        log[k]["day"], log[k]["kind"], log[k]["place"], log[k]["road"] = day, kind, place, road
        log[k]["deaths"], log[k]["actor"] = deaths, actor
    return log


def test_the_chance_by_hand():
    assert RULE.chance(np.array([0, 2, 4])) == pytest.approx([0.4, 0.7, 0.85])


@given(st.floats(0.1, 0.9), st.floats(0.5, 10), st.integers(0, 400))
def test_larger_events_are_never_recorded_less(zero, half, deaths):
    rule = dataclasses.replace(RULE, zero_death=zero, half_deaths=half)
    fewer, more = rule.chance(np.array([deaths, deaths + 1]))
    assert zero - 1e-12 <= fewer <= more <= 1


@pytest.mark.slow
def test_draws_are_those_of_the_model(monkeypatch):
    """The array version is bit for bit the compiled draw."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "sim")
    entries = importlib.import_module("sim_entries")
    rng = np.random.default_rng(3)
    log = np.zeros(200, EVENT_DTYPE)
    log["day"], log["kind"] = np.sort(rng.integers(0, 540, 200)), rng.integers(0, 9, 200)
    log["actor"] = rng.integers(0, 2**63, 200).astype(np.uint64)
    ours, theirs = draws(77, log), np.zeros(200)
    entries.draws_of(
        theirs,
        np.full(200, 77, np.int64),
        log["day"],
        np.full(200, codes.D_OBSERVE, np.int64),
        log["actor"],
        log["kind"],
    )
    assert np.array_equal(ours, theirs)


def test_two_events_of_one_actor_on_one_day_have_draws_of_their_own():
    log = log_of((3, codes.FIRE, 0, -1, (0, 1, 0, 0), 9), (3, codes.FIRE, 0, -1, (0, 1, 0, 0), 9))
    a, b = draws(1, log)
    assert a != b


def test_draws_depend_on_nothing_else_in_the_log():
    one = log_of((3, codes.FIRE, 0, -1, (0, 1, 0, 0), 9))
    both = log_of((2, codes.FIRE, 0, -1, (0, 1, 0, 0), 9), (3, codes.FIRE, 0, -1, (0, 1, 0, 0), 9))
    assert draws(1, one)[0] == draws(1, both)[1]
    assert draws(2, one)[0] != draws(1, one)[0]


def test_draws_are_uniform():
    log = np.zeros(20_000, EVENT_DTYPE)
    log["actor"] = np.arange(20_000)
    u = draws(5, log)
    assert u.mean() == pytest.approx(0.5, abs=4 / np.sqrt(12 * 20_000))
    assert np.bincount((u * 10).astype(int), minlength=10) == pytest.approx(2000, abs=5 * np.sqrt(1800))


def test_what_is_compared():
    scenario = load_scenario("mali_2025")
    places = scenario.geography.places
    abroad = next(k for k, p in enumerate(places) if p.country == "BF")
    home = scenario.geography.capital
    log = log_of(
        (0, codes.BASE_ATTACK, home, -1, (1, 2, 3, 4), 1),
        (1, codes.BASE_ATTACK, abroad, -1, (0, 2, 3, 4), 1),
        (2, codes.FIRE, home, -1, (3, 0, 0, 0), 1),
        (3, codes.FIRE, home, -1, (3, 1, 0, 0), 1),
        (4, codes.COERCION, home, -1, (2, 0, 0, 0), 1),
        (5, codes.TRUCE, home, -1, (0, 0, 0, 0), 1),
        (6, codes.CAMPAIGN_BEGINS, -1, -1, (0, 0, 0, 0), 1),
    )
    events = events_of(scenario, 1, log, RULE)
    assert events.day.tolist() == [0, 2, 3, 4]
    assert events.deaths.tolist() == [10, 3, 4, 2]
    assert events.side.tolist() == [0, 2, 0, 1]
    assert events.lat[0] == places[home].lat


def test_a_road_event_lies_in_the_middle_of_its_road():
    scenario = load_scenario("mali_2025")
    geo = scenario.geography
    rule = dataclasses.replace(RULE, clashes=("road_attack",))
    road = next(k for k, r in enumerate(geo.roads) if geo.places[geo.index(r.a)].country == "ML")
    ends = [geo.places[geo.index(end)] for end in (geo.roads[road].a, geo.roads[road].b)]
    events = events_of(scenario, 1, log_of((0, codes.ROAD_ATTACK, -1, road, (0, 1, 0, 0), 1)), rule)
    assert events.lat[0] == pytest.approx((ends[0].lat + ends[1].lat) / 2)


def test_recorded_and_monthly():
    n = 4
    events = Events(
        day=np.array([0, 30, 31, 40]),
        deaths=np.array([0, 2, 5, 7]),
        side=np.array([0, 0, 0, 1]),
        draw=np.array([0.39, 0.71, 0.1, 0.1]),
        lat=np.zeros(n),
        lon=np.zeros(n),
    )
    clashes = events.recorded(RULE)
    assert clashes.day.tolist() == [0, 31]
    assert events.recorded(RULE, 1).deaths.tolist() == [7]
    assert events.recorded(RULE, 0, (0, 30)).day.tolist() == [0]
    counts, deaths = monthly(clashes, {"2025-01": (0, 30), "2025-02": (31, 58)})
    assert counts.tolist() == [1, 1]
    assert deaths.tolist() == [0, 5]
