"""What towers give homes, at the heights that they have and could have: the figures that fixes are chosen by.

The arithmetic is that of `service.homes`: the same paths, the same antennas, the same budgets.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.links.conditions import home_conditions_of
from cn_planner.links.pointing import elevations_deg
from cn_planner.model.clients import roof_height_m
from cn_planner.progress import ALONE, Run
from cn_planner.service.home_kits import HomePaths, home_end, with_kits
from cn_planner.service.judge import serves
from cn_planner.service.roofs import loads_of, rates_wanted
from cn_planner.service.within_range import access_km, access_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.links.budget import BudgetArrays
    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.plan import Household, Site
    from cn_planner.study import Study

POLES_M = (6.0, 9.0, 12.0, 15.0)
"""Poles at a home that are tried, where they are higher than its roof antenna is now."""


class Judged(NamedTuple):
    """What a tower is to homes; one value a home in every array.

    Attributes
    ----------
    which : int64 array
        Number of the antenna that speaks to it, in the order of the sectors' ids.
    good : bool array
        Whether it would be served: verdict, margin, beam, and the rate that a home should have.
    rate_mbps : float64 array
        Down to it.
    """

    which: NDArray[np.int64]
    good: NDArray[np.bool_]
    rate_mbps: NDArray[np.float64]


class TowerOption(NamedTuple):
    """A place that may serve: the site as it stands in the plan, and the masts that it has or could have, rising."""

    site: Site
    heights_m: tuple[float, ...]
    standing: bool
    """Whether it is a tower of the network today; its height is then the first."""


class Reaching:
    """Towers against homes.

    Parameters
    ----------
    plan, surface, catalogue, regulations
        As everywhere.
    towers : sequence of Tower
        All that may serve.
    homes : sequence of Household
        Those that are asked for, then the others that towers serve today.
    asked : int
        How many of them are asked for.
    kits : sequence of str
        Kits that a new sector may be.
    pool, progress, cancel
        As everywhere.

    Attributes
    ----------
    first, second : int64 arrays
        Towers and homes of the pairs that are looked at, in the order of towers, then of homes.
    loads : float64 array
        What is carried for each home at the busy hour, in homes.
    """

    def __init__(
        self,
        study: Study,
        towers: Sequence[TowerOption],
        homes: Sequence[Household],
        asked: int,
        kits: Sequence[str],
        *,
        run: Run = ALONE,
    ) -> None:
        plan, surface = study.plan, study.surface
        self.study, self.plan, self.catalogue = study, plan, study.catalogue
        self.towers, self.homes, self.asked, self.kits = towers, homes, asked, kits
        self._run = run
        self._conditions = home_conditions_of(plan)
        self._most_m = access_km(study, kits) * 1000.0
        self._wanted = rates_wanted(study.plan, homes)
        self.loads = loads_of(study.plan, homes)
        here = _places([tower.site for tower in towers])
        there = _places(homes)
        self._here, self._there = here, there
        self.ground_m = surface.heights(*here) if towers else np.zeros(0)
        self.roof_m = np.array([roof_height_m(plan, home) for home in homes], np.float64)
        self._home_ground_m = surface.heights(*there) if homes else np.zeros(0)
        poles = np.array(POLES_M)[np.newaxis, :]
        self.pole_fits = poles > self.roof_m[:, np.newaxis] + 1e-9
        self.pole_m = np.where(self.pole_fits, poles, self.roof_m[:, np.newaxis])
        self.first, self.second = self._pairs()
        self.starts = np.searchsorted(self.first, np.arange(len(towers) + 1))
        self._heights = self._wanted_heights()
        self._ends: dict[tuple[str, str, tuple[float, float | None]], RadioEnd] = {}
        self._looked: dict[tuple[int, str, float], NDArray[np.bool_]] = {}
        self._tables: dict[float, PairMatrix] = {}
        self._pole_tables: dict[float, PairMatrix] = {}
        # Poles are tried at towers that stand, for the homes that are asked for.
        standing = np.array([tower.standing for tower in towers], np.bool_)
        self._pole_at = np.flatnonzero(standing[self.first] & (self.second < asked))
        self._pole_row = np.full(len(self.first), -1, np.int64)
        self._pole_row[self._pole_at] = np.arange(len(self._pole_at))

    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return asked homes with every tower that is near enough, and the others with the tower that serves them."""
        asked = (self._there[0][: self.asked], self._there[1][: self.asked])
        tops = (
            np.array([max(tower.heights_m) for tower in self.towers], np.float64),
            max(POLES_M) + self.roof_m[: self.asked],
        )
        i, j = access_pairs(self.study, self._here, asked, tops, self.kits, self._run)
        at = {tower.site.id: number for number, tower in enumerate(self.towers)}
        mine = [
            (at[home.server or ""], number)
            for number, home in enumerate(self.homes)
            if number >= self.asked and home.server in at and not self._one_place(at[home.server or ""], number)
        ]
        more = np.array(mine, np.int64).reshape(-1, 2)
        i, j = np.concatenate([i, more[:, 0]]), np.concatenate([j, more[:, 1]])
        order = np.lexsort((j, i))
        return i[order], j[order]

    def _one_place(self, tower: int, home: int) -> bool:
        return bool(self._here[0][tower] == self._there[0][home] and self._here[1][tower] == self._there[1][home])

    def at_mast(self, home: int) -> list[int]:
        """Return the towers at whose very place a home is: it needs no radio path."""
        same = (self._here[0] == self._there[0][home]) & (self._here[1] == self._there[1][home])
        return np.flatnonzero(same).tolist()

    def _wanted_heights(self) -> dict[float, list[tuple[float, ...]]]:
        """Return the antenna heights to look at, by frequency and tower."""
        plan, catalogue = self.plan, self.catalogue
        wanted: dict[float, list[set[float]]] = {}
        for number, tower in enumerate(self.towers):
            for mast in tower.heights_m:
                found = [(catalogue.kit(kit).freq_mhz, mast) for kit in self.kits]
                if tower.standing:
                    site = _with_mast(tower.site, mast)
                    found += [(one.freq_mhz, one.height_m) for one in accesses_of_site(plan, catalogue, site)]
                for freq, height in found:
                    wanted.setdefault(freq, [set() for _ in self.towers])[number].add(height)
        return {freq: [tuple(sorted(one)) for one in rows] for freq, rows in wanted.items()}

    def _table(self, freq_mhz: float) -> PairMatrix:
        if freq_mhz not in self._tables:
            self._tables[freq_mhz] = self._matrix(
                freq_mhz, (self.first, self.second), _padded(self._heights[freq_mhz]), self.roof_m[:, np.newaxis]
            )
        return self._tables[freq_mhz]

    def _pole_table(self, freq_mhz: float) -> PairMatrix:
        """Return the paths to poles, from the antennas that stand today and from the tops of the masts that do."""
        if freq_mhz not in self._pole_tables:
            pairs = (self.first[self._pole_at], self.second[self._pole_at])
            heights = _padded([self._now(number, freq_mhz) for number in range(len(self.towers))])
            self._pole_tables[freq_mhz] = self._matrix(freq_mhz, pairs, heights, self.pole_m, needs=False)
        return self._pole_tables[freq_mhz]

    def _now(self, number: int, freq_mhz: float) -> tuple[float, ...]:
        tower = self.towers[number]
        found = {tower.heights_m[0]} if tower.standing else {0.0}
        if tower.standing:
            accesses = accesses_of_site(self.plan, self.catalogue, tower.site)
            found |= {one.height_m for one in accesses if one.freq_mhz == freq_mhz}
        return tuple(sorted(found))

    def _matrix(
        self,
        freq_mhz: float,
        pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
        heights: NDArray[np.float64],
        roofs: NDArray[np.float64],
        *,
        needs: bool = True,
    ) -> PairMatrix:
        return pair_matrix(
            self.study.surface,
            self._here,
            self._there,
            heights,
            roofs,
            freq_mhz,
            self._conditions,
            pairs=pairs,
            enough_f1=self.plan.rules.clearance_f1,
            needs=needs,
            obstacles=tuple(self.plan.obstacles.values()),
            run=self._run,
        )

    def rows(self, tower: int, homes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the pairs of a tower with homes; those must be pairs."""
        start, stop = int(self.starts[tower]), int(self.starts[tower + 1])
        found: NDArray[np.int64] = start + np.searchsorted(self.second[start:stop], homes)
        return found

    def homes_of(self, tower: int) -> NDArray[np.int64]:
        """Return the homes that are paired with a tower, rising."""
        return self.second[int(self.starts[tower]) : int(self.starts[tower + 1])]

    def azimuth_deg(self, row: int) -> float:
        """Return the direction of a pair's home, from the tower."""
        return float(self._table(self._base_mhz).azimuth_deg[row])

    @property
    def _base_mhz(self) -> float:
        return self.catalogue.kit(self.kits[0]).freq_mhz

    def elevation_deg(self, tower: int, row: int, height_m: float, pole: int | None) -> float:
        """Return the angle at which a pair's home appears, from an antenna of the tower."""
        home = int(self.second[row])
        up = self.roof_m[home] if pole is None else self.pole_m[home, pole]
        distance = self._table(self._base_mhz).distance_m[row]
        here, there = self.ground_m[tower] + height_m, self._home_ground_m[home] + up
        return float(elevations_deg(distance, here, there, self._conditions.k_factor))

    def judge(self, tower: int, site: Site, homes: NDArray[np.int64], pole: int | None = None) -> Judged:
        """Return what a site, as it would be, is to homes that are paired with it.

        Parameters
        ----------
        tower : int
            Its number.
        site : Site
            As it would be: its mast one of the tower's.
        homes : int64 array
            Their numbers.
        pole : int, optional
            Number of the pole at the homes; their roofs as they are where not given.
        """
        rows = self.rows(tower, homes)
        base = self._table(self._base_mhz)
        tops = self._home_ground_m[homes] + (self.roof_m[homes] if pole is None else self.pole_m[homes, pole])
        accesses = accesses_of_site(self.plan, self.catalogue, site)
        own = [self.plan.client_of(self.homes[n]) for n in homes.tolist()]
        aim = site_pointing(
            self.catalogue,
            accesses,
            base.azimuth_deg[rows],
            base.distance_m[rows],
            float(self.ground_m[tower]),
            tops,
            self._conditions.k_factor,
            heard_by(self.catalogue, accesses, own),
        )
        good, rate = np.zeros(len(homes), np.bool_), np.zeros(len(homes))
        for number, one in enumerate(aim.accesses):
            mine = np.flatnonzero(aim.which == number)
            if len(mine):
                lost = aim.loss_db[mine]
                good[mine], rate[mine] = self._budget(
                    tower, rows[mine], one.kit, (one.freq_mhz, one.width_mhz), one.height_m, pole, lost
                )
        return Judged(aim.which, good & aim.in_beam, rate)

    def at_best(self, tower: int, kit: str, height_m: float, pole: int | None = None) -> NDArray[np.bool_]:
        """Return which of a tower's homes a sector would serve that pointed straight at each of them."""
        rows = np.arange(int(self.starts[tower]), int(self.starts[tower + 1]))
        if pole is not None:
            rows = rows[self.second[rows] < self.asked]
        channel = (self.catalogue.kit(kit).freq_mhz, None)
        good = np.zeros(int(self.starts[tower + 1]) - int(self.starts[tower]), np.bool_)
        good[: len(rows)] = self._budget(tower, rows, kit, channel, height_m, pole, np.zeros(len(rows)))[0]
        return good

    def _budget(
        self,
        tower: int,
        rows: NDArray[np.int64],
        kit: str,
        channel: tuple[float, float | None],
        height_m: float,
        pole: int | None,
        lost_db: NDArray[np.float64],
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        wanted = self._wanted[self.second[rows]]
        budget = self._figures(tower, rows, kit, channel, height_m, pole, lost_db)
        near = self._table(channel[0]).distance_m[rows] <= self._most_m
        return serves(self.plan, budget, wanted, near=near), np.nan_to_num(budget.rate_down_mbps)

    def _figures(
        self,
        tower: int,
        rows: NDArray[np.int64],
        kit: str,
        channel: tuple[float, float | None],
        height_m: float,
        pole: int | None,
        lost_db: NDArray[np.float64] | float,
    ) -> BudgetArrays:
        freq_mhz, _ = channel
        own, which = np.unique([self.plan.client_of(self.homes[n]) for n in self.second[rows]], return_inverse=True)
        if pole is None:
            matrix, at, step = self._table(freq_mhz), self._heights[freq_mhz][tower].index(height_m), 0
        else:
            matrix, at, step = self._pole_table(freq_mhz), self._now(tower, freq_mhz).index(height_m), pole
            rows = self._pole_row[rows]
        tower_end = self._end(kit, kit, channel)
        ends = [(tower_end, self._end(kit, str(one), channel)) for one in (own if len(rows) else [kit])]
        loss, sight = matrix.loss_db[rows, at, step] + lost_db, matrix.sight((rows, at, step))
        return with_kits(self.plan, ends, which.astype(np.int8), HomePaths(loss, sight, matrix.distance_m[rows]))

    def _end(self, access: str, kit: str, channel: tuple[float, float | None]) -> RadioEnd:
        """Return a kit's radio on the channel of a sector: its centre, and its width where that is not the kit's own.

        That of the sector itself, or that of a home: one of another band serves nobody.
        """
        if (access, kit, channel) not in self._ends:
            on = {"freq_mhz": channel[0], "width_mhz": channel[1]}
            self._ends[access, kit, channel] = home_end(self.study, access, kit, **on)
        return self._ends[access, kit, channel]

    def towers_to_look_at(self, rows: NDArray[np.int64]) -> Iterator[int]:
        """Yield the towers of the pairs on which a look on site alone is in want, at a mast that they may have."""
        if self.plan.rules.serve_on_check:
            return
        every = replace(self.plan, rules=replace(self.plan.rules, serve_on_check=True))
        for row in rows.tolist():
            number = int(self.first[row])
            at, freqs = row - int(self.starts[number]), {kit: self.catalogue.kit(kit).freq_mhz for kit in self.kits}
            for kit, height_m in ((kit, one) for kit in self.kits for one in self.towers[number].heights_m):
                if (number, kit, height_m) not in self._looked:
                    all_rows = np.arange(int(self.starts[number]), int(self.starts[number + 1]))
                    budget = self._figures(number, all_rows, kit, (freqs[kit], None), height_m, None, 0.0)
                    near = self._table(freqs[kit]).distance_m[all_rows] <= self._most_m
                    self._looked[number, kit, height_m] = serves(
                        every, budget, self._wanted[self.second[all_rows]], near=near
                    )
                if self._looked[number, kit, height_m][at]:
                    yield number
                    break

    def outlook(self, rows: NDArray[np.int64]) -> tuple[bool, bool, NDArray[np.float64], NDArray[np.float64]]:
        """Return whether any pair has ground all the way, whether any is clear enough, and what each is and needs.

        Of each the greatest clearance, at the best mast that a tower may have, and the mast that leaves enough clear.
        """
        matrix = self._table(self._base_mhz)
        known = bool(np.isfinite(matrix.loss_db[rows]).any())
        clear = np.nan_to_num(matrix.clearance_m[rows], nan=-np.inf).max(axis=(1, 2))
        enough = bool((matrix.clearance_f1[rows] >= self.plan.rules.clearance_f1).any())
        return known, enough, clear, matrix.needed_first_m[rows].min(axis=1)


def _with_mast(site: Site, height_m: float) -> Site:
    return site if site.mast_height_m == height_m else replace(site, mast_height_m=height_m)


def _padded(rows: Sequence[tuple[float, ...]]) -> NDArray[np.float64]:
    """Return rows of heights as one array, their last repeated; where there are none, 0."""
    width = max((len(one) for one in rows), default=0) or 1
    return np.array([[*one, *([one[-1] if one else 0.0] * (width - len(one)))] for one in rows]).reshape(-1, width)


def _places(things: Sequence[Site] | Sequence[Household]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([t.latitude for t in things], np.float64), np.array([t.longitude for t in things], np.float64)
