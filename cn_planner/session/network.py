"""The network of a plan: paths, search, second ways, channels and words, all by one clock."""

from __future__ import annotations

import contextlib
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from cn_planner.economics.costs import price_notes
from cn_planner.economics.whole_price import whole_price
from cn_planner.errors import CancelledError
from cn_planner.message import msg
from cn_planner.model.aims import Objective
from cn_planner.model.left_out import UnservedKind
from cn_planner.planning.air_limits import AirTasks, Narrowed, OnAir
from cn_planner.planning.as_many import bound_basis, bounded_for_as_many
from cn_planner.planning.design import check_aim, objective_of, plan_notes, untimely
from cn_planner.planning.dishes import dish_notes, room_notes
from cn_planner.planning.filled import filled
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.grouped import design_for, problem_for
from cn_planner.planning.left_out_told import told_left, with_reasons, with_ways
from cn_planner.planning.mast_probe import radios_that_bind
from cn_planner.planning.more_access import check_more_access
from cn_planner.planning.narrower import (
    as_coverable,
    keeps_within,
    links_with_kits,
    narrowed,
    reached_from,
    small_dishes,
    unproven,
)
from cn_planner.planning.on_air import (
    MANY,
    best_heard,
    first_ask,
    first_share,
    is_full_air,
    on_own_channels,
)
from cn_planner.planning.phases import five_years
from cn_planner.planning.places_apart import told_apart
from cn_planner.planning.public_places import planned_for
from cn_planner.planning.relays import with_relays
from cn_planner.planning.resilience import with_disjoint_paths
from cn_planner.planning.result import with_plan
from cn_planner.planning.standing import no_worse
from cn_planner.planning.tower_hotspots import with_hotspots
from cn_planner.planning.tree_outlook import nothing_to_hold_among, too_few_hold, tree_outlook
from cn_planner.planning.year_five import year_five, year_five_words
from cn_planner.planning.year_five_air import year_five_on_air
from cn_planner.progress import ALONE, Clock, Run
from cn_planner.service.homes import service
from cn_planner.session.details import fixes_on_air, links_down_now, links_on_channels
from cn_planner.session.further_kits import not_looked, with_further_kits
from cn_planner.session.own_figures import with_own_figures
from cn_planner.session.service import service_now
from cn_planner.session.tasks import give_channels
from cn_planner.spectrum.channel_plan import Unheld

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.home_by_home import PointHomes
    from cn_planner.planning.mast_probe import Borne
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design
    from cn_planner.planning.year_five import YearFive
    from cn_planner.session.workspace import Snapshot
    from cn_planner.solver.instance import Solution
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.study import Study

_ENDLESS = Clock()
_AFTER_S = 5.0
"""Seconds that a plan may take beyond its time limit, beside a twentieth of it."""
_USUAL_SHARE = 0.6
"""Of the time, for the network of the usual kit where sectors of further kits are added to it, with their own bound."""
_WORDS_S = 1.0
"""And so many more in which it is said what would reach the homes that it leaves out."""
_BOUND_SHARE, _GROUND_SHARE = 0.06, 0.2
"""Of the time that is left once paths are known, for the bound of a plan of many homes; and at most, for what it rests
on, where one thread alone may work: then the search waits for it."""
_LATE = 0.4, 0.7
"""Of the time in which what must be said after its time is over has to be: for what ends a search of many homes, and
for the bound after it."""
_LATER_SHARE = 0.15
"""Of the time limit, for the channels of year five."""


def plan_network(
    snapshot: Snapshot,
    *,
    cover: float | None = None,
    budget: float | None = None,
    objective: Objective | None = None,
    time_limit_s: float | None = None,
    run: Run = ALONE,
) -> Design:
    """Choose sites, masts, links and channels; the design holds the edit where there is a plan.

    A time limit is one clock for all of it: paths, search, second ways, channels. What has to be compiled is within it:
    who wants it otherwise asks `engine.make_planner_ready` first. An objective that is given becomes the plan's rule.
    """
    check_aim(cover, budget, time_limit_s)
    check_more_access(snapshot.study)
    began, stands = time.perf_counter(), snapshot.plan
    snapshot = replace(snapshot, plan=planned_for(snapshot.plan))
    clock = plan_clock(time_limit_s, snapshot.plan)
    study = snapshot.study
    if objective is not None:
        study = replace(study, plan=replace(study.plan, rules=replace(study.plan.rules, objective=objective)))
    study = replace(study, plan=with_relays(study.plan))
    least = objective_of(study.plan, budget)
    try:
        problem, homes = problem_for(study, cover=cover, objective=least, run=run.until(clock.last).part(0.0, 0.4))
    except CancelledError:
        if run.cancelled:
            raise
        return untimely(snapshot.plan, budget, time.perf_counter() - began)
    borne = radios_that_bind(problem, len(snapshot.plan.households), budget, run.silently())
    asked = _Asked(snapshot, problem, homes, snapshot.plan.rules.cover if cover is None else cover, budget, borne)
    beside = least is Objective.FIVE_YEARS and not _stands_for(stands, study.plan)
    found = told_apart(asked.network(clock, run.part(0.2, 0.7) if beside else run), problem)
    if beside and _as_long_again(clock, began):
        found = _no_dearer(found, asked, study, clock, run.part(0.5, 1.0))
    design = no_worse(found, stands, problem, asked.weight, run=run.silently().until(clock.last))
    return replace(_told(snapshot, design, budget, clock, run), seconds=time.perf_counter() - began)


