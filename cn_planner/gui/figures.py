"""The figures of the comparing bar, and the scenarios as tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.gui.overview import reached
from cn_planner.gui.topbar import Figure, Tab
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState


def figures(state: AppState, _quantities: Quantities) -> list[Figure]:
    """Return the figures of the plan as it stands."""
    if state.project is None or not state.plan.households:
        return []
    homes = reached(state.plan)
    return [
        Figure(
            msg("Homes"),
            tr(msg("{served:,.0f} of {homes:,.0f}", served=homes.served, homes=homes.homes)),
        )
    ]


def tabs(state: AppState, _quantities: Quantities) -> list[Tab]:
    """Return the scenarios."""
    return [Tab(one.key, one.name, one.current) for one in state.computed.scenarios]
