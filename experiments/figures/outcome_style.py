"""How outcome classes and scenarios are drawn: colour, hatch and short words, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sim.outcomes import (
    INDETERMINATE,
    INSURGENT_NATIONAL,
    INSURGENT_REGIONAL,
    NOT_ASSESSED,
    STALEMATE,
    STATE_BREAKTHROUGH,
)


@dataclass(frozen=True, slots=True)
class OutcomeLook:
    """How one class is drawn.

    Attributes:
        label: what people read.
        letter: one or two letters for cells.
        colour: Okabe-Ito.
        ink: colour of letters on it.
    """

    label: str
    letter: str
    colour: str
    ink: str


LOOKS: Final = MappingProxyType(
    {
        INSURGENT_NATIONAL: OutcomeLook("the regime falls", "F", "#D55E00", "white"),
        INSURGENT_REGIONAL: OutcomeLook("a region breaks away", "R", "#E69F00", "black"),
        STALEMATE: OutcomeLook("stalemate", "S", "#F0E442", "black"),
        STATE_BREAKTHROUGH: OutcomeLook("the insurgency is broken", "B", "#0072B2", "white"),
        INDETERMINATE: OutcomeLook("none of these", "–", "#C4C4C4", "black"),
        NOT_ASSESSED: OutcomeLook("too short to judge", "?", "#FFFFFF", "black"),
    }
)

SCENARIO_COLOURS: Final = ("#222222", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#7A5195", "#E69F00", "#56B4E9")
SCENARIO_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
SCENARIO_DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)), (0, (3, 3)))


def key_label(key: str) -> str:
    """Return a parameter key as an axis label: its meaning, unit and the key itself."""
    from sim.parameters import infos

    if key not in infos():
        return key
    info = infos()[key]
    unit = f", {info.unit}" if info.unit not in ("1", "") else ""
    return f"{info.meaning}{unit}\n({key})"


def value_label(value: float) -> str:
    """Return a swept value as a tick's text: no exponent where people would not write one."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
