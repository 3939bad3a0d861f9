"""Where the sectors of a site point: as few beams as hold every home in their width and their airtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Beam:
    """A sector: where it points, and which homes (by their place in the list given) it serves."""

    azimuth_deg: float
    homes: tuple[int, ...]
    airtime: float


def beams(azimuth_deg: Sequence[float], airtime: Sequence[float], width_deg: float) -> tuple[Beam, ...]:
    """Return sectors that serve homes in these directions.

    Going round from every home in turn, a beam takes homes while its width and its airtime allow; the start with the
    fewest beams wins, then the one whose busiest beam is least busy.

    Parameters
    ----------
    azimuth_deg : sequence of float
        Direction of each home, degrees.
    airtime : sequence of float
        Share of a sector's time that each home takes at the busy hour. One home of more than 1 still gets a beam.
    width_deg : float
        Half-power width of the sector.
    """
    width = min(width_deg, 360.0)
    order = sorted(range(len(azimuth_deg)), key=lambda n: (azimuth_deg[n] % 360.0, n))
    if not order:
        return ()
    start = _best_start([azimuth_deg[n] % 360.0 for n in order], [airtime[n] for n in order], width)
    found = _from(order[start:] + order[:start], azimuth_deg, airtime, width)
    return tuple(sorted(found, key=lambda beam: (beam.azimuth_deg, beam.homes)))


def _best_start(azimuth_deg: list[float], airtime: list[float], width_deg: float) -> int:
    """Return the home, of homes in the order of their directions, from which to go round.

    Where a beam ends that begins at a home does not depend on where the round began, so all rounds are gone at once,
    beam by beam.
    """
    count = len(azimuth_deg)
    used = np.zeros(2 * count + 1)
    np.cumsum(airtime + airtime, out=used[1:])
    # As far round as the next beam begins, and what a beam takes that is cut off before.
    end = np.empty(2 * count, np.int64)
    stop = 0
    for first in range(count):
        stop = max(stop, first + 1)
        while (
            stop < first + count
            and (azimuth_deg[stop % count] - azimuth_deg[first]) % 360.0 <= width_deg + 1e-9
            and used[stop + 1] - used[first] <= 1.0 + 1e-9
        ):
            stop += 1
        end[first] = stop
    end[count:] = end[:count] + count
    starts = np.arange(count)
    at, last = starts.copy(), starts + count
    beams_of, busiest = np.zeros(count, np.int64), np.zeros(count)
    going = starts
    while len(going):
        here = at[going]
        to = np.minimum(end[here], last[going])
        busiest[going] = np.maximum(busiest[going], used[to] - used[here])
        beams_of[going] += 1
        at[going] = to
        going = going[to < last[going]]
    # Sums that are equal differ in their last digits by where they begin.
    return int(np.lexsort((starts, np.round(busiest, 9), beams_of))[0])


def _from(
    order: list[int], azimuth_deg: Sequence[float], airtime: Sequence[float], width_deg: float
) -> tuple[Beam, ...]:
    found: list[Beam] = []
    mine: list[int] = []
    first = used = span = 0.0
    for home in order:
        off = (azimuth_deg[home] - first) % 360.0
        if mine and (off > width_deg + 1e-9 or used + airtime[home] > 1.0 + 1e-9):
            found.append(Beam((first + span / 2.0) % 360.0, tuple(mine), used))
            mine = []
        if not mine:
            first, used, span, off = azimuth_deg[home] % 360.0, 0.0, 0.0, 0.0
        mine.append(home)
        used += airtime[home]
        span = max(span, off)
    found.append(Beam((first + span / 2.0) % 360.0, tuple(mine), used))
    return tuple(found)
