"""The country of a plan, and of files before there is a plan."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.area.country import Country, country_of, country_of_area
from cn_planner.errors import PlannerError
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.session.customs import with_known_duties

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot


def country_of_plan(snapshot: Snapshot) -> Country | None:
    """Return the country of a plan's places; where it has none yet, of the ground that it knows; None without either.

    Raises
    ------
    FileError
        Where a file of elevations cannot be read.
    """
    found = country_of(snapshot.plan)
    if found is None and snapshot.plan.terrain:
        found = country_of_area(snapshot.surface.bounds)
    return found


def country_of_files(
    terrain: Iterable[Path], tables: Iterable[Path], cancel: CancelToken | None = None
) -> Country | None:
    """Return the country that files lie in, before there is a plan: of the places in tables, else of elevation files.

    Files that cannot be read are passed over: what is wrong with them is said where they are taken in.
    """
    from cn_planner.gis.raster import read_elevation
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.files import import_file
    from cn_planner.model.plan import Plan
    from cn_planner.session.import_preview import preview
    from cn_planner.terrain.surface import Surface

    plan = Plan()
    for path in tables:
        with suppress(PlannerError):
            kind = preview(path).kind
            if kind in ("households", "sites"):
                plan = import_file(plan, path, kind, choices=Choices(skip_bad=True), cancel=cancel).edit.plan
        if cancel is not None:
            cancel.check()
    grids = []
    if not (plan.sites or plan.households):
        for path in terrain:
            with suppress(PlannerError):
                grids.append(read_elevation(path))
            if cancel is not None:
                cancel.check()
    return country_of_area(Surface(grids).bounds) if grids else country_of(plan)


def set_country(plan: Plan, code: str) -> Edit:
    """Return the edit after which the plan has a country, and what was said before of customs there."""
    edit = edits.change_section(plan, "info", msg("country {country}", country=code), country=code)
    return replace(edit, plan=with_known_duties(edit.plan).plan)
