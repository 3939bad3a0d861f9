"""The edits that panels make, each with a name that a person recognises in the undo list. No Qt here."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.gui.kinds import THINGS, kind_of_table, rounded
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.gateways import NOT_SAID
from cn_planner.model.history import Edit
from cn_planner.model.plan import Sector, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.gui.kinds import Thing, ThingKind
    from cn_planner.model.plan import Plan

_FIELDS: dict[str, Message] = {
    "status": msg("state of {name}"),
    "role": msg("role of {name}"),
    "choice": msg("choice for {name}"),
    "power": msg("power of {name}"),
    "owner": msg("owner of {name}"),
    "consent": msg("consent for {name}"),
    "access": msg("access to {name}"),
    "hazard": msg("hazard at {name}"),
    "note": msg("note on {name}"),
    "build_cost": msg("cost of the place {name}"),
    "max_height_m": msg("greatest mast at {name}"),
    "mast_carries_n": msg("what the mast at {name} carries"),
    "weight": msg("how many homes {name} counts for"),
    "antenna_height_m": msg("antenna height of {name}"),
    "on_pole": msg("pole of {name}"),
    "kind": msg("kind of {name}"),
    "priority": msg("priority of {name}"),
    "people": msg("people of {name}"),
    "hamlet": msg("hamlet of {name}"),
    "relay": msg("whether {name} may relay"),
    "kit": msg("kit of {name}"),
    "width_mhz": msg("channel width of {name}"),
    "freq_mhz": msg("channel of {name}"),
    "from_height_m": msg("antenna height of {name}"),
    "to_height_m": msg("antenna height of {name}"),
    "no_build": msg("use of {name}"),
    "height_m": msg("height of {name}"),
    "radius_m": msg("width of {name}"),
    "latitude": msg("move {name}"),
    "longitude": msg("move {name}"),
}


def change_field(plan: Plan, table: str, key: str, field: str, value: Any) -> Edit:
    """Change one field of one thing.

    Raises
    ------
    InputError
        Where the value is not allowed.
    """
    thing = getattr(plan, table)[key]
    name, label = kind_of_table(table).name(plan, thing), None
    if field == "name":
        if not str(value).strip():
            raise InputError(msg("A name is missing."), fix=msg("Type one."))
        label = msg("rename {old} to {new}", old=name, new=str(value))
    elif field == "mast_height_m":
        return mast(plan, key, value or None)
    else:
        words = _FIELDS.get(field)
        label = Message(words.key, (("name", name),)) if words is not None else None
    return edits.put(plan, [replace(thing, **{field: value})], label)


def mast(plan: Plan, key: str, height_m: float | None) -> Edit:
    """Build a mast so high, or none."""
    site = plan.sites[key]
    name = site.name or site.id
    if height_m is None:
        label = msg("no mast at {name}", name=name)
    elif height_m > site.max_height_m:
        raise InputError(
            msg("At {name} a mast may be {most:g} m high at the most.", name=name, most=site.max_height_m),
            fix=msg("First allow a taller mast at this site."),
        )
    else:
        label = msg("mast of {height:g} m at {name}", height=round(height_m, 1), name=name)
    return edits.put(plan, [replace(site, mast_height_m=height_m)], label)


def add_sector(plan: Plan, key: str, azimuth_deg: float | None = None) -> Edit:
    """Add a sector, in the middle of the widest gap between those that are there."""
    site = plan.sites[key]
    number = 1
    while f"S{number}" in {one.id for one in site.sectors}:
        number += 1
    azimuth = _widest_gap([one.azimuth_deg for one in site.sectors]) if azimuth_deg is None else azimuth_deg
    sector = Sector(f"S{number}", plan.kits.access, azimuth)
    label = msg("add a sector to {name}", name=site.name or site.id)
    return edits.put(plan, [replace(site, sectors=(*site.sectors, sector))], label)


def _widest_gap(azimuths: list[float]) -> float:
    if not azimuths:
        return 0.0
    ordered = sorted(azimuths)
    gaps = [
        ((after - here) % 360.0 or 360.0, here) for here, after in zip(ordered, ordered[1:] + ordered[:1], strict=True)
    ]
    width, start = max(gaps)
    return float(round(start + width / 2.0) % 360)


def with_sector(site: Site, sector: str, **values: Any) -> Site:
    """Return a site with one sector changed."""
    return replace(site, sectors=tuple(replace(one, **values) if one.id == sector else one for one in site.sectors))


def turn_sector(plan: Plan, key: str, sector: str, azimuth_deg: float) -> Edit:
    """Turn a sector."""
    site = plan.sites[key]
    label = msg("turn a sector of {name} to {azimuth:.0f}°", name=site.name or site.id, azimuth=azimuth_deg)
    return edits.put(plan, [with_sector(site, sector, azimuth_deg=azimuth_deg % 360.0)], label)


def kit_of_sector(plan: Plan, key: str, sector: str, kit: str) -> Edit:
    """Give a sector another kit."""
    site = plan.sites[key]
    return edits.put(
        plan, [with_sector(site, sector, kit=kit)], msg("kit of a sector of {name}", name=site.name or site.id)
    )


def width_of_sector(plan: Plan, key: str, sector: str, width_mhz: float | None) -> Edit:
    """Give a sector a channel width of its own; None: its kit's."""
    site = plan.sites[key]
    label = msg("channel width of a sector of {name}", name=site.name or site.id)
    return edits.put(plan, [with_sector(site, sector, width_mhz=width_mhz)], label)


