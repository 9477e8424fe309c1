"""Groups regroup by the insurgents' own rule: fighters are conserved, and sizes are those of the mean field."""

import numpy as np
import pytest

from experiments.verification.groups import FIGHTERS, group_sizes, well_mixed
from sim.theory import group_numbers


@pytest.mark.slow
def test_fighters_are_conserved_and_groups_form():
    from sim.checks import regroup_days

    world = well_mixed(0.3, 0.01, 1)
    numbers = np.zeros(1024, np.int64)
    counted = regroup_days(world, 100, 10, numbers)
    cells = world["cells"][0]
    assert counted == 10
    assert cells["fighters"][cells["alive"] > 0].sum() == FIGHTERS
    assert numbers @ np.arange(1024) == counted * FIGHTERS
    assert world["tally"]["merges"][0] > 100
    assert world["tally"]["splits"][0] > 10


@pytest.mark.slow
def test_singles_and_pairs_are_as_many_as_theory_says():
    found = group_sizes(0.5, 0.004, 3, 6.0)
    expected = group_numbers(FIGHTERS, 0.5, [1, 2])
    assert found.mean[:2] == pytest.approx(expected, rel=0.06)
