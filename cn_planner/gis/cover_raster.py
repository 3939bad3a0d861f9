"""Rasters of what stands on the ground: heights of trees, and classes of land cover, read as heights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cn_planner import geo
from cn_planner.errors import FileError
from cn_planner.gis.kinds import refuse, sniff
from cn_planner.gis.parts import FileAnswers, RasterPart, Transform, moved, part_in_box
from cn_planner.gis.raster import MOST_PIXELS, centres_of, crs_of, with_geotiff
from cn_planner.gis.vertical import UNITS_M, vertical_unit_m
from cn_planner.gis.worker import RASTERIO, Limits, sandboxed
from cn_planner.message import msg
from cn_planner.model.ground import HIGHEST_TREE_M

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Box = tuple[float, float, float, float]

_T = TypeVar("_T")

_MOST_CLASSES = 256
_STRIP = 2048
_LOOKED_AT = 1_000_000
_MARGIN = 2
_LIMITS = Limits(120.0, 2048.0)
_WANTED = msg("a raster of tree heights or land cover (GeoTIFF)")
TABLE = "trees"
"""Where an area pack holds them."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverRaster:
    """Heights of what stands on the ground.

    Attributes
    ----------
    name : str
        The file's name.
    values : float32 array of (rows, columns)
        m above ground, NaN where nothing is known; below 0 where the height is one that was assumed for a class.
    crs : str
        ``EPSG:n``, or WKT.
    transform : tuple of six floats
        To pixel centres.
    cell_m : float
        Width of a pixel of the file itself; those of `values` may be joined ones.
    source, licence : str
        As the file says.
    missing_pct : float
        How much of what was looked at has no height.
    row : str
        Which row of a plan it is of.
    """

    name: str
    values: NDArray[np.float32]
    crs: str
    transform: Transform
    cell_m: float
    source: str = ""
    licence: str = ""
    missing_pct: float = 0.0
    row: str = ""


@sandboxed(RASTERIO, _LIMITS, keeps=True)
def classes_in(path: Path, box: Box, given: FileAnswers) -> tuple[int, ...]:
    """Return the classes that a raster of land cover holds within a box, by at most a million pixels of it.

    Raises
    ------
    FileError
        Where it is none: no GeoTIFF, no whole numbers, or more of them than any table of classes has; or where it lies
        elsewhere.
    """

    def look(dataset: Any) -> tuple[int, ...]:
        if np.dtype(dataset.dtypes[0]).kind not in "iu":
            raise _no_classes(path)
        part = part_in_box(crs_of(dataset, given), centres_of(dataset), (dataset.height, dataset.width), box, 0)
        if part is None:
            raise _elsewhere(path)
        classes = _numbers(dataset, part.top, part.left, part.held)
        if len(classes) > _MOST_CLASSES:
            raise _no_classes(path)
        return classes

    return _open(path, given, look)


def bytes_in(path: Path, given: FileAnswers) -> tuple[int, ...]:
    """Return the numbers that a GeoTIFF of 8 bits holds, by at most a million pixels of it; none of any other file."""
    return _bytes_in(path, given) if sniff(path) == "geotiff" else ()


@sandboxed(RASTERIO, _LIMITS, keeps=True)
def _bytes_in(path: Path, given: FileAnswers) -> tuple[int, ...]:

    def look(dataset: Any) -> tuple[int, ...]:
        whole = dataset.height, dataset.width
        return _numbers(dataset, 0, 0, whole) if dataset.dtypes[0] == "uint8" else ()

    return _open(path, given, look)


