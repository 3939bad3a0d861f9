"""Whether links and Internet connections have room for what a change puts on them.

Where a home or a tower joins, the links on its way to the gateway and the connection there carry more. Each must carry
it as the planner counts it (`loads.standing_mbps`, and a wider channel once demand has grown) and, where it has a
channel, on that beside the others (`spectrum.channels`), as the papers and the check of a plan say. What is too full
already and gets no more to carry is not in question. Whether a sector has room is `service.room`'s to say.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.clients import clients, demand_of
from cn_planner.model.plan import Site
from cn_planner.planning.link_kits import wider_kits
from cn_planner.planning.loads import standing_kit, standing_mbps
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import as_it_works, passed_up, ways_up
from cn_planner.spectrum.channels import plan_channels

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Link, Plan
    from cn_planner.study import Study

    _Way = tuple[str, float | None, Link | None]

_HAIR = 1e-6


def rates_on_channels(study: Study, *, run: Run = ALONE) -> Mapping[str, float]:
    """Return what links carry both ways on the channels that they are given, beside the others, Mbit/s.

    Links without a channel of their own are not in it: what they will hear is not known yet.

    Raises
    ------
    CancelledError
    """
    if study.surface.empty or all(link.freq_mhz is None for link in study.plan.standing_links.values()):
        return {}
    try:
        uses = plan_channels(study, keep=True, settled=True, run=run.silently()).uses
    except InputError:  # two radios that should talk have no mode in common: the check of the plan says so
        return {}
    return with_channels(study.plan, {one.id: one.carries_mbps for one in uses if one.carries_mbps is not None})


def with_channels(plan: Plan, carries: Mapping[str, float]) -> Mapping[str, float]:
    """Return of what links carry beside the others that of the links which have a channel of their own."""
    standing = plan.standing_links
    return {key: rate for key, rate in carries.items() if key in standing and standing[key].freq_mhz is not None}


class _Ways(NamedTuple):
    """A network: the way of each tower to its gateway (`joined.ways_up`), and what each passes on, in homes."""

    plan: Plan
    over: dict[str, tuple[str, str] | None]
    passed: dict[str, float]

    def up(self, site: str | None) -> Iterator[str]:
        """Yield a tower and those on its way to the gateway; none where it is not on the network."""
        while site is not None and site in self.over:
            yield site
            way = self.over[site]
            site = None if way is None else way[0]


class WayRoom:
    """What the ways of a plan to the Internet carry, and what they could.

    Parameters
    ----------
    study : Study
    on_channels : mapping of str to float, optional
        As `rates_on_channels` returns it; looked up when it is first needed where not given.
    down : collection of str
        Links over which nothing gets through (`links_down`): no way leads over them, unless a mast at their end is
        changed.
    """

    def __init__(
        self,
        study: Study,
        on_channels: Mapping[str, float] | None = None,
        *,
        down: Collection[str] = (),
        run: Run = ALONE,
    ) -> None:
        self._study, self._run, self._on_channels, self._down = study, run, on_channels, down
        self._own = _taken_at(study.plan)
        self._now = _ways(study.plan, self._own, down)
        self._links = {way[1]: self._now.passed[site] for site, way in self._now.over.items() if way is not None}
        self._gates = {site: self._now.passed[site] for site, way in self._now.over.items() if way is None}
        self._joined: dict[_Way, tuple[_Ways, tuple[str, ...]]] = {}
        self._answers: dict[tuple[_Way, float, str | None], Message | None] = {}
        self._rates: dict[tuple[str, float | None, float | None, bool], float | None] = {}

    def full_for(self, home: Household, site: Site, link: Link | None = None) -> Message | None:
        """Return in words what has no room where a home is served by a tower; None where all has.

        Parameters
        ----------
        home : Household
            As the plan has it.
        site : Site
            The tower as it then is.
        link : Link, optional
            That joins it to the network.
        """
        way, load = (site.id, site.mast_height_m, link), demand_of(self._study.plan, home)
        key = way, load, home.server
        if key not in self._answers:
            if way not in self._joined:
                self._joined[way] = self._with((site, *(() if link is None else (link,))))
            self._answers[key] = self._full_with(self._joined[way], load, home.server, site.id)
        return self._answers[key]

    def full_for_all(self, homes: Iterable[Household], site: str, rows: Iterable[Site | Link]) -> Message | None:
        """Return in words what has no room where homes that have no Internet yet are served by a tower; None: all has.

        Parameters
        ----------
        homes : iterable of Household
        site : str
            The tower.
        rows : iterable of Site or Link
            What is built for it.
        """
        load = math.fsum(demand_of(self._study.plan, one) for one in homes)
        return self._full_with(self._with(rows), load, None, site)

    def full_now(self) -> Message | None:
        """Return in words what carries less than is put on it as the plan stands; None: all has room."""
        ways = self._now
        found = (self._full(ways.plan, site, way, ways.passed[site]) for site, way in ways.over.items())
        return next((one for one in found if one is not None), None)

    def _with(self, rows: Iterable[Site | Link]) -> tuple[_Ways, tuple[str, ...]]:
        """Return the ways once some things are built, and the towers that are in question for that alone."""
        plan = edits.put(self._study.plan, rows := tuple(rows)).plan
        other = {row.id for row in rows if isinstance(row, Site)}
        ends = {key: {plan.links[key].from_site, plan.links[key].to_site} for key in self._down}
        ways = _ways(plan, self._own, {key for key, both in ends.items() if other.isdisjoint(both)})
        return ways, self._in_question(ways)

    def _full_with(
        self, built: tuple[_Ways, tuple[str, ...]], load: float, before: str | None, then: str
    ) -> Message | None:
        """Return what has no room where so much is moved from one tower to another."""
        (ways, others), more = built, defaultdict[str, float](float)
        for one in ways.up(before):
            more[one] -= load
        for one in ways.up(then):
            more[one] += load
        asked = dict.fromkeys((*ways.up(then), *others))
        return self._first_full(ways, ((one, ways.passed[one] + more[one]) for one in asked))

    def _in_question(self, ways: _Ways) -> tuple[str, ...]:
        """Return the towers of a changed network that pass on more than now, or by a link with another mast."""
        now, then = self._study.plan.sites, ways.plan.sites
        other = {key for key in ways.over if key not in now or then[key].mast_height_m != now[key].mast_height_m}
        return tuple(
            key
            for key, way in ways.over.items()
            if ways.passed[key] > self._before(key, way) + _HAIR
            or (way is not None and not other.isdisjoint((key, way[0])))
        )

    def _before(self, site: str, way: tuple[str, str] | None) -> float:
        return self._gates.get(site, 0.0) if way is None else self._links.get(way[1], 0.0)

    def _first_full(self, ways: _Ways, loads: Iterable[tuple[str, float]]) -> Message | None:
        for site, load in loads:
            way = ways.over[site]
            full = self._full(ways.plan, site, way, load)
            if full is None:
                continue
            before = self._before(site, way)
            stood = way is None or way[1] in self._links
            if load > before + _HAIR or not stood or self._full(self._study.plan, site, way, before) is None:
                return full
        return None

    def _full(self, plan: Plan, site: str, way: tuple[str, str] | None, load: float) -> Message | None:
        """Return in words that a link, or the connection of a gateway, carries less than so many homes."""
        each, later = plan.demand.busy_hour_mbps, plan.demand.later_mbps
        name = plan.sites[site].name or site
        if way is None:
            uplink = plan.sites[site].uplink
            if uplink is None or not 0.0 < uplink.mbps < load * later * (1.0 - _HAIR):
                return None
            return msg(
                "The Internet connection at {site} has no room for more: it carries {rate:.1f} Mbit/s, and {load:.1f} "
                "would be wanted at the busy hour. Ask for more Mbit/s, or plan for less demand.",
                site=name, rate=uplink.mbps, load=load * later,
            )  # fmt: skip
        wanted, rate = load * later, None
        # No link is planned that does not carry what one home should reach.
        if wanted > plan.demand.mbps_per_home:
            rate = self._rate(plan, plan.links[way[1]])
            if plan.demand.grow_later and rate is not None and rate < wanted * (1.0 - _HAIR):
                wide = self._rate(plan, plan.links[way[1]], wide=True)
                if wide is not None and wide >= wanted * (1.0 - _HAIR):
                    wanted = load * each  # the wider channel comes with the demand
        if rate is None or rate >= wanted * (1.0 - _HAIR):
            wanted, rate = load * each, self._on_channel(way[1])
        if rate is None or rate >= wanted * (1.0 - _HAIR):
            return None
        return msg(
            "The link {a} to {b} has no room for more: it carries {rate:.1f} Mbit/s, and {load:.1f} would be wanted at "
            "the busy hour. Plan again, or give that link a kit or a channel that carries more.",
            a=name, b=plan.sites[way[0]].name or way[0], rate=rate, load=wanted,
        )  # fmt: skip

    def _on_channel(self, link: str) -> float | None:
        if self._on_channels is None:
            self._on_channels = rates_on_channels(self._study, run=self._run)
        return self._on_channels.get(link)

    def _rate(self, plan: Plan, link: Link, *, wide: bool = False) -> float | None:
        """Return what a link carries as the planner counts it, or would on its widest channel; None: not known."""
        key = (link.id, plan.sites[link.from_site].mast_height_m, plan.sites[link.to_site].mast_height_m, wide)
        if key not in self._rates:
            study, found = replace(self._study, plan=plan), list[float | None]()
            if (link.kit or plan.kits.backhaul) in study.catalogue.kits and not study.surface.empty:
                kit = standing_kit(study, link)
                kits = wider_kits(study, kit) if wide else (kit,)
                found = [standing_mbps(study, link, one) for one in kits]
            self._rates[key] = max((one for one in found if one is not None and not math.isnan(one)), default=None)
        return self._rates[key]


def _taken_at(plan: Plan) -> dict[str, float]:
    """Return what the clients of each tower take, in homes, whether or not it stands yet."""
    found: defaultdict[str, float] = defaultdict(float)
    for one in clients(plan).values():
        if one.server is not None:
            found[one.server] += demand_of(plan, one)
    return found


def _ways(plan: Plan, own: Mapping[str, float], down: Collection[str]) -> _Ways:
    over = ways_up(as_it_works(plan, down))
    return _Ways(plan, over, passed_up(over, own))
