"""Paths: the compiled search against the plain one of the geography, and when trees are renewed."""

import numpy as np
import pytest
import rule_entries as rules
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sim_support import mali
from stage import BAS, CAP, REG, SRC, TWN, Stage

from experiments.generate import enlarge
from sim import codes
from sim.geography import shortest_paths
from sim.setup import HUB_SOURCES

MALI = mali()
HOURS = np.array([r.truck_hours for r in MALI.geography.roads])


def calm_and_risky(seed):
    return np.random.default_rng(seed).choice([0.0, 0.01, 0.3, 2.0], len(HOURS))


def check_paths(stage, geography, hours, rerouting=1):
    """Every district and supply line lies on shortest paths at what the carriers feel now."""
    felt = stage["roads"]["risk"][: len(hours)]
    prices = hours * (1 + float(stage["params"]["logistics"]["risk_weight"]) * rerouting * felt)
    hubs = stage["hubs"][: int(stage["run"]["n_hubs"])]
    costs = np.array([shortest_paths(geography, int(h["place"]), prices)[0] for h in hubs])
    for h, hub in enumerate(hubs):
        for line in stage["lines"][int(hub["first_line"]) : int(hub["end_line"])]:
            place = int(stage["sources"]["place"][line["source"]])
            roads = line["path"][: line["legs"]]
            assert line["hub"] == h and line["cost_h"] == pytest.approx(costs[h][place], rel=1e-12)
            assert prices[roads].sum() == pytest.approx(costs[h][place], rel=1e-12)
            assert follow(stage, place, roads) == hub["place"]
    best = costs.min(axis=0)
    for p, h in enumerate(stage["places"]["supply_hub"][: costs.shape[1]]):
        own = stage["places"]["hub"][p]
        assert h == own if own >= 0 else costs[h][p] == pytest.approx(best[p], rel=1e-12)


def follow(stage, place, roads):
    """Where the roads lead from a place."""
    for r in roads:
        road = stage["roads"][r]
        assert place in (road["a"], road["b"])
        place = int(road["b"] if road["a"] == place else road["a"])
    return place


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 1]))
def test_districts_and_supply_lines_are_shortest_paths_in_hours_and_risk(seed, rerouting):
    stage = Stage(MALI, switches__rerouting=rerouting)
    stage["roads"]["risk"][: len(HOURS)] = calm_and_risky(seed)
    stage.do("flow")
    check_paths(stage, MALI.geography, HOURS, rerouting)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
@example(157)  # a supply line of 25 roads
def test_paths_found_within_the_reach_of_the_old_ones_are_still_the_shortest(seed):
    stage = Stage(MALI)
    for k in range(4):
        stage["roads"]["risk"][: len(HOURS)] = calm_and_risky(seed + k)
        stage.do("flow")
        check_paths(stage, MALI.geography, HOURS)


def test_in_a_large_country_a_hub_deals_with_the_sources_that_are_nearest_in_calm():
    large = enlarge(MALI, 3)
    stage = Stage(large)
    hours = np.array([r.truck_hours for r in large.geography.roads])
    stage.do("flow")
    check_paths(stage, large.geography, hours)
    sources = stage["sources"][: int(stage["run"]["n_sources"])]["place"]
    assert len(sources) == 18
    for hub in stage["hubs"][: int(stage["run"]["n_hubs"])]:
        lines = stage["lines"][int(hub["first_line"]) : int(hub["end_line"])]
        calm = np.sort(large.geography.calm_paths(int(hub["place"]))[0][sources])
        assert len(lines) == HUB_SOURCES
        assert np.sort(lines["cost_h"]) == pytest.approx(calm[:HUB_SOURCES])


def test_district_convoys_follow_the_roads_from_the_hub():
    stage = Stage(MALI)
    stage["places"]["stock_l"] = np.where(stage["places"]["hub"] >= 0, stage["places"]["stock_l"], 0)
    stage.do("flow")
    rows = stage["convoys"][(stage["convoys"]["alive"] > 0) & (stage["convoys"]["primary"] == 0)]
    assert len(rows) > 10
    for v in rows:
        hub = stage["hubs"][stage["places"]["supply_hub"][v["target"]]]
        assert v["home"] == hub["place"] and follow(stage, int(v["home"]), v["path"][: v["legs"]]) == v["target"]


def test_trees_are_renewed_only_when_some_risk_has_moved():
    stage = Stage(logistics__reroute_risk=0.05)
    stage.do("flow", "flow")
    assert stage["tally"]["tree_builds"] == 1
    stage["roads"]["risk"][3] = 0.04
    stage.do("flow")
    assert stage["tally"]["tree_builds"] == 1
    stage["roads"]["risk"][3] = 0.06
    stage.do("flow")
    assert stage["tally"]["tree_builds"] == 2


def test_convoys_go_round_a_risky_road_and_not_without_rerouting():
    def first_road(**switch):
        stage = Stage(switches__deterrence=0, **switch)
        stage["roads"]["risk"][stage.road(SRC, CAP)] = 0.5
        stage["places"]["stock_l"][CAP] = 0
        stage.do("flow")
        v = stage["convoys"][stage["convoys"]["target"] == CAP][0]
        return int(v["path"][0])

    stage = Stage()
    assert first_road() == stage.road(SRC, TWN)
    assert first_road(switches__rerouting=0) == stage.road(SRC, CAP)


def test_a_march_follows_the_roads_by_hours_alone():
    stage = Stage(MALI)
    stage.unit(0, 100, codes.COLUMN)
    u = stage["units"][0]
    places = len(MALI.geography.places)
    stage["roads"]["risk"] = 5.0
    for goal in range(1, places):
        assert rules.path_between(stage.world, 0, 0, goal)
        hours = stage["roads"]["hours"][u["path"][: u["legs"]]].sum()
        cost, _ = shortest_paths(MALI.geography, goal)
        assert hours == pytest.approx(cost[0])
    assert (u["leg"], u["progress_h"]) == (0, 0.0)


def test_a_lost_place_on_the_path_counts_as_nearly_certain_refusal():
    stage = Stage()
    stage.unit(CAP, 100, codes.COLUMN)
    rules.path_between(stage.world, 0, CAP, BAS)
    stage["roads"]["risk"][[3, 4]] = 0.01, 0.02
    assert rules.path_risk(stage.world, 0) == pytest.approx(0.03)
    stage["places"]["holder"][BAS] = codes.HELD_BY_INSURGENTS
    assert rules.path_risk(stage.world, 0) == pytest.approx(1.03)
    stage["places"]["holder"][REG] = codes.HELD_BY_INSURGENTS
    assert rules.path_risk(stage.world, 0) == pytest.approx(2.03)
    assert rules.acceptance(stage.world, 1.0) < 1e-3
