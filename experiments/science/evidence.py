"""From runs to judgements: what each run leaves, and each pattern and statistic held to its target over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.messages import BadSettingError
from experiments.science.observation import Events, Rule, events_of, monthly
from experiments.science.runs import Finished
from experiments.science.statistics import event_statistics
from experiments.science.targets import ArticleTargets, EventTargets, Pattern, TargetsError
from sim.measures import measures
from sim.scenario import Scenario

Array = npt.NDArray[Any]


class WindowMismatchError(TargetsError):
    """A scenario whose windows are not those in which the patterns are judged."""

    def __init__(self, scenario: str, window: str, theirs: Any, ours: Any) -> None:
        super().__init__(f"scenario {scenario}: its {window} is {theirs}, the patterns are judged on {ours}")


@dataclass(frozen=True)
class Left:
    """What one run leaves for validation: its measures and its events that could be recorded."""

    row: dict[str, Any]
    events: Events


@dataclass(frozen=True)
class Finding:
    """One pattern or statistic with what the model gives.

    Attributes:
        pattern: what is held to what.
        estimate: the median over runs, or the share of runs, or the number of months.
        interval: of the runs (quantiles) or of the share (Wilson).
        runs: how many runs it rests on.
        share: share of runs that have the pattern or lie within the target; None where that means nothing.
        passed: whether the target is met.
    """

    pattern: Pattern
    estimate: float
    interval: tuple[float, float]
    runs: int
    share: float | None
    passed: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data, NaN as None."""
        p = self.pattern
        low, high = (_finite(bound) for bound in self.interval)
        data = {
            "id": p.id,
            "pass": self.passed,
            "use": p.use or "input",
            "claim": p.claim,
            "formula": p.formula,
            "target": str(p.target),
            "recorded": p.value,
            "aggregation": p.aggregation,
            "estimate": _finite(self.estimate),
            "interval": [low, high],
            "level": p.level,
            "share": None if self.share is None else _finite(self.share),
            "runs": self.runs,
        }
        return {key: value for key, value in data.items() if value not in ("", None) or key in ("estimate", "share")}


def _finite(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None


def keeper(rule: Rule) -> Callable[[Finished], Left]:
    """Return what makes of a finished run what validation needs of it."""

    def keep(run: Finished) -> Left:
        row = {"seed": run.seed, **measures(run.scenario, run.world, run.trace, run.log)}
        return Left(row, events_of(run.scenario, run.seed, run.log, rule))

    return keep


def check_windows(scenario: Scenario, article: ArticleTargets) -> None:
    """Refuse a scenario that is judged on other days than the patterns.

    Raises:
        WindowMismatchError, BadSettingError: its summer or judging day differ, or it is too short.
    """
    for window, theirs, ours in (
        ("summer", tuple(scenario.summer), article.windows["summer"]),
        ("judge_day", scenario.judge_day, article.windows["until_judged"][1]),
    ):
        if theirs != ours:
            raise WindowMismatchError(scenario.name, window, theirs, ours)
    if scenario.days <= scenario.judge_day:
        raise BadSettingError("days", scenario.days, f"at least {scenario.judge_day + 1}: patterns are judged then")


def wilson(k: int, n: int, level: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share of k out of n (Wilson 1927); (NaN, NaN) if n is 0."""
    from scipy.stats import norm

    if n == 0:
        return float("nan"), float("nan")
    z = float(norm.ppf(0.5 + level / 2))
    share = k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def quantiles(values: Array, level: float) -> tuple[float, float]:
    """Return the central interval that holds ``level`` of the values."""
    if len(values) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(values, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def judge_values(pattern: Pattern, values: Array) -> Finding:
    """Hold one number a run to a pattern's target; runs in which it is undefined are left out and not counted."""
    kept = np.asarray(values, dtype=float)
    kept = kept[np.isfinite(kept)]
    n = len(kept)
    if pattern.aggregation == "share":
        inside = kept if pattern.per_run is None else np.array([pattern.per_run.met(v, (v, v)) for v in kept])
        k = int(np.sum(inside))
        share = k / n if n else float("nan")
        interval = wilson(k, n, pattern.level)
        return Finding(pattern, share, interval, n, share, n > 0 and pattern.target.met(share, interval))
    estimate = float(np.median(kept)) if n else float("nan")
    interval = quantiles(kept, pattern.level)
    within: float | None = None
    if pattern.target.kind != ("covers",) and n:
        within = float(np.mean([pattern.target.met(v, (v, v)) for v in kept]))
    return Finding(pattern, estimate, interval, n, within, n > 0 and pattern.target.met(estimate, interval))


def judge_rows(patterns: Sequence[Pattern], rows: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Hold the measures of runs to patterns.

    Raises:
        TargetsError: a pattern asks for a measure that does not exist.
    """
    for pattern in patterns:
        if pattern.measure not in rows[0]:
            raise TargetsError(f"targets: {pattern.id}: no measure {pattern.measure!r}; sim/measures.py lists them")
    return [judge_values(p, np.array([float(row[p.measure]) for row in rows])) for p in patterns]


@dataclass(frozen=True)
class MonthFinding:
    """One month: what was recorded and what the model gives, for events or for deaths."""

    month: str
    recorded: int
    median: float
    interval: tuple[float, float]

    @property
    def inside(self) -> bool:
        """Whether the recorded number lies within the model's interval."""
        return self.interval[0] <= self.recorded <= self.interval[1]


def judge_months(
    targets: EventTargets, left: Sequence[Events], rule: Rule
) -> tuple[list[Finding], dict[str, list[MonthFinding]]]:
    """Hold monthly events and deaths to their targets; return the findings and, for each, the months."""
    months = {m.month: m.days for m in targets.months}
    pairs = [monthly(events.recorded(rule, 0), months) for events in left]
    by_name = {"events": np.array([p[0] for p in pairs]), "deaths": np.array([p[1] for p in pairs])}
    findings, tables = [], {}
    for pattern in targets.monthly:
        values = by_name[pattern.id]
        rows = [
            MonthFinding(
                m.month, getattr(m, pattern.id), float(np.median(values[:, k])), quantiles(values[:, k], pattern.level)
            )
            for k, m in enumerate(targets.months)
        ]
        inside = sum(row.inside for row in rows)
        met = pattern.target.met(inside, (inside, inside))
        named = replace(pattern, id=f"monthly_{pattern.id}")
        findings.append(Finding(named, inside, (math.nan, math.nan), len(left), None, met))
        tables[pattern.id] = rows
    return findings, tables


def judge_statistics(targets: EventTargets, left: Sequence[Events], rule: Rule) -> list[Finding]:
    """Hold the statistics of recorded events to their targets."""
    lags = {p.id: p.lags for p in targets.statistics if p.lags is not None}
    table = [event_statistics(events, rule, targets.window, lags) for events in left]
    return [judge_values(p, np.array([row[p.id] for row in table])) for p in targets.statistics]
