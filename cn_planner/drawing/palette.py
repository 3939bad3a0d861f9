"""Colours by role: one table a theme, so that a drawing never names a colour.

The hues come from the Okabe-Ito palette (Okabe and Ito, 2008), which people with any colour vision tell apart, darkened
where thin lines need contrast. Lightness differs wherever the meaning differs, so that a copy in black and white reads.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """What a colour is for."""

    PAPER = "paper"
    PLATE = "plate"
    INK = "ink"
    MUTED = "muted"
    GRID = "grid"
    ACCENT = "accent"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    TOWER = "tower"
    LINK = "link"
    COVERAGE = "coverage"
    NO_TERRAIN = "no_terrain"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    GROUND = "ground"
    GROUND_EDGE = "ground_edge"
    BULGE = "bulge"
    COVER = "cover"
    ZONE = "zone"
    PUBLIC = "public"
    """Public places, and who reaches the network on foot."""
    FOREST = "forest"
    LAKE = "lake"
    RIVER = "river"
    BUILDING = "building"
    TRACK = "track"
    STREET = "street"
    ROAD = "road"
    MAIN_ROAD = "main_road"
    ROAD_EDGE = "road_edge"
    OTHER_LINE = "other_line"


class Theme(StrEnum):
    """Where a drawing is looked at."""

    LIGHT = "light"
    DARK = "dark"
    PRINT = "print"
    BLACK_AND_WHITE = "black_and_white"


_LIGHT = {
    Role.PAPER: "#ffffff",
    Role.PLATE: "#ffffff",
    Role.INK: "#1c2b2d",
    Role.MUTED: "#5c6a6c",
    Role.GRID: "#d3d9d9",
    Role.ACCENT: "#0b5d4f",
    Role.REACHED: "#12343b",
    Role.NOT_REACHED: "#12343b",
    Role.TOWER: "#12343b",
    Role.LINK: "#12343b",
    Role.COVERAGE: "#00735c",
    Role.NO_TERRAIN: "#8a8f90",
    Role.GOOD: "#0b6e5f",
    Role.CAUTION: "#a86200",
    Role.BAD: "#b3261e",
    Role.GROUND: "#cdbfa8",
    Role.GROUND_EDGE: "#6d5f48",
    Role.BULGE: "#b7a78b",
    Role.COVER: "#6f9e63",
    Role.ZONE: "#0072b2",
    Role.PUBLIC: "#00527f",
    Role.FOREST: "#c3d9b4",
    Role.LAKE: "#b4d4e6",
    Role.RIVER: "#8fbcd6",
    Role.BUILDING: "#c9bdb0",
    Role.TRACK: "#a08a72",
    Role.STREET: "#ffffff",
    Role.ROAD: "#fff3c4",
    Role.MAIN_ROAD: "#ffdf9e",
    Role.ROAD_EDGE: "#b3a894",
    Role.OTHER_LINE: "#9a948c",
}
_DARK = {
    Role.PAPER: "#14191a",
    Role.PLATE: "#1f2729",
    Role.INK: "#eef2f2",
    Role.MUTED: "#a9b5b6",
    Role.GRID: "#3a4547",
    Role.ACCENT: "#5fd0b4",
    Role.REACHED: "#e8f5f2",
    Role.NOT_REACHED: "#e8f5f2",
    Role.TOWER: "#ffffff",
    Role.LINK: "#d7efe9",
    Role.COVERAGE: "#4cc3a5",
    Role.NO_TERRAIN: "#7b8486",
    Role.GOOD: "#5fd0b4",
    Role.CAUTION: "#f0b04a",
    Role.BAD: "#ff7f70",
    Role.GROUND: "#5a5142",
    Role.GROUND_EDGE: "#b9a98b",
    Role.BULGE: "#463f33",
    Role.COVER: "#7fb072",
    Role.ZONE: "#6bb6e8",
    Role.PUBLIC: "#8cc8f0",
    Role.FOREST: "#2f4636",
    Role.LAKE: "#2c4a5a",
    Role.RIVER: "#3f6578",
    Role.BUILDING: "#5d5751",
    Role.TRACK: "#8d8272",
    Role.STREET: "#6f7475",
    Role.ROAD: "#8b8468",
    Role.MAIN_ROAD: "#a4906a",
    Role.ROAD_EDGE: "#2b2f30",
    Role.OTHER_LINE: "#7b7f80",
}
_BLACK_AND_WHITE = {
    Role.PAPER: "#ffffff",
    Role.PLATE: "#ffffff",
    Role.INK: "#000000",
    Role.MUTED: "#4a4a4a",
    Role.GRID: "#cfcfcf",
    Role.ACCENT: "#000000",
    Role.REACHED: "#000000",
    Role.NOT_REACHED: "#000000",
    Role.TOWER: "#000000",
    Role.LINK: "#000000",
    Role.COVERAGE: "#3c3c3c",
    Role.NO_TERRAIN: "#8a8a8a",
    Role.GOOD: "#000000",
    Role.CAUTION: "#000000",
    Role.BAD: "#000000",
    Role.GROUND: "#d4d4d4",
    Role.GROUND_EDGE: "#4a4a4a",
    Role.BULGE: "#b4b4b4",
    Role.COVER: "#8c8c8c",
    Role.ZONE: "#3c3c3c",
    Role.PUBLIC: "#000000",
    Role.FOREST: "#c7c7c7",
    Role.LAKE: "#cdcdcd",
    Role.RIVER: "#b3b3b3",
    Role.BUILDING: "#bdbdbd",
    Role.TRACK: "#898989",
    Role.STREET: "#ffffff",
    Role.ROAD: "#e2e2e2",
    Role.MAIN_ROAD: "#cfcfcf",
    Role.ROAD_EDGE: "#a4a4a4",
    Role.OTHER_LINE: "#939393",
}
# The base map keeps behind the plan, and is told apart in a grey copy too: white roads in dark edges, darker water.
_ON_PAPER = {
    Role.LAKE: "#a9c6d8",
    Role.RIVER: "#5f8fae",
    Role.TRACK: "#75685a",
    Role.STREET: "#ffffff",
    Role.ROAD: "#ffffff",
    Role.MAIN_ROAD: "#ffffff",
    Role.ROAD_EDGE: "#6a6a66",
}

PALETTES: Mapping[Theme, Mapping[Role, str]] = MappingProxyType(
    {
        Theme.LIGHT: MappingProxyType(_LIGHT),
        Theme.DARK: MappingProxyType(_DARK),
        # What is printed in colour is copied in grey: the light roles are dark enough on paper.
        Theme.PRINT: MappingProxyType(_LIGHT | _ON_PAPER),
        Theme.BLACK_AND_WHITE: MappingProxyType(_BLACK_AND_WHITE),
    }
)


def colour(role: Role, theme: Theme = Theme.LIGHT) -> str:
    """Return the colour of a role as ``#rrggbb``."""
    return PALETTES[theme][role]


