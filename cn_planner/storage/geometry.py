"""Points, lines and polygons as GeoPackage stores them: a short header, then WKB. Longitude first, WGS 84.

Source: OGC GeoPackage 1.3, 2.1.3 (header) and OGC Simple Features (WKB).
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SRS_ID = 4326
_LITTLE, _EMPTY = 0x01, 0x10
_POINT = struct.Struct("<2sBBiBIdd")
_HEAD = struct.Struct("<2sBBi")
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_MOST_POINTS = 1_000_000

GpkgPlace = tuple[float, float]
"""Latitude, longitude."""


class GeometryError(ValueError):
    """Not a geometry of the kind that was asked for."""


def point(latitude: float, longitude: float) -> bytes:
    """Return a point."""
    return _POINT.pack(b"GP", 0, _LITTLE, SRS_ID, 1, 1, longitude, latitude)


def _coordinates(places: Sequence[GpkgPlace]) -> bytes:
    flat = [number for latitude, longitude in places for number in (longitude, latitude)]
    return struct.pack(f"<I{len(flat)}d", len(places), *flat)


def gpkg_line(places: Sequence[GpkgPlace]) -> bytes:
    """Return a line through places."""
    return _HEAD.pack(b"GP", 0, _LITTLE, SRS_ID) + struct.pack("<BI", 1, 2) + _coordinates(places)


def gpkg_polygon(ring: Sequence[GpkgPlace]) -> bytes:
    """Return a polygon of one ring, closed where the ring is not; empty where there is no ring."""
    if not ring:
        return _HEAD.pack(b"GP", 0, _LITTLE | _EMPTY, SRS_ID) + struct.pack("<BII", 1, 3, 0)
    closed = [*ring] if ring[0] == ring[-1] and len(ring) > 1 else [*ring, ring[0]]
    return _HEAD.pack(b"GP", 0, _LITTLE, SRS_ID) + struct.pack("<BII", 1, 3, 1) + _coordinates(closed)


def _wkb(blob: object) -> tuple[bytes, int]:
    """Return the bytes, and where the WKB in them begins."""
    if not isinstance(blob, bytes) or len(blob) < _HEAD.size or blob[:2] != b"GP":
        raise GeometryError("no geometry")
    kind = blob[3] >> 1 & 7
    if kind >= len(_ENVELOPE_BYTES) or blob[3] & 0x20:
        raise GeometryError("a geometry that is not understood")
    if blob[3] & _EMPTY:
        raise GeometryError("an empty geometry")
    return blob, _HEAD.size + _ENVELOPE_BYTES[kind]


class _Reader:
    """Reads WKB of either byte order, with or without Z and M, in ISO and in extended codes."""

    def __init__(self, blob: object) -> None:
        self._data, self._at = _wkb(blob)
        self._order = "<"
        self._dimensions = 2

    def _take(self, form: str) -> tuple[float, ...]:
        one = struct.Struct(self._order + form)
        try:
            values = one.unpack_from(self._data, self._at)
        except struct.error as problem:
            raise GeometryError("a geometry that ends too early") from problem
        self._at += one.size
        return values

    def kind(self) -> int:
        """Return the geometry type that begins here: 1 point, 2 line, 3 polygon, ..."""
        self._order = "<" if self._take("B")[0] else ">"
        code = int(self._take("I")[0])
        iso, extended = code % 100_000_000 // 1000, code >> 29
        self._dimensions = (
            2 + (iso in (1, 2)) + 2 * (iso == 3) if iso < 4 else 2 + (extended >> 2 & 1) + (extended >> 1 & 1)
        )
        if extended & 1:
            self._take("I")
        return (code & 0x1FFFFFFF) % 1000

    def count(self) -> int:
        """Return a number of things that follow."""
        many = int(self._take("I")[0])
        if many > _MOST_POINTS:
            raise GeometryError("a geometry of too many points")
        return many

    def place(self) -> GpkgPlace:
        """Return the next place."""
        longitude, latitude = self._take(f"{self._dimensions}d")[:2]
        if not (math.isfinite(latitude) and math.isfinite(longitude)):
            raise GeometryError("a position that is not finite")
        return latitude, longitude


def read_point(blob: object) -> GpkgPlace:
    """Return the place of a point.

    Raises GeometryError where it is not a point.
    """
    reader = _Reader(blob)
    if reader.kind() != 1:
        raise GeometryError("not a point")
    return reader.place()


def read_ends(blob: object) -> tuple[GpkgPlace, GpkgPlace]:
    """Return the first and the last place of a line.

    Raises GeometryError where it is not one line of two places or more.
    """
    reader = _Reader(blob)
    kind = reader.kind()
    if kind == 5 and reader.count() == 1:  # a multiline of one
        kind = reader.kind()
    if kind != 2:
        raise GeometryError("not one line")
    places = [reader.place() for _ in range(reader.count())]
    if len(places) < 2:
        raise GeometryError("a line without ends")
    return places[0], places[-1]


def read_ring(blob: object) -> tuple[GpkgPlace, ...]:
    """Return the outer ring of a polygon, its last place not repeated.

    Raises GeometryError where it is not one polygon without holes.
    """
    reader = _Reader(blob)
    kind = reader.kind()
    if kind == 6 and reader.count() == 1:  # a multipolygon of one
        kind = reader.kind()
    if kind != 3:
        raise GeometryError("not one polygon")
    if reader.count() != 1:
        raise GeometryError("a polygon with holes")
    ring = tuple(reader.place() for _ in range(reader.count()))
    return ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
