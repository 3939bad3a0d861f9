"""What parts cost with transport and the rest, by the shelf's prices and the plan's rates.

On goods come spares (radios and cables only), transport and customs; labour, what the place itself costs, trips there,
and a contingency on all of it. Each amount of a unit is rounded to the hundredth, and totals are sums of those, so that
any two ways to add them up agree to the cent.

Spares of what is counted in pieces are whole: rounded up item by item over the whole plan, once, and so they are no
part of any unit's cost. A search needs costs that add up: it counts with each unit's share of them (`Cost.least`),
rounded down, which the whole plan's spares never fall below. What bounds those costs bounds the capital too.

An item without a price, or with one in a currency of which no rate is known, counts as nothing and is named by
`Prices.unpriced`.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from cn_planner.model.costs import EXAMPLE_AMOUNTS
from cn_planner.model.equipment import SHELF_CURRENCY, ItemClass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from cn_planner.model.equipment import Catalogue, Mast, Part
    from cn_planner.model.plan import Plan

SPARED = (ItemClass.RADIO, ItemClass.CABLE)


def _cents(amount: float) -> int:
    return math.floor(amount * 100.0 + 0.5)


def _up(amount: float) -> int:
    return math.ceil(amount * 100.0 - 1e-6)


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of capital by its parts, in whole hundredths of the plan's currency."""

    goods_cents: int = 0
    spares_cents: int = 0
    transport_cents: int = 0
    customs_cents: int = 0
    labour_cents: int = 0
    place_cents: int = 0
    contingency_cents: int = 0
    share_cents: int = 0
    """The unit's share of the whole plan's spares in pieces, with transport and the rest; no part of the total."""
    trips_cents: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*map(operator.add, _amounts(self), _amounts(other)))

    def times(self, count: int) -> Cost:
        """Return the cost of so many."""
        return Cost(*(one * count for one in _amounts(self)))

    @property
    def total_cents(self) -> int:
        """The whole, in hundredths, without the share of spares."""
        return sum(_amounts(self)) - self.share_cents

    @property
    def total(self) -> float:
        """The whole, in the plan's currency."""
        return self.total_cents / 100.0

    @property
    def least_cents(self) -> int:
        """The whole with its share of spares, in hundredths: what a search adds up."""
        return self.total_cents + self.share_cents

    @property
    def least(self) -> float:
        """The whole with its share of spares, in the plan's currency."""
        return self.least_cents / 100.0


_amounts: Callable[[Cost], tuple[int, ...]] = operator.attrgetter(*(one.name for one in fields(Cost)))
"""A search adds costs up a hundred thousand times: fields looked up by name each time were a quarter of it."""


def rate_of(plan: Plan, currency: str) -> float | None:
    """Return how many of a plan's currency buy one of another; None where nobody said that.

    The plan's exchange rate is that of the shelf's currency. Of a third one it says nothing.
    """
    if currency == plan.info.currency:
        return 1.0
    return plan.costs.exchange_rate if currency == SHELF_CURRENCY else None


def rate_said(plan: Plan) -> bool:
    """Return whether somebody said the plan's exchange rate: another than one to one, or that with its day."""
    return plan.costs.exchange_rate != 1.0 or bool(plan.costs.exchange_date)


def counted_one_to_one(plan: Plan, currencies: Collection[str]) -> bool:
    """Return whether prices in the shelf's currency are among some and count one to one as the plan's, unsaid."""
    return SHELF_CURRENCY in currencies and plan.info.currency != SHELF_CURRENCY and not rate_said(plan)


def amount_of(plan: Plan, name: str) -> float:
    """Return an amount of the plan's costs that has an example, in its currency: as said, or that example."""
    said: float | None = getattr(plan.costs, name)
    return example_of(plan, name) if said is None else said


def example_of(plan: Plan, name: str) -> float:
    """Return the example of an amount of the plan's costs, in its currency: it is converted as the shelf's prices."""
    return EXAMPLE_AMOUNTS[name] * (rate_of(plan, SHELF_CURRENCY) or 1.0)


