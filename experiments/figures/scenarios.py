"""Scenarios side by side: outcome shares, paired differences, time to breakthrough; and fans as small multiples."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments.comparison.scenarios import SERIES, Comparison, fan_table, outcome_table, paired_table
from experiments.comparison.survival import insurgent_breakthrough_times, without_breakthrough
from experiments.figures import style
from experiments.figures.outcome_style import LOOKS, SCENARIO_COLOURS, SCENARIO_DASHES, SCENARIO_MARKERS
from experiments.science.main_measures import MEASURES
from sim.outcomes import NOT_ASSESSED, OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

SMALL: Final = 8.5


def comparison_figure(comparison: Comparison, title: str) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Draw outcomes, paired differences and time to breakthrough on one slide. Call inside `style.house_style()`.

    Returns:
        The figure, and the tables behind it.
    """
    outcomes, pairs = outcome_table(comparison), paired_table(comparison)
    figure = style.new_figure()
    base = comparison.scenarios[0].title
    style.headline(figure, title, f"Same seeds in every scenario; differences are paired, from “{base}”.")
    n, seeds = len(comparison.runs), f"{comparison.seeds[0]}-{comparison.seeds[-1]}"
    style.footer(figure, n=n, seeds=seeds, interval="90 % (bootstrap of paired differences; Greenwood for curves)")
    rows = len(comparison.names)
    _bars(figure.add_axes((0.16, 0.62, 0.26, 0.03 + 0.032 * min(rows, 6))), comparison, outcomes)
    curves = _survival(figure.add_axes((0.06, 0.14, 0.36, 0.34)), comparison)
    _dumbbells(figure.add_axes((0.74, 0.14, 0.24, 0.68)), comparison, pairs)
    return figure, {"outcomes": outcomes, "paired": pairs, "time_to_breakthrough": curves}


def _bars(ax: Axes, comparison: Comparison, outcomes: pd.DataFrame) -> None:
    names = comparison.names
    for row, name in enumerate(names):
        left = 0.0
        found = outcomes[outcomes["scenario"] == name].set_index("outcome")["share"]
        for outcome in OUTCOMES:
            share, look = float(found[outcome]), LOOKS[outcome]
            if share <= 0:
                continue
            ax.barh(row, share, left=left, height=0.72, color=look.colour, edgecolor="white", linewidth=0.8)
            if share >= 0.07:
                ax.text(left + share / 2, row, f"{share:.0%}", ha="center", va="center", fontsize=SMALL, color=look.ink)
            left += share
    ax.set_yticks(range(len(names)), [_short(s.title) for s in comparison.scenarios], fontsize=9.5)
    for k, text in enumerate(ax.get_yticklabels()):
        text.set_color(SCENARIO_COLOURS[k % 8])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_title("How runs end", fontsize=11, loc="left", pad=30)
    shown = [o for o in OUTCOMES if o != NOT_ASSESSED or (outcomes.loc[outcomes["outcome"] == o, "share"] > 0).any()]
    handles = [_patch(LOOKS[o].colour, LOOKS[o].label) for o in shown]
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.56, 1.0), ncols=5, fontsize=SMALL,
              handlelength=1.0, columnspacing=0.9, handletextpad=0.4, borderaxespad=0.2)  # fmt: skip


def _patch(colour: str, label: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, edgecolor=style.MUTED, linewidth=0.5, label=label)


def _short(text: str, width: int = 22) -> str:
    return textwrap.shorten(text, width, placeholder="…")


def _survival(ax: Axes, comparison: Comparison) -> pd.DataFrame:
    import pandas as pd

    parts, ends = [], []
    longest = max(s.days for s in comparison.scenarios)
    lowest = 1.0
    for k, scenario in enumerate(comparison.scenarios):
        runs = comparison.of(scenario.name)
        curve = without_breakthrough(*insurgent_breakthrough_times(runs, scenario.days), scenario.days)
        colour = SCENARIO_COLOURS[k % 8]
        ax.fill_between(curve["day"], curve["low"], curve["high"], step="post", color=colour, alpha=0.12, linewidth=0)
        ax.step(curve["day"], curve["share"], where="post", color=colour, linestyle=SCENARIO_DASHES[k % 8])
        ends.append((float(curve["share"].iloc[-1]), scenario.title, colour))
        lowest = min(lowest, float(curve["low"].min()))
        curve.insert(0, "scenario", scenario.name)
        parts.append(curve)
    bottom = max(0.0, np.floor(10 * (lowest - 0.05)) / 10)
    ax.set_ylim(bottom, 1.01)
    ax.set_xlim(0, longest)
    spread_labels(ax, longest, ends)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("day")
    ax.set_title("Runs still without an insurgent breakthrough", fontsize=11, loc="left", pad=6)
    return pd.concat(parts, ignore_index=True)


def spread_labels(ax: Axes, x: float, ends: list[tuple[float, str, str]]) -> None:
    """Write names beside line ends (y, name, colour), moved apart so that none covers another."""
    low, high = ax.get_ylim()
    gap = 0.075 * (high - low)
    placed = sorted(ends, key=lambda e: -e[0])
    ys = [min(y, high) for y, _, _ in placed]
    for k in range(1, len(ys)):
        ys[k] = min(ys[k], ys[k - 1] - gap)
    under = low - ys[-1] if ys else 0.0
    if under > 0:
        ys = [y + under for y in ys]
    for y, (_, name, colour) in zip(ys, placed, strict=True):
        ax.annotate(_short(name), (x, y), xytext=(4, 0), textcoords="offset points", color=colour, fontsize=SMALL,
                    va="center", annotation_clip=False)  # fmt: skip


