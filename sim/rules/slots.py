"""Births, deaths and the daily muster: who is alive, and who is where.

``alive`` is 1 live, −1 gone today, 0 free. A slot is freed at day's end, so that nothing is born into a slot whose
last row somebody may still read today.
"""

from __future__ import annotations

from typing import Any

from sim.codes import (
    A_CELL,
    A_CONVOY,
    A_DETACHMENT,
    A_UNIT,
    ASSAULT,
    ESCORT,
    GARRISON,
    HIDDEN,
    IDLE,
    INTERDICT,
    NO_FREE_SLOT,
    READY,
    REST,
)
from sim.draws import child, mix
from sim.fast import bucket_of
from sim.jit import rule


@rule
def new_cell(w: Any, parent: Any, ordinal: Any) -> Any:
    """Return a free cell slot made live, or −1 when the table is full (the caller then keeps the fighters)."""
    if w.run.free_cells == 0:
        return -1
    w.run.free_cells -= 1
    slot = w.free_cells[w.run.free_cells]
    w.run.cells_top = max(w.run.cells_top, slot + 1)
    c = w.cells[slot]
    c.alive = 1
    c.id = child(parent, w.run.day, ordinal)
    c.task = REST
    c.target = -1
    c.road = -1
    c.days_left = 0
    c.stance = READY
    c.children = 0
    c.recent_loss = 0.0
    if w.n_standing < w.standing.shape[0]:  # the timeline acts before today's list is made
        w.standing[w.n_standing] = slot
        w.n_standing += 1
    return slot


@rule
def new_unit(w: Any, parent: Any, ordinal: Any) -> Any:
    """Return a free state-unit slot made live, or −1 when the table is full."""
    if w.run.free_units == 0:
        return -1
    w.run.free_units -= 1
    slot = w.free_units[w.run.free_units]
    w.run.units_top = max(w.run.units_top, slot + 1)
    u = w.units[slot]
    u.alive = 1
    u.id = child(parent, w.run.day, ordinal)
    u.task = 0
    u.target = -1
    u.leg = 0
    u.legs = 0
    u.progress_h = 0.0
    u.days_left = 0
    u.full_men = 0
    return slot


@rule
def new_garrison(w: Any, p: Any, men: Any, ordinal: Any) -> Any:
    """Return a new garrison of a place, or −1 when the table is full; the caller books its men."""
    slot = new_unit(w, w.places[p].id, ordinal)
    if slot >= 0:
        u = w.units[slot]
        u.kind = GARRISON
        u.place = p
        u.home = p
        u.men = men
    return slot


@rule
def new_convoy(w: Any, parent: Any, ordinal: Any) -> Any:
    """Return a free convoy slot made live; a full table is an error of the run (fuel would be lost)."""
    if w.run.free_convoys == 0:
        w.run.status = NO_FREE_SLOT
        return -1
    w.run.free_convoys -= 1
    slot = w.free_convoys[w.run.free_convoys]
    w.run.convoys_top = max(w.run.convoys_top, slot + 1)
    v = w.convoys[slot]
    v.alive = 1
    v.id = child(parent, w.run.day, ordinal)
    v.escort = -1
    v.detachment = -1
    v.attacker = -1
    v.road = -1
    return slot


@rule
def bury(w: Any) -> None:
    """Free the slots of all that went today; convoys let go of guards who died, before another takes the slot."""
    for i in range(w.run.convoys_top):
        v = w.convoys[i]
        if v.alive > 0 and v.escort >= 0 and w.units[v.escort].alive <= 0:
            v.escort = -1
        if v.alive > 0 and v.detachment >= 0 and w.detachments[v.detachment].alive <= 0:
            v.detachment = -1
    for k in range(w.n_standing):
        i = w.standing[k]
        if w.cells[i].alive < 0:
            w.cells[i].alive = 0
            w.free_cells[w.run.free_cells] = i
            w.run.free_cells += 1
    for i in range(w.run.units_top):
        if w.units[i].alive < 0:
            w.units[i].alive = 0
            w.free_units[w.run.free_units] = i
            w.run.free_units += 1
    for i in range(w.run.detachments_top):
        if w.detachments[i].alive < 0:
            w.detachments[i].alive = 0
    for i in range(w.run.convoys_top):
        if w.convoys[i].alive < 0:
            w.convoys[i].alive = 0
            w.free_convoys[w.run.free_convoys] = i
            w.run.free_convoys += 1


@rule
def muster(w: Any) -> None:
    """List who is at each place and on each road; count fighters, men and contractors there, and all escort units."""
    for p in range(w.run.n_places):
        place = w.places[p]
        place.cell_head = -1
        place.unit_head = -1
        place.detachment_head = -1
        place.fighters = 0
        place.men = 0
        place.contractors = 0
        place.strikers = 0
        place.idle[0] = 0
        place.idle[1] = 0
    for r in range(w.run.n_roads):
        w.roads[r].cell_head = -1
    muster_cells(w)
    w.escorts = 0
    for i in range(w.run.units_top):
        u = w.units[i]
        w.escorts += 1 if u.alive > 0 and u.kind == ESCORT else 0
        if u.alive > 0 and u.leg >= u.legs and (u.kind != ESCORT or u.task == IDLE):
            place = w.places[u.place]
            u.next = place.unit_head
            place.unit_head = i
            place.men += u.men
    for i in range(w.run.detachments_top):
        d = w.detachments[i]
        if d.alive > 0 and d.leg >= d.legs:
            place = w.places[d.place]
            d.next = place.detachment_head
            place.detachment_head = i
            place.contractors += d.men


