"""The long work on a plan, as pure functions of a snapshot: what they find is applied elsewhere, or not at all."""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cn_planner.errors import CancelledError, FileError
from cn_planner.gis.worker import PYOGRIO, RASTERIO, warm_for
from cn_planner.importers.choices import EVERYTHING
from cn_planner.message import msg
from cn_planner.progress import ALONE, Clock, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.result import ImportResult
    from cn_planner.importers.survey import SurveyNames
    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Objective, Plan
    from cn_planner.planning.air_limits import Narrowed, OnAir
    from cn_planner.planning.candidates import Candidates
    from cn_planner.planning.detours import Overfull
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.resilience import Resilience
    from cn_planner.planning.result import Design
    from cn_planner.planning.tradeoff import Tradeoff
    from cn_planner.planning.year_five import YearFive
    from cn_planner.progress import CancelToken
    from cn_planner.session.versions import Earlier
    from cn_planner.session.workspace import Snapshot
    from cn_planner.solver.instance import Solution
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.terrain.asked import Answers

_ENDLESS = Clock()
_AFTER_S = 5.0
"""Seconds that a plan may take beyond its time limit, beside a twentieth of it."""
_USUAL_SHARE = 0.6
"""Of the time, for the network of the usual kit where sectors of further kits are added to it, with their own bound."""
_WORDS_S = 1.0
"""And so many more in which it is said what would reach the homes that it leaves out."""
_LATER_SHARE = 0.15
"""Of the time limit, for the channels of year five."""


def read_terrain(
    snapshot: Snapshot, files: Iterable[Path], answers: Answers | None = None, *, run: Run = ALONE
) -> Edit:
    """Return the edit that adds files of elevation, tree heights or land cover."""
    from cn_planner.terrain.asked import Answers
    from cn_planner.terrain.files import add_terrain

    plan, path = snapshot.plan, snapshot.workspace.path
    return add_terrain(plan, path, list(files), answers or Answers(), progress=run.progress, cancel=run.cancel)


def read_things(
    snapshot: Snapshot,
    file: Path,
    kind: str,
    columns: Mapping[str, str],
    choices: Choices = EVERYTHING,
    *,
    run: Run = ALONE,
) -> ImportResult:
    """Read sites, households, public places, measurements, or the sun of the place; the result holds the edit."""
    from cn_planner.importers.files import import_file

    if kind == "sun":
        from cn_planner.session.sun import import_sun

        return import_sun(snapshot.plan, file)
    if kind == "survey":
        from cn_planner.importers.survey import import_survey

        return import_survey(snapshot.plan, file, _survey_names(snapshot.plan))
    # Where the ground is tells latitude and longitude apart when both ranges allow either.
    surface = snapshot.surface if snapshot.plan.elevation else None
    found = import_file(
        snapshot.plan,
        file,
        kind,
        columns,
        choices,
        places=() if surface is None else (surface.bounds,),
        ground=None if surface is None else surface.heights,
        progress=run.progress,
        cancel=run.cancel,
    )
    if choices.hamlets_m is None or kind != "households":
        return found
    from cn_planner.importers.hamlet_names import group_homes
    from cn_planner.session.base_map import named_places

    places = named_places(snapshot.plan, snapshot.workspace.path)
    grouped = group_homes(found.edit.plan, choices.hamlets_m, places, anew=False)
    warnings = (*found.warnings, msg("Done: {edit}.", edit=grouped.label))
    return replace(found, edit=replace(grouped, label=found.edit.label), warnings=warnings)


