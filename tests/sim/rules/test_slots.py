"""Births and burials, the muster and the order of activation."""

import numpy as np
import pytest
import rule_entries as rules
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_support import fresh, live, mali, minimal, step
from stage import CAP, REG, Stage, phase

from sim import codes
from sim.world import STANDARD


def test_the_order_holds_everyone_once_and_changes_daily():
    world = fresh(mali())
    seen = []
    for _ in range(3):
        phase.dawn(world)
        phase.flow(world)
        phase.order(world)
        n = int(world["run"]["live"][0])
        order = world["order"][0, :n]
        assert (
            len(set(order.tolist()))
            == n
            == sum(len(live(world, t)) for t in ("cells", "units", "detachments", "convoys"))
        )
        keys = world["order_key"][0, :n]
        assert (keys[1:] >= keys[:-1]).all()
        seen.append(order.tolist())
    assert seen[0] != seen[1] != seen[2]


def test_the_order_goes_by_identity_not_by_slot():
    one, two = Stage(), Stage()
    for k in range(60):
        one.cell(CAP, 25 + k)
    for k in reversed(range(60)):
        two.cell(CAP, 25 + k)
    two["cells"]["id"][:60] = one["cells"]["id"][:60][::-1]
    by_order = []
    for stage in (one, two):
        stage.do("order")
        slots = stage["order"][:60] % 65536
        by_order.append(stage["cells"]["fighters"][slots].tolist())
    assert by_order[0] == by_order[1]


def test_places_in_the_order_are_even():
    stage = Stage()
    for _ in range(20):
        stage.cell(CAP)
    firsts = np.zeros(20)
    for k in range(2000):
        twin = stage.luck(k).do("order")
        firsts[int(twin["order"][0]) % 65536] += 1
    assert firsts.min() > 60 and firsts.max() < 145  # 100 ± 4.5 standard deviations


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_muster_counts_all_and_lists_each_once(seed, days):
    world = fresh(minimal(), seed)
    step(world, days)
    rules.muster(world)
    places, roads = world["places"][0], world["roads"][0]
    cells = live(world, "cells")
    on_road = cells["task"] == codes.INTERDICT
    assert places["fighters"].sum() == cells["fighters"][~on_road].sum()
    listed = []
    for head, rows in ((places["cell_head"][:5], world["cells"][0]), (roads["cell_head"][:5], world["cells"][0])):
        for slot in head:
            while slot >= 0:
                listed.append(int(slot))
                slot = rows["next"][slot]
    assert sorted(listed) == np.flatnonzero(world["cells"][0]["alive"] > 0).tolist()
    units = live(world, "units")
    here = (units["leg"] >= units["legs"]) & ((units["kind"] != codes.ESCORT) | (units["task"] == codes.IDLE))
    assert places["men"].sum() == units["men"][here].sum()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 120))
def test_slots_are_live_or_free_and_never_both(seed, days):
    world = fresh(minimal(insurgents__regroup_rate=1), seed)
    step(world, days)
    for table, size in (("cells", STANDARD.cells), ("units", STANDARD.units), ("convoys", STANDARD.convoys)):
        rows = world[table][0]
        assert set(rows["alive"].tolist()) <= {0, 1}  # nobody is left half buried
        free = world[f"free_{table}"][0, : int(world["run"][f"free_{table}"][0])].tolist()
        alive = np.flatnonzero(rows["alive"] > 0).tolist()
        assert sorted(free + alive) == list(range(size))
        assert len(set(live(world, table)["id"].tolist())) == len(alive)


def test_the_day_begins_with_empty_counts():
    stage = Stage()
    stage.place(REG)["harm_state"], stage["run"]["events_today"] = 5, 3
    stage.do("dawn")
    assert stage.place(REG)["harm_state"] == stage["run"]["events_today"] == 0


@pytest.mark.parametrize("table", ["convoys", "units"])
def test_a_convoy_lets_go_of_a_guard_that_died(table):
    stage = Stage()
    stage.unit(CAP, 40, codes.ESCORT, task=codes.RIDE)
    stage.detachment(REG, 50)
    v = stage.convoy(CAP, REG, [3], escort=0, detachment=0)
    stage["units"]["men"][0] = stage["detachments"]["men"][0] = 0
    stage["units"]["alive"][0] = stage["detachments"]["alive"][0] = -1
    stage["people"]["initial"][codes.STATE] = stage["people"]["initial"][codes.CONTRACTORS] = 0
    stage.do("dusk")
    assert (v["escort"], v["detachment"]) == (-1, -1) and stage["units"]["alive"][0] == 0


def test_a_table_that_is_full_of_convoys_ends_the_run():
    stage = Stage(switches__escorts=0)
    stage["places"]["stock_l"][CAP] = 0
    stage["run"]["free_convoys"] = 0
    stage.do("flow")
    assert stage["run"]["status"] == codes.NO_FREE_SLOT
