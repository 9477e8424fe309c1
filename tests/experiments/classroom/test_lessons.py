"""Lessons as they are shipped, and what is refused in one that is not: each fault in one line."""

import functools
import itertools
import re

import pytest
import yaml

from experiments.classroom.guide import ABOUT, BEGIN, END, HEADINGS, guide_html, guide_path, sections, worksheet_html
from experiments.classroom.language import (
    MissingWordError,
    languages,
    lesson_words,
    load_language,
    missing,
    own_words,
    with_gaps_filled,
    word,
)
from experiments.classroom.lessons import (
    LEAST_LEVELS,
    MOST_CELLS,
    LessonError,
    UnknownLessonError,
    lesson_dir,
    lesson_names,
    load_lesson,
    read_lesson,
)
from experiments.compose import load_scenario as compose
from sim.outcomes import OUTCOMES
from sim.parameter_errors import StalemateError
from sim.parameters import flatten

load_scenario = functools.cache(compose)  # Hydra takes its time
NAMES = ("why_no_end", "t1_attrition", "t2_support", "t3_contractors", "t4_paradox", "uncertainty")
SCENARIOS = ("mali_2025", "atlantis")
GOOD = {
    "order": 9,
    "scenarios": ["minimal"],
    "levers": {
        "a": {"key": "contractors.personnel", "levels": [0, "base"]},
        "b": {"key": "population.insurgent_support", "levels": ["base", "x2"]},
        "c": {"key": "switches.deterrence", "levels": [0, "base"]},
        "d": {"key": "state.command_quality", "levels": ["base", 0.9]},
    },
    "presets": {"first": {}, "second": {"b": "x2"}},
}


def changed(path, value):
    data = yaml.safe_load(yaml.safe_dump(GOOD))
    at = data
    *way, last = path.split(".")
    for part in way:
        at = at[part]
    at[last] = value
    return data


def test_the_lessons_are_these_in_teaching_order():
    assert lesson_names() == NAMES


@pytest.mark.parametrize("scenario_name", SCENARIOS)
@pytest.mark.parametrize("name", NAMES)
def test_every_lesson_offers_a_few_levers_and_presets_that_are_among_its_combinations(name, scenario_name):
    lesson, scenario = load_lesson(name), load_scenario(scenario_name)
    assert scenario_name in lesson.scenarios
    assert 4 <= len(lesson.levers) <= 6
    cells = lesson.cells(scenario)
    assert len(cells) == len(set(cells)) <= MOST_CELLS
    for lever in lesson.levers:
        values = lever.values(scenario)
        assert LEAST_LEVELS <= len(values) == len(lever.levels), f"{lever.id}: two levels fall together"
        assert all(lever.info.low <= value <= lever.info.high for value in values)
    rows = [lesson.preset_values(preset, scenario) for preset in lesson.presets]
    assert set(rows) <= set(cells) and len(set(rows)) == len(rows)
    own = flatten(scenario.parameters)
    start = dict(zip((lever.key for lever in lesson.levers), rows[0], strict=True))
    assert all(start[v.key] == (own[v.key] if v.start == "base" else v.start) for v in lesson.levers)


@pytest.mark.parametrize("name", NAMES)
def test_every_lesson_has_its_words_in_every_language(name):
    for language in languages():
        words = lesson_words(load_lesson(name), language)
        assert words["question"].endswith("?")
        assert all(p["ask"].endswith("?") for p in words["presets"].values())


def test_languages_are_complete_and_name_every_outcome():
    english = load_language()
    for language in languages():
        assert missing(own_words(language), english) == [] == missing(english, own_words(language)), language
    assert set(english["outcomes"]) == set(OUTCOMES)
    text = (lesson_dir() / "text" / "en.yaml").read_text(encoding="utf-8")
    assert all(isinstance(key, str) for key in keys(yaml.safe_load(text))), "YAML reads on, off, yes and no as booleans"


@pytest.mark.parametrize("language", sorted(set(languages()) - {"en"}))
def test_translations_keep_the_names_in_braces(language):
    own, english = (dict(texts(own_words(code))) for code in (language, "en"))
    braces = re.compile(r"\{\w+\}")
    assert {path: sorted(braces.findall(text)) for path, text in own.items()} == {
        path: sorted(braces.findall(text)) for path, text in english.items()
    }
    same = {path for path, text in own.items() if text == english[path] and len(text) > 20 and " " in text}
    assert same == set(), "not translated"


