"""What a sweep is: scenarios, a table of points, seeds; its hash; and the row number of each run."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Base:
    """What the points of a sweep start from: a scenario, and agent classes if there are any of the reader's own.

    Attributes:
        scenario: what is run, before a point's parameters are set.
        agents: ``module:Class`` by kind of agent; any selects the Mesa driver.
        driver: "compiled" or "mesa".
    """

    scenario: Scenario
    agents: Mapping[str, str] = field(default_factory=dict)
    driver: str = "compiled"

    def plain(self) -> dict[str, Any]:
        """Return the base as plain data, from which :func:`experiments.compose.read_scenario` reads the scenario."""
        from experiments.identity import resolved

        return {**resolved(self.scenario), "agents": dict(self.agents), "driver": self.driver}

    @functools.cached_property
    def marks(self) -> dict[str, str]:
        """By kind of agent, what identifies the class put in: its name and a hash of its module's source."""
        from experiments.agent_classes import fingerprints, load_agents

        return fingerprints(self.agents, load_agents(self.agents)) if self.agents else {}


@dataclass(frozen=True)
class SweepRequest:
    """A sweep, checked and written out.

    Attributes:
        name: how its folder begins.
        bases: what points start from; one, unless more than parameters is swept.
        points: one row a point, one column a swept key; numbers, or text for other values.
        base_of: for each point, its base.
        seeds: of every point, so that points share their luck (common random numbers).
        spec: the specification as composed, for the manifest.
        chunk_seconds: work that is handed out and saved at a time.
        max_failures: how many runs may fail before the sweep stops; None: all.
        daily: whether a row for each day of each run is kept too.
    """

    name: str
    bases: tuple[Base, ...]
    points: pd.DataFrame
    base_of: npt.NDArray[np.int64]
    seeds: tuple[int, ...]
    spec: Mapping[str, Any] = field(default_factory=dict)
    chunk_seconds: float = 2.0
    max_failures: int | None = 20
    daily: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The swept keys."""
        return tuple(map(str, self.points.columns))

    @property
    def runs(self) -> int:
        """The number of runs: points times seeds. Run ``row`` is point ``row // len(seeds)``."""
        return len(self.points) * len(self.seeds)

    @functools.cached_property
    def parameter_keys(self) -> tuple[str, ...]:
        """The swept keys that are parameters; the others are part of the bases."""
        from sim.parameters import infos

        return tuple(key for key in self.keys if key in infos())

    @functools.cached_property
    def cells(self) -> dict[str, Any]:
        """The columns of the points as arrays."""
        return {key: self.points[key].to_numpy() for key in self.keys}

    def settings(self, point: int) -> dict[str, float]:
        """Return a point's parameters."""
        return {key: float(self.cells[key][point]) for key in self.parameter_keys}

    def scenario(self, point: int) -> Scenario:
        """Return the scenario of a point."""
        return self.bases[int(self.base_of[point])].scenario.with_settings(self.settings(point))

    @functools.cached_property
    def sweep_hash(self) -> str:
        """Sixteen hex digits over everything that the rows depend on but the version of the model."""
        digest = hashlib.blake2b(digest_size=8)
        bases = [{**base.plain(), "marks": base.marks} for base in self.bases]
        for base in bases:
            base["geography"] = base["geography"]["digest"]
        head = {"bases": bases, "keys": self.keys, "seeds": self.seeds, "daily": self.daily}
        digest.update(json.dumps(head).encode())
        digest.update(np.ascontiguousarray(self.base_of, np.int64).tobytes())
        for cells in self.cells.values():
            numeric = cells.dtype != object
            digest.update(cells.astype("<f8").tobytes() if numeric else json.dumps(list(map(str, cells))).encode())
        return digest.hexdigest()

    def title(self) -> str:
        """Return in a few words what is swept."""
        names = sorted({base.scenario.name for base in self.bases})
        swept = ", ".join(self.keys) if self.keys else "seeds alone"
        return f"{', '.join(names) if len(names) < 4 else f'{len(names)} scenarios'}: {swept}"

    def replaced(self, **changes: Any) -> SweepRequest:
        """Return the request with some fields changed."""
        return dataclasses.replace(self, **changes)


def make_request(
    scenario: Scenario, points: pd.DataFrame | None = None, seeds: int | tuple[int, ...] = 20, name: str = "sweep"
) -> SweepRequest:
    """Return a request made in Python: one scenario, a table of parameter values, seeds.

    Args:
        scenario: the base.
        points: one row a point, columns are parameter keys; None: the scenario as it is.
        seeds: how many, counted from 1, or which.
        name: how the folder begins.

    Raises:
        UnknownParameterError, BadParameterValueError: the key or value at fault.
    """
    import pandas as pd

    from sim.parameters import check

    table = pd.DataFrame(index=[0]) if points is None else points.reset_index(drop=True)
    table = pd.DataFrame({k: [check(str(k), v) for v in table[k]] for k in table.columns}, index=table.index)
    chosen = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(seeds)
    return SweepRequest(name, (Base(scenario),), table.astype(float), np.zeros(len(table), np.int64), chosen)
