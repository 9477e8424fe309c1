"""The report of a run: one HTML file with player, story, figures, configuration and data, that needs nothing else.

It opens from ``file://`` with the network cut, asks for nothing from outside, and prints.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sim
from experiments.numbers import count
from experiments.player_bundle import for_script, player_script, player_style, player_text
from experiments.story import CANNOT_TELL, changing
from sim.outcomes import PLAIN_WORDS

REPORT: Final = "report.html"
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_FIRST: Final = ("map", "time_lines", "event_sizes")
_EVIDENCE: Final = {
    "control_trend_points_per_year": "No lasting trend in control: the people of centres under insurgent control",
    "windows_with_low_intensity": "Violence goes on at a low level: 30-day windows within the band of attacks",
    "temporary_captures": "Places are taken, and lost again",
    "capital_served_outside_shocks": "The capital is supplied outside shocks",
    "longest_shock_days": "Each fuel shock passes",
}


@dataclass(frozen=True)
class ReportedRun:
    """One run as its report tells it.

    Attributes:
        run_id: its id.
        summary: as in ``summary.json``.
        story: as in ``story.txt``.
        config: its resolved configuration, as YAML.
        recording: the recorded run, or None if it is too long to be recorded.
        label: what it is called beside another; empty if it stands alone.
    """

    run_id: str
    summary: Mapping[str, Any]
    story: str
    config: str
    recording: Mapping[str, Any] | None
    label: str = ""

    @property
    def verdict(self) -> str:
        """Return the outcome in plain words."""
        return PLAIN_WORDS[self.summary["outcome"]]

    @property
    def evidence(self) -> list[tuple[str, str, bool]]:
        """Return the signs of a stalemate, what they are here, and whether met; nothing after a breakthrough."""
        found = self.summary["outcome_evidence"]
        rows = [(words, _value(key, found[key]), found[key]["met"]) for key, words in _EVIDENCE.items() if key in found]
        return [(words, value, bool(met)) for words, value, met in rows]


@dataclass(frozen=True)
class Report:
    """What a report is made of.

    Attributes:
        title: its heading.
        runs: one run, or two side by side.
        figures: name and SVG of each figure.
        made: how it was made: versions, machine, seed and the like, as (name, value).
        parting: where two runs part, in words; empty for one.
    """

    title: str
    runs: Sequence[ReportedRun]
    made: Sequence[tuple[str, str]]
    figures: Mapping[str, str] = field(default_factory=dict)
    parting: str = ""


@functools.cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def make_ready() -> None:
    """Load what every report needs, so that :func:`render` is quick once the figures are there."""
    _template(), player_style(), player_script(), player_text()


def render(report: Report) -> str:
    """Return the report as HTML."""
    from markupsafe import Markup

    recordings = [run.recording for run in report.runs if run.recording is not None]
    whole = len(recordings) == len(report.runs)
    data = {"summaries": [run.summary for run in report.runs], "recordings": recordings if whole else []}
    page: str = _template().render(
        title=report.title,
        answer=_answer(report),
        runs=[_shown(run) for run in report.runs],
        recordings=whole,
        no_recording="The run is too long for a day-by-day recording; the tables beside this file hold every day.",
        compared=_compared(report.runs) if len(report.runs) > 1 else [],
        figures=[
            {"label": name.replace("_", " ").capitalize(), "svg": Markup(_inline(svg, f"f{k}-"))}
            for k, (name, svg) in enumerate(report.figures.items())
        ],
        cannot_tell=CANNOT_TELL,
        made=report.made,
        data_words=_data_words(report, whole),
        summary_text=json.dumps([run.summary for run in report.runs], indent=1, ensure_ascii=False),
        version=sim.__version__,
        credit=" ".join(str(recordings[0]["map"]["credit"]).split()) if recordings else "",
        data=Markup(for_script(data)),
        file_name=Markup(for_script(f"{report.runs[-1].run_id}.json")),
        style=Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8")),
        player_style=Markup(player_style()),
        player_script=Markup(player_script()) if whole else "",
        player_text=Markup(for_script(player_text())) if whole else "",
    )
    return page


def _shown(run: ReportedRun) -> dict[str, Any]:
    """Return what the template reads of a run."""
    return {
        "run_id": run.run_id,
        "label": run.label,
        "story": _paragraphs(run.story),
        "verdict": run.verdict,
        "evidence": run.evidence,
        "config": run.config,
    }


def _paragraphs(story: str) -> list[str]:
    """Return the story's lines, those joined again that were wrapped for a terminal."""
    return re.sub(r"\n  +", " ", story.strip()).split("\n")


