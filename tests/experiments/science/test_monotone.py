"""Monotone statements: the file is read and checked, intervals are honest, and a statement can fail."""

import numpy as np
import pytest
import yaml

from experiments.paths import conf_dir
from experiments.science import monotone
from experiments.science.monotone import BadStatementError, Statement, Step, Tried, paired_interval, read_statements

GOOD = {
    "interval": 0.9,
    "scenario": "minimal",
    "statements": [
        {"id": "X", "statement": "s", "key": "state.command_quality", "levels": [0.2, 0.8], "measure": "events",
         "expected": "not_higher"}
    ],
}  # fmt: skip


def write(tmp_path, change=None, **entry):
    data = {**GOOD, "statements": [{**GOOD["statements"][0], **entry}], **(change or {})}
    path = tmp_path / "statements.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def test_the_shipped_file_holds_ten_statements():
    statements = read_statements(conf_dir() / monotone.FILE)
    assert [s.id for s in statements.statements] == [f"M{k}" for k in range(1, 11)]
    assert all(len(s.levels) == 3 for s in statements.statements)
    assert statements.contested


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"levels": [0.8, 0.2]}, "X: levels"),
        ({"levels": [0.2]}, "X: levels"),
        ({"expected": "better"}, "X: expected: 'better'"),
    ],
)
def test_a_bad_entry_is_named(tmp_path, entry, said):
    with pytest.raises(BadStatementError, match=said):
        read_statements(write(tmp_path, **entry))


def test_a_bad_file_is_named(tmp_path):
    with pytest.raises(BadStatementError, match="misses key"):
        path = write(tmp_path)
        data = yaml.safe_load(path.read_text())
        del data["statements"][0]["key"]
        path.write_text(yaml.safe_dump(data))
        read_statements(path)
    with pytest.raises(BadStatementError, match="interval"):
        read_statements(write(tmp_path, {"interval": 2}))
    with pytest.raises(BadStatementError, match="cannot be read"):
        read_statements(tmp_path / "none.yaml")
    with pytest.raises(ValueError, match="command_quality"):
        read_statements(write(tmp_path, levels=[0.2, 7]))


def test_an_interval_of_chances_covers_what_it_should():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        before, after = rng.random(40) < 0.3, rng.random(40) < 0.5
        low, high = paired_interval(before.astype(float), after.astype(float), 0.9, chance=True)
        covered += low <= 0.2 <= high
    assert 0.86 <= covered / 400 <= 0.95
    low, high = paired_interval(np.zeros(40), np.zeros(40), 0.99, chance=True)
    assert low < 0 < high  # nothing seen is not certainty


def test_an_interval_of_numbers_is_students():
    gap = np.array([1.0, 2.0, 3.0, 4.0])
    low, high = paired_interval(np.zeros(4), gap, 0.95, chance=False)
    assert (low, high) == pytest.approx((2.5 - 2.0542, 2.5 + 2.0542), abs=1e-3)


def test_a_statement_fails_only_wholly_on_the_forbidden_side():
    statement = Statement("X", "s", "state.command_quality", (0.2, 0.8), "events", "not_higher")

    def holds(low, high):
        return Tried(statement, 9, (Step(0.2, 0.8, 1.0, 2.0, 1.0, (low, high), 9),)).holds

    assert holds(-1.0, 0.5)
    assert holds(-0.1, 3.0)
    assert not holds(0.1, 3.0)


@pytest.mark.slow
def test_fighters_are_multiplied_and_the_books_still_balance():
    from experiments.compose import load_scenario

    scenario = load_scenario("minimal", ["days=20"])
    statement = Statement("X", "s", monotone.FIGHTERS, (1.0, 3.0), "insurgents_end", "not_lower")
    found = monotone.try_statements(scenario, monotone.Statements("minimal", 0.9, (statement,)), range(1, 4))
    assert found[0].holds
    assert found[0].steps[0].after > 2 * found[0].steps[0].before
