"""Scores against values worked out by hand or in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.science.scoring import NegativeBinomial, bandwidth, crps, fit_negative_binomial, log_score, rank


def test_crps_by_hand():
    """Runs 1 and 3, seen 2: mean error 1, half the mean distance of different runs 1."""
    assert crps(np.array([1, 3]), 2) == 0
    assert crps(np.array([1, 3]), 5) == 3 - 1
    assert crps(np.array([4]), 1) == 3


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12), st.integers(0, 60))
def test_crps_is_its_definition(counts, seen):
    x = np.array(counts, float)
    pairs = np.abs(x[:, None] - x)
    n = len(x)
    assert crps(x, seen) == pytest.approx(np.abs(x - seen).mean() - pairs.sum() / (2 * n * (n - 1)))


def test_crps_of_a_normal_sample_is_the_closed_form():
    """Gneiting & Raftery 2007: σ(z(2Φ(z) − 1) + 2φ(z) − 1/√π)."""
    x = stats.norm(50, 10).ppf((np.arange(20_000) + 0.5) / 20_000)
    z = 1.2
    exact = 10 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    assert crps(x, 62) == pytest.approx(exact, rel=1e-3)


def test_log_score_by_hand():
    """One run of 4: spread ½, bandwidth 0.45; the mass of a normal at 2 from √3.5 to √4.5."""
    h = 0.45
    mass = stats.norm.cdf((math.sqrt(4.5) - 2) / h) - stats.norm.cdf((math.sqrt(3.5) - 2) / h)
    assert bandwidth(np.array([4])) == pytest.approx(h)
    assert log_score(np.array([4]), 4) == pytest.approx(math.log(mass))


@pytest.mark.parametrize("counts", [[0, 0, 1], [4, 9, 30], [40, 60, 90]])
def test_chances_add_up_to_one(counts):
    total = sum(math.exp(log_score(np.array(counts), k)) for k in range(400))
    assert total == pytest.approx(1, abs=1e-9)


def test_a_surprise_is_punished_but_finite():
    counts = np.full(200, 20)
    scores = [log_score(counts, seen) for seen in (20, 40, 400, 4000)]
    assert all(np.isfinite(scores))
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < -1000


def test_smoothing_comes_close_to_the_truth():
    """Runs drawn from a negative binomial score nearly as their law does."""
    rng = np.random.default_rng(8)
    law = stats.nbinom(10, 10 / (10 + 25))
    runs = law.rvs(400, random_state=rng)
    gaps = [log_score(runs, k) - law.logpmf(k) for k in law.rvs(300, random_state=rng)]
    assert np.mean(gaps) == pytest.approx(0, abs=0.05)


def test_rank():
    assert rank(np.array([1, 2, 2, 5]), 2) == pytest.approx(0.25 + 0.25)


def test_the_negative_binomial_comes_back():
    x = stats.nbinom(3, 3 / (3 + 40)).rvs(20_000, random_state=np.random.default_rng(9))
    law = fit_negative_binomial(x)
    assert law.mean == pytest.approx(40, rel=0.02)
    assert law.size == pytest.approx(3, rel=0.05)


def test_without_overdispersion_the_null_is_poisson():
    law = fit_negative_binomial(np.array([20, 21, 20, 21]))
    assert law.log_score(18) == pytest.approx(stats.poisson(20.5).logpmf(18), abs=1e-3)


def test_the_nulls_scores_by_hand():
    law = NegativeBinomial(mean=1.0, size=1.0)  # geometric: P(k) = 2^-(k+1), P(X ≤ k) = 1 − 2^-(k+1)
    assert law.log_score(2) == pytest.approx(math.log(1 / 8))
    assert law.crps(0) == pytest.approx(sum(4.0 ** -(k + 1) for k in range(60)))
    assert law.crps(1) == pytest.approx(0.25 + sum(4.0 ** -(k + 1) for k in range(1, 60)))
