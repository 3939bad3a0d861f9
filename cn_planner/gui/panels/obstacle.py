"""The panel of a tree or a building that was seen on site: it stands in every path, the map's own heights stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.gui.kinds import OBSTACLE, THINGS
from cn_planner.gui.panels.fields import HeightField
from cn_planner.gui.panels.parts import Elided, FactRows, caption, fill_box, vbox
from cn_planner.gui.panels.seen import SeenPart
from cn_planner.gui.panels.thing import ThingPanel
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.model.plan import Obstacle

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext

_KINDS = {"tree": msg("tree"), "house": msg("building")}


class ObstaclePanel(ThingPanel[Obstacle]):
    """Everything about one tree or building."""

    kind = THINGS[OBSTACLE]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.title, self.place = Elided(kind="title"), Elided(kind="label")
        self.body.addLayout(vbox(self.title, self.place, gap=4))
        rows = FactRows()
        high = HeightField(msg("Height above ground"), context.quantities, high_m=500)
        wide = HeightField(msg("Reaches round its middle"), context.quantities, high_m=5000)
        self.add_choice(rows, "kind", msg("Kind"), _KINDS)
        self.add_field(rows, "height_m", msg("Height"), high)
        self.add_field(rows, "radius_m", msg("Reaches round its middle"), wide)
        self.add_note(rows, msg("Who saw it, and when?"))
        hint = msg("It counts in every path that crosses it. The terrain of the plan stays as it was.")
        self.seen = SeenPart(context)
        self.seen.ask.hide()  # no sheet asks about it
        fill_box(self.body, rows, caption(hint, "label"), self.seen)
        self.add_acts()

    def show_thing(self, key: str) -> None:
        """Show one; again after an edit."""
        self.key = key
        one = self.thing()
        if one is None:
            return
        self.title.say(tr(msg("A tree seen on site")) if one.kind == "tree" else tr(msg("A building seen on site")))
        self.place.say(self.context.quantities.position(one.latitude, one.longitude))
        self.show_fields(one)
        self.seen.setVisible(any(row.about_id == key for row in self.context.plan.evidence.values()))
        self.seen.show_place(key)
        self.fields["kind"].show_value("tree" if one.kind == "tree" else "house")
