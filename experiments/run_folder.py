"""A run's folder: written beside its place and moved there in one step, so that nothing half-written looks whole."""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.manifest import COMPLETE, MANIFEST, command_line, file_hashes
from experiments.messages import WriteError
from experiments.strict_json import strict_json
from experiments.whole_files import flush

if TYPE_CHECKING:
    from experiments.plain_run import Array, PlainRun

SUMMARY, STORY, FIGURES = "summary.json", "story.txt", "figures"


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes ``target`` when the block ends well, and is removed when it does not.

    An existing target is replaced only at the end, and put back if that fails.

    Raises:
        WriteError: the folder or something in it cannot be written.
    """
    scratch: Path | None = None
    try:
        if target.exists() and not target.is_dir():
            raise FileExistsError(errno.EEXIST, "", str(target))
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=".tmp", dir=target.parent))
        scratch.chmod(0o755)  # mkdtemp's folders are for their owner alone; results are for whoever may read the parent
        yield scratch
        _move(scratch, target)
    except OSError as error:
        named = error.filename if isinstance(error.filename, str) and scratch is None else str(target)
        raise WriteError(named, error) from error
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def _move(scratch: Path, target: Path) -> None:
    """Put the finished folder in its place; an older one is set aside first and comes back if that fails."""
    if not target.exists():
        scratch.rename(target)
        return
    aside = scratch.with_name(f"{scratch.name}.old")
    target.rename(aside)
    try:
        scratch.rename(target)
    except BaseException:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def write_tables(folder: Path, run: PlainRun) -> None:
    """Write ``daily.parquet`` and ``events.parquet``: plain columns, readable from pandas, polars, DuckDB and R."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, columns in (("daily", run.daily), ("events", run.events)):
        table = pa.table({key: _arrow(values) for key, values in columns.items()})
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _arrow(values: Array) -> Any:
    """Return a column as Arrow has it, made from its bytes: ``pa.array`` would import pandas to ask what it is."""
    import pyarrow as pa

    if values.dtype.kind != "U":
        kept = np.ascontiguousarray(values)
        return pa.Array.from_buffers(pa.from_numpy_dtype(kept.dtype), len(kept), [None, pa.py_buffer(kept)])
    words = [word.encode() for word in values.tolist()]
    ends = np.cumsum([0, *map(len, words)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(ends), pa.py_buffer(b"".join(words)))


def write_json(path: Path, data: Any) -> None:
    """Write strict JSON, one key a line; NaN, which other readers refuse, raises NotFiniteError."""
    path.write_text(strict_json(path.name, data, indent=2) + "\n", encoding="utf-8")


def write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    """Write the manifest, last of all: its presence and status say that the run is whole.

    Args:
        folder: the run's folder, with all its other files.
        facts: of the run, and of the machine (:func:`experiments.manifest.machine`).
    """
    manifest = {**facts, "command": command_line(), "files": file_hashes(folder), "status": COMPLETE}
    write_json(folder / MANIFEST, manifest)
    _flush_all(folder)


def _flush_all(folder: Path) -> None:
    """Bring the files to the disk before the folder is renamed, so that not even a power cut leaves half of one."""
    for path in folder.rglob("*"):
        if path.is_file():
            flush(path)


FigureWriter = Callable[["PlainRun", Path], Sequence[Path]]


def write_figures(folder: Path, run: PlainRun) -> None:
    """Draw the run's figures into its folder."""
    import importlib

    draw: FigureWriter = importlib.import_module("experiments.figures.run_figures").write_run_figures
    draw(run, folder)


def figures_of(folder: Path) -> list[str]:
    """Return the names of the figures, and of the tables behind them, that a run's folder holds."""
    return sorted(path.relative_to(folder).as_posix() for path in (folder / FIGURES).glob("*"))
