"""Common random numbers: with one seed, two worlds share their luck thing by thing; with two seeds they share none."""

from dataclasses import replace

import numpy as np
import pytest
from sim_support import by_identity, early, fresh, live, mali, minimal, run, step

from sim import codes
from sim.scenario import Group
from sim.world import world_hash

MALI = mali()


def events_of(plan, seed, days):
    _, _, log = run(plan, seed, days)
    return log


def attacks(log):
    """Road attacks as (day, road, attacker)."""
    rows = log[log["kind"] == codes.ROAD_ATTACK]
    return {(int(e["day"]), int(e["road"]), int(e["actor"])) for e in rows}


def test_the_same_ambush_on_the_same_day_with_and_without_contractors():
    # Contractors change who is shot at, not whose luck it is: at first the two wars are one, and later they still
    # share far more than two seeds do.
    with_them, without = (early(plan, 5, 40) for plan in (MALI, mali(contractors__personnel=0)))
    alike = others = total = 0
    for seed in range(4):
        one, two, other = (
            attacks(events_of(with_them, seed, 40)),
            attacks(events_of(without, seed, 40)),
            attacks(events_of(with_them, seed + 100, 40)),
        )
        alike += len(one & two)
        others += len(one & other)
        total += len(one)
    assert total >= 20 and others == 0 and alike / total > 0.3, (alike, others, total)


def test_what_contractors_cannot_touch_is_the_same_for_days():
    one, two = fresh(early(MALI, 1, 40), 7), fresh(early(mali(contractors__personnel=0), 1, 40), 7)
    step(one)
    step(two)
    cells = [by_identity(w, "cells", "fighters", "place", "task", "road", "days_left") for w in (one, two)]
    same = sum(cells[0].get(who) == row for who, row in cells[1].items())
    assert same / len(cells[0]) > 0.97


def test_paired_differences_are_smaller_than_unpaired_ones():
    seeds = range(8)

    def deaths(plan, seed):
        return int(run(early(plan, 10, 60), seed, 90)[0]["deaths"][0, codes.STATE])

    base = np.array([deaths(MALI, s) for s in seeds])
    changed = np.array([deaths(mali(contractors__harm_per_sortie=1.5), s) for s in seeds])
    assert np.var(changed - base) < 0.7 * np.var(base - np.roll(changed, 1)) or (changed == base).all()


def permuted(world, table, rng):
    """The same things in other slots."""
    top = int(world["run"][f"{table}_top"][0])
    order = rng.permutation(top)
    world[table][0, :top] = world[table][0, order]
    return world


def state(world):
    return {
        "cells": by_identity(world, "cells", "fighters", "place", "task", "road", "days_left", "recent_loss"),
        "units": by_identity(world, "units", "men", "place", "task", "days_left"),
        "convoys": by_identity(world, "convoys", "tankers", "litres", "place"),
    }


@pytest.mark.parametrize("table", ["cells", "units"])
def test_the_order_of_slots_does_not_matter(table):
    # Detachments take retakings in order of slots and places (stated in the ODD), so they stay as they are.
    rng = np.random.default_rng(3)
    for seed in range(3):
        one = fresh(early(minimal(), 2, 60, 2.0), seed)
        two = permuted(fresh(early(minimal(), 2, 60, 2.0), seed), table, rng)
        for day in range(60):
            step(one)
            step(two)
            assert state(one) == state(two), (seed, day)
        assert one["deaths"].tolist() == two["deaths"].tolist() and one["deaths"].sum() > 0


def test_the_order_in_which_a_scenario_lists_its_cells_does_not_matter():
    plan = early(minimal(), 2, 40, 2.0)
    (group,) = plan.forces.groups
    turned = Group(group.name, dict(reversed(list(group.cells.items()))))
    other = replace(plan, forces=replace(plan.forces, groups=(turned,)))
    one, two = fresh(plan, 5), fresh(other, 5)
    assert not np.array_equal(one["cells"]["id"], two["cells"]["id"])
    step(one, 60)
    step(two, 60)
    assert state(one) == state(two)


def test_seeds_share_nothing_and_a_seed_repeats_itself():
    hashes = {world_hash(run(minimal(), seed, 40)[0]) for seed in range(12)}
    assert len(hashes) == 12
    assert world_hash(run(minimal(), 3, 40)[0]) == world_hash(run(minimal(), 3, 40)[0])
    first = [by_identity(run(early(MALI, 1, 20), seed, 8)[0], "cells", "task", "place") for seed in (1, 2)]
    both = set(first[0]) & set(first[1])
    assert np.mean([first[0][who] != first[1][who] for who in both]) > 0.2


def test_an_extra_cell_leaves_the_others_their_luck():
    plan = early(minimal(), 30, 10)
    (group,) = plan.forces.groups
    more = replace(plan, forces=replace(plan.forces, groups=(Group(group.name, {**group.cells, "BAS": 6}),)))
    one, two = fresh(plan, 9), fresh(more, 9)
    assert len(live(two, "cells")) == len(live(one, "cells")) + 1
    step(one, 3)
    step(two, 3)
    before = by_identity(one, "cells", "task", "place", "days_left")
    after = by_identity(two, "cells", "task", "place", "days_left")
    assert sum(after.get(who) == row for who, row in before.items()) >= 0.85 * len(before)
