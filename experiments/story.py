"""A run in plain words: what happened, when, why, how it is judged and on what evidence, and what it cannot tell."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Mapping
from typing import Any

from experiments.numbers import count
from sim import codes
from sim.outcomes import INDETERMINATE, NOT_ASSESSED, PLAIN_WORDS, shocks
from sim.run import RunResult
from sim.summary import record_of, thresholds_of

WIDTH = 118
MOST_LINES = 14
CANNOT_TELL = (
    "The model cannot tell what happened or will happen: one run of many, stylised places, orders of magnitude."
)
_FIRST_TO_GO = ("The deadliest", "Contractors", "Places", "Regional", "Summer")
_SIDES = {"civilians": "civilian", "insurgents": "insurgent", "state": "soldier", "contractors": "contractor"}
_KINDS = {
    "road_attack": "an attack on the road",
    "outpost_attack": "an attack on an outpost",
    "base_attack": "an assault",
    "coercion": "violence against residents",
    "capture": "a capture",
    "fire": "an air or artillery strike",
    "sweep_contact": "a clash during a sweep",
    "sweep_harm": "a sweep",
    "retake": "a retaking",
}


def tell(result: RunResult) -> str:
    """Return the story of a run, at most :data:`MOST_LINES` lines of at most :data:`WIDTH` characters."""
    parts = [
        _opening(result),
        _verdict(result),
        _evidence(result),
        _losses(result),
        _summer(result),
        _capital(result),
        _deterrence(result),
        _centres(result),
        _captures(result),
        _deadliest(result),
        _contractors(result),
        CANNOT_TELL,
    ]
    lines = [line for part in parts if part for line in _wrapped(part)]
    while len(lines) > MOST_LINES:  # the least telling go first; verdict, losses, fuel and limits never do
        lines = _without_one(lines)
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ")


def _without_one(lines: list[str]) -> list[str]:
    starts = [k for k, line in enumerate(lines) if not line.startswith("  ")]
    for word in _FIRST_TO_GO:
        for k, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            if lines[k].startswith(word):
                return lines[:k] + lines[end:]
    return [*lines[: MOST_LINES - 1], CANNOT_TELL]  # only a title or names of absurd length lead here


def date(result: RunResult, day: int, year: bool = False) -> str:
    """Return a day as people write it: ``2 June``, with the year if asked for."""
    when = datetime.date.fromisoformat(result.scenario.start_date) + datetime.timedelta(days=int(day))
    return f"{when.day} {when:%B}" + (f" {when.year}" if year else "")


def month(result: RunResult, day: int) -> str:
    """Return a day's month: ``Jun 2025``."""
    when = datetime.date.fromisoformat(result.scenario.start_date) + datetime.timedelta(days=int(day))
    return f"{when:%b} {when.year}"


def people(counts: Mapping[str, int], skip_none: bool = False) -> str:
    """Return losses by side in words, civilians first: ``3 civilians, 1 insurgent, 0 soldiers, 2 contractors``."""
    words = [count(counts[side], name) for side, name in _SIDES.items() if counts[side] or not skip_none]
    return ", ".join(words) or "nobody"


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _opening(r: RunResult) -> str:
    last = len(r.trace) - 1
    title = textwrap.shorten(r.scenario.title or r.scenario.name, 60)
    return f"{title}: {date(r, 0, True)} to {date(r, last, True)} ({count(len(r.trace), 'day')}, seed {r.seed})."


def _verdict(r: RunResult) -> str:
    name = r.summary["outcome"]
    if name == NOT_ASSESSED:
        need = r.scenario.judge_day
        return f"Outcome: not assessed. No breakthrough; to call it a stalemate takes a run of at least {need} days."
    if name == INDETERMINATE:
        return "Outcome: indeterminate. There is no breakthrough, yet not all signs of a stalemate either."
    words = PLAIN_WORDS[name]
    text = f"Outcome: {name.replace('_', ' ')}. {words[0].upper()}{words[1:]}."
    evidence = r.summary["outcome_evidence"]
    if "reason" in evidence:
        text += f" {_reason(r, evidence['reason'], evidence['day'])}"
    if r.summary["strangled"]:
        text += " The capital was strangled: it had little or no fuel for 60 days or more."
    return text


