"""What people saw on site: of a place, and along a line from it. It outranks what is predicted, and it ages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model.fields import about

if TYPE_CHECKING:
    from collections.abc import Iterable


KEPT_BYTES = 400 << 10
"""What a photograph is made as small as."""
SAME_M = 50.0
"""Further off it is another place: the screen "What did you see?" then asks."""
FARTHEST_MOVE_M = 5000.0
"""What was read on site and lies further from the map is a slip: a sign, or latitude and longitude turned round."""


class Seen(StrEnum):
    """What was seen along a line."""

    UNKNOWN = "unknown"
    CLEAR = "clear"
    TREES = "trees"
    HIDDEN = "hidden"


class Visit(StrEnum):
    """What came of a visit."""

    VISITED = "visited"
    REFUSED = "refused"
    WRONG_POSITION = "wrong_position"
    BETTER_PLACE = "better_place"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one visit showed of a place; or, with ``towards``, of the line from there to a site.

    Attributes
    ----------
    about_id, towards : str
        The site or home where somebody stood, and the site that they looked at; empty for the place itself.
    what : str
        What stands there, in their words: "eucalyptus, 13 m, 2.1 km".
    who, date : str
        Who looked, and the day (ISO 8601).
    photos : str
        Names of photographs that the plan file keeps, with blanks between.
    """

    id: str
    about_id: str
    towards: str = ""
    seen: Seen = Seen.UNKNOWN
    visit: Visit = Visit.VISITED
    who: str = ""
    date: str = ""
    from_latitude: float | None = about(
        msg("Latitude of where somebody stood and looked."), default=None, unit="°", low=-90, high=90
    )
    from_longitude: float | None = about(
        msg("Longitude of where somebody stood and looked."), default=None, unit="°", low=-180, high=180
    )
    from_height_m: float | None = about(
        msg("Height from which was looked; empty: as high as the antenna will stand."),
        default=None, unit="m", low=0, high=150,
    )  # fmt: skip
    to_latitude: float | None = about(msg("Latitude of what was looked at."), default=None, unit="°", low=-90, high=90)
    to_longitude: float | None = about(
        msg("Longitude of what was looked at."), default=None, unit="°", low=-180, high=180
    )
    what: str = ""
    photos: str = ""
    note: str = ""

    @property
    def day(self) -> dt.date | None:
        """The day, None where it is not known."""
        try:
            return dt.date.fromisoformat(self.date[:10])
        except ValueError:
            return None

    def look_again(self, months: float) -> dt.date | None:
        """Return the day from which it is asked again, so many months after it was seen; None where no day is known."""
        day = self.day
        if day is None:
            return None
        year, month = divmod(day.year * 12 + day.month - 1 + round(months), 12)
        return dt.date(min(year, dt.date.max.year), month + 1, min(day.day, 28))

    @property
    def order(self) -> tuple[str, str]:
        """By which the newest comes last."""
        return self.date, self.id


def evidence_id(about_id: str, towards: str, day: str) -> str:
    """Return the id of what was seen on a day from a place: the same sheet typed twice is one row."""
    return ":".join(part for part in ("seen", about_id, towards, day[:10]) if part)


def photo_name(jpeg: bytes) -> str:
    """Return the name of a photograph: a digest of it."""
    return sha256(jpeg).hexdigest()[:20]


def newest(rows: Iterable[Evidence], about_id: str) -> dict[str, Evidence]:
    """Return what was seen last from a place, by the site looked at; under "" of the place itself."""
    found: dict[str, Evidence] = {}
    for one in sorted(rows, key=lambda row: row.order):
        if one.about_id == about_id:
            found[one.towards] = one
    return found


def line_seen(rows: Iterable[Evidence], first: str, second: str) -> Evidence | None:
    """Return what was seen last along the line between two things, from whichever end."""
    ends = {first, second}
    looks = [one for one in rows if one.seen is not Seen.UNKNOWN and {one.about_id, one.towards} == ends]
    return max(looks, key=lambda one: one.order, default=None)
