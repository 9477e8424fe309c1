"""What can be wrong with a sweep, one exception per cause, each one line that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from experiments.messages import ConfigurationError
from experiments.numbers import count
from sim.parameter_errors import StalemateError, nearest


class EmptyDesignError(ConfigurationError):
    """A sweep, or a part of one, without a single point."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where}: has no values; it takes at least one")


class UnknownSweepKeyError(ConfigurationError):
    """A key of the sweep's own specification that does not exist."""

    def __init__(self, where: str, name: Any, known: Iterable[str]) -> None:
        known = list(known)
        near = nearest(str(name), known)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
        super().__init__(f"{where}: no {str(name)!r}; {hint}")


class MissingGroupError(ConfigurationError):
    """A key of the sweep or of its executor that is written without its group."""

    def __init__(self, key: str, group: str) -> None:
        example = ", as in sweep.seeds=50 or sweep.seeds=[3,5,8]" if key == "seeds" else ""
        super().__init__(f"{key}: not a key of a run; a sweep takes {group}.{key}=…{example}")


class SeveralValuesError(ConfigurationError):
    """Several values for a key of a run, where the sweep's design should say so."""

    def __init__(self, key: str, given: str, values: str) -> None:
        home = f"sweep.seeds=[{values}]" if key == "seed" else f"'sweep.grid={{{key}: [{values}]}}'"
        super().__init__(f"{key}: {given!r} is not allowed; a sweep takes several values as {home}")


class BadDesignError(ConfigurationError):
    """A part of the specification whose form or value cannot be used."""

    def __init__(self, where: str, value: Any, allowed: str) -> None:
        super().__init__(f"{where}: {value!r} is not allowed; it takes {allowed}")


class ReversedBoundsError(ConfigurationError):
    """A range whose low end is not below its high end."""

    def __init__(self, where: str, low: float, high: float) -> None:
        super().__init__(f"{where}: low {low:g} is not below high {high:g}")


class UnequalLengthsError(ConfigurationError):
    """Lists that are to be taken value by value, but differ in length."""

    def __init__(self, where: str, lengths: dict[str, int]) -> None:
        told = ", ".join(f"{key} has {n}" for key, n in lengths.items())
        super().__init__(f"{where}: values are taken one by one, but {told}")


class RepeatedKeyError(ConfigurationError):
    """A key that two parts of one block set."""

    def __init__(self, where: str, key: str) -> None:
        super().__init__(f"{where}: {key} is set twice; each key belongs to one of grid, zip, list, lhs and sobol")


class AnotherSweepError(ConfigurationError):
    """The folder holds another sweep."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(f"{folder}: holds another sweep ({what}); name another with --folder, or remove it")


class NotASweepFolderError(ConfigurationError):
    """A folder without a sweep's manifest."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: holds no sweep; it takes a folder that `stalemate sweep` made")


class ForeignFolderError(ConfigurationError):
    """A folder for a new sweep that has other things in it."""

    def __init__(self, folder: Path, found: str) -> None:
        super().__init__(f"{folder}: not empty and no sweep ({found} is in it); name a new folder with --folder")


class OtherVersionError(ConfigurationError):
    """Results that another version of the model made."""

    def __init__(self, folder: Path, theirs: str, ours: str) -> None:
        super().__init__(
            f"{folder}: made by another version of the model ({theirs}; this is {ours}); go on with that version, "
            "name another folder with --folder, or run it again with --force"
        )


class WorkerVersionError(ConfigurationError):
    """A worker that runs other sources than the computer that drives the sweep."""

    def __init__(self, worker: str, theirs: str, ours: str) -> None:
        super().__init__(
            f"worker {worker}: runs another version of the model or of its compiler ({theirs}, here {ours}); "
            "install the same version and the same lock there"
        )


class UnfinishedSweepError(ConfigurationError):
    """A sweep that is not complete."""

    def __init__(self, folder: Path, command: str) -> None:
        super().__init__(f"{folder}: not finished; the same command goes on with it: {command}")


class DamagedResultsError(StalemateError):
    """Results that are not as they were written."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(f"{folder / name}: not as it was written; run the sweep again with --force")


class FolderInUseError(ConfigurationError):
    """Another process works on this folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: another process is working on this sweep; wait for it, or stop it")


class TooManyFailuresError(StalemateError):
    """The sweep was stopped since too many runs had failed."""

    def __init__(self, failed: int, most: int, first: str, folder: Path) -> None:
        super().__init__(
            f"{count(failed, 'run')} failed, more than sweep.max_failures={most}; the first: {first}; "
            f"what was finished is kept in {folder}"
        )


class NoSuchRowError(ConfigurationError):
    """A row that the sweep does not have."""

    def __init__(self, row: Any, runs: int) -> None:
        super().__init__(f"--row: {row!r} is not allowed; it takes a whole number from 0 to {runs - 1}, or a run_id")


class RowDiffersError(StalemateError):
    """A row was run again and came out otherwise."""

    def __init__(self, row: int, theirs: str, ours: str, why: str) -> None:
        super().__init__(f"row {row}: made another world than in the sweep ({theirs}, now {ours}); {why}")


class MissingExtraError(ConfigurationError):
    """An executor whose package is not installed."""

    def __init__(self, executor: str, package: str, extra: str) -> None:
        super().__init__(f"executor: {executor!r} needs {package}, which the extra {extra!r} brings (docs/install.md)")


class NoSchedulerError(ConfigurationError):
    """A cluster without a word on where its scheduler is."""

    def __init__(self) -> None:
        super().__init__(
            "executor: 'dask_cluster' needs executor.scheduler_file=FILE or executor.address=tcp://HOST:8786; "
            "executor=dask runs on this computer"
        )


class ClusterUnreachableError(ConfigurationError):
    """A Dask scheduler that does not answer."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"executor: no scheduler answers at {where}: {reason}")


class SweepWriteError(StalemateError):
    """A part or the results could not be written; what was finished before is kept."""

    def __init__(self, where: str, error: OSError) -> None:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        super().__init__(
            f"{where}: cannot be written: {reason}; finished parts are kept, the same command goes on from them"
        )


class SweepInterrupted(KeyboardInterrupt):
    """The user stopped the sweep; its folder can be resumed."""

    def __init__(self, done: int, runs: int, folder: Path) -> None:
        super().__init__(f"interrupted; {done:,} of {runs:,} runs are kept in {folder}; the same command goes on")
