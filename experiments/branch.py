"""``stalemate branch``: a kept run again with the same luck and one change from a day on, side by side with itself."""

from __future__ import annotations

import argparse
import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from experiments.at_start import ONLY_AT_START, OnlyAtStartError
from experiments.messages import BadOverrideError, BadSettingError, ConfigurationError, NotAParameterError
from experiments.schema import is_run_setting
from sim import codes
from sim.parameter_errors import UnknownParameterError, nearest
from sim.parameters import check, flatten, infos, setting_index
from sim.scenario import Entry, Scenario
from sim.setup import build_world

if TYPE_CHECKING:
    from experiments.recording import Change, Recorded

_EXAMPLES = """\
examples:
  stalemate branch mali_2025-1 --day 200 switches.deterrence=0
  stalemate branch mali_2025-1 --day 2025-07-20 combat.ambush_rate=0.01 switches.escorts=0
  stalemate branch mali_2025-1 --day 200 withdraw_contractors=1000
  stalemate branch mali_2025-1 --day 200 add_men.GAO=500

Beside parameters (stalemate explain), all on that day: withdraw_contractors=N, add_contractors.PLACE=N, add_men.PLACE=N
(negative to take away) and add_fighters.PLACE=N.
"""
_ACTIONS: Final = ("withdraw_contractors", "add_contractors", "add_men", "add_fighters")


class NoChangeError(ConfigurationError):
    """A branch without a change."""

    def __init__(self) -> None:
        super().__init__("nothing to change; give key=value, as in switches.deterrence=0")


