"""Who serves whom, for the plan as it stands: each home's server or the best that it could have, and why not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.links.budget import LinkBudget, link_budget
from cn_planner.links.conditions import home_conditions_of
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.message import Message, msg
from cn_planner.model.clients import roof_height_m, wanted_mbps
from cn_planner.progress import ALONE
from cn_planner.service.home_kits import ends_by_kit
from cn_planner.service.judge import JudgedFigures, Standing, Why, least_clearance_f1, serves
from cn_planner.service.links_down import first_down, links_down
from cn_planner.service.now import everyone, far_from_servers, servers
from cn_planner.service.roofs import home_arrays
from cn_planner.service.tower import tower_coverage
from cn_planner.terrain.profile import path_profile, path_profiles
from cn_planner.units import rate_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from cn_planner.coverage.access import Access
    from cn_planner.model.left_out import LeftOut
    from cn_planner.model.plan import Household, Link, Plan, Site
    from cn_planner.progress import Run
    from cn_planner.service.now import ServiceNow
    from cn_planner.service.tower import TowerCoverage
    from cn_planner.service.unheard import Unheard
    from cn_planner.study import Study
    from cn_planner.terrain.profile import PathProfile

    Paths = dict[tuple[str, Household], LinkBudget | None]

_WHY, _STANDING = tuple(Why), tuple(Standing)


@dataclass(frozen=True)
class HomeService:
    """What can be said of one home. The numbers are there at once; words and the whole budget are made when asked for.

    Attributes
    ----------
    home : str
        Its id.
    server : str or None
        The site that serves it in this plan.
    site : str or None
        The site that is judged: the server, or without one the best would-be server; None where no site of the
        network is near enough.
    sector : str
        The sector by which that is judged; empty where it has none.
    standing : Standing
        Whether it is connected, could join, or is seen. Whether the sectors have the capacity at the busy hour for
        those that are connected is the planner's to say.
    why : Why
        Why it is not connected.
    works : bool
        Whether the path from the site that is judged works.
    joins : str or None
        The site that serves it, or else the best that would take it.
    verdict : Verdict or None
    level_dbm, margin_db, fallback_db, rate_down_mbps, rate_up_mbps : float or None
        Level at the home, margins of the weaker direction in the mode counted on and in the slowest, rates.
    height_needed_m : float or None
        Least height of the home's antenna that leaves enough clear, the site's as it is.
    second_choice : str or None
        The next best site.
    second_verdict : Verdict or None
    second_margin_db, second_mbps : float or None
        Verdict on the path from there, its margin, and the rate down that this belongs to.
    reason : Message
        Why the verdict, or why the home is not served.
    budget : LinkBudget or None
        From site to home: all that is known of the path.
    """

    home: str
    server: str | None
    site: str | None
    sector: str
    standing: Standing
    why: Why
    works: bool
    joins: str | None
    verdict: Verdict | None
    level_dbm: float | None
    margin_db: float | None
    fallback_db: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None
    height_needed_m: float | None
    second_choice: str | None
    second_verdict: Verdict | None
    second_margin_db: float | None
    second_mbps: float | None
    _of: _Asked = field(repr=False, compare=False)
    down: Link | None = field(default=None, compare=False)
    """The link that keeps its tower off the network, where one does: nothing gets through over it."""
    unheard: Message | None = field(default=None, compare=False)
    """Why nothing is left for it on the channels of the plan, where that is so."""
    told: Message | None = None
    """Why the planner left it out, where it said so and that still holds."""

    def as_told(self, kept: Mapping[str, LeftOut]) -> HomeService:
        """Return the same of a home that the planner left out with the reason that the plan keeps for it, if any."""
        one = None if self.served or self.server is not None else kept.get(self.home)
        return self if one is None else replace(self, told=one.reason)

    @property
    def served(self) -> bool:
        """Whether it is connected."""
        return self.standing is Standing.CONNECTED

    @cached_property
    def budget(self) -> LinkBudget | None:
        """From site to home: all that is known of the path. Some milliseconds when it is first asked for."""
        site = self._tower
        if site is None or self.verdict is None:
            return None
        return _budget(self._of.study, site, self._row, self._of.profiles.pop(self.home, None))

    @cached_property
    def reason(self) -> Message:
        """Why the verdict, or why the home is not served. What would help is said by `planning.fixes`."""
        if self.told is not None:
            return self.told
        if self.unheard is not None:
            return self.unheard
        if self.why is Why.CUT_OFF and self.down is not None and self._tower is not None:
            return _cut_off(self._of.study.plan, self._tower, self.down)
        return _words(self._of.study.plan, self._row, self._tower, self.why, self.works, self._budget_of_alike())

    @property
    def _row(self) -> Household:
        return self._of.study.plan.households[self.home]

    @property
    def _tower(self) -> Site | None:
        return None if self.site is None else self._of.study.plan.sites[self.site]

    def unknown_path(self) -> tuple[Study, Site, Household] | None:
        """Return the path that its reason rests on; None where there is none, or it is known."""
        site = self._tower
        if site is None or self.verdict is None or self.told is not None:
            return None
        return None if (site.id, nameless(self._row)) in self._of.paths else (self._of.study, site, self._row)

    def take(self, profile: PathProfile) -> None:
        """Keep the profile of that path until it is asked for."""
        self._of.profiles[self.home] = profile

    def _budget_of_alike(self) -> LinkBudget | None:
        """Return a budget of which all but the names in its advice is the home's own."""
        if self.site is None or self.verdict is None:
            return None
        key = self.site, nameless(self._row)
        if key not in self._of.paths:
            self._of.paths[key] = self.budget
        return self._of.paths[key]


