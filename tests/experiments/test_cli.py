"""The command line: what it refuses, in one line that names the culprit; what stops it; how it exits."""

import io
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments import cli
from experiments.cli import COMMANDS, main
from experiments.paths import conf_dir

ROOT = Path(__file__).resolve().parents[2]
MINIMAL = conf_dir() / "geography" / "minimal"


@pytest.fixture
def stalemate(capsys, tmp_path):
    """Call the command line with a folder for runs of its own; gives exit status, output, complaints."""

    def call(*words):
        status = main([*map(str, words)])
        out, err = capsys.readouterr()
        return status, out, err

    call.outputs = tmp_path / "runs"
    call.run = lambda *words: call("run", "scenario=minimal", "--no-figures", "--outputs", call.outputs, *words)
    return call


REFUSED = [
    (["scenario=minimul"], "scenario: no 'minimul'; did you mean 'minimal'?"),
    (["scenario=zzz"], "scenario: no 'zzz'; there are army_reform, atlantis"),
    (["driver=mesh"], "driver: no 'mesh'; it takes compiled or mesa; did you mean 'mesa'?"),
    (["contractors.personel=5"], "unknown key 'contractors.personel'; did you mean 'contractors.personnel'?"),
    (["sede=5"], "unknown key 'sede'; did you mean 'seed'?"),
    (["contractors.personnel=nan"], "contractors.personnel: nan is not allowed; it takes a number from 0 to 4000"),
    (["contractors.personnel=-1"], "contractors.personnel: -1 is not allowed; it takes a number from 0 to 4000"),
    (["contractors.personnel=4001"], "contractors.personnel: 4001 is not allowed; it takes a number from 0 to 4000"),
    (["contractors.personnel="], "contractors.personnel: '' is not allowed; it takes a number from 0 to 4000"),
    (["days=0"], "days: 0 is not allowed; it takes a whole number from 1 to 36500"),
    (["days=1.5"], "days: 1.5 is not allowed; it takes a whole number from 1 to 36500"),
    (["seed=-1"], "seed: -1 is not allowed; it takes a whole number from 0 to"),
    (["seed=1,2"], "stalemate run --multirun runs each of them"),
    (["nonsense"], "'nonsense' cannot be read; settings are written key=value, as in seed=3"),
    (["timeline.x={day: 3, action: fly, value: 2}"], "timeline: no action 'fly'; it takes set, ramp, campaign"),
    (["timeline.x={day: -1, action: set, key: state.cost, value: 80}"], "timeline.day: -1 is not allowed"),
    (["timeline.x={day: 3, action: set, key: state.cots, value: 80}"], "unknown key 'state.cots'; did you mean"),
    (["timeline.x={day: 3, action: set, key: state.cost, value: -2}"], "state.cost: -2 is not allowed; it takes"),
    (["timeline.x={day: 3, action: add_contractors, place: XX, value: 2}"], "timeline.place: no place 'XX'"),
    (["geography.folder=nowhere"], "geography.folder: no 'nowhere'; there are atlantis, mali, minimal"),
    (["--config-dir", "nowhere"], "--config-dir: no folder"),
    (["--forse"], "no option '--forse'; did you mean '--force'?"),
    (
        ["--seed=3"],
        "no option '--seed=3'; settings are written without dashes, as in seed=3; stalemate run --help lists",
    ),
    (["scenario=Mali"], "scenario: no 'Mali'; did you mean 'mali_2025'?"),
    (["atlantis"], "'atlantis' cannot be read; did you mean 'scenario=atlantis'?"),
    (["sweep.seeds=4"], "sweep.seeds: belongs to a sweep (stalemate sweep, stalemate thesis); other commands of many"),
    (["agents.cell=nowhere:Cautious"], "agents.cell: module 'nowhere' cannot be imported"),
    (["agents.cell=json:JSONDecoder", "driver=compiled"], "driver: 'compiled' cannot run replaced agents"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_a_bad_run_is_refused_in_one_line_before_anything_is_written(stalemate, words, message):
    status, out, err = stalemate.run(*words)
    assert (status, out) == (2, "")
    assert err.startswith("stalemate: ") and err.count("\n") == 1
    assert message in err
    assert not stalemate.outputs.exists()


def spoil(table, old, new):
    def edit(folder):
        path = folder / table
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def cut_off(folder):
    lines = (folder / "roads.csv").read_text(encoding="utf-8").splitlines()
    (folder / "roads.csv").write_text("\n".join(line for line in lines if "CAP" not in line) + "\n", encoding="utf-8")


BAD_MAPS = {
    "a road to nowhere": (
        spoil("roads.csv", "TWN,CAP", "TWM,CAP"),
        "roads.csv line 4: no place 'TWM'; nearest is 'TWN'",
    ),
    "a length of nan": (spoil("roads.csv", "486", "nan"), "roads.csv line 2: km = 'nan', must be a number above 0"),
    "a length below 0": (spoil("roads.csv", "486", "-486"), "roads.csv line 2: km = '-486', must be a number above 0"),
    "no capital": (spoil("places.csv", ",capital,", ",town,"), "places of kind 'capital' are [], must be exactly one"),
    "no way to the capital": (cut_off, "roads.csv: no way to the capital 'CAP' from a source (SRC)"),
    "no roads": (lambda folder: (folder / "roads.csv").unlink(), "roads.csv cannot be read"),
}


@pytest.mark.parametrize(("edit", "message"), BAD_MAPS.values(), ids=BAD_MAPS)
def test_a_bad_geography_is_refused_in_one_line(stalemate, tmp_path, edit, message):
    folder = shutil.copytree(MINIMAL, tmp_path / "country")
    edit(folder)
    status, out, err = stalemate.run(f"geography.folder={folder}")
    assert (status, out) == (2, "")
    assert err.startswith("stalemate: geography country: ") and err.count("\n") == 1
    assert message in err
    assert not stalemate.outputs.exists()


def test_an_unknown_command_names_the_nearest(stalemate):
    assert stalemate("rum") == (2, "", "stalemate: no command 'rum'; did you mean 'stalemate run'?\n")
    assert stalemate("seed=3") == (2, "", "stalemate: no command 'seed=3'; did you mean 'stalemate run seed=3'?\n")


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
def test_help_lists_every_command(stalemate, words):
    status, out, err = stalemate(*words)
    assert (status, err) == (0, "")
    assert all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(stalemate, name):
    status, out, _ = stalemate(name, "--help")
    assert status == 0
    assert f"usage: stalemate {name}" in out


def test_version(stalemate):
    import sim

    assert stalemate("--version") == (0, f"stalemate {sim.__version__}\n", "")


@pytest.mark.parametrize("place", ["file/runs", "closed/runs"])
def test_a_folder_that_cannot_be_written_is_named(stalemate, tmp_path, monkeypatch, place):
    (tmp_path / "file").write_text("")

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    if place.startswith("closed"):  # by hand: the tests may run as root, whom no permission stops
        monkeypatch.setattr(Path, "mkdir", refuse)
    status, out, err = stalemate("run", "scenario=minimal", "days=5", "--no-figures", "--outputs", tmp_path / place)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert str(tmp_path / place) in err and "cannot be written" in err


def test_an_interrupt_is_one_line_and_leaves_nothing(stalemate, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("experiments.run.write", interrupted)
    status, out, err = stalemate.run("days=5")
    assert (status, out) == (130, "")
    assert err.strip() == "stalemate: interrupted; nothing half-done was kept"
    assert list(stalemate.outputs.iterdir()) == []


def test_an_error_of_our_own_keeps_its_traceback(stalemate, monkeypatch):
    def broken(*_):
        raise ValueError("a bug")

    monkeypatch.setattr("experiments.run.write", broken)
    with pytest.raises(ValueError, match="a bug"):
        stalemate.run("days=5")
    assert list(stalemate.outputs.iterdir()) == []


def test_a_reader_who_has_seen_enough_is_no_error(stalemate, monkeypatch):
    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr(cli, "_dispatch", closed)
    monkeypatch.setattr(cli, "_drop_stdout", lambda: None)
    assert stalemate("run") == (0, "", "")


@pytest.mark.slow
def test_asking_for_help_imports_nothing_heavy():
    code = "import sys; from experiments.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"numpy", "numba", "pandas", "hydra", "matplotlib", "mesa", "pyarrow"} & set(done.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_a_terminal_that_lacks_letters_gets_question_marks(encoding):
    done = subprocess.run(
        [sys.executable, "-m", "experiments.cli", "sweep", "--help"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"usage: stalemate sweep" in done.stdout and b"?" in done.stdout


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_output_that_is_no_terminal_needs_no_letters(monkeypatch, stream):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        patch.setattr(sys, "stderr", stream)
        cli._allow_any_letter()


def test_a_run_whose_numbers_are_not_finite_fails_in_one_line(stalemate, monkeypatch):
    from experiments import recording

    record = recording.record_if_short

    def spoiled(*args):
        recorded = record(*args)
        recorded.result.trace["legitimacy"][3:] = math.nan
        return recorded

    monkeypatch.setattr(recording, "record_if_short", spoiled)
    status, out, err = stalemate.run("days=9")
    assert (status, out) == (1, "")
    assert "stalemate: recording: legitimacy on day 3 is nan, no finite number" in err and "Traceback" not in err
    assert not any(stalemate.outputs.iterdir())


@pytest.mark.full
@pytest.mark.parametrize(("driver", "days"), [("compiled", 36_500), ("mesa", 3_650)])
def test_ctrl_c_ends_a_real_run_in_one_line_and_leaves_no_folder(tmp_path, driver, days):
    def begun(outputs):
        words = ["run", f"driver={driver}", f"days={days}", "--no-figures", "--outputs", str(outputs)]
        command = [sys.executable, "-m", "experiments.cli", *words]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 120
        while not any(outputs.glob(".*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        return process

    with begun(tmp_path / "whole") as process:
        began = time.monotonic()
        process.communicate(timeout=300)
        whole = time.monotonic() - began
    with begun(tmp_path / "runs") as process:
        time.sleep(0.5 * whole)  # among the days, however fast the machine
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode not in (0, None)
    assert out == ""
    assert "Traceback" not in err
    assert err.strip().splitlines()[-1] == "stalemate: interrupted; nothing half-done was kept"
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["figure"], "figure needs SWEEP_DIR; stalemate figure --help shows how"),
        (["replay"], "replay needs RUN_ID; stalemate replay --help shows how"),
    ],
)
def test_what_is_missing_is_named_alone(stalemate, words, told):
    assert stalemate(*words) == (2, "", f"stalemate: {told}\n")
