"""The public names and signatures, pinned: whoever changes one changes this file and the changelog."""

import inspect
import subprocess
import sys

import pytest
from sim_support import CONF, shipped

import experiments
import sim

SIGNATURES = {
    "simulate": "scenario, seed=1, days=None, driver='compiled', agents=None, on_day=None",
    "simulate_many": "scenario, points=None, seeds=range(0, 10), workers=None, days=None, on_rows=None",
    "ConflictModel": "scenario=None, *, rng=None, agents=None, settings=None, days=None, **named",
    "RunResult": "scenario, seed, summary, world, trace, log",
    "Scenario": (
        "name, geography, forces, parameters=<factory>, timeline=(), title='', description='', days=540, "
        "start_date='2025-01-01', summer=(151, 242), judge_day=482, event_band=(5.0, 60.0)"
    ),
    "InsurgentCell": "model, slot",
    "StateUnit": "model, slot",
    "ContractorDetachment": "model, slot",
    "Convoy": "model, slot",
}


def signature(thing):
    bare = [
        p.replace(annotation=inspect.Parameter.empty)
        for p in inspect.signature(thing).parameters.values()
        if p.name != "self"
    ]
    return str(inspect.Signature(bare))[1:-1]


def test_the_public_names_of_sim():
    assert sorted(sim.__all__) == sorted(SIGNATURES) == [n for n in dir(sim) if n in SIGNATURES]
    assert sim.__version__.count(".") == 2


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name):
    assert signature(getattr(sim, name)) == SIGNATURES[name]


def test_the_public_names_of_experiments():
    assert experiments.__all__ == ["load_scenario"]
    assert signature(experiments.load_scenario).startswith("name='mali_2025', overrides=()")


def test_a_name_that_does_not_exist():
    with pytest.raises(AttributeError, match="module 'sim' has no attribute 'simulat'"):
        sim.simulat  # noqa: B018
    with pytest.raises(AttributeError, match="module 'experiments' has no attribute 'load'"):
        experiments.load  # noqa: B018


@pytest.mark.parametrize(("name", "folder"), [("minimal", "minimal"), ("mali_2025", "mali"), ("atlantis", "atlantis")])
def test_the_tests_own_scenarios_are_the_shipped_ones(name, folder):
    ours, theirs = shipped(name, folder), experiments.load_scenario(name)
    for field in type(ours).__dataclass_fields__:
        assert getattr(ours, field) == getattr(theirs, field), field


def test_load_scenario_takes_overrides():
    plan = experiments.load_scenario("minimal", overrides=["days=30", "contractors.personnel=5"])
    assert (plan.days, plan.parameters.contractors.personnel) == (30, 5)
    assert sim.simulate(plan, seed=2).summary["contractors"]["start"] == 5


def test_importing_sim_loads_nothing_heavy():
    code = (
        "import sys, sim; from sim import Scenario; "
        "sys.exit([m for m in ('mesa', 'scipy', 'pandas', 'hydra', 'matplotlib', 'pyarrow') if m in sys.modules] or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=CONF.parent)
