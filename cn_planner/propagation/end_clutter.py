"""What an antenna loses that stands below the trees and roofs round it (ITU-R P.2108-1, section 3.1).

Over open ground the height gain is that of eq. 2b; among trees and houses (eq. 2a) it is a knife edge: the tops of the
clutter, a street's width away, less what an edge just in the line costs. Both terms are geometry and wavelength. The
Recommendation states 0.03 to 3 GHz; above, the same edge is counted on, for nothing of it ends there and a jump at
3 GHz would be none of the world's: 15 m of trees over a roof at 4 m cost 26 dB at 3 GHz and 29 dB at 5.5 GHz. Its own
statistics of towns, which hold from 0.5 to 67 GHz and know no heights (section 3.2), say 30 and 32 dB for half of the
places, 2 km away.

Never twice: on a path the clutter at the ends counts against what the trees on the profile add, and the greater of the
two stands (`covered_db`). A wood that goes on beyond the keep-out distance is an edge on the profile already.
"""

from __future__ import annotations

import math

from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.knife_edge import knife_edge_kernel

STREET_M = 27.0
"""How far the tops of the clutter are away where nothing better is known (P.2108-1, section 3.1)."""
_IN_LINE_DB = 6.03
"""Of an edge just in the line, which an antenna as high as the clutter does not lose (eq. 2a)."""


@kernel
def gain_in_clutter_kernel(
    freq_ghz: float, height_m: float, street_width_m: float, clutter_height_m: float, open_ground: bool
) -> float:
    """Loss, dB (P.2108-1, eq. 2)."""
    if height_m >= clutter_height_m:
        return 0.0
    if open_ground:
        return -(21.8 + 6.2 * math.log10(freq_ghz)) * math.log10(height_m / clutter_height_m)  # eq. 2b, 2f
    rise = clutter_height_m - height_m  # eq. 2d
    angle = math.degrees(math.atan(rise / street_width_m))  # eq. 2e
    nu = 0.342 * math.sqrt(freq_ghz) * math.sqrt(rise * angle)  # eq. 2c, 2g
    return knife_edge_kernel(nu) - _IN_LINE_DB  # eq. 2a


@kernel
def end_clutter_kernel(freq_mhz: float, height_m: float, clutter_m: float) -> float:
    """Return what an antenna loses among trees or houses of a height, dB; 0 above them, and where none are known."""
    if not clutter_m > height_m:  # NaN too
        return 0.0
    return max(gain_in_clutter_kernel(freq_mhz * 1e-3, height_m, STREET_M, clutter_m, False), 0.0)


@kernel
def covered_db(on_path_db: float, at_ends_db: float) -> float:
    """Return what trees and houses cost: on the path, or at its ends, whichever is more."""
    return max(on_path_db, at_ends_db)
