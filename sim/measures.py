"""The measures of one run as a flat row: what sweeps, comparisons and validation keep of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim import codes
from sim.outcomes import (
    INSURGENT_NATIONAL,
    INSURGENT_REGIONAL,
    STALEMATE,
    STATE_BREAKTHROUGH,
    Outcome,
    Record,
    Thresholds,
    judge,
    median_hold_days,
    shocks,
)
from sim.scenario import Scenario
from sim.spells import longest
from sim.summary import event_places, insurgent_events, record_of, thresholds_of
from sim.world import World

Array = npt.NDArray[Any]


def measures(scenario: Scenario, world: World, trace: Array, log: Array) -> dict[str, Any]:
    """Return the outcome, its reason and time, and some 55 measures of one run."""
    record, thresholds = record_of(scenario, trace), thresholds_of(scenario)
    outcome = judge(record, thresholds)
    early = record.until(scenario.judge_day + 1)
    row: dict[str, Any] = {
        "outcome": outcome.name,
        "reason": outcome.reason,
        "breakthrough_day": outcome.day if outcome.day is not None else -1,
        "strangled": outcome.strangled,
    }
    row.update(_losses(scenario, world, log))
    row.update(_events(scenario, log))
    row.update(_fuel(scenario, world, trace))
    row.update(_control(record))
    row.update(_forces(world, trace))
    row.update(_patterns(scenario, record, early, outcome if early is record else judge(early, thresholds), row))
    return row


def _losses(scenario: Scenario, world: World, log: Array) -> dict[str, Any]:
    first, last = scenario.summer
    summer = (log["day"] >= first) & (log["day"] <= last)
    total, in_summer = log["deaths"].sum(axis=0), log["deaths"][summer].sum(axis=0)
    row = {f"deaths_{side}": int(total[k]) for k, side in enumerate(codes.SIDES)}
    row.update({f"summer_deaths_{side}": int(in_summer[k]) for k, side in enumerate(codes.SIDES)})
    at = event_places(scenario, log[summer])
    abroad = (at >= 0) & ~scenario.geography.home[at]
    row["summer_deaths_state_abroad"] = int(log["deaths"][summer][abroad, codes.STATE].sum())
    tally = world["tally"][0]
    for name in ("civilians_by_insurgents", "civilians_by_state", "civilians_in_combat"):
        row[name] = int(tally[name])
    return row


def _events(scenario: Scenario, log: Array) -> dict[str, Any]:
    first, last = scenario.summer
    own = insurgent_events(log)
    summer = own[(own["day"] >= first) & (own["day"] <= last)]
    geo, kind = scenario.geography, summer["kind"]
    at = event_places(scenario, summer)
    abroad = np.count_nonzero(~geo.home[at[at >= 0]])
    bases = kind == codes.BASE_ATTACK
    towns = set(summer["place"][bases | (kind == codes.OUTPOST_ATTACK)].tolist())
    regions = {geo.places[p].region for p in towns if p >= 0 and geo.home[p]}
    return {
        "events": len(own),
        "summer_events": len(summer),
        "summer_base_attacks": np.count_nonzero(bases),
        "summer_road_attacks": np.count_nonzero(kind == codes.ROAD_ATTACK),
        "summer_regions_attacked": len(regions),
        "summer_share_abroad": abroad / len(summer) if len(summer) else 0.0,
    }


def _fuel(scenario: Scenario, world: World, trace: Array) -> dict[str, Any]:
    tally, served = world["tally"][0], trace["capital_served"]
    fires = int(tally["fires_contractors"]) + int(tally["fires_army"])
    row: dict[str, Any] = {
        name: int(tally[name])
        for name in ("convoys_sent", "convoys_attacked", "tankers_sent", "tankers_burned", "tankers_refused", "truces")
    }
    row["capital_mean_service"] = float(served.mean())
    row["capital_days_denied"] = int((served < 0.3).sum())
    row["capital_longest_denial"] = longest(served < 0.3)
    row["national_mean_service"] = float(trace["national_served"].mean())
    row["fires"] = fires
    row["heavy_fires_share_contractors"] = int(tally["fires_contractors"]) / fires if fires else float("nan")
    return row


def _control(record: Record) -> dict[str, Any]:
    held = record.trace["held_share"]
    median = median_hold_days(record.holds, len(held))
    return {
        "captures": len(record.holds),
        "median_hold_days": float("nan") if median is None else median,
        "max_held_share": float(held.max()),
        "mean_held_share": float(held.mean()),
    }


def _forces(world: World, trace: Array) -> dict[str, Any]:
    last = trace[-1]
    row: dict[str, Any] = {f"{side}_end": int(last[side]) for side in ("insurgents", "state", "contractors")}
    for name in ("legitimacy", "readiness", "reputation", "command", "support", "paid"):
        row[f"mean_{name}"] = float(trace[name].mean())
    row["contractors_start"] = int(world["nation"]["contractor_start"][0])
    return row


def _patterns(
    scenario: Scenario, record: Record, early: Record, judged: Outcome, row: dict[str, Any]
) -> dict[str, Any]:
    """Return the article's patterns A1-A9 for this run, as facts/mali.md defines them (A1 is judged over seeds).

    ``early`` is the record up to the day on which patterns are judged, ``judged`` its outcome.
    """
    first, last = scenario.summer
    until = early.trace
    median = median_hold_days([h for h in record.holds if first <= h[1] <= last], len(record.trace))
    start = row["contractors_start"]
    held = until["held_share"]
    return {
        "a1_deaths": row["summer_deaths_state"] - row["summer_deaths_state_abroad"] + row["summer_deaths_contractors"],
        "a2": _briefly_denied(early),
        "a3_centres": _centres_denied(scenario, until),
        "a4": median is not None and median < 30,
        "a5": bool(start == 0 or until["contractors"][-1] >= 0.7 * start),
        "a6": judged.name not in (INSURGENT_NATIONAL, STATE_BREAKTHROUGH),
        "a6_no_regional_either": judged.name not in (INSURGENT_NATIONAL, INSURGENT_REGIONAL, STATE_BREAKTHROUGH),
        "a7": judged.name == STALEMATE,
        "a8": bool(row["summer_regions_attacked"] >= 4 and held.max() < 0.2),
        "a9": bool(row["summer_share_abroad"] >= 0.05),
        "outcome_at_judge_day": judged.name,
    }


def _briefly_denied(record: Record) -> bool:
    """A2: a spell of 3-45 days in a row below 30 %, then the week's mean back at 80 %, and no longer spell."""
    served = record.trace["capital_served"]
    if longest(served < 0.3) > 45:
        return False
    found = shocks(served, Thresholds(), record.capital_week)
    return any(over is not None and record.capital_week[over] >= 0.8 for _, over in found)


def _centres_denied(scenario: Scenario, trace: Array) -> int:
    """A3: regional capitals denied for 7 days in a row from the summer on, each well served in the 30 days before."""
    first = scenario.summer[0]
    if len(trace) <= first:
        return 0
    served = trace["place_served"][:, list(scenario.geography.regional_capitals)]
    before, after = served[max(0, first - 30) : first], served[first:]
    if not len(before):
        return 0
    denied = after < 0.3
    likely = (before.mean(axis=0) >= 0.8) & (denied.sum(axis=0) >= 7)
    return sum(longest(denied[:, k]) >= 7 for k in np.flatnonzero(likely))
