"""What a hotspot is made of: radios of the plan's kit all round, on a tower, or on the roof of a public place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.economics.tower_gear import Hung
from cn_planner.links.pointing import all_round
from cn_planner.model.clients import hotspots_on, place_of

if TYPE_CHECKING:
    from cn_planner.model.equipment import Catalogue, Part
    from cn_planner.model.plan import Plan, Site


def hotspot_radios(plan: Plan, catalogue: Catalogue, site: Site) -> list[Hung]:
    """Return the radios of a tower's hotspot, at the mast's top; none where it has none, or the rules allow none."""
    if not (site.hotspot and hotspots_on(plan)):
        return []
    kit = catalogue.kit(plan.kits.hotspot)
    return [Hung(kit, site.mast_height_m or 0.0)] * all_round(catalogue.antennas[kit.antenna])


def hotspot_of_place(plan: Plan, catalogue: Catalogue, client: str) -> tuple[tuple[Part, ...], int]:
    """Return what the hotspot of a public place takes, and of how many radios it is; nothing for a home.

    ``client``: as `model.clients` calls it.
    """
    if place_of(plan, client) is None or not hotspots_on(plan):
        return (), 0
    kit = catalogue.kit(plan.kits.hotspot)
    count = all_round(catalogue.antennas[kit.antenna])
    return kit.parts * count, count
