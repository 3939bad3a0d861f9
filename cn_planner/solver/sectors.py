"""Where the sectors of a site point: as few beams as hold every home in their width and their airtime.

A home whose signal has little to spare may stand less far off the middle of its beam than the beam's edge, where half
of the power is gone: its *reach*.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.progress import ALONE
from cn_planner.solver.arcs import site_arcs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.progress import Run

_TURN_DEG = 1.0
_TURNS = 6
_STARTS = 18
_TIGHTER = (1.0, 1.15, 1.35, 1.6, 2.0)
"""How much more than they take homes are counted for, where beams shall have time to spare for those of the next."""


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
    azimuth_deg: Sequence[float],
    airtime: Sequence[float],
    width_deg: float,
    reach_deg: Sequence[float],
    run: Run = ALONE,
) -> tuple[SectorBeam, ...]:
    """Return sectors as `beams`, or as the arcs of the site hold the homes (`arcs`) where those are fewer."""
    round_about = beams(azimuth_deg, airtime, width_deg, reach_deg)
    half = min(width_deg, 360.0) / 2.0
    reach = [min(one, half) if half < 180.0 else 360.0 for one in reach_deg]
    packed = site_arcs(range(len(reach)), azimuth_deg, reach, airtime).packed(range(len(reach)), run=run)
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


def beams_as_heard(
    azimuth_deg: Sequence[float],
    airtime: Sequence[float],
    width_deg: float,
    reach_deg: Sequence[float],
    run: Run = ALONE,
) -> tuple[SectorBeam, ...]:
    """Return sectors as `fewest_beams`, each with the airtime for the homes to which it points nearest.

    For on that one a home hangs, whichever it was counted to. Where turning the beams is not enough, they go round from
    other homes, and then there are more of them. What is still left over shows in `SectorBeam.airtime`.
    """
    found = fewest_beams(azimuth_deg, airtime, width_deg, reach_deg, run)
    if len(found) < 2:
        return found
    best = _as_heard(found, azimuth_deg, airtime, reach_deg, run)
    if _over(best) == 0.0:
        return best
    half = min(width_deg, 360.0) / 2.0
    reach = [min(one, half) for one in reach_deg]
    order = sorted(range(len(azimuth_deg)), key=lambda n: (azimuth_deg[n] % 360.0, n))
    for factor in _TIGHTER:
        tight = [min(one * factor, max(one, 1.0)) for one in airtime]
        for start in range(0, len(order), max(1, len(order) // _STARTS)):
            tried = _from(order[start:] + order[:start], azimuth_deg, tight, 2.0 * half, reach)
            if factor == 1.0 and len(tried) > len(found):
                continue
            one = _as_heard(tried, azimuth_deg, airtime, reach, run)
            if (_over(one), len(one)) < (_over(best), len(best)):
                best = one
        if _over(best) == 0.0:
            break
    return tuple(sorted(best, key=lambda beam: (beam.azimuth_deg, beam.homes)))


def _over(found: Sequence[SectorBeam]) -> float:
    """Return by how much beams of more than one home have too little airtime."""
    return math.fsum(max(round(one.airtime - 1.0, 9), 0.0) for one in found if len(one.homes) > 1)


def _as_heard(
    found: Sequence[SectorBeam],
    azimuth_deg: Sequence[float],
    airtime: Sequence[float],
    reach_deg: Sequence[float],
    run: Run,
) -> tuple[SectorBeam, ...]:
    """Return beams turned so that none has too little airtime for the homes to which it points nearest.

    Each turns no further than keeps the homes that it was given within its reach. Beams of which none has too little
    stay as they are, with those homes.
    """
    towards, share = np.asarray(azimuth_deg, np.float64) % 360.0, np.asarray(airtime, np.float64)
    reach = np.asarray(reach_deg, np.float64)
    given = np.zeros(len(towards), np.int64)
    for n, beam in enumerate(found):
        given[list(beam.homes)] = n
    middles = np.array([round(beam.azimuth_deg, 1) for beam in found])
    off = _off(towards, middles)
    if _too_much(off, share) == 0.0:
        return tuple(found)
    nearest = _two_nearest(off)
    best = math.inf, math.inf
    for _ in range(_TURNS):
        before = best
        for n in range(len(found)):
            run.check()  # in a town a mast sees thousands of homes: all of this takes minutes
            mine = given == n
            theirs = _signed(towards[mine] - middles[n])
            low, high = float((theirs - reach[mine]).max()), float((theirs + reach[mine]).min())
            turns = np.arange(math.ceil(min(low, 0.0) / _TURN_DEG), math.floor(max(high, 0.0) / _TURN_DEG) + 1)
            turned = np.round((middles[n] + turns * _TURN_DEG) % 360.0, 1)
            centre, half = middles[n] + (turns[0] + turns[-1]) / 2.0, (turns[-1] - turns[0]) / 2.0
            near = mine | (np.abs(_signed(towards - centre)) - half - _TURN_DEG <= nearest.without(n)[1])
            over, aside = _too_much_turned(_Turned(n, _off(towards[near], turned), near), nearest, off, given, share)
            one = int(np.lexsort((np.abs(turns), aside, over))[0])
            if (over[one], aside[one]) < best:
                best, middles[n] = (float(over[one]), float(aside[one])), turned[one]
                off[n] = _off(towards, turned[one : one + 1])[0]
                nearest.follow(off, n)
        if best[0] == 0.0 or best == before:
            break
    hang_on = off.argmin(axis=0)
    rows = []
    for n, beam in enumerate(found):
        homes = np.flatnonzero(hang_on == n)
        if len(homes):
            middle, used = float(middles[n]), float(share[homes].sum())
            rows.append(replace(beam, azimuth_deg=middle, homes=tuple(homes.tolist()), airtime=used))
    return tuple(rows)


def _signed(angle_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return angles between -180 and 180 degrees."""
    between: NDArray[np.float64] = (angle_deg + 180.0) % 360.0 - 180.0
    return between


