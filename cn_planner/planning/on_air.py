"""Served is served on the plan's own channels: plan, channels, a limit where they do not do, plan again.

A smaller dish that the law makes cheaper hears more, and is heard more: where the channels of a plan leave homes
without a signal, links get the plan's own dish. Radios of one mast hear each other most: where that is why homes are
silent, the next plan may have fewer radios on a mast; where they are silent with fewest, they hang on other towers, or
fewer are asked for (`air_limits`). Of many homes some are planned first; what of them is heard stays, and grows
(`air_growth`). Where a sector or link carries less than its homes are promised at the busy hour, those for which
nothing is left are not served either. Of the plans that come out the one that serves as many homes as asked for on its
channels costs least; where none does, it is the one that serves most. Whoever is still not served on the channels is
not counted as served, and told so.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import CancelledError
from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import PlanStatus
from cn_planner.planning.air_dishes import larger_dishes
from cn_planner.planning.air_for_less import DISHES_SHARE, RADIOS_SHARE, SHARE, WORTH_S, for_less, plan_again
from cn_planner.planning.air_growth import Growth
from cn_planner.planning.air_limits import (
    SPARSE,
    AirTasks,
    Narrowed,
    OnAir,
    Rounds,
    crowded_masts,
    fewer_radios,
    heard_most,
    heard_share,
    lacking,
    order_on_air,
    radios_on_air,
    served_on_air,
    time_for,
)
from cn_planner.planning.heard import heard_only
from cn_planner.planning.left_out_told import told_left
from cn_planner.planning.result import CUT_SHORT, OPTIMAL_GAP, order_of
from cn_planner.planning.shortfall import ShortOfHomes
from cn_planner.service.joined import gateways
from cn_planner.solver.instance import StoppedBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.progress import Clock
    from cn_planner.solver.instance import Solution
    from cn_planner.study import Study

_ROUNDS, _MANY_ROUNDS = 3, 8
"""Plans with less to choose from; and at most where few homes are heard, or as long as they get better."""
_VAIN = 1
"""So many in a row that are no better end nothing yet."""
_FIRST_SHARE, _MANY_FIRST = 0.45, 0.35
"""Of the time that is left: for the plan without regard to channels, of few homes and of many, whose channels take
longer."""
MANY = 500
"""Homes that are many: some of them are planned first."""
_SOME_SHARE, _SOME = 0.25, 0.6
"""Where fewer homes are planned first: of the time, for that plan, which others follow; and of the homes that are asked
for, or that gateways carry at most, for it."""
_WHOLE_SHARE = 0.6
"""Of the time that is left, for a plan of all homes where all of a plan for some hear it."""
_FILLED = 3
"""So many plans that serve most are filled, where the time does for it."""
_GROWTHS, _GROWTH_SHARE = 12, 0.25
"""Plans at most that add to what is heard; and of the time that is left, for each."""
_FAR_PART, _NEAR_SHARE = 0.6, 0.6
"""Where far paths may be chosen: of that share for the first plan, and of what is then left for one without them."""
_BOTH = 3.0
"""Larger dishes are tried on the same plan, before one with fewer radios, where so many channel plans' time is left."""


def first_share(homes: int, *, far: bool = False, some: bool = False) -> float:
    """Return how much of the time that is left the first plan may take: what follows mends its channels.

    ``far``: far paths are among its choices, and a plan without them may follow. ``some``: it is for some of the homes.
    """
    if some:
        return _SOME_SHARE
    share = _FIRST_SHARE if homes <= MANY else _MANY_FIRST
    return _FAR_PART * share if far else share


def first_ask(carried: float = 1.0) -> float:
    """Return what share of the homes is asked of a first plan where gateways carry no more than such a share."""
    return _SOME * carried