@rule
def recount(w: Any, p: Any) -> None:
    """Count anew who stands at a place: since the muster some may have died, fled or scattered today."""
    place = w.places[p]
    place.fighters = 0
    place.strikers = 0
    place.men = 0
    place.contractors = 0
    slot = place.cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0 and c.place == p:
            place.fighters += c.fighters
            place.strikers += c.fighters if c.task == ASSAULT else 0
        slot = c.next
    slot = place.unit_head
    while slot >= 0:
        u = w.units[slot]
        place.men += u.men if u.alive > 0 and u.place == p else 0
        slot = u.next
    slot = place.detachment_head
    while slot >= 0:
        d = w.detachments[slot]
        place.contractors += d.men if d.alive > 0 and d.place == p else 0
        slot = d.next


@rule
def list_cells(w: Any) -> None:
    """Write the slots of all live cells into ``w.standing``: once a day; whoever is born later is added."""
    n = 0
    for i in range(w.run.cells_top):
        w.standing[n] = i
        n += 1 if w.cells[i].alive > 0 else 0
    w.n_standing = n


@rule
def muster_cells(w: Any) -> None:
    """List the cells: those that interdict on their road, all others at their place."""
    for k in range(w.n_standing):
        i = w.standing[k]
        c = w.cells[i]
        if c.alive <= 0:
            continue
        if c.task == INTERDICT:
            c.next = w.roads[c.road].cell_head
            w.roads[c.road].cell_head = i
            continue
        place = w.places[c.place]
        c.next = place.cell_head
        place.cell_head = i
        place.fighters += c.fighters
        if c.task == REST:
            place.idle[c.group] += c.fighters
        elif c.task == ASSAULT:
            place.strikers += c.fighters


@rule
def list_live(w: Any, everyone: Any) -> None:
    """List the live things with their shuffling keys for today (a code: range of the kind, then the slot).

    Cells in hiding, garrisons and idle escorts, whose step does nothing, are left out unless ``everyone`` is asked for.
    """
    n = 0
    idle = 0
    for k in range(w.n_standing):
        i = w.standing[k]
        if w.cells[i].alive <= 0:
            continue
        if everyone or w.cells[i].stance != HIDDEN:
            n = _enlist(w, n, A_CELL, i, w.cells[i].id)
        else:
            idle += 1
    for i in range(w.run.units_top):
        u = w.units[i]
        if u.alive <= 0:
            continue
        if everyone or not (u.kind == GARRISON or (u.kind == ESCORT and u.task == IDLE)):
            n = _enlist(w, n, A_UNIT, i, u.id)
        else:
            idle += 1
    for i in range(w.run.detachments_top):
        if w.detachments[i].alive > 0:
            n = _enlist(w, n, A_DETACHMENT, i, w.detachments[i].id)
    for i in range(w.run.convoys_top):
        if w.convoys[i].alive > 0:
            n = _enlist(w, n, A_CONVOY, i, w.convoys[i].id)
    w.listed = n
    w.stirring = n
    w.run.live = n + idle
    w.tally.activations += n + idle


@rule
def _enlist(w: Any, n: Any, kind: Any, slot: Any, who: Any) -> Any:
    w.unsorted[n] = (kind << 16) + slot
    w.unsorted_key[n] = mix(w.run.key ^ who)
    return n + 1


@rule
def shuffle(w: Any) -> None:
    """Order the live things by a keyed hash of (day, identity): into buckets by the top bits, insertion in each."""
    n = w.listed
    buckets = min(n, w.bucket_fill.shape[0])  # about one for each thing; their number does not change the order
    for b in range(buckets + 1):
        w.bucket[b] = 0
    for k in range(n):
        w.bucket[bucket_of(w.unsorted_key[k], buckets) + 1] += 1
    total = 0
    for b in range(buckets):
        w.bucket_fill[b] = total
        total += w.bucket[b + 1]
        w.bucket[b + 1] = total
    for k in range(n):
        key = w.unsorted_key[k]
        bucket = bucket_of(key, buckets)
        at = w.bucket_fill[bucket]
        w.bucket_fill[bucket] += 1
        while at > w.bucket[bucket] and w.order_key[at - 1] > key:
            w.order_key[at] = w.order_key[at - 1]
            w.order[at] = w.order[at - 1]
            at -= 1
        w.order_key[at] = key
        w.order[at] = w.unsorted[k]


@rule
def clear_day(w: Any) -> None:
    """Clear what is counted by the day."""
    w.run.events_today = 0
    for p in range(w.run.n_places):
        w.places[p].harm_insurgents = 0.0
        w.places[p].harm_state = 0.0
