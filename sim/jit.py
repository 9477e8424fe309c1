"""How the rules are compiled: one decorator for rules, one for what Python calls, one cache folder per source state.

numba's own cache notices an edited file only for the functions *in* that file: a compiled loop elsewhere keeps the old
rule inlined. So the cache folder is keyed by a hash of every source under ``sim/`` together with the versions of numba
and Python; an edit anywhere means a new folder and a new compilation.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit, types
from numba.core import caching

_library: Any
try:
    _library = importlib.import_module("sim.jit_library")
except (ImportError, AttributeError):  # another numba, with other insides
    _library = None

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
    "_nrt": False,  # rules allocate nothing, so that no references need counting
    "no_rewrites": True,  # numba's rewrites are for whole arrays; rules are scalar
}


@functools.cache
def source_hash() -> str:
    """Return 12 hex digits that change with any ``.py`` file under ``sim/``, with numba and with Python."""
    digest = hashlib.blake2b(digest_size=6)
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(f"numba {numba.__version__} python {sys.version_info[:3]}".encode())
    return digest.hexdigest()


@functools.cache
def cache_dir() -> Path:
    """Return the folder for compiled code: the user's cache, or a temporary folder when nothing there is writable."""
    base = os.environ.get("STALEMATE_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "stalemate" / source_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="stalemate-"))
    return folder


def shares_rules() -> bool:
    """Return whether a rule's code can be handed from one process to another (``sim/jit_helper.py``)."""
    return _library is not None


def is_warm() -> bool:
    """Return whether the loop over days is already on disk, compiled from exactly these sources."""
    return any(cache_dir().rglob("day.run_days*.nbi"))


_SOURCES = Path(__file__).resolve().parent
_Located: Any = getattr(caching, "UserProvidedCacheLocator", None) or caching._UserProvidedCacheLocator


class _ByContent(_Located):  # type: ignore[misc]
    """Where the rules' compiled code lies: by the path inside ``sim/``, shared by all checkouts of the same content.

    numba would key the folder by the checkout's own path.
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Return the folder's name for one source file."""
        return Path(py_file).resolve().parent.relative_to(_SOURCES.parent).as_posix().replace("/", "_")

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:
        """Return a locator for a function of ours, or None."""
        return super().from_function(py_func, py_file) if _SOURCES in Path(py_file).resolve().parents else None


caching.CacheImpl._locator_classes.insert(0, _ByContent)  # it declines every file that is not ours


def _in_our_cache(function: Callable[..., Any], **options: Any) -> Any:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_dir())  # only while our own functions are decorated: it is numba's global
    try:
        return njit(cache=True, **_OPTIONS, **options)(function)
    finally:
        numba.config.CACHE_DIR = before


def _without_literals(dispatcher: Any) -> Any:
    """Compile a rule once per kind of number: numba would specialise ``uniform`` per constant and width, 49 times."""
    resolve = dispatcher.get_call_template

    def plain(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return resolve(tuple(_widest(a) for a in args), {k: _widest(v) for k, v in kws.items()})

    dispatcher.get_call_template = plain
    return dispatcher


def _widest(kind: Any) -> Any:
    """Return int64 for every signed integer and constant: rows keep small integers, rules compute with wide ones."""
    plain = types.unliteral(kind)
    return types.int64 if isinstance(plain, types.Integer) and plain.signed else plain


F = TypeVar("F", bound=Callable[..., Any])


def rule(function: F) -> F:
    """Compile a rule that other compiled code calls; it has no entry from Python and is not cached by itself."""
    if _library is None:
        return cast(F, _without_literals(_in_our_cache(function, no_cpython_wrapper=True)))
    dispatcher = njit(no_cpython_wrapper=True, pipeline_class=_library.RulePipeline, **_OPTIONS)(function)
    return cast(F, _library.compiled_as(_without_literals(dispatcher), _library.RuleLibrary))


def entry(function: F) -> F:
    """Compile a function that Python calls; it takes the one-element world array, not its row (27 times faster)."""
    dispatcher = _without_literals(_in_our_cache(function))
    return cast(F, dispatcher if _library is None else _library.compiled_as(dispatcher, _library.EntryLibrary))
