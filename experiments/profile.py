"""``stalemate profile``: where the time of a day goes, phase by phase, as a table."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.world import Capacity

_TRACE = "trace"
_WHAT = {
    "dawn": "the day's number, key and empty counts",
    "timeline": "what the scenario sets for today",
    "flow": "carriers' memory, paths, orders, convoys sent",
    "units": "order of activation; every live unit's step",
    "combat": "ambushes, raids, fires, assaults, sweeps, retakings",
    "consumption": "rationing",
    "population": "violence against civilians, opinion",
    "regime": "command, pay, reputation, legitimacy, collapse",
    "bargaining": "truces",
    "upkeep": "recruits, quitters, reinforcements, deserters",
    "dusk": "slots freed, books audited",
    _TRACE: "the day's row of the trace",
}


@dataclass(frozen=True)
class PhaseTime:
    """What one phase takes.

    Attributes:
        name: of the phase.
        us_a_day: microseconds a day, mean over the runs.
        spread_us: standard deviation of that over the runs.
        share: of the whole day.
        ns_per_agent_day: nanoseconds for each live unit and day.
    """

    name: str
    us_a_day: float
    spread_us: float
    share: float
    ns_per_agent_day: float


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate profile`` takes."""
    parser.add_argument("settings", nargs="*", metavar="key=value", help="what to run, as for stalemate run")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs to time, with seeds from `seed` on (5)")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios")


def execute(args: argparse.Namespace) -> int:
    """Time the phases and print the table."""
    from experiments.compose import compose_request
    from sim.jit import is_warm
    from sim.scenario import whole

    request = compose_request(args.settings, args.config_dir)
    runs = whole("--runs", args.runs, 1, 1000)
    if not is_warm():
        print("stalemate: compiling the model for this machine; this takes a while once", file=sys.stderr)
    times, live = profile(request.scenario, range(request.seed, request.seed + runs))
    print(table(times, live, request.scenario.name, request.scenario.days, runs))
    return 0


def profile(scenario: Scenario, seeds: range) -> tuple[list[PhaseTime], float]:
    """Return the time of each phase, and the mean number of live units.

    The phases are called one by one from Python, as the Mesa driver does; the cost of such a call is taken off.
    """
    from sim.setup import build_world
    from sim.warm import warm_up
    from sim.world import size_of

    warm_up()
    steps = _steps(scenario.days, size_of(build_world(scenario, 0)))
    _time_run(scenario, 0, steps, 2)  # compiles what is not in the cache
    spent = {name: [] for name in steps}  # type: dict[str, list[float]]
    agent_days = []
    for seed in seeds:
        found, active = _time_run(scenario, seed, steps, scenario.days)
        agent_days.append(active)
        for name, seconds in found.items():
            spent[name].append(seconds)
    total = sum(map(sum, spent.values()))
    days = scenario.days
    times = [
        PhaseTime(
            name,
            statistics.fmean(runs) / days * 1e6,
            statistics.stdev(runs) / days * 1e6 if len(runs) > 1 else 0.0,
            sum(runs) / total,
            sum(runs) / max(1, sum(agent_days)) * 1e9,
        )
        for name, runs in spent.items()
    ]
    return times, statistics.fmean(agent_days) / days


def _steps(days: int, size: Capacity) -> dict[str, Callable[[Any], None]]:
    """Return what to call for each phase, and for the trace, by name."""
    import numpy as np

    from sim import mesa_entries
    from sim.day import PHASES
    from sim.trace import trace_dtype

    trace = np.zeros(days, trace_dtype(size))
    steps: dict[str, Callable[[Any], None]] = {name: getattr(mesa_entries, name) for name in PHASES}
    steps[_TRACE] = lambda world: mesa_entries.write_day(world, trace)
    return steps


def _time_run(
    scenario: Scenario, seed: int, steps: dict[str, Callable[[Any], None]], days: int
) -> tuple[dict[str, float], int]:
    """Return the seconds that each phase of one run took, calls from Python taken off, and the run's agent-days."""
    from sim.mesa_entries import nothing
    from sim.setup import build_world

    world = build_world(scenario, seed)
    spent = dict.fromkeys(steps, 0.0)
    clock = time.perf_counter
    nothing(world)
    call = min(_timed(nothing, world) for _ in range(1000))
    for _ in range(days):
        for name, step in steps.items():
            begin = clock()
            step(world)
            spent[name] += clock() - begin - call
    return {name: max(0.0, seconds) for name, seconds in spent.items()}, int(world["tally"]["activations"][0])


def _timed(step: Callable[[Any], None], world: Any) -> float:
    begin = time.perf_counter()
    step(world)
    return time.perf_counter() - begin


def table(times: list[PhaseTime], live: float, scenario: str, days: int, runs: int) -> str:
    """Return the phases' times as a table to read."""
    lines = [f"{'phase':<12} {'µs a day':>9} {'±':>5} {'share':>6} {'ns/agent-day':>13}  what it does"]
    lines += [
        f"{t.name:<12} {t.us_a_day:9.2f} {t.spread_us:5.2f} {t.share:6.1%} {t.ns_per_agent_day:13.1f}  {_WHAT[t.name]}"
        for t in times
    ]
    whole_day = sum(t.us_a_day for t in times)
    per_agent = sum(t.ns_per_agent_day for t in times)
    lines.append(f"{'a day':<12} {whole_day:9.2f} {'':5} {1:6.1%} {per_agent:13.1f}")
    lines.append(
        f"{scenario}: {days} days, {runs} runs, {live:.0f} live units in the mean; ± is the standard deviation over "
        "runs.\nAn agent-day is one live unit for one day. Phases are timed one by one, which costs a little more than "
        "the\ncompiled loop over days; docs/performance.md has that."
    )
    return "\n".join(lines)
