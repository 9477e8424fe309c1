"""The columns of a sweep's table, and rows made into Parquet: one schema for all parts, errors and all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from experiments.sweep.request import SweepRequest

Columns = tuple[tuple[str, str], ...]  # name, type
_TAIL: Columns = (("world_hash", "string"), ("error", "string"))
DAILY_KEYS: Columns = (("row", "int64"), ("day", "int32"))


def measure_types(row: Mapping[str, Any], keys: Iterable[str]) -> Columns:
    """Return name and type of each measure in the row of a run that went well; keys are the swept ones."""
    left_out = {"row", "run_id", "point", "seed", *keys, *(name for name, _ in _TAIL)}
    return tuple((name, _type_of(value)) for name, value in row.items() if name not in left_out)


def _type_of(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, (int, np.integer)):
        return "int64"
    return "string" if isinstance(value, str) else "float64"


def table_columns(request: SweepRequest, measures: Columns) -> Columns:
    """Return all columns of the table: which run, its point's values, its seed, its measures, its error."""
    cells = request.cells
    keys = tuple((key, "string" if cells[key].dtype == object else "float64") for key in request.keys)
    head: Columns = (("row", "int64"), ("run_id", "string"), ("point", "int64"))
    return (*head, *keys, ("seed", "int64"), *measures, *_TAIL)


def daily_columns() -> Columns:
    """Return the columns of the daily table: the run's row, the day, and those of :data:`sim.trace.COLUMNS`."""
    from sim.trace import COLUMNS

    return (*DAILY_KEYS, *((name, "float32") for name in COLUMNS if name != "day"))


def schema(columns: Columns) -> pa.Schema:
    """Return columns as an Arrow schema."""
    import pyarrow as pa

    types = {"bool": pa.bool_(), "int64": pa.int64(), "int32": pa.int32(), "string": pa.string()}
    types |= {"float64": pa.float64(), "float32": pa.float32()}
    return pa.schema([(name, types[kind]) for name, kind in columns])


def rows_to_parquet(rows: Sequence[Mapping[str, Any]], columns: Columns) -> bytes:
    """Return rows as the bytes of a Parquet file; what a row lacks is null."""
    import pyarrow as pa

    fields = schema(columns)
    arrays = [pa.array([row.get(f.name) for row in rows], f.type) for f in fields]
    return to_parquet(pa.table(arrays, schema=fields))


def days_to_parquet(traces: Iterable[tuple[int, Any]]) -> bytes:
    """Return the daily traces of some runs, (row, trace), as the bytes of a Parquet file."""
    import pyarrow as pa

    columns = daily_columns()
    fields = schema(columns)
    kept = [(row, trace) for row, trace in traces]
    arrays = [pa.array(np.concatenate([np.full(len(t), row, np.int64) for row, t in kept] or [np.zeros(0, np.int64)]))]
    for name, kind in columns[1:]:
        cells = np.concatenate([t[name] for _, t in kept] or [np.zeros(0)])
        arrays.append(pa.array(cells.astype(kind)))
    return to_parquet(pa.table(arrays, schema=fields))


def to_parquet(table: pa.Table) -> bytes:
    """Return a table as the bytes of a Parquet file; equal tables give equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())
