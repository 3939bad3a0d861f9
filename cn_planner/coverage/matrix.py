"""Many paths at once, without rasters: clearance and loss of each pair of places, for each step of antenna height.

The samples are those of `terrain.path_profile` and the arithmetic is that of `links.link_budget`, compiled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.between_kernels import places_on_file
from cn_planner.coverage.path_kernels import PathAsked, PathEnds, PathFigures, PathSamples, figures
from cn_planner.coverage.sample_kernels import TileGrid, TileWays, lay_out, sample
from cn_planner.coverage.tasks import run_tasks
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.conditions import Conditions
from cn_planner.links.losses import GAS_MHZ, gas_losses_db
from cn_planner.links.place_model import MOST_EXCESS_DB
from cn_planner.links.seen import at_spot
from cn_planner.links.sight import Sight
from cn_planner.message import msg
from cn_planner.model.propagation_models import FREE_SPACE
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.clearance import ENOUGH_F1
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import compiled
from cn_planner.terrain.cover import KnownTrees, Paths, crossings, keep_outs_m, with_assumed, with_edges
from cn_planner.terrain.profile import path_profiles, step_lengths
from cn_planner.terrain.track import along, motion, share_of
from cn_planner.units import EARTH_RADIUS_M, wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.known_place import KnownPlace
    from cn_planner.links.seen import SeenLine, SeenLines
    from cn_planner.model.plan import Obstacle
    from cn_planner.terrain.surface import Surface, TilePaths
    from cn_planner.terrain.track import Jets, TrackMotion

GROUP = 512
"""Pairs of one task. Fixed, as is the next, so that the result does not depend on the number of threads."""
CHUNK_SAMPLES = 32_768
"""Profiles made at once: 24 bytes a sample, which stay in the processor's cache."""
_SPHERE_SLACK = 1.01
"""A sphere's distance is within 0.6 % of the ellipsoid's: what is further than this is certainly too far."""
_ONE_PLACE = 1e-24
"""Of the square of half an angle: whether places so near are one is asked of the ellipsoid."""


