"""A lesson's file in a real browser, from file:// with the network cut: clicked through, by keyboard, on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.full
STALEMATE, FALLS = "The war goes on, nobody wins", "The regime falls"
TABS = ("Predict", "Watch one run", "Same luck, one change", "What you tried")


def opened(page, path):
    page.goto(path.as_uri())
    page.wait_for_selector("#lesson[data-ready]")
    return page


def button(page, name, exact=False):
    return page.get_by_role("button", name=name, exact=exact)


def predict(page, falls=3):
    for outcome, n in ((STALEMATE, 10 - falls), (FALLS, falls)):
        for _ in range(n):
            button(page, f"One counter more on “{outcome}”").click()


def reveal(page):
    predict(page)
    button(page, re.compile("Reveal the runs|Run it 50 times")).click()
    page.wait_for_selector(".row.revealed", timeout=60_000)


def tab(page, name):
    page.get_by_role("tab", name=name).click()


def violations(page):
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).response["violations"]
    return [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]


def test_a_whole_lesson_is_clicked_through_without_a_network(open_page, lesson_file):
    page = opened(open_page(offline=True), lesson_file)
    reveal_button = button(page, "Reveal the runs")
    assert reveal_button.is_disabled() and page.locator(".row.revealed").count() == 0
    predict(page)
    assert button(page, f"One counter more on “{FALLS}”").is_disabled(), "there are ten counters, not eleven"
    reveal_button.click()
    tallies = page.locator(".tally").all_inner_texts()
    assert sum(int(text.split("/")[0]) for text in tallies) == 12
    for amount, total in (("1 run", 1), ("10 runs", 10), ("12 runs", 12)):
        button(page, amount, exact=True).click()
        assert all(text.endswith(f"/ {total}") for text in page.locator(".tally").all_inner_texts())
    assert "counters lie where the runs do" in page.locator(".remarks").inner_text()
    page.get_by_text("0.4", exact=True).click()
    assert page.locator(".row.revealed").count() == 0, "a new setting is hidden again"
    assert page.locator(".left").inner_text() == "10 counters left"
    button(page, "Blockade", exact=True).click()
    reveal(page)
    assert "Compared with “As it is”" in page.locator(".remarks").inner_text()
    tab(page, "What you tried")
    assert page.locator(".notebook tbody tr").count() == 2
    assert "Blockade" in page.locator(".notebook").inner_text()


def test_one_run_is_watched_and_scrubbed_and_two_stand_side_by_side(open_page, lesson_file):
    page = opened(open_page(offline=True), lesson_file)
    button(page, "Blockade", exact=True).click()
    tab(page, "Watch one run")
    page.wait_for_selector(".watch .sp-map")
    assert re.search(r"Run \d+: ", page.locator(".watch .how").inner_text())
    slider = page.locator(".watch .sp-track input")
    first = page.locator(".watch .sp-now").inner_text()
    slider.fill("300")
    late = page.locator(".watch .sp-now").inner_text()
    slider.fill("10")
    assert len({first, late, page.locator(".watch .sp-now").inner_text()}) == 3, "the slider goes forth and back"
    tab(page, "Same luck, one change")
    button(page, "Show side by side").click()
    page.wait_for_selector(".sp-pair .sp-map")
    assert page.locator(".sp-pair .sp-map").count() == 2
    assert "Same luck" in page.locator(".sp-parting").inner_text()


def test_settings_without_a_recorded_run_say_so_and_offer_those_that_have_one(open_page, lesson_file):
    page = opened(open_page(offline=True), lesson_file)
    page.get_by_text("0.4", exact=True).click()
    page.get_by_text("2,000" if page.get_by_text("2,000", exact=True).count() else "200", exact=True).click()
    tab(page, "Watch one run")
    assert "No run with these settings is recorded" in page.locator(".watch .how").inner_text()
    page.locator(".watch .recorded button").first.click()
    page.wait_for_selector(".watch .sp-map")


def test_every_level_of_every_lever_can_be_revealed(open_page, lesson_file):
    page = opened(open_page(offline=True), lesson_file)
    reveal(page)
    for lever in page.locator("fieldset.lever").all():
        for label in lever.locator("label").all():
            label.click()
            if not page.locator(".row.revealed").count():
                reveal(page)
    button(page, "As it is", exact=True).click()
    assert page.locator(".row.revealed").count() == 5, "what was revealed once stays revealed"


def test_by_keyboard_alone(open_page, lesson_file):
    page = opened(open_page(offline=True), lesson_file)

    def tab_to(condition, most=80):
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const e = document.activeElement; return {condition}; }})()"):
                return
        raise AssertionError(f"the Tab key never reaches {condition}")

    tab_to("e.type === 'radio'")
    before = page.evaluate("document.activeElement.value")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value") != before
    tab_to(f"(e.getAttribute('aria-label') ?? '').startsWith('One counter more on “{FALLS}')")
    for _ in range(10):
        page.keyboard.press("Space")
    tab_to("e.textContent === 'Reveal the runs'")
    page.keyboard.press("Enter")
    page.wait_for_selector(".row.revealed")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true", "focus goes to what is new"
    page.locator("[role=tab][aria-selected=true]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent").endswith("Watch one run")
    page.keyboard.press("End")
    assert page.locator(".notebook").is_visible()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus can be seen"


@pytest.mark.parametrize("width", [1280, 420])
def test_axe_finds_nothing_on_any_tab(open_page, lesson_file, width):
    page = opened(open_page(width, 720 if width > 500 else 900, offline=True), lesson_file)
    assert violations(page) == []
    reveal(page)
    for name in TABS:
        tab(page, name)
        if name == "Watch one run":
            page.wait_for_selector(".watch .sp-map")
        if name == "Same luck, one change":
            button(page, "Show side by side").click()
            page.wait_for_selector(".sp-pair .sp-map")
        assert violations(page) == [], name


def test_on_a_phone_nothing_is_cut_off(open_page, lesson_file):
    page = opened(open_page(420, 900, offline=True), lesson_file)
    reveal(page)
    for name in TABS:
        tab(page, name)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 420, name
    sizes = page.evaluate("[...document.querySelectorAll('.tabs button')].map((b) => b.getBoundingClientRect().height)")
    assert min(sizes) >= 24, "fingers need room"


def test_on_a_projector_the_prediction_needs_no_scrolling(open_page, lesson_file):
    page = opened(open_page(1280, 720, offline=True), lesson_file)
    box = button(page, "Reveal the runs").bounding_box()
    assert box["y"] + box["height"] <= 720
    sizes = page.evaluate(
        "[...document.querySelectorAll('#lesson *')].filter((e) => e.children.length === 0 && e.textContent.trim()"
        " && e.offsetParent).map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12


def test_on_a_projector_a_run_is_watched_without_scrolling(open_page, lesson_file):
    page = opened(open_page(offline=True), lesson_file)
    tab(page, "Watch one run")
    page.wait_for_selector(".watch .sp-map")
    symbols, controls = (page.locator(f".watch {name}").bounding_box() for name in (".sp-short", ".sp-controls"))
    assert symbols["y"] + symbols["height"] <= controls["y"] + 1
    assert controls["y"] + controls["height"] <= 720


def test_the_worksheet_prints_on_one_page(open_page, lesson_file, tmp_path):
    page = opened(open_page(offline=True), lesson_file)
    page.evaluate("document.body.classList.add('printing-worksheet')")
    pdf = page.pdf(format="A4", path=str(tmp_path / "worksheet.pdf"), prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1


def test_a_damaged_file_and_an_old_browser_are_told_in_words(open_page, lesson_file, tmp_path):
    damaged = tmp_path / "damaged.html"
    text = lesson_file.read_text(encoding="utf-8")
    at = text.index('id="lesson-data"') + 2000
    damaged.write_text(text[:at] + text[at + 400 :], encoding="utf-8")
    page = open_page(offline=True)
    page.goto(damaged.as_uri())
    assert "damaged" in page.get_by_role("alert").inner_text()
    page = open_page(offline=True)
    page.add_init_script("delete window.DecompressionStream")
    page.goto(lesson_file.as_uri())
    assert "too old" in page.get_by_role("alert").inner_text()


def test_the_guide_opens_too(open_page, lesson_file):
    page = open_page(offline=True)
    page.goto(lesson_file.with_name("lesson-guide.html").as_uri())
    assert page.locator("h2").count() == 15 and page.locator("table").count() >= 3
    assert violations(page) == []
