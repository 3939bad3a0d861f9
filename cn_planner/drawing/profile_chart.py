"""The printed profile of a link as a display list: its curves with axes, the worst obstacle, the ends and a key."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.drawing.display import (
    Anchor,
    DisplayList,
    Fill,
    Hatch,
    ItemGroup,
    Marker,
    Polygon,
    Polyline,
    Stroke,
    Symbol,
    Text,
)
from cn_planner.drawing.labels import LabelBox, shorten, text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_curves import (
    TREES,
    ProfileScale,
    ProfileShape,
    axis_items,
    axis_ticks,
    ground_items,
    path_items,
)
from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.message import msg
from cn_planner.units import EARTH_RADIUS_M, MEDIAN_K_FACTOR, wavelength_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.drawing.display import DisplayItem


@dataclass(frozen=True, slots=True, eq=False)
class ProfileContent:
    """What a profile shows.

    Attributes
    ----------
    distance_m, ground_m, cover_m : float64 arrays of n
        As in `terrain.PathProfile`: ground above sea level with NaN where missing, cover above the ground.
    start, end : str
        Names of both ends, people's texts.
    start_height_m, end_height_m : float
        Antennas above ground.
    freq_mhz : float or None
        None draws the ray without its zones.
    k_factor, clearance_f1 : float
        Effective earth radius factor; share of the first Fresnel zone that should be clear.
    cover_assumed : bool
        Whether the trees are assumed.
    """

    distance_m: NDArray[np.float64]
    ground_m: NDArray[np.float64]
    cover_m: NDArray[np.float64]
    start: str
    end: str
    start_height_m: float
    end_height_m: float
    freq_mhz: float | None = None
    k_factor: float = MEDIAN_K_FACTOR
    clearance_f1: float = 0.6
    cover_assumed: bool = False


def profile_shape(content: ProfileContent) -> ProfileShape | None:
    """Return the curves of a profile; None where terrain is missing at an end."""
    d = np.asarray(content.distance_m, np.float64)
    ground = np.asarray(content.ground_m, np.float64)
    if len(d) < 2 or not (math.isfinite(ground[0]) and math.isfinite(ground[-1])):
        return None
    length = float(d[-1])
    bulge = d * (length - d) / (2.0 * content.k_factor * EARTH_RADIUS_M)
    start, end = ground[0] + content.start_height_m, ground[-1] + content.end_height_m
    ray = start + (end - start) * d / length
    radius = np.zeros_like(d)
    if content.freq_mhz is not None:
        radius = np.sqrt(wavelength_m(content.freq_mhz) * d * (length - d) / length)
    return ProfileShape(d, bulge, ground + bulge, ground + bulge + np.nan_to_num(content.cover_m), ray, radius)


def path_states(shape: ProfileShape, share: float) -> NDArray[np.int8]:
    """Return 0 clear, 1 within the wanted share of F1, 2 blocked, for each sample; the ends are clear."""
    clearance = shape.ray - shape.top
    wanted = share * shape.radius
    state = np.where(clearance < 0.0, 2, np.where(clearance < wanted, 1, 0)).astype(np.int8)
    state[[0, -1]] = 0
    state[np.isnan(clearance)] = 0
    return state


class PathPart(NamedTuple):
    """A part of a path, as fractions of its length: 0 clear, 1 too near the ground or trees, 2 blocked."""

    start: float
    end: float
    state: int


def path_parts(content: ProfileContent) -> tuple[PathPart, ...]:
    """Return the parts of a path in order, as its profile shows them; none where terrain is missing at an end."""
    shape = profile_shape(content)
    if shape is None:
        return ()
    state, along = path_states(shape, content.clearance_f1), shape.distance / shape.distance[-1]
    changes = np.flatnonzero(np.diff(state)) + 1
    cuts = [0.0, *((along[changes - 1] + along[changes]) / 2.0).tolist(), 1.0]
    states = state[np.concatenate([[0], changes])].tolist()
    return tuple(PathPart(cuts[n], cuts[n + 1], one) for n, one in enumerate(states))


def _worst(shape: ProfileShape) -> int | None:
    """Return the sample where the clearance is least: in F1 where there is a zone, else in metres."""
    clearance = (shape.ray - shape.top)[1:-1]
    measure = clearance / shape.radius[1:-1] if shape.radius.any() else clearance
    if not measure.size or not np.isfinite(measure).any():
        return None
    return int(np.nanargmin(measure)) + 1


_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 10.0, 30.0, 24.0


def _axes(scale: ProfileScale, width: float, language: str) -> tuple[list[DisplayItem], list[DisplayItem]]:
    """Return the grid, which lies behind, and the figures."""
    plot = scale.plot
    plot_w, plot_h = plot.right - plot.left, plot.bottom - plot.top
    levels = [(one, f"{one:g}") for one in axis_ticks(scale.low_m, scale.high_m, max(3, int(plot_h / 22)))]
    length_km = scale.length_m / 1000.0
    last = say(msg("{km:.2f} km", km=length_km), language)
    distances = []
    for km in axis_ticks(0.0, length_km, max(3, int(plot_w / 70))):
        x = _LEFT + km / length_km * plot_w
        said = width - _RIGHT - x > text_width(last, 7) + 12 or km == 0.0
        distances.append((km / length_km, f"{km:g}" if said else "", Anchor.MIDDLE))
    grid, words = axis_items(scale, levels, distances, 7)
    words.append(Text(width - _RIGHT, plot.bottom + 9, last, 7, Role.MUTED, Anchor.END))
    words.append(Text(_LEFT - 4, _TOP - 10, say(msg("m above sea"), language), 6.5, Role.MUTED, Anchor.START))
    return grid, words


def _mark_worst(
    shape: ProfileShape, at: int, here: float, foot: float, content: ProfileContent, sheet: LabelBox, language: str
) -> tuple[DisplayItem, ...]:
    """Draw a dotted line at the worst place and say how much is clear there."""
    clearance = float(shape.ray[at] - shape.top[at])
    km = float(shape.distance[at]) / 1000.0
    if clearance < 0.0:
        words = say(msg("{km:.2f} km: {m:.0f} m above the line", km=km, m=-clearance), language)
        role = Role.BAD
    elif shape.radius[at] > 0.0:
        share = clearance / float(shape.radius[at])
        words = say(msg("{km:.2f} km: {m:.0f} m clear, {share:.1f} F1", km=km, m=clearance, share=share), language)
        role = Role.GOOD if share >= content.clearance_f1 else Role.CAUTION
    else:
        words = say(msg("{km:.2f} km: {m:.0f} m clear", km=km, m=clearance), language)
        role = Role.GOOD
    top = sheet.top + 2
    half = text_width(words, 8, bold=True) / 2 + 3
    middle = min(max(here, sheet.left + half), sheet.right - half)
    return (
        Polyline(((here, top), (here, foot)), Stroke(Role.INK, 0.8, (0.8, 2.2))),
        Marker(Symbol.DOT, here, foot, 5, Role.INK, Role.PAPER),
        Text(middle, top, words, 8, role, Anchor.MIDDLE, bold=True, plate=Role.PLATE),
    )


def _key(
    shape: ProfileShape, content: ProfileContent, state: NDArray[np.int8], width: float, top: float, language: str
) -> tuple[ItemGroup, float]:
    """Return the legend under the chart, of what is there, and where it ends."""
    entries: list[tuple[DisplayItem | tuple[DisplayItem, ...], str]] = []

    def line(role: Role, size: float, dash: tuple[float, ...] = ()) -> DisplayItem:
        return Polyline(((0.0, 0.0), (16.0, 0.0)), Stroke(role, size, dash))

    entries.append((line(Role.GOOD, 1.4), say(msg("line of sight"), language)))
    if (state == 1).any():
        entries.append((line(Role.CAUTION, 2.2, (4.0, 3.0)), say(msg("too near the ground or trees"), language)))
    if (state == 2).any():
        cross = Marker(Symbol.CROSS, 8.0, 0.0, 6.0, Role.BAD, Role.PAPER)
        entries.append(((line(Role.BAD, 3.0), cross), say(msg("blocked"), language)))
    if shape.radius.any():
        share = f"{content.clearance_f1:.1f}"
        entries.append(
            (line(Role.GOOD, 0.6, (2.5, 2.0)), say(msg("{share} of the first Fresnel zone", share=share), language))
        )
    box = ((0.0, -3.5), (12.0, -3.5), (12.0, 3.5), (0.0, 3.5))
    entries.append((Polygon((box,), Fill(Role.GROUND), Stroke(Role.GROUND_EDGE, 0.6)), say(msg("ground"), language)))
    if np.nan_to_num(content.cover_m).any():
        trees = msg("trees, assumed") if content.cover_assumed else msg("trees and buildings")
        entries.append((Polygon((box,), Fill(Role.COVER, 0.55), None, TREES), say(trees, language)))
    if np.isnan(content.ground_m).any():
        gap = Polygon((box,), Fill(Role.NO_TERRAIN, 0.45), None, Hatch(Role.MUTED, 0.0, 2.5, 0.35))
        entries.append((gap, say(msg("no terrain data"), language)))
    items: list[DisplayItem] = []
    x, y = _LEFT, top
    for sample, words in entries:
        wide = 16.0 + 5.0 + text_width(words, 7)
        if x > _LEFT and x + wide > width:
            x, y = _LEFT, y + 12.0
        items.append(ItemGroup(sample if isinstance(sample, tuple) else (sample,), offset=(x, y)))
        items.append(Text(x + 21.0, y, words, 7, Role.INK))
        x += wide + 12.0
    return ItemGroup(tuple(items), "key"), y + 7.0


def profile_chart(
    content: ProfileContent, *, width: float = 510.0, height: float = 190.0, language: str = SOURCE_LANGUAGE
) -> DisplayList:
    """Draw the profile of a link.

    Parameters
    ----------
    content : ProfileContent
        Ground, trees, antennas, frequency.
    width, height : float
        Size of the chart in points; the key under it adds a line or two.
    language : str
        Language of the words, BCP 47.
    """
    title = f"{content.start} – {content.end}"
    shape = profile_shape(content)
    if shape is None:
        words = say(msg("No profile: terrain is missing at an end of the path."), language)
        text = Text(width / 2, height / 2, words, 9, Role.MUTED, Anchor.MIDDLE)
        return DisplayList(width, height, (text,), title, words)
    length = float(shape.distance[-1])
    upper = np.fmax(shape.ray + 0.3 * shape.radius, shape.top)
    low, high = float(np.nanmin(np.fmin(shape.ground, shape.ray))), float(np.nanmax(upper))
    span = max(high - low, 30.0)
    low, high = low - 0.14 * span, high + 0.16 * span
    bottom = height - _BOTTOM
    plot = LabelBox(_LEFT, _TOP, width - _RIGHT, bottom)
    scale = ProfileScale(plot, length, low, high)
    grid, words_on_axes = _axes(scale, width, language)
    state = path_states(shape, content.clearance_f1)
    inside = ground_items(shape, scale) + path_items(shape, scale, state, content.clearance_f1)
    items: list[DisplayItem] = [
        *grid,
        ItemGroup(tuple(inside), "profile", clip=(0.0, _TOP - 8, width, bottom - _TOP + 8)),
        Polyline(((plot.left, bottom), (plot.right, bottom)), Stroke(Role.INK, 0.8)),
        *words_on_axes,
    ]
    worst = _worst(shape)
    if worst is not None:
        here, foot = scale.at(float(shape.distance[worst]), float(shape.top[worst]))
        items += _mark_worst(shape, worst, here, foot, content, plot, language)
    room = width / 2 - _LEFT
    start, end_name = (
        shorten(f"{name}, {say(msg('{metres:g} m', metres=height_m), language)}", 8, room, bold=True)
        for name, height_m in ((content.start, content.start_height_m), (content.end, content.end_height_m))
    )
    items.append(Text(plot.left, 8, start, 8, Role.INK, Anchor.START, bold=True))
    items.append(Text(plot.right, 8, end_name, 8, Role.INK, Anchor.END, bold=True))
    key, total = _key(shape, content, state, width, height + 2, language)
    items.append(key)
    words = say(
        msg("Profile from {start} to {end}, {km:.2f} km.", start=content.start, end=content.end, km=length / 1000),
        language,
    )
    return DisplayList(width, total, tuple(items), title, words)
