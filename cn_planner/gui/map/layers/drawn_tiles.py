"""Base maps that are painted beside the window: those in tiles, and pictures in coordinates of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from cn_planner.drawing.palette import Theme
from cn_planner.errors import FileError
from cn_planner.gis.worker import PYTHON, RASTERIO, Companion, Limits, WorkerError, WorkerLimitError
from cn_planner.gui.map.layers.base import LegendEntry, PaintFrame
from cn_planner.gui.map.layers.from_tiles import FromTiles, tiles_of
from cn_planner.gui.map.layers.kept_tiles import SIDE, KeptTiles, TileKey
from cn_planner.gui.map.mercator import EARTH_M
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from PySide6.QtCore import QObject

    from cn_planner.gui.map.style import Style

Name = tuple[str, str, float, float]
"""Class and name of a place, and where it is in world coordinates."""
_BYTES = SIDE * SIDE * 4
_LIMITS, _OF_A_PICTURE = Limits(15.0, 512.0), Limits(60.0, 768.0)
"""Of a piece: a dense town takes a second, the whole of a large picture without coarser copies half a minute."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnTile:
    """A finished tile; without an image nothing is seen there."""

    image: QImage | None = None
    names: tuple[Name, ...] = ()
    damaged: bool = False

    @property
    def cost(self) -> int:
        """Bytes that it holds."""
        return _BYTES if self.image is not None else 256


class TileSource(Protocol):
    """What paints tiles; on any thread but the window's. ``problem``: why it paints no more."""

    attribution: str
    problem: FileError | None

    def draw(self, key: TileKey, ratio: float, theme: Theme) -> DrawnTile:
        """Return a tile of the screen."""

    def close(self) -> None:
        """Let the file go; a tile that is being painted comes back empty."""


class _FileSource:
    """A file that a process of its own reads; one that takes too much is given up."""

    def __init__(self, path: Path, attribution: str, process: Companion) -> None:
        self.attribution, self.problem = attribution, cast("FileError | None", None)
        self._path, self._process = path, process

    def _ask(self, *order: Any) -> Any:
        try:
            return self._process.ask(*order)
        except WorkerLimitError as problem:
            self.problem = problem.about(self._path)
            self._process.close()  # whoever asks again is told so at once
            raise

    def close(self) -> None:
        """End the process."""
        self._process.close()


class TilesSource(_FileSource):
    """A file of tiles, pictures or lines and areas."""

    def __init__(self, path: Path, attribution: str, limits: Limits = _LIMITS) -> None:
        painter = "cn_planner.gui.map.layers.tile_painter"
        super().__init__(path, attribution, Companion(PYTHON, painter, "painter_of", str(path), limits=limits))

    def draw(self, key: TileKey, ratio: float, theme: Theme) -> DrawnTile:
        """Return a tile of the screen; one that the process died of counts as damaged."""
        try:
            pixels, names, damaged = self._ask(key.scale, key.i, key.j, ratio, theme.value)
        except (WorkerError, FileError):
            return DrawnTile(damaged=True)
        image = QImage(pixels, SIDE, SIDE, 4 * SIDE, QImage.Format.Format_ARGB32_Premultiplied) if pixels else None
        return DrawnTile(image.copy() if image is not None else None, tuple(tuple(one) for one in names), damaged)


class PictureSource(_FileSource):
    """A picture that lies anywhere on the globe."""

    def __init__(self, path: Path, attribution: str) -> None:
        picture = Companion(RASTERIO, "cn_planner.gis.picture", "pieces_of", str(path), limits=_OF_A_PICTURE)
        super().__init__(path, attribution, picture)

    def draw(self, key: TileKey, ratio: float, theme: Theme) -> DrawnTile:  # noqa: ARG002 (as sources share it)
        """Return a tile of the screen; a picture is the same in all themes."""
        side = SIDE / key.scale
        west = key.i * side - math.floor((key.i + 0.5) * side)
        box = (
            (west - 0.5) * EARTH_M,
            (0.5 - (key.j + 1) * side) * EARTH_M,
            (west + side - 0.5) * EARTH_M,
            (0.5 - key.j * side) * EARTH_M,
        )
        try:
            pixels = self._ask(box, SIDE)
        except (WorkerError, FileError):
            return DrawnTile(damaged=True)
        if pixels is None:
            return DrawnTile()
        image = QImage(pixels.data, SIDE, SIDE, 4 * SIDE, QImage.Format.Format_RGBA8888_Premultiplied)
        return DrawnTile(image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))


