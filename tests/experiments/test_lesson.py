"""``stalemate lesson``: the file it writes, what it says first, what it refuses; the guide's measured block."""

import base64
import gzip
import json
import re

import pytest

from experiments import lesson as command
from experiments.classroom import observe
from experiments.classroom.guide import BEGIN, END, GuideError, observed, to_html, with_observed
from experiments.classroom.lessons import load_lesson
from experiments.classroom.page import MOST_BYTES, LessonTooLargeError, Recording, file_data, file_page, file_script
from experiments.classroom.spread import LEAST_RUNS, Run
from experiments.cli import main
from experiments.compose import load_scenario
from experiments.recording import document, record

TINY = range(1, 4)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("lesson") / "lesson.html"
    command.build(load_lesson("t2_support"), load_scenario("minimal"), TINY, out)
    return out


def carried(page):
    packed = re.search(r'<script id="lesson-data"[^>]*>([^<]+)</script>', page)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


@pytest.mark.slow
def test_the_file_carries_every_combination_and_a_recorded_run_of_every_preset(made):
    data = carried(made.read_text(encoding="utf-8"))
    lesson, scenario = load_lesson("t2_support"), load_scenario("minimal")
    assert [tuple(cell["values"]) for cell in data["cells"]] == lesson.cells(scenario)
    assert all(len(column) == len(TINY) for cell in data["cells"] for column in cell["runs"].values())
    presets = {tuple(p["values"]) for p in data["presets"]}
    assert {tuple(r["values"]) for r in data["recorded"]} == presets
    assert len({r["seed"] for r in data["recorded"]}) == 1, "recorded runs share their luck"


@pytest.mark.slow
def test_a_recorded_run_ends_as_its_cell_says(made):
    data = carried(made.read_text(encoding="utf-8"))
    for entry in data["recorded"]:
        cell = next(c for c in data["cells"] if c["values"] == entry["values"])
        code = cell["runs"]["outcome"][data["seeds"].index(entry["seed"])]
        assert data["recordings"][entry["index"]]["summary"]["outcome"] == data["outcome_codes"][code]


@pytest.mark.slow
def test_the_file_needs_nothing_from_outside_and_is_small(made):
    page = made.read_text(encoding="utf-8")
    assert len(page.encode()) < MOST_BYTES
    assert not re.search(r'<(?:link|script|img|iframe)[^>]+(?:src|href)="(?!data:)', page)
    assert "connect-src" not in page and "default-src 'none'" in page
    assert not re.search(r"[\"'(]https?://(?!www\.w3\.org/)", page)
    guide = command.guide_beside(made).read_text(encoding="utf-8")
    assert "Answers" in guide and "<script" not in guide
    assert not list(made.parent.glob(".*")), "temporary files are gone"


def test_students_do_not_see_the_answers(monkeypatch):
    lesson, scenario = load_lesson("why_no_end"), load_scenario("minimal")
    runs = [Run(1, 3, -1, 5, 6, 7, 0)]
    page = file_page(file_data(lesson, scenario, dict.fromkeys(lesson.cells(scenario), runs), []), "")
    assert "The misconception" not in page and "Worksheet" not in page.split("worksheet", 1)[0]
    assert "Ethics note" in page
    monkeypatch.setattr("experiments.classroom.page.MOST_BYTES", 1000)
    with pytest.raises(LessonTooLargeError, match="why_no_end"):
        file_page(file_data(lesson, scenario, dict.fromkeys(lesson.cells(scenario), runs), []), "")


def test_what_a_full_lesson_weighs():
    lesson, scenario = load_lesson("why_no_end"), load_scenario("mali_2025")
    runs = [Run(k, k % 5, 100 + k, 1000 + 37 * k, 4000 + 91 * k, k, k % 32) for k in range(LEAST_RUNS)]
    cells = dict.fromkeys(lesson.cells(scenario), runs)
    shown = document(record(scenario, 1), level=9)
    recordings = [Recording(lesson.preset_values(p, scenario), 1, shown) for p in lesson.presets]
    page = file_page(file_data(lesson, scenario, cells, recordings), file_script())
    assert len(page.encode()) < MOST_BYTES


def test_a_combination_costs_50_runs_at_least(capsys):
    assert main(["lesson", "why_no_end", "--runs", "49"]) == 2
    assert "--runs: 49" in capsys.readouterr().err


