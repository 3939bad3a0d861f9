"""The panel of a tree or a building that was seen on site: it stands in every path, the map's own heights stay."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.acts import Acts
from cn_planner.gui.panels.parts import ChoiceField, Elided, Facts, HeightField, TextField, column, label
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.model.plan import Obstacle

KINDS = (("tree", msg("tree")), ("house", msg("building")))


class ObstaclePanel(QWidget):
    """Everything about one tree or building."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self.obstacle_id = ""
        body = column(self, gap=16)
        head = column(gap=4)
        self.title, self.place = Elided(kind="title"), Elided(kind="label")
        head.addWidget(self.title)
        head.addWidget(self.place)
        body.addLayout(head)
        rows = Facts()
        self.kind = ChoiceField(tr(msg("Kind")), KINDS)
        self.high = HeightField(tr(msg("Height above ground")), context.quantities, high_m=500)
        self.wide = HeightField(tr(msg("Reaches round its middle")), context.quantities, high_m=5000)
        self.note = TextField(tr(msg("Note")), placeholder=tr(msg("Who saw it, and when?")), longest=500)
        for words, widget, field in (
            (msg("Kind"), self.kind, "kind"),
            (msg("Height"), self.high, "height_m"),
            (msg("Reaches round its middle"), self.wide, "radius_m"),
            (msg("Note"), self.note, "note"),
        ):
            widget.committed.connect(partial(self._change, field))
            rows.add(tr(words), widget)
        body.addWidget(rows)
        hint = msg("It counts in every path that crosses it. The terrain of the plan stays as it was.")
        body.addWidget(label(tr(hint), "label"))
        self.acts = Acts(context, "obstacle", "obstacles", lambda: self.obstacle_id, msg("Remove it"))
        body.addWidget(self.acts)
        body.addStretch(1)

    def obstacle(self) -> Obstacle | None:
        """Return it as the plan has it."""
        return self.context.plan.obstacles.get(self.obstacle_id)

    def show_obstacle(self, key: str) -> None:
        """Show one; again after an edit."""
        self.obstacle_id = key
        one = self.obstacle()
        if one is None:
            return
        self.title.say(tr(msg("A tree seen on site")) if one.kind == "tree" else tr(msg("A building seen on site")))
        self.place.say(self.context.quantities.position(one.latitude, one.longitude))
        self.kind.show_value("tree" if one.kind == "tree" else "house")
        self.high.show_value(one.height_m)
        self.wide.show_value(one.radius_m)
        self.note.show_value(one.note)

    def _change(self, field: str, value: Any) -> None:
        key = self.obstacle_id
        if not self.context.edit(lambda plan: plan_edits.change(plan, "obstacles", key, field, value)):
            self.show_obstacle(key)
