"""Qt's copy of the data of ICU, with the languages of this program and without what Qt asks nothing of.

The data lie in a library as one package: a head, a table of names and places, the items (ICU, `ucmndata.h`). Qt asks
ICU to sort (`coll`), for the names of time zones (`zone`), to change case and to tell encodings; a language that is
not there is sorted as Unicode's root order says.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import elf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SORTED = ("", "coll", "zone")
"""Folders of which ICU keeps one item a language; in the first, its own, months and numbers."""
_LEFT = ("brkitr", "curr", "lang", "rbnf", "region", "translit", "unit")
_ALIGN = 16


def smaller(library: Path, languages: Iterable[str]) -> None:
    """Leave in the library that holds ICU's data what `kept` says of some languages."""
    was = library.read_bytes()
    at = was.index(b"\xda\x27\x14\x00") - 2  # udata.h: the two bytes after a head's length, and UDataInfo's own
    data = packed(unpacked(was, at), was[at : at + struct.unpack_from("<H", was, at)[0]], tuple(languages))
    library.write_bytes(elf.shortened(was, at, data))


def unpacked(library: bytes, at: int) -> dict[str, bytes]:
    """Return the items of a package, by name."""
    base = at + struct.unpack_from("<H", library, at)[0]
    count = struct.unpack_from("<I", library, base)[0]
    table = [struct.unpack_from("<II", library, base + 4 + 8 * one) for one in range(count)]
    first = next(one for one in elf.segments(library) if one.kind == 1)
    ends = [place for _, place in table[1:]] + [first.end - base]
    return {
        library[base + name : library.index(b"\0", base + name)].decode("ascii"): library[base + place : base + end]
        for (name, place), end in zip(table, ends, strict=True)
    }


def kept(name: str, languages: tuple[str, ...]) -> bool:
    """Return whether an item stays: its name begins with that of the package."""
    folder, _, item = name.partition("/")[2].rpartition("/")
    stem, _, kind = item.rpartition(".")
    if folder in _LEFT or (not folder and kind == "cnv"):
        return False
    language = stem.partition("_")[0]
    # What is of all languages has longer names: root, pool, keyTypeData.
    return kind != "res" or folder not in _SORTED or language in languages or len(language) > 3 or stem == "res_index"


def packed(items: dict[str, bytes], head: bytes, languages: tuple[str, ...]) -> bytes:
    """Return a package of the items that stay, with the head that it had."""
    found = [(name, data) for name, data in items.items() if kept(name, languages)]
    names, places, text, body = 4 + 8 * len(found), [], b"", b""
    for name, _ in found:
        places.append(names + len(text))
        text += name.encode("ascii") + b"\0"
    text += bytes(-(names + len(text)) % _ALIGN)
    table = struct.pack("<I", len(found))
    for place, (_, data) in zip(places, found, strict=True):
        table += struct.pack("<II", place, names + len(text) + len(body))
        body += data + bytes(-len(data) % _ALIGN)
    return head + table + text + body
