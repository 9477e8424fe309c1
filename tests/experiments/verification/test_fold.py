"""One besieged place: recruits and reinforcements by the rules, and the collapse that theory expects."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.verification.checks import POOL
from experiments.verification.fold import EXAMPLE, Chance, boundary, chance_of_collapse, collapses, pool_chance, siege


@pytest.mark.slow
def test_the_boundary_is_r_c_where_the_calendar_is_fine():
    assert boundary(EXAMPLE, 1000, 0.1, 20_000.0) == pytest.approx(1.0, abs=0.02)


@pytest.mark.slow
def test_the_weekly_refill_moves_the_boundary_as_expected():
    assert boundary(EXAMPLE, 1000, 1.0, 20_000.0) == pytest.approx(1 + 3.5 * EXAMPLE.k, abs=0.015)


@pytest.mark.slow
def test_far_from_the_fold_the_rules_are_certain():
    low = chance_of_collapse(replace(EXAMPLE, r=1.0), 540, 1.0, 40)
    high = chance_of_collapse(replace(EXAMPLE, r=6.0), 540, 1.0, 40)
    assert (low.model, high.model) == (0.0, 1.0)
    assert (low.theory, high.theory) == (0.0, 1.0)


@pytest.mark.slow
def test_a_finite_pool_decides_without_reinforcement():
    few, many = pool_chance(POOL, 40, 10, 10, 200), pool_chance(POOL, 40, 10, 60, 200)
    for chance in (few, many):
        assert abs(chance.model - chance.theory) < 4.5 * chance.error
    assert few.model < 0.1 < 0.9 < many.model


@pytest.mark.slow
def test_nobody_joins_a_group_that_is_gone():
    fell, emptied = collapses(siege(replace(EXAMPLE, r=0.0), 100, 1), 2000, np.arange(20))
    assert emptied == 20
    assert (fell == -1).all()


def test_error_of_a_difference():
    assert Chance(0.5, 0.5, 100, 0, 0).error == pytest.approx(0.05)
    assert Chance(0.0, 0.0, 100, 100, 0).error > 0
