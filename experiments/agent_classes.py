"""Agent classes of the reader's own, named ``module:Class`` on the command line."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.messages import ConfigurationError

BASES = {
    "cell": "InsurgentCell",
    "unit": "StateUnit",
    "detachment": "ContractorDetachment",
    "convoy": "Convoy",
}


class AgentClassError(ConfigurationError):
    """An agent class that cannot be found or used, or that failed in a run."""


def load_agents(chosen: Mapping[str, str]) -> dict[type, type]:
    """Return the classes to put in place of the model's own.

    Args:
        chosen: ``module:Class`` by kind of agent; modules in the current folder are found too.

    Raises:
        AgentClassError: the class cannot be found, or is no subclass of the one that it replaces.
    """
    agents = importlib.import_module("sim.agents")
    return {
        getattr(agents, BASES[kind]): _load(kind, spec, getattr(agents, BASES[kind])) for kind, spec in chosen.items()
    }


def _load(kind: str, spec: str, base: type) -> type:
    key = f"agents.{kind}"
    module_name, _, class_name = spec.partition(":")
    if not module_name or not class_name:
        raise AgentClassError(f"{key}: {spec!r} is not allowed; it takes module:Class, as in my_agents:Cautious")
    module = _import(key, module_name)
    found = getattr(module, class_name, None)
    if not isinstance(found, type):
        raise AgentClassError(f"{key}: module {module_name!r} has no class {class_name!r}{_near(class_name, module)}")
    if not issubclass(found, base):
        raise AgentClassError(f"{key}: {spec} is no subclass of {base.__name__}")
    return found


def _import(key: str, name: str) -> Any:
    here = str(Path.cwd())
    sys.path.insert(0, here)  # the installed command, unlike `python -m`, does not look here by itself
    try:
        return importlib.import_module(name)
    except Exception as error:  # a module of the reader's own may fail in any way
        raise AgentClassError(f"{key}: module {name!r} cannot be imported: {failure(error)}") from error
    finally:
        sys.path.remove(here)


def _near(name: str, module: Any) -> str:
    from sim.parameter_errors import nearest

    near = nearest(name, [n for n, value in vars(module).items() if isinstance(value, type)])
    return f"; did you mean {near!r}?" if near else ""


def failure(error: BaseException) -> str:
    """Return an exception in one line, with the place in the code where it was raised."""
    text = str(error).splitlines()[0] if str(error) else ""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name} line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' + text if text else ''}{place}"


def fingerprints(chosen: Mapping[str, str], agents: Mapping[type, type]) -> dict[str, str]:
    """Return, by kind, the class's name with a hash of its module's source: what the run id knows of it."""
    marks = {}
    for (kind, spec), found in zip(chosen.items(), agents.values(), strict=True):
        source = inspect.getsourcefile(found)
        text = Path(source).read_bytes() if source else b""
        marks[kind] = f"{spec} {hashlib.blake2b(text, digest_size=6).hexdigest()}"
    return marks
