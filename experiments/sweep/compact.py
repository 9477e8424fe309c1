"""From parts to one table, in the order of its rows: streamed, so that memory does not grow with the sweep."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.sweep.columns import Columns, schema
from experiments.sweep.errors import SweepWriteError
from experiments.whole_files import flush

if TYPE_CHECKING:
    import pyarrow as pa

RESULTS, DAILY, POINTS = "results.parquet", "daily.parquet", "points.parquet"
_GROUP_ROWS = 65_536


def compact(parts: Iterable[Path], columns: Columns, target: Path) -> int:
    """Join parts into one Parquet file with row groups of 65,536 rows, and return the number of rows.

    Raises:
        SweepWriteError: it cannot be written; no half-written table is left.
    """
    import pyarrow.parquet as pq

    scratch = target.with_name(f".{target.name}.tmp")
    rows = 0
    try:
        with pq.ParquetWriter(scratch, schema(columns), compression="zstd") as writer:
            for group in _groups(parts):
                writer.write_table(group, row_group_size=_GROUP_ROWS)
                rows += group.num_rows
        flush(scratch)
        os.replace(scratch, target)
    except OSError as error:
        raise SweepWriteError(str(target), error) from error
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
    return rows


def _groups(parts: Iterable[Path]) -> Iterator[pa.Table]:
    """Give tables of 65,536 rows made of many small ones; the last may be shorter, those of large parts longer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    waiting: list[Any] = []
    rows = 0
    for path in parts:
        with pq.ParquetFile(path) as file:
            waiting.append(file.read())
        rows += waiting[-1].num_rows
        if rows >= _GROUP_ROWS:
            whole = pa.concat_tables(waiting).combine_chunks()
            full = rows - rows % _GROUP_ROWS
            yield whole.slice(0, full)
            waiting, rows = [whole.slice(full)], rows - full
    if rows:
        yield pa.concat_tables(waiting).combine_chunks()
