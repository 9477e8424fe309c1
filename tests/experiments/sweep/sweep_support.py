"""Small sweeps for the tests: five places, 40 days, a few points."""

from pathlib import Path

import pandas as pd

import experiments
from experiments.sweep import ExecutorSpec, make_request, run_sweep

SERIAL = ExecutorSpec("serial")
POINTS = pd.DataFrame({"contractors.personnel": [0, 40, 100], "state.cost": [80, 60, 90]})


def small(points=POINTS, seeds=4, days=40, name="small", **changes):
    """Return a request of 12 short runs in the five-place country."""
    scenario = experiments.load_scenario("minimal", [f"days={days}"])
    return make_request(scenario, points, seeds, name).replaced(**changes)


def run(request, folder: Path, executor=SERIAL, **more):
    """Run a sweep in one thread and return the bytes of its table."""
    run_sweep(request, folder, executor, **more)
    return (folder / "results.parquet").read_bytes()
