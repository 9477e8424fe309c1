"""The manifest of a run folder: on what it was made, and a hash of each of its files."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import struct
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import sim

MANIFEST = "manifest.json"
COMPLETE = "complete"
_PACKAGES = ("numpy", "numba", "llvmlite", "mesa", "pandas", "pyarrow", "hydra-core", "matplotlib")


def machine() -> dict[str, Any]:
    """Return what the bits of a run can depend on beside the model: versions, CPU and maths library."""
    from sim.jit import source_hash

    return {
        "version": sim.__version__,
        "source_hash": source_hash(),
        "git": _git(),
        "python": platform.python_version(),
        "packages": {name: found for name in _PACKAGES if (found := _installed(name))},
        "system": platform.platform(),
        "cpu": cpu(),
        "libm": " ".join(part for part in platform.libc_ver() if part) or platform.system(),
        "maths_hash": maths_hash(),
    }


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git() -> dict[str, Any] | None:
    """Return commit and state of the checkout that this code runs from; None outside of one, or without git."""
    root = Path(__file__).resolve().parents[1]
    try:
        top = _ask_git(root, "rev-parse", "--show-toplevel")
        if Path(top).resolve() != root:  # an environment inside somebody else's repository
            return None
        return {"commit": _ask_git(root, "rev-parse", "HEAD"), "changed": bool(_ask_git(root, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _ask_git(root: Path, *command: str) -> str:
    run = subprocess.run(["git", "-C", str(root), *command], capture_output=True, text=True, timeout=5, check=True)
    return run.stdout.strip()


def cpu() -> str:
    """Return the CPU's name, and the one by which it is compiled for."""
    from llvmlite.binding import get_host_cpu_name

    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    except OSError:
        pass
    return f"{name} ({get_host_cpu_name()})"


def maths_hash() -> str:
    """Return 12 hex digits over the bits of exp, log and pow at fixed points: equal where the maths library agrees."""
    digest = hashlib.blake2b(digest_size=6)
    for k in range(1, 1000):
        x = k * 0.0123456789
        digest.update(struct.pack("<3d", math.exp(-x), math.log(x), x**0.65))
    return digest.hexdigest()


def file_hashes(folder: Path) -> dict[str, str]:
    """Return a SHA-256 for every file under a folder but the manifest, by relative path."""
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.name != MANIFEST)
    return {f.relative_to(folder).as_posix(): file_hash(f) for f in files}


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a complete run; None if there is none that can be read."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(data, dict) and data.get("status") == COMPLETE and isinstance(data.get("files"), dict)
    return data if whole else None


def kind_of(folder: Path) -> str:
    """Return what a folder holds by its manifest, complete or not: "sweep", "comparison"; "" for a run or nothing."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(data.get("kind", "")) if isinstance(data, dict) else ""


def first_difference(folder: Path, manifest: dict[str, Any]) -> str | None:
    """Return the first file that is gone or not as it was written; None if all are as they were."""
    for name, digest in manifest["files"].items():
        path = folder / name
        try:
            if not path.is_file() or file_hash(path) != digest:
                return str(name)
        except OSError:
            return str(name)
    return None


def command_line() -> str:
    """Return the command as it was typed, without the path of the program."""
    return " ".join(["stalemate", *sys.argv[1:]])