def on_own_channels(
    first: Design, asked: float, tasks: AirTasks, study: Study, clock: Clock, *, of_goal: bool = True
) -> Design:
    """Return the best design whose homes are served on its own channels.

    Parameters
    ----------
    first : Design
        Made without regard to channels: its bound holds for all.
    asked : float
        The weight of homes that is asked for; infinite where as many as the money does for.
    tasks : AirTasks
    study : Study
        Ground and shelf.
    clock : Clock
        Of the whole job.
    of_goal : bool
        Whether bounds hold for the goal; else each only for what serves as many homes as its own plan.
    """
    now = tasks.channels(first)
    if now.channels is None or now.design.edit is None:
        return told_left(now.design, asked)
    tried = _Tried(tasks, [now], cut=_was_cut(first))
    tasks = replace(tasks, plan=tried.plan, channels=tried.channels, clock=clock)
    job = _Job(tried, asked, tasks, study, of_goal)
    first = _mended(job, first) if tasks.begin.share >= 1.0 else _of_some(job, first)
    least = min(asked, first.served) if of_goal else first.served
    if first.shortfall is not None and math.isfinite(asked):
        first = replace(first, shortfall=first.shortfall._replace(goal=asked))
    best = best_heard(tried.seen, asked, study, cut=tried.may_find_more)
    full = _filled(job, best)
    design = _bounded(full, first, least, enough=full is not best and full.served >= asked - 1e-9)
    design = _told_cut(design, tried, clock)
    if design.reason is not None:
        return told_left(design, asked)
    kind, reason = _why_fewer(design, asked, tried, clock)
    return told_left(replace(design, reason=reason), asked, kind)


class _Job(NamedTuple):
    """What one call is about."""

    tried: _Tried
    asked: float
    tasks: AirTasks
    study: Study
    of_goal: bool


def _mended(job: _Job, first: Design) -> Design:
    """Try plans with less and less to choose from until one is heard, then more; return whose bound holds."""
    tried, asked, tasks, clock = job.tried, job.asked, job.tasks, job.tasks.clock
    now, began = tried.seen[0], time.perf_counter()
    if tasks.near and lacking(now):
        # Few towers that see far drown each other: where more towers with shorter paths do not, that is the plan.
        other = plan_again(tasks, Narrowed(near=True), _NEAR_SHARE, None)
        now = now if other is None else min(now, other, key=lambda one: order_on_air(one, asked))
    limits, begun, of_now = tasks.begin._replace(own_dish=tasks.dishes is not None, near=tasks.near), now, Narrowed()
    left = clock.left()
    if left is None or left > _BOTH * (time.perf_counter() - began) or fewer_radios(now, limits) is None:
        now = larger_dishes(now, asked, tasks, clock.of_share(DISHES_SHARE))
    lasted = time.perf_counter() - began
    rounds = Rounds(asked, tasks.reached_from, (now, limits), (now, limits))
    most = _ROUNDS if heard_share(now, asked) > SPARSE else _MANY_ROUNDS
    for done in range(_MANY_ROUNDS):
        lasted, began = time.perf_counter() - began, time.perf_counter()
        following = rounds.following(tried.seen, final=done == most - 1)
        if following is None or served_on_air(now, asked) >= asked or (done >= most and rounds.vain > _VAIN):
            break
        if not time_for(clock, lasted):
            tried.cut = True
            break
        share = SHARE if following.most_radios is None else RADIOS_SHARE
        other = plan_again(tasks, following, share, rounds.last[0].design)
        rounds.take(other, following)
        if other is not None:
            now, of_now = min((now, of_now), (other, following), key=lambda one: order_on_air(one[0], asked))
        elif tried.cut:
            break
    if lacking(now) and math.isfinite(asked):
        if not tried.cancelled:
            _grown(job, rounds.best[0])
            if not tried.cancelled and rounds.best[1].apart and clock.left() != 0.0:
                _grown(job, *rounds.best)
        return first
    if served_on_air(now, asked) >= asked and time_for(clock, lasted):
        now, of_now = for_less((now, of_now), begun, rounds.tried, asked, tasks, clock)
    same = Narrowed(of_now.most_radios, carries=of_now.carries, apart=of_now.apart)
    return _longer(first, now, same, job)


