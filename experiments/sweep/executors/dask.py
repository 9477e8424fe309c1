"""Dask: workers on this computer (loopback only) or on a cluster whose scheduler is named. Needs the extra ``dask``.

Dask itself gives a dead worker's chunks to another; a chunk that killed three workers comes back as rows with errors.
"""

from __future__ import annotations

import importlib
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.sweep.errors import ClusterUnreachableError, MissingExtraError
from experiments.sweep.work import dead_chunk, run_chunk
from sim.processes import cores

if TYPE_CHECKING:
    from experiments.sweep.compose import ExecutorSpec
    from experiments.sweep.plan import Done, Task

TRIES = 3
_PATIENCE_S = 30


class Dask:
    """See :class:`experiments.sweep.executors.Executor`."""

    name = "dask"

    def __init__(self, client: Any, cluster: Any = None) -> None:
        self.client = client
        self._cluster = cluster
        self._deaths: Counter[int] = Counter()

    @property
    def workers(self) -> int:
        """How many threads all workers have now; they may come and go."""
        return max(1, int(sum(self.client.nthreads().values())))

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Run tasks, a few more under way than there are threads, so that none waits for the network."""
        under_way: dict[str, Task] = {}
        finished = _distributed().as_completed(loop=self.client.loop)
        while True:
            room = self.workers + max(2, self.workers // 4) - len(under_way)
            for task in islice(tasks, max(0, room)):
                finished.add(self._submit(task, under_way))
            if not under_way:
                return
            future = next(finished)
            task = under_way.pop(future.key)
            done = self._outcome(future, task)
            if done is None:
                finished.add(self._submit(task, under_way))
            else:
                yield done

    def _submit(self, task: Task, under_way: dict[str, Task]) -> Any:
        key = f"chunk-{task.chunk}-{self._deaths[task.chunk]}-{id(self)}"
        under_way[key] = task
        return self.client.submit(run_chunk, task, key=key, pure=False)

    def _outcome(self, future: Any, task: Task) -> Done | None:
        """Return a finished chunk; None if it was lost and is to be run again."""
        from distributed import CancelledError, KilledWorker

        try:
            done: Done = future.result()
        except (KilledWorker, CancelledError) as error:
            self._deaths[task.chunk] += 1
            if isinstance(error, KilledWorker) or self._deaths[task.chunk] >= TRIES:
                return dead_chunk(task, "its Dask workers died, one after the other")
            return None
        return done

    def close(self, at_once: bool) -> None:
        """Disconnect; workers that this program started end, those of a cluster stay."""
        self.client.close(timeout=10)
        if self._cluster is not None:
            self._cluster.close(timeout=10)


def make(spec: ExecutorSpec) -> Dask:
    """Return the executor, connected.

    Raises:
        MissingExtraError: Dask is not installed.
        ClusterUnreachableError: the scheduler does not answer.
    """
    try:
        _distributed()
    except ImportError:
        raise MissingExtraError("dask", "dask.distributed", "dask") from None
    if spec.address or spec.scheduler_file:
        return Dask(_connect(spec))
    return _local(spec.workers or cores())


def _distributed() -> Any:
    """Import the package; its functions carry no types."""
    return importlib.import_module("distributed")


def _connect(spec: ExecutorSpec) -> Any:
    if spec.scheduler_file:
        _await_file(spec.scheduler_file)
    where = {"scheduler_file": spec.scheduler_file} if spec.scheduler_file else {"address": spec.address}
    try:
        client = _distributed().Client(**where, timeout=_PATIENCE_S, set_as_default=False)
        client.wait_for_workers(1, timeout=10 * _PATIENCE_S)
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else "no worker came"
        raise ClusterUnreachableError(str(next(iter(where.values()))), reason) from error
    return client


def _await_file(name: str) -> None:
    """Wait for the file that a scheduler writes when it is up: a batch script starts both at once."""
    patient_until = time.monotonic() + _PATIENCE_S
    while not Path(name).is_file():
        if time.monotonic() > patient_until:
            raise ClusterUnreachableError(name, f"there is no such file, after {_PATIENCE_S} s")
        time.sleep(0.1)


def _local(workers: int) -> Dask:
    """Start one scheduler and some workers of one thread each, on loopback, without a dashboard."""
    cluster = _distributed().LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    )
    return Dask(_distributed().Client(cluster, set_as_default=False), cluster)
