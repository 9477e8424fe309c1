"""The sizes of one run's battle events: how many killed at least so many, and how heavy the tail is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from experiments.figures import style
from experiments.figures.power_law import FROM_SIZE
from experiments.figures.run_findings import run_detail, size_finding
from experiments.figures.run_tables import EventSizes, event_sizes, size_table

if TYPE_CHECKING:
    from experiments.plain_run import PlainRun, Table

TICKS: Final = np.outer(10.0 ** np.arange(-5, 5), (1, 2, 5)).ravel()


def run_event_sizes(run: PlainRun) -> tuple[Figure, dict[str, Table]]:
    """Draw the share of lethal battle events that killed at least so many. Call inside `style.house_style()`.

    Returns:
        The figure, and the table behind it by name.
    """
    sizes = event_sizes(run)
    table = size_table(sizes)
    figure = style.new_figure()
    style.headline(figure, size_finding(sizes), run_detail(run))
    style.footer(figure, n=1, seeds=str(run.seed))
    ax = figure.add_axes((0.075, 0.135, 0.60, 0.735))
    if len(table["deaths"]):
        _draw_shares(ax, table, sizes)
    else:
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no lethal battle events", ha="center", va="center", color=style.MUTED, fontsize=14)
    figure.text(0.705, 0.845, _facts(sizes), fontsize=11, va="top", linespacing=1.5)
    return figure, {"event_sizes": table}


def _draw_shares(ax: Axes, table: Table, sizes: EventSizes) -> None:
    deaths, share = table["deaths"], table["share_at_least"]
    ax.set(xscale="log", yscale="log", xlim=(0.85, deaths.max() * 1.3), ylim=(0.55 * share.min(), 1.5))
    ax.scatter(deaths, share, s=34, color=style.INK, zorder=3)
    if sizes.law is not None:
        grid = np.geomspace(FROM_SIZE, deaths.max(), 60)
        above = np.mean(sizes.sizes >= FROM_SIZE)
        ax.plot(grid, above * sizes.law.at_least(grid), color=style.INSURGENTS.colour, dashes=(5, 2), zorder=2)
        at = float(grid[22])
        ax.annotate(
            f"power law from {FROM_SIZE} deaths up, exponent {sizes.law.exponent:.2f}",
            (at, float(above * sizes.law.at_least(at))), (14, 14), textcoords="offset points",
            color=style.INSURGENTS.colour, fontsize=11,
        )  # fmt: skip
    ax.set_xlabel("deaths in one event, all sides together")
    ax.set_ylabel("share of lethal events with at least as many")
    for axis, words in ((ax.xaxis, "{:,.0f}"), (ax.yaxis, "{:.3g} %")):
        low, high = axis.get_view_interval()
        axis.set_major_locator(
            FixedLocator([tick for tick in TICKS if low <= tick <= min(high, 1.0 if axis is ax.yaxis else high)])
        )
        axis.set_minor_locator(NullLocator())
        factor = 1 if axis is ax.xaxis else 100
        axis.set_major_formatter(FuncFormatter(lambda v, _, words=words, factor=factor: words.format(v * factor)))


def _facts(sizes: EventSizes) -> str:
    """What the dots are, how many, and what is left out; in short lines for the margin."""
    lethal = len(sizes.sizes)
    lines = [f"{lethal:,} lethal of {sizes.battles:,} battle events", "(both sides armed)"]
    if lethal:
        largest, median = int(sizes.sizes[-1]), float(np.median(sizes.sizes))
        lines += ["", f"mean {sizes.sizes.mean():.1f}, median {median:g},", f"largest {largest:,} deaths"]
    if sizes.law is not None:
        lines += ["", "fitted by maximum likelihood to the", f"{sizes.law.n:,} events of {FROM_SIZE} deaths or more"]
    if sizes.one_sided:
        lines += ["", f"Not among them: {sizes.one_sided:,} lethal events", "of violence against civilians alone"]
    lines += ["", "Recorded events are another thing:", "small ones often go unrecorded, and", "figures are contested."]
    return "\n".join(lines)
