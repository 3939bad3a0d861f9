"""What each device of a tower is set to: addresses, ways, radio channel and power. The drafts are written from it."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.core import get_global

from cn_planner.links.channels import WIFI_CENTRES_MHZ
from cn_planner.links.one_band import usual_client
from cn_planner.links.settable import below_least_power
from cn_planner.model.clients import clients
from cn_planner.model.radio_figures import chain_power
from cn_planner.report.address_records import DeviceSettings, FairQueue, Interface, RadioSettings, Reservation, Route
from cn_planner.report.addresses import EIGHTHS, FIRST_VLAN, ROUTER
from cn_planner.report.names import network_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.plan import Plan, Site
    from cn_planner.report.addresses import AddressPlan, SectorAddresses, TowerAddresses
    from cn_planner.report.deployment import AntennaRecord, HomeRecord, LinkRecord
    from cn_planner.report.network import BuiltNetwork

_WIFI = frozenset({"802.11n", "802.11ac"})
_LEAST_DISTANCE_M = 300
_QUEUED = 0.95
_FIRST_2G_MHZ, _LAST_2G_MHZ = 2412, 2472
"""Channels 1 and 13 (IEEE Std 802.11-2020, Annex E)."""


def second_ways(net: BuiltNetwork) -> bool:
    """Return whether any tower has more than one way to the Internet: a second gateway, or links in a ring."""
    joined = len(net.hops)
    links = sum(1 for link in net.links.values() if link.from_site in net.hops)
    return len(net.gateways) > 1 or links > joined - len(net.gateways)


def device_settings(
    plan: Plan,
    net: BuiltNetwork,
    catalogue: Catalogue,
    found: AddressPlan,
    antennas: Iterable[AntennaRecord],
    links: Iterable[LinkRecord],
    homes: Iterable[HomeRecord],
) -> tuple[DeviceSettings, ...]:
    """Return the settings of every router and radio on the towers, by name."""
    making = _Devices(plan, net, catalogue, found, antennas, links, homes)
    devices = [making.router(tower) for tower in found.towers.values()]
    devices += [making.radio(tower, kind, part) for tower in found.towers.values() for kind, part in tower.hosts]
    return tuple(sorted(devices, key=lambda one: one.name))


def client_id(name: str) -> str:
    """Return a host name as a DHCP client identifier of kind 0, in hex (RFC 2132, 9.14)."""
    return (b"\0" + name.encode("ascii")).hex()


def queue_of_device(site: Site) -> FairQueue | None:
    """Return what a gateway lets through: a little less than its connection, or the queue would be the provider's.

    95 % of it, as sqm-scripts advises to begin with. What goes out is taken to be as much: the plan knows one figure.
    """
    mbps = 0.0 if site.uplink is None else site.uplink.mbps
    kbit = round(1000.0 * mbps * _QUEUED)
    return FairQueue(kbit, kbit) if kbit > 0 else None


def runs_airos(catalogue: Catalogue, kit: Kit) -> bool:
    """Return whether a kit's radio keeps its maker's airOS: it is Wi-Fi, and no other system is drafted for it."""
    radio = catalogue.radios[kit.radio]
    return radio.maker == "Ubiquiti" and radio.technology in _WIFI and not catalogue.systems.drafted(radio.id)


@lru_cache(maxsize=1)
def _country_numbers() -> dict[str, int]:
    """Return the numbers of countries (ISO 3166-1), out of CLDR's aliases of territories."""
    aliases = get_global("territory_aliases")
    return {one[0]: int(key) for key, one in aliases.items() if len(key) == 3 and key.isdigit() and len(one) == 1}


def country_number(country: str) -> int:
    """Return the ISO 3166-1 number of a country by its two letters; 0 where it has none."""
    return _country_numbers().get(country, 0)


def country_name(country: str) -> str:
    """Return the English name of a country by its two letters; empty where it is not known."""
    return Locale("en").territories.get(country, "") if country else ""


def wpa3(catalogue: Catalogue, *kits: Kit | None) -> bool:
    """Return whether all that speak on a channel are known to run a system with WPA3."""
    return all(kit is not None and catalogue.systems.wpa3(kit.radio) for kit in kits)


def kit_of(plan: Plan, net: BuiltNetwork, catalogue: Catalogue, site: str, kind: str, part: str) -> Kit | None:
    """Return the kit of a sector or of a link's end; None where the shelf has none of that name."""
    if kind == "link":
        return catalogue.kits.get(net.links[part].kit or plan.kits.backhaul)
    own = next((one.kit for one in net.sites[site].sectors if one.id == part), "")
    return catalogue.kits.get(own or plan.kits.access)


