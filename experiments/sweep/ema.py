"""A sweep in the shape that the EMA workbench and its analyses (PRIM, CART, feature scoring) take."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.messages import WriteError

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep.store import Sweep

Outcomes = dict[str, Any]
_NOT_OUTCOMES = ("row", "run_id", "point", "seed", "world_hash", "error")
_FORMAT = 0.1  # of ema_workbench.save_results, from version 2.4


def to_ema(sweep: Sweep) -> tuple[pd.DataFrame, Outcomes]:
    """Return (experiments, outcomes) as ``ema_workbench.perform_experiments`` does; failed runs are left out.

    ``experiments`` has a row per run: the swept keys and ``seed``, then the workbench's own columns ``scenario`` (the
    run's row in the sweep), ``policy`` and ``model``. ``outcomes`` has an array per measure, in the same order; an
    empty text is "none" there, since the workbench's files cannot hold one.
    """
    runs = sweep.runs
    keys = list(sweep.keys)
    experiments = runs[[*keys, "seed"]].reset_index(drop=True)
    for key in keys:
        if experiments[key].dtype != float:
            experiments[key] = experiments[key].astype("category")
    experiments["scenario"] = runs["row"].to_numpy()
    for name, value in (("policy", "as configured"), ("model", "stalemate")):
        experiments[name] = value
        experiments[name] = experiments[name].astype("category")
    measured = [name for name in runs.columns if name not in (*keys, *_NOT_OUTCOMES)]
    return experiments, {name: _array(runs[name]) for name in measured}


def _array(column: pd.Series[Any]) -> Any:
    if column.dtype.kind in "bif":
        return column.to_numpy()
    return column.replace("", "none").to_numpy(dtype=object)


def write_ema(sweep: Sweep, target: Path) -> None:
    """Write a sweep as the file that ``ema_workbench.load_results`` reads (``.tar.gz``); never half of one.

    Raises:
        WriteError: it cannot be written.
    """
    experiments, outcomes = to_ema(sweep)
    draft = target.with_name(f".{target.name}.tmp")
    kinds = {str(name): kind.name for name, kind in experiments.dtypes.items()}
    listed = [["ScalarOutcome", name, f"{name}.cls"] for name in outcomes]
    metadata = {"version": _FORMAT, "outcomes": listed, "experiments": kinds}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(draft, "w:gz") as archive:
            _add(archive, "experiments.csv", experiments.to_csv(index=False))
            for name, values in outcomes.items():
                _add(archive, f"{name}.cls", _column(values))
            _add(archive, "metadata.json", json.dumps(metadata))
        os.replace(draft, target)
    except OSError as error:
        raise WriteError(str(target), error) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _column(values: Any) -> str:
    import pandas as pd

    return str(pd.DataFrame(values).to_csv(header=False, index=False))


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
