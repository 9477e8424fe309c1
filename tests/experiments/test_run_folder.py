"""The folder of a run and its manifest: whole or not there at all."""

import errno
import json
import math

import pytest

from experiments.manifest import COMPLETE, MANIFEST, file_hashes, first_difference, machine, read_manifest
from experiments.messages import WriteError
from experiments.run_folder import new_folder, write_json, write_manifest
from experiments.strict_json import NotFiniteError


def fill(folder, text="new"):
    (folder / "a.txt").write_text(text)


def test_a_folder_appears_whole_and_at_once(tmp_path):
    target = tmp_path / "deep" / "run"
    with new_folder(target) as scratch:
        fill(scratch)
        assert not target.exists()
    assert (target / "a.txt").read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_what_ends_early_leaves_the_older_folder_as_it_was(tmp_path, stop):
    target = tmp_path / "run"
    with new_folder(target) as scratch:
        fill(scratch, "old")
    with pytest.raises(stop), new_folder(target) as scratch:
        fill(scratch)
        raise stop
    assert (target / "a.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_move_that_fails_puts_the_older_folder_back(tmp_path, monkeypatch):
    target = tmp_path / "run"
    with new_folder(target) as scratch:
        fill(scratch, "old")
    rename = type(target).rename

    def once(path, to):
        if path.name.endswith(".tmp"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(path, to)

    monkeypatch.setattr(type(target), "rename", once)
    with pytest.raises(WriteError, match="the disk is full; nothing was kept"), new_folder(target) as scratch:
        fill(scratch)
    assert (target / "a.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_in_the_way_is_named_and_kept(tmp_path):
    target = tmp_path / "run"
    target.write_text("mine")
    message = "run: cannot be written: a file of that name is in the way"
    with pytest.raises(WriteError, match=message), new_folder(target):
        pytest.fail("there is nothing to write into")
    assert target.read_text() == "mine"


def test_json_is_strict(tmp_path):
    with pytest.raises(NotFiniteError, match=r"^x\.json: value is nan, no finite number"):
        write_json(tmp_path / "x.json", {"value": math.nan})


def test_a_manifest_names_every_file_but_itself_and_what_bits_depend_on(tmp_path):
    fill(tmp_path)
    (tmp_path / "figures").mkdir()
    fill(tmp_path / "figures")
    write_manifest(tmp_path, {"run_id": "x", **machine()})
    manifest = read_manifest(tmp_path)
    assert manifest["status"] == COMPLETE
    assert sorted(manifest["files"]) == ["a.txt", "figures/a.txt"]
    assert manifest["files"] == file_hashes(tmp_path)
    for key in ("version", "source_hash", "python", "packages", "system", "cpu", "libm", "maths_hash", "command"):
        assert manifest[key], key


@pytest.mark.parametrize("how", ["changed", "gone", "a folder"])
def test_a_difference_is_found(tmp_path, how):
    fill(tmp_path)
    write_manifest(tmp_path, {"run_id": "x"})
    manifest = read_manifest(tmp_path)
    assert first_difference(tmp_path, manifest) is None
    (tmp_path / "a.txt").unlink()
    if how == "changed":
        fill(tmp_path, "other")
    elif how == "a folder":
        (tmp_path / "a.txt").mkdir()
    assert first_difference(tmp_path, manifest) == "a.txt"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"status": "running", "files": {}}), '{"files": 3}'])
def test_what_is_no_manifest_of_a_whole_run_is_none(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    assert read_manifest(tmp_path) is None
