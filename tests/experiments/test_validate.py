"""``stalemate validate``, ``score``, ``outcomes``, ``sensitivity``: what they print, what they refuse."""

from __future__ import annotations

import json

import pytest

from experiments.cli import main

DATA = "month,events,deaths\n2025-09,21,96\n2025-10,18,70\n"


def run(capsys, *words):
    status = main(list(words))
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["validate", "seeds=0"], "seeds: 0 is not allowed; it takes a whole number from 1"),
        (["validate", "seeds=many"], "seeds: 'many'"),
        (["validate", "first_seed=-1"], "first_seed: -1"),
        (["validate", "days=300"], "days: 300 is not allowed; it takes at least 483"),
        (["validate", "summer=[100,200]"], "scenario mali_2025: its summer is (100, 200)"),
        (["validate", "observation.zero_death=2"], "observation.zero_death: 2.0"),
        (["validate", "regime.revenu=1"], "did you mean 'regime.revenue'"),
        (["validate", "--workers", "two"], "--workers"),
        (["validate", "scenario=atlantis", "observation.zero_death=0.5"], "recorded events are Mali's: not comparable"),
        (["validate", "--workers", "0"], "--workers: '0' is not allowed; it takes a whole number from 1"),
        (["compare", "scenario=minimal,atlantis", "--workers", "0"], "--workers: '0' is not allowed"),
        (["outcomes", "--town", "SAN"], "--town: 'SAN' is not allowed; it takes effect only with --shocks"),
        (["outcomes", "--shocks", "days=340"], "days: 340"),
        (["outcomes", "--shocks", "--town", "SANN"], "did you mean 'SAN'"),
        (["sensitivity", "samples=100"], "samples: 100 is not allowed; it takes a power of two"),
        (["sensitivity", "--only", "regime.revenu"], "did you mean 'regime.revenue'"),
        (["score", "--data", "nowhere.csv"], "nowhere.csv: No such file"),
    ],
)
def test_refused_in_one_line(capsys, words, message):
    status, out, err = run(capsys, *words)
    assert status != 0
    assert not out
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_validate_as_json(capsys):
    status, out, _ = run(capsys, "validate", "seeds=6", "first_seed=11", "--json")
    assert status == 0
    data = json.loads(out)
    assert [p["id"] for p in data["patterns"]] == [f"A{k}" for k in range(1, 10)]
    assert all(isinstance(p["pass"], bool) for p in (*data["patterns"], *data["statistics"]))
    assert (data["seeds"], data["first_seed"], data["failed_runs"]) == (6, 11, [])
    assert [m["month"] for m in data["months"]["events"]][-1] == "2025-08"
    uses = {p["id"]: p["use"] for p in (*data["patterns"], *data["statistics"])}
    calibrated = {"A1", "A2", "A6", "monthly_events", "monthly_deaths"}
    assert {name for name, use in uses.items() if use == "calibrated"} == calibrated
    again = run(capsys, "validate", "seeds=6", "first_seed=11", "--json", "--workers", "1")[1]
    assert again == out


@pytest.mark.slow
def test_validate_in_words(capsys):
    status, out, _ = run(capsys, "validate", "seeds=3")
    assert status == 0
    for words in ("A9", "monthly_deaths", "near_repeat_2_days", "calibrated", "held back", "predicts an event"):
        assert words in out


@pytest.mark.parametrize("name", ["atlantis", "minimal"])
def test_a_fictional_country_is_not_held_to_recorded_events(capsys, name):
    status, out, _ = run(capsys, "validate", f"scenario={name}", "seeds=2")
    assert status == 0
    assert f"Recorded events are Mali's: not comparable with {name}." in out
    assert "of 9 patterns pass. The patterns are the article's" in out
    assert "statistic" not in out and "monthly" not in out and "2025-01" not in out
    data = json.loads(run(capsys, "validate", f"scenario={name}", "seeds=2", "--json")[1])
    assert len(data["patterns"]) == 9
    assert (data["statistics"], data["months"], data["input_checks"]) == ([], {}, [])
    assert "not comparable" in data["not_comparable"]


@pytest.mark.slow
def test_score(capsys, tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(DATA)
    status, out, _ = run(capsys, "score", "--data", str(path), "seeds=8", "--json")
    assert status == 0
    data = json.loads(out)
    assert [m["month"] for m in data["months"]] == ["2025-09", "2025-10"]
    assert not any(m["used_in_calibration"] for m in data["months"])
    for kind in ("events", "deaths"):
        total = data["totals"][kind]
        assert total["gain_log_score"] == pytest.approx(total["log_score"] - total["null_log_score"])
        assert total["log_score"] == pytest.approx(sum(m[kind]["log_score"] for m in data["months"]))
    status, out, _ = run(capsys, "score", "--data", str(path), "seeds=4")
    assert "gain over the null" in out


@pytest.mark.slow
def test_outcomes(capsys):
    words = ("outcomes", "seeds=3", "--thresholds", "--json")
    data = json.loads(run(capsys, *words)[1])
    assert sum(s["runs"] for s in data["shares"]) == 3
    assert len(data["thresholds"]) == 36
    assert data["hazards"][0]["years"] == pytest.approx(3 * 540 / 365, rel=0.5)
    out = run(capsys, "outcomes", "seeds=3", "--shocks")[1]
    assert "return after a shock" in out


@pytest.mark.slow
def test_sensitivity(capsys):
    words = ("sensitivity", "scenario=minimal", "days=40", "seeds=1", "samples=8")
    status, out, err = run(
        capsys, *words, "--only", "insurgents.recruit_rate", "--only", "combat.ambush_rate", "--json"
    )
    assert status == 0
    data = json.loads(out)
    assert [r["key"] for r in data["varied"]] == ["insurgents.recruit_rate", "combat.ambush_rate"]
    assert data["runs"] == 8 * 4
    assert data["morris"] == {}
    assert "Sobol: 2 parameters, 32 points" in err


def test_score_refuses_a_country_that_nobody_has_recorded(capsys, tmp_path):
    path = tmp_path / "months.csv"
    path.write_text("month,events,deaths\n2025-09,21,96\n")
    status, _, err = run(capsys, "score", "--data", str(path), "scenario=atlantis", "seeds=2")
    assert status == 2 and "recorded events are Mali's: not comparable with atlantis" in err


def test_shocks_find_a_town_on_any_map(capsys):
    _, out, _ = run(capsys, "outcomes", "scenario=minimal", "--shocks", "days=400", "seeds=2")
    assert "a town lost and held (2 pairs" in out
