"""The record: copies are bytes, the flat view overlaps, the hash sees everything but scratch."""

import numpy as np
import pytest
from sim_support import fresh, mali, minimal, step

from sim.world import Capacity, empty_world, world_dtype, world_hash


def test_a_copy_of_bytes_is_a_copy_of_the_run():
    world = fresh(mali(), 5)
    step(world, 20)
    twin = world.copy()
    raw = np.frombuffer(world.tobytes(), world.dtype).copy()
    step(world, 20)
    for other in (twin, raw):
        step(other, 20)
        assert world_hash(other) == world_hash(world)
    assert not np.shares_memory(twin, world)


@pytest.mark.parametrize("name", ["duel", "cost", "order", "today", "bucket"])
def test_scratch_is_left_out_of_the_hash_and_out_of_the_run(name):
    one, two = fresh(minimal(), 5), fresh(minimal(), 5)
    step(one, 10)
    step(two, 10)
    part = two[name]
    part.view(np.uint8)[:] = 0x55 if part.dtype.names is None else 0x01
    assert world_hash(one) == world_hash(two)
    if name != "today":
        step(one, 10)
        step(two, 10)
        assert world_hash(one) == world_hash(two)


def test_the_hash_sees_every_table():
    world = fresh(minimal(), 5)
    start = world_hash(world)
    for table, field in (
        ("cells", "recent_loss"),
        ("places", "risk"),
        ("convoys", "litres"),
        ("nation", "shock"),
        ("settings", None),
    ):
        twin = world.copy()
        if table == "settings":
            twin["settings"][0, 3] += 1e-12
        elif field in (twin[table].dtype.names or ()):
            twin[table][field] += 1
        else:
            continue
        assert world_hash(twin) != start, table


def test_size_classes_are_types_of_their_own_and_start_empty():
    small = Capacity(places=8, cells=16, units=8, detachments=4, convoys=8)
    world = empty_world(small)
    assert world_dtype(small) != world_dtype() and world.dtype.itemsize < 100_000
    assert world["free_cells"][0].tolist() == list(range(15, -1, -1)) and world["run"]["free_cells"][0] == 16
    assert small.live == 36 and world["run"]["trees_on"][0] == -1
