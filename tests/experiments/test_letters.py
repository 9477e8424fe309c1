"""Letters that are kept between runs: the same figure with and without, and none of another font or matplotlib."""

import os
import pickle

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from experiments.figures import letters as module
from experiments.figures import style
from experiments.figures.letters import Known, Letters, keep_letters, read_known

TEXTS = ("Bamako", "Kourémalé", "office, 1,000 d", " ", "")
FONT = FontProperties(family="sans-serif", size=13, weight="bold")


@pytest.fixture(autouse=True)
def house(tmp_path, monkeypatch):
    """A cache folder of its own, and a process that knows nothing yet."""
    monkeypatch.setenv("STALEMATE_CACHE", str(tmp_path))
    read_known.cache_clear()
    with style.house_style():
        yield
    read_known.cache_clear()


def ask(letters):
    """All that a renderer asks of texts."""
    for text in TEXTS:
        corners, codes = letters.get_text_path(FONT, text)
        yield np.asarray(corners).reshape(-1, 2), list(codes), letters.get_text_width_height_descent(text, FONT, False)


def same(one, other):
    return all(
        np.array_equal(a[0], b[0]) and a[1] == b[1] and a[2] == pytest.approx(b[2], rel=1e-12)
        for a, b in zip(one, other, strict=True)
    )


def kept_files(tmp_path):
    return list((tmp_path / "stalemate" / "letters").glob("*"))


def test_texts_are_those_of_matplotlib_first_and_again():
    letters = Letters(Known())
    plain = list(ask(TextToPath()))
    assert same(ask(letters), plain)
    assert same(ask(letters), plain)


def test_what_was_found_is_kept_and_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "WORTH_KEEPING", 1)
    found = list(ask(Letters()))
    keep_letters()
    assert len(kept_files(tmp_path)) == 1
    read_known.cache_clear()
    again = Letters()
    assert len(again.known.placed) == len(TEXTS)
    monkeypatch.setattr(TextToPath, "get_glyphs_with_font", None)  # not asked any more
    assert same(ask(again), found)


def test_a_few_new_texts_are_not_worth_a_file(tmp_path):
    list(ask(Letters()))
    keep_letters()
    assert not kept_files(tmp_path)


def test_what_another_process_kept_meanwhile_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "WORTH_KEEPING", 1)
    for text in ("one", "two"):
        read_known.cache_clear()
        letters = Letters(Known())  # as begun before the other had written
        monkeypatch.setattr(module, "read_known", lambda known=letters.known: known)
        letters.get_text_path(FONT, text)
        keep_letters()
    (path,) = kept_files(tmp_path)
    assert {text for _, text in pickle.loads(path.read_bytes()).placed} == {"one", "two"}


@pytest.mark.parametrize("damage", ["cut", "other", "font"])
def test_a_file_that_is_damaged_or_of_another_font_is_not_read(tmp_path, monkeypatch, damage):
    monkeypatch.setattr(module, "WORTH_KEEPING", 1)
    list(ask(Letters()))
    keep_letters()
    (path,) = kept_files(tmp_path)
    known = pickle.loads(path.read_bytes())
    known.fonts = {file: (size, time + 1) for file, (size, time) in known.fonts.items()}
    path.write_bytes({"cut": path.read_bytes()[:99], "other": pickle.dumps({}), "font": pickle.dumps(known)}[damage])
    read_known.cache_clear()
    assert not read_known().placed


def test_a_folder_that_takes_nothing_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "WORTH_KEEPING", 1)
    (tmp_path / "stalemate").write_text("a file where the folder must be")
    list(ask(Letters()))
    keep_letters()
    assert os.listdir(tmp_path) == ["stalemate"]
