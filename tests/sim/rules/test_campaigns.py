"""Campaigns: when they are called, what they do, and what cells know of the country."""

import math

import pytest
import rule_entries as rules
from stage import BAS, CAP, REG, TWN, Stage, phase

from sim import codes


def called(n=3000, day=200, **nation):
    stage = Stage(insurgents__campaign_rate=0.05, insurgents__campaign_rest_days=90)
    stage["run"]["day"] = day
    stage.cell(CAP, 300)
    stage.cell(REG, 100, recent_loss=0.5)
    for name, value in nation.items():
        stage["nation"][name] = value
    hits = 0
    for k in range(n):
        twin = stage.luck(k)
        phase.order(twin.world)
        hits += twin["campaign"]["until"] > day
    return hits / n


def test_campaigns_are_called_by_reputation_weakness_and_rest():
    rested = 300 / 401
    assert called(legitimacy=0.5) == pytest.approx(0.05 * rested, abs=0.015)
    assert called(legitimacy=0.1, reputation=1.0) == pytest.approx(0.05 * 2 * 1.4 * rested, abs=0.02)
    assert called(600, day=80) == 0  # still resting


def test_a_campaign_ends_and_the_next_waits():
    stage = Stage(insurgents__campaign_rate=0.1, insurgents__campaign_days=10, insurgents__campaign_rest_days=30)
    stage["nation"]["legitimacy"] = 0.0
    stage.cell(CAP, 1000, days_left=10_000)
    begun, ended = [], []
    for _ in range(400):
        stage.do("dawn", "order")
        day = int(stage["run"]["day"])
        begun += [day] * stage.kinds().count("campaign_begins")
        ended += [day] * stage.kinds().count("campaign_ends")
    assert len(begun) >= 5 and begun[0] >= 30
    for first, last, following in zip(begun, ended, begun[1:], strict=False):
        assert 5 <= last - first <= 15 and following - last >= 30


def test_coordinated_days_come_in_a_campaign_alone():
    stage = Stage(insurgents__coordination_rate=0.3)
    stage["campaign"]["until"] = 50
    hits = sum(int(s.do("order")["campaign"]["coordinated"] == 0) for s in (stage.luck(k) for k in range(600)))
    assert hits / 600 == pytest.approx(0.3, abs=0.08)
    quiet = Stage(insurgents__coordination_rate=1)
    assert quiet.do("order")["campaign"]["coordinated"] == -1
    stage.set("switches.campaigns", 0)
    assert all(stage.luck(k).do("order")["campaign"]["coordinated"] == -1 for k in range(30))


def test_threat_is_what_could_come_from_next_door_and_what_marches():
    stage = Stage(insurgents__sally_share=0.3)
    stage.unit(CAP, 500)
    stage.unit(BAS, 100)
    stage.unit(TWN, 1000)
    stage.unit(CAP, 150, codes.COLUMN, task=codes.RELIEVE, target=REG, leg=0, legs=1)
    rules.muster(stage.world)
    rules.look_around(stage.world)
    assert stage.place(REG)["threat"] == pytest.approx(0.3 * 600 + 150)


def test_pull_of_corridors_and_openness_spread_over_roads():
    stage = Stage(insurgents__pull_decay=0.5, insurgents__opening_men=400, insurgents__opening_decay=0.6)
    stage.unit(CAP, 400)
    stage.unit(REG, 1200)
    stage.unit(BAS, 10**6)
    stage.unit(TWN, 10**6)
    stage["roads"]["flow"][:5] = 0
    stage["roads"]["flow"][2] = 20.0  # from the town to the capital
    rules.muster(stage.world)
    stage["run"]["day"] = 7
    rules.look_around(stage.world)
    pull = [stage.place(p)["pull"] for p in (TWN, CAP, REG, BAS)]
    top = math.log(21)
    assert pull == pytest.approx([top, top, top - 0.5, top - 1.0])
    opening = [stage.place(p)["opening"] for p in (CAP, REG, BAS)]
    assert opening == pytest.approx([10 / 2, 10 / 2 * 0.6, 10 / 2 * 0.36])
    stage["places"]["holder"][CAP] = codes.HELD_BY_INSURGENTS
    rules.look_around(stage.world)
    assert stage.place(REG)["opening"] == pytest.approx(3 / (1 + 1200 / 400), rel=1e-6)
