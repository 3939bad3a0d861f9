"""The security page: the four actions of MANRS made concrete for this network, encryption, management, passwords.

The actions and their order are those of the MANRS Implementation Guide 1.1 (BCOP series, 25 January 2017; its
repository as of 31 May 2023); manrs.org/netops calls the fourth "global information".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.addressing import ULA
from cn_planner.model.clients import kits_of_clients
from cn_planner.model.equipment import RouterMenu
from cn_planner.report.address_records import SecurityRecord
from cn_planner.report.devices import second_ways

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.report.addresses import AddressPlan
    from cn_planner.report.network import BuiltNetwork

FILTERING, SPOOFING, COORDINATION, VALIDATION = "filtering", "anti-spoofing", "coordination", "validation"
ENCRYPTION, MANAGEMENT, PASSWORDS, UPDATES = "encryption", "management", "passwords", "updates"

_MANRS = "MANRS guide 1.1, 2017"
_SPOOFING_SOURCES = f"{_MANRS}; BCP 38, BCP 84 (RFC 8704)"
_MOST_NAMED = 6

_UPSTREAM, _GATEWAY, _TOWERS = (
    msg("the upstream, asked in writing"),
    msg("who keeps the gateway"),
    msg("who keeps the towers"),
)
_FROM_SECTOR = msg(
    "From the homes of {sector}, let in only packets from {ipv4}, {link} and {homes}; reverse path check: strict.",
    sector="", ipv4="", link="", homes="",
)  # fmt: skip
"""What is said of every sector."""
_ALL, _HOMES = msg("every router and radio"), msg("who fits out the homes")


@dataclass(frozen=True, slots=True)
class _Page:
    plan: Plan
    net: BuiltNetwork
    catalogue: Catalogue
    found: AddressPlan

    @property
    def gateways(self) -> Message | str:
        """Names of the routers through which the Internet comes in."""
        names = [self.found.towers[key].name for key in self.net.gateways]
        return ", ".join(names) if names else msg("the gateway, once there is one")

    @property
    def ranges(self) -> str:
        """The network's ranges, in few words."""
        six = [str(one) for one in self.found.ipv6]
        more = [] if len(six) <= _MOST_NAMED else [f"+{len(six) - _MOST_NAMED}"]
        return ", ".join([str(self.found.ipv4), *six[:_MOST_NAMED], *more])

    @property
    def outward(self) -> str:
        """Ranges that may be the source of what leaves the network: private IPv6 may not (RFC 4193, 4.1)."""
        return ", ".join([str(self.found.ipv4), *(str(one) for one in self.found.ipv6 if not one.subnet_of(ULA))])

    @property
    def public(self) -> str:
        """Those ranges of the network that the world can route to; empty where none is."""
        four = [str(self.found.ipv4)] if self.found.ipv4.is_global else []
        return ", ".join([*four, *(str(one) for one in self.found.ipv6 if not one.subnet_of(ULA))])


def security_records(
    plan: Plan, net: BuiltNetwork, catalogue: Catalogue, found: AddressPlan
) -> tuple[SecurityRecord, ...]:
    """Return what is to be done, in the order of the page; empty where there is no network yet."""
    if not found.towers:
        return ()
    page = _Page(plan, net, catalogue, found)
    return (
        *_filtering(page),
        *_spoofing(page),
        *_coordination(page),
        *_validation(page),
        *_encryption(page),
        *_management(page),
    )


def _filtering(page: _Page) -> Iterator[SecurityRecord]:
    own = page.plan.addresses.as_number
    if own is None:
        yield SecurityRecord(
            FILTERING,
            msg("The network has no number of its own (AS) and announces nothing: run no BGP with the upstream."),
            msg("at {gateways}", gateways=page.gateways),
            _GATEWAY,
            _MANRS,
        )
        yield SecurityRecord(
            FILTERING,
            msg("Ask that the upstream filters what its customers announce, and takes from you only {ranges}.",
                ranges=page.public or msg("the address that it gave you")),
            msg("where the connection ends"),
            _UPSTREAM,
            _MANRS,
        )  # fmt: skip
    else:
        yield SecurityRecord(
            FILTERING,
            msg("Announce {ranges} from AS{number}, as they are, and nothing else; take no route that you announce "
                "yourself.", ranges=page.public or msg("your public prefix, once you have one"), number=str(own)),
            msg("at {gateways}", gateways=page.gateways),
            _GATEWAY,
            _MANRS,
        )  # fmt: skip
        yield SecurityRecord(
            FILTERING,
            msg("Drop routes that are invalid by RPKI, private and reserved ranges, and more than the agreed number."),
            msg("at {gateways}", gateways=page.gateways),
            _GATEWAY,
            f"{_MANRS}; RFC 6811, BCP 194 (RFC 7454)",
        )
    yield SecurityRecord(
        FILTERING,
        msg("Send what nobody in {ranges} has into the void, so that it does not go round with the upstream.",
            ranges=page.ranges),
        msg("at {gateways}", gateways=page.gateways),
        _GATEWAY,
        "RFC 4632, 5.1",
    )  # fmt: skip
    yield SecurityRecord(
        FILTERING,
        msg("Where a routing protocol runs, take over each link only the ranges of the towers behind it, as the table "
            "of addresses names them, and keep it off the side of the homes."),
        msg("at every tower"),
        _TOWERS,
        _MANRS,
    )  # fmt: skip


