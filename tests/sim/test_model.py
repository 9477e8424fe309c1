"""The Mesa driver: days and phases, the data collector, copies, arguments and batch runs."""

import copy
import gc
import inspect
import pickle
import subprocess
import sys
import weakref
from typing import ClassVar

import mesa
import numpy as np
import pytest
from mesa_support import Cautious, rows_and_agents_match, run_on, small_model
from sim_support import CONF, mali, minimal

from sim import codes
from sim.agents import AGENT_CLASSES, InsurgentCell, StateUnit
from sim.day import PHASES
from sim.model import ConflictModel
from sim.model_arguments import AgentClassError, SeedError, UnknownArgumentError
from sim.parameters import BadParameterValueError, UnknownParameterError
from sim.run import RunFailedError, simulate
from sim.scenario import BadCountError, MissingScenarioError
from sim.world import world_hash

MINIMAL = minimal()
MALI = mali()


# --- days ---


def test_phases_are_methods_in_the_order_of_the_day():
    model, seen = small_model(), []

    def noted(name, phase):
        return lambda: (seen.append(name), phase())

    for name in PHASES:
        setattr(model, name, noted(name, getattr(model, name)))
    model.step()
    assert tuple(seen) == PHASES
    assert [name for name in vars(ConflictModel) if name in PHASES] == list(PHASES)  # and so in the file


def test_agents_step_once_a_day_in_the_keyed_order():
    steps = []

    def stepping(base):
        return {"step": lambda self: (steps.append((self.model.day, self.unique_id)), base.step(self))}

    agents = {base: type(base.__name__, (base,), stepping(base)) for base in AGENT_CLASSES.values()}
    run_on(ConflictModel(scenario=MALI, seed=1, agents=agents), 3)
    days = [[who for day, who in steps if day == d] for d in range(3)]
    for order in days:
        assert len(set(order)) == len(order) > 250
        assert order != sorted(order)
    assert days[0] != days[1]


def test_the_run_ends_and_may_go_on():
    model = small_model(days=5)
    model.run_model()
    assert (model.day, model.steps, model.running) == (4, 5, False)
    run_on(model, 7)  # past the trace's first length
    assert (model.day, len(model.trace), model.running) == (11, 12, False)
    assert np.array_equal(model.trace, run_on(small_model(), 12).trace)
    assert np.array_equal(model.trace["day"], np.arange(12))
    assert small_model().days == MINIMAL.days


def test_a_run_that_failed_does_not_go_on():
    model = run_on(small_model(), 3)
    model.world["run"]["status"] = codes.NO_FREE_SLOT
    model.step()
    assert (model.day, model.running, model.status) == (2, False, "no_free_slot")
    with pytest.raises(RunFailedError, match="no_free_slot on day 2"):
        model.result()


def test_log_and_trace_grow_with_a_long_eventful_run():
    model = ConflictModel(scenario=MALI, seed=1, days=1)
    assert len(model._log) == 256
    run_on(model, 200)
    assert len(model.log) > 256
    assert model.log["day"].tolist() == sorted(model.log["day"])
    assert model.trace["civilian_deaths"].sum() == model.log["deaths"][:, 0].sum()


def test_the_result_is_that_of_simulate():
    result = run_on(small_model(days=30)).result()
    assert result.summary == simulate(MINIMAL, 1, days=30).summary
    assert repr(result).startswith("<RunResult minimal seed 1: ")


