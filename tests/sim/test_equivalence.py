"""One rule book, two drivers: the same world, every byte of it, on every day."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sim_support import mali, minimal, shipped, switches, with_forces, with_timeline

from sim.agents import AGENT_CLASSES
from sim.codes import FIRE, OUTPOST_ATTACK, ROAD_ATTACK
from sim.day import run_days
from sim.model import ConflictModel
from sim.run import simulate
from sim.setup import build_world
from sim.trace import trace_dtype
from sim.world import EVENT_DTYPE, world_dtype, world_hash

MALI = mali()
MINIMAL = minimal()
ALL = [MINIMAL, MALI, shipped("atlantis", "atlantis")]


class CompiledDays:
    """The compiled driver, a day at a time."""

    def __init__(self, plan, seed, days):
        self.world = build_world(plan, seed)
        self.trace = np.zeros(days, trace_dtype())
        self.log = np.zeros(64 * days + 1024, EVENT_DTYPE)
        self.logged = 0

    def step(self):
        self.logged = run_days(self.world, 1, self.trace, self.log, self.logged, np.zeros(1, np.uint8))


def compare(plan, seed, days, agents=None):
    """Run both drivers side by side; return the model."""
    model = ConflictModel(scenario=plan, seed=seed, days=days, agents=agents)
    compiled = CompiledDays(plan, seed, days)
    assert world_hash(model.world) == world_hash(compiled.world)
    while model.running:
        model.step()
        compiled.step()
        assert world_hash(model.world) == world_hash(compiled.world), f"day {model.day}"
    assert model.status == "ok" and model.day == days - 1
    assert np.array_equal(model.trace, compiled.trace)
    assert np.array_equal(model.log, compiled.log[: compiled.logged])
    return model


def test_the_hashed_world_has_no_gaps():
    # Bytes between fields are not copied with an array: a copied world would hash differently.
    def size(kind):
        if kind.subdtype:
            return int(np.prod(kind.shape)) * size(kind.base)
        return sum(size(kind[name]) for name in kind.names) if kind.names else kind.itemsize

    kind = world_dtype()
    end = kind.fields["scratch_start"][1]
    hashed = [n for n in kind.names if kind.fields[n][1] < end and n != "settings"]  # settings overlaps params
    assert sum(size(kind[n]) for n in hashed) == end


def test_a_difference_of_one_fighter_is_seen():
    one, other = build_world(MINIMAL, 1), build_world(MINIMAL, 1)
    assert world_hash(one) == world_hash(other)
    other["cells"]["fighters"][0, 0] += 1
    assert world_hash(one) != world_hash(other)


@pytest.mark.parametrize(("plan", "days"), [(MINIMAL, 200), (MALI, 60)], ids=["minimal", "mali_2025"])
def test_a_war_with_a_campaign(plan, days):
    model = compare(early_campaign(plan), 1, days)
    assert {ROAD_ATTACK, OUTPOST_ATTACK, FIRE} <= set(model.log["kind"])  # two quiet runs would agree on nothing


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 2**63 - 1])
@pytest.mark.parametrize("plan", ALL, ids=["minimal", "mali_2025", "atlantis"])
def test_whole_runs(plan, seed):
    compare(plan, seed, 540)


@pytest.mark.slow
@pytest.mark.parametrize("switch", switches())
def test_each_mechanism_switched_off(switch):
    compare(early_campaign(MINIMAL).with_settings({switch: 0}), 4, 120)


def test_all_mechanisms_switched_off_by_halves():
    # Each switch is off in one of five short runs; one by one in the slow part.
    for k in range(5):
        compare(early_campaign(MINIMAL).with_settings(dict.fromkeys(switches()[k::5], 0)), 4, 50)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(off=st.sets(st.sampled_from(switches()), max_size=6), seed=st.integers(0, 2**63 - 1))
def test_mechanisms_switched_off_together(off, seed):
    compare(early_campaign(MALI).with_settings(dict.fromkeys(off, 0)), seed, 25)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    off=st.sets(st.sampled_from(switches())),
    seed=st.integers(0, 2**63 - 1),
    plan=st.sampled_from(ALL),
    personnel=st.integers(0, 3000),
    effort=st.floats(0, 12),
    support=st.floats(0.01, 0.8),
)
def test_any_configuration(off, seed, plan, personnel, effort, support):
    changed = {
        "contractors.personnel": personnel,
        "insurgents.interdiction_effort": effort,
        "population.insurgent_support": support,
        **dict.fromkeys(off, 0),
    }
    compare(early_campaign(plan).with_settings(changed), seed, 100)


def early_campaign(base):
    return with_timeline(base, {"day": 10, "action": "campaign", "days": 60, "value": 1.5})


def test_everything_that_a_timeline_can_do():
    base = with_timeline(
        MALI,
        {"day": 3, "action": "add_fighters", "place": "NIO", "value": 400},
        {"day": 5, "action": "add_men", "place": "KAY", "value": 300},
        {"day": 5, "action": "add_men", "place": "DIE", "value": -100000},
        {"day": 8, "action": "add_contractors", "place": "GAO", "value": 70},
        {"day": 9, "action": "add_contractors", "place": "SIK", "value": 90},
        {"day": 12, "action": "withdraw_contractors", "value": 450},
        {"day": 15, "action": "set", "key": "insurgents.interdiction_effort", "value": 6},
        {"day": 20, "action": "campaign", "days": 30, "value": 2},
        {"day": 20, "action": "ramp", "key": "state.command_quality", "value": 0.9, "days": 40},
    )
    model = compare(base, 5, 45)
    people = model.world["people"][0, 1:]
    assert people["reinforced"].min() > 0 and people["withdrawn"][2] == 450  # each armed side got its men


@pytest.mark.parametrize("missing", ["insurgents", "contractors", "state"])
def test_a_side_that_is_absent(missing):
    gone = {
        "insurgents": {"groups": ()},
        "contractors": {"detachments": {}},
        "state": {"garrisons": {}, "columns": (), "escorts": ()},
    }
    compare(with_forces(early_campaign(MINIMAL), **gone[missing]), 6, 60)


def test_subclasses_that_only_call_super():
    def step_of(base):
        return lambda self: base.step(self)

    agents = {base: type(f"My{base.__name__}", (base,), {"step": step_of(base)}) for base in AGENT_CLASSES.values()}
    model = compare(early_campaign(MALI), 7, 30, agents)
    assert {type(a).__name__ for a in model.agents} <= {c.__name__ for c in agents.values()}


@pytest.mark.parametrize("days", [1, 45])
def test_simulate_gives_the_same_summary_with_both_drivers(days):
    compiled, mesa = (simulate(MINIMAL, 8, days=days, driver=driver) for driver in ("compiled", "mesa"))
    assert compiled.summary == mesa.summary
    assert compiled.daily.equals(mesa.daily) and compiled.events.equals(mesa.events)
