"""What a map sheet shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.drawing.display import Symbol

if TYPE_CHECKING:
    from cn_planner.drawing.map_obstacles import MapObstacle
    from cn_planner.drawing.profile_chart import PathPart


@dataclass(frozen=True, slots=True)
class MapTower:
    """A mast: built by this plan, the gateway, or only suggested."""

    id: str
    name: str
    latitude: float
    longitude: float
    symbol: Symbol = Symbol.TOWER


@dataclass(frozen=True, slots=True)
class MapHome:
    """A home, a school or a clinic, or a public place; the symbol says which, and of homes whether they are reached."""

    latitude: float
    longitude: float
    symbol: Symbol = Symbol.HOME
    id: str = ""


@dataclass(frozen=True, slots=True)
class MapLink:
    """A link between two places; `sure` is a solid line, else it must be checked on site. `label` is set along it.

    Where `parts` are given, each is drawn as its state asks.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    sure: bool = True
    label: str = ""
    parts: tuple[PathPart, ...] = ()


@dataclass(frozen=True, slots=True)
class MapArea:
    """Where a roof antenna works: rings of (latitude, longitude), even-odd."""

    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class MapName:
    """The name of an area, such as a hamlet, set at its middle."""

    text: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class MapFar:
    """Something beyond the map: an arrow at its edge points there. ``text`` says what it is and how far off."""

    text: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class SheetContent:
    """What a map shows. Names are people's texts; `attribution` and `title` are sentences already said."""

    towers: tuple[MapTower, ...] = ()
    homes: tuple[MapHome, ...] = ()
    links: tuple[MapLink, ...] = ()
    areas: tuple[MapArea, ...] = ()
    obstacles: tuple[MapObstacle, ...] = ()
    names: tuple[MapName, ...] = ()
    far: tuple[MapFar, ...] = ()
    attribution: str = ""
    title: str = ""
