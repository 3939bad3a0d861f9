"""The files that a plan's ground is made of: heights of the ground, heights of trees, land cover; and areas on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.fields import about


class FileKind(StrEnum):
    """What the numbers of a raster are."""

    ELEVATION = "elevation"
    TREES = "trees"
    LAND_COVER = "land-cover"


class Holds(StrEnum):
    """What heights of elevation stand for."""

    UNKNOWN = "unknown"
    GROUND = "ground"
    SURFACE = "surface"


@dataclass(frozen=True, slots=True)
class Zone:
    """An area on the ground, as one ring of (latitude, longitude): where nothing may be built, or a named area."""

    id: str
    name: str
    ring: tuple[tuple[float, float], ...]
    no_build: bool = True


@dataclass(frozen=True, slots=True)
class TerrainFile:
    """A raster that the plan uses, by where it is and what it holds.

    ``id`` is the file's name; ``path`` is relative to the plan file where it stands beside or below it. ``crs`` and
    ``unit`` are what was answered where the file itself does not say.
    """

    id: str
    path: str
    sha256: str
    cell_m: float
    source: str = ""
    licence: str = ""
    date: str = ""
    vertical_datum: str = ""
    priority: int = about(msg("Where files overlap, that of the greater number answers."), default=0)
    kind: FileKind = about(  # noqa: RUF009  # it is dataclasses.field
        msg("What its numbers are: elevation, trees (heights in m) or land-cover (classes)."),
        default=FileKind.ELEVATION,
    )
    holds: Holds = about(  # noqa: RUF009  # it is dataclasses.field
        msg("Whether its heights are those of the ground, or of a surface: of the tops of trees and houses."),
        default=Holds.UNKNOWN,
    )
    crs: str = ""
    unit: str = ""
    class_heights: str = about(
        msg("Heights of land cover that you know better, by class: “10=12; 50=4”, m above ground."), default=""
    )


HIGHEST_TREE_M = 130.0
"""No tree is known to be taller: the tallest, a coast redwood, has 116 m. What is beyond is a void: 255 above all."""
_MOST_CLASS = 60_000


def class_heights_of(text: str, *, where: str = "") -> dict[int, float]:
    """Return heights by class out of a text as “10=12; 50=4”.

    Raises
    ------
    InputError
        Where it is no such text, or a height cannot be.
    """
    found: dict[int, float] = {}
    for word in text.replace(";", " ").replace(",", " ").split():
        number, _, height = word.partition("=")
        try:
            one, high = int(number), float(height)
        except ValueError:
            one, high = -1, 0.0
        if not (0 <= one < _MOST_CLASS and 0.0 <= high <= HIGHEST_TREE_M):
            raise InputError(
                msg("{word} is no height of a class.", word=word[:40]),
                where=where,
                fix=msg("Write class=height, such as 10=12; 50=4, with heights of 0 to {high:g} m.",
                        high=HIGHEST_TREE_M),
            )  # fmt: skip
        found[one] = high
    return found
