"""What the map shows: the layers, filled from a plan and from what is computed of it, and what is where on them."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.gui.kinds import THINGS
from cn_planner.gui.map.layers.base import LayerList
from cn_planner.gui.map.layers.base_map import BaseMapLayer, PlaceNamesLayer
from cn_planner.gui.map.layers.drawn_tiles import DrawnTiles, DrawnTilesLayer
from cn_planner.gui.map.layers.furniture import FurnitureLayer
from cn_planner.gui.map.layers.lines import LinksLayer, ZonesLayer
from cn_planner.gui.map.layers.live import PathLayer, SelectionLayer
from cn_planner.gui.map.layers.next_places import NextPlacesLayer
from cn_planner.gui.map.layers.obstacles import ObstaclesLayer
from cn_planner.gui.map.layers.online import OnlineLayer
from cn_planner.gui.map.layers.overlay import OverlayLayer
from cn_planner.gui.map.layers.points import GhostsLayer, HomesLayer, LabelsLayer, SitesLayer
from cn_planner.gui.map.layers.proposal import ProposalLayer
from cn_planner.gui.map.layers.relief import ContourLayer, ReliefLayer
from cn_planner.gui.map.layers.relief_tiles import TileStore
from cn_planner.gui.map.layers.whereabouts import CountriesLayer, PlanBoxLayer
from cn_planner.gui.map.mercator import to_geo
from cn_planner.message import Message, counted, msg
from cn_planner.model.plan import Plan, SiteRole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from PySide6.QtCore import QObject, QPointF, QRectF

    from cn_planner.drawing.display import Symbol
    from cn_planner.gui.kinds import LatLon, Thing
    from cn_planner.gui.map.layers.base import LegendEntry, MapLayer, ThingLayer
    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.gui.map.things import PathLine
    from cn_planner.service.path_view import PathState
    from cn_planner.terrain.surface import Surface


class MapContent:
    """The layers and what fills them. The canvas owns one.

    Attributes
    ----------
    layers : LayerList
        From the ground up; a panel can show it.

    Parameters
    ----------
    executor : Executor or None
        Who makes terrain tiles; None: a thread of its own.
    tile_cache : Path or None
        Where online tiles are kept.
    parent : QObject
    shown : callable
        Called once another plan is shown.
    """

    def __init__(
        self, executor: Executor | None, tile_cache: Path | None, parent: QObject, shown: Callable[[], None]
    ) -> None:
        self._own: ThreadPoolExecutor | None = None
        if executor is None:
            executor = self._own = ThreadPoolExecutor(1, thread_name_prefix="map")
        self._shown = shown
        self.tiles = TileStore(executor, parent=parent)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="map-file")
        self.drawn = DrawnTiles(self._beside, parent=parent)  # a file that hangs holds up no relief
        self.drawn.arrived.connect(self.tiles.arrived)  # the map is mended alike where either is new
        self.relief = ReliefLayer(self.tiles)
        self.countries = CountriesLayer()
        self.plan_box = PlanBoxLayer()
        self.online = OnlineLayer(tile_cache)
        self.base_map = BaseMapLayer()
        self.drawn_tiles = DrawnTilesLayer(self.drawn)
        self.contours = ContourLayer(self.tiles)
        self.coverage = OverlayLayer()
        self.live_coverage = OverlayLayer("live_coverage", msg("Coverage of the tower in hand"))
        self.sources = OverlayLayer("sources", msg("Which elevation comes from where"))
        self.trees = OverlayLayer("trees", msg("Which trees are known from where"))
        self.zones = ZonesLayer()
        self.links = LinksLayer()
        self.obstacles = ObstaclesLayer()
        self.homes = HomesLayer()
        self.sites = SitesLayer()
        self.labels = LabelsLayer(self.sites, self.homes)
        self.place_names = PlaceNamesLayer(self.sites, self.labels)
        self.drawn_tiles.namesChanged.connect(self.place_names.set_names)
        self.ghosts = GhostsLayer(self.sites, self.labels)
        self.path = PathLayer(self.labels)
        self.proposal = ProposalLayer(self.labels)
        self.next_places = NextPlacesLayer("next_places", msg("Where to measure next"))
        self.relay_places = NextPlacesLayer("relay_places", msg("Find a relay"))
        more: list[ThingLayer] = [resolve_name(kind.layer)() for kind in THINGS.values() if kind.layer]
        things: tuple[ThingLayer, ...] = (
            self.ghosts, self.sites, self.homes, self.obstacles, *more, self.links, self.zones,
        )  # fmt: skip
        self.things = {layer.kind: layer for layer in things}
        """By kind; what is pointed at is looked for in this order."""
        self.selection = SelectionLayer(self.things)
        self.furniture = FurnitureLayer(self.attribution)
        self.layers = LayerList(
            [
                self.relief, self.countries, self.online, self.drawn_tiles, self.base_map, self.contours, self.sources,
                self.trees, self.coverage, self.live_coverage, self.plan_box, self.zones, self.obstacles, self.links,
                self.homes, *more, self.sites, self.labels, self.place_names, self.selection, self.path, self.ghosts,
                self.next_places, self.relay_places, self.proposal, self.furniture,
            ],
            parent,
        )  # fmt: skip
        self.sources.set_visible(False)
        self.trees.set_visible(False)
        self.plan = Plan()
        self._states: Mapping[str, PathLine | PathState] = {}
        self._used: frozenset[str] = frozenset()
        self._served: Collection[str] | None = None

    @property
    def surface(self) -> Surface | None:
        """The ground."""
        return self.tiles.surface

    def set_surface(self, surface: Surface | None) -> None:
        """Stand the map on another ground."""
        self.tiles.set_ground(surface)
        self.countries.want(surface is None)  # below the tiles of an online map nobody sees them

    def set_plan(self, plan: Plan) -> None:
        """Show another plan; only the layers of what differs are filled anew."""
        old, self.plan = self.plan, plan
        for layer in self.things.values():
            layer.plan = plan
        moved = plan.sites is not old.sites
        self.plan_box.set_box(plan.area.box)
        # A structure that exists is a tower of the plan only where a link or a home hangs on it.
        used = frozenset(plan.used_sites) if moved or plan.links is not old.links else self._used
        if plan.households is not old.households and any(s.role is SiteRole.EXISTING for s in plan.sites.values()):
            used = frozenset(plan.used_sites)
        if moved or used != self._used:
            self._used = used
            self.sites.set_sites(plan.sites.values(), used)
        if plan.links is not old.links or moved:
            self._put_links()
        if plan.households is not old.households:
            self._put_homes(old)
        for kind in THINGS.values():
            if kind.table and kind.rows(plan) is not kind.rows(old):
                self.things[kind.key].show_rows(kind.rows(plan))
        self._shown()

    def _put_homes(self, old: Plan) -> None:
        new = self.plan.households
        put, gone = old.households.differences(new) if len(old.households) else ((), ("all",))
        if gone or any(key not in old.households for key in put):
            self.homes.set_homes(new.values(), self._served)
        else:
            self.homes.change([new[key] for key in put], self._served)

    @property
    def reached(self) -> Collection[str] | None:
        """The homes that are reached, by id; None while nobody knows."""
        return self._served

    def set_served(self, ids: Collection[str] | None) -> None:
        """Say which homes are reached as computed; None: those that the plan names a server for."""
        self._served = ids
        if ids is None:
            ids = {h.id for h in self.plan.households.values() if h.server is not None}
        self.homes.set_served(ids)

    def set_link_states(self, states: Mapping[str, PathLine | PathState]) -> None:
        """Say how each link stands, by id: as a whole, or part by part."""
        self._states = states
        self._put_links()

    def _put_links(self) -> None:
        """Show the links; those that the plan does not build are of no state."""
        standing = self.plan.standing_links
        states = {key: one for key, one in self._states.items() if key in standing}
        self.links.set_links(self.plan.links.values(), self.plan.sites, states)

    def attribution(self) -> tuple[str, ...]:
        """Return whose data the map shows."""
        return tuple(dict.fromkeys(words for layer in self.layers if layer.visible for words in layer.attribution()))

    def legend(self) -> tuple[tuple[MapLayer, tuple[LegendEntry, ...]], ...]:
        """Return the legend of every layer that is shown, the top one first."""
        shown = [layer for layer in reversed(list(self.layers)) if layer.visible]
        return tuple((layer, entries) for layer in shown if (entries := layer.legend()))

    def ground_m(self, latitude: float, longitude: float) -> float | None:
        """Return the height of the ground above sea level at a place; None where terrain is missing."""
        if self.surface is None:
            return None
        height = float(self.surface.heights(latitude, longitude))
        return None if math.isnan(height) else height

    def pick(self, view: Viewport, px: float, py: float) -> Thing | None:
        """Return the thing at a device pixel."""
        found = (layer.pick(view, px, py) for layer in self.things.values() if layer.visible)
        return next((thing for thing in found if thing is not None), None)

    def within(self, view: Viewport, box: QRectF) -> tuple[Thing, ...]:
        """Return the towers, homes, trees and buildings in a rectangle of device pixels."""
        layers = [layer for layer in self.things.values() if layer.visible and THINGS[layer.kind].table]
        return tuple(thing for layer in layers for thing in layer.within(view, box))

    def places(self, thing: Thing) -> tuple[LatLon, ...]:
        """Return the places that a thing stands at or is spanned by; nothing where it is not there."""
        return self.things[thing.kind].places(thing.id) if thing.kind in self.things else ()

    def extent(self) -> list[LatLon]:
        """Return places that span the plan; where it is empty, its box, else its terrain."""
        xs = np.concatenate([self.sites.x, self.homes.x])
        ys = np.concatenate([self.sites.y, self.homes.y])
        lat, lon = to_geo(xs, ys)
        places = list(zip(lat.tolist(), lon.tolist(), strict=True))
        places += [place for zone in self.plan.zones.values() for place in zone.ring]
        if not places and self.plan.area.box:
            south, west, north, east = self.plan.area.box
            places = [(south, west), (north, east)]
        if not places and self.surface is not None and self.surface.sources:
            south, west, north, east = self.surface.bounds
            places = [(south, west), (north, east)]
        return places

    def symbol(self, thing: Thing) -> Symbol:
        """Return how a thing is drawn while a hand carries it."""
        return self.things[thing.kind].symbol(thing.id)

    def words(self, thing: Thing) -> Message:
        """Return what a thing is, for a tooltip or a screen reader."""
        return self.things[thing.kind].words(thing.id) if thing.kind in self.things else msg("{name}", name=thing.id)

    def tooltip(self, view: Viewport, at: QPointF) -> Message | None:
        """Return what stands at a device pixel, or that terrain is missing there and which."""
        thing = self.pick(view, at.x(), at.y())
        return self.words(thing) if thing is not None else self.gap_words(*view.geo_at(at.x(), at.y()))

    def gap_words(self, latitude: float, longitude: float) -> Message | None:
        """Return that terrain is missing at a place, and which; None where it is there."""
        if self.surface is None:
            return msg("There is no terrain yet. Add an elevation file.")
        if self.ground_m(latitude, longitude) is None:
            names = self.surface.missing_tiles(latitude, longitude)
            here = msg("No terrain data here")
            return msg("No terrain data here: {names}", names=", ".join(names)) if names else here
        return None

    def summary(self) -> Message:
        """Return what the map shows, for those who cannot see it."""
        return msg(
            "Map with {towers}, {links} and {homes}, {reached} of them reached.",
            towers=counted("{count} tower", "{count} towers", len(self.sites.ids)),
            links=counted("{count} link", "{count} links", len(self.links.ids)),
            homes=counted("{count} home", "{count} homes", len(self.homes.ids)),
            reached=int(self.homes.served.sum()),
        )

    def close(self) -> None:
        """End threads and requests."""
        self.tiles.close()
        self.drawn.close()
        self.online.close()
        self._beside.shutdown(wait=True, cancel_futures=True)
        if self._own is not None:
            self._own.shutdown(wait=True, cancel_futures=True)
