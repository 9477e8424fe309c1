"""Regime and perception: command, treasury, reputation, legitimacy, and the hazard of collapse."""

from __future__ import annotations

import math
from typing import Any

from sim.codes import (
    BASE_ATTACK,
    CAPTURE,
    COLLAPSE,
    CONTRACTORS,
    D_COLLAPSE,
    HELD_BY_INSURGENTS,
    STATE,
)
from sim.draws import uniform
from sim.fast import happens
from sim.jit import rule
from sim.rules.books import log_event

_MILLION = 1.0e-6  # the treasury counts in millions of US dollars


@rule
def count_forces(w: Any) -> None:
    """Count the army; renew command and readiness: contractors who are ready replace part of the missing command."""
    ready = 0.0
    men = 0.0
    for i in range(w.run.detachments_top):
        d = w.detachments[i]
        if d.alive > 0:
            men += d.men
            ready += d.men * d.readiness
    w.nation.readiness = ready / men if men > 0.0 else 0.0
    w.army = army_men(w)
    rules = w.params.state
    share = min(1.0, ready / w.params.contractors.command_men) * w.params.switches.contractor_command
    gap = 1.0 - rules.command_quality
    w.nation.command = rules.command_quality + gap * w.params.contractors.command_gain * share


@rule
def army_men(w: Any) -> Any:
    """Return the men of the state's forces in its own country."""
    men = 0.0
    for i in range(w.run.units_top):
        if w.units[i].alive > 0 and w.places[w.units[i].home].country == 0:
            men += w.units[i].men
    return men


@rule
def hired_men(w: Any) -> Any:
    """Return the contractors present."""
    men = 0.0
    for i in range(w.run.detachments_top):
        if w.detachments[i].alive > 0:
            men += w.detachments[i].men
    return men


@rule
def pay(w: Any) -> None:
    """Collect revenue and pay army and contractors from it; what the treasury lacks becomes arrears, never money."""
    rules = w.params.regime
    economy = rules.revenue_floor + (1.0 - rules.revenue_floor) * w.nation.served
    w.nation.treasury += rules.revenue * economy * (1.0 - rules.revenue_control * held_share(w))
    hired_due = hired_men(w) * w.params.contractors.cost * _MILLION
    army_due = w.army * w.params.state.cost * _MILLION
    if w.params.switches.contractor_pay == 0.0:
        hired_due = 0.0
    first = rules.contractors_first
    due = max(1.0e-9, hired_due + army_due)
    even = min(1.0, w.nation.treasury / due)
    ahead = 1.0 if hired_due <= 0.0 else min(1.0, w.nation.treasury / hired_due)
    w.nation.contractors_paid = first * ahead + (1.0 - first) * even
    if w.params.switches.contractor_pay == 0.0:
        w.nation.contractors_paid = 1.0
    rest = w.nation.treasury - hired_due * w.nation.contractors_paid
    w.nation.paid = 1.0 if army_due <= 0.0 else max(0.0, min(1.0, rest / army_due))
    w.nation.treasury = rest - army_due * w.nation.paid


@rule
def held_share(w: Any) -> Any:
    """Return the share of the centres' people, the capital and its second base left aside, under insurgent control."""
    held = 0.0
    total = 1.0e-9
    for p in range(w.run.n_places):
        place = w.places[p]
        if place.is_centre > 0:
            total += place.population
            if place.holder == HELD_BY_INSURGENTS:
                held += place.population
    return held / total


@rule
def perceive(w: Any) -> None:
    """Renew reputation and shock from today's events: spectacular attacks raise both, those abroad no shock."""
    rules = w.params.regime
    w.nation.reputation -= w.nation.reputation / rules.reputation_memory_days
    w.nation.shock -= w.nation.shock / rules.shock_memory_days
    for k in range(w.run.events_today):
        e = w.today[k]
        if e.kind == BASE_ATTACK or e.kind == CAPTURE:
            blow = (e.deaths[STATE] + e.deaths[CONTRACTORS]) / rules.spectacular_deaths
            if e.kind == CAPTURE:
                blow = w.places[e.place].value
            if w.places[e.place].country == 0:
                w.nation.shock += blow * rules.shock_gain
            gain = 1.0 - math.exp(-rules.reputation_gain * blow)
            w.nation.reputation += gain * (1.0 - w.nation.reputation)


