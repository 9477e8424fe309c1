"""What a class has tried, as one file: the lesson's page with those settings, their runs, and one recorded run each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments.classroom.asks import DEFAULT_RUNS, ExportAsk, RunAsk, SpreadAsk
from experiments.classroom.language import load_language
from experiments.classroom.lessons import Lesson
from experiments.classroom.page import Recording, file_data, file_page, file_script, parameter_data
from experiments.classroom.spread import Run, Stop
from experiments.recording import ground_of
from experiments.recording_parcel import opened, unpacked
from sim.parameters import explain, flatten
from sim.scenario import Scenario

if TYPE_CHECKING:
    from experiments.classroom.jobs import Workshop

Values = tuple[float, ...]


def export_page(workshop: Workshop, lesson: Lesson, ask: ExportAsk, stop: Stop) -> str:
    """Return the page (in this thread): the lesson's first preset and each setting asked for.

    Raises:
        RunStoppedError: ``stop`` was set meanwhile.
    """
    scenario = workshop.scenarios.get(ask.scenario)
    keys, rows = _settings(lesson, scenario, ask.settings)
    cells: dict[Values, list[Run]] = {}
    recordings, shared = [], ground_of(scenario)
    for values in rows:
        settings = dict(zip(keys, values, strict=True))
        cells[values] = workshop.spread(SpreadAsk(ask.scenario, settings, DEFAULT_RUNS, None), stop)
        packed = workshop.record(RunAsk(ask.scenario, settings, ask.seed, None), stop)
        (document,) = opened(unpacked(packed))
        recordings.append(Recording(values, ask.seed, {**document, **shared}))
    data = file_data(lesson, scenario, cells, recordings, ask.language)
    return file_page(_with_levers(data, lesson, scenario, keys, rows), file_script())


def _settings(
    lesson: Lesson, scenario: Scenario, asked: Sequence[Mapping[str, float]]
) -> tuple[list[str], list[Values]]:
    """Return the parameters concerned, levers first, and the settings, each once, the first preset before others."""
    levers = [lever.key for lever in lesson.levers]
    keys = levers + sorted({key for row in asked for key in row} - set(levers))
    first = lesson.preset_values(next(iter(lesson.presets)), scenario)
    base = {**flatten(scenario.parameters), **dict(zip(levers, first, strict=True))}
    rows = [tuple({**base, **row}[key] for key in keys) for row in ({}, *asked)]
    return keys, list(dict.fromkeys(rows))


def _with_levers(
    data: dict[str, Any], lesson: Lesson, scenario: Scenario, keys: Sequence[str], rows: Sequence[Values]
) -> dict[str, Any]:
    """Return a page's data with the levers' levels, and the ready-made settings, that these rows have."""
    levers = [*data["levers"], *(_extra_lever(key, scenario) for key in keys[len(lesson.levers) :])]
    for k, lever in enumerate(levers):
        lever["levels"] = sorted({row[k] for row in rows})
    known = {tuple(preset["values"]): preset for preset in data["presets"]}
    words = load_language(data["lang"])["live"]
    presets = []
    for n, row in enumerate(rows):
        short = row[: len(lesson.levers)]
        plain = all(row[k] == levers[k]["start"] for k in range(len(lesson.levers), len(keys)))
        preset = known.get(short) if plain else None
        name = {"id": f"tried_{n}", "name": words["tried"].format(n=n), "ask": ""}
        presets.append({**(preset or name), "values": list(row)})
    return {**data, "levers": levers, "presets": presets}


def _extra_lever(key: str, scenario: Scenario) -> dict[str, Any]:
    info = explain(key)
    return {
        "id": key.replace(".", "_"),
        "key": key,
        "name": key,
        "unit": info.unit,
        "theory": info.meaning,
        **parameter_data(info),
        "start": flatten(scenario.parameters)[key],
        "labels": {},
    }
