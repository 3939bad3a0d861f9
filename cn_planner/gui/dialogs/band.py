"""The band here: what the law allows at a place, who of the plan is heard how loud, and the channel of what listens."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from cn_planner.drawing.band_chart import band_chart, band_scale, channel_at
from cn_planner.errors import InputError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.dialogs.mode_table import ModeTable
from cn_planner.gui.kinds import in_plan
from cn_planner.gui.paint import paint
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.fields import ChoiceField, NumberField
from cn_planner.gui.panels.parts import button, caption, fill_box, hbox, retext, text_table
from cn_planner.gui.quantities import position
from cn_planner.gui.values import told_of
from cn_planner.gui.words import WORDS, isolated, tr
from cn_planner.jobs import run_on
from cn_planner.message import msg
from cn_planner.model.plan import Link, Site
from cn_planner.spectrum.band import ChannelState, band_at, bare_ears, ear_words, ears_of_site
from cn_planner.spectrum.band_ladder import ladders_of
from cn_planner.spectrum.band_words import band_summary, channel_words, dbm_words, law_words, radio_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from cn_planner.drawing.display import DisplayList
    from cn_planner.errors import PlannerError
    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Report
    from cn_planner.progress import CancelToken
    from cn_planner.service.mode_ladder import ModeLadder
    from cn_planner.session.workspace import Snapshot
    from cn_planner.spectrum.band import BandChannel, BandView
    from cn_planner.spectrum.radios import Ear

_Heard: TypeAlias = "tuple[BandView, Mapping[float, ModeLadder]]"
_KEY, _MODES_PX = "band", 372
_POINTS = 0.75
"""Points of the drawing for a pixel at letters of 100 %."""


class BandPicture(QWidget):
    """The picture of the band: arrows go from channel to channel, Enter or a click takes one."""

    chosen = Signal(float)
    """Centre of a channel that is looked at, MHz."""
    taken = Signal(float)
    """Centre of a channel that is to be set."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(theme.px(200))
        self.setAccessibleName(tr(msg("The band here")))
        self.found: BandView | None = None
        self.at_mhz: float | None = None
        self._drawn: tuple[Any, DisplayList] | None = None

    def show_found(self, found: BandView | None) -> None:
        """Show another band."""
        self.found, self._drawn = found, None
        if found is None or (self.at_mhz is not None and found.at(self.at_mhz) is None):
            self.at_mhz = None
        self.setAccessibleDescription("" if found is None else " ".join(tr(one) for one in band_summary(found)))
        self.update()

    def choose(self, freq_mhz: float | None) -> None:
        """Frame a channel."""
        self.at_mhz = freq_mhz
        self.update()

    def points(self) -> tuple[float, float]:
        """Return the size of the drawing, points."""
        return self.width() * _POINTS / theme.scale(), self.height() * _POINTS / theme.scale()

    def drawing(self) -> DisplayList | None:
        """Return the picture in its present size; None where nothing is known yet."""
        if self.found is None:
            return None
        size = self.points()
        key = size, self.at_mhz, WORDS.language
        if self._drawn is None or self._drawn[0] != key:
            made = band_chart(
                self.found, width=size[0], height=size[1], chosen_mhz=self.at_mhz, language=WORDS.language
            )
            self._drawn = key, made
        return self._drawn[1]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint it, and round it where the keyboard is on it."""
        painter = QPainter(self)
        drawn = self.drawing()
        if drawn is not None:
            paint(painter, drawn, QRectF(self.rect()), theme.current().drawing)
        if self.hasFocus():
            painter.setPen(QPen(theme.current().focus, 2.0))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        painter.end()

    def channel_under(self, x: float) -> BandChannel | None:
        """Return the channel at so many pixels across."""
        if self.found is None or self.width() <= 0:
            return None
        width, height = self.points()
        scale = band_scale(self.found, width, height)
        return channel_at(self.found, scale.freq_at(x * width / self.width()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Look at the channel under the mouse."""
        one = self.channel_under(event.position().x())
        if one is not None and one.channel.freq_mhz != self.at_mhz:
            self.chosen.emit(one.channel.freq_mhz)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take the channel under the mouse."""
        one = self.channel_under(event.position().x())
        if one is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(one.channel.freq_mhz)
            self.taken.emit(one.channel.freq_mhz)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go from channel to channel as they stand in the picture; Enter takes the one that is framed."""
        rows = () if self.found is None else self.found.channels
        at = next((n for n, one in enumerate(rows) if one.channel.freq_mhz == self.at_mhz), None)
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -len(rows), Qt.Key.Key_End: len(rows)}
        key = Qt.Key(event.key())
        if rows and key in steps:
            to = 0 if at is None else min(max(at + steps[key], 0), len(rows) - 1)
            self.chosen.emit(rows[to].channel.freq_mhz)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at_mhz is not None:
            self.taken.emit(self.at_mhz)
        else:
            super().keyPressEvent(event)


