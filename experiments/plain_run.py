"""A finished run as plain columns: all that its tables and figures show.

A process that draws reads this and not a :class:`sim.RunResult`, whose module brings the compiler of the rules along:
half a second of importing for nothing. Columns are arrays and lists in dictionaries, since pandas takes as long again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sim.run import RunResult
    from sim.scenario import Scenario

Array = npt.NDArray[Any]
Table = Mapping[str, Array]
_WORDS = ("kind", "side", "place", "road", "country", "group")  # columns of the events; said here for runs without any


@dataclass(frozen=True)
class PlainRun:
    """What is shown of a run.

    Attributes:
        scenario: what was run.
        seed: of all draws.
        summary: as in ``summary.json``.
        daily: a row a day, by column.
        events: a row an event, by column.
        served: share of its fuel demand met, days × places.
        holder: who held it, days × places.
        support: share of the people of each place who support the insurgents, last day.
        risk: carriers' perceived risk on each road, attacks per passage, last day.
    """

    scenario: Scenario
    seed: int
    summary: dict[str, Any] = field(repr=False)
    daily: Table = field(repr=False)
    events: Table = field(repr=False)
    served: Array = field(repr=False)
    holder: Array = field(repr=False)
    support: Array = field(repr=False)
    risk: Array = field(repr=False)

    @property
    def days(self) -> int:
        """Return how many days the run has."""
        return len(self.daily["day"])


def plain_run(result: RunResult) -> PlainRun:
    """Return what is shown of a run's result."""
    from sim.run import event_columns
    from sim.trace import COLUMNS

    geography = result.scenario.geography
    events = event_columns(result.scenario, result.log)
    return PlainRun(
        scenario=result.scenario,
        seed=result.seed,
        summary=result.summary,
        daily={name: np.ascontiguousarray(result.trace[name]) for name in COLUMNS},
        events={name: np.asarray(values, str if name in _WORDS else None) for name, values in events.items()},
        served=result.places_daily["served"].copy(),
        holder=result.places_daily["holder"].copy(),
        support=result.world["places"]["support_insurgents"][0][: len(geography.places)].copy(),
        risk=result.world["roads"]["risk"][0][: len(geography.roads)].copy(),
    )


def rows(table: Table, which: Any) -> dict[str, Array]:
    """Return some rows of a table: those at a mask's true places, or at indices."""
    return {name: values[which] for name, values in table.items()}


def length(table: Table) -> int:
    """Return how many rows a table has."""
    return len(next(iter(table.values()), ()))
