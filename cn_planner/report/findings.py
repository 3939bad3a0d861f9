"""All that risks, next actions and what is missing are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.prices import counted_one_to_one
from cn_planner.message import msg
from cn_planner.model.equipment import SHELF_CURRENCY
from cn_planner.model.owners import owner_agreed
from cn_planner.model.plan import PowerSource
from cn_planner.report.deployment import AntennaRecord

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.law import CountryRules
    from cn_planner.model.plan import Plan, Site
    from cn_planner.report.bill import Needs
    from cn_planner.report.deployment import AgreedFee, BomLine, CapacityRecord, Fee, HomeRecord, LinkRecord
    from cn_planner.report.network import BuiltNetwork
    from cn_planner.report.power_records import PowerRecord
    from cn_planner.report.work_records import CashFlow, ShortRecord


@dataclass(frozen=True)
class Findings:
    """All that risks and actions are drawn from."""

    plan: Plan
    net: BuiltNetwork
    need: Needs
    regulations: CountryRules | None
    at_least: tuple[str, ...]
    """Radios of the plan of which the standard's levels alone are known."""
    terrain_known: bool
    missing_terrain: tuple[str, ...]
    links: tuple[LinkRecord, ...]
    antennas: tuple[AntennaRecord, ...]
    homes: tuple[HomeRecord, ...]
    capacity: tuple[CapacityRecord, ...]
    bom: tuple[BomLine, ...]
    fees: tuple[Fee, ...]
    agreed: AgreedFee | None
    capex: float
    cash: CashFlow | None
    short: tuple[ShortRecord, ...]
    """Sectors and links that carry less on their channel than they must."""
    power: tuple[PowerRecord, ...]
    hidden: float
    """Homes, by weight, that assumed trees alone hide from every tower."""
    later: Message | None = None
    """What is added in five years; None where nothing is."""
    example_amounts: tuple[str, ...] = ()
    """Amounts of the plan's costs that count and that nobody said: examples stand for them."""
    undecided: bool = False
    """Whether nobody decided yet which homes are connected, so that those that towers reach stand for them."""

    @property
    def law_known(self) -> bool:
        """Whether anything is known of the country's rules."""
        return self.regulations is not None

    @property
    def not_asked(self) -> list[Site]:
        """Sites whose owner has not agreed, as far as is written down."""
        return [site for site in self.net.sites.values() if not owner_agreed(site)]

    @property
    def unpriced(self) -> list[BomLine]:
        """Items without a price."""
        return [line for line in self.bom if line.unit_price is None]

    @property
    def examples(self) -> list[BomLine]:
        """Items whose price is an example."""
        return [line for line in self.bom if line.example]

    @property
    def foreign(self) -> str:
        """Currency of the price list where nobody gave its exchange rate; empty where there is no question."""
        listed = {line.list_currency for line in self.bom}
        return SHELF_CURRENCY if counted_one_to_one(self.plan, listed) else ""

    @property
    def unrated(self) -> list[str]:
        """Currencies of prices that count as nothing: the plan's exchange rate is of another."""
        return sorted({line.list_currency for line in self.unpriced if line.list_price is not None})

    @property
    def most_eirp_dbm(self) -> float | None:
        """The most that any antenna radiates; None where no power is known."""
        return max((one.eirp_dbm for one in self.antennas if one.eirp_dbm is not None), default=None)

    @property
    def radiating(self) -> list[AntennaRecord | HomeRecord]:
        """Every antenna of which it is known what it radiates: on the masts, then on the roofs."""
        every: list[AntennaRecord | HomeRecord] = [*self.antennas, *self.homes]
        return [one for one in every if one.eirp_dbm is not None]

    def where(self, one: AntennaRecord | HomeRecord) -> str:
        """Return the site at which an antenna stands, or to which it speaks from a roof."""
        return (one.site if isinstance(one, AntennaRecord) else one.server) or ""

    @property
    def no_power(self) -> list[Site]:
        """Sites of which nobody said what feeds them."""
        return [site for site in self.net.sites.values() if site.power is PowerSource.UNKNOWN]

    def named(self, sites: list[Site]) -> str | Message:
        """Return the first names of some sites, and how many more there are."""
        names = ", ".join(site.name or site.id for site in sites[:3])
        more = len(sites) - 3
        return names if more <= 0 else msg("{names} and {count} more", names=names, count=more)

    def name(self, site: str) -> str:
        """Return the name of a site, or its id."""
        return self.plan.sites[site].name or site
