"""Two plans that began as one, brought together: what does not touch comes together, what does is a conflict.

It is decided field by field: what one of both changed is taken, what both changed alike stands once, and what both
changed otherwise is for people to say. A place is one field, and so are the two ends of a link. Which of both is called
mine makes no difference but for what is taken where they conflict.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from cn_planner.message import Message, msg
from cn_planner.model.clients import unserved
from cn_planner.model.edits import KIND_WORDS
from cn_planner.model.items import Items
from cn_planner.model.plan import SECTIONS, TABLES, Household, Link, Plan, PublicPlace

_WHOLE = frozenset({"calibration", "scenarios", "addresses", "shelf", "sun", "choices"})
"""Sections whose fields say nothing without each other."""
_GROUPS = (
    ("latitude", "longitude"),
    ("from_site", "to_site"),
    ("uplink",),
    ("sectors",),
    ("from_latitude", "from_longitude"),
    ("to_latitude", "to_longitude"),
    ("server", "client_kit"),
)
_SAME_DEG = 5e-5
"""Two new things of one id and name within some 5 m are one thing."""


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
        Rows and sections that one of both changed, and those that both changed alike.
    conflicts : tuple of Conflict
    """

    plan: Plan
    from_mine: int
    from_theirs: int
    both_alike: int
    conflicts: tuple[Conflict, ...]


def merge_plans(base: Plan, mine: Plan, theirs: Plan, take: Take | None = None) -> MergedPlan:
    """Return two plans brought together.

    Parameters
    ----------
    base : Plan
        What both began from.
    mine, theirs : Plan
    take : Take, optional
        Whose word counts where they conflict.

    Notes
    -----
    Two new things that were given the same id stand beside each other: one of them, the same whoever is called mine,
    gets a new id, and what refers to it follows. A site that one removed and the other built on is a conflict.
    """
    mine, theirs = _apart(base, mine, theirs)
    work = _Merging(take)
    parts: dict[str, Any] = {}
    for name in SECTIONS:
        versions = [getattr(one, name) for one in (base, mine, theirs)]
        parts[name] = work.section(name, *versions)
    for name in TABLES:
        versions = [getattr(one, name) for one in (base, mine, theirs)]
        parts[name] = work.table(name, *versions)
    plan = work.whole(Plan(**parts), base, mine, theirs)
    return MergedPlan(plan, work.from_mine, work.from_theirs, work.alike, tuple(work.conflicts))


class _Merging:
    """Counts and conflicts, while parts are brought together."""

    def __init__(self, take: Take | None) -> None:
        self.take = take
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

    def _decide(self, what: Message, mine: Any, theirs: Any) -> Any:
        self.conflicts.append(Conflict(what, _said(mine), _said(theirs), self.take))
        return theirs if self.take is Take.THEIRS else mine

    def section(self, name: str, base: Any, mine: Any, theirs: Any) -> Any:
        """Return a section of both."""
        settled, found = self._one_sided(base, mine, theirs)
        if settled:
            return found
        if name == "outcome":  # the planner said it of another plan: that of neither holds of both
            return None
        if name in _WHOLE:
            return self._decide(msg("what stands under {section}", section=name), mine, theirs)
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
            return self._decide(what, mine, theirs)
        return self._fields(what, base, mine, theirs)

    def _fields(self, what: Message, base: Any, mine: Any, theirs: Any) -> Any:
        """Return a row or section with what each of both set; ``base`` None: both made it."""
        self.from_mine += 1
        self.from_theirs += 1
        values: dict[str, Any] = {}
        for group in _groups(type(mine)):
            ours, others = (tuple(getattr(one, name) for name in group) for one in (mine, theirs))
            before = None if base is None else tuple(getattr(base, name) for name in group)
            chosen = ours
            if ours != others:
                if ours == before:
                    chosen = others
                elif others != before:
                    about = msg("{what}, {fields}", what=what, fields=", ".join(group))
                    chosen = self._decide(about, ours, others)
            values |= dict(zip(group, chosen, strict=True))
        return replace(mine, **values)

    # What refers to what is gone

    def whole(self, plan: Plan, base: Plan, mine: Plan, theirs: Plan) -> Plan:
        """Return a plan in which nothing refers to a site that one of both removed; who used it since is a conflict."""
        for removed, gone, user in ((Take.MINE, mine, theirs), (Take.THEIRS, theirs, mine)):
            for site in sorted(base.sites.keys() - gone.sites.keys()):
                users = _new_users(site, base, user)
                if users:
                    said = {removed: _GONE, removed.other: ", ".join(users)}
                    what = msg("site {name}: removed, and used", name=site)
                    self.conflicts.append(Conflict(what, said[Take.MINE], said[Take.THEIRS], self.take))
        back, lost = [], set()
        for site in sorted({end for thing in _users(plan) for end in _ends(thing)} - plan.sites.keys()):
            removed = Take.MINE if site not in mine.sites else Take.THEIRS
            kept = (theirs if removed is Take.MINE else mine).sites.get(site)
            if kept is not None and (self.take or Take.MINE) is not removed:
                back.append(kept)
            else:
                lost.add(site)
        links = [one.id for one in plan.links.values() if {one.from_site, one.to_site} & lost]
        homes = [unserved(one) for one in plan.households.values() if one.server in lost]
        places = [unserved(one) for one in plan.places.values() if one.server in lost]
        return replace(
            plan,
            sites=plan.sites.changed(put=back),
            links=plan.links.changed(remove=links),
            households=plan.households.changed(put=homes),
            places=plan.places.changed(put=places),
        )


