"""What is bought beside a tower's router and radios and needs settings too: its switch, homes' radios and routers."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface, IPv6Interface
from typing import TYPE_CHECKING

from cn_planner.economics.costs import UnitCosts
from cn_planner.links.settable import below_least_power
from cn_planner.message import msg
from cn_planner.model.clients import clients
from cn_planner.model.equipment import ItemClass
from cn_planner.model.radio_figures import chain_power
from cn_planner.report.address_records import DeviceSettings, SwitchPort
from cn_planner.report.devices import client_id, htmode, runs_airos, wifi_band

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.plan import Plan
    from cn_planner.report.address_records import HomeAddressRecord
    from cn_planner.report.deployment import HomeRecord
    from cn_planner.report.tower_records import TowerPack

_SWITCH = 2
"""Host number of the switch in the management subnet."""


def switch_devices(devices: Iterable[DeviceSettings], packs: Iterable[TowerPack]) -> tuple[DeviceSettings, ...]:
    """Return the settings of the switches that are bought, by tower: each radio's data in a VLAN of its own.

    Of several in a row the first has the tower's switch address, the others the highest that are free.
    """
    routers = {one.site: one for one in devices if one.kind == "router"}
    taken = {one.name for one in devices}
    return tuple(
        made
        for pack in packs
        if pack.switches and pack.site in routers
        for made in _switches(routers[pack.site], pack, taken)
    )


def _switches(router: DeviceSettings, pack: TowerPack, taken: set[str]) -> Iterator[DeviceSettings]:
    care = router.management_vlan
    vlans = {one.letter: one.vlan for one in pack.radios}
    behind = {one.letter: one.switch for one in pack.radios}
    four, six = IPv4Interface(router.management_ipv4).network, IPv6Interface(router.management_ipv6).network
    for number in range(1, pack.switches + 1):
        ports = []
        for use in (one for one in pack.ports if one.switch == number):
            if use.kind == "radio":
                # A hotspot's radio has no VLAN in the plan, and is open to everyone: management is kept from it.
                own = vlans[use.radio]
                ports.append(SwitchPort(use.port, use.radio, own, (care,) if own else ()))
            elif use.kind == "free":
                ports.append(SwitchPort(use.port, msg("free"), 0, ()))
            else:
                # Upwards goes what is here and beyond, downwards what is beyond.
                least = number if use.kind == "router" or use.other < number else number + 1
                beyond = sorted(vlan for letter, vlan in vlans.items() if vlan and behind[letter] >= least)
                what = msg("router") if use.kind == "router" else msg("switch {number}", number=use.other)
                ports.append(SwitchPort(use.port, what, 0, (care, *beyond)))
        host = _SWITCH if number == 1 else four.num_addresses - 1 - number
        name = f"{router.name}-switch" + ("" if number == 1 else f"-{number}")
        while name in taken:
            name += "x"
        taken.add(name)
        yield replace(
            router, name=name, kind="switch", model=pack.switch, interfaces=(), routes=(), queue=None,
            management_ipv4=f"{four[host]}/{four.prefixlen}", management_ipv6=f"{six[host]}/{six.prefixlen}",
            gateway_ipv4=router.management_ipv4.split("/")[0], gateway_ipv6=router.management_ipv6.split("/")[0],
            names_from_ipv4=router.management_ipv4.split("/")[0], ports=tuple(ports),
        )  # fmt: skip


def home_devices(
    plan: Plan,
    catalogue: Catalogue,
    devices: Sequence[DeviceSettings],
    parts: dict[str, tuple[str, str]],
    homes: Sequence[HomeRecord],
    addresses: Sequence[HomeAddressRecord],
) -> tuple[DeviceSettings, ...]:
    """Return the settings of homes' radios, one for all homes of a sector with the same kit, and of each home's router.

    ``homes``: with the public places, as `places_as_homes` has them.

    Parameters
    ----------
    parts : dict of str to (str, str)
        Site and sector of each sector's radio, by its host name.
    """
    sectors = {parts[one.name]: one for one in devices if one.kind == "sector" and one.name in parts}
    costs = UnitCosts(plan, catalogue)
    kits: dict[tuple[str, str], dict[str, HomeRecord]] = {}
    routed: set[str] = set()
    every, given = clients(plan), {one.home for one in addresses}
    for home in homes:
        household, key = every.get(home.id), (home.server or "", home.sector)
        if household is None or not (home.reached or home.id in given) or key not in sectors:
            continue
        kits.setdefault(key, {}).setdefault(plan.client_of(household), home)
        bought = costs.parts_of_client(household) if plan.client_of(household) in catalogue.kits else ()
        if any(catalogue.items[part.item].item_class is ItemClass.NETWORK for part in bought):
            routed.add(home.id)
    radios = [
        _home_radio(catalogue, catalogue.kits[kit], sectors[key], home, number)
        for key, own in sorted(kits.items())
        for number, (kit, home) in enumerate(
            sorted(own.items(), key=lambda one: (one[0] != plan.kits.client, one[0])), 1
        )
        if kit in catalogue.kits
    ]
    routers = [
        _home_router(sectors[one.site, one.sector], one)
        for one in addresses
        if one.home in routed and (one.site, one.sector) in sectors
    ]
    return (*radios, *routers)


def _home_radio(
    catalogue: Catalogue, kit: Kit, sector: DeviceSettings, home: HomeRecord, number: int
) -> DeviceSettings:
    """Return the settings of the radios of one kit; ``number``: which it is of the sector's."""
    radio, air, systems = catalogue.radios[kit.radio], sector.radio, catalogue.systems
    settings = None
    ac = radio.technology == "802.11ac"
    # 802.11n has no 80 MHz: what such a radio does on that channel is set by hand.
    band = "" if air is None or not (ac or radio.technology == "802.11n") else wifi_band(
        air.centre_mhz, air.width_mhz, ac)  # fmt: skip
    if air is not None and band:
        power, least = home.tx_power_dbm, radio.least_tx_power_dbm
        weak = not home.closed and below_least_power(power, least)
        silent = weak or home.closed
        settings = replace(
            air, mode="sta", bridged=True, total_dbm=None if silent else power, ac=ac,
            htmode=htmode(band, air.width_mhz, ac),
            chain_dbm=None if power is None or silent else chain_power(power, radio.streams),
            least_dbm=least if weak else None, closed=home.closed, limit=_roof_law(home),
        )  # fmt: skip
    name = f"{sector.name}-home" + ("" if number == 1 else f"-{number}")
    return replace(
        sector, name=name, kind="home-radio", model=f"{radio.maker} {radio.name}".strip(),
        image=systems.images.get(radio.id, ""), routeros=str(systems.menus.get(radio.id, "")),
        airos=runs_airos(catalogue, kit), radio=settings,
    )  # fmt: skip


def _roof_law(home: HomeRecord) -> Message:
    if home.limit_dbm is None:
        closed = msg("Not allowed outdoors on this channel.")
        return closed if home.closed else msg("What a home's antenna may send is not known.")
    return msg("A home's antenna: at most {dbm:.0f} dBm EIRP.", dbm=home.limit_dbm)


def _home_router(sector: DeviceSettings, home: HomeAddressRecord) -> DeviceSettings:
    prefix = int(home.ipv6.rpartition("/")[2])
    return replace(
        sector, name=home.name, kind="home-router", site_name=home.name, model="", image="", routeros="", airos=False,
        radio=None, client_id=client_id(home.name), home_prefix=prefix,
    )  # fmt: skip
