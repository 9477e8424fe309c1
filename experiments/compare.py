"""``stalemate compare``: scenarios with the same luck, or finished sweeps on one scale."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.messages import ConfigurationError
from experiments.numbers import count, told
from experiments.science.paired import told_interval
from experiments.science.settings import SEEDS, Own, add_workers, note, seeds_of, split

if TYPE_CHECKING:
    import pandas as pd

    from experiments.comparison.phases import Phase
    from experiments.comparison.scenarios import Comparison
    from experiments.sweep import Sweep

OUTPUTS = "outputs"
CANNOT_TELL = (
    "The model cannot tell what happened or will happen: shares of simulated runs, stylised places, orders of "
    "magnitude. A difference is what the change does in this model."
)
_EXAMPLES = """\
examples:
  stalemate compare scenario=mali_2025,contractors_leave,full_blockade seeds=200
  stalemate compare scenario=mali_2025,broad_support days=1080 contractors.personnel=1500
  stalemate compare outputs/SWEEP outputs/OTHER_SWEEP            two finished sweeps, on one scale
  stalemate compare outputs/SWEEP outputs/OTHER x=population.insurgent_support y=insurgents.interdiction_effort

keys: scenario (several, by commas; the first is what the others are compared with), seeds, first_seed, and every key of
a run, which then holds for all of them; for sweeps x and y
"""


class NothingToCompareError(ConfigurationError):
    """Fewer than two things."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate compare`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("settings", nargs="*", metavar="key=value or DIR", help="scenarios, or folders of sweeps")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to put it (a folder of its own in outputs)")
    parser.add_argument(
        "--outputs", type=Path, default=Path(OUTPUTS), metavar="DIR", help="where folders of their own go"
    )
    add_workers(parser)
    parser.add_argument("--json", action="store_true", help="print the tables as one line of JSON")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios, forces, maps")


def execute(args: argparse.Namespace) -> int:
    """Compare, write and print; 1 if a run failed."""
    places = [text for text in args.settings if "=" not in text]
    settings = [text for text in args.settings if "=" in text]
    if places:
        return compare_sweeps(places, settings, args)
    return compare_by_seed(settings, args)


# --- scenarios ---


def compare_by_seed(settings: Sequence[str], args: argparse.Namespace) -> int:
    """Compare scenarios with common random numbers."""
    from experiments.comparison.scenarios import compare_scenarios, outcome_table, paired_table

    found, rest = split(settings, {**SEEDS, "seeds": Own(100, 2, 100_000)})
    scenarios = load_all(rest, args.config_dir)
    seeds = seeds_of(found)
    comparison = compare_scenarios(scenarios, seeds, args.workers)
    settings_text = json.dumps([[s.name for s in scenarios], list(rest), found], sort_keys=True)
    folder = args.folder or args.outputs / f"compare-{_digest(settings_text)}"
    outcomes, pairs = outcome_table(comparison), paired_table(comparison)
    facts = {"scenarios": [s.name for s in scenarios], "seeds": [seeds[0], seeds[-1]], "settings": list(rest)}
    write_comparison(folder, comparison, facts)
    if args.json:
        print(json.dumps({**facts, "outcomes": _records(outcomes), "paired": _records(pairs)}, ensure_ascii=False))
    else:
        print((folder / "comparison.md").read_text(encoding="utf-8"), end="")
        print(f"All of it: {folder}")
    for failure in comparison.failures:
        note(f"seed {failure.seed}: {failure.error}")
    return 1 if comparison.failures else 0


def load_all(settings: Sequence[str], config_dir: Path | None) -> list[Any]:
    """Return the scenarios that ``scenario=a,b,c`` names, each with the other settings.

    Raises:
        NothingToCompareError: fewer than two.
        StalemateError: a name, key or value that cannot be used.
    """
    from experiments.compose import load_scenario

    names: list[str] = []
    rest: list[str] = []
    for text in settings:
        key, _, value = text.partition("=")
        if key == "scenario":
            names += [name for name in value.strip("[]").split(",") if name]
        else:
            rest.append(text)
    if len(names) < 2:
        raise NothingToCompareError("scenario: needs at least two, as in scenario=mali_2025,contractors_leave")
    twice = [name for k, name in enumerate(names) if name in names[:k]]
    if twice:
        raise NothingToCompareError(f"scenario: {twice[0]!r} stands there twice")
    return [load_scenario(name, rest, config_dir) for name in names]