class BandDialog(Dialog):
    """The dialog; it follows what is selected on the map.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    """

    def __init__(self, parent: QWidget, state: AppState) -> None:
        super().__init__(parent, msg("The band here"), width=1120, height=720)
        room = parent.window().size()
        self.resize(min(self.width(), room.width() - 48), min(self.height(), room.height() - 48))
        self._state = state
        self.found: BandView | None = None
        self.ear: Ear | None = None
        self._ears: tuple[Ear, ...] = ()
        self.said, self.verdict, self.under = caption(), caption(), caption(kind="label")
        self.with_what = ChoiceField(msg("What listens"))
        self.with_what.setMinimumWidth(theme.px(250))
        self.channel = NumberField(msg("Channel"), low=0, high=100_000, unit="MHz", decimals=3, step=5.0)
        self.channel.setFixedWidth(theme.px(120))
        self.take_best = button(msg("Take the best channel"), act=self._take_best)
        self.picture, self.modes = BandPicture(), ModeTable()
        self.ladders: Mapping[float, ModeLadder] = {}
        self.channels = text_table(
            msg("Channels"), (msg("Channel"), msg("What the law allows"), msg("Heard"), msg("Lost"), msg("Which"))
        )
        self.radios = text_table(msg("Radios of the plan"), (msg("Who"), msg("Channel"), msg("Arrives here")))
        for table in (self.channels, self.radios):
            table.setMinimumHeight(theme.px(110))
        self.channels.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.radios.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        ask = caption(msg("What listens"), wraps=False)
        self._channel_words = caption(msg("Channel"), wraps=False)
        for words in (ask, self._channel_words):
            words.setMinimumWidth(words.sizeHint().width())
        line = hbox(ask, (self.with_what, 1), self._channel_words, self.channel, self.take_best, gap=12)
        self.modes.setFixedWidth(theme.px(_MODES_PX))
        plot = hbox((self.picture, 1), self.modes, gap=16)
        fill_box(self.column, self.said, self.verdict, line, (plot, 3), self.under)
        fill_box(self.column, (hbox((self.channels, 1), (self.radios, 1), gap=16), 2))
        self.add_close()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.look)
        self.with_what.committed.connect(self.listen_with)
        self.channel.committed.connect(self.set_channel)
        self.picture.chosen.connect(self._choose)
        self.picture.taken.connect(self._click)
        self.channels.itemSelectionChanged.connect(self._walk)
        self.channels.itemActivated.connect(self._activate)
        state.planChanged.connect(self._plan_changed)  # not a lambda: it would keep a dialog that was closed
        state.selectionChanged.connect(self._selected)
        state.projectChanged.connect(self.close)
        self._show()

    def end(self) -> None:
        """Listen no more."""
        super().end()
        self._state.jobs.cancel_all(_KEY)

    # Where, and with what

    def listen(self, ear: Ear) -> None:
        """Listen with an ear; what else could listen at its place is offered beside it."""
        project = self._state.project
        if project is None:
            return
        plan = self._state.plan
        ears = self._ears_at(plan.sites.get(ear.site), ear)
        if not ears:
            return
        self._ears = ears if ear in ears else (ear, *ears)
        self.with_what.set_choices([(one, ear_words(plan, project.catalogue, one)) for one in self._ears])
        self.with_what.show_value(ear)
        self.listen_with(ear)

    def _ears_at(self, site: Site | None, ear: Ear | None = None) -> tuple[Ear, ...]:
        """Return what could listen at a site, else where an ear is; none where no radio can, which is said."""
        plan, project = self._state.plan, self._state.project
        if project is None:
            return ()
        try:
            if site is not None:
                return ears_of_site(plan, project.catalogue, site)
            return () if ear is None else bare_ears(plan, project.catalogue, *ear[:3])
        except InputError as error:
            self.ear = None
            self._cannot(error)
            return ()

    def listen_with(self, ear: Ear) -> None:
        """Listen with another antenna."""
        self.ear = ear
        self._soon.start()

    def _selected(self, thing: Thing | None) -> None:
        """Listen at what is selected on the map meanwhile."""
        plan = self._state.plan
        one = None if thing is None else in_plan(plan, thing)
        if one is None or self.ended:
            return
        if isinstance(one, Site) and (self.ear is None or self.ear.site != one.id):
            for ear in self._ears_at(one)[:1]:
                self.listen(ear)
        elif isinstance(one, Link) and not self._listens_for(one):
            ears = self._ears_at(plan.sites[one.from_site])
            mine = next((ear for ear in ears if ear.user is not None and _is_of(ear.user, one)), None)
            if mine is not None:
                self.listen(mine)

    def _listens_for(self, link: Link) -> bool:
        return self.ear is not None and self.ear.user is not None and _is_of(self.ear.user, link)

    def _plan_changed(self, _changes: object = None) -> None:
        """Listen again: with the same radio, wherever it hangs now; with a bare antenna where it is gone."""
        ear, plan = self.ear, self._state.plan
        if ear is None or self._state.project is None or self.ended:
            return
        site = plan.sites.get(ear.site)
        if site is not None:
            ears = self._ears_at(site)
            if not ears:
                return
            same = [one for one in ears if one.user == ear.user and (ear.user is not None or one.kit == ear.kit)]
            ear = (*same, *ears)[0]
        elif ear.site:
            ear = ear._replace(site="", user=None)
        self.listen(ear)

    def look(self) -> None:
        """Have it computed; the newest question is the one that counts."""
        ear = self.ear
        if ear is None or self.ended:
            return

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> _Heard:
            run = run_on(report, cancel)
            found = band_at(snapshot.study, ear, run=run)
            return found, ladders_of(snapshot.study, found, run=run)

        if self.found is None:
            self.said.setText(tr(msg("Listening to the band")))
        self._state.ask(_KEY, msg("Listening to the band"), work, self._take, on_error=self._failed)

    def _take(self, heard: _Heard) -> None:
        found, ladders = heard
        if not self.ended and found.ear == self.ear:
            self.found, self.ladders = found, ladders
            self._show()

    def _failed(self, failure: Failure) -> None:
        if not self.ended:
            self._cannot(failure.error)

    def _cannot(self, error: PlannerError) -> None:
        self.found, self.ladders = None, {}
        self._show()
        self.said.setText(told_of(error))

    # Showing

    def _show(self) -> None:
        found = self.found
        self.picture.show_found(found)
        own = None if found is None else found.own
        for widget in (self._channel_words, self.channel, self.take_best):
            widget.setVisible(own is not None)
        self._fill()
        if found is None:
            self.modes.show_ladder(None)
            self.under.setText("")
            self.verdict.setText("")
            return
        place = found.name or position(found.ear.latitude, found.ear.longitude, "degrees")
        here, verdict, *rest = (tr(one) for one in band_summary(replace(found, name=place)))
        self.said.setText(" ".join([here, *rest[:-1]]))
        now = found.now
        bad = now is not None and now.state is not ChannelState.OPEN
        self.verdict.setText(verdict)
        theme.mark(self.verdict, "warn" if bad else "ok")
        if own is not None:
            half = found.width_mhz / 2.0
            self.channel.setRange(found.low_mhz + half, found.high_mhz - half)
            self.channel.show_value(own.channel.freq_mhz)
            theme.mark(self.channel, "bad" if bad else "")
            best = found.best
            better = best is not None and best.freq_mhz != own.channel.freq_mhz
            self.take_best.setEnabled(better)
            if best is not None:
                retext(self.take_best, msg("Take {freq:g} MHz", freq=best.freq_mhz))
        self._tell()

    def _fill(self) -> None:
        found = self.found
        rows = () if found is None else found.channels
        self._rows(
            self.channels,
            [] if found is None else [[tr(one) for one in channel_words(found, row)] for row in rows],
            [row.channel.freq_mhz for row in rows],
        )
        others = () if found is None else found.radios
        self._rows(self.radios, [[tr(one) for one in radio_words(row)] for row in others], [row.key for row in others])
        self._mark_row()

    @staticmethod
    def _rows(table: QTableWidget, texts: list[list[str]], keys: list[Any]) -> None:
        table.blockSignals(True)
        table.setRowCount(len(texts))
        for number, (line, key) in enumerate(zip(texts, keys, strict=True)):
            for column, text in enumerate(line):
                item = QTableWidgetItem(isolated(text))
                item.setToolTip(text)
                item.setData(Qt.ItemDataRole.UserRole, key)
                table.setItem(number, column, item)
        table.resizeColumnsToContents()
        table.blockSignals(False)

    def _mark_row(self) -> None:
        found, at = self.found, self.picture.at_mhz
        row = next((n for n, one in enumerate(found.channels) if one.channel.freq_mhz == at), -1) if found else -1
        self.channels.blockSignals(True)
        if row >= 0:
            self.channels.selectRow(row)
        else:
            self.channels.clearSelection()
        self.channels.blockSignals(False)

    def _choose(self, freq_mhz: float) -> None:
        self.picture.choose(freq_mhz)
        self._mark_row()
        self._tell()

    def _walk(self) -> None:
        """Frame the channel whose row is chosen."""
        item = self.channels.item(self.channels.currentRow(), 0)
        if item is not None:
            self.picture.choose(item.data(Qt.ItemDataRole.UserRole))
            self._tell()

    def _tell(self) -> None:
        """Say what is known of the channel that is framed."""
        found = self.found
        one = None if found is None or self.picture.at_mhz is None else found.at(self.picture.at_mhz)
        has = None if found is None or found.own is None else found.own.channel.freq_mhz
        self.modes.show_ladder(self.ladders.get(self.picture.at_mhz or -1.0, self.ladders.get(has or -1.0)))
        if one is None or found is None:
            hint = msg("← → go from channel to channel.")
            if found is not None and found.own is not None:
                hint = msg("← → go from channel to channel; a click or Enter sets the one that is framed.")
            others = "" if found is None else f" {tr(band_summary(found)[-1])}"
            self.under.setText(f"{tr(hint)}{others}")
            return
        loud = [
            row for row in found.radios
            if not row.own and row.level_dbm is not None
            and row.channel.low_mhz < one.channel.high_mhz and row.channel.high_mhz > one.channel.low_mhz
        ]  # fmt: skip
        words = msg(
            "{freq:g} MHz: {law}; of the others {heard}, the noise rises by {rise:.1f} dB.",
            freq=one.channel.freq_mhz, law=law_words(one), heard=dbm_words(one.heard_dbm), rise=one.rise_db,
        )  # fmt: skip
        there = "; ".join(f"{row.name} {tr(dbm_words(row.level_dbm))}" for row in loud)
        self.under.setText(f"{tr(words)} {there}" if there else tr(words))

    # Setting

    def _activate(self, item: QTableWidgetItem) -> None:
        self._click(item.data(Qt.ItemDataRole.UserRole))

    def _click(self, freq_mhz: float) -> None:
        """Set a channel that was clicked where it is open; of one that is not it is said why."""
        one = None if self.found is None else self.found.at(freq_mhz)
        if one is not None and one.state.may_send:
            self.set_channel(freq_mhz)

    def _take_best(self) -> None:
        if self.found is not None and self.found.best is not None:
            self.set_channel(self.found.best.freq_mhz)

    def set_channel(self, freq_mhz: float) -> None:
        """Set the channel of what listens: one edit, which Undo takes back; nothing while another's band is shown."""
        ear, found = self.ear, self.found
        if ear is None or ear.user is None or found is None or found.ear.user != ear.user:
            return
        now = found.own
        if now is None or (now.given and now.channel.freq_mhz == freq_mhz):
            return
        if not self._state.make(partial(plan_edits.channel, user=ear.user, freq_mhz=freq_mhz)):
            self._show()


def _is_of(user: tuple[str, str, str], link: Link) -> bool:
    """Return whether a user of the band is a link: a sector, and a site, may have its id."""
    return (user[0], user[2]) == ("link", link.id)
