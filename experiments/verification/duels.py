"""Duels fought by the rules of combat alone, to the last on either side, against the exact chances of each law."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.verification.bare import bare_world, spread
from sim.parameter_errors import StalemateError, nearest
from sim.theory import LAWS, DuelTheory, duel_theory
from sim.world import World

DUELS = 10_000
"""How many duels are fought unless somebody says otherwise."""
MOST_PEOPLE = 10_000
MOST_DUELS = 1_000_000
MOST_RATE = 1e6
LEAST_RATE = 1e-9
MOST_ROUNDS = 5e9
"""Rounds of fire that one command may fight: some minutes on two cores."""

_FINEST, _COARSEST = 0.007, 0.5  # people lost in a round
_OF_ALL = 2e-4  # and no fewer than this share of all who fall: a large duel needs no rounds of a hundredth of a person
_SPARE = 0.3  # the round is so short that its bias, about 0.3 people a person lost in it, is a tenth of the error
_PIECES = 16

Counts = npt.NDArray[np.int64]


class DuelError(StalemateError):
    """A duel that cannot be fought: one line with the key, the value and what is allowed."""


class UnknownLawError(DuelError):
    """A law that does not exist."""

    def __init__(self, law: str) -> None:
        near = nearest(law, LAWS)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(LAWS)}"
        super().__init__(f"law: no {law!r}; {hint}")


class DuelValueError(DuelError):
    """A value outside what a duel allows."""

    def __init__(self, key: str, value: Any, allowed: str) -> None:
        super().__init__(f"{key}: {value} is not allowed; it takes {allowed}")


class TooMuchWorkError(DuelError):
    """So many and so large duels that nobody would wait for them."""

    def __init__(self, n: int, most: int) -> None:
        super().__init__(f"n: {n} duels of this size would take too long; at most {most} at once")


@dataclass(frozen=True)
class Duel:
    """A duel of a law.

    Attributes:
        law: one of :data:`sim.theory.LAWS`.
        beta: the state's kill rate; aimed (a day and soldier) for ``square`` and ``mixed``, area (a day, soldier and
            insurgent) for ``linear`` and ``deitchman``.
        rho: the insurgents' kill rate; for ``linear`` a day, insurgent and soldier, else a day and insurgent.
        B0, R0: soldiers and insurgents at the start.
        mu: aimed share of the state's fire, ``mixed`` only.
        beta_area: the area rate, ``mixed`` only; the same number as ``beta`` if not given.
    """

    law: str
    beta: float
    rho: float
    B0: int
    R0: int
    mu: float = 0.5
    beta_area: float | None = None

    def check(self) -> None:
        """Refuse what cannot be fought.

        Raises:
            UnknownLawError, DuelValueError: naming the key at fault.
        """
        if self.law not in LAWS:
            raise UnknownLawError(self.law)
        for key in ("beta", "rho", "beta_area"):
            value = getattr(self, key)
            if value is not None and value != 0 and not LEAST_RATE <= value <= MOST_RATE:
                raise DuelValueError(f"duel.{key}", value, f"0, or a number from {LEAST_RATE:g} to {MOST_RATE:g}")
        for key in ("B0", "R0"):
            value = getattr(self, key)
            if not 1 <= value <= MOST_PEOPLE or value != int(value):
                raise DuelValueError(f"duel.{key}", value, f"a whole number from 1 to {MOST_PEOPLE}")
        if not 0 <= self.mu <= 1:
            raise DuelValueError("duel.mu", self.mu, "a share from 0 to 1")
        if self.rho == 0 and self.state_rate == 0:
            raise DuelValueError("duel.rho", self.rho, "a number above 0 where the state's fire kills nobody")

    @property
    def area(self) -> float:
        """The area rate of ``mixed``."""
        return self.beta if self.beta_area is None else self.beta_area

    @property
    def state_rate(self) -> float:
        """Insurgents lost a day and soldier while one insurgent is left."""
        return self.mu * self.beta + (1 - self.mu) * self.area if self.law == "mixed" else self.beta

    @property
    def aim(self) -> float:
        """The aimed share μ of the state's fire under this law."""
        return {"square": 1.0, "mixed": self.mu}.get(self.law, 0.0)

    def theory(self) -> DuelTheory:
        """Return the exact chances."""
        return duel_theory(self.law, self.beta, self.rho, self.B0, self.R0, self.mu, self.area)

    def world(self, seed: int, round_days: float = 1.0 / 24.0) -> World:
        """Return a bare world whose rules of combat are this law's, fought to the last (break fractions of 1)."""
        linear = self.law == "linear"
        settings = {
            "combat.insurgent_kill_rate": self.rho,
            "combat.insurgent_area_kill_rate": self.rho,
            "combat.insurgent_aim": 0.0 if linear else 1.0,
            "combat.aimed_kill_rate": self.beta,
            "combat.area_kill_rate": self.area if self.law == "mixed" else self.beta,
            "combat.state_break": 1.0,
            "combat.insurgent_break": 1.0,
            "combat.round_hours": 24.0 * round_days,
        }
        return bare_world(settings, seed)


@dataclass(frozen=True)
class Estimate:
    """A mean of the model, its exact value, and the model's standard error."""

    model: float
    theory: float
    standard_error: float

    def as_dict(self) -> dict[str, float]:
        """Return the three by name."""
        return {"model": self.model, "theory": self.theory, "standard_error": self.standard_error}


