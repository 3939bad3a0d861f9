"""Where the sectors of a site point: as few beams as hold every home in their width and their airtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    order = sorted(range(len(azimuth_deg)), key=lambda n: (azimuth_deg[n] % 360.0, n))
    best: tuple[Beam, ...] = ()
    for start in range(len(order)):
        found = _from(order[start:] + order[:start], azimuth_deg, airtime, min(width_deg, 360.0))
        if not best or _rank(found) < _rank(best):
            best = found
    return tuple(sorted(best, key=lambda beam: (beam.azimuth_deg, beam.homes)))


def _rank(found: tuple[Beam, ...]) -> tuple[int, float]:
    return len(found), max(beam.airtime for beam in found)


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
