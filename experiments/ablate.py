"""``stalemate ablate``: what each mechanism contributes, as paired differences of runs without and with it."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.numbers import count, seeds_told, told
from experiments.science.paired import gap_interval, told_interval
from experiments.science.settings import SEEDS, Own, add_common, note, scenario_of, seeds_of, split, to_json

if TYPE_CHECKING:
    from experiments.science.runs import Failure, Finished
    from sim.scenario import Scenario

Array = npt.NDArray[Any]
PREFIX = "switches."
CAMPAIGN = "timeline.campaigns"
_EXAMPLES = """\
examples:
  stalemate ablate                                          every mechanism, 50 seeds
  stalemate ablate --only deterrence --only collapse seeds=200
  stalemate ablate scenario=contractors_leave

keys: seeds, first_seed, scenario, and every parameter; the mechanisms: stalemate explain switches
"""
CAVEAT = (
    "A difference is what taking a mechanism out does to the model as it stands: the others are not tuned anew, and\n"
    "two mechanisms may stand in for one another. An interval that leaves out 0 is no measure of size: read the\n"
    "numbers."
)


@dataclass(frozen=True)
class Effect:
    """The effect of one ablation on one measure: without the mechanism minus with it.

    Attributes:
        measure: its name.
        base: mean with the mechanism.
        difference: mean of the paired differences.
        interval: its 90 % interval (:func:`experiments.science.paired.gap_interval`).
        in_spread: the difference in standard deviations of the measure over seeds; NaN if it does not vary.
    """

    measure: str
    base: float
    difference: float
    interval: tuple[float, float]
    in_spread: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.interval[0] > 0 or self.interval[1] < 0


@dataclass(frozen=True)
class Ablation:
    """One mechanism taken out."""

    mechanism: str
    meaning: str
    pairs: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Ablations:
    """All of them."""

    scenario: Scenario
    seeds: range
    found: list[Ablation]
    failures: list[Failure]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "scenario": self.scenario.name,
            "seeds": len(self.seeds),
            "first_seed": self.seeds[0],
            "failed_runs": [dataclasses.asdict(f) for f in self.failures],
            "ablations": [
                {
                    **dataclasses.asdict(a),
                    "effects": [{**dataclasses.asdict(e), "clear": e.clear} for e in a.effects],
                }
                for a in self.found
            ],
        }


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate ablate`` takes."""
    add_common(parser, _EXAMPLES)
    parser.add_argument("--only", action="append", metavar="MECHANISM", help="this one; may be given several times")


def execute(args: argparse.Namespace) -> int:
    """Run, compare and print; 1 if a run failed."""
    found, rest = split(args.settings, {**SEEDS, "seeds": Own(50, 2, 100_000)})
    scenario = scenario_of(args, rest)
    names = [_known(name) for name in args.only] if args.only else mechanisms(scenario)
    result = ablate(scenario, seeds_of(found), names, args.workers)
    print(to_json(result.as_json()) if args.json else words(result))
    for failure in result.failures:
        note(f"seed {failure.seed}: {failure.error}")
    return 1 if result.failures else 0


def mechanisms(scenario: Scenario) -> list[str]:
    """Return the mechanisms that a scenario has switched on, and its timeline's campaigns if there are any."""
    from sim.parameters import flatten

    on = [key for key, value in flatten(scenario.parameters).items() if key.startswith(PREFIX) and value != 0.0]
    return [*on, CAMPAIGN] if any(e.action == "campaign" for e in scenario.timeline) else on


def _known(name: str) -> str:
    from sim.parameter_errors import UnknownParameterError, nearest
    from sim.parameters import infos

    known = [*(key for key in infos() if key.startswith(PREFIX)), CAMPAIGN]
    for key in (name, f"{PREFIX}{name}"):
        if key in known:
            return key
    raise UnknownParameterError(name, nearest(name, [key.removeprefix(PREFIX) for key in known]))


def without(scenario: Scenario, mechanism: str) -> Scenario:
    """Return a scenario without one mechanism."""
    if mechanism == CAMPAIGN:
        rest = tuple(e for e in scenario.timeline if e.action != "campaign")
        return dataclasses.replace(scenario, timeline=rest)
    return scenario.with_settings({mechanism: 0})


def meaning(mechanism: str) -> str:
    """Return what a mechanism is, in words."""
    from sim.parameters import infos

    if mechanism == CAMPAIGN:
        return "the timeline opens campaigns by date; without it they come from strength and opportunity alone"
    return infos()[mechanism].meaning


def ablate(scenario: Scenario, seeds: range, names: Sequence[str], workers: int | None = None) -> Ablations:
    """Run a scenario with and without each mechanism, with the same seeds.

    Raises:
        AllRunsFailedError: no run ended well.
    """
    from experiments.science.main_measures import main_row
    from experiments.science.runs import run_all
    from sim.measures import measures

    def keep(run: Finished) -> list[float]:
        return main_row(measures(run.scenario, run.world, run.trace, run.log))

    kept = run_all([scenario, *(without(scenario, name) for name in names)], seeds, keep, workers)
    with_it = dict(zip(kept.seeds[0], kept.values[0], strict=True))
    found = []
    for k, name in enumerate(names, 1):
        pairs = [
            (with_it[seed], row) for seed, row in zip(kept.seeds[k], kept.values[k], strict=True) if seed in with_it
        ]
        if pairs:
            found.append(compare(name, np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])))
    return Ablations(scenario, seeds, found, kept.failures)


def compare(mechanism: str, base: Array, off: Array) -> Ablation:
    """Return the effects of an ablation from paired runs (pairs × main measures)."""
    from experiments.science.main_measures import MEASURES

    effects = []
    for k, measure in enumerate(MEASURES):
        gap = off[:, k] - base[:, k]
        spread = float(base[:, k].std(ddof=1)) if len(base) > 1 else 0.0
        effects.append(
            Effect(
                measure=measure.name,
                base=float(base[:, k].mean()),
                difference=float(gap.mean()),
                interval=gap_interval(gap, measure.is_chance),
                in_spread=float(gap.mean()) / spread if spread > 0 else float("nan"),
            )
        )
    return Ablation(mechanism.removeprefix(PREFIX), meaning(mechanism), len(base), tuple(effects))


def words(result: Ablations) -> str:
    """Return the tables that a person reads: one block a measure, largest differences first."""
    from experiments.science.main_measures import MEASURES

    parts = [
        f"{result.scenario.name}: {count(len(result.seeds), 'pair')} of runs for each mechanism, "
        f"{seeds_told(result.seeds[0], result.seeds[-1])}; differences are without minus with, intervals 90 %"
    ]
    for k, measure in enumerate(MEASURES):
        parts.append(_block(measure.label, [(a, a.effects[k]) for a in result.found]))
    return "\n\n".join([*parts, CAVEAT])


def _block(label: str, effects: Sequence[tuple[Ablation, Effect]]) -> str:
    if not effects:
        return label
    lines = [f"{label} (with everything: {told(effects[0][1].base)})"]
    clear = sorted(((a, e) for a, e in effects if e.clear), key=lambda pair: -abs(pair[1].difference))
    width = max(len(a.mechanism) for a, _ in effects)
    lines += [
        f"  without {a.mechanism:<{width}}  {told(e.difference, sign=True):>10}  "
        f"({told_interval(*e.interval, a.pairs, partial(told, sign=True))})"
        for a, e in clear
    ]
    rest = [a.mechanism for a, e in effects if not e.clear]
    if rest:
        lines.append(f"  no difference that leaves out 0: {', '.join(rest)}")
    return "\n".join(lines)