@dataclass(frozen=True)
class DuelResult:
    """What ``n`` duels came to: the insurgents' chance to win, and the mean numbers left (0 where a side lost)."""

    duel: Duel
    n: int
    losses_per_round: float
    insurgents_win: Estimate
    survivors_state: Estimate
    survivors_insurgents: Estimate

    @property
    def estimates(self) -> tuple[Estimate, Estimate, Estimate]:
        """The three comparisons."""
        return self.insurgents_win, self.survivors_state, self.survivors_insurgents

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return {
            "law": self.duel.law,
            "n": self.n,
            "insurgents_win": self.insurgents_win.as_dict(),
            "survivors_state": self.survivors_state.as_dict(),
            "survivors_insurgents": self.survivors_insurgents.as_dict(),
        }


def fight(duel: Duel, n: int, seed: int = 1, losses_per_round: float = 0.0, round_days: float = 0.0) -> DuelResult:
    """Fight ``n`` duels by the model's rules and compare them with the exact chances.

    Args:
        duel: law, rates and sizes.
        n: number of duels.
        seed: of their draws.
        losses_per_round: people lost in a round, on both sides together; 0: so few that the round's bias is lost in
            the standard error.
        round_days: instead, one fixed length of every round.

    Raises:
        DuelError: a duel that cannot be fought, or too many.
    """
    duel.check()
    if not 1 <= n <= MOST_DUELS:
        raise DuelValueError("n", n, f"a whole number from 1 to {MOST_DUELS}")
    theory = duel.theory()
    fallen = duel.B0 + duel.R0 - theory.survivors_state - theory.survivors_insurgents
    losses = losses_per_round or _losses_per_round(theory, fallen, n)
    if round_days == 0.0 and n * fallen / losses > MOST_ROUNDS:
        raise TooMuchWorkError(n, max(1, int(MOST_ROUNDS * losses / fallen)))
    base = duel.world(seed, round_days or 1.0)
    state, insurgents = fight_all(base, duel, n, losses if round_days == 0.0 else 0.0)
    won = (state == 0) & (insurgents > 0)
    return DuelResult(
        duel,
        n,
        losses,
        _estimate(won, theory.insurgents_win, theory.insurgents_win * (1.0 - theory.insurgents_win)),
        _estimate(state, theory.survivors_state, _variance(theory.state_ends)),
        _estimate(insurgents, theory.survivors_insurgents, _variance(theory.insurgents_ends)),
    )


def _losses_per_round(theory: DuelTheory, fallen: float, n: int) -> float:
    sd = math.sqrt(max(_variance(theory.state_ends), _variance(theory.insurgents_ends)))
    return min(_COARSEST, max(_FINEST, _OF_ALL * fallen, _SPARE * sd / math.sqrt(n)))


def _variance(ends: npt.NDArray[np.float64]) -> float:
    left = np.arange(len(ends))
    mean = float(ends @ left)
    return max(0.0, float(ends @ (left - mean) ** 2))


def _estimate(values: npt.NDArray[Any], theory: float, variance: float) -> Estimate:
    """Return mean, exact value and standard error; the error is the larger of the exact one and the sample's own."""
    n = len(values)
    spread_of = max(variance, float(values.var()))
    return Estimate(float(values.mean()), float(theory), math.sqrt(spread_of / n))


def fight_all(base: World, duel: Duel, n: int, losses: float) -> tuple[Counts, Counts]:
    """Return soldiers and insurgents left of ``n`` duels fought in copies of ``base``, which holds the rates.

    ``losses`` people fall in a round; 0: the rounds have the length that ``base`` gives them.
    """
    from sim.checks import fight_duels

    state, insurgents = np.zeros(n, np.int64), np.zeros(n, np.int64)
    edges = np.linspace(0, n, _PIECES + 1).astype(int)

    def piece(k: int) -> None:
        a, b = int(edges[k]), int(edges[k + 1])
        if a < b:
            fight_duels(base.copy(), a, duel.B0, duel.R0, duel.aim, losses, state[a:b], insurgents[a:b])

    piece(0)  # the first piece compiles; two threads would both do so
    spread(piece, range(1, _PIECES))
    return state, insurgents


def follow(duel: Duel, scale: int, days: npt.NDArray[np.float64], rounds: int, seed: int) -> npt.NDArray[np.float64]:
    """Return shares left (2, len(days)) of one duel ``scale`` times as large, at equally spaced ``days`` from 0.

    Sizes are multiplied and area rates divided by ``scale``, so that the deterministic law stays the same and chance
    fades; ``rounds`` rounds are fought from one of the days to the next.
    """
    from sim.checks import follow_duel

    per_head = 1.0 / scale
    large = replace(
        duel,
        beta=duel.beta * (per_head if duel.law in ("linear", "deitchman") else 1.0),
        rho=duel.rho * (per_head if duel.law == "linear" else 1.0),
        beta_area=duel.area * per_head,
    )
    step = float(days[1] - days[0])
    paths = np.zeros((2, len(days) - 1), np.int64)
    follow_duel(large.world(seed, step / rounds), duel.B0 * scale, duel.R0 * scale, duel.aim, rounds, *paths)
    start = np.array([[duel.B0], [duel.R0]], float)
    return np.hstack([start, paths / scale])
