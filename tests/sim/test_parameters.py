"""Every parameter: documented, in range, checked; the flat view and the record are one thing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_support import fresh, minimal

from sim.parameter_errors import nearest
from sim.parameters import (
    N_SETTINGS,
    BadParameterValueError,
    Parameters,
    UnknownParameterError,
    check,
    explain,
    flatten,
    infos,
    parameters_dtype,
    setting_index,
    with_values,
)

KEYS = list(infos())


@pytest.mark.parametrize("key", KEYS)
def test_each_has_value_unit_range_source_and_meaning(key):
    info = infos()[key]
    assert info.low <= info.default <= info.high and info.low < info.high
    assert info.unit and info.source and len(info.meaning) > 8
    assert check(key, info.low) == info.low and check(key, info.high) == info.high
    wide = 0.1 * (info.high - info.low)
    for value in (info.low - wide, info.high + wide, math.nan, math.inf, -math.inf, "much", None, []):
        with pytest.raises(BadParameterValueError) as caught:
            check(key, value)
        assert key in str(caught.value) and "\n" not in str(caught.value)


def test_a_refusal_names_key_value_and_range():
    with pytest.raises(BadParameterValueError, match=r": -3 is not allowed; it takes a number from 0 to 4000$"):
        check("contractors.personnel", -3)


def test_switches_take_only_zero_and_one():
    switches = [key for key in KEYS if key.startswith("switches.")]
    assert len(switches) == 31 and all(infos()[key].default == 1 for key in switches)
    for key in switches:
        assert check(key, 0) == 0 and check(key, True) == 1
        with pytest.raises(BadParameterValueError):
            check(key, 0.5)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("contractors.personel", "contractors.personnel"),
        ("insurgent.theta", "insurgents.theta"),
        ("combat.brun_share", "combat.burn_share"),
    ],
)
def test_an_unknown_key_names_the_nearest(typed, meant):
    with pytest.raises(UnknownParameterError, match=f"did you mean '{meant}'"):
        explain(typed)
    assert nearest("zzzz", KEYS) is None
    with pytest.raises(UnknownParameterError, match="lists all keys"):
        explain("qqq")


def test_the_record_and_the_flat_view_are_one_memory():
    world = fresh(minimal())
    assert N_SETTINGS == len(KEYS) == len(setting_index()) and parameters_dtype().itemsize == 8 * N_SETTINGS
    for key, k in setting_index().items():
        group, name = key.split(".")
        world["settings"][0, k] = k + 0.5
        assert world["params"][group][name][0] == k + 0.5


def test_a_world_holds_the_scenarios_values_in_order():
    plan = minimal(contractors__personnel=77, switches__raids=0)
    assert np.array_equal(fresh(plan)["settings"][0], [flatten(plan.parameters)[key] for key in KEYS])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), st.floats(0, 1), max_size=10))
def test_changed_values_are_kept_and_the_rest_stays(shares):
    changes = {}
    for key, share in shares.items():
        info = infos()[key]
        value = info.low + share * (info.high - info.low)
        changes[key] = round(share) if info.unit == "0/1" else min(info.high, value)
    got = flatten(with_values(Parameters(), changes))
    assert got == {**flatten(Parameters()), **changes}
