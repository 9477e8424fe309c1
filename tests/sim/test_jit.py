"""The compile cache: an edit of any rule reaches both drivers; where nothing can be written, a run still works."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sim_support import CONF

ROOT = CONF.parent
HASH = "from sim.jit import source_hash, cache_dir, is_warm; print(source_hash(), cache_dir(), is_warm())"
RUN = """
import json, sys
sys.path.insert(0, "tests/sim")
from sim_support import early, minimal
from sim.run import simulate
from sim.jit import source_hash
import sim
plan = early(minimal(), 2, 30)
print(json.dumps({
    "where": sim.__file__, "source": source_hash(),
    **{driver: simulate(plan, 1, days=40, driver=driver).summary["world_hash"] for driver in ("compiled", "mesa")},
}))
"""


def copied(folder):
    """The sources and what the test's helpers read, in another place."""
    for name in ("sim", "conf"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests" / "sim").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "sim" / "sim_support.py", folder / "tests" / "sim")
    return folder


def ask(folder, code, **environment):
    env = {**os.environ, "PYTHONPATH": str(folder), **environment}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_any_edit_below_sim_changes_the_cache_folder(tmp_path):
    tree = copied(tmp_path / "tree")
    before = ask(tree, HASH).split()
    assert before[0] == ask(ROOT, HASH).split()[0]  # the same content, wherever it lies
    assert before[0] in before[1]
    rule = tree / "sim" / "rules" / "fires.py"
    text = rule.read_text(encoding="utf-8")
    rule.write_text(text + "# another line\n", encoding="utf-8")
    changed = ask(tree, HASH).split()
    assert changed[0] != before[0] and changed[2] == "False"
    rule.write_text(text, encoding="utf-8")
    (tree / "sim" / "rules" / "new_rule.py").write_text("", encoding="utf-8")
    assert ask(tree, HASH).split()[0] not in (before[0], changed[0])


def test_the_cache_folder_can_be_named_and_falls_back_where_nothing_can_be_written(tmp_path):
    named = ask(ROOT, HASH, STALEMATE_CACHE=str(tmp_path / "mine")).split()
    assert named[1].startswith(str(tmp_path / "mine")) and named[2] == "False"
    blocked = tmp_path / "file"
    blocked.write_text("no folder")  # a path through a file cannot be made, not even by root
    _, folder, _ = ask(ROOT, HASH, STALEMATE_CACHE=str(blocked)).split()
    assert not folder.startswith(str(blocked)) and Path(folder).is_dir()
    shutil.rmtree(folder)


@pytest.mark.full
def test_an_edited_rule_changes_both_drivers(tmp_path):
    # numba by itself would go on running the old rule inside the compiled loop.
    tree = copied(tmp_path / "tree")
    before = json.loads(ask(tree, RUN))
    assert before["compiled"] == before["mesa"] and str(tree) in before["where"]
    rule = tree / "sim" / "rules" / "recruits.py"
    text = rule.read_text(encoding="utf-8")
    edited = text.replace("_WEEK * rules.quit_rate", "30.0 * rules.quit_rate")
    assert edited != text
    rule.write_text(edited, encoding="utf-8")
    after = json.loads(ask(tree, RUN, STALEMATE_CACHE=str(tmp_path / "cache")))
    assert after["compiled"] == after["mesa"] != before["compiled"]
    rule.write_text(text, encoding="utf-8")
    assert json.loads(ask(tree, RUN)) == before


ANOTHER_NUMBA = """
import sys
sys.modules["sim.jit_library"] = None  # it cannot be imported, as beside a numba with other insides
import numpy as np
from sim import jit
from sim.draws import uniform

@jit.entry
def draw(out):
    out[0] = uniform(np.uint64(1), 2, np.uint64(3), 4)

out = np.zeros(1)
draw(out)
print(jit._library is None, out[0].hex())
"""


def test_another_numba_compiles_everything_its_own_way_and_draws_the_same(tmp_path):
    found = {}
    for name, code in (("other", ANOTHER_NUMBA), ("known", ANOTHER_NUMBA.replace("sys.modules", "# "))):
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")  # numba caches only what has a file
        load = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {name}"
        found[name] = ask(ROOT, load, STALEMATE_CACHE=str(tmp_path / name)).split()
    assert found["other"][0] == "True" and found["known"][0] == "False"
    assert found["other"][1] == found["known"][1]
