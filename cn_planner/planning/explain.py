"""Why a home is not reached, and the cheapest thing within the rules that would reach it.

Looked at for each home: a network site that sees it already; a network site with a higher mast; one more site, linked
straight to the network; a taller pole at the home. Each is priced by itself, the home's own equipment included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.links.budget import budget_arrays
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.message import Message, msg
from cn_planner.planning.problem import serves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.equipment import Catalogue, CountryRules
    from cn_planner.model.plan import Household, Site
    from cn_planner.planning.instance import Solution
    from cn_planner.planning.problem import Problem
    from cn_planner.terrain.surface import Surface

_NEAREST = 3
"""Network sites for which a taller pole at the home is tried."""
_POLES_M = (6.0, 9.0, 12.0, 15.0)


class Kind(StrEnum):
    """Why a home is not reached, in one word: what it is grouped by."""

    LEFT_OUT = "left out"
    """It can be reached; share or money leave it out."""
    HOPS = "hops"
    """The sites that see it reach no gateway within the links allowed."""
    BLOCKED = "blocked"
    WEAK = "weak"
    FAR = "far"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Unserved:
    """A home that is not reached. The fix is None where nothing known helps, the cost where it is not known."""

    id: str
    kind: Kind
    reason: Message
    fix: Message | None
    fix_cost: float | None


def explain(
    problem: Problem,
    solution: Solution | None,
    surface: Surface,
    catalogue: Catalogue,
    law: CountryRules | None,
) -> tuple[Unserved, ...]:
    """Return every home that is not served, in the order of ids, with reason and cheapest fix.

    Parameters
    ----------
    problem : Problem
        What was asked.
    solution : Solution or None
        What was chosen; None where there is no plan.
    surface, catalogue, law
        For the poles.
    """
    return _Explainer(problem, solution, surface, catalogue, law).all()


class _Explainer:
    def __init__(
        self,
        problem: Problem,
        solution: Solution | None,
        surface: Surface,
        catalogue: Catalogue,
        law: CountryRules | None,
    ) -> None:
        self.problem, self.solution = problem, solution
        self.surface, self.catalogue, self.law = surface, catalogue, law
        at = {site.id: s for s, site in enumerate(problem.sites)}
        rows = solution.sites if solution is not None else ()
        self.level = {at[row.id]: problem.height_index(row.height_m) for row in rows}
        load = dict.fromkeys(self.level, 0.0)
        self.served = set(solution.homes) if solution is not None else set()
        if solution is not None:
            weight = {home.id: home.weight for home in problem.homes}
            for home, server in solution.homes.items():
                load[at[server]] += weight[home]
        self.full = {at[row.id]: load[at[row.id]] >= row.sectors * problem.instance.sector_homes - 1e-9 for row in rows}
        self.by_home: dict[int, list[int]] = {}
        for pair, home in enumerate(problem.access.second.tolist()):
            self.by_home.setdefault(home, []).append(pair)
        self.joins = self._joins()
        self.depth = self._depths()

    def _joins(self) -> dict[int, list[tuple[int, int, float]]]:
        """Return per site that is not built: (least height, network site, cost of the link)."""
        hops = self._hops()
        found: dict[int, list[tuple[int, int, float]]] = {}
        links = self.problem.instance
        for (a, b, ka, kb), cost in zip(links.links.tolist(), links.link_cost.tolist(), strict=True):
            for new, old, kn, ko in ((a, b, ka, kb), (b, a, kb, ka)):
                if new not in self.level and self.level.get(old, -1) >= ko and hops[old] < links.max_hops:
                    found.setdefault(new, []).append((kn, old, cost))
        return found

    def _hops(self) -> dict[int, int]:
        ids = {site.id: s for s, site in enumerate(self.problem.sites)}
        parent = {ids[a]: ids[b] for a, b in self.solution.links} if self.solution is not None else {}
        hops: dict[int, int] = {}
        for site in self.level:
            count, at = 0, site
            while at in parent and count <= len(parent):
                count, at = count + 1, parent[at]
            hops[site] = count
        return hops

    def all(self) -> tuple[Unserved, ...]:
        """Return every home that is not served."""
        left = [h for h, home in enumerate(self.problem.homes) if home.id not in self.served]
        poles = self._poles(left)
        found: list[Unserved] = []
        for h in left:
            fixes = [*self._fixes(h), *poles.get(h, ())]
            best = min(fixes, key=lambda fix: (fix[0], str(fix[1])), default=None)
            kind, reason, usual = self._reason(h)
            found.append(
                Unserved(
                    self.problem.homes[h].id,
                    kind,
                    reason,
                    usual if best is None else best[1],
                    None if best is None else best[0] / 100.0,
                )
            )
        return tuple(found)

    def _extra(self, h: int, site: int | None) -> int:
        """Return what a home's equipment costs, with a sector where the site has no room."""
        cents = self.problem.costs.home(self.problem.homes[h]).least_cents
        if site is None or self.full.get(site, True):
            cents += self.problem.costs.sector().least_cents
        return cents

    def _fixes(self, h: int) -> Iterator[tuple[int, Message]]:
        net, problem = self.problem.network, self.problem
        for site, least in net.serve[h]:
            needed = net.allowed[site][least]
            name = _name(problem.sites[site])
            built = self.level.get(site)
            if built is not None and built >= needed:
                yield self._extra(h, site), msg("{site} reaches it as planned: give it its equipment.", site=name)
            elif built is not None:
                more = self._cents(site, needed) - self._cents(site, built)
                yield (
                    max(0, more) + self._extra(h, site),
                    msg("A mast of {height:g} m at {site}.", height=problem.instance.heights_m[needed], site=name),
                )
            else:
                yield from self._new_site(h, site, needed)

    def _new_site(self, h: int, site: int, needed: int) -> Iterator[tuple[int, Message]]:
        problem, inst = self.problem, self.problem.instance
        ways = list(self.joins.get(site, ()))
        if inst.sites[site].gateway:
            ways.append((needed, -1, 0.0))
        for least, _old, price in ways:
            high = next((k for k in problem.network.allowed[site] if k >= max(least, needed)), None)
            if high is not None:
                yield (
                    self._cents(site, high) + round(price * 100.0) + self._extra(h, None),
                    msg(
                        "One more site: {site} with a mast of {height:g} m.",
                        site=_name(problem.sites[site]),
                        height=inst.heights_m[high],
                    ),
                )

    def _cents(self, site: int, height: int) -> int:
        cost = self.problem.instance.sites[site].cost[height]
        return 0 if cost is None else round(cost * 100.0)

    def _reason(self, h: int) -> tuple[Kind, Message, Message | None]:
        """Return the reason, and what would help where no fix with a price is known."""
        problem = self.problem
        if problem.network.serve[h]:
            return Kind.LEFT_OUT, self._left_out(h), None
        pairs = self.by_home.get(h, [])
        if not pairs:
            return (
                Kind.FAR,
                msg("No allowed site is within {km:g} km.", km=problem.plan.rules.max_access_km),
                msg("A tower place nearer to it."),
            )
        codes = problem.access_budget.verdict[pairs]
        if (codes == VERDICTS.index(Verdict.NO_DATA)).all():
            return (
                Kind.NO_DATA,
                msg("The terrain is missing on the way to every site."),
                msg("Elevation files for the area."),
            )
        allowed = [problem.network.allowed[int(problem.access.first[p])] for p in pairs]
        seen = [
            int(problem.access.first[p])
            for p, ks in zip(pairs, allowed, strict=True)
            if ks and problem.access_ok[p, ks].any()
        ]
        if seen:
            return Kind.HOPS, *self._behind(seen)
        clear = np.nan_to_num(problem.access.clearance_m[pairs].max(axis=(1, 2)), nan=-math.inf)
        best = pairs[int(np.argmax(clear))]
        site = _name(problem.sites[int(problem.access.first[best])])
        if clear.max() < 0:
            needed = float(problem.access.needed_first_m[best].min())
            return (
                Kind.BLOCKED,
                msg("Ground or trees stand in the way of every site's highest mast; {site} comes nearest.", site=site),
                msg("A mast of {height:.0f} m at {site}, a taller pole at the home, or a relay.",
                    height=math.ceil(needed), site=site)
                if math.isfinite(needed)
                else msg("A taller pole at the home, or a relay."),
            )  # fmt: skip
        return (
            Kind.WEAK,
            msg("No site reaches it with enough clearance, margin and rate; {site} comes nearest to that.", site=site),
            msg("Antennas with more gain, or a tower nearer to it."),
        )

    def _left_out(self, h: int) -> Message:
        serve, allowed = self.problem.network.serve[h], self.problem.network.allowed
        if self.solution is None:
            return msg("It can be reached, but no plan keeps all that is asked for: the rules, the share or the money.")
        if any(site in self.level and self.level[site] >= allowed[site][least] for site, least in serve):
            return msg("A tower reaches it; it was left out because it is not among the share or the money asked for.")
        return msg("It can be reached, but the cheapest network for the share or the money asked for leaves it out.")

    def _behind(self, seen: list[int]) -> tuple[Message, Message]:
        """Return reason and remedy where the sites that see a home reach no gateway within the links allowed."""
        most = self.problem.plan.rules.max_hops
        needed = min((self.depth[site] for site in seen if site in self.depth), default=None)
        reason = msg("The sites that see it reach no gateway within the links allowed, {hops}.", hops=most)
        if needed is None:
            name = _name(self.problem.sites[seen[0]])
            return reason, msg("A relay between {site} and the network.", site=name)
        if needed == most + 1:
            return reason, msg("Allow one more hop in the rules of the plan, {hops} in all; or a relay.", hops=needed)
        return reason, msg("Allow more hops in the rules of the plan, {hops} in all; or a relay.", hops=needed)

    def _depths(self) -> dict[int, int]:
        """Return the fewest links between each site and a gateway where no rule limits them."""
        near: dict[int, set[int]] = {}
        for a, b in self.problem.instance.links[:, :2].tolist():
            near.setdefault(a, set()).add(b)
            near.setdefault(b, set()).add(a)
        front = {i for i, site in enumerate(self.problem.instance.sites) if site.gateway}
        depth = dict.fromkeys(front, 0)
        while front:
            front = {other for site in front for other in near.get(site, ())} - depth.keys()
            count = max(depth.values()) + 1
            depth.update(dict.fromkeys(front, count))
        return depth

    def _poles(self, left: list[int]) -> dict[int, list[tuple[int, Message]]]:
        """Return what a taller pole at each home would cost, for the nearest network sites."""
        problem, plan = self.problem, self.problem.plan
        wanted: list[tuple[int, int]] = []
        for h in left:
            near = [p for p in self.by_home.get(h, []) if int(problem.access.first[p]) in self.level]
            near.sort(key=lambda p: (float(problem.access.distance_m[p]), p))
            wanted += [(int(problem.access.first[p]), h) for p in near[:_NEAREST]]
        if not wanted:
            return {}
        sites = sorted({site for site, _ in wanted})
        homes = sorted({home for _, home in wanted})
        matrix = pair_matrix(
            self.surface,
            _where([problem.sites[s] for s in sites]),
            _where([problem.homes[h] for h in homes]),
            np.array([[problem.instance.heights_m[self.level[s]]] for s in sites]),
            _POLES_M,
            self.catalogue.kit(plan.kits.access).freq_mhz,
            conditions_of(plan),
            max_km=plan.rules.max_access_km,
            pairs=(
                np.array([sites.index(s) for s, _ in wanted], np.int64),
                np.array([homes.index(h) for _, h in wanted], np.int64),
            ),
            obstacles=tuple(plan.obstacles.values()),
        )
        budget = budget_arrays(
            matrix.loss_db[:, 0, :],
            matrix.clearance_f1[:, 0, :],
            radio_end(self.catalogue, plan.kits.access, self.law),
            radio_end(self.catalogue, plan.kits.client, self.law),
            plan.rules,
        )
        good = serves(plan, budget)
        found: dict[int, list[tuple[int, Message]]] = {}
        for number, (site, home) in enumerate(wanted):
            roof = problem.homes[home].antenna_height_m
            roof = plan.demand.antenna_height_m if roof is None else roof
            step = next((t for t, height in enumerate(_POLES_M) if good[number, t] and height > roof), None)
            pole = None if step is None else problem.costs.pole(_POLES_M[step])
            if step is not None and pole is not None:
                found.setdefault(home, []).append(
                    (
                        pole.least_cents + self._extra(home, site),
                        msg(
                            "A pole of {height:g} m at the home, served by {site}.",
                            height=_POLES_M[step],
                            site=_name(problem.sites[site]),
                        ),
                    )
                )
        return found


def _name(site: Site) -> str:
    return site.name or site.id


def _where(things: list[Site] | list[Household]) -> tuple[list[float], list[float]]:
    return [t.latitude for t in things], [t.longitude for t in things]
