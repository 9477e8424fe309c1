"""What stands before the classroom's pages: headers, hosts, sizes, rates, and the join code."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from experiments.classroom.asks import MOST_BODY

COOKIE = "stalemate_class"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: they look alike on a projector
_CODE_LENGTH = 6
_MOST_CLIENTS = 4096
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


def new_code() -> str:
    """Return a join code that can be read out."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))


def refusal(status: int, field_name: str, message: str, **headers: str) -> Response:
    """Return what a page gets when something is refused: the field at fault and one line."""
    return JSONResponse({"field": field_name, "message": message}, status, headers)


@dataclass
class Rate:
    """How often something may happen: ``most`` times in ``seconds``, counted apart for each client.

    Clients are known by address for this long only; the oldest are forgotten first.
    """

    most: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _times: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def allows(self, client: str) -> bool:
        """Count one more for a client; False if that is too many."""
        now = self.clock()
        times = self._times.setdefault(client, deque())
        self._times.move_to_end(client)
        while len(self._times) > _MOST_CLIENTS:
            self._times.popitem(last=False)
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.most:
            return False
        times.append(now)
        return True


class Door:
    """The join code and who has given it. Knows tokens, not people; forgets all when the program ends."""

    def __init__(self, code: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.code = code
        self._tokens: OrderedDict[str, None] = OrderedDict()
        self._tries = Rate(10, 60.0, clock)

    def tries_left(self, client: str) -> bool:
        """Count one more try of a client; False after ten in a minute."""
        return self._tries.allows(client)

    def join(self, code: str) -> str | None:
        """Return a token for the right code, else None."""
        if self.code is None or not hmac.compare_digest(code.strip().upper().encode(), self.code.encode()):
            return None
        token = secrets.token_urlsafe(24)
        self._tokens[token] = None
        while len(self._tokens) > _MOST_CLIENTS:
            self._tokens.popitem(last=False)
        return token

    def knows(self, scope: Scope) -> bool:
        """Return whether a request comes from somebody who has joined."""
        if self.code is None:
            return True
        try:
            morsel = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and morsel.value in self._tokens


class Guard:
    """The middleware: refuses before anything else looks at a request, and puts the security headers on every answer.

    Args:
        app: what is guarded.
        door: who may enter.
        hosts: names under which the classroom may be addressed; None: any (with a join code).
        rate: requests that a client may make.
    """

    OPEN = ("/join", "/api/join", "/static/")

    def __init__(self, app: ASGIApp, door: Door, hosts: Collection[str] | None, rate: Rate) -> None:
        self.app, self.door, self.hosts, self.rate = app, door, hosts, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, guarded)
            return
        await self.app(scope, _limited(receive, MOST_BODY), guarded)

    def _refused(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        if self.hosts is not None and _hostname(headers.get("host", "")) not in self.hosts:
            return refusal(421, "host", "this classroom is not known by that name")
        client = scope["client"][0] if scope.get("client") else ""
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return refusal(400, "content-length", "is no number")
        if int(length) > MOST_BODY:
            return refusal(413, "", f"the body is over {MOST_BODY} bytes")
        if scope["method"] == "POST" and headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return refusal(415, "content-type", "takes application/json")
        if not self.door.knows(scope) and not path.startswith(self.OPEN):
            if path.startswith("/api/"):
                return refusal(401, "code", "join the class first")
            return RedirectResponse("/join", 303)
        if path.startswith("/api/") and not self.rate.allows(client):
            return refusal(429, "", "too many requests; try again in a moment", **{"retry-after": "5"})
        return None


def _hostname(host: str) -> str:
    """Return a Host header's name without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if ":" in host else host


class BodyTooLargeError(ValueError):
    """A body that grew past the limit while it came in, whatever its header said."""


def _limited(receive: Receive, most: int) -> Receive:
    """Return ``receive`` that fails once a body has grown past ``most`` bytes."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise BodyTooLargeError(f"the body is over {most} bytes")
        return message

    return limited
