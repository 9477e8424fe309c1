"""Columns: orders, marches, relief, retaking, sweeps."""

import numpy as np
import pytest
import rule_entries as rules
from stage import BAS, CAP, REG, TWN, Stage, phase

from sim import codes

ORDERLY = {"state__reaction_rate": 1.0, "state__command_quality": 1.0, "state__sweep_rate": 0.0}


def column(place=CAP, men=150, **parameters):
    stage = Stage(**{**ORDERLY, **parameters})
    stage.garrisons()
    slot = int(stage["run"]["units_top"])
    stage.unit(place, men, codes.COLUMN)
    stage.do("flow")
    return stage, slot


def act(stage, slot):
    rules.note_trouble(stage.world)
    phase.activate(stage.world, codes.A_UNIT, slot)
    return stage["units"][slot]


# --- orders ---


def test_a_lost_place_is_worth_more_than_an_attacked_one_and_the_capital_most():
    def goal(**lost):
        stage, slot = column(REG)
        for p, how in {"CAP": CAP, "BAS": BAS, "TWN": TWN}.items():
            if lost.get(p) == "lost":
                stage.place(how)["holder"] = codes.HELD_BY_NOBODY
            elif lost.get(p) == "attacked":
                stage.place(how)["raided_on"] = stage["run"]["day"] - 1
        u = act(stage, slot)
        return int(u["target"]) if u["task"] == codes.RELIEVE else None

    assert goal() is None
    assert goal(BAS="lost", TWN="attacked") == BAS
    assert goal(BAS="lost", CAP="lost", TWN="lost") == CAP
    assert goal(TWN="attacked") == TWN


def test_relief_is_remembered_for_its_days_alone():
    stage, slot = column(state__relief_memory_days=5)
    stage["run"]["day"] = 20
    stage.place(REG)["raided_on"] = 15
    assert act(stage.copy(), slot)["task"] == codes.IDLE
    stage.place(REG)["raided_on"] = 16
    assert act(stage, slot)["target"] == REG


def test_orders_come_at_the_speed_of_command():
    for command, rate in ((1.0, 0.4), (0.5, 0.2), (0.0, 0.0)):
        stage, slot = column(state__reaction_rate=0.4)
        stage["nation"]["command"] = command
        stage.place(REG)["raided_on"] = 0
        sent = np.mean([act(stage.luck(k), slot)["task"] == codes.RELIEVE for k in range(500)])
        assert sent == pytest.approx(rate, abs=0.08)


@pytest.mark.parametrize(("switch", "task"), [("relief", codes.RELIEVE), ("sweeps", codes.SWEEP)])
def test_switches_of_relief_and_sweeps(switch, task):
    for on in (1, 0):
        stage, slot = column(**{f"switches__{switch}": on, "state__sweep_rate": 1.0})
        if switch == "relief":
            stage.place(REG)["holder"] = codes.HELD_BY_NOBODY
        stage.cell(CAP, 100)
        stage.do("flow")
        assert (act(stage, slot)["task"] == task) is np.bool_(on)


def test_a_retaking_must_look_winnable():
    def goes(fighters, readiness=0.0, others=0):
        stage, slot = column(state__perception_noise=0, state__relief_odds=0.8)
        stage.place(REG)["holder"], stage["nation"]["readiness"] = codes.HELD_BY_INSURGENTS, readiness
        stage.cell(REG, fighters, codes.HOLD)
        for _ in range(others):
            stage.unit(CAP, 150, codes.COLUMN)
        rules.muster(stage.world)
        return act(stage, slot)["task"] == codes.RELIEVE

    assert goes(118) and not goes(121)  # 150 · 0.8 = 120
    assert goes(200, readiness=1.0) and goes(230, others=1) and not goes(250, others=1)


def test_a_column_too_small_goes_home_and_stays():
    stage, slot = column(REG, men=40)
    stage["units"]["home"][slot] = CAP
    stage.place(BAS)["holder"] = codes.HELD_BY_NOBODY
    u = act(stage, slot)
    assert (u["task"], u["target"]) == (codes.RETURN, CAP)
    stage, slot = column(men=40)
    stage.place(BAS)["holder"] = codes.HELD_BY_NOBODY
    assert act(stage, slot)["task"] == codes.IDLE


# --- marches ---


def test_a_march_takes_its_hours_and_hunger_slows_it():
    def days(served):
        stage, slot = column(state__march_hours=8)
        stage["nation"]["served"] = served
        stage.place(BAS)["holder"] = codes.HELD_BY_NOBODY
        act(stage, slot)
        n = 0
        while stage["units"]["leg"][slot] < stage["units"]["legs"][slot]:
            act(stage, slot)
            n += 1
        assert stage["units"]["place"][slot] == BAS
        return n

    assert days(1.0) == 3 and days(0.0) == 6  # 20.3 h at 8 and at 4 hours a day


