"""T5: stalemate is a region of parameter space, with a breakthrough boundary on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from experiments.comparison.phases import CLASSES, TIED, Phase, boundary, phase
from experiments.thesis.claims import CLAIMS
from experiments.thesis.contrasts import (
    REFUTED,
    STANDS,
    UNDECIDED,
    Finding,
    Part,
    contrast,
    in_points,
    prepared,
    reasons_of,
)
from experiments.thesis.theses import MEN, SUPPORT, WON
from sim.outcomes import STALEMATE, STATE_BREAKTHROUGH

if TYPE_CHECKING:
    import pandas as pd

EFFORT: Final = "insurgents.interdiction_effort"
NAME: Final = "t5_stalemate_region"


def planes(runs: pd.DataFrame) -> tuple[Phase, Phase]:
    """Return the two planes: interdiction effort × support (contractors as in the article), contractors × support."""
    effort, men = _usual(runs, EFFORT, 1.0), _usual(runs, MEN, 1000.0)
    first = phase(runs[np.isclose(runs[MEN], men)], SUPPORT, EFFORT)
    second = phase(runs[np.isclose(runs[EFFORT], effort)], SUPPORT, MEN)
    return first, second


def _usual(runs: pd.DataFrame, key: str, value: float) -> float:
    found = runs[key].unique()
    return float(found[np.argmin(abs(found - value))])


def judge_region(runs: pd.DataFrame) -> Finding:
    """Judge T5 from a sweep over both planes."""
    runs = prepared(runs)
    first, second = planes(runs)
    inner = _widest(STALEMATE, (first, second))
    insurgent = max(float(np.nanmax(p.insurgent())) for p in (first, second))
    state = _widest(STATE_BREAKTHROUGH, (first, second))
    cells = np.concatenate([boundary(p) for p in (first, second)])
    at_half = cells[np.isfinite(cells)]
    where = f"at support {at_half.min():.2g} to {at_half.max():.2g}" if len(at_half) else "nowhere in the planes"
    parts = (
        _part("Stalemate is a region.", inner, "a cell where stalemate is the outcome of half of the runs"),
        _part(
            "It has an insurgent boundary.",
            insurgent,
            "a cell where half of the runs end in insurgent breakthrough",
            where,
        ),
        _part("It has a state boundary.", state, "a cell where half of the runs end in state breakthrough"),
    )
    levels = np.sort(runs[SUPPORT].unique())
    point = {MEN: _usual(runs, MEN, 1000.0), EFFORT: _usual(runs, EFFORT, 1.0)}
    middle = float(levels[np.argmin(abs(levels - 0.2))])
    up = contrast(
        runs,
        f"support {middle:g} → {levels[-1]:g}: insurgent breakthrough",
        WON,
        {**point, SUPPORT: middle},
        {**point, SUPPORT: float(levels[-1])},
    )
    down = contrast(
        runs,
        f"support {middle:g} → {levels[0]:g}: state breakthrough",
        "breakthrough_state",
        {**point, SUPPORT: middle},
        {**point, SUPPORT: float(levels[0])},
    )
    share, tied = (float((first.commonest == which).mean()) for which in (CLASSES.index(STALEMATE), TIED))
    ties = f" ({tied:.0%} tied)" if tied else ""
    headline = f"Stalemate in {share:.0%} of the plane{ties}; with broad support breakthroughs {in_points(up)}"
    text = CLAIMS[NAME]
    return Finding("T5", text, parts, headline, (up, down), (), reasons_of(runs))


def _widest(name: str, found: tuple[Phase, Phase]) -> float:
    return max(float(np.nanmax(p.shares[name])) for p in found)


def _part(claim: str, best: float, what: str, where: str = "") -> Part:
    verdict = STANDS if best >= 0.5 else (REFUTED if best == 0.0 else UNDECIDED)
    evidence = f"the largest share in a cell is {best:.0%}" + (f"; the 50 % boundary lies {where}" if where else "")
    return Part(claim, f"stands if there is {what}; refuted if no run at all ends so", verdict, evidence)
