"""The map of a plan as a display list: relief, coverage, homes, towers, links, scale, north, legend, attribution.

The map is drawn on a transverse Mercator grid centred on itself, true to scale to better than a part in a thousand at
the sizes of a community network, north up.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from cn_planner import geo
from cn_planner.drawing.display import (
    SITE_RANKS,
    Anchor,
    DisplayList,
    Fill,
    Hatch,
    Image,
    ItemGroup,
    Marker,
    Polygon,
    Polyline,
    Stroke,
    Symbol,
    Text,
)
from cn_planner.drawing.hillshade import hillshade, relief, smooth
from cn_planner.drawing.labels import LabelBox, Wanted, place, shorten, text_width
from cn_planner.drawing.map_far import far_away
from cn_planner.drawing.map_frame import MapFrame, north_arrow, scale_bar
from cn_planner.drawing.map_legend import HATCH_ANGLE, legend_entries, legend_group
from cn_planner.drawing.map_obstacles import obstacles, on_the_sheet
from cn_planner.drawing.palette import Role
from cn_planner.drawing.place_symbols import SIGNS
from cn_planner.drawing.png import png_bytes
from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.message import msg
from cn_planner.terrain.knots import Knots, knots_along

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.drawing.display import XY, DisplayItem
    from cn_planner.drawing.map_content import MapArea, MapLink, SheetContent
    from cn_planner.drawing.profile_chart import PathPart


class Heights(Protocol):
    """Whatever knows the ground: `terrain.Surface` does."""

    def heights(self, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
        """Return heights, NaN where missing."""
        ...

    def on_raster(self, raster: Knots) -> NDArray[np.floating]:
        """Return heights of a raster, NaN where missing."""
        ...

    def missing_tiles(self, latitude: ArrayLike, longitude: ArrayLike) -> tuple[str, ...]:
        """Return the names of what is missing there."""
        ...

    def cell_m(self, latitude: float, longitude: float) -> float:
        """Return the size of the finest cell of the source there."""
        ...


_LEAST_SPAN_M = 1500.0
_MARGIN = 34.0  # points between the outermost thing and the map's edge: a label's height and a symbol


def _positions(content: SheetContent) -> NDArray[np.float64]:
    points = [(t.latitude, t.longitude) for t in content.towers]
    points += [(h.latitude, h.longitude) for h in content.homes]
    for link in content.links:
        points += [link.start, link.end]
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def frame_of(content: SheetContent, width: float, height: float, crs: str = "") -> MapFrame | None:
    """Return the frame that holds every tower, home and link; None where there is nothing to show.

    It is projected round its own middle where no reference system is given.
    """
    points = _positions(content)
    if not len(points):
        return None
    latitude = float(points[:, 0].min() + points[:, 0].max()) / 2
    # The middle longitude on the circle, so that a plan on the antimeridian is not torn.
    angle = np.radians(points[:, 1])
    longitude = math.degrees(math.atan2(float(np.sin(angle).mean()), float(np.cos(angle).mean())))
    crs = crs or geo.local_transverse_mercator(round(latitude, 4), round(longitude, 4))
    east, north = geo.transform(geo.WGS84, crs, points[:, 1], points[:, 0])
    span_east = max(float(east.max() - east.min()), _LEAST_SPAN_M)
    span_north = max(float(north.max() - north.min()), _LEAST_SPAN_M)
    scale = max(span_east / (width - 2 * _MARGIN), span_north / (height - 2 * _MARGIN))
    centre = (float(east.max() + east.min()) / 2, float(north.max() + north.min()) / 2)
    return MapFrame(crs, centre, scale, width, height)


_NEAR_EDGE = 16.0
"""So near to the edge a thing may come where that shows less ground without terrain."""
_AHEAD = 24
"""Places across and down at which it is looked whether the ground is known; and how many steps a frame may go."""


def on_known_ground(frame: MapFrame, content: SheetContent, heights: Heights) -> MapFrame:
    """Return a frame that shows as little ground without terrain as it can, moved no further than it must.

    What is to be seen stays on the map: the room beside a tall or a wide network is what moves.
    """
    points = _positions(content)
    for axis in range(2):
        frame = _moved_along(frame, points, heights, axis)
    return frame


def _moved_along(frame: MapFrame, points: NDArray[np.float64], heights: Heights, axis: int) -> MapFrame:
    size = frame.width, frame.height
    at = frame.xy(points[:, 0], points[:, 1])[:, axis]
    room = max(0.0, float(at.min()) - _NEAR_EDGE)
    other = max(0.0, size[axis] - _NEAR_EDGE - float(at.max()))
    # The window of the frame goes over a grid that reaches beyond it: right or down where there is room before things.
    step = size[axis] / _AHEAD
    before, after = int(other / step), int(room / step)
    along = (np.arange(-before, _AHEAD + after) + 0.5) * step
    across = (np.arange(_AHEAD) + 0.5) * size[1 - axis] / _AHEAD
    grid = np.meshgrid(along, across)
    gone = np.isnan(heights.heights(*frame.positions(*(grid if axis == 0 else grid[::-1])))).sum(axis=0)
    lost = [int(gone[n : n + _AHEAD].sum()) for n in range(before + after + 1)]
    best = min(range(len(lost)), key=lambda n: (lost[n], abs(n - before)))
    moved = (best - before) * step * frame.m_per_point
    east, north = frame.centre
    return replace(frame, centre=(east + moved, north) if axis == 0 else (east, north - moved))


_PIXELS_PER_POINT = 1.4  # 100 dots an inch: smooth on paper, and a quarter of a megabyte a page


def shaded(
    frame: MapFrame, heights: Heights, pixels_per_point: float = _PIXELS_PER_POINT
) -> tuple[NDArray[np.float32], NDArray[np.bool_], tuple[str, ...]]:
    """Return the shading of the frame, pixel by pixel, where terrain is missing, and the names of what is missing."""
    columns, rows = round(frame.width * pixels_per_point), round(frame.height * pixels_per_point)
    pixel_x, pixel_y = frame.width / columns, frame.height / rows
    # One pixel more on each side, so that the edge is shaded like the rest.
    (at_x, x), (at_y, y) = knots_along(columns + 2), knots_along(rows + 2)
    raster = Knots(*frame.positions(*np.meshgrid((at_x - 0.5) * pixel_x, (at_y - 0.5) * pixel_y)), y, x)
    height = heights.on_raster(raster)
    inner = (slice(1, -1), slice(1, -1))
    void = np.isnan(height)
    gone = void[inner]
    void[[0, -1]] = void[:, [0, -1]] = False  # what is shaded by is not shown
    missing = heights.missing_tiles(*raster.places(void)) if void.any() else ()
    cell_m = frame.m_per_point * pixel_x
    exaggeration = _exaggeration(height, 0.06 * frame.m_per_point * max(frame.width, frame.height))
    middle = frame.positions(frame.width / 2, frame.height / 2)
    source_cell_m = heights.cell_m(float(middle[0]), float(middle[1]))
    shade = hillshade(smooth(height, source_cell_m / cell_m), cell_m, exaggeration=exaggeration)[inner]
    return shade, gone, missing


def _exaggeration(height_m: NDArray[np.floating], wanted_m: float) -> float:
    """Return how often heights are taken so that they spread as wanted.

    Flat country is raised and high mountains kept: the eye reads about 15 degrees of slope best.
    """
    known = height_m[np.isfinite(height_m)]
    low, high = np.percentile(known, (2, 98)) if known.size else (0.0, 0.0)
    spread = float(high - low)
    return float(np.clip(wanted_m / max(spread, 1.0), 0.7, 6.0))


def on_frame(png: bytes, shape: tuple[int, ...], frame: MapFrame) -> Image:
    """Return a picture of rows and columns that fills the frame."""
    rows, columns = shape[:2]
    return Image(png, columns, rows, (frame.width / columns, 0.0, 0.0, frame.height / rows, 0.0, 0.0))


_TILE = re.compile(r"[NS]\d{2}[EW]\d{3}$")


def _missing_words(missing: tuple[str, ...], language: str) -> str:
    """Return in words which tiles are missing, and how many gaps there are in those that are there."""
    tiles = [name for name in missing if _TILE.match(name)]
    gaps = len(missing) - len(tiles)
    named = ", ".join(tiles[:6]) + (" …" if len(tiles) > 6 else "")
    if tiles and gaps:
        return say(msg("No terrain data (grey): {tiles}, and {n} gaps in the others.", tiles=named, n=gaps), language)
    if tiles:
        return say(msg("No terrain data (grey): {tiles}.", tiles=named), language)
    return say(msg("No terrain data where the map is grey."), language)


def _no_terrain(
    gone: NDArray[np.bool_], frame: MapFrame, words: str, things: NDArray[np.float64]
) -> tuple[tuple[DisplayItem, ...], list[LabelBox]]:
    """Name the largest area without terrain, where it is wide enough to hold its name; the ground under it is grey."""
    rows, columns = gone.shape
    wide, tall = text_width(words, 7.5) + 12, 18.0
    step_r, step_c = max(1, int(tall * rows / frame.height)), max(1, int(wide * columns / frame.width))
    best: tuple[float, LabelBox] | None = None
    at_r = np.arange(0, rows - step_r + 1, max(1, step_r // 2))[:, None]
    at_c = np.arange(0, columns - step_c + 1, max(1, step_c // 6))
    total = np.pad(gone.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))  # of all pixels above and to the left
    held = total[at_r + step_r, at_c + step_c] - total[at_r, at_c + step_c] - total[at_r + step_r, at_c]
    wide_enough = held + total[at_r, at_c] >= 0.98 * step_r * step_c
    for i, j in np.argwhere(wide_enough).tolist():
        r, c = int(at_r[i, 0]), int(at_c[j])
        x, y = (c + step_c / 2) / columns * frame.width, (r + step_r / 2) / rows * frame.height
        # As near to the middle of the sheet as can be: the corners hold north, scale and sources.
        away = abs(y - frame.height / 2) / frame.height + abs(x - frame.width / 2) / frame.width
        near = np.abs(things - (x, y)) < (wide / 2 + 8, tall / 2 + 8)
        away += float(near.all(axis=1).sum())
        if best is None or away < best[0]:
            best = away, LabelBox(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
    if best is None:
        return (), []
    box = best[1]
    text = Text(
        (box.left + box.right) / 2, (box.top + box.bottom) / 2, words, 7.5, Role.INK, Anchor.MIDDLE, plate=Role.PLATE
    )
    return (text,), [box]


def _background(frame: MapFrame) -> tuple[DisplayItem, ...]:
    sheet = ((0.0, 0.0), (frame.width, 0.0), (frame.width, frame.height), (0.0, frame.height))
    grey = Polygon((sheet,), Fill(Role.NO_TERRAIN, 0.3))
    return (grey, Polygon((sheet,), hatch=Hatch(Role.MUTED, 0.0, 5.0, 0.35, 0.4)))


_LEAST_AREA = 9.0  # square points


def _rings(geometry: BaseGeometry) -> tuple[tuple[XY, ...], ...]:
    import shapely  # see _areas

    polygons = [g for g in getattr(geometry, "geoms", [geometry]) if g.geom_type == "Polygon" and not g.is_empty]
    lines = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    # An islet or a gap smaller than a home's symbol is noise on paper.
    lines = [ring for ring in lines if shapely.Polygon(ring).area >= _LEAST_AREA]
    return tuple(tuple((float(x), float(y)) for x, y in ring.coords[:-1]) for ring in lines)


@lru_cache(maxsize=2)
def _reached(areas: tuple[MapArea, ...]) -> BaseGeometry:
    """Return where any tower reaches as one area, x longitude and y latitude: several sheets show the same.

    All of it lies on one side of the antimeridian, beyond 180 degrees where it has to.
    """
    import shapely  # 0.1 s; a map without coverage needs none of it

    first = next((ring[0][1] for area in areas for ring in area.rings), 0.0)

    def places(ring: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        latitude, longitude = np.asarray(ring, np.float64).T
        return np.column_stack([longitude + 360.0 * np.round((first - longitude) / 360.0), latitude])

    shapes = []
    for area in areas:
        # Even-odd: a ring inside another is a hole, so the symmetric difference of the rings is the area.
        rings = [shapely.Polygon(places(ring)) for ring in area.rings if len(ring) > 3]
        shape = shapely.Polygon()
        for ring in rings:
            shape = shape.symmetric_difference(shapely.make_valid(ring))
        shapes.append(shape)
    return shapely.union_all(shapes)


def _areas(areas: tuple[MapArea, ...], frame: MapFrame) -> tuple[DisplayItem, ...]:
    """Draw where any tower reaches as one hatched area: the outlines of each, laid over each other, cannot be read."""
    import shapely  # see _reached

    if not areas:
        return ()
    shape = shapely.transform(_reached(areas), lambda at: frame.xy(at[:, 1], at[:, 0]))
    sheet = shapely.box(-20.0, -20.0, frame.width + 20.0, frame.height + 20.0)
    # A tenth of a point is finer than any printer; it sheds nine points in ten of a raster's stairs.
    union = shapely.make_valid(shape).intersection(sheet).simplify(0.1)
    rings_xy = _rings(union)
    if not rings_xy:
        return ()
    hatch = Hatch(Role.COVERAGE, HATCH_ANGLE, 4.2, 0.45, 0.8)
    return (Polygon(rings_xy, Fill(Role.COVERAGE, 0.10), Stroke(Role.COVERAGE, 0.55, opacity=0.85), hatch),)


def _links(links: Sequence[MapLink], frame: MapFrame) -> tuple[tuple[DisplayItem, ...], list[tuple[XY, XY]]]:
    items: list[DisplayItem] = []
    ends: list[tuple[XY, XY]] = []
    for link in links:
        (a, b) = frame.xy([link.start[0], link.end[0]], [link.start[1], link.end[1]])
        line = ((float(a[0]), float(a[1])), (float(b[0]), float(b[1])))
        ends.append(line)
        items.append(Polyline(line, Stroke(Role.PAPER, 4.2, opacity=0.75)))
        if link.parts:
            items += _parts(link.parts, *line)
        else:
            items.append(Polyline(line, Stroke(Role.LINK, 2.0, () if link.sure else (6.0, 4.0))))
    return tuple(items), ends


_PART_STROKES = (Stroke(Role.LINK, 2.0), Stroke(Role.CAUTION, 2.4, (4.0, 3.0)), Stroke(Role.BAD, 3.4))
_BLOCKED = 2


def _parts(parts: Sequence[PathPart], start: XY, end: XY) -> list[DisplayItem]:
    """Draw a link part by part: clear, too near, and blocked, which carries crosses for those who copy in grey."""

    def at(share: float) -> XY:
        return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])

    length = math.hypot(end[0] - start[0], end[1] - start[1])
    lines: list[DisplayItem] = []
    crosses: list[DisplayItem] = []
    for part in parts:
        lines.append(Polyline((at(part.start), at(part.end)), _PART_STROKES[part.state]))
        if part.state == _BLOCKED:
            count = max(1, int((part.end - part.start) * length // 9))
            places = (at(part.start + (i + 0.5) * (part.end - part.start) / count) for i in range(count))
            crosses += [Marker(Symbol.CROSS, x, y, 7.0, Role.BAD, Role.PAPER) for x, y in places]
    return [*lines, *crosses]


TOWER_SIZE = 15.0


def _home_size(n: int) -> float:
    return 5.6 if n <= 200 else 4.2 if n <= 800 else 3.0


def tower_names(
    content: SheetContent,
    frame: MapFrame,
    towers: NDArray[np.float64],
    homes: NDArray[np.float64],
    lines: list[tuple[XY, XY]],
    furniture: list[LabelBox],
) -> tuple[tuple[DisplayItem, ...], int, list[LabelBox]]:
    """Return the towers' names where none covers another, how many found no place, and what masts and names take."""
    sheet = LabelBox(3, 3, frame.width - 3, frame.height - 3)
    half = 0.62 * TOWER_SIZE
    wanted = []
    for (x, y), tower in zip(towers, content.towers, strict=True):
        name = shorten(tower.name or tower.id, 8, 130, bold=True)
        wanted.append(Wanted(name, float(x), float(y), half, 8, bold=True))
    # The gateway first, then the network's towers, then the others, then what stands at the links' middles.
    order = sorted(range(len(wanted)), key=lambda i: -SITE_RANKS[content.towers[i].symbol])
    count = len(wanted)
    for link, ((ax, ay), (bx, by)) in zip(content.links, lines, strict=True):
        if link.label and math.hypot(bx - ax, by - ay) > 60.0:
            order.append(len(wanted))
            wanted.append(Wanted(link.label, (ax + bx) / 2, (ay + by) / 2, 3.0, 7))
    middles = frame.xy([n.latitude for n in content.names], [n.longitude for n in content.names])
    for area, (x, y) in zip(content.names, middles, strict=True):
        order.append(len(wanted))
        wanted.append(Wanted(shorten(area.text, 7, 110), float(x), float(y), 2.0, 7))
    areas_from = len(wanted) - len(content.names)
    masts = [
        LabelBox(w.x - 0.42 * TOWER_SIZE, w.y - half, w.x + 0.42 * TOWER_SIZE, w.y + 0.6 * half) for w in wanted[:count]
    ]
    placed = place(
        [wanted[i] for i in order],
        sheet,
        keep_off=[*furniture, *masts],
        dislike=[(float(x), float(y)) for x, y in homes],
        lines=lines,
    )
    leaders: list[DisplayItem] = []
    names: list[DisplayItem] = []
    for one in placed:
        want = wanted[order[one.index]]
        x, y = (one.box.left + one.box.right) / 2, (one.box.top + one.box.bottom) / 2
        if one.leader and order[one.index] < areas_from:
            leaders.append(Polyline(((want.x, want.y), (x, y)), Stroke(Role.INK, 0.6)))
        role = Role.INK if order[one.index] < areas_from else Role.MUTED
        names.append(Text(x, y, want.text, want.size, role, Anchor.MIDDLE, want.bold, Role.PLATE))
    named = sum(order[one.index] < count for one in placed)
    taken = [*masts, *(one.box for one in placed)]
    return (ItemGroup(tuple(leaders), "leaders"), ItemGroup(tuple(names), "names")), count - named, taken


