"""``stalemate checks``: each check on a small country, and the command around them."""

import json

import pytest

from experiments import wired
from experiments.cli import main
from experiments.science import wired as checks
from experiments.verification.bare import Check

GOOD = Check("good", "one thing", "3 runs", True, "as it must", ("a",), ((1,),))
BAD = Check("bad", "another", "3 runs", False, "not so", ("a",), ((2,),))


@pytest.fixture
def stand_in(monkeypatch):
    def use(*some):
        monkeypatch.setattr(wired, "run_checks", lambda *_: iter(some))

    return use


def test_exit_status_and_json(stand_in, capsys):
    stand_in(GOOD)
    assert main(["checks", "scenario=minimal", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True
    stand_in(GOOD, BAD)
    assert main(["checks", "scenario=minimal"]) == 1
    assert "failed: bad" in capsys.readouterr().out


def test_the_page_keeps_what_failed(stand_in, tmp_path, capsys):
    stand_in(GOOD, BAD)
    assert main(["checks", "scenario=minimal", "--write", "--docs", str(tmp_path)]) == 1
    text = (tmp_path / wired.PAGE).read_text(encoding="utf-8")
    assert "| [bad](#bad) | **failed** | not so | 3 runs |" in text
    assert "- M10:" in text
    assert [p.name for p in tmp_path.iterdir()] == [wired.PAGE]


def test_an_unknown_check_is_refused_in_one_line(capsys):
    assert main(["checks", "--only", "storm"]) == 2
    err = capsys.readouterr().err
    assert "--only: 'storm' is not allowed; it takes extremes, storming" in err
    assert err.count("\n") == 1
    assert main(["checks", "seeds=1"]) == 2
    assert "seeds: 1 is not allowed" in capsys.readouterr().err


def test_hazard_points_cover_the_ranges():
    points = checks.hazard_points(16)
    assert points == checks.hazard_points(16)
    for key, (low, high) in checks.HAZARD_RANGES.items():
        values = [p[key] for p in points]
        assert low <= min(values) < max(values) <= high
        assert len(set(values)) == 16


@pytest.mark.slow
def test_holders_leave_sooner_under_threat_and_without_support():
    assert checks.leaving(60).passed


@pytest.mark.slow
def test_a_forced_mass_keeps_the_books_and_takes_what_it_outnumbers():
    from experiments.compose import load_scenario

    scenario = load_scenario("minimal", ["days=2"])
    capital = scenario.geography.capital
    cases = [checks.Case((r,), scenario, {0: checks.gather(capital, r, 50)}) for r in (0.2, 20.0)]
    weak, strong = checks.run_cases(cases, range(1, 9), make=lambda run: int(run.trace["place_holder"][-1, capital]))
    assert sum(map(bool, weak)) == 0
    assert sum(map(bool, strong)) >= 6


@pytest.mark.slow
def test_extremes_of_the_small_country():
    from experiments.compose import load_scenario

    found = checks.extremes(load_scenario("minimal", ["days=200"]), range(1, 4))
    met = {row[0]: row[-1] for row in found.rows}
    assert met["no insurgents"] == "yes"
    assert met["no state forces, collapse off"] == "yes"


@pytest.mark.slow
def test_every_check_can_be_run_and_told(tmp_path):
    """All but two at their smallest: what they find is nothing, that they end is all."""
    from experiments.compose import load_scenario

    scenario = load_scenario("mali_2025", ["days=60"])
    names = [name for name in wired.CHECKS if name not in ("hazard", "leaving")]  # the shipped countries; tested above
    found = list(wired.run_checks(scenario, names, 2, 2, 1))
    assert [check.id for check in found] == names
    assert wired.write_page(found, tmp_path).read_text(encoding="utf-8").count("\n## ") >= len(names)
