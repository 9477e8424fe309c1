"""The words that lessons show, in one file per language: ``conf/lesson/text/LANGUAGE.yaml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from experiments.classroom.lessons import Lesson, lesson_dir
from experiments.messages import ConfigurationError, UnknownOptionError
from experiments.yaml_files import read_yaml

DEFAULT_LANGUAGE = "en"
Words = Mapping[str, Any]


class MissingWordError(ConfigurationError):
    """A language lacks a word that a lesson needs."""

    def __init__(self, language: str, path: str) -> None:
        super().__init__(f"lesson text {language!r}: nothing at {path!r}")


def languages() -> tuple[str, ...]:
    """Return the languages there are, as their codes."""
    return tuple(sorted(path.stem for path in (lesson_dir() / "text").glob("*.yaml")))


@functools.cache
def load_language(language: str = DEFAULT_LANGUAGE) -> Words:
    """Return all words of a language, nested; those of the default language where it has none.

    Raises:
        UnknownOptionError: no such language.
    """
    own = own_words(language)
    return own if language == DEFAULT_LANGUAGE else with_gaps_filled(own, load_language())


def own_words(language: str) -> Words:
    """Return the words that a language's own file has; raises UnknownOptionError."""
    if language not in languages():
        raise UnknownOptionError("lang", language, languages())
    words: Words = read_yaml(lesson_dir() / "text" / f"{language}.yaml")
    return words


def with_gaps_filled(words: Words, reference: Words) -> Words:
    """Return words with those of ``reference`` where they have none."""
    filled = dict(words)
    for key, value in reference.items():
        own = words.get(key)
        if isinstance(value, Mapping):
            filled[key] = with_gaps_filled(own if isinstance(own, Mapping) else {}, value)
        elif not isinstance(own, str):
            filled[key] = value
    return filled


def language_names() -> dict[str, str]:
    """Return what each language calls itself, by its code."""
    return {code: word(load_language(code), "language", code) for code in languages()}


def word(words: Words, path: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return one text by its dotted path.

    Raises:
        MissingWordError: there is none.
    """
    found: Any = words
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if not isinstance(found, str):
        raise MissingWordError(language, path)
    return found


def missing(words: Words, reference: Words, at: str = "") -> list[str]:
    """Return the dotted paths that ``reference`` has and ``words`` lacks: what is left to translate."""
    gaps: list[str] = []
    for key, value in reference.items():
        path, own = f"{at}{key}", words.get(key)
        if isinstance(value, Mapping):
            gaps += missing(own if isinstance(own, Mapping) else {}, value, f"{path}.")
        elif not isinstance(own, str):
            gaps.append(path)
    return gaps


def lesson_words(lesson: Lesson, language: str = DEFAULT_LANGUAGE) -> dict[str, Any]:
    """Return a lesson's words: title, question, summary, and those of each lever and preset.

    Raises:
        MissingWordError, UnknownOptionError: as :func:`word` and :func:`load_language`.
    """
    words, root = load_language(language), f"lessons.{lesson.name}"

    def get(path: str) -> str:
        return word(words, f"{root}.{path}", language)

    return {
        **{name: get(name) for name in ("title", "question", "summary")},
        "levers": {v.id: {n: get(f"levers.{v.id}.{n}") for n in ("name", "unit", "theory")} for v in lesson.levers},
        "levels": {v.id: _level_words(words, root, v.id) for v in lesson.levers},
        "presets": {p: {n: get(f"presets.{p}.{n}") for n in ("name", "ask")} for p in lesson.presets},
    }


def _level_words(words: Words, root: str, lever: str) -> dict[str, str]:
    """Return names for a lever's values, by the value as text, where numbers say too little (0: off)."""
    named = words
    for part in (*root.split("."), "levers", lever, "levels"):
        named = named.get(part, {})
    return {str(value): str(text) for value, text in named.items()}


def closest_language(wanted: str) -> str:
    """Return the language to show for a browser's wish such as ``fr-FR``; the default if there is none near."""
    code = wanted.split("-")[0].lower()
    return code if code in languages() else DEFAULT_LANGUAGE
