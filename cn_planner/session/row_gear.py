"""What the rows of a plan name and the shelf has not: kits that are none, channels of a width that no radio has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model.checks import PlanProblem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan


def unfit_rows(plan: Plan, catalogue: Catalogue) -> Iterator[PlanProblem]:
    """Yield each sector, link, home and public place whose own kit is none, or whose width its radio has not."""
    users: list[tuple[str, str, str, float | None]] = [
        (site.id, one.id, one.kit, one.width_mhz) for site in plan.sites.values() for one in site.sectors
    ]
    users += [(one.id, f"{one.from_site} – {one.to_site}", one.kit, one.width_mhz) for one in plan.links.values()]
    users += [(one.id, one.name or one.id, one.client_kit, None) for one in plan.households.values()]
    users += [(one.id, one.name or one.id, one.client_kit, None) for one in plan.places.values()]
    for where, name, own, width in users:
        key = own or plan.kits.backhaul
        if own and own not in catalogue.kits:
            yield PlanProblem(
                Severity.ERROR,
                msg("There is no kit {kit}.", kit=own),
                msg("Choose one of {kits}.", kits=", ".join(sorted(catalogue.kits))),
                where,
            )
        if width is None or key not in catalogue.kits:
            continue
        radio = catalogue.radios[catalogue.kits[key].radio]
        has = sorted({mode.width_mhz for mode in radio.modes})
        if width not in has:
            yield PlanProblem(
                Severity.ERROR,
                msg("{name} has a channel of {width:g} MHz, which its radio does not have.", name=name, width=width),
                msg("Give it one of {widths} MHz, or none: then it has the kit's.",
                    widths=", ".join(f"{one:g}" for one in has)),
                where,
            )  # fmt: skip
