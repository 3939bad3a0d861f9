"""The panel of a site: what it is, its mast as a decision about money, sectors, links, what only the village knows."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cn_planner.geo import geodesic
from cn_planner.gui import theme
from cn_planner.gui.kinds import LINK, SITE, THINGS
from cn_planner.gui.panels import formatters, plan_edits
from cn_planner.gui.panels.fields import CheckField, HeightField, NumberField, TextField
from cn_planner.gui.panels.mast_slider import MastSlider
from cn_planner.gui.panels.numbers import channel_widths, kit_of_site, site_numbers
from cn_planner.gui.panels.parts import (
    Card,
    Drawer,
    Elided,
    FactRows,
    Section,
    button,
    caption,
    fill_box,
    hbox,
    let_go,
    offer,
    retext,
    thin_line,
    vbox,
)
from cn_planner.gui.panels.pattern import PATTERN, show_pattern
from cn_planner.gui.panels.second_way import SecondWayPart
from cn_planner.gui.panels.sector_dial import SectorDial
from cn_planner.gui.panels.sector_numbers import SectorNumbers
from cn_planner.gui.panels.seen import SeenPart
from cn_planner.gui.panels.thing import Numbers, NumbersDrawer, ThingPanel
from cn_planner.gui.values import told_of
from cn_planner.gui.words import tr
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.gateways import is_gateway, offer_of
from cn_planner.model.plan import Choice, Site, SiteRole
from cn_planner.planning.mast_heights import next_height, raised
from cn_planner.report.words import STATUS_WORDS
from cn_planner.service.open_sky import OpenSky, by_satellite, open_sky
from cn_planner.service.outage import outage_impact

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.jobs import Failure, Report
    from cn_planner.model.plan import Link, Sector
    from cn_planner.progress import CancelToken
    from cn_planner.session.details import SiteDetails
    from cn_planner.session.fibre import FibreOffers
    from cn_planner.session.workspace import Snapshot

_VILLAGE = (
    ("owner", msg("Owner"), msg("Whose land is it?")),
    ("consent", msg("Consent"), msg("Who agreed, when, in writing?")),
    ("access", msg("Access"), msg("Is there a road in the rain?")),
    ("hazard", msg("Hazard"), msg("Lightning, flood, power line?")),
    ("note", msg("Note"), msg("What else should be known?")),
)


_NO_UPLINK = msg("Not said yet: it counts as enough and free.")
_UNPRICED = msg("Say what it costs to open and a month: until then the planner does not count on it.")


def _offer_words(site: Site) -> Message:
    """Return whether the plan buys the connection of a possible gateway."""
    bought = is_gateway(site) and site.in_network
    return msg("The plan buys this connection.") if bought else msg("The plan does not buy this connection.")


def _line(text: str = "") -> QLabel:
    """Return one line that takes the room that it needs."""
    made = caption(text, "label", wraps=False)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    return made


class SectorCard(Card):
    """One sector: its kit in plain words, its direction, homes, how busy; turned in place."""

    def __init__(self, panel: SitePanel, sector: Sector) -> None:
        super().__init__()
        self.sector, self._panel = sector.id, panel
        self.azimuth = NumberField(msg("Direction of sector {id}", id=sector.id), low=0, high=359, unit="°", step=5)
        self.azimuth.setWrapping(True)
        self.azimuth.setFixedWidth(theme.px(64))
        self.azimuth.previewed.connect(self._preview)
        self.azimuth.committed.connect(self._turn)
        self.dial = SectorDial(tr(msg("Turn sector {id}", id=sector.id)))
        self.dial.setToolTip(tr(msg("Drag to turn the sector; hold Shift for single degrees.")))
        self.dial.previewed.connect(self._preview)
        self.dial.previewed.connect(self.azimuth.show_value)
        self.dial.committed.connect(self._turn)
        self.dial.given_up.connect(panel.context.state.end_live)
        self.azimuth.previewed.connect(self.dial.show_azimuth)
        self.more = QToolButton()
        retext(self.more, "⋯", msg("More for sector {id}", id=sector.id))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        theme.mark(self.more, "flat")
        self.menu = QMenu(self.more)
        self.widths = QMenu(tr(msg("Channel width")), self.menu)
        self.more.setMenu(self.menu)
        fill_box(self.row, self.dial, self.azimuth, self.more)

    def show_sector(self, sector: Sector, kit: str, homes: str) -> None:
        """Show what the plan says."""
        self.say(kit, homes)
        if not self.dial.held:  # what was computed meanwhile takes nothing out of the hand
            self.azimuth.show_value(sector.azimuth_deg % 360.0)
            self.dial.show_azimuth(sector.azimuth_deg)
        self.menu.clear()
        context, site = self._panel.context, self._panel.key
        for one in self._panel.access_kits():
            edit = partial(plan_edits.kit_of_sector, key=site, sector=self.sector, kit=one.id)
            offer(self.menu, one.name, partial(context.edit, edit), chosen=one.id == sector.kit)
        self._offer_widths(sector)
        self.menu.addSeparator()
        offer(self.menu, PATTERN, lambda: show_pattern(self, context, sector.kit))
        offer(self.menu, msg("The band here…"), lambda: context.asked.emit(f"band:{site}:{sector.id}"))
        remove = partial(plan_edits.remove_sector, key=site, sector=self.sector)
        offer(self.menu, msg("Remove this sector"), partial(context.edit, remove))

    def _offer_widths(self, sector: Sector) -> None:
        """Offer the channel widths of the sector's radio; narrower ones are slower and disturb others less."""
        context, site = self._panel.context, self._panel.key
        project = context.state.project
        self.widths.clear()
        self.menu.addMenu(self.widths)
        for width, words in channel_widths(project, sector.kit, sector.width_mhz) if project else []:
            edit = partial(plan_edits.width_of_sector, key=site, sector=self.sector, width_mhz=width)
            offer(self.widths, words, partial(context.edit, edit), chosen=width == sector.width_mhz)

    def _preview(self, azimuth: float) -> None:
        site = self._panel.thing()
        if site is not None:
            self._panel.context.state.live_site(plan_edits.with_sector(site, self.sector, azimuth_deg=azimuth))

    def _turn(self, azimuth: float) -> None:
        key = self._panel.key
        self._panel.context.state.end_live()
        self._panel.context.edit(lambda plan: plan_edits.turn_sector(plan, key, self.sector, azimuth))


