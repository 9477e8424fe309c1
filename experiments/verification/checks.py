"""The list of checks: each runs the model's own rules against a closed form and says how close they come."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.verification.bare import MOST_SIGMA, Check, sigmas
from experiments.verification.duels import DUELS, Duel, DuelResult, Estimate, fight, fight_all, follow
from experiments.verification.fold import EXAMPLE, boundary, chance_of_collapse, pool_chance
from experiments.verification.groups import BANDS, FIGHTERS, cutoff_of, group_sizes
from sim.parameters import infos
from sim.theory import Fold, deitchman_end, deitchman_trajectory, mixed_trajectory, square_trajectory

LIMITS_EXAMPLE = Duel("deitchman", 0.045, 0.45, 20, 20)
"""The example of the list of limits: 20 against 20, exact chance of the insurgents 0.4505."""
LAWS: dict[str, tuple[str, tuple[Duel, ...]]] = {
    "square": ("Lanchester's square law", (
        Duel("square", 0.1, 0.1, 20, 20), Duel("square", 0.2, 0.1, 30, 40), Duel("square", 0.1, 0.3, 50, 25))),
    "linear": ("Lanchester's linear law", (
        Duel("linear", 0.01, 0.01, 20, 20), Duel("linear", 0.02, 0.03, 30, 20), Duel("linear", 0.02, 0.01, 25, 45))),
    "deitchman": ("Deitchman's law, C below, at and above 0", (
        LIMITS_EXAMPLE, Duel("deitchman", 0.02, 0.2, 20, 30), Duel("deitchman", 0.02, 0.2, 20, 20),
        Duel("deitchman", 0.02, 0.2, 20, 12))),
    "mixed": ("the generalised Deitchman mix", (
        Duel("mixed", 0.1, 0.2, 30, 25, 0.2, 0.01), Duel("mixed", 0.1, 0.2, 30, 25, 0.5, 0.01),
        Duel("mixed", 0.1, 0.2, 30, 25, 0.8, 0.01))),
}  # fmt: skip
SCALES, _COURSES = ((1, 5), (100, 25), (10_000, 125), (1_000_000, 625)), 5
"""Factors on the numbers of the courses, each with its rounds in half a day; and how many courses."""
PATHS = (
    Duel("square", 0.1, 0.1, 100, 80),
    Duel("deitchman", 0.002, 0.1, 100, 130),
    Duel("deitchman", 0.002, 0.1, 100, 100),
    Duel("deitchman", 0.002, 0.1, 100, 70),
    Duel("mixed", 0.1, 0.1, 100, 80, 0.5, 0.002),
    Duel("linear", 0.002, 0.001, 100, 120),
)
"""Duels whose whole course is compared, for 20 days; the three of Deitchman have C below, at and above 0."""


def describe(duel: Duel) -> str:
    """Return a duel's numbers in a few signs."""
    text = f"β {duel.beta:g}, ρ {duel.rho:g}, {duel.B0} v {duel.R0}"
    return f"{text}, μ {duel.mu:g}, β_R {duel.area:g}" if duel.law == "mixed" else text


def _sigma(e: Estimate) -> float:
    return sigmas(e.model, e.theory, e.standard_error)


def _duel_row(result: DuelResult) -> tuple[Any, ...]:
    row: list[Any] = [describe(result.duel)]
    for e in result.estimates:
        row += [e.model, e.theory, _sigma(e)]
    return tuple(row)


def law_check(law: str) -> Check:
    """Compare chances and survivors of a law's duels with the exact finite-N values."""
    title, duels = LAWS[law]
    results = [fight(duel, DUELS, seed=k + 1) for k, duel in enumerate(duels)]
    worst = max(abs(_sigma(e)) for r in results for e in r.estimates)
    columns = ("duel", "insurgents win", "exact", "σ", "soldiers left", "exact", "σ", "insurgents left", "exact", "σ")
    return Check(
        f"law-{law}",
        f"{title}: chances and survivors, exact for any number",
        f"{DUELS:,} duels each",
        worst <= MOST_SIGMA,
        f"{3 * len(results)} values, the furthest {worst:.1f} standard errors from exact",
        columns,
        tuple(map(_duel_row, results)),
        "Left: means over all duels, 0 where the side lost. Rounds are so short that the bias of both sides firing at "
        "once is about a tenth of the standard error.",
    )


