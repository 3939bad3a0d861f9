"""What could be built next: a list, the best first, and a card that asks: accept, reject, lock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels import plan_edits, sayings
from cn_planner.gui.panels.parts import Card, Section, button, column, label, row
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.gui.panels.desk import Desk
    from cn_planner.session.suggestions import Suggestion

_MOST = 20


def find(desk: Desk, key: str) -> Suggestion | None:
    """Return the suggestion of this id, or for this site, as it was found last."""
    return next((one for one in desk.state.computed.suggestions if key in (one.id, one.site)), None)


class SuggestionCard(QFrame):
    """One suggestion, for the map and for the panel: Accept, Reject, Lock."""

    closed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None, *, floating: bool = True) -> None:
        super().__init__(parent)
        self.desk = desk
        self.key = ""
        theme.mark(self, "float" if floating else "card")
        body = column(self, margin=12)
        self.head, self.words = label(kind="head"), label(kind="label")
        body.addWidget(self.head)
        body.addWidget(self.words)
        line = row()
        self.accept = button(tr(msg("Accept")), "primary")
        self.reject = button(tr(msg("Reject")))
        self.lock = button(tr(msg("Lock")))
        self.reject.setToolTip(tr(msg("It stays rejected and is not suggested again.")))
        self.lock.setToolTip(tr(msg("Accept, and keep it whatever the planner finds.")))
        for one, act in ((self.accept, self._accept), (self.reject, self._reject), (self.lock, self._lock)):
            line.addWidget(one)
            one.clicked.connect(act)
        line.addStretch(1)
        body.addLayout(line)
        if floating:
            self.setFixedWidth(theme.px(320))

    def suggestion(self) -> Suggestion | None:
        """Return the suggestion as it was found last."""
        return find(self.desk, self.key)

    def show_suggestion(self, key: str) -> bool:
        """Show a suggestion by its id or its site; return whether there is one."""
        self.key = key
        found = self.suggestion()
        if found is None:
            return False
        name = plan_edits.site_name(self.desk.plan, found.site)
        self.head.setText(tr(found.headline))
        self.words.setText(tr(found.detail))
        for one, words in (
            (self.accept, msg("Accept {site}", site=name)),
            (self.reject, msg("Reject {site}", site=name)),
            (self.lock, msg("Lock {site}", site=name)),
        ):
            one.setAccessibleName(tr(words))
        return True

    def _accept(self) -> None:
        found = self.suggestion()
        if found is not None and self.desk.state.accept(found):
            self._end(found.site)

    def _reject(self) -> None:
        found = self.suggestion()
        if found is not None and self.desk.state.reject(found.site):
            self.desk.state.select(None)
            self.closed.emit()

    def _lock(self) -> None:
        found = self.suggestion()
        if found is not None and self.desk.state.lock(found):
            self._end(found.site)

    def _end(self, site: str) -> None:
        self.desk.state.select("site", site)
        self.closed.emit()


class SuggestionPanel(QWidget):
    """The suggestion that is selected, and the list of all."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._rows: list[Card] = []
        self._shown: list[str] = []
        body = column(self, gap=16)
        self.title = label(kind="title")
        body.addWidget(self.title)
        self.card = SuggestionCard(desk, floating=False)
        body.addWidget(self.card)
        self.list = Section(tr(msg("What could be built next")))
        self.none = label(tr(msg("Nothing that reaches more homes was found.")), "label")
        self.list.body.addWidget(self.none)
        body.addWidget(self.list)
        body.addStretch(1)
        desk.state.suggestionsChanged.connect(self._show_list)
        self.show_suggestion("")

    def show_suggestion(self, key: str) -> None:
        """Show one suggestion above the list."""
        there = bool(key) and self.card.show_suggestion(key)
        found = self.card.suggestion() if there else None
        self.card.setVisible(found is not None)
        self.title.setText(
            plan_edits.site_name(self.desk.plan, found.site) if found is not None else tr(msg("Suggestions"))
        )
        self._show_list()

    def _show_list(self) -> None:
        found = self.desk.state.computed.suggestions[:_MOST]
        while len(self._rows) < len(found):
            card = Card(clickable=True)
            card.clicked.connect(partial(self._choose, len(self._rows)))
            self._rows.append(card)
            self.list.body.addWidget(card)
        self._shown = [one.id for one in found]
        for number, card in enumerate(self._rows):
            card.setVisible(number < len(found))
            if number < len(found):
                one = found[number]
                name = plan_edits.site_name(self.desk.plan, one.site)
                gain = tr(counted("+{count:,.0f} home", "+{count:,.0f} homes", float(one.homes)))
                terms = sayings.join(self.desk.height(one.mast_height_m), f"+{self.desk.money(one.cost)}")
                card.say(f"{name}  {gain}", terms, "△", "label")
        self.none.setVisible(not found)

    def _choose(self, number: int) -> None:
        self.desk.go("suggestion", self._shown[number])
