"""The cheapest panels, battery and charge controller of the shelf that keep a tower on the sun."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.battery import CHEMISTRY_USE, Uptime, counted_share, panel_wh_per_wp, shortfall_wh, uptime
from cn_planner.economics.sun import HOURS
from cn_planner.economics.wires import copper_drop_pct
from cn_planner.model.equipment import ItemClass, Part
from cn_planner.model.power import SolarSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.economics.prices import Cost, Prices
    from cn_planner.economics.sun import SunYear
    from cn_planner.model.equipment import Catalogue, Item
    from cn_planner.model.power import Power

    Floats = NDArray[np.float64]

MOST_DROP_PCT = 10.0
"""Of the voltage, in a cable from the panels at their greatest."""
MOST_UNITS = 24
"""Panels, or batteries side by side, that a tower has at most: beyond, another way to feed it is looked for."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a set is to the simulation, whatever it is made of.

    ``battery_wh`` and ``battery_ah`` are what the batteries hold when new, ``controller_a`` what their charge
    controllers carry.
    """

    panel_wp: float
    battery_wh: float
    battery_ah: float
    controller_a: float


@dataclass(frozen=True, slots=True)
class SolarChoice:
    """A set for one site, what it costs with transport and the rest, and how long it works."""

    chosen: SolarSet
    size: Size
    cost: Cost
    uptime: Uptime


def size_of_parts(catalogue: Catalogue, parts: tuple[Part, ...], system_v: float) -> Size:
    """Return the size of what feeds a tower, by its parts."""
    wp = wh = amperes = 0.0
    for part in parts:
        item = catalogue.items[part.item]
        wp += part.quantity * item.panel_wp
        wh += part.quantity * item.battery_wh
        amperes += part.quantity * item.charge_a
    return Size(wp, wh, wh / system_v, amperes)


def autonomy_days(power: Power, battery_wh: float, load_w: float) -> float:
    """Return how many days an old battery feeds a load alone; infinite where there is no load."""
    return counted_share(power) * battery_wh / (load_w * HOURS) if load_w > 0.0 else math.inf


def parts_of_set(prices: Prices, chosen: SolarSet) -> tuple[Part, ...]:
    """Return a set from the sun with the mounts of its panels, and as many cables with breakers as these need.

    Each charge controller has panels of its own, by a cable of its own: two that seek the best point of the same panels
    disturb each other.
    """
    catalogue = prices.catalogue
    parts = [Part(chosen.panel, chosen.panels)]
    mount = catalogue.items.get(catalogue.items[chosen.panel].mount)
    if mount is not None and mount.holds_panels:
        parts.append(Part(mount.id, math.ceil(chosen.panels / mount.holds_panels)))
    parts += [Part(chosen.battery, chosen.batteries), Part(chosen.controller, chosen.controllers)]
    panel_wp = chosen.panels * catalogue.items[chosen.panel].panel_wp
    runs = max(chosen.controllers, panel_cables(catalogue, prices.plan.power, panel_wp))
    return (*parts, *(Part(part.item, part.quantity * runs) for part in catalogue.solar_rest))


def panel_cable_m(catalogue: Catalogue) -> float:
    """Return how long a cable from the panels is."""
    return math.fsum(part.quantity for part in catalogue.solar_rest if part.item in panel_cable_items(catalogue))


def panel_cable_items(catalogue: Catalogue) -> set[str]:
    """Return what of a set from the sun is cable."""
    return {part.item for part in catalogue.solar_rest if catalogue.items[part.item].item_class is ItemClass.CABLE}


def panel_cables(catalogue: Catalogue, power: Power, panel_wp: float) -> int:
    """Return how many cables panels need at least, each with breakers of its own: so many that none loses too much.

    Such losses are within those of the plan, which the year is counted with; and what loses more gets hot.
    """
    drop_pct = copper_drop_pct(panel_wp, power.system_v, panel_cable_m(catalogue), power.cable_mm2)
    return max(1, math.ceil(drop_pct / MOST_DROP_PCT - 1e-9))


def uptimes(year: SunYear, power: Power, loads_w: list[float], sizes: list[Size]) -> list[Uptime]:
    """Return how much of its hours each load works with the set of its place in the list."""
    lacks = _shortfall(panel_wh_per_wp(year, power), power, loads_w, sizes)
    return [uptime(lacks[:, n], load, year.panel_kwh_m2_day) for n, load in enumerate(loads_w)]


def _shortfall(gain_wh_per_wp: Floats, power: Power, loads_w: list[float], sizes: list[Size]) -> Floats:
    return shortfall_wh(
        gain_wh_per_wp,
        np.array(loads_w),
        np.array([one.panel_wp for one in sizes]),
        np.array([one.battery_wh for one in sizes]) * counted_share(power),
        CHEMISTRY_USE[power.chemistry].efficiency,
    )


def _priced(catalogue: Catalogue, item: Item) -> bool:
    """Return whether an item, and what carries it, has a price: of what has none nobody can say that it is cheap."""
    return item.price is not None and (not item.mount or catalogue.items[item.mount].price is not None)


def _batteries(catalogue: Catalogue, power: Power) -> Iterator[tuple[Item, int]]:
    """Yield the batteries of the shelf that suit, with how many of them in a row give the voltage."""
    for item in catalogue.items.values():
        row = power.system_v / item.nominal_v if item.nominal_v else 0.0
        suits = item.battery_ah and item.chemistry == power.chemistry and row >= 1.0 and math.isclose(row, round(row))
        if suits and _priced(catalogue, item):
            yield item, round(row)


def _controllers(catalogue: Catalogue, power: Power) -> list[Item]:
    return [
        item
        for item in catalogue.items.values()
        if item.charge_a and math.isclose(item.nominal_v, power.system_v) and _priced(catalogue, item)
    ]


@dataclass(frozen=True, slots=True)
class _Bank:
    """So many panels with the charge controllers that cost least, for a load, and a battery to choose the number of.

    ``row`` batteries in a row give the voltage; fewer rows than ``least`` do not last as long as the plan asks for.
    """

    load_w: float
    panel: Item
    panels: int
    controller: Item
    controllers: int
    battery: Item
    row: int
    least: int

    def with_rows(self, rows: int) -> SolarSet:
        """Return the set with so many rows of batteries."""
        return SolarSet("", self.panel.id, self.panels, self.battery.id, rows * self.row, self.controller.id,
                        self.controllers)  # fmt: skip

    def size(self, rows: int) -> Size:
        """Return the size of the set with so many rows of batteries."""
        wh, ah = rows * self.row * self.battery.battery_wh, rows * self.battery.battery_ah
        return Size(self.panels * self.panel.panel_wp, wh, ah, self.controllers * self.controller.charge_a)


def _banks(costs: Prices, power: Power, load_w: float, most_wp: float) -> Iterator[_Bank]:
    """Yield what the shelf offers for a load: each number of panels with each battery that suits."""
    catalogue = costs.catalogue
    need_wh = power.autonomy_days * load_w * HOURS / counted_share(power)
    controllers = _controllers(catalogue, power)
    for panel in (
        item for item in catalogue.items.values() if item.panel_wp and _priced(catalogue, item) and controllers
    ):
        for count in range(1, min(MOST_UNITS, max(1, math.ceil(most_wp / panel.panel_wp))) + 1):
            number, controller = _carrying(costs, power, controllers, count * panel.panel_wp)
            for battery, row in _batteries(catalogue, power):
                least = max(1, math.ceil(need_wh / (battery.battery_wh * row) - 1e-9))
                if least <= MOST_UNITS:
                    yield _Bank(load_w, panel, count, controller, number, battery, row, least)


def _carrying(costs: Prices, power: Power, controllers: list[Item], panel_wp: float) -> tuple[int, Item]:
    """Return the charge controllers that carry panels for the least, with the cables that they ask for, and how many.

    One that tracks limits its own current: what the panels give at the battery's voltage is enough.
    """
    rest, cables = costs.catalogue.solar_rest, panel_cables(costs.catalogue, power, panel_wp)

    def key(pair: tuple[int, Item]) -> tuple[int, int, str]:
        number, one = pair
        runs = max(number, cables)
        parts = (Part(one.id, number), *(Part(part.item, part.quantity * runs) for part in rest))
        return costs.of(parts).total_cents, number, one.id

    return min(((math.ceil(panel_wp / power.system_v / one.charge_a - 1e-9), one) for one in controllers), key=key)


@dataclass(frozen=True, slots=True, eq=False)
class _Offer:
    """A bank with so many rows of batteries, what it costs, and what the load then lacks in each month."""

    bank: _Bank
    rows: int
    cost: Cost
    lacks_wh: Floats

    @property
    def key(self) -> tuple[int, float, str, str]:
        """By which the best is chosen."""
        return self.cost.total_cents, float(self.lacks_wh.sum()), self.bank.panel.id, self.bank.battery.id


def _tried(costs: Prices, gain_wh_per_wp: Floats, cases: list[tuple[_Bank, int]]) -> list[_Offer]:
    """Return banks with rows of batteries as they went through the year."""
    if not cases:
        return []
    power, sizes = costs.plan.power, [bank.size(rows) for bank, rows in cases]
    lacks = _shortfall(gain_wh_per_wp, power, [bank.load_w for bank, _ in cases], sizes)
    return [_Offer(bank, rows, _cost(costs, bank, rows), lacks[:, n]) for n, (bank, rows) in enumerate(cases)]


def _cost(costs: Prices, bank: _Bank, rows: int) -> Cost:
    return costs.of(parts_of_set(costs, bank.with_rows(rows)))


def cheapest_sets(costs: Prices, year: SunYear, loads_w: Mapping[str, float]) -> dict[str, SolarChoice]:
    """Return the cheapest set of each site that keeps the uptime and the autonomy that the plan asks for.

    Parameters
    ----------
    costs : Prices
        The plan's rates and the shelf's prices.
    year : SunYear
        The sun.
    loads_w : mapping of site to W
        All round the clock.

    Returns
    -------
    dict
        A site for which the shelf has no such set is not in it. Of equal sets the one with more uptime, then the first
        by its items.

    Notes
    -----
    More batteries are never less uptime and never cost less. So each number of panels is tried with the fewest
    batteries that last, where none of these does with the most; and with more only as long as that costs less than a
    set that does.
    """
    power = costs.plan.power
    gain = panel_wh_per_wp(year, power)

    def keeps(offer: _Offer) -> bool:
        hours = (1.0 - power.uptime_pct / 100.0) * len(gain) + 1e-6  # a hair of rounding is no outage
        return float(offer.lacks_wh.sum()) <= hours * offer.bank.load_w

    best: dict[float, _Offer] = {}

    def look(offers: list[_Offer]) -> None:
        for one in offers:
            before = best.get(one.bank.load_w)
            if keeps(one) and (before is None or one.key < before.key):
                best[one.bank.load_w] = one

    loads = sorted(set(loads_w.values()))
    banks = [bank for load in loads for bank in _banks(costs, power, load, _most_wp(gain, year, load))]
    first = _tried(costs, gain, [(bank, bank.least) for bank in banks])
    look(first)
    look(_tried(costs, gain, [(bank, MOST_UNITS) for bank in banks if bank.load_w not in best]))
    more: list[tuple[_Bank, int]] = []
    for offer in first:
        found = best.get(offer.bank.load_w)
        if found is None or keeps(offer):
            continue
        for rows in range(offer.rows + 1, MOST_UNITS + 1):
            if _cost(costs, offer.bank, rows).total_cents > found.cost.total_cents:
                break
            more.append((offer.bank, rows))
    look(_tried(costs, gain, more))
    chosen = {}
    for site, load in loads_w.items():
        if load in best:
            one = best[load]
            works = uptime(one.lacks_wh, load, year.panel_kwh_m2_day)
            chosen[site] = SolarChoice(
                replace(one.bank.with_rows(one.rows), site=site), one.bank.size(one.rows), one.cost, works
            )
    return chosen


def sets_by_days(costs: Prices, loads_w: Sequence[float]) -> list[SolarSet | None]:
    """Return for each load the cheapest set that lasts as long as the plan asks for, where nobody knows the sun.

    Panels are in proportion to those of the shelf's usual set, which is for a load of its own. None where the shelf
    has no such set. Of equal sets the first by its items.
    """
    catalogue, power = costs.catalogue, costs.plan.power
    usual = size_of_parts(catalogue, catalogue.solar_parts, power.system_v).panel_wp / catalogue.gear.solar_for_w
    found: list[SolarSet | None] = []
    for load in loads_w:
        wanted, best = usual * load, None
        for bank in _banks(costs, power, load, wanted):
            if bank.panels * bank.panel.panel_wp >= wanted - 1e-9:
                key = _cost(costs, bank, bank.least).total_cents, bank.panel.id, bank.battery.id
                if best is None or key < best[0]:
                    best = key, bank.with_rows(bank.least)
        found.append(None if best is None else best[1])
    return found


def kept_loads(costs: Prices, year: SunYear | None, parts: tuple[Part, ...], loads_w: Sequence[float]) -> list[bool]:
    """Return which loads a set keeps on the air as the plan asks: by the sun of a year, and by days without it.

    By days alone where nobody knows the sun.
    """
    power = costs.plan.power
    size = size_of_parts(costs.catalogue, parts, power.system_v)
    lasts = [autonomy_days(power, size.battery_wh, load) >= power.autonomy_days - 1e-6 for load in loads_w]
    if year is None:
        return lasts
    works = uptimes(year, power, list(loads_w), [size] * len(loads_w))
    return [long and one.year_pct >= power.uptime_pct - 1e-6 for long, one in zip(lasts, works, strict=True)]


def _most_wp(gain_wh_per_wp: Floats, year: SunYear, load_w: float) -> float:
    """Return the most that is tried: four times what the dullest month asks for, or 40 times what the year does."""
    sun = year.panel_kwh_m2_day
    share = max(float(sun.min() / max(sun.mean(), 1e-9)), 0.1)
    return 4.0 * load_w / max(float(gain_wh_per_wp.mean()) * share, 1e-9)