def _stands_for(stands: Plan, asked: Plan) -> bool:
    """Return whether a plan stands that a new one is held against, whatever is to be least."""
    there = stands.outcome is not None and stands.outcome.served > 0.0
    return there and replace(stands.rules, objective=asked.rules.objective) == asked.rules


def _as_long_again(clock: Clock, began: float) -> bool:
    """Return whether as much time is left as went by: half of the time for each search would give two worse plans."""
    left = clock.left()
    return left is None or left > time.perf_counter() - began


def _no_dearer(found: Design, asked: _Asked, study: Study, clock: Clock, run: Run) -> Design:
    """Return a design for five years, or the plan for least capital where that costs less over five years, too.

    Each search ends within its gap of what is least, and on channels of its own: either may come nearer.
    """
    if found.edit is None or run.cancelled:
        return found
    last, capital = run.until(clock.last), Objective.CAPITAL
    try:
        problem, homes = problem_for(study, cover=asked.share, objective=capital, run=last.part(0.4, 0.6))
        other = replace(asked, problem=problem, homes=homes)
        least = told_apart(other.network(clock, run.part(1.0 / 3.0, 1.0)), problem)  # its search begins at 0.4 of that
        if least.edit is None:
            return found
        better = no_worse(found, least.edit.plan, asked.problem, asked.weight, run=last.silently())
    except CancelledError:
        return found
    if better is found or better.edit is None:
        return found
    months = [one for one in plan_notes(asked.problem, better.edit.plan) if one not in least.notes]
    return replace(
        better, sites=least.sites, links=least.links, unserved=least.unserved, reason=least.reason,
        shortfall=least.shortfall, notes=(*least.notes, *months), homes_range=least.homes_range,
    )  # fmt: skip


