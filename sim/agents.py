"""Mesa agents: one for every live insurgent cell, state unit, contractor detachment and convoy.

An agent is a handle on a row of the world. It holds the row's slot and its stable identity, never a view of the row, so
that copies and pickles of a model stay whole. Each field of the record is an attribute of the agent, and ``step()``
calls the compiled rule on the agent's own row. Subclass an agent, override ``step()`` in plain Python, and pass
``ConflictModel(agents={InsurgentCell: Cautious})``: see docs/extending.md.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import mesa
import numpy as np

from sim import codes, mesa_entries
from sim.parameter_errors import StalemateError
from sim.scenario import Scenario
from sim.world import MAX_PATH, World, world_dtype

_MOST = 2**31 - 1

READ_ONLY = ("alive", "id", "next")
"""Fields of the record's own book-keeping: whoever is born, dies or stands where is settled by the rules."""


class FieldValueError(StalemateError):
    """A value that a field of an agent cannot take; a rule that met it would read outside its tables."""

    def __init__(self, where: str, value: Any, allowed: str) -> None:
        super().__init__(f"{where}: {value!r} is not allowed; it takes {allowed}")


class RetiredAgentError(StalemateError):
    """A change to an agent that is gone: it keeps its last row, to be read only."""

    def __init__(self, agent: Any, field: str) -> None:
        super().__init__(f"{type(agent).__name__} {agent.unique_id}.{field}: it is gone; its last row is read-only")


class RemovalError(StalemateError):
    """``remove()`` on a live agent: its people or fuel would vanish from the books."""

    def __init__(self, agent: Any) -> None:
        super().__init__(f"{type(agent).__name__} {agent.unique_id}: cannot be removed while it lives; rules retire it")


def field_limits(scenario: Scenario, world: World) -> dict[str, tuple[int, int]]:
    """Return the lowest and highest whole number of each field that points into a table or names a code."""
    places, roads = len(scenario.geography.places), len(scenario.geography.roads)
    return {
        "place": (0, places - 1),
        "home": (0, places - 1),
        "target": (-1, places - 1),
        "road": (-1, roads - 1),
        "group": (0, 1),
        "stance": (0, len(codes.STANCES) - 1),
        "kind": (0, len(codes.UNIT_KINDS) - 1),
        "leg": (0, MAX_PATH),
        "legs": (0, MAX_PATH),
        "escort": (-1, world["units"].shape[1] - 1),
        "detachment": (-1, world["detachments"].shape[1] - 1),
        "attacker": (-1, world["cells"].shape[1] - 1),
        "primary": (0, 1),
        "days_left": (-1, _MOST),
    }


class RowAgent(mesa.Agent):
    """What the four kinds of agents share: a slot, an identity, and the record's fields as attributes.

    Attributes:
        slot: the row in the world's table; another thing may take it once this one is gone.
        id: stable identity, the same in every run in which this thing comes into being; draws are keyed by it.
    """

    code: ClassVar[int]
    """Code of the kind in the order of activation."""
    table: ClassVar[str]
    """Name of the world's table."""
    tasks: ClassVar[tuple[str, ...]] = ()
    """Names of the values of ``task``, if the record has one."""

    def __init__(self, model: Any, slot: int) -> None:
        """Take up the row ``slot``; the model makes agents, nobody else needs to."""
        super().__init__(model)
        self.slot = slot
        self.id = int(model.column(self.table, "id")[slot])
        self._last: Any = None

    def step(self) -> None:
        """Live one day: call the compiled rule on this agent's row. An agent that is gone does nothing."""
        if self._last is None:
            mesa_entries.activate(self.model.world, self.code, self.slot)

    def draw(self, k: int = 0) -> float:
        """Return the ``k``-th uniform draw in (0, 1) of this agent today.

        It depends on the seed, the day, the agent's identity and ``k`` alone: not on who acted before, and not on how
        many others there are. So two runs that differ in one thing share all other luck.
        """
        return float(mesa_entries.draw(self.model.world, np.uint64(self.id), k))

    def retire(self) -> None:
        """Leave the model, keeping the last row; the model calls this when the rules have ended the agent's life."""
        self._last = self.model.world[self.table][0, self.slot : self.slot + 1].copy()
        super().remove()

    def remove(self) -> None:
        """Refuse while the agent lives: the rules end lives, so that people and fuel stay in the books.

        Raises:
            RemovalError: the agent is alive.
        """
        if self._last is None:
            raise RemovalError(self)

    def __repr__(self) -> str:
        """Say what it is, where, and what it does."""
        where = self.model.scenario.geography.places[self.place].id
        doing = f", {self.tasks[self.task]}" if self.tasks else ""
        gone = "" if self._last is None else ", gone"
        return f"<{type(self).__name__} {self.unique_id} at {where}: {self._size()}{doing}{gone}>"

    def _size(self) -> str:
        return f"{self.men} men"


