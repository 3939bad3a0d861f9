"""The country of a plan, and of files before there is a plan."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.area.country import Country, country_of, country_of_area, country_of_places
from cn_planner.errors import PlannerError
from cn_planner.importers.place import turned_round
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.checks import PlanProblem, Severity
from cn_planner.session.customs import with_known_duties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.importers.place import PlaceBounds
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


_TURNED = {
    "sites": msg("Latitude and longitude of the sites seem to be turned round."),
    "households": msg("Latitude and longitude of the homes seem to be turned round."),
    "places": msg("Latitude and longitude of the public places seem to be turned round."),
}
_MOST_LOOKED_AT = 50


def turned_tables(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Yield each table whose places lie elsewhere than the plan, and turned round lie on its ground or in its country.

    What the import refuses where it can: it may not have known yet where the plan is.
    """
    plan = snapshot.plan
    ground: tuple[PlaceBounds, ...] = ()
    if plan.elevation:
        with suppress(PlannerError):  # a file that is gone or changed is told of by itself
            ground = (snapshot.surface.bounds,)
    for table, words in _TURNED.items():
        things = list(getattr(plan, table).values())
        latitude = np.array([one.latitude for one in things])
        longitude = np.array([one.longitude for one in things])
        if not things or (np.abs(longitude) > 90.0).any():
            continue
        if turned_round(latitude, longitude, ground) or _of_the_country(plan, latitude, longitude):
            yield PlanProblem(
                Severity.ERROR,
                words,
                msg("Remove them, and import their file again with --map latitude=COLUMN --map longitude=COLUMN: each "
                    "with the column that the other had."),
                things[0].id,
            )  # fmt: skip


def _of_the_country(plan: Plan, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> bool:
    """Return whether places do not lie in the plan's country, and would if they were turned round."""
    said = plan.info.country
    if not said or plan.info.invented:
        return False
    step = max(1, len(latitude) // _MOST_LOOKED_AT)
    rows = list(zip(latitude[::step].tolist(), longitude[::step].tolist(), strict=True))
    if said in country_of_places(rows).candidates:
        return False
    return country_of_places([(lon, lat) for lat, lon in rows]).code == said


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
