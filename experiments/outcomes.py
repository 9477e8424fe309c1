"""``stalemate outcomes``: how often runs end in each class, what hangs on the thresholds, and how lasting it is."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.numbers import count, seeds_told
from experiments.science.settings import SEEDS, add_common, note, scenario_of, seeds_of, split, to_json

if TYPE_CHECKING:
    from experiments.science.classes import ClassShare, Hazard, Judged, Moved, Variant
    from experiments.science.roads import OtherRoads
    from experiments.science.runs import Failure
    from experiments.science.shocks import Return
    from sim.scenario import Scenario

DEFAULT_TOWN = "SAN"  # on maps that have it; elsewhere the most populous town of the country
_EXAMPLES = """\
examples:
  stalemate outcomes                       shares of the classes, breakthroughs a year
  stalemate outcomes --thresholds          and how the shares move at half and one and a half of each threshold
  stalemate outcomes --shocks              and how runs come back from two weeks without fuel, or without a town
  stalemate outcomes --roads               and on maps whose recalled roads are longer or shorter
  stalemate outcomes days=1080 seeds=100   longer runs

keys: seeds, first_seed, scenario, and every parameter
"""
CAVEAT = (
    "Classes are definitions: what they mean for a country is no finding of the model. A share over seeds is a share\n"
    "of the model's luck, not a probability that something happens."
)


@dataclass(frozen=True)
class Outcomes:
    """What was found.

    Attributes:
        scenario, seeds: what was run.
        shares: of the classes, by the default thresholds.
        reasons: of breakthroughs.
        strangled: share of runs whose capital was strangled.
        hazards: breakthroughs a year: over all days, then over pieces.
        moved: what each moved threshold does; empty if not asked for.
        returns: what shocks do; empty if not asked for.
        roads: what other lengths of roads do; None if not asked for.
        failures: runs that met an error of their own.
    """

    scenario: Scenario
    seeds: range
    shares: list[ClassShare]
    reasons: dict[str, int]
    strangled: float
    hazards: list[Hazard]
    moved: list[Moved]
    returns: list[Return]
    roads: OtherRoads | None
    failures: list[Failure]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        plain = {
            name: [dataclasses.asdict(x) for x in getattr(self, name)] for name in ("shares", "hazards", "returns")
        }
        moved = [{**dataclasses.asdict(m.variant), "shares": dict(m.shares), "changed": m.changed} for m in self.moved]
        return {
            "scenario": self.scenario.name,
            "seeds": len(self.seeds),
            "first_seed": self.seeds[0],
            "days": self.scenario.days,
            "failed_runs": [dataclasses.asdict(f) for f in self.failures],
            **plain,
            "reasons": self.reasons,
            "strangled": self.strangled,
            "thresholds": moved,
            "roads": self.roads and self.roads.as_json(),
        }


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate outcomes`` takes."""
    add_common(parser, _EXAMPLES)
    parser.add_argument(
        "--thresholds", action="store_true", help="judge the same runs with each threshold moved by half"
    )
    parser.add_argument("--shocks", action="store_true", help="force two weeks without fuel, or a town, on the runs")
    parser.add_argument("--roads", action="store_true", help="run the same seeds with other lengths of recalled roads")
    parser.add_argument("--town", metavar="PLACE", help=f"with --shocks: the town lost ({DEFAULT_TOWN} or largest)")


def execute(args: argparse.Namespace) -> int:
    """Run, judge and print; 1 if a run failed."""
    found, rest = split(args.settings, SEEDS)
    scenario = scenario_of(args, rest)
    town = _town(args, scenario)
    if args.roads:
        _check_roads(scenario)
    result = outcomes(scenario, seeds_of(found), args.thresholds, town, args.workers, args.roads)
    print(to_json(result.as_json()) if args.json else words(result))
    for failure in result.failures:
        note(f"seed {failure.seed}: {failure.error}")
    return 1 if result.failures else 0


def _town(args: argparse.Namespace, scenario: Scenario) -> str | None:
    """Return the town that the shocks take; None without shocks."""
    from experiments.messages import BadSettingError

    if not args.shocks:
        if args.town is not None:
            raise BadSettingError("--town", args.town, "effect only with --shocks")
        return None
    town = _default_town(scenario) if args.town is None else str(args.town)
    _check_shocks(scenario, town)
    return town


