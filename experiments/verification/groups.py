"""Groups that coalesce and fragment by the insurgents' own rule, against the mean-field numbers of Johnson et al."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.verification.bare import bare_world, spread
from sim.codes import HELD_BY_STATE
from sim.theory import group_cutoff, group_numbers
from sim.world import Capacity, World

FIGHTERS = 1024
_SIZE = Capacity(cells=FIGHTERS)
_TABLE = 1024  # sizes counted one by one

BANDS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 50), (51, 200))
"""Bands of group sizes that are compared."""


@dataclass(frozen=True)
class GroupNumbers:
    """Numbers of groups in each band of sizes: model (a row a replicate), theory, and the counts by single size."""

    nu: float
    rate: float
    model: npt.NDArray[np.float64]
    theory: npt.NDArray[np.float64]
    by_size: npt.NDArray[np.float64]

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """The model's mean number of groups in each band."""
        return np.asarray(self.model.mean(axis=0))

    @property
    def error(self) -> npt.NDArray[np.float64]:
        """Its standard error over the replicates, which are independent."""
        return np.asarray(self.model.std(axis=0, ddof=1) / math.sqrt(len(self.model)))


def well_mixed(nu: float, rate: float, seed: int) -> World:
    """Return one place with :data:`FIGHTERS` groups of one fighter that only regroup.

    Args:
        nu: chance that a picked group shatters, into singles.
        rate: chance a day and fighter that a group acts; the rule's law is exact as it goes to 0.
        seed: of the draws.
    """
    settings = {"insurgents.cell_size": 1.0, "insurgents.regroup_rate": rate, "insurgents.fragmentation": nu}
    world = bare_world(settings, seed, _SIZE)
    cells = world["cells"][0]
    cells["alive"], cells["fighters"], cells["id"] = 1, 1, np.arange(1, FIGHTERS + 1, dtype=np.uint64) << np.uint64(32)
    cells["road"] = cells["target"] = -1
    world["run"]["n_places"], world["run"]["cells_top"], world["run"]["free_cells"] = 1, FIGHTERS, 0
    world["places"]["holder"][0, 0] = HELD_BY_STATE
    return world


def group_sizes(nu: float, rate: float, replicates: int, events: float, seed: int = 1) -> GroupNumbers:
    """Let groups coalesce and fragment until they forget their start; count them over the second half of the time.

    Args:
        nu: as for :func:`well_mixed`.
        rate: as for :func:`well_mixed`.
        replicates: independent worlds.
        events: regroupings a fighter in all, half of them before the counting begins.
        seed: of the draws.
    """
    from sim.checks import regroup_days

    days = max(2, int(events / rate))
    every = max(1, days // 200)

    def one(k: int) -> npt.NDArray[np.float64]:
        world = well_mixed(nu, rate, seed + k)
        numbers = np.zeros(_TABLE, np.int64)
        regroup_days(world, days // 2, days, numbers)
        counted = regroup_days(world, days - days // 2, every, numbers)
        return np.asarray(numbers / counted)

    by_size = np.array([one(0), *spread(one, range(1, replicates))])
    sizes = np.arange(1, _TABLE)
    expected = group_numbers(FIGHTERS, nu, sizes)
    model = np.array([by_size[:, a : b + 1].sum(axis=1) for a, b in BANDS]).T
    theory = np.array([expected[a - 1 : b].sum() for a, b in BANDS])
    return GroupNumbers(nu, rate, model, theory, by_size.mean(axis=0))


def cutoff_of(numbers: GroupNumbers) -> tuple[float, float]:
    """Return the size of the cutoff s0 as the model shows it and as theory has it.

    From ln(n_s s^(5/2)) = const − s/s0, least squares weighted by the counts, from size 10 up.
    """
    size = np.arange(10, min(_TABLE, int(6 * group_cutoff(numbers.nu))))
    count = numbers.by_size[size]
    seen = count > 0
    y = np.log(count[seen] * size[seen] ** 2.5)
    slope: Any = np.polyfit(size[seen], y, 1, w=np.sqrt(count[seen]))[0]
    return float(-1.0 / slope), group_cutoff(numbers.nu)
