"""What a cell weighs: the utilities of rest, outposts, assaults, roads and moving, on perceived strengths.

The choice is a softmax: each option carries a Gumbel draw keyed by the option, so that no choice depends on list order.
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import D_CHOICE, D_PERCEIVE, HELD_BY_INSURGENTS, MAIN, REST, SOURCE
from sim.draws import normal_quantile, uniform
from sim.fast import highest_gumbel
from sim.jit import rule

IMPOSSIBLE = -1.0e9  # the utility of what cannot be done


@rule
def gumbel(w: Any, c: Any, option: Any) -> Any:
    """Return a standard Gumbel draw for one option of one cell's choice."""
    return -math.log(-math.log(uniform(w.run.key, D_CHOICE, c.id, option)))


@rule
def consider(w: Any, c: Any, option: Any, utility: Any, best: Any) -> Any:
    """Return an option's utility with its Gumbel draw, or IMPOSSIBLE where that cannot beat ``best``."""
    u = uniform(w.run.key, D_CHOICE, c.id, option)
    if utility + highest_gumbel(u) <= best:
        return IMPOSSIBLE
    return utility - math.log(-math.log(u))


@rule
def drive(w: Any) -> Any:
    """Return how hard a campaign drives the groups today: its intensity while it lasts, else 0."""
    if w.campaign.until > w.run.day and w.params.switches.campaigns > 0.0:
        return w.campaign.intensity
    return 0.0


@rule
def raid_drive(w: Any) -> Any:
    """Return the extra worth of attacking a place today: a campaign's fades as garrisons grow alert, roads do not.

    On a coordinated day it is higher for all.
    """
    rules = w.params.insurgents
    together = rules.coordination_raids if w.campaign.coordinated == w.run.day else 0.0
    age = w.run.day - w.campaign.began_on
    return rules.campaign_raids * drive(w) * math.exp(-age / rules.raid_fade_days) + together


@rule
def feel_urges(w: Any) -> None:
    """Set what every choice of today adds alike: the drive to attack places, the bias and effort for roads."""
    rules = w.params.insurgents
    w.urge_raids = raid_drive(w)
    w.urge_roads = rules.interdict_bias + math.log(max(1.0e-300, rules.interdiction_effort))


@rule
def rest_abroad(w: Any, c: Any) -> Any:
    """Return the extra worth of resting across the border, where few forces come."""
    if w.places[c.place].country == 0:
        return 0.0
    return w.params.insurgents.refuge_rest * w.params.switches.cross_border


@rule
def perceived_strength(w: Any, c: Any, place: Any) -> Any:
    """Return what a cell believes to stand at a place: clearer where the people support it."""
    rules = w.params.insurgents
    p = w.places[place]
    strength = p.men + w.params.contractors.combat_weight * p.contractors
    noise = rules.perception_noise * (1.0 - p.support_insurgents)
    z = normal_quantile(uniform(w.run.key, D_PERCEIVE, c.id, place))
    return (strength + 1.0) * math.exp(noise * z)


@rule
def callable_fighters(w: Any, c: Any) -> Any:
    """Return how many resting fighters a leader thinks it can call: here, and some next door, not across a border."""
    rules = w.params.insurgents
    other = 1 - c.group
    here = w.places[c.place]
    own = c.fighters if c.task == REST else 0  # who leaves a road was not counted among the resting
    n = here.idle[c.group] + rules.alliance * here.idle[other] - own
    for k in range(w.near_start[c.place], w.near_start[c.place + 1]):
        near = w.places[w.near_place[k]]
        if near.country == here.country:
            n += rules.call_share * (near.idle[c.group] + rules.alliance * near.idle[other])
    return max(0.0, n * rules.join_chance)


