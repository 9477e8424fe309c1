"""From a scenario and a seed to the world of day 0: the only place where tables are filled from names."""

from __future__ import annotations

import functools
import hashlib
import math
from typing import Any

import numpy as np

from sim import codes
from sim.geography import Geography
from sim.parameters import flatten, infos, setting_index
from sim.scenario import Entry, Forces, Scenario, ScenarioError
from sim.world import NEVER, SIZES, Capacity, World, empty_world

_LONG_AGO = -10000
_KM_PER_DEGREE = 111.2
_RAMP_STEP_DAYS = 10
_DETACHMENT_MEN = 100.0
HUB_SOURCES = 8
"""Most sources that one hub deals with: those nearest in calm. All of them in a country of the standard size class."""
_VALUES = {"capital": 10.0, "regional_capital": 3.0, "town": 1.0, "base": 0.7, "crossing": 0.7, "source": 0.0}


class TooLargeError(ScenarioError):
    """The scenario does not fit the size class."""

    def __init__(self, what: str, needed: int, room: int) -> None:
        super().__init__(f"{what}: {needed} do not fit; the size class holds {room}")


class NowhereError(ScenarioError):
    """Reliance buys contractors whom the forces give no place."""

    def __init__(self, men: int) -> None:
        super().__init__(
            f"contractors.reliance: buys {men} contractors, but force.detachments names no place with any; "
            "set force.detachments, or contractors.reliance to -1"
        )


