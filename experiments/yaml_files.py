"""Reading and writing YAML, in one place: the library has no types, and its errors run over many lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from experiments.messages import ConfigurationError, yaml_place

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the same words, four times as fast
YAMLError: type[Exception] = yaml.YAMLError


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        ConfigurationError: it is not readable as YAML.
    """
    try:
        with path.open(encoding="utf-8") as stream:  # not its text: the error then says which file it is
            return yaml.safe_load(stream)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(yaml_place(error) or f"{path.name}: not readable as YAML") from None


def as_yaml(data: Any) -> str:
    """Return YAML in the given order, short tables on one line."""
    text: str = yaml.dump(data, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    return text


def write_yaml(path: Path, data: Any) -> None:
    """Write YAML as :func:`as_yaml` gives it."""
    path.write_text(as_yaml(data), encoding="utf-8")