def plan_clock(time_limit_s: float | None, plan: Plan) -> Clock:
    """Return the clock of a plan, which starts now; what comes in five years on air has its share of it at the end."""
    limit = time_limit_s or 0.0
    kept = _LATER_SHARE * limit if plan.demand.grow_later else 0.0
    return Clock.of(None if time_limit_s is None else limit - kept, more=_AFTER_S + 0.05 * limit + kept)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What is asked of the planner, as a problem."""

    snapshot: Snapshot
    problem: PlanningProblem
    homes: PointHomes | None
    share: float
    """Of the homes that any kit reaches."""
    budget: float | None
    borne: Borne | None
    """What the gateways' masts bear, where that is less than is asked for."""

    @property
    def weight(self) -> float:
        """The weight of the homes that are asked for; infinite where as many as the money does for."""
        if self.budget is not None:
            return math.inf
        of = self.problem
        return of.network.goal if self.homes is None else self.homes.asked(of.instance.cover)

    @property
    def begin(self) -> Narrowed:
        """What the first plan may not choose: of many homes it is for some."""
        if self.borne is None and not self._many:
            return Narrowed()
        ask = first_ask() if self.borne is None else first_ask(self.borne.homes / self.problem.network.goal)
        return Narrowed(share=ask, own_dish=len(self.problem.link_options) > 1)

    @property
    def _many(self) -> bool:
        return self.budget is None and self.homes is None and len(self.snapshot.plan.households) > MANY

    @property
    def _far(self) -> bool:
        """Whether far paths are among what may be chosen."""
        rules = self.snapshot.plan.rules
        usual = self.homes is None and not self.problem.near_only
        return usual and None in (rules.max_access_km, rules.max_backhaul_km)

    def network(self, clock: Clock, run: Run) -> Design:
        """Return the network on its own channels, with sectors of further kits where the plan names some."""
        if not self.snapshot.plan.more_access or self.homes is not None:
            return self.of_usual_kit(clock, run)[1]
        first, design = self.of_usual_kit(clock.of_share(_USUAL_SHARE), run)
        run = run.silently()

        def more_of_it(goal: float) -> Design | None:
            most = self.problem.network.coverable
            if self.budget is not None or min(goal, most) <= self.problem.network.goal + 1e-9 or clock.left() == 0.0:
                return None
            wider = replace(self, problem=self.problem.with_cover(min(1.0, goal / most)))
            return wider.of_usual_kit(clock, run)[1]

        proven = first.searched if self.begin.share >= 1.0 else None
        try:
            return with_further_kits(
                self.snapshot, design, (self.problem, self.share, proven), clock,
                lambda one: _with_channels(self.snapshot, one, clock, run), more_of_it, run=run,
            )  # fmt: skip
        except CancelledError:
            if run.cancelled:  # who stopped it knows why
                return design
            return not_looked(design, self.problem, run.until(clock.last + _WORDS_S))

    def _filled(self, clock: Clock, run: Run, found: Design) -> tuple[Design, bool]:
        """Return a network with homes that it leaves out and would serve, where fewer are served than are asked for."""
        # Half of what is left: another is filled, and what is to be said of it comes after.
        end = 0.5 * (time.perf_counter() + clock.last) if clock.running else math.inf
        keep = (self.snapshot.cache, self.snapshot.air_key)
        return filled(found, self.snapshot.study, self.weight, store=keep, run=run.silently().until(end))

    def of_usual_kit(self, clock: Clock, run: Run) -> tuple[Design, Design]:
        """Return the network of the usual kit as it was found first, with what that proves, and on its own channels."""
        may = self.budget is None and not self.snapshot.plan.more_access
        # What ends the search may take longer than its time, and what is said after the bound takes a moment as well.
        after = clock.last - clock.end if clock.running else 0.0
        late, end = (clock.end + part * after for part in _LATE)
        if may and len(self.snapshot.plan.households) > MANY:
            with ThreadPoolExecutor(1) as pool:
                # Of many homes it takes its time, which a search that takes longer than it has may not eat.
                beside = run.threads > 1
                until = end if beside or not clock.running else time.perf_counter() + (clock.left(_GROUND_SHARE) or 0.0)
                made = pool.submit(bound_basis, self.problem, self.homes, run=run.silently().until(until))
                if not beside:
                    made.result()
                less = clock.of_share(1.0 - _BOUND_SHARE)
                first, design = self._searched(replace(less, last=min(less.last, late)), run)
                basis = made.result()
        else:
            first, design = self._searched(clock, run)
            if not may or design.lower_bound is not None:
                return first, design
            basis = bound_basis(self.problem, self.homes, run=run.silently().until(end))
        if basis is not None and not run.cancelled:
            asked = self.weight if self.homes is None else math.inf
            design = bounded_for_as_many(design, basis, asked, end=end, run=run.silently())
        return first, design

    def _searched(self, clock: Clock, run: Run) -> tuple[Design, Design]:
        """Return the network of the usual kit as it was found first, and on its own channels."""
        problem, begin, kept = self.problem, self.begin, _kept_for_channels(self.snapshot.plan, clock)
        some = begin.share < 1.0

        def found(
            of: PlanningProblem,
            share: float,
            run: Run,
            start: Solution | None = None,
            whole: bool = True,
            proof: bool = True,
        ) -> Design:
            left = clock.left(share, kept=kept)
            # Of a plan for fewer homes than are asked for nothing is proven. What would reach those that are left is
            # asked of the plan that comes out, once.
            whole = whole and self.borne is None
            return design_for(
                of, self.homes, budget=self.budget, time_limit_s=left, prove=whole, proof=proof, fixes=False,
                start=start, run=run,
            )  # fmt: skip

        def again(limits: Narrowed, share: float, start: Solution | None) -> Design:
            of = narrowed(problem, limits)
            less = limits.near or limits.apart or limits.full
            start = start if start is None or not less or keeps_within(of, start) else None
            whole = not limits.masts and (limits.share >= 1.0 or not self._many)
            # What is proven of plans with less to choose from holds for no other.
            proof = limits == Narrowed() or self.budget is not None
            return as_coverable(found(of, share, run.silently(), start, whole, proof), first.coverable)

        share = first_share(len(self.snapshot.plan.households), far=self._far, some=some)
        first = found(narrowed(problem, begin), share, run.part(0.4, 0.8), whole=not some)
        first = unproven(as_coverable(first, problem.coverable)) if some else first
        tasks = AirTasks(
            again,
            lambda design: _with_channels(self.snapshot, design, clock, run.part(0.8, 1.0)),
            partial(links_with_kits, problem) if len(problem.link_options) > 1 else None,
            tuple(one.kit for one in sorted(problem.link_options, key=lambda one: -one.price)),
            self._far,
            begin,
            None if self.borne is None else self.borne.radios,
            reached_from(problem) if self.homes is None else {},
            partial(self._filled, clock, run) if self.homes is None and not self.snapshot.plan.more_access else None,
        )
        if first.edit is None or run.cancelled:
            design = told_left(first, self.weight)
            if design.edit is not None:
                design = replace(design, notes=(*design.notes, _no_channels()))
        else:
            design = on_own_channels(first, self.weight, tasks, self.snapshot.study, clock, of_goal=self.homes is None)
        with contextlib.suppress(CancelledError):  # what there is already stays
            design = small_dishes(problem, design, run.silently().until(clock.last))
        return first, design


