"""The links of a tower while a hand carries it: how each would stand from there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.service.links_down import link_ends
from cn_planner.service.path_view import path_view

if TYPE_CHECKING:
    from cn_planner.model.plan import Site
    from cn_planner.progress import CancelToken
    from cn_planner.service.path_view import LinkView
    from cn_planner.session.workspace import Snapshot

MOST_IN_HAND = 8
"""Of so many links the state is told while the hand moves; the others follow it as lines alone."""


def links_in_hand(snapshot: Snapshot, site: Site, cancel: CancelToken) -> dict[str, LinkView]:
    """Return the links of a tower as they would be, by id, from the first end to the second.

    Left out is what cannot be looked along: both ends at one place, or kits that do not fit.

    Parameters
    ----------
    snapshot : Snapshot
        The plan as it stands.
    site : Site
        The tower as it would be; the plan has it elsewhere.
    cancel : CancelToken

    Raises
    ------
    MissingTerrainError, FileError
        Where there is no terrain, or a file of it cannot be read.
    CancelledError
    """
    plan = edits.put(snapshot.plan, [site]).plan
    study, found = replace(snapshot.study, plan=plan), {}
    mine = [one for one in plan.standing_links.values() if site.id in (one.from_site, one.to_site)]
    for link in mine[:MOST_IN_HAND]:
        cancel.check()
        try:
            found[link.id] = path_view(study, *link_ends(plan, link), link=link)
        except InputError:
            continue
    return found
