"""The window: its regions, and how they share the room and the plan.

From the leading edge: the sidebar, the map with the profile below it, the side panel; the top bar, the status bar.
"""

from __future__ import annotations

import platform
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QByteArray, QEvent, QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QWidget

from cn_planner.gui import icons, regions, theme, words
from cn_planner.gui.actions import Actions
from cn_planner.gui.commands import Commands
from cn_planner.gui.dialogs.dialog import FILE_FOLDERS
from cn_planner.gui.dialogs.new_plan import local_files
from cn_planner.gui.figures import figures_shown, online, scenario_tabs
from cn_planner.gui.intake import Intake
from cn_planner.gui.kinds import HOUSEHOLD, LINK, SITE, thing_of_id
from cn_planner.gui.messages import MessageStack
from cn_planner.gui.overview import next_task, tasks, with_proposal, with_saving
from cn_planner.gui.panels.parts import fill_box, hbox, vbox
from cn_planner.gui.problems import remedy_of_error
from cn_planner.gui.quantities import Quantities
from cn_planner.gui.settings import chosen_language
from cn_planner.gui.sidebar import RailShape, Sidebar
from cn_planner.gui.start import StartPage
from cn_planner.gui.status_bar import StatusBar
from cn_planner.gui.topbar import TopBar
from cn_planner.gui.touring import Touring
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.village import Village
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent

    from cn_planner.gui.ground_flow import GroundFlow
    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.palette import Palette
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.gui.tour import Tour
    from cn_planner.gui.values import Offer
    from cn_planner.model.history import Change

NARROW_PX, TIGHT_PX, LOW_PX = 1360, 1000, 800
"""Under these, at letters of 100 %, the sidebar says one state alone, then folds; and the profile takes less height."""
_SIDE_PX, _SIDE_NARROW_PX, _PROFILE_PX, _PROFILE_LOW_PX = 376, 344, 264, 240
_PROFILE_SHARE = 0.4
_SIDE_SHARE, _SIDE_MOST = 0.42, 0.43  # of the window: no more has the side panel by itself, with any letters
_LEAST = QSize(800, 560)  # on a screen of fewer points as large as that


