"""The profile of a link at half a page's height, to scale, with its tightest place enlarged and named."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.drawing.display import Anchor, DisplayList, Fill, Hatch, ItemGroup, Polygon, Polyline, Stroke, Text
from cn_planner.drawing.labels import LabelBox, shorten, text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_chart import path_states, profile_shape
from cn_planner.drawing.profile_curves import BLOCKED, CLEAR, ProfileScale, ProfileShape, axis_ticks, curve_points, runs
from cn_planner.drawing.sketch import PLAIN, SMALL, Sketch
from cn_planner.i18n import SOURCE_LANGUAGE
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.drawing.profile_chart import ProfileContent
    from cn_planner.message import Message

_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 6.0, 11.0, 14.0
_INSET = (122.0, 46.0)
_ASIDE, _GAP, _NEAR = 44.0, 5.0, 5.0
"""From the plot's edge to the inset, between it and its words, and the radius of the ring round the place."""
_LINE = 10.5
_TRY, _FAR = 12.0, 0.003
"""Places for the inset are tried so far apart; each point that one is away counts as so much height lost."""
_WINDOW, _LEAST_WINDOW_M = 0.05, 120.0
"""The inset shows a twentieth of the path to either side of the place, and so many metres at least."""
_MINUS = re.compile(r"-(?=\d)")
_SMOOTH = 64
"""So many places of the zone's edge, which has no corners."""
_GROUND, _TREES = Fill(Role.GRID, 0.85), Hatch(Role.ACCENT, 45.0, 2.6, 0.45)


class TightPlace(NamedTuple):
    """Where a path is tightest: metres from the first end, clearance of the line in metres and in F1, F1 wanted.

    ``f1`` is None where there is no zone.
    """

    at_m: float
    clear_m: float
    f1: float | None
    wanted_f1: float


class _Place(NamedTuple):
    """Where the inset begins, and whether its words stand after it."""

    left: float
    after: bool


def cover_at(content: ProfileContent, at_m: float) -> float:
    """Return how high trees and houses are counted at a place of the path, m above its ground."""
    sample = int(np.argmin(np.abs(np.asarray(content.distance_m) - at_m)))
    return float(np.nan_to_num(content.cover_m[sample]))


def inset_profile(
    content: ProfileContent,
    tight: TightPlace | None,
    *,
    width: float,
    height: float,
    language: str = SOURCE_LANGUAGE,
) -> DisplayList:
    """Draw the profile.

    Parameters
    ----------
    content : ProfileContent
        Ground, trees, antennas, frequency.
    tight : TightPlace or None
        What was found to be the tightest place; without it nothing is enlarged.
    width, height : float
        Points.
    language : str
        Language of the words, BCP 47.
    """
    sketch = Sketch(width, height, language)
    described = msg("Profile from {start} to {end}, {km:.2f} km.", start=content.start, end=content.end,
                    km=float(content.distance_m[-1]) / 1000.0)  # fmt: skip
    shape = profile_shape(content)
    if shape is None:
        told = msg("No profile: terrain is missing at an end of the path.")
        sketch.words(width / 2.0, height / 2.0, told, PLAIN, anchor=Anchor.MIDDLE, role=Role.MUTED)
        return _done(sketch, content, told)
    words = [] if tight is None else _words(sketch, content, tight)
    wide = _INSET[0] + _GAP + max((text_width(one, SMALL, bold=n == 0) for n, one in enumerate(words)), default=0.0)
    plot = LabelBox(_LEFT, _TOP, width - _RIGHT, height - _BOTTOM)
    scale, place = _scaled(shape, plot, tight, wide)
    _axes(sketch, scale)
    sketch.items.append(ItemGroup((*_curves(shape, scale, content, 1.6), *_masts(shape, scale)), "profile",
                                  clip=(plot.left - 2.0, plot.top - 4.0, plot.right - plot.left + 4.0,
                                        plot.bottom - plot.top + 4.0)))  # fmt: skip
    sketch.line((plot.left, plot.bottom), (plot.right, plot.bottom))
    _ends(sketch, content, plot)
    if tight is not None:
        _enlarged(sketch, shape, content, scale, tight, words, place)
    return _done(sketch, content, described)


