"""What a recording keeps of each day: a snapshot of the columns that people can see, taken when the day has ended.

The camera only reads the world, so a recorded run is the same run, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.world import World

Array = npt.NDArray[Any]
NONE: Final = 255  # no place, no road: −1 of the world in one byte


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of a table of the world is kept.

    Attributes:
        name: in the recording.
        field: in the world.
        kind: numpy type kept; whole numbers wrap, so that −1 becomes the highest.
        scale: unit of what is kept, for values that are no whole numbers; they are cut to the kind's range.
    """

    name: str
    field: str
    kind: str = "u1"
    scale: float = 0.0


_WHERE = (Column("place", "place"), Column("home", "home"), Column("target", "target"), Column("task", "task"))
_CELLS = (
    *_WHERE,
    Column("road", "road"),
    Column("group", "group"),
    Column("size", "fighters", "u2"),
    Column("days_left", "days_left"),
    Column("loss", "recent_loss", "u1", 0.01),
)
_UNITS = (*_WHERE, Column("kind", "kind"), Column("size", "men", "u2"), Column("full", "full_men", "u2"))
_DETACHMENTS = (
    *_WHERE,
    Column("size", "men", "u2"),
    Column("full", "start_men", "u2"),
    Column("readiness", "readiness", "u1", 0.01),
    Column("arrears_days", "arrears_days", "u1", 1.0),
    Column("loss", "recent_loss", "u1", 0.01),
)
_CONVOYS = (
    *_WHERE[:3],
    Column("size", "tankers", "u2"),
    Column("litres", "litres", "u2", 1000.0),
    Column("escort", "escort", "u2"),
    Column("detachment", "detachment", "u2"),
    Column("attacker", "attacker", "u2"),
    Column("primary", "primary"),
)
AGENTS: Final = {"cells": _CELLS, "units": _UNITS, "detachments": _DETACHMENTS, "convoys": _CONVOYS}
PLACES: Final = (
    Column("holder", "holder"),
    Column("served", "served", "u1", 0.01),
    Column("support_insurgents", "support_insurgents", "u1", 0.005),
    Column("support_state", "support_state", "u1", 0.005),
    Column("stock_l", "stock_l", "u4"),
    Column("demand_l", "demand_l", "u4", 1.0),
    Column("truce_until", "truce_until", "u2"),
    Column("contractors", "contractors", "u2"),
)
ROADS: Final = (
    Column("risk", "risk", "u1", 0.002),
    Column("flow", "flow", "u2", 0.1),
    Column("attacked", "attacked_today"),
)
_MARCHING = ("units", "detachments", "convoys")
_IN_FINGERPRINT = ("nation", "campaign", "people", "places", "roads", "cells", "units", "detachments", "convoys")
_ODD: Final = 0x9E3779B97F4A7C15


