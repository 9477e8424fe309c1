"""The daily trace: every column from its definition, recomputed from the world and the log."""

import numpy as np
import pytest
from sim_support import early, fresh, live, mali, minimal, run

from sim import codes
from sim.day import run_days
from sim.trace import COLUMNS, trace_dtype
from sim.world import EVENT_DTYPE, STANDARD


def traced(plan, seed, days):
    """Worlds at each day's end with the row and the events of the day."""
    world = fresh(plan, seed)
    trace = np.zeros(days, trace_dtype())
    log = np.zeros(days * STANDARD.events, EVENT_DTYPE)
    logged = 0
    for day in range(days):
        before = logged
        logged = run_days(world, 1, trace, log, logged, np.zeros(1, np.uint8))
        yield world, trace[day], log[before:logged]


@pytest.mark.parametrize(("plan", "days"), [(minimal(), 60), (mali(), 40)], ids=["minimal", "mali_2025"])
def test_every_column_is_what_it_says(plan, days):
    for world, row, events in traced(early(plan, 5, 30), 3, days):
        places, nation, roads = world["places"][0], world["nation"][0], world["roads"][0]
        own = events["kind"] < codes.CAPTURE
        state = (events["kind"] >= codes.FIRE) & (events["kind"] <= codes.RETAKE)
        home = (places["country"] == 0) & (places["kind"] != codes.SOURCE) & (places["id"] > 0)
        centres = places["is_centre"] > 0
        lost = places["holder"] == codes.HELD_BY_INSURGENTS
        capital = places[int(world["run"]["capital"][0])]
        corridor = roads["is_corridor"] > 0
        day = world["run"]["day"][0]
        sides = ("civilian", "insurgent", "state", "contractor")
        of_nation = ("legitimacy", "treasury", "paid", "reputation", "readiness", "command", "hazard")
        flow = (roads["flow"] / np.maximum(roads["normal_flow"], 1e-9))[corridor]
        expected = {
            "day": day,
            "capital_served": capital["served"],
            "national_served": nation["served"],
            "held_share": places["population"][centres & lost].sum() / places["population"][centres].sum(),
            "insurgents": live(world, "cells")["fighters"].sum(),
            "state": live(world, "units")["men"].sum(),
            "contractors": live(world, "detachments")["men"].sum(),
            **{f"{s}_deaths": events["deaths"][:, k].sum() for k, s in enumerate(sides)},
            "events": own.sum(),
            "state_events": state.sum(),
            **{name: nation[name] for name in of_nation},
            "support": np.average(places["support_insurgents"][centres], weights=places["population"][centres]),
            "corridor_risk": roads["risk"][corridor].mean() if corridor.any() else 0.0,
            "corridor_flow": flow.min() if corridor.any() else 1.0,
            "campaign": world["campaign"]["intensity"][0] if world["campaign"]["until"][0] > day else 0.0,
            "convoys": len(live(world, "convoys")),
            "cells": len(live(world, "cells")),
            "truces": (places["truce_until"][home] > day).sum(),
            "stock_days": capital["stock_l"] / max(1.0, capital["demand_l"]),
            "collapsed": float(nation["collapsed_on"] >= 0),
        }  # fmt: skip
        assert set(expected) == set(COLUMNS)
        for name, value in expected.items():
            assert row[name] == pytest.approx(float(value), rel=1e-9, abs=1e-12), (name, day)
        assert row["place_holder"].tolist() == places["holder"].tolist()
        n = len(plan.geography.places)
        assert row["place_served"][:n] == pytest.approx(places["served"][:n], rel=1e-6)


def test_the_regimes_collapse_stays_in_the_trace_and_the_run_goes_on():
    plan = minimal(regime__hazard_base=0.01, regime__hazard_thin=20, regime__hazard_legitimacy=0)
    for seed in range(20):
        _, trace, log = run(plan, seed, 150)
        days = np.flatnonzero(log["kind"] == codes.COLLAPSE)
        if len(days):
            first = int(log["day"][days[0]])
            assert len(days) == 1 and len(trace) == 150
            assert trace["collapsed"].tolist() == [0.0] * first + [1.0] * (150 - first)
            return
    raise AssertionError("no collapse in 20 runs")
