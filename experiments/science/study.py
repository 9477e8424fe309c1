"""Everything that ``docs/validation.md`` shows, run in one go with stated sizes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.ablate import Ablation, Ablations, ablate, compare, mechanisms
from experiments.outcomes import DEFAULT_TOWN, Outcomes, tell
from experiments.science.classes import Judged, judge_run, variants
from experiments.science.evidence import Finding, Left, check_windows, judge_months, judge_statistics, keeper
from experiments.science.main_measures import MEASURES, main_row
from experiments.science.observation import Rule, monthly
from experiments.science.roads import MAPS, OtherRoads, other_roads
from experiments.science.runs import Finished, run_all
from experiments.science.shocks import returns
from experiments.science.stability import Stability, stability
from experiments.science.targets import ArticleTargets, EventTargets
from experiments.score import KINDS, Scores, score_counts
from experiments.sensitivity import OWN, Sensitivity, sensitivity
from experiments.validate import Validation, judge
from sim.scenario import Scenario
from sim.summary import thresholds_of

STABLE = ("deaths_civilians", "a1_deaths", "events", "capital_days_denied", "captures", "max_held_share")
STABILITY_SIZES = (10, 20, 30, 50, 75, 100, 150, 200, 250, 300, 400, 500)


LARGER = {"seeds": 10, "trajectories": 10, "samples": 256}
"""The page's sensitivity designs, where they are larger than the command's."""


@dataclass(frozen=True)
class Sizes:
    """How large a study is.

    Attributes:
        seeds: runs behind patterns, statistics and classes.
        shocks: pairs of runs for each shock.
        roads: runs on each map with other lengths of roads.
        all_seeds: runs behind the question how many are enough.
        pairs: pairs of runs for each ablation.
        sensitivity: sizes of the designs.
    """

    seeds: int = 1000
    shocks: int = 400
    roads: int = 200
    all_seeds: int = 1000
    pairs: int = 200
    sensitivity: dict[str, Any] = dataclasses.field(
        default_factory=lambda: (
            {key: int(o.default) if o.whole else o.default for key, o in OWN.items()} | {"full": False} | LARGER
        )
    )


@dataclass(frozen=True)
class Observed:
    """What another observation model would make of the same runs."""

    rule: Rule
    findings: list[Finding]


@dataclass(frozen=True)
class Study:
    """Everything of the page."""

    scenario: Scenario
    sizes: Sizes
    article: ArticleTargets
    events: EventTargets
    validation: Validation
    observed: list[Observed]
    outcomes: Outcomes
    roads: OtherRoads
    stability: list[Stability]
    scores: Scores
    ablations: Ablations
    shorter_rounds: Ablation
    sensitivity: Sensitivity


def run_study(
    scenario: Scenario,
    article: ArticleTargets,
    events: EventTargets,
    sizes: Sizes | None = None,
    workers: int | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Study:
    """Run everything that the page shows.

    Raises:
        WindowMismatchError, BadSettingError: the scenario is not judged on the patterns' days.
        AllRunsFailedError: no run ended well.
    """
    size = sizes or Sizes()
    check_windows(scenario, article)
    moved = variants(thresholds_of(scenario), article.vary_each_by)
    say(f"validation and outcomes: {size.all_seeds} runs")
    keep = keeper(events.rule)

    def both(run: Finished) -> tuple[Left, Judged]:
        return keep(run), judge_run(run, moved if run.seed <= size.seeds else [])

    kept = run_all([scenario], range(1, size.all_seeds + 1), both, workers)
    pairs = dict(zip(kept.seeds[0], kept.values[0], strict=True))
    first = [pair for seed, pair in pairs.items() if seed <= size.seeds]
    left, judged = [p[0] for p in first], [p[1] for p in first]
    seeds = range(1, size.seeds + 1)
    failures = [f for f in kept.failures if f.seed <= size.seeds]
    say(f"return after shocks: {4 * size.shocks} runs")
    back, failed = returns(scenario, range(1, size.shocks + 1), DEFAULT_TOWN, workers)
    say(f"other lengths of roads: {MAPS * size.roads} runs")
    here = [pair[1].outcome.name for seed, pair in pairs.items() if seed <= size.roads]
    other = other_roads(scenario, here, range(1, size.roads + 1), workers)
    names = mechanisms(scenario)
    say(f"ablations: {(len(names) + 1) * size.pairs} runs")
    return Study(
        scenario=scenario,
        sizes=size,
        article=article,
        events=events,
        validation=judge(scenario, seeds, left, article, events, events.rule, failures),
        observed=[_observed(events, left, rule) for rule in other_rules(events)],
        outcomes=tell(scenario, seeds, judged, moved, back, [*failures, *failed, *other.failures]),
        roads=other,
        stability=_stabilities([pair[0] for pair in pairs.values()]),
        scores=_scores(scenario, seeds, left, events),
        ablations=ablate(scenario, range(1, size.pairs + 1), names, workers),
        shorter_rounds=shorter_rounds(scenario, range(1, size.pairs + 1), workers),
        sensitivity=_sensitivity(scenario, size, workers),
    )


def _sensitivity(scenario: Scenario, size: Sizes, workers: int | None) -> Sensitivity:
    sizes = size.sensitivity
    seeds = range(sizes["first_seed"], sizes["first_seed"] + sizes["seeds"])
    return sensitivity(scenario, seeds, sizes, workers=workers, talk=True)


def other_rules(events: EventTargets) -> list[Rule]:
    """Return the observation model as it stands, then with each of its numbers at either end of its range."""
    ends: list[dict[str, Any]] = [{key: end} for key, (low, high) in events.ranges.items() for end in (low, high)]
    return [events.rule, *(dataclasses.replace(events.rule, **change) for change in ends)]


def _observed(events: EventTargets, left: Sequence[Left], rule: Rule) -> Observed:
    happened = [one.events for one in left]
    return Observed(rule, [*judge_months(events, happened, rule)[0], *judge_statistics(events, happened, rule)])


def _stabilities(left: Sequence[Left]) -> list[Stability]:
    table = np.array([main_row(one.row) for one in left])
    names = [m.name for m in MEASURES]
    sizes = [n for n in STABILITY_SIZES if n <= len(table)]
    return [stability(name, table[:, names.index(name)], sizes) for name in STABLE]


def _scores(scenario: Scenario, seeds: range, left: Sequence[Left], events: EventTargets) -> Scores:
    """Return the scores on the calibration months themselves: in sample for both model and null."""
    days = {m.month: m.days for m in events.months}
    pairs = [monthly(one.events.recorded(events.rule), days) for one in left]
    counts = {kind: np.array([pair[k] for pair in pairs]) for k, kind in enumerate(KINDS)}
    return score_counts(scenario, seeds, list(events.months), events, counts, [])


def shorter_rounds(scenario: Scenario, seeds: range, workers: int | None = None) -> Ablation:
    """Return the paired differences that rounds of half the length make, twice as many of them."""
    from sim.measures import measures
    from sim.parameters import flatten

    def keep(run: Finished) -> list[float]:
        return main_row(measures(run.scenario, run.world, run.trace, run.log))

    values = flatten(scenario.parameters)
    half = {"combat.round_hours": values["combat.round_hours"] / 2}
    half |= {f"combat.{kind}_rounds": 2 * values[f"combat.{kind}_rounds"] for kind in ("assault", "harass", "ambush")}
    kept = run_all([scenario, scenario.with_settings(half)], seeds, keep, workers)
    one, two = (dict(zip(kept.seeds[p], kept.values[p], strict=True)) for p in (0, 1))
    both = [seed for seed in one if seed in two]
    found = compare("switches.raids", np.array([one[s] for s in both]), np.array([two[s] for s in both]))
    return dataclasses.replace(found, mechanism="rounds of half the length", meaning="the same fights, finer in time")
