"""The summary of a run: every number recomputed from tables in another way."""

import json

import numpy as np
import pytest
from sim_support import early, mali, minimal

from sim import codes
from sim.run import simulate
from sim.world import world_hash

KEYS = (
    "scenario", "seed", "days", "outcome", "outcome_evidence", "strangled", "deaths", "civilians_killed", "summer",
    "events_by_country", "capital", "regional_centres", "captures", "median_hold_days", "max_held_population_share",
    "contractors", "heavy_fires_share_contractors", "convoys", "tankers", "fuel_litres", "ledger", "status",
    "world_hash",
)  # fmt: skip
RESULT = simulate(early(mali(), 151, 60, 1.5), 3, days=240)
SUMMARY = RESULT.summary


def test_the_summary_has_its_keys_and_is_plain_json():
    assert tuple(SUMMARY) == KEYS
    assert json.loads(json.dumps(SUMMARY)) == SUMMARY


def test_civilians_come_first_in_every_list_of_losses():
    assert list(SUMMARY["deaths"]) == list(SUMMARY["summer"]["deaths"]) == list(codes.SIDES)
    assert codes.SIDES[0] == "civilians"


def test_deaths_and_events_are_those_of_the_tables():
    events = RESULT.events
    for side in codes.SIDES:
        assert SUMMARY["deaths"][side] == events[f"deaths_{side}"].sum()
    own = events[events["kind"].isin(["road_attack", "outpost_attack", "base_attack", "coercion"])]
    assert SUMMARY["events_by_country"] == own.groupby("country").size().to_dict()
    summer = own[own["day"].between(151, 242)]
    assert SUMMARY["summer"]["events"] == len(summer) == RESULT.daily["events"][151:243].sum()
    for kind in ("road_attack", "base_attack"):
        assert SUMMARY["summer"][f"{kind}s"] == (summer["kind"] == kind).sum()
    regions = {p.id: p.region for p in RESULT.scenario.geography.places}
    town = summer[summer["kind"].isin(["outpost_attack", "base_attack"]) & (summer["country"] == "ML")]
    assert SUMMARY["summer"]["regions_attacked"] == town["place"].map(regions).nunique() > 0
    assert sum(SUMMARY["civilians_killed"].values()) == SUMMARY["deaths"]["civilians"] > 0


def test_the_capital_and_the_centres():
    served = RESULT.daily["capital_served"]
    assert SUMMARY["capital"]["days_denied"] == (served < 0.3).sum()
    assert SUMMARY["capital"]["mean_service"] == pytest.approx(served.mean())
    names = [p.name for p in RESULT.scenario.geography.places if p.kind == "regional_capital"]
    assert list(SUMMARY["regional_centres"]) == names
    for p in RESULT.scenario.geography.places:
        if p.kind == "regional_capital":
            dry = RESULT.places_daily["served"][:, RESULT.scenario.geography.index(p.id)] < 0.3
            runs = "".join("x" if d else " " for d in dry).split()
            assert SUMMARY["regional_centres"][p.name]["longest_denial_days"] == max(map(len, runs), default=0)


def test_contractors_fires_convoys_and_books():
    present = RESULT.daily["contractors"]
    assert SUMMARY["contractors"]["start"] == 1000 and SUMMARY["contractors"]["end"] == present.iloc[-1]
    tally = RESULT.world["tally"][0]
    fires = int(tally["fires_contractors"]), int(tally["fires_army"])
    assert SUMMARY["heavy_fires_share_contractors"] == fires[0] / sum(fires)
    assert SUMMARY["convoys"]["attacked"] >= (RESULT.events["kind"] == "road_attack").sum() * 0.3
    assert SUMMARY["tankers"]["burned"] == RESULT.events["tankers"].sum()
    assert SUMMARY["ledger"] == {"people_error": 0, "fuel_error_litres": 0} and SUMMARY["status"] == "ok"
    assert SUMMARY["world_hash"] == world_hash(RESULT.world) and len(SUMMARY["world_hash"]) == 32


def test_a_departure_is_dated():
    plan = minimal(
        contractors__departure_rate=0.2, contractors__patience_days=10, regime__revenue=0.02, regime__treasury_days=0
    )
    result = simulate(plan, 2, days=250)
    present = result.daily["contractors"].to_numpy()
    gone = np.flatnonzero(present < 0.1 * 100)
    assert len(gone) and result.summary["contractors"]["left_on_day"] == gone[0]
    none = simulate(minimal(contractors__personnel=0), 1, days=5).summary["contractors"]
    assert none == {"start": 0, "end": 0, "left_on_day": None}


def test_a_day_is_enough_for_a_summary():
    summary = simulate(minimal(), 1, days=1).summary
    assert summary["days"] == 1 and summary["outcome"] == "not_assessed" and summary["median_hold_days"] is None