@dataclass(frozen=True, slots=True, eq=False)
class PairMatrix:
    """The pairs that are near enough, in the order of the first list, then of the second.

    Attributes
    ----------
    first, second : int64 array of pairs
        Indices into the two lists.
    distance_m, azimuth_deg, back_azimuth_deg : float64 array of pairs
        Geodesic, from first to second.
    clearance_m, clearance_f1 : float64 array of (pairs, steps of first, steps of second)
        As in `propagation.clearance`; NaN where terrain is missing.
    chance : float64 array of (pairs, steps of first, steps of second, 2)
        That the path is clear, and that it is not and the signal passes: `links.sight.Sight`.
    loss_db : float64 array of (pairs, steps of first, steps of second)
        Basic transmission loss; NaN where terrain is missing.
    needed_first_m : float64 array of (pairs, steps of second)
        Least height of the first end above ground that leaves enough clear, the second at that step; NaN where
        terrain is missing.
    needed_second_m : float64 array of (pairs, steps of first)
    level_sd_db : float64 array of (pairs, 2)
        Where levels were measured: how far those of a pair may still be off, for what it shares with others and by
        itself; the loss is then that which the measurements say. (pairs, 0) where nothing was.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    back_azimuth_deg: NDArray[np.float64]
    clearance_m: NDArray[np.float64]
    clearance_f1: NDArray[np.float64]
    chance: NDArray[np.float64]
    loss_db: NDArray[np.float64]
    needed_first_m: NDArray[np.float64]
    needed_second_m: NDArray[np.float64]
    level_sd_db: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return sum(getattr(self, one.name).nbytes for one in fields(self))

    def sight(self, index: Any = ...) -> Sight:
        """Return how clear paths are: those of an index of pair, step of first, and step of second."""
        chance = self.chance[index]
        found = Sight(self.clearance_f1[index], chance[..., 0], chance[..., 1])
        if not self.level_sd_db.shape[1]:
            return found
        every = np.broadcast_to(self.level_sd_db[:, None, None, :], self.chance.shape)[index]
        return found._replace(common_sd_db=every[..., 0], local_sd_db=every[..., 1])


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
    places = _Spots(*_degrees(first)), _Spots(*_degrees(second))
    i, j, sure = _perhaps_near(*places, max_km, upper=upper)
    (lat_a, lon_a), (lat_b, lon_b) = places
    ask = np.flatnonzero(~sure)
    length = geodesics(lat_a[i[ask]], lon_a[i[ask]], lat_b[j[ask]], lon_b[j[ask]])[2]
    sure[ask] = (length > 0.0) & (length <= max_km * 1000.0)
    return i[sure], j[sure]


class _Spots(NamedTuple):
    """Places, degrees."""

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]


def _degrees(places: tuple[ArrayLike, ArrayLike]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    latitude, longitude = (np.ascontiguousarray(np.atleast_1d(v), np.float64) for v in places)
    return latitude, longitude


def _perhaps_near(
    first: _Spots, second: _Spots, max_km: float, *, upper: bool
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
    obstacles : sequence of Obstacle
        Trees and buildings seen on site.
    run : Run
        Beside the matrix, memory is bounded by chunks of `CHUNK_SAMPLES`, one a thread.

    Raises
    ------
    InputError
        Where a height is below 0, the steps do not fit the places, or the frequency cannot be.
    CancelledError
    """
    a, b = _Spots(*_degrees(first)), _Spots(*_degrees(second))
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
    case = _Case(
        surface, a, b, surface.jets(*a), surface.jets(*b), up_a, up_b, float(freq_mhz), conditions or Conditions(),
        vertical, float(enough_f1), tuple(obstacles), loss, needs, matrix,
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
    return matrix if place is None or not loss else _as_measured(matrix, place, a, b, float(freq_mhz))


def _as_seen(matrix: PairMatrix, lines: SeenLines, case: _Case) -> PairMatrix:
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


def _as_measured(matrix: PairMatrix, place: KnownPlace, a: _Spots, b: _Spots, freq_mhz: float) -> PairMatrix:
    """Return a matrix with what was measured of the place in its losses.

    It is asked once a pair, at the middle of its heights; what changes with the height is the excess loss alone.
    """
    ends = a.latitude[matrix.first], a.longitude[matrix.first], b.latitude[matrix.second], b.longitude[matrix.second]
    at = np.s_[:, matrix.loss_db.shape[1] // 2, matrix.loss_db.shape[2] // 2]
    middle = matrix.loss_db[at]
    error = place.of_paths(ends, freq_mhz, matrix.distance_m, middle, matrix.clearance_f1[at])
    free = free_space_loss_db(np.maximum(matrix.distance_m, 1.0), freq_mhz)[:, None, None]
    excess = np.clip(matrix.loss_db - free, 0.0, MOST_EXCESS_DB)
    more = place.excess_slope * (excess - np.clip(middle[:, None, None] - free, 0.0, MOST_EXCESS_DB))
    sd = np.stack([error.common_sd_db, error.local_sd_db], axis=1)
    return replace(matrix, loss_db=matrix.loss_db - error.shift_db[:, None, None] - more, level_sd_db=sd)


def _ways(
    a: _Spots, b: _Spots, i: NDArray[np.int64], j: NDArray[np.int64], run: Run
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


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What is asked of every pair, and the matrix that is filled."""

    surface: Surface
    a: _Spots
    b: _Spots
    jets_a: tuple[Jets | None, ...]
    jets_b: tuple[Jets | None, ...]
    up_a: NDArray[np.float64]
    up_b: NDArray[np.float64]
    freq_mhz: float
    air: Conditions
    vertical: bool
    enough_f1: float
    obstacles: tuple[Obstacle, ...]
    loss: bool
    needs: bool
    matrix: PairMatrix

    def work(self, part: slice, run: Run) -> None:
        """Fill the rows of some pairs."""
        whole = self.matrix
        i, j, length = whole.first[part], whole.second[part], whole.distance_m[part]
        ends = self.a.latitude[i], self.a.longitude[i], self.b.latitude[j], self.b.longitude[j]
        azimuth, back = whole.azimuth_deg[part], whole.back_azimuth_deg[part]
        ways = motion(*ends, azimuth, back, length)
        jets_a = tuple(None if one is None else one.at(i) for one in self.jets_a)
        jets_b = tuple(None if one is None else one.at(j) for one in self.jets_b)
        tiles, quick = self.surface.path_tiles(*ends, length, ways, jets_a, jets_b)
        if self.obstacles:
            quick[crossings(Paths(*ends, azimuth, length), self.obstacles).path] = False
        steps = step_lengths(length, self.surface.path_cell_m(*ends, length))
        error = self.surface.path_errors(*ends, length)
        at = np.flatnonzero(quick)
        for some in _chunks(at, steps):
            run.check()
            self._quick(part.start + some, some, tiles, ways, length[some], steps[some], error[some])
        at = np.flatnonzero(~quick)
        for some in _chunks(at, steps):
            run.check()
            self._slow(part.start + some)

    def _quick(
        self,
        rows: NDArray[np.int64],
        some: NDArray[np.int64],
        tiles: tuple[TilePaths, ...],
        motions: TrackMotion,
        length: NDArray[np.float64],
        steps: NDArray[np.int64],
        error: NDArray[np.float64],
    ) -> None:
        """Paths whose places are polynomials, with nothing seen on site in their way."""
        offset, distance = self._places(some, tiles, length, steps)
        path = np.repeat(np.arange(len(some)), np.diff(offset))
        from_end = np.minimum(distance, length[path] - distance)
        air = self.air
        cover = np.where(from_end > air.canopy_keep_out_m, max(air.canopy_m, 0.0), 0.0)
        clutter = np.zeros((len(some), 2))
        ground = np.full(len(distance), np.nan)
        run: Any = compiled(sample)
        fresh = True
        for one in tiles:
            touched = one.touched[some]
            if touched.any():
                ways = TileWays(one.x[some], one.y[some], one.turn[some], touched)
                run(TileGrid(*one.tile.samples()), ways, fresh, offset, distance, ground)
                fresh = False
        trees = self.surface.trees
        if trees is not None:
            share = share_of(distance, length[path])
            lat, lon = along(motions.latitude[some[path]], share), along(motions.longitude[some[path]], share)
            known = KnownTrees(self.surface.trees_at(lat, lon), trees.keep_out_m)
            cover = with_assumed(known, max(air.canopy_m, 0.0), from_end, air.canopy_keep_out_m)
            clutter = known.at_ends(offset)
        self._figures(rows, PathSamples(distance, ground, cover, offset, error, clutter))

    def _places(
        self,
        some: NDArray[np.int64],
        tiles: tuple[TilePaths, ...],
        length: NDArray[np.float64],
        steps: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return where the samples of paths lie, as `terrain.path_profiles` has them; and where each path's begin."""
        offset = np.zeros(len(some) + 1, np.int64)
        np.cumsum(steps + 1, out=offset[1:])
        distance = np.empty(int(offset[-1]))
        compiled(lay_out)(offset, length, steps, distance)
        taken = np.zeros(len(distance), np.bool_)
        run: Any = compiled(places_on_file)
        after, places = [np.zeros(0, np.int64)], [np.zeros(0)]
        for one in tiles:
            touched = one.touched[some]
            room = len(distance)
            while touched.any():
                found_at, found, then = np.empty(room, np.int64), np.empty(room), taken.copy()
                way = one.x[some], one.y[some], one.turn[some], touched
                room = run(one.tile.samples(), way, offset, distance, then, found_at, found)
                if room <= len(found):
                    taken = then
                    after.append(found_at[:room])
                    places.append(found[:room])
                    break
        every = np.concatenate(after)
        more = np.bincount(every, minlength=len(distance))
        moved = np.concatenate([[0], np.cumsum(more)])
        offset, distance = offset + moved[offset], np.insert(distance, every + 1, np.concatenate(places))
        trees = self.surface.trees
        known_m = None if trees is None else trees.keep_out_m
        keep_outs = keep_outs_m(self.air.canopy_m, self.air.canopy_keep_out_m, known_m)
        return with_edges(offset, distance, length, keep_outs) if keep_outs else (offset, distance)

    def _slow(self, rows: NDArray[np.int64]) -> None:
        """Paths that are too long or too near a pole, or with trees and buildings seen on site in their way."""
        i, j = self.matrix.first[rows], self.matrix.second[rows]
        many = path_profiles(
            self.surface,
            self.a.latitude[i],
            self.a.longitude[i],
            self.b.latitude[j],
            self.b.longitude[j],
            canopy_m=self.air.canopy_m,
            keep_out_m=self.air.canopy_keep_out_m,
            obstacles=self.obstacles,
        )
        samples = PathSamples(
            many.distance_m, many.ground_m, many.cover_m, many.offset, many.height_error, many.clutter_m
        )
        self._figures(rows, samples)

    def gas_db(self, pair: int) -> NDArray[np.float64] | float:
        """Return what gases take from one path, dB, by the heights of its ends."""
        if self.freq_mhz < GAS_MHZ:
            return 0.0
        i, j = int(self.matrix.first[pair]), int(self.matrix.second[pair])
        ground = sum(float(self.surface.heights(x.latitude[n], x.longitude[n])) for x, n in ((self.a, i), (self.b, j)))
        amsl = 0.5 * (ground + self.up_a[i][:, None] + self.up_b[j][None, :])
        return gas_losses_db(
            np.broadcast_to(self.matrix.distance_m[pair], amsl.shape), self.freq_mhz, self.air.weather, amsl
        )

    def _figures(self, rows: NDArray[np.int64], samples: PathSamples) -> None:
        whole, air, (_, ground, _, offset, _, _) = self.matrix, self.air, samples
        up_a, up_b = self.up_a[whole.first[rows]], self.up_b[whole.second[rows]]
        gas = self.loss and self.freq_mhz >= GAS_MHZ
        both = ground[offset[:-1]] + ground[offset[1:] - 1] if gas else np.zeros(0)
        run: Any = compiled(figures)
        asked = PathAsked(
            effective_earth_radius_m(air.k_factor), wavelength_m(self.freq_mhz), self.freq_mhz, self.vertical,
            air.model != FREE_SPACE, self.loss, self.needs,
            not (self.obstacles or air.canopy_m > 0.0 or self.surface.trees), self.enough_f1,
        )  # fmt: skip
        found = PathFigures(
            whole.clearance_m, whole.clearance_f1, whole.chance, whole.loss_db, whole.needed_first_m,
            whole.needed_second_m,
        )  # fmt: skip
        run(samples, PathEnds(rows, up_a, up_b), asked, found)
        if gas:
            amsl = 0.5 * (both[:, None, None] + up_a[:, :, None] + up_b[:, None, :])
            length = whole.distance_m[rows][:, None, None]
            whole.loss_db[rows] += gas_losses_db(length, self.freq_mhz, air.weather, amsl)


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


def _chunks(at: NDArray[np.int64], steps: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the pairs in parts of about `CHUNK_SAMPLES` samples."""
    if not len(at):
        return []
    chunk = np.cumsum(steps[at] + 1) // CHUNK_SAMPLES
    return np.split(at, np.flatnonzero(np.diff(chunk)) + 1)
