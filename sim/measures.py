"""The measures of one run as a flat row: what sweeps, comparisons and validation keep of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim import codes
from sim.outcomes import INSURGENT_NATIONAL, INSURGENT_REGIONAL, STATE_BREAKTHROUGH, Thresholds, holds, judge, shocks
from sim.scenario import Scenario
from sim.spells import kaplan_meier_median, longest, week_mean
from sim.summary import event_places, insurgent_events, record_of, thresholds_of
from sim.world import World

Array = npt.NDArray[Any]


def measures(scenario: Scenario, world: World, trace: Array, log: Array) -> dict[str, Any]:
    """Return the outcome, its reason and time, and about forty measures of one run."""
    record, thresholds = record_of(scenario, trace), thresholds_of(scenario)
    outcome = judge(record, thresholds)
    row: dict[str, Any] = {
        "outcome": outcome.name,
        "reason": outcome.reason,
        "breakthrough_day": outcome.day if outcome.day is not None else -1,
        "strangled": outcome.strangled,
    }
    row.update(_losses(scenario, world, log))
    row.update(_events(scenario, log))
    row.update(_fuel(scenario, world, trace))
    row.update(_control(scenario, trace))
    row.update(_forces(world, trace))
    row.update(_patterns(scenario, trace, log, row))
    return row


def _losses(scenario: Scenario, world: World, log: Array) -> dict[str, Any]:
    first, last = scenario.summer
    summer = (log["day"] >= first) & (log["day"] <= last)
    total, in_summer = log["deaths"].sum(axis=0), log["deaths"][summer].sum(axis=0)
    row = {f"deaths_{side}": int(total[k]) for k, side in enumerate(codes.SIDES)}
    row.update({f"summer_deaths_{side}": int(in_summer[k]) for k, side in enumerate(codes.SIDES)})
    tally = world["tally"][0]
    for name in ("civilians_by_insurgents", "civilians_by_state", "civilians_in_combat"):
        row[name] = int(tally[name])
    return row


def _events(scenario: Scenario, log: Array) -> dict[str, Any]:
    first, last = scenario.summer
    own = insurgent_events(log)
    summer = own[(own["day"] >= first) & (own["day"] <= last)]
    geo = scenario.geography
    home = geo.places[geo.capital].country
    at = event_places(scenario, summer)
    abroad = sum(geo.places[p].country != home for p in at if p >= 0)
    town = summer[np.isin(summer["kind"], (codes.BASE_ATTACK, codes.OUTPOST_ATTACK))]
    regions = {geo.places[p].region for p in town["place"] if p >= 0 and geo.places[p].country == home}
    return {
        "events": len(own),
        "summer_events": len(summer),
        "summer_base_attacks": int((summer["kind"] == codes.BASE_ATTACK).sum()),
        "summer_road_attacks": int((summer["kind"] == codes.ROAD_ATTACK).sum()),
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


def _control(scenario: Scenario, trace: Array) -> dict[str, Any]:
    found = holds(trace, np.arange(len(scenario.geography.places)))
    days = np.array([(o if o is not None else len(trace)) - f for _, f, o in found], dtype=float)
    ended = np.array([o is not None for _, _, o in found], dtype=bool)
    median = kaplan_meier_median(days, ended) if len(found) else None
    return {
        "captures": len(found),
        "median_hold_days": float("nan") if median is None else median,
        "max_held_share": float(trace["held_share"].max()),
        "mean_held_share": float(trace["held_share"].mean()),
    }


def _forces(world: World, trace: Array) -> dict[str, Any]:
    last = trace[-1]
    row: dict[str, Any] = {f"{side}_end": int(last[side]) for side in ("insurgents", "state", "contractors")}
    for name in ("legitimacy", "readiness", "reputation", "command", "support", "paid"):
        row[f"mean_{name}"] = float(trace[name].mean())
    row["contractors_start"] = int(world["nation"]["contractor_start"][0])
    return row


def _patterns(scenario: Scenario, trace: Array, log: Array, row: dict[str, Any]) -> dict[str, Any]:
    """Return the article's patterns A1-A9 for this run, as facts/mali.md defines them (A1 is judged over seeds)."""
    first, last = scenario.summer
    until = trace[: scenario.judge_day + 1]
    thresholds = thresholds_of(scenario)
    early = judge(record_of(scenario, until), thresholds)
    broke = early.name in (INSURGENT_NATIONAL, INSURGENT_REGIONAL, STATE_BREAKTHROUGH)
    found = holds(trace, np.arange(len(scenario.geography.places)))
    fresh = [h for h in found if first <= h[1] <= last]
    days = np.array([(o if o is not None else len(trace)) - f for _, f, o in fresh], dtype=float)
    ended = np.array([o is not None for _, _, o in fresh], dtype=bool)
    median = kaplan_meier_median(days, ended) if fresh else None
    start = row["contractors_start"]
    held = until["held_share"]
    return {
        "a1_deaths": row["summer_deaths_state"] + row["summer_deaths_contractors"],
        "a2": _briefly_denied(until["capital_served"]),
        "a3_centres": _centres_denied(scenario, until),
        "a4": bool(fresh) and median is not None and median < 30,
        "a5": bool(start == 0 or until["contractors"][-1] >= 0.7 * start),
        "a6": early.name not in (INSURGENT_NATIONAL, STATE_BREAKTHROUGH),
        "a6_no_regional_either": not broke,
        "a7": early.name == "stalemate",
        "a8": bool(row["summer_regions_attacked"] >= 4 and held.max() < 0.2),
        "a9": bool(row["summer_share_abroad"] >= 0.05),
        "outcome_at_judge_day": early.name,
    }


def _briefly_denied(served: Array) -> bool:
    """A2: a spell of 3-45 days in a row below 30 %, then the week's mean back at 80 %, and no longer spell."""
    if longest(served < 0.3) > 45:
        return False
    mean = week_mean(served)
    found = shocks(served, Thresholds())
    return any(over is not None and mean[over] >= 0.8 for _, over in found)


def _centres_denied(scenario: Scenario, trace: Array) -> int:
    """A3: regional capitals denied for 7 days in a row from the summer on, each well served in the 30 days before."""
    first = scenario.summer[0]
    if len(trace) <= first:
        return 0
    count = 0
    for k, place in enumerate(scenario.geography.places):
        if place.kind != "regional_capital":
            continue
        served = trace["place_served"][:, k]
        before = served[max(0, first - 30) : first]
        if len(before) and before.mean() >= 0.8 and longest(served[first:] < 0.3) >= 7:
            count += 1
    return count
