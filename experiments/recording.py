"""The recorded run: one JSON document that the player shows, in reports, lessons and the classroom alike.

The format is described in docs/recording.md. Everything that happens is kept as numbers and codes; the player turns
them into words, so that one recording is read in every language.
"""

from __future__ import annotations

import base64
import functools
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import sim
from experiments.player_bundle import for_script
from experiments.recording_camera import AGENTS, NONE, PLACES, ROADS, Camera
from experiments.recording_map import map_of, places_of, roads_of
from experiments.story import CANNOT_TELL, tell
from experiments.strict_json import NotFiniteError
from sim import codes
from sim.geography import Geography
from sim.jit import source_hash
from sim.parameter_errors import StalemateError
from sim.run import MAX_SEED, RunResult, finish, first_log, with_room
from sim.scenario import Scenario, check_days, whole
from sim.setup import build_world
from sim.trace import COLUMNS, trace_dtype
from sim.world import size_of

Array = npt.NDArray[Any]
Document = dict[str, Any]

FORMAT: Final = "stalemate-recording"
FORMAT_VERSION: Final = 1
MOST_DAYS: Final = 3660
_REPORT_DAYS = 30
_GROUND: Final = ("map", "places", "roads", "groups", "codes")
_CODES: Final = {
    "sides": codes.SIDES,
    "cell_tasks": codes.CELL_TASKS,
    "unit_kinds": codes.UNIT_KINDS,
    "unit_tasks": codes.UNIT_TASKS,
    "holders": codes.HOLDERS,
    "place_kinds": codes.PLACE_KINDS,
    "event_kinds": codes.EVENT_KINDS,
}


class TooLongToRecordError(StalemateError):
    """A run with more days than a recording holds."""

    def __init__(self, days: int) -> None:
        super().__init__(f"days: {days} is too long to be recorded; a recording takes at most {MOST_DAYS}")


@dataclass(frozen=True)
class Change:
    """One setting that differs from what the run is compared with.

    Attributes:
        key: the parameter.
        value: what it is now.
        was: what it was, or None if that is not one number.
        day: from which day on.
    """

    key: str
    value: float
    was: float | None = None
    day: int = 0


@dataclass(frozen=True)
class Recorded:
    """A finished run and its snapshots; none if it is too long to be recorded (:func:`record_if_short`)."""

    result: RunResult
    camera: Camera | None = field(repr=False)


def record(
    scenario: Scenario,
    seed: int = 1,
    days: int | None = None,
    driver: str = "compiled",
    agents: Mapping[type, type] | None = None,
    on_day: Callable[[int], None] | None = None,
    stop: Array | None = None,
) -> Recorded:
    """Run one scenario with one seed, as :func:`sim.simulate` does, and keep every day.

    The result is that of the run without a camera, bit for bit. ``stop`` is a one-byte array that another thread may
    set to end the run with its day (compiled driver only).

    Raises:
        TooLongToRecordError: more days than a recording holds.
        StalemateError: as :func:`sim.simulate`.
    """
    seed = whole("seed", seed, 0, MAX_SEED)
    days = check_days(scenario.days if days is None else days)
    if days > MOST_DAYS:
        raise TooLongToRecordError(days)
    if driver == "mesa":
        return _record_mesa(scenario, seed, days, agents, on_day)
    return _record_compiled(scenario, seed, days, on_day, np.zeros(1, np.uint8) if stop is None else stop)


def record_if_short(
    scenario: Scenario,
    seed: int,
    driver: str = "compiled",
    agents: Mapping[type, type] | None = None,
    on_day: Callable[[int], None] | None = None,
) -> Recorded:
    """Run as :func:`record` does, but without snapshots where there would be too many."""
    if scenario.days > MOST_DAYS:
        return Recorded(sim.simulate(scenario, seed, driver=driver, agents=agents, on_day=on_day), None)
    return record(scenario, seed, driver=driver, agents=agents, on_day=on_day)


def _record_compiled(
    scenario: Scenario, seed: int, days: int, on_day: Callable[[int], None] | None, stop: Array
) -> Recorded:
    from sim.warm import warm_up

    warm_up()
    from sim.day import run_days

    world = build_world(scenario, seed)
    camera = Camera(world, days)
    trace = np.zeros(days, trace_dtype(size_of(world)))
    log = first_log(days)
    logged = 0
    for day in range(days):
        log = with_room(log, logged, world["today"].shape[1])
        logged = run_days(world, 1, trace, log, logged, stop)
        if stop[0]:
            break
        camera.shoot()
        if on_day is not None and (day + 1) % _REPORT_DAYS == 0:
            on_day(day + 1)
    return Recorded(finish(scenario, seed, world, trace, log[:logged]), camera)


