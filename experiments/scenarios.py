"""``stalemate scenarios``: what there is to run."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate scenarios`` takes."""
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios")


def execute(args: argparse.Namespace) -> int:
    """List every scenario with its title and description."""
    from experiments.compose import config_folders

    found = described(config_folders(args.config_dir))
    if args.json:
        print(json.dumps([{"name": name, **words} for name, words in found.items()], ensure_ascii=False))
        return 0
    for name, words in found.items():
        print(f"{name}: {words['title']}")
        print(textwrap.fill(words["description"], 100, initial_indent="    ", subsequent_indent="    "))
    print("\nstalemate run scenario=NAME runs one.")
    return 0


def described(folders: Sequence[Path]) -> dict[str, dict[str, str]]:
    """Return title and description of each scenario, by name; files are read, nothing is composed.

    Raises:
        ConfigurationError: a file cannot be read as YAML.
    """
    from experiments.overrides import options
    from experiments.yaml_files import read_yaml

    found = {}
    for name in options("scenario", folders):
        path = next(p for folder in folders if (p := folder / "scenario" / f"{name}.yaml").is_file())
        data = read_yaml(path) or {}
        found[name] = {word: str(data.get(word, "")) for word in ("title", "description")}
    return found
