"""The panel of a zone: an area with a name, or where nothing may be built."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QCheckBox, QWidget

from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.acts import Acts
from cn_planner.gui.panels.parts import Facts, NameField, column, label
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.model.plan import Zone


def size_km2(ring: tuple[tuple[float, float], ...]) -> float:
    """Return the size of a ring on the ground, square kilometres, on its own local grid."""
    from cn_planner.geo import WGS84, local_transverse_mercator, transform

    places = np.array(ring)
    x, y = transform(WGS84, local_transverse_mercator(*places.mean(axis=0)), places[:, 1], places[:, 0])
    return float(abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2.0 / 1e6)


class ZonePanel(QWidget):
    """Everything about one zone."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self.zone_id = ""
        body = column(self, gap=16)
        self.name = NameField(tr(msg("Name of the zone")))
        self.name.committed.connect(partial(self._change, "name"))
        body.addWidget(self.name)
        self.no_build = QCheckBox(tr(msg("Nothing may be built here")))
        self.no_build.setAccessibleName(self.no_build.text())
        self.no_build.clicked.connect(lambda on: self._change("no_build", on))
        body.addWidget(self.no_build)
        self.facts = Facts()
        body.addWidget(self.facts)
        self.hint = label(kind="label")
        body.addWidget(self.hint)
        self.acts = Acts(context, "zone", "zones", lambda: self.zone_id, msg("Remove zone"))
        body.addWidget(self.acts)
        body.addStretch(1)

    def zone(self) -> Zone | None:
        """Return the zone as the plan has it."""
        return self.context.plan.zones.get(self.zone_id)

    def show_zone(self, key: str) -> None:
        """Show a zone; again after an edit."""
        self.zone_id = key
        zone = self.zone()
        if zone is None:
            return
        self.name.show_value(zone.name or zone.id)
        self.no_build.setChecked(zone.no_build)
        size = size_km2(zone.ring)
        inside = self._inside(zone)
        self.facts.show_texts(
            [
                (tr(msg("Size")), tr(self.context.quantities.area(size))),
                (tr(msg("Sites inside")), ", ".join(inside) if inside else tr(msg("none"))),
            ]
        )
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

    def _change(self, field: str, value: Any) -> None:
        key = self.zone_id
        if not self.context.edit(lambda plan: plan_edits.change(plan, "zones", key, field, value)):
            self.show_zone(key)