def _record_mesa(
    scenario: Scenario,
    seed: int,
    days: int,
    agents: Mapping[type, type] | None,
    on_day: Callable[[int], None] | None,
) -> Recorded:
    from sim.model import ConflictModel

    model = ConflictModel(scenario=scenario, seed=seed, agents=agents, days=days)
    camera = Camera(model.world, days)
    while model.running:
        model.step()
        camera.shoot()
        if on_day is not None:
            on_day(model.day + 1)
    return Recorded(model.result(), camera)


def document(
    recorded: Recorded,
    *,
    run_id: str = "",
    label: str = "",
    changes: Sequence[Change] = (),
    level: int | None = 6,
) -> Document:
    """Return the recorded run as plain data for JSON (docs/recording.md).

    Args:
        recorded: what :func:`record` returned.
        run_id: the run's id, if it has one.
        label: a name that tells it from another one beside it.
        changes: what differs from the run it is compared with.
        level: of compression, up to 9; None: looks for nothing but repetitions, in a quarter of the time of 6, and
            packs a twentieth worse.

    Raises:
        TooLongToRecordError: there are no snapshots.
        NotFiniteError: a number of the run is NaN or infinite.
    """
    head, block = head_and_block(recorded)
    said = {"run_id": run_id, "label": label, "changes": [vars(change) for change in changes]}
    data = base64.b64encode(_packed(block, level)).decode("ascii")
    return {**head, **said, **ground_of(recorded.result.scenario), "data": data}


def _packed(block: bytes, level: int | None) -> bytes:
    if level is not None:
        return zlib.compress(block, level)
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS, memLevel=9, strategy=zlib.Z_RLE)
    return packer.compress(block) + packer.flush()


def head_and_block(recorded: Recorded) -> tuple[Document, bytes]:
    """Return what a recording says of its run, without its ground, and its arrays as one block of bytes.

    Raises:
        TooLongToRecordError: there are no snapshots.
        NotFiniteError: a number of the run is NaN or infinite.
    """
    result, camera = recorded.result, recorded.camera
    if camera is None:
        raise TooLongToRecordError(len(result.trace))
    scenario, summary = result.scenario, result.summary
    store = _Store()
    tables = _tables(result, camera, store)
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "run_id": "",
        "label": "",
        "scenario": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "seed": str(result.seed),
        "days": len(result.trace),
        "start_date": scenario.start_date,
        "version": sim.__version__,
        "source_hash": source_hash(),
        "world_hash": summary["world_hash"],
        "changes": [],
        "summary": {**summary, "seed": str(result.seed)},
        "story": tell(result),
        "cannot_tell": CANNOT_TELL,
        "tables": tables,
    }
    return head, store.block()


def _refuse_what_is_not_finite(trace: Array) -> None:
    """Raise NotFiniteError, with column and day, for a run that has gone out of bounds: it cannot be scaled."""
    for name in COLUMNS:
        days = np.flatnonzero(~np.isfinite(trace[name]))
        if len(days):
            raise NotFiniteError("recording", f"{name} on day {days[0]}", float(trace[name][days[0]]))


def _tables(result: RunResult, camera: Camera, store: _Store) -> Document:
    _refuse_what_is_not_finite(result.trace)
    geography = result.scenario.geography
    return {
        "series": {name: store.add_series(result.trace[name]) for name in COLUMNS if name != "day"},
        **_agents(camera, result.scenario, store),
        "places": _table(camera, "places", len(geography.places), store),
        "roads": _table(camera, "roads", len(geography.roads), store),
        "fingerprint": store.add(camera.fingerprint[: camera.shots]),
        "events": _events(result.log, store),
    }


@functools.lru_cache(maxsize=8)
def _map(geography: Geography) -> Document:
    """Return what a recording says of its geography; all recordings of one share it, so nobody may change it."""
    return {"map": map_of(geography), "places": places_of(geography), "roads": roads_of(geography)}


