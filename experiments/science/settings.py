"""What the scientific commands share on the command line: settings of their own beside those of the scenario."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.messages import BadSettingError
from sim.run import MAX_SEED

if TYPE_CHECKING:
    from sim.scenario import Scenario


@dataclass(frozen=True)
class Own:
    """A command's own setting: a whole number (or a number, if ``whole`` is false) with a default and a range."""

    default: float
    low: float
    high: float
    whole: bool = True


SEEDS = {"seeds": Own(200, 1, 100_000), "first_seed": Own(1, 0, MAX_SEED - 100_000)}
"""How many seeds, and the first of them."""


def add_common(parser: argparse.ArgumentParser, examples: str) -> None:
    """Declare what every scientific command takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = examples
    parser.add_argument("settings", nargs="*", metavar="key=value", help="seeds, first_seed, scenario, any parameter")
    parser.add_argument("--json", action="store_true", help="print one line of JSON, not tables")
    add_workers(parser)
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios, targets, maps")


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Declare how many threads; fewer than one is refused as the command line is read."""
    parser.add_argument(
        "--workers", type=_threads, metavar="N", help="threads (the machine's cores); changes no result"
    )


def _threads(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; it takes a whole number from 1")
    return number


def split(settings: Sequence[str], own: Mapping[str, Own]) -> tuple[dict[str, Any], list[str]]:
    """Return the command's own settings, defaults filled in, and the rest, which belongs to the scenario.

    Raises:
        BadSettingError: a value of an own setting that is no number of its range.
    """
    found: dict[str, Any] = {key: int(o.default) if o.whole else o.default for key, o in own.items()}
    rest: list[str] = []
    for text in settings:
        key, sign, value = text.partition("=")
        if sign and key in own:
            found[key] = _number(key, value, own[key])
        else:
            rest.append(text)
    return found, rest


def _number(key: str, text: str, own: Own) -> float:
    kind = "a whole number" if own.whole else "a number"
    try:
        value = int(text) if own.whole else float(text)
    except ValueError:
        raise BadSettingError(key, text, f"{kind} from {own.low:g} to {own.high:g}") from None
    if not own.low <= value <= own.high:
        raise BadSettingError(key, value, f"{kind} from {own.low:g} to {own.high:g}")
    return value


def seeds_of(found: Mapping[str, Any]) -> range:
    """Return the seeds that the settings ask for."""
    return range(found["first_seed"], found["first_seed"] + found["seeds"])


def scenario_of(args: argparse.Namespace, settings: Sequence[str]) -> Scenario:
    """Return the scenario that the settings ask for.

    Raises:
        StalemateError: a name, key or value that cannot be used.
    """
    from experiments.compose import DEFAULT_SCENARIO, load_scenario

    name, rest = DEFAULT_SCENARIO, []
    for text in settings:
        key, sign, value = text.partition("=")
        if sign and key == "scenario":
            name = value
        else:
            rest.append(text)
    return load_scenario(name, rest, args.config_dir)


def to_json(data: Any) -> str:
    """Return one line of strict JSON; what is undefined (NaN) is null."""
    return json.dumps(_plain(data), ensure_ascii=False, allow_nan=False)


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    if isinstance(data, float):
        return float(data) if math.isfinite(data) else None
    return data


def note(text: str) -> None:
    """Say something beside the results."""
    print(text, file=sys.stderr, flush=True)
