"""The closed forms against independent means: other formulas, integration, exact fractions, jump processes."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, optimize, stats
from scipy.integrate import quad, solve_ivp

from sim import theory

AREA = 0.004  # the area rate of `mixed` in these tests; its aimed rate is beta
RATES = {  # (rate at which soldiers fall, rate at which insurgents fall), as the limits state them
    "square": lambda beta, rho, mu, B, R: (rho * R, beta * B),
    "linear": lambda beta, rho, mu, B, R: (rho * B * R, beta * B * R),
    "deitchman": lambda beta, rho, mu, B, R: (rho * R, beta * B * R),
    "mixed": lambda beta, rho, mu, B, R: (rho * R, B * (mu * beta + (1 - mu) * AREA * R)),
}
DUELS = {  # law: beta, rho, B0, R0, mu; each open enough that both sides win often
    "square": (0.05, 0.04, 20, 21, 0.5),
    "linear": (0.01, 0.012, 20, 18, 0.5),
    "deitchman": (0.01, 0.1, 20, 20, 0.5),
    "mixed": (0.05, 0.1, 25, 18, 0.3),
}
sizes = st.integers(1, 25)
rates = st.floats(1e-3, 10.0)
shares = st.floats(0.0, 1.0)
laws = st.sampled_from(theory.LAWS)


def integrate(law, beta, rho, B0, R0, days, mu=0.5):
    """B and R on `days` and the day on which the state is gone, by an integrator of another kind (implicit)."""

    def slope(_, y):
        state, insurgents = RATES[law](beta, rho, mu, *y)
        return -state, -insurgents

    def gone(_, y):
        return min(y)

    gone.terminal = True
    path = solve_ivp(slope, (0, days[-1]), (B0, R0), "Radau", days, events=gone, rtol=1e-9, atol=1e-11)
    return path.y, path.t_events[0]


def recursion(law, beta, rho, B0, R0, mu):
    """The insurgents' chance by the recursion of the limits, word for word, in exact fractions."""
    rate = RATES[law]
    chance = {(0, r): Fraction(1) for r in range(1, R0 + 1)} | {(b, 0): Fraction(0) for b in range(1, B0 + 1)}
    for b in range(1, B0 + 1):
        for r in range(1, R0 + 1):
            state, insurgents = (Fraction(x) for x in rate(beta, rho, mu, Fraction(b), Fraction(r)))
            q = state / (state + insurgents)
            chance[b, r] = q * chance[b - 1, r] + (1 - q) * chance[b, r - 1]
    return float(chance[B0, R0])


def jump_duels(rng, law, beta, rho, B0, R0, mu, n):
    """B and R left after `n` duels played loss by loss."""
    B, R = np.full(n, float(B0)), np.full(n, float(R0))
    while (live := (B > 0) & (R > 0)).any():
        state, insurgents = RATES[law](beta, rho, mu, B[live], R[live])
        hit = rng.random(live.sum()) * (state + insurgents) < state
        B[live] -= hit
        R[live] -= ~hit
    return B, R


def holds_for(*values):
    """A property of drawn values; no time limit on one example, as the computer may be busy."""
    return lambda test: settings(deadline=None)(given(*values)(test))


def duel(law, beta, rho, B0, R0, mu):
    return theory.duel_theory(law, beta, rho, B0, R0, mu, AREA)


def close(measured, exact, sample):
    """Within four standard errors of the sample."""
    assert abs(measured - exact) < 4 * np.std(sample) / math.sqrt(len(sample))


# ---- deterministic duels


