"""The map of a coverage as a sheet for people: classes over relief, towers, scale, north, legend, what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import geo
from cn_planner.drawing.coverage_classes import MISSING, NO_ANSWER
from cn_planner.drawing.display import (
    Anchor,
    DisplayList,
    Fill,
    ItemGroup,
    Marker,
    Polygon,
    Polyline,
    Stroke,
    Symbol,
    Text,
)
from cn_planner.drawing.hillshade import relief
from cn_planner.drawing.labels import LabelBox, shorten, text_width
from cn_planner.drawing.map_content import MapTower, SheetContent
from cn_planner.drawing.map_frame import MapFrame, north_arrow, scale_bar
from cn_planner.drawing.map_sheet import TOWER_SIZE, on_frame, shaded, tower_names
from cn_planner.drawing.palette import OTHERS, Role, rgb
from cn_planner.drawing.png import png_bytes
from cn_planner.i18n import say
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import CoverageSite, Grid
    from cn_planner.drawing.coverage_classes import CoverageScale
    from cn_planner.drawing.display import DisplayItem
    from cn_planner.drawing.map_sheet import Heights

_WIDTH, _LEAST, _MOST = 520.0, 220.0, 620.0
_EDGE, _ROOM = 14.0, 1.06
_TITLE, _WORDS, _LINE = 13.0, 8.5, 13.0
_COLOUR, _LEVEL = 0.66, 212.0
"""Share of a class's colour over the relief, and the grey of level ground."""
_BEYOND, _OUT_OF_REACH = 0.3, 0.7
"""How much of the relief is left beyond the radius, and within it where no class lies over it."""
_SWATCH = (20.0, 10.0)


@dataclass(frozen=True, slots=True)
class CoverageSheet:
    """What the sheet shows.

    Attributes
    ----------
    classes : int array of (rows, columns)
        Numbers of the scale's classes, `NO_ANSWER` where there is none.
    grid : Grid
        Where they lie.
    scale : CoverageScale
    sites : sequence of CoverageSite
        The towers, and what each is called.
    radius_m : float
        How far round each of them the map reaches.
    lines : sequence of str
        What was asked, already said.
    attribution : str
        Whose terrain it rests on.
    no_data : str
        What places within the radius are called that have no class.
    """

    classes: NDArray[np.integer]
    grid: Grid
    scale: CoverageScale
    sites: Sequence[CoverageSite]
    radius_m: float
    lines: Sequence[str]
    attribution: str
    no_data: str


def swatch(ink: tuple[int, int, int], x: float, y: float, wide: float, high: float) -> list[DisplayItem]:
    """Return a field of a colour whose left edge is x and whose middle is at y, with a thin edge."""
    ring = ((x, y - high / 2), (x + wide, y - high / 2), (x + wide, y + high / 2), (x, y + high / 2))
    picture = on_frame(png_bytes(np.array([[ink]], np.uint8)), (1, 1), MapFrame("", (0.0, 0.0), 1.0, wide, high))
    return [ItemGroup((picture,), offset=(x, y - high / 2)), Polygon((ring,), None, Stroke(Role.MUTED, 0.4))]


def _pale(grey: NDArray[np.float64] | float, share: float) -> NDArray[np.float64] | float:
    return 255.0 - (255.0 - grey) * share


def _over(ink: str) -> tuple[int, int, int]:
    """Return what a class looks like over level ground; what is out of reach is the ground itself."""
    ground = _pale(_LEVEL, _OUT_OF_REACH)
    red, green, blue = (
        round(float(ground if ink == OTHERS else _COLOUR * one + (1.0 - _COLOUR) * _LEVEL)) for one in rgb(ink)
    )
    return red, green, blue


def _frame(sheet: CoverageSheet) -> MapFrame:
    latitude = sum(one.latitude for one in sheet.sites) / len(sheet.sites)
    angle = np.radians([one.longitude for one in sheet.sites])
    longitude = math.degrees(math.atan2(float(np.sin(angle).mean()), float(np.cos(angle).mean())))
    crs = geo.local_transverse_mercator(round(latitude, 4), round(longitude, 4))
    east, north = geo.transform(
        geo.WGS84, crs, [one.longitude for one in sheet.sites], [one.latitude for one in sheet.sites]
    )
    across, down = (float(at.max() - at.min()) + 2.0 * sheet.radius_m for at in (east, north))
    m_per_point = _ROOM * across / _WIDTH
    height = float(np.clip(_ROOM * down / m_per_point, _LEAST, _MOST))
    m_per_point = max(m_per_point, _ROOM * down / height)
    centre = (float(east.max() + east.min()) / 2.0, float(north.max() + north.min()) / 2.0)
    return MapFrame(crs, centre, m_per_point, _WIDTH, height)


