"""Scenarios: what is read, what is refused, each in one line that names the entry at fault."""

from dataclasses import FrozenInstanceError

import pytest
from sim_support import minimal, shipped_geography

from sim.parameters import BadParameterValueError, UnknownParameterError
from sim.scenario import (
    BadCountError,
    BadForcesError,
    BadTimelineError,
    Entry,
    UnknownPlaceInForcesError,
    check_days,
    read_forces,
    read_timeline,
    whole,
)

GEO = shipped_geography("minimal")


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ({"garisons": {}}, BadForcesError, "force: no key 'garisons'; did you mean 'garrisons'?"),
        (
            {"garrisons": {"CAPP": 3}},
            UnknownPlaceInForcesError,
            "force.garrisons: no place 'CAPP'; did you mean 'CAP'?",
        ),
        ({"garrisons": {"CAP": -1}}, BadCountError, "force.garrisons.CAP: -1 is not allowed"),
        ({"garrisons": {"CAP": 1.5}}, BadCountError, "force.garrisons.CAP: 1.5 is not allowed"),
        ({"garrisons": {"CAP": float("nan")}}, BadCountError, "force.garrisons.CAP: nan is not allowed"),
        ({"garrisons": {"CAP": True}}, BadCountError, "force.garrisons.CAP: True is not allowed"),
        ({"garrisons": [1]}, BadForcesError, "force.garrisons: [1] is not allowed; it takes a mapping"),
        ({"groups": {"A": {"XXX": 3}}}, UnknownPlaceInForcesError, "force.groups.A: no place 'XXX'"),
        (
            {"groups": {"A": {}, "B": {}, "C": {}}},
            BadCountError,
            "force.groups: 3 is not allowed; it takes at most two",
        ),
        ({"columns": {"CAP": {"count": 1}}}, BadCountError, "force.columns.CAP.men: None is not allowed"),
        (
            {"columns": {"CAP": {"cuont": 1, "men": 2}}},
            BadForcesError,
            "force.columns.CAP: no key 'cuont'; did you mean 'count'?",
        ),
        ({"detachments": {"SEA": 1}}, UnknownPlaceInForcesError, "force.detachments: no place 'SEA'"),
        (
            {"suppliers": {"CAP": {"capacity": 1, "share": 1}}},
            UnknownPlaceInForcesError,
            "force.suppliers: no fuel source 'CAP'",
        ),
        (
            {"suppliers": {"SRC": {"capacity": -1, "share": 1}}},
            BadCountError,
            "force.suppliers.SRC.capacity: -1 is not allowed",
        ),
        (
            {"support_insurgents": {"Atsel": 1}},
            UnknownPlaceInForcesError,
            "force.support_insurgents: no place 'Atsel'; did you mean 'Astel'?",
        ),
        ({"second_base": "XYZ"}, UnknownPlaceInForcesError, "force.second_base: no place 'XYZ'"),
        ({"opening_stock_days": float("nan")}, BadCountError, "force.opening_stock_days: nan is not allowed"),
    ],
)
def test_bad_forces_are_refused_by_name(data, error, message):
    with pytest.raises(error) as caught:
        read_forces(data, GEO)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "error", "message"),
    [
        ({"day": 1, "action": "campain"}, BadTimelineError, "did you mean 'campaign'?"),
        ({"day": 1}, BadTimelineError, "timeline: no action ''"),
        (
            {"day": 1, "action": "set", "key": "state.cots", "value": 3},
            UnknownParameterError,
            "did you mean 'state.cost'?",
        ),
        ({"day": 1, "action": "set", "key": "state.cost", "value": 3000}, BadParameterValueError, "state.cost: 3000"),
        ({"day": 1, "action": "set", "key": "state.cost"}, BadTimelineError, "timeline: set on day 1 has no value"),
        ({"day": -1, "action": "campaign", "days": 3}, BadCountError, "timeline.day: -1 is not allowed"),
        ({"day": 1, "action": "campaign", "days": 0}, BadCountError, "timeline.days: 0 is not allowed"),
        (
            {"day": 1, "action": "add_men", "place": "CPA", "value": 3},
            UnknownPlaceInForcesError,
            "timeline.place: no place 'CPA'",
        ),
        (
            {"day": 1, "action": "add_fighters", "place": "CAP", "value": -3},
            BadCountError,
            "timeline.value: -3 is not allowed",
        ),
        (
            {"day": 1, "action": "withdraw_contractors", "value": float("nan")},
            BadCountError,
            "timeline.value: nan is not allowed",
        ),
        (
            {"day": 1, "action": "campaign", "days": 3, "valeu": 1},
            BadTimelineError,
            "timeline: no key 'valeu'; did you mean 'value'?",
        ),
        (7, BadTimelineError, "timeline: 7 is not allowed"),
        (
            {"day": 1, "action": "withdraw_contractors", "place": "CAP", "value": 100},
            BadTimelineError,
            "timeline: withdraw_contractors on day 1 has no 'place'; it takes value",
        ),
        (
            {"day": 1, "action": "withdraw_contractors", "value": 100.7},
            BadCountError,
            "timeline.value: 100.7 is not allowed",
        ),
    ],
)
def test_bad_timelines_are_refused_by_name(entry, error, message):
    with pytest.raises(error) as caught:
        read_timeline([entry], GEO)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_timeline_is_sorted_and_entries_may_be_left_out():
    data = {
        "b": {"day": 9, "action": "campaign", "days": 3},
        "a": {"day": 2, "action": "set", "key": "state.cost", "value": 50},
        "c": None,
    }
    assert read_timeline(data, GEO) == (
        Entry(2, "set", "state.cost", 50.0),
        Entry(9, "campaign", "", 1.0, 3),
    )
    assert read_timeline(None, GEO) == ()


@pytest.mark.parametrize("value", [0, -3, 1.5, float("nan"), float("inf"), "3", None, True, 36501])
def test_a_run_has_a_whole_number_of_days(value):
    with pytest.raises(BadCountError, match=r"days: .* is not allowed; it takes a whole number from 1 to 36500"):
        check_days(value)
    assert check_days(540.0) == 540 and whole("x", 3, 0, 3) == 3


def test_a_scenario_is_a_value():
    plan = minimal()
    other = plan.with_settings({"contractors.personnel": 5})
    assert plan.parameters.contractors.personnel == 100 and other.parameters.contractors.personnel == 5
    assert other.forces is plan.forces and repr(plan) == "<Scenario minimal: 5 places, 540 days>"
    with pytest.raises(FrozenInstanceError):
        plan.days = 3
    with pytest.raises(UnknownParameterError):
        plan.with_settings({"nonsense": 1})
