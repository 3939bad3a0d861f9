"""Where elevation files meet: how far they disagree, and heights that pass from one to the other without a cliff.

A file that answers first ends somewhere: at its border, or at a void of its own. Where another one answers beyond, its
outermost samples take the other's heights, and within a band their own come in linearly with the distance. Tiles on one
lattice share a line of samples: where they disagree on it the second leans to the first. The samples themselves are
changed, once, when the surface is made: to look a height up costs no more than before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner import geo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.terrain.tile import ElevationTile

    Line = NDArray[np.float64]
    Cells = tuple[NDArray[np.int64], NDArray[np.int64]]

_STRIP = 1024
_MOST_PLACES = 2000
_FEWEST = 3
_WIDEST_SHARE = 0.25
"""No band is wider than this share of a file's shorter side: something of a small survey is to be left."""


class Seam(NamedTuple):
    """Where one file ends and another answers beyond.

    Attributes
    ----------
    first, second : str
        The files' names: the one that ends, and the one that goes on.
    median_m, most_m : float
        First less second along the seam: the median, and the size that 95 % of the differences keep below.
    band_m : float
        Over how much of the first file heights pass from one to the other; 0 where they do not.
    samples : int
        How many samples were held against each other.
    places : float64 array of (places, 2)
        Latitudes and longitudes along it, not all of them.
    """

    first: str
    second: str
    median_m: float
    most_m: float
    band_m: float
    samples: int
    places: NDArray[np.float64]


class _Held(NamedTuple):
    """Samples of a rim: differences to the file beyond, which of the files that is, and where."""

    difference: NDArray[np.float64]
    other: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]