def test_data_collector_collects_a_row_a_day():
    class Reporting(ConflictModel):
        model_reporters: ClassVar = {**ConflictModel.model_reporters, "agents": len_agents}
        agent_reporters: ClassVar = {"place": place_of}

    model = run_on(Reporting(scenario=MINIMAL, seed=1), 10)
    table = model.datacollector.get_model_vars_dataframe()
    assert table["day"].tolist() == list(range(10))
    for column in ("capital_served", "insurgents", "state", "contractors", "legitimacy"):
        assert table[column].tolist() == model.trace[column].tolist()
    assert table["agents"].iloc[-1] == len(model.agents)
    assert table["deaths_civilians"].is_monotonic_increasing
    assert table["deaths_insurgents"].iloc[-1] == model.log["deaths"][:, 1].sum()
    assert (table["seed"] == 1).all()
    of_agents = model.datacollector.get_agent_vars_dataframe()
    last = of_agents.xs(10, level="Step")["place"].to_dict()
    assert last == {a.unique_id: a.place for a in model.agents}


def len_agents(model):
    return len(model.agents)


def place_of(agent):
    return agent.place


# --- copies ---


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_a_copy_goes_on_alike_and_apart(copied):
    model = run_on(ConflictModel(scenario=MALI, seed=4, agents={InsurgentCell: Cautious}), 15)
    twin = copied(model)
    assert world_hash(twin.world) == world_hash(model.world)
    assert not np.shares_memory(twin.world, model.world)
    at_fork = world_hash(twin.world)
    run_on(model, 15)
    assert world_hash(twin.world) == at_fork  # the original's days leave the copy alone
    run_on(twin, 15)
    assert world_hash(twin.world) == world_hash(model.world)
    assert np.array_equal(twin.trace, model.trace) and np.array_equal(twin.log, model.log)
    assert all(a.model is twin for a in twin.agents)
    assert [a.unique_id for a in twin.agents] == [a.unique_id for a in model.agents]
    assert len({a.unique_id for a in twin.agents}) == len(twin.agents)
    assert {type(a) for a in twin.agents} == {type(a) for a in model.agents} and Cautious in twin.agent_types
    rows_and_agents_match(twin)
    ours, theirs = (m.datacollector.get_model_vars_dataframe() for m in (model, twin))
    assert ours.equals(theirs)
    cell = next(iter(twin.agents_by_type[Cautious]))
    cell.days_left += 1  # through the copy's own world
    assert world_hash(twin.world) != world_hash(model.world)


def test_a_model_is_freed():
    # Mesa 3.3 counts agents in a table of its class, which would keep every model of a sweep.
    model = run_on(small_model(), 2)
    seen = weakref.ref(model)
    del model
    gc.collect()
    assert seen() is None


# --- how it is made ---


def test_the_seed_may_be_given_in_each_way_of_mesa():
    assert small_model(seed=7).seed == small_model(seed=None, rng=7).seed == small_model(seed=np.int64(7)).seed == 7
    drawn = small_model(seed=None, rng=np.random.default_rng(7)).seed
    assert drawn == small_model(seed=None, rng=np.random.default_rng(7)).seed != 7
    assert small_model(seed=None, rng=[1, 2]).seed == small_model(seed=None, rng=[1, 2]).seed
    assert small_model(seed=None).seed != small_model(seed=None).seed  # kept, so that the run can be made again
    assert (
        run_on(small_model(seed=None, rng=drawn), 2).random.random()
        == run_on(small_model(seed=drawn), 2).random.random()
    )


def test_parameters_by_key_and_by_name():
    by_name = small_model(contractors__personnel=0, switches__escorts=0)
    by_key = small_model(settings={"contractors.personnel": 0, "switches.escorts": 0})
    assert by_name.scenario.parameters == by_key.scenario.parameters != MINIMAL.parameters
    assert world_hash(by_name.world) == world_hash(by_key.world) != world_hash(small_model().world)
    assert by_name.world["detachments"]["men"].sum() == 0
    assert MINIMAL.parameters.contractors.personnel > 0  # the scenario itself is a value


class Tank:
    pass