def _numbers(dataset: Any, top: int, left: int, shape: tuple[int, int]) -> tuple[int, ...]:
    (rows, columns), every = shape, max(1, math.isqrt(shape[0] * shape[1] // _LOOKED_AT))
    window = ((top, top + rows), (left, left + columns))
    found = np.unique(dataset.read(1, window=window, out_shape=(-(-rows // every), -(-columns // every))))
    nodata = dataset.nodatavals[0]
    return tuple(int(one) for one in found.tolist() if nodata is None or one != nodata)


def _elsewhere(path: Path) -> FileError:
    return FileError(
        msg("This raster lies elsewhere than the terrain of the plan."),
        where=str(path),
        fix=msg("Is it the right one, and in the right coordinates?"),
    )


def _no_classes(path: Path) -> FileError:
    return FileError(
        msg("This raster holds measured numbers, not classes of land cover."),
        where=str(path),
        fix=msg("If they are heights of trees, add it --as trees; if they are heights of the ground, without --as."),
    )


@sandboxed(RASTERIO, _LIMITS, keeps=True)
def read_cover(
    path: Path,
    box: Box,
    least_cell_m: float,
    given: FileAnswers,
    heights: Mapping[int, float] | None = None,
    *,
    strict: bool = False,
) -> CoverRaster:
    """Read what stands on the ground within a box.

    Parameters
    ----------
    path : Path
        A GeoTIFF, or an area pack that holds tree heights.
    box : (south, west, north, east)
        Degrees.
    least_cell_m : float
        Pixels finer than this are joined to blocks that are not wider, each with its greatest height: a path that
        takes a sample every so often then misses no tree.
    given : Given
        What was answered of a file that does not say it.
    heights : mapping of class to m, optional
        Where the numbers are classes of land cover.
    strict : bool
        Whether a file that has nothing within the box is refused; else it knows nothing anywhere.

    Raises
    ------
    FileError
        Where the file is missing, damaged, too large, of another kind, or holds no such numbers.
    """

    def read(dataset: Any) -> CoverRaster:
        crs, at, shape = crs_of(dataset, given), centres_of(dataset), (dataset.height, dataset.width)
        cell_m = _cell_m(crs, at, shape)
        if not cell_m > 0.01:
            raise FileError(msg("This raster lies beside the globe."), where=str(path))
        every = max(1, int(1.01 * least_cell_m / cell_m))  # a projection is true to a percent
        part = part_in_box(crs, at, shape, box, _MARGIN * every)
        if part is None and strict:
            raise _elsewhere(path)
        if part is None:
            return CoverRaster(path.name, np.full((1, 1), np.nan, np.float32), crs, at, cell_m, missing_pct=100.0)
        if part.held[0] * part.held[1] > MOST_PIXELS * every**2:
            raise FileError(
                msg("The raster has {columns} x {rows} pixels; the limit is {limit} million.", columns=part.held[1],
                    rows=part.held[0], limit=MOST_PIXELS // 1_000_000),
                where=str(path), fix=msg("Cut the area that you need out of it, and use that."),
            )  # fmt: skip
        values = _joined(dataset, part, every, given, heights)
        if strict and not np.isfinite(values).any():
            raise FileError(
                msg("This file holds no height of trees between 0 and {high:g} m.", high=HIGHEST_TREE_M),
                where=str(path),
                fix=msg("Is it a raster of tree heights? Land cover is added --as land-cover."),
            )
        tags = dataset.tags()
        a, b, c, d, e, f = moved(at, part.top, part.left)
        half = (every - 1) / 2
        return CoverRaster(
            path.name, values, crs,
            (a * every, b * every, c + (a + b) * half, d * every, e * every, f + (d + e) * half),
            cell_m, tags.get("TIFFTAG_IMAGEDESCRIPTION", "") or path.name, tags.get("TIFFTAG_COPYRIGHT", ""),
            100.0 * float(np.isnan(values).mean()),
        )  # fmt: skip

    return _open(path, given, read)


@sandboxed(RASTERIO, _LIMITS)
def read_all_trees(path: Path) -> CoverRaster:
    """Read the tree heights of an area pack, pixel for pixel.

    Raises FileError where it has none, or they are damaged.
    """
    return read_cover(path, (-90.0, -180.0, 90.0, 180.0), 0.0, FileAnswers())


def _open(path: Path, given: FileAnswers, read: Callable[[Any], _T]) -> _T:
    kind = sniff(path)
    if kind == "geotiff":
        return with_geotiff(path, str(path), read, crs=given.crs, pictures=True)
    if kind == "sqlite":
        return with_geotiff(path, str(path), read, driver="GPKG", table=TABLE)
    raise refuse(path, kind, _WANTED)


def _cell_m(crs: str, at: Transform, shape: tuple[int, int]) -> float:
    a, b, c, d, e, f = at
    x, y = a * shape[1] / 2 + b * shape[0] / 2 + c, d * shape[1] / 2 + e * shape[0] / 2 + f
    lon, lat = geo.transform(crs, geo.WGS84, np.array([x, x + a, x + b]), np.array([y, y + d, y + e]))
    return float(geo.geodesics(lat[0], lon[0], lat[1:], lon[1:])[2].min())


def _joined(
    dataset: Any, part: RasterPart, every: int, given: FileAnswers, heights: Mapping[int, float] | None
) -> NDArray[np.float32]:
    """Return heights of blocks of pixels, the greatest of each; by strips, so that a large file is never whole."""
    rows, columns = (max(1, -(-count // every)) for count in part.held)
    out = np.full((rows, columns), np.nan, np.float32)
    strip = max(1, _STRIP // every) * every
    nodata = dataset.nodatavals[0]
    unit_m = UNITS_M.get(given.unit) or vertical_unit_m(dataset) or 1.0
    scale, offset = dataset.scales[0] * unit_m, dataset.offsets[0] * unit_m
    for start in range(0, part.held[0], strip):
        end = min(start + strip, part.held[0])
        window = ((part.top + start, part.top + end), (part.left, part.left + part.held[1]))
        raw = dataset.read(1, window=window)
        if heights is None:
            found = _heights(raw, scale, offset, signed=dataset.driver == "GPKG")
        else:
            found = _of_classes(raw, heights)
        if nodata is not None and not np.isnan(nodata):
            found[raw == np.asarray(nodata).astype(raw.dtype)] = np.nan
        if every > 1:
            found = _greatest(found, every)
        out[start // every : start // every + len(found)] = found
    return out


def _heights(raw: NDArray[Any], scale: float, offset: float, *, signed: bool) -> NDArray[np.float32]:
    found = raw.astype(np.float32)
    if scale != 1.0 or offset != 0.0:
        found = (found * scale + offset).astype(np.float32)
    with np.errstate(invalid="ignore"):
        found[(found < (-HIGHEST_TREE_M if signed else 0.0)) | (found > HIGHEST_TREE_M)] = np.nan
    return found


def _of_classes(raw: NDArray[Any], heights: Mapping[int, float]) -> NDArray[np.float32]:
    table = np.full(1 << 16, np.nan, np.float32)
    for number, height in heights.items():
        table[number] = -height
    # Of a type of its own: a plain number takes that of the raster, of which one byte cannot hold it.
    none = np.uint16(len(table) - 1)
    return table[np.where((raw >= 0) & (raw < none), raw, none).astype(np.uint16)]


def _greatest(values: NDArray[np.float32], every: int) -> NDArray[np.float32]:
    """Return the tallest of each block of pixels, NaN where none of them is known."""
    rows, columns = (-(-count // every) * every for count in values.shape)
    padded = np.full((rows, columns), np.nan, np.float32)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows // every, every, columns // every, every)
    tallest = np.fmax.reduce(np.fmax.reduce(np.abs(blocks), axis=3), axis=1)
    measured = np.fmax.reduce(np.fmax.reduce(blocks, axis=3), axis=1)
    return np.asarray(np.where(measured == tallest, tallest, -tallest), np.float32)
