"""What a question about a plan is answered from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.law import CountryRules
    from cn_planner.model.plan import Plan
    from cn_planner.terrain.surface import Surface


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A plan, the ground that it stands on, the equipment there is, and the rules of its country.

    Attributes
    ----------
    plan : Plan
    surface : Surface
    catalogue : Catalogue
        That of the program with the plan's own entries.
    regulations : CountryRules, optional
        None where the country's rules are not known.
    """

    plan: Plan
    surface: Surface
    catalogue: Catalogue
    regulations: CountryRules | None = None
