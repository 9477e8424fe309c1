"""Cells: merging and shattering, rallying, striking, holding and leaving; fighters are never made or lost by it."""

import math

import numpy as np
import pytest
import rule_entries as rules
from stage import BAS, CAP, REG, Stage, phase

from sim import codes


def act(stage, slot=0):
    rules.wake(stage.world, slot)
    phase.activate(stage.world, codes.A_CELL, slot)
    return stage["cells"][slot]


def alive(stage):
    return stage["cells"][stage["cells"]["alive"] > 0]


def share(stage, ask, n=500):
    hits = 0
    for k in range(n):
        twin = stage.luck(k)
        act(twin)
        hits += bool(ask(twin))
    return hits / n


def resting(*sizes, **parameters):
    stage = Stage(**parameters)
    for fighters in sizes:
        stage.cell(CAP, fighters, days_left=9)
    rules.muster(stage.world)
    return stage


# --- coalescence and fragmentation ---


def test_groups_act_in_proportion_to_their_size():
    for fighters in (25, 100):
        stage = resting(fighters, 25, insurgents__regroup_rate=0.1, insurgents__fragmentation=0)
        merged = share(stage, lambda s: s["tally"]["merges"])
        assert merged == pytest.approx(0.1 * fighters / 25, abs=0.08)


def test_a_group_shatters_with_nu_into_cells_of_the_usual_size():
    stage = resting(260, 25, insurgents__regroup_rate=1, insurgents__fragmentation=0.4)
    shattered = share(stage, lambda s: s["tally"]["splits"])
    assert shattered == pytest.approx(0.4, abs=0.09)
    twin = next(t for t in (stage.luck(k) for k in range(50)) if act(t) is not None and t["tally"]["splits"])
    assert sorted(alive(twin)["fighters"]) == [25] * 10 + [35]
    assert len(set(alive(twin)["id"])) == 11


def test_partners_are_picked_by_size_and_only_of_the_same_allegiance():
    stage = resting(25, 30, 90, insurgents__regroup_rate=1, insurgents__fragmentation=0)
    big = share(stage, lambda s: s["cells"]["fighters"][2] == 115)
    assert big == pytest.approx(0.75, abs=0.08)
    stage["cells"]["group"][1:3] = codes.ALLIED
    assert share(stage, lambda s: s["tally"]["merges"], 60) == 0


@pytest.mark.parametrize(("switch", "nu"), [("coalescence", 0.0), ("fragmentation", 1.0)])
def test_switches_of_merging_and_shattering(switch, nu):
    stage = resting(260, 25, insurgents__regroup_rate=1, insurgents__fragmentation=nu, **{f"switches__{switch}": 0})
    assert share(stage, lambda s: s["tally"]["merges"] + s["tally"]["splits"], 60) == 0


def test_without_room_a_group_stays_whole():
    stage = resting(260, insurgents__regroup_rate=1, insurgents__fragmentation=1)
    stage["run"]["free_cells"] = 3
    act(stage)
    assert sorted(alive(stage)["fighters"]) == [25, 25, 25, 185] and stage["run"]["status"] == codes.OK


def test_losses_fade_and_a_merged_group_remembers_the_mean():
    stage = resting(100, 50, insurgents__regroup_rate=0, insurgents__recover_days=14)
    stage["cells"]["recent_loss"][0] = 0.28
    assert act(stage)["recent_loss"] == pytest.approx(0.26)
    stage = resting(100, 50, insurgents__regroup_rate=1, insurgents__fragmentation=0, insurgents__recover_days=14)
    stage["cells"]["recent_loss"][0] = 0.28
    act(stage)
    assert alive(stage)["recent_loss"][0] == pytest.approx(0.26 * 100 / 150)


def test_who_hides_does_its_day_in_the_morning_and_others_find_their_turn():
    """The stance of the day: hidden cells are left out of the order, a call rouses those without fresh losses."""
    stage = resting(25, 25, 25, insurgents__regroup_rate=0, insurgents__join_chance=1.0, insurgents__alliance=1.0)
    stage["cells"]["task"][1], stage["cells"]["days_left"][2] = codes.HOLD, 0
    stage["cells"]["stance"][:3] = codes.ENGAGED
    for slot in range(3):
        rules.wake(stage.world, slot)
    assert stage["cells"]["stance"][:3].tolist() == [codes.HIDDEN, codes.READY, codes.READY]
    assert stage["cells"]["days_left"][:3].tolist() == [8, 9, 0]
    stage["campaign"]["coordinated"] = stage["run"]["day"]
    stage["cells"]["recent_loss"][0] = 0.5  # fresh losses: it stays
    rules.wake(stage.world, 0)
    assert (stage["cells"]["stance"][0], stage["cells"]["days_left"][0]) == (codes.HIDDEN, 7)
    stage["cells"]["recent_loss"][0] = 0.0
    rules.wake(stage.world, 0)
    assert (stage["cells"]["stance"][0], stage["cells"]["days_left"][0]) == (codes.READY, 0)


