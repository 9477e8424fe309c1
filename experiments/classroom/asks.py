"""What a page may ask of the classroom: each request as checked data, each fault with the field that it is in."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sim.parameter_errors import StalemateError, nearest
from sim.parameters import check

MOST_BODY = 64 * 1024
MOST_RUNS, MOST_DAYS, MOST_SEED, MOST_SETTINGS = 200, 1080, 2**31 - 1, 40
DEFAULT_RUNS = 50
WITHDRAW, MOST_WITHDRAWN = "withdraw_contractors", 4000
"""A change in a branch that is no parameter: how many contractors leave on the day."""


class FieldError(StalemateError):
    """A request that cannot be carried out.

    Attributes:
        field: where the fault is, as a dotted path; empty for the whole body.
        message: what is wrong and what is allowed, in one line.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class RunAsk:
    """One run: of which scenario, with which parameters changed, and with which luck."""

    scenario: str
    settings: Mapping[str, float]
    seed: int
    days: int | None


@dataclass(frozen=True)
class SpreadAsk:
    """Many runs of one setting, seeds from 1 on."""

    scenario: str
    settings: Mapping[str, float]
    runs: int
    days: int | None


@dataclass(frozen=True)
class BranchAsk:
    """One run, and the same with some parameters changed from a day on."""

    run: RunAsk
    day: int
    changes: Mapping[str, float]


@dataclass(frozen=True)
class ExportAsk:
    """A lesson's page as one file, with the settings that the class has tried."""

    lesson: str
    scenario: str
    settings: tuple[Mapping[str, float], ...]
    seed: int
    language: str


def read_body(body: bytes) -> Mapping[str, Any]:
    """Return a request's body as a table.

    Raises:
        FieldError: it is no JSON object.
    """
    try:
        data = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise FieldError("", "the body is not JSON") from None
    if not isinstance(data, dict):
        raise FieldError("", "the body must be a JSON object")
    return data


def _refuse(word: str) -> Any:
    raise ValueError(word)


def read_run(data: Mapping[str, Any], scenarios: Collection[str]) -> RunAsk:
    """Return the run that a page asks for; raises FieldError."""
    _known(data, ("scenario", "settings", "seed", "days"))
    return RunAsk(_scenario(data, scenarios), _settings(data, "settings"), _seed(data), _days(data))


def read_spread(data: Mapping[str, Any], scenarios: Collection[str]) -> SpreadAsk:
    """Return the many runs that a page asks for; raises FieldError."""
    _known(data, ("scenario", "settings", "runs", "days"))
    runs = _whole("runs", data.get("runs", DEFAULT_RUNS), 1, MOST_RUNS)
    return SpreadAsk(_scenario(data, scenarios), _settings(data, "settings"), runs, _days(data))


def read_branch(data: Mapping[str, Any], scenarios: Collection[str]) -> BranchAsk:
    """Return the branch that a page asks for; raises FieldError."""
    _known(data, ("scenario", "settings", "seed", "days", "day", "changes"))
    run = RunAsk(_scenario(data, scenarios), _settings(data, "settings"), _seed(data), _days(data))
    table = data.get("changes")
    changes = _settings({"changes": _without(table, WITHDRAW)}, "changes")
    if isinstance(table, Mapping) and WITHDRAW in table:
        changes = {**changes, WITHDRAW: _whole(f"changes.{WITHDRAW}", table[WITHDRAW], 1, MOST_WITHDRAWN)}
    if not changes:
        raise FieldError("changes", "names at least one parameter")
    return BranchAsk(run, _whole("day", data.get("day"), 0, MOST_DAYS - 1), changes)


def _without(table: Any, key: str) -> Any:
    """Return a table without one key; what is no table stays what it is, to be refused by name, and none is empty."""
    if table is None:
        return {}
    return {k: v for k, v in table.items() if k != key} if isinstance(table, Mapping) else table


def read_export(
    data: Mapping[str, Any], scenarios: Collection[str], lessons: Collection[str], languages: Collection[str]
) -> ExportAsk:
    """Return the export that a page asks for; raises FieldError."""
    _known(data, ("lesson", "scenario", "settings", "seed", "lang"))
    lesson, language = data.get("lesson"), data.get("lang", "en")
    if lesson not in lessons:
        raise FieldError("lesson", f"{_shown(lesson)} is none of {', '.join(lessons)}")
    if language not in languages:
        raise FieldError("lang", f"{_shown(language)} is none of {', '.join(languages)}")
    rows = data.get("settings", [])
    if not isinstance(rows, list) or len(rows) > 4:
        raise FieldError("settings", "takes a list of at most 4 settings")
    settings = tuple(_settings({f"settings.{k}": row}, f"settings.{k}") for k, row in enumerate(rows))
    return ExportAsk(str(lesson), _scenario(data, scenarios), settings, _seed(data), str(language))


def _known(data: Mapping[str, Any], fields: Collection[str]) -> None:
    for name in data:
        if name not in fields:
            near = nearest(name, fields)
            raise FieldError(name[:80], "no such field" + (f"; did you mean {near!r}?" if near else ""))


def _shown(value: Any) -> str:
    """Return a value as it may stand in a message: short, on one line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _scenario(data: Mapping[str, Any], scenarios: Collection[str]) -> str:
    name = data.get("scenario")
    if not isinstance(name, str) or name not in scenarios:
        raise FieldError("scenario", f"{_shown(name)} is none of {', '.join(scenarios)}")
    return name


def _settings(data: Mapping[str, Any], field: str) -> Mapping[str, float]:
    table = data.get(field, {})
    if not isinstance(table, Mapping):
        raise FieldError(field, 'takes values by parameter, as in {"contractors.personnel": 500}')
    if len(table) > MOST_SETTINGS:
        raise FieldError(field, f"has {len(table)} parameters; it takes {MOST_SETTINGS} at most")
    return {key: _setting(field, key, value) for key, value in table.items()}


def _setting(field: str, key: str, value: Any) -> float:
    where = f"{field}.{key[:80]}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError(where, f"{_shown(value)} is not allowed; it takes a number")
    try:
        return check(key, value)
    except (StalemateError, OverflowError) as error:
        raise FieldError(where, str(error).removeprefix(f"{key}: ")[:200]) from None


def _seed(data: Mapping[str, Any]) -> int:
    return _whole("seed", data.get("seed", 1), 0, MOST_SEED)


def _days(data: Mapping[str, Any]) -> int | None:
    return None if data.get("days") is None else _whole("days", data["days"], 1, MOST_DAYS)


def _whole(field: str, value: Any, low: int, high: int) -> int:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or int(value) != value or not low <= value <= high:
        raise FieldError(field, f"{_shown(value)} is not allowed; it takes a whole number from {low} to {high}")
    return int(value)