def _spoofing(page: _Page) -> Iterator[SecurityRecord]:
    for tower in page.found.towers.values():
        for sector in tower.sectors:
            yield SecurityRecord(
                SPOOFING,
                replace(_FROM_SECTOR, values=(
                    ("sector", sector.name), ("ipv4", str(sector.ipv4)), ("link", str(sector.link_ipv6)),
                    ("homes", str(sector.homes_ipv6)),
                )),
                msg("at {router}, towards the sector", router=tower.name),
                _TOWERS,
                _SPOOFING_SOURCES,
            )  # fmt: skip
    if second_ways(page.net):
        between = msg("Between towers there is more than one way: a strict check would drop good packets. Check by a "
                      "list of all ranges of the network (feasible paths).")  # fmt: skip
    else:
        between = msg("Between towers there is one way only: from each link, let in what lives behind it; reverse path "
                      "check: strict.")  # fmt: skip
    yield SecurityRecord(SPOOFING, between, msg("at every tower, on the links"), _TOWERS, _SPOOFING_SOURCES)
    yield SecurityRecord(
        SPOOFING,
        msg(
            "Let out to the Internet only packets from {outward}; let none from {ranges} in from there.",
            outward=page.outward,
            ranges=page.ranges,
        ),
        msg("at {gateways}", gateways=page.gateways),
        _GATEWAY,
        _SPOOFING_SOURCES,
    )
    translated = msg("Private addresses do not leave: IPv4 is translated, private IPv6 is dropped.")
    yield SecurityRecord(
        SPOOFING,
        msg("Private IPv6 does not leave: it is dropped.") if page.found.ipv4.is_global else translated,
        msg("at {gateways}", gateways=page.gateways),
        _GATEWAY,
        "RFC 1918, 3; RFC 4193, 4.1",
    )
    yield SecurityRecord(
        SPOOFING,
        msg("Ask that the upstream checks the source of what comes from you, so that a slip of yours ends there."),
        msg("where the connection ends"),
        _UPSTREAM,
        _SPOOFING_SOURCES,
    )


def _coordination(page: _Page) -> Iterator[SecurityRecord]:
    settings = page.plan.addresses
    role: Message | str = settings.contact or msg("a role address, such as noc@ and the village's domain")
    yield SecurityRecord(
        COORDINATION,
        msg("Be reachable at {contact}: several people read it, and no person's name is published unless that person "
            "agrees.", contact=role),
        msg("with the upstream, at the gateway's box, on the village's page"),
        msg("the assembly names three people"),
        _MANRS,
    )  # fmt: skip
    if settings.as_number is not None:
        yield SecurityRecord(
            COORDINATION,
            msg("Keep the contact of AS{number} right in the registry's whois and in PeeringDB.",
                number=str(settings.as_number)),
            msg("at your regional registry"),
            _GATEWAY,
            _MANRS,
        )  # fmt: skip
    else:
        yield SecurityRecord(
            COORDINATION,
            msg("Ask for the upstream's contact for faults and abuse, and write it beside yours."),
            msg("at the gateway's box"),
            _GATEWAY,
            _MANRS,
        )


def _validation(page: _Page) -> Iterator[SecurityRecord]:
    own = page.plan.addresses.as_number
    if not page.public:
        yield SecurityRecord(
            VALIDATION,
            msg("All addresses are private: there is nothing to register. Ask that the upstream has ROAs for the "
                "addresses through which you are seen."),
            msg("at the upstream's registry"),
            _UPSTREAM,
            _MANRS,
        )  # fmt: skip
        yield SecurityRecord(
            VALIDATION,
            msg("Ask for an IPv6 prefix of your own, /{length} or larger: with private ones homes reach each other by "
                "IPv6, and not the world.", length=40),
            msg("with the upstream, or the regional registry"),
            _GATEWAY,
            "RIPE-690, RFC 6177",
        )  # fmt: skip
    elif own is None:
        yield SecurityRecord(
            VALIDATION,
            msg("Ask that the upstream makes a ROA for {ranges} with its own number, and a route object.",
                ranges=page.public),
            msg("at the upstream's registry"),
            _UPSTREAM,
            f"{_MANRS}; RFC 9582",
        )  # fmt: skip
    else:
        yield SecurityRecord(
            VALIDATION,
            msg("Make a ROA for {ranges} with AS{number}, no longer than announced, and route objects of the same.",
                ranges=page.public, number=str(own)),
            msg("at your regional registry"),
            _GATEWAY,
            f"{_MANRS}; RFC 9582, BCP 185 (RFC 9319)",
        )  # fmt: skip


