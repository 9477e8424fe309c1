"""Targets: what the model is held to, from ``conf/targets``; checked as they are read, and refused by name."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.messages import ConfigurationError, UnknownOptionError
from experiments.science.observation import Rule
from experiments.science.statistics import NAMES, NEAR_REPEAT
from experiments.yaml_files import read_yaml
from sim import codes
from sim.parameter_errors import nearest

AGGREGATIONS = ("median", "share", "interval", "months_within")
USES = ("calibrated", "held_back")
_BANDS = (("low", "high"), ("at_least",), ("above",), ("covers",))


class TargetsError(ConfigurationError):
    """Targets or data that cannot be used."""


class MissingFieldError(TargetsError):
    """An entry without a field that it needs."""

    def __init__(self, where: str, field: str) -> None:
        super().__init__(f"{where}: no {field!r}")


class UnknownFieldError(TargetsError):
    """A field that does not exist."""

    def __init__(self, where: str, field: Any, known: Sequence[str]) -> None:
        near = nearest(str(field), known)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
        super().__init__(f"{where}: no field {field!r}; {hint}")


class BadTargetValueError(TargetsError):
    """A field whose value cannot be used."""

    def __init__(self, where: str, value: Any, allowed: str) -> None:
        super().__init__(f"{where}: {value!r} is not allowed; it takes {allowed}")


class EmptyError(TargetsError):
    """A file or list with nothing in it."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where}: empty")


class MonthOrderError(TargetsError):
    """Months that do not follow one another in time."""

    def __init__(self, where: str, month: str, before: str) -> None:
        super().__init__(f"{where}: month {month} comes after {before}; months stand in order of time, each once")


class NegativeCountError(TargetsError):
    """A count below zero."""

    def __init__(self, where: str, value: Any) -> None:
        super().__init__(f"{where}: {value} is negative; a count is a whole number from 0")


@dataclass(frozen=True)
class Target:
    """What is aimed at: a band, a least value, or a value that the model's interval must cover."""

    kind: tuple[str, ...]
    values: tuple[float, ...]

    def met(self, estimate: float, interval: tuple[float, float]) -> bool:
        """Return whether an estimate, with its interval over runs, meets the target; NaN never does."""
        a = self.values[0]
        if self.kind == ("covers",):
            return interval[0] <= a <= interval[1]
        if self.kind == ("low", "high"):
            return a <= estimate <= self.values[1]
        return estimate >= a if self.kind == ("at_least",) else estimate > a

    def __str__(self) -> str:
        """Say it in a few words."""
        a = f"{self.values[0]:g}"
        if self.kind == ("low", "high"):
            return f"{a} to {self.values[1]:g}"
        return {"at_least": f"at least {a}", "above": f"above {a}", "covers": f"interval covers {a}"}[self.kind[0]]


@dataclass(frozen=True)
class Pattern:
    """One pattern, input check or statistic; fields as in the files of ``conf/targets``."""

    id: str
    formula: str
    aggregation: str
    target: Target
    claim: str = ""
    window: str = ""
    measure: str = ""
    per_run: Target | None = None
    use: str = ""
    level: float = 0.9
    value: float | None = None
    lags: tuple[int, int] | None = None
    source: str = ""


@dataclass(frozen=True)
class Month:
    """One month of recorded events."""

    month: str
    days: tuple[int, int]
    events: int
    deaths: int


@dataclass(frozen=True)
class ArticleTargets:
    """The article's patterns, the input checks, the thresholds of the outcome classes."""

    windows: Mapping[str, tuple[int, int]]
    patterns: tuple[Pattern, ...]
    checks: tuple[Pattern, ...]
    thresholds: Mapping[str, float]
    vary_each_by: float


@dataclass(frozen=True)
class EventTargets:
    """Recorded events: which are compared, how they are observed, month by month, and their statistics."""

    windows: Mapping[str, tuple[int, int]]
    window: tuple[int, int]
    rule: Rule
    ranges: Mapping[str, tuple[float, float]]
    months: tuple[Month, ...]
    monthly: tuple[Pattern, ...]
    statistics: tuple[Pattern, ...]