@pytest.mark.parametrize("road", [3, 4])
def test_a_column_may_be_waylaid_on_every_road_that_it_enters(road):
    # Also on one that it enters in the middle of a day.
    stage, slot = column(combat__ambush_rate=0.1)
    stage.place(BAS)["holder"] = codes.HELD_BY_NOBODY
    act(stage, slot)
    cell = stage.cell(REG, 2000, codes.INTERDICT, road=road, days_left=9)
    rules.muster(stage.world)
    for _ in range(5):
        act(stage, slot)
    assert stage.kinds() == ["road_attack"] and stage.events["road"][0] == road
    assert cell["task"] == codes.REST and stage["units"]["place"][slot] == BAS
    assert stage["deaths"][codes.STATE] == 150 - stage["units"]["men"][slot] and stage.balanced()


def test_a_column_stays_its_days_and_comes_home():
    stage, slot = column(state__stay_days=3)
    stage.place(REG)["raided_on"] = 0
    tasks = [int(act(stage, slot)["task"])]
    stage.place(REG)["raided_on"] = -1000
    for _ in range(8):
        tasks.append(int(act(stage, slot)["task"]))
    assert tasks[0] == codes.RELIEVE and codes.RETURN in tasks
    assert stage["units"]["place"][slot] == CAP and stage["units"]["target"][slot] == -1


def test_a_column_whose_home_is_lost_makes_for_a_refuge_and_not_among_those_who_hold_it():
    stage = Stage()
    stage.do("flow")
    slot, u = 0, stage.unit(TWN, 150, codes.COLUMN, home=REG, task=codes.RELIEVE, days_left=1)
    stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS
    assert (act(stage, slot)["task"], u["target"]) == (codes.RETURN, CAP)
    for _ in range(12):
        act(stage, slot)
    assert (u["place"], u["task"], u["home"]) == (CAP, codes.IDLE, REG)
    # Home is lost while it marches there: it goes on; where there is no refuge it stays.
    for lost, at in (((REG,), CAP), ((REG, CAP), REG)):
        stage = Stage(state__reaction_rate=0)
        stage.do("flow")
        u = stage.unit(REG, 150, codes.COLUMN, task=codes.RETURN)
        for p in lost:
            stage.place(p)["holder"] = codes.HELD_BY_INSURGENTS
        for _ in range(12):
            act(stage, 0)
        assert u["place"] == at and (u["task"] == codes.IDLE) == (at == CAP)


# --- retaking ---


def retaking(men, fighters, hired=0, **parameters):
    stage = Stage(**parameters)
    stage.unit(REG, men, codes.COLUMN, home=CAP, task=codes.RELIEVE, target=REG, days_left=5)
    if fighters:
        stage.cell(REG, fighters, codes.HOLD, target=REG)
    if hired:
        stage.detachment(REG, hired)
    stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS if fighters else codes.HELD_BY_NOBODY
    return stage


def test_an_empty_place_is_retaken_by_arriving_and_men_are_moved_not_made():
    stage = retaking(150, 0, state__garrison_share=0.5)
    stage.fight()
    assert stage.place(REG)["holder"] == codes.HELD_BY_STATE and stage["tally"]["retakes"] == 1
    men = stage["units"][stage["units"]["alive"] > 0]
    assert sorted(zip(men["kind"], men["men"], strict=True)) == [(codes.GARRISON, 75), (codes.COLUMN, 75)]
    assert stage.balanced()


def test_holders_are_driven_out_by_enough_men_and_not_by_few():
    def retaken(men, fighters, **given):
        stage = retaking(men, fighters, **given)
        runs = [stage.luck(k).fight() for k in range(60)]
        assert all(r.balanced() for r in runs)
        return float(np.mean([r["places"]["holder"][REG] == codes.HELD_BY_STATE for r in runs])), runs

    few, many = retaken(60, 400)[0], retaken(1500, 100)[0]
    assert few < 0.1 and many > 0.9
    helped, runs = retaken(150, 150, hired=300)
    assert helped > retaken(150, 150)[0]
    won = next(r for r in runs if r["places"]["holder"][REG] == codes.HELD_BY_STATE)
    left = won["cells"][won["cells"]["alive"] > 0]
    assert (left["task"] == codes.REST).all() and (left["days_left"] > 0).all()


def test_who_breaks_before_a_lost_place_marches_home_and_does_not_storm_it_again_tomorrow():
    stage = retaking(60, 4000, hired=20)
    stage["detachments"]["home"][0], stage["detachments"]["task"][0] = CAP, codes.RELIEVE
    stage["detachments"]["days_left"][0] = 5
    stage.fight()
    assert stage.kinds().count("retake") == 1 and stage["units"]["days_left"][0] == 0
    stage.do("dusk", "dawn", "flow", "units", "combat")
    assert "retake" not in stage.kinds()
    for table in ("units", "detachments"):
        assert (stage[table]["task"][0], stage[table]["target"][0]) == (codes.RETURN, CAP)
    # With nowhere to go it stays, and storms again (docs/odd.md says so).
    stage = retaking(60, 4000)
    for p in (CAP, REG):
        stage.place(p)["holder"] = codes.HELD_BY_INSURGENTS
    stage["units"]["home"][0] = REG
    stage.fight()
    stage.do("dusk", "dawn", "flow", "units", "combat")
    assert "retake" in stage.kinds() or stage["units"]["men"][0] == 0
    # Who ran out of hours and not of nerve stays, and tries again.
    stage = retaking(400, 400, combat__assault_rounds=1, combat__insurgent_kill_rate=0.01, combat__aimed_kill_rate=0.01)
    stage.fight()
    assert stage.kinds() == ["retake"] and stage["units"]["days_left"][0] == 5