@dataclass(slots=True)
class Prices:
    """What parts cost, from the shelf's prices and the plan's rates.

    Parameters
    ----------
    plan : Plan
        Its rates, currency and kits.
    catalogue : Catalogue
        The shelf.
    """

    plan: Plan
    catalogue: Catalogue
    unpriced: set[str] = field(default_factory=set)
    """Items that were asked for and have no price, or none in a currency that counts."""
    ladder: object = field(default=None, init=False, repr=False, compare=False)
    """What feeds towers at these prices, once `power_ladder.ladder_of` was asked."""
    _units: dict[str, tuple[float, bool, bool]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def price(self, item: str) -> float:
        """Return what one unit of an item costs in the plan's currency, before transport and the rest."""
        price = self.catalogue.items[item].price
        if price is None:
            self.unpriced.add(item)
            return 0.0
        rate = self.rate(price.currency)
        if rate is None:
            self.unpriced.add(item)
            return 0.0
        return price.amount * rate

    def rate(self, currency: str) -> float | None:
        """Return how many of the plan's currency buy one of another; None where nobody said that."""
        return rate_of(self.plan, currency)

    def of(self, parts: Iterable[Part], *, labour_days: float = 0.0, place: float = 0.0, trips: float = 0.0) -> Cost:
        """Return the cost of parts with labour, place and trips to it; of the days those that are paid."""
        rates = self.plan.costs
        goods = spares = share = 0.0
        units = self._units
        for part in parts:
            if part.item not in units:  # some thousand sums are of the same few items
                spared = self.catalogue.items[part.item].item_class in SPARED
                units[part.item] = self.price(part.item), spared, self.by_length(part.item)
            price, spared, by_length = units[part.item]
            amount = part.quantity * price
            goods += amount
            if spared:
                if by_length:
                    spares += amount * rates.spares_pct / 100.0
                else:
                    share += amount * rates.spares_pct / 100.0
        moved = goods + spares
        plain = (
            _cents(goods),
            _cents(spares),
            _cents(moved * rates.transport_pct / 100.0),
            _cents(moved * rates.duty_pct / 100.0),
            _cents(labour_days * self.paid_share * amount_of(self.plan, "labour_day")),
            _cents(place),
        )
        on_the_way = _cents(trips * self.plan.work.trip_cost)
        more = (1.0 + (rates.transport_pct + rates.duty_pct) / 100.0) * (1.0 + rates.contingency_pct / 100.0)
        return Cost(
            *plain,
            _cents((sum(plain) + on_the_way) / 100.0 * rates.contingency_pct / 100.0),
            math.floor(share * more * 100.0 + 1e-6),
            on_the_way,
        )

    @property
    def paid_share(self) -> float:
        """The share of all days that is paid for; volunteers give the rest."""
        return 1.0 - self.plan.work.volunteer_pct / 100.0

    def by_length(self, item: str) -> bool:
        """Return whether an item is cut to length; everything else comes in pieces."""
        return self.catalogue.items[item].unit == "m"

    def spare(self, item: str, quantity: float) -> float:
        """Return the spares of an item of which the whole plan needs so many: whole pieces, rounded up."""
        if self.catalogue.items[item].item_class not in SPARED:
            return 0.0
        share = quantity * self.plan.costs.spares_pct / 100.0
        return share if self.by_length(item) else float(math.ceil(share - 1e-9))

    def spares(self, quantities: Mapping[str, float]) -> Cost:
        """Return what the spares in pieces cost, of the quantities of the whole plan; rounded up to the hundredth."""
        rates = self.plan.costs
        goods = sum(
            _up(self.spare(item, quantity) * self.price(item))
            for item, quantity in quantities.items()
            if not self.by_length(item)
        )
        transport, customs = _up(goods * rates.transport_pct / 1e4), _up(goods * rates.duty_pct / 1e4)
        return Cost(
            spares_cents=goods,
            transport_cents=transport,
            customs_cents=customs,
            contingency_cents=_up((goods + transport + customs) * rates.contingency_pct / 1e4),
        )

    def mast(self, height_m: float) -> Mast | None:
        """Return the lowest mast of the shelf that is so high, None where none is."""
        high = [mast for mast in self.catalogue.masts if mast.height_m >= height_m - 1e-9]
        return min(high, key=lambda mast: (mast.height_m, mast.id), default=None)