def _dumbbells(ax: Axes, comparison: Comparison, pairs: pd.DataFrame) -> None:
    """Paired differences in standard deviations of the first scenario; the numbers themselves on the left."""
    others = comparison.names[1:]
    step = 0.72 / max(1, len(others))
    for k, name in enumerate(others):
        colour, marker = SCENARIO_COLOURS[(k + 1) % 8], SCENARIO_MARKERS[(k + 1) % 8]
        found = pairs[pairs["scenario"] == name].set_index("measure")
        for row, measure in enumerate(MEASURES):
            e = {name: float(found[name][measure.name]) for name in ("in_spread", "low", "high", "base_sd")}
            if not np.isfinite(e["in_spread"]):
                continue
            y = row + (k - (len(others) - 1) / 2) * step
            ax.plot([0, e["in_spread"]], [y, y], color=colour, linewidth=1.2, alpha=0.6)
            ax.plot(
                [e["low"] / e["base_sd"], e["high"] / e["base_sd"]], [y, y], color=colour, linewidth=3.2, alpha=0.45
            )
            ax.plot(e["in_spread"], y, marker=marker, color=colour, markersize=5.5, linestyle="")
    ax.axvline(0, color=style.INK, linewidth=1)
    ax.set_xscale("symlog", linthresh=1, linscale=1)
    far = float(np.nanmax(np.abs(pairs["in_spread"].to_numpy(float)), initial=0.0))
    reach = max(1.5, 1.5 * far)
    ax.set_xlim(-reach, reach)
    at = [v for v in (-1000, -100, -10, -1, 0, 1, 10, 100, 1000) if abs(v) <= reach]
    ax.set_xticks(at, [f"{v:g}" for v in at])
    ax.minorticks_off()
    first = pairs[pairs["scenario"] == others[0]].set_index("measure")
    labels = [f"{m.label}  ({_number(first['base'][m.name])})" for m in MEASURES]
    for row in (row for row, m in enumerate(MEASURES) if first["base_sd"][m.name] == 0):
        ax.annotate("no spread to measure by", (0, row), (5, 0), textcoords="offset points", fontsize=SMALL,
                    color=style.MUTED, va="center")  # fmt: skip
    ax.set_yticks(range(len(MEASURES)), labels, fontsize=SMALL)
    ax.set_ylim(len(MEASURES) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("difference, in standard deviations over seeds\n(even steps to 1, then tenfold steps)", fontsize=9.5)
    ax.set_title("Paired differences (in brackets: mean of the first scenario)", fontsize=11, loc="right", pad=6)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.2g}"


def fan_figure(comparison: Comparison, title: str) -> tuple[Figure, dict[str, pd.DataFrame]]:
    """Draw fans of the daily series as small multiples: a row a series, a column a scenario.

    Returns:
        The figure, and the table behind it.
    """
    table = fan_table(comparison)
    figure = style.new_figure()
    style.headline(figure, title, "Median over runs; bands hold the middle 50 and 90 % of runs, day by day.")
    seeds = f"{comparison.seeds[0]}-{comparison.seeds[-1]}"
    style.footer(figure, n=len(comparison.runs), seeds=seeds, interval="50 and 90 % of runs")
    columns = len(comparison.names)
    grid = figure.add_gridspec(
        len(SERIES), columns, left=0.06, right=0.98, top=0.80, bottom=0.12, hspace=0.42, wspace=0.08
    )
    for row, name in enumerate(SERIES):
        found = table[table["series"] == name]
        top = float(found["q95"].max()) * 1.05 or 1.0
        for column, scenario in enumerate(comparison.scenarios):
            ax = figure.add_subplot(grid[row, column])
            _fan(ax, found[found["scenario"] == scenario.name], SCENARIO_COLOURS[column % 8])
            ax.set_xlim(0, scenario.days)
            ax.set_ylim(0, top)
            ax.tick_params(labelsize=SMALL, labelleft=column == 0, labelbottom=row == len(SERIES) - 1)
            style.thousands(ax.yaxis)
            if name != "insurgents":
                ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.2 else 1))
            if row == 0:
                ax.set_title(_short(scenario.title, max(12, 120 // columns)), fontsize=10.5, loc="center", pad=22)
            if column == 0:
                ax.text(0, 1.04, SERIES[name], transform=ax.transAxes, fontsize=9.5, va="bottom", color=style.INK)
            if row == len(SERIES) - 1:
                ax.set_xlabel("day", fontsize=9.5)
    return figure, {"fans": table}


def _fan(ax: Axes, found: pd.DataFrame, colour: str) -> None:
    for low, high, alpha in (("q05", "q95", 0.18), ("q25", "q75", 0.35)):
        ax.fill_between(found["day"], found[low], found[high], color=colour, alpha=alpha, linewidth=0)
    ax.plot(found["day"], found["q50"], color=colour, linewidth=1.6)
