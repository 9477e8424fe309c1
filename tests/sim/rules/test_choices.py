"""What a cell weighs: each term of each utility, with its sign and size, and what makes an option impossible."""

import math

import numpy as np
import pytest
import rule_entries as rules
from sim_support import mali
from stage import BAS, CAP, REG, Stage, phase

from sim import codes

OUTPOST, ASSAULT, HOLD, ROAD, MOVE, REST = range(6)
IMPOSSIBLE = -1e8


class Weighing:
    """One cell at the regional capital; utilities after changes."""

    def __init__(self, fighters=50, place=REG, scenario=None, **parameters):
        self.stage = Stage(scenario, insurgents__perception_noise=0, **parameters)
        self.stage.unit(place, 200)
        self.cell = self.stage.cell(place, fighters)
        self.p = self.stage.scenario.parameters.insurgents
        rules.muster(self.stage.world)

    def __call__(self, there=CAP, road=3):
        out = np.zeros(6)
        rules.utilities(self.stage.world, 0, there, road, out)
        return out


def test_an_outpost_by_size_campaign_and_losses():
    w = Weighing(50)
    base = w()[OUTPOST]
    assert base == pytest.approx(w.p.harass_bias + w.p.theta * math.log(50 / 20))
    w.cell["fighters"] = 100
    assert w()[OUTPOST] - base == pytest.approx(w.p.theta * math.log(2))
    w.cell["recent_loss"] = 0.5
    campaign, day = w.stage["campaign"], int(w.stage["run"]["day"])
    campaign["until"], campaign["intensity"], campaign["began_on"] = 500, 2.0, day
    expected = base + w.p.theta * math.log(2) + 2 * w.p.campaign_raids - 0.5 * w.p.loss_aversion
    assert w()[OUTPOST] == pytest.approx(expected)
    campaign["began_on"] = day - int(w.p.raid_fade_days)  # a while into it garrisons are alert
    assert w()[OUTPOST] == pytest.approx(expected - 2 * w.p.campaign_raids * (1 - math.exp(-1)))
    campaign["coordinated"] = day
    assert w()[OUTPOST] - expected == pytest.approx(
        w.p.coordination_raids - 2 * w.p.campaign_raids * (1 - math.exp(-1))
    )


def test_an_assault_by_the_ratio_of_strengths():
    w = Weighing(50)
    lone = w()[ASSAULT]
    w.stage.detachment(REG, 100)
    rules.muster(w.stage.world)
    weight = w.stage.scenario.parameters.contractors.combat_weight
    assert lone - w()[ASSAULT] == pytest.approx(w.p.assault_theta * math.log((201 + weight * 100) / 201))


def test_callable_fighters_rest_here_or_next_door_and_allies_count_by_the_alliance():
    w = Weighing(50, insurgents__join_chance=0.6, insurgents__call_share=0.3, insurgents__alliance=0.5)
    assert rules.callable_fighters(w.stage.world, 0) == 0
    for place, fighters, group, task in (
        (REG, 40, 0, 0),
        (REG, 20, 1, 0),
        (CAP, 100, 0, 0),
        (BAS, 60, 1, 0),
        (REG, 500, 0, 6),
    ):
        w.stage.cell(place, fighters, task, group=group)
    rules.muster(w.stage.world)
    expected = 0.6 * (40 + 0.5 * 20 + 0.3 * (100 + 0.5 * 60))
    assert rules.callable_fighters(w.stage.world, 0) == pytest.approx(expected)


def test_nobody_is_counted_who_would_not_be_called_across_a_border():
    plan = mali()
    place, there = plan.geography.index("KRO"), plan.geography.index("OHG")
    stage = Stage(plan)
    stage.cell(place, 50)
    assert there in stage["near_place"][stage["near_start"][place] : stage["near_start"][place + 1]]
    stage.cell(there, 100)
    rules.muster(stage.world)
    assert rules.callable_fighters(stage.world, 0) == 0
    stage.place(there)["country"] = stage.place(place)["country"]
    assert rules.callable_fighters(stage.world, 0) > 0


def test_perception_is_clearer_where_the_people_support():
    w = Weighing(50)
    w.stage.set("insurgents.perception_noise", 1.0)

    def spread(support):
        w.stage.place(REG)["support_insurgents"] = support
        return np.std([math.log(rules.perceived_strength(w.stage.luck(k).world, 0, REG)) for k in range(300)])

    assert spread(0.0) == pytest.approx(1.0, rel=0.15)
    assert spread(0.5) == pytest.approx(0.5, rel=0.15)
    assert spread(1.0) == pytest.approx(0, abs=1e-9)


def test_a_road_by_its_traffic_effort_and_campaign():
    w = Weighing()
    w.stage["roads"]["flow"][3] = 2.0
    base = w()[ROAD]
    w.stage["roads"]["flow"][3] = 40.0
    assert w()[ROAD] - base == pytest.approx(w.p.interdict_flow * math.log(40.1 / 2.1))
    w.stage.set("insurgents.interdiction_effort", 4)
    assert w()[ROAD] - base == pytest.approx(w.p.interdict_flow * math.log(40.1 / 2.1) + math.log(4))
    w.stage.set("insurgents.interdiction_effort", 0)
    assert w()[ROAD] < IMPOSSIBLE
    assert Weighing()(road=0)[ROAD] < IMPOSSIBLE  # not in the theatre


