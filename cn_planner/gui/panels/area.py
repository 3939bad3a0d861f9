"""Get data for an area: a box on the map, what it would bring, the download, and the pack for a stick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from cn_planner.area.elevation_sources import ElevationSource, GeoBox
from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.area_data import box_of_text
from cn_planner.gui.dialogs.dialog import file_dialog
from cn_planner.gui.map.tools.area import AreaTool, size_m
from cn_planner.gui.panels.fields import ChoiceField, line_edit
from cn_planner.gui.panels.job_line import JobLine
from cn_planner.gui.panels.parts import STRETCH, Elided, button, caption, fill_box, let_go, retext, thin_line, vbox
from cn_planner.gui.values import Level, notice_about, told_of
from cn_planner.gui.words import WORDS, tr
from cn_planner.message import msg
from cn_planner.session.fetching import fetched_box

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cn_planner.gui.area_data import AreaData
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.map.tools.area import Corners
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState
    from cn_planner.gui.values import Notice
    from cn_planner.message import Message

_SOURCES = {
    ElevationSource.GLO30: msg("Copernicus GLO-30, 30 m"),
    ElevationSource.SRTM: msg("SRTM, 30 m, whole squares"),
}
_PACK = msg("One file for a stick: terrain; roads, rivers, buildings and names of an OpenStreetMap extract.")
_DECIMALS = 4
"""Of a degree: 11 m, a third of a cell."""


class AreaPanel(QFrame):
    """The panel.

    Parameters
    ----------
    data : AreaData
    state : AppState
    canvas : MapCanvas
        On which the box is drawn.
    quantities : Quantities
    close : callable
        Puts the panel away.
    """

    def __init__(
        self, data: AreaData, state: AppState, canvas: MapCanvas, quantities: Quantities, close: Callable[[], object]
    ) -> None:
        super().__init__()
        theme.mark(self, "panel")
        self._data, self._state, self._canvas, self._quantities = data, state, canvas, quantities
        self._close = close
        self._tool = canvas.tools["area"]
        self._outer = vbox(on=self, margin=16)
        self._body = QWidget()
        self._shown: GeoBox | None = None
        canvas.zoneDrawn.connect(self._drawn)
        data.changed.connect(self.show_data)
        WORDS.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        """Make the panel, in the language of the moment."""
        let_go(self._body)
        self._shown = None
        self._body = QWidget()
        self.setAccessibleName(tr(msg("Get data for an area")))
        lines = vbox(
            caption(msg("Get data for an area"), "title"),
            caption(msg("Drag a box on the map, from corner to corner. Or take one of these:")),
            on=self._body,
        )
        self.seen = button(msg("What the map shows"), act=self._take_view)
        self.round = button(msg("Round all places"), act=self._take_plan)
        box, hint = tr(msg("Box: south, west, north, east in degrees")), tr(msg("south, west, north, east"))
        self.given = line_edit(box, hint=hint, act=self._take_text)
        self.extent, self.squares = caption("", "value"), caption("", "label")
        self.source = ChoiceField(msg("Where terrain comes from"), list(_SOURCES.items()))
        self.source.show_value(self._data.source)
        self.source.committed.connect(self._data.set_source)
        self.cost = caption()
        self.go = button(msg("How much is it?"), "primary", act=self._go)
        self.job = JobLine(self._data.cancel)
        self.said = caption()
        self.where = Elided("", "label")
        for widget in (
            self.seen, self.round, self.given, self.extent, caption(msg("Terrain"), "head"), self.source,
            self.squares, self.cost, self.go, self.job, self.said, self.where,
        ):  # fmt: skip
            lines.addWidget(widget)
        self.extract = Elided("", "label")
        self.choose = button(msg("Choose an extract…"), act=self._choose_extract)
        self.pack = button(msg("Save as a pack…"), act=self._choose_target)
        fill_box(
            lines,
            8,
            thin_line(),
            8,
            caption(msg("For a village without Internet"), "head"),
            caption(_PACK),
            self.extract,
            self.choose,
            self.pack,
            16,
            button(msg("Close"), "quiet", act=self._close),
            STRETCH,
        )
        self._outer.addWidget(self._body)
        self.show_data()

    def show_data(self) -> None:
        """Show how it stands."""
        data = self._data
        there = data.box is not None
        if isinstance(self._tool, AreaTool):
            corners = _corners(data.box) if data.box is not None else None
            if self._tool.box != corners:
                self._tool.show_box(corners)
        if data.box != self._shown:
            self._shown = box = data.box
            text = "" if box is None else f"{box.south:.7g}, {box.west:.7g}, {box.north:.7g}, {box.east:.7g}"
            self.given.setText(text)
        if data.box is not None:
            wide, high = (self._quantities.distance(one) for one in size_m(_corners(data.box)))
            self.extent.setText(tr(msg("{width} × {height}", width=wide, height=high)))
        self.extent.setVisible(there)
        self.squares.setText(tr(data.squares()) if there else "")
        self.squares.setVisible(there)
        words = data.cost_words()
        self.cost.setText(tr(words) if words is not None else "")
        self.cost.setVisible(words is not None)
        busy = data.job is not None
        retext(self.go, msg("Fetch it into the plan") if data.cost is not None else msg("How much is it?"))
        self.go.setToolTip(tr(msg("Asks {server}", server=data.server)))
        self.go.setEnabled(there and not busy)
        self.pack.setEnabled(data.cost is not None and not busy)
        self.pack.setToolTip("" if data.cost is not None else tr(msg("First look how much it is.")))
        self.choose.setEnabled(not busy)
        self.source.setEnabled(not busy)
        self.job.show_job(data.job)
        self._show_said(data.said)
        self.extract.say(data.extract.name if data.extract is not None else tr(msg("No extract: terrain alone")))

    def _show_said(self, said: Notice | None) -> None:
        self.said.setVisible(said is not None)
        self.where.setVisible(said is not None and bool(said.where))
        if said is not None:
            self.said.setText(told_of(said, place=False))
            theme.mark(self.said, {Level.INFO: "ok", Level.WARNING: "warn"}.get(said.level, "bad"))
            self.where.say(said.where)

    def _go(self) -> None:
        if self._data.cost is None:
            self._data.look()
        else:
            self._data.download()

    def _drawn(self, kind: str, ring: Corners | None) -> None:
        if kind == "area":
            self._set(ring)

    def _set(self, corners: Corners | None) -> None:
        if corners is None:
            self._data.set_box(None)
            return
        (south, west), (north, east) = (tuple(round(one, _DECIMALS) for one in place) for place in corners)
        self._take(lambda: GeoBox(south, west, north, east))

    def _take(self, make: Callable[[], GeoBox]) -> None:
        try:
            self._data.set_box(make())
        except PlannerError as error:
            self._state.say(notice_about(error))

    def _take_view(self) -> None:
        view = self._canvas.view
        north, west = view.geo_at(0.0, 0.0)
        south, east = view.geo_at(view.width, view.height)
        self._set(((south, west), (north, east)))

    def _take_plan(self) -> None:
        self._take(lambda: fetched_box(self._state.plan))
        box = self._data.box
        if box is not None:
            self._canvas.show_places(_corners(box))

    def _take_text(self) -> None:
        if self.given.text().strip():
            self._take(lambda: box_of_text(self.given.text()))
            if self._data.box is not None:
                self._canvas.show_places(_corners(self._data.box))

    def _choose_extract(self) -> None:
        name = tr(msg("OpenStreetMap"))
        kinds = f"{name} (*.pbf *.osm *.gz)"
        self._ask_file(msg("OpenStreetMap extract"), kinds, self._data.set_extract, QFileDialog.FileMode.ExistingFile)

    def _choose_target(self) -> None:
        kinds = f"{tr(msg('Area packs'))} (*.cnpack.gpkg)"
        self._ask_file(msg("Save as a pack for a stick"), kinds, self._data.save_pack, QFileDialog.FileMode.AnyFile)

    def _ask_file(self, title: Message, kinds: str, take: Callable[[Path], object], mode: QFileDialog.FileMode) -> None:
        project = self._state.project
        folder = project.path.parent if project is not None else ""
        file_dialog(self, title, lambda files: take(files[0]), folder=folder, kinds=kinds, mode=mode).open()


def _corners(box: GeoBox) -> Corners:
    return (box.south, box.west), (box.north, box.east)
