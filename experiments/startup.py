"""What makes a short command start quickly; nothing here changes a result."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any

_PLENTY = 50_000  # new objects between two looks for cycles: importing makes many objects and no garbage


def lighten() -> None:
    """Say, before numpy is imported, that this process multiplies no large matrices and makes little garbage.

    Linear algebra then starts no threads, whose start costs more than a run would ever ask of them; a setting of the
    reader's own stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(_PLENTY, *gc.get_threshold()[1:])


def skip_linear_algebra() -> None:
    """Have numba load its arrays without importing scipy, a quarter of a second, to see whether it is there.

    It asks again when compiled code does linear algebra; the rules do none. Where numba is built otherwise than we
    know it, nothing happens, and the start is as slow as numba makes it.
    """
    if "numba.np.arraymath" in sys.modules:
        return
    linalg: Any = importlib.import_module("numba.np.linalg")
    asked = getattr(linalg, "ensure_blas", None)
    if asked is None:
        return
    linalg.ensure_blas = lambda: None
    try:
        arraymath: Any = importlib.import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = asked
    arraymath.ensure_blas = asked


def load_without_compiler() -> None:
    """Have numba load compiled code without first setting up all that it would compile with, half of a warm start.

    That is set up all the same when something has to be compiled: the compiler sees to it itself. Where numba is built
    otherwise than we know it, nothing happens, and the start is as slow as numba makes it.
    """
    caching: Any = importlib.import_module("numba.core.caching")
    runtime: Any = importlib.import_module("numba.core.runtime")
    kept = caching.Cache
    if not all(hasattr(kept, name) for name in ("_load_overload", "_guard_against_spurious_io_errors")):
        return

    def load_overload(self: Any, signature: Any, context: Any) -> Any:
        runtime.rtsys.initialize(context)  # compiled code may call numba's memory manager, which has to be there
        found = None
        with self._guard_against_spurious_io_errors():
            found = self._load_overload(signature, context)
        if found is None:
            skip_linear_algebra()  # the compiler's turn
        return found

    kept.load_overload = load_overload
