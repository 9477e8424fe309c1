"""The spread of many runs of one setting: how each ended and a few numbers, small enough to send to a page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sim import codes
from sim.outcomes import INDETERMINATE, OUTCOMES, judge
from sim.parameter_errors import StalemateError
from sim.scenario import Scenario
from sim.setup import build_world
from sim.summary import record_of, thresholds_of
from sim.trace import blank_records
from sim.world import Capacity, World, size_of

LEAST_RUNS = 50
CONDITIONS = (
    "control_trend_points_per_year",
    "windows_with_low_intensity",
    "temporary_captures",
    "capital_served_outside_shocks",
    "longest_shock_days",
)
"""The conditions of a stalemate, in the order in which `unmet` counts them as bits."""

Stop = npt.NDArray[np.uint8]


class RunStoppedError(StalemateError):
    """A run that whoever asked for it no longer waits for."""

    def __init__(self) -> None:
        super().__init__("stopped: nobody waits for this run any more")


class BrokenRunError(StalemateError):
    """A run that met an error of its own."""

    def __init__(self, seed: int, status: str, day: int) -> None:
        super().__init__(f"seed {seed}: the run stopped with {status} on day {day}")


@dataclass(frozen=True)
class Run:
    """How one run ended.

    Attributes:
        seed: its luck.
        outcome: index into :data:`sim.outcomes.OUTCOMES`.
        day: of a breakthrough, else −1.
        civilians, others: killed.
        dry: days on which the capital got under 30 % of its fuel.
        unmet: for "none of these", a bit for each of :data:`CONDITIONS` that was not met.
    """

    seed: int
    outcome: int
    day: int
    civilians: int
    others: int
    dry: int
    unmet: int


class Bench:
    """One thread's scratch: a trace and an event log that all its runs reuse."""

    def __init__(self, days: int, size: Capacity) -> None:
        self.days = days
        self.trace, self.log = blank_records(days, size)

    def run(self, scenario: Scenario, base: World, seed: int, stop: Stop) -> Run:
        """Run one seed from a copy of ``base``.

        Raises:
            RunStoppedError, BrokenRunError: it did not come to its end.
        """
        from sim.day import run_days

        world = base.copy()
        world["run"]["seed"] = seed
        logged = run_days(world, self.days, self.trace, self.log, 0, stop)
        state = world["run"][0]
        status = codes.STATUSES[int(state["status"])]
        if status == "stopped":
            raise RunStoppedError
        if status != "ok" or state["people_error"] != 0 or state["fuel_error_l"] != 0:
            raise BrokenRunError(seed, status if status != "ok" else "ledger_broken", int(state["day"]))
        return _judged(scenario, seed, self.trace, self.log[:logged])


def _judged(scenario: Scenario, seed: int, trace: npt.NDArray[Any], log: npt.NDArray[Any]) -> Run:
    outcome = judge(record_of(scenario, trace), thresholds_of(scenario))
    deaths = log["deaths"].sum(axis=0)
    unmet = 0
    if outcome.name == INDETERMINATE:
        unmet = sum(1 << k for k, name in enumerate(CONDITIONS) if not outcome.evidence[name]["met"])
    return Run(
        seed=seed,
        outcome=OUTCOMES.index(outcome.name),
        day=-1 if outcome.day is None else outcome.day,
        civilians=int(deaths[codes.CIVILIANS]),
        others=int(deaths.sum() - deaths[codes.CIVILIANS]),
        dry=int((trace["capital_served"] < thresholds_of(scenario).denied_below).sum()),
        unmet=unmet,
    )


def new_stop() -> Stop:
    """Return a stop byte: set its one element to 1 and the runs that hold it end with their day."""
    return np.zeros(1, np.uint8)