def _done(sketch: Sketch, content: ProfileContent, described: Message) -> DisplayList:
    title = f"{content.start} – {content.end}"
    return DisplayList(sketch.width, sketch.height, tuple(sketch.items), title, sketch.say(described))


def _scaled(
    shape: ProfileShape, plot: LabelBox, tight: TightPlace | None, wide: float
) -> tuple[ProfileScale, _Place]:  # fmt: skip
    """Return the scale, and where the inset stands: where it leaves the path most height, and is not far from it."""
    length, across = float(shape.distance[-1]), plot.right - plot.left
    lowest = float(np.nanmin(np.fmin(shape.ground, shape.ray)))
    highest = np.fmax(np.nan_to_num(shape.top, nan=-math.inf), shape.ray)
    most = float(highest.max())
    span = max(most - lowest, 30.0)
    low = lowest - 0.2 * span
    plain = (most - low) * 1.06
    if tight is None:
        return ProfileScale(plot, length, low, low + plain), _Place(plot.left, after=True)
    taken = (_INSET[1] + 6.0) / (plot.bottom - plot.top)
    along = shape.distance / length * across
    here = tight.at_m / length * across
    best, chosen, tall = math.inf, _Place(plot.left + _ASIDE, after=True), plain
    for begin in np.arange(_ASIDE, across - wide - _ASIDE / 2.0, _TRY).tolist():
        beside = (along > begin - 4.0) & (along < begin + wide + 4.0)
        under = float(highest[beside].max()) if beside.any() else low
        needed = max(plain, (under - low) / (1.0 - taken))
        for after in (True, False):
            left = begin if after else begin + wide - _INSET[0]
            away = min(abs(left - here), abs(left + _INSET[0] - here))
            cost = needed * (1.0 + _FAR * max(away - 2.0 * _TRY, 0.0))
            if cost < best:
                best, chosen, tall = cost, _Place(plot.left + left, after), needed
    return ProfileScale(plot, length, low, low + tall), chosen


def _axes(sketch: Sketch, scale: ProfileScale) -> None:
    plot = scale.plot
    for level in axis_ticks(scale.low_m, scale.high_m, max(3, int((plot.bottom - plot.top) / 20.0))):
        y = float(scale.y(np.array([level]))[0])
        if y < plot.top - 0.5:
            continue
        sketch.line((plot.left, y), (plot.right, y), width=0.4, role=Role.GRID)
        sketch.words(plot.left - 3.0, y, f"{level:g}", SMALL, anchor=Anchor.END)
    sketch.words(0.0, 3.0, msg("m above sea"), SMALL)
    km = scale.length_m / 1000.0
    last = sketch.say(msg("{km:.2f} km", km=km))
    for at in axis_ticks(0.0, km, 10):
        x = plot.left + at / km * (plot.right - plot.left)
        sketch.line((x, plot.bottom), (x, plot.bottom + 2.5), width=0.6)
        if plot.right - x > text_width(last, SMALL, bold=True) + 10.0 or at == 0.0:
            sketch.words(x, plot.bottom + 8.0, f"{at:g}", SMALL, anchor=Anchor.MIDDLE)
    sketch.words(plot.right, plot.bottom + 8.0, last, SMALL, anchor=Anchor.END, bold=True)


def _picked(shape: ProfileShape, at: NDArray[np.intp]) -> ProfileShape:
    """Return the curves at some of their samples."""
    return ProfileShape(
        shape.distance[at], shape.bulge[at], shape.ground[at], shape.top[at], shape.ray[at], shape.radius[at]
    )


