"""``stalemate sensitivity``: which parameters matter. Morris's screening of all, then Sobol's indices of a few."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.science.settings import Own, add_common, note, scenario_of, seeds_of, split, to_json

if TYPE_CHECKING:
    from experiments.science.designs import Indices, Range, Screened
    from experiments.science.runs import Failure, Finished
    from sim.scenario import Scenario

Array = npt.NDArray[Any]
OWN = {
    "seeds": Own(3, 1, 1000),
    "first_seed": Own(1, 0, 2**62),
    "trajectories": Own(4, 2, 200),
    "samples": Own(64, 8, 8192),
    "top": Own(6, 2, 20),
    "width": Own(0.5, 0.01, 1.0, whole=False),
}
OUTPUTS = ("deaths_civilians", "a1_deaths", "events", "capital_days_denied", "captures", "breakthrough", "stalemate")
_SECONDS = 0.05  # of one core for a run of 540 days
_EXAMPLES = """\
examples:
  stalemate sensitivity                                   Morris over all parameters, Sobol over the first six
  stalemate sensitivity --full trajectories=10            over their whole ranges
  stalemate sensitivity --only insurgents.recruit_rate --only regime.revenue samples=256
                                                          Sobol over these alone

keys: seeds (runs behind each point), first_seed, trajectories (Morris), samples (Sobol, a power of two), top (how many
parameters go from Morris to Sobol), width (0.5: each from half to one and a half of its value), scenario, parameters
"""
CAVEAT = (
    "Indices are those of the model over the ranges stated, which are mostly assumed; another width gives others.\n"
    "Points share their seeds, so that luck differs little between them; what is left of it counts as interaction."
)


@dataclass(frozen=True)
class Sensitivity:
    """What was found.

    Attributes:
        scenario, seeds: what was run, and the luck behind each point.
        varied: every parameter screened, with its range.
        screened: for each output, the parameters by influence; empty if some were named.
        chosen: the parameters of the Sobol design.
        indices: for each output, their indices.
        runs: how many were made.
        failures: runs that met an error of their own.
    """

    scenario: Scenario
    seeds: range
    varied: list[Range]
    screened: dict[str, list[Screened]]
    chosen: list[Range]
    indices: dict[str, list[Indices]]
    runs: int
    failures: list[Failure]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "scenario": self.scenario.name,
            "seeds": len(self.seeds),
            "first_seed": self.seeds[0],
            "runs": self.runs,
            "failed_runs": [dataclasses.asdict(f) for f in self.failures],
            "varied": [dataclasses.asdict(r) for r in self.varied],
            "morris": {name: [dataclasses.asdict(s) for s in rows] for name, rows in self.screened.items()},
            "sobol": {name: [dataclasses.asdict(i) for i in rows] for name, rows in self.indices.items()},
        }


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate sensitivity`` takes."""
    add_common(parser, _EXAMPLES)
    parser.add_argument("--only", action="append", metavar="KEY", help="Sobol over these parameters, no screening")
    parser.add_argument("--full", action="store_true", help="vary each parameter over its whole range")


def execute(args: argparse.Namespace) -> int:
    """Run, analyse and print; 1 if a run failed."""
    from sim.parameters import explain

    found, rest = split(args.settings, OWN)
    _check(found)
    scenario = scenario_of(args, rest)
    keys = [explain(key).key for key in args.only] if args.only else None
    result = sensitivity(scenario, seeds_of(found), {**found, "full": args.full}, keys, args.workers, talk=True)
    print(to_json(result.as_json()) if args.json else words(result))
    for failure in result.failures:
        note(f"point {failure.point} seed {failure.seed}: {failure.error}")
    return 1 if result.failures else 0


def _check(found: dict[str, Any]) -> None:
    from experiments.messages import BadSettingError

    if math.log2(found["samples"]) % 1:
        raise BadSettingError("samples", found["samples"], "a power of two, as in 64")


