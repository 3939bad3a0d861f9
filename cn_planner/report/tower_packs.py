"""The pack of each tower: what hangs where, which cable goes into which port, what the wind does, what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING

from cn_planner.economics.costs import opening_cost
from cn_planner.economics.hotspot_gear import hotspot_radios
from cn_planner.economics.tower_gear import (
    Hung,
    box_of,
    by_satellite_w,
    injector_of,
    load_of,
    own_injectors,
    run_m,
    sockets,
)
from cn_planner.message import msg
from cn_planner.model.gateways import is_gateway
from cn_planner.model.plan import PowerSource
from cn_planner.report.cards import AS_PLANNED_DB, turned_deg
from cn_planner.report.landmarks import horizon_of, names_seen
from cn_planner.report.names import dns_label
from cn_planner.report.tower_records import (
    AlignmentCard,
    CostPart,
    GuyLevel,
    NamedPart,
    PortUse,
    TowerPack,
    TowerRadio,
    WindLoad,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cn_planner.economics.costs import UnitCosts
    from cn_planner.economics.prices import Cost
    from cn_planner.economics.tower_gear import Socket
    from cn_planner.model.equipment import Catalogue, Item, Kit, Mast
    from cn_planner.model.plan import Site
    from cn_planner.report.address_records import DeviceSettings, NameRecord
    from cn_planner.report.deployment import AntennaRecord, BomLine, LinkRecord, SiteRecord
    from cn_planner.report.landmarks import Sighted
    from cn_planner.report.power_records import PowerRecord
    from cn_planner.report.radios import Field

AIR_KG_M3 = 1.225
"""At sea level and 15 °C (ISO 2533); higher up the air is thinner, and pushes less."""
FLAT_PLATE = 1.2
"""Force coefficient of a flat plate about as wide as high (ANSI/TIA-222-H, table 2-9): a dish has no more."""
EARTH_OHM = 10.0
"""IEC 62305-3, 5.4.1: if possible lower than 10 ohm, measured at low frequency."""
PLUMB_SHARE = 1.0 / 400.0
"""ANSI/TIA-222-H, 13.6.1: out of plumb by no more than so much of the height."""
FUSES_A = (2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0)
"""Sizes of blade and midi fuses (ISO 8820-3, 8820-5)."""
FUSE_TIMES = 1.25
"""A load that lasts: NFPA 70, 215.3."""
_STEP_DEG = 10
_WHOLE = 1e-9


@dataclass(frozen=True, slots=True)
class PackInputs:
    """What the packs are made of beside the field: records that are there already, and the prices."""

    costs: UnitCosts
    sites: Sequence[SiteRecord]
    antennas: Sequence[AntennaRecord]
    links: Sequence[LinkRecord]
    cards: Sequence[AlignmentCard]
    power: Sequence[PowerRecord]
    names: Sequence[NameRecord]
    devices: Sequence[DeviceSettings]
    site_bom: Sequence[BomLine]
    masts: Mapping[str, Mast]
    capital: Mapping[str, Cost]
    """Of each site, with its ends of links."""
    sights: Sequence[Sighted]


def tower_packs(field: Field, given: PackInputs) -> tuple[TowerPack, ...]:
    """Return a pack for each tower of the network, by phase, then name."""
    records = {one.id: one for one in given.sites}
    packs = [_Tower(field, given, site, records[key]).pack() for key, site in field.net.sites.items()]
    return tuple(sorted(packs, key=lambda one: (one.phase or math.inf, one.name, one.site)))


def systems_of(device: DeviceSettings) -> tuple[str, ...]:
    """Return for which systems a radio has draft settings."""
    if device.radio is None:
        return ()
    return tuple(
        name for name, has in (("openwrt", device.image), ("routeros", device.routeros), ("airos", device.airos)) if has
    )


def letter_of(number: int) -> str:
    """Return the letter of a radio, counted from 0: A to Z, then AA."""
    return (letter_of(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def fuse_a(current_a: float) -> float | None:
    """Return the next size of fuse for a current that lasts; None where none is large enough."""
    return next((size for size in FUSES_A if size >= FUSE_TIMES * current_a - _WHOLE), None)


def push_n(area_m2: float, wind_ms: float) -> float:
    """Return with what the wind pushes an area."""
    return 0.5 * AIR_KG_M3 * wind_ms**2 * FLAT_PLATE * area_m2


def _aims(antennas: Iterable[AntennaRecord]) -> Iterator[float]:
    return (one.azimuth_deg for one in antennas if one.azimuth_deg is not None)


def anchor_directions(aims_deg: Iterable[float]) -> tuple[float, ...]:
    """Return three directions a third of a turn apart, in whole tens, as clear of what radios look at as can be."""
    aims = list(aims_deg)

    def clear(first: int) -> float:
        sides = (first + turn for turn in (0, 120, 240))
        return min((abs(turned_deg(aim, side)) for side in sides for aim in aims), default=0.0)

    first = max(range(0, 120, _STEP_DEG), key=lambda one: (clear(one), -one))
    return tuple(float(first + turn) for turn in (0, 120, 240))


def guy_levels(mast: Mast) -> tuple[GuyLevel, ...]:
    """Return the guys of a mast: the lowest levels go to the inner ring, as many to each as there are."""
    each = math.ceil(len(mast.guys_m) / len(mast.anchors_m)) if mast.anchors_m else 1
    found = []
    for number, height in enumerate(sorted(mast.guys_m)):
        far = mast.anchors_m[min(number // each, len(mast.anchors_m) - 1)]
        found.append(GuyLevel(height, far, math.hypot(height, far)))
    return tuple(found)


class _Tower:
    """One tower while its pack is made."""

    def __init__(self, field: Field, given: PackInputs, site: Site, record: SiteRecord) -> None:
        self.field, self.given, self.site, self.record = field, given, site, record
        self.catalogue: Catalogue = given.costs.catalogue
        self.plan = field.plan
        self.bill = tuple(line for line in given.site_bom if line.site == site.id)
        self.antennas = [one for one in given.antennas if one.site == site.id]
        self.hung = [self._hung(one) for one in self.antennas]
        self.hotspot = hotspot_radios(self.plan, self.catalogue, site)
        bought = self.bill and not own_injectors(site)
        self.box = box_of(given.costs, site, self._known()) if bought else None
        self.sockets = sockets(given.costs, site, self._known()) if bought else []

    def _known(self) -> list[Hung]:
        return [*(one for one in self.hung if one is not None), *self.hotspot]

    def _hung(self, antenna: AntennaRecord) -> Hung | None:
        kit = self._kit(antenna)
        return None if kit is None else Hung(kit, antenna.height_m or 0.0)

    def _kit(self, antenna: AntennaRecord) -> Kit | None:
        kits = self.plan.kits
        if antenna.task == "backhaul":
            key = self.plan.links[antenna.id].kit or kits.backhaul
        else:
            key = next((one.kit for one in self.site.sectors if one.id == antenna.id), "") or kits.access
        return self.catalogue.kits.get(key)

    def pack(self) -> TowerPack:
        """Return the pack."""
        site, record, given = self.site, self.record, self.given
        mast = given.masts.get(site.id)
        radios = self._radios()
        power = next((one for one in given.power if one.site == site.id), None)
        load = load_of(given.costs, site, self._known())
        solar = site.power is not PowerSource.GRID
        system_v = self.plan.power.system_v
        charge_a = 0.0 if power is None else power.controller_a or 0.0
        switch = None if self.box is None or not self.box.switch else self.catalogue.items[self.box.switch]
        router = self.catalogue.gear.router
        declination = self.antennas[0].declination_deg if self.antennas else None
        cost = given.capital.get(site.id)
        door = next((one for one in given.devices if one.site == site.id and one.kind == "router"), None)
        top = max([0.0 if mast is None else mast.height_m, site.mast_height_m or 0.0])
        return TowerPack(
            site=site.id,
            name=site.name or site.id,
            latitude=site.latitude,
            longitude=site.longitude,
            ground_m_amsl=record.ground_m_amsl,
            phase=record.phase,
            homes=record.homes,
            hazard=site.hazard,
            access=site.access,
            stands=mast is None,
            mast="" if mast is None else mast.name,
            top_m=top,
            used_m=site.mast_height_m or 0.0,
            guys=() if mast is None else guy_levels(mast),
            anchors_m=() if mast is None else mast.anchors_m,
            anchors_deg=anchor_directions(_aims(self.antennas)) if mast and mast.anchors_m else (),
            declination_deg=declination,
            date=self.field.date,
            radios=radios,
            router=self.catalogue.items[router].name if router and self._bought(router) else "",
            gateway=is_gateway(site),
            switch="" if switch is None else switch.name,
            switch_ports=0 if switch is None else switch.ports,
            switches=0 if self.box is None else self.box.switches,
            ports=self._ports(radios, 0 if switch is None else switch.ports),
            feed_v=0.0 if switch is None else switch.nominal_v,
            system_v=system_v,
            solar=solar,
            load_w=load,
            wh_day=24.0 * load,
            power=power,
            parts=self._parts(),
            load_fuse_a=fuse_a((load - by_satellite_w(self.plan, site)) / system_v),
            battery_fuse_a=fuse_a(max(charge_a, load / system_v)),
            wind=self._wind(radios),
            earth_ohm=EARTH_OHM,
            plumb_mm=1000.0 * PLUMB_SHARE * top,
            money=() if cost is None else self._money(cost),
            cost=0.0 if cost is None else cost.total,
            switch_ipv4="" if door is None or switch is None else str(IPv4Interface(door.management_ipv4).network[2]),
            router_device="" if door is None else door.name,
            router_ipv4="" if door is None else door.management_ipv4.split("/")[0],
            laptop_ipv4="" if door is None else self._laptop(door),
            management_vlan=0 if door is None else door.management_vlan,
        )

    def _laptop(self, door: DeviceSettings) -> str:
        """Return the highest address of a tower's management range that no device has, with its length."""
        whole = IPv4Interface(door.management_ipv4).network
        taken = {one.management_ipv4 for one in self.given.names if one.site == self.site.id}
        free = (whole[number] for number in range(whole.num_addresses - 2, 2, -1))
        return next((f"{one}/{whole.prefixlen}" for one in free if str(one) not in taken), "")

    def _bought(self, item: str) -> float:
        return math.fsum(line.quantity for line in self.bill if line.item == item)

    def _radios(self) -> tuple[TowerRadio, ...]:
        cards = {(one.site, one.antenna): one for one in self.given.cards}
        links = {one.id: one for one in self.given.links}
        names = {(one.kind, one.part): one for one in self.given.names if one.site == self.site.id}
        devices = {one.name: one for one in self.given.devices if one.site == self.site.id}
        initial = (dns_label(self.site.name) or dns_label(self.site.id) or "x")[0].upper()
        waiting = list(self.sockets)
        found = []
        for number, (antenna, hung) in enumerate(zip(self.antennas, self.hung, strict=True)):
            letter, link = letter_of(number), links.get(antenna.id) if antenna.towards else None
            socket = waiting.pop(0) if waiting and hung is not None else None
            injector = None if hung is None else injector_of(self.catalogue, hung.kit)
            area = None if hung is None else self._area(hung.kit)
            wind = self.plan.area.wind_ms
            card = cards[antenna.site, antenna.id]
            looks = link is not None
            name = names.get(("link" if looks else "sector", antenna.id))
            found.append(
                TowerRadio(
                    letter=letter,
                    card=card,
                    over_dbm=_over_dbm(card),
                    device="" if name is None else name.name,
                    homes=antenna.homes,
                    distance_m=None if link is None else link.distance_m,
                    cable_m=math.ceil(run_m(self.plan, antenna.height_m or 0.0) - _WHOLE),
                    label=f"{initial}-{letter}",
                    switch=0 if socket is None else socket.switch,
                    port=0 if socket is None else socket.port,
                    fed=socket is not None and socket.fed,
                    injector="" if injector is None or (socket is not None and socket.fed) else injector.name,
                    arresters=self._arresters(hung),
                    wind_area_m2=area,
                    push_n=None if area is None or wind is None else push_n(area, wind),
                    rate_mbps=_lesser(link),
                    beam_deg=None if looks else antenna.beamwidth_az_deg,
                    managed_ipv4="" if name is None else name.management_ipv4,
                    vlan=0 if name is None else name.vlan or 0,
                    systems=() if name is None or name.name not in devices else systems_of(devices[name.name]),
                    horizon=horizon_of(self.field, antenna) if looks else (),
                    seen=names_seen(self.field, antenna, self.given.sights) if looks else (),
                )
            )
        found += [self._phones(number, len(found), waiting, initial) for number in range(len(self.hotspot))]
        return tuple(found)

    def _phones(self, number: int, before: int, waiting: list[Socket], initial: str) -> TowerRadio:
        """Return a radio of the tower's hotspot: they look all round, and have no card of their own."""
        hung, letter = self.hotspot[number], letter_of(before + number)
        socket = waiting.pop(0) if waiting else None
        kit, turn = hung.kit, 360.0 * number / len(self.hotspot)
        radio, antenna = self.catalogue.radios[kit.radio], self.catalogue.antennas[kit.antenna]
        injector, area, wind = injector_of(self.catalogue, kit), self._area(kit), self.plan.area.wind_ms
        alike = len(self.hotspot) == 1
        card = AlignmentCard(
            site=self.site.id, site_name=self.site.name, antenna=f"hotspot {number + 1}", task="phones", towards="",
            towards_name="", model=f"{radio.maker} {radio.name} · {antenna.name}", height_m=hung.height_m,
            azimuth_deg=None if alike else turn,
            azimuth_magnetic_deg=None if alike else self.field.compass(self.site.id, turn), tilt_deg=0.0,
            freq_mhz=kit.freq_mhz, width_mhz=kit.width_mhz, tx_power_dbm=None, landmark=None, tested_with="",
            tested_at_m=None, expected_dbm=None, accept_dbm=None, reject_dbm=None,
        )  # fmt: skip
        return TowerRadio(
            letter=letter, card=card, over_dbm=None, device="", homes=0.0, distance_m=None,
            cable_m=math.ceil(run_m(self.plan, hung.height_m) - _WHOLE), label=f"{initial}-{letter}",
            switch=0 if socket is None else socket.switch, port=0 if socket is None else socket.port,
            fed=socket is not None and socket.fed,
            injector="" if injector is None or (socket is not None and socket.fed) else injector.name,
            arresters=self._arresters(hung), wind_area_m2=area,
            push_n=None if area is None or wind is None else push_n(area, wind), rate_mbps=None,
            beam_deg=antenna.serves_deg,
        )  # fmt: skip

    def _arresters(self, hung: Hung | None) -> int:
        wanted = self.catalogue.gear.named.get("arrester", "")
        parts = () if hung is None or not self._bought(wanted) else hung.kit.parts
        return int(sum(part.quantity for part in parts if part.item == wanted))

    def _area(self, kit: Kit) -> float | None:
        """Return what a kit's radio and antenna hold against the wind; None where no source gives it."""
        radio, antenna = self.catalogue.radios[kit.radio], self.catalogue.antennas[kit.antenna]
        if radio.antenna == kit.antenna:  # one body
            return radio.wind_area_m2 if radio.wind_area_m2 is not None else antenna.wind_area_m2
        both = (radio.wind_area_m2, antenna.wind_area_m2)
        return None if None in both else math.fsum(one or 0.0 for one in both)

    def _wind(self, radios: Sequence[TowerRadio]) -> WindLoad:
        wind, carries = self.plan.area.wind_ms, self.site.mast_carries_n
        known = math.fsum(one.wind_area_m2 or 0.0 for one in radios)
        unknown = tuple(dict.fromkeys(one.card.model for one in radios if one.wind_area_m2 is None))
        push = None if wind is None or unknown or not radios else push_n(known, wind)
        share = None if push is None or not carries else 100.0 * push / carries
        return WindLoad(wind, known, unknown, push, carries, share)

    def _ports(self, radios: Sequence[TowerRadio], ports: int) -> tuple[PortUse, ...]:
        """Return what goes into each port: radios from the first on, the way to the router last."""
        if self.box is None or not ports:
            return ()
        used = {(one.switch, one.port): one.letter for one in radios if one.port}
        found = []
        for number in range(1, self.box.switches + 1):
            for port in range(1, ports + 1):
                radio = used.get((number, port), "")
                if radio:
                    found.append(PortUse(number, port, "radio", radio))
                elif port == ports:
                    found.append(PortUse(number, port, "router" if number == 1 else "switch", other=number - 1))
                elif port == ports - 1 and number < self.box.switches:
                    found.append(PortUse(number, port, "switch", other=number + 1))
                else:
                    found.append(PortUse(number, port, "free"))
        return tuple(found)

    def _parts(self) -> tuple[NamedPart, ...]:
        """Return the parts that drawings name, each as often as the tower's own bill has it."""
        items = self.catalogue.items
        found = [
            NamedPart(what, item, items[item].name, self._bought(item))
            for what, item in self.catalogue.gear.named.items()
            if self._bought(item)
        ]
        for line in self.bill:
            found += [NamedPart(what, line.item, line.name, line.quantity) for what in _feeds(items[line.item])]
        mains = {part.item for part in self.catalogue.grid_parts}
        found += [
            NamedPart("mains", line.item, line.name, line.quantity)
            for line in self.bill
            if line.item in mains and self.site.power is PowerSource.GRID and items[line.item].battery_ah == 0.0
        ]
        return tuple(found)

    def _money(self, cost: Cost) -> tuple[CostPart, ...]:
        """Return what the tower costs by its parts: they add up to the cent."""
        opening = round(100.0 * opening_cost(self.site))
        lines = (
            ("goods", msg("Goods"), cost.goods_cents),
            ("spares", msg("Spare cable"), cost.spares_cents),
            ("customs", msg("Customs and taxes"), cost.customs_cents),
            ("transport", msg("Transport"), cost.transport_cents),
            ("labour", msg("Work"), cost.labour_cents),
            ("trips", msg("Trips"), cost.trips_cents),
            ("place", msg("Path and place"), cost.place_cents - opening),
            ("opening", msg("To open the Internet connection"), opening),
            ("contingency", msg("Not foreseen"), cost.contingency_cents),
        )
        return tuple(CostPart(key, title, amount / 100.0) for key, title, amount in lines if amount)


