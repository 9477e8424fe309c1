"""Writing the report of a run, or of a branch beside its trunk, into the run's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.branch import Beside, date_of, in_words, parting_words
from experiments.identity import resolved
from experiments.recording import Recorded, document
from experiments.report import REPORT, Report, ReportedRun, facts_of, make_ready, read_figures, render
from experiments.run_folder import STORY
from experiments.story import tell
from experiments.yaml_files import as_yaml
from sim.parameters import infos
from sim.scenario import Scenario

_AS_IT_WAS = "as it was"


def tell_runs(folder: Path, recorded: Recorded, run_id: str, beside: Beside | None = None) -> list[ReportedRun]:
    """Return the runs of a report, one or two, as it tells them: all that takes time and needs no figures.

    Args:
        folder: the run's folder, with its story and configuration.
        recorded: the run.
        run_id: its id.
        beside: the run that it is a branch of, if it is one.
    """
    scenario = recorded.result.scenario
    label = "" if beside is None else f"from {date_of(scenario, beside.day)}: {in_words(beside.changes)}"
    own = ReportedRun(
        run_id=run_id,
        summary=recorded.result.summary,
        story=(folder / STORY).read_text(encoding="utf-8"),
        config=(folder / "config.yaml").read_text(encoding="utf-8"),
        recording=_recording(recorded, run_id, label, beside),
        label=label,
    )
    make_ready()
    return [own] if beside is None else [_trunk(beside), own]


def write_report(
    folder: Path,
    told: Sequence[ReportedRun],
    facts: Mapping[str, Any],
    scenario: Scenario,
    beside: Beside | None = None,
) -> None:
    """Write ``report.html`` beside what a run's folder holds already, figures too.

    Args:
        folder: the run's folder.
        told: what :func:`tell_runs` returned.
        facts: what the run's manifest will say.
        scenario: what was run.
        beside: the run that it is a branch of, if it is one.
    """
    title = f"{scenario.title or scenario.name}, seed {facts['seed']}"
    report = Report(
        title=title if beside is None else f"{title}: same luck, one change",
        runs=told,
        made=_made(facts, beside),
        figures=read_figures(folder, facts["figures"]),
        parting="" if beside is None else parting_words(scenario, facts["parts_on"]),
    )
    (folder / REPORT).write_text(render(report), encoding="utf-8")


def _recording(recorded: Recorded, run_id: str, label: str, beside: Beside | None = None) -> Mapping[str, Any] | None:
    if recorded.camera is None:
        return None
    changes = () if beside is None else beside.changes
    return document(recorded, run_id=run_id, label=label, changes=changes, level=None)


def _trunk(beside: Beside) -> ReportedRun:
    """Return the run that a branch grew from, told anew from its own result."""
    result = beside.recorded.result
    return ReportedRun(
        run_id=beside.run_id,
        summary=result.summary,
        story=tell(result),
        config=as_yaml({**resolved(result.scenario), "seed": result.seed}),
        recording=_recording(beside.recorded, beside.run_id, _AS_IT_WAS),
        label=_AS_IT_WAS,
    )


def _made(facts: Mapping[str, Any], beside: Beside | None) -> list[tuple[str, str]]:
    rows = facts_of(facts)
    if beside is None:
        return rows
    known = infos()
    changed = [
        ("Changed", f"{c.key} ({known[c.key].meaning}), unit {known[c.key].unit}")
        for c in beside.changes
        if c.key in known
    ]
    return [rows[0], ("Branch of", beside.run_id), *changed, *rows[1:]]
