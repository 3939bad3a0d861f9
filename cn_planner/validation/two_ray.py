"""Two rays: the direct one, and one mirrored by smooth ground between the antennas.

For level, smooth ground or water that both antennas see: a lake, a plain without trees. It says how deep and how often
the level swings with height and distance, and at which distance the fourth power begins. It knows no hill and no
tree: nothing in this program takes it in place of a profile. A person asks for it.

The mirrored ray is weaker by the reflection of the ground (its constants given, or average land), by the divergence of
a round earth, and by the roughness of the ground.
"""

from __future__ import annotations

import cmath
import math
from typing import NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation.checks import check_earth, check_freq
from cn_planner.propagation.free_space import free_space_kernel
from cn_planner.propagation.kernel import kernel
from cn_planner.propagation.spherical_earth import LAND_CONDUCTIVITY_S_PER_M, LAND_PERMITTIVITY
from cn_planner.units import wavelength_m

_VACUUM_F_PER_M = 8.8541878128e-12
_LEAST_FIELD = 1e-6
"""Two rays never cancel to nothing: 120 dB is where the sum ends."""


class TwoRay(NamedTuple):
    """What two rays give.

    Attributes
    ----------
    loss_db, free_space_db : float
        Basic transmission loss, dB, and that of the direct ray alone.
    grazing_deg : float
        Angle of the mirrored ray to the ground, degrees.
    reflection : complex
        Of the ground at that angle, with roughness and divergence.
    difference_m : float
        How much longer the mirrored way is, m.
    mirror_at_m : float
        Where the mirror lies, m from the first end.
    divergence : float
        Of the round earth; 1 over flat ground.
    """

    loss_db: float
    free_space_db: float
    grazing_deg: float
    reflection: complex
    difference_m: float
    mirror_at_m: float
    divergence: float


def reflection_coefficient(
    grazing_deg: float,
    freq_mhz: float,
    *,
    vertical: bool = True,
    permittivity: float = LAND_PERMITTIVITY,
    conductivity_s_per_m: float = LAND_CONDUCTIVITY_S_PER_M,
) -> complex:
    """Return the reflection of smooth ground, Fresnel's formulas for a plane surface.

    Parameters
    ----------
    grazing_deg : float
        Angle of the ray to the ground, degrees, 0 to 90.
    freq_mhz : float
        Frequency, MHz.
    vertical : bool
        Polarisation.
    permittivity, conductivity_s_per_m : float
        Of the ground, as ITU-R P.527 gives them.

    Raises
    ------
    InputError
        Where an angle or a constant of the ground is none.
    """
    check_freq(freq_mhz)
    _check_ground(permittivity, conductivity_s_per_m)
    if not 0.0 <= grazing_deg <= 90.0:
        raise InputError(msg("A ray meets the ground at {value} degrees; it must be 0 to 90.", value=grazing_deg))
    return _reflection(math.radians(grazing_deg), freq_mhz, vertical, permittivity, conductivity_s_per_m)


def _reflection(psi: float, freq_mhz: float, vertical: bool, permittivity: float, conductivity: float) -> complex:
    ground = complex(permittivity, -conductivity / (2.0 * math.pi * freq_mhz * 1e6 * _VACUUM_F_PER_M))
    root = cmath.sqrt(ground - math.cos(psi) ** 2)
    rise = math.sin(psi)
    if vertical:
        return (ground * rise - root) / (ground * rise + root)
    return (rise - root) / (rise + root)


def _check_ground(permittivity: float, conductivity: float) -> None:
    if not (1.0 <= permittivity < math.inf and 0.0 <= conductivity < math.inf):
        raise InputError(
            msg("Ground of permittivity {permittivity} and {conductivity} S/m is not valid.",
                permittivity=permittivity, conductivity=conductivity)
        )  # fmt: skip


def _check_path(distance_m: float, height_a_m: float, height_b_m: float) -> None:
    if not (0.0 < distance_m < math.inf and 0.0 < height_a_m < math.inf and 0.0 < height_b_m < math.inf):
        raise InputError(msg("Two rays need a distance and antenna heights above 0."))


def breakpoint_m(height_a_m: float, height_b_m: float, freq_mhz: float) -> float:
    """Return the distance beyond which the loss over flat ground rises with the fourth power of distance, m.

    There the straight line clears the ground by one first Fresnel radius at its lowest: ``4 h h / wavelength``.

    Raises
    ------
    InputError
        Where a height or the frequency is not above 0.
    """
    check_freq(freq_mhz)
    _check_path(1.0, height_a_m, height_b_m)
    return 4.0 * height_a_m * height_b_m / wavelength_m(freq_mhz)


@kernel
def breakpoint_kernel(distance_m: float, height_a_m: float, height_b_m: float, freq_mhz: float) -> float:
    """Loss with two slopes, dB: free space to the breakpoint, the fourth power of distance from there."""
    at = 4.0 * height_a_m * height_b_m * freq_mhz * 1e6 / 299_792_458.0
    if distance_m <= at:
        return free_space_kernel(distance_m, freq_mhz)
    return free_space_kernel(at, freq_mhz) + 40.0 * math.log10(distance_m / at)


def breakpoint_loss_db(distance_m: float, height_a_m: float, height_b_m: float, freq_mhz: float) -> float:
    """Return the loss of two rays over flat ground without their swing: two slopes that meet at the breakpoint.

    Parameters
    ----------
    distance_m, height_a_m, height_b_m : float
        Distance along the ground, antennas above it, m.
    freq_mhz : float
        Frequency, MHz.

    Raises
    ------
    InputError
        Where a value is not above 0.
    """
    check_freq(freq_mhz)
    _check_path(distance_m, height_a_m, height_b_m)
    return breakpoint_kernel(distance_m, height_a_m, height_b_m, freq_mhz)


