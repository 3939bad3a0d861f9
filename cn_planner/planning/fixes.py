"""What would reach a home that is not served, the cheapest first: the one answer for window, command line and report.

Looked at for each home: a tower that reaches it as planned; a sector turned towards it; one more sector; a higher mast;
a taller pole at the home; a link that joins a tower which sees it; one more tower, linked straight to the network. Each
is taken by itself, with one more sector where the tower's antennas do not reach the home or have no room for it.
Where the plan allows sectors of further kits (`more_access`) all is looked at with these too, the home with the kit of
their band.

A fix is offered only where everything holds once it is done: the home is served by the rules of the plan (verdict,
margin, rate, beam, room in the sector at the busy hour), the homes that its tower serves still are, links that worked
still do, the tower hangs on a gateway within the hops allowed, and no link nor Internet connection on the way there
gets more than it carries (`planning.way_room`); and where on its channel the home is heard, and nobody falls silent
(`planning.held_on_air`). Its cost is that by which the capital of the plan
rises (`planning.costs.capital`), to the cent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import UnitCosts
from cn_planner.economics.marginal_cost import MarginalCost
from cn_planner.errors import InputError
from cn_planner.links.one_band import speaks_with
from cn_planner.links.pointing import in_beam, pointing_loss_db
from cn_planner.links.radio import direction, radio_end
from cn_planner.links.throughput import airtime_share
from cn_planner.message import msg
from cn_planner.model.clients import who_refuse
from cn_planner.model.equipment import Task
from cn_planner.model.plan import Choice, Household, Sector
from cn_planner.planning.explain import OTHER_BAND
from cn_planner.planning.fix_found import Fix, FoundFixes, HomeFixes
from cn_planner.planning.fix_tries import NEEDLESS_AFTER, Try
from cn_planner.planning.fix_words import (
    CHANNELS_ANEW,
    MORE_SECTORS,
    NEARER,
    NO_TIME,
    OTHER_CHANNEL,
    FixKind,
    advice,
    of_other_band,
    worded,
)
from cn_planner.planning.held_on_air import not_looked_at
from cn_planner.planning.joining import Join, Joining
from cn_planner.planning.left_out import silenced
from cn_planner.planning.places import heights_allowed, zones_of
from cn_planner.planning.reaching import POLES_M, Reaching, TowerOption
from cn_planner.planning.way_room import WayRoom
from cn_planner.progress import ALONE, Run
from cn_planner.service.home_kits import other_band
from cn_planner.service.homes import nameless
from cn_planner.service.joined import as_it_works, hops
from cn_planner.service.links_down import links_down
from cn_planner.service.room import all_have_room, most_airtime

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.economics.marginal_cost import PlanRow
    from cn_planner.message import Message
    from cn_planner.model.plan import Link, Site
    from cn_planner.planning.held_on_air import HeldOnAir
    from cn_planner.planning.reaching import Judged
    from cn_planner.study import Study

TURN_STEP_DEG = 5.0
"""Sectors are turned in such steps from where they point."""
_MOST_TILT_DEG = 45.0
_TILT_WORTH_DB = 0.5
_HOMES_AT_ONCE = 1000
_KEPT = 4096
_VAIN = 6
"""For one home so many kinds of things at a tower are tried that do not hold on the channels."""


def home_fixes(
    study: Study,
    homes: Iterable[str],
    *,
    only_cheapest: bool = False,
    kinds: frozenset[FixKind] = frozenset(FixKind),
    on_channels: Mapping[str, float] | None = None,
    on_air: HeldOnAir | None = None,
    down: Collection[str] | None = None,
    unheard: Collection[str] = (),
    run: Run = ALONE,
) -> Mapping[str, HomeFixes]:
    """Return what would reach homes, by id; nothing for those that refused, nor for those that the channels silence.

    Parameters
    ----------
    homes : iterable of str
        Those that are not served; ``only_cheapest``: the cheapest fix of each is enough.
    kinds : frozenset of FixKind
        What may be done; of fewer than all no advice is given.
    on_channels : mapping of str to float, optional
        What links carry on their channels, where that is known already (`way_room.rates_on_channels`).
    on_air : HeldOnAir, optional
        Holds each against the channels; where none is given all are taken to be heard: channels come after.
    down : collection of str, optional
        Links over which nothing gets through, where that is known already (`links_down`).
    unheard : collection of str
        Homes for which nothing is left on their tower's channel: other channels help.

    Raises
    ------
    InputError
        Where there is no such home, a kit is not on the shelf, or the kits of tower and home have no mode in common.
    CancelledError
    """
    wanted = list(dict.fromkeys(homes))
    unknown = [key for key in wanted if key not in study.plan.households]
    if unknown:
        raise InputError(msg("There is no home {id}.", id=unknown[0]))
    # Homes that differ in no more than their names are one question.
    alike: dict[Household, list[str]] = {}
    settled = silenced(study.plan) | dict.fromkeys(unheard, CHANNELS_ANEW) | dict.fromkeys(who_refuse(study.plan))
    for key in wanted:
        if key not in settled:
            alike.setdefault(nameless(study.plan.households[key]), []).append(key)
    groups, found = list(alike.values()), {key: HomeFixes(key, (), settled[key]) for key in wanted if key in settled}
    down = links_down(study, run=run.silently()) if down is None else down
    way_room = WayRoom(study, on_channels, down=down, run=run)
    common = _Common(study, frozenset(wanted), hops(as_it_works(study.plan, down)), way_room, on_air, kinds)
    for start in range(0, len(groups), _HOMES_AT_ONCE):
        some = groups[start : start + _HOMES_AT_ONCE]
        asked = [keys[0] for keys in some]
        finder = _Finder(common, asked, "", common.kits, run.silently())
        # Who has a kit already keeps it.
        free = [key for key in asked if not study.plan.households[key].client_kit]
        others = [_Finder(common, free, *one, run.silently()) for one in common.further] if free else []
        at = {key: number for number, key in enumerate(free)}
        for number, keys in enumerate(some):
            run.check()
            run.progress((start + number) / len(groups))
            common.look_on_air()
            one = finder.fixes(number, only_cheapest)
            for other in others if keys[0] in at else ():
                below = one.cost if only_cheapest else None
                one = one.beside(other.fixes(at[keys[0]], only_cheapest, below), only_cheapest=only_cheapest)
            found.update(dict.fromkeys(keys, one))
    run.progress(1.0)
    return FoundFixes({key: found[key] for key in wanted}, study.plan.households)


def _on_pole(home: Household, pole: int) -> Household:
    return home if pole < 0 else replace(home, antenna_height_m=POLES_M[pole], on_pole=True)


class _Common:
    """What all homes of a plan share."""

    def __init__(
        self, study: Study, asked: frozenset[str], joined: dict[str, int], way_room: WayRoom,
        on_air: HeldOnAir | None = None, kinds: frozenset[FixKind] = frozenset(FixKind),
    ) -> None:  # fmt: skip
        self.asked, self.way_room, self.on_air, self.kinds = asked, way_room, on_air, kinds
        plan, catalogue, regulations = study.plan, study.catalogue, study.regulations
        self.study, self.plan, self.catalogue = study, plan, catalogue
        self.costs = UnitCosts(plan, catalogue)
        self.marginal_cost = MarginalCost(self.costs)
        self.towers = self._towers()
        self.raised = {(n, h): replace(t.site, mast_height_m=h) for n, t in enumerate(self.towers) for h in t.heights_m}
        self.has_sectors = any(tower.standing and tower.site.sectors for tower in self.towers)
        self.kits = self._kits(plan.kits.client, plan.kits.access)
        self.further = self._further()
        allowed = {kit: radio_end(catalogue, kit, regulations).allowed for kit in (plan.kits.client, *self.kits)}
        self.closed = not allowed[plan.kits.client] or not any(allowed[kit] for kit in self.kits)
        self.joining = Joining(study, self.towers, joined)
        self.busy = max(plan.demand.busy_hour_mbps, 1e-6)
        self.looks = True

    def look_on_air(self) -> None:
        """Settle for the next home whether its fixes are held against the channels: all of them, or none."""
        self.looks = self.on_air is None or self.on_air.open

    def _towers(self) -> list[TowerOption]:
        plan, used, in_zone = self.plan, self.plan.used_sites, zones_of(self.plan)
        found = []
        for key, site in plan.sites.items():
            allowed, reason = heights_allowed(plan, self.costs, site, in_zone)
            if key in used:
                now = site.mast_height_m or 0.0
                higher = [] if reason is not None else [one for one in allowed if one > now + 1e-9]
                found.append(TowerOption(site, (now, *higher), True))
            elif reason is None:
                found.append(TowerOption(site, tuple(allowed), False))
        return found

    def _kits(self, own: str, first: str) -> tuple[str, ...]:
        """Return the kits that a new sector may be: one, and others that speak to its homes' kit and have prices."""
        catalogue = self.catalogue
        return (first, *(key for key in sorted(catalogue.kits) if key != first and self._may_be(key, own)))

    def _may_be(self, key: str, own: str) -> bool:
        """Return whether a kit is one of sectors, speaks to a kit of homes and has prices."""
        catalogue, kit = self.catalogue, self.catalogue.kits.get(key)
        if kit is None or kit.task is not Task.ACCESS or other_band(catalogue, key, own):
            return False
        if any(catalogue.items[part.item].price is None for part in kit.parts):
            return False
        try:
            end, client = (radio_end(catalogue, one, self.study.regulations) for one in (key, own))
            direction(end, client)
            direction(client, end)
        except InputError:
            return False
        return True

    def _further(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return kits of homes of other bands that the plan allows, each with the further kits of sectors it hears."""
        plan = self.plan
        found = ((own, tuple(key for key in plan.more_access if self._may_be(key, own))) for own in plan.kits.clients)
        return tuple(one for one in found if one[1] and one[0] != plan.kits.client)


@dataclass(slots=True, eq=False)
class _Finder:
    """Finds the fixes of some homes; their numbers are the first of `reaching.homes`.

    ``own`` is the kit that they then have, of another band than the usual one where it is not empty; ``kits`` those
    that a new sector may be.
    """

    common: _Common
    asked: Sequence[str]
    own: str
    kits: tuple[str, ...]
    run: Run
    reaching: Reaching = field(init=False)
    _others: dict[int, NDArray[np.int64]] = field(init=False, default_factory=dict)
    _now: dict[tuple[Site, bytes], Judged] = field(init=False, default_factory=dict)
    _reach: dict[tuple[int, float | None, int], NDArray[np.bool_]] = field(init=False, default_factory=dict)
    _cents: dict[tuple[object, ...], int] = field(init=False, default_factory=dict)
    _kinds: dict[tuple[int, int], tuple[object, ...]] = field(init=False, default_factory=dict)
    _best: dict[tuple[int, str, float, int], NDArray[np.bool_]] = field(init=False, default_factory=dict)
    _full_way: Message | None = field(init=False, default=None)
    """What has no room for the home that is looked at, on the way of the cheapest thing that else would reach it."""
    _no_time: bool = field(init=False, default=False)
    """Whether a sector would reach that home, and has not the time for it beside its own."""
    _drowned: set[tuple[object, ...]] = field(init=False, default_factory=set)
    """What else would reach that home and does not on the channels (`Try.on_air`)."""

    def __post_init__(self) -> None:
        common, plan = self.common, self.common.plan
        others = [home for key, home in plan.households.items() if key not in common.asked and home.server is not None]
        homes = [plan.households[key] for key in self.asked]
        homes = [replace(home, client_kit=self.own) for home in homes] if self.own else homes
        homes += others
        self.reaching = Reaching(common.study, common.towers, homes, len(self.asked), self.kits, run=self.run)

    def fixes(self, home: int, only_cheapest: bool, below: float | None = None) -> HomeFixes:
        """Return the fixes of one home; where a cost is given, those that cost less."""
        self._full_way, self._no_time, found = None, False, list[Fix]()
        seen, vain = set[tuple[FixKind, int]](), set[tuple[FixKind, int]]()
        self._drowned = set()
        kinds = self.common.kinds
        for one in sorted((one for one in self._tries(home) if one.kind in kinds), key=lambda one: one.order):
            if (below is not None and one.cents >= 100.0 * below) or len(vain) == _VAIN:
                break
            what = one.kind, one.tower
            if (
                what in seen
                or one.on_air in self._drowned
                or any((kind, one.tower) in seen for kind in NEEDLESS_AFTER[one.kind])
            ):
                continue
            fix = self._proven(home, one)
            if fix is not None and (fix := self._heard(fix)) is None:
                self._drowned.add(one.on_air)
                vain.add(what)
            if fix is not None:
                seen.add(what)
                found.append(fix)
                if only_cheapest:
                    break
        key = self.asked[home]
        told = not found and not self.own and len(kinds) == len(FixKind)
        return HomeFixes(key, tuple(found), self._advice(home) if told else None)

    def _heard(self, fix: Fix) -> Fix | None:
        """Return a fix with its channels; None where it does not hold on them."""
        on_air = self.common.on_air
        if on_air is None:
            return fix
        return on_air.kept(fix) if self.common.looks else not_looked_at(fix)

    def _advice(self, home: int) -> Message:
        """Return what could help where nothing within the rules does."""
        common, reaching = self.common, self.reaching
        if common.closed:
            return OTHER_CHANNEL
        if self._full_way is not None:
            return self._full_way
        if self._drowned:
            return OTHER_BAND
        seen_by, spared = [], None
        for row in np.flatnonzero(reaching.second == home).tolist():
            number = int(reaching.first[row])
            tower, at = common.towers[number], row - int(reaching.starts[number])
            for height in tower.heights_m:
                site = replace(tower.site, mast_height_m=height)
                if any(self._at_best(number, kit, height, -1)[at] for kit in self.kits) or (
                    tower.standing and self._serves_as_it_is(number, site, -1)[at]
                ):
                    if tower.standing and tower.site.id in common.joining.hops:
                        now = height == tower.heights_m[0]
                        no_more = now and len(site.sectors) >= common.plan.rules.max_sectors
                        spared = MORE_SECTORS if no_more else spared or NEARER
                    if self._join(home, number, height) is None:
                        seen_by.append(number)
                    break
        if self._no_time:
            return NO_TIME
        if spared is MORE_SECTORS:
            return replace(MORE_SECTORS, values=(("most", common.plan.rules.max_sectors),))
        return spared or advice(common.plan, common.joining, reaching, home, seen_by)

    # What could help

    def _tries(self, home: int) -> Iterator[Try]:
        reaching = self.reaching
        for number in [] if self.own else reaching.at_mast(home):
            yield from self._at_mast(home, number)
        rows = np.flatnonzero(reaching.second == home)
        for row in rows.tolist():
            number = int(reaching.first[row])
            if self.common.towers[number].standing:
                yield from self._at_standing(home, number, row)
            elif FixKind.TOWER in self.common.kinds:
                yield from self._at_new(home, number, row)

    def _at_mast(self, home: int, number: int) -> Iterator[Try]:
        """Yield what serves a home at the place of a mast: the tower, with no radio path."""
        tower = self.common.towers[number]
        for height in tower.heights_m[:1] if tower.standing else tower.heights_m:
            join = self._join(home, number, height)
            if join is not None:
                kind = (FixKind.CONNECT if join.link is None else FixKind.LINK) if tower.standing else FixKind.TOWER
                yield self._try(home, kind, number, height, -1, 0, -1, new_sector=False, join=join)

    def _join(self, home: int, number: int, height_m: float) -> Join | None:
        """Return how a tower is joined to the network, by a way with room for the home if there is one; None: not."""
        joining, own = self.common.joining, self.reaching.homes[home]
        if self.common.towers[number].standing and self.common.towers[number].site.id in joining.hops:
            return Join(None)
        first: Join | None = None
        for one in joining.joins(number, height_m):
            if not one.other or not self.common.way_room.full_for(own, self.common.plan.sites[one.other]):
                return one
            first = first or one
        return first

    def _at_standing(self, home: int, number: int, row: int) -> Iterator[Try]:
        common, tower = self.common, self.common.towers[number]
        site, at = tower.site, row - int(self.reaching.starts[number])
        online = site.id in common.joining.hops
        for height in tower.heights_m if FixKind.MAST in common.kinds else tower.heights_m[:1]:
            raised, is_raised = common.raised[number, height], height != tower.heights_m[0]
            aims = self._aims(number, raised, height, at, -1)
            if not aims or (is_raised and not common.joining.holds(site, height)):
                continue
            join = self._join(home, number, height)
            if join is None:
                continue
            for new_sector, kit in aims:
                kind = FixKind.MAST if is_raised else FixKind.SECTOR if new_sector else FixKind.CONNECT
                kind = kind if online else FixKind.LINK
                yield self._try(home, kind, number, height, -1, kit, -1, new_sector=new_sector, join=join)
        if not online:
            return
        for pole in np.flatnonzero(self.reaching.pole_fits[home]).tolist() if FixKind.POLE in common.kinds else []:
            if common.costs.mast(POLES_M[pole]) is None:
                continue
            for new_sector, kit in self._aims(number, site, tower.heights_m[0], at, pole):
                how = FixKind.POLE, number, tower.heights_m[0], pole, kit, -1
                yield self._try(home, *how, new_sector=new_sector, join=Join(None))
        if site.choice is not Choice.LOCKED:
            for sector, one in enumerate(site.sectors):
                if not speaks_with(common.catalogue, one.kit, common.plan.client_of(self.reaching.homes[home])):
                    continue
                up = tower.heights_m[0] if one.height_m is None else one.height_m
                if one.freq_mhz is None and not self._at_best(number, one.kit, up, -1)[at]:
                    continue
                yield self._try(
                    home, FixKind.TURN, number, tower.heights_m[0], -1, 0, sector, new_sector=False, join=Join(None)
                )

    def _aims(self, number: int, site: Site, height_m: float, at: int, pole: int) -> list[tuple[bool, int]]:
        """Return how antennas might reach a home, as (whether by one more sector, number of its kit)."""
        found = []
        if self._serves_as_it_is(number, site, pole)[at]:
            found.append((False, 0))
        if len(site.sectors) < self.common.plan.rules.max_sectors and not self._all_round(number):
            found += [(True, n) for n, kit in enumerate(self.kits) if self._at_best(number, kit, height_m, pole)[at]]
        return found

    def _all_round(self, number: int) -> bool:
        """Return whether a tower looks for homes all round: nobody has planned its antennas yet.

        Where other towers have sectors, one that has none and serves nobody is a relay.
        """
        if self.common.towers[number].site.sectors:
            return False
        return not self.common.has_sectors or len(self._served_by(number)) > 0

    def _serves_as_it_is(self, number: int, site: Site, pole: int) -> NDArray[np.bool_]:
        """Return which of a tower's homes its antennas reach, so high; none where it has none and serves nobody."""
        key = (number, site.mast_height_m, pole)
        if key not in self._reach:
            homes = self.reaching.homes_of(number)
            good = np.zeros(len(homes), np.bool_)
            if site.sectors or self._all_round(number):
                asked = homes[homes < len(self.asked)] if pole >= 0 else homes
                good[: len(asked)] = self.reaching.judge(number, site, asked, None if pole < 0 else pole).good
            self._reach[key] = good
        return self._reach[key]

    def _at_best(self, number: int, kit: str, height_m: float, pole: int) -> NDArray[np.bool_]:
        key = (number, kit, height_m, pole)
        if key not in self._best:
            self._best[key] = self.reaching.at_best(number, kit, height_m, None if pole < 0 else pole)
        return self._best[key]

    def _at_new(self, home: int, number: int, row: int) -> Iterator[Try]:
        tower, at = self.common.towers[number], row - int(self.reaching.starts[number])
        for height in tower.heights_m:
            for kit, name in enumerate(self.kits):
                if self._at_best(number, name, height, -1)[at]:
                    join = self._join(home, number, height)
                    if join is not None:
                        yield self._try(home, FixKind.TOWER, number, height, -1, kit, -1, new_sector=True, join=join)

    def _try(
        self, home: int, kind: FixKind, number: int, height_m: float, pole: int, kit: int, sector: int, *,
        new_sector: bool, join: Join,
    ) -> Try:  # fmt: skip
        """Return what has yet to prove itself, with its cost: where a new sector points is no part of that."""
        key = self._kind(home, pole), number, height_m, kit if new_sector else -1, join.link
        if key not in self._cents:
            extra = Sector("", self.kits[kit], 0.0) if new_sector else None
            rows = self._rows(home, number, height_m, pole, extra, join.link)
            self._cents[key] = self.common.marginal_cost.cents(rows)
        return Try(self._cents[key], kind, number, height_m, pole, kit, sector, new_sector, join)

    def _kind(self, home: int, pole: int) -> tuple[object, ...]:
        """Return what of a home, on its roof or on a pole, a try costs by: homes alike cost alike."""
        if (home, pole) not in self._kinds:
            own = _on_pole(self.reaching.homes[home], pole)
            self._kinds[home, pole] = self.common.marginal_cost.alike(own)
        return self._kinds[home, pole]

    def _rows(
        self, home: int, number: int, height_m: float, pole: int, extra: Sector | None, link: Link | None
    ) -> tuple[PlanRow, ...]:
        tower = self.common.towers[number]
        site = tower.site if tower.standing else replace(tower.site, sectors=())
        sectors = site.sectors if extra is None else (*site.sectors, extra)
        site = replace(site, mast_height_m=height_m, sectors=sectors)
        own = _on_pole(replace(self.reaching.homes[home], server=site.id), pole)
        rows: list[PlanRow] = [] if site == tower.site else [site]
        return (*rows, *(() if link is None else (link,)), own)

    # Whether it does

    def _served_by(self, number: int) -> NDArray[np.int64]:
        """Return the homes, not asked for, that a tower serves as it stands, by radio."""
        if number not in self._others:
            site = self.common.towers[number].site
            homes = self.reaching.homes_of(number)
            mine = homes[[self.reaching.homes[h].server == site.id for h in homes.tolist()]]
            self._others[number] = mine[self.reaching.judge(number, site, mine).good] if len(mine) else mine
        return self._others[number]

    def _proven(self, home: int, one: Try) -> Fix | None:
        """Return the fix where all holds once it is done."""
        tower = replace(self.common.towers[one.tower].site, mast_height_m=one.height_m)
        link = None if one.join is None else one.join.link
        full = self.common.way_room.full_for(self.reaching.homes[home], tower, link)
        if full is not None and self._full_way is not None:
            return None
        fix = self._reaching(home, one)
        if fix is not None and full is not None:
            self._full_way, fix = full, None
        return fix

    def _reaching(self, home: int, one: Try) -> Fix | None:
        """Return the fix where it reaches the home and costs no other its service: of the way from there on no word."""
        if one.kind is FixKind.TURN:
            return self._turned(home, one)
        site = self._site(home, one)
        if self._is_at_mast(home, one.tower) or self._holds(home, one, site):
            return self._fix(home, one, site)
        return None

    def _is_at_mast(self, home: int, number: int) -> bool:
        return number in self.reaching.at_mast(home)

    def _site(self, home: int, one: Try) -> Site:
        """Return the tower as it would be."""
        tower = self.common.towers[one.tower]
        site = replace(tower.site, mast_height_m=one.height_m)
        if not tower.standing:
            site = replace(site, sectors=())
        if one.new_sector:
            site = replace(site, sectors=(*site.sectors, self._sector(home, one, site)))
        return site

    def _sector(self, home: int, one: Try, site: Site) -> Sector:
        """Return a sector that points at the home; tilted where that is worth something."""
        row = int(self.reaching.rows(one.tower, np.array([home]))[0])
        pole = None if one.pole < 0 else one.pole
        kit = self.common.catalogue.kit(self.kits[one.kit])
        antenna = self.common.catalogue.antennas[kit.antenna]
        azimuth = round(self.reaching.azimuth_deg(row) % 360.0, 1) % 360.0
        up = self.reaching.elevation_deg(one.tower, row, one.height_m, pole)
        tilt = 0.0
        if math.isfinite(up) and pointing_loss_db(antenna, kit.freq_mhz, 0.0, 0.0, 0.0, up) > _TILT_WORTH_DB:
            tilt = round(min(max(up, -_MOST_TILT_DEG), _MOST_TILT_DEG), 1)
        taken, number = {sector.id for sector in site.sectors}, 1
        while f"{site.id}-S{number}" in taken:
            number += 1
        return Sector(f"{site.id}-S{number}", kit.id, azimuth, tilt)

    def _holds(self, home: int, one: Try, site: Site) -> bool:
        """Return whether the home is served with room in its sector, and the others of the tower still are."""
        reaching, common = self.reaching, self.common
        theirs: Judged | None = None
        others = self._served_by(one.tower) if common.towers[one.tower].standing else np.zeros(0, np.int64)
        others = others[others != home]
        if len(others):
            theirs = self._judged(one.tower, site, others)
            if not theirs.good.all():
                return False
        its = reaching.judge(one.tower, site, np.array([home]), None if one.pole < 0 else one.pole)
        if not its.good[0]:
            return False
        if theirs is None:
            return True  # a home alone in its sector has all of its time
        # A sector that turns hands homes on to those beside it: each that anybody comes to needs the time.
        before = self._judged(one.tower, common.towers[one.tower].site, others)
        loads = common.busy * reaching.loads[np.append(others, home)]
        after = airtime_share(loads, np.append(theirs.rate_mbps, its.rate_mbps))
        which, most = np.append(theirs.which, its.which), most_airtime(common.plan, site)
        has_room = all_have_room(which, after, before.which, airtime_share(loads[:-1], before.rate_mbps), most)
        self._no_time |= not has_room
        return has_room

    def _judged(self, number: int, site: Site, homes: NDArray[np.int64]) -> Judged:
        key = (site, homes.tobytes())
        if key not in self._now:
            if len(self._now) > _KEPT:
                self._now.clear()
            self._now[key] = self.reaching.judge(number, site, homes)
        return self._now[key]

    def _turned(self, home: int, one: Try) -> Fix | None:
        """Return the fix that turns a sector no further than needed; None where it does not help, or costs others."""
        site = self.common.towers[one.tower].site
        sector = site.sectors[one.sector]
        antenna = self.common.catalogue.antennas[self.common.catalogue.kit(sector.kit).antenna]
        towards = self.reaching.azimuth_deg(int(self.reaching.rows(one.tower, np.array([home]))[0]))
        # Steps that do not depend on the home: what the tower's other homes then get is looked at once for all.
        for turn in sorted(
            np.arange(TURN_STEP_DEG, 360.0, TURN_STEP_DEG).tolist(), key=lambda deg: min(deg, 360 - deg)
        ):
            azimuth = round((sector.azimuth_deg + turn) % 360.0, 1) % 360.0
            if in_beam(antenna, azimuth, towards):
                turned = replace(sector, azimuth_deg=azimuth)
                new = replace(site, sectors=tuple(turned if s.id == sector.id else s for s in site.sectors))
                if self._holds(home, one, new):
                    return self._fix(home, one, new)
        return None

    # In words

    def _fix(self, home: int, one: Try, site: Site) -> Fix | None:
        common = self.common
        tower, join = common.towers[one.tower], one.join or Join(None)
        own = _on_pole(replace(self.reaching.homes[home], server=site.id), one.pole)
        rows = tuple(row for row in (site if site != tower.site else None, join.link, own) if row is not None)
        if rows == (common.plan.households[own.id],):
            return None  # it is served so already
        words, label = worded(one.kind, common.plan, tower.site, site, own, join.other, new_sector=one.new_sector)
        if self.own:
            own_kit, kit = (common.catalogue.kit(key).name for key in (self.own, self.kits[one.kit]))
            words = of_other_band(words, own_kit, kit if one.new_sector else "")
        return Fix(
            own.id, site.id, one.kind, words, one.cents / 100.0, label, rows, common.marginal_cost.unpriced(rows)
        )