def _picture(
    sheet: CoverageSheet, frame: MapFrame, shade: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the pixels of the map, where they lie within a radius, and where of those there is no answer."""
    rows, columns = shade.shape
    x = (np.arange(columns) + 0.5) * (frame.width / columns)
    y = (np.arange(rows) + 0.5) * (frame.height / rows)
    xs, ys = np.meshgrid(x, y)
    latitude, longitude = frame.positions(xs, ys)
    at_row, at_column = sheet.grid.to_cell(*geo.transform(geo.WGS84, sheet.grid.crs, longitude, latitude))
    inside, surely = np.zeros(shade.shape, np.bool_), np.zeros(shade.shape, np.bool_)
    own = np.zeros(shade.shape, np.bool_)
    cell = math.sqrt(max(sheet.grid.metric[0], sheet.grid.metric[2])) / frame.m_per_point
    radius = sheet.radius_m / frame.m_per_point
    towers = frame.xy([one.latitude for one in sheet.sites], [one.longitude for one in sheet.sites])
    for tower_x, tower_y in towers:
        away = np.hypot(xs - tower_x, ys - tower_y)
        inside |= away <= radius
        surely |= away <= radius - 1.5 * cell - 1.0  # cells count as within by their centres
        own |= away <= cell  # on a tower's own ground no model of loss has an answer
    row, column = (np.floor(np.where(np.isfinite(v), v, -9.0) + 0.5).astype(np.int64) for v in (at_row, at_column))
    held = (row >= 0) & (row < sheet.classes.shape[0]) & (column >= 0) & (column < sheet.classes.shape[1])
    number = np.full(shade.shape, NO_ANSWER, np.int64)
    number[held] = sheet.classes[row[held], column[held]]
    grey = relief(shade)[..., 0].astype(np.float64)
    known = ~np.isnan(shade)
    faded = np.where(known, _pale(grey, _BEYOND), 255.0)
    out = np.repeat(faded[..., np.newaxis], 3, axis=2)
    for k, one in enumerate(sheet.scale.classes):
        mine = inside & (number == k)
        # Where a class lies and no height is known between the source's samples, the ground is level.
        ground = np.where(known, grey, _LEVEL)[mine]
        if one.colour == OTHERS:
            out[mine] = np.asarray(_pale(ground, _OUT_OF_REACH))[:, np.newaxis]
        else:
            shades = (ground / _LEVEL)[:, np.newaxis]
            out[mine] = _COLOUR * shades * np.array(rgb(one.colour)) + (1.0 - _COLOUR) * ground[:, np.newaxis]
    # In grey, and to some eyes, colours do not part neighbours, nor what is reached from what is not: a line does.
    others = [k for k, one in enumerate(sheet.scale.classes) if one.colour == OTHERS]
    parted = np.isin(number, [NO_ANSWER, *others]) if sheet.scale.ranked else number
    edge = np.zeros(shade.shape, np.bool_)
    edge[1:] |= parted[1:] != parted[:-1]
    edge[:, 1:] |= parted[:, 1:] != parted[:, :-1]
    out[edge & inside] *= 0.5
    gone = surely & ~own & (number == NO_ANSWER)
    stripes = (np.arange(rows) // 2 % 3 == 0)[:, np.newaxis]
    out[gone] = rgb(MISSING)
    out[gone & stripes] = 235.0
    return np.clip(out.round(), 0.0, 255.0).astype(np.uint8), inside, gone


def _limits(sheet: CoverageSheet, frame: MapFrame) -> list[DisplayItem]:
    """Return the line that the towers' radii make."""
    import shapely

    towers = frame.xy([one.latitude for one in sheet.sites], [one.longitude for one in sheet.sites])
    circles = shapely.buffer(shapely.points(towers), sheet.radius_m / frame.m_per_point, quad_segs=45)
    lines: list[DisplayItem] = []
    for one in shapely.get_parts(shapely.union_all(circles)):
        for ring in (one.exterior, *one.interiors):
            points = tuple((float(x), float(y)) for x, y in ring.coords)
            lines.append(Polyline(points, Stroke(Role.INK, 0.7, (4.0, 3.0), 0.8)))
    return lines


def coverage_sheet(sheet: CoverageSheet, heights: Heights, language: str = "en") -> DisplayList:
    """Draw the map of a coverage.

    Parameters
    ----------
    sheet : CoverageSheet
        What to show.
    heights : Heights
        The ground under it.
    language : str
        Of legend and words, BCP 47.
    """
    frame = _frame(sheet)
    shade, _, _ = shaded(frame, heights)
    pixels, inside, gone = _picture(sheet, frame, shade)
    title = say(sheet.scale.title, language)
    width = frame.width + 2 * _EDGE
    items: list[DisplayItem] = [Text(_EDGE, _EDGE + _TITLE / 2, title, _TITLE, Role.INK, bold=True)]
    top = _EDGE + _TITLE + 5.0
    for line in sheet.lines:
        items.append(Text(_EDGE, top + _LINE / 2, shorten(line, _WORDS, frame.width), _WORDS, Role.MUTED))
        top += _LINE
    top += 4.0
    scale, scale_box = scale_bar(frame, frame.width - 14.0, frame.height - 11.0, language)
    north, north_box = north_arrow(frame.width - 8.0, 8.0, language)
    furniture: list[DisplayItem] = [scale, north]
    boxes = [scale_box, north_box]
    if sheet.attribution:
        words = shorten(sheet.attribution, 6.5, scale_box.left - 14.0)
        boxes.append(LabelBox(4.0, frame.height - 12.0, 12.0 + text_width(words, 6.5), frame.height - 3.0))
        furniture.append(Text(7.0, frame.height - 8.0, words, 6.5, Role.INK, plate=Role.PLATE))
    places = frame.xy([one.latitude for one in sheet.sites], [one.longitude for one in sheet.sites])
    masts = tuple(MapTower(str(i), one.name, one.latitude, one.longitude) for i, one in enumerate(sheet.sites))
    names: tuple[DisplayItem, ...] = ()
    if len(masts) > 1 or not masts[0].name.isdigit():
        names, *_ = tower_names(SheetContent(masts), frame, places, np.empty((0, 2)), [], boxes)
    markers = tuple(Marker(Symbol.TOWER, float(x), float(y), TOWER_SIZE, Role.TOWER, Role.PAPER) for x, y in places)
    ring = ((0.0, 0.0), (frame.width, 0.0), (frame.width, frame.height), (0.0, frame.height))
    body = (
        on_frame(png_bytes(pixels), pixels.shape, frame), *_limits(sheet, frame),
        *names[:1], ItemGroup(markers, "towers"), *names[1:], *furniture,
    )  # fmt: skip
    items.append(ItemGroup(body, "map", clip=(0.0, 0.0, frame.width, frame.height), offset=(_EDGE, top)))
    items.append(ItemGroup((Polygon((ring,), None, Stroke(Role.INK, 0.8)),), offset=(_EDGE, top)))
    top += frame.height + 8.0
    entries, tall = _legend(sheet, language, frame.width, beyond=not inside.all(), gone=bool(gone.any()))
    items.append(ItemGroup(entries, "legend", offset=(_EDGE, top)))
    height = top + tall + _EDGE
    paper = Polygon((((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)),), Fill(Role.PAPER))
    return DisplayList(width, height, (paper, *items), title, ". ".join(sheet.lines))


def _legend(
    sheet: CoverageSheet, language: str, width: float, *, beyond: bool, gone: bool
) -> tuple[tuple[DisplayItem, ...], float]:
    """Return the legend in columns that are as wide as its longest words, read downwards, and its height."""
    wide, high = _SWATCH
    said = [(_over(one.colour), say(one.words, language)) for one in sheet.scale.listed]
    if gone:
        said.append((rgb(MISSING), sheet.no_data))
    if beyond:
        pale = round(float(_pale(_LEVEL, _BEYOND)))
        said.append(((pale, pale, pale), say(msg("Not mapped"), language)))
    said = [(ink, shorten(text, _WORDS, width - wide - 6.0)) for ink, text in said]
    count = len(said) + 1
    column = max(text_width(text, _WORDS) for _, text in said) + wide + 6.0 + 18.0
    columns = max(1, min(int((width + 18.0) / column), count))
    rows = math.ceil(count / columns)
    items: list[DisplayItem] = []
    for number, (ink, text) in enumerate(said):
        x, y = number // rows * column, (number % rows + 0.5) * _LINE
        items += swatch(ink, x, y, wide, high)
        items.append(Text(x + wide + 6.0, y, text, _WORDS, Role.INK))
    x, y = (count - 1) // rows * column, ((count - 1) % rows + 0.5) * _LINE
    items.append(Marker(Symbol.TOWER, x + wide / 2, y, 11.0, Role.TOWER, Role.PAPER))
    items.append(Text(x + wide + 6.0, y, say(msg("Tower"), language), _WORDS, Role.INK, Anchor.START))
    return tuple(items), rows * _LINE
