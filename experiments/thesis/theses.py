"""The five theses as judgements: what each claims, the rule that decides, and the contrasts that it looks at.

The rules were written before the sweeps were run; `MARGIN` (10 points of the share of runs) counts as a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from experiments.thesis.claims import CLAIMS
from experiments.thesis.contrasts import (
    MARGIN,
    REFUTED,
    STANDS,
    UNDECIDED,
    Contrast,
    Finding,
    Panel,
    Part,
    at,
    contrast,
    in_numbers,
    in_points,
    line,
    points,
    prepared,
    reasons_of,
    share,
)

if TYPE_CHECKING:
    import pandas as pd

SUPPORT: Final = "population.insurgent_support"
KILLS: Final = "combat.insurgent_kill_rate"
MEN: Final = "contractors.personnel"
RELIANCE: Final = "contractors.reliance"
WON: Final = "breakthrough_insurgents"
_SWITCH: Final = "switches."


def _rises(c: Contrast, margin: float = 0.0) -> str:
    """Decide whether a measure rises by more than a margin: stands, refuted, or undecided by the interval."""
    if c.low > margin:
        return STANDS
    return REFUTED if c.high <= margin else UNDECIDED


def attrition(runs: pd.DataFrame) -> Finding:
    """T1: attrition does not turn by itself into leverage to topple the regime."""
    runs = prepared(runs)
    rates, supports = np.sort(runs[KILLS].unique()), np.sort(runs[SUPPORT].unique())
    low, high = float(rates[0]), float(rates[-1])
    few, many = float(supports[0]), float(supports[-1])

    def between(label: str, measure: str, support: float) -> Contrast:
        return contrast(runs, label, measure, {KILLS: low, SUPPORT: support}, {KILLS: high, SUPPORT: support})

    times = f"{high / low:.0f}-fold kill rate"
    deaths = between(f"{times}, support {few:g}: state and contractor deaths", "state_and_contractor_deaths", few)
    won = between(f"{times}, support {few:g}: insurgent breakthrough", WON, few)
    held = between(f"{times}, support {few:g}: largest share of people held", "max_held_share", few)
    won_many = between(f"{times}, support {many:g}: insurgent breakthrough", WON, many)
    verdict = UNDECIDED
    if deaths.low > 0 and won.high < MARGIN:
        verdict = STANDS
    elif won.low > MARGIN:
        verdict = REFUTED
    part = Part(
        "More attrition, with support as in the article, does not bring more insurgent breakthroughs.",
        f"stands if deaths rise and breakthroughs by less than {MARGIN:.0%} (upper end); refuted if by more (lower)",
        verdict,
        f"deaths {in_numbers(deaths)}; breakthroughs {in_points(won)}; with broad support ({many:g})"
        f" {in_points(won_many)}",
    )
    panels = tuple(
        Panel(title, KILLS, tuple(line(at_support(runs, s), f"support {s:g}", KILLS, m) for s in supports), percent)
        for title, m, percent in (
            ("State and contractor deaths", "state_and_contractor_deaths", False),
            ("Runs with an insurgent breakthrough", WON, True),
            ("Largest share of people held", "max_held_share", True),
        )
    )
    rise = deaths.mean / max(1.0, deaths.base)
    headline = f"Attrition {verdict_word(verdict)}: deaths ×{rise:.1f}, breakthroughs {in_points(won)}"
    text = CLAIMS["t1_attrition"]
    return Finding("T1", text, (part,), headline, (deaths, won, held, won_many), panels, reasons_of(runs))


def verdict_word(verdict: str) -> str:
    """Return a verdict in a headline's words for 'X alone does not …'."""
    words = {STANDS: "alone breaks nothing through", REFUTED: "alone breaks through", UNDECIDED: "alone: undecided"}
    return words[verdict]


def at_support(runs: pd.DataFrame, support: float) -> pd.DataFrame:
    """Return the runs at one level of support."""
    return at(runs, {SUPPORT: support}).reset_index()


