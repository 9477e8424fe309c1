"""Paths over the roads, in truck-hours plus the price of perceived risk.

Hubs keep a shortest-path tree that is rebuilt only when some road's perceived risk has moved; columns, which march
rarely, search their own path.
"""

from __future__ import annotations

from typing import Any

from sim.codes import HELD_BY_INSURGENTS
from sim.jit import rule
from sim.world import MAX_PATH

_WEEK = 7  # days after which paths are renewed for any change of risk, however small
_FAR = 1.0e12


@rule
def other_end(w: Any, road: Any, place: Any) -> Any:
    """Return the place at the other end of ``road``."""
    r = w.roads[road]
    return r.b if r.a == place else r.a


@rule
def price_roads(w: Any, risk_weight: Any) -> None:
    """Price each road for a search: hours·(1 + risk_weight·risk), written beside the lists of neighbours."""
    for k in range(w.near_start[w.run.n_places]):
        r = w.roads[w.near_road[k]]
        w.near_price[k] = r.hours * (1.0 + risk_weight * r.risk)


@rule
def search(w: Any, root: Any, goal: Any) -> None:
    """Fill ``w.cost`` (hours from ``root`` at the price of :func:`price_roads`) and ``w.via`` (the road towards it).

    Label correcting with a queue (Moore 1959): on road graphs, where a place has two or three neighbours, four times
    as fast as Dijkstra's search without a heap. With a ``goal`` (−1: none) what lies farther than it, as far as is
    known by then, is left out.
    """
    n = w.run.n_places
    w.tally.paths += 1
    for p in range(n):
        w.cost[p] = _FAR
        w.via[p] = -1
        w.queued[p] = 0
    w.cost[root] = 0.0
    w.queue[0] = root
    first = 0
    waiting = 1
    while waiting > 0:
        here = w.queue[first]
        first = first + 1 if first + 1 < n else 0
        waiting -= 1
        w.queued[here] = 0
        w.tally.neighbours += w.near_start[here + 1] - w.near_start[here]
        cost = w.cost[here]
        for k in range(w.near_start[here], w.near_start[here + 1]):
            there = w.near_place[k]
            step = cost + w.near_price[k]
            if step < w.cost[there] and (goal < 0 or step < w.cost[goal]):
                w.cost[there] = step
                w.via[there] = w.near_road[k]
                if w.queued[there] == 0:
                    w.queued[there] = 1
                    last = first + waiting
                    w.queue[last if last < n else last - n] = there
                    waiting += 1


@rule
def build_trees(w: Any) -> None:
    """Rebuild each hub's tree and each place's supplying hub when a road's risk has moved, and weekly if it crept."""
    rules = w.params.logistics
    moved = 0.0
    for r in range(w.run.n_roads):
        moved = max(moved, abs(w.roads[r].risk - w.roads[r].risk_at_tree))
    age = w.run.day - w.run.trees_on
    if w.run.trees_on >= 0 and moved <= rules.reroute_risk and (moved == 0.0 or age < _WEEK):
        return
    weight = rules.risk_weight * w.params.switches.rerouting
    w.run.trees_on = w.run.day
    w.tally.tree_builds += 1
    for r in range(w.run.n_roads):
        w.roads[r].risk_at_tree = w.roads[r].risk
    price_roads(w, weight)
    for h in range(w.run.n_hubs):
        search(w, w.hubs[h].place, -1)
        for p in range(w.run.n_places):
            w.tree_cost[h, p] = w.cost[p]
            w.tree_road[h, p] = w.via[p]
    for p in range(w.run.n_places):
        w.places[p].supply_hub = nearest_hub(w, p)


@rule
def nearest_hub(w: Any, place: Any) -> Any:
    """Return the hub with the least cost to ``place``; a hub supplies itself."""
    if w.places[place].hub >= 0:
        return w.places[place].hub
    best = -1
    for h in range(w.run.n_hubs):
        if w.tree_cost[h, place] < _FAR and (best < 0 or w.tree_cost[h, place] < w.tree_cost[best, place]):
            best = h
    return best


@rule
def path_to_hub(w: Any, who: Any, place: Any, hub: Any) -> Any:
    """Write the roads from ``place`` to ``hub`` into ``who.path``; return whether there is such a path."""
    n = 0
    while place != w.hubs[hub].place:
        road = w.tree_road[hub, place]
        if road < 0 or n >= MAX_PATH:
            return False
        who.path[n] = road
        n += 1
        place = other_end(w, road, place)
    start(who, n)
    return True


@rule
def path_from_hub(w: Any, who: Any, hub: Any, place: Any) -> Any:
    """Write the roads from ``hub`` to ``place`` into ``who.path``; return whether there is such a path."""
    if not path_to_hub(w, who, place, hub):
        return False
    n = who.legs
    for k in range(n // 2):
        swap = who.path[k]
        who.path[k] = who.path[n - 1 - k]
        who.path[n - 1 - k] = swap
    return True


@rule
def path_between(w: Any, who: Any, origin: Any, target: Any) -> Any:
    """Search a path for one march and write it into ``who.path``; return whether there is one."""
    price_roads(w, 0.0)
    search(w, target, origin)
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
