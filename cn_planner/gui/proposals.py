"""What the program would change, before it does: one proposal at a time, looked at, taken whole or in part, or left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from PySide6.QtCore import QObject, Signal

from cn_planner.errors import PlannerError
from cn_planner.gui.values import Level, Notice, notice_about
from cn_planner.jobs import Slot, run_on
from cn_planner.message import Message, counted, msg
from cn_planner.model.edits import rebased
from cn_planner.model.history import Edit, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from cn_planner.jobs import Job, Jobs, Report
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.planning.savings import Savings
    from cn_planner.progress import CancelToken
    from cn_planner.session.project import Project
    from cn_planner.session.proposal import Proposal, ProposalCount
    from cn_planner.session.reach_left import LeftReached
    from cn_planner.session.workspace import Snapshot


class Planned(Protocol):
    """The open plan, as a proposal needs it: the window's shared state."""

    jobs: Jobs
    project: Project | None
    projectChanged: Any  # noqa: N815 - as Qt has it
    planChanged: Any  # noqa: N815

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""

    @property
    def version(self) -> tuple[int, int]:
        """Which plan, and how many edits led here."""

    def ask(
        self, key: str, title: Message, work: Callable[..., Any], on_done: Callable[[Any], object], **more: Any
    ) -> Job[Any] | None:
        """Ask for work on the plan as it stands."""

    def make(self, edit: Callable[[Plan], Edit]) -> bool:
        """Make the edit that a function returns for the plan as it stands."""

    def say(self, notice: Notice) -> None:
        """Say something to the person."""

    def select(self, kind: str | None, key: str = "") -> None:
        """Select something, or nothing."""


class _Accepted(NamedTuple):
    """A proposal that was accepted, the parts of it that were ticked, and the plan before and after that."""

    found: Proposal
    chosen: frozenset[str]
    again: Callable[[], object] | None
    before: Plan
    after: Plan


