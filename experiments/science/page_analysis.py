"""The validation page's section 7, model analysis: seeds, classes, maps, shocks, sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.science.page_parts import figure, table

if TYPE_CHECKING:
    from experiments.science.study import Study


def seeds(study: Study) -> str:
    """Return how many seeds are enough."""
    from experiments.science.main_measures import MEASURES

    labels = {m.name: m.label for m in MEASURES}
    rows = [
        (
            labels[s.measure],
            f"{s.variation[-1]:.2f}",
            s.enough or f"more than {s.sizes[-1]}",
            f"± {100 * s.mean_error:.1f} %",
        )
        for s in study.stability
    ]
    n = study.sizes.seeds
    half = 1.645 * (0.25 / n) ** 0.5
    return "\n".join(
        (
            f"**How many seeds** (Lee et al. 2015): the coefficient of variation of each output along random orders of "
            f"{study.sizes.all_seeds:,} runs. Enough: the fewest runs from which 90 % of the orders stay within 10 % "
            f"of the value over all runs. Shares of {n:,} seeds carry at most ± {100 * half:.0f} points (90 %).\n",
            figure("science_seeds", "Coefficient of variation against the number of runs"),
            table(("output", "coefficient of variation", "enough", "the mean is known to (90 %)"), rows),
        )
    )


def classes(study: Study) -> str:
    """Return outcome classes and how they hang on their thresholds."""
    from sim.outcomes import PLAIN_WORDS

    o = study.outcomes
    shares = []
    for s in o.shares:
        interval = f"{100 * s.interval[0]:.1f} to {100 * s.interval[1]:.1f} %"
        shares.append((s.name.replace("_", " "), PLAIN_WORDS[s.name], s.runs, f"{100 * s.share:.1f} %", interval))
    reasons = ", ".join(f"{name} {count}" for name, count in o.reasons.items()) or "none happened"
    return "\n".join(
        (
            f"**Outcome classes** (`stalemate outcomes --thresholds seeds={len(o.seeds)}`; {len(o.seeds):,} runs of "
            f"{study.scenario.days} days, judged on the last).\n",
            table(("class", "in plain words", "runs", "share", "90 % interval"), shares),
            f"Reasons of breakthroughs: {reasons}. Capital strangled: {100 * o.strangled:.1f} % of runs.\n",
            figure("science_thresholds", "Share of stalemates as each threshold moves by half"),
        )
    )


def roads(study: Study) -> str:
    """Return what other lengths of the recalled roads change."""
    from experiments.science.evidence import judge_rows
    from experiments.science.roads import MOST

    found = study.roads
    rows = [
        (s.name.replace("_", " "), f"{100 * s.share:.0f} %",
         f"{100 * s.interval[0]:.0f} to {100 * s.interval[1]:.0f} %", f"{100 * s.mean:.0f} %",
         f"{100 * s.least:.0f} to {100 * s.most:.0f} %")
        for s in found.spreads()
    ]  # fmt: skip
    maps = [judge_rows(study.article.patterns, runs) for runs in found.rows]
    met = [f"`{f.pattern.id}` {sum(m[k].passed for m in maps)}" for k, f in enumerate(maps[0])]
    return "\n".join(
        (
            f"**Other lengths of roads** (`stalemate outcomes --roads seeds={len(found.here)}`). {found.roads[0]} of "
            f"{found.roads[1]} roads have recalled lengths. On each of {len(maps)} other maps every such road is up to "
            f"{MOST:g} times as long or as short (its own factor), with the same {len(found.here)} seeds; nothing is "
            "calibrated anew. What lies outside the interval of luck is the map's.\n",
            table(("class", "this map", "90 % interval", "other maps: mean", "least to most"), rows),
            f"Patterns met, on so many of the {len(maps)} maps: {', '.join(met)}.\n",
        )
    )


def metastability(study: Study) -> str:
    """Return how often breakthroughs come, and how runs come back from shocks."""
    from experiments.science.shocks import SHOCK_DAY, SHOCK_DAYS, WITHIN

    hazard = []
    for h in study.outcomes.hazards:
        interval = f"{h.interval[0]:.3f} to {h.interval[1]:.3f}"
        hazard.append((f"{h.first} to {h.last}", h.count, f"{h.years:.0f}", f"{h.rate:.3f}", interval))
    back = [
        (
            "two weeks without fuel" if r.kind == "fuel" else "a town held for two weeks",
            r.runs,
            "not reached" if r.median_days is None else f"{r.median_days:.0f} days",
            f"{100 * r.within:.0f} % ({100 * r.within_interval[0]:.0f} to {100 * r.within_interval[1]:.0f})",
            f"{100 * r.added:+.1f} points ({100 * r.added_interval[0]:+.1f} to {100 * r.added_interval[1]:+.1f})",
            f"{100 * r.stalemate[0]:.0f} %; {100 * r.stalemate[1]:.0f} %",
        )
        for r in study.outcomes.returns
    ]
    columns = ("shock", "pairs", "back after (median)", f"back within {WITHIN} days", "added breakthroughs")
    return "\n".join(
        (
            "**Metastability.** Breakthroughs a year, either side, national or regional, up to a run's first "
            "(interval: Garwood). A state that is left by chance shows an even rate over the pieces; wear shows a "
            "rising one.\n",
            table(("days", "breakthroughs", "run-years", "a year", "90 % interval"), hazard),
            f"Return after a shock forced on days {SHOCK_DAY} to {SHOCK_DAY + SHOCK_DAYS - 1}, each run against its "
            "twin with the same seed and no shock. Fuel: every source closed and the capital's depots burned daily. "
            "Town: its garrison withdrawn, the nearest cells put in to hold it, daily. The books balance.\n",
            table((*columns, "stalemate: with; without"), back),
        )
    )


def sensitivity(study: Study) -> str:
    """Return which parameters matter."""
    from experiments.science.main_measures import MEASURES

    labels = {m.name: m.label for m in MEASURES}
    s = study.sensitivity
    rows = [
        (f"`{i.key}`", labels[name], f"{i.first:.2f} ± {i.first_error:.2f}", f"{i.total:.2f} ± {i.total_error:.2f}")
        for name in ("deaths_civilians", "events", "capital_days_denied", "stalemate")
        for i in s.indices[name]
    ]
    sizes = study.sizes.sensitivity
    return "\n".join(
        (
            f"**Global sensitivity** (`stalemate sensitivity seeds={len(s.seeds)} trajectories={sizes['trajectories']} "
            f"samples={sizes['samples']}`; {s.runs:,} runs). Morris over {len(s.varied)} parameters, each from half to "
            f"one and a half of its value within its range, {sizes['trajectories']} trajectories; then Sobol over the "
            f"{len(s.chosen)} most influential, {sizes['samples']} samples, {len(s.seeds)} seeds behind each point. "
            "The screening finds what is large; the order of the small is luck.\n",
            figure("science_sensitivity", "Morris's screening and Sobol's total indices"),
            table(("parameter", "output", "alone", "in all"), rows),
        )
    )