def rgb(ink: str) -> tuple[int, int, int]:
    """Return red, green, blue of ``#rrggbb``."""
    return int(ink[1:3], 16), int(ink[3:5], 16), int(ink[5:7], 16)


VIRIDIS = ("#fde725", "#5ec962", "#21918c", "#3b528b", "#440154")
"""Colours that people with any colour vision tell apart, light to dark (van der Walt and Smith, 2015)."""
_VIRIDIS_8 = ("#fde725", "#a0da39", "#4ac16d", "#1fa187", "#277f8e", "#365c8d", "#46327e", "#440154")
"""The same in finer steps."""
OTHERS = "#d9d9d9"
"""What is known and is not what a map is about."""
_OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#882255")
"""Okabe and Ito's colours, those that differ most first; Tol's wine for black, which would read as ink."""
_TINTS = ((1.0, 0), (0.55, 255), (0.6, 0))
"""As they are, mixed with white, mixed with black."""


def colour_steps(count: int) -> tuple[str, ...]:
    """Return colours for so many steps of one thing, light to dark; of more than eight some are the same."""
    if count <= len(VIRIDIS):
        return tuple(VIRIDIS[round(i * 4 / max(count - 1, 1))] for i in range(count))
    return tuple(_VIRIDIS_8[round(i * 7 / (count - 1))] for i in range(count))


def different(count: int) -> tuple[str, ...]:
    """Return colours for so many different things; after 24 they begin again."""
    colours = []
    for i in range(count):
        share, other = _TINTS[i // 8 % 3]
        one = _OKABE_ITO[i % 8]
        parts = (round(int(one[k : k + 2], 16) * share + other * (1.0 - share)) for k in (1, 3, 5))
        colours.append("#" + "".join(f"{part:02x}" for part in parts))
    return tuple(colours)
