"""Logistics: carriers, convoys, depots, rationing. Deterrence, not loss, makes a blockade.

Sources offer tankers, carriers accept by the risk that they perceive on the path, hubs feed their districts, each place
rations what it has. Fuel is counted in whole litres.
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import (
    D_ACCEPT,
    D_GATHER,
    D_OFFER,
    D_ORDER,
    D_SECONDARY,
    ESCORT,
    HELD_BY_INSURGENTS,
    IDLE,
    RETURN,
    RIDE,
    SOURCE,
)
from sim.draws import binomial, pair, uniform
from sim.fast import surely_later
from sim.jit import rule
from sim.rules.engagements import encounter
from sim.rules.routes import other_end, path_from_hub, path_risk, path_to_hub
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
def supply(w: Any) -> None:
    """Order and dispatch today's fuel: imports to the hubs, then from each hub to the places of its district."""
    weigh_sources(w)
    for s in range(w.run.n_sources):
        w.sources[s].left_today = w.sources[s].capacity
    for k in range(w.run.n_hubs):
        h = (k + w.run.day) % w.run.n_hubs  # each day another hub comes first: sources have their limits
        if w.places[w.hubs[h].place].holder != HELD_BY_INSURGENTS:
            import_fuel(w, h)
    for p in range(w.run.n_places):
        place = w.places[p]
        if (
            place.civil_demand_l > 0.0
            and place.hub < 0
            and place.holder != HELD_BY_INSURGENTS
            and place.supply_hub >= 0
        ):
            resupply(w, p)


@rule
def import_fuel(w: Any, h: Any) -> None:
    """Order for one hub up to its target stock plus what is on the way, from the sources by their pull.

    What a source has not got today is asked of one that has.
    """
    rules = w.params.logistics
    hub = w.hubs[h]
    daily = hub.district_demand_l / rules.load_l
    place = w.places[hub.place]
    level = stock_level(w, h, daily)
    gap = level - (place.stock_l + place.inbound_l) / rules.load_l - hub.waiting
    fewest = max(1.0, min(rules.min_convoy, math.floor(0.5 * level)))  # a small hub cannot wait for a large convoy
    hub.want = min(daily + gap / rules.stock_adjust_days, max(rules.order_limit * daily, fewest))
    if gap >= fewest and hub.want < 2.0 * rules.min_convoy:
        offer_elsewhere(w, h, fewest, fewest)
    elif hub.want >= 2.0 * rules.min_convoy:
        lacking = 0.0
        for s in range(w.run.n_sources):
            wanted = hub.want * w.pull[h, s]
            lacking += max(0.0, wanted - w.sources[s].left_today)
            offer(w, h, s, wanted, fewest, 0)
        offer_elsewhere(w, h, lacking, fewest)
    remember_offers(w, h)
    gather(w, h)


@rule
def offer_elsewhere(w: Any, h: Any, wanted: Any, fewest: Any) -> None:
    """Offer a load where there is still fuel today: at one source picked by its pull, what it lacks at the next."""
    for _ in range(w.run.n_sources):
        if wanted < fewest:
            return
        s = pick_source(w, h, fewest)
        if s < 0:
            return
        before = w.sources[s].left_today
        offer(w, h, s, wanted, fewest, 2)
        wanted -= before - w.sources[s].left_today


@rule
def remember_offers(w: Any, h: Any) -> None:
    """Let a hub remember how its offers were taken: the day's mean, weighed by the days since the last."""
    hub = w.hubs[h]
    if hub.offers == 0:
        return
    share = hub.heard / hub.offers
    days = w.run.day - hub.heard_on
    hub.acceptance += (share - hub.acceptance) * (1.0 - math.exp(-days / w.params.logistics.risk_memory_days))
    hub.heard = 0.0
    hub.offers = 0
    hub.heard_on = w.run.day


@rule
def weigh_sources(w: Any) -> None:
    """Renew each source's share ``w.pull`` of each hub's orders, if paths have changed since the last time.

    A source pulls by its baseline share, shifted by the hours and risk that have come since then.
    """
    rules = w.params.logistics
    if w.run.trees_on != w.run.day and w.run.weighed_h == rules.detour_h:
        return
    w.run.weighed_h = rules.detour_h
    for h in range(w.run.n_hubs):
        total = 0.0
        hours = 0.0
        for s in range(w.run.n_sources):
            source = w.sources[s]
            cost = w.tree_cost[h, source.place]
            w.pull[h, s] = source.share * math.exp((source.base_hours - cost) / rules.detour_h)
            total += w.pull[h, s]
            hours += w.pull[h, s] * cost
        w.haul_h[h] = -1.0  # no source can be reached
        if total > 0.0:
            w.haul_h[h] = hours / total
            for s in range(w.run.n_sources):
                w.pull[h, s] /= total


@rule
def stock_level(w: Any, h: Any, daily: Any) -> Any:
    """Return the stock (tankers) that a hub wants under way and at hand."""
    rules = w.params.logistics
    if w.haul_h[h] < 0.0:
        return 0.0
    return (rules.target_stock_days + w.haul_h[h] / rules.truck_hours_per_day) * daily


