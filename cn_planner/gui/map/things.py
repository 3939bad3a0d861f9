"""What the map's layers, tools and signals speak of: ends of lines, lines with their state, suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.service.path_view import PathState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.gui.kinds import Thing
    from cn_planner.service.path_view import Segment


class End(NamedTuple):
    """One end of a line that is being drawn: a place, and the thing that stands there, if any."""

    latitude: float
    longitude: float
    thing: Thing | None = None


@dataclass(frozen=True, slots=True)
class PathLine:
    """A line between two places with the state of its parts.

    Attributes
    ----------
    a, b : (latitude, longitude)
    segments : tuple of Segment
        In order. Without any the whole line is of `state`.
    state : PathState
        What the line as a whole amounts to: CLEAR is likely, GRAZING is to be checked on site.
    """

    a: tuple[float, float]
    b: tuple[float, float]
    segments: tuple[Segment, ...] = ()
    state: PathState = PathState.UNKNOWN


@dataclass(frozen=True, slots=True)
class HeldTower:
    """What goes with a tower that is carried.

    Attributes
    ----------
    words : tuple of str
        Said below it, a line each.
    homes : tuple of (latitude, longitude)
        That it sees from there.
    links : mapping of str to PathLine
        How its links would stand, by id; those that are not there are not computed yet.
    """

    words: tuple[str, ...]
    homes: tuple[tuple[float, float], ...]
    links: Mapping[str, PathLine]


@dataclass(frozen=True, slots=True)
class Ghost:
    """A suggested site: drawn dashed until it is accepted. ``label`` is a sentence already said."""

    id: str
    latitude: float
    longitude: float
    label: str = ""