@functools.lru_cache(maxsize=4096)
def identity(*parts: Any) -> int:
    """Return a stable 64-bit identity for something that has a name."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def build_world(scenario: Scenario, seed: int, size: Capacity | None = None) -> World:
    """Return the world of ``scenario`` on the eve of day 0, in the smallest size class that holds it.

    Raises:
        TooLargeError: more rows than the size class has (without ``size``: than the largest).
    """
    if size is None:
        for smaller in SIZES[:-1]:
            try:
                return build_world(scenario, seed, smaller)
            except TooLargeError:
                continue
        size = SIZES[-1]
    world = empty_world(size)
    run = world["run"]
    run["seed"], run["day"] = seed, -1
    settings = flatten(scenario.parameters)
    world["settings"][0] = [settings[key] for key in infos()]
    _lay_out_places(world, scenario, size)
    _lay_out_roads(world, scenario.geography, size)
    _lay_out_fuel(world, scenario, size)
    _fill_cells(world, scenario, size)
    _fill_state(world, scenario, size)
    _fill_contractors(world, scenario, size)
    _fill_nation(world, scenario)
    _stock_up(world, scenario)
    _write_timeline(world, scenario, size)
    return world


def _room(what: str, needed: int, room: int) -> None:
    if needed > room:
        raise TooLargeError(what, needed, room)


def _lay_out_places(world: World, scenario: Scenario, size: Capacity) -> None:
    geo, forces, p = scenario.geography, scenario.forces, scenario.parameters.population
    _room("places", len(geo.places), size.places)
    table = world["places"][0]
    home = geo.places[geo.capital].country
    middle = math.cos(math.radians(float(np.mean([q.lat for q in geo.places]))))
    regions = sorted({q.region for q in geo.places})
    for k, q in enumerate(geo.places):
        row = table[k]
        row["id"] = identity("place", q.id)
        row["kind"] = codes.PLACE_KINDS.index(q.kind)
        row["country"] = 0 if q.country == home else 1 if q.country in forces.neighbour_countries else 2
        row["region"] = regions.index(q.region)
        row["hub"] = row["supply_hub"] = -1
        row["x_km"], row["y_km"] = q.lon * _KM_PER_DEGREE * middle, q.lat * _KM_PER_DEGREE
        row["population"], row["value"] = q.population, _VALUES[q.kind]
        row["is_centre"] = row["country"] == 0 and q.kind not in ("capital", "source") and q.id != forces.second_base
        row["garrison_target"] = forces.garrisons.get(q.id, 0)
        a = p.insurgent_support * forces.support_insurgents.get(q.region, 1.0)
        b = p.state_support * forces.support_state.get(q.region, 1.0)
        row["home_insurgents"], row["home_state"] = row["x_insurgents"], row["x_state"] = _potentials(a, b)
        row["recruits_left"] = scenario.parameters.insurgents.recruit_pool * q.population
        for name in ("held_on", "raided_on", "ordered_on"):
            row[name] = _LONG_AGO
        for name in ("rally", "cell_head", "unit_head", "detachment_head", "truce_until"):
            row[name] = -1
        row["served"] = row["served_week"] = row["military_served"] = 1.0
        a, b = math.exp(row["x_insurgents"]), math.exp(row["x_state"])
        row["support_insurgents"], row["support_state"] = a / (1 + a + b), b / (1 + a + b)
        told = p.information_min + p.information_gain * row["support_state"] * (1.0 - row["support_insurgents"])
        row["information"] = min(1.0, told)
    world["run"]["n_places"] = len(geo.places)
    world["run"]["n_regions"] = len(regions)
    world["run"]["capital"] = geo.capital
    world["run"]["second"] = geo.index(forces.second_base) if forces.second_base else -1


def _potentials(a: float, b: float) -> tuple[float, float]:
    """Return the two potentials whose softmax with 0 gives shares a and b, leaving at least 5 % neutral."""
    a, b = max(a, 1e-3), max(b, 1e-3)
    if a > 0.85:
        a = 0.85
    b = min(b, 0.95 - a)
    rest = 1.0 - a - b
    return math.log(a / rest), math.log(b / rest)


def _lay_out_roads(world: World, geo: Geography, size: Capacity) -> None:
    _room("roads", len(geo.roads), size.roads)
    table, places = world["roads"][0], world["places"][0]
    for k, r in enumerate(geo.roads):
        row = table[k]
        row["a"], row["b"] = geo.index(r.a), geo.index(r.b)
        row["hours"], row["km"] = r.truck_hours, r.km
        row["cell_head"] = -1
        ends = (places[row["a"]], places[row["b"]])
        row["in_theatre"] = all(e["kind"] != codes.SOURCE and e["country"] < 2 for e in ends)
    world["run"]["n_roads"] = len(geo.roads)
    k = 0
    for p, near in enumerate(geo.adjacency):
        world["near_start"][0, p] = k
        for there, road in near:
            world["near_place"][0, k], world["near_road"][0, k] = there, road
            world["near_hours"][0, k] = table["hours"][road]
            k += 1
        world["near_start"][0, p + 1] = k


def _lay_out_fuel(world: World, scenario: Scenario, size: Capacity) -> None:
    geo, forces = scenario.geography, scenario.forces
    places, run = world["places"][0], world["run"]
    capital = geo.capital
    cost, _ = geo.calm_paths(capital)
    suppliers = [(geo.index(name), s) for name, s in forces.suppliers.items()]
    _room("fuel sources", len(suppliers), size.sources)
    for k, (place, s) in enumerate(suppliers):
        row = world["sources"][0][k]
        row["place"], row["capacity"], row["share"], row["base_hours"] = place, s.capacity, s.share, cost[place]
    run["n_sources"] = len(suppliers)
    hubs = [capital] + [k for k in geo.regional_capitals if places[k]["country"] == 0]
    _room("hubs", len(hubs), size.hubs)
    for h, place in enumerate(hubs):
        row = world["hubs"][0][h]
        row["place"], row["acceptance"], row["escorted_on"], row["heard_on"] = place, 1.0, _LONG_AGO, -1
        places[place]["hub"] = h
    run["n_hubs"] = len(hubs)
    _lay_out_lines(world, geo, hubs, size)
    for k, q in enumerate(geo.places):
        if places[k]["country"] == 0 and q.kind != "source":
            places[k]["civil_demand_l"] = forces.civil_l_per_person * q.population
    _normal_flow(world, scenario, hubs)


def _lay_out_lines(world: World, geo: Geography, hubs: list[int], size: Capacity) -> None:
    """Give each hub a supply line from each of the sources that are nearest in calm, at most :data:`HUB_SOURCES`."""
    sources = world["sources"][0][: int(world["run"]["n_sources"][0])]
    sources["line_head"] = -1
    n = 0
    for h, hub in enumerate(hubs):
        cost, _ = geo.calm_paths(hub)
        nearest = np.argsort(cost[sources["place"]], kind="stable")[:HUB_SOURCES]
        _room("supply lines", n + len(nearest), size.lines)
        world["hubs"]["first_line"][0, h] = n
        for s in sorted(nearest):
            row = world["lines"][0][n]
            row["hub"], row["source"], row["next"] = h, s, sources["line_head"][s]
            sources["line_head"][s] = n
            n += 1
        world["hubs"]["end_line"][0, h] = n


def _normal_flow(world: World, scenario: Scenario, hubs: list[int]) -> None:
    """Set each road's traffic in calm (tankers a day) from undisturbed paths, and mark the corridors."""
    geo = scenario.geography
    places, roads, load = world["places"][0], world["roads"][0], scenario.parameters.logistics.load_l
    trees = [geo.calm_paths(h) for h in hubs]
    district = np.zeros(len(hubs))
    flow = np.zeros(len(geo.roads))
    for p in range(len(geo.places)):
        demand = float(places[p]["civil_demand_l"]) / load
        if demand <= 0.0:
            continue
        h = int(np.argmin([tree[0][p] for tree in trees]))
        district[h] += demand
        _add_along(flow, geo, trees[h][1], p, demand)
    corridor = np.zeros(len(geo.roads), dtype=bool)
    for h, (cost, parent) in enumerate(trees):
        pulls = {}
        lines = world["lines"][0][world["hubs"]["first_line"][0, h] : world["hubs"]["end_line"][0, h]]
        for s in world["sources"][0][lines["source"]]:
            hours = cost[s["place"]]
            scale = scenario.parameters.logistics.detour_h
            pulls[int(s["place"])] = float(s["share"]) * math.exp((float(s["base_hours"]) - hours) / scale)
        total = sum(pulls.values())
        for place, pull in pulls.items():
            before = flow.copy()
            _add_along(flow, geo, parent, place, district[h] * pull / total if total > 0 else 0.0)
            if h == 0 and total > 0 and pull / total >= 0.05:
                corridor |= flow > before
    roads["normal_flow"][: len(flow)] = flow
    roads["flow"][: len(flow)] = flow
    roads["is_corridor"][: len(flow)] = corridor & (roads["in_theatre"][: len(flow)] > 0)


