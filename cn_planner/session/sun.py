"""The sun of a plan: from a file, by hand, from a clear sky; and the sets for it that are taken into the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.power_ladder import latitude_of
from cn_planner.economics.sun import beyond_clear_sky
from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.importers.result import ImportResult
from cn_planner.importers.sun import read_sun
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.report import words
from cn_planner.report.power import power_chapter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cn_planner.importers.sun import FoundSun
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.model.power import Sun

_FAR_KM, _ELSEWHERE_KM = 50.0, 500.0


def import_sun(plan: Plan, path: Path) -> ImportResult:
    """Read the sun of the place from a file of NASA POWER or PVGIS, as one edit.

    Raises
    ------
    FileError
        Where the file cannot be read, or is of neither.
    InputError
        Where it lacks what is needed, or is for another place: the other hemisphere, another country.
    """
    found = read_sun(path)
    warnings = (*found.warnings, *_of_the_place(plan, found, path.name))
    edit = edits.change_section(
        plan, "sun", msg("sun from {file}", file=path.name),
        monthly_kwh_m2_day=found.sun.monthly_kwh_m2_day, tilt_deg=found.sun.tilt_deg,
        source=found.sun.source, date=found.sun.date,
    )  # fmt: skip
    return ImportResult(edit, (edit.plan.sun,), (), 0, warnings, 1, 0)


def _of_the_place(plan: Plan, found: FoundSun, file: str) -> Iterator[Message]:
    """Yield what is doubtful about figures for this plan; refuse what is for another place."""
    things: list[Site | Household] = [*plan.used_sites.values(), *plan.sites.values(), *plan.households.values()]
    at = next(iter(things), None)
    if at is not None and found.latitude is not None and found.longitude is not None:
        km = geodesic(at.latitude, at.longitude, found.latitude, found.longitude).distance_m / 1000.0
        where = msg("{latitude:.2f}, {longitude:.2f}", latitude=found.latitude, longitude=found.longitude)
        if km > _ELSEWHERE_KM:
            raise InputError(
                msg("The file is for {place}, {km:,.0f} km from the plan.", place=where, km=km),
                where=file,
                fix=msg(
                    "Ask for {latitude:.2f}, {longitude:.2f}; south and west are negative.",
                    latitude=at.latitude,
                    longitude=at.longitude,
                ),
            )
        if km > _FAR_KM:
            yield msg("The file is for {place}, {km:,.0f} km from the plan: hills may change the sun.",
                      place=where, km=km)  # fmt: skip
    elif at is not None:
        yield msg("The file does not say for which place it is.")
    latitude = latitude_of(plan)
    doubted = () if latitude is None else beyond_clear_sky(found.sun, latitude)
    if doubted:
        yield more_than_clear(doubted)


def more_than_clear(months: tuple[int, ...]) -> Message:
    """Return that a month has more sun than a clear sky gives."""
    return msg("{month} has more sun than a clear sky gives here: look at unit, hemisphere and place.",
               month=words.MONTH_NAMES[months[0]])  # fmt: skip


def doubts(plan: Plan) -> tuple[Message, ...]:
    """Return what is doubtful about the sun that a plan has."""
    latitude = latitude_of(plan)
    months = () if latitude is None else beyond_clear_sky(plan.sun, latitude)
    return (more_than_clear(months),) if months else ()


def say_sun(plan: Plan, sun: Sun) -> Edit:
    """Return the edit by which somebody says how much sun there is.

    Raises
    ------
    InputError
        Where a figure is outside its limits, or there are not twelve.
    """
    return edits.change_section(
        plan, "sun", msg("say how much sun there is"),
        monthly_kwh_m2_day=sun.monthly_kwh_m2_day, tilt_deg=sun.tilt_deg, clearness=sun.clearness, source=sun.source,
        date=sun.date,
    )  # fmt: skip


def take_sets(plan: Plan, catalogue: Catalogue) -> Edit | None:
    """Return the edit that keeps in the plan the set that is counted for each tower; None where nothing changes.

    It stays a tower's as long as it keeps it on the air, whatever becomes cheaper. A tower for which the shelf has none
    keeps what it had; what was chosen for a site that has no tower now stays with it.
    """
    chosen = {one.site: one for one in plan.power.sets if one.site in plan.sites}
    new = chosen | {one.site: one for one in power_chapter(plan, catalogue).sets}
    sets = tuple(new[key] for key in sorted(new))
    if sets == plan.power.sets:
        return None
    label = counted("panels and batteries of {count} tower", "panels and batteries of {count} towers",
                    sum(new[key] != chosen.get(key) for key in new))  # fmt: skip
    return edits.change_section(plan, "power", label, sets=sets)


def usual_sets(plan: Plan) -> Edit:
    """Return the edit after which every tower has the cheapest set that keeps it again."""
    return edits.change_section(plan, "power", msg("the cheapest panels and batteries"), sets=())


def with_clear_sky(sun: Sun, clearness: float) -> Sun:
    """Return the sun of a clear sky of which an average day has a share: figures by month give way to it."""
    return replace(sun, monthly_kwh_m2_day=(), tilt_deg=0.0, clearness=clearness, source="", date="")
