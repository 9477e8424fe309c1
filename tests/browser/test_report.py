"""A run's report in a real browser, from file:// with the network cut: playing, scrubbing, side by side, by key."""

import json
import re
import time

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from experiments.cli import main
from experiments.player_bundle import for_script, languages, player_script, player_style, player_text

pytestmark = pytest.mark.full

DAYS, BRANCH_DAY = 240, 100
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
TABS = ("Plots", "What happened", "Look inside", "Symbols")


@pytest.fixture(scope="session")
def outputs(tmp_path_factory):
    """A run of Mali with its figures, and a branch of it."""
    folder = tmp_path_factory.mktemp("outputs")
    assert main(["run", f"days={DAYS}", "seed=3", "--outputs", str(folder)]) == 0
    (trunk,) = folder.iterdir()
    words = ["--day", str(BRANCH_DAY), "withdraw_contractors=500", "--no-figures"]
    assert main(["branch", trunk.name, *words, "--outputs", str(folder)]) == 0
    (branch,) = set(folder.iterdir()) - {trunk}
    return trunk, branch


@pytest.fixture
def report(open_page, outputs):
    """Return a function that opens the report of the run (0) or of the branch (1)."""

    def opened(which=0, **more):
        page = open_page(offline=True, **more)
        page.goto((outputs[which] / "report.html").as_uri())
        until(page, "window.player")
        return page

    return opened


def until(page, condition, seconds=30):
    """Wait for a condition; the page's own security policy forbids Playwright's way of waiting."""
    end = time.monotonic() + seconds
    while not page.evaluate(f"() => Boolean({condition})"):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(30)


def day_shown(page):
    assert f"(day {page.evaluate('player.day')} of {DAYS - 1})" in page.locator(".sp-now").inner_text()
    return page.evaluate("player.day")


def facts(page, k=0):
    names = page.locator(".sp-facts").nth(k).locator("dt").all_inner_texts()
    return dict(zip(names, page.locator(".sp-facts").nth(k).locator("dd").all_inner_texts(), strict=True))


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def test_the_report_opens_without_a_network_and_tells_the_story(report, outputs):
    page = report()
    story = (outputs[0] / "story.txt").read_text(encoding="utf-8").splitlines()
    assert story[0].strip() in page.locator("main").inner_text()
    assert page.locator("figure svg").count() >= 3
    assert page.get_by_role("heading", name="What the model cannot tell").is_visible()
    assert page.locator("#player canvas.sp-map").is_visible()


def test_scrubbing_back_and_forth_shows_what_the_tables_say(report, outputs):
    page = report()
    daily = pd.read_parquet(outputs[0] / "daily.parquet")
    for day in (150, 20, 239, 0):
        page.locator(".sp-track input").fill(str(day))
        assert day_shown(page) == day
        killed = int(daily["civilian_deaths"][: day + 1].sum())
        shown = facts(page)
        assert shown["Killed so far"].startswith(f"{killed:,} civilian")
        assert shown["Fuel in Bamako"] == f"{daily['capital_served'][day]:.0%}"
        assert shown["Contractors"] == f"{int(daily['contractors'][day]):,}"


def test_the_browser_reads_every_table_as_it_was_recorded(report, outputs):
    page = report()
    daily = pd.read_parquet(outputs[0] / "daily.parquet")
    events = pd.read_parquet(outputs[0] / "events.parquet")
    people = page.evaluate(
        "['cells', 'units', 'detachments'].map(name => { const t = player.runs[0].tables[name]; const sums = [];"
        "for (let d = 0; d < player.days; d++) { let n = 0; for (let s = 0; s < t.rows; s++) "
        "if (t.columns.id[d * t.rows + s]) n += t.columns.size[d * t.rows + s]; sums.push(n); } return sums; })"
    )
    for name, sums in zip(("insurgents", "state", "contractors"), people, strict=True):
        assert sums == daily[name].astype(int).tolist(), name
    kinds = page.evaluate("Array.from(player.runs[0].events.kind, k => player.runs[0].codes.event_kinds[k])")
    assert kinds == events["kind"].tolist()
    assert page.evaluate("Array.from(player.runs[0].events.deaths_civilians)") == events["deaths_civilians"].tolist()
    served = page.evaluate("Array.from(player.runs[0].series.capital_served)")
    assert served == pytest.approx(daily["capital_served"].tolist(), abs=1e-4)


