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
    whole : bool
        Whether the panels of all kinds are made at once; else each when it is first asked for, or by `make_next`.
    """

    def __init__(
        self,
        state: AppState,
        settings: Settings,
        context: PanelContext | None = None,
        parent: QWidget | None = None,
        *,
        whole: bool = True,
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
        self._whole = whole
        self._panels: dict[str, ThingPanel[Any]] = {}
        self._pages: dict[str, ScrollColumn] = {}
        self._fill()
        state.selectionChanged.connect(lambda _selection: self.show_selected())
        state.planChanged.connect(lambda _changes: self.show_selected())
        state.projectChanged.connect(self.show_selected)
        settings.changed.connect(self._settings_changed)  # they outlive a panel: Qt forgets a method with its object
        WORDS.changed.connect(self._fill)

    def __getitem__(self, kind: str) -> Any:
        """Return the panel of a kind of things."""
        if kind not in self._panels:
            self._panels[kind] = resolve_name(THINGS[kind].panel)(self.context)
            self._add(kind, self._panels[kind])
        return self._panels[kind]

    def make_next(self) -> bool:
        """Make the panel of a kind that nobody has asked for yet; return whether there was one."""
        kind = next((one for one in THINGS if one not in self._panels), None)
        if kind is not None:
            _ = self[kind]
        return kind is not None

    def _add(self, kind: str, panel: QWidget) -> None:
        self._pages[kind] = ScrollColumn(panel, msg("Details"), self._stack)
        self._stack.addWidget(self._pages[kind])

    def _fill(self) -> None:
        """Make the panels anew, in the language of the moment."""
        if not isValid(self.context):
            return  # of a window that was closed: its panels go when the event loop comes to them
        self._outer.removeWidget(self._stack)
        self._stack.hide()
        self._stack.deleteLater()
        self._stack = QStackedWidget(self)
        self.overview = OverviewPanel(self.context)
        made = THINGS if self._whole else self._panels  # those that were there come in the new language at once
        self._pages, self._panels = {}, {}
        self._add("", self.overview)
        for kind in made:
            _ = self[kind]
        self._outer.addWidget(self._stack)
        self.show_selected()

    def ask(self, field: str) -> None:
        """Put the keyboard where a field of what is selected is filled in."""
        selection = self.state.selection
        if selection is not None and selection.kind in THINGS:
            self[selection.kind].ask(field)

    def _settings_changed(self, _key: str) -> None:
        self.show_selected()

    def show_selected(self) -> None:
        """Show what is selected now."""
        selection = self.state.selection
        kind = selection.kind if selection is not None and selection.kind in THINGS else ""
        panel = self[kind] if kind else None
        if self._stack.currentWidget() is not self._pages[kind]:
            self._stack.setCurrentWidget(self._pages[kind])
            self._pages[kind].verticalScrollBar().setValue(0)
        if panel is None or selection is None:
            self.overview.show_plan()
        else:
            panel.show_thing(selection.id)
