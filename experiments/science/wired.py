"""No wired-in result: extremes, hidden caps, the military road, the collapse hazard, and stalemate without a refill.

Each check runs the model with something forced and says what came out; none of them tunes anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.numbers import told
from experiments.science.evidence import wilson
from experiments.science.monotone import Tried, measured, multiply_fighters
from experiments.science.runs import Change, Finished, run_all
from experiments.verification.bare import Check, bare_world
from sim.codes import ASSEMBLE, BASE_ATTACK, CONTRACTORS, HELD_BY_STATE, HOLD, INSURGENTS
from sim.outcomes import INSURGENT_NATIONAL, INSURGENT_REGIONAL, STALEMATE, STATE_BREAKTHROUGH
from sim.scenario import Scenario
from sim.world import STANDARD, World

Array = npt.NDArray[Any]
Row = dict[str, Any]
BY_FORCE = ("capital", "centres")
_LEVEL = 0.9


@dataclass(frozen=True)
class Case:
    """A scenario to run, what is forced on its first day, and how a table calls it."""

    label: tuple[Any, ...]
    scenario: Scenario
    forced: Mapping[int, Change]


def run_cases(cases: Sequence[Case], seeds: Sequence[int], workers: int | None = None, make: Any = None) -> list[Any]:
    """Return, for each case, what ``make`` (by default: all measures) leaves of each seed.

    Raises:
        RunFailedError: a run met an error of its own.
    """
    from sim.run import RunFailedError

    kept = run_all([c.scenario for c in cases], seeds, make or _row_of, workers, forced=[c.forced for c in cases])
    for failure in kept.failures[:1]:
        raise RunFailedError(cases[failure.point].scenario.name, failure.seed, -1, failure.error)
    return kept.values


def _row_of(run: Finished) -> Row:
    row = measured(run)
    capital = run.scenario.geography.capital
    row["capital_lost_days"] = int((run.trace["place_holder"][:, capital] != HELD_BY_STATE).sum())
    assaults = (run.log["kind"] == BASE_ATTACK) & (run.log["place"] == capital)
    row["capital_assaults"] = int(assaults.sum())
    row["full_table"] = bool(run.world["run"]["cells_top"][0] >= STANDARD.cells)
    row["insurgents_start"] = int(run.trace["insurgents"][0])
    return row


def share(rows: Sequence[Row], *outcomes: str) -> float:
    """Return the share of runs with one of these outcomes."""
    return float(np.mean([row["outcome"] in outcomes for row in rows]))


def mean(rows: Sequence[Row], name: str) -> float:
    """Return the mean of a measure."""
    return float(np.mean([row[name] for row in rows]))


def reasons(rows: Sequence[Row]) -> str:
    """Return how many breakthroughs of the insurgents had each reason, in words."""
    found = Counter(row["reason"] for row in rows if row["outcome"] in (INSURGENT_NATIONAL, INSURGENT_REGIONAL))
    return ", ".join(f"{reason} {count}" for reason, count in found.most_common()) or "none"


def _everywhere(scenario: Scenario) -> Scenario:
    """Return the scenario with the same support in every region."""
    return replace(scenario, forces=replace(scenario.forces, support_insurgents={}, support_state={}))


def _no_army(scenario: Scenario) -> Scenario:
    forces = replace(scenario.forces, garrisons={}, columns=(), escorts=(), detachments={})
    return replace(scenario, forces=forces).with_settings({"contractors.personnel": 0, "switches.collapse": 0})


def extremes(scenario: Scenario, seeds: Sequence[int], workers: int | None = None) -> Check:
    """Run the extremes: nobody on one side, support everywhere, and a state with every advantage."""
    strong = {
        "population.insurgent_support": 0.02, "population.state_support": 0.8, "contractors.personnel": 1500,
        "insurgents.interdiction_effort": 0.1, "state.command_quality": 1.0,
    }  # fmt: skip
    peaceful = replace(scenario, forces=replace(scenario.forces, groups=()), timeline=())
    backed = _everywhere(scenario).with_settings(
        {"population.insurgent_support": 0.8, "population.state_support": 0.05}
    )
    cases = [
        Case(("no insurgents", "quiet: no attack, capital and country served at 95 % or more"), peaceful, {}),
        Case(("no state forces, collapse off", "the capital falls, by day 60 at the median"), _no_army(scenario), {}),
        Case(("support of 0.8 everywhere, 0.05 for the state", "breakthrough in 90 % or more"), backed, {}),
        Case(("state with every advantage, 1,080 days", "state breakthrough in some runs"),
             replace(scenario.with_settings(strong), days=1080), {}),
    ]  # fmt: skip
    quiet, fallen, backed_rows, strong_rows = run_cases(cases, seeds, workers)
    lost = [row["breakthrough_day"] if row["reason"] == "capital" else scenario.days for row in fallen]
    met = [
        mean(quiet, "events") == 0
        and min(mean(quiet, f"{who}_mean_service") for who in ("capital", "national")) >= 0.95,
        float(np.median(lost)) <= 60,
        share(backed_rows, INSURGENT_NATIONAL, INSURGENT_REGIONAL) >= 0.9,
        share(strong_rows, STATE_BREAKTHROUGH) > 0,
    ]
    found = [
        f"{mean(quiet, 'events'):.0f} attacks, served {mean(quiet, 'capital_mean_service'):.1%}"
        f" and {mean(quiet, 'national_mean_service'):.1%}",
        f"capital lost by day {np.median(lost):.0f} (median), in {np.mean([d < scenario.days for d in lost]):.0%}",
        f"breakthrough in {share(backed_rows, INSURGENT_NATIONAL, INSURGENT_REGIONAL):.0%}: {reasons(backed_rows)}",
        f"state breakthrough in {share(strong_rows, STATE_BREAKTHROUGH):.0%}",
    ]
    failed = [case.label[0] for case, good in zip(cases, met, strict=True) if not good]
    rows = [(*c.label, t, "yes" if m else "**no**") for c, t, m in zip(cases, found, met, strict=True)]
    return Check(
        "extremes", "Extremes behave", f"{len(seeds)} seeds each", not failed,
        "all as they must" if not failed else f"not as expected: {', '.join(failed)}",
        ("extreme", "expected", "found", "met"), tuple(rows),
    )  # fmt: skip


def gather(place: int, ratio: float, contractors: int | None) -> Change:
    """Return the change that masses one group at a place, ``ratio`` times all who stand there, ready to strike.

    The other fighters of the country are left where they are. ``contractors``: how many stand at the place (None: as
    many as the scenario puts there).
    """

    def change(world: World) -> None:
        units, detachments, cell = world["units"][0], world["detachments"][0], world["cells"][0, 0]
        if contractors is not None:
            here = np.flatnonzero((detachments["alive"] > 0) & (detachments["place"] == place))
            slot = int(here[0]) if len(here) else 0
            detachments["place"][slot] = detachments["home"][slot] = place
            detachments["men"][here] = 0
            detachments["men"][slot] = contractors
            detachments["start_men"][slot] = contractors
            detachments["alive"] = detachments["men"] > 0
            world["people"]["initial"][0, CONTRACTORS] = detachments["men"].sum()
        stand = (units["alive"] > 0) & (units["place"] == place)
        here_men = (detachments["alive"] > 0) & (detachments["place"] == place)
        defenders = int(units["men"][stand].sum() + detachments["men"][here_men].sum())
        cell["fighters"] = max(1, round(ratio * defenders))
        cell["place"] = cell["target"] = place
        cell["task"], cell["days_left"], cell["road"] = ASSEMBLE, 1, -1
        world["places"]["rally"][0, place], world["places"]["rally_id"][0, place] = 0, cell["id"]
        cells = world["cells"][0]
        world["people"]["initial"][0, INSURGENTS] = cells["fighters"][cells["alive"] > 0].sum()

    return change


STORMED = ("BKO", "MOP", "GAO", "FAR")
RATIOS = (0.5, 1.0, 2.0, 4.0, 8.0)
_HIRED: tuple[int | None, ...] = (None, 0, 1000)


def storming(scenario: Scenario, seeds: Sequence[int], workers: int | None = None) -> Check:
    """Mass a group at the capital, two regional capitals and a base: does any place have a cap on being taken?"""
    geo = scenario.geography
    short = replace(scenario, days=2, timeline=())
    cases = [
        Case((name, hired), short, {0: gather(geo.index(name), ratio, hired)})
        for name in STORMED for hired in _HIRED for ratio in RATIOS
    ]  # fmt: skip

    def taken(run: Finished) -> Array:
        return np.array(run.trace["place_holder"][-1] != HELD_BY_STATE)

    values = run_cases(cases, seeds, workers, taken)
    fell = [float(np.mean([v[geo.index(c.label[0])] for v in vs])) for c, vs in zip(cases, values, strict=True)]
    table = np.array(fell).reshape(len(STORMED) * len(_HIRED), len(RATIOS))
    rows = [
        (geo.places[geo.index(name)].name, "as in the scenario" if hired is None else f"{hired:,}", *table[k])
        for k, (name, hired) in enumerate((n, h) for n in STORMED for h in _HIRED)
    ]
    passed = bool((table[:, -1] >= 0.9).all())
    return Check(
        "storming", "Any place can be taken by force, the capital too, with contractors or without",
        f"{len(seeds)} assaults each", passed,
        f"at {RATIOS[-1]:g} attackers a defender the least share taken is {table[:, -1].min():.0%}",
        ("place", "contractors there", *(f"{ratio:g} to 1" for ratio in RATIOS)), tuple(rows),
        "Share of assaults after which the state does not hold the place, by attackers per defender (soldiers and "
        "contractors). One group is forced to stand there on day 0, ready to strike; the rest is the model. A cap on "
        "who is engaged would show as shares that stop rising or fall with the size of the place; a place made "
        "uncapturable by contractors as a row of zeros.",
    )  # fmt: skip


def leaving(n: int = 400) -> Check:
    """Let one holder face threats of several strengths, with more and less support: how long does it stay?"""
    from sim.checks import days_until_left

    most, rows, stays = 2000, [], {}
    for support in (0.1, 0.25, 0.5):
        for ratio in (0.1, 0.3, 1.0, 3.0, 10.0):
            days = [days_until_left(_holder(support, ratio, seed), 0, most) for seed in range(n)]
            stays[support, ratio] = float(np.mean(days))
        rows.append((support, *(stays[support, r] for r in (0.1, 0.3, 1.0, 3.0, 10.0))))
    passed = all(stays[s, 0.1] > stays[s, 0.3] > stays[s, 1.0] > stays[s, 3.0] for s in (0.1, 0.25, 0.5))
    passed = passed and all(stays[0.1, r] < stays[0.25, r] < stays[0.5, r] for r in (0.3, 1.0, 3.0))
    return Check(
        "leaving", "How long a place is held hangs on strength and support", f"{n} holds each", passed,
        f"{stays[0.25, 3.0]:.0f} days at threat 3, {stays[0.25, 0.3]:.0f} at 0.3 (support 0.25)",
        ("support", *(f"threat {r:g}" for r in (0.1, 0.3, 1.0, 3.0, 10.0))), tuple(rows),
        f"Mean days until a holder of 25 leaves by itself (at most {most:,}); threat: men near a fighter there. Beyond "
        "a threat of 3 the hazard rises no further: the rule has that bound, so that a lone cell still holds for days.",
    )  # fmt: skip


def _holder(support: float, ratio: float, seed: int) -> World:
    world = bare_world({}, seed)
    world["run"]["n_places"] = world["run"]["cells_top"] = 1
    cell, place = world["cells"][0, 0], world["places"][0, 0]
    cell["alive"], cell["id"], cell["fighters"], cell["task"], cell["next"] = 1, 17, 25, HOLD, -1
    place["fighters"], place["threat"], place["support_insurgents"] = 25, ratio * 25, support
    return world


FACTORS = (1.0, 3.0, 6.0, 18.0)


def strength(scenario: Scenario, seeds: Sequence[int], workers: int | None = None) -> Check:
    """Multiply the fighters, with the collapse of the regime off: attacks, control, and breakthroughs by force."""
    cases = [
        Case((factor, support), scenario.with_settings(
            {"switches.collapse": 0, "population.insurgent_support": support}), {0: multiply_fighters(factor)})
        for support in (0.2, 0.5, 0.8) for factor in FACTORS
    ]  # fmt: skip
    found = run_cases(cases, seeds, workers)
    rows = [
        (*c.label, mean(r, "events"), mean(r, "captures"), mean(r, "mean_held_share"),
         share(r, INSURGENT_NATIONAL), share(r, INSURGENT_REGIONAL), reasons(r), mean(r, "capital_assaults"),
         mean(r, "capital_lost_days"), mean(r, "full_table"))
        for c, r in zip(cases, found, strict=True)
    ]  # fmt: skip
    by_force = sum(row["reason"] in BY_FORCE for r in found for row in r)
    held = np.array([row[4] for row in rows]).reshape(3, len(FACTORS))
    return Check(
        "strength", "The military road: more fighters hold more, and break through by force alone",
        f"{len(seeds)} seeds each", bool(by_force > 0 and (np.diff(held, axis=1) > 0).all()),
        f"{by_force} of {sum(map(len, found))} runs take the capital or half the centres with collapse switched off",
        ("fighters x", "support", "attacks", "captures", "mean held", "national", "regional", "reasons",
         "assaults on the capital", "days capital lost", "table full"), tuple(rows),
        "Collapse is off, so that every national breakthrough here is the capital or the centres taken and kept by "
        "force. 'Table full': share of runs in which all places for groups were taken at some time; groups then "
        "cannot split and stay large, so that attacks rise less than fighters.",
    )  # fmt: skip


HAZARD_RANGES = {
    "regime.hazard_base": (3e-6, 3e-4), "regime.hazard_starved": (0.0, 12.0), "regime.hazard_shock": (0.0, 4.0),
    "regime.hazard_thin": (0.0, 12.0), "regime.hazard_legitimacy": (0.0, 8.0),
}  # fmt: skip
"""Ranges of the hazard's parameters; the base rate is drawn by its logarithm."""
_POINTS = 16


