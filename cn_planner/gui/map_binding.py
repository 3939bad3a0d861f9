"""The map and the shared state: what the plan says is shown on the map, what a hand does there becomes an edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.base_map import BaseMaps
from cn_planner.gui.ground_sources import GroundSources
from cn_planner.gui.kinds import (
    HOUSEHOLD,
    LINK,
    NEW_MAST_M,
    PUBLIC,
    SEVERAL,
    SITE,
    SITE_PREFIX,
    THINGS,
    ZONE,
    Thing,
    fresh_id,
    in_plan,
    moved_to,
    new_site,
    of_several,
    rounded,
    several,
    site_name,
)
from cn_planner.gui.map.layers.public import PublicLayer
from cn_planner.gui.map.things import Ghost, PathLine
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.people import PeopleOnFoot
from cn_planner.gui.values import Level, Notice, notice_about, notice_of
from cn_planner.gui.words import language, tr
from cn_planner.message import counted, msg
from cn_planner.model.edits import put
from cn_planner.model.plan import Choice, Link, Site, SiteRole, Status, Zone
from cn_planner.service.path_view import PathEnd, PathState
from cn_planner.session.workspace import made_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.gui.kinds import LatLon
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.map.things import End
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure
    from cn_planner.links.budget import LinkBudget
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.suggestions import Suggestion
    from cn_planner.service.now import ServiceNow
    from cn_planner.service.path_view import LinkView
    from cn_planner.terrain.surface import Surface

_ALIKE = 3
"""So many other names are told of a name that was misspelt."""


class MapBinding(QObject):
    """Ties a canvas to the shared state."""

    placeMoved = Signal(object)  # noqa: N815
    """(latitude, longitude, ground in m or None) under the cursor, or None."""
    onlineAsked = Signal()  # noqa: N815
    """The online map was switched on in the list of layers, and nobody has said yes to the Internet."""

    def __init__(self, state: AppState, canvas: MapCanvas, settings: Settings) -> None:
        super().__init__(canvas)
        self._state, self.canvas, self._settings = state, canvas, settings
        self._ground: object = None
        self._preview: tuple[Plan, frozenset[str]] | None = None
        content = canvas.content
        self.base_maps = BaseMaps(state, content, self)
        self.sources = GroundSources(state, content, self)
        for store in (content.tiles, content.drawn):
            state.resting.connect(store.let_go_unseen)
        state.projectChanged.connect(self._project)
        state.planChanged.connect(lambda _: self._edited())
        state.selectionChanged.connect(self._selected)
        state.serviceChanged.connect(self._service)
        self.people = PeopleOnFoot.of(state)
        self.people.changed.connect(self._on_foot)
        state.suggestionsChanged.connect(self._suggestions)
        state.proposals.changed.connect(lambda: self._suggestions(state.computed.suggestions))
        state.pathChanged.connect(self._path)
        state.profileCursorMoved.connect(self._profile_cursor)
        canvas.clicked.connect(self._clicked)
        canvas.selectedMany.connect(self._several)
        canvas.cursorMoved.connect(self._cursor)
        canvas.moving.connect(self._moving)
        canvas.moved.connect(self._moved)
        canvas.moveCancelled.connect(lambda _: state.end_live())
        canvas.placed.connect(self._placed)
        canvas.gatewayChosen.connect(self._gateway)
        canvas.zoneDrawn.connect(self._zone)
        canvas.linking.connect(self._linking)
        canvas.linked.connect(self._linked)
        canvas.linkCancelled.connect(state.clear_path)
        theme.signals.changed.connect(self._look)
        settings.changed.connect(self._setting)
        content.online.failed.connect(
            lambda why: state.say(
                Notice(Level.WARNING, msg("The online map could not be loaded."), str(why),
                       msg("The terrain of the plan is shown. Try again when there is Internet."))
            )
        )  # fmt: skip
        content.online.changed.connect(self._online_changed)
        self._look()
        for key in ("units", "online_map", "online_address"):
            self._setting(key)
        self._project()

    # From the state to the map

    def _project(self) -> None:
        self._plan()
        self.canvas.content.set_served(None)
        self._suggestions(self._state.computed.suggestions)
        self.canvas.show_all(animated=False)

    def _edited(self) -> None:
        self.canvas.wait_a_turn()
        self._plan()

    def _plan(self) -> None:
        plan = self._state.plan
        terrain = (plan.terrain, made_of(plan.area)) if self._state.project is not None else None
        if terrain != self._ground:
            self._ground = terrain
            self._read_ground()
        self.base_maps.follow(plan)
        before = self.canvas.content.plan
        self.canvas.content.set_plan(plan if self._preview is None else self._preview[0])
        had, has = (len(one.sites) + len(one.households) for one in (before, plan))
        if has > max(1, 2 * had):  # most of the plan is back by a redo; single things are put where one looks
            self.canvas.show_all(animated=False)

    def _read_ground(self) -> None:
        if not self._state.plan.terrain:
            self.canvas.content.set_surface(None)
            self.sources.follow(None)
            return

        project, terrain = self._state.project, self._ground
        if project is None:
            return
        snapshot = project.snapshot()

        def done(surface: Surface) -> None:
            if self._ground is not terrain:
                return
            first = self.canvas.content.surface is None and not self._state.plan.households
            self.canvas.content.set_surface(surface)
            self.sources.follow(surface)
            if first:
                self.canvas.show_all(animated=False)

        def failed(failure: Failure) -> None:
            self._state.say(notice_of(failure))

        from cn_planner.jobs import Slot

        # Not bound to the plan's version: the ground stays right through edits of anything else.
        self._state.jobs.submit("ground", msg("Reading the ground"), lambda _report, _cancel: snapshot.surface,
                                slot=Slot.IO, on_done=done, on_error=failed)  # fmt: skip

    def _selected(self, selection: Thing | None) -> None:
        if selection is not None and selection.kind == SEVERAL:
            self.canvas.select(of_several(selection.id))
        else:
            self.canvas.select([selection] if selection is not None else [])

    def _service(self, now: ServiceNow) -> None:
        if self._preview is None:
            reached = now.reached(self._state.plan).nonzero()[0].tolist()
            self.canvas.content.set_served(frozenset(now.homes.ids[n] for n in reached))
        layer = self.canvas.content.things[PUBLIC]
        if isinstance(layer, PublicLayer):
            layer.set_off(now.off_network if self._preview is None else frozenset())

    def preview(self, plan: Plan | None, served: frozenset[str] = frozenset()) -> None:
        """Show another plan in place of the one that stands, with who is reached by it; None: that again."""
        before, self._preview = self._preview, None if plan is None else (plan, served)
        if plan is not None:
            self.canvas.content.set_plan(plan)
            self.canvas.content.set_served(served)
        elif before is not None:
            self._plan()
            self.canvas.content.set_served(None)
            if self._state.computed.service is not None:
                self._service(self._state.computed.service)

    def _on_foot(self) -> None:
        """Show who gets to a hotspot on foot, and how far that is."""
        now, walk_m = self.people.found, self._state.plan.phones.walk_m
        spots = () if now is None else tuple(one.hotspot for one in now.found.hotspots)
        content = self.canvas.content
        layer = content.things[PUBLIC]
        if isinstance(layer, PublicLayer):
            layer.set_rings([(one.latitude, one.longitude, walk_m) for one in spots])
        content.homes.set_on_foot(() if now is None else now.found.on_foot())

    def _suggestions(self, found: tuple[Suggestion, ...]) -> None:
        ghosts: dict[str, Ghost] = {}
        sites = self._state.plan.sites
        # The best first: a place with several is shown with that one. Beside a proposal they would be read as of it.
        for one in () if self._state.proposals.shown else found:
            if one.site in sites and sites[one.site].in_network:
                continue  # a higher mast: its tower stands there, and its panel says what more metres bring
            words = tr(counted("+{count:,g} home", "+{count:,g} homes", one.homes))
            ghosts.setdefault(one.site, Ghost(one.site, one.latitude, one.longitude, words))
        self.canvas.content.ghosts.set_ghosts(list(ghosts.values()))

    def show_links(self, budgets: Mapping[str, LinkBudget]) -> None:
        """Colour and dash the links by what is known of them."""
        self.canvas.content.set_link_states(
            {key: _VERDICTS.get(str(budget.verdict), PathState.UNKNOWN) for key, budget in budgets.items()}
        )

    def _path(self, view: LinkView | None) -> None:
        self.canvas.path_layer.set_path(path_line(view) if view is not None else None)

    def _profile_cursor(self, distance_m: float | None) -> None:
        view = self._state.computed.path
        if distance_m is None or view is None:
            self.canvas.path_layer.set_cursor(None)
            return
        import numpy as np

        profile = view.profile
        at = int(np.argmin(np.abs(profile.distance_m - distance_m)))
        self.canvas.path_layer.set_cursor((float(profile.latitude[at]), float(profile.longitude[at])))

    def _look(self) -> None:
        self.canvas.set_theme(theme.current().drawing)

    def retitle(self) -> None:
        """Say the map's words in the window's language."""
        self.canvas.set_language(language())
        self._suggestions(self._state.computed.suggestions)

    def _online_changed(self) -> None:
        online = self.canvas.content.online
        if online.visible and not online.allowed:
            online.set_visible(False)
            self.onlineAsked.emit()

    def _setting(self, key: str) -> None:
        if key == "units":
            self.canvas.content.furniture.set_imperial(self._settings.get("units") == "imperial")
        elif key == "online_map":
            self.canvas.content.online.allow(self._settings.get("online_map"))
        elif key in {"online_address", "online_attribution"}:
            self.canvas.content.online.set_server(
                self._settings.get("online_address"), self._settings.get("online_attribution")
            )

    # From the map to the state

    def _clicked(self, thing: Thing | None) -> None:
        if self._preview is not None and thing is not None and in_plan(self._state.plan, thing) is None:
            return  # it is not in the plan yet
        self._state.select(thing.kind if thing is not None else None, thing.id if thing is not None else "")

    def _several(self, things: tuple[Thing, ...]) -> None:
        if self._preview is not None:
            things = tuple(one for one in things if in_plan(self._state.plan, one) is not None)
        if len(things) > 1:
            self._state.select(SEVERAL, several(things))
        else:
            self._clicked(things[0] if things else None)

    def _cursor(self, place: tuple[float, float, float | None] | None) -> None:
        self._state.set_cursor(place[:2] if place is not None else None)
        self.placeMoved.emit(place)

    def _moving(self, thing: Thing, latitude: float, longitude: float) -> None:
        site = moved_to(self._state.plan, thing, (latitude, longitude))
        if isinstance(site, Site) and site.in_network and self._state.plan.terrain:
            self._state.live_site(site)

    def _moved(self, thing: Thing, latitude: float, longitude: float) -> None:
        new = moved_to(self._state.plan, thing, rounded((latitude, longitude)))
        if new is not None:
            self._state.make(lambda plan: put(plan, [new]))
        self._state.end_live()

    def _placed(self, kind: str, latitude: float, longitude: float) -> None:
        hand = THINGS[kind].hand
        if hand is not None:
            make, place = hand.make, rounded((latitude, longitude))
            key = fresh_id(THINGS[kind].rows(self._state.plan), hand.prefix)
            if self._state.make(lambda plan: make(plan, key, place)):
                self._state.select(kind, key)

    def _gateway(self, site: str, latitude: float, longitude: float) -> None:
        """Make a tower the gateway, or the place a tower that is one, as one edit."""
        plan = self._state.plan
        key, place = site or fresh_id(plan.sites, SITE_PREFIX), rounded((latitude, longitude))

        def make(plan: Plan) -> Edit:
            there = plan.sites.get(site) or new_site(plan, key, place)
            words = msg("the Internet comes in at {site}", site=there.name or there.id)
            # Whoever says so takes back that nothing may be built there.
            choice = Choice.FREE if there.choice is Choice.FORBIDDEN else there.choice
            status = Status.IDEA if there.status is Status.REJECTED else there.status
            return put(plan, [replace(there, role=SiteRole.GATEWAY, choice=choice, status=status)], words)

        if self._state.make(make):
            self.canvas.use_tool("select")  # that was all
            self._state.select(SITE, key)

    def _zone(self, kind: str, ring: tuple[LatLon, ...]) -> None:
        if kind == "area":
            return  # it is no part of the plan
        plan = self._state.plan
        no_build = kind == "no_build"
        key = fresh_id(plan.zones, "Z")
        words = msg("No-build area {number}", number=len(plan.zones) + 1)
        if not no_build:
            words = msg("Area {number}", number=len(plan.zones) + 1)
        zone = Zone(key, tr(words), tuple(map(rounded, ring)), no_build)
        if self._state.make(lambda plan: put(plan, [zone])):
            self._state.select(ZONE, key)

    def _linking(self, a: End, b: End) -> None:
        if self._state.plan.terrain:
            self._state.live_path(path_end(a), path_end(b))

    def _linked(self, a: End, b: End) -> None:
        self._linking(a, b)
        one, other = (in_plan(self._state.plan, end.thing) for end in (a, b))
        if isinstance(one, Site) and isinstance(other, Site) and one.id != other.id:
            self.keep_link(one.id, other.id)

    def keep_link(self, a: str, b: str) -> None:
        """Keep a link between two sites; one that has no mast yet gets one."""
        plan = self._state.plan
        if not {a, b} <= plan.sites.keys():  # the profile shows a path to a tower that was taken away since
            gone = msg("An end of this link is no longer in the plan.")
            self._state.say(Notice(Level.WARNING, gone, fix=msg("Look along the path again.")))
            return
        for key, link in plan.links.items():
            if {link.from_site, link.to_site} == {a, b}:
                self._state.select(LINK, key)
                return
        rows: list[Site | Link] = [
            replace(plan.sites[key], mast_height_m=min(NEW_MAST_M, plan.sites[key].max_height_m))
            for key in (a, b)
            if not plan.sites[key].in_network
        ]
        key = fresh_id(plan.links, "L")
        label = msg("add link {a} to {b}", a=site_name(plan, a), b=site_name(plan, b))
        if self._state.make(lambda plan: put(plan, [*rows, Link(key, a, b)], label)):
            self._state.select(LINK, key)

    def delete_selected(self) -> None:
        """Remove what is selected, with what cannot stand without it."""
        chosen: dict[str, list[str]] = {}
        for thing in sorted(self.canvas.selection):
            if table := THINGS[thing.kind].table:
                chosen.setdefault(table, []).append(thing.id)
        if chosen:
            self._state.make(lambda plan: plan_edits.remove_things(plan, chosen))

    def show(self, kind: str, key: str) -> None:
        """Go to something of the plan."""
        self.canvas.show_thing(Thing(kind, key))

    def go_to(self, text: str) -> bool:
        """Go to a place by coordinates or name; return whether there was one."""
        from cn_planner.importers.place_search import search

        try:
            found = search(self._state.plan, text, self.canvas.content.place_names.places())
        except PlannerError as error:
            self._state.say(notice_about(error, Level.WARNING))
            return False
        first, others = found[0], found[1:]
        if first.latitude is None or first.longitude is None:
            self._state.select(first.kind, first.id)
            self.show(first.kind, first.id)
        else:
            self.canvas.go_to(first.latitude, first.longitude, zoom=max(self.canvas.view.zoom, 13.0))
        if first.kind != "place":
            if first.likeness < 99.0:
                more = ", ".join(dict.fromkeys(str(one.name) for one in others[:_ALIKE]))
                said = msg("Nothing is called {text}; this is {name}.", text=text.strip()[:60], name=first.name)
                like = msg("Also like it: {names}.", names=more) if more else None
                self._state.say(Notice(Level.INFO, said, fix=like))
        elif others:
            said = msg("Read as {how}; it could be {other} as well.", how=first.name, other=others[0].name)
            self._state.say(Notice(Level.INFO, said, fix=msg("To be sure write letters: 42.0931 N, 1.8082 E.")))
        return True


_VERDICTS = {"likely": PathState.CLEAR, "check_on_site": PathState.GRAZING, "blocked": PathState.BLOCKED}


def path_end(end: End) -> PathEnd:
    """Return the end of a path from the end of a line."""
    thing = end.thing
    if thing is None or thing.kind not in {SITE, HOUSEHOLD}:
        return PathEnd(end.latitude, end.longitude)
    return PathEnd(end.latitude, end.longitude, kind=thing.kind, id=thing.id)


def path_line(view: LinkView) -> PathLine:
    """Return the line of a path that was looked along, part by part."""
    a, b = view.a, view.b
    return PathLine((a.latitude, a.longitude), (b.latitude, b.longitude), view.segments)
