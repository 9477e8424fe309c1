"""Detachments: readiness, reaction, patience, replacement."""

import math

import numpy as np
import pytest
import rule_entries as rules
from stage import BAS, CAP, REG, TWN, Stage, phase

from sim import codes


def act(stage, slot=0):
    rules.note_trouble(stage.world)
    phase.activate(stage.world, codes.A_DETACHMENT, slot)
    return stage["detachments"][slot]


@pytest.mark.parametrize(
    ("served", "paid", "switch", "goal"),
    [(1.0, 1.0, 1, 1.0), (0.2, 1.0, 1, 0.2), (0.2, 1.0, 0, 1.0), (1.0, 0.0, 1, 0.5), (0.5, 0.5, 1, 0.375)],
)
def test_readiness_follows_fuel_and_pay(served, paid, switch, goal):
    stage = Stage(contractors__ready_days=7, contractors__pay_weight=0.5, switches__contractor_fuel=switch)
    d = stage.detachment(REG, 100, readiness=0.6)
    stage.place(REG)["military_served"] = served
    stage["nation"]["contractors_paid"] = paid
    act(stage)
    assert d["readiness"] == pytest.approx(0.6 + (goal - 0.6) / 7)
    for _ in range(100):
        act(stage)
    assert d["readiness"] == pytest.approx(goal, abs=1e-3)


def test_arrears_are_counted_by_the_day_and_worked_off():
    stage = Stage()
    d = stage.detachment(REG)
    stage["nation"]["contractors_paid"] = 0.9
    for _ in range(5):
        act(stage)
    assert d["arrears_days"] == 5
    stage["nation"]["contractors_paid"] = 0.96
    for _ in range(9):
        act(stage)
    assert d["arrears_days"] == 0


def weeks(stage, n=1):
    for _ in range(7 * n):
        stage.do("dawn", "upkeep", "dusk")
    return stage


@pytest.mark.parametrize(("arrears", "loss"), [(0.0, 0.0), (90.0, 0.0), (0.0, 0.4), (135.0, 0.0), (90.0, 0.4)])
def test_the_chance_of_leaving_by_arrears_and_losses(arrears, loss):
    given = {"contractors__departure_rate": 0.05, "contractors__patience_days": 90, "contractors__loss_tolerance": 0.4}
    left = 0
    base = Stage(**given)
    for _ in range(20):
        base.detachment(REG, 100, arrears_days=arrears, recent_loss=loss)
    for seed in range(20):
        stage = weeks(base.seeded(seed))
        left += int(stage["people"]["withdrawn"][codes.CONTRACTORS]) // 100
        assert stage.balanced()
    expected = min(1.0, 0.05 * (math.exp(min(6, (arrears / 90) ** 2 + (loss / 0.4) ** 2)) - 1))
    assert left / 400 == pytest.approx(expected, abs=4 * math.sqrt(max(1e-4, expected * (1 - expected)) / 400))


def test_without_the_switch_nobody_leaves():
    stage = Stage(switches__departure=0, contractors__departure_rate=0.2)
    stage.detachment(REG, 100, arrears_days=900, recent_loss=1.0)
    assert weeks(stage, 4)["detachments"]["alive"][0] == 1


def test_losses_are_replaced_while_the_contract_is_paid():
    def gained(paid=1.0, task=codes.IDLE):
        total = 0
        base = Stage(contractors__rotation_rate=0.01)
        base.detachment(REG, 60, start_men=100, task=task)
        base["nation"]["contractors_paid"] = paid
        for seed in range(40):
            stage = weeks(base.seeded(seed))
            total += int(stage["detachments"]["men"][0]) - 60
            assert stage.balanced()
        return total / 40

    assert gained() == pytest.approx(7 * 0.4, rel=0.25)  # a man a day with chance 0.01 · 40
    assert gained(paid=0.9) == 0 == gained(task=codes.RELIEVE)


