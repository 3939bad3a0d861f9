"""The panel of several things that are selected together: what they are, and what can be done with all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cn_planner.gui.map.things import of_several
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.parts import Elided, button, column, label
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext

_TABLES = (
    ("site", "sites", counted("{count} place", "{count} places", 0)),
    ("household", "households", counted("{count} home", "{count} homes", 0)),
    ("link", "links", counted("{count} link", "{count} links", 0)),
    ("zone", "zones", counted("{count} area", "{count} areas", 0)),
    ("obstacle", "obstacles", counted("{count} tree or building seen", "{count} trees and buildings seen", 0)),
)


class SeveralPanel(QWidget):
    """All that is selected."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self._chosen: dict[str, list[str]] = {}
        body = column(self, gap=16)
        self.title = Elided(kind="title")
        body.addWidget(self.title)
        self.words = label()
        body.addWidget(self.words)
        hint = msg("Shift and a click adds one or takes it out; Escape lets go of all.")
        body.addWidget(label(tr(hint), "label"))
        self.remove = button(tr(msg("Remove all of them")), "danger")
        self.remove.clicked.connect(self._remove)
        body.addWidget(self.remove)
        body.addStretch(1)

    def show_several(self, key: str) -> None:
        """Show things, as far as the plan still has them."""
        things = of_several(key)
        self._chosen = {}
        lines, count = [], 0
        for kind, table, words in _TABLES:
            there = [one.id for one in things if one.kind == kind and one.id in getattr(self.context.plan, table)]
            if there:
                self._chosen[table] = there
                count += len(there)
                lines.append(tr(words.about(len(there))))
        self.title.say(tr(counted("{count} thing selected", "{count} things selected", count)))
        self.words.setText("\n".join(lines))
        self.remove.setEnabled(count > 0)

    def _remove(self) -> None:
        chosen = self._chosen
        if self.context.edit(lambda plan: plan_edits.remove_things(plan, chosen)):
            self.context.state.select(None)
