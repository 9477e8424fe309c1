"""Running sweeps: the table, resuming, what is refused; in one thread, so that it is quick."""

import json

import numpy as np
import pandas as pd
import pytest
from sweep_support import POINTS, SERIAL, run, small

import experiments
import sim
from experiments.sweep import read_sweep, run_sweep
from experiments.sweep.errors import (
    AnotherSweepError,
    DamagedResultsError,
    FolderInUseError,
    ForeignFolderError,
    OtherVersionError,
    SweepInterrupted,
    TooManyFailuresError,
    UnfinishedSweepError,
)
from experiments.sweep.executors import serial
from experiments.sweep.folder import locked


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "small"
    return run_sweep(small(), folder, SERIAL)


def interrupted(request, folder, after, monkeypatch):
    """Begin a sweep and stop it after some chunks."""
    whole = serial.Serial.run

    def stopping(self, tasks):
        for n, done in enumerate(whole(self, tasks)):
            if n == after:
                raise KeyboardInterrupt
            yield done

    with monkeypatch.context() as patched:
        patched.setattr(serial.Serial, "run", stopping)
        with pytest.raises(SweepInterrupted) as stop:
            run_sweep(request, folder, SERIAL)
    return stop.value


def test_the_table_is_that_of_simulate_many_with_its_ids(finished):
    sweep = read_sweep(finished)
    scenario = experiments.load_scenario("minimal", ["days=40"])
    ours = sim.simulate_many(scenario, POINTS, seeds=range(1, 5))
    assert list(sweep.table["row"]) == list(range(12)) and sweep.keys == tuple(POINTS.columns)
    for name in ours.columns:
        assert ours[name].equals(sweep.table[name]) or np.array_equal(
            ours[name].to_numpy(float), sweep.table[name].to_numpy(float), equal_nan=True
        )
    assert sweep.table["run_id"].is_unique and (sweep.table["error"] == "").all()


def test_whole_numbers_and_truth_values_stay_what_they_are(finished):
    runs = read_sweep(finished).runs
    assert runs["deaths_civilians"].dtype == np.int64 and runs["a2"].dtype == bool


def test_the_folder_is_clean_and_its_manifest_whole(finished):
    names = {path.name for path in finished.iterdir()}
    assert names == {".lock", "bases.yaml", "manifest.json", "points.parquet", "results.parquet"}
    manifest = json.loads((finished / "manifest.json").read_text())
    assert (manifest["status"], manifest["runs"], manifest["failed"]) == ("complete", 12, 0)
    assert manifest["source_hash"] and manifest["packages"]["numba"]


def test_the_same_sweep_again_is_reused(finished):
    said = []
    run_sweep(small(), finished, SERIAL, note=said.append)
    assert len(said) == 1 and said[0].startswith("reused") and "12 runs" in said[0]


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_interrupted_sweep_goes_on_and_ends_with_the_same_table(after, finished, tmp_path, monkeypatch):
    stop = interrupted(small(), tmp_path / "s", after, monkeypatch)
    assert "the same command goes on" in str(stop)
    with pytest.raises(UnfinishedSweepError):
        read_sweep(tmp_path / "s")
    said = []
    assert run(small(), tmp_path / "s", note=said.append) == (finished / "results.parquet").read_bytes()
    assert after == 0 or any("were finished before" in line for line in said)


@pytest.mark.parametrize("harm", ["truncate", "flip", "empty", "swap", "rename", "litter"])
def test_a_damaged_part_is_found_and_its_runs_made_again(harm, finished, tmp_path, monkeypatch):
    interrupted(small(), tmp_path / "s", 3, monkeypatch)
    one, two, *_ = sorted((tmp_path / "s" / "parts").glob("*.parquet"))
    data = one.read_bytes()
    if harm == "truncate":
        one.write_bytes(data[:-20])
    elif harm == "flip":
        one.write_bytes(data[:200] + bytes([data[200] ^ 1]) + data[201:])
    elif harm == "empty":
        one.write_bytes(b"")
    elif harm == "swap":
        one.write_bytes(two.read_bytes())
    elif harm == "rename":
        one.rename(one.with_name(one.name.replace("000000", "000003")))
    else:
        one.with_name(".000009-0-aa.parquet.tmp").write_bytes(data[:50])
    said = []
    assert run(small(), tmp_path / "s", note=said.append) == (finished / "results.parquet").read_bytes()
    assert any("damaged" in line for line in said) == (harm != "litter")