def spread(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    stop: Stop,
    threads: int = 1,
    on_run: Callable[[int, Run], None] | None = None,
) -> list[list[Run]]:
    """Run every scenario with every seed; return the runs by scenario, in the order of the seeds.

    Args:
        scenarios: all of one length and of one country.
        seeds: the same for each scenario, so that they share their luck.
        stop: set its byte from elsewhere to end early.
        threads: how many runs go on at a time; the result does not depend on it.
        on_run: called, in any thread, with the scenario's index and each finished run.

    Raises:
        RunStoppedError, BrokenRunError: a run did not come to its end; the others are ended.
    """
    local = threading.local()

    def work(task: tuple[int, Sequence[int]]) -> list[Run]:
        index, part = task
        scenario = scenarios[index]
        base = build_world(scenario, 0)
        if not hasattr(local, "bench"):
            local.bench = Bench(scenario.days, size_of(base))
        found = []
        for seed in part:
            found.append(local.bench.run(scenario, base, seed, stop))
            if on_run is not None:
                on_run(index, found[-1])
        return found

    pieces = [seeds[k::4] for k in range(min(4, len(seeds)))]
    tasks = [(index, piece) for index in range(len(scenarios)) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, task) for task in tasks]
        _wait(futures, stop)
    order = {seed: k for k, seed in enumerate(seeds)}
    rows: list[list[Run]] = [[] for _ in scenarios]
    for (index, _), future in zip(tasks, futures, strict=True):
        rows[index] += future.result()
    return [sorted(runs, key=lambda run: order[run.seed]) for runs in rows]


def _wait(futures: Iterable[Future[list[Run]]], stop: Stop) -> None:
    """Wait for all; at the first error, or an interruption, end the rest."""
    pending = set(futures)
    try:
        while pending:
            done, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
    except BaseException:
        stop[0] = 1
        for future in pending:
            future.cancel()
        raise


def columns(runs: Sequence[Run]) -> dict[str, list[int]]:
    """Return runs as columns, the form in which pages get them."""
    return {field.name: [getattr(run, field.name) for run in runs] for field in fields(Run)}


def counts(runs: Sequence[Run]) -> dict[str, int]:
    """Return how many runs ended in each class, in the classes' order, those that did not occur left out."""
    found = [run.outcome for run in runs]
    return {name: found.count(k) for k, name in enumerate(OUTCOMES) if k in found}


def modal(runs: Sequence[Run]) -> int:
    """Return the commonest outcome; of two equally common ones the first in the classes' order."""
    found = [run.outcome for run in runs]
    return max(sorted(set(found)), key=found.count)


def estimated_seconds(scenarios: Sequence[Scenario], runs: int, threads: int) -> float:
    """Return how long ``runs`` runs of each scenario will take, from a few of the first, the middle and the last."""
    some = [scenarios[k] for k in sorted({0, len(scenarios) // 2, len(scenarios) - 1})]
    tries = range(1, 2 * threads + 1)
    spread(some[:1], tries[:1], new_stop())  # the first run also loads the compiled rules
    began = time.perf_counter()
    spread(some, tries, new_stop(), threads)
    return (time.perf_counter() - began) * len(scenarios) * runs / (len(some) * len(tries))


def typical_seed(rows: Sequence[Sequence[Run]]) -> int:
    """Return the one seed whose runs end, in most of the settings, as most runs of that setting do.

    The first setting counts most: a seed that is typical there is preferred whatever it does elsewhere.
    """
    usual = [modal(runs) for runs in rows]

    def typical(k: int) -> tuple[bool, int]:
        alike = [runs[k].outcome == usual[n] for n, runs in enumerate(rows)]
        return alike[0], sum(alike)

    best = max(range(len(rows[0])), key=typical)
    return rows[0][best].seed


def iterate_unmet(runs: Iterable[Run]) -> Iterator[str]:
    """Yield the name of every condition of a stalemate that a run of "none of these" did not meet."""
    for run in runs:
        for k, name in enumerate(CONDITIONS):
            if run.unmet >> k & 1:
                yield name
