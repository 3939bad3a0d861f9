"""What could be built next: a list, the best first, and a card that asks: accept, reject, lock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cn_planner.gui.kinds import SITE, SUGGESTION, THINGS, site_name
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.parts import STRETCH, Card, QuestionCard, Section, button, caption, fill_box
from cn_planner.gui.panels.thing import ThingPanel
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.message import Message
    from cn_planner.planning.suggestions import Suggestion

_MOST = 20


def suggestion_of(context: PanelContext, key: str) -> Suggestion | None:
    """Return the suggestion of this id, or for this site, as it was found last."""
    return next((one for one in context.state.computed.suggestions if key in (one.id, one.site)), None)


class SuggestionCard(QuestionCard):
    """One suggestion, over the map: Accept, Reject, Lock."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.key = ""
        rejected = tr(msg("It stays rejected and is not suggested again."))
        kept = tr(msg("Accept, and keep it whatever the planner finds."))
        self.accept = button(msg("Accept"), "primary", act=self._accept)
        self.reject = button(msg("Reject"), tip=rejected, act=self._reject)
        self.lock = button(msg("Lock"), tip=kept, act=self._lock)
        self.add_answers(self.accept, self.reject, self.lock)

    def suggestion(self) -> Suggestion | None:
        """Return the suggestion as it was found last."""
        return suggestion_of(self.context, self.key)

    def show_suggestion(self, key: str) -> bool:
        """Show a suggestion by its id or its site; return whether there is one."""
        self.key = key
        found = self.suggestion()
        if found is None:
            return False
        name = site_name(self.context.plan, found.site)
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
        if found is not None:
            self._end(found.site, self.context.state.accept(found))

    def _reject(self) -> None:
        found = self.suggestion()
        if found is not None and self.context.state.reject(found):
            self.context.state.select(None)
            self.closed.emit()

    def _lock(self) -> None:
        found = self.suggestion()
        if found is not None:
            self._end(found.site, self.context.state.lock(found))

    def _end(self, site: str, made: bool) -> None:
        """Go on with what was made; where more would change than one thing, that is shown first."""
        if made:
            self.context.state.select(SITE, site)
        if made or any(job.key == "proposal" for job in self.context.state.jobs.active()):
            self.closed.emit()


class SuggestionList(Section):
    """What could be built next, the best first; a click shows it on the map, where its card asks.

    Parameters
    ----------
    context : PanelContext
    most : int
        So many are shown.
    none : Message, optional
        What is said where there is nothing; the whole part is hidden where not given.
    """

    def __init__(self, context: PanelContext, most: int, none: Message | None = None) -> None:
        super().__init__(tr(msg("What could be built next")))
        self.context, self._most = context, most
        self.rows: list[Card] = []
        self._shown: list[str] = []
        self._chosen = ""
        self.none = caption(tr(none) if none is not None else "", "label")
        self._says_none = none is not None
        self.body.addWidget(self.none)
        context.state.suggestionsChanged.connect(self.refresh)
        self.refresh()

    def choose(self, key: str) -> None:
        """Mark the one that is looked at."""
        self._chosen = key
        self.refresh()

    def refresh(self) -> None:
        """Show what was found last."""
        found = self.context.state.computed.suggestions[: self._most]
        while len(self.rows) < len(found):
            card = Card(clickable=True)
            card.clicked.connect(partial(self._choose, len(self.rows)))
            self.rows.append(card)
            self.body.addWidget(card)
        self._shown = [one.id for one in found]
        for number, card in enumerate(self.rows):
            card.setVisible(number < len(found))
            if number < len(found):
                one = found[number]
                name = site_name(self.context.plan, one.site)
                gain = tr(counted("+{count:,g} home", "+{count:,g} homes", float(one.homes)))
                terms = formatters.dotted(self.context.height(one.mast_height_m), f"+{self.context.money(one.cost)}")
                card.say(formatters.spaced(name, gain), terms, "△", "label")
                card.choose(self._chosen in (one.id, one.site))
        self.none.setVisible(self._says_none and not found)
        self.setVisible(self._says_none or bool(found))

    def _choose(self, number: int) -> None:
        self.context.go(SUGGESTION, self._shown[number])


class SuggestionPanel(ThingPanel[Any]):
    """The list of suggestions, with the one marked that the card on the map asks about."""

    kind = THINGS[SUGGESTION]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.list = SuggestionList(context, _MOST, msg("Nothing that reaches more homes was found."))
        fill_box(self.body, self.list, STRETCH)

    def show_thing(self, key: str) -> None:
        """Mark one suggestion in the list."""
        self.list.choose(key)
