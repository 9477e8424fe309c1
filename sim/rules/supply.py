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
from sim.rules.logistics import acceptance, attach_escort, depart, idle_escort, resupply, ride_along
from sim.rules.routes import path_of_line, path_risk
from sim.rules.slots import new_convoy

_LARGE = 300.0  # an exponent whose exponential comes near the largest number
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
    hub = w.hubs[h]
    rest = 0.0
    for k in range(hub.first_line, hub.end_line):
        part = hub.want * w.lines[k].pull
        here = min(part, w.sources[w.lines[k].source].left_today)
        if here < fewest:
            rest += part
        else:
            rest += part - here
            offer(w, k, here, fewest, _BY_PULL)
    offer_elsewhere(w, h, rest, fewest)


@rule
def offer_elsewhere(w: Any, h: Any, wanted: Any, fewest: Any) -> None:
    """Offer a load where there is still fuel today: at one source picked by its pull, what it lacks at the next."""
    for _ in range(w.hubs[h].first_line, w.hubs[h].end_line):
        if wanted < fewest:
            return
        k = pick_line(w, h, fewest)
        if k < 0:
            return
        source = w.sources[w.lines[k].source]
        before = source.left_today
        offer(w, k, wanted, fewest, _ELSEWHERE)
        wanted -= before - source.left_today


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
    """Renew each source's share (``pull``) of each hub's orders, if paths have changed since the last time.

    A source pulls by its baseline share, shifted by the hours and risk that have come since then.
    """
    rules = w.params.logistics
    if w.run.trees_on != w.run.day and w.run.weighed_h == rules.detour_h:
        return
    w.run.weighed_h = rules.detour_h
    for h in range(w.run.n_hubs):
        weigh_lines(w, w.hubs[h])


@rule
def weigh_lines(w: Any, hub: Any) -> None:
    """Renew the pulls of one hub's supply lines, and the mean hours of its imports (−1: no source can be reached)."""
    scale = w.params.logistics.detour_h
    top = -1.0e300
    for k in range(hub.first_line, hub.end_line):
        if w.lines[k].legs > 0:
            top = max(top, (w.sources[w.lines[k].source].base_hours - w.lines[k].cost_h) / scale)
    shift = top if abs(top) > _LARGE else 0.0  # the shares stay what they are, and nothing overflows
    total = 0.0
    hours = 0.0
    for k in range(hub.first_line, hub.end_line):
        line = w.lines[k]
        line.pull = 0.0
        if line.legs > 0:
            source = w.sources[line.source]
            line.pull = source.share * math.exp((source.base_hours - line.cost_h) / scale - shift)
            total += line.pull
            hours += line.pull * line.cost_h
    hub.haul_h = -1.0
    if total > 0.0:
        hub.haul_h = hours / total
        for k in range(hub.first_line, hub.end_line):
            w.lines[k].pull /= total


@rule
def stock_level(w: Any, h: Any, daily: Any) -> Any:
    """Return the stock (tankers) that a hub wants under way and at hand."""
    rules = w.params.logistics
    if w.hubs[h].haul_h < 0.0:
        return 0.0
    return (rules.target_stock_days + w.hubs[h].haul_h / rules.truck_hours_per_day) * daily


@rule
def pick_line(w: Any, h: Any, fewest: Any) -> Any:
    """Pick one source that has a convoy's load left today, with chance ∝ pull (a race of exponentials), or −1."""
    best = -1
    first = 1.0e300
    for k in range(w.hubs[h].first_line, w.hubs[h].end_line):
        line = w.lines[k]
        if line.pull > 0.0 and w.sources[line.source].left_today >= fewest:
            u = uniform(w.run.key, D_OFFER, line.id, 0)
            if not surely_later(u, line.pull, first):
                wait = -math.log(u) / line.pull
                if wait < first:
                    first = wait
                    best = k
    return best


