"""The picture of all that stands still on the map: painted once, moved with the map, mended where tiles arrive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from cn_planner.gui.map.layers.relief_tiles import SIDE

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QImage

    from cn_planner.gui.map.layers.relief_tiles import TileKey
    from cn_planner.gui.map.mercator import View


@dataclass(slots=True)
class Scene:
    """The picture of all that stands still."""

    image: QImage
    view: View
    revision: int

    def shows(self, view: View, revision: int) -> bool:
        """Return whether this is the picture for a view."""
        if self.revision != revision or self.view.scale != view.scale:
            return False
        left, top = self.offset(view)
        return left <= 0 and top <= 0 and left + self.view.width >= view.width and top + self.view.height >= view.height

    def mend(self, keys: list[TileKey], paint: Callable[[QPainter, View], None]) -> None:
        """Paint anew where tiles have arrived: the whole picture would take ten times as long."""
        scale = round(self.view.scale, 3)
        left, top = self.view.origin
        boxes = [QRect(k.i * SIDE - left, k.j * SIDE - top, SIDE, SIDE) for k in keys if k.scale == scale]
        box = QRect()
        for one in boxes:
            box = box.united(one)
        box = box.intersected(self.image.rect())
        if box.isEmpty():
            return
        painter = QPainter(self.image)
        painter.setClipRect(box)
        paint(painter, self.view)
        painter.end()

    def offset(self, view: View) -> tuple[int, int]:
        """Return where the picture's corner lies in the window."""
        ox, oy = self.view.origin
        vx, vy = view.origin
        return ox - vx, oy - vy
