"""Fixes in words, for those who decide on them; and what else could help where no fix is known."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.planning.joining import Joining
    from cn_planner.planning.reaching import Reaching

TALLER_MAST = msg("A mast of {height:.0f} m at {site}, a taller pole at the home, or a tower in between.")
"""Advice whose height is one home's own; the values are given where it is said."""


CHANNELS_ANEW = msg(
    "Give sectors and links their channels anew. Where that does not help: a kit of another band for homes or for "
    "links, or a second Internet connection."
)
MANY_MASTS = msg("A taller mast, a taller pole at home, or a tower in between.")
"""The same for many homes."""
LOOK_FIRST = msg("The path must be looked at first.")
NOT_SURE = msg("They are reached as predicted, and not at the careful end that the plan asks for.")
LOOK = msg("A look on site; then count them in.")
"""What helps where a path would do as predicted, and nothing but its verdict is in want."""
NEARER = msg("A tower place nearer to it.")
NO_TIME = msg("The sectors that reach it are full: another tower place near it, or less demand a home.")
MORE_SECTORS = msg(
    "What stands in the way is that a tower may have only {most} sectors: allow more, add places for towers, or plan "
    "for less demand at the busy hour."
)
"""How many that are is given where it is said."""
OTHER_CHANNEL = msg("Choose a kit whose channel is open, or give your own kit another channel.")
"""What helps where the law closes a kit's channel: no place and no mast does."""


class FixKind(IntEnum):
    """What is done; of two that cost the same the first goes before."""

    CONNECT = 0
    TURN = 1
    SECTOR = 2
    LINK = 3
    POLE = 4
    MAST = 5
    TOWER = 6


def worded(
    kind: FixKind, plan: Plan, old: Site, new: Site, home: Household, other: str, *, new_sector: bool
) -> tuple[Message, Message]:
    """Return what is to be done, and the name of the edit that does it.

    Parameters
    ----------
    way : Way
        What is done.
    plan : Plan
        As it stands.
    old, new : Site
        The tower as it stands, and as it then is.
    home : Household
        As it then is.
    other : str
        The tower that it is linked to; empty where it needs no link.
    new_sector : bool
        Whether it has one more sector then.
    """
    site, who = new.name or new.id, home.name or home.id
    height = new.mast_height_m or 0.0
    match kind:
        case FixKind.CONNECT:
            label = msg("{home} is served by {site}", home=who, site=site)
            if plan.households[home.id].server is not None:
                return msg("{site} reaches it as planned: let it be served from there.", site=site), label
            return msg("{site} reaches it as planned: give it its equipment.", site=site), label
        case FixKind.TURN:
            turned = next(one for one in new.sectors if one not in old.sectors)
            return (
                msg("Turn sector {sector} of {site} to {azimuth:.0f}°.", sector=turned.id, site=site,
                    azimuth=turned.azimuth_deg),
                msg("turn sector {sector} for {home}", sector=turned.id, home=who),
            )  # fmt: skip
        case FixKind.SECTOR:
            return (
                msg("One more sector at {site}, pointed at it.", site=site),
                msg("sector at {site} for {home}", site=site, home=who),
            )
        case FixKind.POLE:
            label = msg("pole of {height:g} m at {home}", height=home.antenna_height_m or 0.0, home=who)
            words = msg(
                "A pole of {height:g} m at the home, served by {site}.", height=home.antenna_height_m or 0.0, site=site
            )
        case FixKind.MAST:
            label = msg("mast of {height:g} m at {site} for {home}", height=height, site=site, home=who)
            words = msg("A mast of {height:g} m at {site}.", height=height, site=site)
        case FixKind.LINK:
            far = plan.sites[other].name or other if other else ""
            label = msg("link of {site} to {other} for {home}", site=site, other=far, home=who)
            words = msg("A link from {site}, which sees it, to {other}.", site=site, other=far)
            if old.mast_height_m != new.mast_height_m:
                words = msg(
                    "A mast of {height:g} m at {site}, and a link from there to {other}.",
                    height=height, site=site, other=far,
                )  # fmt: skip
        case FixKind.TOWER:
            label = msg("mast of {height:g} m at {site} for {home}", height=height, site=site, home=who)
            return msg("One more tower: {site} with a mast of {height:g} m.", site=site, height=height), label
    return (msg("{fix} It takes one more sector there.", fix=words) if new_sector else words), label


def of_other_band(words: Message, home_kit: str, sector_kit: str) -> Message:
    """Return what is to be done, with the kits that it takes: of the home, and of a new sector where there is one."""
    if sector_kit:
        return msg("{fix} With {sector}, and {home} at the home.", fix=words, sector=sector_kit, home=home_kit)
    return msg("{fix} With {home} at the home.", fix=words, home=home_kit)


def advice(plan: Plan, joining: Joining, reaching: Reaching, home: int, seen_by: list[int]) -> Message:
    """Return what could help a home that no tower of the network reaches, and for which no fix is known.

    Parameters
    ----------
    plan, joining, reaching
        What is known.
    home : int
        Its number.
    seen_by : list of int
        Towers that would reach it and cannot be joined to the network.
    """
    rows = np.flatnonzero(reaching.second == home)
    if seen_by:
        return _behind(plan, joining, [reaching.towers[n].site for n in seen_by])
    if not len(rows):
        return NEARER
    known, enough, clear, needed = reaching.outlook(rows)
    if not known:
        return msg("Elevation files for the area.")
    best = int(np.argmax(clear))
    site = reaching.towers[int(reaching.first[rows[best]])].site
    behind = []
    for number in reaching.towers_to_look_at(rows):
        depth = joining.depth(reaching.towers[number].site.id)
        if depth is not None and depth <= plan.rules.max_hops:
            return LOOK
        behind.append(reaching.towers[number].site)
    if behind:  # a look would find out nothing that helps
        return _behind(plan, joining, behind)
    if enough:
        return msg("Antennas with more gain, or a tower nearer to it.")
    if not needed[best] <= max(plan.rules.mast_heights_m, default=0.0) + 1e-6:  # also where no height is enough
        return msg(
            "No mast is high enough. What else helps: a tower at another place that sees this home, or one on "
            "the hill between."
        )
    return replace(TALLER_MAST, values=(("height", math.ceil(needed[best])), ("site", site.name or site.id)))


def _behind(plan: Plan, joining: Joining, seen_by: list[Site]) -> Message:
    """Return what helps where the towers that see a home reach no gateway within the links allowed."""
    most = plan.rules.max_hops
    depths = [depth for depth in (joining.depth(site.id) for site in seen_by) if depth is not None]
    needed = min(depths, default=None)
    if needed is None or needed <= most:
        # A chain of new towers is the planner's to find.
        name = seen_by[0].name or seen_by[0].id
        if needed is None:
            return msg("A tower between {site} and the network.", site=name)
        return msg("{site} sees it; let the planner find the towers between it and the gateway.", site=name)
    if needed == most + 1:
        return msg(
            "Allow one more hop in the rules of the plan, {hops} in all; or find a place for a tower that makes the "
            "way shorter.",
            hops=needed,
        )
    return msg(
        "Allow more hops in the rules of the plan, {hops} in all; or find a place for a tower that makes the way "
        "shorter.",
        hops=needed,
    )