@rule
def offer(w: Any, k: Any, wanted: Any, fewest: Any, ordinal: Any) -> None:
    """Offer a load to carriers: those who accept leave as one convoy, the others wait for an escort or go home."""
    line = w.lines[k]
    hub = w.hubs[line.hub]
    source = w.sources[line.source]
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
    if path_of_line(w, v, k):
        share = acceptance(w, path_risk(w, v))
        accepted = binomial(offered, share, uniform(w.run.key, D_ACCEPT, who, ordinal))
        hub.heard += share
        hub.offers += 1
    refused = offered - accepted
    w.tally.tankers_refused += refused
    if w.params.switches.escorts > 0.0:
        need = max(w.params.logistics.min_convoy, hub.gap)  # nobody waits for more than the hub lacks
        room = int(min(w.params.state.escorted_convoy_max, need)) - in_waiting(w, hub)
        line.waiting += max(0, min(refused, room))
    depart(w, v, source.place, hub.place, accepted, accepted * int(w.params.logistics.load_l), 1)


@rule
def gather(w: Any, h: Any) -> None:
    """Under threat the state gathers the waiting tankers of a hub into escorted convoys: larger, rarer, slower.

    Each source at which enough wait gets one escort a day, the fullest first, as long as there are escorts.
    """
    rules = w.params.state
    hub = w.hubs[h]
    if w.params.switches.escorts == 0.0 or hub.acceptance > rules.escort_threshold:
        go_home(w, hub)
        return
    if w.run.day - hub.escorted_on < rules.escort_interval_days:
        return
    asked = 0  # a bit a line
    for _ in range(hub.first_line, hub.end_line):
        k = fullest_line(w, hub, asked)
        if w.lines[k].waiting < w.params.logistics.min_convoy:
            return
        asked |= 1 << (k - hub.first_line)
        escort = idle_escort(w, hub.place)
        if escort < 0:
            if w.escorts == 0:
                go_home(w, hub)  # nobody will ever come: the tankers are offered anew
            return
        if not send_escorted(w, k, escort):
            return


@rule
def send_escorted(w: Any, k: Any, escort: Any) -> Any:
    """Send those who wait at one source and dare, under escort; return whether enough did."""
    line = w.lines[k]
    hub = w.hubs[line.hub]
    slot = new_convoy(w, line.id, _ESCORTED)
    if slot < 0:
        return False
    v = w.convoys[slot]
    accepted = 0
    if path_of_line(w, v, k):
        risk = path_risk(w, v) * (1.0 - w.params.state.escort_reassurance * w.nation.command)
        accepted = binomial(line.waiting, acceptance(w, risk), uniform(w.run.key, D_GATHER, line.id, 0))
    enough = accepted >= w.params.logistics.min_convoy
    if enough:
        attach_escort(w, v, escort)
        ride_along(w, v, hub.place)
        hub.escorted_on = w.run.day
        line.waiting -= accepted
    else:
        accepted = 0
    origin = w.sources[line.source].place
    depart(w, v, origin, hub.place, accepted, accepted * int(w.params.logistics.load_l), 1)
    return enough


@rule
def in_waiting(w: Any, hub: Any) -> Any:
    """Return how many tankers wait for an escort to a hub, at all sources."""
    n = 0
    for k in range(hub.first_line, hub.end_line):
        n += w.lines[k].waiting
    return n


@rule
def fullest_line(w: Any, hub: Any, asked: Any) -> Any:
    """Return the supply line of a hub, of those not asked yet, on which most tankers wait for an escort."""
    best = -1
    for k in range(hub.first_line, hub.end_line):
        fresh = (asked >> (k - hub.first_line)) & 1 == 0
        if fresh and (best < 0 or w.lines[k].waiting > w.lines[best].waiting):
            best = k
    return best


@rule
def go_home(w: Any, hub: Any) -> None:
    """Let all tankers that wait for an escort to a hub go home."""
    for k in range(hub.first_line, hub.end_line):
        w.lines[k].waiting = 0
