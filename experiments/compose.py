"""From the configuration folders to a :class:`sim.Scenario`: Hydra composes once, the rest is plain data."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.at_start import check_timeline
from experiments.composed import Composed, remembered
from experiments.messages import BadOverrideError, BadSettingError, ConfigurationError, UnknownOptionError, from_hydra
from experiments.overrides import CHECKS, checked, known_keys, options
from experiments.paths import conf_dir
from experiments.schema import AGENT_KINDS, force_keys, register, shipped_root
from sim.geography import Geography, GeographyError, load_geography, shortest_paths
from sim.parameter_errors import StalemateError, UnknownParameterError, nearest
from sim.parameters import Parameters, infos, with_values
from sim.scenario import Entry, Forces, Scenario, check_days, read_forces, read_timeline, whole

if TYPE_CHECKING:
    from omegaconf import DictConfig

DEFAULT_SCENARIO = "mali_2025"
_INNER_KEYS = {"columns": ("count", "men"), "escorts": ("count", "men"), "suppliers": ("capacity", "share")}
_ENTRY_KEYS = tuple(Entry.__dataclass_fields__)


class RunSettingError(ConfigurationError):
    """A setting of the run among those of a scenario."""

    def __init__(self, key: str) -> None:
        many = "; commands of many runs take seeds=N" if key == "seed" else ""
        super().__init__(f"{key}: belongs to a single run, not to the scenario (stalemate run, sim.simulate){many}")


class BadGeographyError(ConfigurationError):
    """A geography that cannot be used; the cause, a :class:`sim.geography.GeographyError`, says why by its class."""


class MissingConfigDirError(ConfigurationError):
    """The folder given with ``--config-dir`` does not exist."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"--config-dir: no folder {str(folder)!r}")


@dataclass(frozen=True)
class Request:
    """What one command asks for: a scenario and how to run it.

    Attributes:
        scenario: what to run, already with the length asked for.
        seed: of all draws.
        driver: "compiled" or "mesa", or None if the command leaves it open.
        agents: agent classes of the reader's own, ``module:Class`` by kind.
    """

    scenario: Scenario
    seed: int
    driver: str | None = None
    agents: Mapping[str, str] = field(default_factory=dict)


def load_scenario(
    name: str = DEFAULT_SCENARIO, overrides: Sequence[str] = (), config_dir: Path | str | None = None
) -> Scenario:
    """Return a scenario by name, with settings changed.

    Args:
        name: one of those that ``stalemate scenarios`` lists.
        overrides: ``key=value``, as on the command line: ``["contractors.personnel=500", "days=1080"]``.
        config_dir: a folder of your own, laid out like the shipped ``conf``.

    Raises:
        StalemateError: a name, key or value that cannot be used; one line, through the subclass that names the cause.
    """
    for text in overrides:
        if re.match(r"(seed|driver|agents\.\w+)=", text):
            raise RunSettingError(text.partition("=")[0])
    return compose_request([f"scenario={name}", *overrides], config_dir).scenario


def compose_request(overrides: Sequence[str] = (), config_dir: Path | str | None = None) -> Request:
    """Return what a command's settings ask for.

    Raises:
        StalemateError: as :func:`load_scenario`.
    """
    folders = config_folders(config_dir)

    def compose() -> Composed:
        return plain_config(compose_config(checked(overrides, folders), folders), folders)

    return request_of(*remembered(overrides, folders, compose), folders)


def config_folders(config_dir: Path | str | None = None) -> tuple[Path, ...]:
    """Return the configuration folders, the reader's own first, so that its files win over shipped ones.

    Raises:
        MissingConfigDirError: the reader's folder does not exist.
    """
    if config_dir is None:
        return (conf_dir(),)
    own = Path(config_dir).resolve()
    if not own.is_dir():
        raise MissingConfigDirError(own)
    return (own, conf_dir())


def search_path(folders: Sequence[Path]) -> list[str]:
    """Return the override that makes Hydra look into the folders after the first."""
    rest = ",".join(f"'file://{folder.as_posix()}'" for folder in folders[1:])
    return [f"hydra.searchpath=[{rest}]"] if rest else []


def compose_config(overrides: Sequence[str], folders: Sequence[Path], root: str = "config") -> DictConfig:
    """Return what Hydra composes from the root file of that name and checked settings, with Hydra's own node.

    Raises:
        StalemateError: as :func:`load_scenario`.
    """
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from experiments.yaml_files import YAMLError

    register()
    try:
        with initialize_config_dir(str(folders[0]), job_name="stalemate", version_base="1.3"):
            return compose(shipped_root(root), overrides=[*search_path(folders), *overrides], return_hydra_config=True)
    except (HydraException, OmegaConfBaseException, YAMLError, ValueError) as error:
        raise from_hydra(error, known_keys(), lambda group: options(group, folders)) from None


def read_request(config: DictConfig, folders: Sequence[Path]) -> Request:
    """Return the request that a composed configuration, with Hydra's own node, stands for.

    Raises:
        StalemateError: as :func:`load_scenario`.
    """
    return request_of(*plain_config(config, folders), folders)


