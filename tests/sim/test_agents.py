"""Mesa agents: one for each live row, its fields as attributes, its step the compiled rule."""

import pickle
import re

import mesa
import pytest
from mesa_support import rows_and_agents_match, run_on, small_model
from sim_support import mali, minimal

from sim.agents import (
    AGENT_CLASSES,
    ContractorDetachment,
    Convoy,
    FieldValueError,
    InsurgentCell,
    RemovalError,
    RetiredAgentError,
    StateUnit,
)
from sim.day import PHASES
from sim.model import ConflictModel
from sim.run import RunFailedError, simulate
from sim.world import world_dtype, world_hash

MINIMAL = minimal()
MALI = mali()
KINDS = list(AGENT_CLASSES.values())


def test_every_live_row_has_its_agent_after_every_phase():
    model = ConflictModel(scenario=MALI, seed=2, settings={"insurgents.regroup_rate": 1.0})
    checked = []

    class Watched:
        def __init__(self, name):
            self.name, self.phase = name, getattr(model, name)

        def __call__(self):
            rows_and_agents_match(model)
            checked.append(self.name)
            self.phase()

    for name in PHASES:
        setattr(model, name, Watched(name))
    first = list(model.agents)
    run_on(model, 20)
    rows_and_agents_match(model)
    assert checked == list(PHASES) * 20
    assert model.world["tally"]["merges"][0] > 0 and model.world["tally"]["splits"][0] > 0
    assert any(a not in model.agents for a in first)  # some are gone, and others came:
    assert len({a.unique_id for a in model.agents}) == len(model.agents)
    assert max(a.unique_id for a in model.agents) > len(first)


def test_the_four_kinds_are_mesa_agents():
    model = run_on(ConflictModel(scenario=MALI, seed=1), 3)
    assert set(model.agents_by_type) == {InsurgentCell, StateUnit, ContractorDetachment, Convoy}
    assert set(model.agent_types) == set(model.agents_by_type)
    assert all(isinstance(a, mesa.Agent) and a.model is model for a in model.agents)
    assert len(model.agents) == sum(len(agents) for agents in model.agents_by_type.values())
    fighters = sum(c.fighters for c in model.agents_by_type[InsurgentCell])
    assert fighters == model.trace["insurgents"][-1]
    assert model.agents_by_type[StateUnit].agg("men", sum) == model.trace["state"][-1]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_of_the_record_is_an_attribute(kind):
    model = run_on(ConflictModel(scenario=MALI, seed=1), 3)
    agent = next(iter(model.agents.select(agent_type=kind)))
    row = model.world[kind.table][0, agent.slot]
    for name in world_dtype()[kind.table].base.names:
        value = getattr(agent, name)
        assert value == row[name].tolist()
        assert type(value) in (int, float, list)


def test_a_field_that_is_set_is_set_in_the_world():
    model = small_model()
    cell = next(iter(model.agents_by_type[InsurgentCell]))
    cell.days_left, cell.recent_loss = 17, 0.25
    row = model.world["cells"][0, cell.slot]
    assert (row["days_left"], row["recent_loss"]) == (17, 0.25)
    assert (cell.days_left, cell.recent_loss) == (17, 0.25)


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("place", 5, "InsurgentCell.place: 5 is not allowed; it takes a whole number from 0 to 4"),
        ("place", -1, "InsurgentCell.place: -1 is not allowed; it takes a whole number from 0 to 4"),
        ("task", 7, "InsurgentCell.task: 7 is not allowed; it takes a whole number from 0 to 6"),
        ("road", 5, "InsurgentCell.road: 5 is not allowed; it takes a whole number from -1 to 4"),
        ("fighters", 2.5, "InsurgentCell.fighters: 2.5 is not allowed; it takes a whole number from 0 to 2147483647"),
        ("recent_loss", float("nan"), "InsurgentCell.recent_loss: nan is not allowed; it takes a finite number"),
        ("recent_loss", "much", "InsurgentCell.recent_loss: 'much' is not allowed; it takes a number"),
    ],
)
def test_a_value_that_a_rule_could_not_bear_is_refused(field, value, message):
    cell = next(iter(small_model().agents_by_type[InsurgentCell]))
    before = getattr(cell, field)
    with pytest.raises(FieldValueError, match=re.escape(message)):
        setattr(cell, field, value)
    assert getattr(cell, field) == before


