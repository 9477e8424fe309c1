"""Many runs in threads, of which each leaves what a function makes of it: measures, events, judgements."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from sim import codes
from sim.parameter_errors import StalemateError
from sim.scenario import Scenario
from sim.setup import build_world
from sim.trace import blank_records
from sim.world import Capacity, World, size_of

T = TypeVar("T")
Change = Callable[[World], None]
"""Something forced on a world from outside the rules, between two days; it must keep the books."""
Array = npt.NDArray[Any]
_PIECE = 16  # runs that a thread takes at a time


class AllRunsFailedError(StalemateError):
    """Not one run of a study ended well."""

    def __init__(self, first: Failure) -> None:
        super().__init__(f"all runs failed; seed {first.seed}: {first.error}")


@dataclass(frozen=True)
class Scratch:
    """What a thread reuses from run to run: a trace and an event log."""

    trace: Array
    log: Array

    @classmethod
    def of(cls, days: int, size: Capacity) -> Scratch:
        """Return scratch for runs of up to ``days`` in worlds of a size class."""
        return cls(*blank_records(days, size))


@dataclass(frozen=True)
class Finished:
    """A run that has ended well, as long as its bench is not used again.

    Attributes:
        scenario, seed: what was run.
        world: the world on the last day.
        trace: a row a day.
        log: the event log.
    """

    scenario: Scenario
    seed: int
    world: World
    trace: Array
    log: Array


@dataclass(frozen=True)
class Failure:
    """A run that met an error of its own."""

    point: int
    seed: int
    error: str


@dataclass(frozen=True)
class Kept(Generic[T]):
    """What the runs of a study left.

    Attributes:
        values: for each scenario, what was made of each good run, in the order of the seeds.
        seeds: for each scenario, the seeds of the good runs.
        failures: the others.
    """

    values: list[list[T]]
    seeds: list[list[int]]
    failures: list[Failure]


def run_all(
    scenarios: Sequence[Scenario],
    seeds: Iterable[int],
    make: Callable[[Finished], T],
    workers: int | None = None,
    forced: Sequence[Mapping[int, Change]] | None = None,
) -> Kept[T]:
    """Run every scenario with every seed and keep what ``make`` returns; the same seeds share their luck.

    Args:
        scenarios: what to run; their lengths may differ.
        seeds: whole numbers.
        make: called in the thread of the run, on arrays that the next run overwrites: copy what must stay.
        workers: threads; the machine's cores if not given. No result depends on it.
        forced: for each scenario, changes forced on the world at the beginning of some days.

    Raises:
        AllRunsFailedError: no run ended well.
    """
    from sim.warm import warm_up

    warm_up()
    drawn = list(seeds)
    bases = [build_world(scenario, 0) for scenario in scenarios]
    tasks = [(p, drawn[k : k + _PIECE]) for p in range(len(scenarios)) for k in range(0, len(drawn), _PIECE)]
    stop, local = np.zeros(1, np.uint8), threading.local()
    sizes = {size_of(base) for base in bases}
    bar = _bar(len(drawn) * len(scenarios))
    longest = max(scenario.days for scenario in scenarios)

    def work(task: tuple[int, list[int]]) -> list[tuple[int, int, T | Failure]]:
        if not hasattr(local, "scratch"):
            local.scratch = {size: Scratch.of(longest, size) for size in sizes}
        p, piece = task
        scratch = local.scratch[size_of(bases[p])]
        changes = forced[p] if forced else {}
        cases = [Case(p, scenarios[p], bases[p], seed, changes) for seed in piece]
        found = [(case.point, case.seed, _run(case, scratch, stop, make)) for case in cases]
        bar.update(len(found))
        return found

    with ThreadPoolExecutor(max(1, workers or os.cpu_count() or 1)) as pool:
        try:
            rows = [row for rows in pool.map(work, tasks) for row in rows]
        except BaseException:
            stop[0] = 1
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            bar.close()
    return _sort(rows, len(scenarios))


def _bar(runs: int) -> Any:
    """Return a bar of progress, shown on a terminal alone and only past two seconds."""
    from tqdm import tqdm

    return tqdm(total=runs, unit="run", delay=2, leave=False, disable=not sys.stderr.isatty())


@dataclass(frozen=True)
class Case:
    """One run to be made."""

    point: int
    scenario: Scenario
    base: World
    seed: int
    changes: Mapping[int, Change]


def _run(case: Case, scratch: Scratch, stop: Array, make: Callable[[Finished], T]) -> T | Failure:
    from sim.day import run_days

    world = case.base.copy()
    world["run"]["seed"] = case.seed
    days = case.scenario.days
    trace = scratch.trace[:days]
    done = logged = 0
    for day in sorted({*(d for d in case.changes if d < days), days}):
        logged = run_days(world, day - done, trace, scratch.log, logged, stop)
        done = day
        if day < days:
            case.changes[day](world)
    run = world["run"][0]
    status = codes.STATUSES[int(run["status"])]
    if status == "ok" and (run["people_error"] != 0 or run["fuel_error_l"] != 0):
        status = "ledger_broken"
    if status != "ok":
        return Failure(case.point, case.seed, f"{status} on day {int(run['day'])}")
    return make(Finished(case.scenario, case.seed, world, trace, scratch.log[:logged]))


def _sort(rows: Iterable[tuple[int, int, Any]], points: int) -> Kept[Any]:
    kept: Kept[Any] = Kept([[] for _ in range(points)], [[] for _ in range(points)], [])
    for point, seed, value in rows:
        if isinstance(value, Failure):
            kept.failures.append(value)
        else:
            kept.values[point].append(value)
            kept.seeds[point].append(seed)
    if not any(kept.values):
        raise AllRunsFailedError(kept.failures[0])
    return kept
