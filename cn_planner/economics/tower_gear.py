"""What the radios of a tower hang on: router, switch, injectors, leads and power, by what really hangs there.

Each radio has a cable of its own, as long as its run: from the antenna down, and on to the box. The switch has a port
for each radio and one for the router; of several switches each takes a port of its neighbour. A radio that runs on the
voltage of the switch is fed by it; another, or one for which no port that feeds is left, has its kit's injector.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.economics.power_ladder import ladder_of
from cn_planner.economics.solar_sets import parts_of_set
from cn_planner.economics.wires import Drop, ethernet_drop
from cn_planner.model.equipment import ItemClass, Part
from cn_planner.model.gateways import connection_of, is_gateway, uplink_kind
from cn_planner.model.plan import PowerSource, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.economics.prices import Prices
    from cn_planner.model.equipment import Catalogue, Item, Kit
    from cn_planner.model.plan import Link, Plan, Site
    from cn_planner.model.power import SolarSet


class Hung(NamedTuple):
    """A radio at a tower."""

    kit: Kit
    height_m: float


class Box(NamedTuple):
    """What stands in the box of a tower: the switches, which radios they feed, and all that is bought for it."""

    switch: str
    switches: int
    fed: tuple[bool, ...]
    parts: tuple[Part, ...]


class Socket(NamedTuple):
    """Where the cable of a radio ends: the switch, counted from 1, its port, and whether that feeds the radio."""

    switch: int
    port: int
    fed: bool


def hung_at(plan: Plan, catalogue: Catalogue, site: Site, links: Iterable[Link]) -> list[Hung]:
    """Return the radios of a tower: its sectors, and its ends of links that stand. Kits off the shelf are left out."""
    top = site.mast_height_m or 0.0
    ends = [(one.kit or plan.kits.access, top if one.height_m is None else one.height_m) for one in site.sectors]
    for link in links:
        for end, height in ((link.from_site, link.from_height_m), (link.to_site, link.to_height_m)):
            if end == site.id:
                ends.append((link.kit or plan.kits.backhaul, top if height is None else height))
    return [Hung(catalogue.kits[kit], height) for kit, height in ends if kit in catalogue.kits]


def injector_of(catalogue: Catalogue, kit: Kit) -> Item | None:
    """Return the injector among the parts of a kit."""
    for part in kit.parts:
        item = catalogue.items[part.item]
        if item.item_class is ItemClass.POWER and item.nominal_v and not item.charge_a:
            return item
    return None


def supply_v(plan: Plan, catalogue: Catalogue, kit: Kit) -> float:
    """Return the voltage on a kit's cable: its injector's, else the batteries'."""
    injector = injector_of(catalogue, kit)
    return plan.power.system_v if injector is None else injector.nominal_v


def run_m(plan: Plan, height_m: float) -> float:
    """Return the length of the cable of an antenna: down the mast, and on to the box."""
    return height_m + plan.power.run_m


def drop_of(plan: Plan, catalogue: Catalogue, one: Hung) -> Drop | None:
    """Return what the cable of a radio takes; None where it cannot carry what the radio draws."""
    power, volts = catalogue.radio_power_w(one.kit), supply_v(plan, catalogue, one.kit)
    return ethernet_drop(power, volts, run_m(plan, one.height_m))


def parts_of_end(plan: Plan, catalogue: Catalogue, one: Hung, *, own_injector: bool = False) -> tuple[Part, ...]:
    """Return what a radio at a tower needs: its kit with a cable of its run, and without the injector of the kit.

    Injectors are counted with the box of the tower, but where nothing is bought for that.
    """
    injector = None if own_injector or not catalogue.gear.switches else injector_of(catalogue, one.kit)
    found = []
    for part in one.kit.parts:
        if injector is not None and part.item == injector.id:
            continue
        cut = part.item == catalogue.gear.run_cable
        found.append(Part(part.item, float(math.ceil(run_m(plan, one.height_m) - 1e-9))) if cut else part)
    return tuple(found)


def box_of(prices: Prices, site: Site, hung: Sequence[Hung]) -> Box:
    """Return what stands in the box of a tower for its radios: the cheapest switch with injectors and leads that do."""
    catalogue, gear = prices.catalogue, prices.catalogue.gear
    router = (Part(gear.router, 1.0),) if gear.router else ()
    if not gear.switches:
        return Box("", 0, (False,) * len(hung), router)
    found = []
    for key in gear.switches:
        switch = catalogue.items[key]
        count = switches_for(len(hung), switch.ports)
        taken = 2 * count - 1
        room = count * switch.poe_ports - max(0, taken - count * (switch.ports - switch.poe_ports))
        parts = [*router, Part(key, float(count))]
        injectors: dict[str, float] = {}
        fed: list[bool] = []
        for one in hung:
            injector = injector_of(catalogue, one.kit)
            suits = injector is not None and math.isclose(injector.nominal_v, switch.nominal_v)
            fed.append(suits and sum(fed) < room)
            if injector is not None and not fed[-1]:
                injectors[injector.id] = injectors.get(injector.id, 0.0) + 1.0
        parts += [Part(item, number) for item, number in injectors.items()]
        if gear.patch_lead:
            inward = 1 if is_gateway(site) else 0
            parts.append(Part(gear.patch_lead, count + sum(injectors.values()) + inward))
        found.append((prices.of(parts).total_cents, key, Box(key, count, tuple(fed), tuple(parts))))
    return min(found, key=lambda one: one[:2])[2]


def switches_for(radios: int, ports: int) -> int:
    """Return how many switches of so many ports a box has for so many radios.

    One port leads to the router, and each further switch takes one of its own and one of the switch before.
    """
    return max(1, math.ceil((radios - 1) / max(ports - 2, 1)))


