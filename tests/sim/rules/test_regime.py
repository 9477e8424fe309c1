"""Command, treasury, reputation, legitimacy, cohesion and the hazard of collapse."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_support import mali
from stage import CAP, REG, Stage

from sim import codes


def regime(hired=0, men=0, **parameters):
    stage = Stage(**parameters)
    if men:
        stage.unit(REG, men)
    if hired:
        stage.detachment(CAP, hired)
    return stage


def test_ready_contractors_replace_part_of_the_missing_command():
    given = {"state__command_quality": 0.4, "contractors__command_gain": 0.5, "contractors__command_men": 1000}

    def command(hired, readiness=1.0, **more):
        stage = regime(hired, **given, **more)
        stage["detachments"]["readiness"] = readiness
        return float(stage.do("regime")["nation"]["command"])

    assert command(0) == pytest.approx(0.4)
    assert command(500) == pytest.approx(0.4 + 0.6 * 0.5 * 0.5)
    assert command(500, 0.5) == pytest.approx(0.4 + 0.6 * 0.5 * 0.25)
    assert command(1000) == command(3000) == pytest.approx(0.7)
    assert command(1000, switches__contractor_command=0) == pytest.approx(0.4)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 2), st.integers(0, 20000), st.integers(0, 2000), st.floats(0, 1), st.floats(0, 1))
def test_no_money_is_made_or_owed_twice(treasury, men, hired, first, served):
    stage = regime(hired, men, regime__contractors_first=first)
    n = stage["nation"]
    n["treasury"], n["served"] = treasury, served
    p = stage.scenario.parameters
    revenue = p.regime.revenue * (p.regime.revenue_floor + (1 - p.regime.revenue_floor) * served)
    stage.do("regime")
    spent = hired * p.contractors.cost * 1e-6 * n["contractors_paid"] + men * p.state.cost * 1e-6 * n["paid"]
    assert n["treasury"] == pytest.approx(treasury + revenue - spent, abs=1e-9) and n["treasury"] >= -1e-12
    assert 0 <= n["paid"] <= 1 and 0 <= n["contractors_paid"] <= 1


def test_who_is_paid_first_and_the_switch_of_pay():
    def paid(first, **switch):
        stage = regime(
            500, 4000, regime__contractors_first=first, regime__revenue=0.2, regime__treasury_days=0, **switch
        )
        n = stage.do("regime")["nation"]
        return float(n["contractors_paid"]), float(n["paid"])

    hired, army = 500 * 360e-6, 4000 * 60e-6  # due: 0.18 and 0.24 of 0.2
    assert paid(1.0) == pytest.approx((1.0, 0.02 / army))
    assert paid(0.0) == pytest.approx((0.2 / (hired + army),) * 2)
    assert paid(0.5)[0] == pytest.approx(0.5 + 0.5 * 0.2 / (hired + army))
    assert paid(1.0, switches__contractor_pay=0)[1] == pytest.approx(0.2 / army)


def test_revenue_falls_with_hunger_and_lost_centres():
    def treasury(served=1.0, held=False):
        stage = regime(
            regime__revenue=1, regime__treasury_days=0, regime__revenue_floor=0.7, regime__revenue_control=0.5
        )
        stage["nation"]["served"] = served
        if held:
            stage["places"]["holder"][:4] = codes.HELD_BY_INSURGENTS
        return float(stage.do("regime")["nation"]["treasury"])

    assert treasury() == pytest.approx(1) and treasury(0.0) == pytest.approx(0.7)
    assert treasury(held=True) == pytest.approx(0.5)


def blow(kind, deaths, place=REG, **parameters):
    """Reputation and shock after a day with one event."""
    stage = Stage(regime__spectacular_deaths=30, regime__reputation_gain=0.15, regime__shock_gain=0.1, **parameters)
    e = stage.world["today"][0, 0]
    e["kind"], e["place"], e["deaths"] = kind, place, (50, 9, deaths, deaths)
    stage["run"]["events_today"] = 1
    n = stage.do("regime")["nation"]
    return float(n["reputation"]), float(n["shock"])


def test_spectacular_attacks_raise_reputation_and_shock():
    assert blow(codes.BASE_ATTACK, 30) == pytest.approx((1 - math.exp(-0.15 * 2), 0.2))
    assert blow(codes.CAPTURE, 0) == pytest.approx((1 - math.exp(-0.15 * 3), 0.3))  # a regional capital is worth 3
    assert blow(codes.CAPTURE, 0, CAP) == pytest.approx((1 - math.exp(-1.5), 1.0))
    assert blow(codes.ROAD_ATTACK, 30) == blow(codes.OUTPOST_ATTACK, 30) == (0, 0)


def test_what_falls_abroad_makes_the_insurgents_name_and_does_not_shake_the_army():
    plan = mali()
    djibo = plan.geography.index("DJI")
    for kind, deaths in ((codes.BASE_ATTACK, 30), (codes.CAPTURE, 0)):
        reputation, shock = blow(kind, deaths, djibo, scenario=plan)
        assert reputation > 0 == shock


def test_reputation_and_shock_fade():
    stage = Stage(regime__reputation_memory_days=45, regime__shock_memory_days=30)
    stage["nation"]["reputation"], stage["nation"]["shock"] = 0.9, 0.6
    stage.do("regime")
    assert stage["nation"]["reputation"] == pytest.approx(0.88) and stage["nation"]["shock"] == pytest.approx(0.58)


def legitimacy(hired=100, reputation=0.0, served=1.0, harm=0, days=1, **parameters):
    stage = regime(hired, regime__alliance_men=100, **parameters)
    for _ in range(days):
        n = stage["nation"]
        n["reputation"] = reputation
        stage.place(CAP)["served"], stage.place(REG)["harm_state"] = served, harm
        stage.do("regime")
    return float(stage["nation"]["x_legitimacy"])


def test_legitimacy_moves_with_alliance_dependence_reputation_shortage_and_harm():
    base = legitimacy()
    p = Stage().scenario.parameters.regime
    memory = p.legitimacy_memory_days
    assert legitimacy(reputation=1.0) - base == pytest.approx(
        -p.reputation_cost * (1 - 1 / p.reputation_memory_days) / memory
    )
    assert legitimacy(served=0.25) - base == pytest.approx(-0.75 * p.shortage_cost)
    assert legitimacy(harm=10) - base == pytest.approx(-10 * p.harm_cost)
    alliance = p.alliance_gain * (1 - math.exp(-1)) / memory
    assert base - legitimacy(switches__alliance=0) == pytest.approx(alliance + START["alliance"])
    assert legitimacy(switches__dependence=0) - base == pytest.approx(p.dependence_cost / memory + START["dependence"])
    off = dict.fromkeys(("switches__reputation", "switches__shortage_blame", "switches__harm_feedback"), 0)
    assert legitimacy(reputation=1.0, served=0.0, harm=50, **off) == pytest.approx(base)


P = Stage().scenario.parameters.regime
# where legitimacy begins depends on the switches too: a day's drift apart
START = {
    "alliance": P.alliance_gain * (1 - math.exp(-1)) * (1 - 1 / P.legitimacy_memory_days),
    "dependence": P.dependence_cost * (1 - 1 / P.legitimacy_memory_days),
}


def test_legitimacy_follows_the_people():
    calm, loved = legitimacy(days=400), legitimacy(days=400, population__state_support=0.8)
    assert loved > calm + 0.3


def test_cohesion_follows_pay_and_shocks():
    def cohesion(paid, shock):
        stage = regime(0, 1000, regime__revenue=0.06 * paid, regime__treasury_days=0, regime__revenue_floor=1)
        for _ in range(300):
            stage["nation"]["shock"] = shock
            stage.do("regime")
        return float(stage["nation"]["cohesion"])

    assert cohesion(1, 0) == pytest.approx(1, abs=1e-3)
    assert cohesion(0, 0) == pytest.approx(0.5, abs=1e-3)
    assert cohesion(1, 1) == pytest.approx(math.exp(-0.5 * 29 / 30), abs=1e-3)


def hazard(starved=0.0, shock=0.0, thin=0.0, legitimacy=0.5):
    stage = regime(0, 1000, regime__legitimacy_memory_days=720, regime__shortage_cost=0)
    n = stage["nation"]
    n["army_start"] = 1000 / (1 - thin)
    n["capital_starved"], n["shock"], n["x_legitimacy"] = starved, shock, math.log(legitimacy / (1 - legitimacy))
    stage.do("regime")
    return float(n["hazard"]), n


def test_the_hazard_of_collapse_is_the_formula():
    p = Stage().scenario.parameters.regime
    for case in ({}, {"starved": 0.8}, {"shock": 1.0}, {"thin": 0.4}, {"legitimacy": 0.1}, {"legitimacy": 0.9}):
        got, n = hazard(**case)
        x = p.hazard_starved * float(n["capital_starved"]) + p.hazard_shock * float(n["shock"])
        x += p.hazard_thin * case.get("thin", 0.0) - p.hazard_legitimacy * (float(n["legitimacy"]) - 0.5)
        assert got == pytest.approx(p.hazard_base * math.exp(x), rel=1e-9)
    assert hazard(starved=1.0)[0] > 50 * hazard()[0]


def test_a_regime_collapses_with_its_hazard_and_once_and_not_without_the_switch():
    def collapsed(**switch):
        stage = regime(0, 0, regime__hazard_base=0.01, regime__hazard_thin=0, regime__hazard_legitimacy=0, **switch)
        return np.mean([stage.luck(k).do("regime")["nation"]["collapsed_on"] >= 0 for k in range(1500)])

    assert collapsed() == pytest.approx(0.01, abs=0.01) and collapsed() > 0
    assert collapsed(switches__collapse=0) == 0
    stage = regime(regime__hazard_base=0.01, regime__hazard_thin=20)
    stage["nation"]["army_start"] = 1000.0
    for _ in range(5):
        stage.do("dawn", "regime", "dusk")
    assert stage["nation"]["collapsed_on"] >= 0
