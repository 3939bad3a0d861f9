"""What a tool is: it takes the pointer, from mouse or keyboard alike, and speaks through the canvas's signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QPainter

    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.map.map_view import MapView

DRAG_START_PX = 4.0


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is.

    Attributes
    ----------
    at : QPointF
        In pixels of the device.
    latitude, longitude : float
        On the ground.
    thing : Thing or None
        What is there.
    shift : bool
        Whether Shift is held: add to the selection, or select by a rectangle.
    """

    at: QPointF
    latitude: float
    longitude: float
    thing: Thing | None
    shift: bool = False

    @property
    def place(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.latitude, self.longitude


class Tool:
    """Work of one kind. A tool holds no more than what is under way; ``cancel`` forgets it.

    ``press`` returns whether the tool takes the drag that follows; where it does not, the map is moved.
    """

    key = ""
    title: Message = msg("Select and move")
    hint: Message = msg("")
    cursor = Qt.CursorShape.ArrowCursor
    draws = False
    """Whether arrows move a crosshair instead of the map."""

    def __init__(self, canvas: MapView) -> None:
        self.canvas = canvas

    @property
    def busy(self) -> bool:
        """Whether something is under way that Escape would undo."""
        return False

    @property
    def hidden(self) -> frozenset[Thing]:
        """What the tool itself shows for now."""
        return frozenset()

    def press(self, pointer: Pointer) -> bool:  # noqa: ARG002 (the signature that tools share)
        """Take the press of the main button."""
        return False

    def drag(self, pointer: Pointer) -> None:
        """Take a move with the button held."""

    def move(self, pointer: Pointer) -> None:
        """Take a move without a button, also the keyboard's crosshair."""

    def release(self, pointer: Pointer) -> None:
        """Take the end of a drag that `press` took."""

    def click(self, pointer: Pointer) -> None:
        """Take a press and release on one spot, or Enter."""

    def double_click(self, pointer: Pointer) -> None:
        """Take a second click on the spot."""

    def finish(self) -> None:
        """Complete what is under way."""

    def step_back(self) -> bool:
        """Take back the last step (Backspace); return whether there was one."""
        return False

    def cancel(self) -> bool:
        """Forget what is under way; return whether anything was."""
        return False

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what is under way."""