def write_comparison(folder: Path, comparison: Comparison, facts: dict[str, Any]) -> None:
    """Write figures, tables (CSV, Markdown, Parquet) and the manifest of a comparison, in one step."""
    from experiments.run_folder import new_folder, write_manifest

    draw = importlib.import_module("experiments.figures.comparisons")
    with new_folder(folder) as scratch:
        draw.write_scenarios(comparison, headline_of(comparison), scratch)
        comparison.runs.to_parquet(scratch / "runs.parquet", index=False, compression="zstd")
        (scratch / "comparison.md").write_text(in_words(comparison), encoding="utf-8")
        write_manifest(scratch, {"kind": "comparison", **facts})


def headline_of(comparison: Comparison) -> str:
    """Return the finding of a comparison in one line: the largest shift in breakthroughs, with its interval."""
    from experiments.comparison.scenarios import paired_table
    from sim.outcomes import NOT_ASSESSED

    if all((comparison.of(s.name)["outcome"] == NOT_ASSESSED).all() for s in comparison.scenarios):
        return "The runs are too short for their outcomes to be judged"
    pairs = paired_table(comparison)
    found = pairs[pairs["measure"] == "breakthrough"]
    best = found.iloc[int(found["difference"].abs().to_numpy().argmax())]
    title = next(s.title for s in comparison.scenarios if s.name == best["scenario"])
    low, high = 100 * best["low"], 100 * best["high"]
    if low <= 0 <= high:
        return f"No scenario shifts breakthroughs clearly (largest: {title}, {100 * best['difference']:+.0f} points)"
    return f"{title}: {100 * best['difference']:+.0f} points of breakthrough ({low:+.0f} to {high:+.0f})"


def in_words(comparison: Comparison) -> str:
    """Return the comparison as Markdown: outcome shares, then paired differences, civilians first."""
    from experiments.comparison.scenarios import outcome_table, paired_table

    first = comparison.scenarios[0]
    lines = [f"# {headline_of(comparison)}", ""]
    n = len(comparison.of(first.name))
    lines += [f"{count(n, 'seed')} in each scenario, the same in all; intervals 90 %.", ""]
    lines += ["| scenario | class | runs | share | interval |", "|---|---|---:|---:|---|"]
    for r in _records(outcome_table(comparison)):
        if r["runs"]:
            cells = (r["scenario"], r["outcome"].replace("_", " "), r["runs"], f"{r['share']:.1%}")
            lines.append(_row(*cells, f"{r['low']:.1%} to {r['high']:.1%}"))
    lines += ["", f"Paired differences from `{first.name}`; the last column is how many times more runs unpaired seeds"]
    lines += ["would need for an interval of the same width.", ""]
    lines += ["| scenario | measure | base | mean | difference | interval | variance reduction |"]
    lines += ["|---|---|---:|---:|---:|---|---:|"]
    for r in _records(paired_table(comparison)):
        factor = r["variance_reduction"]
        numbers = (told(r["base"]), told(r["mean"]), told(r["difference"], sign=True))
        interval = told_interval(r["low"], r["high"], n, partial(told, sign=True))
        lines.append(_row(r["scenario"], r["label"], *numbers, interval, "–" if factor is None else f"{factor:.1f}"))
    return "\n".join([*lines, "", CANNOT_TELL, ""])


def _row(*cells: Any) -> str:
    return f"| {' | '.join(map(str, cells))} |"


# --- sweeps ---


