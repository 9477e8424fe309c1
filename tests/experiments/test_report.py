"""The report: one file with everything, that asks for nothing from outside, in neutral words."""

from __future__ import annotations

import json
import re

import pytest

from experiments.cli import main
from experiments.report import _inline
from experiments.story import CANNOT_TELL


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    outputs = tmp_path_factory.mktemp("outputs")
    assert main(["run", "scenario=minimal", "days=60", "--no-figures", "--outputs", str(outputs)]) == 0
    (found,) = outputs.iterdir()
    return found


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


def data_of(html):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def test_it_holds_story_summary_recording_and_configuration(folder, html):
    data = data_of(html)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert {"run_id": summary["run_id"], **data["summaries"][0]} == summary
    assert data["recordings"][0]["world_hash"] == summary["world_hash"]
    for line in (folder / "story.txt").read_text(encoding="utf-8").splitlines():
        assert re.escape(line.strip()[:40]).replace("\\", "")[:20] in html.replace("&#39;", "'").replace("&#34;", '"')
    assert "scenario: minimal" in html
    assert f"stalemate replay {summary['run_id']}" in html
    assert CANNOT_TELL in html


def test_its_manifest_knows_it(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["report"] == "report.html"
    assert "report.html" in manifest["files"]


def test_it_asks_for_nothing_from_outside(html):
    page = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert re.findall(r"""\b(?:src|href|action|poster|data)\s*=\s*["']?(?!#)[^"'\s>]+""", page) == []
    addresses = re.findall(r"""https?://[^\s"'<)]*|@import|url\([^#)]*\)""", html)
    assert [found for found in addresses if found != "http://www.w3.org/2000/svg"] == []
    assert not re.search(r"<(link|img|iframe|object|embed|base)\b", page)
    assert "default-src 'none'" in html


def test_its_words_are_neutral_and_civilians_come_first(html):
    text = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL).lower()
    assert not re.search(r"\benem(y|ies)\b|terrorist", text)
    losses = re.findall(r"killed: [^.]*civilian[^.]*", text)
    assert losses and all(re.match(r"killed: \d[\d,]* civilian", found) for found in losses)


def test_a_run_too_long_to_record_has_a_report_without_a_player(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.recording.MOST_DAYS", 30)
    assert main(["run", "scenario=minimal", "days=40", "--no-figures", "--outputs", str(tmp_path)]) == 0
    (found,) = tmp_path.iterdir()
    html = (found / "report.html").read_text(encoding="utf-8")
    assert "too long for a day-by-day recording" in html
    assert "createPlayer" not in html
    assert data_of(html)["recordings"] == []


def test_text_of_a_scenario_cannot_break_the_page(tmp_path):
    title = "</script><b>War & 'peace'"
    more = (f'title="{title}"', "--no-figures", "--outputs", str(tmp_path))
    assert main(["run", "scenario=minimal", "days=5", *more]) == 0
    (found,) = tmp_path.iterdir()
    html = (found / "report.html").read_text(encoding="utf-8")
    assert "</script><b>War" not in html
    assert data_of(html)["recordings"][0]["title"] == title


def test_figures_side_by_side_keep_their_ids_apart():
    head = '<?xml version="1.0"?><!DOCTYPE svg><svg><metadata>x</metadata>'
    svg = f'{head}<clipPath id="a"/><g clip-path="url(#a)"><use xlink:href="#a"/></g></svg>'
    assert _inline(svg, "f1-") == (
        '<svg><clipPath id="f1-a"/><g clip-path="url(#f1-a)"><use xlink:href="#f1-a"/></g></svg>'
    )