class _Asked(NamedTuple):
    """What all homes that are asked about together share: of each of them a few words less to keep."""

    study: Study
    paths: Paths
    """Where homes that differ in their names alone find the path that the words of one of them rest on."""
    profiles: dict[str, PathProfile]
    """Of paths that are about to be asked for, by home."""
    barred: dict[str, Link | None]
    """What keeps towers off the network, by tower."""

    def down(self, now: ServiceNow, site: str) -> Link | None:
        """Return the link that keeps a tower off the network: `first_down`."""
        if site not in self.barred:
            self.barred[site] = first_down(self.study.plan, site, now.down)
        return self.barred[site]


def nameless(home: Household) -> Household:
    """Return a home without what names it: homes that are then equal have the same paths and the same costs."""
    return replace(home, id="", name="", note="", hamlet="")


def answer_ahead(homes: Iterable[HomeService]) -> None:
    """Cut the profiles on which the reasons of homes of one service rest: together they take a fifth of the time."""
    first: dict[tuple[str, Household], tuple[HomeService, Study, Site, Household]] = {}
    for one in homes:
        path = one.unknown_path()
        if path is not None:
            first.setdefault((path[1].id, nameless(path[2])), (one, *path))
    if not first:
        return
    wanted, (study, *_), sites, rows = zip(*first.values(), strict=True)
    found = path_profiles(
        study.surface, [one.latitude for one in sites], [one.longitude for one in sites],
        [one.latitude for one in rows], [one.longitude for one in rows], **_over(study),
    )  # fmt: skip
    for number, one in enumerate(wanted):
        one.take(found.profile(number, study.surface))


class WholeService(NamedTuple):
    """Who is served, all at once and home by home, in the order of the homes' ids."""

    now: ServiceNow
    homes: tuple[HomeService, ...]

    def on_channels(self, unheard: Unheard) -> WholeService:
        """Return the same with homes not connected for which nothing is left: `ServiceNow.on_channels`."""
        now = self.now.on_channels(unheard)
        if now is self.now:
            return self

        def of(one: HomeService) -> HomeService:
            why = now.unheard.get(one.home)
            if why is None:
                return one
            return replace(one, standing=Standing.SEEN, why=Why.UNHEARD, joins=None, unheard=why)

        return WholeService(now, tuple(map(of, self.homes)))


def service(
    study: Study,
    *,
    only: Collection[str] | None = None,
    others: bool = True,
    down: Collection[str] | None = None,
    run: Run = ALONE,
) -> tuple[HomeService, ...]:
    """Return each home's service, in the order of the homes' ids: `whole_service` says more of all of them."""
    return whole_service(study, only=only, others=others, down=down, run=run).homes


