"""Paths over the roads, in truck-hours plus the price of perceived risk.

Hubs keep their supply lines and the roads of their districts, which are renewed when some road's perceived risk has
moved, and weekly; columns, which march rarely, search their own path.
"""

from __future__ import annotations

from typing import Any

from sim.codes import HELD_BY_INSURGENTS
from sim.draws import pair
from sim.jit import rule
from sim.world import MAX_PATH

_WEEK = 7  # days after which paths are renewed for any change of risk, however small
_FAR = 1.0e12
_SLACK = 1.0e-12  # more than the rounding of a path's sum


@rule
def other_end(w: Any, road: Any, place: Any) -> Any:
    """Return the place at the other end of ``road``."""
    r = w.roads[road]
    return r.b if r.a == place else r.a


@rule
def price(w: Any, road: Any, risk_weight: Any) -> Any:
    """Return what a road costs on a path: hours·(1 + risk_weight·risk)."""
    return w.roads[road].hours * (1.0 + risk_weight * w.roads[road].risk)


@rule
def price_roads(w: Any, risk_weight: Any) -> None:
    """Price each road for a search, beside the lists of neighbours."""
    for k in range(w.near_start[w.run.n_places]):
        w.near_price[k] = price(w, w.near_road[k], risk_weight)


@rule
def clear_search(w: Any) -> None:
    """Forget the last search: no place is reached."""
    w.tally.paths += 1
    for p in range(w.run.n_places):
        w.cost[p] = _FAR
        w.via[p] = -1
        w.queued[p] = 0


@rule
def set_out(w: Any, roots: Any, place: Any) -> Any:
    """Make ``place`` a root of the search; return how many roots there are now."""
    w.cost[place] = 0.0
    w.queued[place] = 1
    w.queue[roots] = place
    return roots + 1


@rule
def search(w: Any, prices: Any, roots: Any, goal: Any, limit: Any) -> None:
    """Fill ``w.cost`` (from the nearest root, at the neighbours' ``prices``) and ``w.via`` (the road to it).

    Label correcting with a queue (Moore 1959): on road graphs, where a place has two or three neighbours, four times
    as fast as Dijkstra's search without a heap. Left out is what does not lie nearer than ``limit``, nor than the
    ``goal`` (−1: none) as far as is known by then.
    """
    n = w.run.n_places
    first = 0
    waiting = roots
    while waiting > 0:
        here = w.queue[first]
        first = first + 1 if first + 1 < n else 0
        waiting -= 1
        w.queued[here] = 0
        w.tally.neighbours += w.near_start[here + 1] - w.near_start[here]
        cost = w.cost[here]
        for k in range(w.near_start[here], w.near_start[here + 1]):
            there = w.near_place[k]
            step = cost + prices[k]
            if step < w.cost[there] and step < limit:
                w.cost[there] = step
                w.via[there] = w.near_road[k]
                if there == goal:
                    limit = step
                if w.queued[there] == 0:
                    w.queued[there] = 1
                    last = first + waiting
                    w.queue[last if last < n else last - n] = there
                    waiting += 1


@rule
def build_trees(w: Any) -> None:
    """Renew all paths when a road's risk has moved, and weekly if it crept."""
    rules = w.params.logistics
    moved = 0.0
    for r in range(w.run.n_roads):
        moved = max(moved, abs(w.roads[r].risk - w.roads[r].risk_at_tree))
    age = w.run.day - w.run.trees_on
    if w.run.trees_on >= 0 and moved <= rules.reroute_risk and (moved == 0.0 or age < _WEEK):
        return
    w.run.trees_on = w.run.day
    w.tally.tree_builds += 1
    for r in range(w.run.n_roads):
        w.roads[r].risk_at_tree = w.roads[r].risk
    weight = rules.risk_weight * w.params.switches.rerouting
    price_roads(w, weight)
    build_districts(w)
    for s in range(w.run.n_sources):
        build_lines(w, s, weight)


@rule
def build_districts(w: Any) -> None:
    """Give each place to the hub at the least cost, by one search from all hubs at once; a hub supplies itself."""
    clear_search(w)
    roots = 0
    for h in range(w.run.n_hubs):
        roots = set_out(w, roots, w.hubs[h].place)
        w.places[w.hubs[h].place].supply_hub = h
    search(w, w.near_price, roots, -1, _FAR)
    for p in range(w.run.n_places):
        w.hub_road[p] = w.via[p]
        if w.places[p].hub < 0:
            w.places[p].supply_hub = -1
    for p in range(w.run.n_places):
        assign_hub(w, p)


