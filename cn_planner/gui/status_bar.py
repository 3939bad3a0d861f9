"""The status bar: which data, what is being computed with Cancel, the place under the cursor, units, saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
)  # fmt: skip

from cn_planner.gui import icons, theme
from cn_planner.gui.panels.parts import STRETCH, Elided, button, hbox, menu_of, offer, retext, vbox
from cn_planner.gui.settings import WINDOW_SETTINGS
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.settings import Settings
    from cn_planner.jobs import Job

_UNDER_THE_HAND = frozenset({"live", "live links", "path", "overlay", "overlay-live"})
"""Work that follows the hand is not announced: it would flicker."""
_SAY_MS = 1_000
_LEAST_WORDS_PX, _LEAST_DATA_PX, _MOST_SAVED_PX = 180, 72, 130
"""Where the bar is too narrow for all its words: so much stays of what is computed, and of which data; and
so much of when it was saved."""


class JobRow(QFrame):
    """One job: what it does, how far it is, the time left, Cancel."""

    cancelled = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        line = hbox(on=self)
        self._words = Elided()
        self._words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(72)
        self._bar.setRange(0, 1000)
        self._left = QLabel()
        self._cancel = button("", "footer", act=lambda: self.cancelled.emit(self.number))
        for widget in (self._words, self._bar, self._left, self._cancel):
            line.addWidget(widget)

    def show_job(self, job: Job[Any]) -> None:
        """Show how a job stands."""
        self.number = job.id
        title = tr(job.title)
        self._words.say(title)
        self._words.setMinimumWidth(min(self._words.sizeHint().width(), theme.px(_LEAST_WORDS_PX)))
        self.setToolTip(tr(job.doing) if job.doing is not None else "")
        # Without a word on how far it is, the bar runs to and fro.
        known = job.fraction > 0.0
        # A bar paints itself at once where its value changes, and the map with it if that waits to be painted.
        self._bar.setUpdatesEnabled(False)
        self._bar.setRange(0, 1000 if known else 0)
        self._bar.setValue(round(1000 * job.fraction))
        self._bar.setUpdatesEnabled(True)
        self._bar.setAccessibleName(tr(msg("Progress of: {job}", job=title)))
        self._left.setText(tr(job.time_left) if job.time_left is not None else "")
        self._left.setVisible(job.time_left is not None)
        retext(self._cancel, msg("Cancel"), msg("Cancel: {job}", job=title))
        self.setAccessibleName(title)


class JobsPopup(QFrame):
    """All jobs, one above the other."""

    cancelled = Signal(int)

    def __init__(self, parent: QFrame) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        theme.mark(self, "float")
        self.setAccessibleName(tr(msg("Jobs")))
        self._column = vbox(on=self, margin=(16, 8, 8, 8))
        self._rows: list[JobRow] = []

    def show_jobs(self, jobs: list[Job[Any]]) -> None:
        """Show how they stand."""
        while len(self._rows) < len(jobs):
            line = JobRow()
            line.cancelled.connect(self.cancelled)
            self._rows.append(line)
            self._column.addWidget(line)
        for i, line in enumerate(self._rows):
            line.setVisible(i < len(jobs))
            if i < len(jobs):
                line.show_job(jobs[i])
        self.adjustSize()


class StatusBar(QFrame):
    """The status bar."""

    cancelled = Signal(int)
    data_asked = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        theme.mark(self, "footer")
        self.setAccessibleName(tr(msg("State")))
        self._data = QToolButton()
        theme.mark(self._data, "footer")
        self._data.setIcon(icons.icon("data", "text_dim"))
        self._data.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._data.clicked.connect(self.data_asked)
        self._data.setMinimumWidth(theme.px(_LEAST_DATA_PX))
        self._job = JobRow()
        self._job.cancelled.connect(self.cancelled)
        self._job.hide()
        self._more = button("", "footer", act=self._show_jobs)
        self._more.hide()
        self._place = QLabel()
        self._place.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self._units = button("", "footer", act=lambda: self._choose(self._units, "units", "coordinates"))
        self._language = button("", "footer", act=lambda: self._choose(self._language, "language"))
        self._saved = Elided("", "label")
        self._saved.setSizePolicy(self._place.sizePolicy())
        hbox(
            self._data,
            STRETCH,
            self._job,
            self._more,
            STRETCH,
            self._place,
            8,
            self._units,
            self._language,
            self._saved,
            on=self,
            margin=(8, 2, 8, 2),
        )
        self._popup = JobsPopup(self)
        self._popup.cancelled.connect(self.cancelled)
        self._jobs: list[Job[Any]] = []
        self._clock = QTimer(self, interval=_SAY_MS, singleShot=True)  # time goes on where a job is silent
        self._clock.timeout.connect(self._show_rows)
        self.retitle()

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self._data.setIconSize(QSize(theme.px(16), theme.px(16)))
        imperial = self._settings.get("units") == "imperial"
        retext(self._units, (tr(msg("ft · mi")) if imperial else tr(msg("m · km"))) + " ▾", msg("Units"))
        self._units.setToolTip(tr(msg("Units")))
        choice = next(c for c in WINDOW_SETTINGS["language"].choices if c.value == self._settings.get("language"))
        shown = tr(choice.words) if choice.value != "system" else tr(msg("Language"))
        retext(self._language, shown + " ▾", msg("Language"))
        self._language.setToolTip(tr(msg("Language")))

    def _choose(self, made: QPushButton, *keys: str) -> None:
        menu = menu_of(self, WINDOW_SETTINGS[keys[0]].words)
        for key in keys:
            menu.addSeparator()
            for choice in WINDOW_SETTINGS[key].choices:
                chosen = choice.value == self._settings.get(key)
                offer(menu, choice.words, partial(self._settings.set, key, choice.value), chosen=chosen)
        menu.popup(made.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def show_data(self, words: str, explained: str, *, holes: bool) -> None:
        """Say which data the window shows."""
        self._data.setText(words)
        self._data.setEnabled(bool(explained))
        self._data.setIcon(icons.icon("attention", "warn") if holes else icons.icon("data", "text_dim"))
        self._data.setAccessibleName(tr(msg("Data used: {words}", words=words)))
        self._data.setToolTip(explained)

    def show_jobs(self, jobs: tuple[Job[Any], ...]) -> None:
        """Show what is being computed."""
        self._jobs = [job for job in jobs if job.key not in _UNDER_THE_HAND]
        self._job.setVisible(bool(self._jobs))
        self._show_rows()
        self._more.setVisible(len(self._jobs) > 1)
        words = tr(msg("+{count} more", count=len(self._jobs) - 1))
        retext(self._more, words, tr(msg("Jobs")) + " " + words)
        if not self._jobs:
            self._popup.hide()

    def _show_rows(self) -> None:
        if self._jobs:
            self._clock.start()
            self._job.show_job(self._jobs[0])
            if self._popup.isVisible():
                self._popup.show_jobs(self._jobs)

    def _show_jobs(self) -> None:
        self._popup.show_jobs(self._jobs)
        self._popup.move(self._more.mapToGlobal(QPoint(0, -self._popup.height() - 8)))
        self._popup.show()

    def show_place(self, words: str) -> None:
        """Show the place under the cursor."""
        self._place.setText(words)

    def show_saved(self, words: str) -> None:
        """Show whether everything is in the file: whole where it is as short as usual, whatever else is computed."""
        self._saved.say(words)
        self._saved.setMinimumWidth(min(self._saved.sizeHint().width(), theme.px(_MOST_SAVED_PX)))
