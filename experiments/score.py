"""``stalemate score``: the model's predictive distribution on monthly records that it has not seen, against a null."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.numbers import count, seeds_told
from experiments.science.settings import SEEDS, add_common, note, scenario_of, seeds_of, split, to_json
from sim.parameter_errors import StalemateError

if TYPE_CHECKING:
    from experiments.science.runs import Failure
    from experiments.science.scoring import NegativeBinomial
    from experiments.science.targets import EventTargets, Month
    from sim.scenario import Scenario

Array = npt.NDArray[Any]
KINDS = ("events", "deaths")
_BOOTSTRAPS = 200
_EXAMPLES = """\
examples:
  stalemate score --data autumn.csv
  stalemate score --data autumn.csv scenario=full_blockade seeds=400

the file: comma-separated, with a heading and a row a month, in order of time:
  month,events,deaths
  2025-09,21,96
  2025-10,18,70

keys: seeds, first_seed, scenario, and every parameter
"""
CAVEAT = (
    "A few months decide little: the scores of neighbouring months are not independent, and a better score than the\n"
    "null shows a better description of counts, not that the causes are right. The model predicts no event."
)


class NotComparableError(StalemateError):
    """A country whose events nobody has recorded: there is nothing to score it against."""

    def __init__(self, why: str) -> None:
        super().__init__(f"score: {why}")


@dataclass(frozen=True)
class Scored:
    """One month's events or deaths, scored: what was recorded, what the model gives, and both scores of both."""

    recorded: int
    median: float
    interval: tuple[float, float]
    rank: float
    log_score: float
    crps: float
    null_log_score: float
    null_crps: float


@dataclass(frozen=True)
class Scores:
    """All scores.

    Attributes:
        scenario, seeds: what was run.
        months: what was scored.
        table: for "events" and "deaths", one entry a month.
        nulls: for each, the null.
        calibrated: months that were used in calibration.
        gains: for each, the 90 % bootstrap interval over runs of the total gain in log score.
        failures: runs that met an error of their own.
    """

    scenario: Scenario
    seeds: range
    months: list[Month]
    table: dict[str, list[Scored]]
    nulls: dict[str, NegativeBinomial]
    calibrated: frozenset[str]
    gains: dict[str, tuple[float, float]]
    failures: list[Failure]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate score`` takes."""
    add_common(parser, _EXAMPLES)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE.csv", help="recorded months")


def execute(args: argparse.Namespace) -> int:
    """Read, run, score and print; 1 if a run failed."""
    from experiments.compose import config_folders
    from experiments.science.recorded import read_recorded, within
    from experiments.science.targets import load_events
    from experiments.validate import not_comparable

    found, rest = split(args.settings, SEEDS)
    scenario = scenario_of(args, rest)
    months = within(scenario, read_recorded(args.data))
    targets = load_events(config_folders(args.config_dir))
    why = not_comparable(scenario, targets.rule)
    if why:
        raise NotComparableError(why)
    result = score(scenario, seeds_of(found), months, targets, args.workers)
    print(to_json(as_json(result)) if args.json else words(result))
    for failure in result.failures:
        note(f"seed {failure.seed}: {failure.error}")
    return 1 if result.failures else 0


def score(
    scenario: Scenario, seeds: range, months: list[Month], targets: EventTargets, workers: int | None = None
) -> Scores:
    """Run a scenario and score its recorded events month by month.

    Raises:
        AllRunsFailedError: no run ended well.
    """
    from experiments.science.observation import events_of, monthly
    from experiments.science.runs import Finished, run_all

    days = {m.month: m.days for m in months}

    def count(run: Finished) -> tuple[Array, Array]:
        return monthly(events_of(run.scenario, run.seed, run.log, targets.rule).recorded(targets.rule), days)

    kept = run_all([scenario], seeds, count, workers)
    counts = {kind: np.array([pair[k] for pair in kept.values[0]]) for k, kind in enumerate(KINDS)}
    return score_counts(scenario, seeds, months, targets, counts, kept.failures)


def score_counts(
    scenario: Scenario,
    seeds: range,
    months: list[Month],
    targets: EventTargets,
    counts: dict[str, Array],
    failures: list[Failure],
) -> Scores:
    """Score simulated counts (runs × months for each kind) against recorded ones and the null."""
    from experiments.science.scoring import fit_negative_binomial

    nulls = {kind: fit_negative_binomial(np.array([getattr(m, kind) for m in targets.months])) for kind in KINDS}
    table = {kind: _scored(counts[kind], [getattr(m, kind) for m in months], nulls[kind]) for kind in KINDS}
    gains = {kind: _gain_interval(counts[kind], table[kind]) for kind in KINDS}
    calibrated = frozenset(m.month for m in targets.months)
    return Scores(scenario, seeds, months, table, nulls, calibrated, gains, failures)


def _scored(counts: Array, recorded: Sequence[int], null: NegativeBinomial) -> list[Scored]:
    from experiments.science.evidence import quantiles
    from experiments.science.scoring import crps, log_score, rank

    return [
        Scored(
            recorded=seen,
            median=float(np.median(column)),
            interval=quantiles(column, 0.9),
            rank=rank(column, seen),
            log_score=log_score(column, seen),
            crps=crps(column, seen),
            null_log_score=null.log_score(seen),
            null_crps=null.crps(seen),
        )
        for column, seen in zip(counts.T, recorded, strict=True)
    ]


def _gain_interval(counts: Array, scored: Sequence[Scored]) -> tuple[float, float]:
    """Return the 90 % interval of the total gain over the null as the runs are resampled: the error of finite runs."""
    from experiments.science.evidence import quantiles
    from experiments.science.scoring import log_score

    null = sum(s.null_log_score for s in scored)
    draw = np.random.default_rng(20260428).integers(0, len(counts), size=(_BOOTSTRAPS, len(counts)))
    totals = [sum(log_score(counts[pick, k], s.recorded) for k, s in enumerate(scored)) - null for pick in draw]
    return quantiles(np.array(totals), 0.9)


def totals(scored: Sequence[Scored]) -> dict[str, float]:
    """Return the sums over months of both scores of model and null, and the model's gains (positive: better)."""
    sums = {
        name: float(sum(getattr(s, name) for s in scored))
        for name in ("log_score", "null_log_score", "crps", "null_crps")
    }
    return {
        **sums,
        "gain_log_score": sums["log_score"] - sums["null_log_score"],
        "gain_crps": sums["null_crps"] - sums["crps"],
    }


