"""Closed forms and exact chances that the combat and group rules must reproduce when other terms are off.

Formulas are those of the project's list of limits (``facts/limits.md``) or say "derived here". Symbols (days, people):

* ``B``, ``R``: sizes of the state and of the insurgents, ``B0``, ``R0`` at the start;
* ``beta``: the state's kill rate. Aimed fire: insurgents a day and soldier. Area fire: a day, soldier and insurgent;
* ``rho``: the insurgents' kill rate. Aimed fire: soldiers a day and insurgent. Area fire: a day, insurgent and soldier;
* ``mu``: share of the state's fire that is aimed.

Laws: ``square`` B' = -rho R, R' = -beta B; ``linear`` B' = -rho B R, R' = -beta B R; ``deitchman`` B' = -rho R,
R' = -beta B R; ``mixed`` B' = -rho R, R' = -B [mu beta + (1 - mu) beta_area R]. A side fights to its last member (break
fraction 1). The closed forms need rates above 0; the exact chances accept a rate of 0. These are laws of two well-mixed
numbers: they hold the rules to account and say nothing about a war. Bad input: a `TheoryError`, one class a cause.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
Slope = Callable[[float, Any], tuple[float, float]]
NextLoss = Callable[[Floats, Floats], Pair]
LAWS = ("square", "linear", "deitchman", "mixed")
_TIE = 1e-12  # relative: closer than this, two sides differ by rounding only


class TheoryError(ValueError):
    """An argument outside what a law allows; the message is one line: key, value, what is allowed."""


class RateError(TheoryError):
    """A rate that is negative or not finite, or rates with which nobody can ever be lost."""


class SizeError(TheoryError):
    """A size that is negative, not finite, not whole where people are counted, or nobody on either side."""


class ShareError(TheoryError):
    """A share outside 0 to 1."""


class TimeError(TheoryError):
    """A time that is negative or not finite."""


class LawError(TheoryError):
    """A law that does not exist."""


def _need(
    error: type[TheoryError], *, above: bool = False, most: float = math.inf, whole: bool = False, **values: float
) -> None:
    """Refuse, by name, the first value that is not a finite number from 0 (or `above` it) to `most`."""
    for key, value in values.items():
        fits = math.isfinite(value) and 0 <= value <= most and not (above and value == 0)
        if not fits or (whole and value != int(value)):
            kind, bound = "whole" if whole else "finite", "above" if above else "of at least"
            limit = "" if most == math.inf else f" and at most {most:g}"
            raise error(f"{key} = {value}: allowed is a {kind} number {bound} 0{limit}")


def _times(t: ArrayLike) -> Floats:
    times = np.asarray(t, dtype=np.float64)
    _need(TimeError, t=float(times.min(initial=0.0)))
    _need(TimeError, t=float(times.max(initial=0.0)))
    return times


def _need_duel(beta: float, rho: float, B0: float, R0: float) -> None:
    """Refuse a start that the closed forms do not cover."""
    _need(RateError, above=True, beta=beta, rho=rho)
    _need(SizeError, B0=B0, R0=R0)
    _need(SizeError, above=True, B0_and_R0=B0 + R0)


@dataclass(frozen=True, slots=True)
class DuelEnd:
    """How a deterministic duel ends: the winner, days until the loser is gone (inf: never), survivors of the winner."""

    winner: Literal["state", "insurgents", "neither"]
    duration: float
    survivors: float


def square_invariant(beta: float, rho: float, B: ArrayLike, R: ArrayLike) -> Floats:
    """Lanchester's square invariant beta B^2 - rho R^2; above 0 the state wins. Any shapes that broadcast."""
    return np.asarray(beta * np.square(B) - rho * np.square(R), dtype=np.float64)


def square_end(beta: float, rho: float, B0: float, R0: float) -> DuelEnd:
    """End of a duel under Lanchester's square law: T = artanh(weaker/stronger)/omega, omega = sqrt(beta rho)."""
    _need_duel(beta, rho, B0, R0)
    state, insurgents, omega = B0 * math.sqrt(beta), R0 * math.sqrt(rho), math.sqrt(beta * rho)
    if math.isclose(state, insurgents, rel_tol=_TIE):
        return DuelEnd("neither", math.inf, 0.0)
    left = math.sqrt(abs(state - insurgents) * (state + insurgents))
    if state > insurgents:
        return DuelEnd("state", math.atanh(insurgents / state) / omega, left / math.sqrt(beta))
    return DuelEnd("insurgents", math.atanh(state / insurgents) / omega, left / math.sqrt(rho))


