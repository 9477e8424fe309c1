"""Time to breakthrough by the values of a key: a panel each, with one band, so that eight stay legible."""

import numpy as np
import pandas as pd
import pytest

from experiments.comparison.survival import without_breakthrough
from experiments.figures import style
from experiments.figures.lines import _panels, write_survival


@pytest.mark.parametrize(("values", "below"), [(1, 1), (3, 3), (7, 4), (8, 4)])
def test_each_value_has_a_panel_with_one_band_and_the_others_in_grey(values, below):
    curves = [
        without_breakthrough(np.array([10 + k, 20, 30]), np.array([True, True, False]), 30) for k in range(values)
    ]
    with style.house_style():
        figure = style.new_figure()
        _panels(figure, curves, [f"value {k}" for k in range(values)])
    assert [ax.get_title(loc="left") for ax in figure.axes] == [f"value {k}" for k in range(values)]
    assert all(len(ax.collections) == 1 and len(ax.lines) == values + 1 for ax in figure.axes)
    assert sum(ax.get_xlabel() == "day" for ax in figure.axes) == below


def test_the_table_holds_what_is_drawn(tmp_path):
    key = "contractors.personnel"
    runs = pd.DataFrame({key: [0, 0, 1, 1], "outcome": ["insurgent_national_breakthrough", *3 * ["stalemate"]]})
    write_survival(runs.assign(breakthrough_day=[7, -1, -1, -1]), key, 30, "1-2", tmp_path)
    found = pd.read_csv(tmp_path / "survival_by_personnel.csv")
    assert found.groupby(key)["share"].last().tolist() == [0.5, 1.0]
    assert (tmp_path / "survival_by_personnel.png").is_file()


@pytest.mark.parametrize(("top", "told"), [(8000, "4,000"), (900, "400")])
def test_thousands_are_set_apart_where_there_are_any(top, told):
    with style.house_style():
        ax = style.new_figure().add_subplot()
        ax.set_ylim(0, top)
        style.thousands(ax.yaxis)
        assert told in [text.get_text() for text in ax.get_yticklabels()]
