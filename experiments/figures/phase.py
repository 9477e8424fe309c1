"""Phase diagrams: cells at the swept points, then contours; one panel a class, and the commonest class of each cell."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from experiments.comparison.phases import CLASSES, NOT_RUN, TIED, Phase, boundary_shift, difference, phase_table
from experiments.figures import style
from experiments.figures.outcome_style import LOOKS, OutcomeLook, key_label, value_label
from experiments.numbers import count

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
LEVELS: Final = (0.1, 0.5, 0.9)
CONTOURS: Final = "contours at 10 % (dashed), 50 % (thick), 90 % (thin)."
_LINES: Final = (("--", 1.0), ("-", 2.0), ("-", 0.9))  # of the 10, 50 and 90 % contours: dashes, width
_REASONS: Final = {
    "collapse": "the regime collapses",
    "capital": "the capital is taken",
    "centres": "most centres are held",
    "region": "a region is held",
    "insurgency_broken": "the insurgency is broken",
}


def phase_diagram(found: Phase, title: str, seeds: str, days: int | None = None) -> tuple[Figure, pd.DataFrame]:
    """Draw a phase diagram. Call inside `style.house_style()`.

    Args:
        found: the shares.
        title: the finding.
        seeds: which seeds, for the footer.
        days: length of the runs, if it is the same for all.

    Returns:
        The figure, and the table behind it.
    """
    figure = style.new_figure()
    length = f" of {count(days, 'day')}" if days else ""
    style.headline(
        figure,
        title,
        f"Share of runs{length} that end in each class; cells are the swept points, {CONTOURS} "
        f"{reasons_in_words(found)}",
    )
    style.footer(figure, n=found.total, seeds=seeds)
    grid = figure.add_gridspec(2, 3, left=0.075, right=0.9, top=0.82, bottom=0.19, wspace=0.18, hspace=0.36)
    axes = [figure.add_subplot(grid[k // 3, k % 3]) for k in range(6)]
    commonest_panel(axes[0], found)
    image = None
    for ax, name in zip(axes[1:], CLASSES, strict=True):
        image = share_panel(ax, found, found.shares[name])
        ax.set_title(f"{LOOKS[name].letter}: {LOOKS[name].label}", fontsize=11, pad=6)
    bar = figure.colorbar(image, cax=figure.add_axes((0.92, 0.19, 0.014, 0.63)))  # type: ignore[arg-type]
    style.smooth(bar)
    bar.set_label("share of runs")
    bar.outline.set_visible(False)
    for k, ax in enumerate(axes):
        ticks(ax, found, left=k % 3 == 0, below=k // 3 == 1)
    _axis_names(figure, found)
    return figure, phase_table(found)


def reasons_in_words(found: Phase) -> str:
    """Return how runs broke through, in words, commonest first."""
    if not found.reasons:
        return "No run broke through."
    parts = [f"{_REASONS.get(reason, reason)} {n:,}" for reason, n in found.reasons.items()]
    return f"Breakthroughs by reason: {', '.join(parts)}."


def share_panel(
    ax: Axes, found: Phase, share: Array, cmap: Any = "viridis", limits: tuple[float, float] = (0, 1)
) -> Any:
    """Draw one field over the grid, with its contours; return the image."""
    image = ax.imshow(share, origin="lower", aspect="auto", cmap=cmap, vmin=limits[0], vmax=limits[1])
    ax.grid(visible=False)
    if min(share.shape) >= 2 and np.nanmax(share) > LEVELS[0]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a level outside the data draws nothing, and that is meant
            for level, (dash, width) in zip(LEVELS, _LINES, strict=True):
                lines = ax.contour(share, levels=[level], colors=style.INK, linestyles=[dash], linewidths=width)
                lines.set_path_effects([withStroke(linewidth=width + 1.8, foreground="white")])
    return image


def commonest_panel(ax: Axes, found: Phase) -> None:
    """Draw the commonest class of each cell, its colour and letter; a tied cell is framed and split among its own."""
    which = found.commonest
    shown = np.ma.masked_less(which, 0)
    colours = ListedColormap([LOOKS[name].colour for name in CLASSES])
    ax.imshow(shown, origin="lower", aspect="auto", cmap=colours, vmin=-0.5, vmax=len(CLASSES) - 0.5)
    size = float(np.clip(90 / max(which.shape), 5, 11))
    leaders = found.leaders
    for row, column in zip(*np.nonzero(which != NOT_RUN), strict=True):
        _cell(ax, row, column, [LOOKS[CLASSES[k]] for k in np.flatnonzero(leaders[:, row, column])], size)
    ax.set_title("commonest (framed: tied)" if (which == TIED).any() else "commonest class", fontsize=11, pad=6)
    ax.grid(visible=False)


def _cell(ax: Axes, row: int, column: int, looks: Sequence[OutcomeLook], size: float) -> None:
    """Write the letter of a cell's commonest class; of several, side by side, each on a stripe of its colour."""
    wide = 1 / len(looks)
    for k, look in enumerate(looks):
        left = column - 0.5 + k * wide
        if len(looks) > 1:
            ax.add_patch(Rectangle((left, row - 0.5), wide, 1, facecolor=look.colour, linewidth=0))
        fitting = size if len(looks) == 1 else size * (0.35 + 0.65 * wide)
        ax.text(left + wide / 2, row, look.letter, ha="center", va="center", fontsize=fitting, color=look.ink)
    if len(looks) > 1:
        frame = (column - 0.46, row - 0.46)
        ax.add_patch(Rectangle(frame, 0.92, 0.92, facecolor="none", edgecolor=style.INK, linewidth=0.9))


