"""Second processes: how many there is room for, and a Python that finds what this one finds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_module(
    module: str, arguments: Sequence[str] = (), environment: dict[str, str] | None = None, **how: Any
) -> subprocess.Popen[bytes] | None:
    """Start ``python -m module``, silent, with this process's import path and not the working folder's.

    Args:
        module: what to run.
        arguments: for it.
        environment: variables beside this process's own.
        how: what else ``subprocess.Popen`` takes.

    Returns:
        The process; None where none can be started.
    """
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
            **how,
        )
    except OSError:
        return None
