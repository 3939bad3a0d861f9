"""Why a home is not reached, as the planner sees it, with the cheapest thing that would reach it (`fixes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.conditions import home_conditions_of
from cn_planner.links.counted import fastest_mbps
from cn_planner.links.radio import direction
from cn_planner.links.verdict import VERDICTS, Verdict, trees_assumed
from cn_planner.message import Message, msg
from cn_planner.model.clients import REFUSED_WORDS, wanted_mbps, who_refuse
from cn_planner.model.left_out import UnservedKind as UnservedKind  # noqa: PLC0414 - a word of this room too
from cn_planner.planning.fix_words import LOOK_FIRST, MANY_MASTS, NOT_SURE, TALLER_MAST
from cn_planner.planning.loads import loads
from cn_planner.planning.shortfall import NOT_KNOWN
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.service.judge import Why, in_want_of, most_loss_db
from cn_planner.service.within_range import NEAR_HOME_KM, access_km
from cn_planner.spectrum.channel_plan import DROWNED
from cn_planner.terrain.profile import path_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from cn_planner.model.plan import Site
    from cn_planner.planning.chains import Chains
    from cn_planner.planning.fix_found import HomeFixes
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.solver.instance import Solution
    from cn_planner.study import Study


OTHER_BAND = msg("A kit of another band for homes or for links, or a second Internet connection.")


@dataclass(frozen=True, slots=True)
class Unserved:
    """A home that is not reached. The fix is None where nothing known helps, the cost where it is not known."""

    id: str
    kind: UnservedKind
    reason: Message
    fix: Message | None
    fix_cost: float | None


class Alike(NamedTuple):
    """Homes that are not reached for one reason and take the same; the costs are those that are known, rising."""

    homes: tuple[str, ...]
    reason: Message
    fix: Message | None
    costs: tuple[float, ...]


def alike(unserved: Iterable[Unserved]) -> tuple[Alike, ...]:
    """Return homes with the same reason and fix together, the most first; the height of a mast is each home's own."""
    groups: dict[tuple[Message, Message | None], list[Unserved]] = {}
    for home in unserved:
        fix = MANY_MASTS if home.fix is not None and home.fix.key == TALLER_MAST.key else home.fix
        groups.setdefault((home.reason, fix), []).append(home)
    found = [
        Alike(
            tuple(home.id for home in some), reason, fix if len(some) > 1 else some[0].fix,
            tuple(sorted(home.fix_cost for home in some if home.fix_cost is not None)),
        )
        for (reason, fix), some in groups.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-len(one.homes), one.homes)))


def explain_unserved(
    problem: PlanningProblem,
    solution: Solution | None,
    fixes: Mapping[str, HomeFixes],
    chains: Chains,
    *,
    chosen: bool = True,
) -> tuple[Unserved, ...]:
    """Return every home that is not served, in the order of ids, with reason and cheapest fix.

    Parameters
    ----------
    problem : Problem
        What was asked.
    solution : Solution or None
        What was chosen; None where there is no plan.
    fixes : mapping of str to HomeFixes
        What would reach the homes that are not served, from `fixes.home_fixes`.
    chains : Chains
        What links lead to gateways.
    chosen : bool
        Whether it was chosen for the share or the money asked for; of another network it is not known what for.
    """
    return _Explainer(problem, solution, chains, chosen).all(fixes)


def left_out_by(problem: PlanningProblem, solution: Solution | None) -> tuple[str, ...]:
    """Return the homes that are not served, in the order of ids."""
    served = set(solution.homes) if solution is not None else set()
    return tuple(home.id for home in problem.homes if home.id not in served)


