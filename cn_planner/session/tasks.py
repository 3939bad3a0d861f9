"""The long work on a plan, as pure functions of a snapshot: what they find is applied elsewhere, or not at all."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import FileError
from cn_planner.importers.choices import EVERYTHING
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.result import ImportResult
    from cn_planner.importers.survey import SurveyNames
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.candidates import Candidates
    from cn_planner.planning.detours import Overfull
    from cn_planner.planning.resilience import Resilience
    from cn_planner.planning.result import Design
    from cn_planner.planning.tradeoff import Tradeoff
    from cn_planner.progress import CancelToken
    from cn_planner.session.versions import Earlier
    from cn_planner.session.workspace import Snapshot
    from cn_planner.spectrum.channels import ChannelPlan
    from cn_planner.terrain.asked import Answers


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
    """Read sites, households, measurements, or the sun of the place; the result holds the edit."""
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
    time_limit_s: float | None = None,
    run: Run = ALONE,
) -> Design:
    """Choose sites, masts, links and channels; the design holds the edit where there is a plan.

    A smaller dish that the law makes cheaper also disturbs and hears more: where the channels of such a plan cut homes
    off, it is planned once more with the plan's own dish throughout, and what cuts off fewer is taken.
    """
    from cn_planner.economics.whole_price import whole_price
    from cn_planner.planning.design import check_aim
    from cn_planner.planning.grouped import design_for, problem_for
    from cn_planner.planning.link_kits import kits_for_links
    from cn_planner.planning.phases import five_years
    from cn_planner.planning.result import bounded_by

    check_aim(cover, budget, time_limit_s)
    ends = None if time_limit_s is None else time.monotonic() + time_limit_s

    def planned(run: Run, *, own_dish: bool = False) -> tuple[Design, float]:
        left = None if ends is None else max(ends - time.monotonic(), 0.0)
        problem, homes = problem_for(snapshot.study, cover=cover, own_dish=own_dish, run=run.part(0.0, 0.4))
        design = design_for(problem, homes, budget=budget, time_limit_s=left, run=run.part(0.4, 0.8))
        return _on_channels(snapshot, design, run.part(0.8, 1.0))

    smaller = len(kits_for_links(snapshot.study)) > 1
    found, cut_off = planned(run.part(0.0, 0.5) if smaller else run)
    if cut_off > 0.0 and smaller and (ends is None or time.monotonic() < ends):
        other, fewer = planned(run.part(0.5, 1.0), own_dish=True)
        if other.edit is not None and other.served - fewer > found.served - cut_off + 1e-9:
            found = bounded_by(other, found)
    if found.edit is None:
        return found
    plan, catalogue = found.edit.plan, snapshot.catalogue
    return replace(found, five_years=five_years(plan, catalogue), price=whole_price(plan, catalogue))


def completed(snapshot: Snapshot, found: Design, *, run: Run = ALONE) -> Design:
    """Return a design with the second ways that towers must have, and with channels; one cut short as it is."""
    return _on_channels(snapshot, found, run)[0]


def _on_channels(snapshot: Snapshot, found: Design, run: Run) -> tuple[Design, float]:
    """Return a completed design, and how many homes, by weight, its channels cut off."""
    from cn_planner.economics.costs import price_notes
    from cn_planner.planning.dishes import dish_notes
    from cn_planner.planning.resilience import with_disjoint_paths
    from cn_planner.planning.result import with_plan

    if found.edit is None or run.cancelled:
        return found, 0.0
    run = run.part(0.0, 0.5)
    found = with_disjoint_paths(found, snapshot.study, keep=(snapshot.cache, snapshot.air_key), run=run)
    plan = snapshot.plan if found.edit is None else found.edit.plan
    channels = give_channels(snapshot, plan=plan, run=run.part(0.5, 1.0))
    found = found if channels.edit is None else with_plan(found, channels.edit.plan, snapshot.catalogue)
    plan = plan if found.edit is None else found.edit.plan
    notes = (*dish_notes(replace(snapshot.study, plan=plan)), *price_notes(plan, snapshot.catalogue))
    done = replace(found, notes=(*found.notes, *(one.text for one in channels.short), *notes))
    return done, min(found.served, sum(one.homes for one in channels.short))


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
    snapshot: Snapshot, *, plan: Plan | None = None, fresh: bool = False, keep: bool = False, run: Run = ALONE
) -> ChannelPlan:
    """Give sectors and links channels, in the plan of the snapshot or another one over the same ground."""
    from cn_planner.spectrum.channels import plan_channels

    return plan_channels(
        snapshot.study if plan is None else replace(snapshot.study, plan=plan),
        fresh=fresh,
        keep=keep,
        run=run,
    )


def overfull_of(snapshot: Snapshot, *, cancel: CancelToken | None = None) -> tuple[Overfull, ...]:
    """Return the links that do not carry what moves to them where something fails."""
    from cn_planner.planning.detours import overfull, rates_of

    plan = snapshot.plan
    return overfull(plan, rates_of(snapshot.study), cancel)


_WITH_MAPS = frozenset({"pdf", "html"})
"""Formats that show the base map."""


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
    from cn_planner.report.build import build_report
    from cn_planner.report.deployment import MissingInfo
    from cn_planner.session.base_map import printed_base
    from cn_planner.session.compare import change_log

    wanted = check_request(folder, formats)
    log = None
    if before is not None:
        log = change_log(snapshot, version, before, run=run.part(0.0, 0.1))
    study = snapshot.study if snapshot.plan.elevation else snapshot.bare_study
    deployment = build_report(study, version=version, date=date, log=log, run=run.part(0.1, 0.4))
    base: BaseSheet | None = None
    if _WITH_MAPS & set(wanted):
        try:
            base = printed_base(snapshot.plan, snapshot.workspace.path)
        except FileError as error:  # the plan does not need it, and its contents page says so
            gone = MissingInfo("base_map", error.what, error.fix or msg("Choose the base map again."))
            deployment = replace(deployment, missing=(*deployment.missing, gone))
    return export_all(
        deployment, None if study.surface.empty else study.surface, folder, formats, source=snapshot.plan,
        blur_homes_m=blur_homes_m, base=base, run=run.part(0.4, 1.0),
    )  # fmt: skip
