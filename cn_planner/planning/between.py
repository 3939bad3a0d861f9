"""A tower between two others: where a link is cut in two, and where one could stand that both ends see.

Each half is judged as any path of the plan is (`service.path_view`); where a mast may stand and how high is
`planning.places`, what it costs is the capital of the plan with it, less that of the plan without, and how far a tower
may be from a gateway is `rules.max_hops`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import UnitCosts
from cn_planner.economics.marginal_cost import MarginalCost
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.plan import Choice, Link, Site, Status
from cn_planner.planning.hilltops import places_that_stand_out
from cn_planner.planning.places import heights_allowed, zones_of
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import hops
from cn_planner.service.path_view import PathEnd, clear_f1_of, path_view, profile_between, profiles_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.model.plan import Plan
    from cn_planner.service.path_view import LinkView
    from cn_planner.study import Study
    from cn_planner.terrain.profile import PathProfile

_NEAR_M = 50.0
"""So near an end a tower in between is that end."""
_SAME_M = 250.0
"""A hilltop so near a place that is named already is that place."""
_ROUND = 0.5
"""So far beyond the two ends places are looked for, of their distance; at least `_LEAST_M`."""
_LEAST_M = 2000.0
_DETOUR = 2.0
"""Both halves together are at most so many times as long as the straight line, or a home's ground away."""
_MOST_TOPS, _MOST_PLACES, _MOST_OPTIONS = 60, 150, 12
_HAIR = 1e-9


class _Halves(NamedTuple):
    """Both halves of a way over a place with a mast of some height; ``clear_f1`` the lesser clearance of the two."""

    height_m: float
    first: LinkView
    second: LinkView
    verdict: Verdict
    clear_f1: float


@dataclass(frozen=True, slots=True, eq=False)
class LinkSplit:
    """A link in two: the edit, the new tower, the new links, and whether both halves are clear.

    Attributes
    ----------
    edit : Edit
    site : Site
    links : tuple of str
    verdict : Verdict
        The worse of the two.
    clearance_f1 : float
        The lesser of the two.
    note : Message
        What is to be known of it.
    """

    edit: Edit
    site: Site
    links: tuple[str, ...]
    verdict: Verdict
    clearance_f1: float
    note: Message


@dataclass(frozen=True, slots=True, eq=False)
class RelayOption:
    """A place from which both ends are seen.

    Attributes
    ----------
    site : Site
        As it would stand.
    known : bool
        Whether the plan has it already.
    verdict, clearance_f1
        Of the worse half.
    distances_m : (float, float)
    cost : float
        By how much the plan's capital grows.
    unpriced : tuple of str
        Items in it without a price: it costs more then.
    edit : Edit
        What taking it does.
    words : Message
    warning : Message or None
        Which tower is then further from a gateway than the rules allow.
    """

    site: Site
    known: bool
    verdict: Verdict
    clearance_f1: float
    distances_m: tuple[float, float]
    cost: float
    unpriced: tuple[str, ...]
    edit: Edit
    words: Message
    warning: Message | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RelaySearch:
    """What was found: the best first; how many places were looked at; where there is none, the nearest miss."""

    options: tuple[RelayOption, ...]
    looked: int
    miss: Message | None = None


