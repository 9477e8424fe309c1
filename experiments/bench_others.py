"""What stands beside the compiled driver in the benchmark: Mesa with our model, and other people's models."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

_EPSTEIN_STEPS = 10
_SIR_AGENTS = 20_000


def mesa_driver(scenario: Any, seed: int, days: int) -> tuple[float, float]:
    """Time some days of the Mesa driver; building the model is left out."""
    from sim.model import ConflictModel

    model = ConflictModel(scenario=scenario, seed=seed, days=days)
    begin = time.process_time()
    for _ in range(days):
        model.step()
    return time.process_time() - begin, float(model.world["tally"]["activations"][0])


def batch_run(scenario: Any, seed: int, days: int) -> tuple[float, float]:
    """Time ``mesa.batch_run`` on one run of our model, its building included, as it always is there."""
    import mesa

    from sim.model import ConflictModel

    kept: list[Any] = []

    class Kept(ConflictModel):
        """The model, remembered so that its agent-days can be counted."""

        def __init__(self, **named: Any) -> None:
            super().__init__(**named)
            kept.append(self)

    begin = time.process_time()
    mesa.batch_run(
        Kept,
        parameters={"scenario": [scenario], "seed": [seed], "days": [days]},
        number_processes=1,
        max_steps=days,
        display_progress=False,
        data_collection_period=-1,
    )
    return time.process_time() - begin, float(sum(m.world["tally"]["activations"][0] for m in kept))


def epstein(seed: int) -> tuple[float, float]:
    """Time Mesa's bundled model of civil violence (Epstein 2002), default size."""
    from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence

    model = EpsteinCivilViolence(seed=seed)
    steps = 0
    begin = time.process_time()
    for _ in range(_EPSTEIN_STEPS):
        steps += len(model.agents)
        model.step()
    return time.process_time() - begin, float(steps)


def _sir(seed: int) -> tuple[float, float]:
    import starsim

    sim = starsim.Sim(n_agents=_SIR_AGENTS, diseases="sir", networks="random", rand_seed=seed, verbose=0)
    sim.init()
    begin = time.process_time()
    sim.run()
    return time.process_time() - begin, float(_SIR_AGENTS * len(sim.timevec))


starsim_sir: Callable[[int], tuple[float, float]] | None = _sir if importlib.util.find_spec("starsim") else None
"""Times Starsim's default SIR model, or None where Starsim is not installed (it is an optional extra)."""
