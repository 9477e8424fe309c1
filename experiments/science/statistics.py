"""Statistics of recorded events: sizes, days, near repeat. Each is a number of one run's events; NaN if undefined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.figures.power_law import fit_power_law
from experiments.science.observation import EARTH_KM, Events, Rule

Array = npt.NDArray[Any]
Window = tuple[int, int]
NEAR_KM = 5.0


def size_statistics(deaths: Array) -> dict[str, float]:
    """Return the share without deaths, and mean, median, 95th percentile and power-law exponents of lethal sizes."""
    lethal = deaths[deaths > 0]
    some = len(lethal) > 0
    nan = float("nan")
    return {
        "zero_death_share": float(np.mean(deaths == 0)) if len(deaths) else nan,
        "lethal_size_mean": float(lethal.mean()) if some else nan,
        "lethal_size_median": float(np.median(lethal)) if some else nan,
        "lethal_size_p95": float(np.quantile(lethal, 0.95)) if some else nan,
        "exponent_from_2": exponent(deaths, 2),
        "exponent_from_3": exponent(deaths, 3),
    }


def exponent(deaths: Array, from_size: int) -> float:
    """Return the exponent of a discrete power law from ``from_size`` up, by maximum likelihood; NaN if undecided."""
    law = fit_power_law(deaths, from_size)
    return float("nan") if law is None else law.exponent


def daily_statistics(day: Array, window: Window) -> dict[str, float]:
    """Return variance over mean of events a day (unbiased variance), and the most in a day."""
    daily = np.bincount(day - window[0], minlength=window[1] - window[0] + 1)
    mean = float(daily.mean())
    return {
        "daily_variance_to_mean": float(daily.var(ddof=1)) / mean if mean > 0 else float("nan"),
        "most_events_in_a_day": float(daily.max()),
    }


def distances_km(lat: Array, lon: Array) -> Array:
    """Return great-circle distances between all pairs (haversine), in km; n × n."""
    phi, lam = np.radians(lat), np.radians(lon)
    half = np.sin((phi[:, None] - phi) / 2) ** 2
    half = half + np.cos(phi)[:, None] * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    km: Array = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return km


def near_repeat(events: Events, lags: tuple[int, int], km: float = NEAR_KM) -> float:
    """Return how many pairs of events lie near in space and time, relative to chance (Knox 1964).

    Chance is the mean over all permutations of the days over the events, which is known exactly: pairs near in space
    times pairs near in time, over all pairs.

    Args:
        events: with day and position.
        lags: least and greatest difference in days.
        km: greatest distance.
    """
    n = len(events.day)
    if n < 2:
        return float("nan")
    above = np.triu_indices(n, 1)
    near = (distances_km(events.lat, events.lon) <= km)[above]
    lag = np.abs(events.day[:, None] - events.day)[above]
    soon = (lag >= lags[0]) & (lag <= lags[1])
    expected = near.sum() * soon.sum() / len(near)
    return float((near & soon).sum() / expected) if expected > 0 else float("nan")


def one_sided(events: Events, rule: Rule, window: Window) -> dict[str, float]:
    """Return residents killed in recorded one-sided violence, by side."""
    return {
        "civilians_killed_by_insurgents": float(events.recorded(rule, 1, window).deaths.sum()),
        "civilians_killed_by_state_and_contractors": float(events.recorded(rule, 2, window).deaths.sum()),
    }


Statistics = Callable[[Events, Rule, Window], dict[str, float]]

GROUPS: tuple[tuple[tuple[str, ...], Statistics], ...] = (
    (
        (
            "zero_death_share",
            "lethal_size_mean",
            "lethal_size_median",
            "lethal_size_p95",
            "exponent_from_2",
            "exponent_from_3",
        ),
        lambda events, rule, window: size_statistics(events.recorded(rule, 0, window).deaths),
    ),
    (
        ("daily_variance_to_mean", "most_events_in_a_day"),
        lambda events, rule, window: daily_statistics(events.recorded(rule, 0, window).day, window),
    ),
    (("civilians_killed_by_insurgents", "civilians_killed_by_state_and_contractors"), one_sided),
)
"""Which statistics exist and what computes them; near repeats, with lags of their own, come beside."""

NAMES = tuple(name for names, _ in GROUPS for name in names)
NEAR_REPEAT = "near_repeat"


def event_statistics(
    events: Events, rule: Rule, window: Window, lags: dict[str, tuple[int, int]] | None = None
) -> dict[str, float]:
    """Return every statistic of one run's events; ``lags`` names the near repeats that are wanted."""
    found: dict[str, float] = {}
    for _, compute in GROUPS:
        found.update(compute(events, rule, window))
    clashes = events.recorded(rule, 0, window)
    found.update({name: near_repeat(clashes, pair) for name, pair in (lags or {}).items()})
    return found