@pytest.mark.parametrize(
    ("beta", "rho", "B0", "R0", "winner"),
    [(0.05, 0.04, 60, 50, "state"), (0.05, 0.09, 60, 50, "insurgents"), (0.2, 0.001, 3.5, 50, "insurgents")],
)
def test_square_law(beta, rho, B0, R0, winner):
    end = theory.square_end(beta, rho, B0, R0)
    days = np.linspace(0, 1.2 * end.duration, 40)
    _, gone = integrate("square", beta, rho, B0, R0, days)
    assert end.winner == winner
    assert end.duration == pytest.approx(gone[0], rel=1e-7)
    before = days[days < end.duration]
    B, R = theory.square_trajectory(beta, rho, B0, R0, days)
    np.testing.assert_allclose(
        (B[: before.size], R[: before.size]), integrate("square", beta, rho, B0, R0, before)[0], rtol=1e-6
    )
    # the formula of the limits as it is written there
    omega = math.sqrt(beta * rho)
    written = B0 * np.cosh(omega * before) - math.sqrt(rho / beta) * R0 * np.sinh(omega * before)
    np.testing.assert_allclose(B[: before.size], written, rtol=1e-9)
    np.testing.assert_allclose(theory.square_invariant(beta, rho, B, R), beta * B0**2 - rho * R0**2, rtol=1e-9)
    winners, losers = (B, R) if winner == "state" else (R, B)
    assert losers[-1] == pytest.approx(0, abs=1e-9)
    assert winners[-1] == pytest.approx(end.survivors, rel=1e-9)


def test_square_draw_fades_for_ever():
    end = theory.square_end(0.04, 0.01, 50, 100)
    assert (end.winner, end.duration, end.survivors) == ("neither", math.inf, 0.0)
    B, R = theory.square_trajectory(0.04, 0.01, 50, 100, [0.0, 100.0, 5000.0])
    np.testing.assert_allclose(B, 50 * np.exp([0.0, -2.0, -100.0]), rtol=1e-9)
    np.testing.assert_allclose(R, 2 * B, rtol=1e-9)


def test_linear_invariant_by_integration():
    (B, R), _ = integrate("linear", 0.002, 0.003, 80, 60, np.linspace(0, 40, 30))
    assert B[-1] < 8  # much has happened
    np.testing.assert_allclose(theory.linear_invariant(0.002, 0.003, B, R), 0.002 * 80 - 0.003 * 60, atol=1e-9)


@pytest.mark.parametrize(("rho", "sign"), [(0.12, -1), (0.1, 0), (0.08, 1)])
def test_deitchman_in_its_three_regimes(rho, sign):
    beta, B0, R0 = 0.01, 20.0, 20.0
    c = float(theory.deitchman_invariant(beta, rho, B0, R0))
    assert np.sign(c) == sign
    end = theory.deitchman_end(beta, rho, B0, R0)
    kappa = math.sqrt(2 * abs(c) / beta)
    days = np.linspace(0, 0.999 * end.duration if sign < 0 else 60, 30)
    B, R = theory.deitchman_trajectory(beta, rho, B0, R0, days)
    if sign < 0:
        written = kappa * np.tan(math.atan(B0 / kappa) - beta * kappa * days / 2)
        _, gone = integrate("deitchman", beta, rho, B0, R0, [0, 1.1 * end.duration])
        assert end.duration == pytest.approx(gone[0], rel=1e-7)
        assert (end.winner, end.survivors) == ("insurgents", pytest.approx(-c / rho))
        held = theory.deitchman_trajectory(beta, rho, B0, R0, 2 * end.duration)
        np.testing.assert_allclose(held, (0, end.survivors), atol=1e-9)
    elif sign > 0:
        written = kappa / np.tanh(beta * kappa * days / 2 + math.atanh(kappa / B0))
        assert (end.winner, end.survivors) == ("state", pytest.approx(kappa))
        np.testing.assert_allclose(theory.deitchman_trajectory(beta, rho, B0, R0, 1e6), (kappa, 0), atol=1e-9)
    else:
        written = B0 / (1 + beta * B0 * days / 2)
        assert (end.winner, end.duration) == ("neither", math.inf)
    np.testing.assert_allclose(B, written, rtol=1e-9)
    np.testing.assert_allclose((B, R), integrate("deitchman", beta, rho, B0, R0, days)[0], rtol=1e-6)
    np.testing.assert_allclose(theory.deitchman_invariant(beta, rho, B, R), c, atol=1e-12)


def mixed_invariant(rho, aimed, area, B, R):
    """B^2/2 - rho int_0^R x/(a + b x) dx, from dB/dR = rho R/(B (a + b R)); the integral by quadrature."""
    return 0.5 * B**2 - rho * quad(lambda x: x / (aimed + area * x), 0, R)[0]


