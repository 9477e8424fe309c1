"""What the checks share: a bare world for single rules, threads over pieces of work, and the form of a finding."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sim.parameters import Parameters, flatten, infos, setting_index
from sim.world import STANDARD, Capacity, World, empty_world

T = TypeVar("T")
U = TypeVar("U")

MOST_SIGMA = 4.0
"""A check fails where model and theory are further apart than this many standard errors: with a hundred comparisons,
luck alone does so once in 150 times."""


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes:
        id: a short name.
        title: what is compared with what.
        n: how many fights, groups or runs stand behind it, in words.
        passed: whether it agrees; None where it is only reported.
        found: the finding in one line.
        columns, rows: the table behind it.
        note: what a reader must know to read the table; may be empty.
        seconds: how long it took.
    """

    id: str
    title: str
    n: str
    passed: bool | None
    found: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""
    seconds: float = field(default=0.0, compare=False)


def bare_world(settings: Mapping[str, float], seed: int, size: Capacity = STANDARD) -> World:
    """Return an empty world with the default parameters, some of them set; values may leave their ranges.

    The limits of the closed forms (rounds of no length, pools without end) lie outside what a scenario may ask for.
    """
    world = empty_world(size)
    defaults = flatten(Parameters())
    world["settings"][0] = [defaults[key] for key in infos()]
    for key, value in settings.items():
        world["settings"][0, setting_index()[key]] = value
    world["run"]["seed"] = seed
    world["run"]["day"] = -1
    return world


def spread(work: Callable[[T], U], pieces: Sequence[T]) -> list[U]:
    """Do the pieces of work on all cores, in threads (the rules let go of Python's lock); results in their order."""
    with ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        return list(pool.map(work, pieces))


def sigmas(model: float, theory: float, error: float) -> float:
    """Return how many standard errors a model's value lies from theory; 0 where both are the same, error or not."""
    if math.isclose(model, theory, rel_tol=1e-9, abs_tol=1e-12):
        return 0.0
    return (model - theory) / error if error > 0 else math.inf
