"""How often runs fall into each outcome class, how that hangs on the thresholds, and how often breakthroughs come."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from experiments.science.evidence import wilson
from experiments.science.runs import Finished
from sim.outcomes import (
    INSURGENT_NATIONAL,
    INSURGENT_REGIONAL,
    OUTCOMES,
    STATE_BREAKTHROUGH,
    Outcome,
    Thresholds,
    judge,
)
from sim.scenario import Scenario
from sim.summary import record_of, thresholds_of

BREAKTHROUGHS = (INSURGENT_NATIONAL, INSURGENT_REGIONAL, STATE_BREAKTHROUGH)
YEAR = 365.0
SHARES = ("centres_held_share", "broken_strength", "broken_events", "broken_flow", "events_windows",
          "served_outside_shocks", "denied_below", "recovered_above")  # fmt: skip
"""Thresholds that are shares: moved up, they stop at 1."""


@dataclass(frozen=True)
class Variant:
    """One threshold moved: its name, the factor, its value."""

    threshold: str
    factor: float
    value: float


@dataclass(frozen=True)
class Judged:
    """How one run is judged: by the defaults, and by each variant of the thresholds."""

    outcome: Outcome
    by_variant: tuple[str, ...]
    days: int


@dataclass(frozen=True)
class ClassShare:
    """How many runs fall into a class."""

    name: str
    runs: int
    share: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Hazard:
    """Breakthroughs in a stretch of days: how many, over how many run-years, and the yearly rate with its interval."""

    first: int
    last: int
    count: int
    years: float
    rate: float
    interval: tuple[float, float]


def variants(base: Thresholds, by: float) -> list[Variant]:
    """Return every threshold moved down and up by the share ``by``; shares stop at 1."""
    found = []
    for name, value in dataclasses.asdict(base).items():
        for factor in (1 - by, 1 + by):
            moved = value * factor
            found.append(Variant(name, factor, min(1.0, moved) if name in SHARES else moved))
    return found


def judge_run(run: Finished, moved: Sequence[Variant]) -> Judged:
    """Return how a run is judged, by the scenario's thresholds and by each variant of them."""
    record, base = record_of(run.scenario, run.trace), thresholds_of(run.scenario)
    by_variant = tuple(judge(record, dataclasses.replace(base, **{v.threshold: v.value})).name for v in moved)
    return Judged(judge(record, base), by_variant, len(run.trace))


def class_shares(names: Sequence[str], level: float = 0.9) -> list[ClassShare]:
    """Return the share of each class with Wilson's interval, in the order of the classes; absent ones are left out."""
    counts, n = Counter(names), len(names)
    return [
        ClassShare(name, counts[name], counts[name] / n, wilson(counts[name], n, level))
        for name in OUTCOMES
        if counts[name]
    ]


def reasons(judged: Sequence[Judged]) -> dict[str, int]:
    """Return how many breakthroughs have each reason, most frequent first."""
    found = Counter(j.outcome.reason for j in judged if j.outcome.name in BREAKTHROUGHS)
    return dict(found.most_common())


def poisson_interval(count: int, level: float = 0.9) -> tuple[float, float]:
    """Return the exact interval of a Poisson mean of which ``count`` was seen (Garwood 1936)."""
    from scipy.stats import chi2

    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2


def hazards(judged: Sequence[Judged], pieces: int = 3, level: float = 0.9) -> list[Hazard]:
    """Return the yearly hazard of a breakthrough, over all days and over equal pieces of them.

    A run counts as at risk up to its breakthrough. A constant hazard would be what leaving a metastable state by
    chance looks like; a rising one, wear.
    """
    days = max(j.days for j in judged)
    edges = [round(days * k / pieces) for k in range(pieces + 1)]
    spans = [(0, days), *pairwise(edges)] if pieces > 1 else [(0, days)]
    ends = [_end(j) for j in judged]
    return [_hazard(ends, first, last, level) for first, last in spans]


def _end(judged: Judged) -> tuple[int, bool]:
    """Return for how many days a run was at risk, and whether a breakthrough ended that."""
    broke = judged.outcome.name in BREAKTHROUGHS and judged.outcome.day is not None
    return (int(judged.outcome.day or 0) + 1, True) if broke else (judged.days, False)


def _hazard(ends: Sequence[tuple[int, bool]], first: int, last: int, level: float) -> Hazard:
    years = sum(max(0, min(end, last) - first) for end, _ in ends) / YEAR
    count = sum(broke and first < end <= last for end, broke in ends)
    low, high = poisson_interval(count, level)
    if years == 0:
        return Hazard(first, last - 1, count, 0.0, math.nan, (math.nan, math.nan))
    return Hazard(first, last - 1, count, years, count / years, (low / years, high / years))


@dataclass(frozen=True)
class Moved:
    """How the shares of the classes move when one threshold does: class → share now minus share by default."""

    variant: Variant
    shares: Mapping[str, float]
    changed: float


def threshold_moves(judged: Sequence[Judged], moved: Sequence[Variant]) -> list[Moved]:
    """Return, for each variant, the shares of the classes and the share of runs whose class changed."""
    n = len(judged)
    found = []
    for k, variant in enumerate(moved):
        names = [j.by_variant[k] for j in judged]
        counts = Counter(names)
        changed = sum(name != j.outcome.name for name, j in zip(names, judged, strict=True)) / n
        found.append(Moved(variant, {name: counts[name] / n for name in OUTCOMES if counts[name]}, changed))
    return found


def base_thresholds(scenario: Scenario) -> dict[str, Any]:
    """Return the thresholds by which a scenario is judged."""
    return dataclasses.asdict(thresholds_of(scenario))
