"""Reading a finished sweep."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.manifest import file_hash
from experiments.sweep.compact import DAILY, POINTS, RESULTS
from experiments.sweep.errors import DamagedResultsError, UnfinishedSweepError
from experiments.sweep.folder import COMPLETE, read_manifest

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sweep:
    """A finished sweep.

    Attributes:
        folder: where it is.
        manifest: what it is and on what it was made.
        columns: the columns to read; None: all.
    """

    folder: Path
    manifest: dict[str, Any]
    columns: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        """Say in one line what it is."""
        return f"<Sweep {self.manifest['title']}: {self.manifest['runs']:,} runs, {self.manifest['failed']} failed>"

    @property
    def keys(self) -> tuple[str, ...]:
        """The swept keys, which are columns of the table."""
        return tuple(self.manifest["keys"])

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every point."""
        return tuple(self.manifest["seeds"])

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """A row per run, failed ones included; ordered by point, then seed."""
        table: pd.DataFrame = self._read().to_pandas()
        return table

    @functools.cached_property
    def runs(self) -> pd.DataFrame:
        """The rows of runs that went well: counts stay whole numbers, and yes-or-no measures truth values."""
        import pyarrow.compute as pc

        whole = self._read("error")
        good = whole.filter(pc.equal(whole["error"], ""))
        table: pd.DataFrame = (good if self.columns is None else good.select(list(self.columns))).to_pandas()
        return table

    @functools.cached_property
    def daily(self) -> pd.DataFrame:
        """A row per day of each run, if the sweep kept them (``sweep.daily=true``); ``row`` joins it to the table."""
        import pandas as pd

        return pd.read_parquet(self.folder / DAILY)

    @functools.cached_property
    def points(self) -> pd.DataFrame:
        """A row per point: its number, its base and the values of the swept keys."""
        import pandas as pd

        return pd.read_parquet(self.folder / POINTS)

    def _read(self, *more: str) -> Any:
        import pyarrow.parquet as pq

        columns = None if self.columns is None else [*dict.fromkeys((*self.columns, *more))]
        return pq.read_table(self.folder / RESULTS, columns=columns)


def read_sweep(folder: Path | str, columns: Sequence[str] | None = None) -> Sweep:
    """Return a finished sweep, after checking that its files are as they were written.

    Args:
        folder: a folder that ``stalemate sweep`` made.
        columns: read only these, of a large one.

    Raises:
        NotASweepFolderError, UnfinishedSweepError, DamagedResultsError: it cannot be read.
    """
    place = Path(folder)
    manifest = read_manifest(place)
    if manifest["status"] != COMPLETE:
        raise UnfinishedSweepError(place, manifest["command"])
    for name, digest in manifest["files"].items():
        if not (place / name).is_file() or file_hash(place / name) != digest:
            raise DamagedResultsError(place, name)
    return Sweep(place, manifest, None if columns is None else tuple(columns))
