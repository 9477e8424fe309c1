"""The summary of a run: one nested dictionary, the same from both drivers; civilians first in lists of losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim import codes
from sim.outcomes import Outcome, Record, Thresholds, judge, median_hold_days, shocks
from sim.scenario import Scenario
from sim.spells import longest
from sim.world import World, world_hash

Array = npt.NDArray[Any]


def record_of(scenario: Scenario, trace: Array) -> Record:
    """Return what judging needs."""
    geo = scenario.geography
    return Record(trace, geo.capital, geo.regional_capitals, scenario.judge_day)


def thresholds_of(scenario: Scenario) -> Thresholds:
    """Return the outcome thresholds of a scenario: the defaults with its own event band."""
    return Thresholds(events_low=scenario.event_band[0], events_high=scenario.event_band[1])


def summarise(scenario: Scenario, seed: int, world: World, trace: Array, log: Array) -> dict[str, Any]:
    """Return the summary of one run (see README for its keys)."""
    record = record_of(scenario, trace)
    thresholds = thresholds_of(scenario)
    outcome = judge(record, thresholds)
    tally, fuel = world["tally"][0], world["fuel"][0]
    found = record.holds
    fires = int(tally["fires_contractors"]) + int(tally["fires_army"])
    return {
        "scenario": scenario.name,
        "seed": seed,
        "days": len(trace),
        "outcome": outcome.name,
        "outcome_evidence": outcome.evidence,
        "strangled": outcome.strangled,
        "deaths": _deaths(log),
        "civilians_killed": {
            "by_insurgents": int(tally["civilians_by_insurgents"]),
            "by_state_and_contractors": int(tally["civilians_by_state"]),
            "in_combat": int(tally["civilians_in_combat"]),
        },
        "summer": _summer(scenario, log),
        "events_by_country": _by_country(scenario, log),
        "capital": _capital(record, thresholds, outcome),
        "regional_centres": {
            scenario.geography.places[p].name: {
                "longest_denial_days": longest(trace["place_served"][:, p] < thresholds.denied_below)
            }
            for p in record.regional
        },
        "captures": len(found),
        "median_hold_days": median_hold_days(found, len(trace)),
        "max_held_population_share": float(trace["held_share"].max()) if len(trace) else 0.0,
        "contractors": _contractors(world, trace),
        "heavy_fires_share_contractors": int(tally["fires_contractors"]) / fires if fires else None,
        "convoys": {
            "sent": int(tally["convoys_sent"]),
            "arrived": int(tally["convoys_arrived"]),
            "attacked": int(tally["convoys_attacked"]),
        },
        "tankers": {
            "sent": int(tally["tankers_sent"]),
            "burned": int(tally["tankers_burned"]),
            "refused": int(tally["tankers_refused"]),
        },
        "fuel_litres": {name: int(fuel[name]) for name in fuel.dtype.names or ()},
        "ledger": {
            "people_error": int(world["run"]["people_error"][0]),
            "fuel_error_litres": int(world["run"]["fuel_error_l"][0]),
        },
        "status": codes.STATUSES[int(world["run"]["status"][0])],
        "world_hash": world_hash(world),
    }


def _deaths(log: Array) -> dict[str, int]:
    total = log["deaths"].sum(axis=0) if len(log) else np.zeros(4, dtype=int)
    return {side: int(total[k]) for k, side in enumerate(codes.SIDES)}


def insurgent_events(log: Array) -> Array:
    """Return the insurgent-initiated events: attacks and coercion; a capture is the end of an assault, not one more."""
    return log[log["kind"] < codes.CAPTURE]


def _summer(scenario: Scenario, log: Array) -> dict[str, Any]:
    first, last = scenario.summer
    window = log[(log["day"] >= first) & (log["day"] <= last)]
    own = insurgent_events(window)
    base = own[own["kind"] == codes.BASE_ATTACK]
    places = scenario.geography.places
    home = places[scenario.geography.capital].country
    town = own[np.isin(own["kind"], (codes.BASE_ATTACK, codes.OUTPOST_ATTACK)) & (own["place"] >= 0)]
    regions = {places[p].region for p in town["place"] if places[p].country == home}
    return {
        "deaths": _deaths(window),
        "events": len(own),
        "base_attacks": len(base),
        "road_attacks": int((own["kind"] == codes.ROAD_ATTACK).sum()),
        "regions_attacked": len(regions),
    }


def event_places(scenario: Scenario, log: Array) -> Array:
    """Return a place index for every event: its own, or the first end of its road; −1 where it has none."""
    place: Array = log["place"].copy()
    on_road = (place < 0) & (log["road"] >= 0)
    place[on_road] = scenario.geography.road_starts[log["road"][on_road]]
    return place


def _by_country(scenario: Scenario, log: Array) -> dict[str, int]:
    own = insurgent_events(log)
    places = event_places(scenario, own)
    names = [scenario.geography.places[p].country for p in places if p >= 0]
    return {name: names.count(name) for name in sorted(set(names))}


def _capital(record: Record, t: Thresholds, outcome: Outcome) -> dict[str, Any]:
    served = record.trace["capital_served"]
    denied = served < t.denied_below
    over = [o for _, o in shocks(served, t) if o is not None]
    return {
        "days_denied": int(denied.sum()),
        "longest_denial_days": longest(denied),
        "recovered_on_day": over[-1] if over else None,
        "mean_service": float(served.mean()) if len(served) else None,
    }


def _contractors(world: World, trace: Array) -> dict[str, Any]:
    start = int(world["nation"]["contractor_start"][0])
    present = trace["contractors"]
    gone = np.flatnonzero(present < 0.1 * start) if start else np.array([], dtype=int)
    return {
        "start": start,
        "end": int(present[-1]) if len(present) else start,
        "left_on_day": int(gone[0]) if len(gone) else None,
    }
