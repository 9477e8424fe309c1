"""``stalemate classroom``: lessons live, on the teacher's machine or for a class on the same network."""

from __future__ import annotations

import argparse
import contextlib
import errno
import socket
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from experiments.messages import BadSettingError, ConfigurationError

if TYPE_CHECKING:
    from experiments.classroom.jobs import Workshop

PORT = 8765
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_TRIES = 20


class PortInUseError(ConfigurationError):
    """A port that another program uses."""

    def __init__(self, port: int, free: int | None) -> None:
        offer = f"; {free} is free: stalemate classroom --port {free}" if free else ""
        super().__init__(f"--port: {port} is in use by another program{offer}")


class ClassroomMissingError(ConfigurationError):
    """The packages that serve pages are not installed."""

    def __init__(self) -> None:
        super().__init__("classroom: needs Starlette and uvicorn, which the extra 'classroom' brings (docs/install.md)")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what ``stalemate classroom`` takes."""
    parser.add_argument("--host", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=int, help=f"port to listen on ({PORT}, or the next that is free)")
    parser.add_argument("--lan", action="store_true", help="open it to the network; students then need a join code")


def execute(args: argparse.Namespace) -> int:
    """Serve until interrupted; the exit status."""
    try:
        import uvicorn

        from experiments.classroom.app import create_app
    except ImportError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise ClassroomMissingError from None
    from experiments.classroom.guards import Door, new_code

    host = args.host or ("0.0.0.0" if args.lan else "127.0.0.1")
    if args.port is not None and not 1 <= args.port <= 65535:
        raise BadSettingError("--port", args.port, "a whole number from 1 to 65535")
    listener = listen(host, args.port)
    open_to_all = args.lan or not is_loopback(host)
    code = new_code() if open_to_all else None
    workshop = make_ready()
    app = create_app(workshop, Door(code), None if open_to_all else _LOOPBACK)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    tell(listener.getsockname()[1], host, code)
    with contextlib.suppress(KeyboardInterrupt), listener:
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine only."""
    return host in ("localhost", "::1") or host.startswith("127.")


def listen(host: str, port: int | None) -> socket.socket:
    """Return a listening socket: on the port asked for, or on the first free one from the usual on.

    Raises:
        PortInUseError: the port asked for is taken; names the next that is free.
        BadSettingError: the address is none of this machine.
    """
    if port is not None:
        try:
            return bind(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(port, _next_free(host, port + 1)) from None
            raise _bad_host(host, port, error) from None
    free = _next_free(host, PORT)
    if free is None:
        raise PortInUseError(PORT, None)
    if free != PORT:
        note(f"port {PORT} is in use by another program; taking {free}")
    return bind(host, free)


def _bad_host(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EACCES:
        return BadSettingError("--port", port, "a port that you may use; those below 1024 are reserved")
    return BadSettingError("--host", host, "an address of this machine, such as 127.0.0.1 or 0.0.0.0")


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address.

    Raises:
        OSError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there the option would let two programs share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(256)
    except OSError:
        made.close()
        raise
    return made


def _next_free(host: str, port: int) -> int | None:
    for candidate in range(port, min(port + _TRIES, 65536)):
        try:
            bind(host, candidate).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _bad_host(host, candidate, error) from None
        else:
            return candidate
    return None


def make_ready() -> Workshop:
    """Return the workshop, its rules compiled and its scenarios read, so that the first student does not wait."""
    from experiments.classroom.asks import RunAsk
    from experiments.classroom.jobs import Scenarios, Workshop
    from experiments.classroom.lessons import iterate_lessons
    from experiments.classroom.spread import new_stop
    from sim.jit import is_warm
    from sim.warm import warm_up

    if not is_warm():
        note("compiling the rules, about half a minute; this happens once for each version of the model …")
    warm_up()
    names = dict.fromkeys(name for lesson in iterate_lessons() for name in lesson.scenarios)
    workshop = Workshop(Scenarios(names))
    for name in names:
        workshop.record(RunAsk(name, {}, 1, None), new_stop())
    return workshop


def tell(port: int, host: str, code: str | None) -> None:
    """Say where the classroom is, and how to join it."""
    local = f"http://127.0.0.1:{port}/"
    if code is None:
        print(f"The classroom is at {local} on this machine. Ctrl-C ends it.", flush=True)
        return
    addresses = _addresses(host)
    print("\n".join(f"Students open  http://{address}:{port}/" for address in addresses))
    print(f"and join with  {code}")
    print(f"You open       {local}join#{code}")
    print("Whoever is on this network and has the code can take part. Nothing about students is kept.")
    print("Ctrl-C ends it.", flush=True)


def _addresses(host: str) -> Collection[str]:
    """Return the addresses under which other machines reach this one: the one given, or that of the way out."""
    if host not in ("0.0.0.0", "::"):
        return [host]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation; a datagram socket sends nothing here
            return [str(probe.getsockname()[0])]
        except OSError:
            return [socket.gethostname()]


def note(text: str) -> None:
    """Say something beside the results."""
    print(text, file=sys.stderr, flush=True)
