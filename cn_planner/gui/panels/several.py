"""The panel of several things that are selected together: what they are, and what can be done with all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from cn_planner.gui.kinds import SEVERAL, THINGS, of_several
from cn_planner.gui.panels import formatters, plan_edits
from cn_planner.gui.panels.fields import ChoiceField, HeightField, TextField
from cn_planner.gui.panels.parts import STRETCH, Elided, FactRows, button, caption, fill_box, hbox, named_field, vbox
from cn_planner.gui.panels.thing import ThingPanel
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg
from cn_planner.report.words import PRIORITY_WORDS, STATUS_WORDS

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext

_FAR_M = 100_000.0


class SeveralPanel(ThingPanel[Any]):
    """All that is selected: set, group, move, remove; each is one edit."""

    kind = THINGS[SEVERAL]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._chosen: dict[str, list[str]] = {}
        self.title = Elided(kind="title")
        self.words = caption()
        hint = msg("Shift and a click adds one or takes it out; Escape lets go of all.")
        self.rows = FactRows()
        self.setters: dict[str, Any] = {}
        for field, words, widget in (
            ("choice", msg("Planner"), ChoiceField(msg("Planner"), list(formatters.CHOICE_WORDS.items()))),
            ("status", msg("State"), ChoiceField(msg("State"), list(STATUS_WORDS.items()))),
            ("power", msg("Power"), ChoiceField(msg("Power"), list(formatters.SITE_POWER_WORDS.items()))),
            ("owner", msg("Owner"), TextField(msg("Owner"), longest=500)),
            ("priority", msg("Priority"), ChoiceField(msg("Priority"), list(PRIORITY_WORDS.items()))),
            ("hamlet", msg("Hamlet"), TextField(msg("Hamlet"), placeholder=msg("Puts them together"), longest=80)),
        ):
            widget.committed.connect(partial(self._set, field))
            self.setters[field] = widget
            self.rows.add(tr(words), widget)
        self.east, self.north = (
            HeightField(name, context.quantities, high_m=_FAR_M, low_m=-_FAR_M)
            for name in (msg("To the east"), msg("To the north"))
        )
        self.move_button = button(msg("Move them"), act=self.move_all)
        self.moving = QWidget()
        way = hbox((named_field(msg("To the east"), self.east), 1), (named_field(msg("To the north"), self.north), 1))
        vbox(way, self.move_button, on=self.moving)  # below: beside the fields its words were cut
        self.remove = button(msg("Remove all of them"), "danger", act=self._remove)
        fill_box(
            self.body, self.title, self.words, caption(hint, "label"), self.rows, self.moving, self.remove, STRETCH
        )

    def show_thing(self, key: str) -> None:
        """Show things, as far as the plan still has them."""
        self.key = key
        plan = self.context.plan
        self._chosen = plan_edits.by_table(plan, of_several(key))
        count = sum(map(len, self._chosen.values()))
        lines = [
            tr(kind.words.about(len(self._chosen[kind.table])))
            for kind in THINGS.values() if kind.table in self._chosen
        ]  # fmt: skip
        self.title.say(tr(counted("{count} thing selected", "{count} things selected", count)))
        self.words.setText("\n".join(lines))
        for field, widget in self.setters.items():
            rows = [
                getattr(plan, table)[one] for table, ids in self._chosen.items() for one in ids
                if hasattr(getattr(plan, table)[one], field)
            ]  # fmt: skip
            values = {getattr(row, field) for row in rows}
            same = next(iter(values)) if len(values) == 1 else None
            widget.show_value(same if not isinstance(widget, TextField) or same is not None else "")
            widget.parentWidget().setVisible(bool(rows))
        stand = any(THINGS[one].movable and THINGS[one].table in self._chosen for one in THINGS)
        self.moving.setVisible(stand)
        for way in (self.east, self.north):
            way.show_value(way.value_m())
        self.remove.setEnabled(count > 0)

    def _set(self, field: str, value: Any) -> None:
        chosen = self._chosen
        self.edit(lambda plan: plan_edits.set_field(plan, chosen, field, value))

    def move_all(self) -> None:
        """Move all of them as far as was typed."""
        chosen, east_m, north_m = self._chosen, self.east.value_m(), self.north.value_m()
        if (east_m, north_m) != (0.0, 0.0):
            self.edit(lambda plan: plan_edits.move_things(plan, chosen, east_m, north_m))

    def _remove(self) -> None:
        chosen = self._chosen
        if self.context.edit(lambda plan: plan_edits.remove_things(plan, chosen)):
            self.context.state.select(None)
