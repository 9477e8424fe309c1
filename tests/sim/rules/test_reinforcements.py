"""Reinforcement from a finite pool, and desertion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_support import mali
from stage import BAS, CAP, REG, Stage

from sim import codes


def upkeep(stage, weeks=1):
    """A week of upkeep: every unit has its weekday once."""
    for _ in range(7 * weeks):
        stage.do("dawn", "upkeep", "dusk")
    return stage


def test_reinforcement_is_k_times_the_gap_from_a_finite_pool():
    given = {"state__reinforcement_rate": 0.02, "state__recruit_pool": 1000, "switches__desertion": 0}

    def gained(men=100, pool=1000.0, legitimacy=0.5, paid=1.0, **more):
        total = 0
        base = Stage(**{**given, **more})
        base.unit(REG, men)
        n = base["nation"]
        n["state_pool"], n["legitimacy"], n["paid"] = pool, legitimacy, paid
        for seed in range(150):
            stage = upkeep(base.seeded(seed))
            total += int(stage["units"]["men"][0]) - men
            assert stage["nation"]["state_pool"] == pool - stage["people"]["reinforced"][codes.STATE]
        return total / 150

    full = 7 * 0.02 * 200  # the target is 300
    assert gained() == pytest.approx(full, rel=0.06)
    assert gained(pool=500.0) == pytest.approx(full / 2, rel=0.08)
    assert gained(legitimacy=0.25) == pytest.approx(full / 2, rel=0.08)
    assert gained(paid=0.0) == gained(pool=0.0) == gained(switches__reinforcement=0) == gained(men=300) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(0, 3000), st.integers(0, 2**32))
def test_a_refill_exceeds_neither_target_nor_pool(men, pool, seed):
    stage = Stage(seed=seed, state__reinforcement_rate=0.2, state__recruit_pool=max(1, pool), switches__desertion=0)
    stage.unit(REG, men)
    stage.unit(CAP, men, codes.COLUMN, full_men=150)
    stage["nation"]["state_pool"], stage["nation"]["legitimacy"] = pool, 0.9
    upkeep(stage, 3)
    after = stage["units"]["men"][:2]
    assert after[0] <= max(300, men) and after[1] <= max(150, men)
    assert stage["nation"]["state_pool"] == pool - stage["people"]["reinforced"][codes.STATE] >= 0
    assert stage.balanced()


def test_units_away_or_at_a_lost_home_are_not_refilled():
    stage = Stage(state__reinforcement_rate=0.2, switches__desertion=0)
    stage.unit(REG, 50, codes.COLUMN, home=CAP, full_men=150)
    stage.unit(BAS, 50)
    stage.place(BAS)["holder"] = codes.HELD_BY_NOBODY
    upkeep(stage, 2)
    assert stage["units"]["men"][:2].tolist() == [50, 50]


def test_desertion_by_pay_supply_and_people():
    given = {"state__desertion_rate": 0.001, "state__desertion_hunger": 10, "state__desertion_support": 20,
             "switches__reinforcement": 0}  # fmt: skip

    def gone(paid=1.0, served=1.0, net=-0.5, **more):
        stage = Stage(**{**given, **more})
        stage.unit(REG, 100_000)
        stage["nation"]["paid"], stage.place(REG)["military_served"] = paid, served
        stage.place(REG)["support_insurgents"], stage.place(REG)["support_state"] = 0.5 + net / 2, 0.5 - net / 2
        return int(upkeep(stage)["people"]["deserted"][codes.STATE])

    assert gone() == pytest.approx(700, rel=0.2)
    assert gone(paid=0.5, served=0.5) == pytest.approx(7700, rel=0.1)
    assert gone(net=0.5) == pytest.approx(7700, rel=0.1)
    assert gone(paid=0.0, switches__desertion=0) == 0


def test_garrisons_abroad_are_refilled_by_the_neighbour_whatever_happens_to_mali():
    plan = mali()
    at = plan.geography.index("DJI")
    gained = []
    for legitimacy, paid, pool in ((0.01, 0.0, 0.0), (0.9, 1.0, 5000.0)):
        stage = Stage(plan, state__reinforcement_rate=0.1, state__desertion_rate=0.001)
        stage.unit(at, 100)
        n = stage["nation"]
        n["legitimacy"], n["paid"], n["state_pool"] = legitimacy, paid, pool
        upkeep(stage)
        gained.append((int(stage["units"]["men"][0]) - 100, int(stage["people"]["deserted"][codes.STATE])))
        assert stage["nation"]["state_pool"] == pool and stage.balanced()
    assert gained[0] == gained[1] and gained[0][0] > 100


def left_abroad(at="DPG", holder=codes.HELD_BY_NOBODY, **parameters):
    plan = mali()
    stage = Stage(plan, **{"state__return_rate": 1, "switches__desertion": 0, **parameters})
    p = plan.geography.index(at)
    stage.place(p)["holder"] = holder
    return stage, p


def test_the_neighbours_men_come_back_to_a_left_place_at_their_rate():
    stage, p = left_abroad()
    pool = float(stage["nation"]["state_pool"])
    stage.do("upkeep")
    (u,) = stage["units"][stage["units"]["alive"] > 0]
    assert (u["kind"], u["place"], u["home"], u["men"]) == (codes.GARRISON, p, p, stage.place(p)["garrison_target"])
    assert stage.place(p)["holder"] == codes.HELD_BY_STATE and stage.kinds() == ["retake"]
    assert stage["nation"]["state_pool"] == pool and stage.balanced()
    for target, men in ((99.6, 100), (0.4, None)):  # of a budget that is split: what rounds to nobody does not come
        stage, p = left_abroad()
        stage.place(p)["garrison_target"] = target
        stage.do("upkeep")
        units = stage["units"][stage["units"]["alive"] > 0]
        assert units["men"].tolist() == ([men] if men else [])
        assert (stage.place(p)["holder"] == codes.HELD_BY_STATE) == bool(men)
    stage, p = left_abroad()
    stage.unit(p, 40)
    stage.do("upkeep")
    assert stage.events["size"].tolist() == [40] and stage.balanced()
    stage, p = left_abroad(state__return_rate=0.2)
    back = [stage.luck(k).do("upkeep").place(p)["holder"] == codes.HELD_BY_STATE for k in range(500)]
    assert np.mean(back) == pytest.approx(0.2, abs=0.06)


@pytest.mark.parametrize(
    "given",
    [
        {"at": "MOP"},  # at home columns must come
        {"holder": codes.HELD_BY_INSURGENTS},
        {"state__return_rate": 0},
        {"switches__relief": 0},
        {"switches__reinforcement": 0},
    ],
)
def test_they_do_not_come_where_it_is_not_theirs_or_held_or_switched_off(given):
    stage, p = left_abroad(**given)
    stage.do("upkeep")
    assert stage.place(p)["holder"] != codes.HELD_BY_STATE and not (stage["units"]["alive"] > 0).any()