def plain_config(config: DictConfig, folders: Sequence[Path]) -> Composed:
    """Return the scenario's name and the rest of a composed configuration as plain, resolved data.

    Raises:
        StalemateError: as :func:`load_scenario`.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    plain = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    try:
        data: Any = OmegaConf.to_container(plain, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise from_hydra(error, known_keys(), lambda group: options(group, folders)) from None
    return str(config.hydra.runtime.choices.get("scenario")), data


def request_of(name: str, data: Mapping[str, Any], folders: Sequence[Path]) -> Request:
    """Return the request that plain, resolved configuration of a scenario stands for.

    Raises:
        StalemateError: as :func:`load_scenario`.
    """
    for key, check in CHECKS.items():
        if key not in data:
            raise BadOverrideError(f"~{key}")
        check(data[key])
    agents = {kind: data["agents"][kind] for kind in AGENT_KINDS if data["agents"][kind]}
    return Request(read_scenario(name, data, folders), data["seed"], data["driver"], agents)


def read_scenario(name: str, data: Mapping[str, Any], folders: Sequence[Path]) -> Scenario:
    """Return a scenario from plain, resolved configuration, as ``config.yaml`` of a run holds it.

    Raises:
        StalemateError: as :func:`load_scenario`.
    """
    geography = _load_geography(geography_folder(data["geography"]["folder"], folders))
    forces = read_forces(_forces(data["force"]), geography)
    _check_reach(forces, geography)
    timeline = read_timeline(_entries(data["timeline"]), geography)
    check_timeline(timeline)
    return Scenario(
        name=name,
        geography=geography,
        forces=forces,
        parameters=_parameters(data),
        timeline=timeline,
        title=data["title"],
        description=data["description"],
        days=check_days(data["days"]),
        start_date=data["start_date"],
        summer=(int(data["summer"][0]), int(data["summer"][1])),
        judge_day=whole("judge_day", data["judge_day"], 1, 36500),
        event_band=(float(data["event_band"][0]), float(data["event_band"][1])),
    )


def _load_geography(folder: Path) -> Geography:
    try:
        return load_geography(folder)
    except GeographyError as error:
        words = str(error)
        raise BadGeographyError(
            words if words.startswith("geography") else f"geography {folder.name}: {words}"
        ) from error


def _parameters(data: Mapping[str, Any]) -> Parameters:
    groups = {key.partition(".")[0] for key in infos()}
    return with_values(Parameters(), {f"{g}.{k}": value for g in sorted(groups) for k, value in data[g].items()})


def _check_reach(forces: Forces, geography: Geography) -> None:
    """Refuse fuel that could never arrive, and a neighbour that is not on the map."""
    hours, _ = shortest_paths(geography, geography.capital)
    for place in forces.suppliers:
        if not math.isfinite(hours[geography.index(place)]):
            raise ConfigurationError(f"force.suppliers.{place}: no road leads from there to the capital")
    countries = {place.country for place in geography.places}
    for country in forces.neighbour_countries:
        if country not in countries:
            raise UnknownOptionError("force.neighbour_countries", country, countries)


def _forces(force: Mapping[str, Any]) -> dict[str, Any]:
    """Return the forces without what is null, after checking the shape that reading them relies on."""
    found: dict[str, Any] = {}
    for key, value in force.items():
        if key not in force_keys():
            raise UnknownParameterError(f"force.{key}", nearest(f"force.{key}", [f"force.{k}" for k in force_keys()]))
        nested = (key in _INNER_KEYS or key == "groups") and value is not None
        found[key] = _inner_tables(key, value) if nested else value
    return found


def _inner_tables(key: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``force.<key>`` holds by name, each a table itself."""
    known = _INNER_KEYS.get(key)
    for name, inner in table.items():
        if inner is not None and not isinstance(inner, Mapping):
            allowed = " and ".join(known) if known else "cells by place"
            raise BadSettingError(f"force.{key}.{name}", inner, f"{allowed}, in braces")
        for word in inner or ():
            if known and word not in known:
                near = nearest(str(word), known)
                raise UnknownParameterError(f"force.{key}.{name}.{word}", near and f"force.{key}.{name}.{near}")
    return {name: inner for name, inner in table.items() if inner is not None}


def _entries(timeline: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the timeline after naming any entry that is none, or has a key that entries do not have."""
    for name, entry in (timeline or {}).items():
        if entry is None:
            continue
        if not isinstance(entry, Mapping):
            raise ConfigurationError(f"timeline.{name}: {entry!r} is no entry; write {{day: …, action: …, value: …}}")
        for key in entry:
            if key not in _ENTRY_KEYS:
                near = nearest(str(key), _ENTRY_KEYS)
                raise UnknownParameterError(f"timeline.{name}.{key}", near and f"timeline.{name}.{near}")
    return dict(timeline or {})


def geography_folder(name: str, folders: Sequence[Path]) -> Path:
    """Return the folder of a geography: a path as it is, a name within the configuration folders.

    Raises:
        UnknownOptionError: no configuration folder has it.
    """
    path = Path(name).expanduser()
    if path.is_absolute() or len(path.parts) > 1:
        return path
    for folder in folders:
        if (folder / "geography" / name).is_dir():
            return folder / "geography" / name
    raise UnknownOptionError("geography.folder", name, options("geography", folders))


__all__ = [
    "DEFAULT_SCENARIO",
    "Request",
    "StalemateError",
    "compose_request",
    "config_folders",
    "load_scenario",
    "read_request",
    "read_scenario",
]