def split_link(study: Study, link: str, share: float, name: str) -> LinkSplit:
    """Return the edit that puts a tower on a link's path and makes two links of it.

    Parameters
    ----------
    study : Study
    link : str
    share : float
        Where, as a part of the path's length from the link's first end.
    name : str
        Of the new tower.

    Raises
    ------
    InputError
        Where there is no such link, the place is one of its ends, nothing may be built there, or the terrain on the way
        is not known.
    MissingTerrainError, FileError
        Where there is no terrain, or a file of it cannot be read.

    Notes
    -----
    The mast is the lowest of the rules' heights with which both halves are clear, else that with which they are
    clearest. Channel and kit stay with the first half; the second has the kit and its own channel.
    """
    plan = study.plan
    row = plan.links.get(link)
    if row is None or not {row.from_site, row.to_site} <= plan.sites.keys():
        raise InputError(msg("The plan has no link {id}.", id=link), fix=msg("Choose one of its links."))
    ends = _ends(plan, row.from_site, row.to_site, row)
    _apart(plan, ends)
    profile = profile_between(study, *ends)
    at = min(max(share, 0.0), 1.0) * profile.length_m
    for end, far in zip((row.from_site, row.to_site), (at, profile.length_m - at), strict=True):
        if not far > _NEAR_M:
            raise InputError(
                msg("That is at {name} itself.", name=_name(plan, end)),
                fix=msg("Choose a place that lies further along the link."),
            )
    place = tuple(
        round(float(np.interp(at, profile.distance_m, along)), 6) for along in (profile.latitude, profile.longitude)
    )
    site = Site(_fresh(plan.sites, "T"), name, place[0], place[1])
    allowed, reason = heights_allowed(plan, UnitCosts(plan, study.catalogue), site, zones_of(plan))
    if reason is not None:
        raise InputError(reason, fix=msg("Choose another place on the link."))
    found = _WayOver(study, ends, site, allowed, row).lowest()
    if found.verdict is Verdict.NO_DATA:
        raise InputError(
            msg("The terrain on the way is not known: nobody can say how high a mast would have to be."),
            fix=msg("Add terrain that covers both ends."),
        )
    edit, site, links = _through(plan, row, ends, site, found.height_m, split=True)
    clear = found.clear_f1 >= plan.rules.clearance_f1 - _HAIR
    words = {"height": found.height_m, "f1": found.clear_f1}
    note = (
        msg("With a mast of {height:g} m both halves are clear: {f1:.1f} F1.", **words)
        if clear
        else msg(
            "No mast of the rules clears both halves; with {height:g} m {f1:.1f} F1 are clear, {wanted:g} are wanted.",
            wanted=plan.rules.clearance_f1, **words,
        )
    )  # fmt: skip
    if found.verdict is not Verdict.LIKELY:
        note = msg("{note} {why}", note=note, why=_worse(found).budget.explanation)
    farther = _too_far(plan, edit.plan)
    if farther is not None:
        note = msg("{note} {why}", note=note, why=farther)
    return LinkSplit(edit, site, links, found.verdict, found.clear_f1, note)


def find_relays(
    study: Study,
    first: str,
    second: str,
    *,
    name: str = "",
    most: int = _MOST_PLACES,
    only_clear: bool = False,
    costs: UnitCosts | None = None,
    run: Run = ALONE,
) -> RelaySearch:
    """Return places for a tower that both of two others see: clear ones first, the cheapest first among those.

    Last come those with which a tower is further from a gateway than the rules allow.

    Looked at are the places of the plan and the hilltops and shoulders between and round the two, as many as `most` of
    those with the least detour; a new tower has the name that is given. With `only_clear`, places that no mast clears
    are left out unjudged, and no miss is told. `costs` are those of the plan, where several links are asked about.

    Raises
    ------
    InputError
        Where a site is none of the plan, or both stand at one place.
    MissingTerrainError, FileError
        Where there is no terrain, or a file of it cannot be read.
    CancelledError
    """
    plan = study.plan
    for key in (first, second):
        if key not in plan.sites:
            raise InputError(msg("The plan has no place {id}.", id=key), fix=msg("Choose two of its towers."))
    row = next((one for one in plan.links.values() if {one.from_site, one.to_site} == {first, second}), None)
    if row is not None:
        first, second = row.from_site, row.to_site
    ends = _ends(plan, first, second, row)
    _apart(plan, ends)
    run.progress(0.0, msg("Looking for hilltops"))
    costs, in_zone = costs or UnitCosts(plan, study.catalogue), zones_of(plan)
    places = _places(study, ends)[:most]
    run.check()
    run.progress(0.2, msg("Looking at each place from both ends"))
    found: list[tuple[Site, _Halves]] = []
    missed: list[tuple[Site, _Halves]] = []
    may_stand: list[tuple[Site, list[float]]] = []
    for site in places:
        allowed, reason = heights_allowed(plan, costs, site, in_zone)
        if reason is None:
            if site.stands and site.mast_height_m is not None:  # what stands is not lowered
                allowed = sorted({site.mast_height_m, *(one for one in allowed if one > site.mast_height_m)})
            may_stand.append((site, allowed))
    profiles = profiles_between(
        study, [(end, PathEnd(site.latitude, site.longitude)) for site, _ in may_stand for end in ends]
    )
    for number, (site, allowed) in enumerate(may_stand):
        run.check()
        way = _WayOver(study, ends, site, allowed, row, profiles[2 * number : 2 * number + 2])
        if only_clear and way.clear is None:
            continue
        halves = way.lowest()
        works = halves.verdict not in (Verdict.BLOCKED, Verdict.NO_DATA)
        (found if works else missed).append((site, halves))
        run.progress(0.2 + 0.7 * (number + 1) / len(may_stand))
    priced = _Priced(costs, row)
    options = []
    for site, halves in found:
        run.check()
        options.append(_option(priced, ends, site if site.id in plan.sites else replace(site, name=name), halves))
    options.sort(
        key=lambda one: (
            one.warning is not None, one.clearance_f1 < plan.rules.clearance_f1 - _HAIR, one.cost, -one.clearance_f1,
            one.site.id,
        )
    )  # fmt: skip
    run.progress(1.0)
    miss = None if options or only_clear else _miss(plan, missed)
    return RelaySearch(tuple(options[:_MOST_OPTIONS]), len(places), miss)


