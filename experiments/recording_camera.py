"""What a recording keeps of each day: a snapshot of the columns that people can see, taken when the day has ended.

The camera only reads the world, so a recorded run is the same run, bit for bit.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.recording_eye import I_TARGET, KINDS, M_TARGET, TARGET, VIEWS, keep_day
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


@dataclass(frozen=True)
class Layout:
    """What goes where in recordings of worlds of one shape; the same for every run, so it is made once.

    Attributes:
        tables: tables by name, in the order in which their tops are kept.
        rows: of each table.
        compiled: what :func:`experiments.recording_eye.keep_day` takes.
        columns: (table, column) → kind, and the column's first element in the kind's store, for one day.
        sizes: elements a day, by kind.
        numbers, paths: first element of each table's numbers and paths, for one day.
    """

    tables: dict[str, int]
    rows: dict[str, int]
    compiled: tuple[Array, ...]
    columns: dict[tuple[str, str], tuple[str, int]]
    sizes: dict[str, int]
    numbers: dict[str, int]
    paths: dict[str, int]


class Camera:
    """Takes the snapshots of one run.

    Args:
        world: the run's world, which must stay the same array throughout.
        days: most snapshots that will be taken.

    Attributes:
        kept: (table, column) → array of days × rows, in the column's kind or, for scaled ones, single precision.
        path_road, path_along: per table of marching things, the road they are on (none: −1) and hours driven on it.
        numbers: per table of agents, a small number for the thing in each slot: 1, 2, 3 … in order of first appearance,
            0 where there is none.
        fingerprint: per day, 32 bits that differ when anything in the state differs, parameters left aside.
        shots: snapshots taken so far.
    """

    def __init__(self, world: World, days: int) -> None:
        self.shots = 0
        layout = layout_of(world.dtype)
        views = [world.view(kind) for kind in VIEWS]  # u8 is read as i8; only equality counts
        stores = {kind: np.zeros(days * size, kind) for kind, size in layout.sizes.items()}
        self.kept = {
            (table, name): _days(stores[kind], at, days, layout.rows[table])
            for (table, name), (kind, at) in layout.columns.items()
        }
        slots = sum(layout.rows[table] for table in AGENTS)
        line = np.zeros(days * slots, np.uint32)
        road, along = _path_stores(layout, days)
        self.numbers = {table: _days(line, at, days, layout.rows[table]) for table, at in layout.numbers.items()}
        self.path_road = {table: _days(road, at, days, layout.rows[table]) for table, at in layout.paths.items()}
        self.path_along = {table: _days(along, at, days, layout.rows[table]) for table, at in layout.paths.items()}
        self.fingerprint = np.zeros(days, np.uint32)
        numbering = (np.zeros(slots, np.int64), np.zeros(slots, np.uint32), np.zeros(len(AGENTS), np.int64), line)
        compiled = _for_days(layout.compiled, days)
        kept = [stores[kind] for kind in KINDS]
        self._arrays = (*views, *compiled, *numbering, *kept, road, along, self.fingerprint)

    def shoot(self) -> None:
        """Keep the day that has just ended."""
        keep_day(self.shots, *self._arrays)
        self.shots += 1


def _days(store: Array, at: int, days: int, rows: int) -> Array:
    """Return one column of a store as days × rows; ``at`` counts for a recording of one day."""
    return store[at * days : (at + rows) * days].reshape(days, rows)


def _path_stores(layout: Layout, days: int) -> tuple[Array, Array]:
    size = days * sum(layout.rows[table] for table in _MARCHING)
    return np.zeros(size, np.int16), np.zeros(size, np.float32)


def _for_days(compiled: tuple[Array, ...], days: int) -> tuple[Array, ...]:
    """Return plans whose targets, made for one day, leave room for many, and room for the tops."""
    tops, plan, ids, marches, *rest = compiled
    plan, ids, marches = plan.copy(), ids.copy(), marches.copy()
    plan[:, TARGET] *= days
    ids[:, I_TARGET] *= days
    marches[:, M_TARGET] *= days
    return tops, np.zeros_like(tops), plan, ids, marches, *rest


@functools.lru_cache(maxsize=8)
def layout_of(kind: np.dtype[Any]) -> Layout:
    """Return what goes where for worlds of one record type."""
    tables = {table: k for k, table in enumerate((*AGENTS, "places", "roads"))}
    rows = {table: int(kind[table].shape[0]) for table in tables}
    names = [f"n_{table}" if table in ("places", "roads") else f"{table}_top" for table in tables]
    tops = np.array([_column(kind, "run", name, "i8")[0] for name in names])
    plan, columns, sizes = _plan_of_columns(kind, tables, rows)
    numbers, paths = _starts(rows, AGENTS), _starts(rows, _MARCHING)
    ids = np.array([_identity(kind, table, tables[table], numbers[table]) for table in AGENTS])
    marches = np.array([_march(kind, table, tables[table], paths[table]) for table in _MARCHING])
    compiled = (tops, plan, ids, marches, *_words_of_sum(kind, tables))
    return Layout(tables, rows, compiled, columns, sizes, numbers, paths)


def _starts(rows: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Return where each table begins when all are laid one after the other, a day long."""
    found, at = {}, 0
    for name in names:
        found[name] = at
        at += rows[name]
    return found


