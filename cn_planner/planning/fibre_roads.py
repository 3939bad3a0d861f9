"""Fibre along roads: the shortest way from where there is some to places that may become gateways.

Roads are lines whose vertices they share where they meet, as in OpenStreetMap. A place stands beside the nearest road:
from there a straight piece leads to it. Shortest ways are those of Dijkstra (`scipy.sparse.csgraph`), over lengths on
the ellipsoid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.geo import WGS84, geodesics, local_transverse_mercator, transform
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.message import Message

BESIDE_M = 2_000.0
"""A place further than that from every road has none."""


class RoadPlace(NamedTuple):
    """A place that fibre leads from, or to."""

    id: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class FibreWay:
    """The shortest way along roads from fibre to a place.

    Attributes
    ----------
    site, source : str
        The place, and where the fibre comes from.
    road_m, beside_m : float
        Along roads, and in straight pieces from the road to both ends.
    line : tuple of (float, float)
        Latitude and longitude of its corners, from the source to the place.
    """

    site: str
    source: str
    road_m: float
    beside_m: float
    line: tuple[tuple[float, float], ...]

    @property
    def length_m(self) -> float:
        """Its whole length."""
        return self.road_m + self.beside_m


@dataclass(frozen=True, slots=True)
class NoFibreWay:
    """A place to which no way leads, and why."""

    site: str
    reason: Message


def fibre_ways(
    roads: Sequence[bytes], sources: Sequence[RoadPlace], places: Sequence[RoadPlace]
) -> tuple[tuple[FibreWay, ...], tuple[NoFibreWay, ...]]:
    """Return the shortest way to each place from the nearest source along roads, and the places that have none.

    Parameters
    ----------
    roads : sequence of bytes
        Lines as well-known binary, longitude before latitude, degrees WGS 84.
    sources, places : sequence of RoadPlace
        Where there is fibre, and where it may be led.

    Raises
    ------
    InputError
        Where there is no road or no source, or none of these stands beside a road.
    """
    if not sources:
        raise InputError(
            msg("Nobody said where there is fibre: the plan has no gateway by fibre."),
            fix=msg("Say where fibre ends, or that a gateway's connection is fibre."),
        )
    ends = _Ends(roads, [*sources, *places])
    first = [n for n in range(len(sources)) if ends.near[n]]
    if not first:
        raise InputError(
            msg("Fibre at {places} is further than {km:g} km from every road of the map.",
                places=", ".join(one.id for one in sources[:5]), km=BESIDE_M / 1000.0),
            fix=msg("Choose a base map that holds the roads there."),
        )  # fmt: skip
    from scipy.sparse.csgraph import dijkstra

    far, before, _ = dijkstra(
        ends.graph, directed=False, indices=[ends.at(n) for n in first], min_only=True, return_predecessors=True
    )
    found, none = [], []
    for number, place in enumerate(places, len(sources)):
        if not ends.near[number]:
            words = msg("No road of the map is within {km:g} km.", km=BESIDE_M / 1000.0)
            none.append(NoFibreWay(place.id, words))
        elif not np.isfinite(far[ends.at(number)]):
            none.append(NoFibreWay(place.id, msg("No roads of the map lead from fibre to it.")))
        else:
            found.append(_way(ends, sources, number, place, before, float(far[ends.at(number)])))
    return tuple(found), tuple(none)


def _way(
    ends: _Ends, sources: Sequence[RoadPlace], number: int, place: RoadPlace, before: NDArray[np.int32], whole: float
) -> FibreWay:
    nodes, at = list[int](), ends.at(number)
    while at >= 0:
        nodes.append(at)
        at = int(before[at])
    nodes.reverse()
    source = nodes[0] - ends.at(0)
    beside = float(ends.beside_m[source] + ends.beside_m[number]) if source != number else 0.0
    line = tuple((float(ends.lat[n]), float(ends.lon[n])) for n in nodes)
    return FibreWay(place.id, sources[source].id, max(whole - beside, 0.0), beside, line)


class _Ends:
    """Roads as a graph in which places stand beside them: vertices, then feet at the road, then the places."""

    def __init__(self, roads: Sequence[bytes], places: Sequence[RoadPlace]) -> None:
        lon, lat, first = _corners(roads)
        spots, node = np.unique(np.stack([lon, lat], axis=1), axis=0, return_inverse=True)
        node = node.ravel()
        a, b = node[first], node[first + 1]
        feet = _feet(spots, a, b, places)
        self.near, self.beside_m, self._count = feet.near, feet.beside_m, len(places)
        lon = np.concatenate([spots[:, 0], feet.lon, [one.longitude for one in places]])
        lat = np.concatenate([spots[:, 1], feet.lat, [one.latitude for one in places]])
        self.lat, self.lon = lat, lon
        pairs = _split(a, b, feet, len(spots))
        own = np.flatnonzero(feet.near)
        pairs = np.concatenate([pairs, np.stack([len(spots) + own, len(spots) + len(places) + own], axis=1)])
        length = geodesics(lat[pairs[:, 0]], lon[pairs[:, 0]], lat[pairs[:, 1]], lon[pairs[:, 1]])[2]
        self.graph = _graph(pairs, length, len(lat))

    def at(self, place: int) -> int:
        """Return the node of a place."""
        return len(self.lat) - self._count + place


def _corners(roads: Sequence[bytes]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return longitude and latitude of all corners, and the first corner of each straight piece."""
    import shapely

    lines = shapely.get_parts(shapely.from_wkb(np.array(roads, dtype=object), on_invalid="ignore"))
    lines = lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]
    spots, line = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(line[1:] == line[:-1]) if len(line) else np.zeros(0, np.int64)
    if not len(first):
        raise InputError(
            msg("The base map of this plan has no roads."),
            fix=msg("Choose an OpenStreetMap extract or an area pack of this place as base map."),
        )
    return spots[:, 0], spots[:, 1], first


