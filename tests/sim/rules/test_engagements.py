"""Encounters on roads, ambushes and attacks on outposts: chances, losses, books, and what grows with what."""

import math

import numpy as np
import pytest
import rule_entries as rules
from stage import CAP, REG, Stage, phase

from sim import codes


def on_the_road(fighters=50, tankers=20, cells=1, **parameters):
    """A convoy about to enter the road from the capital to the regional one, where cells lie."""
    stage = Stage(**parameters)
    for _ in range(cells):
        stage.cell(CAP, fighters, codes.INTERDICT, road=3, days_left=5)
    stage.convoy(CAP, REG, [3], tankers)
    rules.muster(stage.world)
    return stage


def attacked(stage, n=700):
    hits = 0
    for k in range(n):
        twin = stage.luck(k)
        phase.activate(twin.world, codes.A_CONVOY, 0)
        hits += int(twin["tally"]["convoys_attacked"])
    return hits / n


def near(share, chance, n=700):
    return abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / n) + 1e-9


@pytest.mark.parametrize("fighters", [10, 50, 180])
def test_the_chance_of_an_attack_rises_with_fighters(fighters):
    assert near(attacked(on_the_road(fighters, combat__ambush_rate=0.004)), 1 - math.exp(-0.004 * fighters))


def test_it_is_a_chance_per_fighter_and_not_per_group():
    # Eighteen cells of ten are as dangerous as one group of 180; a rate per group would be a hidden cap.
    one = attacked(on_the_road(180, combat__ambush_rate=0.004))
    many = attacked(on_the_road(10, cells=18, combat__ambush_rate=0.004))
    assert one == pytest.approx(many, abs=0.05) and one > 0.45


def test_a_guard_deters_the_weaker():
    def chance(escort_men):
        stage = on_the_road(50)
        stage.unit(CAP, escort_men, codes.ESCORT, task=codes.RIDE)
        stage["convoys"]["escort"][0] = 0
        return attacked(stage)

    assert attacked(on_the_road(50)) > chance(20) > chance(400) > 0


def test_nobody_attacks_under_a_truce_or_without_interdiction_or_from_another_road():
    assert attacked(on_the_road(400, switches__interdiction=0), 200) == 0
    stage = on_the_road(400)
    stage.place(REG)["truce_until"] = 10
    assert attacked(stage, 200) == 0
    stage = on_the_road(400)
    stage["cells"]["road"][0] = 4
    rules.muster(stage.world)
    assert attacked(stage, 200) == 0


def test_a_cell_attacks_one_convoy_a_day_and_then_hides():
    stage = on_the_road(100, combat__ambush_rate=0.1)
    stage.convoy(CAP, REG, [3], 20)
    rules.muster(stage.world)
    stage.do("order")
    for slot in (0, 1):
        phase.activate(stage.world, codes.A_CONVOY, slot)
    assert stage["tally"]["convoys_attacked"] == 1 and stage["cells"]["stance"][0] == codes.ENGAGED
    stage.do("combat")
    cell = stage["cells"][0]
    assert (cell["task"], cell["road"]) == (codes.REST, -1)
    assert cell["days_left"] == stage.scenario.parameters.insurgents.recover_days
    assert stage["roads"]["passed_today"][3] == 2 and stage["roads"]["attacked_today"][3] == 1


def test_a_cell_that_was_hit_from_the_air_before_does_not_attack_from_its_hiding():
    stage = on_the_road(50)
    stage["convoys"]["attacker"][0], stage["convoys"]["road"][0] = 0, 3
    struck = stage.copy().fight()
    assert struck.kinds() == ["road_attack"]
    stage["cells"]["task"][0] = codes.REST
    assert stage.fight().kinds() == []


def ambushed(n=600, escort=0, riders=0, **parameters):
    """Mean tankers burned and left, and the stages, over the luck of an ambush that takes place."""
    stage = on_the_road(60, tankers=50, **parameters)
    if escort:
        stage.unit(CAP, escort, codes.ESCORT, task=codes.RIDE)
        stage["convoys"]["escort"][0] = 0
    if riders:
        stage.detachment(REG, riders)
        stage["convoys"]["detachment"][0] = 0
    stage["convoys"]["attacker"][0], stage["convoys"]["road"][0] = 0, 3
    stage["convoys"]["progress_h"][0] = 1e-9
    stage["cells"]["stance"][0] = codes.ENGAGED
    runs = [stage.luck(k).fight() for k in range(n)]
    assert all(r.balanced() for r in runs[:50])
    return float(np.mean([int(r["tally"]["tankers_burned"]) for r in runs])), runs


