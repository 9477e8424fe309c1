"""What a worker does with a chunk: run it and return its rows as Parquet. An error in a run is a value in its row."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.sweep.columns import days_to_parquet, rows_to_parquet
from experiments.sweep.plan import Done, Piece, Task
from experiments.sweep.request import Base

if TYPE_CHECKING:
    from sim.scenario import Scenario

Row = dict[str, Any]
_local = threading.local()  # each thread keeps its bench from chunk to chunk
_warming = threading.Lock()


def run_chunk(task: Task, stop: Any = None) -> Done:
    """Run a chunk.

    Args:
        task: what to run.
        stop: an array of one byte; when it is set, running ends within a day and what is returned is incomplete.

    Raises:
        WorkerVersionError: this worker has other sources than the sweep.
    """
    _check_version(task)
    _warm()
    began = time.perf_counter()
    rows: list[Row] = []
    traces: list[tuple[int, Any]] = []
    flag = np.zeros(1, np.uint8) if stop is None else stop
    for piece in task.pieces:
        for row, trace in run_piece(piece, task.bases[piece.base], task.heads[piece.base], flag):
            rows.append(row)
            if task.daily and trace is not None:
                traces.append((row["row"], trace.copy()))
    errors = [row["error"] for row in rows if row["error"]]
    return Done(
        chunk=task.chunk,
        table=rows_to_parquet(rows, task.columns),
        daily=days_to_parquet(traces) if task.daily else None,
        runs=len(rows),
        failed=len(errors),
        first_error=errors[0] if errors else "",
        seconds=time.perf_counter() - began,
    )


def dead_chunk(task: Task, reason: str) -> Done:
    """Return a chunk that no worker survived: every row has the reason as its error."""
    rows = []
    for piece in task.pieces:
        base = task.bases[piece.base]
        ids = _run_ids(piece, base.scenario.with_settings(piece.settings), task.heads[piece.base])
        rows += [_head(piece, k, ids[k]) | {"seed": seed, "error": reason} for k, seed in enumerate(piece.seeds)]
    daily = days_to_parquet([]) if task.daily else None
    return Done(task.chunk, rows_to_parquet(rows, task.columns), daily, len(rows), len(rows), reason, 0.0)


def run_piece(piece: Piece, base: Base, head: Mapping[str, Any], stop: Any) -> Iterator[tuple[Row, Any]]:
    """Run some seeds of a point; gives each row with its daily trace, None if the run failed."""
    scenario = base.scenario.with_settings(piece.settings)
    ids = _run_ids(piece, scenario, head)
    run = _compiled if base.driver == "compiled" else functools.partial(_mesa, base)
    for k, (row, trace) in enumerate(run(scenario, piece.seeds, stop)):
        yield {**_head(piece, k, ids[k]), **row}, trace


def _head(piece: Piece, k: int, run_id: str) -> Row:
    return {"row": piece.first_row + k, "run_id": run_id, "point": piece.point, **piece.cells}


def _run_ids(piece: Piece, scenario: Scenario, head: Mapping[str, Any]) -> list[str]:
    from experiments.identity import run_ids

    return run_ids(scenario, piece.seeds, head["agents"], digest=head["digest"])


def _compiled(scenario: Scenario, seeds: Sequence[int], stop: Any) -> Iterator[tuple[Row, Any]]:
    """Run seeds with the compiled driver; an exception costs the seed at which it was raised."""
    from experiments.agent_classes import failure

    bench = _bench(scenario.days)
    for seed in seeds:
        if stop[0] != 0:
            return
        try:
            row = bench.run(scenario, _eve(scenario), seed, stop)
        except Exception as error:
            row = {"seed": seed, "error": failure(error)}
        yield row, None if row["error"] else bench.trace


def _eve(scenario: Scenario) -> Any:
    """Return the world of a scenario before any draw; threads keep the last, since chunks cut points in pieces."""
    from sim.setup import build_world

    kept = getattr(_local, "eve", None)
    if kept is None or kept[0] is not scenario:
        same = kept is not None and kept[0] == scenario
        world = kept[1] if kept is not None and same else build_world(scenario, 0)
        _local.eve = kept = (scenario, world)
    return kept[1]


def _bench(days: int) -> Any:
    from sim.ensemble import Bench

    bench = getattr(_local, "bench", None)
    if bench is None or bench.days != days:
        _local.bench = bench = Bench(days)
    return bench


def _mesa(base: Base, scenario: Scenario, seeds: Sequence[int], stop: Any) -> Iterator[tuple[Row, Any]]:
    """Run seeds with the Mesa driver; whatever the reader's own classes raise is a row's error."""
    from experiments.agent_classes import failure, load_agents
    from sim.measures import measures
    from sim.model import run_mesa
    from sim.run import finish
    from sim.world import world_hash

    agents = load_agents(base.agents)
    for seed in seeds:
        if stop[0] != 0:
            return
        row: Row = {"seed": seed, "error": ""}
        trace = None
        try:
            world, trace, log = run_mesa(scenario, seed, scenario.days, agents or None, None)
            finish(scenario, seed, world, trace, log)
            row |= measures(scenario, world, trace, log)
            row["world_hash"] = world_hash(world)
        except Exception as error:
            row["error"], trace = failure(error), None
        yield row, trace


def _check_version(task: Task) -> None:
    from sim.jit import source_hash

    if task.source_hash != source_hash():
        import platform

        from experiments.sweep.errors import WorkerVersionError

        raise WorkerVersionError(platform.node(), source_hash(), task.source_hash)


def _warm() -> None:
    """Compile the rules if this computer has not; one thread does, the others of its process wait."""
    from sim.warm import warm_up

    with _warming:
        warm_up()