def compare_sweeps(places: Sequence[str], settings: Sequence[str], args: argparse.Namespace) -> int:
    """Compare finished sweeps: phase diagrams on one scale, their difference, the shift of the 50 % boundary."""
    from experiments.comparison.phases import boundary_shift
    from experiments.run_folder import new_folder, write_manifest
    from experiments.sweep import read_sweep

    _check_no_scenarios(places, args.config_dir)
    if len(places) < 2:
        raise NothingToCompareError(f"{places[0]}: one folder alone; name a second sweep to compare it with")
    sweeps = [read_sweep(place) for place in places]
    x, y = axes_of(settings, sweeps[0])
    phases = [_phase(sweep, x, y) for sweep in sweeps]
    folder = args.folder or args.outputs / f"compare-{_digest(json.dumps([list(places), x, y]))}"
    draw = importlib.import_module("experiments.figures.comparisons")
    names = [Path(place).name for place in places]
    with new_folder(folder) as scratch:
        for k in range(1, len(phases)):
            title = shift_in_words(boundary_shift(phases[0], phases[k]), x)
            draw.write_sweeps((phases[0], phases[k]), (names[0], names[k]), title, _seeds(sweeps), scratch)
            print(f"{names[0]} and {names[k]}: {title}")
        write_manifest(scratch, {"kind": "comparison of sweeps", "sweeps": list(places), "x": x, "y": y})
    print(f"All of it: {folder}")
    print(CANNOT_TELL)
    return 0


def _check_no_scenarios(places: Sequence[str], config_dir: Path | None) -> None:
    """Refuse names of scenarios where folders of sweeps are meant."""
    from experiments.compose import config_folders
    from experiments.overrides import options

    names = ",".join(places)
    if set(names.split(",")) <= set(options("scenario", config_folders(config_dir))):
        raise NothingToCompareError(f"{' '.join(places)}: no folders of sweeps; did you mean scenario={names}?")


def _phase(sweep: Sweep, x: str, y: str) -> Phase:
    """Return a sweep's phase diagram; what is wrong with it names the folder, since there are several."""
    from experiments.comparison.phases import BadPhaseError, phase

    try:
        return phase(sweep.runs, x, y)
    except BadPhaseError as error:
        raise BadPhaseError(f"{sweep.folder}: {error}") from None


def axes_of(settings: Sequence[str], sweep: Sweep) -> tuple[str, str]:
    """Return the keys of the two axes: those asked for, else the first two that were swept.

    Raises:
        NothingToCompareError: the sweep has one key only, or a setting is none of x and y.
    """
    asked: dict[str, str] = {}
    for text in settings:
        key, _, value = text.partition("=")
        if key not in ("x", "y"):
            raise NothingToCompareError(f"{key}: not a setting of this command for sweeps; it takes x and y")
        asked[key] = value
    swept = [key for key in sweep.keys if key not in asked.values()]
    x = asked.get("x") or (swept.pop(0) if swept else "")
    y = asked.get("y") or (swept.pop(0) if swept else "")
    if not x or not y:
        raise NothingToCompareError(f"{sweep.folder}: sweeps {', '.join(sweep.keys) or 'no key'}; two keys are needed")
    return x, y


def shift_in_words(shift: pd.DataFrame, x: str) -> str:
    """Return in one line how far the 50 % boundary moves along ``x``, where both sweeps have one."""
    known = shift["shift"].dropna()
    if not len(known):
        return "No 50 % boundary in both sweeps, so no shift to measure"
    rows = f"{len(known)} of {len(shift)} rows"
    return f"The 50 % boundary moves by {known.mean():+.3g} in {x} (mean of {rows})"


def _seeds(sweeps: Sequence[Sweep]) -> str:
    return "; ".join(dict.fromkeys(f"{s.seeds[0]}-{s.seeds[-1]}" for s in sweeps))


def _digest(text: str) -> str:
    import sim
    from sim.jit import source_hash

    return hashlib.blake2b(f"{text}|{sim.__version__}|{source_hash()}".encode(), digest_size=5).hexdigest()


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return found
