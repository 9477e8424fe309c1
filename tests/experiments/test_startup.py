"""A run starts without what it does not need."""

import json
import os
import subprocess
import sys

import pytest

CODE = """
import json, sys
from experiments.cli import main
status = main(["run", "scenario=minimal", "days=5", "seed=%d", "--outputs", sys.argv[1]])
print(json.dumps([status, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
LINEAR_ALGEBRA = """
import numpy as np
from experiments.startup import skip_linear_algebra
skip_linear_algebra()
from numba import njit
a = np.arange(4.0).reshape(2, 2)
assert (njit(lambda x: np.dot(x, x))(a) == a @ a).all()
import numba.np.arraymath, numba.np.linalg
assert numba.np.linalg.ensure_blas is numba.np.arraymath.ensure_blas
numba.np.linalg.ensure_blas()
"""


@pytest.mark.slow
def test_the_second_run_of_a_scenario_imports_neither_hydra_nor_plotting_nor_scipys_algebra(tmp_path):
    for seed in (1, 2):
        command = [sys.executable, "-c", CODE % seed, str(tmp_path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
        status, modules = json.loads(told)
        assert status == 0
    assert not {"hydra", "omegaconf", "matplotlib", "pandas", "tqdm", "mesa"} & set(modules)


LOADED = """
import sys
from experiments.startup import load_without_compiler
load_without_compiler()
from numba import njit

@njit(cache=True)
def doubled(values):
    return values * 2

import numpy as np
from sim.run import simulate
from experiments.compose import load_scenario
print(simulate(load_scenario("minimal", ["days=5"]), seed=3).summary["world_hash"], "numba.np.arraymath" in sys.modules)
assert (doubled(np.arange(3)) == [0, 2, 4]).all()  # what no file holds is compiled all the same
"""


@pytest.mark.slow
def test_a_warm_start_loads_the_same_code_without_the_compiler(tmp_path):
    from experiments.compose import load_scenario
    from sim.run import simulate

    world = simulate(load_scenario("minimal", ["days=5"]), seed=3).summary["world_hash"]
    script = tmp_path / "loaded.py"
    script.write_text(LOADED)
    path = os.pathsep.join(sys.path)
    command = [sys.executable, str(script)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path})
    assert told.stdout.split() == [world, "False"]


@pytest.mark.slow
def test_compiled_code_can_still_do_linear_algebra():
    subprocess.run([sys.executable, "-c", LINEAR_ALGEBRA], check=True)
