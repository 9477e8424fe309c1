"""What people do with the model: run, sweep, compare, verify, teach and report.

``load_scenario(name, overrides=[…])`` reads a scenario; ``sim.simulate`` runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.compose import load_scenario

__all__ = ["load_scenario"]


def __getattr__(name: str) -> Any:
    """Import the public function on first use: Hydra takes its time, and not every command composes."""
    if name != "load_scenario":
        raise AttributeError(f"module 'experiments' has no attribute {name!r}")
    from experiments.compose import load_scenario

    return load_scenario


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
