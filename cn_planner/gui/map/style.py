"""How the map looks in a theme: colours by role, and the symbols as small images at whole pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from cn_planner.drawing.display import Marker, Symbol
from cn_planner.drawing.palette import Role, Theme, colour
from cn_planner.gui.paint import Colours, paint_items
from cn_planner.service.path_view import PathState

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STATE_ROLES = {
    PathState.CLEAR: Role.GOOD,
    PathState.GRAZING: Role.CAUTION,
    PathState.BLOCKED: Role.BAD,
    PathState.UNKNOWN: Role.MUTED,
}


@dataclass(frozen=True, slots=True)
class Relief:
    """How terrain is tinted: from valley to summit, how dark its shade gets, and contour lines on it."""

    stops: tuple[tuple[int, int, int], ...]
    shade: tuple[float, float]
    contour: tuple[int, int, int]
    contour_opacity: float
    missing: tuple[int, int, int]
    missing_line: tuple[int, int, int]
    waiting: tuple[int, int, int]


_LIGHT = Relief(
    stops=((222, 230, 212), (231, 235, 219), (240, 236, 225), (242, 237, 233), (247, 246, 246)),
    shade=(0.50, 1.03),
    contour=(112, 98, 74),
    contour_opacity=0.30,
    missing=(205, 208, 208),
    missing_line=(178, 183, 184),
    waiting=(232, 233, 224),
)
_DARK = Relief(
    stops=((38, 49, 46), (43, 52, 49), (51, 55, 51), (58, 59, 57), (68, 69, 70)),
    shade=(0.46, 1.22),
    contour=(186, 176, 150),
    contour_opacity=0.20,
    missing=(48, 52, 54),
    missing_line=(72, 78, 80),
    waiting=(43, 50, 48),
)
_CONTRAST = Relief(
    stops=((255, 255, 255),) * 5,
    shade=(0.72, 1.0),
    contour=(0, 0, 0),
    contour_opacity=0.35,
    missing=(190, 190, 190),
    missing_line=(90, 90, 90),
    waiting=(255, 255, 255),
)


@dataclass(frozen=True, slots=True)
class Style:
    """Colours of the map in one theme."""

    theme: Theme = Theme.LIGHT

    def colour(self, role: Role, opacity: float = 1.0) -> QColor:
        """Return a role's colour."""
        return _colour(role, self.theme, opacity)

    def state(self, state: PathState) -> QColor:
        """Return the colour that helps to tell a state; line patterns tell it too."""
        return self.colour(_STATE_ROLES[state])

    @property
    def relief(self) -> Relief:
        """How terrain looks."""
        return {Theme.DARK: _DARK, Theme.BLACK_AND_WHITE: _CONTRAST}.get(self.theme, _LIGHT)

    @property
    def dark(self) -> bool:
        """Whether the ground is dark."""
        return self.theme is Theme.DARK


@lru_cache(maxsize=256)
def _colour(role: Role, theme: Theme, opacity: float) -> QColor:
    value = QColor(colour(role, theme))
    value.setAlphaF(opacity)
    return value


@lru_cache(maxsize=128)
def sprite(symbol: Symbol, size: float, role: Role, theme: Theme) -> QImage:
    """Return a symbol as an image with its place in the middle pixel; `size` is its height in device pixels."""
    half = int(np.ceil(size * 0.85)) + 1
    image = QImage(2 * half + 1, 2 * half + 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_items(painter, (Marker(symbol, half + 0.5, half + 0.5, size, role, Role.PAPER),), Colours(theme))
    painter.end()
    return image


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """A small symbol as pixels: first the pale rim of every symbol, then the symbols, so that no rim cuts a neighbour.

    Attributes
    ----------
    rim, core : int array of (n, 3)
        dx, dy and the row of `colours`.
    half : int
        How far it reaches from its middle.
    """

    rim: NDArray[np.int64]
    core: NDArray[np.int64]
    colours: NDArray[np.uint32]
    half: int


def _argb(value: QColor, opacity: float = 1.0) -> int:
    a = opacity * value.alphaF()
    r, g, b = (round(255 * c * a) for c in (value.redF(), value.greenF(), value.blueF()))
    return (round(255 * a) << 24) | (r << 16) | (g << 8) | b


@lru_cache(maxsize=64)
def stamp(symbol: Symbol, half: int, role: Role, theme: Theme) -> Stamp:
    """Return a home, school or clinic as pixels: 2 `half` + 1 high, without the rim."""
    ink, paper = _argb(_colour(role, theme, 1.0)), _argb(_colour(Role.PAPER, theme, 1.0))
    rim = _argb(_colour(Role.PAPER, theme, 1.0), 0.8)
    rows, columns = np.mgrid[-half : half + 1, -half : half + 1]
    inside = np.ones(rows.shape, np.bool_)
    if symbol.startswith("school"):
        inside = np.abs(columns) <= rows + half + max(0, half // 3)
    elif symbol is Symbol.HOME_ON_FOOT:
        inside = rows * rows + columns * columns <= (half + 0.4) ** 2
    elif symbol.startswith("clinic"):
        arm = max(0, half // 3)
        inside = (np.abs(columns) <= arm) | (np.abs(rows) <= arm)
    padded = np.pad(inside, 1)
    neighbours = [np.roll(padded, (i, j), (0, 1))[1:-1, 1:-1] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    edge = inside & ~np.logical_and.reduce(neighbours)
    filled = inside
    if symbol.endswith("not_reached"):
        # Open and crossed: the shape says it without colour.
        filled = edge | (inside & (rows == -columns))
        if half >= 5:
            edge2 = inside & ~np.logical_and.reduce(
                [np.roll(np.pad(inside & ~edge, 1), s, (0, 1))[1:-1, 1:-1] for s in ((0, 1), (1, 0), (0, -1), (-1, 0))]
            )
            filled |= edge2 | (inside & (np.abs(rows + columns) == 1))
    width = 1 if half < 5 else 2
    wide = np.pad(inside, width)
    around = np.zeros_like(wide)
    for i in range(-width, width + 1):
        for j in range(-width, width + 1):
            around |= np.roll(wide, (i, j), (0, 1))
    ring = np.argwhere(around & ~wide) - half - width
    places = np.argwhere(inside)
    core = np.column_stack([places[:, 1] - half, places[:, 0] - half, np.where(filled[inside], 0, 1)])
    rim_pixels = np.column_stack([ring[:, 1], ring[:, 0], np.full(len(ring), 2)])
    return Stamp(rim_pixels, core, np.array([ink, paper, rim], np.uint32), half + width)
