"""What stands between two plans, tower by tower: parts that can be taken or left, each with what it needs.

A part is a tower with its links and with the homes that it gains or loses. Taking some parts of a proposal makes a
valid plan: what a part needs is taken with it, and nothing refers to a tower that does not come.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.geo import geodesic
from cn_planner.model.clients import unserved
from cn_planner.model.history import Change, apply_changes, changes
from cn_planner.model.plan import Household, Link, PublicPlace, Site
from cn_planner.service.joined import hops

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from cn_planner.model.plan import Plan

TUNED, REST = "~tuned", "~rest"
"""Ids of the parts that are of no one tower."""
_SAID_OF_ALL = frozenset({"outcome", "choices", "scenarios"})
"""What the planner said of the whole, and other plans in the same file: no part of what is built."""
_CLIENT = frozenset({"server", "client_kit"})


class PartKind(StrEnum):
    """What happens to a tower."""

    COMES = "comes"
    MOVES = "moves"
    RISES = "rises"
    STAYS = "stays"
    """It stays, with other links or homes."""
    LOWERS = "lowers"
    GOES = "goes"
    TUNED = "tuned"
    """Channels and directions of towers that stay as they are otherwise."""
    REST = "rest"
    """Whatever else differs: settings, zones, notes."""


@dataclass(frozen=True, slots=True)
class ProposalPart:
    """One part of a proposal.

    Attributes
    ----------
    id : str
        Of its tower; `TUNED` or `REST`.
    kind : PartKind
    changes : tuple of Change
        The rows that it changes.
    needs : frozenset of str
        Ids of the parts without which it cannot be taken.
    before_m, after_m : float or None
        The mast, metres.
    moved_m : float
        How far the tower moves.
    gains, loses : tuple of str
        Clients (homes, and public places) that it takes on, and those that it serves no longer, by id.
    links : tuple of str
        Links that come or go with it.
    cost : float
        What the capital grows by, in the plan's currency, when the parts before it are taken, and not yet what it
        needs; nan until priced.
    """

    id: str
    kind: PartKind
    changes: tuple[Change, ...]
    needs: frozenset[str] = frozenset()
    before_m: float | None = None
    after_m: float | None = None
    moved_m: float = 0.0
    gains: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    cost: float = float("nan")


def parts_of(before: Plan, after: Plan) -> tuple[ProposalPart, ...]:
    """Return what turns one plan into another, in parts: what comes first, what goes last."""
    cut = _Cut(before, after)
    owned: dict[str, list[Change]] = defaultdict(list)
    for one in changes(before, after):
        if one.part not in _SAID_OF_ALL:
            owned[cut.owner(one)].append(one)
    kinds = {key: cut.kind(key, rows) for key, rows in owned.items()}
    together: dict[str, list[Change]] = defaultdict(list)
    for key, rows in owned.items():
        together[TUNED if kinds[key] is PartKind.TUNED else key] += rows
    parts = [
        cut.part(key, PartKind.TUNED if key == TUNED else kinds[key], tuple(rows)) for key, rows in together.items()
    ]
    there = {one.id for one in parts}
    parts = [replace(one, needs=cut.needs(one) & there - {one.id}) for one in parts]
    order = list(PartKind)
    return tuple(sorted(parts, key=lambda one: (order.index(one.kind), cut.hops_now.get(one.id, 0), one.id)))


def with_needed(parts: Iterable[ProposalPart], chosen: Iterable[str]) -> frozenset[str]:
    """Return the parts that were chosen, with all that they need."""
    needs = {one.id: one.needs for one in parts}
    found, front = set(chosen), list(chosen)
    while front:
        more = needs[front.pop()] - found
        found |= more
        front += more
    return frozenset(found)


def without(parts: Iterable[ProposalPart], chosen: Iterable[str], gone: str) -> frozenset[str]:
    """Return the parts that are left where one is left out: without those that need it."""
    parts = tuple(parts)
    return frozenset(key for key in chosen if gone not in with_needed(parts, [key]))


def taken(before: Plan, after: Plan, parts: Sequence[ProposalPart], chosen: Collection[str]) -> Plan:
    """Return the plan in which some parts were taken, with all that they need; all of them: the plan that was proposed.

    What the planner proved of the whole does not hold of a part, so it is not said of it.
    """
    mine = with_needed(parts, chosen)
    if len(mine) == len(parts):
        return after
    return alone(before, [one for one in parts if one.id in mine])


def alone(before: Plan, parts: Iterable[ProposalPart]) -> Plan:
    """Return the plan in which these parts were taken and nothing that they need: to count a bill by, never to build.

    A mast pays for itself, though another cannot come without it: towers that need each other were all on the bill of
    the first of them, and the others cost nothing.
    """
    plan = apply_changes(before, [row for one in parts for row in one.changes])
    lost = before.standing_links.keys() & plan.links.keys() - plan.standing_links.keys()
    lost |= {key for key, link in plan.links.items() if not {link.from_site, link.to_site} <= plan.sites.keys()}
    plan = replace(plan, links=plan.links.changed(remove=sorted(lost)))
    served = {site.id for site in plan.sites.values() if site.stands}
    homes = [unserved(one) for one in plan.households.values() if one.server is not None and one.server not in served]
    places = [unserved(one) for one in plan.places.values() if one.server is not None and one.server not in served]
    return replace(
        plan, households=plan.households.changed(put=homes), places=plan.places.changed(put=places), outcome=None
    )


class _Cut:
    """Two plans, and which tower a change belongs to."""

    def __init__(self, before: Plan, after: Plan) -> None:
        self.before, self.after = before, after
        self.was, self.now = before.used_sites, after.used_sites
        self.stood, self.stands = before.standing_links, after.standing_links
        self.hops_was, self.hops_now = hops(before), hops(after)
        both = self.was.keys() & self.now.keys()
        self.as_it_was = {key for key in both if _mast(self.was[key]) == _mast(self.now[key])}
        """The towers that stand as high and where they stood: a link needs nothing more of them."""
        self.heirs = self._heirs()

    def owner(self, one: Change) -> str:
        """Return the part that a change belongs to."""
        row = one.after or one.before
        if isinstance(row, Site):
            return row.id if row.id in self.was or row.id in self.now else REST
        if isinstance(row, Link):
            return self._end_of(row)
        if isinstance(row, Household | PublicPlace) and None not in (one.before, one.after):
            server = one.after.server or one.before.server
            hangs = one.before.server != one.after.server  # what its roof gets for that comes with it
            if server is not None and (
                hangs or replace(one.before, client_kit="") == replace(one.after, client_kit="")
            ):
                return str(server)
        return REST

    def _end_of(self, link: Link) -> str:
        """Return the tower that a link belongs to: one that goes, else the end that is farther from the gateway."""
        ends = (link.from_site, link.to_site)
        steps = self.hops_now if link.id in self.stands else self.hops_was
        gone = [key for key in ends if key in self.was and key not in self.now]
        return max(gone or ends, key=lambda key: (steps.get(key, -1), key not in self.was, key))

    def kind(self, key: str, rows: Sequence[Change]) -> PartKind:
        """Return what happens to a tower."""
        if key == REST:
            return PartKind.REST
        old, new = self.was.get(key), self.now.get(key)
        if old is None or new is None:
            return PartKind.COMES if new is not None else PartKind.GOES if old is not None else PartKind.REST
        if (old.latitude, old.longitude) != (new.latitude, new.longitude):
            return PartKind.MOVES
        mast, mast_was = new.mast_height_m or 0.0, old.mast_height_m or 0.0
        if mast != mast_was:
            return PartKind.RISES if mast > mast_was else PartKind.LOWERS
        return PartKind.STAYS if self._links(rows) or any(self._clients(key, rows)) else PartKind.TUNED

    def _links(self, rows: Sequence[Change]) -> tuple[str, ...]:
        """Return the links that stand in one of the plans alone: one that is forbidden in both, or new, is no line."""
        one_alone = self.stood.keys() ^ self.stands.keys()
        return tuple(one.id for one in rows if one.part == "links" and one.id in one_alone)

    @staticmethod
    def _clients(key: str, rows: Sequence[Change]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the clients that a tower gains, and those that none serves any more."""
        mine = [one for one in rows if one.part in ("households", "places") and one.before and one.after]
        gains = tuple(one.id for one in mine if one.after.server == key != one.before.server)
        return gains, tuple(one.id for one in mine if one.after.server is None and one.before.server == key)

    def part(self, key: str, kind: PartKind, rows: tuple[Change, ...]) -> ProposalPart:
        """Return a part of these rows."""
        old, new = self.was.get(key), self.now.get(key)
        moved = 0.0
        if kind is PartKind.MOVES and old is not None and new is not None:
            moved = geodesic(old.latitude, old.longitude, new.latitude, new.longitude).distance_m
        gains, loses = self._clients(key, rows)
        return ProposalPart(
            key, kind, rows,
            before_m=None if old is None else old.mast_height_m,
            after_m=None if new is None else new.mast_height_m,
            moved_m=moved,
            gains=gains,
            loses=loses,
            links=self._links(rows),
        )  # fmt: skip

    def needs(self, part: ProposalPart) -> frozenset[str]:
        """Return the parts that a part cannot do without: towers at the other end of its links; who takes over."""
        found: set[str] = set()
        for one in part.changes:
            if one.part == "links" and one.id in self.stands:
                found |= {one.after.from_site, one.after.to_site} - self.as_it_was
        if part.kind in (PartKind.GOES, PartKind.LOWERS, PartKind.MOVES):
            found |= self.heirs[part.id]
        return frozenset(found)

    def _heirs(self) -> dict[str, set[str]]:
        """Return of each tower those that take over its homes, and those that hung on it and hang elsewhere now."""
        found: dict[str, set[str]] = defaultdict(set)
        for table in ("households", "places"):
            new = getattr(self.after, table)
            for one in getattr(self.before, table).values():
                server = new[one.id].server if one.id in new else None
                if one.server and server is not None and server != one.server:
                    found[one.server].add(server)
        for key, link in self.stood.items():
            for end, other in ((link.from_site, link.to_site), (link.to_site, link.from_site)):
                farther = self.hops_was.get(other, 0) > self.hops_was.get(end, 0)
                if key not in self.stands and other in self.now and farther:
                    found[end].add(other)
        return found


def _mast(site: Site) -> tuple[float, float, float | None]:
    return site.latitude, site.longitude, site.mast_height_m