class DrawnTiles(KeptTiles[DrawnTile]):
    """Tiles of a source that are kept, and those that are asked for."""

    def __init__(self, executor: Executor, parent: QObject | None = None) -> None:
        super().__init__(executor, parent=parent)
        self._source: TileSource | None = None
        self._theme = Theme.LIGHT
        self._leaving: list[TileSource] = []

    @property
    def source(self) -> TileSource | None:
        """What paints them."""
        return self._source

    def set_source(self, source: TileSource | None) -> None:
        """Paint from another source; the one before is closed."""
        before = self._source
        with self._lock:
            self._source = source
            self._forget()
        if before is not None and not self._closed:
            self._leaving.append(before)
            self._executor.submit(self._let_go)  # it may be reading: the window does not wait for it
        self.changed.emit()

    def set_look(self, theme: Theme, ratio: float) -> None:
        """Paint for another theme or screen."""
        if (theme, ratio) != (self._theme, self._ratio):
            with self._lock:
                self._theme, self._ratio = theme, ratio
                self._forget()

    def _maker(self) -> Callable[[TileKey], DrawnTile] | None:
        source, ratio, theme = self._source, self._ratio, self._theme
        return None if source is None else lambda key: source.draw(key, ratio, theme)

    def names(self, scale: float) -> tuple[Name, ...]:
        """Return the names in the tiles of a scale, in the same order whichever came first."""
        return tuple(sorted({name for key, tile in self._tiles.items() if key.scale == scale for name in tile.names}))

    @property
    def any_damaged(self) -> bool:
        """Whether a part of what is drawn is damaged."""
        return any(tile.damaged for tile in self._tiles.values())

    def close(self) -> None:
        """Take no more tiles, and let the source go."""
        super().close()
        if self._source is not None:
            self._leaving.append(self._source)
        self._let_go()

    def _let_go(self) -> None:
        while self._leaving:
            self._leaving.pop().close()


class DrawnTilesLayer(FromTiles[DrawnTile]):
    """The base map that is painted beside the window."""

    namesChanged = Signal(object)  # noqa: N815
    """Names of places in what is shown."""
    failed = Signal(object)
    """What is to be said of the file."""

    def __init__(self, store: DrawnTiles) -> None:
        super().__init__("drawn_tiles", msg("Base map"), store)
        self._store = store
        self._names: tuple[Name, ...] = ()
        self._said: FileError | None = None
        store.arrived.connect(self._arrived)
        store.changed.connect(lambda: self._tell_names(()))

    def _arrived(self, keys: list[TileKey]) -> None:
        source = self._store.source
        if source is not None and source.problem is not None and source.problem is not self._said:
            self._said = source.problem
            self.failed.emit(source.problem)
        if keys:
            self._tell_names(self._store.names(keys[-1].scale))

    def _tell_names(self, names: tuple[Name, ...]) -> None:
        if names != self._names:
            self._names = names
            self.namesChanged.emit(names)

    def _part(self, tile: DrawnTile) -> QImage | None:
        return tile.image

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint the tiles that are ready, and ask for the others once the view stands still."""
        if self._store.source is None:
            return
        view = frame.view
        if not frame.quick:
            self._store.set_look(frame.style.theme, view.ratio)
            self._store.ask(tiles_of(view))
        self._draw(painter, frame)
        left, top = view.origin
        for key in tiles_of(view):
            tile = self._store.get(key)
            if tile is not None and tile.damaged:
                _hatch(painter, QRectF(key.i * SIDE - left, key.j * SIDE - top, SIDE, SIDE), frame.style)

    def ask(self, keys: list[TileKey], style: Style, ratio: float) -> None:
        """Ask for tiles that are seen otherwise than on the map, the first one first; for some windows full."""
        self._store.set_look(style.theme, ratio)
        self._store.ask(keys[: 2 * self._store.room_bytes // _BYTES])

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return the ruling of what is damaged, where any is."""
        return (LegendEntry(msg("Damaged part of the base map"), _hatch),) if self._store.any_damaged else ()

    def attribution(self) -> tuple[str, ...]:
        """Return whose map it is."""
        source = self._store.source
        return (source.attribution,) if source is not None and source.attribution else ()


def _hatch(painter: QPainter, box: QRectF, style: Style) -> None:
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(QColor(*style.relief.missing_line), 1))
    for at in range(0, int(box.width() + box.height()), 12):
        painter.drawLine(QLineF(box.left() + at, box.top(), box.left() + at - box.height(), box.bottom()))
    painter.restore()
