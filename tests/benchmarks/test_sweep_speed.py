"""How much a sweep costs beside its runs, as ratios and against fixed budgets: `make bench`.

Processor time is compared, not wall time, so that another program on the same computer does not change the answer.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import experiments
from experiments.sweep import ExecutorSpec, make_request, run_sweep
from experiments.sweep.folder import begin
from experiments.sweep.parts import PARTS, save, scan
from experiments.sweep.plan import Done, Plan
from sim.ensemble import Bench, run_seeds
from sim.warm import warm_up

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(1, 61)


def processor_seconds(work):
    began = time.process_time()
    work()
    return time.process_time() - began


@pytest.mark.parametrize(("executor", "threads"), [("serial", 1), ("threads", 2)])
def test_a_sweep_costs_at_most_five_percent_more_than_its_runs(executor, threads, benchmark, tmp_path):
    """Runs alone get as many threads: two that share a processor's caches cost up to a tenth more, sweep or none."""
    warm_up()
    mali = experiments.load_scenario("mali_2025")
    benches, stop = [Bench(mali.days) for _ in range(threads)], np.zeros(1, np.uint8)
    point = pd.DataFrame({"contractors.personnel": [1000.0]})
    alone, whole = [], []

    def sweep(seeds, name):
        run_sweep(make_request(mali, point, tuple(seeds)), tmp_path / name, ExecutorSpec(executor, 2))

    def runs(k):
        return list(run_seeds(mali, SEEDS[k::threads], mali.days, benches[k], stop))

    def both():
        k = len(alone)
        with ThreadPoolExecutor(threads) as pool:
            alone.append(processor_seconds(lambda: list(pool.map(runs, range(threads)))))
        few = processor_seconds(lambda: sweep(SEEDS[:8], f"few{k}"))  # pilot, manifest, joining: once a sweep
        whole.append(processor_seconds(lambda: sweep(range(1, 69), f"all{k}")) - few)

    benchmark.pedantic(both, rounds=3, warmup_rounds=1)
    ratio = min(whole[1:]) / min(alone[1:])
    benchmark.extra_info |= {"sweep/runs": round(ratio, 4)}
    print(f"\n{executor}: 60 runs more in a sweep against 60 runs alone: {ratio:.3f}")
    assert ratio <= 1.05


def synthetic_parts(folder, runs, chunk_runs):
    """Make the folder of a sweep whose chunks are all there, with rows like those of real runs."""
    from experiments.sweep.columns import rows_to_parquet, table_columns
    from experiments.sweep.pilot import measure
    from experiments.sweep.work import run_piece

    mali = experiments.load_scenario("mali_2025", ["days=60"])
    request = make_request(mali, pd.DataFrame({"contractors.personnel": [1000.0]}), runs)
    columns = table_columns(request, measure(request.replaced(seeds=(1,))).measures)
    plan = Plan(request, chunk_runs, columns)
    (task,) = plan.tasks([0])
    piece = task.pieces[0]
    stop = np.zeros(1, np.uint8)
    few = [row for row, _ in run_piece(piece, task.bases[0], task.heads[0], stop)][:50]
    begin(folder, plan)
    for chunk in range(plan.chunks):
        rows = [few[k % len(few)] | {"row": chunk * chunk_runs + k} for k in range(plan.runs_of(chunk))]
        table = rows_to_parquet(rows, columns)
        save(folder / PARTS, request.sweep_hash, Done(chunk, table, None, len(rows), 0, "", 1.0))
    return plan


def test_a_resume_scans_a_thousand_parts_in_a_second(benchmark, tmp_path):
    plan = synthetic_parts(tmp_path / "s", 50_000, 50)
    found, removed = benchmark.pedantic(lambda: scan(tmp_path / "s" / PARTS, plan), rounds=5)
    assert len(found) == 1000 and removed == 0
    best = benchmark.stats.stats.min
    print(f"\nscan of 1,000 parts of 50 rows: {best:.3f} s")
    assert best <= 1.0


JOIN = """
import resource, sys
from pathlib import Path
import pyarrow.parquet as pq
from experiments.sweep.compact import compact
folder = Path(sys.argv[1])
parts = sorted((folder / "parts").glob("*.parquet"))
columns = tuple((f.name, {"double": "float64"}.get(str(f.type), str(f.type))) for f in pq.read_schema(parts[0]))
rows = compact((p for _ in range(int(sys.argv[2])) for p in parts), columns, folder / "joined.parquet")
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_joining_a_million_rows_takes_less_than_a_gigabyte(benchmark, tmp_path):
    synthetic_parts(tmp_path / "s", 10_000, 500)

    def join(times):
        out = subprocess.run(
            [sys.executable, "-c", JOIN, str(tmp_path / "s"), str(times)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return tuple(map(int, out.stdout.split()))

    tenth = join(10)
    whole = benchmark.pedantic(lambda: join(100), rounds=1)
    benchmark.extra_info |= {"peak_mb": whole[1] // 1024, "peak_mb_of_a_tenth": tenth[1] // 1024}
    print(f"\n10^5 rows: {tenth[1] / 1024:.0f} MB at most; 10^6 rows: {whole[1] / 1024:.0f} MB")
    assert (tenth[0], whole[0]) == (100_000, 1_000_000)
    assert whole[1] < 1024 * 1024 and whole[1] < 1.5 * tenth[1]
