"""Long analyses in parts, which may be worked out anywhere and in any order, once each, and are then put together.

What is put together is the same to the bit as what the analysis gives when it is asked for at once.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import InputError, finding

__all__ = ["Arrays", "Parts", "packed", "shared_out", "unpacked"]

Arrays = Mapping[str, NDArray[Any]]
Result_co = TypeVar("Result_co", covariant=True)
_HEAD = "head"


class Parts(Protocol[Result_co]):
    """An analysis that was asked for, and not worked out yet.

    Made by equal calls in several processes it is the same in each, so that one process can put together what others
    worked out.
    """

    @property
    def sizes(self) -> Sequence[int]:
        """How much work each part is, in runs, evaluations, programmes or replicates; empty where nothing is parted."""
        ...

    def work(self, part: int) -> bytes:
        """What one part gives, as bytes of arrays; nothing in them is executable."""
        ...

    def join(self, made: Iterable[bytes]) -> Result_co:
        """The result, from what all parts gave, in their order.

        Raises
        ------
        InputError
            DT388 where something else stands in their place; else as the analysis does.
        """
        ...


def shared_out(sizes: Sequence[int], each: int) -> list[range]:
    """Blocks in their order, so many of them a part."""
    return [range(at, min(at + each, len(sizes))) for at in range(0, len(sizes), max(each, 1))]


def packed(head: Mapping[str, Any], arrays: Arrays) -> bytes:
    """A head of JSON values and arrays as bytes of an ``.npz`` without pickles."""
    stream = io.BytesIO()
    own: dict[str, Any] = {_HEAD: np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **arrays}
    np.savez(stream, allow_pickle=False, **own)
    return stream.getvalue()


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The head and the arrays again.

    Raises
    ------
    InputError
        DT388 where the bytes are none of :func:`packed`.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        head: dict[str, Any] = json.loads(bytes(arrays.pop(_HEAD)).decode())
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as reason:
        raise InputError([finding("DT388", "a part of the analysis is damaged")]) from reason
    return head, arrays
