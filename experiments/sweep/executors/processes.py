"""Processes of this computer, with loky: for the Mesa driver's Python code, and where a crash must not take all down.

When a worker dies its pool is broken, and nobody can tell which chunk did it. So the pool is made anew and the lost
chunks are run again one at a time; a chunk that kills its worker when it is alone, three times, is given up.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, Any

from experiments.sweep.work import dead_chunk, run_chunk
from sim.processes import cores

if TYPE_CHECKING:
    from experiments.sweep.compose import ExecutorSpec
    from experiments.sweep.plan import Done, Task

TRIES = 3


class Processes:
    """See :class:`experiments.sweep.executors.Executor`."""

    name = "processes"

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = _new_pool(workers)
        self._lost: deque[Task] = deque()
        self._deaths: Counter[int] = Counter()

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Run tasks, one more under way than there are processes."""
        from loky.process_executor import BrokenProcessPool

        waiting: dict[Future[Done], Task] = {}
        while True:
            self._fill(waiting, tasks)
            if not waiting:
                return
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            broken: list[Task] = []
            for future in finished:
                task = waiting.pop(future)
                try:
                    done = future.result()
                except BrokenProcessPool:
                    broken.append(task)
                else:
                    yield done
            if broken:
                yield from self._rebuild(broken, waiting)

    def _fill(self, waiting: dict[Future[Done], Task], tasks: Iterator[Task]) -> None:
        if self._lost:
            if not waiting:
                task = self._lost.popleft()
                waiting[self._pool.submit(run_chunk, task)] = task
            return
        while len(waiting) <= self.workers:
            if (task_ := next(tasks, None)) is None:
                return
            waiting[self._pool.submit(run_chunk, task_)] = task_

    def _rebuild(self, broken: list[Task], waiting: dict[Future[Done], Task]) -> Iterator[Done]:
        """Start a new pool and see to the chunks that the broken one has lost."""
        alone = len(broken) == 1 and not waiting and bool(self._deaths[broken[0].chunk])
        self._pool.shutdown(wait=True, kill_workers=True)
        self._pool = _new_pool(self.workers)
        for future, task in waiting.items():
            if future.done() and future.exception() is None:
                yield future.result()
            else:
                broken.append(task)
        waiting.clear()
        for task in broken:
            self._deaths[task.chunk] += 1
            if alone and self._deaths[task.chunk] > TRIES:
                yield dead_chunk(task, f"the worker process died ({TRIES} times, with this chunk alone)")
            else:
                self._lost.append(task)

    def close(self, at_once: bool) -> None:
        """End the processes; at once: kill them."""
        self._pool.shutdown(wait=True, kill_workers=at_once)


def _new_pool(workers: int) -> Any:
    from loky import ProcessPoolExecutor

    return ProcessPoolExecutor(workers, initializer=_begin_worker, initargs=(os.getpid(),))


def _begin_worker(driver: int) -> None:
    """Leave Ctrl-C, which a terminal sends to all, to the process that drives the sweep, and end when that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(driver,), daemon=True).start()


def _end_with(driver: int) -> None:
    """End this process once its parent is gone: a killed program cannot tell its workers, and loky's wait for ever."""
    while os.getppid() == driver:
        time.sleep(1.0)
    os._exit(1)


def make(spec: ExecutorSpec) -> Processes:
    """Return the executor."""
    return Processes(spec.workers or cores())
