"""What the classroom answers: pages, runs, spreads, branches, exports, and every kind of bad request."""

import asyncio
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from experiments.classroom.app import create_app
from experiments.classroom.asks import MOST_BODY, RunAsk, SpreadAsk
from experiments.classroom.guards import SECURITY_HEADERS, Door, Rate
from experiments.classroom.jobs import Kept
from experiments.classroom.lessons import lesson_names, load_lesson
from experiments.classroom.spread import RunStoppedError, columns, new_stop, spread
from experiments.compose import load_scenario
from experiments.recording import document, ground_of, record
from experiments.recording_parcel import opened
from sim.parameters import infos
from sim.run import simulate

RUN = {"scenario": "minimal", "settings": {"contractors.personnel": 50}, "seed": 3}
# The client may be shared; a busy machine draws slowly.
RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
ASKS = ("/api/run", "/api/spread", "/api/branch", "/api/export")


def refused(answer, status, field):
    assert answer.status_code == status, answer.text
    data = answer.json()
    assert data["field"] == field and data["message"] and "\n" not in data["message"]
    return data["message"]


# --- pages ---


@pytest.mark.parametrize(
    "path", ["/", "/join", "/lesson/why_no_end", "/guide/why_no_end", "/lesson/why_no_end?scenario=atlantis"]
)
def test_pages_open_and_carry_the_security_headers(client, path):
    answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)


def test_policy_names_no_other_host():
    policy = SECURITY_HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "http" not in policy and "*" not in policy and "script-src 'self';" in policy


def test_home_lists_every_lesson(client):
    page = client.get("/").text
    assert all(f"/lesson/{name}?" in page for name in lesson_names())


@pytest.mark.parametrize("name", lesson_names())
def test_every_lesson_is_sent_with_all_parameters_and_their_ranges(client, name):
    data = client.get(f"/api/lesson/{name}?scenario=atlantis").json()
    assert data["live"] and data["scenario"]["name"] == "atlantis"
    assert {p["key"] for p in data["parameters"]} == set(infos())
    assert [lever["key"] for lever in data["levers"]] == [lever.key for lever in load_lesson(name).levers]
    assert all(lever["low"] <= lever["start"] <= lever["high"] for lever in data["levers"])


def test_scripts_and_style_are_sent(client):
    for name in ("classroom.js", "lesson.js", "player.js", "join.js"):
        assert client.get(f"/static/{name}").headers["content-type"].startswith("text/javascript")
    assert ".lever-head" in client.get("/static/lesson.css").text


@pytest.mark.parametrize(
    "path", ["/lesson/nope", "/guide/nope", "/api/lesson/nope", "/nope", "/api/lesson/why_no_end?scenario=nope"]
)
def test_what_is_not_there_is_404(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/%2e%2e/pyproject.toml",
        "/etc/passwd",
        "text/en.json",
        "lesson.html.jinja",
        "",
    ],
)
def test_no_path_leads_elsewhere(client, name):
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 404 and "stalemate" in answer.text


def test_pages_are_in_the_language_chosen_or_in_the_browsers(client):
    french = client.get("/lesson/why_no_end?scenario=minimal&lang=fr").text
    assert '<html lang="fr">' in french and "Pourquoi la guerre ne finit-elle pas" in french
    assert "lang=en" in french and 'hreflang="en"' in french, "the way back"
    assert client.get("/", headers={"accept-language": "fr-FR,fr;q=0.9"}).text.count("Ouvrir") >= 6
    assert '<html lang="en">' in client.get("/?lang=xx").text
    data = client.get("/api/lesson/why_no_end?scenario=minimal&lang=fr").json()
    assert data["words"]["predict"]["title"] == "Prédire" and data["player_words"]["locale"].startswith("fr")


# --- runs ---


def recordings(answer):
    assert answer.status_code == 200, answer.text
    return list(opened(answer.content))