def round_length() -> Check:
    """Show how the chance converges to the exact one as the rounds shorten."""
    n, lengths = 40_000, (2.0, 1.0, 0.5, 0.25, 0.125)
    found = [fight(LIMITS_EXAMPLE, n, seed=11, losses_per_round=losses).insurgents_win for losses in lengths]
    x = np.array(lengths[1:])
    bias = np.array([e.model - e.theory for e in found[1:]])
    slope, limit = np.polyfit(x, bias, 1)
    weights = np.linalg.pinv(np.vstack([x, np.ones_like(x)]).T)[1]
    error = float(found[0].standard_error * math.sqrt(weights @ weights))
    away = sigmas(float(limit), 0.0, error)
    return Check(
        "round-length",
        "Deitchman 20 v 20 as the rounds shorten: the chance goes to the exact one",
        f"{n:,} duels each",
        abs(away) <= MOST_SIGMA,
        f"bias {slope:+.3f} a person lost in a round; {limit:+.4f} ± {error:.4f} at length 0",
        ("people lost in a round", "insurgents win", "exact", "bias", "σ"),
        tuple((x, e.model, e.theory, e.model - e.theory, _sigma(e)) for x, e in zip(lengths, found, strict=True)),
        "Both sides fire at once, so that a side may still kill in the round in which it falls; where both fall in one "
        "round the state counts as the winner. The straight line through the four shorter lengths is carried to 0.",
    )


def default_round() -> Check:
    """Report the bias of the round that the model uses, with its own rates; nothing passes or fails."""
    n, default = 10_000, {key: info.default for key, info in infos().items()}
    rates = [default[f"combat.{k}"] for k in ("aimed_kill_rate", "insurgent_kill_rate", "area_kill_rate")]
    own = default["combat.round_hours"]
    rows, told = [], {}
    for B0 in (20, 150):
        duel = even(Duel("mixed", rates[0], rates[1], B0, 1, default["combat.ambush_aim"], rates[2]))
        for hours in (6.0, own, 0.1):
            e = fight(duel, n, seed=21, round_days=hours / 24.0).insurgents_win
            breaking = _wins_with_breaks(duel, n, hours, default)
            rows.append((describe(duel), hours, e.model, e.theory, _sigma(e), breaking))
            told[B0, hours] = (e.model - e.theory, breaking)
    worst = max(abs(told[B0, own][0]) for B0 in (20, 150))
    broken = max(abs(told[B0, own][1] - told[B0, 0.1][1]) for B0 in (20, 150))
    return Check(
        "default-round",
        "The model's own rates and round, in an even fight: how far from the limit",
        f"{n:,} duels each",
        None,
        f"at {own:g} h the chance is off by up to {worst:.3f}; with the model's break fractions by {broken:.3f}",
        ("duel", "round (h)", "insurgents win", "exact", "σ", "with break fractions"),
        tuple(rows),
        "Reported, not judged: the day and its rounds are the model's step. 'With break fractions' is the share in "
        f"which the soldiers break first, at {default['combat.state_break']:g} of the soldiers and "
        f"{default['combat.insurgent_break']:g} of the insurgents; there is no closed form, so the shortest round "
        "stands for the limit.",
    )


def even(duel: Duel) -> Duel:
    """Return the duel with so many insurgents that their exact chance is nearest to one half."""
    low, high = 1, 10 * duel.B0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if replace(duel, R0=middle).theory().insurgents_win < 0.5 else (low, middle)
    return min((replace(duel, R0=R0) for R0 in (low, high)), key=lambda d: abs(d.theory().insurgents_win - 0.5))


def _wins_with_breaks(duel: Duel, n: int, hours: float, default: dict[str, float]) -> float:
    base = duel.world(22, hours / 24.0)
    limits = [default["combat.state_break"], default["combat.insurgent_break"]]
    base["params"]["combat"]["state_break"], base["params"]["combat"]["insurgent_break"] = limits
    _, insurgents = fight_all(base, duel, n, 0.0)
    return float((duel.R0 - insurgents < limits[1] * duel.R0).mean())


def deterministic() -> Check:
    """Compare the course of ever larger duels with the deterministic laws."""
    days = np.linspace(0.0, 20.0, 41)
    rows, worst = [], 0.0
    for duel in PATHS:
        exact = np.array(exact_path(duel, days))
        off = [_distance(duel, days, exact, scale, rounds) for scale, rounds in SCALES]
        end = deitchman_end(duel.beta, duel.rho, duel.B0, duel.R0).winner if duel.law == "deitchman" else ""
        rows.append((f"{duel.law}: {describe(duel)}", end, *off))
        worst = max(worst, off[-1])
    return Check(
        "deterministic",
        "Courses of large duels against Lanchester's and Deitchman's closed forms",
        f"{_COURSES} duels each, 40 points over 20 days",
        worst <= 0.002,
        f"largest distance {100 * worst:.3f} % of the start with numbers times {SCALES[-1][0]:,}",
        ("duel", "wins in the end", *(f"times {scale:,}" for scale, _ in SCALES)),
        tuple(rows),
        "Largest distance of either side's number from its closed form, as a share of its start; root mean square over "
        "the duels. Area rates are divided by the factor and the rounds shortened from column to column ("
        + ", ".join(f"{0.5 / rounds:g}" for _, rounds in SCALES)
        + " days); it passes within 0.2 %.",
    )


