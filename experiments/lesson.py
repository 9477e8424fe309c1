"""``stalemate lesson``: a lesson as one file that opens from a memory stick, and what a teacher needs beside it."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.messages import BadSettingError, ConfigurationError, WriteError
from experiments.numbers import count

if TYPE_CHECKING:
    from experiments.classroom.lessons import Lesson
    from experiments.classroom.page import Recording
    from experiments.classroom.spread import Run
    from sim.scenario import Scenario

Values = tuple[float, ...]
_EXAMPLES = """\
examples:
  stalemate lesson                                             which lessons there are
  stalemate lesson why_no_end --out lesson.html                the lesson, and lesson-guide.html for the teacher
  stalemate lesson why_no_end --out lesson.html scenario=atlantis     on a fictional country
  stalemate lesson why_no_end --observe                        measure what its presets show, into its guide
"""


class LessonSettingError(ConfigurationError):
    """A setting that a lesson sets itself."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key}: a lesson sets it itself; it takes scenario=NAME and parameters that are none of its levers"
        )


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate lesson`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("name", nargs="?", help="which lesson; all are listed if left out")
    parser.add_argument("settings", nargs="*", metavar="key=value", help="scenario=mali_2025 (default) or atlantis")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the lesson goes (NAME.html)")
    parser.add_argument("--runs", type=int, default=50, metavar="N", help="runs behind every combination (least: 50)")
    parser.add_argument("--lang", default="en", help="language of the page: en or fr (en)")
    parser.add_argument("--observe", action="store_true", help="measure what the presets show, into the guide")
    parser.add_argument("--check", action="store_true", help="with --observe: only say whether that is out of date")


def execute(args: argparse.Namespace) -> int:
    """List, build or measure; the exit status."""
    from experiments.classroom.lessons import load_lesson

    if args.name is None:
        return _list(args.lang)
    lesson = load_lesson(args.name)
    if args.observe:
        from experiments.classroom.observe import observe

        return observe(lesson, args.check, note)
    scenario = _scenario(lesson, args.settings)
    _check_runs(args.runs)
    out = args.out or Path(f"{lesson.name}.html")
    build(lesson, scenario, range(1, args.runs + 1), out, args.lang)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB; opens in any browser of 2023 or later, without a network")
    print(f"{guide_beside(out)}: for the teacher")
    return 0


def _list(language: str) -> int:
    from experiments.classroom.language import lesson_words
    from experiments.classroom.lessons import iterate_lessons

    for lesson in iterate_lessons():
        words = lesson_words(lesson, language)
        print(f"{lesson.name}: {words['title']}\n    {words['summary']}")
    print("\nstalemate lesson NAME --out lesson.html builds one; stalemate classroom runs them live.")
    return 0


def _scenario(lesson: Lesson, settings: list[str]) -> Scenario:
    from experiments.compose import compose_request

    own = ("seed", "driver", "agents", *(lever.key for lever in lesson.levers))
    for text in settings:
        key = text.partition("=")[0].lstrip("+~")
        if key in own or key.startswith("agents."):
            raise LessonSettingError(key)
    chosen = [] if any(text.startswith("scenario=") for text in settings) else [f"scenario={lesson.scenarios[0]}"]
    scenario = compose_request([*chosen, *settings]).scenario
    if scenario.name not in lesson.scenarios:
        raise BadSettingError("scenario", scenario.name, " or ".join(lesson.scenarios))  # its guide tells of these
    return scenario


def _check_runs(runs: int) -> None:
    from experiments.classroom.spread import LEAST_RUNS

    if not LEAST_RUNS <= runs <= 1000:
        raise BadSettingError("--runs", runs, f"a whole number from {LEAST_RUNS} to 1000")


def build(lesson: Lesson, scenario: Scenario, seeds: range, out: Path, language: str = "en") -> None:
    """Run every combination of a lesson's levels, record the telling ones, and write the file and the guide.

    Raises:
        WriteError: a file cannot be written.
    """
    from experiments.classroom.language import lesson_words
    from experiments.classroom.page import file_data, file_page, file_script, guide_page

    _check_writable(out)
    lesson_words(lesson, language)  # what may fail, fails before the long work
    script, guide = file_script(), guide_page(lesson)
    began = time.perf_counter()
    cells = run_cells(lesson, scenario, seeds)
    recordings = record_presets(lesson, scenario, cells)
    _write(out, file_page(file_data(lesson, scenario, cells, recordings, language), script))
    _write(guide_beside(out), guide)
    note(f"done in {time.perf_counter() - began:.0f} s")


def guide_beside(out: Path) -> Path:
    """Return where the teacher's guide of a lesson's file goes."""
    return out.with_name(f"{out.stem}-guide.html")


def run_cells(lesson: Lesson, scenario: Scenario, seeds: range) -> dict[Values, list[Run]]:
    """Return the runs behind every combination, telling first how long it takes."""
    from experiments.classroom.spread import estimated_seconds, new_stop, spread
    from sim.jit import is_warm
    from sim.warm import warm_up

    if not is_warm():
        note("compiling the rules, about half a minute; this happens once for each version of the model …")
    warm_up()
    combinations = lesson.cells(scenario)
    scenarios = [scenario.with_settings(lesson.settings(values)) for values in combinations]
    threads = os.cpu_count() or 1
    total = len(combinations) * len(seeds)
    seconds = estimated_seconds(scenarios, len(seeds), threads)
    each = f"{count(len(combinations), 'combination')} × {count(len(seeds), 'run')}"
    note(f"{each} = {count(total, 'run')}: about {_duration(seconds)} …")
    with _progress(total) as advance:
        rows = spread(scenarios, seeds, new_stop(), threads, on_run=lambda *_: advance(1))
    return dict(zip(combinations, rows, strict=True))


def _duration(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"


def record_presets(lesson: Lesson, scenario: Scenario, cells: Mapping[Values, Sequence[Run]]) -> list[Recording]:
    """Return a recorded run of each preset, all with one seed, so that any two share their luck."""
    from experiments.classroom.language import lesson_words
    from experiments.classroom.page import Recording
    from experiments.classroom.spread import typical_seed
    from experiments.recording import document, record

    words = lesson_words(lesson)
    chosen = {name: lesson.preset_values(name, scenario) for name in lesson.presets}
    seed = typical_seed([cells[values] for values in chosen.values()])
    found: dict[Values, Recording] = {}
    for name, values in chosen.items():
        if values not in found:
            recorded = record(scenario.with_settings(lesson.settings(values)), seed)
            label = words["presets"][name]["name"]
            found[values] = Recording(values, seed, document(recorded, label=label, level=9))
    return list(found.values())


def note(text: str) -> None:
    """Say something beside the results."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    from tqdm import tqdm

    with tqdm(total=total, unit=" runs", disable=not sys.stderr.isatty(), leave=False, ncols=80) as bar:

        def advance(done: int) -> None:
            bar.update(done)

        yield advance


def _check_writable(out: Path) -> None:
    """Refuse a place that cannot be written before minutes of work, not after."""
    try:
        if out.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(out))
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise WriteError(str(out), error) from error


def _write(path: Path, text: str) -> None:
    """Write under a temporary name, then rename, so that nothing half-written is left."""
    scratch = path.with_name(f".{path.name}.tmp")
    try:
        scratch.write_text(text, encoding="utf-8", newline="\n")
        scratch.replace(path)
    except OSError as error:
        raise WriteError(str(path), error) from error
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