class MainWindow(QMainWindow):
    """The window.

    Parameters
    ----------
    state : AppState
        Shut down with the window.
    settings : Settings
    """

    def __init__(self, state: AppState, settings: Settings) -> None:
        super().__init__()
        self.state, self.settings = state, settings
        for one in (state, settings):  # what listens to them holds them: but for this it would never be let go
            one.setParent(self)
        self.quantities = Quantities(settings)
        FILE_FOLDERS.use(settings)
        self._read_units("units")
        settings.changed.connect(self._read_units)  # before all who say lengths anew
        self.setWindowIcon(icons.app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(_LEAST.boundedTo(self.screen().availableSize()))
        self.intake = Intake(state)
        self.regions = regions.Regions(state, settings, self)
        self.flow: GroundFlow | None = None
        self.palette_of_all: Palette | None = None
        self.do = Actions(self, state, settings, self.quantities, self.intake, self.regions, self.say)
        self.commands = Commands(self, self.do)
        self.village = Village(state, settings)
        self.sidebar = Sidebar(self.village)
        self.sidebar.setObjectName("sidebar")
        self.sidebar.asked.connect(self.do)
        self.top = TopBar(self.commands["undo"], self.commands["redo"], self.commands["share"])
        self.status_bar = StatusBar(settings)
        self.start = StartPage(settings)
        self.start.asked.connect(self.do)
        self.start.opened.connect(state.open)
        self.regions.tools.asked.connect(self.do)
        self.regions.context.asked.connect(self.do)
        self.regions.profile.asked.connect(self.do)
        # On the map alone: elsewhere the key deletes letters or rows.
        erase = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.regions.canvas)
        erase.setContext(Qt.ShortcutContext.WidgetShortcut)
        erase.activated.connect(lambda: self.do("delete"))
        self._build()
        self.messages = MessageStack(self._pages, self.regions.map_region)
        self.touring = Touring(self, state, settings, self.sidebar, self.start, self.regions, self.messages)
        self._wire()
        self._add_acts()
        self._counting = False
        self._fold_wish: bool | None = None
        self._profile_wished, self._profile_shut = False, frozenset[object]()
        self._fitted: tuple[bool, bool, float] | None = None
        self.resize(1440, 900)
        self.commands["online_map"].setChecked(settings.get("online_map"))
        self._restore()
        self._retitle()
        self._project_changed()

    def _add_acts(self) -> None:
        """Tell what only the window itself can do."""

        def switch(show: Callable[[bool], None], key: str) -> Callable[[], None]:
            return lambda: show(self.commands[key].isChecked())

        self.do.add(
            {
                "get_area": lambda: self.show_area(True),
                "ground": lambda: self.show_ground(True),
                "answer": lambda: self.ask_village(""),
                "show_sidebar": switch(self.fold_sidebar, "show_sidebar"),
                "show_side": switch(self.show_side, "show_side"),
                "show_profile": switch(self.wish_profile, "show_profile"),
                "show_tables": switch(self.show_tables, "show_tables"),
                "show_layers": switch(self.show_layers, "show_layers"),
                "show_3d": switch(self.show_3d, "show_3d"),
                "online_map": self._switch_online,
                "full_screen": lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen(),
                "new_scenario": self.top.ask_new,
                "tour": self.touring.begin,
                "palette": self.open_palette,
                "copy_report": self._copy_report,
            },
            {
                "answer": self.ask_village,
                "tool": self.regions.take_tool,
                "see_3d": lambda key: self.show_3d(True, thing_of_id(self.state.plan, key)),
            },
        )

    def _read_units(self, key: str) -> None:
        if key == "units":
            words.WORDS.imperial = self.settings.get("units") == "imperial"

    # Building

    def _build(self) -> None:
        # From the outside inwards: Qt styles all that is within a widget anew each time that it gets another parent.
        central = QWidget()
        self.setCentralWidget(central)
        line = hbox(gap=0)
        lines = vbox(self.top, (line, 1), on=central, gap=0)
        line.addWidget(self.sidebar)
        self._sidebar_line = QWidget()
        self._sidebar_line.setFixedWidth(1)
        theme.mark(self._sidebar_line, "line")
        self._pages = QStackedWidget()
        self._pages.setAccessibleName(tr(msg("Work area")))
        fill_box(line, self._sidebar_line, (self._pages, 1))
        self._profile_splitter = QSplitter(Qt.Orientation.Vertical)
        self._side_splitter = QSplitter(Qt.Orientation.Horizontal)
        for one in (self._profile_splitter, self._side_splitter):
            one.setChildrenCollapsible(False)
            one.setHandleWidth(1)
        self._pages.addWidget(self.start)
        self._pages.addWidget(self._profile_splitter)
        self._profile_splitter.addWidget(self._side_splitter)
        self._side_splitter.addWidget(self.regions.map_side)
        self._side_splitter.addWidget(self.regions.side)
        self._side_splitter.setStretchFactor(0, 1)
        self._profile_splitter.addWidget(self.regions.bottom)
        self._profile_splitter.setStretchFactor(0, 1)
        lines.addWidget(self.status_bar)  # last for the Tab key as well

    def _wire(self) -> None:
        state = self.state
        state.projectChanged.connect(self._project_changed)
        state.planChanged.connect(self._plan_changed)
        state.serviceChanged.connect(lambda _: self._show_overview())
        state.scenariosChanged.connect(self._show_scenarios)
        state.proposals.changed.connect(self._proposed)
        state.jobsChanged.connect(self._jobs_changed)
        state.message.connect(self.say)
        state.pathChanged.connect(self._path_changed)
        state.selectionChanged.connect(self._selected)
        self.status_bar.cancelled.connect(state.cancel)
        self.status_bar.data_asked.connect(lambda: self.do("data"))
        self.top.switched.connect(state.switch_scenario)
        self.top.added.connect(state.new_scenario)
        self.top.renamed.connect(state.rename_scenario)
        self.top.deleted.connect(state.delete_scenario)
        self.settings.changed.connect(self._setting_changed)
        words.WORDS.changed.connect(self._retitle)
        self.regions.place_moved.connect(self._place_moved)
        self.regions.in_hand.counted.connect(self._show_figures)
        self.regions.context.linksChanged.connect(self._show_figures)
        self.regions.binding.onlineAsked.connect(self._ask_online)
        self.intake.finished.connect(self.regions.show_all)
        self.intake.doubtful.connect(self.do.ask_of_ground)

    @property
    def tour(self) -> Tour | None:
        """The tour, where somebody takes it."""
        return self.touring.tour

    # What is said

    def say(self, notice: Notice, action: Offer | None = None) -> Callable[[], object]:
        """Show a notice over the map, with what can be done about it at once; returns what takes it away."""
        helps = remedy_of_error(notice.what, notice.where) if action is None else None
        if helps is not None:
            action = (helps[0], lambda: self.do(helps[1]))
        return self.messages.say(notice, action).withdraw

    def _switch_online(self) -> None:
        if self.settings.get("online_map"):
            self.settings.set("online_map", False)
        else:
            self.commands["online_map"].setChecked(False)
            self._ask_online()

    def _ask_online(self) -> None:
        """Ask before anything is loaded from the Internet."""
        self.say(
            Notice(
                Level.WARNING,
                msg("Pictures of a map would be loaded from the Internet."),
                self.settings.get("online_address"),
                msg("That server then sees which place you look at. The terrain of the plan needs no Internet."),
            ),
            (msg("Load them"), lambda: self.settings.set("online_map", True)),
        )

    def _retitle(self) -> None:
        """Say everything anew, from the edge where the language begins."""
        QGuiApplication.setLayoutDirection(words.layout_direction())
        self.commands.retitle()
        self.top.retitle()
        self.status_bar.retitle()
        self.start.refresh()
        self.village.retitle()
        self.regions.retitle()
        self.messages.retitle()
        self._show_title()
        self._show_scenarios()
        self._show_saved()
        self._plan_changed(())

    def _show_title(self) -> None:
        project = self.state.project
        name = (project.plan.info.name or project.path.stem) if project is not None else "CN Planner"
        self.setWindowTitle(f"{name} – CN Planner" if project is not None else name)
        self.top.show_title(name)

    # What changes

    def _project_changed(self) -> None:
        project = self.state.project
        self.commands.allow(plan=project is not None)
        self.sidebar.setVisible(project is not None)
        self._sidebar_line.setVisible(project is not None)
        self._pages.setCurrentIndex(0 if project is None else 1)
        self.messages.clear()
        if project is not None:
            self.settings.remember_plan(project.path)
        else:
            self.start.refresh()
            self.start.begin()
        self.commands.show_recent(self.settings.get("recent"), self.state.open)
        self._show_title()
        self._show_saved()
        self._plan_changed(())
        self._show_scenarios()
        self.fit()
        if project is not None:
            # Once the regions have their sizes: the map fits the plan to its own.
            QTimer.singleShot(0, self, lambda: self.regions.canvas.show_all(animated=False))
            self.regions.canvas.setFocus()
            plan = project.plan
            self.show_ground(not (plan.terrain or plan.households or plan.sites))
            if not self.settings.get("tour_seen"):
                self.touring.begin()
        self.touring.follow()

    def _plan_changed(self, changes: Sequence[Change]) -> None:
        project = self.state.project
        undo, redo = self.state.undo_label, self.state.redo_label
        can = project is not None and not project.read_only
        self.commands["undo"].setText(tr(msg("Undo") if undo is None else msg("Undo: {what}", what=undo)))
        self.commands["redo"].setText(tr(msg("Redo") if redo is None else msg("Redo: {what}", what=redo)))
        for key, label in sorted((("undo", undo), ("redo", redo)), key=lambda one: one[1] is None):
            self.commands[key].setEnabled(can and label is not None)  # what can be done first: the keys go there
        if changes:
            if any(one.part in {"scenarios", "info"} for one in changes):
                self._show_scenarios()
            self._show_saved()
            self._show_title()
        self._show_data()
        self._show_overview()
        self.touring.follow()

    def _selected(self, one: Thing | None) -> None:
        """Let what is selected have the side panel."""
        if one is not None and not self.regions.keeps_proposal(one):
            self.show_area(False)
            self.show_ground(False)
            self.show_layers(False)

    def _proposed(self) -> None:
        if self.state.proposals.shown:
            self.show_side(True)
            if self.low:  # what changes is read in the panel, which stands beside the map alone
                self.show_tables(False)
        self._show_overview()

    def _jobs_changed(self) -> None:
        self.status_bar.show_jobs(self.state.jobs.active())
        self.touring.follow_writing()
        if self._counting != self.state.counting:
            self._show_overview()

    def _show_overview(self) -> None:
        plan = self.state.plan if self.state.project is not None else None
        service, served = self.state.computed.service, None
        if (
            service is not None and plan is not None and len(service.homes.ids) == len(plan.households)
            and any(site.in_network for site in plan.sites.values())
        ):  # fmt: skip
            served = frozenset(service.homes.ids[n] for n in service.reached(plan).nonzero()[0].tolist())
        self._counting = self.state.counting
        all_tasks = tasks(plan, self.quantities, served, counting=self._counting, online=online(self.state))
        waits = self.state.proposals
        suggested = next_task(all_tasks)
        if waits.now is not None and waits.shown:
            won, lost = (waits.now.weight(homes) for homes in (waits.now.won, waits.now.lost))
            all_tasks, suggested = with_proposal(all_tasks, won, lost), "connect"
        elif (saving := waits.saving_words) is not None:
            all_tasks = with_saving(all_tasks, saving)
        self.sidebar.show_tasks(all_tasks, suggested)
        self._show_figures()

    def _show_scenarios(self) -> None:
        self.top.show_tabs(scenario_tabs(self.state))
        self._show_figures()

    def _show_figures(self) -> None:
        self.top.show_figures(figures_shown(self.state, self.regions.context.links))

    def _show_data(self) -> None:
        if self.state.project is None:
            self.status_bar.show_data(tr(msg("No plan is open")), "", holes=False)
            return
        short, long, holes = self.regions.data_words(self.quantities)
        self.status_bar.show_data(tr(short), long, holes=holes)

    def _show_saved(self) -> None:
        project = self.state.project
        if project is None:
            self.status_bar.show_saved("")
        elif project.read_only:
            self.status_bar.show_saved(tr(msg("Read only")))
        else:
            self.status_bar.show_saved(tr(msg("Saved {time}", time=f"{datetime.now().astimezone():%H:%M}")))

    def _place_moved(self, place: tuple[float, float, float | None] | None) -> None:
        self.status_bar.show_place(tr(self.quantities.place(*place)) if place is not None else "")

    def _path_changed(self, view: object) -> None:
        """Open the profile when there is a path to show; close it with the path where nobody asked for it."""
        if self.commands["show_tables"].isChecked():
            return
        if view is None or not self.regions.bottom.isVisible():
            self.show_profile(self._wants_profile)

    @property
    def _wants_profile(self) -> bool:
        crowded, path = self.low and self.state.proposals.shown, self.state.computed.path
        return self._profile_wished or (path is not None and path.between != self._profile_shut and not crowded)

    def wish_profile(self, shown: bool) -> None:
        """Open or close the profile because somebody asked for it: closed, it waits for another path."""
        path = self.state.computed.path
        self._profile_wished, self._profile_shut = shown, frozenset() if shown or path is None else path.between
        self.show_profile(shown)

    def _setting_changed(self, key: str) -> None:
        if key == "language":
            words.set_language(chosen_language(self.settings))
        elif key in {"look", "text_percent"}:
            theme.apply_look(self.settings.get("look"), float(self.settings.get("text_percent")))
            self._retitle()
            self.fit()
        elif key == "online_map":
            self.commands["online_map"].setChecked(self.settings.get("online_map"))
        if key in {"units", "coordinates", "language"}:
            self.status_bar.retitle()
            self.village.retitle()
            self._plan_changed(())
        if key == "recent":
            self.commands.show_recent(self.settings.get("recent"), self.state.open)

    # Room

    @property
    def low(self) -> bool:
        """Whether the window is too low for the profile at its full height."""
        return self.height() < theme.px(LOW_PX)

    def fold_sidebar(self, folded: bool) -> None:
        """Fold the sidebar to icons, or not, whatever the width."""
        self._fold_wish = folded
        self.fit()

    def show_profile(self, shown: bool) -> None:
        """Open or close the profile."""
        if shown:
            self.regions.show_tables(False)
            self.commands["show_tables"].setChecked(False)
        self.regions.bottom.setVisible(shown or self.commands["show_tables"].isChecked())
        self.commands["show_profile"].setChecked(shown)

    def show_side(self, shown: bool) -> None:
        """Open or close the side panel."""
        self.regions.side.setVisible(shown)
        self.commands["show_side"].setChecked(shown)

    def show_tables(self, shown: bool) -> None:
        """Open or close the tables."""
        self.regions.show_tables(shown)
        self.commands["show_tables"].setChecked(shown)
        if not shown:
            self.show_profile(self._wants_profile)
        else:
            self.commands["show_profile"].setChecked(False)
            self.regions.bottom.setVisible(True)

    def show_layers(self, shown: bool) -> None:
        """Open or close the list of layers with their legend."""
        self.regions.show_layers(shown)
        if shown:
            self.show_side(True)
        self.commands["show_layers"].setChecked(shown)

    def show_3d(self, shown: bool, thing: Thing | None = None) -> None:
        """Show the ground in three dimensions in the map's place, or the map again; at what is selected."""
        fresh = self.regions.view3d is None
        selected = self.state.selection
        if thing is None and selected is not None and selected.kind in (SITE, HOUSEHOLD, LINK):
            thing = selected
        view = self.regions.show_3d(shown, thing if shown else None)
        if fresh and view is not None:
            view.closed.connect(lambda: self.show_3d(False))
        self.commands["show_3d"].setChecked(shown)

    def show_area(self, shown: bool) -> None:
        """Open or close what gets data for an area."""
        self.regions.show_area(shown, self.quantities)
        if shown:
            self.show_side(True)

    def _make_ground(self) -> QWidget:
        from cn_planner.gui.ground_flow import GroundFlow
        from cn_planner.gui.panels.ground import GroundPanel

        state, canvas = self.state, self.regions.canvas
        self.flow = GroundFlow(state, self.settings, self.intake, canvas.content, self)
        panel = GroundPanel(self.flow, state, canvas, self.quantities, self.do, lambda: self.show_ground(False))
        panel.kept.connect(lambda: self.show_ground(True))
        return panel

    def show_ground(self, shown: bool) -> None:
        """Open or close the four answers that a new plan begins with."""
        self.regions.show_ground(shown, self._make_ground)
        if shown:
            self.show_side(True)
            if self.flow is not None:
                self.flow.show_borders()
                self.flow.look_for_packs()

    def ask_village(self, answer: str) -> None:
        """Put the cursor where the next question, or one of a kind, is answered."""
        if self.sidebar.folded:
            self.fold_sidebar(False)
        if answer:
            self.village.ask(answer)
        self.village.focus_answer()

    def fit(self) -> None:
        """Share the room: sidebar, side panel and profile take less of it where the window is small."""
        narrow, tight = (self.width() < theme.px(least) for least in (NARROW_PX, TIGHT_PX))
        folded = tight if self._fold_wish is None else self._fold_wish
        shape = RailShape.FOLDED if folded else RailShape.SLIM if narrow else RailShape.WIDE
        if shape is not self.sidebar.shape:
            self.sidebar.take_shape(shape)
        self.commands["show_sidebar"].setChecked(folded)
        self.regions.take_room(self.size())
        if self._fitted != (narrow, self.low, theme.scale()):
            self._fitted = narrow, self.low, theme.scale()
            least = _SIDE_NARROW_PX if narrow else _SIDE_PX
            least = min(least, round(_SIDE_MOST * self.width()))
            side = max(least, min(theme.px(least), round(_SIDE_SHARE * self.width())))  # larger letters want more
            self._side_splitter.setSizes([max(1, self.width() - self.sidebar.width() - side), side])
            profile = min(theme.px(_PROFILE_LOW_PX if self.low else _PROFILE_PX), round(_PROFILE_SHARE * self.height()))
            self._profile_splitter.setSizes([self.height() - profile, profile])
            if not self.commands["show_tables"].isChecked():
                self.show_profile(self._wants_profile)
            self.show_side(True)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the room anew."""
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that the window was drawn for."""
        return QSize(1440, 900)

    def _restore(self) -> None:
        text = self.settings.get("geometry")
        if text:
            self.restoreGeometry(QByteArray.fromBase64(text.encode("ascii", "ignore")))

    # Files dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take the files that were dropped, once the program they come from is let go."""
        files = local_files(event.mimeData())
        event.acceptProposedAction()
        QTimer.singleShot(0, self, lambda: self.do.take_files(files))

    # Help

    def open_palette(self) -> None:
        """Show the list of everything that can be done or gone to; made when first asked for."""
        if self.palette_of_all is None:
            from cn_planner.gui.palette import Palette

            self.palette_of_all = Palette(self, self.state, self.regions, self.commands, self.do)
        self.palette_of_all.open()

    def report(self) -> str:
        """Return what those who help need to know of this window. Nothing of the plan is in it."""
        plan, screen = self.state.plan, QGuiApplication.primaryScreen().size()
        lines = [
            f"CN Planner {__version__}, PySide6 {pyside_version}, Python {platform.python_version()}",
            platform.platform(),
            f"Screen {screen.width()} x {screen.height()} at {self.devicePixelRatioF():g}",
            f"Window {self.width()} x {self.height()}, look {theme.current().name}, language {words.language()}",
            f"Plan: {len(plan.sites)} sites, {len(plan.households)} homes, {len(plan.terrain)} terrain files",
            *(f"Job: {job.title.key} ({job.state.value}, {job.fraction:.0%})" for job in self.state.jobs.active()),
            *(card.notice.details or card.notice.what.key for card in self.messages.cards),
        ]
        return "\n".join(lines)

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self.say(Notice(Level.INFO, msg("The report is copied. Paste it into a message.")))

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Keep what the window remembers, go out of sight, and end every thread: that may take as long as a step."""
        self.settings.set("geometry", bytes(self.saveGeometry().toBase64().data()).decode("ascii"))
        self.settings.sync()
        self.hide()
        QGuiApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)  # else it is seen still
        self.shutdown()
        super().closeEvent(event)

    def shutdown(self) -> None:
        """End jobs, timers and threads."""
        self.do.close()
        self.touring.leave()
        self.messages.clear()
        self.regions.shutdown()
        self.state.shutdown()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Keep the mark of the full screen true."""
        if event.type() == QEvent.Type.WindowStateChange and hasattr(self, "commands"):
            self.commands["full_screen"].setChecked(self.isFullScreen())
        super().changeEvent(event)
