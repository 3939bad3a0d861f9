"""Make the pack of an area: elevation joined and cut to a box, trees laid on it, and what the map is drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.errors import InputError
from cn_planner.gis.base_map import read_base_map
from cn_planner.gis.cover_raster import CoverRaster
from cn_planner.gis.osm import RIGHTS
from cn_planner.gis.pack import write_pack
from cn_planner.gis.parts import moved, place_in
from cn_planner.gis.raster import MOST_PIXELS, RasterGrid, read_elevation
from cn_planner.message import msg
from cn_planner.progress import silent
from cn_planner.terrain.surface import Surface
from cn_planner.terrain.tree_files import least_cell_m, tree_heights_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cn_planner.area.elevation_sources import GeoBox
    from cn_planner.gis.base_map import BaseLayer
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.terrain.asked import Answers

_MARGIN = 2
"""Cells beyond the box, so that heights at its edge have all their neighbours."""


@dataclass(frozen=True, slots=True)
class PackMade:
    """What went into a pack.

    Attributes
    ----------
    cells : int
        Of elevation.
    missing_pct : float
        How much of it has no height.
    things : mapping of str to int
        What the map is drawn from, by layer.
    size_bytes : int
        Of the file.
    trees_pct : float or None
        How much of it has a known height of trees; None without trees.
    """

    cells: int
    missing_pct: float
    things: Mapping[str, int]
    size_bytes: int
    trees_pct: float | None = None


def join_grids(grids: Sequence[RasterGrid], box: GeoBox) -> RasterGrid:
    """Return the elevation of files on one lattice, as one grid cut to a box; NaN where none has any.

    Raises InputError where the files have different cells, none touches the box, or the box is too large.
    """
    first = grids[0]
    places = [place_in(first.transform, one.transform) for one in grids]
    if any(one.crs != first.crs or place is None for one, place in zip(grids, places, strict=True)):
        raise InputError(
            msg("The elevation files have different cells."),
            where=", ".join(one.name for one in grids),
            fix=msg("Make a pack of files of one kind, and another pack of the others."),
        )
    rows, columns = _frame(first, box)
    top, left = max(rows[0], min(p[0] for p in places if p)), max(columns[0], min(p[1] for p in places if p))
    bottom = min(rows[1], max(p[0] + one.values.shape[0] for p, one in zip(places, grids, strict=True) if p))
    right = min(columns[1], max(p[1] + one.values.shape[1] for p, one in zip(places, grids, strict=True) if p))
    if top >= bottom or left >= right:
        raise InputError(msg("None of the elevation files lies in the box."), fix=msg("Check the box."))
    if (bottom - top) * (right - left) > MOST_PIXELS:
        raise InputError(
            msg("The box has {cells:,d} cells; the limit is {limit:,d}.", cells=(bottom - top) * (right - left),
                limit=MOST_PIXELS), fix=msg("Choose a smaller box."),
        )  # fmt: skip
    values = np.full((bottom - top, right - left), np.nan, np.float32)
    for one, place in zip(grids, places, strict=True):
        if place is None:
            continue
        height, width = one.values.shape
        low, high = max(place[0], top), min(place[0] + height, bottom)
        west, east = max(place[1], left), min(place[1] + width, right)
        if low < high and west < east:
            part = one.values[low - place[0] : high - place[0], west - place[1] : east - place[1]]
            target = values[low - top : high - top, west - left : east - left]
            np.copyto(target, part, where=np.isnan(target))  # where two have a sample each, the first given answers
    return RasterGrid(
        "pack", values, first.crs, moved(first.transform, top, left), first.vertical_datum,
        "; ".join(dict.fromkeys(one.source for one in grids if one.source)),
        "; ".join(dict.fromkeys(one.licence for one in grids if one.licence)), first.edge,
    )  # fmt: skip


def _frame(grid: RasterGrid, box: GeoBox) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return first and last row and column of a box on a grid's lattice, with the margin."""
    t = np.linspace(0.0, 1.0, 17)
    south, west, north = np.full(17, box.south), np.full(17, box.west), np.full(17, box.north)
    span = (box.east - box.west) % 360.0
    lon, lat = box.west + span * t, box.south + (box.north - box.south) * t
    lons = np.concatenate([lon, lon, west, west + span])
    lats = np.concatenate([south, north, lat, lat])
    a, b, c, d, e, f = grid.transform
    if geo.is_geographic(grid.crs):
        x, y = lons + 360.0 * round((c - box.west - span / 2) / 360.0), lats
    else:
        x, y = geo.transform(geo.WGS84, grid.crs, lons, lats)
    det = a * e - b * d
    columns, rows = (e * (x - c) - b * (y - f)) / det, (a * (y - f) - d * (x - c)) / det
    if not (np.isfinite(rows).all() and np.isfinite(columns).all()):
        raise InputError(msg("The box lies outside what the elevation's coordinates can say."))
    return (
        (math.floor(rows.min()) - _MARGIN, math.ceil(rows.max()) + _MARGIN + 1),
        (math.floor(columns.min()) - _MARGIN, math.ceil(columns.max()) + _MARGIN + 1),
    )


