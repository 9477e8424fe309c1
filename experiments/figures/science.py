"""Figures of ``docs/validation.md``: patterns, months, seeds, thresholds, ablations, sensitivity."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures import style

if TYPE_CHECKING:
    from experiments.ablate import Ablations
    from experiments.outcomes import Outcomes
    from experiments.science.stability import Stability
    from experiments.sensitivity import Sensitivity
    from experiments.validate import Validation

GOOD, BAD = style.STATE.colour, style.INSURGENTS.colour
BAND = "#c6dcec"


def _seeds(seeds: range) -> str:
    return f"{seeds[0]}-{seeds[-1]}"


def patterns(result: Validation) -> Figure:
    """Draw the share of seeds that has each pattern, with its interval and the share aimed at."""
    rows = [f for f in result.patterns if f.share is not None]
    figure = style.new_figure((12.8, 6.4))
    passed = sum(f.passed for f in result.patterns)
    style.headline(
        figure,
        f"{passed} of {len(result.patterns)} patterns of the article come out",
        "share of seeds that has the pattern; the tick is the share aimed at, open circles were calibrated",
    )
    ax = figure.add_axes((0.36, 0.14, 0.58, 0.72))
    for k, f in enumerate(rows):
        colour = GOOD if f.passed else BAD
        low, high = f.interval if f.pattern.aggregation == "share" else _wilson(f.share or 0.0, f.runs)
        ax.plot((100 * low, 100 * high), (k, k), color=colour, lw=2.5, solid_capstyle="butt")
        filled = colour if f.pattern.use == "held_back" else style.PAPER
        ax.plot(100 * (f.share or 0.0), k, "o", ms=9, color=colour, mfc=filled, mew=2)
        if f.pattern.aggregation == "share":
            aim = 100 * f.pattern.target.values[0]
            ax.plot((aim, aim), (k - 0.32, k + 0.32), color=style.INK, lw=1.5)
    ax.set(xlim=(0, 101), ylim=(len(rows) - 0.5, -0.5), xlabel="share of seeds (%)")
    ax.set_yticks(range(len(rows)), [_label(f) for f in rows], color=style.INK)
    ax.grid(axis="y", visible=False)
    n = len(result.seeds) - len(result.failures)
    style.footer(figure, n=n, seeds=_seeds(result.seeds), interval="90 % (Wilson)")
    return figure


def _wilson(share: float, n: int) -> tuple[float, float]:
    from experiments.science.evidence import wilson

    return wilson(round(share * n), n, 0.9)


def _label(f: Any) -> str:
    words = f.pattern.claim
    extra = f" (median {f.estimate:.0f})" if f.pattern.aggregation == "median" else ""
    return textwrap.fill(f"{f.pattern.id}  {words}{extra}", 46)


def months(result: Validation) -> Figure:
    """Draw recorded events and deaths month by month over the model's interval."""
    figure = style.new_figure((12.8, 6.0))
    inside = {name: sum(m.inside for m in rows) for name, rows in result.months.items()}
    found = ", ".join(f"{name} in {inside[name]} of {len(rows)}" for name, rows in result.months.items())
    style.headline(
        figure,
        f"Months whose record lies within the model's interval: {found}",
        "recorded (points) and simulated, after the observation model (line: median, band: 90 % of runs)",
    )
    for k, (name, rows) in enumerate(result.months.items()):
        ax = figure.add_axes((0.07 + 0.485 * k, 0.16, 0.42, 0.63))
        x = np.arange(len(rows))
        ax.fill_between(x, [m.interval[0] for m in rows], [m.interval[1] for m in rows], color=BAND, lw=0)
        ax.plot(x, [m.median for m in rows], color=GOOD)
        for at, m in zip(x, rows, strict=True):
            face, edge = (style.INK, style.INK) if m.inside else ("none", BAD)
            ax.plot(at, m.recorded, "o", ms=8, color=edge, mfc=face, mew=2)
        ax.set_xticks(x, [m.month[2:] for m in rows])
        ax.set(ylim=(0, None), xlim=(-0.4, len(rows) - 0.6), title=f"{name} a month")
    n = len(result.seeds) - len(result.failures)
    style.footer(figure, n=n, seeds=_seeds(result.seeds), interval="90 % of runs; open points lie outside")
    return figure


