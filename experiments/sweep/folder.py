"""A sweep's folder: its manifest, its lock, and what may be done in it.

manifest.json     what it is (the sweep's hash), on what it was made, and whether it is complete; written last
bases.yaml        the resolved scenarios that points start from
points.parquet    point → its base and the values of the swept keys
parts/            finished chunks while it runs; gone once results.parquet is whole
results.parquet   a row a run (daily.parquet: a row a day of each run, where wanted)
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sim
from experiments.manifest import MANIFEST, command_line, file_hash, machine
from experiments.sweep.columns import to_parquet
from experiments.sweep.compact import POINTS
from experiments.sweep.errors import (
    AnotherSweepError,
    FolderInUseError,
    ForeignFolderError,
    NotASweepFolderError,
    OtherVersionError,
    SweepWriteError,
)
from experiments.sweep.parts import PARTS, write_whole
from experiments.sweep.plan import Plan, columns_from
from experiments.sweep.request import SweepRequest

KIND, RUNNING, COMPLETE = "sweep", "running", "complete"
BASES, LOCK = "bases.yaml", ".lock"


def default_folder(request: SweepRequest, outputs: Path) -> Path:
    """Return where a sweep goes if no folder was named: its name, and ten digits of its hash."""
    return outputs / f"{request.name}-{request.sweep_hash[:10]}"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a sweep's manifest.

    Raises:
        NotASweepFolderError: there is none that can be read.
    """
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotASweepFolderError(folder) from None
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise NotASweepFolderError(folder)
    return data


def is_sweep(folder: Path) -> bool:
    """Return whether a folder holds a sweep."""
    try:
        read_manifest(folder)
    except NotASweepFolderError:
        return False
    return True


def earlier(folder: Path, request: SweepRequest, force: bool) -> dict[str, Any] | None:
    """Return the manifest of this very sweep if its folder is there; None if it is to be begun.

    Args:
        folder: where.
        request: the sweep.
        force: remove what an earlier version, or an earlier try, of this sweep left.

    Raises:
        AnotherSweepError, ForeignFolderError, OtherVersionError: the folder cannot be used.
    """
    if not folder.exists() or not (left := {entry.name for entry in folder.iterdir()} - {LOCK}):
        return None
    try:
        manifest = read_manifest(folder)
    except NotASweepFolderError:
        if left <= {PARTS, BASES, POINTS} or all(name.startswith(".") for name in left):
            return None  # begun, and stopped before its manifest was there
        raise ForeignFolderError(folder, min(left)) from None
    if manifest["sweep_hash"] != request.sweep_hash:
        raise AnotherSweepError(folder, manifest["title"])
    if force:
        _clear(folder)
        return None
    check_version(folder, manifest)
    return manifest


def check_version(folder: Path, manifest: dict[str, Any]) -> None:
    """Refuse results of another version of the model, of numba or of Python.

    Raises:
        OtherVersionError: they differ.
    """
    from sim.jit import source_hash

    theirs, ours = (manifest["version"], manifest["source_hash"]), (sim.__version__, source_hash())
    if theirs != ours:
        raise OtherVersionError(folder, " ".join(theirs), " ".join(ours))


def _clear(folder: Path) -> None:
    """Remove a sweep's files, the manifest first, so that what is left does not look like one."""
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    for path in folder.iterdir():
        if path.suffix in (".parquet", ".yaml"):
            path.unlink()


def begin(folder: Path, plan: Plan) -> dict[str, Any]:
    """Write what a new sweep's folder holds before the first run, and return its manifest."""
    from experiments.yaml_files import write_yaml

    request = plan.request
    try:
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        write_yaml(folder / BASES, {"bases": [base.plain() for base in request.bases]})
    except OSError as error:
        raise SweepWriteError(str(folder), error) from error
    write_whole(folder / POINTS, _points(request))
    manifest = {
        "kind": KIND,
        "name": request.name,
        "title": request.title(),
        "sweep_hash": request.sweep_hash,
        "status": RUNNING,
        "runs": request.runs,
        "points": len(request.points),
        "keys": list(request.keys),
        "seeds": list(request.seeds),
        "daily": request.daily,
        "spec": dict(request.spec),
        "chunk_runs": plan.chunk_runs,
        "columns": [list(column) for column in plan.columns],
        "command": command_line(),
        **machine(),
    }
    write_manifest(folder, manifest)
    return manifest


def _points(request: SweepRequest) -> bytes:
    import pyarrow as pa

    columns: dict[str, Any] = {"point": pa.array(range(len(request.points)), pa.int64())}
    columns["base"] = pa.array(request.base_of, pa.int64())
    columns |= {key: pa.array(request.cells[key]) for key in request.keys}
    return to_parquet(pa.table(columns))


def plan_of(manifest: dict[str, Any], request: SweepRequest) -> Plan:
    """Return the plan by which a sweep was begun."""
    return Plan(request, int(manifest["chunk_runs"]), columns_from(manifest["columns"]))


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest in one step."""
    text = json.dumps(manifest, indent=1, allow_nan=False, ensure_ascii=False)
    write_whole(folder / MANIFEST, text.encode())


def finish(folder: Path, manifest: dict[str, Any], facts: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Mark a sweep as complete, with a hash of each of its files, and remove its parts."""
    files = {name: file_hash(folder / name) for name in names}
    manifest = {**manifest, **facts, "status": COMPLETE, "files": files}
    write_manifest(folder, manifest)
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    return manifest


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process alone; the system lets go of it when the process ends, however it ends.

    Raises:
        FolderInUseError: another process holds it.
        SweepWriteError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise SweepWriteError(str(folder), error) from error
    try:
        if not _take(handle):
            raise FolderInUseError(folder)
        try:
            yield
        finally:
            _leave_no_empty(folder)
    finally:
        os.close(handle)


def _leave_no_empty(folder: Path) -> None:
    """Remove a folder that holds nothing but our lock: the sweep was refused before it began."""
    with contextlib.suppress(OSError):  # Windows does not remove a file that is open
        if [entry.name for entry in folder.iterdir()] == [LOCK]:
            (folder / LOCK).unlink()
            folder.rmdir()


def _take(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return _take_on_windows(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: better a sweep without one than none
        return True
    return True


def _take_on_windows(handle: int) -> bool:
    import importlib

    msvcrt: Any = importlib.import_module("msvcrt")
    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