def _add_along(flow: Any, geo: Geography, parent: Any, place: int, tankers: float) -> None:
    while parent[place] >= 0:
        towards = int(parent[place])
        road = next(r for q, r in geo.adjacency[place] if q == towards)
        flow[road] += tankers
        place = towards


def _fill_cells(world: World, scenario: Scenario, size: Capacity) -> None:
    geo, table = scenario.geography, world["cells"][0]
    fighters = int(scenario.parameters.insurgents.cell_size)
    slot = 0
    for g, group in enumerate(scenario.forces.groups):
        for name, count in group.cells.items():
            _room("insurgent cells", slot + count, size.cells)
            rows = table[slot : slot + count]
            rows["alive"], rows["group"], rows["fighters"] = 1, g, fighters
            rows["id"] = [identity("cell", g, name, k) for k in range(count)]
            rows["place"] = rows["home"] = geo.index(name)
            rows["road"] = rows["target"] = -1
            rows["days_left"] = rows["id"] % np.uint64(max(1.0, scenario.parameters.insurgents.rest_days))
            slot += count
    world["run"]["cells_top"] = slot
    world["run"]["free_cells"] = size.cells - slot
    world["people"]["initial"][0, codes.INSURGENTS] = int(table["fighters"].sum())


def army_scale(scenario: Scenario) -> float:
    """Return the factor on army numbers that leaves the security budget fixed at the given reliance (1 if unused)."""
    p = scenario.parameters
    if p.contractors.reliance < 0.0:
        return 1.0
    army = army_cost(scenario.forces, p.state.cost)
    return (1.0 - p.contractors.reliance) * (army + hired_cost(scenario)) / army if army > 0 else 1.0


