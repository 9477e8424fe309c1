"""Behaviour replaced in plain Python, and the docs page that shows how."""

import re
from pathlib import Path

import pytest
from mesa_support import Cautious, run_on, small_model
from sim_support import minimal

from sim.agents import InsurgentCell
from sim.model import ConflictModel
from sim.run import AgentOverrideError, simulate

MINIMAL = minimal()
DOCS = Path(__file__).resolve().parents[2] / "docs" / "extending.md"


def test_cautious_cells_change_the_outcome():
    plain, cautious = (
        [simulate(MINIMAL, seed, days=120, driver="mesa", agents=agents) for seed in (1, 2, 3)]
        for agents in (None, {InsurgentCell: Cautious})
    )
    begun = [sum(int(r.daily["events"].sum()) for r in results) for results in (plain, cautious)]
    assert begun[0] > 20 and begun[1] < begun[0] / 2
    attacks = {"road_attack", "outpost_attack", "base_attack", "capture"}
    assert any(attacks & set(r.events["kind"]) for r in plain)
    assert not any(attacks & set(r.events["kind"]) for r in cautious)


def test_replaced_agents_need_the_mesa_driver():
    with pytest.raises(AgentOverrideError):
        simulate(MINIMAL, 1, days=3, agents={InsurgentCell: Cautious})


def test_a_phase_can_be_overridden():
    class NoUpkeep(ConflictModel):
        def upkeep(self):
            """Nobody is recruited, and no losses are made good."""

    def replaced(model):
        people = run_on(model, 60).world["people"]
        return int(people["recruited"].sum() + people["reinforced"].sum())

    assert replaced(small_model()) > 0
    assert replaced(NoUpkeep(scenario=MINIMAL, seed=1)) == 0


def snippets():
    return re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.S)


def test_every_snippet_of_the_docs_page_runs(capsys):
    names = {"__name__": "extending"}
    for k, code in enumerate(snippets()):
        exec(compile(code, f"{DOCS.name}, snippet {k + 1}", "exec"), names)
    assert "<RunResult minimal seed 1: " in capsys.readouterr().out


def test_the_subclass_of_the_docs_page_has_ten_lines():
    (first,) = (code for code in snippets() if "class Cautious" in code)
    lines = [line for line in first.splitlines() if line.strip() and not line.startswith(("from ", "import "))]
    start = next(k for k, line in enumerate(lines) if line.startswith("class "))
    assert sum(line.startswith((" ", "class ")) for line in lines[start:]) <= 10
