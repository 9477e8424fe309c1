"""Judging over runs: shares, medians, intervals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments import load_scenario
from experiments.messages import BadSettingError
from experiments.paths import conf_dir
from experiments.science import evidence as e
from experiments.science.observation import Events
from experiments.science.targets import Pattern, Target, TargetsError, load_article, load_events


def pattern(aggregation, kind, *values, per_run=None):
    return Pattern("X", "", aggregation, Target(kind, values), measure="m", per_run=per_run)


def test_wilson_against_a_published_value():
    """Newcombe 1998, method 3: 81 of 263, 95 %: 0.2553 to 0.3662."""
    assert e.wilson(81, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_share():
    found = e.judge_values(pattern("share", ("at_least",), 0.5), np.array([1, 1, 0, 1]))
    assert (found.estimate, found.share, found.passed, found.runs) == (0.75, 0.75, True, 4)


def test_a_share_of_a_band_per_run():
    p = pattern("share", ("at_least",), 0.5, per_run=Target(("at_least",), (3,)))
    assert e.judge_values(p, np.array([2, 3, 4, 2, 1])).share == pytest.approx(0.4)


def test_a_median_leaves_out_what_is_undefined():
    found = e.judge_values(pattern("median", ("low", "high"), 1, 3), np.array([1, 2, 4, np.nan]))
    assert (found.estimate, found.runs) == (2, 3)
    assert found.passed
    assert found.share == pytest.approx(2 / 3)


def test_nothing_defined_is_no_pass():
    found = e.judge_values(pattern("median", ("low", "high"), 1, 3), np.array([np.nan]))
    assert not found.passed
    assert found.as_json()["estimate"] is None


def test_covers():
    values = np.arange(101.0)
    assert e.judge_values(pattern("interval", ("covers",), 5), values).passed
    assert not e.judge_values(pattern("interval", ("covers",), 4), values).passed


def test_an_unknown_measure_is_named():
    with pytest.raises(TargetsError, match="no measure 'm'"):
        e.judge_rows([pattern("share", ("above",), 0.5)], [{"a2": True}])


def test_months():
    targets = load_events((conf_dir(),))
    rule = dataclasses.replace(targets.rule, zero_death=0.9)

    def run(scale):
        day = np.concatenate([np.full(round(m.events * scale), m.days[0]) for m in targets.months])
        n = len(day)
        return Events(day, np.full(n, 4), np.zeros(n, int), np.zeros(n), np.zeros(n), np.zeros(n))

    findings, tables = e.judge_months(targets, [run(s) for s in (0.5, 1, 1, 1, 2)], rule)
    assert [f.pattern.id for f in findings] == ["monthly_events", "monthly_deaths"]
    assert findings[0].estimate == 8
    assert findings[0].passed
    assert [m.median for m in tables["events"]] == [m.events for m in targets.months]


def test_windows_must_agree():
    article = load_article((conf_dir(),))
    scenario = load_scenario("mali_2025")
    e.check_windows(scenario, article)
    with pytest.raises(e.WindowMismatchError, match="its summer is"):
        e.check_windows(dataclasses.replace(scenario, summer=(1, 2)), article)
    with pytest.raises(BadSettingError, match="days: 400"):
        e.check_windows(dataclasses.replace(scenario, days=400), article)