def _answer(report: Report) -> str:
    """Return the outcome in one or two sentences."""
    if len(report.runs) == 1:
        run = report.runs[0]
        days = count(run.summary["days"], "day")
        return f"In this one run: {run.verdict}. {days}, seed {run.summary['seed']}; one run of many."
    said = "; ".join(f"{run.label}: {run.verdict}" for run in report.runs)
    return f"{said[0].upper()}{said[1:]}. {report.parting}".strip()


def _data_words(report: Report, recorded: bool) -> str:
    what = "the summary and the recorded run" if recorded else "the summary"
    more = "" if len(report.runs) == 1 else " of both runs"
    return (
        f"This page holds {what}{more}, as JSON. Beside it lie daily.parquet (a row a day), events.parquet (a row an "
        "event) and the figures' tables; manifest.json holds a hash of every file."
    )


def _value(key: str, part: Mapping[str, Any]) -> str:
    if key == "control_trend_points_per_year":
        return f"{changing(part['low'], part['high'])} (90 % interval)"
    if key in ("windows_with_low_intensity", "capital_served_outside_shocks"):
        return f"{part['value']:.0%}" + (" of windows" if key == "windows_with_low_intensity" else " of need")
    if key == "temporary_captures":
        return count(part["value"], "time")
    return f"longest: {count(part['value'], 'day')}" if part["value"] else "there was none"


def _compared(runs: Sequence[ReportedRun]) -> list[tuple[str, list[str]]]:
    """Return the main numbers of each run, civilians first."""
    rows: list[tuple[str, Any]] = [
        ("Civilians killed", lambda s: f"{s['deaths']['civilians']:,}"),
        ("Insurgents killed", lambda s: f"{s['deaths']['insurgents']:,}"),
        ("Soldiers killed", lambda s: f"{s['deaths']['state']:,}"),
        ("Contractors killed", lambda s: f"{s['deaths']['contractors']:,}"),
        ("Outcome", lambda s: PLAIN_WORDS[s["outcome"]]),
        ("Fuel reaching the capital, share of need", lambda s: f"{s['capital']['mean_service']:.0%}"),
        ("Days on which the capital was cut off", lambda s: f"{s['capital']['days_denied']:,}"),
        ("Places held by insurgents for more than a day", lambda s: f"{s['captures']:,}"),
        ("Most of the centres' people under insurgent control", lambda s: f"{s['max_held_population_share']:.1%}"),
        ("Convoys attacked, of those sent", lambda s: f"{s['convoys']['attacked']:,} of {s['convoys']['sent']:,}"),
        ("Trips refused by carriers", lambda s: f"{s['tankers']['refused']:,}"),
        ("Contractors at first", lambda s: f"{s['contractors']['start']:,}"),
        ("Contractors at the end", lambda s: f"{s['contractors']['end']:,}"),
    ]  # fmt: skip
    return [(name, [show(run.summary) for run in runs]) for name, show in rows]


def _inline(svg: str, prefix: str) -> str:
    """Return an SVG that may stand in a page beside others: no prologue, and ids of its own."""
    body = svg[svg.index("<svg") :]
    for mark in (' id="', "url(#", 'href="#'):  # as matplotlib writes them; on a megabyte, plain replacing is quick
        body = body.replace(mark, mark + prefix)
    return re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)


def read_figures(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the SVG figures among a run's files, by name without suffix."""
    found = {Path(name).stem: folder / name for name in names if name.endswith(".svg")}
    order = sorted(found, key=lambda stem: (_FIRST.index(stem) if stem in _FIRST else len(_FIRST), stem))
    return {stem: found[stem].read_text(encoding="utf-8") for stem in order}


def facts_of(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how a run was made, for people, from what its manifest holds."""
    packages = ", ".join(f"{name} {number}" for name, number in manifest["packages"].items())
    rows = [
        ("Run", manifest["run_id"]),
        ("Scenario", manifest["scenario"]),
        ("Seed", str(manifest["seed"])),
        ("Days", str(manifest["days"])),
        ("Driver", manifest["driver"]),
        ("World hash, last day", manifest["world_hash"]),
        ("stalemate", f"{manifest['version']}, sources {manifest['source_hash']}"),
        ("Python", manifest["python"]),
        ("Packages", packages),
        ("System", f"{manifest['system']}; {manifest['libm']}; {manifest['cpu']}"),
        ("Finished", manifest["finished"]),
    ]
    agents = manifest.get("agents") or {}
    if agents:
        rows.insert(5, ("Agent classes put in", ", ".join(f"{kind}: {name}" for kind, name in agents.items())))
    return rows
