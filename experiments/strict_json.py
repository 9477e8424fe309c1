"""JSON that every reader takes: what is no finite number is refused, and named."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from sim.parameter_errors import StalemateError


class NotFiniteError(StalemateError):
    """Something in the results is NaN or infinite."""

    def __init__(self, what: str, place: str, value: float) -> None:
        super().__init__(f"{what}: {place or 'it'} is {value}, no finite number; such results cannot be shown or kept")


def strict_json(what: str, data: Any, indent: int | None = None) -> str:
    """Return data as JSON without NaN or infinity.

    Args:
        what: the data's name, for an error.
        data: dicts, lists, words and numbers.
        indent: spaces by which each level is set in; None puts all on one line without spaces.

    Raises:
        NotFiniteError: a number is not finite; the message names it.
    """
    separators = (",", ":") if indent is None else None
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    except ValueError as error:
        place, value = (None, math.nan) if "Circular" in str(error) else next(_not_finite(data), (None, math.nan))
        if place is None:  # a mistake of ours
            raise
        raise NotFiniteError(what, place, value) from None


def _not_finite(data: Any, at: str = "") -> Iterator[tuple[str, float]]:
    """Yield the place, dotted, and the value of every number that is not finite."""
    if isinstance(data, float) and not math.isfinite(data):
        yield at, data
    elif isinstance(data, (Mapping, list, tuple)):
        items = data.items() if isinstance(data, Mapping) else enumerate(data)
        for key, value in items:
            yield from _not_finite(value, f"{at}.{key}" if at else str(key))
