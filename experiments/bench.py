"""``make bench``: measures the model's speed, and others' beside it, and writes ``docs/performance.md``.

All is measured in one run, round after round (each round times everything once), so that ratios compare like with like
on a machine whose speed drifts. Times of one thread are processor time; times of several are wall-clock time.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.bench_starts import in_seconds, starts
from experiments.whole_files import write_whole_text

DIAGRAM_RUNS = 24 * 24 * 64
AXES = ("population.insurgent_support", "insurgents.interdiction_effort")


@dataclass(frozen=True)
class Goal:
    """What a number should be: in words, and as a test."""

    words: str
    met: Callable[[float], bool]

    def verdict(self, value: float) -> str:
        """Return the words, and whether the value does."""
        return f"{self.words}: {'met' if self.met(value) else '**not met**'}"


GOALS = {
    "compiled": Goal("≤ 85 ns required, ≤ 45 hoped for", lambda ns: ns <= 85.0),
    "floor": Goal("the day within 2.5 times the floor", lambda times: times <= 2.5),
    "large": Goal("≤ 1.3 times as much as in Mali", lambda times: times <= 1.3),
    "mesa": Goal("≤ 5 s a run", lambda seconds: seconds <= 5.0),
    "second_core": Goal("≥ 1.8 times", lambda times: times >= 1.8),
    "diagram": Goal("≤ 6 minutes, aiming for 3", lambda minutes: minutes <= 6.0),
    "import": Goal("≤ 0.6 s", lambda seconds: seconds <= 0.6),
    "help": Goal("≤ 0.6 s", lambda seconds: seconds <= 0.6),
    "cold": Goal("≤ 30 s", lambda seconds: seconds <= 30.0),
    "warm": Goal("≤ 2 s", lambda seconds: seconds <= 2.0),
}
_STARTS = {
    "import": "`import sim`",
    "help": "the list of commands, `--help`",
    "cold": "`stalemate run`, the first on a machine: everything is compiled",
    "warm": "`stalemate run`, every later one: figures and report included",
}
_NOTES = """\
The compiled day costs {over:.1f} times the floor. The floor reads and writes each live unit's row once, puts the units
into the order of the day, and makes as many draws as the model does; it decides nothing.

The goals for a day were set for some 350 live units. Mali has about 200, a quarter of them garrisons and escorts
without a step of their own, and a good part of a day does not depend on units: 46 places, 57 roads and 9 hubs have
opinions, orders, rations and path trees. The cost is in the number of rules, not in one of them (docs/decisions.md
49). In the tenfold country some road's risk moves nearly every other day, so that 60 sources renew their lines to 90
hubs, each by a search over the places within its reach; nothing else grows faster than the country.

