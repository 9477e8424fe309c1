"""Recruits and quitters."""

import math

import numpy as np
import pytest
from stage import REG, SRC, Stage

from sim import codes


def recruits(support=0.5, reputation=0.0, left=1.0, n=400, place=REG, fighters=100, **parameters):
    stage = Stage(insurgents__recruit_rate=10, insurgents__recruit_power=2, insurgents__quit_rate=0, **parameters)
    if fighters:
        stage.cell(place, fighters)
    stage.do("flow")
    p = stage.place(place)
    p["support_insurgents"] = support
    p["recruits_left"] *= left
    stage["nation"]["reputation"] = reputation
    runs = [stage.luck(k).do("upkeep") for k in range(n)]
    assert all(r.balanced() for r in runs[:20])
    return float(np.mean([int(r["people"]["recruited"][codes.INSURGENTS]) for r in runs]))


def test_recruits_are_convex_in_support_and_grow_with_reputation():
    crowd = 120 / 140
    assert recruits(0.5) == pytest.approx(10 * crowd * 0.25, rel=0.12)
    assert recruits(1.0) == pytest.approx(10 * crowd, rel=0.08)
    assert recruits(0.5, reputation=1.0, insurgents__recruit_reputation=1) == pytest.approx(10 * crowd * 0.5, rel=0.1)
    assert recruits(0.5, reputation=1.0, switches__reputation=0) == pytest.approx(10 * crowd * 0.25, rel=0.12)


def test_the_pool_is_finite():
    assert recruits(1.0, left=0.5) == pytest.approx(0.5 * 10 * 120 / 140, rel=0.1)
    assert recruits(1.0, left=0.0) == 0
    stage = Stage(insurgents__recruit_rate=20, insurgents__recruit_pool=0.0001)
    stage.cell(REG, 100)
    stage.do("flow")
    stage.place(REG)["support_insurgents"] = 1.0
    for _ in range(200):
        stage.do("dawn", "upkeep", "dusk")
    assert stage["people"]["recruited"][codes.INSURGENTS] <= 12 and stage.place(REG)["recruits_left"] >= 0


def test_nobody_recruits_where_nobody_is_or_with_the_switch_off():
    assert recruits(1.0, fighters=0) == 0 == recruits(1.0, switches__recruitment=0) == recruits(1.0, place=SRC)


def test_recruits_join_the_smallest_cell():
    stage = Stage(insurgents__recruit_rate=20)
    stage.cell(REG, 60)
    stage.cell(REG, 20)
    stage.do("flow")
    stage.place(REG)["support_insurgents"] = 1.0
    stage.do("upkeep")
    assert stage["cells"]["fighters"][0] == 60 and stage["cells"]["fighters"][1] > 20


def test_quitters_by_losses_support_and_reputation():
    def gone(loss=0.0, support=0.25, reputation=0.0):
        quitting = {"insurgents__quit_rate": 0.01, "insurgents__quit_after_loss": 5, "insurgents__quit_support": 4}
        stage = Stage(switches__recruitment=0, **quitting)
        stage.cell(REG, 100_000, recent_loss=loss)
        stage.place(REG)["support_insurgents"], stage["nation"]["reputation"] = support, reputation
        for _ in range(7):  # each cell has its weekday
            stage.do("dawn", "upkeep", "dusk")
        assert stage.balanced()
        return int(stage["people"]["deserted"][codes.INSURGENTS])

    assert gone() == pytest.approx(7000, rel=0.05)
    assert gone(loss=0.2) == pytest.approx(14000, rel=0.05)
    assert gone(support=0.5) == pytest.approx(7000 * math.exp(-1), rel=0.07)
    assert gone(reputation=0.5) == pytest.approx(7000 * 0.75, rel=0.05)


def test_a_cell_that_all_have_quit_is_gone():
    stage = Stage(insurgents__quit_rate=0.02, insurgents__quit_after_loss=30, switches__recruitment=0)
    stage.cell(REG, 3, recent_loss=1.0)
    for _ in range(60):
        stage.do("dawn", "upkeep", "dusk")
    assert stage["cells"]["alive"][0] == 0 and stage["run"]["free_cells"] == 512
