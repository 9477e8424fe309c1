"""Settings of the scientific commands, and strict JSON."""

from __future__ import annotations

import json

import pytest

from experiments.messages import BadSettingError
from experiments.science.settings import SEEDS, Own, seeds_of, split, to_json


def test_own_settings_are_told_from_the_scenarios():
    found, rest = split(["seeds=7", "regime.revenue=2", "first_seed=5"], SEEDS)
    assert found == {"seeds": 7, "first_seed": 5}
    assert rest == ["regime.revenue=2"]
    assert list(seeds_of(found)) == [5, 6, 7, 8, 9, 10, 11]
    assert split([], SEEDS)[0] == {"seeds": 200, "first_seed": 1}


@pytest.mark.parametrize("text", ["seeds=0", "seeds=1.5", "seeds=", "seeds=-3", "share=2", "share=nan"])
def test_a_value_outside_its_range_is_named(text):
    with pytest.raises(BadSettingError, match=text.partition("=")[0]):
        split([text], {**SEEDS, "share": Own(0.5, 0, 1, whole=False)})


def test_json_is_strict():
    assert json.loads(to_json({"a": [float("nan"), 1.5], "b": (float("inf"), None, True, "x")})) == {
        "a": [None, 1.5],
        "b": [None, None, True, "x"],
    }