def load_article(folders: Sequence[Path], name: str = "article") -> ArticleTargets:
    """Return the article's patterns from the first configuration folder that has them.

    Raises:
        TargetsError: through the subclass that names what is wrong, and where.
    """
    data = _read(folders, name)
    where = f"targets {name}"
    windows = _windows(where, _need(where, data, "windows"))
    outcomes = _mapping(f"{where}: outcomes", _need(where, data, "outcomes"))
    table = _mapping(f"{where}: outcomes.thresholds", _need(f"{where}: outcomes", outcomes, "thresholds"))
    return ArticleTargets(
        windows=windows,
        patterns=_patterns(where, "pattern", _need(where, data, "patterns"), windows, ("claim", "window", "measure")),
        checks=_patterns(where, "input check", _need(where, data, "input_checks"), windows, ("measure",)),
        thresholds={key: _number(f"{where}: outcomes.thresholds.{key}", value) for key, value in table.items()},
        vary_each_by=_number(f"{where}: outcomes.vary_each_by", _need(where, outcomes, "vary_each_by"), 0, 1),
    )


def load_events(folders: Sequence[Path], name: str = "ucdp_2025") -> EventTargets:
    """Return the targets from recorded events.

    Raises:
        TargetsError: through the subclass that names what is wrong, and where.
    """
    data = _read(folders, name)
    where = f"targets {name}"
    windows = _windows(where, _need(where, data, "windows"))
    rule, ranges = _rule(where, data)
    monthly = _patterns(where, "monthly", _need(where, data, "monthly"), windows, ("window",))
    for pattern in monthly:
        _known(f"{where}: monthly", pattern.id, ("events", "deaths"))
    statistics = _patterns(where, "statistic", _need(where, data, "statistics"), windows, ("window",))
    for pattern in statistics:
        _check_statistic(f"{where}: statistic {pattern.id}", pattern)
    return EventTargets(
        windows=windows,
        window=windows[_known(f"{where}: windows", "recorded", windows)],
        rule=rule,
        ranges=ranges,
        months=_months(where, _need(where, data, "months")),
        monthly=monthly,
        statistics=statistics,
    )


def _read(folders: Sequence[Path], name: str) -> Mapping[str, Any]:
    for folder in folders:
        path = folder / "targets" / f"{name}.yaml"
        if path.is_file():
            data = read_yaml(path)
            if not data:
                raise EmptyError(f"targets {name}")
            return _mapping(f"targets {name}", data)
    raise UnknownOptionError("targets", name, sorted(f.stem for d in folders for f in (d / "targets").glob("*.yaml")))


