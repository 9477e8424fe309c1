"""The player in one piece: every module in it, in order, what is not understood refused; the words of each language."""

from __future__ import annotations

import json
import math
import re

import pytest

from experiments.messages import UnknownOptionError
from experiments.player_bundle import (
    PLAYER,
    BundleError,
    bundle,
    for_script,
    languages,
    player_script,
    player_style,
    player_text,
)
from experiments.strict_json import NotFiniteError
from sim import codes
from sim.outcomes import OUTCOMES


def flat(text, above=""):
    """Every text by its key; forms for one and many count as one text, named by their common key."""
    for key, value in text.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and "other" not in value:
            yield from flat(value, f"{name}.")
        else:
            yield name, value


def names_in(value):
    forms = value.values() if isinstance(value, dict) else [value]
    return {frozenset(re.findall(r"\{(\w+)\}", form)) for form in forms}


def own_modules():
    """The player's modules, without those of lessons and classroom, which only use it."""
    return [path for path in sorted(PLAYER.glob("*.js")) if not path.name.startswith(("lesson", "classroom"))]


def test_every_module_of_the_player_is_in_the_bundle():
    script = player_script()
    assert len(own_modules()) > 10
    for path in own_modules():
        assert f"// {path.name}\n" in script, path.name
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "http://" not in script.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in script + player_style()
    assert "url(" not in player_style()


def write(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "a.js"


def test_modules_are_joined_in_order(tmp_path):
    entry = write(
        tmp_path,
        a='import { one,\n  two as second } from "./b.js";\nexport function f() { return one + second; }\n',
        b='import { one } from "./c.js";\nexport { one };\n'.replace("export { one };", "export const two = one + 1;")
        + "export const one1 = one;\n",
        c="export const one = 1;\n",
    )
    script = bundle(entry, "x")
    assert script.index("// c.js") < script.index("// b.js") < script.index("// a.js")
    assert "const { one, two: second } = m[1];" in script
    assert "window.x = m[2];" in script


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ({"a": 'import x from "./b.js";\n', "b": ""}, "not understood"),
        ({"a": "export default 3;\n"}, "not understood"),
        ({"a": 'const x = await import("./b.js");\n', "b": ""}, "not understood"),
        ({"a": 'import { x } from "./missing.js";\n'}, "cannot be read"),
        ({"a": 'import { x } from "./b.js";\n', "b": 'import { y } from "./a.js";\n'}, "imports itself"),
        ({"a": 'const x = "</script>";\n'}, "end its element"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_line(tmp_path, modules, words):
    with pytest.raises(BundleError, match=words) as caught:
        bundle(write(tmp_path, **modules))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lang", languages())
def test_each_language_has_every_text_with_the_same_names_in_it(lang):
    english, other = dict(flat(player_text("en"))), dict(flat(player_text(lang)))
    assert other.keys() == english.keys()
    for key, value in english.items():
        assert names_in(other[key]) == names_in(value), key
        if isinstance(value, dict):
            assert isinstance(other[key], dict), key


def test_every_code_has_its_words():
    text = player_text()
    assert text["event"].keys() >= set(codes.EVENT_KINDS)
    assert text["task"]["cells"].keys() == set(codes.CELL_TASKS)
    assert text["task"]["units"].keys() == set(codes.UNIT_TASKS)
    assert text["holder"].keys() == set(codes.HOLDERS)
    assert text["place_kind"].keys() == set(codes.PLACE_KINDS)
    assert text["outcome"].keys() == set(OUTCOMES)
    assert text["people"].keys() - {"nobody"} == set(codes.SIDES)
    assert next(iter(text["people"])) == "civilians"


def test_every_text_that_the_modules_name_exists():
    known = dict(flat(player_text()))
    for path in own_modules():
        for key in re.findall(r"\bt\(\"([\w.]+)\"", path.read_text(encoding="utf-8")):
            assert key in known, f"{path.name}: {key}"


def test_words_are_neutral():
    for lang in languages():
        text = json.dumps(player_text(lang), ensure_ascii=False).lower()
        assert not re.search(r"\b(enem|ennemi|terroris|kills\b|score)", text)


def test_an_unknown_language_is_refused_with_the_nearest():
    with pytest.raises(UnknownOptionError, match=r"^lang: no 'ef'"):
        player_text("ef")


def test_data_may_stand_in_a_script_element():
    assert json.loads(for_script({"a": "</script>\u2028"})) == {"a": "</script>\u2028"}
    assert "<" not in for_script({"a": "</script>"})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_named_in_one_line(value):
    with pytest.raises(NotFiniteError) as caught:
        for_script({"runs": [{"fine": 1.0}, {"shares": (0.5, value)}]})
    told = f"page: runs.1.shares.1 is {value}, no finite number; such results cannot be shown or kept"
    assert str(caught.value) == told


def test_what_is_no_data_is_still_a_mistake_of_ours():
    ring = []
    ring.append(ring)
    with pytest.raises(ValueError, match="Circular"):
        for_script({"a": ring})