@pytest.mark.parametrize("mu", [0.2, 0.7])
@pytest.mark.parametrize("rho", [0.03, 0.1])
def test_mixed_keeps_its_own_invariant(mu, rho):
    beta, B0, R0 = 0.05, 30.0, 25.0
    days = np.linspace(0, 400, 9)
    B, R = theory.mixed_trajectory(beta, rho, B0, R0, mu, AREA, days)
    invariants = [mixed_invariant(rho, mu * beta, (1 - mu) * AREA, b, r) for b, r in zip(B, R, strict=True)]
    np.testing.assert_allclose(invariants, invariants[0], rtol=1e-6)
    loser = B if invariants[0] < 0 else R
    assert loser[0] > 1 and loser[-1] == 0  # its sign names the winner
    assert {bool(i < 0) for i in invariants} == {rho == 0.1}  # both winners are seen in this test


def test_mixed_ends_at_square_and_deitchman():
    beta, rho, days = 0.01, 0.12, np.linspace(0, 100, 21).reshape(3, 7)
    square = theory.square_trajectory(beta, rho, 20, 15, days)
    np.testing.assert_allclose(theory.mixed_trajectory(beta, rho, 20, 15, 1, AREA, days), square, atol=1e-7)
    deitchman = theory.deitchman_trajectory(AREA, rho, 20, 15, days)
    np.testing.assert_allclose(theory.mixed_trajectory(beta, rho, 20, 15, 0, AREA, days), deitchman, atol=1e-7)


# ---- exact chances


def rounds(beta, rho, B0, R0, length):
    """Chances (insurgents win, tie) under Deitchman's law in simultaneous rounds of `length` days, as an exact chain.

    Each soldier falls in a round with chance 1 - exp(-rho R length/B), each insurgent with 1 - exp(-beta B length).
    """
    passing = np.zeros((B0 + 1, R0 + 1))
    passing[B0, R0] = 1
    for b in range(B0, 0, -1):
        for r in range(R0, 0, -1):
            soldiers = stats.binom.pmf(np.arange(b + 1), b, -math.expm1(-rho * r * length / b))[::-1]
            insurgents = stats.binom.pmf(np.arange(r + 1), r, -math.expm1(-beta * b * length))[::-1]
            step = np.outer(soldiers, insurgents)
            stay, step[b, r] = step[b, r], 0.0
            passing[: b + 1, : r + 1] += passing[b, r] * step / (1 - stay)
    return passing[0, 1:].sum(), passing[0, 0]


def test_twenty_against_twenty_of_the_limits():
    """The limits' 0.4505 is Deitchman's law at C = 0 (rho = 10 beta); 0.437 is rounds of 2 days, beta = 0.01."""
    exact = theory.duel_theory("deitchman", 0.01, 0.1, 20, 20).insurgents_win
    assert theory.deitchman_invariant(0.01, 0.1, 20, 20) == 0
    assert exact == pytest.approx(0.4505, abs=5e-5)
    assert exact == pytest.approx(recursion("deitchman", Fraction(1, 100), Fraction(1, 10), 20, 20, 0), abs=1e-13)
    by_length = [win + tie / 2 for win, tie in (rounds(0.01, 0.1, 20, 20, length) for length in (2, 1, 0.5, 0.05))]
    assert by_length[0] == pytest.approx(0.437, abs=5e-4)
    assert np.all(np.diff(by_length) > 0)  # the bias shrinks with the round
    assert by_length[-1] == pytest.approx(exact, abs=5e-4)


@pytest.mark.parametrize("law", theory.LAWS)
def test_duel_theory_is_the_recursion(law):
    beta, rho, _, _, mu = DUELS[law]
    for B0, R0 in ((1, 1), (1, 9), (12, 1), (7, 16), (16, 7)):
        assert duel(law, beta, rho, B0, R0, mu).insurgents_win == pytest.approx(
            recursion(law, beta, rho, B0, R0, mu), rel=1e-12
        )


