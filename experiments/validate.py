"""``stalemate validate``: every pattern and event statistic with its target, what the model gives, pass or not."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.messages import ConfigurationError
from experiments.numbers import count, seeds_told
from experiments.science.settings import SEEDS, Own, add_common, note, scenario_of, seeds_of, split, to_json

if TYPE_CHECKING:
    from experiments.science.evidence import Finding, Left, MonthFinding
    from experiments.science.observation import Rule
    from experiments.science.runs import Failure
    from experiments.science.targets import ArticleTargets, EventTargets
    from sim.scenario import Scenario

_EXAMPLES = """\
examples:
  stalemate validate                                   the Mali scenario, 200 seeds: a quarter of a minute on two cores
  stalemate validate seeds=400 first_seed=1001         other luck
  stalemate validate switches.deterrence=0             which patterns need carriers' refusal
  stalemate validate observation.zero_death=0.1        another observation model

The exit status is 0 whether patterns pass or not, and 1 if a run failed.

keys: seeds, first_seed, observation.zero_death, observation.half_deaths, scenario, and every parameter
"""
_OBSERVATION = ("zero_death", "half_deaths")
_NAMES = {"ML": "Mali"}
FOR_ORIENTATION = "The patterns are the article's, about Mali and Burkina Faso; here they are applied for orientation."
CAVEAT = (
    "A pattern that passes is compatible with the article's unverified figures; it does not show that the model's\n"
    "causes are the war's. Recorded events are provisional, the observation model is assumed, and nothing here\n"
    "predicts an event."
)


class NothingObservedError(ConfigurationError):
    """A setting of the observation model for a scenario that is held to no recorded events."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"{key}: would change nothing; {why}")


@dataclass(frozen=True)
class Validation:
    """What validation found.

    Attributes:
        scenario, seeds: what was run.
        patterns, checks, statistics: findings, in the order of the targets; the last two empty if not comparable.
        months: for "events" and "deaths", each month's finding; empty if not comparable.
        failures: runs that met an error of their own.
        not_comparable: why nothing but the patterns is there; "" where the recorded country is on the map.
    """

    scenario: Scenario
    seeds: range
    patterns: list[Finding]
    checks: list[Finding]
    statistics: list[Finding]
    months: dict[str, list[MonthFinding]]
    failures: list[Failure]
    not_comparable: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "scenario": self.scenario.name,
            "seeds": len(self.seeds),
            "first_seed": self.seeds[0],
            "failed_runs": [dataclasses.asdict(f) for f in self.failures],
            "patterns": [f.as_json() for f in self.patterns],
            "statistics": [f.as_json() for f in self.statistics],
            "months": {name: [_month(m) for m in rows] for name, rows in self.months.items()},
            "input_checks": [f.as_json() for f in self.checks],
            "not_comparable": self.not_comparable or None,
        }


