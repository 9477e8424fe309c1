"""The observation model: which simulated events would have been recorded, before any comparison with recorded ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim import codes
from sim.scenario import Scenario
from sim.summary import event_places

Array = npt.NDArray[Any]

_U = np.uint64
_GOLDEN, _ODD = _U(0x9E3779B97F4A7C15), _U(0xD1342543DE82EF95)
_M1, _M2 = _U(0xBF58476D1CE4E5B9), _U(0x94D049BB133111EB)
EARTH_KM = 6371.0


@dataclass(frozen=True)
class Rule:
    """How events are chosen and recorded; from the targets.

    Attributes:
        zero_death: chance that an event without deaths is recorded.
        half_deaths: deaths over which the chance of being missed halves.
        country: the country whose events are compared.
        clashes: kinds of event between armed sides.
        by_insurgents, by_state: kinds of one-sided violence; of fires only those that kill residents alone.
    """

    zero_death: float
    half_deaths: float
    country: str
    clashes: tuple[str, ...]
    by_insurgents: tuple[str, ...]
    by_state: tuple[str, ...]

    def chance(self, deaths: Array) -> Array:
        """Return the chance that an event with ``deaths`` is recorded: 1 − (1 − zero_death)·2^(−deaths/half_deaths)."""
        missed = (1.0 - self.zero_death) * np.exp2(-np.asarray(deaths, dtype=float) / self.half_deaths)
        chance: Array = 1.0 - missed
        return chance


@dataclass(frozen=True)
class Events:
    """The events of one run that could be recorded; arrays of one length.

    Attributes:
        day: day number.
        deaths: deaths on all sides, residents included.
        side: 0 a clash, 1 one-sided by insurgents, 2 one-sided by the state and contractors.
        draw: the keyed uniform draw; recorded if it is under the chance.
        lat, lon: where, in degrees.
    """

    day: Array
    deaths: Array
    side: Array
    draw: Array
    lat: Array
    lon: Array

    def recorded(self, rule: Rule, side: int = 0, window: tuple[int, int] | None = None) -> Events:
        """Return the recorded events of one side (0: clashes), within a window of first and last day."""
        keep = (self.draw < rule.chance(self.deaths)) & (self.side == side)
        if window is not None:
            keep &= (self.day >= window[0]) & (self.day <= window[1])
        return Events(*(column[keep] for column in (self.day, self.deaths, self.side, self.draw, self.lat, self.lon)))


def events_of(scenario: Scenario, seed: int, log: Array, rule: Rule) -> Events:
    """Return the events of a run that the observation model looks at, each with its draw."""
    at = event_places(scenario, log)
    countries = np.array([p.country == rule.country for p in scenario.geography.places] + [False])
    residents_only = (log["deaths"][:, 0] > 0) & (log["deaths"][:, 1:].sum(axis=1) == 0)
    fire = log["kind"] == codes.FIRE
    side = np.full(len(log), -1)
    side[_is(log, rule.clashes)] = 0
    for number, kinds in ((1, rule.by_insurgents), (2, rule.by_state)):
        side[_is(log, kinds) & (~fire | residents_only)] = number
    keep = (side >= 0) & countries[at]
    lat, lon = _positions(scenario)
    spot = np.where(log["place"] >= 0, log["place"], len(scenario.geography.places) + log["road"])[keep]
    return Events(
        day=log["day"][keep].astype(np.int64),
        deaths=log["deaths"][keep].sum(axis=1),
        side=side[keep],
        draw=draws(seed, log)[keep],
        lat=lat[spot],
        lon=lon[spot],
    )


def _is(log: Array, kinds: tuple[str, ...]) -> Array:
    return np.isin(log["kind"], [codes.EVENT_KINDS.index(kind) for kind in kinds])


def _positions(scenario: Scenario) -> tuple[Array, Array]:
    """Return latitude and longitude of every place, then of the middle of every road."""
    geo = scenario.geography
    ends = [(geo.places[geo.index(r.a)], geo.places[geo.index(r.b)]) for r in geo.roads]
    lat = [p.lat for p in geo.places] + [(a.lat + b.lat) / 2 for a, b in ends]
    lon = [p.lon for p in geo.places] + [(a.lon + b.lon) / 2 for a, b in ends]
    return np.array(lat), np.array(lon)


def draws(seed: int, log: Array) -> Array:
    """Return each event's uniform draw, a function of (seed, day, actor, kind, which of the actor's that day).

    The bits are those of :func:`sim.draws.uniform`, here for arrays.
    """
    kind = log["kind"].astype(np.uint64)
    who = log["actor"].astype(np.uint64)
    k = kind + _U(64) * _ordinals(log["day"], who, kind)
    day_key = _mix(_mix(np.array([seed], dtype=np.uint64) + _GOLDEN) + log["day"].astype(np.uint64) * _GOLDEN)
    z = _mix(day_key + who * _GOLDEN)
    z = _mix(z ^ ((_U(codes.D_OBSERVE << 32) + k) * _ODD))
    uniform: Array = ((z >> _U(12)).astype(np.float64) + 0.5) * 2.0**-52
    return uniform


def _mix(z: Array) -> Array:
    z = (z ^ (z >> _U(30))) * _M1
    z = (z ^ (z >> _U(27))) * _M2
    mixed: Array = z ^ (z >> _U(31))
    return mixed


def _ordinals(*keys: Array) -> Array:
    """Return how many earlier events have the same keys."""
    n = len(keys[0])
    if n == 0:
        return np.zeros(0, dtype=np.uint64)
    order = np.lexsort((np.arange(n), *keys))
    new = np.zeros(n, dtype=bool)
    new[0] = True
    for key in keys:
        ranked = key[order]
        new[1:] |= ranked[1:] != ranked[:-1]
    first = np.maximum.accumulate(np.where(new, np.arange(n), 0))
    ordinal = np.empty(n, dtype=np.uint64)
    ordinal[order] = (np.arange(n) - first).astype(np.uint64)
    return ordinal


def monthly(events: Events, months: Mapping[str, tuple[int, int]]) -> tuple[Array, Array]:
    """Return the number of events and of deaths in each month (name → first and last day)."""
    bounds = list(months.values())
    counts = np.array([((events.day >= a) & (events.day <= b)).sum() for a, b in bounds])
    deaths = np.array([events.deaths[(events.day >= a) & (events.day <= b)].sum() for a, b in bounds])
    return counts, deaths
