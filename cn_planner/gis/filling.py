"""Zeros that fill what was cut off high ground, told from the sea by all of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.gis.vertical import drop_impossible, read_heights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

SHORE_M = 100.0
"""No sea has a shore without any ground lower than this."""
_FEWEST_HEIGHTS = 50
"""So many whole metres real ground has at the least: a wall on a plain at 0 m, of a made-up file, has few."""


def zeros_fill(blocks: Iterable[NDArray[np.float32]]) -> bool:
    """Return whether 0 stands for missing: all other ground lies high, is at least half of it, and has many heights.

    Files that were cut along a border are filled with 0 and often do not say so.

    Parameters
    ----------
    blocks : iterable of float32 arrays
        The file's heights in m, NaN where missing; no more of them are taken once low ground was seen.
    """
    zeros, others, heights = 0, 0, set[float]()
    for values in blocks:
        known = np.isfinite(values) & (values != 0.0)
        if np.min(values, where=known, initial=np.inf) <= SHORE_M:
            return False
        zeros, others = zeros + int((values == 0.0).sum()), others + int(known.sum())
        if len(heights) < _FEWEST_HEIGHTS:
            heights.update(np.unique(np.round(values[known])).tolist())
    return 0 < zeros <= others and len(heights) >= _FEWEST_HEIGHTS


def spread_heights(dataset: Any, unit: str, most_pixels: int) -> Iterator[NDArray[np.float32]]:
    """Yield the heights of all blocks of a raster that has no more than so many pixels; of a larger one so many.

    Those lie in diagonals all over it: neither a coast nor a river runs beside all of them.
    """
    stride = -(-dataset.height * dataset.width // most_pixels)
    for (row, column), window in dataset.block_windows(1):
        if (row + column) % stride == 0:
            values = read_heights(dataset, window, unit)
            drop_impossible(values)
            yield values
