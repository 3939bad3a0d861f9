"""The panel of several things that are selected together: what they are, and what can be done with all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.gui.kinds import SEVERAL, THINGS, of_several
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.parts import STRETCH, Elided, button, caption, fill_box
from cn_planner.gui.panels.thing import ThingPanel
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext


class SeveralPanel(ThingPanel[Any]):
    """All that is selected."""

    kind = THINGS[SEVERAL]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._chosen: dict[str, list[str]] = {}
        self.title = Elided(kind="title")
        self.words = caption()
        hint = msg("Shift and a click adds one or takes it out; Escape lets go of all.")
        self.remove = button(msg("Remove all of them"), "danger", act=self._remove)
        fill_box(self.body, self.title, self.words, caption(hint, "label"), self.remove, STRETCH)

    def show_thing(self, key: str) -> None:
        """Show things, as far as the plan still has them."""
        things = of_several(key)
        self._chosen = {}
        lines, count = [], 0
        for kind in THINGS.values():
            rows = kind.rows(self.context.plan)
            there = [one.id for one in things if one.kind == kind.key and one.id in rows]
            if there:
                self._chosen[kind.table] = there
                count += len(there)
                lines.append(tr(kind.words.about(len(there))))
        self.title.say(tr(counted("{count} thing selected", "{count} things selected", count)))
        self.words.setText("\n".join(lines))
        self.remove.setEnabled(count > 0)

    def _remove(self) -> None:
        chosen = self._chosen
        if self.context.edit(lambda plan: plan_edits.remove_things(plan, chosen)):
            self.context.state.select(None)