def _distance(duel: Duel, days: Any, exact: Any, scale: int, rounds: int) -> float:
    off = [np.abs(follow(duel, scale, days, rounds, seed=31 + k) - exact) / exact[:, :1] for k in range(_COURSES)]
    return math.sqrt(float(np.mean([one.max() ** 2 for one in off])))


def exact_path(duel: Duel, days: Any) -> Any:
    """Return the closed form of a duel's course at ``days``; for the linear law from its invariant, Δ = βB − ρR ≠ 0."""
    if duel.law == "linear":
        delta = duel.beta * duel.B0 - duel.rho * duel.R0
        soldiers = delta / (duel.beta - (duel.beta - delta / duel.B0) * np.exp(-delta * days))
        return soldiers, (duel.beta * soldiers - delta) / duel.rho
    if duel.law == "square":
        return square_trajectory(duel.beta, duel.rho, duel.B0, duel.R0, days)
    if duel.law == "deitchman":
        return deitchman_trajectory(duel.beta, duel.rho, duel.B0, duel.R0, days)
    return mixed_trajectory(duel.beta, duel.rho, duel.B0, duel.R0, duel.mu, duel.area, days)


GROUPS_NU, GROUPS_RATES = 0.3, ((0.016, 4), (0.004, 4), (0.001, 12))
"""Chance to shatter, and the rates a day and fighter at which groups act, each with its replicates."""


def groups() -> Check:
    """Compare the numbers of groups by size with the mean-field solution."""
    found = [group_sizes(GROUPS_NU, rate, replicates, 8.0) for rate, replicates in GROUPS_RATES]
    last = found[-1]
    away = [sigmas(m, t, e) for m, t, e in zip(last.mean, last.theory, last.error, strict=True)]
    worst = max(map(abs, away))
    rows = [
        (f"{a}-{b}" if b > a else str(a), last.theory[k], *(g.mean[k] for g in found), last.error[k], away[k])
        for k, (a, b) in enumerate(BANDS)
    ]
    shown, expected = cutoff_of(last)
    rows.append(("cutoff s0", expected, *(cutoff_of(g)[0] for g in found), math.nan, math.nan))
    return Check(
        "groups",
        "Coalescence and fragmentation: how many groups of each size",
        f"{FIGHTERS:,} fighters, {GROUPS_RATES[-1][1]} worlds at the slowest rate",
        worst <= MOST_SIGMA,
        f"{len(BANDS)} bands of sizes, the furthest {worst:.1f} standard errors away; "
        f"cutoff {shown:.0f}, theory {expected:.0f}",
        ("size", "theory", *(f"rate {rate:g}" for rate, _ in GROUPS_RATES), "standard error", "σ"),
        tuple(rows),
        f"One place, ν = {GROUPS_NU:g}, groups shatter into singles. A group acts at most once a day, so the rule is "
        "Johnson's process only while rate × size stays small: at the fastest rate large groups are too few. "
        "Standard error and σ belong to the slowest rate.",
    )


def fold_boundary() -> Check:
    """Find the recruitment beyond which a very large garrison collapses, as the calendar becomes fine."""
    paces, horizon = (1.0, 0.3, 0.1, 0.03), 20_000.0
    found = [boundary(EXAMPLE, 10_000, pace, horizon) for pace in paces]
    k = EXAMPLE.k
    return Check(
        "fold-boundary",
        "The stalemate fold in its deterministic limit: r_c = βkB̂²/4ρ",
        f"1,000,000 soldiers, {horizon:,.0f} days",
        abs(found[-1] - 1.0) <= 0.02,
        f"collapse from {found[-1]:.3f} r_c on; it passes within 2 %",
        ("pace of all rates", "boundary / r_c", "expected from the weekly refill"),
        tuple((pace, f, 1.0 + 3.5 * k * pace) for pace, f in zip(paces, found, strict=True)),
        "Reinforcement is settled once a week, on a gap that the week's losses have widened: on average 3.5 days of "
        "them, so the model's reinforcement acts as if k were larger by the factor 1 + 3.5 k. It vanishes as the pace "
        "slows beside the calendar; at pace 1 (k = 0.01 a day, the model's default) it is 3.5 %.",
    )


