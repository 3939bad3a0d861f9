"""An area pack: elevation, tree heights and the base map of a place in one GeoPackage that fits on a stick.

The elevation is a gridded coverage of 32-bit floats (OGC 17-066r2), sample for sample as in its source; so are the tree
heights, below 0 where they were assumed for a class of land cover; what the map is
drawn from are layers with class and name; the table ``cn_pack`` says what it is, whose data it holds, what is missing,
and a sum of each part. It opens in any GIS.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import FileError
from cn_planner.faults import walled
from cn_planner.gis.base_map import BASE_LAYERS, BaseLayer
from cn_planner.gis.cover_raster import TABLE, read_all_trees
from cn_planner.gis.pack_facts import FORMAT, no_pack, read_facts
from cn_planner.gis.raster import read_gridded
from cn_planner.gis.vector import VectorLayer, settle
from cn_planner.gis.worker import OF_OUR_OWN, PYOGRIO, RASTERIO, WorkerError, in_worker, sandboxed
from cn_planner.message import msg
from cn_planner.paths import part_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cn_planner.gis.cover_raster import CoverRaster
    from cn_planner.gis.raster import RasterGrid

_TABLE = "elevation"
_TYPES = {"roads": "LineString", "rivers": "LineString", "places": "Point"}


def write_pack(
    path: Path,
    grid: RasterGrid,
    layers: Mapping[str, BaseLayer],
    facts: Mapping[str, Any],
    *,
    date: str,
    trees: CoverRaster | None = None,
) -> None:
    """Write a pack, whole or not at all; the same input gives the same bytes.

    Parameters
    ----------
    path : Path
        Where; an existing file is replaced whole.
    grid : RasterGrid
        The elevation.
    layers : mapping of str to BaseLayer
        What the map is drawn from; may be empty.
    facts : mapping
        What it says of itself: name, box, sources, what is missing; plain data.
    date : str
        ISO 8601.
    trees : CoverRaster, optional
        What stands on the ground.

    Raises
    ------
    FileError
        Where it cannot be written.
    """
    temporary = part_of(path, "gpkg")
    said = {
        "format": FORMAT, **facts, "vertical_datum": grid.vertical_datum, "source": grid.source,
        "licence": grid.licence, "edge": grid.edge, "sums": sums_of(grid, layers, trees),
    }  # fmt: skip
    if trees is not None:
        said["trees"] = {"cell_m": trees.cell_m, "source": trees.source, "licence": trees.licence, "date": date}
    vectors = [
        VectorLayer(
            f"base_{name}",
            _TYPES.get(name, "MultiPolygon"),
            layer.shapes,
            {"class": layer.classes, "name": layer.names},
        )
        for name, layer in layers.items()
        if len(layer)
    ]
    try:
        _write_rasters(temporary, grid, trees)
        if vectors:
            in_worker("vector", "write_order", str(temporary), vectors, "EPSG:4326", True)
        with closing(sqlite3.connect(temporary, isolation_level=None)) as database:
            database.execute("CREATE TABLE cn_pack (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)")
            rows = [(key, json.dumps(value, ensure_ascii=False, sort_keys=True)) for key, value in said.items()]
            database.executemany("INSERT INTO cn_pack VALUES (?, ?)", rows)
        settle(temporary, date)
        temporary.replace(path)
    except (FileError, WorkerError, sqlite3.Error, OSError) as problem:
        raise FileError(
            msg("The file cannot be written."), where=str(path), fix=msg("Check the folder, and the space on the disk.")
        ) from problem
    finally:
        temporary.unlink(missing_ok=True)


@sandboxed(RASTERIO, OF_OUR_OWN)
def _write_rasters(path: Path, grid: RasterGrid, trees: CoverRaster | None) -> None:
    import rasterio

    with rasterio.Env(GDAL_PAM_ENABLED="NO"):
        with rasterio.open(path, "w", **_profile(grid, _TABLE)) as dataset:
            dataset.write(grid.values, 1)
        if trees is not None:
            with rasterio.open(path, "w", **_profile(trees, TABLE), append_subdataset=True) as dataset:
                dataset.write(trees.values, 1)


def _profile(grid: RasterGrid | CoverRaster, table: str) -> dict[str, Any]:
    import rasterio
    from rasterio.transform import Affine

    a, b, c, d, e, f = grid.transform
    return {
        "driver": "GPKG", "dtype": "float32", "count": 1, "height": grid.values.shape[0],
        "width": grid.values.shape[1], "crs": rasterio.CRS.from_user_input(grid.crs),
        "transform": Affine(a, b, c - (a + b) / 2, d, e, f - (d + e) / 2),
        "raster_table": table, "tile_format": "TIFF",
    }  # fmt: skip


def sums_of(grid: RasterGrid, layers: Mapping[str, BaseLayer], trees: CoverRaster | None = None) -> dict[str, str]:
    """Return SHA-256 of each part: heights row by row as little-endian floats, shapes with class and name."""
    out = {_TABLE: hashlib.sha256(np.ascontiguousarray(grid.values, "<f4").tobytes()).hexdigest()}
    if trees is not None:
        out[TABLE] = hashlib.sha256(np.ascontiguousarray(trees.values, "<f4").tobytes()).hexdigest()
    for name, layer in layers.items():
        if len(layer):
            total = hashlib.sha256()
            for row in zip(layer.classes, layer.names, layer.shapes, strict=True):
                for cell in row:
                    data = cell if isinstance(cell, bytes) else cell.encode()
                    total.update(len(data).to_bytes(8, "little") + data)
            out[name] = total.hexdigest()
    return out


@walled
def read_pack(path: Path) -> tuple[RasterGrid, dict[str, BaseLayer], dict[str, Any]]:
    """Read all of a pack, and hold each part against its sum.

    Raises
    ------
    FileError
        As `read_facts`; also where a part is not what was written.
    """
    facts = read_facts(path)
    grid, layers = read_gridded(path, facts), read_pack_layers(path)
    trees = read_all_trees(path) if "trees" in facts else None
    if sums_of(grid, layers, trees) != facts.get("sums"):
        raise FileError(
            msg("The pack was damaged on its way: its sums do not agree."),
            where=str(path),
            fix=msg("Copy it again from where it was made."),
        )
    return grid, layers, facts


@sandboxed(PYOGRIO)
def read_pack_layers(path: Path) -> dict[str, BaseLayer]:
    """Return what the map is drawn from.

    Raises
    ------
    FileError
        Where it is damaged.
    """
    try:
        found = in_worker("pack", "read_pack_order", str(path.resolve()))
    except WorkerError as problem:
        raise no_pack(path) from problem
    return {name: BaseLayer(*columns) for name, columns in found.items()}


def read_pack_order(source: str) -> dict[str, list[list[Any]]]:
    """Return classes, names and shapes of the layers that a pack has: what the process does."""
    import pyogrio
    import pyogrio.raw

    there = {str(name) for name, _ in pyogrio.list_layers(source)}
    out = {}
    for name in BASE_LAYERS:
        if f"base_{name}" in there:
            meta, _, shapes, values = pyogrio.raw.read(source, layer=f"base_{name}")
            columns = dict(zip([str(one) for one in meta["fields"]], (one.tolist() for one in values), strict=True))
            out[name] = [
                [one or "" for one in columns["class"]], [one or "" for one in columns["name"]], list(shapes),
            ]  # fmt: skip
    return out
