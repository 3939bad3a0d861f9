"""Coverage of a tower while the hand moves it, raises it or turns it, and of towers that stand.

The raster is the quick sweep of `coverage.quick` on a window of the ground that is cut once; the homes are judged one
by one on that window, by the rule of `session.service`, which says the last word when the hand lets go.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.access import Access, accesses_of_site
from cn_planner.coverage.quick import (
    Beam,
    Criteria,
    Window,
    cut_window,
    quick_coverage,
    stand,
)
from cn_planner.coverage.quick_paths import quick_paths
from cn_planner.geo import WGS84, rough_distances_m, transform
from cn_planner.jobs import hand_pool
from cn_planner.links.conditions import Conditions, conditions_of
from cn_planner.links.many_paths import expect_many_paths
from cn_planner.links.pointing import BEAM_SLACK_DEG, half_width_deg, pointing_table
from cn_planner.links.seen import at_spot, lines_seen
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.service.home_kits import ends_by_kit
from cn_planner.service.judge import least_clearance_f1, most_loss_db, works_loss_db
from cn_planner.service.tower import around, judged, tower_coverage
from cn_planner.service.within_range import access_km
from cn_planner.session.cache import digest
from cn_planner.session.service import reach_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from cn_planner.links.sight import Sight
    from cn_planner.model.plan import Site
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot
    from cn_planner.terrain.surface import Surface
    from cn_planner.terrain.trees import TreeHeights

RADIUS_M = 15_000.0
CELL_M = 30.0
EXACT_HOMES = 500
"""So many homes are judged at each step of the hand as everywhere; where there are more, on the window that is cut."""
_SLACK_M = 8_000.0
"""So far a tower may be dragged before another window is cut."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveCoverage:
    """Coverage of one tower.

    Attributes
    ----------
    site : str
        Its id.
    held : uint8 array of (rows, columns), or bytes
        Codes of `coverage.quick`: NONE, EDGE, CHECK, LIKELY, NO_DATA. Of towers that stand they are packed: classes in
        a row are mostly the same, so that a fortieth of them is left, and a window holds those of each tower.
    shape : rows, columns
    crs : str
    transform : tuple of six floats
        (a, b, c, d, e, f) to cell centres: ``x = a col + b row + c``, ``y = d col + e row + f``.
    corners : four (latitude, longitude)
        Outer corners of the raster: north-west, north-east, south-east, south-west.
    homes : tuple of str
        Ids of the homes that the tower reaches.
    weight : float
        The same by weight.
    live : bool
        Whether the tower is under the hand.
    """

    site: str
    held: NDArray[np.uint8] | bytes
    shape: tuple[int, int]
    crs: str
    transform: tuple[float, float, float, float, float, float]
    corners: tuple[tuple[float, float], ...]
    homes: tuple[str, ...]
    weight: float
    live: bool

    @property
    def classes(self) -> NDArray[np.uint8]:
        """The codes, uint8 array of (rows, columns); unpacked at each call."""
        if isinstance(self.held, bytes):
            return np.frombuffer(zlib.decompress(self.held), np.uint8).reshape(self.shape)
        return self.held

    def packed(self) -> LiveCoverage:
        """Return it as it is kept."""
        return replace(self, held=zlib.compress(self.classes.tobytes(), 1))


def window_of(snapshot: Snapshot, site: Site, radius_m: float, cancel: CancelToken | None = None) -> Window:
    """Return the window that a tower stands in; cut where none that was cut before holds its circle."""
    surface = snapshot.surface
    source = surface.cell_m(site.latitude, site.longitude)
    cell_m = max(CELL_M, math.floor(source / 3.0)) if math.isfinite(source) else CELL_M
    kept = snapshot.workspace.windows(snapshot.terrain_key)
    for window in kept:
        if abs(window.grid.source_cell_m - cell_m) < 1e-9 and _holds(window, site, radius_m):
            return window
    window = cut_window(surface, site.latitude, site.longitude, radius_m + _SLACK_M, cell_m, cancel)
    snapshot.workspace.keep_window(snapshot.terrain_key, window)
    return window


def _holds(window: Window, site: Site, radius_m: float) -> bool:
    if window.whole:
        return True
    x, y = transform(WGS84, window.grid.crs, [site.longitude], [site.latitude])
    row, column = (float(v[0]) for v in window.grid.to_cell(x, y))
    reach_cells = radius_m / window.grid.cell_m
    rows, columns = window.grid.shape
    return reach_cells <= row <= rows - reach_cells and reach_cells <= column <= columns - reach_cells


def _beams(snapshot: Snapshot, site: Site, accesses: Sequence[Access]) -> tuple[Beam, ...]:
    if not site.sectors:
        return (Beam(0.0, 180.0, *_losses(snapshot, accesses[0])),)
    beams = []
    for one in accesses:
        antenna = snapshot.catalogue.antennas[snapshot.catalogue.kit(one.kit).antenna]
        half = min(half_width_deg(antenna) + BEAM_SLACK_DEG, 180.0)
        table = pointing_table(antenna, one.freq_mhz, one.tilt_deg)
        beams.append(Beam(one.azimuth_deg, half, *_losses(snapshot, one), table))
    return tuple(beams)


