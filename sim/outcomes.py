"""Outcome classes: how a run is judged, on its last day, from all of its days. Rules and words: facts/mali.md.

Every threshold is a field of :class:`Thresholds`, so that one can show how the shares of the classes move with each.
Stalemate is a finding with its own evidence; what fits no class is indeterminate.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.codes import HELD_BY_INSURGENTS
from sim.spells import kaplan_meier_median, longest, spells, week_mean

Array = npt.NDArray[Any]

INSURGENT_NATIONAL = "insurgent_national_breakthrough"
INSURGENT_REGIONAL = "insurgent_regional_breakthrough"
STATE_BREAKTHROUGH = "state_breakthrough"
STALEMATE = "stalemate"
INDETERMINATE = "indeterminate"
NOT_ASSESSED = "not_assessed"
OUTCOMES = (INSURGENT_NATIONAL, INSURGENT_REGIONAL, STATE_BREAKTHROUGH, STALEMATE, INDETERMINATE, NOT_ASSESSED)
PLAIN_WORDS = {
    INSURGENT_NATIONAL: "the regime falls",
    INSURGENT_REGIONAL: "a region breaks away",
    STATE_BREAKTHROUGH: "the insurgency is broken",
    STALEMATE: "the war goes on, nobody wins",
    INDETERMINATE: "none of these",
    NOT_ASSESSED: "too short a run to judge",
}

Hold = tuple[int, int, int | None]
"""A place, the first day it is held, and the day on which that ended (None: it has not)."""

_SHORTEST_HOLD_DAYS = 2  # a looting that leaves at once is no hold
_BOOTSTRAPS = 200
_BOOTSTRAP_SEED = 20260428  # the draws of the bootstrap are the same for every run: a class is a function of the run


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of the outcome classes (defaults: the project's fact sheet)."""

    capital_lost_days: float = 7
    centres_held_share: float = 0.5
    centres_held_days: float = 90
    region_held_days: float = 90
    broken_window_days: float = 180
    broken_strength: float = 0.2
    broken_events: float = 0.1
    broken_flow: float = 0.95
    trend_points_per_year: float = 5
    events_low: float = 5
    events_high: float = 60
    events_windows: float = 0.8
    served_outside_shocks: float = 0.8
    denied_below: float = 0.3
    recovered_above: float = 0.8
    shock_days: float = 3
    shock_over_within_days: float = 120
    strangled_days: float = 60


@dataclass(frozen=True)
class Record:
    """What judging needs of a run: its trace and which places matter.

    Attributes:
        trace: a row a day (:func:`sim.trace.trace_dtype`).
        capital: index of the capital.
        regional: indices of the regional capitals.
        assess_from_days: shorter runs are not assessed unless a breakthrough has happened.
    """

    trace: Array
    capital: int
    regional: tuple[int, ...]
    assess_from_days: int

    @functools.cached_property
    def held(self) -> Array:
        """Return which places (columns) insurgents hold at the end of each day (rows)."""
        held: Array = self.trace["place_holder"] == HELD_BY_INSURGENTS
        return held

    @functools.cached_property
    def capital_week(self) -> Array:
        """Return the mean of the capital's service over the week up to each day."""
        return week_mean(self.trace["capital_served"])

    @functools.cached_property
    def holds(self) -> list[Hold]:
        """Return every hold; see :func:`holds`."""
        return holds(self.held)

    def until(self, days: int) -> Record:
        """Return the record of the first ``days`` days, with what is known of the whole cut short, not sought anew."""
        if days >= len(self.trace):
            return self
        early = Record(self.trace[:days], self.capital, self.regional, self.assess_from_days)
        early.__dict__["held"] = self.held[:days]
        early.__dict__["capital_week"] = self.capital_week[:days]
        early.__dict__["holds"] = [
            (place, first, end if end is not None and end < days else None)
            for place, first, end in self.holds
            if min(days, days if end is None else end) - first >= _SHORTEST_HOLD_DAYS
        ]
        return early


@dataclass(frozen=True)
class Outcome:
    """A run's class, the reason of a breakthrough, the day it happened, and the evidence."""

    name: str
    reason: str
    day: int | None
    evidence: dict[str, Any]
    strangled: bool


