"""The page ``docs/validation.md``: how the model was held to evidence, in the order of a TRACE document.

``python -m experiments.science.page`` runs it all, draws the figures and writes the page (Grimm et al. 2014).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.generated_docs import docs_dir
from experiments.science.page_analysis import classes, metastability, roads, seeds, sensitivity
from experiments.science.page_parts import FIGURES, figure, table
from experiments.science.page_words import (
    CAUSES,
    COMMAND,
    CORROBORATION,
    DATA,
    EVALUATION,
    INTRO,
    LIMITS,
    PROBLEM,
    UNKNOWN_CAUSE,
    VERIFICATION,
)
from experiments.science.paired import told_interval
from experiments.validate import number, span
from sim.parameter_errors import StalemateError

if TYPE_CHECKING:
    from experiments.science.evidence import Finding
    from experiments.science.study import Study

PAGE = "validation.md"


def page(study: Study) -> str:
    """Return the page (Markdown)."""
    parts = [
        INTRO,
        summary(study),
        PROBLEM,
        DATA,
        observation(study),
        EVALUATION,
        ablations(study),
        VERIFICATION,
        convergence(study),
        "## 6. Model output verification: what was calibrated\n",
        calibrated(study),
        "## 7. Model analysis\n",
        seeds(study),
        classes(study),
        roads(study),
        metastability(study),
        sensitivity(study),
        CORROBORATION,
        held_back(study),
        scores(study),
        failures(study),
        LIMITS,
    ]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def summary(study: Study) -> str:
    """Return what comes out, in a few lines, and the figure of the patterns."""
    v = study.validation
    failed = [f"`{f.pattern.id}`" for f in (*v.patterns, *v.statistics) if not f.passed]
    words = (
        f"**{sum(f.passed for f in v.patterns)} of {len(v.patterns)} patterns of the article and "
        f"{sum(f.passed for f in v.statistics)} of {len(v.statistics)} event statistics are met** by scenario "
        f"`{study.scenario.name}` over {len(v.seeds):,} seeds ({v.seeds[0]} to {v.seeds[-1]:,}; "
        f"`stalemate validate seeds={len(v.seeds)}`). "
        + (f"Not met: {', '.join(failed)}; section 9 says why." if failed else "All are met.")
    )
    return f"## In short\n\n{words}\n\n{figure('science_patterns', 'Share of seeds with each pattern of the article')}"


def _findings(found: Sequence[Finding]) -> str:
    return table(
        ("", "met", "model", "90 % interval", "share of seeds", "target", "recorded", "n"),
        [
            (
                f"`{f.pattern.id}` {f.pattern.claim or f.pattern.formula}",
                "yes" if f.passed else "**no**",
                number(f.estimate),
                span(f.interval),
                "" if f.share is None else f"{100 * f.share:.0f} %",
                f.pattern.target,
                "" if f.pattern.value is None else f"{f.pattern.value:g}",
                f.runs,
            )
            for f in found
        ],
    )


def calibrated(study: Study) -> str:
    """Return what the parameters were moved towards."""
    v = study.validation
    used = [f for f in (*v.patterns, *v.statistics) if f.pattern.use == "calibrated"]
    months = [
        (m.month, m.recorded, number(m.median), span(m.interval), d.recorded, number(d.median), span(d.interval))
        for m, d in zip(v.months["events"], v.months["deaths"], strict=True)
    ]
    head = ("month", "events", "model", "90 %", "deaths", "model", "90 %")
    return "\n".join(
        (
            "Parameters were moved, within their ranges, towards these alone. That they are met is no evidence.\n",
            _findings(used),
            figure("science_months", "Recorded and simulated events and deaths by month"),
            table(head, months),
            "Input checks (put in, no evidence):\n",
            _findings(v.checks),
        )
    )


def held_back(study: Study) -> str:
    """Return what the parameters were not moved towards."""
    v = study.validation
    return _findings([f for f in (*v.patterns, *v.statistics) if f.pattern.use == "held_back"])


def observation(study: Study) -> str:
    """Return how the event statistics hang on the observation model."""
    ids = [f.pattern.id for f in study.observed[0].findings]
    rows = []
    for one in study.observed:
        passed = [f.pattern.id for f in one.findings if f.passed]
        base = [f.pattern.id for f in study.observed[0].findings if f.passed]
        gained = ", ".join(f"`{i}`" for i in passed if i not in base) or "none"
        lost = ", ".join(f"`{i}`" for i in base if i not in passed) or "none"
        rows.append(
            (f"{one.rule.zero_death:g}", f"{one.rule.half_deaths:g}", f"{len(passed)} of {len(ids)}", gained, lost)
        )
    return (
        "The two numbers of the observation model are assumed. The same runs seen through other values of them:\n\n"
        + table(("zero_death", "half_deaths", "statistics met", "newly met", "no longer met"), rows)
    )


def ablations(study: Study) -> str:
    """Return what each mechanism contributes."""
    from experiments.science.main_measures import MEASURES

    found = study.ablations.found
    silent = [a.mechanism for a in found if not any(e.clear for e in a.effects)]
    shown = [k for k, m in enumerate(MEASURES) if m.name in ("deaths_civilians", "a1_deaths", "events",
             "capital_days_denied", "captures", "mean_legitimacy", "stalemate")]  # fmt: skip
    rows = [
        (
            f"`{a.mechanism}` {a.meaning}",
            *(
                f"{number(a.effects[k].difference)} ({told_interval(*a.effects[k].interval, a.pairs, number)})"
                if a.effects[k].clear
                else "–"
                for k in shown
            ),
        )
        for a in found
    ]
    quiet = f"Without effect on any measure: {', '.join(f'`{name}`' for name in silent)}.\n" if silent else ""
    return "\n".join(
        (
            f"**Ablations** (`stalemate ablate seeds={study.sizes.pairs}`; {study.sizes.pairs} pairs of runs a "
            "mechanism, the same seeds with and without). Mean differences, without minus with, and their 90 % "
            "bootstrap intervals; – where the interval holds 0. The rest is not tuned anew: this is what a mechanism "
            "does in this model, not what a model without it could do.\n",
            figure("science_ablations", "What taking each mechanism out changes"),
            quiet,
            table(("without", *(MEASURES[k].label for k in shown)), rows),
        )
    )


def convergence(study: Study) -> str:
    """Return what a shorter round of combat changes."""
    from experiments.science.main_measures import MEASURES

    pairs, effects = study.shorter_rounds.pairs, study.shorter_rounds.effects
    rows = [
        (
            m.label,
            number(e.base),
            number(e.difference),
            told_interval(*e.interval, pairs, number),
            ("no", "yes")[e.clear],
        )
        for m, e in zip(MEASURES, effects, strict=True)
    ]
    return (
        f"Convergence in the time step of combat: rounds of half the length, twice as many "
        f"({pairs} pairs). The day stays the model's step.\n\n"
        + table(("measure", "mean", "difference", "90 % interval", "interval leaves out 0"), rows)
    )


def scores(study: Study) -> str:
    """Return the scores on the calibration months: in sample, for want of others that may be shipped."""
    from experiments.score import totals

    rows = []
    for kind, scored in study.scores.table.items():
        t, (low, high) = totals(scored), study.scores.gains[kind]
        gain = f"{t['gain_log_score']:+.1f} ({low:+.1f} to {high:+.1f})"
        numbers = [f"{t[name]:.1f}" for name in ("log_score", "null_log_score", "crps", "null_crps")]
        rows.append((kind, *numbers[:2], gain, *numbers[2:]))
    return (
        "On the calibration months themselves (in sample for the model *and* for the null, whose two numbers are "
        "fitted to exactly these counts: a hard null here, and no test):\n\n"
        + table(("", "log score", "null", "gain (90 % by finite runs)", "CRPS", "null"), rows)
    )


def failures(study: Study) -> str:
    """Return what failed, each with its mechanism as far as it is understood."""
    v = study.validation
    failed = [f for f in (*v.patterns, *v.statistics) if not f.passed]
    rows = [
        f"- **`{f.pattern.id}`** {f.pattern.claim or f.pattern.formula}: {number(f.estimate)}"
        f"{f' ({span(f.interval)})' if span(f.interval) else ''}, target {f.pattern.target}. "
        f"{CAUSES.get(f.pattern.id, UNKNOWN_CAUSE)}"
        for f in failed
    ]
    clear = [e for e in study.shorter_rounds.effects if e.clear]
    if clear:
        moved = ", ".join(f"`{e.measure}` {number(e.difference)} of {number(e.base)}" for e in clear)
        rows.append(
            f"- **Time step of combat.** With rounds of half the length {len(clear)} of "
            f"{len(study.shorter_rounds.effects)} differences leave out 0 ({moved}); about one in ten would by chance. "
            "The length of a round is part of the model, not only of its numerics."
        )
    return "## 9. What failed\n\n" + ("\n".join(rows) if rows else "Nothing that was tried.") + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study and write the page; return the exit status."""
    from experiments.compose import config_folders, load_scenario
    from experiments.figures.science import write
    from experiments.messages import WriteError
    from experiments.science.study import run_study
    from experiments.science.targets import load_article, load_events

    parser = argparse.ArgumentParser(prog=COMMAND, description="Run every validation and write docs/validation.md.")
    parser.add_argument("--workers", type=int, metavar="N", help="threads (the machine's cores); changes no result")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="the folder to write to (docs of the checkout)")
    args = parser.parse_args(arguments)
    began = time.perf_counter()
    try:
        folder = args.docs or docs_dir()
        folders = config_folders()
        study = run_study(load_scenario(), load_article(folders), load_events(folders), workers=args.workers, say=_say)
        write(study, folder / FIGURES)
        text = page(study)
        draft = folder / f".{PAGE}.tmp"
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(folder / PAGE)
    except OSError as error:
        print(WriteError(str(error.filename or "docs"), error), file=sys.stderr)
        return 1
    except StalemateError as error:
        print(error, file=sys.stderr)
        return 1
    _say(f"{folder / PAGE}: written after {time.perf_counter() - began:.0f} s")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
