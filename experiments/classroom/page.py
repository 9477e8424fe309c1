"""A lesson as data for its page, and as a single file that opens anywhere."""

from __future__ import annotations

import base64
import functools
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sim
from experiments.classroom.guide import about_html, guide_html, worksheet_html
from experiments.classroom.language import DEFAULT_LANGUAGE, lesson_words, load_language
from experiments.classroom.lessons import Lesson, Lever
from experiments.classroom.spread import CONDITIONS, Run, columns
from experiments.strict_json import strict_json
from sim.jit import source_hash
from sim.outcomes import NOT_ASSESSED, OUTCOMES
from sim.parameters import Info
from sim.scenario import Scenario

if TYPE_CHECKING:
    from jinja2 import Environment

FORMAT, FORMAT_VERSION = "stalemate-lesson", 1
MOST_BYTES = 8_000_000
STATIC = Path(__file__).parent / "static"
# What pages show of a language.
_PAGE_WORDS = ("page", "levers", "predict", "outcomes", "conditions", "reveal", "watch", "compare", "notebook", "live")

Values = tuple[float, ...]


class LessonTooLargeError(ValueError):
    """A lesson's file would be larger than schools' mail and memory sticks like; a fault of the program."""


@dataclass(frozen=True)
class Recording:
    """One recorded run of a lesson: its levers' values, its seed, and the document of `experiments.recording`."""

    values: Values
    seed: int
    document: Mapping[str, Any]


def lever_data(lever: Lever, scenario: Scenario, words: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page must know of a lever."""
    said = words["levers"][lever.id]
    return {
        "id": lever.id,
        "key": lever.key,
        **{name: said[name] for name in ("name", "unit", "theory")},
        **parameter_data(lever.info),
        **({} if lever.low is None else {"low": lever.low}),
        "start": lever.value(lever.start, scenario),
        "levels": list(lever.values(scenario)),
        "labels": words["levels"][lever.id],
    }


def parameter_data(info: Info) -> dict[str, Any]:
    """Return what a page must know of a parameter."""
    return {
        "low": info.low,
        "high": info.high,
        "meaning": info.meaning,
        "source": info.source,
        "switch": info.unit == "0/1",
    }


def lesson_data(lesson: Lesson, scenario: Scenario, language: str = DEFAULT_LANGUAGE) -> dict[str, Any]:
    """Return a lesson in a scenario as plain data: what file and classroom have in common.

    Raises:
        MissingWordError, UnknownOptionError: the language lacks something.
    """
    words, all_words = lesson_words(lesson, language), load_language(language)
    outcomes = [name for name in OUTCOMES if name != NOT_ASSESSED or scenario.days < scenario.judge_day]
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": sim.__version__,
        "model": source_hash(),
        "lang": language,
        "name": lesson.name,
        **{name: words[name] for name in ("title", "question", "summary")},
        "scenario": {"name": scenario.name, "title": scenario.title, "description": scenario.description},
        "days": scenario.days,
        "words": {group: all_words[group] for group in _PAGE_WORDS},
        "player_words": player_words(language),
        "levers": [lever_data(lever, scenario, words) for lever in lesson.levers],
        "presets": [
            {"id": name, **words["presets"][name], "values": list(lesson.preset_values(name, scenario))}
            for name in lesson.presets
        ],
        "outcomes": outcomes,
        "outcome_codes": list(OUTCOMES),
        "conditions": list(CONDITIONS),
        "live": False,
        "recorded": [],
    }


def player_words(language: str) -> Any:
    """Return the player's words; those of the default language where it has not been translated."""
    from experiments.player_bundle import languages, player_text

    return player_text(language if language in languages() else DEFAULT_LANGUAGE)


def file_script() -> str:
    """Return the script of a single file: the lesson, the player, and the call that starts them."""
    from experiments.player_bundle import PLAYER, bundle

    return f"{bundle(PLAYER / 'lesson_file.js', 'stalemateLesson')}\nstalemateLesson.startFile();"


def file_data(
    lesson: Lesson,
    scenario: Scenario,
    cells: Mapping[Values, Sequence[Run]],
    recordings: Sequence[Recording],
    language: str = DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """Return everything that a lesson's single file carries.

    Args:
        lesson: what it teaches.
        scenario: where.
        cells: the runs behind every combination of levels, all with the same seeds.
        recordings: the runs that can be watched.
        language: of every word in it.
    """
    from experiments.recording import ground, without_ground

    first = next(iter(cells.values()))
    seeds = [run.seed for run in first]
    return {
        **lesson_data(lesson, scenario, language),
        "runs": len(seeds),
        "seeds": seeds,
        "cells": [{"values": list(values), "runs": _without_seed(runs)} for values, runs in cells.items()],
        "ground": ground(dict(recordings[0].document)) if recordings else None,
        "recorded": [{"values": list(r.values), "seed": r.seed, "index": k} for k, r in enumerate(recordings)],
        "recordings": [without_ground(dict(r.document)) for r in recordings],
    }


def _without_seed(runs: Sequence[Run]) -> dict[str, list[int]]:
    found = columns(runs)
    del found["seed"]
    return found


def packed(data: Mapping[str, Any]) -> str:
    """Return data as gzipped JSON in base64: what the page unpacks with the browser's own DecompressionStream."""
    text = strict_json("lesson", data)
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode("ascii")


def file_page(data: Mapping[str, Any], script: str) -> str:
    """Return a lesson's single HTML file.

    Args:
        data: of :func:`file_data`.
        script: the lesson's modules as one classic script.

    Raises:
        LessonTooLargeError: it would be over 8 MB.
    """
    words = data["words"]["page"]
    page = render(
        "file.html.jinja",
        data=data,
        words=words,
        made=words["made"].format(
            version=data["version"],
            model=data["model"],
            runs=data["runs"],
            first=data["seeds"][0],
            last=data["seeds"][-1],
        ),
        about=about_html(data["name"]),
        worksheet=worksheet_html(data["name"]),
        style=stylesheet(),
        packed=packed(data),
        script=script,
    )
    if len(page.encode()) > MOST_BYTES:
        raise LessonTooLargeError(f"lesson {data['name']}: {len(page.encode()):,} bytes; it may have {MOST_BYTES:,}")
    return page


def stylesheet() -> str:
    """Return the style of lesson pages, the player's included."""
    from experiments.player_bundle import player_style

    return f"{player_style()}\n{(STATIC / 'lesson.css').read_text(encoding='utf-8')}"


@functools.cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(STATIC),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, **values: Any) -> str:
    """Return a page from one of the templates; what is not marked as HTML is escaped."""
    return _templates().get_template(name).render(**values)


def guide_page(lesson: Lesson) -> str:
    """Return the teacher's guide as one HTML page that prints: in English, whatever the lesson's language."""
    words = load_language(DEFAULT_LANGUAGE)
    title = lesson_words(lesson, DEFAULT_LANGUAGE)["title"]
    return render(
        "guide.html.jinja",
        lang=DEFAULT_LANGUAGE,
        title=f"{words['guide']['title']}: {title}",
        body=guide_html(lesson.name),
        style=stylesheet(),
    )