def test_all_lessons_are_listed(capsys):
    assert main(["lesson"]) == 0
    said = capsys.readouterr().out
    assert "why_no_end: Why does the war not end?" in said and "uncertainty" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["lesson", "why_no_ends"], "did you mean 'why_no_end'"),
        (["lesson", "why_no_end", "contractors.personnel=5"], "contractors.personnel: a lesson sets it itself"),
        (["lesson", "why_no_end", "seed=5"], "seed: a lesson sets it itself"),
        (["lesson", "why_no_end", "scenario=atlantiss"], "did you mean 'atlantis'"),
        (["lesson", "why_no_end", "scenario=minimal"], "'minimal' is not allowed; it takes mali_2025 or atlantis"),
        (["lesson", "why_no_end", "--lang", "xx"], "xx"),
        (["lesson", "why_no_end", "--out", "/no/such/folder/x.html"], "/no/such/folder"),
    ],
)
def test_what_cannot_be_built_is_refused_in_one_line_before_any_run(words, says, capsys, monkeypatch):
    monkeypatch.setattr(command, "run_cells", None)
    assert main(words) != 0
    said = capsys.readouterr().err
    assert says in said and said.count("\n") == 1


def test_the_time_is_said_first(capsys, monkeypatch):
    lesson = load_lesson("t2_support")
    monkeypatch.setattr(type(lesson), "cells", lambda self, scenario: [self.preset_values("as_it_is", scenario)])
    command.run_cells(lesson, load_scenario("minimal"), TINY)
    assert re.search(r"1 combination × 3 runs = 3 runs: about \d+ s", capsys.readouterr().err)


# --- the measured block ---


def test_the_measured_block_is_replaced_and_nothing_else():
    text = f"before\n{BEGIN}\nold\n{END}\nafter"
    assert with_observed(text, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter"
    assert observed(with_observed(text, "new")) == "new"
    with pytest.raises(GuideError):
        with_observed("no block", "new")


@pytest.mark.slow
def test_observing_writes_the_table_and_then_finds_it_up_to_date(tmp_path, monkeypatch):
    lesson = load_lesson("t2_support")
    small = type(lesson)(lesson.name, 1, ("minimal",), lesson.levers, lesson.presets)
    guide = tmp_path / "guide.md"
    guide.write_text(f"# Guide\n{BEGIN}\n{END}\n", encoding="utf-8")
    monkeypatch.setattr(observe, "guide_path", lambda name: guide)
    said = []
    assert observe.observe(small, True, said.append) == 1 and "out of date" in said[-1]
    assert observe.observe(small, False, said.append) == 0 and "written" in said[-1]
    assert observe.observe(small, True, said.append) == 0 and said[-1] == "guide.md: up to date"
    rows = [line for line in guide.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(lesson.presets)
    for row in rows:
        counted = [int(cell) for cell in row.split("|")[2:7]]
        assert sum(counted) == LEAST_RUNS


def test_a_guide_is_out_of_date_when_a_number_moves_not_when_the_models_hash_does(tmp_path, monkeypatch):
    lesson, guide = load_lesson("t2_support"), tmp_path / "guide.md"
    kept = f"# Guide\n{BEGIN}\nby model 0123456789ab.\n\n| as it is | 41 |\n{END}\n"
    guide.write_text(kept, encoding="utf-8")
    monkeypatch.setattr(observe, "guide_path", lambda name: guide)
    said = []

    def measured(number):
        monkeypatch.setattr(observe, "observed_block", lambda _: f"by model ba9876543210.\n\n| as it is | {number} |")

    measured(41)
    for check in (True, False):
        assert observe.observe(lesson, check, said.append) == 0 and "up to date; measured on another model" in said[-1]
    assert guide.read_text(encoding="utf-8") == kept
    measured(42)
    assert observe.observe(lesson, True, said.append) == 1 and "out of date" in said[-1]
    assert observe.observe(lesson, False, said.append) == 0 and said[-1] == "guide.md: written"
    assert "model ba9876543210" in guide.read_text(encoding="utf-8")


def test_differences_beyond_luck_are_named_and_luck_is_not():
    first = [Run(k, 3, -1, 0, 0, 0, 0) for k in range(50)]
    fallen = [Run(k, 0 if k < 10 else 3, -1, 0, 0, 0, 0) for k in range(50)]
    assert observe.differences(fallen, first) == ["“the regime falls” +10", "“the war goes on, nobody wins” −10"]
    swapped = [Run(k, 0 if k < 3 else 3, -1, 0, 0, 0, 0) for k in range(50)]
    assert observe.differences(swapped, first) == []
    assert observe.differences(first, first) == []


def test_markdown_cannot_bring_markup_into_a_page():
    assert "<script>" not in to_html("<script>alert(1)</script>")
