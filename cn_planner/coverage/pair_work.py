"""How the pairs of a matrix are answered: those that one file knows whole at once, the others by the longer ways."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.between_kernels import places_on_file
from cn_planner.coverage.path_kernels import PathAsked, PathEnds, PathFigures, PathSamples, figures
from cn_planner.coverage.sample_kernels import TileGrid, TileWays, lay_out, sample
from cn_planner.coverage.whole_kernels import WholePaths, whole_figures, whole_samples
from cn_planner.links.losses import GAS_MHZ, gas_losses_db
from cn_planner.links.sight import Sight
from cn_planner.model.propagation_models import FREE_SPACE
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import compiled
from cn_planner.terrain.cover import KnownTrees, Paths, crossings, keep_outs_m, with_assumed, with_edges
from cn_planner.terrain.profile import path_profiles, step_lengths
from cn_planner.terrain.track import along, motion, share_of
from cn_planner.units import wavelength_m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cn_planner.links.conditions import Conditions
    from cn_planner.model.plan import Obstacle
    from cn_planner.progress import Run
    from cn_planner.terrain.surface import Surface, TilePaths
    from cn_planner.terrain.track import Jets, TrackMotion

CHUNK_SAMPLES = 32_768
"""Profiles made at once: 24 bytes a sample, which stay in the processor's cache. Fixed, so that the result does not
depend on the number of threads."""
_WHOLE_SAMPLES = 4 * CHUNK_SAMPLES
"""Equal steps of paths that are answered between two looks whether to go on: of each path only its own are kept."""
_ROOM = 3
"""Samples for each equal step, in the mean of a chunk; a path for which there is no room goes the longer way."""


class Spots(NamedTuple):
    """Places, degrees."""

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]


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

    def rows(self, which: NDArray[np.int64]) -> PairMatrix:
        """Return the pairs of these numbers, in their order; one that is named twice stands there twice."""
        values = (getattr(self, one.name) for one in fields(self))
        return PairMatrix(*(value[which] if len(value) == len(self) else value for value in values))

    def loss_alone(self) -> PairMatrix:
        """Return the same with its pairs and their loss, and nothing else: a quarter of the bytes."""
        # Arrays of their own: an empty slice would hold all of what it was cut from.
        rest = {one.name: getattr(self, one.name)[:0].copy() for one in fields(self)[2:] if one.name != "loss_db"}
        return replace(self, first=self.first.astype(np.int32), second=self.second.astype(np.int32), **rest)

    def sight(self, index: Any = ...) -> Sight:
        """Return how clear paths are: those of an index of pair, step of first, and step of second."""
        chance = self.chance[index]
        found = Sight(self.clearance_f1[index], chance[..., 0], chance[..., 1])
        if not self.level_sd_db.shape[1]:
            return found
        every = np.broadcast_to(self.level_sd_db[:, None, None, :], self.chance.shape)[index]
        return found._replace(common_sd_db=every[..., 0], local_sd_db=every[..., 1])


@dataclass(frozen=True, slots=True, eq=False)
class PairCase:
    """What is asked of every pair, and the matrix that is filled."""

    surface: Surface
    a: Spots
    b: Spots
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
    chances: bool
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
        paths = WholePaths(length, steps, quick.copy(), error, np.full(len(length), np.nan))
        run.check()
        if self.surface.trees is None:
            self._whole(part.start, paths, tiles, run)
        else:
            self._whole_below_trees(part.start, paths, tiles, ways, run)
        at = np.flatnonzero(paths.mine)
        for some in chunks_of(at, steps):
            run.check()
            self._quick(part.start + some, some, tiles, ways, length[some], steps[some], error[some])
        at = np.flatnonzero(~quick)
        for some in chunks_of(at, steps):
            run.check()
            self._slow(part.start + some)

    def _whole(self, start: int, paths: WholePaths, tiles: tuple[TilePaths, ...], run: Run) -> None:
        """Answer for the paths that the first file that they touch knows whole; what is left stays marked."""
        rows = np.arange(start, start + len(paths.length))
        ends, (asked, found) = self._ends(rows), self._asked()
        woods = max(self.air.canopy_m, 0.0), self.air.canopy_keep_out_m
        left = paths.mine.copy()
        fill: Any = compiled(whole_figures)
        for one, mine in _first_touched(tiles, left):
            way = TileWays(one.x, one.y, one.turn, one.touched)
            for some in chunks_of(np.flatnonzero(mine), paths.steps, _WHOLE_SAMPLES):
                run.check()
                here = np.zeros(len(rows), np.bool_)
                here[some] = True
                fill(TileGrid(*one.tile.samples()), way, paths._replace(mine=here), woods, ends, asked, found)
            left &= np.isnan(paths.both)
        paths.mine[:] = left
        if self._gas:
            done = ~np.isnan(paths.both)
            self._add_gas(rows[done], paths.both[done], ends.up_a[done], ends.up_b[done])

    def _whole_below_trees(
        self, start: int, paths: WholePaths, tiles: tuple[TilePaths, ...], ways: TrackMotion, run: Run
    ) -> None:
        """Do the same where files know of trees: these are asked for the samples."""
        keep_outs = np.array(self._keep_outs_m)
        lay: Any = compiled(whole_samples)
        for one, mine in _first_touched(tiles, paths.mine):
            for some in chunks_of(np.flatnonzero(mine), paths.steps):
                run.check()
                distance, ground = np.empty((2, _ROOM * int(paths.steps[some].sum() + len(some))))
                counts = np.zeros(len(some), np.int64)
                here = WholePaths(*(each[some] for each in paths))
                way = TileWays(one.x[some], one.y[some], one.turn[some], mine[some])
                count = lay(TileGrid(*one.tile.samples()), way, here, keep_outs, distance, ground, counts)
                done = some[counts > 0]
                offset = np.concatenate([[0], np.cumsum(counts[counts > 0])])
                paths.mine[done] = False
                self._on_ground(
                    start + done, done, ways, (offset, distance[:count], ground[:count]), paths.length[done],
                    paths.error[done],
                )  # fmt: skip

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
        ground = np.full(len(distance), np.nan)
        run: Any = compiled(sample)
        fresh = True
        for one in tiles:
            touched = one.touched[some]
            if touched.any():
                ways = TileWays(one.x[some], one.y[some], one.turn[some], touched)
                run(TileGrid(*one.tile.samples()), ways, fresh, offset, distance, ground)
                fresh = False
        self._on_ground(rows, some, motions, (offset, distance, ground), length, error)

    def _on_ground(
        self,
        rows: NDArray[np.int64],
        some: NDArray[np.int64],
        motions: TrackMotion,
        samples: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]],
        length: NDArray[np.float64],
        error: NDArray[np.float64],
    ) -> None:
        """Fill the figures of paths whose samples are known, by what stands on them: offset, distance, ground."""
        offset, distance, ground = samples
        path = np.repeat(np.arange(len(some)), np.diff(offset))
        from_end = np.minimum(distance, length[path] - distance)
        air, trees = self.air, self.surface.trees
        clutter = np.zeros((len(some), 2))
        if trees is None:
            cover = np.where(from_end > air.canopy_keep_out_m, max(air.canopy_m, 0.0), 0.0)
        else:
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
        keep_outs = self._keep_outs_m
        return with_edges(offset, distance, length, keep_outs) if keep_outs else (offset, distance)

    @property
    def _keep_outs_m(self) -> tuple[float, ...]:
        trees = self.surface.trees
        known_m = None if trees is None else trees.keep_out_m
        return keep_outs_m(self.air.canopy_m, self.air.canopy_keep_out_m, known_m)

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

    def _ends(self, rows: NDArray[np.int64]) -> PathEnds:
        return PathEnds(rows, self.up_a[self.matrix.first[rows]], self.up_b[self.matrix.second[rows]])

    def _asked(self) -> tuple[PathAsked, PathFigures]:
        whole, air = self.matrix, self.air
        asked = PathAsked(
            effective_earth_radius_m(air.k_factor), wavelength_m(self.freq_mhz), self.freq_mhz, self.vertical,
            air.model != FREE_SPACE, self.loss, self.needs,
            not (self.obstacles or air.canopy_m > 0.0 or self.surface.trees), self.enough_f1,
            self.chances,
        )  # fmt: skip
        return asked, PathFigures(
            whole.clearance_m, whole.clearance_f1, whole.chance, whole.loss_db, whole.needed_first_m,
            whole.needed_second_m,
        )  # fmt: skip

    def _figures(self, rows: NDArray[np.int64], samples: PathSamples) -> None:
        run: Any = compiled(figures)
        ends = self._ends(rows)
        run(samples, ends, *self._asked())
        if self._gas:
            ground, offset = samples.ground, samples.offset
            self._add_gas(rows, ground[offset[:-1]] + ground[offset[1:] - 1], ends.up_a, ends.up_b)

    @property
    def _gas(self) -> bool:
        return self.loss and self.freq_mhz >= GAS_MHZ

    def _add_gas(
        self, rows: NDArray[np.int64], both_m: NDArray[np.float64], up_a: NDArray[np.float64], up_b: NDArray[np.float64]
    ) -> None:
        """Add what gases take to the loss of paths, by the sum of the ground's heights at their ends."""
        amsl = 0.5 * (both_m[:, None, None] + up_a[:, :, None] + up_b[:, None, :])
        length = self.matrix.distance_m[rows][:, None, None]
        self.matrix.loss_db[rows] += gas_losses_db(length, self.freq_mhz, self.air.weather, amsl)


def _first_touched(
    tiles: tuple[TilePaths, ...], paths: NDArray[np.bool_]
) -> Iterator[tuple[TilePaths, NDArray[np.bool_]]]:
    """Yield each file with those of the paths that touch it and none before it."""
    left = paths.copy()
    for one in tiles:
        yield one, left & one.touched
        left &= ~one.touched


def chunks_of(at: NDArray[np.int64], steps: NDArray[np.int64], most: int = CHUNK_SAMPLES) -> list[NDArray[np.int64]]:
    """Return the pairs in parts of about so many samples."""
    if not len(at):
        return []
    chunk = np.cumsum(steps[at] + 1) // most
    return np.split(at, np.flatnonzero(np.diff(chunk)) + 1)
