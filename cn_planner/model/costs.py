"""Money that is not in a price list: rates, what running costs, who pays, and when it is built."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cn_planner.message import msg
from cn_planner.model.equipment import SHELF_CURRENCY
from cn_planner.model.fields import about

EXAMPLE_AMOUNTS = {"labour_day": 25.0, "relay_cost": 60.0}
"""Amounts that count where nobody said any: examples, as the catalogue's prices are, and in its currency."""
_EXAMPLE = "an example of this program, {amount:g} {currency}: write down your own"


def _source(name: str) -> str:
    return _EXAMPLE.format(amount=EXAMPLE_AMOUNTS[name], currency=SHELF_CURRENCY)


@dataclass(frozen=True, slots=True)
class Costs:
    """Money that is not in a price list. Amounts in the plan's currency."""

    exchange_rate: float = about(
        msg("How many of the plan's currency buy one of the catalogue's."), default=1.0, unit="1", low=1e-6, high=1e9
    )
    exchange_date: str = about(msg("Day of the exchange rate."), default="")
    labour_day: float | None = about(
        msg("Wage of one person for one day; empty: not said, an example counts."),
        default=None, unit="currency", low=0, source=_source("labour_day"),
    )  # fmt: skip
    transport_pct: float = about(msg("Transport, on goods."), default=8.0, unit="%", low=0, high=300)
    customs_pct: float | None = about(
        msg("Customs and taxes, on goods; empty: not asked yet, none are counted."),
        default=None,
        unit="%",
        low=0,
        high=300,
    )
    customs_source: str = about(msg("Who said what transport, customs and taxes are, and on which day."), default="")
    contingency_pct: float = about(msg("For what nobody foresaw."), default=10.0, unit="%", low=0, high=100)
    spares_pct: float = about(msg("Spare radios and cable."), default=10.0, unit="%", low=0, high=100)
    maintenance_pct_year: float = about(
        msg("Repair and replacement a year, on capital."), default=8.0, unit="%", low=0, high=100
    )
    radio_years: float | None = about(
        msg("Years until a radio is replaced; empty: within repair and replacement."),
        default=None,
        unit="years",
        low=0.5,
        high=50,
    )
    battery_years: float | None = about(
        msg("Years until a battery is replaced; empty: within repair and replacement."),
        default=None,
        unit="years",
        low=0.5,
        high=50,
    )
    wages_month: float = about(msg("Paid to those who keep it running."), default=0.0, unit="currency", low=0)
    relay_cost: float | None = about(
        msg(
            "What a relay at a home costs beside its pole and radios: its box, wiring, thanks to the owner; empty: not "
            "said, an example counts."
        ),
        default=None, unit="currency", low=0, source=_source("relay_cost"),
    )  # fmt: skip
    relay_pole_m: float = about(
        msg("Height of a relay's pole at a home of which no antenna height is given. An example."),
        default=6.0,
        unit="m",
        low=1,
        high=30,
    )
    fibre_per_m: float | None = about(
        msg("What a metre of fibre costs, laid along a road; empty: nobody said yet."),
        default=None,
        unit="currency",
        low=0,
        high=100_000,
    )
    site_rent_month: float = about(msg("Rent for one tower's place."), default=0.0, unit="currency", low=0)
    electricity_kwh: float = about(msg("Price of a kilowatt-hour from the mains."), default=0.0, unit="currency", low=0)
    licences_month: float = about(
        msg("Licences and fees to the regulator, a month."), default=0.0, unit="currency", low=0
    )
    uptake_pct: float = about(msg("Homes that take part, of those reached."), default=50.0, unit="%", low=1, high=100)
    fee_month: float | None = about(
        msg("What a home pays a month; empty: what covers the monthly cost."), default=None, unit="currency", low=0
    )
    income_month: float | None = about(
        msg("What a home has to live on a month; empty: not known."), default=None, unit="currency", low=0
    )
    grant: float = about(msg("Money given for building."), default=0.0, unit="currency", low=0)
    loan: float = about(msg("Money lent for building."), default=0.0, unit="currency", low=0)
    loan_interest_pct: float = about(msg("Interest a year on the loan."), default=0.0, unit="%", low=0, high=100)
    loan_years: int = about(
        msg("Years in which the loan is paid back, the same amount each month."), default=5, low=1, high=50
    )
    inflation_pct: float = about(msg("How much dearer everything gets a year."), default=0.0, unit="%", low=0, high=100)
    discount_pct: float = about(
        msg("How much less money counts a year later, where five years are planned; 0: the same."),
        default=0.0,
        unit="%",
        low=0,
        high=100,
    )
    phases: int = about(msg("Phases in which the network is built."), default=3, low=1, high=20)
    phase_months: int = about(msg("Months that each phase takes."), default=6, unit="months", low=1, high=60)

    @property
    def duty_pct(self) -> float:
        """What is counted for customs and taxes, on goods, %: none as long as nobody has said what they are."""
        return 0.0 if self.customs_pct is None else self.customs_pct


def without_rate(costs: Costs) -> Costs:
    """Return the costs as they were before anybody gave a rate of exchange."""
    return replace(costs, exchange_rate=Costs().exchange_rate, exchange_date=Costs().exchange_date)
