"""A stage for tests of rules: a world cleared of people, into which a test puts what it needs, and one phase at a time.

Phases are the compiled ones of both drivers (`sim.mesa_entries`), so a test of a rule tests what runs. Whoever is put
on the stage enters the books, so that every test can ask whether they balance (`balanced`).
"""

from __future__ import annotations

import numpy as np
from sim_support import minimal

from sim import codes
from sim.setup import build_world, identity
from sim.warm import warm_up

warm_up()

from sim import mesa_entries as phase  # noqa: E402  (compiled wrappers: only once the rules are in the cache)

__all__ = ["BAS", "CAP", "REG", "SRC", "TWN", "Stage", "convoys", "demanding", "phase"]

PLACES = ("CAP", "REG", "TWN", "BAS", "SRC")
CAP, REG, TWN, BAS, SRC = range(5)
EMPTY = {"cells": "free_cells", "units": "free_units", "convoys": "free_convoys"}


def bytes_of(world):
    """A copy of a world by its bytes: six times as fast as by its fields."""
    return world.view(np.uint8).copy().view(world.dtype)


class Stage:
    """One world, cleared; `put_*` return the row, `rows` and `place` are views."""

    def __init__(self, scenario=None, seed=1, keep=(), **parameters):
        scenario = scenario or minimal()
        self.scenario = scenario.with_settings({k.replace("__", "."): v for k, v in parameters.items()})
        self.world = build_world(self.scenario, seed)
        self.world["timeline"]["kind"] = 0
        for table in ("cells", "units", "detachments", "convoys"):
            if table not in keep:
                self._clear(table)
        self.put = 0
        self.world["nation"]["command"] = self.scenario.parameters.state.command_quality
        phase.dawn(self.world)

    def _clear(self, table):
        rows = self.world[table][0]
        rows[:] = np.zeros(1, rows.dtype)
        self.world["run"][f"{table}_top"] = 0
        if table in EMPTY:
            self.world[EMPTY[table]][0] = np.arange(len(rows) - 1, -1, -1)
            self.world["run"][EMPTY[table]] = len(rows)
        side = {"cells": codes.INSURGENTS, "units": codes.STATE, "detachments": codes.CONTRACTORS}.get(table)
        if side is not None:
            self.world["people"]["initial"][0, side] = 0

    def __getitem__(self, table):
        """The rows of a table, or a record of the world."""
        return self.world[table][0]

    def place(self, p):
        return self.world["places"][0, p]

    def set(self, key, value):
        """Change a parameter from here on."""
        group, name = key.replace("__", ".").split(".")
        self.world["params"][group][name] = value

    def _new(self, table, place, count, field, **fields):
        slot = int(self.world["run"][f"{table}_top"][0])
        self.world["run"][f"{table}_top"] += 1
        if table in EMPTY:
            self.world["run"][EMPTY[table]] -= 1
        row = self.world[table][0, slot]
        row["alive"], row["place"], row["home"], row["target"] = 1, place, place, -1
        row["id"] = identity("stage", table, self.put)
        row[field] = count
        if table == "cells":
            self.world["standing"][0, int(self.world["n_standing"][0])] = slot
            self.world["n_standing"] += 1
        self.put += 1
        for name, value in fields.items():
            row[name] = value
        return row

    def cell(self, place, fighters=25, task=codes.REST, **fields):
        row = self._new("cells", place, fighters, "fighters", **{"task": task, "road": -1, **fields})
        self.world["people"]["initial"][0, codes.INSURGENTS] += fighters
        return row

    def unit(self, place, men, kind=codes.GARRISON, **fields):
        row = self._new("units", place, men, "men", **{"kind": kind, "full_men": men, **fields})
        self.world["people"]["initial"][0, codes.STATE] += men
        return row

    def detachment(self, place, men=100, **fields):
        row = self._new("detachments", place, men, "men", **{"start_men": men, "readiness": 1.0, **fields})
        self.world["people"]["initial"][0, codes.CONTRACTORS] += men
        return row

    def convoy(self, origin, target, roads, tankers=20, **fields):
        """A convoy about to enter the first of `roads`; its fuel has entered the country's books."""
        litres = tankers * int(self.scenario.parameters.logistics.load_l)
        given = {"escort": -1, "detachment": -1, "attacker": -1, "road": -1, "primary": 1}
        row = self._new(
            "convoys", origin, tankers, "tankers", **{**given, "target": target, "litres": litres, **fields}
        )
        row["path"][: len(roads)] = roads
        row["legs"] = len(roads)
        self.world["places"]["inbound_l"][0, target] += litres
        self.world["fuel"]["entered"] += litres
        return row

    def road(self, a, b):
        """The index of the road between two places."""
        for k, r in enumerate(self["roads"][: int(self["run"]["n_roads"])]):
            if {int(r["a"]), int(r["b"])} == {a, b}:
                return k
        raise LookupError((a, b))

    def garrisons(self, men=None):
        """A garrison at every place that has a target."""
        for p in range(len(self.scenario.geography.places)):
            target = int(self.place(p)["garrison_target"])
            if target:
                self.unit(p, men or target)

    def luck(self, k):
        """A copy with other luck on the same day."""
        twin = object.__new__(Stage)
        twin.__dict__.update(self.__dict__)
        twin.world = bytes_of(self.world)
        twin.world["run"]["key"] = identity("luck", k)
        return twin

    def seeded(self, seed):
        """A copy with another seed: other luck on this day and on all that follow."""
        twin = self.copy()
        twin.world["run"]["seed"] = seed
        return twin

    def copy(self):
        twin = object.__new__(Stage)
        twin.__dict__.update(self.__dict__)
        twin.world = bytes_of(self.world)
        return twin

    def do(self, *names):
        """Run phases; those of units in order: `order` then every live thing's step."""
        for name in names:
            if name == "units":
                phase.order(self.world)
                live = int(self["run"]["live"])
                for code in self.world["order"][0, :live].tolist():
                    phase.activate(self.world, code // 65536, code % 65536)
            else:
                getattr(phase, name)(self.world)
        return self

    def fight(self):
        """The combat phase with the order of activation that the unit phase would have made."""
        return self.do("order", "combat")

    def day(self):
        return self.do(
            "dawn", "timeline", "flow", "units", "combat", "consumption", "population", "regime", "bargaining",
            "upkeep", "dusk",
        )  # fmt: skip

    @property
    def events(self):
        return self.world["today"][0, : int(self["run"]["events_today"])]

    def kinds(self):
        return [codes.EVENT_KINDS[k] for k in self.events["kind"]]

    def balanced(self):
        """Whether people and fuel are all accounted for right now."""
        twin = bytes_of(self.world)
        twin["run"]["people_error"] = twin["run"]["fuel_error_l"] = 0
        phase.dusk(twin)
        return int(twin["run"]["people_error"][0]) == 0 and int(twin["run"]["fuel_error_l"][0]) == 0


def demanding(**parameters):
    """A stage whose places know their demand."""
    stage = Stage(**parameters)
    stage.do("flow")  # sets demand, hubs and trees; what it sends is cleared again
    stage._clear("convoys")
    stage["places"]["inbound_l"] = 0
    stage["places"]["ordered_on"] = -1000
    stage["lines"]["waiting"][:] = 0
    stage.world["tally"] = np.zeros(1, stage.world["tally"].dtype)
    stage["fuel"]["entered"] = 0
    stage.world["fuel"]["opening"] = stage["places"]["stock_l"].sum()
    return stage


def convoys(stage):
    """The convoys on their way."""
    rows = stage["convoys"]
    return rows[rows["alive"] > 0]