def _rights(attribution: str, base: BaseSheet | None) -> str:
    """Return whose data a map shows, that of its base map first: its licence asks for it."""
    rights = "" if base is None else base.rights
    return ", ".join(
        part for part in (rights, attribution.replace(rights, "").strip(" ,") if rights else attribution) if part
    )


def map_sheet(
    content: SheetContent,
    heights: Heights | None,
    *,
    width: float = 510.0,
    height: float = 300.0,
    language: str = SOURCE_LANGUAGE,
    legend: bool = True,
    pixels_per_point: float = _PIXELS_PER_POINT,
    crs: str = "",
    base: BaseSheet | None = None,
) -> DisplayList:
    """Draw the map of a plan.

    Parameters
    ----------
    content : SheetContent
        What to show. With no tower, home or link the sheet says so.
    heights : Heights or None
        The ground; None: no relief, all grey.
    width, height : float
        Size of the map itself, in points; the legend stands under it and adds to the height.
    language : str
        Language of legend and words, BCP 47.
    legend : bool
        Whether the legend stands under the map.
    pixels_per_point : float
        How fine the relief is.
    crs : str
        A metric reference system, where many small maps are to share one; that of the map's own middle where not given.
    base : BaseSheet, optional
        Roads, water and names under the plan.

    Returns
    -------
    DisplayList
        ``notes`` says which terrain is missing and how many names found no room.
    """
    frame = frame_of(content, width, height, crs)
    edge = Polygon((((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)),), None, Stroke(Role.INK, 0.8))
    if frame is None:
        words = say(msg("Nothing is on the map yet: no home and no tower has a place."), language)
        middle = Text(width / 2, height / 2, words, 9, Role.MUTED, Anchor.MIDDLE)
        return DisplayList(width, height, (edge, middle), content.title, words)
    if heights is not None:
        frame = on_known_ground(frame, content, heights)
    content = replace(content, obstacles=on_the_sheet(content.obstacles, frame))
    ground: list[DisplayItem] = [*_background(frame)]
    notes: list[str] = []
    furniture: list[DisplayItem] = []
    scale, scale_box = scale_bar(frame, width - 14, height - 11, language)
    north, north_box = north_arrow(width - 8, 8, language)
    boxes = [scale_box, north_box]
    furniture += [scale, north]
    towers = frame.xy([t.latitude for t in content.towers], [t.longitude for t in content.towers])
    homes = frame.xy([h.latitude for h in content.homes], [h.longitude for h in content.homes])
    things = np.vstack([towers, homes])
    any_missing = True
    named: tuple[DisplayItem, ...] = ()
    if heights is not None:
        shade, gone, missing = shaded(frame, heights, pixels_per_point)
        ground.append(on_frame(png_bytes(relief(shade)), shade.shape, frame))
        any_missing = bool(gone.any())
        if any_missing:
            named, named_boxes = _no_terrain(gone, frame, say(msg("no terrain data"), language), things)
            boxes += named_boxes
            notes.append(_missing_words(missing, language))
    rights = _rights(content.attribution, base)
    if rights:
        words = shorten(rights, 6, scale_box.left - 14)
        box = LabelBox(4, height - 12, 12 + text_width(words, 6), height - 3)
        boxes.append(box)
        furniture.append(Text(7, height - 7.5, words, 6, Role.MUTED, plate=Role.PLATE))
    far, far_boxes = far_away(content.far, frame, boxes)
    furniture += far
    boxes += far_boxes
    lines, ends = _links(content.links, frame)
    size = _home_size(len(homes))
    # What is not reached lies on top: it is what people look for.
    order = sorted(range(len(homes)), key=lambda i: content.homes[i].symbol.endswith("not_reached"))
    dots = tuple(
        Marker(
            h.symbol,
            float(x),
            float(y),
            max(9.0, 1.6 * size) if h.symbol in SIGNS else size * (1.0 if h.symbol.startswith("home") else 1.6),
            Role.PUBLIC if h.symbol in SIGNS else Role.REACHED,
            Role.PAPER,
            h.id,
        )
        for h, (x, y) in ((content.homes[i], homes[i]) for i in order)
    )
    order = sorted(range(len(towers)), key=lambda i: SITE_RANKS[content.towers[i].symbol])
    masts = tuple(
        Marker(t.symbol, float(x), float(y), TOWER_SIZE, Role.TOWER, Role.PAPER, t.id)
        for t, (x, y) in ((content.towers[i], towers[i]) for i in order)
    )
    names, left_out, taken = tower_names(content, frame, towers, homes, ends, boxes)
    if left_out:
        notes.append(say(msg("Names without room on the map: {n}.", n=left_out), language))
    inside = ItemGroup(
        (
            ItemGroup(tuple(ground), "ground"),
            ItemGroup(() if base is None else base.items(frame), "base"),
            ItemGroup(_areas(content.areas, frame), "coverage"),
            *named,
            ItemGroup(() if base is None else base.names(frame, [*boxes, *taken], things), "places"),
            ItemGroup(obstacles(content.obstacles, frame), "obstacles"),
            ItemGroup(lines, "links"),
            ItemGroup(dots, "homes"),
            names[0],
            ItemGroup(masts, "towers"),
            names[1],
            *furniture,
        ),
        "map",
        clip=(0.0, 0.0, width, height),
    )
    items: list[DisplayItem] = [inside, edge]
    total = height
    if legend:
        group, tall = legend_group(legend_entries(content, missing=any_missing), width, height + 4, language)
        items.append(group)
        total += 4 + tall
    described = say(
        msg(
            "Map with {towers} towers, {links} links and {homes} homes, north up.",
            towers=len(content.towers),
            links=len(content.links),
            homes=sum(one.symbol not in SIGNS for one in content.homes),
        ),
        language,
    )
    return DisplayList(width, total, tuple(items), content.title, described, tuple(notes))
