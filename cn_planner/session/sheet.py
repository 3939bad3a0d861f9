"""The survey sheet of a place: its lines as the printed one has them, and the one edit that what was written makes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.errors import InputError
from cn_planner.geo import destination, geodesic
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.clients import who_refused
from cn_planner.model.evidence import SAME_M, Evidence, Seen, Visit, evidence_id, newest
from cn_planner.model.plan import Household, Measurement, Obstacle, Site, Status
from cn_planner.session.sheet_levels import UNKNOWN_BASIS, LevelBasis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan

_MOST_LOOKS = 4
"""Towers that somebody at a place without links is asked to look for."""
_TREE_M = 10.0
_NUMBER = r"(?<![\d.,٫٬])(\d+(?:[.,٫]\d+)?)"
_THOUSANDS = re.compile(r"\d[.,٫٬]\d{3}(?!\d)")
"""2,100 is two thousand to one and little more than two to another."""
# As they are written in the window's languages.
_KILOMETRES = re.compile(rf"{_NUMBER}\s*(?:km\b|كم|किमी|कि\.?\s?मी)", re.IGNORECASE)
_METRES = re.compile(rf"{_NUMBER}\s*(?:m\b|م(?!\w)|मी(?!\w))", re.IGNORECASE)


class SheetLevel(NamedTuple):
    """A level that was measured at a place, its frequency, and what the level that the sheet shows rests on.

    ``weaker``: nothing was heard, and the level is the weakest that could have been.
    """

    level_dbm: float
    freq_mhz: float
    basis: LevelBasis = UNKNOWN_BASIS
    weaker: bool = False


class SheetLook(NamedTuple):
    """One line to look along: the site, its bearing and distance, the link if any, and what was seen before."""

    towards: str
    name: str
    azimuth_deg: float
    distance_m: float
    link: str
    before: Evidence | None


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """The sheet of a site or home.

    Attributes
    ----------
    thing : Site or Household
        As the plan has it.
    looks : tuple of SheetLook
        In the order of the printed sheet: along the links; without links, to the towers that are nearest.
    before : Evidence or None
        What came of the visit before.
    """

    thing: Site | Household
    looks: tuple[SheetLook, ...]
    before: Evidence | None


@dataclass(frozen=True, slots=True)
class SheetAnswers:
    """What was written on a sheet.

    Attributes
    ----------
    visit, who, date : Visit, str, str
        What came of it, who was there, and the day (ISO 8601).
    place : (float, float) or None
        Position read on site, degrees.
    from_height_m : float or None
        Height from which was looked; None: as high as the antenna will stand.
    fields : mapping of str to value
        Fields of the site or home, by name.
    looks : mapping of str to (Seen, str)
        What was seen towards a site, and what stands there.
    levels : mapping of str to SheetLevel
        Level measured here of a site.
    photos : mapping of str to tuple of str
        Names of photographs that the file keeps, by the site that they look at; "" of the place.
    note : str
    """

    visit: Visit = Visit.VISITED
    who: str = ""
    date: str = ""
    place: tuple[float, float] | None = None
    from_height_m: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    looks: Mapping[str, tuple[Seen, str]] = field(default_factory=dict)
    levels: Mapping[str, SheetLevel] = field(default_factory=dict)
    photos: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""


def visit_sheet(plan: Plan, of: Site | Household) -> VisitSheet:
    """Return the sheet of a site or home, as the plan has it now.

    Raises
    ------
    InputError
        Where the plan has it no more.
    """
    table: Mapping[str, Site | Household] = plan.sites if isinstance(of, Site) else plan.households
    thing = table.get(of.id)
    if thing is None:
        raise InputError(msg("The plan has no {id} (any more).", id=of.id))
    seen = newest(plan.evidence.values(), of.id)
    ends = _links_of(plan, thing) or _towers_round(plan, thing)
    looks = []
    for towards, link in ends:
        site = plan.sites[towards]
        azimuth, _, distance = geodesic(thing.latitude, thing.longitude, site.latitude, site.longitude)
        looks.append(SheetLook(towards, site.name or towards, azimuth % 360.0, distance, link, seen.get(towards)))
    return VisitSheet(thing, tuple(looks), seen.get(""))


def _links_of(plan: Plan, thing: Site | Household) -> list[tuple[str, str]]:
    if isinstance(thing, Household):
        return []
    links = [one for one in plan.standing_links.values() if thing.id in (one.from_site, one.to_site)]
    return [(one.to_site if one.from_site == thing.id else one.from_site, one.id) for one in links]


def _towers_round(plan: Plan, thing: Site | Household) -> list[tuple[str, str]]:
    """Return the towers to look for: of a home its own first; then the nearest."""
    others = [one for one in (plan.used_sites or plan.sites).values() if one.id != thing.id]
    own = thing.server if isinstance(thing, Household) else None

    def order(site: Site) -> tuple[bool, float]:
        away = geodesic(thing.latitude, thing.longitude, site.latitude, site.longitude)[2]
        return site.id != own, away

    return [(one.id, "") for one in sorted(others, key=order)[:_MOST_LOOKS]]


def read_obstacle(text: str) -> tuple[float, float] | None:
    """Return height and distance of what stands in the way, m, as words say it; None where they do not say both.

    "eucalyptus, 13 m, 2.1 km" and "13 m at 850 m" are read; of two lengths in metres the first is the height.
    A sign before just three digits may part thousands or decimals: nothing is made of it.
    """
    if _THOUSANDS.search(text):
        return None
    metres, far = ([float(re.sub("[,٫]", ".", one)) for one in unit.findall(text)] for unit in (_METRES, _KILOMETRES))
    if not metres or not (far or len(metres) > 1):
        return None
    return metres[0], 1000.0 * far[0] if far else metres[1]


def away_m(thing: Site | Household, place: tuple[float, float] | None) -> float:
    """Return how far a place that was read on site is from where the plan has it, m; 0 where none was."""
    return 0.0 if place is None else geodesic(thing.latitude, thing.longitude, *place)[2]


def sheet_edit(plan: Plan, sheet: VisitSheet, answers: SheetAnswers) -> Edit:
    """Return the one edit that a sheet makes: the place itself, what was seen, what stands in the way, levels.

    A place that was read further off than `model.evidence.SAME_M` is another one: it moves there, and so it does where
    there is a better one. A site that was refused is rejected, a home that was refused counts for none.

    Raises
    ------
    InputError
        Where a value is outside its limits.
    """
    thing, visit = sheet.thing, answers.visit
    if visit is Visit.VISITED and away_m(thing, answers.place) > SAME_M:
        visit = Visit.WRONG_POSITION
    change: dict[str, Any] = dict(answers.fields)
    if visit in (Visit.WRONG_POSITION, Visit.BETTER_PLACE) and answers.place is not None:
        change |= {"latitude": answers.place[0], "longitude": answers.place[1]}
    if visit is Visit.REFUSED:
        change |= {"status": Status.REJECTED} if isinstance(thing, Site) else {}
    new = replace(thing, **change)
    if visit is Visit.REFUSED and isinstance(new, Household):
        new = who_refused(new)
    # A home may be called as a site is.
    name = f"home:{new.id}" if isinstance(new, Household) and new.id in plan.sites else new.id

    def row_of(towards: str = "", **more: Any) -> Evidence:
        key = evidence_id(name, towards, answers.date)
        row = replace(_row(key, answers, visit, new, towards, plan.sites.get(towards)), **more)
        old = plan.evidence.get(key)
        return row if old is None else _with_what_was_kept(row, old)

    things: list[Any] = [new, row_of()]
    for look in sheet.looks:
        seen, what = answers.looks.get(look.towards, (Seen.UNKNOWN, ""))
        if seen is Seen.UNKNOWN and not what and not answers.photos.get(look.towards):
            continue
        row, other = row_of(look.towards, seen=seen, what=what), plan.sites[look.towards]
        things.append(row)
        found = read_obstacle(what)
        if found is not None and seen is not Seen.CLEAR:
            # From where somebody stood, which need not be where the map has the place.
            azimuth, _, length = geodesic(new.latitude, new.longitude, other.latitude, other.longitude)
            spot = destination(new.latitude, new.longitude, azimuth, min(found[1], length))
            things.append(Obstacle(row.id, *spot, found[0], _TREE_M, note=what))
    things += [
        _level(evidence_id(name, site, answers.date), answers, new, site, level)
        for site, level in answers.levels.items()
    ]
    return edits.put(plan, things, msg("what was seen at {name}", name=thing.name or thing.id))


def _with_what_was_kept(row: Evidence, old: Evidence) -> Evidence:
    """Return a row with what another sheet of the same day said and this one leaves empty; photographs of both."""
    kept = {
        name: getattr(old, name) for name in ("who", "from_height_m", "what", "note")
        if getattr(row, name) in (None, "")
    }  # fmt: skip
    if row.seen is Seen.UNKNOWN:
        kept["seen"] = old.seen
    return replace(row, **kept, photos=" ".join(dict.fromkeys([*old.photos.split(), *row.photos.split()])))


def _row(
    key: str, answers: SheetAnswers, visit: Visit, new: Site | Household, towards: str, other: Site | None
) -> Evidence:
    return Evidence(
        key, new.id, towards, visit=visit, who=answers.who, date=answers.date,
        from_latitude=new.latitude, from_longitude=new.longitude, from_height_m=answers.from_height_m,
        to_latitude=None if other is None else other.latitude,
        to_longitude=None if other is None else other.longitude,
        photos=" ".join(answers.photos.get(towards, ())), note="" if towards else answers.note,
    )  # fmt: skip


def _level(key: str, answers: SheetAnswers, new: Site | Household, site: str, level: SheetLevel) -> Measurement:
    basis, height = level.basis, answers.from_height_m
    if basis.height_m is not None:
        height = basis.height_m
    return Measurement(
        key, new.latitude, new.longitude,
        level.freq_mhz if basis.freq_mhz is None else basis.freq_mhz, level.level_dbm, site,
        2.0 if height is None else height, answers.date, tx_height_m=basis.tx_height_m, eirp_dbm=basis.eirp_dbm,
        rx_gain_dbi=basis.rx_gain_dbi, floor_dbm=level.level_dbm if level.weaker else None, who=answers.who,
    )  # fmt: skip


class SheetChange(NamedTuple):
    """One thing that a sheet changes, for the eye: sign ("ok", "warn", "plain"), head, and a sentence."""

    sign: str
    head: Message
    words: Message


def changes_of(plan: Plan, sheet: VisitSheet, answers: SheetAnswers) -> tuple[SheetChange, ...]:
    """Return in words what a sheet changes once it is kept."""
    found: list[SheetChange] = []
    here = sheet.thing.name or sheet.thing.id
    off = away_m(sheet.thing, answers.place)
    moves = off > SAME_M or (answers.visit in (Visit.WRONG_POSITION, Visit.BETTER_PLACE) and off > 0.0)
    if moves and answers.visit is not Visit.REFUSED:
        found.append(SheetChange("warn", msg("{name} moves by {far:,.0f} m", name=here, far=off),
                                 msg("What was read on site stands in place of the map.")))  # fmt: skip
    if answers.visit is Visit.REFUSED:
        words = msg("It is planned without it.")
        found.append(SheetChange("warn", msg("{name} is left out", name=here), words))
    clear = 0
    for look in sheet.looks:
        seen, what = answers.looks.get(look.towards, (Seen.UNKNOWN, ""))
        clear += seen is Seen.CLEAR
        if seen in (Seen.TREES, Seen.HIDDEN):
            line = msg("{here} – {there} is not to be trusted", here=here, there=look.name)
            tall = read_obstacle(what)
            words = msg("What was seen outranks what was predicted.")
            if tall is not None:
                words = msg(
                    "What was seen outranks what was predicted. {tall:g} m high, {far:,.0f} m away: it comes onto the "
                    "map.",
                    tall=tall[0], far=tall[1],
                )  # fmt: skip
            found.append(SheetChange("warn", line, words))
    if clear:
        months = plan.rules.look_again_months
        found.append(SheetChange("ok", msg("Lines seen clear: {count}", count=clear),
                                 msg("They count as clear. Asked again after {months:.0f} months.",
                                     months=months)))  # fmt: skip
    if answers.levels:
        total = len(plan.measurements) + len(answers.levels)
        found.append(SheetChange("plain", msg("Levels measured: {count}, with these", count=total),
                                 msg("They count once you let the plan learn from them.")))  # fmt: skip
    return tuple(found)