class Camera:
    """Takes the snapshots of one run.

    Args:
        world: the run's world, which must stay the same array throughout.
        days: most snapshots that will be taken.

    Attributes:
        kept: (table, column) → array of days × rows, in the column's type or, for scaled ones, single precision.
        path_road, path_along: per table of marching things, the road they are on (none: −1) and hours driven on it.
        ids: per table of agents, identity of the thing in each slot, 0 where there is none.
        fingerprint: per day, 32 bits that differ when anything in the state differs, parameters left aside.
        shots: snapshots taken so far.
    """

    def __init__(self, world: World, days: int) -> None:
        self.shots = 0
        self._world = world
        self.kept: dict[tuple[str, str], Array] = {}
        self._copies: dict[str, list[tuple[Array, Array]]] = {}
        for table, columns in {**AGENTS, "places": PLACES, "roads": ROADS}.items():
            for column in columns:
                kind = np.float32 if column.scale else np.dtype(column.kind)
                out = np.zeros((days, world[table].shape[1]), kind)
                self.kept[table, column.name] = out
                self._copies.setdefault(table, []).append((world[table][column.field][0], out))
        self.ids = {table: np.zeros((days, world[table].shape[1]), np.uint64) for table in AGENTS}
        self.path_road = {table: np.zeros((days, world[table].shape[1]), np.int16) for table in _MARCHING}
        self.path_along = {table: np.zeros((days, world[table].shape[1]), np.float32) for table in _MARCHING}
        self.fingerprint = np.zeros(days, np.uint32)
        self._alive = {table: (world[table]["id"][0], world[table]["alive"][0]) for table in AGENTS}
        self._marches = {table: _March(world[table][0]) for table in _MARCHING}
        self._words = {name: _as_words(world[name][0]) for name in _IN_FINGERPRINT}
        sizes = np.cumsum([0, *(words.size for words in self._words.values())])
        weights = _weights(int(sizes[-1]))
        self._weights = {name: weights[at:] for name, at in zip(self._words, sizes, strict=False)}

    def shoot(self) -> None:
        """Keep the day that has just ended."""
        day, top = self.shots, self._tops()
        for table, copies in self._copies.items():
            n = top[table]
            for source, out in copies:
                np.copyto(out[day, :n], source[:n], casting="unsafe")
        for table, (ids, alive) in self._alive.items():
            n = top[table]
            np.multiply(ids[:n], alive[:n] > 0, out=self.ids[table][day, :n])
        for table, march in self._marches.items():
            n = top[table]
            march.look(n, self.path_road[table][day, :n], self.path_along[table][day, :n])
        self.fingerprint[day] = self._sum_up(top)
        self.shots += 1

    def _tops(self) -> dict[str, int]:
        """Return how many rows of each table have ever been in use."""
        run = self._world["run"][0]
        return {
            "places": int(run["n_places"]),
            "roads": int(run["n_roads"]),
            **{t: int(run[f"{t}_top"]) for t in AGENTS},
        }

    def _sum_up(self, top: dict[str, int]) -> int:
        """Return a weighted sum over the 64-bit words of the state, folded to 32 bits."""
        total = 0
        for name, words in self._words.items():
            part = words[: top[name]].reshape(-1) if name in top else words.reshape(-1)
            total += int(np.dot(part, self._weights[name][: part.size]))
        return (total ^ (total >> 32)) & 0xFFFFFFFF


class _March:
    """Where the things of one table are that march along paths of roads."""

    def __init__(self, rows: Array) -> None:
        self._leg, self._legs, self._hours, self._path = (rows[name] for name in ("leg", "legs", "progress_h", "path"))
        self._slots = np.arange(len(rows))
        self._last = self._path.shape[1] - 1

    def look(self, n: int, road: Array, along: Array) -> None:
        """Write the road that each of the first ``n`` is on (none: −1), and the hours driven on it."""
        leg, hours = self._leg[:n], self._hours[:n]
        going = (leg < self._legs[:n]) & (hours > 0.0)
        road[:] = np.where(going, self._path[self._slots[:n], np.minimum(leg, self._last)], -1)
        along[:] = np.where(going, hours, 0.0)


def _as_words(table: Array) -> Array:
    """Return a table as rows of 64-bit words, as a view."""
    rows = np.atleast_1d(table)
    return rows.view(np.uint64).reshape(len(rows), -1)


def _weights(n: int) -> Array:
    """Return ``n`` odd 64-bit numbers, so that no single changed word can leave the sum as it was."""
    steps = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(_ODD)
    return (steps ^ (steps >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) | np.uint64(1)


def numbered(ids: Array) -> Array:
    """Return small numbers for identities: 1, 2, 3 … in order of first appearance in a slot; 0 where there is none.

    Args:
        ids: days × slots, 0 for an empty slot.
    """
    before = np.zeros_like(ids)
    before[1:] = ids[:-1]
    fresh = (ids != before) & (ids != 0)
    number = np.where(fresh, np.cumsum(fresh, dtype=np.uint32).reshape(ids.shape), np.uint32(0))
    filled = np.maximum.accumulate(number, axis=0)
    return np.where(ids != 0, filled, np.uint32(0))