def _survey_names(plan: Plan) -> SurveyNames:
    """Return how the plan's things stand in its form."""
    from cn_planner.export.xlsform import choice_name
    from cn_planner.importers.survey import SurveyNames
    from cn_planner.report.survey_form import survey_tag

    return SurveyNames(
        survey_tag(plan.info.secret, plan.info.name),
        {choice_name(key): key for key in plan.sites},
        {choice_name(key): key for key in plan.households},
    )


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
    from cn_planner.economics.whole_price import whole_price
    from cn_planner.planning.air_limits import Narrowed
    from cn_planner.planning.design import check_aim, objective_of, untimely
    from cn_planner.planning.grouped import design_for, problem_for
    from cn_planner.planning.left_out_told import told_left
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
    from cn_planner.planning.on_air import MANY, AirTasks, first_ask, first_share, on_own_channels
    from cn_planner.planning.phases import five_years
    from cn_planner.planning.places_apart import told_apart
    from cn_planner.planning.public_places import planned_for
    from cn_planner.planning.relays import with_relays
    from cn_planner.planning.tower_hotspots import with_hotspots
    from cn_planner.planning.tree_outlook import tree_outlook
    from cn_planner.session.further_kits import NOT_LOOKED, with_further_kits

    check_aim(cover, budget, time_limit_s)
    check_more_access(snapshot.study)
    began = time.perf_counter()
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
    further = bool(snapshot.plan.more_access) and homes is None
    whole_clock = clock
    clock = clock.of_share(_USUAL_SHARE) if further else clock
    kept = _kept_for_channels(snapshot.plan, clock)
    rules = snapshot.plan.rules
    far = homes is None and not problem.near_only and None in (rules.max_access_km, rules.max_backhaul_km)
    many = budget is None and homes is None and len(snapshot.plan.households) > MANY

    def found(of: PlanningProblem, share: float, run: Run, start: Solution | None = None, whole: bool = True) -> Design:
        left = clock.left(share, kept=kept)
        # Of a plan for fewer homes than are asked for nothing is proven. What would reach those that are left is asked
        # of the plan that comes out, once.
        whole = whole and borne is None
        return design_for(of, homes, budget=budget, time_limit_s=left, prove=whole, fixes=False, start=start, run=run)

    def again(limits: Narrowed, share: float, start: Solution | None) -> Design:
        of = narrowed(problem, limits)
        less = limits.near or limits.apart or limits.full
        start = start if start is None or not less or keeps_within(of, start) else None
        whole = not limits.masts and (limits.share >= 1.0 or not many)
        return as_coverable(found(of, share, run.silently(), start, whole), first.coverable)

    begin = Narrowed()
    if borne is not None or many:
        ask = first_ask() if borne is None else first_ask(borne.homes / problem.network.goal)
        begin = Narrowed(share=ask, own_dish=len(problem.link_options) > 1)
    some = begin.share < 1.0
    share = first_share(len(snapshot.plan.households), far=far, some=some)
    first = found(narrowed(problem, begin), share, run.part(0.4, 0.8), whole=not some)
    first = unproven(as_coverable(first, problem.coverable)) if some else first
    tasks = AirTasks(
        again,
        lambda design: _with_channels(snapshot, design, clock, run.part(0.8, 1.0)),
        partial(links_with_kits, problem) if len(problem.link_options) > 1 else None,
        tuple(one.kit for one in sorted(problem.link_options, key=lambda one: -one.price)),
        far,
        begin,
        None if borne is None else borne.radios,
        reached_from(problem) if homes is None else {},
    )
    asked = (
        math.inf
        if budget is not None
        else problem.network.goal
        if homes is None
        else homes.asked(problem.instance.cover)
    )
    catalogue = snapshot.catalogue
    if first.edit is None or run.cancelled:
        design = told_left(first, asked)
    else:
        design = on_own_channels(first, asked, tasks, catalogue, clock, of_goal=homes is None)
    with contextlib.suppress(CancelledError):  # what there is already stays
        design = small_dishes(problem, design, run.silently().until(clock.last))
    clock = whole_clock
    if further:
        share = snapshot.plan.rules.cover if cover is None else cover
        proven = None if some else first.searched
        try:
            design = with_further_kits(
                snapshot, design, (problem, share, proven), clock,
                lambda one: _with_channels(snapshot, one, clock, run.silently()), run=run.silently(),
            )  # fmt: skip
        except CancelledError:
            if not run.cancelled:  # who stopped it knows why
                design = replace(design, notes=(*design.notes, NOT_LOOKED))
    design = told_apart(design, problem)
    if design.edit is None:
        design = _with_ways(snapshot, design, clock.last + _WORDS_S, run.silently())
        return replace(design, seconds=time.perf_counter() - began)
    with contextlib.suppress(CancelledError):
        design = with_hotspots(design, snapshot.study, budget, run=run.silently())
    design, end = _with_notes(snapshot, design, clock, run.silently()), clock.last + _WORDS_S
    run.progress(1.0, msg("Asking what the homes left out would take"))
    design = _with_left_out(snapshot, design, end, run.silently())
    if design.edit is None:
        return design
    plan, seconds = design.edit.plan, time.perf_counter() - began
    trees = None
    with contextlib.suppress(CancelledError):
        trees = tree_outlook(replace(snapshot.study, plan=plan), run=run.silently().until(end))
    trees = None if trees is None else replace(trees, curve=design.hold_curve)
    design = _told_later(snapshot.workspace.snapshot(plan), design, run.silently().until(end))
    return replace(
        design, trees=trees, five_years=five_years(plan, catalogue), price=whole_price(plan, catalogue), seconds=seconds
    )  # fmt: skip


