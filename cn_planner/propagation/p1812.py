"""Basic transmission loss by ITU-R P.1812-8: one path explained to the last step, or many paths compiled.

The clutter of a path (trees, buildings) is part of its surface, section 3.2. Refractivities are given, not looked up:
no map of the ITU's is part of the program. Building entry loss is none: both antennas are outdoors.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation.checks import check_height, checked_profile
from cn_planner.propagation.kernel import compiled, to_read
from cn_planner.propagation.p1812_checks import (
    LEAST_POINTS,
    check_values,
    checked_zones,
    path_name,
    validity_warnings,
)
from cn_planner.propagation.p1812_kernels import P1812Profiles, P1812Steps, p1812_kernel, p1812_many_kernel
from cn_planner.propagation.p1812_path import (
    AmslAntennas,
    CoveredProfile,
    P1812Path,
    P1812Terms,
    p1812_path_kernel,
)
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


class P1812Loss(NamedTuple):
    """The loss of one path, what it means for a transmitter of 1 kW, and how it came about.

    Attributes
    ----------
    loss_db : float
        Basic transmission loss not exceeded for the given percentages of time and locations, dB.
    field_strength_dbuvm_1kw_erp : float
        Field strength exceeded for them, from 1 kW effective radiated power, dB above 1 microvolt per metre.
    path, steps
        Every intermediate.
    warnings : tuple of Message
        Where the path is outside the Recommendation's validity.
    """

    loss_db: float
    field_strength_dbuvm_1kw_erp: float
    path: P1812Path
    steps: P1812Steps
    warnings: tuple[Message, ...]


class P1812Losses(NamedTuple):
    """Losses and field strengths of many paths, as in `P1812Loss`; NaN where a height is missing."""

    loss_db: NDArray[np.float64]
    field_strength_dbuvm_1kw_erp: NDArray[np.float64]
    warnings: tuple[Message, ...]


def location_sigma_db(freq_mhz: float, area_width_m: float, height_m: float, cover_m: float) -> float:
    """Return the standard deviation of the loss from place to place within a square.

    Parameters
    ----------
    freq_mhz : float
        Frequency, MHz.
    area_width_m : float
        Width of the square within which the receiver stands somewhere, m.
    height_m : float
        Height of the receiver above ground, m.
    cover_m : float
        Height of the clutter where it stands, m. From 10 m above it there is no variation.

    References
    ----------
    ITU-R P.1812-8, section 4.7.
    """
    if not (area_width_m > 0.0 and cover_m >= 0.0 and height_m >= 0.0):
        raise InputError(msg("The width of the square must be above 0, heights not below 0."))
    among = min(max(1.0 - (height_m - cover_m) / 10.0, 0.0), 1.0)
    return (0.52 + 0.024 * freq_mhz * 1e-3) * math.pow(area_width_m, 0.28) * among


def centre_latitude_deg(
    latitude_a_deg: ArrayLike,
    longitude_a_deg: ArrayLike,
    latitude_b_deg: ArrayLike,
    longitude_b_deg: ArrayLike,
    length_m: ArrayLike,
) -> NDArray[np.float64]:
    """Return the latitude half the length of the path from its first end, on a sphere (ITU-R P.2001, attachment H).

    Parameters
    ----------
    latitude_a_deg, longitude_a_deg, latitude_b_deg, longitude_b_deg : array_like
        Both ends, degrees.
    length_m : array_like
        Length of the path, m.

    Returns
    -------
    ndarray
        Degrees.
    """
    a, b = np.radians(latitude_a_deg), np.radians(latitude_b_deg)
    east = np.radians(np.asarray(longitude_b_deg, dtype=np.float64) - np.asarray(longitude_a_deg, dtype=np.float64))
    bearing = np.arctan2(np.sin(east) * np.cos(b), np.cos(a) * np.sin(b) - np.sin(a) * np.cos(b) * np.cos(east))
    half = 0.5 * np.asarray(length_m, dtype=np.float64) / EARTH_RADIUS_M
    sine = np.sin(a) * np.cos(half) + np.cos(a) * np.sin(half) * np.cos(bearing)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))


def p1812_loss(
    distance_m: ArrayLike,
    ground_m: ArrayLike,
    amsl_a_m: float,
    amsl_b_m: float,
    freq_mhz: float,
    terms: P1812Terms,
    *,
    surface_m: ArrayLike | None = None,
    zone: ArrayLike | None = None,
    vertical: bool = True,
) -> P1812Loss:
    """Return the loss of one path, in plain Python: no compiler is loaded.

    Parameters
    ----------
    distance_m, ground_m : array_like, shape (n,)
        Distances from the transmitter, m, rising from 0, three at least; ground above sea level, m.
    amsl_a_m, amsl_b_m : float
        Transmitter and receiver above sea level, m; above the ground at their ends.
    freq_mhz : float
        Frequency, MHz; 30 to 6000.
    terms : P1812Terms
        Air, percentages and coast, as numbers.
    surface_m : array_like, shape (n,), optional
        Ground with its clutter, m above sea level; at the ends the ground counts. The ground where not given.
    zone : array_like of int, shape (n,), optional
        Radio-climatic zones: 1 sea, 3 coastal land, 4 inland. All inland where not given.
    vertical : bool
        Polarisation.

    Raises
    ------
    InputError
        Where the profile or a value is not one that the model can take.

    References
    ----------
    ITU-R P.1812-8, annex 1.
    """
    check_height(amsl_a_m)
    check_height(amsl_b_m)
    distance, ground, *covered = checked_profile(distance_m, ground_m, *(() if surface_m is None else (surface_m,)))
    surface = covered[0] if covered else np.empty(0)
    if len(distance) < LEAST_POINTS:
        raise InputError(msg("The profile has {count} points; P.1812 needs three at least.", count=len(distance)))
    # A mast of 1 m on ground of 100.2 m is one of 1 m, whatever their sum is rounded to.
    height_a, height_b = round(amsl_a_m - float(ground[0]), 9), round(amsl_b_m - float(ground[-1]), 9)
    check_values(terms, freq_mhz=freq_mhz, height_a_m=height_a, height_b_m=height_b)
    zones = checked_zones(zone, len(distance)).tolist()
    # Lists are three times as fast as array elements in plain Python.
    profile = CoveredProfile(distance.tolist(), ground.tolist(), surface.tolist(), zones, 0, len(distance))
    steps = p1812_kernel(profile, AmslAntennas(amsl_a_m, amsl_b_m, freq_mhz, vertical), terms)
    path = p1812_path_kernel(profile, amsl_a_m, amsl_b_m, terms.delta_n, terms.latitude_deg)
    warnings = validity_warnings(
        length_km=path.length_km,
        height_a_m=height_a,
        height_b_m=height_b,
        location_pct=terms.location_pct,
    )
    return P1812Loss(steps.lb, field_strength_dbuvm(steps.lb, freq_mhz), path, steps, warnings)


def field_strength_dbuvm(loss_db: float, freq_mhz: float) -> float:
    """Return the field strength from 1 kW effective radiated power, dB above 1 microvolt per metre (eq. 70)."""
    return 199.36 + 20.0 * math.log10(freq_mhz * 1e-3) - loss_db


def _check_paths(
    distance_m: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    offsets: NDArray[np.int64],
    names: Sequence[str] | None,
) -> None:
    if not (distance_m.ndim == 1 and distance_m.shape == ground_m.shape and len(surface_m) in (0, len(ground_m))):
        raise InputError(msg("A profile has {count} distances but not as many heights.", count=int(distance_m.size)))
    if offsets.ndim != 1 or len(offsets) < 1 or offsets[0] < 0 or offsets[-1] > len(distance_m):
        raise InputError(msg("The offsets of the profiles do not fit their {count} points.", count=len(distance_m)))
    counts = np.diff(offsets)
    if len(counts) and counts.min() < LEAST_POINTS:
        at = int(np.argmax(counts < LEAST_POINTS))
        raise InputError(
            msg("The profile has {count} points; P.1812 needs three at least.", count=int(counts[at])),
            where=path_name(at, len(counts), names),
        )


def p1812_losses(
    profiles: P1812Profiles,
    amsl_a_m: ArrayLike,
    amsl_b_m: ArrayLike,
    freq_mhz: ArrayLike,
    terms: P1812Terms,
    *,
    vertical: ArrayLike = True,
    names: Sequence[str] | None = None,
) -> P1812Losses:
    """Return the losses of many paths, compiled.

    Parameters
    ----------
    profiles : P1812Profiles
        All profiles end to end. Where a height is missing (NaN) the path's loss is NaN.
    amsl_a_m, amsl_b_m, freq_mhz, terms, vertical
        As for `p1812_loss`; each a number, or with one value a path.
    names : sequence of str, shape (paths,), optional
        How an error names a path; by its number where not given.

    Raises
    ------
    InputError
        Where a profile or a value is not one that the model can take; it names the path.
    """
    distance = np.ascontiguousarray(profiles.distance_m, dtype=np.float64)
    ground = np.ascontiguousarray(profiles.ground_m, dtype=np.float64)
    bare = profiles.surface_m is None
    surface = np.empty(0) if bare else np.ascontiguousarray(profiles.surface_m, dtype=np.float64)
    places = np.ascontiguousarray(profiles.offsets, dtype=np.int64)
    _check_paths(distance, ground, surface, places, names)
    paths = len(places) - 1
    if paths == 0:
        return P1812Losses(np.empty(0), np.empty(0), ())

    def each(values: ArrayLike) -> NDArray[np.float64]:
        return to_read(np.broadcast_to(np.asarray(values, dtype=np.float64), (paths,)))

    first, last = places[:-1], places[1:] - 1
    amsl_a, amsl_b, freq = each(amsl_a_m), each(amsl_b_m), each(freq_mhz)
    # A path without ground at an end has no height to check, and no loss either.
    height_a = np.where(np.isnan(ground[first]), 1.0, np.round(amsl_a - ground[first], 9))
    height_b = np.where(np.isnan(ground[last]), 1.0, np.round(amsl_b - ground[last], 9))
    check_values(terms, freq_mhz=freq, height_a_m=height_a, height_b_m=height_b, names=names)
    loss, zones = np.empty(paths), checked_zones(profiles.zone, len(distance))
    upright = to_read(np.broadcast_to(np.asarray(vertical, dtype=np.bool_), (paths,)))
    falling = compiled(p1812_many_kernel)(
        P1812Profiles(to_read(distance), to_read(ground), to_read(places), to_read(surface), to_read(zones)),
        (amsl_a, amsl_b, freq, upright),
        tuple(each(value) for value in terms),
        loss,
    )
    if falling >= 0:
        raise InputError(msg("The distances of a profile do not rise from 0."), where=path_name(falling, paths, names))
    warnings = validity_warnings(
        length_km=(distance[last] - distance[first]) * 1e-3,
        height_a_m=height_a,
        height_b_m=height_b,
        location_pct=terms.location_pct,
    )
    return P1812Losses(loss, 199.36 + 20.0 * np.log10(freq * 1e-3) - loss, warnings)