def test_standing_by_holders_by_support_and_balance_of_strength():
    w = Weighing(50)
    assert w()[HOLD] < IMPOSSIBLE
    w.stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS
    w.stage.place(REG)["support_insurgents"] = 0.25
    w.stage.place(REG)["threat"] = 50.0  # as many as the fighters
    assert w()[HOLD] == pytest.approx(w.p.join_hold_bias)
    w.stage.place(REG)["support_insurgents"] = 0.75
    assert w()[HOLD] == pytest.approx(w.p.join_hold_bias + 0.5 * w.p.hold_support)
    for threat in (5.0, 500.0):
        w.stage.place(REG)["threat"] = threat
        assert w()[HOLD] < w.p.join_hold_bias + 0.5 * w.p.hold_support
    w.stage.set("switches.holding", 0)
    assert w()[HOLD] < IMPOSSIBLE


def test_moving_towards_support_open_places_pull_and_home():
    w = Weighing()
    w.stage.place(CAP)["support_insurgents"] = w.stage.place(REG)["support_insurgents"] = 0.2
    w.cell["home"] = REG
    base = w()[MOVE]
    far = math.dist(*[(w.stage.place(p)["x_km"], w.stage.place(p)["y_km"]) for p in (CAP, REG)])
    assert base == pytest.approx(w.p.move_bias - w.p.home_pull * far / 100)
    w.stage.place(CAP)["support_insurgents"] = 0.5
    assert w()[MOVE] - base == pytest.approx(0.3 * w.p.move_support)
    w.stage.place(CAP)["opening"] = 2.0
    assert w()[MOVE] - base == pytest.approx(0.3 * w.p.move_support + 2 * w.p.move_opening)
    w.cell["group"] = codes.ALLIED
    assert w()[MOVE] - base == pytest.approx(
        0.3 * w.p.move_support + 2 * w.p.move_opening - (w.p.ally_home_pull - w.p.home_pull) * far / 100
    )


def test_across_the_border_when_hurt_and_never_without_the_switch():
    plan = mali()
    at, abroad = plan.geography.index("KRO"), plan.geography.index("OHG")
    w = Weighing(place=at, scenario=plan)
    road = w.stage.road(at, abroad)
    base = w(abroad, road)[MOVE]
    w.cell["recent_loss"] = 0.5
    assert w(abroad, road)[MOVE] - base == pytest.approx(0.5 * w.p.refuge_pull)
    w.stage.set("switches.cross_border", 0)
    assert w(abroad, road)[MOVE] < IMPOSSIBLE
    there = Weighing(place=abroad, scenario=plan)
    assert there()[REST] == there.p.refuge_rest and w()[REST] == 0
    assert there()[OUTPOST] == pytest.approx(there.p.harass_bias + there.p.theta * math.log(2.5) - there.p.refuge_quiet)


@pytest.mark.parametrize(("option", "switch"), [(OUTPOST, "raids"), (ASSAULT, "raids"), (ROAD, "interdiction")])
def test_truces_and_switches_make_an_option_impossible(option, switch):
    assert Weighing()()[option] > IMPOSSIBLE
    w = Weighing()
    w.stage.place(REG)["truce_until"] = 5
    assert w()[option] < IMPOSSIBLE
    assert Weighing(**{f"switches__{switch}": 0})()[option] < IMPOSSIBLE


def test_an_outpost_needs_men_and_an_assault_a_place_that_is_not_ones_own():
    w = Weighing()
    w.stage["units"]["alive"][0] = 0
    rules.muster(w.stage.world)
    assert w()[OUTPOST] < IMPOSSIBLE < w()[ASSAULT]
    w.stage.place(REG)["holder"] = codes.HELD_BY_INSURGENTS
    assert w()[ASSAULT] < IMPOSSIBLE


def test_choices_are_a_softmax_over_the_utilities():
    w = Weighing(insurgents__rest_bias=2.0)
    w.stage.do("flow", "order")
    ways = {BAS: 4, CAP: 3}
    u = {(codes.REST, -1): 2.0, (codes.HARASS, -1): w()[OUTPOST], (codes.ASSEMBLE, REG): w()[ASSAULT]}
    for there, road in ways.items():
        u[codes.INTERDICT, road] = w(there, road)[ROAD]
        u[codes.MOVE, there] = w(there, road)[MOVE]
    weight = {k: math.exp(v) for k, v in u.items()}
    total = sum(weight.values())
    n, counts = 4000, dict.fromkeys(u, 0)
    for k in range(n):
        twin = w.stage.luck(k)
        phase.activate(twin.world, codes.A_CELL, 0)
        c = twin["cells"][0]
        task = int(c["task"])
        what = c["road"] if task == codes.INTERDICT else c["target"] if task in (codes.MOVE, codes.ASSEMBLE) else -1
        counts[task, int(what)] += 1
    for key, v in weight.items():
        chance = v / total
        assert counts[key] / n == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / n) + 1e-3), key