def _of_some(job: _Job, first: Design) -> Design:
    """Begin with a plan for some of the homes; return the design whose bound holds.

    Where all of them hear it, all homes are planned as if they had been asked for at once: such a plan has a bound.
    Else, or where that is heard by fewer than are asked for, what is heard grows.
    """
    tasks, asked = job.tasks, job.asked
    now = job.tried.seen[0]
    if tasks.borne is None and not lacking(now):
        whole = plan_again(tasks, Narrowed(), _WHOLE_SHARE, None)
        if whole is not None:
            first = whole.before
            whole = larger_dishes(whole, asked, tasks, tasks.clock)
            now = min(now, whole, key=lambda one: order_on_air(heard_most(one, asked), asked))
            if served_on_air(now, asked) >= asked:
                return _longer(first, now, Narrowed(), job)
    _grown(job, now)
    return first


def _grown(job: _Job, now: OnAir, known: Narrowed | None = None) -> None:
    """Add to a plan what is heard of plans for more homes, as long as that brings some; `known` from rounds before."""
    tried, tasks, clock = job.tried, job.tasks, job.tasks.clock
    learned = Narrowed() if known is None else Narrowed(carries=known.carries, apart=known.apart, full=known.full)
    growth = Growth(job.asked, tasks.reached_from, learned._replace(own_dish=tasks.dishes is not None))
    growth.begin(now)
    lasted = 0.0
    for _ in range(_GROWTHS):
        best = best_heard(tried.seen, job.asked, job.study).edit
        limits = None if best is None else growth.following(best.plan)
        if limits is None:
            return
        left = clock.left()
        if left is not None and left <= lasted:  # the last is long, and what ends a plan of many homes comes after it
            break
        began = time.perf_counter()
        growth.take(plan_again(tasks, limits, _GROWTH_SHARE, None), limits)
        if tried.cancelled:
            return
        lasted = time.perf_counter() - began
    tried.cut |= clock.left() is not None


def _told_cut(design: Design, tried: _Tried, clock: Clock) -> Design:
    """Return a design that says what ended the search for it, where that was not the search for its own plan alone."""
    whole = design.status is PlanStatus.OPTIMAL or design.stopped_by in (StoppedBy.TIME, StoppedBy.CANCEL)
    if whole:
        return design
    if not tried.cut:  # it is done only where that is proven
        unproven = design.status is PlanStatus.FEASIBLE and design.stopped_by is StoppedBy.DONE
        return replace(design, stopped_by=StoppedBy.NODES) if unproven else design
    if not clock.running:
        return replace(design, stopped_by=StoppedBy.CANCEL)
    return replace(design, stopped_by=StoppedBy.TIME, notes=(CUT_SHORT, *design.notes))


def _was_cut(design: Design) -> bool:
    """Whether a clock or a hand ended the search for a design, not the search itself."""
    return design.stopped_by in (StoppedBy.TIME, StoppedBy.CANCEL)


@dataclass
class _Tried:
    """What was tried, and whether there was more to try.

    Attributes
    ----------
    tasks : AirTasks
        What makes it.
    seen : list of OnAir
        All that went through channels.
    cut : bool
        Whether a clock or a hand ended any of it: what it did not find may be there.
    cancelled : bool
        Whether a hand did.
    """

    tasks: AirTasks
    seen: list[OnAir]
    cut: bool
    cancelled: bool = False

    @property
    def may_find_more(self) -> bool:
        """Whether more time may find more: where a mast was tried by itself no search knows better."""
        return self.cut and self.tasks.borne is None

    def plan(self, limits: Narrowed, share: float, start: Solution | None) -> Design:
        """Return a design with less to choose from."""
        try:
            design = self.tasks.plan(limits, share, start)
        except CancelledError:
            self.cut = self.cancelled = True
            raise
        self.cut |= _was_cut(design)
        self.cancelled |= design.stopped_by is StoppedBy.CANCEL
        return design

    def channels(self, design: Design) -> OnAir:
        """Return a design with its channels; as if there had been no time for them where the job is cancelled."""
        plan = _bare(design)
        for one in self.seen:
            if one.channels is not None and plan is not None and _bare(one.before) == plan:
                return one._replace(before=design)
        try:
            found = self.tasks.channels(design)
        except CancelledError:
            found, self.cancelled = OnAir(design, None, design), True
        self.cut |= found.channels is None
        self.seen.append(found)
        return found


def _bare(design: Design) -> Plan | None:
    """Return the plan of a design without what the search says of it."""
    return None if design.edit is None else replace(design.edit.plan, outcome=None)


