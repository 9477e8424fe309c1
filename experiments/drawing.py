"""A second process that draws a run's figures: it imports matplotlib while the run itself is still being simulated.

It is a convenience for the clock and nothing else. Where there is one core, or the process fails for whatever reason,
the same is done here instead, with the same bytes; so an error of drawing is always met, and told, in this process.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.processes import cores, start_module

if TYPE_CHECKING:
    from experiments.plain_run import PlainRun
    from sim.scenario import Scenario

MODULE: Final = "experiments.figures.worker"
_PIPE: Final = 60_000  # bytes that a pipe takes without waiting for the other end
_WIDE: Final = 1 << 20  # bytes, what Linux grants to anyone; the run of a year and a half is half of it
_PATIENCE: Final = 3.0  # seconds that a process gets to leave by itself


class Drawing:
    """The process that draws, or none.

    Attributes:
        process: the process; None where everything is drawn here.
    """

    def __init__(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Take a process that runs :data:`MODULE`, waiting for its task."""
        self.process = process

    def expect(self, scenario: Scenario) -> None:
        """Say what will be run, so that its figures can be begun meanwhile."""
        with contextlib.suppress(Exception):  # it is told again with the run, and a failure shows then
            told = pickle.dumps(scenario, protocol=pickle.HIGHEST_PROTOCOL)
            if self.process is not None and self.process.stdin is not None and len(told) < _PIPE:
                self.process.stdin.write(told)
                self.process.stdin.flush()

    def begin(self, run: PlainRun, folder: Path) -> None:
        """Hand over a run, whose figures go into a folder; a failure shows in :meth:`finished`."""
        if self.process is None or self.process.stdin is None:
            return
        try:
            task = pickle.dumps((run, folder.resolve()), protocol=pickle.HIGHEST_PROTOCOL)
            self.process.stdin.write(task)
            self.process.stdin.close()
        except Exception:  # a result that cannot be handed over, or a process that is gone: drawn here
            self.end()

    def finished(self) -> bool:
        """Wait for the process; whether it wrote everything. It takes one run only."""
        if self.process is None:
            return False
        if self.process.wait() != 0:
            self.end()  # with what it started
            return False
        self.process = None
        return True

    def end(self) -> None:
        """Stop the process, with what it started, if it is still there; it removes its drafts on the way out."""
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        _signal(process, signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
        finally:
            _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and its children, which have a group of their own where there are groups."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)


def _widen(pipe: int) -> None:
    """Let a pipe take a whole run, where the system can: one need not wait then until the other end has time for it."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _WIDE)


@contextlib.contextmanager
def drawing(wanted: bool = True) -> Iterator[Drawing]:
    """Start the process that draws, if it is wanted and there is a core for it; it never outlives the block.

    Its own session keeps the terminal's Ctrl-C from it: it is stopped from here, in order.
    """
    process = None
    if wanted and cores() > 1:
        one_thread = {"OPENBLAS_NUM_THREADS": "1"}  # threads do not survive a fork
        # Silent: what fails there is done again here, and told here.
        process = start_module(MODULE, (), one_thread, stdin=subprocess.PIPE, start_new_session=True)
    if process is not None and process.stdin is not None:
        _widen(process.stdin.fileno())
    found = Drawing(process)
    try:
        yield found
    finally:
        found.end()
