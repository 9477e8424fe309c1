"""Duels by the model's own rules: every law agrees with its exact chances, whatever the numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.verification.bare import sigmas
from experiments.verification.duels import Duel, fight, follow
from sim.theory import LAWS, linear_state_win_chance

RATES = st.floats(0.01, 10.0)
SIZES = st.integers(1, 25)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, derandomize=True)
@given(law=st.sampled_from(LAWS), beta=RATES, rho=RATES, B0=SIZES, R0=SIZES, mu=st.floats(0, 1), area=RATES)
def test_any_duel_agrees_with_theory(law, beta, rho, B0, R0, mu, area):
    result = fight(Duel(law, beta, rho, B0, R0, mu, area), 1000)
    for e in result.estimates:
        assert abs(sigmas(e.model, e.theory, e.standard_error)) < 5.5


@pytest.mark.slow
def test_the_linear_law_is_the_incomplete_beta():
    found = fight(Duel("linear", 0.02, 0.03, 15, 10), 500)
    assert 1.0 - found.insurgents_win.theory == pytest.approx(linear_state_win_chance(0.02, 0.03, 15, 10))


@pytest.mark.slow
def test_a_wrong_law_is_noticed():
    """The state's fire aimed instead of into an area changes the chance by far more than the error."""
    right = fight(Duel("deitchman", 0.045, 0.45, 20, 20), 2000).insurgents_win
    wrong = fight(Duel("mixed", 0.045, 0.45, 20, 20, 0.2, 0.045), 2000).insurgents_win
    assert abs(wrong.model - right.theory) > 4.5 * right.standard_error


@pytest.mark.slow
def test_results_do_not_depend_on_how_the_work_is_split(monkeypatch):
    duel = Duel("square", 0.1, 0.1, 8, 8)
    first = fight(duel, 200, seed=3, losses_per_round=0.1)
    monkeypatch.setattr("experiments.verification.duels._PIECES", 3)
    assert fight(duel, 200, seed=3, losses_per_round=0.1) == first
    assert fight(duel, 200, seed=4, losses_per_round=0.1) != first


@pytest.mark.slow
def test_large_numbers_take_their_course_without_chance():
    days = np.linspace(0, 5, 6)
    path = follow(Duel("square", 0.1, 0.1, 100, 100), 100_000, days, 200, seed=1)
    expected = 100 * np.exp(-0.1 * days)
    assert np.abs(path - expected).max() < 0.2


def test_sigmas():
    assert sigmas(1.0, 1.0, 0.0) == 0.0
    assert sigmas(2.0, 1.0, 0.5) == 2.0
    assert sigmas(2.0, 1.0, 0.0) == float("inf")
