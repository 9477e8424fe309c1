"""One chunk after the other, in the calling thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from experiments.sweep.work import run_chunk

if TYPE_CHECKING:
    from experiments.sweep.compose import ExecutorSpec
    from experiments.sweep.plan import Done, Task


class Serial:
    """See :class:`experiments.sweep.executors.Executor`."""

    name = "serial"
    workers = 1

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Run tasks in their order."""
        return map(run_chunk, tasks)

    def close(self, at_once: bool) -> None:
        """Do nothing: there is nothing to let go of."""


def make(spec: ExecutorSpec) -> Serial:
    """Return the executor."""
    return Serial()
