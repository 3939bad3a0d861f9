"""Stand here and look: the panorama from a place at any height, with the other ends and what hides them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QHeaderView, QTableWidgetItem, QWidget

from cn_planner.drawing.palette import Theme
from cn_planner.drawing.panorama_chart import AXIS
from cn_planner.errors import PlannerError
from cn_planner.export.words import write_whole
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog, file_dialog
from cn_planner.gui.paint import paint
from cn_planner.gui.panels.fields import HeightField
from cn_planner.gui.panels.mast_slider import MastSlider
from cn_planner.gui.panels.parts import button, caption, fill_box, hbox, text_table
from cn_planner.gui.values import Level, Notice, notice_about, told_of
from cn_planner.gui.words import WORDS, isolated, tr
from cn_planner.i18n import say
from cn_planner.jobs import Slot, hand_pool, run_on
from cn_planner.message import Message, msg
from cn_planner.progress import Run
from cn_planner.service.outlook import SightLine
from cn_planner.session.outlook import Eye, ends_round, look_round

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent, QWheelEvent

    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Job, Report
    from cn_planner.progress import CancelToken
    from cn_planner.service.outlook import OtherEnd
    from cn_planner.session.outlook import Outlook
    from cn_planner.session.workspace import Snapshot

_KEY = "panorama"
_TOP_M, _LEAST_SPAN, _MOST_SPAN = 60.0, 20.0, 360.0
EYE_M = 2.0
"""Of somebody who stands on the ground."""
_TURN, _NEARER, _STEP_M = 0.1, 1.25, 0.5
"""Of the picture's width that an arrow key turns; the factor of a key or a notch of the wheel; a step in height."""
_SIGNS = {SightLine.SEEN: "✓", SightLine.DOUBTFUL: "▲", SightLine.HIDDEN: "✗", SightLine.UNKNOWN: "?"}
_POINTS = 0.75
"""Points of the drawing for a pixel at letters of 100 %."""
_PRINTED = (760.0, 190.0)


