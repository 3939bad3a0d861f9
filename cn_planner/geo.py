"""The one door to pyproj: geodesics on WGS 84, projections, grid references."""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray


class _LateSync(ModuleType):
    """Stands in for `pyproj.sync`, which is loaded when something of it is called."""

    def __getattr__(self, name: str) -> Any:
        """Return a function that loads the module and calls its own."""

        def late(*args: Any, **kwargs: Any) -> Any:
            return getattr(importlib.import_module(self.__name__), name)(*args, **kwargs)

        return late


@contextlib.contextmanager
def _without_downloads() -> Iterator[None]:
    """Let pyproj load without what downloads grids: that loads TLS, a tenth of what a link takes, for nobody."""
    name = "pyproj.sync"
    late = _LateSync(name)
    sys.modules.setdefault(name, late)
    try:
        yield
    finally:
        if sys.modules.get(name) is late:
            del sys.modules[name]


with _without_downloads():
    import pyproj
    import pyproj.exceptions

WGS84 = "EPSG:4326"
_GEOD = pyproj.Geod(ellps="WGS84")


class Geodesic(NamedTuple):
    """The shortest way between two points on WGS 84: degrees clockwise from true north, and metres."""

    azimuth_deg: float
    back_azimuth_deg: float
    distance_m: float


