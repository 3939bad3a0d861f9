"""Many paths at once, without rasters: clearance and loss of each pair of places, for each step of antenna height.

The samples are those of `terrain.path_profile` and the arithmetic is that of `links.link_budget`, compiled.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.pair_work import PairCase, PairMatrix, Spots
from cn_planner.coverage.tasks import run_tasks
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.conditions import Conditions
from cn_planner.links.place_model import MOST_EXCESS_DB
from cn_planner.links.seen import at_spot
from cn_planner.links.sight import Sight
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.clearance import ENOUGH_F1
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.known_place import KnownPlace
    from cn_planner.links.seen import SeenLine, SeenLines
    from cn_planner.model.plan import Obstacle
    from cn_planner.terrain.surface import Surface

GROUP = 512
"""Pairs of one task. Fixed, so that the result does not depend on the number of threads."""
_SPHERE_SLACK = 1.01
"""A sphere's distance is within 0.6 % of the ellipsoid's: what is further than this is certainly too far."""
_ONE_PLACE = 1e-24
"""Of the square of half an angle: whether places so near are one is asked of the ellipsoid."""


def near_pairs(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike], max_km: float, *, upper: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of pairs that are no further apart than `max_km` on WGS 84, and not at one place.

    Parameters
    ----------
    first, second : (latitudes, longitudes)
        Degrees.
    max_km : float
        Greatest distance.
    upper : bool
        Only pairs whose first index is below the second: for a list with itself.
    """
    places = Spots(*_degrees(first)), Spots(*_degrees(second))
    i, j, sure = _perhaps_near(*places, max_km, upper=upper)
    (lat_a, lon_a), (lat_b, lon_b) = places
    ask = np.flatnonzero(~sure)
    length = geodesics(lat_a[i[ask]], lon_a[i[ask]], lat_b[j[ask]], lon_b[j[ask]])[2]
    sure[ask] = (length > 0.0) & (length <= max_km * 1000.0)
    return i[sure], j[sure]