class SitePanel(ThingPanel[Site]):
    """Everything about one site."""

    kind = THINGS[SITE]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.details: SiteDetails | None = None
        self._sectors: dict[str, SectorCard] = {}
        self._links: dict[str, Card] = {}
        body = self.body
        self._make_head(body)
        self._make_mast(body)
        body.addWidget(thin_line())
        self._make_network(body)
        body.addWidget(thin_line())
        self.seen = SeenPart(context)
        body.addWidget(self.seen)
        self._make_village(body)
        self.numbers = NumbersDrawer(context, self._numbers)
        self.sector_numbers = SectorNumbers(context)
        self.numbers.body.insertWidget(0, self.sector_numbers)
        body.addWidget(self.numbers)
        self.add_acts()
        context.linksChanged.connect(self._show_links)
        context.state.serviceChanged.connect(self._ask)

    def _make_head(self, body: QVBoxLayout) -> None:
        self.name = self.name_field(msg("Name of the site"))
        self.state_words = _line()
        self.place = Elided(kind="label")
        see = button(msg("See it in 3D"), "quiet", act=lambda: self.context.asked.emit(f"see_3d:{self.key}"))
        place = hbox((self.place, 1), see)
        body.addLayout(vbox(hbox((self.name, 1), self.state_words), self.place_field(), place, gap=4))

    def _make_mast(self, body: QVBoxLayout) -> None:
        self.mast_height = HeightField(msg("Height of the mast above ground"), self.context.quantities, high_m=150)
        self.mast_height.setFixedWidth(theme.px(80))
        self.mast_height.committed.connect(self._raise)
        self.above = _line(tr(msg("above ground")))
        self.slider = MastSlider(tr(msg("Height of the mast")))
        self.slider.setToolTip(tr(msg("Snaps to the heights of the rules; hold Shift to choose freely.")))
        self.slider.previewed.connect(self._preview)
        self.slider.committed.connect(self._raise)
        self.slider.given_up.connect(self.context.state.end_live)
        self.gain = caption(kind="ok")
        build = tr(msg("Build the next higher mast"))
        self.gain_button = button(msg("Build it"), "flat", name=build, act=self._raise_to_next)
        self.build = button(msg("Build a mast here"), "primary", act=self._build)
        part = vbox(
            hbox((Elided(msg("Mast"), "head"), 1), self.mast_height, self.above),
            self.slider,
            hbox((self.gain, 1), self.gain_button),
            self.build,
            gap=4,
        )
        body.addLayout(part)

    def _make_network(self, body: QVBoxLayout) -> None:
        self.add_sector = button(msg("Add"), "flat", name=msg("Add a sector"), act=self._add_sector)
        self.sector_part = Section(msg("Sectors"), aside=self.add_sector)
        self.no_sectors = caption(msg("None yet: homes are looked for all round."), "label")
        self.sector_part.body.addWidget(self.no_sectors)
        body.addWidget(self.sector_part)
        self.link_part = Section(msg("Links"))
        self.no_links = caption(msg("None yet: drag from this tower to another on the map."), "label")
        self.link_part.body.addWidget(self.no_links)
        body.addWidget(self.link_part)
        self.stake_part = Section(msg("If this tower fails"))
        self.stake, self.only = caption(), caption()
        self.second_way = SecondWayPart(self.context)
        fill_box(self.stake_part.body, self.stake, self.only, self.second_way)
        body.addWidget(self.stake_part)

    def _add_sector(self) -> None:
        self.context.edit(lambda plan: plan_edits.add_sector(plan, self.key))

    def _make_village(self, body: QVBoxLayout) -> None:
        part = Section(msg("What only the village knows"))
        self.village, self.rest = FactRows(), FactRows()
        self._make_uplink()
        body.addWidget(self.uplink_part)
        self.add_choice(self.village, "role", msg("Role"), formatters.SITE_ROLE_WORDS)
        self.add_choice(self.village, "status", msg("State"), STATUS_WORDS)
        self.add_choice(self.village, "power", msg("Power"), formatters.SITE_POWER_WORDS)
        for field, words, hint in _VILLAGE:
            text = TextField(words, placeholder=hint, longest=500)
            self.add_field(self.village, field, words, text)
        part.body.addWidget(self.village)
        body.addWidget(part)
        self.add_choice(self.rest, "choice", msg("Planner"), formatters.CHOICE_WORDS)
        phones = msg("Hotspot for phones")
        self.add_field(self.rest, "hotspot", phones, CheckField(msg("on this mast"), name=phones))
        most, cost = msg("Greatest mast"), msg("Road, land, mains")
        for field, words, number in (
            ("max_height_m", most, HeightField(most, self.context.quantities, high_m=150)),
            ("build_cost", cost, NumberField(cost, low=0, high=1e9)),
        ):
            self.add_field(self.rest, field, words, number)
        self.carries = NumberField(msg("Wind on antennas that the mast carries"), low=0, high=1e6, unit="N")
        self.carries.setSpecialValueText(tr(msg("not known")))
        self.carries.committed.connect(lambda newton: self.change("mast_carries_n", newton or None))
        self.rest.add(tr(msg("Mast carries")), self.carries)
        self.no_mast = button(msg("Take the mast away"), act=lambda: self._raise(None))
        self.more = Drawer(msg("More of this place"))
        fill_box(self.more.body, self.rest, self.no_mast)
        self.cost = FactRows()
        fill_box(body, self.cost, self.more)

    def _make_uplink(self) -> None:
        self.uplink_part = Section(msg("Where the Internet enters"))
        rows = FactRows()
        self.uplink: dict[str, Any] = {}
        self.uplink["kind"] = TextField(msg("Kind"), placeholder=msg("Fibre, satellite, mobile …"), longest=40)
        self.uplink["mbps"] = NumberField(msg("Speed"), low=0, high=1e6, unit="Mbit/s")
        self.uplink["monthly_cost"] = NumberField(msg("Cost a month"), low=0, high=1e9, decimals=2)
        self.uplink["open_cost"] = NumberField(msg("To open it"), low=0, high=1e9, decimals=2)
        for field, made in self.uplink.items():
            made.committed.connect(partial(self._change_uplink, field))
            rows.add(made.accessibleName(), made)
        self.no_uplink = caption(_NO_UPLINK, "label")
        self.sky, self.fibre_words = caption("", "label"), caption("", "label")
        self.metre = NumberField(msg("A metre of fibre"), low=0, high=100_000, decimals=2)
        self.metre.setSpecialValueText(tr(msg("not known")))
        self.metre.committed.connect(self._set_metre)
        self.fibre = button(msg("Fibre along roads"), act=self._ask_fibre)
        self.fibre_part = QWidget()
        prices = FactRows()
        prices.add(tr(msg("A metre of fibre")), self.metre)
        vbox(prices, self.fibre, self.fibre_words, on=self.fibre_part)
        for one in (self.sky, self.fibre_words):
            one.hide()
        fill_box(self.uplink_part.body, self.no_uplink, rows, self.sky, self.fibre_part)

    def _show_uplink(self, site: Site) -> None:
        option = site.role is SiteRole.GATEWAY_OPTION
        self.uplink_part.setVisible(option or site.role is SiteRole.GATEWAY)
        now = site.uplink
        unsaid = option and offer_of(site) is None
        self.no_uplink.setVisible(now is None or option)
        self.no_uplink.setText(tr(_UNPRICED if unsaid else _offer_words(site) if option else _NO_UPLINK))
        self.uplink["kind"].show_value(now.kind if now is not None else "")
        self.uplink["mbps"].show_value(now.mbps if now is not None else 0.0)
        self.uplink["monthly_cost"].show_value(now.monthly_cost if now is not None else 0.0)
        self.uplink["open_cost"].show_value(now.open_cost if now is not None else 0.0)
        for field in ("monthly_cost", "open_cost"):
            self.uplink[field].setSuffix(f" {self.context.plan.info.currency}")
        self.fibre_part.setVisible(option and bool(self.context.plan.area.base_map))
        self.metre.show_value(self.context.plan.costs.fibre_per_m or 0.0)
        self.metre.setSuffix(f" {self.context.plan.info.currency}")
        self._ask_sky(site)

    def _set_metre(self, price: float) -> None:
        words = msg("a metre of fibre costs {price:g}", price=price)
        self.edit(lambda plan: edits.change_section(plan, "costs", words, fibre_per_m=price or None))

    def _ask_sky(self, site: Site) -> None:
        """Have it found how much of the sky the ground hides, where the Internet comes from there."""
        if not by_satellite(site) or not self.context.plan.elevation:
            self.sky.hide()
            return

        def work(snapshot: Snapshot, _report: Report, _cancel: CancelToken) -> tuple[str, OpenSky | None]:
            return site.id, open_sky(snapshot.study, site)

        words = msg("Looking how open the sky is")
        self.context.state.ask("open sky", words, work, self._show_sky, on_error=lambda _failure: None)

    def _show_sky(self, found: tuple[str, OpenSky | None]) -> None:
        key, sky = found
        if self.key == key:
            self.sky.setText("" if sky is None else tr(sky.words()))
            self.sky.setVisible(sky is not None)

    def _ask_fibre(self) -> None:
        """Have it found how far fibre is along the roads of the map, and offer it where its price is known."""
        key = self.key

        def work(snapshot: Snapshot, _report: Report, _cancel: CancelToken) -> FibreOffers:
            from cn_planner.session.fibre import fibre_offers

            return fibre_offers(snapshot.plan, snapshot.workspace.path, [key])

        words = msg("Following the roads to the next fibre")
        self.context.state.ask("fibre", words, work, self._take_fibre, said=True, on_error=self._no_fibre)

    def _take_fibre(self, found: FibreOffers) -> None:
        if self.key not in {*(one.site for one in found.ways), *(one.site for one in found.unreached)}:
            return
        for way in found.ways:
            if found.cost(way) is not None:
                self.edit(lambda _plan: found.edit())
            self._say_fibre(found.words(way))
        for none in found.unreached:
            self._say_fibre(none.reason)

    def _no_fibre(self, failure: Failure) -> None:
        self.fibre_words.setText(told_of(failure.error, place=False))
        self.fibre_words.show()

    def _say_fibre(self, words: Message) -> None:
        self.fibre_words.setText(tr(words))
        self.fibre_words.setVisible(True)

    def _change_uplink(self, field: str, value: Any) -> None:
        key = self.key
        self.edit(lambda plan: plan_edits.uplink(plan, key, **{field: value}))

    def ask(self, field: str) -> None:
        """Put the keyboard where a field of the site is filled in."""
        if field == "uplink":
            self.ask_at(self.uplink["mbps"])
        else:
            super().ask(field)

    # Showing

    def access_kits(self) -> list[Any]:
        """Return the kits that a sector can be."""
        project = self.context.state.project
        kits = project.catalogue.kits.values() if project is not None else ()
        return [kit for kit in kits if kit.task == "access"]

    def show_thing(self, key: str) -> None:
        """Show a site; again after an edit."""
        if key != self.key:
            self.key, self.details = key, None
            self.fibre_words.hide()
        site = self.thing()
        if site is None:
            return
        plan = self.context.plan
        self.seen.show_place(key)
        self.name.show_value(site.name or site.id)
        words = [tr(formatters.SITE_ROLE_WORDS[site.role]), tr(STATUS_WORDS[site.status])]
        if site.choice is not Choice.FREE:
            words.append(tr(msg("locked")) if site.choice is Choice.LOCKED else tr(msg("rejected")))
        self.state_words.setText(formatters.dotted(*dict.fromkeys(words)))
        high = site.in_network
        self.carries.show_value(site.mast_carries_n or 0.0)
        self.slider.set_limits(site.max_height_m, plan.rules.mast_heights_m)
        self.mast_height.set_most(site.max_height_m)
        for widget in (self.slider, self.mast_height, self.above):
            widget.setVisible(high)
        self.build.setVisible(not high)
        self.no_mast.setVisible(high)
        self.slider.show_height(site.mast_height_m or 0.0)
        self.mast_height.show_value(site.mast_height_m or 0.0)
        self.add_sector.setEnabled(len(site.sectors) < plan.rules.max_sectors)
        self.show_fields(site)
        self._show_uplink(site)
        self._show_place(site)
        self._show_gain(site.mast_height_m)
        self._show_sectors(site)
        self._show_links()
        self.second_way.show_site(key)
        self._show_stake()
        self._show_cost()
        self.sector_numbers.show_site(site)
        self.numbers.refresh()
        self._ask()

    def ask_more(self) -> None:
        """Ask for its ground, what higher masts bring, and its links."""
        self.context.ask_site(self.key, self._take)

    def _take(self, details: SiteDetails) -> None:
        site = self.thing()
        if site is None or details.site != self.key:
            return
        self.details = details
        self._show_place(site)
        self._show_gain(site.mast_height_m)
        self._show_sectors(site)
        self._show_links()
        self._show_stake()
        self._show_cost()
        self.numbers.refresh()

    def _show_place(self, site: Site) -> None:
        self.show_place(site)
        if self.details is None:
            self.place.say("")
        elif self.details.ground_m is None:
            self.place.say(msg("no terrain here"))
        else:
            ground = self.context.height(self.details.ground_m)
            self.place.say(msg("ground {height} above sea", height=ground))

    def _show_gain(self, height_m: float | None) -> None:
        choice = None
        if self.details is not None and self.details.steps and height_m is not None:
            choice = next_height(self.details.steps, height_m)
        self.gain.setVisible(choice is not None)
        self.gain_button.setVisible(choice is not None)
        if choice is None:
            return
        more = self.context.height(choice.more_m)
        if choice.more_cost is None:
            said = msg("+{more} here: the shelf has no such mast", more=more)
        elif choice.more_homes <= 0.0:
            said = msg(
                "+{more} here costs {cost} and reaches nobody more",
                more=more,
                cost=self.context.money(choice.more_cost),
            )
        else:
            said = counted(
                "+{more} here costs {cost} and reaches {count:,g} more home",
                "+{more} here costs {cost} and reaches {count:,g} more homes",
                choice.more_homes, more=more, cost=self.context.money(choice.more_cost),
            )  # fmt: skip
        worth = choice.more_homes > 0.0 and choice.more_cost is not None
        theme.mark(self.gain, "ok" if worth else "label")
        self.gain.setText(tr(said))
        self.gain_button.setVisible(worth)

    def _show_sectors(self, site: Site) -> None:
        from cn_planner.service.now import sector_loads

        now = self.context.state.computed.service
        loads = {}
        if now is not None:
            loads = sector_loads(self.context.plan, now, site)
        kits = {kit.id: kit.name for kit in self.access_kits()}
        for key in [key for key in self._sectors if key not in {one.id for one in site.sectors}]:
            let_go(self._sectors.pop(key))
        for sector in site.sectors:
            if sector.id not in self._sectors:
                self._sectors[sector.id] = SectorCard(self, sector)
                self.sector_part.body.addWidget(self._sectors[sector.id])
            homes, busy = loads.get(sector.id, (None, None))
            words = (
                ""
                if homes is None or busy is None
                else formatters.dotted(
                    tr(counted("{count:,g} home", "{count:,g} homes", homes)),
                    tr(msg("{busy:.0f} % busy", busy=busy)),
                )
            )
            self._sectors[sector.id].show_sector(sector, kits.get(sector.kit, sector.kit), words)
        self.no_sectors.setVisible(not site.sectors)

    def _show_links(self) -> None:
        site = self.thing()
        if site is None:
            return
        plan = self.context.plan
        mine = {key: one for key, one in plan.links.items() if site.id in (one.from_site, one.to_site)}
        for key in [key for key in self._links if key not in mine]:
            let_go(self._links.pop(key))
        for key, link in mine.items():
            if key not in self._links:
                card = Card(clickable=True)
                card.clicked.connect(partial(self.context.go, LINK, key))
                self._links[key] = card
                self.link_part.body.addWidget(card)
            self._say_link(self._links[key], site, link)
        self.no_links.setVisible(not mine)

    def _say_link(self, card: Card, site: Site, link: Link) -> None:
        plan = self.context.plan
        far = plan.sites[link.to_site if link.from_site == site.id else link.from_site]
        budget = self.context.links.get(link.id)
        if budget is None and self.details is not None:
            budget = self.details.links.get(link.id)
        length = geodesic(site.latitude, site.longitude, far.latitude, far.longitude).distance_m
        name = far.name or far.id
        if is_gateway(far):
            name = tr(msg("{name} (gateway)", name=name))
        symbol, _, kind = formatters.verdict(budget.verdict if budget is not None else None)
        card.say(formatters.spaced(name, self.context.distance(length)), formatters.link_line(budget), symbol, kind)
        if budget is not None:
            card.setToolTip(tr(budget.explanation))

    def _show_stake(self) -> None:
        """Say how many homes rest on this tower; of a place without a mast, whom one would reach."""
        site, now = self.thing(), self.context.state.computed.service
        stake = outage_impact(self.context.plan, now, site.id) if site is not None and now is not None else None
        self.stake_part.setVisible(stake is not None and len(self.context.plan.households) > 0)
        if stake is not None:
            self.stake.setText(formatters.stake(stake))
            self.only.setText(formatters.only_reached(stake))

    def _show_cost(self) -> None:
        pairs = []
        if self.details is not None and (site := self.thing()) is not None and site.in_network:
            words = self.context.money(self.details.cost)
            if self.details.unconfirmed:
                open_prices = tr(
                    counted("({count} price not confirmed)", "({count} prices not confirmed)", self.details.unconfirmed)
                )
                words = formatters.spaced(words, open_prices)
            pairs.append((tr(msg("Cost")), words))
        self.cost.show_texts(pairs)

    def _numbers(self) -> Numbers | None:
        site, project = self.thing(), self.context.state.project
        if site is None or project is None:
            return None
        return site_numbers(self.context, project, site, self.details), kit_of_site(project, site)[0]

    # Editing

    def _preview(self, height_m: float) -> None:
        site = self.thing()
        if site is not None:
            self.mast_height.show_value(height_m)
            self._show_gain(height_m)
            self.context.state.live_site(replace(site, mast_height_m=height_m))

    def _raise(self, height_m: float | None) -> None:
        key = self.key
        self.context.state.end_live()
        self.edit(lambda plan: plan_edits.mast(plan, key, height_m))

    def _raise_to_next(self) -> None:
        site = self.thing()
        choice = next_height(self.details.steps, site.mast_height_m or 0.0) if site and self.details else None
        if choice is None:
            return
        key = self.key
        self.context.state.end_live()
        self.edit(lambda plan: raised(plan, key, choice))

    def _build(self) -> None:
        site = self.thing()
        if site is not None:
            heights = [one for one in self.context.plan.rules.mast_heights_m if one <= site.max_height_m]
            self._raise(heights[min(1, len(heights) - 1)] if heights else site.max_height_m)
