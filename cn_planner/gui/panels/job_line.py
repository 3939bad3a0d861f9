"""A job of a panel: what it does, how far it is, how much is left, and a way to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from cn_planner.gui.panels.parts import button, caption, vbox
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.jobs import Job


class JobLine(QWidget):
    """It is there while a job is."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        super().__init__()
        self.doing = caption("", "label")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = button(msg("Cancel"), act=cancel)
        vbox(self.doing, self.bar, self.stop, on=self, gap=8)
        self._job: Job[Any] | None = None
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(lambda: self.show_job(self._job))
        self.hide()

    def show_job(self, job: Job[Any] | None) -> None:
        """Show how a job stands; none: nothing."""
        self._job = job
        self.setVisible(job is not None)
        if job is None:
            self._clock.stop()
            return
        if not self._clock.isActive():
            self._clock.start()  # the time goes on where nothing else does
        doing, left = tr(job.doing or job.title), job.time_left
        self.doing.setText(tr(msg("{doing}: {left}", doing=doing, left=left)) if left is not None else doing)
        # Without a word on how far it is, the bar runs to and fro.
        self.bar.setRange(0, 1000 if job.fraction > 0.0 else 0)
        self.bar.setValue(round(1000 * job.fraction))
        self.bar.setAccessibleName(tr(msg("Progress of: {job}", job=job.title)))
        self.stop.setAccessibleName(tr(msg("Cancel: {job}", job=job.title)))
