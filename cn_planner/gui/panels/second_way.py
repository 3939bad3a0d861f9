"""A second way to the Internet for a tower: whether it must have one, what the cheapest costs, and building it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QFrame, QWidget
from shiboken6 import isValid

from cn_planner.gui import theme
from cn_planner.gui.kinds import site_name
from cn_planner.gui.panels.parts import STRETCH, button, caption, hbox, vbox
from cn_planner.gui.values import notice_of
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot, run_on
from cn_planner.message import in_a_row, msg
from cn_planner.model import edits
from cn_planner.model.gateways import is_gateway

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.jobs import Failure, Report
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.resilience import DisjointPath, Resilience
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot

_KEY = "second way"


def must_have_two(plan: Plan, key: str, wanted: bool) -> Edit:
    """Say that a tower must have two ways, or need not."""
    name = site_name(plan, key)
    label = msg("{site} must have two ways", site=name) if wanted else msg("{site} may have one way", site=name)
    return edits.put(plan, [replace(plan.sites[key], two_ways=wanted)], label)


class SecondWayPart(QWidget):
    """The part of a tower's panel; for a tower of the network that is no gateway."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self.site_id = ""
        self.way: DisjointPath | None = None
        self._looked_at: Plan | None = None
        self.must = QCheckBox(tr(msg("Must have two ways")))
        self.must.setAccessibleName(self.must.text())
        meaning = tr(msg("The planner then gives it two ways to the Internet that share no tower and no link between."))
        self.must.setToolTip(meaning)
        self.must.setAccessibleDescription(meaning)
        self.must.clicked.connect(self._switch)
        self.search = button(msg("Find a second way"), act=self.look)
        self.said = caption(kind="label")
        self.said.hide()
        self.card = QFrame()
        theme.mark(self.card, "card")
        self.text = caption()
        self.accept = button(msg("Accept"), "primary", name=msg("Accept the second way"), act=self._accept)
        self.leave = button(msg("Not now"), name=msg("Do not build the second way"), act=self._leave)
        vbox(self.text, hbox(self.accept, self.leave, STRETCH), on=self.card, margin=12)
        self.card.hide()
        vbox(self.must, self.search, self.said, self.card, on=self)
        context.state.jobsChanged.connect(self._show_busy)

    def show_site(self, key: str) -> None:
        """Show a site; again after an edit. What was found for another site or plan is dropped."""
        plan = self.context.plan
        if key != self.site_id:
            self.context.state.jobs.cancel_all(_KEY)
            self.site_id = key
            self._forget()
        elif self._looked_at is not None and self._looked_at is not plan:
            self._forget()
        site = plan.sites.get(key)
        asks = site is not None and site.in_network and not is_gateway(site)
        self.setVisible(asks)
        if asks and site is not None:
            self.must.setChecked(site.two_ways)
            self._show_busy()

    def look(self) -> None:
        """Look for the cheapest second way in the plan as it stands."""
        key = self.site_id

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Resilience:
            from cn_planner.session.tasks import resilience_of

            return resilience_of(snapshot, [key], run=run_on(report, cancel))

        self._forget()
        name = site_name(self.context.plan, key)
        self.context.state.ask(
            _KEY, msg("Looking for a second way for {site}", site=name), work, lambda found: self._take(key, found),
            slot=Slot.SOLVER, said=True, on_error=self._failed,
        )  # fmt: skip
        self._show_busy()

    def _take(self, key: str, found: Resilience) -> None:
        if not isValid(self) or key != self.site_id:
            return  # the panels were made anew in another language, or another tower is looked at
        self._looked_at = self.context.plan
        self.way = found.paths.get(key)
        self.card.setVisible(self.way is not None)
        if self.way is not None:
            instead = self.way.instead
            self.text.setText(tr(self.way.text if instead is None else in_a_row(self.way.text, instead)))
            self.accept.setVisible(instead is None)
            return
        name = site_name(self.context.plan, key)
        self._say(tr(found.without[key] if key in found.without else msg("{site} has two ways already.", site=name)))

    def _failed(self, failure: Failure) -> None:
        if not isValid(self):
            return
        self._looked_at = self.context.plan
        notice = notice_of(failure)
        fix = f" {tr(notice.fix)}" if notice.fix is not None else ""
        self._say(f"{tr(notice.what)}{fix}")

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _forget(self) -> None:
        self.way, self._looked_at = None, None
        self.card.hide()
        self._say("")

    def _show_busy(self) -> None:
        busy = any(job.key == _KEY for job in self.context.state.jobs.active())
        self.search.setEnabled(not busy)
        self.search.setText(tr(msg("Looking for a second way…")) if busy else tr(msg("Find a second way")))

    def _switch(self, wanted: bool) -> None:
        key = self.site_id
        if not self.context.edit(lambda plan: must_have_two(plan, key, wanted)):
            self.show_site(key)

    def _leave(self) -> None:
        self.search.setFocus()  # else the keys fall to whatever comes next
        self._forget()

    def _accept(self) -> None:
        way = self.way
        self.search.setFocus()
        if way is not None and self._looked_at is self.context.plan:
            self.context.state.apply(way.taken())
