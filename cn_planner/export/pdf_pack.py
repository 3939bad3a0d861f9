"""The small objects of a PDF packed into compressed streams: tags of long tables are most of a file without it.

Source: ISO 32000-1:2008, 7.5.4 (cross-reference table), 7.5.7 (object streams), 7.5.8 (cross-reference streams).
"""

from __future__ import annotations

import re
import zlib

_AT_ONCE = 200
"""Objects in one stream: a reader unpacks all of them to reach one."""
_ENTRY = 20
"""Bytes of an entry of the cross-reference table."""
_TAIL = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", re.DOTALL)
_HEAD = re.compile(rb"(\d+) 0 obj\s")


def packed(document: bytes) -> bytes:
    """Return a PDF with the same objects in less room; as it is where it is not built as typst builds one."""
    tail = _TAIL.search(document, max(0, len(document) - 2048))
    table = -1 if tail is None else int(tail[2])
    offsets = [] if tail is None else _offsets(document[table : tail.start()])
    if tail is None or not offsets:
        return document
    bodies = _bodies(document, sorted(offsets), table)
    plain = {number: body for number, body in bodies.items() if not body.endswith(b"endstream")}
    out = [document[: min(offsets)]]
    at = len(out[0])
    entries: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}

    def add(number: int, body: bytes) -> None:
        nonlocal at
        entries[number] = 1, at, 0
        out.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        at += len(out[-1])

    for number, body in bodies.items():
        if number not in plain:
            add(number, body)
    free = max(bodies) + 1
    keys = list(plain)
    for first in range(0, len(keys), _AT_ONCE):
        group = keys[first : first + _AT_ONCE]
        add(free, _object_stream([(number, plain[number]) for number in group]))
        entries |= {number: (2, free, place) for place, number in enumerate(group)}
        free += 1
    entries[free] = 1, at, 0
    trailer = re.sub(rb"/Size\s+\d+", b"", tail[1])
    rows = b"".join(
        kind.to_bytes(1, "big") + where.to_bytes(4, "big") + more.to_bytes(2, "big")
        for kind, where, more in (entries.get(number, (0, 0, 0)) for number in range(free + 1))
    )
    out.append(
        b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (free, _stream(b"/Type/XRef/Size %d/W[1 4 2]%b" % (free + 1, trailer), rows), at)
    )
    return b"".join(out)


def _offsets(table: bytes) -> list[int]:
    """Return where the objects in use begin."""
    section = re.match(rb"xref\s+0 (\d+)\s*\n", table)
    if section is None:
        return []
    entries = (table[at : at + _ENTRY] for at in range(section.end(), section.end() + int(section[1]) * _ENTRY, _ENTRY))
    return [int(entry[:10]) for entry in entries if entry[17:18] == b"n"]


def _bodies(document: bytes, offsets: list[int], end: int) -> dict[int, bytes]:
    found = {}
    for here, there in zip(offsets, [*offsets[1:], end], strict=True):
        head = _HEAD.match(document, here)
        if head is not None:
            found[int(head[1])] = document[head.end() : document.rindex(b"endobj", here, there)].strip()
    return found


def _stream(entries: bytes, content: bytes) -> bytes:
    data = zlib.compress(content, 6)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (entries, len(data), data)


def _object_stream(objects: list[tuple[int, bytes]]) -> bytes:
    places, at = [], 0
    for number, body in objects:
        places.append(b"%d %d" % (number, at))
        at += len(body) + 1
    head = b" ".join(places) + b" "
    content = head + b"\n".join(body for _, body in objects)
    return _stream(b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head)), content)
