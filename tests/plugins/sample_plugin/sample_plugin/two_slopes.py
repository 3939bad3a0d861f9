"""Free space up to the breakpoint of two rays over flat ground, and 40 dB a decade beyond it."""

from __future__ import annotations

import math

from cn_planner.links.register import Losses, Prediction, PropagationModel
from cn_planner.message import msg
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.units import wavelength_m


def path_loss(profile, heights_m, freq_mhz, _vertical, _air) -> Prediction:
    """Return the loss; the ground between the ends does not count."""
    breakpoint_m = 4.0 * heights_m[0] * heights_m[1] / wavelength_m(freq_mhz)
    free = float(free_space_loss_db(profile.length_m, freq_mhz))
    more = 20.0 * math.log10(max(profile.length_m / breakpoint_m, 1.0))
    low = min(heights_m) < 1.0
    warnings = (msg("Two slopes hold for antennas from 1 m on."),) if low else ()
    return Prediction(Losses(free_space_db=free, diffraction_db=more, total_db=free + more), warnings)


MODEL = PropagationModel(
    key="two-slopes",
    name="Two slopes",
    path=path_loss,
    freq_mhz=(300.0, 6000.0),
    source="ITU-R P.1411-12, section 4.3",
)
