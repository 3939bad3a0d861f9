"""Classes of land cover, and how high what stands in them is taken to be.

Heights are the representative clutter heights that Recommendation ITU-R P.1812 adds to a profile (section 3.2): 0 m for
water and open country, 10 m suburban, 15 m for forest and towns, 20 m for dense towns. A village that measured its own
trees says so in `class_heights` of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import Message, msg
from cn_planner.model.ground import class_heights_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.plan import TerrainFile

HEIGHTS_FROM = "ITU-R P.1812-8, section 3.2"
_OPEN_M, _SUBURBAN_M, _TREES_M = 0.0, 10.0, 15.0


class CoverClass(NamedTuple):
    """A class: what it is called, and the height of what stands there, m."""

    name: Message
    height_m: float


class Scheme(NamedTuple):
    """A table of classes.

    ``name``: the product that it is of. ``source``: where the table was read. ``classes``: mapping of int to
    CoverClass.
    """

    name: str
    source: str
    classes: Mapping[int, CoverClass]


_TREES = msg("trees")
_SHRUBS = msg("shrubs")
_GRASS = msg("grassland")
_CROPS = msg("cropland")
_BUILT = msg("built-up")
_BARE = msg("bare or sparse plants")
_SNOW = msg("snow and ice")
_WATER = msg("open water")
_WETLAND = msg("wetland")
_MOSS = msg("moss and lichen")

WORLDCOVER = Scheme(
    "ESA WorldCover",
    "ESA WorldCover 10 m 2021 v200, Product User Manual, table of classes",
    {
        10: CoverClass(_TREES, _TREES_M),
        20: CoverClass(_SHRUBS, _OPEN_M),
        30: CoverClass(_GRASS, _OPEN_M),
        40: CoverClass(_CROPS, _OPEN_M),
        50: CoverClass(_BUILT, _SUBURBAN_M),
        60: CoverClass(_BARE, _OPEN_M),
        70: CoverClass(_SNOW, _OPEN_M),
        80: CoverClass(_WATER, _OPEN_M),
        90: CoverClass(_WETLAND, _OPEN_M),
        95: CoverClass(msg("mangroves"), _TREES_M),
        100: CoverClass(_MOSS, _OPEN_M),
    },
)
_CLOSED = msg("closed forest")
_SPARSE = msg("open forest")
COPERNICUS = Scheme(
    "Copernicus Global Land Cover",
    "Copernicus Global Land Service: Land Cover 100 m, collection 3, Product User Manual, discrete classification",
    {
        20: CoverClass(_SHRUBS, _OPEN_M),
        30: CoverClass(_GRASS, _OPEN_M),
        40: CoverClass(_CROPS, _OPEN_M),
        50: CoverClass(_BUILT, _SUBURBAN_M),
        60: CoverClass(_BARE, _OPEN_M),
        70: CoverClass(_SNOW, _OPEN_M),
        80: CoverClass(_WATER, _OPEN_M),
        90: CoverClass(_WETLAND, _OPEN_M),
        100: CoverClass(_MOSS, _OPEN_M),
        **{number: CoverClass(_CLOSED, _TREES_M) for number in range(111, 117)},
        **{number: CoverClass(_SPARSE, _TREES_M) for number in range(121, 127)},
        200: CoverClass(msg("sea"), _OPEN_M),
    },
)
CCI_AFRICA = Scheme(
    "ESA CCI land cover of Africa, 20 m",
    "ESA CCI Land Cover: S2 prototype Land Cover 20 m map of Africa 2016, legend",
    {
        1: CoverClass(_TREES, _TREES_M),
        2: CoverClass(_SHRUBS, _OPEN_M),
        3: CoverClass(_GRASS, _OPEN_M),
        4: CoverClass(_CROPS, _OPEN_M),
        5: CoverClass(_WETLAND, _OPEN_M),
        6: CoverClass(_MOSS, _OPEN_M),
        7: CoverClass(_BARE, _OPEN_M),
        8: CoverClass(_BUILT, _SUBURBAN_M),
        9: CoverClass(_SNOW, _OPEN_M),
        10: CoverClass(_WATER, _OPEN_M),
    },
)
SCHEMES = (WORLDCOVER, CCI_AFRICA, COPERNICUS)
_VOIDS = {0, 255}
"""What files of every scheme have where nothing was seen, declared or not."""


def scheme_of(classes: Iterable[int]) -> Scheme | None:
    """Return the first table that knows all classes of a file, None where none does."""
    there = set(classes) - _VOIDS
    return next((scheme for scheme in SCHEMES if there and there <= scheme.classes.keys()), None)


def row_heights(row: TerrainFile, scheme: Scheme | None) -> dict[int, float]:
    """Return the height of each class of a file, m: those of its table, and what was said of it."""
    known = {} if scheme is None else {number: one.height_m for number, one in scheme.classes.items()}
    return {**known, **class_heights_of(row.class_heights, where=row.id)}
