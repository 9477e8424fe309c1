"""What the tests of `sim` share: the shipped scenarios without Hydra, single days, the state as plain sets."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from sim import codes
from sim.geography import load_geography
from sim.parameters import Parameters, infos, with_values
from sim.run import run_compiled
from sim.scenario import Scenario, read_forces, read_timeline
from sim.setup import build_world
from sim.trace import trace_dtype
from sim.warm import warm_up
from sim.world import EVENT_DTYPE

CONF = Path(__file__).resolve().parents[2] / "conf"
GROUPS = tuple(Parameters.__dataclass_fields__)
STOP = np.zeros(1, np.uint8)


def _yaml(path):
    return yaml.safe_load((CONF / path).read_text(encoding="utf-8"))


@functools.cache
def shipped_geography(name):
    return load_geography(CONF / "geography" / name)


@functools.cache
def shipped(name, folder):
    """The shipped scenario `name` as `experiments.load_scenario` would give it; a test holds the two together."""
    data = _yaml(f"scenario/{name}.yaml")
    geography = shipped_geography(folder)
    changes = {f"{g}.{key}": value for g in GROUPS for key, value in (data.get(g) or {}).items()}
    return Scenario(
        name,
        geography,
        read_forces(_yaml(f"force/{folder}.yaml"), geography),
        with_values(Parameters(), changes),
        read_timeline(data["timeline"], geography),
        title=data["title"],
        description=data["description"],
        days=data["days"],
        start_date=data["start_date"],
        summer=tuple(data["summer"]),
        judge_day=data["judge_day"],
        event_band=tuple(data["event_band"]),
    )


def minimal(**changes):
    """Five places. Keyword arguments are parameters, with two underscores for the dot: `switches__raids=0`."""
    return changed(shipped("minimal", "minimal"), changes)


def mali(**changes):
    """The Mali scenario, changed in the same way."""
    return changed(shipped("mali_2025", "mali"), changes)


def changed(scenario, changes: Mapping[str, float]):
    return scenario.with_settings({key.replace("__", "."): value for key, value in changes.items()})


def with_forces(scenario, **changes):
    return replace(scenario, forces=replace(scenario.forces, **changes))


def with_timeline(scenario, *entries):
    """The scenario with these entries instead of its own timeline."""
    return replace(scenario, timeline=read_timeline(list(entries), scenario.geography))


def switches():
    return [key for key in infos() if key.startswith("switches.")]


def run(scenario, seed=1, days=None):
    """World, trace and log of one run that went well."""
    world, trace, log = run_compiled(scenario, seed, days or scenario.days)
    assert codes.STATUSES[int(world["run"]["status"][0])] == "ok"
    return world, trace, log


def fresh(scenario, seed=1):
    """A world on the eve of its first day."""
    warm_up()
    return build_world(scenario, seed)


def step(world, days=1):
    """Run a world on for some days; return their events."""
    warm_up()
    from sim.day import run_days

    log = np.zeros(days * 256, EVENT_DTYPE)
    logged = run_days(world, days, np.zeros(0, trace_dtype()), log, 0, STOP)
    return log[:logged]


def live(world, table):
    """The live rows of a table."""
    rows = world[table][0]
    return rows[rows["alive"] > 0]


def by_identity(world, table, *fields):
    """Some fields of the live things of a table, by identity: what two worlds with other slots can share."""
    return {int(row["id"]): tuple(row[f].item() for f in fields) for row in live(world, table)}


def place(scenario, name):
    return scenario.geography.index(name)


def column(trace, name):
    """A column of the trace by place or of the whole country, as floats."""
    return np.asarray(trace[name], dtype=float)


def early(scenario, day=10, days=60, intensity=1.5):
    """The scenario with a campaign in its first weeks, so that short runs see one."""
    return with_timeline(scenario, {"day": day, "action": "campaign", "days": days, "value": intensity})