class Proposals(QObject):
    """The proposal that waits, if any.

    Attributes
    ----------
    now : Proposal or None
        The last one, until it is accepted; from then on where Undo has taken that back.
    shown : bool
        Whether somebody looks at it.
    overtaken : bool
        Whether the plan was changed since it was made.
    chosen : frozenset of str
        The parts that are ticked.
    count : ProposalCount or None
        What they amount to; None while that is counted.
    again : callable or None
        Asks for it anew, of the plan as it stands.
    savings : Savings or None
        What was found that would save money, of the plan for which it was asked last.
    quick : bool
        Whether the keyboard waits on its Accept.
    """

    changed = Signal()
    """Another proposal, or it is shown, left, taken, or overtaken."""
    ticked = Signal()
    """Other parts of it are ticked, or they are counted."""

    def __init__(self, state: Planned, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self.now: Proposal | None = None
        self.shown = self.overtaken = self.quick = False
        self.chosen: frozenset[str] = frozenset()
        self.count: ProposalCount | None = None
        self.again: Callable[[], object] | None = None
        self.savings: Savings | None = None
        self._unseen: Callable[[], Job[Proposal] | None] | None = None
        self._accepted: _Accepted | None = None
        state.projectChanged.connect(self._forget)
        state.planChanged.connect(lambda _: self._follow())

    # What makes one

    def plan(
        self, *, cover: float | None = None, budget: float | None = None, time_limit_s: float | None = None
    ) -> Job[Any] | None:
        """Have the planner choose. A cancel keeps the best plan so far, and an edit meanwhile throws nothing away."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> tuple[Snapshot, Design]:
            from cn_planner.session.engine import make_planner_ready
            from cn_planner.session.network import plan_network

            run = run_on(report, cancel)
            make_planner_ready(run=run)
            return snapshot, plan_network(snapshot, cover=cover, budget=budget, time_limit_s=time_limit_s, run=run)

        opened = self._state.version[0]

        def done(found: tuple[Snapshot, Design]) -> None:
            of, design = found
            if self._state.version[0] != opened:
                return
            if design.edit is None:
                from cn_planner.planning.left_out_told import why_none

                for note in (design.reason, *design.notes):
                    if note is not None:
                        self._state.say(Notice(Level.WARNING if note is design.reason else Level.INFO, note))
                reasons = why_none(design, of.plan) if self._state.plan == of.plan else None
                if reasons is not None:
                    self._state.make(lambda _: reasons)
                return
            notes = design.notes if design.reason is None else (design.reason, *design.notes)
            again = lambda: self.plan(cover=cover, budget=budget, time_limit_s=time_limit_s)  # noqa: E731
            self.offer(design.edit, of.plan, notes, again)

        return self._state.ask(
            "plan", msg("Choosing sites, masts and links"), work, done,
            slot=Slot.SOLVER, keep_when_cancelled=True, version=None, most_s=time_limit_s,
        )  # fmt: skip

    def reach_left(self, on_none: Callable[[LeftReached], object]) -> Job[Any] | None:
        """Propose what reaches the homes that the plan's places do not, one by one; where nothing does, say so."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> tuple[Snapshot, LeftReached]:
            from cn_planner.session.reach_left import reach_left

            return snapshot, reach_left(snapshot, run=run_on(report, cancel))

        opened = self._state.version[0]

        def done(found: tuple[Snapshot, LeftReached]) -> None:
            of, left = found
            if self._state.version[0] != opened:
                return
            if left.edit is None:
                on_none(left)
            else:
                self.offer(left.edit, of.plan, left.notes, lambda: self.reach_left(on_none))

        return self._state.ask(
            "reach left", msg("Looking what would reach the homes that are left"), work, done,
            slot=Slot.SOLVER, keep_when_cancelled=True, version=None,
        )  # fmt: skip

    def ask_savings(self) -> Job[Any] | None:
        """Find out what would save money: the planner plans with each in turn; a cancel keeps what was found."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Savings:
            from cn_planner.session.engine import make_planner_ready
            from cn_planner.session.savings import savings_of

            run = run_on(report, cancel)
            make_planner_ready(run=run)
            return savings_of(snapshot, partial=report.partial, run=run)

        opened = self._state.version[0]

        def known(found: Savings) -> None:
            if self._state.version[0] == opened:
                self.savings = found
                self.changed.emit()

        def done(found: Savings) -> None:
            known(found)
            if found.best is None and found.plan == self._state.plan:
                tried = counted("{count} thing was tried.", "{count} things were tried.", found.tried)
                self._state.say(Notice(Level.INFO, msg("Nothing that was tried saves anything."), fix=tried))

        return self._state.ask(
            "savings", msg("Looking what would save money"), work, done,
            slot=Slot.SOLVER, keep_when_cancelled=True, version=None, on_partial=known,
        )  # fmt: skip

    @property
    def saving_words(self) -> Message | None:
        """What the rail says of it; None where nothing was found, or the plan has changed since."""
        found = self.savings
        if found is None or found.best is None or found.plan != self._state.plan:
            return None
        from cn_planner.planning.savings import saving_words

        return saving_words(found.best, found.plan)

    def show_saving(self) -> None:
        """Propose the plan that saves most."""
        from cn_planner.planning.savings import saving_notes, saving_words

        found = self.savings
        if found is not None and found.best is not None:
            words = saving_words(found.best, found.plan)
            self.offer(found.best.edit, found.plan, (words, *saving_notes(found.best, found.plan)))

    def back_to(self, steps: int) -> None:
        """Propose the plan as it was so many edits ago."""
        project = self._state.project
        if project is None:
            return
        plan, history, label = project.plan, project.history, None
        for _ in range(min(steps, history.done)):
            label = history.undo_label
            history, plan = history.undone(plan)
        if label is not None:
            plan = replace(plan, scenarios=project.plan.scenarios)  # no part of what is shown: none is lost unseen
            self.offer(Edit(msg("back to before: {what}", what=label), plan), project.plan)

    def make_or_offer(self, make: Callable[[Plan], Edit], notes: tuple[Message, ...] = ()) -> bool:
        """Make an edit that changes one thing; show one that changes more first, with Enter to accept it.

        Returns whether it was made: nothing that brings links and homes along happens unseen.
        """
        plan = self._state.plan
        try:
            edit = make(plan)
        except PlannerError as error:
            self._state.say(notice_about(error))
            return False
        if sum(one.part != "outcome" for one in changes(plan, edit.plan)) <= 1:
            return self._state.make(lambda _: edit)
        self.offer(edit, plan, notes, quick=True)
        return False

    def offer(
        self, edit: Edit, base: Plan, notes: tuple[Message, ...] = (), again: Callable[[], object] | None = None,
        *, quick: bool = False,
    ) -> Job[Proposal] | None:  # fmt: skip
        """Look what an edit of a plan would change, and show it; nothing is in the plan before it is taken.

        Parameters
        ----------
        edit : Edit
        base : Plan
            That it was made from.
        notes : tuple of Message
            What is to be known of it.
        again : callable, optional
            Asks for it anew, of the plan as it stands then.
        quick : bool
            Whether Enter accepts it at once.
        """
        opened = self._state.version[0]

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Proposal:
            from cn_planner.session.proposal import look_at

            return look_at(snapshot.workspace.snapshot(base), edit, notes, run=run_on(report, cancel))

        def done(found: Proposal) -> None:
            if self._state.version[0] == opened:
                self._unseen = None
                self.quick = quick
                self._take(found, again)

        # What took the planner minutes is not lost where looking at it fails or is cancelled: `show` looks again.
        self._unseen = lambda: self.offer(edit, base, notes, again, quick=quick)
        return self._state.ask("proposal", msg("Looking what would change"), work, done, version=None)

    def _take(self, found: Proposal, again: Callable[[], object] | None) -> None:
        if not found.parts:
            notice = Notice(Level.INFO, msg("Nothing would change: the plan stays as it is."))
            self._state.say(notice)
            for note in found.notes:
                self._state.say(Notice(Level.INFO, note))
            return
        self.now, self.again, self.count, self._accepted = found, again, None, None
        self.chosen = frozenset(one.id for one in found.parts)
        self.shown, self.overtaken = True, found.before != self._state.plan
        self._state.select(None)
        self.changed.emit()

    # What is done with it

    def tick(self, part: str, on: bool) -> None:
        """Tick a part, with what it needs; or leave it out, with what needs it."""
        from cn_planner.planning.proposal import with_needed, without

        if self.now is not None:
            parts = self.now.parts
            self.choose(with_needed(parts, self.chosen | {part}) if on else without(parts, self.chosen, part))

    def choose(self, parts: Collection[str]) -> None:
        """Tick exactly these parts, and have counted what they amount to."""
        now, chosen = self.now, frozenset(parts)
        if now is None:
            return
        self.chosen, self.count = chosen, None

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> ProposalCount:
            from cn_planner.session.proposal import count_parts

            of = snapshot.workspace.snapshot(now.before)
            return count_parts(of, now, chosen, run=run_on(report, cancel))

        def done(found: ProposalCount) -> None:
            if self.now is now and self.chosen == found.chosen:
                self.count = found
                self.ticked.emit()

        self.ticked.emit()
        if 0 < len(chosen) < len(now.parts):
            self._state.ask("proposal count", msg("Counting what is ticked"), work, done, version=None)
        else:
            self._state.jobs.cancel_all("proposal count")

    @property
    def partial(self) -> bool:
        """Whether some parts are ticked and some are not."""
        return self.now is not None and 0 < len(self.chosen) < len(self.now.parts)

    def accept(self, *, ticked: bool = False) -> bool:
        """Take all of it into the plan, or what is ticked: one edit, which one Undo takes back."""
        now = self.now
        if now is None:
            return False
        edit = now.edit
        if ticked:
            edit = Edit(msg("{what}, in part", what=edit.label), now.plan_of(self.chosen))
        self.now, was, before = None, now, self._state.plan
        if not self._state.make(lambda plan: rebased(edit, was.before, plan)):
            self.now = was
            return False
        if not self.quick:
            self._accepted = _Accepted(was, self.chosen, self.again, before, self._state.plan)
        self.shown = False
        self.changed.emit()
        return True

    def leave(self) -> None:
        """Look at it no longer; it waits until the next one comes."""
        self.shown = False
        self.changed.emit()

    def show(self) -> None:
        """Look at the last one again; first at one that nobody could look at yet, as that failed or was cancelled."""
        if self._unseen is not None:
            if not any(job.key == "proposal" for job in self._state.jobs.active()):
                self._unseen()
            return
        if self.now is None:
            self._state.say(Notice(Level.INFO, msg("Nothing is proposed now."), fix=msg("Plan the network.")))
            return
        self.shown = True
        self._state.select(None)
        self.changed.emit()

    def _follow(self) -> None:
        accepted, plan = self._accepted, self._state.plan
        if accepted is not None and self.now is None and plan == accepted.before:
            # Undone: it waits again, with its ticks. What took the planner minutes is not to be asked for anew.
            self.now, self.again, self.shown = accepted.found, accepted.again, False
            self.overtaken = accepted.found.before != plan
            self.changed.emit()
            self.choose(accepted.chosen)
        elif accepted is not None and self.now is accepted.found and plan == accepted.after:
            self.now, self.shown, self.overtaken = None, False, False  # and done again
            self.changed.emit()
        elif self.now is not None:
            overtaken = self.now.before != self._state.plan
            if overtaken != self.overtaken:
                self.overtaken = overtaken
                self.changed.emit()

    def _forget(self) -> None:
        self.now, self.shown, self.overtaken, self._unseen, self._accepted = None, False, False, None, None
        self.savings = None
        self.changed.emit()
