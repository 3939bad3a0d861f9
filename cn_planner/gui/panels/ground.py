"""Start from the ground: four answers, from nothing to a plan of all who can be reached. Each can be changed later."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from cn_planner.area.elevation_sources import GeoBox
from cn_planner.errors import PlannerError
from cn_planner.gui import icons, theme
from cn_planner.gui.ground_flow import fits_box
from cn_planner.gui.ground_steps import GROUND, HOMES, INTERNET, WHERE, ground_steps, next_ground_step
from cn_planner.gui.panels.fields import line_edit
from cn_planner.gui.panels.job_line import JobLine
from cn_planner.gui.panels.parts import (
    STRETCH,
    beside_where_room,
    button,
    caption,
    empty,
    fill_box,
    hbox,
    let_go,
    thin_line,
    vbox,
)
from cn_planner.gui.values import Level, notice_about, told_of
from cn_planner.gui.village import CountryBox
from cn_planner.gui.words import WORDS, tr
from cn_planner.message import counted, msg
from cn_planner.model.edits import change_section

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QBoxLayout

    from cn_planner.area.osm_web import PlaceFound
    from cn_planner.gui.ground_flow import GroundFlow
    from cn_planner.gui.ground_steps import GroundStep
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.map.tools.area import Corners
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState
    from cn_planner.gui.values import Notice
    from cn_planner.session.ground import PackAtHand

_SIGN_PX = 24
_DECIMALS = 4
"""Of a degree: 11 m, a third of a cell."""
_FEW_PACKS = 3
_HIT_EDGES_PX = 20


class _Head(QAbstractButton):
    """The number of a question, or its tick, and the question; a click opens it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.done = self.open = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(32))

    def show_step(self, step: GroundStep, *, opened: bool) -> None:
        """Show how it stands."""
        self.done, self.open = step.done, opened
        self.setText(tr(step.title))
        words = tr(msg("done")) if step.done else tr(msg("to do"))
        self.setAccessibleName(f"{self._number}. {self.text()} {words}")
        self.setAccessibleDescription(tr(step.state))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw sign and words along the line of writing."""
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        sign, high = theme.px(_SIGN_PX), self.height()
        left = self.width() - sign - 2 if mirrored else 2
        spot = QRectF(left, (high - sign) / 2, sign, sign).adjusted(1, 1, -1, -1)
        if self.done:
            pixmap = icons.pixmap("done", "ok", sign - 2, self.devicePixelRatioF())
            painter.drawPixmap(spot.topLeft(), pixmap)
        else:
            painter.setPen(QPen(now.action if self.open else now.text_faint, 2))
            painter.drawEllipse(spot)
            painter.setFont(theme.window_font(theme.LABEL_PX, bold=True))
            painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.setFont(theme.window_font(bold=True))
        painter.setPen(now.text)
        gap = sign + 12
        room = QRectF(0 if mirrored else gap, 0, self.width() - gap, high)
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, words)
        if self.hasFocus():
            painter.setPen(QPen(now.focus, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class _Hit(QPushButton):
    """A place that was found: one line that shortens, with all of it in its tip."""

    def __init__(self, words: str, take: Callable[[], object]) -> None:
        super().__init__()
        theme.mark(self, "flat")
        self._words = words
        self.setAccessibleName(words)
        self.setStyleSheet("QPushButton { text-align: left; }")  # Qt mirrors this by itself
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._take = take
        self.clicked.connect(self._pressed)

    def _pressed(self) -> None:
        self._take()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Shorten to the new width."""
        super().resizeEvent(event)
        room = self.width() - theme.px(_HIT_EDGES_PX)
        short = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        self.setText(short)
        self.setToolTip("" if short == self._words else self._words)


