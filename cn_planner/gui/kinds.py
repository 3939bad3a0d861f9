"""The kinds of things that the window shows, one entry each: what differs between them is said here and nowhere else.

An entry names its panel and its layer instead of importing them: this module stands below all that shows things. A new
kind is one new file, with its panel and, where it is seen on the map, its layer; and one entry.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.drawing.display import Symbol
from cn_planner.gui.words import tr
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.plan import Household, Obstacle, Plan, PublicPlace, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cn_planner.model.history import Edit

LatLon = tuple[float, float]
"""Latitude and longitude, degrees WGS 84."""
SITE, HOUSEHOLD, LINK, ZONE, OBSTACLE, PUBLIC = "site", "household", "link", "zone", "obstacle", "public"
SUGGESTION, SEVERAL = "suggestion", "several"
NEW_MAST_M = 12.0
SITE_PREFIX = "T"
"""Begins the ids of places that a hand puts on the map."""
DECIMALS = 6
"""Of a degree: a tenth of a metre, which is as well as a hand can point."""


class Thing(NamedTuple):
    """Something that can be selected: its kind, a key of `THINGS`, and its id."""

    kind: str
    id: str


def several(things: Iterable[Thing]) -> str:
    """Return many things as the id of one, of the kind `SEVERAL`."""
    return json.dumps(sorted(things))


def of_several(key: str) -> tuple[Thing, ...]:
    """Return the things of an id of many."""
    return tuple(Thing(*one) for one in json.loads(key))


def site_name(plan: Plan, key: str) -> str:
    """Return the name of a site, or its id."""
    site = plan.sites.get(key)
    return key if site is None else site.name or site.id


def fresh_id(table: Mapping[str, Any], prefix: str, also: Iterable[str] = ()) -> str:
    """Return the first id of a prefix that a table does not have, nor what was taken beside it."""
    taken, number = set(also), len(table) + 1
    while f"{prefix}{number:02d}" in table or f"{prefix}{number:02d}" in taken:
        number += 1
    return f"{prefix}{number:02d}"


_THINGS = counted("{count} thing", "{count} things", 0)
_REMOVE = msg("Remove it")


def _called(_plan: Plan, thing: Any) -> str:
    return str(getattr(thing, "name", "") or thing.id)


def _stands(_plan: Plan, thing: Any) -> tuple[LatLon, ...]:
    return ((thing.latitude, thing.longitude),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """How a hand puts one on the map.

    Attributes
    ----------
    tool : str
        The key of the tool that does it.
    title, hint : Message
        What the tool is called, and how it is used.
    make : callable
        Returns the edit that adds one of an id at a place.
    prefix : str
        Of the ids of new ones.
    """

    tool: str
    title: Message
    hint: Message
    make: Callable[[Plan, str, LatLon], Edit]
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingKind:
    """One kind of things.

    Attributes
    ----------
    key : str
        As selections, the map and the ends of paths call it.
    panel : str
        The `ThingPanel` that shows one, as "module:class".
    table : str
        Of the plan; empty for what is no part of it.
    words : Message
        So many of them, to be asked `about` a number.
    remove : Message
        What the button says that removes one.
    name : callable
        Returns what a person calls one.
    places : callable
        Returns where one stands, or what spans it.
    layer : str
        The `ThingLayer` of one that is not among the map's own, as "module:class".
    hand : Hand or None
        How a hand puts one on the map.
    movable : bool
        Whether a hand can carry one elsewhere: it stands at one place.
    copies : bool
        Whether a copy of one means anything.
    symbol : Symbol
        What is seen under the hand that puts or carries one, where its layer does not say better.
    size_px, ring_px : float
        How large that is, and the ring round it.
    """

    key: str
    panel: str
    table: str = ""
    words: Message = _THINGS
    remove: Message = _REMOVE
    name: Callable[[Plan, Any], str] = _called
    places: Callable[[Plan, Any], tuple[LatLon, ...]] = _stands
    layer: str = ""
    hand: Hand | None = None
    movable: bool = False
    copies: bool = True
    symbol: Symbol = Symbol.DOT
    size_px: float = 10.0
    ring_px: float = 11.0

    def rows(self, plan: Plan) -> Mapping[str, Any]:
        """Return the things of this kind by id."""
        return getattr(plan, self.table) if self.table else {}


def new_site(plan: Plan, key: str, place: LatLon) -> Site:
    """Return a tower where a hand puts one."""
    return Site(key, tr(msg("Tower {number}", number=len(plan.sites) + 1)), *place, mast_height_m=NEW_MAST_M)


def _new_site(plan: Plan, key: str, place: LatLon) -> Edit:
    return edits.put(plan, [new_site(plan, key, place)])


def _new_home(plan: Plan, key: str, place: LatLon) -> Edit:
    return edits.put(plan, [Household(key, tr(msg("Home {number}", number=len(plan.households) + 1)), *place)])


def _new_public(plan: Plan, key: str, place: LatLon) -> Edit:
    name = tr(msg("Public place {number}", number=len(plan.places) + 1))
    return edits.put(plan, [PublicPlace(key, name, *place)])


def _new_obstacle(plan: Plan, key: str, place: LatLon) -> Edit:
    """Add a tree as high as is assumed of the area; the panel, which then shows it, asks what it is."""
    return seen_on_site(plan, key, place, "tree", plan.area.assumed_canopy_m)


def seen_on_site(plan: Plan, key: str, place: LatLon, kind: str, height_m: float, radius_m: float = 10.0) -> Edit:
    """Return the edit that adds a tree or a house seen on site."""
    label = msg("add a tree of {height:g} m", height=height_m)
    if kind != "tree":
        label = msg("add a house of {height:g} m", height=height_m)
    return edits.put(plan, [Obstacle(key, *place, height_m, radius_m, kind)], label)


def _link_name(plan: Plan, link: Any) -> str:
    return f"{site_name(plan, link.from_site)}–{site_name(plan, link.to_site)}"


def _link_places(plan: Plan, link: Any) -> tuple[LatLon, ...]:
    return tuple((one.latitude, one.longitude) for one in (plan.sites[link.from_site], plan.sites[link.to_site]))


THINGS: dict[str, ThingKind] = {
    one.key: one
    for one in (
        ThingKind(
            key=SITE,
            table="sites",
            panel="cn_planner.gui.panels.site:SitePanel",
            words=counted("{count} place", "{count} places", 0),
            remove=msg("Remove place"),
            movable=True,
            symbol=Symbol.TOWER,
            size_px=21.0,
            ring_px=20.0,
            hand=Hand(
                tool="tower",
                title=msg("Place a tower"),
                hint=msg("Click where a tower may stand. Escape when you are done."),
                make=_new_site,
                prefix=SITE_PREFIX,
            ),
        ),
        ThingKind(
            key=HOUSEHOLD,
            table="households",
            panel="cn_planner.gui.panels.home:HomePanel",
            words=counted("{count} home", "{count} homes", 0),
            remove=msg("Remove home"),
            movable=True,
            symbol=Symbol.HOME,
            hand=Hand(
                tool="home",
                title=msg("Place a home"),
                hint=msg("Click on each home. Escape when you are done."),
                make=_new_home,
                prefix="H",
            ),
        ),
        ThingKind(
            key=PUBLIC,
            table="places",
            panel="cn_planner.gui.panels.public:PublicPanel",
            layer="cn_planner.gui.map.layers.public:PublicLayer",
            words=counted("{count} public place", "{count} public places", 0),
            remove=msg("Remove public place"),
            movable=True,
            symbol=Symbol.PLACE_OTHER,
            size_px=18.0,
            ring_px=14.0,
            hand=Hand(
                tool="public",
                title=msg("Place a school, a clinic, a market or another public place"),
                hint=msg("Click on each public place. Escape when you are done."),
                make=_new_public,
                prefix="P",
            ),
        ),
        ThingKind(
            key=LINK,
            table="links",
            panel="cn_planner.gui.panels.link:LinkPanel",
            words=counted("{count} link", "{count} links", 0),
            remove=msg("Remove link"),
            name=_link_name,
            places=_link_places,
            copies=False,
        ),
        ThingKind(
            key=ZONE,
            table="zones",
            panel="cn_planner.gui.panels.zone:ZonePanel",
            words=counted("{count} area", "{count} areas", 0),
            remove=msg("Remove zone"),
            places=lambda _plan, zone: zone.ring,
        ),
        ThingKind(
            key=OBSTACLE,
            table="obstacles",
            panel="cn_planner.gui.panels.obstacle:ObstaclePanel",
            words=counted("{count} tree or building seen", "{count} trees and buildings seen", 0),
            movable=True,
            hand=Hand(
                tool="obstacle",
                title=msg("Add a tree or a building"),
                hint=msg("Click where it stands. Escape when you are done."),
                make=_new_obstacle,
                prefix="O",
            ),
        ),
        ThingKind(key=SUGGESTION, panel="cn_planner.gui.panels.suggestions:SuggestionPanel"),
        ThingKind(key=SEVERAL, panel="cn_planner.gui.panels.several:SeveralPanel"),
    )
}
"""By their keys. What is looked for by its id alone is looked for in this order."""


def kind_of_table(table: str) -> ThingKind:
    """Return the kind whose things stand in a table of the plan."""
    return next(kind for kind in THINGS.values() if kind.table == table)


def name_of(plan: Plan, thing: Thing) -> str:
    """Return what a person calls a thing of the plan."""
    kind = THINGS[thing.kind]
    return kind.name(plan, kind.rows(plan)[thing.id])


def in_plan(plan: Plan, thing: Thing | None) -> Any:
    """Return what the plan has of a thing; None where it is no part of it, or none any more."""
    return THINGS[thing.kind].rows(plan).get(thing.id) if thing is not None and thing.kind in THINGS else None


def thing_of_id(plan: Plan, key: str) -> Thing | None:
    """Return the thing of the plan of an id."""
    return next((Thing(one.key, key) for one in THINGS.values() if key in one.rows(plan)), None)


def left_of(plan: Plan, chosen: Thing) -> Thing | None:
    """Return what a plan still has of what is selected: of many those that are there, a last one as itself."""
    if chosen.kind == SEVERAL:
        left = [one for one in of_several(chosen.id) if in_plan(plan, one) is not None]
        return Thing(SEVERAL, several(left)) if len(left) > 1 else left[0] if left else None
    return None if THINGS[chosen.kind].table and in_plan(plan, chosen) is None else chosen


def moved_to(plan: Plan, thing: Thing, place: LatLon) -> Any:
    """Return a thing of the plan as it would be at another place; None where it cannot be moved."""
    row = in_plan(plan, thing)
    return replace(row, latitude=place[0], longitude=place[1]) if row and THINGS[thing.kind].movable else None


def rounded(place: LatLon) -> LatLon:
    """Return a place as well as a hand can point."""
    return round(place[0], DECIMALS), round(place[1], DECIMALS)
