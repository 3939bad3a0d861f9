"""Sectors as arcs: which homes of a site one beam can hold together, and how few beams hold those that it serves.

A home may stand so far off the middle of its beam: its *reach*. So it is an interval of directions, and a beam holds
all whose intervals hold its middle. Of all middles few differ: where an interval ends after another began, the set of
the intervals that hold that place is not part of any other (they are the maximal cliques of intervals on a circle).
Those places are the site's *arcs*, in the order round it. Each home lies in arcs that follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.progress import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from cn_planner.progress import Run

_HAIR = 1e-9
_FULL = 1.0 + 1e-9
_MOST_TRIED = 10
"""Homes that are parted among beams in every way: 59,049 steps."""


@dataclass(frozen=True, slots=True, eq=False)
class SectorArcs:
    """Directions of homes, one value a row of an instance's `serve`.

    Attributes
    ----------
    azimuth_deg : float64 array
        Of the home, from the site.
    reach_deg : float64 array of (rows, heights)
        How far off the middle of a beam it may stand, where the mast has that height or less: none falls with the
        height. 180 or more where anywhere, as at the mast itself.
    airtime : float64 array
        Share of a beam's time that it takes, at most 1; 0 at the mast.
    """

    azimuth_deg: NDArray[np.float64]
    reach_deg: NDArray[np.float64]
    airtime: NDArray[np.float64]


class ArcSpan(NamedTuple):
    """The arcs that hold a home, from the first to the last, round the circle; and the share of a beam that it takes.

    Where the last is before the first they go over the end of the list.
    """

    first: int
    last: int
    airtime: float

    def holds(self, arc: int) -> bool:
        """Return whether an arc is among them."""
        if self.first <= self.last:
            return self.first <= arc <= self.last
        return arc >= self.first or arc <= self.last


@dataclass(frozen=True, slots=True, eq=False)
class SiteArcs:
    """The arcs of a site: how many, and which of them hold each home where the site stands at a level, by level."""

    count: int
    spans: dict[int, tuple[ArcSpan, ...]]

    def packed(self, homes: Iterable[int], level: int = -1, run: Run = ALONE) -> list[tuple[int, list[int]]]:
        """Return beams that hold homes, each its arc and its homes: as few as taking the first to end finds.

        Where no beam's time is full there are no fewer: from each arc that holds the home with the fewest of them, the
        rest is a line, and there what ends first decides.
        """
        mine = [(home, self.spans[home][level]) for home in homes]
        if not mine:
            return []
        rarest = min(mine, key=lambda one: ((one[1].last - one[1].first) % self.count, one[0]))[1]
        width = (rarest.last - rarest.first) % self.count + 1
        best: list[tuple[int, list[int]]] | None = None
        for step in range(width):
            run.check()  # of thousands of homes all of this takes seconds
            found = self._from((rarest.first + step) % self.count, mine)
            if best is None or len(found) < len(best):
                best = found
        assert best is not None  # noqa: S101  # a home lies in one arc at least
        return best

    def fewest(self, homes: Sequence[int]) -> int | None:
        """Return how many beams hold homes at least, each of them whole in one, at the greatest height.

        By trying all ways to part them; None where they are too many for that.
        """
        if len(homes) > _MOST_TRIED:
            return None
        spans = [self.spans[home][-1] for home in homes]
        held = [sum(1 << n for n, span in enumerate(spans) if span.holds(arc)) for arc in range(self.count)]
        fits = [False] * (1 << len(homes))
        for some in range(1, len(fits)):
            used = sum(span.airtime for n, span in enumerate(spans) if some >> n & 1)
            alone = some & (some - 1) == 0
            fits[some] = (alone or used <= _FULL) and any(some & ~arc == 0 for arc in held)
        least = [0] * len(fits)
        for some in range(1, len(fits)):
            first, part, found = some & -some, some, len(homes)
            while part:  # every part of them that has the first
                if part & first and fits[part]:
                    found = min(found, 1 + least[some & ~part])
                part = (part - 1) & some
            least[some] = found
        return least[-1]

    def _from(self, arc: int, mine: Sequence[tuple[int, ArcSpan]]) -> list[tuple[int, list[int]]]:
        """Return beams that begin with an arc and go round."""
        count, found = self.count, list[tuple[int, list[int]]]()
        # By the steps from that arc to their last one: those that hold it come back to it at the end of the round.
        left = sorted(mine, key=lambda one: ((one[1].last - arc) % count, one[0]))
        at, least = arc, min((span.airtime for _, span in mine), default=0.0)
        while left:
            used, taken, rest = 0.0, list[int](), list[tuple[int, ArcSpan]]()
            for number, (home, span) in enumerate(left):
                if taken and used + least > _FULL:  # nobody else has time in it
                    rest += left[number:]
                    break
                if span.holds(at) and (not taken or used + span.airtime <= _FULL):
                    taken.append(home)
                    used += span.airtime
                else:
                    rest.append((home, span))
            if taken:
                found.append((at, taken))
            left = rest
            if left:
                at = left[0][1].last
        return found


def site_arcs(
    homes: Sequence[int],
    azimuth_deg: Sequence[float],
    reach_deg: Sequence[float] | NDArray[np.float64],
    airtime: Sequence[float],
) -> SiteArcs:
    """Return the arcs of a site.

    Parameters
    ----------
    homes : sequence of int
        Numbers of the homes that it may serve.
    azimuth_deg, airtime : sequences of float, one a home
        As in `SectorArcs`.
    reach_deg : float64 array of (homes, levels), or one a home
        The same; of the levels that the site may have.
    """
    share = np.minimum(np.asarray(airtime, np.float64), 1.0).tolist()
    towards = np.asarray(azimuth_deg, np.float64) % 360.0
    reach = np.asarray(reach_deg, np.float64)
    reach = reach if reach.ndim > 1 else reach[:, np.newaxis]
    places = _places(towards, reach)
    spans: dict[int, tuple[ArcSpan, ...]] = {}
    for home, at, far, used in zip(homes, towards.tolist(), reach.tolist(), share, strict=True):
        off = _off(places, at)
        of = {one: _span(off <= one + _HAIR, used) if one < 180.0 else ArcSpan(0, len(places) - 1, used) for one in far}
        spans[home] = tuple(of[one] for one in far)
    return SiteArcs(len(places), spans)


def spans_of(
    azimuth_deg: NDArray[np.float64], reach_deg: NDArray[np.float64]
) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """Return how many arcs a site has, and from which to which of them hold each home; as `site_arcs`, of one level.

    Parameters
    ----------
    azimuth_deg, reach_deg : float64 arrays, one value a home
        As in `SectorArcs`.
    """
    towards = azimuth_deg % 360.0
    places = _places(towards, reach_deg[:, np.newaxis])
    count = len(places)
    first = np.searchsorted(places, (towards - reach_deg - _HAIR) % 360.0, "left") % count
    last = (np.searchsorted(places, (towards + reach_deg + _HAIR) % 360.0, "right") - 1) % count
    everywhere = reach_deg >= 180.0 - _HAIR
    first[everywhere], last[everywhere] = 0, count - 1
    return count, first.astype(np.int64), last.astype(np.int64)


def _span(inside: NDArray[np.bool_], airtime: float) -> ArcSpan:
    """Return the arcs of a home: they follow each other."""
    if inside.all():
        return ArcSpan(0, len(inside) - 1, airtime)
    # The first of them is the one before which there is none.
    first = np.flatnonzero(inside & ~np.roll(inside, 1))
    last = np.flatnonzero(inside & ~np.roll(inside, -1))
    return ArcSpan(int(first[0]), int(last[0]), airtime)


def _off(places: NDArray[np.float64], azimuth_deg: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.abs((places - azimuth_deg + 180.0) % 360.0 - 180.0)
    return found


def _places(azimuth_deg: NDArray[np.float64], reach_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middles of beams that hold sets which are part of no other, rising; at whatever level."""
    towards, reach = np.broadcast_to(azimuth_deg[:, np.newaxis], reach_deg.shape).ravel(), reach_deg.ravel()
    towards, reach = towards[reach < 180.0], reach[reach < 180.0]
    if not len(towards):
        return np.zeros(1)
    ends = np.unique(np.round((towards + reach) % 360.0, 9))
    begins = np.unique(np.round((towards - reach) % 360.0, 9))
    if len(ends) == 1:
        return ends
    before, span = np.roll(ends, 1), (ends - np.roll(ends, 1)) % 360.0
    # Whether an interval begins after the end before and no later than this one: that which begins next after it does.
    near = np.searchsorted(begins, before)[:, np.newaxis] + np.arange(-2, 4)
    off = (begins[near % len(begins)] - before[:, np.newaxis]) % 360.0
    kept = ((off > _HAIR) & (off <= span[:, np.newaxis] + _HAIR)).any(axis=1)
    found: NDArray[np.float64] = ends[kept] if kept.any() else ends[:1]
    return found
