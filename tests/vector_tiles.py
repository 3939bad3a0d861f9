"""Small tiles of lines and areas, written by hand after the Mapbox Vector Tile specification 2.1."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing

LINE, AREA, POINT = 2, 3, 1


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def thing(kind: int, points: list[tuple[int, int]], tags: list[int]) -> bytes:
    """Return a feature: one line, ring or point."""
    at, commands = (0, 0), []
    for number, (x, y) in enumerate(points):
        if number in {0, 1}:
            commands.append(1 << 3 | 1 if number == 0 else (len(points) - 1) << 3 | 2)
        commands += [(d << 1) ^ (d >> 31) for d in (x - at[0], y - at[1])]
        at = x, y
    if kind == AREA:
        commands.append(1 << 3 | 7)
    packed = [b"".join(varint(one & 0xFFFFFFFF) for one in row) for row in (tags, commands)]
    return (field(2, packed[0]) if tags else b"") + varint(3 << 3) + varint(kind) + field(4, packed[1])


def tile(*layers: tuple[str, int, list[tuple[int, int]], dict[str, str]]) -> bytes:
    """Return a tile of layers with one thing each: name, kind, points of 4096 to a side, and what is said of it."""
    out = b""
    for name, kind, points, said in layers:
        keys = b"".join(field(3, key.encode()) for key in said)
        values = b"".join(field(4, field(1, value.encode())) for value in said.values())
        tags = [number for row in range(len(said)) for number in (row, row)]
        body = field(1, name.encode()) + field(2, thing(kind, points, tags)) + keys + values
        out += field(3, body + varint(5 << 3) + varint(4096) + varint(15 << 3) + varint(2))
    return out


def write_mbtiles(path, tiles):
    """Write tiles, as they are or packed, by (zoom, column, row from the north)."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        said = {"format": "pbf", "attribution": '<a href="x">Some&nbsp;one</a> &copy;'}
        database.executemany("INSERT INTO metadata VALUES (?, ?)", said.items())
        database.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        rows = [(z, x, (1 << z) - 1 - y, data) for (z, x, y), data in tiles.items()]
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
        database.commit()
    return path


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