class _Explainer:
    def __init__(self, problem: PlanningProblem, solution: Solution | None, chains: Chains, chosen: bool) -> None:
        self.problem, self.solution, self.chains, self.chosen = problem, solution, chains, chosen
        # A plan may have been sought without far paths; by one of them a tower of it may reach a home all the same.
        self.whole = problem.whole or problem
        at = {site.id: s for s, site in enumerate(problem.sites)}
        rows = solution.sites if solution is not None else ()
        self.level = {at[row.id]: problem.height_index(row.height_m) for row in rows}
        self.refused = who_refuse(problem.study.plan)
        self.loads = () if solution is None else loads(problem, solution)
        self.by_home: dict[int, list[int]] = {}
        for pair, home in enumerate(problem.access.second.tolist()):
            self.by_home.setdefault(home, []).append(pair)

    def all(self, fixes: Mapping[str, HomeFixes]) -> tuple[Unserved, ...]:
        """Return every home that is not served."""
        at = {home.id: h for h, home in enumerate(self.problem.homes)}
        found = []
        for key in left_out_by(self.problem, self.solution):
            kind, reason = self._reason(at[key])
            own = fixes.get(key)
            words, cost = (None, None) if own is None else (own.words, own.cost)
            if kind is UnservedKind.SILENT:  # equipment alone would not let it hear anything
                words, cost = OTHER_BAND, None
            found.append(Unserved(key, kind, reason, words, cost))
        return tuple(found)

    def _reason(self, h: int) -> tuple[UnservedKind, Message]:
        """Return the reason, in a word and in a sentence."""
        problem = self.problem
        if problem.homes[h].id in self.refused:
            return UnservedKind.LEFT_OUT, REFUSED_WORDS
        closed = next((end.closed for end in problem.access_ends[0] if end.closed is not None), None)
        if closed is not None and not self.whole.network.serve[h]:
            return UnservedKind.LAW, closed
        if self._kept_apart(h):
            return UnservedKind.SILENT, DROWNED
        if self.whole.network.serve[h]:
            return UnservedKind.LEFT_OUT if self.chosen else UnservedKind.SHORT, self._left_out(h)
        pairs = self.by_home.get(h, [])
        if not pairs:
            return UnservedKind.FAR, _far(problem.study)
        codes = problem.access_budget.verdict[pairs]
        if (codes == VERDICTS.index(Verdict.NO_DATA)).all():
            return UnservedKind.NO_DATA, msg("The terrain is missing on the way to every site.")
        wanted = wanted_mbps(problem.study.plan, problem.homes[h])
        if wanted > (fastest := self._fastest_mbps(pairs)):
            return UnservedKind.WEAK, msg(
                "It should get {wanted:g} Mbit/s; these radios give {most:.0f} Mbit/s at most, however near.",
                wanted=wanted, most=fastest,
            )  # fmt: skip
        allowed = [problem.network.allowed[int(problem.access.first[p])] for p in pairs]
        works = [p for p, ks in zip(pairs, allowed, strict=True) if ks and self.whole.access_ok[p, ks].any()]
        if works:
            return UnservedKind.HOPS, self.chains.of_home([int(problem.access.first[p]) for p in works])
        return self._unseen(h, np.array(pairs))

    def _fastest_mbps(self, pairs: list[int]) -> float:
        """Return the most that the radios of some paths bring a home."""
        kits = np.unique(self.problem.access_kit[pairs]).tolist()
        return max(float(fastest_mbps(direction(*self.problem.access_ends[kit]), 0.0)) for kit in kits)

    def _unseen(self, h: int, pairs: NDArray[np.int64]) -> tuple[UnservedKind, Message]:
        """Return why no site sees a home: what the paths to it are in want of, and whether trees were assumed there."""
        problem, access = self.problem, self.problem.access
        plan, catalogue = problem.plan, problem.study.catalogue
        free = free_space_loss_db(access.distance_m[pairs], catalogue.kit(plan.kits.access).freq_mhz)
        loss, clear_f1 = access.loss_db[pairs], access.clearance_f1[pairs]
        most = max(most_loss_db(plan, *ends) for ends in problem.access_ends)
        codes = problem.access_budget.verdict[pairs][:, :, None]
        lacks = in_want_of(plan, codes, clear_f1, loss, free[:, None, None], most)
        clear = np.nan_to_num(access.clearance_m[pairs].max(axis=(1, 2)), nan=-np.inf)
        best = int(np.argmax(clear))
        words = msg("No site reaches it with enough clearance, margin and rate; {site} comes nearest to that.",
                    site=self._site_of(pairs[best]))  # fmt: skip
        kind = UnservedKind.WEAK
        # Who looks, or takes the risk, at a site that reaches no gateway has gained nothing: that is said first.
        joined = np.array(self.whole.network.usable)[access.first[pairs]][:, None, None]
        near = (lacks == Why.CHECK) | (lacks == Why.UNSURE)
        if near.any() and not (near & joined).any():
            return UnservedKind.HOPS, self.chains.of_home(access.first[pairs[near.any(axis=(1, 2))]].tolist())
        lacks = np.where(near & ~joined, int(Why.BLOCKED), lacks)
        if (lacks == Why.CHECK).any():
            least = np.where(lacks == Why.CHECK, loss, np.inf).min(axis=(1, 2))
            best, kind, words = int(np.argmin(least)), UnservedKind.CHECK, LOOK_FIRST
        elif (lacks == Why.UNSURE).any():
            kind, words = UnservedKind.UNSURE, NOT_SURE
        elif clear.max() < 0 or (lacks == Why.BLOCKED).any():
            kind = UnservedKind.BLOCKED
            if clear.max() < 0:
                words = msg("Ground or trees stand in the way of every site's highest mast; {site} comes nearest.",
                            site=self._site_of(pairs[best]))  # fmt: skip
        return kind, words if kind is UnservedKind.WEAK else self._with_trees(pairs[best], h, words)

    def _site_of(self, pair: int) -> str:
        return _name(self.problem.sites[int(self.problem.access.first[pair])])

    def _with_trees(self, pair: int, h: int, words: Message) -> Message:
        """Return why a path to a home does not do, with the trees that nobody measured where there are any on it."""
        study, air = self.problem.study, home_conditions_of(self.problem.plan)
        if not air.canopy_m > 0.0:
            return words
        site, home = self.problem.sites[int(self.problem.access.first[pair])], self.problem.homes[h]
        profile = path_profile(
            study.surface, (site.latitude, site.longitude), (home.latitude, home.longitude), canopy_m=air.canopy_m,
            keep_out_m=air.canopy_keep_out_m, obstacles=tuple(study.plan.obstacles.values()),
        )  # fmt: skip
        return trees_assumed(words, air.canopy_m) if profile.cover_assumed else words

    def _near(self, h: int) -> list[int]:
        """Return the towers of the plan that see a home, at their heights."""
        allowed = self.whole.network.allowed
        return [
            site for site, least in self.whole.network.serve[h]
            if site in self.level and self.level[site] >= allowed[site][least]
        ]  # fmt: skip

    def _kept_apart(self, h: int) -> bool:
        """Return whether a home was kept from all towers that see it, as nothing comes to it from there."""
        near, key = self._near(h), self.problem.homes[h].id
        return bool(near) and all((self.problem.sites[site].id, key) in self.problem.apart for site in near)

    def _left_out(self, h: int) -> Message:
        if self.solution is None:
            return msg("It can be reached, but no plan keeps all that is asked for: the rules, the share or the money.")
        near = self._near(h)
        full = [self._full(site, self.problem.instance.homes[h].load) for site in near]
        if full and full[0] is not None and None not in full:
            return msg("A tower reaches it. {full}", full=full[0])
        if near and self.chosen:
            return msg("A tower reaches it; it was left out because it is not among the share or the money asked for.")
        gates = [row.full(self.problem.instance.homes[h].load) for row in self.loads if not row.parent]
        if gates and gates[0] is not None and None not in gates:
            return msg("It can be reached. {full}", full=gates[0])
        if not self.chosen:
            return NOT_KNOWN
        return msg("It can be reached, but the cheapest network for the share or the money asked for leaves it out.")

    def _full(self, site: int, load: float) -> Message | None:
        """Return what is too full to carry so much more from a site to its gateway; None where nothing is."""
        of = {row.site: row for row in self.loads}
        at: str = self.problem.sites[site].id
        while at in of:
            full = of[at].full(load)
            if full is not None:
                return full
            at = of[at].parent
        return None


def _far(study: Study) -> Message:
    most_km = study.plan.rules.max_access_km
    if most_km is not None:
        return msg("No allowed site is within {km:g} km.", km=most_km)
    return msg(
        "No allowed site is within {near:g} km or in sight within {far:.0f} km, as far as these radios serve anybody.",
        near=min(NEAR_HOME_KM, access_km(study)), far=access_km(study),
    )  # fmt: skip


def _name(site: Site) -> str:
    return site.name or site.id
