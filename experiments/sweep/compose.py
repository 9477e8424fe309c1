"""From the words of ``stalemate sweep`` to a request: settings checked, composed once, the design written out.

A swept parameter is set on a scenario that is composed once. Any other swept key (scenario, days, force, timeline,
agents …) needs a scenario of its own, so each combination of such values is composed and checked before the first run.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.compose import Request, compose_config, config_folders, read_request
from experiments.messages import BadSettingError, UnknownOptionError
from experiments.overrides import check_key, check_value, checked, options, parse_override
from experiments.sweep.design import expand
from experiments.sweep.errors import (
    BadDesignError,
    EmptyDesignError,
    MissingGroupError,
    NoSchedulerError,
    SeveralValuesError,
    UnknownSweepKeyError,
)
from experiments.sweep.request import Base, SweepRequest
from experiments.sweep.schema import DESIGN_KEYS, executor_keys, register, sweep_keys
from sim.parameters import flatten, infos
from sim.run import MAX_SEED
from sim.scenario import whole

if TYPE_CHECKING:
    import pandas as pd
    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

ROOT = "sweeps"
CLUSTER = "dask_cluster"
GROUPS = ("experiment", "sweep", "executor")  # settings of the sweep, not of its runs
_NOT_SWEPT = {"seed": "sweep.seeds, as in sweep.seeds=50", "driver": "one driver for the whole sweep, driver=…"}


@dataclass(frozen=True)
class ExecutorSpec:
    """Where runs are carried out: see ``conf/executor``; None leaves a choice to the program."""

    name: str | None = None
    workers: int | None = None
    address: str | None = None
    scheduler_file: str | None = None


def compose_sweep(
    overrides: Sequence[str] = (), config_dir: Path | str | None = None
) -> tuple[SweepRequest, ExecutorSpec]:
    """Return what the settings of ``stalemate sweep`` ask for, and where it shall run.

    Args:
        overrides: ``key=value``: ``experiment=NAME``, keys of ``sweep`` and ``executor``, and all that a run takes.
        config_dir: a folder of the reader's own, laid out like the shipped ``conf``.

    Raises:
        StalemateError: the setting at fault, in one line, through the subclass that names the cause.
    """
    folders = config_folders(config_dir)
    settings = _checked(overrides, folders)
    register()
    config = compose_config(settings, folders, ROOT)
    spec = _plain(config, "sweep")
    executor = _executor(_plain(config, "executor"))
    if config.hydra.runtime.choices.get("executor") == CLUSTER and not (executor.address or executor.scheduler_file):
        raise NoSchedulerError  # without either, Dask would start workers on this computer
    points = expand(spec, lambda where, key, value: _cell(where, key, value, folders))
    request = _request(config, spec, points, settings, folders)
    return request, executor


def _plain(config: DictConfig, node: str) -> dict[str, Any]:
    from omegaconf import OmegaConf

    found: Any = OmegaConf.to_container(config[node], resolve=True)
    return dict(found)


# --- settings as they are typed ---


def _checked(overrides: Sequence[str], folders: Sequence[Path]) -> list[str]:
    found = []
    for text in overrides:
        override = parse_override(text)
        key = str(override.key_or_group)
        group, _, rest = key.partition(".")
        if group not in GROUPS:
            _check_run_key(group, override)
            found += checked([text], folders)
            continue
        if not rest:
            _check_group(group, override.value(), folders)
        else:
            _check_inner(group, rest, override.value())
        found.append(f"++{text}" if rest.partition(".")[0] in DESIGN_KEYS and text[0] not in "+~" else text)
    return found


def _check_run_key(first: str, override: Override) -> None:
    """Refuse what the design of the sweep should say: a key of its own, or several values."""
    key = str(override.key_or_group)
    for group, known in (("sweep", sweep_keys()), ("executor", executor_keys())):
        if first in known:
            raise MissingGroupError(key, group)
    if override.is_sweep_override():
        values = str(override.get_value_string())
        raise SeveralValuesError(key, values, values if override.is_choice_sweep() else "…")


def _check_group(group: str, value: Any, folders: Sequence[Path]) -> None:
    if isinstance(value, dict):
        known = sweep_keys() if group == "sweep" else executor_keys()
        for name in value:
            if name not in known or group == "experiment":
                raise UnknownSweepKeyError(group, name, known)
    elif value not in options(group, folders) and not (value is None and group == "experiment"):
        raise UnknownOptionError(group, value, options(group, folders))


def _check_inner(group: str, rest: str, value: Any) -> None:
    known = sweep_keys() if group == "sweep" else executor_keys()
    if rest.partition(".")[0] not in known:
        raise UnknownSweepKeyError(group, rest, known)
    if rest in (*DESIGN_KEYS, "blocks") and value in ({}, []):
        raise EmptyDesignError(f"sweep.{rest}")  # Hydra would merge it, that is do nothing


# --- cells of the table of points ---


def _cell(where: str, key: str, value: Any, folders: Sequence[Path]) -> Any:
    """Return a value as the table of points holds it: a number, or text in Hydra's grammar; raises if it cannot be."""
    if key in _NOT_SWEPT:
        raise BadDesignError(where, value, _NOT_SWEPT[key])
    if key.partition(".")[0] in GROUPS:
        raise BadDesignError(where, value, "keys of a run, not of the sweep itself")
    check_key(key)
    if key in infos() and isinstance(value, bool):
        value = int(value) if infos()[key].unit == "0/1" else value
    check_value(key, value, folders)
    if key in infos():
        return float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value) if float(value).is_integer() else float(value)
    return hydra_text(value)


