"""The figures of a run: what is written, bytes that do not change, findings that are true, labels that do not touch."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

import sim
from experiments.compose import load_scenario
from experiments.figures import style
from experiments.figures.run_event_sizes import run_event_sizes
from experiments.figures.run_figures import FIGURES, FOLDER, begin_run_figures, write_run_figures
from experiments.figures.run_findings import map_finding, outcome_finding, size_finding
from experiments.figures.run_map import run_map
from experiments.figures.run_tables import BATTLES, EventSizes, event_sizes, month_table
from experiments.figures.run_time_lines import begin_time_lines, run_time_lines
from experiments.plain_run import plain_run

CASES = {
    "mali": ("mali_2025", ["days=200"]),
    "atlantis": ("atlantis", ["days=200"]),
    "minimal": ("minimal", ["days=540"]),
    "one day": ("minimal", ["days=1"]),
    "no insurgents": ("minimal", ["force.groups=null", "days=60"]),
    "no contractors": ("minimal", ["contractors.personnel=0", "days=60"]),
}
TABLES = {
    "map_places", "map_roads", "map_events", "time_lines", "time_lines_months", "time_lines_centres", "event_sizes",
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES, ids=str)
def result(request):
    scenario, settings = CASES[request.param]
    return sim.simulate(load_scenario(scenario, settings), seed=3)


@pytest.fixture(scope="module")
def run(result):
    return plain_run(result)


@pytest.fixture
def house():
    with style.house_style():
        yield


def overlaps(boxes):
    """Pairs of texts whose boxes share more than a hair's breadth."""
    found = []
    for (a, one), (b, two) in itertools.combinations(boxes, 2):
        wide, tall = min(one.x1, two.x1) - max(one.x0, two.x0), min(one.y1, two.y1) - max(one.y0, two.y0)
        if wide > 1 and tall > 1:
            found.append((a, b))
    return found