class _Feet(NamedTuple):
    """Where places stand at the road: the piece, how far along it (0 to 1), how far off, m; whether near enough."""

    piece: NDArray[np.int64]
    along: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    beside_m: NDArray[np.float64]
    near: NDArray[np.bool_]


def _feet(spots: NDArray[np.float64], a: NDArray[np.int64], b: NDArray[np.int64], places: Sequence[RoadPlace]) -> _Feet:
    """Return the nearest point of the roads to each place, on a plane grid round the middle of the places."""
    import shapely

    here = np.array([[one.longitude, one.latitude] for one in places])
    grid = local_transverse_mercator(float(here[:, 1].mean()), float(here[:, 0].mean()))
    flat = np.stack(transform(WGS84, grid, spots[:, 0], spots[:, 1]), axis=1)
    own = np.stack(transform(WGS84, grid, here[:, 0], here[:, 1]), axis=1)
    tree = shapely.STRtree(shapely.linestrings(np.stack([flat[a], flat[b]], axis=1)))
    piece = np.asarray(tree.nearest(shapely.points(own)), np.int64)
    start, step = flat[a[piece]], flat[b[piece]] - flat[a[piece]]
    along = np.clip(((own - start) * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-12), 0.0, 1.0)
    lon = spots[a[piece], 0] + along * (spots[b[piece], 0] - spots[a[piece], 0])
    lat = spots[a[piece], 1] + along * (spots[b[piece], 1] - spots[a[piece], 1])
    beside = geodesics(lat, lon, here[:, 1], here[:, 0])[2]
    return _Feet(piece, along, lon, lat, beside, beside <= BESIDE_M)


def _split(a: NDArray[np.int64], b: NDArray[np.int64], feet: _Feet, corners: int) -> NDArray[np.int64]:
    """Return the straight pieces, each parted where places stand at it; feet are nodes behind the corners."""
    order = np.lexsort((feet.along, feet.piece))
    order = order[feet.near[order]]
    rows: list[tuple[int, int]] = []
    last = -1
    for foot in order.tolist():
        piece = int(feet.piece[foot])
        if piece != last:
            if last >= 0:
                rows.append((rows[-1][1], int(b[last])))
            rows.append((int(a[piece]), corners + foot))
        else:
            rows.append((rows[-1][1], corners + foot))
        last = piece
    if last >= 0:
        rows.append((rows[-1][1], int(b[last])))
    whole = np.setdiff1d(np.arange(len(a)), feet.piece[feet.near])
    return np.concatenate([np.stack([a[whole], b[whole]], axis=1), np.array(rows, np.int64).reshape(-1, 2)])


def _graph(pairs: NDArray[np.int64], length: NDArray[np.float64], count: int) -> Any:
    """Return the graph; of pieces between the same two nodes the shortest. What has no length has a hair: 0 is none."""
    from scipy.sparse import coo_array

    ends = np.sort(pairs, axis=1)
    keep = ends[:, 0] != ends[:, 1]
    ends, length = ends[keep], np.maximum(length[keep], 1e-6)
    order = np.lexsort((length, ends[:, 1], ends[:, 0]))
    ends, length = ends[order], length[order]
    new = np.ones(len(ends), np.bool_)
    new[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    return coo_array((length[new], (ends[new, 0], ends[new, 1])), shape=(count, count)).tocsr()