def _told(snapshot: Snapshot, design: Design, budget: float | None, clock: Clock, run: Run) -> Design:
    """Return a design with its hotspots and all that is said of it; what the clock leaves no time for is not said."""
    end = clock.last + _WORDS_S
    if design.edit is None:
        return _with_ways(snapshot, design, end, run.silently())
    with contextlib.suppress(CancelledError):
        design = with_hotspots(design, snapshot.study, budget, run=run.silently())
    design = _with_notes(snapshot, design, clock, run.silently())
    run.progress(1.0, msg("Asking what the homes left out would take"))
    design = _with_left_out(snapshot, design, end, run.silently())
    if design.edit is None:
        return design
    plan = design.edit.plan
    trees = None
    with contextlib.suppress(CancelledError):
        trees = tree_outlook(replace(snapshot.study, plan=plan), run=run.silently().until(end))
    trees = None if trees is None else replace(trees, curve=design.hold_curve)
    if plan.demand.grow_later or plan.demand.more_homes_pct:
        design = told_later(snapshot.workspace.snapshot(plan), design, run.silently().until(end))
    five, price = five_years(plan, snapshot.catalogue), whole_price(plan, snapshot.catalogue)
    notes = (*design.notes, *nothing_to_hold_among(plan), *too_few_hold(plan, trees))
    return replace(design, trees=trees, five_years=five, price=price, notes=notes)


def _with_left_out(snapshot: Snapshot, design: Design, end: float, run: Run) -> Design:
    """Return a design that says of its plan as it stands who is left out and why, what reaches them, who is reached.

    The reasons stay in the plan. All is asked where everybody else asks it, so that the same comes out; what is not
    known at the ``end`` is not said.
    """
    design = with_reasons(design)
    if design.edit is None:
        return _with_ways(snapshot, design, end, run)
    there = snapshot.workspace.snapshot(design.edit.plan)
    with contextlib.suppress(CancelledError):  # one that ended the search keeps the plan, and how many it reaches
        # Whom it counts is heard on its channels: that was seen to.
        now = service_now(there, on_air=False, run=replace(run, cancel=None).until(end))
        design = replace(design, homes_range=now.connected_range if now.connected_weight > 0.0 else None)
        design = with_own_figures(design, there.study, now, run=replace(run, cancel=None).until(end))
    return _with_ways(there, design, end, run)


def _with_ways(there: Snapshot, design: Design, end: float, run: Run) -> Design:
    """Return a design that says what would reach the homes that a plan leaves out, where that is known by the end."""
    left = [one.id for one in design.unserved if one.kind is not UnservedKind.SILENT]
    with contextlib.suppress(CancelledError):
        if not left:
            return design
        carried = links_on_channels(there, run=run.until(end))
        # Half of what is left: that some are not held against the air is said, and better than none at all.
        half = 0.5 * (time.perf_counter() + end)
        on_air = fixes_on_air(there, last=half, run=run.until(end))
        ways = home_fixes(
            there.study, left, only_cheapest=True, on_channels=carried, on_air=on_air, down=links_down_now(there),
            run=run.until(end),
        )  # fmt: skip
        return with_ways(design, ways)
    return replace(design, notes=(*design.notes, _no_ways()))


def _no_ways() -> Message:
    return msg("What would reach the homes left out was not computed: the list of homes tells it.")


def told_later(there: Snapshot, design: Design, run: Run) -> Design:
    """Return a design that says what comes in five years and who then is heard, as far as the time does for it."""
    later: YearFive | None = None
    unknown = None
    try:
        now = service_now(there, on_air=False, run=run)
        later = year_five(there.study, now)
        later = year_five_on_air(there.study, now, later, run=run)
    except CancelledError:
        unknown = msg("Whether the channels do in five years was not looked at: there was no time left.")
    words = None if later is None else year_five_words(later, there.plan)
    said = (one for one in (words, unknown) if one is not None and one not in design.notes)
    return replace(design, later=later, notes=(*design.notes, *said))


