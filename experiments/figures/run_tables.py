"""The numbers behind the figures of one run, as tables; no drawing here.

Losses come civilians first. A capture is the end of an assault and no event of its own, as in the summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.figures.power_law import FROM_SIZE, PowerLaw, fit_power_law
from sim.codes import HELD_BY_INSURGENTS, SIDES
from sim.spells import week_mean

if TYPE_CHECKING:
    import pandas as pd

    from sim import RunResult

Array = NDArray[Any]

WINDOW_DAYS: Final = 30
DEATHS: Final = [f"deaths_{side}" for side in SIDES]
# Both sides armed: what UCDP calls state-based. Coercion and harm done in sweeps are violence against civilians alone.
BATTLES: Final = ("road_attack", "outpost_attack", "base_attack", "fire", "sweep_contact", "retake")
ONE_SIDED: Final = ("coercion", "sweep_harm")


def event_table(result: RunResult) -> pd.DataFrame:
    """The run's acts of violence: its events (see `sim.RunResult`) with a column `deaths`, all sides together."""
    events = result.events
    violent = events[events["kind"].isin((*BATTLES, *ONE_SIDED)).to_numpy()].reset_index(drop=True)
    return violent.assign(deaths=violent[DEATHS].to_numpy().sum(axis=1))


def place_table(result: RunResult) -> pd.DataFrame:
    """One row a place: days held by insurgents, whether so on the last day, support for them (share, last day)."""
    import pandas as pd

    places = result.scenario.geography.places
    held = result.places_daily["holder"][:, : len(places)] == HELD_BY_INSURGENTS
    return pd.DataFrame(
        {
            "place": [p.id for p in places],
            "name": [p.name for p in places],
            "kind": [p.kind for p in places],
            "lat": [p.lat for p in places],
            "lon": [p.lon for p in places],
            "days_held_by_insurgents": held.sum(axis=0),
            "held_on_last_day": held[-1].astype(int),
            "support_for_insurgents": result.world["places"]["support_insurgents"][0][: len(places)],
        }
    )


def road_table(result: RunResult) -> pd.DataFrame:
    """One row a road: attacks on it in the run, and carriers' perceived risk on the last day (attacks per passage)."""
    import pandas as pd

    roads = [f"{road.a}-{road.b}" for road in result.scenario.geography.roads]
    events = result.events
    on_roads = events.loc[(events["kind"] == "road_attack").to_numpy(), "road"]
    attacks = on_roads.value_counts().reindex(roads, fill_value=0).to_numpy()
    risk = result.world["roads"]["risk"][0][: len(roads)]
    return pd.DataFrame({"road": roads, "attacks": attacks, "perceived_risk_on_last_day": risk})


def day_table(result: RunResult) -> pd.DataFrame:
    """One row a day: what the time lines show. Shares 0 to 1; strengths relative to day 0 (empty if none then)."""
    import pandas as pd

    daily = result.daily
    table = pd.DataFrame({"day": daily["day"].to_numpy(), "date": _dates(result)})
    table["capital_served"] = daily["capital_served"].to_numpy()
    table["capital_served_week_mean"] = week_mean(table["capital_served"].to_numpy())
    table["events_in_30_days"] = trailing_sum(daily["events"].to_numpy(), WINDOW_DAYS)
    for side in SIDES[1:]:
        count = daily[side].to_numpy(dtype=np.float64)
        table[side] = count
        table[f"{side}_relative"] = count / count[0] if count[0] > 0 else np.nan
    for name in ("legitimacy", "reputation", "campaign"):
        table[name] = daily[name].to_numpy()
    return table


def _dates(result: RunResult) -> list[str]:
    first = date.fromisoformat(result.scenario.start_date)
    return [(first + timedelta(days=int(day))).isoformat() for day in result.daily["day"]]


def trailing_sum(values: Array, window: int) -> Array:
    """Sum over the `window` days up to and with each day; NaN until there are that many. Same shape."""
    total = np.full(len(values), np.nan)
    if len(values) >= window:
        total[window - 1 :] = np.convolve(values, np.ones(window), mode="valid")
    return total


def centre_table(result: RunResult) -> pd.DataFrame:
    """One row a day, one column a regional capital: share of its fuel demand met; ordered west to east."""
    import pandas as pd

    places = result.scenario.geography.places
    centres = sorted((p.lon, k) for k, p in enumerate(places) if p.kind == "regional_capital")
    served = result.places_daily["served"]
    columns: dict[str, Any] = {"day": result.daily["day"].to_numpy()}
    columns |= {places[k].label: served[:, k] for _, k in centres}
    return pd.DataFrame(columns)


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


def month_table(result: RunResult) -> pd.DataFrame:
    """One row a calendar month: days covered, deaths per side (civilians first), insurgent-initiated events."""
    import pandas as pd

    daily = result.daily
    months = calendar(result.scenario.start_date, len(daily))
    edges = [month.first for month in months]
    table = {"month": [m.begins.strftime("%Y-%m") for m in months], "days_covered": [m.end - m.first for m in months]}
    for side, column in zip(SIDES, ("civilian", "insurgent", "state", "contractor"), strict=True):
        table[f"deaths_{side}"] = np.add.reduceat(daily[f"{column}_deaths"].to_numpy(), edges).astype(int).tolist()
    table["events"] = np.add.reduceat(daily["events"].to_numpy(), edges).astype(int).tolist()
    return pd.DataFrame(table)


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


def event_sizes(result: RunResult) -> EventSizes:
    """What sizes the run's battle events had."""
    events = event_table(result)
    battle = events["kind"].isin(BATTLES).to_numpy()
    deaths = events["deaths"].to_numpy(dtype=np.int64)
    sizes = np.sort(deaths[battle & (deaths > 0)])
    return EventSizes(sizes, int(battle.sum()), int(np.sum(~battle & (deaths > 0))), fit_power_law(sizes))


def size_table(sizes: EventSizes) -> pd.DataFrame:
    """One row a size: events of that size, share of lethal events at least as large, and the same by the power law."""
    import pandas as pd

    size, count = np.unique(sizes.sizes, return_counts=True)
    share = np.cumsum(count[::-1])[::-1] / max(1, len(sizes.sizes))
    fitted = np.full(len(size), np.nan)
    if sizes.law is not None:
        above = size >= FROM_SIZE
        fitted[above] = sizes.law.at_least(size[above]) * np.mean(sizes.sizes >= FROM_SIZE)
    return pd.DataFrame({"deaths": size, "events": count, "share_at_least": share, "share_at_least_fitted": fitted})
