"""What computations on an open plan share: its ground, the shelf and the law read once, homes as arrays, a cache.

Everything here may be used from any thread. A `Snapshot` is what a job is handed: one plan, which never changes, and
what belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

from cn_planner.links.seen import lines_seen
from cn_planner.session.cache import Cache, digest
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.coverage.quick import Window
    from cn_planner.model.equipment import Catalogue, OwnShelf
    from cn_planner.model.items import Items
    from cn_planner.model.law import CountryRules
    from cn_planner.model.plan import Area, Demand, Household, Obstacle, Plan, Rules, TerrainFile
    from cn_planner.service.roofs import HomeArrays
    from cn_planner.terrain.surface import Surface

CACHE_BYTES, _LEAST_BYTES = 24 * 1024**2, 12 * 1024**2
"""Of results, at most, and of a plan without towers: what a village's hundreds of edits ago came to is not kept."""
_REST_BYTES = 6 * 1024**2
"""Of results, at least, while the hand rests: a village's towers and homes."""
_TOWER_BYTES, _PAIR_BYTES = 60_000, 260
"""Twice what maps hold of a tower, and what is known of it at a home: a plan has room for more than one edit of all."""
_WINDOWS = 3  # some 10 MB each


def _room_of(plan: Plan) -> int:
    """Return twice the bytes that results of a plan take."""
    return len(plan.sites) * (_TOWER_BYTES + _PAIR_BYTES * len(plan.households))


def made_of(area: Area) -> tuple[Any, ...]:
    """Return what an area says of how its files become a ground."""
    forests = (area.forest_m, area.base_map) if area.forest_m else None
    return area.blend_m, area.trees_on_surfaces, area.trees_keep_out_m, area.canopy_keep_out_m, forests


