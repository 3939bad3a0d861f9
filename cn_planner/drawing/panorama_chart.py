"""The picture of a panorama as a display list: the ground in its haze, bearings, hills, and the other ends of paths."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.drawing.display import (
    Anchor,
    DisplayList,
    Fill,
    Image,
    ItemGroup,
    Marker,
    Polygon,
    Polyline,
    Stroke,
    Symbol,
    Text,
)
from cn_planner.drawing.labels import LabelBox, Wanted, place, text_width
from cn_planner.drawing.palette import Role, Theme
from cn_planner.drawing.png import png_bytes
from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.message import msg
from cn_planner.service.outlook import SightLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.panorama import Panorama
    from cn_planner.drawing.display import DisplayItem
    from cn_planner.service.outlook import OtherEnd, OutlookHill

AXIS = 18.0
"""Points under the picture, for the bearings."""
_SKY, _NEAR, _TREES, _FAR = (226, 236, 243), (128, 140, 104), (74, 112, 72), (201, 215, 224)
_HAZE_M = 22_000.0
"""Two thirds of the haze that there is lies before ground so far off."""
_RIDGE, _RIDGE_M = 0.12, 200.0
"""Where ground lies further than that just below it by this share, and by so much, a ridge stands before it."""
_RIDGE_INK = 0.42
_MARK, _LABEL, _SMALL = 11.0, 8.0, 7.5
_ROLES = {
    SightLine.SEEN: Role.GOOD,
    SightLine.DOUBTFUL: Role.CAUTION,
    SightLine.HIDDEN: Role.BAD,
    SightLine.UNKNOWN: Role.MUTED,
}
_HIDING_SHARE = 0.02
"""Of the picture's width to either side: so much of the ridge that hides an end is drawn in red."""


def panorama_pixels(seen: Panorama, theme: Theme = Theme.LIGHT) -> NDArray[np.uint8]:
    """Return the picture of the ground, shape (rows, columns, 3); in greys for a black and white theme."""
    far = seen.distance_m.astype(np.float64)
    sky = np.isnan(far)
    haze = (1.0 - np.exp(-np.where(sky, 0.0, far) / _HAZE_M))[..., np.newaxis]
    ground = np.where(seen.trees[..., np.newaxis], _TREES, _NEAR).astype(np.float64)
    lit = ground * (0.5 + 0.75 * np.nan_to_num(seen.light)[..., np.newaxis])
    colours = lit * (1.0 - haze) + np.array(_FAR, np.float64) * haze
    colours[sky] = _SKY
    # The upper of two pixels lies on ground much further off, or in the sky: the lower one is an edge.
    above = np.vstack([np.full((1, far.shape[1]), np.nan), far[:-1]])
    edge = ~sky & (np.isnan(above) | (above - far > np.maximum(_RIDGE * far, _RIDGE_M)))
    colours[edge] *= 1.0 - _RIDGE_INK
    if theme is Theme.BLACK_AND_WHITE:
        grey = colours @ np.array([0.299, 0.587, 0.114])
        grey = 255.0 - (255.0 - grey) * 0.6  # paper: light enough to write on
        grey[edge] = 40.0
        grey[sky] = 255.0
        colours = np.repeat(grey[..., np.newaxis], 3, axis=2)
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)


def panorama_chart(
    seen: Panorama,
    ends: Sequence[OtherEnd] = (),
    hills: Sequence[OutlookHill] = (),
    *,
    width: float = 760.0,
    height: float = 250.0,
    theme: Theme = Theme.LIGHT,
    language: str = SOURCE_LANGUAGE,
    imperial: bool = False,
) -> DisplayList:
    """Draw a panorama.

    Parameters
    ----------
    seen : Panorama
    ends : sequence of OtherEnd
        Towers and homes; those beyond the picture are left out.
    hills : sequence of Hill
        Labelled by height and distance where there is room.
    width, height : float
        Points, with the line of bearings.
    theme : Theme
        Black and white draws the ground in greys.
    language : str
        BCP 47.
    imperial : bool
        Whether heights and distances are written in feet and miles.
    """
    tall = height - AXIS
    pixels = panorama_pixels(seen, theme)
    rows, columns = pixels.shape[:2]
    picture = Image(png_bytes(pixels), columns, rows, (width / columns, 0.0, 0.0, tall / rows, 0.0, 0.0))
    items: list[DisplayItem] = [picture]
    shown = [(end, *_at(seen, end.azimuth_deg, end.elevation_deg, width, tall)) for end in ends]
    shown = [(end, x, min(max(y, 6.0), tall - 6.0)) for end, x, y in shown if 0.0 <= x <= width]
    for end, x, y in shown:
        if end.sight is SightLine.HIDDEN:
            items += _hiding(seen, end, x, width, tall)
        items += _mark(end, x, y)
    boxes = [LabelBox(x - 7.0, y - 7.0, x + 7.0, y + 7.0) for _, x, y in shown]
    sheet = LabelBox(2.0, 2.0, width - 2.0, tall - 2.0)
    wanted = [
        Wanted(_label(end, language, imperial=imperial), x, y, 7.0, _LABEL, bold=end.stands) for end, x, y in shown
    ]
    tops = [(hill, *_at(seen, hill.azimuth_deg, hill.elevation_deg, width, tall)) for hill in hills]
    tops = [one for one in tops if 0.0 <= one[1] <= width]
    wanted += [Wanted(_height(hill, language, imperial=imperial), x, y - 8.0, 2.0, _SMALL) for hill, x, y in tops]
    owners = [*((x, y, _ROLES[end.sight]) for end, x, y in shown), *((x, y, Role.MUTED) for _, x, y in tops)]
    for one in place(wanted, sheet, keep_off=boxes):
        want, (x, y, role) = wanted[one.index], owners[one.index]
        middle = (one.box.left + one.box.right) / 2.0, (one.box.top + one.box.bottom) / 2.0
        if one.leader or role is Role.MUTED:
            items.append(
                Polyline(((x, y), (middle[0], one.box.top if middle[1] > y else one.box.bottom)), Stroke(role, 0.6))
            )
        items.append(Text(*middle, want.text, want.size, role, Anchor.MIDDLE, bold=want.bold, plate=Role.PLATE))
    items = [ItemGroup(tuple(items), "panorama", clip=(0.0, 0.0, width, tall)), *_bearings(seen, width, tall, language)]
    title = say(msg("What is seen from {m:g} m above the ground", m=seen.eye_m), language, imperial=imperial)
    hidden = sum(end.sight is SightLine.HIDDEN for end, _, _ in shown)
    words = say(
        msg(
            "{count:,d} other ends in the picture, {hidden:,d} of them hidden by the ground.",
            count=len(shown),
            hidden=hidden,
        ),
        language,
    )
    return DisplayList(width, height, tuple(items), title, words)


