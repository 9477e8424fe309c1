"""What a run is, as plain data, and the id that stands for it: configuration, seed and version, not the driver."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sim
from experiments.paths import conf_dir
from sim.geography import Geography
from sim.scenario import Entry, Scenario, Station

_HEAD = ("title", "description", "start_date", "days", "summer", "judge_day", "event_band")
_TABLES = ("places.csv", "roads.csv")


def resolved(scenario: Scenario, digest: str | None = None) -> dict[str, Any]:
    """Return a scenario as plain data that :func:`experiments.compose.read_scenario` reads back.

    It is made from the scenario and not from what was typed, so that ``500`` and ``500.0`` are the same run.

    Args:
        scenario: what to tell.
        digest: of the geography's tables, where they cannot be read; None: read them.
    """
    data: dict[str, Any] = {"scenario": scenario.name}
    for key in _HEAD:
        value = getattr(scenario, key)
        data[key] = list(value) if isinstance(value, tuple) else value
    data["geography"] = _geography(scenario.geography, digest)
    data["force"] = _forces(scenario)
    data["timeline"] = {f"entry_{k:02d}": _entry(entry) for k, entry in enumerate(scenario.timeline, 1)}
    data.update(dataclasses.asdict(scenario.parameters))
    return data


def _geography(geography: Geography, digest: str | None) -> dict[str, str]:
    folder = geography.folder
    if folder is None:
        return {"folder": geography.name, "digest": ""}
    shipped = folder.resolve().parent == (conf_dir() / "geography").resolve()
    return {
        "folder": geography.name if shipped else str(folder.resolve()),
        "digest": geography_digest(folder) if digest is None else digest,
    }


def geography_digest(folder: Path) -> str:
    """Return 16 hex digits over the tables of a geography."""
    digest = hashlib.blake2b(digest_size=8)
    for name in _TABLES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _forces(scenario: Scenario) -> dict[str, Any]:
    forces = scenario.forces
    data: dict[str, Any] = {"groups": {group.name: dict(group.cells) for group in forces.groups}}
    for f in dataclasses.fields(forces):
        value = getattr(forces, f.name)
        if f.name in ("columns", "escorts"):
            data[f.name] = _stations(value)
        elif f.name == "suppliers":
            data[f.name] = {place: dataclasses.asdict(supplier) for place, supplier in value.items()}
        elif f.name != "groups":
            plain = dict(value) if isinstance(value, Mapping) else value
            data[f.name] = list(plain) if isinstance(plain, tuple) else plain
    return data


def _stations(stations: tuple[Station, ...]) -> dict[str, dict[str, int]]:
    return {s.place: {"count": s.count, "men": s.men} for s in stations}


def _entry(entry: Entry) -> dict[str, Any]:
    """Return an entry without the fields that its action does not use."""
    return {
        key: value
        for key, value in dataclasses.asdict(entry).items()
        if value not in ("", 0) or key in ("day", "value")
    }


def run_id(scenario: Scenario, seed: int, agents: Mapping[str, str] | None = None) -> str:
    """Return the id of a run: the scenario's name, the seed, and ten hex digits.

    The digits hash the resolved configuration (a geography by its tables, not by where they lie), the seed, the version
    of this package, and the source of agent classes that were put in. The driver is left out, since both give the same
    run; so is the source of the model, since the manifest keeps that and a change of it re-runs under the same id.

    Args:
        scenario: what is run.
        seed: of all draws.
        agents: by kind of agent, what identifies the class put in its place.
    """
    return run_ids(scenario, [seed], agents)[0]


def run_ids(
    scenario: Scenario, seeds: Sequence[int], agents: Mapping[str, str] | None = None, digest: str | None = None
) -> list[str]:
    """Return the ids of several seeds' runs.

    Args:
        scenario: what is run.
        seeds: of all draws.
        agents: by kind of agent, what identifies the class put in its place.
        digest: of the geography's tables, where they cannot be read (on another computer); None: read them.
    """
    data = resolved(scenario, digest)
    data["geography"] = {"name": scenario.geography.name, "digest": data["geography"]["digest"]}
    tail = json.dumps({"configuration": data, "agents": dict(agents or {})})[1:]
    name = re.sub(r"[^0-9A-Za-z_]+", "_", scenario.name)
    found = []
    for seed in seeds:
        head = json.dumps({"version": sim.__version__, "seed": seed})[:-1]
        digits = hashlib.blake2b(f"{head}, {tail}".encode(), digest_size=5).hexdigest()
        found.append(f"{name}-{seed}-{digits}")
    return found
