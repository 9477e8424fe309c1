"""From the words of ``stalemate sweep`` to a request: what is shipped, what can be swept, what is refused."""

import os
import re

import pytest
from sweep_support import SERIAL

from experiments.cli import main
from experiments.compose import config_folders, load_scenario
from experiments.overrides import options
from experiments.paths import conf_dir
from experiments.sweep import compose_sweep, read_sweep, run_sweep
from sim.parameter_errors import StalemateError
from sim.parameters import flatten

FIVE = "scenario=minimal"


def request(*words):
    return compose_sweep(words)[0]


def test_without_a_design_it_is_the_scenario_with_twenty_seeds():
    found = request()
    assert (len(found.points), found.seeds, found.keys) == (1, tuple(range(1, 21)), ())
    assert found.scenario(0) == load_scenario("mali_2025")


def test_the_command_of_the_issue():
    found = request("sweep.grid={contractors.personnel: [0,500,1000]}", "sweep.seeds=50")
    assert list(found.points["contractors.personnel"]) == [0, 500, 1000] and found.runs == 150
    assert found.scenario(1).parameters.contractors.personnel == 500


@pytest.mark.parametrize(
    ("words", "seeds"),
    [
        (["sweep.seeds=3"], (1, 2, 3)),
        (["sweep.seeds=3", "seed=101"], (101, 102, 103)),
        (["sweep.seeds=[5,2]"], (5, 2)),
    ],
)
def test_seeds_are_counted_from_the_run_s_seed_or_listed(words, seeds):
    assert request(FIVE, *words).seeds == seeds


def test_keys_that_are_no_parameters_get_scenarios_of_their_own():
    found = request("sweep.grid={scenario: [minimal, atlantis], days: [30, 60], state.cost: [80]}", "sweep.seeds=1")
    got = [(found.scenario(p).name, found.scenario(p).days) for p in range(4)]
    assert got == [("minimal", 30), ("minimal", 60), ("atlantis", 30), ("atlantis", 60)]
    assert {flatten(found.scenario(p).parameters)["state.cost"] for p in range(4)} == {80}
    assert list(found.points["scenario"]) == ["minimal", "minimal", "atlantis", "atlantis"]


def test_force_and_timeline_can_be_swept():
    found = request(FIVE, "sweep.list=[{force.garrisons.CAP: 300}, {timeline.summer_campaign: null}]", "sweep.seeds=1")
    assert found.scenario(0).forces.garrisons["CAP"] == 300 and found.scenario(0).timeline
    assert found.scenario(1).forces.garrisons["CAP"] == 600 and not found.scenario(1).timeline


def test_what_a_block_leaves_out_is_the_scenario_s_own_and_nothing_is_run_twice():
    found = request(
        FIVE,
        "state.cost=90",
        "sweep.blocks=[{grid: {state.cost: [80, 90]}}, {grid: {contractors.personnel: [5, 100]}}]",
    )
    assert found.points.to_numpy().tolist() == [[80, 100], [90, 100], [90, 5]]


def test_settings_of_a_run_hold_for_every_point():
    found = request(FIVE, "days=33", "switches.deterrence=0", "sweep.grid={state.cost: [80, 90]}")
    assert {found.scenario(p).days for p in (0, 1)} == {33}
    assert {found.scenario(p).parameters.switches.deterrence for p in (0, 1)} == {0.0}


def test_the_hash_tells_sweeps_apart_and_numbers_written_otherwise_do_not():
    base = [FIVE, "sweep.seeds=2"]
    same = [request(*base, f"sweep.grid={{state.cost: [{x}]}}").sweep_hash for x in ("80", "80.0")]
    other = [
        request(*base, *more).sweep_hash
        for more in (["sweep.grid={state.cost: [81]}"], ["sweep.grid={state.cost: [80]}", "days=3"], ["seed=2"])
    ]
    assert same[0] == same[1] and len({same[0], *other}) == 4


