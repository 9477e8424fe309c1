"""`stalemate explain`: every parameter, whole, from one place."""

import json

import pytest

from experiments.cli import main
from sim.parameters import infos


@pytest.fixture
def explain(capsys):
    def call(*words):
        status = main(["explain", *words])
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.mark.parametrize("key", infos())
def test_every_parameter_is_explained_whole(explain, key):
    status, out, err = explain(key)
    info = infos()[key]
    assert (status, err) == (0, "")
    assert out.startswith(f"{key}: {info.meaning}\n")
    for word, value in (("value", f"{info.default:g}"), ("low", f"{info.low:g}"), ("high", f"{info.high:g}")):
        assert f"  {word:<8} {value}\n" in out
    assert f"  source   {info.source}\n" in out and info.source
    assert "  unit     " in out


def test_a_group_and_all_are_tables(explain):
    _, group, _ = explain("contractors")
    members = [key for key in infos() if key.startswith("contractors.")]
    assert [line.split()[0] for line in group.splitlines()[1:]] == members
    assert [line.split()[0] for line in explain()[1].splitlines()[1:]] == list(infos())


def test_json(explain):
    row = json.loads(explain("contractors.personnel", "--json")[1])
    assert (row["key"], row["default"]) == ("contractors.personnel", infos()["contractors.personnel"].default)
    assert len(json.loads(explain("--json")[1])) == len(infos())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("contractors.personel", "contractors.personnel"),
        ("insurgants", "insurgents"),
        ("contractor.personnel", "contractors.personnel"),
        ("risk_half", "logistics.risk_half"),
    ],
)
def test_an_unknown_key_names_the_nearest(explain, typed, meant):
    assert explain(typed) == (2, "", f"stalemate: unknown key {typed!r}; did you mean {meant!r}?\n")


@pytest.mark.parametrize("key", ["days", "seed", "scenario", "start_date", "force.groups"])
def test_a_setting_of_a_run_is_not_taken_for_a_mistyped_parameter(explain, key):
    status, out, err = explain(key)
    assert (status, out) == (2, "")
    assert err.startswith(f"stalemate: {key}: is a setting of a run, not a parameter; ") and err.count("\n") == 1


@pytest.mark.parametrize("word", ["support", "Fuel", "truce"])
def test_a_word_lists_what_speaks_of_it(explain, word):
    status, out, _ = explain(word)
    rows = out.splitlines()[1:]
    assert status == 0 and 2 < len(rows) < 30
    assert all(word.lower() in row.lower() for row in rows)


def test_a_key_like_no_other_says_how_to_list_all(explain):
    assert explain("qqq.zzz")[2] == "stalemate: unknown key 'qqq.zzz'; `stalemate explain` lists all keys\n"