def sensitivity(
    scenario: Scenario,
    seeds: range,
    sizes: dict[str, Any],
    keys: Sequence[str] | None = None,
    workers: int | None = None,
    talk: bool = False,
) -> Sensitivity:
    """Screen all parameters with Morris, then take the most influential ones to Sobol.

    Args:
        scenario: the base.
        seeds: the runs behind each point: an output is their mean.
        sizes: trajectories, samples, top, width, full.
        keys: parameters for Sobol; then nothing is screened.
        workers: threads.
        talk: whether to say how much work lies ahead.

    Raises:
        NoSensitivityLibraryError: SALib is not installed.
        AllRunsFailedError: no run ended well.
    """
    from experiments.science import designs

    varied = designs.ranges(scenario, sizes["width"], sizes["full"], keys)
    runs = 0
    failures: list[Failure] = []
    screened: dict[str, list[Screened]] = {}
    chosen = varied
    if keys is None:
        points = designs.morris_points(varied, sizes["trajectories"])
        outputs, failed = _outputs(scenario, varied, points, seeds, workers, "Morris" if talk else "")
        screened = {name: designs.morris(varied, points, outputs[:, k]) for k, name in enumerate(OUTPUTS)}
        chosen = most_influential(varied, screened, outputs, sizes["top"])
        runs, failures = runs + len(points) * len(seeds), [*failures, *failed]
    points = designs.sobol_points(chosen, sizes["samples"])
    outputs, failed = _outputs(scenario, chosen, points, seeds, workers, "Sobol" if talk else "")
    indices = {name: designs.sobol(chosen, outputs[:, k]) for k, name in enumerate(OUTPUTS)}
    total = runs + len(points) * len(seeds)
    return Sensitivity(scenario, seeds, varied, screened, chosen, indices, total, [*failures, *failed])


def most_influential(
    varied: Sequence[Range], screened: dict[str, list[Screened]], outputs: Array, top: int
) -> list[Range]:
    """Return the parameters with the largest screening effects beyond their error, in units of each output's spread."""
    from experiments.science.designs import influence

    worth = influence(screened, {name: float(outputs[:, k].std()) for k, name in enumerate(OUTPUTS)})
    best = sorted(varied, key=lambda r: -worth[r.key])[:top]
    return sorted(best, key=lambda r: [v.key for v in varied].index(r.key))


def _outputs(
    scenario: Scenario, varied: Sequence[Range], points: Array, seeds: range, workers: int | None, name: str
) -> tuple[Array, list[Failure]]:
    """Return the outputs at each point, means over seeds (points × outputs); a point without a good run: the mean."""
    from experiments.science.main_measures import MEASURES, main_row
    from experiments.science.runs import run_all
    from sim.measures import measures

    where = [[m.name for m in MEASURES].index(output) for output in OUTPUTS]

    def keep(run: Finished) -> Array:
        return np.array(main_row(measures(run.scenario, run.world, run.trace, run.log)))[where]

    if name:
        seconds = len(points) * len(seeds) * _SECONDS * scenario.days / 540
        note(f"{name}: {len(varied)} parameters, {len(points)} points × {len(seeds)} seeds, about {seconds:.0f} core-s")
    scenarios = [
        scenario.with_settings(dict(zip((r.key for r in varied), p, strict=True))) for p in _inside(points, varied)
    ]
    kept = run_all(scenarios, seeds, keep, workers)
    table = np.array([np.mean(rows, axis=0) if rows else np.full(len(OUTPUTS), np.nan) for rows in kept.values])
    return np.where(np.isnan(table), np.nanmean(table, axis=0), table), kept.failures


def _inside(points: Array, varied: Sequence[Range]) -> list[list[float]]:
    """Return the points as plain numbers, within their ranges in spite of rounding."""
    return [[float(min(max(x, r.low), r.high)) for x, r in zip(p, varied, strict=True)] for p in points]


def words(result: Sensitivity) -> str:
    """Return the tables that a person reads."""
    parts = [
        f"{result.scenario.name}: {result.runs} runs, {len(result.seeds)} seeds behind each point; intervals are 90 %"
    ]
    labels = _labels()
    for name, rows in result.screened.items():
        lines = [f"Morris, {labels[name]}: mean absolute effect of crossing the range (first eight)"]
        lines += [
            f"  {s.key:<36} {s.mu_star:>9.3g} ± {s.error:<8.2g} spread {s.sigma:.3g}" for s in rows[:8] if s.mu_star
        ]
        parts.append("\n".join(lines))
    for name, found in result.indices.items():
        lines = [f"Sobol, {labels[name]}: share of variance"]
        lines += [
            f"  {i.key:<36} alone {i.first:>6.2f} ± {i.first_error:<5.2f} in all {i.total:>6.2f} ± {i.total_error:.2f}"
            for i in found
        ]
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, CAVEAT])


def _labels() -> dict[str, str]:
    from experiments.science.main_measures import MEASURES

    return {m.name: m.label for m in MEASURES}
