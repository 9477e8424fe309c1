"""What a run is about: geography, forces, parameters, timeline, and how it is judged. Plain data, checked once."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from numbers import Real
from typing import Any

from sim.geography import Geography
from sim.parameter_errors import StalemateError, nearest
from sim.parameters import Parameters, check, with_values

_USES = {
    "set": ("key", "value"),
    "ramp": ("key", "value", "days"),
    "campaign": ("value", "days"),
    "withdraw_contractors": ("value",),
    "add_contractors": ("place", "value"),
    "add_men": ("place", "value"),
    "add_fighters": ("place", "value"),
}
TIMELINE_ACTIONS = tuple(_USES)


class ScenarioError(StalemateError):
    """A scenario that cannot be run; the message names the key at fault."""


class UnknownPlaceInForcesError(ScenarioError):
    """Forces, fuel or support name a place or region that the geography does not have."""

    def __init__(self, where: str, name: Any, known: Any, what: str = "place") -> None:
        near = nearest(str(name), known)
        super().__init__(f"{where}: no {what} {name!r}" + (f"; did you mean {near!r}?" if near else ""))


class BadCountError(ScenarioError):
    """A number of the scenario is negative, NaN, no number or not whole."""

    def __init__(self, where: str, value: Any, allowed: str) -> None:
        super().__init__(f"{where}: {value!r} is not allowed; it takes {allowed}")


class BadForcesError(ScenarioError):
    """An entry of the forces that is no mapping, or has a key that does not exist."""


class BadTimelineError(ScenarioError):
    """An entry of the timeline that cannot be read."""


class MissingScenarioError(ScenarioError):
    """Something else was given where a scenario is asked for."""

    def __init__(self, given: Any) -> None:
        super().__init__(
            f"scenario: {given!r} is not allowed; it takes a sim.Scenario, "
            "such as experiments.load_scenario('minimal') returns"
        )


@dataclass(frozen=True)
class Group:
    """One insurgent group: its name and how many cells begin at each place."""

    name: str
    cells: Mapping[str, int]


@dataclass(frozen=True)
class Station:
    """Some state units of one kind at one place: ``count`` of ``men`` each."""

    place: str
    count: int
    men: int


@dataclass(frozen=True)
class Supplier:
    """One fuel source: tankers a day at most, and its share of the country's imports in calm."""

    capacity: float
    share: float


@dataclass(frozen=True)
class Forces:
    """Who is where on the first day, whom the people support, and the fuel system.

    Attributes:
        groups: one or two insurgent groups; the second is the allied one.
        garrisons: men by place.
        columns, escorts: mobile units by home.
        detachments: contractors by place, scaled so that their sum is ``contractors.personnel``.
        support_insurgents, support_state: factor by region on the initial support; 1 where not named.
        neighbour_countries: countries other than the scenario's own where cells may rest.
        civil_l_per_person: daily civil demand for fuel (litres).
        opening_stock_days: stock on the first day, in days of demand.
        suppliers: fuel sources by place.
    """

    groups: tuple[Group, ...] = ()
    garrisons: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[Station, ...] = ()
    escorts: tuple[Station, ...] = ()
    detachments: Mapping[str, int] = field(default_factory=dict)
    support_insurgents: Mapping[str, float] = field(default_factory=dict)
    support_state: Mapping[str, float] = field(default_factory=dict)
    neighbour_countries: tuple[str, ...] = ()
    civil_l_per_person: float = 0.68
    opening_stock_days: float = 7.0
    suppliers: Mapping[str, Supplier] = field(default_factory=dict)
    second_base: str | None = None


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline: on ``day`` do ``action``; see :data:`TIMELINE_ACTIONS`."""

    day: int
    action: str
    key: str = ""
    value: float = 0.0
    days: int = 0
    place: str = ""


@dataclass(frozen=True, repr=False)
class Scenario:
    """One experiment's world before any draw.

    Attributes:
        name, title, description: how it is called and what it is.
        days: length of a run.
        start_date: ISO date of day 0.
        summer: first and last day of the window in which the article's patterns are judged.
        judge_day: the day on which patterns A6 and A7 are judged.
        event_band: insurgent-initiated events per 30 days that count as low intensity.
    """

    name: str
    geography: Geography
    forces: Forces
    parameters: Parameters = field(default_factory=Parameters)
    timeline: tuple[Entry, ...] = ()
    title: str = ""
    description: str = ""
    days: int = 540
    start_date: str = "2025-01-01"
    summer: tuple[int, int] = (151, 242)
    judge_day: int = 482
    event_band: tuple[float, float] = (5.0, 60.0)

    def __repr__(self) -> str:
        """Say what it is in one line."""
        return f"<Scenario {self.name}: {len(self.geography.places)} places, {self.days} days>"

    def with_settings(self, changes: Mapping[str, Any]) -> Scenario:
        """Return the scenario with some parameters changed, by key.

        Raises:
            UnknownParameterError, BadParameterValueError: the key or value is not allowed.
        """
        return replace(self, parameters=with_values(self.parameters, dict(changes)))


def _is_number(value: Any) -> bool:
    """Return whether ``value`` is a real number, numpy's included; True and False are none."""
    return not isinstance(value, bool) and isinstance(value, Real)