def channel(plan: Plan, user: tuple[str, str, str], freq_mhz: float | None) -> Edit:
    """Give a sector or link (kind, site, id) a channel by its centre; None: its kit's own."""
    kind, where, key = user
    if kind == "link":
        return change_field(plan, "links", key, "freq_mhz", freq_mhz)
    return set_sector(plan, where, key, "freq_mhz", freq_mhz)


_OF_SECTOR = {
    "tilt_deg": msg("tilt of sector {id} of {name}"),
    "height_m": msg("height of sector {id} of {name}"),
    "freq_mhz": msg("channel of sector {id} of {name}"),
}


def set_sector(plan: Plan, key: str, sector: str, field: str, value: float | None) -> Edit:
    """Change one number of a sector.

    Raises
    ------
    InputError
        Where the value is not allowed.
    """
    site = plan.sites[key]
    label = Message(_OF_SECTOR[field].key, (("id", sector), ("name", site.name or site.id)))
    return edits.put(plan, [with_sector(site, sector, **{field: value})], label)


def remove_sector(plan: Plan, key: str, sector: str) -> Edit:
    """Take a sector away."""
    site = plan.sites[key]
    label = msg("remove a sector of {name}", name=site.name or site.id)
    return edits.put(plan, [replace(site, sectors=tuple(one for one in site.sectors if one.id != sector))], label)


def uplink(plan: Plan, key: str, **values: Any) -> Edit:
    """Change where the Internet enters; of what nobody has said yet nothing is said."""
    site = plan.sites[key]
    label = msg("Internet at {name}", name=site.name or site.id)
    before = site.uplink or NOT_SAID
    return edits.put(plan, [replace(site, uplink=replace(before, **values))], label)


def remove_thing(plan: Plan, kind: ThingKind, key: str) -> Edit:
    """Remove one thing, with what cannot stand without it."""
    made = edits.remove(plan, kind.table, [key])
    if kind.table == "links":  # which people know by its ends
        label = msg("remove link {name}", name=kind.name(plan, plan.links[key]))
        made = replace(made, label=label)
    return made