def _mirror_m(distance: float, height_a: float, height_b: float, radius: float) -> float:
    """Return where the mirrored ray meets the earth, from the first end: both angles to its tangent there are equal.

    By halving: the function has one root between the ends, since its two parts fall and rise.
    """
    low, high = 0.0, distance
    for _ in range(200):
        at = 0.5 * (low + high)
        rest = distance - at
        # Slope under which each end is seen from the mirror, over the tangent there.
        if (height_a - at * at / (2.0 * radius)) * rest > (height_b - rest * rest / (2.0 * radius)) * at:
            low = at
        else:
            high = at
    return 0.5 * (low + high)


def two_ray_loss(
    distance_m: float,
    height_a_m: float,
    height_b_m: float,
    freq_mhz: float,
    *,
    earth_radius_m: float | None = None,
    vertical: bool = True,
    permittivity: float = LAND_PERMITTIVITY,
    conductivity_s_per_m: float = LAND_CONDUCTIVITY_S_PER_M,
    roughness_m: float = 0.0,
) -> TwoRay:
    """Return the loss of two rays over smooth ground.

    Parameters
    ----------
    distance_m : float
        Along the ground, m.
    height_a_m, height_b_m : float
        Antennas above the ground, m.
    freq_mhz : float
        Frequency, MHz.
    earth_radius_m : float, optional
        Effective earth radius; flat ground where not given.
    vertical : bool
        Polarisation.
    permittivity, conductivity_s_per_m : float
        Of the ground, as ITU-R P.527 gives them.
    roughness_m : float
        Standard deviation of the ground's height where the mirror lies, m.

    Raises
    ------
    InputError
        Where a value is none, or the antennas are beyond each other's horizon.

    Notes
    -----
    Flat: exact lengths of both ways. Round: the mirror lies where both angles to the earth's tangent are equal, heights
    count from that tangent, and the divergence is ``1 / sqrt(1 + 2 d1 d2 / (a d sin psi))``. Roughness: the mirrored
    field falls by ``exp(-2 (2 pi s sin psi / wavelength)^2)`` (Ament). The direct ray is taken for as strong as the
    mirrored one over its own length: antennas that look away from the ground see less swing.
    """
    check_freq(freq_mhz)
    _check_path(distance_m, height_a_m, height_b_m)
    _check_ground(permittivity, conductivity_s_per_m)
    if not 0.0 <= roughness_m < math.inf:
        raise InputError(msg("A roughness of {value} m is not valid.", value=roughness_m))
    at, up_a, up_b, divergence = height_a_m / (height_a_m + height_b_m) * distance_m, height_a_m, height_b_m, 1.0
    psi = math.atan2(height_a_m + height_b_m, distance_m)
    if earth_radius_m is not None:
        check_earth(earth_radius_m)
        reach = math.sqrt(2.0 * earth_radius_m) * (math.sqrt(height_a_m) + math.sqrt(height_b_m))
        if distance_m >= reach:
            raise InputError(
                msg("Over {distance_km:.1f} km the earth itself is in the way; two rays reach {reach_km:.1f} km.",
                    distance_km=distance_m / 1e3, reach_km=reach / 1e3),
                fix=msg("Use a model of diffraction: P.526, P.1812 or ITM."),
            )  # fmt: skip
        at = _mirror_m(distance_m, height_a_m, height_b_m, earth_radius_m)
        rest = distance_m - at
        up_a = height_a_m - at * at / (2.0 * earth_radius_m)
        up_b = height_b_m - rest * rest / (2.0 * earth_radius_m)
        psi = math.atan2(up_a + up_b, distance_m)
        divergence = 1.0 / math.sqrt(1.0 + 2.0 * at * rest / (earth_radius_m * distance_m * math.sin(psi)))
    direct, mirrored = math.hypot(distance_m, up_a - up_b), math.hypot(distance_m, up_a + up_b)
    difference = 4.0 * up_a * up_b / (direct + mirrored)  # their difference, without the loss of digits
    wavelength = wavelength_m(freq_mhz)
    rough = 2.0 * math.pi * roughness_m * math.sin(psi) / wavelength
    ground = _reflection(psi, freq_mhz, vertical, permittivity, conductivity_s_per_m)
    ground *= divergence * math.exp(-2.0 * rough * rough)
    field = 1.0 + ground * direct / mirrored * cmath.exp(-2j * math.pi * difference / wavelength)
    free = free_space_kernel(direct, freq_mhz)
    loss = free - 20.0 * math.log10(max(abs(field), _LEAST_FIELD))
    return TwoRay(loss, free, math.degrees(psi), ground, difference, at, divergence)


def two_ray_limits(two: TwoRay, height_a_m: float, height_b_m: float, freq_mhz: float) -> tuple[Message, ...]:
    """Return where two rays are asked for more than they know.

    Parameters
    ----------
    two : TwoRay
        What they said.
    height_a_m, height_b_m, freq_mhz : float
        As they were asked.
    """
    found = [msg("Two rays know smooth ground alone: no hill, no tree and no building is in this loss.")]
    if min(height_a_m, height_b_m) < wavelength_m(freq_mhz):
        found.append(msg("An antenna stands within a wavelength of the ground, where the ground itself carries waves."))
    if two.divergence < 0.5:
        found.append(msg("The mirrored ray all but grazes the earth: diffraction counts, and is not in this loss."))
    return tuple(found)
