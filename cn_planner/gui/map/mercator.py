"""Web Mercator on the unit square, and the view that a window has of it. Knows no Qt.

World coordinates run from 0 to 1: x eastwards from 180 degrees west, y southwards from 85.05 degrees north. A view is
measured in whole pixels of the device: its origin is always a whole pixel, so that nothing that stands on the map
trembles while it is moved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MAX_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
"""The square's upper edge. What lies beyond is shown there."""
TILE = 256
EARTH_M = 2.0 * math.pi * 6_378_137.0
LEAST_ZOOM, MOST_ZOOM = 1.0, 20.0


def to_world(latitude: ArrayLike, longitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of WGS 84 positions; latitudes beyond the limit are taken at it."""
    lat = np.clip(np.asarray(latitude, np.float64), -MAX_LATITUDE, MAX_LATITUDE)
    x = (np.asarray(longitude, np.float64) + 180.0) / 360.0
    y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2.0 * math.pi)
    return x, y


def to_geo(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes (-180 up to 180) of world coordinates; x is taken modulo 1."""
    longitude = (np.asarray(x, np.float64) % 1.0) * 360.0 - 180.0
    latitude = np.degrees(np.arctan(np.sinh((0.5 - np.asarray(y, np.float64)) * 2.0 * math.pi)))
    return latitude, longitude


@dataclass(frozen=True, slots=True)
class Viewport:
    """What a window shows.

    Attributes
    ----------
    x, y : float
        World coordinates of the middle.
    zoom : float
        The world is 256 * 2^zoom pixels wide on a screen of ratio 1.
    width, height : int
        Of the window, in pixels of the device.
    ratio : float
        Pixels of the device to one of the layout (high-density screens).
    """

    x: float
    y: float
    zoom: float
    width: int
    height: int
    ratio: float = 1.0

    @property
    def scale(self) -> float:
        """Pixels of the device that the world is wide."""
        return float(TILE * self.ratio * 2.0**self.zoom)

    @property
    def origin(self) -> tuple[int, int]:
        """World pixels of the window's upper left corner."""
        s = self.scale
        return math.floor(self.x * s - self.width / 2 + 0.5), math.floor(self.y * s - self.height / 2 + 0.5)

    @property
    def m_per_pixel(self) -> float:
        """Metres on the ground to one pixel of the device, in the middle."""
        latitude = math.atan(math.sinh((0.5 - self.y) * 2.0 * math.pi))
        return EARTH_M * math.cos(latitude) / self.scale

    def pixels(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return device pixels of world coordinates, each at its copy nearest to the middle of the view."""
        s = self.scale
        left, top = self.origin
        dx = np.asarray(x, np.float64) - self.x
        dx = dx - np.floor(dx + 0.5)
        return (self.x + dx) * s - left, np.asarray(y, np.float64) * s - top

    def line_pixels(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return device pixels (n, 2) of a line whose points follow each other the shorter way round the world."""
        steps = np.diff(x, prepend=x[:1])
        steps = steps - np.floor(steps + 0.5)
        start, _ = self.pixels(x[:1], y[:1])
        s = self.scale
        return np.column_stack([start[0] + np.cumsum(steps) * s, np.asarray(y, np.float64) * s - self.origin[1]])

    def to_screen(self, latitude: ArrayLike, longitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return device pixels of positions."""
        return self.pixels(*to_world(latitude, longitude))

    def world_at(self, px: float, py: float) -> tuple[float, float]:
        """Return world coordinates of a device pixel; x may lie outside 0 to 1."""
        left, top = self.origin
        return (px + left) / self.scale, (py + top) / self.scale

    def geo_at(self, px: float, py: float) -> tuple[float, float]:
        """Return latitude and longitude of a device pixel."""
        latitude, longitude = to_geo(*self.world_at(px, min(max(py, -self.origin[1]), self.scale - self.origin[1])))
        return float(latitude), float(longitude)

    def bounds(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """Return west, north, east, south in world coordinates, widened by a margin in pixels."""
        west, north = self.world_at(-margin, -margin)
        east, south = self.world_at(self.width + margin, self.height + margin)
        return west, north, east, south

    def fitted(self) -> Viewport:
        """Return the nearest view that may be: not smaller than the world, and not beyond its edges."""
        least = max(LEAST_ZOOM, math.log2(max(self.width, self.height, 1) / self.ratio / TILE))
        zoom = min(max(self.zoom, least), max(MOST_ZOOM, least))
        half = self.height / (2.0 * TILE * self.ratio * 2.0**zoom)
        return replace(self, x=self.x % 1.0, y=min(max(self.y, half), 1.0 - half), zoom=zoom)

    def moved(self, dx: float, dy: float) -> Viewport:
        """Return the view after the ground was moved by device pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y - dy / self.scale).fitted()

    def zoomed(self, zoom: float, px: float, py: float) -> Viewport:
        """Return the view at another zoom with the place under a device pixel kept there."""
        x, y = self.x + (px - self.width / 2) / self.scale, self.y + (py - self.height / 2) / self.scale
        limited = replace(self, zoom=zoom).fitted().zoom
        new = replace(self, zoom=limited)
        return replace(new, x=x - (px - self.width / 2) / new.scale, y=y - (py - self.height / 2) / new.scale).fitted()

    def on(self, latitude: float, longitude: float, zoom: float | None = None) -> Viewport:
        """Return the view with a place in its middle."""
        x, y = to_world(latitude, longitude)
        return replace(self, x=float(x), y=float(y), zoom=self.zoom if zoom is None else zoom).fitted()

    def showing(
        self,
        latitude: ArrayLike,
        longitude: ArrayLike,
        margin: float = 48.0,
        most_zoom: float = 16.0,
        inset: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    ) -> Viewport:
        """Return the closest view that shows all of these places, `margin` layout pixels from the edges.

        `inset` is how much of the left, the top, the right and the bottom is not to be counted on. On the antimeridian
        the shorter way round is shown. Places that are not numbers are left out; with none, the view stays.
        """
        x, y = (np.atleast_1d(v).ravel() for v in to_world(latitude, longitude))
        known = np.isfinite(x) & np.isfinite(y)
        if not known.any():
            return self
        x, y = np.sort(x[known] % 1.0), y[known]
        gaps = np.append(np.diff(x), x[0] + 1.0 - x[-1])
        widest = int(np.argmax(gaps))
        span_x = max(1.0 - float(gaps[widest]), 1e-9)
        west = float(x[(widest + 1) % len(x)])
        span_y = max(float(y.max() - y.min()), 1e-9)
        left, top, right, bottom = inset
        room_x = max(self.width / self.ratio - 2 * margin - left - right, 32.0)
        room_y = max(self.height / self.ratio - 2 * margin - top - bottom, 32.0)
        zoom = min(math.log2(room_x / span_x / TILE), math.log2(room_y / span_y / TILE), most_zoom)
        view = replace(self, zoom=zoom)
        aside, down = (half * self.ratio / 2 / view.scale for half in (left - right, top - bottom))
        middle_y = float(y.max() + y.min()) / 2
        return replace(view, x=west + span_x / 2 - aside, y=middle_y - down).fitted()