def _ends(plan: Plan, first: str, second: str, row: Link | None) -> tuple[PathEnd, PathEnd]:
    """Return the ends of a link, or of two sites, with their places filled in."""
    heights = (None, None) if row is None else (row.from_height_m, row.to_height_m)
    made = [
        PathEnd(plan.sites[key].latitude, plan.sites[key].longitude, height_m, "site", key)
        for key, height_m in zip((first, second), heights, strict=True)
    ]
    return made[0], made[1]


def _apart(plan: Plan, ends: tuple[PathEnd, PathEnd]) -> None:
    a, b = ends
    if a.id == b.id or _length_m(a, b) <= 2.0 * _NEAR_M:
        raise InputError(
            msg("{a} and {b} stand at one place.", a=_name(plan, a.id), b=_name(plan, b.id)),
            fix=msg("Nothing can stand between them: hang both antennas on one mast."),
        )


def _length_m(a: PathEnd | Site, b: PathEnd | Site) -> float:
    return float(geodesics([a.latitude], [a.longitude], [b.latitude], [b.longitude])[2][0])


class _WayOver:
    """A way over a place, and what is seen of it from masts that are allowed there, which rise."""

    def __init__(
        self,
        study: Study,
        ends: tuple[PathEnd, PathEnd],
        site: Site,
        allowed: Iterable[float],
        row: Link | None,
        profiles: Sequence[PathProfile] | None = None,
    ) -> None:
        self._study, self._ends, self._row = study, ends, row
        self._tops = [PathEnd(site.latitude, site.longitude, height_m) for height_m in allowed]
        if not self._tops:
            raise InputError(msg("The rules name no mast."), fix=msg("Set rules.mast_heights_m."))
        self._profiles = profiles or profiles_between(study, [(end, self._tops[0]) for end in ends])

    @cached_property
    def clear(self) -> _Halves | None:
        """Both halves with the lowest mast that leaves enough clear; None where none does."""
        # What is wrong beside the clearance no higher mast mends.
        wanted = self._study.plan.rules.clearance_f1 - _HAIR
        top = next((one for one in self._tops if self._clear_f1(one) >= wanted), None)
        return None if top is None else self._halves(top)

    def lowest(self) -> _Halves:
        """Return both halves with the lowest mast that clears them, else with the one that leaves most clear."""
        if self.clear is not None:
            return self.clear
        return max(map(self._halves, self._tops), key=lambda one: (VERDICTS.index(one.verdict), one.clear_f1))

    def _clear_f1(self, top: PathEnd) -> float:
        """Return what the judges of the halves find clear, for a tenth of their work."""
        both = zip(self._ends, self._profiles, strict=True)
        return min(clear_f1_of(self._study, end, top, profile, link=self._row) for end, profile in both)

    def _halves(self, top: PathEnd) -> _Halves:
        first, second = (
            path_view(self._study, end, top, link=self._row, profile_of=lambda *_, one=profile: one)
            for end, profile in zip(self._ends, self._profiles, strict=True)
        )
        verdict = min((view.budget.verdict for view in (first, second)), key=VERDICTS.index)
        return _Halves(top.height_m or 0.0, first, second, verdict, self._clear_f1(top))


