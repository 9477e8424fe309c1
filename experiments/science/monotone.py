"""Statements about which way the model must lean, written down before they were tried; tried by paired runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.science.paired import chance_interval
from experiments.science.runs import Change, Finished, run_all
from sim.codes import INSURGENTS
from sim.outcomes import INSURGENT_NATIONAL, INSURGENT_REGIONAL
from sim.parameter_errors import StalemateError, nearest
from sim.parameters import check
from sim.scenario import Scenario
from sim.world import World

Array = npt.NDArray[Any]
FILE = "targets/monotone.yaml"
FIGHTERS, GARRISONS = "force.fighters", "force.garrisons"
_CHANCES = {
    "insurgent_breakthrough": (INSURGENT_NATIONAL, INSURGENT_REGIONAL),
    "national_breakthrough": (INSURGENT_NATIONAL,),
}
_EXPECTED = ("not_lower", "not_higher")
_FIELDS = ("id", "statement", "key", "levels", "measure", "expected")


class BadStatementError(StalemateError):
    """The file of statements cannot be used; one line with the file and the entry at fault."""


@dataclass(frozen=True)
class Statement:
    """One statement: as ``key`` rises through ``levels``, ``measure`` is ``expected`` (not_lower or not_higher)."""

    id: str
    statement: str
    key: str
    levels: tuple[float, ...]
    measure: str
    expected: str


@dataclass(frozen=True)
class Statements:
    """All of them, the scenario in which they are tried, the level of the intervals, and what makes it contested."""

    scenario: str
    interval: float
    statements: tuple[Statement, ...]
    contested: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One step from a level to the next: mean at both, mean paired difference, its interval, how many seeds moved."""

    low: float
    high: float
    before: float
    after: float
    difference: float
    interval: tuple[float, float]
    moved: int


@dataclass(frozen=True)
class Tried:
    """A statement with its steps."""

    statement: Statement
    pairs: int
    steps: tuple[Step, ...]

    @property
    def holds(self) -> bool:
        """Whether no step's interval lies wholly on the forbidden side of 0."""
        if self.statement.expected == "not_lower":
            return all(step.interval[1] >= 0.0 for step in self.steps)
        return all(step.interval[0] <= 0.0 for step in self.steps)


def read_statements(path: Path) -> Statements:
    """Return the statements of a file.

    Raises:
        BadStatementError: it cannot be read, or an entry misses a field or has a value that cannot be used.
    """
    from experiments.yaml_files import YAMLError, read_yaml

    try:
        data = read_yaml(path)
    except (OSError, YAMLError) as error:
        raise BadStatementError(f"{path.name}: cannot be read: {error}") from None
    if not isinstance(data, Mapping) or not isinstance(data.get("statements"), list):
        raise BadStatementError(f"{path.name}: needs a list 'statements'")
    level = data.get("interval", 0.99)
    if not isinstance(level, (int, float)) or not 0.5 <= level < 1:
        raise BadStatementError(
            f"{path.name}: interval: {level!r} is not allowed; it takes a share from 0.5 to below 1"
        )
    entries = tuple(_read(path.name, k, entry) for k, entry in enumerate(data["statements"], 1))
    return Statements(str(data.get("scenario", "mali_2025")), float(level), entries, data.get("contested") or {})


def _read(name: str, k: int, entry: Any) -> Statement:
    if not isinstance(entry, Mapping):
        raise BadStatementError(f"{name}: statement {k} is no mapping")
    missing = [key for key in _FIELDS if key not in entry]
    if missing:
        raise BadStatementError(f"{name}: statement {k} misses {missing[0]}")
    where = f"{name}: {entry['id']}"
    levels = entry["levels"]
    if not isinstance(levels, list) or len(levels) < 2 or any(a >= b for a, b in pairwise(levels)):
        raise BadStatementError(f"{where}: levels: {levels!r} is not allowed; it takes two or more rising numbers")
    if entry["expected"] not in _EXPECTED:
        raise BadStatementError(f"{where}: expected: {entry['expected']!r}; it takes {' or '.join(_EXPECTED)}")
    if entry["key"] not in (FIGHTERS, GARRISONS):
        for value in levels:
            check(entry["key"], value)
    return Statement(
        id=str(entry["id"]),
        statement=str(entry["statement"]),
        key=str(entry["key"]),
        levels=tuple(map(float, levels)),
        measure=str(entry["measure"]),
        expected=str(entry["expected"]),
    )