def _curves(shape: ProfileShape, scale: ProfileScale, content: ProfileContent, thick: float) -> list[DisplayItem]:
    """Return trees, ground, the zone that is wanted clear, and the line: broken where it is not."""
    x, ray = scale.x(shape.distance), scale.y(shape.ray)
    foot = scale.plot.bottom
    items: list[DisplayItem] = []
    for begin, end in runs(~np.isnan(shape.ground)):
        if end - begin < 2:
            continue
        part = slice(begin, end)
        along, ground, top = x[part], scale.y(shape.ground[part]), scale.y(shape.top[part])
        for first, last in runs(shape.top[part] > shape.ground[part]):
            if last - first < 2:
                continue
            ring = (*curve_points(along[first:last], top[first:last]),
                    *curve_points(along[first:last][::-1], ground[first:last][::-1]))  # fmt: skip
            items.append(Polygon((ring,), None, Stroke(Role.ACCENT, 0.35), _TREES))
        line = curve_points(along, ground)
        items.append(Polygon(((*line, (float(along[-1]), foot), (float(along[0]), foot)),), _GROUND))
        items.append(Polyline(line, Stroke(Role.INK, 0.9)))
    gone = Hatch(Role.MUTED, 0.0, 4.0, 0.4)
    for begin, end in runs(np.isnan(shape.ground)):
        left, right = float(x[max(begin - 1, 0)]), float(x[min(end, len(x) - 1)])
        top_y = scale.plot.top
        items.append(Polygon((((left, top_y), (right, top_y), (right, foot), (left, foot)),), None, None, gone))
    if shape.radius.any():
        lower = scale.y(shape.ray - content.clearance_f1 * shape.radius)
        few = np.unique(np.linspace(0, len(x) - 1, _SMOOTH).astype(int))
        edge = tuple(zip(x[few].tolist(), lower[few].tolist(), strict=True))
        items.append(Polyline(edge, Stroke(Role.ACCENT, 0.5, (2.5, 2.0))))
    state = path_states(shape, content.clearance_f1)
    for kind in np.unique(state).tolist():
        stroke = Stroke(Role.ACCENT, thick)
        if kind != CLEAR:
            stroke = Stroke(Role.INK, thick, (1.2, 2.4) if kind == BLOCKED else (4.0, 2.4))
        for begin, end in runs(state == kind):
            ends = max(begin - 1, 0), min(end, len(x) - 1)
            items.append(Polyline(tuple((float(x[at]), float(ray[at])) for at in ends), stroke))
    return items


def _masts(shape: ProfileShape, scale: ProfileScale) -> list[DisplayItem]:
    x, feet, heads = scale.x(shape.distance), scale.y(shape.ground), scale.y(shape.ray)
    return [
        Polyline(((float(x[at]), float(feet[at])), (float(x[at]), float(heads[at]))), Stroke(Role.INK, 2.0))
        for at in (0, -1)
    ]


def _ends(sketch: Sketch, content: ProfileContent, plot: LabelBox) -> None:
    room = (plot.right - plot.left) / 2.0 - 16.0
    for name, height_m, x, side in (
        (content.start, content.start_height_m, plot.left + 6.0, Anchor.START),
        (content.end, content.end_height_m, plot.right - 6.0, Anchor.END),
    ):
        said = sketch.say(msg("{metres:g} m", metres=round(height_m, 1)))
        short = shorten(name, PLAIN, room - text_width(f", {said}", PLAIN, bold=True), bold=True)
        sketch.items.append(
            Text(x, plot.bottom - 8.0, f"{short}, {said}", PLAIN, Role.INK, side, True, Role.GRID, 0.75)
        )


