"""Writing the report of a run, or of a branch beside its trunk, into the run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.branch import Beside, date_of, in_words, parting_words
from experiments.identity import resolved
from experiments.recording import Recorded, document
from experiments.report import REPORT, Report, ReportedRun, facts_of, read_figures, render
from experiments.run_folder import STORY
from experiments.story import tell
from experiments.yaml_files import as_yaml
from sim.parameters import infos

_AS_IT_WAS = "as it was"


def write_report(folder: Path, recorded: Recorded, facts: Mapping[str, Any], beside: Beside | None = None) -> None:
    """Write ``report.html`` beside what a run's folder holds already.

    Args:
        folder: the run's folder, with its story, configuration and figures.
        recorded: the run.
        facts: what its manifest will say.
        beside: the run that it is a branch of, if it is one.
    """
    scenario = recorded.result.scenario
    label = "" if beside is None else f"from {date_of(scenario, beside.day)}: {in_words(beside.changes)}"
    own = ReportedRun(
        run_id=facts["run_id"],
        summary=recorded.result.summary,
        story=(folder / STORY).read_text(encoding="utf-8"),
        config=(folder / "config.yaml").read_text(encoding="utf-8"),
        recording=_recording(recorded, facts["run_id"], label, beside),
        label=label,
    )
    title = f"{scenario.title or scenario.name}, seed {recorded.result.seed}"
    report = Report(
        title=title if beside is None else f"{title}: same luck, one change",
        runs=[own] if beside is None else [_trunk(beside), own],
        made=_made(facts, beside),
        figures=read_figures(folder, facts["figures"]),
        parting="" if beside is None else parting_words(scenario, facts["parts_on"]),
    )
    (folder / REPORT).write_text(render(report), encoding="utf-8")


def _recording(recorded: Recorded, run_id: str, label: str, beside: Beside | None = None) -> Mapping[str, Any] | None:
    if recorded.camera is None:
        return None
    return document(recorded, run_id=run_id, label=label, changes=() if beside is None else beside.changes)


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
