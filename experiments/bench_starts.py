"""How long one waits at the command line: imports, help, the first run on a machine and the ones after it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_STALEMATE = (sys.executable, "-c", "import sys; from experiments.cli import main; sys.exit(main())")


def starts(again: int) -> dict[str, list[float]]:
    """Return seconds of wall-clock time: each thing ``again`` times, the first run on a machine once.

    The first run compiles into an empty cache folder, of its own; the warm ones follow there, each with a new seed.
    """
    with tempfile.TemporaryDirectory(prefix="stalemate-bench-") as folder:
        place = {"STALEMATE_CACHE": str(Path(folder) / "cache")}

        def run(seed: int) -> float:
            return _seconds((*_STALEMATE, "run", f"seed={seed}", "--outputs", str(Path(folder) / "outputs")), place)

        return {
            "import": [_seconds((sys.executable, "-c", "import sim")) for _ in range(again)],
            "help": [_seconds((*_STALEMATE, "--help")) for _ in range(again)],
            "cold": [run(1)],
            "warm": [run(2 + k) for k in range(again)],
        }


def in_seconds(seconds: Sequence[float]) -> str:
    """Return the median in words, with half the range where there are several."""
    middle = f"{statistics.median(seconds):.2f} s"
    return middle if len(seconds) == 1 else f"{middle} ± {(max(seconds) - min(seconds)) / 2.0:.2f}"


def _seconds(command: Sequence[str], more: Mapping[str, str] | None = None) -> float:
    environment = {**os.environ, **(more or {})}
    begin = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begin