def army_cost(forces: Forces, cost: float) -> float:
    """Return what the army of the first day costs (USD a day)."""
    men = sum(forces.garrisons.values()) + sum(s.count * s.men for s in (*forces.columns, *forces.escorts))
    return men * cost


def hired_cost(scenario: Scenario) -> float:
    """Return what the contractors of ``contractors.personnel`` cost (USD a day)."""
    return scenario.parameters.contractors.personnel * scenario.parameters.contractors.cost


def contractors_at_start(scenario: Scenario) -> int:
    """Return how many contractors begin: ``personnel``, or what the reliance buys from the fixed budget."""
    p = scenario.parameters
    if p.contractors.reliance < 0.0:
        return round(p.contractors.personnel)
    budget = army_cost(scenario.forces, p.state.cost) + hired_cost(scenario)
    return round(p.contractors.reliance * budget / p.contractors.cost)


def _fill_state(world: World, scenario: Scenario, size: Capacity) -> None:
    geo, forces, table = scenario.geography, scenario.forces, world["units"][0]
    scale = army_scale(scenario)
    posts = [(codes.GARRISON, name, 0, men) for name, men in forces.garrisons.items() if men > 0]
    for kind, stations in ((codes.COLUMN, forces.columns), (codes.ESCORT, forces.escorts)):
        posts += [(kind, s.place, k, s.men) for s in stations for k in range(s.count)]
    _room("state units", len(posts), size.units)
    for slot, (kind, name, k, men) in enumerate(posts):
        row = table[slot]
        row["alive"], row["id"], row["kind"] = 1, identity("unit", kind, name, k), kind
        row["place"] = row["home"] = geo.index(name)
        row["men"] = row["full_men"] = round(men * scale)
        row["alive"] = row["men"] > 0
        row["target"] = -1
    world["places"]["garrison_target"][0] *= scale
    world["run"]["units_top"] = len(posts)
    _free(world, "free_units", table)
    world["people"]["initial"][0, codes.STATE] = int(table["men"].sum())


def _free(world: World, name: str, table: Any) -> None:
    """Fill a free stack with the slots that are not alive, lowest on top."""
    free = np.flatnonzero(table["alive"] == 0)[::-1]
    world[name][0, : len(free)] = free
    world["run"][name] = len(free)


def _fill_contractors(world: World, scenario: Scenario, size: Capacity) -> None:
    geo, table = scenario.geography, world["detachments"][0]
    posts = list(scenario.forces.detachments.items())
    total = contractors_at_start(scenario)
    each = max(_DETACHMENT_MEN, total / max(1, size.detachments - len(posts)))  # larger ones rather than none
    wanted = np.array([men for _, men in posts], dtype=float)
    if total > 0 and scenario.parameters.contractors.reliance >= 0.0 and wanted.sum() == 0:
        raise NowhereError(total)
    exact = wanted / wanted.sum() * total if wanted.sum() > 0 else wanted
    men = np.floor(exact).astype(int)
    if wanted.sum() > 0:
        for k in np.argsort(men - exact, kind="stable")[: total - int(men.sum())]:
            men[k] += 1
    slot = 0
    for (name, _), here in zip(posts, men, strict=True):
        parts = max(1, int(here / each + 0.5)) if here > 0 else 0
        _room("detachments", slot + parts, size.detachments)
        for k in range(parts):
            row = table[slot]
            share = int(here) // parts + (1 if k < int(here) % parts else 0)
            row["alive"], row["id"] = 1, identity("detachment", name, k)
            row["place"] = row["home"] = geo.index(name)
            row["men"] = row["start_men"] = share
            row["readiness"], row["target"] = 1.0, -1
            slot += 1
    world["run"]["detachments_top"] = slot
    world["people"]["initial"][0, codes.CONTRACTORS] = int(table["men"].sum())


