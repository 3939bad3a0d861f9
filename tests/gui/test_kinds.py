"""A new kind of thing is one file and one entry: this file's panel and layer, and the entry that names them."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from cn_planner.gui import kinds
from cn_planner.gui.kinds import THINGS, Hand, Thing, ThingKind
from cn_planner.gui.map.layers.base import ThingLayer
from cn_planner.gui.map.layers.points import PointsLayer, put_sprite
from cn_planner.gui.panels.fields import NumberField
from cn_planner.gui.panels.parts import FactRows
from cn_planner.gui.panels.thing import ThingPanel
from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.model.plan import TABLES, Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "measurement"


class MeasurementPanel(ThingPanel[Measurement]):
    def __init__(self, context) -> None:
        self.kind = THINGS[KEY]
        super().__init__(context)
        rows = FactRows()
        self.add_field(rows, "level_dbm", msg("Level"), NumberField("Level", low=-200, high=50, unit="dBm"))
        self.body.addWidget(rows)
        self.add_acts()

    def show_thing(self, key: str) -> None:
        self.key = key
        if (one := self.thing()) is not None:
            self.show_fields(one)


class MeasurementsLayer(PointsLayer):
    def __init__(self) -> None:
        super().__init__("measurements", msg("Measurements"), KEY)

    def show_rows(self, rows: Mapping[str, Measurement]) -> None:
        self._put(list(rows), [one.latitude for one in rows.values()], [one.longitude for one in rows.values()])
        self.changed.emit()

    def paint(self, painter, frame) -> None:
        for x, y in zip(*frame.view.pixels(self.x, self.y), strict=True):
            put_sprite(painter, self.symbol(""), float(x), float(y), frame.px(12), frame)


def measured(plan, key, place):
    return edits.put(plan, [Measurement(key, *place, 5_500.0, -70.0)])


@pytest.fixture(autouse=True)
def one_more_kind(monkeypatch):
    """An entry of a kind that the program has not; there before the map is made."""
    entry = ThingKind(
        key=KEY, table="measurements", panel=f"{__name__}:MeasurementPanel", layer=f"{__name__}:MeasurementsLayer",
        words=counted("{count} measurement", "{count} measurements", 0), movable=True,
        hand=Hand(tool="measured", title=msg("Measure"), hint=msg("Click."), make=measured, prefix="M"),
    )  # fmt: skip
    monkeypatch.setitem(THINGS, KEY, entry)


def test_one_entry_puts_a_new_kind_on_the_map_and_into_the_panel(state, regions):
    canvas, site = regions.canvas, state.plan.sites["C01"]
    canvas.use_tool("measured")
    place = (site.latitude + 0.002, site.longitude)
    canvas.grab()  # it takes its size
    canvas.go_to(*place, zoom=15.0, animated=False)
    before = canvas.grab().toImage()
    canvas.tool_click(QPointF(*(float(v) for v in canvas.view.to_screen(*place))))
    (one,) = state.plan.measurements.values()
    thing = Thing(KEY, one.id)
    assert state.selection == thing
    assert one.id == "M01"
    assert canvas.grab().toImage() != before
    at = QPointF(*(float(v) for v in canvas.view.to_screen(one.latitude, one.longitude)))
    assert canvas.pick(at) == thing
    assert str(canvas.content.words(thing)) == "M01"
    panel = regions.panel[KEY]
    panel.fields["level_dbm"].setValue(-64.0)
    panel.fields["level_dbm"].editingFinished.emit()
    assert state.plan.measurements["M01"].level_dbm == -64.0
    assert "M01" in str(state.undo_label)
    canvas.moved.emit(thing, place[0] + 0.001, place[1])
    assert state.plan.measurements["M01"].latitude == pytest.approx(place[0] + 0.001, abs=2e-6)
    panel.copy.click()
    assert state.selection == Thing(KEY, "M01-copy")
    state.select(kinds.SEVERAL, kinds.several([thing, Thing("site", "C01"), state.selection]))
    assert "2 measurements" in regions.panel[kinds.SEVERAL].words.text()
    state.select(*thing)
    panel.remove.click()
    assert list(state.plan.measurements) == ["M01-copy"]
    assert state.selection is None, "what is gone is selected no more"
    assert kinds.thing_of_id(state.plan, "M01-copy") == Thing(KEY, "M01-copy")


def test_every_entry_names_a_table_and_a_panel_that_are_there(regions):
    for kind in THINGS.values():
        assert kind.table in TABLES or not kind.table
        assert issubclass(resolve_name(kind.panel), ThingPanel)
        assert isinstance(regions.panel[kind.key], ThingPanel)
        if kind.table:
            assert isinstance(regions.canvas.content.things[kind.key], ThingLayer)
        if kind.hand is not None:
            assert kind.hand.tool in regions.canvas.tools


def test_an_id_is_taken_once(state):
    sites = state.plan.sites
    first = kinds.fresh_id(sites, "T")
    assert first not in sites
    assert kinds.fresh_id(sites, "T", [first]) not in {first, *sites}


def test_a_link_is_spanned_by_its_ends_and_goes_by_their_names(state):
    link, plan = Thing("link", "L1"), state.plan
    a, b = plan.sites["C01"], plan.sites["G01"]
    assert kinds.name_of(plan, link) == f"{a.name}–{b.name}"
    places = THINGS["link"].places(plan, plan.links["L1"])
    assert np.allclose(places, [(a.latitude, a.longitude), (b.latitude, b.longitude)])
    assert kinds.moved_to(plan, link, (0.0, 0.0)) is None