def test_step_play_pause_and_speed(report):
    page = report()
    button(page, "One day on").click()
    button(page, "One day on").click()
    button(page, "One day back").click()
    assert day_shown(page) == 1
    page.get_by_label("Speed").select_option("30")
    button(page, "Play").click()
    until(page, "player.day > 25")
    button(page, "Pause").click()
    stopped = day_shown(page)
    page.wait_for_timeout(300)
    assert day_shown(page) == stopped
    button(page, "To the last day").click()
    assert day_shown(page) == DAYS - 1
    button(page, "To the first day").click()
    assert day_shown(page) == 0


def pixels(page, k=0):
    """Return what a map shows, as one text."""
    return page.locator("canvas.sp-map").nth(k).evaluate("canvas => canvas.toDataURL()")


def test_the_map_changes_with_the_days_and_is_the_same_when_one_comes_back(report):
    page = report()
    page.evaluate("player.go(60)")
    first = pixels(page)
    page.evaluate("player.go(61)")
    assert pixels(page) != first
    page.evaluate("player.go(60)")
    assert pixels(page) == first


def test_two_runs_side_by_side_are_the_same_until_they_part(report, outputs):
    page = report(1)
    manifest = json.loads((outputs[1] / "manifest.json").read_text(encoding="utf-8"))
    part = manifest["parts_on"]
    assert part == BRANCH_DAY
    assert f"(day {part})" in page.locator(".sp-parting").inner_text()
    assert page.locator("canvas.sp-map").count() == 2
    page.evaluate(f"player.go({part - 1})")
    assert pixels(page, 0) == pixels(page, 1)
    assert facts(page, 0) == facts(page, 1)
    page.evaluate(f"player.go({DAYS - 1})")
    assert facts(page, 0) != facts(page, 1)
    assert pixels(page, 0) != pixels(page, 1)
    button(page, "To the day on which they part").click()
    assert day_shown(page) == part


def test_a_click_on_the_map_looks_inside(report, outputs):
    page = report()
    page.evaluate("player.go(90)")
    canvas = page.locator("canvas.sp-map")
    x, y = page.evaluate("player.views[0].map.placeAt(player.runs[0].places.findIndex(p => p.id === 'KDL'))")
    canvas.click(position={"x": x, "y": y})
    inside = page.locator(".sp-inside")
    assert "Kidal" in inside.inner_text() and "Support for insurgents" in inside.inner_text()
    assert page.get_by_role("tab", name="Look inside").get_attribute("aria-selected") == "true"
    page.locator(".sp-here button").first.click()
    text = inside.inner_text()
    assert "People" in text and "Doing" in text
    page.evaluate("player.go(0)")
    page.evaluate("player.go(90)")
    assert inside.inner_text() == text
    # An agent on the road is found where it is drawn.
    spot = page.evaluate(
        "(() => { for (const a of player.views[0].map.layout(90).values()) if (a.table === 'convoys' && a.road >= 0 && "
        "a.px > 30 && a.px < player.views[0].map.width - 30 && a.py > 30 && a.py < player.views[0].map.height - 80) "
        "return [a.px, a.py]; return null; })()"
    )
    if spot:
        canvas.click(position={"x": spot[0], "y": spot[1]})
        assert page.locator(".sp-inside h4").inner_text() != "Kidal"


def test_the_event_list_tells_main_events_or_all_and_goes_to_their_day(report):
    page = report()
    page.evaluate("player.go(120)")
    page.get_by_role("tab", name="What happened").click()
    entries = page.locator(".sp-events-list li")
    main_events = entries.all_inner_texts()
    page.get_by_label("Main events only").uncheck()
    everything = entries.all_inner_texts()
    assert len(everything) > len(main_events) > 0
    assert set(main_events) & set(everything)
    page.locator(".sp-date").last.click()
    assert day_shown(page) < 120


def test_all_of_it_works_by_keyboard_alone(report):
    page = report()
    play = button(page, "Play")
    for _ in range(20):
        page.keyboard.press("Tab")
        if play.evaluate("node => node === document.activeElement"):
            break
    assert play.evaluate("node => node === document.activeElement")
    page.keyboard.press("Enter")
    until(page, "player.playing && player.day > 2")
    page.keyboard.press("Enter")
    until(page, "!player.playing")
    day = day_shown(page)
    for key, expected in (("ArrowRight", day + 1), ("Shift+ArrowRight", day + 31), ("ArrowLeft", day + 30),
                          ("End", DAYS - 1), ("Home", 0)):  # fmt: skip
        page.keyboard.press(key)
        assert day_shown(page) == expected, key
    page.keyboard.press("n")
    assert day_shown(page) > 0
    page.keyboard.press("+")
    assert page.evaluate("player.camera.zoom") == 1.5
    page.keyboard.press("0")
    page.get_by_role("tab", name="Plots").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="Look inside").get_attribute("aria-selected") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("G")
    page.keyboard.press("Enter")
    assert page.locator(".sp-inside h4").inner_text().startswith("G")


