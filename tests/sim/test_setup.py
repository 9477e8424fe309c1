"""The world of day 0 against the scenario that it is made from."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_support import fresh, live, mali, minimal, with_forces, with_timeline

from sim import codes
from sim.scenario import Group, ScenarioError
from sim.setup import TooLargeError, army_cost, army_scale, build_world, contractors_at_start, identity
from sim.world import LARGE, STANDARD, Capacity, world_dtype, world_hash

MALI = mali()


def test_everybody_is_where_the_scenario_puts_them():
    world = fresh(MALI)
    geo, forces = MALI.geography, MALI.forces
    for g, group in enumerate(forces.groups):
        for name, count in group.cells.items():
            cells = live(world, "cells")
            here = cells[(cells["group"] == g) & (cells["place"] == geo.index(name))]
            assert len(here) == count and (here["fighters"] == 25).all() and (here["task"] == codes.REST).all()
    units = live(world, "units")
    for name, men in forces.garrisons.items():
        here = units[(units["kind"] == codes.GARRISON) & (units["place"] == geo.index(name))]
        assert here["men"].tolist() == [men]
    for kind, stations in ((codes.COLUMN, forces.columns), (codes.ESCORT, forces.escorts)):
        for s in stations:
            here = units[(units["kind"] == kind) & (units["home"] == geo.index(s.place))]
            assert here["men"].tolist() == [s.men] * s.count
    hired = live(world, "detachments")
    assert hired["men"].sum() == 1000 and hired["men"].max() <= 150
    for table in ("cells", "units", "detachments"):
        ids = live(world, table)["id"]
        assert len(set(ids.tolist())) == len(ids)


def test_places_roads_and_fuel():
    world = fresh(MALI)
    geo, places = MALI.geography, world["places"][0]
    assert world["run"]["n_places"][0] == 46 and world["run"]["n_roads"][0] == 57
    assert places["population"][:46].tolist() == [p.population for p in geo.places]
    home = np.array([p.country == "ML" for p in geo.places])
    assert ((places["country"][:46] == 0) == home).all()
    assert (places["civil_demand_l"][:46] > 0).tolist() == home.tolist()
    capital = geo.capital
    assert not places["is_centre"][capital] and not places["is_centre"][geo.index("KAT")]
    assert (places["stock_l"][~(places["civil_demand_l"] > 0)] == 0).all()
    assert world["fuel"]["opening"][0] == places["stock_l"].sum()
    roads = world["roads"][0]
    assert roads["is_corridor"].sum() >= 3 and (roads["in_theatre"][roads["is_corridor"] > 0] == 1).all()
    demand = places["civil_demand_l"].sum() / MALI.parameters.logistics.load_l
    sources = {geo.places[k].id for k in geo.sources}
    into = sum(roads["normal_flow"][k] for k, r in enumerate(geo.roads) if sources & {r.a, r.b})
    assert demand <= into < 1.01 * demand  # what is burned comes in; one port lies on the way of another


def test_the_seed_changes_no_initial_state():
    one, two = fresh(MALI, 1), fresh(MALI, 2)
    two["run"]["seed"] = 1
    assert world_hash(one) == world_hash(two)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 0.8), st.floats(0.01, 0.9), st.floats(0, 10), st.floats(0, 10))
def test_initial_support_leaves_some_neutral(a, b, fa, fb):
    plan = with_forces(
        minimal(population__insurgent_support=a, population__state_support=b),
        support_insurgents={"Astel": fa},
        support_state={"Astel": fb},
    )
    place = build_world(plan, 1)["places"][0, 0]
    got_a, got_b = float(place["support_insurgents"]), float(place["support_state"])
    assert got_a + got_b <= 0.95 + 1e-9 and got_a <= 0.85 + 1e-9
    if 1e-3 < a * fa <= 0.85 and 1e-3 < b * fb <= 0.95 - a * fa:
        assert (got_a, got_b) == pytest.approx((a * fa, b * fb))


@pytest.mark.parametrize("total", [0, 1, 7, 99, 100, 333, 1000, 2500, 4000])
def test_contractors_add_up_to_the_contract(total):
    world = fresh(mali(contractors__personnel=total))
    assert live(world, "detachments")["men"].sum() == total == world["people"]["initial"][0, codes.CONTRACTORS]


@pytest.mark.parametrize("phi", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_reliance_spends_one_fixed_budget(phi):
    base = mali()
    budget = army_cost(base.forces, 60) + 1000 * 360
    plan = mali(contractors__reliance=phi)
    hired = contractors_at_start(plan)
    world = fresh(plan)
    men = int(live(world, "units")["men"].sum())
    assert hired * 360 + men * 60 == pytest.approx(budget, rel=2e-3)
    assert hired * 360 == pytest.approx(phi * budget, abs=360)
    assert live(world, "detachments")["men"].sum() == hired
    targets = world["places"]["garrison_target"][0]
    assert targets.sum() == pytest.approx(sum(base.forces.garrisons.values()) * army_scale(plan))
    assert army_scale(base) == 1.0


def test_legitimacy_begins_where_it_would_drift():
    world = fresh(minimal())
    before = float(world["nation"]["x_legitimacy"][0])
    from stage import Stage

    stage = Stage(keep=("detachments",))
    stage["nation"]["readiness"] = 1.0
    stage.do("regime")
    assert float(stage["nation"]["x_legitimacy"]) == pytest.approx(before, abs=0.02)


def test_too_large_a_country_is_refused_by_name():
    group = Group("Front", {"CAP": 513})
    with pytest.raises(TooLargeError, match="insurgent cells: 513 do not fit; the size class holds 512"):
        build_world(with_forces(minimal(), groups=(group,)), 1, STANDARD)
    assert build_world(with_forces(minimal(), groups=(group,)), 1).dtype == world_dtype(LARGE)  # the next class
    with pytest.raises(TooLargeError, match="places: 46 do not fit; the size class holds 8"):
        build_world(MALI, 1, Capacity(places=8))
    many = [{"day": 1, "action": "set", "key": "state.cost", "value": 50}] * 257
    with pytest.raises(TooLargeError, match="timeline entries: 257 do not fit"):
        build_world(with_timeline(minimal(), *many), 1)


def test_identities_are_stable_and_apart():
    assert identity("cell", 0, "CAP", 1) == identity("cell", 0, "CAP", 1) != identity("cell", 0, "CAP", 11)
    assert len({identity("x", k) for k in range(2000)}) == 2000 and identity("x") < 2**64
    assert math.log2(identity("cell", 0, "CAP", 1)) > 40


def test_a_ramp_begins_at_what_the_timeline_set_last():
    key = "insurgents.interdiction_effort"
    plan = with_timeline(
        minimal(),
        {"day": 10, "action": "set", "key": key, "value": 12},
        {"day": 100, "action": "ramp", "key": key, "value": 0, "days": 100},
    )
    steps = build_world(plan, 1)["timeline"][0]
    assert [row["value"] for row in steps[steps["kind"] > 0]][:3] == pytest.approx([12.0, 10.8, 9.6])


def test_reliance_that_buys_contractors_for_no_place_is_refused():
    plan = with_forces(mali(contractors__reliance=0.5), detachments={})
    with pytest.raises(ScenarioError, match=r"contractors.reliance: buys \d+ contractors, but force.detachments"):
        build_world(plan, 1)