def _default_town(scenario: Scenario) -> str:
    geography = scenario.geography
    home = geography.places[geography.capital].country
    towns = [p for p in geography.places if p.kind == "town" and p.country == home]
    if not towns or DEFAULT_TOWN in {p.id for p in towns}:
        return DEFAULT_TOWN
    return max(towns, key=lambda p: p.population).id


def _check_roads(scenario: Scenario) -> None:
    from experiments.science.roads import recalled

    recalled(scenario)  # refused before anything is run


def _check_shocks(scenario: Scenario, town: str) -> None:
    from experiments.messages import BadSettingError
    from experiments.science.shocks import SHOCK_DAY, SHOCK_DAYS
    from sim.scenario import UnknownPlaceInForcesError

    known = {p.id for p in scenario.geography.places}
    if town not in known:
        raise UnknownPlaceInForcesError("--town", town, known)
    least = SHOCK_DAY + 2 * SHOCK_DAYS
    if scenario.days < least:
        raise BadSettingError("days", scenario.days, f"at least {least} with --shocks, which come on day {SHOCK_DAY}")


def outcomes(
    scenario: Scenario,
    seeds: range,
    thresholds: bool = False,
    town: str | None = None,
    workers: int | None = None,
    roads: bool = False,
) -> Outcomes:
    """Run a scenario and judge its runs.

    Args:
        scenario: what to run.
        seeds: with which luck.
        thresholds: whether to judge with each threshold moved too.
        town: the place to be lost for two weeks; None: no shocks.
        workers: threads.
        roads: whether to run on maps with other lengths of roads too.

    Raises:
        AllRunsFailedError: no run ended well.
    """
    from experiments.science import classes
    from experiments.science.runs import run_all
    from experiments.science.shocks import returns
    from sim.summary import thresholds_of

    moved = classes.variants(thresholds_of(scenario), 0.5) if thresholds else []
    kept = run_all([scenario], seeds, lambda run: classes.judge_run(run, moved), workers)
    back, failures = returns(scenario, seeds, town, workers) if town else ([], [])
    other = None
    if roads:
        from experiments.science.roads import other_roads

        other = other_roads(scenario, [j.outcome.name for j in kept.values[0]], seeds, workers)
        failures = [*failures, *other.failures]
    return tell(scenario, seeds, kept.values[0], moved, back, [*kept.failures, *failures], other)


def tell(
    scenario: Scenario,
    seeds: range,
    judged: Sequence[Judged],
    moved: Sequence[Variant],
    back: list[Return],
    failures: list[Failure],
    roads: OtherRoads | None = None,
) -> Outcomes:
    """Return what judged runs show."""
    from experiments.science import classes

    return Outcomes(
        scenario=scenario,
        seeds=seeds,
        shares=classes.class_shares([j.outcome.name for j in judged]),
        reasons=classes.reasons(judged),
        strangled=sum(j.outcome.strangled for j in judged) / len(judged),
        hazards=classes.hazards(judged),
        moved=classes.threshold_moves(judged, moved),
        returns=back,
        roads=roads,
        failures=failures,
    )


def words(result: Outcomes) -> str:
    """Return the tables that a person reads."""
    n = len(result.seeds) - len(result.failures)
    seeds = seeds_told(result.seeds[0], result.seeds[-1])
    parts = [
        f"{result.scenario.name}: {count(n, 'run')} of {count(result.scenario.days, 'day')}, {seeds}; "
        "intervals are 90 %",
        _shares(result),
        _hazards(result.hazards),
    ]
    if result.moved:
        parts.append(_moved(result))
    if result.returns:
        parts.append(_returns(result.returns))
    if result.roads:
        parts.append(_roads(result.roads))
    return "\n\n".join([*parts, CAVEAT])


