"""What a lesson is: a question, a few levers with their levels, presets, and the words for them.

Numbers stand in ``conf/lesson/NAME.yaml``, words in ``conf/lesson/text/LANGUAGE.yaml``, the teacher's guide in
``docs/lessons/NAME.md``. A level is a number, ``base`` (the scenario's own value) or ``x2`` (twice that), so that a
lesson stays right when a scenario's values move.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.messages import ConfigurationError, UnknownOptionError
from experiments.paths import conf_dir
from experiments.yaml_files import read_yaml
from sim.parameter_errors import UnknownParameterError, nearest
from sim.parameters import Info, check, flatten, infos
from sim.scenario import Scenario

LEAST_LEVERS, MOST_LEVERS = 4, 6
LEAST_LEVELS, MOST_LEVELS = 2, 4
MOST_CELLS = 96
_KEYS = ("order", "scenarios", "levers", "presets")
_TIMES = re.compile(r"x(\d+(?:\.\d+)?)")

Level = float | str
"""A number, ``base``, or ``x`` and a factor."""


class LessonError(ConfigurationError):
    """A lesson's file that cannot be used; the message names the key at fault."""


class UnknownLessonError(UnknownOptionError):
    """A lesson that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__("lesson", name, lesson_names())


@dataclass(frozen=True)
class Lever:
    """One thing that a student can change.

    Attributes:
        id: its name in the lesson's files.
        key: the parameter that it sets.
        levels: what it offers in a single file; a live lesson offers the parameter's whole range.
        start: the level at which it begins.
        low: least value of a live lesson, where that is not the parameter's own.
    """

    id: str
    key: str
    levels: tuple[Level, ...]
    start: Level = "base"
    low: float | None = None

    @property
    def info(self) -> Info:
        """What is known of its parameter."""
        return infos()[self.key]

    def values(self, scenario: Scenario) -> tuple[float, ...]:
        """Return its levels in a scenario, in rising order, each once and within the parameter's range."""
        return tuple(sorted({self.value(level, scenario) for level in self.levels}))

    def value(self, level: Level, scenario: Scenario) -> float:
        """Return what a level stands for in a scenario (a factor that leads out of the range stops at its end)."""
        base = flatten(scenario.parameters)[self.key]
        if level == "base":
            return base
        if isinstance(level, str):
            return min(max(float(f"{base * float(level[1:]):.6g}"), self.info.low), self.info.high)
        return check(self.key, level)


@dataclass(frozen=True)
class Lesson:
    """A lesson's numbers: its levers, and presets as levels by lever (levers left out stand at their start)."""

    name: str
    order: int
    scenarios: tuple[str, ...]
    levers: tuple[Lever, ...]
    presets: Mapping[str, Mapping[str, Level]]

    def preset_values(self, preset: str, scenario: Scenario) -> tuple[float, ...]:
        """Return the levers' values of a preset in a scenario, in the levers' order."""
        chosen = self.presets[preset]
        return tuple(lever.value(chosen.get(lever.id, lever.start), scenario) for lever in self.levers)

    def cells(self, scenario: Scenario) -> list[tuple[float, ...]]:
        """Return every combination of the levers' levels: the full factorial."""
        return list(itertools.product(*(lever.values(scenario) for lever in self.levers)))

    def settings(self, values: Sequence[float]) -> dict[str, float]:
        """Return the parameters by key that the levers' values stand for."""
        return {lever.key: value for lever, value in zip(self.levers, values, strict=True)}


def lesson_dir() -> Path:
    """Return the folder of lessons."""
    return conf_dir() / "lesson"


@functools.cache
def lesson_names() -> tuple[str, ...]:
    """Return the names of all lessons in teaching order."""
    found = {path.stem: read_yaml(path) for path in lesson_dir().glob("*.yaml")}
    return tuple(sorted(found, key=lambda name: (int((found[name] or {}).get("order", 99)), name)))


