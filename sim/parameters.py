"""Every parameter once: its default, unit, range, source and meaning. All are numbers; switches are 0 or 1.

The defaults are the Mali scenario. ``source`` names where the value comes from: "facts" is the project's fact sheet
(cited in docs/odd.md), "article" the scenario's own source, "calibrated" was moved within its range towards the
calibration targets, "assumed" is an order of magnitude that nobody has measured.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.parameter_errors import BadParameterValueError, UnknownParameterError, nearest

__all__ = ["BadParameterValueError", "Info", "Parameters", "UnknownParameterError", "explain", "flatten", "infos"]


def par(default: float, unit: str, low: float, high: float, source: str, meaning: str) -> Any:
    """Declare one parameter."""
    return field(
        default=default, metadata={"unit": unit, "low": low, "high": high, "source": source, "meaning": meaning}
    )


def switch(meaning: str) -> Any:
    """Declare one ablation switch: 1 the mechanism works, 0 it is off."""
    return par(1.0, "0/1", 0.0, 1.0, "ablation", meaning)


@dataclass(frozen=True)
class Logistics:
    """Fuel: sources, carriers, convoys, depots, rationing."""

    truck_hours_per_day: float = par(12, "h/day", 6, 18, "assumed", "driving hours of an unescorted convoy a day")
    load_l: float = par(46000, "L", 30000, 60000, "facts: ~46 kL a tanker", "load of one tanker")
    min_convoy: float = par(5, "tankers", 1, 30, "assumed", "fewest tankers that leave together")
    target_stock_days: float = par(7, "days", 3, 14, "facts: depots <= 1 week", "stock that a place aims at")
    reorder_days: float = par(5, "days", 1, 12, "assumed", "cover below which a place orders from its hub")
    order_gap_days: float = par(3, "days", 1, 14, "assumed", "least time between two orders of one place")
    stock_adjust_days: float = par(4, "days", 1, 14, "assumed", "time over which a hub closes the gap to its target")
    order_limit: float = par(2, "days", 1, 6, "assumed", "largest order of a hub, in days of its district's demand")
    ration_days: float = par(3, "days", 1, 7, "facts: state reserve 3 days", "cover below which a place rations")
    hub_reserve_days: float = par(3, "days", 0, 7, "assumed", "own demand that a hub keeps back from its district")
    district_priority: float = par(0.3, "share", 0, 1, "assumed", "1: the district is served before the hub itself")
    military_priority: float = par(0.5, "share", 0, 1, "assumed", "1: army and contractors are served first, 0: alike")
    detour_h: float = par(6, "h", 1, 24, "assumed", "extra hours that cut a source's pull by e")
    risk_memory_days: float = par(10, "days", 3, 60, "design: short memory settled it", "carriers' memory of attacks")
    risk_half: float = par(0.01, "attacks/passage", 0.005, 0.5, "calibrated", "path risk at which half refuse")
    risk_weight: float = par(10, "1", 0, 50, "assumed", "how much a road of risk 1 lengthens it (routing)")
    reroute_risk: float = par(0.05, "attacks/passage", 0.001, 0.2, "speed", "change of risk that rebuilds paths")
    flow_memory_days: float = par(60, "days", 10, 120, "design", "memory of traffic by which a road attracts cells")
    escorted_speed: float = par(0.4, "share", 0.1, 1, "facts: Niamey-Bamako 21 days", "speed of an escorted convoy")


@dataclass(frozen=True)
class Insurgents:
    """Cells, groups, choices, campaigns, recruits."""

    cell_size: float = par(25, "fighters", 10, 60, "design", "size of a cell")
    alliance: float = par(0.5, "share", 0, 1, "article: allied Tuareg elements", "how far allies answer a call")
    regroup_rate: float = par(0.06, "1/day", 0, 1, "design: 0.05-0.4", "rate per cell's worth to merge or shatter")
    fragmentation: float = par(0.25, "share", 0, 1, "assumed", "nu: share of regroupings that shatter a group")
    interdiction_effort: float = par(1, "1", 0, 12, "scale", "odds of lying on a road, relative to the default")
    rest_bias: float = par(4.25, "utility", 0, 10, "calibrated", "worth of resting")
    rest_after_loss: float = par(3, "utility", 0, 10, "assumed", "extra worth of rest per share lost lately")
    rest_days: float = par(4, "days", 1, 30, "assumed", "length of a rest before choosing anew")
    recover_days: float = par(14, "days", 3, 60, "assumed", "hiding after an operation; memory of losses")
    refuge_rest: float = par(0.5, "utility", 0, 5, "assumed", "extra worth of resting across the border")
    refuge_pull: float = par(3, "utility", 0, 10, "assumed", "pull across the border per share lost lately")
    refuge_quiet: float = par(0.5, "utility", -3, 5, "calibrated", "lower worth of attacks across the border")
    harass_bias: float = par(0.3, "utility", -6, 8, "calibrated", "worth of attacking an outpost")
    theta: float = par(0.65, "1", 0, 1.5, "limits: 0.6-0.7", "exponent of size in the odds of an attack")
    assault_bias: float = par(1.4, "utility", -6, 8, "calibrated", "worth of assaulting a place")
    assault_theta: float = par(1.5, "1", 0, 4, "assumed", "exponent of perceived strength ratio for an assault")
    interdict_bias: float = par(-1, "utility", -8, 8, "calibrated", "worth of lying on a road")
    interdict_flow: float = par(0.5, "1", 0, 2, "assumed", "exponent of a road's traffic in its attraction")
    interdict_days: float = par(8, "days", 1, 30, "assumed", "time on a road")
    loss_aversion: float = par(2, "utility", 0, 10, "assumed", "lower worth of any attack per share lost lately")
    move_bias: float = par(0.2, "utility", -6, 6, "assumed", "worth of moving on")
    move_support: float = par(2, "utility", 0, 10, "assumed", "pull of better support")
    move_pull: float = par(
        3, "utility", 0, 5, "design: cells drawn to corridors", "pull of the corridors in a campaign"
    )
    pull_decay: float = par(0.5, "1", 0.1, 3, "calibrated", "how fast that pull fades by road")
    home_pull: float = par(0.3, "1/100 km", 0, 3, "assumed", "pull of home, main group")
    ally_home_pull: float = par(1, "1/100 km", 0, 3, "assumed", "pull of home, allied group")
    march_hours: float = par(10, "h/day", 4, 24, "assumed", "road hours covered a day off the road")
    perception_noise: float = par(0.5, "log", 0, 2, "assumed", "spread of perceived strength without support")
    strength_sense: float = par(1.5, "1", 0, 5, "assumed", "steepness with which odds decide a fight is taken")
    scatter_gain: float = par(
        80, "1", 0, 1000, "assumed", "readiness of a group to break up under fire, per share lost"
    )
    call_share: float = par(0.3, "share", 0, 1, "assumed", "share of neighbouring cells that can be called")
    join_chance: float = par(0.6, "share", 0, 1, "assumed", "chance that a called cell joins")
    assembly_days: float = par(4, "days", 1, 14, "assumed", "time to assemble")
    strike_ratio: float = par(1.6, "1", 0.2, 6, "assumed", "worth of surprise: factor on own strength")
    hold_bias: float = par(-0.5, "logit", -6, 6, "calibrated", "readiness to hold a taken place")
    hold_support: float = par(4, "1", 0, 12, "design", "weight of support in holding and in leaving")
    hold_strength: float = par(0.5, "1", 0, 4, "assumed", "weight of strength against the threat in holding")
    join_hold_bias: float = par(3, "utility", -6, 10, "assumed", "worth of standing by those who hold a place")
    spare_ratio: float = par(0.5, "1", 0, 3, "assumed", "threat over holders below which a place can spare some")
    advance_rate: float = par(0.1, "1/day", 0, 1, "assumed", "rate at which a place that can spare some lets them go")
    move_opening: float = par(1.5, "utility", 0, 10, "assumed", "pull of a place that lies open")
    opening_men: float = par(400, "men", 10, 2000, "assumed", "men that halve how open a place lies")
    opening_decay: float = par(0.6, "share", 0, 0.99, "assumed", "how much of that pull the next place still feels")
    leave_rate: float = par(0.05, "1/day", 0, 1, "calibrated", "hazard of leaving a held place at support 0.25")
    leave_after_loss: float = par(1, "1/day", 0, 5, "assumed", "hazard of leaving per share lost lately")
    sally_share: float = par(0.3, "share", 0, 1, "assumed", "share of neighbouring garrisons that threatens a place")
    campaign_rate: float = par(0.004, "1/day", 0, 0.1, "assumed", "base rate at which a campaign is called")
    campaign_days: float = par(80, "days", 10, 200, "facts: summer 2025", "mean length of a campaign")
    raid_fade_days: float = par(
        30, "days", 5, 1000, "calibrated", "time over which a campaign's drive to attack places fades by e"
    )
    campaign_rest_days: float = par(90, "days", 0, 365, "assumed", "least time between campaigns")
    campaign_raids: float = par(2.8, "utility", 0, 5, "calibrated", "drive to attack in a campaign")
    campaign_roads: float = par(3.5, "utility", 0, 5, "calibrated", "drive to interdict in a campaign")
    coordination_rate: float = par(0.04, "1/day", 0, 1, "facts: 1 July, seven towns", "chance of a coordinated day")
    coordination_raids: float = par(
        1.6, "utility", 0, 5, "assumed: facts, 1 July", "extra drive to attack places on a coordinated day"
    )
    recruit_rate: float = par(5, "fighters/day", 0, 20, "calibrated", "recruits of a large place at full support")
    recruit_power: float = par(2, "1", 0.5, 4, "assumed: Granovetter 1978, form", "convexity of recruitment in support")
    recruit_reputation: float = par(1, "1", 0, 5, "assumed", "gain in recruits at full reputation")
    recruit_pool: float = par(0.005, "share", 0.0001, 0.1, "assumed", "share of people who could ever be recruited")
    quit_rate: float = par(0.00015, "1/day", 0, 0.02, "assumed", "rate of quitting at support 0.25, without losses")
    quit_support: float = par(15, "1", 0, 20, "assumed", "steepness with which quitting falls as local support rises")
    quit_after_loss: float = par(5, "1", 0, 30, "assumed", "rise in quitting per share lost lately")


@dataclass(frozen=True)
class State:
    """The army: command, columns, escorts, reinforcement, its own fires."""

    command_quality: float = par(0.45, "share", 0, 1, "article: command deficiencies", "indigenous command, 1 = full")
    fuel_l_per_man: float = par(6, "L/day", 0, 30, "assumed", "fuel use of a soldier")
    cost: float = par(60, "USD/day", 10, 200, "assumed", "cost of a soldier")
    army_fires: float = par(0.25, "sorties/day", 0, 4, "facts: fires share 0.3-1.0", "army sorties a day, the country")
    escort_threshold: float = par(0.6, "share", 0, 1, "assumed", "acceptance below which convoys are escorted")
    escort_interval_days: float = par(5, "days", 1, 30, "assumed", "least time between a hub's escorted convoys")
    escort_reassurance: float = par(0.8, "share", 0, 1, "calibrated", "risk that an escort takes away, at full command")
    escorted_convoy_max: float = par(300, "tankers", 20, 600, "facts: 300+", "most tankers that wait for an escort")
    reaction_rate: float = par(0.4, "1/day", 0, 1, "assumed", "chance a day that a column gets orders, full command")
    sweep_rate: float = par(0.085, "1/day", 0, 1, "assumed", "chance a day that an idle column sweeps, full command")
    contact_rate: float = par(0.002, "1/fighter", 0, 0.1, "calibrated", "chance that a sweep meets a hidden fighter")
    sweep_harm: float = par(
        0.8, "deaths/day", 0, 10, "calibrated", "civilians killed a day of sweep without information"
    )
    contractor_harm: float = par(0.5, "share", -1, 1, "assumed", "rise in that harm where contractors are present")
    detain_share: float = par(0.1, "share", 0, 1, "assumed", "share of a beaten cell that a sweep detains")
    stay_days: float = par(6, "days", 1, 60, "assumed", "time that a column stays")
    march_hours: float = par(8, "h/day", 2, 16, "assumed", "road hours that a column covers a day")
    column_min_men: float = par(50, "men", 1, 150, "assumed", "fewest men with which a column leaves")
    garrison_share: float = par(0.5, "share", 0, 1, "assumed", "share of a column left at a retaken place")
    relief_memory_days: float = par(5, "days", 1, 30, "assumed", "days for which an attacked place asks for relief")
    relief_scale_km: float = par(400, "km", 50, 2000, "assumed", "distance that halves a relief's worth")
    relief_odds: float = par(0.8, "1", 0.1, 4, "assumed", "odds at which a retaking is thought winnable")
    perception_noise: float = par(0.6, "log", 0, 2, "assumed", "spread of perceived strength without information")
    reinforcement_rate: float = par(0.01, "1/day", 0, 0.2, "limits: k", "share of the gap refilled a day")
    return_rate: float = par(0.1, "1/day", 0, 1, "assumed", "chance that the neighbour's men return to a left place")
    recruit_pool: float = par(6000, "men", 0, 50000, "assumed", "men who can still be raised (finite)")
    desertion_rate: float = par(0.00005, "1/day", 0, 0.01, "assumed", "base rate of desertion")
    desertion_hunger: float = par(10, "1", 0, 50, "assumed", "rise in desertion when unpaid and unsupplied")
    desertion_support: float = par(20, "1", 0, 200, "assumed", "rise in desertion per net support of the insurgents")


@dataclass(frozen=True)
class Contractors:
    """Detachments: fires, escort, reaction, readiness, pay, tolerance."""

    personnel: float = par(1000, "men", 0, 4000, "article: about one thousand", "contractors at the start")
    reliance: float = par(-1, "share", -1, 1, "thesis T4", "phi: their share of the security budget; -1: not used")
    cost: float = par(360, "USD/day", 60, 600, "recalled: 10.8 MUSD a month per 1,000", "cost of a contractor")
    combat_weight: float = par(2, "1", 0.5, 5, "assumed", "fire of a contractor relative to a soldier's")
    fuel_l_per_man: float = par(25, "L/day", 0, 100, "assumed", "fuel use of a contractor")
    sorties_per_100: float = par(0.14, "1/day", 0, 2, "calibrated", "sorties a day per 100 men at full readiness")
    sortie_reserve: float = par(2, "sorties", 1, 10, "assumed", "sorties that 100 men can save up")
    sortie_kills: float = par(2.5, "fighters", 0, 30, "calibrated", "kills of an aimed sortie")
    sortie_area_kills: float = par(0.01, "1/fighter", 0, 0.2, "assumed", "kills per fighter of one into an area")
    fire_range_km: float = par(300, "km", 20, 800, "assumed", "reach of helicopters, drones and guns")
    detect_rate: float = par(0.003, "1/fighter/day", 0, 0.1, "calibrated", "chance to see an exposed fighter")
    hold_exposure: float = par(1, "share", 0, 1, "design: holding exposes", "visibility of a holder")
    mass_exposure: float = par(0.6, "share", 0, 1, "design: massing exposes", "visibility of a group that assembles")
    road_exposure: float = par(0.15, "share", 0, 1, "assumed", "visibility of a group on a road")
    harm_per_sortie: float = par(1.2, "deaths", 0, 10, "calibrated", "civilians killed a sortie without information")
    escort_fraction: float = par(0.15, "share", 0, 1, "assumed", "share of a detachment that guards its supply")
    command_men: float = par(1000, "men", 100, 4000, "scale", "ready contractors who give the full command gain")
    command_gain: float = par(0.4, "share", 0, 1, "assumed", "share of the missing command that they replace")
    ready_days: float = par(7, "days", 1, 30, "assumed", "time over which readiness follows fuel and pay")
    pay_weight: float = par(0.5, "share", 0, 1, "assumed", "readiness lost when unpaid")
    reaction_rate: float = par(0.3, "1/day", 0, 1, "assumed", "chance a day to join a retaking within reach")
    rotation_rate: float = par(0.004, "1/day", 0, 0.1, "assumed", "chance a day to replace one missing man")
    loss_memory_days: float = par(180, "days", 30, 720, "assumed", "memory of own losses")
    loss_tolerance: float = par(0.4, "share", 0.05, 1, "assumed", "losses that strain the will to stay")
    patience_days: float = par(90, "days", 10, 360, "assumed", "arrears that strain the will to stay")
    departure_rate: float = par(
        0.003, "1/week", 0, 0.2, "assumed", "base chance that a detachment leaves when strained"
    )


@dataclass(frozen=True)
class Combat:
    """The generalised Deitchman law and what surrounds it."""

    insurgent_kill_rate: float = par(0.4, "1/fighter/day", 0, 5, "calibrated", "rho: state losses per fighter-day")
    insurgent_aim: float = par(1, "share", 0, 1, "limits: 1 but for Lanchester's linear law", "nu: aimed share of it")
    insurgent_area_kill_rate: float = par(
        0.0005, "1/fighter/man/day", 0, 0.1, "assumed", "rho_B: state losses per fighter-day and man, area fire"
    )
    aimed_kill_rate: float = par(0.3, "1/man/day", 0, 5, "calibrated", "beta_a: insurgent losses per man-day, aimed")
    area_kill_rate: float = par(0.001, "1/man/fighter/day", 0, 0.1, "assumed", "beta_R: the same, into an area")
    state_break: float = par(0.15, "share", 0.05, 1, "calibrated", "losses at which a garrison breaks")
    insurgent_break: float = par(0.3, "share", 0.05, 1, "calibrated", "losses at which attackers break off")
    round_hours: float = par(1, "h", 0.01, 6, "assumed", "length of a round")
    assault_rounds: float = par(12, "rounds", 1, 48, "calibrated", "longest assault")
    harass_rounds: float = par(1, "rounds", 1, 24, "calibrated", "longest hit-and-run attack")
    ambush_rounds: float = par(1, "rounds", 1, 24, "calibrated", "longest ambush")
    ambush_rate: float = par(0.0033, "1/fighter", 0, 0.1, "calibrated", "chance per fighter to attack a passing convoy")
    ambush_aim: float = par(0.3, "share", 0, 1, "assumed", "aimed share of an escort's fire")
    burn_share: float = par(0.2, "share", 0, 1, "facts: < 1 % of flow lost", "tankers of an attacked convoy burned")
    loot_share: float = par(0.3, "share", 0, 1, "assumed", "looted tankers, relative to burned")
    escort_protection: float = par(0.7, "share", 0, 1, "assumed", "cut in losses where the guard does not break")
    driver_death: float = par(0.15, "share", 0, 1, "assumed", "drivers killed per lost tanker")
    outpost_men: float = par(20, "men", 1, 100, "assumed", "size of an outpost or patrol")
    outpost_ratio: float = par(0.5, "1", 0, 4, "calibrated", "men met per attacker by larger groups")
    mass_exposure: float = par(
        0.5, "share", 0, 1, "design: massing exposes", "aimed share gained against a massed group"
    )
    information_fixed: float = par(0.3, "share", 0, 1, "ablation", "information where the mechanism is off")
    hunger_break: float = par(0.5, "share", 0, 1, "assumed", "nerve that a garrison without fuel loses")
    reputation_break: float = par(0.3, "share", 0, 1, "assumed", "nerve lost at full insurgent reputation")
    support_sorties: float = par(4, "sorties", 0, 20, "assumed", "most sorties called to one fight")
    capture_share: float = par(0.15, "share", 0, 1, "assumed", "broken garrison taken prisoner")
    stock_loot: float = par(0.5, "share", 0, 1, "facts: looted, then left", "fuel looted at a taken place")
    crossfire: float = par(0.05, "1", 0, 2, "assumed", "civilians killed per fighter or man killed")


@dataclass(frozen=True)
class Population:
    """Support, information, coercion."""

    insurgent_support: float = par(
        0.2, "share", 0.01, 0.8, "article: no broad support", "initial support, reference place"
    )
    state_support: float = par(0.4, "share", 0.01, 0.9, "assumed", "initial support of the state, reference place")
    crowd_half: float = par(
        20000, "people", 1000, 200000, "assumed", "size at which half of the effects of a crowd act"
    )
    harm_effect: float = par(0.15, "logit", 0, 1, "assumed", "shift of support per log of deaths caused")
    shortage_effect: float = par(0.01, "logit/day", 0, 0.1, "design: ~0.01", "shift of support per day without fuel")
    blame_on_state: float = par(0.6, "share", 0, 1, "assumed", "share of the blame for shortage on the state")
    control_effect: float = par(0.01, "logit/day", 0, 0.1, "assumed", "coercion by whoever controls")
    drift_days: float = par(120, "days", 10, 1000, "assumed", "time over which opinion drifts home")
    information_min: float = par(0.05, "share", 0, 1, "assumed", "what is known without the people's help")
    information_gain: float = par(0.9, "share", 0, 1, "Kress & Szechtman 2009: form", "what they tell at full support")
    coercion_rate: float = par(0.0025, "1/day", 0, 0.1, "calibrated", "rate of violence by a cell without support")
    coercion_deaths: float = par(2, "deaths", 0, 20, "calibrated", "mean of further deaths in such an event")


@dataclass(frozen=True)
class Regime:
    """Treasury, legitimacy, reputation, cohesion, collapse."""

    revenue: float = par(1.75, "MUSD/day", 0, 10, "assumed: balances the start", "revenue for security at full service")
    revenue_floor: float = par(0.7, "share", 0, 1, "assumed", "revenue that does not hang on fuel (gold, customs)")
    revenue_control: float = par(0.5, "share", 0, 1, "assumed", "revenue lost with all centres held")
    treasury_days: float = par(60, "days", 0, 365, "assumed", "initial treasury, in days of revenue")
    contractors_first: float = par(0.7, "share", 0, 1, "assumed", "1: contractors are paid before the army")
    reputation_gain: float = par(0.15, "1", 0, 2, "assumed", "reputation gained by one spectacular attack")
    reputation_memory_days: float = par(45, "days", 5, 360, "assumed", "decay of the 'Ghost Army' reputation")
    spectacular_deaths: float = par(30, "deaths", 5, 200, "facts: engagements", "deaths of one spectacular attack")
    shock_gain: float = par(0.1, "1", 0, 2, "assumed", "shock of one spectacular attack")
    shock_memory_days: float = par(30, "days", 5, 180, "assumed", "decay of shocks")
    shock_cohesion: float = par(0.5, "1", 0, 5, "assumed", "cohesion lost to a shock of 1")
    cohesion_memory_days: float = par(30, "days", 5, 180, "assumed", "time over which cohesion moves")
    legitimacy_home: float = par(-0.3, "logit", -4, 4, "assumed", "legitimacy without alliance and war")
    legitimacy_memory_days: float = par(90, "days", 10, 720, "assumed", "time over which legitimacy moves")
    support_gain: float = par(2, "logit", 0, 8, "assumed", "legitimacy per net support of the people")
    alliance_gain: float = par(0.6, "logit", 0, 4, "article: fragile alliance", "legitimacy drawn from the alliance")
    alliance_men: float = par(1000, "men", 100, 4000, "scale", "contractors at which the alliance shows")
    dependence_cost: float = par(
        0.2, "logit", 0, 4, "article: dependence exposed", "cost of dependence per alliance_men"
    )
    reputation_cost: float = par(0.8, "logit", 0, 4, "article", "legitimacy lost at full insurgent reputation")
    shortage_cost: float = par(0.01, "logit/day", 0, 0.2, "design: ~0.01", "legitimacy lost a day with a dry capital")
    harm_cost: float = par(0.001, "logit/death", 0, 0.05, "assumed", "legitimacy lost per civilian killed by the state")
    starved_memory_days: float = par(30, "days", 5, 180, "assumed", "memory of the capital's hunger")
    hazard_base: float = par(0.00003, "1/day", 0, 0.01, "assumed: widely varied", "hazard of collapse in calm")
    hazard_starved: float = par(6, "1", 0, 20, "assumed: widely varied", "weight of a starved capital")
    hazard_shock: float = par(1.5, "1", 0, 10, "assumed: widely varied", "weight of shocks")
    hazard_thin: float = par(6, "1", 0, 20, "assumed: widely varied", "weight of a thinned army")
    hazard_legitimacy: float = par(4, "1", 0, 20, "assumed: widely varied", "weight of legitimacy")


@dataclass(frozen=True)
class Bargaining:
    """Local truces and releases against fuel passage."""

    truce_rate: float = par(0.05, "1/day", 0, 1, "assumed", "rate of a truce when both hurt fully")
    base_hurt: float = par(0.1, "share", 0, 1, "assumed", "insurgents' readiness without losses")
    truce_days: float = par(30, "days", 1, 180, "facts: autumn 2025, local truces", "length of a truce")
    release_share: float = par(0.3, "share", 0, 1, "facts: detainee releases", "detainees released for a truce")


@dataclass(frozen=True)
class Switches:
    """One key a mechanism: 0 takes it out, so that its part can be shown."""

    deterrence: float = switch("carriers refuse by perceived risk")
    rerouting: float = switch("carriers choose roads by risk too")
    escorts: float = switch("the state gathers escorted convoys")
    interdiction: float = switch("cells attack traffic on the roads")
    raids: float = switch("cells attack outposts, bases and towns")
    holding: float = switch("cells may hold a taken place")
    coalescence: float = switch("groups merge, and assemble to strike together")
    fragmentation: float = switch("groups shatter")
    campaigns: float = switch("campaigns drive the groups together in time")
    recruitment: float = switch("insurgents recruit")
    cross_border: float = switch("cells cross the border to rest")
    exposure: float = switch("massing and holding expose a group to aimed fire")
    information: float = switch("what people tell depends on support")
    contractor_fires: float = switch("contractors' artillery and air support")
    contractor_fuel: float = switch("contractors need fuel from the same roads")
    contractor_pay: float = switch("contractors cost the treasury")
    contractor_command: float = switch("contractors replace missing command")
    alliance: float = switch("contractors' presence lends legitimacy")
    dependence: float = switch("contractors' presence costs legitimacy")
    departure: float = switch("detachments may leave")
    army_fires: float = switch("the army's own fires")
    relief: float = switch("columns and contractors relieve and retake, the neighbour's men return")
    sweeps: float = switch("columns sweep")
    reinforcement: float = switch("the army is refilled from its pool, the neighbour's men return")
    desertion: float = switch("soldiers desert")
    harm_feedback: float = switch("harm to civilians moves support and legitimacy")
    shortage_blame: float = switch("shortage of fuel moves support and legitimacy")
    coercion: float = switch("whoever controls a place moves its support")
    reputation: float = switch("the insurgents' reputation acts")
    collapse: float = switch("the regime can collapse")
    bargaining: float = switch("local truces")


@dataclass(frozen=True)
class Parameters:
    """All parameters, in ODD order."""

    logistics: Logistics = field(default_factory=Logistics)
    insurgents: Insurgents = field(default_factory=Insurgents)
    state: State = field(default_factory=State)
    contractors: Contractors = field(default_factory=Contractors)
    combat: Combat = field(default_factory=Combat)
    population: Population = field(default_factory=Population)
    regime: Regime = field(default_factory=Regime)
    bargaining: Bargaining = field(default_factory=Bargaining)
    switches: Switches = field(default_factory=Switches)


@dataclass(frozen=True)
class Info:
    """What is known of one parameter."""

    key: str
    default: float
    unit: str
    low: float
    high: float
    source: str
    meaning: str


def _groups() -> Iterator[tuple[str, Any]]:
    defaults = Parameters()
    for group in dataclasses.fields(Parameters):
        yield group.name, getattr(defaults, group.name)


@functools.cache
def infos() -> dict[str, Info]:
    """Return what is known of every parameter, by key, in the order of the flat ``settings``."""
    table: dict[str, Info] = {}
    for group, values in _groups():
        for f in dataclasses.fields(values):
            table[f"{group}.{f.name}"] = Info(f"{group}.{f.name}", float(f.default), **f.metadata)  # type: ignore[arg-type]
    return table


@functools.cache
def setting_index() -> dict[str, int]:
    """Return each key's place in the world's flat ``settings``."""
    return {key: k for k, key in enumerate(infos())}


def parameters_dtype() -> np.dtype[Any]:
    """Return the nested record type of the parameters, all f8, without gaps, so that a flat view overlaps it."""
    return np.dtype([(group, [(f.name, "f8") for f in dataclasses.fields(values)]) for group, values in _groups()])


N_SETTINGS = sum(len(dataclasses.fields(values)) for _, values in _groups())


def explain(key: str) -> Info:
    """Return what is known of one parameter.

    Raises:
        UnknownParameterError: no such key; the message names the nearest.
    """
    if key not in infos():
        raise UnknownParameterError(key, nearest(key, infos()))
    return infos()[key]


def check(key: str, value: Any) -> float:
    """Return ``value`` as a number within its parameter's range.

    Raises:
        UnknownParameterError: no such key.
        BadParameterValueError: not a number, NaN, or outside [low, high]; switches take only 0 and 1.
    """
    info = explain(key)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadParameterValueError(key, value, info.low, info.high) from None
    if not info.low <= number <= info.high or (info.unit == "0/1" and number not in (0.0, 1.0)):
        raise BadParameterValueError(key, value, info.low, info.high)
    return number


def flatten(values: Parameters) -> dict[str, float]:
    """Return every value by key."""
    return {
        f"{group.name}.{f.name}": float(getattr(getattr(values, group.name), f.name))
        for group in dataclasses.fields(Parameters)
        for f in dataclasses.fields(getattr(values, group.name))
    }


def with_values(base: Parameters, changes: dict[str, Any]) -> Parameters:
    """Return ``base`` with some keys changed, each checked.

    Raises:
        UnknownParameterError, BadParameterValueError: as :func:`check`.
    """
    by_group: dict[str, dict[str, float]] = {}
    for key, value in changes.items():
        number = check(key, value)
        group, name = key.split(".")
        by_group.setdefault(group, {})[name] = number
    groups = {g: dataclasses.replace(getattr(base, g), **names) for g, names in by_group.items()}
    return dataclasses.replace(base, **groups)
