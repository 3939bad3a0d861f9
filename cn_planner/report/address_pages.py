"""The address plan as rows to print: ranges and addresses, names of devices, and what page one says where it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.report.address_records import AddressRecord, HomeAddressRecord, NameRecord
from cn_planner.report.addresses import FIRST_VLAN, ROUTER, address_plan, reason_of_range
from cn_planner.report.deployment import MissingInfo
from cn_planner.report.devices import _model_of, device_settings, kit_of
from cn_planner.report.place_clients import places_as_homes
from cn_planner.report.security import security_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.report.address_records import DeviceSettings, SecurityRecord
    from cn_planner.report.addresses import AddressPlan, TowerAddresses
    from cn_planner.report.deployment import AntennaRecord, HomeRecord, LinkRecord
    from cn_planner.report.network import BuiltNetwork


@dataclass(frozen=True, slots=True)
class AddressPages:
    """The chapter of addresses and security. ``missing`` says why it is empty where a prefix does not do."""

    addresses: tuple[AddressRecord, ...] = ()
    home_addresses: tuple[HomeAddressRecord, ...] = ()
    names: tuple[NameRecord, ...] = ()
    security: tuple[SecurityRecord, ...] = ()
    devices: tuple[DeviceSettings, ...] = ()
    missing: tuple[MissingInfo, ...] = field(default=())


def address_pages(
    plan: Plan,
    net: BuiltNetwork,
    catalogue: Catalogue,
    antennas: tuple[AntennaRecord, ...],
    links: tuple[LinkRecord, ...],
    homes: tuple[HomeRecord, ...],
    hung_on: Mapping[str, str] | None = None,
) -> AddressPages:
    """Return the chapter; empty where there is no tower yet. `hung_on` as `address_plan`."""
    if not net.sites:
        return AddressPages()
    try:
        found = address_plan(plan, net, hung_on)
    except InputError as problem:
        return AddressPages(
            missing=(MissingInfo("addresses", problem.what, problem.fix or msg("Choose another prefix.")),)
        )
    return AddressPages(
        address_records(found),
        home_address_records(found),
        name_records(plan, net, catalogue, found),
        security_records(plan, net, catalogue, found),
        device_settings(plan, net, catalogue, found, antennas, links, (*homes, *places_as_homes(plan, found.homes))),
    )


def address_records(found: AddressPlan) -> tuple[AddressRecord, ...]:
    """Return the ranges and addresses of the network, then those of each tower."""
    return tuple(_addresses(found))


def home_address_records(found: AddressPlan) -> tuple[HomeAddressRecord, ...]:
    """Return the address and prefix of each home, by their ids."""
    return tuple(
        HomeAddressRecord(one.home, one.name, one.site, one.sector, str(one.ipv4), str(one.ipv6)) for one in found.homes
    )


def name_records(plan: Plan, net: BuiltNetwork, catalogue: Catalogue, found: AddressPlan) -> tuple[NameRecord, ...]:
    """Return the devices of each tower: its router, then its radios."""
    rows = []
    for key, tower in found.towers.items():
        own = tower.managed(ROUTER)
        rows.append(NameRecord(tower.name, "router", key, "", "", str(own[0]), str(own[1]), None))
        for (kind, part), number in tower.hosts.items():
            name, own = tower.names[kind, part], tower.managed(number)
            model = _model_of(catalogue, kit_of(plan, net, catalogue, key, kind, part))
            rows.append(NameRecord(name, kind, key, part, model, str(own[0]), str(own[1]), FIRST_VLAN + number))
    return tuple(rows)


def _addresses(found: AddressPlan) -> Iterator[AddressRecord]:
    given = not found.private_ipv6
    yield AddressRecord(
        "network", "", "", "", str(found.ipv4), str(found.ipv6[0]) if given else "", None, None, reason_of_range(found)
    )
    if not given:
        note = msg("Private IPv6 (RFC 4193): each tower has a /48 of its own, made from the plan. Ask for a /40.")
        yield AddressRecord("network", "", "", "", "", "fd00::/8", None, None, note)
    for key, tower in found.towers.items():
        yield from _tower(found, tower)
        for pair in found.pairs.values():
            if key in pair.ends:
                own = pair.ends[key]
                other = next(one for one in pair.ends if one != key)
                note = msg("To {router}.", router=found.towers[other].name)
                yield AddressRecord(
                    "link", tower.name, key, pair.link, f"{own[0]}/31", f"{own[1]}/127", None, None, note
                )


def _tower(found: AddressPlan, tower: TowerAddresses) -> Iterator[AddressRecord]:
    key = tower.site
    yield AddressRecord("site", "", key, "", str(tower.ipv4), str(tower.ipv6), None, None, None)
    yield AddressRecord(
        "loopback", tower.name, key, "", f"{tower.loopback_ipv4}/32", f"{tower.loopback_ipv6}/128", None, None, None
    )
    own = tower.managed(ROUTER)
    note = msg("The router is {ipv4} and {ipv6}.", ipv4=str(own[0]), ipv6=str(own[1]))
    yield AddressRecord(
        "management", tower.name, key, "", str(tower.management_ipv4), str(tower.management_ipv6), None, None, note
    )
    for sector in tower.sectors:
        note = msg("The router is {ipv4} and {ipv6}.", ipv4=str(sector.ipv4[1]), ipv6=str(sector.link_ipv6[1]))
        yield AddressRecord(
            "sector",
            sector.name,
            key,
            sector.id,
            str(sector.ipv4),
            str(sector.link_ipv6),
            sector.homes,
            sector.room,
            note,
        )
        note = msg("A /{length} for each home, by DHCPv6 (RFC 7084).", length=found.home_prefix)
        yield AddressRecord("homes", "", key, sector.id, "", str(sector.homes_ipv6), sector.homes, sector.room, note)