def without_ground(data: Document) -> Document:
    """Return a recording without what all recordings of one geography share, for pages that hold many of them.

    The player takes what is missing from its option ``ground``, see :func:`ground`.
    """
    return {key: value for key, value in data.items() if key not in _GROUND}


def ground(data: Document) -> Document:
    """Return what all recordings of one geography share."""
    return {key: data[key] for key in _GROUND}


def ground_of(scenario: Scenario) -> Document:
    """Return what all recordings of a scenario share, without one at hand."""
    groups = [group.name for group in scenario.forces.groups]
    return {
        "codes": {name: list(words) for name, words in _CODES.items()},
        "groups": groups,
        **_map(scenario.geography),
    }


def to_json(data: Document) -> str:
    """Return a recording as compact JSON that may stand in a script element: no ``<`` occurs in it."""
    return for_script(data)


class _Store:
    """All arrays of a recording in one block of bytes: each as differences from day to day, then all compressed."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, values: Array, scale: float = 1.0) -> Document:
        """Keep whole numbers; return where and how, as the player reads it."""
        kept = np.ascontiguousarray(values)
        steps = kept.copy()
        steps[1:] -= kept[:-1]
        data = steps.astype(steps.dtype.newbyteorder("<"), copy=False).tobytes()
        entry: Document = {"type": kept.dtype.str[1:], "shape": list(kept.shape), "at": self._size}
        if scale != 1.0:
            entry["scale"] = scale
        self._parts += [data, bytes(-len(data) % 4)]
        self._size += len(data) + (-len(data) % 4)
        return entry

    def add_series(self, values: Array) -> Document:
        """Keep one number a day: exactly where they are small whole numbers, else in 65,535 steps to the largest."""
        top = float(values.max(initial=0.0))
        if top < 65536 and bool(np.all((values >= 0) & (values == np.floor(values)))):
            return self.add(values.astype(np.uint16))
        low = min(0.0, float(values.min(initial=0.0)))
        scale = (top - low) / 65535 or 1.0
        entry = self.add(np.rint((values - low) / scale).astype(np.uint16), scale)
        return {**entry, "low": low} if low else entry

    def block(self) -> bytes:
        """Return everything kept, one after the other."""
        return b"".join(self._parts)


def _table(camera: Camera, table: str, rows: int, store: _Store) -> Document:
    columns = {**AGENTS, "places": PLACES, "roads": ROADS}[table]
    found = {}
    for column in columns:
        values = camera.kept[table, column.name][: camera.shots, :rows]
        if column.scale:
            values = _scaled(values, column.kind, column.scale)
        found[column.name] = store.add(values, column.scale or 1.0)
    return found


def _scaled(values: Array, kind: str, scale: float) -> Array:
    """Return values in steps of ``scale``; what the kind cannot hold is cut to its ends."""
    return np.clip(np.rint(values / scale), 0, np.iinfo(kind).max).astype(kind)


def _agents(camera: Camera, scenario: Scenario, store: _Store) -> Document:
    hours = np.array([road.truck_hours for road in scenario.geography.roads] or [1.0])
    found: Document = {}
    for table in AGENTS:
        ids = camera.numbers[table][: camera.shots]
        used = np.flatnonzero(ids.any(axis=0))
        rows = int(used[-1]) + 1 if len(used) else 0
        entry = {"id": store.add(_narrow(ids[:, :rows])), **_table(camera, table, rows, store)}
        if table in camera.path_road:
            road = camera.path_road[table][: camera.shots, :rows]
            share = camera.path_along[table][: camera.shots, :rows] / hours[np.maximum(road, 0)]
            entry["road"] = store.add(np.where(road < 0, NONE, road).astype(np.uint8))
            entry["along"] = store.add(_scaled(share, "u1", 0.004), 0.004)
        found[table] = entry
    return found


def _narrow(values: Array) -> Array:
    return values.astype(np.uint16) if values.max(initial=0) < 65536 else values


def _events(log: Array, store: _Store) -> Document:
    kinds = {"day": "u2", "kind": "u1", "place": "u1", "road": "u1", "group": "u1", "size": "u2", "tankers": "u2"}
    found = {name: store.add(log[name].astype(kind)) for name, kind in kinds.items()}
    for k, side in enumerate(codes.SIDES):
        found[f"deaths_{side}"] = store.add(log["deaths"][:, k].astype("u2"))
    return found
