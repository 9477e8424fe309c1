"""The figures of one run, `figures/` in its folder: map, time lines, event sizes, each with the tables behind it.

Each is a PNG, an SVG with the same bytes for the same run, and CSV files of what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure

from experiments.figures import style
from experiments.figures.run_event_sizes import run_event_sizes
from experiments.figures.run_map import run_map
from experiments.figures.run_time_lines import run_time_lines

if TYPE_CHECKING:
    import pandas as pd

    from sim import RunResult

FOLDER: Final = "figures"
Drawing = tuple[Figure, Mapping[str, "pd.DataFrame"]]


def _map(result: RunResult) -> Drawing:
    figure, tables, _ = run_map(result)
    return figure, tables


FIGURES: Final[Mapping[str, Callable[[RunResult], Drawing]]] = {
    "map": _map,
    "time_lines": run_time_lines,
    "event_sizes": run_event_sizes,
}


def write_run_figures(result: RunResult, folder: Path, names: Iterable[str] = tuple(FIGURES)) -> list[Path]:
    """Draw the figures of a run and write each with its tables.

    Args:
        result: the run.
        folder: the run's folder; the files go into its subfolder `figures`.
        names: which figures, of :data:`FIGURES`.

    Returns:
        The files written: for each figure its PNG, its SVG and its CSV files.

    Raises:
        OSError: the folder cannot be written to, or the disk is full.
    """
    written: list[Path] = []
    for name in names:
        with style.house_style():
            figure, tables = FIGURES[name](result)
        written += style.save(figure, folder / FOLDER / name)
        written += [_write_table(table, folder / FOLDER / f"{key}.csv") for key, table in tables.items()]
    return written


def _write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV; the same table gives the same bytes on every system."""
    table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n", encoding="utf-8")
    return path