def judge(record: Record, thresholds: Thresholds | None = None) -> Outcome:
    """Return the outcome of a run judged on the last day of ``record.trace``."""
    t = thresholds or Thresholds()
    served = record.trace["capital_served"]
    strangled = longest(served < t.denied_below) >= t.strangled_days
    for name, finder in (
        (INSURGENT_NATIONAL, national_breakthrough),
        (INSURGENT_REGIONAL, regional_breakthrough),
        (STATE_BREAKTHROUGH, state_breakthrough),
    ):
        found = finder(record, t)
        if found is not None:
            reason, day = found
            return Outcome(name, reason, day, {"reason": reason, "day": day}, strangled)
    if len(record.trace) < record.assess_from_days:
        return Outcome(NOT_ASSESSED, "", None, {"days": len(record.trace)}, strangled)
    evidence = stalemate_evidence(record, t)
    name = STALEMATE if all(part["met"] for part in evidence.values()) else INDETERMINATE
    return Outcome(name, "", None, evidence, strangled)


def _first_long(true: Array, days: float) -> int | None:
    return next((a + math.ceil(days) - 1 for a, b in spells(true) if b - a >= days), None)


def national_breakthrough(record: Record, t: Thresholds) -> tuple[str, int] | None:
    """Return (reason, day) of the first national breakthrough: capital, collapse or centres; None if none."""
    trace = record.trace
    collapsed = np.flatnonzero(trace["collapsed"] > 0)
    days = {
        "capital": _first_long(record.held[:, record.capital], t.capital_lost_days),
        "collapse": int(collapsed[0]) if len(collapsed) else None,
        "centres": _first_long(trace["held_share"] >= t.centres_held_share, t.centres_held_days),
    }
    found = [(day, reason) for reason, day in days.items() if day is not None]
    if not found:
        return None
    day, reason = min(found)
    return reason, day


def regional_breakthrough(record: Record, t: Thresholds) -> tuple[str, int] | None:
    """Return ("region", day) of the first regional capital held long enough; None if none."""
    held = record.held
    ever = set(np.flatnonzero(held.any(axis=0)).tolist())
    days = [_first_long(held[:, p], t.region_held_days) for p in record.regional if p in ever]
    reached = [d for d in days if d is not None]
    return ("region", min(reached)) if reached else None


def state_breakthrough(record: Record, t: Thresholds) -> tuple[str, int] | None:
    """Return ("insurgency_broken", last day) if the last window shows it: few fighters, few events, roads open."""
    trace = record.trace
    window = int(t.broken_window_days)
    if len(trace) < 2 * window:
        return None
    last, first = trace[-window:], trace[:window]
    broken = (
        last["insurgents"].max() < t.broken_strength * max(1.0, trace["insurgents"][0])
        and last["events"].mean() < t.broken_events * first["events"].mean()
        and last["held_share"].max() == 0.0
        and last["corridor_flow"].mean() >= t.broken_flow
    )
    return ("insurgency_broken", len(trace) - 1) if broken else None


def shocks(served: Array, t: Thresholds, week: Array | None = None) -> list[tuple[int, int | None]]:
    """Return (first day, day when over or None) of each shock: days on end denied, until the week's mean is back.

    ``week`` is the mean over the week up to each day, where it is known already.
    """
    mean = week_mean(served) if week is None else week
    found: list[tuple[int, int | None]] = []
    for a, b in spells(served < t.denied_below):
        if b - a < t.shock_days or (found and (found[-1][1] is None or a <= found[-1][1])):
            continue
        back = np.flatnonzero(mean[b:] >= t.recovered_above)
        found.append((a, b + int(back[0]) if len(back) else None))
    return found


