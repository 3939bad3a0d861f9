"""The cheapest panels, battery and charge controller of the shelf that keep a tower on the sun."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.model.power import SolarSet
from cn_planner.planning.battery import KINDS, Uptime, counted_share, panel_wh_per_wp, shortfall_wh, uptime
from cn_planner.planning.costs import parts_of_set
from cn_planner.planning.sun import HOURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from cn_planner.model.equipment import Catalogue, Item, Part
    from cn_planner.model.power import Power
    from cn_planner.planning.costs import Cost, Costs
    from cn_planner.planning.sun import SunYear

    Floats = NDArray[np.float64]

MOST = 24
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
class Choice:
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
        KINDS[power.chemistry].efficiency,
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


def _offers(costs: Costs, power: Power, load_w: float, most_wp: float) -> Iterator[tuple[Cost, SolarSet, Size]]:
    """Yield the sets of the shelf for a load: of each number of panels and batteries with the cheapest controllers."""
    shelf = costs.catalogue
    need_wh = power.autonomy_days * load_w * HOURS / counted_share(power)
    panels = [item for item in shelf.items.values() if item.panel_wp and _priced(shelf, item)]
    controllers = _controllers(shelf, power)
    for panel in panels:
        for count in range(1, min(MOST, max(1, math.ceil(most_wp / panel.panel_wp))) + 1):
            wp = count * panel.panel_wp
            # A tracking controller limits its own current: what the panels give at the battery's voltage is enough.
            needed_a = wp / power.system_v
            fitting = [(math.ceil(needed_a / one.charge_a - 1e-9), one) for one in controllers]
            if not fitting:
                return
            number, controller = min(fitting, key=lambda row: (row[0] * costs.price(row[1].id), row[0], row[1].id))
            for battery, row in _batteries(shelf, power):
                least = max(1, math.ceil(need_wh / (battery.battery_wh * row) - 1e-9))
                for rows in range(least, MOST + 1):
                    chosen = SolarSet("", panel.id, count, battery.id, rows * row, controller.id, number)
                    wh = rows * row * battery.battery_wh
                    size = Size(wp, wh, rows * battery.battery_ah, number * controller.charge_a)
                    yield costs.of(parts_of_set(shelf, chosen)), chosen, size


def cheapest_sets(costs: Costs, year: SunYear, loads_w: Mapping[str, float]) -> dict[str, Choice]:
    """Return the cheapest set of each site that keeps the uptime and the autonomy that the plan asks for.

    Parameters
    ----------
    costs : Costs
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
    """
    power = costs.plan.power
    gain = panel_wh_per_wp(year, power)
    loads = sorted(set(loads_w.values()))
    offers = [(load, *offer) for load in loads for offer in _offers(costs, power, load, _most_wp(gain, year, load))]
    if not offers:
        return {}
    lacks = _shortfall(gain, power, [row[0] for row in offers], [row[3] for row in offers])
    best: dict[float, tuple[tuple[int, float, str, str], int]] = {}
    for number, (load, cost, chosen, _) in enumerate(offers):
        lacked = float(lacks[:, number].sum())
        if lacked > (1.0 - power.uptime_pct / 100.0) * load * len(gain) * (1.0 + 1e-9):
            continue
        key = (cost.total_cents, lacked, chosen.panel, chosen.battery)
        if load not in best or key < best[load][0]:
            best[load] = key, number
    found = {}
    for site, load in loads_w.items():
        if load in best:
            number = best[load][1]
            _, cost, chosen, size = offers[number]
            works = uptime(lacks[:, number], load, year.panel_kwh_m2_day)
            found[site] = Choice(replace(chosen, site=site), size, cost, works)
    return found


def _most_wp(gain_wh_per_wp: Floats, year: SunYear, load_w: float) -> float:
    """Return the most that is tried: four times what the dullest month asks for, or 40 times what the year does."""
    sun = year.panel_kwh_m2_day
    share = max(float(sun.min() / max(sun.mean(), 1e-9)), 0.1)
    return 4.0 * load_w / max(float(gain_wh_per_wp.mean()) * share, 1e-9)
