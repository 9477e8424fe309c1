"""A sweep cut into chunks: consecutive rows that are handed out, and saved, together."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.sweep.columns import Columns
from experiments.sweep.request import Base, SweepRequest


@dataclass(frozen=True)
class Piece:
    """Some seeds of one point: rows ``first_row`` and following.

    Attributes:
        point: its number.
        base: its base's number in the sweep.
        settings: its parameters.
        cells: its values as the table shows them.
        seeds: of its runs.
    """

    point: int
    base: int
    settings: Mapping[str, float]
    cells: Mapping[str, Any]
    first_row: int
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Task:
    """A chunk with all that a worker on any computer needs to run it.

    Attributes:
        chunk: its number.
        pieces: what to run.
        bases: the bases that they need, by number.
        digests: of the bases' geographies, which a worker may not have as files; by base.
        marks: what identifies agent classes; by base.
        columns: of the table.
        daily: whether daily rows are wanted too.
        source_hash: of the model that the sweep belongs to.
    """

    chunk: int
    pieces: tuple[Piece, ...]
    bases: Mapping[int, Base]
    heads: Mapping[int, Mapping[str, Any]]
    columns: Columns
    daily: bool
    source_hash: str

    @property
    def runs(self) -> int:
        """How many runs it holds."""
        return sum(len(piece.seeds) for piece in self.pieces)


@dataclass(frozen=True)
class Done:
    """A finished chunk.

    Attributes:
        chunk: its number.
        table: its rows, as Parquet.
        daily: its daily rows, as Parquet; None if not wanted.
        runs, failed: how many runs, and how many of them ended with an error.
        first_error: the first of these.
        seconds: time that the worker spent.
    """

    chunk: int
    table: bytes
    daily: bytes | None
    runs: int
    failed: int
    first_error: str
    seconds: float


@dataclass(frozen=True)
class Plan:
    """A request cut into chunks of ``chunk_runs`` rows; the manifest keeps the cut, for resuming."""

    request: SweepRequest
    chunk_runs: int
    columns: Columns

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.request.runs // self.chunk_runs)

    def runs_of(self, chunk: int) -> int:
        """Return how many runs a chunk has."""
        return min(self.chunk_runs, self.request.runs - chunk * self.chunk_runs)

    def tasks(self, chunks: Iterable[int]) -> Iterator[Task]:
        """Make the tasks of some chunks, one when it is asked for."""
        from sim.jit import source_hash

        mark = source_hash()
        for chunk in chunks:
            pieces = tuple(self._pieces(chunk))
            used = sorted({piece.base for piece in pieces})
            bases = {b: self.request.bases[b] for b in used}
            heads = {b: self._heads[b] for b in used}
            yield Task(chunk, pieces, bases, heads, self.columns, self.request.daily, mark)

    def _pieces(self, chunk: int) -> Iterator[Piece]:
        request = self.request
        per_point = len(request.seeds)
        row, end = chunk * self.chunk_runs, chunk * self.chunk_runs + self.runs_of(chunk)
        while row < end:
            point, first = divmod(row, per_point)
            seeds = request.seeds[first : min(per_point, first + end - row)]
            cells = {key: request.cells[key][point] for key in request.keys}
            yield Piece(point, int(request.base_of[point]), request.settings(point), cells, row, seeds)
            row += len(seeds)

    @functools.cached_property
    def _heads(self) -> list[dict[str, Any]]:
        """What run ids hash beside parameters and seed, which a worker cannot read from files; by base."""
        from experiments.identity import resolved

        found = []
        for base in self.request.bases:
            geography = resolved(base.scenario)["geography"]
            found.append({"digest": geography["digest"], "agents": base.marks})
        return found


def chunk_runs(seconds_a_run: float, request: SweepRequest, workers: int) -> int:
    """Return how many runs make a chunk: the work asked for, but at least four chunks for each worker.

    Args:
        seconds_a_run: as measured.
        request: the sweep.
        workers: how many work at a time.
    """
    wanted = int(request.chunk_seconds / max(seconds_a_run, 1e-6))
    share = -(-request.runs // (4 * workers))
    return max(1, min(wanted, share))


def columns_from(data: Any) -> Columns:
    """Return columns as a manifest holds them."""
    return tuple((str(name), str(kind)) for name, kind in data)


def as_json(value: Any) -> str:
    """Return plain data in one canonical line."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
