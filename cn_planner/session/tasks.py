"""The long work on a plan, as pure functions of a snapshot: what they find is applied elsewhere, or not at all."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import FileError, InputError
from cn_planner.gis.worker import PYOGRIO, RASTERIO, warm_for
from cn_planner.importers.choices import EVERYTHING
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.result import ImportResult
    from cn_planner.importers.survey import SurveyNames
    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.candidates import Candidates
    from cn_planner.planning.detours import Overfull
    from cn_planner.planning.failures import PlanFailure
    from cn_planner.planning.resilience import DisjointPath, Resilience
    from cn_planner.progress import CancelToken
    from cn_planner.session.versions import Earlier
    from cn_planner.session.workspace import Snapshot
    from cn_planner.spectrum.channel_plan import ChannelPlan
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
    """Read sites, households, public places, measurements, or the sun of the place; the result holds the edit."""
    from cn_planner.importers.files import import_file

    if kind == "sun":
        from cn_planner.session.sun import import_sun

        return import_sun(snapshot.plan, file)
    if kind == "survey":
        from cn_planner.importers.survey import import_survey
        from cn_planner.session.measured import import_keeping_senders

        return import_keeping_senders(snapshot, import_survey(snapshot.plan, file, _survey_names(snapshot)))
    if not choices.today:  # whoever imports: by dialog, dropped, by command or from another program
        choices = replace(choices, today=dt.datetime.now().astimezone().date().isoformat())
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
    if kind == "measurements":
        from cn_planner.session.measured import import_keeping_senders

        return import_keeping_senders(snapshot, found)
    if choices.hamlets_m is None or kind != "households":
        return found
    from cn_planner.importers.hamlet_names import group_homes
    from cn_planner.session.base_map import named_places

    places = named_places(snapshot.plan, snapshot.workspace.path)
    grouped = group_homes(found.edit.plan, choices.hamlets_m, places, anew=False)
    warnings = (*found.warnings, msg("Done: {edit}.", edit=grouped.label))
    return replace(found, edit=replace(grouped, label=found.edit.label), warnings=warnings)


def _survey_names(snapshot: Snapshot) -> SurveyNames:
    """Return how the plan's things stand in its form."""
    from cn_planner.export.xlsform import choice_name
    from cn_planner.importers.survey import HomeRadio, SurveyNames
    from cn_planner.links.radio import radio_end
    from cn_planner.report.survey_form import SURVEY_QUESTIONS, survey_tag

    plan, catalogue, radio = snapshot.plan, snapshot.catalogue, None
    with suppress(InputError):  # the kit is not on the shelf: who heard nothing must say how little they could
        weakest_dbm = radio_end(catalogue, plan.kits.client, snapshot.regulations).weakest_dbm
        radio = HomeRadio(*catalogue.radios[catalogue.kit(plan.kits.client).radio].band_mhz, weakest_dbm)
    return SurveyNames(
        survey_tag(plan.info.secret, plan.info.name),
        {choice_name(key): key for key in plan.sites},
        {choice_name(key): key for key in plan.households},
        frozenset(one.name for one in SURVEY_QUESTIONS),
        radio,
    )


def resilience_of(snapshot: Snapshot, sites: Iterable[str] | None = None, *, run: Run = ALONE) -> Resilience:
    """Return what falls silent with what, and the cheapest second way of each tower.

    Each has its channels: what has one keeps it; where that leaves a new link, or what carried enough before, with too
    little, all get channels anew. Where that helps no more, the second way says so.
    """
    from cn_planner.planning.resilience import resilience

    homes = heard_by_tower(snapshot, run=run.part(0.0, 0.2))
    keep = (snapshot.cache, snapshot.air_key)
    found = resilience(snapshot.study, sites=sites, homes=homes, keep=keep, run=run.part(0.2, 0.7))
    paths = {}
    if found.paths:
        now = give_channels(snapshot, keep=True, run=run.silently())
        for number, (key, path) in enumerate(found.paths.items()):
            here = run.part(0.7 + 0.3 * number / len(found.paths), 0.7 + 0.3 * (number + 1) / len(found.paths))
            paths[key] = _on_channels(snapshot, path, now, here)
    run.progress(1.0)
    return replace(found, paths=paths)


def _on_channels(snapshot: Snapshot, path: DisjointPath, now: ChannelPlan, run: Run) -> DisjointPath:
    """Return a second way with channels for its links; ``now``: what the channels of the plan without it give."""
    from cn_planner.model import edits
    from cn_planner.planning.resilience import with_new_channels, without_channel

    kept = give_channels(snapshot, plan=path.edit.plan, run=run)
    short = _lost_to(kept, now)
    if short is None:
        new = [] if kept.edit is None else [kept.edit.plan.links[link.id] for link in path.links]
        return replace(path, edit=replace(path.edit, plan=edits.put(path.edit.plan, new).plan)) if new else path
    fresh = give_channels(snapshot, plan=path.edit.plan, fresh=True, run=run.silently())
    if fresh.edit is None or _lost_to(fresh, now) is not None:
        return without_channel(path, snapshot.plan, short)
    return with_new_channels(path, fresh.edit.plan, snapshot.plan)


def _lost_to(then: ChannelPlan, now: ChannelPlan) -> Message | None:
    """Return what carries too little on other channels, or leaves somebody nothing; None where all is as now."""
    had = {one.user for one in now.short}
    short = next((one.text for one in then.short if one.user not in had), None)
    lost = then.not_served - now.not_served
    return short if short is not None or not lost else then.unheard.homes[min(lost)]


def heard_by_tower(snapshot: Snapshot, *, run: Run = ALONE) -> dict[str, float]:
    """Return the homes, by weight, that each tower of the plan reaches, as all that counts homes judges them."""
    from cn_planner.session.service import service_now

    return service_now(snapshot, run=run).homes_by_tower(snapshot.plan)


def failures_now(snapshot: Snapshot, *, run: Run = ALONE) -> tuple[PlanFailure, ...]:
    """Return what falls silent with each tower and link of the plan as it stands."""
    from cn_planner.planning.failures import failures
    from cn_planner.service.joined import as_it_works
    from cn_planner.session.details import links_down_now

    works = as_it_works(snapshot.plan, links_down_now(snapshot))
    return failures(works, heard_by_tower(snapshot, run=run))


def places_for_towers(snapshot: Snapshot, *, most: int | None = None, run: Run = ALONE) -> Candidates:
    """Return places for towers found in the terrain, with the reason for each that is kept or removed."""
    from cn_planner.planning.candidates import MOST_CANDIDATES, find_candidates

    return find_candidates(
        snapshot.study,
        most=MOST_CANDIDATES if most is None else most,
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
        store=(snapshot.cache, snapshot.air_key),
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


_WITH_MAPS = frozenset({"pdf", "html", "assembly", "proposal", "cards", "towers", "network"})
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
