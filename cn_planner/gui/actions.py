"""What the window's commands do."""

from __future__ import annotations

import platform
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cn_planner.gui import theme
from cn_planner.gui.base_map import choose_base_map
from cn_planner.gui.dialogs.catalogue import CatalogueDialog
from cn_planner.gui.dialogs.channels import ChannelsDialog
from cn_planner.gui.dialogs.compare import CompareDialog
from cn_planner.gui.dialogs.data import DataDialog
from cn_planner.gui.dialogs.dialog import ask_text
from cn_planner.gui.dialogs.ground_question import GroundQuestion
from cn_planner.gui.dialogs.lists import AboutDialog, KeysDialog
from cn_planner.gui.dialogs.new_plan import NewPlanDialog, country_of_chosen
from cn_planner.gui.dialogs.power import PowerDialog
from cn_planner.gui.dialogs.settings import PlanSettingsDialog, SettingsDialog
from cn_planner.gui.dialogs.share import ShareDialog
from cn_planner.gui.dialogs.tradeoff import TradeoffDialog
from cn_planner.gui.overview import reached
from cn_planner.gui.places import find_places
from cn_planner.gui.state import Level, Notice
from cn_planner.gui.tour import Step, Tour
from cn_planner.gui.words import language, tr
from cn_planner.jobs import Slot
from cn_planner.message import Message, counted, msg
from cn_planner.model.plan import SiteRole
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.area.country import Country
    from cn_planner.errors import PlannerError
    from cn_planner.gui.window import MainWindow
    from cn_planner.terrain.asked import Answers

TOOLS = {
    "tool_select": "select", "place_tower": "tower", "place_home": "home", "place_obstacle": "obstacle",
    "draw_link": "link", "draw_zone": "zone", "draw_no_build": "no_build", "measure": "measure",
}  # fmt: skip
PLAN_FILES = msg("Plans")


