"""Every executor makes the same table, bit for bit, also when a worker or the whole program is killed on the way."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sweep_support import SERIAL, run, small

from experiments.sweep import ExecutorSpec, drive, pilot, read_sweep, run_sweep
from experiments.sweep.compose import compose_sweep
from experiments.sweep.errors import ClusterUnreachableError, MissingExtraError, NoSchedulerError
from experiments.sweep.executors import dask, make_executor

ROOT = Path(__file__).resolve().parents[3]
THREADS, PROCESSES, DASK = ExecutorSpec("threads", 2), ExecutorSpec("processes", 2), ExecutorSpec("dask", 2)
# distributed leaves sockets to the garbage collector while its processes end
dask_warnings = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    return run(longer(), tmp_path_factory.mktemp("serial") / "s")


def longer():
    """Return 90 runs of about 10 ms in many small chunks, so that there is time to kill something."""
    return small(seeds=30, days=200, chunk_seconds=0.03)


def test_threads_make_the_table_of_the_serial_executor(serial, tmp_path):
    assert run(longer(), tmp_path / "s", THREADS) == serial


@pytest.mark.full
def test_processes_make_the_table_of_the_serial_executor(serial, tmp_path):
    assert run(longer(), tmp_path / "s", PROCESSES) == serial


@pytest.mark.full
@dask_warnings
def test_dask_makes_the_table_of_the_serial_executor(serial, tmp_path):
    assert run(longer(), tmp_path / "s", DASK) == serial


@pytest.mark.full
@dask_warnings
def test_a_running_dask_cluster_makes_the_table_of_the_serial_executor(serial, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    worker = [*dask, "worker", "--host", "127.0.0.1", "--nworkers", "2", "--nthreads", "1", "--no-dashboard"]
    started = []
    try:
        for command in (scheduler, worker):
            command += ["--scheduler-file", str(file)]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started.append(subprocess.Popen(command, env=environment, **quiet))
            while not file.exists():
                time.sleep(0.05)
        assert run(longer(), tmp_path / "s", ExecutorSpec("dask", scheduler_file=str(file))) == serial
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)


# --- a worker is killed ---


def run_and_kill(folder, executor, victims, monkeypatch):
    """Run a sweep and kill one of its workers once two parts are there; return the table and what was killed."""
    engines, killed = [], []

    def make(*args):
        engines.append(make_executor(*args))
        return engines[-1]

    def kill():
        while len(list((folder / "parts").glob("*.parquet"))) < 2:
            time.sleep(0.005)
        killed.append(victims(engines[0])[0])
        os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(drive, "make_executor", make)
    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    table = run(longer(), folder, executor)
    killer.join(10)
    return table, killed


@pytest.mark.full
def test_a_killed_loky_worker_costs_nothing_but_time(serial, tmp_path, monkeypatch):
    table, killed = run_and_kill(tmp_path / "s", PROCESSES, lambda engine: list(engine._pool._processes), monkeypatch)
    assert killed and table == serial


@pytest.mark.full
@dask_warnings
def test_a_killed_dask_worker_costs_nothing_but_time(serial, tmp_path, monkeypatch):
    def pids(engine):
        return list(engine.client.run(os.getpid).values())

    table, killed = run_and_kill(tmp_path / "s", DASK, pids, monkeypatch)
    assert killed and table == serial


@pytest.mark.full
@pytest.mark.parametrize("name", ["processes", pytest.param("dask", marks=dask_warnings)])
def test_a_chunk_that_kills_its_workers_becomes_rows_with_errors(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), str(ROOT)]))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    words = ["scenario=minimal", "days=5", "sweep.seeds=[1,3,2]", "agents.cell=my_sweep_agents:Deadly"]
    request, _ = compose_sweep([*words, "sweep.chunk_seconds=0.0001"])
    monkeypatch.setattr(pilot, "_MOST_RUNS", 1)  # the measured runs are in this process
    sweep = read_sweep(run_sweep(request, tmp_path / "s", ExecutorSpec(name, 2)))
    assert sweep.manifest["failed"] == 1
    assert list(sweep.table["error"].str.contains("died")) == [False, False, True]


# --- the program itself is killed ---


COMMAND = [
    *(sys.executable, "-m", "experiments.cli", "sweep", "scenario=minimal", "days=200", "sweep.seeds=60"),
    "sweep.grid={contractors.personnel: [0, 100]}",
    "sweep.chunk_seconds=0.05",
]


def start(folder, *more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*COMMAND, "--folder", str(folder), *more], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )


def parts_of(folder):
    return sorted((folder / "parts").glob("*.parquet"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "s"
    process = start(folder, "executor=serial")
    process.communicate()
    assert process.returncode == 0
    return (folder / "results.parquet").read_bytes()


@pytest.mark.full
@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_a_program_killed_again_and_again_ends_with_the_full_table(executor, undisturbed, tmp_path):
    folder, seen = tmp_path / "s", set()
    for parts in (0, 1, 4, 8):
        process = start(folder, f"executor={executor}", "executor.workers=2")
        while process.poll() is None and len(parts_of(folder)) < parts:
            time.sleep(0.002)
        process.kill()
        process.communicate()
        assert seen <= set(parts_of(folder)), "a finished part was lost"
        seen = set(parts_of(folder))
    process = start(folder, f"executor={executor}", "executor.workers=2")
    _, told = process.communicate()
    assert process.returncode == 0 and b"were finished before" in told
    assert (folder / "results.parquet").read_bytes() == undisturbed


@pytest.mark.full
def test_a_program_killed_while_it_joins_the_parts_ends_with_the_full_table(undisturbed, tmp_path):
    folder = tmp_path / "s"
    process = start(folder)
    while process.poll() is None and not (folder / ".results.parquet.tmp").exists():
        time.sleep(0.0005)
    process.kill()
    process.communicate()
    process = start(folder)
    process.communicate()
    assert process.returncode == 0
    assert (folder / "results.parquet").read_bytes() == undisturbed
    assert not list(folder.glob(".*.tmp"))


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_says_what_is_kept_and_goes_on(number, undisturbed, tmp_path):
    folder = tmp_path / "s"
    process = start(folder)
    while process.poll() is None and len(parts_of(folder)) < 2:
        time.sleep(0.005)
    process.send_signal(number)
    _, told = process.communicate()
    assert process.returncode == 130
    assert b"runs are kept in" in told and b"the same command goes on" in told and b"Traceback" not in told
    process = start(folder)
    process.communicate()
    assert (folder / "results.parquet").read_bytes() == undisturbed


@pytest.mark.full
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_workers_of_a_killed_program_end_too(tmp_path):
    folder = tmp_path / "s"
    process = start(folder, "executor=processes", "executor.workers=2")
    while process.poll() is None and len(parts_of(folder)) < 1:
        time.sleep(0.005)
    children = children_of(process.pid)
    process.kill()
    process.communicate()
    assert children
    deadline = time.monotonic() + 30
    while any(alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in children if alive(pid)]


def children_of(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- what is missing ---


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"needs dask.distributed, .* extra 'dask' brings"):
        make_executor(DASK)


@pytest.mark.full
@dask_warnings
def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    from experiments.sweep.executors import dask

    monkeypatch.setattr(dask, "_PATIENCE_S", 1)
    with pytest.raises(ClusterUnreachableError, match=r"no scheduler answers at tcp://127.0.0.1:9"):
        make_executor(ExecutorSpec("dask", address="tcp://127.0.0.1:9"))


# --- agent classes of the reader's own ---


@pytest.mark.slow
def test_agent_classes_run_in_sweeps_and_their_errors_are_rows(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    words = ["scenario=minimal", "days=20", "sweep.seeds=3"]
    table = {}
    for name in ("Idle", "Stumbling"):
        request, _ = compose_sweep([*words, f"agents.cell=my_sweep_agents:{name}"])
        assert request.bases[0].driver == "mesa"
        table[name] = read_sweep(run_sweep(request, tmp_path / name, SERIAL)).table
    plain, _ = compose_sweep(words)
    table["plain"] = read_sweep(run_sweep(plain, tmp_path / "plain", SERIAL)).table
    assert list(table["Stumbling"]["error"].str.contains("stumbled")) == [False, True, False]
    hashes = {name: list(rows["world_hash"]) for name, rows in table.items()}
    assert hashes["Stumbling"][0] == hashes["plain"][0] != hashes["Idle"][0]


@pytest.mark.full
def test_agent_classes_run_in_processes(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), str(ROOT)]))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    request, _ = compose_sweep(["scenario=minimal", "days=20", "sweep.seeds=6", "agents.cell=my_sweep_agents:Idle"])
    assert make_executor(ExecutorSpec(workers=1), mesa=True).name == "processes"
    assert run(request, tmp_path / "p", PROCESSES) == run(request, tmp_path / "s")


def test_a_scheduler_file_that_never_comes_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "_PATIENCE_S", 0.2)
    with pytest.raises(ClusterUnreachableError, match=r"nope\.json: there is no such file, after 0\.2 s"):
        make_executor(ExecutorSpec("dask", None, None, str(tmp_path / "nope.json")))


def test_a_refused_sweep_leaves_no_folder_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "_PATIENCE_S", 0.1)
    with pytest.raises(ClusterUnreachableError):
        run(longer(), tmp_path / "s", ExecutorSpec("dask", scheduler_file=str(tmp_path / "nope.json")))
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_file_that_comes_late_is_waited_for(tmp_path):
    late = tmp_path / "scheduler.json"
    timer = threading.Timer(0.3, late.touch)
    timer.start()
    dask._await_file(str(late))
    timer.join()
    assert late.is_file()


def test_a_cluster_without_a_scheduler_is_refused_and_does_not_run_here():
    with pytest.raises(NoSchedulerError, match=r"scheduler_file=FILE or executor\.address=.*on this computer$"):
        compose_sweep(["scenario=minimal", "executor=dask_cluster"])
    for where in ("address=tcp://127.0.0.1:9", "scheduler_file=s.json"):
        assert compose_sweep(["scenario=minimal", "executor=dask_cluster", f"executor.{where}"])[1].name == "dask"
    assert compose_sweep(["scenario=minimal", "executor=dask"])[1].address is None
