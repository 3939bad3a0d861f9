"""What the planner found: status, bound, sites, links, who is left out, and the edit that puts it into the plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cn_planner.economics.opex import monthly_cost
from cn_planner.economics.over_years import running_cost
from cn_planner.message import counted, in_a_row, msg
from cn_planner.model.checks import radios_without_channel
from cn_planner.model.history import Edit
from cn_planner.model.plan import Objective, PlanStatus
from cn_planner.planning.basis import basis_of as basis_of  # noqa: PLC0414 - a word of this room too
from cn_planner.planning.basis import inputs_of as inputs_of  # noqa: PLC0414 - a word of this room too
from cn_planner.service.joined import gateways
from cn_planner.service.within_range import NEAR_HOME_KM, NEAR_LINK_KM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cn_planner.economics.whole_price import WholePrice
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Outcome, Plan, Site
    from cn_planner.planning.explain import Unserved
    from cn_planner.planning.link_kits import LinkKit
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.shortfall import ShortOfHomes
    from cn_planner.planning.tree_outlook import HoldPoint, TreeOutlook
    from cn_planner.planning.year_five import YearFive
    from cn_planner.solver.instance import Solution, StoppedBy

_CENT = 0.01 + 1e-9
OPTIMAL_GAP = 1e-6
"""Gap up to which a plan counts as the best there is."""
NOT_PROVEN = msg("How far this is from the best possible plan is not known.")
CUT_SHORT = msg("The time limit ended the search: another run may give another plan.")


@dataclass(frozen=True, slots=True)
class DesignSite:
    """A site of the network, and the weight of the homes that it serves."""

    id: str
    latitude: float
    longitude: float
    mast_height_m: float
    role: str
    homes: float


@dataclass(frozen=True, slots=True)
class DesignLink:
    """A link of the network: between towers, or from a tower to a home."""

    from_id: str
    to_id: str
    kind: str
    from_height_m: float
    to_height_m: float
    distance_m: float
    fade_margin_db: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None


def backhaul_link(
    problem: PlanningProblem, ends: tuple[str, str], masts_m: Mapping[str, float], option: LinkKit | None = None
) -> DesignLink:
    """Return the link of two sites of a problem, at masts of heights of its own, with margin and rates.

    With a kit that links are bought with there; the plan's own where none is given.
    """
    at = {site.id: n for n, site in enumerate(problem.sites)}
    a, b = sorted(ends, key=at.__getitem__)
    pair, budget = problem.link_of[at[a], at[b]], (option or problem.link_options[0]).figures
    figures = (pair, problem.height_index(masts_m[a]), problem.height_index(masts_m[b]))
    return DesignLink(
        a, b, "backhaul", masts_m[a], masts_m[b], float(problem.backhaul.distance_m[pair]),
        float(budget.margin_db[figures]), float(budget.rate_down_mbps[figures]), float(budget.rate_up_mbps[figures]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """What the planner found. Homes count by weight; money is in the plan's currency.

    ``edit`` is None where there is no plan; ``reason`` then says why. ``notes`` say what is to be known of the plan.
    """

    status: PlanStatus
    edit: Edit | None
    households: float
    served: float
    coverable: float
    capex: float
    lower_bound: float | None
    gap: float | None
    homes_upper_bound: float | None
    budget: float | None
    seconds: float
    stopped_by: StoppedBy
    sites: tuple[DesignSite, ...] = ()
    links: tuple[DesignLink, ...] = ()
    unserved: tuple[Unserved, ...] = ()
    reason: Message | None = None
    shortfall: ShortOfHomes | None = None
    """Why fewer are reached than were asked for; None where as many are, or it is not known."""
    notes: tuple[Message, ...] = ()
    left_out: Mapping[str, Message] = field(default_factory=dict)
    homes_range: tuple[float, float] | None = None
    """Between how many of those served will be reached in truth, four times in five; None where there is no plan."""
    month: float = 0.0
    """What the network costs to run, a month."""
    five_years: float = 0.0
    """What is spent in five years, built in phases."""
    price: WholePrice | None = None
    """What it costs to build, and parts of that; None where there is no plan, or that was not asked."""
    objective: Objective = Objective.CAPITAL
    running: float = 0.0
    """What five years cost to run, where that is in the objective; else 0."""
    hotspots: tuple[tuple[str, float], ...] = ()
    """Hotspots for people with a phone, by the place or the tower, and how many people get there on foot."""
    hold_curve: tuple[HoldPoint, ...] = ()
    """What it costs to let more homes hold among the trees that nobody measured; empty where no scenarios are."""
    trees: TreeOutlook | None = None
    """What these trees mean to the plan; None where it declares no scenarios."""
    later: YearFive | None = None
    """What comes in five years, where that is not bought now or is asked for; with who then is heard, if known."""
    searched: Solution | None = None
    """What the optimiser found: where a further search goes on from."""

    @property
    def value(self) -> float:
        """What is least, where a share of the homes is asked for: its bound and its gap are of this."""
        return self.capex + self.running

    def runs_for(self, plan: Plan, catalogue: Catalogue, capex: float) -> float:
        """Return ``running`` for another plan in place of its own."""
        return 0.0 if self.objective is Objective.CAPITAL else running_cost(plan, catalogue, capex)

    def as_dict(self) -> dict[str, Any]:
        """Return what ``plan --json`` prints."""
        content: dict[str, Any] = {
            "status": self.status.value,
            "households": _count(self.households),
            "served": _count(self.served),
            "coverable": _count(self.coverable),
            "channels_chosen": None if self.edit is None else not radios_without_channel(self.edit.plan),
            "homes_range": None if self.homes_range is None else [_count(one) for one in self.homes_range],
            "capex": round(self.capex, 2),
            "price": self._price(),
            "objective": self.objective.value,
            "objective_value": round(self.value, 2),
            "monthly": round(self.month, 2),
            "five_years": round(self.five_years, 2),
            "lower_bound": _rounded(self.lower_bound, 2),
            "gap": _rounded(self.gap, 6),
            "seconds": round(self.seconds, 3),
            "sites": [
                {
                    "id": site.id,
                    "latitude": site.latitude,
                    "longitude": site.longitude,
                    "mast_height_m": site.mast_height_m,
                    "role": site.role,
                    "homes": _count(site.homes),
                }
                for site in self.sites
            ],
            "links": [
                {
                    "from": link.from_id,
                    "to": link.to_id,
                    "kind": link.kind,
                    "from_height_m": link.from_height_m,
                    "to_height_m": link.to_height_m,
                    "distance_m": round(link.distance_m, 1),
                    "fade_margin_db": _rounded(link.fade_margin_db, 2),
                    "rate_down_mbps": _rounded(link.rate_down_mbps, 2),
                    "rate_up_mbps": _rounded(link.rate_up_mbps, 2),
                }
                for link in self.links
            ],
            "unserved": [
                {
                    "id": home.id,
                    "reason": str(home.reason),
                    "fix": None if home.fix is None else str(home.fix),
                    "fix_cost": _rounded(home.fix_cost, 2),
                }
                for home in self.unserved
            ],
            "reason": None if self.reason is None else str(self.reason),
            "notes": [str(note) for note in self.notes],
            "stopped_by": self.stopped_by.value,
            "gateways": self._gateways(),
            "hotspots": [{"id": key, "people": _count(people)} for key, people in self.hotspots],
            "trees": None if self.trees is None else self.trees.as_dict(),
        }
        if self.budget is not None:
            bound = self.homes_upper_bound
            content["homes_upper_bound"] = None if bound is None else _count(bound)
        return content

    def _price(self) -> dict[str, float] | None:
        """Return the price with its parts; build is the capital to the cent."""
        if self.price is None:
            return None
        return {
            "build": round(self.price.build, 2),
            "of_which_power": round(self.price.power, 2),
            "of_which_labour": round(self.price.labour, 2),
            "of_which_routers": round(self.price.routers, 2),
        }

    def gateways(self) -> tuple[Site, ...]:
        """Return the towers where the Internet enters."""
        plan = None if self.edit is None else self.edit.plan
        return () if plan is None else tuple(plan.sites[key] for key in gateways(plan))

    def _gateways(self) -> list[dict[str, Any]]:
        """Return where the Internet enters; what is not said of a connection is None."""
        return [
            {"id": site.id, "kind": None, "month": None, "mbps": None}
            if (one := site.uplink) is None
            else {"id": site.id, "kind": one.kind or None, "month": one.monthly_cost, "mbps": one.mbps or None}
            for site in self.gateways()
        ]


def most_saved_pct(gap: float) -> float:
    """Return what could be saved at most, %, to one digit: rounded up, for it is said to be the most.

    Parameters
    ----------
    gap : float
        Of the plan's cost, 0 to 1; 0 where no cheaper plan is left.
    """
    return 0.0 if gap <= OPTIMAL_GAP else math.ceil(1000.0 * gap - OPTIMAL_GAP) / 10.0


def bound_words(outcome: Outcome, currency: str) -> Message | None:
    """Return in words how far from the best possible a plan is at most; None where nothing is proven."""
    words = _bound_words(outcome, currency)
    if words is None or not outcome.near_only:
        return words
    near = msg(
        "That holds for homes up to {home:g} km from a place and links up to {link:g} km: longer ones were not planned "
        "with.",
        home=NEAR_HOME_KM, link=NEAR_LINK_KM,
    )  # fmt: skip
    return in_a_row(words, near)


def _bound_words(outcome: Outcome, currency: str) -> Message | None:
    if outcome.lower_bound is not None and outcome.gap is not None and outcome.objective is Objective.FIVE_YEARS:
        return msg(
            "No network that reaches as many homes costs less than {bound:,.0f} {currency} to build and to run for "
            "five years: at most {pct:.1f} % of that could be saved.",
            bound=outcome.lower_bound, pct=most_saved_pct(outcome.gap), currency=currency,
        )  # fmt: skip
    if outcome.lower_bound is not None and outcome.gap is not None:
        return msg(
            "No network that reaches as many homes costs less than {bound:,.0f} {currency}: at most {pct:.1f} % of the "
            "cost of this one could be saved.",
            bound=outcome.lower_bound, pct=most_saved_pct(outcome.gap), currency=currency,
        )  # fmt: skip
    if outcome.homes_upper_bound is not None:
        return counted(
            "No network for this money reaches more than {count:,g} home.",
            "No network for this money reaches more than {count:,g} homes.",
            outcome.homes_upper_bound,
        )
    return None


def as_planned(plan: Plan, capex: float) -> bool:
    """Return whether a plan is as the planner left it, not changed by hand since.

    Nor one whose capital is another now: prices of the shelf, or what counts, changed since it was planned.
    """
    outcome = plan.outcome
    return outcome is not None and outcome.basis == basis_of(plan) and abs(outcome.capex - capex) <= _CENT


def still_proven(plan: Plan, capex: float) -> Message | None:
    """Return what is proven of a plan that is as the planner left it (`as_planned`); None where nothing is."""
    if plan.outcome is None or not as_planned(plan, capex):
        return None
    return bound_words(plan.outcome, plan.info.currency)


def order_of(served: float, value: float, goal: float, short_of_hold: float = 0.0) -> tuple[float, float, float]:
    """Return what is least of the plan that serves most of what is asked for, then costs least.

    Before that one of which more homes hold among trees, as far as that is asked for (`tree_outlook.short_of_hold`).
    """
    return -round(min(served, goal), 6), round(short_of_hold, 6), value


def with_plan(
    found: Design, plan: Plan, catalogue: Catalogue, *, capex: float | None = None, links: Sequence[DesignLink] = ()
) -> Design:
    """Return a design with more said or built in its plan, such as channels or second ways: still the planner's own.

    Parameters
    ----------
    found : Design
        Without.
    plan : Plan
        Its plan with more in it.
    catalogue : Catalogue
        The shelf.
    capex : float, optional
        What the plan costs now, where that is more.
    links : sequence of DesignLink
        Those that are new.
    """
    if found.edit is None or plan.outcome is None:
        return found
    cost = found.capex if capex is None else capex
    gap, status = found.gap, found.status
    more = found.runs_for(plan, catalogue, cost)
    if found.lower_bound is not None and capex is not None:
        value = cost + more
        gap = (value - found.lower_bound) / value if value > 0.0 else 0.0
        if status is PlanStatus.OPTIMAL and gap > OPTIMAL_GAP:
            status = PlanStatus.FEASIBLE
    outcome = replace(plan.outcome, capex=cost, gap=gap, status=status, basis=basis_of(plan))
    plan = replace(plan, outcome=outcome)
    homes = {site.id: site.homes for site in found.sites}
    # With the towers that only the new links need.
    sites = found.sites + tuple(
        DesignSite(key, site.latitude, site.longitude, site.mast_height_m or 0.0, site.role.value, 0.0)
        for key, site in plan.used_sites.items()
        if key not in homes and any(key in (link.from_id, link.to_id) for link in links)
    )
    between = tuple(link for link in found.links if link.kind == "backhaul")
    rest = tuple(link for link in found.links if link.kind != "backhaul")
    return replace(
        found,
        edit=Edit(found.edit.label, plan),
        capex=cost,
        running=more,
        month=monthly_cost(plan, catalogue, cost).total,
        gap=gap,
        status=status,
        sites=sites,
        links=(*between, *links, *rest),
    )


def with_bound(found: Design, bound: float) -> Design:
    """Return a design for least cost with a bound that was found for it elsewhere."""
    if found.edit is None or found.edit.plan.outcome is None:
        return found
    lower = min(bound, found.value)
    gap = (found.value - lower) / found.value if found.value > 0.0 else 0.0
    status = PlanStatus.OPTIMAL if gap <= OPTIMAL_GAP else found.status
    outcome = replace(found.edit.plan.outcome, lower_bound=lower, gap=gap, status=status)
    plan = replace(found.edit.plan, outcome=outcome)
    return replace(found, edit=Edit(found.edit.label, plan), lower_bound=lower, gap=gap, status=status)


def _count(value: float) -> float:
    """Return a count as it is printed: whole where it is."""
    return int(value) if float(value).is_integer() else round(value, 3)


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)
