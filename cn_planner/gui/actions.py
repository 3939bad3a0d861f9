"""What the window's commands do."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QStandardPaths, QUrl
from PySide6.QtGui import QCursor, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from cn_planner.errors import InputError
from cn_planner.gui.base_map import choose_base_map
from cn_planner.gui.commands import TOOLS
from cn_planner.gui.dialogs.band import BandDialog
from cn_planner.gui.dialogs.catalogue import CatalogueDialog
from cn_planner.gui.dialogs.channels import ChannelsDialog
from cn_planner.gui.dialogs.compare import CompareDialog
from cn_planner.gui.dialogs.data import DataDialog
from cn_planner.gui.dialogs.dialog import ask_text, file_dialog
from cn_planner.gui.dialogs.ground_question import GroundQuestion
from cn_planner.gui.dialogs.lists import AboutDialog, KeysDialog, LogDialog
from cn_planner.gui.dialogs.manual import ManualDialog
from cn_planner.gui.dialogs.measured import MeasuredDialog
from cn_planner.gui.dialogs.merge import MergeDialog
from cn_planner.gui.dialogs.new_plan import NewPlanDialog, country_of_chosen
from cn_planner.gui.dialogs.panorama import EYE_M, PanoramaDialog
from cn_planner.gui.dialogs.power import PowerDialog
from cn_planner.gui.dialogs.relay import RelayDialog, split_here
from cn_planner.gui.dialogs.settings import PlanSettingsDialog, SettingsDialog
from cn_planner.gui.dialogs.share import ShareDialog
from cn_planner.gui.dialogs.sheet_readers import sheet_key
from cn_planner.gui.dialogs.survey import SurveyDialog
from cn_planner.gui.dialogs.tradeoff import TradeoffDialog
from cn_planner.gui.kinds import LINK, SITE, SUGGESTION, in_plan, thing_of_id
from cn_planner.gui.overview import homes_reached
from cn_planner.gui.places import find_places
from cn_planner.gui.thing_menu import ThingMenu
from cn_planner.gui.values import Level, Notice, notice_about
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot
from cn_planner.message import Message, counted, msg
from cn_planner.model.clients import NO_HOMES, client_of, roof_height_m
from cn_planner.model.plan import Household, Link, PublicPlace, Site
from cn_planner.spectrum.band import bare_ears, ear_of, ears_of_site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cn_planner.area.country import Country
    from cn_planner.errors import PlannerError
    from cn_planner.gui.intake import Intake
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.regions import Regions
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.gui.values import Say
    from cn_planner.importers.result import ImportResult
    from cn_planner.planning.suggestions import Suggestion
    from cn_planner.session.reach_left import LeftReached
    from cn_planner.terrain.asked import Answers

PLAN_FILES = msg("Plans")


def documents() -> Path:
    """Return the folder for plans."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)) / "CN Planner"


