"""The side panel: what is selected, or the plan as a whole."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from cn_planner.gui import theme
from cn_planner.gui.kinds import THINGS
from cn_planner.gui.panels.overview import OverviewPanel
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import WORDS, tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.panels.thing import ThingPanel
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
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget(self)
        self._panels: dict[str, ThingPanel[Any]] = {}
        self._fill()
        state.selectionChanged.connect(lambda _selection: self.show_selected())
        state.planChanged.connect(lambda _changes: self.show_selected())
        state.projectChanged.connect(self.show_selected)
        settings.changed.connect(self._settings_changed)  # they outlive a panel: Qt forgets a method with its object
        WORDS.changed.connect(self._fill)

    def __getitem__(self, kind: str) -> Any:
        """Return the panel of a kind of things."""
        return self._panels[kind]

    def _fill(self) -> None:
        """Make the panels, in the language of the moment."""
        if not isValid(self.context):
            return  # of a window that was closed: its panels go when the event loop comes to them
        self._outer.removeWidget(self._stack)
        self._stack.hide()
        self._stack.deleteLater()
        self._stack = QStackedWidget(self)
        self.overview = OverviewPanel(self.context)
        self._panels = {key: resolve_name(kind.panel)(self.context) for key, kind in THINGS.items()}
        self._pages = {key: _scrolled(one, self._stack) for key, one in [("", self.overview), *self._panels.items()]}
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._outer.addWidget(self._stack)
        self.show_selected()

    def ask(self, field: str) -> None:
        """Put the keyboard where a field of what is selected is filled in."""
        selection = self.state.selection
        if selection is not None and selection.kind in self._panels:
            self._panels[selection.kind].ask(field)

    def _settings_changed(self, _key: str) -> None:
        self.show_selected()

    def show_selected(self) -> None:
        """Show what is selected now."""
        selection = self.state.selection
        kind = selection.kind if selection is not None and selection.kind in self._panels else ""
        if self._stack.currentWidget() is not self._pages[kind]:
            self._stack.setCurrentWidget(self._pages[kind])
            self._pages[kind].verticalScrollBar().setValue(0)
        if kind == "" or selection is None:
            self.overview.show_plan()
        else:
            self._panels[kind].show_thing(selection.id)


def _scrolled(panel: QWidget, parent: QWidget) -> ScrollColumn:
    return ScrollColumn(panel, msg("Details"), parent)