def whole_service(
    study: Study,
    *,
    only: Collection[str] | None = None,
    others: bool = True,
    down: Collection[str] | None = None,
    run: Run = ALONE,
) -> WholeService:
    """Return who is served.

    Parameters
    ----------
    study : Study
        The plan as it stands: sites with a mast, homes with or without a server.
    only : collection of str, optional
        These homes alone, by id; all where not given.
    others : bool
        False looks only at the servers that homes have in the plan: nothing is said of a second choice, nor of who
        else would take a home.
    down : collection of str, optional
        Links over which nothing gets through, where that is known already: `links_down` is asked where not given.
    run : Run
        On which threads, who is told, who may stop it.

    Raises
    ------
    InputError
        Where a kit is not in the catalogue, or the kits of site and home have no mode in common.
    CancelledError
    """
    plan, homes = study.plan, home_arrays(study.plan)
    network, planned = list(plan.used_sites.values()), servers(plan)
    wanted = np.arange(len(homes), dtype=np.int64)
    if only is not None:
        wanted = np.array(sorted(homes.number[key] for key in only), np.int64)
    far = far_from_servers(plan, homes, planned)
    found: list[tuple[int, TowerCoverage]] = []
    for number, site in enumerate(network):
        run.check()
        share = run.part(number / len(network), (number + 1) / len(network))
        looked = wanted if others else wanted[planned[wanted] == number]
        one = tower_coverage(study, homes, site, only=looked, beside=far.get(number), run=share)
        found.append((number, one))
        if only is not None and others and one.answer.served.any():  # how full its sectors are
            beside = np.setdiff1d(np.flatnonzero(planned == number), looked)
            found.append((number, tower_coverage(study, homes, site, only=beside, run=share.silently())))
    now = everyone(
        plan, homes, found, (links_down(study, run=run.silently()) if found else ()) if down is None else down
    )
    run.progress(1.0)
    asked = _Asked(study, {}, {}, {})
    return WholeService(now, tuple(_home_service(asked, now, homes.ids[number]) for number in wanted.tolist()))


def home_service(study: Study, now: ServiceNow, home: str) -> HomeService:
    """Return what can be said of one home, from what is known of everyone."""
    return _home_service(_Asked(study, {}, {}, {}), now, home)


def _home_service(asked: _Asked, now: ServiceNow, home: str) -> HomeService:
    number = now.homes.number[home]
    at, second, joins = int(now.site[number]), int(now.second[number]), int(now.joins[number])
    by_radio = at >= 0 and not math.isinf(now.margin_db[number])  # at the mast itself there is no path

    def figure(values: NDArray[np.float64]) -> float | None:
        value = float(values[number])
        return None if math.isnan(value) or not by_radio else value

    second_db = float(now.second_margin_db[number])

    return HomeService(
        home=home,
        server=asked.study.plan.households[home].server,
        site=now.sites[at] if at >= 0 else None,
        sector=_sector(asked.study.plan.sites[now.sites[at]], int(now.antenna[number])) if at >= 0 else "",
        standing=_STANDING[now.standing[number]],
        why=_WHY[now.why[number]],
        works=bool(now.works[number]),
        joins=now.sites[joins] if joins >= 0 else None,
        verdict=VERDICTS[int(now.verdict[number])] if by_radio else None,
        level_dbm=figure(now.level_dbm),
        margin_db=figure(now.margin_db),
        fallback_db=figure(now.fallback_db),
        rate_down_mbps=figure(now.down_mbps),
        rate_up_mbps=figure(now.up_mbps),
        height_needed_m=figure(now.needed_m),
        second_choice=now.sites[second] if second >= 0 else None,
        second_verdict=VERDICTS[int(now.second_verdict[number])] if second >= 0 else None,
        second_margin_db=second_db if math.isfinite(second_db) else None,
        second_mbps=float(now.second_mbps[number]) if math.isfinite(second_db) else None,
        _of=asked,
        down=asked.down(now, now.sites[at]) if now.down and at >= 0 and not now.online[at] else None,
        unheard=now.unheard.get(home),
    )


def _sector(site: Site, antenna: int) -> str:
    """Return the id of a site's sector by its number; empty where the site has none yet."""
    return sorted(one.id for one in site.sectors)[antenna] if site.sectors else ""


def _over(study: Study) -> dict[str, Any]:
    """Return what stands on the paths to homes."""
    air = home_conditions_of(study.plan)
    return {
        "canopy_m": air.canopy_m,
        "keep_out_m": air.canopy_keep_out_m,
        "obstacles": tuple(study.plan.obstacles.values()),
    }


