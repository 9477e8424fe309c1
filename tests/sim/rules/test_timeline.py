"""The experimenter's hand: parameters set and ramped, campaigns, forces added and withdrawn, on their day."""

import pytest
from sim_support import fresh, live, minimal, step, with_timeline

from sim import codes
from sim.parameters import setting_index


def at(*entries, days, **parameters):
    world = fresh(with_timeline(minimal(**parameters), *entries))
    events = step(world, days)
    return world, events


def test_a_set_takes_effect_on_its_day():
    entry = {"day": 5, "action": "set", "key": "insurgents.interdiction_effort", "value": 7}
    for days, value in ((5, 1.0), (6, 7.0)):
        world, _ = at(entry, days=days)
        assert world["params"]["insurgents"]["interdiction_effort"][0] == value


def test_a_ramp_rises_in_steps_of_ten_days_to_its_goal():
    entry = {"day": 10, "action": "ramp", "key": "state.command_quality", "value": 0.95, "days": 50}
    seen = []
    world = fresh(with_timeline(minimal(state__command_quality=0.45), entry))
    for _ in range(70):
        step(world)
        seen.append(float(world["settings"][0, setting_index()["state.command_quality"]]))
    assert seen[19] == 0.45 and seen[20] == pytest.approx(0.55)
    assert sorted(set(seen)) == pytest.approx([0.45, 0.55, 0.65, 0.75, 0.85, 0.95]) and seen == sorted(seen)
    assert seen[60] == pytest.approx(0.95)


def test_a_campaign_begins_ends_and_has_its_intensity():
    world, events = at({"day": 3, "action": "campaign", "days": 8, "value": 1.5}, days=4)
    assert (world["campaign"]["until"][0], world["campaign"]["intensity"][0]) == (11, 1.5)
    more = step(world, 10)
    kinds = [(int(e["day"]), int(e["kind"])) for e in [*events, *more]]
    assert (3, codes.CAMPAIGN_BEGINS) in kinds and (11, codes.CAMPAIGN_ENDS) in kinds


@pytest.mark.parametrize("second", [8, 11])
def test_a_campaign_ends_the_one_that_runs(second):
    first = {"day": 3, "action": "campaign", "days": 8, "value": 1.0}
    _, events = at(first, {**first, "day": second}, days=30)
    kinds = {codes.CAMPAIGN_BEGINS: "begins", codes.CAMPAIGN_ENDS: "ends"}
    seen = [(int(e["day"]), kinds[int(e["kind"])]) for e in events if int(e["kind"]) in kinds]
    assert seen == [(3, "begins"), (second, "ends"), (second, "begins"), (second + 8, "ends")]


def test_contractors_are_withdrawn_whole_detachments_first():
    world, _ = at({"day": 2, "action": "withdraw_contractors", "value": 70}, days=3)
    assert world["people"]["withdrawn"][0, codes.CONTRACTORS] == 70
    assert len(live(world, "detachments")) == 1  # 40 at the capital go, and 30 of the 60 at Borin
    world, _ = at({"day": 2, "action": "withdraw_contractors", "value": 10**6}, days=3)
    assert len(live(world, "detachments")) == 0 and world["run"]["people_error"][0] == 0


def test_contractors_are_added_to_their_place_or_anew():
    world, _ = at(
        {"day": 1, "action": "add_contractors", "place": "REG", "value": 25},
        {"day": 1, "action": "add_contractors", "place": "TWN", "value": 30},
        days=2,
    )
    men = {int(d["home"]): int(d["men"]) for d in live(world, "detachments")}
    assert men == {0: 40, 1: 85, 2: 30} and world["people"]["reinforced"][0, codes.CONTRACTORS] == 55


def test_men_and_fighters_come_and_go_in_the_books():
    world, _ = at(
        {"day": 1, "action": "add_men", "place": "TWN", "value": 80},
        {"day": 1, "action": "add_men", "place": "BAS", "value": -(10**6)},
        {"day": 1, "action": "add_fighters", "place": "TWN", "value": 333},
        days=2,
        switches__raids=0,
        switches__desertion=0,
        insurgents__quit_rate=0,
    )
    people = world["people"][0]
    assert people["reinforced"][codes.STATE] >= 80 and people["withdrawn"][codes.STATE] == 120
    assert people["reinforced"][codes.INSURGENTS] == 333 and world["run"]["people_error"][0] == 0
    assert 333 in live(world, "cells")["fighters"]


def test_entries_of_one_day_all_act_and_an_unsorted_timeline_is_sorted():
    entries = [
        {"day": 9, "action": "set", "key": "state.cost", "value": 50},
        {"day": 2, "action": "set", "key": "state.cost", "value": 70},
        {"day": 2, "action": "set", "key": "contractors.cost", "value": 300},
    ]
    world, _ = at(*entries, days=3)
    assert (world["params"]["state"]["cost"][0], world["params"]["contractors"]["cost"][0]) == (70, 300)
    step(world, 7)
    assert world["params"]["state"]["cost"][0] == 50


def test_what_a_garrison_is_refilled_to_moves_with_men_added_and_withdrawn():
    before = fresh(minimal())["places"]["garrison_target"][0]
    here = minimal().geography.index("TWN")
    for men in (80, -30):
        world, _ = at({"day": 1, "action": "add_men", "place": "TWN", "value": men}, days=3)
        assert world["places"]["garrison_target"][0][here] == before[here] + men
