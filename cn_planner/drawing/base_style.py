"""How a base map looks, in the window and on paper alike: one table of its classes, from the lowest to the topmost."""

from __future__ import annotations

from dataclasses import dataclass

from cn_planner.drawing.palette import Role


@dataclass(frozen=True, slots=True)
class BaseLook:
    """How a class is drawn: its colour, its width in layout pixels at zoom 15, and from which zoom on."""

    role: Role
    width: float
    least_zoom: float
    dashed: bool = False
    edged: bool = False
    """Whether it has an edge on both sides: what is paler than the ground."""


AREAS = {
    "forests": BaseLook(Role.FOREST, 0.0, 7.0),
    "lakes": BaseLook(Role.LAKE, 0.0, 6.0),
    "buildings": BaseLook(Role.BUILDING, 0.0, 13.5),
}
RIVERS = {
    "stream": BaseLook(Role.RIVER, 1.0, 12.0),
    "river": BaseLook(Role.RIVER, 2.4, 8.0),
}
ROADS = {
    "path": BaseLook(Role.TRACK, 1.0, 13.5, dashed=True),
    "track": BaseLook(Role.TRACK, 1.3, 12.5, dashed=True),
    "street": BaseLook(Role.STREET, 3.0, 12.5, edged=True),
    "road": BaseLook(Role.ROAD, 4.0, 9.5, edged=True),
    "main": BaseLook(Role.MAIN_ROAD, 5.0, 6.0, edged=True),
}
OTHER = {"": BaseLook(Role.OTHER_LINE, 0.8, 6.0)}
"""What a file has that no class of ours is for."""
DASH = (4.0, 2.5)
"""Of what is dashed, in widths of its line."""
NAME_ZOOM = {
    **dict.fromkeys(("city", "town"), 6.0),
    "village": 10.0,
    **dict.fromkeys(("suburb", "hamlet"), 12.0),
    **dict.fromkeys(("neighbourhood", "peak"), 13.0),
    **dict.fromkeys(("isolated_dwelling", "locality"), 14.0),
}
"""From which zoom on the name of a place is drawn."""
LARGE = frozenset({"city", "town", "village"})
"""Places whose names are darker."""
_NAME_SIZE = {"city": 14.0, "town": 13.0, "village": 12.0}


def grown(zoom: float) -> float:
    """Return by how much lines are wider than at zoom 15: half as wide three zooms further out, at most twice."""
    return float(min(max(2.0 ** ((zoom - 15.0) / 3.0), 0.3), 2.0))


def name_face(kind: str) -> tuple[float, bool]:
    """Return the size of a name in layout pixels, and whether it is bold."""
    return _NAME_SIZE.get(kind, 11.0), kind in {"city", "town"}
