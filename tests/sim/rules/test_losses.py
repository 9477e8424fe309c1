"""Losses shared over those who stand together: exact, in proportion, and without regard to anybody's row."""

import numpy as np
import pytest
import rule_entries as rules
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import CAP, REG, Stage

from sim import codes

FIGHT = np.uint64(7)


def lost(stage, table, field, before):
    return before - stage[table][field][: len(before)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=8), st.integers(0, 3500), st.integers(0, 2**32))
def test_every_share_is_its_part_or_one_more_or_less_and_they_add_up(men, n, key):
    stage = Stage()
    for m in men:
        stage.unit(CAP, m)
        stage.detachment(CAP, m)
        stage.cell(CAP, m, codes.ASSAULT)
    stage.world["run"]["key"] = key
    rules.muster(stage.world)
    before, total = np.array(men), sum(men)
    assert rules.hit_units(stage.world, CAP, -1, n, FIGHT) == min(n, total)
    assert rules.hit_detachments(stage.world, CAP, n, FIGHT) == min(n, total)
    rules.hit_cells(stage.world, CAP, codes.ASSAULT, n, FIGHT)
    for table, field in (("units", "men"), ("detachments", "men"), ("cells", "fighters")):
        fell = lost(stage, table, field, before)
        assert fell.sum() == min(n, total) and (stage[table][field][: len(men)] >= 0).all()
        assert (fell >= min(n, total) * before // total).all()
    assert stage.balanced()


@pytest.mark.parametrize("table", ["units", "detachments", "cells"])
def test_one_loss_falls_by_numbers_and_not_on_the_first_row(table):
    stage = Stage()
    for men in (600, 300, 100):
        {"units": stage.unit, "detachments": stage.detachment, "cells": stage.cell}[table](CAP, men)
    rules.muster(stage.world)
    field = "fighters" if table == "cells" else "men"
    hits = np.zeros(3)
    for k in range(1500):
        twin = stage.luck(k)
        if table == "cells":
            rules.hit_cells(twin.world, CAP, -1, 1, FIGHT)
        elif table == "units":
            rules.hit_units(twin.world, CAP, -1, 1, FIGHT)
        else:
            rules.hit_detachments(twin.world, CAP, 1, FIGHT)
        hits += np.array([600, 300, 100]) - twin[table][field][:3]
    assert hits / 1500 == pytest.approx([0.6, 0.3, 0.1], abs=0.05)


def test_only_those_who_stand_there_are_hit():
    stage = Stage()
    stage.unit(CAP, 100)
    stage.unit(CAP, 50, codes.ESCORT, task=codes.RIDE)
    stage.unit(CAP, 60, codes.COLUMN, legs=2)
    stage.unit(REG, 70)
    stage.unit(CAP, 80, codes.COLUMN)
    rules.muster(stage.world)
    assert rules.hit_units(stage.world, CAP, codes.COLUMN, 500, FIGHT) == 80
    assert rules.hit_units(stage.world, CAP, -1, 500, FIGHT) == 100
    assert stage["units"]["men"][:5].tolist() == [0, 50, 60, 70, 0]


def test_two_fights_of_a_day_do_not_hit_the_same():
    """The odd loss of one fight says nothing about that of another at the same place on the same day."""
    stage = Stage()
    for _ in range(2):
        stage.unit(CAP, 100)
    rules.muster(stage.world)
    same = 0
    for k in range(600):
        first, second = stage.luck(k), stage.luck(k)
        rules.hit_units(first.world, CAP, -1, 1, np.uint64(7))
        rules.hit_units(second.world, CAP, -1, 1, np.uint64(8))
        same += int(first["units"]["men"][0] == second["units"]["men"][0])
    assert 250 < same < 350
