"""What people saw along a path, in place of what maps say of it: the one place where evidence outranks prediction.

Eyes tell what stands in the line; they cannot tell a level. Seen clear, nothing in the way costs signal, and the path
counts as clear with the chance that somebody looked at the right hill (`SURE`). Trees: enough is not clear, and what
passes is to be measured. Hidden: nothing passes but what bends over hills (`links.sight.bends`).

A look counts where both ends still stand within `SAME_M` of where they stood then. What is clear from a height is clear
from above it, what is not is not from below it. Of several looks along one line the newest counts.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.geo import rough_distances_m
from cn_planner.links.sight import Sight, bends
from cn_planner.message import Message, msg
from cn_planner.model.evidence import SAME_M, Evidence, Seen
from cn_planner.propagation.clearance import ENOUGH_F1
from cn_planner.propagation.free_space import free_space_loss_db

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.terrain.profile import PathProfile

SURE = 0.97
"""An assumption: one look in thirty was at the wrong hill, or at leaves that were not out."""
_NOT_ENOUGH_F1 = ENOUGH_F1 / 2.0
_EXACT_DEG = 1e-9
_KEPT = 4


class SeenLine(NamedTuple):
    """One line that counts: its ends in degrees, the first where somebody stood; how high; and what they saw."""

    first: tuple[float, float]
    second: tuple[float, float]
    from_height_m: float | None
    seen: str
    who: str
    date: str

    def holds(self, height_m: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether it counts for antennas so high at its first end."""
        if self.from_height_m is None:
            return np.ones(np.shape(height_m), np.bool_)
        if self.seen == Seen.CLEAR:
            return np.asarray(height_m >= self.from_height_m - 1e-6)
        return np.asarray(height_m <= self.from_height_m + 1e-6)

    def on(self, sight: Sight, loss_db: Any, free_db: Any, freq_mhz: float) -> tuple[Sight, Any]:
        """Return how clear paths are, and their loss, by what was seen; arrays of one shape.

        ``free_db`` is the loss where nothing stands in the way: that of free space, with what the air takes.
        """
        f1, clear, passes = (np.asarray(one, np.float64) for one in sight[:3])
        if self.seen == Seen.CLEAR:
            f1, clear = np.maximum(f1, ENOUGH_F1), np.maximum(clear, SURE)  # NaN stays: terrain is missing
            passes = np.minimum(passes, 1.0 - clear)
            loss_db = np.minimum(loss_db, free_db)
        elif self.seen == Seen.TREES:
            f1, passes = np.minimum(f1, _NOT_ENOUGH_F1), np.minimum(clear + passes, 1.0)
            clear = np.zeros_like(clear)
        else:
            f1, passes = np.minimum(f1, 0.0), np.minimum(clear + passes, bends(freq_mhz))
            clear = np.zeros_like(clear)
        return sight._replace(clearance_f1=f1, clear=clear, passes=passes), loss_db


SeenLines = tuple[SeenLine, ...]


class Look(NamedTuple):
    """What was seen along a line, and the two things at its ends, the first where somebody stood."""

    row: Evidence
    here: Site | Household
    there: Site | Household


Looks = dict[tuple[tuple[str, str], ...], Look]
_lock = Lock()
_known: list[tuple[tuple[Any, ...], Looks]] = []


def lines_seen(plan: Plan) -> SeenLines:
    """Return the lines that people looked along and that count today."""
    return tuple(map(_line_of, looks_that_count(plan)))


def _line_of(look: Look) -> SeenLine:
    one, here, there = look
    ends = (here.latitude, here.longitude), (there.latitude, there.longitude)
    return SeenLine(*ends, one.from_height_m, one.seen.value, one.who, one.date)


def line_along(plan: Plan, one: tuple[Site, float], other: tuple[Site, float]) -> SeenLine | None:
    """Return the look that counts between the antennas of two sites, each with its height, m; None where none does."""
    look = _looks(plan).get(_between(one[0], other[0]))
    if look is None:
        return None
    line, stood_m = _line_of(look), one[1] if look.here.id == one[0].id else other[1]
    return line if bool(line.holds(np.asarray(stood_m))) else None


def looks_that_count(plan: Plan) -> tuple[Look, ...]:
    """Return the newest look along each line both of whose ends still stand where they stood then."""
    return tuple(_looks(plan).values())


