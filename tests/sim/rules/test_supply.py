"""Imports: what hubs order and where, what they remember of refusals, and who waits for an escort."""

import numpy as np
import pytest
import rule_entries as rules
from sim_support import mali
from stage import CAP, REG, Stage, convoys, demanding

from sim import codes

LOAD = 46000

# --- orders ---


def test_orders_fill_the_gap_and_never_exceed_the_sources_capacity():
    def wanted(days_of_stock, capacity=1000):
        stage = demanding()
        stage["sources"]["capacity"][0] = capacity
        for p in (CAP, REG):
            stage["places"]["stock_l"][p] = days_of_stock * stage["places"]["demand_l"][p]
        stage.do("flow")
        return int(stage["tally"]["tankers_sent"])

    full, half, empty = wanted(30), wanted(7), wanted(0)
    assert full == 0 < half < empty
    assert wanted(0, capacity=12) <= 12


def test_a_hub_that_is_lost_orders_nothing():
    stage = demanding()
    stage["places"]["stock_l"][:4] = 0
    stage["places"]["holder"][CAP] = codes.HELD_BY_INSURGENTS
    stage.do("flow")
    assert CAP not in convoys(stage)["target"]


# --- sources ---


def north(**capacity):
    """Mali without people or stocks at Kidal, with other daily limits of the sources."""
    stage = Stage(mali())
    ids = [p.id for p in mali().geography.places]
    at = {ids[int(s["place"])]: s for s in stage["sources"][: int(stage["run"]["n_sources"])]}
    for name, tankers in capacity.items():
        at[name]["capacity"] = tankers
    stage["places"]["stock_l"][ids.index("KDL")] = 0
    return stage, ids


def bound_for(stage, place):
    return [(int(v["home"]), int(v["tankers"])) for v in convoys(stage) if v["target"] == place]


def test_what_the_nearest_source_has_not_got_is_asked_of_another():
    stage, ids = north()
    stage.do("flow")
    found = bound_for(stage, ids.index("KDL"))
    assert len(found) == 1
    stage, ids = north(NIM=0)
    stage.do("flow")
    (elsewhere,) = bound_for(stage, ids.index("KDL"))
    assert ids[elsewhere[0]] != "NIM" and elsewhere[1] > 0
    stage, ids = north(**dict.fromkeys(("DKR", "ABJ", "CKY", "NKC", "LFW", "NIM"), 0))
    stage.do("flow")
    assert len(convoys(stage)[convoys(stage)["primary"] > 0]) == 0  # nobody makes fuel


def test_a_large_order_finds_elsewhere_what_one_source_lacks():
    def sent(**capacity):
        stage, ids = north(**capacity)
        stage["places"]["stock_l"][ids.index("BKO")] = 0
        stage.do("flow")
        return sum(n for _, n in bound_for(stage, ids.index("BKO")))

    assert sent(DKR=0) == pytest.approx(sent(), rel=0.25)


def test_what_a_source_has_left_below_the_smallest_convoy_is_asked_of_others_too():
    def sent(left):
        stage, ids = north()
        stage["places"]["stock_l"][ids.index("BKO")] = 0
        dakar = ids.index("DKR")
        at = [int(s["place"]) for s in stage["sources"][: int(stage["run"]["n_sources"])]].index(dakar)
        stage["sources"]["capacity"][at] = left
        stage.do("flow")
        return [n for home, n in bound_for(stage, ids.index("BKO")) if home != dakar]

    assert sum(sent(3)) == sum(sent(0)) > 0  # three tankers make no convoy


def test_no_source_gives_more_than_its_day_allows_whoever_comes_first():
    stage, ids = north()
    stage["places"]["stock_l"] = 0
    for _ in range(9):
        stage._clear("convoys")
        stage["places"]["inbound_l"] = 0
        stage.do("dawn", "flow")
        rows = convoys(stage)
        for s in stage["sources"][: int(stage["run"]["n_sources"])]:
            gone = int(rows["tankers"][(rows["home"] == s["place"]) & (rows["primary"] > 0)].sum())
            assert gone <= s["capacity"], ids[int(s["place"])]


