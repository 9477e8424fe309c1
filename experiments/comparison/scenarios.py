"""Scenarios side by side: the same seeds in each, so that a difference is the scenario's and not the luck's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.science.main_measures import MEASURES
from experiments.science.paired import gap_interval
from experiments.science.runs import Failure, Finished, run_all
from sim.outcomes import OUTCOMES
from sim.scenario import Scenario
from sim.spells import week_mean

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
SERIES = {
    "capital_served": "Capital: share of fuel demand met (7-day mean)",
    "held_share": "Share of the centres' people held by insurgents",
    "insurgents": "Insurgent fighters",
}
"""The daily columns shown as fans, and what they are."""
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
EVERY = 3  # days between the kept values of a series


@dataclass(frozen=True)
class Comparison:
    """Scenarios that were run with the same seeds.

    Attributes:
        scenarios: the first is what the others are compared with.
        seeds: the seeds asked for.
        runs: a row a run: scenario, seed, and the measures of :mod:`sim.measures`.
        series: by column of the trace, and scenario, an array of runs × kept days.
        failures: the runs that ended with an error; their seeds are left out everywhere.
    """

    scenarios: tuple[Scenario, ...]
    seeds: range
    runs: pd.DataFrame
    series: dict[str, dict[str, Array]]
    failures: list[Failure]

    @property
    def names(self) -> list[str]:
        """The scenarios' names."""
        return [scenario.name for scenario in self.scenarios]

    def of(self, name: str) -> pd.DataFrame:
        """Return one scenario's runs, by seed."""
        return self.runs[self.runs["scenario"] == name].set_index("seed")


def compare_scenarios(
    scenarios: Sequence[Scenario],
    seeds: range,
    workers: int | None = None,
) -> Comparison:
    """Run every scenario with every seed.

    Raises:
        AllRunsFailedError: no run ended well.
    """
    import pandas as pd

    from sim.measures import measures

    def keep(run: Finished) -> tuple[dict[str, Any], list[Array]]:
        trace = {name: run.trace[name] for name in SERIES}
        trace["capital_served"] = week_mean(trace["capital_served"])
        row = measures(run.scenario, run.world, run.trace, run.log)
        return row, [trace[name][::EVERY].astype(np.float32) for name in SERIES]

    kept = run_all(scenarios, seeds, keep, workers)
    bad = {failure.seed for failure in kept.failures}
    rows, series = [], {name: {s.name: [] for s in scenarios} for name in SERIES}  # type: ignore[var-annotated]
    for scenario, drawn, values in zip(scenarios, kept.seeds, kept.values, strict=True):
        for seed, (row, lines) in zip(drawn, values, strict=True):
            if seed in bad:
                continue
            rows.append({"scenario": scenario.name, "seed": seed, **row})
            for name, line in zip(SERIES, lines, strict=True):
                series[name][scenario.name].append(line)
    stacked = {name: {s: np.array(lines) for s, lines in by.items()} for name, by in series.items()}
    return Comparison(tuple(scenarios), seeds, pd.DataFrame(rows), stacked, kept.failures)


def outcome_table(comparison: Comparison) -> pd.DataFrame:
    """Return the share of each outcome class by scenario, with 90 % Wilson intervals."""
    import pandas as pd

    from experiments.science.evidence import wilson

    rows = []
    for name in comparison.names:
        found = comparison.of(name)["outcome"]
        for outcome in OUTCOMES:
            k = int((found == outcome).sum())
            low, high = wilson(k, len(found), 0.9)
            rows.append((name, outcome, k, len(found), k / max(1, len(found)), low, high))
    return pd.DataFrame(rows, columns=["scenario", "outcome", "runs", "of", "share", "low", "high"])


def paired_table(comparison: Comparison) -> pd.DataFrame:
    """Return the paired differences of every other scenario from the first, civilians first.

    Columns: scenario, measure, label, base, mean, difference, low, high (90 % interval of the mean paired difference),
    base_sd, in_spread (difference in standard deviations of the base over seeds), variance_reduction (how many times
    more runs unpaired seeds would need for an interval of the same width).
    """
    import pandas as pd

    base = with_shares(comparison.of(comparison.names[0]))
    rows = []
    for name in comparison.names[1:]:
        other = with_shares(comparison.of(name))
        for m in MEASURES:
            a, b = base[m.name].to_numpy(float), other[m.name].to_numpy(float)
            rows.append((name, m.name, m.label, *paired(a, b, m.is_chance)))
    columns = ["base", "mean", "difference", "low", "high", "base_sd", "in_spread", "variance_reduction"]
    return pd.DataFrame(rows, columns=["scenario", "measure", "label", *columns])


def paired(base: Array, other: Array, chance: bool = False) -> tuple[float, ...]:
    """Return base mean, other mean, difference with its interval, spread, effect size and variance-reduction factor."""
    gap = other - base
    low, high = gap_interval(gap, chance)
    sd = float(base.std(ddof=1)) if len(base) > 1 else 0.0
    unpaired = float(base.var(ddof=1) + other.var(ddof=1)) if len(base) > 1 else 0.0
    within = float(gap.var(ddof=1)) if len(base) > 1 else 0.0
    nan = float("nan")
    effect = float(gap.mean()) / sd if sd > 0 else nan
    factor = unpaired / within if within > 0 else nan
    return float(base.mean()), float(other.mean()), float(gap.mean()), low, high, sd, effect, factor


def with_shares(runs: pd.DataFrame) -> pd.DataFrame:
    """Return runs with the measures that are read off the outcome: breakthrough, stalemate (0 or 1)."""
    from experiments.science.classes import BREAKTHROUGHS

    return runs.assign(
        breakthrough=runs["outcome"].isin(BREAKTHROUGHS).astype(float),
        stalemate=(runs["outcome"] == "stalemate").astype(float),
    )


def fan_table(comparison: Comparison) -> pd.DataFrame:
    """Return quantiles over runs of each series: scenario, series, day, q05 … q95."""
    import pandas as pd

    parts = []
    for name, by in comparison.series.items():
        for scenario, lines in by.items():
            if not len(lines):
                continue
            cuts = np.quantile(lines, FAN, axis=0)
            part = pd.DataFrame({f"q{round(100 * q):02d}": cuts[k] for k, q in enumerate(FAN)})
            part.insert(0, "day", np.arange(len(part)) * EVERY)
            part.insert(0, "series", name)
            part.insert(0, "scenario", scenario)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)
