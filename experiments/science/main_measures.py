"""The handful of measures by which variants are compared, civilians first; columns of :mod:`sim.measures`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.science.classes import BREAKTHROUGHS


@dataclass(frozen=True)
class Measure:
    """One number of a run: its name, what people read, its unit."""

    name: str
    label: str
    unit: str = ""

    @property
    def is_chance(self) -> bool:
        """Whether it is yes or no of a run: 1 or 0."""
        return self.unit == "share"


MEASURES = (
    Measure("deaths_civilians", "civilians killed"),
    Measure("a1_deaths", "state and contractor deaths in summer"),
    Measure("deaths_insurgents", "insurgents killed"),
    Measure("events", "insurgent-initiated events"),
    Measure("capital_days_denied", "days the capital is denied fuel", "days"),
    Measure("a3_centres", "regional centres denied fuel"),
    Measure("captures", "captures"),
    Measure("max_held_share", "largest share of people held"),
    Measure("contractors_end", "contractors at the end"),
    Measure("mean_legitimacy", "mean legitimacy"),
    Measure("breakthrough", "runs with a breakthrough", "share"),
    Measure("stalemate", "runs in class stalemate", "share"),
)


def main_row(row: Mapping[str, Any]) -> list[float]:
    """Return the main measures of a run's row, in order."""
    extra = {"breakthrough": row["outcome"] in BREAKTHROUGHS, "stalemate": row["outcome"] == "stalemate"}
    return [float({**row, **extra}[m.name]) for m in MEASURES]
