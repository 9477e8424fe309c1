"""``stalemate verify``: the model's own rules against closed forms, for the shipped list or for anyone's duel."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.parameter_errors import StalemateError, nearest

if TYPE_CHECKING:
    from experiments.verification.bare import Check
    from experiments.verification.duels import DuelResult

LAW_WORDS = {
    "square": "Lanchester's square law",
    "linear": "Lanchester's linear law",
    "deitchman": "Deitchman's law",
    "mixed": "the generalised Deitchman mix",
}
_NEEDED = ("law", "duel.beta", "duel.rho", "duel.B0", "duel.R0")
_ONLY_MIXED = ("duel.mu", "duel.beta_area")
_KEYS = (*_NEEDED, *_ONLY_MIXED, "n", "seed", "round_hours")
_WHOLE = ("duel.B0", "duel.R0", "n", "seed")
_EXAMPLES = """\
examples:
  stalemate verify                        every check, as a table; exit status 1 if one fails
  stalemate verify --write                the same, and docs/verification.md with its figure
  stalemate verify law=square duel.beta=0.1 duel.rho=0.1 duel.B0=20 duel.R0=20 n=20000 --json

a duel of your own: law is square, linear, deitchman or mixed;
  duel.beta   the state's kill rate: aimed, a day and soldier (square, mixed); area, a day, soldier and insurgent
              (linear, deitchman)
  duel.rho    the insurgents': aimed, a day and insurgent; for linear area, a day, insurgent and soldier
  duel.B0     soldiers, 1 to 10,000           duel.R0   insurgents, 1 to 10,000
  duel.mu     mixed: aimed share of the state's fire (0.5)
  duel.beta_area  mixed: its area rate, a day, soldier and insurgent (the same number as duel.beta)
  n, seed     number of duels (10000), their luck (1)
  round_hours a fixed length of the rounds; without it they are so short that their bias drowns in the error
"""


class BadDuelSettingError(StalemateError):
    """A setting of a duel that is unknown, missing, given twice or no number."""


class NotVerifiedError(StalemateError):
    """A page that would say that all is well while a check fails."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate verify`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("settings", nargs="*", metavar="key=value", help="a duel of your own; none: every check")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--write", action="store_true", help="write docs/verification.md and its figure")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="the folder for --write (docs of the checkout)")


def execute(args: argparse.Namespace) -> int:
    """Verify and report; 0, or 1 if a check fails."""
    if args.settings:
        if args.write:
            raise BadDuelSettingError("--write: writes the page of all checks; leave out the settings of a duel")
        return _one_duel(args.settings, args.json)
    return _all_checks(args)


def read_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Return the settings of a duel, checked for their names and for being numbers.

    Raises:
        BadDuelSettingError: in one line.
    """
    found: dict[str, Any] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not value:
            raise BadDuelSettingError(f"{text!r} cannot be read; settings are written key=value, as in duel.B0=20")
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(_KEYS)}"
            raise BadDuelSettingError(f"no setting {key!r}; {hint}")
        if key in found:
            raise BadDuelSettingError(f"{key}: given twice")
        found[key] = value if key == "law" else _number(key, value)
    missing = [key for key in _NEEDED if key not in found]
    if missing:
        raise BadDuelSettingError(f"{missing[0]}: missing; a duel needs {', '.join(_NEEDED)}")
    return found


def _number(key: str, text: str) -> float | int:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadDuelSettingError(f"{key}: {text!r} is not allowed; it takes a finite number")
    if key not in _WHOLE:
        return value
    if value != int(value):
        raise BadDuelSettingError(f"{key}: {text!r} is not allowed; it takes a whole number")
    return int(value)


def fight_settings(settings: Sequence[str]) -> DuelResult:
    """Fight the duel that the settings ask for.

    Raises:
        BadDuelSettingError, DuelError: in one line.
    """
    from experiments.verification.duels import DUELS, Duel, DuelValueError, UnknownLawError, fight
    from sim.theory import LAWS

    found = read_settings(settings)
    if found["law"] not in LAWS:
        raise UnknownLawError(found["law"])
    hours, seed = found.get("round_hours", 0.0), found.get("seed", 1)
    if "round_hours" in found and not 1e-6 <= hours <= 24:
        raise DuelValueError("round_hours", hours, "hours from 0.000001 to 24")
    if not 0 <= seed < 2**63:
        raise DuelValueError("seed", seed, "a whole number from 0 to 2**63 - 1")
    duel = Duel(
        found["law"], found["duel.beta"], found["duel.rho"], found["duel.B0"], found["duel.R0"],
        found.get("duel.mu", 0.5), found.get("duel.beta_area"),
    )  # fmt: skip
    duel.check()
    for key in _ONLY_MIXED:
        if key in found and found["law"] != "mixed":
            print(f"{key}: without effect on law={found['law']}", file=sys.stderr)
    return fight(duel, found.get("n", DUELS), seed, round_days=hours / 24.0)


def _one_duel(settings: Sequence[str], as_json: bool) -> int:
    result = fight_settings(settings)
    if as_json:
        print(json.dumps(result.as_dict()))
        return 0
    print(f"{LAW_WORDS[result.duel.law]}, {result.n:,} duels by the model's own rules of combat, fought to the last")
    names = ("insurgents win", "soldiers left (mean)", "insurgents left (mean)")
    print(f"{'':24}{'model':>12}{'exact':>12}{'error':>12}")
    for name, e in zip(names, result.estimates, strict=True):
        print(f"{name:24}{e.model:12.5g}{e.theory:12.5g}{e.standard_error:12.2g}")
    return 0


def _all_checks(args: argparse.Namespace) -> int:
    from experiments.verification.checks import run_checks

    checks = []
    for check in run_checks():
        checks.append(check)
        if not args.json:
            print(in_a_line(check), flush=True)
    failed = [check.id for check in checks if check.passed is False]
    if args.json:
        print(json.dumps({"passed": not failed, "checks": [as_dict(check) for check in checks]}, ensure_ascii=False))
    else:
        judged = sum(check.passed is not None for check in checks)
        print(
            f"{judged - len(failed)} of {judged} checks passed" + (f"; failed: {', '.join(failed)}" if failed else "")
        )
    if args.write:
        from experiments.generated_docs import docs_dir
        from experiments.verification.page import write_page

        if failed:
            raise NotVerifiedError(f"docs/verification.md: not written, as {failed[0]} fails")
        print(f"wrote {write_page(checks, args.docs or docs_dir())}")
    return 1 if failed else 0


def in_a_line(check: Check) -> str:
    """Return a check's outcome in two short lines."""
    word = {True: "passed", False: "FAILED", None: "told"}[check.passed]
    return f"{word:<7} {check.id:<20}{check.title}\n{'':28}{check.found} ({check.n}; {check.seconds:.1f} s)"


def as_dict(check: Check) -> dict[str, Any]:
    """Return a check as plain data; what is not finite becomes null."""
    rows = [[None if isinstance(v, float) and not math.isfinite(v) else v for v in row] for row in check.rows]
    return {
        "id": check.id, "title": check.title, "n": check.n, "passed": check.passed, "found": check.found,
        "columns": list(check.columns), "rows": rows,
    }  # fmt: skip
