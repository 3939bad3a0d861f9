"""Which homes nothing comes to on a network's own channels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.service.joined import ways_up

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.model.plan import Plan


def silent_homes(plan: Plan, deaf: Collection[str], dead: Collection[str]) -> frozenset[str]:
    """Return the homes to which nothing comes: on their own path, or as no link on any way of their tower carries.

    Parameters
    ----------
    deaf : collection of str
        Homes to which their own sector does not come through.
    dead : collection of str
        Links that carry nothing on their channels.
    """
    joined = ways_up(plan)
    left = ways_up(replace(plan, links=plan.links.changed(remove=dead))) if dead else joined
    cut_off = joined.keys() - left.keys()
    return frozenset(deaf) | {key for key, home in plan.households.items() if home.server in cut_off}
