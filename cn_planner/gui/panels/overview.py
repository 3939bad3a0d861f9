"""The panel when nothing is selected: the plan in figures, what is weakest, and what only the village knows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from cn_planner.economics.costs import price_notes
from cn_planner.gui import theme
from cn_planner.gui.figures import cost_shown, figures_now
from cn_planner.gui.kinds import LINK, Thing, name_of
from cn_planner.gui.overview import homes_reached
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.fields import HeightField, NameField, NumberField
from cn_planner.gui.panels.parts import (
    STRETCH,
    Card,
    Elided,
    FactRows,
    Section,
    button,
    caption,
    fill_box,
    retext,
    thin_line,
    vbox,
)
from cn_planner.gui.panels.people import PeopleSection
from cn_planner.gui.panels.suggestions import SuggestionList
from cn_planner.gui.problems import remedy
from cn_planner.gui.words import tr
from cn_planner.jobs import run_on
from cn_planner.links.count_range import range_words
from cn_planner.message import counted, in_a_row, msg
from cn_planner.model import edits
from cn_planner.model.checks import Action, Severity
from cn_planner.model.clients import NO_HOMES
from cn_planner.model.fields import described
from cn_planner.model.plan import Demand
from cn_planner.report.words import behind_trees

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.jobs import Report
    from cn_planner.model.checks import PlanProblem
    from cn_planner.progress import CancelToken
    from cn_planner.service.now import ServiceNow
    from cn_planner.session.workspace import Snapshot

_WORST = 4
_TAKES = {"school_mbps": msg("A school takes"), "clinic_mbps": msg("A clinic takes"), "shop_mbps": msg("A shop takes")}
_MEANINGS = {one.name: about.meaning for one, about in described(Demand)}
_MOST_SHOWN = 50
_OF_THE_SIDEBAR = frozenset({Action.ADD_TERRAIN, Action.ADD_HOMES, Action.CHOOSE_GATEWAY})


class ProblemCard(QFrame):
    """One problem of the plan: a sign, what it is, what settles it, and a button that opens the place."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self._command = ""
        theme.mark(self, "card")
        self.what, self.fix = caption(), caption(kind="label")
        self.act = button("", act=lambda: context.asked.emit(self._command))
        vbox(self.what, self.fix, (self.act, Qt.AlignmentFlag.AlignLeading), on=self, gap=4, margin=12)

    def show_problem(self, problem: PlanProblem) -> None:
        """Show a problem."""
        bad = problem.severity is Severity.ERROR
        theme.mark(self, "error" if bad else "warning")
        self.what.setText(f"{'✕' if bad else '▲'}  {tr(problem.what)}")
        self.fix.setText(tr(problem.fix))
        done = remedy(problem, self.context.plan)
        self.act.setVisible(done is not None)
        if done is not None:
            words, self._command = tr(done[0]), done[1]
            retext(self.act, words, f"{words}: {tr(problem.what)}")


