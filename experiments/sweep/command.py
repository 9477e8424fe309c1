"""``stalemate sweep``: many points times many seeds, resumable, on one computer or many."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.numbers import count

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep.store import Sweep

OUTPUTS = "outputs"
CANNOT_TELL = (
    "The model cannot tell what happened or will happen: shares of simulated runs, stylised places, orders of "
    "magnitude."
)
_EXAMPLES = """\
examples:
  stalemate sweep experiment=support_by_interdiction            a shipped experiment
  stalemate sweep 'sweep.grid={contractors.personnel: [0,500,1000]}' sweep.seeds=50
  stalemate sweep sweep.seeds=1000 days=1080                    the scenario as it is, many seeds
  stalemate sweep sweep=lhs_main executor=processes             a shipped design, another executor
  stalemate sweep experiment=… --plan                           say how many runs and how long, run nothing

The same command again goes on where the last one ended. docs/sweeps.md tells the rest; docs/cluster.md about Dask.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate sweep`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("settings", nargs="*", metavar="key=value", help="what to sweep and to change")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to put it (a folder of its own in outputs)")
    parser.add_argument("--outputs", type=Path, default=Path(OUTPUTS), metavar="DIR", help="where sweeps go (outputs)")
    parser.add_argument("--plan", action="store_true", help="check, say how many runs and how long, and run nothing")
    parser.add_argument("--force", action="store_true", help="run everything again, also of another version")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own experiments, scenarios …")


def execute(args: argparse.Namespace) -> int:
    """Run the sweep and say what came out; the exit status: 1 if any run failed."""
    from experiments.sweep.compose import compose_sweep
    from experiments.sweep.drive import estimate, run_sweep
    from experiments.sweep.store import read_sweep
    from sim.processes import cores

    request, executor = compose_sweep(args.settings, args.config_dir)
    if args.plan:
        print(estimate(request, executor.workers or cores()))
        return 0
    folder = run_sweep(request, args.folder, executor, args.outputs, args.force, _note)
    sweep = read_sweep(folder)
    print(told(sweep))
    return 1 if sweep.manifest["failed"] else 0


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def told(sweep: Sweep) -> str:
    """Return what a finished sweep came to: outcomes, failures, and where it is."""
    m = sweep.manifest
    runs = sweep.runs
    lines = [
        f"{m['title']}: {count(m['runs'], 'run')} ({count(m['points'], 'point')} × {count(len(m['seeds']), 'seed')})"
    ]
    lines += [f"  {name.replace('_', ' '):<34} {share}" for name, share in _outcomes(runs)]
    if m["failed"]:
        bad = sweep.table[sweep.table["error"] != ""].iloc[0]
        lines.append(f"  {count(m['failed'], 'run')} failed; the first, row {bad['row']}: {bad['error']}")
    lines.append(f"All of it: {sweep.folder / 'results.parquet'}, a row a run")
    lines.append(f"One run of it again: stalemate run --row {sweep.folder} ROW")
    return "\n".join([*lines, CANNOT_TELL])


def _outcomes(runs: pd.DataFrame) -> list[tuple[str, str]]:
    if not len(runs):
        return []
    counts = runs["outcome"].value_counts()
    return [(str(name), f"{n / len(runs):6.1%}  {n:,}") for name, n in counts.items()]