def as_json(result: Scores) -> dict[str, Any]:
    """Return the scores as plain data."""
    from dataclasses import asdict

    from experiments.science.scoring import SMOOTHING

    return {
        "scenario": result.scenario.name,
        "seeds": len(result.seeds),
        "first_seed": result.seeds[0],
        "failed_runs": [asdict(f) for f in result.failures],
        "smoothing": SMOOTHING,
        "null": {kind: {"law": "negative binomial", **asdict(law)} for kind, law in result.nulls.items()},
        "months": [
            {
                "month": m.month,
                "used_in_calibration": m.month in result.calibrated,
                **{kind: asdict(result.table[kind][k]) for kind in KINDS},
            }
            for k, m in enumerate(result.months)
        ],
        "totals": {
            kind: {**totals(result.table[kind]), "gain_log_score_interval": list(result.gains[kind])} for kind in KINDS
        },
    }


def words(result: Scores) -> str:
    """Return the tables that a person reads."""
    import textwrap

    from experiments.science.scoring import SMOOTHING

    n = len(result.seeds) - len(result.failures)
    seeds = seeds_told(result.seeds[0], result.seeds[-1])
    parts = [f"{result.scenario.name}: {count(n, 'run')}, {seeds}; intervals are 90 %"]
    seen = [m.month for m in result.months if m.month in result.calibrated]
    if seen:
        parts.append(f"{len(seen)} of the months were used in calibration ({', '.join(seen)}): no test for the model")
    parts += [_table(kind, result) for kind in KINDS]
    parts += [textwrap.fill(SMOOTHING, 118), CAVEAT]
    return "\n\n".join(parts)


def _table(kind: str, result: Scores) -> str:
    law, scored = result.nulls[kind], result.table[kind]
    lines = [
        f"{kind}; null: negative binomial of mean {law.mean:.1f} and size {law.size:.3g}, "
        f"fitted to {count(len(result.calibrated), 'month')}",
        f"{'':<8} {'recorded':>8} {'model':>7} {'interval':>14} {'rank':>5}   {'log score':>9} {'null':>7}   "
        f"{'CRPS':>7} {'null':>7}",
    ]
    for m, s in zip(result.months, scored, strict=True):
        span = f"{s.interval[0]:.0f} to {s.interval[1]:.0f}"
        lines.append(
            f"{m.month:<8} {s.recorded:>8} {s.median:>7.0f} {span:>14} {s.rank:>5.2f}   {s.log_score:>9.2f} "
            f"{s.null_log_score:>7.2f}   {s.crps:>7.2f} {s.null_crps:>7.2f}"
        )
    t, (low, high) = totals(scored), result.gains[kind]
    lines.append(
        f"gain over the null: log score {t['gain_log_score']:+.2f} ({low:+.2f} to {high:+.2f} by finite runs), "
        f"CRPS {t['gain_crps']:+.2f}; above 0 the model does better"
    )
    return "\n".join(lines)
