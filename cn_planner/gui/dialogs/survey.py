"""What did you see? The printed survey sheet of a place, typed with the keyboard alone; a sheet is one edit."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from cn_planner.errors import InputError, PlannerError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog, file_dialog
from cn_planner.gui.dialogs.sheet_fields import AnswerRow, NumberedLine, nothing_heard, ok, unclear
from cn_planner.gui.dialogs.sheet_plan import SheetPlan
from cn_planner.gui.dialogs.sheet_readers import (
    day_in,
    height_in,
    level_in,
    read_date,
    read_height,
    read_measured,
    spot_in,
)
from cn_planner.gui.kinds import HOUSEHOLD
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.fields import ChoiceField, line_edit
from cn_planner.gui.panels.parts import STRETCH, Elided, button, caption, empty, fill_box, hbox, vbox
from cn_planner.gui.quantities import distance
from cn_planner.gui.values import told_of
from cn_planner.gui.words import tr
from cn_planner.importers.measured import WeakerThan
from cn_planner.jobs import Slot
from cn_planner.message import Message, msg
from cn_planner.model.evidence import FARTHEST_MOVE_M, SAME_M, Seen, Visit
from cn_planner.model.plan import Household, Site, Status
from cn_planner.report.field_sheets import HOME_LINES, SITE_LINES, WHEN_WORDS, WHO_WORDS
from cn_planner.report.words import POWER_WORDS, STATUS_WORDS
from cn_planner.session.measured import keeping_senders
from cn_planner.session.sheet import (
    SheetAnswers,
    SheetLevel,
    VisitSheet,
    away_m,
    changes_of,
    read_obstacle,
    sheet_edit,
    visit_sheet,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, JobState, Report
    from cn_planner.links.budget import LinkBudget
    from cn_planner.progress import CancelToken

VISIT_ANSWERS = (
    (Visit.VISITED, "✓", msg("Visited")),
    (Visit.REFUSED, "⊘", msg("Refused")),
    (Visit.WRONG_POSITION, "→", msg("Wrong position")),
    (Visit.BETTER_PLACE, "★", msg("Better place")),
)
SEEN_ANSWERS = (
    (Seen.CLEAR, "✓", msg("Clear")),
    (Seen.TREES, "▲", msg("Trees")),
    (Seen.HIDDEN, "✕", msg("Hidden")),
)
_SIGNS = {"ok": "✓", "warn": "▲", "plain": "◇"}
_TEXTS = ("owner", "consent", "access", "hazard")
_THUMB_PX = 112
_SIDE_PX, _BOTH_PX = 288, 900


class SurveyDialog(Dialog):
    """The screen.

    Parameters
    ----------
    parent : QWidget
        The window.
    state : AppState
    units : str
    links : callable
        Returns what is computed of the plan's links now, by id.
    plan_again : callable
        Shows what the planner would make of the plan now.

    Attributes
    ----------
    sheet : VisitSheet or None
    order : list of QWidget
        The fields, line by line: Enter and Tab go through them.
    """

    def __init__(
        self, parent: QWidget, state: AppState, units: str, links: Callable[[], Mapping[str, LinkBudget]],
        plan_again: Callable[[], object],
    ) -> None:  # fmt: skip
        super().__init__(parent, msg("What did you see?"), width=1180, height=760)
        room = parent.window().size()
        self.resize(min(self.width(), room.width() - 32), min(self.height(), room.height() - 32))
        self.setAcceptDrops(True)
        self._state, self._units, self._links, self._plan_again = state, units, links, plan_again
        self.sheet: VisitSheet | None = None
        self.order: list[QWidget] = []
        self.lines: dict[str, NumberedLine] = {}
        self.photos: dict[str, list[bytes]] = {}
        self._jobs = self._waiting = 0
        self._who, self._date = "", dt.datetime.now().astimezone().date().isoformat()
        self.left, self.right = QWidget(), QWidget()
        self._left, self._right = vbox(on=self.left, gap=12), vbox(on=self.right, gap=8)
        # Larger letters want the whole width for the lines: photographs are below them then.
        beside = self.width() >= theme.px(_BOTH_PX)
        if beside:
            self.right.setFixedWidth(theme.px(_SIDE_PX))
        self.column.addLayout(hbox((self.left, 1), self.right, gap=24) if beside else vbox(self.left, self.right))
        self.fault = caption(kind="bad")
        self._buttons.insertWidget(0, self.fault, 1)
        self.add_close()
        self.keep_button = self.add_button(msg("Keep, next sheet"), self.keep_and_next)
        self.again_button = self.add_button(msg("Plan again round it"), self.keep_and_plan)
        theme.mark(self.again_button, "primary")
        state.projectChanged.connect(self.close)

    def _says(self, sheet: VisitSheet) -> SheetPlan:
        return SheetPlan(self._state, self._links(), sheet)

    # The sheet

    def show_sheet(self, key: str) -> None:
        """Show the sheet of a site or home, empty but for what the plan knows; one that is half written is kept first.

        That of the same place stays as it is. Where what is written cannot be kept, the sheet stays and says why.
        """
        thing = self._thing(key)
        if self.sheet is not None and self._is_written:
            same = (type(thing), thing.id) == (type(self.sheet.thing), self.sheet.thing.id)
            if same or not self.keep():
                return
        self.sheet = visit_sheet(self._state.plan, thing)
        self.photos, self.order, self.lines = {}, [], {}
        empty(self._left)
        empty(self._right)
        self._fill_left(self.sheet)
        self._fill_right()
        for one, other in zip(self.order, [*self.order[1:], self.keep_button], strict=True):
            QWidget.setTabOrder(one, other)
        QWidget.setTabOrder(self.keep_button, self.again_button)
        self._changed()
        self._empty = self.answers()
        self.order[0].setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _is_written(self) -> bool:
        """Whether anything stands on the sheet that is not kept."""
        return self._waiting > 0 or self.answers() != self._empty or self._faulty() is not None

    def _thing(self, key: str) -> Site | Household:
        """Return the site or home of an id: of both the one that is selected, else the site."""
        plan, chosen = self._state.plan, self._state.selection
        home, site = plan.households.get(key), plan.sites.get(key)
        is_chosen = chosen is not None and chosen.id == key and chosen.kind == HOUSEHOLD
        thing = home or site if is_chosen else site or home
        if thing is None:
            raise InputError(msg("The plan has no {id} (any more).", id=key))
        return thing

    def _fill_left(self, sheet: VisitSheet) -> None:
        thing = sheet.thing
        number = iter(range(1, 100))
        told = [tr(msg("home")) if isinstance(thing, Household) else tr(msg("place"))]
        if isinstance(thing, Site) and thing.mast_height_m is not None:
            told.append(tr(msg("mast {height:g} m", height=thing.mast_height_m)))
        if sheet.before is not None and sheet.before.day is not None:
            told.append(tr(msg("last seen {day}", day=sheet.before.date)))
        head = vbox(Elided(thing.name or thing.id, "title"), Elided(formatters.dotted(*told), "label"), gap=2)
        self.visit = AnswerRow(msg("What came of the visit"), VISIT_ANSWERS, may_be_empty=False)
        self.visit.show_value(Visit.VISITED)
        self._left.addLayout(hbox((head, 1), NumberedLine(next(number), msg("What came of the visit"), self.visit)))
        self._keep_order(self.visit)
        first = hbox(gap=12)
        self._text(first, next(number), "who", WHO_WORDS, self._who, stretch=3)
        self._text(first, next(number), "date", WHEN_WORDS, self._date, stretch=2, read=read_date)
        self._text(first, next(number), "place", msg("Position, read on site"), "", stretch=4, read=self._read_place)
        self._text(first, next(number), "from_height_m", msg("Looked from, m"), "", stretch=2, read=read_height)
        self._left.addLayout(first)
        self.lines["from_height_m"].field.setToolTip(tr(msg("Left empty: as high as the antenna will stand.")))
        self.rest = QWidget()
        rest = vbox(on=self.rest, gap=12)
        self._left.addWidget(self.rest)
        self._looks(rest, sheet, number)
        self._own_lines(rest, thing, number)
        self._levels(rest, sheet, number)
        note = vbox()
        self._text(note, next(number), "note", msg("What else was seen"), "")
        fill_box(self._left, note, STRETCH)
        self.visit.chosen.connect(self._fold)

    def _keep_order(self, field: QWidget) -> None:
        self.order.append(field)
        if isinstance(field, AnswerRow):
            field.chosen.connect(self._changed)
            field.answered.connect(partial(self._go_on, field))
        elif isinstance(field, QLineEdit):
            field.textChanged.connect(self._changed)
        elif isinstance(field, ChoiceField):
            field.committed.connect(lambda _value: self._changed())

    def _text(
        self, box: Any, number: int, key: str, words: Message, text: str, *, stretch: int = 1,
        read: Callable[[str], tuple[bool, str]] | None = None,
    ) -> None:  # fmt: skip
        line = NumberedLine(number, words, line_edit(words, text), read)
        self.lines[key] = line
        box.addWidget(line, stretch)
        self._keep_order(line.field)

    def _looks(self, box: Any, sheet: VisitSheet, number: Any) -> None:
        self.seen: dict[str, AnswerRow] = {}
        self.what: dict[str, QLineEdit] = {}
        self.read_as: dict[str, QLabel] = {}
        if not sheet.looks:
            return
        says = self._says(sheet)
        box.addWidget(caption(msg("Look towards"), "head"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(3, 4)
        titles = (msg("To, by the map"), msg("The plan says"), msg("Seen?"), msg("What stands there, how tall"))
        for column, words in enumerate(titles):
            grid.addWidget(caption(words, "label", wraps=False), 0, column)
        for row, look in enumerate(sheet.looks, start=1):
            where = formatters.dotted(f"{look.azimuth_deg:.0f}°", tr(distance(look.distance_m, self._units)))
            name = vbox(Elided(f"{next(number)}  {look.name}"), Elided(where, "label"), gap=0)
            symbol, word, kind = formatters.verdict(says.verdict(look))
            seen = AnswerRow(msg("Seen towards {name}", name=look.name), SEEN_ANSWERS)
            if look.before is not None:
                seen.setToolTip(f"{look.before.date} {look.before.who}: {look.before.seen.value} {look.before.what}")
            what = line_edit(msg("What stands towards {name}, how tall, how far", name=look.name))
            said = caption(kind="label", wraps=False)
            what.textChanged.connect(partial(self._read_what, look.towards))
            self.seen[look.towards], self.what[look.towards], self.read_as[look.towards] = seen, what, said
            grid.addLayout(name, row, 0)
            grid.addWidget(caption(f"{symbol} {word}", kind, wraps=False), row, 1)
            grid.addWidget(seen, row, 2)
            grid.addLayout(vbox(what, said, gap=0), row, 3)
            said.hide()
            self._keep_order(seen)
            self._keep_order(what)
        box.addLayout(grid)

    def _own_lines(self, box: Any, thing: Site | Household, number: Any) -> None:
        if isinstance(thing, Household):
            row = hbox(gap=12)
            height = thing.antenna_height_m
            text = "" if height is None else f"{height:g}"
            self._text(row, next(number), "antenna_height_m", dict(HOME_LINES)["antenna_height_m"], text,
                       read=read_height)  # fmt: skip
            row.addStretch(1)
            box.addLayout(row)
            return
        words = dict(SITE_LINES)
        suggested = Status.SURVEYED if thing.status is Status.IDEA else thing.status
        self.status = ChoiceField(words["status"], [(one, STATUS_WORDS[one]) for one in Status])
        self.status.show_value(suggested)
        self.power = ChoiceField(words["power"], list(POWER_WORDS.items()))
        self.power.show_value(thing.power)
        choices = {"status": self.status, "power": self.power}
        row = hbox(gap=12)
        for place, (key, label) in enumerate(SITE_LINES):
            if place % 3 == 0:
                row = hbox(gap=12)
                box.addLayout(row)
            if key in choices:
                line = NumberedLine(next(number), label, choices[key])
                row.addWidget(line, 1)
                self._keep_order(choices[key])
            else:
                value = getattr(thing, key)
                shown = value if isinstance(value, str) else f"{value:g}"
                self._text(row, next(number), key, label, shown, read=None if key in _TEXTS else read_height)

    def _levels(self, box: Any, sheet: VisitSheet, number: Any) -> None:
        self.levels: dict[str, tuple[NumberedLine, float]] = {}
        self.weakest: dict[str, float | None] = {}
        if not sheet.looks or self._state.project is None:
            return
        says = self._says(sheet)
        box.addWidget(caption(msg("Levels measured here"), "head"))
        row = hbox(gap=12)
        for place, look in enumerate(sheet.looks):
            if place % 2 == 0:
                row = hbox(gap=12)
                box.addLayout(row)
            freq, predicted, weakest = says.freq_mhz(look), says.predicted_dbm(look), says.weakest_dbm(look)
            words = msg("{name}, {mhz:.0f} MHz", name=look.name, mhz=freq)
            if predicted is not None:
                words = msg("{name}, {mhz:.0f} MHz, predicted {level:.0f} dBm", name=look.name, mhz=freq,
                            level=predicted)  # fmt: skip
            field = line_edit(words, hint=msg("dBm"))
            line = NumberedLine(next(number), words, field, partial(read_measured, predicted, weakest))
            self.levels[look.towards], self.weakest[look.towards] = (line, freq), weakest
            row.addWidget(line, 1)
            row.addWidget(nothing_heard(look.name, field, weakest), 0, Qt.AlignmentFlag.AlignBottom)
            self._keep_order(field)

    def _fill_right(self) -> None:
        add = button(msg("Add photographs…"), act=self._choose_photos)
        add.setToolTip(tr(msg("Kept small, without the camera's private data. Files can be dropped here too.")))
        self.add_photos = add
        self.thumbs = vbox()
        self.told = vbox()
        fill_box(
            self._right, caption(msg("Photographs"), "head"), add, self.thumbs, 8,
            caption(msg("What this sheet changes"), "head"), self.told, STRETCH,
        )  # fmt: skip
        self._show_photos()

    def _fold(self) -> None:
        self.rest.setVisible(self.visit.value is not Visit.REFUSED)

    def _is_shown(self, one: QWidget) -> bool:
        """Return whether a line is not folded away; Qt calls new ones hidden until they are first painted."""
        return self.visit.value is not Visit.REFUSED or not self.rest.isAncestorOf(one)

    # What was written

    def _read_place(self, text: str) -> tuple[bool, str]:
        if self.sheet is None:
            return True, ""
        try:
            place = spot_in(text, self.sheet.thing)
        except PlannerError as problem:
            return unclear(problem.what)
        off = away_m(self.sheet.thing, place)
        if off > FARTHEST_MOVE_M:
            return unclear(msg("{far} off: a sign, or turned round?", far=distance(off, self._units)))
        if off <= SAME_M:
            return ok(msg("{far} off: the same place", far=distance(off, self._units)))
        return ok(msg("{far} off: it moves there", far=distance(off, self._units)))

    def _read_what(self, towards: str, text: str) -> None:
        said, found = self.read_as[towards], read_obstacle(text)
        if found is not None:
            words = msg("{tall:g} m high, {far} away", tall=found[0], far=distance(found[1], self._units))
            said.setText(f"✓ {tr(words)}")
            theme.mark(said, "ok")
        else:
            said.setText(tr(msg("How tall, how far? 13 m, 2.1 km")))
            theme.mark(said, "label")
        said.setVisible(bool(text.strip()))
        self.what[towards].setAccessibleDescription(said.text())

    def answers(self) -> SheetAnswers:
        """Return what is written, as far as it can be read."""
        assert self.sheet is not None  # noqa: S101  # fields are there with a sheet alone
        thing = self.sheet.thing
        fields: dict[str, Any] = {}
        for key, _ in (*SITE_LINES, *HOME_LINES):
            line = self.lines.get(key)
            if line is None:
                continue
            text = line.text
            if key in _TEXTS:
                fields[key] = text
            elif (value := height_in(text)) is not None:
                fields[key] = value
        if isinstance(thing, Site):
            fields |= {"status": self.status.choice(), "power": self.power.choice()}
        place = None
        text = self.lines["place"].text
        if text.strip() and self.lines["place"].say(text):
            place = spot_in(text, thing)
        levels = {}
        for towards, (line, freq) in self.levels.items():
            text = line.text
            if text and line.say(text):
                level = level_in(text, self.weakest[towards])
                levels[towards] = SheetLevel(float(level), freq, weaker=isinstance(level, WeakerThan))
        day = day_in(self._said("date"))
        return SheetAnswers(
            self.visit.value, self._said("who"), day.isoformat() if day else "", place,
            height_in(self._said("from_height_m")),
            {key: value for key, value in fields.items() if value != getattr(thing, key)},
            {one: (row.value or Seen.UNKNOWN, self.what[one].text().strip()) for one, row in self.seen.items()},
            levels, {one: tuple(map(str, range(len(kept)))) for one, kept in self.photos.items()}, self._said("note"),
        )  # fmt: skip

    def _said(self, key: str) -> str:
        return self.lines[key].text

    def _changed(self) -> None:
        if self.sheet is None or not hasattr(self, "told"):
            return
        empty(self.told)
        for one in changes_of(self._state.plan, self.sheet, self.answers()):
            card = QFrame()
            theme.mark(card, "warning" if one.sign == "warn" else "card")
            vbox(caption(f"{_SIGNS[one.sign]}  {tr(one.head)}"), caption(one.words, "label"), on=card, margin=8, gap=2)
            self.told.addWidget(card)
        if not self.told.count():
            self.told.addWidget(caption(msg("Nothing yet. A line left empty stays unknown."), "label"))

    def _faulty(self) -> NumberedLine | None:
        lines = [*self.lines.values(), *(line for line, _ in self.levels.values())]
        return next((line for line in lines if self._is_shown(line) and line.fault()), None)

    def keep(self) -> bool:
        """Take the sheet into the plan as one edit; return whether it is in."""
        sheet, project = self.sheet, self._state.project
        if sheet is None or project is None or self._waiting:
            return False
        bad = self._faulty()
        if bad is not None:
            self.fault.setText(bad.said.text())
            bad.field.setFocus(Qt.FocusReason.OtherFocusReason)
            return False
        answers = self.answers()
        self._who, self._date = answers.who, answers.date
        try:
            photos = {towards: project.keep_photos(kept) for towards, kept in self.photos.items()}
            says = self._says(sheet)
            levels = {towards: one._replace(basis=says.basis(towards)) for towards, one in answers.levels.items()}
        except PlannerError as problem:
            self.fault.setText(told_of(problem))
            return False
        kept = replace(answers, levels=levels, photos=photos)
        self.fault.setText("")
        done = self._state.make(
            lambda plan: keeping_senders(project.snapshot(), sheet_edit(plan, visit_sheet(plan, sheet.thing), kept))
        )
        if done:
            self._empty = self.answers()
        return done

    def keep_and_next(self) -> None:
        """Keep the sheet, and show that of the next tower which nobody has seen; where there is none, close."""
        if not self.keep() or self.sheet is None:
            return
        plan, here = self._state.plan, self.sheet.thing.id
        keys = list(plan.used_sites)
        start = keys.index(here) + 1 if here in keys else 0
        seen = {one.about_id for one in plan.evidence.values()}
        following = [key for key in keys[start:] + keys[:start] if key not in seen]
        if following:
            self.show_sheet(following[0])
        else:
            self.close()

    def keep_and_plan(self) -> None:
        """Keep the sheet, and show what the planner would change."""
        if self.keep():
            self.close()
            self._plan_again()

    # Photographs

    def _line(self) -> str:
        """Return which line has the keyboard: the site that is looked at, or "" for the place."""
        focus = self.focusWidget()
        return next((one for one in self.seen if focus in (self.seen[one], self.what[one])), "")

    def _choose_photos(self) -> None:
        line = self._line()
        file_dialog(
            self, msg("Add photographs"), lambda files: self.take_photos(files, line),
            kinds=f"{tr(msg('Photographs'))} (*.jpg *.jpeg *.png)", mode=QFileDialog.FileMode.ExistingFiles,
        ).open()  # fmt: skip

    def take_photos(self, files: list[Path], line: str = "") -> None:
        """Have photographs made small beside the window; they are kept with the sheet."""

        def work(_report: Report, _cancel: CancelToken) -> list[bytes]:
            from cn_planner.gis.photo import photo_of

            return [photo_of(one) for one in files]

        of = self.sheet
        self._jobs += 1
        self._waiting += 1
        self._wait()

        def ended(_state: JobState) -> None:
            self._waiting -= 1
            if not self.ended:
                self._wait()

        def done(found: list[bytes]) -> None:
            if not self.ended and self.sheet is of:
                self.photos.setdefault(line, []).extend(found)
                self._show_photos()
                self._changed()

        def failed(failure: Failure) -> None:
            if not self.ended:
                self.fault.setText(told_of(failure.error))

        self._state.jobs.submit(
            f"photos {id(self)} {self._jobs}", msg("Making photographs small"), work, slot=Slot.IO, on_done=done,
            on_error=failed, on_end=ended,
        )  # fmt: skip

    def _wait(self) -> None:
        """Let the sheet be kept once its photographs are small."""
        for one in (self.keep_button, self.again_button):
            one.setEnabled(not self._waiting)

    def _show_photos(self) -> None:
        empty(self.thumbs)
        names = {look.towards: look.name for look in self.sheet.looks} if self.sheet is not None else {}
        for line, kept in self.photos.items():
            for data in kept:
                picture = QLabel()
                shown = QPixmap.fromImage(QImage.fromData(data, "JPEG"))  # type: ignore[arg-type]  # text is what it takes
                picture.setPixmap(shown.scaledToHeight(_THUMB_PX, Qt.TransformationMode.SmoothTransformation))
                said = tr(msg("Photograph towards {name}", name=names[line]) if line else msg("Photograph"))
                picture.setAccessibleName(said)
                size = tr(msg("{words}: kept with {size:.1f} MB", words=said, size=len(data) / 1e6))
                fill_box(self.thumbs, picture, caption(size, "label"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files of photographs."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take them to the line that has the keyboard."""
        self.take_photos(
            [Path(one.toLocalFile()) for one in event.mimeData().urls() if one.isLocalFile()], self._line()
        )
        event.acceptProposedAction()

    # Keys

    def _go_on(self, field: QWidget) -> None:
        """Put the keyboard into the next line that is shown, and after the last on Keep."""
        at = self.order.index(field)
        following = next((one for one in self.order[at + 1 :] if self._is_shown(one)), self.keep_button)
        following.setFocus(Qt.FocusReason.TabFocusReason)
        if following is not self.keep_button:
            # Once the column has its new height: what the sheet changes grows beside it.
            QTimer.singleShot(0, following, lambda: self.scrolled.ensureWidgetVisible(following, 0, theme.px(48)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter goes on; with Ctrl the sheet is kept; on a button it does what the button says."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        focus = self.focusWidget()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.keep_and_next()
        elif isinstance(focus, QPushButton):
            focus.click()
        elif focus in self.order:
            self._go_on(focus)
