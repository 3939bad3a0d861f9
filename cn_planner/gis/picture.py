"""A picture of the ground in one file, an aerial picture or a scanned map: GeoTIFF in colours, grey or a palette.

Only what a tile of the screen needs is read, as coarse as it needs it: a file may be larger than memory. It is carried
over from its own coordinates to those of the screen by GDAL's warper.
"""

from __future__ import annotations

import math
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import FileError
from cn_planner.faults import walled
from cn_planner.gis.kinds import refuse, sniff
from cn_planner.gis.raster_write import CACHE_MB
from cn_planner.gis.warned import expect_no_place
from cn_planner.gis.worker import RASTERIO, Limits, sandboxed
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_MERCATOR = "EPSG:3857"
_MOST_BLOCK_BYTES = 256 << 20
"""What has to be unpacked at once, by how the file is laid out."""
_WHOLE_PX = 2048
"""Of the copy of the whole that is kept where a file has no coarser ones of its own."""
_MOST_PX_A_BYTE, _LEAST_BYTES = 20_000, 4096
"""No way of packing makes a picture smaller, were most of it empty: a size beyond that is damaged, and would be walked
through for a minute."""
_STRIP_BYTES = 32 << 20
"""Unpacked at a time for it."""
_ROUND_PX = 2
_LIMITS = Limits(5.0, 512.0)
_FARTHEST = 1e9
"""No coordinates are so large; the projections' library goes round the globe as often as they say, without end."""
_OPTIONS = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": CACHE_MB}
"""Nothing beside the file is looked at."""


