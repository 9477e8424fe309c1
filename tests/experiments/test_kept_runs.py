"""Kept runs: replayed, branched, exported, found by the beginning of their id, refused when they cannot be trusted."""

from __future__ import annotations

import json
import re
import shutil
import zipfile

import numpy as np
import pytest

from experiments.at_start import ONLY_AT_START
from experiments.branch import Beside, branched, capped_words, changes_of, in_words, read_day, read_twig
from experiments.cli import main
from experiments.compose import load_scenario
from experiments.recording import record
from experiments.replay import differences
from sim.parameters import flatten, infos
from sim.run import simulate

RUN = ["run", "scenario=minimal", "days=90", "seed=2", "--no-figures"]


def stalemate(capsys, *words):
    status = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    assert main([*RUN, "--outputs", str(folder)]) == 0
    return folder


@pytest.fixture
def run_folder(outputs, tmp_path):
    """A copy of the run that a test may spoil."""
    (source,) = [f for f in outputs.iterdir() if not json.loads((f / "manifest.json").read_text()).get("branch_of")]
    return shutil.copytree(source, tmp_path / "outputs" / source.name)


def test_the_last_line_of_a_run_says_where_its_report_is(outputs, capsys):
    status, out, _ = stalemate(capsys, *RUN, "--outputs", outputs)
    assert status == 0
    assert re.fullmatch(r"Report: .*report\.html", out.splitlines()[-1])


def test_a_replay_makes_the_same_world(run_folder, capsys):
    for name in (run_folder.name, run_folder.name[:9], run_folder):
        status, out, err = stalemate(capsys, "replay", name, "--outputs", run_folder.parent)
        assert (status, err) == (0, "")
        assert out.startswith(f"{run_folder.name}: the same world, bit for bit, after 90 days")


def change_manifest(folder, **facts):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **facts}))


def test_a_replay_on_another_machine_compares_summaries(run_folder, capsys):
    change_manifest(run_folder, world_hash="0" * 32, cpu="another", maths_hash="0" * 12)
    status, out, _ = stalemate(capsys, "replay", run_folder.name, "--outputs", run_folder.parent)
    assert status == 0
    assert "to be expected: the maths library and the CPU changed since" in out
    assert "The summaries are the same in everything else." in out


def test_a_replay_that_differs_without_a_reason_fails(run_folder, capsys):
    change_manifest(run_folder, world_hash="0" * 32)
    status, out, _ = stalemate(capsys, "replay", run_folder.name, "--outputs", run_folder.parent)
    assert status == 1
    assert "must not be" in out


def test_differences_between_summaries_are_named():
    old = {"deaths": {"civilians": 3, "state": 1}, "mean": 0.1, "world_hash": "a"}
    new = {"deaths": {"civilians": 4, "state": 1}, "mean": 0.1 + 1e-15, "world_hash": "b", "more": 1}
    assert list(differences(old, new)) == [("deaths.civilians", 3, 4), ("more", None, 1)]


def test_a_branch_lies_beside_its_trunk_in_one_report(run_folder, capsys):
    words = ("branch", run_folder.name, "--day", 30, "logistics.load_l=30000", "--no-figures")
    status, out, err = stalemate(capsys, *words, "--outputs", run_folder.parent)
    assert (status, err) == (0, "")
    (folder,) = [f for f in run_folder.parent.iterdir() if f != run_folder]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["branch_of"] == run_folder.name
    assert manifest["parts_on"] >= 30
    assert f"(day {manifest['parts_on']})" in out
    assert out.splitlines()[-1] == f"Both side by side: {folder / 'report.html'}"
    html = (folder / "report.html").read_text()
    assert "as it was" in html and "logistics.load_l = 30000 (was" in html
    # A branch is a run like any other: its own configuration makes it again.
    assert stalemate(capsys, "replay", folder.name, "--outputs", run_folder.parent)[0] == 0


@pytest.mark.slow
def test_a_branch_is_its_trunk_until_its_day_and_wins_over_the_timeline_from_then_on():
    key = "state.cost"  # the treasury pays it every day, so that every change shows at once
    base = load_scenario(
        "mali_2025",
        [
            f"timeline.early={{day: 10, action: set, key: {key}, value: 20}}",
            f"timeline.slope={{day: 20, action: ramp, key: {key}, value: 50, days: 60}}",
            f"timeline.late={{day: 70, action: set, key: {key}, value: 30}}",
            "timeline.other={day: 70, action: set, key: combat.ambush_rate, value: 0.01}",
            "days=80",
        ],
    )
    changed = branched(base, 45, read_twig([f"{key}=10"], 45, base))
    own = [entry for entry in changed.timeline if entry.key == key]
    assert own[-1].day == 45 and own[-1].value == 10.0
    assert max(entry.day for entry in own[:-1]) < 45
    assert any(entry.key == "combat.ambush_rate" for entry in changed.timeline)
    a, b = record(base, 3), record(changed, 3)
    differ = np.flatnonzero(a.camera.fingerprint != b.camera.fingerprint)
    assert differ[0] == 45
    assert np.array_equal(a.result.trace[:45], b.result.trace[:45])
    assert a.result.world["params"]["state"]["cost"][0] == 30.0
    assert b.result.world["params"]["state"]["cost"][0] == 10.0
    assert b.result.world["params"]["combat"]["ambush_rate"][0] == 0.01