REFUSED = [
    (
        "sweep.grid={contractors.personel: [1]}",
        "unknown key 'contractors.personel'; did you mean 'contractors.personnel'?",
    ),
    (
        "sweep.grid={contractors.personnel: [0, 9000]}",
        "contractors.personnel: 9000 is not allowed; it takes a number from 0 to 4000",
    ),
    (
        "sweep.grid={contractors.personnel: [true]}",
        "contractors.personnel: True is not allowed; it takes a number from 0 to 4000",
    ),
    (
        "sweep.grid={contractors.personnel: []}",
        "sweep.grid.contractors.personnel: has no values; it takes at least one",
    ),
    ("sweep.grid={}", "sweep.grid: has no values; it takes at least one"),
    (
        "sweep.lhs={samples: 5, ranges: {state.cost: [90, 80]}}",
        "sweep.lhs.ranges.state.cost: low 90 is not below high 80",
    ),
    ("sweep.lhs={samples: 5, ranges: {state.cost: [-1, 80]}}", r"state.cost: -1.0 is not allowed; .*"),
    ("sweep.gird={state.cost: [80]}", "sweep: no 'gird'; did you mean 'grid'?"),
    ("sweep.grid={scenario: [mali]}", "scenario: no 'mali'; did you mean 'mali_2025'?"),
    (
        "sweep.grid={seed: [1, 2]}",
        r"sweep.grid.seed: 1 is not allowed; it takes sweep.seeds, as in sweep.seeds=50",
    ),
    (
        "sweep.grid={sweep.seeds: [1]}",
        "sweep.grid.sweep.seeds: 1 is not allowed; it takes keys of a run, not of the sweep itself",
    ),
    ("sweep.seeds=0", "sweep.seeds: 0 is not allowed; it takes a whole number from 1 to 1000000000"),
    ("sweep.seeds=[]", "sweep.seeds: has no values; it takes at least one"),
    ("sweep.seeds=[1,1]", r"sweep.seeds: \[1, 1\] is not allowed; it takes each seed once"),
    ("sweep.seeds=many", "sweep.seeds: 'many' is not allowed; it takes a whole number from 1 to 1000000000"),
    (
        "sweep.chunk_seconds=0",
        "sweep.chunk_seconds: 0.0 is not allowed; it takes seconds, above 0 and up to 3600",
    ),
    (
        "sweep.max_failures=-1",
        "sweep.max_failures: -1 is not allowed; it takes a whole number from 0 to 1000000000",
    ),
    (
        "experiment=suport_by_interdiction",
        "experiment: no 'suport_by_interdiction'; did you mean 'support_by_interdiction'?",
    ),
    ("executor=thread", "executor: no 'thread'; did you mean 'threads'?"),
    ("executor.wokers=2", "executor: no 'wokers'; did you mean 'workers'?"),
    ("executor.workers=0", "executor.workers: 0 is not allowed; it takes a whole number from 1 to 100000"),
    ("executor.name=ray", "executor.name: no 'ray'; .*"),
    (
        "state.cost=1,2",
        r"state.cost: '1,2' is not allowed; a sweep takes several values as 'sweep.grid={state.cost: \[1,2\]}'",
    ),
    ("seed=1,2", r"seed: '1,2' is not allowed; a sweep takes several values as sweep.seeds=\[1,2\]"),
    (
        "seeds=50",
        r"seeds: not a key of a run; a sweep takes sweep.seeds=…, as in sweep.seeds=50 or sweep.seeds=\[3,5,8\]",
    ),
    ("workers=2", "workers: not a key of a run; a sweep takes executor.workers=…"),
    ("lhs.samples=2", "lhs.samples: not a key of a run; a sweep takes sweep.lhs.samples=…"),
    ("nonsense", "'nonsense' cannot be read; settings are written key=value, as in seed=3"),
]