def hazard_points(points: int = _POINTS) -> list[dict[str, float]]:
    """Return a Latin hypercube over the hazard's parameters; the same every time."""
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(HAZARD_RANGES), rng=np.random.default_rng(20260428)).random(points)
    found = []
    for u in unit:
        values = {key: low + (high - low) * x for (key, (low, high)), x in zip(HAZARD_RANGES.items(), u, strict=True)}
        low, high = HAZARD_RANGES["regime.hazard_base"]
        values["regime.hazard_base"] = low * (high / low) ** float(u[0])
        found.append({key: float(value) for key, value in values.items()})
    return found


def hazard(scenarios: Sequence[Scenario], seeds: Sequence[int], workers: int | None = None) -> Check:
    """Vary the collapse hazard widely in several scenarios: how do breakthroughs split by reason?"""
    points = hazard_points()
    own = [Case((s.name, "own values"), s, {}) for s in scenarios]
    varied = [Case((s.name, "varied"), s.with_settings(p), {}) for s in scenarios for p in points]
    off = [Case((s.name, "collapse off"), s.with_settings({"switches.collapse": 0}), {}) for s in scenarios]
    values = run_cases([*own, *varied, *off], seeds, workers)
    rows: list[tuple[Any, ...]] = []
    total: Counter[str] = Counter()
    for k, s in enumerate(scenarios):
        mine = values[len(own) + k * _POINTS : len(own) + (k + 1) * _POINTS]
        by_point = [share(rows_, INSURGENT_NATIONAL) for rows_ in mine]
        flat = [row for rows_ in mine for row in rows_]
        total.update(row["reason"] for row in flat if row["outcome"] in (INSURGENT_NATIONAL, INSURGENT_REGIONAL))
        for label, some in (("own values", values[k]), ("varied", flat), ("collapse off", values[-len(off) + k])):
            low, high = wilson(sum(r["outcome"] == INSURGENT_NATIONAL for r in some), len(some), _LEVEL)
            spread = f"{min(by_point):.0%} to {max(by_point):.0%}" if label == "varied" else ""
            rows.append((s.name, label, len(some), share(some, INSURGENT_NATIONAL), f"{low:.2f}-{high:.2f}", spread,
                         reasons(some)))  # fmt: skip
    everyone = sum(total.values())
    by_reason = (
        ", ".join(f"{reason} {count / everyone:.0%}" for reason, count in total.most_common()) if everyone else "none"
    )
    return Check(
        "hazard", "Breakthroughs by reason, the collapse hazard varied widely",
        f"{_POINTS} points of a Latin hypercube, {len(seeds)} seeds each", None,
        f"of {everyone} breakthroughs of the insurgents: {by_reason}",
        ("scenario", "hazard", "runs", "national", "90 % interval", "over points", "reasons"), tuple(rows),
        "Reported: the hazard's parameters are assumptions that nobody has measured, and this is what hangs on them. "
        + "Ranges: " + "; ".join(f"`{key}` {low:g} to {high:g}" for key, (low, high) in HAZARD_RANGES.items()) + ".",
    )  # fmt: skip


