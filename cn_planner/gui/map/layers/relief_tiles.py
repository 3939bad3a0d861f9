"""Tiles of shaded relief and contours, made from the plan's terrain beside the window's thread and kept as images."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage, qRgba

from cn_planner.drawing.hillshade import hillshade, smooth, usual_span
from cn_planner.gui.map.layers.kept_tiles import SIDE, KeptTiles
from cn_planner.gui.map.mercator import EARTH_M, to_geo

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray
    from PySide6.QtCore import QObject

    from cn_planner.gui.map.layers.kept_tiles import TileKey
    from cn_planner.gui.map.style import Relief
    from cn_planner.terrain.surface import Surface

_LONGEST_SMOOTHING = 40
_INTERVALS_M = (5, 10, 20, 50, 100, 200, 500)
_LEAST_SPACING_PX = 13.0
_TYPICAL_SLOPE = 0.3
_COARSEST_CONTOURS_M = 200.0  # metres a pixel, beyond which contours would only be noise


@dataclass(frozen=True, slots=True, eq=False)
class ReliefTile:
    """A finished tile. `missing` names the terrain that it lacks; `gone` says whether it lacks any.

    Contours are packed, a byte a pixel.
    """

    relief: QImage
    contours: QImage | None
    missing: tuple[str, ...]
    gone: bool

    @property
    def cost(self) -> int:
        """Bytes that it holds."""
        return int(self.relief.sizeInBytes()) + (int(self.contours.sizeInBytes()) if self.contours else 0)


def contour_interval_m(m_per_px: float, ratio: float = 1.0) -> float | None:
    """Return the step between contours that leaves them apart on an ordinary slope; None where none should be."""
    if m_per_px * ratio > _COARSEST_CONTOURS_M:
        return None
    least = m_per_px * _TYPICAL_SLOPE * _LEAST_SPACING_PX * ratio
    return float(next((step for step in _INTERVALS_M if step >= least), _INTERVALS_M[-1]))


def _image(pixels: NDArray[np.uint8], form: QImage.Format) -> QImage:
    rows, columns = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    # A copy, so that the image owns its bytes.
    return QImage(data.data, columns, rows, data.strides[0], form).copy()


def _relief(
    heights: NDArray[np.float64], m_per_px: float, span: tuple[float, float], look: Relief, first_row: int
) -> QImage:
    exaggeration = min(max((m_per_px / 10.0) ** 0.3, 1.0), 4.0)
    shade = hillshade(heights, m_per_px, exaggeration=exaggeration)[1:-1, 1:-1]
    z = heights[1:-1, 1:-1]
    gone = np.isnan(z)
    # On flat ground the light of 45 degrees gives sin 45; slopes to the light are brighter than that.
    brightness = look.shade[0] + (look.shade[1] - look.shade[0]) * np.minimum(shade * np.float32(1.13), 1.0)
    low, high = span
    level = np.clip((z - low) / max(high - low, 1.0), 0.0, 1.0)
    stops = np.asarray(look.stops, np.float32)
    at = np.linspace(0.0, 1.0, len(stops))
    ramp = np.stack([np.interp(np.linspace(0, 1, 256), at, stops[:, c]) for c in range(3)], axis=1).astype(np.float32)
    colours = ramp[np.where(gone, 0, level * 255).astype(np.uint8)]
    pixels = np.empty((*z.shape, 4), np.uint8)
    lit = np.clip(colours * np.where(gone, 1.0, brightness)[..., None], 0, 255)
    pixels[..., :3] = lit[..., ::-1]
    pixels[..., 3] = 255
    if gone.any():
        ruled = ((np.arange(z.shape[0]) + first_row) % 8 == 0)[:, None] & gone
        pixels[gone, :3] = look.missing[::-1]
        pixels[ruled, :3] = look.missing_line[::-1]
    return _image(pixels, QImage.Format.Format_RGB32)


def _contours(heights: NDArray[np.float64], interval_m: float, look: Relief, ratio: float) -> QImage | None:
    z = heights[1:-1, 1:-1]
    east = (heights[1:-1, 2:] - heights[1:-1, :-2]) / 2.0
    north = (heights[2:, 1:-1] - heights[:-2, 1:-1]) / 2.0
    slope = np.hypot(east, north)
    level = np.rint(z / interval_m)
    with np.errstate(invalid="ignore", divide="ignore"):
        away_px = np.abs(z - level * interval_m) / slope
        master = (level % 5) == 0
        half_width = np.where(master, 0.75, 0.45) * ratio
        alpha = np.clip(half_width + 0.5 - away_px, 0.0, 1.0) * look.contour_opacity
    # A lake on a level would be one wide line.
    alpha = np.where((slope > 1e-3 * interval_m) & np.isfinite(alpha), alpha, 0.0)
    alpha = np.where(master, np.minimum(alpha * 1.6, 1.0), alpha)
    if not alpha.any():
        return None
    # One ink, more or less of it: a byte a pixel, whose colours stand in a table.
    image = _image((alpha * 255).astype(np.uint8), QImage.Format.Format_Indexed8)
    image.setColorTable([qRgba(*look.contour, opacity) for opacity in range(256)])
    return image


def render_tile(surface: Surface, key: TileKey, span: tuple[float, float], look: Relief, ratio: float) -> ReliefTile:
    """Make one tile.

    Parameters
    ----------
    surface : Surface
        The ground.
    key : TileKey
        Which tile.
    span : (float, float)
        Heights that get the first and the last tint, m.
    look : Relief
        Colours.
    ratio : float
        Pixels of the device to one of the layout, for widths of lines.
    """
    top, left = key.j * SIDE, key.i * SIDE
    latitude, longitude = to_geo((left + SIDE / 2) / key.scale, (top + SIDE / 2) / key.scale)
    m_per_px = EARTH_M * math.cos(math.radians(float(latitude))) / key.scale
    cell = surface.cell_m(float(latitude), float(longitude))
    rounding = min(cell / m_per_px, _LONGEST_SMOOTHING) if math.isfinite(cell) else 0.0
    # Twice a box of half the rounding to each side: then a tile's edge is what its neighbour's is.
    margin = 1 + 2 * int(rounding / 2)
    row = np.arange(-margin, SIDE + margin) + 0.5
    lat, _ = to_geo(0.0, (row + top) / key.scale)
    _, lon = to_geo((row + left) / key.scale, 0.5)
    lat = np.where((row + top >= 0) & (row + top <= key.scale), lat, np.nan)
    raw = surface.heights(lat[:, None], lon[None, :])
    inner = slice(margin, margin + SIDE)
    gone = np.isnan(raw[inner, inner])
    missing: tuple[str, ...] = ()
    if gone.any():
        some = gone[::8, ::8]
        lats, lons = np.broadcast_arrays(lat[inner][::8, None], lon[inner][None, ::8])
        missing = surface.missing_tiles(lats[some], lons[some]) if some.any() else ()
    edge = slice(margin - 1, margin + SIDE + 1)
    heights = smooth(raw, rounding)[edge, edge]
    interval = contour_interval_m(m_per_px, ratio)
    return ReliefTile(
        _relief(heights, m_per_px, span, look, top),
        _contours(heights, interval, look, ratio) if interval is not None else None,
        missing,
        bool(gone.any()),
    )


def height_span(surface: Surface) -> tuple[float, float]:
    """Return the heights between which nearly all of the ground lies, m."""
    south, west, north, east = surface.bounds
    width = (east - west) % 360.0 or 360.0
    lat = south + (north - south) * (np.arange(64) + 0.5) / 64
    lon = west + width * (np.arange(64) + 0.5) / 64
    return usual_span(surface.heights(lat[:, None], lon[None, :]), (0.0, 1.0))


class TileStore(KeptTiles[ReliefTile]):
    """Tiles of the plan's own terrain."""

    def __init__(self, executor: Executor, limit_bytes: int = 11_000_000, parent: QObject | None = None) -> None:
        super().__init__(executor, limit_bytes, parent)
        self._surface: Surface | None = None
        self._span = (0.0, 1.0)
        self._look: Relief | None = None

    @property
    def surface(self) -> Surface | None:
        """The ground that is drawn."""
        return self._surface

    def set_ground(self, surface: Surface | None) -> None:
        """Draw another ground."""
        with self._lock:
            self._surface = surface
            self._span = height_span(surface) if surface is not None else (0.0, 1.0)
            self._forget()
        self.changed.emit()

    def set_look(self, look: Relief, ratio: float) -> None:
        """Draw in other colours, or for another screen."""
        if look == self._look and ratio == self._ratio:
            return
        with self._lock:
            self._look, self._ratio = look, ratio
            self._forget()

    def _maker(self) -> Callable[[TileKey], ReliefTile] | None:
        surface, span, look, ratio = self._surface, self._span, self._look, self._ratio
        if surface is None or look is None:
            return None
        return lambda key: render_tile(surface, key, span, look, ratio)

    def missing(self) -> tuple[str, ...]:
        """Return the names of missing terrain in what is drawn."""
        return tuple(dict.fromkeys(name for tile in self._tiles.values() for name in tile.missing))

    @property
    def any_gone(self) -> bool:
        """Whether any terrain is missing in what is drawn."""
        return any(tile.gone for tile in self._tiles.values())
