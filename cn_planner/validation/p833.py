"""What trees cost a path that goes into or through them (ITU-R P.833-10).

For paths whose profile has no trees of its own: where they stand in the profile (`p526`, `p1812` with clutter) the ray
is already diffracted over them, and these would count them twice.

Verified only in part: the equations, the measured figures of one campaign (table 1) and the parameters of three
campaigns are as they are quoted in public work on P.833-9 and -10; the curve of specific attenuation is figure 2,
upright polarisation, at three places of the printed curve, straight between them in logarithms. The transfer of
radiation through a single tree above 1 GHz (section 3.2.1.4) is not here: its series needs species and sizes that
nobody who plans a village network has.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation.kernel import kernel

LOW_MHZ, HIGH_MHZ = 30.0, 30_000.0
OBSTRUCTION_HIGH_MHZ = 1000.0

# Figure 2: MHz and dB/m.
_CURVE = ((30.0, 0.02), (1000.0, 0.2), (30_000.0, 6.0))


class Woodland(NamedTuple):
    """A campaign: ``A_m = a1 * f ** alpha``, dB, f in MHz (eq. 2), and the frequencies that it was measured at."""

    name: str
    a1: float
    alpha: float
    low_mhz: float
    high_mhz: float


TROPICAL_PARK = Woodland("tropical trees in a park, Rio de Janeiro", 0.18, 0.752, 900.0, 1800.0)
MIXED_FOREST = Woodland("forest near Mulhouse", 1.15, 0.43, 900.0, 2200.0)
NORTHERN_FOREST = Woodland("mixed coniferous and deciduous forest near Saint Petersburg", 1.37, 0.42, 105.9, 2117.5)
WOODLANDS = (TROPICAL_PARK, MIXED_FOREST, NORTHERN_FOREST)

MEASURED = (
    (105.9, 0.04, 9.4),
    (466.475, 0.12, 18.0),
    (949.0, 0.17, 26.5),
    (1852.2, 0.30, 29.0),
    (2117.5, 0.34, 34.1),
)
"""Table 1, near Saint Petersburg: MHz, dB/m, greatest attenuation in dB."""


class SlantPath(NamedTuple):
    """Parameters of ``L = a * f^b * d^c * (theta + e)^g``, dB.

    With f in MHz, d in m of trees, theta in degrees of elevation. They are a campaign's, with its woodland and
    frequencies: give those of the woodland at hand.
    """

    a: float
    b: float
    c: float
    e: float
    g: float


@kernel
def woodland_kernel(depth_m: float, specific_db_per_m: float, most_db: float) -> float:
    """Loss with one end in woodland, dB (eq. 1)."""
    return most_db * (1.0 - math.exp(-depth_m * specific_db_per_m / most_db))


def _depth(depth_m: float) -> None:
    if not 0.0 <= depth_m < math.inf:
        raise InputError(msg("The way through the trees is {value} m; it must not be below 0.", value=depth_m))


def _freq(freq_mhz: float, low: float, high: float) -> None:
    if not low <= freq_mhz <= high:
        raise InputError(
            msg("The frequency is {value} MHz; this part of P.833 holds from {low:g} to {high:g} MHz.",
                value=freq_mhz, low=low, high=high)
        )  # fmt: skip


def specific_attenuation_db_per_m(freq_mhz: float) -> float:
    """Return what a metre of trees in leaf costs over a short way (figure 2, upright polarisation).

    Measured woods differ from the curve by a factor of two and more; below 1 GHz level polarisation loses less.

    Raises
    ------
    InputError
        Where the frequency is outside 30 MHz to 30 GHz.
    """
    _freq(freq_mhz, LOW_MHZ, HIGH_MHZ)
    for (f1, g1), (f2, g2) in pairwise(_CURVE):
        if freq_mhz <= f2:
            part = math.log(freq_mhz / f1) / math.log(f2 / f1)
            return g1 * math.pow(g2 / g1, part)
    return _CURVE[-1][1]


def most_attenuation_db(freq_mhz: float, woodland: Woodland = MIXED_FOREST) -> float:
    """Return the most that a wood costs a terminal in it (eq. 2).

    Raises
    ------
    InputError
        Where the frequency is outside 30 MHz to 30 GHz.
    """
    _freq(freq_mhz, LOW_MHZ, HIGH_MHZ)
    return woodland.a1 * math.pow(freq_mhz, woodland.alpha)


def woodland_loss_db(
    depth_m: float,
    freq_mhz: float,
    woodland: Woodland = MIXED_FOREST,
    *,
    specific_db_per_m: float | None = None,
    most_db: float | None = None,
) -> float:
    """Return what a path loses that has one end within woodland.

    Parameters
    ----------
    depth_m : float
        Way of the path within the wood, m.
    freq_mhz : float
        Frequency, MHz.
    woodland : Woodland
        The campaign whose greatest attenuation is taken.
    specific_db_per_m, most_db : float, optional
        Measured values of the wood at hand, in place of those.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.833-10, section 2.1, eq. 1 and 2.
    """
    _depth(depth_m)
    specific = specific_attenuation_db_per_m(freq_mhz) if specific_db_per_m is None else specific_db_per_m
    most = most_attenuation_db(freq_mhz, woodland) if most_db is None else most_db
    if not (0.0 < specific < math.inf and 0.0 < most < math.inf):
        raise InputError(msg("Attenuations of a wood must be above 0."))
    return woodland_kernel(depth_m, specific, most)


def woodland_limits(freq_mhz: float, woodland: Woodland) -> tuple[Message, ...]:
    """Return what is to be said where a campaign is asked for a frequency at which nobody measured."""
    if woodland.low_mhz <= freq_mhz <= woodland.high_mhz:
        return ()
    return (
        msg("The wood was measured from {low:g} to {high:g} MHz; at {freq:g} MHz its greatest loss is extrapolated.",
            low=woodland.low_mhz, high=woodland.high_mhz, freq=freq_mhz),
    )  # fmt: skip


def obstruction_loss_db(depth_m: float, freq_mhz: float, *, around_db: float = math.inf) -> float:
    """Return what a tree or a hedge between two ends costs that both stand outside it, up to 1 GHz.

    Parameters
    ----------
    depth_m : float
        Way through it, m.
    freq_mhz : float
        Frequency, MHz; 30 to 1000. Above, diffraction round it and scatter through it count: `combined_loss_db`.
    around_db : float
        Least loss of any other way, over it or round it: the loss is never more.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.833-10, section 3.1, eq. 3.
    """
    _depth(depth_m)
    _freq(freq_mhz, LOW_MHZ, OBSTRUCTION_HIGH_MHZ)
    return min(depth_m * specific_attenuation_db_per_m(freq_mhz), around_db)


def combined_loss_db(*ways_db: float) -> float:
    """Return the loss of several ways together: over a tree, round both its sides, off the ground, and through it.

    Their powers add up (section 3.2.1.5); it is never more than the loss of the best way.

    Raises
    ------
    InputError
        Where no way is given, or a loss is no number.
    """
    if not ways_db or any(math.isnan(one) for one in ways_db):
        raise InputError(msg("Give the loss of each way past a tree."))
    power = sum(math.pow(10.0, -one / 10.0) for one in ways_db)
    return -10.0 * math.log10(power) if power > 0.0 else math.inf


def slant_loss_db(depth_m: float, freq_mhz: float, elevation_deg: float, woodland: SlantPath) -> float:
    """Return what a path loses that rises through trees.

    Parameters
    ----------
    depth_m : float
        Way through the trees, m.
    freq_mhz : float
        Frequency, MHz.
    elevation_deg : float
        Of the path, degrees, above 0 and up to 90.
    woodland : SlantPath
        Parameters of the wood.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.833-10, section 2.2.
    """
    _depth(depth_m)
    _freq(freq_mhz, LOW_MHZ, HIGH_MHZ)
    if not 0.0 < elevation_deg <= 90.0:
        raise InputError(
            msg("The path rises by {value} degrees; it must be above 0 and at most 90.", value=elevation_deg)
        )
    if depth_m == 0.0:
        return 0.0
    return float(
        woodland.a
        * math.pow(freq_mhz, woodland.b)
        * math.pow(depth_m, woodland.c)
        * math.pow(elevation_deg + woodland.e, woodland.g)
    )
