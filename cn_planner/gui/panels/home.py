"""The panel of a home: who serves it and how well, or why nobody does and the cheapest thing that would help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from cn_planner.gui import theme
from cn_planner.gui.kinds import HOUSEHOLD, SITE, THINGS, site_name
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.fields import CheckField, HeightField, NumberField, TextField
from cn_planner.gui.panels.numbers import budget_numbers, kit_numbers
from cn_planner.gui.panels.parts import (
    Card,
    Drawer,
    FactRows,
    Section,
    button,
    caption,
    fill_box,
    hbox,
    retext,
    thin_line,
    vbox,
)
from cn_planner.gui.panels.seen import SeenPart
from cn_planner.gui.panels.thing import Numbers, NumbersDrawer, ThingPanel
from cn_planner.gui.problems import remedy_of_advice
from cn_planner.gui.words import tr
from cn_planner.links.regulatory_limits import channel_of_roof
from cn_planner.links.verdict import Verdict
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.clients import roof_height_m
from cn_planner.model.plan import Household
from cn_planner.report.words import HOME_KINDS, PRIORITY_WORDS, RELAY_WORDS
from cn_planner.service.judge import Why

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.message import Message
    from cn_planner.planning.fix_found import Fix, HomeFixes
    from cn_planner.service.homes import HomeService

_TALLEST_POLE_M = 15.0
_MOST_WAYS = 5


class HomePanel(ThingPanel[Household]):
    """Everything about one home."""

    kind = THINGS[HOUSEHOLD]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.service: HomeService | None = None
        self._fixes: HomeFixes | None = None
        self._fixes_for = context.plan
        body = self.body
        self.name = self.name_field(msg("Name of the home"))
        self.kind_words = caption(kind="label", wraps=False)
        self.verdict, self.reason = caption(kind="label"), caption()
        fill_box(
            body,
            vbox(hbox((self.name, 1), self.kind_words), self.place_field(), gap=4),
            vbox(self.verdict, self.reason, gap=4),
        )
        self._make_fix(body)
        self.served = FactRows()
        self.tower = Card(clickable=True)
        self.tower.clicked.connect(self._go_to_tower)
        fill_box(body, self.served, self.tower, thin_line())
        self.seen = SeenPart(context)
        body.addWidget(self.seen)
        self._make_fields(body)
        self.numbers = NumbersDrawer(context, self._numbers)
        body.addWidget(self.numbers)
        self.add_acts()
        context.state.serviceChanged.connect(self._ask)

    def _make_fix(self, body: QVBoxLayout) -> None:
        self.fix_part = Section(msg("Cheapest fix"))
        self.fix_words = caption()
        self.fix_button = button("", "primary", act=lambda: self._apply_fix(0))
        fill_box(self.fix_part.body, self.fix_words, self.fix_button)
        self.other_ways = Drawer(msg("Other ways"))
        self.ways: list[tuple[QLabel, QPushButton]] = []
        for number in range(1, _MOST_WAYS):
            words, do = caption(), button("", "flat", name=msg("Add to plan"))
            do.clicked.connect(partial(self._apply_fix, number))
            self.other_ways.body.addLayout(hbox((words, 1), do))
            self.ways.append((words, do))
        self.fix_part.body.addWidget(self.other_ways)
        self.fix_part.hide()
        body.addWidget(self.fix_part)

    def _make_fields(self, body: QVBoxLayout) -> None:
        part = Section(msg("What only the village knows"))
        rows = FactRows()
        self.add_choice(rows, "kind", msg("Kind"), HOME_KINDS)
        self.add_choice(rows, "priority", msg("Priority"), PRIORITY_WORDS)
        weight = NumberField(msg("Counts for"), low=0, high=1e6, decimals=1)
        weight.setSuffix(" " + tr(msg("homes")))
        self.add_field(rows, "weight", msg("Counts for"), weight)
        self.people = NumberField(msg("People"), low=0, high=1e6, decimals=0)
        self.people.setSpecialValueText(tr(msg("not known")))
        self.people.committed.connect(lambda count: self.change("people", count or None))
        rows.add(tr(msg("People")), self.people)
        self.add_field(rows, "hamlet", msg("Hamlet"), TextField(msg("Hamlet"), longest=80))
        self.add_choice(rows, "relay", msg("May relay for others"), RELAY_WORDS)
        antenna = QWidget()
        self.antenna_height = HeightField(msg("Height of the roof antenna"), self.context.quantities, high_m=50)
        self.antenna_height.committed.connect(partial(self.change, "antenna_height_m"))
        self.usual = CheckField(msg("usual"), name=msg("Roof antenna at the usual height"))
        self.usual.committed.connect(self._set_usual)
        pole = tr(msg("Roof antenna on a pole of its own, which has to be bought"))
        self.on_pole = CheckField(msg("on a pole of its own"), name=pole)
        self.on_pole.setToolTip(pole)
        hbox((self.antenna_height, 1), self.usual, on=antenna)
        rows.add(tr(msg("Antenna")), antenna)
        self.add_field(rows, "on_pole", msg("Mast"), self.on_pole)
        self.add_note(rows)
        part.body.addWidget(rows)
        body.addWidget(part)

    def show_thing(self, key: str) -> None:
        """Show a home; again after an edit."""
        if key != self.key:
            self.key, self.service, self._fixes = key, None, None
        home = self.thing()
        if home is None:
            return
        plan = self.context.plan
        self.name.show_value(home.name or home.id)
        self.kind_words.setText(tr(HOME_KINDS[home.kind]))
        self.seen.show_place(key)
        self.show_place(home)
        self.show_fields(home)
        given = home.antenna_height_m
        self.antenna_height.show_value(plan.demand.antenna_height_m if given is None else given)
        self.usual.setChecked(given is None)
        self.people.show_value(home.people or 0.0)
        self._show_service()
        self._ask()

    def ask_more(self) -> None:
        """Ask how it is served."""
        self.context.ask_home(self.key, self._take)

    def _take(self, service: HomeService) -> None:
        if service.home != self.key or self.thing() is None:
            return
        self.service = service
        self._fixes = None
        self._show_service()
        if not self._is_fine():
            self.context.ask_fixes(self.key, self._take_fixes)

    def _take_fixes(self, fixes: HomeFixes) -> None:
        if fixes.home == self.key:
            self._fixes, self._fixes_for = fixes, self.context.plan
            self._show_fix()

    def _is_fine(self) -> bool:
        """Return whether the plan serves the home."""
        return self.service is not None and self.service.served

    def _show_service(self) -> None:
        found, home = self.service, self.thing()
        if home is None:
            return
        if found is None:
            words = tr(msg("Not computed yet")) if self.context.plan.elevation else tr(msg("There is no terrain yet"))
            self.verdict.setText(words)
            theme.mark(self.verdict, "label")
            self.reason.setText("")
            self.served.show_texts([])
            self.tower.hide()
            self.fix_part.hide()
            return
        symbol, word, kind = formatters.verdict(found.verdict)
        judged = site_name(self.context.plan, found.site) if found.site else ""
        if found.why is Why.UNHEARD or (found.why is Why.CUT_OFF and found.down is not None):
            said, symbol, kind = tr(msg("Not reached")), "✕", "bad"
        elif found.why is Why.CUT_OFF and found.server is not None:
            said = tr(msg("{site} reaches it, but no links lead from there to a gateway", site=judged))
            symbol, kind = "▲", "warn"
        elif found.served:
            said = tr(msg("Reached from {site}", site=judged))
        elif found.works and found.server is None:
            said = tr(msg("Could be reached from {site}", site=judged))
            symbol, kind = "▲", "warn"
        elif found.site is None:
            said, symbol, kind = tr(msg("Not reached")), "✕", "bad"
        else:
            said = formatters.dotted(tr(msg("Not reached")), word)
            symbol, kind = ("▲", "warn") if found.verdict is Verdict.CHECK_ON_SITE else ("✕", "bad")
        self.verdict.setText(f"{symbol}  {said}")
        theme.mark(self.verdict, kind)
        self.reason.setText(tr(found.reason))
        self._show_pairs(found)
        self._show_fix()
        self.numbers.refresh()

    def _show_pairs(self, found: HomeService) -> None:
        pairs = []
        if found.margin_db is not None:
            pairs.append((tr(msg("Spare signal")), _spare(found)))
        if found.rate_down_mbps is not None:
            down, up = formatters.data_rate(found.rate_down_mbps), formatters.data_rate(found.rate_up_mbps)
            pairs.append((tr(msg("Speed")), tr(msg("{down} there, {up} back", down=down, up=up))))
        if found.height_needed_m is not None and (found.height_needed_m > 0.0 or not found.served):
            least = self.context.height_needed(found.height_needed_m)
            if _TALLEST_POLE_M < found.height_needed_m <= self.context.greatest_mast_m:
                least = tr(msg("{height}: too much for a pole", height=least))
            stands = roof_height_m(self.context.plan, self.context.plan.households[found.home])
            if enough := self.context.enough_height(stands, found.height_needed_m):
                least = tr(msg("high enough: {height} would do", height=enough))
            towards = site_name(self.context.plan, found.site) if found.site else ""
            words = msg("Height needed to see {site}", site=towards) if towards else msg("Height needed at the roof")
            pairs.append((tr(words), least))
        if found.second_choice:
            pairs.append((tr(msg("Second choice")), self._second(found, found.second_choice)))
        self.served.show_texts(pairs)
        site = self.context.plan.sites.get(found.site or "")
        self.tower.setVisible(site is not None)
        if site is not None and found.budget is not None:
            mark, _, kind = formatters.verdict(found.verdict)
            length = self.context.distance(found.budget.distance_m)
            self.tower.say(
                formatters.spaced(site.name or site.id, length), formatters.link_line(found.budget), mark, kind
            )

    def _second(self, found: HomeService, site: str) -> str:
        """Return the second choice in words: the tower, and its spare signal, or why it is none yet."""
        name = site_name(self.context.plan, site)
        if found.second_verdict is Verdict.LIKELY and found.second_margin_db is not None:
            spare, rate = formatters.with_unit(found.second_margin_db, "dB"), formatters.data_rate(found.second_mbps)
            return tr(msg("{site}, {margin} to spare at {rate}", site=name, margin=spare, rate=rate))
        return formatters.dotted(name, formatters.verdict(found.second_verdict)[1])

    def _show_fix(self) -> None:
        home = self.thing()
        self.fix_part.setVisible(home is not None and self.service is not None and not self._is_fine())
        if home is None or self.service is None or self._is_fine():
            return
        found = self._fixes.fixes if self._fixes is not None else ()
        self.fix_button.setVisible(self._fixes is not None)
        self._show_ways(found)
        if found:
            self.fix_words.setText(tr(found[0].words))
            does = tr(msg("Add to plan for {cost}", cost=self._cost(found[0])))
            retext(self.fix_button, does, f"{tr(found[0].words)} {does}")
            return
        if self._fixes is None:
            words = msg("Looking for what would reach it …")
        else:
            words = self._fixes.advice or msg("Nothing within the rules was found.")
        self.fix_words.setText(tr(words))
        retext(self.fix_button, self._remedy()[0])

    def _show_ways(self, found: tuple[Fix, ...]) -> None:
        self.other_ways.setVisible(len(found) > 1)
        for number, (words, do) in enumerate(self.ways, start=1):
            there = number < len(found)
            words.setVisible(there)
            do.setVisible(there)
            if there:
                words.setText(tr(found[number].words))
                do.setText(self._cost(found[number]))
                do.setAccessibleName(f"{words.text()} {tr(msg('Add to plan for {cost}', cost=do.text()))}")

    def _cost(self, fix: Fix) -> str:
        """Return what a fix costs; the least that it does where a price is not known."""
        cost = self.context.money(fix.cost)
        return tr(msg("{cost} or more", cost=cost)) if fix.unpriced else cost

    def _numbers(self) -> Numbers | None:
        project = self.context.state.project
        if project is None:
            return None
        pairs = [(tr(msg("Id")), self.key)]
        if self.service is not None and self.service.budget is not None:
            pairs += budget_numbers(self.context, self.service.budget)
        kit = self.context.plan.client_of(self.context.plan.households[self.key])
        site, sector = (None, "") if self.service is None else (self.service.site, self.service.sector)
        channel = channel_of_roof(self.context.plan, project.catalogue, site, sector)
        return pairs + kit_numbers(project, kit, *channel), kit

    def _apply_fix(self, number: int) -> None:
        found = self._fixes.fixes if self._fixes is not None else ()
        if number < len(found):
            fix, base = found[number], self._fixes_for
            self.context.edit(lambda plan: edits.rebased(fix.edit(base), base, plan))
        elif number == 0:
            self.context.asked.emit(self._remedy()[1])

    def _remedy(self) -> tuple[Message, str]:
        """Return what the button says where no fix is known, and what it does."""
        return remedy_of_advice(None if self._fixes is None else self._fixes.advice)

    def _go_to_tower(self) -> None:
        if self.service is not None and self.service.site:
            self.context.go(SITE, self.service.site)

    def _set_usual(self, usual: bool) -> None:
        self.change("antenna_height_m", None if usual else self.antenna_height.value_m())


def _spare(found: HomeService) -> str:
    """Return what a home's link has to spare at its rate, and what more until it stops."""
    spare, more = formatters.with_unit(found.margin_db, "dB"), (found.fallback_db or 0.0) - (found.margin_db or 0.0)
    if more < 0.5:
        return spare
    return tr(msg("{spare}; slower for another {more:.0f} dB", spare=spare, more=more))
