"""The signs of public places: a disc, and in it what the place is."""

from __future__ import annotations

import math
from typing import TypeAlias

XY: TypeAlias = tuple[float, float]

_ARM = 0.07
"""Half the width of the arms of crosses, of a sign that is 1 high."""


def _cross(half: float, across: float = 0.0, wide: float = 0.0) -> tuple[XY, ...]:
    """Return an upright cross whose arms reach `half`; `across`: how far below the middle they cross."""
    side = wide or half
    return (
        (-_ARM, -half), (_ARM, -half), (_ARM, across - _ARM), (side, across - _ARM), (side, across + _ARM),
        (_ARM, across + _ARM), (_ARM, half), (-_ARM, half), (-_ARM, across + _ARM), (-side, across + _ARM),
        (-side, across - _ARM), (-_ARM, across - _ARM),
    )  # fmt: skip


def _turned(ring: tuple[XY, ...]) -> tuple[XY, ...]:
    s = math.sqrt(0.5)
    return tuple((s * (x - y), s * (x + y)) for x, y in ring)


def _drop() -> tuple[XY, ...]:
    """Return a drop of water: a tip, and three quarters of a circle."""
    angles = [math.radians(a) for a in range(-30, 211, 20)]
    return ((0.0, -0.3), *((0.17 * math.cos(a), 0.09 + 0.17 * math.sin(a)) for a in angles))


def _dot(radius: float) -> tuple[XY, ...]:
    return tuple((radius * math.cos(math.tau * n / 12), radius * math.sin(math.tau * n / 12)) for n in range(12))


SIGNS: dict[str, tuple[tuple[XY, ...], ...]] = {
    # A mortarboard and what is under it.
    "place_school": (
        ((0.0, -0.24), (0.32, -0.08), (0.0, 0.08), (-0.32, -0.08)),
        ((-0.18, 0.06), (0.0, 0.15), (0.18, 0.06), (0.18, 0.18), (0.0, 0.27), (-0.18, 0.18)),
    ),
    "place_clinic": (_cross(0.26),),
    # An awning over a counter.
    "place_market": (
        ((-0.22, -0.22), (0.22, -0.22), (0.3, -0.02), (-0.3, -0.02)),
        ((-0.22, 0.04), (-0.14, 0.04), (-0.14, 0.24), (-0.22, 0.24)),
        ((0.14, 0.04), (0.22, 0.04), (0.22, 0.24), (0.14, 0.24)),
    ),
    "place_church": (_cross(0.29, across=-0.09, wide=0.19),),
    "place_water": (_drop(),),
    "place_junction": (_turned(_cross(0.29)),),
    # A bag with a handle.
    "place_shop": (
        ((-0.22, -0.06), (0.22, -0.06), (0.18, 0.25), (-0.18, 0.25)),
        ((-0.13, -0.1), (-0.13, -0.25), (0.13, -0.25), (0.13, -0.1), (0.07, -0.1), (0.07, -0.19), (-0.07, -0.19),
         (-0.07, -0.1)),
    ),
    "place_other": (_dot(0.12),),
}  # fmt: skip
"""What stands in the disc, as rings round its middle, of a disc that is 1 wide; by the name of the symbol."""