@pytest.mark.parametrize("days", [1, 10, 40])
def test_a_hub_remembers_refusals_by_days_not_by_offers(days):
    stage = demanding(logistics__risk_memory_days=10, switches__rerouting=0)
    stage["roads"]["risk"][:] = 0.05
    stage["places"]["stock_l"][CAP] = 0
    hub = stage["hubs"][0]
    hub["acceptance"], hub["heard_on"] = 1.0, int(stage["run"]["day"]) - days
    stage.do("flow")
    path = stage["convoys"][0]["path"][: int(stage["convoys"][0]["legs"])]
    share = rules.acceptance(stage.world, float(stage["roads"]["risk"][path].sum()))
    assert hub["acceptance"] == pytest.approx(1.0 + (share - 1.0) * (1.0 - np.exp(-days / 10)), abs=1e-6)
    assert hub["offers"] == 0 and hub["heard_on"] == stage["run"]["day"]


# --- escorts ---


def test_under_threat_one_escorted_convoy_takes_those_who_wait_and_the_escort_comes_home():
    stage = demanding(state__command_quality=1.0, state__escort_reassurance=1.0)
    unit = stage.unit(CAP, 40, codes.ESCORT)
    stage["roads"]["risk"][:3] = 0.03  # most refuse; at full command an escort takes all of the risk away
    hub = stage["hubs"][0]
    hub["acceptance"] = 0.2
    stage["lines"]["waiting"][0] = 30
    stage["places"]["stock_l"][CAP] = 20 * stage["places"]["demand_l"][CAP]  # no order besides
    stage.do("flow")
    (v,) = convoys(stage)[convoys(stage)["escort"] >= 0]
    assert v["tankers"] == 30 and unit["task"] == codes.RIDE and stage["lines"]["waiting"].sum() == 0
    for _ in range(6):
        stage.do("dawn", "units", "dusk")
    assert unit["task"] == codes.IDLE and unit["place"] == CAP and stage["tally"]["convoys_arrived"] >= 1


def test_who_waits_at_one_source_does_not_leave_from_another():
    stage = Stage(mali(), state__escort_threshold=1.0, state__command_quality=1.0)
    home = int(stage["hubs"]["place"][0])
    stage.unit(home, 40, codes.ESCORT)
    hub = stage["hubs"][0]
    hub["acceptance"] = 0.1
    stage["lines"]["waiting"][:3] = (10, 25, 15)
    stage["places"]["stock_l"][:46] *= 10  # no order besides
    stage.do("flow")
    (v,) = convoys(stage)[convoys(stage)["escort"] >= 0]
    assert v["home"] == stage["sources"]["place"][1] and v["tankers"] == 25
    assert stage["lines"]["waiting"][:3].tolist() == [10, 0, 15]


def test_each_source_gets_one_escort_a_day_the_fullest_first():
    stage = Stage(mali(), state__escort_threshold=1.0, state__command_quality=0.0, logistics__risk_half=0.05)
    home = int(stage["hubs"]["place"][0])
    for _ in range(6):
        stage.unit(home, 40, codes.ESCORT)
    stage["hubs"]["acceptance"][0] = 0.1
    stage["roads"]["risk"][:] = 0.01  # some refuse, and would be asked again
    stage["lines"]["waiting"][:3] = (60, 90, 70)
    stage["places"]["stock_l"][:46] *= 10
    stage.do("flow")
    rows = convoys(stage)[convoys(stage)["escort"] >= 0]
    assert len(set(rows["id"].tolist())) == len(rows) == 3
    assert rows["home"].tolist() == stage["sources"]["place"][[1, 2, 0]].tolist()
    assert (stage["lines"]["waiting"][:3] >= stage.scenario.parameters.logistics.min_convoy).any()


def test_without_escorts_nobody_waits():
    stage = demanding(switches__escorts=0)
    stage.unit(CAP, 40, codes.ESCORT)
    stage["roads"]["risk"][:2] = 0.1
    stage["places"]["stock_l"][CAP] = 0
    stage.do("flow")
    assert stage["lines"]["waiting"].sum() == 0 and stage["tally"]["escorted"] == 0


def test_contractors_at_the_hub_ride_with_the_escorted_imports_bound_for_it():
    for place, rides in ((CAP, True), (REG, False)):
        stage = demanding(state__command_quality=1.0, state__escort_reassurance=1.0)
        stage.unit(CAP, 40, codes.ESCORT)
        stage.detachment(place, 100)
        stage["roads"]["risk"][:3] = 0.03
        stage["hubs"][0]["acceptance"] = 0.2
        stage["lines"]["waiting"][0] = 30
        stage["places"]["stock_l"][CAP] = 20 * stage["places"]["demand_l"][CAP]
        stage.do("flow")
        (v,) = convoys(stage)[convoys(stage)["escort"] >= 0]
        assert (v["detachment"] >= 0) == rides
