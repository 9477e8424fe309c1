"""One line for every error: the key at fault, what was given, what is allowed, the nearest valid name."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from typing import Any

from sim.parameter_errors import StalemateError, UnknownParameterError, nearest


class ConfigurationError(StalemateError):
    """The configuration cannot be composed."""


class UnknownOptionError(ConfigurationError):
    """A scenario, force or geography that does not exist."""

    def __init__(self, group: str, name: Any, options: Iterable[str]) -> None:
        options = sorted(options)
        begins = [option for option in options if option.startswith(str(name).lower())]
        near = begins[0] if begins else nearest(str(name), options)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(options)}"
        super().__init__(f"{group}: no {str(name)!r}; {hint}")


class BadOverrideError(ConfigurationError):
    """An argument that is no ``key=value``; ``hint``: how to write what was probably meant."""

    def __init__(self, text: str, hint: str = "settings are written key=value, as in seed=3") -> None:
        super().__init__(f"{text!r} cannot be read; {hint}")


class SweepWithoutMultirunError(ConfigurationError):
    """Several values for a key of a single run."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} gives several values to one run; stalemate run --multirun runs each of them")


class BadSettingError(ConfigurationError):
    """A key whose value cannot be used."""

    def __init__(self, key: str, value: Any, allowed: str) -> None:
        super().__init__(f"{key}: {value!r} is not allowed; it takes {allowed}")


class NotAParameterError(ConfigurationError):
    """A setting of a run where a parameter is asked for."""

    def __init__(self, key: str, hint: str) -> None:
        super().__init__(f"{key}: is a setting of a run, not a parameter; {hint}")


class SweepSettingError(ConfigurationError):
    """A setting of a sweep where none is run."""

    def __init__(self, key: str) -> None:
        many = "; other commands of many runs take seeds=N" if key == "sweep.seeds" else ""
        super().__init__(f"{key}: belongs to a sweep (stalemate sweep, stalemate thesis){many}")


class HydraSettingError(ConfigurationError):
    """A setting of Hydra's own, which would do nothing."""

    def __init__(self, key: str) -> None:
        hint = "--outputs DIR says where results go" if key.endswith(".dir") else "`stalemate explain` lists all keys"
        super().__init__(f"{key}: is a setting of Hydra's own and does nothing here; {hint}")


class GroupOfKeysError(ConfigurationError):
    """A value for something that is a group of keys."""

    def __init__(self, key: str, example: str) -> None:
        super().__init__(f"{key} is a group of keys and takes no value; set one of them, as in {example}=…")


class WriteError(StalemateError):
    """Results that could not be written; nothing half-written was left behind."""

    def __init__(self, where: str, error: OSError) -> None:
        reasons = {
            errno.ENOSPC: "the disk is full",
            errno.EEXIST: "a file of that name is in the way",
            errno.ENOTDIR: "a file is in the way",
        }
        reason = reasons.get(error.errno or 0) or error.strerror or str(error)
        super().__init__(f"{where}: cannot be written: {reason}; nothing was kept")


def nearest_key(key: str, known_keys: Iterable[str]) -> str | None:
    """Return the key, or the group of keys, that was probably meant; None if nothing is near."""
    known = list(known_keys)
    group, dot, _ = key.rpartition(".")
    if dot:  # the last part may be a name of somebody's own, as in force.garison.CAP
        return nearest(key, known) or nearest(group, known)
    return nearest(key, dict.fromkeys(name.partition(".")[0] for name in known)) or nearest(key, known)


def one_line(text: str) -> str:
    """Return the first line of a message, without trailing punctuation of a list that follows it."""
    return text.strip().splitlines()[0].rstrip(" :") if text.strip() else ""


def from_hydra(
    error: BaseException, known_keys: Iterable[str], names: Callable[[str], Iterable[str]] = lambda _: ()
) -> StalemateError:
    """Return the one-line error for one of Hydra's or OmegaConf's, which may run over many lines.

    Args:
        error: what was raised while composing.
        known_keys: every valid key, for the nearest name.
        names: gives what there is to choose from in a group of configuration files.
    """
    from hydra.errors import MissingConfigException
    from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

    if isinstance(error, StalemateError):
        return error
    if isinstance(error, MissingConfigException):
        return _missing(error, names)
    cause = error if isinstance(error, OmegaConfBaseException) else error.__cause__ or error.__context__
    if isinstance(cause, (ConfigAttributeError, ConfigKeyError)) and cause.full_key:
        return UnknownParameterError(str(cause.full_key), nearest_key(str(cause.full_key), known_keys))
    if isinstance(cause, OmegaConfBaseException) and cause.full_key:
        return ConfigurationError(f"{cause.full_key}: {one_line(str(cause.msg or cause))}")
    return ConfigurationError(f"configuration: {yaml_place(error) or one_line(str(cause or error))}")


def _missing(error: Any, names: Callable[[str], Iterable[str]]) -> StalemateError:
    group, slash, option = str(error.missing_cfg_file or "").rpartition("/")
    there = error.options or names(group) if slash else ()
    if there:
        return UnknownOptionError(group, option, there)
    return ConfigurationError(f"configuration: {one_line(str(error))}")


def yaml_place(error: BaseException) -> str | None:
    """Return where a YAML file cannot be read, or None if the error is another."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return None
    return f"{mark.name} line {mark.line + 1}: not readable as YAML ({getattr(error, 'problem', 'syntax')})"
