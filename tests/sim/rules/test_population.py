"""Support and information: what moves them, in which direction and by how much; and violence against civilians."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import BAS, CAP, REG, Stage

from sim import codes


def shift(harm_insurgents=0, harm_state=0, served=1.0, holder=None, men=0, **parameters):
    """The change of a place's two potentials in one day, drift apart."""
    stage = Stage(population__drift_days=1000, **parameters)
    place = stage.place(REG)
    place["harm_insurgents"], place["harm_state"], place["served"], place["men"] = (
        harm_insurgents,
        harm_state,
        served,
        men,
    )
    if holder is not None:
        place["holder"] = holder
    before = place["x_insurgents"].item(), place["x_state"].item()
    stage.do("population")
    return place["x_insurgents"] - before[0], place["x_state"] - before[1]


def test_harm_repels_from_whoever_did_it():
    effect = Stage().scenario.parameters.population.harm_effect
    assert shift(harm_state=9) == pytest.approx((effect * math.log(10), -effect * math.log(10)))
    assert shift(harm_insurgents=9) == pytest.approx((-effect * math.log(10), effect * math.log(10)))
    assert shift(harm_state=9, switches__harm_feedback=0) == pytest.approx((0, 0))


def test_shortage_is_blamed_on_both_in_a_ratio():
    given = {"population__shortage_effect": 0.02, "population__blame_on_state": 0.6}
    assert shift(served=0.5, **given) == pytest.approx((-0.004, -0.006))
    assert shift(served=0.5, switches__shortage_blame=0, **given) == pytest.approx((0, 0))


def test_whoever_controls_a_place_moves_it():
    given = {"population__control_effect": 0.02}
    assert shift(holder=codes.HELD_BY_INSURGENTS, **given) == pytest.approx((0.02, -0.02))
    assert shift(men=300, **given) == pytest.approx((-0.01, 0.01))
    assert shift(holder=codes.HELD_BY_NOBODY, **given) == pytest.approx((0, 0)) == shift(men=0, **given)
    assert shift(holder=codes.HELD_BY_INSURGENTS, switches__coercion=0, **given) == pytest.approx((0, 0))


def test_opinion_drifts_home_with_its_memory():
    stage = Stage(population__drift_days=50, population__control_effect=0)
    place = stage.place(REG)
    home = float(place["home_insurgents"])
    place["x_insurgents"] = home + 1.0
    for _ in range(50):
        stage.do("population")
    assert place["x_insurgents"] - home == pytest.approx((1 - 1 / 50) ** 50)


@settings(max_examples=60, deadline=None)
@given(st.floats(-30, 30), st.floats(-30, 30), st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1))
def test_shares_stay_shares_without_clamps(x, y, by_insurgents, by_state, served):
    stage = Stage()
    place = stage.place(REG)
    place["x_insurgents"], place["x_state"], place["served"] = x, y, served
    place["harm_insurgents"], place["harm_state"] = by_insurgents, by_state
    stage.do("population")
    a, b = float(place["support_insurgents"]), float(place["support_state"])
    assert 0 <= a <= 1 and 0 <= b <= 1 and a + b <= 1 + 1e-12 and 0 <= place["information"] <= 1


def test_people_tell_the_state_what_their_support_allows():
    stage = Stage(population__information_min=0.05, population__information_gain=0.9)
    stage.do("population")
    p = stage.place(REG)
    assert p["information"] == pytest.approx(0.05 + 0.9 * p["support_state"] * (1 - p["support_insurgents"]))


def test_killings_by_insurgents_by_presence_support_and_crowd():
    def rate(fighters, support, place=REG):
        stage = Stage(population__coercion_rate=0.05, population__coercion_deaths=2)
        stage.cell(place, fighters)
        stage.do("flow")
        stage.place(place)["support_insurgents"] = support
        runs = [stage.luck(k).do("population") for k in range(800)]
        events = np.array([len(r.events) for r in runs])
        deaths = np.array([int(r["deaths"][0]) for r in runs])
        assert (deaths[events > 0] >= 1).all() and deaths[events == 0].sum() == 0
        assert all(r["tally"]["civilians_by_insurgents"] == r["deaths"][0] for r in runs[:100])
        return events.mean(), deaths[events > 0].mean() if events.any() else 0.0

    often, dead = rate(100, 0.0)
    assert often == pytest.approx(1 - math.exp(-0.05 * 4 * 120 / 140), abs=0.05)
    assert dead == pytest.approx(3, abs=0.5)
    assert rate(100, 0.75)[0] == pytest.approx(1 - math.exp(-0.05 * 4 * 120 / 140 * 0.25), abs=0.035)
    assert rate(100, 0.0, BAS)[0] < 0.4 * often and rate(100, 1.0)[0] == 0 and CAP != REG


def test_a_killing_moves_opinion_the_same_evening():
    stage = Stage(population__coercion_rate=0.1, population__control_effect=0)
    stage.cell(REG, 2000)
    stage.do("flow")
    stage.place(REG)["support_insurgents"] = 0.1
    stage.do("population")
    assert stage.place(REG)["harm_insurgents"] > 0
    assert stage.place(REG)["x_insurgents"] < stage.place(REG)["home_insurgents"]