@rule
def assign_hub(w: Any, p: Any) -> None:
    """Follow the roads from a place to its hub."""
    place = p
    while w.places[place].supply_hub < 0 and w.hub_road[place] >= 0:
        place = other_end(w, w.hub_road[place], place)
    hub = w.places[place].supply_hub
    place = p
    while w.places[place].supply_hub < 0 and w.hub_road[place] >= 0:
        w.places[place].supply_hub = hub
        place = other_end(w, w.hub_road[place], place)


@rule
def build_lines(w: Any, s: Any, risk_weight: Any) -> None:
    """Renew one source's supply lines: cost and path to each hub that deals with it, by one search from the source."""
    limit = reach_of_lines(w, s, risk_weight)
    clear_search(w)
    search(w, w.near_price, set_out(w, 0, w.sources[s].place), -1, limit)
    k = w.sources[s].line_head
    while k >= 0:
        lay_line(w, k)
        k = w.lines[k].next


@rule
def reach_of_lines(w: Any, s: Any, risk_weight: Any) -> Any:
    """Return a cost within which all of a source's lines end: what the dearest of their present paths costs now."""
    dearest = 0.0
    k = w.sources[s].line_head
    while k >= 0:
        line = w.lines[k]
        if line.legs == 0:
            return _FAR
        cost = 0.0
        for leg in range(line.legs):
            cost += price(w, line.path[leg], risk_weight)
        dearest = max(dearest, cost)
        k = line.next
    return dearest * (1.0 + _SLACK)


@rule
def lay_line(w: Any, k: Any) -> None:
    """Write a supply line's cost and its roads, from the source to the hub; without a path its cost is out of reach."""
    line = w.lines[k]
    place = w.hubs[line.hub].place
    source = w.sources[line.source].place
    line.id = pair(w.places[place].id, w.places[source].id)
    line.cost_h = w.cost[place]
    line.legs = 0
    n = 0
    while place != source:
        road = w.via[place]
        if road < 0 or n >= MAX_PATH:
            line.cost_h = _FAR
            return
        line.path[n] = road
        n += 1
        place = other_end(w, road, place)
    line.legs = n
    turn_round(line)


@rule
def turn_round(who: Any) -> None:
    """Reverse the order of the roads in ``who.path``."""
    n = who.legs
    for k in range(n // 2):
        swap = who.path[k]
        who.path[k] = who.path[n - 1 - k]
        who.path[n - 1 - k] = swap


@rule
def path_of_line(w: Any, who: Any, k: Any) -> Any:
    """Write a supply line's roads into ``who.path``; return whether there are any."""
    line = w.lines[k]
    for leg in range(line.legs):
        who.path[leg] = line.path[leg]
    start(who, line.legs)
    return line.legs > 0


@rule
def path_from_hub(w: Any, who: Any, place: Any) -> Any:
    """Write the roads from ``place``'s hub to it into ``who.path``; return whether there is such a path."""
    n = 0
    while w.hub_road[place] >= 0:
        if n >= MAX_PATH:
            return False
        who.path[n] = w.hub_road[place]
        n += 1
        place = other_end(w, w.hub_road[place], place)
    start(who, n)
    turn_round(who)
    return n > 0


@rule
def path_between(w: Any, who: Any, origin: Any, target: Any) -> Any:
    """Search a march's path, by hours alone, and write it into ``who.path``; return whether there is one."""
    clear_search(w)
    search(w, w.near_hours, set_out(w, 0, target), origin, _FAR)
    n = 0
    place = origin
    while place != target:
        road = w.via[place]
        if road < 0 or n >= MAX_PATH:
            return False
        who.path[n] = road
        n += 1
        place = other_end(w, road, place)
    start(who, n)
    return True


@rule
def start(who: Any, legs: Any) -> None:
    """Put ``who`` at the start of a path of ``legs`` roads."""
    who.legs = legs
    who.leg = 0
    who.progress_h = 0.0


@rule
def path_risk(w: Any, who: Any) -> Any:
    """Return the perceived risk summed over ``who``'s path; an insurgent-held place on it counts as certain loss."""
    total = 0.0
    for k in range(who.legs):
        r = w.roads[who.path[k]]
        total += r.risk
        if w.places[r.a].holder == HELD_BY_INSURGENTS or w.places[r.b].holder == HELD_BY_INSURGENTS:
            total += 1.0
    return total


@rule
def march(w: Any, who: Any, hours: Any) -> Any:
    """Move ``who`` (a column or detachment) along its present road for up to ``hours``; return the hours left over."""
    road = who.path[who.leg]
    need = w.roads[road].hours - who.progress_h
    if need > hours:
        who.progress_h += hours
        return 0.0
    who.progress_h = 0.0
    who.place = other_end(w, road, who.place)
    who.leg += 1
    return hours - need