def holds(held: Array) -> list[Hold]:
    """Return the holds of at least two day-ends in a table of days × places that says who is held; place by place."""
    days = len(held)
    ever = np.flatnonzero(held.any(axis=0))  # most are never held
    rows = np.zeros((len(ever), days + 2), dtype=bool)  # a row a place, with a day of peace before and after
    rows[:, 1:-1] = held[:, ever].T
    edges = np.flatnonzero(rows[:, 1:] != rows[:, :-1])
    first, end = edges[::2], edges[1::2]
    return [
        (int(ever[k]), a, b if b < days else None)
        for k, a, b in zip(first // (days + 1), (first % (days + 1)).tolist(), (end % (days + 1)).tolist(), strict=True)
        if b - a >= _SHORTEST_HOLD_DAYS
    ]


def median_hold_days(found: list[Hold], days: int) -> float | None:
    """Return the median duration of holds in a run of so many days, open ones censored; None if it is not reached."""
    durations = np.array([(days if end is None else end) - first for _, first, end in found], dtype=float)
    return kaplan_meier_median(durations, np.array([end is not None for _, _, end in found], dtype=bool))


def stalemate_evidence(record: Record, t: Thresholds) -> dict[str, dict[str, Any]]:
    """Return each condition of a stalemate with its numbers and whether it is met."""
    trace = record.trace
    low, high = trend_interval(trace["held_share"])
    within = events_within(trace["events"], t)
    ended = [h for h in record.holds if h[2] is not None]
    served = trace["capital_served"]
    found = shocks(served, t, record.capital_week)
    outside = np.ones(len(served), dtype=bool)
    for first, over in found:
        outside[first : over if over is not None else len(served)] = False
    calm = float(served[outside].mean()) if outside.any() else 0.0
    longest_shock = max(((o if o is not None else len(served)) - f for f, o in found), default=0)
    open_shock = any(o is None for _, o in found)
    return {
        "control_trend_points_per_year": {
            "low": low,
            "high": high,
            "met": -t.trend_points_per_year <= low and high <= t.trend_points_per_year,
        },
        "windows_with_low_intensity": {"value": within, "met": within >= t.events_windows},
        "temporary_captures": {"value": len(ended), "met": len(ended) >= 1},
        "capital_served_outside_shocks": {"value": calm, "met": calm >= t.served_outside_shocks},
        "longest_shock_days": {
            "value": longest_shock,
            "met": not open_shock and longest_shock <= t.shock_over_within_days,
        },
    }


def events_within(events: Array, t: Thresholds) -> float:
    """Return the share of 30-day windows, one starting each day, whose insurgent-initiated events lie in the band."""
    if len(events) < 30:
        return 0.0
    sums = np.convolve(events, np.ones(30), mode="valid")
    return float(np.mean((sums >= t.events_low) & (sums <= t.events_high)))


@functools.lru_cache(maxsize=8)
def _bootstrap_plan(n: int, block: int) -> tuple[Array, Array, Array]:
    """Return slope weights by day and by block, and drawn starts (bootstraps × blocks) in a flat table, for n days."""
    day = np.arange(n) - (n - 1) / 2.0
    weights = day / np.sum(day * day)
    blocks = -(-n // block)
    padded = np.zeros(blocks * block)
    padded[:n] = weights
    starts = np.random.default_rng(_BOOTSTRAP_SEED).integers(0, n - block + 1, size=(_BOOTSTRAPS, blocks))
    return weights, padded.reshape(blocks, block), starts + (n - block + 1) * np.arange(blocks)


def trend_interval(share: Array, block: int = 30) -> tuple[float, float]:
    """Return the 90 % moving-block-bootstrap interval of a share's linear trend, in points (of 100) a year.

    Residuals of the least-squares line are resampled in blocks of ``block`` days (Künsch 1989). The slope is linear in
    the series, so each bootstrap slope is a sum of precomputed block contributions.
    """
    n = len(share)
    if n < 2 * block or not np.any(share != share[0]):
        return 0.0, 0.0
    weights, by_block, starts = _bootstrap_plan(n, block)
    slope = float(weights @ share)
    residual = share - share.mean() - slope * (np.arange(n) - (n - 1) / 2.0)
    step = residual.strides[0]
    windows = np.ndarray((n - block + 1, block), buffer=residual, strides=(step, step))  # a row a start, no copies
    contribution = (by_block @ windows.T).ravel()
    slopes = slope + contribution.take(starts).sum(axis=1)
    slopes.sort()
    return _quantile(slopes, 0.05) * 365.0 * 100.0, _quantile(slopes, 0.95) * 365.0 * 100.0


def _quantile(ordered: Array, q: float) -> float:
    """Return what ``np.quantile(ordered, q)`` would, bit for bit, without its 100 µs of generality."""
    at = q * (len(ordered) - 1)
    k = min(int(at), len(ordered) - 2)
    below, above, part = float(ordered[k]), float(ordered[k + 1]), at - k
    return above - (above - below) * (1.0 - part) if part >= 0.5 else below + (above - below) * part
