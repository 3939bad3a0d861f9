"""What was measured: whether it counts, how far off the plan is where nothing was, and where to measure next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QFileDialog, QGridLayout

from cn_planner.errors import PlannerError
from cn_planner.gui.dialogs.dialog import file_dialog
from cn_planner.gui.dialogs.job_dialog import JobDialog
from cn_planner.gui.panels.parts import STRETCH, button, caption, empty, fill_box, hbox, vbox
from cn_planner.gui.values import Level, Notice, notice_about, told_of
from cn_planner.gui.words import tr
from cn_planner.jobs import run_on
from cn_planner.message import counted, msg
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.message import Message
    from cn_planner.progress import CancelToken
    from cn_planner.service.calibrate import CalibrationReport
    from cn_planner.session.workspace import Snapshot

_KEY = "measured"


class Learned(NamedTuple):
    """What measurements teach, and how many homes the plan promises without them and with them (80 % of cases)."""

    report: CalibrationReport
    without: tuple[float, float]
    counted: tuple[float, float]


class MeasuredDialog(JobDialog):
    """The dialog; it looks what there is to learn when it is made.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    go_to : callable of (latitude, longitude)
        Shows a place on the map.
    mark : callable of places
        Marks places on the map, latitude and longitude; none: no more.
    act : callable of str
        Does a command of the window.

    Attributes
    ----------
    found : Learned or None
    """

    def __init__(
        self, parent: QWidget, state: AppState, go_to: Callable[[float, float], object],
        mark: Callable[[Sequence[tuple[float, float]]], object], act: Callable[[str], object],
    ) -> None:  # fmt: skip
        super().__init__(parent, state, msg("What was measured"), _KEY, width=640, height=620)
        self.found: Learned | None = None
        self._go_to, self._mark = go_to, mark
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        for place in range(3):
            self._grid.setColumnStretch(place, 1)
        self._next = vbox(gap=4)
        self.sheet = button(msg("What did you see?…"), act=lambda: act("what_seen"))
        self.file = button(msg("Add measurements from a file…"), act=lambda: act("import_measurements"))
        begin = hbox(self.sheet, self.file, STRETCH)
        fill_box(self.column, begin, self._grid, 8, self._next, STRETCH)
        self.add_job()
        self.gpx = self.add_button(msg("Places as GPX…"), self._choose_gpx)
        self.off = self.add_button(msg("Take it off"), self._take_off)
        self.add_close()
        self.use = self.add_button(msg("Use what was measured"), self._use, "primary")
        self.look()

    def look(self) -> None:
        """See what the measurements of the plan teach."""
        self.found = None
        self._fill()
        if self._state.plan.measurements:
            self.ask(msg("Learning from what was measured"), _learn, self._take)
        else:
            self.given = [self._state.plan]  # else it would not hear that the first of them came
            self.outdated = False
            self.show_state()

    def _plan_changed(self, changes: object) -> None:
        super()._plan_changed(changes)
        if self.outdated and self.found is None and not self.ended:
            self.look()  # nothing is shown that a new look could take away

    def _take(self, found: Learned) -> None:
        self.found = found
        self._fill()
        self.show_state()

    def show_state(self) -> None:
        """Say how it stands, and what can be done."""
        plan, found = self._state.plan, self.found
        on = plan.calibration.on
        nothing = found is None and bool(plan.measurements)
        self.again.setVisible(not self.busy and (self.outdated or nothing))
        self.use.setEnabled(found is not None and not self.outdated)
        self.off.setEnabled(on)
        self.gpx.setEnabled(found is not None and bool(found.report.measure_next))
        for one in (self.sheet, self.file):
            one.setVisible(not plan.measurements)
        if not plan.measurements:
            words = msg("Nobody has measured yet. Type levels on a sheet (What did you see?), or add them from a file.")
        elif self.fault:
            self.said.setText(self.fault)
            return
        elif on:
            words = counted("{count} level is in the plan. What was measured counts.",
                            "{count} levels are in the plan. What was measured counts.",
                            len(plan.measurements))  # fmt: skip
        else:
            words = counted("{count} level is in the plan. It does not count yet.",
                            "{count} levels are in the plan. They do not count yet.",
                            len(plan.measurements))  # fmt: skip
        self.said.setText(tr(words))

    def _fill(self) -> None:
        empty(self._grid)
        empty(self._next)
        found = self.found
        self._mark([] if found is None else [(one.latitude, one.longitude) for one in found.report.measure_next])
        if found is None:
            return
        report = found.report
        self._row(0, "", tr(msg("As planned")), tr(msg("With what was measured")), "label")
        rows: list[tuple[Message, str, str]] = [
            (msg("Homes that will be reached"), _range(found.without), _range(found.counted)),
        ]
        worth = report.held_out
        if worth is not None:
            rows.append((msg("Off by, where nobody measured"), tr(msg("{db:.0f} dB", db=report.before[1])),
                         tr(msg("{db:.0f} dB", db=worth.rmse_db))))  # fmt: skip
        place = report.place
        off = tr(msg("{offset:+.0f} dB, give or take {sd:.0f}", offset=place.offset_db, sd=place.sd_db))
        rows.append((msg("Signals all over the place"), tr(msg("as assumed")), off))
        rows.append((msg("Levels that count"), "0", f"{report.used}"))
        for number, (what, before, now) in enumerate(rows, start=1):
            self._row(number, tr(what), before, now, "value")
        for key, why in report.left_out[:5]:
            self._next.addWidget(caption(msg("Left out: {id}: {why}", id=key, why=why), "label"))
        if worth is None:
            few = msg(
                "Too few levels to say how far off the plan still is: measure at more places, apart from each other."
            )
            self._next.addWidget(caption(few, "label"))
        if report.measure_next:
            self._next.addWidget(caption(msg("Where to measure next"), "head"))
        for number, one in enumerate(report.measure_next, 1):
            site = self._state.plan.sites.get(one.site)
            words = msg("{number}: {latitude:.5f}, {longitude:.5f}, from {site}", number=number,
                        latitude=one.latitude, longitude=one.longitude,
                        site=one.site if site is None else site.name or one.site)  # fmt: skip
            go = button(msg("Show"), "flat", name=msg("Show place {number} on the map", number=number))
            go.clicked.connect(lambda _=False, one=one: self._go_to(one.latitude, one.longitude))
            self._next.addLayout(hbox((caption(words), 1), go))

    def end(self) -> None:
        """Take the marks off the map."""
        super().end()
        self._mark([])

    def _row(self, number: int, what: str, before: str, now: str, kind: str) -> None:
        for place, text in enumerate((what, before, now)):
            self._grid.addWidget(caption(text, kind if place == 2 or not number else "label"), number, place)

    def _use(self) -> None:
        found = self.found
        if found is not None and self._state.make(found.report.edit):
            self.given.append(self._state.plan)
            self.outdated = False
            self.show_state()

    def _take_off(self) -> None:
        from cn_planner.service.calibrate import take_off

        if self._state.make(take_off):
            self.given.append(self._state.plan)
            self.outdated = False
            self.show_state()

    def _choose_gpx(self) -> None:
        project = self._state.project
        folder = "" if project is None else project.path.parent
        file_dialog(
            self, msg("Places as GPX"), lambda files: self.write_gpx(files[0]), folder=folder, kinds="GPX (*.gpx)",
            mode=QFileDialog.FileMode.AnyFile,
        ).open()  # fmt: skip

    def write_gpx(self, out: Path) -> None:
        """Write the places to measure next for a GPS."""
        from cn_planner.export.gpx import write_waypoints

        if self.found is None:
            return
        out = out if out.suffix.lower() == ".gpx" else out.with_name(out.name + ".gpx")
        points = [
            (one.latitude, one.longitude, f"{n}: {one.site}") for n, one in enumerate(self.found.report.measure_next, 1)
        ]
        try:
            write_waypoints(out, points, f"CN Planner {__version__}")
        except PlannerError as problem:
            self._state.say(notice_about(problem))
            self.said.setText(told_of(problem))
            return
        self._state.say(Notice(Level.INFO, msg("The places are written."), str(out)))


def _range(ends: tuple[float, float]) -> str:
    if round(ends[0]) == round(ends[1]):
        return tr(msg("{low:,.0f}", low=ends[0]))
    return tr(msg("{low:,.0f} to {high:,.0f}", low=ends[0], high=ends[1]))


def _learn(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Learned:
    from dataclasses import replace

    from cn_planner.model.measurement import Calibration
    from cn_planner.service.calibrate import calibrate
    from cn_planner.session.service import service_now

    run = run_on(report, cancel)
    found = calibrate(snapshot.study, run.part(0.0, 0.6))
    ends = []
    for calibration in (Calibration(), found.calibration):
        of = snapshot.workspace.snapshot(replace(snapshot.plan, calibration=calibration))
        ends.append(service_now(of, run=run.part(0.6, 1.0)).connected_range)
    return Learned(found, ends[0], ends[1])