A = TypeVar("A", bound=type[RowAgent])


def _reader(name: str, is_list: bool) -> Callable[[RowAgent], Any]:
    def read(self: RowAgent) -> Any:
        last = self._last
        if last is None:
            value = self.model.column(self.table, name)
            return value[self.slot].tolist() if is_list else value.item(self.slot)
        return last[name][0].tolist() if is_list else last[name].item()

    return read


def _writer(name: str, is_float: bool) -> Callable[[RowAgent, Any], None]:
    def write(self: RowAgent, value: Any) -> None:
        if self._last is not None:
            raise RetiredAgentError(self, name)
        self.model.column(self.table, name)[self.slot] = _checked(self, name, is_float, value)

    return write


def _checked(agent: RowAgent, name: str, is_float: bool, value: Any) -> Any:
    where = f"{type(agent).__name__}.{name}"
    if is_float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise FieldValueError(where, value, "a number") from None
        if not math.isfinite(number):
            raise FieldValueError(where, value, "a finite number")
        return number
    low, high = (0, len(agent.tasks) - 1) if name == "task" else agent.model.limits.get(name, (0, _MOST))
    try:
        whole = operator.index(value)
    except TypeError:
        raise FieldValueError(where, value, f"a whole number from {low} to {high}") from None
    if not low <= whole <= high:
        raise FieldValueError(where, value, f"a whole number from {low} to {high}")
    return whole


def attributes_of_record(agent: A) -> A:
    """Give an agent class a property for every field of its record: the read-only ones and lists cannot be set."""
    record = world_dtype()[agent.table].base
    for name in record.names or ():
        if name == "id":  # an agent's own, and never changed
            continue
        kind = record[name]
        is_list = kind.shape != ()
        write = None if is_list or name in READ_ONLY else _writer(name, kind.kind == "f")
        setattr(agent, name, property(_reader(name, is_list), write, doc=f"Field ``{name}`` of ``{agent.table}``."))
    return agent


@attributes_of_record
class InsurgentCell(RowAgent):
    """A group of insurgents; fields as in :data:`sim.world.CELL`, tasks as in :data:`sim.codes.CELL_TASKS`."""

    code = codes.A_CELL
    table = "cells"
    tasks = codes.CELL_TASKS

    def _size(self) -> str:
        return f"{self.fighters} fighters"


@attributes_of_record
class StateUnit(RowAgent):
    """A garrison, column or escort; fields as in :data:`sim.world.UNIT`, tasks as in :data:`sim.codes.UNIT_TASKS`."""

    code = codes.A_UNIT
    table = "units"
    tasks = codes.UNIT_TASKS


@attributes_of_record
class ContractorDetachment(RowAgent):
    """A detachment of contractors; fields as in :data:`sim.world.DETACHMENT`, tasks as a state unit's."""

    code = codes.A_DETACHMENT
    table = "detachments"
    tasks = codes.UNIT_TASKS


@attributes_of_record
class Convoy(RowAgent):
    """Tankers on the road; fields as in :data:`sim.world.CONVOY`."""

    code = codes.A_CONVOY
    table = "convoys"

    def _size(self) -> str:
        return f"{self.tankers} tankers"


AGENT_CLASSES: dict[str, type[RowAgent]] = {
    "cell": InsurgentCell,
    "unit": StateUnit,
    "detachment": ContractorDetachment,
    "convoy": Convoy,
}
"""The agent classes by their short names, in the order of the kinds' codes."""