def _encryption(page: _Page) -> Iterator[SecurityRecord]:
    plan = page.plan
    used = {one.kit or plan.kits.access for site in page.net.sites.values() for one in site.sectors}
    used |= {link.kit or plan.kits.backhaul for link in page.net.links.values()}
    if any(tower.sectors for tower in page.found.towers.values()):
        used |= {*kits_of_clients(plan), *((plan.kits.access,) if not used else ())}
    systems = page.catalogue.systems
    for key in sorted(one for one in used if one in page.catalogue.kits):
        kit = page.catalogue.kits[key]
        radio = page.catalogue.radios[kit.radio]
        name = f"{radio.maker} {radio.name}".strip()
        image, menu = systems.images.get(kit.radio), systems.menus.get(kit.radio)
        source = ""
        own = msg("whether it has WPA3 was not read; at least WPA2 with AES, no TKIP, no WPS")
        if menu is not None:
            has = systems.menus[kit.radio] is RouterMenu.WIFI
            own = msg("WPA3 (SAE)") if has else msg("WPA2 with AES: its driver has no WPA3")
        if image is not None and systems.images_source is not None:
            tried = msg("Nobody has tried it.") if kit.radio in systems.untested else msg("It was tried.")
            what = msg(
                "{kit} ({radio}): WPA3 (SAE) with a system built on OpenWrt (image {image}). {tried} With the maker's "
                "own: {own}.",
                kit=kit.name, radio=name, image=image, tried=tried, own=own,
            )  # fmt: skip
            source = f"{systems.images_source.publisher}: {systems.images_source.title}, {systems.images_source.date}"
        elif menu is not None and systems.menus_source is not None:
            what = msg("{kit} ({radio}): {own}.", kit=kit.name, radio=name, own=own)
            source = f"{systems.menus_source.publisher}: {systems.menus_source.title}"
        elif radio.technology.startswith("802.11"):
            what = msg("{kit} ({radio}): {own}.", kit=kit.name, radio=name, own=own)
        else:
            what = msg("{kit} ({radio}): no Wi-Fi. Switch its own encryption on, with a key of 16 letters or more.",
                       kit=kit.name, radio=name)  # fmt: skip
        yield SecurityRecord(ENCRYPTION, what, msg("each radio of this kit"), _TOWERS, source)
    yield SecurityRecord(
        ENCRYPTION,
        msg("In the homes: WPA3 with WPA2 beside it where phones are old (transition), another key in each home."),
        msg("each home's router"),
        _HOMES,
        "Wi-Fi Alliance, WPA3 Specification 3.5, 2.3",
    )


def _management(page: _Page) -> Iterator[SecurityRecord]:
    doors = [page.found.towers[key] for key in page.net.gateways]
    ranges = ", ".join(f"{one.management_ipv4}, {one.management_ipv6}" for one in doors)
    yield SecurityRecord(
        MANAGEMENT,
        msg("Look after devices in VLAN {vlan} alone, from {ranges}; homes and the Internet do not reach it.",
            vlan=page.plan.addresses.management_vlan, ranges=ranges or msg("the gateway's management range")),
        _ALL,
        _TOWERS,
        "RFC 3871",
    )  # fmt: skip
    yield SecurityRecord(
        MANAGEMENT,
        msg(
            "SSH with keys and HTTPS only; telnet, FTP, plain HTTP, discovery and cloud accounts off; the clock by NTP."
        ),
        _ALL,
        _TOWERS,
        "RFC 3871",
    )
    yield SecurityRecord(
        PASSWORDS,
        msg("No default password: change it before the device goes up, another one each, written down and kept where "
            "two people know. No name or key of the maker stays."),
        _ALL,
        _TOWERS,
        "ETSI EN 303 645, 5.1",
    )  # fmt: skip
    yield SecurityRecord(
        UPDATES,
        msg("Put on the newest stable system before it goes up; look for a newer one every three months; save the "
            "settings before, and have a spare of each radio with them."),
        _ALL,
        _TOWERS,
        "ETSI EN 303 645, 5.3",
    )  # fmt: skip


def security_once(records: tuple[SecurityRecord, ...]) -> tuple[SecurityRecord, ...]:
    """Return the page with what is to be done alike at many devices said once, at the place of the first.

    What each sector lets in differs by its own ranges alone, which the table of addresses has: one row names the
    sectors, in the order of the page.
    """
    alike = [one for one in records if one.what.key == _FROM_SECTOR.key]
    if len(alike) < 2:
        return records
    names = ", ".join(str(dict(one.what.values)["sector"]) for one in alike)
    whole = SecurityRecord(
        alike[0].topic,
        msg("From the homes of each sector, let in only packets from its own ranges, as the table of addresses names "
            "them; reverse path check: strict."),
        msg("at their routers, towards all {count} sectors: {sectors}", count=len(alike), sectors=names),
        alike[0].who,
        alike[0].source,
    )  # fmt: skip
    kept = [one for one in records if one not in alike]
    kept.insert(records.index(alike[0]), whole)
    return tuple(kept)