def _month(m: MonthFinding) -> dict[str, Any]:
    return {
        "month": m.month,
        "recorded": m.recorded,
        "median": m.median,
        "interval": list(m.interval),
        "inside": m.inside,
    }


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate validate`` takes."""
    add_common(parser, _EXAMPLES)


def execute(args: argparse.Namespace) -> int:
    """Run, judge and print; 1 if a run failed."""
    from experiments.compose import config_folders
    from experiments.science.targets import load_article, load_events

    folders = config_folders(args.config_dir)
    article, events = load_article(folders), load_events(folders)
    own = {f"observation.{key}": _own(events, key) for key in _OBSERVATION}
    found, rest = split(args.settings, {**SEEDS, **own})
    rule = dataclasses.replace(events.rule, **{key: found[f"observation.{key}"] for key in _OBSERVATION})
    scenario = scenario_of(args, rest)
    _check_observed(args.settings, own, not_comparable(scenario, rule))
    result = validate(scenario, seeds_of(found), article, events, rule, args.workers)
    print(to_json(result.as_json()) if args.json else words(result))
    for failure in result.failures:
        note(f"seed {failure.seed}: {failure.error}")
    return 1 if result.failures else 0


def _check_observed(settings: Sequence[str], own: Mapping[str, Own], why: str) -> None:
    for key in (text.partition("=")[0] for text in settings):
        if why and key in own:
            raise NothingObservedError(key, why)


def not_comparable(scenario: Scenario, rule: Rule) -> str:
    """Return why recorded events say nothing about a scenario: its map lacks their country; "" if it has it."""
    if any(place.country == rule.country for place in scenario.geography.places):
        return ""
    whose = _NAMES.get(rule.country, rule.country)
    return f"recorded events are {whose}'s: not comparable with {scenario.geography.name}"


def _own(events: EventTargets, key: str) -> Own:
    low, high = events.ranges[key]
    return Own(getattr(events.rule, key), low, high, whole=False)


def validate(
    scenario: Scenario,
    seeds: range,
    article: ArticleTargets,
    events: EventTargets,
    rule: Rule | None = None,
    workers: int | None = None,
) -> Validation:
    """Run a scenario and hold it to the targets.

    Raises:
        WindowMismatchError, BadSettingError: the scenario is not judged on the patterns' days.
        AllRunsFailedError: no run ended well.
    """
    from experiments.science.evidence import check_windows, keeper
    from experiments.science.runs import run_all

    check_windows(scenario, article)
    kept = run_all([scenario], seeds, keeper(rule or events.rule), workers)
    return judge(scenario, seeds, kept.values[0], article, events, rule or events.rule, kept.failures)


def judge(
    scenario: Scenario,
    seeds: range,
    left: Sequence[Left],
    article: ArticleTargets,
    events: EventTargets,
    rule: Rule,
    failures: list[Failure],
) -> Validation:
    """Hold finished runs to the targets; to the patterns alone where the map lacks the recorded country."""
    from experiments.science.evidence import judge_months, judge_rows, judge_statistics

    rows, happened = [one.row for one in left], [one.events for one in left]
    why = not_comparable(scenario, rule)
    if why:
        return Validation(scenario, seeds, judge_rows(article.patterns, rows), [], [], {}, failures, why)
    monthly, months = judge_months(events, happened, rule)
    return Validation(
        scenario=scenario,
        seeds=seeds,
        patterns=judge_rows(article.patterns, rows),
        checks=judge_rows(article.checks, rows),
        statistics=[*monthly, *judge_statistics(events, happened, rule)],
        months=months,
        failures=failures,
    )


def words(result: Validation) -> str:
    """Return the tables that a person reads."""
    n = len(result.seeds) - len(result.failures)
    first, last = result.seeds[0], result.seeds[-1]
    head = [
        f"{result.scenario.name}: {count(n, 'run')}, {seeds_told(first, last)}; intervals are 90 %",
        _table("the article's patterns", result.patterns),
    ]
    if result.not_comparable:
        why = f"{result.not_comparable[0].upper()}{result.not_comparable[1:]}."
        return "\n\n".join([*head, f"{_count(result.patterns)} patterns pass. {FOR_ORIENTATION}", why, CAVEAT])
    parts = [
        *head,
        _table("recorded events, after the observation model", result.statistics),
        *(_months(name, rows) for name, rows in result.months.items()),
        _table("input checks (put in, no evidence)", result.checks),
        f"{_count(result.patterns)} patterns and {_count(result.statistics)} statistics pass.",
        CAVEAT,
    ]
    return "\n\n".join(parts)


def _count(findings: Sequence[Finding]) -> str:
    return f"{sum(f.passed for f in findings)} of {len(findings)}"


def _table(title: str, findings: Sequence[Finding]) -> str:
    width = max(len(f.pattern.id) for f in findings)
    head = f"{'':<{width}}  {'':<5} {'model':>8} {'interval':>17} {'share':>6}  {'target':<20} {'recorded':>8}  use"
    lines = [title, head]
    for f in findings:
        share = "" if f.share is None else f"{100 * f.share:.0f} %"
        recorded = "" if f.pattern.value is None else f"{f.pattern.value:g}"
        verdict = "pass" if f.passed else "FAIL"
        lines.append(
            f"{f.pattern.id:<{width}}  {verdict:<5} {number(f.estimate):>8} {span(f.interval):>17} {share:>6}  "
            f"{f.pattern.target!s:<20} {recorded:>8}  {(f.pattern.use or 'input').replace('_', ' ')}"
        )
    return "\n".join(line.rstrip() for line in lines)


def _months(name: str, rows: Sequence[MonthFinding]) -> str:
    lines = [f"{name} a month: recorded, model's median and interval"]
    lines += [
        f"{m.month}  {m.recorded:>5} {m.median:>8.1f} {span(m.interval):>17}  {'' if m.inside else 'outside'}".rstrip()
        for m in rows
    ]
    return "\n".join(lines)


def number(value: float) -> str:
    """Return a number as people read it: three digits, or "-" if undefined."""
    if value != value:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def span(interval: tuple[float, float]) -> str:
    """Return an interval as people read it."""
    return "" if interval[0] != interval[0] else f"{number(interval[0])} to {number(interval[1])}"
