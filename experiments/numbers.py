"""Numbers as people read them: three digits that count, thousands set apart, no powers of ten, nouns that agree."""

from __future__ import annotations

import math


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 attack``, ``7 attacks``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seeds_told(first: int, last: int) -> str:
    """Return which seeds: ``seed 3``, ``seeds 1-20``."""
    return f"seed {first}" if first == last else f"seeds {first}-{last}"


def told(value: float, sign: bool = False) -> str:
    """Return a number in words: 1,020 and 0.0123, not 1.02e+03; ``sign`` shows the plus of a difference."""
    plus = "+" if sign else ""
    if not math.isfinite(value) or not 999.5 <= abs(value) < 1e9:
        return f"{value:{plus}.3g}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):{plus},.0f}"
