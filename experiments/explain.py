"""``stalemate explain``: what a parameter is."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re

from experiments.messages import NotAParameterError
from experiments.schema import is_run_setting
from sim.parameter_errors import UnknownParameterError, nearest
from sim.parameters import Info, explain, infos


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate explain`` takes."""
    parser.add_argument("key", nargs="?", help="a parameter, a group of them, or a word to look for; all if left out")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def execute(args: argparse.Namespace) -> int:
    """Explain one key, or list a group, what speaks of a word, or all."""
    members = [info for info in infos().values() if args.key is None or info.key.startswith(f"{args.key}.")]
    members = members or _speaking_of(args.key)
    found = members or [_one(args.key)]
    if args.json:
        rows = [dataclasses.asdict(info) for info in found]
        print(json.dumps(rows if members else rows[0], ensure_ascii=False))
    elif members:
        print(_table(members))
    else:
        print(_words(found[0]))
    return 0


def _speaking_of(word: str) -> list[Info]:
    """Return the parameters that have a word in their name or meaning; a setting of a run is no such word."""
    if is_run_setting(word):
        return []
    return [i for i in infos().values() if word.lower() in re.findall(r"[a-z]+", f"{i.key} {i.meaning}".lower())]


def _one(key: str) -> Info:
    if is_run_setting(key):
        raise NotAParameterError(key, f"`stalemate run {key}=…` sets it")
    if key not in infos():
        groups = {name.partition(".")[0] for name in infos()}
        raise UnknownParameterError(key, nearest(key, [*sorted(groups), *infos()]))
    return explain(key)


def _words(info: Info) -> str:
    return "\n".join(
        [
            f"{info.key}: {info.meaning}",
            f"  value    {info.default:g}",
            f"  unit     {_unit(info)}",
            f"  low      {info.low:g}",
            f"  high     {info.high:g}",
            f"  source   {info.source}",
            f"  to set   stalemate run {info.key}={info.default:g}",
        ]
    )


def _unit(info: Info) -> str:
    return {"1": "a plain number", "0/1": "0 (off) or 1 (on)"}.get(info.unit, info.unit)


def _table(rows: list[Info]) -> str:
    width = max(len(info.key) for info in rows)
    lines = [f"{'key':<{width}}  {'value':>8}  {'low':>8}  {'high':>8}  unit, meaning (source)"]
    lines += [
        f"{i.key:<{width}}  {i.default:>8g}  {i.low:>8g}  {i.high:>8g}  {i.unit}: {i.meaning} ({i.source})"
        for i in rows
    ]
    return "\n".join(lines)
