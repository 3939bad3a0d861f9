"""Which site of a plan sent what was measured: people call towers by id or by name, and do not name the only one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.model.measurement import Measurement
    from cn_planner.model.plan import Plan, Site


class Senders:
    """The sites of a plan by id and by name; the only tower that stands is meant where none is named."""

    def __init__(self, plan: Plan) -> None:
        self._known: dict[str, Site] = {}
        self._shared: set[str] = set()
        for site in plan.sites.values():
            for word in (site.name, site.id):
                called = word.strip().casefold()
                if not called:
                    continue
                if self._known.get(called, site) is not site:
                    self._shared.add(called)
                self._known[called] = site
        self._known.update(plan.sites)
        used = list(plan.used_sites.values()) or list(plan.sites.values())
        self._only = used[0] if len(used) == 1 else None

    def called(self, word: str) -> Site | None:
        """Return the site of an id or a name, None where there is none."""
        return self._known.get(word) or self._known.get(word.strip().casefold())

    def of(self, row: Measurement) -> Site | None:
        """Return the sender of a measurement, None where it is not known."""
        return self.called(row.site) if row.site else self._only

    def by_id(self, row: Measurement) -> Measurement:
        """Return a measurement that names its sender by the id, where it does by a name that one site alone has."""
        site = self.called(row.site) if row.site and row.site.strip().casefold() not in self._shared else None
        return row if site is None or site.id == row.site else replace(row, site=site.id)

    def missing(self, row: Measurement) -> Message:
        """Return why there is none."""
        if row.site:
            return msg("The plan has no place {site} that could have sent.", site=row.site[:60])
        return msg("It does not say which tower was heard, and the plan has more than one.")
