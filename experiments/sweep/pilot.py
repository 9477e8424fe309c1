"""A few measured runs before a sweep: how long a run takes, and which columns it gives."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from experiments.sweep.columns import Columns, measure_types
from experiments.sweep.plan import Plan, Task
from experiments.sweep.request import SweepRequest
from experiments.sweep.work import run_piece

_MOST_RUNS, _MOST_SECONDS = 5, 2.0


@dataclass(frozen=True)
class Pilot:
    """What a few runs told.

    Attributes:
        seconds: a run took, building its world included, on average.
        runs: how many were measured.
        measures: the columns that a run gives; empty if every one failed.
        first_error: of the first run that failed.
    """

    seconds: float
    runs: int
    measures: Columns
    first_error: str = ""


def measure(request: SweepRequest) -> Pilot:
    """Run up to five runs, spread over the sweep, for at most two seconds."""
    plan = Plan(request, 1, ())
    rows = np.unique(np.linspace(0, request.runs - 1, min(_MOST_RUNS, request.runs)).astype(int))
    next(iter(_run(task) for task in plan.tasks([int(rows[0])])))  # loads compiled code; not measured
    times: list[float] = []
    measures: Columns = ()
    error = ""
    for task in plan.tasks(map(int, rows)):
        began = time.perf_counter()
        row = _run(task)
        times.append(time.perf_counter() - began)
        if row["error"]:
            error = error or f"row {row['row']}: {row['error']}"
        else:
            measures = measures or measure_types(row, request.keys)
        if sum(times) > _MOST_SECONDS:
            break
    return Pilot(float(np.mean(times)), len(times), measures, error)


def _run(task: Task) -> dict[str, object]:
    (piece,) = task.pieces
    stop = np.zeros(1, np.uint8)
    ((row, _),) = run_piece(piece, task.bases[piece.base], task.heads[piece.base], stop)
    return row


def in_words(seconds: float) -> str:
    """Return a length of time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} days"
