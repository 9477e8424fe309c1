"""The theses' verdicts on made-up runs with known answers, and every shipped experiment, small."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.cli import main
from experiments.thesis.claims import CLAIMS
from experiments.thesis.command import NAMES
from experiments.thesis.contrasts import REFUTED, STANDS, UNDECIDED, overall
from experiments.thesis.region import judge_region
from experiments.thesis.theses import attrition, support

WON, DRAW, BROKEN = "insurgent_national_breakthrough", "stalemate", "state_breakthrough"


def made(grid: dict[str, list[float]], outcome, **columns) -> pd.DataFrame:
    """Runs over a grid; `outcome` and each column are functions of (point, seed)."""
    rows = []
    for values in itertools.product(*grid.values()):
        point = dict(zip(grid, values, strict=True))
        for seed in range(20):
            end = outcome(point, seed)
            row = {**point, "seed": seed, "outcome": end, "reason": "collapse" if end == WON else ""}
            base = {"deaths_state": 100, "deaths_contractors": 1, "max_held_share": 0.01, "capital_days_denied": 10}
            row |= {**base, "a3_centres": 3, **{k: f(point, seed) for k, f in columns.items()}}
            rows.append(row)
    return pd.DataFrame(rows)


KILLS, SUPPORT, MEN = "combat.insurgent_kill_rate", "population.insurgent_support", "contractors.personnel"
EFFORT = "insurgents.interdiction_effort"


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        (lambda p, s: DRAW, STANDS),
        (lambda p, s: WON if p[KILLS] > 1 else DRAW, REFUTED),
        (lambda p, s: WON if p[KILLS] > 1 and s % 10 == 0 else DRAW, UNDECIDED),
    ],
)
def test_attrition_is_judged_by_its_rule(ends, verdict: str) -> None:
    runs = made({KILLS: [0.1, 1.6], SUPPORT: [0.2, 0.6]}, ends, deaths_state=lambda p, s: 1000 * p[KILLS] + s)
    finding = attrition(runs)
    assert overall(finding.parts) == verdict
    assert finding.contrasts[0].difference == pytest.approx(1500)


def test_numbers_of_which_all_pairs_agree_are_told_as_such() -> None:
    finding = attrition(made({KILLS: [0.1, 1.6], SUPPORT: [0.2, 0.6]}, lambda p, s: DRAW))
    assert "deaths 101 to 101, difference +0 (all 20 pairs agree)" in finding.parts[0].evidence


def test_attrition_that_does_not_rise_decides_nothing() -> None:
    assert overall(attrition(made({KILLS: [0.1, 1.6], SUPPORT: [0.2, 0.6]}, lambda p, s: DRAW)).parts) == UNDECIDED


def test_support_stands_in_part_when_only_control_follows_it() -> None:
    runs = made(
        {SUPPORT: [0.2, 0.4, 0.6]},
        lambda p, s: WON if p[SUPPORT] > 0.5 else DRAW,
        max_held_share=lambda p, s: p[SUPPORT],
    )
    finding = support(pd.concat([runs, runs.assign(seed=runs["seed"] + 20)]))
    assert [part.verdict for part in finding.parts] == [STANDS, REFUTED]
    assert overall(finding.parts) == "stands in part"


def test_region_needs_half_of_a_cell_on_each_side() -> None:
    def ends(p, s) -> str:
        return WON if p[SUPPORT] > 0.5 else (BROKEN if p[SUPPORT] < 0.1 and s % 4 == 0 else DRAW)

    planes = ({EFFORT: [0.5, 1.0], MEN: [1000.0]}, {EFFORT: [1.0], MEN: [0.0, 1000.0]})
    parts = [made({SUPPORT: [0.05, 0.2, 0.8], **plane}, ends) for plane in planes]
    runs = pd.concat(parts, ignore_index=True)
    finding = judge_region(runs)
    assert [part.verdict for part in finding.parts] == [STANDS, STANDS, UNDECIDED]
    assert finding.reasons == {"collapse": int((runs["outcome"] == WON).sum())}
    up = finding.contrasts[0]
    assert np.isclose(up.difference, 1.0) and 0.7 < up.low < 1 == up.high
    assert "(+100 to +100" not in finding.headline


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_thesis_runs_small(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["thesis", name, "days=20", "sweep.seeds=2", "sweep.max_failures=0", "--outputs", str(tmp_path)]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "no statement about Mali" in told and "Rule:" in told
    (folder,) = tmp_path.iterdir()
    found = {path.name for path in (folder / "finding").iterdir()}
    assert {f"{name}.png", f"{name}.svg", "finding.md", "finding.json", "paired_differences.csv"} <= found


def test_without_a_name_the_theses_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["thesis"]) == 0
    told = capsys.readouterr().out
    assert all(f"{name}\n    {claim}\n" in told for name, claim in CLAIMS.items())
    assert "stalemate thesis NAME tests one" in told
    assert main(["thesis", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == dict(CLAIMS)


def test_an_unknown_thesis_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["thesis", "t6_peace"]) == 2
    assert "thesis: no 't6_peace'" in capsys.readouterr().err
    assert main(["thesis", "t2_support", "size=huge"]) == 2
    assert "size: 'huge' is not allowed; it takes default or full" in capsys.readouterr().err