def square_trajectory(beta: float, rho: float, B0: float, R0: float, t: ArrayLike) -> Pair:
    """B and R at days `t` (their shape) under Lanchester's square law; held at the end once one side is gone.

    B(t) = B0 cosh(omega t) - sqrt(rho/beta) R0 sinh(omega t), written as two exponentials so that a draw stays stable.
    """
    end = square_end(beta, rho, B0, R0)
    phase = math.sqrt(beta * rho) * np.minimum(_times(t), end.duration)
    ratio = math.sqrt(rho / beta)
    down = 0.5 * (B0 + ratio * R0) * np.exp(-phase)
    up = np.zeros_like(phase) if end.winner == "neither" else 0.5 * (B0 - ratio * R0) * np.exp(phase)
    return np.maximum(down + up, 0.0), np.maximum((down - up) / ratio, 0.0)


def linear_invariant(beta: float, rho: float, B: ArrayLike, R: ArrayLike) -> Floats:
    """Lanchester's linear invariant beta B - rho R; above 0 the state outlasts. Any shapes that broadcast."""
    return np.asarray(beta * np.asarray(B) - rho * np.asarray(R), dtype=np.float64)


def deitchman_invariant(beta: float, rho: float, B: ArrayLike, R: ArrayLike) -> Floats:
    """Deitchman's invariant C = beta B^2 / 2 - rho R; below 0 the insurgents win. Any shapes that broadcast."""
    return np.asarray(0.5 * beta * np.square(B) - rho * np.asarray(R), dtype=np.float64)


def deitchman_end(beta: float, rho: float, B0: float, R0: float) -> DuelEnd:
    """End of a duel under Deitchman's law, kappa = sqrt(2|C|/beta).

    C < 0: the insurgents win after (2/(beta kappa)) arctan(B0/kappa) days with |C|/rho left. C > 0: the state is left
    with kappa as t grows. C = 0: both vanish, in infinite time.
    """
    _need_duel(beta, rho, B0, R0)
    c = float(deitchman_invariant(beta, rho, B0, R0))
    kappa = math.sqrt(2 * abs(c) / beta)
    if abs(c) <= _TIE * rho * R0:
        return DuelEnd("neither", math.inf, 0.0)
    if c > 0:
        return DuelEnd("state", 0.0 if R0 == 0 else math.inf, kappa)
    return DuelEnd("insurgents", 2 / (beta * kappa) * math.atan(B0 / kappa), -c / rho)


def deitchman_trajectory(beta: float, rho: float, B0: float, R0: float, t: ArrayLike) -> Pair:
    """B and R at days `t` (their shape) under Deitchman's law in all three regimes; held once the state is gone.

    The tan (C < 0), coth (C > 0) and rational (C = 0) forms, opened by their addition formulas so that they pass into
    one another smoothly: with x = beta kappa t/2 and s = tan(x)/kappa, tanh(x)/kappa or beta t/2,
    B = (B0 -+ kappa^2 s)/(1 + B0 s) and R = R0/(f (1 + B0 s))^2 with f = cos x, cosh x or 1.
    """
    end = deitchman_end(beta, rho, B0, R0)
    times = np.minimum(_times(t), end.duration if end.winner == "insurgents" else math.inf)
    kappa = math.sqrt(2 * abs(float(deitchman_invariant(beta, rho, B0, R0))) / beta)
    x = 0.5 * beta * kappa * times
    with np.errstate(over="ignore"):  # cosh overflows to infinity where no insurgent is left: R = 0, as it should be
        if end.winner == "neither":
            s, sign, f = 0.5 * beta * times, 0.0, np.ones_like(times)
        elif end.winner == "insurgents":
            s, sign, f = np.tan(x) / kappa, -1.0, np.cos(x)
        else:
            s, sign, f = np.tanh(x) / kappa, 1.0, np.cosh(x)
        return np.maximum((B0 + sign * kappa**2 * s) / (1 + B0 * s), 0.0), R0 / np.square(f * (1 + B0 * s))


