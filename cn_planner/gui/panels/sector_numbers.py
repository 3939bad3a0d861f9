"""The numbers of a site's sectors that an engineer types: tilt, height, channel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.fields import HeightField, NumberField
from cn_planner.gui.panels.parts import caption, empty, hbox, named_field, vbox
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.gui.words import Said
    from cn_planner.model.plan import Site

CHANNEL = msg("Channel")
OF_THE_KIT = msg("the kit's own")
_SAME_M = 0.02
"""Heights typed in feet, to a tenth, are so far off at most."""


def channel_field(words: Said) -> NumberField:
    """Return a field for the centre of a channel; empty of it: the kit's own."""
    made = NumberField(words, low=0, high=100_000, unit="MHz", decimals=3, step=5.0)
    made.setSpecialValueText(tr(OF_THE_KIT))
    return made


class SectorNumbers(QWidget):
    """A row of fields for each sector; what is typed is an edit."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._body = vbox(on=self, gap=12)
        self._of: tuple[str, ...] = ()
        self.fields: dict[tuple[str, str], NumberField] = {}
        """By sector and field of the plan."""

    def show_site(self, site: Site) -> None:
        """Show what the plan says of a site's sectors."""
        ids = (site.id, *(one.id for one in site.sectors))
        if ids != self._of:
            self._make(site)
            self._of = ids
        for sector in site.sectors:
            mast = site.mast_height_m or 0.0
            high = self.fields[sector.id, "height_m"]
            if isinstance(high, HeightField):
                high.set_empty(mast)
            high.show_value(mast if sector.height_m is None else sector.height_m)
            self.fields[sector.id, "tilt_deg"].show_value(sector.tilt_deg)
            self.fields[sector.id, "freq_mhz"].show_value(sector.freq_mhz or 0.0)
        self.setVisible(bool(site.sectors))

    def _make(self, site: Site) -> None:
        empty(self._body)
        self.fields = {}
        for sector in site.sectors:
            name = {"id": sector.id}
            tilt = NumberField(msg("Tilt of sector {id}", **name), low=-90, high=90, unit="°", decimals=1, step=0.5)
            high = HeightField(msg("Height of sector {id}", **name), self._context.quantities, high_m=150)
            freq = channel_field(msg("Channel of sector {id}", **name))
            line = hbox(gap=8)
            for field, words, widget in (
                ("tilt_deg", msg("Tilt"), tilt), ("height_m", msg("Height"), high), ("freq_mhz", CHANNEL, freq),
            ):  # fmt: skip
                widget.committed.connect(partial(self._set, site.id, sector.id, field))
                self.fields[sector.id, field] = widget
                line.addLayout(named_field(words, widget), 2 if field == "freq_mhz" else 1)
            self._body.addWidget(caption(msg("Sector {id}", **name), "label"))
            self._body.addLayout(line)

    def _set(self, site: str, sector: str, field: str, value: float) -> None:
        given: float | None = value
        if field == "freq_mhz":
            given = value or None
        elif field == "height_m" and abs(value - (self._context.plan.sites[site].mast_height_m or 0.0)) < _SAME_M:
            given = None  # the top of the mast, which it follows: what an emptied field says, too
        edit = partial(plan_edits.set_sector, key=site, sector=sector, field=field, value=given)
        if not self._context.edit(edit) and site in self._context.plan.sites:
            self.show_site(self._context.plan.sites[site])
