"""Start from the ground: what is looked for, fetched and taken in, one answer after the other; the panel shows it.

Each answer is an edit of the open plan, so that going back loses nothing. Nothing is asked of any server before the
person says so, and nothing here waits for one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cn_planner.area.elevation_sources import GeoBox
from cn_planner.area.osm_web import MAP_ADDRESS, NAMES_ADDRESS
from cn_planner.errors import PlannerError
from cn_planner.gui.places import find_places
from cn_planner.gui.values import Level, Notice, notice_about, notice_of
from cn_planner.gui.words import language
from cn_planner.importers.choices import Choices
from cn_planner.jobs import JobState, Slot, run_on
from cn_planner.message import Message, counted, msg
from cn_planner.model.plan import Choice
from cn_planner.session.fetching import box_round

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cn_planner.area.osm_web import PlaceFound
    from cn_planner.gui.intake import Intake
    from cn_planner.gui.map.content import MapContent
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Job, Report
    from cn_planner.progress import CancelToken
    from cn_planner.session.ground import GroundFetched, GroundWanted, PackAtHand
    from cn_planner.session.workspace import Snapshot

_LOOK, _FETCH = "ground flow", "ground fetch"
_FIRST_PLAN_S = 60.0
"""So long a first plan may take: what is better by then is found by planning again, without a clock."""
_PLANNER = ("places", "plan")
"""Keys of the planner's jobs."""
_FEW = 3
"""With fewer free places than this the planner has little to choose from."""


