"""A sweep in the shape that the EMA workbench and its analyses (PRIM, CART, feature scoring) take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep.store import Sweep

Outcomes = dict[str, Any]
_NOT_OUTCOMES = ("row", "run_id", "point", "seed", "world_hash", "error")


def to_ema(sweep: Sweep) -> tuple[pd.DataFrame, Outcomes]:
    """Return (experiments, outcomes) as ``ema_workbench.perform_experiments`` does; failed runs are left out.

    ``experiments`` has a row per run: the swept keys and ``seed``, then the workbench's own columns ``scenario`` (the
    run's row in the sweep), ``policy`` and ``model``. ``outcomes`` has an array per measure, in the same order.
    """
    runs = sweep.runs
    keys = list(sweep.keys)
    experiments = runs[[*keys, "seed"]].reset_index(drop=True)
    for key in keys:
        if experiments[key].dtype != float:
            experiments[key] = experiments[key].astype("category")
    experiments["scenario"] = runs["row"].to_numpy()
    experiments["policy"] = "None"
    experiments["model"] = "stalemate"
    measured = [name for name in runs.columns if name not in (*keys, *_NOT_OUTCOMES)]
    return experiments, {name: runs[name].to_numpy() for name in measured}
