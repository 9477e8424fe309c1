"""What a recording keeps of each day: a snapshot of the columns that people can see, taken when the day has ended.

The camera only reads the world, so a recorded run is the same run, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.recording_eye import KINDS, M_TARGET, keep_columns, keep_ids, keep_marches, sum_up
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
        self._source = world
        self._world = np.zeros(
            1, _wide(world.dtype[["run", *_IN_FINGERPRINT]])
        )  # rows hold small integers; words do not
        self._whole, self._real = self._world.view(np.int64), self._world.view(np.float64)
        self._tables = {table: k for k, table in enumerate((*AGENTS, "places", "roads"))}
        self._top_words = self._lay_out_tops()
        self._stores: dict[str, Array] = {}
        self.kept: dict[tuple[str, str], Array] = {}
        self._plan = self._lay_out_columns(days)
        self.ids, self._ids, self._id_plan, self._alive = self._lay_out_ids(days)
        self._marches = np.array([self._march(table) for table in _MARCHING])
        self.path_road, self._road = self._lay_out_paths(days, np.int16)
        self.path_along, self._along = self._lay_out_paths(days, np.float32)
        self.fingerprint = np.zeros(days, np.uint32)
        self._spans, self._weights = self._lay_out_words()

    def shoot(self) -> None:
        """Keep the day that has just ended."""
        for name in ("run", *_IN_FINGERPRINT):
            n = int(self._source["run"][f"{name}_top"][0]) if name in AGENTS else None
            rows = slice(None) if n is None else (0, slice(n))
            self._world[name][rows] = self._source[name][rows]
        day, tops = self.shots, self._tops()
        keep_columns(self._whole, self._real, self._plan, tops, day, *(self._stores[kind] for kind in KINDS))
        keep_ids(self._whole, self._id_plan, self._alive, tops, day, self._ids)
        keep_marches(self._whole, self._real, self._marches, tops, day, self._road, self._along)
        self.fingerprint[day] = sum_up(self._whole, self._spans, tops, self._weights)
        self.shots += 1

    def _tops(self) -> Array:
        """Return how many rows of each table have ever been in use."""
        tops: Array = self._whole[self._top_words]
        return tops

    def _lay_out_tops(self) -> Array:
        """Return the words of the world that say how many rows of each table are in use."""
        names = [f"n_{table}" if table in ("places", "roads") else f"{table}_top" for table in self._tables]
        return np.array([self._words("run", name)[0] for name in names])

    def _words(self, table: str, field: str = "") -> tuple[int, int, bool]:
        """Return a column's first word in the world, its words from row to row, and whether it is real."""
        kind = self._world.dtype[table].base
        at = _offset(self._world.dtype, table) + (_offset(kind, field) if field else 0)
        return at // 8, kind.itemsize // 8, bool(field) and kind[field].base.kind == "f"

    def _rows(self, table: str) -> int:
        return int(self._world[table].shape[1])

    def _lay_out_columns(self, days: int) -> Array:
        """Make the stores, a view on them for each column, and the plan of what goes where."""
        plan: list[list[int]] = []
        sizes = dict.fromkeys(KINDS, 0)
        shapes: dict[tuple[str, str], tuple[str, int, int]] = {}
        for table, columns in {**AGENTS, "places": PLACES, "roads": ROADS}.items():
            rows = self._rows(table)
            for column in columns:
                first, stride, real = self._words(table, column.field)
                kind = "f4" if column.scale else column.kind
                plan.append([self._tables[table], first, stride, int(real), KINDS.index(kind), sizes[kind], rows])
                shapes[table, column.name] = (kind, sizes[kind], rows)
                sizes[kind] += days * rows
        self._stores = {kind: np.zeros(size, kind) for kind, size in sizes.items()}
        for key, (kind, at, rows) in shapes.items():
            self.kept[key] = self._stores[kind][at : at + days * rows].reshape(days, rows)
        return np.array(plan)

    def _lay_out_ids(self, days: int) -> tuple[dict[str, Array], Array, Array, Array]:
        """Return identities by table (views), their store, the plan of what goes where, and the words of ``alive``."""
        rows = {table: self._rows(table) for table in AGENTS}
        starts = dict(zip(rows, np.cumsum([0, *(days * n for n in rows.values())]).tolist(), strict=False))
        store = np.zeros(days * sum(rows.values()), np.int64)
        views = {t: store[starts[t] : starts[t] + days * n].reshape(days, n).view(np.uint64) for t, n in rows.items()}
        words = {table: self._words(table, "id") for table in AGENTS}
        plan = [[self._tables[t], words[t][0], words[t][1], 0, 0, starts[t], rows[t]] for t in AGENTS]
        alive = [self._words(table, "alive")[0] for table in AGENTS]
        return views, store, np.array(plan), np.array(alive)

    def _march(self, table: str) -> list[int]:
        """Return where a table's things keep what their march is, as words of a row; the target comes later."""
        first, stride, _ = self._words(table)
        fields = [self._words(table, name)[0] - first for name in ("leg", "legs", "progress_h", "path")]
        longest = int(self._world[table]["path"].shape[-1])
        return [self._tables[table], first, stride, *fields, longest, 0, self._rows(table)]

    def _lay_out_paths(self, days: int, kind: type) -> tuple[dict[str, Array], Array]:
        """Return an array of days × rows for each marching table, and the store that they are views of."""
        rows = {table: self._rows(table) for table in _MARCHING}
        store: Array = np.zeros(days * sum(rows.values()), kind)
        views, at = {}, 0
        for k, (table, n) in enumerate(rows.items()):
            self._marches[k, M_TARGET] = at
            views[table] = store[at : at + days * n].reshape(days, n)
            at += days * n
        return views, store

    def _lay_out_words(self) -> tuple[Array, Array]:
        """Return which words the fingerprint sums up, and with which weights."""
        spans, at = [], 0
        for name in _IN_FINGERPRINT:
            first, width, _ = self._words(name)
            rows = self._world[name][0].size
            spans.append([self._tables.get(name, -1), first, width, rows, at])
            at += rows * width
        return np.array(spans), _weights(at).view(np.int64)


def _wide(kind: np.dtype[Any]) -> np.dtype[Any]:
    """Return a record type with every field widened to 64 bits."""
    if kind.subdtype is not None:
        return np.dtype((_wide(kind.base), kind.shape))
    if kind.names is not None:
        return np.dtype([(name, _wide(kind[name])) for name in kind.names])
    return np.dtype("i8") if kind.kind == "i" else kind


def _offset(kind: np.dtype[Any], field: str) -> int:
    """Return the byte at which a field of a record begins."""
    assert kind.fields is not None
    return int(kind.fields[field][1])


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
