"""What was read of files of terrain, kept for the next start of the program: no process, no library is waited for.

An answer that came out of the process that reads (`gis/worker.py`), checked there, lies in the user's cache folder as
arrays and plain values, with a checksum. It holds for one file as it lies on the disk (place, inode, size, both times:
the time that its entry was changed nobody can set back), one question, and the program's code that reads. A cache that
cannot be written or read is no error. Not kept: what is larger than `MOST_OF_ONE`, and what was changed a moment ago,
where a second change could have the same time.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cn_planner import paths
from cn_planner.gis import plain
from cn_planner.version import __version__

MOST_BYTES, MOST_OF_ONE = 256_000_000, 64_000_000
"""Of all that is kept, and of one answer: a tile of one arc-second has 52 MB."""
_SETTLED_S = 2.0
"""File systems of sticks count time by two seconds."""
_SUM, _BEGUN = 4, 0x434E
"""Bytes of the checksum, and what it begins with: that of nothing is not nothing."""


class Place(NamedTuple):
    """Where an answer is kept: the file that it is of, as that was, and the file that keeps it."""

    source: Path
    state: tuple[int, ...]
    kept: Path


def kept_place(source: Path, question: Any) -> Place | None:
    """Return where the answer to a question about a file is kept; None where there is no such file."""
    state = _state(source)
    if state is None:
        return None
    asked = hashlib.sha256(repr(question).encode()).hexdigest()[:16]
    return Place(source, state, _folder() / f"{_key(source, state)}-{asked}")


def answers_are_kept(source: Path) -> bool:
    """Return whether something of a file, as it lies on the disk now, is kept."""
    state = _state(source)
    return state is not None and next(_folder().glob(f"{_key(source, state)}-*"), None) is not None


def kept_answer(place: Place) -> Any:
    """Return what is kept, None where nothing is or it is damaged."""
    with contextlib.suppress(OSError):
        data = place.kept.read_bytes()
        if zlib.crc32(memoryview(data)[_SUM:], _BEGUN) == int.from_bytes(data[:_SUM], "little"):
            with contextlib.suppress(OSError):
                os.utime(place.kept)  # what was not asked for longest goes first
            stream = io.BytesIO(data)
            stream.seek(_SUM)
            return plain.take(stream)
    return None


def keep(place: Place, answer: Any) -> None:
    """Keep an answer, and let go what was not asked for longest; where the file changed meanwhile, nothing is kept."""
    changed_ns = max(place.state[-2:])
    if _state(place.source) != place.state or time.time_ns() - changed_ns < _SETTLED_S * 1e9:
        return
    stream = io.BytesIO()
    if not plain.put(stream, answer, MOST_OF_ONE):
        return
    data = stream.getbuffer()
    part = place.kept.with_name(f"{place.kept.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        place.kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with part.open("wb") as written:
                written.write(zlib.crc32(data, _BEGUN).to_bytes(_SUM, "little"))
                written.write(data)
            part.replace(place.kept)
        finally:
            part.unlink(missing_ok=True)
        _let_go(place.kept.parent)


def _let_go(folder: Path) -> None:
    ages: list[tuple[int, int, Path]] = []
    for one in folder.iterdir():
        with contextlib.suppress(OSError):  # another process let it go
            told = one.stat()
            ages.append((told.st_mtime_ns, told.st_size, one))
    held = sum(size for _, size, _ in ages)
    for _, size, one in sorted(ages):
        if held <= MOST_BYTES:
            return
        with contextlib.suppress(OSError):
            one.unlink()
            held -= size


def _folder() -> Path:
    return paths.cache() / "terrain"


def _state(source: Path) -> tuple[int, ...] | None:
    try:
        told = source.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns


def _key(source: Path, state: tuple[int, ...]) -> str:
    return hashlib.sha256(repr((_code(), str(source.absolute()), state)).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _code() -> str:
    """Return what changes with the code that reads: an answer of another is not its own."""
    here = sorted(Path(__file__).parent.glob("*.py"))
    return repr((__version__, [(one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in here]))