def _losses(snapshot: Snapshot, access: Access) -> tuple[float, float]:
    """Return the loss that leaves no margin, and the most with which a home is served."""
    ends = ends_by_kit(snapshot.study, access, snapshot.plan.kits.clients)
    return max(works_loss_db(*one) for one in ends), max(most_loss_db(snapshot.plan, *one) for one in ends)


def _criteria(snapshot: Snapshot) -> Criteria:
    rules = snapshot.plan.rules
    return Criteria(rules.clearance_f1, rules.likely_probability, rules.blocked_probability, 0.0)


def live_coverage(
    snapshot: Snapshot, site: Site, *, radius_m: float = RADIUS_M, live: bool = True, run: Run = ALONE
) -> LiveCoverage:
    """Return coverage and homes of a tower as it would be.

    Parameters
    ----------
    snapshot : Snapshot
        The plan and what belongs to it.
    site : Site
        The tower under the hand; it need not be in the plan. Without a mast it has the greatest allowed.
    radius_m : float
        How far.
    live : bool
        Whether it is under the hand.

    Raises
    ------
    MissingTerrainError
        Where the tower stands on no ground.
    InputError
        Where a kit is not on the shelf.
    CancelledError
    """
    plan = snapshot.plan
    window = window_of(snapshot, site, radius_m, run.cancel)
    cell = stand(window, site.latitude, site.longitude, site.name or site.id, snapshot.surface)
    conditions = conditions_of(plan)
    by_kit: dict[str, list[Access]] = {}  # sectors of one kit are near enough to each other's channels
    for one in accesses_of_site(plan, snapshot.catalogue, site):
        by_kit.setdefault(one.kit, []).append(one)
    hand = Run(hand_pool() if run.pool is None else run.pool, cancel=run.cancel)
    found = [
        quick_coverage(
            window,
            cell,
            alike[0].height_m,
            plan.demand.antenna_height_m,
            radius_m,
            alike[0].freq_mhz,
            conditions,
            _beams(snapshot, site, alike),
            _criteria(snapshot),
            run=hand,
        )
        for alike in by_kit.values()
    ]
    classes, (top, left) = np.maximum.reduce([one for one, _ in found]), found[0][1]
    a, b, c, d, e, f = window.grid.transform
    own = (a, b, c + a * left + b * top, d, e, f + d * left + e * top)
    homes, weight = _homes(snapshot, site, window, radius_m, hand)
    rows, columns = classes.shape
    corner_x = np.array([-0.5, columns - 0.5, columns - 0.5, -0.5])
    corner_y = np.array([-0.5, -0.5, rows - 0.5, rows - 0.5])
    lon, lat = transform(
        window.grid.crs,
        WGS84,
        own[0] * corner_x + own[1] * corner_y + own[2],
        own[3] * corner_x + own[4] * corner_y + own[5],
    )
    corners = tuple(zip(np.asarray(lat).tolist(), np.asarray(lon).tolist(), strict=True))
    classes.flags.writeable = False
    return LiveCoverage(site.id, classes, (rows, columns), window.grid.crs, own, corners, homes, weight, live)


def _homes(snapshot: Snapshot, site: Site, window: Window, shown_m: float, run: Run) -> tuple[tuple[str, ...], float]:
    """Return the homes that the tower reaches, by id and by weight."""
    homes, most_m = snapshot.homes, access_km(snapshot.study) * 1000.0
    if not len(homes):
        return (), 0.0
    # A box first: the rest needs no geodesics.
    up = np.abs(homes.latitude - site.latitude) * 110_500.0 <= most_m
    across = np.abs((homes.longitude - site.longitude + 180.0) % 360.0 - 180.0)
    near = np.flatnonzero(up & (across * 111_400.0 * math.cos(math.radians(site.latitude)) <= most_m * 1.02))
    if len(near) <= EXACT_HOMES:
        found = reach_of(snapshot, site, run=Run(cancel=run.cancel))
        mine = found.home[found.answer.served]
    else:
        # Beyond the window each home has its own path, and most are hidden by the ground.
        shown = rough_distances_m(site.latitude, site.longitude, homes.latitude[near], homes.longitude[near]) <= shown_m
        # What somebody saw of a path the window does not know.
        shown &= ~_seen_from(snapshot, site, near)
        mine = near[shown][_served(snapshot, site, near[shown], window, run)]
        if not shown.all():
            far = tower_coverage(snapshot.study, homes, site, only=near[~shown], run=Run(cancel=run.cancel))
            mine = np.sort(np.concatenate([mine, far.home[far.answer.served]]))
    return tuple(homes.ids[n] for n in mine.tolist()), float(homes.weight[mine].sum())


