"""By how much the capital of a plan rises where something is put into it: to the cent what counting it anew gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.economics.costs import (
    Cost,
    UnitCosts,
    capital,
    home_kits,
    parts_of_home,
    parts_of_link_end,
    parts_of_site,
    quantities,
)
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
        key = tuple(self._alike(row) if isinstance(row, Household) else row for row in rows)
        if key not in self._known:
            self._known[key] = self._added(rows)
        return self._known[key]

    def unpriced(self, rows: Iterable[PlanRow]) -> tuple[str, ...]:
        """Return the items that rows buy and that have no price: what they cost is more than is said."""
        items: set[str] = set()
        for row in rows:
            if isinstance(row, Site):
                old = self._used.get(row.id)
                had = {part.item for part in parts_of_site(self.costs, old)} if old is not None else set[str]()
                items |= {part.item for part in parts_of_site(self.costs, row)} - had
            elif isinstance(row, Link):
                items |= {part.item for part in parts_of_link_end(self.costs, row)}
            elif self.plan.households[row.id].server is None:
                items |= {part.item for part in parts_of_home(self.costs, row)}
        catalogue = self.costs.catalogue.items
        return tuple(sorted(item for item in items if catalogue[item].price is None))

    def _is_plain(self, row: PlanRow, rows: Sequence[PlanRow]) -> bool:
        if isinstance(row, Site):
            return row.id in self._used or row.id not in self._linked
        if isinstance(row, Link):
            return row.id not in self.plan.links
        before = self.plan.households[row.id].server
        old = self.plan.sites.get(before or "")
        stays = before in (None, row.server) or old is None or old.role is not SiteRole.EXISTING
        return stays and (row.server in self._used or any(one.id == row.server for one in rows))

    def _alike(self, home: Household) -> tuple[object, ...]:
        """Return what the money of a home rests on: most homes are alike."""
        before = self.plan.households[home.id]
        was = (home_kits(before), self.costs.home_mast(before)) if before.server is not None else None
        return home_kits(home), self.costs.home_mast(home), was

    def _added(self, rows: Iterable[PlanRow]) -> int:
        cost, more = Cost(), dict(self._quantities)

        def count(parts: Iterable[Part], times: float) -> None:
            for part in parts:
                more[part.item] = more.get(part.item, 0.0) + part.quantity * times

        for row in rows:
            if isinstance(row, Site):
                cost += self.costs.tower(row)
                count(parts_of_site(self.costs, row), 1.0)
                old = self._used.get(row.id)
                if old is not None:
                    cost += self.costs.tower(old).times(-1)
                    count(parts_of_site(self.costs, old), -1.0)
            elif isinstance(row, Link):
                cost += self.costs.link(row)
                count(parts_of_link_end(self.costs, row), 2.0)
            else:
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