class PictureFile:
    """A picture that is open, in a process of its own; close it after use.

    Attributes
    ----------
    attribution : str
        Whose it is, as the file says.
    """

    @walled
    def __init__(self, path: Path) -> None:
        import rasterio
        from rasterio.errors import RasterioError
        from rasterio.warp import transform_bounds

        kind = sniff(path)
        if kind == "picture":
            raise _no_place(path)
        if kind != "geotiff":
            raise refuse(path, kind, msg("a picture of the ground (GeoTIFF)"))
        self._path, self._lock, self._closed = path, Lock(), False
        self._whole: tuple[NDArray[np.uint8], float] | None = None
        self._data: Any = None
        try:
            expect_no_place()  # a picture without one is refused below, in words
            with rasterio.Env(**_OPTIONS):
                self._data = rasterio.open(path, driver="GTiff")
                self._check()
                # 85 degrees: a picture of the whole globe has no end in Web Mercator.
                west, south, east, north = transform_bounds(self._data.crs, "EPSG:4326", *self._data.bounds)
                if west > east:
                    west, east = -180.0, 180.0
                box = max(west, -180.0), max(south, -85.06), min(east, 180.0), min(north, 85.06)
                self._bounds = transform_bounds("EPSG:4326", _MERCATOR, *box)
        except (RasterioError, OSError, ValueError) as problem:
            self.close()
            if isinstance(problem, FileError):
                raise
            raise _damaged(path) from problem
        tags = self._data.tags()
        self.attribution = str(tags.get("TIFFTAG_COPYRIGHT", ""))[:200]

    def _check(self) -> None:
        data, where = self._data, str(self._path)
        far = max(map(abs, data.bounds))
        if not data.crs or data.transform.is_identity or data.transform.determinant == 0 or not far < _FARTHEST:
            raise _no_place(self._path)
        if set(data.dtypes) != {"uint8"}:
            raise FileError(
                msg("The colours of this picture are not of 8 bits: {kind}, {count} bands.", kind=data.dtypes[0],
                    count=data.count),
                where=where,
                fix=msg("Export it from a GIS as a GeoTIFF with red, green and blue of 8 bits (0 to 255)."),
            )  # fmt: skip
        if data.width * data.height > _MOST_PX_A_BYTE * (self._path.stat().st_size + _LEAST_BYTES):
            raise _damaged(self._path)
        rows, columns = data.block_shapes[0]
        if rows * columns * data.count > _MOST_BLOCK_BYTES:
            raise FileError(
                msg("This picture can only be unpacked as a whole, which takes too much memory."),
                where=where,
                fix=msg("Export it again as a GeoTIFF in tiles (in QGIS: creation option TILED=YES)."),
            )

    def tile(self, box: tuple[float, float, float, float], side: int) -> NDArray[np.uint8] | None:
        """Return the pixels of a square of the screen, None where the picture has none of it.

        Parameters
        ----------
        box : (west, south, east, north)
            Metres of Web Mercator.
        side : int
            Pixels.

        Returns
        -------
        array of (side, side, 4) or None
            Red, green, blue, opacity; colours multiplied by opacity.

        Raises
        ------
        FileError
            Where this part of the file is damaged.
        """
        import rasterio
        from rasterio.errors import RasterioError
        from rasterio.transform import Affine
        from rasterio.warp import Resampling, reproject

        with self._lock, rasterio.Env(**_OPTIONS):
            if self._closed:
                return None
            try:
                found = self._part(box, side)
                if found is None:
                    return None
                values, transform = found
                out = np.zeros((4, side, side), np.uint8)
                west, south, east, north = box
                at = Affine((east - west) / side, 0.0, west, 0.0, (south - north) / side, north)
                reproject(
                    values, out, src_transform=transform, src_crs=self._data.crs,
                    dst_transform=at, dst_crs=_MERCATOR, resampling=Resampling.bilinear,
                )  # fmt: skip
            except (RasterioError, OSError, ValueError) as problem:
                raise FileError(msg("A part of the picture is damaged."), where=str(self._path)) from problem
        return np.ascontiguousarray(np.moveaxis(out, 0, -1)) if out[3].any() else None

    def _part(self, box: tuple[float, float, float, float], side: int) -> tuple[NDArray[np.uint8], Any] | None:
        """Return the pixels of what a box meets, as coarse as the screen wants them, and where they lie."""
        from rasterio.warp import transform
        from rasterio.windows import Window

        data = self._data
        west, south = max(box[0], self._bounds[0]), max(box[1], self._bounds[1])
        east, north = min(box[2], self._bounds[2]), min(box[3], self._bounds[3])
        if west >= east or south >= north:
            return None
        x, y = (grid.ravel() for grid in np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9)))
        points = np.array(transform(_MERCATOR, data.crs, x.tolist(), y.tolist()))
        points = points[:, np.isfinite(points).all(axis=0)]
        if not points.size:
            return None
        a, b, c, d, e, f = data.transform[:6]
        columns = (e * (points[0] - c) - b * (points[1] - f)) / (a * e - b * d)
        rows = (a * (points[1] - f) - d * (points[0] - c)) / (a * e - b * d)
        share = (east - west) * side / (box[2] - box[0]), (north - south) * side / (box[3] - box[1])
        coarse = max(1.0, min(np.ptp(columns) / max(share[0], 1.0), np.ptp(rows) / max(share[1], 1.0)))
        edge = _ROUND_PX * coarse
        left, right = max(math.floor(columns.min() - edge), 0), min(math.ceil(columns.max() + edge), data.width)
        top, bottom = max(math.floor(rows.min() - edge), 0), min(math.ceil(rows.max() + edge), data.height)
        if left >= right or top >= bottom:
            return None
        whole = self._small(coarse)
        if whole is not None:
            values, step = whole
            left, right, top, bottom = (round(edge / step) for edge in (left, right, top, bottom))
            part = values[:, top : max(bottom, top + 1), left : max(right, left + 1)]
            return np.ascontiguousarray(part), _part_of(data.transform, step, step, left * step, top * step)
        shape = max(1, math.ceil((bottom - top) / coarse)), max(1, math.ceil((right - left) / coarse))
        values = self._read(Window(left, top, right - left, bottom - top), shape)
        across, down = (right - left) / shape[1], (bottom - top) / shape[0]
        return values, _part_of(data.transform, across, down, left, top)

    def _small(self, coarse: float) -> tuple[NDArray[np.uint8], float] | None:
        """Return a copy of the whole and its step in pixels, where a tile need not be finer and the file has none."""
        from rasterio.windows import Window

        data = self._data
        step = max(data.width, data.height) / _WHOLE_PX
        if step <= 1.0 or coarse < step or data.overviews(1):
            return None
        if self._whole is None:
            rows, columns = (((np.arange(math.ceil(n / step)) + 0.5) * step).astype(np.int64) for n in data.shape)
            rows, columns = rows[rows < data.height], columns[columns < data.width]
            values = np.zeros((4, len(rows), len(columns)), np.uint8)
            # Whole blocks, so that none is unpacked twice; single pixels of them are kept.
            height, one = data.block_shapes[0]
            wide = max(1, _STRIP_BYTES // (height * one * 4)) * one
            for top in range(0, data.height, height):
                for left in range(0, data.width, wide):
                    if self._closed:
                        return values, step
                    part = Window(left, top, min(wide, data.width - left), min(height, data.height - top))
                    down = (rows >= top) & (rows < top + part.height)
                    across = (columns >= left) & (columns < left + part.width)
                    if down.any() and across.any():
                        pixels = self._read(part, (part.height, part.width))
                        values[np.ix_(range(4), down, across)] = pixels[
                            :, (rows[down] - top)[:, None], columns[across] - left
                        ]
            self._whole = values, step
        return self._whole

    def _read(self, window: Any, shape: tuple[int, int]) -> NDArray[np.uint8]:
        """Return red, green, blue, opacity of a window; where it is read coarser, single pixels of it."""
        data = self._data
        raw = data.read(list(range(1, min(data.count, 3) + 1)), window=window, out_shape=(min(data.count, 3), *shape))
        opacity = data.dataset_mask(window=window, out_shape=shape)
        values = np.empty((4, *shape), np.uint8)
        if data.colorinterp[0].name == "palette":
            table = np.zeros((256, 4), np.uint8)
            for number, colour in data.colormap(1).items():
                table[number] = colour
            values[:] = np.moveaxis(table[raw[0]], -1, 0)
            values[3] = np.minimum(values[3], opacity)
        else:
            values[:3] = raw if len(raw) == 3 else raw[0]
            values[3] = opacity
        values[:3] = (values[:3].astype(np.uint16) * values[3] + 127) // 255
        return values

    def close(self) -> None:
        """Let the file go; whoever reads it is told that there is nothing."""
        self._closed = True
        with self._lock:
            if self._data is not None:
                self._data.close()


def _part_of(whole: Any, across: float, down: float, left: float, top: float) -> Any:
    """Return where a part lies that begins at a pixel, with pixels as wide and as high as several of the whole."""
    from rasterio.transform import Affine

    a, b, c, d, e, f = whole[:6]
    return Affine(a * across, b * down, a * left + b * top + c, d * across, e * down, d * left + e * top + f)


@sandboxed(RASTERIO, _LIMITS)
def rights_of_picture(path: Path) -> str:
    """Return whose a picture is; "" where it does not say.

    Raises FileError where it is none that can be shown.
    """
    file = PictureFile(path)
    file.close()
    return file.attribution


def pieces_of(path: str) -> Callable[..., NDArray[np.uint8] | None]:
    """Return what gives the pieces of a picture: what a process of its own begins with."""
    return PictureFile(Path(path)).tile


@sandboxed(RASTERIO, _LIMITS)
def is_picture(path: Path) -> bool:
    """Return whether a GeoTIFF shows colours: no heights, as `read_elevation` takes them."""
    import rasterio
    from rasterio.errors import RasterioError

    try:
        expect_no_place()
        with rasterio.Env(**_OPTIONS), rasterio.open(path, driver="GTiff") as data:
            return data.count >= 3 or data.colorinterp[0].name in {"palette", "red"}
    except (RasterioError, OSError):
        return False


def _damaged(path: Path) -> FileError:
    return FileError(
        msg("The GeoTIFF is damaged or cut short."), where=str(path), fix=msg("Download or export it again.")
    )


def _no_place(path: Path) -> FileError:
    return FileError(
        msg("This picture does not say where it lies."),
        where=str(path),
        fix=msg("Give it its place in a GIS (in QGIS: Layer, Georeferencer), and save it as a GeoTIFF with its "
                "coordinate reference system."),
    )  # fmt: skip