def check_scenario(value: Any) -> None:
    """Refuse what is no scenario, such as its name.

    Raises:
        MissingScenarioError: always for anything else.
    """
    if not isinstance(value, Scenario):
        raise MissingScenarioError(value)


def check_days(value: Any) -> int:
    """Return a run's length.

    Raises:
        BadCountError: not a whole number from 1 to 36500.
    """
    return whole("days", value, 1, 36500)


def whole(where: str, value: Any, low: int, high: int) -> int:
    """Return ``value`` as a whole number within [low, high]; raises BadCountError otherwise."""
    ok = _is_number(value) and math.isfinite(value)
    if not ok or int(value) != value or not low <= value <= high:
        raise BadCountError(where, value, f"a whole number from {low} to {high}")
    return int(value)


def number(where: str, value: Any, low: float, high: float) -> float:
    """Return ``value`` as a number within [low, high]; raises BadCountError otherwise."""
    if not _is_number(value) or not low <= value <= high:
        raise BadCountError(where, value, f"a number from {low:g} to {high:g}")
    return float(value)


def read_forces(data: Mapping[str, Any], geography: Geography) -> Forces:
    """Read forces from plain data (as composed from ``conf/force``) and check every name and number.

    Raises:
        BadForcesError, UnknownPlaceInForcesError, BadCountError: the entry at fault, in one line.
    """
    _keys("force", data, [f.name for f in fields(Forces)], BadForcesError)
    places = {p.id for p in geography.places}
    regions = {p.region for p in geography.places}
    groups = tuple(
        Group(str(name), _counts(f"force.groups.{name}", cells, places, 10000))
        for name, cells in (data.get("groups") or {}).items()
    )
    if len(groups) > 2:
        raise BadCountError("force.groups", len(groups), "at most two groups")
    second = data.get("second_base")
    if second is not None and second not in places:
        raise UnknownPlaceInForcesError("force.second_base", second, places)
    return Forces(
        groups=groups,
        garrisons=_counts("force.garrisons", data.get("garrisons") or {}, places, 1000000),
        columns=_stations("force.columns", data.get("columns") or {}, places),
        escorts=_stations("force.escorts", data.get("escorts") or {}, places),
        detachments=_counts("force.detachments", data.get("detachments") or {}, places, 100000),
        support_insurgents=_factors("force.support_insurgents", data.get("support_insurgents") or {}, regions),
        support_state=_factors("force.support_state", data.get("support_state") or {}, regions),
        neighbour_countries=tuple(data.get("neighbour_countries") or ()),
        civil_l_per_person=number("force.civil_l_per_person", data.get("civil_l_per_person", 0.68), 0, 10),
        opening_stock_days=number("force.opening_stock_days", data.get("opening_stock_days", 7.0), 0, 100),
        suppliers=_suppliers(data.get("suppliers") or {}, {geography.places[k].id for k in geography.sources}),
        second_base=second,
    )


def _keys(where: str, data: Any, known: Collection[str] | None, error: type[ScenarioError]) -> None:
    """Refuse what is no mapping, and keys that are not known (None: any)."""
    if not isinstance(data, Mapping):
        raise error(f"{where}: {data!r} is not allowed; it takes a mapping of keys to values")
    if known is None:
        return
    for name in data:
        if name not in known:
            near = nearest(str(name), known)
            raise error(f"{where}: no key {name!r}" + (f"; did you mean {near!r}?" if near else ""))


