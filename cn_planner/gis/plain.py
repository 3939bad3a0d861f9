"""Arrays and plain values as bytes, and back: between processes, and in files that the program keeps for itself.

A pickle, and beside it the arrays as they lie in memory.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import IO, Any

_LENGTH = 8
"""Bytes of each number before a message: of its buffers how many, of it and of each of them how long."""


class PlainUnpickler(pickle.Unpickler):
    """Takes arrays, days and values of this program alone: what a library was made to send is no code."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that an answer may be of."""
        if (module.partition(".")[0], name) in _FOREIGN:
            return super().find_class(module, name)
        found = super().find_class(module, name) if module.startswith("cn_planner.") else None
        if not (isinstance(found, type) and found.__module__ == module):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found


_FOREIGN = {
    *(("numpy", name) for name in ("ndarray", "dtype", "_reconstruct", "_frombuffer", "scalar")),
    *(("datetime", name) for name in ("date", "datetime", "time", "timedelta")),
}


def put(stream: IO[bytes], value: Any, most: float = math.inf) -> bool:
    """Write a value; return whether it has no more bytes than `most`: else nothing is written."""
    beside: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=beside.append)
    parts = [memoryview(data), *(one.raw() for one in beside)]
    lengths = [len(beside), *(part.nbytes for part in parts)]
    if _LENGTH * len(lengths) + sum(lengths[1:]) > most:
        return False
    stream.write(b"".join(length.to_bytes(_LENGTH, "little") for length in lengths))
    for part in parts:
        stream.write(part)
    stream.flush()
    return True


def take(stream: IO[bytes], reader: type[pickle.Unpickler] = PlainUnpickler) -> Any:
    """Return the next value; EOFError where the stream ends before, UnpicklingError where it is none that is plain."""
    count = int.from_bytes(_exactly(stream, _LENGTH), "little")
    lengths = _exactly(stream, _LENGTH * (count + 1))
    data, *beside = (
        _exactly(stream, int.from_bytes(lengths[at : at + _LENGTH], "little")) for at in range(0, len(lengths), _LENGTH)
    )
    return reader(io.BytesIO(data), buffers=beside).load()


def _exactly(stream: IO[bytes], count: int) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    while view.nbytes:
        read = stream.readinto(view)  # type: ignore[attr-defined] # a buffered reader
        if not read:
            raise EOFError("the process ended")
        view = view[read:]
    return data