def look_along(plan: Plan, one: Site | Household, other: Site | Household) -> Evidence | None:
    """Return the look that counts along the line between two things, from whichever end."""
    look = _looks(plan).get(_between(one, other))
    return None if look is None else look.row


def _between(*ends: Site | Household) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((type(end).__name__, end.id) for end in ends))


def _looks(plan: Plan) -> Looks:
    """Return the looks that count; those of the last plans are kept."""
    if not plan.evidence:
        return {}
    of = plan.evidence, plan.sites, plan.households
    with _lock:
        for key, found in _known:
            if all(mine is its for mine, its in zip(of, key, strict=True)):
                return found
    found = _newest(plan)
    with _lock:
        _known.insert(0, (of, found))
        del _known[_KEPT:]
    return found


def _newest(plan: Plan) -> Looks:
    looks: Looks = {}
    for one in sorted(plan.evidence.values(), key=lambda row: row.order):
        if not one.towards or one.seen is Seen.UNKNOWN:
            continue
        here = _standing(plan, one.about_id, one.from_latitude, one.from_longitude)
        there = _standing(plan, one.towards, one.to_latitude, one.to_longitude)
        if here is not None and there is not None:
            looks[_between(here, there)] = Look(one, here, there)
    return looks


def _standing(plan: Plan, key: str, latitude: float | None, longitude: float | None) -> Site | Household | None:
    """Return the site or home of this id that stands there still; of both the nearer one, or else the site."""
    named = [one for one in (plan.sites.get(key), plan.households.get(key)) if one is not None]
    if latitude is None or longitude is None:
        return named[0] if named else None
    away = [_away_m(one, latitude, longitude) for one in named]
    nearest = min(range(len(named)), key=lambda n: away[n], default=None)
    return None if nearest is None or away[nearest] > SAME_M else named[nearest]


def _away_m(thing: Site | Household, latitude: float, longitude: float) -> float:
    return float(rough_distances_m(latitude, longitude, np.array([thing.latitude]), np.array([thing.longitude]))[0])


def path_as_seen(
    lines: SeenLines, profile: PathProfile, heights_m: tuple[float, float], sight: Sight, loss_db: float,
    freq_mhz: float, air_db: float = 0.0,
) -> tuple[Sight, float, SeenLine | None]:  # fmt: skip
    """Return how clear one path is and its loss, by what was seen along it; and what that was, None where nothing.

    ``air_db``: what gases and rain take, dB: no eye sees that they do not.
    """
    ends = [(float(profile.latitude[n]), float(profile.longitude[n])) for n in (0, -1)]
    for line in lines:
        for turned, (first, second) in enumerate((ends, ends[::-1])):
            if at_spot(*first, line.first) and at_spot(*second, line.second):
                if not bool(line.holds(np.asarray(heights_m[turned]))):
                    return sight, loss_db, None
                free = float(free_space_loss_db(profile.length_m, freq_mhz)) + air_db
                found, lost = line.on(sight, loss_db, free, freq_mhz)
                plain = Sight(*(float(one) for one in found))
                return plain, float(lost), line
    return sight, loss_db, None


def at_spot(latitude: Any, longitude: Any, spot: tuple[float, float]) -> NDArray[np.bool_]:
    """Return which places, in degrees, are one spot: as two numbers of one place differ, no more."""
    return np.asarray((np.abs(latitude - spot[0]) < _EXACT_DEG) & (np.abs(longitude - spot[1]) < _EXACT_DEG))


def fix_of_seen(line: SeenLine) -> Message | None:
    """Return what to do about what was seen, where the map knows of nothing that is in the way."""
    if line.seen == Seen.TREES:
        return msg("Look along the path from both ends, or put the antennas higher.")
    if line.seen == Seen.HIDDEN:
        return msg("Look at it from both ends before anything is bought; a higher mast, or a tower in between.")
    return None


def with_what_was_seen(line: SeenLine, reason: Message) -> Message:
    """Return what was seen, before what the map says."""
    when = ", ".join(filter(None, (line.who, line.date))) or "-"
    if line.seen == Seen.CLEAR:
        return msg("Seen clear on site ({when}): that counts. The map says: {reason}", when=when, reason=reason)
    if line.seen == Seen.TREES:
        return msg("Trees seen in between ({when}): that counts. The map says: {reason}", when=when, reason=reason)
    return msg("Seen hidden on site ({when}): that counts. The map says: {reason}", when=when, reason=reason)