def _kept_for_channels(plan: Plan, clock: Clock) -> float:
    """Return the seconds that are kept for channels, second ways and words: the more the more homes there are."""
    left = clock.left() or 0.0
    return min(0.3 * left, 2.0 + len(plan.households) / 100.0)


def _no_channels() -> Message:
    return msg(
        "There was no time left to choose channels: the plan has none yet, and homes are counted as if its radios did "
        "not disturb each other. Choose them, or give it more time."
    )


def completed(snapshot: Snapshot, found: Design, *, run: Run = ALONE) -> Design:
    """Return a design with second ways and channels, in which those count as served who are on its channels.

    What was kept of the comparison since the design was made stays in its plan. One of `plan_network` is whole.
    """
    if found.price is not None and found.edit is not None:
        plan = replace(found.edit.plan, choices=snapshot.plan.choices)
        return replace(found, edit=replace(found.edit, plan=plan))
    whole = on_channels(snapshot, found, run=run)
    if whole.edit is None:
        return whole
    kept = replace(whole.edit.plan, choices=snapshot.plan.choices)
    whole = _with_notes(snapshot, replace(whole, edit=replace(whole.edit, plan=kept)), _ENDLESS, run.part(1.0, 1.0))
    asked = math.inf if whole.shortfall is None else whole.shortfall.goal
    return _with_left_out(snapshot, told_left(whole, asked), math.inf, run.silently())


def on_channels(snapshot: Snapshot, found: Design, *, clock: Clock = _ENDLESS, run: Run = ALONE) -> Design:
    """Return a design with second ways and channels, in which those count as served who are on its channels."""
    return best_heard([_with_channels(snapshot, found, clock, run)], math.inf, snapshot.study)


def _with_channels(snapshot: Snapshot, found: Design, clock: Clock, run: Run) -> OnAir:
    """Return a design with the second ways that towers must have, and with channels; one cut short as it is.

    What a clock leaves no time for is said in the notes.
    """
    before = found
    if found.edit is None or run.cancelled:
        return OnAir(found, None, before)
    run = run.part(0.0, 0.5)
    try:
        found = with_disjoint_paths(
            found, snapshot.study, keep=(snapshot.cache, snapshot.air_key), run=run.until(clock.last)
        )
        plan = snapshot.plan if found.edit is None else found.edit.plan
        channels = give_channels(snapshot, plan=plan, fewer=True, run=run.part(0.5, 1.0).until(clock.last))
    except CancelledError:
        if run.cancelled:
            raise
        return OnAir(replace(found, notes=(*found.notes, _no_channels())), None, before)

    def on(channels: ChannelPlan) -> OnAir:
        given = found if channels.edit is None else with_plan(found, channels.edit.plan, snapshot.catalogue)
        return OnAir(given, _as_judged(snapshot, given, channels, run.silently().until(clock.last)), before)

    return on(channels)._replace(fewer=None if channels.fewer is None else on(channels.fewer))


def _as_judged(snapshot: Snapshot, given: Design, channels: ChannelPlan, run: Run) -> ChannelPlan:
    """Return channels with the homes of a design whose own path does not hold on them, by the judge of all homes.

    Where some homes stand for others, as those of towns do, channels are asked of those alone. Nothing is said where
    the time is over before.
    """
    if given.edit is None:
        return channels
    with contextlib.suppress(CancelledError):
        plan = given.edit.plan
        served = {key for key, home in plan.households.items() if home.server in plan.used_sites} - channels.silent
        found = service(replace(snapshot.study, plan=plan), only=served, others=False, run=run)
        return replace(channels, unheld={one.home: Unheld(one.why, one.reason) for one in found if not one.served})
    return channels


def _with_notes(snapshot: Snapshot, design: Design, clock: Clock, run: Run) -> Design:
    """Return a design with what is to be known of its dishes and prices; of dishes nothing where the time is over."""
    if design.edit is None:
        return design
    plan, notes = design.edit.plan, list(design.notes)
    if is_full_air(design.reason):
        notes += room_notes(replace(snapshot.study, plan=plan))
    with contextlib.suppress(CancelledError):
        notes += dish_notes(replace(snapshot.study, plan=plan), run=run.until(clock.last))
    return replace(design, notes=(*notes, *price_notes(plan, snapshot.catalogue)))