def multiply_fighters(factor: float) -> Change:
    """Return the change that multiplies every cell of the first day, and the books' opening entry with it."""

    def change(world: World) -> None:
        cells = world["cells"][0]
        live = cells["alive"] > 0
        cells["fighters"][live] = np.maximum(1, np.rint(cells["fighters"][live] * factor))
        world["people"]["initial"][0, INSURGENTS] = int(cells["fighters"][live].sum())

    return change


def variant(scenario: Scenario, key: str, value: float) -> tuple[Scenario, dict[int, Change]]:
    """Return a scenario with one setting changed, and what must be forced on its first day."""
    if key == FIGHTERS:
        return scenario, {0: multiply_fighters(value)}
    if key == GARRISONS:
        scaled = {place: round(men * value) for place, men in scenario.forces.garrisons.items()}
        return replace(scenario, forces=replace(scenario.forces, garrisons=scaled)), {}
    return scenario.with_settings({key: value}), {}


def contested(scenario: Scenario, statements: Statements) -> Scenario:
    """Return the scenario on the ground where both outcomes are common."""
    for key, value in statements.contested.items():
        scenario = variant(scenario, key, value)[0]
    return scenario


def measured(run: Finished) -> dict[str, Any]:
    """Return a run's measures, with its breakthroughs as 0 or 1."""
    from sim.measures import measures

    row = measures(run.scenario, run.world, run.trace, run.log)
    row.update({name: float(row["outcome"] in classes) for name, classes in _CHANCES.items()})
    return row


def try_statements(
    scenario: Scenario, statements: Statements, seeds: Sequence[int], workers: int | None = None
) -> list[Tried]:
    """Try every statement: each of its levels with the same seeds.

    Raises:
        RunFailedError: a run met an error of its own.
    """
    from sim.run import RunFailedError

    cases = [(s, value) for s in statements.statements for value in s.levels]
    variants = [variant(scenario, s.key, value) for s, value in cases]
    kept = run_all([v[0] for v in variants], seeds, measured, workers, forced=[v[1] for v in variants])
    for failure in kept.failures[:1]:
        raise RunFailedError(scenario.name, failure.seed, -1, failure.error)
    known = kept.values[0][0]
    for s in statements.statements:
        if not isinstance(known.get(s.measure), (int, float)):
            near = nearest(s.measure, [name for name, value in known.items() if isinstance(value, (int, float))])
            raise BadStatementError(f"{s.id}: no measure {s.measure!r}; did you mean {near!r}?")
    values: dict[tuple[str, float], Array] = {
        (s.id, value): np.array([float(row[s.measure]) for row in rows])
        for (s, value), rows in zip(cases, kept.values, strict=True)
    }
    return [_tried(s, values, statements.interval) for s in statements.statements]


def _tried(s: Statement, values: Mapping[tuple[str, float], Array], level: float) -> Tried:
    steps = []
    for low, high in pairwise(s.levels):
        before, after = values[s.id, low], values[s.id, high]
        gap = after - before
        interval = paired_interval(before, after, level, chance=s.measure in _CHANCES)
        moved = int((gap != 0).sum())
        steps.append(Step(low, high, float(before.mean()), float(after.mean()), float(gap.mean()), interval, moved))
    return Tried(s, len(before), tuple(steps))


def paired_interval(before: Array, after: Array, level: float, chance: bool) -> tuple[float, float]:
    """Return the interval of a mean paired difference.

    Of chances (0 or 1 a run): :func:`experiments.science.paired.chance_interval`. Of numbers: Student's.
    """
    from scipy.stats import t

    gap = np.asarray(after, float) - np.asarray(before, float)
    n = len(gap)
    if chance:
        return chance_interval(gap, level)
    half = float(t.ppf(0.5 + level / 2, n - 1)) * float(gap.std(ddof=1)) / math.sqrt(n)
    return float(gap.mean()) - half, float(gap.mean()) + half