def _fill_nation(world: World, scenario: Scenario) -> None:
    n, p = world["nation"], scenario.parameters
    home = world["places"]["country"][0][world["units"]["home"][0]] == 0
    n["army_start"] = float(world["units"]["men"][0][home].sum())
    n["contractor_start"] = float(world["detachments"]["men"][0].sum())
    n["state_pool"] = p.state.recruit_pool
    n["treasury"] = p.regime.treasury_days * p.regime.revenue
    n["paid"] = n["contractors_paid"] = n["cohesion"] = n["served"] = 1.0
    n["readiness"] = 1.0 if n["contractor_start"] > 0 else 0.0
    share = float(n["contractor_start"][0]) / p.regime.alliance_men
    goal = p.regime.legitimacy_home + p.regime.alliance_gain * (1.0 - math.exp(-share)) * p.switches.alliance
    places = world["places"][0]
    people = np.where(places["country"] == 0, places["population"], 0.0)
    net = float((people * (places["support_state"] - places["support_insurgents"])).sum() / max(1e-9, people.sum()))
    goal += p.regime.support_gain * net
    n["x_legitimacy"] = goal - p.regime.dependence_cost * share * p.switches.dependence
    n["legitimacy"] = 0.5 + 0.5 * np.tanh(0.5 * n["x_legitimacy"])  # the logistic function, without overflow
    n["command"] = p.state.command_quality
    n["collapsed_on"] = NEVER
    world["campaign"]["ended_on"] = 0
    world["campaign"]["until"] = -1
    world["campaign"]["coordinated"] = -1


def _stock_up(world: World, scenario: Scenario) -> None:
    places, units, hired = world["places"][0], world["units"][0], world["detachments"][0]
    p = scenario.parameters
    men = np.bincount(units["place"], weights=units["men"], minlength=len(places))
    contractors = np.bincount(hired["place"], weights=hired["men"], minlength=len(places))
    need = men * p.state.fuel_l_per_man + contractors * p.contractors.fuel_l_per_man * p.switches.contractor_fuel
    fed = places["civil_demand_l"] > 0
    places["stock_l"] = np.where(fed, scenario.forces.opening_stock_days * (places["civil_demand_l"] + need), 0)
    world["fuel"]["opening"] = int(places["stock_l"].sum())


def _write_timeline(world: World, scenario: Scenario, size: Capacity) -> None:
    rows = [row for entry in scenario.timeline for row in _steps(entry, scenario)]
    rows.sort(key=lambda r: r[0])
    _room("timeline entries", len(rows), size.timeline)
    for k, row in enumerate(rows):
        world["timeline"][0, k] = row


def _in_force(ramp: Entry, scenario: Scenario) -> float:
    """Return what a parameter is when its ramp begins: what the timeline set last, else the scenario's own value."""
    changes = (e for e in scenario.timeline if e.key == ramp.key and e is not ramp and e.action in ("set", "ramp"))
    earlier = [(e.day + e.days, e.value) for e in changes if e.day + e.days <= ramp.day]
    return max(earlier, key=lambda e: e[0])[1] if earlier else flatten(scenario.parameters)[ramp.key]


def _steps(entry: Entry, scenario: Scenario) -> list[tuple[int, int, int, float]]:
    geo, day = scenario.geography, entry.day
    if entry.action == "set":
        return [(day, codes.SET, setting_index()[entry.key], entry.value)]
    if entry.action == "ramp":
        start = _in_force(entry, scenario)
        steps = max(1, entry.days // _RAMP_STEP_DAYS)
        return [
            (
                day + round(k * entry.days / steps),
                codes.SET,
                setting_index()[entry.key],
                start + (entry.value - start) * k / steps,
            )
            for k in range(1, steps + 1)
        ]
    if entry.action == "campaign":
        return [(day, codes.BEGIN_CAMPAIGN, entry.days, entry.value)]
    if entry.action == "withdraw_contractors":
        return [(day, codes.WITHDRAW_CONTRACTORS, -1, entry.value)]
    kinds = {"add_contractors": codes.ADD_CONTRACTORS, "add_men": codes.ADD_MEN, "add_fighters": codes.ADD_FIGHTERS}
    return [(day, kinds[entry.action], geo.index(entry.place), entry.value)]