def texts(table, at=""):
    for key, value in table.items():
        yield from texts(value, f"{at}{key}.") if isinstance(value, dict) else [(f"{at}{key}", value)]


def test_what_a_language_lacks_is_said_in_english():
    assert with_gaps_filled({"a": {"b": "x"}}, {"a": {"b": "y", "c": "z"}, "d": {"e": "w"}}) == {
        "a": {"b": "x", "c": "z"},
        "d": {"e": "w"},
    }


def keys(table):
    for key, value in table.items():
        yield key
        if isinstance(value, dict):
            yield from keys(value)


def test_a_missing_word_is_named():
    with pytest.raises(MissingWordError, match=r"page\.nothing"):
        word(load_language(), "page.nothing")
    assert missing({"a": {"b": "x"}}, {"a": {"b": "x", "c": "y"}, "d": "z"}) == ["a.c", "d"]


@pytest.mark.parametrize("name", NAMES)
def test_every_guide_has_its_sections_in_order_and_renders(name):
    text = guide_path(name).read_text(encoding="utf-8")
    assert tuple(sections(text))[1:] == HEADINGS
    assert BEGIN in text and END in text
    html = guide_html(name)
    assert html.count("<h2>") == len(HEADINGS) and "<script" not in html and "observed:" not in html
    assert worksheet_html(name).count("<hr") >= 3


@pytest.mark.parametrize("name", NAMES)
def test_every_plan_fills_45_minutes_without_a_gap(name):
    plan = sections(guide_path(name).read_text(encoding="utf-8"))["Plan for 45 minutes"]
    spans = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+)–(\d+) \|", plan, flags=re.M)]
    assert spans[0][0] == 0 and spans[-1][1] == 45
    assert all(b == c for (_, b), (c, _) in itertools.pairwise(spans))


@pytest.mark.parametrize("name", NAMES)
def test_the_guide_names_only_settings_that_exist(name):
    lesson = load_lesson(name)
    settings = {p["name"] for p in lesson_words(lesson)["presets"].values()}
    text = guide_path(name).read_text(encoding="utf-8")
    plan = sections(text)["Plan for 45 minutes"]
    named = {text for text in re.findall(r"“([A-Z][^”]*)”", plan) if not text.endswith(".")}
    assert named <= settings | {"What the model cannot tell"}, named - settings


def test_students_do_not_get_the_answers_with_the_page():
    assert not {"Answers", "Levers and what to expect", "Plan for 45 minutes", "Debrief"} & set(ABOUT)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("levers.a.key", "contractors.personel", "contractors.personnel"),
        ("levers.a.levels", [0, 99999], "4000"),
        ("levers.a.levels", [0, "twice"], "twice"),
        ("levers.a.levels", [0, 500], "base"),
        ("levers.a.levels", [0, 1, 2, 3, "base"], "2 to 4"),
        ("levers.a", 3, "keys and values"),
        ("presets", {"first": {"b": "x2"}}, "first"),
        ("presets.second", {"bb": "x2"}, "'b'"),
        ("presets.second", {"b": 0.5}, "0.5"),
        ("scenarios", [], "scenarios"),
        ("levrs", {}, "levers"),
    ],
)
def test_a_lesson_that_cannot_be_used_is_refused_in_one_line(path, value, says):
    read_lesson("good", GOOD)
    with pytest.raises(StalemateError) as caught:
        read_lesson("bad", changed(path, value))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_too_many_combinations_are_refused():
    levers = {str(k): {"key": "switches.raids", "levels": [0, "base", 1, "x1"]} for k in range(4)}
    with pytest.raises(LessonError, match="256"):
        read_lesson("bad", {**GOOD, "levers": levers, "presets": {"first": {}}})


def test_an_unknown_lesson_is_named_with_the_nearest():
    with pytest.raises(UnknownLessonError, match="why_no_end"):
        load_lesson("why_no_ends")


def test_a_factor_that_leads_out_of_the_range_stops_at_its_end():
    lesson = read_lesson("good", changed("levers.b.levels", ["base", "x9"]) | {"presets": {"first": {}}})
    lever = lesson.levers[1]
    assert lever.values(load_scenario("minimal"))[-1] == lever.info.high
