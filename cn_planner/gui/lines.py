"""Lines of text that run from the right, written up to their edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextLayout, QTextOption

if TYPE_CHECKING:
    from PySide6.QtGui import QFont, QPainter


def laid_out(words: str, font: QFont, width: float, *, centred: bool = False) -> tuple[QTextLayout, float]:
    """Return words in lines of a width that run from the right, and how high the lines are together.

    What Qt draws as a text with breaks it moves off its edge, by the space at which it broke the line: the line begins
    too late and runs over its other edge. A layout of its own does not.
    """
    made = QTextLayout(words.replace("\n", "\u2028"), font)
    option = QTextOption(Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignRight)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft)
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    made.setTextOption(option)
    made.beginLayout()
    high = 0.0
    while (line := made.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0.0, high))
        high += line.height()
    made.endLayout()
    return made, high


def write_lines(painter: QPainter, place: QRectF, alignment: Qt.AlignmentFlag, words: str) -> None:
    """Write words in lines that run from the right, with the painter's font and pen."""
    lines, high = laid_out(
        words, painter.font(), place.width(), centred=bool(alignment & Qt.AlignmentFlag.AlignHCenter)
    )
    down = 0.0
    if alignment & Qt.AlignmentFlag.AlignVCenter:
        down = (place.height() - high) / 2.0
    elif alignment & Qt.AlignmentFlag.AlignBottom:
        down = place.height() - high
    lines.draw(painter, place.topLeft() + QPointF(0.0, round(down)))
