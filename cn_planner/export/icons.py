"""The few marks that map files carry along, drawn here: nothing is fetched from the net."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.drawing.png import png_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIZE = 32
_LINE = 2.6


def _white(alpha: NDArray[np.float64]) -> bytes:
    """Return a white image of this cover: readers tint it with the style's colour."""
    rgba = np.full((*alpha.shape, 4), 255, np.uint8)
    rgba[..., 3] = np.rint(np.clip(alpha, 0.0, 1.0) * 255.0)
    return png_bytes(rgba)


def icons() -> dict[str, bytes]:
    """Return PNG images by name: ``tower``, ``place``, ``public-place``, ``home``, ``home-not-reached``."""
    y, x = np.mgrid[0:_SIZE, 0:_SIZE] + 0.5
    centre = _SIZE / 2.0
    # Signed distances, inside negative: a triangle by its three edges, a square by its sides.
    side = np.hypot(1.0, 0.5)
    triangle = np.maximum(np.maximum((abs(x - centre) - (y - 3.0) * 0.5) / side, y - 28.0), 3.0 - y)
    square = np.maximum(abs(x - centre), abs(y - centre)) - 8.0
    slash = abs(x + y - _SIZE) / np.sqrt(2.0) - _LINE / 2.0
    ring = np.maximum(square, -(square + _LINE))
    return {
        "tower": _white(0.5 - triangle),
        "place": _white(0.5 - np.maximum(triangle, -(triangle + _LINE))),
        "public-place": _white(0.5 - (np.hypot(x - centre, y - centre) - 9.0)),
        "home": _white(0.5 - square),
        "home-not-reached": _white(0.5 - np.minimum(ring, np.maximum(square, slash))),
    }
