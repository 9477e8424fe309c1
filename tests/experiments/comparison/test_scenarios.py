"""Scenarios side by side on the smallest country: pairing, tables, and the folder that the command writes."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.cli import main
from experiments.compare import in_words
from experiments.comparison.scenarios import compare_scenarios, fan_table, outcome_table, paired, paired_table
from experiments.compose import load_scenario
from experiments.figures import style
from experiments.figures.scenarios import comparison_figure


def test_paired_by_hand() -> None:
    base, other = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])
    mean, moved, gap, low, high, sd, effect, factor = paired(base, other)
    assert (mean, moved, gap, low, high, sd, effect) == (2, 3, 1, 1, 1, 1, 1)
    assert np.isnan(factor)  # the differences do not vary at all


def test_runs_that_all_break_through_are_no_certainty() -> None:
    low, high = paired(np.zeros(8), np.ones(8), chance=True)[3:5]
    assert 0.5 < low < 0.8 and high == 1


def test_pairs_that_all_agree_are_told_as_such() -> None:
    plain = load_scenario("minimal", ["days=30"])
    told = in_words(compare_scenarios([plain, dataclasses.replace(plain, name="twin")], range(1, 4)))
    (row,) = [line for line in told.splitlines() if "captures" in line]
    assert "| +0 | all 3 pairs agree |" in row
    assert "+0 to +0" not in told


@pytest.fixture(scope="module")
def comparison():
    scenarios = [load_scenario("minimal", ["days=120"]), load_scenario("minimal", ["days=120"])]
    return compare_scenarios([scenarios[0], _renamed(scenarios[1])], range(1, 9))


def _renamed(scenario):
    return dataclasses.replace(scenario.with_settings({"contractors.personnel": 0}), name="none_hired")


def test_the_same_seeds_in_each(comparison) -> None:
    assert comparison.names == ["minimal", "none_hired"]
    assert comparison.of("minimal").index.tolist() == comparison.of("none_hired").index.tolist() == list(range(1, 9))
    assert (comparison.of("none_hired")["contractors_end"] == 0).all()


def test_tables(comparison) -> None:
    shares = outcome_table(comparison)
    assert shares.groupby("scenario")["share"].sum().to_numpy() == pytest.approx([1, 1])
    pairs = paired_table(comparison).set_index("measure")
    start = comparison.of("minimal")["contractors_end"].mean()
    assert pairs.loc["contractors_end", "difference"] == pytest.approx(-start)
    assert pairs.index[0] == "deaths_civilians"
    fans = fan_table(comparison)
    assert (fans["q05"] <= fans["q50"]).all() and (fans["q50"] <= fans["q95"]).all()


def test_the_figure_says_what_its_axis_is_and_what_has_no_place_on_it(comparison) -> None:
    with style.house_style():
        figure, tables = comparison_figure(comparison, "finding")
    (ax,) = [ax for ax in figure.axes if ax.get_xscale() == "symlog"]
    assert "even steps to 1, then tenfold steps" in ax.get_xlabel()
    still = tables["paired"]["base_sd"].eq(0).sum()
    assert still and [text.get_text() for text in ax.texts] == still * ["no spread to measure by"]


@pytest.mark.slow
def test_the_command_writes_a_folder_with_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "compare",
        "scenario=mali_2025,contractors_leave",
        "seeds=4",
        "days=60",
        "--outputs",
        str(tmp_path),
        "--json",
    ]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scenarios"] == ["mali_2025", "contractors_leave"] and len(told["paired"]) >= 10
    (folder,) = tmp_path.iterdir()
    names = {path.name for path in folder.iterdir()}
    assert {"effects.png", "effects.svg", "effects_paired.csv", "fans.png", "comparison.md", "manifest.json"} <= names
    assert len(pd.read_parquet(folder / "runs.parquet")) == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scenario=mali_2025"], "needs at least two"),
        (["scenario=mali_2025,mali_2025"], "stands there twice"),
        (["scenario=mali_2025,contractor_leave"], "did you mean 'contractors_leave'"),
        (["scenario=mali_2025,atlantis", "seeds=one"], "seeds: 'one' is not allowed"),
        (["no_such_folder", "other"], "no_such_folder"),
        (["just_one"], "name a second sweep"),
        (["mali_2025,atlantis"], "did you mean scenario=mali_2025,atlantis?"),
        (["mali_2025", "atlantis"], "did you mean scenario=mali_2025,atlantis?"),
    ],
)
def test_bad_input_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *words]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and "\n" not in told
