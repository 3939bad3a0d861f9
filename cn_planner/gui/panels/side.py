"""The side panel: what is selected, or the plan as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from cn_planner.gui import theme
from cn_planner.gui.map.things import SEVERAL
from cn_planner.gui.panels.home import HomePanel
from cn_planner.gui.panels.link import LinkPanel
from cn_planner.gui.panels.obstacle import ObstaclePanel
from cn_planner.gui.panels.overview import OverviewPanel
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.several import SeveralPanel
from cn_planner.gui.panels.site import SitePanel
from cn_planner.gui.panels.suggestions import SuggestionPanel
from cn_planner.gui.panels.zone import ZonePanel
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import WORDS, tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState


class SidePanel(QFrame):
    """Shows the thing that is selected, in words first.

    Parameters
    ----------
    state : AppState
    settings : Settings
    context : PanelContext, optional
        That of other panels, so that nothing is computed twice.
    """

    def __init__(
        self, state: AppState, settings: Settings, context: PanelContext | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        theme.mark(self, "panel")
        self.setAccessibleName(tr(msg("Details of what is selected")))
        self.state = state
        self.context = context if context is not None else PanelContext(state, settings, self)
        self.setMinimumWidth(288)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._stack: QStackedWidget | None = None
        self._fill()
        state.selectionChanged.connect(lambda _selection: self.show_selected())
        state.planChanged.connect(lambda _changes: self.show_selected())
        state.projectChanged.connect(self.show_selected)
        settings.changed.connect(lambda _key: self.show_selected())
        WORDS.changed.connect(self._fill)

    def _fill(self) -> None:
        """Make the panels, in the language of the moment."""
        if not isValid(self.context):
            return  # of a window that was closed: its panels go when the event loop comes to them
        if self._stack is not None:
            self.layout().removeWidget(self._stack)
            self._stack.hide()
            self._stack.deleteLater()
        self._stack = QStackedWidget(self)
        self.overview = OverviewPanel(self.context)
        self.site, self.home = SitePanel(self.context), HomePanel(self.context)
        self.link, self.zone = LinkPanel(self.context), ZonePanel(self.context)
        self.obstacle, self.several = ObstaclePanel(self.context), SeveralPanel(self.context)
        self.suggestion = SuggestionPanel(self.context)
        self._pages = {}
        for kind, panel in (
            ("", self.overview), ("site", self.site), ("household", self.home), ("link", self.link),
            ("zone", self.zone), ("obstacle", self.obstacle), ("suggestion", self.suggestion),
            (SEVERAL, self.several),
        ):  # fmt: skip
            self._pages[kind] = _scrolled(panel, self._stack)
            self._stack.addWidget(self._pages[kind])
        self.layout().addWidget(self._stack)
        self.show_selected()

    def ask(self, field: str) -> None:
        """Put the keyboard where a field of the site that is selected is filled in."""
        if self._stack is not None and self._stack.currentWidget() is self._pages["site"]:
            self.site.ask(field)

    def show_selected(self) -> None:
        """Show what is selected now."""
        selection = self.state.selection
        kind = selection.kind if selection is not None and selection.kind in self._pages else ""
        assert self._stack is not None  # noqa: S101 - for the type checker
        if self._stack.currentWidget() is not self._pages[kind]:
            self._stack.setCurrentWidget(self._pages[kind])
            self._pages[kind].verticalScrollBar().setValue(0)
        if kind == "" or selection is None:
            self.overview.show_plan()
            return
        show: dict[str, Any] = {
            "site": self.site.show_site, "household": self.home.show_home, "link": self.link.show_link,
            "zone": self.zone.show_zone, "obstacle": self.obstacle.show_obstacle,
            "suggestion": self.suggestion.show_suggestion, SEVERAL: self.several.show_several,
        }  # fmt: skip
        show[kind](selection.id)


def _scrolled(panel: QWidget, parent: QWidget) -> ScrollColumn:
    panel.layout().setContentsMargins(16, 16, 16, 16)
    area = ScrollColumn(panel, parent)
    area.setAccessibleName(tr(msg("Details")))
    return area
