"""Phase diagrams as numbers: the share of each outcome class over two swept keys, and where it crosses a half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.messages import ConfigurationError
from sim.outcomes import INDETERMINATE, INSURGENT_NATIONAL, INSURGENT_REGIONAL, STALEMATE, STATE_BREAKTHROUGH
from sim.parameter_errors import nearest

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
CLASSES = (INSURGENT_NATIONAL, INSURGENT_REGIONAL, STALEMATE, STATE_BREAKTHROUGH, INDETERMINATE)
"""The classes of a phase diagram, in the order of its panels."""
NOT_RUN, TIED = -1, -2
"""In place of a cell's commonest class: nothing was run there; two or more classes are equally common."""


class BadPhaseError(ConfigurationError):
    """A phase diagram that a sweep cannot give."""


@dataclass(frozen=True)
class Phase:
    """The shares of the outcome classes over a grid.

    Attributes:
        x, y: the swept keys.
        xs, ys: their values, rising.
        shares: by class, an array of ys × xs; NaN where nothing was run.
        runs: the number of runs behind each cell; ys × xs.
        reasons: how many runs broke through, by reason.
        total: the number of runs.
    """

    x: str
    y: str
    xs: Array
    ys: Array
    shares: dict[str, Array]
    runs: Array
    reasons: dict[str, int]
    total: int

    @property
    def leaders(self) -> Array:
        """Whether no class is commoner in a cell; classes × ys × xs, several are true in a tie, none without runs."""
        stack = np.stack([self.shares[name] for name in CLASSES])
        return np.asarray(np.isclose(stack, np.max(stack, axis=0), rtol=0.0, atol=1e-9))

    @property
    def commonest(self) -> Array:
        """The index of the commonest class in each cell (ys × xs), or :data:`TIED`, or :data:`NOT_RUN`."""
        leaders = self.leaders
        of = leaders.sum(axis=0)
        return np.where(of == 1, np.argmax(leaders, axis=0), np.where(of == 0, NOT_RUN, TIED))

    def insurgent(self) -> Array:
        """Return the share of insurgent breakthroughs, national or regional; ys × xs."""
        return np.asarray(self.shares[INSURGENT_NATIONAL] + self.shares[INSURGENT_REGIONAL])


def phase(runs: pd.DataFrame, x: str, y: str) -> Phase:
    """Return the shares over two swept keys; runs that differ in other keys are pooled.

    Raises:
        BadPhaseError: a key that was not swept, or that has fewer than two values.
    """
    for key in (x, y):
        if key not in runs.columns:
            raise BadPhaseError(f"{key}: not a column of this sweep{_hint(key, runs)}")
        if runs[key].nunique() < 2:
            raise BadPhaseError(f"{key}: has one value only; a phase diagram needs at least two")
    if x == y:
        raise BadPhaseError(f"x and y are both {x}; a phase diagram needs two keys")
    xs, ys = np.sort(runs[x].unique()), np.sort(runs[y].unique())
    at = (np.searchsorted(ys, runs[y].to_numpy()), np.searchsorted(xs, runs[x].to_numpy()))
    count = np.zeros((len(ys), len(xs)))
    np.add.at(count, at, 1)
    shares = {}
    for name in CLASSES:
        hits = np.zeros_like(count)
        np.add.at(hits, at, (runs["outcome"] == name).to_numpy(float))
        shares[name] = np.divide(hits, count, out=np.full_like(count, np.nan), where=count > 0)
    reasons = runs.loc[runs["reason"] != "", "reason"].value_counts()
    return Phase(x, y, xs, ys, shares, count, {str(k): int(n) for k, n in reasons.items()}, len(runs))


def _hint(key: str, runs: pd.DataFrame) -> str:
    near = nearest(key, [str(c) for c in runs.columns if "." in str(c)])
    return f"; did you mean {near!r}?" if near else ""


def phase_table(found: Phase) -> pd.DataFrame:
    """Return a phase as a tidy table: a row a cell, its runs and the share of each class."""
    import pandas as pd

    grid = [(xv, yv) for yv in found.ys for xv in found.xs]
    table = pd.DataFrame(grid, columns=[found.x, found.y])
    table["runs"] = found.runs.ravel().astype(int)
    for name in CLASSES:
        table[name] = found.shares[name].ravel()
    return table


def crossing(values: Array, shares: Array, level: float = 0.5) -> float:
    """Return where a share first rises through ``level`` along rising ``values``; NaN if never.

    Linear between values; a share that starts at or above the level crosses at the first value.
    """
    good = ~np.isnan(shares)
    v, s = values[good], shares[good]
    if not len(s):
        return float("nan")
    if s[0] >= level:
        return float(v[0])
    for k in range(1, len(s)):
        if s[k] >= level:
            return float(v[k - 1] + (v[k] - v[k - 1]) * (level - s[k - 1]) / (s[k] - s[k - 1]))
    return float("nan")


def boundary(found: Phase, level: float = 0.5) -> Array:
    """Return, for each y, the x at which insurgent breakthroughs reach ``level``; NaN where they never do."""
    share = found.insurgent()
    return np.array([crossing(found.xs, share[k], level) for k in range(len(found.ys))])


def boundary_shift(a: Phase, b: Phase, level: float = 0.5) -> pd.DataFrame:
    """Return the boundary of each of two phases on the same y values, and the shift from the first to the second.

    Raises:
        BadPhaseError: the two share no value of y.
    """
    import pandas as pd

    common = np.intersect1d(a.ys, b.ys)
    if not len(common):
        raise BadPhaseError(f"{a.y}: the sweeps share no value")
    left = dict(zip(a.ys, boundary(a, level), strict=True))
    right = dict(zip(b.ys, boundary(b, level), strict=True))
    rows = [(y, left[y], right[y], right[y] - left[y]) for y in common]
    return pd.DataFrame(rows, columns=[a.y, f"{a.x}_first", f"{a.x}_second", "shift"])


def difference(a: Phase, b: Phase) -> tuple[Array, Array, Array]:
    """Return the common x and y values and the difference (second minus first) in insurgent breakthroughs there."""
    xs, ys = np.intersect1d(a.xs, b.xs), np.intersect1d(a.ys, b.ys)
    if not len(xs) or not len(ys):
        raise BadPhaseError(f"{a.x}, {a.y}: the sweeps have no cell in common")

    def cut(p: Phase) -> Array:
        return p.insurgent()[np.ix_(np.searchsorted(p.ys, ys), np.searchsorted(p.xs, xs))]

    return xs, ys, cut(b) - cut(a)
