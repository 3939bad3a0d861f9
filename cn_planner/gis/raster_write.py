"""Rasters out: GeoTIFF by rasterio, whole or not at all, also of more than memory holds.

What is whole in memory goes to the process that reads rasters: rasterio and its GDAL take 40 MB of the window's else.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import FileError, InputError
from cn_planner.gis.worker import OF_OUR_OWN, RASTERIO, sandboxed
from cn_planner.message import msg
from cn_planner.paths import part_of
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.gis.parts import RasterPart, Transform

CACHE_MB = 64
"""Blocks that GDAL keeps; its own 5 % of the machine's memory would soon be more than what is asked for."""
SPARSE_CELLS = 50_000_000
"""In a larger raster, blocks in which there is no answer are left out of the file, which readers take as such."""
_TILE = 256


@dataclass(frozen=True, slots=True)
class BandNote:
    """What a file says of one of its bands.

    Attributes
    ----------
    description : str
        Its name; a GIS lists it.
    unit : str
        Of its values; empty where they have none.
    tags : mapping
        More, by name.
    """

    description: str = ""
    unit: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileNote:
    """What a file says of itself.

    Attributes
    ----------
    title : str
    rights : str
        Whose data it rests on, and on what terms.
    tags : mapping
        More, by name.
    colours : mapping of int to (red, green, blue, opacity)
        Of a single band of bytes: in what colour its values are shown.
    """

    title: str = ""
    rights: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[int, tuple[int, int, int, int]] = field(default_factory=dict)