def _at(seen: Panorama, azimuth_deg: float, elevation_deg: float, width: float, tall: float) -> tuple[float, float]:
    across, down = seen.place_of(azimuth_deg, elevation_deg)
    return across * width, down * tall


def _label(end: OtherEnd, language: str, *, imperial: bool) -> str:
    return say(msg("{name}, {km:.1f} km", name=end.name, km=end.distance_m / 1e3), language, imperial=imperial)


def _height(hill: OutlookHill, language: str, *, imperial: bool) -> str:
    words = msg("{m:,.0f} m, {km:.1f} km", m=hill.amsl_m, km=hill.distance_m / 1e3)
    return say(
        msg("{name}, {height}", name=hill.name, height=words) if hill.name else words, language, imperial=imperial
    )


def _mark(end: OtherEnd, x: float, y: float) -> list[DisplayItem]:
    """Return the sign of an end: its own symbol in a ring, broken where trees stand before it, crossed where hidden."""
    role = _ROLES[end.sight]
    ring = tuple((x + 7.0 * math.cos(math.pi * k / 12.0), y + 7.0 * math.sin(math.pi * k / 12.0)) for k in range(25))
    dash = () if end.sight is SightLine.SEEN else (2.0, 2.0)
    found: list[DisplayItem] = [
        Polygon((ring[:-1],), Fill(Role.PLATE, 0.9)),
        Polyline(ring, Stroke(role, 1.4, dash)),
    ]
    if end.sight is SightLine.HIDDEN:
        return [*found, Marker(Symbol.CROSS, x, y, _MARK - 4.0, role, Role.PLATE, end.id)]
    if end.sight is SightLine.DOUBTFUL:
        return [*found, Text(x, y, "!", 9.0, role, Anchor.MIDDLE, bold=True)]
    symbol = Symbol.HOME if end.kind == "household" else Symbol.TOWER if end.stands else Symbol.SUGGESTED
    return [*found, Marker(symbol, x, y, _MARK - 3.0, role, Role.PLATE, end.id)]


def _hiding(seen: Panorama, end: OtherEnd, x: float, width: float, tall: float) -> list[DisplayItem]:
    """Return the piece of the ridge before an end that is hidden, and the line down to the end behind it."""
    rows, columns = seen.distance_m.shape
    middle, half = round(x / width * columns), max(1, round(_HIDING_SHARE * columns))
    line = []
    for column in range(max(middle - half, 0), min(middle + half, columns)):
        nearer = np.flatnonzero(seen.distance_m[:, column] < 0.98 * end.distance_m)
        if nearer.size:
            line.append(((column + 0.5) * width / columns, float(nearer[0]) * tall / rows))
    return [Polyline(tuple(line), Stroke(Role.BAD, 2.4))] if len(line) > 1 else []


def _bearings(seen: Panorama, width: float, tall: float, language: str) -> list[DisplayItem]:
    """Return the line of bearings under the picture: every so many degrees, the four winds in bold."""
    step = seen.azimuth_deg[1] - seen.azimuth_deg[0]
    left, span = seen.azimuth_deg[0] - step / 2.0, step * len(seen.azimuth_deg)
    room = text_width("360°", _SMALL) * 1.6
    every = next((one for one in (5.0, 10.0, 15.0, 30.0) if one / span * width >= room), 45.0)
    winds = {0: msg("N"), 90: msg("E"), 180: msg("S"), 270: msg("W")}
    found: list[DisplayItem] = [Polyline(((0.0, tall), (width, tall)), Stroke(Role.INK, 0.8))]
    for number in range(math.ceil(left / every), math.floor((left + span) / every) + 1):
        x, bearing = (number * every - left) / span * width, round(number * every) % 360
        wind = winds.get(bearing)
        found.append(Polyline(((x, tall), (x, tall + 3.5)), Stroke(Role.INK, 0.6)))
        if room / 2.0 < x < width - room / 2.0:
            text = f"{bearing}°" if wind is None else f"{bearing}° {say(wind, language)}"
            found.append(Text(x, tall + 10.5, text, _SMALL, Role.INK, Anchor.MIDDLE, bold=wind is not None))
    return found