def test_every_live_cell_is_listed_once_whoever_is_born_or_dies():
    """The day's list against the table, in a war with merging and shattering."""
    stage = Stage(insurgents__regroup_rate=0.5, insurgents__fragmentation=0.5)
    for fighters in (260, 25, 90, 400):
        stage.cell(CAP, fighters, days_left=9)
    for _ in range(12):
        stage.do("dawn", "flow", "units")
        listed = stage["standing"][: int(stage.world["n_standing"][0])]
        live = np.flatnonzero(stage["cells"]["alive"] > 0)
        assert len(set(listed.tolist())) == len(listed) and set(live.tolist()) <= set(listed.tolist())
        stage.do("combat", "dusk")
    assert stage["tally"]["merges"] > 0 < stage["tally"]["splits"]


# --- rallies ---


def test_a_cell_next_door_or_here_answers_a_call_with_its_chance():
    def joined(group, where, **parameters):
        stage = Stage(insurgents__join_chance=0.6, insurgents__call_share=0.3, insurgents__alliance=0.5, **parameters)
        stage.cell(where, 25, group=group)
        leader = stage.cell(CAP, 100, codes.ASSEMBLE, target=CAP, days_left=6)
        stage.place(CAP)["rally"], stage.place(CAP)["rally_id"] = 1, leader["id"]
        rules.muster(stage.world)
        away = where != CAP
        if away:
            return share(stage, lambda s: s["cells"]["task"][0] == codes.MOVE and s["cells"]["target"][0] == CAP, 400)
        return share(stage, lambda s: s["tally"]["merges"] or s["cells"]["days_left"][0] == 6, 400)

    none = {"insurgents__rest_bias": 10, "insurgents__move_bias": -6}
    assert joined(codes.MAIN, CAP, **none) == pytest.approx(0.6, abs=0.09)
    assert joined(codes.ALLIED, CAP, **none) == pytest.approx(0.3, abs=0.09)
    assert joined(codes.MAIN, REG, **none) == pytest.approx(0.18, abs=0.07)
    assert joined(codes.MAIN, BAS, **none) < 0.02  # two roads away


# --- tasks ---


def test_a_march_takes_its_hours():
    for goal, days in ((REG, 1), (BAS, 1)):
        origin = CAP if goal == REG else REG
        stage = Stage(insurgents__march_hours=4)
        hours = float(stage["roads"]["hours"][stage.road(origin, goal)])
        stage.cell(origin, 25, codes.MOVE, target=goal, days_left=int(hours / 4))
        n = 0
        while stage["cells"]["task"][0] == codes.MOVE:
            act(stage)
            n += 1
        assert stage["cells"]["place"][0] == goal and n == max(days, int({REG: 6.4, BAS: 13.9}[goal] / 4))


def test_a_group_strikes_when_its_days_are_over_and_the_odds_look_good():
    def strikes(men, days_left=1, coordinated=False):
        stage = Stage(insurgents__perception_noise=0)
        stage.unit(REG, men)
        stage.cell(REG, 200, codes.ASSEMBLE, target=REG, days_left=days_left)
        rules.muster(stage.world)
        if coordinated:
            stage["campaign"]["coordinated"] = stage["run"]["day"]
        return share(stage, lambda s: s["cells"]["task"][0] == codes.ASSAULT, 300)

    p = Stage().scenario.parameters.insurgents
    odds = rules.willing(Stage().world, 200 * p.strike_ratio, 101.0)
    assert strikes(100) == pytest.approx(odds, abs=0.09)
    assert strikes(5000) < 0.05
    assert strikes(20, days_left=4) == 0
    assert strikes(20, days_left=4, coordinated=True) > 0.85


