"""Return after a shock: two weeks without fuel, or without a town, forced on runs that have luckier twins.

The force is applied from outside the rules, between days; people and fuel stay on the books. Each run has a twin with
the same seed and no shock, so that what follows is the shock's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.science.classes import BREAKTHROUGHS
from experiments.science.evidence import wilson
from experiments.science.runs import Change, Failure, Finished, run_all
from sim import codes
from sim.outcomes import judge
from sim.scenario import Scenario
from sim.spells import kaplan_meier_median, week_mean
from sim.summary import record_of, thresholds_of
from sim.world import World

Array = npt.NDArray[Any]
SHOCK_DAY, SHOCK_DAYS = 330, 14
HOLDERS = 300  # fighters who take the town
WITHIN = 60  # days for the share that has returned


@dataclass(frozen=True)
class After:
    """What one run shows of its shock.

    Attributes:
        returned_after: days from the shock's end until things are as before, or until the run's end.
        returned: whether they came back within the run.
        held_at_end: share of the centres' people held on the last day.
        broke: whether a breakthrough had happened by the run's end.
        name: the run's class.
        shocked: share of the forced days on which the place was denied or held.
    """

    returned_after: int
    returned: bool
    held_at_end: float
    broke: bool
    name: str
    shocked: float


@dataclass(frozen=True)
class Return:
    """What a kind of shock does over runs.

    Attributes:
        kind: "fuel" or "town".
        runs: pairs of runs.
        median_days: Kaplan-Meier median of the time to return; None if not reached.
        within: share of runs back within 60 days, with its interval.
        breakthroughs: shares with a breakthrough, with and without the shock.
        added: mean paired difference in breakthroughs, with its 90 % interval.
        stalemate: shares in class stalemate, with and without.
        shocked: mean share of the forced days on which the place was denied or held: that the force was one.
    """

    kind: str
    runs: int
    median_days: float | None
    within: float
    within_interval: tuple[float, float]
    breakthroughs: tuple[float, float]
    added: float
    added_interval: tuple[float, float]
    stalemate: tuple[float, float]
    shocked: float


def close_sources(scenario: Scenario, day: int, days: int) -> dict[int, Change]:
    """Return the changes that burn the capital's depots every day and close every source, for ``days`` from ``day``."""
    capital = scenario.geography.capital
    capacities = [float(supplier.capacity) for supplier in scenario.forces.suppliers.values()]

    def close(world: World) -> None:
        world["sources"]["capacity"][0] = 0.0
        place = world["places"][0, capital]
        world["fuel"]["destroyed"][0] += place["stock_l"]
        place["stock_l"] = 0

    def reopen(world: World) -> None:
        world["sources"]["capacity"][0, : len(capacities)] = capacities

    return {**{day + k: close for k in range(days)}, day + days: reopen}


def take_town(scenario: Scenario, town: str, day: int, days: int) -> dict[int, Change]:
    """Return the changes by which the nearest cells hold a town whose garrison is withdrawn, for ``days``."""
    place = scenario.geography.index(town)

    def take(world: World) -> None:
        _withdraw(world, place)
        _occupy(world, place)

    return {day + k: take for k in range(days)}


def _withdraw(world: World, place: int) -> None:
    """Withdraw all men of the state who stand in a place."""
    units = world["units"][0]
    here = (units["alive"] > 0) & (units["place"] == place) & (units["leg"] >= units["legs"])
    world["people"]["withdrawn"][0, codes.STATE] += units["men"][here].sum()
    units["men"][here] = 0