def plan_clock(time_limit_s: float | None, plan: Plan) -> Clock:
    """Return the clock of a plan, which starts now; what comes in five years on air has its share of it at the end."""
    limit = time_limit_s or 0.0
    kept = _LATER_SHARE * limit if plan.demand.grow_later else 0.0
    return Clock.of(None if time_limit_s is None else limit - kept, more=_AFTER_S + 0.05 * limit + kept)


def _with_left_out(snapshot: Snapshot, design: Design, end: float, run: Run) -> Design:
    """Return a design that says of its plan as it stands who is left out and why, what reaches them, who is reached.

    The reasons stay in the plan. All is asked where everybody else asks it, so that the same comes out; what is not
    known at the ``end`` is not said.
    """
    from cn_planner.planning.left_out_told import with_reasons
    from cn_planner.session.service import service_now

    design = with_reasons(design)
    if design.edit is None:
        return _with_ways(snapshot, design, end, run)
    there = snapshot.workspace.snapshot(design.edit.plan)
    with contextlib.suppress(CancelledError):  # one that ended the search keeps the plan, and how many it reaches
        now = service_now(there, run=replace(run, cancel=None).until(end))
        design = replace(design, homes_range=now.connected_range if now.connected_weight > 0.0 else None)
    return _with_ways(there, design, end, run)


def _with_ways(there: Snapshot, design: Design, end: float, run: Run) -> Design:
    """Return a design that says what would reach the homes that a plan leaves out, where that is known by the end."""
    from cn_planner.model.left_out import UnservedKind
    from cn_planner.planning.fixes import home_fixes
    from cn_planner.planning.left_out_told import with_ways
    from cn_planner.session.details import links_on_channels

    left = [one.id for one in design.unserved if one.kind is not UnservedKind.SILENT]
    with contextlib.suppress(CancelledError):
        if not left:
            return design
        carried = links_on_channels(there, run=run.until(end))
        ways = home_fixes(there.study, left, only_cheapest=True, on_channels=carried, run=run.until(end))
        return with_ways(design, ways)
    return replace(design, notes=(*design.notes, _no_ways()))


def _no_ways() -> Message:
    return msg("What would reach the homes that are left out was not looked at: the list of homes says it.")


def _told_later(there: Snapshot, design: Design, run: Run) -> Design:
    """Return a design that says what comes in five years, where that is not bought now, and what its channels bear."""
    demand = there.plan.demand
    return told_later(there, design, run) if demand.grow_later or demand.more_homes_pct else design


def told_later(there: Snapshot, design: Design, run: Run) -> Design:
    """Return a design that says what comes in five years and who then is heard, as far as the time does for it."""
    from cn_planner.planning.year_five import year_five, year_five_words
    from cn_planner.planning.year_five_air import year_five_on_air
    from cn_planner.session.service import service_now

    later: YearFive | None = None
    unknown = None
    try:
        now = service_now(there, run=run)
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
    return msg("There was no time left to choose channels: the plan has none yet. Choose them, or give it more time.")


def completed(snapshot: Snapshot, found: Design, *, run: Run = ALONE) -> Design:
    """Return a design with second ways and channels, in which those count as served who are on its channels.

    What was kept of the comparison since the design was made stays in its plan.
    """
    from cn_planner.planning.left_out_told import told_left
    from cn_planner.planning.on_air import best_heard

    whole = best_heard([_with_channels(snapshot, found, _ENDLESS, run)], math.inf, snapshot.catalogue)
    if whole.edit is None:
        return whole
    kept = replace(whole.edit.plan, choices=snapshot.plan.choices)
    whole = _with_notes(snapshot, replace(whole, edit=replace(whole.edit, plan=kept)), _ENDLESS, run.part(1.0, 1.0))
    asked = math.inf if whole.shortfall is None else whole.shortfall.goal
    return _with_left_out(snapshot, told_left(whole, asked), math.inf, run.silently())