What is done for speed alone stands in `sim/fast.py` and, for compiling, in `sim/jit_library.py` and
`sim/jit_helper.py`; `tests/sim/test_work.py` holds the work itself (draws, searches, neighbours, allocations) within
bounds, which a noisy machine cannot blur.
"""
_PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


@dataclass
class Timing:
    """One thing that is timed in each round.

    Attributes:
        key, title: its name, and what it is in words.
        once: times it once; returns (seconds, agent-steps).
        samples: nanoseconds per agent-step, one a round.
        steps_a_run: agent-steps when last timed.
    """

    key: str
    title: str
    once: Callable[[int], tuple[float, float]]
    samples: list[float] = field(default_factory=list)
    steps_a_run: float = 0.0

    @property
    def median(self) -> float:
        """Return the median nanoseconds per agent-step."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """Return half the range of the samples, as a share of the median."""
        return (max(self.samples) - min(self.samples)) / 2.0 / self.median


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds (7)")
    parser.add_argument("--quick", action="store_true", help="two rounds, small: to see that it works")
    parser.add_argument("--diagram", action="store_true", help="run a whole 24 x 24 x 64-seed diagram (minutes)")
    parser.add_argument("--out", type=Path, default=_PAGE, help="the page to write")
    args = parser.parse_args(argv)
    rounds = 2 if args.quick else args.rounds
    waits = starts(2 if args.quick else 5)
    timings = measure(things(args.quick), rounds)
    scale = scaling(8 if args.quick else 512)
    whole = diagram() if args.diagram else None
    text = page(timings, rounds, scale, whole, waits, phases())
    write_whole_text(args.out, text)
    print(text)
    return 0


def measure(timings: list[Timing], rounds: int) -> list[Timing]:
    """Time everything once a round; the first of all is warm-up and not counted."""
    for timing in timings:
        timing.once(0)
    for k in range(rounds):
        for timing in timings:
            seconds, steps = timing.once(k + 1)
            timing.samples.append(seconds / steps * 1e9)
            timing.steps_a_run = steps
        print(f"round {k + 1} of {rounds}", file=sys.stderr)
    return timings


def things(quick: bool) -> list[Timing]:
    """Return what is timed."""
    from experiments import load_scenario
    from experiments.bench_others import batch_run, epstein, mesa_driver, starsim_sir
    from experiments.generate import enlarge
    from sim.warm import warm_up

    warm_up()
    mali = load_scenario("mali_2025")
    days = 20 if quick else 60
    found = [
        Timing("compiled", "compiled driver, Mali, 540 days, every mechanism on", lambda k: compiled(mali, k)),
        Timing("floor", "floor: the draws and the memory traffic that a day cannot avoid", lambda k: floor(mali, k)),
        Timing("large", "compiled driver, a country ten times as large, 540 days", lambda k: compiled(_ten(), k)),
        Timing("mesa", "our Mesa driver, same trajectory bit for bit", lambda k: mesa_driver(mali, k, days)),
        Timing("batch_run", "mesa.batch_run on our model", lambda k: batch_run(mali, k, days)),
        Timing("epstein", "another model: Mesa's epstein_civil_violence example", epstein),
    ]
    if starsim_sir is not None:
        found.append(Timing("starsim", "another model: Starsim's default SIR, 20,000 agents", starsim_sir))
    _TEN.append(enlarge(mali, 10))
    return [t for t in found if not (quick and t.key == "large")]


_TEN: list[Any] = []


def _ten() -> Any:
    return _TEN[0]


def compiled(scenario: Any, seed: int, days: int = 540) -> tuple[float, float]:
    """Time one run of the compiled driver, day loop only."""
    import numpy as np

    from sim.day import run_days
    from sim.setup import build_world
    from sim.trace import blank_records
    from sim.world import size_of

    world = build_world(scenario, seed)
    trace, log = blank_records(days, size_of(world))
    begin = time.process_time()
    run_days(world, days, trace, log, 0, np.zeros(1, np.uint8))
    return time.process_time() - begin, float(world["tally"]["activations"][0])


def floor(scenario: Any, seed: int, days: int = 540) -> tuple[float, float]:
    """Time the floor kernel on the same world: nothing but row reads and writes, the order of the day, and draws."""
    from experiments.bench_floor import touch_days
    from sim.setup import build_world

    world = build_world(scenario, seed)
    begin = time.process_time()
    steps = touch_days(world, days)
    return time.process_time() - begin, float(steps)


def scaling(runs: int) -> dict[str, float]:
    """Return runs a second, measures included, with one and two threads, over a coarse outcome map."""
    import pandas as pd

    from experiments import load_scenario
    from sim.ensemble import simulate_many

    mali = load_scenario("mali_2025")
    points = pd.DataFrame(_grid(4), columns=list(AXES))
    seeds = range(max(1, runs // len(points)))
    found = {}
    for workers in (1, 2):
        begin = time.perf_counter()
        rows = simulate_many(mali, points, seeds=seeds, workers=workers)
        found[f"runs_per_s_{workers}"] = len(rows) / (time.perf_counter() - begin)
    found["second_core"] = found["runs_per_s_2"] / found["runs_per_s_1"]
    found["diagram_min"] = DIAGRAM_RUNS / found["runs_per_s_2"] / 60.0
    found["runs"] = float(len(points) * len(seeds))
    return found


def _grid(n: int) -> list[tuple[float, float]]:
    """Return n x n points over the whole ranges of the diagram's two parameters."""
    import numpy as np

    from sim.parameters import infos

    one, other = (np.linspace(infos()[key].low, infos()[key].high, n) for key in AXES)
    return [(float(a), float(b)) for a in one for b in other]


