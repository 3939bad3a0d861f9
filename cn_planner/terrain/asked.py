"""What a raster does not say of itself, and what is likely: its coordinates, its unit of height, what it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner import geo
from cn_planner.errors import InputError
from cn_planner.gis.cover_raster import bytes_in
from cn_planner.gis.vertical import UNITS_M, unknown_unit
from cn_planner.message import msg
from cn_planner.model.ground import FileKind, Holds, class_heights_of
from cn_planner.terrain.land_cover import scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cn_planner.gis.parts import FileAnswers
    from cn_planner.gis.raster import RasterGrid
    from cn_planner.terrain.surface import Surface

UNITS = tuple(UNITS_M)
_LOOKED_AT = 64
_FEW = 20
_FEET = 1.0 / 0.3048
_LOW_M = 30.0
"""Of ground lower than this a ratio says little."""
_TOPS = re.compile(r"(?<![A-Z])DSM(?![A-Z])|COPERNICUS|GLO-?30|GLO-?90|AW3D|ALPSMLC")
_BARE = re.compile(r"(?<![A-Z])(?:DTM|FABDEM|BARE[ _-]EARTH)(?![A-Z])")
_FAR_DEG = 3.0
_FEWEST_CLASSES = 2


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of files that are added.

    Attributes
    ----------
    kind : FileKind
        What their numbers are.
    crs, unit : str
        Where they lie, and what heights are counted in, where they do not say it.
    datum : str
        The zero of their heights; empty: what they say.
    holds : Holds
        Ground or tops; unknown: what their names say.
    class_heights : str
        As `TerrainFile.class_heights`.
    date : str
        Of the data, as a person writes it.
    """

    kind: FileKind = FileKind.ELEVATION
    crs: str = ""
    unit: str = ""
    datum: str = ""
    holds: Holds = Holds.UNKNOWN
    class_heights: str = ""
    date: str = ""


def trees_given(trees: Iterable[Path], land_cover: Iterable[Path], heights: str) -> list[tuple[Path, Answers]]:
    """Return files of tree heights, then of land cover with the heights of its classes, each with what it is."""
    found = [(path, Answers(FileKind.TREES)) for path in trees]
    return found + [(path, Answers(FileKind.LAND_COVER, class_heights=heights)) for path in land_cover]


def check_answers(answers: Answers) -> None:
    """Raise InputError where an answer cannot be."""
    if answers.crs and not (geo.is_geographic(answers.crs) or geo.is_metric(answers.crs)):
        raise InputError(
            msg("Coordinates of {crs} are neither degrees nor metres on the globe.", crs=answers.crs[:80]),
            fix=msg("Name one such as EPSG:4326 (degrees) or EPSG:32636 (UTM zone 36 north)."),
        )
    if answers.unit and answers.unit not in UNITS:
        raise InputError(
            msg("{unit} is no unit of height.", unit=answers.unit[:40]),
            fix=msg("There are {units}.", units=", ".join(UNITS)),
        )
    class_heights_of(answers.class_heights)


class LikelyCrs(NamedTuple):
    """A coordinate reference system that a raster may be in: its code, its name, and where its middle would lie."""

    crs: str
    name: str
    latitude: float
    longitude: float


def likely_crs(x: float, y: float, near: Sequence[tuple[float, float]]) -> tuple[LikelyCrs, ...]:
    """Return the systems in which a raster would lie near the places of a plan, the nearest first.

    Parameters
    ----------
    x, y : float
        Its middle, as the file says it.
    near : sequence of (latitude, longitude)
        Places of the plan. Without any, degrees are offered where they could be.
    """
    found = []
    if abs(x) <= 360.0 and abs(y) <= 90.0:
        found.append(LikelyCrs(geo.WGS84, "WGS 84", y, (x + 180.0) % 360.0 - 180.0))
    if near:
        lat, lon = (float(np.median(values)) for values in zip(*near, strict=True))
        zone = int((lon + 180.0) // 6.0) % 60
        codes = [
            (f"EPSG:{base + at % 60 + 1}", f"UTM {at % 60 + 1}{'N' if base == 32600 else 'S'}")
            for base in ((32600, 32700) if lat >= 0.0 else (32700, 32600))
            for at in (zone, zone - 1, zone + 1)
        ]
        for code, name in [*codes, ("EPSG:3857", "Web Mercator")]:
            at_lon, at_lat = geo.transform(code, geo.WGS84, [x], [y])
            if np.isfinite(at_lat[0]) and np.isfinite(at_lon[0]):
                found.append(LikelyCrs(code, name, float(at_lat[0]), float(at_lon[0])))
        found = [one for one in found if abs(one.latitude - lat) + abs(one.longitude - lon) < 2 * _FAR_DEG]
        found.sort(key=lambda one: abs(one.latitude - lat) + abs(one.longitude - lon))
    return tuple(found)


def holds_of(grid: RasterGrid) -> Holds:
    """Return whether heights are those of the ground or of tops, by the name of the product; unknown if it is silent.

    Notes
    -----
    Copernicus GLO-30 and ALOS AW3D30 are surface models by their makers' handbooks. SRTM's radar saw somewhere between
    tops and ground: it stays unknown, and trees are added to it, which errs on the safe side.
    """
    text = f"{grid.name} {grid.source}".upper()
    if _BARE.search(text):
        return Holds.GROUND
    return Holds.SURFACE if _TOPS.search(text) else Holds.UNKNOWN


def check_no_classes(path: Path, given: FileAnswers) -> None:
    """Raise InputError where a raster that is added as elevation holds the classes of a table of land cover.

    Elevation of 8 bits is as good as unknown, and none of it has the numbers of a table alone, but for made-up plains.
    """
    numbers = set(bytes_in(path, given))
    scheme = scheme_of(numbers)
    if scheme is not None and len(numbers) >= _FEWEST_CLASSES:
        raise InputError(
            msg("Its numbers are classes of land cover ({scheme}), not heights.", scheme=scheme.name),
            where=str(path),
            fix=msg("Add it as land cover. Heights of the ground are in another file."),
        )


def check_unit(grid: RasterGrid, known: Surface, where: str) -> None:
    """Raise UnknownUnitError where heights are those of another source of the plan, counted in feet."""
    rows, columns = grid.values.shape
    row, column = (
        v.ravel()
        for v in np.meshgrid(
            np.linspace(0, rows - 1, min(rows, _LOOKED_AT)).round(),
            np.linspace(0, columns - 1, min(columns, _LOOKED_AT)).round(),
        )
    )
    a, b, c, d, e, f = grid.transform
    lon, lat = geo.transform(grid.crs, geo.WGS84, a * column + b * row + c, d * column + e * row + f)
    other = known.heights(lat, lon)
    mine = grid.values[row.astype(np.intp), column.astype(np.intp)].astype(np.float64)
    with np.errstate(invalid="ignore"):
        ratio = (mine / other)[other > _LOW_M]
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) < _FEW:
        return
    low, middle, high = np.percentile(ratio, [25.0, 50.0, 75.0])
    if 0.9 * _FEET < middle < 1.1 * _FEET and high - low < 0.5 * _FEET:
        raise unknown_unit(
            msg("Its heights are {times:.1f} times those that the plan has there.", times=float(middle)), where
        )