def _why_fewer(design: Design, asked: float, tried: _Tried, clock: Clock) -> tuple[UnservedKind | None, Message | None]:
    """Return why fewer homes are reached than were asked for, in words; None where as many are, or it is not known."""
    if design.edit is None or not design.served < asked < math.inf:
        return None, None
    if not tried.may_find_more:
        full = _full_air(design.edit.plan, design.served, asked, tried.seen, tried.tasks.borne)
        return _silenced(design.served, asked, tried.seen) if full is None else (UnservedKind.SHORT_RADIOS, full)
    if clock.running:
        return UnservedKind.SHORT_TIME, msg(
            "{goal:,g} homes were asked for; {served:,g} are reached. The time was over before all was tried: more "
            "time may reach more.",
            goal=asked, served=design.served,
        )  # fmt: skip
    return UnservedKind.SHORT_TIME, msg(
        "{goal:,g} homes were asked for; {served:,g} are reached. The search was stopped before all was tried: more "
        "time may reach more.",
        goal=asked, served=design.served,
    )  # fmt: skip


def _silenced(served: float, asked: float, seen: Sequence[OnAir]) -> tuple[UnservedKind, Message | None]:
    """Return in words that no plan was found for more homes, where some lost any on their channels; else it is open.

    Where one would have reached more without them, the network's own radios are why.
    """
    if all(served_on_air(one, asked) >= min(one.before.served, asked) - 1e-6 for one in seen):
        return UnservedKind.SHORT, None
    most = max(min(one.before.served, asked) for one in seen)
    short = ShortOfHomes(UnservedKind.SHORT_RADIOS, asked, served if most >= asked - 1e-6 else most, None)
    if most > served + 1e-6:
        return short.kind, short.disturbed(served)
    return UnservedKind.SHORT, short.words(served)


def _full_air(plan: Plan, served: float, asked: float, seen: Sequence[OnAir], borne: int | None) -> Message | None:
    """Return in words that a gateway's mast bears no more radios, and what another would bring; None where it does."""
    doors = gateways(plan)
    heard = [
        (radios_on_air(one.fewer).get(key, 0), key)
        for one in seen if one.fewer is not None
        for key in crowded_masts(one) if key in doors
    ]  # fmt: skip
    heard += [] if borne is None else [(borne, key) for key in doors]
    if not heard:
        return None
    most, mast = max(heard)
    return msg(
        "{goal:,g} homes were asked for; {served:,g} are reached. At {mast} no more than {radios} sectors and links "
        "hear their own on the channels that the radios may use: more of them drown each other. An Internet connection "
        "at another tower as well would bring up to {more:,g} homes more; a kit of another band for links would help "
        "too.",
        goal=asked, served=served, mast=plan.sites[mast].name or mast, radios=most,
        more=min(asked - served, math.ceil(served / len(doors))),
    )  # fmt: skip


def is_full_air(reason: Message | None) -> bool:
    """Return whether a plan reaches fewer homes because its channels bear no more radios on a mast."""
    return reason is not None and {"mast", "radios"} <= {name for name, _ in reason.values}


def best_heard(seen: Sequence[OnAir], asked: float, study: Study, *, cut: bool = False) -> Design:
    """Return what serves most homes on its channels, then costs least, of all plans that went through them.

    Each as it is, and with fewer sectors and links, without what then serves nobody. ``cut`` as in `heard_only`.
    """
    every = [one for on_air in seen for one in (on_air, on_air.fewer) if one is not None]
    most = max(served_on_air(one, asked) for one in every)
    best = [one for one in every if served_on_air(one, asked) >= most - 1e-6]
    heard = (
        one.design if one.channels is None else heard_only(one.design, one.channels, study, cut=cut) for one in best
    )
    return min(heard, key=lambda found: found.value)


