"""The first compilation, on two cores: a second process compiles the unit phase while this one compiles the rest.

Both write to the one cache folder; the loop over days then finds every phase there. Without a second process (or if it
fails) everything is compiled here, which only takes longer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sim.jit import is_warm

_HERE = ("dawn", "timeline", "flow", "combat", "consumption", "population", "regime", "bargaining", "upkeep", "dusk")
_THERE = ("units",)


def compile_phases(names: tuple[str, ...]) -> None:
    """Compile some phases of the day for the standard size class."""
    import numba

    from sim import day
    from sim.world import world_dtype

    record: Any = numba.from_dtype(world_dtype())
    for name in names:
        getattr(day, name).compile((record,))


def warm_up() -> None:
    """Compile everything that the compiled driver needs, unless it is in the cache already."""
    if is_warm():
        return
    root = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, "-c", f"from sim.warm import compile_phases; compile_phases({_THERE!r})"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    helper = None
    if (os.cpu_count() or 1) > 1:
        helper = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        compile_phases(_HERE)
        if helper is not None:
            helper.wait()
    finally:
        if helper is not None and helper.poll() is None:
            helper.kill()
