"""Who is reached by the plan as it stands: every home against every tower of the network, one tower at a time.

What a tower is to the homes is kept by all that it depends on, so that moving one tower computes that tower alone. The
words for one home (reason, fix, whole budget) are made when it is looked at: `home_now`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.checks import has_channels
from cn_planner.planning.fix_found import HomeFixes
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.left_out import reasons_kept
from cn_planner.progress import ALONE, Run
from cn_planner.service.homes import whole_service
from cn_planner.service.now import everyone, far_from_servers, hidden_by_trees, servers
from cn_planner.service.places_on_air import places_on_air
from cn_planner.service.tower import tower_coverage
from cn_planner.session.cache import digest
from cn_planner.session.details import fixes_on_air, links_down_now, links_on_channels, unheard_now

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.model.plan import Site
    from cn_planner.progress import CancelToken
    from cn_planner.service.homes import HomeService
    from cn_planner.service.now import PlaceOnAir, ServiceNow
    from cn_planner.service.tower import TowerCoverage
    from cn_planner.session.workspace import Snapshot

_HOME_BYTES = 130


def reach_of(
    snapshot: Snapshot, site: Site, *, beside: NDArray[np.int64] | None = None, run: Run = ALONE
) -> TowerCoverage:
    """Return what a tower is to the homes near it, and to others by their numbers; kept by all that it depends on.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the kits of tower and home have no mode in common.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    """
    plan = snapshot.plan
    key = digest(
        "reach", snapshot.air_key, snapshot.homes_key, (site.latitude, site.longitude, site.mast_height_m,
        site.max_height_m), site.sectors, plan.rules, plan.demand, plan.kits, plan.info.country,
        () if beside is None else beside,
    )  # fmt: skip
    kept: TowerCoverage | None = snapshot.cache.get(key)
    if kept is None:
        kept = tower_coverage(snapshot.study, snapshot.homes, site, beside=beside, run=run)
        snapshot.cache.put(key, kept, _HOME_BYTES * len(kept.home) + 500)
    return kept if kept.site == site.id else replace(kept, site=site.id)


def service_now(snapshot: Snapshot, *, on_air: bool = True, run: Run = ALONE) -> ServiceNow:
    """Return who is reached by the plan as it stands.

    ``on_air``: homes for which nothing is left on the channels of the plan are not. False where nobody needs to know,
    or cannot wait: who hears whom takes longer than all else once a tower was moved.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the kits of tower and home have no mode in common.
    MissingTerrainError, FileError
        Where homes and towers are there and the ground is not.
    CancelledError
    """
    plan, homes = snapshot.plan, snapshot.homes
    # A plan of public places alone asks which of its towers are on the network, too.
    network = list(plan.used_sites.values()) if len(homes) or (plan.places and plan.elevation) else []
    far = far_from_servers(plan, homes, servers(plan)) if network else {}
    found = []
    for number, site in enumerate(network):
        run.check()
        share = run.part(number / len(network), (number + 1) / len(network))
        share.progress(0.0, msg("Looking from {site} to the homes", site=site.name or site.id))
        found.append((number, reach_of(snapshot, site, beside=far.get(number), run=share)))
    now = everyone(plan, homes, found, links_down_now(snapshot) if network else ())
    if not network:
        return now
    now = replace(now, placed=_placed(snapshot, run))
    return now.on_channels(unheard_now(snapshot, run=run.silently())) if on_air else now


def service_in_steps(snapshot: Snapshot, *, partial: Callable[[ServiceNow], object], run: Run = ALONE) -> ServiceNow:
    """Return the same; of a plan with channels what paths say comes first, as ``partial``: who hears whom takes longer.

    Raises
    ------
    InputError, MissingTerrainError, FileError, CancelledError
        As `service_now`.
    """
    now = service_now(snapshot, on_air=False, run=run)
    if not has_channels(snapshot.plan):
        return now
    partial(now)
    return now.on_channels(unheard_now(snapshot, run=run.silently()))


def _placed(snapshot: Snapshot, run: Run) -> tuple[PlaceOnAir, ...]:
    """Return the public places that towers connect; kept by all that they depend on."""
    plan = snapshot.plan
    joined = [one for one in plan.places.values() if one.server in plan.used_sites]
    if not joined:
        return ()
    towers = [plan.sites[key] for key in sorted({str(one.server) for one in joined})]
    key = digest("places", snapshot.air_key, *joined, *towers, plan.rules, plan.demand, plan.kits, plan.info.country)
    kept: tuple[PlaceOnAir, ...] | None = snapshot.cache.get(key)
    if kept is None:
        kept = places_on_air(snapshot.study, run=run.silently())
        snapshot.cache.put(key, kept, _HOME_BYTES * len(kept) + 500)
    return kept


def hidden_now(snapshot: Snapshot, *, run: Run = ALONE) -> float:
    """Return how many homes, by weight, no tower sees for the trees that are assumed, and some would see without them.

    Raises
    ------
    InputError, MissingTerrainError, FileError, CancelledError
        As `service_now`.
    """
    plan = snapshot.plan
    if plan.area.assumed_canopy_m <= 0.0:
        return 0.0
    bare = snapshot.workspace.snapshot(replace(plan, area=replace(plan.area, canopy_m=0.0)))
    now = service_now(snapshot, on_air=False, run=run.part(0.0, 0.5))
    then = service_now(bare, on_air=False, run=run.part(0.5, 1.0))
    return hidden_by_trees(now, then)


def home_now(snapshot: Snapshot, home: str, *, cancel: CancelToken | None = None) -> HomeService:
    """Return all that can be said of one home: verdict, reason, fix, second choice, the whole budget.

    Raises
    ------
    InputError
        Where there is no such home.
    """
    if home not in snapshot.plan.households:
        raise InputError(msg("There is no home {id}.", id=home))
    found = whole_service(snapshot.study, only=[home], down=links_down_now(snapshot), run=Run(cancel=cancel))
    one = found.on_channels(unheard_now(snapshot, run=Run(cancel=cancel))).homes[0].as_told(reasons_kept(snapshot.plan))
    _ = one.reason  # here, where nobody waits, and not in the window that shows it
    return one


def fixes_of_home(snapshot: Snapshot, key: str, *, run: Run = ALONE) -> HomeFixes:
    """Return what would reach a home, the cheapest first (`planning.fixes`); nothing where the plan has no terrain.

    Raises
    ------
    InputError
        Where there is no such home, a kit is not on the shelf, or the kits of tower and home have no mode in common.
    FileError
        Where a terrain file cannot be read.
    CancelledError
    """
    plan = snapshot.plan
    if not plan.elevation:
        return HomeFixes(key, (), msg("Elevation files for the area."))
    now = service_now(snapshot, run=run.silently())
    on_channels, on_air = links_on_channels(snapshot, run=run), fixes_on_air(snapshot, run=run)
    return home_fixes(
        snapshot.study, [key], on_channels=on_channels, on_air=on_air, down=now.down, unheard=now.unheard,
        run=run.silently(),
    )[key]  # fmt: skip
