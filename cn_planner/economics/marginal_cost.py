"""By how much the capital of a plan rises where something is put into it: to the cent what counting it anew gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.economics.costs import (
    UnitCosts,
    capital,
    home_kits,
    parts_of_home,
    parts_of_link_end,
    parts_of_site,
    quantities,
)
from cn_planner.economics.hotspot_gear import hotspot_of_place
from cn_planner.economics.prices import Cost
from cn_planner.model import edits
from cn_planner.model.plan import Household, Link, Site, SiteRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.model.equipment import Part

PlanRow = Site | Link | Household


class MarginalCost:
    """The capital of one plan, against which changes are held.

    Parameters
    ----------
    costs : Costs
        Of the plan as it stands.

    Notes
    -----
    Units add up and spares are whole pieces over the whole plan: what changes is counted, and the spares once more.
    Where a change decides over what else is used (a mast that revives old links, an existing structure that nothing
    hangs on any more) the whole is counted anew.
    """

    def __init__(self, costs: UnitCosts) -> None:
        self.costs, self.plan = costs, costs.plan
        self._used, self._linked = self.plan.used_sites, set[str]()
        for link in self.plan.links.values():
            self._linked |= {link.from_site, link.to_site}
        self._quantities = quantities(costs)
        self._spares = costs.spares(self._quantities).total_cents
        self._known: dict[tuple[object, ...], int] = {}
        self._whole: int | None = None

    def cents(self, rows: Sequence[PlanRow]) -> int:
        """Return by how many hundredths the capital rises where rows are put into the plan; negative where it falls."""
        if not all(self._is_plain(row, rows) for row in rows):
            return self._anew(rows)
        key = tuple(self.alike(row) if isinstance(row, Household) else row for row in rows)
        if key not in self._known:
            self._known[key] = self._added(rows)
        return self._known[key]

    def unpriced(self, rows: Sequence[PlanRow]) -> tuple[str, ...]:
        """Return the items that rows buy and that have no price: what they cost is more than is said."""
        items: set[str] = set()
        after = self._with(rows)
        # A link changes the boxes of its ends, too.
        links = [row for row in rows if isinstance(row, Link)]
        touched = {row.id for row in rows if isinstance(row, Site)}
        for key in touched.union(*({row.from_site, row.to_site} for row in links)):
            old, new = self._used.get(key), after.plan.used_sites.get(key)
            had = set[str]() if old is None else {part.item for part in parts_of_site(self.costs, old)}
            items |= set[str]() if new is None else {part.item for part in parts_of_site(after, new)} - had
        for row in rows:
            if isinstance(row, Link):
                for end in (row.from_site, row.to_site):
                    items |= {part.item for part in parts_of_link_end(after, row, end)}
            elif isinstance(row, Household) and self.plan.households[row.id].server is None:
                items |= {part.item for part in parts_of_home(self.costs, row)}
        catalogue = self.costs.catalogue.items
        return tuple(sorted(item for item in items if catalogue[item].price is None))

    def _with(self, rows: Iterable[PlanRow]) -> UnitCosts:
        """Return the costs of the plan with towers and links put into it; what homes are put in changes none."""
        things = [row for row in rows if not isinstance(row, Household)]
        return self.costs.beside(edits.put(self.plan, things).plan) if things else self.costs

    def _is_plain(self, row: PlanRow, rows: Sequence[PlanRow]) -> bool:
        if isinstance(row, Site):
            return row.id in self._used or row.id not in self._linked
        if isinstance(row, Link):
            return row.id not in self.plan.links
        before = self.plan.households[row.id].server
        old = self.plan.sites.get(before or "")
        stays = before in (None, row.server) or old is None or old.role is not SiteRole.EXISTING
        return stays and (row.server in self._used or any(one.id == row.server for one in rows))

    def alike(self, home: Household) -> tuple[object, ...]:
        """Return what the money of a home rests on: most homes are alike."""
        before = self.plan.households[home.id]
        old = self.plan.sites.get(before.server or "")
        leaves = None if old is None or old.role is not SiteRole.EXISTING else old.id
        return self._kind(home), None if before.server is None else self._kind(before), leaves

    def _kind(self, home: Household) -> tuple[object, ...]:
        radios = hotspot_of_place(self.plan, self.costs.catalogue, home.id)[1]
        usual = home.antenna_height_m is None
        return home_kits(home), self.plan.client_of(home), usual, self.costs.home_mast(home), radios

    def _added(self, rows: Iterable[PlanRow]) -> int:
        cost, more = Cost(), dict(self._quantities)
        # The first tower of all brings the training of those who keep the network.
        if not self._used and any(isinstance(row, Site) and row.stands for row in rows):
            cost += self.costs.of((), labour_days=self.plan.work.training_days)

        def count(parts: Iterable[Part], times: float) -> None:
            for part in parts:
                more[part.item] = more.get(part.item, 0.0) + part.quantity * times

        # A tower, or a link at one, changes what its radios hang on; a mast so much higher, the cables of its links.
        links = [row for row in rows if isinstance(row, Link)]
        moved = {row.id for row in rows if isinstance(row, Site)}
        touched = sorted(moved.union(*({row.from_site, row.to_site} for row in links)))
        after = self._with(rows)
        for key in touched:
            for costs, site, times in ((self.costs, self._used.get(key), -1), (after, after.plan.sites.get(key), 1)):
                if site is not None and site.stands:
                    cost += costs.tower(site).times(times)
                    count(parts_of_site(costs, site), times)
        beside = {link.id for key in moved for link in after.links_at(key)}
        for key in sorted({*beside, *(row.id for row in links)}):
            for costs, times in ((self.costs, -1), (after, 1)):
                own = costs.plan.links.get(key)
                if own is not None and any(own is one for one in costs.links_at(own.from_site)):
                    cost += costs.link(own).times(times)
                    for end in (own.from_site, own.to_site):
                        count(parts_of_link_end(costs, own, end), times)
        for row in rows:
            if isinstance(row, Household):
                cost += self.costs.home(row)
                count(parts_of_home(self.costs, row), home_kits(row))
                before = self.plan.households[row.id]
                if before.server is not None:
                    cost += self.costs.home(before).times(-1)
                    count(parts_of_home(self.costs, before), -home_kits(before))
        return cost.total_cents + self.costs.spares(more).total_cents - self._spares

    def _anew(self, rows: Iterable[PlanRow]) -> int:
        if self._whole is None:
            self._whole = capital(self.plan, self.costs.catalogue).total.total_cents
        return capital(edits.put(self.plan, rows).plan, self.costs.catalogue).total.total_cents - self._whole
