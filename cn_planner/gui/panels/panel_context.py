"""What every panel needs at hand: the shared state, how quantities are read, and jobs for what a panel shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Signal

from cn_planner.gui.quantities import Quantities
from cn_planner.gui.words import tr
from cn_planner.jobs import run_on
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.links.budget import LinkBudget
    from cn_planner.model.checks import PlanProblem
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.fix_found import HomeFixes
    from cn_planner.service.homes import HomeService
    from cn_planner.session.details import SiteDetails


class PanelContext(QObject):
    """The shared state as panels use it, and what was computed for them.

    Attributes
    ----------
    links : dict of str to LinkBudget
        Budgets of the plan's links, as far as they are computed.
    """

    linksChanged = Signal()  # noqa: N815
    asked = Signal(str)  # a command of the window
    menuAsked = Signal(object, float, float, QPoint)  # noqa: N815
    """A thing, a place of it, and where on the screen: what can be done with it."""
    goTo = Signal(str, str)  # noqa: N815  # kind, id: the map shows this place

    def __init__(self, state: AppState, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state, self.settings = state, settings
        self.quantities = Quantities(settings)
        self.links: dict[str, LinkBudget] = {}
        state.projectChanged.connect(self._forget)
        state.planChanged.connect(lambda _changes: self.ask_links())
        if state.project is not None:
            self.ask_links()

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""
        return self.state.plan

    def edit(self, make: Callable[[Plan], Edit]) -> bool:
        """Make an edit of the plan as it stands; where it is refused a message says why."""
        return self.state.make(make)

    def height(self, value_m: float | None) -> str:
        """Return a height in the user's units."""
        from cn_planner.gui.panels.formatters import UNKNOWN

        return tr(UNKNOWN) if value_m is None or value_m != value_m else tr(self.quantities.height(value_m))

    def set_height(self, value_m: float | None) -> str:
        """Return a height that people set, in the user's units: not rounded to whole metres."""
        return self.height(None) if value_m is None else tr(self.quantities.set_height(value_m))

    @property
    def greatest_mast_m(self) -> float:
        """The greatest mast that the rules of the plan know."""
        return max(self.plan.rules.mast_heights_m, default=0.0)

    def height_needed(self, value_m: float | None) -> str:
        """Return a height that would be needed, in whole metres upwards; where no mast is so high, that."""
        if value_m is not None and value_m > self.greatest_mast_m + 1e-6:
            return tr(msg("no mast is enough"))
        return self.height(None if value_m is None else math.ceil(value_m - 1e-6))

    def enough_height(self, stands_m: float | None, least_m: float) -> str:
        """Return the height that would do where what stands is as high; empty where it is not."""
        if stands_m is None or stands_m < least_m - 1e-6:
            return ""
        return self.height(min(math.ceil(least_m - 1e-6), stands_m))

    def distance(self, value_m: float) -> str:
        """Return a distance in the user's units."""
        return tr(self.quantities.distance(value_m))

    def money(self, value: float) -> str:
        """Return an amount in the plan's currency."""
        from cn_planner.gui.quantities import money_words

        return tr(money_words(value, self.plan.info.currency))

    def go(self, kind: str, key: str) -> None:
        """Select something and show it on the map."""
        self.state.select(kind, key)
        self.goTo.emit(kind, key)

    def _forget(self) -> None:
        self.links = {}
        self.linksChanged.emit()
        self.ask_links()

    def ask_links(self) -> None:
        """Ask for the budgets of all links."""
        if not self.plan.links:
            if self.links:
                self.links = {}
                self.linksChanged.emit()
            return

        def done(found: dict[str, LinkBudget]) -> None:
            self.links = found
            self.linksChanged.emit()

        def work(snapshot: Any, _report: Any, cancel: Any) -> dict[str, LinkBudget]:
            from cn_planner.session.details import link_budgets

            return link_budgets(snapshot, cancel=cancel)

        self.state.ask("panel links", msg("Looking along the links"), work, done)

    def ask_problems(self, done: Callable[[tuple[PlanProblem, ...]], None]) -> None:
        """Ask for what is wrong with the plan."""

        def work(snapshot: Any, _cancel: Any) -> tuple[PlanProblem, ...]:
            from cn_planner.session.check import check_snapshot

            return check_snapshot(snapshot)

        self._ask("panel problems", work, done)

    def ask_site(self, key: str, done: Callable[[SiteDetails], None]) -> None:
        """Ask for what is computed of one site."""
        now = self.state.computed.service
        elsewhere: tuple[str, ...] = ()
        if now is not None and len(now.homes) == len(self.plan.households):
            mine = now.sites.index(key) if key in now.sites else -1
            taken = now.works & (now.site != mine)
            elsewhere = tuple(now.homes.ids[n] for n in taken.nonzero()[0].tolist())

        def work(snapshot: Any, cancel: Any) -> SiteDetails:
            from cn_planner.session.details import site_details

            return site_details(snapshot, key, elsewhere, run=run_on(cancel=cancel))

        self._ask("panel site", work, done)

    def ask_home(self, key: str, done: Callable[[HomeService], None]) -> None:
        """Ask for all that can be said of one home."""

        def work(snapshot: Any, cancel: Any) -> HomeService:
            from cn_planner.session.service import home_now

            return home_now(snapshot, key, cancel=cancel)

        if self.plan.terrain:
            self._ask("panel home", work, done)

    def ask_fixes(self, key: str, done: Callable[[HomeFixes], None]) -> None:
        """Ask what would reach a home."""

        def work(snapshot: Any, cancel: Any) -> HomeFixes:
            from cn_planner.session.service import fixes_of_home

            return fixes_of_home(snapshot, key, run=run_on(cancel=cancel))

        if self.plan.terrain:
            self._ask("panel fixes", work, done)

    def _ask(self, key: str, work: Callable[[Any, Any], Any], done: Callable[[Any], None]) -> None:
        self.state.ask(
            key, msg("Filling the panel"), lambda snapshot, _report, cancel: work(snapshot, cancel), done
        )  # fmt: skip