@pytest.mark.parametrize("law", theory.LAWS)
def test_duel_theory_against_a_jump_process(law):
    n = 40_000
    exact = duel(law, *DUELS[law])
    assert 0.1 < exact.insurgents_win < 0.9  # or the test would show little
    B, R = jump_duels(np.random.default_rng(7), law, *DUELS[law], n)
    close(np.mean(B == 0), exact.insurgents_win, B == 0)
    close(B.mean(), exact.survivors_state, B)
    close(R.mean(), exact.survivors_insurgents, R)
    close(B[B > 0].mean(), exact.survivors_state_if_won, B[B > 0])
    close(R[R > 0].mean(), exact.survivors_insurgents_if_won, R[R > 0])
    for left, ends in ((B, exact.state_ends), (R, exact.insurgents_ends)):
        seen = np.bincount(left.astype(int), minlength=ends.size)
        common = ends * n > 10
        assert stats.chisquare(seen[common], ends[common] * seen[common].sum() / ends[common].sum()).pvalue > 1e-3


@holds_for(rates, rates, sizes, sizes)
def test_linear_law_by_the_beta_function(beta, rho, B0, R0):
    exact = theory.duel_theory("linear", beta, rho, B0, R0)
    assert theory.linear_state_win_chance(beta, rho, B0, R0) == pytest.approx(1 - exact.insurgents_win, abs=1e-12)


@holds_for(laws, rates, rates, sizes, sizes, shares)
def test_chances_are_chances(law, beta, rho, B0, R0, mu):
    exact = duel(law, beta, rho, B0, R0, mu)
    for ends, size in ((exact.state_ends, B0), (exact.insurgents_ends, R0)):
        assert ends.shape == (size + 1,)
        assert ends.min() >= 0
        assert ends.sum() == pytest.approx(1, abs=1e-12)
    assert 0 <= exact.insurgents_win <= 1
    assert exact.state_ends[0] + exact.insurgents_ends[0] == pytest.approx(1, abs=1e-12)
    assert 0 <= exact.survivors_state <= B0 and 0 <= exact.survivors_insurgents <= R0 * (1 + 1e-12)


@holds_for(laws, rates, rates, sizes, sizes, shares)
def test_more_of_a_side_never_lowers_its_chance(law, beta, rho, B0, R0, mu):
    here = duel(law, beta, rho, B0, R0, mu).insurgents_win
    assert duel(law, beta, rho, B0, R0 + 1, mu).insurgents_win >= here - 1e-12
    assert duel(law, beta, rho, B0 + 1, R0, mu).insurgents_win <= here + 1e-12
    assert duel(law, beta, 1.5 * rho, B0, R0, mu).insurgents_win >= here - 1e-12


@holds_for(st.sampled_from(["square", "linear"]), rates, rates, sizes, sizes)
def test_sides_may_be_exchanged(law, beta, rho, B0, R0):
    one, other = theory.duel_theory(law, beta, rho, B0, R0), theory.duel_theory(law, rho, beta, R0, B0)
    assert one.insurgents_win == pytest.approx(1 - other.insurgents_win, abs=1e-12)
    assert one.survivors_state == pytest.approx(other.survivors_insurgents, rel=1e-9, abs=1e-300)
    assert theory.duel_theory(law, beta, beta, B0, B0).insurgents_win == pytest.approx(0.5, abs=1e-12)


@holds_for(rates, rates, sizes, sizes)
def test_mixed_with_one_rate_ends_at_square_and_deitchman(beta, rho, B0, R0):
    for mu, law in ((1.0, "square"), (0.0, "deitchman")):
        mixed, pure = theory.duel_theory("mixed", beta, rho, B0, R0, mu), theory.duel_theory(law, beta, rho, B0, R0)
        np.testing.assert_array_equal(mixed.state_ends, pure.state_ends)


def test_a_side_that_is_absent_or_cannot_shoot():
    assert theory.duel_theory("square", 0.1, 0.1, 0, 5).survivors_insurgents == 5
    assert theory.duel_theory("linear", 0.1, 0.1, 5, 0).survivors_state == 5
    assert theory.linear_state_win_chance(0.1, 0.1, 5, 0) == 1
    harmless = theory.duel_theory("deitchman", 0.0, 0.1, 5, 7)
    assert (harmless.insurgents_win, harmless.survivors_insurgents) == (1, 7)
    assert math.isnan(harmless.survivors_state_if_won)


