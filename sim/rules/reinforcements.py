"""Reinforcements and deserters: how the state's units grow and shrink without a fight."""

from __future__ import annotations

import math
from typing import Any

from sim.codes import D_DESERT, D_REINFORCE, ESCORT, GARRISON, HELD_BY_STATE, IDLE, STATE
from sim.draws import binomial, poisson, uniform, weekly
from sim.jit import rule


@rule
def reinforce(w: Any, i: Any) -> None:
    """Refill a unit at home, once a week: k(B̂ − B), limited by treasury, legitimacy and a finite pool."""
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
    rate = 7.0 * rules.reinforcement_rate * gap * w.nation.paid
    if place.country == 0:
        rate *= 2.0 * w.nation.legitimacy
        rate *= w.nation.state_pool / max(1.0, rules.recruit_pool)
    n = poisson(rate, uniform(w.run.key, D_REINFORCE, u.id, 0))
    n = min(n, int(math.ceil(gap)), int(w.nation.state_pool))
    u.men += n
    w.nation.state_pool -= n
    w.people[STATE].reinforced += n


@rule
def desert(w: Any, i: Any) -> None:
    """Let men desert a unit, once a week: more when unpaid or unsupplied, or among people who back the other side."""
    u = w.units[i]
    if w.params.switches.desertion == 0.0 or not weekly(u.id, w.run.day):
        return
    rules = w.params.state
    place = w.places[u.place]
    want = (1.0 - w.nation.paid) + (1.0 - place.military_served)
    drawn = rules.desertion_support * max(0.0, place.support_insurgents - place.support_state)
    share = min(1.0, 7.0 * rules.desertion_rate * (1.0 + rules.desertion_hunger * want + drawn))
    gone = binomial(u.men, share, uniform(w.run.key, D_DESERT, u.id, 0))
    u.men -= gone
    w.people[STATE].deserted += gone
    if u.men == 0:
        u.alive = -1
