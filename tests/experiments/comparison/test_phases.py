"""Phase diagrams as numbers: shares of a small hand-made table, boundaries, differences, and what is refused."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.compare import _phase
from experiments.comparison.phases import (
    TIED,
    BadPhaseError,
    boundary,
    boundary_shift,
    crossing,
    difference,
    phase,
    phase_table,
)
from experiments.figure import phase_title
from experiments.figures import style
from experiments.figures.phase import commonest_panel

X, Y = "population.insurgent_support", "contractors.personnel"


def table(moved: float = 0.0) -> pd.DataFrame:
    """Two rows of four supports, ten seeds: breakthrough from a support on that contractors raise."""
    rows = []
    for y, edge in ((0.0, 0.3), (1000.0, 0.5)):
        for x in (0.2, 0.4, 0.6, 0.8):
            for seed in range(10):
                fallen = x > edge + moved
                rows.append(
                    (x, y, seed, "insurgent_national_breakthrough" if fallen else "stalemate", "collapse" * fallen)
                )
    return pd.DataFrame(rows, columns=[X, Y, "seed", "outcome", "reason"])


def test_shares_and_commonest_class() -> None:
    found = phase(table(), X, Y)
    assert found.shares["stalemate"].tolist() == [[1, 0, 0, 0], [1, 1, 0, 0]]
    assert found.commonest.tolist() == [[2, 0, 0, 0], [2, 2, 0, 0]]
    assert found.reasons == {"collapse": 50} and found.total == 80
    tidy = phase_table(found)
    assert tidy["runs"].eq(10).all() and len(tidy) == 8


def test_boundary_is_interpolated_and_moves() -> None:
    found, other = phase(table(), X, Y), phase(table(0.2), X, Y)
    assert boundary(found) == pytest.approx([0.3, 0.5])
    assert boundary_shift(found, other)["shift"].to_numpy() == pytest.approx([0.2, 0.2])
    xs, ys, gap = difference(found, other)
    assert xs.tolist() == [0.2, 0.4, 0.6, 0.8] and ys.tolist() == [0, 1000]
    assert gap.tolist() == [[0, -1, 0, 0], [0, 0, -1, 0]]


def test_of_two_sweeps_the_one_that_lacks_a_column_is_named() -> None:
    other = SimpleNamespace(runs=table().drop(columns=Y), folder=Path("outputs/other"))
    with pytest.raises(BadPhaseError, match=rf"other: {Y}: not a column of this sweep"):
        _phase(other, X, Y)


def tied() -> pd.DataFrame:
    """The table with half of the runs of one cell drawn, and of another in thirds."""
    runs = table()
    cell = (runs[X] == 0.4) & (runs[Y] == 0)
    runs.loc[cell & (runs["seed"] < 5), "outcome"] = "stalemate"
    other = (runs[X] == 0.8) & (runs[Y] == 1000) & (runs["seed"] < 9)
    runs.loc[other, "outcome"] = [*3 * ["stalemate"], *3 * ["state_breakthrough"], *3 * ["indeterminate"]]
    return runs[~((runs[X] == 0.8) & (runs[Y] == 1000) & (runs["seed"] == 9))]


def test_a_tie_is_no_class() -> None:
    found = phase(tied(), X, Y)
    assert found.commonest.tolist() == [[2, TIED, 0, 0], [2, 2, 0, TIED]]
    assert np.flatnonzero(found.leaders[:, 0, 1]).tolist() == [0, 2]
    assert np.flatnonzero(found.leaders[:, 1, 3]).tolist() == [2, 3, 4]


def test_ties_are_told_apart_in_the_title() -> None:
    assert phase_title(phase(table(), X, Y)).endswith("62% of it, “the war goes on, nobody wins” in 38% of it")
    assert phase_title(phase(tied(), X, Y)).endswith("“the war goes on, nobody wins” in 38% of it, tied in 25%")


def test_a_tied_cell_is_framed_and_split_among_its_classes() -> None:
    with style.house_style():
        ax = style.new_figure().add_subplot()
        commonest_panel(ax, phase(tied(), X, Y))
        stripes = [(p.get_x(), p.get_y(), round(p.get_width(), 3)) for p in ax.patches]
        assert stripes[:2] == [(0.5, -0.5, 0.5), (1.0, -0.5, 0.5)] and len(stripes) == 2 + 1 + 3 + 1  # with frames
        assert [t.get_text() for t in ax.texts] == [*"SFSFF", *"SSFSB–"]
        assert ax.get_title(loc="left") == "commonest (framed: tied)"


def test_a_cell_without_runs_is_unknown_not_zero() -> None:
    runs = table()
    found = phase(runs[~((runs[X] == 0.4) & (runs[Y] == 0))], X, Y)
    assert np.isnan(found.shares["stalemate"][0, 1]) and found.commonest[0, 1] == -1


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ("population.insurgent_suport", Y, "did you mean 'population.insurgent_support'"),
        (X, X, "needs two keys"),
        (X, "reason", "one value only"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(x: str, y: str, words: str) -> None:
    runs = table().assign(reason="collapse")
    with pytest.raises(BadPhaseError, match=words):
        phase(runs, x, y)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.floats(0.05, 0.95))
def test_crossing_lies_where_the_share_first_reaches_the_level(shares: list[float], level: float) -> None:
    values = np.arange(len(shares), dtype=float)
    at = crossing(values, np.array(shares), level)
    if np.isnan(at):
        assert max(shares) < level
    else:
        assert np.interp(at, values, shares) == pytest.approx(max(level, shares[0]) if at == 0 else level, abs=1e-6)
        assert all(share < level for share in np.array(shares)[values < at])
