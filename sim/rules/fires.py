"""Heavy fires: artillery, helicopters and drones of the contractors, and the army's own share of them.

A hidden cell takes none of this; one that blocks a road, masses or holds a place can be seen and hit.
"""

from __future__ import annotations

from typing import Any

from sim.codes import ASSEMBLE, D_DETECT, D_FIRE_LOSS, D_HARM, D_STAY, FIRE, HOLD, INTERDICT, REST
from sim.draws import poisson, uniform
from sim.fast import happens
from sim.jit import rule
from sim.rules.books import kill_cell, log_event
from sim.rules.combat import told
from sim.rules.slots import new_cell


@rule
def renew_sorties(w: Any) -> None:
    """Add today's sorties: each detachment's by men and readiness, the army's by its own means and fuel."""
    rules = w.params.contractors
    on = w.params.switches.contractor_fires
    for i in range(w.run.detachments_top):
        d = w.detachments[i]
        if d.alive > 0:
            today = rules.sorties_per_100 * d.men / 100.0 * d.readiness * on
            # at least one whole sortie: else a detachment of less than 100 / sortie_reserve men could never fire
            reserve = max(1.0, rules.sortie_reserve * d.men / 100.0)
            d.sorties_left = min(d.sorties_left * on + today, reserve)
    on = w.params.switches.army_fires
    army = w.params.state.army_fires * w.nation.served * on
    w.nation.army_sorties_left = min(w.nation.army_sorties_left * on + army, 3.0 * army + 1.0)


@rule
def in_range(w: Any, d: Any, place: Any) -> Any:
    """Return whether a detachment's fires reach a place of the country."""
    here = w.places[d.place]
    there = w.places[place]
    dx = here.x_km - there.x_km
    dy = here.y_km - there.y_km
    reach = w.params.contractors.fire_range_km
    return there.country == 0 and dx * dx + dy * dy <= reach * reach


@rule
def readier(one: Any, other: Any) -> Any:
    """Return whether one detachment has more sorties left than another (ties to the lower identity)."""
    return one.sorties_left > other.sorties_left or (one.sorties_left == other.sorties_left and one.id < other.id)


@rule
def take_sortie(w: Any, place: Any) -> Any:
    """Use one sortie against ``place``; return 1 if a contractor's, 2 if the army's, 0 if none can come."""
    best = -1
    for i in range(w.run.detachments_top):
        d = w.detachments[i]
        ready = d.alive > 0 and d.sorties_left >= 1.0 and d.leg >= d.legs and in_range(w, d, place)
        if ready and (best < 0 or readier(d, w.detachments[best])):
            best = i
    if best >= 0:
        w.detachments[best].sorties_left -= 1.0
        w.tally.fires_contractors += 1
        return 1
    if w.nation.army_sorties_left >= 1.0 and w.places[place].country == 0:
        w.nation.army_sorties_left -= 1.0
        w.tally.fires_army += 1
        return 2
    return 0


@rule
def sortie_kills(w: Any, aim: Any, fighters: Any) -> Any:
    """Return the mean kills of one sortie: aimed, or into an area where they grow with the fighters in it."""
    rules = w.params.contractors
    return rules.sortie_kills * aim + rules.sortie_area_kills * (1.0 - aim) * fighters


@rule
def fire_support(w: Any, place: Any, size: Any) -> Any:
    """Call fires to an assault or a retaking; return the mean kills they add over the whole fight."""
    kills = 0.0
    for _ in range(int(w.params.combat.support_sorties)):
        if take_sortie(w, place) == 0:
            return kills
        kills += sortie_kills(w, w.params.combat.mass_exposure * w.params.switches.exposure, size)
    return kills


@rule
def exposure(w: Any, task: Any) -> Any:
    """Return how visible a group is by what it does, in [0, 1]; a resting cell is not seen from the air."""
    rules = w.params.contractors
    if task == HOLD:
        return rules.hold_exposure
    if task == ASSEMBLE:
        return rules.mass_exposure
    if task == INTERDICT:
        return rules.road_exposure
    return 0.0


@rule
def fire_on(w: Any, i: Any) -> None:
    """Let an exposed cell be detected and hit: the more fighters and the more the people tell, the likelier."""
    c = w.cells[i]
    seen = exposure(w, c.task) * w.params.switches.exposure
    place = w.places[c.place]
    if seen <= 0.0 or place.country != 0 or place.truce_until > w.run.day:
        return
    known = told(w, c.place)
    hazard = w.params.contractors.detect_rate * seen * c.fighters * (0.5 + known)
    if not happens(hazard, uniform(w.run.key, D_DETECT, c.id, 0)) or take_sortie(w, c.place) == 0:
        return
    aim = known + (1.0 - known) * seen
    lost = min(c.fighters, poisson(sortie_kills(w, aim, c.fighters), uniform(w.run.key, D_FIRE_LOSS, c.id, 0)))
    crowd = place.population / (place.population + w.params.population.crowd_half)
    mean = w.params.contractors.harm_per_sortie * (1.0 - known) * crowd
    dead = poisson(mean, uniform(w.run.key, D_HARM, c.id, 0))
    w.deaths[0] += dead
    w.tally.civilians_by_state += dead
    place.harm_state += dead
    log_event(w, FIRE, c.place, -1, c.group, c.fighters, c.id, dead, lost, 0, 0, 0)
    kill_cell(w, i, lost)
    if c.alive > 0 and c.task != HOLD and shaken(w, c, lost, 4):
        scatter(w, i)


@rule
def shaken(w: Any, c: Any, lost: Any, k: Any) -> Any:
    """Return whether a group that lost ``lost`` fighters breaks up: by share, so that no shot undoes a mass."""
    share = lost / (lost + c.fighters + 1.0e-9)
    return happens(w.params.insurgents.scatter_gain * share, uniform(w.run.key, D_STAY, c.id, k))


@rule
def scatter(w: Any, i: Any) -> None:
    """Break a group under fire or after an operation into cells of the usual size, and let them hide."""
    c = w.cells[i]
    if w.params.switches.fragmentation > 0.0:
        shatter(w, i, int(w.params.insurgents.cell_size), int(w.params.insurgents.recover_days))
    c.task = REST
    c.road = -1
    c.target = -1
    c.days_left = int(w.params.insurgents.recover_days)


@rule
def shatter(w: Any, i: Any, piece: Any, hide_days: Any) -> None:
    """Split a group into cells of ``piece`` fighters that hide for so long; the last keeps what is over."""
    c = w.cells[i]
    while c.fighters >= 2 * piece:
        slot = new_cell(w, c.id, c.children)
        if slot < 0:
            return
        n = w.cells[slot]
        n.group = c.group
        n.fighters = piece
        n.place = c.place
        n.home = c.home
        n.recent_loss = c.recent_loss
        n.days_left = hide_days
        c.fighters -= piece
        c.children += 1  # over its whole life: it may shatter twice a day, and no two cells share an identity
        w.tally.splits += 1
