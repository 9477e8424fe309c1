"""Outcome classes on made traces, at both edges of every threshold of the fact sheet."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim import codes
from sim.outcomes import (
    INDETERMINATE,
    INSURGENT_NATIONAL,
    INSURGENT_REGIONAL,
    NOT_ASSESSED,
    OUTCOMES,
    PLAIN_WORDS,
    STALEMATE,
    STATE_BREAKTHROUGH,
    Record,
    Thresholds,
    events_within,
    holds,
    judge,
    shocks,
    trend_interval,
)
from sim.trace import trace_dtype

CAPITAL, REGION, TOWN = 0, 1, 2
T = Thresholds()


def quiet_war(days=540):
    """A war in which nobody wins: a trace that is a stalemate by every condition."""
    trace = np.zeros(days, trace_dtype())
    trace["day"] = np.arange(days)
    trace["capital_served"] = 1.0
    trace["place_served"] = 1.0
    trace["insurgents"] = 5000
    trace["events"] = 1.0
    trace["corridor_flow"] = 1.0
    held(trace, TOWN, 100, 110)
    return trace


def held(trace, place, first, end):
    trace["place_holder"][first:end, place] = codes.HELD_BY_INSURGENTS
    return trace


def verdict(trace, thresholds=None):
    return judge(Record(trace, CAPITAL, (REGION,), 482), thresholds)


def of(change, days=540):
    trace = quiet_war(days)
    change(trace)
    return verdict(trace)


def column(name, value, first=0, end=None):
    def change(trace):
        trace[name][first:end] = value

    return change


def test_the_base_is_a_stalemate_with_its_evidence():
    outcome = verdict(quiet_war())
    assert outcome.name == STALEMATE and outcome.day is None and not outcome.strangled
    assert all(part["met"] for part in outcome.evidence.values()) and len(outcome.evidence) == 5
    assert set(PLAIN_WORDS) == set(OUTCOMES)


def test_defaults_are_the_fact_sheets():
    assert Thresholds(
        capital_lost_days=7, centres_held_share=0.5, centres_held_days=90, region_held_days=90, broken_window_days=180,
        broken_strength=0.2, broken_events=0.1, broken_flow=0.95, trend_points_per_year=5, events_low=5, events_high=60,
        events_windows=0.8, served_outside_shocks=0.8, denied_below=0.3, recovered_above=0.8, shock_days=3,
        shock_over_within_days=120, strangled_days=60,
    ) == T  # fmt: skip


# --- insurgent breakthroughs ---


@pytest.mark.parametrize(("days", "name"), [(6, STALEMATE), (7, INSURGENT_NATIONAL)])
def test_the_capital_lost_for_seven_days_in_a_row(days, name):
    outcome = of(lambda t: held(t, CAPITAL, 200, 200 + days))
    assert outcome.name == name
    if name != STALEMATE:
        assert (outcome.reason, outcome.day) == ("capital", 206) and outcome.evidence == {
            "reason": "capital",
            "day": 206,
        }


def test_days_of_loss_with_a_break_are_not_in_a_row():
    def change(trace):
        held(trace, CAPITAL, 200, 206)
        held(trace, CAPITAL, 207, 213)

    assert of(change).name == STALEMATE


@pytest.mark.parametrize(("share", "days", "broke"), [(0.5, 90, True), (0.5, 89, False), (0.499, 300, False)])
def test_half_of_the_centres_people_for_ninety_days(share, days, broke):
    outcome = of(column("held_share", share, 100, 100 + days))
    assert (outcome.name == INSURGENT_NATIONAL) is broke
    if broke:
        assert (outcome.reason, outcome.day) == ("centres", 189)


@pytest.mark.parametrize(("days", "broke"), [(89, False), (90, True)])
def test_one_regional_capital_for_ninety_days(days, broke):
    outcome = of(lambda t: held(t, REGION, 50, 50 + days))
    assert (outcome.name == INSURGENT_REGIONAL) is broke
    if broke:
        assert (outcome.reason, outcome.day) == ("region", 139)
    assert of(lambda t: held(t, TOWN, 50, 300)).name != INSURGENT_REGIONAL  # a town is no region


def test_a_collapse_is_a_national_breakthrough_and_the_first_reason_counts():
    def change(trace):
        trace["collapsed"][300:] = 1
        held(trace, CAPITAL, 310, 330)
        held(trace, REGION, 0, 100)

    outcome = of(change)
    assert (outcome.name, outcome.reason, outcome.day) == (INSURGENT_NATIONAL, "collapse", 300)


# --- state breakthrough ---


def broken_insurgency(days=540, strength=999, events=0.09, flow=0.95):
    trace = np.zeros(days, trace_dtype())
    trace["capital_served"] = trace["corridor_flow"] = 1.0
    trace["insurgents"] = 5000
    trace["events"][:180] = 1.0
    trace["insurgents"][-180:], trace["events"][-180:], trace["corridor_flow"][-180:] = strength, events, flow
    return trace


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({}, True),
        ({"strength": 1000}, False),
        ({"events": 0.101}, False),
        ({"flow": 0.9499}, False),
        ({"days": 359}, False),
    ],
)
def test_the_insurgency_is_broken_by_all_four_conditions(change, broken):
    outcome = verdict(broken_insurgency(**change))
    assert (outcome.name == STATE_BREAKTHROUGH) is broken
    if broken:
        assert (outcome.reason, outcome.day) == ("insurgency_broken", 539)


def test_no_centre_may_be_held_in_the_last_window_and_one_strong_day_spoils_it():
    trace = broken_insurgency()
    trace["held_share"][-1] = 0.01
    assert verdict(trace).name != STATE_BREAKTHROUGH
    trace = broken_insurgency()
    trace["insurgents"][-180] = 1000
    assert verdict(trace).name != STATE_BREAKTHROUGH
    trace = broken_insurgency()
    trace["held_share"][-181] = 0.3
    assert verdict(trace).name == STATE_BREAKTHROUGH


def test_without_insurgents_from_the_start_nobody_has_been_broken():
    trace = broken_insurgency()
    trace["insurgents"] = trace["events"] = 0
    assert verdict(trace).name == INDETERMINATE


# --- stalemate, condition by condition ---


def met(change, condition):
    trace = quiet_war()
    change(trace)
    outcome = verdict(trace)
    part = outcome.evidence[condition]["met"]
    assert (outcome.name == STALEMATE) is all(p["met"] for p in outcome.evidence.values())
    return part


@pytest.mark.parametrize(("events", "ok"), [(4 / 30, False), (5 / 30, True), (60 / 30, True), (61 / 30, False)])
def test_thirty_day_windows_with_five_to_sixty_events(events, ok):
    assert met(column("events", events), "windows_with_low_intensity") is ok


def test_four_windows_in_five_suffice():
    events = np.full(530, 1.0)  # 501 windows
    events[-129:] = 0.0  # the last windows fall below five: those with fewer than five eventful days
    share = events_within(events, T)
    windows = [5 <= events[k : k + 30].sum() <= 60 for k in range(501)]
    assert share == pytest.approx(np.mean(windows)) and 0.75 < share < 0.85
    assert events_within(np.ones(29), T) == 0.0


@pytest.mark.parametrize(("first", "end", "ok"), [(100, 101, False), (100, 102, True), (500, 540, False)])
def test_a_temporary_capture_lasts_two_day_ends_and_ends(first, end, ok):
    def change(trace):
        trace["place_holder"] = codes.HELD_BY_STATE
        held(trace, TOWN, first, end)

    assert met(change, "temporary_captures") is ok


@pytest.mark.parametrize(("served", "ok"), [(0.799, False), (0.801, True)])
def test_the_capital_is_served_outside_shocks(served, ok):
    assert met(column("capital_served", served), "capital_served_outside_shocks") is ok


def test_days_within_a_shock_do_not_count_as_outside():
    # Sixty dry days would pull the plain mean below; outside of the shock the capital is served at 0.85.
    trace = quiet_war()
    trace["capital_served"] = 0.85
    trace["capital_served"][200:260] = 0.1
    assert trace["capital_served"].mean() < 0.8
    outcome = verdict(trace)
    assert outcome.evidence["capital_served_outside_shocks"]["value"] == pytest.approx(0.85)
    assert outcome.name == STALEMATE and outcome.strangled


@pytest.mark.parametrize(("dry", "ok"), [(115, True), (116, False)])
def test_a_shock_is_over_within_a_hundred_and_twenty_days(dry, ok):
    # Full service brings the week's mean to 0.8 on the sixth day after.
    def change(trace):
        trace["capital_served"][100 : 100 + dry] = 0.0

    trace = quiet_war()
    change(trace)
    ((first, over),) = shocks(trace["capital_served"], T)
    assert (first, over) == (100, 100 + dry + 5)
    assert met(change, "longest_shock_days") is ok


def test_a_shock_needs_three_days_and_one_that_is_open_fails():
    served = np.ones(100)
    served[10:12] = 0.0
    assert shocks(served, T) == []
    served[10:13] = 0.0
    assert len(shocks(served, T)) == 1
    served[10:13] = 0.3  # not below
    assert shocks(served, T) == []
    served[90:] = 0.0
    assert shocks(served, T) == [(90, None)]
    assert met(column("capital_served", 0.0, 530), "longest_shock_days") is False


def test_a_relapse_before_recovery_is_the_same_shock():
    served = np.ones(100)
    served[10:20] = 0.0
    served[22:30] = 0.0
    ((first, over),) = shocks(served, T)
    assert first == 10 and over > 30


@pytest.mark.parametrize(("days", "strangled"), [(59, False), (60, True)])
def test_strangled_is_sixty_days_in_a_row(days, strangled):
    assert of(column("capital_served", 0.29, 100, 100 + days)).strangled is strangled


def test_a_trend_of_control_beyond_five_points_a_year_is_no_stalemate():
    def slope(points):
        return lambda trace: trace.__setitem__("held_share", np.arange(540) / 365 * points / 100)

    assert met(slope(4.9), "control_trend_points_per_year") is True
    assert met(slope(5.1), "control_trend_points_per_year") is False
    assert met(slope(-0.1), "control_trend_points_per_year") is True


def test_the_trends_interval_covers_the_slope_of_noisy_series():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(100):
        noise = np.convolve(rng.normal(size=570), np.ones(31) / 31, mode="valid") * 0.05
        low, high = trend_interval(0.1 + 0.03 * np.arange(540) / 365 + noise)
        assert low < high
        hits += low <= 3 <= high
    assert hits >= 70  # a block bootstrap of 18 blocks covers less than its 90 %
    assert trend_interval(np.full(540, 0.2)) == (0.0, 0.0)
    assert trend_interval(np.arange(59) / 59.0) == (0.0, 0.0)  # shorter than two blocks


# --- short runs, thresholds ---


def test_short_runs_are_not_assessed_unless_something_broke():
    assert verdict(quiet_war(481)).name == NOT_ASSESSED
    assert verdict(quiet_war(482)).name == STALEMATE
    assert verdict(held(quiet_war(100), CAPITAL, 50, 60)).name == INSURGENT_NATIONAL


def test_stalemate_is_never_the_residual_class():
    assert of(column("events", 0.0)).name == INDETERMINATE


@pytest.mark.parametrize("field", [f.name for f in fields(Thresholds)])
@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_every_threshold_can_be_moved(field, factor):
    moved = replace(T, **{field: getattr(T, field) * factor})
    assert verdict(quiet_war(), moved).name in OUTCOMES


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_holds_are_the_spells_of_two_days_and_more(pattern):
    trace = np.zeros(len(pattern), trace_dtype())
    trace["place_holder"][:, TOWN] = pattern
    found = holds(trace["place_holder"] == codes.HELD_BY_INSURGENTS)
    days = sum((end if end is not None else len(pattern)) - first for _, first, end in found)
    lone = sum(
        p and not (k and pattern[k - 1]) and not (k + 1 < len(pattern) and pattern[k + 1])
        for k, p in enumerate(pattern)
    )
    assert days + lone == sum(pattern) and all(p == TOWN for p, _, _ in found)
    assert all(end is None or end - first >= 2 for _, first, end in found) and math.isfinite(days)


@settings(max_examples=100, deadline=None)
@given(
    hnp.arrays(np.int8, (40, 3), elements=st.integers(0, 2)),
    hnp.arrays(np.float64, 40, elements=st.sampled_from([0.1, 0.5, 1.0])),
    st.integers(1, 45),
)
def test_a_record_cut_short_knows_what_the_shorter_record_would(holders, served, days):
    trace = quiet_war(40)
    trace["place_holder"][:, :3] = holders
    trace["capital_served"] = served
    whole = Record(trace, CAPITAL, (REGION,), 482)
    cut, alone = whole.until(days), Record(trace[:days], CAPITAL, (REGION,), 482)
    assert cut.holds == alone.holds
    assert np.array_equal(cut.held, alone.held)
    assert np.array_equal(cut.capital_week, alone.capital_week)
    assert judge(cut, T) == judge(alone, T)
