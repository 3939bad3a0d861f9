"""What one tower is to places round it: by which antenna it speaks to each, what arrives, and whether that serves.

Paths come from whoever asks: one by one, off a lattice, off a map. The rest is the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from cn_planner.coverage.access import accesses_of_site, site_pointing
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.geo import ROUGH_SLACK, geodesics, rough_distances_m
from cn_planner.links.conditions import conditions_of, home_conditions_of
from cn_planner.links.known_place import known_place
from cn_planner.links.one_band import clients_of_sector, speaks_with
from cn_planner.links.sight import Sight
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.model.propagation_models import P526
from cn_planner.progress import ALONE
from cn_planner.service.home_kits import HomePaths, cheapest_kits, ends_by_kit, with_kits
from cn_planner.service.judge import Why, why_unserved
from cn_planner.service.within_range import access_km, worth_a_look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.access import Access
    from cn_planner.links.budget import BudgetArrays
    from cn_planner.links.known_place import KnownPlace
    from cn_planner.model.plan import Site
    from cn_planner.progress import Run
    from cn_planner.service.roofs import HomeArrays
    from cn_planner.study import Study

_LIKELY = VERDICTS.index(Verdict.LIKELY)
MAP_NEIGHBOURS = 8
"""Measurements that count for a cell of a map: a few tenths of a decibel beside those of a home."""
RIM_M = 200.0
"""So much further the places of a raster are looked at than any is served from: its middle is that of the tower's cell,
and lengths on a grid are not quite those on the ground."""


class Around(NamedTuple):
    """Places as a tower sees them; one value a place in every array.

    Attributes
    ----------
    azimuth_deg, distance_m : float64 arrays
        Geodesic, from the tower.
    amsl_m : float64 array
        Their antennas above sea level; above ground where nothing rests on that.
    here_m : float
        Ground of the tower above sea level; 0 where nothing rests on that.
    latitude, longitude : float64 arrays
        Degrees.
    roof_m : float64 array
        Their antennas above ground.
    wanted_mbps : float64 array, optional
        The rate that a home at each should reach; that of any home where not given.
    """

    azimuth_deg: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    amsl_m: NDArray[np.float64]
    here_m: float
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    roof_m: NDArray[np.float64]
    wanted_mbps: NDArray[np.float64] | None = None


class PathsFrom(Protocol):
    """Gives the paths from an antenna of the tower to some of the places."""

    def __call__(self, access: Access, places: NDArray[np.int64], /) -> tuple[NDArray[np.float64], Sight]:
        """Return the loss, dB, and how clear the paths are, of places by their numbers.

        Where the antenna points is no part of the path, and not told.
        """


@dataclass(frozen=True, slots=True, eq=False)
class TowerAnswer:
    """What a tower is to places; one value a place in every array.

    Attributes
    ----------
    which : int64 array
        Number of the antenna that speaks to it, in the order of the sectors' ids.
    why : int8 array
        Numbers of `judge.Why`: `NOTHING` where a home there would be served.
    verdict : int8 array
        Index of `VERDICTS`.
    level_dbm, margin_db, fallback_db, rate_down_mbps, rate_up_mbps : float64 arrays
        As in `links.budget.BudgetArrays`: NaN where terrain is missing, infinite at the mast itself.
    sight : Sight
        At the mast itself the path is clear.
    """

    which: NDArray[np.int64]
    why: NDArray[np.int8]
    verdict: NDArray[np.int8]
    level_dbm: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    fallback_db: NDArray[np.float64]
    rate_down_mbps: NDArray[np.float64]
    rate_up_mbps: NDArray[np.float64]
    sight: Sight

    @property
    def served(self) -> NDArray[np.bool_]:
        """Whether a home at each place would be served."""
        found: NDArray[np.bool_] = self.why == Why.NOTHING
        return found


def around(
    study: Study,
    site: Site,
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    roof_m: NDArray[np.float64] | float,
) -> Around:
    """Return places as a tower sees them: where, and how high their antennas are."""
    azimuth, _, length = geodesics(site.latitude, site.longitude, latitude, longitude)
    return _around(study, site, azimuth, length, latitude, longitude, np.zeros(len(latitude)) + roof_m)


def _around(
    study: Study,
    site: Site,
    azimuth_deg: NDArray[np.float64],
    length_m: NDArray[np.float64],
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    roof_m: NDArray[np.float64],
) -> Around:
    here, tops = 0.0, roof_m
    if site.sectors:  # else nothing rests on heights
        here = float(study.surface.heights(site.latitude, site.longitude))
        tops = roof_m + study.surface.heights(latitude, longitude)
    return Around(azimuth_deg, length_m, tops, here, latitude, longitude, roof_m)


def judged(
    study: Study,
    site: Site,
    there: Around,
    paths: PathsFrom,
    *,
    model: str = P526,
    in_vain: bool = True,
    own: Sequence[str] = (),
) -> TowerAnswer:
    """Return what a tower is to places: the rule of `judge` for each, with its antennas as the plan has them.

    Parameters
    ----------
    study : Study
        What is asked of.
    site : Site
        The tower, as it stands or as it would be.
    there : Around
        The places.
    paths : PathsFrom
        Their paths.
    model : str
        What predicts the loss.
    in_vain : bool
        Whether paths are looked at that cannot serve, as they are too far or in no beam; else nothing is said of what
        arrives there.
    own : sequence of str
        The kit that each place has; where it is empty, or none are given, the first of the plan's that serves.

    Raises
    ------
    InputError
        Where a kit is not in the catalogue, or the kits of tower and home have no mode in common.
    """
    accesses = accesses_of_site(study.plan, study.catalogue, site)
    if len({one.kit for one in accesses}) <= 1:
        return _judged(study, site, there, paths, accesses, (model, in_vain, own))
    groups = _by_band(study, accesses, own)
    found: list[tuple[NDArray[np.int64], TowerAnswer]] = []
    left = np.ones(len(there.distance_m), np.bool_)
    given = np.array(own or [""] * len(left), np.str_)
    for number, (kits, antennas) in enumerate(groups):
        # Whose kit no sector hears is asked of the first of them, which does not serve it.
        mine = np.isin(given, list(kits)) | ((given == "") & left) | ((number == 0) & ~_in_any(groups, given))
        those = np.flatnonzero(mine)
        answer = _judged(
            study, site, _some_of(there, those), partial(_of_those, paths, those),
            tuple(accesses[n] for n in antennas), (model, in_vain, [str(one) for one in given[those]]),
        )  # fmt: skip
        answer = replace(answer, which=np.array(antennas, np.int64)[answer.which])
        if number:  # to a home without a kit of its own the first band speaks that serves it, or has it in a beam
            before = _joined(found, len(left))
            better = (given[those] != "") | answer.served
            better |= (before.why[those] == Why.NO_BEAM) & (answer.why != Why.NO_BEAM)
            those, answer = those[better], _taken(answer, np.flatnonzero(better))
        found.append((those, answer))
        left[those[answer.served]] = False
    return _joined(found, len(left))


def _by_band(
    study: Study, accesses: Sequence[Access], own: Sequence[str]
) -> list[tuple[frozenset[str], tuple[int, ...]]]:
    """Return kits of homes, with the numbers of the tower's antennas that they hear alike: the usual kit's first."""
    clients = study.plan.kits.clients
    found: dict[tuple[int, ...], list[str]] = {}
    for kit in dict.fromkeys((*clients, *filter(None, own))):
        heard = tuple(n for n, one in enumerate(accesses) if speaks_with(study.catalogue, one.kit, kit))
        if heard:
            found.setdefault(heard, []).append(kit)
    whole = tuple(range(len(accesses)))
    return [(frozenset(kits), heard) for heard, kits in found.items()] or [(frozenset(clients), whole)]


def _in_any(groups: Sequence[tuple[frozenset[str], tuple[int, ...]]], given: NDArray[Any]) -> NDArray[np.bool_]:
    known = ["", *frozenset[str]().union(*(kits for kits, _ in groups))]
    found: NDArray[np.bool_] = np.isin(given, known)
    return found


def _some_of(there: Around, those: NDArray[np.int64]) -> Around:
    """Return some of the places."""
    arrays: dict[str, Any] = {
        name: value[those] for name, value in there._asdict().items() if isinstance(value, np.ndarray)
    }
    return there._replace(**arrays)


def _of_those(
    paths: PathsFrom, those: NDArray[np.int64], access: Access, places: NDArray[np.int64]
) -> tuple[NDArray[np.float64], Sight]:
    return paths(access, those[places])


def _taken(answer: TowerAnswer, those: NDArray[np.int64]) -> TowerAnswer:
    """Return the answer for some of its places."""
    arrays = {one.name: getattr(answer, one.name)[those] for one in fields(answer) if one.name != "sight"}
    return TowerAnswer(**arrays, sight=answer.sight.at(those))


def _joined(found: Sequence[tuple[NDArray[np.int64], TowerAnswer]], count: int) -> TowerAnswer:
    """Return one answer of those for some of so many places each, the last of each; every place is in one at least."""
    first = found[0][1]
    whole = {one.name: np.zeros(count, getattr(first, one.name).dtype) for one in fields(first) if one.name != "sight"}
    sight = [np.zeros(count, np.float64) for _ in first.sight]
    for those, answer in found:
        for name, values in whole.items():
            values[those] = getattr(answer, name)
        for values, part in zip(sight, answer.sight, strict=True):
            values[those] = part
    return TowerAnswer(**whole, sight=Sight(*sight))


def _judged(
    study: Study,
    site: Site,
    there: Around,
    paths: PathsFrom,
    accesses: tuple[Access, ...],
    asked: tuple[str, bool, Sequence[str]],
) -> TowerAnswer:
    """Return what antennas of one band are to places; `asked`: model, in_vain and own of `judged`."""
    model, in_vain, own = asked
    plan = study.plan
    place = known_place(plan)
    aim = site_pointing(
        study.catalogue, accesses, there.azimuth_deg, there.distance_m, there.here_m, there.amsl_m,
        conditions_of(plan).k_factor,
    )  # fmt: skip
    near = there.distance_m <= access_km(study) * 1000.0
    count = len(there.distance_m)
    # At the mast itself no radio path is needed.
    why, verdict = np.full(count, Why.NOTHING, np.int8), np.full(count, _LIKELY, np.int8)
    level, margin, fallback, down, up = (np.full(count, np.inf) for _ in range(5))
    f1, clear, passes = np.full(count, np.inf), np.ones(count), np.zeros(count)
    common, local = np.full(count, np.nan), np.full(count, np.nan)
    apart = there.distance_m > 0.0
    if not in_vain:
        vain = apart & ~(near & aim.in_beam)
        why[vain] = np.where(near[vain], np.int8(Why.NO_BEAM), np.int8(Why.FAR))
        verdict[vain] = VERDICTS.index(Verdict.NO_DATA)
        level[vain] = margin[vain] = fallback[vain] = down[vain] = up[vain] = np.nan
        apart &= ~vain
    # Those that share height and channel are asked together: where they point is no part of the path.
    alike: dict[Access, list[int]] = {}
    for number, one in enumerate(accesses):
        alike.setdefault(one._replace(aimed=False, azimuth_deg=0.0, tilt_deg=0.0), []).append(number)
    for one, numbers in alike.items():
        those = np.flatnonzero(apart & np.isin(aim.which, numbers))
        if not len(those):
            continue
        loss, sight = paths(one, those)
        if place is not None and not sight.measured.any():  # paths off a map; others ask the place themselves
            loss, sight = _as_known(place, site, one.freq_mhz, there, those, (loss, sight))
        wanted = None if there.wanted_mbps is None else there.wanted_mbps[those]
        budget = _with_homes_kits(
            study, one, HomePaths(loss + aim.loss_db[those], sight, there.distance_m[those], model, wanted),
            [own[n] for n in those.tolist()] if own else (),
        )  # fmt: skip
        why[those] = why_unserved(plan, budget, wanted, near=near[those], in_beam=aim.in_beam[those])
        verdict[those], level[those], margin[those] = budget.verdict, budget.level_down_dbm, budget.margin_db
        fallback[those], down[those], up[those] = budget.fallback_db, budget.rate_down_mbps, budget.rate_up_mbps
        f1[those], clear[those], passes[those], common[those], local[those] = sight
    return TowerAnswer(
        aim.which, why, verdict, level, margin, fallback, down, up, Sight(f1, clear, passes, common, local)
    )


def _with_homes_kits(study: Study, access: Access, paths: HomePaths, own: Sequence[str]) -> BudgetArrays:
    """Return the budgets of paths to homes, each with its own kit, or with the first of the plan's that serves."""
    plan = study.plan
    clients = clients_of_sector(plan, study.catalogue, access.kit) or plan.kits.clients
    which, budget = cheapest_kits(plan, ends_by_kit(study, access, clients), paths)
    fixed = tuple(sorted({one for one in own if one}))
    if not fixed:
        return budget
    # Each kit that a home has comes after those that any may have.
    count = len(clients)
    which = np.array([count + fixed.index(one) if one else k for one, k in zip(own, which, strict=True)], np.int8)
    return with_kits(plan, ends_by_kit(study, access, (*clients, *fixed)), which, paths)


