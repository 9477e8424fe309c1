"""The page of validation: every target has words for its failure; a small study fills every section."""

from __future__ import annotations

import pytest

from experiments import load_scenario
from experiments.paths import conf_dir
from experiments.science.page import page
from experiments.science.page_parts import table
from experiments.science.page_words import CAUSES
from experiments.science.targets import load_article, load_events

FOLDERS = (conf_dir(),)


def test_every_pattern_and_statistic_has_a_cause():
    article, events = load_article(FOLDERS), load_events(FOLDERS)
    ids = {p.id for p in (*article.patterns, *events.statistics)} | {f"monthly_{p.id}" for p in events.monthly}
    assert ids == set(CAUSES)


def test_a_table():
    assert table(("a", "b"), [(1, "x|y")]) == "| a | b |\n|---|---|\n| 1 | x\\|y |\n"


@pytest.mark.full
def test_a_small_study_fills_the_page_and_draws_its_figures(tmp_path):
    from experiments.figures.science import write
    from experiments.science.study import Sizes, run_study

    sizes = Sizes(seeds=10, shocks=2, all_seeds=12, pairs=2)
    sizes.sensitivity.update(seeds=1, trajectories=2, samples=8, top=2)
    study = run_study(load_scenario(), load_article(FOLDERS), load_events(FOLDERS), sizes)
    text = page(study)
    for section in range(1, 11):
        assert f"## {section}. " in text
    assert "nan" not in text
    for finding in (*study.validation.patterns, *study.validation.statistics):
        assert f"`{finding.pattern.id}`" in text
    names = write(study, tmp_path)
    for name in names:
        assert f"figures/{name}.png" in text
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
