"""Which sites have no chain of likely links to a gateway, and which single link would come nearest to joining them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.message import Message, msg
from cn_planner.propagation.fresnel import fresnel_radius_m
from cn_planner.terrain.profile import path_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.links.budget import LinkBudget
    from cn_planner.planning.problem import PlanningProblem

_MOST_NAMED = 3


class _Miss(NamedTuple):
    """A pair of sites that no link joins at any height: its number, and how far it is from one at its best heights."""

    short_f1: float
    short_db: float
    pair: int
    heights: tuple[int, int]


class Chains:
    """The links that work, each at some heights of its masts, and what lies beyond them.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem: PlanningProblem) -> None:
        self.problem, study = problem, problem.study
        self._end = radio_end(study.catalogue, study.plan.kits.backhaul, study.regulations)
        self._near: list[set[int]] = [set() for _ in problem.sites]
        for a, b in np.unique(problem.instance.links[:, :2], axis=0).tolist():
            self._near[a].add(b)
            self._near[b].add(a)
        gates = [i for i, site in enumerate(problem.instance.sites) if site.may_be_root and problem.network.allowed[i]]
        self._hops = self._from(gates)
        self._said: dict[frozenset[int], Message] = {}
        self._known: dict[int, _Miss | None] = {}

    def unjoined(self) -> Message | None:
        """Return in words which towers must stand, or see homes where nothing else does, and are joined to no gateway.

        None where links are not what is missing.
        """
        problem = self.problem
        must = [i for i, site in enumerate(problem.instance.sites) if site.must and not problem.network.usable[i]]
        if must:
            named = [self.said([site]) for site in must[:_MOST_NAMED]]
            if len(must) > _MOST_NAMED:
                named.append(
                    msg("{count} more towers that must stand have none either.", count=len(must) - _MOST_NAMED)
                )
            return _together(named)
        seeing = set(problem.instance.serve[:, 0].tolist())
        if any(problem.network.serve) or not seeing or not self._hops:  # who is served may count for nobody
            return None
        return self.said(sorted(seeing))

    def of_home(self, sites: Sequence[int]) -> Message:
        """Return in words that none of the sites that see a home is joined to a gateway, and what comes nearest."""
        none = msg(
            "No chain of likely links leads from the sites that see it to a gateway within {hops} links, at any "
            "height.",
            hops=self.problem.plan.rules.max_hops,
        )
        key = frozenset(sites)
        if key not in self._said:
            self._said[key] = self._words(sorted(key), none)
        return self._said[key]

    def said(self, sites: list[int]) -> Message:
        """Return in words that none of some sites is joined to a gateway, and what comes nearest to joining one."""
        names = ", ".join(self._name(i) for i in sites[:_MOST_NAMED]) + (", …" if len(sites) > _MOST_NAMED else "")
        none = msg(
            "{sites}: no chain of likely links leads to a gateway within {hops} links, at any height.",
            sites=names, hops=self.problem.plan.rules.max_hops,
        )  # fmt: skip
        return self._words(sites, none)

    def _words(self, sites: list[int], none: Message) -> Message:
        most = self.problem.plan.rules.max_hops
        deep = min(((self._hops[i], i) for i in sites if i in self._hops), default=None)
        if deep is not None and deep[0] > most:
            return msg(
                "{site} is {deep} likely links from a gateway; the rules of the plan allow {hops}.",
                site=self._name(deep[1]), deep=deep[0], hops=most,
            )  # fmt: skip
        closed = self._end.closed
        if closed is not None:
            return msg("{none} {closed}", none=none, closed=closed)
        miss = min(self._misses(sites), default=None)
        if miss is None:
            return msg("{none} No single link would join it.", none=none)
        return msg("{none} {nearest}", none=none, nearest=self._nearest(miss))

    def _misses(self, sites: list[int]) -> Iterable[_Miss]:
        """Yield the links that would join one of the sites within the hops, did they work."""
        matrix, most = self.problem.backhaul, self.problem.plan.rules.max_hops
        far = np.full((2, len(self.problem.sites)), math.inf)
        for row, found in enumerate((self._hops, self._from(sites))):
            far[row, list(found)] = list(found.values())
        links = np.minimum(
            far[0, matrix.first] + far[1, matrix.second], far[0, matrix.second] + far[1, matrix.first]
        )  # fmt: skip
        for pair in np.flatnonzero(links + 1 <= most).tolist():
            if pair not in self._known:
                self._known[pair] = self._miss(pair)
            miss = self._known[pair]
            if miss is not None:
                yield miss

    def _miss(self, pair: int) -> _Miss | None:
        """Return how far a pair is from a link at its best heights; None where one works, or nothing is known."""
        problem, matrix = self.problem, self.problem.backhaul
        a, b = int(matrix.first[pair]), int(matrix.second[pair])
        here, there = (np.array(problem.network.allowed[i], np.int64) for i in (a, b))
        if b in self._near[a] or not len(here) or not len(there):
            return None
        at = np.ix_(here, there)
        short = np.maximum(problem.plan.rules.clearance_f1 - matrix.clearance_f1[pair][at], 0.0)
        lacks = np.maximum(problem.plan.rules.backhaul_margin_db - problem.backhaul_budget.margin_db[pair][at], 0.0)
        known = np.isfinite(short) & np.isfinite(lacks)
        if not known.any():
            return None  # the terrain is missing on the way
        best = np.lexsort((lacks.ravel(), np.where(known, short, np.inf).ravel()))[0]
        row, column = divmod(int(best), len(there))
        return _Miss(float(short[row, column]), float(lacks[row, column]), pair, (int(here[row]), int(there[column])))

    def _nearest(self, miss: _Miss) -> Message:
        problem, matrix = self.problem, self.problem.backhaul
        ends = int(matrix.first[miss.pair]), int(matrix.second[miss.pair])
        heights = tuple(problem.instance.heights_m[k] for k in miss.heights)
        found, freq_mhz = self._budget(ends, (heights[0], heights[1]))
        rules, lacks = problem.plan.rules, list[Message]()
        clear, at_m = found.clearance_f1, found.clearance_at_m
        if clear is not None and at_m is not None and clear < rules.clearance_f1:
            radius = fresnel_radius_m(at_m, found.distance_m - at_m, freq_mhz)
            lacks.append(
                msg("{short:.1f} m of clearance {km:.1f} km from {site}",
                    short=(rules.clearance_f1 - clear) * radius, km=at_m / 1e3, site=self._name(ends[0]))
            )  # fmt: skip
        margin = found.fade_margin_db
        if margin is not None and margin < rules.backhaul_margin_db:
            lacks.append(msg("{short:.1f} dB of margin", short=rules.backhaul_margin_db - margin))
        near = msg(
            "The link {a} – {b}, with masts of {up:g} and {there:g} m, comes nearest to joining it",
            a=self._name(ends[0]), b=self._name(ends[1]), up=heights[0], there=heights[1],
        )  # fmt: skip
        if not lacks:
            return msg("{near}: it is too slow, or not likely enough.", near=near)
        if len(lacks) == 1:
            return msg("{near}: it lacks {lack}.", near=near, lack=lacks[0])
        return msg("{near}: it lacks {lack} and {more}.", near=near, lack=lacks[0], more=lacks[1])

    def _budget(self, ends: tuple[int, int], heights_m: tuple[float, float]) -> tuple[LinkBudget, float]:
        plan, catalogue = self.problem.plan, self.problem.costs.catalogue
        a, b = (self.problem.sites[i] for i in ends)
        air, end = conditions_of(plan), self._end
        freq_mhz = catalogue.kit(plan.kits.backhaul).freq_mhz
        profile = path_profile(
            self.problem.study.surface, (a.latitude, a.longitude), (b.latitude, b.longitude), canopy_m=air.canopy_m,
            keep_out_m=air.canopy_keep_out_m, obstacles=tuple(plan.obstacles.values()),
        )  # fmt: skip
        found = link_budget(
            profile, *heights_m, end, end, freq_mhz, conditions=air, rules=plan.rules,
            rate_margin_db=plan.rules.backhaul_margin_db, between_towers=True,
        )  # fmt: skip
        return found, freq_mhz

    def _from(self, sites: Iterable[int]) -> dict[int, int]:
        """Return the fewest links from the nearest of some sites, of each that any leads to."""
        found = dict.fromkeys(sites, 0)
        front = list(found)
        for here in front:
            for other in sorted(self._near[here]):
                if other not in found:
                    found[other] = found[here] + 1
                    front.append(other)
        return found

    def _name(self, site: int) -> str:
        one = self.problem.sites[site]
        return one.name or one.id


def _together(parts: list[Message]) -> Message:
    said = parts[0]
    for part in parts[1:]:
        said = msg("{said} {more}", said=said, more=part)
    return said