def test_a_focused_button_is_pressed_once_by_space(report):
    page = report()
    button(page, "Play").focus()
    page.keyboard.press("Space")
    until(page, "player.playing && player.day > 0")
    page.keyboard.press("Space")
    until(page, "!player.playing")
    button(page, "One day on").focus()
    day = day_shown(page)
    page.keyboard.press("Space")
    assert day_shown(page) == day + 1
    assert not page.evaluate("player.playing")


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(("width", "height"), [(420, 800), (360, 640), (1280, 720)])
def test_nothing_runs_out_of_the_page(report, which, width, height, tmp_path):
    page = report(which, width=width, height=height)
    page.evaluate("player.go(200)")
    for name in TABS:
        page.get_by_role("tab", name=name).click()
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, name
        cut = page.evaluate(
            "[...document.querySelectorAll('.sp :is(button, select, input, canvas, dd)')].filter(node => "
            "{ const b = node.getBoundingClientRect(); return b.width && (b.right > innerWidth + 1 || b.left < -1); })"
            ".map(node => node.outerHTML.slice(0, 80))"
        )
        assert cut == [], name
    page.screenshot(path=tmp_path / "page.png")


def test_on_a_projector_map_and_controls_are_seen_at_once_and_letters_are_large_enough(report):
    page = report(width=1280, height=720)
    page.locator(".sp-view").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.sp').scrollIntoView()")
    seen = "node => { const b = node.getBoundingClientRect(); return b.top >= -1 && b.bottom <= innerHeight + 1; }"
    assert page.locator("canvas.sp-map").evaluate(seen)
    assert page.locator(".sp-controls").evaluate(seen)
    small = page.evaluate(
        "[...document.querySelectorAll('.sp :is(p, li, dd, dt, button, select, output, figcaption, label)')]"
        ".filter(node => node.offsetParent && parseFloat(getComputedStyle(node).fontSize) < 13)"
        ".map(node => node.className + node.textContent.slice(0, 40))"
    )
    assert small == []


@pytest.mark.parametrize("which", [0, 1])
def test_axe_finds_nothing_to_mend(report, which):
    page = report(which)
    page.evaluate("player.go(150)")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    for name in TABS:
        page.get_by_role("tab", name=name).click()
        if name == "Look inside":
            page.get_by_label("Choose a place").first.select_option(label="Kidal")
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found] == [], name


def test_the_map_says_in_words_what_it_shows(report):
    page = report()
    page.evaluate("player.go(170)")
    label = page.locator("canvas.sp-map").get_attribute("aria-label")
    assert label.startswith("Illustrative map, 20 June 2025. Held by insurgents: ")
    assert page.locator(".sp-track input").get_attribute("aria-valuetext").startswith("20 June 2025")
    assert "On 20 June 2025" in page.locator(".sp-graph").first.get_attribute("aria-label")


def test_frames_come_sixty_a_second(report, in_time):
    """The target itself; where other work has taken a share of the cores, frames may be as much rarer."""
    for which in (0, 1):
        page = report(which)
        gaps = page.evaluate(
            "() => new Promise(done => { const gaps = []; let last = 0; player.go(60); player.play();"
            "const frame = now => { if (last) gaps.push(now - last); last = now;"
            "if (gaps.length < 120) requestAnimationFrame(frame); else done(gaps.sort((a, b) => a - b)); };"
            "requestAnimationFrame(frame); })"
        )
        page.close()
        in_time(gaps[60] / 1000, 0.017, "median of frames", step=1 / 60)


def test_less_motion_is_respected(report):
    page = report(reduced_motion="reduce")
    assert page.evaluate("player.views[0].map.still")


def test_it_prints(report, tmp_path):
    page = report()
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True, print_background=True)
    data = (tmp_path / "report.pdf").read_bytes()
    pages = data.count(b"/Type /Page\n")
    assert data.startswith(b"%PDF") and 4 <= pages <= 14, pages
    page.emulate_media(media="print")
    assert not page.locator(".sp-buttons").is_visible()
    assert page.locator(".sp-panel-events").is_visible() and page.locator(".sp-panel-plots").is_visible()


