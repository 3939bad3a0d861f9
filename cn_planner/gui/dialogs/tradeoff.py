"""Cost against homes: plans from few homes to all that can be reached, as a chart and a table; one can be taken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QBoxLayout, QHeaderView, QTableWidget, QTableWidgetItem

from cn_planner.errors import InputError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.job_dialog import JobDialog
from cn_planner.gui.dialogs.tradeoff_chart import Dot, TradeoffChart
from cn_planner.gui.figures import cost_shown, figures_now
from cn_planner.gui.overview import homes_reached
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.parts import caption, fill_box, text_table
from cn_planner.gui.quantities import money_words
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot, run_on
from cn_planner.message import Message, counted, msg
from cn_planner.planning.result import most_saved_pct

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.planning.tradeoff import Tradeoff, TradeoffPoint
    from cn_planner.progress import CancelToken
    from cn_planner.session.proposal import Proposal
    from cn_planner.session.workspace import Snapshot

_KEY, TAKE = "tradeoff", "take plan"
_PROVEN = 1e-6
_SIDE_BY_SIDE_PX = 720


class TradeoffDialog(JobDialog):
    """The dialog; it begins to look when it is made."""

    def __init__(self, parent: QWidget, state: AppState) -> None:
        super().__init__(parent, state, msg("Cost against homes"), _KEY, then=TAKE, width=980, height=660)
        self.found: Tradeoff | None = None
        self.at = -1
        self._of: Snapshot | None = None
        self._sought: list[Design] = []
        """Plans of which a further search would tell no more."""
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.setSpacing(16)
        self.chart = TradeoffChart()
        self.chart.chosen.connect(self.choose)
        self._parts.addWidget(self.chart, 1)
        self.table = _table()
        self.table.currentCellChanged.connect(lambda row, *_: self.choose(row))
        self._parts.addWidget(self.table, 1)
        self.told = caption(kind="value")
        self.why = caption(kind="label")
        self.notes = caption(kind="label")
        fill_box(self.column, (self._parts, 1), self.told, self.why, self.notes)
        self.add_job()
        self.prove = self.add_button(msg("Prove"), self.prove_point)
        searches = msg("Search how much cheaper a plan for so many homes could be. It can take minutes.")
        self.prove.setToolTip(tr(searches))
        self.kept = self.add_button(msg("Keep for the papers"), self.keep)
        self.kept.setToolTip(tr(msg("The paper for the assembly then shows a smaller and a larger network too.")))
        self.use = self.add_button(msg("Use this plan"), self.take, "primary")
        self.add_close()
        state.scenariosChanged.connect(self._show_now)
        state.planChanged.connect(self._show_now)
        self._proposed: Proposal | None = None
        state.proposals.changed.connect(self._make_way)
        self.look()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the table below the chart where both have no room beside each other."""
        super().resizeEvent(event)
        beside = self.width() >= theme.px(_SIDE_BY_SIDE_PX)
        self._parts.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    # Finding

    def look(self) -> None:
        """Look for the curve of the plan as it stands."""

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Tradeoff:
            from cn_planner.session.cost_against_homes import cost_against_homes

            return cost_against_homes(snapshot, partial=report.partial, run=run_on(report, cancel))

        self.found, self.at, self._sought = None, -1, []
        self._of = None if self._state.project is None else self._state.project.snapshot()
        self._fill()
        self._show_now()
        words = msg("Comparing plans for few and for many homes")
        self.ask(words, work, self._show, partial=self._show, keep_when_cancelled=True)

    def prove_point(self) -> None:
        """Seek a bound, and a cheaper plan on the way, at the chosen point; Cancel keeps what was found."""
        curve, at, of = self.found, self.at, self._of
        if curve is None or of is None or not self._provable():
            return

        def work(_now: Snapshot, report: Report, cancel: CancelToken) -> tuple[Tradeoff, bool]:
            from cn_planner.session.cost_against_homes import proven_point

            return proven_point(of, curve, at, run=run_on(report, cancel)), cancel.cancelled

        def show(answer: tuple[Tradeoff, bool]) -> None:
            found, stopped = answer
            if not stopped:
                self._sought += [one.design for one in found.points if one.share == curve.points[at].share]
            self._show(found)

        words = counted("Proving the plan for {count:,g} home", "Proving the plan for {count:,g} homes",
                        curve.points[at].served)  # fmt: skip
        self.ask(words, work, show, further=True, keep_when_cancelled=True)

    def _provable(self) -> bool:
        """Return whether a search could tell more of the chosen point."""
        point = self.point()
        if point is None or self.busy or self.outdated or self.taking:
            return False
        return not _sure(point) and not any(point.design is one for one in self._sought)

    def _show(self, found: Tradeoff) -> None:
        before = self.point()
        self.found = found
        same = [n for n, one in enumerate(found.points) if before is not None and one.design is before.design]
        # A better plan may have taken the place of the chosen one.
        enough = [n for n, one in enumerate(found.points) if before is not None and one.served >= before.served]
        self.at = same[0] if same else enough[0] if enough else len(found.points) - 1 if before is not None else -1
        self._fill()
        self.show_state()

    def show_state(self) -> None:
        """Say how it stands."""
        found = self.found
        points = () if found is None else found.points
        if not self.busy and self.at < 0 and points:
            self.at = len(points) - 1
            self._mark()
        self.again.setVisible(not self.busy and (self.outdated or found is None or not found.complete))
        self.use.setEnabled(self.at >= 0 and not self.outdated and not self.taking)
        self.prove.setEnabled(self._provable())
        self.kept.setEnabled(bool(points) and not (self.busy or self.outdated or self.taking))
        if self.outdated:
            self.said.setText(tr(msg("The plan was changed since. These plans do not belong to it any more.")))
        elif found is not None and points:
            words = [tr(msg("Each point is a whole plan. Choose one by mouse or arrow keys."))]
            if any(self._state.plan == one for one in self.given[1:]):
                words = [tr(msg("This is your plan now. Undo brings back the one before; or choose another."))]
            if not self.busy and not found.complete:
                words.append(tr(msg("Not all of them were looked for.")))
            self.said.setText(" ".join(words))
        elif self.busy:
            self.said.setText(tr(msg("The plans appear here as they are found, from few homes to many.")))
        elif found is not None:
            self.said.setText(tr(msg("No plan was found.")))
        else:
            self.said.setText(self.fault or tr(msg("It was stopped before a plan was found.")))
        theme.mark(self.said, "warn" if self.outdated else "")

    # Showing

    def point(self) -> TradeoffPoint | None:
        """Return the point that is chosen."""
        points = () if self.found is None else self.found.points
        return points[self.at] if 0 <= self.at < len(points) else None

    def choose(self, at: int) -> None:
        """Choose a point by its place, from few homes to many."""
        if self.found is not None and 0 <= at < len(self.found.points) and at != self.at:
            self.at = at
            self._mark()
            self.show_state()

    def _fill(self) -> None:
        found = self.found
        points = () if found is None else found.points
        currency = self._state.plan.info.currency if found is None else found.currency
        most = sum(home.weight for home in self._state.plan.households.values()) if found is None else found.coverable
        self.chart.show_dots(tuple(Dot(one.served, one.capex, one.lower_bound) for one in points), most, currency)
        self.table.blockSignals(True)
        self.table.setRowCount(len(points))
        for number, one in enumerate(points):
            further = "–" if one.more_each is None else formatters.with_unit(one.more_each)
            cells = (formatters.plain(one.served), formatters.with_unit(one.capex), str(one.sites), further, _gap(one))
            for place, text in enumerate(cells):
                cell = QTableWidgetItem(text)
                cell.setTextAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(number, place, cell)
        self.table.blockSignals(False)
        self.notes.setText("" if found is None else " ".join(tr(one) for one in _notes(found)))
        self._mark()

    def _mark(self) -> None:
        """Mark the chosen point in the chart and in the table, and say it in words."""
        point = self.point()
        self.table.blockSignals(True)
        if point is None:
            self.table.setCurrentCell(-1, -1)
        else:
            self.table.setCurrentCell(self.at, max(self.table.currentColumn(), 0))
        self.table.blockSignals(False)
        told, why = ("", "") if point is None or self.found is None else _words(point, self.found.currency)
        self.told.setText(told)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        self.notes.setVisible(bool(self.notes.text()))
        self.chart.choose(self.at, f"{told} {why}".strip())

    def _show_now(self, _changes: object = None) -> None:
        if not self.ended:
            self.chart.show_now(_present(self._state))

    # Taking

    def keep(self) -> None:
        """Write the curve down in the plan, for its papers."""
        found, project = self.found, self._state.project
        if found is None or project is None or self.outdated or self.taking:
            return
        from cn_planner.planning.kept_choices import keep_choices

        edit = keep_choices(self._state.plan, project.catalogue, found)
        self.given.append(edit.plan)
        if self._state.apply(edit):
            self._state.say(Notice(Level.INFO, msg("Kept for the papers: the plans that you may choose from.")))

    def take(self) -> None:
        """Propose the chosen plan, with channels and second ways; what was still looked for is left."""
        point = self.point()
        if point is None or self.outdated or self.taking:
            return
        self.stop()
        take_plan(self._state, point.design, self.given)
        self.show_job()

    def _make_way(self) -> None:
        """Get out of the way of a plan of the curve that is shown as a proposal; the curve waits to be asked for."""
        now = self._state.proposals.now
        window = self.parentWidget()
        if self.ended or window is None or now is None or now is self._proposed or not self._state.proposals.shown:
            return
        if any(now.edit.plan is one for one in self.given):
            self._proposed = now
            self.hide()
            window.window().activateWindow()


