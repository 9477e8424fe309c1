"""Fuel: what is ordered, who dares to drive it, how it travels and how it is rationed."""

import numpy as np
import pytest
import rule_entries as rules
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_support import mali
from stage import BAS, CAP, REG, SRC, TWN, Stage, convoys, demanding

from sim import codes

LOAD = 46000


# --- carriers ---


def test_half_of_the_carriers_refuse_at_the_half_risk_and_all_accept_none():
    world = Stage().world
    half = float(world["params"]["logistics"]["risk_half"][0])
    assert rules.acceptance(world, 0.0) == 1.0
    assert rules.acceptance(world, half) == pytest.approx(0.5)
    assert rules.acceptance(world, 3 * half) == pytest.approx(0.1)
    assert rules.acceptance(Stage(switches__deterrence=0).world, 100 * half) == 1.0


def test_memory_of_attacks_moves_by_a_tenth_and_fades_at_half_that_speed_without_traffic():
    stage = Stage(logistics__risk_memory_days=10, logistics__flow_memory_days=60)
    road = stage["roads"]
    road["risk"][:3] = (0.0, 0.2, 0.2)
    road["flow"][0] = 12.0
    road["passed_today"][:2], road["attacked_today"][:2], road["tankers_today"][0] = (4, 5), (1, 0), 72
    stage.do("flow")
    assert road["risk"][:3] == pytest.approx([0.025, 0.18, 0.19])
    assert road["flow"][0] == pytest.approx(13.0)
    assert road["attacked_today"].sum() == 0


def test_deterrence_stops_the_tankers_and_without_it_they_drive():
    def sent(**switch):
        stage = demanding(**switch)
        stage["roads"]["risk"][:2] = 0.5  # both roads to the port
        stage["places"]["stock_l"][CAP] = 0
        stage.do("flow")
        return int(stage["tally"]["tankers_sent"]), int(stage["tally"]["tankers_refused"])

    assert sent()[0] == 0 and sent()[1] > 20
    assert sent(switches__deterrence=0)[0] > 20


def test_share_that_accepts_is_the_acceptance():
    stage = demanding(switches__escorts=0, switches__rerouting=0)
    half = float(stage["params"]["logistics"]["risk_half"])
    stage["places"]["stock_l"][CAP] = 0

    def accepted(k):
        twin = stage.luck(k)
        twin["tally"]["tankers_sent"] = twin["tally"]["tankers_refused"] = 0
        twin["roads"]["risk"][:3] = 2 * half / 0.9  # a day's fading apart: 2·half·0.95
        twin.do("flow")
        sent, refused = int(twin["tally"]["tankers_sent"]), int(twin["tally"]["tankers_refused"])
        return sent / (sent + refused), float(twin["roads"]["risk"][0])

    shares = [accepted(k) for k in range(300)]
    expected = rules.acceptance(stage.world, shares[0][1])
    assert np.mean([s for s, _ in shares]) == pytest.approx(expected, abs=0.02)


# --- orders ---


def test_demand_of_army_and_contractors_and_the_switch_that_takes_the_contractors_out():
    def need(**switch):
        stage = Stage(**switch)
        stage.unit(REG, 300)
        stage.detachment(REG, 60)
        stage.do("flow")
        return stage.place(REG)

    p = Stage().scenario.parameters
    with_them, without = need(), need(switches__contractor_fuel=0)
    army = 300 * p.state.fuel_l_per_man
    assert with_them["demand_l"] == pytest.approx(0.68 * 120000 + army + 60 * p.contractors.fuel_l_per_man)
    assert without["military_demand_l"] == pytest.approx(army)


def test_a_district_orders_when_its_cover_is_short_and_the_hub_keeps_its_reserve():
    stage = demanding()
    places = stage["places"]
    keep = stage["params"]["logistics"]
    assert places["supply_hub"][BAS] == places["hub"][REG]
    places["stock_l"][BAS] = 0
    reserve = float(keep["hub_reserve_days"] * (1 - keep["district_priority"])) * places["demand_l"][REG]
    for stock, tankers in ((reserve * 0.99, 0), (reserve + 3 * LOAD, 1)):
        twin = stage.copy()
        twin["places"]["stock_l"][REG] = int(stock)
        twin.do("flow")
        assert (convoys(twin)["target"] == BAS).sum() == tankers
        assert (
            twin["places"]["stock_l"][REG] == int(stock) - convoys(twin)["litres"][convoys(twin)["target"] == BAS].sum()
        )


def test_no_second_order_before_the_gap_is_over():
    stage = demanding(logistics__order_gap_days=4)
    stage["places"]["stock_l"][BAS] = 0
    stage["places"]["ordered_on"][BAS] = int(stage["run"]["day"]) - 3
    stage.do("flow")
    assert BAS not in convoys(stage)["target"]
    stage["places"]["ordered_on"][BAS] -= 1
    stage.do("flow")
    assert BAS in convoys(stage)["target"]