def hydra_text(value: Any) -> str:
    """Return a value as it would be typed in an override; plain words stay as they are."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        plain = value.replace("_", "").replace(":", "").replace(".", "").replace("/", "").replace("-", "")
        return value if plain.isalnum() and not plain.isdigit() else "'" + value.replace("'", "\\'") + "'"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{hydra_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(hydra_text, value)) + "]"
    return repr(value)


# --- the request ---


def _request(
    config: DictConfig, spec: Mapping[str, Any], points: pd.DataFrame, settings: Sequence[str], folders: Sequence[Path]
) -> SweepRequest:
    first = read_request(config, folders)
    other = [key for key in points.columns if key not in infos()]
    bases, base_of = _bases(first, points, other, settings, folders)
    points, base_of = _filled(points, base_of, bases, config)
    experiment = config.hydra.runtime.choices.get("experiment")
    most = spec["max_failures"]
    return SweepRequest(
        name=str(experiment) if experiment else "sweep",
        bases=tuple(bases),
        points=points,
        base_of=base_of,
        seeds=_seeds(spec["seeds"], first.seed),
        spec={**{key: value for key, value in spec.items() if value is not None}, "settings": list(settings)},
        chunk_seconds=_seconds(spec["chunk_seconds"]),
        max_failures=None if most is None else whole("sweep.max_failures", most, 0, 10**9),
        daily=bool(spec["daily"]),
    )


def _bases(
    first: Request, points: pd.DataFrame, keys: Sequence[str], settings: Sequence[str], folders: Sequence[Path]
) -> tuple[list[Base], npt.NDArray[np.int64]]:
    """Return a base for each combination of values that are no parameters, and for each point its base."""
    if not keys:
        return [_base(first)], np.zeros(len(points), np.int64)
    combinations = points[list(keys)].astype(str).apply(tuple, axis=1)  # texts, so that tables count as equal
    number: dict[tuple[str, ...], int] = {}
    bases: list[Base] = []
    for row, combination in enumerate(combinations):
        if combination not in number:
            values = {key: points[key].iloc[row] for key in keys if points[key].iloc[row] is not None}
            number[combination] = len(bases)
            bases.append(_base(_compose_with(first, values, settings, folders)))
    return bases, np.array([number[combination] for combination in combinations], np.int64)


def _compose_with(
    first: Request, values: Mapping[str, Any], settings: Sequence[str], folders: Sequence[Path]
) -> Request:
    if set(values) == {"days"}:  # by far the commonest, and needs no composing
        return dataclasses.replace(first, scenario=dataclasses.replace(first.scenario, days=int(values["days"])))
    kept = [text for text in settings if str(parse_override(text).key_or_group) not in values]
    added = checked([f"{key}={value}" for key, value in values.items()], folders)
    return read_request(compose_config([*kept, *added], folders, ROOT), folders)


def _base(request: Request) -> Base:
    from experiments.agent_classes import load_agents
    from sim.run import AgentOverrideError

    if request.agents and request.driver == "compiled":
        raise AgentOverrideError
    load_agents(request.agents)  # refused now, not at the first run
    return Base(request.scenario, request.agents, request.driver or ("mesa" if request.agents else "compiled"))


def _filled(
    points: pd.DataFrame, base_of: npt.NDArray[np.int64], bases: Sequence[Base], config: DictConfig
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Return the points with what a block left out taken from the base, and without repetitions."""
    import pandas as pd

    columns: dict[str, Any] = {}
    values = [flatten(base.scenario.parameters) for base in bases]
    for key in map(str, points.columns):
        cells = points[key].to_list()
        if key in infos():
            columns[key] = np.array(
                [values[b][key] if c is None else c for b, c in zip(base_of, cells, strict=True)], float
            )
            continue
        own = _own_value(config, key)
        cells = [own if cell is None else cell for cell in cells]
        numeric = all(isinstance(cell, (int, float)) for cell in cells)
        columns[key] = np.array(cells, float) if numeric else np.array(list(map(str, cells)), object)
    if not columns:
        return points, base_of
    table = pd.DataFrame(columns)
    keep = ~table.duplicated().to_numpy()
    return table[keep].reset_index(drop=True), base_of[keep]


def _own_value(config: DictConfig, key: str) -> Any:
    """Return the configured value of a key that is no parameter."""
    from omegaconf import OmegaConf

    chosen = config.hydra.runtime.choices.get(key)
    value = chosen if chosen is not None else OmegaConf.select(config, key)
    if OmegaConf.is_config(value):
        value = OmegaConf.to_container(value, resolve=True)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else hydra_text(value)


def _seeds(value: Any, first: int) -> tuple[int, ...]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            raise EmptyDesignError("sweep.seeds")
        found = tuple(whole("sweep.seeds", seed, 0, MAX_SEED) for seed in value)
        if len(set(found)) < len(found):
            raise BadDesignError("sweep.seeds", list(value), "each seed once")
        return found
    number = whole("sweep.seeds", value, 1, 10**9)
    whole("sweep.seeds", first + number - 1, 0, MAX_SEED)
    return tuple(range(first, first + number))


def _seconds(value: float) -> float:
    if not (math.isfinite(value) and 0.0 < value <= 3600.0):
        raise BadSettingError("sweep.chunk_seconds", value, "seconds, above 0 and up to 3600")
    return float(value)


def _executor(data: Mapping[str, Any]) -> ExecutorSpec:
    from experiments.sweep.executors import EXECUTORS

    name, workers = data["name"], data["workers"]
    if name is not None and name not in EXECUTORS:
        raise UnknownOptionError("executor.name", name, EXECUTORS)
    if workers is not None:
        whole("executor.workers", workers, 1, 100_000)
    return ExecutorSpec(name, workers, data["address"], data["scheduler_file"])


__all__ = ["ExecutorSpec", "compose_sweep", "hydra_text"]