def _feeds(item: Item) -> Iterator[str]:
    """Yield what an item is of a set from the sun."""
    if item.panel_wp:
        yield "panel"
    if item.battery_ah:
        yield "battery"
    if item.charge_a:
        yield "controller"


def _over_dbm(card: AlignmentCard) -> float | None:
    """Return the level above which it is not as planned: one that harms the radio never is."""
    if card.expected_dbm is None:
        return None
    return min(card.expected_dbm + AS_PLANNED_DB, math.inf if card.bears_dbm is None else card.bears_dbm)


def _lesser(link: LinkRecord | None) -> float | None:
    rates = [] if link is None else [one for one in (link.a.rate_mbps, link.b.rate_mbps) if one is not None]
    return min(rates, default=None)


def public_pack(pack: TowerPack, cards: Sequence[AlignmentCard]) -> TowerPack:
    """Return a pack for the public: with the cards as they may be shown, without settings and places of homes."""
    shown = {(one.site, one.antenna): one for one in cards}
    radios = []
    for one in pack.radios:
        card = shown.get((one.card.site, one.card.antenna), one.card)
        seen = tuple(name for name in one.seen if not name.private)
        over = None if card.expected_dbm is None else one.over_dbm
        shut = replace(one, device="", managed_ipv4="", vlan=0, systems=())
        radios.append(replace(shut, card=card, over_dbm=over, seen=seen))
    shown_pack = replace(pack, radios=tuple(radios), hazard="", access="")
    return replace(shown_pack, switch_ipv4="", router_device="", router_ipv4="", laptop_ipv4="", management_vlan=0)