def _places(study: Study, ends: tuple[PathEnd, PathEnd]) -> list[Site]:
    """Return what is looked at: the places of the plan, then hilltops and shoulders, with the least detour first."""
    plan, (a, b) = study.plan, ends
    straight = _length_m(a, b)
    mine = [site for key, site in plan.sites.items() if key not in (a.id, b.id)]
    margin = max(_ROUND * straight, _LEAST_M) / 111_000.0
    south, north = sorted((a.latitude, b.latitude))
    west = a.longitude
    east = west + (b.longitude - west + 180.0) % 360.0 - 180.0
    west, east = sorted((west, east))
    across = margin / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.05)
    tops = places_that_stand_out(
        study.surface, max(south - margin, -89.0), west - across, min(north + margin, 89.0), east + across, _MOST_TOPS
    )
    taken: list[Site] = [*plan.sites.values()]
    fresh: list[Site] = []
    names = {*plan.sites}
    at, beside = (np.array([(one.latitude, one.longitude) for one in row]).reshape(-1, 2) for row in (tops, taken))
    away = geodesics(at[:, :1], at[:, 1:], beside[:, 0], beside[:, 1])[2]
    for number in np.flatnonzero((away >= _SAME_M).all(axis=1)).tolist():
        top = tops[number]
        key = _fresh(names, "F")
        names.add(key)
        fresh.append(Site(key, "", round(top.latitude, 6), round(top.longitude, 6)))
    most = max(_DETOUR * straight, straight + 2.0 * _LEAST_M)
    each = 1000.0 * plan.rules.max_backhaul_km if plan.rules.max_backhaul_km is not None else math.inf
    sites = [*mine, *fresh]
    lat, lon = (np.array([getattr(one, field) for one in sites], np.float64) for field in ("latitude", "longitude"))
    there, here = (geodesics(end.latitude, end.longitude, lat, lon)[2].tolist() for end in ends)
    ways = []
    for order, (site, *halves) in enumerate(zip(sites, there, here, strict=True)):
        if min(halves) > _NEAR_M and max(halves) <= each and sum(halves) <= most:
            ways.append((sum(halves), order, site))
    return [site for _, _, site in sorted(ways, key=lambda one: one[:2])[:_MOST_PLACES]]