def ticks(ax: Axes, found: Phase, left: bool = True, below: bool = True, size: float = 8.5) -> None:
    """Label the cells with the swept values; of many, every second or third."""
    for axis, values, shown in ((ax.xaxis, found.xs, below), (ax.yaxis, found.ys, left)):
        step = max(1, -(-len(values) // 8))
        at = np.arange(0, len(values), step)
        axis.set_ticks(at, [value_label(values[k]) for k in at] if shown else [""] * len(at))
    ax.tick_params(labelsize=size, length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _axis_names(figure: Figure, found: Phase) -> None:
    figure.text(0.49, 0.145, one_line(found.x), ha="center", va="top", fontsize=10)
    name = "\n".join(textwrap.wrap(one_line(found.y), 62))
    figure.text(0.012, 0.5, name, ha="left", va="center", rotation=90, fontsize=10)


def one_line(key: str) -> str:
    """Return an axis label without line breaks."""
    return key_label(key).replace("\n", " ")


def phase_comparison(
    left: Phase, right: Phase, names: tuple[str, str], title: str, seeds: str
) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Draw two phase diagrams of insurgent breakthroughs on one scale, and the difference between them.

    Returns:
        The figure, and the tables behind it: each phase, and the shift of the 50 % boundary.
    """
    figure = style.new_figure()
    style.headline(
        figure,
        title,
        "Share of runs that end in an insurgent breakthrough, national or regional; " + CONTOURS,
    )
    style.footer(figure, n=left.total + right.total, seeds=seeds)
    grid = figure.add_gridspec(1, 3, left=0.09, right=0.97, top=0.78, bottom=0.36, wspace=0.16)
    axes = [figure.add_subplot(grid[0, k]) for k in range(3)]
    image: Any = None
    for ax, found, name in zip(axes[:2], (left, right), names, strict=True):
        image = share_panel(ax, found, found.insurgent())
        ax.set_title(textwrap.shorten(name, 40, placeholder="…"), fontsize=11, pad=6)
        ticks(ax, found, left=found is left)
    xs, ys, gap = difference(left, right)
    common = Phase(left.x, left.y, xs, ys, {}, np.zeros_like(gap), {}, 0)
    field = axes[2].imshow(gap, origin="lower", aspect="auto", cmap="PuOr_r", vmin=-1, vmax=1)
    axes[2].set_title("second minus first", fontsize=11, pad=6)
    axes[2].grid(visible=False)
    ticks(axes[2], common, left=False)
    for place, drawn, label in (
        ((0.09, 0.2, 0.55, 0.022), image, "share of runs"),
        ((0.69, 0.2, 0.28, 0.022), field, "difference"),
    ):
        bar = figure.colorbar(drawn, cax=figure.add_axes(place), orientation="horizontal")
        style.smooth(bar)
        bar.outline.set_visible(False)
        bar.set_label(label, fontsize=9)
        bar.ax.tick_params(labelsize=8.5)
    figure.text(0.53, 0.285, one_line(left.x), ha="center", va="top", fontsize=10)
    figure.text(0.012, 0.57, "\n".join(textwrap.wrap(one_line(left.y), 42)), va="center", rotation=90, fontsize=10)
    tables = {"first": phase_table(left), "second": phase_table(right), "boundary": boundary_shift(left, right)}
    return figure, tables
