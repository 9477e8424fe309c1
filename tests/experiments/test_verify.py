"""``stalemate verify``: a duel of one's own, the table of checks, and one-line refusals."""

import json

import pytest

from experiments import verify
from experiments.cli import main
from experiments.verification.bare import Check
from experiments.verification.duels import DuelError

DUEL = ("law=deitchman", "duel.beta=0.045", "duel.rho=0.45", "duel.B0=20", "duel.R0=20")
GOOD = Check("good", "one thing", "3 duels", True, "agrees", ("a", "b"), ((1, float("nan")),))
BAD = Check("bad", "another", "3 duels", False, "differs", ("a",), ((1.5,),))
TOLD = Check("told", "a third", "3 duels", None, "as it is", ("a",), ((2,),))


@pytest.fixture
def checks(monkeypatch):
    """Stand in for the list of checks, which takes a minute."""

    def stand_in(*some):
        monkeypatch.setattr("experiments.verification.checks.run_checks", lambda: iter(some))

    return stand_in


@pytest.mark.slow
def test_one_duel_in_one_line_of_json(capsys):
    assert main(["verify", *DUEL, "n=4000", "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found = json.loads(out)
    assert list(found) == ["law", "n", "insurgents_win", "survivors_state", "survivors_insurgents"]
    assert (found["law"], found["n"]) == ("deitchman", 4000)
    assert found["insurgents_win"]["theory"] == pytest.approx(0.4505, abs=1e-4)
    for name in ("insurgents_win", "survivors_state", "survivors_insurgents"):
        one = found[name]
        assert set(one) == {"model", "theory", "standard_error"}
        assert abs(one["model"] - one["theory"]) < 4.5 * one["standard_error"]


@pytest.mark.slow
def test_a_coarse_round_is_seen(capsys):
    """Rounds of six hours, in which several fall, are off by far more than the error: the check has teeth."""
    assert main(["verify", *DUEL, "n=20000", "round_hours=4", "--json"]) == 0
    won = json.loads(capsys.readouterr().out)["insurgents_win"]
    assert won["model"] < won["theory"] - 6 * won["standard_error"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("law=sqare", "did you mean 'square'"),
        ("duel.beta=-1", "duel.beta: -1.0 is not allowed"),
        ("duel.beta=nan", "duel.beta: 'nan' is not allowed"),
        ("duel.beta=1e7", "duel.beta: 10000000.0 is not allowed"),
        ("duel.B0=0", "duel.B0: 0 is not allowed; it takes a whole number from 1 to 10000"),
        ("duel.R0=2.5", "duel.R0: '2.5' is not allowed; it takes a whole number"),
        ("duel.R0=inf", "duel.R0: 'inf' is not allowed"),
        ("duel.mu=1.5", "duel.mu: 1.5 is not allowed; it takes a share"),
        ("n=0", "n: 0 is not allowed"),
        ("n=10000000", "n: 10000000 is not allowed"),
        ("round_hours=0", "round_hours: 0.0 is not allowed"),
        ("seed=-1", "seed: -1 is not allowed"),
        ("duel.gamma=1", "no setting 'duel.gamma'"),
        ("duel.mu", "cannot be read"),
    ],
)
def test_bad_input_is_refused_in_one_line(change, said, capsys):
    key = change.partition("=")[0]
    settings = [text for text in DUEL if not text.startswith(f"{key}=")] + [change]
    assert main(["verify", *settings]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_nobody_can_fall(capsys):
    settings = [text for text in DUEL if "beta" not in text and "rho" not in text]
    assert main(["verify", *settings, "duel.beta=0", "duel.rho=0"]) == 2
    assert "duel.rho: 0.0 is not allowed" in capsys.readouterr().err


def test_missing_and_repeated_settings():
    with pytest.raises(verify.BadDuelSettingError, match=r"duel\.rho: missing"):
        verify.read_settings(["law=square", "duel.beta=1"])
    with pytest.raises(verify.BadDuelSettingError, match="given twice"):
        verify.read_settings([*DUEL, "law=square"])


def test_too_much_work_is_refused_with_what_is_allowed():
    settings = ["law=square", "duel.beta=1", "duel.rho=1", "duel.B0=2000", "duel.R0=2000", "n=1000000"]
    with pytest.raises(DuelError, match=r"would take too long; at most \d+ at once"):
        verify.fight_settings(settings)


def test_table_and_exit_status(checks, capsys):
    checks(GOOD, TOLD)
    assert main(["verify"]) == 0
    assert "1 of 1 checks passed" in capsys.readouterr().out
    checks(GOOD, BAD)
    assert main(["verify"]) == 1
    assert "1 of 2 checks passed; failed: bad" in capsys.readouterr().out


def test_json_of_all_checks(checks, capsys):
    checks(GOOD, BAD)
    assert main(["verify", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is False
    assert [one["id"] for one in found["checks"]] == ["good", "bad"]
    assert found["checks"][0]["rows"] == [[1, None]]


def test_a_failed_check_writes_no_page(checks, tmp_path, capsys):
    checks(BAD)
    assert main(["verify", "--write", "--docs", str(tmp_path)]) == 2
    assert "not written, as bad fails" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_write_and_a_duel_exclude_each_other(capsys):
    assert main(["verify", *DUEL, "--write"]) == 2
    assert "--write" in capsys.readouterr().err