@pytest.mark.parametrize(("word", "told"), REFUSED)
def test_what_is_wrong_is_told_in_one_line_before_the_first_run(word, told, capsys, tmp_path):
    assert main(["sweep", FIVE, word, "--outputs", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    line = err.removeprefix("stalemate: ").rstrip("\n")
    assert not out and "\n" not in line and re.fullmatch(told.replace("?", r"\?").replace("(", r"\("), line)
    assert not list(tmp_path.iterdir())


# --- the command ---


def test_plan_says_how_many_runs_and_how_long_and_runs_nothing(capsys, tmp_path):
    assert main(["sweep", FIVE, "days=10", "sweep.seeds=7", "--plan", "--outputs", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"7 runs \(1 point × 7 seeds\), about 1 s on \d+ worker.*s a run, measured on 5\)", out)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_row_run_again_is_the_same_world_and_the_exit_status_tells_of_failures(capsys, tmp_path):
    words = [FIVE, "days=40", "sweep.grid={state.cost: [80, 90], scenario: [minimal, atlantis]}", "sweep.seeds=2"]
    assert main(["sweep", *words, "--folder", str(tmp_path / "s")]) == 0
    assert "The model cannot tell" in capsys.readouterr().out
    table = read_sweep(tmp_path / "s").table
    for row in ("6", table["run_id"][2]):
        assert main(["run", "--row", str(tmp_path / "s"), row, "--no-figures", "--outputs", str(tmp_path)]) == 0
        assert "the same world as in the sweep, bit for bit" in capsys.readouterr().err
    assert (tmp_path / table["run_id"][6]).is_dir()
    assert main(["run", "--row", str(tmp_path / "s"), "99", "--outputs", str(tmp_path)]) == 2
    assert "takes a whole number from 0 to 7, or a run_id" in capsys.readouterr().err
    assert main(["run", "--row", str(tmp_path / "s"), "0", "days=3", "--outputs", str(tmp_path)]) == 2


@pytest.mark.slow
def test_a_full_disk_is_told_in_one_line_and_the_sweep_goes_on_later(capsys, tmp_path, monkeypatch):
    from pathlib import Path

    write, left = Path.write_bytes, [4]

    def full(self, data):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, os.strerror(28), str(self))
        return write(self, data)

    words = ["sweep", FIVE, "days=10", "sweep.seeds=40", "executor=serial", "--folder", str(tmp_path / "s")]
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        assert main(words) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert "the disk is full; finished parts are kept, the same command goes on from them" in told
    assert len(list((tmp_path / "s" / "parts").iterdir())) == 2
    assert main(words) == 0
    assert "were finished before" in capsys.readouterr().err


# --- what is shipped ---


EXPERIMENTS = options("experiment", config_folders())


def first_command(path):
    line = next(line for line in path.read_text(encoding="utf-8").splitlines() if "stalemate " in line)
    return line.removeprefix("# ")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_experiment_begins_with_the_command_that_runs_it_and_composes(name):
    command = first_command(conf_dir() / "experiment" / f"{name}.yaml")
    assert command.startswith("stalemate ") and name.removesuffix("_full") in command
    found = request(f"experiment={name}")
    assert found.name == name and found.runs > 1


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_experiment_runs_small(name, tmp_path):
    found = request(f"experiment={name}", "days=3", "sweep.seeds=1")
    few = found.points.iloc[:3]
    small = found.replaced(points=few, base_of=found.base_of[:3])
    assert (read_sweep(run_sweep(small, tmp_path / "s", SERIAL)).table["error"] == "").all()


@pytest.mark.parametrize("name", options("sweep", config_folders()))
def test_each_design_composes(name):
    assert request(f"sweep={name}").runs >= 20


def test_a_reader_s_own_experiment_joins_through_config_dir(tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(
        "# @package _global_\ndefaults: [{override /scenario: minimal}, _self_]\ndays: 9\n"
        "sweep: {seeds: 3, grid: {state.cost: [80]}}\n"
    )
    found, _ = compose_sweep(["experiment=mine"], tmp_path)
    assert (found.name, found.scenario(0).name, found.scenario(0).days, found.runs) == ("mine", "minimal", 9, 3)
    with pytest.raises(StalemateError, match="did you mean 'mine'"):
        compose_sweep(["experiment=mne"], tmp_path)