def _shares(result: Outcomes) -> str:
    from sim.outcomes import PLAIN_WORDS

    lines = ["class on the last day"]
    for s in result.shares:
        name = s.name.replace("_", " ")
        lines.append(
            f"  {name:<32} {100 * s.share:>5.1f} %  ({100 * s.interval[0]:.1f} to {100 * s.interval[1]:.1f})  "
            f"{PLAIN_WORDS[s.name]}"
        )
    if result.reasons:
        lines.append("  reasons of breakthroughs: " + ", ".join(f"{k} {v}" for k, v in result.reasons.items()))
    lines.append(f"  capital strangled (60 days in a row under 30 %): {100 * result.strangled:.1f} %")
    return "\n".join(lines)


def _hazards(found: Sequence[Hazard]) -> str:
    lines = ["breakthroughs a year (either side, national or regional; up to a run's first)"]
    lines += [
        f"  days {h.first:>4}-{h.last:<4} {h.count:>4} in {h.years:>6.1f} run-years: {h.rate:.3f} a year "
        f"({h.interval[0]:.3f} to {h.interval[1]:.3f})"
        for h in found
    ]
    return "\n".join(lines)


def _moved(result: Outcomes) -> str:
    names = sorted({name for m in result.moved for name in m.shares} | {s.name for s in result.shares})
    short = {name: name.replace("insurgent_", "ins. ").replace("_breakthrough", "").replace("_", " ") for name in names}
    head = "  ".join(f"{short[name]:>13}" for name in names)
    lines = ["shares in % when one threshold moves (the same runs)", f"  {'':<34} {head}  {'class changed':>13}"]
    base = {s.name: s.share for s in result.shares}
    lines.append(f"  {'as defined':<34} " + "  ".join(f"{100 * base.get(name, 0):>13.1f}" for name in names))
    for m in result.moved:
        label = f"{m.variant.threshold} = {m.variant.value:g}"
        row = "  ".join(f"{100 * m.shares.get(name, 0):>13.1f}" for name in names)
        lines.append(f"  {label:<34} {row}  {100 * m.changed:>13.1f}")
    return "\n".join(lines)


def _roads(found: OtherRoads) -> str:
    from experiments.science.roads import MOST

    lines = [
        f"shares in % on {count(len(found.rows), 'other map')}: {found.roads[0]} of {found.roads[1]} roads have "
        f"recalled lengths, here up to {MOST:g} times as long or as short",
        f"  {'':<32} {'this map':>10}  {'by luck (90 %)':>16}  {'other maps: mean':>17}  {'least to most':>15}",
    ]
    for s in found.spreads():
        lines.append(
            f"  {s.name.replace('_', ' '):<32} {100 * s.share:>10.1f}  {100 * s.interval[0]:>7.1f} to "
            f"{100 * s.interval[1]:>5.1f}  {100 * s.mean:>17.1f}  {100 * s.least:>6.1f} to {100 * s.most:>5.1f}"
        )
    return "\n".join(lines)


def _returns(found: Sequence[Return]) -> str:
    from experiments.science.shocks import SHOCK_DAY, SHOCK_DAYS, WITHIN

    what = {"fuel": "no fuel: sources closed, the capital's depots burned", "town": "a town lost and held"}
    lines = [f"return after a shock forced on days {SHOCK_DAY}-{SHOCK_DAY + SHOCK_DAYS - 1}, against twins without it"]
    for r in found:
        median = "not reached" if r.median_days is None else f"{r.median_days:.0f} days"
        lines += [
            f"  {what[r.kind]} ({count(r.runs, 'pair')}; in force on {100 * r.shocked:.0f} % of those days)",
            f"    back after: median {median}; within {WITHIN} days {100 * r.within:.0f} % "
            f"({100 * r.within_interval[0]:.0f} to {100 * r.within_interval[1]:.0f})",
            f"    breakthrough by the run's end: {100 * r.breakthroughs[0]:.1f} % with, "
            f"{100 * r.breakthroughs[1]:.1f} % without; difference {100 * r.added:+.1f} points "
            f"({100 * r.added_interval[0]:+.1f} to {100 * r.added_interval[1]:+.1f})",
            f"    class stalemate: {100 * r.stalemate[0]:.1f} % with, {100 * r.stalemate[1]:.1f} % without",
        ]
    return "\n".join(lines)