def _reason(r: RunResult, reason: str, day: int) -> str:
    when, t = date(r, day, True), r.trace[day]
    if reason == "collapse":
        army = t["state"] / max(1.0, r.trace["state"][0])
        return (
            f"The regime collapsed on {when}, with legitimacy at {t['legitimacy']:.0%}, the army at {army:.0%} of its "
            f"first strength and the capital getting {t['capital_served']:.0%} of its fuel that day. "
            "The run goes on to its last day, and so do all figures."
        )
    return {
        "capital": f"The capital was held by the insurgents for a week by {when}.",
        "centres": f"Centres with half of the people were held for 90 days by {when}.",
        "region": f"A regional capital was held for 90 days by {when}.",
        "insurgency_broken": "In the last 180 days few fighters were left, attacks were rare and the roads open.",
    }[reason]


def _evidence(r: RunResult) -> str:
    evidence = r.summary["outcome_evidence"]
    if "temporary_captures" not in evidence:
        return ""
    t = thresholds_of(r.scenario)
    value = {key: part.get("value") for key, part in evidence.items()}
    trend = evidence["control_trend_points_per_year"]
    shock = value["longest_shock_days"]
    texts = {
        "temporary_captures": f"{count(value['temporary_captures'], 'capture')} that did not last",
        "windows_with_low_intensity": (
            f"{t.events_low:g} to {t.events_high:g} attacks in "
            f"{value['windows_with_low_intensity']:.0%} of 30-day windows"
        ),
        "capital_served_outside_shocks": (
            f"the capital got {value['capital_served_outside_shocks']:.0%} of its fuel outside shocks"
        ),
        "longest_shock_days": f"longest shock {count(shock, 'day')}" if shock else "no fuel shock",
        "control_trend_points_per_year": f"insurgent control {changing(trend['low'], trend['high'])}",
    }
    return f"Evidence: {'; '.join(text + _against(evidence[key]) for key, text in texts.items())}."


def _against(part: Mapping[str, Any]) -> str:
    return "" if part["met"] else " (not as in a stalemate)"


def changing(low: float, high: float) -> str:
    """Return an interval of a trend in words: ``changing by -0.2 to +0.1 points a year``."""
    bounds = [f"{x:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0") for x in (low, high)]
    if bounds[0] == bounds[1] == "0.0":
        return "without trend"
    return f"changing by {bounds[0]} to {bounds[1]} points a year"


def _losses(r: RunResult) -> str:
    killed = r.summary["civilians_killed"]
    text = f"Killed: {people(r.summary['deaths'])}."
    if not r.summary["deaths"]["civilians"]:
        return text
    return (
        f"{text} Of the civilians, {killed['by_state_and_contractors']:,} by state and "
        f"contractors, {killed['by_insurgents']:,} by insurgents, {killed['in_combat']:,} between the lines."
    )


def _summer(r: RunResult) -> str:
    first, last = r.scenario.summer
    if len(r.trace) <= first:
        return ""
    s = r.summary["summer"]
    when = f"Summer, {date(r, first)} to {date(r, min(last, len(r.trace) - 1))}"
    others = sum(s["deaths"].values()) - s["deaths"]["civilians"]
    if not s["events"]:
        return f"{when}: no attacks."
    return (
        f"{when}: {count(s['events'], 'attack')}, {s['base_attacks']:,} on bases or towns, {s['road_attacks']:,} on "
        f"roads; {count(s['deaths']['civilians'], 'civilian')} and {count(others, 'other')} killed."
    )