# --- driving ---


def test_a_convoy_drives_twelve_hours_a_day_and_unloads():
    stage = demanding()
    v = stage.convoy(CAP, BAS, [stage.road(CAP, REG), stage.road(REG, BAS)], tankers=3, primary=0)
    before = int(stage.place(BAS)["stock_l"])
    stage.do("order")
    from stage import phase

    phase.activate(stage.world, codes.A_CONVOY, 0)
    assert (v["place"], v["leg"]) == (REG, 1) and v["progress_h"] == pytest.approx(12 - 6.4)  # 6.4 h, then 5.6 h
    phase.activate(stage.world, codes.A_CONVOY, 0)
    assert v["alive"] == -1 and stage.place(BAS)["stock_l"] == before + 3 * LOAD
    assert stage.place(BAS)["inbound_l"] == 0 and stage["tally"]["convoys_arrived"] == 1


def test_an_escorted_convoy_is_slower():
    def days(escorted):
        stage = demanding(logistics__escorted_speed=0.4)
        v = stage.convoy(CAP, BAS, [3, 4], primary=0)
        if escorted:
            stage.unit(CAP, 40, codes.ESCORT, task=codes.RIDE)
            v["escort"] = 0
        n = 0
        while v["alive"] > 0:
            stage.do("units")
            n += 1
        return n

    assert days(False) == 2 and days(True) == 5  # 20.3 h at 12 and at 4.8 hours a day


def test_a_convoy_turns_back_from_a_lost_target_and_no_litre_is_lost():
    for primary in (0, 1):
        stage = demanding()
        stage.convoy(CAP, REG, [3], tankers=4, primary=primary)
        before = int(stage.place(CAP)["stock_l"])
        stage["places"]["holder"][REG] = codes.HELD_BY_INSURGENTS
        stage.do("units")
        assert stage["tally"]["convoys_turned"] == 1 and stage.balanced()
        back = 4 * LOAD
        assert int(stage["fuel"]["turned_back"]) == (back if primary else 0)
        assert int(stage.place(CAP)["stock_l"]) == before + (0 if primary else back)


# --- escorts ---


def test_contractors_ride_with_their_own_supply_and_not_when_they_need_none():
    for switch, rides in ((1, True), (0, False)):
        stage = demanding(switches__contractor_fuel=switch)
        stage.detachment(BAS, 60)
        stage.unit(BAS, 50)
        stage["places"]["stock_l"][BAS] = 0
        stage.do("flow")
        (v,) = convoys(stage)[convoys(stage)["target"] == BAS]
        assert (v["detachment"] == 0) is np.bool_(rides)


# --- rationing ---


@pytest.mark.parametrize(("cover_days", "served"), [(10, 1.0), (3, 1.0), (1.5, 0.5), (0.3, 0.1), (0, 0.0)])
def test_places_ration_below_three_days_of_cover(cover_days, served):
    stage = demanding(logistics__ration_days=3)
    place = stage.place(CAP)
    place["stock_l"] = round(cover_days * place["demand_l"])
    before = int(place["stock_l"])
    stage.do("consumption")
    assert place["served"] == pytest.approx(served, abs=1e-5)
    assert before - int(place["stock_l"]) == pytest.approx(served * place["demand_l"], abs=1)


@pytest.mark.parametrize(("priority", "military"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_the_armys_share_of_a_ration_follows_its_priority(priority, military):
    stage = Stage(logistics__military_priority=priority, logistics__ration_days=3)
    stage.unit(REG, 300)
    stage.do("flow")
    stage.place(REG)["stock_l"] = round(1.5 * stage.place(REG)["demand_l"])
    stage.do("consumption")
    assert stage.place(REG)["military_served"] == pytest.approx(military, abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10_000_000), min_size=4, max_size=4), st.integers(0, 2**32), st.floats(1, 7))
def test_what_is_burned_is_what_leaves_the_stock(stocks, key, days):
    stage = demanding(logistics__ration_days=days)
    stage["places"]["stock_l"][:4] = stocks
    stage.world["run"]["key"] = key
    stage.do("consumption")
    assert stage["places"]["stock_l"].min() >= 0
    assert int(stage["fuel"]["consumed"]) == sum(stocks) - int(stage["places"]["stock_l"][:4].sum())
    assert ((stage["places"]["served"] >= 0) & (stage["places"]["served"] <= 1)).all()


def test_places_outside_the_country_are_always_served():
    stage = Stage(mali())
    abroad = (stage["places"]["country"] == 1) & (stage["places"]["id"] > 0)
    stage["places"]["stock_l"] = 0
    stage.do("flow", "consumption")
    assert abroad.sum() == 7 and (stage["places"]["served"][abroad] == 1).all()
    assert stage["nation"]["served"] == 0.0 and SRC != TWN
