"""The finding of one run in one line, for the titles of its figures. Plain words, and never more than the run shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from experiments.numbers import count
from sim.outcomes import (
    INDETERMINATE,
    INSURGENT_NATIONAL,
    INSURGENT_REGIONAL,
    NOT_ASSESSED,
    STALEMATE,
    STATE_BREAKTHROUGH,
)

if TYPE_CHECKING:
    from experiments.figures.run_tables import EventSizes
    from experiments.plain_run import PlainRun, Table

ANECDOTE: Final = "One run is an anecdote: another seed may end otherwise."
CLASS_WORDS: Final = {
    INSURGENT_NATIONAL: "Insurgent national breakthrough",
    INSURGENT_REGIONAL: "Insurgent regional breakthrough",
    STATE_BREAKTHROUGH: "State breakthrough",
    STALEMATE: "Stalemate",
    INDETERMINATE: "Indeterminate",
    NOT_ASSESSED: "Not assessed",
}
REASON_WORDS: Final = {
    "capital": "the capital is lost",
    "collapse": "the regime collapses",
    "centres": "half of the centres' people are held for long",
    "region": "a regional capital is held for long",
    "insurgency_broken": "the insurgency is broken",
}
# What an unmet condition of a stalemate means, from its evidence.
UNMET: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "control_trend_points_per_year": lambda e: f"control may drift {e['low']:+.0f} to {e['high']:+.0f} points a year",
    "windows_with_low_intensity": lambda e: f"events within their band in only {e['value']:.0%} of 30-day windows",
    "temporary_captures": lambda _: "no place was taken and given up again",
    "capital_served_outside_shocks": lambda e: f"capital served only {e['value']:.0%} even outside shocks",
    "longest_shock_days": lambda e: f"a fuel shock of the capital of {count(e['value'], 'day')}, or one not over",
}


def outcome_finding(summary: dict[str, Any]) -> str:
    """The outcome class with its main reason."""
    name, evidence = summary["outcome"], summary["outcome_evidence"]
    words = CLASS_WORDS.get(name, name.replace("_", " "))
    if name == NOT_ASSESSED:
        days = summary["days"]
        return f"{words}: {count(days, 'day')} {'is' if days == 1 else 'are'} too few to judge"
    if "reason" in evidence:
        return f"{words} on day {evidence['day']}: {REASON_WORDS.get(evidence['reason'], evidence['reason'])}"
    if name == STALEMATE:
        return f"{words}: the war goes on, and nobody wins"
    unmet = [UNMET[key](part) if key in UNMET else key for key, part in evidence.items() if not part["met"]]
    more = f" (and {len(unmet) - 1} more)" if len(unmet) > 1 else ""
    return f"{words}: {unmet[0]}{more}" if unmet else words


def map_finding(places: Table, roads: Table, events: Table) -> str:
    """Where the run's violence was, and what was held for how long."""
    attacks = int(roads["attacks"].sum())
    on_roads = f"{count(attacks, 'attack')} on roads"
    held_days = places["days_held_by_insurgents"]
    held = int((held_days > 0).sum())
    if held:
        longest = int(held_days.argmax())
        name, days = str(places["name"][longest]).split("/")[0], int(held_days[longest])
        return f"{count(held, 'place')} held by insurgents, {name} longest ({count(days, 'day')} in all); {on_roads}"
    if not len(events["kind"]):
        return "All quiet: no acts of violence, and no place held by insurgents"
    return f"No place held by insurgents; {on_roads}"


def size_finding(sizes: EventSizes) -> str:
    """How heavy the tail of the event sizes is."""
    if not len(sizes.sizes):
        return "No lethal battle events in this run"
    if sizes.law is None:
        return f"{count(len(sizes.sizes), 'lethal battle event')}: too few to fit a tail"
    tenth = max(1, round(len(sizes.sizes) / 10))
    share = sizes.sizes[-tenth:].sum() / sizes.sizes.sum()
    exponent = f"tail exponent {sizes.law.exponent:.2f} ± {sizes.law.error:.2f}"
    return f"The deadliest tenth of battles makes {share:.0%} of the deaths in battles; {exponent}"


def run_detail(run: PlainRun) -> str:
    """What was run, and that one run proves nothing."""
    scenario, days = run.scenario, run.days
    start = date.fromisoformat(scenario.start_date)
    when = f"{count(days, 'day')} from {start.day} {start:%B %Y}"
    return f"{scenario.title or scenario.name}, seed {run.seed}, {when}. {ANECDOTE}"