def _model_of(catalogue: Catalogue, kit: Kit | None) -> str:
    """Return maker and name of a kit's radio."""
    if kit is None:
        return ""
    radio = catalogue.radios[kit.radio]
    return f"{radio.maker} {radio.name}".strip()


class _Devices:
    def __init__(
        self,
        plan: Plan,
        net: BuiltNetwork,
        catalogue: Catalogue,
        found: AddressPlan,
        antennas: Iterable[AntennaRecord],
        links: Iterable[LinkRecord],
        homes: Iterable[HomeRecord],
    ) -> None:
        self.plan, self.net, self.catalogue, self.found = plan, net, catalogue, found
        self.antennas = {(one.site, one.id): one for one in antennas}
        self.links = {one.id: one for one in links}
        self.furthest: dict[tuple[str, str], float] = {}
        self.client_kits: dict[tuple[str, str], set[str]] = {}
        every = clients(plan)
        for home in homes:
            if home.server is not None and home.distance_m is not None:
                key = home.server, home.sector
                self.client_kits.setdefault(key, set()).add(plan.client_of(every[home.id]))
                self.furthest[key] = max(self.furthest.get(key, 0.0), home.distance_m)
        self.below = self._below()
        self.strict = not second_ways(net)
        # Devices are looked after from the management ranges of the gateways' towers alone.
        doors = [found.towers[key] for key in net.gateways] or list(found.towers.values())
        self.managed_from = (
            tuple(str(one.management_ipv4) for one in doors),
            tuple(str(one.management_ipv6) for one in doors),
        )

    def _below(self) -> Mapping[str, tuple[str, ...]]:
        """Return for each tower those whose way to the gateway leads through it, itself among them."""
        through: dict[str, list[str]] = {key: [] for key in self.found.towers}
        for key in self.found.towers:
            at: str | None = key
            while at is not None:
                through[at].append(key)
                at = self.net.upstream[at][0] if at in self.net.upstream else None
        return {key: tuple(sorted(group)) for key, group in through.items()}

    def _device(self, tower: TowerAddresses, name: str, kind: str, number: int, **values: object) -> DeviceSettings:
        own, gateway = tower.managed(number), tower.managed(ROUTER)
        length4, length6 = tower.management_ipv4.prefixlen, tower.management_ipv6.prefixlen
        base: dict[str, object] = {
            "name": name,
            "kind": kind,
            "site": tower.site,
            "site_name": self.net.sites[tower.site].name,
            "model": "",
            "image": "",
            "routeros": "",
            "country": self.plan.info.country,
            "management_ipv4": f"{own[0]}/{length4}",
            "management_ipv6": f"{own[1]}/{length6}",
            "gateway_ipv4": str(gateway[0]),
            "gateway_ipv6": str(gateway[1]),
            "names_from_ipv4": str(gateway[0]),
            "management_vlan": self.plan.addresses.management_vlan,
            "managed_from_ipv4": tuple(dict.fromkeys((str(tower.management_ipv4), *self.managed_from[0]))),
            "managed_from_ipv6": tuple(dict.fromkeys((str(tower.management_ipv6), *self.managed_from[1]))),
            "country_number": country_number(self.plan.info.country),
            "country_name": country_name(self.plan.info.country),
            "ssh_key": self.plan.addresses.ssh_key.strip(),
            "log_to": self.plan.addresses.log_to.strip(),
        }
        return DeviceSettings(**(base | values))  # type: ignore[arg-type]

    # The router

    def router(self, tower: TowerAddresses) -> DeviceSettings:
        """Return the settings of a tower's router."""
        interfaces = [
            Interface("loopback", "loopback", None, f"{tower.loopback_ipv4}/32", f"{tower.loopback_ipv6}/128"),
            Interface(
                "manage",
                "management",
                self.plan.addresses.management_vlan,
                f"{tower.managed(ROUTER)[0]}/{tower.management_ipv4.prefixlen}",
                f"{tower.managed(ROUTER)[1]}/{tower.management_ipv6.prefixlen}",
                (str(tower.management_ipv4),),
                (str(tower.management_ipv6),),
            ),
            *(self._homes(tower, one) for one in tower.sectors),
            *(self._link(tower, part) for kind, part in tower.hosts if kind == "link"),
        ]
        if tower.site in self.net.gateways:
            interfaces.append(Interface("internet", "internet", None, "", ""))
        routes = tuple(self._routes(tower))
        return self._device(
            tower,
            tower.name,
            "router",
            ROUTER,
            names_from_ipv4=routes[0].via_ipv4 if tower.site in self.net.upstream else "",
            interfaces=tuple(interfaces),
            routes=routes,
            networks_ipv4=(str(self.found.ipv4),),
            networks_ipv6=tuple(str(one) for one in self.found.ipv6),
            strict=self.strict,
            translates=not self.found.ipv4.is_global,
            queue=queue_of_device(self.net.sites[tower.site]) if tower.site in self.net.gateways else None,
        )

    def _vlan(self, tower: TowerAddresses, kind: str, part: str) -> int:
        return FIRST_VLAN + tower.hosts[kind, part]

    def _homes(self, tower: TowerAddresses, sector: SectorAddresses) -> Interface:
        vlan = self._vlan(tower, "sector", sector.id)
        return Interface(
            f"homes{vlan}",
            "homes",
            vlan,
            f"{sector.ipv4[1]}/{sector.ipv4.prefixlen}",
            f"{sector.link_ipv6[1]}/{sector.link_ipv6.prefixlen}",
            (str(sector.ipv4),),
            (str(sector.link_ipv6), str(sector.homes_ipv6)),
            "",
            (str(sector.ipv4[2]), str(sector.ipv4[sector.room + 1])),
            2,
            sector.room,
            str(sector.homes_ipv6),
            f"{sector.homes_ipv6[1]}/{sector.homes_ipv6.prefixlen}",
            self.found.home_prefix,
            tuple(
                Reservation(one.name, str(one.ipv4), client_id(one.name))
                for one in self.found.homes
                if (one.site, one.sector) == (tower.site, sector.id)
            ),
        )

    def _link(self, tower: TowerAddresses, part: str) -> Interface:
        """Return the interface of a link: what may come in where the Internet does not.

        Where there is one way only, what lives behind it; where there are more, all that the network has.
        """
        pair, vlan = self.found.pairs[part], self._vlan(tower, "link", part)
        own = pair.ends[tower.site]
        other = next(key for key in pair.ends if key != tower.site)
        sources4: tuple[str, ...] = ()
        sources6: tuple[str, ...] = ()
        if self.net.upstream.get(tower.site, ("", ""))[1] != part:
            below = self.strict and self.net.upstream.get(other, ("", ""))[1] == part
            behind = [self.found.towers[key] for key in self.below[other]] if below else []
            sources4 = tuple(str(one.ipv4) for one in behind) or (str(self.found.ipv4),)
            sources6 = tuple(str(one.ipv6) for one in behind) or tuple(str(one) for one in self.found.ipv6)
        peer = str(pair.ends[other][0])
        return Interface(f"link{vlan}", "link", vlan, f"{own[0]}/31", f"{own[1]}/127", sources4, sources6, peer)

    def _routes(self, tower: TowerAddresses) -> Iterable[Route]:
        """Yield the static ways on the tree of fewest links: everything upwards, and to each tower below."""
        if tower.site in self.net.upstream:
            up, link = self.net.upstream[tower.site]
            via = self.found.pairs[link].ends[up]
            name = f"link{self._vlan(tower, 'link', link)}"
            yield Route("0.0.0.0/0", str(via[0]), "::/0", str(via[1]), name)
        for key, (up, link) in sorted(self.net.upstream.items()):
            if up == tower.site:
                via = self.found.pairs[link].ends[key]
                name = f"link{self._vlan(tower, 'link', link)}"
                for below in self.below[key]:
                    one = self.found.towers[below]
                    yield Route(str(one.ipv4), str(via[0]), str(one.ipv6), str(via[1]), name)

    # The radios

    def radio(self, tower: TowerAddresses, kind: str, part: str) -> DeviceSettings:
        """Return the settings of a radio."""
        antenna = self.antennas.get((tower.site, part))
        kit = kit_of(self.plan, self.net, self.catalogue, tower.site, kind, part)
        image = routeros = ""
        if kit is not None:
            image = self.catalogue.systems.images.get(kit.radio, "")
            routeros = str(self.catalogue.systems.menus.get(kit.radio, ""))
        eighth = tower.ipv4.num_addresses // EIGHTHS
        return self._device(
            tower,
            tower.names[kind, part],
            kind,
            tower.hosts[kind, part],
            model=_model_of(self.catalogue, kit),
            image=image,
            routeros=routeros,
            airos=kit is not None and runs_airos(self.catalogue, kit),
            radio=None if antenna is None or kit is None else self._settings(tower, kind, part, antenna, kit),
            mesh_cloud=tower.name,
            mesh_ipv4=f"{tower.managed(tower.hosts[kind, part])[0]}/{tower.ipv4.prefixlen}",
            mesh_ipv6=f"{tower.managed(tower.hosts[kind, part])[1]}/{tower.management_ipv6.prefixlen}",
            mesh_pool_start=eighth,
            mesh_pool_size=tower.ipv4.num_addresses - eighth - 1,
        )

    def _settings(
        self, tower: TowerAddresses, kind: str, part: str, antenna: AntennaRecord, kit: Kit
    ) -> RadioSettings | None:
        technology = self.catalogue.radios[kit.radio].technology
        freq, width = antenna.freq_mhz, antenna.width_mhz
        ac = technology == "802.11ac"
        if technology not in _WIFI or freq is None or width is None:
            return None
        band = wifi_band(freq, width, ac)
        if not band:
            return None
        primary = _primary_mhz(freq, width)
        near = kind == "sector" or self.links[part].a.site == tower.site
        distance = self.furthest.get((tower.site, part), 0.0) if kind == "sector" else self.links[part].distance_m
        power = antenna.tx_power_dbm
        radio = self.catalogue.radios[kit.radio]
        streams, least = radio.streams, radio.least_tx_power_dbm
        weak = not antenna.closed and below_least_power(power, least)
        silent = weak or antenna.closed
        owner = self.found.towers[self.links[part].a.site].names["link", part] if kind == "link" else ""
        return RadioSettings(
            mode="ap" if near else "sta",
            band=band,
            channel=round((primary - (5000 if band == "5g" else 2407)) / 5),
            primary_mhz=primary,
            extension={20.0: "", 40.0: "Ce", 80.0: "Ceee"}[width],
            width_mhz=round(width),
            htmode=htmode(band, width, ac),
            ac=ac,
            total_dbm=None if silent else power,
            chain_dbm=None if power is None or silent else chain_power(power, streams),
            distance_m=max(_LEAST_DISTANCE_M, 100 * math.ceil(distance / 100.0)),
            distance_km=max(1, math.ceil(distance / 1000.0)),
            ssid=network_name(owner or tower.names[kind, part]),
            wpa3=wpa3(self.catalogue, kit, *(self._clients(tower.site, part) if kind == "sector" else ())),
            bridged=kind == "link",
            limit=antenna.legal,
            centre_mhz=freq,
            least_dbm=least if weak else None,
            closed=antenna.closed,
            caution=antenna.caution,
        )

    def _clients(self, site: str, sector: str) -> list[Kit | None]:
        """Return the kits of all who speak with a sector; the usual one where nobody does yet."""
        plan = self.plan
        heard = next((one.kit for one in plan.sites[site].sectors if one.id == sector), plan.kits.access)
        keys = self.client_kits.get((site, sector), set()) or {usual_client(plan, self.catalogue, heard)}
        return [self.catalogue.kits.get(key) for key in keys]