def _degrees(places: tuple[ArrayLike, ArrayLike]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    latitude, longitude = (np.ascontiguousarray(np.atleast_1d(v), np.float64) for v in places)
    return latitude, longitude


def _perhaps_near(
    first: Spots, second: Spots, max_km: float, *, upper: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the indices of pairs that are near enough or may be, by a sphere, and which of them surely are."""
    found_i: list[NDArray[np.int64]] = []
    found_j: list[NDArray[np.int64]] = []
    surely: list[NDArray[np.bool_]] = []
    phi, lam = np.radians(second.latitude), np.radians(second.longitude)
    cos = np.cos(phi)
    # Twice the radius times arcsin(sqrt(half)), without the arcsin.
    most, least = (
        math.sin(min(max_km * 1000.0 * slack / (2.0 * EARTH_RADIUS_M), math.pi / 2.0)) ** 2
        for slack in (_SPHERE_SLACK, 1.0 / _SPHERE_SLACK)
    )
    for number, (lat, lon) in enumerate(zip(first.latitude.tolist(), first.longitude.tolist(), strict=True)):
        half = np.sin((phi - math.radians(lat)) / 2.0) ** 2
        half += math.cos(math.radians(lat)) * cos * np.sin((lam - math.radians(lon)) / 2.0) ** 2
        near = half <= most
        if upper:
            near[: number + 1] = False
        there = np.flatnonzero(near)
        found_i.append(np.full(len(there), number, np.int64))
        found_j.append(there.astype(np.int64))
        surely.append((half[there] < least) & (half[there] > _ONE_PLACE))
    if not found_i:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    return np.concatenate(found_i), np.concatenate(found_j), np.concatenate(surely)


def pair_matrix(
    surface: Surface,
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    heights_first_m: ArrayLike,
    heights_second_m: ArrayLike,
    freq_mhz: float,
    conditions: Conditions | None = None,
    *,
    max_km: float = math.inf,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    upper: bool = False,
    vertical: bool = True,
    enough_f1: float = ENOUGH_F1,
    loss: bool = True,
    needs: bool = True,
    chances: bool = True,
    obstacles: Sequence[Obstacle] = (),
    run: Run = ALONE,
) -> PairMatrix:
    """Return clearance, loss and heights needed of every pair that is near enough.

    Parameters
    ----------
    surface : Surface
        The ground.
    first, second : (latitudes, longitudes)
        Degrees, WGS 84.
    heights_first_m, heights_second_m : array_like, shape (steps,) or (places, steps)
        Antennas above ground, m: the same steps for every place of the list, or a row for each.
    freq_mhz : float
        Frequency.
    conditions : Conditions, optional
        Air and trees, as for `links.link_budget`. The loss is that of P.526, or of free space where that is the model.
    max_km : float
        Pairs that are further apart are left out before a profile is made.
    pairs : (array of int, array of int), optional
        Just these pairs, whatever their distance; none may be at one place.
    upper : bool
        As for `near_pairs`.
    vertical : bool
        Polarisation.
    enough_f1 : float
        Share of the first Fresnel radius that the heights needed leave clear.
    loss, needs : bool
        Whether loss, and heights needed, are asked for; where not, their arrays have no row.
    chances : bool
        Whether the chances are; where not, they are NaN. A level alone is had in less time without them.
    obstacles : sequence of Obstacle
        Trees and buildings seen on site.
    run : Run
        Beside the matrix, memory is bounded by chunks of `pair_work.CHUNK_SAMPLES`, one a thread.

    Raises
    ------
    InputError
        Where a height is below 0, the steps do not fit the places, or the frequency cannot be.
    CancelledError
    """
    a, b = Spots(*_degrees(first)), Spots(*_degrees(second))
    up_a, up_b = _steps(heights_first_m, len(a.latitude)), _steps(heights_second_m, len(b.latitude))
    i, j = _perhaps_near(a, b, max_km, upper=upper)[:2] if pairs is None else pairs
    azimuth, back, length = _ways(a, b, i, j, run.part(0.0, 0.1))
    if pairs is None:
        keep = (length > 0.0) & (length <= max_km * 1000.0)
        if not keep.all():
            i, j = i[keep], j[keep]
            azimuth, back, length = azimuth[keep], back[keep], length[keep]
    count, steps_a, steps_b = len(i), up_a.shape[1], up_b.shape[1]

    def unknown(wanted: bool, *steps: int) -> NDArray[np.float64]:
        return np.full((count if wanted else 0, *steps), np.nan)

    matrix = PairMatrix(
        i, j, length, azimuth, back, unknown(True, steps_a, steps_b), unknown(True, steps_a, steps_b),
        unknown(True, steps_a, steps_b, 2), unknown(loss, steps_a, steps_b), unknown(needs, steps_b),
        unknown(needs, steps_a), np.empty((count, 0)),
    )  # fmt: skip
    jets_a = surface.jets(*a)
    jets_b = jets_a if second is first else surface.jets(*b)
    case = PairCase(
        surface, a, b, jets_a, jets_b, up_a, up_b, float(freq_mhz), conditions or Conditions(), vertical,
        float(enough_f1), tuple(obstacles), loss, needs, chances, matrix,
    )  # fmt: skip
    tasks: list[Callable[[], None]] = [
        lambda at=at: case.work(slice(at, at + GROUP), run)  # type: ignore[misc]
        for at in range(0, count, GROUP)
    ]
    run_tasks(tasks, run.part(0.1, 1.0))
    place = None if conditions is None else conditions.place
    seen = () if conditions is None else conditions.seen
    if seen:
        matrix = _as_seen(matrix, seen, case)
    return matrix if place is None or not loss else _as_measured(matrix, place, a, b, up_b, float(freq_mhz))


def _as_seen(matrix: PairMatrix, lines: SeenLines, case: PairCase) -> PairMatrix:
    """Return a matrix in which what was seen stands in place of what was predicted."""
    places, heights_m, freq_mhz = (case.a, case.b), (case.up_a, case.up_b), case.freq_mhz
    wide = len(places[1][0])
    asked: dict[int, tuple[SeenLine, bool]] = {}
    for line in lines:
        for turned in (False, True):
            first, second = (line.second, line.first) if turned else (line.first, line.second)
            others = np.flatnonzero(at_spot(*places[1], second)).tolist()
            for i in np.flatnonzero(at_spot(*places[0], first)).tolist():
                asked |= {i * wide + j: (line, turned) for j in others}
    keys = matrix.first * wide + matrix.second
    found = np.flatnonzero(np.isin(keys, list(asked))) if asked else np.zeros(0, np.int64)
    pairs = [(*asked[int(keys[pair])], int(pair)) for pair in found]
    if not pairs:
        return matrix
    f1, chance, loss = matrix.clearance_f1.copy(), matrix.chance.copy(), matrix.loss_db.copy()
    for line, turned, pair in pairs:
        up = heights_m[1][matrix.second[pair]][None, :] if turned else heights_m[0][matrix.first[pair]][:, None]
        holds = line.holds(np.broadcast_to(up, f1.shape[1:]))
        was = Sight(f1[pair], chance[pair, ..., 0], chance[pair, ..., 1])
        has_loss = len(loss) > 0
        lost = loss[pair] if has_loss else np.zeros(f1.shape[1:])
        free = free_space_loss_db(matrix.distance_m[pair], freq_mhz) + case.gas_db(pair)
        sight, lost = line.on(was, lost, free, freq_mhz)
        f1[pair] = np.where(holds, sight.clearance_f1, f1[pair])
        chance[pair, ..., 0] = np.where(holds, sight.clear, chance[pair, ..., 0])
        chance[pair, ..., 1] = np.where(holds, sight.passes, chance[pair, ..., 1])
        if has_loss:
            loss[pair] = np.where(holds, lost, loss[pair])
    return replace(matrix, clearance_f1=f1, chance=chance, loss_db=loss)


def _as_measured(
    matrix: PairMatrix, place: KnownPlace, a: Spots, b: Spots, up_b: NDArray[np.float64], freq_mhz: float
) -> PairMatrix:
    """Return a matrix with what was measured of the place in its losses.

    It is asked once a pair, at the middle of its heights; what changes with the height is the excess loss, and what
    the receiver gains with it.
    """
    ends = a.latitude[matrix.first], a.longitude[matrix.first], b.latitude[matrix.second], b.longitude[matrix.second]
    at = np.s_[:, matrix.loss_db.shape[1] // 2, matrix.loss_db.shape[2] // 2]
    middle = matrix.loss_db[at]
    up = up_b[matrix.second]
    usual = up[:, at[2]]
    error = place.of_paths(ends, usual, freq_mhz, matrix.distance_m, middle, matrix.clearance_f1[at])
    free = free_space_loss_db(np.maximum(matrix.distance_m, 1.0), freq_mhz)[:, None, None]
    excess = np.clip(matrix.loss_db - free, 0.0, MOST_EXCESS_DB)
    more = place.excess_slope * (excess - np.clip(middle[:, None, None] - free, 0.0, MOST_EXCESS_DB))
    more = more + place.gained_db(up, usual[:, None])[:, None, :]
    sd = np.stack([error.common_sd_db, error.local_sd_db], axis=1)
    return replace(matrix, loss_db=matrix.loss_db - error.shift_db[:, None, None] - more, level_sd_db=sd)


def _ways(
    a: Spots, b: Spots, i: NDArray[np.int64], j: NDArray[np.int64], run: Run
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return azimuths, back azimuths and lengths of pairs."""
    found = np.empty((3, len(i)))

    def work(part: slice) -> None:
        first, second = i[part], j[part]
        found[:, part] = geodesics(a.latitude[first], a.longitude[first], b.latitude[second], b.longitude[second])

    size = 8 * GROUP
    tasks: list[Callable[[], None]] = [
        lambda at=at: work(slice(at, at + size))  # type: ignore[misc]
        for at in range(0, len(i), size)
    ]
    run_tasks(tasks, run)
    return found[0], found[1], found[2]


def _steps(heights_m: ArrayLike, places: int) -> NDArray[np.float64]:
    """Return heights as (places, steps)."""
    heights = np.asarray(heights_m, np.float64)
    if not (np.isfinite(heights).all() and (heights >= 0.0).all()):
        raise InputError(msg("An antenna's height above ground must not be below 0."))
    if heights.ndim == 1:
        return np.ascontiguousarray(np.broadcast_to(heights, (places, len(heights))))
    if heights.ndim != 2 or len(heights) != places:
        raise InputError(msg("There are {places} places but heights for {rows}.", places=places, rows=len(heights)))
    return np.ascontiguousarray(heights)
