"""`stalemate run --multirun`: a few runs, one after the other; one that fails does not stop the others."""

import json

import pytest

from experiments.cli import main

pytestmark = pytest.mark.slow


def run(capsys, outputs, *words):
    fixed = ["run", "--multirun", "scenario=minimal", "days=20", "--no-figures", "--outputs", str(outputs)]
    status = main([*fixed, *words])
    out, err = capsys.readouterr()
    return status, out, err


def seeds(outputs):
    summaries = [json.loads((folder / "summary.json").read_text()) for folder in outputs.iterdir() if folder.is_dir()]
    return sorted((row["seed"], row["days"]) for row in summaries)


def test_every_combination_is_run_and_told_in_a_line(capsys, tmp_path):
    status, out, _ = run(capsys, tmp_path, "seed=1,2", "days=20,30")
    assert status == 0
    assert len(out.splitlines()) == 4
    assert all("civilian" in line and str(tmp_path) in line for line in out.splitlines())
    assert seeds(tmp_path) == [(1, 20), (1, 30), (2, 20), (2, 30)]
    assert all("(reused)" in line for line in run(capsys, tmp_path, "seed=1,2", "days=20,30")[1].splitlines())


def test_a_value_that_cannot_be_used_stops_before_the_first_run(capsys, tmp_path):
    status, out, err = run(capsys, tmp_path / "runs", "contractors.personnel=1,-1")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "contractors.personnel: -1 is not allowed" in err
    assert not (tmp_path / "runs").exists()


def test_a_run_that_fails_says_so_and_the_others_go_on(capsys, tmp_path, monkeypatch):
    import experiments.run
    from experiments.messages import WriteError

    make = experiments.run.make

    def fail_first(job, *more):
        if job.request.seed == 1:
            raise WriteError("there", OSError(28, "No space left on device"))
        make(job, *more)

    monkeypatch.setattr(experiments.run, "make", fail_first)
    status, out, err = run(capsys, tmp_path, "seed=1,2")
    assert status == 1
    assert "stalemate: there: cannot be written: the disk is full" in err
    assert len(out.splitlines()) == 1
    assert seeds(tmp_path) == [(2, 20)]
