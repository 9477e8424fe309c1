"""A committed baseline: one seed of each shipped scenario, so that no change of results goes unnoticed.

Renew it with `python tests/sim/test_baseline.py` whenever a change is meant to move results, and say so in
CHANGELOG.md under "Results change". The world's hash is exact on the platform that wrote the file and compared only
there (the last bits of exp and log differ elsewhere); the numbers are compared everywhere, within a tolerance.
"""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "baselines" / "runs.json"
SCENARIOS = ("minimal", "mali_2025", "atlantis", "contractors_leave", "broad_support", "full_blockade", "army_reform")
SEED = 1
NUMBERS = ("deaths", "captures", "max_held_population_share", "convoys", "tankers", "capital", "contractors")
ABOUT = "python tests/sim/test_baseline.py renews this file; say so in CHANGELOG.md under 'Results change'"


def fingerprint():
    """What the last bits hang on: processor, system's C library, Python and the compiler."""
    cpu = "unknown"
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        cpu = lines[0].split(":", 1)[1].strip() if lines else cpu
    return {
        "machine": platform.machine(),
        "cpu": cpu,
        "libc": " ".join(platform.libc_ver()),
        "python": ".".join(map(str, sys.version_info[:2])),
        **{name: version(name) for name in ("numba", "llvmlite", "numpy")},
    }


def made(name):
    """The baseline's entry of one scenario, run now."""
    from experiments import load_scenario
    from sim import simulate

    summary = simulate(load_scenario(name), SEED).summary
    return {
        "seed": SEED,
        "days": summary["days"],
        "world_hash": summary["world_hash"],
        "outcome": summary["outcome"],
        **{key: summary[key] for key in NUMBERS},
    }


def flat(value, name=""):
    """Every number of a nested entry by its path."""
    if isinstance(value, dict):
        return {k: v for key, part in value.items() for k, v in flat(part, f"{name}.{key}").items()}
    return {name: value}


def test_the_baseline_is_of_the_shipped_scenarios():
    from experiments.compose import config_folders
    from experiments.overrides import options

    assert sorted(json.loads(FILE.read_text(encoding="utf-8"))["runs"]) == sorted(options("scenario", config_folders()))


LATER = [pytest.param(name, marks=pytest.mark.slow) for name in SCENARIOS[2:]]


@pytest.mark.parametrize("name", [*SCENARIOS[:2], *LATER])
def test_results_have_not_moved(name):
    baseline = json.loads(FILE.read_text(encoding="utf-8"))
    was, now = baseline["runs"][name], made(name)
    if baseline["fingerprint"] == fingerprint():
        assert now["world_hash"] == was["world_hash"], f"results of {name} have moved: {ABOUT}"
    was, now = flat(was), flat(now)
    assert set(was) == set(now)
    for key, value in was.items():
        if key == ".world_hash" or (key == ".outcome" and baseline["fingerprint"] != fingerprint()):
            continue
        if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
            # elsewhere a last bit may send a run another way: then only the size of things is the same
            assert now[key] == pytest.approx(value, rel=0.5, abs=60), key
        elif baseline["fingerprint"] == fingerprint():
            assert now[key] == value, key


def renew():
    """Run every shipped scenario and write the file anew."""
    runs = {name: made(name) for name in SCENARIOS}
    text = json.dumps({"about": ABOUT, "fingerprint": fingerprint(), "runs": runs}, indent=1)
    FILE.parent.mkdir(exist_ok=True)
    partial = FILE.with_suffix(".tmp")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(FILE)
    print(f"wrote {FILE.relative_to(ROOT)}: {', '.join(runs)}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    renew()
