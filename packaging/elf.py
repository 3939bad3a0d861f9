"""Shared libraries of Linux, 64-bit: smaller, and one in the place of two (elf(5); gABI, "Program Header")."""

from __future__ import annotations

import os
import struct
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PAGE = 4096
_LOAD = 1


class Segment(NamedTuple):
    """A part of a library: where its header stands, what kind it is, its place in the file and in memory, bytes."""

    at: int
    kind: int
    offset: int
    address: int
    length: int
    align: int

    @property
    def end(self) -> int:
        """Where it ends in the file."""
        return self.offset + self.length


def segments(library: bytes) -> list[Segment]:
    """Return the parts of a library, in the order of their headers."""
    start, size, count = struct.unpack_from("<Q", library, 32)[0], *struct.unpack_from("<HH", library, 54)
    found = []
    for at in range(start, start + size * count, size):
        kind, _, offset, address, _, length, _, align = struct.unpack_from("<IIQQQQQQ", library, at)
        found.append(Segment(at, kind, offset, address, length, align))
    return found


def libraries(inside: Path) -> Iterator[Path]:
    """Return the libraries of a folder, links to them left aside."""
    for path in sorted(inside.rglob("*.so*")):
        if not path.is_symlink() and path.is_file():
            with path.open("rb") as stream:
                if stream.read(4) == b"\x7fELF":
                    yield path


def loads(library: bytes) -> bool:
    """Return whether the parts of a library lie where its loader takes them.

    A wheel's libraries have been given new names by a program that moves their parts; `strip` puts some of these where
    the loader refuses them (elf(5): p_vaddr and p_offset agree modulo p_align).
    """
    return not any(
        one.kind == _LOAD and (one.align % _PAGE or (one.address - one.offset) % one.align) for one in segments(library)
    )


def strip(inside: Path) -> None:
    """Take the debugging names out of the libraries; where `strip` breaks one, by leaving what is never loaded."""
    for path in libraries(inside):
        thin = path.with_name("stripped.part")
        done = subprocess.run(["strip", "--strip-unneeded", "-o", thin, path], check=False, stderr=subprocess.DEVNULL)
        if done.returncode != 0 or not loads(thin.read_bytes()):
            thin.write_bytes(compacted(path.read_bytes()))
        thin.chmod(path.stat().st_mode)
        thin.replace(path)


def compacted(library: bytes) -> bytes:
    """Return a library without what no segment loads: names for debuggers, and the table of sections.

    Segments keep their addresses and their order. They move in the file by whole pages, so that a place in the file
    still agrees with its address.
    """
    kept = segments(library)
    out, moved, end, by = bytearray(), [], 0, 0
    for one in sorted((one for one in kept if one.kind == _LOAD), key=lambda one: one.offset):
        by += max(0, one.offset - end) // _PAGE * _PAGE
        out.extend(bytes(max(0, one.offset - by - len(out))))
        out[one.offset - by :] = library[one.offset : one.end]
        moved.append((one.offset, one.end, by))
        end = max(end, one.end)

    def now(place: int) -> int:
        return next((place - by for first, last, by in moved if first <= place < last), place)

    for one in kept:
        struct.pack_into("<Q", out, now(one.at) + 8, now(one.offset))
    struct.pack_into("<QQ", out, 32, now(kept[0].at), 0)  # where headers begin; no sections
    struct.pack_into("<HHH", out, 58, 0, 0, 0)
    return bytes(out)


def shortened(library: bytes, after: int, data: bytes) -> bytes:
    """Return a library whose first segment ends with other data than it did from some place on."""
    first = next(one for one in segments(library) if one.kind == _LOAD)
    end = after + len(data)
    if not first.offset == 0 < after < end <= first.end:
        raise ValueError(after, end, first)
    out = bytearray(library)
    out[after:end] = data
    struct.pack_into("<QQ", out, first.at + 32, end, end)  # bytes in the file, bytes in memory
    return compacted(bytes(out))


def asked(libraries_: Iterable[Path]) -> set[str]:
    """Return the names that libraries look for in others, with the version where they ask for one."""
    return set().union(*(_names(path, "--undefined-only") for path in libraries_))


def offered(library: Path) -> set[str]:
    """Return the names that a library has for others."""
    return _names(library, "--defined-only")


def _names(library: Path, which: str) -> set[str]:
    said = subprocess.run(["nm", "-D", which, library], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1].replace("@@", "@") for line in said.splitlines() if line.strip()}


def needed(library: Path) -> set[str]:
    """Return the file names of the libraries that one asks its loader for."""
    said = subprocess.run(["readelf", "-dW", library], capture_output=True, text=True, check=True).stdout
    return {line.split("[")[1].rstrip("]") for line in said.splitlines() if "(NEEDED)" in line}


def shared(inside: Path, kept: Path, left: Path) -> set[str]:
    """Put a link to one library in the place of another, and return nothing; or return what it cannot stand for.

    It can where it has each name of the other that any library of the bundle asks for.
    """
    users = [path for path in libraries(inside) if path != left and left.name in needed(path)]
    missing = asked(users) & offered(left) - offered(kept)
    if not missing:
        left.unlink()
        _linked(left, kept)
    return missing


def _linked(place: Path, kept: Path) -> None:
    """Link to a library, and beside that to those that it asks for: a loader looks where the link lies."""
    place.symlink_to(os.path.relpath(kept, place.parent))
    for name in needed(kept):
        if (kept.parent / name).exists() and not (place.parent / name).exists():
            _linked(place.with_name(name), kept.parent / name)
