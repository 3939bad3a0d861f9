"""What can be done with the thing that a panel shows: copy it, remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.parts import button, row
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg
from cn_planner.model import edits

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.panels.panel_context import PanelContext


class Acts(QWidget):
    """A row with Copy and Remove.

    Parameters
    ----------
    context : PanelContext
    kind, table : str
        As a selection and the plan call it.
    key : callable
        Returns the id of the thing that is shown.
    remove : Message
        What the button that removes it says.
    """

    def __init__(self, context: PanelContext, kind: str, table: str, key: Callable[[], str], remove: Message) -> None:
        super().__init__()
        self._context, self._kind, self._table, self._key = context, kind, table, key
        line = row(self)
        self.copy = button(tr(msg("Copy it")))
        self.copy.clicked.connect(self._copy)
        self.remove = button(tr(remove), "danger")
        self.remove.clicked.connect(self._remove)
        line.addWidget(self.copy, 1)
        line.addWidget(self.remove, 1)

    def _copy(self) -> None:
        """Put a copy a few steps beside, and go on with that."""
        key, new = self._key(), ""

        def make(plan: Any) -> Any:
            nonlocal new
            edit, (new,) = plan_edits.duplicate(plan, self._table, [key])
            return edit

        if self._context.edit(make):
            self._context.state.select(self._kind, new)

    def _remove(self) -> None:
        key = self._key()
        self._context.edit(lambda plan: edits.remove(plan, self._table, [key]))
