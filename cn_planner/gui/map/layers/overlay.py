"""Coverage over the map: classes on a metric grid, drawn as premultiplied images under affine transforms.

No single affine carries a metric grid into Web Mercator well enough: over 40 km at 42 degrees north it is 50 m wrong in
the corners. The grid is cut into as many blocks, each with an affine of its own, as keep the error under a third of a
pixel at the scale that is painted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from cn_planner import geo
from cn_planner.drawing.palette import VIRIDIS
from cn_planner.gui.map.layers.base import LegendEntry, MapLayer, PaintFrame
from cn_planner.gui.map.mercator import to_world
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.gui.map.style import Style

_CUTS = (1, 2, 4, 8, 16)
_LARGEST_ERROR_PX = 0.33
_SMALLEST_LEVEL = 256
_OVERLAP_CELLS = 1.0
_USUAL_OPACITY = 0.55


@dataclass(frozen=True, slots=True)
class OverlayClass:
    """One value of an overlay: its colour, and what it means. ``dotted``: every other cell is left open."""

    value: int
    colour: str
    words: Message
    opacity: float = _USUAL_OPACITY
    dotted: bool = False


SIGNAL_CLASSES = (
    OverlayClass(3, VIRIDIS[2], msg("Likely")),
    OverlayClass(2, VIRIDIS[1], msg("Check on site")),
    OverlayClass(1, VIRIDIS[0], msg("Edge"), dotted=True),
)
"""Classes of signal at the roof: 3 likely, 2 check on site, 1 edge, 0 nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """A part of the grid: first and last column and row as edges of cells, and the affine of cell edges to world."""

    left: float
    top: float
    right: float
    bottom: float
    affine: tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class OverlayImage:
    """A finished overlay. It is built outside the window's thread by `build_overlay`.

    Attributes
    ----------
    levels : tuple of QImage
        The picture, then halved again and again for when it is small.
    cuts : tuple of (largest error in world units, blocks)
        Coarse to fine.
    bounds : (west, north, east, south) in world units
    """

    levels: tuple[QImage, ...]
    cuts: tuple[tuple[float, tuple[_Block, ...]], ...]
    bounds: tuple[float, float, float, float]
    classes: tuple[OverlayClass, ...] = field(default=())


