"""What comes from where, as a raster: which source answers in each cell, where they meet, where no height is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.terrain.tree_files import FORESTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.gis.parts import Transform
    from cn_planner.progress import CancelToken
    from cn_planner.terrain.surface import Surface

HOLE, SEAM, TOPS = 255, 254, 253
_CELLS = 900
_ROWS = 64
_MOST = 250


@dataclass(frozen=True, slots=True, eq=False)
class SourceMap:
    """Classes on a grid of degrees.

    Attributes
    ----------
    elevation : uint8 array of (rows, columns)
        1 and on: the file of `files` that answers; `SEAM`; `HOLE` where a file reaches and none has a height; else 0.
    trees : uint8 array of (rows, columns) or None
        The same of `tree_files`; `TOPS` where trees are known, but stand in the heights already.
    transform : tuple of six floats
        To cell centres.
    files, tree_files : tuple of str
        Names.
    """

    elevation: NDArray[np.uint8]
    trees: NDArray[np.uint8] | None
    transform: Transform
    files: tuple[str, ...]
    tree_files: tuple[str, ...]


def ground_map(surface: Surface, cancel: CancelToken | None = None) -> SourceMap:
    """Return what comes from where, over all that a surface reaches."""
    south, west, north, east = surface.bounds
    span = (east - west) % 360.0 or 360.0
    across = math.cos(math.radians((south + north) / 2.0))
    cell = max((north - south) / _CELLS, span * max(across, 0.05) / _CELLS)
    wide = cell / max(across, 0.05)
    rows, columns = max(1, math.ceil((north - south) / cell)), max(1, math.ceil(span / wide))
    transform = (wide, 0.0, west + wide / 2.0, 0.0, -cell, north - cell / 2.0)
    elevation = np.zeros((rows, columns), np.uint8)
    trees = np.zeros((rows, columns), np.uint8) if surface.trees is not None else None
    lon = (transform[2] + wide * np.arange(columns) + 180.0) % 360.0 - 180.0
    for first in range(0, rows, _ROWS):
        if cancel is not None:
            cancel.check()
        lat = transform[5] - cell * np.arange(first, min(first + _ROWS, rows))
        at = tuple(np.ascontiguousarray(v) for v in np.broadcast_arrays(lat[:, np.newaxis], lon[np.newaxis, :]))
        which = surface.source_at(*at)
        hole = (which < 0) & surface.reaches(*at)
        elevation[first : first + len(lat)] = np.where(hole, HOLE, np.minimum(which, _MOST - 1) + 1)
        if trees is not None and surface.trees is not None:
            known = surface.trees.source_at(*at)
            tops = (surface.trees_at(*at) == 0.0) & (surface.trees.at(*at) != 0.0)
            trees[first : first + len(lat)] = np.where(tops, TOPS, np.minimum(known, _MOST - 1) + 1)
    for seam in surface.seams:
        row = np.round((seam.places[:, 0] - transform[5]) / -cell).astype(np.int64)
        column = np.round(((seam.places[:, 1] - transform[2]) % 360.0) / wide).astype(np.int64)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        for down in (-1, 0, 1):
            r = np.clip(row[inside] + down, 0, rows - 1)
            elevation[r, column[inside]] = SEAM
            elevation[row[inside], np.clip(column[inside] + down, 0, columns - 1)] = SEAM
    names = tuple(one.name for one in surface.sources)
    others = () if surface.trees is None else tuple(one.row or FORESTS for one in surface.trees.rasters)
    return SourceMap(elevation, trees, transform, names, others)