class _Priced:
    """What ways over a tower cost more than the plan, with the link that they come in the place of."""

    def __init__(self, costs: UnitCosts, row: Link | None) -> None:
        self.plan, self.row, self._costs = costs.plan, row, costs

    @cached_property
    def _more(self) -> MarginalCost:
        return MarginalCost(self._costs.beside(_without(self.plan, self.row)))

    @cached_property
    def _saved(self) -> int:
        """What the link costs that goes, in hundredths."""
        return 0 if self.row is None else self._more.cents((self.row,))

    def of(self, after: Plan, site: Site, links: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """Return by how much the capital grows, and what of it has no price."""
        rows = (*((site,) if site != self.plan.sites.get(site.id) else ()), *(after.links[key] for key in links))
        return (self._more.cents(rows) - self._saved) / 100.0, self._more.unpriced(rows)


def _option(priced: _Priced, ends: tuple[PathEnd, PathEnd], site: Site, halves: _Halves) -> RelayOption:
    plan = priced.plan
    edit, stands, links = _through(plan, priced.row, ends, site, halves.height_m, split=False)
    cost, unpriced = priced.of(edit.plan, stands, links)
    lengths = halves.first.profile.length_m, halves.second.profile.length_m
    a, b = (_name(plan, one.id) for one in ends)
    words = msg(
        "{a} {first:.1f} km, {b} {second:.1f} km; mast of {height:g} m, {f1:.1f} F1 clear.",
        a=a, first=lengths[0] / 1000.0, b=b, second=lengths[1] / 1000.0, height=halves.height_m, f1=halves.clear_f1,
    )  # fmt: skip
    return RelayOption(
        stands, site.id in plan.sites, halves.verdict, halves.clear_f1, lengths, cost, unpriced, edit, words,
        _too_far(plan, edit.plan),
    )  # fmt: skip


def _too_far(plan: Plan, after: Plan) -> Message | None:
    """Return which tower becomes further from a gateway than the rules allow; None where none does."""
    most, before = plan.rules.max_hops, hops(plan)
    far = [(deep, key) for key, deep in hops(after).items() if deep > most and deep > before.get(key, 0)]
    if not far:
        return None
    deep, key = max(far)
    return msg(
        "{site} is then {deep} links from a gateway; the rules of the plan allow {hops}.",
        site=_name(after, key), deep=deep, hops=most,
    )  # fmt: skip


def _through(
    plan: Plan, row: Link | None, ends: tuple[PathEnd, PathEnd], site: Site, height_m: float, *, split: bool
) -> tuple[Edit, Site, tuple[str, ...]]:
    """Return the edit that leads a link over a tower: the link goes, the tower stands, two links come."""
    if not (site.in_network and site.mast_height_m is not None and site.mast_height_m >= height_m):
        site = replace(site, mast_height_m=height_m, max_height_m=max(site.max_height_m, height_m))
    a, b = ends
    like = Link("", a.id, b.id) if row is None else replace(row, from_height_m=None, to_height_m=None, note="")
    if like.choice is Choice.FORBIDDEN:  # that was said of the straight way
        like = replace(like, choice=Choice.FREE)
    halves = (
        replace(like, from_site=a.id, to_site=site.id, from_height_m=a.height_m),
        replace(like, from_site=site.id, to_site=b.id, to_height_m=b.height_m, freq_mhz=None),
    )
    links: list[Link] = []
    for one in halves:
        if any({old.from_site, old.to_site} == {one.from_site, one.to_site} for old in plan.standing_links.values()):
            continue  # they are linked already
        key = _fresh([*plan.links, *(made.id for made in links)], "L")
        links.append(replace(one, id=key, status=Status.IDEA))
    after = edits.put(_without(plan, row), [site, *links]).plan
    names = {"a": _name(plan, a.id), "b": _name(plan, b.id), "site": site.name or site.id}
    label = msg("split link {a} – {b} at {site}", **names) if split else msg("lead {a} – {b} over {site}", **names)
    return Edit(label, after), site, tuple(one.id for one in links)


def _without(plan: Plan, row: Link | None) -> Plan:
    return plan if row is None else replace(plan, links=plan.links.changed(remove=[row.id]))


def _miss(plan: Plan, missed: list[tuple[Site, _Halves]]) -> Message:
    """Return what came nearest, in words."""
    known = [one for one in missed if one[1].verdict is not Verdict.NO_DATA]
    if not known:
        if missed:
            return msg("The terrain round these two is not known: no place could be looked at from both.")
        return msg("No hilltop and no place of the plan lies between them.")
    site, halves = max(known, key=lambda one: (one[1].clear_f1, one[0].id))
    where = msg("{lat:.5f}, {lon:.5f}", lat=site.latitude, lon=site.longitude)
    return msg(
        "The nearest miss is {place}, with a mast of {height:g} m: {why}",
        place=site.name or (site.id if site.id in plan.sites else where), height=halves.height_m,
        why=_worse(halves).budget.explanation,
    )  # fmt: skip


def _worse(halves: _Halves) -> LinkView:
    """Return the worse of two halves."""
    return min(
        (halves.first, halves.second),
        key=lambda view: (VERDICTS.index(view.budget.verdict), view.budget.clearance_f1 or -math.inf),
    )


def _fresh(taken: Iterable[str], prefix: str) -> str:
    known, number = set(taken), 1
    while f"{prefix}{number:02d}" in known:
        number += 1
    return f"{prefix}{number:02d}"


def _name(plan: Plan, key: str) -> str:
    site = plan.sites[key]
    return site.name or site.id
