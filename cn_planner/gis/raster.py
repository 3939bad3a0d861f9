"""Elevation files in, rasters out: SRTM .hgt read by numpy, GeoTIFF by GDAL's one named driver.

Everywhere in the program a raster's `transform` is six numbers (a, b, c, d, e, f) that lead to the CENTRE of a pixel:
``x = a * column + b * row + c``, ``y = d * column + e * row + f``. Only this module turns it into GDAL's, which leads
to the pixel's corner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cn_planner import geo
from cn_planner.errors import FileError, InputError
from cn_planner.faults import walled
from cn_planner.gis.checked import check_geotiff
from cn_planner.gis.filling import spread_heights, zeros_fill
from cn_planner.gis.kinds import HGT_NAME, HGT_SHAPES, Contents, kind_of_bytes, read_gzip, read_zip, refuse, sniff
from cn_planner.gis.pack_facts import holds_pack, no_pack, read_facts, tiles_of_heights
from cn_planner.gis.parts import Circle, FileAnswers, RasterPart, Transform, moved, part_round
from cn_planner.gis.raster_write import CACHE_MB
from cn_planner.gis.vertical import (
    HIGHEST_M,
    LOWEST_M,
    check_feet,
    drop_impossible,
    height_unit_m,
    read_heights,
    says_height,
    vertical_datum,
    vertical_unit_m,
)
from cn_planner.gis.warned import expect_no_place
from cn_planner.gis.worker import RASTERIO, Limits, sandboxed
from cn_planner.message import msg
from cn_planner.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from io import RawIOBase

    from numpy.typing import NDArray

    from cn_planner.progress import Progress

_T = TypeVar("_T")

MOST_PIXELS = 150_000_000
"""Larger rasters, and larger parts of one, are refused before they are read: 600 MB as float32."""
LEAST_CELL_M = 0.01
"""No survey from the air is finer. A smaller cell is one whose unit is wrong: degrees that are called metres."""
_HGT_VOID = -32768
_ELEVATION = msg("an elevation file (.hgt or GeoTIFF)")
_BLOCK_ROWS = 512
_MOST_MISSING = 64
"""So many tiles of a pack may be without any height for each that has some."""
_LIMITS = Limits(60.0, 2048.0)
"""Of the largest raster that is read, and of a slow disk between two strips of it."""


@dataclass(frozen=True, slots=True, eq=False)
class RasterGrid:
    """Elevation samples on the source's own grid.

    Attributes
    ----------
    name : str
        The file's name.
    values : float32 array of (rows, columns)
        Heights in m; NaN where missing.
    crs : str
        ``EPSG:n``, or WKT. x is the longitude where it is geographic.
    transform : tuple of six floats
        From column and row to the centre of a pixel: ``x = a col + b row + c``, ``y = d col + e row + f``.
    vertical_datum, source, licence : str
        What is known of them; empty where the file does not say.
    edge : float
        How many cells beyond its outermost samples the file speaks for: a half where pixels are areas, none for .hgt,
        whose outermost samples lie on the degree itself.
    part : Part, optional
        Where in the file the samples lie, where they are not all of it.
    zeros_missing : bool
        Whether samples of 0 m were taken for missing.
    """

    name: str
    values: NDArray[np.float32]
    crs: str
    transform: Transform
    vertical_datum: str = ""
    source: str = ""
    licence: str = ""
    edge: float = 0.5
    part: RasterPart | None = None
    zeros_missing: bool = False

    @property
    def whole(self) -> tuple[Transform, tuple[int, int]]:
        """Return transform and shape of the whole file, of which this may be a part."""
        if self.part is not None:
            return self.part.transform, self.part.shape
        rows, columns = self.values.shape
        return self.transform, (rows, columns)


_AS_SAID = FileAnswers()


@walled
def read_elevation(
    path: str | Path, circles: Sequence[Circle] = (), given: FileAnswers = _AS_SAID, *, progress: Progress = silent
) -> RasterGrid:
    """Read one elevation file: .hgt, .hgt.zip, .hgt.gz, GeoTIFF, or a GeoTIFF in a zip or gzip file.

    Parameters
    ----------
    path : str or Path
        The file. It is opened by what is in it, never by what it is called; only where a .hgt file lies has no other
        place than its name (N41E001: its south-western corner).
    circles : sequence of Circle
        Where only what lies within these is needed, no more is kept: a GeoTIFF may then be larger than memory.
    given : Given
        What was answered of a GeoTIFF that does not say where it lies, or what its heights are counted in.
    progress : Progress
        Told how much of a large file is read.

    Returns
    -------
    RasterGrid
        Heights in m, voids NaN. Feet are turned into m, and the source says so.

    Raises
    ------
    FileError
        Where the file is missing, empty, damaged, too large, of another kind, does not say where it lies, or has
        cells smaller than `LEAST_CELL_M`. `UnknownPlaceError` and `UnknownUnitError` where an answer would do.
    """
    path = Path(path)
    if sniff(path) != "hgt":
        return _read(path, tuple(circles), given, progress=progress)
    # Numbers in rows, for which no library is needed. Mapped, not read: of what lies beside the circles no page is
    # touched.
    grid = _hgt(path.name, np.memmap(path, np.uint8, "r"), str(path), circles)
    _check_ground(grid, str(path))
    return grid


@walled
def elevation_grid(path: str | Path) -> tuple[str, Transform, tuple[int, int]]:
    """Return CRS, transform and shape of an elevation file; of a GeoTIFF no sample is read for it.

    Raises
    ------
    FileError
        As `read_elevation`, for what can be told without the samples.
    """
    path = Path(path)
    if sniff(path) != "geotiff":
        grid = read_elevation(path)
        return (grid.crs, *grid.whole)

    return _grid_of(path)


@sandboxed(RASTERIO, _LIMITS, keeps=True)
def _grid_of(path: Path) -> tuple[str, Transform, tuple[int, int]]:
    def look(dataset: Any) -> tuple[str, Transform, tuple[int, int]]:
        return _crs_text(dataset.crs), centres_of(dataset), (dataset.height, dataset.width)

    return with_geotiff(path, str(path), look)


def _check_ground(grid: RasterGrid, where: str) -> None:
    """Raise FileError where a raster holds no height at all, or lies beside the globe."""
    if grid.part is None and not np.isfinite(grid.values).any():
        raise FileError(
            msg("This file holds no height between {low:g} and {high:g} m.", low=LOWEST_M, high=HIGHEST_M),
            where=where,
            fix=msg("Is it an elevation file, and are its heights in metres?"),
        )
    (a, b, c, d, e, f), (rows, columns) = grid.whole
    if not geo.is_geographic(grid.crs):
        middle = a * (columns - 1) / 2 + b * (rows - 1) / 2 + c, d * (columns - 1) / 2 + e * (rows - 1) / 2 + f
        if not np.isfinite(geo.transform(grid.crs, geo.WGS84, *middle)).all():
            raise FileError(
                msg("This file says that it lies at x {x:g}, y {y:g}, beside the globe.", x=middle[0], y=middle[1]),
                where=where,
                fix=msg("Get it again, or give it the right coordinates in a GIS."),
            )
        _check_cell(grid, where, *middle)
        return
    corners = [(column, row) for column in (0, columns - 1) for row in (0, rows - 1)]
    longitudes = [a * column + b * row + c for column, row in corners]
    latitudes = [d * column + e * row + f for column, row in corners]
    # Longitudes go to 360 where a source counts from Greenwich eastwards, and beyond 180 across the antimeridian.
    if min(latitudes) < -90.01 or max(latitudes) > 90.01 or min(longitudes) < -361.0 or max(longitudes) > 361.0:
        raise FileError(
            msg(
                "This file says that it lies at latitude {lat:g}, longitude {lon:g}, beside the globe.",
                lat=latitudes[0],
                lon=longitudes[0],
            ),
            where=where,
            fix=msg("Get it again, or give it the right coordinates in a GIS."),
        )
    _check_cell(grid, where, sum(longitudes) / 4, 0.0)  # on the equator: cells narrow towards the poles by nature


def _check_cell(grid: RasterGrid, where: str, x: float, y: float) -> None:
    """Raise FileError where a cell, measured on the ground about a place, is smaller than any survey's."""
    a, b, _, d, e, _ = grid.transform
    xs, ys = np.array([x, x + a, x + b]), np.array([y, y + d, y + e])
    longitude, latitude = geo.transform(grid.crs, geo.WGS84, xs, ys)
    side = float(geo.geodesics(latitude[0], longitude[0], latitude[1:], longitude[1:])[2].min())
    if side < LEAST_CELL_M:
        raise FileError(
            msg("This file says that its cells are {side:.2g} m wide: no terrain is that fine.", side=side),
            where=where,
            fix=msg("Its unit may be wrong (degrees that are called metres): give it the right one in a GIS."),
        )