class Actions:
    """Does commands by name, for menus, keys, buttons of the sidebar and the first page alike.

    Parameters
    ----------
    window : QWidget
        Beside which dialogs stand.
    say : callable of (Notice, action or None)
        Shows a notice over the map.
    """

    def __init__(
        self, window: QWidget, state: AppState, settings: Settings, quantities: Quantities, intake: Intake,
        regions: Regions, say: Say,
    ) -> None:  # fmt: skip
        self._window, self._state, self._settings, self._quantities = window, state, settings, quantities
        self._intake, self._regions, self._say = intake, regions, say
        self._dialogs: dict[str, QWidget] = {}
        self._unsay_written: Callable[[], object] = lambda: None
        w, do = window, self.show_dialog
        self._asks: dict[str, Callable[[str], object]] = {
            "open": lambda path: state.open(Path(path)),
            "show": self._show,
            "fill": self._fill,
            "set": self._plan_settings,
            "window_set": self._window_setting,
            "example": lambda key: state.open_example(key, documents() / "Examples" / key),
            "seen": self._what_seen,
            "band": self._band_words,
            "look": lambda at: self._look_round(_spot_of(at)),
            "split": self._split,
            "relay": self._find_relay,
        }
        """Commands that name what they are about: "show:T01"."""
        self.menu = ThingMenu(window, state, self)
        regions.canvas.menuAsked.connect(self.menu.ask)
        regions.context.menuAsked.connect(self.menu.ask)
        self._acts: dict[str, Callable[[], object]] = {
            "new": self.new_plan,
            "open": self._open,
            "sample": lambda: state.open_sample(documents() / "Sample valley"),
            "add_terrain": lambda: self._choose(
                "add_terrain", msg("Add terrain"), msg("Elevation"), "*.hgt *.zip *.gz *.tif *.tiff *.gpkg",
                intake.ground,
            ),
            "ground_files": lambda: self._choose(
                "ground_files", msg("Files to begin with"), msg("Terrain, packs, maps, lists"), "*",
                lambda files: intake.take(files, along=True),
            ),
            "add_trees": lambda: self._choose_trees("add_trees", msg("Add tree heights"), "trees"),
            "add_land_cover": lambda: self._choose_trees("add_land_cover", msg("Add land cover"), "land-cover"),
            "base_map": lambda: self._choose(
                "base_map", msg("Base map"), msg("Base maps"),
                "*.pbf *.osm *.gz *.gpkg *.mbtiles *.pmtiles *.tif *.tiff",
                lambda files: choose_base_map(state, files[0]), several=False,
            ),
            "open_pack": lambda: self._choose(
                "open_pack", msg("Open an area pack"), msg("Area packs"), "*.cnpack.gpkg *.gpkg",
                lambda files: self.take_files([*files]), several=False,
            ),
            "import_homes": lambda: self._import("households", msg("Add homes")),
            "import_sites": lambda: self._import("sites", msg("Add places for towers")),
            "import_places": lambda: self._import("places", msg("Add public places")),
            "import_measurements": lambda: self._import("measurements", msg("Add measurements")),
            "data": lambda: do("data", lambda: DataDialog(w, state, quantities, self, regions.canvas.content)),
            "share": self._share,
            "field_sheets": lambda: self._share(("pdf",)),
            "plan_settings": lambda: self._plan_settings("info"),
            "costs": lambda: self._plan_settings("costs"),
            "power": lambda: do("power", lambda: PowerDialog(w, state, self, self._show)),
            "import_sun": lambda: self._choose(
                "import_sun", msg("How much sun there is"), msg("NASA POWER or PVGIS"), "*.csv *.json *.txt",
                lambda files: intake.table(files[0], "sun"), several=False,
            ),
            "catalogue": lambda: do("catalogue", lambda: CatalogueDialog(w, state)),
            "settings": lambda: self._window_setting(""),
            "close": state.close,
            "quit": w.close,
            "undo": state.undo,
            "redo": state.redo,
            "delete": regions.binding.delete_selected,
            "find": self._find,
            "zoom_in": lambda: regions.zoom_by(1.0),
            "zoom_out": lambda: regions.zoom_by(-1.0),
            "show_all": regions.show_all,
            "make_plan": state.proposals.plan,
            "show_proposal": state.proposals.show,
            "accept_proposal": self._accept_proposal,
            "savings": state.proposals.ask_savings,
            "show_saving": state.proposals.show_saving,
            "reach_more": self._reach_more,
            "tradeoff": lambda: do("tradeoff", lambda: TradeoffDialog(w, state)),
            "suggest": lambda: state.request_suggestions(self._show_suggested),
            "find_places": self._find_places,
            "give_channels": self._give_channels,
            "band": lambda: self._band(""),
            "addresses": lambda: self._plan_settings("addresses"),
            "choose_gateway": lambda: regions.take_tool("gateway"),
            "look_round": self._look_round,
            "what_seen": lambda: self._what_seen(sheet_key(state)),
            "measured": lambda: do("measured", lambda: MeasuredDialog(
                w, state, regions.canvas.go_to, regions.canvas.content.next_places.set_places, self
            )),
            "bring_together": self._bring_together,
            "import_survey": lambda: self._choose(
                "import_survey", msg("What telephones send back"), msg("Answers"), "*.csv *.xlsx *.zip *.gpkg",
                lambda files: state.request_import(files[0], "survey", on_done=self._tell_survey), several=False,
            ),
            "compare": lambda: do("compare", lambda: CompareDialog(w, state)),
            "cancel_jobs": state.jobs.cancel_all,
            "manual": lambda: do("manual", lambda: ManualDialog(w)),
            "shortcuts": lambda: do("shortcuts", lambda: KeysDialog(w)),
            "show_log": lambda: do("show_log", lambda: LogDialog(w)),
            "about": lambda: do("about", lambda: AboutDialog(w)),
        }  # fmt: skip

    def add(self, acts: Mapping[str, Callable[[], object]], asks: Mapping[str, Callable[[str], object]]) -> None:
        """Take on commands that another part does, and such as name what they are about."""
        self._acts |= acts
        self._asks |= asks

    def __call__(self, key: str) -> None:
        """Do a command."""
        ask, colon, about = key.partition(":")
        if colon:
            self._asks[ask](about)
        elif key in TOOLS:
            self._regions.take_tool(TOOLS[key])
        else:
            self._acts[key]()

    @property
    def keys(self) -> frozenset[str]:
        """The names of what can be done."""
        return frozenset(self._acts) | frozenset(TOOLS)

    def close(self) -> None:
        """Close what is open beside the window."""
        for dialog in list(self._dialogs.values()):
            dialog.close()

    def show_dialog(self, key: str, make: Callable[[], QWidget]) -> QWidget:
        """Show a dialog; the one that is open already where there is one."""
        dialog = self._dialogs.get(key)
        if dialog is None:
            dialog = self._dialogs[key] = make()
            dialog.destroyed.connect(lambda: self._dialogs.pop(key, None))
            self._state.say_left_out()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    # Plans and files

    def new_plan(self, files: list[Path] | None = None) -> None:
        """Ask for what a new plan needs."""
        kept = self._settings.get("plan_folder")
        folder = Path(kept) if kept and Path(kept).is_dir() else documents()

        def make(path: Path, name: str, country: str, chosen: list[Path]) -> None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self._say(Notice(Level.ERROR, msg("The folder cannot be made."), str(path.parent),
                             msg("Choose another folder."), str(error)))  # fmt: skip
                return
            self._settings.set("plan_folder", str(path.parent))
            self._intake.with_next(chosen)
            self._state.create(path, name=name, country=country)

        def locate(chosen: list[Path], done: Callable[[Country | None], None]) -> None:
            self._state.jobs.submit(
                "country of files", msg("Looking where the files lie"),
                lambda _report, cancel: country_of_chosen(chosen, cancel), slot=Slot.IO,
                on_done=done, on_error=lambda _failure: done(None),
            )  # fmt: skip

        dialog = self.show_dialog("new", lambda: NewPlanDialog(self._window, folder, make, files or (), locate))
        if files and isinstance(dialog, NewPlanDialog):
            dialog.add_files(files)

    def take_files(self, files: list[Path]) -> None:
        """Take files that were dropped: a plan is opened; the rest goes into the open plan, or into a new one."""
        intake = self._intake
        intake.take(files)
        if self._state.project is None and intake.held and not intake.opening:
            self.new_plan(intake.give_up())

    def _open(self) -> None:
        self._choose(
            "open", msg("Open a plan"), PLAN_FILES, "*.cnplan.gpkg",
            lambda files: self._state.open(files[0]), several=False,
        )  # fmt: skip

    def _import(self, kind: str, title: Message) -> None:
        def take(files: list[Path]) -> None:
            for path in files:
                self.look_at(path, kind)

        from cn_planner.importers.files import suffixes

        self._choose("import", title, msg("Lists"), " ".join(f"*{one}" for one in suffixes()), take)

    def look_at(self, path: Path, kind: str = "") -> None:
        """Show what a table holds before it goes into the plan."""
        from cn_planner.gui.panels.import_dialog import ImportDialog

        def make() -> QWidget:
            dialog = ImportDialog(self._state, path, kind, self._window)
            dialog.imported.connect(lambda _found: self._regions.show_all())
            return dialog

        self.show_dialog(f"import {path}", make)

    def _choose(
        self, key: str, title: Message, kind: Message, pattern: str, take: Callable[[list[Path]], object],
        *, several: bool = True,
    ) -> None:  # fmt: skip
        folder = self._settings.get("folder")
        start = folder if folder and Path(folder).is_dir() else ""

        mode = QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile
        every = tr(msg("All files"))
        kinds = f"{tr(kind)} ({pattern});;{every} (*)"
        self.show_dialog(key, lambda: file_dialog(self._window, title, take, folder=start, kinds=kinds, mode=mode))

    def _choose_trees(self, key: str, title: Message, kind: str) -> None:
        from cn_planner.model.ground import FileKind
        from cn_planner.terrain.asked import Answers

        answers = Answers(FileKind(kind))
        self._choose(key, title, msg("Rasters"), "*.tif *.tiff", lambda files: self._intake.ground(files, answers))

    def ask_of_ground(self, error: PlannerError, files: list[Path], answers: Answers | None) -> None:
        """Ask what a raster does not say of itself."""
        w, state, take = self._window, self._state, self._intake.ground
        self.show_dialog("ground question", lambda: GroundQuestion(w, state, error, files, answers, take))

    def _share(self, formats: tuple[str, ...] | None = None) -> None:
        project = self._state.project
        if project is None:
            return
        kept = self._settings.get("share_folder")
        folder = Path(kept) if kept and Path(kept).is_dir() else project.path.parent / f"{_stem(project.path)} files"

        def write(folder: Path, chosen: tuple[str, ...], blur_m: float | None) -> None:
            def done(paths: tuple[Path, ...]) -> None:
                written = counted("{count} file is written.", "{count} files are written.", len(paths))
                opens = (msg("Open the folder"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
                self._unsay_written = self._say(Notice(Level.INFO, written, str(folder)), opens)

            self._unsay_written()  # who cancels this one would read what the one before had written
            today = datetime.now().astimezone().date().isoformat()
            self._state.request_export(folder, chosen, date=today, blur_homes_m=blur_m, on_done=done)

        self.show_dialog("share", lambda: ShareDialog(self._window, self._settings, folder, write, formats))

    def _plan_settings(self, section: str) -> None:
        w, state, quantities = self._window, self._state, self._quantities
        dialog = self.show_dialog("plan_settings", lambda: PlanSettingsDialog(w, state, quantities))
        if isinstance(dialog, PlanSettingsDialog):
            dialog.ask(section)

    # The plan

    def _show(self, key: str) -> None:
        """Select something by its id, and go there."""
        thing = thing_of_id(self._state.plan, key)
        if thing is not None:
            self._state.select(*thing)
            self._regions.binding.show(*thing)

    def _fill(self, what: str) -> None:
        """Go to something, and put the keyboard where a field of it is filled in: "field:id"."""
        field, where = what.split(":", 1)
        self._show(where)
        self._regions.panel.ask(field)

    def _find(self) -> None:
        field, go_to = msg("A name or coordinates, such as 42.0931, 1.8082"), self._regions.binding.go_to
        self.show_dialog("find", lambda: ask_text(self._window, msg("Go to a place"), field, msg("Go there"), go_to))

    def _reach_more(self) -> None:
        """Have the planner reach all that the plan's places can; where it did, propose what reaches the rest."""
        plan, found = self._state.plan, self._state.computed
        # By hand a plan may lose what the planner reached: then there is something to plan.
        reached = homes_reached(plan).served if found.service is None else found.service.connected_weight
        if plan.outcome is not None and reached >= plan.outcome.coverable - NO_HOMES:
            best = found.suggestions[0] if found.suggestions and found.suggested_for is plan else None
            if best is not None:  # a place that was found counts as well as one that the plan has
                self._state.proposals.offer(best.edit, plan, (best.headline, best.detail))
                return
            self._state.proposals.reach_left(self._say_left)
            return
        self._state.proposals.plan(cover=1.0)

    def _say_left(self, found: LeftReached) -> None:
        """Say that nothing that is known reaches the homes that are left."""
        words = counted(
            "{count:,g} home cannot be reached from the places that the plan has.",
            "{count:,g} homes cannot be reached from the places that the plan has.",
            sum(one.weight for key, one in self._state.plan.households.items() if key in found.homes),
        )
        fix = msg("Add a place on higher ground near them, or look at the table of homes: it says why.")
        finds = (msg("Find places for towers"), lambda: self("find_places"))
        self._say(Notice(Level.INFO, words, fix=found.notes[0] if found.notes else fix), finds)

    def _accept_proposal(self) -> None:
        """Take what is ticked of the proposal, as its panel does: one overtaken by an edit asks there once more."""
        if self._regions.proposal is not None:
            self._regions.proposal[0].take()

    def _look_round(self, spot: tuple[float, float] | None = None) -> None:
        """Stand at a place, else at what is selected, else where the mouse is on the map, else in its middle."""
        plan, selected = self._state.plan, self._state.selection
        one = None if selected is None else in_plan(plan, selected)
        if spot is not None:
            place = *spot, EYE_M, ""
        elif isinstance(one, Site):
            place = one.latitude, one.longitude, one.mast_height_m or EYE_M, one.name or one.id
        elif isinstance(one, Household | PublicPlace):
            home = client_of(one) if isinstance(one, PublicPlace) else one
            place = one.latitude, one.longitude, roof_height_m(plan, home), one.name or one.id
        else:
            place = *self._spot(), EYE_M, ""
        dialog = self.show_dialog("look_round", lambda: PanoramaDialog(self._window, self._state, self._quantities))
        if isinstance(dialog, PanoramaDialog):
            dialog.stand(*place)

    def _spot(self) -> tuple[float, float]:
        """Return the place under the mouse, or in the middle of the map where the mouse is elsewhere."""
        canvas = self._regions.canvas
        at = canvas.mapFromGlobal(QCursor.pos())
        at = at if canvas.rect().contains(at) else canvas.rect().center()
        spot = canvas.pointer_at(canvas.device(QPointF(at)))
        return spot.latitude, spot.longitude

    def _band_words(self, where: str) -> None:
        """Show the band of what is named, or at "@latitude,longitude"."""
        if where.startswith("@"):
            self._band("", _spot_of(where))
        else:
            self._band(where)

    def _band(self, where: str, spot: tuple[float, float] | None = None) -> None:
        """Show the band: of a sector or link end that is named, of what is selected, else where the mouse is."""
        project, plan = self._state.project, self._state.plan
        if project is None:
            return
        shelf, selected = project.catalogue, self._state.selection
        if not where and spot is None and selected is not None and selected.kind in (SITE, LINK):
            one = in_plan(plan, selected)
            where = f"{one.id}:{one.from_site}" if isinstance(one, Link) else "" if one is None else selected.id
        try:
            if where:
                ear = ear_of(plan, shelf, where)
                if where in plan.sites:
                    ear = ears_of_site(plan, shelf, plan.sites[where])[0]
            else:
                ear = bare_ears(plan, shelf, *(spot or self._spot()), plan.demand.antenna_height_m)[0]
        except InputError as error:
            self._say(notice_about(error))
            return
        dialog = self.show_dialog("band", lambda: BandDialog(self._window, self._state))
        if isinstance(dialog, BandDialog):
            dialog.listen(ear)

    def _what_seen(self, key: str) -> None:
        """Show the survey sheet of a place or home."""
        if not key:
            self._say(Notice(Level.INFO, msg("There is no place yet whose sheet could be filled in.")))
            return
        units = self._settings.get("units")
        dialog = self.show_dialog(
            "what_seen",
            lambda: SurveyDialog(
                self._window, self._state, units, lambda: self._regions.context.links, self._state.proposals.plan
            ),
        )
        if isinstance(dialog, SurveyDialog):
            dialog.show_sheet(key)

    def _window_setting(self, key: str) -> None:
        """Show what a person can set for the window, with the keys at one of them where it is named."""
        dialog = self.show_dialog("settings", lambda: SettingsDialog(self._window, self._settings))
        if key and isinstance(dialog, SettingsDialog):
            dialog.ask(key)

    def _bring_together(self) -> None:
        def show(files: list[Path]) -> None:
            key = f"merge {files[0]}"
            for other, dialog in list(self._dialogs.items()):
                if other.startswith("merge ") and other != key:
                    dialog.close()
            self.show_dialog(key, lambda: MergeDialog(self._window, self._state, files[0]))

        self._choose("bring_together", msg("Bring together"), PLAN_FILES, "*.cnplan.gpkg", show, several=False)

    def _tell_survey(self, found: ImportResult) -> None:
        read = counted("{count} answer was read.", "{count} answers were read.", found.added)
        left = "\n".join([*map(tr, found.warnings), *(tr(one.left_out) for one in found.reasons[:5])])
        self._say(Notice(Level.INFO, read, left))

    def _split(self, what: str) -> None:
        """Split a link: "id:part of its length"."""
        link, _, share = what.rpartition(":")
        split_here(self._state, link, float(share))

    def _find_relay(self, what: str) -> None:
        """Look for a relay between two towers: their ids as JSON."""
        first, second = json.loads(what)
        canvas = self._regions.canvas
        key = f"relay {what}"
        for other, dialog in list(self._dialogs.items()):
            if other.startswith("relay ") and other != key:
                dialog.close()
        mark = canvas.content.relay_places.set_places
        self.show_dialog(key, lambda: RelayDialog(self._window, self._state, (first, second), canvas.go_to, mark))

    def _find_places(self) -> None:
        find_places(self._state, lambda notice: self._say(notice, (msg("Show the whole plan"), self._regions.show_all)))

    def _show_suggested(self, found: tuple[Suggestion, ...]) -> None:
        """Go to the best of what was asked for; where there is none, that is said: a command never ends in silence."""
        if found:
            self._regions.context.go(SUGGESTION, found[0].id)
        else:
            self._say(Notice(Level.INFO, msg("Nothing that may be built reaches another home.")))

    def _give_channels(self) -> None:
        dialog = self._dialogs.get("give_channels")
        if isinstance(dialog, ChannelsDialog):
            dialog.look()
        self.show_dialog("give_channels", lambda: ChannelsDialog(self._window, self._state, self._show))


def _spot_of(words: str) -> tuple[float, float]:
    """Return the place of "@latitude,longitude"."""
    latitude, longitude = words.removeprefix("@").split(",")
    return float(latitude), float(longitude)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gpkg").removesuffix(".cnplan")
