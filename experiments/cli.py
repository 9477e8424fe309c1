"""The command ``stalemate``: one line in :data:`COMMANDS` for each subcommand, imported only when it is called."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

PROGRAM = "stalemate"
_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130
# Errors in which the command was right and something else went wrong; named, so that complaining imports nothing heavy.
_FAILURES = (
    "WriteError",
    "RunFailedError",
    "DriversDisagreeError",
    "SweepWriteError",
    "TooManyFailuresError",
    "NoRunSucceedsError",
    "RowDiffersError",
    "DamagedResultsError",
)


@dataclass(frozen=True)
class Command:
    """A subcommand.

    Attributes:
        module: where its ``configure(parser)`` and its ``execute(args) -> exit status`` are.
        help: what it does, for the list of commands.
    """

    module: str
    help: str


COMMANDS = {
    "run": Command("experiments.run", "run one scenario and tell what happened"),
    "replay": Command("experiments.replay", "run a kept run again and check that it makes the same world"),
    "branch": Command(
        "experiments.branch", "same luck, one change from a day on: a kept run and its branch side by side"
    ),
    "export": Command("experiments.export", "put a kept run into one file to hand on"),
    "sweep": Command("experiments.sweep.command", "run many points and seeds; resumable, on one computer or many"),
