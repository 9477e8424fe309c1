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
class OtherRoads:
    """What other lengths do.

    Attributes:
        roads: how many roads have recalled lengths, of how many.
        runs: seeds a map.
        shares: for each class that occurs, its share of runs on the map as it is, then on each other map.
        interval: for each class, the 90 % interval of its share on the map as it is: the luck of the seeds.
        rows: the measures of the runs on each other map.
        failures: runs that met an error of their own.
    """

    roads: tuple[int, int]
    runs: int
    shares: Mapping[str, tuple[float, ...]]
    interval: Mapping[str, tuple[float, float]]
    rows: Sequence[Sequence[Mapping[str, Any]]]
    failures: list[Failure]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data, without the measures."""
        return {
            "recalled": self.roads[0],
            "roads": self.roads[1],
            "runs_a_map": self.runs,
            "most": MOST,
            "shares": {name: list(values) for name, values in self.shares.items()},
            "interval": {name: list(ends) for name, ends in self.interval.items()},
        }


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


def other_roads(scenario: Scenario, seeds: Sequence[int], workers: int | None = None, maps: int = MAPS) -> OtherRoads:
    """Run a scenario with the same seeds on its own map and on some others.

    Raises:
        NoRecalledRoadsError, AllRunsFailedError: there is nothing to vary; no run ended well.
    """

    def keep(run: Finished) -> dict[str, Any]:
        return measures(run.scenario, run.world, run.trace, run.log)

    scenarios = [scenario, *(with_other_roads(scenario, k) for k in range(1, maps + 1))]
    kept = run_all(scenarios, seeds, keep, workers)
    counts = [{name: sum(row["outcome"] == name for row in rows) for name in OUTCOMES} for rows in kept.values]
    seen = [name for name in OUTCOMES if any(count[name] for count in counts)]
    sizes = [max(1, len(rows)) for rows in kept.values]
    return OtherRoads(
        roads=(len(recalled(scenario)), len(scenario.geography.roads)),
        runs=len(seeds),
        shares={name: tuple(c[name] / n for c, n in zip(counts, sizes, strict=True)) for name in seen},
        interval={name: wilson(counts[0][name], sizes[0], 0.9) for name in seen},
        rows=kept.values[1:],
        failures=kept.failures,
    )
