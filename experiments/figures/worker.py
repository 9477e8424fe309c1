"""The process that :mod:`experiments.drawing` starts: matplotlib is imported while its parent simulates.

It reads pickles from its standard input: first, perhaps, the scenario, so that the map is begun while there is nothing
else to do; then its task, a (PlainRun, folder). It writes the run's tables and figures, and says by its exit status 0
that everything is written. It trusts its parent: nothing else may feed it.
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

import matplotlib.artist  # noqa: E402

# The lists of properties in the docstrings of matplotlib's classes take a third of its import; nobody reads them here.
vars(matplotlib.artist)["kwdoc"] = lambda artist: ""

# What is needed later is imported now, while there is nothing else to do.
import matplotlib.backends.backend_svg  # noqa: E402
import PIL.PngImagePlugin  # noqa: E402, F401
import pyarrow.parquet  # noqa: E402, F401

from experiments.figures.run_figures import FIGURES, write_run_figures  # noqa: E402
from experiments.figures.run_map import begin_map  # noqa: E402
from experiments.figures.style import house_style  # noqa: E402
from experiments.run_folder import write_tables  # noqa: E402

if TYPE_CHECKING:
    from experiments.figures.map_ground import MapDrawing
    from experiments.plain_run import PlainRun

FIRST: Final = ("map",)  # takes, with the tables, as long to draw as all the others


def main() -> int:
    """Do the task; the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        task, begun = pickle.load(sys.stdin.buffer), None
        if not isinstance(task, tuple):
            with house_style():
                begun = begin_map(task)
            task = pickle.load(sys.stdin.buffer)
    except EOFError:  # the parent wants nothing after all, or is gone
        return 0
    run, folder = task
    rest = tuple(name for name in FIGURES if name not in FIRST)
    if not hasattr(os, "fork"):
        _first(run, folder, begun)
        write_run_figures(run, folder, rest)
        return 0
    child = os.fork()  # it uses nothing that another thread could hold: numpy has none here, pyarrow's are not its own
    if child == 0:
        _as_child(run, folder, rest)
    try:
        _first(run, folder, begun)
    except BaseException:
        os.kill(child, signal.SIGTERM)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    return int(status != 0)


def _first(run: PlainRun, folder: Path, begun: MapDrawing | None) -> None:
    write_run_figures(run, folder, FIRST, begun)
    write_tables(folder, run)


def _as_child(run: PlainRun, folder: Path, names: tuple[str, ...]) -> NoReturn:
    """Do the other half and leave at once, without what the parent does on its way out."""
    status = 1
    try:
        write_run_figures(run, folder, names)
        status = 0
    finally:
        os._exit(status)


def _leave(*_: object) -> NoReturn:
    sys.exit(1)  # an exception: drafts are removed on the way out


if __name__ == "__main__":
    status = main()
    os._exit(status)  # all is written and closed; taking everything down in order would take a sixth of a second