def test_all_who_assemble_at_a_place_strike_it_together_or_not_at_all():
    def assembled(*groups, men):
        stage = Stage(insurgents__perception_noise=0)
        stage.unit(REG, men)
        for n, group, days_left in groups:
            stage.cell(REG, n, codes.ASSEMBLE, target=REG, group=group, days_left=days_left)
        rules.muster(stage.world)
        return stage

    three = ((200, codes.MAIN, 1), (200, codes.ALLIED, 2), (25, codes.ALLIED, 6))
    seen = []
    for k in range(200):
        stage = assembled(*three, men=300).luck(k).do("units")
        tasks = {int(t) for t in alive(stage)["task"]}
        assert tasks in ({codes.ASSAULT}, {codes.REST})
        seen.append(tasks == {codes.ASSAULT})
    p = Stage().scenario.parameters.insurgents
    assert np.mean(seen) == pytest.approx(rules.willing(Stage().world, 425 * p.strike_ratio, 301.0), abs=0.1)
    stage = assembled(*three, men=1)
    stage.do("units", "combat")
    (event,) = stage.events[stage.events["kind"] == codes.BASE_ATTACK]
    assert event["size"] == 425
    stage = assembled(*three, men=1)
    stage.set("switches.coalescence", 0)
    tasks = stage.do("units")["cells"]["task"][:3].tolist()
    assert tasks == [codes.ASSAULT, codes.ASSEMBLE, codes.ASSEMBLE]  # only the first one's days are over


def test_who_comes_off_a_road_and_joins_is_not_left_behind():
    given = {"insurgents__join_chance": 1, "insurgents__alliance": 1, "insurgents__perception_noise": 0}
    stage = Stage(**given)
    leader = stage.cell(REG, 100, codes.ASSEMBLE, target=REG, days_left=1)
    stage.cell(REG, 25, codes.INTERDICT, road=3, group=codes.ALLIED)
    stage.place(REG)["rally"], stage.place(REG)["rally_id"] = 0, leader["id"]
    rules.muster(stage.world)
    joined = 0
    for k in range(200):
        cells = stage.luck(k).do("units")["cells"]
        left_behind = cells["task"][1] == codes.ASSEMBLE and cells["days_left"][1] <= 1
        assert not left_behind
        joined += cells["task"][0] == cells["task"][1] == codes.ASSAULT
    assert joined > 20


def holder(fighters, support=0.25, threat=300.0, loss=0.0, **parameters):
    given = {"insurgents__leave_rate": 0.1, "insurgents__hold_support": 4, "insurgents__advance_rate": 0, **parameters}
    stage = Stage(**given)
    stage.cell(REG, fighters, codes.HOLD, target=REG, recent_loss=loss)
    stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS
    rules.muster(stage.world)
    stage.place(REG)["support_insurgents"], stage.place(REG)["threat"] = support, threat
    return stage


def test_the_hazard_of_leaving_hangs_on_support_strength_and_losses():
    # A hazard that ignores strength would be a hidden cap on control.
    def leaves(**given):
        return share(holder(**given), lambda s: s["cells"]["task"][0] == codes.REST, 1500)

    def hazard(fighters, support=0.25, threat=300.0, loss=0.0):
        return 0.1 * math.exp(-4 * (support - 0.25)) * min(3, threat / fighters) + loss * 13 / 14

    for given in ({"fighters": 300}, {"fighters": 3000}, {"fighters": 10}, {"fighters": 300, "support": 0.75},
                  {"fighters": 300, "loss": 0.3}, {"fighters": 300, "threat": 0.0}):  # fmt: skip
        assert leaves(**given) == pytest.approx(1 - math.exp(-hazard(**given)), abs=0.04), given


def test_a_safe_place_spares_what_it_does_not_need():
    stage = holder(400, support=0.9, threat=10.0, insurgents__advance_rate=1, insurgents__leave_rate=0)
    act(stage)
    assert (alive(stage)["task"] == codes.HOLD).sum() == 1 and len(alive(stage)) == 16
    assert alive(stage)["fighters"].sum() == 400
    assert (alive(stage)["days_left"] == 0).all()  # freed for the next place, not sent into hiding
    threatened = holder(400, support=0.9, threat=350.0, insurgents__advance_rate=1, insurgents__leave_rate=0)
    act(threatened)
    assert len(alive(threatened)) == 1


def test_a_place_that_no_group_holds_is_nobodys():
    stage = holder(100)
    stage.fight()
    assert stage.place(REG)["holder"] == codes.HELD_BY_INSURGENTS
    stage["cells"]["task"][0] = codes.REST
    stage.fight()
    assert stage.place(REG)["holder"] == codes.HELD_BY_NOBODY and "left" in stage.kinds()


def test_whatever_cells_do_their_number_of_fighters_stays():
    stage = Stage(seed=3, insurgents__regroup_rate=0.5, insurgents__fragmentation=0.5)
    for k in range(40):
        stage.cell((CAP, REG, BAS)[k % 3], 25 + k, days_left=k % 5)
    total = int(alive(stage)["fighters"].sum())
    for _ in range(40):
        stage.do("dawn", "flow", "units", "dusk")
        assert int(alive(stage)["fighters"].sum()) == total
    assert stage["tally"]["merges"] > 10 and stage["tally"]["splits"] > 10
    assert np.isfinite(alive(stage)["recent_loss"]).all()