POOLS = (0.0001, 0.001, 0.005)


def without_refill(scenario: Scenario, seeds: Sequence[int], workers: int | None = None) -> Check:
    """Take the army's refill away (k = 0) and make the pool of recruits small: is there still a stalemate?"""
    cases = [
        Case(("on" if k else "off", pool, support), scenario.with_settings({
            "switches.reinforcement": k, "insurgents.recruit_pool": pool, "population.insurgent_support": support}), {})
        for k in (1, 0) for pool in POOLS for support in (0.2, 0.4)
    ]  # fmt: skip
    found = run_cases(cases, seeds, workers)
    rows = [
        (*c.label, share(r, STALEMATE), share(r, INSURGENT_NATIONAL, INSURGENT_REGIONAL), share(r, STATE_BREAKTHROUGH),
         mean(r, "state_end"), mean(r, "insurgents_end"))
        for c, r in zip(cases, found, strict=True)
    ]  # fmt: skip
    bare = [row[3] for row in rows if row[0] == "off" and row[2] == 0.2]
    return Check(
        "without-refill", "Stalemate without the army's refill (k = 0) and with few who can be recruited",
        f"{len(seeds)} seeds each", min(bare) > 0.5,
        f"stalemate in {min(bare):.0%} to {max(bare):.0%} of runs with k = 0 (support 0.2)",
        ("refill", "recruit pool", "support", "stalemate", "insurgents break through", "state breaks through",
         "soldiers at the end", "insurgents at the end"), tuple(rows),
        "k(B̂ − B) restores by itself, and so could make a stalemate that nothing else holds. Recruit pool: share of a "
        "place's people who can ever be recruited.",
    )  # fmt: skip


def monotone_check(name: str, title: str, tried: Sequence[Tried], level: float) -> Check:
    """Return the statements tried on one ground as a check."""
    failed = [t.statement.id for t in tried if not t.holds]
    dull = [t.statement.id for t in tried if all(step.moved == 0 for step in t.steps)]
    rows = [
        (t.statement.id, t.statement.key, f"{s.low:g} to {s.high:g}", t.statement.measure, t.statement.expected,
         s.before, s.after, s.difference, " to ".join(told(end, sign=True) for end in s.interval), s.moved,
         "" if t.holds else "**fails**")
        for t in tried for s in t.steps
    ]  # fmt: skip
    verdict = "all hold" if not failed else f"{', '.join(failed)} fail"
    verdict += f"; no seed moved under {', '.join(dull)}: no evidence" if dull else ""
    return Check(
        name, title, f"{tried[0].pairs} pairs of runs a step", not failed, f"of {len(tried)}: {verdict}",
        ("", "setting", "from, to", "measure", "expected", "before", "after", "difference", f"{level:.0%} interval",
         "seeds moved", ""), tuple(rows),
    )  # fmt: skip
