"""Spells, the week's mean and the median of holds with some still open."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.spells import kaplan_meier_median, longest, spells, week_mean

flags = st.lists(st.booleans(), max_size=60).map(lambda x: np.array(x, dtype=bool))


@settings(max_examples=100, deadline=None)
@given(flags)
def test_spells_rebuild_the_days_and_never_touch(days):
    found = spells(days)
    again = np.zeros(len(days), dtype=bool)
    for first, end in found:
        assert first < end
        again[first:end] = True
    assert np.array_equal(again, days)
    assert all(b < c for (_, b), (c, _) in itertools.pairwise(found))
    assert longest(days) == max((b - a for a, b in found), default=0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_week_mean_is_the_mean_of_up_to_seven_days(values):
    got = week_mean(np.array(values))
    assert got == pytest.approx([np.mean(values[max(0, k - 6) : k + 1]) for k in range(len(values))], abs=1e-12)


@pytest.mark.parametrize(
    ("durations", "ended", "median"),
    [
        ([1, 2, 3, 4], [1, 1, 1, 1], 2),
        ([1, 2, 3], [1, 1, 1], 2),
        ([5], [1], 5),
        ([5], [0], None),
        ([2, 100, 100], [1, 0, 0], None),
        ([2, 3, 100], [1, 1, 0], 3),
        ([2, 2, 9], [0, 1, 1], 9),  # 2/3 after day 2, then 0
        ([4, 6, 6, 6], [0, 1, 1, 0], 6),
    ],
)
def test_the_median_of_holds_with_open_ones_by_hand(durations, ended, median):
    assert kaplan_meier_median(np.array(durations, float), np.array(ended, bool)) == median


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=40))
def test_without_open_holds_it_is_the_ordinary_lower_median(durations):
    got = kaplan_meier_median(np.array(durations, float), np.ones(len(durations), bool))
    assert got == sorted(durations)[(len(durations) - 1) // 2]
