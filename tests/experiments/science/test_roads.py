"""Other lengths of roads: only recalled ones move, kilometres and hours together; a number is a map."""

import dataclasses

import pytest

from experiments import outcomes
from experiments.cli import main
from experiments.compose import load_scenario
from experiments.science import roads
from experiments.science.runs import Failure


@pytest.fixture(scope="module")
def mali():
    return load_scenario("mali_2025", ["days=60"])


def test_only_recalled_roads_move_and_within_the_bound(mali):
    moved = roads.with_other_roads(mali, 1).geography.roads
    factors = {}
    for old, new in zip(mali.geography.roads, moved, strict=True):
        factor = new.km / old.km
        assert new.truck_hours / old.truck_hours == pytest.approx(factor)
        assert (old.a, old.b, old.source) == (new.a, new.b, new.source)
        factors.setdefault(old.source == roads.RECALLED, []).append(factor)
    assert set(factors[False]) == {1.0}
    assert len(factors[True]) == 29 and len(set(factors[True])) == 29
    assert 1 / roads.MOST <= min(factors[True]) < 0.9 < 1.1 < max(factors[True]) <= roads.MOST


def test_a_number_is_a_map(mali):
    assert roads.with_other_roads(mali, 3).geography == roads.with_other_roads(mali, 3).geography
    assert roads.with_other_roads(mali, 3).geography != roads.with_other_roads(mali, 4).geography
    assert mali.geography == load_scenario("mali_2025").geography  # nothing is changed in place


def test_shares_add_up_on_every_map_and_the_command_tells_them(mali):
    found = roads.other_roads(mali, ["stalemate", "stalemate", "indeterminate"], range(1, 4), 1, maps=2)
    assert found.roads == (29, 57) and not found.failures and [len(rows) for rows in found.rows] == [3, 3]
    spreads = {s.name: s for s in found.spreads()}
    assert sum(s.share for s in spreads.values()) == sum(s.mean for s in spreads.values()) == pytest.approx(1)
    assert spreads["stalemate"].share == pytest.approx(2 / 3) and spreads["stalemate"].mean == 0  # too short to judge
    assert all(s.least <= s.mean <= s.most for s in spreads.values())
    told = outcomes.words(outcomes.outcomes(mali, range(1, 3), roads=True, workers=1))
    assert "29 of 57 roads have recalled lengths" in told and "least to most" in told


def test_a_run_that_fails_on_another_map_is_told(mali, monkeypatch):
    failed = [Failure(0, 2, "ledger_broken on day 3")]
    plain = roads.other_roads
    monkeypatch.setattr(roads, "other_roads", lambda *a, **k: dataclasses.replace(plain(*a, **k), failures=failed))
    found = outcomes.outcomes(mali, range(1, 3), roads=True, workers=1)
    assert found.failures == failed


def test_a_country_without_recalled_roads_is_refused_in_one_line(capsys):
    assert main(["outcomes", "--roads", "scenario=minimal", "seeds=2"]) == 2
    err = capsys.readouterr().err
    assert "--roads: no road of geography minimal has a recalled length" in err and err.count("\n") == 1
