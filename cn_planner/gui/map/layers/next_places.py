"""Places in their order, such as where to measure next: numbered rings, shown while somebody looks at their list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from cn_planner.drawing.palette import Role
from cn_planner.gui import theme
from cn_planner.gui.map.layers.base import MapLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.gui.kinds import LatLon
    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.message import Message

_RADIUS_PX, _LETTER_PX = 13.0, 13


class NextPlacesLayer(MapLayer):
    """The places, in their order.

    Parameters
    ----------
    key : str
    words : Message
        What they are: each list has a layer of its own, so that none takes the places of another.
    """

    def __init__(self, key: str, words: Message) -> None:
        super().__init__(key, words, live=True, listed=False)
        self.places: tuple[LatLon, ...] = ()

    def set_places(self, places: Sequence[LatLon]) -> None:
        """Show these, latitude and longitude; none to show nothing."""
        if tuple(places) != self.places:
            self.places = tuple(places)
            self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Put a ring with its number at each."""
        if not self.places:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius, letters = frame.px(_RADIUS_PX), QFont(painter.font())
        letters.setPixelSize(round(frame.px(_LETTER_PX)))
        painter.setFont(theme.heavier(letters))
        for number, (latitude, longitude) in enumerate(self.places, 1):
            x, y = (float(one) for one in frame.view.to_screen(latitude, longitude))
            disc = QRectF(x - radius, y - radius, 2.0 * radius, 2.0 * radius)
            painter.setPen(QPen(frame.style.colour(Role.ACCENT), frame.px(3.0)))
            painter.setBrush(frame.style.colour(Role.PAPER))
            painter.drawEllipse(disc)
            painter.setPen(frame.style.colour(Role.INK))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(number))