def take_plan(state: AppState, design: Design, given: list[Plan]) -> None:
    """Complete a plan in a job and propose it, as one edit that is named by its homes.

    Parameters
    ----------
    state : AppState
        Gets the plan.
    design : Design
        A point of the curve.
    given : list of Plan
        The plan that is put in is added here before.
    """

    def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Design:
        from cn_planner.session.network import completed

        return completed(snapshot, design, run=run_on(report, cancel))

    def done(whole: Design) -> None:
        if whole.edit is None:
            return
        name = counted("take the plan for {count:,g} home", "take the plan for {count:,g} homes", whole.served)
        given.append(whole.edit.plan)
        state.proposals.offer(replace(whole.edit, label=name), base, whole.notes)

    base = state.plan
    state.ask(TAKE, msg("Giving the plan its channels and second ways"), work, done, slot=Slot.SOLVER, said=True)


def _present(state: AppState) -> Dot | None:
    """Return homes and cost of the plan as it stands, as the bar above the map says them."""
    plan = state.plan
    if not plan.used_sites:
        return None
    now = figures_now(state)
    homes = homes_reached(plan).served if now is None or state.counting else now.homes
    try:
        cost = cost_shown(state)
    except InputError:  # a kit that is not on the shelf has no price, and the check of the plan says so
        return None
    return None if cost is None else Dot(homes, cost)