@rule
def harass_utility(w: Any, c: Any) -> Any:
    """Weigh a hit-and-run attack on an outpost of the garrison here; more fighters, more attacks."""
    place = w.places[c.place]
    if place.men <= 0 or w.params.switches.raids == 0.0 or place.truce_until > w.run.day:
        return IMPOSSIBLE
    rules = w.params.insurgents
    border = 0.0 if place.country == 0 else rules.refuge_quiet
    outpost = w.params.combat.outpost_men
    return (
        rules.harass_bias
        + rules.theta * math.log(c.fighters / outpost)
        + w.urge_raids
        - border
        - rules.loss_aversion * c.recent_loss
    )


@rule
def assault_utility(w: Any, c: Any) -> Any:
    """Weigh assembling against the place itself: θ·log of own and callable fighters to perceived defenders."""
    place = w.places[c.place]
    blocked = place.holder == HELD_BY_INSURGENTS or place.kind == SOURCE or place.truce_until > w.run.day
    if blocked or w.params.switches.raids == 0.0:
        return IMPOSSIBLE
    rules = w.params.insurgents
    ratio = (c.fighters + callable_fighters(w, c)) / perceived_strength(w, c, c.place)
    border = 0.0 if place.country == 0 else rules.refuge_quiet
    return (
        rules.assault_bias
        + rules.assault_theta * math.log(ratio)
        + w.urge_raids
        - border
        - rules.loss_aversion * c.recent_loss
    )


@rule
def hold_utility(w: Any, c: Any) -> Any:
    """Weigh standing by those who hold the place here: most where they are neither hopeless nor enough."""
    place = w.places[c.place]
    if place.holder != HELD_BY_INSURGENTS or w.params.switches.holding == 0.0:
        return IMPOSSIBLE
    rules = w.params.insurgents
    strength = -abs(math.log((place.fighters + 1.0) / (place.threat + 1.0)))
    return (
        rules.join_hold_bias
        + rules.hold_support * (place.support_insurgents - 0.25)
        + rules.hold_strength * strength
        - rules.loss_aversion * c.recent_loss
    )


@rule
def interdict_utility(w: Any, c: Any, road: Any) -> Any:
    """Weigh lying on a road: log of its remembered flow, effort, campaign, and recent losses."""
    rules = w.params.insurgents
    r = w.roads[road]
    if rules.interdiction_effort <= 0.0 or w.params.switches.interdiction == 0.0 or r.in_theatre == 0:
        return IMPOSSIBLE
    if w.places[r.a].truce_until > w.run.day or w.places[r.b].truce_until > w.run.day:
        return IMPOSSIBLE
    return (
        w.urge_roads  # bias and effort, the same for all today
        + rules.interdict_flow * math.log(0.1 + r.flow)
        + rules.campaign_roads * drive(w)
        - rules.loss_aversion * c.recent_loss
    )


@rule
def move_utility(w: Any, c: Any, there: Any) -> Any:
    """Weigh moving to a neighbouring place: where more can be done, towards home, across the border when hurt."""
    rules = w.params.insurgents
    here = w.places[c.place]
    goal = w.places[there]
    if goal.kind == SOURCE:
        return IMPOSSIBLE
    value = rules.move_bias + rules.move_support * (goal.support_insurgents - here.support_insurgents)
    value += rules.move_pull * drive(w) * (goal.pull - here.pull)
    value += rules.move_opening * (goal.opening - here.opening)
    pull = rules.home_pull if c.group == MAIN else rules.ally_home_pull
    value += pull * (from_home(w, c, c.place) - from_home(w, c, there)) / 100.0
    if goal.country != here.country:
        if w.params.switches.cross_border == 0.0:
            return IMPOSSIBLE
        value += rules.refuge_pull * c.recent_loss * (1.0 if goal.country != 0 else -1.0)
    return value


@rule
def from_home(w: Any, c: Any, place: Any) -> Any:
    """Return the distance (km, straight) of a place from a cell's home."""
    p = w.places[place]
    h = w.places[c.home]
    return math.sqrt((p.x_km - h.x_km) ** 2 + (p.y_km - h.y_km) ** 2)