def test_an_unguarded_convoy_loses_the_share_that_burns():
    burned, runs = ambushed(combat__burn_share=0.2, combat__loot_share=0.5, combat__driver_death=0.5)
    assert burned == pytest.approx(10, abs=0.5)
    left = np.mean([int(r["convoys"]["tankers"][0]) for r in runs])
    assert left == pytest.approx(50 * 0.8 * 0.9, abs=0.6)
    drivers = np.mean([int(r["deaths"][0]) for r in runs])
    assert drivers == pytest.approx((50 - left) * 0.5, abs=0.5)
    assert np.mean([int(r["fuel"]["destroyed"]) for r in runs]) == pytest.approx(10 * 46000, rel=0.06)
    assert all(int(r["deaths"][1:].sum()) == 0 for r in runs)


def test_a_guard_that_stands_saves_tankers_and_pays_for_it():
    unguarded, _ = ambushed()
    guarded, runs = ambushed(escort=100)
    assert guarded < 0.5 * unguarded
    assert sum(int(r["deaths"][codes.STATE]) for r in runs) > 0 < sum(int(r["deaths"][codes.INSURGENTS]) for r in runs)


def test_riding_contractors_are_a_share_of_their_detachment_and_fall_by_their_numbers():
    _, runs = ambushed(escort=20, riders=200, contractors__escort_fraction=0.15, combat__ambush_rounds=12)
    men, hired = (sum(int(r["deaths"][side]) for r in runs) for side in (codes.STATE, codes.CONTRACTORS))
    assert hired > 0 and hired / men == pytest.approx(30 / 20, rel=0.15)
    lost = [200 - int(r["detachments"]["men"][0]) for r in runs]
    assert max(lost) <= 30  # nobody dies who did not ride
    for r in runs:  # what the log says is what the rows lost
        (event,) = r.events[r.events["kind"] == codes.ROAD_ATTACK]
        assert event["deaths"][codes.CONTRACTORS] == 200 - r["detachments"]["men"][0]
        assert event["deaths"][codes.STATE] == 20 - r["units"]["men"][0]


def test_a_convoy_of_which_nothing_is_left_is_over():
    stage = on_the_road(60, 3, combat__burn_share=1.0)
    stage["convoys"]["attacker"][0], stage["convoys"]["road"][0] = 0, 3
    stage.fight()
    assert stage["convoys"]["litres"][0] == 0 and stage.balanced()
    stage.do("dawn", "units")
    assert stage["convoys"]["alive"][0] == -1 and stage["tally"]["convoys_arrived"] == 0


# --- outposts ---


def raid(fighters, men=2000, **parameters):
    stage = Stage(insurgents__regroup_rate=0, **parameters)
    stage.unit(REG, men)
    stage.cell(REG, fighters, codes.HARASS)
    return stage


def test_an_outpost_grows_with_its_attackers():
    # The share engaged: a fixed outpost would cap what many fighters can do.
    def state_deaths(fighters):
        stage = raid(fighters)
        return np.mean([int(stage.luck(k).fight()["deaths"][codes.STATE]) for k in range(300)])

    few, many, most = state_deaths(25), state_deaths(250), state_deaths(1000)
    assert few < many / 4 and many < most / 2.5


def test_raiders_hide_and_losses_are_shared_over_the_units_there():
    stage = raid(300, men=600)
    stage.unit(REG, 200)
    for k in range(100):
        twin = stage.luck(k).fight()
        cell = twin["cells"][0]
        (event,) = twin.events[twin.events["kind"] == codes.OUTPOST_ATTACK]
        assert cell["task"] == codes.REST and cell["days_left"] > 0
        assert twin["units"]["men"][:2].sum() == 800 - event["deaths"][codes.STATE]
        assert twin.balanced()
    big, small = (600 - twin["units"]["men"][0], 200 - twin["units"]["men"][1])
    assert big >= small


def test_no_outpost_without_men():
    stage = Stage()
    stage.cell(REG, 50, codes.HARASS)
    stage.fight()
    assert len(stage.events) == 0 and stage["cells"]["task"][0] == codes.REST


def test_an_outpost_has_no_more_men_than_the_place():
    stage = raid(900, men=4)
    assert max(int(stage.luck(k).fight()["deaths"][codes.STATE]) for k in range(50)) <= 4