def _plan_of_columns(
    kind: np.dtype[Any], tables: Mapping[str, int], rows: Mapping[str, int]
) -> tuple[Array, dict[tuple[str, str], tuple[str, int]], dict[str, int]]:
    plan: list[list[int]] = []
    sizes = dict.fromkeys(KINDS, 0)
    columns: dict[tuple[str, str], tuple[str, int]] = {}
    for table, wanted in {**AGENTS, "places": PLACES, "roads": ROADS}.items():
        for column in wanted:
            where = [*_column(kind, table, column.field), VIEWS.index(_type(kind, table, column.field))]
            store = "f4" if column.scale else column.kind
            plan.append([tables[table], *where, KINDS.index(store), sizes[store], rows[table]])
            columns[table, column.name] = (store, sizes[store])
            sizes[store] += rows[table]
    return np.array(plan), columns, sizes


def _identity(kind: np.dtype[Any], table: str, index: int, at: int) -> list[int]:
    where = [*_column(kind, table, "id", "i8"), *_column(kind, table, "alive", "i4")]
    return [index, *where, at, int(kind[table].shape[0]), at]


def _march(kind: np.dtype[Any], table: str, index: int, at: int) -> list[int]:
    """Return where a table's things keep what their march is."""
    leg, (legs, stride_4) = _column(kind, table, "leg", "i4")[0], _column(kind, table, "legs", "i4")
    where = [leg, legs, stride_4, *_column(kind, table, "progress_h", "f8"), *_column(kind, table, "path", "i2")]
    return [index, *where, int(kind[table].base["path"].shape[0]), at, int(kind[table].shape[0])]


def _words_of_sum(kind: np.dtype[Any], tables: Mapping[str, int]) -> tuple[Array, Array]:
    """Return which words the fingerprint sums up, and with which weights; gaps between fields are always zero."""
    spans, at = [], 0
    for name in _IN_FINGERPRINT:
        width, rows = kind[name].base.itemsize // 8, int(np.prod(kind[name].shape, dtype=int))
        spans.append([tables.get(name, -1), _offset(kind, name) // 8, width, rows, at])
        at += rows * width
    return np.array(spans), _weights(at).view(np.int64)


def _column(kind: np.dtype[Any], table: str, field: str, expected: str = "") -> tuple[int, int]:
    """Return a field's first element, and the elements from row to row, in the view of its type."""
    found = _type(kind, table, field)
    assert expected in ("", found), f"{table}.{field} is {found}; the eye reads it as {expected}"
    width = int(found[1:])
    at = _offset(kind, table) + _offset(kind[table].base, field)
    return at // width, kind[table].base.itemsize // width


def _type(kind: np.dtype[Any], table: str, field: str) -> str:
    """Return as what a field is read: one of VIEWS."""
    return str(kind[table].base[field].base.str[1:]).replace("u", "i")


def _offset(kind: np.dtype[Any], field: str) -> int:
    """Return the byte at which a field of a record begins."""
    assert kind.fields is not None
    return int(kind.fields[field][1])


def _weights(n: int) -> Array:
    """Return ``n`` odd 64-bit numbers, so that no single changed word can leave the sum as it was."""
    steps = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(_ODD)
    return (steps ^ (steps >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) | np.uint64(1)
