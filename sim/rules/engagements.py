"""Small engagements: ambushes of convoys on the roads, hit-and-run attacks on outposts."""

from __future__ import annotations

import math
from typing import Any

from sim.codes import (
    D_BURN,
    D_DRIVERS,
    D_ENCOUNTER,
    D_LOOT,
    D_OUTPOST,
    ENGAGED,
    INTERDICT,
    OUTPOST_ATTACK,
    REST,
    ROAD_ATTACK,
)
from sim.draws import binomial, pair, poisson, uniform
from sim.jit import rule
from sim.rules.books import kill_cell, kill_detachment, kill_unit, log_event
from sim.rules.combat import ATTACKER_WINS, aimed_share, collateral, fight, nerve, set_duel, willing
from sim.rules.losses import ANY, hit_units, share_of_hired


@rule
def encounter(w: Any, i: Any, road: Any) -> Any:
    """Let the cells on ``road`` find convoy ``i``; return whether one attacks it (resolved in the combat phase)."""
    v = w.convoys[i]
    v.attacker = find_attacker(w, road, v.id, guards(w, v))
    v.road = road
    if v.attacker >= 0:
        w.cells[v.attacker].stance = ENGAGED
    return v.attacker >= 0


@rule
def find_attacker(w: Any, road: Any, who: Any, strength: Any) -> Any:
    """Return the cell on ``road`` that attacks ``who``, or −1: chances rise with fighters, the surest finder comes."""
    r = w.roads[road]
    best = -1
    if w.params.switches.interdiction == 0.0:
        return best
    if w.places[r.a].truce_until > w.run.day or w.places[r.b].truce_until > w.run.day:
        return best
    surest = 0.0
    slot = r.cell_head
    while slot >= 0:
        c = w.cells[slot]
        if c.alive > 0 and c.task == INTERDICT and c.road == road and c.stance != ENGAGED:
            chance = 1.0 - math.exp(-w.params.combat.ambush_rate * c.fighters * willing(w, c.fighters, strength))
            margin = chance - uniform(w.run.key, D_ENCOUNTER, pair(c.id, who), road)
            if margin > surest:
                best = slot
                surest = margin
        slot = c.next
    return best


@rule
def guards(w: Any, v: Any) -> Any:
    """Return the armed strength that rides with a convoy: escort men and contractors, by weight."""
    return escort_men(w, v) + hired_guards(w, v) * w.params.contractors.combat_weight


@rule
def escort_men(w: Any, v: Any) -> Any:
    """Return how many men of its escort unit ride with a convoy."""
    return w.units[v.escort].men if v.escort >= 0 and w.units[v.escort].alive > 0 else 0


@rule
def hired_guards(w: Any, v: Any) -> Any:
    """Return how many contractors ride with a convoy."""
    if v.detachment < 0 or w.detachments[v.detachment].alive <= 0:
        return 0
    return riders(w, w.detachments[v.detachment])


@rule
def riders(w: Any, d: Any) -> Any:
    """Return how many contractors a detachment can spare for a convoy."""
    return int(d.men * w.params.contractors.escort_fraction * d.readiness)


@rule
def ambush(w: Any, i: Any) -> None:
    """Resolve the attack on convoy ``i``: a duel with its guard, tankers burned and looted, drivers killed."""
    v = w.convoys[i]
    slot = v.attacker
    if slot < 0 or v.alive <= 0 or v.tankers <= 0:
        return
    rules = w.params.combat
    c = w.cells[slot]
    if c.alive <= 0 or c.task != INTERDICT:  # it was hit from the air before, and hides
        return
    size = c.fighters
    who = pair(c.id, v.id)
    share = rules.burn_share
    men_lost = 0
    fighters_lost = 0
    contractors_lost = 0
    strength = guards(w, v)
    if strength > 0.0:
        men = escort_men(w, v)
        hired = hired_guards(w, v)
        if men + hired > 0:
            set_duel(w, men + hired, size, strength / (men + hired), rules.ambush_aim, 1.0)
            w.duel.max_rounds = int(rules.ambush_rounds)
            if fight(w, who) != ATTACKER_WINS:
                share *= 1.0 - rules.escort_protection
            fighters_lost = w.duel.fighters_lost
            contractors_lost = share_of_hired(w, men, hired, w.duel.men_lost, who, 0)
            men_lost = min(w.duel.men_lost - contractors_lost, men)
            kill_unit(w, v.escort, men_lost)
            kill_detachment(w, v.detachment, contractors_lost)
            kill_cell(w, slot, fighters_lost)
    burned = binomial(v.tankers, share, uniform(w.run.key, D_BURN, who, 0))
    looted = binomial(v.tankers - burned, rules.loot_share * share, uniform(w.run.key, D_LOOT, who, 0))
    drivers = binomial(burned + looted, rules.driver_death, uniform(w.run.key, D_DRIVERS, who, 0))
    lose_tankers(w, v, burned, looted)
    w.tally.civilians_in_combat += drivers
    w.deaths[0] += drivers
    log_event(
        w, ROAD_ATTACK, -1, v.road, c.group, size, c.id, drivers, fighters_lost, men_lost, contractors_lost, burned
    )
    c.task = REST
    c.road = -1
    c.days_left = int(w.params.insurgents.recover_days)


@rule
def lose_tankers(w: Any, v: Any, burned: Any, looted: Any) -> None:
    """Take burned and looted tankers out of a convoy, in whole litres; one with none left is over."""
    each = v.litres // v.tankers
    rest = v.tankers - burned - looted
    lost = v.litres if rest == 0 else each * (burned + looted)
    destroyed = lost if looted == 0 else (lost * burned) // (burned + looted)
    w.fuel.destroyed += destroyed
    w.fuel.looted += lost - destroyed
    w.tally.tankers_burned += burned
    w.places[v.target].inbound_l -= lost
    v.litres -= lost
    v.tankers = rest


@rule
def harass(w: Any, i: Any) -> None:
    """Resolve a hit-and-run attack of one cell on an outpost or patrol of the garrison at its place."""
    c = w.cells[i]
    place = w.places[c.place]
    rules = w.params.combat
    c.task = REST
    c.days_left = int(w.params.insurgents.recover_days)
    if place.men <= 0:
        return
    size = c.fighters
    # an outpost grows with the attackers' number: a fixed outpost would cap what a large group can do
    mean = max(rules.outpost_men, rules.outpost_ratio * size)
    men = min(place.men, 1 + poisson(mean, uniform(w.run.key, D_OUTPOST, c.id, 0)))
    set_duel(w, men, size, 1.0, aimed_share(w, c.place, 0.0), nerve(w, c.place))
    w.duel.max_rounds = int(rules.harass_rounds)
    fight(w, c.id)
    fighters_lost = w.duel.fighters_lost
    men_lost = hit_units(w, c.place, ANY, w.duel.men_lost, c.id)
    bystanders = collateral(w, c.place, c.id, men_lost + fighters_lost)
    kill_cell(w, i, fighters_lost)
    log_event(w, OUTPOST_ATTACK, c.place, -1, c.group, size, c.id, bystanders, fighters_lost, men_lost, 0, 0)
