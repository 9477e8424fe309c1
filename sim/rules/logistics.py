"""Logistics: what roads are remembered for, convoys, escorts, depots and rationing.

Carriers accept by the risk that they perceive on the path, hubs feed their districts, each place rations what it has.
Fuel is counted in whole litres. Imports are ordered in ``sim/rules/supply.py``.
"""

from __future__ import annotations

from typing import Any

from sim.codes import (
    D_ORDER,
    D_SECONDARY,
    ESCORT,
    HELD_BY_INSURGENTS,
    IDLE,
    RETURN,
    RIDE,
    SOURCE,
)
from sim.draws import binomial, uniform
from sim.jit import rule
from sim.rules.engagements import encounter, riders
from sim.rules.routes import other_end, path_from_hub, path_risk
from sim.rules.slots import new_convoy

_DAY_MEMORY = 7.0  # "served_week": the memory in days of the seven-day mean that the outcome classes use


@rule
def update_roads(w: Any) -> None:
    """Carriers' memory: risk r += (attacks/passages − r)/τ, at half the speed where nobody passes; and mean flow."""
    rules = w.params.logistics
    for i in range(w.run.n_roads):
        r = w.roads[i]
        if r.passed_today > 0:
            r.risk += (r.attacked_today / r.passed_today - r.risk) / rules.risk_memory_days
        else:
            r.risk -= r.risk / (2.0 * rules.risk_memory_days)
        r.flow += (r.tankers_today - r.flow) / rules.flow_memory_days
        r.passed_today = 0
        r.attacked_today = 0
        r.tankers_today = 0


@rule
def acceptance(w: Any, risk: Any) -> Any:
    """Return the share of carriers who accept a path of perceived ``risk``: 1/(1 + (risk/R50)²)."""
    x = risk / w.params.logistics.risk_half * w.params.switches.deterrence
    return 1.0 / (1.0 + x * x)


@rule
def demand(w: Any) -> None:
    """Set each place's daily demand and each hub's district: civil, army and contractors (litres a day)."""
    for h in range(w.run.n_hubs):
        w.hubs[h].district_demand_l = 0.0
    for p in range(w.run.n_places):
        place = w.places[p]
        if place.kind == SOURCE:
            continue
        military = place.men * w.params.state.fuel_l_per_man
        military += place.contractors * w.params.contractors.fuel_l_per_man * w.params.switches.contractor_fuel
        place.military_demand_l = military
        place.demand_l = place.civil_demand_l + military
        if place.civil_demand_l > 0.0 and place.supply_hub >= 0:
            w.hubs[place.supply_hub].district_demand_l += place.demand_l


@rule
def depart(w: Any, v: Any, origin: Any, target: Any, tankers: Any, litres: Any, primary: Any) -> None:
    """Load a convoy and send it; one of no tankers is dissolved. Imports enter the books here."""
    if tankers <= 0 or v.legs == 0:
        v.alive = -1
        v.tankers = 0
        v.litres = 0
        return
    v.place = origin
    v.home = origin
    v.target = target
    v.tankers = tankers
    v.litres = litres
    v.primary = primary
    w.places[target].inbound_l += litres
    if primary > 0:
        w.fuel.entered += litres
    else:
        w.places[origin].stock_l -= litres
    w.tally.convoys_sent += 1
    w.tally.tankers_sent += tankers


@rule
def idle_escort(w: Any, place: Any) -> Any:
    """Return an idle escort unit that belongs to ``place`` or to the capital, the one with the lowest identity."""
    own = idle_escort_at(w, place)
    central = idle_escort_at(w, w.run.capital) if w.run.capital >= 0 else -1
    if own < 0 or (central >= 0 and w.units[central].id < w.units[own].id):
        return central
    return own


@rule
def idle_escort_at(w: Any, place: Any) -> Any:
    """Return the idle escort unit at a place with the lowest identity, or −1."""
    best = -1
    slot = w.places[place].unit_head
    while slot >= 0:
        u = w.units[slot]
        free = u.alive > 0 and u.kind == ESCORT and u.task == IDLE and u.men > 0
        if free and (best < 0 or u.id < w.units[best].id):
            best = slot
        slot = u.next
    return best


@rule
def attach_escort(w: Any, v: Any, escort: Any) -> None:
    """Put an escort unit on a convoy."""
    v.escort = escort
    w.units[escort].task = RIDE
    w.tally.escorted += 1


@rule
def resupply(w: Any, p: Any) -> None:
    """Send one place's order from its hub, when its cover is short: carriers accept by risk, contractors may ride."""
    rules = w.params.logistics
    place = w.places[p]
    cover = place.stock_l + place.inbound_l
    if cover >= rules.reorder_days * place.demand_l or w.run.day - place.ordered_on < rules.order_gap_days:
        return
    depot = w.hubs[place.supply_hub].place
    hub = w.places[depot]
    keep = rules.hub_reserve_days * hub.demand_l * (1.0 - rules.district_priority)
    litres = int(min(rules.target_stock_days * place.demand_l - cover, hub.stock_l - keep))
    load = int(rules.load_l)
    tankers = (litres + load - 1) // load
    if litres <= 0 or hub.holder == HELD_BY_INSURGENTS:
        return
    place.ordered_on = w.run.day
    slot = new_convoy(w, place.id, 2)
    if slot < 0:
        return
    v = w.convoys[slot]
    accepted = 0
    if path_from_hub(w, v, p):
        risk = path_risk(w, v)
        if ride_along(w, v, p) or (place.men > 0 and guard(w, v, depot, risk)):
            risk *= 1.0 - w.params.state.escort_reassurance * w.nation.command
        accepted = binomial(tankers, acceptance(w, risk), uniform(w.run.key, D_SECONDARY, place.id, 0))
        w.tally.tankers_refused += tankers - accepted
    if accepted == 0:
        release_guard(w, v)
    depart(w, v, depot, p, accepted, min(litres, accepted * load), 0)