def _counts(where: str, data: Mapping[str, Any], known: set[str], most: int) -> dict[str, int]:
    _keys(where, data, None, BadForcesError)
    for name in data:
        if name not in known:
            raise UnknownPlaceInForcesError(where, name, known)
    return {name: whole(f"{where}.{name}", value, 0, most) for name, value in data.items()}


def _factors(where: str, data: Mapping[str, Any], known: set[str]) -> dict[str, float]:
    _keys(where, data, None, BadForcesError)
    for name in data:
        if name not in known:
            raise UnknownPlaceInForcesError(where, name, known)
    return {name: number(f"{where}.{name}", value, 0, 10) for name, value in data.items()}


def _stations(where: str, data: Mapping[str, Any], known: set[str]) -> tuple[Station, ...]:
    _keys(where, data, None, BadForcesError)
    stations = []
    for name, value in data.items():
        if name not in known:
            raise UnknownPlaceInForcesError(where, name, known)
        _keys(f"{where}.{name}", value, ("count", "men"), BadForcesError)
        count = whole(f"{where}.{name}.count", value.get("count"), 0, 1000)
        stations.append(Station(name, count, whole(f"{where}.{name}.men", value.get("men"), 0, 100000)))
    return tuple(stations)


def _suppliers(data: Mapping[str, Any], known: set[str]) -> dict[str, Supplier]:
    _keys("force.suppliers", data, None, BadForcesError)
    for name, value in data.items():
        if name not in known:
            raise UnknownPlaceInForcesError("force.suppliers", name, known, "fuel source")
        _keys(f"force.suppliers.{name}", value, ("capacity", "share"), BadForcesError)
    return {
        name: Supplier(
            number(f"force.suppliers.{name}.capacity", value.get("capacity"), 0, 1e6),
            number(f"force.suppliers.{name}.share", value.get("share"), 0, 1),
        )
        for name, value in data.items()
    }


def read_timeline(data: Any, geography: Geography) -> tuple[Entry, ...]:
    """Read a timeline: a list of entries, or a mapping whose values are entries (so that an override can name one).

    Raises:
        BadTimelineError, BadCountError, UnknownParameterError, BadParameterValueError: the entry at fault.
    """
    rows = list(data.values()) if isinstance(data, Mapping) else list(data or ())
    entries = [_entry(row, geography) for row in rows if row is not None]
    return tuple(sorted(entries, key=lambda e: e.day))


def _entry(data: Mapping[str, Any], geography: Geography) -> Entry:
    _keys("timeline", data, [f.name for f in fields(Entry)], BadTimelineError)
    action = str(data.get("action", ""))
    if action not in TIMELINE_ACTIONS:
        near = nearest(action, TIMELINE_ACTIONS)
        hint = f"; did you mean {near!r}?" if near else ""
        raise BadTimelineError(f"timeline: no action {action!r}; it takes {', '.join(TIMELINE_ACTIONS)}{hint}")
    day = whole("timeline.day", data.get("day"), 0, 36500)
    for name, given in data.items():
        if given not in (None, "", 0) and name not in ("day", "action", *_USES[action]):
            raise BadTimelineError(
                f"timeline: {action} on day {day} has no {name!r}; it takes {', '.join(_USES[action])}"
            )
    days = whole("timeline.days", data.get("days", 0), 1 if action == "campaign" else 0, 36500)
    key, place = str(data.get("key", "")), str(data.get("place", ""))
    value = data.get("value", 1.0 if action == "campaign" else None)
    if value is None:
        raise BadTimelineError(f"timeline: {action} on day {day} has no value")
    if action in ("set", "ramp"):
        value = check(key, value)
    elif action == "campaign":
        value = number("timeline.value", value, 0, 5)
    else:
        value = whole("timeline.value", value, -1000000 if action == "add_men" else 0, 1000000)
    if action.startswith("add_") and place not in {p.id for p in geography.places}:
        raise UnknownPlaceInForcesError("timeline.place", place, {p.id for p in geography.places})
    return Entry(day=day, action=action, key=key, value=float(value), days=days, place=place)
