"""The first compilation: everything that the compiled driver needs, before the first run asks for it."""

from __future__ import annotations

import numpy as np

from sim.jit import is_warm


def warm_up() -> None:
    """Compile the loop over days for the standard size class, unless it is in the cache already."""
    if is_warm():
        return
    from sim.day import run_days
    from sim.jit_helper import helped
    from sim.trace import trace_dtype
    from sim.world import EVENT_DTYPE, empty_world

    with helped():
        run_days(empty_world(), 0, np.zeros(1, trace_dtype()), np.zeros(1, EVENT_DTYPE), 0, np.zeros(1, np.uint8))
