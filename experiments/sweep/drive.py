"""Running a sweep: find what is done, hand out the rest, save each chunk, join them, say so."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.numbers import count
from experiments.sweep import folder as store
from experiments.sweep.columns import daily_columns, table_columns
from experiments.sweep.compact import DAILY, POINTS, RESULTS, compact
from experiments.sweep.compose import ExecutorSpec
from experiments.sweep.errors import SweepInterrupted, TooManyFailuresError
from experiments.sweep.executors import Executor, make_executor
from experiments.sweep.parts import PARTS, Part, save, scan
from experiments.sweep.pilot import Pilot, in_words, measure
from experiments.sweep.plan import Plan, chunk_runs
from experiments.sweep.request import SweepRequest
from sim.parameter_errors import StalemateError

Note = Callable[[str], None]
_BYTES_A_RUN, _BYTES_A_DAY = 250, 60  # compressed, measured on the Mali scenario; docs/cluster.md


class NoRunSucceedsError(StalemateError):
    """Every run that was tried before the sweep failed."""

    def __init__(self, runs: int, first: str) -> None:
        super().__init__(f"each of {runs} runs tried before the sweep failed; the first: {first}")


@dataclass
class _State:
    """How far a sweep has come."""

    parts: dict[int, Part]
    failed: int
    first_error: str = ""
    work_seconds: float = 0.0


def run_sweep(
    request: SweepRequest,
    folder: Path | None = None,
    executor: ExecutorSpec | None = None,
    outputs: Path = Path("outputs"),
    force: bool = False,
    note: Note | None = None,
) -> Path:
    """Run a sweep, or the rest of it if it was begun before, and return its folder.

    Args:
        request: what to run.
        folder: where; a folder of its own under ``outputs`` if not given.
        executor: how; threads if not given.
        outputs: where folders of their own go.
        force: run everything again.
        note: told what happens, a line at a time; None: nobody is.

    Raises:
        ConfigurationError: the folder or the executor cannot be used; nothing was run.
        TooManyFailuresError: more runs failed than the sweep bears; finished chunks are kept.
        SweepWriteError: the disk is full or the folder cannot be written; finished chunks are kept.
        SweepInterrupted: Ctrl-C; finished chunks are kept.
    """
    say: Note = note or (lambda text: None)
    spec = executor or ExecutorSpec()
    place = folder or store.default_folder(request, outputs)
    with store.locked(place):
        manifest = store.earlier(place, request, force)
        if manifest is not None and _is_whole(place, manifest, say):
            say(f"reused {place}: {count(request.runs, 'run')}, there as written (--force runs all of it again)")
            return place
        _warm(say)
        engine = make_executor(spec, any(base.driver == "mesa" for base in request.bases))
        at_once = True
        try:
            plan, manifest = _plan(place, request, manifest, engine, say)
            _run(place, plan, manifest, engine, say)
            at_once = False
        finally:
            engine.close(at_once)
    return place


def estimate(request: SweepRequest, workers: int) -> str:
    """Return in one line how many runs a sweep has and how long it will take, from a few measured runs."""
    pilot = measure(request)
    return _outlook(request, pilot.seconds, workers, f"measured on {pilot.runs}")


def _warm(say: Note) -> None:
    from sim.jit import is_warm
    from sim.warm import warm_up

    if not is_warm():
        say("compiling the rules, about half a minute; this happens once for each version of the model …")
    warm_up()


def _is_whole(place: Path, manifest: dict[str, Any], say: Note) -> bool:
    from experiments.manifest import first_difference

    if manifest["status"] != store.COMPLETE:
        return False
    changed = first_difference(place, manifest)
    if changed:
        say(f"{place / changed} is not as it was written; its runs are made again")
    return changed is None


def _plan(
    place: Path, request: SweepRequest, manifest: dict[str, Any] | None, engine: Executor, say: Note
) -> tuple[Plan, dict[str, Any]]:
    """Return the plan and the manifest, both new or those by which the sweep was begun."""
    if manifest is not None:
        (place / PARTS).mkdir(exist_ok=True)
        if manifest["status"] == store.COMPLETE:  # damaged: begin again by the same plan
            manifest = {**manifest, "status": store.RUNNING}
            store.write_manifest(place, manifest)
        return store.plan_of(manifest, request), manifest
    pilot = measure(request)
    if not pilot.measures:
        raise NoRunSucceedsError(pilot.runs, pilot.first_error)
    say(_outlook(request, pilot.seconds, engine.workers, f"measured on {pilot.runs}"))
    plan = Plan(request, chunk_runs(pilot.seconds, request, engine.workers), table_columns(request, pilot.measures))
    return plan, store.begin(place, plan)


def _outlook(request: SweepRequest, seconds: float, workers: int, source: str) -> str:
    total = request.runs * seconds / workers
    size = request.runs * (_BYTES_A_RUN + (_BYTES_A_DAY * request.bases[0].scenario.days if request.daily else 0))
    mega = f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"
    return (
        f"{request.title()}: {count(request.runs, 'run')} "
        f"({count(len(request.points), 'point')} × {count(len(request.seeds), 'seed')}), "
        f"about {in_words(total)} on {count(workers, 'worker')} ({seconds:.3f} s a run, {source}) "
        f"and {mega}"
    )


def _run(place: Path, plan: Plan, manifest: dict[str, Any], engine: Executor, say: Note) -> None:
    began = time.perf_counter()
    parts, removed = scan(place / PARTS, plan)
    if removed:
        say(f"{count(removed, 'damaged file')} removed from {place / PARTS}; the runs are made again")
    if parts:
        say(f"{sum(map(plan.runs_of, parts)):,} of {plan.request.runs:,} runs were finished before")
    state = _State(parts, sum(part.failed for part in parts.values()))
    _carry_out(place, plan, engine, state)
    _join(place, plan, manifest, engine, state, time.perf_counter() - began)


def _carry_out(place: Path, plan: Plan, engine: Executor, state: _State) -> None:
    """Run what is missing, saving each chunk as it comes."""
    request = plan.request
    missing = (chunk for chunk in range(plan.chunks) if chunk not in state.parts)
    finished = sum(map(plan.runs_of, state.parts))
    with _terminable(), _progress(request.runs, finished) as advance:
        try:
            for done in engine.run(plan.tasks(missing)):
                state.parts[done.chunk] = save(place / PARTS, request.sweep_hash, done)
                state.failed += done.failed
                state.first_error = state.first_error or done.first_error
                state.work_seconds += done.seconds
                finished += done.runs
                advance(done.runs, state.failed)
                if request.max_failures is not None and state.failed > request.max_failures:
                    first = state.first_error or "before this command"
                    raise TooManyFailuresError(state.failed, request.max_failures, first, place)
        except KeyboardInterrupt:
            raise SweepInterrupted(finished, request.runs, place) from None


def _join(place: Path, plan: Plan, manifest: dict[str, Any], engine: Executor, state: _State, seconds: float) -> None:
    """Make the table of all parts, and mark the sweep as complete."""
    chunks = range(plan.chunks)
    rows = compact((state.parts[chunk].table for chunk in chunks), plan.columns, place / RESULTS)
    if rows != plan.request.runs:
        raise RuntimeError(f"{rows} rows for {plan.request.runs} runs")
    names = [store.BASES, POINTS, RESULTS]
    if plan.request.daily:
        dailies = [path for chunk in chunks if (path := state.parts[chunk].daily) is not None]
        compact(dailies, daily_columns(), place / DAILY)
        names.append(DAILY)
    facts = {
        "failed": state.failed,
        "executor": engine.name,
        "workers": engine.workers,
        "seconds": round(seconds, 3),
        "work_seconds": round(state.work_seconds, 3),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    store.finish(place, manifest, facts, names)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Take a polite request to end (SIGTERM, as batch systems send it) like Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _progress(runs: int, finished: int) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows rate and time left as chunks are finished; only on a terminal."""
    from tqdm import tqdm

    with tqdm(
        total=runs,
        initial=finished,
        unit=" runs",
        disable=not sys.stderr.isatty(),
        leave=False,
        ncols=90,
        smoothing=0.1,
    ) as bar:

        def advance(more: int, failed: int) -> None:
            if failed:
                bar.set_postfix_str(f"{failed} failed", refresh=False)
            bar.update(more)

        yield advance


__all__ = ["NoRunSucceedsError", "Pilot", "estimate", "run_sweep"]