class GeoTiff:
    """A GeoTIFF that is being written: `new_geotiff` makes it."""

    def __init__(self, dataset: Any, empty: float, *, sparse: bool) -> None:
        self._dataset, self._empty, self._sparse = dataset, empty, sparse
        self._written: list[tuple[int, tuple[tuple[int, int], tuple[int, int]], int]] = []

    def write(self, number: int, data: NDArray[Any], top: int = 0, left: int = 0) -> None:
        """Write one band, numbered from 0, once: what of it lies from a row and column on; the rest is nodata."""
        rows, columns = self._dataset.shape
        bottom, right = top + data.shape[0], left + data.shape[1]
        sparse = self._sparse
        first, last = (left // _TILE * _TILE, min(-(-right // _TILE) * _TILE, columns)) if sparse else (0, columns)
        for row in range(0, rows, _TILE):  # whole blocks at a time: none is packed twice
            end = min(row + _TILE, rows)
            low, high = max(row, top), min(end, bottom)
            if sparse and low >= high:
                continue
            if (low, high, left, right) == (row, end, first, last):
                strip = data[low - top : high - top]
            else:
                strip = np.full((end - row, last - first), self._empty, data.dtype)
                if low < high:
                    strip[low - row : high - row, left - first : right - first] = data[low - top : high - top]
            strip, window = np.ascontiguousarray(strip), ((row, end), (first, last))
            self._dataset.write(strip, number + 1, window=window)
            self._written.append((number + 1, window, zlib.crc32(strip.data)))

    def same_in(self, dataset: Any) -> bool:
        """Return whether a file that was opened again holds what was written."""
        return all(
            zlib.crc32(np.ascontiguousarray(dataset.read(number, window=window)).data) == told
            for number, window, told in self._written
        )


@contextmanager
def new_geotiff(
    path: str | Path,
    dtype: np.dtype[Any],
    shape: tuple[int, int],
    crs: str,
    transform: Transform,
    nodata: float | None,
    bands: Sequence[BandNote],
    note: FileNote | None = None,
    *,
    sparse: bool = False,
) -> Iterator[GeoTiff]:
    """Write a GeoTIFF band by band; it is in its place when the block ends without an error, else what was there is.

    Parameters
    ----------
    path : str or Path
        Where.
    dtype : numpy dtype
        uint8, uint16, int16, int32, float32 or float64.
    shape : (int, int)
        Rows and columns of the file.
    crs, transform, nodata
        As for `write_geotiff`.
    bands : sequence of BandNote
        One a band. A band of which nothing is written holds nodata, or 0 where there is none.
    note : FileNote, optional
        Of the file.
    sparse : bool
        Whether blocks of which nothing is written are left out, however small the file. A band may then be written in
        parts that have no block in common.

    Raises
    ------
    FileError
        Where the file cannot be written.
    """
    path = Path(path)
    temporary = part_of(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(str(path))
        with _written(temporary, dtype, shape, (crs, transform), nodata, bands, note, sparse=sparse) as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise _not_written(path) from error
    finally:
        temporary.unlink(missing_ok=True)


def _not_written(path: Path) -> FileError:
    return FileError(
        msg("The file cannot be written."), where=str(path), fix=msg("Check the folder, and the space on the disk.")
    )


@contextmanager
def _written(
    path: Path,
    dtype: np.dtype[Any],
    shape: tuple[int, int],
    place: tuple[str, Transform],
    nodata: float | None,
    bands: Sequence[BandNote],
    note: FileNote | None,
    *,
    sparse: bool,
) -> Iterator[GeoTiff]:
    """Write a GeoTIFF at its path, and read it back; OSError where it cannot be written whole."""
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.transform import Affine

    note, (crs, (a, b, c, d, e, f)), (rows, columns) = note or FileNote(), place, shape
    tiled = rows >= _TILE and columns >= _TILE
    sparse = sparse or rows * columns > SPARSE_CELLS
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "count": len(bands),
        "height": rows,
        "width": columns,
        "dtype": dtype.name,
        "crs": rasterio.CRS.from_user_input(crs),
        "transform": Affine(a, b, c - (a + b) / 2, d, e, f - (d + e) / 2),
        "nodata": nodata,
        "compress": "deflate",
        "predictor": 3 if dtype.kind == "f" else 2,
        "interleave": "band",
        "tiled": tiled,
        "num_threads": 1,
        "bigtiff": "if_safer",
    }
    if tiled:
        profile |= {"blockxsize": _TILE, "blockysize": _TILE}
    if sparse:
        profile |= {"sparse_ok": True}
    options = {"GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": CACHE_MB}
    try:
        with rasterio.Env(**options), rasterio.open(path, "w", **profile) as dataset:
            _say(dataset, bands, note)
            file = GeoTiff(dataset, 0 if nodata is None else nodata, sparse=sparse)
            yield file
        # The last blocks are written when the file is closed, and that says nothing of a disk that is full.
        with rasterio.Env(**options), rasterio.open(path, driver="GTiff") as dataset:
            if not file.same_in(dataset):
                raise OSError(str(path))
    except RasterioError as error:
        raise OSError(str(path)) from error


def _say(dataset: Any, bands: Sequence[BandNote], note: FileNote) -> None:
    """Write what the file says of itself and of its bands."""
    said = {"TIFFTAG_SOFTWARE": f"CN Planner {__version__}"} if note.title else {}
    if note.title:
        said["TIFFTAG_IMAGEDESCRIPTION"] = note.title
    if note.rights:
        said["TIFFTAG_COPYRIGHT"] = note.rights
    if said or note.tags:
        dataset.update_tags(**said, **note.tags)
    if note.colours:
        dataset.write_colormap(1, dict(note.colours))
    for number, band in enumerate(bands, start=1):
        if band.description:
            dataset.set_band_description(number, band.description)
        if band.unit:
            dataset.set_band_unit(number, band.unit)
        if band.tags:
            dataset.update_tags(number, **band.tags)


def write_geotiff(
    path: str | Path,
    bands: NDArray[Any],
    crs: str,
    transform: Transform,
    nodata: float | None,
    part: RasterPart | None = None,
    *,
    notes: Sequence[BandNote] = (),
    note: FileNote | None = None,
) -> None:
    """Write a GeoTIFF whose bytes depend on nothing but what is given, whole or not at all.

    Parameters
    ----------
    path : str or Path
        Where; an existing file is replaced whole.
    bands : array of (bands, rows, columns) or (rows, columns)
        uint8, uint16, int16, int32, float32 or float64.
    crs : str
        ``EPSG:n``, PROJ text or WKT.
    transform : tuple of six floats
        To pixel centres, as in `RasterGrid`.
    nodata : float or None
        The value that says "nothing here".
    part : Part, optional
        Where the bands lie in the raster that is written, where they are not all of it; `transform` is then theirs,
        and the rest holds nodata, or 0 where there is none. No more of it than a strip is ever in memory.
    notes : sequence of BandNote
        One a band, or none.
    note : FileNote, optional
        Of the file.

    Raises
    ------
    FileError
        Where the file cannot be written. What was there before is then still there.
    InputError
        Where the numbers of dimensions or notes do not fit.
    """
    data = bands[np.newaxis] if bands.ndim == 2 else bands
    if data.ndim != 3 or 0 in data.shape or (notes and len(notes) != len(data)):
        raise InputError(msg("The bands of a raster and their names do not fit together."), where=str(path))
    told = notes or (BandNote(),) * len(data)
    shape = (data.shape[1], data.shape[2]) if part is None else part.shape
    top, left = (0, 0) if part is None else (part.top, part.left)
    at = transform if part is None else part.transform
    path = Path(path)
    temporary = part_of(path)  # named here: a process that is ended takes nothing away
    try:
        if path.is_dir():
            raise IsADirectoryError(str(path))
        _write_whole(temporary, data, shape, (top, left), (crs, at), nodata, told, note)
        temporary.replace(path)
    except (FileError, OSError) as error:
        raise _not_written(path) from error
    finally:
        temporary.unlink(missing_ok=True)


@sandboxed(RASTERIO, OF_OUR_OWN)
def _write_whole(
    path: Path,
    data: NDArray[Any],
    shape: tuple[int, int],
    corner: tuple[int, int],
    place: tuple[str, Transform],
    nodata: float | None,
    bands: Sequence[BandNote],
    note: FileNote | None,
) -> None:
    try:
        with _written(path, data.dtype, shape, place, nodata, bands, note, sparse=False) as file:
            for number, band in enumerate(data):
                file.write(number, band, *corner)
    except OSError as error:
        raise _not_written(path) from error
