"""Places between the samples of a path at which the ground stands higher than a straight line from one to the next.

Within a cell of a file bilinear ground along a path is a parabola, and where the path crosses a line of samples it has
a kink; a ridge between two samples may be metres higher than either. Such places become samples of their own, as many
as it takes for the ground to stand nowhere more than `TOLERANCE_M` above what runs straight from sample to sample. What
is read off the samples (clearance, height needed, the obstacles of a model) then holds for the surface as it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.terrain.tile import ElevationTile

    Reals = NDArray[np.float64]

TOLERANCE_M = 0.02
NARROW_M = 400.0
"""Nearer than this to an end, where the first Fresnel zone is narrow, the tolerance is less in proportion ..."""
LEAST_M = 0.002
"""... down to this."""
MOST_PARTS = 64
"""Into so many parts at most is a piece of a path within a cell cut: enough for a cliff of 300 m in one cell."""
NEAR_SAMPLE = 1e-6
"""Of the way from one sample to the next: what is nearer to one of them is that sample."""
_BLOCK = 1 << 15


def places_between(
    tile: ElevationTile, row: Reals, col: Reals, at: NDArray[np.int64], distance_m: Reals, from_end_m: Reals
) -> tuple[NDArray[np.int64], Reals, NDArray[np.int64]]:
    """Return the places that samples on one file leave out.

    Parameters
    ----------
    tile : Tile
        The file.
    row, col, distance_m : float64 arrays of samples
        Where they lie on its grid, and on their paths. No two that follow each other are further apart than a cell on
        either axis.
    at : int64 array of stretches
        After which sample each begins that is to be looked at; it ends at the next.
    from_end_m : float64 array of stretches
        How far the further of its two samples is from the nearer end of the path.

    Returns
    -------
    at, distance_m : arrays of places
        After which sample each comes, and where; in no order.
    known : int64 array
        The stretches that lie on the file and on no void of it.
    """
    found_at, found, known = [], [], []
    fine = np.clip(from_end_m * (TOLERANCE_M / NARROW_M), LEAST_M, TOLERANCE_M)
    for start in range(0, len(at), _BLOCK):
        some = at[start : start + _BLOCK]
        which, share, here = _between(
            tile, row[some], col[some], row[some + 1], col[some + 1], fine[start : start + _BLOCK]
        )
        known.append(some[here])
        some = some[which]
        found_at.append(some)
        found.append(distance_m[some] + share * (distance_m[some + 1] - distance_m[some]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
    return np.concatenate(found_at), np.concatenate(found), np.concatenate(known)


def _between(
    tile: ElevationTile, r0: Reals, c0: Reals, r1: Reals, c1: Reals, fine: Reals
) -> tuple[NDArray[np.int64], Reals, NDArray[np.int64]]:
    """Return the stretches, by number, and shares of the way along them, of places left out; and those on the file."""
    values, rows, columns = tile.values, *tile.values.shape
    r0, c0, r1, c1 = (one + tile.halo for one in (r0, c0, r1, c1))
    inside = (np.minimum(r0, r1) >= 0.0) & (np.maximum(r0, r1) < rows - 1.0)
    inside &= (np.minimum(c0, c1) >= 0.0) & (np.maximum(c0, c1) < columns - 1.0)
    number = np.flatnonzero(inside)
    r0, c0, r1, c1, fine = (one[number] for one in (r0, c0, r1, c1, fine))
    by_row, by_col = _crossed(r0, r1), _crossed(c0, c1)
    first, second = np.minimum(by_row, by_col), np.maximum(by_row, by_col)
    down, right = r1 - r0, c1 - c0
    height_0, height_1 = _height(values, r0, c0), _height(values, r1, c1)
    known = ~np.isnan(height_0) & ~np.isnan(height_1)
    kink = np.zeros(len(number), np.bool_)
    for share in (first, second):
        here = _height(values, r0 + share * down, c0 + share * right)
        kink |= here - (height_0 + share * (height_1 - height_0)) > fine
    pieces = []
    for low, high in ((np.zeros(len(number)), first), (first, second), (second, np.ones(len(number)))):
        middle, wide = 0.5 * (low + high), high - low
        i = (r0 + middle * down).astype(np.int64)
        j = (c0 + middle * right).astype(np.int64)
        corners = (values[i + k, j + m].astype(np.float64) for k in (0, 1) for m in (0, 1))
        north_west, north_east, south_west, south_east = corners
        twist = north_west - north_east - south_west + south_east
        bend = -0.25 * twist * (wide * down) * (wide * right)
        with np.errstate(invalid="ignore"):
            parts = np.ceil(np.sqrt(np.maximum(bend, 0.0) / fine))
        pieces.append((low, wide, np.minimum(np.nan_to_num(parts, nan=1.0), MOST_PARTS).astype(np.int64)))
    wanted = known & (kink | np.any([parts > 1 for _, _, parts in pieces], axis=0))
    places = [(np.flatnonzero(wanted), share[wanted]) for share in (first, second)]
    for low, wide, parts in pieces:
        some = np.flatnonzero(known & (parts > 1))
        inner = parts[some] - 1
        owner = np.repeat(some, inner)
        step = np.arange(inner.sum()) - np.repeat(np.cumsum(inner) - inner, inner) + 1.0
        places.append((owner, low[owner] + wide[owner] * (step / parts[owner])))
    owner, share = np.concatenate([one for one, _ in places]), np.concatenate([two for _, two in places])
    real = (share > NEAR_SAMPLE) & (share < 1.0 - NEAR_SAMPLE)
    return number[owner[real]], share[real], number[known]


def _crossed(start: Reals, end: Reals) -> Reals:
    """Return where, from 0 to 1, a line of samples lies between two places on an axis; 0 where none does."""
    line = np.floor(np.minimum(start, end)) + 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (line - start) / (end - start)
    return np.where(line < np.maximum(start, end), share, 0.0)


def _height(values: NDArray[np.float32], row: Reals, col: Reals) -> Reals:
    i, j = row.astype(np.int64), col.astype(np.int64)
    v, u = row - i, col - j
    north = values[i, j] + u * (values[i, j + 1].astype(np.float64) - values[i, j])
    south = values[i + 1, j] + u * (values[i + 1, j + 1].astype(np.float64) - values[i + 1, j])
    height: Reals = north + v * (south - north)
    return height
