"""A run on the command line: its folder, its id, reuse, comparison of the drivers, a disk that fills up."""

import errno
import functools
import json
import shutil
import sys
import time

import pandas as pd
import pytest

import sim
from experiments.cli import main
from experiments.compose import compose_request, load_scenario
from experiments.run import _progress, prepare, why_not_reused
from sim.summary import summarise

SETTINGS = ("scenario=minimal", "days=60", "seed=2")
FILES = {"summary.json", "daily.parquet", "events.parquet", "config.yaml", "manifest.json", "story.txt", "report.html"}
LOSSES = ["civilians", "insurgents", "state", "contractors"]
# The keys that the project promised, in the order and the nesting in which it did; more may stand beside them.
PROMISED = {
    "run_id": None, "scenario": None, "seed": None, "days": None, "outcome": None, "outcome_evidence": None,
    "strangled": None, "deaths": LOSSES,
    "summer": ["deaths", "events", "base_attacks", "road_attacks", "regions_attacked"],
    "events_by_country": None, "capital": ["days_denied", "longest_denial_days", "recovered_on_day", "mean_service"],
    "regional_centres": None, "captures": None, "median_hold_days": None, "max_held_population_share": None,
    "contractors": ["start", "end", "left_on_day"], "heavy_fires_share_contractors": None,
    "convoys": ["sent", "arrived", "attacked"], "tankers": ["sent", "burned", "refused"],
    "ledger": ["people_error", "fuel_error_litres"], "world_hash": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a run, made once; tests get a copy."""
    outputs = tmp_path_factory.mktemp("finished")
    assert main(["run", *SETTINGS, "--outputs", str(outputs), "--no-figures"]) == 0
    (folder,) = outputs.iterdir()
    return folder


@pytest.fixture
def kept(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "runs" / finished.name)


@functools.cache
def request(*words):
    return compose_request([*SETTINGS, *words])


def job(outputs, *words):
    return prepare(request(*words), outputs, figures=False)


@pytest.fixture
def stalemate(capsys, tmp_path):
    def call(*words, outputs=tmp_path / "runs", figures=False):
        shown = [] if figures else ["--no-figures"]
        status = main(["run", *SETTINGS, "--outputs", str(outputs), *shown, *map(str, words)])
        out, err = capsys.readouterr()
        return status, out, err

    call.outputs = tmp_path / "runs"
    call.folders = lambda: sorted(call.outputs.iterdir())
    call.only = lambda: call.folders()[0] if len(call.folders()) == 1 else pytest.fail(str(call.folders()))
    return call


def read(folder, name="manifest.json"):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def stamps(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_a_run_writes_its_folder_and_tells_its_story(stalemate):
    status, out, err = stalemate()
    folder = stalemate.only()
    assert (status, err) == (0, "")
    assert {path.name for path in folder.iterdir()} == FILES
    assert (folder / "story.txt").read_text(encoding="utf-8") in out
    assert len(out.splitlines()) <= 15
    assert folder.name == read(folder)["run_id"] == read(folder, "summary.json")["run_id"]


def test_the_folder_holds_what_simulate_returns(finished):
    result = sim.simulate(load_scenario("minimal", ["days=60"]), seed=2)
    assert read(finished, "summary.json") == json.loads(json.dumps({"run_id": finished.name, **result.summary}))
    pd.testing.assert_frame_equal(pd.read_parquet(finished / "daily.parquet"), result.daily)
    pd.testing.assert_frame_equal(pd.read_parquet(finished / "events.parquet"), result.events, check_dtype=False)


def test_the_summary_has_the_promised_keys_and_lists_civilians_first(finished):
    summary = read(finished, "summary.json")
    assert [key for key in summary if key in PROMISED] == list(PROMISED)
    for key, inner in PROMISED.items():
        assert inner is None or list(summary[key]) == inner, key
    assert list(summary["summer"]["deaths"]) == LOSSES
    assert all(list(centre) == ["longest_denial_days"] for centre in summary["regional_centres"].values())
    assert (summary["ledger"]["people_error"], summary["ledger"]["fuel_error_litres"]) == (0, 0)


def test_the_same_command_verifies_and_reuses(stalemate, kept):
    before = stamps(kept)
    status, out, err = stalemate()
    assert status == 0
    assert (kept / "story.txt").read_text(encoding="utf-8") in out
    assert err.startswith("reused ") and err.count("\n") == 1
    assert stamps(stalemate.only()) == before


def test_force_runs_again(stalemate, kept):
    before = stamps(kept)
    status, _, err = stalemate("--force")
    assert (status, err) == (0, "")
    after = stamps(stalemate.only())
    assert after.keys() == before.keys() and all(after[name] > before[name] for name in after)


def test_a_file_that_was_changed_is_made_anew(stalemate, kept):
    (kept / "daily.parquet").write_bytes(b"other")
    _, _, err = stalemate()
    assert err == f"running again: {kept / 'daily.parquet'} is not as it was written\n"
    assert why_not_reused(job(kept.parent)) is None


@pytest.mark.parametrize("how", ["changed", "gone"])
@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_is_watched(kept, name, how):
    assert why_not_reused(job(kept.parent)) is None
    if how == "gone":
        (kept / name).unlink()
    else:
        (kept / name).write_bytes((kept / name).read_bytes() + b" ,")
    what = "is not complete" if name == "manifest.json" else f"{name} is not as it was written"
    assert why_not_reused(job(kept.parent)).endswith(what)


def test_a_run_of_another_model_is_not_reused(kept, monkeypatch):
    monkeypatch.setattr("sim.jit.source_hash", lambda: "another")
    assert why_not_reused(job(kept.parent)) == "the model or its compiler has changed since"


def test_the_id_hashes_configuration_seed_and_version_but_not_how_they_were_typed(kept, monkeypatch):
    outputs = kept.parent
    same = (["contractors.personnel=100.0"], ["contractors.personnel=100"], ["driver=mesa"], ["driver=compiled"])
    assert {job(outputs, *words).run_id for words in ([], *same)} == {kept.name}  # minimal has 100 contractors
    other = (["contractors.personnel=99"], ["seed=3"], ["days=61"], ["timeline=null"], ["force.garrisons.CAP=5"])
    assert len({job(outputs, *words).run_id for words in ([], *other)}) == 1 + len(other)
    monkeypatch.setattr(sim, "__version__", "99")
    assert job(outputs).run_id != kept.name


def test_the_drivers_are_compared(stalemate, kept):
    status, _, err = stalemate("driver=mesa")
    assert status == 0
    assert "the mesa driver made the same world as the compiled driver, bit for bit" in err
    assert read(stalemate.only())["driver"] == "mesa"


def test_drivers_that_disagree_fail_and_the_earlier_run_stays(stalemate, kept):
    manifest = {**read(kept), "world_hash": "0" * 32}
    (kept / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    status, out, err = stalemate("driver=mesa")
    assert (status, out) == (1, "")
    assert "the mesa driver does not agree with the compiled driver; the earlier run was kept" in err
    assert read(stalemate.only()) == manifest


@pytest.mark.parametrize("step", ["write_tables", "write_manifest"])
def test_a_full_disk_is_one_line_and_nothing_half_written_stays(stalemate, kept, monkeypatch, step):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"experiments.run_folder.{step}", full)
    before = stamps(kept)
    status, out, err = stalemate("--force")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "cannot be written: the disk is full; nothing was kept" in err
    assert stamps(stalemate.only()) == before  # the earlier run is still whole
    shutil.rmtree(kept)
    assert stalemate("--force")[0] == 1
    assert stalemate.folders() == []


def test_json_is_one_line_of_the_summary(stalemate, kept):
    _, out, _ = stalemate("--json")
    assert out.count("\n") == 1
    assert json.loads(out) == read(kept, "summary.json")


def test_the_configuration_that_was_kept_is_the_run(finished):
    from experiments.compose import config_folders, read_scenario
    from experiments.yaml_files import read_yaml

    config = read_yaml(finished / "config.yaml")
    again = sim.simulate(read_scenario("minimal", config, config_folders()), seed=config["seed"])
    assert again.summary["world_hash"] == read(finished)["world_hash"]


@pytest.mark.slow
def test_figures_are_drawn_once_and_asked_for_later(stalemate, kept):
    _, _, err = stalemate(figures=True)
    assert err == "running again: it has no figures yet\n"
    folder = stalemate.only()
    assert {path.stem for path in (folder / "figures").glob("*.svg")} == {"map", "time_lines", "event_sizes"}
    assert sorted(read(folder)["figures"]) == sorted(f"figures/{path.name}" for path in (folder / "figures").iterdir())
    assert stalemate()[2].startswith("reused ")  # a run that has more than was asked for is fine


class Terminal:
    """A stream that says whether it is a terminal, and keeps what is written."""

    def __init__(self, terminal):
        self.terminal, self.text = terminal, ""

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.parametrize(("terminal", "seconds", "shown"), [(True, 5, True), (True, 0.5, False), (False, 5, False)])
def test_progress_is_shown_past_one_second_and_only_on_a_terminal(monkeypatch, terminal, seconds, shown):
    stream, now = Terminal(terminal), [0.0]
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with _progress(100) as advance:
        for day in range(100):
            now[0] += seconds / 100
            advance(day + 1)
    assert ("days" in stream.text) == shown


# --- sides that are not there ---


def summary_of(*settings, scenario="mali_2025"):
    return sim.simulate(load_scenario(scenario, settings), seed=1).summary


@pytest.mark.parametrize("scenario", ["mali_2025", "minimal"])
def test_without_insurgents_all_is_quiet(scenario):
    summary = summary_of("force.groups=null", "days=200", scenario=scenario)
    assert sum(summary["deaths"].values()) == summary["captures"] == summary["convoys"]["attacked"] == 0
    assert summary["capital"]["days_denied"] == 0


def test_without_contractors_the_state_is_weaker():
    """With the same luck: fewer strikes, and fewer insurgents killed."""
    few, usual = (
        sim.simulate_many(load_scenario("mali_2025", ["days=240", *settings]), seeds=range(4), workers=1)
        for settings in (["contractors.personnel=0"], [])
    )
    assert few["fires"].sum() < 0.7 * usual["fires"].sum()
    assert few["deaths_insurgents"].sum() < usual["deaths_insurgents"].sum()


def test_without_state_forces_the_regime_falls_fast():
    settings = ["force.garrisons=null", "force.columns=null", "force.escorts=null", "days=100"]
    summary = summary_of(*settings)
    assert summary["outcome"] == "insurgent_national_breakthrough"
    assert summary["outcome_evidence"]["day"] < 30


def test_summaries_are_plain_data():
    result = sim.simulate(load_scenario("minimal", ["days=30"]), seed=4)
    again = summarise(result.scenario, 4, result.world, result.trace, result.log)
    assert json.loads(json.dumps(again, allow_nan=False)) == again == result.summary