@sandboxed(RASTERIO, _LIMITS, keeps=True)
def _read(path: Path, circles: Sequence[Circle], given: FileAnswers, *, progress: Progress = silent) -> RasterGrid:
    kind = sniff(path)
    if kind == "zip":
        grid = _from_contents(path, read_zip(path, (".hgt", ".tif", ".tiff"), _ELEVATION), circles, given, progress)
    elif kind == "gzip":
        grid = _from_contents(path, read_gzip(path), circles, given, progress)
    elif kind == "geotiff":
        grid = _geotiff(path.name, path, str(path), circles, given, progress)
    elif kind == "sqlite" and holds_pack(path):
        grid = read_gridded(path, read_facts(path), circles)
    else:
        raise _not_elevation(path, kind, path.name, str(path), path.stat().st_size)
    _check_ground(grid, str(path))
    return grid


def _from_contents(
    path: Path, contents: Contents, circles: Sequence[Circle], given: FileAnswers, progress: Progress
) -> RasterGrid:
    name, data = contents
    where = f"{path}/{name}"
    kind = kind_of_bytes(data[:1024], name, len(data))
    if kind == "hgt":
        return _hgt(path.name, np.frombuffer(data, np.uint8), where, circles, member=name)
    if kind == "geotiff":
        from rasterio.io import MemoryFile

        with MemoryFile(data) as memory:
            return _geotiff(path.name, memory.name, where, circles, given, progress)
    raise _not_elevation(path, kind, name, where, len(data))


