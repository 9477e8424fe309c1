"""The page of the checks: every check with its table, written whole or not at all."""

import pytest

from experiments.messages import WriteError
from experiments.verification import page as pages
from experiments.verification.bare import Check

CHECK = Check("law-square", "a title", "3 duels", True, "agrees", ("a", "b"), ((1.23456789, float("nan")),), "A note.")


def test_page_tells_everything():
    text = pages.page([CHECK])
    assert "| [law-square](#law-square) | passed | agrees | 3 duels |" in text
    assert "| 1.235 |  |" in text
    assert "A note." in text
    assert "not that a war" in text or "war follows the equations" in text


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    def broken(checks, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("experiments.figures.verify.draw", broken)
    with pytest.raises(WriteError, match="disk is full"):
        pages.write_page([CHECK], tmp_path)
    assert not list(tmp_path.glob("*verification*"))
