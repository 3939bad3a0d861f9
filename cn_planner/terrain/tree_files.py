"""The files of a plan that say what stands on its ground: read within the ground's bounds, and the map's forests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.errors import InputError
from cn_planner.gis.base_map import read_base_map
from cn_planner.gis.burn import burn_areas
from cn_planner.gis.cover_raster import CoverRaster, classes_in, read_cover
from cn_planner.gis.osm import RIGHTS
from cn_planner.gis.pack import read_pack_layers
from cn_planner.gis.pack_facts import is_pack
from cn_planner.gis.parts import FileAnswers
from cn_planner.gis.tile_file import is_tile_file
from cn_planner.message import msg
from cn_planner.model.ground import FileKind, class_heights_of
from cn_planner.model.plan import TerrainFile
from cn_planner.terrain.known import file_place
from cn_planner.terrain.land_cover import SCHEMES, row_heights, scheme_of
from cn_planner.terrain.trees import TreeHeights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cn_planner.model.plan import Plan
    from cn_planner.terrain.asked import Answers
    from cn_planner.terrain.surface import Surface

_MOST_FOREST_PIXELS = 25_000_000
_M_PER_DEGREE = 111_195.0
FORESTS = "forests of the map"
"""What the forests of the base map are called among the sources."""


def least_cell_m(surface: Surface) -> float:
    """Return how fine trees are read: no finer than the steps of paths, half a cell of the ground."""
    return min((one.cell_m for one in surface.sources), default=2.0) / 2.0


def read_row(path: Path, answers: Answers, ground: Surface) -> CoverRaster:
    """Read a file that is to be added to a plan, all that the ground reaches of it.

    Raises FileError, InputError where it cannot be used, or its classes are of no table that is known and nobody said
    how high they are.
    """
    given = FileAnswers(answers.crs, answers.unit)
    if answers.kind is FileKind.TREES:
        return read_cover(path, ground.bounds, least_cell_m(ground), given, strict=True)
    classes = classes_in(path, ground.bounds, given)
    scheme, own = scheme_of(classes), class_heights_of(answers.class_heights)
    if scheme is None and not set(classes) <= own.keys():
        raise InputError(
            msg("Its classes {classes} are of no table that is known.",
                classes=", ".join(str(one) for one in classes[:40])),
            where=str(path),
            fix=msg("Say how high what stands in each is, in m, such as 1=15; 2=0."),
        )  # fmt: skip
    heights = row_heights(TerrainFile(path.name, "", "", 0.0, class_heights=answers.class_heights), scheme)
    found = read_cover(path, ground.bounds, least_cell_m(ground), given, heights, strict=True)
    source = path.name if scheme is None else scheme.name
    return replace(found, source=source)


def tree_heights_of(files: Sequence[tuple[Path, Answers]], surface: Surface) -> TreeHeights | None:
    """Return the trees of files that belong to no plan, the first that knows a place first; None of no file.

    Raises
    ------
    FileError, InputError
        As `read_row`.
    """
    rasters = tuple(read_row(path, answers, surface) for path, answers in files)
    return TreeHeights(rasters) if rasters else None


def open_trees(
    plan: Plan, plan_path: Path, surface: Surface, files: Sequence[tuple[TerrainFile, Path]]
) -> TreeHeights | None:
    """Return what is known of trees on a ground; None where nothing is.

    The file of highest priority answers; then heights that were measured come before classes of land cover, then the
    finer file. The forests of the map come last.

    Raises FileError where a file cannot be read.
    """
    order = sorted(files, key=lambda one: (-one[0].priority, one[0].kind is FileKind.LAND_COVER, one[0].cell_m))
    rasters = [_read(row, path, surface) for row, path in order]
    if plan.area.forest_m and plan.area.base_map:
        forests = _forests(plan, plan_path, surface, plan.area.forest_m)
        rasters += [forests] if forests is not None else []
    # What was measured never stands further from an end than what is assumed does.
    keep_out_m = min(plan.area.trees_keep_out_m, plan.area.canopy_keep_out_m)
    return TreeHeights(tuple(rasters), keep_out_m) if rasters else None


def _read(row: TerrainFile, path: Path, surface: Surface) -> CoverRaster:
    heights: Mapping[int, float] | None = None
    if row.kind is FileKind.LAND_COVER:
        heights = row_heights(row, next((one for one in SCHEMES if one.name == row.source), None))
    found = read_cover(path, surface.bounds, least_cell_m(surface), FileAnswers(row.crs, row.unit), heights)
    return replace(found, row=row.id)


def _forests(plan: Plan, plan_path: Path, surface: Surface, height_m: float) -> CoverRaster | None:
    """Return the forests of the base map on a raster; None where it has none, or is not at hand."""
    import shapely

    path = file_place(plan.area.base_map, plan_path.resolve().parent)
    if path is None or not path.is_file() or is_tile_file(path):
        return None  # the map itself says so where it is drawn
    south, west, north, east = surface.bounds
    box = (west, south, east if east > west else 180.0, north)
    layers = read_pack_layers(path) if is_pack(path) else read_base_map(path, box, ("forests",))
    shapes = shapely.from_wkb(np.asarray(layers["forests"].shapes if "forests" in layers else [], object))
    shapes = shapes[shapely.intersects(shapes, shapely.box(*box))] if len(shapes) else shapes
    if not len(shapes):
        return None
    left, bottom, right, top = shapely.total_bounds(shapely.intersection(shapely.envelope(shapes), shapely.box(*box)))
    across = math.cos(math.radians((bottom + top) / 2.0))
    cell_m = max(
        least_cell_m(surface),
        math.sqrt((right - left) * across * (top - bottom) * _M_PER_DEGREE**2 / _MOST_FOREST_PIXELS),
        1.0,
    )
    down, right_by = cell_m / _M_PER_DEGREE, cell_m / _M_PER_DEGREE / max(across, 0.01)
    shape = max(1, math.ceil((top - bottom) / down)), max(1, math.ceil((right - left) / right_by))
    transform = (right_by, 0.0, left + right_by / 2.0, 0.0, -down, top - down / 2.0)
    there = burn_areas(shapes.tolist(), shape, transform)
    values = np.where(there, np.float32(-height_m), np.float32(np.nan))
    return CoverRaster(FORESTS, values, geo.WGS84, transform, cell_m, path.name, RIGHTS, 100.0 * (1.0 - there.mean()))
