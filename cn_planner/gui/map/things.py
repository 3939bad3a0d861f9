"""What the map's layers, tools and signals speak of: things by kind and id, lines with their state, suggestions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Thing(NamedTuple):
    """Something of the plan: ``kind`` is site, household, obstacle, link, zone or suggestion."""

    kind: str
    id: str


SEVERAL = "several"
"""The kind of a selection of more than one thing; its id is what `several` makes of them."""


def several(things: Iterable[Thing]) -> str:
    """Return many things as one id."""
    return json.dumps(sorted(things))


def of_several(key: str) -> tuple[Thing, ...]:
    """Return the things of an id of many."""
    return tuple(Thing(*one) for one in json.loads(key))


class End(NamedTuple):
    """One end of a line that is being drawn: a place, and the thing that stands there, if any."""

    latitude: float
    longitude: float
    thing: Thing | None = None


class State(StrEnum):
    """How a link, or a part of it, stands."""

    CLEAR = "clear"
    GRAZING = "grazing"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Segment(NamedTuple):
    """A part of a line, as fractions of its length."""

    start: float
    end: float
    state: State


@dataclass(frozen=True, slots=True)
class PathLine:
    """A line between two places with the state of its parts.

    Attributes
    ----------
    a, b : (latitude, longitude)
    segments : tuple of Segment
        In order. Without any the whole line is of `state`.
    state : State
        What the line as a whole amounts to: CLEAR is likely, GRAZING is to be checked on site.
    """

    a: tuple[float, float]
    b: tuple[float, float]
    segments: tuple[Segment, ...] = ()
    state: State = State.UNKNOWN


@dataclass(frozen=True, slots=True)
class Ghost:
    """A suggested site: drawn dashed until it is accepted. ``label`` is a sentence already said."""

    id: str
    latitude: float
    longitude: float
    label: str = ""