def test_damaged_results_are_not_read_and_made_again(finished, tmp_path):
    run(small(), tmp_path / "s")
    table = tmp_path / "s" / "results.parquet"
    table.write_bytes(table.read_bytes()[:-9])
    with pytest.raises(DamagedResultsError, match=r"not as it was written"):
        read_sweep(tmp_path / "s")
    assert run(small(), tmp_path / "s") == (finished / "results.parquet").read_bytes()


def test_another_sweep_in_the_folder_is_refused(finished):
    for other in (small(seeds=5), small(days=41), small(POINTS[:2]), small(daily=True)):
        with pytest.raises(AnotherSweepError, match=r"holds another sweep .*--folder"):
            run_sweep(other, finished, SERIAL, force=True)


def test_results_of_another_version_are_refused_unless_forced(finished, tmp_path):
    run(small(), tmp_path / "s")
    path = tmp_path / "s" / "manifest.json"
    path.write_text(path.read_text().replace(json.loads(path.read_text())["source_hash"], "0123456789ab"))
    with pytest.raises(OtherVersionError, match=r"another version of the model .*0123456789ab.*--force"):
        run_sweep(small(), tmp_path / "s", SERIAL)
    assert run(small(), tmp_path / "s", force=True) == (finished / "results.parquet").read_bytes()


def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ForeignFolderError, match=r"thesis\.tex"):
        run_sweep(small(), tmp_path, SERIAL)
    assert (tmp_path / "thesis.tex").read_text() == "x"


def test_two_processes_cannot_work_in_one_folder(tmp_path):
    with locked(tmp_path / "s"), pytest.raises(FolderInUseError, match=r"another process"):
        run_sweep(small(), tmp_path / "s", SERIAL)


def test_a_failed_run_is_a_row_and_too_many_stop_the_sweep(tmp_path, monkeypatch):
    from sim import ensemble

    whole = ensemble.Bench.run

    def fragile(self, scenario, base, seed, stop):
        if seed == 2:
            raise ZeroDivisionError("no luck")
        return whole(self, scenario, base, seed, stop)

    monkeypatch.setattr(ensemble.Bench, "run", fragile)
    sweep = read_sweep(run_sweep(small(), tmp_path / "s", SERIAL))
    bad = sweep.table[sweep.table["error"] != ""]
    assert list(bad["seed"]) == [2, 2, 2] and sweep.manifest["failed"] == 3
    assert bad["error"].str.startswith("ZeroDivisionError: no luck").all() and bad["outcome"].isna().all()
    assert len(sweep.runs) == 9 and sweep.runs["deaths_civilians"].dtype == np.int64
    with pytest.raises(TooManyFailuresError, match=r"2 runs failed, more than sweep\.max_failures=1; the first: Zero"):
        run_sweep(small(max_failures=1), tmp_path / "t", SERIAL)


def test_daily_rows_are_those_of_a_run(tmp_path):
    sweep = read_sweep(run_sweep(small(POINTS[:1], seeds=2, daily=True), tmp_path / "s", SERIAL))
    scenario = experiments.load_scenario("minimal", ["days=40"]).with_settings(POINTS.iloc[0])
    alone = sim.simulate(scenario, seed=2).daily
    ours = sweep.daily[sweep.daily["row"] == 1].reset_index(drop=True)
    assert list(ours["day"]) == list(range(40))
    pd.testing.assert_frame_equal(ours[alone.columns], alone.astype(ours.dtypes[alone.columns]), check_exact=True)
