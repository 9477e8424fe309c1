"""The story of a run: short, true to the summary, civilians first, and honest about what it cannot tell."""

import dataclasses
import re

import pytest

import sim
from experiments.compose import load_scenario
from experiments.story import CANNOT_TELL, MOST_LINES, WIDTH, count, listed, people, tell

CASES = {
    "a war": ("mali_2025", [], 3),
    "a small war": ("minimal", [], 1),
    "one day": ("minimal", ["days=1"], 1),
    "no insurgents": ("minimal", ["force.groups=null", "days=90"], 1),
    "no contractors": ("minimal", ["contractors.personnel=0", "days=90"], 1),
    "no state": ("mali_2025", ["force.garrisons=null", "force.columns=null", "force.escorts=null", "days=90"], 1),
    "a long title": ("minimal", ["days=30", f"title='{'A very long title ' * 20}'"], 1),
    "long": ("minimal", ["days=1500"], 2),
}


@pytest.fixture(scope="module", params=CASES, ids=str)
def result(request):
    scenario, settings, seed = CASES[request.param]
    return sim.simulate(load_scenario(scenario, settings), seed)


def test_a_story_is_short_and_ends_with_what_the_model_cannot_tell(result):
    lines = tell(result).splitlines()
    assert len(lines) <= MOST_LINES <= 14  # with the line that says where the report is, at most 15
    assert max(map(len, lines)) <= WIDTH
    assert CANNOT_TELL in " ".join(line.strip() for line in lines)


def test_a_story_tells_the_losses_of_the_summary_civilians_first(result):
    text = " ".join(tell(result).split())
    deaths = result.summary["deaths"]
    (told,) = re.findall(r"Killed: ([\d,]+) civilians?, ([\d,]+) insurgents?, ([\d,]+) soldiers?, ([\d,]+) contr", text)
    assert [int(number.replace(",", "")) for number in told] == list(deaths.values())


def test_a_story_names_the_outcome_and_the_run(result):
    first, second = tell(result).splitlines()[:2]
    assert f"seed {result.seed}" in first
    assert second.startswith(f"Outcome: {result.summary['outcome'].replace('_', ' ')}".replace("not assessed", "not"))


def test_a_story_uses_neutral_words(result):
    assert not re.search(r"\b(enemy|enemies|terrorists?|neutrali[sz]ed|victory|score)\b", tell(result), re.I)


def test_a_breakthrough_comes_with_its_reason_and_date():
    settings = ["force.garrisons=null", "force.columns=null", "force.escorts=null", "days=90"]
    run = sim.simulate(load_scenario("mali_2025", settings), seed=1)
    assert run.summary["outcome"] == "insurgent_national_breakthrough"
    assert re.search(r"on \d+ \w+ 2025|by \d+ \w+ 2025", " ".join(tell(run).split()))


def test_a_story_changes_with_the_run():
    result = sim.simulate(load_scenario("minimal", ["days=60"]), seed=1)
    summary = {**result.summary, "deaths": {"civilians": 7, "insurgents": 1, "state": 2, "contractors": 0}}
    told = tell(dataclasses.replace(result, summary=summary))
    assert "Killed: 7 civilians, 1 insurgent, 2 soldiers, 0 contractors." in told


def test_a_summer_of_one_death_is_told_in_the_singular():
    result = sim.simulate(load_scenario("minimal", ["days=160"]), seed=1)
    summer = {**result.summary["summer"], "events": 1, "deaths": {**result.summary["deaths"], "civilians": 1}}
    told = tell(dataclasses.replace(result, summary={**result.summary, "summer": summer}))
    assert "1 attack, " in told and " 1 civilian and " in told


def test_words_for_numbers():
    assert (count(1, "day"), count(1000, "day"), count(0, "day")) == ("1 day", "1,000 days", "0 days")
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c"
    losses = {"civilians": 0, "insurgents": 1, "state": 2, "contractors": 0}
    assert people(losses) == "0 civilians, 1 insurgent, 2 soldiers, 0 contractors"
    assert people(losses, skip_none=True) == "1 insurgent, 2 soldiers"
    assert people(dict.fromkeys(losses, 0), skip_none=True) == "nobody"


def test_a_story_that_ends_in_a_collapse_says_that_the_run_goes_on():
    weak = load_scenario("minimal", ["regime.hazard_base=0.01"])
    fallen = next(r for r in (sim.simulate(weak, s) for s in range(20)) if r.summary["outcome_evidence"].get("reason"))
    assert "The run goes on to its last day" in " ".join(tell(fallen).split())