@pytest.mark.slow
def test_a_branch_on_a_step_of_a_ramp_starts_from_what_was_set_before():
    key = "state.command_quality"
    start = flatten(load_scenario("mali_2025").parameters)[key]
    base = load_scenario("mali_2025", [f"timeline.slope={{day: 0, action: ramp, key: {key}, value: 0.9, days: 100}}"])
    (change,) = changes_of(base, 50, read_twig([f"{key}=0.1"], 50, base))
    assert start < change.was < 0.9
    assert in_words([change]) == f"{key} = 0.1 (was {change.was:g})"


@pytest.mark.slow
def test_contractors_can_leave_on_a_day():
    base = load_scenario("mali_2025", ["days=60"])
    gone = simulate(branched(base, 20, read_twig(["withdraw_contractors=5000"], 20, base)), 1)
    assert gone.trace["contractors"][19] > 0
    assert gone.trace["contractors"][20] == 0


@pytest.mark.parametrize(("day", "settings", "said"), [
    (20, ["withdraw_contractors=5000"], "5,000 asked for, {there:,} there"),
    (20, ["withdraw_contractors=100"], ""),
    (20, ["add_contractors.BKO=500", "withdraw_contractors=100000"], "100,000 asked for, {more:,} there"),
    (0, ["withdraw_contractors=1001"], "1,001 asked for, 1,000 there"),
    (0, ["withdraw_contractors=1000"], ""),
])  # fmt: skip
def test_a_withdrawal_of_more_contractors_than_there_are_is_said_to_be_capped(day, settings, said):
    base = load_scenario("mali_2025", ["days=30"])
    trunk = record(base, 1)
    beside = Beside("x", trunk, changes_of(base, day, read_twig(settings, day, base)), day)
    there = int(trunk.result.trace["contractors"][19])
    words = capped_words(beside, base)
    assert len(words) == bool(said)
    assert said.format(there=there, more=there + 500) in "".join(words)
    if said:
        grown = simulate(branched(base, day, read_twig(settings, day, base)), 1)
        assert grown.trace["contractors"][day] == 0


def test_what_the_scenario_itself_withdraws_that_day_is_not_there_to_withdraw():
    base = load_scenario("mali_2025", ["days=30", "timeline.leave={day: 20, action: withdraw_contractors, value: 400}"])
    trunk = record(base, 1)
    beside = Beside("x", trunk, changes_of(base, 20, read_twig(["withdraw_contractors=5000"], 20, base)), 20)
    left = int(trunk.result.trace["contractors"][19]) - 400
    assert capped_words(beside, base) == [
        f"withdraw_contractors was capped: 5,000 asked for, {left} there to withdraw."
    ]


