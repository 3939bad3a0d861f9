"""In which words it is said that a sector, a link or an Internet connection carries less than its homes want.

The planner puts no more on any of them than it carries. A plan that was changed since, or of which more is asked now,
may hold more: its homes count as connected, for each alone is, and wherever they are counted it stands beside the count
that there is too little for all of them at the busy hour. Where both figures would read alike what is carried is
rounded down and what is wanted up: else a link that lacks a little would carry as much as is wanted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan

ASK_LESS = msg("Plan again: the planner counts what each carries. Or ask for more Mbit/s, or plan for less demand.")
FULL_PCT = 100.0 * (1.0 + 1e-9)
"""From here on it is too much; sums of loads are a hair off."""


def _apart(carried: float, wanted: float) -> dict[str, float]:
    """Return both as they are told, whole numbers that say which is more."""
    if f"{carried:.0f}" == f"{wanted:.0f}":
        return {"rate": math.floor(carried), "load": math.ceil(wanted)}
    return {"rate": carried, "load": wanted}


def full_sector(plan: Plan, site: str, sector: str, pct: float) -> Message:
    """Return that a sector has not the time for its homes."""
    return msg(
        "The sector {sector} of {site} would need {pct:.0f} % of its time for its homes at the busy hour.",
        sector=sector, site=plan.sites[site].name or site, pct=max(pct, 101.0),
    )  # fmt: skip


def full_uplink(plan: Plan, site: str, mbps: float, wanted: float) -> Message:
    """Return that the Internet connection of a gateway carries too little."""
    return msg(
        "The Internet connection at {site} carries {rate:.0f} Mbit/s; its homes want {load:.0f} at the busy hour.",
        site=plan.sites[site].name or site, **_apart(mbps, wanted),
    )  # fmt: skip


def full_link(plan: Plan, link: str, mbps: float, wanted: float) -> Message:
    """Return that a link between towers carries too little."""
    row = plan.links[link]
    a, b = (plan.sites[end].name or end for end in (row.from_site, row.to_site))
    return msg(
        "The link {a} to {b} carries {rate:.0f} Mbit/s; its homes want {load:.0f} at the busy hour.",
        a=a, b=b, **_apart(mbps, wanted),
    )  # fmt: skip
