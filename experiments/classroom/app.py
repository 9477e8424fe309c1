"""The classroom's pages and what they may ask, as a Starlette application."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from experiments.classroom import asks
from experiments.classroom.asks import FieldError
from experiments.classroom.export import export_page
from experiments.classroom.guards import COOKIE, BodyTooLargeError, Door, Guard, Rate, refusal
from experiments.classroom.guide import about_html, guide_html, worksheet_html
from experiments.classroom.jobs import BusyError, Scenarios, Workshop
from experiments.classroom.language import (
    DEFAULT_LANGUAGE,
    closest_language,
    language_names,
    languages,
    lesson_words,
    load_language,
)
from experiments.classroom.lessons import Lesson, iterate_lessons, lesson_names, load_lesson
from experiments.classroom.page import STATIC, lesson_data, parameter_data, render, stylesheet
from experiments.classroom.spread import RunStoppedError
from experiments.player_bundle import PLAYER
from experiments.recording import ground_of
from experiments.recording_parcel import unpacked
from sim.parameters import flatten, infos
from sim.scenario import Scenario

T = TypeVar("T")
RATE_A_CLIENT = 600
_TYPES = {".js": "text/javascript", ".css": "text/css"}


def create_app(workshop: Workshop, door: Door, hosts: Collection[str] | None = None, rate: Rate | None = None) -> Any:
    """Return the classroom as an ASGI application.

    Args:
        workshop: makes the runs.
        door: who may enter.
        hosts: names under which it may be addressed; None: any.
        rate: how many requests one address may make; a whole class may share one address.
    """
    routes = [
        Route("/", home),
        Route("/join", join_page),
        Route("/lesson/{name}", lesson_page),
        Route("/guide/{name}", guide_page),
        Route("/static/{name:path}", static),
        Route("/api/join", join, methods=["POST"]),
        Route("/api/lesson/{name}", lesson_api),
        Route("/api/run", run, methods=["POST"]),
        Route("/api/spread", spread, methods=["POST"]),
        Route("/api/branch", branch, methods=["POST"]),
        Route("/api/export", export, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {
        FieldError: _unprocessable,
        BusyError: _busy,
        BodyTooLargeError: _too_large,
        HTTPException: _http_error,
        ClientDisconnect: _gone,
        RunStoppedError: _gone,
        Exception: _our_fault,
    }

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        workshop.close()

    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)
    app.state.workshop, app.state.door = workshop, door
    return Guard(app, door, hosts, rate or Rate(RATE_A_CLIENT, 10.0))


# --- errors -------------------------------------------------------------------------------------------


async def _unprocessable(_: Request, error: Exception) -> Response:
    assert isinstance(error, FieldError)
    return refusal(422, error.field, error.message)


async def _busy(_: Request, error: Exception) -> Response:
    return refusal(503, "", str(error), **{"retry-after": "3"})


async def _too_large(_: Request, error: Exception) -> Response:
    return refusal(413, "", str(error))


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it


async def _our_fault(_: Request, __: Exception) -> Response:
    return refusal(500, "", "the run met an error of its own; the classroom goes on")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail or str(error.status_code)
    if request.url.path.startswith("/api/"):
        return refusal(error.status_code, "", message, **(error.headers or {}))
    page = render("message.html.jinja", lang=DEFAULT_LANGUAGE, title=str(error.status_code), message=message)
    return HTMLResponse(page, error.status_code, error.headers)


# --- pages --------------------------------------------------------------------------------------------


def _language(request: Request) -> str:
    """Return the language chosen on the page; else the one that the browser asks for, if there is such."""
    browser = request.headers.get("accept-language", DEFAULT_LANGUAGE).partition(",")[0]
    return closest_language(request.query_params.get("lang", browser))


def _lesson(request: Request) -> Lesson:
    name = request.path_params["name"]
    if name not in lesson_names():
        raise HTTPException(404, f"no lesson {name[:60]!r}; there are {', '.join(lesson_names())}")
    return load_lesson(name)


def _once(request: Request, make: Callable[[], str], *what: str) -> bytes:
    """Return what is made for a page, from what is kept if it was made before: it does not change while this runs."""
    workshop: Workshop = request.app.state.workshop
    found = workshop.kept.get(what)
    if found is None:
        found = make().encode()
        workshop.kept.put(what, found)
    return found


def home(request: Request) -> Response:
    """List the lessons."""
    language = _language(request)
    lessons = [
        {"name": lesson.name, "scenarios": lesson.scenarios, **lesson_words(lesson, language)}
        for lesson in iterate_lessons()
    ]
    scenarios = {name: _scenarios(request).get(name).title for lesson in lessons for name in lesson["scenarios"]}
    words = load_language(language)
    values = {"lang": language, "languages": language_names(), "words": words}
    return HTMLResponse(render("home.html.jinja", **values, lessons=lessons, scenarios=scenarios))


def join_page(request: Request) -> Response:
    """Ask for the join code."""
    language = _language(request)
    values = {"lang": language, "languages": language_names(), "words": load_language(language)}
    return HTMLResponse(render("join.html.jinja", **values))


def lesson_page(request: Request) -> Response:
    """Show one lesson; its script asks for the rest."""
    lesson, language = _lesson(request), _language(request)
    scenario = _scenarios(request).get(_chosen(request, lesson))

    def make() -> str:
        return render(
            "lesson.html.jinja",
            lang=language,
            languages=language_names(),
            words=load_language(language),
            lesson={"name": lesson.name, **lesson_words(lesson, language)},
            scenario=scenario,
            others=[(name, _scenarios(request).get(name).title) for name in lesson.scenarios],
            about=about_html(lesson.name),
            worksheet=worksheet_html(lesson.name),
        )

    return HTMLResponse(_once(request, make, "page", lesson.name, scenario.name, language))


def guide_page(request: Request) -> Response:
    """Show a lesson's guide, answers included: on the teacher's own machine only."""
    client = request.client.host if request.client else ""
    if client not in ("127.0.0.1", "::1", "testclient"):
        raise HTTPException(403, "the teacher's guide opens on the teacher's machine only")
    lesson, language = _lesson(request), _language(request)
    title = lesson_words(lesson, language)["title"]
    return HTMLResponse(render("live_guide.html.jinja", lang=language, title=title, body=guide_html(lesson.name)))


def _scenarios(request: Request) -> Scenarios:
    workshop: Workshop = request.app.state.workshop
    return workshop.scenarios


def _chosen(request: Request, lesson: Lesson) -> str:
    name = request.query_params.get("scenario", lesson.scenarios[0])
    if name not in _scenarios(request).names:
        raise HTTPException(404, f"no scenario {name[:60]!r}; there are {', '.join(_scenarios(request).names)}")
    return name


@functools.cache
def _static_files() -> dict[str, Path]:
    """Return every file that may be fetched, by name: a list, so that no path can lead elsewhere."""
    return {path.name: path for path in [*PLAYER.glob("*.js"), *STATIC.glob("*.js")]}


def static(request: Request) -> Response:
    """Send a script or the style."""
    name = request.path_params["name"]
    if name == "lesson.css":
        return Response(stylesheet(), media_type="text/css")
    path = _static_files().get(name)
    if path is None:
        raise HTTPException(404, "no such file")
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix])


# --- what pages ask -----------------------------------------------------------------------------------


async def join(request: Request) -> Response:
    """Let somebody in who knows the code."""
    door: Door = request.app.state.door
    if not door.tries_left(request.client.host if request.client else ""):
        return refusal(429, "code", "too many tries; wait a minute", **{"retry-after": "60"})
    data = asks.read_body(await request.body())
    code = data.get("code")
    if not isinstance(code, str) or len(code) > 40:
        raise FieldError("code", "takes the code from the board")
    token = door.join(code)
    if token is None:
        return refusal(403, "code", "that is not the code")
    response = JSONResponse({"joined": True})
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
    return response


def lesson_api(request: Request) -> Response:
    """Send a lesson as data for its page."""
    lesson, language = _lesson(request), _language(request)
    scenario = _scenarios(request).get(_chosen(request, lesson))
    made = _once(request, lambda: _live_data(lesson, scenario, language), "data", lesson.name, scenario.name, language)
    return _json(made)


def _live_data(lesson: Lesson, scenario: Scenario, language: str) -> str:
    values = flatten(scenario.parameters)
    parameters = [
        {"key": info.key, "unit": info.unit, "start": values[info.key], **parameter_data(info)}
        for info in infos().values()
    ]
    data = lesson_data(lesson, scenario, language)
    live = {
        "ground": ground_of(scenario),
        "live": True,
        "runs": asks.DEFAULT_RUNS,
        "parameters": parameters,
        "branch": _branch_choices(data),
    }
    return json.dumps({**data, **live}, ensure_ascii=False)


def _branch_choices(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a lesson offers to change from a day on: its levers, but those that say what a run begins with."""
    from experiments.at_start import ONLY_AT_START

    levers = [lever for lever in data["levers"] if lever["key"] not in ONLY_AT_START]
    found = [{name: lever[name] for name in ("key", "name", "low", "high", "start")} for lever in levers]
    named = data["words"]["watch"]["withdraw"]
    return [*found, {"key": asks.WITHDRAW, "name": named, "low": 1, "high": asks.MOST_WITHDRAWN, "start": 500}]


