"""The numbers behind the figures of one run, as tables; no drawing here.

Losses come civilians first. A capture is the end of an assault and no event of its own, as in the summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from experiments.figures.power_law import FROM_SIZE, PowerLaw, fit_power_law
from experiments.plain_run import Array, PlainRun, Table, rows
from sim.codes import HELD_BY_INSURGENTS, SIDES
from sim.spells import week_mean

WINDOW_DAYS: Final = 30
DEATHS: Final = [f"deaths_{side}" for side in SIDES]
# Both sides armed: what UCDP calls state-based. Coercion and harm done in sweeps are violence against civilians alone.
BATTLES: Final = ("road_attack", "outpost_attack", "base_attack", "fire", "sweep_contact", "retake")
ONE_SIDED: Final = ("coercion", "sweep_harm")


def event_table(run: PlainRun) -> Table:
    """The run's acts of violence: its events (see `sim.RunResult`) with a column `deaths`, all sides together."""
    violent = rows(run.events, np.isin(run.events["kind"], (*BATTLES, *ONE_SIDED)))
    return {**violent, "deaths": np.column_stack([violent[name] for name in DEATHS]).sum(axis=1)}


def place_table(run: PlainRun) -> Table:
    """One row a place: days held by insurgents, whether so on the last day, support for them (share, last day)."""
    places = run.scenario.geography.places
    held = run.holder == HELD_BY_INSURGENTS
    return {
        "place": np.array([p.id for p in places]),
        "name": np.array([p.name for p in places]),
        "kind": np.array([p.kind for p in places]),
        "lat": np.array([p.lat for p in places]),
        "lon": np.array([p.lon for p in places]),
        "days_held_by_insurgents": held.sum(axis=0),
        "held_on_last_day": held[-1].astype(int),
        "support_for_insurgents": run.support,
    }


def road_table(run: PlainRun) -> Table:
    """One row a road: attacks on it in the run, and carriers' perceived risk on the last day (attacks per passage)."""
    roads = np.array([f"{road.a}-{road.b}" for road in run.scenario.geography.roads])
    attacked = run.events["road"][run.events["kind"] == "road_attack"]
    attacks = np.sum(attacked == roads[:, None], axis=1)
    return {"road": roads, "attacks": attacks, "perceived_risk_on_last_day": run.risk}


def day_table(run: PlainRun) -> Table:
    """One row a day: what the time lines show. Shares 0 to 1; strengths relative to day 0 (empty if none then)."""
    daily = run.daily
    table: dict[str, Array] = {"day": daily["day"], "date": _dates(run)}
    table["capital_served"] = daily["capital_served"]
    table["capital_served_week_mean"] = week_mean(daily["capital_served"])
    table["events_in_30_days"] = trailing_sum(daily["events"], WINDOW_DAYS)
    for side in SIDES[1:]:
        count = daily[side].astype(np.float64)
        table[side] = count
        table[f"{side}_relative"] = count / count[0] if count[0] > 0 else np.full(len(count), np.nan)
    for name in ("legitimacy", "reputation", "campaign"):
        table[name] = daily[name]
    return table


def _dates(run: PlainRun) -> Array:
    first = date.fromisoformat(run.scenario.start_date)
    return np.array([(first + timedelta(days=int(day))).isoformat() for day in run.daily["day"]])


def trailing_sum(values: Array, window: int) -> Array:
    """Sum over the `window` days up to and with each day; NaN until there are that many. Same shape."""
    total = np.full(len(values), np.nan)
    if len(values) >= window:
        total[window - 1 :] = np.convolve(values, np.ones(window), mode="valid")
    return total


def centre_table(run: PlainRun) -> Table:
    """One row a day, one column a regional capital: share of its fuel demand met; ordered west to east."""
    places = run.scenario.geography.places
    centres = sorted((places[k].lon, k) for k in run.scenario.geography.regional_capitals)
    return {"day": run.daily["day"], **{places[k].label: run.served[:, k] for _, k in centres}}


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of a run, or the part of it that the run covers.

    Attributes:
        first: its first day in the run (day number).
        end: the day after its last one in the run.
        begins: the date of the first day.
        whole: whether the run covers all of it.
    """

    first: int
    end: int
    begins: date
    whole: bool


def calendar(start_date: str, days: int) -> tuple[Month, ...]:
    """The calendar months of a run of `days` days from an ISO date."""
    start = date.fromisoformat(start_date)
    months: list[Month] = []
    day = 0
    while day < days:
        begins = start + timedelta(days=day)
        following = date(begins.year + begins.month // 12, begins.month % 12 + 1, 1)
        end = (following - start).days
        months.append(Month(day, min(end, days), begins, begins.day == 1 and end <= days))
        day = end
    return tuple(months)


def month_table(run: PlainRun) -> Table:
    """One row a calendar month: days covered, deaths per side (civilians first), insurgent-initiated events."""
    daily = run.daily
    months = calendar(run.scenario.start_date, run.days)
    edges = [month.first for month in months]
    table: dict[str, Array] = {
        "month": np.array([m.begins.strftime("%Y-%m") for m in months]),
        "days_covered": np.array([m.end - m.first for m in months]),
    }
    for side, column in zip(SIDES, ("civilian", "insurgent", "state", "contractor"), strict=True):
        table[f"deaths_{side}"] = np.add.reduceat(daily[f"{column}_deaths"], edges).astype(int)
    table["events"] = np.add.reduceat(daily["events"], edges).astype(int)
    return table


@dataclass(frozen=True)
class EventSizes:
    """Sizes of the lethal battle events of a run.

    Attributes:
        sizes: deaths, all sides, per battle event that killed anyone, ascending.
        battles: number of battle events, the bloodless ones included.
        one_sided: number of lethal events of violence against civilians alone, which are left out.
        law: power law fitted from `FROM_SIZE` up; None if too few.
    """

    sizes: Array
    battles: int
    one_sided: int
    law: PowerLaw | None


def event_sizes(run: PlainRun) -> EventSizes:
    """What sizes the run's battle events had."""
    events = event_table(run)
    battle = np.isin(events["kind"], BATTLES)
    deaths = events["deaths"].astype(np.int64)
    sizes = np.sort(deaths[battle & (deaths > 0)])
    return EventSizes(sizes, int(battle.sum()), int(np.sum(~battle & (deaths > 0))), fit_power_law(sizes))


def size_table(sizes: EventSizes) -> Table:
    """One row a size: events of that size, share of lethal events at least as large, and the same by the power law."""
    size, count = np.unique(sizes.sizes, return_counts=True)
    share = np.cumsum(count[::-1])[::-1] / max(1, len(sizes.sizes))
    fitted = np.full(len(size), np.nan)
    if sizes.law is not None:
        above = size >= FROM_SIZE
        fitted[above] = sizes.law.at_least(size[above]) * np.mean(sizes.sizes >= FROM_SIZE)
    return {"deaths": size, "events": count, "share_at_least": share, "share_at_least_fitted": fitted}