def test_a_run_arrives_packed_where_that_is_taken_and_plain_elsewhere(client):
    packed = client.post("/api/run", json=RUN)
    plain = client.post("/api/run", json=RUN, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert packed.content == plain.content


def test_a_run_and_its_lessons_ground_are_its_recording(client):
    (data,) = recordings(client.post("/api/run", json=RUN))
    scenario = load_scenario("minimal").with_settings(RUN["settings"])
    assert {**data, **ground_of(scenario)} == document(record(scenario, RUN["seed"]))
    shared = client.get("/api/lesson/why_no_end?scenario=minimal").json()["ground"]
    assert shared == json.loads(json.dumps(ground_of(scenario)))


def test_a_run_is_the_run_of_the_command_line(client):
    (data,) = recordings(client.post("/api/run", json=RUN))
    own = simulate(load_scenario("minimal").with_settings(RUN["settings"]), 3).summary
    assert data["world_hash"] == own["world_hash"] and data["summary"]["outcome"] == own["outcome"]


def test_the_same_run_asked_again_is_not_made_again(client, workshop, monkeypatch):
    first = client.post("/api/run", json=RUN).content
    monkeypatch.setattr("experiments.classroom.jobs.recorded", None)
    assert client.post("/api/run", json=RUN).content == first


def test_fifty_runs_come_with_progress_and_are_the_runs_of_the_lesson_file(client):
    ask = {"scenario": "minimal", "settings": {"contractors.personnel": 0}}
    lines = [json.loads(line) for line in client.post("/api/spread", json=ask).text.splitlines()]
    scenario = load_scenario("minimal").with_settings(ask["settings"])
    assert lines[-1]["runs"] == columns(spread([scenario], range(1, 51), new_stop(), 2)[0])
    done = [line["done"] for line in lines[:-1]]
    assert done == sorted(done) and all(line["total"] == 50 for line in lines[:-1])


def test_a_branch_shares_its_past_and_differs_after(client):
    ask = {**RUN, "day": 200, "changes": {"switches.deterrence": 0}}
    trunk, twig = recordings(client.post("/api/branch", json=ask))
    (alone,) = recordings(client.post("/api/run", json=RUN))
    assert trunk == alone and trunk["world_hash"] != twig["world_hash"]


def test_a_branch_may_withdraw_contractors(client):
    ask = {**RUN, "day": 100, "changes": {"withdraw_contractors": 50}}
    trunk, twig = recordings(client.post("/api/branch", json=ask))
    assert twig["summary"]["contractors"]["end"] < trunk["summary"]["contractors"]["end"]


@pytest.mark.slow
def test_an_export_holds_what_was_tried_and_nothing_from_outside(client):
    ask = {
        "lesson": "t3_contractors",
        "scenario": "minimal",
        "settings": [{"contractors.personnel": 77, "state.cost": 50}],
    }
    answer = client.post("/api/export", json=ask)
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    assert "lesson-data" in answer.text and not re.search(r'(?:src|href)="(?:https?:)?//', answer.text)


# --- what is refused ---


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("/api/run", {"settings": {"contractors.personnel": 4001}}, "settings.contractors.personnel"),
        ("/api/run", {"settings": {"contractors.personel": 1}}, "settings.contractors.personel"),
        ("/api/run", {"settings": {"contractors.personnel": "many"}}, "settings.contractors.personnel"),
        ("/api/run", {"settings": {"switches.raids": 0.5}}, "settings.switches.raids"),
        ("/api/run", {"settings": {"switches.raids": True}}, "settings.switches.raids"),
        ("/api/run", {"settings": [1]}, "settings"),
        ("/api/run", {"scenario": "../mali_2025"}, "scenario"),
        ("/api/run", {"scenario": None}, "scenario"),
        ("/api/run", {"seed": -1}, "seed"),
        ("/api/run", {"seed": 1.5}, "seed"),
        ("/api/run", {"days": 1081}, "days"),
        ("/api/run", {"sed": 1}, "sed"),
        ("/api/spread", {"runs": 201}, "runs"),
        ("/api/spread", {"runs": 0}, "runs"),
        ("/api/branch", {"day": 100, "changes": {}}, "changes"),
        ("/api/branch", {"changes": {"state.cost": 50}}, "day"),
        ("/api/branch", {"day": 9, "changes": 3}, "changes"),
        ("/api/branch", {"day": 9, "changes": {"withdraw_contractors": 0.5}}, "changes.withdraw_contractors"),
        ("/api/branch", {"day": 539, "days": 100, "changes": {"state.cost": 50}}, "day"),
        ("/api/branch", {"day": 9, "changes": {"contractors.personnel": 1}}, "changes"),
        ("/api/branch", {"day": 9, "changes": {"state.recruit_pool": 9}}, "changes"),
        ("/api/export", {"lesson": "nope"}, "lesson"),
        ("/api/export", {"lesson": "why_no_end", "lang": "xx"}, "lang"),
        ("/api/export", {"lesson": "why_no_end", "settings": [{}] * 5}, "settings"),
        ("/api/export", {"lesson": "why_no_end", "settings": [{"x": 1}]}, "settings.0.x"),
    ],
)
def test_a_bad_value_is_422_with_its_field(client, path, change, field):
    base = {"scenario": "minimal", **({"seed": 1} if path != "/api/spread" else {})}
    message = refused(client.post(path, json={**base, **change}), 422, field)
    assert len(message) < 300


