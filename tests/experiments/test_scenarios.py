"""`stalemate scenarios`: what there is to run, also from a folder of one's own."""

import json

from experiments.cli import main
from experiments.compose import config_folders
from experiments.overrides import options

EXPECTED = ["army_reform", "atlantis", "broad_support", "contractors_leave", "full_blockade", "mali_2025", "minimal"]


def listed(capsys, *words):
    assert main(["scenarios", *words]) == 0
    return capsys.readouterr().out


def test_every_shipped_scenario_is_listed_with_title_and_description(capsys):
    assert list(options("scenario", config_folders())) == EXPECTED
    rows = json.loads(listed(capsys, "--json"))
    assert [row["name"] for row in rows] == EXPECTED
    assert all(row["title"] and row["description"] for row in rows)
    text = listed(capsys)
    assert all(f"{row['name']}: {row['title']}\n" in text for row in rows)


def test_ones_own_joins_and_wins(capsys, tmp_path):
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text("title: Mine\n")
    (tmp_path / "scenario" / "minimal.yaml").write_text("title: Other\n")
    rows = {row["name"]: row["title"] for row in json.loads(listed(capsys, "--json", "--config-dir", str(tmp_path)))}
    assert list(rows) == sorted([*EXPECTED, "mine"])
    assert (rows["mine"], rows["minimal"]) == ("Mine", "Other")


def test_a_file_that_cannot_be_read_is_named(capsys, tmp_path):
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text("title: [\n")
    assert main(["scenarios", "--config-dir", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "mine.yaml" in err and err.count("\n") == 1
