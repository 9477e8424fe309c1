"""Kaplan-Meier curves against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments.comparison.survival import insurgent_breakthrough_times, without_breakthrough


def test_steps_by_hand() -> None:
    # five runs: ended on 10 and 20, censored on 15, 30, 30 -> 4/5, then 4/5 * 2/3
    curve = without_breakthrough(np.array([10, 15, 20, 30, 30]), np.array([True, False, True, False, False]), 30)
    assert curve["day"].tolist() == [0, 10, 20, 30]
    assert curve["share"].to_numpy() == pytest.approx([1, 0.8, 0.8 * 2 / 3, 0.8 * 2 / 3])
    assert (curve["low"] <= curve["share"]).all() and (curve["share"] <= curve["high"]).all()


def test_nothing_happened() -> None:
    curve = without_breakthrough(np.full(4, 540), np.zeros(4, bool), 540)
    assert curve["share"].tolist() == [1, 1] and curve["day"].tolist() == [0, 540]


def test_all_fell_on_one_day() -> None:
    curve = without_breakthrough(np.full(4, 100), np.ones(4, bool), 540)
    assert curve["share"].tolist() == [1, 0, 0] and np.isfinite(curve.to_numpy(float)).all()


def test_only_insurgent_breakthroughs_count() -> None:
    outcomes = ["insurgent_regional_breakthrough", "state_breakthrough", "stalemate"]
    runs = pd.DataFrame({"outcome": outcomes, "breakthrough_day": [77, 539, -1]})
    days, happened = insurgent_breakthrough_times(runs, 540)
    assert days.tolist() == [77, 540, 540] and happened.tolist() == [True, False, False]