@pytest.mark.parametrize("key", ["state.recruit_pool", "insurgents.recruit_pool"])
def test_a_branch_from_a_day_on_refuses_by_name_what_a_run_begins_with(client, key):
    ask = {"scenario": "minimal", "seed": 1, "day": 9, "changes": {key: 0.01}}
    assert f"{key}: says what a run begins with" in refused(client.post("/api/branch", json=ask), 422, "changes")


@pytest.mark.parametrize("path", ASKS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"seed": NaN}', b"[" * 50_000])
def test_a_body_that_is_no_json_object_is_422(client, path, body):
    answer = client.post(path, content=body, headers={"content-type": "application/json"})
    refused(answer, 422, "")


def test_a_large_body_is_413_whatever_it_says_of_its_length(client):
    body = b"x" * (MOST_BODY + 1)
    assert client.post("/api/run", content=body, headers={"content-type": "application/json"}).status_code == 413

    def pieces():
        for _ in range(MOST_BODY // 1000 + 2):
            yield b"x" * 1000

    answer = client.post("/api/run", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_forms_and_other_methods_are_refused(client):
    assert client.post("/api/run", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    assert client.get("/api/run").status_code == 405
    assert (
        client.post(
            "/api/run", content=b"{}", headers={"content-type": "application/json", "content-length": "x"}
        ).status_code
        == 400
    )


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["scenario", "settings", "seed", "days", "runs", "day", "changes", "lesson", "lang"])
bodies = st.dictionaries(fields | st.text(max_size=20), values, max_size=6)
changed = st.dictionaries(st.sampled_from([*infos(), "nope"]), values, max_size=3)
wild = st.builds(lambda table: {"scenario": "minimal", "settings": table, "days": 2}, changed)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=RELAXED)
@given(
    path=st.sampled_from(ASKS),
    body=bodies | values | st.builds(lambda w: {"scenario": "minimal", "settings": w, "days": 2}, wild),
)
def test_whatever_is_asked_the_answer_is_a_result_or_names_a_field(client, path, body):
    text = json.dumps(body)
    answer = client.post(
        path, content=text.encode("utf-8", "surrogatepass"), headers={"content-type": "application/json"}
    )
    assert answer.status_code in (200, 413, 422), (path, text, answer.text)
    if answer.status_code == 422:
        data = answer.json()
        assert isinstance(data["field"], str) and data["message"] and "Traceback" not in data["message"]


@settings(max_examples=40, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_any_value_within_a_parameters_range_runs(client, data):
    key = data.draw(st.sampled_from([k for k, i in infos().items() if i.unit != "0/1"]))
    info = infos()[key]
    value = data.draw(st.sampled_from([info.low, info.high]) | st.floats(info.low, info.high))
    ask = {"scenario": "minimal", "settings": {key: value}, "days": 30}
    answer = client.post("/api/run", json=ask)
    assert answer.status_code == 200, (key, value, answer.text)


# --- who may enter ---


def test_with_a_code_one_must_join_first(workshop):
    client = TestClient(create_app(workshop, Door("ABC234")), follow_redirects=False)
    assert client.get("/").status_code == 303 and client.get("/").headers["location"] == "/join"
    refused(client.post("/api/run", json=RUN), 401, "code")
    assert client.get("/join").status_code == 200 and client.get("/static/join.js").status_code == 200
    refused(client.post("/api/join", json={"code": "ABC235"}), 403, "code")
    refused(client.post("/api/join", json={"code": 7}), 422, "code")
    answer = client.post("/api/join", json={"code": " abc234 "})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert client.get("/").status_code == 200
    assert client.post("/api/run", json=RUN).status_code == 200


def test_a_made_up_token_does_not_open_the_door(workshop):
    client = TestClient(create_app(workshop, Door("ABC234")), follow_redirects=False)
    for cookie in ("stalemate_class=made-up", "stalemate_class=", "nonsense", 'stalemate_class="\\'):
        assert client.get("/", headers={"cookie": cookie}).status_code == 303


def test_guessing_the_code_is_slowed_down(workshop):
    client = TestClient(create_app(workshop, Door("ABC234", clock=lambda: 0.0)))
    answers = [client.post("/api/join", json={"code": f"{k:06}"}).status_code for k in range(12)]
    assert answers == [403] * 10 + [429] * 2


def test_a_foreign_host_name_is_refused(workshop):
    client = TestClient(create_app(workshop, Door(None), ("127.0.0.1", "[::1]")))
    assert client.get("/", headers={"host": "evil.example:80"}).status_code == 421
    assert client.get("/", headers={"host": "127.0.0.1:8765"}).status_code == 200
    assert client.get("/", headers={"host": "[::1]:8765"}).status_code == 200


def test_too_many_requests_are_429_and_later_ones_are_served_again(workshop):
    now = [0.0]
    client = TestClient(create_app(workshop, Door(None), None, Rate(3, 10.0, lambda: now[0])))
    ask = {"scenario": "minimal", "days": 1}
    assert [client.post("/api/run", json=ask).status_code for _ in range(4)] == [200, 200, 200, 429]
    now[0] = 11.0
    assert client.post("/api/run", json=ask).status_code == 200


# --- what goes on behind ---


def test_an_error_of_ours_is_500_in_one_line_and_the_next_run_is_served(client, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("experiments.classroom.jobs.recorded", lambda *_: 1 / 0)
        answer = client.post("/api/run", json={**RUN, "seed": 991})
        assert answer.status_code == 500 and "Traceback" not in answer.text and "goes on" in answer.json()["message"]
    assert client.post("/api/run", json={**RUN, "seed": 991}).status_code == 200


def test_when_too_many_wait_the_next_is_503(client, workshop, monkeypatch):
    monkeypatch.setattr(workshop, "_waiting", {"short": 64, "long": 64})
    assert client.post("/api/run", json=RUN).headers["retry-after"]
    for path in ("/api/run", "/api/spread"):
        assert client.post(path, json={"scenario": "minimal"}).status_code == 503


def test_when_nobody_waits_any_more_the_runs_stop(workshop):
    async def leave_early():
        stream = workshop.stream(SpreadAsk("mali_2025", {"contractors.personnel": 11}, 200, 1080))
        await anext(stream)
        await stream.aclose()
        async with asyncio.timeout(5):
            while workshop.waiting():
                await asyncio.sleep(0.01)

    asyncio.run(leave_early())
    short = workshop.spread(SpreadAsk("minimal", {}, 2, 30), new_stop())
    assert [run.seed for run in short] == [1, 2]


def test_a_run_that_is_cancelled_sets_its_stop_byte(workshop, monkeypatch):
    seen = []

    def watch(ask, stop):
        seen.append(stop)
        while not stop[0]:
            pass
        raise RunStoppedError

    async def cancel():
        task = asyncio.ensure_future(workshop.run(RunAsk("minimal", {}, 1, None)))
        while not seen:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(workshop, "record", watch)
    asyncio.run(cancel())
    assert seen[0][0] == 1


def test_a_recording_stops_with_its_stop_byte():
    from experiments.classroom.jobs import recorded

    stop = new_stop()
    stop[0] = 1
    with pytest.raises(RunStoppedError):
        recorded(load_scenario("minimal"), 1, None, stop)


def test_results_are_kept_up_to_a_size_the_oldest_first():
    kept = Kept(most_bytes=10)
    kept.put("a", b"1234")
    kept.put("b", b"1234")
    assert kept.get("a") == b"1234"
    kept.put("c", b"1234")
    assert kept.get("b") is None and kept.get("a") and kept.get("c")
    kept.put("huge", b"x" * 11)
    assert kept.get("huge") is None


def test_nothing_about_clients_is_kept_by_the_door_or_the_rate():
    door, rate = Door("ABC234"), Rate(5, 1.0)
    door.join("ABC234")
    for k in range(5000):
        rate.allows(str(k))
    assert len(rate._times) <= 4096 and all(isinstance(token, str) for token in door._tokens)
