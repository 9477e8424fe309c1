"""``stalemate thesis``: run the experiment of one of the five theses, judge it, draw it, say it in a paragraph."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.messages import BadSettingError, UnknownOptionError
from experiments.numbers import count, seeds_told
from experiments.thesis.claims import CLAIMS

if TYPE_CHECKING:
    from experiments.sweep import Sweep
    from experiments.thesis.contrasts import Finding

OUTPUTS = "outputs"
NAMES = tuple(CLAIMS)
SIZES = ("default", "full")
CANNOT_TELL = (
    "A verdict is about this model: whether its mechanisms, at these orders of magnitude, do what the thesis says. It "
    "is no statement about Mali, and nothing here is advice."
)
_EXAMPLES = """\
examples:
  stalemate thesis t2_support
  stalemate thesis t5_stalemate_region size=full
  stalemate thesis t4_paradox population.insurgent_support=0.3 sweep.seeds=100
  stalemate thesis all                                     all five, one after the other

Each is also a sweep of its own: stalemate sweep experiment=t2_support. What has been run is used again.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate thesis`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("name", metavar="NAME", nargs="?", help=f"{', '.join(NAMES)}, or all; left out: list them")
    parser.add_argument("settings", nargs="*", metavar="key=value", help="size=default|full, and keys of a sweep")
    parser.add_argument("--outputs", type=Path, default=Path(OUTPUTS), metavar="DIR", help="where sweeps go (outputs)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each thesis")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own experiments, scenarios …")


def execute(args: argparse.Namespace) -> int:
    """Run, judge, draw, tell, or list what there is; 1 if any run failed."""
    if args.name is None:
        print(json.dumps(dict(CLAIMS), ensure_ascii=False) if args.json else listed())
        return 0
    if args.name != "all" and args.name not in NAMES:
        raise UnknownOptionError("thesis", args.name, (*NAMES, "all"))
    failed = 0
    for name in NAMES if args.name == "all" else (args.name,):
        sweep = run_thesis(name, args.settings, args.outputs, args.config_dir)
        finding = judge(name, sweep)
        folder = write_finding(name, sweep, finding)
        failed += sweep.manifest["failed"]
        print(json.dumps(as_json(name, sweep, finding), ensure_ascii=False) if args.json else in_words(sweep, finding))
        if not args.json:
            print(f"All of it: {folder}\n")
    return 1 if failed else 0


def listed() -> str:
    """Return the theses with what each claims, and how to test one."""
    lines = [f"{name}\n    {claim}" for name, claim in CLAIMS.items()]
    lines.append(
        "\nstalemate thesis NAME tests one, some seconds to a minute; size=full is larger; all tests all five."
    )
    return "\n".join(lines)


def run_thesis(name: str, settings: Sequence[str], outputs: Path, config_dir: Path | None = None) -> Sweep:
    """Run the sweep of a thesis, or find it done.

    Raises:
        StalemateError: as :func:`experiments.sweep.run_sweep`.
    """
    from experiments.sweep import compose_sweep, read_sweep, run_sweep

    size, rest = "default", []
    for text in settings:
        key, _, value = text.partition("=")
        if key == "size":
            size = value
        else:
            rest.append(text)
    if size not in SIZES:
        raise BadSettingError("size", size, " or ".join(SIZES))
    experiment = name if size == "default" else f"{name}_full"
    request, executor = compose_sweep([f"experiment={experiment}", *rest], config_dir)
    folder = run_sweep(request, executor=executor, outputs=outputs, note=_note)
    return read_sweep(folder)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def judge(name: str, sweep: Sweep) -> Finding:
    """Judge a thesis from its sweep."""
    from experiments.thesis.region import judge_region
    from experiments.thesis.theses import THESES

    return judge_region(sweep.runs) if name == NAMES[-1] else THESES[name](sweep.runs)


def write_finding(name: str, sweep: Sweep, finding: Finding) -> Path:
    """Write the figure, the paired differences and the paragraph into the sweep's folder; return where."""
    import pandas as pd

    folder = sweep.folder / "finding"
    folder.mkdir(exist_ok=True)
    draw = importlib.import_module("experiments.figures.theses")
    draw.write_thesis(name, finding, sweep.runs, f"{sweep.seeds[0]}-{sweep.seeds[-1]}", folder)
    table = pd.DataFrame([asdict(c) for c in finding.contrasts])
    _whole(folder / "paired_differences.csv", table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
    _whole(folder / "finding.md", in_words(sweep, finding) + "\n")
    _whole(folder / "finding.json", json.dumps(as_json(name, sweep, finding), ensure_ascii=False, indent=2) + "\n")
    return folder


def _whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def as_json(name: str, sweep: Sweep, finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    from experiments.thesis.contrasts import overall

    return {
        "thesis": name,
        "text": finding.text,
        "verdict": overall(finding.parts),
        "headline": finding.headline,
        "parts": [asdict(part) for part in finding.parts],
        "contrasts": [asdict(c) for c in finding.contrasts],
        "reasons": dict(finding.reasons),
        "runs": int(sweep.manifest["runs"]),
        "failed": int(sweep.manifest["failed"]),
        "seeds": [sweep.seeds[0], sweep.seeds[-1]],
    }


def in_words(sweep: Sweep, finding: Finding) -> str:
    """Return the paragraph: the thesis, the verdict of each part, its evidence and the rule that decided."""
    from experiments.thesis.contrasts import overall

    lines = [f"**{finding.name} {overall(finding.parts)}.** {finding.text}", "", f"{finding.headline}.", ""]
    for part in finding.parts:
        lines.append(f"- {part.claim} **This {part.verdict}**: {part.evidence}. (Rule: {part.rule}.)")
    told = ", ".join(f"{reason.replace('_', ' ')} {n:,}" for reason, n in finding.reasons.items()) or "none"
    seeds = seeds_told(sweep.seeds[0], sweep.seeds[-1])
    lines += ["", f"{count(sweep.manifest['runs'], 'run')}, {seeds} at every point; breakthroughs by reason: {told}."]
    lines[-1] += f" Intervals 90 %, paired by seed. {CANNOT_TELL}"
    return "\n".join(lines)
