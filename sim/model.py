"""The Mesa driver: ``ConflictModel``, whose agents are real Mesa agents and whose phases are methods to override.

A day runs the phases of :data:`sim.day.PHASES` in their order. Each phase is a method that calls the compiled rule of
:mod:`sim.day`; the phase "units" lets every agent take its ``step()``, in the keyed order of activation. Nothing else
happens, so that the trajectory is the compiled driver's, bit for bit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np
import numpy.typing as npt

from sim import codes, mesa_entries
from sim.agents import field_limits
from sim.day import PHASES
from sim.model_arguments import KINDS, classes_of, keys_of, seed_of
from sim.run import RunResult, finish
from sim.scenario import MissingScenarioError, Scenario, check_days
from sim.setup import build_world
from sim.trace import trace_dtype
from sim.warm import warm_up
from sim.world import EVENT_DTYPE, World, size_of

if TYPE_CHECKING:
    from mesa import Agent

_SLOT_CODES = 65536  # the order of activation holds kind · 65536 + slot


def latest(column: str, model: ConflictModel) -> float:
    """Return the day's value of one of :data:`sim.trace.COLUMNS`."""
    return float(model.trace[column][-1])


def deaths(side: int, model: ConflictModel) -> int:
    """Return the deaths of one side (:data:`sim.codes.SIDES`) so far."""
    return int(model.world["deaths"][0, side])


def day_number(model: ConflictModel) -> int:
    """Return the number of the day that has just ended."""
    return model.day


def seed_used(model: ConflictModel) -> int:
    """Return the seed, also where none was given and one was drawn."""
    return model.seed


_DAILY = ("capital_served", "held_share", "insurgents", "state", "contractors", "events", "legitimacy", "collapsed")


