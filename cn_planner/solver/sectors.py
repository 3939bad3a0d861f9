"""Where the sectors of a site point: as few beams as hold every home in their width and their airtime.

A home whose signal has little to spare may stand less far off the middle of its beam than the beam's edge, where half
of the power is gone: its *reach*.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.solver.arcs import site_arcs

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class SectorBeam:
    """A sector: where it points, and which homes (by their place in the list given) it serves."""

    azimuth_deg: float
    homes: tuple[int, ...]
    airtime: float
    tilt_deg: float = 0.0


def beams(
    azimuth_deg: Sequence[float],
    airtime: Sequence[float],
    width_deg: float,
    reach_deg: Sequence[float] | None = None,
) -> tuple[SectorBeam, ...]:
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
    reach_deg : sequence of float, optional
        How far off the middle of its beam each home may stand, degrees; half the width where not given.
    """
    width = min(width_deg, 360.0)
    reach = [width / 2.0] * len(azimuth_deg) if reach_deg is None else [min(one, width / 2.0) for one in reach_deg]
    order = sorted(range(len(azimuth_deg)), key=lambda n: (azimuth_deg[n] % 360.0, n))
    if not order:
        return ()
    start = _best_start(
        [azimuth_deg[n] % 360.0 for n in order], [airtime[n] for n in order], width, [reach[n] for n in order]
    )
    found = _from(order[start:] + order[:start], azimuth_deg, airtime, width, reach)
    return tuple(sorted(found, key=lambda beam: (beam.azimuth_deg, beam.homes)))


def fewest_beams(
    azimuth_deg: Sequence[float], airtime: Sequence[float], width_deg: float, reach_deg: Sequence[float]
) -> tuple[SectorBeam, ...]:
    """Return sectors as `beams`, or as the arcs of the site hold the homes (`arcs`) where those are fewer."""
    round_about = beams(azimuth_deg, airtime, width_deg, reach_deg)
    half = min(width_deg, 360.0) / 2.0
    reach = [min(one, half) if half < 180.0 else 360.0 for one in reach_deg]
    packed = site_arcs(range(len(reach)), azimuth_deg, reach, airtime).packed(range(len(reach)))
    if len(packed) >= len(round_about):
        return round_about
    found = []
    for _, homes in packed:
        # The middle of what all of them allow, as they lie round the first.
        first = azimuth_deg[homes[0]]
        off = [(azimuth_deg[h] - first + 180.0) % 360.0 - 180.0 for h in homes]
        low = max(at - reach[h] for at, h in zip(off, homes, strict=True))
        high = min(at + reach[h] for at, h in zip(off, homes, strict=True))
        middle = (first + (low + high) / 2.0) % 360.0 if half < 180.0 else first % 360.0
        found.append(SectorBeam(middle, tuple(sorted(homes)), sum(airtime[h] for h in homes)))
    return tuple(sorted(found, key=lambda beam: (beam.azimuth_deg, beam.homes)))


class _Middle:
    """Where the middle of a beam may lie, for homes taken in and let go in the order of their directions."""

    def __init__(self) -> None:
        self._lows: deque[tuple[int, float]] = deque()
        self._highs: deque[tuple[int, float]] = deque()

    def fits(self, low: float, high: float) -> bool:
        """Return whether a beam can still hold one more home."""
        least = max(low, self._lows[0][1]) if self._lows else low
        most = min(high, self._highs[0][1]) if self._highs else high
        return least <= most + 1e-9

    def take(self, number: int, low: float, high: float) -> None:
        """Take a home in."""
        while self._lows and self._lows[-1][1] <= low:
            self._lows.pop()
        while self._highs and self._highs[-1][1] >= high:
            self._highs.pop()
        self._lows.append((number, low))
        self._highs.append((number, high))

    def drop(self, number: int) -> None:
        """Let the first home go."""
        for ends in (self._lows, self._highs):
            if ends and ends[0][0] == number:
                ends.popleft()


def _best_start(azimuth_deg: list[float], airtime: list[float], width_deg: float, reach_deg: list[float]) -> int:
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
    middle = _Middle()

    def bounds(number: int) -> tuple[float, float]:
        at = azimuth_deg[number % count] + 360.0 * (number // count)
        return at - reach_deg[number % count], at + reach_deg[number % count]

    for first in range(count):
        if stop <= first:
            middle.take(first, *bounds(first))
            stop = first + 1
        while (
            stop < first + count
            and (azimuth_deg[stop % count] - azimuth_deg[first]) % 360.0 <= width_deg + 1e-9
            and used[stop + 1] - used[first] <= 1.0 + 1e-9
            and middle.fits(*bounds(stop))
        ):
            middle.take(stop, *bounds(stop))
            stop += 1
        end[first] = stop
        middle.drop(first)
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
    order: list[int],
    azimuth_deg: Sequence[float],
    airtime: Sequence[float],
    width_deg: float,
    reach_deg: Sequence[float],
) -> tuple[SectorBeam, ...]:
    found: list[SectorBeam] = []
    mine: list[int] = []
    first = used = span = 0.0
    low, high = -math.inf, math.inf

    def close() -> None:
        # Amid its homes, as far as the weakest of them allows.
        found.append(SectorBeam((first + min(max(span / 2.0, low), high)) % 360.0, tuple(mine), used))

    for home in order:
        off = (azimuth_deg[home] - first) % 360.0
        narrow = max(low, off - reach_deg[home]) > min(high, off + reach_deg[home]) + 1e-9
        if mine and (off > width_deg + 1e-9 or used + airtime[home] > 1.0 + 1e-9 or narrow):
            close()
            mine = []
        if not mine:
            first, used, span, off = azimuth_deg[home] % 360.0, 0.0, 0.0, 0.0
            low, high = -math.inf, math.inf
        mine.append(home)
        used += airtime[home]
        span = max(span, off)
        low, high = max(low, off - reach_deg[home]), min(high, off + reach_deg[home])
    close()
    return tuple(found)
