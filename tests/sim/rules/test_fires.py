"""Heavy fires: who can be seen, who can fire, what it does to fighters and to civilians."""

import numpy as np
import pytest
import rule_entries as rules
from sim_support import mali
from stage import BAS, CAP, REG, Stage

from sim import codes

SURE = {"contractors__detect_rate": 0.1, "insurgents__regroup_rate": 0}


def seen(task, fighters=200, men=100, place=REG, **parameters):
    """A stage with a cell at a task and one detachment with sorties."""
    stage = Stage(**{**SURE, **parameters})
    road = 3 if task == codes.INTERDICT else -1
    stage.cell(place, fighters, task, road=road, days_left=5, target=place)
    if task == codes.HOLD:
        stage.place(place)["holder"] = codes.HELD_BY_INSURGENTS
    if men:
        stage.detachment(CAP, men, sorties_left=2.0)
    return stage


def fired(stage, n=120):
    runs = [stage.luck(k).fight() for k in range(n)]
    assert all(r.balanced() for r in runs[:20])
    return float(np.mean([(r.events["kind"] == codes.FIRE).sum() for r in runs])), runs


def test_only_what_is_exposed_is_seen():
    assert fired(seen(codes.HOLD))[0] > 0.9
    assert fired(seen(codes.ASSEMBLE))[0] > 0.9
    assert fired(seen(codes.INTERDICT, place=CAP))[0] > 0.5
    for task in (codes.REST, codes.MOVE, codes.HARASS):
        assert fired(seen(task), 30)[0] == 0


def test_visibility_by_task_is_the_parameters():
    world = Stage().world
    p = Stage().scenario.parameters.contractors
    got = [rules.exposure(world, t) for t in (codes.HOLD, codes.ASSEMBLE, codes.INTERDICT, codes.REST, codes.ASSAULT)]
    assert got == [p.hold_exposure, p.mass_exposure, p.road_exposure, 0, 0]


def test_detection_is_a_hazard_per_fighter_and_of_what_people_tell():
    def share(fighters, information):
        stage = seen(codes.HOLD, fighters, contractors__detect_rate=0.004)
        stage.place(REG)["information"] = information
        return fired(stage, 500)[0]

    for fighters, told in ((50, 0.1), (50, 0.9), (300, 0.1)):
        expected = 1 - np.exp(-0.004 * fighters * (0.5 + told))
        assert share(fighters, told) == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize(
    "change",
    [
        {"switches__exposure": 0},
        {"switches__contractor_fires": 0, "switches__army_fires": 0},
        {"men": 0, "switches__army_fires": 0},
    ],
    ids=["nobody is seen", "fires off", "nobody to fire"],
)
def test_no_fires(change):
    assert fired(seen(codes.HOLD, **change), 30)[0] == 0


def test_a_truce_a_border_and_distance_keep_fires_away():
    stage = seen(codes.HOLD)
    stage.place(REG)["truce_until"] = 9
    assert fired(stage, 30)[0] == 0
    assert fired(seen(codes.HOLD, contractors__fire_range_km=100, switches__army_fires=0), 30)[0] == 0
    plan = mali()
    stage = Stage(plan, **SURE)
    there = plan.geography.index("OHG")
    stage.cell(there, 200, codes.ASSEMBLE, days_left=5)
    stage.detachment(plan.geography.index("MOP"), 100, sorties_left=2.0)
    stage["nation"]["army_sorties_left"] = 3
    assert fired(stage, 30)[0] == 0


def test_a_detachment_on_the_march_does_not_fire():
    stage = seen(codes.HOLD, switches__army_fires=0)
    stage["detachments"]["legs"][0] = 1
    stage["detachments"]["path"][0, 0] = 3
    assert fired(stage, 30)[0] == 0


def test_the_army_fires_when_no_contractor_can():
    stage = seen(codes.HOLD, men=0)
    stage["nation"]["army_sorties_left"] = 1.0
    share, runs = fired(stage, 60)
    assert share > 0.9 and all(r["tally"]["fires_contractors"] == 0 for r in runs)
    stage = seen(codes.HOLD)
    stage["nation"]["army_sorties_left"] = 1.0
    assert all(r["tally"]["fires_army"] == 0 for r in fired(stage, 20)[1])  # contractors first