@dataclass(frozen=True)
class Twig:
    """What grows from a day on.

    Attributes:
        entries: for the timeline.
        keys: parameters whose own entries from that day on give way.
    """

    entries: tuple[Entry, ...]
    keys: frozenset[str]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate branch`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("run", metavar="RUN_ID", help="a run's id, the beginning of it, or its folder")
    parser.add_argument("settings", nargs="*", metavar="key=value", help="what is different from that day on")
    parser.add_argument("--day", required=True, metavar="D", help="from which day on: its number, or a date of the run")
    parser.add_argument("--no-figures", action="store_true", help="draw nothing")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"), metavar="DIR", help="where runs are (outputs)")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios, forces, maps")


def execute(args: argparse.Namespace) -> int:
    """Run both, write the branch's folder with the report of both, and say where they part."""
    from experiments.kept_runs import find_run, request_of
    from experiments.run import make, note, prepare, simulate

    kept = find_run(args.run, args.outputs)
    request = request_of(kept, args.config_dir)
    day = read_day(args.day, request.scenario)
    twig = read_twig(args.settings, day, request.scenario)
    changed = branched(request.scenario, day, twig)
    trunk = simulate(prepare(request, args.outputs, figures=False))
    if trunk.result.summary["world_hash"] != kept.manifest["world_hash"]:
        note(f"{kept.run_id} comes out differently here than it was kept; the branch is compared with what it is here")
    beside = Beside(kept.run_id, trunk, changes_of(request.scenario, day, twig), day)
    job = prepare(replace(request, scenario=changed), args.outputs, figures=not args.no_figures)
    make(replace(job, beside=beside))
    print(_told(job.folder, beside, request.scenario))
    return 0


def read_day(text: str, scenario: Scenario) -> int:
    """Return a day of a run from its number or its date.

    Raises:
        BadSettingError: neither, or a day outside the run.
    """
    start = datetime.date.fromisoformat(scenario.start_date)
    last = start + datetime.timedelta(days=scenario.days - 1)
    allowed = f"a day of the run, 0 to {scenario.days - 1}, or a date, {start} to {last}"
    try:
        day = int(text) if text.lstrip("-").isdigit() else (datetime.date.fromisoformat(text) - start).days
    except ValueError:
        raise BadSettingError("--day", text, allowed) from None
    if not 0 <= day < scenario.days:
        raise BadSettingError("--day", text, allowed)
    return day


def read_twig(settings: Sequence[str], day: int, scenario: Scenario) -> Twig:
    """Return what settings (``key=value``) change on a day.

    Raises:
        NoChangeError: there are none.
        BadOverrideError, UnknownParameterError, BadParameterValueError, BadSettingError, OnlyAtStartError,
            NotAParameterError: a setting that cannot be used.
    """
    if not settings:
        raise NoChangeError
    entries: dict[str, Entry] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key or not value.strip():
            raise BadOverrideError(text)
        entries[key] = _entry(key, value.strip(), day, scenario)
    keys = frozenset(entry.key for entry in entries.values() if entry.action == "set")
    return Twig(tuple(entries.values()), keys)


def _entry(key: str, text: str, day: int, scenario: Scenario) -> Entry:
    action, _, place = key.partition(".")
    if action in _ACTIONS:
        return Entry(
            day=day, action=action, value=_people(key, action, text), place=_place(key, place, action, scenario)
        )
    if key in ONLY_AT_START:
        raise OnlyAtStartError(key)
    if is_run_setting(key):
        raise NotAParameterError(key, f"a branch cannot change it, `stalemate run {key}=…` sets it")
    if key not in infos():
        raise UnknownParameterError(key, nearest(key, [*infos(), *_ACTIONS]))
    words = {"true": 1.0, "false": 0.0} if infos()[key].unit == "0/1" else {}
    return Entry(day=day, action="set", key=key, value=check(key, words.get(text.lower(), text)))


def _people(key: str, action: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    low = -1_000_000 if action == "add_men" else 0
    if not value.is_integer() or not low <= value <= 1_000_000:
        raise BadSettingError(key, text, f"a whole number of people from {low} to 1000000")
    return value


def _place(key: str, place: str, action: str, scenario: Scenario) -> str:
    if action == "withdraw_contractors":
        if place:
            raise BadSettingError(key, place, "no place: contractors are withdrawn wherever they are")
        return ""
    known = [p.id for p in scenario.geography.places]
    if place not in known:
        near = scenario.geography.likely(place)
        raise BadSettingError(key, place, f"the id of a place of the map after the dot, as in {action}.{near}")
    return place


def branched(scenario: Scenario, day: int, twig: Twig) -> Scenario:
    """Return the scenario with a change from a day on, which wins over its own timeline.

    Entries that set the same keys are left out from that day on; a ramp under way stops where it is on that day.
    """
    kept = [entry for entry in scenario.timeline if entry.key not in twig.keys]
    kept += [entry for key in sorted(twig.keys) for entry in _before(scenario, key, day)]
    timeline = sorted([*kept, *twig.entries], key=lambda entry: entry.day)
    return replace(scenario, timeline=tuple(timeline))


def _before(scenario: Scenario, key: str, day: int) -> list[Entry]:
    """Return what the timeline sets a key to before a day, each step of a ramp by itself, as the world has it."""
    rows = build_world(scenario, 0)["timeline"][0]
    own = rows[(rows["kind"] == codes.SET) & (rows["index"] == setting_index()[key]) & (rows["day"] < day)]
    return [Entry(day=int(row["day"]), action="set", key=key, value=float(row["value"])) for row in own]


def changes_of(scenario: Scenario, day: int, twig: Twig) -> list[Change]:
    """Return what a branch changes, with what it was on that day."""
    from experiments.recording import Change

    found = []
    for entry in twig.entries:
        if entry.action != "set":
            name = f"{entry.action}.{entry.place}" if entry.place else entry.action
            found.append(Change(name, entry.value, None, day))
            continue
        earlier = _before(scenario, entry.key, day + 1)
        was = earlier[-1].value if earlier else flatten(scenario.parameters)[entry.key]
        found.append(Change(entry.key, entry.value, was, day))
    return found


@dataclass(frozen=True)
class Beside:
    """The run that a branch is compared with.

    Attributes:
        run_id, recorded: which it is, and its recording.
        changes: what the branch does differently.
        day: from which day on.
    """

    run_id: str
    recorded: Recorded
    changes: Sequence[Change]
    day: int

    def parts_on(self, other: Recorded) -> int | None:
        """Return the first day on which a run differs from this one in anything; None if it never does.

        Where days were not kept, the traces are compared.
        """
        mine, its = self.recorded.camera, other.camera
        if mine is None or its is None:
            a, b = self.recorded.result.trace, other.result.trace
            differ = np.array([x != y for x, y in zip(a, b, strict=True)])
        else:
            differ = mine.fingerprint != its.fingerprint
        days = np.flatnonzero(differ)
        return int(days[0]) if len(days) else None


def in_words(changes: Sequence[Change]) -> str:
    """Return what a branch does differently: ``switches.escorts = 0 (was 1)``."""
    return ", ".join(f"{c.key} = {c.value:g}" + (f" (was {c.was:g})" if c.was is not None else "") for c in changes)


def capped_words(beside: Beside, scenario: Scenario) -> list[str]:
    """Return a sentence for each withdrawal of more contractors than there were that day; mostly none.

    There are those of the evening before, after what the scenario's own timeline and earlier changes did that day.
    """
    result = beside.recorded.result
    there = int(result.trace["contractors"][beside.day - 1] if beside.day else result.summary["contractors"]["start"])
    own = [(entry.action, int(entry.value), False) for entry in scenario.timeline if entry.day == beside.day]
    changed = [(change.key.partition(".")[0], int(change.value), True) for change in beside.changes]
    said = []
    for action, people, ours in own + changed:
        if action == "add_contractors":
            there += people
        elif action == "withdraw_contractors":
            if ours and people > there:
                said.append(f"withdraw_contractors was capped: {people:,} asked for, {there:,} there to withdraw.")
            there -= min(there, people)
    return said


def parting_words(scenario: Scenario, day: int | None) -> str:
    """Return where two runs part, in a sentence."""
    if day is None:
        return "The change made no difference: both runs are the same in everything, to the end."
    return f"The two part on {date_of(scenario, day)} (day {day})."


def date_of(scenario: Scenario, day: int) -> str:
    """Return a day as people write it: ``20 July 2025``."""
    when = datetime.date.fromisoformat(scenario.start_date) + datetime.timedelta(days=day)
    return f"{when.day} {when:%B} {when.year}"


def _told(folder: Path, beside: Beside, scenario: Scenario) -> str:
    import json

    from experiments.report import REPORT
    from experiments.run_folder import SUMMARY
    from experiments.story import CANNOT_TELL

    after: Mapping[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    manifest: Mapping[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    since = f"from {date_of(scenario, beside.day)} (day {beside.day}) on"
    lines = [
        f"Same luck as {beside.run_id}; {since}: {in_words(beside.changes)}.",
        *capped_words(beside, scenario),
        parting_words(scenario, manifest["parts_on"]),
        f"As it was: {_ending(beside.recorded.result.summary)}",
        f"Changed:   {_ending(after)}",
        CANNOT_TELL,
        f"Both side by side: {folder / REPORT}",
    ]
    return "\n".join(lines)


def _ending(summary: Mapping[str, Any]) -> str:
    from experiments.story import people
    from sim.outcomes import PLAIN_WORDS

    return f"{PLAIN_WORDS[summary['outcome']]}; killed: {people(summary['deaths'])}."
