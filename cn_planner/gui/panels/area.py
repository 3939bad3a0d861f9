"""Get data for an area: a box on the map, what it would bring, the download, and the pack for a stick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from cn_planner.area.elevation_web import Box, ElevationSource
from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.area_data import box_of_text, notice_about
from cn_planner.gui.map.tools.area import AreaTool, size_m
from cn_planner.gui.panels.parts import Elided, button, label, rule
from cn_planner.gui.values import Level
from cn_planner.gui.words import WORDS, tr
from cn_planner.message import msg
from cn_planner.session.fetching import box_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.area_data import AreaData
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.map.tools.area import Corners
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState
    from cn_planner.gui.values import Notice
    from cn_planner.jobs import Job

_SOURCES = {
    ElevationSource.GLO30: msg("Copernicus GLO-30, 30 m"),
    ElevationSource.SRTM: msg("SRTM, 30 m, whole squares"),
}
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
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        self._body: QWidget | None = None
        self._shown: Box | None = None
        canvas.zoneDrawn.connect(self._drawn)
        data.changed.connect(self.show_data)
        WORDS.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        """Make the panel, in the language of the moment."""
        if self._body is not None:
            self.layout().removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
        self._shown = None
        self._body = QWidget()
        self.setAccessibleName(tr(msg("Get data for an area")))
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(tr(msg("Get data for an area")), "title"))
        column.addWidget(label(tr(msg("Drag a box on the map, from corner to corner. Or take one of these:"))))
        self.seen = self._button(msg("What the map shows"), self._take_view)
        self.round = self._button(msg("Round all places"), self._take_plan)
        self.given = QLineEdit()
        self.given.setPlaceholderText(tr(msg("south, west, north, east")))
        self.given.setAccessibleName(tr(msg("Box: south, west, north, east in degrees")))
        self.given.editingFinished.connect(self._take_text)
        self.size, self.squares = label("", "value"), label("", "label")
        self.source = QComboBox()
        self.source.setAccessibleName(tr(msg("Where terrain comes from")))
        for key, words in _SOURCES.items():
            self.source.addItem(tr(words), key)
        self.source.setCurrentIndex(self.source.findData(self._data.source))
        self.source.setMinimumContentsLength(12)
        self.source.currentIndexChanged.connect(lambda _: self._data.set_source(self.source.currentData()))
        self.cost = label()
        self.go = self._button(msg("How much is it?"), self._go, "primary")
        self.doing = label("", "label")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.stop = self._button(msg("Cancel"), self._data.cancel)
        self.said = label()
        self.where = Elided("", "label")
        for widget in (
            self.seen, self.round, self.given, self.size, label(tr(msg("Terrain")), "head"), self.source, self.squares,
            self.cost, self.go, self.doing, self.bar, self.stop, self.said, self.where,
        ):  # fmt: skip
            column.addWidget(widget)
        column.addSpacing(8)
        column.addWidget(rule())
        column.addSpacing(8)
        column.addWidget(label(tr(msg("For a village without Internet")), "head"))
        column.addWidget(
            label(
                tr(
                    msg(
                        "One file for a stick: terrain; roads, rivers, buildings and names of an OpenStreetMap extract."
                    )
                )
            )
        )
        self.extract = Elided("", "label")
        column.addWidget(self.extract)
        self.choose = self._button(msg("Choose an extract…"), self._choose_extract)
        self.pack = self._button(msg("Save as a pack…"), self._choose_target)
        column.addWidget(self.choose)
        column.addWidget(self.pack)
        column.addSpacing(16)
        column.addWidget(self._button(msg("Close"), self._close, "quiet"))
        column.addStretch(1)
        self.layout().addWidget(self._body)
        self.show_data()

    def _button(self, words: object, act: Callable[[], object], kind: str = "") -> QWidget:
        made = button(tr(words), kind)  # type: ignore[arg-type]
        made.clicked.connect(lambda _=False: act())
        return made

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
            self.size.setText(tr(msg("{width} × {height}", width=wide, height=high)))
        self.size.setVisible(there)
        self.squares.setText(tr(data.squares()) if there else "")
        self.squares.setVisible(there)
        words = data.cost_words()
        self.cost.setText(tr(words) if words is not None else "")
        self.cost.setVisible(words is not None)
        busy = data.job is not None
        self.go.setText(tr(msg("Fetch it into the plan") if data.cost is not None else msg("How much is it?")))
        self.go.setAccessibleName(self.go.text())
        self.go.setToolTip(tr(msg("Asks {server}", server=data.server)))
        self.go.setEnabled(there and not busy)
        self.pack.setEnabled(data.cost is not None and not busy)
        self.pack.setToolTip("" if data.cost is not None else tr(msg("First look how much it is.")))
        self.choose.setEnabled(not busy)
        self.source.setEnabled(not busy)
        self._show_job(data.job)
        self._show_said(data.said)
        self.extract.say(data.extract.name if data.extract is not None else tr(msg("No extract: terrain alone")))

    def _show_job(self, job: Job[Any] | None) -> None:
        for widget in (self.doing, self.bar, self.stop):
            widget.setVisible(job is not None)
        if job is None:
            return
        doing, left = tr(job.doing or job.title), job.time_left
        self.doing.setText(tr(msg("{doing}: {left}", doing=doing, left=left)) if left is not None else doing)
        # Without a word on how far it is, the bar runs to and fro.
        self.bar.setRange(0, 1000 if job.fraction > 0.0 else 0)
        self.bar.setValue(round(1000 * job.fraction))
        self.bar.setAccessibleName(tr(msg("Progress of: {job}", job=job.title)))
        self.stop.setAccessibleName(tr(msg("Cancel: {job}", job=job.title)))

    def _show_said(self, said: Notice | None) -> None:
        self.said.setVisible(said is not None)
        self.where.setVisible(said is not None and bool(said.where))
        if said is not None:
            fix = f" {tr(said.fix)}" if said.fix is not None else ""
            self.said.setText(f"{tr(said.what)}{fix}")
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
        self._take(lambda: Box(south, west, north, east))

    def _take(self, make: Callable[[], Box]) -> None:
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
        self._take(lambda: box_of(self._state.plan))
        box = self._data.box
        if box is not None:
            self._canvas.show_places(_corners(box))

    def _take_text(self) -> None:
        if self.given.text().strip():
            self._take(lambda: box_of_text(self.given.text()))
            if self._data.box is not None:
                self._canvas.show_places(_corners(self._data.box))

    def _choose_extract(self) -> None:
        kinds = msg("OpenStreetMap")
        dialog = self._dialog(msg("OpenStreetMap extract"), f"{tr(kinds)} (*.pbf *.osm *.gz)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda text: self._data.set_extract(Path(text)))
        dialog.open()

    def _choose_target(self) -> None:
        dialog = self._dialog(msg("Save as a pack for a stick"), f"{tr(msg('Area packs'))} (*.cnpack.gpkg)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda text: self._data.save_pack(Path(text)))
        dialog.open()

    def _dialog(self, title: object, kinds: str) -> QFileDialog:
        project = self._state.project
        folder = str(project.path.parent) if project is not None else ""
        dialog = QFileDialog(self.window(), tr(title), folder, kinds)  # type: ignore[arg-type]
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        return dialog


def _corners(box: Box) -> Corners:
    return (box.south, box.west), (box.north, box.east)
