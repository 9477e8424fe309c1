"""The law of one round, breaks, nerve, aim; against the equations of the ODD."""

import math

import numpy as np
import pytest
import rule_entries as rules
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import BAS, CAP, REG, Stage

from sim import codes, theory


def left(stage, n, men, fighters, quality=1.0, aim=0.3, nerve=1.0, rounds=1):
    """Winner and losses of `n` duels of other luck."""
    out = np.zeros((n, 3))
    for k in range(n):
        out[k, 0] = rules.duel(stage.world, men, fighters, quality, aim, nerve, rounds, np.uint64(k))
        out[k, 1:] = stage["duel"]["men_lost"], stage["duel"]["fighters_lost"]
    return out


def test_mean_losses_of_a_round_are_those_of_the_law():
    stage = Stage(combat__round_hours=6)
    p = stage.scenario.parameters.combat
    days, B, R, mu, q = 0.25, 80, 60, 0.4, 1.5
    lost = left(stage, 3000, B, R, quality=q, aim=mu)
    men = p.insurgent_kill_rate * R * days
    fighters = B * q * (mu * p.aimed_kill_rate + (1 - mu) * p.area_kill_rate * R) * days
    assert lost[:, 1].mean() == pytest.approx(men, abs=4 * math.sqrt(men / 3000))
    assert lost[:, 2].mean() == pytest.approx(fighters, abs=4 * math.sqrt(fighters / 3000))
    assert lost[:, 1].var() == pytest.approx(men, rel=0.15)  # Poisson
    assert abs(np.corrcoef(lost[:, 1], lost[:, 2])[0, 1]) < 0.06  # both fire at once


def test_a_side_breaks_at_its_share_and_the_men_stand_when_both_break():
    stage = Stage(combat__state_break=0.6, combat__insurgent_break=0.2, combat__round_hours=0.2)
    out = left(stage, 300, 100, 100, aim=0.3, rounds=2000)
    assert set(out[:, 0]) == {1.0, 2.0}
    won = out[out[:, 0] == 2]
    assert (won[:, 1] >= 60).all() and (won[:, 2] < 20).all()
    assert (out[out[:, 0] == 1][:, 2] >= 20).all()
    both = Stage(combat__state_break=0.05, combat__insurgent_break=0.05, combat__round_hours=6)
    out = left(both, 200, 300, 300, aim=1.0)
    broken = (out[:, 1] >= 15) & (out[:, 2] >= 15)
    assert broken.sum() > 100 and (out[broken, 0] == 1).all()


def test_a_fight_that_runs_out_of_rounds_has_no_winner():
    out = left(Stage(), 50, 400, 25, rounds=1)
    assert (out[:, 0] == 0).any()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 3000), st.integers(0, 3000), st.floats(0.5, 5), st.floats(0, 1), st.floats(0.05, 1),
    st.integers(1, 48), st.integers(0, 2**63),
)  # fmt: skip
def test_no_fight_loses_more_than_it_has(men, fighters, quality, aim, nerve, rounds, who):
    stage = Stage()
    winner = rules.duel(stage.world, men, fighters, quality, aim, nerve, rounds, np.uint64(who))
    duel = stage["duel"]
    assert duel["men"] + duel["men_lost"] == men and duel["fighters"] + duel["fighters_lost"] == fighters
    assert min(duel["men"], duel["fighters"]) >= 0 and winner in (0, 1, 2) and duel["rounds"] <= rounds
    if fighters == 0:
        assert duel["men_lost"] == 0 and winner == 1
    if men == 0 and fighters > 0:
        assert duel["fighters_lost"] == 0 and winner == 2


def test_fights_to_the_last_follow_the_closed_form():
    # Break shares of 1 and short rounds: the rule is the jump process of the closed form.
    stage = Stage(
        combat__state_break=1, combat__insurgent_break=1, combat__round_hours=0.05,
        combat__insurgent_kill_rate=0.4, combat__aimed_kill_rate=0.5,
    )  # fmt: skip
    out = left(stage, 800, 20, 20, aim=1.0, rounds=100_000)
    exact = theory.duel_theory("square", 0.5, 0.4, 20, 20, 0.5, 0.001).insurgents_win
    share = float((out[:, 0] == 2).mean())
    assert share == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 800) + 0.01)


# --- nerve, aim, readiness to fight ---


def test_nerve_falls_with_hunger_reputation_and_cohesion():
    stage = Stage(combat__hunger_break=0.5, combat__reputation_break=0.3)
    assert rules.nerve(stage.world, REG) == 1.0
    stage.place(REG)["military_served"] = 0.2
    assert rules.nerve(stage.world, REG) == pytest.approx(0.6)
    stage["nation"]["reputation"] = 0.5
    assert rules.nerve(stage.world, REG) == pytest.approx(0.6 * 0.85)
    stage["nation"]["cohesion"] = 0.5
    assert rules.nerve(stage.world, REG) == pytest.approx(0.6 * 0.85 * 0.5)
    stage["nation"]["cohesion"] = 0.0
    assert rules.nerve(stage.world, REG) == 0.05
    stage.place(REG)["country"] = 1  # another army's
    assert rules.nerve(stage.world, REG) == pytest.approx(0.6 * 0.85)
    stage.place(REG)["country"] = 0
    stage.set("switches.reputation", 0)
    stage["nation"]["cohesion"] = 1.0
    assert rules.nerve(stage.world, REG) == pytest.approx(0.6)


def test_aim_comes_from_what_people_tell_and_from_exposure():
    stage = Stage(combat__information_fixed=0.3)
    stage.place(REG)["information"] = 0.4
    assert rules.aimed_share(stage.world, REG, 0.0) == pytest.approx(0.4)
    assert rules.aimed_share(stage.world, REG, 0.5) == pytest.approx(0.7)
    stage.set("switches.exposure", 0)
    assert rules.aimed_share(stage.world, REG, 0.5) == pytest.approx(0.4)
    stage.set("switches.information", 0)
    assert rules.aimed_share(stage.world, REG, 0.5) == pytest.approx(0.3)


def test_readiness_to_fight_is_logistic_in_the_ratio_of_strengths():
    world = Stage(insurgents__strength_sense=2).world
    assert rules.willing(world, 49.0, 49.0) == pytest.approx(0.5)
    assert rules.willing(world, 99.0, 49.0) == pytest.approx(4 / 5)
    assert rules.willing(world, 25.0, 0.0) == 1.0
    odds = [rules.willing(world, float(own), 100.0) for own in range(1, 1000, 25)]
    assert odds == sorted(odds)
    assert rules.willing(Stage(insurgents__strength_sense=0).world, 1.0, 1e6) == 0.5


def test_crossfire_kills_where_many_live():
    def killed(place):
        stage = Stage(combat__crossfire=2.0, insurgents__regroup_rate=0)
        stage.unit(place, 400)
        stage.cell(place, 200, codes.HARASS)
        return np.mean([int(stage.luck(k).fight()["deaths"][0]) for k in range(200)])

    assert killed(CAP) > 4 * killed(BAS) > 0
