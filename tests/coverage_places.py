"""Real terrain that coverage is tried on: five countries, two of them south of the equator, one place across 42 N."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.grid import CoverageSite
from cn_planner.geo import transform
from cn_planner.gis.raster import read_elevation
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.coverage.grid import Grid

# Files, tower (latitude, longitude, height; the middle where none), radius.
PLACES = {
    "white-mountains": (["bench/utm30.tif"], (44.5337828802817, -71.438886047362, 30.0), 12_000.0),
    "catalonia": (["terrain/N41E001.hgt.zip", "terrain/N42E001.hgt.zip"], (42.0021, 1.87, 20.0), 9_000.0),
    "western-cape": (["terrain/S33E018.hgt.zip"], (-32.42, 18.9, 20.0), 9_000.0),
    "chile": (["terrain/S29W072.hgt.zip"], (-28.55, -71.3, 15.0), 9_000.0),
    "bigtujunga": (["terrain/bigtujunga.tif"], None, 9_000.0),
    "gulu": (["terrain/gulu_elevation_155m.tif"], None, 15_000.0),
}

# Five of one file, and the middle of the places: two of the five south of the equator.
ONE_FILE = {
    "white-mountains": ("bench/utm30.tif", (44.5337, -71.4388)),
    "catalonia": ("terrain/N41E001.hgt.zip", (41.8, 1.6)),
    "basque-country": ("terrain/N43W003.hgt.zip", (43.2, -2.2)),
    "western-cape": ("terrain/S33E018.hgt.zip", (-32.42, 18.9)),
    "chile": ("terrain/S29W072.hgt.zip", (-28.55, -71.3)),
}


def place(data: Path, name: str) -> tuple[Surface, CoverageSite, float]:
    """Return the ground of a place, its tower, and how far round it, m."""
    files, tower, radius = PLACES[name]
    grids = [read_elevation(data / file) for file in files]
    if name == "gulu":  # what was cut off is ground at 0 m here: an abyss all round is the hardest there is
        grids = [replace(grid, values=np.nan_to_num(grid.values, nan=0.0)) for grid in grids]
    surface = Surface(grids)
    if tower is None:
        south, west, north, east = surface.bounds
        tower = ((south + north) / 2, (west + east) / 2, 20.0)
    return surface, CoverageSite(name, *tower), radius


def cells_round(grid: Grid, site: CoverageSite, radius: float, count: int) -> tuple[tuple[int, int], np.ndarray]:
    """Return the cell of a tower, and some of the cells within its radius, drawn by lot."""
    x, y = transform("EPSG:4326", grid.crs, [site.longitude], [site.latitude])
    r, c = grid.to_cell(x, y)
    at = (int(np.floor(r[0] + 0.5)), int(np.floor(c[0] + 0.5)))
    rows, cols = np.indices(grid.shape)
    away = np.hypot((rows - at[0]) * grid.transform[4], (cols - at[1]) * grid.transform[0])
    cells = np.argwhere(away <= radius)
    return at, cells[np.random.default_rng(1).permutation(len(cells))[:count]]
