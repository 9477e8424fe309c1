"""Names and types of every configuration key: plain dataclasses that Hydra merges the YAML files into.

The nine groups of parameters are generated from :class:`sim.parameters.Parameters`, so that a parameter is still
declared once. Ranges are not checked here but by `sim`, which knows them.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, field
from typing import Any

from experiments.paths import conf_dir
from sim.parameters import Parameters

MISSING: Any = "???"  # omegaconf.MISSING, without its import: most commands compose nothing anew
SCHEMA_NAME = "schema"
AGENT_KINDS = ("cell", "unit", "detachment", "convoy")


@dataclass
class GeographySchema:
    """Which geography: a folder's name, or a path."""

    folder: str = MISSING


@dataclass
class ForceSchema:
    """See :class:`sim.scenario.Forces`; null stands for "none".

    What stands by place is a plain dictionary, read and checked by `sim`: OmegaConf refuses 35 for 35.0 in nested ones,
    and cannot set a whole dataclass from the command line.
    """

    groups: dict[str, Any] | None = None
    garrisons: dict[str, Any] | None = None
    columns: dict[str, Any] | None = None
    escorts: dict[str, Any] | None = None
    detachments: dict[str, Any] | None = None
    support_insurgents: dict[str, Any] | None = None
    support_state: dict[str, Any] | None = None
    neighbour_countries: list[str] | None = None
    second_base: str | None = None
    civil_l_per_person: float = 0.68
    opening_stock_days: float = 7.0
    suppliers: dict[str, Any] | None = None


@dataclass
class AgentsSchema:
    """Agent classes of the reader's own, as ``module:Class``; they select the Mesa driver."""

    cell: str | None = None
    unit: str | None = None
    detachment: str | None = None
    convoy: str | None = None


# Order matters only to readers of the resolved configuration: what a run is, then forces, then parameters.
_PLAIN: list[tuple[str, Any, Any]] = [
    ("title", str, ""),
    ("description", str, ""),
    ("start_date", str, "2025-01-01"),
    ("days", int, 540),
    ("summer", list[int], field(default_factory=lambda: [151, 242])),
    ("judge_day", int, 482),
    ("event_band", list[float], field(default_factory=lambda: [5.0, 60.0])),
    ("seed", int, 1),
    ("driver", str | None, None),
    ("agents", AgentsSchema, field(default_factory=AgentsSchema)),
    ("geography", GeographySchema, field(default_factory=GeographySchema)),
    ("force", ForceSchema, field(default_factory=ForceSchema)),
    ("timeline", dict[str, Any] | None, field(default_factory=dict)),
]


@functools.cache
def run_schema() -> type:
    """Return the root dataclass: the plain keys, then one dataclass for each group of parameters."""
    groups = []
    for group in dataclasses.fields(Parameters):
        keys = [(f.name, float, f.default) for f in dataclasses.fields(group.default_factory)]  # type: ignore[arg-type]
        made = dataclasses.make_dataclass(f"{group.name.capitalize()}Schema", keys)
        groups.append((group.name, made, field(default_factory=made)))
    return dataclasses.make_dataclass("RunSchema", [*_PLAIN, *groups])


def plain_keys() -> tuple[str, ...]:
    """Return the top-level keys that are no group of parameters."""
    return tuple(name for name, _, _ in _PLAIN)


def is_run_setting(key: str) -> bool:
    """Return whether a key is a setting of a run (``days``, ``force.groups``, ``scenario``) and no parameter."""
    return key.partition(".")[0] in ("scenario", *plain_keys())


def force_keys() -> tuple[str, ...]:
    """Return the keys of ``force``."""
    return tuple(f.name for f in dataclasses.fields(ForceSchema))


def force_tables() -> tuple[str, ...]:
    """Return the keys of ``force`` that hold values by name."""
    return tuple(f.name for f in dataclasses.fields(ForceSchema) if "dict" in str(f.type))


def shipped_root(stem: str = "config") -> str:
    """Return the name under which :func:`register` stores a root file of the shipped configuration."""
    return f"shipped_{stem}"


def register() -> None:
    """Store the schema where Hydra looks for it; doing so twice changes nothing.

    The shipped root files (``config.yaml`` and its like) are stored too. Hydra looks for a root file before it reads
    its search path, so with a reader's own folder in front it would not find one in the folder behind; the store it
    always sees. There they have other names, since Hydra takes a stored configuration of a file's name for its schema.
    """
    from hydra.core.config_store import ConfigStore
    from omegaconf import OmegaConf

    store = ConfigStore.instance()
    store.store(name=SCHEMA_NAME, node=run_schema(), provider="stalemate")
    for path in sorted(conf_dir().glob("*.yaml")):
        store.store(name=shipped_root(path.stem), node=OmegaConf.load(path), provider="stalemate")
