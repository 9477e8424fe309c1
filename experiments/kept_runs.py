"""Runs that are kept in a folder of results: finding one by its id, trusting it, and reading it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.manifest import MANIFEST, first_difference, kind_of, read_manifest
from experiments.messages import ConfigurationError
from sim.parameter_errors import nearest

if TYPE_CHECKING:
    from experiments.compose import Request

CONFIG = "config.yaml"


class UnknownRunError(ConfigurationError):
    """No run of this id is kept."""

    def __init__(self, run: str, outputs: Path, kept: list[str]) -> None:
        near = nearest(run, kept)
        hint = f"did you mean {near!r}?" if near else f"runs kept there: {len(kept)} (stalemate runs lists them)"
        super().__init__(f"no run {run!r} in {outputs}; {hint}")


class AmbiguousRunError(ConfigurationError):
    """The beginning of an id that several runs share."""

    def __init__(self, run: str, kept: list[str]) -> None:
        some = ", ".join(sorted(kept)[:4]) + (" …" if len(kept) > 4 else "")
        super().__init__(
            f"{run!r} is the beginning of {len(kept)} runs: {some}; say more of it (stalemate runs tells them apart)"
        )


class NotARunError(ConfigurationError):
    """A folder that holds something else than a run."""

    def __init__(self, folder: Path, kind: str) -> None:
        hint = f"; `stalemate run --row {folder} ROW` runs a row of it again" if kind == "sweep" else ""
        super().__init__(f"{folder}: holds a {kind}, not a run{hint}")


class DamagedRunError(ConfigurationError):
    """A run's folder that is not as it was written."""


@dataclass(frozen=True)
class KeptRun:
    """A run that is kept, whole and as it was written.

    Attributes:
        folder: where it is.
        manifest: what its manifest holds.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def run_id(self) -> str:
        """Return the run's id."""
        return str(self.manifest["run_id"])


def find_run(run: str, outputs: Path) -> KeptRun:
    """Return a kept run.

    Args:
        run: its id, the beginning of its id, or its folder.
        outputs: where runs are kept.

    Raises:
        UnknownRunError, AmbiguousRunError: no run or several.
        NotARunError: a sweep or a comparison.
        DamagedRunError: it is not complete, or a file is gone or changed.
    """
    folder = _folder(run, outputs)
    kind = kind_of(folder)
    if kind:
        raise NotARunError(folder, kind)
    manifest = read_manifest(folder)
    if manifest is None or "run_id" not in manifest:
        raise DamagedRunError(f"{folder}: the run is not complete; `stalemate run` makes it again")
    changed = first_difference(folder, manifest)
    if changed:
        raise DamagedRunError(f"{folder / changed}: is not as it was written, so the run cannot be trusted")
    return KeptRun(folder, manifest)


def _folder(run: str, outputs: Path) -> Path:
    direct = Path(run)
    if (direct / MANIFEST).is_file():
        return direct
    kept = [f.name for f in outputs.glob("*") if (f / MANIFEST).is_file()] if outputs.is_dir() else []
    if run in kept:
        return outputs / run
    begun = [name for name in kept if run and name.startswith(run)]
    if len(begun) > 1:
        raise AmbiguousRunError(run, begun)
    if not begun:
        raise UnknownRunError(run, outputs, kept)
    return outputs / begun[0]


def request_of(kept: KeptRun, config_dir: Path | None = None) -> Request:
    """Return the request that a kept run answers, from its resolved configuration.

    Raises:
        DamagedRunError: the configuration lacks something, or its geography has changed since.
        StalemateError: as :func:`experiments.compose.read_scenario`.
    """
    from experiments.compose import Request, config_folders, read_scenario
    from experiments.identity import geography_digest
    from experiments.yaml_files import read_yaml

    data = read_yaml(kept.folder / CONFIG)
    try:
        scenario = read_scenario(str(data["scenario"]), data, config_folders(config_dir))
        seed, agents, digest = int(data["seed"]), dict(data["agents"] or {}), data["geography"]["digest"]
    except (KeyError, TypeError) as error:
        raise DamagedRunError(f"{kept.folder / CONFIG}: no resolved configuration ({error})") from None
    folder = scenario.geography.folder
    if folder is not None and geography_digest(folder) != digest:
        raise DamagedRunError(f"geography {folder}: has changed since the run {kept.run_id} was made")
    return Request(scenario, seed, kept.manifest["driver"], agents)
