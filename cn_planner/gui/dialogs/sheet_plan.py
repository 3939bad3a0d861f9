"""What the plan says of the lines of a survey sheet: what stands beside what was seen, and what a level rests on."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.links.radio import radio_end
from cn_planner.links.verdict import VERDICTS
from cn_planner.model.plan import Household
from cn_planner.session.sheet_levels import UNKNOWN_BASIS, LevelBasis, home_basis, link_basis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.gui.state import AppState
    from cn_planner.links.budget import LinkBudget
    from cn_planner.session.sheet import SheetLook, VisitSheet


class SheetPlan:
    """The plan as it stands, with what is computed of it by now.

    Parameters
    ----------
    state : AppState
    links : mapping of str to LinkBudget
        What is computed of the plan's links now, by id.
    sheet : VisitSheet
    """

    def __init__(self, state: AppState, links: Mapping[str, LinkBudget], sheet: VisitSheet) -> None:
        self._state, self._links, self._sheet = state, links, sheet

    def verdict(self, look: SheetLook) -> Any:
        """Return how the link along a line is judged, or the home by the tower that serves it; None else."""
        if look.link:
            budget = self._links.get(look.link)
            return None if budget is None else budget.verdict
        found = self._state.computed.service
        if found is None or not self._serves(look):
            return None
        return VERDICTS[int(found.verdict[found.homes.number[self._sheet.thing.id]])]

    def _serves(self, look: SheetLook) -> bool:
        """Return whether the sheet is of a home, and the tower serves it."""
        found, home = self._state.computed.service, self._sheet.thing
        return (
            found is not None and isinstance(home, Household) and home.id in found.homes.number
            and found.site_of(home.id) == look.towards
        )  # fmt: skip

    def freq_mhz(self, look: SheetLook) -> float:
        """Return on which frequency the tower is heard."""
        plan, project = self._state.plan, self._state.project
        link = plan.links.get(look.link)
        kit = plan.kits.access if link is None else link.kit or plan.kits.backhaul
        if link is not None and link.freq_mhz is not None:
            return link.freq_mhz
        return float(project.catalogue.kit(kit).freq_mhz) if project is not None else 0.0

    def predicted_dbm(self, look: SheetLook) -> float | None:
        """Return the level that the plan says of a tower here, where it is known by now."""
        budget, link = self._links.get(look.link), self._state.plan.links.get(look.link)
        if budget is not None and link is not None:
            return budget.rsl_to_dbm if link.to_site == self._sheet.thing.id else budget.rsl_from_dbm
        found = self._state.computed.service
        if found is not None and self._serves(look):
            level = float(found.level_dbm[found.homes.number[self._sheet.thing.id]])
            return level if math.isfinite(level) else None
        return None

    def weakest_dbm(self, look: SheetLook) -> float | None:
        """Return the weakest level that the radio here hears of a tower; None where its kit is not on the shelf."""
        plan, project, thing = self._state.plan, self._state.project, self._sheet.thing
        link = plan.links.get(look.link)
        if project is None:
            return None
        with suppress(InputError):
            if link is None:
                kit = plan.client_of(thing) if isinstance(thing, Household) else plan.kits.client
                end = radio_end(project.catalogue, kit, project.country_rules)
            else:
                end = radio_end(project.catalogue, link.kit or plan.kits.backhaul, project.country_rules,
                                freq_mhz=link.freq_mhz, width_mhz=link.width_mhz)  # fmt: skip
            return end.weakest_dbm if math.isfinite(end.weakest_dbm) else None
        return None

    def basis(self, towards: str) -> LevelBasis:
        """Return what the level that is shown of a site rests on.

        Raises
        ------
        InputError, MissingTerrainError, FileError
            Where a kit is not on the shelf, or the ground is not there.
        """
        project, thing = self._state.project, self._sheet.thing
        look = next(one for one in self._sheet.looks if one.towards == towards)
        if project is None:
            return UNKNOWN_BASIS
        study = project.snapshot().study
        budget, link = self._links.get(look.link), study.plan.links.get(look.link)
        if budget is not None and link is not None:
            return link_basis(study, link, budget, thing.id)
        found = self._state.computed.service
        if found is not None and isinstance(thing, Household) and self.predicted_dbm(look) is not None:
            return home_basis(study, found, thing)
        return UNKNOWN_BASIS
