"""Classes, thresholds moved, hazards."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.science import classes as c
from sim.outcomes import INSURGENT_NATIONAL, STALEMATE, Outcome, Thresholds


def judged(name=STALEMATE, day=None, days=540, by_variant=()):
    return c.Judged(Outcome(name, "collapse" if day is not None else "", day, {}, False), by_variant, days)


def test_every_threshold_moves_both_ways():
    moved = c.variants(Thresholds(), 0.5)
    assert len(moved) == 2 * len(Thresholds.__dataclass_fields__)
    values = {(v.threshold, v.factor): v.value for v in moved}
    assert values["capital_lost_days", 0.5] == 3.5
    assert values["events_high", 1.5] == 90
    assert values["broken_flow", 1.5] == 1  # a share stops at 1


def test_shares_and_intervals():
    found = c.class_shares([STALEMATE] * 3 + [INSURGENT_NATIONAL])
    assert [(s.name, s.runs, s.share) for s in found] == [(INSURGENT_NATIONAL, 1, 0.25), (STALEMATE, 3, 0.75)]
    assert all(s.interval[0] < s.share < s.interval[1] for s in found)


def test_garwood_against_published_limits():
    """Ulm 1990: 90 % limits of a Poisson mean, 0 seen: 0 and 2.996; 10 seen: 5.425 and 16.962."""
    assert c.poisson_interval(0) == pytest.approx((0, 2.9957), abs=1e-4)
    assert c.poisson_interval(10) == pytest.approx((5.4254, 16.9622), abs=1e-4)


def test_hazard_by_hand():
    """Two runs of 365 days; one breaks on day 99, so is at risk for 100 days."""
    whole, early, late = c.hazards([judged(INSURGENT_NATIONAL, 99, 365), judged(days=365)], pieces=2)
    assert whole.count == 1
    assert whole.years == pytest.approx(465 / 365)
    assert whole.rate == pytest.approx(365 / 465)
    assert (early.count, late.count) == (1, 0)
    assert late.years == pytest.approx((365 - 182) / 365)
    assert early.years + late.years == pytest.approx(whole.years)


def test_a_constant_hazard_comes_back():
    rng = np.random.default_rng(3)
    ends = rng.exponential(365 / 0.5, 4000).astype(int)
    runs = [judged(INSURGENT_NATIONAL, int(e)) if e < 540 else judged() for e in ends]
    for hazard in c.hazards(runs):
        assert hazard.rate == pytest.approx(0.5, rel=0.12)
        assert hazard.interval[0] < hazard.rate < hazard.interval[1]


def test_moved_thresholds():
    moved = c.variants(Thresholds(), 0.5)[:1]
    runs = [judged(by_variant=(STALEMATE,)), judged(by_variant=(INSURGENT_NATIONAL,))]
    (found,) = c.threshold_moves(runs, moved)
    assert found.changed == 0.5
    assert found.shares == {INSURGENT_NATIONAL: 0.5, STALEMATE: 0.5}