def support(runs: pd.DataFrame) -> Finding:
    """T2: without broad popular support, control and supply disruption stay circumscribed."""
    runs = prepared(runs)
    levels = np.sort(runs[SUPPORT].unique())
    few = float(levels[np.argmin(abs(levels - 0.2))])
    many = float(levels[np.argmin(abs(levels - 0.6))])

    def between(label: str, measure: str) -> Contrast:
        return contrast(runs, f"support {few:g} → {many:g}: {label}", measure, {SUPPORT: few}, {SUPPORT: many})

    held, won = between("largest share of people held", "max_held_share"), between("insurgent breakthrough", WON)
    dry = between("days the capital is denied fuel", "capital_days_denied")
    centres = between("regional centres denied fuel", "a3_centres")
    rate, _, top = share(at_support(runs, few), WON)
    control = UNDECIDED
    if held.low > 0 and won.low > 0 and top < MARGIN:
        control = STANDS
    elif held.high <= 0 or won.high <= 0:
        control = REFUTED
    parts = (
        Part(
            "Control stays small without broad support, and grows with it.",
            f"stands if both rise with support and breakthroughs at {few:g} stay under {MARGIN:.0%} (upper end)",
            control,
            f"held {in_numbers(held)}; breakthroughs {in_points(won)}; at {few:g} {rate:.0%} (at most {top:.0%})",
        ),
        Part(
            "So does the disruption of supply.",
            "stands if the days on which the capital is denied fuel rise with support; refuted if they do not",
            _rises(dry),
            f"capital {in_numbers(dry)}; regional centres {in_numbers(centres)}",
        ),
    )
    panels = (
        Panel("Runs with an insurgent breakthrough", SUPPORT, (line(runs, "", SUPPORT, WON),), True),
        Panel("Largest share of people held", SUPPORT, (line(runs, "", SUPPORT, "max_held_share"),), True),
        Panel("Days the capital is denied fuel", SUPPORT, (line(runs, "", SUPPORT, "capital_days_denied"),), False),
    )
    headline = f"Support {few:g} → {many:g}: insurgent breakthroughs {in_points(won)}"
    text = CLAIMS["t2_support"]
    return Finding("T2", text, parts, headline, (won, held, dry, centres), panels, reasons_of(runs))


def contractors(runs: pd.DataFrame) -> Finding:
    """T3: contractors' fires prop the regime up, and the regime draws legitimacy from the alliance."""
    runs = prepared(runs)
    levels = np.sort(runs[SUPPORT].unique())
    few, many = float(levels[0]), float(levels[-1])
    full = {MEN: 1000.0, f"{_SWITCH}contractor_fires": 1.0, f"{_SWITCH}alliance": 1.0}

    def without(label: str, measure: str, change: Mapping[str, float], level: float) -> Contrast:
        base = {**full, SUPPORT: level}
        return contrast(runs, f"{label}, support {level:g}", measure, base, {**base, **change})

    fires, gone, alone = ({f"{_SWITCH}contractor_fires": 0.0}, {MEN: 0.0}, {f"{_SWITCH}alliance": 0.0})
    found = [without("no fires: breakthrough", WON, fires, s) for s in (few, many)]
    found += [without("no contractors: breakthrough", WON, gone, s) for s in (few, many)]
    held = [without("no fires: share held", "max_held_share", fires, s) for s in (few, many)]
    legit = without("no alliance: mean legitimacy", "mean_legitimacy", alone, few)
    won = without("no alliance: breakthrough", WON, alone, many)
    prop = UNDECIDED
    if any(c.low > 0 for c in found[:2]):
        prop = STANDS
    elif all(c.high < MARGIN / 2 for c in found[:2]):
        prop = REFUTED
    parts = (
        Part(
            "Their artillery and air support keep the regime standing.",
            f"stands if breakthroughs clearly rise without fires at either support; refuted if by less than"
            f" {MARGIN / 2:.0%} (upper end) at both",
            prop,
            f"without fires {in_points(found[0])} at support {few:g}, {in_points(found[1])} at {many:g}; without"
            f" contractors {in_points(found[2])} and {in_points(found[3])}; share held without fires, support {many:g}:"
            f" {in_numbers(held[1])}",
        ),
        Part(
            "The regime draws legitimacy from the alliance.",
            "stands if mean legitimacy falls clearly when the alliance counts for nothing; refuted if it does not fall",
            STANDS if legit.high < 0 else (REFUTED if legit.low >= 0 else UNDECIDED),
            f"legitimacy {in_numbers(legit)}; breakthroughs at support {many:g} {in_points(won)}",
        ),
    )
    variants = {"as it is": {}, "no fires": fires, "no contractors": gone, "no alliance": alone}
    cases = {name: at(runs, {**full, **change}).reset_index() for name, change in variants.items()}
    low, high = found[:2]
    headline = (
        f"Without contractors' fires: breakthroughs {in_points(low)} at support {few:g},"
        f" {points(high.difference)} ({points(high.low)} to {points(high.high)}) at {many:g}"
    )
    text = CLAIMS["t3_contractors"]
    return Finding("T3", text, parts, headline, (*found, *held, legit, won), _over_support(cases), reasons_of(runs))