class PanoramaView(QWidget):
    """The picture: dragging turns it, the wheel brings it nearer; what lies under the pointer is told."""

    turned = Signal(float)
    """By how many of its widths."""
    nearer = Signal(float)
    pointed = Signal(object)
    """Fractions of the picture under the pointer, or None."""
    chosen = Signal(str)
    """Id of another end."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(theme.px(260))
        self.found: Outlook | None = None
        self.waits = False
        """Whether a first picture is being made: the empty view says so."""
        self._held: QPointF | None = None
        self._moved = 0.0

    def points(self) -> tuple[float, float]:
        """Return the size of the drawing that fits, points."""
        return self.width() * _POINTS / theme.scale(), self.height() * _POINTS / theme.scale()

    def show_found(self, found: Outlook | None) -> None:
        """Show another picture."""
        self.found, self.waits = found, False
        if self._held is None:
            self._moved = 0.0
        self.setAccessibleDescription("" if found is None else found.picture.description)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint it; under the hand it moves at once, and is made anew then."""
        painter = QPainter(self)
        if self.found is not None:
            colours = Theme.DARK if theme.current().dark else Theme.LIGHT
            paint(painter, self.found.picture, QRectF(self.rect()).translated(self._moved, 0.0), colours)
        elif self.waits:
            painter.setPen(theme.current().text_faint)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr(msg("Looking round")) + "…")
        painter.end()

    def _share(self, at: QPointF) -> tuple[float, float] | None:
        if self.found is None:
            return None
        drawn = self.found.picture
        factor = min(self.width() / drawn.width, self.height() / drawn.height)
        left, top = (self.width() - factor * drawn.width) / 2.0, (self.height() - factor * drawn.height) / 2.0
        across, down = (at.x() - left) / (factor * drawn.width), (at.y() - top) / (factor * (drawn.height - AXIS))
        return (across, down) if 0.0 <= across <= 1.0 and 0.0 <= down <= 1.0 else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of it."""
        self._held = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Turn with the hand, or tell what is there."""
        if self._held is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._moved = event.position().x() - self._held.x()
            self.update()
        self.pointed.emit(self._share(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go: turned, or another end chosen."""
        held, self._held = self._held, None
        if held is None:
            return
        if abs(event.position().x() - held.x()) > theme.px(4):
            self.turned.emit((held.x() - event.position().x()) / max(self.width(), 1))
            return
        share = self._share(event.position())
        if share is None or self.found is None:
            return
        at = {end.id: self.found.seen.place_of(end.azimuth_deg, end.elevation_deg) for end in self.found.ends}
        wide, tall = self.width(), self.height()
        near = sorted((((x - share[0]) * wide) ** 2 + ((y - share[1]) * tall) ** 2, key) for key, (x, y) in at.items())
        if near and near[0][0] < theme.px(14) ** 2:
            self.chosen.emit(near[0][1])

    def leaveEvent(self, event: Any) -> None:  # noqa: ARG002, N802
        """Nothing is pointed at."""
        self.pointed.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Bring it nearer, or further."""
        self.nearer.emit(_NEARER ** (event.angleDelta().y() / 120.0))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Turn by the arrows, nearer by plus and minus."""
        match event.key():
            case Qt.Key.Key_Left:
                self.turned.emit(-_TURN)
            case Qt.Key.Key_Right:
                self.turned.emit(_TURN)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.nearer.emit(_NEARER)
            case Qt.Key.Key_Minus:
                self.nearer.emit(1.0 / _NEARER)
            case _:
                super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Have it made for the new size."""
        super().resizeEvent(event)
        self.turned.emit(0.0)


class PanoramaDialog(Dialog):
    """The dialog.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    quantities : Quantities
        The lengths as the user reads them: in the picture, in the table and in what is typed.
    """

    def __init__(self, parent: QWidget, state: AppState, quantities: Quantities) -> None:
        super().__init__(parent, msg("Stand here and look"), width=1120, height=720)
        room = parent.window().size()
        self.resize(min(self.width(), room.width() - 48), min(self.height(), room.height() - 48))
        self._state, self._quantities = state, quantities
        self.eye: Eye | None = None
        self.found: Outlook | None = None
        self._name = ""
        self._known: tuple[Eye, tuple[OtherEnd, ...]] | None = None
        self._asked: tuple[Eye | None, Job[Any] | None] = (None, None)
        self._peaks: tuple[str, tuple[tuple[str, float, float], ...]] = ("", ())
        self.said, self.under = caption(), caption(kind="label")
        self.view = PanoramaView()
        self.view.setAccessibleName(tr(msg("What is seen from here")))
        self.number = HeightField(msg("Height of the eye"), quantities, low_m=_STEP_M, high_m=_TOP_M)
        self.number.setSingleStep(_STEP_M)
        self.slider = MastSlider(tr(msg("Height of the eye")))
        self.slider.set_limits(_TOP_M, (EYE_M, *state.plan.rules.mast_heights_m))
        self.round = button(msg("All round"), act=lambda: self._turn_to(span=_MOST_SPAN))
        titles = (msg("To"), msg("Bearing"), msg("Distance"), msg("Tilt"), msg("What the ground says"))
        self.table = text_table(msg("The other ends, from left to right"), titles)
        self.table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(theme.px(130))
        name = caption(msg("Height of the eye"), wraps=False)
        name.setMinimumWidth(name.sizeHint().width())
        line = hbox(name, (self.slider, 1), self.number, self.round, gap=12)
        fill_box(self.column, self.said, (self.view, 1), self.under, line, self.table)
        self.save = self.add_button(msg("Save picture…"), self._save)
        self.add_close()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.look)
        self.slider.previewed.connect(self._raise)
        self.slider.committed.connect(self._raise)
        self.number.committed.connect(self._raise)
        self.view.turned.connect(self._turn)
        self.view.nearer.connect(lambda factor: self._turn_to(span=self._span / factor))
        self.view.pointed.connect(self._tell)
        self.view.chosen.connect(self._choose)
        self.table.itemSelectionChanged.connect(self._walk)
        state.planChanged.connect(self._look_again)  # not a lambda: it would keep a dialog that was closed
        state.projectChanged.connect(self.close)

    @property
    def ends(self) -> tuple[OtherEnd, ...]:
        """The other ends as they were last looked at."""
        return () if self._known is None else self._known[1]

    def _known_from(self, eye: Eye) -> tuple[OtherEnd, ...] | None:
        """Return the other ends as they are seen from an eye; None where they are not known from there yet."""
        return self._known[1] if self._known is not None and self._known[0].same_place(eye) else None

    @property
    def _span(self) -> float:
        return _MOST_SPAN if self.eye is None else self.eye.span_deg

    def stand(self, latitude: float, longitude: float, height_m: float, name: str = "") -> None:
        """Stand at a place."""
        self.eye = Eye(latitude, longitude, min(max(height_m, _STEP_M), _TOP_M), 180.0, _MOST_SPAN)
        self._name = name
        self._known = None
        self.view.waits = True
        self._show_height()
        self._soon.start()

    def _look_again(self, _changes: object = None) -> None:
        self._known, self._asked = None, (None, None)
        self._soon.start()

    def _show_height(self) -> None:
        if self.eye is not None:
            self.slider.show_height(self.eye.height_m)
            self.number.show_value(self.eye.height_m)

    def _raise(self, height_m: float) -> None:
        if self.eye is not None and height_m != self.eye.height_m:
            self.eye = replace(self.eye, height_m=max(height_m, _STEP_M))
            self._show_height()
            self._soon.start()

    def _turn(self, widths: float) -> None:
        if self.eye is not None:
            self._turn_to(towards=self.eye.towards_deg + widths * self.eye.span_deg)

    def _turn_to(self, towards: float | None = None, span: float | None = None) -> None:
        if self.eye is None:
            return
        self.eye = replace(
            self.eye,
            towards_deg=(self.eye.towards_deg if towards is None else towards) % 360.0,
            span_deg=min(max(self.eye.span_deg if span is None else span, _LEAST_SPAN), _MOST_SPAN),
        )
        self._soon.start()

    def _peaks_of(self, snapshot: Snapshot) -> tuple[tuple[str, float, float], ...]:
        """Return the hills that the plan's base map names; read once for a map, beside the window."""
        if self._peaks[0] != snapshot.plan.area.base_map:
            from cn_planner.session.base_map import named_places

            found = named_places(snapshot.plan, snapshot.workspace.path, ("peak",))
            self._peaks = snapshot.plan.area.base_map, found
        return self._peaks[1]

    def look(self) -> None:
        """Have what is seen computed; the newest question is the one that counts."""
        eye, size = self.eye, self.view.points()
        if eye is None or self.ended or size[1] < 60.0:
            return
        known = self._known_from(eye)
        colours, language = Theme.DARK if theme.current().dark else Theme.LIGHT, WORDS.language
        imperial = WORDS.imperial

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Outlook:
            return look_round(
                snapshot.study, eye, size=size, theme=colours, language=language, imperial=imperial,
                known=known or (), peaks=self._peaks_of(snapshot),
                run=Run(hand_pool(), report, cancel),
            )  # fmt: skip

        # The ground follows the hand; the paths to the other ends take longer, and are looked along beside it.
        self._state.ask(
            _KEY, msg("Looking round"), work, self._take, slot=Slot.LIVE, let_running_finish=True, on_error=self._failed
        )
        asked, job = self._asked
        waits = asked is not None and asked.same_place(eye) and job in self._state.jobs.active()
        if known is None and not waits:  # who turns meanwhile does not have it begun again
            job = self._state.ask(
                f"{_KEY} ends", msg("Looking at the other ends"),
                lambda snapshot, report, cancel: (eye, ends_round(snapshot.study, eye, run_on(report, cancel))),
                self._take_ends, on_error=self._failed,
            )  # fmt: skip
            self._asked = eye, job

    def _take(self, found: Outlook) -> None:
        if self.ended:
            return
        self.found = found
        self.view.show_found(found)
        ground, eye = self._quantities.height(found.seen.ground_m), self._quantities.height(found.eye.height_m)
        where = self._name or tr(msg("Here"))
        words = msg(
            "{name}: the ground is {ground} above the sea, the eye {eye} above it.",
            name=where, ground=ground, eye=eye,
        )  # fmt: skip
        self.said.setText(tr(words))
        self._tell(None)

    def _take_ends(self, found: tuple[Eye, tuple[OtherEnd, ...]]) -> None:
        if self.ended or self.eye is None or not found[0].same_place(self.eye):
            return
        self._known = found
        self._fill()
        self._soon.start()

    def _failed(self, failure: Failure) -> None:
        if not self.ended:
            self.view.show_found(None)
            self.said.setText(told_of(failure.error))

    def _fill(self) -> None:
        """List the other ends, from north round by east."""
        ends = self.ends
        self.table.blockSignals(True)
        self.table.setRowCount(len(ends))
        for row, end in enumerate(ends):
            texts = (
                f"{_SIGNS[end.sight]} {end.name}",
                f"{end.azimuth_deg:.0f}°",
                tr(self._quantities.distance(end.distance_m)),
                _up(end.elevation_deg),
                tr(end.words),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, end.id)
                self.table.setItem(row, column, item)
        self.table.resizeColumnsToContents()
        self.table.blockSignals(False)

    def _walk(self) -> None:
        """Turn towards the end whose row is chosen."""
        row = self.table.currentRow()
        if 0 <= row < len(self.ends):
            end = self.ends[row]
            self._turn_to(towards=end.azimuth_deg, span=min(self._span, 120.0))

    def _choose(self, key: str) -> None:
        """Mark the row of an end that was clicked, and select it on the map."""
        row = next((n for n, end in enumerate(self.ends) if end.id == key), None)
        if row is not None:
            self.table.blockSignals(True)
            self.table.selectRow(row)
            self.table.blockSignals(False)
            self._state.select(self.ends[row].kind, key)

    def _tell(self, share: tuple[float, float] | None) -> None:
        """Say what lies under the pointer."""
        if share is None or self.found is None:
            self.under.setText(
                tr(msg("Drag or ← → turn, + − bring it nearer. A click on a sign selects it on the map."))
            )
            return
        bearing, up, far = self.found.seen.seen(*share)
        words = msg("{bearing:.0f}°, {up:+.1f}°: sky", bearing=bearing, up=up)
        if far is not None:
            words = msg(
                "{bearing:.0f}°, {up:+.1f}°, {far} away", bearing=bearing, up=up, far=self._quantities.distance(far)
            )
        self.under.setText(tr(words))

    def _save(self) -> None:
        """Ask where the picture goes: drawn for paper, in colour or in black and white."""
        kinds = {
            tr(msg("Picture")) + " (*.png)": ".png",
            tr(msg("Drawing for print, black and white")) + " (*.svg)": ".svg",
        }

        def take(files: list[Path]) -> None:
            out, suffix = files[0], kinds.get(dialog.selectedNameFilter(), ".png")
            self._write(out if out.suffix.lower() in kinds.values() else out.with_name(out.name + suffix))

        dialog = file_dialog(
            self,
            msg("Save picture"),
            take,
            kinds=";;".join(kinds),
            mode=QFileDialog.FileMode.AnyFile,
            folder=self._folder(),
        )
        dialog.open()

    def _folder(self) -> Path | str:
        project = self._state.project
        return "" if project is None else project.path.parent

    def _write(self, out: Path) -> None:
        """Make the picture beside the window and write it."""
        eye, language = self.eye, WORDS.language
        if eye is None:
            return
        known = self._known_from(eye)
        printed = out.suffix.lower() == ".svg"
        colours, imperial = Theme.BLACK_AND_WHITE if printed else Theme.LIGHT, WORDS.imperial

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Outlook:
            return look_round(
                snapshot.study, eye, size=_PRINTED, theme=colours, language=language, imperial=imperial, known=known,
                peaks=self._peaks_of(snapshot), run=run_on(report, cancel),
            )  # fmt: skip

        def done(found: Outlook) -> None:
            try:
                write_whole(out, _bytes_of(found, printed=printed))
            except PlannerError as problem:
                self._state.say(notice_about(problem))
                return
            self._state.say(Notice(Level.INFO, msg("The picture is saved."), str(out)))

        self._state.ask("panorama file", msg("Drawing the picture"), work, done, slot=Slot.COMPUTE)


def _bytes_of(found: Outlook, *, printed: bool) -> bytes:
    if printed:
        from cn_planner.drawing.svg import svg

        return svg(found.picture, Theme.BLACK_AND_WHITE).encode()
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice

    picture = QImage(round(2 * found.picture.width), round(2 * found.picture.height), QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    paint(painter, found.picture, QRectF(picture.rect()))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


def _up(angle_deg: float) -> str:
    """Return how far above or below the level something is, as the language writes numbers."""
    return isolated(say(Message("{value:+.1f}°", (("value", angle_deg),)), WORDS.language))
