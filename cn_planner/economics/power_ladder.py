"""What feeds a tower from the sun, by its load: one set for each step of loads, found once for a plan's sun and prices.

A load is rounded up to the next step, and the set is the cheapest of the shelf that keeps such a load on the air as the
plan asks: by the sun of a year, hour by hour, where that is known, else by days without sun alone. A load beyond the
greatest that one set keeps has so many of the greatest. Where no battery of the shelf suits, the shelf's usual set is
bought. What was chosen for a site stays its set as long as it keeps the load.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from cn_planner.economics.prices import Prices
from cn_planner.economics.solar_sets import cheapest_sets, kept_loads, parts_of_set, sets_by_days
from cn_planner.economics.sun import SunYear, sun_year
from cn_planner.model.equipment import Part
from cn_planner.model.items import Items

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.model.power import SolarSet

STEPS_W = (*(2.0 * n for n in range(1, 31)), *(60.0 + 5.0 * n for n in range(1, 25)))
"""Loads for which there are sets: every 2 W up to 60, then every 5 W up to 180."""
_NEAR_DEG = 0.1


def latitude_of(plan: Plan) -> float | None:
    """Return the latitude that a plan's sun is counted for, to a tenth of a degree; None where it has no places.

    The middle of all its places, chosen or not: a choice of towers must not change what feeds them.
    """
    middle = _middle(plan)
    return None if middle is None else round(middle) * _NEAR_DEG


def _middle(plan: Plan) -> float | None:
    """Return the latitude of the middle, in steps of a tenth of a degree."""
    rows = [one.latitude for one in plan.sites.values()] or [one.latitude for one in plan.households.values()]
    return math.fsum(rows) / len(rows) / _NEAR_DEG if rows else None


def _year_at(plan: Plan, latitude: float | None) -> SunYear | None:
    """Return the sun of an average year on the panels of a plan; None where nobody knows it."""
    if not plan.sun.known or latitude is None:
        return None
    return sun_year(latitude, plan.sun, cloudy_days=plan.power.cloudy_days, tilt_deg=plan.power.tilt_deg)


@dataclass(frozen=True)
class PowerLadder:
    """The sets of a plan by load. Equal where sun, prices and shelf are: found once for all plans that share them."""

    key: tuple[object, ...]
    prices: Prices = field(compare=False, hash=False)
    latitude: float | None = field(compare=False, hash=False)
    """That the sun is counted for."""

    @cached_property
    def year(self) -> SunYear | None:
        """The sun of the plan."""
        return _year_at(self.prices.plan, self.latitude)

    @cached_property
    def _of_the_year(self) -> list[SolarSet | None] | None:
        """The sets that keep the loads by the sun of a year; None where it is not known, or none keeps the least."""
        if self.year is None:
            return None
        best = cheapest_sets(self.prices, self.year, {f"{load:g}": load for load in STEPS_W})
        found = [best[f"{load:g}"].chosen if f"{load:g}" in best else None for load in STEPS_W]
        return None if found[0] is None else found

    @property
    def by_sun(self) -> bool:
        """Whether the sets are sized by the sun of a year, and not by days without sun alone."""
        return self._of_the_year is not None

    @cached_property
    def steps(self) -> tuple[tuple[float, SolarSet], ...]:
        """Loads, rising, each with the set that keeps it; empty where the shelf has nothing that suits."""
        found = self._of_the_year or sets_by_days(self.prices, STEPS_W)
        kept = []
        for load, one in zip(STEPS_W, found, strict=True):
            if one is None:
                break
            kept.append((load, replace(one, site="")))
        return tuple(kept)

    def step(self, load_w: float) -> tuple[int, SolarSet] | None:
        """Return how many sets of which kind keep a load; None where the shelf has nothing that suits."""
        if not self.steps:
            return None
        most = self.steps[-1][0]
        if load_w > most + 1e-9:
            return math.ceil(load_w / most - 1e-9), self.steps[-1][1]
        return 1, next(one for load, one in self.steps if load >= load_w - 1e-9)

    def parts(self, load_w: float) -> tuple[Part, ...]:
        """Return what is bought for a load."""
        catalogue, found = self.prices.catalogue, self.step(load_w)
        if found is None:
            return catalogue.solar_parts
        times, one = found
        return tuple(Part(part.item, part.quantity * times) for part in parts_of_set(self.prices, one))

    @cached_property
    def line(self) -> tuple[float, float]:
        """What a load costs at least: so much whatever it is, and so much for each watt, in hundredths.

        Below the cost of every set at every load up to its step, neither below 0, and near it where most towers are.
        Several of the greatest set cost as much as several such lines, so it holds beyond the last step too.
        """
        if not self.steps:
            return float(self.prices.of(self.prices.catalogue.solar_parts).total_cents), 0.0
        points = [(load, self.prices.of(parts_of_set(self.prices, one)).total_cents)
                  for load, one in self.steps]  # fmt: skip
        usual = min(_USUAL_W, points[-1][0])
        slopes = {0.0, *((b - a) / (y - x) for n, (x, a) in enumerate(points) for y, b in points[n + 1 :] if b > a)}
        lines = [(min(cost - slope * load for load, cost in points), slope) for slope in sorted(slopes)]
        return max((one for one in lines if one[0] >= 0.0), key=lambda one: one[0] + one[1] * usual)

    def keeps(self, chosen: SolarSet, load_w: float) -> bool:
        """Return whether a set that was chosen for a site keeps a load."""
        at = next((n for n, load in enumerate(STEPS_W) if load >= load_w - 1e-9), None)
        return at is not None and _kept(self, replace(chosen, site=""))[at]


_USUAL_W = 34.0
"""Load of a tower with a router, a switch and two or three radios."""


@lru_cache(maxsize=256)
def _kept(ladder: PowerLadder, chosen: SolarSet) -> tuple[bool, ...]:
    parts = parts_of_set(ladder.prices, chosen)
    return tuple(kept_loads(ladder.prices, ladder.year, parts, STEPS_W))


@lru_cache(maxsize=24)
def _ladder(ladder: PowerLadder) -> PowerLadder:
    return ladder


def ladder_of(prices: Prices) -> PowerLadder:
    """Return the sets of a plan by load; the same as before where sun, prices and shelf are the same."""
    if not isinstance(prices.ladder, PowerLadder):
        prices.ladder = _found(prices, latitude_of(prices.plan))
    return prices.ladder


def ready_beside(prices: Prices) -> None:
    """Have the sets of the next latitudes found too, to the north and to the south: once, and then they are kept.

    Who moves a tower may move the middle over the edge: the price under the hand would wait for a quarter of a second.
    """
    middle = _middle(prices.plan)
    if middle is not None:
        for there in (round(middle) - 1, round(middle) + 1):
            _ = _found(prices, there * _NEAR_DEG).steps


def _found(prices: Prices, latitude: float | None) -> PowerLadder:
    plan, catalogue = prices.plan, prices.catalogue
    rates = plan.costs
    offered = tuple(
        (item, catalogue.items.get(item.mount))
        for item in catalogue.items.values()
        if item.panel_wp or item.battery_ah or item.charge_a
    )
    rest = tuple((part, catalogue.items[part.item].price) for part in catalogue.solar_parts)
    money = (plan.info.currency, rates.exchange_rate, rates.transport_pct, rates.duty_pct, rates.contingency_pct,
             rates.spares_pct)  # fmt: skip
    key = (plan.sun, replace(plan.power, sets=()), latitude, offered, rest, catalogue.gear.solar_for_w, money)
    # What is kept keeps no towers and homes alive: those of a region are a hundred megabytes.
    bare = replace(
        plan, sites=Items(), households=Items(), links=Items(), obstacles=Items(), measurements=Items(), outcome=None
    )
    return _ladder(PowerLadder(key, Prices(bare, catalogue), latitude))
