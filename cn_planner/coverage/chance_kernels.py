"""The chances of `links.sight` of the cells of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.sight import (
    Sight,
    bends,
    share_chance_kernel,
)
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.units import wavelength_m

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sight_of_map(
    clearance_f1: NDArray[np.float64], length_m: NDArray[np.float64], sd_m: float, freq_mhz: float
) -> Sight:
    """Return how clear cells of a map are, by their least clearance alone: `links.sight.share_chance_kernel`.

    Parameters
    ----------
    clearance_f1, length_m : float64 arrays of one length
        Least clearance in first Fresnel radii, and distance from the tower, m.
    sd_m : float
        Standard deviation of the terrain's error.
    freq_mhz : float
        Frequency.
    """
    chance = np.empty((2, len(clearance_f1)))
    compiled(_shares)(clearance_f1, length_m, sd_m, wavelength_m(freq_mhz), bends(freq_mhz), chance)
    return Sight(clearance_f1, chance[0], chance[1])


@kernel
def _shares(
    clearance_f1: NDArray[np.float64],
    length_m: NDArray[np.float64],
    sd_m: float,
    wavelength: float,
    bend: float,
    chance: NDArray[np.float64],
) -> None:
    for i in range(len(clearance_f1)):
        clear, passes = share_chance_kernel(clearance_f1[i], length_m[i], sd_m, wavelength, bend)
        chance[0, i] = clear
        chance[1, i] = passes
