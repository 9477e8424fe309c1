"""``stalemate replay``: a kept run again, from its own configuration, checked against the hash of its world."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from experiments.kept_runs import KeptRun, find_run, request_of
from experiments.numbers import count

_MACHINE: Final = {
    "source_hash": "the model's sources",
    "maths_hash": "the maths library",
    "cpu": "the CPU",
    "system": "the system",
    "python": "Python",
    "packages": "the packages",
}
_CHANGES_BITS: Final = ("source_hash", "maths_hash", "cpu", "packages")
_SHOWN: Final = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate replay`` takes."""
    parser.add_argument("run", metavar="RUN_ID", help="a run's id, the beginning of it, or its folder")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"), metavar="DIR", help="where runs are (outputs)")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios, forces, maps")


def execute(args: argparse.Namespace) -> int:
    """Run again and compare; 0 if all is as it should be, 1 if the same machine made another world."""
    from experiments.run import prepare, simulate

    kept = find_run(args.run, args.outputs)
    request = request_of(kept, args.config_dir)
    result = simulate(prepare(request, args.outputs, figures=False)).result
    summary = {"run_id": kept.run_id, **result.summary}
    if summary["world_hash"] == kept.manifest["world_hash"]:
        days = count(summary["days"], "day")
        print(f"{kept.run_id}: the same world, bit for bit, after {days} ({summary['world_hash']})")
        return 0
    return _tell_difference(kept, summary)


def _tell_difference(kept: KeptRun, summary: Mapping[str, Any]) -> int:
    from experiments.manifest import machine
    from experiments.story import listed

    print(f"{kept.run_id}: another world ({summary['world_hash']}; it was {kept.manifest['world_hash']})")
    here = machine()
    changed = [words for key, words in _MACHINE.items() if kept.manifest.get(key) != here.get(key)]
    expected = any(kept.manifest.get(key) != here.get(key) for key in _CHANGES_BITS)
    if expected:
        print(f"That is to be expected: {listed(changed)} changed since, and the last bits of a run depend on them.")
    else:
        print("That must not be: sources, packages, CPU and maths library are the same as then. Please report it.")
    before = json.loads((kept.folder / "summary.json").read_text(encoding="utf-8"))
    rows = list(differences(before, summary))
    print(
        f"Of the summary, {count(len(rows), 'value')} {'differs' if len(rows) == 1 else 'differ'}:"
        if rows
        else "The summaries are the same in everything else."
    )
    for key, old, new in rows[:_SHOWN]:
        print(f"  {key}: {old} then, {new} now")
    if len(rows) > _SHOWN:
        print(f"  and {len(rows) - _SHOWN} more")
    return 0 if expected else 1


def differences(old: Any, new: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (key, old, new) of each value in which two summaries differ, their hashes aside."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys([*old, *new]):
            if name != "world_hash":
                yield from differences(old.get(name), new.get(name), f"{key}.{name}" if key else str(name))
    elif isinstance(old, float) and isinstance(new, (int, float)) and math.isclose(old, new, rel_tol=1e-9):
        return
    elif old != new:
        yield key, old, new