def awaiting(reach=300.0, column=True, **parameters):
    stage = Stage(contractors__fire_range_km=reach, contractors__reaction_rate=1.0, **parameters)
    stage.detachment(CAP, 100)
    stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS
    if column:
        stage.unit(CAP, 150, codes.COLUMN, task=codes.RELIEVE, target=REG, legs=1)
    return stage


def test_a_detachment_joins_a_retaking_within_reach_that_a_column_marches_to():
    assert act(awaiting())["task"] == codes.RELIEVE
    for stage in (awaiting(100.0), awaiting(column=False), awaiting(switches__relief=0)):
        assert act(stage)["task"] == codes.IDLE
    rate = np.mean([act(s)["task"] == codes.RELIEVE for s in (half_ready(k) for k in range(300))])
    assert rate == pytest.approx(0.5, abs=0.09)


def half_ready(k):
    stage = awaiting().luck(k)
    stage["detachments"]["readiness"][0] = 0.5
    stage.place(CAP)["military_served"] = 0.5
    return stage


def test_it_marches_may_be_waylaid_on_each_road_and_comes_home():
    stage = awaiting(combat__ambush_rate=0.1, state__stay_days=2)
    d = stage["detachments"][0]
    cell = stage.cell(CAP, 2000, codes.INTERDICT, road=3, days_left=9)
    rules.muster(stage.world)
    for _ in range(3):
        act(stage)
    assert stage.kinds() == ["road_attack"] and cell["task"] == codes.REST
    assert stage["deaths"][codes.CONTRACTORS] == 100 - d["men"] == stage.events["deaths"][0, 3] and stage.balanced()
    stage.place(REG)["holder"] = codes.HELD_BY_STATE
    for _ in range(8):
        act(stage)
    assert (d["place"], d["task"], d["target"]) == (CAP, codes.IDLE, -1)


def test_while_its_home_is_lost_it_makes_for_a_refuge_and_does_not_stand_among_those_who_hold_it():
    stage = Stage()
    d = stage.detachment(TWN, 100, home=REG, task=codes.RELIEVE, days_left=1)
    stage.do("flow")
    stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS
    assert (act(stage)["task"], d["target"]) == (codes.RETURN, CAP)
    for _ in range(12):
        act(stage)
    assert (d["place"], d["task"], d["home"]) == (CAP, codes.IDLE, REG)
    # Home is lost while it marches there: it goes on; where there is no refuge it stays.
    for lost, at in (((REG,), CAP), ((REG, CAP), REG)):
        stage = Stage()
        stage.do("flow")
        d = stage.detachment(REG, 100, task=codes.RETURN)
        for p in lost:
            stage.place(p)["holder"] = codes.HELD_BY_INSURGENTS
        for _ in range(12):
            act(stage)
        assert d["place"] == at and (d["task"] == codes.IDLE) == (at == CAP)


def test_who_fled_goes_home_once_that_is_the_states_again():
    stage = Stage()
    d = stage.detachment(CAP, 100, home=REG)
    stage.do("flow")
    stage.place(REG)["holder"] = codes.HELD_BY_NOBODY
    assert act(stage)["task"] == codes.IDLE
    stage.place(REG)["holder"] = codes.HELD_BY_STATE
    assert (act(stage)["task"], d["target"]) == (codes.RETURN, REG)
    for _ in range(8):
        act(stage)
    assert (d["place"], d["task"]) == (REG, codes.IDLE)


def test_riders_are_called_back_when_their_detachment_marches():
    stage = awaiting()
    mine, other = (stage.convoy(CAP, REG, [3], detachment=k) for k in (0, 1))
    act(stage)
    assert (mine["detachment"], other["detachment"]) == (-1, 1)


def test_losses_wear_down_the_will_to_stay():
    stage = Stage(contractors__loss_memory_days=180)
    d = stage.detachment(BAS, 100, recent_loss=0.18)
    assert act(stage)["recent_loss"] == pytest.approx(0.18 * 179 / 180) == d["recent_loss"]
