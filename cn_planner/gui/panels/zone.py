"""The panel of a zone: an area with a name, or where nothing may be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.gui.kinds import THINGS, ZONE
from cn_planner.gui.panels.fields import CheckField
from cn_planner.gui.panels.parts import FactRows, caption, fill_box
from cn_planner.gui.panels.thing import ThingPanel
from cn_planner.gui.words import tr, with_commas
from cn_planner.message import msg
from cn_planner.model.plan import Zone

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext


def size_km2(ring: tuple[tuple[float, float], ...]) -> float:
    """Return the size of a ring on the ground, square kilometres, on its own local grid."""
    from cn_planner.geo import WGS84, local_transverse_mercator, transform

    places = np.array(ring)
    x, y = transform(WGS84, local_transverse_mercator(*places.mean(axis=0)), places[:, 1], places[:, 0])
    return float(abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2.0 / 1e6)


class ZonePanel(ThingPanel[Zone]):
    """Everything about one zone."""

    kind = THINGS[ZONE]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.name = self.name_field(msg("Name of the zone"))
        self.no_build = CheckField(msg("Nothing may be built here"))
        self.keep_field("no_build", self.no_build)
        self.facts = FactRows()
        self.hint = caption(kind="label")
        fill_box(self.body, self.name, self.no_build, self.facts, self.hint)
        self.add_acts()

    def show_thing(self, key: str) -> None:
        """Show a zone; again after an edit."""
        self.key = key
        zone = self.thing()
        if zone is None:
            return
        self.name.show_value(zone.name or zone.id)
        self.show_fields(zone)
        inside = with_commas(self._inside(zone)) or tr(msg("none"))
        size = tr(self.context.quantities.area(size_km2(zone.ring)))
        self.facts.show_texts([(tr(msg("Size")), size), (tr(msg("Sites inside")), inside)])
        self.hint.setText(tr(msg("The planner builds no mast inside.")) if zone.no_build else "")
        self.hint.setVisible(zone.no_build)

    def _inside(self, zone: Zone) -> list[str]:
        from shapely import Polygon, contains_xy

        area = Polygon([(lon, lat) for lat, lon in zone.ring])
        return [
            one.name or one.id
            for one in self.context.plan.sites.values()
            if contains_xy(area, one.longitude, one.latitude)
        ]
