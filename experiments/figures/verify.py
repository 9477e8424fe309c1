"""The figure of ``stalemate verify``: the model's own rules against theory, in four panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.figures.style import (
    CONTRACTORS,
    FOOTER_SIZE,
    INK,
    INSURGENTS,
    MUTED,
    SLIDE,
    STATE,
    headline,
    house_style,
    new_figure,
    save,
)
from experiments.verification.bare import Check
from experiments.verification.checks import GROUPS_NU, GROUPS_RATES, PATHS, exact_path
from experiments.verification.duels import follow
from experiments.verification.groups import BANDS, FIGHTERS
from sim.theory import group_numbers

_DEITCHMAN = {"C < 0": PATHS[1], "C = 0": PATHS[2], "C > 0": PATHS[3]}
_DOTS: dict[str, Any] = {"linestyle": "none", "markersize": 5.5, "color": INSURGENTS.colour, "marker": "o", "zorder": 3}
_LINE: dict[str, Any] = {"color": STATE.colour, "linewidth": 2}


def draw(checks: Sequence[Check], path_without_suffix: Path) -> tuple[Path, Path]:
    """Draw the figure of these checks; return the paths of the PNG and the SVG."""
    by_id = {check.id: check for check in checks}
    judged = [check for check in checks if check.passed is not None]
    good = sum(bool(check.passed) for check in judged)
    with house_style():
        fig = new_figure(SLIDE)
        headline(
            fig,
            f"The model's own rules follow the closed forms: {good} of {len(judged)} checks pass",
            "dots: the rules, driven alone; lines: exact or deterministic theory; whiskers: two standard errors",
        )
        grid = fig.add_gridspec(2, 2, left=0.07, right=0.97, top=0.83, bottom=0.14, hspace=0.52, wspace=0.2)
        _rounds(fig.add_subplot(grid[0, 0]), by_id["round-length"])
        _courses(fig.add_subplot(grid[0, 1]))
        _groups(fig.add_subplot(grid[1, 0]), by_id["groups"])
        _fold(fig.add_subplot(grid[1, 1]), by_id["fold-chances"])
        fig.text(0.02, 0.012, _footer(by_id), fontsize=FOOTER_SIZE, color=MUTED, va="bottom")
        return save(fig, path_without_suffix)


def _footer(by_id: Mapping[str, Check]) -> str:
    named = {"round-length": "rounds", "groups": "groups", "fold-chances": "fold"}
    numbers = "; ".join(f"{word}: {by_id[key].n}" for key, word in named.items())
    return f"n: {numbers}\nThis says that the program does what its equations say, not that a war follows them."


def _title(ax: Axes, text: str) -> None:
    ax.set_title(text, fontsize=11.5, pad=8)


def _rounds(ax: Axes, check: Check) -> None:
    length, chance, exact = (np.array([row[k] for row in check.rows], float) for k in range(3))
    error = np.abs([row[3] / row[4] for row in check.rows])
    ax.axhline(exact[0], **_LINE)
    ax.errorbar(length, chance, 2 * error, elinewidth=1.4, **_DOTS)
    ax.text(1.95, exact[0] + 0.003, "exact, finite numbers", color=STATE.colour, ha="right", fontsize=10)
    ax.set(xlim=(0, 2.1), xlabel="people lost in a round", ylabel="insurgents' chance")
    ax.set_ylim(chance.min() - 0.012, exact[0] + 0.018)
    _title(ax, "Deitchman, 20 v 20: exact as rounds shorten")


def _courses(ax: Axes) -> None:
    fine, coarse = np.linspace(0, 20, 161), np.linspace(0, 20, 21)
    for (name, duel), end, up in zip(_DEITCHMAN.items(), (10.2, 20, 20), (-16, 7, 7), strict=True):
        soldiers = exact_path(duel, fine)[0]
        ax.plot(fine, soldiers, **_LINE)
        ax.plot(coarse, follow(duel, 10_000, coarse, 250, seed=31)[0], **_DOTS)
        at = int(np.searchsorted(fine, end)) - 1
        ax.annotate(
            name,
            (fine[at], soldiers[at]),
            (6 if up > 0 else -26, up),
            textcoords="offset points",
            fontsize=10,
            color=INK,
        )
    ax.set(xlim=(0, 22.6), ylim=(-3, 105), xlabel="days", ylabel="soldiers left (start: 100)")
    _title(ax, "Deitchman's three regimes, numbers times 10,000")


def _groups(ax: Axes, check: Check) -> None:
    sizes = np.arange(1, 140)
    ax.plot(sizes, group_numbers(FIGHTERS, GROUPS_NU, sizes), **_LINE)
    middle = np.array([np.exp(np.log(np.arange(a, b + 1)).mean()) for a, b in BANDS])
    wide = np.array([b - a + 1 for a, b in BANDS])
    slow = 1 + len(GROUPS_RATES)
    rows = [row for row in check.rows if row[0] != "cutoff s0"]
    # a band's mean number a size stands at its geometric middle, moved to where theory has that mean
    theory = np.array([row[1] for row in rows]) / wide
    at = np.interp(-np.log(theory), -np.log(group_numbers(FIGHTERS, GROUPS_NU, sizes)), sizes)
    at = np.where(wide == 1, middle, at)
    model, error = (np.array([row[k] for row in rows]) / wide for k in (slow, slow + 1))
    ax.errorbar(at, model, 2 * error, elinewidth=1.4, **_DOTS)
    fast = np.array([row[2] for row in rows]) / wide
    ax.plot(at[fast > 0], fast[fast > 0], "x", color=CONTRACTORS.colour, markersize=6)
    ax.set(xscale="log", yscale="log", xlabel="size of a group", ylabel="groups of that size")
    ax.set_ylim(5e-5, 2e3)
    ax.text(0.97, 0.93, "theory: s$^{-5/2}$ with a cutoff", transform=ax.transAxes, color=STATE.colour, ha="right",
            va="top", fontsize=10)  # fmt: skip
    ax.text(0.03, 0.10, f"o acting at {GROUPS_RATES[-1][0]:g} a day and fighter", transform=ax.transAxes,
            color=INSURGENTS.colour, fontsize=10)  # fmt: skip
    ax.text(0.03, 0.22, f"× at {GROUPS_RATES[0][0]:g}: large groups are too few", transform=ax.transAxes,
            color=CONTRACTORS.colour, fontsize=10)  # fmt: skip
    _title(ax, f"Coalescence and fragmentation, ν = {GROUPS_NU:g}")


def _fold(ax: Axes, check: Check) -> None:
    ratio, model, theory, error = (np.array([row[k] for row in check.rows], float) for k in range(4))
    ax.plot(ratio, theory, **_LINE)
    ax.errorbar(ratio, model, 2 * error, elinewidth=1.4, **_DOTS)
    ax.axvline(1.0, color=MUTED, linewidth=1, linestyle="--")
    ax.text(1.008, 1.02, "r$_c$: the edge for very large numbers", va="top", fontsize=10, color=MUTED)
    ax.text(1.31, 0.56, "exact jump process", color=STATE.colour, fontsize=10)
    ax.set(xlabel="recruits a day, relative to r$_c$", ylabel="collapse in 540 days", ylim=(-0.04, 1.05))
    _title(ax, "The stalemate fold, 100 soldiers")
