"""What the program's own tables call their columns, so that a sheet of them that a spreadsheet saved is read again.

A workbook of the program's own says the keys of its columns beside their titles; saved as CSV it has the titles alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.importers.fields import normal
from cn_planner.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.importers.fields import TargetField
    from cn_planner.importers.kinds import ImportKind
    from cn_planner.model.plan import Plan

# No `msg`: these words are in the catalogue because tables show them. Lengths have their unit: a mast is no height.
_TITLES: Mapping[str, tuple[str, str]] = {
    "id": ("Id", ""),
    "name": ("Name", ""),
    "latitude": ("Latitude", "°"),
    "longitude": ("Longitude", "°"),
    "note": ("Note", ""),
    "kind": ("Kind", ""),
    "people": ("People", ""),
    "antenna_height_m": ("Roof antenna", "m"),
    "weight": ("Counts for", ""),
    "priority": ("Priority", ""),
    "hamlet": ("Hamlet", ""),
    "usual_height_m": ("Usual height", "m"),
    "on_pole": ("On a pole of its own", ""),
    "relay": ("May relay for others", ""),
    "must": ("Must be connected", ""),
    "busy_mbps": ("Busy hour", "Mbit/s"),
    "role": ("Role", ""),
    "status": ("Status", ""),
    "power": ("Power", ""),
    "owner": ("Owner", ""),
    "consent": ("Consent", ""),
    "access": ("Access", ""),
    "hazard": ("Hazard", ""),
    "max_height_m": ("Greatest mast", "m"),
    "mast_height_m": ("Mast", "m"),
    "mast_carries_n": ("Mast carries", "N"),
    "cost": ("Road, land, mains", "{currency}"),
    "uplink_kind": ("Internet from", ""),
    "uplink_mbps": ("Internet, Mbit/s", ""),
    "uplink_month": ("Internet a month", "{currency}"),
    "uplink_open": ("To open the Internet", "{currency}"),
}
"""By the name of a field: the title of its column, and the unit behind that."""


def fields_of(kind: ImportKind, plan: Plan) -> tuple[TargetField, ...]:
    """Return the fields of a kind of file, with what their columns are called in tables of this plan."""
    if kind.table == "measurements":  # of them no table is written but sheets that are filled in by hand
        return kind.fields
    return tuple(as_printed(one, plan.info.language, plan.info.currency) for one in kind.fields)


def as_printed(field: TargetField, language: str, currency: str) -> TargetField:
    """Return a field with what its columns are called in tables of a plan of that language and currency."""
    field = field.in_currency(currency)
    if field.name not in _TITLES:
        return field
    title, unit = _TITLES[field.name]
    names = dict.fromkeys(
        normal(f"{say(Message(title), one)} {unit.format(currency=currency)}") for one in (language, SOURCE_LANGUAGE)
    )
    return replace(field, aliases=(*field.aliases, *(name for name in names if name and name not in field.aliases)))
