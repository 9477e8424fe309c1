"""The books: people and fuel balance exactly on every day, whatever the configuration.

The rules' own audit is not trusted alone: the tests add up the rows once more.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sim_support import changed, fresh, live, mali, minimal, shipped, step, switches, with_timeline

from sim import codes
from sim.parameters import infos

PLANS = [minimal(), mali(), shipped("atlantis", "atlantis")]
KEYS = [key for key in infos() if not key.startswith("switches.")]
HARMLESS = list(HealthCheck)


def imbalance(world):
    """People and litres that are missing or too many, added up from the rows."""
    people, fuel = world["people"][0], world["fuel"][0]
    there = [
        live(world, "cells")["fighters"].sum(),
        live(world, "units")["men"].sum(),
        live(world, "detachments")["men"].sum(),
    ]
    errors = []
    for side, present in zip((codes.INSURGENTS, codes.STATE, codes.CONTRACTORS), there, strict=True):
        b = people[side]
        came = b["initial"] + b["recruited"] + b["reinforced"] + b["released"]
        errors.append(int(came - b["dead"] - b["captured"] - b["deserted"] - b["withdrawn"] - present))
    stock = int(world["places"]["stock_l"].sum()) + int(live(world, "convoys")["litres"].sum())
    errors.append(
        int(fuel["opening"] + fuel["entered"])
        - sum(int(fuel[name]) for name in ("consumed", "destroyed", "looted", "turned_back"))
        - stock
    )
    return errors


def must_hold(world):
    assert imbalance(world) == [0, 0, 0, 0]
    run = world["run"][0]
    assert (run["people_error"], run["fuel_error_l"], run["status"]) == (0, 0, codes.OK)
    places, convoys = world["places"][0], live(world, "convoys")
    assert places["stock_l"].min() >= 0 and (convoys["litres"] >= 0).all()
    for table, field in (("cells", "fighters"), ("units", "men"), ("detachments", "men")):
        assert (live(world, table)[field] > 0).all(), table  # nobody lives on without people
    inbound = np.bincount(convoys["target"], weights=convoys["litres"], minlength=len(places))
    assert inbound.tolist() == places["inbound_l"].tolist()
    for name in ("legitimacy", "cohesion", "reputation", "readiness", "served", "paid", "contractors_paid", "command"):
        assert 0 <= world["nation"][name][0] <= 1 + 1e-9, name
    assert np.isfinite(world["settings"]).all() and world["nation"]["treasury"][0] >= -1e-9


def run_checked(plan, seed, days):
    world = fresh(plan, seed)
    must_hold(world)
    for day in range(days):
        step(world)
        assert world["run"]["status"][0] == codes.OK, day
        must_hold(world)
    return world


@st.composite
def settings_of(draw):
    """Some parameters anywhere within their ranges, some switches off."""
    keys = draw(st.lists(st.sampled_from(KEYS), max_size=12, unique=True))
    values = {key: draw(st.floats(infos()[key].low, infos()[key].high)) for key in keys}
    return {**values, **dict.fromkeys(draw(st.sets(st.sampled_from(switches()), max_size=5)), 0)}


@st.composite
def timelines(draw, plan):
    """A few entries of every kind, on early days."""
    places = [p.id for p in plan.geography.places if p.kind != "source"]
    day = st.integers(0, 30)
    entries = [
        {"day": draw(day), "action": "campaign", "days": draw(st.integers(1, 60)), "value": draw(st.floats(0, 5))}
    ]
    for action, most in (("add_contractors", 400), ("add_men", 3000), ("add_fighters", 4000)):
        low = -3000 if action == "add_men" else 0
        for _ in range(draw(st.integers(0, 2))):
            value = draw(st.integers(low, most))
            entries.append({"day": draw(day), "action": action, "place": draw(st.sampled_from(places)), "value": value})
    entries.append({"day": draw(day), "action": "withdraw_contractors", "value": draw(st.integers(0, 3000))})
    for action in ("set", "ramp"):
        key = draw(st.sampled_from(KEYS))
        value = draw(st.floats(infos()[key].low, infos()[key].high))
        entry = {"day": draw(day), "action": action, "key": key, "value": value}
        entries.append(entry if action == "set" else {**entry, "days": draw(st.integers(0, 40))})
    return entries


@st.composite
def configurations(draw, plans=tuple(PLANS)):
    plan = draw(st.sampled_from(plans))
    return with_timeline(changed(plan, draw(settings_of())), *draw(timelines(plan)))


@settings(max_examples=6, deadline=None, suppress_health_check=HARMLESS)
@given(configurations((PLANS[0],)), st.integers(0, 2**63 - 1))
def test_any_small_country_balances_every_day(plan, seed):
    run_checked(plan, seed, 45)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=HARMLESS)
@given(configurations(), st.integers(0, 2**63 - 1))
def test_any_country_balances_every_day(plan, seed):
    run_checked(plan, seed, 150)


@pytest.mark.parametrize("plan", PLANS, ids=["minimal", "mali_2025", "atlantis"])
def test_shipped_countries_balance_and_everybody_has_moved(plan):
    world = run_checked(with_timeline(plan, {"day": 10, "action": "campaign", "days": 70, "value": 3}), 2, 150)
    fuel, people = world["fuel"][0], world["people"][0]
    assert min(int(fuel[name]) for name in ("entered", "consumed", "destroyed")) > 0
    assert (
        people["dead"][codes.INSURGENTS] > 0 < people["dead"][codes.STATE] and people["recruited"][codes.INSURGENTS] > 0
    )


def test_the_audit_sees_one_missing_man_and_one_missing_litre():
    for table, field in (("units", "men"), ("cells", "fighters"), ("detachments", "men"), ("places", "stock_l")):
        world = fresh(minimal())
        world[table][field][0, 0] -= 1
        step(world)
        assert world["run"]["people_error"][0] + world["run"]["fuel_error_l"][0] == 1