def _off(towards: NDArray[np.float64], middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each home is off the middle of each beam, degrees: (beams, homes)."""
    off: NDArray[np.float64] = np.abs(_signed(towards[np.newaxis, :] - middles[:, np.newaxis])).round(6)
    return off


@dataclass(slots=True, eq=False)
class _Nearest:
    """The two beams nearest to each home, of equals the first: their numbers, and how far off it is, (2, homes)."""

    which: NDArray[np.int64]
    off_deg: NDArray[np.float64]

    def without(self, beam: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the nearest beam of each home beside one, and how far off it is; infinite where there is none."""
        first, which, off = self.which[0] != beam, self.which, self.off_deg
        return np.where(first, which[0], which[1]), np.where(first, off[0], off[1])

    def follow(self, off_deg: NDArray[np.float64], beam: int) -> None:
        """Take it that one of the beams was turned."""
        other = (self.which == beam).any(axis=0) | (off_deg[beam] <= self.off_deg[1])
        new = _two_nearest(off_deg[:, other])
        self.which[:, other], self.off_deg[:, other] = new.which, new.off_deg


def _two_nearest(off_deg: NDArray[np.float64]) -> _Nearest:
    rest, each = off_deg.copy(), np.arange(off_deg.shape[1])
    first = rest.argmin(axis=0)
    least = rest[first, each]
    rest[first, each] = np.inf
    second = rest.argmin(axis=0)
    return _Nearest(np.stack([first, second]), np.stack([least, rest[second, each]]))


def _too_much(off_deg: NDArray[np.float64], share: NDArray[np.float64]) -> float:
    """Return the airtime that beams lack for the homes nearest to them: ``off_deg`` of (beams, homes)."""
    nearest, count = off_deg.argmin(axis=0), len(off_deg)
    used = np.bincount(nearest, share, count).astype(np.float64)
    homes = np.bincount(nearest, minlength=count).astype(np.int64)
    return float(_lacking(used[np.newaxis], homes[np.newaxis])[0])


def _lacking(used: NDArray[np.float64], homes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the airtime that beams lack, of (choices, beams): what their homes take, and how many these are."""
    over = np.where(homes > 1, np.maximum(np.round(used - 1.0, 9), 0.0), 0.0)
    found: NDArray[np.float64] = np.round(over.sum(axis=1), 9)
    return found


class _Turned(NamedTuple):
    """Choices where a beam points: its number, how far off homes then are, (choices, those), and which homes those are.

    ``near``: all that are its own, and all to which it may come nearest.
    """

    beam: int
    off_deg: NDArray[np.float64]
    near: NDArray[np.bool_]


def _too_much_turned(
    turned: _Turned,
    nearest: _Nearest,
    off_deg: NDArray[np.float64],
    given: NDArray[np.int64],
    share: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the airtime that beams lack as one is turned, and how far homes are from their own, a choice each.

    Only the homes near that beam change with it: the others are summed once for all choices.
    """
    beam, off, near = turned
    count, far = len(off_deg), ~near
    other, rest = nearest.without(beam)
    own = off_deg[given, np.arange(len(given))]
    used = np.tile(np.bincount(other[far], share[far], count).astype(np.float64), (len(off), 1))
    homes = np.tile(np.bincount(other[far], minlength=count), (len(off), 1))
    aside = float((own - rest)[far] @ share[far])
    # In the order of the beams on which they hang otherwise, so that each of these has its sum.
    order = np.argsort(other[near], kind="stable")
    off, at = off[:, order], np.flatnonzero(near)[order]
    takes = (off < rest[at]) | ((off == rest[at]) & (beam < other[at]))
    beams, first = np.unique(other[at], return_index=True)
    used[:, beams] += np.add.reduceat(np.where(takes, 0.0, share[at]), first, axis=1)
    homes[:, beams] += np.add.reduceat(~takes, first, axis=1, dtype=np.int64)
    used[:, beam], homes[:, beam] = takes @ share[at], takes.sum(axis=1)
    mine = np.where(given[at] == beam, off, own[at])
    return _lacking(used, homes), np.round(aside + (mine - np.minimum(off, rest[at])) @ share[at], 9)


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
