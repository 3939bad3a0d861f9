"""A coverage map as a picture that a GIS puts in its place, and as areas of its classes in GeoJSON."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np

from cn_planner.drawing.coverage_classes import NO_ANSWER
from cn_planner.drawing.display import DisplayList, Image, Text
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.png import encode_classes
from cn_planner.drawing.svg import svg
from cn_planner.errors import FileError
from cn_planner.geo import WGS84, transform, well_known_text
from cn_planner.gis.areas import class_areas
from cn_planner.i18n import say
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Grid
    from cn_planner.drawing.coverage_classes import CoverageClass, CoverageScale

_LINE, _SIZE, _EDGE, _SWATCH = 16.0, 9.0, 8.0, (22.0, 11.0)
_SLIVER = 1e-13
"""Square degrees that come of rounding: 10 cm2."""
_FINE_CELL_M = 1.0
"""Of smaller cells, coordinates get eight decimals, 1 mm; else six, 0.1 m."""


def write_picture(
    path: Path, band: NDArray[Any], grid: Grid, scale: CoverageScale, nodata: float | None, language: str = "en"
) -> tuple[Path, ...]:
    """Write a map as a PNG with what puts it in its place; each file whole, and none where one cannot be written.

    Parameters
    ----------
    path : Path
        The picture. Beside it, under the same name: ``.pgw``, its six numbers; ``.png.aux.xml`` and ``.prj``, its
        reference system; ``.legend.svg``, what the colours mean.
    band : array of (rows, columns)
        The map.
    grid : Grid
        Where it lies.
    scale : CoverageScale
        Its classes. Where a cell is in none of them the picture is transparent.
    nodata : float or None
        The value of no answer.
    language : str
        Of the legend.

    Returns
    -------
    tuple of Path
        The files, the picture first.

    Raises
    ------
    FileError
        Where a file cannot be written.
    """
    a, b, c, d, e, f = grid.transform
    colours = list(dict.fromkeys(one.colour for one in scale.classes))
    table = np.array([0, *(colours.index(one.colour) + 1 for one in scale.classes)], np.uint8)
    pixels = np.take(table, scale.of(band, nodata) - np.int16(NO_ANSWER))
    rgba = [(0, 0, 0, 0), *((int(ink[1:3], 16), int(ink[3:5], 16), int(ink[5:7], 16), 255) for ink in colours)]
    # World files have the centre of the first pixel, which is what the grid has.
    place = "".join(f"{number:.12g}\n" for number in (a, d, b, e, c, f))
    srs = f'<SRS dataAxisToSRSAxisMapping="1,2">{escape(well_known_text(grid.crs))}</SRS>'
    return _write(
        {
            path: encode_classes(pixels, rgba),
            path.with_suffix(".pgw"): place.encode(),
            path.with_name(f"{path.name}.aux.xml"): f"<PAMDataset>\n  {srs}\n</PAMDataset>\n".encode(),
            path.with_suffix(".prj"): well_known_text(grid.crs, esri=True).encode(),
            path.with_suffix(".legend.svg"): svg(legend(scale, language)).encode(),
        }
    )


def legend(scale: CoverageScale, language: str = "en") -> DisplayList:
    """Return the legend of a map: its title, then a line a class."""
    title, words = say(scale.title, language), [say(one.words, language) for one in scale.listed]
    items: list[Image | Text] = [Text(_EDGE, _EDGE + _LINE / 2, title, _SIZE, Role.INK, bold=True)]
    wide, high = _SWATCH
    for number, (one, text) in enumerate(zip(scale.listed, words, strict=True), start=1):
        middle = _EDGE + (number + 0.5) * _LINE
        ink = tuple(int(one.colour[k : k + 2], 16) for k in (1, 3, 5))
        png = encode_classes(np.zeros((1, 1), np.uint8), [(ink[0], ink[1], ink[2], 255)])
        items.append(Image(png, 1, 1, (wide, 0.0, 0.0, high, _EDGE, middle - high / 2)))
        items.append(Text(_EDGE + wide + 6.0, middle, text, _SIZE, Role.INK))
    width = max(text_width(title, _SIZE, bold=True), *(wide + 6.0 + text_width(text, _SIZE) for text in words))
    return DisplayList(width + 2 * _EDGE, (len(words) + 1) * _LINE + 2 * _EDGE, tuple(items), title)


def write_areas(
    path: Path,
    bands: NDArray[Any],
    grid: Grid,
    scale: CoverageScale,
    nodata: float | None,
    names: Sequence[Mapping[str, str]],
    language: str = "en",
) -> tuple[Path, ...]:
    """Write the areas of a map's classes as GeoJSON (RFC 7946), whole or not at all.

    Parameters
    ----------
    path : Path
        The file.
    bands : array of (bands, rows, columns)
        The maps.
    grid, scale, nodata, language
        As for `write_picture`.
    names : sequence of mappings
        One a band: further properties of its areas, such as the name of its tower.

    Returns
    -------
    tuple of Path
        The file.

    Raises
    ------
    InputError
        Where there would be too many corners.
    FileError
        Where the file cannot be written.
    """
    features = [
        text
        for band, more in zip(bands, names, strict=True)
        for number, polygons in class_areas(scale.of(band, nodata), grid.transform).items()
        for text in [_feature(scale, scale.classes[number], _in_degrees(polygons, grid), grid, more, language)]
    ]
    head = json.dumps({"type": "FeatureCollection", "name": say(scale.title, language)}, ensure_ascii=False)
    body = ",\n".join(features)
    return _write({path: f'{head[:-1]}, "features": [\n{body}\n]}}\n'.encode()})


def _feature(
    scale: CoverageScale,
    one: CoverageClass,
    polygons: NDArray[np.object_],
    grid: Grid,
    more: Mapping[str, str],
    language: str,
) -> str:
    low, high = (None if np.isinf(v) else v for v in (one.low, one.high))
    properties = {
        "layer": "coverage", **more, "title": say(one.words, language), "description": say(scale.title, language),
        "low": low, "high": high, "fill": one.colour, "fill-opacity": 0.6, "stroke-width": 0,
    }  # fmt: skip
    digits = 6 if grid.cell_m >= _FINE_CELL_M else 8
    areas = ",".join(
        json.dumps(
            [np.round(np.asarray(ring.coords), digits).tolist() for ring in (polygon.exterior, *polygon.interiors)],
            separators=(",", ":"),
        )
        for polygon in polygons
    )
    said = json.dumps(properties, ensure_ascii=False, allow_nan=False)
    geometry = f'{{"type": "MultiPolygon", "coordinates": [{areas}]}}'
    return f'{{"type": "Feature", "properties": {said}, "geometry": {geometry}}}'


def _in_degrees(polygons: NDArray[np.object_], grid: Grid) -> NDArray[np.object_]:
    """Return polygons of a grid in longitude and latitude, cut at 180 degrees, exteriors anticlockwise."""
    import shapely

    rows, columns = grid.shape
    a, b, c, d, e, f = grid.transform
    middle, _ = transform(grid.crs, WGS84, a * columns / 2 + b * rows / 2 + c, d * columns / 2 + e * rows / 2 + f)

    def degrees(at: NDArray[np.float64]) -> NDArray[np.float64]:
        longitude, latitude = transform(grid.crs, WGS84, at[:, 0], at[:, 1])
        return np.column_stack([longitude + 360.0 * np.round((middle - longitude) / 360.0), latitude])

    turned = shapely.transform(polygons, degrees)
    west, _, east, _ = shapely.total_bounds(turned)
    if west < -180.0 or east > 180.0:  # RFC 7946, 3.1.9: cut in two at the antimeridian
        parts = []
        for turn in (-360.0, 0.0, 360.0):
            cut = shapely.intersection(turned, shapely.box(turn - 180.0, -90.0, turn + 180.0, 90.0))
            flat = shapely.get_parts(shapely.get_parts(cut))
            flat = flat[shapely.area(flat) > _SLIVER]  # lines and points too: sides that run along 180 degrees
            parts.append(shapely.transform(flat, lambda at, turn=turn: at - (turn, 0.0)))
        turned = np.concatenate(parts)
    return np.asarray(shapely.orient_polygons(turned))


def _write(files: Mapping[Path, bytes]) -> tuple[Path, ...]:
    """Write files aside, then put all in their places, the first one last: it is what the others stand beside."""
    aside = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in files}
    try:
        for path, data in files.items():
            with _words(path):
                if path.is_dir():
                    raise IsADirectoryError(str(path))
                aside[path].write_bytes(data)
        for path, temporary in reversed(aside.items()):
            with _words(path):
                temporary.replace(path)
    finally:
        for temporary in aside.values():
            temporary.unlink(missing_ok=True)
    return tuple(files)


@contextmanager
def _words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(
            msg("The file cannot be written."), where=str(path), fix=msg("Check the folder, and the space on the disk.")
        ) from error
