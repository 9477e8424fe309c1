"""Paths: the compiled search against the plain one of the geography, and when trees are renewed."""

import numpy as np
import pytest
import rule_entries as rules
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_support import mali
from stage import BAS, CAP, REG, SRC, TWN, Stage

from sim import codes
from sim.geography import shortest_paths

MALI = mali()
HOURS = np.array([r.truck_hours for r in MALI.geography.roads])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 1]))
def test_hubs_trees_are_shortest_paths_in_hours_and_risk(seed, rerouting):
    stage = Stage(MALI, switches__rerouting=rerouting)
    risk = np.random.default_rng(seed).choice([0.0, 0.01, 0.3, 2.0], len(HOURS))
    stage["roads"]["risk"][: len(HOURS)] = risk
    stage.do("flow")
    felt = stage["roads"]["risk"][: len(HOURS)]  # a day's fading later
    weight = float(stage["params"]["logistics"]["risk_weight"]) * rerouting
    costs = []
    for h in range(int(stage["run"]["n_hubs"])):
        cost, _ = shortest_paths(MALI.geography, int(stage["hubs"]["place"][h]), HOURS * (1 + weight * felt))
        assert stage["tree_cost"][h, : len(cost)] == pytest.approx(cost, rel=1e-12)
        costs.append(cost)
    served = stage["places"]["supply_hub"][: len(cost)]
    own = stage["places"]["hub"][: len(cost)]
    best = np.min(costs, axis=0)
    for p, h in enumerate(served):
        assert h == own[p] if own[p] >= 0 else costs[h][p] == best[p]


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