def _words(point: TradeoffPoint, currency: str) -> tuple[str, str]:
    """Return what a point is, and what is known of cheaper plans."""
    told = counted(
        "{count:,g} home for {cost}, with {towers}.", "{count:,g} homes for {cost}, with {towers}.", point.served,
        cost=money_words(point.capex, currency), towers=counted("{count} tower", "{count} towers", point.sites),
    )  # fmt: skip
    said = [tr(told)]
    if point.more_each is not None:
        more = money_words(point.more_each, currency)
        said.append(tr(msg("Compared with the plan before, each further home costs {cost}.", cost=more)))
    if point.lower_bound is None:
        why = ""
    elif _sure(point):
        why = tr(msg("No plan for so many homes costs less."))
    else:
        least = money_words(point.lower_bound, currency)
        why = tr(msg("There may be a cheaper plan for so many homes, but none under {cost}.", cost=least))
    return " ".join(said), why


def _sure(point: TradeoffPoint) -> bool:
    """Return whether it is proven that no plan for so many homes costs less."""
    return point.lower_bound is not None and point.capex - point.lower_bound <= max(_PROVEN * point.capex, 0.01)


def _gap(point: TradeoffPoint) -> str:
    """Return by how much a plan for so many homes could be cheaper at most."""
    if point.gap is None:
        return "–"
    return tr(msg("{pct:g} %", pct=0.0 if _sure(point) else most_saved_pct(point.gap)))


def _notes(found: Tradeoff) -> list[Message]:
    can = msg(
        "{coverable:,g} of {homes:,g} homes can be reached from the places of this plan.",
        coverable=found.coverable,
        homes=found.households,
    )
    return [can, *found.notes]


def _table() -> QTableWidget:
    heads = msg("Homes"), msg("Cost"), msg("Towers"), msg("Each further home"), msg("Could save")
    titles, name = [tr(one) for one in heads], tr(msg("Plans by the homes that they reach"))
    table = text_table(name, titles, trailing=True)
    why = msg("By how much a plan for so many homes could be cheaper at most; 0: it is proven that none is.")
    last = QTableWidgetItem(titles[-1])
    last.setToolTip(tr(why))
    table.setHorizontalHeaderItem(len(heads) - 1, last)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setMinimumSize(theme.px(280), theme.px(144))
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
    return table
