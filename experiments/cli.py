"""The command ``stalemate``: one line in :data:`COMMANDS` for each subcommand, imported only when it is called."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import difflib
import gc
import importlib
import io
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
    "AllRunsFailedError",
    "DriversDisagreeError",
    "SweepWriteError",
    "TooManyFailuresError",
    "NoRunSucceedsError",
    "RowDiffersError",
    "DamagedResultsError",
    "NotFiniteError",
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
    "sweep": Command("experiments.sweep.command", "run many points and seeds; resumable, on one computer or many"),
    "runs": Command("experiments.runs", "list what is kept in outputs/, and what sets each run apart"),
    "replay": Command("experiments.replay", "run a kept run again and check that it makes the same world"),
    "branch": Command(
        "experiments.branch", "same luck, one change from a day on: a kept run and its branch side by side"
    ),
    "export": Command("experiments.export", "put a kept run into one file to hand on"),
    "lesson": Command("experiments.lesson", "a lesson as one file that opens anywhere, with the teacher's guide"),
    "classroom": Command("experiments.classroom.command", "lessons live, for a class of up to some thirty"),
    "scenarios": Command("experiments.scenarios", "list the scenarios"),
    "validate": Command("experiments.validate", "hold the model to the article's patterns and to recorded events"),
    "score": Command("experiments.score", "score the model on recorded months that it has not seen, against a null"),
    "outcomes": Command("experiments.outcomes", "how often runs end in each class, and how lasting that is"),
    "ablate": Command("experiments.ablate", "what each mechanism contributes, as paired differences"),
    "sensitivity": Command("experiments.sensitivity", "which parameters matter: Morris, then Sobol"),
    "compare": Command("experiments.compare", "scenarios with the same luck, or finished sweeps on one scale"),
    "thesis": Command("experiments.thesis.command", "test one of the five theses of the article"),
    "figure": Command("experiments.figure", "draw a finished sweep, without running anything again"),
    "explain": Command("experiments.explain", "say what a parameter is: value, unit, range, source, meaning"),
    "verify": Command("experiments.verify", "hold the model's own rules to closed forms; fight a duel of your own"),
    "checks": Command("experiments.wired", "look for a wired-in result: extremes, hidden caps, ten statements"),
    "profile": Command("experiments.profile", "time the phases of the day"),
    "generate": Command("experiments.generate", "write a larger country, for measuring"),
}


class _Refused(Exception):
    """The command line cannot be read."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ").split()
        if unknown and unknown[0] != message.split()[0]:
            options = {name.strip("-"): name for name in self._option_string_actions}
            near = difflib.get_close_matches(unknown[0].strip("-"), options, n=1)
            hint = f"did you mean {options[near[0]]!r}?" if near else f"{self.prog} --help lists what there is"
            if not near and any(action.dest == "settings" for action in self._actions):
                hint = f"settings are written without dashes, as in seed=3; {hint}"
            raise _Refused(f"no option {unknown[0]!r}; {hint}")
        _, required, names = message.partition("arguments are required: ")
        if required:
            missing = ", ".join(name for name in names.split(", ") if name != "key=value")
            raise _Refused(f"{self.prog.removeprefix(f'{PROGRAM} ')} needs {missing}; {self.prog} --help shows how")
        raise _Refused(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit status.

    0: done. 1: it failed. 2: the command line or configuration is at fault. 130: interrupted.
    """
    if argv is None:
        atexit.register(gc.freeze)  # leaving, Python looks through all objects for garbage: a quarter of a second
        _allow_any_letter()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _dispatch(words)
        sys.stdout.flush()
        return status
    except _Refused as error:
        return _complain(str(error))
    except KeyboardInterrupt as stop:
        print(f"\n{PROGRAM}: {str(stop) or 'interrupted; nothing half-done was kept'}", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _drop_stdout()
        return 0
    except OSError as error:
        _drop_stdout()
        return _complain(f"{error.filename or 'output'}: {error.strerror or error}", _FAILED)
    except ValueError as error:
        return _complain_of(error)


def _allow_any_letter() -> None:
    """Let a letter that the terminal's encoding lacks, such as × in cp437, come out as ``?`` instead of ending all."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not where somebody put another, or there is none
            stream.reconfigure(errors="replace")


def _drop_stdout() -> None:
    """Point standard output nowhere, so that Python does not stumble over it again on its way out."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if words[0] in ("-V", "--version"):
        import sim

        print(f"{PROGRAM} {sim.__version__}")
        return 0
    name, rest = words[0], words[1:]
    if name not in COMMANDS:
        raise _Refused(_unknown(name))
    command = importlib.import_module(COMMANDS[name].module)
    parser = _Parser(prog=f"{PROGRAM} {name}", description=f"{COMMANDS[name].help}.", allow_abbrev=False)
    command.configure(parser)
    try:
        args = parser.parse_intermixed_args(rest)
    except SystemExit as done:  # argparse leaves this way after --help
        return int(done.code or 0)
    return int(command.execute(args))


def _overview() -> str:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items())
    return (
        f"usage: {PROGRAM} COMMAND [key=value …] [--options]\n\n"
        "A laboratory for one question: why does an insurgency that can bleed an army and cut a capital's\n"
        "fuel still fail to bring down a regime propped up by contractors, and what would tip it?\n\n"
        f"commands:\n{listed}\n\n"
        f"{PROGRAM} COMMAND --help says more; {PROGRAM} --version says which version this is.\n"
        "An academic model of aggregates: it predicts no event, and casualties in it are numbers, not people."
    )


def _unknown(name: str) -> str:
    from sim.parameter_errors import nearest

    near = f"run {name}" if "=" in name else nearest(name, COMMANDS)
    hint = f"did you mean '{PROGRAM} {near}'?" if near else f"there are {', '.join(COMMANDS)}"
    return f"no command {name!r}; {hint}"


def _complain_of(error: ValueError) -> int:
    """Report an error that the user can mend; any other is ours and keeps its traceback."""
    from sim.parameter_errors import StalemateError

    if not isinstance(error, StalemateError):
        raise error
    return _complain(str(error), _FAILED if type(error).__name__ in _FAILURES else _USAGE)


def _complain(message: str, status: int = _USAGE) -> int:
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