async def _while_waited_for(request: Request, work: Awaitable[T]) -> T:
    """Return the result of work; if the client leaves before, cancel it, which sets its stop byte."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        gone.cancel()
        task.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def run(request: Request) -> Response:
    """Send one recorded run."""
    workshop: Workshop = request.app.state.workshop
    ask = asks.read_run(asks.read_body(await request.body()), workshop.scenarios.names)
    return _parcel(request, await _while_waited_for(request, workshop.run(ask)))


async def branch(request: Request) -> Response:
    """Send a run and its branch."""
    workshop: Workshop = request.app.state.workshop
    ask = asks.read_branch(asks.read_body(await request.body()), workshop.scenarios.names)
    return _parcel(request, await _while_waited_for(request, workshop.branch(ask)))


async def spread(request: Request) -> Response:
    """Send the outcomes of many runs, a line of progress at a time."""
    workshop: Workshop = request.app.state.workshop
    ask = asks.read_spread(asks.read_body(await request.body()), workshop.scenarios.names)
    if workshop.full():
        raise BusyError
    return StreamingResponse(workshop.stream(ask), media_type="application/x-ndjson")


async def export(request: Request) -> Response:
    """Send what the class has tried as one file."""
    workshop: Workshop = request.app.state.workshop
    data = asks.read_body(await request.body())
    ask = asks.read_export(data, workshop.scenarios.names, lesson_names(), languages())
    lesson = await run_in_threadpool(load_lesson, ask.lesson)
    page = await _while_waited_for(request, workshop.other(lambda stop: export_page(workshop, lesson, ask, stop)))
    name = f"{ask.lesson}-{ask.scenario}.html"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


def _parcel(request: Request, packed: bytes) -> Response:
    """Send recordings as they are kept: packed, for every browser takes that."""
    kind, varies = "application/octet-stream", {"vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**varies, "content-encoding": "gzip"}, media_type=kind)
    return Response(unpacked(packed), headers=varies, media_type=kind)


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