def sockets(prices: Prices, site: Site, hung: Sequence[Hung]) -> list[Socket]:
    """Return the port of each radio; empty where no switch is bought.

    Radios take the first ports of a switch, one after the other, those that it feeds ports that feed. Its last port
    leads to the router or to the switch before, the one ahead of that to the switch after: a radio more moves nothing.
    """
    box = box_of(prices, site, hung)
    if not box.switches:
        return []
    switch = prices.catalogue.items[box.switch]
    free = [
        (number, port)
        for number in range(1, box.switches + 1)
        for port in range(1, switch.ports - (1 if number == box.switches else 2) + 1)
    ]
    found = []
    for fed in box.fed:
        plain = [place for place in free if place[1] > switch.poe_ports]
        place = free[0] if fed or not plain else plain[0]
        free.remove(place)
        found.append(Socket(*place, fed))
    return found


def by_satellite_w(plan: Plan, site: Site) -> float:
    """Return what the satellite terminal at a site draws, W; 0 where the Internet does not enter there that way."""
    door = connection_of(site)
    return plan.power.satellite_w if door is not None and uplink_kind(door) == "satellite" else 0.0


def feeds_itself(catalogue: Catalogue, kit: Kit) -> bool:
    """Return whether a kit brings panels and a battery of its own."""
    items = [catalogue.items[part.item] for part in kit.parts]
    return any(item.panel_wp for item in items) and any(item.battery_ah for item in items)


def radio_w(plan: Plan, catalogue: Catalogue, one: Hung) -> float:
    """Return what a radio draws at its greatest, with what its cable takes, and with what else in its kit draws.

    A cable that cannot carry it takes as much as the radio, as at the longest that just does: more never counts less.
    """
    drop = drop_of(plan, catalogue, one)
    injector = injector_of(catalogue, one.kit)
    # The radio is one of the parts, and counts once: as the kit says.
    own = {one.kit.radio, *(() if injector is None else (injector.id,))}
    others = items_w(catalogue, (part for part in one.kit.parts if part.item not in own))
    power = catalogue.radio_power_w(one.kit)
    return power + (power if drop is None else drop.loss_w) + others


def items_w(catalogue: Catalogue, parts: Iterable[Part]) -> float:
    """Return what parts draw, W."""
    return sum(catalogue.items[part.item].power_w * part.quantity for part in parts if part.item in catalogue.items)


def load_of(
    prices: Prices, site: Site, hung: Sequence[Hung], *, to_feed: bool = False, in_box: Box | None = None
) -> float:
    """Return the load of a tower with its radios, W, all at their greatest.

    ``to_feed``: without radios that bring panels and batteries of their own. ``in_box``: its box, where that is known.
    """
    plan, catalogue = prices.plan, prices.catalogue
    radios = [radio_w(plan, catalogue, one) for one in hung if not (to_feed and feeds_itself(catalogue, one.kit))]
    box = (*catalogue.site_parts, *(in_box or box_of(prices, site, hung)).parts)
    grid = catalogue.grid_parts if site.power is PowerSource.GRID else ()
    return math.fsum((*radios, items_w(catalogue, box), items_w(catalogue, grid), by_satellite_w(plan, site)))


def power_parts(prices: Prices, site: Site, hung: Sequence[Hung], in_box: Box | None = None) -> tuple[Part, ...]:
    """Return what feeds a site with its radios. Where nobody knows what power there is, the sun is counted.

    From the sun that is the set that was chosen for the site as long as it keeps the load, else the cheapest that does.
    """
    if site.power is PowerSource.GRID:
        return prices.catalogue.grid_parts
    return feeding(prices, site, load_of(prices, site, hung, to_feed=True, in_box=in_box))


def feeding(prices: Prices, site: Site, load_w: float) -> tuple[Part, ...]:
    """Return what feeds a load at a site from the sun."""
    chosen = chosen_set(prices, site, load_w)
    return ladder_of(prices).parts(load_w) if chosen is None else parts_of_set(prices, chosen)


def chosen_set(prices: Prices, site: Site, load_w: float) -> SolarSet | None:
    """Return the set that was chosen for a site in the plan; None where there is none, or it does not keep the load."""
    chosen = next((one for one in prices.plan.power.sets if one.site == site.id), None)
    # A set whose items this shelf does not have counts as not chosen: the price of nothing would be a lie.
    known = chosen is not None and {chosen.panel, chosen.battery, chosen.controller} <= prices.catalogue.items.keys()
    return chosen if chosen is not None and known and ladder_of(prices).keeps(chosen, load_w) else None


def set_of(prices: Prices, site: Site, hung: Sequence[Hung]) -> SolarSet | None:
    """Return what feeds a site as a set that is chosen for it; None where that is the mains or several."""
    if site.power is PowerSource.GRID:
        return None
    load = load_of(prices, site, hung, to_feed=True)
    chosen, step = chosen_set(prices, site, load), ladder_of(prices).step(load)
    if chosen is not None or step is None or step[0] > 1:
        return chosen
    return replace(step[1], site=site.id)


def parts_of_box(prices: Prices, site: Site, hung: Sequence[Hung]) -> tuple[Part, ...]:
    """Return what a tower that is not built needs beside mast and radios: its box, and its power."""
    catalogue = prices.catalogue
    box = box_of(prices, site, hung)
    return (*catalogue.site_parts, *box.parts, *power_parts(prices, site, hung, box))


def own_injectors(site: Site) -> bool:
    """Return whether radios at a site come with their injectors: which switch stands in a box of old nobody said."""
    return site.status is Status.BUILT
