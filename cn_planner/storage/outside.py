"""What another program changed in a plan file: found by comparing the layers with what was last written.

A person may edit the layers in QGIS as they like. What can stand in a plan becomes part of it. What cannot (a height
out of range, a link that ends nowhere, a home without a place) is said, and the row is kept word for word in the layer
``set_aside``; the plan then keeps what it had. Nothing that was written is lost.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from cn_planner.message import Message, counted, msg
from cn_planner.model import history
from cn_planner.model.clients import unserved
from cn_planner.model.items import Items
from cn_planner.storage import cells
from cn_planner.storage.database import unguarded
from cn_planner.storage.layers import PLAN_LAYERS, PlanLayer
from cn_planner.storage.schema import SET_ASIDE, create_layer

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.storage.rows import StoredRows

_MOST_NOTICES = 20
_ID_WORDS = {
    "sites": "site",
    "households": "home",
    "links": "link",
    "zones": "zone",
    "obstacles": "obstacle",
    "terrain": "terrain",
    "measurements": "measurement",
    "notes": "note",
    "places": "place",
    "evidence": "evidence",
}
_SAME_PLACE_DEG = 1e-6
"""A line drawn from site to site with snapping ends there to 0.1 m."""


class Aside(NamedTuple):
    """A row as another program wrote it, and why it could not all be taken."""

    layer: str
    fid: int
    reason: Message
    row: tuple[Any, ...]


@dataclass(slots=True)
class OutsideEdit:
    """What the file's layers say.

    Attributes
    ----------
    plan : Plan
        The plan with all that could be taken.
    differs : bool
        Whether anything at all was not as it was last written.
    asides : list of Aside
        The rows that could not be taken, or not wholly.
    said : list of Message
        What else a person should know.
    fids : dict
        The row of each thing of `plan`.
    raw : dict
        The rows of each layer as they stand, None for a layer that is not there any more.
    lacking : dict
        The columns that each layer lacks.
    """

    plan: Plan
    differs: bool = False
    asides: list[Aside] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    fids: dict[str, dict[str, int]] = field(default_factory=dict)
    raw: dict[str, dict[int, tuple[Any, ...]] | None] = field(default_factory=dict)
    lacking: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def notices(self) -> tuple[Message, ...]:
        """What a person should know, the first of each kind in full."""
        problems = [
            msg("{layer}, row {row}: {reason}", layer=one.layer, row=one.fid, reason=one.reason) for one in self.asides
        ]
        every = problems + self.said
        if problems:
            every.insert(
                0,
                counted(
                    "{count} row could not be taken as another program wrote it; the layer {layer} keeps it.",
                    "{count} rows could not be taken as another program wrote them; the layer {layer} keeps them.",
                    len({(one.layer, one.fid) for one in self.asides}),
                    layer=SET_ASIDE,
                ),
            )
        if len(every) > _MOST_NOTICES:
            every[_MOST_NOTICES:] = [msg("{count} more of this kind.", count=len(every) - _MOST_NOTICES)]
        return tuple(every)


def edit_label(before: Plan, after: Plan) -> tuple[Message, tuple[history.Change, ...]]:
    """Return the name of the edit that another program made, and its changes."""
    changes = history.changes(before, after)
    count = Counter("added" if one.before is None else "removed" if one.after is None else "changed" for one in changes)
    name = msg(
        "changed by another program ({added} added, {changed} changed, {removed} removed)",
        added=count["added"],
        changed=count["changed"],
        removed=count["removed"],
    )
    return name, changes


def compare_rows(rows: StoredRows, plan: Plan) -> OutsideEdit:
    """Compare the layers with the plan that was last written."""
    found = OutsideEdit(plan)
    tables: dict[str, list[Any]] = {}
    renamed: dict[str, dict[str, str]] = {name: {} for name in PLAN_LAYERS}
    for name, layer in PLAN_LAYERS.items():
        read = _Reading(layer, plan, rows, found)
        if read.same:
            found.fids[name] = dict(rows.fids[name])
            continue
        found.differs = True
        tables[name] = read.things(plan if name != "links" else _with(plan, tables))
        renamed[name] = read.renamed
    if found.differs:
        found.plan = _fitted(_with(plan, tables), plan, renamed, found)
    return found


def _with(plan: Plan, tables: dict[str, list[Any]]) -> Plan:
    parts: dict[str, Any] = {name: Items(things) for name, things in tables.items()}
    return replace(plan, **parts)


class _Reading:
    """One layer, as it stands and as it was last written."""

    def __init__(self, layer: PlanLayer, plan: Plan, rows: StoredRows, found: OutsideEdit) -> None:
        self._layer, self._found = layer, found
        self._by_fid = {fid: getattr(plan, layer.name)[key] for key, fid in rows.fids[layer.name].items()}
        self._written = {fid: layer.row(thing, plan) for fid, thing in self._by_fid.items()}
        self._former = {thing.id for thing in self._by_fid.values()}
        self._next: dict[str, int] = {}
        self.renamed: dict[str, str] = {}
        lacking = rows.lacking_columns(layer)
        self._lacking = frozenset(lacking or ())
        found.lacking[layer.name] = self._lacking
        self._raw = None if lacking is None else rows.read_layer(layer, self._lacking)
        found.raw[layer.name] = self._raw
        # A column that an older program did not know is made, whether or not a row has anything in it.
        self.same = self._raw == self._written and not self._lacking

    def things(self, plan: Plan) -> list[Any]:
        """Return the things of the layer; those that only later layers can judge are taken for now."""
        name, raw = self._layer.name, self._raw
        if raw is None:
            if self._by_fid:  # a layer of a table that the program has learnt since was never there
                self._found.said.append(msg("The layer {layer} was removed; it was restored.", layer=name))
            self._found.fids[name] = {thing.id: fid for fid, thing in self._by_fid.items()}
            return list(self._by_fid.values())
        if any(self._held_something(column) for column in self._lacking):
            self._found.said.append(
                msg(
                    "Columns of {layer} were removed; they were restored: {names}.",
                    layer=name,
                    names=", ".join(sorted(self._lacking)),
                )
            )
        kept: dict[int, Any] = {}
        touched: list[int] = []
        for fid, row in raw.items():
            if fid in self._by_fid and row == self._written[fid]:
                kept[fid] = self._by_fid[fid]
            else:
                touched.append(fid)
        # Ids that stand cannot be taken by a row that is new or renamed.
        id_at = self._layer.column_names.index("id")
        used = {thing.id for thing in kept.values()}
        used |= {
            self._by_fid[fid].id for fid in touched if fid in self._by_fid and raw[fid][id_at] == self._by_fid[fid].id
        }
        for fid in touched:
            thing = self._thing(fid, raw[fid], used, plan)
            if thing is not None:
                kept[fid] = thing
                used.add(thing.id)
        self._found.fids[name] = {thing.id: fid for fid, thing in kept.items()}
        return list(kept.values())

    def _thing(self, fid: int, row: tuple[Any, ...], used: set[str], plan: Plan) -> Any:
        """Return the thing that a row stands for, as much of it as can be taken; None for none."""
        old = self._by_fid.get(fid)
        values, problems = cells.read_cells(self._layer, row, old, self._written.get(fid), self._lacking)
        values["id"] = self._id(fid, values.get("id"), old, used)
        if self._layer.name == "links":
            cells.ends_of_line(values, row[0], plan, _SAME_PLACE_DEG)
            if old is not None and row[0] != self._written[fid][0]:
                self._found.said.append(
                    msg("The line of link {link} follows its sites; it was put back.", link=values["id"])
                )
        needed = [
            one.name
            for one in fields(self._layer.kind)
            if one.default is MISSING and one.default_factory is MISSING and one.name not in values
        ]
        if problems:
            self._found.asides += [Aside(self._layer.name, fid, problem, row) for problem in problems]
        if needed:
            if not problems:
                self._found.asides.append(
                    Aside(self._layer.name, fid, msg("{columns} is not given.", columns=", ".join(needed)), row)
                )
            return old
        return self._layer.kind(**values)

    def _held_something(self, column: str) -> bool:
        """Return whether anything but the default stood in a column; in one that is new to the file, nothing did."""
        usual = {one.name: one.default for one in fields(self._layer.kind)}.get(column, MISSING)
        return usual is MISSING or any(getattr(thing, column) != usual for thing in self._by_fid.values())

    def _id(self, fid: int, wanted: Any, old: Any, used: set[str]) -> str:
        if old is not None:
            if not wanted or wanted == old.id:
                return str(old.id)
            if wanted in used:
                self._found.said.append(
                    msg(
                        "{layer}, row {row}: the id {id} is used already; it is still {old}.",
                        layer=self._layer.name,
                        row=fid,
                        id=wanted,
                        old=old.id,
                    )
                )
                return str(old.id)
            self.renamed[old.id] = wanted
            return str(wanted)
        if wanted and wanted not in used:
            return str(wanted)
        stem = wanted or _ID_WORDS[self._layer.name]
        number = self._next.get(stem, 2) if wanted else fid  # many rows may want one id: none looks from 2 again
        while f"{stem}-{number}" in used or f"{stem}-{number}" in self._former:
            number += 1
        if wanted:
            self._next[stem] = number + 1
        if wanted:
            self._found.said.append(
                msg(
                    "{layer}, row {row}: the id {id} is used already; it became {new}.",
                    layer=self._layer.name,
                    row=fid,
                    id=wanted,
                    new=f"{stem}-{number}",
                )
            )
        return f"{stem}-{number}"


def _fitted(plan: Plan, before: Plan, all_renamed: dict[str, dict[str, str]], found: OutsideEdit) -> Plan:
    """Return the plan with links, homes and public places that refer to sites that are there."""
    renamed = all_renamed["sites"]
    former = {name: {new: old for old, new in names.items()} for name, names in all_renamed.items()}
    links, gone = [], []
    for key, link in plan.links.items():
        ends = tuple(end if end in plan.sites else renamed.get(end, end) for end in (link.from_site, link.to_site))
        strange = [end for end in ends if end not in plan.sites]
        if not strange and ends[0] != ends[1]:
            if ends != (link.from_site, link.to_site):
                links.append(replace(link, from_site=ends[0], to_site=ends[1]))
            continue
        old = before.links.get(former["links"].get(key, key))
        if strange and all(end in before.sites for end in strange):
            found.said.append(msg("Link {link} went with its site {site}.", link=key, site=strange[0]))
            gone.append(key)
            continue
        reason = (
            msg("It ends at {site}, which is not a site.", site=strange[0])
            if strange
            else msg("It begins and ends at {site}.", site=ends[0])
        )
        _set_aside(found, "links", key, reason)
        kept = () if old is None else [renamed.get(end, end) for end in (old.from_site, old.to_site)]
        if kept and all(end in plan.sites for end in kept):
            links.append(replace(link, from_site=kept[0], to_site=kept[1]))
        else:
            gone.append(key)
    for key in gone:
        del found.fids["links"][key]
    served: dict[str, Any] = {
        name: getattr(plan, name).changed(put=_served(name, plan, before, renamed, former[name], found))
        for name in ("households", "places")
    }
    return replace(plan, links=plan.links.changed(put=links, remove=gone), **served)


def _served(
    table: str, plan: Plan, before: Plan, renamed: dict[str, str], former: dict[str, str], found: OutsideEdit
) -> list[Any]:
    """Return the homes, or public places, whose server is no site, with one that is, or without."""
    rows = []
    for key, one in getattr(plan, table).items():
        if one.server is None or one.server in plan.sites:
            continue
        server = renamed.get(one.server)
        if server is None and one.server not in before.sites:
            _set_aside(found, table, key, msg("{site}, which should serve it, is not a site.", site=one.server))
            was = getattr(before, table).get(former.get(key, key))
            server = None if was is None or was.server is None else renamed.get(was.server, was.server)
            server = server if server in plan.sites else None
        rows.append(unserved(one) if server is None else replace(one, server=server))
    return rows


def _set_aside(found: OutsideEdit, layer: str, key: str, reason: Message) -> None:
    fid = found.fids[layer][key]
    found.asides.append(Aside(layer, fid, reason, (found.raw[layer] or {}).get(fid, ())))


def write(rows: StoredRows, before: Plan, found: OutsideEdit) -> None:
    """Write what was found, within the caller's transaction: every row as the plan has it, the rest set aside."""
    connection = rows.connection
    with unguarded(connection):  # SQLite asks for functions of its own to change a schema
        for name, layer in PLAN_LAYERS.items():
            if found.raw[name] is None:
                create_layer(connection, layer)
            for column in sorted(found.lacking[name]):
                kind = next((one.sql_type for one in layer.columns if one.name == column), layer.geometry)
                connection.execute(f"ALTER TABLE {name} ADD COLUMN {column} {kind}")
    put = f"INSERT INTO {SET_ASIDE} (layer, row, reason, data) VALUES (?, ?, ?, ?)"  # noqa: S608 - our own names
    connection.executemany(
        put,
        [(one.layer, one.fid, str(one.reason), _as_text(PLAN_LAYERS[one.layer], one.row)) for one in found.asides],
    )
    rows.replace_all(found.plan, found.fids, {name: raw or {} for name, raw in found.raw.items()}, before)
    # GDAL notes the extent of a layer that it edits; it does not hold after the next edit, and none is asked for.
    connection.execute("UPDATE gpkg_contents SET min_x = NULL, min_y = NULL, max_x = NULL, max_y = NULL")


def _as_text(layer: PlanLayer, row: tuple[Any, ...]) -> str:
    values = dict(zip(layer.column_names, row, strict=False))
    plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
    return msgspec.json.encode(plain).decode()
