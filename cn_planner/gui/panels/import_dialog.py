"""A file of homes, sites or measurements before it goes into the plan: its rows, its columns, what is wrong in it.

Nothing here waits: the file is looked at in jobs, and the window can be used meanwhile.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QListWidget, QTableWidgetItem, QVBoxLayout, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.fields import CheckField, ChoiceField
from cn_planner.gui.panels.import_choices import ImportChoices
from cn_planner.gui.panels.parts import (
    STRETCH,
    Elided,
    button,
    caption,
    empty,
    fill_box,
    hbox,
    retext,
    text_table,
    vbox,
)
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.values import told_of
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot, run_on
from cn_planner.message import Message, counted, msg

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QResizeEvent

    from cn_planner.gui.state import AppState
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.result import ImportResult
    from cn_planner.jobs import Failure
    from cn_planner.session.import_preview import Preview, Trial

_KINDS = {
    "households": msg("homes"),
    "sites": msg("sites"),
    "places": msg("public places"),
    "measurements": msg("measurements"),
}
_COUNTED = {
    "households": counted("Import {count} home", "Import {count} homes", 0),
    "sites": counted("Import {count} site", "Import {count} sites", 0),
    "places": counted("Import {count} public place", "Import {count} public places", 0),
    "measurements": counted("Import {count} measurement", "Import {count} measurements", 0),
}
_REPEATS = counted("Leave out {count} that repeats another", "Leave out {count} that repeat others", 0)
_FIELDS: dict[str, Message] = {
    "id": msg("Id"),
    "name": msg("Name"),
    "latitude": msg("Latitude"),
    "longitude": msg("Longitude"),
    "weight": msg("Counts for homes"),
    "antenna_height_m": msg("Roof antenna, m"),
    "usual_height_m": msg("Usual height, m"),
    "on_pole": msg("On a pole of its own"),
    "kind": msg("Kind"),
    "priority": msg("Priority"),
    "hamlet": msg("Hamlet"),
    "relay": msg("May relay for others"),
    "people": msg("People"),
    "must": msg("Must be connected"),
    "busy_mbps": msg("Busy hour, Mbit/s"),
    "note": msg("Note"),
    "role": msg("Role"),
    "status": msg("State"),
    "max_height_m": msg("Greatest mast, m"),
    "mast_height_m": msg("Mast, m"),
    "mast_carries_n": msg("Wind on antennas that the mast carries, N"),
    "cost": msg("Cost of the place"),
    "owner": msg("Owner"),
    "consent": msg("Consent"),
    "power": msg("Power"),
    "access": msg("Road"),
    "hazard": msg("Hazard"),
    "uplink_kind": msg("Internet from"),
    "uplink_mbps": msg("Internet, Mbit/s"),
    "uplink_month": msg("Internet a month"),
    "uplink_open": msg("To open the Internet"),
    "freq_mhz": msg("Frequency, MHz"),
    "level_dbm": msg("Level, dBm"),
    "site": msg("Tower"),
    "height_m": msg("Height, m"),
    "date": msg("Date"),
    "tx_height_m": msg("Sender's height, m"),
    "eirp_dbm": msg("Sent (EIRP), dBm"),
    "width_mhz": msg("Channel width"),
    "rx_gain_dbi": msg("Receiver's gain, dBi"),
    "floor_dbm": msg("Least measurable, dBm"),
    "quantity": msg("Quantity"),
    "snr": msg("Signal to noise, dB"),
    "rsrp": msg("RSRP, dBm"),
    "who": msg("Who measured"),
}
_REST_MS = 250
_NOTES_PX = 120


class ImportDialog(QDialog):
    """The dialog; it is never modal.

    Parameters
    ----------
    state : AppState
    path : Path
        The file.
    kind : str, optional
        ``households``, ``sites``, ``places`` or ``measurements``; guessed from the columns where not given.
    parent : QWidget, optional
    """

    imported = Signal(object)
    """The ImportResult that went into the plan."""

    def __init__(self, state: AppState, path: Path, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state, self.path = state, path
        self.preview: Preview | None = None
        self.trial: Trial | None = None
        self._mapping: dict[str, str] = {}
        self._choices: dict[str, ChoiceField] = {}
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr(msg("Import {file}", file=path.name)))
        self.setAccessibleName(self.windowTitle())
        self.resize(880, 640)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._try)
        body = vbox(on=self, gap=16, margin=16)
        self._make_head(body)
        self._make_middle(body)
        self._make_footer(body)
        self._read(kind)

    def _make_head(self, body: QVBoxLayout) -> None:
        title = Elided(self.path.name, "title")
        self.kind = ChoiceField(msg("What the file holds"), list(_KINDS.items()))
        self.kind.committed.connect(self._read)
        body.addLayout(hbox((title, 1), caption(msg("This file holds"), "label", wraps=False), self.kind))

    def _make_middle(self, body: QVBoxLayout) -> None:
        middle = hbox(gap=16)
        self._form = QWidget()
        self._grid = QGridLayout(self._form)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setVerticalSpacing(8)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, theme.px(112))
        area = ScrollColumn(self._form, msg("What each column means"))
        area.setFixedWidth(theme.px(336))
        self.choices = ImportChoices()
        self.choices.changed.connect(self._rest.start)
        side = vbox(
            Elided(msg("What each column means"), "head"),
            (area, 1),
            Elided(msg("Which rows are taken"), "head"),
            self.choices,
        )
        rows = vbox(Elided(msg("The first rows"), "head"))
        self.table = text_table(msg("The first rows of the file"))
        self.words = caption()
        self._said = QWidget()
        vbox(on=self._said).addWidget(self.words)
        self._notes = ScrollColumn(self._said, msg("What the file holds"))
        self.swap = button(msg("Latitude and longitude are turned round: swap them"), act=self._swap)
        self.swap.hide()
        self.problems = QListWidget()
        self.problems.setAccessibleName(tr(msg("What is left out, and why")))
        self.problems.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.problems.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.problems.hide()
        fill_box(rows, (self.table, 2), self._notes, self.swap, (self.problems, 1))
        fill_box(middle, side, (rows, 1))
        body.addLayout(middle, 1)

    def _make_footer(self, body: QVBoxLayout) -> None:
        self.skip = CheckField(msg("Leave out rows that cannot be used"))
        self.skip.toggled.connect(lambda _on: self._show_trial())
        self.skip.hide()
        self.skip_repeats = CheckField("")
        self.skip_repeats.toggled.connect(lambda _on: self._rest.start())
        self.skip_repeats.hide()
        self.close_button = button(msg("Cancel"), act=self.close)
        self.ok = button(msg("Import"), "primary", act=self._import)
        self.ok.setEnabled(False)
        self.ok.setDefault(True)
        body.addLayout(hbox(self.skip, self.skip_repeats, STRETCH, self.close_button, self.ok))

    # Looking at the file

    def _read(self, kind: str) -> None:
        from cn_planner.session.import_preview import preview

        self._say(msg("Reading {file}", file=self.path.name), "label")
        self.ok.setEnabled(False)
        self.state.ask(
            "import preview", msg("Reading {file}", file=self.path.name),
            lambda _snapshot, _report, _cancel: preview(self.path, kind), self._take_preview,
            slot=Slot.IO, on_error=self._failed,
        )  # fmt: skip

    def _take_preview(self, found: Preview) -> None:
        self.preview = found
        self._mapping = dict(found.mapping)
        self.kind.show_value(found.kind)
        self._fill_form(found)
        self._fill_table(found)
        self.choices.fit(found.columns, found.kind)
        self._try()

    def _fill_form(self, found: Preview) -> None:
        empty(self._grid)
        self._choices = {}
        offered: list[tuple[str, Message | str]] = [("", msg("not in the file"))]
        offered += [(name, name) for name in dict.fromkeys(found.columns) if name]
        for number, (field, required) in enumerate(found.fields):
            words = tr(_FIELDS[field])
            choice = ChoiceField(msg("Column of {field}", field=words), offered)
            choice.show_value(self._mapping.get(field, ""))
            choice.committed.connect(partial(self._map, field))
            self._grid.addWidget(caption(f"{words} *" if required else words, "label"), number, 0)
            self._grid.addWidget(choice, number, 1)
            self._choices[field] = choice
        self._grid.setRowStretch(len(found.fields), 1)

    def _fill_table(self, found: Preview) -> None:
        meaning = {one: field for field, one in self._mapping.items()}
        self.table.setColumnCount(len(found.columns))
        self.table.setRowCount(len(found.rows))
        titles = [f"{name}\n{tr(_FIELDS[meaning[name]]) if name in meaning else '–'}" for name in found.columns]
        self.table.setHorizontalHeaderLabels(titles)
        for number, cells in enumerate(found.rows):
            for place, text in enumerate(cells):
                made = QTableWidgetItem(text)
                made.setToolTip(text)
                self.table.setItem(number, place, made)

    def _map(self, field: str, name: str) -> None:
        self._mapping.pop(field, None)
        if name:
            for other in [key for key, value in self._mapping.items() if value == name]:
                del self._mapping[other]
                self._choices[other].show_value("")
            self._mapping[field] = name
        if self.preview is not None:
            self._fill_table(self.preview)
        self.ok.setEnabled(False)
        self._rest.start()

    def _swap(self) -> None:
        north, east = self._mapping.get("latitude", ""), self._mapping.get("longitude", "")
        self._mapping["latitude"], self._mapping["longitude"] = east, north
        for field in ("latitude", "longitude"):
            self._choices[field].show_value(self._mapping[field])
        if self.preview is not None:
            self._fill_table(self.preview)
        self._try()

    def _try(self) -> None:
        from cn_planner.session.import_preview import try_import

        if self.preview is None:
            return
        kind, mapping, choices = self.preview.kind, dict(self._mapping), self._chosen()
        missing = [tr(_FIELDS[name]) for name, needed in self.preview.fields if needed and name not in mapping]
        if missing:
            self.trial = None
            self._say(msg("Say which column holds {fields}.", fields=", ".join(missing)), "warn")
            self._clear_problems()
            return
        self._say(msg("Looking at every row"), "label")
        self.state.ask(
            "import trial", msg("Looking at {file}", file=self.path.name),
            lambda snapshot, report, cancel: try_import(
                snapshot, self.path, kind, mapping, choices, run=run_on(report, cancel)
            ),
            self._take_trial, slot=Slot.IO, on_error=self._failed,
        )  # fmt: skip

    def _chosen(self) -> Choices:
        return self.choices.choices(skip_repeats=self.skip_repeats.isChecked(), skip_bad=self.skip.isChecked())

    def _take_trial(self, found: Trial) -> None:
        self.trial = found
        self._show_trial()

    def _failed(self, failure: Failure) -> None:
        self._say(told_of(failure.error, place=False), "bad")
        self.trial = None
        self._clear_problems()

    def _clear_problems(self) -> None:
        self.swap.hide()
        self.skip.hide()
        self.skip_repeats.hide()
        self.problems.hide()
        self.ok.setEnabled(False)

    def _show_trial(self) -> None:
        from cn_planner.importers.files import SAME, UPDATED

        found, kind = self.trial, self.preview.kind if self.preview is not None else "households"
        if found is None:
            return
        self.swap.setVisible(found.swapped)
        self.skip.setVisible(found.result is not None and found.bad_count > 0)
        self.problems.clear()
        repeats = 0 if found.result is None else sum(one.count for one in found.result.repeats)
        self.skip_repeats.setVisible(repeats > 0)
        retext(self.skip_repeats, _REPEATS.about(repeats))
        if found.result is not None:
            self.problems.addItems([tr(one) for one in self._reasons(found.result)])
        for error in found.bad:
            place = tr(msg("Row {row}", row=error.row))
            if error.column:
                place = tr(msg("Row {row}, column {column}", row=error.row, column=error.column))
            self.problems.addItem(f"{place}: {tr(error.what)}")
        for reason in map(self.problems.item, range(self.problems.count())):
            reason.setToolTip(reason.text())  # the list is narrower than some reasons
        self.problems.setVisible(self.problems.count() > 0)
        if found.result is None:
            what = found.problem or msg("Nothing can be imported.")
            self._say(what if found.fix is None else msg("{what} {fix}", what=what, fix=found.fix), "bad")
            self.ok.setEnabled(False)
            return
        result = found.result
        count = len(result.things)
        said: Message = result.news
        # How many were changed is said already.
        for one in dict.fromkeys(one for one in result.warnings if one.key not in {UPDATED.key, SAME.key}):
            said = msg("{said} {more}", said=said, more=one)
        if found.bad_count:
            said = counted(
                "{count} row cannot be used. {said}", "{count} rows cannot be used. {said}", found.bad_count, said=said
            )
        self._say(said, "warn" if found.bad_count else "")
        retext(self.ok, _COUNTED[kind].about(count))
        self.ok.setEnabled(not found.bad_count or self.skip.isChecked())

    def _reasons(self, result: ImportResult) -> list[Message]:
        """Return what is left out and what is to be looked at, a sentence a reason; bad rows are listed one by one."""
        kept = () if self.skip_repeats.isChecked() else result.repeats
        return [*(one.left_out for one in result.unwanted), *(one.kept for one in (*kept, *result.doubts))]

    def _say(self, words: Message | str, kind: str) -> None:
        theme.mark(self.words, kind)
        self.words.setText(words if isinstance(words, str) else tr(words))
        self._fit_notes()

    def _fit_notes(self) -> None:
        """Give the notes the room that they need, within limits: beyond them they scroll, and the buttons stay."""
        width = self._notes.viewport().width()
        self._notes.setFixedHeight(min(max(self.words.heightForWidth(width), theme.px(24)), theme.px(_NOTES_PX)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the notes to the new width."""
        super().resizeEvent(event)
        self._fit_notes()

    def _import(self) -> None:
        if self.preview is None:
            return
        self.ok.setEnabled(False)

        def done(result: ImportResult) -> None:
            self.imported.emit(result)
            self.close()

        self.state.request_import(self.path, self.preview.kind, self._mapping, self._chosen(), on_done=done)
