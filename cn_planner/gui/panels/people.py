"""Who is on the network: at home, on foot with a phone, left out; and the hotspots, each with who gets there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cn_planner.gui.kinds import PUBLIC, SITE
from cn_planner.gui.panels.parts import Card, Section, caption
from cn_planner.gui.people import PeopleOnFoot
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg
from cn_planner.report.hotspots import weak_words

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.message import Message
    from cn_planner.report.hotspots import PeopleCounts
    from cn_planner.service.hotspots import HotspotReach

_MOST = 8


def class_words(counts: PeopleCounts) -> tuple[Message, Message, Message]:
    """Return the three classes in words, each with its sign, homes and people."""
    rows = (
        (counts.homes_at_home, counts.at_home, msg("connected at home")),
        (counts.homes_on_foot, counts.on_foot, msg("reach it on foot")),
        (counts.homes_left_out, counts.left_out, msg("left out")),
    )
    signs = ("■", "●", "☒")
    found = [
        counted("{sign}  {homes} {how}: {count:,.0f} person", "{sign}  {homes} {how}: {count:,.0f} people", people,
                sign=sign, how=how, homes=counted("{count:,g} home", "{count:,g} homes", homes))
        for sign, (homes, people, how) in zip(signs, rows, strict=True)
    ]  # fmt: skip
    return found[0], found[1], found[2]


def hotspot_words(one: HotspotReach) -> Message:
    """Return who gets to a hotspot on foot."""
    return msg(
        "{people:,.0f} people get there on foot, {more:,.0f} of them not connected at home",
        people=one.people, more=one.not_at_home,
    )  # fmt: skip


class PeopleSection(Section):
    """The three counts, and a card for each hotspot; there only where the plan has public places."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(msg("Who is on the network"))
        self.context = context
        self.people = PeopleOnFoot.of(context.state)
        self.counts = [caption(wraps=False) for _ in range(3)]
        for line in self.counts:
            self.body.addWidget(line)
        self.cards = [Card(clickable=True) for _ in range(_MOST)]
        self._keys: list[tuple[str, str]] = []
        for number, card in enumerate(self.cards):
            card.clicked.connect(partial(self._go, number))
            self.body.addWidget(card)
        self.people.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        now = self.people.found
        self.setVisible(now is not None)
        if now is None:
            return
        for line, words in zip(self.counts, class_words(now.counts), strict=True):
            line.setText(tr(words))
        spots = sorted(now.found.hotspots, key=lambda one: (-one.not_at_home, one.hotspot.id))[:_MOST]
        self._keys = [(SITE if one.hotspot.on_tower else PUBLIC, one.hotspot.id) for one in spots]
        for number, card in enumerate(self.cards):
            card.setVisible(number < len(spots))
            if number < len(spots):
                one = spots[number]
                weak = weak_words(self.context.plan, one)
                second = tr(hotspot_words(one)) if weak is None else f"{tr(hotspot_words(one))}. ▲ {tr(weak)}"
                card.say(one.hotspot.name, second)

    def _go(self, number: int) -> None:
        self.context.go(*self._keys[number])
