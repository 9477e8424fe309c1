"""What rules share to keep the books: deaths are taken from a unit, counted by side, and events are logged."""

from __future__ import annotations

from typing import Any

from sim.codes import CONTRACTORS, INSURGENTS, LOG_FULL, STATE
from sim.jit import rule


@rule
def log_event(
    w: Any, kind: Any, place: Any, road: Any, group: Any, size: Any, actor: Any,
    civilians: Any, insurgents: Any, state: Any, contractors: Any, tankers: Any,
) -> None:  # fmt: skip
    """Write one event of today: kind, where, who, how many fought, deaths by side (civilians first)."""
    k = w.run.events_today
    if k >= w.today.shape[0]:
        w.run.status = LOG_FULL
        return
    w.run.events_today = k + 1
    e = w.today[k]
    e.day = w.run.day
    e.kind = kind
    e.place = place
    e.road = road
    e.group = group
    e.size = size
    e.actor = actor
    e.deaths[0] = civilians
    e.deaths[1] = insurgents
    e.deaths[2] = state
    e.deaths[3] = contractors
    e.tankers = tankers


@rule
def kill_cell(w: Any, slot: Any, lost: Any) -> None:
    """Take ``lost`` fighters from a cell; an empty cell is gone."""
    if lost <= 0:
        return
    c = w.cells[slot]
    c.recent_loss += lost / max(1, c.fighters)
    c.fighters -= lost
    w.deaths[INSURGENTS] += lost
    w.people[INSURGENTS].dead += lost
    if c.fighters == 0:
        c.alive = -1


@rule
def kill_unit(w: Any, slot: Any, lost: Any) -> None:
    """Take ``lost`` men from a state unit; an empty one is gone (a place regained gets a new one)."""
    if lost <= 0 or slot < 0:
        return
    u = w.units[slot]
    u.men -= lost
    w.deaths[STATE] += lost
    w.people[STATE].dead += lost
    if u.men == 0:
        u.alive = -1


@rule
def kill_detachment(w: Any, slot: Any, lost: Any) -> None:
    """Take ``lost`` contractors from a detachment; losses wear down its will to stay."""
    if lost <= 0 or slot < 0:
        return
    d = w.detachments[slot]
    d.recent_loss += lost / max(1, d.start_men)
    d.men -= lost
    w.deaths[CONTRACTORS] += lost
    w.people[CONTRACTORS].dead += lost
    if d.men == 0:
        d.alive = -1


@rule
def withdraw_detachment(w: Any, slot: Any) -> None:
    """Take a whole detachment out of the country."""
    d = w.detachments[slot]
    w.people[CONTRACTORS].withdrawn += d.men
    d.men = 0
    d.alive = -1
