"""The first compilation on two cores: a second process compiles some phases and hands over their LLVM code.

``python -m sim.jit_helper FOLDER HASH`` is that process; :func:`helped` starts it, and nobody else needs it. Where
there is one core, or anything in it fails, one process compiles all, which takes longer and gives the same.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.processes import cores, start_module

_PARCELS = ("flow", "combat", "upkeep", "regime")
"""The phases that the helper compiles, in the order in which the loop over days asks for them."""

_OWN = "units"
"""The longest phase, which the caller compiles first, while the helper is at its own."""

_SUFFIX = ".parcel"
_PATIENCE_S = 120.0  # a helper that takes longer is not waited for


@contextmanager
def helped() -> Iterator[None]:
    """Have a helper compile :data:`_PARCELS` while the caller compiles the rest, if there is a second core."""
    from sim.jit import shares_rules, source_hash

    if cores() < 2 or not shares_rules():
        yield
        return
    with tempfile.TemporaryDirectory(prefix="stalemate-compile-") as folder:
        helper = start_module("sim.jit_helper", [folder, source_hash()])
        if helper is None:
            yield
            return
        with helper, _parcels_from(Path(folder), helper):
            try:
                _compile(_OWN)
                yield
            finally:
                helper.kill()


@contextmanager
def _parcels_from(folder: Path, helper: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the phases' dispatchers look for the helper's parcels before they compile, as they would in a cache."""
    import sim.day

    phases: list[Any] = [getattr(sim.day, name) for name in _PARCELS]
    before = [phase._cache for phase in phases]
    for name, phase in zip(_PARCELS, phases, strict=True):
        phase._cache = _Parcel(folder / f"{name}{_SUFFIX}", helper)
    try:
        yield
    finally:
        for phase, cache in zip(phases, before, strict=True):
            phase._cache = cache


class _Parcel:
    """What numba takes for the cache of one phase."""

    def __init__(self, file: Path, helper: subprocess.Popen[bytes]) -> None:
        self._file, self._helper = file, helper

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Wait for the helper's compilation and return it; None if none comes, or it is for another kind of world."""
        from numba.core.compiler import CompileResult

        until = time.monotonic() + _PATIENCE_S
        while not self._file.exists():
            ended = self._helper.poll() is not None and not self._file.exists()
            if ended or time.monotonic() > until:
                return None
            time.sleep(0.01)
        found = CompileResult._rebuild(context, *pickle.loads(self._file.read_bytes()))
        return found if tuple(found.signature.args) == tuple(signature) else None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Do nothing: what is kept on disk is the loop over days."""


def _compile(name: str) -> Any:
    """Compile one phase for worlds of the standard size; return its compilation."""
    import numba

    import sim.day
    from sim.world import world_dtype

    phase: Any = getattr(sim.day, name)
    phase.compile((numba.from_dtype(world_dtype()),))
    return next(iter(phase.overloads.values()))


def main(folder: Path, expected: str) -> int:
    """Compile the parcels, one after the other; return 1 if the sources found here are not the caller's."""
    from numba.core import serialize
    from numba.core.compiler_lock import global_compiler_lock

    from sim.jit import source_hash

    if source_hash() != expected:
        return 1
    for name in _PARCELS:
        result = _compile(name)
        part = folder / f"{name}.part"
        with global_compiler_lock:
            part.write_bytes(serialize.dumps(result._reduce()))
        part.rename(folder / f"{name}{_SUFFIX}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
