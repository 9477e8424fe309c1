"""What a lesson's presets show, measured: the block of numbers in each teacher's guide, so that no guide guesses."""

from __future__ import annotations

import math
import os
import re
import statistics
from collections.abc import Callable, Sequence

from experiments.classroom.guide import guide_path, observed, with_observed
from experiments.classroom.language import lesson_words, load_language
from experiments.classroom.lessons import Lesson
from experiments.classroom.spread import LEAST_RUNS, Run, new_stop, spread
from experiments.whole_files import write_whole_text
from sim.jit import source_hash
from sim.outcomes import NOT_ASSESSED, OUTCOMES
from sim.scenario import Scenario

_SHOWN = tuple(k for k, name in enumerate(OUTCOMES) if name != NOT_ASSESSED)


_MODEL = re.compile(r"\bmodel [0-9a-f]{12}\b")


def observe(lesson: Lesson, check: bool, note: Callable[[str], None]) -> int:
    """Measure a lesson's presets and write them into its guide if a number or word differs; the exit status.

    The hash of the model on which it was measured does not count: most edits of the model move no number.

    Args:
        lesson: whose guide.
        check: write nothing, and return 1 if the guide is out of date.
        note: told what is going on.

    Raises:
        WriteError: the guide cannot be written; it is as it was.
    """
    path = guide_path(lesson.name)
    text = path.read_text(encoding="utf-8")
    block = observed_block(lesson)
    if _numbers(observed(text)) == _numbers(block):
        other = "" if observed(text) == block else "; measured on another model, which gave the same numbers"
        note(f"{path.name}: up to date{other}")
        return 0
    if check:
        note(f"{path.name}: out of date; `stalemate lesson {lesson.name} --observe` writes it")
        return 1
    write_whole_text(path, with_observed(text, block))
    note(f"{path.name}: written")
    return 0


def _numbers(block: str) -> str:
    """Return a measured block without the model's hash."""
    return _MODEL.sub("model", block)


def observed_block(lesson: Lesson) -> str:
    """Return the measured block of a lesson's guide (Markdown): a table for each of its scenarios."""
    from experiments.compose import load_scenario
    from sim.warm import warm_up

    warm_up()
    intro = (
        f"Measured, not promised: {LEAST_RUNS} runs (seeds 1 to {LEAST_RUNS}) of each ready-made setting, by "
        f"`stalemate lesson {lesson.name} --observe`, model {source_hash()}. The last column tells what differs from "
        "the first row in more runs than luck explains (the runs are paired by seed)."
    )
    tables = [_table(lesson, load_scenario(name)) for name in lesson.scenarios]
    return "\n\n".join([intro, *tables])


def _table(lesson: Lesson, scenario: Scenario) -> str:
    words = lesson_words(lesson)
    settings = [lesson.settings(lesson.preset_values(name, scenario)) for name in lesson.presets]
    seeds = range(1, LEAST_RUNS + 1)
    rows = spread([scenario.with_settings(s) for s in settings], seeds, new_stop(), os.cpu_count() or 1)
    outcome_names = load_language()["outcomes"]
    head = ["setting", *(outcome_names[OUTCOMES[k]]["name"].lower() for k in _SHOWN)]
    head += ["civilians killed, median", "capital's days without fuel, median", "against the first row"]
    lines = [f"**{scenario.title}** ({scenario.days} days)", "", _row(head), _row(["---"] * len(head))]
    for name, runs in zip(lesson.presets, rows, strict=True):
        lines.append(
            _row([f"{words['presets'][name]['name']}{_levers(lesson, name, scenario)}", *_cells(runs, rows[0])])
        )
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _levers(lesson: Lesson, preset: str, scenario: Scenario) -> str:
    """Return which levers a preset moves and to what, in brackets; nothing for the first."""
    words = lesson_words(lesson)
    values = dict(zip((lever.id for lever in lesson.levers), lesson.preset_values(preset, scenario), strict=True))
    moved = [f"{words['levers'][name]['name'].lower()} {values[name]:g}" for name in lesson.presets[preset]]
    return f" ({', '.join(moved)})" if moved else ""


def _cells(runs: Sequence[Run], first: Sequence[Run]) -> list[str]:
    counted = [sum(run.outcome == k for run in runs) for k in _SHOWN]
    return [
        *(str(n) for n in counted),
        f"{statistics.median(run.civilians for run in runs):,.0f}",
        f"{statistics.median(run.dry for run in runs):,.0f}",
        "" if runs is first else "; ".join(differences(runs, first)) or "no outcome differs beyond luck",
    ]


def differences(runs: Sequence[Run], first: Sequence[Run]) -> list[str]:
    """Return what differs beyond luck between two sets of runs that are paired by seed.

    Only pairs that end differently count: gains and losses of a class are compared as in McNemar's test, at 5 %.
    """
    names = load_language()["outcomes"]
    found = []
    for k in _SHOWN:
        gained = sum(a.outcome == k and b.outcome != k for a, b in zip(runs, first, strict=True))
        lost = sum(a.outcome != k and b.outcome == k for a, b in zip(runs, first, strict=True))
        net = gained - lost
        if abs(net) > 1.96 * math.sqrt(gained + lost):
            found.append(f"“{names[OUTCOMES[k]]['name'].lower()}” {'+' if net > 0 else '−'}{abs(net)}")
    return found