def _users(plan: Plan) -> list[Link | Household | PublicPlace]:
    return [*plan.links.values(), *plan.households.values(), *plan.places.values()]


def _ends(thing: Link | Household | PublicPlace | None) -> set[str]:
    """Return the sites that a link, a home or a public place refers to."""
    if thing is None:
        return set()
    if isinstance(thing, Link):
        return {thing.from_site, thing.to_site}
    return {thing.server} if thing.server else set()


def _new_users(site: str, base: Plan, plan: Plan) -> list[str]:
    """Return what refers to a site and did not before."""
    before = {(type(thing), thing.id): _ends(thing) for thing in _users(base)}
    return sorted(
        thing.id
        for thing in _users(plan)
        if site in _ends(thing) and site not in before.get((type(thing), thing.id), set())
    )


_GONE = "removed"


def _groups(kind: Any) -> list[tuple[str, ...]]:
    names = [one.name for one in fields(kind)]
    together = [group for group in _GROUPS if set(group) <= set(names)]
    alone = [(name,) for name in names if not any(name in group for group in together)]
    return [*together, *alone]


def _said(value: Any) -> str:
    if value is None:
        return _GONE
    if isinstance(value, tuple):
        return ", ".join("-" if one is None else str(one) for one in value)
    named = str(getattr(value, "name", "") or getattr(value, "id", ""))
    return named or type(value).__name__


def _apart(base: Plan, mine: Plan, theirs: Plan) -> tuple[Plan, Plan]:
    """Return both plans with new ids where they gave the same to two new things."""
    moved: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]] = ({}, {})
    for name in TABLES:
        ours, others, known = getattr(mine, name), getattr(theirs, name), getattr(base, name)
        if ours is others:
            continue
        taken = {*ours, *others, *known}
        for key in sorted(ours.keys() & others.keys() - known.keys()):
            one, two = ours[key], others[key]
            if one == two or _one_thing(one, two):
                continue
            side = 1 if repr(one) <= repr(two) else 0
            number = 2
            while f"{key}-{number}" in taken:
                number += 1
            taken.add(f"{key}-{number}")
            moved[side].setdefault(name, {})[key] = f"{key}-{number}"
    return _renamed(mine, moved[0]), _renamed(theirs, moved[1])


def _one_thing(one: Any, two: Any) -> bool:
    """Return whether two new things of one id are meant to be the same: of one name, and at one place."""
    if getattr(one, "name", "") != getattr(two, "name", ""):
        return False
    for name in ("latitude", "longitude"):
        if abs(getattr(one, name, 0.0) - getattr(two, name, 0.0)) > _SAME_DEG:
            return False
    return hasattr(one, "latitude") or getattr(one, "text", None) == getattr(two, "text", None)


def _renamed(plan: Plan, moved: dict[str, dict[str, str]]) -> Plan:
    if not moved:
        return plan
    sites = moved.get("sites", {})
    parts: dict[str, Any] = {}
    for name in TABLES:
        own = moved.get(name, {})
        rows = []
        for thing in getattr(plan, name).values():
            change: dict[str, Any] = {"id": own[thing.id]} if thing.id in own else {}
            for field in ("from_site", "to_site", "server", "site", "towards"):
                if getattr(thing, field, None) in sites:
                    change[field] = sites[getattr(thing, field)]
            about = getattr(thing, "about_id", None)
            for ids in moved.values():
                if about in ids:
                    change["about_id"] = ids[about]
            rows.append(replace(thing, **change) if change else thing)
        parts[name] = Items(rows)
    return replace(plan, **parts)
