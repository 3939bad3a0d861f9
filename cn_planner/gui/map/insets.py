"""Room on a map beside what floats on it: how much of which edge is given up for each."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QRect, QSize

Inset = tuple[float, float, float, float]


def insets(size: QSize, floats: Iterable[QRect]) -> list[Inset]:
    """Return the ways to leave room for what floats in the corners: of the left, the top, the right and the bottom.

    Of each the strip beside it may be given up, or the one above or below it; there are not many of them.
    """
    ways: list[list[Inset]] = []
    for box in floats:
        left = box.center().x() < size.width() / 2
        high = box.center().y() < size.height() / 2
        aside = box.right() + 1.0 if left else size.width() - float(box.left())
        over = box.bottom() + 1.0 if high else size.height() - float(box.top())
        ways.append(
            [(aside, 0.0, 0.0, 0.0) if left else (0.0, 0.0, aside, 0.0),
             (0.0, over, 0.0, 0.0) if high else (0.0, 0.0, 0.0, over)]
        )  # fmt: skip
    return [
        (max(left), max(top), max(right), max(bottom))
        for left, top, right, bottom in (zip(*way, (0.0,) * 4, strict=True) for way in product(*ways))
    ]
