"""What people put on the shelf themselves: it travels in the plan, apart from what the program brings.

The id of such an entry begins with ``own-``, so that none is ever mistaken for, or replaced by, one of the program's.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.equipment import Antenna, Item, ItemClass, Kit, Radio
from cn_planner.model.sheet_readings import with_readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.equipment import Catalogue, OwnPrice, OwnShelf
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan

Entry: TypeAlias = "Radio | Antenna | Kit | Item"
OWN = "own-"
ENTRY_KINDS: dict[str, type[Any]] = {"kit": Kit, "radio": Radio, "antenna": Antenna, "item": Item}
_KIND_WORDS = {"kit": msg("kit"), "radio": msg("radio"), "antenna": msg("antenna"), "item": msg("item")}


def entry_kind_of(entry: Entry) -> str:
    """Return the kind of an entry: kit, radio, antenna or item."""
    return next(kind for kind, owner in ENTRY_KINDS.items() if isinstance(entry, owner))


def with_own(catalogue: Catalogue, own: OwnShelf) -> Catalogue:
    """Return the shelf with a plan's own entries, prices, readings and measured patterns beside what it has.

    A kit is left out where this version of the program has not all that it stands on: the check of the plan then says
    that there is no such kit, wherever the plan names it.
    """
    if own.readings:
        catalogue = with_readings(catalogue, own.readings)
    items = dict(catalogue.items)
    for radio in own.radios:
        name = f"{radio.maker} {radio.name}".strip()
        items[radio.id] = Item(radio.id, name, ItemClass.RADIO, "piece", None, radio.max_power_w or 0.0)
    for antenna in own.antennas:
        name = f"{antenna.maker} {antenna.name}".strip()
        items[antenna.id] = Item(antenna.id, name, ItemClass.ANTENNA, "piece", None)
    items |= {one.id: one for one in own.items}
    now = catalogue.former
    for row in own.prices:
        key = now.get(row.item, row.item)
        if key in items:
            items[key] = replace(items[key], price=row.price)
    radios = catalogue.radios | {one.id: one for one in own.radios}
    antennas = catalogue.antennas | {one.id: one for one in own.antennas}
    whole = {
        kit.id: kit
        for kit in (_of_today(one, now) for one in own.kits)
        if kit.radio in radios
        and radios[kit.radio].modes_at(kit.width_mhz)
        and kit.antenna in antennas
        and all(part.item in items for part in kit.parts)
    }
    joined = replace(catalogue, radios=radios, antennas=antennas, kits=catalogue.kits | whole, items=items)
    return joined.with_patterns({now.get(one.antenna, one.antenna): one.pattern for one in own.patterns})


def _of_today(kit: Kit, now: Mapping[str, str]) -> Kit:
    """Return a kit with the ids that radios, antennas and parts have today."""
    if now.keys().isdisjoint((kit.radio, kit.antenna, *(part.item for part in kit.parts))):
        return kit
    parts = tuple(replace(part, item=now.get(part.item, part.item)) for part in kit.parts)
    return replace(kit, radio=now.get(kit.radio, kit.radio), antenna=now.get(kit.antenna, kit.antenna), parts=parts)


def find_entry(catalogue: Catalogue, key: str) -> Entry:
    """Return an entry of the shelf by its id: of a kit, else of a radio, an antenna or an item.

    Raises
    ------
    InputError
        Where there is none.
    """
    for kind in ENTRY_KINDS:
        rows: dict[str, Entry] = getattr(catalogue, f"{kind}s")
        if key in rows:
            return rows[key]
    raise InputError(msg("The shelf has no {id}.", id=key), fix=msg("Look at the list of what it has."))


def is_own(entry: Entry) -> bool:
    """Return whether an entry is people's own."""
    return entry.id.startswith(OWN)


def own_id(name: str, taken: Iterable[str]) -> str:
    """Return an id for an own entry of a name, that none has yet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "entry"
    base = slug if slug.startswith(OWN) else OWN + slug
    known, number, key = set(taken), 2, base
    while key in known:
        key, number = f"{base}-{number}", number + 1
    return key


def put_entry(plan: Plan, entry: Entry, label: Message | None = None) -> Edit:
    """Return the edit that adds an own entry, or puts it in place of the one of its id. It is checked already.

    Raises
    ------
    InputError
        Where its id is not that of an own entry.
    """
    if not is_own(entry):
        raise InputError(
            msg("{name} is the program's own entry and stays as it is.", name=entry.name),
            where=entry.id,
            fix=msg("Copy it and change the copy."),
        )
    kind = entry_kind_of(entry)
    rows = {one.id: one for one in getattr(plan.shelf, f"{kind}s")}
    verb = msg("change {kind} {name}", kind=_KIND_WORDS[kind], name=entry.name) if entry.id in rows else msg(
        "add {kind} {name}", kind=_KIND_WORDS[kind], name=entry.name
    )  # fmt: skip
    rows[entry.id] = entry
    return edits.change_section(plan, "shelf", label or verb, **{f"{kind}s": tuple(rows[key] for key in sorted(rows))})


def _users(plan: Plan, key: str) -> list[str]:
    """Return what of a plan stands on an own entry."""
    own = plan.shelf
    found = [kit.name for kit in own.kits if key in (kit.radio, kit.antenna, *(part.item for part in kit.parts))]
    found += [radio.name for radio in own.radios if radio.antenna == key]
    found += [f"kits.{field}" for field, kit in plan.kits.named if kit == key]
    found += ["rules.more_access"] if key in plan.more_access else []
    found += [site.name or site.id for site in plan.sites.values() if any(one.kit == key for one in site.sectors)]
    found += [one.id for table in (plan.households, plan.places) for one in table.values() if one.client_kit == key]
    found += [link.id for link in plan.links.values() if link.kit == key]
    found += [one.site for one in plan.power.sets if key in (one.panel, one.battery, one.controller)]
    return found


def remove_entry(plan: Plan, entry: Entry) -> Edit:
    """Return the edit that takes an own entry from the shelf, with its price and pattern.

    Raises
    ------
    InputError
        Where it is not people's own, or something stands on it: names what.
    """
    if not is_own(entry):
        raise InputError(msg("{name} is the program's own entry and stays.", name=entry.name), where=entry.id)
    users = _users(plan, entry.id)
    if users:
        raise InputError(
            msg("{name} is used by {users}.", name=entry.name, users=", ".join(users[:5])),
            where=entry.id,
            fix=msg("Choose another one there first."),
        )
    kind, own = entry_kind_of(entry), plan.shelf
    rows = tuple(one for one in getattr(own, f"{kind}s") if one.id != entry.id)
    return edits.change_section(
        plan,
        "shelf",
        msg("remove {kind} {name}", kind=_KIND_WORDS[kind], name=entry.name),
        **{f"{kind}s": rows},
        prices=tuple(one for one in own.prices if one.item != entry.id),
        patterns=tuple(one for one in own.patterns if one.antenna != entry.id),
    )


def put_prices(plan: Plan, prices: Iterable[OwnPrice], *, replace_all: bool, label: Message) -> Edit:
    """Return the edit that keeps prices of one's own, beside those that are kept already or in their place."""
    rows = {} if replace_all else {one.item: one for one in plan.shelf.prices}
    rows |= {one.item: one for one in prices}
    return edits.change_section(plan, "shelf", label, prices=tuple(rows[key] for key in sorted(rows)))
