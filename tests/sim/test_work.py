"""The work of a day, counted: a regression shows here on a machine too noisy to time it."""

import gc
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from sim_support import mali

from sim.setup import build_world
from sim.trace import trace_dtype
from sim.warm import warm_up
from sim.world import EVENT_DTYPE, SIZES, STANDARD, size_of, world_dtype

DAYS = 540


@pytest.fixture(scope="module")
def run():
    """A Mali run, and what it took from the heap."""
    warm_up()
    from numba.core.runtime import _nrt_python, rtsys

    from sim.day import run_days

    world = build_world(mali(), 3)
    trace, log = np.zeros(DAYS, trace_dtype()), np.zeros(DAYS * STANDARD.events, EVENT_DTYPE)
    stop = np.zeros(1, np.uint8)
    run_days(world, 1, trace, log, 0, stop)
    gc.collect()
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats()
    tracemalloc.start()
    run_days(world, DAYS - 1, trace, log, 0, stop)
    python_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    after = rtsys.get_allocation_stats()
    _nrt_python.memsys_disable_stats()
    return world, after.alloc - before.alloc, python_bytes


def per_agent_day(world, name):
    return world["tally"][name][0] / world["tally"]["activations"][0]


def test_nothing_is_allocated_inside_the_day_loop(run):
    _, blocks, python_bytes = run
    assert blocks <= 4, "numba's runtime: the wrappers of the four arrays handed over, however many days"
    assert python_bytes < 4096


def test_path_searches_are_rare(run):
    """A search a day and hub would be 9 x 540; trees are rebuilt only when risk has moved, columns march rarely."""
    world, _, _ = run
    assert 0 < per_agent_day(world, "paths") < 0.03
    assert world["tally"]["tree_builds"][0] < DAYS / 2


def test_neighbour_visits_stay_with_the_roads(run):
    """Each choosing cell looks at its two or three neighbours, each search at every road a few times."""
    world, _, _ = run
    assert 0.2 < per_agent_day(world, "neighbours") < 4.0
    assert 0.01 < per_agent_day(world, "choices") < 0.4


def test_the_mean_number_of_live_units(run):
    """The number that the time per agent-day is divided by."""
    world, _, _ = run
    assert 120 < world["tally"]["activations"][0] / DAYS < 600


def test_a_cell_fills_one_cache_line():
    assert world_dtype()["cells"].subdtype[0].itemsize == 64


@pytest.mark.parametrize("size", SIZES[1:])
def test_memory_of_the_size_classes(size):
    """Linear in the class."""
    times = size.places / STANDARD.places
    assert world_dtype(size).itemsize <= 1.05 * times * world_dtype().itemsize


def test_the_smallest_class_that_fits_is_taken():
    assert size_of(build_world(mali(), 1)) is STANDARD


def test_importing_sim_loads_nothing_heavy():
    code = "import sim, sys; print([m for m in ('mesa', 'scipy', 'pandas', 'matplotlib', 'hydra') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


DRAWS = """
import numpy as np, sys
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
import sim.draws
from sim.jit import rule

count = np.zeros(1, np.int64)
ADDRESS = count.ctypes.data

@intrinsic
def bump(context, address):
    def build(cg, builder, signature, args):
        at = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        builder.store(builder.add(builder.load(at), ir.Constant(ir.IntType(64), 1)), at)
        return cg.get_dummy_value()
    return types.void(types.int64), build

plain = sim.draws.uniform

def uniform(key, purpose, who, k):
    bump(ADDRESS)
    return plain(key, purpose, who, k)

from numba import njit
sim.draws.uniform = njit(nogil=True, error_model="numpy")(uniform)
sys.path.insert(0, sys.argv[1])
from sim_support import mali
from sim.day import run_days
from sim.setup import build_world
from sim.trace import trace_dtype
from sim.world import EVENT_DTYPE
world = build_world(mali(), 3)
run_days(world, 60, np.zeros(60, trace_dtype()), np.zeros(60000, EVENT_DTYPE), 0, np.zeros(1, np.uint8))
print(count[0] / world["tally"]["activations"][0])
"""


@pytest.mark.full
def test_draws_per_agent_day(tmp_path):
    """Compiled anew with a counting `uniform`, in a process and a cache folder of its own."""
    import os
    from pathlib import Path

    here = Path(__file__).parent
    environment = {**os.environ, "STALEMATE_CACHE": str(tmp_path), "PYTHONPATH": str(here.parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", DRAWS, str(here)], env=environment, capture_output=True, text=True, check=True
    )
    assert 0.8 < float(done.stdout) < 3.0
