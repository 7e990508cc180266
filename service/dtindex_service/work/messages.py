"""What goes between the service and its child processes: a JSON head and a body of bytes, each with its length before
it. No object of Python's crosses over."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

__all__ = ["read_message", "write_message"]

_LENGTHS = struct.Struct(">QQ")


def write_message(stream: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    """Write a message, and push it out."""
    said = json.dumps(head, allow_nan=False).encode()
    stream.write(_LENGTHS.pack(len(said), len(body)) + said)
    stream.write(body)
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next message; None where the other side has gone."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    head, body = stream.read(head_length), stream.read(body_length)
    if len(head) < head_length or len(body) < body_length:
        return None
    said: dict[str, Any] = json.loads(head)
    return said, body
