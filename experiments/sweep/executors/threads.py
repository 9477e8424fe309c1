"""Threads of this process: the compiled day runs without the interpreter's lock, so all cores work."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from experiments.sweep.work import run_chunk
from sim.processes import cores

if TYPE_CHECKING:
    from experiments.sweep.compose import ExecutorSpec
    from experiments.sweep.plan import Done, Task


class Threads:
    """See :class:`experiments.sweep.executors.Executor`."""

    name = "threads"

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sweep")
        self._stop = np.zeros(1, np.uint8)

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Run tasks, one more under way than there are threads, so that none waits for the next."""
        waiting: set[Future[Done]] = set()
        while True:
            room = self.workers + 1 - len(waiting)
            waiting |= {self._pool.submit(run_chunk, task, self._stop) for task in islice(tasks, room)}
            if not waiting:
                return
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()

    def close(self, at_once: bool) -> None:
        """End the threads; at once: runs under way stop at the end of their day."""
        if at_once:
            self._stop[0] = 1
        self._pool.shutdown(wait=True, cancel_futures=at_once)


def make(spec: ExecutorSpec) -> Threads:
    """Return the executor."""
    return Threads(spec.workers or cores())