def _occupy(world: World, place: int) -> None:
    """Let the nearest cells of the main group hold a place, until there are enough."""
    cells, places = world["cells"][0], world["places"][0]
    spot = places[place]
    at = cells["place"]
    km = np.hypot(places["x_km"][at] - spot["x_km"], places["y_km"][at] - spot["y_km"])
    free = (cells["alive"] > 0) & (cells["group"] == codes.MAIN) & (places["country"][at] == spot["country"])
    order = np.lexsort((cells["id"], np.where(free, km, np.inf)))[: int(free.sum())]
    enough = int(np.searchsorted(np.cumsum(cells["fighters"][order]), HOLDERS)) + 1
    for slot in order[:enough]:
        cells["place"][slot], cells["target"][slot], cells["task"][slot] = place, place, codes.HOLD
    if spot["holder"] != codes.HELD_BY_INSURGENTS:
        spot["held_on"] = world["run"]["day"][0]
    spot["holder"] = codes.HELD_BY_INSURGENTS


def observe(place: int | None, end: int) -> Callable[[Finished], After]:
    """Return what reads from a finished run how it came back from a shock that ended before day ``end``.

    Args:
        place: the town taken; None: fuel, and the capital's service is looked at.
        end: first day without force.
    """

    def look(run: Finished) -> After:
        trace = run.trace
        if place is None:
            back = week_mean(trace["capital_served"]) >= 0.8
            hit = trace["capital_served"] < 0.3
        else:
            back = trace["place_holder"][:, place] == codes.HELD_BY_STATE
            hit = trace["place_holder"][:, place] == codes.HELD_BY_INSURGENTS
        days = np.flatnonzero(back[end:])
        outcome = judge(record_of(run.scenario, trace), thresholds_of(run.scenario))
        return After(
            returned_after=int(days[0]) if len(days) else len(trace) - end,
            returned=len(days) > 0,
            held_at_end=float(trace["held_share"][-1]),
            broke=outcome.name in BREAKTHROUGHS,
            name=outcome.name,
            shocked=float(hit[end - SHOCK_DAYS : end].mean()),
        )

    return look


def returns(
    scenario: Scenario, seeds: range, town: str, workers: int | None = None
) -> tuple[list[Return], list[Failure]]:
    """Force both shocks on a scenario's runs and say how they come back."""
    end = SHOCK_DAY + SHOCK_DAYS
    shocks: dict[str, tuple[int | None, Mapping[int, Change]]] = {
        "fuel": (None, close_sources(scenario, SHOCK_DAY, SHOCK_DAYS)),
        "town": (scenario.geography.index(town), take_town(scenario, town, SHOCK_DAY, SHOCK_DAYS)),
    }
    found, failures = [], []
    for kind, (place, changes) in shocks.items():
        kept = run_all([scenario, scenario], seeds, observe(place, end), workers, forced=[{}, changes])
        both = set(kept.seeds[0]) & set(kept.seeds[1])
        plain, shocked = (
            [after for seed, after in zip(kept.seeds[p], kept.values[p], strict=True) if seed in both] for p in (0, 1)
        )
        failures += kept.failures
        found.append(summary(kind, plain, shocked))
    return found, failures


def summary(kind: str, plain: Sequence[After], shocked: Sequence[After]) -> Return:
    """Return what a shock does, from paired runs without and with it."""
    from experiments.science.paired import gap_interval

    n = len(shocked)
    after = np.array([a.returned_after for a in shocked], dtype=float)
    ended = np.array([a.returned for a in shocked])
    soon = int(np.sum(ended & (after <= WITHIN)))
    gain = np.array([float(s.broke) - float(p.broke) for s, p in zip(shocked, plain, strict=True)])
    return Return(
        kind=kind,
        runs=n,
        median_days=kaplan_meier_median(after, ended),
        within=soon / n,
        within_interval=wilson(soon, n, 0.9),
        breakthroughs=(float(np.mean([a.broke for a in shocked])), float(np.mean([a.broke for a in plain]))),
        added=float(gain.mean()),
        added_interval=gap_interval(gain, chance=True),
        stalemate=(_share(shocked, "stalemate"), _share(plain, "stalemate")),
        shocked=float(np.mean([a.shocked for a in shocked])),
    )


def _share(runs: Sequence[After], name: str) -> float:
    return float(np.mean([a.name == name for a in runs]))
