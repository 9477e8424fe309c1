"""Agent classes of the reader's own on the command line: used, part of the run's id, refused in one line."""

import json

import pytest

from experiments.cli import main

MODULE = """
from sim.agents import InsurgentCell

class Quiet(InsurgentCell):
    def step(self):
        pass

class Broken(InsurgentCell):
    def step(self):
        raise RuntimeError("no idea")

class Stranger:
    pass
"""


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_agents_of_a_test.py").write_text(MODULE)

    def call(*words):
        status = main(["run", "scenario=minimal", "days=40", "--no-figures", "--outputs", "runs", *words])
        out, err = capsys.readouterr()
        return status, out, err

    call.runs = lambda: {f.name: json.loads((f / "manifest.json").read_text()) for f in tmp_path.glob("runs/mini*")}
    return call


def test_a_class_of_ones_own_changes_the_run_and_is_part_of_its_id(run):
    assert run()[0] == 0
    assert run("agents.cell=own_agents_of_a_test:Quiet")[0] == 0
    plain, changed = sorted(run.runs().values(), key=lambda manifest: len(manifest["agents"]))
    assert (plain["driver"], changed["driver"]) == ("compiled", "mesa")
    assert changed["agents"] == {"cell": "own_agents_of_a_test:Quiet"}
    assert plain["run_id"] != changed["run_id"] and plain["world_hash"] != changed["world_hash"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["agents.cell=own_agents_of_a_test:Quite"], "has no class 'Quite'; did you mean 'Quiet'?"),
        (["agents.cell=own_agents_of_a_test:Stranger"], "agents.cell: own_agents_of_a_test:Stranger is no subclass of"),
        (["agents.unit=own_agents_of_a_test:Quiet"], "agents.unit: own_agents_of_a_test:Quiet is no subclass of State"),
        (["agents.cell=Quiet"], "agents.cell: 'Quiet' is not allowed; it takes module:Class, as in my_agents:Cautious"),
        (["agents.cell=nowhere:Quiet"], "agents.cell: module 'nowhere' cannot be imported: ModuleNotFoundError"),
        (["agents.sell=own_agents_of_a_test:Quiet"], "unknown key 'agents.sell'; did you mean 'agents.cell'?"),
        (["agents.cell=own_agents_of_a_test:Quiet", "driver=compiled"], "'compiled' cannot run replaced agents"),
        (
            ["agents.cell=own_agents_of_a_test:Broken"],
            "RuntimeError: no idea (own_agents_of_a_test.py line 10)",
        ),
    ],
)
def test_what_cannot_be_used_is_one_line_and_leaves_nothing(run, settings, message):
    status, out, err = run(*settings)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert run.runs() == {}
