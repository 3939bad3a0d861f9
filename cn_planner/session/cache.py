"""Results that are kept for the next time they are asked for, by the digest of what they rest on."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


class Cache:
    """Results by the digest of their inputs, the least recently used ones given up beyond a limit of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._lock = Lock()
        self._values: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    @property
    def bytes_used(self) -> int:
        """How much is kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> Any:
        """Return what is kept under a key, None where nothing is."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: str, value: Any, size_bytes: int) -> None:
        """Keep a result; one that is larger than the limit is not kept."""
        with self._lock:
            old = self._values.pop(key, None)
            if old is not None:
                self._bytes -= old[1]
            if size_bytes > self._limit:
                return
            self._values[key] = (value, size_bytes)
            self._bytes += size_bytes
            self._cut(self._limit)

    def _cut(self, bytes_left: int) -> None:
        while self._bytes > bytes_left:
            _, (_, size) = self._values.popitem(last=False)
            self._bytes -= size

    def let_go_old(self, bytes_left: int) -> None:
        """Give up what was used longest ago, down to so many bytes."""
        with self._lock:
            self._cut(bytes_left)

    def make_room(self, limit_bytes: int) -> None:
        """Keep at least so much from now on."""
        with self._lock:
            self._limit = max(self._limit, limit_bytes)

    def clear(self) -> None:
        """Give everything up."""
        with self._lock:
            self._values.clear()
            self._bytes = 0


def digest(*inputs: object) -> str:
    """Return the digest of a result's inputs: arrays by their bytes, frozen values by what they say of themselves."""
    found = hashlib.blake2b(digest_size=16)
    for one in inputs:
        found.update(_bytes_of(one))
        found.update(b"\0")
    return found.hexdigest()


def _bytes_of(value: Any) -> bytes:
    if hasattr(value, "dtype") and hasattr(value, "tobytes"):
        array: np.ndarray[Any, Any] = value
        return f"{array.dtype}{array.shape}".encode() + array.tobytes()
    return repr(value).encode()