FOLD_RATIOS = (1.0, 1.1, 1.2, 1.3, 1.5)
_FOLD_PACE, _FOLD_DAYS, _FOLD_RUNS = 1 / 16, 540, 1000


def fold_chances() -> Check:
    """Compare the chance of collapse within 540 days with the exact jump process."""
    rows, worst = [], 0.0
    for ratio in FOLD_RATIOS:
        fold = replace(EXAMPLE, r=ratio * EXAMPLE.critical_recruitment)
        c = chance_of_collapse(fold, _FOLD_DAYS, _FOLD_PACE, _FOLD_RUNS)
        rows.append((ratio, c.model, c.theory, c.error, sigmas(c.model, c.theory, c.error)))
        worst = max(worst, abs(rows[-1][-1]))
    half = float(np.interp(0.5, [row[2] for row in rows], FOLD_RATIOS))
    return Check(
        "fold-chances",
        "The fold in whole people: collapse within 540 days against the exact jump process",
        f"{_FOLD_RUNS:,} sieges and {2 * _FOLD_RUNS:,} runs of the process each",
        worst <= MOST_SIGMA,
        f"{len(rows)} chances, the furthest {worst:.1f} standard errors away; half collapse at {half:.2f} r_c",
        ("r / r_c", "collapse, rules", "collapse, jump process", "standard error", "σ"),
        tuple(rows),
        "100 soldiers at full strength; both start there with as many insurgents as that strength balances. Few people "
        "and a finite time move the boundary above r_c. All rates at pace 1/16, so that the weekly refill is fine.",
    )


def fold_pace() -> Check:
    """Show the calendar's part: the same chance at the model's own pace and at slower ones."""
    fold = replace(EXAMPLE, r=1.2 * EXAMPLE.critical_recruitment)
    rows = []
    for pace in (1.0, 1 / 2, 1 / 4, 1 / 16):
        c = chance_of_collapse(fold, _FOLD_DAYS, pace, _FOLD_RUNS, seed=5)
        rows.append((pace, c.model, c.theory, c.error, sigmas(c.model, c.theory, c.error)))
    return Check(
        "fold-pace",
        "The fold at 1.2 r_c as the calendar becomes fine beside the rates",
        f"{_FOLD_RUNS:,} sieges each",
        abs(rows[-1][-1]) <= MOST_SIGMA,
        f"{rows[0][-1]:+.1f} standard errors at the model's pace, {rows[-1][-1]:+.1f} at a sixteenth of it",
        ("pace of all rates", "collapse, rules", "collapse, jump process", "standard error", "σ"),
        tuple(rows),
        "At pace 1 the weekly refill holds a little more than k(B̂ − B) a day would, and fewer collapse.",
    )


POOL = Fold(beta=0.01, rho=0.2, k=0.0, B_hat=40.0, r=0.0)


def fold_pool() -> Check:
    """Without reinforcement and with a finite pool of recruits: the chance to lose against the exact one."""
    n, B0, R0 = 1000, 40, 10
    rows, worst = [], 0.0
    for pool in (10, 20, 30, 40, 60):
        c = pool_chance(POOL, B0, R0, pool, n)
        rows.append((pool, c.model, c.theory, c.error, sigmas(c.model, c.theory, c.error)))
        worst = max(worst, abs(rows[-1][-1]))
    edge = POOL.critical_pool(B0, R0)
    return Check(
        "fold-pool",
        "No reinforcement (k = 0), a finite pool of recruits: collapse against the exact chance",
        f"{n:,} sieges each",
        worst <= MOST_SIGMA,
        f"{len(rows)} pools, the furthest {worst:.1f} standard errors away; deterministic edge: {edge:.0f} recruits",
        ("recruits in all", "collapse, rules", "collapse, exact", "standard error", "σ"),
        tuple(rows),
        f"{B0} soldiers, {R0} insurgents, β {POOL.beta:g}, ρ {POOL.rho:g}: each recruit moves Deitchman's invariant by "
        "ρ, whenever he joins, so the exact chance is Deitchman's with all of them there from the start.",
    )


CHECKS: tuple[Callable[[], Check], ...] = (
    *(lambda law=law: law_check(law) for law in LAWS),
    round_length,
    default_round,
    deterministic,
    groups,
    fold_boundary,
    fold_chances,
    fold_pace,
    fold_pool,
)


def run_checks() -> Iterator[Check]:
    """Run every check, one after the other, each with the seconds that it took."""
    for make in CHECKS:
        began = time.perf_counter()
        check = make()
        yield replace(check, seconds=time.perf_counter() - began)
