"""The process that :mod:`experiments.drawing` starts: matplotlib is imported while its parent simulates.

It reads pickles from its standard input: first, perhaps, the scenario, so that its figures are begun while there is
nothing else to do; then its task, a (PlainRun, folder). It writes the run's figures, and says by its exit status 0
that everything is written. It trusts its parent: nothing else may feed it.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from experiments.startup import lighten

lighten()  # before anything imports numpy

import matplotlib.artist  # noqa: E402

# The lists of properties in the docstrings of matplotlib's classes take a third of its import; nobody reads them here.
vars(matplotlib.artist)["kwdoc"] = lambda artist: ""

# Nobody draws in three dimensions here; matplotlib asks for that by itself, and does without when it is not there.
sys.modules.setdefault("mpl_toolkits.mplot3d", None)  # type: ignore[arg-type]
with warnings.catch_warnings(action="ignore"):
    import matplotlib.figure

# What is needed later is imported now, while there is nothing else to do.
import matplotlib.backends.backend_svg  # noqa: E402
import PIL.PngImagePlugin  # noqa: E402, F401

from experiments.figures.run_figures import FIGURES, begin_run_figures, write_run_figures  # noqa: E402

if TYPE_CHECKING:
    from experiments.plain_run import PlainRun

FIRST: Final = ("map",)  # takes as long to draw as all the others


def main() -> int:
    """Do the task; the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    gc.disable()  # it is gone before garbage matters; and looking for some would copy what it shares with its child
    try:
        task, begun = pickle.load(sys.stdin.buffer), None
        if not isinstance(task, tuple):
            begun = begin_run_figures(task)
            task = pickle.load(sys.stdin.buffer)
    except EOFError:  # the parent wants nothing after all, or is gone
        return 0
    run, folder = task
    rest = tuple(name for name in FIGURES if name not in FIRST)
    if not hasattr(os, "fork"):
        write_run_figures(run, folder, FIGURES, begun)
        return 0
    child = os.fork()  # it uses nothing that another thread could hold: numpy has none here
    if child == 0:
        _as_child(run, folder, rest, begun)
    try:
        write_run_figures(run, folder, FIRST, begun)
    except BaseException:
        os.kill(child, signal.SIGTERM)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    return int(status != 0)


def _as_child(run: PlainRun, folder: Path, names: tuple[str, ...], begun: Mapping[str, Any] | None) -> NoReturn:
    """Do the other half and leave at once, without what the parent does on its way out."""
    status = 1
    try:
        write_run_figures(run, folder, names, begun)
        status = 0
    finally:
        os._exit(status)


def _leave(*_: object) -> NoReturn:
    sys.exit(1)  # an exception: drafts are removed on the way out


if __name__ == "__main__":
    status = main()
    os._exit(status)  # all is written and closed; taking everything down in order would take a sixth of a second
