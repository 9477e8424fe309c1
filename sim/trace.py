"""The daily trace: one row a day, from which outcomes, figures and tables are made."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.codes import CONTRACTORS, FIRST_STATE_EVENT, INSURGENTS, SOURCE, STATE
from sim.jit import rule
from sim.rules.regime import held_share
from sim.world import EVENT_DTYPE, STANDARD, Capacity, row

# column, meaning (unit)
COLUMNS: dict[str, str] = {
    "day": "day number, 0 = the scenario's first day",
    "capital_served": "share of the capital's fuel demand met",
    "national_served": "share of the country's fuel demand met",
    "held_share": "share of the non-capital centres' people under insurgent control",
    "insurgents": "fighters present",
    "state": "men of the state present",
    "contractors": "contractors present",
    "civilian_deaths": "civilians killed today",
    "insurgent_deaths": "insurgents killed today",
    "state_deaths": "state men killed today",
    "contractor_deaths": "contractors killed today",
    "events": "insurgent-initiated events today",
    "state_events": "state-initiated events today (fires, sweeps, retakings)",
    "legitimacy": "legitimacy of the regime, 0 to 1",
    "treasury": "treasury, MUSD",
    "paid": "share of the army's pay met",
    "reputation": "the insurgents' reputation, 0 to 1",
    "readiness": "mean readiness of contractors, 0 to 1",
    "command": "effective command, 0 to 1",
    "hazard": "hazard of collapse, 1/day",
    "support": "mean support for the insurgents over centres, by people",
    "corridor_risk": "mean perceived risk of the corridor roads, attacks per passage",
    "corridor_flow": "traffic on the corridors relative to normal (60-day memory), least corridor",
    "campaign": "intensity of the campaign today, 0 = none",
    "convoys": "convoys on the road",
    "cells": "insurgent groups",
    "truces": "truces in force",
    "stock_days": "the capital's stock in days of its demand",
    "collapsed": "1 from the day on which the regime collapses",
}


@functools.cache
def trace_dtype(size: Capacity = STANDARD) -> np.dtype[Any]:
    """Return the trace's row type: the columns, and service and holder of each place."""
    fields: list[Any] = [(name, "i4" if name == "day" else "f8") for name in COLUMNS]
    fields += [("place_served", "f4", (size.places,)), ("place_holder", "i1", (size.places,))]
    return row(fields)


def blank_records(days: int, size: Capacity) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return an empty trace and an event log that is never too short for ``days`` days of a world of that size.

    Pages of memory that are not touched cost nothing.
    """
    return np.zeros(days, trace_dtype(size)), np.zeros(days * size.events, EVENT_DTYPE)


@rule
def write_trace(w: Any, t: Any) -> None:
    """Fill one row with the day that has just ended."""
    n = w.nation
    t.day = w.run.day
    t.capital_served = w.places[w.run.capital].served if w.run.capital >= 0 else 1.0
    t.national_served = n.served
    t.held_share = held_share(w)
    t.insurgents = w.present[INSURGENTS]  # counted by the day's audit
    t.state = w.present[STATE]
    t.contractors = w.present[CONTRACTORS]
    t.legitimacy = n.legitimacy
    t.treasury = n.treasury
    t.paid = n.paid
    t.reputation = n.reputation
    t.readiness = n.readiness
    t.command = n.command
    t.hazard = n.hazard
    t.collapsed = 1.0 if n.collapsed_on >= 0 else 0.0
    t.campaign = w.campaign.intensity if w.campaign.until > w.run.day else 0.0
    write_deaths(w, t)
    write_places(w, t)
    write_roads(w, t)
    write_counts(w, t)


@rule
def write_deaths(w: Any, t: Any) -> None:
    """Write deaths and events of the day from its log."""
    t.civilian_deaths = 0.0
    t.insurgent_deaths = 0.0
    t.state_deaths = 0.0
    t.contractor_deaths = 0.0
    t.events = 0.0
    t.state_events = 0.0
    for k in range(w.run.events_today):
        e = w.today[k]
        t.civilian_deaths += e.deaths[0]
        t.insurgent_deaths += e.deaths[1]
        t.state_deaths += e.deaths[2]
        t.contractor_deaths += e.deaths[3]
        if e.kind < FIRST_STATE_EVENT - 1:  # a capture is the end of an assault, not an event of its own
            t.events += 1.0
        elif FIRST_STATE_EVENT <= e.kind <= FIRST_STATE_EVENT + 3:
            t.state_events += 1.0


@rule
def write_places(w: Any, t: Any) -> None:
    """Write what belongs to places."""
    support = 0.0
    people = 1.0e-9
    truces = 0.0
    for p in range(w.run.n_places):
        place = w.places[p]
        if p < t.place_served.shape[0]:  # never beyond a row made for a smaller size class
            t.place_served[p] = place.served
            t.place_holder[p] = place.holder
        if place.is_centre > 0:
            support += place.support_insurgents * place.population
            people += place.population
        if place.kind != SOURCE and place.country == 0 and place.truce_until > w.run.day:
            truces += 1.0
    t.support = support / people
    t.truces = truces
    capital = w.places[w.run.capital]
    t.stock_days = capital.stock_l / max(1.0, capital.demand_l)


@rule
def write_roads(w: Any, t: Any) -> None:
    """Write what belongs to roads."""
    risk = 0.0
    n = 0.0
    least = 1.0e9
    for i in range(w.run.n_roads):
        r = w.roads[i]
        if r.is_corridor > 0:
            risk += r.risk
            n += 1.0
            least = min(least, r.flow / max(1.0e-9, r.normal_flow))
    t.corridor_risk = risk / max(1.0, n)
    t.corridor_flow = least if n > 0.0 else 1.0


@rule
def write_counts(w: Any, t: Any) -> None:
    """Write how many convoys and groups there are: the slots that are not free."""
    t.convoys = w.convoys.shape[0] - w.run.free_convoys
    t.cells = w.cells.shape[0] - w.run.free_cells