def _over_support(cases: Mapping[str, pd.DataFrame]) -> tuple[Panel, ...]:
    """Return T3's panels: what comes of it over support, a line a case."""
    return tuple(
        Panel(title, SUPPORT, tuple(line(runs, name, SUPPORT, m) for name, runs in cases.items()), percent)
        for title, m, percent in (
            ("Runs with an insurgent breakthrough", WON, True),
            ("Largest share of people held", "max_held_share", True),
            ("Civilians killed", "deaths_civilians", False),
        )
    )


_NO_FUEL: Final = "without fuel exposure"
VARIANTS: Final[Mapping[str, Mapping[str, float]]] = {
    "as it is": {},
    "without fires and command": {"contractor_fires": 0.0, "contractor_command": 0.0},
    _NO_FUEL: {"contractor_fuel": 0.0},
    "without pay": {"contractor_pay": 0.0},
    "without legitimacy cost": {"dependence": 0.0},
}
"""T4's variants, as switches."""


def paradox(runs: pd.DataFrame) -> Finding:
    """T4: security need not rise with reliance; fires and command against fuel, pay and legitimacy."""
    runs = prepared(runs)
    phis = np.sort(runs[RELIANCE].unique())
    low, some, high = ({**_variant({}), RELIANCE: float(phis[k])} for k in (0, 1, -1))
    span = f"φ {phis[0]:g} → {phis[-1]:g}"
    won = contrast(runs, f"{span}: insurgent breakthrough", WON, low, high)
    civilians = contrast(runs, f"{span}: civilians killed", "deaths_civilians", low, high)
    ready = contrast(runs, f"φ {phis[1]:g} → {phis[-1]:g}: mean readiness", "mean_readiness", some, high)
    costs = {
        name: contrast(
            runs, f"φ = {phis[-1]:g}, {name}: insurgent breakthrough", WON, high, {**high, **_variant(change)}
        )
        for name, change in VARIANTS.items()
        if change
    }
    headline = f"Reliance {span}: insurgent breakthroughs {in_points(won)}"
    text = CLAIMS["t4_paradox"]
    parts = (_security_part(won, civilians), _fuel_part(costs))
    return Finding(
        "T4", text, parts, headline, (won, *costs.values(), civilians, ready), _paradox_panels(runs), reasons_of(runs)
    )


def _variant(change: Mapping[str, float]) -> dict[str, float]:
    """Return the whole point of a variant: every switch that any variant turns, most of them on."""
    names = sorted({name for other in VARIANTS.values() for name in other})
    return {f"{_SWITCH}{name}": change.get(name, 1.0) for name in names}


def _security_part(won: Contrast, civilians: Contrast) -> Part:
    return Part(
        "Security need not rise with reliance.",
        f"stands if breakthroughs fall by no more than {MARGIN / 2:.0%} from the least to the most reliance (lower"
        " end); refuted if they clearly fall by more",
        STANDS if won.low > -MARGIN / 2 else (REFUTED if won.high < -MARGIN / 2 else UNDECIDED),
        f"breakthroughs {in_points(won)}; civilians killed {in_numbers(civilians)}",
    )


def _fuel_part(costs: Mapping[str, Contrast]) -> Part:
    fuel = costs[_NO_FUEL]
    others = "; ".join(f"{name} {in_points(c)}" for name, c in costs.items() if name != _NO_FUEL)
    return Part(
        "Part of the price is paid through fuel: the exposure that reliance brings.",
        "stands if breakthroughs at the highest reliance clearly fall when contractors need no fuel; refuted if"
        f" they do not fall by {MARGIN / 2:.0%} (lower end)",
        STANDS if fuel.high < 0 else (REFUTED if fuel.low > -MARGIN / 2 else UNDECIDED),
        f"without fuel exposure {in_points(fuel)}; {others}",
    )


def _paradox_panels(runs: pd.DataFrame) -> tuple[Panel, ...]:
    """Return what is drawn over reliance, a line a variant."""
    return tuple(
        Panel(
            title,
            RELIANCE,
            tuple(
                line(at(runs, _variant(change)).reset_index(), name, RELIANCE, measure)
                for name, change in VARIANTS.items()
            ),
            percent,
        )
        for title, measure, percent in (
            ("Runs with an insurgent breakthrough", WON, True),
            ("Mean legitimacy", "mean_legitimacy", False),
            ("Civilians killed", "deaths_civilians", False),
        )
    )


THESES: Final[Mapping[str, Callable[[pd.DataFrame], Finding]]] = {
    "t1_attrition": attrition,
    "t2_support": support,
    "t3_contractors": contractors,
    "t4_paradox": paradox,
}
"""The theses that are judged by contrasts; T5, a region, is in :mod:`experiments.thesis.region`."""
