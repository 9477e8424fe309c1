"""The shipped targets are read; what is wrong in targets is refused by name, in one line."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import yaml

from experiments.paths import conf_dir
from experiments.science import targets as t
from sim.outcomes import Thresholds

FOLDERS = (conf_dir(),)


@pytest.fixture(scope="module")
def shipped():
    return {
        name: yaml.safe_load((conf_dir() / "targets" / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("article", "ucdp_2025")
    }


def load(tmp_path, name, data):
    """Load changed targets from a folder of their own."""
    (tmp_path / "targets").mkdir(exist_ok=True)
    (tmp_path / "targets" / f"{name}.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return (t.load_article if name == "article" else t.load_events)((tmp_path,))


def test_the_article_has_its_nine_patterns():
    article = t.load_article(FOLDERS)
    assert [p.id for p in article.patterns] == [f"A{k}" for k in range(1, 10)]
    assert {p.id for p in article.patterns if p.use == "calibrated"} == {"A1", "A2", "A6"}
    assert article.windows == {"summer": (151, 242), "until_judged": (0, 482)}


def test_the_thresholds_are_the_models():
    assert dict(t.load_article(FOLDERS).thresholds) == dataclasses.asdict(Thresholds())


def test_the_recorded_months():
    events = t.load_events(FOLDERS)
    assert [m.events for m in events.months] == [16, 17, 22, 17, 18, 35, 24, 19]
    assert [m.deaths for m in events.months] == [44, 45, 105, 38, 76, 230, 150, 137]
    assert events.months[0].days[0] == 0
    for month, after in zip(events.months, events.months[1:], strict=False):
        assert month.days[1] + 1 == after.days[0]
        assert month.days[1] - month.days[0] + 1 == t.month_days(month.month)
    assert {p.use for p in events.monthly} == {"calibrated"}
    assert {p.use for p in events.statistics} == {"held_back"}


def drop(path):
    def change(data):
        *most, last = path
        for key in most:
            data = data[key]
        del data[last]

    return change


def put(path, value):
    def change(data):
        *most, last = path
        for key in most:
            data = data[key]
        data[last] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "error", "words"),
    [
        ("article", drop(["patterns"]), t.MissingFieldError, "targets article: no 'patterns'"),
        ("article", put(["patterns"], {}), t.EmptyError, "targets article: pattern: empty"),
        ("article", drop(["patterns", "A3", "formula"]), t.MissingFieldError, "pattern A3: no 'formula'"),
        ("article", drop(["patterns", "A1", "target"]), t.MissingFieldError, "pattern A1: no 'target'"),
        ("article", put(["patterns", "A1", "windw"], "summer"), t.UnknownFieldError, "'window'"),
        ("article", put(["patterns", "A1", "window"], "winter"), t.UnknownFieldError, "'winter'"),
        ("article", put(["patterns", "A1", "target"], {"low": 4, "high": 1}), t.BadTargetValueError, "A1: target"),
        ("article", put(["patterns", "A1", "target"], {"low": 4}), t.BadTargetValueError, "low and high"),
        ("article", put(["patterns", "A1", "use"], "tuned"), t.BadTargetValueError, "calibrated or held_back"),
        ("article", put(["patterns", "A1", "aggregation"], "mode"), t.BadTargetValueError, "median"),
        ("article", put(["windows", "summer"], [242, 151]), t.BadTargetValueError, "windows.summer"),
        ("ucdp_2025", drop(["months", 2, "events"]), t.MissingFieldError, "month 2025-03: no 'events'"),
        ("ucdp_2025", drop(["months", 2, "month"]), t.MissingFieldError, "months: no 'month'"),
        ("ucdp_2025", put(["months", 2, "month"], "2025-01"), t.MonthOrderError, "month 2025-01 comes after 2025-02"),
        ("ucdp_2025", put(["months", 2, "month"], "March"), t.BadTargetValueError, "2025-09"),
        ("ucdp_2025", put(["months", 2, "deaths"], -1), t.NegativeCountError, "month 2025-03: deaths: -1"),
        ("ucdp_2025", put(["months", 2, "deaths"], 1.5), t.BadTargetValueError, "whole number"),
        ("ucdp_2025", put(["months"], []), t.EmptyError, "months: empty"),
        ("ucdp_2025", put(["compared", "kinds", 0], "road_atack"), t.UnknownFieldError, "'road_attack'"),
        ("ucdp_2025", drop(["observation", "half_deaths"]), t.MissingFieldError, "no 'half_deaths'"),
        ("ucdp_2025", put(["observation", "zero_death", "value"], 2), t.BadTargetValueError, "zero_death.value"),
        ("ucdp_2025", drop(["statistics", "near_repeat_2_days", "lags"]), t.MissingFieldError, "no 'lags'"),
        ("ucdp_2025", put(["monthly", "wounded"], {}), t.MissingFieldError, "wounded"),
    ],
)
def test_refused_by_name(tmp_path, shipped, name, change, error, words):
    data = copy.deepcopy(shipped[name])
    change(data)
    with pytest.raises(error) as caught:
        load(tmp_path, name, data)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_statistic_is_named(tmp_path, shipped):
    data = copy.deepcopy(shipped["ucdp_2025"])
    data["statistics"]["lethal_mean"] = data["statistics"].pop("lethal_size_mean")
    with pytest.raises(t.UnknownFieldError, match="lethal_size_mean"):
        load(tmp_path, "ucdp_2025", data)


def test_an_empty_file(tmp_path):
    with pytest.raises(t.EmptyError, match="targets article: empty"):
        load(tmp_path, "article", {})


def test_a_target_that_is_not_there(tmp_path):
    with pytest.raises(t.ConfigurationError, match="targets: no 'article'"):
        t.load_article((tmp_path,))


@pytest.mark.parametrize(
    ("band", "estimate", "met"),
    [
        ({"low": 1, "high": 2}, 2, True),
        ({"low": 1, "high": 2}, 2.1, False),
        ({"at_least": 0.5}, 0.5, True),
        ({"above": 0.5}, 0.5, False),
        ({"low": 1, "high": 2}, float("nan"), False),
    ],
)
def test_bands(band, estimate, met):
    assert t._band("x", band).met(estimate, (estimate, estimate)) is met


def test_covers_looks_at_the_interval():
    band = t._band("x", {"covers": 4.1})
    assert band.met(1.0, (0.5, 4.2))
    assert not band.met(4.1, (4.2, 5.0))