@pytest.mark.parametrize("field", ["alive", "next"])
def test_the_books_of_the_record_cannot_be_set(field):
    cell = next(iter(small_model().agents_by_type[InsurgentCell]))
    with pytest.raises(AttributeError):
        setattr(cell, field, 0)


def test_an_agent_that_is_gone_keeps_its_last_row():
    model = ConflictModel(scenario=MALI, seed=2, settings={"insurgents.regroup_rate": 1.0})
    cells = list(model.agents_by_type[InsurgentCell])
    places = {c: c.place for c in cells}
    run_on(model, 40)
    gone = [c for c in cells if c not in model.agents]
    taken = {a.slot for a in model.agents_by_type[InsurgentCell]}
    reused = [c for c in gone if c.slot in taken]
    assert reused  # others live in their slots now
    before = world_hash(model.world)
    for cell in reused:
        assert cell.alive == -1 and cell.fighters == 0 and cell.home == places[cell]
        assert model.world["cells"]["id"][0, cell.slot] != cell.id
        assert "gone" in repr(cell)
        cell.step()
        cell.remove()
        with pytest.raises(RetiredAgentError, match="it is gone; its last row is read-only"):
            cell.days_left = 3
    assert world_hash(model.world) == before


def test_a_live_agent_cannot_be_removed():
    model = small_model()
    cell = next(iter(model.agents))
    with pytest.raises(RemovalError, match=r"InsurgentCell 1: cannot be removed while it lives"):
        cell.remove()
    assert cell in model.agents


def test_draws_are_of_the_thing_and_the_day_alone():
    def draws(**given):
        model = run_on(small_model(**given), 3)
        return {a.id: [a.draw(k) for k in range(3)] for a in model.agents}

    one, fewer, other = draws(), draws(contractors__personnel=0), draws(seed=2)
    both = set(one) & set(fewer)
    assert 0 < len(fewer) < len(one) and all(one[who] == fewer[who] for who in both)
    assert all(one[who] != other[who] for who in set(one) & set(other))
    flat = [u for us in one.values() for u in us]
    assert len(set(flat)) == len(flat) and 0 < min(flat) < max(flat) < 1
    today = run_on(small_model(), 4)
    assert all(a.draw() != one[a.id][0] for a in today.agents if a.id in one)


def test_what_agents_and_model_say_of_themselves():
    model = small_model()
    first = {kind: next(iter(agents)) for kind, agents in model.agents_by_type.items()}
    assert repr(first[InsurgentCell]) == "<InsurgentCell 1 at CAP: 25 fighters, rest>"
    assert repr(first[StateUnit]) == "<StateUnit 18 at CAP: 600 men, idle>"
    assert repr(first[ContractorDetachment]) == "<ContractorDetachment 26 at CAP: 40 men, idle>"
    assert repr(model) == "<ConflictModel minimal seed 1: day -1, 27 agents>"


def test_a_copy_of_an_agent_that_is_gone_is_gone():
    model = ConflictModel(scenario=MALI, seed=2, settings={"insurgents.regroup_rate": 1.0})
    cells = list(model.agents_by_type[InsurgentCell])
    run_on(model, 20)
    gone = next(c for c in cells if c not in model.agents)
    again = pickle.loads(pickle.dumps(gone))
    assert (again.id, again.fighters, again.alive) == (gone.id, 0, -1)


def test_people_made_out_of_nothing_are_noticed():
    class Conjurer(InsurgentCell):
        def step(self):
            super().step()
            self.fighters += 1

    with pytest.raises(RunFailedError, match="ledger_broken"):
        simulate(MINIMAL, 1, days=3, driver="mesa", agents={InsurgentCell: Conjurer})