def geodesic(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> Geodesic:
    """Return azimuth at A towards B, azimuth at B towards A (both 0 to 360), and the distance."""
    azimuth, back, distance = _GEOD.inv(longitude_a, latitude_a, longitude_b, latitude_b)
    return Geodesic(azimuth % 360.0, back % 360.0, distance)


ROUGH_SLACK = 1.01
"""What is further by `rough_distances_m` than so many times a distance is surely further than that."""


def geodesics(
    latitude_a: ArrayLike, longitude_a: ArrayLike, latitude_b: ArrayLike, longitude_b: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return azimuths, back azimuths and distances, element by element, of arrays broadcast against each other."""
    lat_a, lon_a, lat_b, lon_b = np.broadcast_arrays(latitude_a, longitude_a, latitude_b, longitude_b)
    azimuth, back, distance = _GEOD.inv(lon_a, lat_a, lon_b, lat_b)
    return np.asarray(azimuth) % 360.0, np.asarray(back) % 360.0, np.asarray(distance)


def rough_distances_m(
    latitude_a: ArrayLike, longitude_a: ArrayLike, latitude_b: ArrayLike, longitude_b: ArrayLike
) -> NDArray[np.float64]:
    """Return distances on a sphere, in a tenth of the time of geodesics and within 0.6 % of them, arrays broadcast."""
    a, b = np.radians(latitude_a), np.radians(latitude_b)
    half = np.sin((b - a) / 2.0) ** 2
    half = half + np.cos(a) * np.cos(b) * np.sin((np.radians(longitude_b) - np.radians(longitude_a)) / 2.0) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def destination(latitude: float, longitude: float, azimuth_deg: float, distance_m: float) -> tuple[float, float]:
    """Return latitude and longitude of the point that lies in a direction at a distance."""
    lon, lat, _ = _GEOD.fwd(longitude, latitude, azimuth_deg, distance_m)
    return float(lat), float(lon)


def along_geodesic(
    latitude: float, longitude: float, azimuth_deg: float, distances_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes (-180 to 180) of the points at these distances along one geodesic."""
    n = len(distances_m)
    lon, lat, _ = _GEOD.fwd(np.full(n, longitude), np.full(n, latitude), np.full(n, azimuth_deg), distances_m)
    return np.asarray(lat), np.asarray(lon)


_KNOT_M = 1000.0


def fan(
    latitude: float, longitude: float, azimuth_deg: NDArray[np.float64], distance_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes, each of (azimuths, distances), of points on geodesics from one place.

    By the chord between points a kilometre apart: 2 cm off at most to a latitude of 85 degrees. Distances rise from
    more than 0; longitudes run on across the antimeridian.
    """
    far = float(distance_m[-1])
    knots = np.linspace(0.0, far, max(2, int(np.ceil(far / _KNOT_M)) + 1))
    shape = len(azimuth_deg), len(knots)
    lon, lat, _ = _GEOD.fwd(
        np.full(shape, longitude), np.full(shape, latitude), np.repeat(azimuth_deg[:, np.newaxis], shape[1], axis=1),
        np.broadcast_to(knots, shape),
    )  # fmt: skip
    lon = longitude + (lon - longitude + 180.0) % 360.0 - 180.0
    at = distance_m / (far / (shape[1] - 1))
    before = np.minimum(at.astype(np.int64), shape[1] - 2)
    share = at - before
    return tuple(one[:, before] * (1.0 - share) + one[:, before + 1] * share for one in (lat, lon))


def points_along(
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    azimuth_deg: NDArray[np.float64],
    distance_m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes (-180 to 180) of points, each on its own geodesic; all arrays of one length.

    The arrays of latitudes, longitudes and azimuths are overwritten: copies would take a quarter of the time.
    """
    lon, lat, _ = _GEOD.fwd(longitude, latitude, azimuth_deg, distance_m, inplace=True, return_back_azimuth=False)
    return np.atleast_1d(lat), np.atleast_1d(lon)


_ON_WGS84 = "+datum=WGS84 +units=m +no_defs"
_LOCAL_GRID = re.compile(rf"\+proj=tmerc \+lat_0=\S+ \+lon_0=\S+ \+k=1 \+x_0=0 \+y_0=0 {re.escape(_ON_WGS84)}")
"""What `local_transverse_mercator` makes. Its pipeline is known: PROJ looks 14 ms for one, and finds this."""
_RADIANS = "+step +proj=unitconvert +xy_in=deg +xy_out=rad"
_DEGREES = "+step +proj=unitconvert +xy_in=rad +xy_out=deg"


def _transformer(source: str, target: str) -> pyproj.Transformer:
    local = _LOCAL_GRID.fullmatch(target if source == WGS84 else source if target == WGS84 else "")
    return (_of_local_grid if local else _of_crs)(source, target)


# Each thread that uses one makes a copy of it, of 13 KB: where towers move for hours 256 of them held 19 MB in six
# threads. To make one takes 65 us.
@lru_cache(maxsize=64)
def _of_local_grid(source: str, target: str) -> pyproj.Transformer:
    way = (_RADIANS, _step(target)) if source == WGS84 else (_step(source, "+inv "), _DEGREES)
    try:
        return pyproj.Transformer.from_pipeline(f"+proj=pipeline {way[0]} {way[1]}")
    except pyproj.exceptions.ProjError as e:
        raise _not_understood(source if target == WGS84 else target) from e


@lru_cache(maxsize=64)
def _of_crs(source: str, target: str) -> pyproj.Transformer:
    # always_xy: first x or longitude, then y or latitude, whatever the authority's axis order.
    try:
        return pyproj.Transformer.from_crs(source, target, always_xy=True)
    except pyproj.exceptions.ProjError as e:
        raise _not_understood(source if target == WGS84 else target) from e


def _step(local_grid: str, way: str = "") -> str:
    return f"+step {way}{local_grid.removesuffix(_ON_WGS84)}+ellps=WGS84"


def _not_understood(crs: str) -> InputError:
    return InputError(
        msg("This coordinate reference system is not understood: {crs}.", crs=crs[:80]),
        fix=msg("Export the data again in WGS 84 or UTM coordinates."),
    )


@lru_cache(maxsize=64)
def _parsed(crs: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.ProjError as e:
        raise _not_understood(crs) from e


def transform(source: str, target: str, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x, y (longitude, latitude if geographic) carried from one CRS to another, inf where it cannot."""
    if source == target:
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    tx, ty = _transformer(source, target).transform(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return np.asarray(tx, dtype=np.float64), np.asarray(ty, dtype=np.float64)


def is_metric(crs: str) -> bool:
    """Return whether a CRS is projected with metres on both axes."""
    parsed = _parsed(crs)
    return parsed.is_projected and all(axis.unit_name in ("metre", "meter") for axis in parsed.axis_info[:2])


_SCALE_STEP_M = 100.0
_SCALE_OFF = 0.01  # 0.09 dB of free space; UTM stays within 0.001 in its zone, Web Mercator is off by 1 at 60 degrees


@lru_cache(maxsize=64)
def is_true_to_scale(crs: str, corners: tuple[tuple[float, float], ...]) -> bool:
    """Return whether the metres of a projected CRS are metres on the ground, to 1 %, in every direction.

    Parameters
    ----------
    crs : str
        Projected, in metres.
    corners : tuple of (x, y)
        Where it is asked, in its coordinates. Those that lie nowhere on the globe are passed over.
    """
    x, y = (np.array(one) for one in zip(*corners, strict=True))
    lon, lat = transform(crs, WGS84, x, y)
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        return False
    lon, lat = lon[known], lat[known]
    columns = []
    for azimuth in (0.0, 90.0):
        far = np.full(len(lon), _SCALE_STEP_M)
        there_lon, there_lat, _ = _GEOD.fwd(lon, lat, np.full(len(lon), azimuth), far)
        there = np.stack(transform(WGS84, crs, there_lon, there_lat), axis=-1)
        columns.append((there - np.stack([x[known], y[known]], axis=-1)) / _SCALE_STEP_M)
    stretched = np.stack(columns, axis=-1)
    if not np.isfinite(stretched).all():
        return False
    scales = np.linalg.svd(stretched, compute_uv=False)
    return bool((np.abs(scales - 1.0) <= _SCALE_OFF).all())


def is_geographic(crs: str) -> bool:
    """Return whether the coordinates of a CRS are longitude and latitude in degrees."""
    if crs == WGS84:
        return True
    parsed = _parsed(crs)
    return parsed.is_geographic and all(axis.unit_name == "degree" for axis in parsed.axis_info[:2])


def horizontal(crs: str) -> str:
    """Return a compound CRS without its heights, as ``EPSG:n`` where it has a code, else as WKT."""
    parsed = _parsed(crs)
    part = parsed.sub_crs_list[0] if parsed.is_compound else parsed
    code = part.to_epsg()
    return f"EPSG:{code}" if code else str(part.to_wkt())


def well_known_text(crs: str, *, esri: bool = False) -> str:
    """Return a CRS as the well-known text that other programs read, by default GDAL's, which QGIS reads too."""
    parsed = _parsed(crs)
    try:
        return str(parsed.to_wkt("WKT1_ESRI" if esri else "WKT1_GDAL"))
    except pyproj.exceptions.CRSError:  # what the older text has no words for
        return str(parsed.to_wkt())


def local_transverse_mercator(latitude: float, longitude: float) -> str:
    """Return the PROJ text of a transverse Mercator grid on WGS 84, centred on a place, true to scale there."""
    return f"+proj=tmerc +lat_0={latitude:.10g} +lon_0={longitude:.10g} +k=1 +x_0=0 +y_0=0 {_ON_WGS84}"


def utm_crs(latitude: float, longitude: float) -> str:
    """Return the EPSG code of the UTM zone of a place (north EPSG:326zz, south EPSG:327zz)."""
    zone = int((longitude + 180.0) // 6.0) % 60 + 1
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"


def mgrs(latitude: float, longitude: float) -> str:
    """Return the MGRS reference of a place to one metre."""
    import mgrs as library  # loads a shared library; few commands need it

    # Within half a metre south of the equator the northing is rounded to one that no square has.
    if -4.5e-6 < latitude < 0.0:
        latitude = 0.0
    return str(library.MGRS().toMGRS(latitude, longitude, MGRSPrecision=5))


def from_mgrs(text: str) -> tuple[float, float]:
    """Return latitude and longitude of the middle of the square that an MGRS reference names.

    Raises
    ------
    InputError
        Where there is no such square.
    """
    import mgrs as library
    from mgrs._native import MGRSError

    try:
        latitude, longitude = library.MGRS().toLatLon("".join(text.split()).upper())
    except MGRSError as problem:
        raise InputError(msg("{text} is no MGRS reference.", text=text[:40])) from problem
    return float(latitude), float(longitude)


def check_position(latitude: float, longitude: float, *, where: str = "") -> None:
    """Raise InputError where a position is not on the globe."""
    if not (np.isfinite(latitude) and -90.0 <= latitude <= 90.0):
        raise InputError(msg("Latitude {value} is not between -90 and 90 degrees.", value=latitude), where=where)
    if not (np.isfinite(longitude) and -180.0 <= longitude <= 180.0):
        raise InputError(msg("Longitude {value} is not between -180 and 180 degrees.", value=longitude), where=where)
