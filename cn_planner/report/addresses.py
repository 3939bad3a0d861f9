"""The address plan: which range belongs to which tower, sector, link and home, in IPv4 and IPv6 alike.

Each tower has one block of either family, cut in eighths: the first is the tower's own (loopback, management, links),
the others belong to its sectors, spread so that each can grow into the next (RFC 3531). A home has the same number
in both families: 17 is the 17th address of the sector's subnet and the 17th prefix of its block.

Numbers stay. Each thing's number is drawn from its own id, so that what is added later changes nothing; where two ids
want the same number what stands already goes before ideas, then the smaller id, and the other takes the next that is
free. ``kept`` numbers go before all: `keep_addresses` writes down those of today.
"""

from __future__ import annotations

import hashlib
import math
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from cn_planner.economics.costs import home_kits
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.pointing import sector_towards
from cn_planner.message import msg
from cn_planner.model.addressing import LARGEST_IPV4, LARGEST_IPV6, SHARED_IPV4, WANTED_IPV6, check_addressing
from cn_planner.model.clients import clients, is_place
from cn_planner.model.history import Edit
from cn_planner.report.names import dns_label, first_come, name_key, site_names, sub_names
from cn_planner.report.network import network

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Link, Plan
    from cn_planner.report.network import BuiltNetwork

    _BySector: TypeAlias = Mapping[tuple[str, str], list[Household]]

EIGHTHS = 8
# Sectors take the even eighths first: each then has the odd one after it to grow into.
_PLACES = (2, 4, 6, 1, 3, 5, 7)
_SIZES = (1, 2, 4)
ROUTER, FIRST_HOST = 1, 3
"""Host numbers in the management subnet: 1 the router, 2 the switch, radios from 3."""
FIRST_VLAN = 100
"""The VLAN of a radio is this and its host number."""
_LOOPBACKS, _MANAGEMENT, _FIRST_SECTOR, _FIRST_LINK, _LINKS = 0, 1, 16, 256, 512
"""Which /64 of the tower's own eighth is for what; each link has a /64 to itself, of which it uses a /127."""
_HOME_PREFIX = 56  # RIPE-690, 4.2.2
_SMALLER_HOME_PREFIX = 60
"""Of a private plan in which a /48 has not enough of them for the homes of a tower: sixteen networks a home."""
_MOST_BLOCKS_BITS = 14


class _FullError(Exception):
    """Something has no room in its block."""


@dataclass(frozen=True, slots=True)
class SectorAddresses:
    """The ranges of one sector. ``homes`` live there now, ``room`` is how many it holds."""

    id: str
    name: str
    eighth: int
    ipv4: IPv4Network
    link_ipv6: IPv6Network
    """Between the router and the home routers (RIPE-690, 4.1.1)."""
    homes_ipv6: IPv6Network
    homes: int
    room: int


@dataclass(frozen=True, slots=True)
class Home:
    """The address of a home's router, and the prefix that it hands out inside."""

    home: str
    name: str
    site: str
    sector: str
    ipv4: IPv4Address
    ipv6: IPv6Network


@dataclass(frozen=True, slots=True)
class Pair:
    """The two ends of a link, by site. ``owner``: of whose block they are."""

    link: str
    owner: str
    ipv4: IPv4Network
    ipv6: IPv6Network
    ends: Mapping[str, tuple[IPv4Address, IPv6Address]]


