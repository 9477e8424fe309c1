"""Other lengths for the roads whose lengths are recalled: what hangs on a map that nobody has measured.

Each other map stretches or shortens every recalled road by a factor of its own, the same seeds are run on each, and
what moves beyond the luck of the seeds is the map's.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.science.evidence import wilson
from experiments.science.runs import Failure, Finished, run_all
from sim.measures import measures
from sim.outcomes import OUTCOMES
from sim.parameter_errors import StalemateError
from sim.scenario import Scenario

RECALLED = "R"  # in the roads' column "source"; docs/data_sources.md tells what it means
MOST = 1.5  # a road becomes at most so many times as long, or as short
MAPS = 12
_DRAWN = 20260428  # seed of the factors


class NoRecalledRoadsError(StalemateError):
    """A country all of whose roads have lengths from a source, or are made up."""

    def __init__(self, geography: str) -> None:
        super().__init__(
            f"--roads: no road of geography {geography} has a recalled length (source {RECALLED}), so none is varied"
        )


@dataclass(frozen=True)
class Spread:
    """One class: its share of runs on the map as it is, with the interval of luck; over other maps mean and ends."""

    name: str
    share: float
    interval: tuple[float, float]
    mean: float
    least: float
    most: float


@dataclass(frozen=True)
class OtherRoads:
    """What other lengths do.

    Attributes:
        roads: how many roads have recalled lengths, of how many.
        here: the class of each run on the map as it is.
        rows: the measures of the runs on each other map.
        failures: runs on other maps that met an error of their own.
    """

    roads: tuple[int, int]
    here: Sequence[str]
    rows: Sequence[Sequence[Mapping[str, Any]]]
    failures: list[Failure]

    def spreads(self) -> list[Spread]:
        """Return how the share of each class moves over the maps; classes that never occur are left out."""
        found = []
        for name in OUTCOMES:
            shares = [sum(row["outcome"] == name for row in rows) / max(1, len(rows)) for rows in self.rows]
            k, n = sum(one == name for one in self.here), len(self.here)
            if k or any(shares):
                mean = sum(shares) / len(shares)
                found.append(Spread(name, k / n, wilson(k, n, 0.9), mean, min(shares), max(shares)))
        return found

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data, without the measures."""
        classes = [dataclasses.asdict(spread) for spread in self.spreads()]
        return {"recalled": self.roads[0], "roads": self.roads[1], "maps": len(self.rows), "most": MOST,
                "classes": classes}  # fmt: skip


def recalled(scenario: Scenario) -> list[int]:
    """Return the indices of the roads whose lengths are recalled.

    Raises:
        NoRecalledRoadsError: there is none.
    """
    found = [k for k, road in enumerate(scenario.geography.roads) if road.source == RECALLED]
    if not found:
        raise NoRecalledRoadsError(scenario.geography.name)
    return found


def with_other_roads(scenario: Scenario, number: int) -> Scenario:
    """Return a scenario whose recalled roads have other kilometres and hours, by factors drawn anew for each number."""
    roads = list(scenario.geography.roads)
    which = recalled(scenario)
    drawn = np.random.default_rng((_DRAWN, number)).uniform(-math.log(MOST), math.log(MOST), len(which))
    for k, factor in zip(which, np.exp(drawn).tolist(), strict=True):
        roads[k] = dataclasses.replace(roads[k], km=roads[k].km * factor, truck_hours=roads[k].truck_hours * factor)
    return dataclasses.replace(scenario, geography=dataclasses.replace(scenario.geography, roads=tuple(roads)))


def other_roads(
    scenario: Scenario, here: Sequence[str], seeds: Sequence[int], workers: int | None = None, maps: int = MAPS
) -> OtherRoads:
    """Run a scenario on some other maps.

    Args:
        scenario: what to run.
        here: the classes of its runs on its own map, with the same seeds.
        seeds: with which luck.
        workers: threads.
        maps: how many.

    Raises:
        NoRecalledRoadsError, AllRunsFailedError: there is nothing to vary; no run ended well.
    """

    def keep(run: Finished) -> dict[str, Any]:
        return measures(run.scenario, run.world, run.trace, run.log)

    kept = run_all([with_other_roads(scenario, k) for k in range(1, maps + 1)], seeds, keep, workers)
    roads = len(recalled(scenario)), len(scenario.geography.roads)
    return OtherRoads(roads, here, kept.values, kept.failures)
