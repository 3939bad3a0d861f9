"""Two plans that began as one, brought together: what does not touch comes together, what does is a conflict.

It is decided field by field: what one of both changed is taken, what both changed alike stands once, and what both
changed otherwise is for people to say. A place is one field, and so are the two ends of a link. Which of both is called
mine makes no difference but for what is taken where they conflict.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any

from cn_planner.message import Message, msg
from cn_planner.model.apart import Names, things_apart
from cn_planner.model.clients import unserved
from cn_planner.model.edits import KIND_WORDS
from cn_planner.model.items import Items
from cn_planner.model.measurement import Calibration
from cn_planner.model.plan import SECTIONS, TABLES, Evidence, Household, Link, Measurement, Note, Plan, PublicPlace

_WHOLE = frozenset({"calibration", "scenarios", "addresses", "sun", "choices"})
"""Sections whose fields say nothing without each other."""
_KEYS = {
    "radios": ("id",),
    "antennas": ("id",),
    "kits": ("id",),
    "items": ("id",),
    "prices": ("item",),
    "patterns": ("antenna",),
    "readings": ("entry", "field"),
    "sets": ("site",),
}
"""Fields that hold rows, and by what these are told apart: as rows of a table they come together one by one."""
_GROUPS = (
    ("latitude", "longitude"),
    ("from_site", "to_site"),
    ("uplink",),
    ("sectors",),
    ("from_latitude", "from_longitude"),
    ("to_latitude", "to_longitude"),
    ("server", "client_kit"),
)


class Take(StrEnum):
    """Whose word counts where both changed the same."""

    MINE = "mine"
    THEIRS = "theirs"

    @property
    def other(self) -> Take:
        """The other one."""
        return Take.THEIRS if self is Take.MINE else Take.MINE


@dataclass(frozen=True, slots=True)
class Conflict:
    """What both changed otherwise: what it is about, what each says, and whose word was taken, if any."""

    what: Message
    mine: str
    theirs: str
    taken: Take | None


@dataclass(frozen=True, slots=True)
class MergedPlan:
    """Two plans brought together.

    Attributes
    ----------
    plan : Plan
        With mine where a conflict was not decided.
    from_mine, from_theirs, both_alike : int
        Rows and sections of which one of both changed what the other left, and those that both changed alike. Of a
        row that both changed some may come from each, the rest is a conflict.
    conflicts : tuple of Conflict
    names : dict
        Of what of theirs got another id, as mine has something else of that id: the new ones by table and id.
    """

    plan: Plan
    from_mine: int
    from_theirs: int
    both_alike: int
    conflicts: tuple[Conflict, ...]
    names: Names = field(default_factory=dict)


def merge_plans(
    base: Plan, mine: Plan, theirs: Plan, take: Take | None = None, *, undecided: bool = False
) -> MergedPlan:
    """Return two plans brought together.

    Parameters
    ----------
    base : Plan
        What both began from.
    mine, theirs : Plan
    take : Take, optional
        Whose word counts where they conflict.
    undecided : bool
        Leave what conflicts as it was in place of that.

    Notes
    -----
    Two new things that were given the same id stand beside each other: one of them, the same whoever is called mine,
    gets a new id, and what refers to it follows. A site that one removed and the other built on is a conflict, and so
    is a place that one removed and the other visited, measured or wrote about.
    """
    mine, theirs, names = things_apart(base, mine, theirs)
    work = _Merging(take, undecided=undecided)
    parts: dict[str, Any] = {}
    for name in SECTIONS:
        versions = [getattr(one, name) for one in (base, mine, theirs)]
        parts[name] = work.section(name, *versions)
    for name in TABLES:
        versions = [getattr(one, name) for one in (base, mine, theirs)]
        parts[name] = work.table(name, *versions)
    plan = work.whole(Plan(**parts), base, mine, theirs)
    return MergedPlan(plan, work.from_mine, work.from_theirs, work.alike, tuple(work.conflicts), names)


class _Merging:
    """Counts and conflicts, while parts are brought together."""

    def __init__(self, take: Take | None, *, undecided: bool) -> None:
        self.take = take
        self.undecided = undecided
        self.from_mine = self.from_theirs = self.alike = 0
        self.conflicts: list[Conflict] = []

    def _one_sided(self, base: Any, mine: Any, theirs: Any) -> tuple[bool, Any]:
        """Return whether at most one of both changed a thing, or both alike; and what it is then."""
        if mine == theirs:
            self.alike += mine != base
            return True, mine
        if mine == base:
            self.from_theirs += 1
            return True, theirs
        if theirs == base:
            self.from_mine += 1
            return True, mine
        return False, None

    def _decide(self, what: Message, base: Any, mine: Any, theirs: Any) -> Any:
        self.conflicts.append(Conflict(what, *_said_of_both(mine, theirs), self.take))
        if self.undecided:
            return min(mine, theirs, key=repr) if base is None else base
        return theirs if self.take is Take.THEIRS else mine

    def section(self, name: str, base: Any, mine: Any, theirs: Any) -> Any:
        """Return a section of both."""
        settled, found = self._one_sided(base, mine, theirs)
        if settled:
            return found
        if name == "outcome":  # the planner said it of another plan: that of neither holds of both
            return None
        if name in _WHOLE:
            return self._decide(msg("what stands under {section}", section=name), base, mine, theirs)
        return self._fields(msg("{section}", section=name), base, mine, theirs)

    def table(self, name: str, base: Items[Any], mine: Items[Any], theirs: Items[Any]) -> Items[Any]:
        """Return a table of both."""
        rows = []
        changed = set().union(*(touched for side in (mine, theirs) for touched in base.differences(side)))
        if not changed:
            return base
        for key in sorted(base.keys() | mine.keys() | theirs.keys()):
            if key not in changed:
                rows.append(base[key])
                continue
            found = self._row(name, key, base.get(key), mine.get(key), theirs.get(key))
            if found is not None:
                rows.append(found)
        return Items(rows)

    def _row(self, name: str, key: str, base: Any, mine: Any, theirs: Any) -> Any:
        settled, found = self._one_sided(base, mine, theirs)
        if settled:
            return found
        named = next(one for one in (mine, theirs) if one is not None)
        what = msg("{kind} {name}", kind=KIND_WORDS[name], name=str(getattr(named, "name", "") or key))
        if mine is None or theirs is None:
            return self._decide(what, base, mine, theirs)
        return self._fields(what, base, mine, theirs)

    def _fields(self, what: Message, base: Any, mine: Any, theirs: Any) -> Any:
        """Return a row or section with what each of both set; ``base`` None: both made it."""
        values: dict[str, Any] = {}
        came = {Take.MINE: False, Take.THEIRS: False}  # what only one of both set; a conflict is told by itself
        for group in _groups(type(mine)):
            ours, others = (tuple(getattr(one, name) for name in group) for one in (mine, theirs))
            before = None if base is None else tuple(getattr(base, name) for name in group)
            chosen = ours
            if ours != others:
                if ours == before:
                    chosen, came[Take.THEIRS] = others, True
                elif others == before:
                    came[Take.MINE] = True
                else:
                    about = msg("{what}, {fields}", what=what, fields=", ".join(group))
                    known = len(self.conflicts)
                    chosen = self._both(about, group, before, ours, others)
                    if len(self.conflicts) == known:
                        came = dict.fromkeys(came, True)
            values |= dict(zip(group, chosen, strict=True))
        self.from_mine += came[Take.MINE]
        self.from_theirs += came[Take.THEIRS]
        return replace(mine, **values)

    def _both(self, what: Message, group: tuple[str, ...], before: Any, ours: Any, others: Any) -> Any:
        """Return fields that both set: rows and photographs of both, else what is decided."""
        if group == ("photos",):
            known = set(before[0].split()) if before else set()
            sides = [set(one[0].split()) for one in (ours, others)]
            return (" ".join(sorted((sides[0] & sides[1]) | (sides[0] ^ sides[1]) - known)),)
        if group[0] in _KEYS:
            by = _KEYS[group[0]]
            rows = [
                {tuple(getattr(row, name) for name in by): row for row in one[0]}
                for one in (before or ((),), ours, others)
            ]
            return (self._rows(what, *rows),)
        return self._decide(what, before, ours, others)

    def _rows(self, what: Message, base: dict[Any, Any], mine: dict[Any, Any], theirs: dict[Any, Any]) -> Any:
        """Return rows that stand within a section, in the order of what they are told apart by."""
        found = []
        for key in sorted(base.keys() | mine.keys() | theirs.keys()):
            was, ours, others = base.get(key), mine.get(key), theirs.get(key)
            chosen = ours
            if ours != others:
                if ours == was:
                    chosen = others
                elif others != was:
                    named = msg("{what}: {name}", what=what, name=" ".join(map(str, key)))
                    chosen = self._decide(named, was, ours, others)
            if chosen is not None:
                found.append(chosen)
        return tuple(found)

    # What refers to what is gone

    def whole(self, plan: Plan, base: Plan, mine: Plan, theirs: Plan) -> Plan:
        """Return a plan in which nothing hangs on a site that one of both removed.

        What one removed and the other used, visited or wrote about since is a conflict.
        """
        back: dict[str, list[Any]] = {name: [] for name in _SPOKEN_OF}
        for removed, gone, user in ((Take.MINE, mine, theirs), (Take.THEIRS, theirs, mine)):
            for name in _SPOKEN_OF:
                for key in sorted(getattr(base, name).keys() - getattr(gone, name).keys()):
                    users = _new_users(name, key, base, user)
                    if not users:
                        continue
                    said = {removed: _GONE, removed.other: ", ".join(users)}
                    what = msg("{kind} {name}: removed, and used", kind=KIND_WORDS[name], name=key)
                    self.conflicts.append(Conflict(what, said[Take.MINE], said[Take.THEIRS], self.take))
                    kept = getattr(user, name).get(key)
                    lives = self.undecided or (self.take or Take.MINE) is not removed
                    if kept is not None and lives and key not in getattr(plan, name):
                        back[name].append(kept)
        plan = replace(plan, **{name: getattr(plan, name).changed(put=rows) for name, rows in back.items() if rows})
        sites, lost = [], set()
        for site in sorted({end for thing in _users(plan) for end in _ends(thing)} - plan.sites.keys()):
            removed = Take.MINE if site not in mine.sites else Take.THEIRS
            kept = (theirs if removed is Take.MINE else mine).sites.get(site)
            if kept is not None and (self.undecided or (self.take or Take.MINE) is not removed):
                sites.append(kept)
            else:
                lost.add(site)
        links = [one.id for one in plan.links.values() if {one.from_site, one.to_site} & lost]
        homes = [unserved(one) for one in plan.households.values() if one.server in lost]
        places = [unserved(one) for one in plan.places.values() if one.server in lost]
        return replace(
            plan,
            sites=plan.sites.changed(put=sites),
            links=plan.links.changed(remove=links),
            households=plan.households.changed(put=homes),
            places=plan.places.changed(put=places),
        )


_SPOKEN_OF = ("sites", "households", "places")
"""What people stand at, and write about."""


def _users(plan: Plan) -> list[Link | Household | PublicPlace]:
    return [*plan.links.values(), *plan.households.values(), *plan.places.values()]


def _ends(thing: Link | Household | PublicPlace | None) -> set[str]:
    """Return the sites that a link, a home or a public place refers to."""
    if thing is None:
        return set()
    if isinstance(thing, Link):
        return {thing.from_site, thing.to_site}
    return {thing.server} if thing.server else set()


def _new_users(table: str, key: str, base: Plan, plan: Plan) -> list[str]:
    """Return what hangs on a thing, or tells of it, and did not before."""
    told: list[Evidence | Measurement | Note] = []
    for name in _TOLD:
        rows = getattr(plan, name)
        told += [one for one in rows.values() if getattr(base, name).get(one.id) != one]
    found = [one.id for one in told if key in _told_of(table, one)]
    if table == "sites":
        before = {(type(thing), thing.id): _ends(thing) for thing in _users(base)}
        found += [
            thing.id
            for thing in _users(plan)
            if key in _ends(thing) and key not in before.get((type(thing), thing.id), set())
        ]
    return sorted(found)


_TOLD = ("evidence", "measurements", "notes")


def _told_of(table: str, row: Evidence | Measurement | Note) -> set[str]:
    """Return the things of a table that a row of what people tell may be about."""
    if isinstance(row, Measurement):
        return {row.site} if table == "sites" else set()
    if isinstance(row, Evidence) and table == "sites":
        return {row.about_id, row.towards}
    return {row.about_id}


_GONE = "removed"


def _groups(kind: Any) -> list[tuple[str, ...]]:
    names = [one.name for one in fields(kind)]
    together = [group for group in _GROUPS if set(group) <= set(names)]
    alone = [(name,) for name in names if not any(name in group for group in together)]
    return [*together, *alone]


def _said_of_both(mine: Any, theirs: Any) -> tuple[str, str]:
    """Return what people are told that each of both says; of rows and sections that both have, where they differ."""
    if isinstance(mine, Calibration) and isinstance(theirs, Calibration) and _learned(mine) != _learned(theirs):
        return _learned(mine), _learned(theirs)
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        said = [_said_of_field("", *pair) for pair in zip(mine, theirs, strict=True)]
    elif is_dataclass(mine) and type(mine) is type(theirs):
        pairs = [(one.name, getattr(mine, one.name), getattr(theirs, one.name)) for one in fields(mine)]
        said = [_said_of_field(f"{name} ", ours, others) for name, ours, others in pairs if ours != others]
    else:
        return _said(mine), _said(theirs)
    return ", ".join(ours for ours, _ in said), ", ".join(others for _, others in said)


def _said_of_field(name: str, mine: Any, theirs: Any) -> tuple[str, str]:
    ours, others = _said_within(mine), _said_within(theirs)
    if isinstance(mine, tuple):  # rows: a long list is shown where both part
        ours, others = _where_they_part(ours, others)
    return name + ours, name + others


def _learned(calibration: Calibration) -> str:
    """Return of which towers a calibration knows, and by how many measurements."""
    return f"{', '.join(calibration.sites)} ({len(calibration.residuals)})" if calibration.on else "-"


def _said_within(value: Any) -> str:
    """Return what stands in a field: of rows, such as sectors, all that they say."""
    if isinstance(value, tuple):
        return "; ".join(map(_said_within, value)) or "-"
    if is_dataclass(value):
        parts = [_said_within(getattr(value, one.name)) for one in fields(value)]
        return " ".join(part for part in parts if part not in ("", "-"))
    return "-" if value is None else str(value)


def _where_they_part(mine: str, theirs: str) -> tuple[str, str]:
    """Return two texts, of long ones so much as a person reads, from a little before the first difference."""
    both = min(len(mine), len(theirs))
    alike = next((n for n in range(both) if mine[n] != theirs[n]), both)
    start = max(0, min(alike - _LONGEST // 4, max(len(mine), len(theirs)) - _LONGEST))
    return _cut(mine, start), _cut(theirs, start)


def _cut(text: str, start: int) -> str:
    end = start + _LONGEST
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"


_LONGEST = 200


def _said(value: Any) -> str:
    if value is None:
        return _GONE
    named = str(getattr(value, "name", "") or getattr(value, "id", ""))
    return named or _said_within(value)
