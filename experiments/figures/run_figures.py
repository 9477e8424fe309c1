"""The figures of one run, `figures/` in its folder: map, time lines, event sizes, each with the tables behind it.

Each is a PNG, an SVG with the same bytes for the same run, and CSV files of what is shown.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure

from experiments.figures import style
from experiments.figures.letters import keep_letters
from experiments.figures.run_event_sizes import run_event_sizes
from experiments.figures.run_map import begin_map, run_map
from experiments.figures.run_time_lines import begin_time_lines, run_time_lines

if TYPE_CHECKING:
    from experiments.plain_run import Array, PlainRun, Table
    from sim.scenario import Scenario

FOLDER: Final = "figures"
Drawing = tuple[Figure, Mapping[str, "Table"]]


FIGURES: Final[Mapping[str, Callable[[PlainRun, Any], Drawing]]] = {  # of a run, and of what was begun for it or None
    "map": lambda run, begun: run_map(run, begun)[:2],
    "time_lines": run_time_lines,
    "event_sizes": lambda run, _: run_event_sizes(run),
}


def begin_run_figures(scenario: Scenario) -> dict[str, Any]:
    """Draw what the figures of every run of a scenario begin with, before it is run; by name of the figure."""
    with style.house_style():
        return {"map": begin_map(scenario), "time_lines": begin_time_lines(scenario)}


def write_run_figures(
    run: PlainRun, folder: Path, names: Iterable[str] = tuple(FIGURES), begun: Mapping[str, Any] | None = None
) -> list[Path]:
    """Draw the figures of a run and write each with its tables.

    Args:
        run: what is drawn.
        folder: the run's folder; the files go into its subfolder `figures`.
        names: which figures, of :data:`FIGURES`.
        begun: what :func:`begin_run_figures` returned for its scenario; it is drawn upon, once.

    Returns:
        The files written: for each figure its PNG, its SVG and its CSV files.

    Raises:
        OSError: the folder cannot be written to, or the disk is full.
    """
    written: list[Path] = []
    for name in names:
        with style.house_style():
            figure, tables = FIGURES[name](run, (begun or {}).get(name))
        written += style.save(figure, folder / FOLDER / name)
        written += [_write_table(table, folder / FOLDER / f"{key}.csv") for key, table in tables.items()]
    keep_letters()
    return written


def _write_table(table: Table, path: Path) -> Path:
    """Write a table as CSV, numbers with six digits, none as nothing; the same table gives the same bytes anywhere."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table)
        writer.writerows(zip(*(_words(values) for values in table.values()), strict=True))
    return path


def _words(values: Array) -> list[Any]:
    if values.dtype.kind != "f":
        return list(values.tolist())
    return ["" if math.isnan(value) else f"{value:.6g}" for value in values.tolist()]
