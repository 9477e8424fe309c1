"""The process that :mod:`experiments.drawing` starts: matplotlib is imported while its parent simulates.

It reads one task from its standard input, a pickled (PlainRun, folder), writes the run's tables and figures, and says
by its exit status 0 that everything is written. It trusts its parent: nothing else may feed it.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from experiments.startup import lighten

lighten()  # before anything imports numpy

from experiments.figures.run_figures import FIGURES, write_run_figures  # noqa: E402
from experiments.run_folder import write_tables  # noqa: E402

if TYPE_CHECKING:
    from experiments.plain_run import PlainRun

FIRST: Final = ("map",)  # takes as long to draw as all the others and the tables


def main() -> int:
    """Do the task; the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    task = sys.stdin.buffer.read()
    if not task:  # the parent wants nothing after all, or is gone
        return 0
    run, folder = pickle.loads(task)
    rest = tuple(name for name in FIGURES if name not in FIRST)
    if not hasattr(os, "fork"):
        write_tables(folder, run)
        write_run_figures(run, folder)
        return 0
    child = os.fork()  # one thread, by the environment that the parent gives: nothing can be locked
    if child == 0:
        _as_child(run, folder, rest)
    try:
        write_run_figures(run, folder, FIRST)
    except BaseException:
        os.kill(child, signal.SIGTERM)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    return int(status != 0)


def _as_child(run: PlainRun, folder: Path, names: tuple[str, ...]) -> NoReturn:
    """Do the other half and leave at once, without what the parent does on its way out."""
    status = 1
    try:
        write_tables(folder, run)
        write_run_figures(run, folder, names)
        status = 0
    finally:
        os._exit(status)


def _leave(*_: object) -> NoReturn:
    sys.exit(1)  # an exception: drafts are removed on the way out


if __name__ == "__main__":
    sys.exit(main())