class GroundFlow(QObject):
    """What the four answers need.

    Attributes
    ----------
    found : tuple of PlaceFound
        Where what was typed may lie.
    asked : str
        What was typed last, where nothing at hand is called so, or the net may know more.
    packs : tuple of PackAtHand
        Those that lie near the plan, or where files were taken from.
    roofs : int
        How many the plan's own map holds; 0 while that is not known.
    said : Notice or None
        How the last of it ended.
    """

    changed = Signal()
    went = Signal(object)
    """The map is to show a box: its corners."""

    def __init__(
        self, state: AppState, settings: Settings, intake: Intake, content: MapContent, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state, self._settings, self._intake, self._content = state, settings, intake, content
        self.found: tuple[PlaceFound, ...] = ()
        self.asked = ""
        self.packs: tuple[PackAtHand, ...] = ()
        self.roofs = 0
        self._jobs: dict[str, Job[Any]] = {}
        self.said: Notice | None = None
        self._roofs_of: tuple[object, ...] = ()
        self._bordered = False
        self._country_of: tuple[object, ...] = ()
        state.projectChanged.connect(self._begin)
        state.planChanged.connect(lambda _: self._look_at_plan())
        state.jobsChanged.connect(self.changed)
        self._begin()

    @property
    def box(self) -> GeoBox | None:
        """The box that the plan is of."""
        box = self._state.plan.area.box
        return GeoBox(*box) if box else None

    @property
    def servers(self) -> tuple[str, ...]:
        """Who would be asked, for terrain and for the map."""
        from cn_planner.area.elevation_sources import ADDRESSES, ElevationSource

        terrain = self._settings.get("terrain_server") or ADDRESSES[ElevationSource.GLO30]
        return terrain, self._settings.get("map_server") or MAP_ADDRESS

    @property
    def names_server(self) -> str:
        """Who would be asked where a name lies."""
        return self._settings.get("names_server") or NAMES_ADDRESS

    def _begin(self) -> None:
        self.found, self.asked, self.said, self.roofs, self._roofs_of = (), "", None, 0, ()
        self.changed.emit()
        self.look_for_packs()
        self._look_at_map()

    def look_for_packs(self) -> None:
        """Look which area packs lie beside the plan and where files were taken from."""
        project = self._state.project
        if project is None:
            self.packs = ()
            return
        folders = dict.fromkeys(
            folder for folder in (project.path.parent, Path(self._settings.get("read_folder") or "."))
            if folder != Path()
        )  # fmt: skip

        def work(_report: object, _cancel: object) -> tuple[PackAtHand, ...]:
            from cn_planner.session.ground import packs_at_hand

            return packs_at_hand(folders)

        def done(found: tuple[PackAtHand, ...]) -> None:
            self.packs = found
            self.changed.emit()

        self._state.jobs.submit(
            "packs at hand", msg("Looking for area packs"), work, slot=Slot.IO, on_done=done,
            on_error=lambda _failure: None,
        )  # fmt: skip

    def _look_at_plan(self) -> None:
        self._look_at_map()
        self._look_at_country()

    def _look_at_country(self) -> None:
        """Find out in which country files lie, where nobody has said it; each ground is looked at once."""
        plan, opened = self._state.plan, self._state.version[0]
        key = (opened, *plan.terrain)
        if plan.info.country or plan.info.invented or not plan.elevation or key == self._country_of:
            return
        self._country_of = key

        def work(snapshot: Snapshot, _report: object, _cancel: object) -> str:
            from cn_planner.session.country import country_of_plan

            found = country_of_plan(snapshot)
            return found.code or "" if found is not None and found.sure else ""

        def done(code: str) -> None:
            if code and not self._state.plan.info.country:
                from cn_planner.session.country import set_country

                self._state.make(lambda plan: set_country(plan, code))

        self._state.ask(
            "country of ground", msg("Looking in which country it lies"), work, done, slot=Slot.IO, version=None,
            on_error=lambda _failure: None,
        )  # fmt: skip

    def _look_at_map(self) -> None:
        """Count the roofs of the plan's own map, once for each map."""
        project = self._state.project
        named = self._state.plan.area.base_map
        box = self.box
        key = (str(project.path), named, box) if project is not None and named else ()
        if key == self._roofs_of or project is None:
            return
        self._roofs_of, self.roofs = key, 0
        file = self._map_file()
        if file is None:
            self.changed.emit()
            return

        def work(_report: object, _cancel: object) -> int:
            from cn_planner.session.ground import roofs_of

            return roofs_of(file, box)

        def done(count: int) -> None:
            if self._roofs_of == key:
                self.roofs = count
                self.changed.emit()

        self._state.jobs.submit(
            "roofs", msg("Counting the roofs of the map"), work, slot=Slot.IO, on_done=done,
            on_error=lambda _failure: None,
        )  # fmt: skip

    def _map_file(self) -> Path | None:
        from cn_planner.terrain.known import file_place

        project, named = self._state.project, self._state.plan.area.base_map
        if project is None or not named:
            return None
        path = file_place(named, project.path.resolve().parent)
        return path if path is not None and path.is_file() else None

    # Where

    def look_for(self, text: str) -> None:
        """Look where a text lies, by what is at hand; where that is one place, it is taken."""
        text = text.strip()
        if not text:
            return
        plan, packs, on_map = self._state.plan, self.packs, self._content.place_names.places()

        def work(_report: object, _cancel: object) -> tuple[PlaceFound, ...]:
            from cn_planner.session.ground import places_called

            return places_called(plan, text, packs, on_map)

        def done(found: tuple[PlaceFound, ...]) -> None:
            self._take_found(text, found)

        self._ask(msg("Looking for {text}", text=text[:60]), work, done, slot=Slot.IO, asked=text)

    def ask_net(self) -> None:
        """Ask the net where what was typed lies."""
        text, servers, tongue = self.asked, self._servers(), language()

        def work(report: Report, cancel: CancelToken) -> tuple[PlaceFound, ...]:
            from cn_planner.session.ground import ask_for_name

            return ask_for_name(text, servers, tongue, run_on(report, cancel))

        def done(found: tuple[PlaceFound, ...]) -> None:
            if not found:
                words = msg("The Internet knows no place called {text}.", text=text[:60])
                self.said = Notice(Level.WARNING, words, fix=msg("Write it otherwise, or click it on the map."))
            self._take_found(text, found)

        self._ask(msg("Looking for {text}", text=text[:60]), work, done, slot=Slot.NET, asked=text)

    def _servers(self) -> Any:
        from cn_planner.session.ground import Servers

        get = self._settings.get
        return Servers(get("terrain_server"), get("map_server"), get("names_server"))

    def _take_found(self, text: str, found: tuple[PlaceFound, ...]) -> None:
        by_numbers = bool(found) and not any(one.name for one in found)  # coordinates: the net knows no more of them
        self.asked = "" if by_numbers else text
        if len(found) == 1:
            self.take_place(found[0].latitude, found[0].longitude)
        self.found = found if len(found) > 1 else ()

    def take_place(self, latitude: float, longitude: float) -> None:
        """The village is there: a box lies round it."""
        self.take_box(box_round(latitude, longitude))

    def take_box(self, box: GeoBox) -> None:
        """The plan is of a box; of the country that it surely lies in, where it has none yet."""
        plan, version = self._state.plan, self._state.version
        self.found = ()
        self.went.emit(((box.south, box.west), (box.north, box.east)))

        def work(_report: object, _cancel: object) -> Any:
            from cn_planner.session.ground import say_where

            return say_where(plan, box)

        def done(edit: Any) -> None:
            if self._state.version == version:
                self._state.apply(edit)
            elif self._state.version[0] == version[0]:  # the same plan, which went on meanwhile
                from cn_planner.session.ground import say_where

                self._state.make(lambda plan: say_where(plan, box))

        self._ask(msg("Looking in which country it lies"), work, done, slot=Slot.IO)

    def show_country(self, code: str) -> None:
        """Let the map show a country: where the village is looked for."""

        def work(_report: object, _cancel: object) -> tuple[float, float, float, float] | None:
            from cn_planner.area.country import country_bounds

            return country_bounds(code)

        def done(found: tuple[float, float, float, float] | None) -> None:
            if found is not None and not self._state.plan.area.box:
                south, west, north, east = found
                self.went.emit(((south, west), (north, east)))

        self._ask(msg("Looking where the country lies"), work, done, slot=Slot.IO)

    def show_borders(self) -> None:
        """Have the borders of all countries drawn, where there is nothing yet by which one finds the way."""
        if self._state.plan.terrain or self._bordered:
            return
        self._bordered = True

        def work(_report: object, _cancel: object) -> Any:
            from cn_planner.area.country import country_shapes
            from cn_planner.gui.map.layers.base_drawing import Outlines

            return Outlines(country_shapes())

        self._state.jobs.submit(
            "borders", msg("Reading the borders of countries"), work, slot=Slot.IO,
            on_done=self._content.countries.set_lands, on_error=lambda failure: self._state.say(notice_of(failure)),
        )  # fmt: skip

    # What comes along

    def bring(self, wanted: GroundWanted) -> None:
        """Fetch the ground of the box from the net into the plan's folder, and take it in."""
        project, box, servers = self._state.project, self.box, self._servers()
        if project is None or box is None:
            return
        path, opened = project.path, self._state.version[0]

        def work(report: Report, cancel: CancelToken) -> GroundFetched:
            from cn_planner.session.ground import bring_ground

            return bring_ground(path, box, wanted, servers, run_on(report, cancel))

        def done(found: GroundFetched) -> None:
            if self._state.version[0] == opened:
                self._take_ground(found)

        self._ask(msg("Fetching the ground"), work, done, slot=Slot.NET, key=_FETCH)

    def _take_ground(self, found: GroundFetched) -> None:
        plan = self._state.plan
        files = [] if found.terrain is None else [one for one in found.terrain.files if one.name not in plan.terrain]
        more = [] if found.map is None else [found.map]
        self._intake.take([*files, *more])
        if found.map_failed is not None:
            self.said = notice_about(found.map_failed, Level.WARNING)
        elif found.terrain is not None and found.terrain.none_at:
            names = ", ".join(found.terrain.none_at[:6])
            self.said = Notice(Level.WARNING, msg("Not to be had: {tiles} (sea, or beyond its data).", tiles=names))

    def take_files(self, files: Iterable[Path]) -> None:
        """Take files of any kind in: terrain, a pack, a map, lists."""
        self.said = None
        self._intake.take(list(files), along=True)

    def cancel(self) -> None:
        """Stop; what has come stays."""
        job = self.fetching or self.job or self.planning
        if job is not None:
            self._state.cancel(job.id)

    # Who lives there

    def take_roofs(self) -> None:
        """Take the roofs of the map, within the box where the plan has one, as homes."""
        file, box = self._map_file(), self._state.plan.area.box
        if file is None:
            return
        within = (box[0], box[1], box[2], box[3]) if box else None

        def done(found: Any) -> None:
            words = counted("{count:,.0f} roof is a home now.", "{count:,.0f} roofs are homes now.", found.added)
            fix = msg("Take out what is none: a barn, a shop. Walk there before you build.")
            self._state.say(Notice(Level.INFO, words, fix=fix))

        self._state.request_import(file, "households", choices=Choices(within=within, skip_bad=True), on_done=done)

    # And then

    def plan_all(self) -> None:
        """Have the planner reach all who can be reached; where it has no places to choose from, find some first."""
        plan = self._state.plan
        free = sum(not site.in_network and site.choice is Choice.FREE for site in plan.sites.values())

        def go() -> None:
            self._state.proposals.plan(cover=1.0, time_limit_s=_FIRST_PLAN_S)

        if free >= _FEW:
            go()
        else:
            find_places(self._state, self._state.say, go)

    @property
    def planning(self) -> Job[Any] | None:
        """What the planner does now, whoever asked for it: places, or a plan; None where it does nothing."""
        return next((job for job in self._state.jobs.active() if job.key in _PLANNER), None)

    @property
    def job(self) -> Job[Any] | None:
        """What is looked for now; None where nothing is."""
        return self._jobs.get(_LOOK)

    @property
    def fetching(self) -> Job[Any] | None:
        """What comes from the net now: one may look for other places meanwhile."""
        return self._jobs.get(_FETCH)

    def _ask(
        self, title: Message, work: Callable[..., Any], done: Callable[[Any], None], *, slot: Slot, asked: str = "",
        key: str = _LOOK,
    ) -> None:  # fmt: skip
        """Do something beside the window, one of a kind after the other; how it ends is kept to be shown."""
        if key in self._jobs:
            self._state.cancel(self._jobs[key].id)
        self.said, opened = None, self._state.version[0]

        def failed(failure: Failure) -> None:
            self.asked, self.found = asked, ()
            error = failure.error
            quiet = asked and slot is Slot.IO and isinstance(error, PlannerError)
            self.said = notice_about(error, Level.WARNING) if quiet else notice_of(failure)

        def ended(state: JobState) -> None:
            if self._jobs.get(key) is job:
                del self._jobs[key]
            there = state is JobState.CANCELLED and slot is Slot.NET and not job.overtaken
            if there and self._state.version[0] == opened:
                self.said = Notice(Level.INFO, msg("Cancelled. What has come is kept: it is not fetched again."))
            self.changed.emit()

        # Not bound to the plan's version: people go on while it comes.
        job = self._jobs[key] = self._state.jobs.submit(
            key, title, work, slot=slot, on_done=done, on_error=failed, on_end=ended
        )
        self.changed.emit()


def fits_box(pack: PackAtHand, box: GeoBox | None) -> bool:
    """Return whether a pack holds the middle of a box; any where there is none."""
    from cn_planner.session.ground import holds_middle

    return box is None or holds_middle(pack.box, box)
