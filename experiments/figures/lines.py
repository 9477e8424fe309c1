"""A measure over one swept key, and time to breakthrough by its values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments.comparison.scenarios import with_shares
from experiments.comparison.survival import insurgent_breakthrough_times, without_breakthrough
from experiments.figures import style
from experiments.figures.comparisons import write
from experiments.figures.outcome_style import SCENARIO_COLOURS, value_label
from experiments.figures.phase import one_line
from experiments.numbers import told
from experiments.science.evidence import wilson
from experiments.science.main_measures import MEASURES
from experiments.science.paired import bootstrap_mean

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
_LABELS: Final = {m.name: m.label for m in MEASURES}
_MOST_CURVES: Final = 8
_MOST_COLUMNS: Final = 4


def is_share(values: Array) -> bool:
    """Return whether a measure is a yes or no."""
    return bool(np.isin(values, (0.0, 1.0)).all())


def line_table(runs: pd.DataFrame, x: str, measure: str) -> pd.DataFrame:
    """Return a measure by the values of a key: runs, mean with its 90 % interval, quantiles over runs."""
    import pandas as pd

    known = with_shares(runs)
    rows = []
    for value, part in known.groupby(x):
        cells = part[measure].to_numpy(float)
        cells = cells[np.isfinite(cells)]
        if not len(cells):
            continue
        yes = is_share(known[measure].to_numpy(float))
        low, high = wilson(int(cells.sum()), len(cells), 0.9) if yes else bootstrap_mean(cells)
        rows.append((value, len(cells), float(cells.mean()), low, high, *np.quantile(cells, (0.05, 0.5, 0.95))))
    return pd.DataFrame(rows, columns=[x, "runs", "mean", "low", "high", "q05", "q50", "q95"])


def write_lines(runs: pd.DataFrame, x: str, measure: str, seeds: str, folder: Path) -> list[Path]:
    """Draw a measure over a key: its mean, and for numbers the spread of the runs as ridges."""
    table = line_table(runs, x, measure)
    label = _LABELS.get(measure, measure.replace("_", " "))
    values = with_shares(runs)[measure].to_numpy(float)
    with style.house_style():
        figure = style.new_figure()
        first, last = table["mean"].iloc[0], table["mean"].iloc[-1]
        low, high = (f"{v:.0%}" if is_share(values) else told(float(v)) for v in (first, last))
        finding = f"{label.capitalize()}: {low} at the lowest, {high} at the highest value"
        style.headline(
            figure,
            finding,
            "Mean over runs with its 90 % interval" + ("" if is_share(values) else "; ridges show the runs"),
        )
        style.footer(figure, n=int(table["runs"].sum()), seeds=seeds, interval="90 % of the mean")
        ax = figure.add_axes((0.09, 0.18, 0.86, 0.62))
        _mean(ax, table, x, runs, measure, ridges=not is_share(values))
        ax.set_xlabel(one_line(x))
        ax.set_ylabel(label)
        if is_share(values):
            ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
            ax.set_ylim(-0.02, 1.02)
        else:
            style.thousands(ax.yaxis)
    return write(figure, {"": table}, folder, f"lines_{measure}_by_{x.rpartition('.')[2]}")


def _mean(ax: Axes, table: pd.DataFrame, x: str, runs: pd.DataFrame, measure: str, ridges: bool) -> None:
    at = np.arange(len(table))
    if ridges:
        for k, value in enumerate(table[x]):
            cells = with_shares(runs[runs[x] == value])[measure].to_numpy(float)
            _ridge(ax, k, cells[np.isfinite(cells)])
    ax.errorbar(at, table["mean"], yerr=[table["mean"] - table["low"], table["high"] - table["mean"]],
                color=style.INK, marker="o", capsize=3, linewidth=1.6)  # fmt: skip
    ax.set_xticks(at, [value_label(v) for v in table[x]])


def _ridge(ax: Axes, at: float, cells: Array) -> None:
    """Draw the density of some runs as a ridge that rises to the right of its tick."""
    from scipy.stats import gaussian_kde

    if len(cells) < 5 or np.ptp(cells) == 0:
        return
    grid = np.linspace(cells.min(), cells.max(), 120)
    density = gaussian_kde(cells)(grid)
    ax.fill_betweenx(grid, at, at + 0.75 * density / density.max(), color=SCENARIO_COLOURS[1], alpha=0.25, linewidth=0)


def write_survival(runs: pd.DataFrame, by: str, days: int | None, seeds: str, folder: Path) -> list[Path]:
    """Draw the share of runs without an insurgent breakthrough over time, a panel for each value of a key."""
    import pandas as pd

    horizon = days or int(max(runs["breakthrough_day"].max() + 1, 540))
    values = np.sort(runs[by].unique())
    shown = values[np.unique(np.linspace(0, len(values) - 1, min(len(values), _MOST_CURVES)).astype(int))]
    curves = [
        without_breakthrough(*insurgent_breakthrough_times(runs[runs[by] == value], horizon), horizon)
        for value in shown
    ]
    kept = [float(curve["share"].iloc[-1]) for curve in curves]
    with style.house_style():
        figure = style.new_figure()
        _panels(figure, curves, [f"{value_label(v)}: {end:.0%} at the end" for v, end in zip(shown, kept, strict=True)])
        finding = f"Without insurgent breakthrough at the end: {min(kept):.0%} to {max(kept):.0%} of runs"
        some = "" if len(shown) == len(values) else f"; {len(shown)} of {len(values)} values shown"
        grey = "; the others in grey" if len(shown) > 1 else ""
        style.headline(figure, finding, f"Kaplan-Meier; a panel for each value of: {one_line(by)}{grey}{some}")
        n = int(runs[by].isin(shown).sum())
        style.footer(figure, n=n, seeds=seeds, interval="90 % (Greenwood; none before the first breakthrough)")
    for value, curve in zip(shown, curves, strict=True):
        curve.insert(0, by, value)
    return write(figure, {"": pd.concat(curves)}, folder, f"survival_by_{by.rpartition('.')[2]}")


def _panels(figure: Figure, curves: Sequence[pd.DataFrame], titles: Sequence[str]) -> None:
    """Draw each curve with its band in a panel of its own, the others in grey behind it."""
    columns = min(len(curves), _MOST_COLUMNS)
    rows = -(-len(curves) // columns)
    grid = figure.add_gridspec(rows, columns, left=0.06, right=0.98, top=0.82, bottom=0.15, wspace=0.1, hspace=0.3)
    for k, (curve, title) in enumerate(zip(curves, titles, strict=True)):
        ax = figure.add_subplot(grid[k // columns, k % columns])
        for other in curves:
            ax.step(other["day"], other["share"], where="post", color=style.RULE, linewidth=1)
        day, colour = curve["day"], SCENARIO_COLOURS[1]
        ax.fill_between(day, curve["low"], curve["high"], step="post", color=colour, alpha=0.22, linewidth=0)
        ax.step(day, curve["share"], where="post", color=colour, linewidth=2)
        ax.set_xlim(0, curve["day"].iloc[-1])
        ax.set_ylim(-0.01, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        below = k + columns >= len(curves)
        ax.tick_params(labelleft=k % columns == 0, labelbottom=below)
        ax.set_title(title, fontsize=11, pad=5)
        if below:
            ax.set_xlabel("day")