def _with_channels(snapshot: Snapshot, found: Design, clock: Clock, run: Run) -> OnAir:
    """Return a design with the second ways that towers must have, and with channels; one cut short as it is.

    What a clock leaves no time for is said in the notes.
    """
    from cn_planner.planning.air_limits import OnAir
    from cn_planner.planning.resilience import with_disjoint_paths
    from cn_planner.planning.result import with_plan

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
        return OnAir(given, channels, before)

    return on(channels)._replace(fewer=None if channels.fewer is None else on(channels.fewer))


def _with_notes(snapshot: Snapshot, design: Design, clock: Clock, run: Run) -> Design:
    """Return a design with what is to be known of its dishes and prices; of dishes nothing where the time is over."""
    from cn_planner.economics.costs import price_notes
    from cn_planner.planning.dishes import dish_notes, room_notes
    from cn_planner.planning.on_air import is_full_air

    if design.edit is None:
        return design
    plan, notes = design.edit.plan, list(design.notes)
    if is_full_air(design.reason):
        notes += room_notes(replace(snapshot.study, plan=plan))
    with contextlib.suppress(CancelledError):
        notes += dish_notes(replace(snapshot.study, plan=plan), run=run.until(clock.last))
    return replace(design, notes=(*notes, *price_notes(plan, snapshot.catalogue)))


def resilience_of(snapshot: Snapshot, sites: Iterable[str] | None = None, *, run: Run = ALONE) -> Resilience:
    """Return what falls silent with what, and the cheapest second way of each tower.

    The new links of those that were asked for have their channels; what has one keeps it. Where that leaves a new link,
    or what carried enough before, with too little, the second way says so.
    """
    from cn_planner.model import edits
    from cn_planner.planning.resilience import resilience, without_channel

    found = resilience(
        snapshot.study,
        sites=sites,
        keep=(snapshot.cache, snapshot.air_key),
        run=run if sites is None else run.part(0.0, 0.7),
    )

    if sites is None:
        return found
    paths = {}
    before: set[tuple[str, str, str]] = set()
    if found.paths:
        before = {one.user for one in give_channels(snapshot, keep=True, run=run.silently()).short}
    for number, (key, path) in enumerate(found.paths.items()):
        here = run.part(0.7 + 0.3 * number / len(found.paths), 0.7 + 0.3 * (number + 1) / len(found.paths))
        channels = give_channels(snapshot, plan=path.edit.plan, run=here)
        given = channels.edit
        new = [] if given is None else [given.plan.links[link.id] for link in path.links]
        after = replace(path, edit=replace(path.edit, plan=edits.put(path.edit.plan, new).plan)) if new else path
        short = next((one for one in channels.short if one.user not in before), None)
        paths[key] = after if short is None else without_channel(after, snapshot.plan, short.text)
    run.progress(1.0)
    return replace(found, paths=paths)


def places_for_towers(snapshot: Snapshot, *, most: int | None = None, run: Run = ALONE) -> Candidates:
    """Return places for towers found in the terrain, with the reason for each that is kept or removed."""
    from cn_planner.planning.candidates import MOST_CANDIDATES, find_candidates

    return find_candidates(
        snapshot.study,
        most=MOST_CANDIDATES if most is None else most,
        run=run,
    )


def cost_against_homes(
    snapshot: Snapshot,
    *,
    points: int | None = None,
    prove: bool = False,
    time_limit_s: float | None = None,
    partial: Callable[[Tradeoff], None] | None = None,
    run: Run = ALONE,
) -> Tradeoff:
    """Return what it costs to reach more homes: plans from few to all, each of which can be taken."""
    from cn_planner.planning.tradeoff import POINTS, tradeoff

    return tradeoff(
        snapshot.study,
        points=POINTS if points is None else points,
        prove=prove,
        time_limit_s=time_limit_s,
        keep=(snapshot.cache, snapshot.air_key),
        partial=partial,
        run=run,
    )