def _budget(study: Study, site: Site, home: Household, profile: PathProfile | None) -> LinkBudget | None:
    """Return all that is known of one path, whose profile may be cut already; None where both are at one place."""
    plan, air = study.plan, home_conditions_of(study.plan)
    if profile is None:
        ends = (site.latitude, site.longitude), (home.latitude, home.longitude)
        profile = path_profile(study.surface, *ends, **_over(study))
    if profile.length_m == 0.0:
        return None
    roof_m = roof_height_m(plan, home)
    accesses = accesses_of_site(plan, study.catalogue, site)

    def aimed(kit: str) -> tuple[Access, float]:
        pointing = site_pointing(
            study.catalogue,
            accesses,
            np.array([profile.azimuth_deg]),
            np.array([profile.length_m]),
            float(profile.ground_m[0]),
            np.array([profile.ground_m[-1] + roof_m]),
            air.k_factor,
            heard_by(study.catalogue, accesses, [kit]),
        )
        return pointing.accesses[int(pointing.which[0])], float(pointing.loss_db[0])

    def with_kit(kit: str, one: Access, loss_db: float) -> LinkBudget:
        ((tower_end, home_end),) = ends_by_kit(study, one, (kit,))
        return link_budget(
            profile,
            one.height_m,
            roof_m,
            replace(tower_end, pointing_loss_db=loss_db),
            home_end,
            one.freq_mhz,
            conditions=air,
            rules=plan.rules,
            names=(site.name, home.name),
        )

    kits = (plan.client_of(home),) if home.client_kit or home.server else plan.kits.clients
    usual, loss_db = aimed(kits[0])
    first, wanted = with_kit(kits[0], usual, loss_db), wanted_mbps(plan, home)
    if _enough(plan, first, wanted):
        return first
    clear_f1 = math.inf if first.seen is not None or first.clearance_f1 is None else first.clearance_f1
    hidden = clear_f1 < least_clearance_f1(plan)
    for kit in kits[1:]:
        one, loss_db = aimed(kit)
        # What stands in the way stands there for any radio.
        if hidden and (one.height_m, one.freq_mhz) == (usual.height_m, usual.freq_mhz):
            continue
        more = with_kit(kit, one, loss_db)
        if _enough(plan, more, wanted):
            return more
    return first


def _enough(plan: Plan, budget: LinkBudget, wanted: float) -> bool:
    """Return whether a path serves a home that should reach such a rate."""
    figures = (budget.fade_margin_db, budget.rate_down_mbps)
    margin, rate = (math.nan if one is None else one for one in figures)
    return bool(serves(plan, JudgedFigures(VERDICTS.index(budget.verdict), margin, rate), wanted))


def _cut_off(plan: Plan, site: Site, link: Link) -> Message:
    """Return why nothing comes to a tower that reaches a home: over a link on its way nothing gets through."""
    a, b = (plan.sites[key].name or key for key in (link.from_site, link.to_site))
    return msg("{site} reaches it, but nothing gets through on the link {a}–{b} on the way to a gateway.",
               site=site.name or site.id, a=a, b=b)  # fmt: skip


def _words(plan: Plan, home: Household, site: Site | None, why: Why, works: bool, budget: LinkBudget | None) -> Message:
    if site is None:
        if plan.used_sites:
            if plan.rules.max_access_km is None:
                return msg("No tower of this plan is near enough, or in sight.")
            return msg("No tower of this plan is within {km:g} km.", km=plan.rules.max_access_km)
        return msg("This plan has no tower yet.")
    name, its_name = site.name or site.id, home.name or home.id
    if budget is None:
        return msg("{home} and {site} are at the same place.", home=its_name, site=name)
    reason = budget.explanation
    if why is Why.NO_MAST:
        return msg("Its tower {server} has no mast in this plan. {reason}", server=home.server or "", reason=reason)
    if why is Why.FAR:
        if plan.rules.max_access_km is None:
            return msg("{site} is further away than these radios can serve anybody. {reason}", site=name, reason=reason)
        return msg(
            "{site} is further away than {km:g} km, from where nobody is served. {reason}",
            site=name, km=plan.rules.max_access_km, reason=reason,
        )  # fmt: skip
    if why is Why.NO_BEAM:
        return msg("No sector of {site} points at {home}. {reason}", site=name, home=its_name, reason=reason)
    if why is Why.MARGIN:
        return msg(
            "Only {margin_db:.1f} dB to spare of the {wanted_db:g} dB that a home's link should have. {reason}",
            margin_db=budget.fade_margin_db or 0.0, wanted_db=plan.rules.access_margin_db, reason=reason,
        )  # fmt: skip
    if why is Why.UNSURE:
        return msg(
            "It works as predicted; were levels as low as in the worst {worst:g} of 100 places such as this, it would "
            "not. {reason}",
            worst=100.0 - plan.rules.certainty_pct, reason=reason,
        )  # fmt: skip
    if why is Why.SLOW:
        return msg(
            "Only {rate} of the {wanted_mbps:g} Mbit/s that it should reach. {reason}",
            rate=rate_words(budget.rate_down_mbps or 0.0),
            wanted_mbps=wanted_mbps(plan, home),
            reason=reason,
        )
    if works and home.server is None:
        return msg("{site} could reach this home, but the plan leaves it out. {reason}", site=name, reason=reason)
    if why is Why.CUT_OFF:
        return msg("{site} reaches it, but no links lead from there to a gateway.", site=name)
    return reason
