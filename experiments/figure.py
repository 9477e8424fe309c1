"""``stalemate figure``: draw a finished sweep, or draw it anew with other axes, without running anything."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.messages import BadSettingError, ConfigurationError, UnknownOptionError

if TYPE_CHECKING:
    from experiments.comparison.phases import Phase
    from experiments.sweep import Sweep

KINDS = ("phase", "lines", "survival")
_KEYS = ("kind", "x", "y", "by", "measure")
_EXAMPLES = """\
examples:
  stalemate figure outputs/SWEEP                                            the first two swept keys
  stalemate figure outputs/SWEEP kind=phase x=population.insurgent_support y=insurgents.interdiction_effort
  stalemate figure outputs/SWEEP kind=lines x=contractors.personnel measure=deaths_civilians
  stalemate figure outputs/SWEEP kind=survival by=contractors.personnel

kinds: phase (shares of the outcome classes over two keys), lines (a measure over one key, ridges where it has two
peaks), survival (time to insurgent breakthrough, a curve for each value of a key)
"""


class UnknownMeasureError(ConfigurationError):
    """A column that the sweep does not have, or that is no number."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate figure`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("sweep", type=Path, metavar="SWEEP_DIR", help="the folder of a finished sweep")
    parser.add_argument("settings", nargs="*", metavar="key=value", help="kind, x, y, by, measure")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to put it (figures/ in the sweep's folder)")


def execute(args: argparse.Namespace) -> int:
    """Draw and say where it is."""
    from experiments.sweep import read_sweep

    asked = settings_of(args.settings)
    sweep = read_sweep(args.sweep)
    kind = asked.get("kind") or ("phase" if len(sweep.keys) > 1 else "lines")
    if kind not in KINDS:
        raise UnknownOptionError("kind", kind, KINDS)
    folder = args.folder or args.sweep / "figures"
    paths = {"phase": _phase, "lines": _lines, "survival": _survival}[kind](sweep, asked, folder)
    print("\n".join(str(path) for path in paths))
    return 0


def settings_of(settings: list[str]) -> dict[str, str]:
    """Return the command's settings by key.

    Raises:
        UnknownOptionError, BadSettingError: a key that this command does not take, or one without a value.
    """
    found: dict[str, str] = {}
    for text in settings:
        key, sign, value = text.partition("=")
        if key not in _KEYS:
            raise UnknownOptionError("figure", key, _KEYS)
        if not sign or not value:
            raise BadSettingError(key, value, "a name, as in kind=phase")
        found[key] = value
    return found


def seeds_in_words(sweep: Sweep) -> str:
    """Return a sweep's seeds for a footer."""
    return f"{sweep.seeds[0]}-{sweep.seeds[-1]}"


def days_of(sweep: Sweep) -> int | None:
    """Return the length of the runs, if it is one for all."""
    if "days" in sweep.runs.columns:
        return int(sweep.runs["days"].iloc[0]) if sweep.runs["days"].nunique() == 1 else None
    return None


def phase_title(found: Phase) -> str:
    """Return what a phase diagram shows in one line: how much of the plane each class is commonest in, ties apart."""
    import numpy as np

    from experiments.comparison.phases import CLASSES, NOT_RUN, TIED
    from sim.outcomes import PLAIN_WORDS

    which = found.commonest[found.commonest != NOT_RUN]
    counts = np.bincount(which[which != TIED], minlength=len(CLASSES))
    order = np.argsort(-counts, kind="stable")[:2]
    parts = [f"“{PLAIN_WORDS[CLASSES[k]]}” in {counts[k] / len(which):.0%} of it" for k in order if counts[k]]
    tied = (which == TIED).mean()
    return f"Commonest outcome over the plane: {', '.join([*parts, f'tied in {tied:.0%}'] if tied else parts)}"


def _phase(sweep: Sweep, asked: dict[str, str], folder: Path) -> list[Path]:
    from experiments.compare import axes_of
    from experiments.comparison.phases import phase

    x, y = axes_of([f"{key}={asked[key]}" for key in ("x", "y") if key in asked], sweep)
    found = phase(sweep.runs, x, y)
    draw = importlib.import_module("experiments.figures.comparisons")
    name = f"phase_{x.rpartition('.')[2]}_by_{y.rpartition('.')[2]}"
    paths: list[Path] = draw.write_phase(found, phase_title(found), seeds_in_words(sweep), days_of(sweep), folder, name)
    return paths


def key_of(sweep: Sweep, key: str | None, setting: str) -> str:
    """Return a swept key: the one asked for, else the first.

    Raises:
        UnknownOptionError: it was not swept.
    """
    if key is not None and key not in sweep.keys:
        raise UnknownOptionError(setting, key, sweep.keys)
    if not sweep.keys:
        raise UnknownMeasureError(f"{sweep.folder}: sweeps no key, so there is nothing to draw over")
    return key or sweep.keys[0]


def _lines(sweep: Sweep, asked: dict[str, str], folder: Path) -> list[Path]:
    from pandas.api.types import is_numeric_dtype

    x = key_of(sweep, asked.get("x"), "x")
    measure = asked.get("measure", "breakthrough")
    if measure not in ("breakthrough", "stalemate"):
        if measure not in sweep.runs.columns:
            raise UnknownOptionError("measure", measure, [str(c) for c in sweep.runs.columns])
        if not is_numeric_dtype(sweep.runs[measure]):
            raise UnknownMeasureError(f"measure: {measure} is no number")
    draw = importlib.import_module("experiments.figures.lines")
    paths: list[Path] = draw.write_lines(sweep.runs, x, measure, seeds_in_words(sweep), folder)
    return paths


def _survival(sweep: Sweep, asked: dict[str, str], folder: Path) -> list[Path]:
    by = key_of(sweep, asked.get("by") or asked.get("x"), "by")
    draw = importlib.import_module("experiments.figures.lines")
    paths: list[Path] = draw.write_survival(sweep.runs, by, days_of(sweep), seeds_in_words(sweep), folder)
    return paths