def proven_point(
    snapshot: Snapshot, curve: Tradeoff, at: int, *, time_limit_s: float | None = None, run: Run = ALONE
) -> Tradeoff:
    """Return a curve of the plan with a bound sought at one of its points; a cancel keeps what was found."""
    from cn_planner.planning.tradeoff import prove_point

    return prove_point(
        snapshot.study,
        curve,
        at,
        time_limit_s=time_limit_s,
        keep=(snapshot.cache, snapshot.air_key),
        run=run,
    )


def give_channels(
    snapshot: Snapshot,
    *,
    plan: Plan | None = None,
    fresh: bool = False,
    keep: bool = False,
    fewer: bool = False,
    run: Run = ALONE,
) -> ChannelPlan:
    """Give sectors and links channels, in the plan of the snapshot or another one over the same ground."""
    from cn_planner.spectrum.channels import plan_channels

    return plan_channels(
        snapshot.study if plan is None else replace(snapshot.study, plan=plan),
        fresh=fresh,
        keep=keep,
        fewer=fewer,
        run=run,
    )


def overfull_of(snapshot: Snapshot, *, cancel: CancelToken | None = None) -> tuple[Overfull, ...]:
    """Return the links that do not carry what moves to them where something fails."""
    from cn_planner.planning.detours import overfull, rates_of

    plan = snapshot.plan
    return overfull(plan, rates_of(snapshot.study), cancel)


_LIBRARIES = {"gpkg": PYOGRIO, "qfield": PYOGRIO, "geotiff": RASTERIO}
"""What processes have loaded that write a format."""
_SOON = 0.7
"""Of the report so much is made some seconds before its files are written."""


def _warming(run: Run, formats: Iterable[str]) -> Run:
    """Return a run that starts the processes which will write formats while the last of the report is made."""
    cold = {_LIBRARIES[one] for one in formats if one in _LIBRARIES}

    def progress(done: float, doing: Message | None = None, /) -> None:
        run.progress(done, doing)
        while cold and done >= _SOON:
            warm_for(cold.pop())

    return replace(run, progress=progress)


_WITH_MAPS = frozenset({"pdf", "html", "assembly", "proposal", "cards", "towers"})
"""Formats that show the base map, or the names that it has."""


def write_exports(
    snapshot: Snapshot,
    folder: Path,
    formats: tuple[str, ...] | None = None,
    *,
    version: int,
    date: str,
    before: Earlier | None = None,
    blur_homes_m: float | None = None,
    run: Run = ALONE,
) -> tuple[Path, ...]:
    """Write the plan as files, each whole or not at all; the change log is against the version before, where one is."""
    from cn_planner.export.files import check_request, export_all
    from cn_planner.jobs import give_back_memory
    from cn_planner.report.build import build_report
    from cn_planner.report.deployment import MissingInfo
    from cn_planner.report.landmarks import NamedPlace
    from cn_planner.session.base_map import printed_base
    from cn_planner.session.compare import change_log

    wanted = check_request(folder, formats)
    log = None
    if before is not None:
        log = change_log(snapshot, version, before, run=run.part(0.0, 0.1))
    study = snapshot.study if snapshot.plan.elevation else snapshot.bare_study
    base: BaseSheet | None = None
    gone: MissingInfo | None = None
    if _WITH_MAPS & set(wanted):
        try:
            base = printed_base(snapshot.plan, snapshot.workspace.path)
        except FileError as error:  # the plan does not need it, and its contents page says so
            gone = MissingInfo("base_map", error.what, error.fix or msg("Choose the base map again."))
    named = () if base is None else tuple(NamedPlace(*one) for one in base.places())
    deployment = build_report(
        study, version=version, date=date, log=log, named=named, run=_warming(run.part(0.1, 0.4), wanted)
    )
    if gone is not None:
        deployment = replace(deployment, missing=(*deployment.missing, gone))
    give_back_memory()  # what sets pages wants it
    return export_all(
        deployment, None if study.surface.empty else study.surface, folder, formats, source=snapshot.plan,
        blur_homes_m=blur_homes_m, base=base, run=run.part(0.4, 1.0),
    )  # fmt: skip