def mixed_trajectory(beta: float, rho: float, B0: float, R0: float, mu: float, beta_area: float, t: ArrayLike) -> Pair:
    """B and R at days `t` (their shape) under the generalised Deitchman mix (after Kress & MacKay 2014), integrated.

    `beta` is the aimed rate, `beta_area` the area rate. Held at the end once one side is gone.
    """
    _need(RateError, beta=beta, rho=rho, beta_area=beta_area)
    _need(SizeError, B0=B0, R0=R0)
    _need(ShareError, most=1, mu=mu)
    aimed, area = mu * beta, (1 - mu) * beta_area
    return _integrate(lambda _, y: (-rho * y[1], -y[0] * (aimed + area * y[1])), B0, R0, t, lambda _, y: min(y))


def _integrate(slope: Slope, B0: float, R0: float, t: ArrayLike, stop: Callable[[float, Any], float]) -> Pair:
    """B and R at days `t`, integrated (tolerance 1e-9); from where `stop` falls to 0, the values are held."""
    from scipy.integrate import solve_ivp

    last = float((times := _times(t)).max(initial=0.0))
    if last == 0 or stop(0.0, (B0, R0)) <= 0:
        return np.full(times.shape, float(B0)), np.full(times.shape, float(R0))
    stop.terminal = True  # type: ignore[attr-defined]  # how solve_ivp is told to end at the event
    path = solve_ivp(slope, (0.0, last), (B0, R0), "DOP853", dense_output=True, events=stop, rtol=1e-9, atol=1e-10)
    values = path.sol(np.minimum(times.ravel(), path.t[-1]))
    values[values < 1e-9] = 0.0  # the event is found to this accuracy only
    return values[0].reshape(times.shape), values[1].reshape(times.shape)


@dataclass(frozen=True, slots=True, eq=False)
class DuelTheory:
    """Exact chance that the insurgents win; mean survivors over all duels (0 where lost) and over those won (or nan).

    `state_ends` (B0+1,) and `insurgents_ends` (R0+1,) are the chances of each number left; each sums to 1.
    """

    law: str
    insurgents_win: float
    survivors_state: float
    survivors_insurgents: float
    survivors_state_if_won: float
    survivors_insurgents_if_won: float
    state_ends: Floats
    insurgents_ends: Floats


def _next_loss(law: str, beta: float, rho: float, B0: float, R0: float, mu: float, beta_area: float) -> NextLoss:
    """Check a duel; return the chances at (B, R) that the next loss is the state's and that it is the insurgents'."""
    if law not in LAWS:
        nearest = difflib.get_close_matches(str(law), LAWS, n=1, cutoff=0.0)[0]
        raise LawError(f"law = {law}: allowed are {', '.join(LAWS)}; nearest is {nearest}")
    _need(RateError, beta=beta, rho=rho, beta_area=beta_area)
    _need(ShareError, most=1, mu=mu)
    _need(SizeError, whole=True, B0=B0, R0=R0)
    _need(SizeError, above=True, B0_and_R0=B0 + R0)
    aimed, area = {"square": (beta, 0.0), "mixed": (mu * beta, (1 - mu) * beta_area)}.get(law, (0.0, beta))
    if rho + aimed + area == 0:
        raise RateError(f"rho = {rho}, beta = {beta}: allowed are rates with which at least one side loses people")

    def chances(B: Floats, R: Floats) -> Pair:
        soldiers = rho * R * (B if law == "linear" else 1.0)
        insurgents = B * (aimed + area * R)
        return soldiers / (soldiers + insurgents), insurgents / (soldiers + insurgents)

    return chances


def duel_theory(
    law: str, beta: float, rho: float, B0: int, R0: int, mu: float = 0.5, beta_area: float | None = None
) -> DuelTheory:
    """Exact chances and mean survivors of a duel of `B0` soldiers and `R0` insurgents, fought to the end.

    Sums the jump chain over its anti-diagonals: about (B0 + R0) B0 operations, all of positive numbers. `law` is one of
    `LAWS`. `mu` and `beta_area` are used by `mixed` only, where `beta` is the aimed rate (a day and soldier) and
    `beta_area` the area rate (a day, soldier and insurgent); by default it is the same number as `beta`, so that mu = 1
    is `square` and mu = 0 is `deitchman` with unchanged arguments. Raises a `LawError`, `RateError`, `SizeError`
    or `ShareError`.
    """
    next_loss = _next_loss(law, beta, rho, B0, R0, mu, beta if beta_area is None else beta_area)
    state, insurgents = _ends(next_loss, int(B0), int(R0))
    mean_s, mean_i = float(state @ np.arange(B0 + 1)), float(insurgents @ np.arange(R0 + 1))
    state_wins, insurgents_win = float(insurgents[0]), float(state[0])
    if_won = [mean / p if p > 0 else math.nan for mean, p in ((mean_s, state_wins), (mean_i, insurgents_win))]
    return DuelTheory(law, insurgents_win, mean_s, mean_i, if_won[0], if_won[1], state, insurgents)


