"""Errors of configuration keys and values, each one line, with the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class StalemateError(ValueError):
    """Something that the user gave cannot be used; the message is one line."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the valid name closest to ``name``, comparing whole keys and their last parts; None if none is near."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return close[0]
    last = {n.rsplit(".", 1)[-1]: n for n in names}
    close = difflib.get_close_matches(name.rsplit(".", 1)[-1], list(last), n=1, cutoff=0.5)
    return last[close[0]] if close else None


class UnknownParameterError(StalemateError):
    """A parameter key that does not exist."""

    def __init__(self, key: str, near: str | None) -> None:
        hint = f"; did you mean {near!r}?" if near else "; `stalemate explain` lists all keys"
        super().__init__(f"unknown key {key!r}{hint}")


class BadParameterValueError(StalemateError):
    """A parameter value that is no number or outside its range."""

    def __init__(self, key: str, value: Any, low: float, high: float) -> None:
        super().__init__(f"{key}: {value!r} is not allowed; it takes a number from {low:g} to {high:g}")