@dataclass(slots=True)
class Workspace:
    """What is read once for an open plan."""

    path: Path
    cache: Cache = field(default_factory=lambda: Cache(_LEAST_BYTES))
    listening: RLock = field(default_factory=RLock, repr=False)
    """Held by who works out who hears whom."""
    _lock: RLock = field(default_factory=RLock, repr=False)
    _catalogue: Catalogue | None = None
    _own: tuple[OwnShelf, CountryRules | None, Catalogue] | None = None
    _law: tuple[tuple[str, Rules], CountryRules | None] | None = None
    _ground: tuple[tuple[Items[TerrainFile], Any], Surface] | None = None
    _homes: tuple[Items[Household], tuple[Demand, tuple[str, ...]], HomeArrays, str] | None = None
    _obstacles: tuple[Items[Obstacle], str] | None = None
    _windows: tuple[str, tuple[Window, ...]] = ("", ())
    _stands_bytes: int = 0

    def snapshot(self, plan: Plan) -> Snapshot:
        """Return a plan with what belongs to it; nothing is read before it is asked for."""
        self.cache.make_room(min(CACHE_BYTES, _LEAST_BYTES + _room_of(plan)))
        self._stands_bytes = _room_of(plan) // 2
        return Snapshot(plan, self)

    @property
    def catalogue(self) -> Catalogue:
        """The shelf."""
        with self._lock:
            if self._catalogue is None:
                from cn_planner.storage.catalogue import load_catalogue

                self._catalogue = load_catalogue()
            return self._catalogue

    def catalogue_of(self, plan: Plan) -> Catalogue:
        """Return the shelf as the law leaves it, with what the plan itself knows of it; kept while both stand."""
        catalogue, law = self.catalogue, self.regulations_of(plan)
        with self._lock:
            if self._own is None or self._own[0] != plan.shelf or self._own[1] is not law:
                from cn_planner.links.country_channels import with_country_channels
                from cn_planner.model.own_entries import with_own

                lawful = with_country_channels(catalogue, law)
                self._own = (plan.shelf, law, with_own(lawful, plan.shelf))
            return self._own[2]

    def regulations_of(self, plan: Plan) -> CountryRules | None:
        """Return the law that holds for a plan, None where it is not known; put together anew where that is other."""
        with self._lock:
            key = (plan.info.country, plan.rules)
            if self._law is None or self._law[0] != key:
                from cn_planner.model.regulations import regulations_of
                from cn_planner.storage.regulations import load_country_rules

                country = plan.info.country
                self._law = (key, regulations_of(plan, load_country_rules(country) if country else None))
            return self._law[1]

    def surface(self, plan: Plan) -> Surface:
        """Return the ground of a plan; read again only where its files, or what is made of them, are others."""
        key = (plan.terrain, made_of(plan.area))
        with self._lock:
            if self._ground is None or self._ground[0] != key:
                from cn_planner.gis.worker import warm_for_elevation
                from cn_planner.terrain.known import file_place

                places = (file_place(row.path, self.path.resolve().parent) for row in plan.terrain.values())
                warm_for_elevation(place for place in places if place is not None)
                from cn_planner.terrain.files import open_surface

                self._ground = (key, open_surface(plan, self.path))
            return self._ground[1]

    def homes(self, plan: Plan) -> tuple[HomeArrays, str]:
        """Return the homes of a plan as arrays, and the digest of their places; made again where they are others."""
        from cn_planner.service.roofs import home_arrays

        asked = plan.demand, plan.kits.clients
        with self._lock:
            kept = self._homes
        if kept is None or kept[0] is not plan.households or kept[1] != asked:
            homes = home_arrays(plan)
            key = digest(homes.latitude, homes.longitude, homes.roof_m, homes.wanted_mbps, homes.kit)
            kept = (plan.households, asked, homes, key)
            with self._lock:
                self._homes = kept
        return kept[2], kept[3]

    def windows(self, terrain_key: str) -> tuple[Window, ...]:
        """Return the windows that were cut from a ground, the last one first."""
        with self._lock:
            return self._windows[1] if self._windows[0] == terrain_key else ()

    def keep_window(self, terrain_key: str, window: Window) -> None:
        """Keep a window for the next tower in it."""
        with self._lock:
            kept = self._windows[1] if self._windows[0] == terrain_key else ()
            self._windows = (terrain_key, (window, *kept)[:_WINDOWS])

    def let_go_old(self) -> None:
        """Give up what plans of before came to, as far as it goes beyond what the plan that stands asks for."""
        with self._lock:
            self._windows = (self._windows[0], self._windows[1][:1])
        self.cache.let_go_old(max(_REST_BYTES, self._stands_bytes))

    def obstacles_key(self, plan: Plan) -> str:
        """Return the digest of a plan's obstacles."""
        with self._lock:
            kept = self._obstacles
        if kept is None or kept[0] is not plan.obstacles:
            kept = (plan.obstacles, digest(*plan.obstacles.values()))
            with self._lock:
                self._obstacles = kept
        return kept[1]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One plan that never changes, and what belongs to it: what a job is handed."""

    plan: Plan
    workspace: Workspace

    @property
    def surface(self) -> Surface:
        """The ground.

        Raises
        ------
        MissingTerrainError
            Where the plan has no terrain.
        FileError
            Where a terrain file is gone or damaged.
        """
        return self.workspace.surface(self.plan)

    @property
    def catalogue(self) -> Catalogue:
        """The shelf."""
        return self.workspace.catalogue_of(self.plan)

    @property
    def regulations(self) -> CountryRules | None:
        """The law of the plan's country; None where it is not known."""
        return self.workspace.regulations_of(self.plan)

    @property
    def study(self) -> Study:
        """The plan with its ground, the catalogue and the rules."""
        return Study(self.plan, self.surface, self.catalogue, self.regulations)

    @property
    def bare_study(self) -> Study:
        """The same on no ground, for what asks nothing of it: no file is read, and nobody waits."""
        from cn_planner.terrain.surface import NO_TERRAIN

        return Study(self.plan, NO_TERRAIN, self.catalogue, self.regulations)

    @property
    def homes(self) -> HomeArrays:
        """The homes as arrays."""
        return self.workspace.homes(self.plan)[0]

    @property
    def homes_key(self) -> str:
        """What tells these homes' places and heights from others."""
        return self.workspace.homes(self.plan)[1]

    @property
    def cache(self) -> Cache:
        """Results by the digest of their inputs."""
        return self.workspace.cache

    @property
    def terrain_key(self) -> str:
        """What tells this ground from another."""
        rows = self.plan.terrain.values()
        files = ((row.sha256, row.priority, row.kind, row.holds, row.crs, row.unit, row.class_heights) for row in rows)
        return digest(made_of(self.plan.area), *files)

    @property
    def air_key(self) -> str:
        """What tells the conditions of paths from others: ground, trees, obstacles, air, and measured antennas."""
        return digest(self.terrain_key, self.plan.area, self.workspace.obstacles_key(self.plan), self.plan.shelf,
                      self.plan.calibration.made, lines_seen(self.plan))  # fmt: skip