def _mapping(where: str, data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise BadTargetValueError(where, data, "a table of names and values")
    return data


def _need(where: str, data: Mapping[str, Any], field: str) -> Any:
    if data.get(field) is None:
        raise MissingFieldError(where, field)
    return data[field]


def _known(where: str, name: Any, known: Any) -> str:
    if name not in known:
        raise UnknownFieldError(where, name, sorted(known))
    return str(name)


def _number(where: str, value: Any, low: float = -1e9, high: float = 1e9) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise BadTargetValueError(where, value, f"a number from {low:g} to {high:g}")
    return float(value)


def _days(where: str, value: Any) -> tuple[int, int]:
    good = isinstance(value, Sequence) and len(value) == 2 and all(type(day) is int for day in value)
    if not good or not 0 <= value[0] <= value[1]:
        raise BadTargetValueError(where, value, "a first and a last day, as in [0, 30]")
    return int(value[0]), int(value[1])


def _windows(where: str, data: Any) -> dict[str, tuple[int, int]]:
    table = _mapping(f"{where}: windows", data)
    return {str(key): _days(f"{where}: windows.{key}", value) for key, value in table.items()}


def _band(where: str, data: Any) -> Target:
    table = _mapping(where, data)
    kind = next((band for band in _BANDS if set(band) == set(table)), None)
    if kind is None:
        raise BadTargetValueError(where, dict(table), "low and high, or one of at_least, above, covers")
    values = tuple(_number(f"{where}.{key}", table[key]) for key in kind)
    if values != tuple(sorted(values)):
        raise BadTargetValueError(where, dict(table), "a low that is not above high")
    return Target(kind, values)


_FIELDS = (*(f for f in Pattern.__dataclass_fields__ if f not in ("id", "level")), "interval")


def _patterns(
    where: str, kind: str, data: Any, windows: Mapping[str, Any], needed: Sequence[str]
) -> tuple[Pattern, ...]:
    table = _mapping(f"{where}: {kind}", data)
    if not table:
        raise EmptyError(f"{where}: {kind}")
    return tuple(_pattern(f"{where}: {kind} {name}", str(name), row, windows, needed) for name, row in table.items())


def _pattern(where: str, name: str, data: Any, windows: Mapping[str, Any], needed: Sequence[str]) -> Pattern:
    row = _mapping(where, data)
    for field in row:
        _known(where, field, _FIELDS)
    for field in ("formula", "aggregation", "target", *needed):
        _need(where, row, field)
    if "window" in row:
        _known(f"{where}: window", row["window"], windows)
    if "use" in row and row["use"] not in USES:
        raise BadTargetValueError(f"{where}: use", row["use"], " or ".join(USES))
    if row["aggregation"] not in AGGREGATIONS:
        raise BadTargetValueError(f"{where}: aggregation", row["aggregation"], ", ".join(AGGREGATIONS))
    interval = _mapping(f"{where}: interval", row.get("interval") or {"level": 0.9})
    return Pattern(
        id=name,
        formula=" ".join(str(row["formula"]).split()),
        aggregation=row["aggregation"],
        target=_band(f"{where}: target", row["target"]),
        claim=str(row.get("claim", "")),
        window=str(row.get("window", "")),
        measure=str(row.get("measure", "")),
        per_run=_band(f"{where}: per_run", row["per_run"]) if "per_run" in row else None,
        use=str(row.get("use", "")),
        level=_number(f"{where}: interval.level", _need(f"{where}: interval", interval, "level"), 0.5, 0.999),
        value=_number(f"{where}: value", row["value"]) if "value" in row else None,
        lags=_days(f"{where}: lags", row["lags"]) if "lags" in row else None,
        source=str(row.get("source", "")),
    )


def _check_statistic(where: str, pattern: Pattern) -> None:
    if pattern.id.startswith(NEAR_REPEAT):
        if pattern.lags is None:
            raise MissingFieldError(where, "lags")
    elif pattern.id not in NAMES:
        raise UnknownFieldError(where.rpartition(" ")[0], pattern.id, NAMES)


def _rule(where: str, data: Mapping[str, Any]) -> tuple[Rule, dict[str, tuple[float, float]]]:
    compared = _mapping(f"{where}: compared", _need(where, data, "compared"))
    sides = _mapping(f"{where}: one_sided", _need(where, data, "one_sided"))
    table = _mapping(f"{where}: observation", _need(where, data, "observation"))
    values, ranges = {}, {}
    for key in ("zero_death", "half_deaths"):
        row = _mapping(f"{where}: observation.{key}", _need(f"{where}: observation", table, key))
        low, high = (_number(f"{where}: observation.{key}.{end}", _need(where, row, end)) for end in ("low", "high"))
        values[key] = _number(f"{where}: observation.{key}.value", _need(where, row, "value"), low, high)
        ranges[key] = (low, high)
    rule = Rule(
        **values,
        country=str(_need(f"{where}: compared", compared, "country")),
        clashes=_kinds(f"{where}: compared.kinds", _need(f"{where}: compared", compared, "kinds")),
        by_insurgents=_kinds(f"{where}: one_sided.insurgents", _need(f"{where}: one_sided", sides, "insurgents")),
        by_state=_kinds(f"{where}: one_sided.state", _need(f"{where}: one_sided", sides, "state")),
    )
    return rule, ranges


def _kinds(where: str, names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or not names:
        raise EmptyError(where)
    return tuple(_known(where, name, codes.EVENT_KINDS) for name in names)


def _months(where: str, rows: Any) -> tuple[Month, ...]:
    if not isinstance(rows, list) or not rows:
        raise EmptyError(f"{where}: months")
    months: list[Month] = []
    for row in rows:
        name = check_month(f"{where}: months", _need(f"{where}: months", _mapping(f"{where}: months", row), "month"))
        spot = f"{where}: month {name}"
        days = _days(f"{spot}: days", _need(spot, row, "days"))
        counts = [count(f"{spot}: {field}", _need(spot, row, field)) for field in ("events", "deaths")]
        if months and (name <= months[-1].month or days[0] <= months[-1].days[1]):
            raise MonthOrderError(where, name, months[-1].month)
        months.append(Month(name, days, *counts))
    return tuple(months)


def check_month(where: str, text: Any) -> str:
    """Return a month such as "2025-09".

    Raises:
        BadTargetValueError: it is none.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(text)):
        raise BadTargetValueError(f"{where}: month", text, "a year and a month, as in 2025-09")
    return str(text)


def count(where: str, value: Any) -> int:
    """Return a count.

    Raises:
        NegativeCountError, BadTargetValueError: it is below zero, or no whole number.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or int(value) != value:
        raise BadTargetValueError(where, value, "a whole number from 0")
    if value < 0:
        raise NegativeCountError(where, value)
    return int(value)


def month_days(month: str) -> int:
    """Return the number of days of a month such as "2025-09"."""
    return calendar.monthrange(int(month[:4]), int(month[5:]))[1]