def test_keys_that_act_only_at_the_start_are_all_known():
    """A key of the list is read by no rule, or only to ask how much of the first stock is left; any other is read."""
    import sim.rules.regime

    folder = __import__("pathlib").Path(sim.rules.regime.__file__).parent
    files = [*folder.glob("*.py"), folder.parent / "day.py", folder.parent / "ledger.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    shares = r"(recruits_left|state_pool) / max\(1\.0, rules\.recruit_pool\b"
    assert len(re.findall(shares, text)) == 2
    text = re.sub(shares, "", text)
    unread = {key for key in infos() if not re.search(rf"\.{key.partition('.')[2]}\b", text)}
    assert unread == set(ONLY_AT_START)


def test_days_are_numbers_or_dates():
    scenario = load_scenario("mali_2025")
    assert read_day("200", scenario) == read_day("2025-07-20", scenario) == 200


REFUSED = [
    (("replay", "minimall-2"), r"no run 'minimall-2' in \S+; did you mean 'minimal-2-\w+'\?"),
    (("replay", "zzz"), r"no run 'zzz' in \S+; runs kept there: 1 \(stalemate runs lists them\)"),
    (("branch", "minimal-2", "--day", "90", "state.cost=3"), r"--day: '90' is not .* day of the run, 0 to 89.*"),
    (("branch", "minimal-2", "--day", "-1", "state.cost=3"), r"--day: '-1' is not allowed.*"),
    (("branch", "minimal-2", "--day", "soon", "state.cost=3"), r"--day: 'soon' is not allowed.*a date, \S+ to \S+"),
    (("branch", "minimal-2", "--day", "5"), r"nothing to change.*"),
    (("branch", "minimal-2", "--day", "5", "state.cots=3"), r"unknown key 'state.cots'; did you mean 'state.cost'\?"),
    (("branch", "minimal-2", "--day", "5", "state.cost=nan"), r"state.cost: 'nan' is not allowed.*"),
    (("branch", "minimal-2", "--day", "5", "state.cost="), r"'state.cost=' cannot be read.*"),
    (("branch", "minimal-2", "--day", "5", "contractors.personnel=3"), r"contractors.personnel: says what a run .*"),
    (("branch", "minimal-2", "--day", "5", "state.recruit_pool=9"), r"state.recruit_pool: says what a .*"),
    (("branch", "minimal-2", "--day", "5", "insurgents.recruit_pool=0.01"), r"insurgents.recruit_pool: says .*"),
    (("branch", "minimal-2", "--day", "5", "withdraw_contractors=half"), r"withdraw_contractors: 'half' is not .*"),
    (("branch", "minimal-2", "--day", "5", "add_men.CPA=5"), r"add_men.CPA: 'CPA' is not allowed.*add_men.CAP"),
    (("branch", "minimal-2", "--day", "5", "days=700"), r"days: is a setting of a run, not .*stalemate run days=….*"),
    (("export", "nothing"), r"no run 'nothing'.*"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_bad_input_is_refused_in_one_line(outputs, capsys, words, message):
    words = list(words)
    if "-1" in words:
        k = words.index("--day")
        words[k : k + 2] = ["--day=-1"]
    status, out, err = stalemate(capsys, *words, "--outputs", outputs)
    assert (status, out) == (2, "")
    assert re.fullmatch(f"stalemate: {message}", err.strip()), err


@pytest.mark.parametrize("command", ["replay", "branch", "export"])
@pytest.mark.parametrize("spoiled", ["config.yaml", "daily.parquet", "manifest.json"])
def test_a_folder_that_was_changed_is_not_trusted(run_folder, capsys, command, spoiled):
    path = run_folder / spoiled
    path.write_bytes(path.read_bytes()[:-3])
    more = ("--day", 5, "state.cost=3") if command == "branch" else ()
    status, _, err = stalemate(capsys, command, run_folder.name, *more, "--outputs", run_folder.parent)
    assert status == 2
    assert re.fullmatch(r"stalemate: \S+: (is not as it was written|the run is not complete).*", err.strip()), err


@pytest.mark.parametrize("command", ["replay", "branch"])
@pytest.mark.parametrize("status", ["running", "complete"])
def test_a_sweep_is_not_taken_for_a_broken_run(tmp_path, capsys, command, status):
    folder = tmp_path / "swept"
    folder.mkdir()
    folder.joinpath("manifest.json").write_text(json.dumps({"kind": "sweep", "status": status, "files": {}}))
    more = ("--day", 5, "state.cost=3") if command == "branch" else ()
    for name in (folder, "swept"):
        failed, _, err = stalemate(capsys, command, name, *more, "--outputs", tmp_path)
        assert failed == 2
        row = f"`stalemate run --row {folder} ROW` runs a row of it again"
        assert err == f"stalemate: {folder}: holds a sweep, not a run; {row}\n"


def test_two_runs_with_one_beginning_are_told_apart(run_folder, capsys):
    shutil.copytree(run_folder, run_folder.parent / "minimal-2-other")
    status, _, err = stalemate(capsys, "replay", "minimal-2", "--outputs", run_folder.parent)
    assert status == 2
    assert "is the beginning of 2 runs" in err


def test_an_export_is_the_whole_run_and_the_same_bytes_each_time(run_folder, capsys, tmp_path):
    for name in ("one.zip", "two.zip"):
        assert (
            stalemate(capsys, "export", run_folder.name, "--out", tmp_path / name, "--outputs", run_folder.parent)[0]
            == 0
        )
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "back")
    status, out, _ = stalemate(capsys, "replay", run_folder.name, "--outputs", tmp_path / "back")
    assert status == 0 and "bit for bit" in out


def test_an_export_that_cannot_be_written_leaves_nothing(run_folder, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "x.zip"
    status, _, err = stalemate(capsys, "export", run_folder.name, "--out", target, "--outputs", run_folder.parent)
    assert status == 1
    assert "cannot be written" in err
