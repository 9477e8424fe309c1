"""``stalemate run``: one scenario, one seed, one folder of results, and its story."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.messages import ConfigurationError
from experiments.numbers import count

if TYPE_CHECKING:
    from experiments.branch import Beside
    from experiments.compose import Request
    from experiments.drawing import Drawing
    from experiments.plain_run import PlainRun
    from experiments.recording import Recorded
    from sim.run import RunResult

OUTPUTS = "outputs"
_EXAMPLES = """\
examples:
  stalemate run                                              the Mali scenario, seed 1
  stalemate run scenario=contractors_leave seed=3            another scenario, another draw of luck
  stalemate run contractors.personnel=500 switches.deterrence=0
  stalemate run agents.cell=my_agents:Cautious               your own agent class, with the Mesa driver
  stalemate run --multirun seed=1,2,3                        a few runs, one after the other
  stalemate run --row outputs/SWEEP 4711                     one row of a sweep again, in full

keys: seed, days, scenario, driver (compiled or mesa), and every parameter (stalemate explain)
"""


class DriversDisagreeError(ConfigurationError):
    """Two drivers made different worlds of one run; they must agree bit for bit."""

    def __init__(self, run: str, old: str, new: str) -> None:
        super().__init__(f"run {run}: the {new} driver does not agree with the {old} driver; the earlier run was kept")


@dataclass(frozen=True)
class Job:
    """A request made ready: with its id, its folder, its driver and its agent classes.

    ``beside`` is the run that a branch is compared with, if it is one.
    """

    request: Request
    run_id: str
    folder: Path
    driver: str
    agents: dict[type, type]
    figures: bool
    beside: Beside | None = None


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate run`` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("settings", nargs="*", metavar="key=value", help="what to change")
    parser.add_argument("--force", action="store_true", help="run again even if the run is there already")
    parser.add_argument("--json", action="store_true", help="print the summary as one line of JSON, not the story")
    parser.add_argument("--no-figures", action="store_true", help="draw nothing")
    parser.add_argument("--row", nargs=2, metavar=("SWEEP", "ROW"), help="run one row of a sweep again, and compare")
    parser.add_argument("--multirun", "-m", action="store_true", help="run every combination of several values")
    parser.add_argument("--outputs", type=Path, default=Path(OUTPUTS), metavar="DIR", help="where runs go (outputs)")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="a folder of your own scenarios, forces, maps")


def execute(args: argparse.Namespace) -> int:
    """Run and report; the exit status."""
    if args.multirun:
        from experiments.multirun import run_all

        return run_all(args)
    if args.row:
        from experiments.sweep.rerun import run_row

        return run_row(args)
    from experiments.drawing import drawing
    from experiments.startup import lighten

    lighten()
    with drawing(not args.no_figures) as hand:  # before everything: it has much to import
        from experiments.compose import compose_request

        run_one(compose_request(args.settings, args.config_dir), args, hand=hand)
    return 0


def run_one(request: Request, args: argparse.Namespace, briefly: bool = False, hand: Drawing | None = None) -> Path:
    """Do what was asked for, or find it done, print its story (or a line of it) and return its folder.

    Args:
        request: what to run.
        args: the command's options.
        briefly: a line for each run instead of its story.
        hand: the process that draws, if there is one.
    """
    job = prepare(request, args.outputs, figures=not args.no_figures)
    why = "" if args.force else why_not_reused(job)
    if why is None and not briefly:
        note(f"reused {job.folder}: its files are as they were written (--force runs it again)")
    if why:
        note(f"running again: {why}")
    if why is not None:
        make(job, hand)
    if briefly and not args.json:
        print(_in_a_line(job.folder, reused=why is None))
    else:
        _print(job.folder, args.json)
    return job.folder


def prepare(request: Request, outputs: Path, figures: bool) -> Job:
    """Return the job that a request comes to.

    Raises:
        AgentClassError, AgentOverrideError: agents that cannot be used, or not with this driver.
    """
    from experiments.agent_classes import fingerprints, load_agents
    from experiments.identity import run_id
    from sim.run import AgentOverrideError

    if request.agents and request.driver == "compiled":
        raise AgentOverrideError
    agents = load_agents(request.agents) if request.agents else {}
    name = run_id(request.scenario, request.seed, fingerprints(request.agents, agents))
    driver = request.driver or ("mesa" if agents else "compiled")
    return Job(request, name, outputs / name, driver, agents, figures)


def why_not_reused(job: Job) -> str | None:
    """Return why the run must be made (``""``: it is not there yet), or None if it is there, whole and current."""
    from experiments.manifest import first_difference, read_manifest
    from sim.jit import source_hash

    if not job.folder.exists():
        return ""
    manifest = read_manifest(job.folder)
    if manifest is None:
        return f"{job.folder} is not complete"
    changed = first_difference(job.folder, manifest)
    if changed:
        return f"{job.folder / changed} is not as it was written"
    if manifest.get("source_hash") != source_hash():
        return "the model or its compiler has changed since"
    if manifest.get("driver") != job.driver:
        return f"it was made by the {manifest.get('driver')} driver; now both are compared"
    if job.figures and not manifest.get("figures"):
        return "it has no figures yet"
    if "report" not in manifest:
        return "it has no report yet"
    return None


def make(job: Job, hand: Drawing | None = None) -> None:
    """Simulate and write the run's folder, with the help of the process that draws, if there is one."""
    from experiments.run_folder import new_folder

    with new_folder(job.folder) as scratch:
        if hand is not None and job.figures:
            hand.expect(job.request.scenario)
        began = time.perf_counter()
        recorded = simulate(job)
        _compare_with_earlier(job, recorded.result)
        write(job, recorded, scratch, time.perf_counter() - began, hand)


