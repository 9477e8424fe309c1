"""Supply: what hubs order from the sources abroad, who waits for an escort, and the order of a day's dispatch.

Sources offer tankers up to their daily capacity; carriers accept by the risk that they perceive on the path, and under
threat the state gathers those who wait into escorted convoys. Deterrence, not loss, makes a blockade.
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import D_ACCEPT, D_GATHER, D_OFFER, HELD_BY_INSURGENTS
from sim.draws import binomial, pair, uniform
from sim.fast import surely_later
from sim.jit import rule
from sim.rules.logistics import acceptance, attach_escort, depart, has_escorts, idle_escort, resupply, ride_along
from sim.rules.routes import path_risk, path_to_hub
from sim.rules.slots import new_convoy

_BY_PULL, _ESCORTED, _ELSEWHERE = 0, 1, 2  # ordinals of a day's convoys between the same two places


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
    gap = level - (place.stock_l + place.inbound_l) / rules.load_l
    fewest = max(1.0, math.floor(min(rules.min_convoy, 0.5 * level)))  # a small hub cannot wait for a large convoy
    hub.gap = gap
    hub.want = min(daily + gap / rules.stock_adjust_days, max(rules.order_limit * daily, fewest))
    if hub.want >= 2.0 * rules.min_convoy:
        offer_by_pull(w, h, fewest)
    elif gap >= fewest:
        offer_elsewhere(w, h, max(fewest, hub.want), fewest)
    remember_offers(w, h)
    gather(w, h)


@rule
def offer_by_pull(w: Any, h: Any, fewest: Any) -> None:
    """Split a large order over the sources; what they lack, and parts too small for a convoy, are asked of others."""
    want = w.hubs[h].want
    rest = 0.0
    for s in range(w.run.n_sources):
        part = want * w.pull[h, s]
        if part < fewest:
            rest += part
        else:
            rest += max(0.0, part - w.sources[s].left_today)
            offer(w, h, s, part, fewest, _BY_PULL)
    offer_elsewhere(w, h, rest, fewest)


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
        offer(w, h, s, wanted, fewest, _ELSEWHERE)
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
    """Offer a load to carriers: those who accept leave as one convoy, the others wait for an escort or go home."""
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
        need = max(w.params.logistics.min_convoy, hub.gap)  # nobody waits for more than the hub lacks
        room = int(min(w.params.state.escorted_convoy_max, need)) - in_waiting(w, h)
        w.waiting[h, s] += max(0, min(refused, room))
    depart(w, v, source.place, hub.place, accepted, accepted * int(w.params.logistics.load_l), 1)


@rule
def gather(w: Any, h: Any) -> None:
    """Under threat the state gathers the waiting tankers of a hub into escorted convoys: larger, rarer, slower.

    Each source at which enough wait gets an escort, the fullest first, as long as there are escorts.
    """
    rules = w.params.state
    hub = w.hubs[h]
    if w.params.switches.escorts == 0.0 or hub.acceptance > rules.escort_threshold:
        go_home(w, h)
        return
    if w.run.day - hub.escorted_on < rules.escort_interval_days:
        return
    for _ in range(w.run.n_sources):
        s = fullest_source(w, h)
        if w.waiting[h, s] < w.params.logistics.min_convoy:
            return
        escort = idle_escort(w, hub.place)
        if escort < 0:
            if not has_escorts(w):
                go_home(w, h)  # nobody will ever come: the tankers are offered anew
            return
        if not send_escorted(w, h, s, escort):
            return


@rule
def send_escorted(w: Any, h: Any, s: Any, escort: Any) -> Any:
    """Send those who wait at one source and dare, under escort; return whether enough did."""
    hub = w.hubs[h]
    source = w.sources[s]
    who = pair(w.places[hub.place].id, w.places[source.place].id)
    slot = new_convoy(w, who, _ESCORTED)
    if slot < 0:
        return False
    v = w.convoys[slot]
    accepted = 0
    if path_to_hub(w, v, source.place, h):
        risk = path_risk(w, v) * (1.0 - w.params.state.escort_reassurance * w.nation.command)
        accepted = binomial(w.waiting[h, s], acceptance(w, risk), uniform(w.run.key, D_GATHER, who, 0))
    enough = accepted >= w.params.logistics.min_convoy
    if enough:
        attach_escort(w, v, escort)
        ride_along(w, v, hub.place)
        hub.escorted_on = w.run.day
        w.waiting[h, s] -= accepted
    else:
        accepted = 0
    depart(w, v, source.place, hub.place, accepted, accepted * int(w.params.logistics.load_l), 1)
    return enough


@rule
def in_waiting(w: Any, h: Any) -> Any:
    """Return how many tankers wait for an escort to a hub, at all sources."""
    n = 0
    for s in range(w.run.n_sources):
        n += w.waiting[h, s]
    return n


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
    for s in range(w.run.n_sources):
        w.waiting[h, s] = 0