def look_through(
    tiles: Sequence[ElevationTile], latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return heights of the first file that knows each place, and which that is, -1 where none does."""
    height, which = np.full(len(latitude), np.nan), np.full(len(latitude), -1, np.int64)
    for number, tile in enumerate(tiles):
        todo = np.flatnonzero(which < 0)
        inside = tile.maybe_inside(latitude[todo], longitude[todo]) if len(todo) else None
        if inside is None:
            continue
        at = todo[inside]
        found, _ = tile.look(latitude[at], longitude[at], fills=False)
        known = ~np.isnan(found)
        height[at[known]], which[at[known]] = found[known], number
    return height, which


def blend(tiles: Sequence[ElevationTile], mates: Sequence[frozenset[int]], band_m: float) -> tuple[Seam, ...]:
    """Let heights pass from file to file; return the seams, in the order of the files that end there.

    Parameters
    ----------
    tiles : sequence of Tile
        Joined, in the order in which they answer. Samples in the bands are changed.
    mates : sequence of frozenset of int
        For each tile, which others lie on one lattice with it and hold its samples as a mosaic already.
    band_m : float
        How wide the bands are; 0: the seams are measured, nothing is changed.
    """
    found: list[Seam] = []
    for number in reversed(range(len(tiles))):
        tile, below = tiles[number], tiles[number + 1 :]
        others = [one for at, one in enumerate(below, number + 1) if at not in mates[number] and _touch(tile, one)]
        if others:
            found[:0] = _blend_one(tile, below, band_m)
    return tuple(found)


def _touch(a: ElevationTile, b: ElevationTile) -> bool:
    apart = abs((a.middle - b.middle + 180.0) % 360.0 - 180.0)
    return a.south <= b.north and b.south <= a.north and apart <= (a.east - a.west + b.east - b.west) / 2.0


def _blend_one(tile: ElevationTile, below: Sequence[ElevationTile], band_m: float) -> list[Seam]:
    values = np.pad(tile.values, 1, constant_values=np.nan)  # what lies beyond the outermost samples is not known
    row_m, column_m = _sides_m(tile)
    rows, columns = tile.grid.values.shape
    band_m = min(band_m, _WIDEST_SHARE * min(rows * row_m, columns * column_m))
    known = ~np.isnan(values)
    ends = _touching(known, ~known)  # samples that are not known beside such that are
    at_row, at_column = np.nonzero(ends)
    lat, lon = _places(tile, at_row, at_column)
    answered = look_through(below, lat, lon)[1] >= 0
    ends[at_row[~answered], at_column[~answered]] = False
    if not ends.any():
        return []
    rim = _touching(ends, known)
    at_row, at_column = np.nonzero(rim)
    lat, lon = _places(tile, at_row, at_column)
    other_m, which = look_through(below, lat, lon)
    there = which >= 0
    held = _Held((values[at_row, at_column] - other_m)[there], which[there], lat[there], lon[there])
    if band_m > 0.0:
        _pass_over(tile, below, values, rim, band_m, (row_m, column_m))
    return _seams(tile, below, held, band_m)


def _pass_over(
    tile: ElevationTile,
    below: Sequence[ElevationTile],
    values: NDArray[np.float32],
    rim: NDArray[np.bool_],
    band_m: float,
    sides_m: tuple[float, float],
) -> None:
    from scipy.ndimage import distance_transform_edt

    margin = int(band_m / sides_m[0]) + 2
    new = values[1:-1, 1:-1].copy()
    for first in range(1, len(values) - 1, _STRIP):
        last = min(first + _STRIP, len(values) - 1)
        top, bottom = max(first - margin, 0), min(last + margin, len(values))
        if not rim[top:bottom].any():
            continue
        away = distance_transform_edt(~rim[top:bottom], sampling=sides_m)[first - top : last - top, 1:-1]
        row, column = np.nonzero((away < band_m) & ~np.isnan(values[first:last, 1:-1]))
        own_share = away[row, column] / band_m
        lat, lon = _places(tile, row + first, column + 1)
        other_m = look_through(below, lat, lon)[0]
        mixed = own_share * values[row + first, column + 1] + (1.0 - own_share) * other_m
        at = (row + first - 1, column)
        new[at] = np.where(np.isnan(other_m), new[at], mixed)
    tile.take(new)


def _touching(ours: NDArray[np.bool_], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return those of `among` that touch one of `ours` by side or corner."""
    wide = ours.copy()
    wide[1:] |= ours[:-1]
    wide[:-1] |= ours[1:]
    out = wide.copy()
    out[:, 1:] |= wide[:, :-1]
    out[:, :-1] |= wide[:, 1:]
    return out & among


def _places(
    tile: ElevationTile, row: NDArray[np.int64], column: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes of samples by their place in the array with its border of one."""
    a, b, c, d, e, f = tile.grid.transform
    r, q = row - (tile.halo + 1.0), column - (tile.halo + 1.0)
    lon, lat = geo.transform(tile.grid.crs, geo.WGS84, a * q + b * r + c, d * q + e * r + f)
    return lat, lon


def _sides_m(tile: ElevationTile) -> tuple[float, float]:
    """Return height and width of a cell in the middle of a file, m."""
    a, b, c, d, e, f = tile.grid.transform
    rows, columns = tile.grid.values.shape
    x, y = a * columns / 2 + b * rows / 2 + c, d * columns / 2 + e * rows / 2 + f
    xs, ys = np.array([x, x + b, x + a]), np.array([y, y + e, y + d])
    lon, lat = geo.transform(tile.grid.crs, geo.WGS84, xs, ys)
    down, right = geo.geodesics(lat[0], lon[0], lat[1:], lon[1:])[2].tolist()
    if not tile.geographic and abs(down / np.hypot(b, e) - 1.0) < 0.005:  # true to scale: the cell is what it is called
        return float(np.hypot(b, e)), float(np.hypot(a, d))
    return down, right


def _seams(tile: ElevationTile, below: Sequence[ElevationTile], held: _Held, band_m: float) -> list[Seam]:
    found = []
    for number in np.unique(held.other).tolist():
        mine = held.other == number
        difference = held.difference[mine]
        every = max(1, len(difference) // _MOST_PLACES)
        places = np.stack([held.latitude[mine], held.longitude[mine]], axis=1)[::every]
        found.append(
            Seam(
                tile.grid.name, below[number].grid.name, float(np.median(difference)),
                float(np.percentile(np.abs(difference), 95.0)), band_m, len(difference), places,
            )
        )  # fmt: skip
    return found


def measure_mates(one: ElevationTile, two: ElevationTile, place: tuple[int, int]) -> Seam | None:
    """Return the seam of two files on one lattice, before they are joined; None where they do not meet.

    Parameters
    ----------
    one, two : Tile
        The one that answers first, and the other.
    place : (row, column)
        Of the other's first sample on the lattice of the first.

    Notes
    -----
    Where they share samples these are held against each other. Where they lie side by side, what is measured is by how
    much the step across the seam differs from the mean of the steps before and behind it.
    """
    row, column = place
    (rows, columns), (more_rows, more_columns) = one.grid.values.shape, two.grid.values.shape
    top, bottom = max(row, 0), min(row + more_rows, rows)
    left, right = max(column, 0), min(column + more_columns, columns)
    a, b = one.grid.values, two.grid.values
    if top < bottom and left < right:
        step = max(1, ((bottom - top) * (right - left)) // 1_000_000)
        mine = a[top:bottom:step, left:right].astype(np.float64)
        theirs = b[top - row : bottom - row : step, left - column : right - column]
        difference = mine - theirs
        at_row, at_column = np.nonzero(~np.isnan(difference))
        where = at_row * step + top, at_column + left
        difference = difference[at_row, at_column]
    else:
        lines = _side_by_side(a, b, place)
        if lines is None:
            return None
        outer_a, edge_a, edge_b, outer_b, where = lines
        difference = (edge_a - edge_b) + (edge_a - outer_a + outer_b - edge_b) / 2.0
        known = ~np.isnan(difference)
        difference, where = difference[known], (where[0][known], where[1][known])
    if len(difference) < _FEWEST:  # tiles that touch at a corner
        return None
    every = max(1, len(difference) // _MOST_PLACES)
    halo = one.halo + 1
    places = np.stack(_places(one, where[0][::every] + halo, where[1][::every] + halo), axis=1)
    most = float(np.percentile(np.abs(difference), 95.0))
    return Seam(
        one.grid.name, two.grid.name, float(np.median(difference)), most, 0.0, len(difference), places
    )  # fmt: skip


def lean(one: ElevationTile, two: ElevationTile, place: tuple[int, int], band_m: float) -> float:
    """Let a file's heights pass into those of another on its lattice, where both have samples on one's border.

    Tiles of one survey agree there, and nothing is changed. Where they do not, the second takes the first's heights on
    its border, and the difference fades out linearly into the second.

    Parameters
    ----------
    one, two : Tile
        The one that answers first, and the other, whose samples are changed: before they are joined.
    place : (row, column)
        Of the other's first sample on the lattice of the first.
    band_m : float
        Over how much of the second.

    Returns
    -------
    float
        Over how much of it heights pass, m; 0 where nothing was changed.
    """
    sides_m = _sides_m(two)
    band_m = min(band_m, _WIDEST_SHARE * min(n * m for n, m in zip(two.grid.values.shape, sides_m, strict=True)))
    new = None
    for turned in (False, True):
        mine, theirs = (v.grid.values.T if turned else v.grid.values for v in (one, two))
        row, column = place[::-1] if turned else place
        left, right = max(column, 0), min(column + theirs.shape[1], mine.shape[1])
        cell_m = sides_m[1] if turned else sides_m[0]
        for edge, step in ((len(mine) - 1, 1), (0, -1)):
            at = edge - row  # the second's line that lies on the first's border
            beyond = len(theirs) - 1 - at if step > 0 else at
            if right - left < _FEWEST or not 0 <= at < len(theirs) or beyond <= 0:
                continue
            own = slice(left - column, right - column)
            difference = mine[edge, left:right].astype(np.float64) - theirs[at, own]
            known = np.flatnonzero(~np.isnan(difference))
            if not len(known) or not difference[known].any():
                continue
            difference = np.interp(np.arange(right - left), known, difference[known])
            away = np.arange(min(int(band_m / cell_m), beyond) + 1)
            new = two.grid.values.copy() if new is None else new
            lines = (new.T if turned else new)[:, own]
            lines[at + step * away] += ((1.0 - away * cell_m / band_m)[:, np.newaxis] * difference).astype(np.float32)
    if new is None:
        return 0.0
    two.take(new)
    return band_m


def _side_by_side(
    a: NDArray[np.float32], b: NDArray[np.float32], place: tuple[int, int]
) -> tuple[Line, Line, Line, Line, Cells] | None:
    """Return the two lines of samples on either side of a seam without shared ones, and where the inner one lies."""
    for turned in (False, True):
        mine, theirs = (a.T, b.T) if turned else (a, b)
        row, column = place[::-1] if turned else place
        rows, columns = mine.shape
        left, right = max(column, 0), min(column + theirs.shape[1], columns)
        if left >= right or min(len(mine), len(theirs)) < 2:
            continue
        if row == rows:
            lines, at = (-2, -1, 0, 1), rows - 1
        elif row == -len(theirs):
            lines, at = (1, 0, -1, -2), 0
        else:
            continue
        own, other = slice(left, right), slice(left - column, right - column)
        along, across = np.arange(left, right), np.full(right - left, at)
        return (
            mine[lines[0], own].astype(np.float64), mine[lines[1], own].astype(np.float64),
            theirs[lines[2], other].astype(np.float64), theirs[lines[3], other].astype(np.float64),
            (along, across) if turned else (across, along),
        )  # fmt: skip
    return None
