"""In which country a place lies, without any connection: by the borders of Natural Earth, 1:10 million.

Borders of that scale are off by some kilometres here and there, and some are not settled between the countries. So the
answer says whether it is sure; where it is not, it names the countries to choose from.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cn_planner import paths
from cn_planner.errors import FileError, InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

    from cn_planner.model.plan import Plan

SURE_BEYOND_M = 6_000.0
"""No border nearer than this: the answer is sure. resources/countries/README.md gives the measured reason."""
_COAST_WITHIN_M = 25_000.0
_M_PER_DEG = 111_195.0
_NOT_SETTLED = "?"
# Where a border is not settled between states, or what one holds another claims: south, west, north, east, and the
# codes that it may go by. Rough on purpose: within, the program only asks.
_CLAIMED = (
    (44.3, 32.4, 46.3, 36.7, ("UA", "RU")), (20.7, -17.2, 27.7, -8.6, ("EH", "MA")),
    (32.2, 72.5, 37.1, 80.4, ("IN", "PK", "CN")), (26.7, 91.5, 29.5, 97.5, ("IN", "CN")),
    (31.3, 34.2, 33.4, 36.0, ("PS", "IL", "SY")), (21.9, 33.5, 23.2, 37.0, ("EG", "SD")),
    (9.2, 27.6, 10.6, 29.2, ("SD", "SS")),
    (8.8, 23.0, 10.0, 25.0, ("SD", "SS")), (4.3, 34.9, 5.6, 36.0, ("KE", "SS", "ET")),
    (41.3, 40.0, 43.6, 45.0, ("GE", "RU")), (46.4, 28.0, 48.2, 30.2, ("MD", "UA")),
    (43.3, 145.0, 46.0, 149.0, ("JP", "RU")), (-53.0, -62.0, -50.9, -57.0, ("FK", "AR")),
    # Too small for the borders, or counted there with another, but with a code and so with a law of their own.
    (41.85, 12.4, 41.95, 12.5, ("VA", "IT")), (-9.5, -172.7, -8.4, -171.0, ("TK",)),
    (-12.3, 96.7, -11.7, 97.0, ("CC", "AU")), (-10.7, 105.4, -10.3, 105.8, ("CX", "AU")),
    (-54.6, 3.1, -54.2, 3.6, ("BV", "NO")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    """Where a place lies.

    Attributes
    ----------
    code : str or None
        ISO 3166, two letters; None far out at sea.
    sure : bool
        Whether no border is near and the place is not disputed.
    others : tuple of str
        Countries that it may lie in instead, the nearest first.
    border_m : float
        How far the nearest other country is, as far as it was looked for; infinite beyond.
    """

    code: str | None
    sure: bool
    others: tuple[str, ...] = ()
    border_m: float = math.inf

    @property
    def candidates(self) -> tuple[str, ...]:
        """The countries to choose from, the likeliest first."""
        return (*(() if self.code is None else (self.code,)), *self.others)


@dataclass(frozen=True, slots=True, eq=False)
class _Borders:
    """The lands of all countries, in degrees, each with the codes that it may go by.

    Shapes are made of those that are asked for: all 3,936 take 10 MB, and a plan lies in one.
    """

    stored: dict[str, NDArray[np.generic]]
    rings: list[list[int]]
    """Numbers of the rings of each land, the outer one first."""
    boxes: NDArray[np.float64]
    """West, south, east, north of each land, degrees."""
    codes: list[tuple[str, ...]]
    mended: dict[int, BaseGeometry]
    """Those that were asked for: to mend the lines of the whole world takes most of a second."""

    def within(self, west: float, south: float, east: float, north: float) -> list[int]:
        """Return the numbers of the lands whose boxes meet a box."""
        box = self.boxes
        meet = (box[:, 0] <= east) & (box[:, 1] <= north) & (box[:, 2] >= west) & (box[:, 3] >= south)
        found: list[int] = np.flatnonzero(meet).tolist()
        return found

    def polygon(self, number: int) -> Polygon:
        """Return a land as it is stored."""
        from shapely import Polygon

        rings = [_ring(self.stored, one) for one in self.rings[number]]
        return Polygon(rings[0], rings[1:])

    def surface(self, number: int) -> BaseGeometry:
        """Return a land as surfaces alone."""
        if number not in self.mended:
            self.mended[number] = _surface(self.polygon(number))
        return self.mended[number]


def _ring(stored: dict[str, NDArray[np.generic]], number: int) -> NDArray[np.float64]:
    """Return the points of a ring: neighbours share the lines that rings are put together from."""
    offset, deltas, step = stored["arc_offset"], stored["deltas"], float(stored["step_deg"])
    first, end = stored["ring_offset"][number : number + 2].tolist()
    ways: list[NDArray[np.float64]] = []
    for arc in stored["ring_arcs"][first:end].tolist():
        a, b = offset[(one := arc if arc >= 0 else ~arc) : one + 2].tolist()
        way = (np.cumsum(deltas[a:b].astype(np.int64), axis=0) * step).astype(np.float64, copy=False)
        ways.append((way if arc >= 0 else way[::-1])[1 if ways else 0 :])
    ring = np.concatenate(ways)
    ring[:, 0] = np.unwrap(ring[:, 0], period=360.0)  # over the date line it goes on beyond 180
    if abs(ring[-1, 0] - ring[0, 0]) > 180.0:  # round the South Pole
        ring = np.concatenate([ring, [(ring[-1, 0], -90.0), (ring[0, 0], -90.0), tuple(ring[0])]])
    return ring


def _surface(polygon: Polygon) -> BaseGeometry:
    """Return a polygon whose lines may cross since they were simplified as surfaces alone."""
    from shapely import MultiPolygon, get_parts, make_valid

    if polygon.is_valid:
        return polygon
    parts = [one for whole in get_parts(make_valid(polygon)) for one in get_parts(whole) if one.area > 0.0]
    return MultiPolygon(parts)


@lru_cache(maxsize=1)
def _borders() -> _Borders:
    path = paths.resources() / "countries" / "borders.npz"
    try:
        with np.load(path, allow_pickle=False) as data:
            stored = {name: data[name] for name in data.files}
    except (OSError, ValueError) as problem:
        raise FileError(
            msg("The borders of the countries cannot be read: {problem}.", problem=str(problem)),
            where=str(path),
            fix=msg("Install the program again."),
        ) from problem
    names = [tuple(str(one).split(",")) for one in stored["codes"]]
    rings: dict[int, list[int]] = {}
    boxes: dict[int, tuple[float, ...]] = {}
    codes: dict[int, tuple[str, ...]] = {}
    for number, (part, country) in enumerate(
        zip(stored["ring_part"].tolist(), stored["ring_country"].tolist(), strict=True)
    ):
        ring = _ring(stored, number)
        if len(ring) >= 4:
            if not (own := rings.setdefault(part, [])):
                boxes[part] = (*ring.min(axis=0).tolist(), *ring.max(axis=0).tolist())
            own.append(number)
            codes[part] = names[country]
    return _Borders(stored, list(rings.values()), np.array(list(boxes.values())), list(codes.values()), {})


def _near(borders: _Borders, latitude: float, longitude: float, within_m: float) -> list[tuple[float, int]]:
    """Return distance (m) and number of every polygon so near, the nearest first; 0 for one that holds the place."""
    from shapely import Point, clip_by_rect, transform

    high = within_m / _M_PER_DEG
    squeeze = max(math.cos(math.radians(latitude)), 0.01)
    wide = high / squeeze
    found: list[tuple[float, int]] = []
    for turned in (longitude, longitude - 360.0, longitude + 360.0):  # over the date line
        around = (turned - wide, latitude - high, turned + wide, latitude + high)
        for number in borders.within(*around):
            part = clip_by_rect(borders.surface(number), *around)
            if part.is_empty:
                continue
            flat = transform(part, lambda points, x=turned: (points - (x, latitude)) * (squeeze, 1.0))
            found.append((float(flat.distance(Point(0.0, 0.0))) * _M_PER_DEG, number))
    return sorted(one for one in found if one[0] <= within_m)


def _claims(latitude: float, longitude: float) -> tuple[str, ...]:
    """Return the codes of the states that claim a place, none where it is settled."""
    found = (
        codes for south, west, north, east, codes in _CLAIMED if south < latitude < north and west < longitude < east
    )
    return next(found, ())


@lru_cache(maxsize=8192)  # after each edit a plan asks again, of all its places: a quarter of a millisecond each
def country_at(latitude: float, longitude: float) -> Country:
    """Return the country that a place lies in, and whether that is sure.

    ``latitude``, ``longitude``: degrees, WGS 84. Raises InputError where they are none; FileError where the borders are
    not there.
    """
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        raise InputError(msg("{lat}, {lon} is no place on earth.", lat=latitude, lon=longitude))
    borders = _borders()
    near = _near(borders, latitude, longitude, _COAST_WITHIN_M)
    codes = list(dict.fromkeys(code for _, number in near for code in borders.codes[number] if code != _NOT_SETTLED))
    claims = _claims(latitude, longitude)
    if not near:
        return Country(claims[0] if claims else None, sure=False, others=claims[1:])
    inside = near[0][0] == 0.0
    first = borders.codes[near[0][1]]
    other_m = min((far for far, number in near if borders.codes[number] != first), default=math.inf)
    settled = inside and _NOT_SETTLED not in first
    sure = settled and other_m > SURE_BEYOND_M and not claims
    codes += [code for code in claims if code not in codes]
    near_codes = {*claims} | {
        code for far, number in near if far <= SURE_BEYOND_M or not inside for code in borders.codes[number]
    }
    others = () if sure else tuple(code for code in codes[1:] if code in near_codes)
    return Country(codes[0], sure, others, other_m)


def country_of_places(places: Sequence[tuple[float, float]]) -> Country:
    """Return the country of several places (latitude, longitude): sure where each of them surely lies in the same.

    Raises InputError where there is no place, or one is none on earth; FileError where the borders are not there.
    """
    if not places:
        raise InputError(msg("There is no place yet to tell the country from."))
    found = [country_at(latitude, longitude) for latitude, longitude in places]
    votes = Counter(one.code for one in found if one.code is not None)
    if not votes:
        return Country(None, sure=False)
    code = min(votes, key=lambda key: (-votes[key], key))
    named = dict.fromkeys(other for one in found for other in one.candidates if other != code)
    sure = len(votes) == 1 and all(one.sure for one in found)
    return Country(code, sure, tuple(named), min(one.border_m for one in found))


def country_shapes() -> list[Polygon]:
    """Return the lands of all countries, degrees WGS 84; over the antimeridian they go on beyond 180.

    Raises FileError where the borders are not there.
    """
    borders = _borders()
    return [borders.polygon(number) for number in range(len(borders.rings))]


def country_bounds(code: str) -> tuple[float, float, float, float] | None:
    """Return south, west, north, east of the largest land of a country, degrees; None where it has no land here.

    Raises FileError where the borders are not there.
    """
    borders = _borders()
    lands = [borders.polygon(number) for number, codes in enumerate(borders.codes) if codes[0] == code]
    if not lands:
        return None
    west, south, east, north = max(lands, key=lambda one: one.area).bounds
    return south, west, north, (east + 180.0) % 360.0 - 180.0


_POINTS_A_SIDE = 5
_MOST_PLACES = 200  # some hundreds of homes of one plan lie in one valley: more would not tell more


def country_of(plan: Plan) -> Country | None:
    """Return the country that a plan's places lie in; None where it has no place yet."""
    places = [(site.latitude, site.longitude) for site in plan.sites.values()]
    places += [(home.latitude, home.longitude) for home in plan.households.values()]
    step = max(1, len(places) // _MOST_PLACES)
    return country_of_places(places[::step]) if places else None


def country_of_area(bounds: tuple[float, float, float, float]) -> Country:
    """Return the country of an area (south, west, north, east in degrees), told from points spread over it."""
    south, west, north, east = bounds
    east += 360.0 if east < west else 0.0
    spread = [(number + 0.5) / _POINTS_A_SIDE for number in range(_POINTS_A_SIDE)]
    points = [(south + y * (north - south), (west + x * (east - west) + 180.0) % 360.0 - 180.0)
              for y in spread for x in spread]  # fmt: skip
    return country_of_places(points)
