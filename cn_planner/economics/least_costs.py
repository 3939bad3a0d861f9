"""What towers and radios cost at least, in amounts that add up: what a search counts with, and a bound rests on.

What feeds a tower, and what its radios hang on, comes in steps. Here a tower has the smallest box, and of its power
what a line under all steps says (`PowerLadder.line`): so much for the tower, and so much for each watt of a radio. So
the sum over a plan's towers, sectors and links is never more than `costs.capital` of that plan, less than it by what
the steps take beyond the line. Amounts are rounded down to the hundredth.

Over five years (`years`) each amount is what it comes to with the months that it brings (`over_years`): repair of what
is bought, radios by their age, the place's rent, the mains' watts, the connection's months. Then the sum is never more
than capital and months of that plan, less what runs whatever is built: wages and licences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import home_kits, parts_of_home, place_cost
from cn_planner.economics.power_ladder import STEPS_W, ladder_of
from cn_planner.economics.solar_sets import parts_of_set
from cn_planner.economics.tower_gear import Hung, box_of, feeds_itself, injector_of, load_of, radio_w
from cn_planner.model.equipment import Part
from cn_planner.model.gateways import connection_of
from cn_planner.model.plan import PowerSource, SiteRole, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.economics.costs import UnitCosts
    from cn_planner.economics.over_years import YearsFactors
    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Household, Link, Site

_ROUNDED_CENTS = 4
"""A tower's parts are rounded together, here one by one: by no more than this together."""


