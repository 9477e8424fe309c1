"""The timeline: at day D change a parameter, add or withdraw forces, start a campaign."""

from __future__ import annotations

from typing import Any

from sim.codes import (
    ADD_CONTRACTORS,
    ADD_FIGHTERS,
    ADD_MEN,
    BEGIN_CAMPAIGN,
    CONTRACTORS,
    GARRISON,
    INSURGENTS,
    NO_FREE_SLOT,
    SET,
    STATE,
    WITHDRAW_CONTRACTORS,
)
from sim.draws import child
from sim.jit import rule
from sim.rules.books import withdraw_detachment
from sim.rules.campaigns import open_campaign
from sim.rules.slots import new_cell, new_garrison

_BY_TIMELINE = 1000  # ordinal of what the timeline brings: apart from what is born of a place on the same day


@rule
def follow(w: Any) -> None:
    """Apply every entry of the timeline that is due."""
    while w.run.timeline_next < w.timeline.shape[0]:
        t = w.timeline[w.run.timeline_next]
        if t.kind == 0 or t.day > w.run.day:
            return
        w.run.timeline_next += 1
        if t.kind == SET:
            w.settings[t.index] = t.value
        elif t.kind == BEGIN_CAMPAIGN:
            open_campaign(w, t.index, t.value)
        elif t.kind == WITHDRAW_CONTRACTORS:
            withdraw_contractors(w, int(t.value))
        elif t.kind == ADD_CONTRACTORS:
            add_contractors(w, t.index, int(t.value))
        elif t.kind == ADD_MEN:
            add_men(w, t.index, int(t.value))
        elif t.kind == ADD_FIGHTERS:
            add_fighters(w, t.index, int(t.value))


@rule
def withdraw_contractors(w: Any, men: Any) -> None:
    """Withdraw ``men`` contractors, whole detachments first, in the order of their identity's slot."""
    left = men
    for i in range(w.run.detachments_top):
        d = w.detachments[i]
        if d.alive <= 0 or left <= 0:
            continue
        if d.men <= left:
            left -= d.men
            withdraw_detachment(w, i)
        else:
            d.men -= left
            d.start_men -= left
            w.people[CONTRACTORS].withdrawn += left
            left = 0


@rule
def add_contractors(w: Any, place: Any, men: Any) -> None:
    """Add contractors to the detachment whose home is ``place``, or as a new one where there is none."""
    if men <= 0:
        return
    for i in range(w.run.detachments_top):
        d = w.detachments[i]
        if d.alive > 0 and d.home == place:
            d.men += men
            d.start_men += men
            w.people[CONTRACTORS].reinforced += men
            return
    slot = w.run.detachments_top
    if slot >= w.detachments.shape[0]:
        w.run.status = NO_FREE_SLOT
        return
    w.run.detachments_top += 1
    d = w.detachments[slot]
    d.alive = 1
    d.id = child(w.places[place].id, w.run.day, _BY_TIMELINE)
    d.place = place
    d.home = place
    d.target = -1
    d.men = men
    d.start_men = men
    d.readiness = 1.0
    w.people[CONTRACTORS].reinforced += men


@rule
def add_men(w: Any, place: Any, men: Any) -> None:
    """Add men to the first unit whose home is ``place``, or as a new garrison (negative: withdraw, at most all)."""
    for i in range(w.run.units_top):
        u = w.units[i]
        if u.alive > 0 and u.home == place:
            change = max(-u.men, men)
            u.men += change
            if u.kind == GARRISON:  # what it is refilled to moves along
                w.places[place].garrison_target = max(0.0, w.places[place].garrison_target + change)
            else:
                u.full_men = max(0, u.full_men + change)
            if change > 0:
                w.people[STATE].reinforced += change
            else:
                w.people[STATE].withdrawn -= change
            if u.men == 0:
                u.alive = -1
            return
    if men <= 0:
        return
    if new_garrison(w, place, men, _BY_TIMELINE + w.run.timeline_next) < 0:
        w.run.status = NO_FREE_SLOT
        return
    w.places[place].garrison_target += men
    w.people[STATE].reinforced += men


@rule
def add_fighters(w: Any, place: Any, fighters: Any) -> None:
    """Add a group of fighters of the main group at ``place``."""
    if fighters <= 0:
        return
    slot = new_cell(w, w.places[place].id, _BY_TIMELINE + w.run.timeline_next)
    if slot < 0:
        w.run.status = NO_FREE_SLOT
        return
    c = w.cells[slot]
    c.group = 0
    c.fighters = fighters
    c.place = place
    c.home = place
    w.people[INSURGENTS].reinforced += fighters
