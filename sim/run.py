"""One run: a pure function of (scenario, seed, version), with either driver."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim import codes
from sim.parameter_errors import StalemateError, nearest
from sim.scenario import Scenario, check_days, check_scenario, whole
from sim.setup import build_world
from sim.summary import event_places, summarise
from sim.trace import COLUMNS, trace_dtype
from sim.world import EVENT_DTYPE, World, size_of

if TYPE_CHECKING:
    import pandas as pd

DRIVERS = ("compiled", "mesa")
_LOG_ROWS_A_DAY = 24
_CHUNK_DAYS = 30
MAX_SEED = 2**63 - 1


class UnknownDriverError(StalemateError):
    """A driver that does not exist."""

    def __init__(self, driver: str) -> None:
        near = nearest(driver, DRIVERS)
        hint = f"; did you mean {near!r}?" if near else ""
        super().__init__(f"driver: no {driver!r}; it takes {' or '.join(DRIVERS)}{hint}")


class AgentOverrideError(StalemateError):
    """Agents were replaced, but the compiled driver was asked for: it knows only its own rules."""

    def __init__(self) -> None:
        super().__init__("driver: 'compiled' cannot run replaced agents; use driver=mesa")


class RunFailedError(StalemateError):
    """A run that stopped with an error of its own."""

    def __init__(self, scenario: str, seed: int, day: int, status: str) -> None:
        super().__init__(f"run {scenario} seed {seed}: {status} on day {day}")


@dataclass(frozen=True, repr=False)
class RunResult:
    """What a run leaves: its summary, and on demand its tables.

    Attributes:
        scenario, seed: what was run.
        summary: see :func:`sim.summary.summarise`.
        world: the world on the last day.
        trace: a row a day, with the service and holder of each place.
        log: the event log.
    """

    scenario: Scenario
    seed: int
    summary: dict[str, Any]
    world: World
    trace: npt.NDArray[Any] = field(compare=False)
    log: npt.NDArray[Any] = field(compare=False)

    def __repr__(self) -> str:
        """Say in one line what happened."""
        deaths = sum(self.summary["deaths"].values())
        return (
            f"<RunResult {self.scenario.name} seed {self.seed}: {self.summary['outcome']} "
            f"after {self.summary['days']} days, {deaths} deaths ({self.summary['deaths']['civilians']} civilians)>"
        )

    @functools.cached_property
    def daily(self) -> pd.DataFrame:
        """One row a day; the columns are those of :data:`sim.trace.COLUMNS`."""
        import pandas as pd

        return pd.DataFrame({name: self.trace[name] for name in COLUMNS})

    @functools.cached_property
    def events(self) -> pd.DataFrame:
        """One row an event, in the order in which they happened."""
        import pandas as pd

        return pd.DataFrame(event_columns(self.scenario, self.log))

    @functools.cached_property
    def places_daily(self) -> dict[str, npt.NDArray[Any]]:
        """Service and holder of each place: name → array of days × places."""
        n = len(self.scenario.geography.places)
        return {"served": self.trace["place_served"][:, :n], "holder": self.trace["place_holder"][:, :n]}


def event_columns(scenario: Scenario, log: npt.NDArray[Any]) -> dict[str, Any]:
    """Return the columns of the event table."""
    geo = scenario.geography
    roads = [f"{r.a}-{r.b}" for r in geo.roads]
    groups = [g.name for g in scenario.forces.groups]
    at = event_places(scenario, log)
    spot = [_position(scenario, int(p), int(r)) for p, r in zip(at, log["road"], strict=True)]
    columns: dict[str, Any] = {
        "day": log["day"],
        "kind": [codes.EVENT_KINDS[k] for k in log["kind"]],
        "side": [_side(k) for k in log["kind"]],
        "place": [geo.places[p].id if p >= 0 else "" for p in log["place"]],
        "road": [roads[r] if r >= 0 else "" for r in log["road"]],
        "country": [geo.places[p].country if p >= 0 else "" for p in at],
        "group": [groups[g] if 0 <= g < len(groups) else "" for g in log["group"]],
        "size": log["size"],
    }
    for k, side in enumerate(codes.SIDES):
        columns[f"deaths_{side}"] = log["deaths"][:, k]
    columns["tankers"] = log["tankers"]
    columns["lat"] = [s[0] for s in spot]
    columns["lon"] = [s[1] for s in spot]
    return columns


def _side(kind: int) -> str:
    if kind <= codes.CAPTURE or kind in (codes.CAMPAIGN_BEGINS, codes.CAMPAIGN_ENDS, codes.LEFT):
        return "insurgents"
    return "regime" if kind in (codes.TRUCE, codes.DEPARTURE, codes.COLLAPSE) else "state"


def _position(scenario: Scenario, place: int, road: int) -> tuple[float, float]:
    geo = scenario.geography
    if road >= 0:
        a, b = geo.places[geo.index(geo.roads[road].a)], geo.places[geo.index(geo.roads[road].b)]
        return (a.lat + b.lat) / 2.0, (a.lon + b.lon) / 2.0
    if place >= 0:
        return geo.places[place].lat, geo.places[place].lon
    return float("nan"), float("nan")


def simulate(
    scenario: Scenario,
    seed: int = 1,
    days: int | None = None,
    driver: str = "compiled",
    agents: Mapping[type, type] | None = None,
    on_day: Callable[[int], None] | None = None,
) -> RunResult:
    """Run one scenario with one seed.

    Args:
        scenario: what to run.
        seed: a whole number from 0; two scenarios with one seed share their luck thing by thing.
        days: length of the run; the scenario's own if not given.
        driver: "compiled", or "mesa" for real Mesa agents: the same trajectory, bit for bit.
        agents: Mesa agent classes to replace, {InsurgentCell: Cautious}; needs the Mesa driver.
        on_day: called now and then with the number of days done.

    Raises:
        MissingScenarioError, UnknownDriverError, AgentOverrideError, BadCountError: a request that makes no sense.
        RunFailedError: the run met an error of its own (books out of balance, no room).
    """
    check_scenario(scenario)
    seed = whole("seed", seed, 0, MAX_SEED)
    days = check_days(scenario.days if days is None else days)
    if driver not in DRIVERS:
        raise UnknownDriverError(driver)
    if driver == "mesa":
        from sim.model import run_mesa

        world, trace, log = run_mesa(scenario, seed, days, agents, on_day)
    elif agents:
        raise AgentOverrideError
    else:
        world, trace, log = run_compiled(scenario, seed, days, on_day)
    return finish(scenario, seed, world, trace, log)


def first_log(days: int) -> npt.NDArray[Any]:
    """Return an empty event log for ``days`` days as they mostly are; :func:`with_room` enlarges it where need be."""
    return np.zeros(days * _LOG_ROWS_A_DAY + 1024, EVENT_DTYPE)


def with_room(log: npt.NDArray[Any], logged: int, rows: int) -> npt.NDArray[Any]:
    """Return the event log with at least ``rows`` free rows after the ``logged`` ones, at least doubled if enlarged."""
    short = rows - (len(log) - logged)
    return log if short <= 0 else np.concatenate((log, np.zeros(max(short, len(log)), log.dtype)))


def run_compiled(
    scenario: Scenario, seed: int, days: int, on_day: Callable[[int], None] | None = None
) -> tuple[World, npt.NDArray[Any], npt.NDArray[Any]]:
    """Return world, trace and event log of one run with the compiled driver."""
    from sim.warm import warm_up

    warm_up()
    from sim.day import run_days

    world = build_world(scenario, seed)
    trace = np.zeros(days, trace_dtype(size_of(world)))
    log = first_log(days)
    stop = np.zeros(1, np.uint8)
    logged = 0
    for first in range(0, days, _CHUNK_DAYS):
        step = min(_CHUNK_DAYS, days - first)
        log = with_room(log, logged, step * world["today"].shape[1])
        logged = run_days(world, step, trace, log, logged, stop)
        if on_day is not None:
            on_day(first + step)
    return world, trace, log[:logged]


def status_of(world: World) -> str:
    """Return "ok", or what went wrong in a run: one of :data:`sim.codes.STATUSES`."""
    run = world["run"][0]
    status = codes.STATUSES[int(run["status"])]
    if status == "ok" and (run["people_error"] != 0 or run["fuel_error_l"] != 0):
        return "ledger_broken"
    if status == "ok" and not np.isfinite(world["nation"]["x_legitimacy"][0]):  # everything unbounded flows into it
        return "not_finite"
    return status


def finish(scenario: Scenario, seed: int, world: World, trace: npt.NDArray[Any], log: npt.NDArray[Any]) -> RunResult:
    """Return the result of a finished run.

    Raises:
        RunFailedError: the run's status is not "ok" or its books do not balance.
    """
    status = status_of(world)
    if status != "ok":
        raise RunFailedError(scenario.name, seed, int(world["run"]["day"][0]), status)
    return RunResult(scenario, seed, summarise(scenario, seed, world, trace, log), world, trace, log)
