"""What a thesis is judged by: paired differences between two points of a sweep, and shares with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.numbers import count, told
from experiments.science.evidence import wilson
from experiments.science.paired import bootstrap_mean, gap_interval, told_interval

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
Point = Mapping[str, float]
STANDS, REFUTED, UNDECIDED = "stands", "is refuted", "is undecided"
CHANCES = ("breakthrough_insurgents", "breakthrough_state", "stalemate")  # of `prepared`: yes or no of a run
MARGIN = 0.10  # the difference in shares of runs that counts as one, fixed before anything was run


@dataclass(frozen=True)
class Contrast:
    """A paired difference: the mean of ``measure`` at one point less its mean at another, over the seeds of both.

    Attributes:
        label: what is compared, in words.
        measure: a column, or "breakthrough_insurgents".
        base, mean: the means at the two points.
        difference: the mean of the paired differences.
        low, high: its 90 % interval (:func:`experiments.science.paired.gap_interval`).
        pairs: how many seeds.
    """

    label: str
    measure: str
    base: float
    mean: float
    difference: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True)
class Line:
    """A measure over a key: a row a value with mean, low, high; drawn as one line of a panel."""

    label: str
    table: pd.DataFrame


@dataclass(frozen=True)
class Panel:
    """One panel of a thesis figure."""

    title: str
    x_label: str
    lines: tuple[Line, ...]
    percent: bool


@dataclass(frozen=True)
class Part:
    """One part of a thesis with its own verdict and the rule by which it was reached."""

    claim: str
    rule: str
    verdict: str
    evidence: str


@dataclass(frozen=True)
class Finding:
    """A thesis judged.

    Attributes:
        name, text: the thesis.
        parts: its parts, each with a verdict.
        headline: the finding in one line, with its interval.
        contrasts: the paired differences behind it.
        panels: what the figure shows.
        reasons: how many runs broke through, by reason.
    """

    name: str
    text: str
    parts: tuple[Part, ...]
    headline: str
    contrasts: tuple[Contrast, ...]
    panels: tuple[Panel, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)


def prepared(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs with the measures that the theses use beside those of the table, as numbers."""
    outcome = runs["outcome"]
    return runs.assign(
        breakthrough_insurgents=outcome.str.startswith("insurgent").astype(float),
        breakthrough_state=(outcome == "state_breakthrough").astype(float),
        stalemate=(outcome == "stalemate").astype(float),
        state_and_contractor_deaths=runs["deaths_state"] + runs["deaths_contractors"],
    )


def at(runs: pd.DataFrame, point: Point) -> pd.DataFrame:
    """Return the runs of one point, by seed.

    Raises:
        KeyError: nothing was run there.
    """
    keep = np.ones(len(runs), dtype=bool)
    for key, value in point.items():
        keep &= np.isclose(runs[key].to_numpy(float), value)
    if not keep.any():
        raise KeyError(f"no run at {dict(point)}")
    return runs[keep].set_index("seed")


def contrast(runs: pd.DataFrame, label: str, measure: str, base: Point, other: Point) -> Contrast:
    """Return the paired difference of a measure from one point to another."""
    a, b = at(runs, base)[measure], at(runs, other)[measure]
    seeds = a.index.intersection(b.index)
    left, right = a.loc[seeds].to_numpy(float), b.loc[seeds].to_numpy(float)
    low, high = gap_interval(right - left, chance=measure in CHANCES)
    return Contrast(
        label, measure, float(left.mean()), float(right.mean()), float((right - left).mean()), low, high, len(seeds)
    )


def line(runs: pd.DataFrame, label: str, x: str, measure: str) -> Line:
    """Return a measure over a key, with 90 % intervals: Wilson's for shares of runs, else of the bootstrapped mean."""
    import pandas as pd

    rows = []
    for value, part in runs.groupby(x):
        cells = part[measure].to_numpy(float)
        yes = bool(np.isin(runs[measure].to_numpy(float), (0.0, 1.0)).all())
        low, high = wilson(int(cells.sum()), len(cells), 0.9) if yes else bootstrap_mean(cells)
        rows.append((value, float(cells.mean()), low, high, len(cells)))
    return Line(label, pd.DataFrame(rows, columns=["x", "mean", "low", "high", "runs"]))


def share(runs: pd.DataFrame, measure: str) -> tuple[float, float, float]:
    """Return a share of runs with its 90 % Wilson interval."""
    k, n = int(runs[measure].sum()), len(runs)
    return (k / n, *wilson(k, n, 0.9))


def points(value: float) -> str:
    """Return a difference of shares in words: percentage points with a sign."""
    return f"{100 * value:+.0f}"


def in_points(c: Contrast) -> str:
    """Return a contrast of shares in words."""
    return f"{points(c.difference)} points ({points(c.low)} to {points(c.high)}, {count(c.pairs, 'pair')})"


def in_numbers(c: Contrast) -> str:
    """Return a contrast of numbers in words."""
    interval = told_interval(c.low, c.high, c.pairs, partial(told, sign=True))
    pairs = "" if c.low == c.high else f", {count(c.pairs, 'pair')}"
    return f"{told(c.base)} to {told(c.mean)}, difference {told(c.difference, sign=True)} ({interval}{pairs})"


def reasons_of(runs: pd.DataFrame) -> dict[str, int]:
    """Return how many runs broke through, by reason."""
    found = runs.loc[runs["reason"] != "", "reason"].value_counts()
    return {str(k): int(n) for k, n in found.items()}


def overall(parts: Sequence[Part]) -> str:
    """Return the verdict of a thesis from its parts: stands if all stand, refuted if all are, else in parts."""
    verdicts = [part.verdict for part in parts]
    if len(set(verdicts)) == 1:
        return verdicts[0]
    return "stands in part" if STANDS in verdicts else UNDECIDED