def _as_known(
    place: KnownPlace,
    site: Site,
    freq_mhz: float,
    there: Around,
    those: NDArray[np.int64],
    paths: tuple[NDArray[np.float64], Sight],
) -> tuple[NDArray[np.float64], Sight]:
    """Return paths with what was measured of the place."""
    loss, sight = paths
    ones = np.ones(len(those))
    error = place.of_paths(
        (site.latitude * ones, site.longitude * ones, there.latitude[those], there.longitude[those]),
        there.roof_m[those], freq_mhz, there.distance_m[those], loss, np.asarray(sight.clearance_f1, np.float64),
        neighbours=MAP_NEIGHBOURS,
    )  # fmt: skip
    return loss - error.shift_db, sight._replace(common_sd_db=error.common_sd_db, local_sd_db=error.local_sd_db)


def as_beside(served: NDArray[np.bool_], cell: tuple[int, int]) -> None:
    """Let the cell of a raster in which a tower stands take after those round it: there is no path to look at."""
    row, column = cell
    served[cell] = served[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].any()


def hopeful_homes(study: Study, site: Site, homes: HomeArrays, those: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which homes a tower may see from the highest of its antennas."""
    accesses = accesses_of_site(study.plan, study.catalogue, site)
    top, freq = max(one.height_m for one in accesses), min(one.freq_mhz for one in accesses)
    places = homes.latitude[those], homes.longitude[those], homes.roof_m[those]
    return worth_a_look(study, site, top, freq, places)


@dataclass(frozen=True, slots=True, eq=False)
class TowerCoverage:
    """What one tower is to homes; one value a home in every array.

    Attributes
    ----------
    site : str
    home : int64 array
        Numbers of the homes: those within the greatest distance, and those that were asked for beside.
    distance_m : float64 array
    answer : TowerAnswer
    needed_m : float64 array
        Least height of the home's antenna that leaves enough clear, the tower's as it is; NaN where terrain is missing.
    """

    site: str
    home: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    answer: TowerAnswer
    needed_m: NDArray[np.float64]


def tower_coverage(
    study: Study,
    homes: HomeArrays,
    site: Site,
    *,
    only: NDArray[np.int64] | None = None,
    beside: NDArray[np.int64] | None = None,
    run: Run = ALONE,
) -> TowerCoverage:
    """Return what a tower is to the homes near it, and to those further away that it may see, each on its own path.

    Parameters
    ----------
    study, homes
        What is asked of, and its homes.
    site : Site
        The tower.
    only : int64 array, optional
        Numbers of the homes to look at, rising; all where not given.
    beside : int64 array, optional
        Numbers of those that are judged however far they are.
    run : Run
        On which threads, who is told, who may stop it.

    Raises
    ------
    InputError
        Where a kit is not in the catalogue, or the kits of tower and home have no mode in common.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    CancelledError
    """
    plan = study.plan
    looked, most_m = np.arange(len(homes), dtype=np.int64) if only is None else only, access_km(study) * 1000.0
    beside = np.zeros(0, np.int64) if beside is None else beside
    away = rough_distances_m(site.latitude, site.longitude, homes.latitude[looked], homes.longitude[looked])
    looked = looked[(away <= most_m * ROUGH_SLACK) | np.isin(looked, beside)]
    azimuth, _, length = geodesics(site.latitude, site.longitude, homes.latitude[looked], homes.longitude[looked])
    wanted = length <= most_m
    wanted[wanted] = hopeful_homes(study, site, homes, looked[wanted])
    wanted |= np.isin(looked, beside)
    near = looked[wanted]
    latitude, longitude, roof = homes.latitude[near], homes.longitude[near], homes.roof_m[near]
    there = _around(study, site, azimuth[wanted], length[wanted], latitude, longitude, roof)
    there = there._replace(wanted_mbps=homes.wanted_mbps[near])
    tables: dict[tuple[float, float], NDArray[np.float64]] = {}

    def paths(one: Access, those: NDArray[np.int64]) -> tuple[NDArray[np.float64], Sight]:
        matrix = pair_matrix(
            study.surface,
            ([site.latitude], [site.longitude]),
            (latitude[those], longitude[those]),
            [one.height_m],
            roof[those, np.newaxis],
            one.freq_mhz,
            home_conditions_of(plan),
            pairs=(np.zeros(len(those), np.int64), np.arange(len(those), dtype=np.int64)),
            enough_f1=plan.rules.clearance_f1,
            obstacles=tuple(plan.obstacles.values()),
            run=run,
        )
        tables.setdefault((one.height_m, one.freq_mhz), np.zeros(len(near)))[those] = matrix.needed_second_m[:, 0]
        return matrix.loss_db[:, 0, 0], matrix.sight(np.s_[:, 0, 0])

    own = [homes.kit[n] for n in near.tolist()] if homes.kit else ()
    answer = judged(study, site, there, paths, own=own)
    needed, accesses = np.zeros(len(near)), accesses_of_site(plan, study.catalogue, site)
    for number, by in enumerate(accesses):  # by the antenna that speaks to each
        mine = answer.which == number
        if (by.height_m, by.freq_mhz) in tables:
            needed[mine] = tables[by.height_m, by.freq_mhz][mine]
    return TowerCoverage(site.id, near, there.distance_m, answer, needed)
