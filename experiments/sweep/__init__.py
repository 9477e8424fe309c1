"""Sweeps: many points times many seeds, on one computer or many, one tidy table at the end.

``compose_sweep`` reads a specification, ``make_request`` makes one in Python; ``run_sweep`` runs it, ``read_sweep``
reads what came out.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.sweep.compose import ExecutorSpec, compose_sweep
    from experiments.sweep.drive import run_sweep
    from experiments.sweep.ema import to_ema
    from experiments.sweep.request import SweepRequest, make_request
    from experiments.sweep.store import Sweep, read_sweep

__all__ = [
    "ExecutorSpec",
    "Sweep",
    "SweepRequest",
    "compose_sweep",
    "make_request",
    "read_sweep",
    "run_sweep",
    "to_ema",
]

_HOME = {
    "ExecutorSpec": "compose",
    "Sweep": "store",
    "SweepRequest": "request",
    "compose_sweep": "compose",
    "make_request": "request",
    "read_sweep": "store",
    "run_sweep": "drive",
    "to_ema": "ema",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'experiments.sweep' has no attribute {name!r}")
    return getattr(importlib.import_module(f"experiments.sweep.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
