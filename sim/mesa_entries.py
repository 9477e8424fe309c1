"""The compiled entries that the Mesa driver calls: one per phase of the day, one for a step, one for the trace.

They add nothing to the rules: each calls the very function of :mod:`sim.day` that the compiled driver runs. They stand
in a module of their own so that a sweep, which never needs them, does not compile them.
"""

from __future__ import annotations

from typing import Any, Final

from sim import day
from sim.draws import uniform
from sim.jit import entry
from sim.trace import write_trace

D_AGENT: Final = 64
"""The purpose of draws asked for by agents written in Python; apart from every purpose of the rules (sim/codes.py)."""


@entry
def dawn(world: Any) -> None:
    """Run the phase "dawn"."""
    day.dawn(world[0])


@entry
def timeline(world: Any) -> None:
    """Run the phase "timeline"."""
    day.timeline(world[0])


@entry
def flow(world: Any) -> None:
    """Run the phase "flow"."""
    day.flow(world[0])


@entry
def order(world: Any) -> None:
    """Open the phase "units": fill ``order`` with the codes of all live things, ``run.live`` with their number."""
    day.order(world[0], True)


@entry
def units(world: Any) -> None:
    """Run the phase "units" whole, as the compiled driver does (``stalemate profile`` times it)."""
    day.units(world[0])


@entry
def nothing(world: Any) -> None:
    """Do nothing: what a call from Python costs by itself."""


@entry
def activate(world: Any, kind: Any, slot: Any) -> None:
    """Let one live thing take its step; nothing happens if it is not alive."""
    day.activate(world[0], kind, slot)


@entry
def combat(world: Any) -> None:
    """Run the phase "combat"."""
    day.combat(world[0])


@entry
def consumption(world: Any) -> None:
    """Run the phase "consumption"."""
    day.consumption(world[0])


@entry
def population(world: Any) -> None:
    """Run the phase "population"."""
    day.population(world[0])


@entry
def regime(world: Any) -> None:
    """Run the phase "regime"."""
    day.regime(world[0])


@entry
def bargaining(world: Any) -> None:
    """Run the phase "bargaining"."""
    day.bargaining(world[0])


@entry
def upkeep(world: Any) -> None:
    """Run the phase "upkeep"."""
    day.upkeep(world[0])


@entry
def dusk(world: Any) -> None:
    """Run the phase "dusk"."""
    day.dusk(world[0])


@entry
def write_day(world: Any, trace: Any) -> None:
    """Write the trace row of the day that has just ended; ``trace`` must have room for it."""
    w = world[0]
    write_trace(w, trace[w.run.day])


@entry
def draw(world: Any, who: Any, k: Any) -> Any:
    """Return today's ``k``-th uniform draw of the thing with identity ``who``."""
    return uniform(world[0].run.key, D_AGENT, who, k)
