"""Relief shading of a height grid: the ground that every map stands on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


_AZIMUTH, _ALTITUDE = math.radians(315.0), math.radians(45.0)
"""Where the light stands: clockwise from north, and above the horizon."""
_UP = math.sin(_ALTITUDE)
_EAST = np.float32(math.sin(_AZIMUTH) * math.cos(_ALTITUDE))
_NORTH = np.float32(math.cos(_AZIMUTH) * math.cos(_ALTITUDE))


def hillshade(
    heights_m: NDArray[np.floating],
    cell_m: float,
    *,
    exaggeration: float = 1.0,
) -> NDArray[np.float32]:
    """Return how bright each cell of a north-up grid is, 0 to 1, NaN where its height is missing.

    Parameters
    ----------
    heights_m : array (rows, columns)
        Heights; NaN missing. The first row is the northernmost.
    cell_m : float
        Size of a cell, m.
    exaggeration : float
        Factor on the heights.

    Notes
    -----
    Lambert's cosine law on the surface normal. A missing neighbour is taken at the cell's own height, so that a void
    eats no more than itself.
    """
    z = np.asarray(heights_m, dtype=np.float32)
    padded = np.pad(z, 1, mode="edge")

    def neighbour(rows: slice, columns: slice) -> NDArray[np.float32]:
        value = padded[rows, columns]
        return np.where(np.isnan(value), z, value)

    middle = slice(1, -1)
    # In place from here on: on the map of a page each array is 8 MB.
    east = neighbour(middle, slice(2, None))
    east -= neighbour(middle, slice(None, -2))
    north = neighbour(slice(None, -2), middle)
    north -= neighbour(slice(2, None), middle)
    scale = np.float32(exaggeration / (2.0 * cell_m))
    east *= scale
    north *= scale
    # The normal of the surface is (-dz/de, -dz/dn, 1).
    shade = np.asarray(_UP - east * _EAST, np.float32)
    shade -= north * _NORTH
    norm = np.square(east, out=east)
    norm += 1.0
    norm += np.square(north, out=north)
    shade /= np.sqrt(norm, out=norm)
    return np.clip(shade, 0.0, 1.0, out=shade)


def _box_mean(values: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Return the mean of 2 radius + 1 neighbours along the last axis, the edge repeated."""
    width = 2 * radius + 1
    padded = np.pad(values, ((0, 0), (radius + 1, radius)), mode="edge")
    padded[:, 0] = 0.0
    # In place: on the map of a page each array is 16 MB.
    total = np.cumsum(padded, axis=1, out=padded)
    mean = np.asarray(total[:, width:] - total[:, :-width])
    mean /= width
    return mean


def smooth(heights_m: NDArray[np.floating], cells: float) -> NDArray[np.float64]:
    """Return heights averaged over about so many cells across, twice, voids kept as they are.

    Heights that are interpolated between samples further apart than the drawing's cells are facets, and facets shade as
    a patchwork; this rounds them. It is for looking at only.
    """
    z = np.asarray(heights_m, np.float64)
    radius = int(cells / 2) if math.isfinite(cells) else 0
    known = np.isfinite(z)
    if radius < 1 or not known.any():
        return z
    # From the mean height: the running sums then keep their last digits.
    level = float(z[known].mean())
    weight, total = known.astype(np.float64), np.where(known, z - level, 0.0)
    for _ in range(2):
        weight = _box_mean(_box_mean(weight, radius).T, radius).T
    for _ in range(2):
        total = _box_mean(_box_mean(total, radius).T, radius).T
    total /= np.maximum(weight, 1e-9, out=weight)
    total += level
    total[~known] = np.nan
    return total


_DARKEST, _LIGHTEST = 120, 250
_GREY_STEP = 4
"""Greys nearer to each other than this no print tells apart; without them a picture takes half the bytes."""


def relief(shade: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return grey and alpha (rows, columns, 2) of a shading: pale enough to print over, transparent where missing."""
    missing = np.isnan(shade)
    grey = np.where(missing, 0.0, _DARKEST + (_LIGHTEST - _DARKEST) * np.clip(shade, 0.0, 1.0))
    grey = np.minimum(np.round(grey / _GREY_STEP) * _GREY_STEP, 255.0)
    return np.dstack([grey.astype(np.uint8), np.where(missing, 0, 255).astype(np.uint8)])


def usual_span(heights_m: NDArray[np.floating], otherwise: tuple[float, float]) -> tuple[float, float]:
    """Return the heights between which nearly all of these lie that are known, m; the other span where none is."""
    known = heights_m[np.isfinite(heights_m)]
    if not known.size:
        return otherwise
    low, high = np.percentile(known, (1.0, 99.0))
    return float(low), float(high)
