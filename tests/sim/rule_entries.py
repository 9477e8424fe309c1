"""Single rules that Python cannot call by themselves, wrapped for the tests of the rule book."""

from __future__ import annotations

from sim.jit import entry
from sim.rules import (
    assault,
    campaigns,
    choices,
    combat,
    fires,
    insurgents,
    logistics,
    losses,
    routes,
    slots,
    state,
)


@entry
def muster(world):
    """List who is where."""
    slots.muster(world[0])


@entry
def wake(world, slot):
    """Begin one cell's day."""
    insurgents.wake(world[0], slot)


@entry
def demand(world):
    """Set every place's demand for fuel."""
    logistics.demand(world[0])


@entry
def look_around(world):
    """Renew what the cells know."""
    campaigns.look_around(world[0])


@entry
def note_trouble(world):
    """List the places that call for relief."""
    state.note_trouble(world[0])


@entry
def acceptance(world, risk):
    """The share of carriers who accept a path of this risk."""
    return logistics.acceptance(world[0], risk)


@entry
def willing(world, own, other):
    """The chance that a group accepts a fight."""
    return combat.willing(world[0], own, other)


@entry
def nerve(world, place):
    """How firmly men stand."""
    return combat.nerve(world[0], place)


@entry
def aimed_share(world, place, exposed):
    """The aimed share of the state's fire."""
    return combat.aimed_share(world[0], place, exposed)


@entry
def duel(world, men, fighters, quality, aim, nerve_of_men, rounds, who):
    """Fight a duel; 1: the fighters broke, 2: the men broke, 0: neither. What is left stands in `duel`."""
    w = world[0]
    combat.set_duel(w, men, fighters, quality, aim, nerve_of_men)
    w.duel.max_rounds = rounds
    return combat.fight(w, who)


@entry
def sortie_kills(world, aim, fighters):
    """Mean kills of one sortie."""
    return fires.sortie_kills(world[0], aim, fighters)


@entry
def exposure(world, task):
    """How visible a task makes a group."""
    return fires.exposure(world[0], task)


@entry
def perceived_strength(world, slot, place):
    """What a cell believes to stand at a place."""
    w = world[0]
    return choices.perceived_strength(w, w.cells[slot], place)


@entry
def callable_fighters(world, slot):
    """How many a leader thinks it can call."""
    w = world[0]
    return choices.callable_fighters(w, w.cells[slot])


@entry
def utilities(world, slot, there, road, out):
    """The utilities of an outpost, an assault, holding, a road and moving."""
    w = world[0]
    c = w.cells[slot]
    choices.feel_urges(w)
    out[0] = choices.harass_utility(w, c)
    out[1] = choices.assault_utility(w, c)
    out[2] = choices.hold_utility(w, c)
    out[3] = choices.interdict_utility(w, c, road)
    out[4] = choices.move_utility(w, c, there)
    out[5] = choices.rest_abroad(w, c)


@entry
def path_between(world, unit, origin, target):
    """Search a march for a unit; whether there is one."""
    w = world[0]
    return routes.path_between(w, w.units[unit], origin, target)


@entry
def path_risk(world, unit):
    """The perceived risk of a unit's path."""
    w = world[0]
    return routes.path_risk(w, w.units[unit])


@entry
def flight_goal(world, place):
    """Where a broken garrison flees."""
    return assault.flight_goal(world[0], place)


@entry
def hit_units(world, place, kind, lost, fight):
    """Share losses over units; how many were taken."""
    return losses.hit_units(world[0], place, kind, lost, fight)


@entry
def hit_cells(world, place, task, lost, fight):
    """Share losses over cells."""
    losses.hit_cells(world[0], place, task, lost, fight)


@entry
def hit_detachments(world, place, lost, fight):
    """Share losses over detachments; how many were taken."""
    return losses.hit_detachments(world[0], place, lost, fight)
