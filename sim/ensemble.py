"""Many runs at once: a scratch world per thread, bytes copied from a base, one compiled call per run.

Only the seed differs between the runs of a point, and it stands in one field; so a point's base world is built once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.measures import measures
from sim.run import MAX_SEED, status_of
from sim.scenario import Scenario, check_days, check_scenario, whole
from sim.setup import build_world
from sim.trace import blank_records
from sim.world import STANDARD, Capacity, World, empty_world, size_of, world_hash

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


class Bench:
    """One thread's scratch: a world, a trace and an event log that every run of the thread reuses."""

    def __init__(self, days: int) -> None:
        self.days = days
        self._fit(STANDARD)

    def _fit(self, size: Capacity) -> None:
        self.trace, self.log = blank_records(self.days, size)
        self._world = empty_world(size)

    def run(self, scenario: Scenario, base: World, seed: int, stop: Any) -> Row:
        """Run one seed from a copy of ``base`` and return its measures."""
        from sim.day import run_days

        if base.dtype != self._world.dtype:
            self._fit(size_of(base))
        world = self._world
        world.view(np.uint8)[:] = base.view(np.uint8)  # bytes: field by field would be slower
        world["run"]["seed"] = seed
        logged = run_days(world, self.days, self.trace, self.log, 0, stop)
        status = status_of(world)
        row: Row = {"seed": seed}
        if status == "ok":
            row.update(measures(scenario, world, self.trace, self.log[:logged]))
            row["world_hash"] = world_hash(world)
        row["error"] = "" if status == "ok" else f"{status} on day {int(world['run']['day'][0])}"
        return row


def run_seeds(scenario: Scenario, seeds: Iterable[int], days: int, bench: Bench, stop: Any) -> Iterator[Row]:
    """Run some seeds of one scenario on one bench; an error is a row."""
    base = build_world(scenario, 0)
    for seed in seeds:
        if stop[0] != 0:
            return
        yield bench.run(scenario, base, seed, stop)


def simulate_many(
    scenario: Scenario,
    points: pd.DataFrame | Mapping[str, Iterable[Any]] | None = None,
    seeds: Iterable[int] | int = range(10),
    workers: int | None = None,
    days: int | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Run every point with every seed; the same seeds at each point share their luck (common random numbers).

    Args:
        scenario: the base.
        points: one row a point; its columns are parameter keys, as a table or a mapping. None: the base alone.
        seeds: whole numbers, or one number n for 0 to n − 1.
        workers: threads; the machine's cores if not given. The result does not depend on it.
        days: length of a run; the scenario's own if not given.
        on_rows: called with the number of rows of each finished piece.

    Returns:
        A row per run: ``point``, the point's values, ``seed``, ``error`` ("" if none), the measures of
        :mod:`sim.measures` and ``world_hash``, which identifies the run exactly; ordered by point, then seed.

    Raises:
        MissingScenarioError, UnknownParameterError, BadParameterValueError, BadCountError: before the first run.
    """
    import os

    import pandas as pd

    from sim.warm import warm_up

    check_scenario(scenario)
    warm_up()
    length = check_days(scenario.days if days is None else days)
    several = seeds if isinstance(seeds, Iterable) else range(whole("seeds", seeds, 1, 10**9))
    drawn = [whole("seeds", s, 0, MAX_SEED) for s in several]
    records: list[Any] = [{}] if points is None else pd.DataFrame(points).to_dict("records")
    changes = [{str(k): v for k, v in record.items()} for record in records]
    scenarios = [scenario.with_settings(change) for change in changes]
    threads = max(1, workers or os.cpu_count() or 1)
    tasks = [(p, piece) for p in range(len(scenarios)) for piece in _pieces(drawn, threads, len(scenarios))]
    stop = np.zeros(1, np.uint8)
    local = threading.local()

    def work(task: tuple[int, list[int]]) -> list[Row]:
        if not hasattr(local, "bench"):
            local.bench = Bench(length)
        p, piece = task
        rows = list(run_seeds(scenarios[p], piece, length, local.bench, stop))
        if on_rows is not None:
            on_rows(len(rows))
        return [{"point": p, **changes[p], **row} for row in rows]

    with ThreadPoolExecutor(threads) as pool:
        try:
            found = [row for rows in pool.map(work, tasks) for row in rows]
        except BaseException:
            stop[0] = 1
            raise
    return pd.DataFrame(found)


def _pieces(seeds: list[int], threads: int, points: int) -> list[list[int]]:
    """Split seeds so that there is work for every thread, in pieces of at most 64 runs."""
    size = max(1, min(64, -(-len(seeds) * points // (4 * threads))))
    return [seeds[k : k + size] for k in range(0, len(seeds), size)]
