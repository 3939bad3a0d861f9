"""The panel of a link: its verdict with reason and fix, and what it carries in both directions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels import formatters, plan_edits
from cn_planner.gui.panels.numbers import budget_numbers, channel_widths, kit_numbers
from cn_planner.gui.panels.parts import (
    Card,
    ChoiceField,
    Drawer,
    Elided,
    Facts,
    HeightField,
    Section,
    TextField,
    button,
    column,
    label,
    row,
    rule,
)
from cn_planner.gui.panels.pattern import PatternButton
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.session.link_view import PathEnd

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.links.budget import LinkBudget
    from cn_planner.model.plan import Link


class LinkPanel(QWidget):
    """Everything about one link."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self.link_id = ""
        body = column(self, gap=16)
        head = column(gap=4)
        self.title = Elided(kind="title")
        self.place = Elided(kind="label")
        head.addWidget(self.title)
        head.addWidget(self.place)
        body.addLayout(head)
        verdict = column(gap=4)
        self.verdict, self.reason, self.fix = label(kind="label"), label(), label(kind="label")
        for widget in (self.verdict, self.reason, self.fix):
            verdict.addWidget(widget)
        body.addLayout(verdict)
        self.both_ways = Section(tr(msg("Both ways")))
        self.facts = Facts()
        self.both_ways.body.addWidget(self.facts)
        body.addWidget(self.both_ways)
        self.ends_part = Section(tr(msg("Ends")))
        self.ends = (Card(clickable=True), Card(clickable=True))
        for number, card in enumerate(self.ends):
            card.clicked.connect(partial(self._go_to_end, number))
            self.ends_part.body.addWidget(card)
        body.addWidget(self.ends_part)
        body.addWidget(rule())
        self._make_fields(body)
        self.numbers = Drawer(tr(msg("Numbers for the engineer")))
        self.figures = Facts()
        self.pattern = PatternButton(context)
        self.numbers.body.addWidget(self.figures)
        self.numbers.body.addWidget(self.pattern)
        self.numbers.toggle.toggled.connect(lambda _shown: self._show_numbers())
        body.addWidget(self.numbers)
        line = row()
        self.look = button(tr(msg("See the profile")))
        self.look.clicked.connect(self.show_path)
        self.remove = button(tr(msg("Remove link")), "danger")
        self.remove.clicked.connect(self._remove)
        line.addWidget(self.look, 1)
        line.addWidget(self.remove, 1)
        body.addLayout(line)
        body.addStretch(1)
        context.linksChanged.connect(self._show_budget)

    def _make_fields(self, body: Any) -> None:
        rows = Facts()
        self.kit = ChoiceField(tr(msg("Kit at both ends")))
        self.kit.committed.connect(partial(self._change, "kit"))
        self.channel_width = ChoiceField(tr(msg("Channel width at both ends")))
        self.channel_width.committed.connect(partial(self._change, "width_mhz"))
        self.status = ChoiceField(tr(msg("State")), list(formatters.STATUSES.items()))
        self.status.committed.connect(partial(self._change, "status"))
        self.choice = ChoiceField(tr(msg("Planner")), list(formatters.CHOICES.items()))
        self.choice.committed.connect(partial(self._change, "choice"))
        self.heights = []
        self.height_names = []
        for field in ("from_height_m", "to_height_m"):
            height = HeightField("", self.context.quantities, high_m=150)
            height.committed.connect(partial(self._change, field))
            self.heights.append(height)
        self.note = TextField(tr(msg("Note")), placeholder=tr(msg("What else should be known?")), longest=500)
        self.note.committed.connect(partial(self._change, "note"))
        for words, widget in (
            (msg("Kit"), self.kit),
            (msg("Channel width"), self.channel_width),
            (msg("State"), self.status),
            (msg("Planner"), self.choice),
            (msg("Height, first end"), self.heights[0]),
            (msg("Height, second end"), self.heights[1]),
            (msg("Note"), self.note),
        ):
            rows.add(tr(words), widget)
        for height, words in zip(
            self.heights, (msg("Antenna height at the first end"), msg("Antenna height at the second end")), strict=True
        ):
            height.setAccessibleName(tr(words))
        body.addWidget(rows)

    def link(self) -> Link | None:
        """Return the link as the plan has it."""
        return self.context.plan.links.get(self.link_id)

    def _ends(self, link: Link) -> tuple[PathEnd, PathEnd]:
        a, b = self.context.plan.sites[link.from_site], self.context.plan.sites[link.to_site]
        return (
            PathEnd(a.latitude, a.longitude, link.from_height_m, "site", a.id),
            PathEnd(b.latitude, b.longitude, link.to_height_m, "site", b.id),
        )

    def show_link(self, key: str) -> None:
        """Show a link; again after an edit."""
        self.link_id = key
        link = self.link()
        if link is None:
            return
        plan, project = self.context.plan, self.context.state.project
        a, b = plan.sites[link.from_site], plan.sites[link.to_site]
        self.title.say(f"{a.name or a.id} – {b.name or b.id}")
        kits = [kit for kit in project.catalogue.kits.values() if kit.task == "backhaul"] if project else []
        usual = next((kit.name for kit in kits if kit.id == plan.kits.backhaul), plan.kits.backhaul)
        self.kit.set_choices([("", tr(msg("{kit} (as the plan)", kit=usual))), *((kit.id, kit.name) for kit in kits)])
        self.kit.show_value(link.kit)
        key = link.kit or plan.kits.backhaul
        self.channel_width.set_choices(channel_widths(project, key, link.width_mhz) if project else [])
        self.channel_width.show_value(link.width_mhz)
        self.status.show_value(link.status)
        self.choice.show_value(link.choice)
        for height, given, site in zip(self.heights, (link.from_height_m, link.to_height_m), (a, b), strict=True):
            height.set_most(site.max_height_m)
            height.show_value(given if given is not None else site.mast_height_m or 0.0)
        self.note.show_value(link.note)
        self._show_budget()

    def budget(self) -> LinkBudget | None:
        """Return what was computed of the link."""
        return self.context.links.get(self.link_id)

    def _show_budget(self) -> None:
        link, budget = self.link(), self.budget()
        if link is None:
            return
        symbol, word, kind = formatters.verdict(budget.verdict if budget is not None else None)
        self.verdict.setText(f"{symbol}  {word}")
        theme.mark(self.verdict, kind)
        self.reason.setText(tr(budget.explanation) if budget is not None else "")
        self.fix.setText(tr(budget.fix) if budget is not None and budget.fix is not None else "")
        self.fix.setVisible(bool(self.fix.text()))
        self.both_ways.setVisible(budget is not None)
        state = tr(formatters.STATUSES[link.status])
        self.place.say(
            formatters.join(tr(msg("link")), state, self.context.distance(budget.distance_m) if budget else "")
        )
        plan = self.context.plan
        names = [plan_edits.site_name(plan, one) for one in (link.from_site, link.to_site)]
        if budget is not None:
            pairs = []
            for name, rate, margin in (
                (names[1], budget.rate_down_mbps, budget.margin_down_db),
                (names[0], budget.rate_up_mbps, budget.margin_up_db),
            ):
                said = formatters.join(
                    formatters.rate(rate),
                    "" if margin is None else tr(msg("spare {margin:.0f} dB", margin=margin)),
                )
                pairs.append((tr(msg("To {name}", name=name)), said))
            if budget.probability_works is not None:
                chance = min(100.0 * budget.probability_works, 99.0)
                pairs.append((tr(msg("Chance")), tr(msg("{chance:.0f} of 100 that it works as drawn", chance=chance))))
            self.facts.show_texts(pairs)
        self._show_ends(link, budget)
        self._show_numbers()

    def _show_ends(self, link: Link, budget: LinkBudget | None) -> None:
        plan = self.context.plan
        needed = (None, None) if budget is None else (budget.height_needed_from_m, budget.height_needed_to_m)
        given = (link.from_height_m, link.to_height_m)
        for card, key, height, least in zip(self.ends, (link.from_site, link.to_site), given, needed, strict=True):
            site = plan.sites[key]
            stands = height if height is not None else site.mast_height_m
            words = tr(msg("antenna at {height}", height=self.context.height(stands)))
            if least is not None:
                words = formatters.join(words, tr(msg("needed: {height}", height=self.context.height_needed(least))))
            card.say(site.name or site.id, words)

    def _show_numbers(self) -> None:
        project, link, budget = self.context.state.project, self.link(), self.budget()
        if project is None or link is None or not self.numbers.toggle.isChecked():
            return
        pairs = [(tr(msg("Id")), link.id)]
        if budget is not None:
            pairs += budget_numbers(self.context, budget)
        kit = link.kit or self.context.plan.kits.backhaul
        self.figures.show_texts(pairs + kit_numbers(project, kit, link.freq_mhz, link.width_mhz, of_its_own=True))
        self.pattern.show_kit(kit)

    def show_path(self) -> None:
        """Show the link in the profile."""
        link = self.link()
        if link is not None and self.context.plan.terrain:
            self.context.state.live_path(*self._ends(link), link=link)

    def _go_to_end(self, number: int) -> None:
        link = self.link()
        if link is not None:
            self.context.go("site", (link.from_site, link.to_site)[number])

    def _change(self, field: str, value: Any) -> None:
        key = self.link_id
        if not self.context.edit(lambda plan: plan_edits.change(plan, "links", key, field, value)):
            self.show_link(key)

    def _remove(self) -> None:
        link = self.link()
        if link is not None:
            name = plan_edits.name_of(self.context.plan, "links", link.id)
            made = edits.remove(self.context.plan, "links", [link.id])
            self.context.state.apply(replace(made, label=msg("remove link {name}", name=name)))
