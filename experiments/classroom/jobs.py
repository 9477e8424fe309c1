"""The classroom's work: runs in threads, in turn, kept for a while, and ended when nobody waits for them."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from experiments.classroom.asks import BranchAsk, FieldError, RunAsk, SpreadAsk
from experiments.classroom.spread import Run, RunStoppedError, Stop, columns, new_stop, spread
from experiments.recording_parcel import packed, parcel, unpacked
from sim.parameter_errors import StalemateError
from sim.scenario import Scenario

T = TypeVar("T")
_KEPT_BYTES = 96_000_000
MOST_WAITING = 64
_PROGRESS_S = 0.1


class BusyError(StalemateError):
    """Too many already wait."""

    def __init__(self) -> None:
        super().__init__("too many runs are waiting; try again in a moment")


class Kept:
    """Results that were made lately, as bytes, the least lately used thrown away first. For threads."""

    def __init__(self, most_bytes: int = _KEPT_BYTES) -> None:
        self._most, self._size = most_bytes, 0
        self._found: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> bytes | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: Hashable, value: bytes) -> None:
        """Keep a value under a key."""
        with self._lock:
            self._size += len(value) - len(self._found.pop(key, b""))
            self._found[key] = value
            while self._size > self._most and self._found:
                self._size -= len(self._found.popitem(last=False)[1])


class Scenarios:
    """Scenarios by name, each composed once (Hydra composes one at a time)."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._lock = threading.Lock()
        self._found: dict[str, Scenario] = {}

    def get(self, name: str) -> Scenario:
        """Return a scenario; names are checked before."""
        from experiments.compose import load_scenario

        with self._lock:
            if name not in self._found:
                self._found[name] = load_scenario(name)
            return self._found[name]


def _frozen(settings: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(settings.items()))


@dataclass
class Workshop:
    """Where runs are made: a few at a time, single runs apart from the long work, the rest waiting in turn."""

    scenarios: Scenarios
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    kept: Kept = field(default_factory=Kept)

    def __post_init__(self) -> None:
        """Hire the threads."""
        self._short = ThreadPoolExecutor(self.threads, "run")
        self._long = ThreadPoolExecutor(1, "spread")
        self._waiting = {"short": 0, "long": 0}

    def close(self) -> None:
        """Let the threads go; what they are doing ends by its stop byte."""
        self._short.shutdown(wait=False, cancel_futures=True)
        self._long.shutdown(wait=False, cancel_futures=True)

    def waiting(self) -> int:
        """Return how many long jobs there are, the one being done included."""
        return self._waiting["long"]

    def full(self) -> bool:
        """Return whether no more long work is taken."""
        return self._waiting["long"] >= MOST_WAITING

    async def _do(self, kind: str, work: Callable[[], T], stop: Stop) -> T:
        """Carry out work in a thread; if this is cancelled, the work's stop byte is set."""
        if self._waiting[kind] >= MOST_WAITING:
            raise BusyError
        pool = self._short if kind == "short" else self._long
        self._waiting[kind] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except asyncio.CancelledError:
            stop[0] = 1
            raise
        finally:
            self._waiting[kind] -= 1

    async def run(self, ask: RunAsk) -> bytes:
        """Return one recorded run as a packed parcel."""
        stop = new_stop()
        return await self._do("short", functools.partial(self.record, ask, stop), stop)

    async def branch(self, ask: BranchAsk) -> bytes:
        """Return a run and its branch, as one packed parcel."""
        stop = new_stop()
        return await self._do("short", functools.partial(self._branch, ask, stop), stop)

    async def other(self, work: Callable[[Stop], T]) -> T:
        """Carry out long work of another kind."""
        stop = new_stop()
        return await self._do("long", functools.partial(work, stop), stop)

    def record(self, ask: RunAsk, stop: Stop) -> bytes:
        """Return one recorded run as a packed parcel, kept or made (in this thread)."""
        key = ("run", ask.scenario, _frozen(ask.settings), ask.seed, ask.days)
        found = self.kept.get(key)
        if found is None:
            scenario = self.scenarios.get(ask.scenario).with_settings(ask.settings)
            found = packed([recorded(scenario, ask.seed, ask.days, stop)])
            self.kept.put(key, found)
        return found

    def _branch(self, ask: BranchAsk, stop: Stop) -> bytes:
        from experiments.branch import branched, read_twig

        scenario = self.scenarios.get(ask.run.scenario).with_settings(ask.run.settings)
        days = scenario.days if ask.run.days is None else ask.run.days
        if ask.day >= days:
            raise FieldError("day", f"{ask.day} is not in the run; it takes 0 to {days - 1}")
        try:
            twig = read_twig([f"{key}={value!r}" for key, value in ask.changes.items()], ask.day, scenario)
        except StalemateError as error:
            raise FieldError("changes", str(error)) from None
        second = recorded(branched(scenario, ask.day, twig), ask.run.seed, ask.run.days, stop)
        return packed([unpacked(self.record(ask.run, stop)), second])

    def spread(self, ask: SpreadAsk, stop: Stop, on_run: Callable[[int, Run], None] | None = None) -> list[Run]:
        """Return many runs of one setting (in this thread and its helpers)."""
        scenario = self.scenarios.get(ask.scenario).with_settings(ask.settings)
        if ask.days is not None:
            scenario = replace(scenario, days=ask.days)
        return spread([scenario], range(1, ask.runs + 1), stop, max(1, self.threads - 1), on_run)[0]

    async def stream(self, ask: SpreadAsk) -> AsyncIterator[bytes]:
        """Yield a line of JSON now and then (`queued`, or `done` of `total`), and the runs as columns in the last.

        When nobody listens any more, the runs are stopped.
        """
        key = ("spread", ask.scenario, _frozen(ask.settings), ask.runs, ask.days)
        found = self.kept.get(key)
        if found is not None:
            yield found
            return
        stop, done = new_stop(), [0]
        ahead = self.waiting()

        def count(_: int, __: Run) -> None:
            done[0] += 1

        task = asyncio.ensure_future(self._do("long", lambda: self.spread(ask, stop, count), stop))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_PROGRESS_S)
                said: dict[str, Any] = {"done": done[0], "total": ask.runs}
                if ahead and not done[0]:
                    said = {"queued": min(ahead, max(1, self.waiting() - 1))}
                yield _line(said)
            line = _line({"runs": columns(task.result())})
            self.kept.put(key, line)
            yield line
        except StalemateError as error:
            yield _line({"error": str(error)})
        finally:
            stop[0] = 1
            task.cancel()


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def recorded(scenario: Scenario, seed: int, days: int | None, stop: Stop) -> bytes:
    """Return one recorded run as a parcel, without its ground.

    Raises:
        RunStoppedError: ``stop`` was set meanwhile.
    """
    from experiments.recording import head_and_block, record
    from sim.run import RunFailedError

    try:
        return parcel(*head_and_block(record(scenario, seed, days, stop=stop)))
    except RunFailedError as error:
        if stop[0]:
            raise RunStoppedError from error
        raise