def _corner_worlds(
    crs: str, transform: tuple[float, ...], columns: NDArray[np.float64], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return world coordinates of places given as columns and rows counted from the grid's corner."""
    a, b, c, d, e, f = transform
    # The transform leads to centres, and the centre of the first cell is half a cell from the corner.
    col, row = columns - 0.5, rows - 0.5
    lon, lat = geo.transform(crs, geo.WGS84, a * col + b * row + c, d * col + e * row + f)
    return to_world(lat, lon)


def _blocks(
    crs: str, transform: tuple[float, ...], shape: tuple[int, int], middle_x: float
) -> tuple[tuple[float, tuple[_Block, ...]], ...]:
    rows, columns = shape
    fine = _CUTS[-1]
    steps = 4 * fine
    col, row = np.meshgrid(np.linspace(0, columns, steps + 1), np.linspace(0, rows, steps + 1))
    x, y = _corner_worlds(crs, transform, col, row)
    x = middle_x + (x - middle_x) - np.floor(x - middle_x + 0.5)
    cuts = []
    for n in _CUTS:
        size = steps // n
        # All blocks of a cut are fitted by one matrix: their places differ, their lattices do not.
        one = (np.arange(n) * size)[:, None] + np.arange(size + 1)
        at = (one[:, None, :, None], one[None, :, None, :])
        first = (slice(0, size + 1), slice(0, size + 1))
        basis = np.column_stack([col[first].ravel(), row[first].ravel(), np.ones((size + 1) ** 2)])
        places = np.stack([x[at], y[at]], axis=-1).reshape(n, n, -1, 2)
        fitted = np.linalg.pinv(basis) @ places
        worst = float(np.hypot(*np.moveaxis(basis @ fitted - places, -1, 0)).max())
        blocks = []
        for j, i in np.ndindex(n, n):
            (ax, ay), (bx, by), (cx, cy) = fitted[j, i].tolist()
            left, right = col[0, i * size], col[0, (i + 1) * size]
            top, bottom = row[j * size, 0], row[(j + 1) * size, 0]
            origin = (cx - ax * left - bx * top, cy - ay * left - by * top)
            blocks.append(_Block(left, top, right, bottom, (ax, ay, bx, by, *origin)))
        cuts.append((worst, tuple(blocks)))
    return tuple(cuts)


def build_overlay(
    values: NDArray[np.uint8],
    crs: str,
    transform: tuple[float, float, float, float, float, float],
    classes: Sequence[OverlayClass] = SIGNAL_CLASSES,
) -> OverlayImage:
    """Make the picture of a grid of classes; any thread may do it.

    Parameters
    ----------
    values : uint8 array of (rows, columns)
        What is not among `classes` is not painted.
    crs : str
        Of the grid.
    transform : tuple of six floats
        To cell centres, as in `coverage.grid.Grid`.
    classes : sequence of OverlayClass
        Colour and meaning of each value.
    """
    rows, columns = values.shape
    table = np.zeros((2, 256), np.uint32)
    for one in classes:
        ink = QColor(one.colour)
        a = one.opacity
        r, g, b = (round(c * a) for c in (ink.red(), ink.green(), ink.blue()))
        table[0, one.value] = table[1, one.value] = (round(255 * a) << 24) | (r << 16) | (g << 8) | b
        if one.dotted:
            # The pattern tells it from the others in black and white.
            thin = 0.35 * a
            r, g, b = (round(c * thin) for c in (ink.red(), ink.green(), ink.blue()))
            table[1, one.value] = (round(255 * thin) << 24) | (r << 16) | (g << 8) | b
    whole = QImage(columns, rows, QImage.Format.Format_ARGB32_Premultiplied)
    pixels = np.frombuffer(whole.bits(), np.uint32).reshape(rows, columns)  # in place: a copy would be 36 MB more
    np.take(table[0], values, out=pixels, mode="clip")  # the usual mode fills a copy first
    if any(one.dotted for one in classes):
        pixels[::2, 1::2] = table[1][values[::2, 1::2]]
        pixels[1::2, ::2] = table[1][values[1::2, ::2]]
    levels = [whole]
    while min(levels[-1].width(), levels[-1].height()) > 2 * _SMALLEST_LEVEL:
        last = levels[-1]
        levels.append(
            last.scaled(
                (last.width() + 1) // 2,
                (last.height() + 1) // 2,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    mid_x, _ = _corner_worlds(crs, transform, np.array([columns / 2.0]), np.array([rows / 2.0]))
    cuts = _blocks(crs, transform, values.shape, float(mid_x[0]))
    corners = [
        (b.affine[0] * u + b.affine[2] * v + b.affine[4], b.affine[1] * u + b.affine[3] * v + b.affine[5])
        for b in cuts[2][1]
        for u, v in ((b.left, b.top), (b.right, b.top), (b.left, b.bottom), (b.right, b.bottom))
    ]
    xs, ys = zip(*corners, strict=True)
    return OverlayImage(tuple(levels), cuts, (min(xs), min(ys), max(xs), max(ys)), tuple(classes))


def paint_overlay(painter: QPainter, image: OverlayImage, view: Viewport) -> None:
    """Paint an overlay where a view shows it."""
    scale = view.scale
    left, top = view.origin
    turns = math.floor(view.x - (image.bounds[0] + image.bounds[2]) / 2 + 0.5)
    west, north, east, south = image.bounds
    box = QRectF((west + turns) * scale - left, north * scale - top, (east - west) * scale, (south - north) * scale)
    seen = box.intersected(QRectF(0, 0, view.width, view.height)).toAlignedRect()
    if painter.hasClipping():
        # A part of the picture is painted again: the rest need not be made.
        seen = seen.intersected(painter.clipBoundingRect().toAlignedRect())
    if seen.isEmpty():
        return
    blocks = next((b for error, b in image.cuts if error * scale <= _LARGEST_ERROR_PX), image.cuts[-1][1])
    whole = image.levels[0]
    cell_px = math.sqrt(box.width() * box.height() / (whole.width() * whole.height()))
    level = 0 if cell_px >= 0.75 else min(len(image.levels) - 1, max(0, math.floor(-math.log2(cell_px) + 0.4)))
    picture = image.levels[level]
    shrink_x, shrink_y = picture.width() / whole.width(), picture.height() / whole.height()
    single = len(blocks) == 1
    if single:
        inner, target = painter, None
        painter.save()
    else:
        # Blocks overlap a little, so that no seam opens between them; laid down whole, no overlap is seen.
        target = QImage(seen.size(), QImage.Format.Format_ARGB32_Premultiplied)
        target.fill(Qt.GlobalColor.transparent)
        inner = QPainter(target)
        inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    inner.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, 0.3 < cell_px < 1.4 and level > 0)
    offset_x = left - turns * scale + (0 if single else seen.x())
    offset_y = top + (0 if single else seen.y())
    for block in blocks:
        a, d, b, e, c, f = block.affine
        corners = [
            (a * u + b * v + c, d * u + e * v + f)
            for u, v in (
                (block.left, block.top),
                (block.right, block.top),
                (block.left, block.bottom),
                (block.right, block.bottom),
            )
        ]
        if not QRectF(
            (min(x for x, _ in corners)) * scale - offset_x - 2,
            (min(y for _, y in corners)) * scale - offset_y - 2,
            (max(x for x, _ in corners) - min(x for x, _ in corners)) * scale + 4,
            (max(y for _, y in corners) - min(y for _, y in corners)) * scale + 4,
        ).intersects(QRectF(seen if single else seen.translated(-seen.topLeft()))):
            continue
        lap = 0.0 if single else max(_OVERLAP_CELLS, 1.5 / cell_px)
        source = QRectF(max(block.left - lap, 0.0) * shrink_x, max(block.top - lap, 0.0) * shrink_y, 0.0, 0.0)
        source.setRight(min(block.right + lap, whole.width()) * shrink_x)
        source.setBottom(min(block.bottom + lap, whole.height()) * shrink_y)
        # From pixels of this level to those of the device.
        inner.setTransform(
            QTransform(
                a / shrink_x * scale, d / shrink_x * scale, b / shrink_y * scale, e / shrink_y * scale,
                c * scale - offset_x, f * scale - offset_y,
            ),
            single,
        )  # fmt: skip
        inner.drawImage(source, picture, source)
    if target is None:
        painter.restore()
    else:
        inner.end()
        painter.drawImage(seen.topLeft(), target)


class OverlayLayer(MapLayer):
    """Where there is signal, or any other classes on a grid; several, the later above the earlier."""

    def __init__(self, key: str = "coverage", title: Message | None = None) -> None:
        super().__init__(key, title or msg("Coverage"))
        self._images: tuple[OverlayImage, ...] = ()

    @property
    def images(self) -> tuple[OverlayImage, ...]:
        """What is shown."""
        return self._images

    def set_images(self, images: Sequence[OverlayImage]) -> None:
        """Show these instead."""
        self._images = tuple(images)
        self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what the view shows of them."""
        for image in self._images:
            paint_overlay(painter, image, frame.view)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return each class that an overlay has."""
        seen = dict.fromkeys(one for image in self._images for one in image.classes)
        return tuple(LegendEntry(one.words, partial(_class_sample, one)) for one in seen)


def _class_sample(one: OverlayClass, painter: QPainter, box: QRectF, _style: Style) -> None:
    ink = QColor(one.colour)
    ink.setAlphaF(min(one.opacity / _USUAL_OPACITY, 1.0))  # what is hardly seen on the map is pale here too
    painter.fillRect(box, ink)
    if one.dotted:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 170))
        wide, high = box.width() / 4, box.height() / 3
        for i in range(4):
            for j in range(3):
                if (i + j) % 2:
                    painter.drawRect(QRectF(box.left() + i * wide, box.top() + j * high, wide, high))
