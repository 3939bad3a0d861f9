"""Damage to files, after what they are made of: bytes, words, JSON, XML, archives, databases, tagged pictures.

Each function takes a file and a source of chance, and returns the file damaged; the same chance does the same damage.
What is wrapped is unwrapped, damaged and wrapped again with right lengths and sums, so that the damage comes as far as
the reader of what is within.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import sqlite3
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

Damage = Callable[[bytes, random.Random], bytes]

MOST_BYTES = 4 << 20
NUMBERS = (
    "0", "-0", "-1", "1", "2", "90.0000001", "-180.5", "1e308", "1e400", "-1e400", "NaN", "Infinity", "-inf", "0x10",
    "1,5", "1.000,5", "٣", "²", "1_000", "1e-320", "007", "--1", "1e", ".", "2147483648", "-9223372036854775809",
    "18446744073709551616", "9" * 400, "0." + "3" * 300, "1" + "0" * 5000, "4/3", "5%", "12:30", "1899-12-31", "24h",
)  # fmt: skip
WORDS = (
    "", " ", "\0", "\ufeff", "\u202e", "\u2028", "é" * 300, "=1+1", "../../etc/passwd", "con.txt", "'", '"', "<b>",
    "&x;", "&#0;", "%s", "{0}", "{x!r:>999999}", "None", "null", "true", "\r", "\n", "\t", ";", "a" * 70_000, "😀",
    " " * 70_000, "1" + " " * 70_000 + "x", "\n" * 70_000, "1" * 70_000, "/**/" * 40, '\\"' * 40_000,
    "ﷺ" * 20, "lat", "id", "name", "\\", "\x1b[2J", "http://[", "file:///etc/passwd", "/dev/zero", "1" * 20,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**400, 1e308, -1e308, 0.5, "", "x", [], {}, [[]], {"": None},
    float("nan"), float("inf"), "9" * 400, "\ud800", ["a", 1, None], {"type": "Point"}, [0] * 1000, "a" * 70_000,
)  # fmt: skip
WHOLE = (0, 1, 2, 127, 128, 255, 256, 4096, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**33, 2**63 - 1, 2**64 - 1)
_TOKEN = re.compile(rb"-?\d+(?:\.\d+)?|[A-Za-z_]+|[^\sA-Za-z0-9_]")


def _often(times: int, size: int) -> int:
    """Return how often a part is put in: no more than a file may hold, for what makes it may not take a gigabyte."""
    return min(times, MOST_BYTES // max(size, 1) + 1)


def in_bytes(data: bytes, chance: random.Random) -> bytes:
    """Change, take out, put in or repeat some bytes, or cut the file."""
    out = bytearray(data)
    at = chance.randrange(len(out) + 1)
    length = min(1 << chance.randrange(12), len(out) - at)
    what = chance.randrange(9)
    if what == 0:
        return bytes(out[:at])
    if what == 1:
        del out[at : at + length]
    elif what == 2:
        out[at:at] = out[at : at + length] * chance.choice((1, 2, 50))
    elif what == 3:
        out[at:at] = chance.randbytes(max(length, 1))
    elif what == 4:
        out[at : at + length] = bytes(length)
    elif what == 5:
        other = chance.randrange(len(out) + 1)
        out[at : at + length] = out[other : other + length]
    elif what == 6:
        size, order = chance.choice((1, 2, 4, 8)), chance.choice(("little", "big"))
        number = chance.choice(WHOLE) % (1 << 8 * size)
        out[at : at + size] = number.to_bytes(size, order)  # type: ignore[arg-type]
    else:
        for _ in range(chance.choice((1, 1, 2, 8))):
            if out:
                out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out[:MOST_BYTES])


def in_text(data: bytes, chance: random.Random) -> bytes:
    """Change numbers, words, signs and lines, or how the text is encoded."""
    what = chance.randrange(12)
    if what < 6:
        tokens = list(_TOKEN.finditer(data[:200_000]))
        if not tokens:
            return in_bytes(data, chance)
        token = chance.choice(tokens)
        first = token[0][:1]
        if first.isdigit() or first == b"-":
            put = chance.choice(NUMBERS)
        elif first.isalpha():
            put = chance.choice((*WORDS, chance.choice(tokens)[0].decode("latin-1")))
        else:
            put = chance.choice(("", *",;:\t|\"'()[]{}<>/=&\\", "\n", first.decode("latin-1") * 3))
        return data[: token.start()] + put.encode("utf-8", "surrogatepass") + data[token.end() :]
    if what < 10:
        lines = data.split(b"\n")
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        if what == 6:
            del lines[at]
        elif what == 7:
            lines[at], lines[other] = lines[other], lines[at]
        elif what == 8:
            lines[at:at] = [lines[other]] * _often(chance.choice((1, 1, 3, 200)), len(lines[other]))
        else:
            lines[at] = lines[at] + lines[other]
        return b"\n".join(lines)[:MOST_BYTES]
    if what == 10:
        text = data.decode("utf-8", "replace")
        return text.encode(chance.choice(("utf-16", "utf-16-be", "utf-8-sig", "utf-32", "utf-7")), "replace")
    return data.replace(*chance.choice(((b"\n", b"\r"), (b"\n", b"\r\n"), (b",", b";"), (b".", b","), (b'"', b""))))


def _places(value: Any) -> list[tuple[Any, Any]]:
    found, left = list[tuple[Any, Any]](), [value]
    while left and len(found) < 4000:  # no recursion: what was nested deeply may be damaged once more
        one = left.pop()
        keys = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for key, inner in keys:
            found.append((one, key))
            left.append(inner)
    return found


def in_json(data: bytes, chance: random.Random) -> bytes:
    """Change a value somewhere within, take it out, say it twice or nest it deeply."""
    try:
        return _in_values(json.loads(data), data, chance)
    except (ValueError, RecursionError):  # no JSON, or nested too deeply already
        return in_text(data, chance)


def _in_values(whole: Any, data: bytes, chance: random.Random) -> bytes:
    places = _places(whole)
    if not places:
        return in_text(data, chance)
    holder, key = chance.choice(places)
    what = chance.randrange(8)
    if what == 0:
        del holder[key]
    elif what == 1:
        other, name = chance.choice(places)
        with suppress(KeyError, IndexError):
            holder[key] = json.loads(json.dumps(other[name]))
    elif what == 2:
        holder[key] = "deep here"
        depth = chance.choice((20, 200, 990, 3000, 100_000))
        opening, closing_ = chance.choice((("[", "]"), ('{"a":', "}")))
        nested = opening * depth + "0" + (closing_ * depth if chance.random() < 0.8 else "")
        return _dumped(whole).replace(b'"deep here"', nested.encode())
    elif what == 3 and isinstance(holder, dict):
        text = _dumped(whole)
        word = _dumped(key)
        return text.replace(word, word + b":0," + word, 1)
    elif what == 4 and isinstance(holder, list):
        holder[key:key] = [holder[key]] * _often(chance.choice((1, 3, 300)), len(_dumped(holder[key])))
    elif what == 5 and isinstance(holder, dict):
        holder[chance.choice(WORDS)] = holder.pop(key)
    else:
        holder[key] = chance.choice(VALUES)
    return _dumped(whole)[:MOST_BYTES]


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


_TAG = re.compile(rb"<[^<>]*>")
_IN_XML = (
    b"<!--x-->", b"<![CDATA[a]]>", b"<?x y?>", b"&#x10FFFF;", b"&nbsp;", b"&#0;", b"<a/>", b"]]>", b"<x:y/>", b"\0",
    b"<" + b"a" * 5000 + b"/>", b'<!DOCTYPE x [<!ENTITY a "b">]>',
    b"<a " + b" ".join(b'b%d="c"' % n for n in range(300)) + b"/>",
)  # fmt: skip


def in_xml(data: bytes, chance: random.Random) -> bytes:
    """Take out, repeat or nest elements, change attributes and texts."""
    tags = list(_TAG.finditer(data[:200_000]))
    what = chance.randrange(9)
    if not tags or what >= 6:
        return in_text(data, chance)
    one, other = chance.choice(tags), chance.choice(tags)
    if what == 0:
        return data[: one.start()] + data[one.end() :]
    if what == 1:
        first, last = sorted((one, other), key=lambda tag: tag.start())
        part = data[first.start() : last.end()]
        return (data[: last.end()] + part * _often(chance.choice((1, 3, 100)), len(part)) + data[last.end() :])[
            :MOST_BYTES
        ]
    if what == 2:
        return data[: one.end()] + chance.choice(_IN_XML) + data[one.end() :]
    if what == 3:
        depth = chance.choice((10, 200, 300, 5000))
        name = re.sub(rb"[^A-Za-z]", b"", one[0])[:20] or b"a"
        return data[: one.end()] + (b"<%s>" % name) * depth + (b"</%s>" % name) * depth + data[one.end() :]
    if what == 4:
        return data[: one.start()] + other[0] + data[one.end() :]
    inside = bytes(in_text(one[0][1:-1], chance))
    return data[: one.start()] + b"<" + inside + b">" + data[one.end() :]


def in_gzip(inner: Damage) -> Damage:
    """Return what damages the file within a gzip file."""

    def damage(data: bytes, chance: random.Random) -> bytes:
        try:
            plain = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return in_bytes(data, chance)
        packed = gzip.compress(inner(plain, chance), 1, mtime=0)
        return packed + chance.choice((b"", b"", b"", packed, b"\0" * 20))

    return damage


def in_zip(inner: Callable[[str], Damage]) -> Damage:
    """Return what damages one file of an archive; `inner` says by its name how."""

    def damage(data: bytes, chance: random.Random) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = [(name, archive.read(name)) for name in archive.namelist()]
        except (zipfile.BadZipFile, OSError, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError):
            return in_bytes(data, chance)
        if not members:
            return in_bytes(data, chance)
        at, what = chance.randrange(len(members)), chance.randrange(12)
        name, content = members[at]
        if what == 0:
            del members[at]
        elif what == 1:
            members.append((name, members[chance.randrange(len(members))][1]))
        elif what == 2:
            members[at] = (
                chance.choice(("../x", "/x", "a" * 300, name.upper(), name + "/", "é", "x/" + name)),
                content,
            )
        else:
            members[at] = (name, inner(name)(content, chance))
        out = io.BytesIO()
        how = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
        with warnings.catch_warnings(), zipfile.ZipFile(out, "w", how, compresslevel=1) as archive:
            warnings.simplefilter("ignore")  # names that stand twice are wanted
            for one, body in members:
                info = zipfile.ZipInfo(one)  # its day is always the same
                info.compress_type = how
                archive.writestr(info, body)
        return out.getvalue()

    return damage


def in_database(data: bytes, chance: random.Random) -> bytes:
    """Change cells, rows, tables and what the file says of itself, by SQLite itself."""
    what = chance.randrange(12)
    if what < 2:
        return _in_pages(data, chance)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        try:
            database.deserialize(data)
            database.execute("PRAGMA writable_schema = ON")
            for _ in range(chance.choice((1, 1, 2, 4))):
                _statement(database, chance)
            return database.serialize()[:MOST_BYTES]
        except (sqlite3.Error, UnicodeError, OverflowError):
            return in_bytes(data, chance)


_CELLS = (
    "NULL", "0", "-1", "1e308", "9e999", "9223372036854775807", "''", "'x'", "x'00ff'", "zeroblob(100000)", "'NaN'",
    "CAST(x'ff' AS TEXT)", "CAST(x'eda080' AS TEXT)", "char(0) || 'a'", "'2026-13-45'",
    "'[' || hex(zeroblob(9)) || ']'",
    "'{}'", "'[]'", "'null'", "'{\"a\":1e999}'", "'{\"id\":5}'", "hex(zeroblob(40000))", "'../../etc/passwd'", "1.5",
)  # fmt: skip


def _statement(database: sqlite3.Connection, chance: random.Random) -> None:
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    tables = [name for (name,) in names if isinstance(name, str)]  # an earlier damage may have made it a blob
    if not tables:
        return
    table = '"' + chance.choice(tables).replace('"', '""') + '"'
    columns = ['"' + row[1].replace('"', '""') + '"' for row in database.execute(f"PRAGMA table_info({table})")]
    if not columns:
        return
    column, what = chance.choice(columns), chance.randrange(14)
    row = f"rowid = (SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET {chance.randrange(6)})"
    if what < 6:
        value = chance.choice((*_CELLS, chance.choice(columns)))
        database.execute(f"UPDATE {table} SET {column} = {value} WHERE {chance.choice((row, row, '1'))}")
    elif what < 8:
        found = database.execute(f"SELECT rowid, {column} FROM {table} WHERE {row}").fetchone()
        if found is not None and isinstance(found[1], str | bytes):
            old = found[1].encode() if isinstance(found[1], str) else found[1]
            new = (in_json if old[:1] in b"{[" and old else in_bytes)(old, chance)
            put = new if isinstance(found[1], bytes) else new.decode("utf-8", "replace")
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (put, found[0]))
    elif what == 8:
        database.execute(f"DELETE FROM {table} WHERE {chance.choice((row, '1'))}")
    elif what == 9:
        database.execute(chance.choice((f"DROP TABLE {table}", f"ALTER TABLE {table} RENAME TO gone",
                                        f"ALTER TABLE {table} RENAME COLUMN {column} TO other",
                                        f"ALTER TABLE {table} DROP COLUMN {column}",
                                        f"ALTER TABLE {table} ADD COLUMN more TEXT")))  # fmt: skip
    elif what == 10:
        database.execute(
            f"CREATE TRIGGER t{chance.randrange(99)} AFTER UPDATE ON {table} BEGIN DELETE FROM {table}; END"
        )
    elif what == 11:
        database.execute(f"ALTER TABLE {table} RENAME TO was")
        database.execute(
            f"CREATE VIEW {table} AS SELECT * FROM was" + chance.choice(("", " UNION ALL SELECT * FROM was"))
        )
    elif what == 12:
        name, value = chance.choice(("user_version", "application_id")), chance.choice((0, -1, 2**31 - 1))
        database.execute(f"PRAGMA {name} = {value}")
    else:
        database.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE {row}")


def _in_pages(data: bytes, chance: random.Random) -> bytes:
    """Change the head of the file or of one of its pages."""
    out = bytearray(data)
    page = int.from_bytes(out[16:18], "big") or 4096
    start = page * chance.randrange(max(len(out) // page, 1))
    at = start + chance.randrange(108 if start == 0 else 40)
    if at < len(out):
        out[at] = chance.choice((0, 1, 2, 5, 10, 13, 127, 128, 255, chance.randrange(256)))
    return bytes(out)


_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8}


def in_tiff(data: bytes, chance: random.Random) -> bytes:
    """Change an entry of the first directory of a little-endian TIFF, its type, its count or a value."""
    if data[:4] != b"II*\0" or len(data) < 16:
        return in_bytes(data, chance)
    out = bytearray(data)
    (start,) = struct.unpack_from("<I", out, 4)
    if start + 2 > len(out):
        return in_bytes(data, chance)
    (count,) = struct.unpack_from("<H", out, start)
    if not 0 < count < 200 or start + 2 + 12 * count > len(out):
        return in_bytes(data, chance)
    at = start + 2 + 12 * chance.randrange(count)
    tag, kind, many, value = struct.unpack_from("<HHII", out, at)
    what = chance.randrange(8)
    if what == 0:
        struct.pack_into("<H", out, at, chance.choice((256, 257, 258, 259, 262, 273, 277, 278, 279, 317, 320, 322, 324,
                                                       325, 330, 338, 339, 33550, 33922, 34264, 34735,
                                                       42113)))  # fmt: skip
    elif what == 1:
        struct.pack_into("<H", out, at + 2, chance.choice((0, 1, 2, 3, 4, 5, 11, 12, 13, 16, 99)))
    elif what == 2:
        struct.pack_into("<I", out, at + 4, chance.choice(WHOLE) % 2**32)
    elif what == 3:
        del out[at : at + 12]
        struct.pack_into("<H", out, start, count - 1)
    else:
        size = _TIFF_SIZES.get(kind, 1)
        place = at + 8 if size * many <= 4 else value + size * chance.randrange(max(1, min(many, 64)))
        if place + size > len(out):
            return in_bytes(data, chance)
        if kind in (11, 12):
            number = chance.choice((0.0, -1.0, 1e-300, 1e300, float("nan"), float("inf"), 180.0, 1e7, 30.0))
            with suppress(OverflowError):
                struct.pack_into("<f" if kind == 11 else "<d", out, place, number)
        elif tag in (34735, 33550) or chance.random() < 0.5:
            number = chance.choice((*WHOLE, 1024, 2048, 3072, 4326, 32631, 32767, 9001, 9002, 4099, 5773, 3855))
            out[place : place + size] = (number % (1 << 8 * size)).to_bytes(size, "little")
        else:
            out[place : place + size] = chance.randbytes(size)
    return bytes(out)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _varints(data: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return numbers


def _fields(data: bytes) -> list[tuple[int, int, Any]] | None:
    """Return number, kind and value of the fields of a message; None where it is none."""
    found: list[tuple[int, int, Any]] = []
    at = 0

    def take() -> int:
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return number

    try:
        while at < len(data):
            key = take()
            kind = key & 7
            if kind == 0:
                value: Any = take()
            elif kind in (1, 5):
                size = 8 if kind == 1 else 4
                value, at = data[at : at + size], at + size
            elif kind == 2:
                length = take()
                value, at = data[at : at + length], at + length
                if len(value) != length:
                    return None
            else:
                return None
            if not key >> 3:
                return None
            found.append((key >> 3, kind, value))
    except IndexError:
        return None
    return found


def _message(fields: list[tuple[int, int, Any]]) -> bytes:
    out = bytearray()
    for number, kind, value in fields:
        out += _varint(number << 3 | kind)
        out += _varint(value) if kind == 0 else value if kind in (1, 5) else _varint(len(value)) + value
    return bytes(out)


def in_protobuf(data: bytes, chance: random.Random) -> bytes:
    """Change a field of a message, or of a message within it."""
    fields = _fields(data) if data else None
    if not fields:
        return in_bytes(data, chance)
    at, what = chance.randrange(len(fields)), chance.randrange(8)
    number, kind, value = fields[at]
    if kind == 2 and what < 5:
        inner = in_protobuf if what < 4 else _in_varints
        fields[at] = (number, kind, inner(value, chance))
    elif what == 5:
        del fields[at]
    elif what == 6:
        fields[at:at] = [fields[chance.randrange(len(fields))]] * chance.choice((1, 2, 200))
    elif kind == 0:
        fields[at] = (number, kind, chance.choice((*WHOLE, value ^ 1 << chance.randrange(20))))
    else:
        fields[at] = (chance.choice((1, 2, 3, 4, 5, 15, number)), kind, value)
    return _message(fields)[:MOST_BYTES]


def _in_varints(data: bytes, chance: random.Random) -> bytes:
    numbers = _varints(data)
    if numbers:
        at = chance.randrange(len(numbers))
        numbers[at] = chance.choice((*WHOLE, numbers[at] + 1, numbers[at] ^ 7))
    return b"".join(_varint(number) for number in numbers)


def in_osm_pbf(data: bytes, chance: random.Random) -> bytes:
    """Change a block of an OpenStreetMap extract in which the blocks are not packed."""
    blocks, at = [], 0
    while at + 4 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        header = data[at + 4 : at + 4 + length]
        fields = _fields(header)
        size = next((value for number, kind, value in fields or () if number == 3 and kind == 0), None)
        if size is None:
            return in_bytes(data, chance)
        blocks.append((header, data[at + 4 + length : at + 4 + length + size]))
        at += 4 + length + size
    if not blocks:
        return in_bytes(data, chance)
    number = chance.randrange(len(blocks))
    header, blob = blocks[number]
    blocks[number] = (
        (header, in_protobuf(blob, chance)) if chance.random() < 0.9 else (in_protobuf(header, chance), blob)
    )
    out = bytearray()
    for header, blob in blocks:
        fields = [(3, 0, len(blob)) if one[0] == 3 and chance.random() < 0.98 else one for one in _fields(header) or ()]
        packed = _message(fields)
        out += struct.pack(">I", len(packed)) + packed + blob
    return bytes(out)


def in_pmtiles(data: bytes, chance: random.Random) -> bytes:
    """Change the head, a directory, the metadata or a tile of a PMTiles file (specification 3)."""
    if len(data) < 127 or data[:7] != b"PMTiles":
        return in_bytes(data, chance)
    head = list(struct.unpack_from("<11Q", data, 8))
    rest = bytearray(data[96:127])
    what = chance.randrange(6)
    if what == 0:
        head[chance.randrange(11)] = chance.choice((*WHOLE, len(data)))
    elif what == 1:
        rest[chance.randrange(len(rest))] = chance.choice((0, 1, 2, 3, 4, 5, 30, 99, 255))
    elif what == 5:
        return in_bytes(data, chance)
    parts = [data[head[n] : head[n] + head[n + 1]] if head[n] < 2**40 else b"" for n in (0, 2, 4, 6)]
    if what in (2, 3, 4):
        at = {2: 0, 3: 1, 4: 3}[what]
        inner: Damage = {2: _in_varints, 3: in_json, 4: in_bytes}[what]
        parts[at] = (in_gzip(inner) if parts[at][:2] == b"\x1f\x8b" else inner)(parts[at], chance)
        place = 127
        for n, part in zip((0, 2, 4, 6), parts, strict=True):
            head[n], head[n + 1] = place, len(part)
            place += len(part)
    return b"PMTiles\x03" + struct.pack("<11Q", *head) + bytes(rest) + b"".join(parts)


def in_png(data: bytes, chance: random.Random) -> bytes:
    """Change a chunk of a PNG, and give it its right sum."""
    if data[:4] != b"\x89PNG":
        return in_bytes(data, chance)
    chunks, at = [], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    if not chunks:
        return in_bytes(data, chance)
    number = chance.randrange(len(chunks))
    name, body = chunks[number]
    chunks[number] = (name, in_bytes(body, chance))
    out = bytearray(data[:8])
    for name, body in chunks:
        out += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return bytes(out)


def damaged(data: bytes, others: list[bytes], kinds: tuple[Damage, ...], chance: random.Random) -> bytes:
    """Return a file with one to four damages, mostly of its own kinds; sometimes its end is that of another."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        what = chance.random()
        if what < 0.12 or not kinds:
            data = in_bytes(data, chance)
        elif what < 0.15:
            other = chance.choice(others)
            data = data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]
        else:
            data = chance.choice(kinds)(data, chance)
    return data[:MOST_BYTES]
