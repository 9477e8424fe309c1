"""Names and types of what ``stalemate sweep`` adds to a run's configuration: ``sweep`` and ``executor``."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, field
from typing import Any

SWEEP_SCHEMA_NAME = "sweep_schema"


@dataclass
class SweepSchema:
    """What is swept; docs/sweeps.md tells what each part means."""

    grid: dict[str, Any] = field(default_factory=dict)
    zip: dict[str, Any] = field(default_factory=dict)
    list: Any = None
    lhs: dict[str, Any] = field(default_factory=dict)
    sobol: dict[str, Any] = field(default_factory=dict)
    blocks: Any = None
    seeds: Any = 20
    chunk_seconds: float = 2.0
    max_failures: int | None = 20
    daily: bool = False


@dataclass
class ExecutorSchema:
    """Where runs are carried out."""

    name: str | None = None
    workers: int | None = None
    address: str | None = None
    scheduler_file: str | None = None


DESIGN_KEYS = ("grid", "zip", "list", "lhs", "sobol")


def sweep_keys() -> tuple[str, ...]:
    """Return the keys of ``sweep``."""
    return tuple(f.name for f in dataclasses.fields(SweepSchema))


def executor_keys() -> tuple[str, ...]:
    """Return the keys of ``executor``."""
    return tuple(f.name for f in dataclasses.fields(ExecutorSchema))


@functools.cache
def sweep_root_schema() -> type:
    """Return the root dataclass: all of a run's keys, ``sweep`` and ``executor``."""
    from experiments.schema import run_schema

    added: list[Any] = [
        ("sweep", SweepSchema, field(default_factory=SweepSchema)),
        ("executor", ExecutorSchema, field(default_factory=ExecutorSchema)),
    ]
    return dataclasses.make_dataclass("SweepRootSchema", added, bases=(run_schema(),))


def register() -> None:
    """Store the schema where Hydra looks for it; doing so twice changes nothing."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name=SWEEP_SCHEMA_NAME, node=sweep_root_schema(), provider="stalemate")
