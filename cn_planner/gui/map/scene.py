"""The picture of all that stands still on the map: painted once, moved with the map, mended where tiles arrive.

Where the map is moved beyond the picture, what is in it is moved and only what is new at its edges is painted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter, QRegion

from cn_planner.gui.map.layers.kept_tiles import SIDE

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.map.layers.kept_tiles import TileKey
    from cn_planner.gui.map.mercator import Viewport


@dataclass(slots=True)
class Scene:
    """The picture of all that stands still."""

    image: QImage
    view: Viewport
    revision: int
    mended: bool = False
    """Whether some of it was painted later than the rest."""
    spare: QImage = field(default_factory=QImage)
    """What was the picture before: two take turns, so that none is made while the map moves."""

    def shows(self, view: Viewport, revision: int) -> bool:
        """Return whether this is the picture for a view."""
        if self.revision != revision or self.view.scale != view.scale:
            return False
        left, top = self.offset(view)
        return left <= 0 and top <= 0 and left + self.view.width >= view.width and top + self.view.height >= view.height

    def follow(self, view: Viewport, revision: int, paint: Callable[[QPainter, Viewport], None]) -> bool:
        """Become the picture for another view of the same scale, as large as this one, where they share enough.

        Returns
        -------
        bool
            Whether it did; else the whole is to be painted.
        """
        if self.revision != revision or self.view.scale != view.scale:
            return False
        if (self.view.width, self.view.height) != (view.width, view.height):
            return False
        left, top = self.offset(view)
        whole = QRect(0, 0, view.width, view.height)
        kept = whole.translated(left, top).intersected(whole)
        if 2 * kept.width() * kept.height() < view.width * view.height:
            return False
        image = self.spare
        if image.size() != self.image.size():
            image = QImage(self.image.size(), self.image.format())
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(QPoint(left, top), self.image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        # The stubs do not say that a region is a sequence of its rectangles.
        for box in QRegion(whole).subtracted(QRegion(kept)):  # type: ignore[attr-defined]
            painter.save()
            painter.setClipRect(box)
            paint(painter, view)
            painter.restore()
        painter.end()
        self.image, self.spare, self.view, self.mended = image, self.image, view, True
        return True

    def mend(self, keys: list[TileKey], paint: Callable[[QPainter, Viewport], None]) -> None:
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

    def offset(self, view: Viewport) -> tuple[int, int]:
        """Return where the picture's corner lies in the window."""
        ox, oy = self.view.origin
        vx, vy = view.origin
        return ox - vx, oy - vy
