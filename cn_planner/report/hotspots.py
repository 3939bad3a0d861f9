"""People with a phone, for papers and words: each hotspot with who gets there, and everyone in three classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.costs import UnitCosts
from cn_planner.message import Message, counted, msg
from cn_planner.model.clients import client_of, hotspots_on
from cn_planner.report.columns import MONEY, NUMBER, WORD, heading, record
from cn_planner.report.words import PLACE_KINDS
from cn_planner.service.hotspots import HowReached, people_reached

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.model.plan import Plan
    from cn_planner.progress import Run
    from cn_planner.service.hotspots import HotspotReach, PeopleReached
    from cn_planner.study import Study


@record
class HotspotRecord:
    """One hotspot: at a public place, or on a tower."""

    id: str = heading(msg("Id"))
    name: str = heading(msg("Where"), wide=True)
    kind: Message = heading(msg("What it is"), WORD)
    people: float = heading(msg("People who get there on foot"), NUMBER)
    not_at_home: float = heading(msg("Of them not connected at home"), NUMBER)
    radius_m: float | None = heading(msg("A phone works up to"), NUMBER, "m")
    cost: float = heading(msg("To build"), MONEY, total=True)
    note: Message | None = heading(msg("Note"), WORD, wide=True, default=None)


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Everyone, once: people and homes, by how they come onto the network."""

    at_home: float
    on_foot: float
    left_out: float
    homes_at_home: float
    homes_on_foot: float
    homes_left_out: float


@dataclass(frozen=True, slots=True)
class PhoneChapter:
    """What the plan says of people with a phone."""

    hotspots: tuple[HotspotRecord, ...] = ()
    counts: PeopleCounts | None = None


def counts_of(plan: Plan, found: PeopleReached) -> PeopleCounts:
    """Return everyone in three classes."""
    order = (HowReached.AT_HOME, HowReached.ON_FOOT, HowReached.LEFT_OUT)
    return PeopleCounts(*(found.count(how) for how in order), *(found.homes(plan, how) for how in order))


def phone_chapter(study: Study, connected: Collection[str], down: Collection[str], *, run: Run) -> PhoneChapter:
    """Return the hotspots of a plan and who reaches it how; nothing where its rules allow none or it has no places.

    Raises
    ------
    InputError
        Where the kit of hotspots is not on the shelf.
    CancelledError
    """
    plan = study.plan
    if not hotspots_on(plan):
        return PhoneChapter()
    found = people_reached(study, connected, down=down, run=run)
    return PhoneChapter(tuple(_record(study, one) for one in found.hotspots), counts_of(plan, found))


def _record(study: Study, one: HotspotReach) -> HotspotRecord:
    plan, spot = study.plan, one.hotspot
    costs = UnitCosts(plan, study.catalogue)
    if spot.on_tower:
        kind, cost = msg("on a tower"), costs.hotspot_at(plan.sites[spot.id]).total
    else:
        kind = PLACE_KINDS[plan.places[spot.id].kind]
        cost = costs.home(client_of(plan.places[spot.id])).total
    radius = None if math.isnan(one.radius_m) else one.radius_m
    return HotspotRecord(spot.id, spot.name, kind, one.people, one.not_at_home, radius, cost, weak_words(plan, one))


def weak_words(plan: Plan, one: HotspotReach) -> Message | None:
    """Return that a phone fails before the walk ends, or that nobody comes; None where neither is so."""
    if one.people <= 0.0:
        return msg("Nobody is within reach.")
    if math.isnan(one.radius_m):
        return msg("How far a phone works is not known: terrain is missing.")
    if one.radius_m < plan.phones.walk_m:
        return msg("Weak beyond {metres:,.0f} m: the phone's way back fails first.", metres=one.radius_m)
    return None


def counts_words(counts: PeopleCounts) -> Message:
    """Return in one sentence how everyone comes onto the network."""
    return msg(
        "{home:,.0f} people are connected at home, {foot:,.0f} reach the network on foot with a phone, {left:,.0f} are "
        "left out.",
        home=counts.at_home, foot=counts.on_foot, left=counts.left_out,
    )  # fmt: skip


def no_hotspot_words(plan: Plan) -> Message:
    """Return why a plan has no hotspot, and what would give it one."""
    if not plan.rules.hotspots:
        return msg("The plan has no hotspot: its rules allow none.")
    if not hotspots_on(plan):
        return msg(
            "The plan has no hotspot: it has no public places. Put schools, wells or markets on the map, or bring a "
            "list of them."
        )
    return msg(
        "The plan has no hotspot: none of its public places is connected, and no tower with a hotspot. Make "
        "the plan anew: it looks for a network that connects them."
    )


def chapter_notes(chapter: PhoneChapter) -> tuple[Message, ...]:
    """Return the paragraph under the table of hotspots."""
    if chapter.counts is None or not chapter.hotspots:
        return ()
    return (
        counts_words(chapter.counts),
        msg(
            "Each person counts once; a hotspot has all who live within walking distance, or where a phone works out "
            "of doors. Where nobody has counted the people of a home, as many are assumed as the assumptions say."
        ),
    )


def page_one_words(chapter: PhoneChapter) -> Message | None:
    """Return what page one says of people with a phone; None where the plan has no hotspot."""
    if chapter.counts is None or not chapter.hotspots:
        return None
    hotspots = counted("{count} hotspot", "{count} hotspots", len(chapter.hotspots))
    return msg("{hotspots}: {counts}", hotspots=hotspots, counts=counts_words(chapter.counts))
