"""``stalemate runs``: what is kept in a folder of results, and what sets each run apart from its scenario."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from experiments.kept_runs import CONFIG
from experiments.manifest import COMPLETE, MANIFEST
from experiments.numbers import count
from experiments.run_folder import SUMMARY
from experiments.yaml_files import YAMLError, read_yaml
from sim.parameter_errors import StalemateError

OUTPUTS: Final = "outputs"
_WIDTH: Final = 118
_OF_ITS_OWN: Final = ("scenario", "title", "description", "days", "seed", "agents")  # told otherwise, or no setting
_WHOLE: Final = ("timeline",)  # whose entries are told in one piece
_EPILOG: Final = """\
A run is told by its scenario, seed, days and outcome, then by every setting that is not as the scenario has it now.
stalemate run, replay, branch and export take a run by its name, or the beginning of it.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate runs`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("--outputs", type=Path, default=Path(OUTPUTS), metavar="DIR", help="where to look (outputs)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios, forces, maps")


def execute(args: argparse.Namespace) -> int:
    """List what is kept."""
    found = kept(args.outputs, args.config_dir)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    if not found:
        print(f"Nothing is kept in {args.outputs}; stalemate run makes a run there.")
    for name, facts in found.items():
        print(name)
        print(textwrap.fill(in_words(facts), _WIDTH, initial_indent="    ", subsequent_indent="      "))
    return 0


def kept(outputs: Path, config_dir: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return what each folder of results holds, by its name."""
    folders = sorted(path.parent for path in outputs.glob(f"*/{MANIFEST}"))
    return {folder.name: facts_of(folder, config_dir) for folder in folders if not folder.name.startswith(".")}


def facts_of(folder: Path, config_dir: Path | None) -> dict[str, Any]:
    """Return what a folder holds: of a run its scenario, seed, days, outcome and changes; of others the command."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if "run_id" not in manifest:
            return {key: manifest[key] for key in ("kind", "command", "status")}
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        facts = {"kind": "run", **{key: manifest[key] for key in ("scenario", "seed", "days")}}
        facts["outcome"] = summary["outcome"]
        facts |= {key: manifest[key] for key in ("branch_of", "parts_on") if key in manifest}
        ours = read_yaml(folder / CONFIG)
        try:
            return {**facts, "changed": changes(ours, config_dir)}
        except StalemateError as error:
            return {**facts, "not_compared": str(error)}
    except (OSError, ValueError, YAMLError, KeyError, TypeError):
        return {"kind": "damaged"}


def changes(ours: Mapping[str, Any], config_dir: Path | None) -> dict[str, Any]:
    """Return the settings in a run's configuration that are not as its scenario has them now; None for what it lacks.

    Raises:
        StalemateError: the scenario is not to be found, or cannot be used.
    """
    from experiments.compose import load_scenario
    from experiments.identity import resolved

    theirs = resolved(load_scenario(ours["scenario"], config_dir=config_dir))
    mine, its = leaves(ours), leaves(theirs)
    found = {key: mine.get(key) for key in (*mine, *(key for key in its if key not in mine))}
    changed = {key: value for key, value in found.items() if value != its.get(key) or key not in its}
    return changed | {f"agents.{kind}": name for kind, name in (ours.get("agents") or {}).items()}


def leaves(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resolved configuration as settings: values by dotted keys, without what is told otherwise."""
    found: dict[str, Any] = {}

    def walk(part: Mapping[str, Any], above: str) -> None:
        for key, value in part.items():
            if isinstance(value, Mapping) and above.rstrip(".") not in _WHOLE:
                walk(value, f"{above}{key}.")
            else:
                found[f"{above}{key}"] = value

    walk({key: value for key, value in data.items() if key not in _OF_ITS_OWN}, "")
    return found


def in_words(facts: Mapping[str, Any]) -> str:
    """Return what a folder holds in a sentence."""
    if facts["kind"] == "damaged":
        return "what it holds cannot be read"
    if facts["kind"] != "run":
        return f"{facts['kind']}{'' if facts['status'] == COMPLETE else ', not finished'}: {facts['command']}"
    text = f"{facts['scenario']}, seed {facts['seed']}, {count(facts['days'], 'day')}: "
    text += str(facts["outcome"]).replace("_", " ")
    if "branch_of" in facts:
        text += f"; branch of {facts['branch_of']} from day {facts['parts_on']} on"
    if "not_compared" in facts:
        return f"{text}; not compared with its scenario ({facts['not_compared']})"
    settings = [f"{key}={_value(value)}" for key, value in facts["changed"].items()]
    return f"{text}; {' '.join(settings)}" if settings else text


def _value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_value(inner)}" for key, inner in value.items()) + "}"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
