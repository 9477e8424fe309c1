"""The model's own rules, driven alone: what ``stalemate verify`` and ``stalemate checks`` hold to closed forms.

Each entry switches nothing off by itself; it calls single rules of :mod:`sim.rules` on a world that holds only what
they need. A module of its own, compiled only where it is used, so that no run waits for it.
"""

from __future__ import annotations

from typing import Any

from sim.codes import REGROUPING, REST
from sim.draws import day_key, pair
from sim.jit import entry, rule
from sim.rules.books import kill_cell, kill_unit
from sim.rules.combat import fight, loss_rates, set_duel
from sim.rules.insurgents import keep_or_leave, regroup, wake
from sim.rules.recruits import recruit
from sim.rules.reinforcements import reinforce
from sim.rules.slots import bury, list_cells, muster

_MOST_ROUNDS = 100_000_000  # of one fight with rounds of a fixed length; it then counts as undecided
_SHARE_OF_A_STRETCH = 0.02  # rounds keep their length while about this share of the smaller side falls


@rule
def fight_out(w: Any, who: Any, men: Any, fighters: Any, aim: Any, losses: Any) -> None:
    """Fight one duel to the last; the numbers left stand in ``w.duel``, 0 and 0 rounds if nobody can ever fall.

    With ``losses`` above 0 the fight goes on in stretches, before each of which the round is cut so that about
    ``losses`` people fall in it; else every round has the length that the rules of combat give it.
    """
    d = w.duel
    set_duel(w, men, fighters, 1.0, aim, 1.0)
    d.max_rounds = _MOST_ROUNDS
    if losses <= 0.0:
        fight(w, who)
        return
    stretch = 0
    while d.men > 0 and d.fighters > 0:
        set_duel(w, d.men, d.fighters, 1.0, aim, 1.0)
        men_rate, fighters_rate = loss_rates(w)
        d.round_days = losses / (men_rate + fighters_rate)
        d.max_rounds = 1 + int(_SHARE_OF_A_STRETCH * min(d.men, d.fighters) / losses)
        fight(w, pair(who, stretch))
        stretch += 1


@entry
def fight_duels(
    world: Any, first: Any, men: Any, fighters: Any, aim: Any, losses: Any, men_left: Any, fighters_left: Any
) -> None:
    """Fight as many duels as ``men_left`` is long; duel ``first`` + i has draws of its own."""
    w = world[0]
    for i in range(men_left.shape[0]):
        w.run.key = day_key(w.run.seed, first + i)
        fight_out(w, w.run.key, men, fighters, aim, losses)
        men_left[i] = w.duel.men
        fighters_left[i] = w.duel.fighters


@entry
def follow_duel(world: Any, men: Any, fighters: Any, aim: Any, rounds: Any, men_path: Any, fighters_path: Any) -> None:
    """Fight one duel, ``rounds`` rounds of the rules' length from one entry of the paths to the next."""
    w = world[0]
    w.run.key = day_key(w.run.seed, 0)
    for i in range(men_path.shape[0]):
        if men > 0 and fighters > 0:
            set_duel(w, men, fighters, 1.0, aim, 1.0)
            w.duel.max_rounds = rounds
            fight(w, pair(w.run.key, i))
            men = w.duel.men
            fighters = w.duel.fighters
        men_path[i] = men
        fighters_path[i] = fighters


@entry
def regroup_days(world: Any, days: Any, every: Any, numbers: Any) -> Any:
    """Let groups coalesce and fragment for ``days`` days; add the number of groups of each size every ``every`` days.

    Returns how often they were counted; groups larger than the table count in its last row.
    """
    w = world[0]
    counted = 0
    last = numbers.shape[0] - 1
    for day in range(days):
        w.run.day += 1
        w.run.key = day_key(w.run.seed, w.run.day)
        list_cells(w)
        muster(w)
        for k in range(w.n_standing):
            w.cells[w.standing[k]].days_left = 1  # a group regroups while it hides
            wake(w, w.standing[k])
        for k in range(w.n_standing):
            i = w.standing[k]
            if w.cells[i].alive > 0 and w.cells[i].stance == REGROUPING:
                regroup(w, i)
        bury(w)
        if (day + 1) % every == 0:
            counted += 1
            for i in range(w.run.cells_top):
                if w.cells[i].alive > 0:
                    numbers[min(last, w.cells[i].fighters)] += 1
    return counted


@rule
def besiege(w: Any) -> None:
    """Let the garrison of place 0 and the group there live one day: fight, recruit, reinforce; nothing else."""
    w.run.day += 1
    w.run.key = day_key(w.run.seed, w.run.day)
    list_cells(w)
    muster(w)
    set_duel(w, w.places[0].men, w.places[0].fighters, 1.0, 0.0, 1.0)
    fight(w, w.cells[0].id)
    kill_unit(w, 0, w.duel.men_lost)
    kill_cell(w, 0, w.duel.fighters_lost)
    recruit(w, 0)
    if w.units[0].alive > 0:
        reinforce(w, 0)


@entry
def besiege_days(world: Any, seed: Any, days: Any) -> Any:
    """Besiege for at most ``days`` days; return the day on which the garrison is gone, or −1: it still stands.

    −2: the group is gone, and with it, by the rule of recruitment, whoever might have joined it.
    """
    w = world[0]
    w.run.seed = seed
    for day in range(days):
        besiege(w)
        if w.units[0].alive <= 0:
            return day + 1
        if w.cells[0].alive <= 0:
            return -2
    return -1


@entry
def days_until_left(world: Any, slot: Any, most: Any) -> Any:
    """Return after how many days the holder in ``slot`` leaves its place, nothing else happening; ``most`` if later."""
    w = world[0]
    for k in range(most):
        w.run.day += 1
        w.run.key = day_key(w.run.seed, w.run.day)
        keep_or_leave(w, slot)
        if w.cells[slot].task == REST:
            return k
    return most
