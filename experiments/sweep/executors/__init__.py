"""Executors: four ways to carry out the same chunks, behind one interface, with the same results bit for bit."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from experiments.sweep.compose import ExecutorSpec
    from experiments.sweep.plan import Done, Task

EXECUTORS = ("serial", "threads", "processes", "dask")


class Executor(Protocol):
    """Carries out chunks.

    Attributes:
        name: one of :data:`EXECUTORS`.
        workers: how many chunks it runs at a time.
    """

    name: str
    workers: int

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Run tasks and give each as it is finished, in any order, with a bounded number under way.

        A task is taken from the iterator only when there is room for it. A worker that dies costs nothing but time:
        its tasks are run again, and only a task that kills its workers repeatedly is given back with errors as rows.
        """
        ...

    def close(self, at_once: bool) -> None:
        """Let go of all workers; at once: without waiting for what is under way."""
        ...


def make_executor(spec: ExecutorSpec, mesa: bool = False) -> Executor:
    """Return the executor that a specification asks for.

    Args:
        spec: see ``conf/executor``.
        mesa: whether runs use the Mesa driver, whose Python code threads cannot share.

    Raises:
        MissingExtraError: its package is not installed.
        ClusterUnreachableError: no scheduler answers.
    """
    name = spec.name or ("processes" if mesa else "threads")
    executor: Executor = importlib.import_module(f"experiments.sweep.executors.{name}").make(spec)
    return executor
