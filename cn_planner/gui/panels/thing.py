"""What the panels of all kinds share: fields that are edits, numbers for an engineer, copying and removing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from cn_planner.gui.kinds import rounded
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.fields import ChoiceField, NameField, TextField
from cn_planner.gui.panels.parts import STRETCH, Drawer, FactRows, button, fill_box, hbox, vbox
from cn_planner.gui.panels.pattern import PatternButton
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.model import edits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QShowEvent

    from cn_planner.gui.kinds import ThingKind
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan

_NOTE = msg("What else should be known?")
_Row = TypeVar("_Row")
Numbers = tuple[list[tuple[str, str]], str]
"""Pairs of a name and a number, and the kit that they are of."""


class ThingPanel(QWidget, Generic[_Row]):
    """Everything about one thing of a kind. A field that is changed is one edit of the plan.

    Attributes
    ----------
    kind : ThingKind
    key : str
        The id of what is shown.
    fields : dict of str to QWidget
        The widgets of the plan's own fields, by their names.
    """

    kind: ThingKind

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context, self.key = context, ""
        self.fields: dict[str, Any] = {}
        self.body = vbox(on=self, gap=16, margin=16)

    def thing(self) -> _Row | None:
        """Return it as the plan has it."""
        return self.kind.rows(self.context.plan).get(self.key)

    def show_thing(self, key: str) -> None:
        """Show another one, or the same again after an edit."""
        raise NotImplementedError

    def ask(self, field: str) -> None:
        """Put the keyboard where a field is filled in."""
        widget = self.fields.get(field)
        if widget is not None:
            self.ask_at(widget)

    def ask_at(self, widget: QWidget) -> None:
        """Put the keyboard on a widget of the panel, where it is seen."""
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if isinstance(widget, QAbstractSpinBox):
            widget.selectAll()
        column = self.parentWidget()
        while column is not None and not isinstance(column, ScrollColumn):
            column = column.parentWidget()
        if column is not None:
            column.hold(widget)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Ask for what belongs to it when it is seen."""
        super().showEvent(event)
        self._ask()

    def _ask(self) -> None:
        if self.thing() is not None and self.isVisible():
            self.ask_more()

    def ask_more(self) -> None:
        """Ask for what is computed of the thing, where its panel shows any."""

    def name_field(self, words: Message) -> NameField:
        """Return the headline that is the thing's name."""
        made = NameField(words)
        made.committed.connect(partial(self.change, "name"))
        return made

    def place_field(self) -> TextField:
        """Return where the thing stands, as coordinates that can be typed over in any form."""
        self.at = TextField(msg("Coordinates"), placeholder=msg("Coordinates in any form"))
        self.at.committed.connect(self._move)
        return self.at

    def show_place(self, thing: Any) -> None:
        """Show where it stands."""
        self.at.show_value(self.context.quantities.position(thing.latitude, thing.longitude))

    def _move(self, text: str) -> None:
        from cn_planner.importers.coordinates import place_readings

        key, table = self.key, self.kind.table

        def make(plan: Plan) -> Edit:
            thing: Any = getattr(plan, table)[key]
            first = place_readings(text, (thing.latitude, thing.longitude))[0]
            latitude, longitude = rounded((first.latitude, first.longitude))
            return edits.put(plan, [replace(thing, latitude=latitude, longitude=longitude)])

        self.edit(make)

    def add_choice(self, rows: FactRows, field: str, words: Message, choices: Mapping[Any, Message]) -> None:
        """Add a row for a field that has one of few values."""
        self.add_field(rows, field, words, ChoiceField(words, list(choices.items())))

    def add_note(self, rows: FactRows, hint: Message = _NOTE) -> None:
        """Add a row for the note."""
        self.add_field(rows, "note", msg("Note"), TextField(msg("Note"), placeholder=hint, longest=500))

    def add_field(self, rows: FactRows, field: str, words: Message, widget: Any) -> None:
        """Add a row whose widget shows and changes a field of the plan."""
        self.keep_field(field, widget)
        rows.add(tr(words), widget)

    def keep_field(self, field: str, widget: Any) -> None:
        """Have a widget show and change a field of the plan."""
        widget.committed.connect(partial(self.change, field))
        self.fields[field] = widget

    def show_fields(self, thing: Any) -> None:
        """Show what the plan says in all fields."""
        for field, widget in self.fields.items():
            widget.show_value(getattr(thing, field))

    def change(self, field: str, value: Any) -> None:
        """Change a field of the plan."""
        key, table = self.key, self.kind.table
        self.edit(lambda plan: plan_edits.change_field(plan, table, key, field, value))

    def edit(self, make: Callable[[Plan], Edit]) -> None:
        """Make an edit; where it is refused, show what stands."""
        if not self.context.edit(make):
            self.show_thing(self.key)

    def add_acts(self) -> None:
        """End the panel with what can be done with the thing as a whole."""
        line = hbox()
        if self.kind.copies:
            self.copy = button(msg("Copy it"), act=self._copy)
            line.addWidget(self.copy, 1)
        self.remove = button(self.kind.remove, "danger", act=self._remove)
        line.addWidget(self.remove, 1)
        self.acts = line
        fill_box(self.body, line, STRETCH)

    def _copy(self) -> None:
        """Put a copy a few steps beside, and go on with that."""
        key, new = self.key, ""

        def make(plan: Plan) -> Edit:
            nonlocal new
            made, (new,) = plan_edits.duplicate(plan, self.kind.table, [key])
            return made

        if self.context.edit(make):
            self.context.state.select(self.kind.key, new)

    def _remove(self) -> None:
        key = self.key
        self.context.edit(lambda plan: plan_edits.remove_thing(plan, self.kind, key))


class NumbersDrawer(Drawer):
    """The numbers for an engineer, folded away, with the way to the pattern of the antenna; told while it is open."""

    def __init__(self, context: PanelContext, numbers: Callable[[], Numbers | None]) -> None:
        super().__init__(tr(msg("Numbers for the engineer")))
        self._numbers = numbers
        self.figures, self.pattern = FactRows(), PatternButton(context)
        fill_box(self.body, self.figures, self.pattern)
        self.toggle.toggled.connect(lambda _shown: self.refresh())

    def refresh(self) -> None:
        """Tell them anew."""
        found = self._numbers() if self.toggle.isChecked() else None
        if found is not None:
            self.figures.show_texts(found[0])
            self.pattern.show_kit(found[1])
