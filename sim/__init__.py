"""The model: an agent-based laboratory of asymmetric conflict. Rules, both drivers, outcomes; no plotting, no storage.

``simulate`` runs one scenario, ``simulate_many`` many points and seeds. Heavy parts are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.agents import ContractorDetachment, Convoy, InsurgentCell, StateUnit
    from sim.ensemble import simulate_many
    from sim.model import ConflictModel
    from sim.run import RunResult, simulate
    from sim.scenario import Scenario

__version__ = "0.1.0"
__all__ = [
    "ConflictModel",
    "ContractorDetachment",
    "Convoy",
    "InsurgentCell",
    "RunResult",
    "Scenario",
    "StateUnit",
    "simulate",
    "simulate_many",
]

_HOME = {
    "simulate": "sim.run",
    "RunResult": "sim.run",
    "simulate_many": "sim.ensemble",
    "Scenario": "sim.scenario",
    "ConflictModel": "sim.model",
    "InsurgentCell": "sim.agents",
    "StateUnit": "sim.agents",
    "ContractorDetachment": "sim.agents",
    "Convoy": "sim.agents",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
