"""A coverage map as a picture that a GIS puts in its place, as areas of its classes, as a sheet, as a style."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from cn_planner.drawing.coverage_classes import MISSING, NO_ANSWER
from cn_planner.drawing.coverage_sheet import swatch
from cn_planner.drawing.display import DisplayList, Fill, Polygon, Text
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.palette import Role, rgb
from cn_planner.drawing.png import encode_classes
from cn_planner.drawing.svg import svg
from cn_planner.export.words import in_words
from cn_planner.geo import WGS84, transform, well_known_text
from cn_planner.gis.areas import class_areas
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.paths import part_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Grid
    from cn_planner.drawing.coverage_classes import CoverageScale
    from cn_planner.drawing.display import DisplayItem

_LINE, _SIZE, _EDGE, _SWATCH = 16.0, 9.0, 8.0, (22.0, 11.0)
_SLIVER = 1e-13
"""Square degrees that come of rounding: 10 cm2."""
_DIGITS = ((6, 5.0), (7, 0.5))
"""Decimals of degrees, and the least cell, m, for which they are enough: a fiftieth of it."""
_MOST_DIGITS = 10
NO_DATA = msg("No answer: terrain is missing")
"""What stands in a map, within its radius, where there is no answer."""


def write_picture(
    path: Path,
    band: NDArray[Any],
    grid: Grid,
    scale: CoverageScale,
    nodata: float | None,
    language: str = "en",
    *,
    missing: NDArray[np.bool_] | None = None,
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
    missing : bool array of (rows, columns), optional
        Where there should be an answer and is none: grey.

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
    gone = missing is not None and bool(missing.any())
    if missing is not None and gone:
        colours.append(MISSING)
        pixels[missing & (pixels == 0)] = len(colours)
    rgba = [(0, 0, 0, 0), *((*rgb(ink), 255) for ink in colours)]
    # World files have the centre of the first pixel, which is what the grid has.
    place = "".join(f"{number:.12g}\n" for number in (a, d, b, e, c, f))
    srs = f'<SRS dataAxisToSRSAxisMapping="1,2">{escape(well_known_text(grid.crs))}</SRS>'
    return _write(
        {
            path: encode_classes(pixels, rgba),
            path.with_suffix(".pgw"): place.encode(),
            path.with_name(f"{path.name}.aux.xml"): f"<PAMDataset>\n  {srs}\n</PAMDataset>\n".encode(),
            path.with_suffix(".prj"): well_known_text(grid.crs, esri=True).encode(),
            path.with_suffix(".legend.svg"): svg(legend(scale, language, missing=gone)).encode(),
        }
    )


def legend(scale: CoverageScale, language: str = "en", *, missing: bool = False) -> DisplayList:
    """Return the legend of a map: its title, then a line a class, then what is missing, where anything is."""
    title = say(scale.title, language)
    lines = [(one.colour, say(one.words, language)) for one in scale.listed]
    lines += [(MISSING, say(NO_DATA, language))] if missing else []
    wide, high = _SWATCH
    width = max(text_width(title, _SIZE, bold=True), *(wide + 6.0 + text_width(text, _SIZE) for _, text in lines))
    width, height = width + 2 * _EDGE, (len(lines) + 1) * _LINE + 2 * _EDGE
    paper = Polygon((((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)),), Fill(Role.PAPER))
    items: list[DisplayItem] = [paper, Text(_EDGE, _EDGE + _LINE / 2, title, _SIZE, Role.INK, bold=True)]
    for number, (ink, text) in enumerate(lines, start=1):
        middle = _EDGE + (number + 0.5) * _LINE
        items += swatch(rgb(ink), _EDGE, middle, wide, high)
        items.append(Text(_EDGE + wide + 6.0, middle, text, _SIZE, Role.INK))
    return DisplayList(width, height, tuple(items), title)


@dataclass(frozen=True, slots=True)
class AreaMap:
    """One map whose classes are written as areas.

    Attributes
    ----------
    band : array of (rows, columns)
    grid : Grid
        Where it lies.
    more : mapping
        Further properties of its areas, such as the name of its tower.
    missing : bool array of (rows, columns), optional
        Where there should be an answer and is none.
    """

    band: NDArray[Any]
    grid: Grid
    more: Mapping[str, str]
    missing: NDArray[np.bool_] | None = None


def write_areas(
    path: Path, maps: Iterable[AreaMap], scale: CoverageScale, nodata: float | None, language: str = "en"
) -> tuple[Path, ...]:
    """Write the areas of maps' classes as GeoJSON (RFC 7946), whole or not at all.

    Parameters
    ----------
    path : Path
        The file.
    maps : iterable of AreaMap
        Taken one after the other: they need not be in memory together.
    scale, nodata, language
        As for `write_picture`.

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
    features = (text for one in maps for text in area_features(one, scale, nodata, language))
    return write_features(path, features, scale, language)


