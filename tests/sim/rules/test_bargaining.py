"""Local truces: likelier when both hurt; they let fuel pass and detainees go."""

import math

import numpy as np
import pytest
from stage import REG, Stage

from sim import codes


def struck(served=0.2, loss=0.5, fighters=100, detained=0, n=800, **parameters):
    stage = Stage(bargaining__truce_rate=0.3, bargaining__base_hurt=0.1, **parameters)
    if fighters:
        stage.cell(REG, fighters, recent_loss=loss)
    stage["people"]["captured"][codes.INSURGENTS] = detained
    stage["people"]["initial"][codes.INSURGENTS] += detained
    stage.do("flow")
    stage.place(REG)["served_week"] = served
    runs = [stage.luck(k).do("bargaining") for k in range(n)]
    return float(np.mean([r["tally"]["truces"] for r in runs])), runs


def test_the_hazard_of_a_truce_is_hunger_times_hurt():
    for served, loss in ((0.2, 0.5), (0.8, 0.5), (0.2, 0.0)):
        chance = 1 - math.exp(-0.3 * (1 - served) * (0.1 + loss))
        assert struck(served, loss)[0] == pytest.approx(chance, abs=0.04)


@pytest.mark.parametrize("why", [{"served": 1.0}, {"fighters": 0}, {"switches__bargaining": 0}])
def test_no_truce_without_hunger_fighters_or_the_mechanism(why):
    assert struck(n=200, **why)[0] == 0


def test_a_truce_lasts_and_releases_a_share_to_the_cell_there():
    _, runs = struck(detained=200, bargaining__release_share=0.3, bargaining__truce_days=30)
    truced = [r for r in runs if r["tally"]["truces"]]
    freed = [int(r["people"]["released"][codes.INSURGENTS]) for r in truced]
    assert np.mean(freed) == pytest.approx(60, abs=4)
    for r, n in zip(truced, freed, strict=True):
        assert r["cells"]["fighters"][0] == 100 + n and r.place(REG)["truce_until"] == r["run"]["day"] + 31
        assert r.balanced()
    again = truced[0]
    again.do("bargaining")
    assert again["tally"]["truces"] == 1  # none on top of one in force