def _capital(r: RunResult) -> str:
    name = r.scenario.geography.places[r.scenario.geography.capital].name
    served = r.trace["capital_served"]
    found = shocks(served, thresholds_of(r.scenario))
    text = f"Fuel in {name}: {served.mean():.0%} of demand met"
    if not found:
        return f"{text}; never cut for three days in a row."
    days = count(r.summary["capital"]["days_denied"], "day")
    first, over = max(found, key=lambda shock: (shock[1] if shock[1] is not None else len(served)) - shock[0])
    span = f"from {date(r, first)} to {date(r, over, True) if over is not None else 'the end'}"
    crises = f"in a crisis {span}" if len(found) == 1 else f"in {len(found)} crises, the longest {span}"
    return f"{text}; cut (under 30%) on {days}, {crises}."


def _deterrence(r: RunResult) -> str:
    tankers, attacked = r.summary["tankers"], r.summary["convoys"]["attacked"]
    if not r.summary["fuel_litres"]["entered"]:
        return "Roads: no fuel entered the country."
    if not attacked:
        return "Roads: no convoy was attacked."
    burned = tankers["burned"] / max(1, tankers["sent"])
    refused = tankers["refused"] / max(1, tankers["sent"] + tankers["refused"])
    more = "fear did more than fire" if refused > burned else "fire did more than fear"
    return (
        f"Roads: {count(attacked, 'attack')} on convoys burned {burned:.1%} of tankers, carriers refused {refused:.1%} "
        f"of trips: {more}."
    )


def _centres(r: RunResult) -> str:
    dry = {n: c["longest_denial_days"] for n, c in r.summary["regional_centres"].items()}
    hit = sorted(((d, n) for n, d in dry.items() if d >= 7), key=lambda x: (-x[0], x[1]))
    if not hit:
        return "Regional centres: none was cut from fuel for a week." if dry else ""
    words = [f"{n} {d}" for d, n in hit[:4]] + ([f"{len(hit) - 4} more"] if len(hit) > 4 else [])
    return f"Regional centres cut for a week or more, days on end: {listed(words)}."


def _captures(r: RunResult) -> str:
    found = record_of(r.scenario, r.trace).holds
    if not found:
        return "Places held by insurgents: none for more than a day."
    end = len(r.trace)
    lengths = sorted(((first - (over or end), first, p, over) for p, first, over in found), key=lambda x: x[:3])
    words = []
    for length, first, p, over in lengths[:3]:
        how_long = count(-length, "day") if over is not None else "to the end"
        words.append(f"{r.scenario.geography.places[p].label} ({month(r, first)}, {how_long})")
    more = [f"{len(found) - 3} more"] if len(found) > 3 else []
    return f"Places held by insurgents, longest first: {listed(words + more)}."


def _deadliest(r: RunResult) -> str:
    if not len(r.log) or not r.log["deaths"].sum():
        return ""
    event = r.log[int(r.log["deaths"].sum(axis=1).argmax())]
    losses = dict(zip(codes.SIDES, (int(d) for d in event["deaths"]), strict=True))
    kind = codes.EVENT_KINDS[event["kind"]]
    return (
        f"The deadliest event: {_KINDS.get(kind, kind.replace('_', ' '))} {_where(r, event)} on "
        f"{date(r, event['day'], True)}; killed: {people(losses, skip_none=True)}."
    )


def _where(r: RunResult, event: Any) -> str:
    geo = r.scenario.geography
    if event["place"] >= 0:
        return f"at {geo.places[event['place']].name}"
    road = geo.roads[event["road"]]
    return f"between {geo.places[geo.index(road.a)].name} and {geo.places[geo.index(road.b)].name}"


def _contractors(r: RunResult) -> str:
    c, share = r.summary["contractors"], r.summary["heavy_fires_share_contractors"]
    if not c["start"]:
        return "Contractors: none."
    gone = f", all but gone by {date(r, c['left_on_day'], True)}" if c["left_on_day"] is not None else ""
    fires = "" if share is None else f"; {share:.0%} of air and artillery strikes were theirs"
    return f"Contractors: {c['start']:,} at first, {c['end']:,} at the end{gone}{fires}."
