"""``stalemate run --multirun``: Hydra's own sweeper and launcher, for a few dozen runs. Larger designs are sweeps."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omegaconf import DictConfig


def run_all(args: argparse.Namespace) -> int:
    """Run every combination of the values given, one after the other; the exit status.

    A run that fails says so in its line and the others go on.

    Raises:
        StalemateError: a setting that cannot be used, before the first run.
    """
    import hydra

    from experiments.compose import config_folders, read_request, search_path
    from experiments.overrides import checked
    from experiments.run import note, run_one
    from experiments.schema import register, shipped_root
    from sim.parameter_errors import StalemateError

    folders = config_folders(args.config_dir)
    settings = [
        *search_path(folders),
        f"hydra.sweep.dir={args.outputs}",
        *checked(args.settings, folders, multirun=True),
    ]
    failures: list[str] = []
    register()

    @hydra.main(version_base="1.3", config_path=str(folders[0]), config_name=shipped_root())
    def job(config: DictConfig) -> None:
        from hydra.core.hydra_config import HydraConfig
        from omegaconf import OmegaConf, open_dict

        whole = OmegaConf.create(config)
        with open_dict(whole):
            whole["hydra"] = HydraConfig.get()
        try:
            run_one(read_request(whole, folders), args, briefly=True)
        except StalemateError as error:
            failures.append(str(error))
            note(f"stalemate: {error}")

    typed = sys.argv
    sys.argv = ["stalemate run", "--multirun", *settings]  # hydra.main reads nothing else
    try:
        job()
    finally:
        sys.argv = typed
    return 1 if failures else 0
