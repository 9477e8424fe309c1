"""Settings given as ``key=value``: checked before Hydra composes, so that a mistake is named in one line."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.messages import (
    BadOverrideError,
    BadSettingError,
    GroupOfKeysError,
    HydraSettingError,
    SweepSettingError,
    SweepWithoutMultirunError,
    UnknownOptionError,
    nearest_key,
)
from experiments.schema import AGENT_KINDS, force_keys, force_tables, plain_keys
from sim.parameter_errors import BadParameterValueError, UnknownParameterError
from sim.parameters import check, infos
from sim.scenario import check_days, number, whole

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

GROUPS = ("scenario", "force", "geography")
_OPEN = ("force.", "timeline.")  # new entries may be added here without Hydra's "+"


def options(group: str, folders: Iterable[Path]) -> tuple[str, ...]:
    """Return the names to choose from in a group, from all configuration folders."""
    return tuple(sorted({f.stem for folder in folders for f in (folder / group).glob("*.yaml")}))


@functools.cache
def known_keys() -> tuple[str, ...]:
    """Return every key that a setting may name, most general first."""
    inner = [f"agents.{kind}" for kind in AGENT_KINDS] + [f"force.{key}" for key in force_keys()]
    plain = [key for key in plain_keys() if key not in ("agents", "force", "geography")]
    return (*GROUPS, *plain, *inner, "geography.folder", *infos())


def checked(overrides: Sequence[str], folders: Sequence[Path], multirun: bool = False) -> list[str]:
    """Return the settings as Hydra shall have them, after checking each.

    Args:
        overrides: ``key=value`` in Hydra's grammar.
        folders: configuration folders in which groups are looked up.
        multirun: whether several values for a key are allowed.

    Raises:
        StalemateError: the first setting at fault, in one line, through the subclass that names the cause.
    """
    return [_checked(text, folders, multirun) for text in overrides]


def _checked(text: str, folders: Sequence[Path], multirun: bool) -> str:
    if "=" not in text and text in options("scenario", folders):
        raise BadOverrideError(text, f"did you mean 'scenario={text}'?")
    override = parse_override(text)
    key = str(override.key_or_group)
    if key.startswith(("hydra.", "hydra/")):
        _check_hydra(key, multirun)
        return text
    if override.is_sweep_override():
        if not multirun:
            raise SweepWithoutMultirunError(text)
        check_key(key)
        for value in _sweep_values(override):
            check_value(key, value, folders)
        return text
    check_key(key)
    if override.is_delete():
        if key.startswith("force.") and key.removeprefix("force.") in force_keys():
            raise BadOverrideError(text, f"to leave a table empty write {key}={{}}")
        return text
    value = override.value()
    check_value(key, value, folders)
    return _for_hydra(text, key, value)


def _check_hydra(key: str, multirun: bool) -> None:
    """Refuse a setting of Hydra's own where Hydra only composes; its sweeper and launcher serve --multirun."""
    if key != "hydra.searchpath" and (not multirun or key.startswith("hydra.run.")):
        raise HydraSettingError(key)


def parse_override(text: str) -> Override:
    """Return a setting as Hydra reads it.

    Raises:
        BadOverrideError: it is no ``key=value``.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    if not text.lstrip("+~").partition("=")[0].strip():
        raise BadOverrideError(text)
    try:
        return OverridesParser.create().parse_override(text)
    except (HydraException, ValueError):
        raise BadOverrideError(text) from None


def _sweep_values(override: Override) -> list[Any]:
    """Return the values of a sweep that are written out; others (glob, ranges of Hydra's own) are left to Hydra."""
    if not override.is_discrete_sweep():
        return []
    return [parse_override(f"{override.key_or_group}={text}").value() for text in override.sweep_string_iterator()]


def _for_hydra(text: str, key: str, value: Any) -> str:
    if value == {} and key.startswith(_OPEN):
        text = f"{text.partition('=')[0]}=null"  # {} would be merged, that is do nothing
    if isinstance(value, bool) and key in infos():
        text = f"{text.partition('=')[0]}={int(value)}"
    if key.startswith(_OPEN) and text[0] not in "+~":
        return f"++{text}"
    return text


def check_key(key: str) -> None:
    """Refuse a key that no setting may name."""
    first, _, rest = key.partition(".")
    if first == "sweep":
        raise SweepSettingError(key)
    known = known_keys()
    if key in known or (first == "timeline" and rest) or (first == "force" and rest.partition(".")[0] in force_keys()):
        return
    if key == "timeline" or key in {name.partition(".")[0] for name in known}:
        raise GroupOfKeysError(key, _example(key))
    raise UnknownParameterError(key, nearest_key(key, known))


def _example(group: str) -> str:
    if group == "timeline":
        return "timeline.summer_campaign.value"
    return next(key for key in known_keys() if key.startswith(f"{group}."))


def check_value(key: str, value: Any, folders: Sequence[Path]) -> None:
    """Refuse a value that its key does not take; what only the whole configuration can tell is left to composing."""
    if isinstance(value, str) and "${" in value:
        return  # an interpolation: its value is known, and checked, after composing
    if key in GROUPS:
        if value not in options(key, folders):
            raise UnknownOptionError(key, value, options(key, folders))
    elif key in infos():
        _check_parameter(key, value)
    elif key.startswith("force.") and key[6:] in force_tables() and not isinstance(value, (dict, type(None))):
        raise BadSettingError(key, value, "values by name, as in {A: 1, B: 2}, or null for none")
    elif key in CHECKS:
        CHECKS[key](value)


def _check_parameter(key: str, value: Any) -> None:
    info = infos()[key]
    if isinstance(value, bool) and info.unit != "0/1":  # true is a number to Python, but no amount of anything
        raise BadParameterValueError(key, value, info.low, info.high)
    check(key, value)


def check_driver(value: Any) -> None:
    """Refuse a driver that does not exist; None lets the program choose."""
    if value is None:
        return
    from sim.run import DRIVERS, UnknownDriverError

    if value not in DRIVERS:
        raise UnknownDriverError(str(value))


def check_seed(value: Any) -> None:
    """Refuse a seed that is no whole number from 0."""
    from sim.run import MAX_SEED

    whole("seed", value, 0, MAX_SEED)


def check_date(value: Any) -> None:
    """Refuse a start date that is no ISO date."""
    try:
        datetime.date.fromisoformat(str(value))
    except ValueError:
        raise BadSettingError("start_date", value, "a date such as 2025-01-31") from None


def check_summer(value: Any) -> None:
    """Refuse a window that is not two days in order."""
    _pair("summer", value, "two day numbers in order, as in [151,242]")
    whole("summer", value[0], 0, 36500)
    whole("summer", value[1], value[0], 36500)


def check_band(value: Any) -> None:
    """Refuse an event band that is not two numbers in order."""
    _pair("event_band", value, "two numbers in order, as in [5,60]")
    number("event_band", value[0], 0, 1e6)
    number("event_band", value[1], value[0], 1e6)


def _pair(key: str, value: Any, allowed: str) -> None:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise BadSettingError(key, value, allowed)


CHECKS: dict[str, Callable[[Any], object]] = {
    "days": check_days,
    "seed": check_seed,
    "judge_day": lambda value: whole("judge_day", value, 1, 36500),
    "driver": check_driver,
    "start_date": check_date,
    "summer": check_summer,
    "event_band": check_band,
}
