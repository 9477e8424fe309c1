"""The process that draws: the same bytes as without it, and nothing left of it, however the run ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sim
from experiments import drawing as module
from experiments.compose import load_scenario
from experiments.drawing import Drawing, drawing
from experiments.figures.run_figures import write_run_figures
from experiments.plain_run import plain_run
from experiments.run_folder import figures_of

SETTINGS = ("scenario=minimal", "days=60", "seed=2")
pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups")


@pytest.fixture(scope="module")
def run():
    return plain_run(sim.simulate(load_scenario("minimal", ["days=60"]), seed=2))


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(module, "cores", lambda: 2)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wait_until(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def group_is_gone(pid):
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("expected", [True, False])
def test_it_writes_the_bytes_that_are_written_without_it(run, tmp_path, two_cores, expected):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    with drawing() as hand:
        pid = hand.process.pid
        if expected:
            hand.expect(run.scenario)
        hand.begin(run, there)
        write_run_figures(run, here)
        assert hand.finished()
    assert contents(there) == contents(here)
    assert figures_of(there) == figures_of(here)
    assert wait_until(lambda: group_is_gone(pid))


@pytest.mark.slow
def test_an_error_in_it_is_an_answer_not_an_exception(run, tmp_path, two_cores):
    with drawing() as hand:
        pid = hand.process.pid
        (tmp_path / "figures").write_text("a file where the folder must be")
        hand.begin(run, tmp_path)
        assert not hand.finished()
        assert not hand.finished()  # asked again, it has nothing more to say
    assert wait_until(lambda: group_is_gone(pid))


def test_one_core_needs_no_second_process(monkeypatch):
    monkeypatch.setattr(module, "cores", lambda: 1)
    with drawing() as hand:
        assert hand.process is None
        assert not hand.finished()


def test_no_figures_need_no_second_process(two_cores):
    with drawing(wanted=False) as hand:
        assert hand.process is None


def test_a_process_that_cannot_be_started_is_done_without(two_cores, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with drawing() as hand:
        assert not hand.finished()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_it_ends_with_the_block_however_that_ends(stop, two_cores):
    with pytest.raises(stop), drawing() as hand:
        pid = hand.process.pid
        raise stop
    assert wait_until(lambda: group_is_gone(pid))


def test_one_that_was_killed_is_no_trouble(run, tmp_path, two_cores):
    with drawing() as hand:
        pid = hand.process.pid
        hand.process.kill()
        hand.process.wait()
        hand.begin(run, tmp_path)
        assert not hand.finished()
    assert wait_until(lambda: group_is_gone(pid))


def test_what_cannot_be_handed_over_is_left_to_the_parent(tmp_path, two_cores):
    with drawing() as hand:
        hand.begin(lambda: None, tmp_path)  # no pickle of this
        assert not hand.finished()


@pytest.mark.slow
def test_a_run_draws_by_itself_when_it_fails(tmp_path, monkeypatch, two_cores):
    from experiments.cli import main

    monkeypatch.setattr(module, "MODULE", "experiments.no_such_module")
    assert main(["run", *SETTINGS, "--outputs", str(tmp_path / "alone")]) == 0
    monkeypatch.undo()
    monkeypatch.setattr(module, "cores", lambda: 2)
    assert main(["run", *SETTINGS, "--outputs", str(tmp_path / "helped")]) == 0
    own = [{k: v for k, v in contents(tmp_path / name).items() if not k.endswith(("manifest.json", "report.html"))}
           for name in ("alone", "helped")]  # fmt: skip
    assert own[0] == own[1]
    assert sum("figures/" in name for name in own[0]) == 13


@pytest.mark.slow
def test_an_error_of_drawing_is_one_line(tmp_path, monkeypatch, two_cores, capsys):
    from experiments import run_folder
    from experiments.cli import main

    def full(folder, run):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "MODULE", "experiments.no_such_module")
    monkeypatch.setattr(run_folder, "write_figures", full)
    assert main(["run", *SETTINGS, "--outputs", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "the disk is full; nothing was kept" in line
    assert not list(tmp_path.iterdir())


@pytest.mark.full
@pytest.mark.parametrize("when", ["importing", "drawing"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_leaves_no_process(tmp_path, number, when):
    if module.cores() < 2 or not os.path.isdir("/proc"):
        pytest.skip("two cores, and /proc")
    words = [sys.executable, "-m", "experiments.cli", "run", "seed=4", "--outputs", str(tmp_path)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def workers():
        """The process that draws; others (the system's name is asked for, say) come and go."""
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as listed:
            found = listed.read().split()
        with contextlib.suppress(OSError):
            return [int(pid) for pid in found if module.MODULE in Path(f"/proc/{pid}/cmdline").read_text()]
        return []

    assert wait_until(workers)
    (worker,) = workers()
    if when == "drawing":
        assert wait_until(lambda: list(tmp_path.glob(".*/figures")), 60)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert wait_until(lambda: group_is_gone(worker), 30)
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "nothing half-done was kept" in told
        assert "Traceback" not in told
        assert not list(tmp_path.rglob("*"))
    assert "Exception" not in told


def test_a_scenario_too_large_to_be_told_in_passing_is_told_with_the_run(run, two_cores, monkeypatch):
    monkeypatch.setattr(module, "_PIPE", 10)
    with drawing() as hand:
        hand.expect(run.scenario)
        hand.process.stdin.close()
        assert hand.process.wait(30) == 0  # it was told nothing, and has nothing to do
        hand.expect(run.scenario)  # to one that is gone: no trouble either


def test_the_parent_that_goes_ends_it():
    hand = Drawing(subprocess.Popen([sys.executable, "-m", module.MODULE], stdin=subprocess.PIPE))
    hand.process.stdin.close()
    assert hand.process.wait(30) == 0


def test_it_imports_neither_the_compiler_of_the_rules_nor_pandas():
    heavy = "('numba', 'pandas', 'scipy', 'mesa', 'hydra')"
    code = f"import sys, {module.MODULE}, pyarrow.parquet; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd())
    assert told.stdout.strip() == "[]"