def test_a_retaking_costs_civilians_in_the_crossfire_and_contractors_by_their_numbers():
    given = {"combat__crossfire": 0.5, "contractors__sorties_per_100": 0}
    runs = [retaking(300, 300, hired=300, **given).luck(k).fight() for k in range(120)]
    assert all(r.balanced() for r in runs)
    civilians, fighters, men, hired = (sum(int(r["deaths"][side]) for r in runs) for side in range(4))
    assert hired == pytest.approx(men, rel=0.1) and men > 1000
    assert civilians == pytest.approx(0.5 * (men + hired + fighters) * 120 / 140, rel=0.1)
    for r in runs:
        (event,) = r.events[r.events["kind"] == codes.RETAKE]
        assert event["deaths"].tolist() == r["deaths"].tolist() and event["size"] == 300
        assert r["tally"]["civilians_in_combat"] == r["deaths"][0]


# --- sweeps ---


def sweeping(fighters=60, information=0.5, hired=0, place=REG, **parameters):
    stage = Stage(insurgents__regroup_rate=0, **parameters)
    stage.unit(place, 150, codes.COLUMN, home=CAP, task=codes.SWEEP, target=place, days_left=5)
    if fighters:
        stage.cell(place, fighters, days_left=9)
    if hired:
        stage.detachment(place, hired)
    stage.place(place)["information"] = information
    return stage


def test_sweeps_find_who_is_many_and_known():
    def found(**given):
        stage = sweeping(state__contact_rate=0.002, **given)
        return np.mean([(stage.luck(k).fight().events["kind"] == codes.SWEEP_CONTACT).sum() for k in range(500)])

    assert found(fighters=100, information=0.8) == pytest.approx(0.002 * 1.0 * 100, abs=0.07)
    assert found(fighters=400, information=0.3) == pytest.approx(0.002 * 0.5 * 400, abs=0.08)


def test_harm_of_sweeps_by_information_and_contractors():
    def harm(**given):
        stage = sweeping(fighters=0, state__sweep_harm=2.0, state__contractor_harm=0.5, **given)
        return np.mean([int(stage.luck(k).fight()["deaths"][0]) for k in range(600)])

    crowd = 120 / 140
    assert harm(information=0.2) == pytest.approx(2 * 0.8 * crowd, abs=0.25)
    assert harm(information=0.2, hired=100) == pytest.approx(2 * 0.8 * crowd * 1.5, abs=0.3)
    assert harm(information=1.0) == 0


def test_those_met_are_detained_in_part_and_scatter_and_a_truce_stops_it():
    stage = sweeping(fighters=100, information=1.0, state__contact_rate=0.1, state__detain_share=0.2)
    runs = [stage.luck(k).fight() for k in range(150)]
    assert all(r.balanced() for r in runs)
    left = [100 - int(r["deaths"][1]) for r in runs]
    beaten = [r["people"]["captured"][codes.INSURGENTS] == 0 for r in runs]
    taken = sum(int(r["people"]["captured"][codes.INSURGENTS]) for r in runs)
    stood = sum(n for n, b in zip(left, beaten, strict=True) if not b)
    assert taken / stood == pytest.approx(0.2, abs=0.03)
    scattered = np.mean([len(r["cells"][r["cells"]["alive"] > 0]) > 1 for r in runs])
    odds = (np.mean(left) / 150) ** Stage().scenario.parameters.insurgents.strength_sense
    assert scattered == pytest.approx(1 / (1 + odds), abs=0.12)  # by the odds of strengths
    stage.place(REG)["truce_until"] = 9
    assert len(stage.fight().events) == 0


def test_a_group_that_outnumbers_the_column_stands():
    stage = sweeping(fighters=900, information=1.0, state__contact_rate=0.1, state__detain_share=0.2)
    runs = [stage.luck(k).fight() for k in range(60)]
    assert all(run.balanced() for run in runs)
    taken = [int(run["people"]["captured"][codes.INSURGENTS]) for run in runs]
    assert max(taken) < 0.4 * 150  # of as many as the column has men, and not of 900
    stood = [len(run["cells"][run["cells"]["alive"] > 0]) == 1 for run in runs]
    assert np.mean(stood) > 0.8


def test_an_escort_drives_home_as_long_as_it_has_come_or_to_a_refuge():
    for lost in (False, True):
        stage = Stage()
        u = stage.unit(REG, 40, codes.ESCORT, task=codes.RETURN, days_left=3)
        stage.do("flow")
        if lost:
            stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS
        tasks = [int(act(stage, 0)["task"]) for _ in range(4)]
        assert tasks == [codes.RETURN, codes.RETURN, codes.IDLE, codes.IDLE]
        assert u["place"] == u["home"] == (CAP if lost else REG)
