"""What the map lays on the ground, as pictures that the ground wears: the map's own layers, painted level by level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from cn_planner.drawing.ground_colours import GroundLook
from cn_planner.drawing.ground_kernels import Drape
from cn_planner.drawing.palette import Theme
from cn_planner.gui.map.layers.base import PaintFrame, paint_layer
from cn_planner.gui.map.mercator import MAX_LATITUDE, TILE, Viewport, to_world

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.coverage.ground_view import ViewGround
    from cn_planner.gui.map.layers.base import MapLayer
    from cn_planner.gui.map.style import Style

DRAPED = ("online", "drawn_tiles", "base_map", "sources", "trees", "coverage", "live_coverage", "zones")
"""Layers of the map that lie on the ground, by key; in the order that the map has them."""
_NODES = 45
_SIDE_PX = 1408
_LEAST_CELL_M = 1.0

_LIGHT = GroundLook(
    stops=((158, 184, 130), (182, 196, 142), (206, 198, 152), (200, 184, 156), (222, 216, 206)),
    shade=(0.38, 1.06),
    missing=(205, 208, 208),
    missing_line=(178, 183, 184),
    zenith=(142, 182, 221),
    horizon=(223, 232, 238),
    below=(236, 238, 236),
    cut=(158, 143, 122),
)
_DARK = GroundLook(
    stops=((56, 80, 62), (70, 86, 66), (88, 94, 76), (104, 105, 96), (130, 131, 130)),
    shade=(0.30, 1.25),
    missing=(48, 52, 54),
    missing_line=(72, 78, 80),
    zenith=(15, 21, 32),
    horizon=(46, 58, 70),
    below=(24, 28, 32),
    cut=(56, 49, 42),
)
_CONTRAST = GroundLook(
    stops=((255, 255, 255),) * 5,
    shade=(0.45, 1.0),
    missing=(190, 190, 190),
    missing_line=(90, 90, 90),
    zenith=(235, 235, 235),
    horizon=(255, 255, 255),
    below=(255, 255, 255),
    cut=(120, 120, 120),
)


def look_of(style: Style) -> GroundLook:
    """Return how the ground looks in a theme."""
    return {Theme.DARK: _DARK, Theme.BLACK_AND_WHITE: _CONTRAST}.get(style.theme, _LIGHT)


def level_view(ground: ViewGround, number: int) -> tuple[Viewport, np.ndarray, np.ndarray] | None:
    """Return the map's view of one level, and where a lattice over the level lies in it, pixels.

    None where the map does not reach so far north or south.
    """
    half = float(ground.levels.cell[number]) * (int(ground.levels.columns[number]) - 1) / 2.0
    at = np.linspace(-half, half, _NODES)
    latitude, longitude = ground.to_geo(*np.meshgrid(at, -at))
    if not np.isfinite(latitude).all() or np.abs(latitude).max() > MAX_LATITUDE - 0.1:
        return None
    x, y = to_world(latitude, longitude)
    middle = x[_NODES // 2, _NODES // 2]
    x = middle + (x - middle) - np.floor(x - middle + 0.5)
    span = max(float(x.max() - x.min()), float(y.max() - y.min()), 1e-12)
    scale = _SIDE_PX / span
    width, height = (math.ceil(float(one.max() - one.min()) * scale) + 4 for one in (x, y))
    view = Viewport(
        float(x.min() + x.max()) / 2.0, float(y.min() + y.max()) / 2.0, math.log2(scale / TILE), width, height
    )
    px, py = view.pixels(x, y)
    return view, np.ascontiguousarray(px), np.ascontiguousarray(py)


def paint_drape(layers: Iterable[MapLayer], ground: ViewGround, number: int, frame: PaintFrame) -> Drape | None:
    """Paint what the map lays on one level of the ground; None where that is nothing."""
    found = level_view(ground, number)
    shown = [one for one in layers if one.key in DRAPED and one.visible and one.opacity > 0.0]
    if found is None or not shown:
        return None
    view, x, y = found
    image = QImage(view.width, view.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    on_ground = PaintFrame(view, frame.style, frame.language, frame.mirrored)
    for layer in shown:
        paint_layer(painter, layer, on_ground)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(view.height, view.width)
    return Drape(pixels.copy(), x, y) if pixels.any() else None
