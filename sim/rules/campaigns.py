"""Campaigns: when the groups act together in time, and what the cells know of the country."""

from __future__ import annotations

import math
from typing import Any

from sim.codes import CAMPAIGN_BEGINS, CAMPAIGN_ENDS, D_CAMPAIGN, D_COORDINATE, HELD_BY_INSURGENTS, SOURCE
from sim.draws import uniform
from sim.jit import rule
from sim.rules.books import log_event

_WEEK = 7
FRESH = 0.1  # the share lost lately below which a cell counts as fresh


@rule
def lead_campaign(w: Any) -> None:
    """Begin, coordinate and end campaigns: called when the groups are rested, reputed and the regime looks weak."""
    rules = w.params.insurgents
    k = w.campaign
    k.coordinated = -1
    if k.until == w.run.day:
        end_campaign(w)
    if w.params.switches.campaigns == 0.0:
        return
    if k.until > w.run.day:
        if uniform(w.run.key, D_COORDINATE, w.run.seed, 0) < rules.coordination_rate:
            k.coordinated = w.run.day
        return
    if w.run.day - k.ended_on < rules.campaign_rest_days:
        return
    chance = rules.campaign_rate * (1.0 + w.nation.reputation) * (1.5 - w.nation.legitimacy)
    u = uniform(w.run.key, D_CAMPAIGN, w.run.seed, 0)
    if u < chance and u < chance * rested_share(w):
        length = rules.campaign_days * (0.5 + uniform(w.run.key, D_CAMPAIGN, w.run.seed, 1))
        open_campaign(w, int(length), 1.0)


@rule
def open_campaign(w: Any, days: Any, intensity: Any) -> None:
    """Begin a campaign of ``days`` days, unless there are none; one that runs gives way to it."""
    if w.params.switches.campaigns == 0.0:
        return
    if w.campaign.until >= w.run.day and w.campaign.ended_on < w.run.day:
        end_campaign(w)
    w.campaign.began_on = w.run.day
    w.campaign.until = w.run.day + days
    w.campaign.intensity = intensity
    log_event(w, CAMPAIGN_BEGINS, -1, -1, -1, days, w.run.seed, 0, 0, 0, 0, 0)


@rule
def end_campaign(w: Any) -> None:
    """End the campaign that runs."""
    w.campaign.ended_on = w.run.day
    log_event(w, CAMPAIGN_ENDS, -1, -1, -1, 0, w.run.seed, 0, 0, 0, 0, 0)


@rule
def rested_share(w: Any) -> Any:
    """Return the share of fighters in cells without recent losses."""
    fresh = 0.0
    total = 1.0
    for i in range(w.run.cells_top):
        c = w.cells[i]
        if c.alive > 0:
            total += c.fighters
            if c.recent_loss < FRESH:
                fresh += c.fighters
    return fresh / total


@rule
def look_around(w: Any) -> None:
    """Renew what cells know of the country: threat to each place (daily), corridors and open places (weekly)."""
    rules = w.params.insurgents
    for p in range(w.run.n_places):
        w.places[p].threat = 0.0
    for i in range(w.run.n_roads):
        r = w.roads[i]
        w.places[r.a].threat += w.places[r.b].men
        w.places[r.b].threat += w.places[r.a].men
    for p in range(w.run.n_places):
        w.places[p].threat = rules.sally_share * w.places[p].threat
    for i in range(w.run.units_top):
        u = w.units[i]
        if u.alive > 0 and u.target >= 0:
            w.places[u.target].threat += u.men
    if w.run.day % _WEEK != 0:
        return
    for p in range(w.run.n_places):
        flow = 0.0
        for k in range(w.near_start[p], w.near_start[p + 1]):
            if w.roads[w.near_road[k]].in_theatre > 0:
                flow = max(flow, w.roads[w.near_road[k]].flow)
        w.places[p].pull = math.log(1.0 + flow)
        w.places[p].opening = opening(w, p)
    for _ in range(3):
        for p in range(w.run.n_places):
            for k in range(w.near_start[p], w.near_start[p + 1]):
                there = w.places[w.near_place[k]]
                w.places[p].pull = max(w.places[p].pull, there.pull - rules.pull_decay)
                w.places[p].opening = max(w.places[p].opening, there.opening * rules.opening_decay)


@rule
def opening(w: Any, p: Any) -> Any:
    """Return how open a place lies: its worth over the men who stand in it; nothing where it is taken already."""
    place = w.places[p]
    if place.holder == HELD_BY_INSURGENTS or place.kind == SOURCE or place.country != 0:
        return 0.0
    return place.value / (
        1.0 + (place.men + w.params.contractors.combat_weight * place.contractors) / w.params.insurgents.opening_men
    )