@pytest.mark.parametrize(
    "given, error, message",
    [
        ({"scenario": None}, MissingScenarioError, "scenario: None is not allowed; it takes a sim.Scenario"),
        ({"scenario": "minimal"}, MissingScenarioError, "scenario: 'minimal' is not allowed; it takes a sim.Scenario"),
        ({"rng": 3}, SeedError, "seed, rng: give one of them, not both"),
        ({"seed": -1}, BadCountError, "seed: -1 is not allowed; it takes a whole number from 0 to"),
        ({"seed": 1.5}, BadCountError, "seed: 1.5 is not allowed"),
        ({"seed": "one"}, BadCountError, "seed: 'one' is not allowed"),
        ({"days": 0}, BadCountError, "days: 0 is not allowed"),
        ({"sed": 3}, UnknownArgumentError, "unknown argument 'sed'; did you mean 'seed'?"),
        ({"contractors__personel": 3}, UnknownParameterError, "did you mean 'contractors.personnel'?"),
        ({"contractors__personnel": -3}, BadParameterValueError, "contractors.personnel: -3 is not allowed"),
        (
            {"agents": {Tank: Cautious}},
            AgentClassError,
            "agents: no agent class 'Tank'; it takes InsurgentCell, StateUnit, ContractorDetachment, Convoy",
        ),
        ({"agents": {Cautious: Cautious}}, AgentClassError, "agents: no agent class 'Cautious'"),
        ({"agents": {"InsurgentCel": Cautious}}, AgentClassError, "did you mean 'InsurgentCell'?"),
        ({"agents": {StateUnit: Cautious}}, AgentClassError, "it takes a subclass of StateUnit"),
        ({"agents": {StateUnit: "module:Class"}}, AgentClassError, "agents: 'module:Class' cannot stand for StateUnit"),
    ],
)
def test_bad_arguments_are_refused_by_name(given, error, message):
    with pytest.raises(error) as caught:
        ConflictModel(**{"scenario": MINIMAL, "seed": 1, **given})
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_the_scenario_of_a_model_is_fixed():
    model = small_model()
    assert model.scenario.name == "minimal"
    with pytest.raises(AttributeError, match="fixed when it is made"):
        model.scenario = MALI


WAYS = ["seed", "rng"] if "rng" in inspect.signature(mesa.batch_run).parameters else ["seed"]  # Mesa 3.3 has no rng


def batch(parameters, seeds, **given):
    if "seed" in seeds:
        parameters = {**parameters, **seeds}
    else:
        given.update(seeds)
    return mesa.batch_run(ConflictModel, parameters, display_progress=False, **given)


@pytest.mark.parametrize("way", WAYS)
def test_batch_run_makes_and_runs_models(way):
    parameters = {
        "scenario": [MINIMAL],
        "days": [20],
        "contractors__personnel": [0, 100],
        "settings": [{"switches.bargaining": 0}],
        "agents": [{}, {InsurgentCell: Cautious}],
    }
    rows = batch(parameters, {way: [1, 2]})
    assert [row["seed"] for row in rows].count(1) == [row["seed"] for row in rows].count(2) == 4 == len(rows) / 2
    for row in rows:
        alone = run_on(ConflictModel(**{key: row[key] for key in (*parameters, "seed")}))
        assert row["day"] == 19
        assert row["insurgents"] == alone.trace["insurgents"][-1]
        assert row["deaths_civilians"] == alone.log["deaths"][:, 0].sum()
    assert {row["contractors"] for row in rows if row["contractors__personnel"] == 0} == {0}


@pytest.mark.slow
def test_batch_run_in_two_processes():
    rows = batch({"scenario": [MINIMAL], "days": [20]}, {"seed": [1, 2, 3]}, number_processes=2)
    by_seed = {row["seed"]: row["insurgents"] for row in rows}
    assert by_seed == {seed: run_on(small_model(days=20, seed=seed)).trace["insurgents"][-1] for seed in (1, 2, 3)}


def test_mesa_is_imported_by_its_driver_alone():
    code = "import sys, sim.run, sim.ensemble, sim.day; sim.simulate, sim.Scenario; sys.exit('mesa' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=CONF.parent)