@functools.cache
def load_lesson(name: str) -> Lesson:
    """Return a lesson by name.

    Raises:
        UnknownLessonError: there is none of that name.
        LessonError: its file cannot be used.
    """
    if name not in lesson_names():
        raise UnknownLessonError(name)
    return read_lesson(name, read_yaml(lesson_dir() / f"{name}.yaml"))


def read_lesson(name: str, data: Any) -> Lesson:
    """Return a lesson from plain data.

    Raises:
        LessonError, StalemateError: the key at fault, in one line.
    """
    where = f"lesson {name}"
    table = _table(where, data)
    for key in table:
        if key not in _KEYS:
            near = nearest(str(key), _KEYS)
            raise LessonError(f"{where}: no key {key!r}" + (f"; did you mean {near!r}?" if near else ""))
    levers = tuple(_lever(where, str(k), v) for k, v in _table(f"{where}: levers", table.get("levers")).items())
    _count(f"{where}: levers", levers, LEAST_LEVERS, MOST_LEVERS)
    presets = {
        str(k): _preset(f"{where}: presets.{k}", v or {}, levers)
        for k, v in _table(f"{where}: presets", table.get("presets")).items()
    }
    lesson = Lesson(name, int(table.get("order", 99)), tuple(table.get("scenarios") or ()), levers, presets)
    if not lesson.scenarios:
        raise LessonError(f"{where}: scenarios: names at least one")
    if not presets or next(iter(presets.values())):
        raise LessonError(f"{where}: presets: the first changes nothing, so that there is something to compare with")
    cells = 1
    for lever in levers:
        cells *= len(lever.levels)
    if cells > MOST_CELLS:
        raise LessonError(f"{where}: levers make {cells} combinations; it takes {MOST_CELLS} at most")
    return lesson


def _table(where: str, data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise LessonError(f"{where}: {data!r} is not allowed; it takes keys and values")
    return data


def _count(where: str, things: Sequence[Any], low: int, high: int) -> None:
    if not low <= len(things) <= high:
        raise LessonError(f"{where}: there are {len(things)}; it takes {low} to {high}")


def _lever(where: str, name: str, data: Any) -> Lever:
    table = _table(f"{where}: levers.{name}", data)
    key, levels = str(table.get("key", "")), list(table.get("levels") or ())
    if key not in infos():
        raise UnknownParameterError(key, nearest(key, infos()))
    _count(f"{where}: levers.{name}.levels", levels, LEAST_LEVELS, MOST_LEVELS)
    read = tuple(_level(f"{where}: levers.{name}.levels", key, level) for level in levels)
    start = _level(f"{where}: levers.{name}.start", key, table.get("start", "base"))
    if start not in read:
        raise LessonError(f"{where}: levers.{name}.levels: {start!r}, where it starts, is not among them")
    low = None if table.get("low") is None else check(key, table["low"])
    return Lever(name, key, read, start, low)


def _level(where: str, key: str, level: Any) -> Level:
    if isinstance(level, str):
        if level != "base" and not _TIMES.fullmatch(level):
            raise LessonError(f"{where}: {level!r} is not allowed; it takes numbers, 'base', or a factor such as 'x2'")
        return level
    return check(key, level)


def _preset(where: str, data: Any, levers: Iterable[Lever]) -> dict[str, Level]:
    known = {lever.id: lever for lever in levers}
    chosen: dict[str, Level] = {}
    for name, level in _table(where, data).items():
        if name not in known:
            near = nearest(str(name), known)
            raise LessonError(f"{where}: no lever {name!r}" + (f"; did you mean {near!r}?" if near else ""))
        chosen[str(name)] = _level(where, known[name].key, level)
        if chosen[name] not in known[name].levels:
            raise LessonError(f"{where}.{name}: {level!r} is not among the lever's levels")
    return chosen


def iterate_lessons() -> Iterator[Lesson]:
    """Yield every lesson in teaching order."""
    for name in lesson_names():
        yield load_lesson(name)
