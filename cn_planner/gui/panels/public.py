"""The panel of a public place: what it is, who is there, whether it must be connected, and what connects it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cn_planner.gui.kinds import PUBLIC, SITE, THINGS, site_name
from cn_planner.gui.panels.fields import CheckField, HeightField, NumberField
from cn_planner.gui.panels.parts import Card, FactRows, Section, caption, fill_box, vbox
from cn_planner.gui.panels.people import hotspot_words
from cn_planner.gui.panels.thing import ThingPanel
from cn_planner.gui.people import PeopleOnFoot
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.model.plan import PublicPlace
from cn_planner.report.hotspots import weak_words
from cn_planner.report.words import PLACE_KINDS

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext


class PublicPanel(ThingPanel[PublicPlace]):
    """Everything about one public place."""

    kind = THINGS[PUBLIC]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.name = self.name_field(msg("Name of the public place"))
        self.state = caption()
        self.tower = Card(clickable=True)
        self.tower.clicked.connect(self._go_to_tower)
        self.reach, self.people = caption(), PeopleOnFoot.of(context.state)
        self.people.changed.connect(self._show_reach)
        context.state.serviceChanged.connect(self._show_tower)
        fill_box(self.body, vbox(self.name, self.place_field(), gap=4), self.state, self.tower, self.reach)
        part, rows = Section(msg("What only the village knows")), FactRows()
        self.add_choice(rows, "kind", msg("Kind"), PLACE_KINDS)
        self.there = NumberField(msg("People there whom no home counts"), low=0, high=1e6, decimals=0)
        self.there.setSpecialValueText(tr(msg("none")))
        self.there.committed.connect(lambda count: self.change("people", count or None))
        rows.add(tr(msg("People")), self.there)
        self.add_field(rows, "must", msg("Must be connected"), CheckField(msg("yes"), name=msg("Must be connected")))
        self.busy = NumberField(msg("What it takes at the busy hour"), low=0, high=10_000, unit="Mbit/s", decimals=1)
        self.busy.setSpecialValueText(tr(msg("as a home")))
        self.busy.committed.connect(lambda rate: self.change("busy_mbps", rate or None))
        rows.add(tr(msg("Busy hour")), self.busy)
        self.antenna = HeightField(msg("Height of the roof antenna"), context.quantities, high_m=50)
        self.antenna.committed.connect(partial(self.change, "antenna_height_m"))
        rows.add(tr(msg("Antenna")), self.antenna)
        self.add_note(rows)
        part.body.addWidget(rows)
        self.body.addWidget(part)
        self.add_acts()

    def show_thing(self, key: str) -> None:
        """Show one; again after an edit."""
        self.key = key
        one, plan = self.thing(), self.context.plan
        if one is None:
            return
        self.name.show_value(one.name or one.id)
        self.show_place(one)
        self.show_fields(one)
        self.there.show_value(one.people or 0.0)
        self.busy.show_value(one.busy_mbps or 0.0)
        height = one.antenna_height_m
        self.antenna.show_value(plan.demand.antenna_height_m if height is None else height)
        self._show_tower()
        self._show_reach()

    def _show_tower(self) -> None:
        one, now = self.thing(), self.context.state.computed.service
        if one is None:
            return
        self.tower.setVisible(one.server is not None)
        if one.server is None:
            self.state.setText(tr(msg("Nothing connects it in this plan.")))
            return
        name = site_name(self.context.plan, one.server)
        words = msg("Connected by")
        if now is not None and one.server in now.silenced:
            words = msg("{site} reaches it, but on the plan's channels nothing comes there from a gateway", site=name)
        elif now is not None and one.server in now.off_network:
            words = msg("{site} reaches this place, but no links lead from there to a gateway", site=name)
        self.state.setText(tr(words))
        self.tower.say(name, "")

    def _show_reach(self) -> None:
        one = self.people.of_place(self.key)
        self.reach.setVisible(one is not None)
        if one is not None:
            weak = weak_words(self.context.plan, one)
            words = tr(msg("Hotspot: {words}.", words=hotspot_words(one)))
            self.reach.setText(words if weak is None else f"{words}\n▲ {tr(weak)}")

    def _go_to_tower(self) -> None:
        one = self.thing()
        if one is not None and one.server is not None:
            self.context.go(SITE, one.server)