def texts(figure):
    """Every visible text of a figure with its box, pixels."""
    figure.draw_without_rendering()
    unseen = set()  # ticks beyond the ends of an axis are kept, but not drawn
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        unseen |= {tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    every = [text for text in figure.findobj(style.Text) if text.get_visible() and text.get_text().strip()]
    every = [text for text in every if text not in unseen]
    return [(text.get_text(), text.get_window_extent()) for text in every]


@pytest.mark.slow
@pytest.mark.parametrize("draw", [run_time_lines, run_event_sizes])
def test_no_texts_touch_and_none_leaves_the_figure(run, house, draw):
    figure, _ = draw(run)
    found = texts(figure)
    assert overlaps(found) == []
    for text, box in found:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height, text


@pytest.mark.slow
def test_nothing_on_the_map_covers_a_name(run, house):
    figure, _, drawing = run_map(run)
    figure.draw_without_rendering()
    assert overlaps(drawing.boxes()) == []
    for text, box in [(text.get_text(), text.get_window_extent()) for text in figure.texts]:
        assert box.x1 <= figure.bbox.width and box.y0 >= 0, text


@pytest.mark.slow
def test_every_figure_says_what_was_run_and_what_it_cannot_tell(run, house):
    for name, draw in FIGURES.items():
        figure, _ = draw(run, None)
        said = " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(style.Text))
        for words in (f"seed {run.seed}", "n = 1 run", "One run is an anecdote", "Illustrative model"):
            assert words in said, (name, words)
        if name == "map":
            assert "Illustrative map" in said


@pytest.mark.slow
def test_files_and_bytes_that_do_not_change(tmp_path):
    result = sim.simulate(load_scenario("minimal", ["days=90"]), seed=3)
    written = write_run_figures(plain_run(result), tmp_path / "one")
    expected = {f"{name}.{suffix}" for name in FIGURES for suffix in ("png", "svg")} | {f"{t}.csv" for t in TABLES}
    assert {path.name for path in written} == expected == {path.name for path in (tmp_path / "one" / FOLDER).iterdir()}
    for path in write_run_figures(plain_run(sim.simulate(result.scenario, seed=3)), tmp_path / "two"):
        assert path.read_bytes() == (tmp_path / "one" / FOLDER / path.name).read_bytes(), path.name


def test_tables_hold_the_run(result, run):
    with style.house_style():
        _, tables = run_time_lines(run)
        _, maps, _ = run_map(run)
    days, months = tables["time_lines"], tables["time_lines_months"]
    assert len(days["day"]) == len(result.daily)
    assert months["days_covered"].sum() == len(days["day"])
    for side, deaths in result.summary["deaths"].items():
        assert months[f"deaths_{side}"].sum() == maps["map_events"][f"deaths_{side}"].sum() == deaths
    assert list(months)[2] == "deaths_civilians"
    assert maps["map_roads"]["attacks"].sum() == (result.events["kind"] == "road_attack").sum()
    held = maps["map_places"]["days_held_by_insurgents"]
    assert held.sum() == (result.places_daily["holder"] == sim.codes.HELD_BY_INSURGENTS).sum()
    sizes = event_sizes(run)
    kinds = result.events["kind"].isin(BATTLES)
    losses = result.events.loc[kinds, [f"deaths_{side}" for side in result.summary["deaths"]]].to_numpy().sum()
    assert sizes.sizes.sum() == losses


def test_tables_are_read_back_as_they_were(run, tmp_path):
    write_run_figures(run, tmp_path, ["time_lines"])
    read = pd.read_csv(tmp_path / FOLDER / "time_lines.csv")
    assert read["date"].iloc[0] == run.scenario.start_date
    assert read["events_in_30_days"].isna().sum() == min(29, run.days)
    np.testing.assert_allclose(read["capital_served"], run.daily["capital_served"], rtol=1e-5)


def test_the_finding_of_the_outcome_is_that_of_the_summary(result):
    summary = result.summary
    words = outcome_finding(summary)
    assert words.lower().startswith(summary["outcome"].replace("_", " "))
    evidence = {"reason": "collapse", "day": 77}
    broken = {**summary, "outcome": "insurgent_national_breakthrough", "outcome_evidence": evidence}
    assert outcome_finding(broken) == "Insurgent national breakthrough on day 77: the regime collapses"


def test_the_finding_of_the_map():
    roads = {"attacks": np.array([0, 1])}
    names = np.array(["Here/There", "Elsewhere"])
    quiet = {"name": names, "days_held_by_insurgents": np.array([0, 0])}
    held = {"name": names, "days_held_by_insurgents": np.array([3, 1])}
    some = {"kind": np.array(["road_attack"])}
    assert map_finding(quiet, {"attacks": np.array([0, 0])}, {"kind": np.array([])}).startswith("All quiet")
    assert map_finding(quiet, roads, some) == "No place held by insurgents; 1 attack on roads"
    assert map_finding(held, roads, some) == (
        "2 places held by insurgents, Here longest (3 days in all); 1 attack on roads"
    )


def test_the_finding_of_the_sizes():
    none = EventSizes(np.array([], dtype=np.int64), 4, 0, None)
    assert size_finding(none) == "No lethal battle events in this run"
    few = dataclasses.replace(none, sizes=np.array([1]))
    assert size_finding(few) == "1 lethal battle event: too few to fit a tail"


def test_months_are_calendar_months_and_say_how_much_of_them_the_run_covers():
    scenario = load_scenario("minimal", ["days=40", "start_date=2025-01-30"])
    table = month_table(plain_run(sim.simulate(scenario, seed=1)))
    assert table["month"].tolist() == ["2025-01", "2025-02", "2025-03"]
    assert table["days_covered"].tolist() == [2, 28, 10]


@pytest.mark.slow
def test_figures_begun_before_the_run_are_the_same(run, tmp_path):
    write_run_figures(run, tmp_path / "at once")
    write_run_figures(run, tmp_path / "begun", begun=begin_run_figures(run.scenario))
    files = [
        {path.name: path.read_bytes() for path in (tmp_path / name / FOLDER).iterdir()} for name in ("at once", "begun")
    ]
    assert files[0] == files[1]


def test_panels_begun_for_other_days_are_begun_anew(run, house):
    figure, _ = run_time_lines(run, begin_time_lines(run.scenario, run.days + 30))
    assert {ax.get_xlim()[1] for ax in figure.axes[:6]} == {max(1, run.days)}
