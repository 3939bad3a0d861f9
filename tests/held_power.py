"""What a radio of a link is set to so that the far end bears it, by hand: shares no code with the program's judge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cn_planner.links.radio import RadioEnd


def free_space_db(metres: float, mhz: float) -> float:
    """Return the loss of a path by its usual form: 32.45 dB at 1 km and 1 MHz."""
    return 32.45 + 20.0 * math.log10(metres / 1000.0) + 20.0 * math.log10(mhz)


def great_circle_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the way between two places (latitude, longitude) on a sphere, m."""
    (la, lo), (lb, lp) = ([math.radians(one) for one in place] for place in (a, b))
    h = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin((lp - lo) / 2) ** 2
    return 2.0 * 6_371_000.0 * math.asin(math.sqrt(h))


def set_dbm(end: RadioEnd, full_dbm: float, metres: float, mhz: float) -> float:
    """Return the power of a mode as it is set on a link of two such radios over open ground."""
    if end.max_input_dbm is None:
        return full_dbm
    gain = 2.0 * (end.antenna_gain_dbi - end.cable_loss_db)
    bears = end.max_input_dbm - gain + free_space_db(metres, mhz)
    if full_dbm <= bears + 0.05:
        return full_dbm
    return min(full_dbm, max(float(math.floor(bears)), end.least_power_dbm or 0.0))