@pytest.mark.parametrize("law", theory.LAWS)
def test_hundreds_a_side_in_under_a_second(law):
    start = time.perf_counter()
    exact = theory.duel_theory(law, 0.01, 0.01 * 150 if law == "deitchman" else 0.01, 300, 300, 1.0)
    assert time.perf_counter() - start < 1
    assert exact.insurgents_win == pytest.approx(0.5, abs=0.02)  # even sides
    assert exact.state_ends.sum() == pytest.approx(1, abs=1e-12)


# ---- stalemate fold


def fold_at(share, k=0.02):
    """A fold with recruitment at `share` of its critical value, 5 a day."""
    return theory.Fold(0.001, 0.01, k, 100.0, share * 5.0)


def test_fold_boundary_by_integration():
    """Bisect on recruitment, with an implicit integrator of the equations as the limits state them."""

    def collapses(r):
        def gone(_, y):
            return y[0]

        gone.terminal = True

        def slope(_, y):
            return -0.01 * y[1] + 0.02 * (100 - y[0]), -0.001 * y[0] * y[1] + r

        return solve_ivp(slope, (0, 50_000), (100, 0), "LSODA", events=gone, rtol=1e-7).t_events[0].size > 0

    boundary = optimize.bisect(lambda r: 1 if collapses(r) else -1, 3, 8, xtol=1e-3)
    assert fold_at(1).critical_recruitment == pytest.approx(boundary, rel=2e-3)


def test_fold_equilibria_and_their_stability():
    fold = fold_at(0.9)
    for B, R, stable in fold.equilibria():
        slope = -fold.rho * R + fold.k * (fold.B_hat - B), -fold.beta * B * R + fold.r
        np.testing.assert_allclose(slope, 0, atol=1e-12)
        jacobian = [[-fold.k, -fold.rho], [-fold.beta * R, -fold.beta * B]]
        assert stable == (linalg.eigvals(jacobian).real.max() < 0)
    (B, R, stable), (_, _, other) = fold.equilibria()
    assert (stable, other) == (True, False)
    np.testing.assert_allclose(theory.fold_trajectory(fold, 100, 0, [10.0, 3000.0])[0][1], B, rtol=1e-6)
    np.testing.assert_allclose(theory.fold_trajectory(fold, B - 5, R + 5, 3000.0), (B, R), rtol=1e-6)
    assert theory.fold_trajectory(fold_at(1.2), 100, 0, 3000.0)[0] == 0
    assert [len(fold_at(share).equilibria()) for share in (0, 1, 1.01)] == [2, 1, 0]
    assert fold_at(1).equilibria()[0][2] is False


def test_fold_jump_process_against_its_generator():
    """Seven levels of soldiers and 41 of insurgents: collapse and means from the matrix exponential."""
    fold, top, horizon, n = theory.Fold(0.05, 0.08, 0.1, 6.0, 0.7), 40, 25.0, 20_000
    generator = np.zeros((7, top + 1, 7, top + 1))
    for b in range(1, 7):  # b = 0 absorbs
        for r in range(top + 1):
            generator[b, r, b - 1, r] = fold.rho * r
            generator[b, r, min(b + 1, 6), r] += fold.k * (6 - b)
            generator[b, r, b, max(r - 1, 0)] += fold.beta * b * r
            generator[b, r, b, min(r + 1, top)] += fold.r
    flat = generator.reshape(7 * (top + 1), -1)
    chance = linalg.expm(horizon * (flat - np.diag(flat.sum(axis=1)))).reshape(generator.shape)[6, 2]
    assert chance[:, top].sum() < 1e-6  # the cut at 40 insurgents does not matter
    day, B, R = theory.fold_jump_process(np.random.default_rng(3), fold, 6, 2, horizon, n)
    assert 0.1 < chance[0].sum() < 0.9
    assert np.array_equal(np.isfinite(day), B == 0) and day[B == 0].max() <= horizon
    close(np.mean(B == 0), chance[0].sum(), B == 0)
    close(B.mean(), chance.sum(axis=1) @ np.arange(7), B)
    close(R.mean(), chance.sum(axis=0) @ np.arange(top + 1), R)