def simulate(job: Job) -> Recorded:
    """Run a job and record it, showing how far it is.

    Raises:
        RunFailedError: the run met an error of its own.
        AgentClassError: an agent class of the reader's own failed.
    """
    from experiments.agent_classes import AgentClassError, failure
    from experiments.recording import record_if_short
    from experiments.startup import load_without_compiler
    from sim.jit import is_warm
    from sim.parameter_errors import StalemateError

    if not is_warm():
        note("compiling the rules, about half a minute; this happens once for each version of the model …")
    load_without_compiler()
    scenario, seed = job.request.scenario, job.request.seed
    with _progress(scenario.days) as advance:
        try:
            return record_if_short(scenario, seed, job.driver, job.agents or None, advance)
        except StalemateError:
            raise
        except Exception as error:
            if not job.agents:
                raise
            names = ", ".join(job.request.agents.values())
            raise AgentClassError(f"agents: a run with {names} failed: {failure(error)}") from error


def _compare_with_earlier(job: Job, result: RunResult) -> None:
    """Compare with the same run made before from the same sources; the two must be one world, bit for bit."""
    from experiments.manifest import read_manifest
    from sim.jit import source_hash

    earlier = read_manifest(job.folder)
    if earlier is None or earlier.get("source_hash") != source_hash():
        return
    same = earlier.get("world_hash") == result.summary["world_hash"]
    if earlier["driver"] != job.driver:
        if not same:
            raise DriversDisagreeError(job.run_id, earlier["driver"], job.driver)
        note(f"the {job.driver} driver made the same world as the {earlier['driver']} driver, bit for bit")
    elif not same:
        note("this run differs from the earlier one of the same id, made on another machine or with other libraries")


def write(job: Job, recorded: Recorded, folder: Path, seconds: float, hand: Drawing | None = None) -> None:
    """Write everything of a run into a folder, the manifest last."""
    from experiments.drawing import Drawing
    from experiments.identity import resolved
    from experiments.manifest import machine
    from experiments.plain_run import plain_run
    from experiments.report import REPORT
    from experiments.run_folder import (
        STORY,
        SUMMARY,
        figures_of,
        write_json,
        write_manifest,
        write_tables,
    )
    from experiments.run_report import tell_runs, write_report
    from experiments.story import tell
    from experiments.yaml_files import write_yaml

    request, result = job.request, recorded.result
    hand = hand if hand is not None and job.figures else Drawing()
    plain = plain_run(result)
    hand.begin(plain, folder)
    write_json(folder / SUMMARY, {"run_id": job.run_id, **result.summary})
    settings = {"seed": request.seed, "agents": dict(request.agents)}
    write_yaml(folder / "config.yaml", {**resolved(request.scenario), **settings})
    (folder / STORY).write_text(tell(result) + "\n", encoding="utf-8")
    told = tell_runs(folder, recorded, job.run_id, job.beside)  # while the other process draws
    write_tables(folder, plain)
    about = machine()
    draw(hand, job, plain, folder)
    facts: dict[str, Any] = {
        "run_id": job.run_id,
        "scenario": request.scenario.name,
        "seed": request.seed,
        "days": len(result.trace),
        "driver": job.driver,
        "agents": dict(request.agents),
        "world_hash": result.summary["world_hash"],
        "figures": figures_of(folder),
        "report": REPORT,
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(seconds, 3),
        **about,
    }
    if job.beside is not None:
        facts |= {"branch_of": job.beside.run_id, "parts_on": job.beside.parts_on(recorded)}
    write_report(folder, told, facts, request.scenario, job.beside)
    write_manifest(folder, facts)


def draw(hand: Drawing, job: Job, run: PlainRun, folder: Path) -> None:
    """Have the figures of a run written: wait for the process that draws, or else do it here."""
    from experiments.run_folder import FIGURES, write_figures

    if hand.finished():
        return
    shutil.rmtree(folder / FIGURES, ignore_errors=True)  # what a process that failed has left there
    if job.figures:
        write_figures(folder, run)


def _print(folder: Path, as_json: bool) -> None:
    import json

    from experiments.report import REPORT
    from experiments.run_folder import STORY, SUMMARY

    if as_json:
        print(json.dumps(json.loads((folder / SUMMARY).read_text(encoding="utf-8")), ensure_ascii=False))
        return
    print((folder / STORY).read_text(encoding="utf-8"), end="")
    print(f"Report: {folder / REPORT}")


def _in_a_line(folder: Path, reused: bool) -> str:
    import json

    from experiments.run_folder import SUMMARY

    s = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    others = sum(s["deaths"].values()) - s["deaths"]["civilians"]
    dead = f"{count(s['deaths']['civilians'], 'civilian')}, {count(others, 'other')}"
    ended = f"{s['outcome'].replace('_', ' ')} after {count(s['days'], 'day')}"
    return f"{folder}{' (reused)' if reused else ''}: {ended}; killed: {dead}"


def note(text: str) -> None:
    """Say something beside the results."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _progress(days: int) -> Iterator[Callable[[int], None]]:
    """Give a function that shows how many days are done: past one second, and only on a terminal."""
    terminal, began = sys.stderr.isatty(), time.monotonic()
    bar: Any = None

    def advance(done: int) -> None:
        nonlocal bar
        if bar is not None:
            bar.update(done - bar.n)
        elif terminal and time.monotonic() - began >= 1:
            from tqdm import tqdm  # not before it is needed: most runs are over by then

            bar = tqdm(total=days, initial=done, unit=" days", leave=False, ncols=80)

    try:
        yield advance
    finally:
        if bar is not None:
            bar.close()
