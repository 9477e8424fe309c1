"""``stalemate run --row SWEEP ROW``: one run of a sweep again, in full, and whether it made the same world."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.messages import BadSettingError
from experiments.sweep.compact import POINTS, RESULTS
from experiments.sweep.errors import NoSuchRowError, RowDiffersError
from experiments.sweep.folder import BASES
from experiments.sweep.store import read_sweep

if TYPE_CHECKING:
    from experiments.compose import Request


@dataclass(frozen=True)
class SweepRow:
    """One run of a sweep: its row of the table, and what was run."""

    values: Mapping[str, Any]
    request: Request
    manifest: Mapping[str, Any]


def read_row(folder: Path, row: str, config_dir: Path | None = None) -> SweepRow:
    """Return one run of a finished sweep.

    Args:
        folder: of the sweep.
        row: its number, or its run id.
        config_dir: a folder of the reader's own in which geographies are looked up too.

    Raises:
        NoSuchRowError: the sweep has no such row.
        StalemateError: as :func:`experiments.sweep.read_sweep`.
    """
    from experiments.compose import Request, config_folders, read_scenario
    from experiments.yaml_files import read_yaml
    from sim.parameters import infos

    manifest = read_sweep(folder, ["row"]).manifest
    values = _find(folder, row, int(manifest["runs"]))
    base = read_yaml(folder / BASES)["bases"][_base_of(folder, int(values["point"]))]
    agents, driver = base.pop("agents"), base.pop("driver")
    scenario = read_scenario(base.pop("scenario"), base, config_folders(config_dir))
    settings = {key: values[key] for key in manifest["keys"] if key in infos()}
    request = Request(scenario.with_settings(settings), int(values["seed"]), driver, agents)
    return SweepRow(values, request, manifest)


def _find(folder: Path, row: str, runs: int) -> dict[str, Any]:
    import pyarrow.parquet as pq

    number = int(row) if row.isdecimal() else -1
    wanted = ("row", "==", number) if number >= 0 else ("run_id", "==", row)
    found = pq.read_table(folder / RESULTS, filters=[wanted]).to_pylist()
    if not found:
        raise NoSuchRowError(row, runs)
    return dict(found[0])


def _base_of(folder: Path, point: int) -> int:
    import pyarrow.parquet as pq

    table = pq.read_table(folder / POINTS, columns=["point", "base"], filters=[("point", "==", point)])
    return int(table["base"][0].as_py())


def run_row(args: argparse.Namespace) -> int:
    """Run a row in full, as ``stalemate run`` would, and say whether the world is the sweep's; the exit status.

    Raises:
        RowDiffersError: it made another world.
    """
    from experiments.run import note, run_one
    from experiments.run_folder import SUMMARY

    if args.settings:
        raise BadSettingError("--row", args.settings[0], "no settings: a row is run as it was")
    folder, row = args.row
    found = read_row(Path(folder), row, args.config_dir)
    kept = run_one(found.request, args)
    summary = json.loads((kept / SUMMARY).read_text(encoding="utf-8"))
    theirs, ours = str(found.values["world_hash"]), str(summary["world_hash"])
    number = int(found.values["row"])
    if theirs != ours:
        raise RowDiffersError(number, theirs[:12], ours[:12], _why(found, str(summary["run_id"])))
    note(f"row {number} of {folder}: the same world as in the sweep, bit for bit ({ours[:12]})")
    return 0


def _why(found: SweepRow, run_id: str) -> str:
    from experiments.manifest import maths_hash
    from sim.jit import source_hash

    if found.manifest["source_hash"] != source_hash():
        return f"the sweep was made by another version of the model ({found.manifest['source_hash']})"
    if found.values["run_id"] != run_id:
        return "its map or its agent classes have changed since"
    if found.manifest["maths_hash"] != maths_hash():
        return "the sweep was made with another maths library, whose last bits differ"
    return "the sweep was made on another computer or with other libraries"