@pytest.mark.parametrize("width", [420, 1280])
def test_figures_are_wide_enough_to_read_and_the_page_is_not_wider(report, width):
    page = report(width=width)
    figures = page.locator("main > section > figure")
    assert figures.count() == 3
    for k in range(3):
        figure = figures.nth(k)
        assert figure.evaluate("e => e.querySelector('svg').getBoundingClientRect().width") >= 960
        assert figure.evaluate("e => e.scrollWidth > e.clientWidth") == (width < 960)
    assert page.locator(".sideways").is_visible() == (width < 960)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="print")
    assert figures.first.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_no_event_is_cut_off_on_paper(report):
    page = report(width=700)  # pixels, about A4 between its margins
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for part in (".sp-ticker", ".sp-events-list"):
        found = page.locator(part)
        assert found.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight"), part


def test_the_data_of_the_page_can_be_saved(report, outputs):
    page = report()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the data").click()
    data = json.loads(saving.value.path().read_text(encoding="utf-8"))
    assert data["summaries"][0]["world_hash"] == json.loads((outputs[0] / "summary.json").read_text())["world_hash"]


def page_of(recordings, lang, tmp_path):
    """Write a bare page with the player, as lessons do, and return its path."""
    path = tmp_path / "page.html"
    call = f"stalemate.createPlayer(document.getElementById('p'), DATA, {{text: WORDS, lang: '{lang}'}})"
    path.write_text(
        f"<!doctype html><html lang={lang}><meta charset=utf-8><title>x</title><style>{player_style()}</style>"
        f"<main id=p></main><script>{player_script()}</script><script>const DATA = {for_script(recordings)}; "
        f"const WORDS = {for_script(player_text(lang))}; "
        f"{call}.then(p => {{ window.player = p; }}, () => {{ window.failed = true; }});</script>",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def recordings():
    from experiments.compose import load_scenario
    from experiments.recording import document, record

    scenarios = (load_scenario("minimal"), load_scenario("atlantis"))
    return [document(record(scenario, 1, days=50)) for scenario in scenarios]


@pytest.mark.parametrize("lang", languages())
def test_each_language_shows_no_key_in_place_of_words(open_page, recordings, tmp_path, lang):
    page = open_page(offline=True)
    page.goto(page_of([recordings[1]], lang, tmp_path).as_uri())
    until(page, "window.player")
    page.evaluate("player.go(40)")
    shown = []
    for tab in page.get_by_role("tab").all():
        tab.click()
        if page.locator(".sp-choose select").is_visible():
            page.locator(".sp-choose select").select_option(index=1)
        shown.append(page.locator(".sp").inner_text())
    said = "\n".join(shown)
    text = player_text(lang)
    assert text["controls"]["speed"] in said and text["legend"]["guarded"] in said and text["inspect"]["here"] in said
    keys = "|".join(key for key, value in text.items() if isinstance(value, dict))
    assert not re.search(rf"\b({keys})\.\w+", said)
    assert not re.search(r"undefined|NaN|\{\w+\}", said)


BROKEN = {
    "other format": lambda doc: {**doc, "format": "other"},
    "later version": lambda doc: {**doc, "format_version": 99},
    "cut data": lambda doc: {**doc, "data": doc["data"][: len(doc["data"]) // 8 * 4]},
    "no places": lambda doc: {key: value for key, value in doc.items() if key != "places"},
    "nothing": lambda doc: None,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_recording_is_refused_in_words(open_page, recordings, tmp_path, how):
    page = open_page()
    page.goto(page_of([BROKEN[how](recordings[0])], "en", tmp_path).as_uri())
    until(page, "window.failed")
    assert page.get_by_role("alert").inner_text() in player_text()["error"].values()


def test_runs_on_different_maps_are_not_shown_side_by_side(open_page, recordings, tmp_path):
    page = open_page()
    page.goto(page_of(recordings, "en", tmp_path).as_uri())
    until(page, "window.failed")
    assert "different maps" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize("size", [(1280, 720), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("which", [0, 1])
def test_the_symbols_are_seen_between_map_and_controls_without_scrolling(report, which, size):
    page = report(which, width=size[0], height=size[1])
    symbols, controls = (page.locator(name).first.bounding_box() for name in (".sp-short", ".sp-controls"))
    assert symbols["y"] + symbols["height"] <= controls["y"] + 1
    assert controls["y"] + controls["height"] <= size[1]
