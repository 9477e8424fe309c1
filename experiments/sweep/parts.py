"""Parts: a file for each finished chunk, whose name carries a checksum over its bytes, its chunk and its sweep.

``000012-3-9f86d081884c7d65.parquet`` is chunk 12, of whose runs 3 failed. A file that is cut short, changed, renamed
or taken from another sweep does not match its name; it is removed and its chunk is run again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.sweep.errors import SweepWriteError
from experiments.sweep.plan import Done, Plan

PARTS = "parts"
_NAME = re.compile(r"(\d{6,})-(\d+)-([0-9a-f]{16})(\.daily)?\.parquet")


@dataclass(frozen=True)
class Part:
    """A finished chunk on disk: its files, and how many of its runs failed."""

    chunk: int
    failed: int
    table: Path
    daily: Path | None


def checksum(sweep_hash: str, chunk: int, data: bytes) -> str:
    """Return the 16 hex digits that a part's name carries."""
    digest = hashlib.blake2b(f"{sweep_hash} {chunk} ".encode(), digest_size=8)
    digest.update(data)
    return digest.hexdigest()


def save(folder: Path, sweep_hash: str, done: Done) -> Part:
    """Write a finished chunk, each file under a temporary name first; the table, which makes it count, last.

    Raises:
        SweepWriteError: it cannot be written; nothing half-written is left that could count.
    """
    stem = f"{done.chunk:06d}-{done.failed}-{{}}"
    daily = None
    if done.daily is not None:
        name = stem.format(checksum(sweep_hash, done.chunk, done.daily)) + ".daily.parquet"
        daily = write_whole(folder / name, done.daily)
    table = folder / (stem.format(checksum(sweep_hash, done.chunk, done.table)) + ".parquet")
    return Part(done.chunk, done.failed, write_whole(table, done.table), daily)


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file under a temporary name and rename it."""
    scratch = path.with_name(f".{path.name}.tmp")
    try:
        scratch.write_bytes(data)
        os.replace(scratch, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise SweepWriteError(str(path), error) from error
    return path


def scan(folder: Path, plan: Plan) -> tuple[dict[int, Part], int]:
    """Return the sound parts by chunk, and how many damaged, foreign or superfluous files were removed.

    Every byte is read: a part counts only if its name's checksum is that of its content.
    """
    sweep_hash, wants_daily = plan.request.sweep_hash, plan.request.daily
    tables: dict[int, tuple[Path, int]] = {}
    dailies: dict[int, Path] = {}
    removed = 0
    for path in _files(folder):
        match = _NAME.fullmatch(path.name)
        chunk = int(match[1]) if match else -1
        seen = dailies if match and match[4] else tables
        sound = match is not None and 0 <= chunk < plan.chunks and chunk not in seen
        if not (sound and match and checksum(sweep_hash, chunk, path.read_bytes()) == match[3]):
            path.unlink(missing_ok=True)
            removed += not path.name.endswith(".tmp")
        elif match[4]:
            dailies[chunk] = path
        else:
            tables[chunk] = (path, int(match[2]))
    found = {}
    for chunk, (path, failed) in tables.items():
        if wants_daily and chunk not in dailies:
            path.unlink()
            removed += 1
        else:
            found[chunk] = Part(chunk, failed, path, dailies.get(chunk))
    return found, removed


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        yield from sorted(Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False))