@pytest.mark.slow
def test_fold_jump_process_tends_to_the_deterministic_path():
    large = theory.Fold(1e-5, 0.01, 0.02, 10_000.0, 450.0)  # fold_at(0.9), a hundred times as many people
    B, R = theory.fold_trajectory(fold_at(0.9), 100, 0, 20.0)
    _, state, insurgents = theory.fold_jump_process(np.random.default_rng(1), large, 10_000, 0, 20.0, 40)
    np.testing.assert_allclose(state.mean() / 100, B, rtol=0.0016)  # about five standard errors, as seen over six seeds
    np.testing.assert_allclose(insurgents.mean() / 100, R, rtol=0.012)


@pytest.mark.parametrize("r", [0.3, 30.0])
@pytest.mark.parametrize("share", [0.97, 1.03])
def test_without_reinforcement_the_pool_of_recruits_decides(r, share):
    fold = theory.Fold(0.001, 0.01, 0.0, 100.0, r)
    pool = share * fold.critical_pool(100, 50)
    joining = theory.fold_trajectory(fold, 100, 50, pool / r)
    B, _ = theory.fold_trajectory(theory.Fold(0.001, 0.01, 0.0, 100.0, 0.0), *joining, 20_000.0)
    assert (B == 0) == (share > 1)  # however fast they join


def test_fold_jump_process_without_reinforcement_is_deitchman():
    fold, n = theory.Fold(0.01, 0.1, 0.0, 20.0, 0.4), 5000
    exact = theory.duel_theory("deitchman", 0.01, 0.1, 20, 20)
    _, B, R = theory.fold_jump_process(np.random.default_rng(5), fold, 20, 20, 1e6, n, pool=0)
    close(np.mean(B == 0), exact.insurgents_win, B == 0)
    close(R.mean(), exact.survivors_insurgents, R)
    # without reinforcement, six who join later count exactly as six who were there from the start
    _, B, _ = theory.fold_jump_process(np.random.default_rng(6), fold, 20, 14, 1e6, n, pool=6)
    close(np.mean(B == 0), exact.insurgents_win, B == 0)


# ---- coalescence and fragmentation