def documents() -> Path:
    """Return the folder for plans."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)) / "CN Planner"


class Actions:
    """Does commands by name, for menus, keys, buttons of the sidebar and the first page alike."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._dialogs: dict[str, QWidget] = {}
        self.tour: Tour | None = None
        w = window
        self._acts: dict[str, Callable[[], object]] = {
            "new": self.new_plan,
            "open": self._open,
            "sample": lambda: w.state.open_sample(documents() / "Sample valley"),
            "add_terrain": lambda: self._choose(
                "add_terrain", msg("Add terrain"), msg("Elevation"), "*.hgt *.zip *.gz *.tif *.tiff *.gpkg",
                w.intake.ground,
            ),
            "add_trees": lambda: self._choose_trees("add_trees", msg("Add tree heights"), "trees"),
            "add_land_cover": lambda: self._choose_trees("add_land_cover", msg("Add land cover"), "land-cover"),
            "base_map": lambda: self._choose(
                "base_map", msg("Base map"), msg("Base maps"),
                "*.pbf *.osm *.gz *.gpkg *.mbtiles *.pmtiles *.tif *.tiff",
                lambda files: choose_base_map(self._window.state, files[0]), several=False,
            ),
            "get_area": lambda: w.show_area(True),
            "open_pack": lambda: self._choose(
                "open_pack", msg("Open an area pack"), msg("Area packs"), "*.cnpack.gpkg *.gpkg",
                lambda files: self.take_files([*files]), several=False,
            ),
            "import_homes": lambda: self._import("households", msg("Add homes")),
            "import_sites": lambda: self._import("sites", msg("Add places for towers")),
            "import_measurements": lambda: self._import("measurements", msg("Add measurements")),
            "data": lambda: self._dialog(
                "data", lambda: DataDialog(w, w.state, w.quantities, self, w.regions.canvas.content)
            ),
            "share": self._share,
            "field_sheets": lambda: self._share(("pdf",)),
            "plan_settings": lambda: self._plan_settings("info"),
            "costs": lambda: self._plan_settings("costs"),
            "power": lambda: self._dialog("power", lambda: PowerDialog(w, w.state, self, self._show)),
            "import_sun": lambda: self._choose(
                "import_sun", msg("How much sun there is"), msg("NASA POWER or PVGIS"), "*.csv *.json *.txt",
                lambda files: w.intake.table(files[0], "sun"), several=False,
            ),
            "catalogue": lambda: self._dialog("catalogue", lambda: CatalogueDialog(w, w.state)),
            "settings": lambda: self._dialog("settings", lambda: SettingsDialog(w, w.settings)),
            "close": self._later("state.close"),
            "quit": self._later("close"),
            "undo": self._later("state.undo"),
            "redo": self._later("state.redo"),
            "delete": self._later("regions.binding.delete_selected"),
            "find": self._find,
            "answer": self._answer,
            "zoom_in": lambda: w.regions.canvas.zoom_by(1.0),
            "zoom_out": lambda: w.regions.canvas.zoom_by(-1.0),
            "show_all": self._later("regions.show_all"),
            "show_sidebar": lambda: w.fold_sidebar(w.commands["show_sidebar"].isChecked()),
            "show_side": lambda: w.show_side(w.commands["show_side"].isChecked()),
            "show_profile": lambda: w.wish_profile(w.commands["show_profile"].isChecked()),
            "show_tables": lambda: w.show_tables(w.commands["show_tables"].isChecked()),
            "show_layers": lambda: w.show_layers(w.commands["show_layers"].isChecked()),
            "online_map": self._switch_online,
            "full_screen": lambda: w.showNormal() if w.isFullScreen() else w.showFullScreen(),
            "make_plan": self._later("state.request_plan"),
            "reach_more": self._reach_more,
            "tradeoff": lambda: self._dialog("tradeoff", lambda: TradeoffDialog(w, w.state)),
            "suggest": self._later("state.request_suggestions"),
            "find_places": self._find_places,
            "give_channels": self._give_channels,
            "addresses": lambda: self._plan_settings("addresses"),
            "choose_gateway": self._choose_gateway,
            "compare": lambda: self._dialog("compare", lambda: CompareDialog(w, w.state)),
            "new_scenario": self._later("top.ask_new"),
            "cancel_jobs": self._later("state.jobs.cancel_all"),
            "shortcuts": lambda: self._dialog("shortcuts", lambda: KeysDialog(w)),
            "tour": self.begin_tour,
            "copy_report": self._copy_report,
            "about": lambda: self._dialog("about", lambda: AboutDialog(w)),
        }  # fmt: skip

    def __call__(self, key: str) -> None:
        """Do a command."""
        if key.startswith("answer:"):
            self._window.ask_village(key.removeprefix("answer:"))
        elif key.startswith("show:"):
            self._show(key.removeprefix("show:"))
        elif key.startswith("fill:"):
            field, where = key.removeprefix("fill:").split(":", 1)
            self._show(where)
            self._window.regions.panel.ask(field)
        elif key.startswith("set:"):
            self._plan_settings(key.removeprefix("set:"))
        elif key in TOOLS:
            canvas = self._window.regions.canvas
            canvas.use_tool(TOOLS[key])
            canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._acts[key]()

    def _later(self, name: str) -> Callable[[], object]:
        """Return what calls a method of the window, found when it is called: its parts are made after this."""

        def act() -> object:
            return attrgetter(name)(self._window)()

        return act

    @property
    def keys(self) -> frozenset[str]:
        """The names of what can be done."""
        return frozenset(self._acts) | frozenset(TOOLS)

    def plan_opened(self) -> None:
        """Begin the tour where it was never seen."""
        if not self._window.settings.get("tour_seen") and self.tour is None:
            self.begin_tour()

    def close(self) -> None:
        """Close what is open beside the window."""
        for dialog in list(self._dialogs.values()):
            dialog.close()
        if self.tour is not None:
            self.tour.leave()

    def _dialog(self, key: str, make: Callable[[], QWidget]) -> QWidget:
        """Show a dialog; the one that is open already where there is one."""
        dialog = self._dialogs.get(key)
        if dialog is None:
            dialog = self._dialogs[key] = make()
            dialog.destroyed.connect(lambda: self._dialogs.pop(key, None))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    # Plans and files

    def new_plan(self, files: list[Path] | None = None) -> None:
        """Ask for what a new plan needs."""
        w = self._window
        folder = documents()

        def make(path: Path, name: str, country: str, chosen: list[Path]) -> None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                w.say(Notice(Level.ERROR, msg("The folder cannot be made."), str(path.parent),
                             msg("Choose another folder."), str(error)))  # fmt: skip
                return
            w.intake.with_next(chosen)
            w.state.create(path, name=name, country=country)

        def locate(chosen: list[Path], done: Callable[[Country | None], None]) -> None:
            w.state.jobs.submit(
                "country of files", msg("Looking where the files lie"),
                lambda _report, cancel: country_of_chosen(chosen, cancel), slot=Slot.IO,
                on_done=done, on_error=lambda _failure: done(None),
            )  # fmt: skip

        dialog = self._dialog("new", lambda: NewPlanDialog(w, folder, make, files or (), locate))
        if files and isinstance(dialog, NewPlanDialog):
            dialog.add_files(files)

    def take_files(self, files: list[Path]) -> None:
        """Take files that were dropped: a plan is opened; the rest goes into the open plan, or into a new one."""
        intake = self._window.intake
        intake.take(files)
        if self._window.state.project is None and intake.held and not intake.opening:
            self.new_plan(intake.give_up())

    def _open(self) -> None:
        self._choose(
            "open", msg("Open a plan"), PLAN_FILES, "*.cnplan.gpkg",
            lambda files: self._window.state.open(files[0]), several=False,
        )  # fmt: skip

    def _import(self, kind: str, title: Message) -> None:
        def take(files: list[Path]) -> None:
            for path in files:
                self.look_at(path, kind)

        from cn_planner.importers.files import SUFFIXES

        self._choose("import", title, msg("Lists"), " ".join(f"*{one}" for one in SUFFIXES), take)

    def look_at(self, path: Path, kind: str = "") -> None:
        """Show what a table holds before it goes into the plan."""
        from cn_planner.gui.panels.import_dialog import ImportDialog

        w = self._window

        def make() -> QWidget:
            dialog = ImportDialog(w.state, path, kind, w)
            dialog.imported.connect(lambda _found: w.regions.show_all())
            return dialog

        self._dialog(f"import {path}", make)

    def _choose(
        self, key: str, title: Message, kind: Message, pattern: str, take: Callable[[list[Path]], object],
        *, several: bool = True,
    ) -> None:  # fmt: skip
        w = self._window
        folder = w.settings.get("folder")
        start = folder if folder and Path(folder).is_dir() else str(Path.home())

        def make() -> QWidget:
            every = tr(msg("All files"))
            dialog = QFileDialog(w, tr(title), start, f"{tr(kind)} ({pattern});;{every} (*)")
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.setAccessibleName(tr(title))
            dialog.setModal(False)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile)
            dialog.filesSelected.connect(lambda texts: take([Path(text) for text in texts]))
            return dialog

        self._dialog(key, make)

    def _choose_trees(self, key: str, title: Message, kind: str) -> None:
        from cn_planner.terrain.asked import Answers, FileKind

        answers = Answers(FileKind(kind))
        self._choose(
            key, title, msg("Rasters"), "*.tif *.tiff", lambda files: self._window.intake.ground(files, answers)
        )

    def ask_of_ground(self, error: PlannerError, files: list[Path], answers: Answers | None) -> None:
        """Ask what a raster does not say of itself."""
        w = self._window
        self._dialog("ground question", lambda: GroundQuestion(w, w.state, error, files, answers, w.intake.ground))

    def _share(self, formats: tuple[str, ...] | None = None) -> None:
        w = self._window
        project = w.state.project
        if project is None:
            return
        kept = w.settings.get("share_folder")
        folder = Path(kept) if kept and Path(kept).is_dir() else project.path.parent / f"{_stem(project.path)} files"

        def write(folder: Path, chosen: tuple[str, ...], blur_m: float | None) -> None:
            def done(paths: tuple[Path, ...]) -> None:
                w.say(
                    Notice(
                        Level.INFO,
                        counted("{count} file is written.", "{count} files are written.", len(paths)),
                        str(folder),
                    ),
                    (msg("Open the folder"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))),
                )

            today = datetime.now().astimezone().date().isoformat()
            w.state.request_export(folder, chosen, date=today, blur_homes_m=blur_m, on_done=done)

        self._dialog("share", lambda: ShareDialog(w, w.settings, folder, write, formats))

    def _plan_settings(self, section: str) -> None:
        w = self._window
        dialog = self._dialog("plan_settings", lambda: PlanSettingsDialog(w, w.state, w.quantities))
        if isinstance(dialog, PlanSettingsDialog):
            dialog.ask(section)

    # The plan

    def _switch_online(self) -> None:
        w = self._window
        if w.settings.get("online_map"):
            w.settings.set("online_map", False)
        else:
            w.commands["online_map"].setChecked(False)
            w.regions.binding.onlineAsked.emit()

    def _show(self, key: str) -> None:
        """Select something by its id, and go there."""
        w = self._window
        for kind, table in (("site", w.state.plan.sites), ("household", w.state.plan.households),
                            ("link", w.state.plan.links)):  # fmt: skip
            if key in table:
                w.state.select(kind, key)
                w.regions.binding.show(kind, key)
                return

    def _find(self) -> None:
        w = self._window

        def make() -> QWidget:
            field = msg("A name or coordinates, such as 42.0931, 1.8082")
            return ask_text(w, msg("Go to a place"), field, msg("Go there"), w.regions.binding.go_to)

        self._dialog("find", make)

    def _answer(self) -> None:
        self._window.ask_village("")

    def _reach_more(self) -> None:
        """Have the planner reach all that can be reached; where it did, show why the rest is not."""
        w = self._window
        plan = w.state.plan
        if plan.outcome is not None and plan.outcome.served >= plan.outcome.coverable - 0.5:
            left = reached(plan).left
            w.say(
                Notice(
                    Level.INFO,
                    counted(
                        "{count:,.0f} home cannot be reached from the places that the plan has.",
                        "{count:,.0f} homes cannot be reached from the places that the plan has.",
                        left,
                    ),
                    fix=msg("Add a place on higher ground near them, or look at the table of homes: it says why."),
                ),
                (msg("Find places for towers"), lambda: self("find_places")),
            )
            return
        w.state.request_plan(cover=1.0)

    def _find_places(self) -> None:
        w = self._window
        find_places(w.state, lambda notice: w.say(notice, (msg("Show the whole plan"), w.regions.show_all)))

    def _give_channels(self) -> None:
        dialog = self._dialogs.get("give_channels")
        if isinstance(dialog, ChannelsDialog):
            dialog.look()
        self._dialog("give_channels", lambda: ChannelsDialog(self._window, self._window.state, self._show))

    def _choose_gateway(self) -> None:
        w = self._window
        w.say(
            Notice(
                Level.INFO,
                msg("Choose the site where the Internet enters."),
                fix=msg("Select it on the map and set its part in the network to gateway, in the panel beside it."),
            )
        )
        first = next((key for key, site in w.state.plan.sites.items() if site.role is not SiteRole.GATEWAY), None)
        if first is not None and w.state.selection is None:
            w.state.select("site", first)

    # Help

    def begin_tour(self) -> None:
        """Begin the tour."""
        w = self._window
        if self.tour is not None:
            self.tour.leave()
        self.tour = Tour(w, tour_steps(w), w.regions.tools)
        self.tour.left.connect(w.regions.canvas.setFocus)  # else the keys fall to whatever comes next
        self.tour.left.connect(self._tour_left)

    def _tour_left(self) -> None:
        self.tour = None
        self._window.settings.set("tour_seen", True)

    def report(self) -> str:
        """Return what those who help need to know of this window. Nothing of the plan is in it."""
        w = self._window
        plan = w.state.plan
        screen = QGuiApplication.primaryScreen().size()
        lines = [
            f"CN Planner {__version__}, PySide6 {pyside_version}, Python {platform.python_version()}",
            platform.platform(),
            f"Screen {screen.width()} x {screen.height()} at {w.devicePixelRatioF():g}",
            f"Window {w.width()} x {w.height()}, look {theme.current().name}, language {language()}",
            f"Plan: {len(plan.sites)} sites, {len(plan.households)} homes, {len(plan.terrain)} terrain files",
            *(f"Job: {job.title} ({job.state.value}, {job.fraction:.0%})" for job in w.state.jobs.active()),
            *(card.notice.details or str(card.notice.what) for card in w.messages.cards),
        ]
        return "\n".join(lines)

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self._window.say(Notice(Level.INFO, msg("The report is copied. Paste it into a message.")))


def tour_steps(window: MainWindow) -> list[Step]:
    """Return the notes of the tour."""
    return [
        Step(
            msg("Seven tasks"),
            msg("From homes to the plan that you build from. Each says how it stands, and what comes next."),
            lambda: window.sidebar,
        ),
        Step(
            msg("The map"),
            msg("Triangles are towers, squares are homes. Drag a tower and see who it reaches while you move it."),
            lambda: window.regions.map_region,
        ),
        Step(
            msg("What is selected"),
            msg("Click anything: here it is told in words. The numbers for an engineer are folded away."),
            lambda: window.regions.side,
        ),
        Step(
            msg("Is there a way?"),
            msg("Take the link tool, drag from one place to any other, and see what stands between them."),
            lambda: window.regions.tools,
        ),
        Step(
            msg("Nothing is lost"),
            msg("Every step can be undone, also tomorrow. Try things in a second scenario, and compare."),
            lambda: window.top,
        ),
    ]


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gpkg").removesuffix(".cnplan")
