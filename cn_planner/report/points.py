"""What could go wrong and what comes next, computed from the plan and said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.economics.opex import unsaid_connections
from cn_planner.message import counted, msg
from cn_planner.model.checks import no_channel_words, radios_without_channel
from cn_planner.model.regulations import duty_words
from cn_planner.planning.failures import worst_tower
from cn_planner.planning.too_full import ASK_LESS, FULL_PCT, full_link, full_sector, full_uplink
from cn_planner.report import words
from cn_planner.report.deployment import MissingInfo, NextAction, Risk
from cn_planner.report.power_points import power_actions, power_missing, power_risks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.message import Message
    from cn_planner.report.findings import Findings

_MOST = 5
_TALL_M = 12.0
"""Above this a mast wants the word of a structural engineer (resources/equipment/shelf.toml)."""
_NEARLY_FULL_PCT = 80.0


def risks(found: Findings) -> tuple[Risk, ...]:
    """Return the five worst risks."""
    every = [*_link_risks(found), *_network_risks(found), *_money_risks(found), *_unknown_risks(found)]
    return tuple(sorted(every, key=lambda one: (-one.weight, str(one.title)))[:_MOST])


def _link_risks(found: Findings) -> Iterator[Risk]:
    if found.links:
        worst = found.links[0]
        weight = {"blocked": 92.0, "no_data": 80.0, "check_on_site": 75.0, "likely": 30.0, "": 60.0}[worst.verdict]
        title = {
            "blocked": msg("The link {a}–{b} is blocked", a=found.name(worst.a.site), b=found.name(worst.b.site)),
            "check_on_site": msg("The link {a}–{b} is tight", a=found.name(worst.a.site), b=found.name(worst.b.site)),
        }.get(
            worst.verdict,
            msg("The weakest link is {a}–{b}", a=found.name(worst.a.site), b=found.name(worst.b.site)),
        )
        yield Risk(title, worst.reason, weight, link=worst.id)
    if found.short:
        worst_heard = found.short[0]
        yield Risk(
            counted(
                "A channel carries less than it must", "{count} channels carry less than they must", len(found.short)
            ),
            worst_heard.text,
            94.0 if worst_heard.homes > 0.0 else 79.0,
            site=worst_heard.site,
            link=worst_heard.id if worst_heard.kind == "link" else "",
        )
    unlawful = [one for one in found.radiating if found.law_known and one.limit_dbm is None]
    if unlawful:
        yield Risk(
            msg("A channel is not allowed"),
            msg(
                "Antennas that use one: {count}. The first is at {site}.",
                count=len(unlawful),
                site=found.name(found.where(unlawful[0])),
            ),
            88.0,
            site=found.where(unlawful[0]),
        )
    over = [one for one in found.radiating if one.limit_margin_db is not None and one.limit_margin_db < -0.05]
    if over:
        most = min(over, key=lambda one: one.limit_margin_db or 0.0)
        yield Risk(
            msg("An antenna radiates more than is allowed"),
            msg(
                "Antennas that do: {count}. The worst is at {site}, by {db:.0f} dB.",
                count=len(over),
                site=found.name(found.where(most)),
                db=-(most.limit_margin_db or 0.0),
            ),
            89.0,
            site=found.where(most),
        )
    full = [row for row in found.capacity if row.load_pct is not None and row.load_pct > _NEARLY_FULL_PCT]
    if full:
        row = full[0]
        yield Risk(
            msg("The {kind} {id} is full at the busy hour", kind=words.CAPACITY_KINDS[row.kind], id=row.id or row.site),
            msg("{pct:.0f} % of what it carries. Homes: {homes:,g}.", pct=row.load_pct or 0.0, homes=row.homes),
            78.0 if (row.load_pct or 0.0) > 100.0 else 40.0,
            site=row.site,
        )


def _network_risks(found: Findings) -> Iterator[Risk]:
    cut_off = [site for key, site in found.net.sites.items() if key not in found.net.hops]
    if cut_off:
        yield Risk(
            msg("Towers that reach no gateway: {count}", count=len(cut_off)),
            msg("{names}. Nobody there gets the Internet.", names=found.named(cut_off)),
            91.0,
            site=cut_off[0].id,
        )
    total = sum(found.net.homes.values())
    worst = worst_tower(found.plan, found.net.failures.values())
    if worst is not None and total > 0.0:
        yield Risk(
            msg("Homes that one tower feeds (not the Internet entry): {homes:,g}", homes=worst.homes),
            msg("If {site} fails, they lose the network. No second way is planned.", site=found.name(worst.id)),
            35.0 + 30.0 * worst.homes / total,
            site=worst.id,
        )
    if len(found.net.gateways) == 1 and total > 0.0:
        gate = found.net.gateways[0]
        yield Risk(
            msg("One connection to the Internet for all"),
            msg("If {site} fails, all are without. Homes: {homes:,g}.", site=found.name(gate), homes=total),
            33.0,
            site=gate,
        )
    must = [home for home in found.homes if not home.reached and home.priority.value == "must"]
    if must:
        yield Risk(
            msg("Must be reached and are not: {count}", count=len(must)),
            msg("The list of homes says why, and what it takes."),
            95.0,
        )
    tall = [site for site in found.net.sites.values() if (site.mast_height_m or 0.0) > _TALL_M]
    if tall:
        yield Risk(
            msg("Masts above {height:.0f} m: {count}", count=len(tall), height=_TALL_M),
            msg("Have a structural engineer look at ground, guys and wind: {names}.", names=found.named(tall)),
            28.0,
            site=tall[0].id,
        )
    yield from power_risks(found)


def _money_risks(found: Findings) -> Iterator[Risk]:
    currency = found.plan.info.currency
    if found.unpriced or found.need.too_tall:
        things = [line.name for line in found.unpriced]
        things += [found.name(site) for site in found.need.too_tall]
        yield Risk(
            msg("Things without a price: {count}", count=len(things)),
            msg("The sum is too low without {first}.", first=things[0]),
            86.0,
        )
    if found.foreign:
        yield Risk(
            msg("No exchange rate"),
            msg("Prices in {other} are counted one to one as {own}.", other=found.foreign, own=currency),
            84.0,
        )
    if found.examples:
        share = sum(line.total or 0.0 for line in found.examples)
        yield Risk(
            msg("Prices that are examples: {count}", count=len(found.examples)),
            msg("They make {amount:,.2f} {currency} of the goods. Ask your supplier.", amount=share, currency=currency),
            58.0,
        )
    agreed = found.agreed
    if agreed is not None and agreed.missing_month > 0.0:
        yield Risk(
            msg("The fee does not pay for the month"),
            msg(
                "{homes:,g} homes pay {fee:,.2f} {currency} each: {amount:,.2f} {currency} a month are missing.",
                homes=agreed.homes, fee=agreed.fee_month or 0.0, amount=agreed.missing_month, currency=currency,
            ),
            82.0,
        )  # fmt: skip
    low = found.fees[0]
    if low.fee_month is not None:
        yield Risk(
            msg("Few may take part"),
            msg(
                "With {pct:.0f} % of the homes each pays {fee:,.2f} {currency} a month.",
                pct=low.uptake_pct,
                fee=low.fee_month,
                currency=currency,
            ),
            20.0,
        )


def _unknown_risks(found: Findings) -> Iterator[Risk]:
    if found.not_asked:
        yield Risk(
            msg("Owners who have not agreed: {count}", count=len(found.not_asked)),
            msg("Nothing is written down for {names}.", names=found.named(found.not_asked)),
            62.0,
            site=found.not_asked[0].id,
        )
    if found.plan.area.canopy_m is None and found.net.sites:
        yield Risk(
            msg("Nobody said how tall the trees are"),
            msg("{height:.0f} m are assumed everywhere.", height=found.plan.area.assumed_canopy_m),
            50.0,
        )
    if not found.law_known and found.net.sites:
        yield Risk(
            msg("The radio rules are not known"),
            msg(
                "The antennas radiate up to {eirp:.0f} dBm EIRP here. Most countries allow far less without a licence.",
                eirp=found.most_eirp_dbm,
            )
            if found.most_eirp_dbm is not None
            else msg("Power and channels are not checked against the rules of any country."),
            66.0,
        )
    check = sum(home.weight for home in found.homes if home.verdict == "check_on_site" and home.server is not None)
    if check > 0.0:
        yield Risk(
            msg("Homes that must be looked at: {homes:,g}", homes=check),
            msg("Their paths are tight: go there before buying their antennas."),
            45.0,
        )
    if found.no_power:
        yield Risk(
            msg("Towers of which the power is not known: {count}", count=len(found.no_power)),
            msg("The sun is counted, which costs most: {names}.", names=found.named(found.no_power)),
            42.0,
            site=found.no_power[0].id,
        )
    if found.missing_terrain:
        yield Risk(
            msg("Terrain is missing"),
            msg("{tiles}", tiles=", ".join(found.missing_terrain[:3])),
            82.0,
        )


def actions(found: Findings) -> tuple[NextAction, ...]:
    """Return the five next actions: what everything waits for first."""
    ranked = sorted(_actions(found), key=lambda one: one[0])
    return tuple(action for _, action in ranked[:_MOST])


def _actions(found: Findings) -> Iterator[tuple[int, NextAction]]:
    """Yield actions with their place in the order."""
    if not found.terrain_known:
        yield 0, NextAction(msg("Add terrain"), msg("Without elevation files nothing can be said of any path."))
    if not found.plan.households:
        yield 1, NextAction(msg("Put the homes on the map"), msg("A list with latitude and longitude is enough."))
    if not found.net.sites:
        yield 2, NextAction(msg("Let the planner choose towers"), msg("No tower is part of this plan yet."))
    if found.foreign:
        yield (
            3,
            NextAction(
                msg("Give the exchange rate"),
                msg(
                    "How many {own} buy one {other}, and of which day.",
                    own=found.plan.info.currency,
                    other=found.foreign,
                ),
            ),
        )
    if found.net.sites and found.homes:
        yield 4, NextAction(msg("Decide in the assembly"), msg("This plan, another, or look again."))
    if found.not_asked:
        names = found.named(found.not_asked)
        yield (
            5,
            NextAction(
                msg("Ask the owners"),
                msg("{names}: what we need, what we offer, in writing.", names=names),
                site=found.not_asked[0].id,
            ),
        )
    weak = [link for link in found.links if link.verdict != "likely"]
    if weak:
        a, b = found.name(weak[0].a.site), found.name(weak[0].b.site)
        yield (
            6,
            NextAction(
                msg("Look from {a} to {b}", a=a, b=b), weak[0].fix or msg("Two people, half a day."), link=weak[0].id
            ),
        )
    if found.plan.area.canopy_m is None and found.net.sites:
        yield (
            7,
            NextAction(
                msg("Measure the trees"), msg("The tallest on the ridges and near the towers; then plan again.")
            ),
        )
    if not found.law_known and found.net.sites:
        yield (
            8,
            NextAction(
                msg("Ask the regulator"),
                msg("Which channels and what power are free to use, and what needs a licence."),
            ),
        )
    for duty in () if found.regulations is None else found.regulations.duties:
        yield (8, NextAction(msg("Do what the country asks for"), duty_words(duty)))
    yield from _money_actions(found)
    if found.no_power:
        yield (
            11,
            NextAction(
                msg("Find out what power there is"),
                msg("Is there mains at {names}?", names=found.named(found.no_power)),
            ),
        )
    yield from ((8, action) for action in power_actions(found))
    left_out = sum(home.weight for home in found.homes if not home.reached)
    if left_out > 0.0:
        yield (
            12,
            NextAction(
                msg("Speak with the homes left out: {homes:,g}", homes=left_out),
                msg("The list of homes says why, and what it takes."),
            ),
        )
    if found.links and not weak:
        last = found.links[0]
        yield (
            13,
            NextAction(
                msg("Look from {a} to {b}", a=found.name(last.a.site), b=found.name(last.b.site)),
                msg("It is the weakest link. Two people, half a day."),
                link=last.id,
            ),
        )


def _money_actions(found: Findings) -> Iterator[tuple[int, NextAction]]:
    if found.examples or found.unpriced:
        count = len(found.examples) + len(found.unpriced)
        yield (
            9,
            NextAction(
                msg("Confirm the prices: {count}", count=count), msg("With your supplier, in writing, with a date.")
            ),
        )
    if found.cash is not None and found.cash.lowest < 0.0:
        yield (
            10,
            NextAction(
                msg(
                    "Find the money: {amount:,.0f} {currency}",
                    amount=-found.cash.lowest,
                    currency=found.plan.info.currency,
                ),
                _where_from(found),
            ),
        )


def _where_from(found: Findings) -> Message:
    """Return what there is already for building, and where to read when the rest is needed."""
    costs, currency = found.plan.costs, found.plan.info.currency
    if not costs.grant and not costs.loan:
        return msg("The table of five years says when it is needed.")
    return msg(
        "Beside {grant:,.0f} {currency} given and {loan:,.0f} {currency} lent. The table of five years says when.",
        grant=costs.grant, loan=costs.loan, currency=currency,
    )  # fmt: skip


def missing(found: Findings) -> tuple[MissingInfo, ...]:
    """Return what is not known, the gravest first."""
    return tuple(_missing(found))


def _missing(found: Findings) -> Iterator[MissingInfo]:
    plan, net = found.plan, found.net
    if not found.terrain_known:
        yield MissingInfo(
            "terrain",
            msg("There is no terrain: no path was computed."),
            msg("Add elevation files."),
        )
    elif found.missing_terrain:
        yield MissingInfo(
            "terrain-tiles",
            msg("Terrain is missing: {tiles}.", tiles=", ".join(found.missing_terrain)),
            msg("Add these elevation files."),
        )
    if found.hidden > 0.0:
        height = msg("{m:g} m", m=plan.area.assumed_canopy_m)
        yield MissingInfo(
            "trees", words.behind_trees(found.hidden, height), msg("Without the trees they would be seen.")
        )
    if not plan.households:
        yield MissingInfo("homes", msg("There are no homes."), msg("Import a list of them."))
    if found.undecided:
        yield MissingInfo(
            "homes-connected",
            msg("Nobody decided yet which homes are connected: all that the towers reach are counted and paid for."),
            msg("Make the plan: it decides."),
        )
    if not net.sites:
        yield MissingInfo("towers", msg("No tower is part of this plan."), msg("Make the plan, or give a site a mast."))
    elif not net.gateways:
        yield MissingInfo(
            "gateway", msg("No tower is a gateway, where the Internet enters."), msg("Give one site that role.")
        )
    if bare := radios_without_channel(plan):
        yield MissingInfo("channels", *no_channel_words(len(bare)))
    full = _too_full(found)
    yield from full[:1]  # page one has room for few: the others leave it to what else is missing
    if found.need.too_tall:
        names = ", ".join(found.name(site) for site in found.need.too_tall)
        yield MissingInfo(
            "masts", msg("The shelf has no mast so high: {names}.", names=names), msg("Choose a lower mast.")
        )
    yield from _missing_money(found)
    yield from _missing_of_shelf_and_law(found)
    if plan.area.canopy_m is None and net.sites:
        yield MissingInfo(
            "canopy",
            msg("How tall the trees are is not said; {m:.0f} m are assumed.", m=plan.area.assumed_canopy_m),
            msg("Look, then say it."),
        )
    if found.not_asked:
        yield MissingInfo(
            "consent",
            msg("Owners who have not agreed: {count}.", count=len(found.not_asked)),
            msg("Ask, and write down what was said."),
        )
    if found.no_power:
        yield MissingInfo(
            "power",
            msg("Towers of which the power is not known: {count}; the sun is counted.", count=len(found.no_power)),
            msg("Say mains or solar for each."),
        )
    yield from power_missing(found)
    yield from full[1:]


def _too_full(found: Findings) -> list[MissingInfo]:
    """Return what carries less than its homes want at the busy hour, though they are counted; the fullest first."""
    full = []
    for row in found.capacity:
        if row.load_pct is None or row.load_pct <= FULL_PCT or row.alone:
            continue
        if row.kind == "sector":
            what = full_sector(found.plan, row.site, row.id, row.load_pct)
        elif row.kind == "link":
            what = full_link(found.plan, row.id, row.capacity_mbps or 0.0, row.demand_mbps)
        else:
            what = full_uplink(found.plan, row.site, row.capacity_mbps or 0.0, row.demand_mbps)
        full.append(MissingInfo(f"busy hour of {row.kind} {row.site} {row.id}", what, ASK_LESS))
    return full


def _missing_of_shelf_and_law(found: Findings) -> Iterator[MissingInfo]:
    if not found.law_known and found.net.sites:
        yield MissingInfo(
            "law",
            msg("The radio rules of the country are not known."),
            msg("Ask the regulator, choose the country, or write down what you were told."),
        )
    for name in found.at_least:
        yield MissingInfo(
            f"levels of {name}",
            msg(
                "What {radio} hears is not known: what the standard asks of every radio is counted.",
                radio=name,
            ),
            msg("Measure a link with it, or take the levels of its data sheet: it may reach twice as far."),
        )
    if found.regulations is not None and found.regulations.not_reached:
        yield MissingInfo(
            "law text",
            msg("Not read of the rules of this country: {what}.", what=found.regulations.not_reached),
            msg("Ask the regulator for it, and write down what it says."),
        )


def _missing_money(found: Findings) -> Iterator[MissingInfo]:
    plan = found.plan
    if found.unpriced:
        names = ", ".join(line.name for line in found.unpriced)
        yield MissingInfo("prices", msg("Without a price: {names}.", names=names), msg("Ask your supplier."))
    if found.unrated:
        own = plan.info.currency
        yield MissingInfo(
            "currencies",
            msg(
                "Prices in {others} are not counted: no rate to {own} is known.",
                others=", ".join(found.unrated),
                own=own,
            ),
            msg("Write them down in {own}.", own=own),
        )
    if found.foreign:
        yield MissingInfo(
            "exchange",
            msg("No exchange rate is given: {other} counts as {own}.", other=found.foreign, own=plan.info.currency),
            msg("Say how many {currency} buy one, and of which day that is.", currency=plan.info.currency),
        )
    if unsaid_connections(plan):
        yield MissingInfo(
            "uplink", msg("What the Internet connection costs a month is not given."), msg("Ask the provider.")
        )
