"""The edits: pure functions from a plan to a labelled plan. Each checks what it is given and raises InputError."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import Message, counted, msg
from cn_planner.model.addressing import Addressing, check_addressing
from cn_planner.model.clients import unserved
from cn_planner.model.costs import without_rate
from cn_planner.model.fields import all_within, check_limits
from cn_planner.model.ground import class_heights_of
from cn_planner.model.history import Change, Edit, apply_changes, changes
from cn_planner.model.plan import SECTIONS, TABLES, Household, Info, Link, Plan, PublicPlace, Site, TerrainFile
from cn_planner.model.power import Sun, check_sun

if TYPE_CHECKING:
    from collections.abc import Iterable


_TABLE_OF = {kind: name for name, kind in TABLES.items()}
KIND_WORDS = {
    "sites": msg("site"),
    "households": msg("home"),
    "links": msg("link"),
    "zones": msg("zone"),
    "obstacles": msg("obstacle"),
    "terrain": msg("terrain file"),
    "measurements": msg("measurement"),
    "notes": msg("note"),
    "places": msg("public place"),
    "evidence": msg("evidence"),
}


_REMOVED = {
    "sites": counted("remove {count} site", "remove {count} sites", 0),
    "households": counted("remove {count} home", "remove {count} homes", 0),
    "links": counted("remove {count} link", "remove {count} links", 0),
    "zones": counted("remove {count} zone", "remove {count} zones", 0),
    "obstacles": counted("remove {count} obstacle", "remove {count} obstacles", 0),
    "terrain": counted("remove {count} terrain file", "remove {count} terrain files", 0),
    "measurements": counted("remove {count} measurement", "remove {count} measurements", 0),
    "notes": counted("remove {count} note", "remove {count} notes", 0),
    "places": counted("remove {count} public place", "remove {count} public places", 0),
    "evidence": counted("remove {count} piece of evidence", "remove {count} pieces of evidence", 0),
}


def _name(thing: Any) -> str:
    return str(getattr(thing, "name", "") or thing.id)


def _check(plan: Plan, thing: Any) -> None:
    if not thing.id:
        raise InputError(msg("An id is empty."), where=_name(thing))
    check_limits(thing, where=thing.id)
    if isinstance(thing, Site):
        for sector in thing.sectors:
            check_limits(sector, where=f"{thing.id}/{sector.id}")
        if thing.uplink is not None:
            check_limits(thing.uplink, where=thing.id)
    if isinstance(thing, Link):
        for end in (thing.from_site, thing.to_site):
            if end not in plan.sites:
                raise InputError(msg("Link {link} ends at {site}, which is not a site.", link=thing.id, site=end))
        if thing.from_site == thing.to_site:
            raise InputError(msg("Link {link} begins and ends at {site}.", link=thing.id, site=thing.from_site))
    if isinstance(thing, TerrainFile):
        class_heights_of(thing.class_heights, where=thing.id)
    if isinstance(thing, Household) and thing.server is not None and thing.server not in plan.sites:
        raise InputError(msg("Home {home} is served by {site}, which is not a site.", home=thing.id, site=thing.server))
    if isinstance(thing, PublicPlace) and thing.server is not None and thing.server not in plan.sites:
        raise InputError(
            msg("Public place {place} is served by {site}, which is not a site.", place=thing.id, site=thing.server)
        )


def _all_fit(plan: Plan, homes: list[Household]) -> bool:
    """Return whether nothing is wrong with homes; a million of them come out of a list of buildings."""
    servers = {home.server for home in homes} - {None}
    return all(home.id for home in homes) and servers <= plan.sites.keys() and all_within(homes)


def put(plan: Plan, things: Iterable[Any], label: Message | None = None) -> Edit:
    """Add things to their tables, or put them in place of those of the same id.

    Parameters
    ----------
    plan : Plan
        The plan as it is.
    things : iterable
        Rows of any of the plan's tables, also mixed.
    label : Message, optional
        The edit's name; made from what changes where not given.

    Raises
    ------
    InputError
        Where a thing is outside its limits or refers to what is not there.
    """
    rows: dict[str, list[Any]] = {}
    for thing in things:
        rows.setdefault(_TABLE_OF[type(thing)], []).append(thing)
    new = plan
    for name in TABLES:  # sites before the links and homes that refer to them
        if name in rows:
            if name != "households" or not _all_fit(new, rows[name]):
                for thing in rows[name]:
                    _check(new, thing)
            changed: dict[str, Any] = {name: getattr(new, name).changed(put=rows[name])}
            new = replace(new, **changed)
    return Edit(label or _put_label(plan, rows), new)


def rebased(edit: Edit, base: Plan, plan: Plan) -> Edit:
    """Return an edit that was made from one plan as an edit of another: what was changed meanwhile stays.

    Parameters
    ----------
    edit : Edit
        Made from `base`.
    base, plan : Plan
        The plan that it was made from, and the plan as it stands.

    Raises
    ------
    InputError
        Where a field that the edit sets was changed meanwhile, or what it refers to is gone.
    """
    if plan is base:
        return edit
    found = []
    for change in changes(base, edit.plan):
        now = getattr(plan, change.part) if change.part in SECTIONS else getattr(plan, change.part).get(change.id)
        if now != change.after:  # else it was done meanwhile
            found.append(replace(change, before=now, after=_merged(change, now)))
    new = apply_changes(plan, found)
    for change in found:
        if change.part in TABLES and change.after is not None:
            _check(new, change.after)
    return Edit(edit.label, new)


def _merged(change: Change, now: Any) -> Any:
    """Return a row or section as it stands now with the fields that a change sets."""
    before, after = change.before, change.after
    if now == before:
        return after
    if None not in (before, after, now):
        values = {one.name: [getattr(row, one.name) for row in (before, after, now)] for one in fields(after)}
        ours = {name: new for name, (old, new, _) in values.items() if new != old}
        if all(values[name][2] in values[name][:2] for name in ours):
            return replace(now, **ours)
    thing = now or before or after
    raise InputError(
        msg("{what} was changed meanwhile.", what=_name(thing) if change.id else change.part),
        fix=msg("Wait for what is computed of the plan as it stands now, and choose again."),
    )


def _put_label(plan: Plan, rows: dict[str, list[Any]]) -> Message:
    things = [(name, thing) for name, group in rows.items() for thing in group]
    if len(things) != 1:
        return counted("change {count} thing", "change {count} things", len(things))
    name, thing = things[0]
    old = getattr(plan, name).get(thing.id)
    if old is None:
        return msg("add {kind} {name}", kind=KIND_WORDS[name], name=_name(thing))
    moved = getattr(old, "latitude", None) != getattr(thing, "latitude", None) or getattr(
        old, "longitude", None
    ) != getattr(thing, "longitude", None)
    if moved:
        return msg("move {kind} {name}", kind=KIND_WORDS[name], name=_name(thing))
    return msg("change {kind} {name}", kind=KIND_WORDS[name], name=_name(thing))


def remove(plan: Plan, table: str, ids: Iterable[str]) -> Edit:
    """Remove rows of one table, with what cannot stand without them.

    With a site go its links, and the homes and public places that it served are served by none.
    """
    gone = list(ids)
    rows = getattr(plan, table)
    for key in gone:
        if key not in rows:
            raise InputError(msg("There is no {kind} {id}.", kind=KIND_WORDS[table], id=key))
    label = (
        msg("remove {kind} {name}", kind=KIND_WORDS[table], name=_name(rows[gone[0]]))
        if len(gone) == 1
        else _REMOVED[table].about(len(gone))
    )
    parts: dict[str, Any] = {table: rows.changed(remove=gone)}
    new = replace(plan, **parts)
    if table == "sites":
        lost = set(gone)
        new = replace(
            new,
            links=plan.links.changed(
                remove=[k for k, link in plan.links.items() if link.from_site in lost or link.to_site in lost]
            ),
            households=plan.households.changed(
                put=[unserved(home) for home in plan.households.values() if home.server in lost]
            ),
            places=plan.places.changed(put=[unserved(place) for place in plan.places.values() if place.server in lost]),
        )
    return Edit(label, new)


def change_section(plan: Plan, section: str, label: Message | None = None, **values: Any) -> Edit:
    """Change fields of one section: ``change_section(plan, "rules", max_hops=3)``.

    A rate of exchange belongs to the currency that it was given for: where the currency becomes another, the plan has
    none, as before one was ever given.
    """
    before = getattr(plan, section)
    new = replace(before, **values)
    if isinstance(new, Addressing):
        check_addressing(new)
    if isinstance(new, Sun):
        check_sun(new)
    check_limits(new, where=section)
    parts: dict[str, Any] = {section: new}
    if isinstance(new, Info) and new.currency != before.currency:
        parts["costs"] = without_rate(plan.costs)
    return Edit(label or msg("change {fields}", fields=", ".join(sorted(values))), replace(plan, **parts))
