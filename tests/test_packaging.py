"""The distribution: the locks, the wheel, and the way from an installed package to its configuration."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from experiments.paths import ConfigurationFolderMissing, conf_dir

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("build.lock", "run.lock", "dev.lock")


def lock_text(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def pins(text: str) -> dict[str, list[str]]:
    """Map each pinned requirement, marker included, to its hashes, as pip reads the file."""
    found = {}
    for line in text.replace("\\\n", " ").splitlines():
        line = line.split(" #")[0].strip()
        if line and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line)
            found[" ".join(requirement.split())] = hashes
    return found


def conf_files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts}


# --- locks ---


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_requirement_has_one_version_and_a_hash(name):
    locked = pins(lock_text(name))
    assert locked
    for requirement, hashes in locked.items():
        assert re.match(r"[a-z0-9.-]+==[^*\s;]+( ; .+)?$", requirement), requirement
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_no_address(name):
    assert not re.search(r"[a-z]+://|--(extra-)?index|--find-links|^-[if] |@ ", lock_text(name), flags=re.M)


@pytest.mark.parametrize("name", ["build.lock", "run.lock"])
def test_the_smaller_locks_are_cut_from_the_larger(name):
    larger = pins(lock_text("dev.lock"))
    for requirement, hashes in pins(lock_text(name)).items():
        # What a run needs on one system only, development may need on all: then the marker is gone.
        match = requirement if requirement in larger else requirement.split(" ; ")[0]
        assert larger.get(match) == hashes, requirement


def test_the_locks_hold_every_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [r for group in project["optional-dependencies"].values() for r in group]

    def names(requirements):
        return {re.match(r"[\w.-]+", r)[0].lower() for r in requirements}

    assert names(project["dependencies"]) <= names(pins(lock_text("run.lock")))
    assert names(project["dependencies"] + extras) <= names(pins(lock_text("dev.lock")))


def test_the_lock_gives_each_python_its_mesa():
    mesa = sorted(r for r in pins(lock_text("run.lock")) if r.startswith("mesa=="))
    assert [r.split(" ; ")[1] for r in mesa] == ["python_full_version < '3.12'", "python_full_version >= '3.12'"]
    assert mesa[0].startswith("mesa==3.3.1 ") and mesa[1].startswith("mesa==3.5.")


def test_this_environment_is_the_locked_one():
    expected = r"3\.3\.1" if sys.version_info < (3, 12) else r"3\.5\.\d+"
    assert re.fullmatch(expected, version("mesa"))


# --- the way to the configuration ---


def test_conf_dir_of_the_checkout():
    assert conf_dir() == ROOT / "conf"


def test_conf_dir_prefers_the_folder_inside_the_package(tmp_path):
    (tmp_path / "conf").mkdir()
    assert conf_dir(tmp_path) == tmp_path / "conf"
    (tmp_path / "sim" / "conf").mkdir(parents=True)
    assert conf_dir(tmp_path) == tmp_path / "sim" / "conf"


def test_missing_configuration_is_one_line_naming_both_places(tmp_path):
    with pytest.raises(ConfigurationFolderMissing) as caught:
        conf_dir(tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(tmp_path / "sim" / "conf") in message and str(tmp_path / "conf") in message


# --- the wheel ---


def guides():
    """The teacher's guides, which the wheel carries beside the lessons' configuration."""
    return {f"lesson/guide/{path.name}" for path in (ROOT / "docs" / "lessons").glob("*.md")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (built,) = folder.glob("stalemate-*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_packages_the_configuration_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = archive.read(next(n for n in names if n.endswith("entry_points.txt"))).decode()
    assert {n.split("/")[0] for n in names} == {"sim", "experiments", wheel.name.split("-py3")[0] + ".dist-info"}
    assert any(n.endswith("/licenses/LICENSE") for n in names)
    assert "stalemate = experiments.cli:main" in entry_points
    shipped = {n.removeprefix("sim/conf/") for n in names if n.startswith("sim/conf/")}
    assert shipped == conf_files(ROOT / "conf") | guides()
    for package in ("sim", "experiments"):
        modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / package).rglob("*.py")}
        assert modules == {n for n in names if n.startswith(f"{package}/") and n.endswith(".py")}


@pytest.mark.slow
def test_an_installed_wheel_finds_its_configuration_from_elsewhere(wheel, tmp_path):
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    install = ["install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True)
    # -I keeps the current folder and PYTHONPATH out; the checkout itself, installed editable, comes after the wheel.
    code = f"import sys; sys.path.insert(0, {str(site)!r}); from experiments.paths import conf_dir; print(conf_dir())"
    command = [sys.executable, "-I", "-c", code]
    printed = subprocess.run(command, cwd=elsewhere, check=True, capture_output=True, text=True).stdout
    found = Path(printed.strip())
    assert found == site / "sim" / "conf"
    assert conf_files(found) == conf_files(ROOT / "conf") | guides()
