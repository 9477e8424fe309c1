"""Times of the model, reported by pytest-benchmark and never asserted: `make bench` (skipped in ordinary test runs)."""

import pytest

from experiments import bench, load_scenario


@pytest.fixture(scope="module")
def mali():
    return load_scenario("mali_2025")


def test_compiled_run(benchmark, mali):
    bench.compiled(mali, 0)
    benchmark.extra_info["what"] = "one Mali run of 540 days, world built each time"
    benchmark(bench.compiled, mali, 1)


def test_floor(benchmark, mali):
    bench.floor(mali, 0, 2)
    benchmark(bench.floor, mali, 1)


def test_measures(benchmark, mali):
    from sim.measures import measures
    from sim.run import run_compiled

    world, trace, log = run_compiled(mali, 1, 540)
    benchmark(measures, mali, world, trace, log)


def test_build_world(benchmark, mali):
    from sim.setup import build_world

    benchmark(build_world, mali, 1)


def test_mesa_day(benchmark, mali):
    from experiments.bench_others import mesa_driver

    mesa_driver(mali, 0, 2)
    benchmark.pedantic(mesa_driver, args=(mali, 1, 30), rounds=3)
