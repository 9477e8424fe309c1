"""Ablations: what is taken out, paired differences by hand, the command."""

from __future__ import annotations

import json

import numpy as np
import pytest

from experiments import load_scenario
from experiments.ablate import CAMPAIGN, ablate, compare, mechanisms, without
from experiments.cli import main
from experiments.science.main_measures import MEASURES
from sim.parameters import flatten


def test_every_switch_is_a_mechanism():
    scenario = load_scenario("mali_2025")
    names = mechanisms(scenario)
    assert names[:-1] == [key for key in flatten(scenario.parameters) if key.startswith("switches.")]
    assert names[-1] == CAMPAIGN
    assert "switches.collapse" not in mechanisms(scenario.with_settings({"switches.collapse": 0}))


def test_taking_out():
    scenario = load_scenario("mali_2025")
    assert without(scenario, "switches.raids").parameters.switches.raids == 0
    bare = without(scenario, CAMPAIGN)
    assert not any(e.action == "campaign" for e in bare.timeline)
    assert bare.parameters == scenario.parameters


def test_paired_differences_by_hand():
    n = len(MEASURES)
    base = np.column_stack([np.array([1.0, 3.0])] * n)
    found = compare("switches.raids", base, base + 2)
    assert (found.mechanism, found.pairs) == ("raids", 2)
    effect = found.effects[0]
    assert (effect.base, effect.difference, effect.interval) == (2, 2, (2, 2))
    assert effect.in_spread == pytest.approx(2 / np.sqrt(2))
    assert effect.clear
    *_, stalemate = compare("switches.raids", np.zeros((40, n)), np.zeros((40, n))).effects
    assert stalemate.interval[0] < 0 < stalemate.interval[1] and not stalemate.clear


def test_an_unknown_mechanism_is_named(capsys):
    assert main(["ablate", "--only", "deterence"]) == 2
    assert "did you mean 'deterrence'" in capsys.readouterr().err


@pytest.mark.slow
def test_what_is_off_already_makes_no_difference():
    scenario = load_scenario("minimal", ["days=60", "switches.bargaining=0"])
    found = ablate(scenario, range(1, 4), ["switches.bargaining"]).found[0]
    assert all(e.difference == 0 for e in found.effects)


@pytest.mark.slow
def test_the_command(capsys):
    assert main(["ablate", "scenario=minimal", "days=60", "seeds=3", "--only", "raids", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [a["mechanism"] for a in data["ablations"]] == ["raids"]
    assert {e["measure"] for e in data["ablations"][0]["effects"]} == {m.name for m in MEASURES}
