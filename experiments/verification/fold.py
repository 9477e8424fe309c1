"""The stalemate fold: fight, recruit and reinforce at one place, against Deitchman's law with both flows.

The rules that run are those of a day: :func:`sim.rules.combat.fight` with rounds, :func:`sim.rules.recruits.recruit`
and, once a week, :func:`sim.rules.state.reinforce`. A day and a week are short or long only beside the rates: all of
them times ``pace`` leave the law alone and make the calendar finer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from experiments.verification.bare import bare_world, spread
from sim.codes import GARRISON, HELD_BY_STATE
from sim.theory import Fold, fold_jump_process
from sim.world import World

ENDLESS = 1e15  # a pool that no run can drain
EXAMPLE = Fold(beta=0.001, rho=0.01, k=0.01, B_hat=100.0, r=2.5)
"""The fold of the checks, per day: r_c = 2.5 recruits a day, about 50 soldiers and 50 insurgents there."""
_FOLLOWED = 4  # rounds of a day whose rates are a hundredth a day


@dataclass(frozen=True)
class Chance:
    """The share of runs that collapsed: by the rules, and by theory (0 runs: exact); runs that lost the group."""

    model: float
    theory: float
    n_model: int
    n_theory: int
    emptied: int

    @property
    def error(self) -> float:
        """Standard error of the difference; pooled, with a run added to each side, so that it is never 0."""
        n, m = self.n_model, self.n_theory
        if m == 0:
            return math.sqrt(max(self.theory * (1.0 - self.theory), 1.0 / n) / n)
        p = (self.model * n + self.theory * m + 1.0) / (n + m + 2.0)
        return math.sqrt(p * (1.0 - p) * (1.0 / n + 1.0 / m))


def siege(fold: Fold, B0: int, R0: int, pace: float = 1.0, pool: float = ENDLESS, rounds: int = _FOLLOWED) -> World:
    """Return a bare world of one place with a garrison of ``B0`` and a group of ``R0``, under the fold's rates.

    Args:
        fold: the rates a day.
        B0: soldiers at the start.
        R0: insurgents at the start.
        pace: factor on all rates.
        pool: people who can be recruited in all; the rule slows down in proportion as a finite pool drains.
        rounds: rounds of fire a day.
    """
    endless = pool >= ENDLESS
    settings = {
        "combat.insurgent_kill_rate": fold.rho * pace,
        "combat.area_kill_rate": fold.beta * pace,
        "combat.state_break": 1.0,
        "combat.insurgent_break": 1.0,
        "combat.round_hours": 24.0 / rounds,
        "combat.assault_rounds": float(rounds),
        "state.reinforcement_rate": fold.k * pace,
        "state.recruit_pool": ENDLESS,
        "insurgents.recruit_rate": fold.r * pace,
        "insurgents.recruit_pool": 1.0,
        "population.crowd_half": 0.0,
        "switches.reinforcement": float(fold.k > 0),
    }
    world = bare_world(settings, 0)
    run, nation, place = world["run"], world["nation"], world["places"][0, 0]
    run["n_places"], run["cells_top"], run["units_top"] = 1, 1, 1
    run["free_cells"] -= 1
    run["free_units"] -= 1
    nation["paid"], nation["legitimacy"], nation["state_pool"] = 1.0, 0.5, ENDLESS
    place["id"], place["holder"], place["garrison_target"] = 7, HELD_BY_STATE, fold.B_hat
    place["population"] = ENDLESS if endless else pool
    place["recruits_left"] = place["population"]
    place["support_insurgents"] = 1.0
    for table, name, size in (("cells", "fighters", R0), ("units", "men", B0)):
        row = world[table][0, 0]
        row["alive"], row["id"], row[name] = 1, 11, size
    world["units"]["kind"][0, 0] = GARRISON
    return world


def collapses(world: World, days: int, seeds: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """Return the day of each seed's collapse (−1: none within ``days``), and in how many the group was gone."""
    from sim.checks import besiege_days

    def piece(some: npt.NDArray[np.int64]) -> list[int]:
        return [int(besiege_days(world.copy(), int(seed), days)) for seed in some]

    first = piece(seeds[:1])
    rest = spread(piece, np.array_split(seeds[1:], 16))
    fell = np.array(first + [day for some in rest for day in some])
    return np.where(fell == -2, -1, fell), int((fell == -2).sum())


def steady(fold: Fold) -> tuple[int, int]:
    """Return the start of every fold check: the state at full strength, as many insurgents as it then keeps."""
    return round(fold.B_hat), max(1, round(fold.r / (fold.beta * fold.B_hat)))


def chance_of_collapse(fold: Fold, horizon: int, pace: float, n: int, seed: int = 1) -> Chance:
    """Return the chance of collapse within ``horizon`` days of pace 1, by the rules and by the exact jump process."""
    B0, R0 = steady(fold)
    rounds = max(1, math.ceil(_FOLLOWED * pace))
    fell, emptied = collapses(siege(fold, B0, R0, pace, rounds=rounds), round(horizon / pace), seed + np.arange(n))
    day, _, _ = fold_jump_process(np.random.default_rng(seed), fold, B0, R0, horizon, 2 * n)
    return Chance(float((fell > 0).mean()), float(np.isfinite(day).mean()), n, 2 * n, emptied)


def boundary(fold: Fold, scale: int, pace: float, horizon: float, rounds: int = 1) -> float:
    """Return the recruitment, relative to r_c, beyond which a very large garrison collapses within ``horizon``.

    Sizes times ``scale``: chance fades and the rules are followed in their deterministic limit.
    """
    large = replace(fold, B_hat=fold.B_hat * scale, beta=fold.beta / scale)
    low, high = 0.9, 1.1
    while high - low > 0.001:
        middle = (low + high) / 2
        tried = replace(large, r=middle * large.critical_recruitment)
        B0, R0 = steady(tried)
        fell, _ = collapses(siege(tried, B0, R0, pace, rounds=rounds), round(horizon / pace), np.array([1]))
        low, high = (low, middle) if fell[0] > 0 else (middle, high)
    return (low + high) / 2


def pool_chance(fold: Fold, B0: int, R0: int, pool: int, n: int, seed: int = 1) -> Chance:
    """Return the state's chance to lose against a finite pool of recruits with k = 0, by the rules and exactly.

    Only how many join matters, not when: Deitchman's exact chance with R0 + pool. The pool joins while the fight is
    young (a thousand times faster), since the rule recruits no more where no group is left.
    """
    from sim.theory import duel_theory

    alone = replace(fold, k=0.0, r=1000.0)
    world = siege(alone, B0, R0, pace=0.02, pool=float(pool), rounds=1)
    fell, emptied = collapses(world, 200_000, seed + np.arange(n))
    exact = duel_theory("deitchman", fold.beta, fold.rho, B0, R0 + pool).insurgents_win
    return Chance(float((fell > 0).mean()), exact, n, 0, emptied)
