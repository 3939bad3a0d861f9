"""What a network is short of in five years, and what that costs then: sectors on masts with room, and homes more.

Internet connections and the masts' room for sectors are planned for grown demand at once, links too, on the widest
channel that their radios then may take; sectors are bought for today where the plan says so (`demand.grow_later`). What
is left for later is counted here, from the plan as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.geo import geodesics
from cn_planner.links.throughput import airtime_share
from cn_planner.message import counted, in_a_row, msg
from cn_planner.model import edits
from cn_planner.model.clients import NO_HOMES
from cn_planner.model.plan import Household
from cn_planner.planning.link_kits import wider_kits
from cn_planner.planning.loads import standing_kit, standing_mbps
from cn_planner.service.hanging import sectors_at
from cn_planner.service.joined import loads_behind
from cn_planner.solver.sectors import fewest_beams

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan, Sector, Site
    from cn_planner.service.now import ServiceNow
    from cn_planner.solver.sectors import SectorBeam
    from cn_planner.study import Study


_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class GrownTower:
    """A tower that gets sectors later: how many it has now and then, and what the new ones cost at today's prices."""

    site: str
    now: int
    later: int
    cost: float


@dataclass(frozen=True, slots=True)
class WiderLink:
    """A link whose radios take a wider channel later: from which width to which, MHz, and what it then carries."""

    link: str
    from_mhz: float
    to_mhz: float
    mbps: float


