"""Files that are whole or not there, on Windows too."""

import errno
import os
from pathlib import Path

import pytest

from experiments import whole_files
from experiments.classroom import observe
from experiments.messages import WriteError
from experiments.run_folder import write_manifest
from experiments.whole_files import flush, write_whole_text


@pytest.fixture
def like_windows(monkeypatch):
    """Refuse to flush what is not open for writing, as Windows does (OSError 9); gives the number of flushes."""
    fcntl = pytest.importorskip("fcntl")
    flushed = []

    def fsync(number):
        if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        flushed.append(number)

    monkeypatch.setattr(os, "fsync", fsync)
    return flushed


def test_what_is_flushed_is_open_for_writing_and_keeps_its_bytes(tmp_path, like_windows):
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x00\r\n\xff")
    flush(path)
    assert len(like_windows) == 1
    assert path.read_bytes() == b"\x00\r\n\xff"


def test_every_file_of_a_run_is_flushed(tmp_path, like_windows):
    (tmp_path / "figures").mkdir()
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "figures" / "b.txt").write_text("b")
    write_manifest(tmp_path, {})
    assert len(like_windows) == 3  # and the manifest


def test_a_table_joined_from_parts_is_flushed(tmp_path, like_windows):
    from experiments.sweep.compact import compact

    assert compact([], (("seed", "int64"),), tmp_path / "results.parquet") == 0
    assert len(like_windows) == 1


def test_nothing_else_flushes_by_its_own_means():
    root = Path(whole_files.__file__).parent
    found = [path for path in root.rglob("*.py") if "fsync(" in path.read_text(encoding="utf-8")]
    assert found == [Path(whole_files.__file__)]


def test_a_text_is_written_whole(tmp_path):
    path = tmp_path / "page.md"
    write_whole_text(path, "é\nold\n")
    write_whole_text(path, "é\nnew\n")
    assert path.read_bytes() == "é\nnew\n".encode()
    assert list(tmp_path.iterdir()) == [path]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_text_that_cannot_be_written_leaves_the_older_one(tmp_path, monkeypatch, step):
    path = tmp_path / "page.md"
    path.write_text("old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync", full), "replace": (Path, "replace", full)}[step])
    with pytest.raises(WriteError, match=r"page\.md: cannot be written: the disk is full"):
        write_whole_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_generated_pages_and_guides_are_written_so():
    from experiments import generated_docs

    for module in (generated_docs, observe):
        assert module.write_whole_text is write_whole_text
        assert "write_text(" not in Path(module.__file__).read_text(encoding="utf-8")
