"""Reinforcements and deserters: how the state's units grow and shrink without a fight.

Across the border the neighbour pays and raises its own men, of whom the model knows no more than their garrisons.
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import D_DESERT, D_REINFORCE, ESCORT, GARRISON, HELD_BY_NOBODY, HELD_BY_STATE, IDLE, RETAKE, STATE
from sim.draws import binomial, poisson, uniform, weekly
from sim.jit import rule
from sim.rules.assault import garrison_at
from sim.rules.books import log_event
from sim.rules.slots import new_garrison


@rule
def reinforce(w: Any, i: Any) -> None:
    """Refill a unit at home, once a week: k(B̂ − B), in the country limited by treasury, legitimacy and a pool."""
    u = w.units[i]
    rules = w.params.state
    if w.params.switches.reinforcement == 0.0 or not weekly(u.id, w.run.day):
        return
    if u.leg < u.legs or u.place != u.home or (u.kind == ESCORT and u.task != IDLE):
        return
    place = w.places[u.home]
    target = place.garrison_target if u.kind == GARRISON else u.full_men
    gap = target - u.men
    if gap <= 0.0 or place.holder != HELD_BY_STATE:
        return
    rate = 7.0 * rules.reinforcement_rate * gap
    most = int(math.ceil(gap))
    if place.country == 0:
        rate *= w.nation.paid * 2.0 * w.nation.legitimacy * w.nation.state_pool / max(1.0, rules.recruit_pool)
        most = min(most, int(w.nation.state_pool))
    n = min(poisson(rate, uniform(w.run.key, D_REINFORCE, u.id, 0)), most)
    u.men += n
    w.people[STATE].reinforced += n
    if place.country == 0:
        w.nation.state_pool -= n


@rule
def come_back(w: Any, p: Any) -> None:
    """Let the neighbour's forces return, in time, to a place across the border that no group holds any more."""
    place = w.places[p]
    if place.country == 0 or place.holder != HELD_BY_NOBODY or place.garrison_target <= 0.0:
        return
    if w.params.switches.relief == 0.0 or w.params.switches.reinforcement == 0.0:
        return
    if uniform(w.run.key, D_REINFORCE, place.id, 0) >= w.params.state.return_rate:
        return
    men = int(place.garrison_target + 0.5)
    there = garrison_at(w, p)
    if there >= 0:
        men = w.units[there].men
    elif men == 0 or new_garrison(w, p, men, 0) < 0:
        return
    else:
        w.people[STATE].reinforced += men
    place.holder = HELD_BY_STATE
    w.tally.retakes += 1
    log_event(w, RETAKE, p, -1, -1, men, place.id, 0, 0, 0, 0, 0)


@rule
def paid_at(w: Any, place: Any) -> Any:
    """Return the share of its pay that a unit gets: abroad all of it, from the neighbour."""
    return w.nation.paid if place.country == 0 else 1.0


@rule
def desert(w: Any, i: Any) -> None:
    """Let men desert a unit, once a week: more when unpaid or unsupplied, or among people who back the other side."""
    u = w.units[i]
    if w.params.switches.desertion == 0.0 or not weekly(u.id, w.run.day):
        return
    rules = w.params.state
    place = w.places[u.place]
    want = (1.0 - paid_at(w, w.places[u.home])) + (1.0 - place.military_served)
    drawn = rules.desertion_support * max(0.0, place.support_insurgents - place.support_state)
    share = min(1.0, 7.0 * rules.desertion_rate * (1.0 + rules.desertion_hunger * want + drawn))
    gone = binomial(u.men, share, uniform(w.run.key, D_DESERT, u.id, 0))
    u.men -= gone
    w.people[STATE].deserted += gone
    if u.men == 0:
        u.alive = -1