class ConflictModel(mesa.Model):
    """The model as a Mesa model: one ``step()`` is one day; see docs/extending.md.

    Every argument can be given by keyword, so that ``mesa.batch_run`` can make models.

    Args:
        scenario: what to run (required).
        seed: a whole number from 0; without ``seed`` and ``rng`` one is drawn, and kept in :attr:`seed`.
        rng: instead of ``seed``: a whole number, or what :func:`numpy.random.default_rng` takes, to draw a seed from.
        agents: agent classes to replace: {InsurgentCell: Cautious}.
        settings: parameters to change, by key.
        days: length of the run; the scenario's own if not given.
        **named: parameters to change, by name: ``contractors__personnel=500`` is the key ``contractors.personnel``.

    Raises:
        MissingScenarioError, SeedError, UnknownArgumentError, AgentClassError, BadCountError, UnknownParameterError,
        BadParameterValueError: the argument at fault, in one line.

    Attributes:
        world: the state, a one-element array (:func:`sim.world.world_dtype`), shared by rules and agents.
        seed: the seed of all draws. Mesa's own ``model.random`` and ``model.rng`` have it too, but no rule uses them.
        days: after so many days ``running`` becomes False. ``step()`` may still be called.
        datacollector: a row a day of :attr:`model_reporters`, and of :attr:`agent_reporters` if there are any.
    """

    model_reporters: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "day": day_number,
        "seed": seed_used,
        **{f"deaths_{side}": functools.partial(deaths, k) for k, side in enumerate(codes.SIDES)},
        **{name: functools.partial(latest, name) for name in _DAILY},
    }
    """What the data collector asks of the model each day; functions of modules, so that models can be pickled."""
    agent_reporters: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    """What it asks of every agent each day; empty, because that takes longer than the day itself."""

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        rng: Any = None,
        agents: Mapping[type, type] | None = None,
        settings: Mapping[str, Any] | None = None,
        days: int | None = None,
        **named: Any,
    ) -> None:
        if not isinstance(scenario, Scenario):
            raise MissingScenarioError(scenario)
        # ``seed`` is left out of the signature: where it finds one there, Mesa 3.5's batch_run sets it to its own
        # ``rng`` (None if not given) and so overwrites the seeds among the parameters of the batch.
        self.seed = seed_of(named.pop("seed", None), rng)
        self._plan = scenario.with_settings({**(settings or {}), **keys_of(named)})
        self.days = check_days(scenario.days if days is None else days)
        self._classes = classes_of(agents or {})
        super().__init__(rng=self.seed)
        warm_up()
        self.world: World = build_world(self._plan, self.seed)
        self._trace = np.zeros(self.days, trace_dtype(size_of(self.world)))
        self._log = np.zeros(256, EVENT_DTYPE)
        self._logged = 0
        self._registered = 0
        self._known = [np.zeros(self.world[kind.table].shape[1], np.uint64) for kind in KINDS]
        self._rows: list[list[Any]] = [[None] * len(known) for known in self._known]
        self._attach()
        self.update_agents()
        self.datacollector = mesa.DataCollector(self.model_reporters, self.agent_reporters)

    # --- the day -------------------------------------------------------------------------------------

    def step(self) -> None:
        """Run one day: the phases in their order, then its row of the trace and its events.

        A run that has met an error of its own (:attr:`status`) does not go on: ``running`` becomes False.
        """
        if self.status == "ok":
            for phase in PHASES:
                getattr(self, phase)()
                self.update_agents()
            self._record()
            self.datacollector.collect(self)
        self.running = self.status == "ok" and self.day + 1 < self.days

    def dawn(self) -> None:
        """Begin the day: its number, its key for draws, empty day counts."""
        mesa_entries.dawn(self.world)

    def timeline(self) -> None:
        """Apply what the scenario sets for today."""
        mesa_entries.timeline(self.world)

    def flow(self) -> None:
        """Logistics: carriers remember, paths are renewed, fuel is ordered and sent."""
        mesa_entries.flow(self.world)

    def units(self) -> None:
        """Let every agent that is still alive take its ``step()``, in the keyed order of the day."""
        mesa_entries.order(self.world)
        alive = [self.column(kind.table, "alive") for kind in KINDS]
        live = int(self.world["run"]["live"][0])
        for code in self.world["order"][0, :live].tolist():
            kind, slot = divmod(code, _SLOT_CODES)
            if alive[kind].item(slot) > 0:
                self._rows[kind][slot].step()

    def combat(self) -> None:
        """Resolve what the units began: ambushes, hit-and-run attacks, fires, assaults, sweeps, retakings."""
        mesa_entries.combat(self.world)

    def consumption(self) -> None:
        """Ration and burn fuel."""
        mesa_entries.consumption(self.world)

    def population(self) -> None:
        """Violence against civilians, and opinion."""
        mesa_entries.population(self.world)

    def regime(self) -> None:
        """Command, pay, reputation, legitimacy, cohesion, collapse."""
        mesa_entries.regime(self.world)

    def bargaining(self) -> None:
        """Local truces."""
        mesa_entries.bargaining(self.world)

    def upkeep(self) -> None:
        """Recruits, the neighbour's return, quitters, reinforcements, deserters, rotations, departures."""
        mesa_entries.upkeep(self.world)

    def dusk(self) -> None:
        """End the day: free the slots of those gone, check the books."""
        mesa_entries.dusk(self.world)

    # --- what can be read ----------------------------------------------------------------------------

    @property
    def scenario(self) -> Scenario:
        """The scenario, with the changed settings."""
        return self._plan

    @scenario.setter
    def scenario(self, value: Any) -> None:
        # Mesa 3.5 sets a scenario object of its own, which holds no more than the seed, while a model is made.
        if "world" in self.__dict__:
            raise AttributeError("scenario: a model's scenario is fixed when it is made")

    @property
    def day(self) -> int:
        """Number of the day that ended last; −1 before the first."""
        return int(self.world["run"]["day"][0])

    @property
    def status(self) -> str:
        """How the run is: "ok", or what went wrong (:data:`sim.codes.STATUSES`)."""
        return codes.STATUSES[int(self.world["run"]["status"][0])]

    @property
    def trace(self) -> npt.NDArray[Any]:
        """A row a day so far (:func:`sim.trace.trace_dtype`)."""
        return self._trace[: self.day + 1]

    @property
    def log(self) -> npt.NDArray[Any]:
        """The event log so far (:data:`sim.world.EVENT_DTYPE`)."""
        return self._log[: self._logged]

    @property
    def places(self) -> npt.NDArray[Any]:
        """The places' rows (:data:`sim.world.PLACE`), as a view: ``model.places["men"][cell.place]``."""
        return self._part("places", len(self._plan.geography.places))

    @property
    def roads(self) -> npt.NDArray[Any]:
        """The roads' rows (:data:`sim.world.ROAD`), as a view."""
        return self._part("roads", len(self._plan.geography.roads))

    def column(self, table: str, field: str) -> npt.NDArray[Any]:
        """Return one field of a table of things, all slots, as a view."""
        column: npt.NDArray[Any] = self._columns[table][field]
        return column

    def result(self) -> RunResult:
        """Return what the run leaves so far, as :func:`sim.simulate` does at its end.

        Raises:
            RunFailedError: the run's status is not "ok" or its books do not balance.
        """
        return finish(self._plan, self.seed, self.world, self.trace, self.log)

    def __repr__(self) -> str:
        """Say in one line what runs and how far it is."""
        return f"<{type(self).__name__} {self._plan.name} seed {self.seed}: day {self.day}, {len(self.agents)} agents>"

    # --- agents and rows -----------------------------------------------------------------------------

    def update_agents(self) -> None:
        """Retire the agents whose rows the rules have ended, and create one for each row that they have begun."""
        for code, kind in enumerate(KINDS):
            known = self._known[code]
            now = np.where(self.column(kind.table, "alive") > 0, self.column(kind.table, "id"), 0)
            changed = now != known
            if not changed.any():
                continue
            rows, make = self._rows[code], self._classes[code]
            for slot in np.flatnonzero(changed).tolist():
                if rows[slot] is not None:
                    rows[slot].retire()
                rows[slot] = make(self, slot) if now[slot] else None
            known[:] = now

    def register_agent(self, agent: Agent) -> None:
        """Take an agent into the model and number it.

        Mesa 3.3 counts in a table of its own, which begins anew for a copy of a model, so that numbers would be given
        twice, and which keeps every model alive; so the model counts.
        """
        super().register_agent(agent)
        self._registered += 1
        agent.unique_id = self._registered
        getattr(agent, "_ids", {}).pop(self, None)

    def _attach(self) -> None:
        """Take views of the world's columns; they are never copied or pickled with the model."""
        self._columns = {
            kind.table: {name: self.world[kind.table][name][0] for name in self.world[kind.table].dtype.names or ()}
            for kind in KINDS
        }
        self.limits = field_limits(self._plan, self.world)

    def _part(self, table: str, rows: int) -> npt.NDArray[Any]:
        part: npt.NDArray[Any] = self.world[table][0, :rows]
        return part

    def _record(self) -> None:
        """Write the trace row and append the events of the day, growing both as needed."""
        if self.day >= len(self._trace):
            self._trace = _longer(self._trace)
        mesa_entries.write_day(self.world, self._trace)
        new = int(self.world["run"]["events_today"][0])
        while self._logged + new > len(self._log):
            self._log = _longer(self._log)
        self._log[self._logged : self._logged + new] = self.world["today"][0, :new]
        self._logged += new

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_columns"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._attach()


def _longer(table: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate((table, np.zeros_like(table)))


def run_mesa(
    scenario: Scenario,
    seed: int,
    days: int,
    agents: Mapping[type, type] | None = None,
    on_day: Callable[[int], None] | None = None,
) -> tuple[World, npt.NDArray[Any], npt.NDArray[Any]]:
    """Return world, trace and event log of one run with the Mesa driver (see :func:`sim.simulate`)."""
    model = ConflictModel(scenario=scenario, seed=seed, agents=agents, days=days)
    while model.running:
        model.step()
        if on_day is not None:
            on_day(model.day + 1)
    return model.world, model.trace, model.log