def stability(found: Sequence[Stability], n: int) -> Figure:
    """Draw the coefficient of variation of the main outputs against the number of runs."""
    from experiments.science.main_measures import MEASURES

    labels = {m.name: m.label for m in MEASURES}
    figure = style.new_figure((12.8, 7.2))
    known = [s.enough for s in found if s.enough is not None]
    finding = f"The spread of {len(known)} of {len(found)} outputs settles within {max(known, default=0)} runs"
    style.headline(
        figure,
        finding,
        "coefficient of variation against the number of runs: mean and 90 % band over random orders; "
        "dotted: ± 10 % of the value over all runs",
    )
    for k, s in enumerate(found):
        ax = figure.add_axes((0.065 + 0.32 * (k % 3), 0.55 - 0.43 * (k // 3), 0.26, 0.27))
        ax.fill_between(s.sizes, s.low, s.high, color=BAND, lw=0)
        ax.plot(s.sizes, s.variation, color=GOOD)
        final = s.variation[-1]
        for factor in (0.9, 1.1):
            ax.axhline(factor * final, color=style.MUTED, lw=1, ls=":")
        if s.enough is not None:
            ax.axvline(s.enough, color=BAD, lw=1.2, ls="--")
        ax.set(ylim=(0, 1.35 * max(s.high)), xlim=(0, s.sizes[-1]))
        settles = f"settled at {s.enough}" if s.enough else "not settled"
        ax.set_title(f"{labels[s.measure]}\n{settles}", fontsize=10.5)
        if k // 3:
            ax.set_xlabel("runs")
    style.footer(figure, n=n, seeds=f"1-{n}")
    return figure


def thresholds(result: Outcomes) -> Figure:
    """Draw the share of stalemates as each threshold moves by half; those that move nothing are named."""
    base = next((s.share for s in result.shares if s.name == "stalemate"), 0.0)
    by_name: dict[str, list[Any]] = {}
    for m in result.moved:
        by_name.setdefault(m.variant.threshold, []).append(m)
    moving = {name: pair for name, pair in by_name.items() if max(m.changed for m in pair) > 0}
    still = [name for name in by_name if name not in moving]
    order = sorted(moving, key=lambda name: -max(m.changed for m in moving[name]))
    figure = style.new_figure((12.8, 6.6))
    style.headline(
        figure,
        f"{len(moving)} of {len(by_name)} thresholds move some run to another class",
        f"share of runs in class stalemate, by default {100 * base:.0f} %; each threshold at half and at "
        "one and a half of its value",
    )
    ax = figure.add_axes((0.24, 0.24, 0.70, 0.61))
    for k, name in enumerate(order):
        for m, marker in zip(moving[name], ("v", "^"), strict=True):
            share = 100 * m.shares.get("stalemate", 0.0)
            ax.plot((100 * base, share), (k, k), color=style.RULE, lw=2, zorder=1)
            ax.plot(share, k, marker, ms=9, color=BAD if marker == "v" else GOOD, zorder=2)
    ax.axvline(100 * base, color=style.INK, lw=1)
    ax.set(xlim=(-2, 102), ylim=(max(len(order), 1) - 0.5, -0.5), xlabel="runs in class stalemate (%)")
    ax.set_yticks(range(len(order)), [name.replace("_", " ") for name in order], color=style.INK)
    ax.grid(axis="y", visible=False)
    words = "▼ half   ▲ one and a half.   Move nothing: " + ", ".join(name.replace("_", " ") for name in still)
    figure.text(0.02, 0.145, textwrap.fill(words, 165), fontsize=9.5, va="top", color=style.INK)
    style.footer(figure, n=len(result.seeds) - len(result.failures), seeds=_seeds(result.seeds))
    return figure


def ablations(result: Ablations) -> Figure:
    """Draw what each mechanism contributes to each measure, in standard deviations over seeds."""
    from experiments.science.main_measures import MEASURES

    figure = style.new_figure((12.8, 12.2))
    style.headline(
        figure,
        "What taking one mechanism out changes",
        "without minus with, in standard deviations over seeds, where the 90 % interval leaves out 0; "
        "last two columns in points",
    )
    table = np.array([[_strength(e) if e.clear else 0.0 for e in a.effects] for a in result.found])
    ax = figure.add_axes((0.19, 0.055, 0.79, 0.80))
    ax.imshow(np.clip(table, -3, 3), cmap="RdBu_r", vmin=-3, vmax=3, aspect="auto")
    for i, a in enumerate(result.found):
        for j, e in enumerate(a.effects):
            value = f"{100 * e.difference:+.0f}" if MEASURES[j].unit == "share" else f"{table[i, j]:+.1f}"
            dark = abs(table[i, j]) > 2.2
            if e.clear:
                ax.text(
                    j,
                    i,
                    value,
                    ha="center",
                    va="center",
                    fontsize=9,
                    fontweight="bold",
                    color=style.PAPER if dark else style.INK,
                )
            else:
                ax.text(j, i, "·", ha="center", va="center", fontsize=9, color=style.MUTED)
    ax.set_xticks(range(len(MEASURES)), [_fold(m.label, 11) for m in MEASURES], fontsize=8, color=style.INK)
    ax.set_yticks(range(len(result.found)), [a.mechanism.replace("_", " ") for a in result.found], color=style.INK)
    ax.tick_params(top=True, bottom=False, labeltop=True, labelbottom=False, length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    style.footer(figure, n=len(result.seeds) * (1 + len(result.found)), seeds=_seeds(result.seeds))
    return figure


def _strength(e: Any) -> float:
    """Return a difference in spreads; shares, which may not vary at all with everything on, in tenths of all runs."""
    if e.measure in ("breakthrough", "stalemate"):
        return float(10 * e.difference)
    return 0.0 if np.isnan(e.in_spread) else float(e.in_spread)


def _fold(label: str, width: int = 12) -> str:
    return textwrap.fill(label, width, break_long_words=False)


def sensitivity(result: Sensitivity, top: int = 16) -> Figure:
    """Draw Morris's screening of the most influential parameters, and Sobol's total indices of the first few."""
    from experiments.science.designs import influence
    from experiments.science.main_measures import MEASURES

    labels = {m.name: m.label for m in MEASURES}
    names = list(result.screened)
    effect = {name: {s.key: s.mu_star for s in rows} for name, rows in result.screened.items()}
    scale = {name: max(effect[name].values(), default=0.0) or 1.0 for name in names}
    worth = influence(result.screened, scale)
    keys = sorted(worth, key=lambda key: -worth[key])[:top]
    figure = style.new_figure((12.8, 8.6))
    style.headline(
        figure,
        f"Of {len(result.varied)} parameters, {keys[0]} matters most over the outputs shown",
        "left: Morris, mean absolute effect relative to the largest of its column; right: Sobol, total "
        "index with its 90 % interval",
    )
    ax = figure.add_axes((0.20, 0.07, 0.40, 0.71))
    table = np.array([[effect[name][key] / scale[name] for name in names] for key in keys])
    ax.imshow(table, cmap=style.SUPPORT_MAP, vmin=0, vmax=1, aspect="auto")
    for i in range(len(keys)):
        for j in range(len(names)):
            colour = style.INK if table[i, j] > 0.55 else style.PAPER
            ax.text(j, i, f"{table[i, j]:.1f}".lstrip("0") or "0", ha="center", va="center", fontsize=8.5, color=colour)
    ax.set_xticks(range(len(names)), [_fold(labels[name], 10) for name in names], fontsize=8, color=style.INK)
    ax.set_yticks(range(len(keys)), keys, fontsize=9, color=style.INK)
    ax.tick_params(top=True, bottom=False, labeltop=True, labelbottom=False, length=0)
    ax.grid(visible=False)
    _indices(figure, result, labels)
    style.footer(figure, n=result.runs, seeds=_seeds(result.seeds))
    return figure


def _indices(figure: Figure, result: Sensitivity, labels: dict[str, str]) -> None:
    shown = ("deaths_civilians", "events", "capital_days_denied", "stalemate")
    for k, name in enumerate(shown):
        rows = {i.key: i for i in result.indices[name]}
        ax = figure.add_axes((0.79, 0.655 - 0.195 * k, 0.19, 0.13))
        _index_axes(ax, [rows[r.key] for r in result.chosen])
        ax.set_title(labels[name], fontsize=10, fontweight="normal")


def _index_axes(ax: Axes, rows: Sequence[Any]) -> None:
    for at, i in enumerate(rows):
        ax.plot((max(0, i.total - i.total_error), min(1.3, i.total + i.total_error)), (at, at), color=GOOD, lw=2)
        ax.plot(min(1.3, i.total), at, "o", ms=6, color=GOOD)
    ax.set(xlim=(0, 1.3), ylim=(len(rows) - 0.5, -0.5))
    ax.set_yticks(range(len(rows)), [i.key for i in rows], fontsize=8, color=style.INK)
    ax.tick_params(axis="x", labelsize=8)
    ax.grid(axis="y", visible=False)


def write(study: Any, folder: Path) -> list[str]:
    """Draw every figure of the page into a folder; return their names."""
    n = study.sizes.all_seeds
    drawn: dict[str, Any] = {
        "science_patterns": lambda: patterns(study.validation),
        "science_months": lambda: months(study.validation),
        "science_seeds": lambda: stability(study.stability, n),
        "science_thresholds": lambda: thresholds(study.outcomes),
        "science_ablations": lambda: ablations(study.ablations),
        "science_sensitivity": lambda: sensitivity(study.sensitivity),
    }
    for name, draw in drawn.items():
        with style.house_style():
            style.save(draw(), folder / name)
    return list(drawn)