def test_sorties_grow_with_men_and_readiness_up_to_the_reserve():
    stage = Stage(contractors__sorties_per_100=0.2, contractors__sortie_reserve=2)
    rows = [stage.detachment(CAP, men, readiness=r) for men, r in ((100, 1.0), (200, 1.0), (100, 0.5))]
    stage.do("order")
    assert [float(d["sorties_left"]) for d in rows] == pytest.approx([0.2, 0.4, 0.1])
    for _ in range(60):
        stage.do("order")
    assert [float(d["sorties_left"]) for d in rows] == pytest.approx([2, 4, 2])


def test_a_small_detachment_can_still_fire():
    # A reserve of 2 per 100 men would leave fewer than 50 men for ever below one whole sortie.
    stage = Stage(contractors__sorties_per_100=0.2, contractors__sortie_reserve=2)
    d = stage.detachment(CAP, 30)
    for _ in range(100):
        stage.do("order")
    assert d["sorties_left"] == 1.0


def test_kills_of_a_sortie_by_aim():
    stage = Stage(contractors__sortie_kills=5, contractors__sortie_area_kills=0.01)
    assert rules.sortie_kills(stage.world, 1.0, 300) == 5
    assert rules.sortie_kills(stage.world, 0.0, 300) == pytest.approx(3)
    assert rules.sortie_kills(stage.world, 0.5, 100) == pytest.approx(3)
    stage = seen(codes.HOLD, 500, contractors__sortie_kills=5)
    stage.place(REG)["information"] = 0.5
    _, runs = fired(stage, 300)
    deaths = [int(r["deaths"][codes.INSURGENTS]) for r in runs if r["tally"]["fires_contractors"] == 1]
    assert np.mean(deaths) == pytest.approx(5, abs=0.5)  # a holder is wholly exposed: aim 1


def test_harm_falls_with_information_and_where_few_live():
    def harm(place, information):
        stage = seen(codes.HOLD, place=place)
        stage.place(place)["information"] = information
        return np.mean([int(r["deaths"][0]) for r in fired(stage, 250)[1]])

    mean = Stage().scenario.parameters.contractors.harm_per_sortie
    assert harm(REG, 0.0) == pytest.approx(mean * 120 / 140, rel=0.25)
    assert harm(REG, 0.9) < 0.4 * harm(REG, 0.0)
    assert harm(BAS, 0.0) < 0.3 * harm(REG, 0.0)


def test_a_group_that_is_hit_scatters_and_a_holder_stays():
    stage = seen(codes.ASSEMBLE, 200, insurgents__scatter_gain=1000)
    stage.luck(1)
    hit = next(r for r in (stage.luck(k).fight() for k in range(20)) if "fire" in r.kinds())
    alive = hit["cells"][hit["cells"]["alive"] > 0]
    assert len(alive) > 4 and (alive["task"] == codes.REST).all() and (alive["days_left"] > 0).all()
    assert alive["fighters"].sum() + hit["deaths"][1] == 200
    shares = []
    for fighters in (100, 5000):
        runs = fired(seen(codes.ASSEMBLE, fighters, insurgents__scatter_gain=80), 80)[1]
        shares += [(r["deaths"][1] / fighters, (r["cells"]["alive"] > 0).sum() > 1) for r in runs if r["deaths"][1]]
    expected = np.mean([1 - np.exp(-80 * share) for share, _ in shares])
    assert np.mean([broke for _, broke in shares]) == pytest.approx(expected, abs=0.12)  # by the share lost
    hit = next(r for r in (seen(codes.HOLD).luck(k).fight() for k in range(20)) if "fire" in r.kinds())
    assert hit["cells"]["task"][0] == codes.HOLD and (hit["cells"]["alive"] > 0).sum() == 1
    whole = seen(codes.ASSEMBLE, 200, switches__fragmentation=0)
    hit = next(r for r in (whole.luck(k).fight() for k in range(20)) if "fire" in r.kinds())
    assert (hit["cells"]["alive"] > 0).sum() == 1


def test_sorties_are_called_to_a_fight_and_used_up():
    stage = Stage(combat__support_sorties=4)
    stage.unit(REG, 300)
    stage.cell(REG, 300, codes.ASSAULT)
    d = stage.detachment(CAP, 400, sorties_left=3.0, readiness=0.0)
    stage["nation"]["army_sorties_left"] = 0.0
    stage.set("switches.army_fires", 0)
    stage.fight()
    assert stage["tally"]["fires_contractors"] == 3 and d["sorties_left"] == 0
