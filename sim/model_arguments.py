"""What ``ConflictModel`` is given: seeds in Mesa's ways, parameters by name, agent classes; each checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.agents import AGENT_CLASSES, RowAgent
from sim.parameter_errors import StalemateError, nearest
from sim.run import MAX_SEED
from sim.scenario import whole

KINDS = tuple(AGENT_CLASSES.values())
"""The kinds of agents; a kind's code is its place here."""
_ARGUMENTS = ("scenario", "seed", "rng", "agents", "settings", "days")


class SeedError(StalemateError):
    """Both ``seed`` and ``rng`` were given."""

    def __init__(self) -> None:
        super().__init__("seed, rng: give one of them, not both")


class UnknownArgumentError(StalemateError):
    """A keyword argument that is neither one of the model's nor a parameter's."""

    def __init__(self, name: str) -> None:
        near = nearest(name, _ARGUMENTS)
        hint = f"; did you mean {near!r}?" if near else ""
        super().__init__(f"unknown argument {name!r}{hint}; parameters are given as group__name=value")


class AgentClassError(StalemateError):
    """``agents`` names a class that the model has no agents of, or a replacement that is no subclass of it."""


def seed_of(seed: Any, rng: Any) -> int:
    """Return the seed of a run: the one given, one drawn from the generator given, or one from the system's entropy.

    Raises:
        SeedError, BadCountError: both were given, or something that is no seed.
    """
    if seed is not None and rng is not None:
        raise SeedError
    given = rng if seed is None else seed
    source = isinstance(given, (np.random.Generator, np.random.BitGenerator, np.random.SeedSequence))
    if given is None or source or (isinstance(given, Sequence) and not isinstance(given, str)):
        return int(np.random.default_rng(given).integers(MAX_SEED))
    return whole("seed", int(given) if isinstance(given, np.integer) else given, 0, MAX_SEED)


def keys_of(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters given by name under their keys: ``group__name`` is ``group.name``.

    Raises:
        UnknownArgumentError: a name without two underscores.
    """
    for name in named:
        if "__" not in name:
            raise UnknownArgumentError(name)
    return {name.replace("__", ".", 1): value for name, value in named.items()}


def classes_of(replaced: Mapping[type, type]) -> list[type[RowAgent]]:
    """Return the class of each kind's agents, in the order of the kinds' codes.

    Raises:
        AgentClassError: a kind that does not exist, or a replacement that is no subclass of it.
    """
    names = [kind.__name__ for kind in KINDS]
    for kind, by in replaced.items():
        name = getattr(kind, "__name__", str(kind))
        if kind not in KINDS:
            near = nearest(name, names)
            hint = f"; did you mean {near!r}?" if near else ""
            raise AgentClassError(f"agents: no agent class {name!r}; it takes {', '.join(names)}{hint}")
        if not (isinstance(by, type) and issubclass(by, kind)):
            raise AgentClassError(f"agents: {by!r} cannot stand for {name}; it takes a subclass of {name}")
    return [replaced.get(kind, kind) for kind in KINDS]