@dataclass(frozen=True, slots=True)
class TowerAddresses:
    """The ranges of one tower. ``hosts``: number of each radio in the management subnet, by sector or link."""

    site: str
    name: str
    ipv4: IPv4Network
    ipv6: IPv6Network
    loopback_ipv4: IPv4Address
    loopback_ipv6: IPv6Address
    management_ipv4: IPv4Network
    management_ipv6: IPv6Network
    hosts: Mapping[tuple[str, str], int]
    names: Mapping[tuple[str, str], str]
    sectors: tuple[SectorAddresses, ...]

    def managed(self, number: int) -> tuple[IPv4Address, IPv6Address]:
        """Return the management addresses of a host number."""
        return self.management_ipv4[number], self.management_ipv6[number]


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """All of it. ``ipv6``: the community's prefix, or where it has none the private ones of its towers."""

    ipv4: IPv4Network
    ipv6: tuple[IPv6Network, ...]
    private_ipv6: bool
    home_prefix: int
    towers: Mapping[str, TowerAddresses] = field(default_factory=dict)
    pairs: Mapping[str, Pair] = field(default_factory=dict)
    homes: tuple[Home, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    """Every number and name as `keep_addresses` writes it down."""


def ula(secret: str, what: str) -> IPv6Network:
    """Return a private /48 (RFC 4193, 3.2.2), with the plan's own fixed randomness in place of clock and machine."""
    seed = hashlib.blake2b(
        what.encode("utf-8", "surrogatepass"), key=_key(secret), person=b"ula", digest_size=16
    ).digest()
    global_id = hashlib.sha1(seed, usedforsecurity=False).digest()[-5:]  # its last 40 bits
    return IPv6Network((int.from_bytes(b"\xfd" + global_id + bytes(10), "big"), 48))


def _key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def site_lengths(ipv4: IPv4Network, ipv6: IPv6Network | None, home_prefix: int) -> tuple[int, int]:
    """Return the prefix lengths of a tower's blocks: they hang on the network's prefix alone, not on what is in it."""
    short = _HOME_PREFIX - home_prefix  # larger prefixes for homes, larger blocks for towers
    wide = 48 if ipv6 is None else ipv6.prefixlen + short
    # A /32 has room for a /44 each, a /48 is 256 prefixes for homes in all.
    return min(24, max(20, ipv4.prefixlen + 12)), (
        44 if wide <= 32 else 48 if wide <= 44 or ipv6 is None else 51
    ) - short


@dataclass(frozen=True, slots=True)
class _Draw:
    """Gives numbers to things by their ids."""

    secret: str
    kept: Mapping[str, str]

    def numbers(self, kind: str, keys: Iterable[str], free: Sequence[int]) -> dict[str, int]:
        """Return a number of the free ones for each key, in whose order they choose."""
        keys, allowed = list(keys), set(free)
        if len(keys) > len(allowed):
            raise _FullError
        found: dict[str, int] = {}
        for key in keys:
            word = self.kept.get(f"{kind} {key}", "")
            if word.isdecimal() and int(word) in allowed:
                found[key] = int(word)
                allowed.remove(found[key])
        for key in keys:
            if key not in found:
                at = self._wish(f"{kind} {key}", len(free))
                while free[at] not in allowed:
                    at = (at + 1) % len(free)
                found[key] = free[at]
                allowed.remove(free[at])
        return found

    def _wish(self, word: str, size: int) -> int:
        data = word.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(data, key=_key(self.secret), person=b"number", digest_size=8).digest()
        return int.from_bytes(digest, "big") % size


def address_plan(plan: Plan, net: BuiltNetwork, hung_on: Mapping[str, str] | None = None) -> AddressPlan:
    """Return the addresses and names of every tower and link, of every home and public place that a tower serves.

    `hung_on` says on which sector each of these hangs, as `sectors_of_clients`; where not given that is the sector
    whose beam points nearest. How well it hears that is not asked: addresses do not change with it.

    Raises
    ------
    InputError
        Where a prefix is none, or too small, with the size that is needed.
    """
    settings = plan.addresses
    check_addressing(settings)  # a file may hold anything
    ipv4, ipv6 = settings.ipv4, settings.ipv6
    homes = _homes_by_sector(plan, net, hung_on)
    # A private /48 has no room for larger ones than usual.
    wanted = (settings.home_prefix,) if ipv6 is not None else (_HOME_PREFIX, _SMALLER_HOME_PREFIX)
    for home_prefix in wanted:
        with suppress(_FullError):
            return _allocated(plan, net, homes, ipv4, ipv6, home_prefix)
    raise _too_small(plan, net, homes, ipv4, ipv6)


def _homes_by_sector(
    plan: Plan, net: BuiltNetwork, hung_on: Mapping[str, str] | None
) -> dict[tuple[str, str], list[Household]]:
    homes = [client for client in clients(plan).values() if client.server in net.sites]
    sites = [net.sites[home.server or ""] for home in homes]
    towards, _, _ = geodesics(
        [site.latitude for site in sites],
        [site.longitude for site in sites],
        [home.latitude for home in homes],
        [home.longitude for home in homes],
    )
    found: dict[tuple[str, str], list[Household]] = {}
    for home, site, azimuth in zip(homes, sites, towards, strict=True):
        sector = sector_towards(site, float(azimuth)) if hung_on is None else hung_on[home.id]
        found.setdefault((site.id, sector), []).append(home)
    return found


def _too_small(
    plan: Plan, net: BuiltNetwork, homes: _BySector, ipv4: IPv4Network, ipv6: IPv6Network | None
) -> InputError:
    """Return the one message: which prefix does not do, and which would."""
    endless6, endless4 = IPv6Network("2000::/16"), IPv4Network("0.0.0.0/4")

    def fits(four: IPv4Network, six: IPv6Network | None) -> bool:
        try:
            _allocated(plan, net, homes, four, six, plan.addresses.home_prefix)
        except _FullError:
            return False
        return True

    if not fits(ipv4, endless6):
        lengths = range(ipv4.prefixlen - 1, LARGEST_IPV4 - 1, -1)
        enough = next((one for one in lengths if fits(ipv4.supernet(new_prefix=one), endless6)), None)
        return _does_not_do(str(ipv4), enough, "addresses.ipv4_prefix")
    lengths = range(WANTED_IPV6 if ipv6 is None else ipv6.prefixlen - 1, LARGEST_IPV6 - 1, -1)
    enough = next((one for one in lengths if fits(endless4, IPv6Network((endless6[0], one)))), None)
    return _does_not_do("fd00::/48" if ipv6 is None else str(ipv6), enough, "addresses.ipv6_prefix")


def _does_not_do(prefix: str, enough: int | None, where: str) -> InputError:
    if enough is None:
        return InputError(
            msg("No prefix is large enough: one tower has more homes or radios than an address plan has room for."),
            where=where,
            fix=msg("Share the homes out among more sectors and towers."),
        )
    return InputError(
        msg("{prefix} is too small for this plan: it needs /{needed} or more.", prefix=prefix, needed=enough),
        where=where,
        fix=msg("Ask for a /{needed}, and set {key} to it.", needed=enough, key=where),
    )


def _allocated(
    plan: Plan, net: BuiltNetwork, homes: _BySector, ipv4: IPv4Network, ipv6: IPv6Network | None, home_prefix: int
) -> AddressPlan:
    settings = plan.addresses
    draw = _Draw(plan.info.secret or plan.info.name, dict(settings.kept))
    ordered = [site.id for site in sorted(net.sites.values(), key=first_come)]
    length4, length6 = site_lengths(ipv4, ipv6, home_prefix)
    numbers4 = draw.numbers("ipv4", ordered, _blocks(ipv4.prefixlen, length4))
    numbers6 = {} if ipv6 is None else draw.numbers("ipv6", ordered, _blocks(ipv6.prefixlen, length6))
    private = _private(draw.secret, ordered) if ipv6 is None else {}
    making = _Making(draw, net, home_prefix, plan.demand.growth_pct, homes)
    for key in sorted(ordered):
        block6 = private[key] if ipv6 is None else _part6(ipv6, length6, numbers6[key])
        making.tower(key, _part4(ipv4, length4, numbers4[key]), block6)
    making.pair_up()
    making.house()
    making.given |= {f"ipv4 {key}": str(number) for key, number in numbers4.items()}
    making.given |= {f"ipv6 {key}": str(number) for key, number in numbers6.items()}
    return AddressPlan(
        ipv4,
        (ipv6,) if ipv6 is not None else tuple(tower.ipv6 for tower in making.towers.values()),
        ipv6 is None,
        home_prefix,
        making.towers,
        making.pairs,
        tuple(sorted(making.homes, key=lambda one: (one.home, one.name))),
        tuple(sorted(making.given.items())),
    )


def _blocks(whole: int, length: int) -> range:
    """Return the numbers of the blocks of a length within a prefix; the first stays free, for what all share."""
    if length <= whole:
        raise _FullError
    return range(1, 1 << min(length - whole, _MOST_BLOCKS_BITS))


def _private(secret: str, ordered: list[str]) -> dict[str, IPv6Network]:
    """Return a private /48 for each tower, each from its id alone."""
    found: dict[str, IPv6Network] = {}
    for key in ordered:
        made = (ula(secret, f"{key} {number}") for number in count())
        found[key] = next(one for one in made if one not in found.values())
    return found


def _part4(whole: IPv4Network, length: int, number: int) -> IPv4Network:
    """Return the network of that number among those of a length within another."""
    return IPv4Network((int(whole.network_address) + (number << (32 - length)), length))


def _part6(whole: IPv6Network, length: int, number: int) -> IPv6Network:
    """Return the network of that number among those of a length within another."""
    return IPv6Network((int(whole.network_address) + (number << (128 - length)), length))


@dataclass
class _Making:
    """The plan while it is made: towers, then the links between them, then the homes."""

    draw: _Draw
    net: BuiltNetwork
    home_prefix: int
    growth_pct: float
    by_sector: _BySector
    towers: dict[str, TowerAddresses] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)
    homes: list[Home] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site_names = site_names(self.net.sites.values(), self.draw.kept)
        self.given |= {name_key("site", key): name for key, name in self.site_names.items()}
        self.taken = set(self.site_names.values())

    def tower(self, key: str, block4: IPv4Network, block6: IPv6Network) -> None:
        """Cut a tower's blocks."""
        site, name = self.net.sites[key], self.site_names[key]
        length4, length6 = block4.prefixlen + 3, block6.prefixlen + 3
        own4, own6 = _part4(block4, length4, 0), _part6(block6, length6, 0)
        managed = _part4(own4, length4 + 1, 1)
        sectors = [one.id for one in site.sectors]
        sectors += sorted(part for at, part in self.by_sector if at == key and part not in sectors)
        links = sorted((one for one in self.net.links.values() if key in (one.from_site, one.to_site)), key=first_come)
        radios = [("sector", one) for one in sectors] + [("link", one.id) for one in links]
        wanted = [
            (
                name_key(kind, f"{key} {part}"),
                f"{name}-{_own_label(key, part)}" if kind == "sector" else f"{name}-l-{self._other(part, key)}",
            )
            for kind, part in radios
        ]
        names = sub_names(wanted, self.taken, self.draw.kept)
        self.given |= names
        hosts = self.draw.numbers(
            "host", [f"{key} {kind} {part}" for kind, part in radios], range(FIRST_HOST, managed.num_addresses - 1)
        )
        self.given |= {f"host {word}": str(number) for word, number in hosts.items()}
        places = self._places(key, sectors, length4, length6)
        self.towers[key] = TowerAddresses(
            key,
            name,
            block4,
            block6,
            own4[1],
            _part6(own6, 64, _LOOPBACKS)[1],
            managed,
            _part6(own6, 64, _MANAGEMENT),
            {(kind, part): hosts[f"{key} {kind} {part}"] for kind, part in radios},
            {(kind, part): names[name_key(kind, f"{key} {part}")] for kind, part in radios},
            tuple(
                self._sector(key, part, names[name_key("sector", f"{key} {part}")], place, block4, block6, own6)
                for part, place in places.items()
            ),
        )

    def _other(self, link: str, key: str) -> str:
        ends = self.net.links[link]
        return self.site_names[ends.to_site if ends.from_site == key else ends.from_site]

    def _needed(self, key: str, sector: str) -> tuple[int, int]:
        """Return the homes of a sector, and how many it must have room for."""
        homes = sum(home_kits(home) for home in self.by_sector.get((key, sector), ()))
        return homes, math.ceil(homes * (1.0 + self.growth_pct / 100.0))

    def _places(self, key: str, sectors: list[str], length4: int, length6: int) -> dict[str, tuple[int, int]]:
        """Return the first eighth and the number of eighths of each sector."""
        room = {size: _room(length4, length6, self.home_prefix, size) for size in _SIZES}
        sizes: dict[str, int] = {}
        for one in sectors:
            needed = self._needed(key, one)[1]
            size = next((size for size in _SIZES if room[size] >= max(needed, 1)), None)
            if size is None:
                raise _FullError
            sizes[one] = size
        free, found = set(range(1, EIGHTHS)), dict[str, tuple[int, int]]()
        kept = {one: self.draw.kept.get(f"eighth {key} {one}", "") for one in sectors}
        for one in sorted(sectors, key=lambda one: not kept[one]):  # those that were given out choose first
            first = (int(kept[one]),) if kept[one].isdecimal() else ()
            for place in (*first, *_PLACES):
                wanted = set(range(place, place + sizes[one]))
                if place % sizes[one] == 0 and wanted <= free:
                    free -= wanted
                    found[one] = place, sizes[one]
                    self.given[f"eighth {key} {one}"] = str(place)
                    break
            else:
                raise _FullError
        return {one: found[one] for one in sectors}

    def _sector(
        self,
        key: str,
        part: str,
        name: str,
        place: tuple[int, int],
        block4: IPv4Network,
        block6: IPv6Network,
        own6: IPv6Network,
    ) -> SectorAddresses:
        eighth, size = place
        bits = size.bit_length() - 1
        length4, length6 = block4.prefixlen + 3, block6.prefixlen + 3
        return SectorAddresses(
            part,
            name,
            eighth,
            _part4(block4, length4 - bits, eighth >> bits),
            _part6(own6, 64, _FIRST_SECTOR + eighth),
            _part6(block6, length6 - bits, eighth >> bits),
            self._needed(key, part)[0],
            _room(length4, length6, self.home_prefix, size),
        )

    def pair_up(self) -> None:
        """Give the ends of each link their addresses, from the block of the end that is further from the gateway.

        A new tower brings the addresses of its own link with it.
        """
        owned: dict[str, list[Link]] = {}
        for link in sorted(self.net.links.values(), key=first_come):
            owned.setdefault(self._owner(link), []).append(link)
        for key, links in sorted(owned.items()):
            tower = self.towers[key]
            own4 = _part4(tower.ipv4, tower.ipv4.prefixlen + 3, 0)
            own6 = _part6(tower.ipv6, tower.ipv6.prefixlen + 3, 0)
            # The first quarter of the lower half is for loopbacks, the rest for pairs; the upper half is management.
            quarter = own4.num_addresses // 8
            numbers = self.draw.numbers(
                "link", [link.id for link in links], range(quarter // 2, min(own4.num_addresses // 4, _LINKS))
            )
            for link in links:
                number = numbers[link.id]
                self.given[f"link {link.id}"] = str(number)
                pair4 = _part4(own4, 31, number)  # RFC 3021
                wide = _part6(own6, 64, _FIRST_LINK + number)
                pair6 = IPv6Network((int(wide[10]), 127))  # RFC 6164, 5: neither all zeros nor the highest 128
                near = link.to_site if link.from_site == key else link.from_site
                ends = {near: (pair4[0], pair6[0]), key: (pair4[1], pair6[1])}
                self.pairs[link.id] = Pair(link.id, key, pair4, pair6, ends)

    def _owner(self, link: Link) -> str:
        hops = self.net.hops
        return max(link.from_site, link.to_site, key=lambda one: (hops.get(one, math.inf), one))

    def house(self) -> None:
        """Give each home that is reached its address and its prefix."""
        for (key, part), homes in sorted(self.by_sector.items()):
            tower = self.towers[key]
            sector = next(one for one in tower.sectors if one.id == part)
            routers = [f"{home.id} {number}" for home in homes for number in range(1, home_kits(home) + 1)]
            # Public places choose last: no address of a home is another where one of them is connected.
            routers.sort(key=lambda one: (is_place(one), one))
            wanted = [(name_key("home", one), _home_name(one)) for one in routers]
            names = sub_names(wanted, self.taken, self.draw.kept)
            self.given |= names
            numbers = self.draw.numbers("home", routers, range(2, sector.room + 2))
            for one in routers:
                number = numbers[one]
                self.given[f"home {one}"] = str(number)
                self.homes.append(
                    Home(
                        one.rpartition(" ")[0],
                        names[name_key("home", one)],
                        key,
                        part,
                        sector.ipv4[number],
                        _part6(sector.homes_ipv6, self.home_prefix, number),
                    )
                )


def _own_label(site: str, sector: str) -> str:
    """Return a sector's id as part of a name, without the id of its site before it: ``C01-S1`` is ``s1``."""
    return dns_label(sector).removeprefix(dns_label(site)).strip("-") or dns_label(sector) or "s"


def _home_name(router: str) -> str:
    """Return the wanted name of a home's router: by its id, for names of people do not belong into names of devices."""
    home, _, number = router.rpartition(" ")
    return f"home-{dns_label(home, 40) or 'x'}" + ("" if number == "1" else f"-{number}")


def _room(length4: int, length6: int, home_prefix: int, size: int) -> int:
    """Return how many homes so many eighths hold: numbers 0 and 1 are the network's and the router's, in either."""
    addresses = size << (32 - length4)
    prefixes = size << max(0, home_prefix - length6)
    return max(0, min(addresses - 3, prefixes - 2))


def keep_addresses(plan: Plan, found: AddressPlan) -> Edit:
    """Return the edit that writes down every number and name as it is, so that nothing later changes one of them.

    What was kept before stays, also of towers and homes that are gone: an address is not given to another soon.
    """
    kept = dict(plan.addresses.kept) | dict(found.kept)
    addresses = replace(plan.addresses, kept=tuple(sorted(kept.items())))
    return Edit(msg("keep the addresses"), replace(plan, addresses=addresses))


def keep_all(plan: Plan, hung_on: Mapping[str, str] | None = None) -> Edit:
    """Return the edit that keeps the addresses and names of a plan's network as they are.

    Raises
    ------
    InputError
        Where the plan has no network yet, or as `address_plan`.
    """
    net = network(plan, {})
    if not net.sites:
        raise InputError(msg("The plan has no network yet: make a plan first."))
    return keep_addresses(plan, address_plan(plan, net, hung_on))


def reason_of_range(found: AddressPlan) -> Message:
    """Return why the IPv4 range is what it is."""
    if found.ipv4.subnet_of(SHARED_IPV4):
        return msg(
            "The gateway shares public addresses among homes, as a carrier does: RFC 6598 has this range for it."
        )
    if found.ipv4.is_global:
        return msg("Public addresses of the community.")
    return msg("Private addresses (RFC 1918), clear of what home routers and tunnels take first.")