class GroundPanel(QFrame):
    """The panel.

    Parameters
    ----------
    flow : GroundFlow
    state : AppState
    canvas : MapCanvas
        On which the village, its box and the Internet are clicked.
    quantities : Quantities
    act : callable of str
        Does a command of the window.
    close : callable
        Puts the panel away.
    """

    kept = Signal()
    """What was clicked on the map is in the plan; the panel goes on from there."""

    def __init__(
        self,
        flow: GroundFlow,
        state: AppState,
        canvas: MapCanvas,
        quantities: Quantities,
        act: Callable[[str], object],
        close: Callable[[], object],
    ) -> None:
        super().__init__()
        theme.mark(self, "panel")
        self._flow, self._state, self._canvas, self._quantities = flow, state, canvas, quantities
        self._act, self._close = act, close
        self._outer = vbox(on=self, margin=16)
        self._body = QWidget()
        self._chosen = ""
        self._box = state.plan.area.box
        self._armed = False
        """Whether the tool for the Internet was put into the hand once: of itself it is not again."""
        self._waits = False
        """Whether the panel goes on when the Internet is clicked."""
        self._found: tuple[PlaceFound, ...] = ()
        self._packs: tuple[PackAtHand, ...] = ()
        canvas.zoneDrawn.connect(self._drawn)
        canvas.gatewayChosen.connect(lambda *_: self._said_on_map())
        flow.changed.connect(self.refresh)
        flow.went.connect(canvas.show_places)
        state.planChanged.connect(lambda _: self.refresh())
        state.projectChanged.connect(self._begin)
        WORDS.changed.connect(self._fill)
        theme.signals.changed.connect(self._fill)
        self._fill()

    def _begin(self) -> None:
        self._chosen, self._armed, self._waits = "", False, False
        self._box = self._state.plan.area.box
        self.where.clear()
        self.refresh()

    # Building

    def _fill(self) -> None:
        """Make the panel, in the language of the moment."""
        let_go(self._body)
        self._found, self._packs = (), ()
        self._body = QWidget()
        self.setAccessibleName(tr(msg("Start from the ground")))
        lines = vbox(
            caption(msg("Start from the ground"), "title"),
            caption(msg("Four answers. Each can be changed later."), "label"),
            on=self._body,
        )
        self.heads: dict[str, _Head] = {}
        self.states: dict[str, QLabel] = {}
        self.bodies: dict[str, QWidget] = {}
        self._columns: dict[str, QBoxLayout] = {}
        """The answers, and the foot: what comes of a button is said below the answer that is open, in sight."""
        makers = {
            WHERE: self._where_body, GROUND: self._ground_body, INTERNET: self._internet_body, HOMES: self._homes_body,
        }  # fmt: skip
        for number, (key, make) in enumerate(makers.items(), 1):
            head = self.heads[key] = _Head(number)
            head.clicked.connect(lambda _=False, key=key: self.open_step(key))
            state = self.states[key] = caption("", "label")
            body = self.bodies[key] = make()
            inner = self._columns[key] = vbox(state, body, gap=8, margin=(theme.px(_SIGN_PX) + 12, 0, 0, 8))
            fill_box(lines, head, inner, thin_line())
        self.job = JobLine(self._flow.cancel)
        self.said = caption()
        self._columns[""], self._said_at = vbox(self.job, self.said), ""
        fill_box(lines, self._columns[""])
        self.why = caption("", "label")
        self.go = button(msg("Find places and plan"), "primary", act=self._go)
        fill_box(lines, 8, self.why, self.go, button(msg("Close"), "quiet", act=self._close), STRETCH)
        self._outer.addWidget(self._body)
        self._fit()
        self.refresh()

    def _where_body(self) -> QWidget:
        body = QWidget()
        name = tr(msg("Name of the village, or coordinates"))
        self.where = line_edit(name, hint=msg("Name, 42.1 1.8, plus code, MGRS"))
        self.where.returnPressed.connect(self.look)
        self.hits = vbox(gap=4)
        self.net = button(msg("Ask the Internet"), act=self._flow.ask_net)
        self.net_words = caption("", "label")
        self.click_it = button(msg("Click it on the map"), act=lambda: self._arm("village"))
        self.draw = button(msg("Draw a box"), act=lambda: self._arm("area"))
        self._choices = hbox(self.click_it, self.draw)
        self.country = CountryBox()
        self.country.activated.connect(lambda _at: self._choose_country())
        said = msg("Its rules say how strongly a radio may send. It can be chosen later too.")
        self.country_words = caption(said, "label")
        vbox(
            hbox((self.where, 1), button(msg("Find"), act=self.look)),
            self.hits, self.net_words, self.net,
            self._choices,
            button(msg("From files…"), act=lambda: self._act("ground_files")),
            4, caption(msg("Whose rules hold there?"), "label"), self.country, self.country_words,
            on=body,
        )  # fmt: skip
        return body

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put two buttons below each other where they have no room beside each other."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 2 * 16 - theme.px(_SIGN_PX) - 12
        beside_where_room(self._choices, room, self.click_it, self.draw)

    def _ground_body(self) -> QWidget:
        body = QWidget()
        self.packs = vbox(gap=4)
        self.files = button(msg("Choose files…"), act=lambda: self._act("ground_files"))
        self.terrain_box = QCheckBox(tr(msg("Terrain, every 30 m")))
        self.map_box = QCheckBox(tr(msg("Roads, rivers, names, roofs")))
        for one in (self.terrain_box, self.map_box):
            one.setChecked(True)
            one.toggled.connect(lambda _=False: self.refresh())
        self.net_said = caption("", "label")
        self.bring = button(msg("Bring it from the Internet"), act=self._bring)
        vbox(
            caption(msg("From a stick: terrain (.hgt, GeoTIFF), an area pack, a map, lists."), "label"),
            self.packs, self.files,
            8, self.terrain_box, self.map_box, self.net_said, self.bring,
            on=body,
        )  # fmt: skip
        return body

    def _internet_body(self) -> QWidget:
        body = QWidget()
        self.internet = button(msg("Click it on the map"), act=lambda: self._arm("gateway"))
        words = msg(
            "A tower that is there already, or any place. Not known yet? Take the likeliest, and move it later."
        )
        vbox(caption(words, "label"), self.internet, on=body)
        return body

    def _homes_body(self) -> QWidget:
        body = QWidget()
        self.roofs = button("", act=self._flow.take_roofs)
        self.list = button(msg("From a list…"), act=lambda: self._act("import_homes"))
        self.by_hand = button(msg("Click each home"), act=lambda: self._act("place_home"))
        vbox(self.roofs, hbox(self.list, self.by_hand), on=body)
        return body

    # What is shown

    def open_step(self, key: str) -> None:
        """Open a question again, or the one that is next."""
        self._chosen = "" if self._chosen == key else key
        self.refresh()
        if self._chosen == WHERE:  # its answer is typed
            self.where.setFocus(Qt.FocusReason.OtherFocusReason)
            self.where.selectAll()

    def refresh(self) -> None:
        """Show how the answers stand."""
        plan, flow = self._state.plan, self._flow
        at = QApplication.focusWidget()
        within = at is not None and self._body.isAncestorOf(at)
        said = plan.area.box != self._box
        if said:  # where it is: on to the next
            self._box, self._chosen = plan.area.box, ""
        steps = ground_steps(plan, self._quantities)
        following = next_ground_step(steps)
        opened = self._chosen or following
        for step in steps:
            self.heads[step.key].show_step(step, opened=step.key == opened)
            state = step.state
            if step.key == WHERE and plan.info.country:
                name = self.country.name_of(plan.info.country)
                state = msg("{place} The rules of {country} hold.", place=state, country=name)
            self.states[step.key].setText(tr(state))
            self.bodies[step.key].setVisible(step.key == opened)
        self._show_where()
        self._show_ground()
        if self._said_at != opened:
            self._said_at = opened
            fill_box(self._columns[opened], self.job, self.said)
        if within and opened and (said or QApplication.focusWidget() is not at):
            self.heads[opened].setFocus(Qt.FocusReason.OtherFocusReason)
        self.roofs.setText(tr(msg("Take the roofs of the map")))
        if flow.roofs:
            words = counted("Take {count:,.0f} roof of the map", "Take the {count:,.0f} roofs of the map", flow.roofs)
            self.roofs.setText(tr(words))
        self.roofs.setEnabled(bool(flow.roofs))
        self.roofs.setToolTip("" if flow.roofs else tr(msg("The plan has no map with roofs.")))
        missing = next((step for step in steps if not step.done), None)
        why = (
            msg("All is there for a first plan.")
            if missing is None
            else msg("Before that: {question}", question=missing.title)
        )
        self.why.setText(tr(why))
        self.go.setEnabled(missing is None and flow.planning is None)
        self.why.setVisible(flow.planning is None)
        if following == INTERNET and self.isVisible() and not self._armed and self._canvas.tool.key == "select":
            self._armed = True  # the answer is the very next click
            self._arm("gateway")

    def _show_where(self) -> None:
        flow, plan = self._flow, self._state.plan
        if flow.found != self._found:  # not at each word of a job: whoever presses one of them keeps it
            self._found = flow.found
            self._show_found()
        self.net.setVisible(bool(flow.asked))
        self.net_words.setVisible(bool(flow.asked))
        told = msg("The Internet knows more names. It would hear: {text}.", text=flow.asked[:60])
        self.net_words.setText(tr(told) if flow.asked else "")
        self.net.setToolTip(tr(msg("Asks {server}", server=flow.names_server)))
        edit = self.country.lineEdit()
        if edit is None or not edit.hasFocus():
            self.country.choose(plan.info.country)
        self.country_words.setVisible(not plan.info.country)

    def _show_found(self) -> None:
        empty(self.hits)
        for one in self._found[:5]:
            where = self._quantities.position(one.latitude, one.longitude)
            words = f"{one.name} · {where}" if one.name else where
            made = _Hit(words, partial(self._flow.take_place, one.latitude, one.longitude))
            self.hits.addWidget(made)

    def _show_packs(self) -> None:
        empty(self.packs)
        for pack in self._packs:
            words = msg("Take the pack {name}", name=pack.name)
            made = button(words, act=partial(self._flow.take_files, [pack.path]))
            made.setToolTip(str(pack.path))
            self.packs.addWidget(made)

    def _show_ground(self) -> None:
        flow, box = self._flow, self._flow.box
        packs = tuple(one for one in flow.packs if fits_box(one, box))[:_FEW_PACKS]
        if packs != self._packs:
            self._packs = packs
            self._show_packs()
        busy = flow.fetching is not None
        chosen = self.terrain_box.isChecked() or self.map_box.isChecked()
        self.bring.setEnabled(box is not None and chosen and not busy)
        said = msg("First say where the village is.")
        plan = self._state.plan
        if box is None and (plan.elevation or plan.households or plan.sites):
            # Where the files lie is where the village is; that says not how much is wanted.
            said = msg("Draw a box or name the village: that says how much is brought in.")
        if box is not None:
            terrain, map_from = (urlsplit(one).hostname or one for one in flow.servers)
            said = msg("Asks {terrain} and {map} for this box, when you press it.", terrain=terrain, map=map_from)
        self.net_said.setText(tr(said))
        self.job.show_job(flow.fetching or flow.job or flow.planning)
        self._show_said(flow.said)

    def _show_said(self, said: Notice | None) -> None:
        self.said.setVisible(said is not None)
        if said is not None:
            self.said.setText(told_of(said, place=False))
            theme.mark(self.said, {Level.INFO: "ok", Level.WARNING: "warn"}.get(said.level, "bad"))

    # What is done

    def look(self) -> None:
        """Look where what is typed lies."""
        self._flow.look_for(self.where.text())

    def _choose_country(self) -> None:
        if self._state.project is None:  # the last word of a field in a window that closes
            return
        code = self.country.code()
        if code and code != self._state.plan.info.country:
            self._state.make(lambda plan: change_section(plan, "info", msg("choose the country"), country=code))
        if code and not self._state.plan.area.box:
            self._flow.show_country(code)

    def _arm(self, tool: str) -> None:
        """Take a tool in hand: the next click on the map is the answer."""
        self._armed, self._waits = tool == "gateway" or self._armed, tool == "gateway"
        self._act(f"tool:{tool}")

    def _drawn(self, kind: str, ring: Corners | None) -> None:
        if kind != "area" or ring is None or not self.isVisible():
            return
        (south, west), (north, east) = (tuple(round(one, _DECIMALS) for one in place) for place in ring)
        try:
            box = GeoBox(south, west, north, east)
        except PlannerError as error:
            self._state.say(notice_about(error))
            return
        self._act("tool:select")  # what is under way is done: the box stands in the plan
        self._chosen = ""
        self._flow.take_box(box)

    def _said_on_map(self) -> None:
        """The Internet was clicked: what is selected on the map does not take the panel's place."""
        waits, self._waits = self._waits, False
        if waits and self.isVisibleTo(self.window()) is False:
            self.kept.emit()

    def _bring(self) -> None:
        from cn_planner.session.ground import GroundWanted

        self._flow.bring(GroundWanted(self.terrain_box.isChecked(), self.map_box.isChecked()))

    def _go(self) -> None:
        self._flow.plan_all()
