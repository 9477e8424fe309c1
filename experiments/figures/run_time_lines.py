"""The time lines of one run: deaths, attacks, strengths; fuel in the capital and in the centres; legitimacy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments.figures import style
from experiments.figures.labels import end_labels
from experiments.figures.run_findings import outcome_finding, run_detail
from experiments.figures.run_tables import WINDOW_DAYS, calendar, centre_table, day_table, month_table
from experiments.numbers import count
from sim.spells import spells
from sim.summary import thresholds_of

if TYPE_CHECKING:
    from experiments.plain_run import Array, PlainRun, Table
    from sim.scenario import Scenario

PANELS: Final = {  # name: left, bottom, width, height, as shares of the figure; the right of each is for its labels
    "deaths": (0.055, 0.685, 0.335, 0.175),
    "attacks": (0.055, 0.395, 0.335, 0.175),
    "strengths": (0.055, 0.105, 0.335, 0.175),
    "capital": (0.585, 0.685, 0.315, 0.175),
    "centres": (0.585, 0.395, 0.315, 0.175),
    "regime": (0.585, 0.105, 0.315, 0.175),
}
PLUM: Final = "#5b4b8a"  # what belongs to no side: legitimacy and reputation
BAND: Final = "#ededed"
LABEL: Final = 8.5  # points


@dataclass(frozen=True)
class Panels:
    """The empty panels of a run's time lines.

    Attributes:
        figure: the figure.
        axes: each panel, by name.
        days: how many days they reach over.
    """

    figure: Figure
    axes: dict[str, Axes]
    days: int


def begin_time_lines(scenario: Scenario, days: int | None = None) -> Panels:
    """Draw the empty panels of a run of some days (None: all of its scenario's). Call inside `style.house_style()`."""
    days = scenario.days if days is None else days
    figure = style.new_figure()
    axes = {name: _panel(figure, place, scenario.start_date, days) for name, place in PANELS.items()}
    return Panels(figure, axes, days)


def run_time_lines(run: PlainRun, begun: Panels | None = None) -> tuple[Figure, dict[str, Table]]:
    """Draw what happened when. Call inside `style.house_style()`.

    Args:
        run: what to draw.
        begun: what :func:`begin_time_lines` returned for its scenario; it is drawn upon.

    Returns:
        The figure, and the tables behind it by name.
    """
    days, months, centres = day_table(run), month_table(run), centre_table(run)
    if begun is None or begun.days != run.days:
        begun = begin_time_lines(run.scenario, run.days)
    figure, axes = begun.figure, begun.axes
    style.headline(figure, outcome_finding(run.summary), run_detail(run))
    style.footer(figure, n=1, seeds=str(run.seed))
    _draw_deaths(axes["deaths"], months, run)
    _draw_attacks(axes["attacks"], days, run)
    _draw_strengths(axes["strengths"], days)
    _draw_capital(axes["capital"], days, run)
    _draw_centres(axes["centres"], centres)
    _draw_regime(axes["regime"], days)
    return figure, {"time_lines": days, "time_lines_months": months, "time_lines_centres": centres}


def _panel(figure: Figure, place: tuple[float, float, float, float], start_date: str, days: int) -> Axes:
    """Axes over the days of a run, with dates."""
    ax = figure.add_axes(place)
    ax.set_xlim(0, max(1, days))
    ticks = _date_ticks(start_date, days)
    ax.set_xticks([day for day, _ in ticks], [text for _, text in ticks])
    ax.tick_params(labelsize=LABEL)
    ax.grid(visible=False, axis="x")
    style.settle(ax)
    return ax


def _date_ticks(start_date: str, days: int) -> list[tuple[int, str]]:
    """Days to mark and their words: the first day, then months as far apart as fits; the year where it changes."""
    months = calendar(start_date, days)
    step = max(1, -(-len(months) // 7))
    chosen = [month for k, month in enumerate(months) if k % step == 0]
    years = [month.begins.year for month in chosen]
    texts = []
    for k, month in enumerate(chosen):
        word = f"{month.begins:%b}" if month.begins.day == 1 else f"{month.begins.day} {month.begins:%b}"
        texts.append(f"{word}\n{month.begins.year}" if k == 0 or years[k] != years[k - 1] else word)
    return [(month.first, text) for month, text in zip(chosen, texts, strict=True)]


def _line(ax: Axes, days: Array, values: Any, **how: Any) -> None:
    """Draw a line over the days, with a point where one day makes no line."""
    ax.plot(days, values, marker="o" if len(days) == 1 else "", **how)


def _title(ax: Axes, text: str) -> None:
    ax.set_title(text, y=1.0, fontsize=10.5, fontweight="bold", pad=5)  # a given y: no tick is measured for it


def _draw_deaths(ax: Axes, months: Table, run: PlainRun) -> None:
    """Deaths by month, civilians on top; a hollow marker is a month that the run covers only in part."""
    spans = calendar(run.scenario.start_date, run.days)
    middle = np.array([(month.first + month.end) / 2 for month in spans])
    whole = np.array([month.whole for month in spans])
    labels = []
    for side in reversed(list(style.SIDES.values())):  # civilians last, on top
        dead = months[f"deaths_{side.key}"]
        ax.plot(middle, dead, color=side.colour, linestyle=side.dash, linewidth=1.6)
        for which, face in ((whole, side.colour), (~whole, style.PAPER)):
            ax.scatter(middle[which], dead[which], s=18 * side.weight, marker=side.marker, facecolor=face,
                       edgecolor=side.colour, linewidth=1.0, zorder=3)  # fmt: skip
        labels.append((side.label, float(dead[-1]), side.colour))
    civilians, *rest = (int(months[f"deaths_{key}"].sum()) for key in style.SIDES)
    _title(ax, f"Killed by month: {count(civilians, 'civilian')}, {count(sum(rest), 'other')}")
    ax.set_ylim(0, _top(ax))
    end_labels(ax, labels, size=LABEL)


def _draw_attacks(ax: Axes, days: Table, run: PlainRun) -> None:
    """Events begun by insurgents in 30 days, the band of a stalemate, and when a campaign was on."""
    total = days["events_in_30_days"]
    bounds = thresholds_of(run.scenario)
    _line(ax, days["day"], total, color=style.INSURGENTS.colour)
    top = max(np.nanmax(total, initial=0) * 1.12, bounds.events_high * 1.12)
    ax.axhspan(bounds.events_low, bounds.events_high, color=BAND, zorder=0)
    for first, end in spells(days["campaign"] > 0):
        ax.plot([first, end], [top * 0.97] * 2, color=style.INK, linewidth=3.5, solid_capstyle="butt")
    ax.set_ylim(0, top)
    _title(ax, f"Attacks in the last {WINDOW_DAYS} days (grey: low intensity)")
    words = [(f"{bounds.events_low:g} to {bounds.events_high:g}", bounds.events_high / 2, style.MUTED)]
    if (days["campaign"] > 0).any():
        words.append(("campaign", top * 0.97, style.INK))
    if np.isfinite(total).any():
        words.append((f"{total[-1]:.0f} at the end", float(total[-1]), style.INSURGENTS.colour))
    end_labels(ax, words, size=LABEL)


def _draw_strengths(ax: Axes, days: Table) -> None:
    """Strengths against day 0; a side that had nobody then has no line."""
    labels = []
    for side in (style.INSURGENTS, style.STATE, style.CONTRACTORS):
        relative = days[f"{side.key}_relative"]
        if np.isfinite(relative).all():
            _line(ax, days["day"], relative, color=side.colour, linestyle=side.dash)
            labels.append((f"{side.label} {days[side.key][-1]:,.0f}", float(relative[-1]), side.colour))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_ylim(0, max(1.15, _top(ax)))
    _title(ax, "Strength, relative to the first day" if labels else "Strength: no armed side on the first day")
    end_labels(ax, labels, size=LABEL)


def _draw_capital(ax: Axes, days: Table, run: PlainRun) -> None:
    """Share of the capital's fuel demand met, each day and over the week."""
    denied = thresholds_of(run.scenario).denied_below
    name = run.scenario.geography.places[run.scenario.geography.capital].label
    served, week = days["capital_served"], days["capital_served_week_mean"]
    ax.fill_between(days["day"], served, step="mid", color="#d9d3ea", linewidth=0)
    _line(ax, days["day"], week, color=PLUM)
    ax.axhline(denied, color=style.INK, linewidth=0.8, dashes=(4, 3))
    _share_axis(ax)
    _title(ax, f"Fuel in {name}, share of demand met")
    cut = int(np.sum(served < denied))
    under = f"below: {cut} day{'s' if cut != 1 else ''}"
    end_labels(ax, [("week's mean", float(week[-1]), PLUM), (under, denied, style.INK)], size=LABEL)


def _draw_centres(ax: Axes, centres: Table) -> None:
    """Share of fuel demand met in each regional capital: a row each, west above."""
    names = list(centres)[1:]
    ax.grid(visible=False)
    _title(ax, "Fuel in the regional capitals, from west to east")
    if not names:
        ax.text(0.5, 0.5, "there are none", transform=ax.transAxes, ha="center", color=style.MUTED)
        ax.set_yticks([])
        return
    picture = ax.imshow(
        np.array([centres[name] for name in names]), aspect="auto", interpolation="nearest", cmap=style.SUPPORT_MAP,
        vmin=0, vmax=1, extent=(0, len(centres["day"]), len(names) - 0.5, -0.5),
    )  # fmt: skip
    ax.set_yticks(range(len(names)), names, fontsize=min(LABEL, 62 / len(names)))
    ax.tick_params(axis="y", length=0)
    bar = ax.inset_axes((1.02, 0.0, 0.022, 1.0))
    scale: Any = ax.figure.colorbar(picture, cax=bar)
    scale.set_ticks([0, 0.5, 1], labels=["none", "half", "all"])
    scale.ax.tick_params(labelsize=LABEL)
    style.smooth(scale)
    style.settle(scale.ax)


def _draw_regime(ax: Axes, days: Table) -> None:
    labels = []
    for name, words, colour, dash in (
        ("legitimacy", "legitimacy", PLUM, "-"),
        ("reputation", "reputation", style.INSURGENTS.colour, "--"),
    ):
        _line(ax, days["day"], days[name], color=colour, linestyle=dash)
        labels.append((words, float(days[name][-1]), colour))
    _share_axis(ax)
    _title(ax, "Regime's legitimacy, insurgents' reputation")
    end_labels(ax, labels, size=LABEL)


def _share_axis(ax: Axes) -> None:
    ax.set_ylim(0, 1.04)
    ax.set_yticks([0, 0.5, 1])
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _top(ax: Axes) -> float:
    """A height that leaves a little room above what is drawn, and is never zero."""
    return max(1.0, 1.08 * ax.dataLim.y1) if np.isfinite(ax.dataLim.y1) else 1.0
