"""Tiles of shaded relief and contours, made from the plan's terrain beside the window's thread and kept as images."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from cn_planner.drawing.hillshade import hillshade, smooth
from cn_planner.gui.map.mercator import EARTH_M, to_geo

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from cn_planner.gui.map.style import Relief
    from cn_planner.terrain.surface import Surface

SIDE = 256
"""Pixels of the device to a tile's side."""
_LONGEST_SMOOTHING = 40
_INTERVALS_M = (5, 10, 20, 50, 100, 200, 500)
_LEAST_SPACING_PX = 13.0
_TYPICAL_SLOPE = 0.3
_COARSEST_CONTOURS_M = 200.0  # metres a pixel, beyond which contours would only be noise


class TileKey(NamedTuple):
    """A tile of the world at a scale: the world is `scale` pixels wide, and the tile the i-th from west, j-th down."""

    scale: float
    i: int
    j: int


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A finished tile. `missing` names the terrain that it lacks; `gone` says whether it lacks any."""

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


def _rgb(pixels: NDArray[np.uint8], form: QImage.Format) -> QImage:
    rows, columns = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    # A copy, so that the image owns its bytes.
    return QImage(data.data, columns, rows, columns * 4, form).copy()


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
    return _rgb(pixels, QImage.Format.Format_RGB32)


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
    pixels = np.empty((*z.shape, 4), np.uint8)
    for channel, value in enumerate(reversed(look.contour)):
        pixels[..., channel] = alpha * value
    pixels[..., 3] = alpha * 255
    return _rgb(pixels, QImage.Format.Format_ARGB32_Premultiplied)


def render_tile(surface: Surface, key: TileKey, span: tuple[float, float], look: Relief, ratio: float) -> Tile:
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
    return Tile(
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
    z = surface.heights(lat[:, None], lon[None, :])
    z = z[np.isfinite(z)]
    if not len(z):
        return 0.0, 1.0
    low, high = np.percentile(z, (1.0, 99.0))
    return float(low), float(high)


class TileStore(QObject):
    """Tiles that are kept, and those that are asked for.

    What is asked for replaces what was asked for before: a tile that the view has left is never made. One worker at a
    time takes the next tile, so that the machine stays with the person.

    Parameters
    ----------
    executor : Executor
        Who works. Not shut down here.
    limit_bytes : int
        How many bytes of tiles are kept on a screen of scale 1; the ones not seen for longest go first. That is six
        windows of 1440 x 900; a finer screen takes as many more as it has pixels.
    """

    changed = Signal()
    arrived = Signal(object)
    """The keys of tiles that have just been made."""
    _made = Signal(int, object, object)

    def __init__(self, executor: Executor, limit_bytes: int = 32_000_000, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = executor
        self._limit = limit_bytes
        self._bytes = 0
        self._tiles: OrderedDict[TileKey, Tile] = OrderedDict()
        self._lock = Lock()
        self._wanted: list[TileKey] = []
        self._working = False
        self._under_way = 0  # made, and not taken yet
        self._closed = False
        self._generation = 0
        self._surface: Surface | None = None
        self._span = (0.0, 1.0)
        self._look: Relief | None = None
        self._ratio = 1.0
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)
        # Tiles come by the dozen; the map is painted for several at once.
        self._tell = QTimer(self, singleShot=True, interval=40)
        self._tell.timeout.connect(self._tell_arrived)
        self._fresh: list[TileKey] = []

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

    def _forget(self) -> None:
        self._generation += 1
        self._tiles.clear()
        self._wanted.clear()
        self._bytes = 0

    def close(self) -> None:
        """Take no more tiles; a tile that is being made is thrown away."""
        with self._lock:
            self._closed = True
            self._wanted.clear()
        self._tell.stop()

    def get(self, key: TileKey) -> Tile | None:
        """Return a tile that is ready."""
        tile = self._tiles.get(key)
        if tile is not None:
            self._tiles.move_to_end(key)
        return tile

    def others(self, scale: float) -> dict[float, list[TileKey]]:
        """Return the keys of ready tiles of other scales, by scale."""
        groups: dict[float, list[TileKey]] = {}
        for key in self._tiles:
            if key.scale != scale:
                groups.setdefault(key.scale, []).append(key)
        return groups

    def missing(self) -> tuple[str, ...]:
        """Return the names of missing terrain in what is drawn."""
        return tuple(dict.fromkeys(name for tile in self._tiles.values() for name in tile.missing))

    @property
    def any_gone(self) -> bool:
        """Whether any terrain is missing in what is drawn."""
        return any(tile.gone for tile in self._tiles.values())

    @property
    def bytes_held(self) -> int:
        """Bytes of all tiles."""
        return self._bytes

    @property
    def busy(self) -> bool:
        """Whether tiles are asked for that are not there."""
        return self._working or self._under_way > 0 or self._tell.isActive()

    def ask(self, keys: list[TileKey]) -> None:
        """Have tiles made, the first one first, instead of those asked for before."""
        if self._surface is None or self._look is None:
            return
        with self._lock:
            self._wanted = [key for key in reversed(keys) if key not in self._tiles]
            start = bool(self._wanted) and not self._working and not self._closed
            if start:
                self._working = True
        if start:
            self._executor.submit(self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted or self._closed or self._surface is None or self._look is None:
                    self._working = False
                    return
                key = self._wanted.pop()
                job = (self._surface, key, self._span, self._look, self._ratio)
                generation = self._generation
            tile = render_tile(*job)
            with self._lock:
                if self._closed:
                    self._working = False
                    return
                # Under the lock: `close` then cannot take the object away meanwhile.
                self._under_way += 1
                self._made.emit(generation, key, tile)

    def _take(self, generation: int, key: TileKey, tile: Tile) -> None:
        with self._lock:
            self._under_way -= 1
        if generation != self._generation or self._closed or key in self._tiles:
            return
        self._tiles[key] = tile
        self._bytes += tile.cost
        while self._bytes > self._limit * max(self._ratio, 1.0) ** 2 and len(self._tiles) > 1:
            _, old = self._tiles.popitem(last=False)
            self._bytes -= old.cost
        self._fresh.append(key)
        if not self._tell.isActive():
            self._tell.start()

    def _tell_arrived(self) -> None:
        fresh, self._fresh = self._fresh, []
        self.arrived.emit(fresh)
