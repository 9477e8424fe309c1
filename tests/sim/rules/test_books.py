"""The event log and the deaths: what is logged is what was lost, by side."""

import numpy as np
import pytest
from sim_support import early, live, mali, minimal, run
from stage import REG, Stage

from sim import codes
from sim.world import STANDARD


@pytest.mark.parametrize("plan", [minimal(), mali()], ids=["minimal", "mali_2025"])
def test_every_death_is_in_the_log_and_in_the_books(plan):
    world, trace, log = run(early(plan), 3, 120)
    deaths = log["deaths"].sum(axis=0)
    assert deaths.tolist() == world["deaths"][0].tolist()
    assert deaths[1:].tolist() == world["people"]["dead"][0, 1:].tolist()
    tally = world["tally"][0]
    assert deaths[0] == sum(int(tally[f"civilians_{how}"]) for how in ("by_insurgents", "by_state", "in_combat"))
    daily = [trace[f"{side}_deaths"].sum() for side in ("civilian", "insurgent", "state", "contractor")]
    assert daily == deaths.tolist() and deaths.sum() > 20
    assert log["tankers"].sum() == tally["tankers_burned"]


def test_events_are_of_their_day_kind_and_place():
    world, _, log = run(early(mali()), 4, 120)
    assert np.all(np.diff(log["day"]) >= 0) and log["day"].max() < 120
    assert set(log["kind"]) <= set(range(len(codes.EVENT_KINDS)))
    roads = np.isin(log["kind"], [codes.ROAD_ATTACK])
    assert (log["road"][roads] >= 0).all() and (log["place"][roads] == -1).all()
    assert (log["place"][log["kind"] == codes.BASE_ATTACK] >= 0).all()
    assert (log["size"][log["kind"] <= codes.COERCION] > 0).all() and len(live(world, "cells"))


def test_a_day_with_too_many_events_is_an_error_of_the_run():
    stage = Stage(population__coercion_rate=0.1)
    stage.cell(REG, 10**6)
    stage.do("flow")
    stage.place(REG)["support_insurgents"] = 0.0
    stage["run"]["events_today"] = STANDARD.events
    stage.do("population")
    assert stage["run"]["status"] == codes.LOG_FULL
