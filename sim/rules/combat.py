"""Combat: rounds of stochastic attrition after the generalised Deitchman law, and what a fight leaves behind.

State men B, insurgent fighters R. Per day: B loses R[νρ + (1−ν)ρ_B B]; R loses B[μβ_a + (1−μ)β_R R] (Deitchman 1962;
Kress and MacKay 2014). A share μ of the state's fire and ν of the insurgents' is aimed, ν = 1 unless their mortars and
rockets are asked for; the rest falls into an area. A side breaks at its break fraction.
"""

from __future__ import annotations

import math
from typing import Any

from sim.codes import D_COLLATERAL, D_DUEL
from sim.draws import poisson, uniform
from sim.jit import rule

DEFENDER_WINS, ATTACKER_WINS = 1, 2  # the duel's winners


@rule
def loss_rates(w: Any) -> Any:
    """Return the mean losses a day of men and of fighters in ``w.duel``: the law of combat."""
    d = w.duel
    men = d.fighters * (d.insurgent_aim * d.rho + (1.0 - d.insurgent_aim) * d.rho_area * d.men)
    fighters = d.men * (d.mu * d.beta_aimed + (1.0 - d.mu) * d.beta_area * d.fighters)
    return men, fighters


@rule
def round_of_fire(w: Any, who: Any, k: Any) -> None:
    """Fight one round of ``w.duel``: both sides fire at once, losses are Poisson counts of the law's means."""
    d = w.duel
    men_rate, fighters_rate = loss_rates(w)
    men_mean = men_rate * d.round_days
    fighters_mean = fighters_rate * d.round_days + d.support
    if d.fighters == 0:
        fighters_mean = 0.0
    men_lost = min(d.men, poisson(men_mean, uniform(w.run.key, D_DUEL, who, 2 * k)))
    fighters_lost = min(d.fighters, poisson(fighters_mean, uniform(w.run.key, D_DUEL, who, 2 * k + 1)))
    d.men -= men_lost
    d.fighters -= fighters_lost
    d.men_lost += men_lost
    d.fighters_lost += fighters_lost


@rule
def fight(w: Any, who: Any) -> Any:
    """Fight ``w.duel`` to a break, to the last or to its last round; return 1 if the fighters broke, 2 if the men."""
    d = w.duel
    men_start = d.men
    fighters_start = d.fighters
    d.men_lost = 0
    d.fighters_lost = 0
    d.winner = 0
    d.rounds = 0
    while d.rounds < d.max_rounds and d.winner == 0:
        round_of_fire(w, who, d.rounds)
        d.rounds += 1
        men_broken = d.men == 0 or d.men_lost >= d.men_break * men_start
        fighters_broken = d.fighters == 0 or d.fighters_lost >= d.fighters_break * fighters_start
        if fighters_broken:
            d.winner = DEFENDER_WINS
        elif men_broken:
            d.winner = ATTACKER_WINS
    return d.winner


@rule
def set_duel(w: Any, men: Any, fighters: Any, quality: Any, aim: Any, nerve: Any) -> None:
    """Prepare ``w.duel`` from the rules of combat; ``quality`` scales the men's fire, ``aim`` is its aimed share μ."""
    rules = w.params.combat
    d = w.duel
    d.men = men
    d.fighters = fighters
    d.rho = rules.insurgent_kill_rate
    d.rho_area = rules.insurgent_area_kill_rate
    d.insurgent_aim = rules.insurgent_aim
    d.beta_aimed = rules.aimed_kill_rate * quality
    d.beta_area = rules.area_kill_rate * quality
    d.mu = aim
    d.support = 0.0
    d.men_break = rules.state_break * nerve
    d.fighters_break = rules.insurgent_break
    d.round_days = rules.round_hours / 24.0
    d.max_rounds = int(rules.assault_rounds)


@rule
def mean_quality(w: Any, men: Any, hired: Any) -> Any:
    """Return the fire of men and contractors who fight side by side, a head, relative to a soldier's."""
    return (men + hired * w.params.contractors.combat_weight) / (men + hired)


@rule
def nerve(w: Any, place: Any) -> Any:
    """Return how firmly men stand: supply and cohesion (their own army's: abroad full) against reputation."""
    rules = w.params.combat
    supplied = 1.0 - rules.hunger_break * (1.0 - w.places[place].military_served)
    reputed = 1.0 - rules.reputation_break * w.nation.reputation * w.params.switches.reputation
    cohesion = w.nation.cohesion if w.places[place].country == 0 else 1.0
    return max(0.05, supplied * reputed * cohesion)


@rule
def willing(w: Any, own: Any, other: Any) -> Any:
    """Return the chance in [0, 1] that a group accepts a fight: logistic in the log ratio of strengths."""
    if other <= 0.0:
        return 1.0
    x = w.params.insurgents.strength_sense * math.log((own + 1.0) / (other + 1.0))
    return 1.0 / (1.0 + math.exp(-x))


@rule
def told(w: Any, place: Any) -> Any:
    """Return the share of what the state could know that people tell it; a fixed one where the mechanism is off."""
    on = w.params.switches.information
    return w.places[place].information * on + (1.0 - on) * w.params.combat.information_fixed


@rule
def aimed_share(w: Any, place: Any, exposed: Any) -> Any:
    """Return μ, the aimed share of the state's fire: what people tell, more if a group masses or holds."""
    known = told(w, place)
    return min(1.0, known + (1.0 - known) * exposed * w.params.switches.exposure)


@rule
def collateral(w: Any, place: Any, who: Any, losses: Any) -> Any:
    """Count civilians killed in a fight: Poisson in both sides' losses, fewer where few people live."""
    p = w.places[place]
    crowd = p.population / (p.population + w.params.population.crowd_half)
    n = poisson(w.params.combat.crossfire * losses * crowd, uniform(w.run.key, D_COLLATERAL, who, 0))
    w.tally.civilians_in_combat += n
    w.deaths[0] += n
    return n
