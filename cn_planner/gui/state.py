"""The one object that all parts of the window share: the open plan, what is selected, what was computed.

Everything here is used on the window's thread. Work runs in jobs; what they find is taken in here, on this thread, and
only where the plan is still the one that was asked about. What computes is imported in the jobs as well: the first
import of it takes longer than a frame.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from cn_planner.errors import PlannerError
from cn_planner.gui.kinds import Thing, left_of
from cn_planner.gui.proposals import Proposals
from cn_planner.gui.runner import MainThread, to_the_living
from cn_planner.gui.values import Computed, Level, Notice, notice_of
from cn_planner.gui.words import language
from cn_planner.importers.choices import EVERYTHING
from cn_planner.jobs import Failure, Job, Jobs, JobState, Slot, failure_of, run_on
from cn_planner.message import Message, counted, msg
from cn_planner.model.edits import rebased
from cn_planner.model.plan import Plan
from cn_planner.plugins import left_out
from cn_planner.progress import Run
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from cn_planner.importers.choices import Choices
    from cn_planner.importers.result import ImportResult
    from cn_planner.jobs import Report
    from cn_planner.model.history import Change, Edit
    from cn_planner.model.plan import Link, Site
    from cn_planner.planning.suggestions import Suggestion
    from cn_planner.progress import CancelToken
    from cn_planner.service.now import ServiceNow
    from cn_planner.service.path_view import LinkView, PathEnd
    from cn_planner.session.live import LiveCoverage
    from cn_planner.session.scenarios import Scenario
    from cn_planner.session.workspace import Snapshot
    from cn_planner.terrain.asked import Answers

_T = TypeVar("_T")
_REST_MS = 120
"""So long after an edit what depends on it is asked for: several edits in a row are answered once."""


class AppState(QObject):
    """The open plan and everything that is known of it.

    Attributes
    ----------
    project : Project or None
    selection : Thing or None
    computed : Computed
    jobs : Jobs
    proposals : Proposals
        What the program would change.
    """

    projectChanged = Signal()  # noqa: N815  (Qt's way to name signals)
    planChanged = Signal(object)  # noqa: N815  # tuple of Change
    selectionChanged = Signal(object)  # noqa: N815  # Thing or None
    cursorMoved = Signal(object)  # noqa: N815  # (latitude, longitude) or None
    pathChanged = Signal(object)  # noqa: N815  # LinkView or None
    profileCursorMoved = Signal(object)  # noqa: N815  # metres from the path's first end, or None
    jobsChanged = Signal()  # noqa: N815
    message = Signal(object)  # Notice
    coverageChanged = Signal(object)  # noqa: N815  # LiveCoverage, or None where a live one ended
    serviceChanged = Signal(object)  # noqa: N815  # ServiceNow or None
    suggestionsChanged = Signal(object)  # noqa: N815  # tuple of Suggestion
    scenariosChanged = Signal()  # noqa: N815
    resting = Signal()  # the hand rests: what was kept for going back may go

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._main = MainThread(self)
        self.jobs = Jobs(self._main, lambda: self.version, self.jobsChanged.emit)
        self.project: Project | None = None
        self.selection: Thing | None = None
        self.computed = Computed()
        self.follow = True
        """Whether service, suggestions and figures are asked for by themselves after each edit."""
        self._opened = 0
        self._said: Notice | None = None
        self._engine: Job[None] | None = None
        self._waiting = False
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.refresh)
        self.jobsChanged.connect(self.say_left_out)
        self.proposals = Proposals(self, self)

    # The plan

    @property
    def plan(self) -> Plan:
        """The plan as it stands; an empty one where none is open."""
        return self.project.plan if self.project is not None else Plan()

    @property
    def version(self) -> tuple[int, int]:
        """Which plan, and how many edits led here: no two plans share it."""
        return self._opened, self.project.version if self.project is not None else 0

    def open(self, path: Path) -> Job[Project] | None:
        """Open a plan file; `projectChanged` follows, or a message why not. The plan that was open stays until then."""
        if self.project is not None and self.project.is_at(path) and not self.project.changed_elsewhere():
            self.say(Notice(Level.INFO, msg("This plan is open already."), str(path)))
            return None

        def read(report: Report, _cancel: CancelToken) -> Project:
            report(0.0, msg("Reading {file}", file=path.name))
            return Project.open(path)

        return self._open(msg("Opening {file}", file=path.name), read)

    def create(self, path: Path, *, name: str, country: str = "") -> Job[Project]:
        """Make an empty plan and open it. What it prints is in the window's language until another is chosen."""
        about = {"name": name, "country": country, "language": language()}
        return self._open(msg("Making {file}", file=path.name), lambda _report, _cancel: Project.new(path, **about))

    def open_sample(self, folder: Path) -> Job[Project]:
        """Make the sample valley in a folder and open it; where it is there already, open that."""

        def make(report: Report, cancel: CancelToken) -> Project:
            from cn_planner.session.sample import open_sample

            return open_sample(folder, language=language(), run=run_on(report, cancel))

        return self._open(msg("Making the sample valley"), make)

    def open_example(self, key: str, folder: Path) -> Job[Project]:
        """Open an example in a folder; where it is not there yet it is copied there."""

        def copy(_report: Report, _cancel: CancelToken) -> Project:
            from cn_planner.session.examples import open_example

            return open_example(key, folder)

        return self._open(msg("Opening {file}", file=key), copy)

    def _open(self, title: Message, read: Callable[[Report, CancelToken], Project]) -> Job[Project]:
        def work(report: Report, cancel: CancelToken) -> Project:
            project = read(report, cancel)
            project.snapshot()  # loads here what computations share
            return project

        return self.jobs.submit("open", title, work, slot=Slot.IO, on_done=self.take, on_error=self._failed)

    def take(self, project: Project) -> None:
        """Take an open plan in place of the one that was open, which is closed."""
        self.close()
        self.project = project
        self._opened += 1
        self._show_first()
        self.projectChanged.emit()
        for notice in project.notices:
            self.say(Notice(Level.WARNING, notice, str(project.path)))
        self._refresh_soon()

    def close(self) -> None:
        """Close the plan; everything is in its file already."""
        if self.project is None:
            return
        self._rest.stop()
        self.jobs.cancel_all()
        self.project.close()
        self.project = None
        self._opened += 1
        self.computed = Computed()
        self.select(None)
        self.projectChanged.emit()

    def shutdown(self) -> None:
        """Close the plan and end every thread; for the end of the program."""
        self._rest.stop()
        self.jobs.shutdown()
        self._main.close()
        if self.project is not None:
            self.project.close()
            self.project = None

    # Edits

    @property
    def undo_label(self) -> Message | None:
        """The name of what Undo takes back."""
        return self.project.history.undo_label if self.project is not None else None

    @property
    def redo_label(self) -> Message | None:
        """The name of what Redo does again."""
        return self.project.history.redo_label if self.project is not None else None

    def apply(self, edit: Edit) -> bool:
        """Make an edit; where it cannot be made the plan is as it was, a message says why, and False is returned."""
        return self.make(lambda _plan: edit)

    def make(self, edit: Callable[[Plan], Edit]) -> bool:
        """Make the edit that a function returns for the plan as it stands; what it refuses is said."""
        project = self.project
        return project is not None and self.change(lambda: project.apply(edit(project.plan)))

    def undo(self) -> bool:
        """Take back the last edit."""
        project = self.project
        return project is not None and project.history.undo_label is not None and self.change(project.undo)

    def redo(self) -> bool:
        """Do the next edit again."""
        project = self.project
        return project is not None and project.history.redo_label is not None and self.change(project.redo)

    def change(self, act: Callable[[], Sequence[Change]]) -> bool:
        """Do what changes the plan, and returns what it changed; where it cannot be done a message says why."""
        before = self.version
        try:
            changes = tuple(act())
        except PlannerError as error:
            self._failed(failure_of(error))
            return False
        if changes or self.version != before:  # whose word counted is a step, also where the plan stays as it was
            self._forget_selection()
            self._refresh_soon()  # first: who hears of the edit is told that it is being counted
            self._show_first()
            self.planChanged.emit(changes)
        return True

    def _show_first(self) -> None:
        """Let the window show what has changed, the map a turn later, before what it asks for meanwhile begins."""
        self.jobs.hold()
        QTimer.singleShot(1, self, lambda: QTimer.singleShot(1, self, self.jobs.go))

    def _forget_selection(self) -> None:
        left = None if self.selection is None else left_of(self.plan, self.selection)
        self.select(*(left or (None,)))

    # What is looked at

    def select(self, kind: str | None, key: str = "") -> None:
        """Select something, or nothing."""
        new = Thing(kind, key) if kind else None
        if new != self.selection:
            self.selection = new
            self.selectionChanged.emit(new)

    def set_cursor(self, place: tuple[float, float] | None) -> None:
        """Say where on the map the cursor is."""
        self.cursorMoved.emit(place)

    def set_profile_cursor(self, distance_m: float | None) -> None:
        """Say where on the path the cursor is, metres from the first end."""
        self.profileCursorMoved.emit(distance_m)

    def say(self, notice: Notice) -> None:
        """Say something to the person."""
        self.message.emit(notice)

    def say_left_out(self) -> None:
        """Name what failed of what other packages add, each once."""
        for message in left_out():
            self.say(Notice(Level.WARNING, message))

    def _failed(self, failure: Failure) -> None:
        self.say(notice_of(failure))

    def _failed_under_the_hand(self, failure: Failure) -> None:
        """Say it once, not at every step of the hand."""
        notice = notice_of(failure)
        if self._said is None or (self._said.what, self._said.where) != (notice.what, notice.where):
            self._said = notice
            self.say(notice)

    # Work

    def ask(
        self,
        key: str,
        title: Message,
        work: Callable[[Snapshot, Report, CancelToken], _T],
        on_done: Callable[[_T], object],
        *,
        slot: Slot = Slot.COMPUTE,
        said: bool = False,
        **more: Any,
    ) -> Job[_T] | None:
        """Ask for work on the plan as it stands; what comes of it counts only for that plan.

        Parameters
        ----------
        key, title, slot, more
            As for `Jobs.submit`; ``version`` None where an edit meanwhile throws nothing away.
        work : callable of (Snapshot, Report, CancelToken)
            Runs beside the window.
        on_done : callable
            Gets the result, on this thread; not where it is a method of a widget that was deleted meanwhile.
        said : bool
            Whether the person asked for it, and is told where the plan changed meanwhile.
        """
        if self.project is None:
            return None
        snapshot = self.project.snapshot()

        def end(state: JobState) -> None:
            if said and state is JobState.STALE:
                words = msg("The plan was changed meanwhile, so this was left: {title}.", title=title)
                self.say(Notice(Level.INFO, words, fix=msg("Ask for it again.")))

        more.setdefault("on_error", self._failed)
        more.setdefault("version", self.version)
        more |= {"slot": slot, "on_done": to_the_living(on_done), "on_end": end}
        return self.jobs.submit(key, title, lambda report, cancel: work(snapshot, report, cancel), **more)

    def cancel(self, number: int) -> None:
        """Cancel a job by its id."""
        self.jobs.cancel(number)

    @property
    def counting(self) -> bool:
        """Whether who is reached by the plan as it stands is still being found out."""
        return self._rest.isActive() or any(job.key in {"service", "scenarios"} for job in self.jobs.active())

    def _refresh_soon(self) -> None:
        if self.follow and self.project is not None:
            self._rest.start()

    def refresh(self) -> None:
        """Ask for everything that depends on the plan as it stands."""
        if self.project is None:
            return
        self._waiting = self._engine is not None  # else each of them would compile what it lacks, in this process
        if self._waiting:
            return
        self.request_service()
        self.request_coverage()

    def request_engine(self) -> Job[None]:
        """Have what computes made ready, so that the first drag does not wait for it."""

        def work(report: Report, cancel: CancelToken) -> None:
            from cn_planner.session.engine import make_engine_ready

            make_engine_ready(run=run_on(report, cancel))

        def end(_state: JobState) -> None:
            self._engine = None
            if self._waiting:
                self.refresh()

        title = msg("Preparing the engine")
        self._engine = self.jobs.submit("engine", title, work, on_error=self._failed, on_end=end)
        return self._engine

    def request_service(self) -> Job[ServiceNow] | None:
        """Ask who is reached by the plan as it stands."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> ServiceNow:
            from cn_planner.session.service import service_in_steps

            return service_in_steps(snapshot, partial=report.partial, run=run_on(report, cancel))

        def take(found: ServiceNow, last: bool = False) -> None:
            self.computed.service = found
            if last and self.follow:
                # They start from what is now kept of each tower.
                self.request_scenarios()
                self.request_suggestions()
            self.serviceChanged.emit(found)

        done = partial(take, last=True)
        return self.ask("service", msg("Looking who is reached"), work, done, on_partial=take)

    def request_coverage(self, site_ids: Iterable[str] | None = None) -> Job[dict[str, LiveCoverage]] | None:
        """Ask for the coverage of some towers, or of all of the network; each is shown as it comes."""
        ids = None if site_ids is None else tuple(site_ids)

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> dict[str, LiveCoverage]:
            from cn_planner.session.live import coverage_of_sites

            return coverage_of_sites(snapshot, ids, partial=report.partial, run=run_on(report, cancel))

        def one(found: LiveCoverage) -> None:
            self.computed.coverage[found.site] = found
            self.coverageChanged.emit(found)

        def done(found: dict[str, LiveCoverage]) -> None:
            if ids is None:
                self.computed.coverage = found
            self.coverageChanged.emit(None)

        return self.ask("coverage", msg("Computing coverage"), work, done, on_partial=one)

    def request_suggestions(
        self, then: Callable[[tuple[Suggestion, ...]], object] | None = None
    ) -> Job[tuple[Suggestion, ...]] | None:
        """Ask what could be built next; ``then`` hears it as well."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> tuple[Suggestion, ...]:
            from cn_planner.economics.power_ladder import ready_beside
            from cn_planner.economics.prices import Prices
            from cn_planner.session.suggestions import suggest

            found = suggest(snapshot, run=run_on(report, cancel))
            ready_beside(Prices(snapshot.plan, snapshot.catalogue))  # seldom something, and nobody waits for these
            return found

        def done(found: tuple[Suggestion, ...]) -> None:
            self.computed.suggestions, self.computed.suggested_for = found, self.plan
            self.suggestionsChanged.emit(found)
            if then is not None:
                then(found)

        return self.ask("suggestions", msg("Looking for what could be built next"), work, done)

    def request_scenarios(self) -> Job[tuple[Scenario, ...]] | None:
        """Ask for the figures of all scenarios."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> tuple[Scenario, ...]:
            from cn_planner.session.scenarios import scenarios

            return scenarios(snapshot, run=run_on(report, cancel))

        def done(found: tuple[Scenario, ...]) -> None:
            self.computed.scenarios = found
            self.scenariosChanged.emit()

        return self.ask("scenarios", msg("Comparing the scenarios"), work, done)

    def request_terrain(self, files: Iterable[Path], answers: Answers | None, **more: Any) -> Job[Edit] | None:
        """Have files of the ground and its trees read and taken in, as one edit; `more` as for `ask`."""
        chosen = tuple(files)

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Edit:
            from cn_planner.session.tasks import read_terrain

            return read_terrain(snapshot, chosen, answers, run=run_on(report, cancel))

        return self.ask("terrain", msg("Reading terrain"), work, self.apply, slot=Slot.IO, said=True, **more)

    def request_import(
        self,
        file: Path,
        kind: str,
        columns: Mapping[str, str] | None = None,
        choices: Choices = EVERYTHING,
        *,
        on_done: Callable[[Any], None] | None = None,
    ) -> Job[Any] | None:
        """Have a file of sites, households, measurements or the sun read and taken in, as one edit or not at all."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> ImportResult:
            from cn_planner.session.tasks import read_things

            return read_things(snapshot, file, kind, dict(columns or {}), choices, run=run_on(report, cancel))

        def done(found: ImportResult) -> None:
            if self.project is not None and self.change(partial(self.project.take_in, found)) and on_done is not None:
                on_done(found)

        return self.ask("import", msg("Reading {file}", file=file.name), work, done, slot=Slot.IO, said=True)

    def request_export(
        self,
        folder: Path,
        formats: tuple[str, ...] | None = None,
        *,
        date: str,
        blur_homes_m: float | None = None,
        on_done: Callable[[tuple[Path, ...]], None] | None = None,
    ) -> Job[tuple[Path, ...]] | None:
        """Have the plan as it stands written as files; edits meanwhile do not matter to them."""
        if (project := self.project) is None:
            return None
        snapshot, version, before = project.snapshot(), project.version, project.version_before()

        def work(report: Report, cancel: CancelToken) -> tuple[Path, ...]:
            from cn_planner.session.tasks import write_exports

            return write_exports(
                snapshot, folder, formats, version=version, date=date, before=before, blur_homes_m=blur_homes_m,
                run=run_on(report, cancel),
            )  # fmt: skip

        def done(paths: tuple[Path, ...]) -> None:
            project.keep_version(snapshot.plan, version, date)
            if on_done is not None:
                on_done(paths)
                return
            words = counted("{count} file is written.", "{count} files are written.", len(paths))
            self.say(Notice(Level.INFO, words, str(folder)))

        words = msg("Writing the files")
        return self.jobs.submit("export", words, work, slot=Slot.IO, on_done=done, on_error=self._failed)

    # Under the hand

    def live_site(self, site: Site) -> None:
        """Show coverage and homes of a tower as it would be; called at each step of the hand."""

        def work(snapshot: Snapshot, _report: Report, cancel: CancelToken) -> LiveCoverage:
            from cn_planner.session.live import live_coverage

            return live_coverage(snapshot, site, run=Run(cancel=cancel))

        def done(found: LiveCoverage) -> None:
            self._said = None
            self.computed.live = found
            self.coverageChanged.emit(found)

        self.ask(
            "live", msg("Coverage while it is moved"), work, done,
            slot=Slot.LIVE, let_running_finish=True, on_error=self._failed_under_the_hand,
        )  # fmt: skip

    def end_live(self) -> None:
        """The hand let go: what it showed goes away."""
        self.jobs.cancel_all("live")
        self._said = None
        if self.computed.live is not None:
            self.computed.live = None
            self.coverageChanged.emit(None)

    def live_path(self, a: PathEnd, b: PathEnd, *, link: Link | None = None) -> None:
        """Show the path from one place to another, with a link's radios; called at each step of the hand."""
        if (a.kind, a.id, a.latitude, a.longitude) == (b.kind, b.id, b.latitude, b.longitude):
            return  # the hand has not left yet

        def work(snapshot: Snapshot, _report: Report, _cancel: CancelToken) -> LinkView:
            from cn_planner.session.link_view import told_view

            return told_view(snapshot, a, b, link=link)

        def done(found: LinkView) -> None:
            self._said = None
            self.computed.path = found
            self.pathChanged.emit(found)

        self.ask(
            "path", msg("Looking along the path"), work, done,
            slot=Slot.LIVE, let_running_finish=True, on_error=self._failed_under_the_hand,
        )  # fmt: skip

    def clear_path(self) -> None:
        """Show no path."""
        self.jobs.cancel_all("path")
        if self.computed.path is not None:
            self.computed.path = None
            self.pathChanged.emit(None)

    # Suggestions and scenarios

    def accept(self, suggestion: Suggestion) -> bool:
        """Build what was suggested, once it was looked at; what was changed since it was looked for stays."""
        base, notes = self.computed.suggested_for, (suggestion.headline, suggestion.detail)
        return self.proposals.make_or_offer(lambda plan: rebased(suggestion.edit, base or plan, plan), notes)

    def reject(self, what: Suggestion | str) -> bool:
        """Reject a suggestion, or a site by its id: it is not suggested again."""
        from cn_planner.planning.suggestions import reject

        return self.make(lambda plan: reject(plan, what))

    def lock(self, suggestion: Suggestion) -> bool:
        """Build what was suggested, once it was looked at, and keep it whatever the planner finds."""
        from cn_planner.planning.suggestions import lock

        base, notes = self.computed.suggested_for, (suggestion.headline, suggestion.detail)
        return self.proposals.make_or_offer(lambda plan: rebased(lock(plan, suggestion), base or plan, plan), notes)

    def new_scenario(self, name: str = "") -> bool:
        """Copy the plan as it stands to a new scenario, and go on in that."""
        from cn_planner.storage.scenarios import new_scenario

        return self.make(lambda plan: new_scenario(plan, name))

    def switch_scenario(self, key: str) -> bool:
        """Go on in another scenario."""
        from cn_planner.storage.scenarios import switch_scenario

        return key == self.plan.scenarios.id or self.make(lambda plan: switch_scenario(plan, key))

    def rename_scenario(self, key: str, name: str) -> bool:
        """Give a scenario another name."""
        from cn_planner.storage.scenarios import rename_scenario

        return self.make(lambda plan: rename_scenario(plan, key, name))

    def delete_scenario(self, key: str) -> bool:
        """Delete a scenario; where it is the one shown, the one before it is shown."""
        from cn_planner.storage.scenarios import delete_scenario

        return self.make(lambda plan: delete_scenario(plan, key))
