"""What people say of a decision, as an edit: that the planner decides, that it is kept, or that it is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.gateways import keeps_connection
from cn_planner.model.plan import Choice, Link, PublicPlace, Site, SiteRole, Status
from cn_planner.planning.decisions import DecisionKind
from cn_planner.planning.public_places import keeps_hotspot

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.decisions import Decision


def choice_of(plan: Plan, proposed: Plan, one: Decision) -> Choice:
    """Return what people say in the plan that stands of a decision of a proposed one."""
    if one.kind is DecisionKind.LINK:
        link = _link_there(plan, one)
        return Choice.FREE if link is None else link.choice
    if one.kind is DecisionKind.PLACE:
        place = plan.places.get(one.id)
        if place is None:
            return Choice.FREE
        return Choice.FORBIDDEN if place.left_out else Choice.LOCKED if place.must else Choice.FREE
    site = plan.sites.get(one.id)
    return Choice.FREE if site is None else _site_choice(site, one, proposed.sites[one.id])


def _site_choice(site: Site, one: Decision, proposed: Site) -> Choice:
    if one.kind is DecisionKind.GATEWAY:
        return Choice.LOCKED if keeps_connection(site) else site.uplink_choice
    if one.kind is DecisionKind.HOTSPOT:
        return Choice.LOCKED if keeps_hotspot(site) else site.hotspot_choice
    if one.kind is not DecisionKind.MAST:
        return site.choice
    if site.keep_mast_m is not None or (site.choice is Choice.LOCKED and site.mast_height_m is not None):
        return Choice.LOCKED
    return Choice.FORBIDDEN if site.max_height_m < (proposed.mast_height_m or 0.0) - 1e-9 else Choice.FREE


def _link_there(plan: Plan, one: Decision) -> Link | None:
    """Return the link of a plan that joins the ends of a decision's; None where there is none."""
    found = plan.links.get(one.id)
    if found is not None:
        return found
    return next((row for row in plan.links.values() if {row.from_site, row.to_site} == set(one.ends)), None)


def decide(plan: Plan, before: Plan, proposed: Plan, one: Decision, choice: Choice) -> Edit:
    """Return the edit of the plan that stands which says what people want of a decision of a proposed plan.

    `before` is the plan that the proposal was made over.

    Nothing is built by it: the planner keeps it the next time. A link that is kept keeps its two towers; where a tower
    itself is locked as it stands, to leave its mast, its connection or its hotspot to the planner unlocks it.

    Raises
    ------
    InputError
        Where what is decided on is in neither plan any more.
    """
    label = _label(proposed, one, choice)
    if one.kind is DecisionKind.LINK:
        return _decide_link(plan, before, proposed, one, choice, label)
    if one.kind is DecisionKind.PLACE:
        place = _row(plan.places.get(one.id), proposed.places.get(one.id))
        row = replace(place, must=choice is Choice.LOCKED, left_out=choice is Choice.FORBIDDEN)
        return edits.put(plan, [row], label)
    site = _site(plan, proposed, one.id)
    if one.kind is DecisionKind.GATEWAY:
        new = replace(_unlocked(site, choice, locked=site.uplink_bought), uplink_choice=choice)
    elif one.kind is DecisionKind.HOTSPOT:
        new = replace(_unlocked(site, choice, locked=site.hotspot), hotspot_choice=choice)
    elif one.kind is DecisionKind.MAST:
        new = _decide_mast(site, proposed.sites[one.id], one, choice)
    else:
        new = replace(site, choice=choice)
        high = proposed.sites[one.id].mast_height_m
        if choice is Choice.LOCKED and site.mast_height_m is not None and site.mast_height_m != high:
            new = replace(new, keep_mast_m=high)  # it is kept as it was proposed
    if new.role is SiteRole.RELAY and new.choice is Choice.FREE and not new.in_network and new.status is Status.IDEA:
        return replace(edits.remove(plan, "sites", [new.id] if new.id in plan.sites else []), label=label)
    return edits.put(plan, [new], label)


def _unlocked(site: Site, choice: Choice, *, locked: bool) -> Site:
    """Return a site that does not keep by its own lock what is not to be kept."""
    held = locked and choice is not Choice.LOCKED and site.choice is Choice.LOCKED
    return replace(site, choice=Choice.FREE) if held else site


def _decide_mast(site: Site, proposed: Site, one: Decision, choice: Choice) -> Site:
    if choice is Choice.LOCKED:
        return replace(site, keep_mast_m=proposed.mast_height_m, max_height_m=proposed.max_height_m)
    site = replace(_unlocked(site, choice, locked=site.mast_height_m is not None), keep_mast_m=None)
    if choice is Choice.FREE:
        return replace(site, max_height_m=max(site.max_height_m, proposed.max_height_m))
    if one.lower_m is None:
        raise InputError(
            msg("{site} can have no lower mast.", site=site.name or site.id),
            fix=msg("Leave out the tower, or allow lower masts in the rules."),
        )
    return replace(site, max_height_m=one.lower_m)


def _decide_link(plan: Plan, before: Plan, proposed: Plan, one: Decision, choice: Choice, label: Message) -> Edit:
    """Return the edit for a link: one that only a wish put into the plan goes with the wish."""
    there = _link_there(plan, one)
    if choice is Choice.FREE and there is not None and there.id not in before.links:
        return replace(edits.remove(plan, "links", [there.id]), label=label)
    rows: list[Site | Link] = []
    for end in one.ends:
        site = _site(plan, proposed, end)
        if choice is Choice.LOCKED and site.choice is not Choice.LOCKED:
            site = replace(site, choice=Choice.LOCKED)
        if site != plan.sites.get(end):
            rows.append(site)
    link = there if there is not None else _row(None, proposed.links.get(one.id))
    return edits.put(plan, [*rows, replace(link, choice=choice)], label)


Row = TypeVar("Row", Site, Link, PublicPlace)


def _row(there: Row | None, proposed: Row | None) -> Row:
    found = there if there is not None else proposed
    if found is None:
        raise InputError(msg("What was decided on is no longer in the plan."), fix=msg("Plan again."))
    return found


def _site(plan: Plan, proposed: Plan, key: str) -> Site:
    """Return a place as it stands; one that only the proposal has without what the proposal builds there."""
    there = plan.sites.get(key)
    if there is not None:
        return there
    return replace(
        _row(None, proposed.sites.get(key)), mast_height_m=None, sectors=(), uplink_bought=False, hotspot=False
    )


def _label(proposed: Plan, one: Decision, choice: Choice) -> Message:
    """Return the name of the edit."""
    name = decision_name(proposed, one)
    what: Message | str = name
    if one.kind is DecisionKind.MAST:
        what = msg("the mast of {name}", name=name)
    elif one.kind is DecisionKind.GATEWAY:
        what = msg("the connection at {name}", name=name)
    elif one.kind is DecisionKind.HOTSPOT:
        what = msg("the hotspot at {name}", name=name)
    if choice is Choice.LOCKED:
        return msg("keep {what}", what=what)
    if choice is Choice.FORBIDDEN:
        return msg("leave out {what}", what=what)
    return msg("leave {what} to the planner", what=what)


def decision_name(proposed: Plan, one: Decision) -> str:
    """Return what a decision is about by name: a place, or a link by both its ends."""

    def called(key: str) -> str:
        site = proposed.sites.get(key)
        return key if site is None else site.name or key

    if one.kind is DecisionKind.LINK:
        return " – ".join(called(end) for end in one.ends)
    place = proposed.places.get(one.id) if one.kind is DecisionKind.PLACE else None
    return called(one.id) if place is None else place.name or place.id
