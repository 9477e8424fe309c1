"""What Hydra composed, kept between commands: composing takes most of a second, and often only the seed is another.

Hydra composes; this remembers. An entry's name hashes all that it was composed from: the settings, every YAML file of
the configuration folders, the sources that say what is allowed, and Hydra's version. Whatever else could have a say
(interpolations, Hydra's own settings, its plugins) is composed anew each time, and what Hydra refuses is never kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import sim
from experiments.whole_files import draft_of

Composed = tuple[str, dict[str, Any]]

MOST: Final = 200  # entries kept, about 10 KB each
_HERE: Final = Path(__file__).resolve().parent
# What else decides what is composed.
_RULES: Final = ("at_start.py", "composed.py", "compose.py", "overrides.py", "schema.py")
_SEED: Final = re.compile(r"seed=(0|[1-9][0-9]{0,17})")


def remembered(settings: Sequence[str], folders: Sequence[Path], compose: Callable[[], Composed]) -> Composed:
    """Return the scenario's name and the plain, resolved configuration that settings stand for.

    The seed, which nothing else depends on, is put in afterwards: runs that differ in it share an entry.

    Args:
        settings: ``key=value``, as typed.
        folders: the configuration folders, the first one winning.
        compose: asked if nothing is remembered; what it raises is passed on.
    """
    seeds = [text for text in settings if _SEED.fullmatch(text)]
    rest = [text for text in settings if not _SEED.fullmatch(text)]
    path = _entry(rest, folders, len(seeds)) if len(seeds) < 2 else None
    found = None if path is None else _read(path)
    if found is None:
        found = compose()
        if path is not None:
            _write(path, found)
        return found
    name, data = found
    return name, {**data, "seed": int(seeds[0].removeprefix("seed="))} if seeds else data


def cache_folder() -> Path:
    """Return where entries lie, in the user's cache folder; it need not exist."""
    base = os.environ.get("STALEMATE_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "stalemate" / "composed"


def _entry(settings: Sequence[str], folders: Sequence[Path], seeds: int) -> Path | None:
    """Return the file of an entry; None if this may not be remembered, or the files cannot be read."""
    if any("${" in text or "hydra" in text for text in settings) or importlib.util.find_spec("hydra_plugins"):
        return None
    facts = [sim.__version__, version("hydra-core"), version("omegaconf"), sys.version, str(seeds), *settings]
    digest = hashlib.blake2b(json.dumps(facts).encode(), digest_size=12)
    try:
        for source in (*(_HERE / name for name in _RULES), Path(sim.__file__).with_name("parameters.py")):
            digest.update(source.read_bytes())
        for folder in folders:
            digest.update(str(folder).encode())
            for path in sorted(folder.rglob("*.yaml")):
                text = path.read_bytes()
                if b"${" in text:
                    return None
                digest.update(f"\0{path.relative_to(folder).as_posix()}\0{len(text)}\0".encode() + text)
        return cache_folder() / f"{digest.hexdigest()}.json"
    except (OSError, RuntimeError):  # RuntimeError: no home folder
        return None


def _read(path: Path) -> Composed | None:
    try:
        name, data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return None
    return (name, data) if isinstance(name, str) and isinstance(data, dict) else None


def _write(path: Path, found: Composed) -> None:
    """Keep an entry, whole or not at all, unless JSON would change it; a folder that takes none is no error."""
    try:
        text = json.dumps(found, allow_nan=False)
    except (TypeError, ValueError):
        return
    if json.loads(text) != list(found):  # such as keys that are no words
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft:
            draft.write_text(text, encoding="utf-8")
        for old in sorted(path.parent.glob("*.json"), key=lambda entry: entry.stat().st_mtime)[:-MOST]:
            old.unlink(missing_ok=True)
