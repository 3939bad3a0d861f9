"""The ground that a map covers, and what every map has: a scale, and an arrow to the north."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.drawing.display import Anchor, Fill, ItemGroup, Marker, Polygon, Stroke, Symbol, Text
from cn_planner.drawing.labels import LabelBox
from cn_planner.drawing.palette import Role
from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.drawing.display import DisplayItem


@dataclass(frozen=True, slots=True)
class MapFrame:
    """The ground that a map covers: its projection, and how it lies on the sheet."""

    crs: str
    centre: tuple[float, float]
    """Easting and northing of the middle of the map, m."""
    m_per_point: float
    width: float
    height: float

    def xy(self, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
        """Return x, y on the sheet, in points, as an array (n, 2)."""
        east, north = geo.transform(geo.WGS84, self.crs, longitude, latitude)
        x = self.width / 2 + (np.atleast_1d(east) - self.centre[0]) / self.m_per_point
        y = self.height / 2 - (np.atleast_1d(north) - self.centre[1]) / self.m_per_point
        return np.column_stack([x, y])

    def positions(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return latitudes and longitudes of places on the sheet."""
        east = self.centre[0] + (np.asarray(x, np.float64) - self.width / 2) * self.m_per_point
        north = self.centre[1] - (np.asarray(y, np.float64) - self.height / 2) * self.m_per_point
        longitude, latitude = geo.transform(self.crs, geo.WGS84, east, north)
        return latitude, longitude


def nice_length_m(longest_m: float) -> float:
    """Return the greatest length of 1, 2 or 5 times a power of ten that is no longer than this."""
    power = 10.0 ** math.floor(math.log10(longest_m))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= longest_m * (1 + 1e-12))


def _length_name(length_m: float, language: str) -> str:
    words = msg("{value:g} km", value=length_m / 1000) if length_m >= 1000 else msg("{value:g} m", value=length_m)
    return say(words, language)


def scale_bar(
    frame: MapFrame, right: float, bottom: float, language: str = SOURCE_LANGUAGE
) -> tuple[ItemGroup, LabelBox]:
    """Return a scale bar in two halves, filled and open, that ends at the lower right, and the box that it takes."""
    length_m = nice_length_m(frame.m_per_point * min(110.0, frame.width / 4))
    length = length_m / frame.m_per_point
    left, middle = right - length, right - length / 2
    top, ink = bottom - 4.0, Stroke(Role.INK, 0.7)

    def block(x0: float, x1: float, role: Role) -> Polygon:
        return Polygon((((x0, top), (x1, top), (x1, bottom), (x0, bottom)),), Fill(role), ink)

    name = _length_name(length_m, language)
    box = LabelBox(left - 7, top - 15, right + 7, bottom + 5)
    items: tuple[DisplayItem, ...] = (
        _plate(box),
        block(left, middle, Role.INK),
        block(middle, right, Role.PAPER),
        Text(left, top - 7, "0", 7, Role.INK, Anchor.MIDDLE),
        Text(right, top - 7, name, 7, Role.INK, Anchor.END, bold=True),
    )
    return ItemGroup(items, "scale"), box


def _plate(box: LabelBox) -> Polygon:
    ring = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return Polygon((ring,), Fill(Role.PLATE, 0.84))


def north_arrow(right: float, top: float, language: str = SOURCE_LANGUAGE) -> tuple[ItemGroup, LabelBox]:
    """Return an arrow to the north whose plate ends at the upper right, and the box that it takes."""
    box = LabelBox(right - 20, top, right, top + 34)
    middle = (box.left + box.right) / 2
    arrow = Marker(Symbol.NORTH, middle, top + 22, 18, Role.INK, Role.PAPER)
    return ItemGroup(
        (_plate(box), Text(middle, top + 7, say(msg("N"), language), 8, Role.INK, Anchor.MIDDLE, bold=True), arrow),
        "north",
    ), box