def _seen_from(snapshot: Snapshot, site: Site, near: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return along the paths to which homes somebody looked, from either end."""
    homes, here = snapshot.homes, (site.latitude, site.longitude)
    found = np.zeros(len(near), np.bool_)
    for line in lines_seen(snapshot.plan):
        for one, other in ((line.first, line.second), (line.second, line.first)):
            if at_spot(*here, one):
                found |= at_spot(homes.latitude[near], homes.longitude[near], other)
    return found


def _served(snapshot: Snapshot, site: Site, near: NDArray[np.int64], window: Window, run: Run) -> NDArray[np.bool_]:
    """Return which homes are served, by the rule of `service.judge` on the paths of the window."""
    plan, homes, study = snapshot.plan, snapshot.homes, snapshot.study
    lat, lon, roof = homes.latitude[near], homes.longitude[near], homes.roof_m[near]

    def paths(one: Access, places: NDArray[np.int64]) -> tuple[NDArray[np.float64], Sight]:
        sight, loss = quick_paths(
            window,
            (site.latitude, site.longitude, one.height_m),
            lat[places],
            lon[places],
            roof[places],
            one.freq_mhz,
            conditions_of(plan),
            least_f1=least_clearance_f1(plan),
            # Where free space alone leaves less than a home should have, no look is needed.
            most_db=_losses(snapshot, one)[1] + 1e-6,
            run=run,
        )
        return loss, sight

    there = around(study, site, lat, lon, roof)._replace(wanted_mbps=homes.wanted_mbps[near])
    return judged(study, site, there, paths, in_vain=False).served


def coverage_of_sites(
    snapshot: Snapshot,
    site_ids: Iterable[str] | None = None,
    *,
    radius_m: float = RADIUS_M,
    partial: Callable[[LiveCoverage], None] | None = None,
    run: Run = ALONE,
) -> dict[str, LiveCoverage]:
    """Return the coverage of towers that stand in the plan, each kept by all that it depends on.

    Parameters
    ----------
    snapshot : Snapshot
        The plan and what belongs to it.
    site_ids : iterable of str, optional
        Which; all of the network where not given.
    radius_m
        As everywhere.
    partial : callable, optional
        Gets each tower's as it comes.
    """
    plan = snapshot.plan
    sites = (
        list(plan.used_sites.values())
        if site_ids is None
        else [plan.sites[key] for key in site_ids if key in plan.sites]
    )
    found: dict[str, LiveCoverage] = {}
    for number, site in enumerate(sites):
        run.check()
        share = run.part(number / len(sites), (number + 1) / len(sites))
        share.progress(0.0, msg("Coverage of {site}", site=site.name or site.id))
        key = digest(
            "coverage", snapshot.air_key, snapshot.homes_key, site, plan.rules, plan.demand, plan.kits,
            plan.info.country, radius_m,
        )  # fmt: skip
        kept: LiveCoverage | None = snapshot.cache.get(key)
        if kept is None:
            kept = live_coverage(snapshot, site, radius_m=radius_m, live=False, run=share.silently()).packed()
            snapshot.cache.put(key, kept, len(kept.held) + 64 * len(kept.homes) + 1000)
        found[site.id] = kept
        if partial is not None:
            partial(kept)
        share.progress(1.0)
    return found


def hill(trees: TreeHeights | None = None) -> tuple[Surface, tuple[float, float]]:
    """Return the ground of a made-up hill, and latitude and longitude of a place on it: for compiling kernels."""
    from cn_planner.gis.raster import RasterGrid
    from cn_planner.terrain.surface import Surface

    heights = np.add.outer(np.linspace(0.0, 50.0, 64), np.linspace(0.0, 20.0, 64)).astype(np.float32)
    origin = (30.0, 0.0, 500_000.0, 0.0, -30.0, 1_000_000.0)
    grid = RasterGrid(name="made up", values=heights, crs="EPSG:32632", transform=origin)
    lon, lat = transform("EPSG:32632", WGS84, [500_900.0], [999_100.0])
    return Surface([grid], trees=trees), (float(lat[0]), float(lon[0]))


def warm_up(*, run: Run = ALONE) -> None:
    """Have the kernels compiled that follow the hand and judge the homes, on a made-up hill."""
    from cn_planner.coverage.matrix import pair_matrix

    run.progress(0.0, msg("Preparing the engine; the first time this takes a minute"))
    surface, here = hill()
    lon, lat = transform("EPSG:32632", WGS84, [500_900.0, 501_200.0], [999_100.0, 999_400.0])
    window = cut_window(surface, *here, 900.0, CELL_M)
    cell = window.cell_of(*here) or (32, 32)
    quick_coverage(
        window, cell, 12.0, 5.0, 900.0, 5500.0, Conditions(canopy_m=6.0), [Beam(0.0, 180.0, 150.0, 140.0)],
        Criteria(0.6, 0.9, 0.5, 0.0),
    )  # fmt: skip
    quick_paths(window, (*here, 12.0), lat[1:], lon[1:], np.array([5.0]), 5500.0, Conditions())
    run.progress(0.6)
    run.check()
    expect_many_paths()
    pair_matrix(
        surface, (lat[:1], lon[:1]), (lat[1:], lon[1:]), [12.0], [[5.0]], 5500.0, max_km=5.0,
        pairs=(np.zeros(1, np.int64), np.zeros(1, np.int64)),
    )  # fmt: skip
    run.progress(1.0)
