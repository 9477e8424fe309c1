"""Files that are whole or not there: written beside their place, brought to the disk, renamed in one step."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from experiments.messages import WriteError


def flush(path: Path) -> None:
    """Bring a file to the disk, so that not even a power cut after its renaming leaves half of it.

    Raises:
        OSError: it cannot be opened for writing, or the disk fails.
    """
    with path.open("rb+") as handle:  # Windows flushes only what is open for writing
        os.fsync(handle.fileno())


@contextlib.contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Give an empty file beside ``target`` to write into; afterwards it takes the place of ``target``, in one step.

    Whatever fails meanwhile, the older file is as it was and the draft is gone.

    Raises:
        OSError: the file cannot be made, brought to the disk or renamed.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=".tmp", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        flush(draft)
        draft.chmod(0o644)  # mkstemp's files are for their owner alone
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_whole_text(target: Path, text: str) -> None:
    r"""Write a text file (UTF-8, lines end in ``\n``) that a reader sees as it was or as it shall be, never half of it.

    Raises:
        WriteError: it cannot be written; the older file is as it was.
    """
    try:
        with draft_of(target) as draft:
            draft.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise WriteError(str(target), error) from error