def make_pack(
    target: Path,
    box: GeoBox,
    elevation: Sequence[Path],
    extract: Path | None,
    *,
    name: str,
    date: str,
    none_at: Sequence[str] = (),
    trees: Sequence[tuple[Path, Answers]] = (),
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> PackMade:
    """Write the pack of a box.

    Parameters
    ----------
    target : Path
        The pack.
    box : Box
        The area.
    elevation : sequence of Path
        Files on one lattice: tiles of one kind.
    extract : Path or None
        An OpenStreetMap extract; without it there is no base map.
    name : str
        Of the area.
    date : str
        Of today, ISO 8601.
    none_at : sequence of str
        Tiles that were not to be had.
    trees : sequence of (Path, Answers)
        Files of tree heights and land cover, the first that knows a place first.
    progress, cancel
        As everywhere.

    Raises
    ------
    FileError, InputError
        Where a file cannot be read, the files do not fit together, or the pack cannot be written.
    CancelledError
        Where the user cancelled; what was there before is still there.
    """
    grids = []
    for number, path in enumerate(elevation):
        if cancel is not None:
            cancel.check()
        progress(0.5 * number / len(elevation), msg("Reading {file}", file=path.name))
        grids.append(read_elevation(path))
    grid = join_grids(grids, box)
    layers: Mapping[str, BaseLayer] = {}
    if extract is not None:
        progress(0.5, msg("Reading {file}", file=extract.name))
        east = box.east if box.west < box.east else 180.0
        layers = read_base_map(extract, (box.west, box.south, east, box.north))
    if cancel is not None:
        cancel.check()
    progress(0.7, msg("Writing {name}", name=target.name))
    facts = {
        "name": name,
        "box": [box.south, box.west, box.north, box.east],
        "date": date,
        "none_at": list(none_at),
        "base_map": RIGHTS if layers else "",
    }
    grown = _trees(grid, trees) if trees else None
    write_pack(target, grid, layers, facts, date=date, trees=grown)
    progress(1.0)
    missing = float(np.isnan(grid.values).mean()) * 100.0
    things = {key: len(layer) for key, layer in layers.items()}
    known = None if grown is None else 100.0 - grown.missing_pct
    return PackMade(grid.values.size, missing, things, target.stat().st_size, known)


def _trees(grid: RasterGrid, files: Sequence[tuple[Path, Answers]]) -> CoverRaster:
    """Return the trees of files on cells half as wide as those of the elevation, as paths look at them."""
    ground = Surface([grid])
    ground.trees = tree_heights_of(files, ground)
    a, b, c, d, e, f = grid.transform
    rows, columns = (2 * count for count in grid.values.shape)
    transform = a / 2, b / 2, c - (a + b) / 4, d / 2, e / 2, f - (d + e) / 4
    values = ground.trees_on_grid(grid.crs, transform, (rows, columns))
    if values is None or ground.trees is None:
        raise AssertionError
    rasters = ground.trees.rasters
    return CoverRaster(
        "trees", values, grid.crs, transform, least_cell_m(ground),
        "; ".join(dict.fromkeys(one.source for one in rasters if one.source)),
        "; ".join(dict.fromkeys(one.licence for one in rasters if one.licence)),
        100.0 * float(np.isnan(values).mean()),
    )  # fmt: skip