@rule
def pick_source(w: Any, h: Any, fewest: Any) -> Any:
    """Pick one source that has a convoy's load left today, with chance ∝ pull (a race of exponentials), or −1."""
    best = -1
    first = 1.0e300
    who = w.places[w.hubs[h].place].id
    for s in range(w.run.n_sources):
        if w.pull[h, s] > 0.0 and w.sources[s].left_today >= fewest:
            u = uniform(w.run.key, D_OFFER, pair(who, w.places[w.sources[s].place].id), 0)
            if not surely_later(u, w.pull[h, s], first):
                wait = -math.log(u) / w.pull[h, s]
                if wait < first:
                    first = wait
                    best = s
    return best


@rule
def offer(w: Any, h: Any, s: Any, wanted: Any, fewest: Any, ordinal: Any) -> None:
    """Offer a load to carriers: those who accept leave as one convoy, the others wait for an escort or go home.

    ``ordinal`` tells the second offer of a day between the same two places from the first.
    """
    hub = w.hubs[h]
    source = w.sources[s]
    offered = int(min(wanted, source.left_today))
    if offered < fewest:
        return
    source.left_today -= offered
    who = pair(w.places[source.place].id, w.places[hub.place].id)
    slot = new_convoy(w, who, ordinal)
    if slot < 0:
        return
    v = w.convoys[slot]
    accepted = 0
    if path_to_hub(w, v, source.place, h):
        share = acceptance(w, path_risk(w, v))
        accepted = binomial(offered, share, uniform(w.run.key, D_ACCEPT, who, ordinal))
        hub.heard += share
        hub.offers += 1
    refused = offered - accepted
    w.tally.tankers_refused += refused
    if w.params.switches.escorts > 0.0:
        staying = max(0, min(refused, int(w.params.state.escorted_convoy_max) - hub.waiting))
        hub.waiting += staying
        w.waiting[h, s] += staying
    depart(w, v, source.place, hub.place, accepted, accepted * int(w.params.logistics.load_l), 1)


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
def gather(w: Any, h: Any) -> None:
    """Under threat the state gathers the waiting tankers of a hub into an escorted convoy: larger, rarer, slower."""
    rules = w.params.state
    hub = w.hubs[h]
    if w.params.switches.escorts == 0.0 or hub.acceptance > rules.escort_threshold:
        go_home(w, h)
        return
    s = fullest_source(w, h)
    if w.waiting[h, s] < w.params.logistics.min_convoy:
        return
    if w.run.day - hub.escorted_on < rules.escort_interval_days:
        return
    escort = idle_escort(w, hub.place)
    if escort < 0:
        if not has_escorts(w):
            go_home(w, h)  # nobody will ever come: the tankers are offered anew
        return
    source = w.sources[s]
    who = pair(w.places[hub.place].id, w.places[source.place].id)
    slot = new_convoy(w, who, 1)
    if slot < 0:
        return
    v = w.convoys[slot]
    accepted = 0
    if path_to_hub(w, v, source.place, h):
        risk = path_risk(w, v) * (1.0 - rules.escort_reassurance * w.nation.command)
        accepted = binomial(w.waiting[h, s], acceptance(w, risk), uniform(w.run.key, D_GATHER, who, 0))
    if accepted >= w.params.logistics.min_convoy:
        attach_escort(w, v, escort)
        ride_along(w, v, hub.place)
        hub.escorted_on = w.run.day
        hub.waiting -= accepted
        w.waiting[h, s] -= accepted
    else:
        accepted = 0
    depart(w, v, source.place, hub.place, accepted, accepted * int(w.params.logistics.load_l), 1)


@rule
def fullest_source(w: Any, h: Any) -> Any:
    """Return the source at which most tankers wait for an escort to a hub."""
    best = 0
    for s in range(w.run.n_sources):
        if w.waiting[h, s] > w.waiting[h, best]:
            best = s
    return best


@rule
def go_home(w: Any, h: Any) -> None:
    """Let all tankers that wait for an escort to a hub go home."""
    if w.hubs[h].waiting == 0:
        return
    w.hubs[h].waiting = 0
    for s in range(w.run.n_sources):
        w.waiting[h, s] = 0


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
def has_escorts(w: Any) -> Any:
    """Return whether the state has any escort unit left, free or under way."""
    n = 0
    for i in range(w.run.units_top):
        n += 1 if w.units[i].alive > 0 and w.units[i].kind == ESCORT else 0
    return n > 0


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
    if path_from_hub(w, v, place.supply_hub, p):
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
    """Let the contractors stationed at ``p`` guard their own supply: their exposure is the price of their fuel."""
    if w.params.switches.contractor_fuel == 0.0:
        return False
    d = w.places[p].detachment_head
    if d < 0 or w.detachments[d].task != IDLE:
        return False
    v.detachment = d
    return True


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
        place.denied_days = place.denied_days + 1 if place.served < w.params.regime.denied_below else 0
        if place.country == 0:
            total += place.demand_l
            met += place.served * place.demand_l
    w.nation.served = 1.0 if total <= 0.0 else met / total