@rule
def ride_along(w: Any, v: Any, p: Any) -> Any:
    """Let contractors stationed at ``p`` guard their own supply: their exposure is the price of their fuel.

    Of the idle detachments that can spare anyone, the one of the lowest identity; return whether there is one.
    """
    best = -1
    slot = w.places[p].detachment_head if w.params.switches.contractor_fuel > 0.0 else -1
    while slot >= 0:
        d = w.detachments[slot]
        free = d.alive > 0 and d.task == IDLE and riders(w, d) > 0
        if free and (best < 0 or d.id < w.detachments[best].id):
            best = slot
        slot = d.next
    if best >= 0:
        v.detachment = best
    return best >= 0


@rule
def guard(w: Any, v: Any, depot: Any, risk: Any) -> Any:
    """Give a district convoy an escort when its carriers would mostly refuse and one is free."""
    if w.params.switches.escorts == 0.0 or acceptance(w, risk) > w.params.state.escort_threshold:
        return False
    escort = idle_escort(w, depot)
    if escort < 0:
        return False
    attach_escort(w, v, escort)
    return True


@rule
def release_guard(w: Any, v: Any) -> None:
    """Take escort and contractors off a convoy; the escort drives home as long as it has come."""
    if v.escort >= 0:
        u = w.units[v.escort]
        if u.alive > 0:
            hours = 0.0
            for k in range(v.leg):
                hours += w.roads[v.path[k]].hours
            u.task = RETURN
            u.days_left = int(hours / w.params.logistics.truck_hours_per_day)
        v.escort = -1
    v.detachment = -1


@rule
def step_convoy(w: Any, i: Any) -> None:
    """Drive one day along the path; each road entered may bring an encounter, which stops the convoy for the day."""
    v = w.convoys[i]
    rules = w.params.logistics
    v.attacker = -1
    if v.tankers <= 0:  # burned out yesterday: nothing arrives
        close_convoy(w, v)
        return
    hours = rules.truck_hours_per_day
    if v.escort >= 0:
        hours *= rules.escorted_speed
    while v.leg < v.legs:
        road = v.path[v.leg]
        if v.progress_h == 0.0 and enter_road(w, i, road):
            return
        need = w.roads[road].hours - v.progress_h
        if need > hours:
            v.progress_h += hours
            return
        hours -= need
        v.progress_h = 0.0
        v.place = other_end(w, road, v.place)
        v.leg += 1
    arrive(w, v)


@rule
def enter_road(w: Any, i: Any, road: Any) -> Any:
    """Enter a road; return whether the convoy goes no further today (attacked, or turned back at a held place)."""
    v = w.convoys[i]
    r = w.roads[road]
    if w.places[v.place].holder == HELD_BY_INSURGENTS or w.places[v.target].holder == HELD_BY_INSURGENTS:
        turn_back(w, v)
        return True
    r.passed_today += 1
    r.tankers_today += v.tankers
    v.progress_h = 1.0e-9  # on the road: entered once only
    if encounter(w, i, road):
        r.attacked_today += 1
        w.tally.convoys_attacked += 1
        return True
    return False


@rule
def turn_back(w: Any, v: Any) -> None:
    """Send a convoy home: an import leaves the country again, a district convoy unloads at its depot."""
    w.places[v.target].inbound_l -= v.litres
    if v.primary > 0:
        w.fuel.turned_back += v.litres
    else:
        w.places[v.home].stock_l += v.litres
    w.tally.convoys_turned += 1
    close_convoy(w, v)


@rule
def arrive(w: Any, v: Any) -> None:
    """Unload at the target; one that has been lost meanwhile gets nothing."""
    if w.places[v.target].holder == HELD_BY_INSURGENTS:
        turn_back(w, v)
        return
    target = w.places[v.target]
    target.inbound_l -= v.litres
    target.stock_l += v.litres
    w.tally.convoys_arrived += 1
    close_convoy(w, v)


@rule
def close_convoy(w: Any, v: Any) -> None:
    """Retire a convoy and free whoever guarded it."""
    release_guard(w, v)
    v.litres = 0
    v.tankers = 0
    v.alive = -1


@rule
def consume(w: Any) -> None:
    """Ration and burn: each place gives out min(1, cover/ration days) of its demand, the military share first."""
    rules = w.params.logistics
    total = 0.0
    met = 0.0
    for p in range(w.run.n_places):
        place = w.places[p]
        if place.demand_l <= 0.0 or place.civil_demand_l <= 0.0:
            place.served = 1.0
            place.military_served = 1.0
            continue
        given = min(1.0, place.stock_l / (rules.ration_days * place.demand_l))
        litres = min(place.stock_l, int(place.demand_l * given + uniform(w.run.key, D_ORDER, place.id, 0)))
        place.stock_l -= litres
        w.fuel.consumed += litres
        place.served = min(1.0, litres / place.demand_l)
        first = min(place.military_demand_l, litres)
        even = place.served * place.military_demand_l
        kept = rules.military_priority * first + (1.0 - rules.military_priority) * even
        place.military_served = 1.0 if place.military_demand_l <= 0.0 else min(1.0, kept / place.military_demand_l)
        place.served_week += (place.served - place.served_week) / _DAY_MEMORY
        if place.country == 0:
            total += place.demand_l
            met += place.served * place.demand_l
    w.nation.served = 1.0 if total <= 0.0 else met / total