def write_features(path: Path, features: Iterable[str], scale: CoverageScale, language: str = "en") -> tuple[Path, ...]:
    """Write what `area_features` gave as one file, whole or not at all."""
    head = json.dumps({"type": "FeatureCollection", "name": say(scale.title, language)}, ensure_ascii=False)
    body = ",\n".join(features)
    return _write({path: f'{head[:-1]}, "features": [\n{body}\n]}}\n'.encode()})


def area_features(one: AreaMap, scale: CoverageScale, nodata: float | None, language: str = "en") -> Iterator[str]:
    """Yield the areas of a map's classes, one feature a class, as JSON."""
    classes = scale.of(one.band, nodata)
    if one.missing is not None:
        classes[one.missing & (classes == NO_ANSWER)] = len(scale.classes)
    for number, polygons in class_areas(classes, one.grid.transform).items():
        said: dict[str, Any] = {"layer": "coverage", **one.more}
        if number < len(scale.classes):
            found = scale.classes[number]
            low, high = (None if np.isinf(v) else v for v in (found.low, found.high))
            said |= {"title": say(found.words, language), "description": say(scale.title, language)}
            said |= {"low": low, "high": high, "fill": found.colour}
        else:
            said |= {"title": say(NO_DATA, language), "description": say(scale.title, language)}
            said |= {"low": None, "high": None, "no_data": True, "fill": MISSING}
        said |= {"fill-opacity": 0.6, "stroke-width": 0}
        yield _feature(said, _in_degrees(polygons, one.grid), one.grid)


def _feature(properties: Mapping[str, Any], polygons: NDArray[np.object_], grid: Grid) -> str:
    areas = ",".join(
        json.dumps([np.asarray(ring.coords).tolist() for ring in (one.exterior, *one.interiors)], separators=(",", ":"))
        for one in _rounded(polygons, grid.cell_m)
    )
    said = json.dumps(properties, ensure_ascii=False, allow_nan=False)
    return (
        f'{{"type": "Feature", "properties": {said}, "geometry": {{"type": "MultiPolygon", "coordinates": [{areas}]}}}}'
    )


def _rounded(polygons: NDArray[np.object_], cell_m: float) -> NDArray[np.object_]:
    """Return polygons with as few decimals as leave them sound: 6 are 0.1 m."""
    import shapely

    rounded = polygons
    for digits in range(next((n for n, least in _DIGITS if cell_m >= least), 8), _MOST_DIGITS + 1):
        rounded = np.asarray(shapely.transform(polygons, lambda at, digits=digits: np.round(at, digits)))
        if shapely.is_valid(rounded).all():
            break
    return rounded


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


def write_sheet(path: Path, drawing: DisplayList) -> tuple[Path, ...]:
    """Write a drawing as SVG, whole or not at all."""
    return _write({path: svg(drawing).encode()})


def write_style(path: Path, scale: CoverageScale, language: str = "en", *, whole: bool = False) -> tuple[Path, ...]:
    """Write how QGIS shows the GeoTIFF of a map: its classes, their colours and words; whole or not at all.

    ``path``: ``NAME.qml`` beside ``NAME.tif``: QGIS takes it up by itself. ``scale``: the classes. ``language``: of
    their words. ``whole``: whether values are whole numbers, one or a few a class.
    """
    entries = []
    for one in scale.classes:
        label, ink = quoteattr(say(one.words, language)), quoteattr(one.colour)
        # A class of QGIS goes up to its value, with it. Whole numbers go up to the one below the next class.
        top = one.high - 1.0 if whole else one.high
        # Where more is better a class begins with its lower limit: the largest number below its upper one ends it.
        top = float(np.nextafter(np.float32(top), np.float32(-np.inf))) if not (whole or scale.low_is_better) else top
        value = "inf" if np.isinf(one.high) else f"{top:.9g}"
        entries.append(f'<item value="{value}" label={label} color={ink} alpha="255"/>')
    shader = (
        '<rastershader><colorrampshader colorRampType="DISCRETE" classificationMode="1" clip="0">'
        + "".join(entries)
        + "</colorrampshader></rastershader>"
    )
    text = (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22" styleCategories="Symbology"><pipe>\n'
        '<rasterrenderer type="singlebandpseudocolor" band="1" opacity="0.8" alphaBand="-1">'
        f"{shader}</rasterrenderer>\n"
        "<brightnesscontrast/><huesaturation/><rasterresampler/></pipe></qgis>\n"
    )
    return _write({path: text.encode()})


def _write(files: Mapping[Path, bytes]) -> tuple[Path, ...]:
    """Write files aside, then put all in their places, the first one last: it is what the others stand beside."""
    aside = {path: part_of(path) for path in files}
    try:
        for path, data in files.items():
            with in_words(path):
                if path.is_dir():
                    raise IsADirectoryError(str(path))
                aside[path].write_bytes(data)
        for path, temporary in reversed(aside.items()):
            with in_words(path):
                temporary.replace(path)
    finally:
        for temporary in aside.values():
            temporary.unlink(missing_ok=True)
    return tuple(files)
