"""Assaults: every place can fall to enough fighters; what becomes of the garrison, the stock and the place."""

import numpy as np
import pytest
import rule_entries as rules
from sim_support import mali
from stage import BAS, CAP, REG, TWN, Stage

from sim import codes


def strike(fighters, men, place=REG, hired=0, groups=1, scenario=None, **parameters):
    stage = Stage(scenario, **parameters)
    if men:
        stage.unit(place, men)
    if hired:
        stage.detachment(place, hired)
    for _ in range(groups):
        stage.cell(place, fighters // groups, codes.ASSAULT)
    return stage


def fell(stage, place=REG, n=60):
    """Share of days of other luck on which the place is no longer the state's; the books must hold on each."""
    runs = [stage.luck(k).fight() for k in range(n)]
    assert all(r.balanced() for r in runs)
    return float(np.mean([r["places"]["holder"][place] != codes.HELD_BY_STATE for r in runs])), runs


def test_a_place_without_defenders_falls_without_a_fight():
    share, runs = fell(strike(10, 0), n=5)
    assert share == 1.0 and all(len(r.events[r.events["kind"] == codes.BASE_ATTACK]) == 0 for r in runs)


def test_more_fighters_take_it_more_often_and_more_men_hold_it():
    shares = [fell(strike(f, 400))[0] for f in (30, 200, 600, 2000)]
    assert shares == sorted(shares) and shares[0] < 0.1 and shares[-1] > 0.9
    assert fell(strike(600, 2000))[0] < shares[2]


@pytest.mark.parametrize("name", ["BKO", "GAO", "MOP", "KDL"])
def test_capital_and_regional_capitals_with_their_contractors_can_be_taken(name):
    # No hidden cap: the whole garrison and the detachments are engaged, and enough fighters win against them.
    plan = mali()
    p = plan.geography.index(name)
    men, hired = plan.forces.garrisons[name], plan.forces.detachments[name]
    lost, _ = fell(strike(men // 20, men, p, hired, scenario=plan), p, 20)
    won, runs = fell(strike(6 * men, men, p, hired, scenario=plan), p, 20)
    assert lost < 0.2 and won == 1.0
    engaged = np.mean([int(r["deaths"][codes.STATE]) for r in runs])
    assert engaged >= 0.13 * men  # losses up to the break of all of them, not of a part


def test_contractors_strengthen_a_garrison_and_bleed_with_it():
    alone, _ = fell(strike(500, 300))
    helped, runs = fell(strike(500, 300, hired=300, contractors__combat_weight=3))
    assert helped < alone
    men, hired = (sum(int(r["deaths"][s]) for r in runs) for s in (codes.STATE, codes.CONTRACTORS))
    assert hired == pytest.approx(men, rel=0.2)


def test_hunger_breaks_a_garrison_sooner():
    def share(served):
        stage = strike(200, 400)
        stage.place(REG)["military_served"] = served
        return fell(stage, n=100)[0]

    assert share(0.0) > share(1.0) + 0.1


def test_a_broken_garrison_loses_prisoners_and_flees_to_its_depot_or_the_capital():
    stage = strike(3000, 200, BAS, combat__capture_share=0.25)
    stage.do("flow")  # the base belongs to Borin's depot
    other = stage.unit(REG, 50)
    _, runs = fell(stage, BAS, 40)
    assert other["men"] == 50
    taken = [int(r["people"]["captured"][codes.STATE]) for r in runs]
    dead = [int(r["deaths"][codes.STATE]) for r in runs]
    assert np.mean(taken) == pytest.approx(0.25 * np.mean([200 - d for d in dead]), rel=0.1)
    for r, t, d in zip(runs, taken, dead, strict=True):
        assert r["units"]["alive"][0] == -1 and r["units"]["men"][1] == 50 + 200 - t - d  # they join those at Borin


def test_where_there_is_no_refuge_men_desert_and_contractors_leave():
    stage = strike(3000, 100, CAP, hired=50)  # the capital itself, and this country has no second base
    stage.do("flow")
    stage["places"]["holder"][REG] = codes.HELD_BY_NOBODY
    assert rules.flight_goal(stage.world, CAP) == -1
    share, runs = fell(stage, CAP, 10)
    assert share == 1.0
    for r in runs:
        assert r["people"]["deserted"][codes.STATE] + r["people"]["captured"][codes.STATE] + r["deaths"][2] == 100
        assert r["people"]["withdrawn"][codes.CONTRACTORS] + r["deaths"][3] == 50


def test_a_column_that_fled_is_no_longer_bound_for_the_place_that_it_fled_from():
    stage = strike(3000, 100)
    u = stage.unit(REG, 100, codes.COLUMN, task=codes.RELIEVE, target=REG, home=CAP, days_left=4)
    d = stage.detachment(REG, 50, task=codes.RELIEVE, target=REG, home=CAP, days_left=4)
    stage.do("flow").fight()
    assert (u["place"], u["task"], u["target"]) == (CAP, codes.IDLE, -1)
    assert (d["place"], d["task"], d["target"]) == (CAP, codes.IDLE, -1)
    rules.muster(stage.world)
    rules.look_around(stage.world)
    sally = float(stage["params"]["insurgents"]["sally_share"])
    near = stage["places"]["men"][[CAP, BAS]].sum()
    assert stage.place(REG)["threat"] == pytest.approx(sally * near)


def test_the_stock_is_looted_in_part():
    stage = strike(2000, 50, combat__stock_loot=0.5)
    before = int(stage.place(REG)["stock_l"])
    stage.fight()
    assert int(stage["fuel"]["looted"]) == before // 2 == before - int(stage.place(REG)["stock_l"])


def test_support_and_strength_decide_whether_it_is_held():
    def held(support, threat=100.0, **switch):
        stage = strike(1000, 20, **switch)
        stage.place(REG)["support_insurgents"] = support
        stage.place(REG)["threat"] = threat
        runs = [stage.luck(k) for k in range(80)]
        for r in runs:
            r.do("combat")  # without `order`, which would renew the threat
        return float(np.mean([r["places"]["holder"][REG] == codes.HELD_BY_INSURGENTS for r in runs]))

    little, much = held(0.05), held(0.8)
    assert little < 0.5 < much
    assert held(0.25, threat=1e6) < held(0.25, threat=0.0)
    assert held(0.8, switches__holding=0) == 0.0


def test_who_died_in_the_assault_does_not_count_among_those_who_could_hold():
    stage = strike(600, 300, insurgents__hold_bias=0, combat__insurgent_break=1)
    stage.set("insurgents.hold_strength", 1e6)  # holding says on which side of the threat their strength lies
    stage.place(REG)["support_insurgents"] = 0.25

    def left(threat):
        stage.place(REG)["threat"] = threat
        runs = [stage.luck(k).do("combat") for k in range(60)]
        fallen = [r for r in runs if r.place(REG)["holder"] != codes.HELD_BY_STATE]
        return [(600 - int(r["deaths"][codes.INSURGENTS]), int(r.place(REG)["holder"])) for r in fallen]

    middle = float(np.median([n for n, _ in left(0)]))
    assert middle < 600
    seen = {(n > middle, holder == codes.HELD_BY_INSURGENTS) for n, holder in left(middle) if n != middle}
    assert seen == {(True, True), (False, False)}


def test_holders_take_up_holding_and_others_hide():
    stage = strike(1000, 20, groups=4, insurgents__hold_bias=6)
    stage.fight()
    assert (stage["cells"]["task"][:4] == codes.HOLD).all() and stage.place(REG)["holder"] == codes.HELD_BY_INSURGENTS
    stage = strike(30, 3000, groups=3)
    stage.fight()
    left = stage["cells"][stage["cells"]["alive"] > 0]
    assert (left["task"] == codes.REST).all() and (left["days_left"] > 0).all()


def test_all_who_strike_together_fight_together():
    one, _ = fell(strike(600, 400))
    twelve, runs = fell(strike(600, 400, groups=12))
    assert twelve == pytest.approx(one, abs=0.25)
    (event,) = runs[0].events[runs[0].events["kind"] == codes.BASE_ATTACK]
    assert event["size"] == 600 and TWN != REG


def test_a_capture_is_counted_when_the_place_is_still_held_the_next_day():
    stage = strike(1000, 20, insurgents__hold_bias=6, insurgents__leave_rate=0, insurgents__leave_after_loss=0)
    stage.fight()
    assert stage["tally"]["captures"] == 0 and "capture" not in stage.kinds()
    stage.do("dusk", "dawn").fight()
    assert stage["tally"]["captures"] == 1 and "capture" in stage.kinds()
    stage.do("dusk", "dawn").fight()
    assert stage["tally"]["captures"] == 1


def test_looted_then_left_is_no_capture_and_the_place_becomes_nobodys():
    stage = strike(1000, 20, switches__holding=0)
    for _ in range(3):
        stage.fight().do("dusk", "dawn")
    assert stage["tally"]["captures"] == 0 and stage.place(REG)["holder"] == codes.HELD_BY_NOBODY
