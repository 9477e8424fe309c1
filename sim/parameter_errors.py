"""Errors of configuration keys and values, each one line, with the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class StalemateError(ValueError):
    """Something that the user gave cannot be used; the message is one line."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the valid name closest to ``name``, or None if none is near; the last part of a dotted key weighs most."""

    def likeness(other: str) -> float:
        (a_group, _, a), (b_group, _, b) = name.rpartition("."), other.rpartition(".")
        same_part = difflib.SequenceMatcher(None, a, b).ratio()
        same_group = difflib.SequenceMatcher(None, a_group, b_group).ratio() if a_group else 1.0
        return 0.8 * same_part + 0.2 * same_group

    best = max(names, key=likeness, default=None)
    return best if best is not None and likeness(best) >= 0.6 else None


class UnknownParameterError(StalemateError):
    """A parameter key that does not exist."""

    def __init__(self, key: str, near: str | None) -> None:
        hint = f"; did you mean {near!r}?" if near else "; `stalemate explain` lists all keys"
        super().__init__(f"unknown key {key!r}{hint}")


class BadParameterValueError(StalemateError):
    """A parameter value that is no number or outside its range."""

    def __init__(self, key: str, value: Any, low: float, high: float) -> None:
        allowed = "0 or 1" if key.startswith("switches.") else f"a number from {low:g} to {high:g}"
        super().__init__(f"{key}: {value!r} is not allowed; it takes {allowed}")