def remove_things(plan: Plan, chosen: Mapping[str, Iterable[str]]) -> Edit:
    """Remove things of several tables, with what cannot stand without them, as one edit."""
    wanted = {table: tuple(ids) for table, ids in chosen.items()}
    new, count = plan, sum(map(len, wanted.values()))
    for table, ids in wanted.items():
        there = [key for key in ids if key in getattr(new, table)]  # a link may have gone with its tower
        edit = edits.remove(new, table, there) if there else None
        if edit is not None and len(wanted) == 1:
            return edit
        new = edit.plan if edit is not None else new
    return Edit(counted("remove {count} thing", "remove {count} things", count), new)


def by_table(plan: Plan, things: Iterable[Thing]) -> dict[str, list[str]]:
    """Return the things that the plan has, by table."""
    found: dict[str, list[str]] = {}
    for one in things:
        kind = THINGS[one.kind]
        if one.id in kind.rows(plan):
            found.setdefault(kind.table, []).append(one.id)
    return found


def set_field(plan: Plan, chosen: Mapping[str, Iterable[str]], field: str, value: Any) -> Edit:
    """Set one field of things of several tables, where they have it, as one edit.

    Raises
    ------
    InputError
        Where none of them has such a field, or the value is not allowed.
    """
    rows = [getattr(plan, table)[key] for table, keys in chosen.items() for key in keys]
    mine = [row for row in rows if hasattr(row, field)]
    if not mine:
        raise InputError(msg("None of these has that."), fix=msg("Select others."))
    if len(mine) == 1:
        table = next(table for table, keys in chosen.items() if mine[0].id in keys)
        return change_field(plan, table, mine[0].id, field, value)
    label = counted("change {count} thing", "change {count} things", len(mine))
    return edits.put(plan, [replace(row, **{field: value}) for row in mine], label)


def move_things(plan: Plan, chosen: Mapping[str, Iterable[str]], east_m: float, north_m: float) -> Edit:
    """Move things so far to the east and north, as one edit; those that stand at no one place stay.

    Raises
    ------
    InputError
        Where none of them can be moved.
    """
    rows = [getattr(plan, table)[key] for table, keys in chosen.items() for key in keys]
    mine = [row for row in rows if hasattr(row, "latitude")]
    if not mine:
        raise InputError(msg("None of these stands at one place."), fix=msg("Select others."))
    length, azimuth = math.hypot(east_m, north_m), math.degrees(math.atan2(east_m, north_m))
    moved = []
    for row in mine:
        latitude, longitude = rounded(destination(row.latitude, row.longitude, azimuth, length))
        moved.append(replace(row, latitude=latitude, longitude=longitude))
    return edits.put(plan, moved, counted("move {count} thing", "move {count} things", len(moved)))


def duplicate(plan: Plan, table: str, ids: Iterable[str]) -> tuple[Edit, tuple[str, ...]]:
    """Copy sites, homes, zones, trees or buildings, a few steps beside; return the edit and the new ids."""
    rows: Mapping[str, Any] = getattr(plan, table)
    taken, copies = set(rows), []
    for key in ids:
        new, number = f"{key}-copy", 2
        while new in taken:
            new, number = f"{key}-copy-{number}", number + 1
        taken.add(new)
        copies.append(_copy(rows[key], new))
    if len(copies) == 1:
        label = msg("copy {name}", name=getattr(copies[0], "name", "") or copies[0].id)
    else:
        label = counted("copy {count} thing", "copy {count} things", len(copies))
    return edits.put(plan, copies, label), tuple(one.id for one in copies)


_BESIDE_DEG = 0.0005  # some 50 m: near enough to be seen together, far enough to be told apart


def _copy(thing: Any, key: str) -> Any:
    values: dict[str, Any] = {"id": key}
    if hasattr(thing, "name"):
        values["name"] = f"{thing.name or thing.id} 2"
    if hasattr(thing, "ring"):
        values["ring"] = tuple((max(lat - _BESIDE_DEG, -90.0), lon) for lat, lon in thing.ring)
    else:
        values["latitude"] = max(thing.latitude - _BESIDE_DEG, -90.0)
    return replace(thing, **values)
