"""``stalemate export``: a kept run as one ZIP file, with all that its folder holds; a sweep for the EMA workbench."""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

from experiments.kept_runs import KeptRun, find_run
from experiments.messages import WriteError
from experiments.numbers import count
from experiments.sweep.folder import is_sweep
from experiments.whole_files import draft_of

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same run gives the same bytes


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate export`` takes."""
    parser.add_argument("run", metavar="RUN_ID", help="a run's id, the beginning of it, or its folder; or a sweep's")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to (RUN_ID.zip here)")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"), metavar="DIR", help="where runs are (outputs)")


def execute(args: argparse.Namespace) -> int:
    """Write the file and say where it is; the exit status."""
    if is_sweep(Path(args.run)):
        return _export_sweep(Path(args.run), args.out)
    kept = find_run(args.run, args.outputs)
    target = args.out or Path(f"{kept.run_id}.zip")
    write_zip(kept, target)
    print(f"{target}: {len(kept.manifest['files']) + 1} files of {kept.run_id}, {target.stat().st_size / 1e6:.1f} MB")
    return 0


def _export_sweep(folder: Path, out: Path | None) -> int:
    """Write a sweep as ``ema_workbench.load_results`` reads it."""
    from experiments.sweep.ema import write_ema
    from experiments.sweep.store import read_sweep

    sweep = read_sweep(folder)
    target = out or Path(f"{folder.resolve().name}.tar.gz")
    write_ema(sweep, target)
    size = f"{target.stat().st_size / 1e6:.1f} MB"
    print(f"{target}: {count(len(sweep.runs), 'run')} for ema_workbench.load_results, {size}")
    return 0


def write_zip(kept: KeptRun, target: Path) -> None:
    """Write a run's files, and nothing else that lies in its folder, into a ZIP file; never half of one.

    Raises:
        WriteError: it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(target) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in ("manifest.json", *sorted(kept.manifest["files"])):
                info = zipfile.ZipInfo(f"{kept.run_id}/{member}", _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, (kept.folder / member).read_bytes())
    except OSError as error:
        raise WriteError(str(target), error) from error
