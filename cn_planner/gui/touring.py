"""The tour within its window: where it stands, what it follows, where it is taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect

from cn_planner.gui.tour import Tour
from cn_planner.gui.tour_steps import TOUR_STEPS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.messages import MessageStack
    from cn_planner.gui.regions import Regions
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.sidebar import Sidebar
    from cn_planner.gui.start import StartPage
    from cn_planner.gui.state import AppState
    from cn_planner.model.plan import Plan


class Touring(QObject):
    """Begins the tour, lets it follow the plan, and remembers where it was left."""

    def __init__(
        self, window: QWidget, state: AppState, settings: Settings, sidebar: Sidebar, start: StartPage,
        regions: Regions, messages: MessageStack,
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._window, self._state, self._settings = window, state, settings
        self._sidebar, self._start, self._regions = sidebar, start, regions
        self.tour: Tour | None = None
        self._writes = False
        self._messages = messages
        messages.taken = self._taken

    def _taken(self) -> QRect:
        """Return where the note stands, as the messages count: they stand beside it."""
        tour, region = self.tour, self._messages.parentWidget()
        if tour is None or region is None or not tour.isVisible():
            return QRect()
        return QRect(region.mapFrom(self._window, tour.pos()), tour.size())

    def begin(self) -> None:
        """Begin the tour, or take it up where it was left; the keys are there then."""
        if self.tour is None:
            self.tour = Tour(
                self._window, self._stood_beside, self._stands, self._settings.get("tour_at"), self._regions.tools
            )
            self.tour.left.connect(self._left)
            self.tour.shown.connect(self._sidebar.choose)
            self.tour.placed.connect(self._messages.arrange)
            self._messages.arrange()
            if self.tour.at >= 0:
                self._sidebar.choose(TOUR_STEPS[self.tour.at].key)
        self.tour.take_keys()

    def follow(self) -> None:
        """Look what is done by now."""
        if self.tour is not None:
            self.tour.follow()

    def follow_writing(self) -> None:
        """Look again once papers were written."""
        writes = any(job.key == "export" for job in self._state.jobs.active())
        if self._writes and not writes:
            self.follow()
        self._writes = writes

    def leave(self) -> None:
        """End it, as the window does; it is taken up where it was."""
        if self.tour is not None:
            self.tour.leave()

    def _stood_beside(self, key: str) -> QWidget:
        return self._sidebar.item(key) if key and self._state.project is not None else self._start.first

    def _stands(self) -> tuple[Plan | None, bool]:
        project = self._state.project
        return (None, False) if project is None else (project.plan, bool(project.versions()))

    def _left(self, at: int) -> None:
        self.tour = None
        self._messages.arrange()
        self._settings.set("tour_seen", True)
        self._settings.set("tour_at", max(at, 0))
        self._start.refresh()  # its button says so
        if self._state.project is not None:
            self._regions.focus()  # else the keys fall to whatever comes next
