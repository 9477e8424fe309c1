"""The player in one piece: its modules as one classic script, its style and its words, for pages that stand alone.

A page opened from ``file://`` may not load modules, and import maps of data addresses are refused by strict security
headers; so each module becomes a function in one script. Only the forms that the player uses are understood, and
anything else is refused rather than bundled wrongly.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any, Final

from experiments.strict_json import strict_json

PLAYER: Final = Path(__file__).resolve().parent / "player"
_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.{1,2}/[^"]+)";[ \t]*$', re.MULTILINE)
_EXPORT = re.compile(r"^export\s+((?:async\s+)?function\*?|class|const|let)\s+(\w+)", re.MULTILINE)
_LEFT = re.compile(r"^\s*(?:import\b\s*[\w{*\"']|export\b).*$|\bimport\s*\(|\bimport\.meta\b.*$", re.MULTILINE)


class BundleError(ValueError):
    """A module that the bundler does not understand; the message names the file and what is wrong."""


def bundle(entry: Path, name: str = "stalemate") -> str:
    """Return a module and all that it imports as one classic script, which sets ``window[name]`` to its exports.

    Args:
        entry: the module's file; imports are relative paths.
        name: of the global.

    Raises:
        BundleError: a form of import or export other than ``import { a, b as c } from "./x.js";`` and
            ``export function|class|const|let name``; a missing file; modules that import each other in a circle.
    """
    order: list[Path] = []
    sources: dict[Path, str] = {}
    _collect(entry.resolve(), order, sources, ())
    number = {path: k for k, path in enumerate(order)}
    parts = [_wrapped(path, sources[path], number) for path in order]
    script = "\n".join(
        ['"use strict";', "(() => {", "const m = [];", *parts, f"window.{name} = m[{len(order) - 1}];", "})();"]
    )
    if re.search(r"</script|<!--", script, re.IGNORECASE):
        raise BundleError(f"{entry.name}: the script holds text that would end its element")
    return script


def _collect(path: Path, order: list[Path], sources: dict[Path, str], above: tuple[Path, ...]) -> None:
    """Put a module and, before it, those it imports into ``order``."""
    if path in sources:
        return
    if path in above:
        raise BundleError(f"{path.name}: imports itself through {above[-1].name}")
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BundleError(f"{path.name}: cannot be read: {error.strerror}") from None
    for _, target in _IMPORT.findall(text):
        _collect((path.parent / target).resolve(), order, sources, (*above, path))
    sources[path] = text
    order.append(path)


def _wrapped(path: Path, text: str, number: dict[Path, int]) -> str:
    """Return a module as a function whose result, its exports, is kept under its number."""

    def imported(match: re.Match[str]) -> str:
        names = re.sub(r"\s+as\s+", ": ", " ".join(match[1].split()))
        return f"const {{ {names.strip(' ,')} }} = m[{number[(path.parent / match[2]).resolve()]}];"

    exports = [name for _, name in _EXPORT.findall(text)]
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(imported, text))
    left = _LEFT.search(_without_comments(body))
    if left:
        raise BundleError(f"{path.name}: not understood: {left[0].strip()}")
    return f"// {path.name}\nm[{number[path]}] = (() => {{\n{body.strip()}\nreturn {{ {', '.join(exports)} }};\n}})();"


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*(?://|\*|/\*).*$", "", text, flags=re.MULTILINE)


@functools.cache
def player_script() -> str:
    """Return the player as a classic script; it sets ``window.stalemate`` to ``{createPlayer}``."""
    return bundle(PLAYER / "player.js")


@functools.cache
def player_style() -> str:
    """Return the player's style sheet."""
    return (PLAYER / "player.css").read_text(encoding="utf-8")


def languages() -> tuple[str, ...]:
    """Return the languages that the player has words in."""
    return tuple(sorted(path.stem for path in (PLAYER / "text").glob("*.json")))


def player_text(lang: str = "en") -> dict[str, Any]:
    """Return the player's words in one language.

    Raises:
        ConfigurationError: there is no such language.
    """
    from experiments.messages import UnknownOptionError

    if lang not in languages():
        raise UnknownOptionError("lang", lang, languages())
    text: dict[str, Any] = json.loads((PLAYER / "text" / f"{lang}.json").read_text(encoding="utf-8"))
    return text


def for_script(data: Any) -> str:
    """Return data as JSON that may stand in a script element: no ``<`` occurs in it.

    Raises:
        NotFiniteError: a number is NaN or infinite.
    """
    text = strict_json("page", data)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
