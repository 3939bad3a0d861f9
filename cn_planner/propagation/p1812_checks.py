"""What P.1812-8 takes: values that it cannot take are refused, values outside its validity are told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation.p1812_path import COASTAL_LAND, INLAND, SEA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.propagation.p1812_path import P1812Terms

LEAST_POINTS = 3
VALID_MHZ = (30.0, 6000.0)
_VALID_KM = (0.25, 3000.0)
VALID_HEIGHT_M = (1.0, 3000.0)
VALID_TIME_PCT = (1.0, 50.0)
VALID_LOCATION_PCT = (1.0, 99.0)
"""Table 1 and section 1 of the Recommendation."""
_HIGHEST_SIGMA_DB = 30.0
_STEEPEST_DELTA_N = 156.0  # at 157 N-units/km the ray follows the earth, and the effective radius has no end
_N0 = (200.0, 500.0)


def path_name(index: int, count: int, names: Sequence[str] | None = None) -> str:
    """Return how an error names one of several paths; nothing where there is only one and it has no name."""
    if names is not None:
        return names[index]
    return f"path {index}" if count > 1 else ""


def _within(
    what: Message,
    values: ArrayLike,
    low: float,
    high: float,
    names: Sequence[str] | None,
    *,
    above: bool = False,
) -> None:
    # Raise InputError for the first value outside low to high; `above`: the lower limit itself is outside.
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    good = (array > low if above else array >= low) & (array <= high)
    if not good.all():
        at = int(np.argmin(good))
        value = float(array[at])
        one_each = names is not None and len(names) == len(array)  # else one value for all
        where = path_name(at, len(array), names if one_each else None)
        if above:
            raise InputError(
                msg(
                    "{what} is {value}; it must be above {low}, to {high}.", what=what, value=value, low=low, high=high
                ),
                where=where,
            )
        raise InputError(
            msg("{what} is {value}; it must be {low} to {high}.", what=what, value=value, low=low, high=high),
            where=where,
        )


def check_values(
    terms: P1812Terms,
    *,
    freq_mhz: ArrayLike,
    height_a_m: ArrayLike,
    height_b_m: ArrayLike,
    names: Sequence[str] | None = None,
) -> None:
    """Raise InputError, naming parameter, value and range, where the model has no answer."""
    _within(msg("The frequency of P.1812, MHz,"), freq_mhz, *VALID_MHZ, names)
    _within(msg("The height of the transmitter above ground, m,"), height_a_m, 0.0, 100_000.0, names, above=True)
    _within(msg("The height of the receiver above ground, m,"), height_b_m, 0.0, 100_000.0, names, above=True)
    _within(msg("The percentage of time"), terms.time_pct, *VALID_TIME_PCT, names)
    _within(msg("The percentage of locations"), terms.location_pct, 1e-4, 100.0 - 1e-4, names)
    _within(msg("The deviation from place to place, dB,"), terms.location_sigma_db, 0.0, _HIGHEST_SIGMA_DB, names)
    _within(msg("The refractivity N0 at sea level"), terms.n0, *_N0, names)
    _within(msg("The lapse of the refractivity, N-units/km,"), terms.delta_n, 0.0, _STEEPEST_DELTA_N, names)
    _within(msg("The latitude of the path's centre"), terms.latitude_deg, -90.0, 90.0, names)
    _within(msg("The distance of the transmitter from the coast, m,"), terms.coast_a_m, 0.0, math.inf, names)
    _within(msg("The distance of the receiver from the coast, m,"), terms.coast_b_m, 0.0, math.inf, names)


def checked_zones(zone: ArrayLike | None, points: int) -> NDArray[np.int8]:
    """Return zones as the kernels take them, none for all inland; raise InputError where they are not 1, 3, 4."""
    if zone is None:
        return np.zeros(0, dtype=np.int8)
    array: NDArray[Any] = np.asarray(zone)
    if array.shape != (points,):
        raise InputError(
            msg("There are {count} radio-climatic zones for {points} points.", count=array.size, points=points)
        )
    good = (array == SEA) | (array == COASTAL_LAND) | (array == INLAND)
    if not good.all():
        raise InputError(
            msg(
                "A radio-climatic zone is {value}; it must be 1 (sea), 3 (coastal land) or 4 (inland).",
                value=str(array[int(np.argmin(good))]),
            )
        )
    return array.astype(np.int8)


def _first_outside(values: ArrayLike, limits: tuple[float, float]) -> float | None:
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    outside = (array < limits[0]) | (array > limits[1])
    return float(array[int(np.argmax(outside))]) if outside.any() else None


def validity_warnings(
    *,
    length_km: ArrayLike,
    height_a_m: ArrayLike,
    height_b_m: ArrayLike,
    location_pct: ArrayLike,
) -> tuple[Message, ...]:
    """Return what is outside the Recommendation's validity though it was computed; of several paths the first."""
    found = []
    value = _first_outside(length_km, _VALID_KM)
    if value is not None:
        found.append(
            msg("P.1812 holds for paths of 0.25 to 3000 km; it says little over {length_km:.3g} km.", length_km=value)
        )
    for heights in (height_a_m, height_b_m):
        value = _first_outside(heights, VALID_HEIGHT_M)
        if value is not None:
            found.append(
                msg(
                    "P.1812 holds for antennas 1 to 3000 m above ground; it says little for one at {height_m:.3g} m.",
                    height_m=value,
                )
            )
    value = _first_outside(location_pct, VALID_LOCATION_PCT)
    if value is not None:
        found.append(
            msg("P.1812 holds for 1 to 99 % of locations; it says little for {location_pct:.6g} %.", location_pct=value)
        )
    return tuple(found)
