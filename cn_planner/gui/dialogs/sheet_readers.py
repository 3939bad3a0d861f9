"""Whose survey sheet is shown, and what is typed on it: each reader says whether it can be read, and how it was."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from cn_planner.gui.dialogs.sheet_fields import NOTHING_HEARD, doubtful, ok, unclear
from cn_planner.gui.kinds import HOUSEHOLD, SITE
from cn_planner.importers.coordinates import place_readings
from cn_planner.importers.fields import CellError
from cn_planner.importers.measured import WeakerThan, behind_weaker, read_heard
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.state import AppState
    from cn_planner.model.plan import Household, Site

_FIRST_YEAR = 2000
_MUCH_DB = 10.0
"""More than this a prediction is off only by what is common to a place."""
_NUMBER = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*m?\s*", re.IGNORECASE)


def spot_in(text: str, thing: Site | Household) -> tuple[float, float]:
    """Return latitude and longitude, the reading that is nearest to where the plan has a thing.

    Raises
    ------
    InputError
        Where there is no place in it.
    """
    found = place_readings(text, (thing.latitude, thing.longitude))[0]
    return found.latitude, found.longitude


def height_in(text: str) -> float | None:
    """Return a height in metres, None where it is none."""
    found = _NUMBER.fullmatch(text)
    return None if found is None else float(found[1].replace(",", "."))


def read_height(text: str) -> tuple[bool, str]:
    """Read a height above ground."""
    value = height_in(text)
    if value is None:
        return unclear(msg("a number of metres, such as 12"))
    return (True, "") if value <= 150.0 else unclear(msg("at most 150 m"))


def day_in(text: str) -> dt.date | None:
    """Return the day that a text names in ISO 8601, None where it names none."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None


def read_date(text: str) -> tuple[bool, str]:
    """Read the day of a visit."""
    day = day_in(text)
    if day is None:
        return unclear(msg("year-month-day: 2026-11-03"))
    if not dt.date(_FIRST_YEAR, 1, 1) <= day <= dt.datetime.now().astimezone().date() + dt.timedelta(days=1):
        return unclear(msg("no day that can be: is the clock right?"))
    return True, ""


def level_in(text: str, weakest_dbm: float | None) -> float:
    """Return a level, of "<-95" a `WeakerThan`; "<" alone: nothing was heard, and the radio shows no less than that.

    Raises
    ------
    CellError
        Where it is none.
    """
    if behind_weaker(text) == "" and weakest_dbm is not None:
        return WeakerThan(weakest_dbm)
    return read_heard(text.lower().removesuffix("dbm"))


def read_measured(predicted: float | None, weakest_dbm: float | None, text: str) -> tuple[bool, str]:
    """Read a level, and say by how much it differs from what the plan says."""
    try:
        level = level_in(text, weakest_dbm)
    except CellError as problem:
        return unclear(problem.what)
    if isinstance(level, WeakerThan) and (predicted is None or predicted <= level):
        return ok(NOTHING_HEARD)
    if predicted is None:
        return True, ""
    words = msg("{more:+.0f} dB against the plan", more=float(level) - predicted)
    return ok(words) if abs(level - predicted) <= _MUCH_DB else doubtful(words)


def sheet_key(state: AppState) -> str:
    """Return whose sheet is to be shown: of what is selected, else the first tower that nobody has seen, else any."""
    plan, chosen = state.plan, state.selection
    if chosen is not None and chosen.kind in (SITE, HOUSEHOLD):
        return chosen.id
    if chosen is not None and chosen.id in plan.links:
        return plan.links[chosen.id].from_site
    seen = {one.about_id for one in plan.evidence.values()}
    keys = list(plan.used_sites) or list(plan.sites) or list(plan.households)
    return next((key for key in keys if key not in seen), keys[0] if keys else "")
