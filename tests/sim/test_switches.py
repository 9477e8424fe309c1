"""Each ablation: one key takes a mechanism out, and taking it out matters. What it does is tested with its rule."""

import numpy as np
import pytest
from sim_support import early, mali, minimal, run, switches, with_forces, with_timeline

from sim import codes
from sim.world import world_hash

# A state that runs short of everything, so that every mechanism has something to do within the days below.
HARD = {
    "regime.revenue": 0.06, "regime.treasury_days": 0, "contractors.departure_rate": 0.05,
    "contractors.patience_days": 40,
    "bargaining.truce_rate": 1, "population.insurgent_support": 0.3, "regime.hazard_base": 0.002,
    "insurgents.hold_bias": 4, "insurgents.assault_bias": 5,
}  # fmt: skip
NEED_ROOM = {"switches.cross_border", "switches.relief"}  # a border, columns that go far


def hash_of(plan, days, **changes):
    world, trace, _ = run(plan.with_settings({**HARD, **changes}), 3, days)
    for part in ("params",):  # the switch itself is part of the world
        world[part] = 0
    return world_hash(world), trace


@pytest.mark.parametrize("switch", switches())
def test_taking_it_out_matters(switch):
    plan, days = (early(mali(), 5, 60, 2.0), 80) if switch in NEED_ROOM else (early(minimal(), 5, 120, 2.0), 200)
    with_it, without = hash_of(plan, days), hash_of(plan, days, **{switch: 0})
    assert with_it[0] != without[0]


OFF = {
    "raids": lambda log, world: not {codes.OUTPOST_ATTACK, codes.BASE_ATTACK} & set(log["kind"]),
    "interdiction": lambda log, world: codes.ROAD_ATTACK not in log["kind"],
    "holding": lambda log, world: codes.CAPTURE not in log["kind"] and not (world["places"]["holder"] == 1).any(),
    "coalescence": lambda log, world: world["tally"]["merges"][0] == 0,
    "fragmentation": lambda log, world: world["tally"]["splits"][0] == 0,
    "recruitment": lambda log, world: world["people"]["recruited"][0, 1] == 0,
    "contractor_fires": lambda log, world: world["tally"]["fires_contractors"][0] == 0,
    "army_fires": lambda log, world: world["tally"]["fires_army"][0] == 0,
    "departure": lambda log, world: codes.DEPARTURE not in log["kind"],
    "relief": lambda log, world: world["tally"]["retakes"][0] == 0,
    "sweeps": lambda log, world: not {codes.SWEEP_CONTACT, codes.SWEEP_HARM} & set(log["kind"]),
    "reinforcement": lambda log, world: world["people"]["reinforced"][0, 2] == 0,
    "escorts": lambda log, world: world["tally"]["escorted"][0] == 0,
    "deterrence": lambda log, world: world["tally"]["tankers_refused"][0] == 0,
    "bargaining": lambda log, world: codes.TRUCE not in log["kind"],
    "collapse": lambda log, world: codes.COLLAPSE not in log["kind"],
    "exposure": lambda log, world: codes.FIRE not in log["kind"],
}


@pytest.mark.parametrize("name", OFF)
def test_out_is_out(name):
    seen = set()
    for plan, days in ((early(minimal(), 5, 150, 2.0), 250), (early(mali(), 5, 60, 2.0), 90)):
        for value in (1, 0):
            world, _, log = run(plan.with_settings({**HARD, f"switches.{name}": value}), 2, days)
            gone = OFF[name](log, world)
            assert gone or value == 1, name
            seen.add((value, bool(gone)))
    assert (1, False) in seen, name  # and with it in, it does happen


def test_without_campaigns_nothing_drives_the_groups():
    world, trace, log = run(mali(switches__campaigns=0), 1, 200)
    quiet = mali()
    driven = run(quiet, 1, 200)[1]
    assert trace["events"][151:].sum() < driven["events"][151:].sum() and with_forces(quiet) == quiet
    assert world["campaign"]["until"][0] == -1 and not trace["campaign"].any()  # the timeline's neither
    assert len(log) and not np.isin(log["kind"], (codes.CAMPAIGN_BEGINS, codes.CAMPAIGN_ENDS)).any()


def test_without_contractors_pay_nobody_is_owed_anything():
    poor = {"regime__revenue": 0.8, "regime__treasury_days": 0, "switches__collapse": 0}
    left, stay = (run(mali(**poor, switches__contractor_pay=on), 1, 300)[0] for on in (1, 0))
    assert left["people"]["withdrawn"][0, codes.CONTRACTORS] > 0
    assert stay["people"]["withdrawn"][0, codes.CONTRACTORS] == 0


def test_without_information_what_people_could_tell_does_not_matter():
    def hash_with(gain, on):
        plan = mali(population__information_gain=gain, switches__information=on)
        world = run(plan, 1, 60)[0]
        world["params"] = 0
        world["places"]["information"] = 0.0
        return world_hash(world)

    assert hash_with(0.0, 0) == hash_with(0.9, 0) and hash_with(0.0, 1) != hash_with(0.9, 1)


def test_escorts_switched_off_on_the_way_send_no_more_convoys():
    blockade = mali(insurgents__interdiction_effort=12, combat__ambush_rate=0.05)
    off = with_timeline(blockade, {"day": 60, "action": "set", "key": "switches.escorts", "value": 0})
    before, after = (run(off, 1, days)[0]["tally"]["escorted"][0] for days in (60, 200))
    assert before > 0 and after == before and run(blockade, 1, 200)[0]["tally"]["escorted"][0] > before