class OverviewPanel(QWidget):
    """The plan as a whole."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self.name = NameField(msg("Name of the plan"))
        self.name.committed.connect(self._rename)
        self.lead = caption()
        self.hidden = caption(kind="label")
        self.bare = button(
            msg("See the plan without these trees"), "flat",
            tip=tr(msg("No trees are assumed then. Undo brings them back.")),
            act=lambda: self._set("area.canopy_m", 0.0),
        )  # fmt: skip
        self._show_hidden(0.0)
        self.facts = FactRows()
        self.prices = caption(kind="label")
        self.prices.hide()
        tip = tr(msg("What it costs to reach few homes, more, all: choose one of these plans."))
        self.compare = button(msg("Cost against homes…"), tip=tip, act=lambda: context.asked.emit("tradeoff"))
        body = vbox(
            self.name,
            self.lead,
            vbox(self.hidden, (self.bare, Qt.AlignmentFlag.AlignLeading), gap=0),
            self.facts,
            self.prices,
            (self.compare, Qt.AlignmentFlag.AlignLeading),
            thin_line(),
            on=self,
            gap=16,
            margin=16,
        )
        self.checks = Section(msg("What needs a look"))
        self.found: list[ProblemCard] = []
        self._problems: tuple[PlanProblem, ...] = ()
        self._most = _WORST
        self.more = button("", "flat", name=msg("What needs a look"), act=self._show_more)
        self.checks.body.addWidget(self.more)
        self.checks.hide()
        self.next = SuggestionList(context, 3)
        self.people = PeopleSection(context)
        fill_box(body, self.people, self.checks, self.next)
        self.weak = Section(msg("Weakest links"))
        self.cards = [Card(clickable=True) for _ in range(_WORST)]
        self._shown: list[str] = [""] * _WORST
        for number, card in enumerate(self.cards):
            card.clicked.connect(partial(self._go, number))
            self.weak.body.addWidget(card)
        body.addWidget(self.weak)
        part = Section(msg("What holds everywhere"))
        rows = FactRows()
        self.fields: dict[str, NumberField] = {}
        for key, words, high in (
            ("area.canopy_m", msg("Trees"), 80),
            ("demand.mbps_per_home", msg("Speed a home"), 10_000),
            ("demand.antenna_height_m", msg("Roof antenna"), 50),
        ):
            if key.endswith("_m"):
                made: NumberField = HeightField(words, context.quantities, high_m=high)
            else:
                made = NumberField(words, low=1, high=high, unit="Mbit/s", decimals=1)
            made.committed.connect(partial(self._set, key))
            self.fields[key] = made
            rows.add(tr(words), made)
        for key, words in _TAKES.items():
            takes = NumberField(words, low=0, high=10_000, unit="Mbit/s", decimals=1)
            takes.setSpecialValueText(tr(msg("as homes")))
            takes.setToolTip(tr(_MEANINGS[key]))
            takes.committed.connect(partial(self._set_class, key))
            self.fields[f"demand.{key}"] = takes
            rows.add(tr(words), takes)
        self.trees = Elided(kind="label")
        fill_box(part.body, rows, self.trees)
        fill_box(body, part, STRETCH)
        context.state.serviceChanged.connect(self.show_plan)
        context.state.scenariosChanged.connect(self._show_facts)
        context.linksChanged.connect(self._show_weak)

    def show_plan(self) -> None:
        """Show the plan; again after an edit."""
        parent = self.parentWidget()
        if not (self.isVisible() if parent is None else self.isVisibleTo(parent)):
            return
        plan = self.context.plan
        self.setEnabled(self.context.state.project is not None)
        self.name.show_value(plan.info.name)
        towers = len(plan.used_sites)
        now = self.context.state.computed.service
        if not plan.households:
            self.lead.setText(tr(msg("No homes yet: import a list, or place them on the map.")))
        elif self.context.state.counting and towers and (now is None or now.works_weight <= NO_HOMES):
            self.lead.setText(tr(msg("Counting who is reached…")))
        elif now is None:
            self.lead.setText(tr(msg("Who is reached is not computed yet.")))
        else:
            self.lead.setText(self._reached_words(now))
        self._show_facts()
        self.compare.setVisible(bool(plan.terrain and plan.households and plan.sites))
        self.fields["area.canopy_m"].show_value(plan.area.assumed_canopy_m)
        self.fields["demand.mbps_per_home"].show_value(plan.demand.mbps_per_home)
        self.fields["demand.antenna_height_m"].show_value(plan.demand.antenna_height_m)
        there = {one.kind.value for table in (plan.households, plan.places) for one in table.values()}
        for key in _TAKES:
            field = self.fields[f"demand.{key}"]
            (field.parentWidget() or field).setVisible(key.removesuffix("_mbps") in there)
            field.show_value(getattr(plan.demand, key) or 0.0)
        self.trees.say(tr(msg("Nobody said yet how tall the trees are.")) if plan.area.canopy_m is None else "")
        self.trees.setVisible(plan.area.canopy_m is None)
        self._show_weak()
        self._ask_hidden(now)
        self.context.ask_problems(self._take_problems)

    def _show_facts(self) -> None:
        """Show how many there are of each, and the money: as the bar above the map says it."""
        plan, project = self.context.plan, self.context.state.project
        towers, now = len(plan.used_sites), self.context.state.computed.service
        pairs = [
            (tr(msg("Places")), tr(msg("{count} of which {towers} with a mast", count=len(plan.sites), towers=towers))),
            (tr(msg("Links")), formatters.with_unit(float(len(plan.links)))),
        ]
        if now is not None:
            pairs.append(
                (
                    tr(msg("Connected")),
                    tr(counted("{count:,g} home in this plan", "{count:,g} homes in this plan", now.connected_weight)),
                )
            )
        total = cost_shown(self.context.state) if towers else None
        if project is not None and total is not None:
            pairs.append((tr(msg("Cost")), self.context.money(total)))
            known = figures_now(self.context.state)
            homes = homes_reached(plan).served if known is None else known.homes
            if homes:
                pairs.append((tr(msg("A home")), self.context.money(total / homes)))
            self.prices.setText(" ".join(tr(one) for one in price_notes(plan, project.catalogue)))
        self.prices.setVisible(project is not None and bool(towers and self.prices.text()))
        self.facts.show_texts(pairs)

    def _ask_hidden(self, now: ServiceNow | None) -> None:
        """Have it counted what the assumed trees cost in homes, once it is known who is reached with them."""
        plan = self.context.plan
        if now is None or plan.area.assumed_canopy_m <= 0.0 or not self.context.state.follow:
            self._show_hidden(0.0)
            return

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> float:
            from cn_planner.session.service import hidden_now

            return hidden_now(snapshot, run=run_on(report, cancel))

        words = msg("Counting the homes behind assumed trees")
        self.context.state.ask("hidden by trees", words, work, self._show_hidden, on_error=lambda _failure: None)

    def _show_hidden(self, homes: float) -> None:
        self.hidden.setText(
            tr(behind_trees(homes, self.context.height(self.context.plan.area.assumed_canopy_m))) if homes else ""
        )
        self.hidden.setVisible(homes > 0.0)
        self.bare.setVisible(homes > 0.0)

    def _reached_words(self, now: ServiceNow) -> str:
        """Say who is reached, as the sidebar and the bar above count it: those whose tower leads to the Internet."""
        online = now.connected_weight if any(h.server for h in self.context.plan.households.values()) else None
        words = counted(
            "{reached:,g} of {count:,g} home is reached.",
            "{reached:,g} of {count:,g} homes are reached.",
            now.total,
            reached=now.works_weight if online is None else online,
        )
        if online is not None:
            low, high = now.connected_range
            words = in_a_row(words, range_words(low, high))
        if online is None:
            return tr(words)
        said = [words]
        if now.cut_off_weight > NO_HOMES:
            said.append(
                counted(
                    "{count:,g} more sees a tower that no working link joins to a gateway.",
                    "{count:,g} more see a tower that no working link joins to a gateway.",
                    now.cut_off_weight,
                )
            )
        if now.unheard_weight > NO_HOMES:
            said.append(
                counted(
                    "{count:,g} more sees its tower, but nothing is left for it on the channels of the plan.",
                    "{count:,g} more see their tower, but nothing is left for them on the channels of the plan.",
                    now.unheard_weight,
                )
            )
        if now.left_out_weight > NO_HOMES:
            said.append(
                counted(
                    "{count:,g} more sees a tower of the network; the plan leaves it out.",
                    "{count:,g} more see a tower of the network; the plan leaves them out.",
                    now.left_out_weight,
                )
            )
        return " ".join(tr(one) for one in said)

    def _take_problems(self, found: tuple[PlanProblem, ...]) -> None:
        # Questions have a card of their own in the sidebar, one at a time; there too stands what a new plan lacks.
        self._problems = tuple(
            one
            for one in found
            if one.severity is not Severity.QUESTION and (one.where or one.action not in _OF_THE_SIDEBAR)
        )
        self._show_problems()

    def _show_problems(self) -> None:
        shown = self._problems[: self._most]
        self.checks.setVisible(bool(shown))
        while len(self.found) < len(shown):
            card, before = ProblemCard(self.context), self.found[-1].act if self.found else self.compare
            self.checks.body.insertWidget(self.checks.body.count() - 1, card)
            self.setTabOrder(before, card.act)  # what is made later comes last of the whole window
            self.found.append(card)
        for number, card in enumerate(self.found):
            card.setVisible(number < len(shown))
            if number < len(shown):
                card.show_problem(shown[number])
        left = len(self._problems) - len(shown)
        self.more.setVisible(left > 0)
        retext(self.more, counted("Show {count} more", "Show {count} more", left))

    def _show_more(self) -> None:
        self._most = _MOST_SHOWN
        self._show_problems()

    def _show_weak(self) -> None:
        plan = self.context.plan
        ranked = sorted(
            (key for key in plan.links if key in self.context.links), key=lambda key: _strength(self.context, key)
        )[:_WORST]
        self.weak.setVisible(bool(ranked))
        self._shown = [*ranked, *[""] * (_WORST - len(ranked))]
        for card, key in zip(self.cards, self._shown, strict=True):
            card.setVisible(bool(key))
            if key:
                budget = self.context.links[key]
                symbol, _, kind = formatters.verdict(budget.verdict)
                name = name_of(plan, Thing(LINK, key))
                card.say(
                    formatters.spaced(name, self.context.distance(budget.distance_m)),
                    formatters.link_line(budget),
                    symbol,
                    kind,
                )

    def _go(self, number: int) -> None:
        self.context.go(LINK, self._shown[number])

    def _rename(self, name: str) -> None:
        label = msg("rename the plan to {name}", name=name)
        self.context.edit(lambda plan: edits.change_section(plan, "info", label, name=name))

    def _set_class(self, key: str, value: float) -> None:
        words = msg("{thing}: {value:g} Mbit/s at the busy hour", thing=_TAKES[key], value=value)
        self.context.edit(lambda plan: edits.change_section(plan, "demand", words, **{key: value or None}))

    def _set(self, key: str, value: float) -> None:
        section, field = key.split(".")
        words = {
            "canopy_m": msg("trees of {value:g} m", value=round(value, 1)),
            "mbps_per_home": msg("{value:g} Mbit/s a home", value=value),
            "antenna_height_m": msg("roof antennas at {value:g} m", value=round(value, 1)),
        }[field]
        changed: dict[str, Any] = {field: value}
        if not self.context.edit(lambda plan: edits.change_section(plan, section, words, **changed)):
            self.show_plan()


def _strength(context: PanelContext, key: str) -> tuple[int, float, str]:
    return *formatters.link_strength(context.links[key]), key