@pytest.mark.parametrize("nu", [Fraction(1, 64), Fraction(3, 8), Fraction(1)])
def test_group_numbers_are_the_formula_and_sum_to_all_fighters(nu):
    c, w = (1 - nu) / (2 - nu), 1 / (2 - nu)
    written = [1000 * math.comb(2 * s - 2, s - 1) // s * c ** (s - 1) * w**s / s for s in range(1, 200)]
    s = np.arange(1, 2_000_000)
    numbers = theory.group_numbers(1000, float(nu), s)
    np.testing.assert_allclose(numbers[:199], np.array(written, float), rtol=1e-9)
    assert s @ numbers == pytest.approx(1000, rel=1e-6)


def test_large_groups_decay_as_a_power_with_a_cutoff():
    nu = 0.01
    s0 = theory.group_cutoff(nu)
    assert s0 == pytest.approx(4 / nu**2, rel=0.02)
    s = np.array([1e4, 1e5, 1e6])
    shape = theory.group_numbers(1, nu, s) * s**2.5 * np.exp(s / s0)
    np.testing.assert_allclose(shape, shape[-1], rtol=1e-4)
    assert theory.log_catalan(1e6) == pytest.approx(
        1e6 * math.log(4) - 1.5 * math.log(1e6) - math.log(math.pi) / 2, abs=2e-6
    )
    s = np.array([300.0, 400.0])  # far above 1, far below s0: attacks ~ s^theta leave events ~ s^-(5/2 - theta)
    events = s**0.65 * theory.group_numbers(1, 1e-4, s)
    assert -np.diff(np.log(events)) / np.diff(np.log(s)) == pytest.approx(theory.event_size_exponent(0.65), abs=0.01)


def simulated_groups(rng, fighters, nu, warm_up, events, top):
    """Mean numbers of groups of sizes 0 to `top`, playing the process as the limits tell it, fighter by fighter."""
    group, members = list(range(fighters)), [[i] for i in range(fighters)]  # a group's name is one of its members'
    counts, total = np.zeros(fighters + 1), np.zeros(top + 1)
    counts[1] = fighters
    for event in range(warm_up + events):
        first, second = (int(i) for i in rng.integers(fighters, size=2))  # a random fighter's group: chance ~ size
        here, there = members[group[first]], members[group[second]]
        if rng.random() < nu:
            counts[len(here)] -= 1
            counts[1] += len(here)
            for i in here:
                group[i], members[i] = i, [i]
        elif here is not there:
            counts[len(here)] -= 1
            counts[len(there)] -= 1
            counts[len(here) + len(there)] += 1
            for i in there:
                group[i] = group[first]
            here.extend(there)
        if event >= warm_up:
            total += counts[: top + 1]
    return total / events


@pytest.mark.slow
def test_group_numbers_against_a_simulation():
    fighters, nu, sizes_seen = 2000, 0.3, np.arange(1, 7)
    chains = [simulated_groups(np.random.default_rng(i), fighters, nu, 8000, 12_000, 6)[1:] for i in range(6)]
    error = np.std(chains, axis=0, ddof=1) / math.sqrt(len(chains))
    exact = theory.group_numbers(fighters, nu, sizes_seen)
    # besides chance, a group that meets itself does not merge: of the order of its mean size, 1/nu, over N
    assert np.all(np.abs(np.mean(chains, axis=0) - exact) < 5 * error + exact / (nu * fighters))


# ---- bad input


BAD = [
    (theory.LawError, "law = sqare: allowed are square, .*nearest is square", theory.duel_theory, "sqare", 1, 1, 1, 1),
    (theory.RateError, "beta = -0.1: .* of at least 0", theory.duel_theory, "square", -0.1, 1, 1, 1),
    (theory.RateError, "rho = nan: .*finite", theory.duel_theory, "square", 1, math.nan, 1, 1),
    (theory.RateError, "beta_area = -2", theory.duel_theory, "mixed", 1, 1, 1, 1, 0.5, -2),
    (theory.RateError, "rho = 0, beta = 0", theory.duel_theory, "linear", 0, 0, 1, 1),
    (theory.SizeError, "B0 = 2.5: allowed is a whole number", theory.duel_theory, "square", 1, 1, 2.5, 1),
    (theory.SizeError, "R0 = -3", theory.duel_theory, "square", 1, 1, 1, -3),
    (theory.SizeError, "B0_and_R0 = 0: .* above 0", theory.duel_theory, "square", 1, 1, 0, 0),
    (theory.ShareError, "mu = 1.2: .* at most 1", theory.duel_theory, "mixed", 1, 1, 1, 1, 1.2),
    (theory.ShareError, "mu = -0.1", theory.mixed_trajectory, 1, 1, 1, 1, -0.1, 1, 1),
    (theory.TimeError, "t = -1.0", theory.square_trajectory, 1, 1, 2, 1, [0, -1]),
    (theory.RateError, "beta = 0: .* above 0", theory.deitchman_end, 0, 1, 2, 1),
    (theory.SizeError, "B0 = -2", theory.square_end, 1, 1, -2, 1),
    (theory.RateError, "k = -1", theory.Fold, 1, 1, -1, 10, 1),
    (theory.SizeError, "B_hat = 0", theory.Fold, 1, 1, 1, 0, 1),
    (theory.SizeError, "n = 0", theory.fold_jump_process, None, fold_at(1), 10, 0, 1.0, 0),
    (theory.SizeError, "pool = -1", theory.fold_jump_process, None, fold_at(1), 10, 0, 1.0, 1, -1),
    (theory.ShareError, "nu = 0: .* above 0 and at most 1", theory.group_numbers, 10, 0, 1),
    (theory.SizeError, "s = 1.5", theory.group_numbers, 10, 0.5, [1, 1.5]),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case[1])
def test_bad_input_is_refused_by_name(case):
    error, message, function, *values = case
    with pytest.raises(error, match=message) as caught:
        function(*values)
    assert "\n" not in str(caught.value)