@dataclass(frozen=True, slots=True)
class YearFiveAir:
    """Who gets in five years what is promised, on the channels that the law opens today, found by the usual search.

    Attributes
    ----------
    homes : float
        That are connected today, by weight.
    lost : float
        Of these, by weight, who then gets nothing, or for whom nothing is left at the busy hour.
    silent : tuple of str
        Their ids.
    links : tuple of str
        The links that find no wider channel beside the network's own radios.
    """

    homes: float
    lost: float = 0.0
    silent: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether all get what they are promised."""
        return not self.silent

    def as_dict(self) -> dict[str, Any]:
        """Return what ``growth --json`` prints of it."""
        return {
            "usable": self.usable,
            "homes": round(self.homes, 6),
            "homes_silent": round(self.lost, 6),
            "silent": list(self.silent),
            "no_wider_channel": list(self.links),
        }


@dataclass(frozen=True, slots=True)
class YearFive:
    """What is added in five years, at today's prices.

    Attributes
    ----------
    towers : tuple of GrownTower
    homes : float
        That come, by weight.
    homes_cost : float
        Of their equipment.
    links : tuple of WiderLink
        For which nothing is bought.
    air : YearFiveAir, optional
        None where it was not looked at: `cn_planner.planning.year_five_air` does.
    """

    towers: tuple[GrownTower, ...] = ()
    homes: float = 0.0
    homes_cost: float = 0.0
    links: tuple[WiderLink, ...] = ()
    air: YearFiveAir | None = None

    @property
    def sectors(self) -> int:
        """How many sectors come."""
        return sum(one.later - one.now for one in self.towers)

    @property
    def cost(self) -> float:
        """What all of it costs."""
        return round(sum(one.cost for one in self.towers) + self.homes_cost, 2)

    def as_dict(self) -> dict[str, Any]:
        """Return what ``growth --json`` prints of it."""
        return {
            "cost": self.cost,
            "sectors": [
                {"site": one.site, "now": one.now, "later": one.later, "cost": one.cost} for one in self.towers
            ],
            "homes": round(self.homes, 6),
            "homes_cost": round(self.homes_cost, 2),
            "links": [
                {"id": one.link, "from_mhz": one.from_mhz, "to_mhz": one.to_mhz, "mbps": round(one.mbps, 1)}
                for one in self.links
            ],
            "air": None if self.air is None else self.air.as_dict(),
        }


def year_five(study: Study, now: ServiceNow) -> YearFive:
    """Return what a plan adds in five years: the fewest sectors that its homes then need, at the rates they have now.

    Parameters
    ----------
    study : Study
        Of the plan as it stands.
    now : ServiceNow
        Its homes.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    """
    plan, catalogue = study.plan, study.catalogue
    capex = capital(plan, catalogue).total.total
    towers = []
    for key, site in plan.used_sites.items():
        have = len(site.sectors)
        lacks = _sectors_lacking(study, now, key, site) if plan.demand.grow_later else []
        need = have + len(lacks)
        if have and need > have:
            more = tuple(replace(one, id=f"{key}-later-{n}") for n, one in enumerate(lacks))
            grown = edits.put(plan, [replace(site, sectors=(*site.sectors, *more))]).plan
            towers.append(GrownTower(key, have, need, round(capital(grown, catalogue).total.total - capex, 2)))
    served = float(now.homes.weight[now.connected].sum())
    homes = served * plan.demand.more_homes_pct / 100.0
    each = UnitCosts(plan, catalogue).home(Household("", "", 0.0, 0.0)).total
    return YearFive(tuple(towers), homes, round(homes * each, 2), wider_links(study))


def wider_links(study: Study) -> tuple[WiderLink, ...]:
    """Return the links that carry today's demand as they are set, and that of five years on a wider channel alone.

    The narrowest that does; where none does the link is not among them.
    """
    plan = study.plan
    if not plan.demand.grow_later or study.surface.empty:
        return ()
    behind, found = loads_behind(plan), []
    for key, link in plan.standing_links.items():
        if (link.kit or plan.kits.backhaul) not in study.catalogue.kits:
            continue
        load, kit = behind.get(key, 0.0) * plan.demand.later_mbps, standing_kit(study, link)
        # No link is planned that does not carry what one home should reach.
        rate = None if load <= plan.demand.mbps_per_home else standing_mbps(study, link)
        if rate is None or rate >= load * (1.0 - _HAIR):
            continue
        for wider in wider_kits(study, kit):
            then = standing_mbps(study, link, wider)
            if then is not None and then >= load * (1.0 - _HAIR):
                found.append(WiderLink(key, kit.width_mhz, wider.width_mhz, then))
                break
    return tuple(found)


def beams_then(study: Study, now: ServiceNow, key: str, site: Site) -> dict[str, tuple[SectorBeam, ...]]:
    """Return by kit of its sectors the fewest beams that hold the homes of a tower once each takes what it will."""
    plan = study.plan
    if key not in now.sites:
        return {}
    mine = np.flatnonzero(now.connected & (now.site == now.sites.index(key)) & (now.down_mbps > 0.0))
    if not len(mine):
        return {}
    azimuth, _, away = geodesics(site.latitude, site.longitude, now.homes.latitude[mine], now.homes.longitude[mine])
    share = airtime_share(plan.demand.later_mbps * now.homes.load[mine], now.down_mbps[mine])
    rows, kit_of = tuple(plan.households.values()), {one.id: one.kit for one in site.sectors}
    hung_on = sectors_at(study, site, [rows[home] for home in mine.tolist()])
    found: dict[str, tuple[SectorBeam, ...]] = {}
    for kit in dict.fromkeys(kit_of.values()):
        those = [
            n for n, sector in enumerate(hung_on)
            if away[n] > 0.0 and kit_of[sector] == kit  # who lives at the mast is on its cable
        ]  # fmt: skip
        width = study.catalogue.antennas[study.catalogue.kit(kit).antenna].serves_deg
        turned, taken = (azimuth[those] % 360.0).tolist(), share[those].tolist()
        found[kit] = fewest_beams(turned, taken, width, [width / 2.0] * len(turned))
    return found


def _sectors_lacking(study: Study, now: ServiceNow, key: str, site: Site) -> list[Sector]:
    """Return what is lacking of these beams, one like it for each: the last of its kit."""
    found: list[Sector] = []
    for kit, beams in beams_then(study, now, key, site).items():
        alike = [one for one in site.sectors if one.kit == kit]
        found += [alike[-1]] * max(0, len(beams) - len(alike))
    return found


def wider_words(one: YearFive) -> dict[str, Message]:
    """Return in words how each link widens, or that it finds no such channel."""
    none = () if one.air is None else one.air.links
    return {
        link.link: msg(
            "{link} would widen from {a:g} to {b:g} MHz in five years, but finds no such channel beside the network's "
            "own radios.",
            link=link.link, a=link.from_mhz, b=link.to_mhz,
        )
        if link.link in none
        else msg(
            "{link} widens from {a:g} to {b:g} MHz in five years, where others leave it the air; nothing is bought "
            "for it.",
            link=link.link, a=link.from_mhz, b=link.to_mhz,
        )
        for link in one.links
    }  # fmt: skip


def year_five_words(one: YearFive, plan: Plan) -> Message | None:
    """Return in words what comes in five years; None where nothing does."""
    wider = [*wider_words(one).values()]
    said = wider if one.air is None or not one.air.homes else [*wider, _air_words(one.air)]
    if not one.towers and one.homes <= NO_HOMES:
        return in_a_row(*said) if said else None
    sectors = counted("{count} sector more", "{count} sectors more", one.sectors)
    homes = counted("{count:,g} home more", "{count:,g} homes more", one.homes)
    what = (
        msg("{one} and {other}", one=sectors, other=homes)
        if one.towers and one.homes > NO_HOMES
        else sectors if one.towers else homes
    )  # fmt: skip
    bought = msg(
        "In five years: {what}, for {cost:,.0f} {currency} at today's prices; links, Internet connections and "
        "masts have room for it.",
        what=what, cost=one.cost, currency=plan.info.currency,
    )  # fmt: skip
    return in_a_row(bought, *said)


def _air_words(air: YearFiveAir) -> Message:
    if air.usable:
        return counted(
            "On the plan's own channels {count:,g} home gets in five years what it is promised. What others send "
            "then nobody knows.",
            "On the plan's own channels all {count:,g} homes get in five years what they are promised. What others "
            "send then nobody knows.",
            air.homes,
        )
    return counted(
        "On the plan's own channels {count:,g} of {homes:,g} homes gets nothing or too little in five years: the "
        "network's own radios disturb each other. Larger radios now, or a kit of another band, could help. What others "
        "send then nobody knows.",
        "On the plan's own channels {count:,g} of {homes:,g} homes get nothing or too little in five years: the "
        "network's own radios disturb each other. Larger radios now, or a kit of another band, could help. What others "
        "send then nobody knows.",
        air.lost, homes=air.homes,
    )  # fmt: skip
