"""The figure of a thesis: what was swept, as lines with intervals, and the paired differences behind the verdict."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments.comparison.phases import CLASSES, phase_table
from experiments.figures import style
from experiments.figures.comparisons import write
from experiments.figures.outcome_style import LOOKS, SCENARIO_COLOURS, SCENARIO_DASHES, SCENARIO_MARKERS, value_label
from experiments.figures.phase import commonest_panel, one_line, share_panel, ticks
from experiments.thesis.contrasts import CHANCES, Contrast, Finding, Panel, overall
from experiments.thesis.region import NAME as REGION
from experiments.thesis.region import planes

if TYPE_CHECKING:
    import pandas as pd

SMALL: Final = 8.5


def write_thesis(name: str, finding: Finding, runs: pd.DataFrame, seeds: str, folder: Path) -> list[Path]:
    """Write the figure of a thesis with its tables."""
    with style.house_style():
        if name == REGION:
            figure, tables = region_figure(finding, runs, seeds)
        else:
            figure, tables = thesis_figure(finding, len(runs), seeds)
    return write(figure, tables, folder, name)


def thesis_figure(finding: Finding, n: int, seeds: str) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Draw the panels of a thesis and its contrasts. Call inside `style.house_style()`."""
    import pandas as pd

    figure = style.new_figure()
    _heads(figure, finding, n, seeds)
    width, gap = 0.265, 0.062
    labels: list[tuple[str, Any]] = []
    for k, panel in enumerate(finding.panels):
        ax = figure.add_axes((0.05 + k * (width + gap), 0.54, width, 0.245 if len(panel.lines) > 1 else 0.30))
        labels = draw_panel(ax, panel)
    if len(labels) > 1:
        figure.legend(handles=[h for _, h in labels], labels=[t for t, _ in labels], loc="upper left",
                      bbox_to_anchor=(0.045, 0.875), ncols=len(labels), fontsize=9, columnspacing=1.4)  # fmt: skip
    shares = [c for c in finding.contrasts if c.measure in CHANCES]
    numbers = [c for c in finding.contrasts if c.measure not in CHANCES]
    height = 0.27
    draw_contrasts(figure.add_axes((0.33, 0.125, 0.20, height)), shares, "Shares of runs, points", 100.0)
    if numbers:
        draw_contrasts(figure.add_axes((0.81, 0.125, 0.17, height)), numbers, "Numbers, % of the first value", None)
    lines = [line.table.assign(panel=panel.title, line=line.label) for panel in finding.panels for line in panel.lines]
    return figure, {"lines": pd.concat(lines, ignore_index=True)}


def _heads(figure: Figure, finding: Finding, n: int, seeds: str) -> None:
    style.headline(figure, finding.headline, f"{finding.name} {overall(finding.parts)}: “{finding.text}”")
    style.footer(figure, n=n, seeds=seeds, interval="90 % (Wilson; bootstrap of paired differences)")


def draw_panel(ax: Axes, panel: Panel) -> list[tuple[str, Any]]:
    """Draw one panel; return its lines with their names, for a legend."""
    handles = []
    for k, line in enumerate(panel.lines):
        t = line.table
        at = np.arange(len(t))
        colour = SCENARIO_COLOURS[k % 8]
        ax.fill_between(at, t["low"], t["high"], color=colour, alpha=0.13, linewidth=0)
        (drawn,) = ax.plot(at, t["mean"], color=colour, marker=SCENARIO_MARKERS[k % 8], markersize=4.5,
                           linestyle=SCENARIO_DASHES[k % 8], linewidth=1.7)  # fmt: skip
        ax.set_xticks(at, [value_label(v) for v in t["x"]])
        handles.append((line.label, drawn))
    if panel.percent:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        ax.set_ylim(-0.02, max(0.2, 1.08 * max(float(line.table["high"].max()) for line in panel.lines)))
    else:
        style.thousands(ax.yaxis)
    ax.tick_params(labelsize=SMALL)
    ax.set_title(panel.title, fontsize=10.5, pad=6)
    ax.set_xlabel("\n".join(textwrap.wrap(one_line(panel.x_label), 48)), fontsize=SMALL)
    return handles


def draw_contrasts(ax: Axes, found: list[Contrast], title: str, scale: float | None) -> None:
    """Draw paired differences with their intervals; ``scale`` None: in percent of the first value."""
    for row, c in enumerate(found):
        k = scale if scale is not None else 100.0 / abs(c.base) if c.base else float("nan")
        ax.plot([0, k * c.difference], [row, row], color=style.MUTED, linewidth=1.2)
        ax.plot([k * c.low, k * c.high], [row, row], color=SCENARIO_COLOURS[1], linewidth=4, alpha=0.45)
        ax.plot(k * c.difference, row, marker="o", color=SCENARIO_COLOURS[1], markersize=6)
    ax.axvline(0, color=style.INK, linewidth=1)
    ax.set_yticks(range(len(found)), ["\n".join(textwrap.wrap(c.label, 52)) for c in found], fontsize=SMALL)
    ax.set_ylim(len(found) - 0.5, -0.5)
    low, high = ax.get_xlim()
    pad = 0.06 * (high - low)
    ax.set_xlim(min(low - pad, -5), max(high + pad, 5))
    style.thousands(ax.xaxis)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.grid(visible=False, axis="y")
    ax.set_title(title, fontsize=10, pad=6, loc="left")


def region_figure(finding: Finding, runs: pd.DataFrame, seeds: str) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Draw T5: for each plane the commonest class and the shares of the three that matter."""
    figure = style.new_figure()
    _heads(figure, finding, len(runs), seeds)
    found = planes(runs)
    grid = figure.add_gridspec(2, 4, left=0.075, right=0.9, top=0.80, bottom=0.20, wspace=0.14, hspace=0.5)
    image: Any = None
    for row, plane in enumerate(found):
        axes = [figure.add_subplot(grid[row, k]) for k in range(4)]
        commonest_panel(axes[0], plane)
        for ax, share, title in (
            (axes[1], plane.insurgent(), "insurgent breakthrough"),
            (axes[2], plane.shares["stalemate"], "stalemate"),
            (axes[3], plane.shares["state_breakthrough"], "state breakthrough"),
        ):
            image = share_panel(ax, plane, share)
            ax.set_title(title, fontsize=10.5, pad=5)
        for k, ax in enumerate(axes):
            ticks(ax, plane, left=k == 0, below=True, size=8)
        box = axes[0].get_position()
        name = "\n".join(textwrap.wrap(plane.y.rpartition(".")[2].replace("_", " "), 24))
        figure.text(0.018, (box.y0 + box.y1) / 2, name, rotation=90, va="center", ha="center", fontsize=9.5)
    figure.text(0.49, 0.155, one_line(found[0].x), ha="center", va="top", fontsize=10)
    bar = figure.colorbar(image, cax=figure.add_axes((0.92, 0.20, 0.013, 0.60)))
    style.smooth(bar)
    bar.set_label("share of runs; contours 10 % (dashed), 50 % (thick), 90 %", fontsize=9)
    bar.outline.set_visible(False)
    letters = "   ".join(f"{LOOKS[name].letter} {LOOKS[name].label}" for name in CLASSES)
    told = ", ".join(f"{reason.replace('_', ' ')} {n:,}" for reason, n in finding.reasons.items()) or "none"
    figure.text(
        0.075, 0.118, f"{letters}      Breakthroughs by reason: {told}", fontsize=SMALL, color=style.INK, va="top"
    )
    return figure, {"effort_by_support": phase_table(found[0]), "contractors_by_support": phase_table(found[1])}