def _filled(job: _Job, best: Design) -> Design:
    """Return what serves most once homes are in it that it leaves out and would serve: the best, or one like it."""
    tried, fill, clock = job.tried, job.tasks.fill, job.tasks.clock
    if fill is None or best.edit is None or best.served >= job.asked - 1e-9 or tried.cancelled:
        return best
    began = time.perf_counter()
    first, cut = fill(best)
    found, networks = [first], [_network(best)]
    every = (one for on_air in tried.seen for one in (on_air, on_air.fewer) if one is not None)
    few = len(best.edit.plan.households) <= MANY
    for one in sorted(every, key=lambda one: order_on_air(one, job.asked))[:_FILLED] if few else []:
        now = time.perf_counter()
        # What follows says what there is to say of the plan, and takes half of what is left.
        cut |= clock.running and 2.0 * now - began > 0.5 * (clock.end + clock.last)
        if cut or found[-1].served >= job.asked - 1e-9:
            break
        began = now
        design = None if one.channels is None else heard_only(one.design, one.channels, job.study)
        if design is not None and _network(design) not in networks:
            networks.append(_network(design))
            more, cut = fill(design)
            found.append(more)
    tried.cut |= cut and clock.running
    return min(found, key=lambda one: order_of(one.served, one.value, job.asked))


def _network(design: Design) -> tuple[object, ...]:
    return () if design.edit is None else (design.edit.plan.used_sites, design.edit.plan.standing_links)


def _longer(first: Design, now: OnAir, limits: Narrowed, job: _Job) -> Design:
    """Spend what is left of the time on what is not proven yet: return the design with the best bound."""
    left, gap = job.tasks.clock.left(), None if now.design.searched is None else now.design.searched.gap
    # For a budget the bound is one of homes: as many for less are looked for where the clock ended that.
    for_money = first.budget is not None and now.design.stopped_by is StoppedBy.TIME
    if left is None or left < WORTH_S or gap is None or (gap <= OPTIMAL_GAP and not for_money):
        return first
    more = plan_again(job.tasks, limits, 1.0, now.design)
    if more is None:
        return first
    # A bound for less to choose from is none for all plans.
    lower = more.design.lower_bound if job.of_goal and limits == Narrowed() else None
    if lower is not None and first.lower_bound is not None:
        first = replace(first, lower_bound=max(first.lower_bound, lower))
    if limits == Narrowed() and more.design.homes_upper_bound is not None and first.homes_upper_bound is not None:
        first = replace(first, homes_upper_bound=min(first.homes_upper_bound, more.design.homes_upper_bound))
    larger_dishes(more, job.asked, job.tasks, job.tasks.clock)  # what is heard of it is among what was tried
    return first


def _bounded(found: Design, first: Design, least: float, *, enough: bool = False) -> Design:
    """Return a design with the bound that holds without regard to channels, which holds with it too.

    ``least``: the weight of homes that a plan serves for which the bound of the costs holds; ``enough``: whether it
    serves as many as are asked for, of which the first may have fallen short.
    """
    if found.edit is None or found.edit.plan.outcome is None:
        return found
    lower, upper, gap = None, None, None
    if first.budget is None and first.lower_bound is not None and found.served >= least - 1e-9:
        lower = min(first.lower_bound, found.value)
        gap = (found.value - lower) / found.value if found.value > 0.0 else 0.0
    if first.budget is not None:
        most = first.homes_upper_bound
        if most is not None and found.served <= most + 1e-6:  # a bound that a plan passes is none
            upper = max(most, found.served)
            gap = (upper - found.served) / max(found.served, 1.0)
    elif first.status is PlanStatus.INFEASIBLE and not enough:
        upper = first.homes_upper_bound
    status = found.status
    if status is PlanStatus.INFEASIBLE and (enough or first.status is not PlanStatus.INFEASIBLE):
        status = PlanStatus.FEASIBLE  # only what was narrowed here forbids what was asked for
    if status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE):
        status = PlanStatus.OPTIMAL if gap is not None and gap <= OPTIMAL_GAP else PlanStatus.FEASIBLE
    outcome = replace(
        found.edit.plan.outcome, status=status, lower_bound=lower, gap=gap,
        homes_upper_bound=upper if first.budget is not None else None,
    )  # fmt: skip
    plan = replace(found.edit.plan, outcome=outcome)
    return replace(
        found, edit=Edit(found.edit.label, plan), status=status, lower_bound=lower, gap=gap, homes_upper_bound=upper,
        reason=None if enough else first.reason if first.shortfall is None else first.shortfall.words(found.served),
        shortfall=None if enough else first.shortfall,
    )  # fmt: skip