def _words(sketch: Sketch, content: ProfileContent, tight: TightPlace) -> list[str]:
    """Return what is said beside the inset: where, how much is clear above what, and how much of the zone."""
    trees = cover_at(content, tight.at_m) > 0.0
    what: Message
    if tight.clear_m < 0.0:
        what = msg("{m:.0f} m above the line", m=-tight.clear_m)
    elif trees:
        what = msg("{m:.0f} m clear of the trees", m=tight.clear_m)
    else:
        what = msg("{m:.0f} m clear of the ground", m=tight.clear_m)
    said = [msg("Tightest, at {km:.2f} km:", km=tight.at_m / 1000.0), what]
    if tight.f1 is not None:
        said.append(msg("{share:.1f} F1 ({wanted:.1f} wanted)", share=tight.f1, wanted=tight.wanted_f1))
    return [_MINUS.sub("\u2212", sketch.say(one)) for one in said]


def _enlarged(
    sketch: Sketch, shape: ProfileShape, content: ProfileContent, scale: ProfileScale, tight: TightPlace,
    words: list[str], place: _Place,
) -> None:  # fmt: skip
    plot = scale.plot
    left = place.left
    inset = LabelBox(left, plot.top, left + _INSET[0], plot.top + _INSET[1])
    sample = int(np.argmin(np.abs(shape.distance - tight.at_m)))
    here = scale.at(float(shape.distance[sample]), float(shape.ray[sample]))
    corner = (inset.left, inset.bottom) if here[0] < (inset.left + inset.right) / 2.0 else (inset.right, inset.bottom)
    away = math.dist(corner, here)
    rim = tuple(h + (c - h) * _NEAR / max(away, _NEAR) for h, c in zip(here, corner, strict=True))
    sketch.line(corner, (rim[0], rim[1]), width=0.6)
    sketch.ring(*here, _NEAR, edge=0.9)
    sketch.box(inset.left, inset.top, *_INSET, edge=0.0)
    half = max(_WINDOW * scale.length_m, min(_LEAST_WINDOW_M, scale.length_m / 2.0))
    first = min(max(float(shape.distance[sample]) - half, 0.0), max(scale.length_m - 2.0 * half, 0.0))
    inside = np.flatnonzero((shape.distance >= first) & (shape.distance <= first + 2.0 * half))
    if len(inside):  # with what lies beside, so that no curve ends within
        cut = _picked(shape, np.arange(max(inside[0] - 1, 0), min(inside[-1] + 2, len(shape.distance))))
        highest = np.nan_to_num(np.fmax(cut.top, cut.ray), nan=-math.inf)
        low, high = float(np.nanmin(np.fmin(cut.ground, cut.ray))), float(highest.max())
        span = max(high - low, 2.0)
        # A scale of the whole path of which the inset shows a part.
        larger = _INSET[0] / (2.0 * half)
        begin = inset.left - first * larger
        whole = LabelBox(begin, inset.top, begin + scale.length_m * larger, inset.bottom)
        near = ProfileScale(whole, scale.length_m, low - 0.22 * span, high + 0.16 * span)
        items = [*_curves(cut, near, content, 1.4), *_masts(shape, near)]
        x, line = near.at(float(shape.distance[sample]), float(shape.ray[sample]))
        _, ground = near.at(float(shape.distance[sample]), float(shape.top[sample]))
        mark = Stroke(Role.INK, 1.1)
        items += [Polyline(((x, line), (x, ground)), mark), *(
            Polyline(((x - 3.0, y), (x + 3.0, y)), mark) for y in (line, ground)
        )]  # fmt: skip
        sketch.items.append(ItemGroup(tuple(items), "inset", clip=(inset.left, inset.top, *_INSET)))
    sketch.box(inset.left, inset.top, *_INSET, fill=None, edge=0.9)
    for n, one in enumerate(words):
        x, side = (inset.right + _GAP, Anchor.START) if place.after else (inset.left - _GAP, Anchor.END)
        sketch.words(x, inset.top + 6.0 + n * _LINE, one, SMALL, anchor=side, bold=n == 0, plate=True)