def wifi_band(freq_mhz: float, width_mhz: float, ac: bool) -> str:
    """Return the band of a channel that a Wi-Fi system can be set to by its number; empty where it is none.

    A system knows the middle of a wide channel by its first 20 MHz alone, so a middle beside the standard's would
    come out as another channel. 802.11n has no 80 MHz, 2.4 GHz no 802.11ac.
    """
    if freq_mhz > 5000.0:
        wide_enough = width_mhz in ((20.0, 40.0, 80.0) if ac else (20.0, 40.0))
        return "5g" if wide_enough and freq_mhz in WIFI_CENTRES_MHZ[width_mhz] else ""
    first, last = (freq_mhz + side * (width_mhz - 20.0) / 2.0 for side in (-1, 1))
    named = width_mhz in (20.0, 40.0) and (first - _FIRST_2G_MHZ) % 5.0 == 0.0
    return "2g" if named and first >= _FIRST_2G_MHZ and last <= _LAST_2G_MHZ else ""


def htmode(band: str, width_mhz: float, ac: bool) -> str:
    """Return what OpenWrt calls the width of a channel as one radio uses it."""
    if band == "2g":  # there the system itself would go on below from channel 7 on
        return "HT40+" if width_mhz == 40.0 else "HT20"
    return f"{'VHT' if ac else 'HT'}{width_mhz:.0f}"


def _primary_mhz(freq_mhz: float, width_mhz: float) -> int:
    """Return the middle of the first 20 MHz of a channel, by whose number radios call it."""
    return round(freq_mhz - (width_mhz - 20.0) / 2.0)