@dataclass(slots=True)
class LeastCosts:
    """What things cost at least in a plan.

    Parameters
    ----------
    costs : UnitCosts
        Of the plan.
    """

    costs: UnitCosts
    years: YearsFactors | None = None
    """None: money to build alone."""
    _lines: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)
    _ends: dict[tuple[str, float], float] = field(default_factory=dict, repr=False)

    def site(self, site: Site, height_m: float) -> float | None:
        """Return what a site with a mast so high costs at least, without radios; None where the shelf has none so high.

        What is built costs nothing but the Internet connection that is bought there; over five years it still runs.
        """
        built = self.built_site(site, height_m)
        years = self.years
        if built is None or years is None:
            return built
        return built * years.powered + self._months_of_site(site, years)

    def _months_of_site(self, site: Site, years: YearsFactors) -> float:
        """Return what the months of a site without radios come to over five years: place, mains, connection."""
        watts = 0.0
        if site.power is PowerSource.GRID:
            watts = max(0.0, load_of(self.costs, site, ()) - self._spared_w(site))
        door = connection_of(site)
        month = door.monthly_cost if door is not None else 0.0
        return years.rent + watts * years.watt + month * years.months

    def built_site(self, site: Site, height_m: float) -> float | None:
        """Return what a site without radios costs to build at least; None where the shelf has no mast so high."""
        costs, catalogue = self.costs, self.costs.catalogue
        if site.status is Status.BUILT:
            return costs.of((), place=place_cost(site)).least_cents / 100.0
        parts = [*catalogue.site_parts, *box_of(costs, site, ()).parts]
        days, mast = costs.days_of_site(site, height_m), costs.mast(height_m)
        if days is None:
            return None
        if site.role is not SiteRole.EXISTING and mast is not None:
            parts += mast.parts
        if site.power is PowerSource.GRID:
            parts += catalogue.grid_parts
        trips = costs.plan.work.tower_trips
        own = costs.of(parts, labour_days=days, place=place_cost(site), trips=trips).least_cents
        return max(0, own + self.power(site)) / 100.0

    def power(self, site: Site) -> int:
        """Return what the line counts for the power of a site without radios, in hundredths."""
        base, slope = self._line(site)
        more = math.floor(base + slope * (load_of(self.costs, site, ()) - self._spared_w(site)) + 1e-6)
        return more - (_ROUNDED_CENTS if more else 0)

    def door(self, site: Site, heights_m: Sequence[float]) -> float:
        """Return what it costs at least to let the Internet in at a possible gateway, whatever the height.

        That is the connection, and what the site then needs more: a lead, the power of a satellite terminal.
        """
        opened = replace(site, uplink_bought=True)
        more = [(self.site(opened, one) or 0.0) - (self.site(site, one) or 0.0) for one in heights_m]
        return max(0.0, round(min(more), 2) if self.years is None else min(more) - 1e-6)

    def _spared_w(self, site: Site) -> float:
        """Return what the least switch draws less than that of a box without radios: another may serve more of them."""
        items, gear = self.costs.catalogue.items, self.costs.catalogue.gear
        own = box_of(self.costs, site, ())
        least = min((items[key].power_w for key in gear.switches), default=0.0)
        return own.switches * items[own.switch].power_w - least if own.switch else 0.0

    def sector(self) -> float:
        """Return what a sector costs at the ground that draws nothing."""
        kit = self.costs.catalogue.kit(self.costs.plan.kits.access)
        return self._with_parts(self.costs.sector().least, kit.parts)

    def home(self, home: Household) -> float:
        """Return what a home's own equipment costs."""
        return self._with_parts(self.costs.home(home).least, parts_of_home(self.costs, home), home_kits(home))

    def sector_beside(self, site: Site, height_m: float) -> float:
        """Return what a sector costs more at a site than one at the ground that draws nothing (`sector`)."""
        return self.beside(self.costs.catalogue.kit(self.costs.plan.kits.access), site, height_m)

    def link(self, kit: Kit, price: float, sites: Sequence[Site], heights_m: Sequence[float]) -> float:
        """Return what a link costs whose radios at the ground cost a price to build, with its cables and its power."""
        return self._with_parts(price, kit.parts, 2) + self.link_beside(kit, sites, heights_m)

    def link_beside(self, kit: Kit, sites: Sequence[Site], heights_m: Sequence[float]) -> float:
        """Return what a link costs more, by its cables and its power, than one at the ground that draws nothing."""
        ends = zip(sites, heights_m, strict=True)
        more = math.fsum(self.beside(kit, site, height) for site, height in ends)
        return round(more, 2) if self.years is None else more

    def kept_link(self, link: Link, price: float, sites: Sequence[Site], heights_m: Sequence[float]) -> float:
        """Return the same of a link that is kept, with its own kit; nothing where it is built."""
        if link.status is Status.BUILT:
            return price
        return self.link(self.costs.catalogue.kit(link.kit or self.costs.plan.kits.backhaul), price, sites, heights_m)

    def _with_parts(self, price: float, parts: Iterable[Part], count: int = 1) -> float:
        """Return what so many times some parts cost, which together cost a price to build."""
        if self.years is None:
            return price
        items, rates, aged = self.costs.catalogue.items, self.costs.plan.costs, 0.0
        for part in parts if self.years.aged else ():
            again = self.years.aged.get(items[part.item].item_class, 0.0)
            aged += again * count * part.quantity * self.costs.price(part.item)
        return price * self.years.capital + aged * (1.0 + (rates.transport_pct + rates.duty_pct) / 100.0)

    def beside(self, kit: Kit, site: Site, height_m: float) -> float:
        """Return what a radio costs more at a site, so high, than one at the ground that draws nothing."""
        built = self.built_beside(kit, site, height_m)
        if self.years is None:
            return built
        watts = 0.0
        if site.power is PowerSource.GRID:
            watts = radio_w(self.costs.plan, self.costs.catalogue, Hung(kit, height_m))
        return built * self.years.powered + watts * self.years.watt

    def built_beside(self, kit: Kit, site: Site, height_m: float) -> float:
        """Return what a radio costs more to build at a site, so high, than one at the ground that draws nothing."""
        costs = self.costs
        if (kit.id, height_m) not in self._ends:
            low = costs.end(kit).least_cents
            self._ends[kit.id, height_m] = max(0, costs.end(kit, height_m).least_cents - low)
        cable = self._ends[kit.id, height_m]
        if site.status is Status.BUILT:
            return cable / 100.0
        _, slope = self._line(site)
        watts = 0.0 if feeds_itself(costs.catalogue, kit) else radio_w(costs.plan, costs.catalogue, Hung(kit, height_m))
        return (cable + math.floor(slope * watts + self._injector(kit) + 1e-6)) / 100.0

    def _injector(self, kit: Kit) -> float:
        """Return what an injector for a kit costs where no switch of the shelf can feed it, in hundredths."""
        catalogue = self.costs.catalogue
        injector = injector_of(catalogue, kit)
        switches = [catalogue.items[key].nominal_v for key in catalogue.gear.switches]
        if injector is None or not switches or any(math.isclose(one, injector.nominal_v) for one in switches):
            return 0.0
        return float(self.costs.of([Part(injector.id, 1.0)]).total_cents)

    def _line(self, site: Site) -> tuple[float, float]:
        """Return what the power of a site costs at least: so much, and so much for each watt, in hundredths."""
        if site.status is Status.BUILT or site.power is PowerSource.GRID:
            return 0.0, 0.0
        if site.id not in self._lines:
            costs, ladder = self.costs, ladder_of(self.costs)
            base, slope = ladder.line
            chosen = next((one for one in costs.plan.power.sets if one.site == site.id), None)
            if chosen is not None and {chosen.panel, chosen.battery, chosen.controller} <= costs.catalogue.items.keys():
                price = costs.of(parts_of_set(costs, chosen)).total_cents
                kept = [load for load in STEPS_W if ladder.keeps(chosen, load)]
                base = min([base, *(price - slope * load for load in kept)])
            self._lines[site.id] = base, slope
        return self._lines[site.id]
