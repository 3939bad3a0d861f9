"""The bar at the top: the plan's name, its scenarios as tabs, the figures that compare them, Undo, Redo, Share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from cn_planner.gui import icons, theme
from cn_planner.gui.dialogs.dialog import ask_text
from cn_planner.gui.panels.parts import STRETCH, BoxStretch, Elided, empty, hbox, menu_of, offer, vbox
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QResizeEvent


_TITLE_PX, _TITLE_LEAST_PX = 248, 96
_LEAST_PX = 320


@dataclass(frozen=True, slots=True)
class BarFigure:
    """One figure of the comparing bar: its name, its value, and a symbol with a role where it is a state."""

    name: Message
    value: str
    role: str = ""
    sign: str = ""
    explained: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One scenario: its id, its name, whether it is the one shown, and its figures in a line for comparing."""

    key: str
    name: str
    current: bool
    line: str = ""


class _FigureView(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._name, self._value = QLabel(), QLabel()
        theme.mark(self._name, "label")
        vbox(STRETCH, self._name, self._value, STRETCH, on=self, gap=0)

    def show_figure(self, figure: BarFigure) -> None:
        self._name.setText(tr(figure.name))
        self._value.setText(f"{figure.sign} {figure.value}".strip())
        theme.mark(self._value, figure.role or "value")
        self.setAccessibleName(f"{tr(figure.name)}: {figure.value}")
        self.setToolTip(figure.explained)


class TopBar(QFrame):
    """The bar."""

    switched = Signal(str)
    renamed = Signal(str, str)
    deleted = Signal(str)
    added = Signal(str)
    """Scenarios: the id, and a name."""

    def __init__(self, undo: QAction, redo: QAction, share: QAction) -> None:
        super().__init__()
        theme.mark(self, "topbar")
        self.setAccessibleName(tr(msg("Scenarios and figures")))
        self._title = Elided("", "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._tabs = hbox()
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._add = QToolButton()
        self._add.setIcon(icons.icon("plus"))
        theme.mark(self._add, "quiet")
        self._add.clicked.connect(self.ask_new)
        self._figures = hbox(gap=24)
        line = hbox(
            self._title, 8, self._tabs, self._add, 16, self._figures, BoxStretch(3), on=self, margin=(16, 0, 16, 0)
        )
        self._undo, self._redo = QPushButton(), QPushButton()
        self._buttons = ((self._undo, undo, "undo"), (self._redo, redo, "redo"))
        for made, action, name in self._buttons:
            made.setIcon(icons.icon(name))
            theme.mark(made, "quiet")
            made.clicked.connect(action.trigger)
            action.changed.connect(self._follow_actions)
            line.addWidget(made)
        self._share = QPushButton()
        self._share.setIcon(icons.icon("share", "action_text"))
        theme.mark(self._share, "primary")
        self._share.clicked.connect(share.trigger)
        self._share_action = share
        share.changed.connect(self._follow_actions)
        line.addWidget(self._share)
        self._views: list[_FigureView] = []
        self._shown_tabs: list[Tab] = []
        self._buttons_of_tabs: list[QPushButton] = []
        self._current, self._folded = 0, False
        self._wanted = 0
        self.retitle()

    def retitle(self) -> None:
        """Say everything anew in the window's language, as large as letters are now."""
        self.setFixedHeight(theme.px(56))
        self._add.setIconSize(QSize(theme.px(16), theme.px(16)))
        words = tr(msg("New scenario: a copy of this one to try something in"))
        self._add.setToolTip(words)
        self._add.setAccessibleName(words)
        self._share.setAccessibleName(tr(msg("Share")))
        self._follow_actions()
        self._fit()

    def _follow_actions(self) -> None:
        for made, action, _ in self._buttons:
            other = self._redo if made is self._undo else self._undo
            if made.hasFocus() and not action.isEnabled() and other.isEnabled():
                other.setFocus(Qt.FocusReason.OtherFocusReason)  # else Qt has the keys go on to what shares the plan
            made.setEnabled(action.isEnabled())
            made.setToolTip(action.text().replace("&", ""))
            made.setAccessibleName(action.text().replace("&", ""))
        self._share.setEnabled(self._share_action.isEnabled())

    def show_title(self, name: str) -> None:
        """Show the plan's name."""
        self._title.say(name)
        self._fit()

    def show_tabs(self, tabs: list[Tab]) -> None:
        """Show the scenarios."""
        empty(self._tabs)
        self._buttons_of_tabs = []
        for tab in tabs:
            made = QPushButton(_short(tab.name))
            made.setCheckable(True)
            made.setChecked(tab.current)
            made.setToolTip(f"{tab.name}\n{tab.line}".strip())
            made.setAccessibleName(tr(msg("Scenario {name}", name=tab.name)))
            made.setAccessibleDescription(tab.line)
            theme.mark(made, "quiet")
            made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            made.customContextMenuRequested.connect(lambda _, tab=tab, made=made: self._tab_menu(tab, made))
            made.clicked.connect(lambda _=False, tab=tab, made=made: self._tab_clicked(tab, made))
            self._group.addButton(made)
            self._tabs.addWidget(made)
            self._buttons_of_tabs.append(made)
        self._add.setVisible(bool(tabs))
        self._current = next((number for number, tab in enumerate(tabs) if tab.current), 0)
        self._shown_tabs = tabs
        # What is made later comes last of the whole window: after the bar's last, then the others after it, in turn.
        rest = self._add, self._undo, self._redo, self._share
        for one, following in pairwise([self._share, *self._buttons_of_tabs, *rest]):
            self.setTabOrder(one, following)
        self._fit()

    def _tab_clicked(self, tab: Tab, made: QPushButton) -> None:
        if tab.current:
            self._tab_menu(tab, made)
        else:
            self.switched.emit(tab.key)

    def _go(self, tab: Tab) -> None:
        if not tab.current:
            self.switched.emit(tab.key)

    def _tab_menu(self, tab: Tab, made: QPushButton) -> None:
        made.setChecked(tab.current)
        menu = menu_of(self, msg("Scenario {name}", name=tab.name))
        if self._folded:
            for other in self._shown_tabs:
                offer(menu, other.name, partial(self._go, other), chosen=other.current)
            menu.addSeparator()
        offer(menu, msg("Rename…"), lambda: self._ask_name(tab))
        offer(menu, msg("Delete"), lambda: self.deleted.emit(tab.key)).setEnabled(not tab.current)
        menu.popup(made.mapToGlobal(QPoint(0, made.height())))

    def _ask_name(self, tab: Tab) -> None:
        def act(name: str) -> None:
            self.renamed.emit(tab.key, name)

        ask_text(self, msg("Rename the scenario"), msg("Name"), msg("Rename"), act, text=tab.name).show()

    def ask_new(self) -> None:
        """Ask for the name of a new scenario."""
        told, go = msg("New scenario: a copy of this one to try something in"), msg("Create scenario")
        ask_text(self, go, told, go, self.added.emit).show()

    def show_figures(self, figures: list[BarFigure]) -> None:
        """Show the figures of the scenario that is shown."""
        while len(self._views) < len(figures):
            view = _FigureView()
            self._views.append(view)
            self._figures.addWidget(view)
        self._wanted = len(figures)
        for view, figure in zip(self._views, figures, strict=False):
            view.show_figure(figure)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return what a small screen has: what finds no room is left out, or stands in the menu of the tab."""
        return QSize(_LEAST_PX, self.height())

    def _fit(self) -> None:
        """Leave out what there is no room for, the first figure last: figures stay in the tooltips of the tabs.

        Before it go the words of buttons whose sign says the same, and the end of the plan's name; after it the tabs
        of other scenarios, which stand in the menu of the one that is shown.
        """
        shown, tabs = self._views[: self._wanted], self._buttons_of_tabs
        self._take_words(words=True)
        title = min(self._title.sizeHint().width() + 2, theme.px(_TITLE_PX))
        self._title.setFixedWidth(title)

        def missing() -> int:
            return self._needed(shown, tabs) - self.width()

        while len(shown) > 1 and missing() > 0:
            shown.pop()
        if missing() > 0:
            self._take_words(words=False)
        if missing() > 0:
            self._title.setFixedWidth(max(title - missing(), min(title, theme.px(_TITLE_LEAST_PX))))
        if missing() > 0:
            shown = []
        self._folded = missing() > 0 and len(tabs) > 1
        if self._folded:
            tabs = [tabs[self._current]]
        for number, view in enumerate(self._views):
            view.setVisible(number < len(shown))
        for number, made in enumerate(self._buttons_of_tabs):
            made.setVisible(made in tabs)
            made.setText(_short(self._shown_tabs[number].name) + (" ▾" if self._folded else ""))

    def _take_words(self, *, words: bool) -> None:
        """Let the buttons say what they do beside their signs, or not."""
        for made, said in ((self._undo, msg("Undo")), (self._share, msg("Share"))):
            made.setText(tr(said) if words else "")
        self._share.setToolTip("" if words else tr(msg("Share")))

    def _needed(self, shown: list[_FigureView], tabs: list[QPushButton]) -> int:
        wide = sum(made.sizeHint().width() + 8 for made in tabs)
        rest = sum(one.sizeHint().width() + 8 for one in (self._add, self._undo, self._redo, self._share))
        return 32 + self._title.width() + 8 + wide + rest + 40 + sum(view.sizeHint().width() + 24 for view in shown)


def _short(name: str) -> str:
    return name if len(name) <= 24 else name[:23] + "…"
