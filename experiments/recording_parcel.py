"""Recordings on their way to a live page: head and arrays as bytes, so that nobody turns megabytes into text and back.

A parcel is, for each recording: three little-endian ``u4`` (bytes of the head; bytes of the block of arrays that
docs/recording.md describes; bytes of it that are sent), the head (JSON), the bytes sent, and for each of them how many
were left out before it. Nine bytes of ten are zero and left out, but every 256th is sent whatever it is. The parcel is
compressed as HTTP does (gzip), which the browser undoes beside the page's own thread.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from experiments.strict_json import strict_json
from sim.jit import entry

Document = dict[str, Any]

_HEAD: Final = struct.Struct("<III")
_GZIP: Final = 31  # zlib's name for it


@entry
def squeeze(block: Any, sent: Any, skipped: Any) -> Any:
    """Copy what is sent of a block, and how many bytes were left out before each; return how many are sent.

    Args:
        block: bytes.
        sent: room for as many.
        skipped: likewise.
    """
    n, last = 0, -1
    for at in range(block.shape[0]):
        if block[at] != 0 or at & 255 == 0:
            sent[n], skipped[n] = block[at], at - last - 1
            n, last = n + 1, at
    return n


def parcel(head: Document, block: bytes) -> bytes:
    """Return one recording as a parcel.

    Args:
        head: the recording without ``data``.
        block: its arrays.
    """
    text = strict_json("recording", head).encode()
    sent, skipped = np.empty((2, len(block)), np.uint8)
    n = int(squeeze(np.frombuffer(block, np.uint8), sent, skipped))
    return b"".join([_HEAD.pack(len(text), len(block), n), text, sent[:n].tobytes(), skipped[:n].tobytes()])


def opened(parcels: bytes) -> Iterator[Document]:
    """Yield the recordings of parcels, as :func:`experiments.recording.document` makes them, without ground."""
    at = 0
    while at < len(parcels):
        head, size, n = _HEAD.unpack_from(parcels, at)
        at += _HEAD.size
        sent, skipped = np.frombuffer(parcels, np.uint8, 2 * n, at + head).reshape(2, n)
        block = np.zeros(size, np.uint8)
        block[np.cumsum(skipped.astype(np.int64) + 1) - 1] = sent
        data = base64.b64encode(zlib.compress(block.tobytes(), 6)).decode("ascii")
        yield {**json.loads(parcels[at : at + head]), "data": data}
        at += head + 2 * n


def packed(parcels: Iterable[bytes]) -> bytes:
    """Return parcels as gzip data, quickly: looking for longer repetitions takes longer and gains nothing."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP, 9, zlib.Z_RLE)
    return b"".join([*(packer.compress(part) for part in parcels), packer.flush()])


def unpacked(data: bytes) -> bytes:
    """Undo :func:`packed`."""
    return zlib.decompress(data, _GZIP)