def _ends(next_loss: NextLoss, B0: int, R0: int) -> Pair:
    """Carry the chance of passing through (B, R) down the anti-diagonals B + R = const until one side is gone."""
    state, insurgents, passing = np.zeros(B0 + 1), np.zeros(R0 + 1), np.zeros(B0 + 1)
    soldiers = np.arange(B0 + 1, dtype=np.float64)  # indexes `passing`; insurgents are the total less soldiers
    passing[B0] = 1.0
    for total in range(B0 + R0, 0, -1):
        if total <= R0:
            insurgents[total] = passing[0]
        if total <= B0:
            state[total] = passing[total]
        both = slice(max(1, total - R0), max(1, total - R0, min(B0 + 1, total)))  # where both sides are left
        state_next, insurgents_next = next_loss(soldiers[both], total - soldiers[both])
        onward = np.zeros_like(passing)
        onward[both] = passing[both] * insurgents_next
        onward[both.start - 1 : both.stop - 1] += passing[both] * state_next
        passing = onward
    state[0], insurgents[0] = insurgents.sum(), state.sum()
    mass = state[0] + insurgents[0]  # 1 up to rounding
    return state / mass, insurgents / mass


def linear_state_win_chance(beta: float, rho: float, B0: int, R0: int) -> float:
    """Chance that the state wins under Lanchester's linear law: I_p(R0, B0), p = beta/(beta + rho)."""
    from scipy.special import betainc

    _next_loss("linear", beta, rho, B0, R0, 0.0, 0.0)
    return float(R0 == 0) if B0 * R0 == 0 else float(betainc(R0, B0, beta / (beta + rho)))


@dataclass(frozen=True, slots=True)
class Fold:
    """Deitchman's law with reinforcement: B' = -rho R + k (B_hat - B), R' = -beta B R + r; derived for this project.

    `B_hat`: soldiers at full strength; `k`: share of the gap refilled a day (0: none); `r`: insurgents recruited a day.
    """

    beta: float
    rho: float
    k: float
    B_hat: float
    r: float

    def __post_init__(self) -> None:
        _need(RateError, above=True, beta=self.beta, rho=self.rho)
        _need(RateError, k=self.k, r=self.r)
        _need(SizeError, above=True, B_hat=self.B_hat)

    @property
    def critical_recruitment(self) -> float:
        """Recruits a day beyond which the state collapses: r_c = beta k B_hat^2/(4 rho)."""
        return self.beta * self.k * self.B_hat**2 / (4 * self.rho)

    def critical_pool(self, B0: float, R0: float) -> float:
        """Recruits in all that the state can outlast from (B0, R0) with k = 0, beta B0^2/(2 rho) - R0; derived here.

        C falls by rho a recruit, at any time; in whole people the chance of collapse is `deitchman`'s at R0 + pool.
        """
        _need_duel(self.beta, self.rho, B0, R0)
        return float(deitchman_invariant(self.beta, self.rho, B0, R0)) / self.rho

    def equilibria(self) -> tuple[tuple[float, float, bool], ...]:
        """(B, R, stable) of each equilibrium, the stable one first; one, not stable, at r_c; none beyond or if k = 0.

        B = B_hat/2 (1 +- sqrt(1 - r/r_c)), R = k (B_hat - B)/rho; det of the Jacobian = beta k (2B - B_hat).
        """
        if self.k == 0 or self.r > self.critical_recruitment:
            return ()
        root = math.sqrt(1 - self.r / self.critical_recruitment)
        strengths = [0.5 * self.B_hat * (1 + sign * root) for sign in ((1, -1) if root > 0 else (1,))]
        return tuple((B, self.k * (self.B_hat - B) / self.rho, 2 * B - self.B_hat > 0) for B in strengths)