def _not_elevation(path: Path, kind: str, name: str, where: str, size: int) -> FileError:
    if kind == "unknown" and HGT_NAME.search(name):
        return FileError(
            msg("An .hgt file has 2,884,802 or 25,934,402 bytes; this one has {size}.", size=size),
            where=where,
            fix=msg("The download may have been cut short: download it again."),
        )
    if kind == "unknown" and size in HGT_SHAPES:
        return FileError(
            msg("The name does not say where this .hgt file lies."),
            where=where,
            fix=msg("Give it the name of its south-western corner, such as N41E001.hgt."),
        )
    return refuse(path, kind, _ELEVATION, where)


def _hgt(name: str, data: NDArray[np.uint8], where: str, circles: Sequence[Circle], member: str = "") -> RasterGrid:
    found = HGT_NAME.search(Path(member).name) or HGT_NAME.search(name)
    if found is None:  # kind_of_bytes has looked already
        raise AssertionError(name)
    south, west = int(found[2]), int(found[4])
    south = -south if found[1] in "Ss" else south
    west = -west if found[3] in "Ww" else west
    if not (-90 <= south <= 89 and -180 <= west <= 179):
        raise FileError(
            msg("The name places this file outside the globe: {tile}.", tile=found[0]),
            where=where,
            fix=msg("Give it the name of its south-western corner, such as N41E001.hgt."),
        )
    rows, cols = HGT_SHAPES[len(data)]
    at = (1.0 / (cols - 1), 0.0, float(west), 0.0, -1.0 / (rows - 1), south + 1.0)
    part = part_round(geo.WGS84, at, (rows, cols), circles)
    raw = np.frombuffer(data, dtype=">i2").reshape(rows, cols)
    if part is not None:
        at = moved(at, part.top, part.left)
        raw = raw[part.top : part.top + part.held[0], part.left : part.left + part.held[1]]
    values = raw.astype(np.float32)
    values[raw == _HGT_VOID] = np.nan
    drop_impossible(values)
    arc_seconds = 3600 // (rows - 1)
    return RasterGrid(
        name=name,
        values=values,
        crs=geo.WGS84,
        transform=at,
        vertical_datum="EGM96",
        source=f"SRTM {arc_seconds} arc-second",
        licence="NASA/USGS, public domain",
        edge=0.0,
        part=part,
    )


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it lies on the disk: what was found of it holds until somebody touches it."""

    path: Path
    size: int
    changed_ns: int


@lru_cache(maxsize=256)
def _zeros_fill(file: _File, given: FileAnswers) -> bool:
    def look(dataset: Any) -> bool:
        return zeros_fill(spread_heights(dataset, given.unit, MOST_PIXELS))

    return with_geotiff(file.path, str(file.path), look, crs=given.crs)


def _geotiff(
    name: str,
    path: str | Path,
    where: str,
    circles: Sequence[Circle],
    given: FileAnswers = _AS_SAID,
    progress: Progress = silent,
    **how: Any,
) -> RasterGrid:
    def read(dataset: Any) -> RasterGrid:
        crs = crs_of(dataset, given)
        part = part_round(crs, centres_of(dataset), (dataset.height, dataset.width), circles)
        rows, columns = (dataset.height, dataset.width) if part is None else part.held
        _check_size(dataset, rows, columns, where, whole=not circles)
        if dataset.driver == "GPKG":
            _check_tiles(dataset, Path(path))
        grid = _read_geotiff(name, dataset, crs, part, given, where, progress)
        # A pack was made from files whose zeros were looked at.
        return _without_filling(grid, path, dataset, given) if dataset.driver == "GTiff" else grid

    return with_geotiff(path, where, read, crs=given.crs, **how)


def _without_filling(grid: RasterGrid, path: str | Path, dataset: Any, given: FileAnswers) -> RasterGrid:
    """Return a raster without zeros that stand for missing: by all of the file, whatever part of it was read."""
    zero = grid.values == 0.0
    if not zero.any():
        return grid
    if grid.part is None:
        fill = zeros_fill([grid.values])
    elif isinstance(path, Path):
        status = path.stat()
        fill = _zeros_fill(_File(path, status.st_size, status.st_mtime_ns), given)
    else:  # unpacked into memory
        fill = zeros_fill(spread_heights(dataset, given.unit, MOST_PIXELS))
    if not fill:
        return grid
    grid.values[zero] = np.nan
    return replace(grid, zeros_missing=True)


@sandboxed(RASTERIO, _LIMITS)
def read_gridded(path: Path, facts: Mapping[str, Any], circles: Sequence[Circle] = ()) -> RasterGrid:
    """Read the elevation of an area pack.

    ``facts``: what it says of itself: vertical datum, source, licence, edge. ``circles``: only what lies within them,
    where there are any. Raises FileError where there is none, or it is damaged.
    """
    grid = _geotiff(path.name, path, str(path), circles, driver="GPKG", table="elevation")
    return replace(
        grid,
        vertical_datum=str(facts.get("vertical_datum", "")),
        source=str(facts.get("source", "")),
        licence=str(facts.get("licence", "")),
        edge=0.0 if facts.get("edge") == 0.0 else 0.5,
    )


def read_window(
    source: Callable[[], RawIOBase],
    where: str,
    window: Callable[[Transform, tuple[int, int]], tuple[int, int, int, int]],
) -> RasterGrid:
    """Read a part of a GeoTIFF of heights whose bytes come from anywhere.

    Parameters
    ----------
    source : function
        Gives a file to read from, again and again; it is closed after use.
    where : str
        What it is called in messages.
    window : function of transform and shape
        Gives the first row, the row behind the last, the first column, the column behind the last.

    Raises
    ------
    FileError
        Where it is no GeoTIFF of heights, or the part is too large.
    """

    def read(dataset: Any) -> RasterGrid:
        at, shape = centres_of(dataset), (dataset.height, dataset.width)
        top, bottom, left, right = window(at, shape)
        rows, columns = bottom - top, right - left
        _check_size(dataset, rows, columns, where, whole=True)
        part = RasterPart(at, shape, top, left, (rows, columns))
        return _read_geotiff(where, dataset, _crs_text(dataset.crs), part, _AS_SAID, where)

    def give(name: str, mode: str = "rb") -> RawIOBase:
        if not mode.startswith("r") or name.endswith((".xml", ".msk", ".ovr")):  # nothing lies beside it
            raise FileNotFoundError(name)
        return source()

    return with_geotiff("window.tif", where, read, opener=give)


def with_geotiff(
    path: str | Path,
    where: str,
    read: Callable[[Any], _T],
    driver: str = "GTiff",
    *,
    crs: str = "",
    pictures: bool = False,
    **how: Any,
) -> _T:
    """Return what is read from an open GeoTIFF, or from one table of a GeoPackage.

    Parameters
    ----------
    path : str or Path
        The file.
    where : str
        What it is called in messages.
    read : function of rasterio's dataset
        It is open as long as this runs.
    driver : str
        The one driver that may open it.
    crs : str
        Where it lies, if it does not say so itself.
    pictures : bool
        Whether numbers may stand for colours, as classes of land cover do.
    how
        Other words for rasterio.

    Raises
    ------
    FileError
        Where it is damaged, lies nowhere, or is a picture.
    """
    import rasterio
    from rasterio.errors import RasterioError

    # Nothing beside the file is looked at: no world file, no .aux.xml, no overviews, no mask of others.
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": CACHE_MB}
    try:
        expect_no_place()  # a raster without one is refused by check_geotiff, in words
        with rasterio.Env(**options), rasterio.open(path, driver=driver, **how) as dataset:
            check_geotiff(dataset, where, crs, pictures=pictures)
            return read(dataset)
    except InputError as e:
        raise FileError(e.what, where=where, fix=e.fix) from e
    except (RasterioError, OSError) as e:
        if isinstance(e, FileError):
            raise
        if "memory" in str(e):
            raise MemoryError from e
        raise FileError(
            msg("The GeoTIFF is damaged or cut short."), where=where, fix=msg("Download or export it again.")
        ) from e


def _check_size(dataset: Any, rows: int, columns: int, where: str, *, whole: bool) -> None:
    block_rows, block_columns = dataset.block_shapes[0]
    if max(rows * columns, block_rows * block_columns) > MOST_PIXELS:
        raise FileError(
            msg(
                "The raster has {columns} x {rows} pixels; the limit is {limit} million.",
                columns=columns,
                rows=rows,
                limit=MOST_PIXELS // 1_000_000,
            )
            if whole
            else msg(
                "The towers need {columns} x {rows} pixels of the raster; the limit is {limit} million.",
                columns=columns,
                rows=rows,
                limit=MOST_PIXELS // 1_000_000,
            ),
            where=where,
            fix=msg("Cut the area that you need out of it, and use that.")
            if whole
            else msg("Ask for a smaller radius, or map towers that stand far apart one by one."),
        )


def _check_tiles(dataset: Any, path: Path) -> None:
    """Raise FileError where a pack says that it is far larger than the tiles in it: its size is damaged."""
    rows, columns = dataset.block_shapes[0]
    said = -(-dataset.height // rows) * -(-dataset.width // columns)
    if said > _MOST_MISSING * (1 + tiles_of_heights(path)):
        raise no_pack(path)


def crs_of(dataset: Any, given: FileAnswers) -> str:
    """Return the coordinate reference system of an open GeoTIFF, or that which was given for one that has none."""
    return _crs_text(dataset.crs) if dataset.crs else given.crs


def centres_of(dataset: Any) -> Transform:
    """Return the transform to pixel centres of an open GeoTIFF."""
    t = dataset.transform
    return t.a, t.b, t.c + (t.a + t.b) / 2, t.d, t.e, t.f + (t.d + t.e) / 2


def _read_geotiff(
    name: str,
    dataset: Any,
    crs: str,
    part: RasterPart | None,
    given: FileAnswers,
    where: str,
    progress: Progress = silent,
) -> RasterGrid:
    top, left = (0, 0) if part is None else (part.top, part.left)
    values = np.empty((dataset.height, dataset.width) if part is None else part.held, np.float32)
    for row, rows in _row_blocks(dataset, top, top + len(values)):
        window = ((row, row + rows), (left, left + values.shape[1]))
        values[row - top : row - top + rows] = read_heights(dataset, window, given.unit)
        progress((row - top + rows) / len(values))
    if not given.unit and vertical_unit_m(dataset) is None:
        check_feet(values, where)
    drop_impossible(values)
    unit_m = height_unit_m(dataset, given.unit)
    whole_at = centres_of(dataset)
    tags = dataset.tags()
    source = tags.get("TIFFTAG_IMAGEDESCRIPTION", "") or name
    return RasterGrid(
        name=name,
        values=values,
        crs=crs,
        transform=moved(whole_at, top, left),
        vertical_datum=vertical_datum(dataset.crs),
        source=source if unit_m == 1.0 else f"{source}, 1 unit of height = {unit_m:.10g} m",
        licence=tags.get("TIFFTAG_COPYRIGHT", ""),
        part=part,
    )


def _row_blocks(dataset: Any, first: int, last: int) -> Iterator[tuple[int, int]]:
    # Whole rows of the file's own blocks, so that none is unpacked twice.
    height = dataset.block_shapes[0][0]
    rows = max(height, _BLOCK_ROWS // height * height)
    row = first
    while row < last:
        end = min((row // rows + 1) * rows, last)
        yield row, end - row
        row = end


def _crs_text(crs: Any) -> str:
    wkt = str(crs.to_wkt())
    if says_height(wkt):
        return geo.horizontal(wkt)
    code = crs.to_epsg()
    text = f"EPSG:{code}" if code else wkt
    geo.transform(text, geo.WGS84, [], [])  # GDAL may know what the library that carries places over does not
    return text
