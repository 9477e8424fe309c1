"""`stalemate runs`: what is kept, what sets each run apart, and what cannot be read."""

import json

import pytest

from experiments.cli import main
from experiments.runs import kept


def run(outputs, *settings):
    assert main(["run", "scenario=minimal", "days=20", *settings, "--no-figures", "--outputs", str(outputs)]) == 0


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    run(folder)
    run(folder, "seed=2", "contractors.personnel=50", "timeline.x={day: 3, action: campaign, days: 9}")
    return folder


def test_each_run_is_told_with_what_sets_it_apart(outputs, capsys):
    found = kept(outputs)
    plain, other = found.values()
    assert plain == {
        "kind": "run",
        "scenario": "minimal",
        "seed": 1,
        "days": 20,
        "outcome": "not_assessed",
        "changed": {},
    }
    assert other["seed"] == 2 and other["changed"]["contractors.personnel"] == 50
    assert main(["runs", "--outputs", str(outputs)]) == 0
    name, first, second, *more = capsys.readouterr().out.splitlines()
    assert name in found and first == "    minimal, seed 1, 20 days: not assessed"
    assert "seed 2, 20 days: not assessed; " in " ".join(more)
    assert "contractors.personnel=50" in " ".join(more) and "action: campaign" in " ".join(more)
    assert second in found


def test_as_json(outputs, capsys):
    assert main(["runs", "--json", "--outputs", str(outputs)]) == 0
    assert json.loads(capsys.readouterr().out) == kept(outputs)


def test_a_sweep_is_told_by_its_command_and_what_is_broken_by_saying_so(tmp_path, capsys):
    for name, text in (
        ("sweep-1", '{"kind": "sweep", "command": "stalemate sweep days=3", "status": "running"}'),
        ("broken", "{"),
        (".half", "{}"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(text)
    assert main(["runs", "--outputs", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "broken",
        "    what it holds cannot be read",
        "sweep-1",
        "    sweep, not finished: stalemate sweep days=3",
    ]


def test_a_scenario_that_is_gone_is_said(tmp_path, capsys):
    own = tmp_path / "own"
    (own / "scenario").mkdir(parents=True)
    (own / "scenario" / "mine.yaml").write_text("# @package _global_\ndefaults: [minimal, _self_]\ntitle: Mine\n")
    words = ["run", "scenario=mine", "days=5", "--no-figures", "--outputs", str(tmp_path / "out")]
    assert main([*words, "--config-dir", str(own)]) == 0
    assert next(iter(kept(tmp_path / "out", own).values()))["changed"] == {}
    assert "no 'mine'" in next(iter(kept(tmp_path / "out").values()))["not_compared"]


def test_an_empty_folder_says_how_to_fill_it(tmp_path, capsys):
    assert main(["runs", "--outputs", str(tmp_path / "none")]) == 0
    assert "stalemate run makes a run there" in capsys.readouterr().out