def fold_trajectory(fold: Fold, B0: float, R0: float, t: ArrayLike) -> Pair:
    """B and R at days `t` (their shape), integrated; held once the state is gone."""

    def slope(_: float, y: Any) -> tuple[float, float]:
        return -fold.rho * y[1] + fold.k * (fold.B_hat - y[0]), -fold.beta * y[0] * y[1] + fold.r

    _need(SizeError, B0=B0, R0=R0)
    return _integrate(slope, B0, R0, t, lambda _, y: float(y[0]))


def fold_jump_process(
    rng: np.random.Generator, fold: Fold, B0: int, R0: int, horizon: float, n: int = 1, pool: int | None = None
) -> tuple[Floats, Floats, Floats]:
    """Exact (Gillespie) runs of the fold in whole people, `n` at once, from (B0, R0) for `horizon` days.

    Returns the day of collapse (inf: none) and B and R at the end, each of shape (n,). A soldier falls at rate rho R,
    one arrives at k (B_hat - B), an insurgent falls at beta B R, one joins at r until `pool` (None: no limit) have. A
    run stops at B = 0: collapse. Raises `SizeError`, `TimeError`.
    """
    _need(SizeError, whole=True, B0=B0, R0=R0, pool=pool or 0)
    _need(SizeError, whole=True, above=True, n=n)
    _need(TimeError, horizon=horizon)
    state, insurgents, joined, clock = np.full(n, float(B0)), np.full(n, float(R0)), np.zeros(n), np.zeros(n)
    live, most = np.flatnonzero(state > 0), math.inf if pool is None else pool
    while live.size:
        B, R = state[live], insurgents[live]
        arriving, joining = fold.k * np.maximum(fold.B_hat - B, 0.0), fold.r * (joined[live] < most)
        rates = np.cumsum([fold.rho * R, arriving, fold.beta * B * R, joining], axis=0)
        with np.errstate(divide="ignore"):  # nothing left that can happen: the next event comes after infinite time
            clock[live] += rng.standard_exponential(live.size) / rates[-1]
        event = (rng.random(live.size) * rates[-1] >= rates[:-1]).sum(axis=0)
        within = clock[live] <= horizon
        live, event = live[within], event[within]
        state[live] += np.array([-1.0, 1.0, 0.0, 0.0])[event]
        insurgents[live] += np.array([0.0, 0.0, -1.0, 1.0])[event]
        joined[live] += event == 3
        live = live[state[live] > 0]
    return np.where(state == 0, clock, math.inf), state, insurgents


def log_catalan(n: ArrayLike) -> Floats:
    """Natural log of the Catalan number (2n)!/(n!(n+1)!), any shape; n log 4 + log Beta(n + 1/2, 3/2) - log(pi/2)."""
    from scipy.special import betaln

    index = np.asarray(n, dtype=np.float64)
    return np.asarray(index * math.log(4.0) + betaln(index + 0.5, 1.5) - math.log(math.pi / 2), dtype=np.float64)


def group_numbers(N: float, nu: float, s: ArrayLike) -> Floats:
    """Mean number n_s of groups of size `s` (its shape) among `N` fighters, after Johnson et al.

    n_s = (N/s) Cat(s-1) c^(s-1) w^s, c = (1-nu)/(2-nu), w = 1/(2-nu), 0 < nu <= 1 the chance that a picked group
    shatters: mean field, N large. In logs, so that large s stays in range.
    """
    from scipy.special import xlogy

    _need(SizeError, above=True, N=N)
    _need(ShareError, above=True, most=1, nu=nu)
    size = np.asarray(s, dtype=np.float64)
    for value in size[~((size >= 1) & (size == np.floor(size)) & np.isfinite(size))].flat[:1]:
        raise SizeError(f"s = {value}: allowed is a whole number above 0")
    log_cat_cw = log_catalan(size - 1) + xlogy(size - 1, (1 - nu) / (2 - nu) ** 2)
    return np.asarray(N / (size * (2 - nu)) * np.exp(log_cat_cw), dtype=np.float64)


def group_cutoff(nu: float) -> float:
    """Size s0 of the cutoff in n_s ~ s^(-5/2) exp(-s/s0): -1/log(1 - (nu/(2-nu))^2), about 4/nu^2 for small nu."""
    _need(ShareError, above=True, most=1, nu=nu)
    return 0.0 if nu == 1 else -1 / math.log1p(-((nu / (2 - nu)) ** 2))


def event_size_exponent(theta: float) -> float:
    """Exponent of event sizes below the cutoff, 5/2 - theta, if a group of size s attacks ~ s^theta and kills ~ s."""
    return 2.5 - theta
