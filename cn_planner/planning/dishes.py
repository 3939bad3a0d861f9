"""Dishes whose gain the law eats: where a smaller one carries the same, and where reception needs the large one.

A limit on what is radiated lowers the power by each dB that the dish gains: to send, a dish of 29 dBi is then worth no
more than one of 23, and only what it hears is better. For each such link the cheapest dish of the shelf is looked for
that keeps the plan's margin and clearance and carries what the link must. A smaller dish also hears more of the others,
and is heard more by them: where the plan has channels, it is offered only where on these nobody gets less.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import UnitCosts
from cn_planner.links.country_channels import more_room
from cn_planner.links.regulatory_limits import eaten_gain_db
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.plan import Status
from cn_planner.planning.link_kits import links_that_carry, smaller_kits
from cn_planner.planning.loads import standing_matrix
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import loads_behind
from cn_planner.spectrum.channels import plan_channels

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.model.equipment import Kit
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Link, Plan
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.study import Study

_MOST_NAMED = 5


class DishChoice(NamedTuple):
    """A link whose dish the law eats from.

    Attributes
    ----------
    link : str
    kit, smaller : str
        Its kit, and the cheapest one that carries the same; empty where reception needs the dish.
    eaten_db : float
        By how much the law lowers what the radio could send.
    saved : float
        What the smaller one costs less, both ends, in the plan's currency.
    """

    link: str
    kit: str
    smaller: str
    eaten_db: float
    saved: float

    @property
    def words(self) -> Message:
        """What is to be known of it, in a sentence."""
        if not self.smaller:
            return msg(
                "{link}: the law takes {db:.0f} dB of what its radios could send; reception needs the dish.",
                link=self.link, db=self.eaten_db,
            )  # fmt: skip
        return msg(
            "{link}: the law takes {db:.0f} dB of what its radios could send; {kit} carries the same and costs "
            "{saved:,.0f} less.",
            link=self.link, db=self.eaten_db, kit=self.smaller, saved=self.saved,
        )  # fmt: skip


def dish_choices(study: Study, only: Collection[str] | None = None) -> tuple[DishChoice, ...]:
    """Return the links that are not built yet and whose dish the law eats from, by their ids; of some links alone."""
    if study.regulations is None or not study.regulations.caps:
        return ()
    behind = loads_behind(study.plan)
    found = []
    for link in study.plan.standing_links.values():
        kit = study.catalogue.kits.get(link.kit or study.plan.kits.backhaul)
        if link.status is Status.BUILT or kit is None or (only is not None and link.id not in only):
            continue
        set_to = kit.on(link.freq_mhz, link.width_mhz)
        eaten = eaten_gain_db(set_to, study.catalogue, study.regulations)
        if eaten > 0.0:
            smaller, saved = _cheapest(study, link, set_to, behind.get(link.id, 0.0))
            found.append(DishChoice(link.id, kit.id, smaller, eaten, saved))
    return tuple(sorted(found))


def dishes_on_air(study: Study, only: Collection[str] | None = None, *, run: Run = ALONE) -> tuple[DishChoice, ...]:
    """Return the dishes of `dish_choices`, a smaller one only where with it nobody gets less on the plan's channels.

    All smaller ones together where that holds, else one after another, those first that save most. Where channels are
    not given yet, no more is known than of each link alone.

    Raises
    ------
    CancelledError
    """
    found = dish_choices(study, only)
    small = sorted((one for one in found if one.smaller), key=lambda one: (-one.saved, one.link))
    if not small or not _has_channels(study.plan):
        return found
    steps = len(small) + 2
    now = plan_channels(study, keep=True, settled=True, run=run.part(0.0, 1.0 / steps))

    def harmless(some: list[DishChoice], step: int) -> bool:
        edit = smaller_dishes(study.plan, tuple(some))
        tried = study if edit is None else replace(study, plan=edit.plan)
        watch = run.part(step / steps, (step + 1) / steps)
        return _no_worse(plan_channels(tried, keep=True, settled=True, run=watch), now)

    kept = small if harmless(small, 1) else []
    if not kept and len(small) > 1:
        for n, one in enumerate(small, 2):
            if harmless([*kept, one], n):
                kept.append(one)
    stay = {one.link for one in small} - {one.link for one in kept}
    return tuple(one._replace(smaller="", saved=0.0) if one.link in stay else one for one in found)


def _has_channels(plan: Plan) -> bool:
    """Return whether every sector and link that stands has a channel of its own."""
    sectors = all(one.freq_mhz for site in plan.sites.values() for one in site.sectors)
    return sectors and all(one.freq_mhz for one in plan.standing_links.values())


def _no_worse(now: ChannelPlan, before: ChannelPlan) -> bool:
    """Return whether nobody is left out, and nothing carries too little, that was not so or carried more before."""
    short = {one.user: one.rate_mbps for one in before.short}
    return now.not_served <= before.not_served and all(
        one.rate_mbps >= short.get(one.user, np.inf) for one in now.short
    )


def _cheapest(study: Study, link: Link, kit: Kit, homes: float) -> tuple[str, float]:
    """Return the cheapest kit that carries what a link must, and what it costs less; empty where none is cheaper."""
    costs = UnitCosts(study.plan, study.catalogue)
    price = costs.kit(kit).total
    for other in smaller_kits(study, kit):
        if _carries(study, link, other, homes):
            return other.id, 2.0 * (price - costs.kit(other).total)
    return "", 0.0


def _carries(study: Study, link: Link, kit: Kit, homes: float) -> bool:
    matrix = standing_matrix(study, link, kit)
    if matrix is None:
        return False
    busy = study.plan.demand.later_mbps
    budget, fine = links_that_carry(study, matrix, busy, kit)
    rate = float(np.minimum(budget.rate_down_mbps, budget.rate_up_mbps)[0, 0, 0])
    return bool(fine[0, 0, 0]) and rate >= homes * busy


def smaller_dishes(plan: Plan, choices: tuple[DishChoice, ...]) -> Edit | None:
    """Return the edit that gives links the smaller dish that carries the same; None where no link has one."""
    changed = [(one.link, one.smaller) for one in choices if one.smaller]
    if not changed:
        return None
    label = counted("smaller dish on a link", "smaller dishes on {count} links", len(changed))
    links = [replace(plan.links[key], kit=kit) for key, kit in changed]
    return edits.put(plan, links, label)


def dish_notes(study: Study, *, run: Run = ALONE) -> tuple[Message, ...]:
    """Return what is to be known of the dishes that a plan's links were given under its country's law.

    Which have a smaller one than the plan's kit for links, and which keep theirs because reception needs it.
    """
    plan, notes = study.plan, list[Message]()
    found = dishes_on_air(study, run=run)
    small = [one.id for one in plan.standing_links.values() if one.status is not Status.BUILT and _smaller(study, one)]
    if small:
        notes.append(
            msg(
                "The rules of the country limit what the dish of “{kit}” may send: a smaller one carries what "
                "these links must, and is planned for {links}.",
                kit=study.catalogue.kit(plan.kits.backhaul).name, links=_named(small),
            )
        )  # fmt: skip
    large = [one for one in found if not one.smaller and one.link not in small]
    if large:
        notes.append(
            msg(
                "The law takes up to {db:.0f} dB of what the radios of these links could send; they keep the large "
                "dish, for reception needs it: {links}.",
                db=max(one.eaten_db for one in large), links=_named([one.link for one in large]),
            )
        )  # fmt: skip
    return (*notes, *(one.words for one in found if one.smaller))


def room_notes(study: Study) -> tuple[Message, ...]:
    """Return how a plan whose air is full has more channels for its links, where the law leaves them more for less."""
    kit = study.catalogue.kits.get(study.plan.kits.backhaul)
    found = None if kit is None else more_room(study.catalogue, kit, study.regulations)
    if kit is None or found is None:
        return ()
    values: dict[str, float | str] = {
        "less": found.less_db, "channels": found.channels, "now": found.now, "kit": kit.name, "freq": found.freq_mhz
    }  # fmt: skip
    if found.dfs:
        return (
            msg(
                "The law leaves these links {channels} channels in place of {now} where they send {less:.0f} dB less "
                "and look for radars: copy “{kit}”, set the copy to {freq:g} MHz, choose it for links, and plan again.",
                **values,
            ),
        )
    return (
        msg(
            "The law leaves these links {channels} channels in place of {now} where they send {less:.0f} dB less: "
            "copy “{kit}”, set the copy to {freq:g} MHz, choose it for links, and plan again.",
            **values,
        ),
    )


def _smaller(study: Study, link: Link) -> bool:
    """Return whether a link has a smaller dish than the plan's kit for links, where the law eats that one's gain."""
    usual, own = study.catalogue.kits.get(study.plan.kits.backhaul), study.catalogue.kits.get(link.kit)
    if usual is None or own is None or own.id == usual.id:
        return False
    on = usual.on(link.freq_mhz or own.freq_mhz, link.width_mhz or own.width_mhz)
    return any(one.id == own.id for one in smaller_kits(study, on))


def _named(links: list[str]) -> str:
    return ", ".join(links[:_MOST_NAMED]) + (", …" if len(links) > _MOST_NAMED else "")
