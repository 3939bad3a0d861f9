"""The panel of a link: its verdict with reason and fix, and what it carries in both directions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cn_planner.gui import theme
from cn_planner.gui.kinds import LINK, SITE, THINGS, site_name
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.fields import ChoiceField, HeightField
from cn_planner.gui.panels.numbers import budget_numbers, channel_widths, kit_numbers
from cn_planner.gui.panels.parts import Card, Elided, FactRows, Section, button, caption, fill_box, thin_line, vbox
from cn_planner.gui.panels.sector_numbers import CHANNEL, channel_field
from cn_planner.gui.panels.seen import SeenPart
from cn_planner.gui.panels.thing import Numbers, NumbersDrawer, ThingPanel
from cn_planner.gui.words import tr
from cn_planner.links.spare import spare_words
from cn_planner.links.verdict import chance_words
from cn_planner.message import msg
from cn_planner.model.plan import Link
from cn_planner.report.words import STATUS_WORDS
from cn_planner.service.path_view import PathEnd

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.links.budget import LinkBudget
    from cn_planner.message import Message


_HEIGHTS = ("from_height_m", "to_height_m")


class LinkPanel(ThingPanel[Link]):
    """Everything about one link."""

    kind = THINGS[LINK]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        body = self.body
        self.title = Elided(kind="title")
        self.place = Elided(kind="label")
        body.addLayout(vbox(self.title, self.place, gap=4))
        self.verdict, self.reason, self.fix = caption(kind="label"), caption(), caption(kind="label")
        body.addLayout(vbox(self.verdict, self.reason, self.fix, gap=4))
        self.both_ways = Section(msg("Both ways"))
        self.facts = FactRows()
        self.both_ways.body.addWidget(self.facts)
        body.addWidget(self.both_ways)
        self.ends_part = Section(msg("Ends"))
        self.ends = (Card(clickable=True), Card(clickable=True))
        for number, card in enumerate(self.ends):
            card.clicked.connect(partial(self._go_to_end, number))
            self.ends_part.body.addWidget(card)
        self.seen = SeenPart(context)
        fill_box(body, self.ends_part, self.seen, thin_line())
        self._make_fields()
        self.numbers = NumbersDrawer(context, self._numbers)
        body.addWidget(self.numbers)
        self.look = button(msg("See the profile"), act=self.show_path)
        self.band = button(msg("The band here…"), act=lambda: self.context.asked.emit("band"))
        self.add_acts()
        self.acts.insertWidget(0, self.look, 1)
        body.insertWidget(body.count() - 2, self.band)
        context.linksChanged.connect(self._show_budget)

    def _make_fields(self) -> None:
        rows = FactRows()
        self.channel_width = ChoiceField(msg("Channel width at both ends"))
        self.heights = []
        for words in (msg("Antenna height at the first end"), msg("Antenna height at the second end")):
            self.heights.append(HeightField(words, self.context.quantities, high_m=150))
        self.add_field(rows, "kit", msg("Kit"), ChoiceField(msg("Kit at both ends")))
        self.channel = channel_field(msg("Channel at both ends"))
        self.channel.committed.connect(lambda mhz: self.change("freq_mhz", mhz or None))
        rows.add(tr(CHANNEL), self.channel)
        self.add_field(rows, "width_mhz", msg("Channel width"), self.channel_width)
        self.add_choice(rows, "status", msg("State"), STATUS_WORDS)
        self.add_choice(rows, "choice", msg("Planner"), formatters.CHOICE_WORDS)
        for height, field, words in zip(
            self.heights, _HEIGHTS, (msg("Height, first end"), msg("Height, second end")), strict=True
        ):
            height.committed.connect(partial(self.change, field))
            rows.add(tr(words), height)
        self.add_note(rows)
        self.body.addWidget(rows)

    def _ends(self, link: Link) -> tuple[PathEnd, PathEnd]:
        a, b = self.context.plan.sites[link.from_site], self.context.plan.sites[link.to_site]
        return (
            PathEnd(a.latitude, a.longitude, link.from_height_m, SITE, a.id),
            PathEnd(b.latitude, b.longitude, link.to_height_m, SITE, b.id),
        )

    def show_thing(self, key: str) -> None:
        """Show a link; again after an edit."""
        self.key = key
        link = self.thing()
        if link is None:
            return
        plan, project = self.context.plan, self.context.state.project
        a, b = plan.sites[link.from_site], plan.sites[link.to_site]
        self.title.say(f"{a.name or a.id} – {b.name or b.id}")
        kits = [kit for kit in project.catalogue.kits.values() if kit.task == "backhaul"] if project else []
        usual = next((kit.name for kit in kits if kit.id == plan.kits.backhaul), plan.kits.backhaul)
        self.fields["kit"].set_choices(
            [("", tr(msg("{kit} (as the plan)", kit=usual))), *((kit.id, kit.name) for kit in kits)]
        )
        kit = link.kit or plan.kits.backhaul
        self.channel_width.set_choices(channel_widths(project, kit, link.width_mhz) if project else [])
        self.show_fields(link)
        self.channel.show_value(link.freq_mhz or 0.0)
        self.seen.show_line(link.from_site, link.to_site)
        for height, given, site in zip(self.heights, (link.from_height_m, link.to_height_m), (a, b), strict=True):
            height.set_most(site.max_height_m)
            height.show_value(given if given is not None else site.mast_height_m or 0.0)
        self._show_budget()

    def budget(self) -> LinkBudget | None:
        """Return what was computed of the link."""
        return self.context.links.get(self.key)

    def _show_budget(self) -> None:
        link, budget = self.thing(), self.budget()
        if link is None:
            return
        symbol, word, kind = formatters.verdict(budget.verdict if budget is not None else None)
        self.verdict.setText(f"{symbol}  {word}")
        theme.mark(self.verdict, kind)
        self.reason.setText(tr(budget.explanation) if budget is not None else "")
        self.fix.setText(tr(budget.fix) if budget is not None and budget.fix is not None else "")
        self.fix.setVisible(bool(self.fix.text()))
        self.both_ways.setVisible(budget is not None)
        state = tr(STATUS_WORDS[link.status])
        self.place.say(
            formatters.dotted(tr(msg("link")), state, self.context.distance(budget.distance_m) if budget else "")
        )
        plan = self.context.plan
        names = [site_name(plan, one) for one in (link.from_site, link.to_site)]
        if budget is not None:
            pairs = []
            for name, rate, margin in (
                (names[1], budget.rate_down_mbps, budget.margin_down_db),
                (names[0], budget.rate_up_mbps, budget.margin_up_db),
            ):
                said = formatters.dotted(
                    formatters.data_rate(rate),
                    "" if margin is None else formatters.spare(margin),
                )
                pairs.append((tr(msg("To {name}", name=name)), said))
            spare = spare_words(budget)
            if spare is not None:
                pairs.append((tr(msg("Spare signal")), tr(spare)))
            if budget.probability_works is not None:
                pairs.append((tr(msg("Chance")), tr(chance_words(budget.probability_works))))
            self.facts.show_texts(pairs)
        self._show_ends(link, budget)
        self.numbers.refresh()

    def _show_ends(self, link: Link, budget: LinkBudget | None) -> None:
        plan = self.context.plan
        needed = (None, None) if budget is None else (budget.height_needed_from_m, budget.height_needed_to_m)
        given = (link.from_height_m, link.to_height_m)
        for card, key, height, least in zip(self.ends, (link.from_site, link.to_site), given, needed, strict=True):
            site = plan.sites[key]
            stands = height if height is not None else site.mast_height_m
            words = tr(msg("antenna at {height}", height=self.context.set_height(stands)))
            if least is not None:
                words = formatters.dotted(words, tr(self._need(stands, least)))
            card.say(site.name or site.id, words)

    def _need(self, stands: float | None, least: float) -> Message:
        """Say how high an end needs to be while the other stays as it is: where it is as high, that this is enough."""
        enough = self.context.enough_height(stands, least)
        if enough:
            return msg("high enough: {height} would do", height=enough)
        return msg("needed while the other end stays: {height}", height=self.context.height_needed(least))

    def _numbers(self) -> Numbers | None:
        project, link, budget = self.context.state.project, self.thing(), self.budget()
        if project is None or link is None:
            return None
        pairs = [(tr(msg("Id")), link.id)]
        if budget is not None:
            pairs += budget_numbers(self.context, budget)
        kit = link.kit or self.context.plan.kits.backhaul
        return pairs + kit_numbers(project, kit, link.freq_mhz, link.width_mhz, of_its_own=True), kit

    def show_path(self) -> None:
        """Show the link in the profile."""
        link = self.thing()
        if link is not None and self.context.plan.terrain:
            self.context.state.live_path(*self._ends(link), link=link)

    def _go_to_end(self, number: int) -> None:
        link = self.thing()
        if link is not None:
            self.context.go(SITE, (link.from_site, link.to_site)[number])
