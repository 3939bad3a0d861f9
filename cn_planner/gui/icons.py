"""Icons: the program's own line drawings, in the colour of a role, sharp at any scale of the screen."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QImage, QPainter, QPixmap, QTransform
from PySide6.QtSvg import QSvgRenderer

from cn_planner import paths
from cn_planner.gui import theme, words

_MIRRORED = frozenset({"undo", "redo", "chevron"})
"""These point along the line of writing."""


@lru_cache(maxsize=256)
def image(name: str, colour: str, size: int, mirrored: bool) -> QImage:
    """Return an icon in a colour, `size` device pixels high."""
    text = (paths.resources() / "icons" / f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
    made = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made.transformed(QTransform(-1, 0, 0, 1, 0, 0)) if mirrored else made


def pixmap(name: str, role: str = "text", size: int = 20, ratio: float = 1.0) -> QPixmap:
    """Return an icon in the colour of a role of the look as it is now, `size` px high."""
    mirrored = name in _MIRRORED and words.is_right_to_left()
    made = QPixmap.fromImage(image(name, theme.current().hex[role], round(size * ratio), mirrored))
    made.setDevicePixelRatio(ratio)
    return made


class _Engine(QIconEngine):
    """Draws an icon in the look of the moment, so that a change of the look needs no new icons."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name, self._role = name, role

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._role)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float) -> QPixmap:  # noqa: N802
        role = "text_faint" if mode is QIcon.Mode.Disabled else self._role
        mirrored = self._name in _MIRRORED and words.is_right_to_left()
        colour = QColor(theme.current().hex[role]).name()
        return QPixmap.fromImage(image(self._name, colour, max(round(size.width() * scale), 1), mirrored))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatioF()
        side = min(rect.width(), rect.height())
        painter.drawPixmap(rect, self.scaledPixmap(QSize(side, side), mode, state, ratio))


def icon(name: str, role: str = "text") -> QIcon:
    """Return an icon that follows the look."""
    return QIcon(_Engine(name, role))


def app_icon() -> QIcon:
    """Return the program's own icon."""
    return QIcon(str(paths.resources() / "icons" / "cn-planner.svg"))