@rule
def backing(w: Any) -> Any:
    """Return the people's support for the state less that for the insurgents, over the country, by people."""
    net = 0.0
    people = 1.0e-9
    for p in range(w.run.n_places):
        place = w.places[p]
        if place.country == 0:
            net += place.population * (place.support_state - place.support_insurgents)
            people += place.population
    return net / people


@rule
def legitimate(w: Any) -> None:
    """Move legitimacy: a logit that drifts to where people, alliance and reputation put it; shortage and harm push."""
    rules = w.params.regime
    hired = hired_men(w)
    ready = hired * w.nation.readiness / rules.alliance_men
    goal = rules.legitimacy_home
    goal += rules.alliance_gain * (1.0 - math.exp(-ready)) * w.params.switches.alliance
    goal += rules.support_gain * backing(w)
    goal -= rules.dependence_cost * hired / rules.alliance_men * w.params.switches.dependence
    goal -= rules.reputation_cost * w.nation.reputation * w.params.switches.reputation
    w.nation.x_legitimacy += (goal - w.nation.x_legitimacy) / rules.legitimacy_memory_days
    denied = 1.0 - w.places[w.run.capital].served if w.run.capital >= 0 else 0.0
    harm = 0.0
    for p in range(w.run.n_places):
        if w.places[p].country == 0:
            harm += w.places[p].harm_state
    w.nation.x_legitimacy -= rules.shortage_cost * denied * w.params.switches.shortage_blame
    w.nation.x_legitimacy -= rules.harm_cost * harm * w.params.switches.harm_feedback
    w.nation.legitimacy = 1.0 / (1.0 + math.exp(-w.nation.x_legitimacy))
    w.nation.capital_starved += (denied - w.nation.capital_starved) / rules.starved_memory_days


@rule
def cohere(w: Any) -> None:
    """Army cohesion follows pay, and loses to shocks."""
    rules = w.params.regime
    goal = (0.5 + 0.5 * w.nation.paid) * math.exp(-rules.shock_cohesion * w.nation.shock)
    w.nation.cohesion += (goal - w.nation.cohesion) / rules.cohesion_memory_days


@rule
def may_collapse(w: Any) -> None:
    """Draw whether the regime collapses today: a hazard of capital starved, shocks, a thin army, low legitimacy."""
    rules = w.params.regime
    if w.params.switches.collapse == 0.0 or w.nation.collapsed_on >= 0:
        return
    thin = max(0.0, 1.0 - w.army / max(1.0, w.nation.army_start))
    if w.nation.army_start < 1.0 and insurgents_present(w) == 0:
        thin = 0.0  # no army is missing where there is nobody to fight
    x = rules.hazard_starved * w.nation.capital_starved + rules.hazard_shock * w.nation.shock
    x += rules.hazard_thin * thin - rules.hazard_legitimacy * (w.nation.legitimacy - 0.5)
    w.nation.hazard = rules.hazard_base * math.exp(min(30.0, x))
    if happens(w.nation.hazard, uniform(w.run.key, D_COLLAPSE, w.run.seed, 0)):
        w.nation.collapsed_on = w.run.day
        log_event(w, COLLAPSE, w.run.capital, -1, -1, 0, w.run.seed, 0, 0, 0, 0, 0)


@rule
def insurgents_present(w: Any) -> Any:
    """Return the fighters present."""
    n = 0
    for i in range(w.run.cells_top):
        if w.cells[i].alive > 0:
            n += w.cells[i].fighters
    return n