def diagram() -> float:
    """Run a whole diagram of 24 x 24 points with 64 seeds on two cores; return the minutes it took."""
    import pandas as pd

    from experiments import load_scenario
    from sim.ensemble import simulate_many

    points = pd.DataFrame(_grid(24), columns=list(AXES))
    begin = time.perf_counter()
    simulate_many(load_scenario("mali_2025"), points, seeds=range(64), workers=2)
    return (time.perf_counter() - begin) / 60.0


def page(
    timings: list[Timing],
    rounds: int,
    scale: dict[str, float],
    whole: float | None,
    waits: Mapping[str, Sequence[float]],
    profiled: str,
) -> str:
    """Return the page's text."""
    by = {t.key: t for t in timings}
    lines = [
        "# Performance",
        "",
        f"Written by `make bench`. {_machine()}",
        "",
        f"{rounds} rounds, each timing everything once; the median, ± half the range. An agent-step is one live unit "
        "for one step (here: one day). Processor time of one core.",
        "",
        "| what | ns per agent-step | ± | times `compiled` | agent-steps a second | goal |",
        "|---|---:|---:|---:|---:|---|",
    ]
    lines += [_row(t, by) for t in timings]
    lines += ["", "The rows named *another model* do other things at a step: orientation, not a race.", ""]
    lines += ["| whole runs, measures of every run included | value | goal |", "|---|---:|---|"]
    lines += _runs(scale, whole)
    lines += [
        "",
        "| what one waits for (wall-clock time) | median ± half the range | n | goal |",
        "|---|---:|---:|---|",
    ]
    for key, what in _STARTS.items():
        verdict = GOALS[key].verdict(statistics.median(waits[key]))
        lines.append(f"| {what} | {in_seconds(waits[key])} | {len(waits[key])} | {verdict} |")
    over = by["compiled"].median / by["floor"].median
    lines += ["", "## Where a day goes", "", "```", profiled, "```", "", _NOTES.format(over=over), ""]
    return "\n".join(lines)


def _row(t: Timing, by: Mapping[str, Timing]) -> str:
    base = by["compiled"].median
    value = {
        "compiled": t.median,
        "floor": base / by["floor"].median,
        "large": t.median / base,
        "mesa": t.median * 1e-9 * by["compiled"].steps_a_run,
    }.get(t.key)
    goal = "" if value is None else GOALS[t.key].verdict(value)
    return (
        f"| `{t.key}`: {t.title} | {t.median:,.0f} | {t.spread:.0%} | {t.median / base:,.2f} | "
        f"{1e9 / t.median:,.0f} | {goal} |"
    )


def _runs(scale: Mapping[str, float], whole: float | None) -> list[str]:
    lines = [
        f"| runs a second, one thread (n = {scale['runs']:.0f} runs of 540 days) | {scale['runs_per_s_1']:.1f} | |",
        f"| runs a second, two threads | {scale['runs_per_s_2']:.1f} | |",
        f"| second core | {scale['second_core']:.2f} times | {GOALS['second_core'].verdict(scale['second_core'])} |",
        f"| a 24 x 24 x 64-seed diagram, extrapolated | {scale['diagram_min']:.1f} min | "
        f"{GOALS['diagram'].verdict(scale['diagram_min'])} |",
    ]
    if whole is not None:
        lines.append(
            f"| a 24 x 24 x 64-seed diagram, run whole | {whole:.1f} min | {GOALS['diagram'].verdict(whole)} |"
        )
    return lines


def _machine() -> str:
    import numba
    import numpy

    from experiments.manifest import cpu

    load = os.getloadavg() if hasattr(os, "getloadavg") else (float("nan"),) * 3
    return (
        f"Python {platform.python_version()}, numba {numba.__version__}, numpy {numpy.__version__}, "
        f"{os.cpu_count()} cores ({cpu()}). Load average while measuring: {load[0]:.1f}; above the number of cores, "
        "something else was running, and times are worse than they need be."
    )


def phases() -> str:
    """Return ``stalemate profile``'s table for Mali."""
    from experiments import load_scenario
    from experiments.profile import profile, table

    mali = load_scenario("mali_2025")
    runs = range(5)
    times, live = profile(mali, runs)
    return table(times, live, mali.name, mali.days, len(runs))


if __name__ == "__main__":
    sys.exit(main())
