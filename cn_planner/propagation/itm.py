"""The Irregular Terrain Model (Longley-Rice), over a profile and over an area, 20 MHz to 20 GHz.

It answers a second opinion: a basic transmission loss not exceeded for given percentages of time, locations and
situations, from a handful of features of the terrain (horizons, roughness, effective heights), where P.526 and P.1812
follow the profile itself. On a path that barely clears the ground it is far gloomier than they are.

References
----------
G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: the Algorithm"; G. A. Hufford, A. G. Longley, W. A.
Kissick, NTIA Report 82-100 (1982); A. G. Longley, P. L. Rice, ERL 79-ITS 67 (1968).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.propagation.checks import checked_profile
from cn_planner.propagation.itm_kernels import (
    ItmLoss,
    ItmProfiles,
    RoughLand,
    itm_area_kernel,
    itm_areas_kernel,
    itm_kernel,
    itm_many_kernel,
)
from cn_planner.propagation.itm_reference import (
    BAD_CONFIDENCE,
    BAD_RELIABILITY,
    BAD_SITUATION,
    BAD_TIME,
    DONE_WITH_WARNINGS,
    NO_HEIGHT,
    ItmTerms,
)
from cn_planner.propagation.itm_terrain import SCRATCH_SIZE, EqualProfile, ItmAntennas
from cn_planner.propagation.itm_words import refusal_in_words, refused_input
from cn_planner.propagation.kernel import compiled, to_read

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.message import Message

_SPACING_TOLERANCE = 1e-6


class ItmLosses(NamedTuple):
    """Predictions of many paths: the fields of `ItmLoss`, each an array with one value a path."""

    loss_db: NDArray[np.float64]
    return_code: NDArray[np.int64]
    warnings: NDArray[np.int64]
    free_space_db: NDArray[np.float64]
    a_ref_db: NDArray[np.float64]
    mode: NDArray[np.int64]
    delta_h_m: NDArray[np.float64]
    n_s: NDArray[np.float64]
    theta_hzn_a_rad: NDArray[np.float64]
    theta_hzn_b_rad: NDArray[np.float64]
    d_hzn_a_m: NDArray[np.float64]
    d_hzn_b_m: NDArray[np.float64]
    h_eff_a_m: NDArray[np.float64]
    h_eff_b_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Variability:
    """For how much of what the loss is not exceeded; numbers, or arrays with one a path.

    Attributes
    ----------
    time_pct, location_pct, situation_pct : array_like
        Percentages, between 0 and 100.
    mdvar : array_like of int
        Mode: 0 single message, 1 accidental, 2 mobile, 3 broadcast; 10 more leaves out the variability between
        locations (a path over a known profile), 20 more the direct one between situations (interference).
    """

    time_pct: ArrayLike = 50.0
    location_pct: ArrayLike = 50.0
    situation_pct: ArrayLike = 50.0
    mdvar: ArrayLike = 12
    by_confidence: bool = False

    @classmethod
    def of_confidence(
        cls, confidence_pct: ArrayLike = 50.0, reliability_pct: ArrayLike = 50.0, mdvar: ArrayLike = 12
    ) -> Variability:
        """Return the other variant: reliability for time, confidence for situations, the median of locations."""
        return cls(reliability_pct, 50.0, confidence_pct, mdvar, by_confidence=True)


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Ground and air; numbers, or arrays with one a path.

    Attributes
    ----------
    climate : array_like of int
        1 equatorial, 2 continental subtropical, 3 maritime subtropical, 4 desert, 5 continental temperate, 6 maritime
        temperate over land, 7 the same over sea.
    n0 : array_like
        Surface refractivity reduced to sea level, N-units, 250 to 400.
    epsilon_r, sigma_s_per_m : array_like
        Relative permittivity and conductivity (S/m) of the ground; average ground where not given.
    """

    climate: ArrayLike = 5
    n0: ArrayLike = 301.0
    epsilon_r: ArrayLike = 15.0
    sigma_s_per_m: ArrayLike = 0.005


_AVERAGE = Surroundings()
_MEDIAN = Variability()
_MEDIAN_BROADCAST = Variability(mdvar=3)
_NAMES = (*ItmAntennas._fields, *ItmTerms._fields)
_AREA_NAMES = (*RoughLand._fields, *_NAMES)


def equal_spacing_m(distance_m: ArrayLike) -> float:
    """Return the distance between neighbours of a profile whose points are equally spaced, m.

    Parameters
    ----------
    distance_m : array_like, shape (n,)
        Distances from the first end, m, rising from 0.

    Raises
    ------
    InputError
        Where there are fewer than two points, they do not rise from 0, or steps differ by more than a millionth.
    """
    (distance,) = checked_profile(distance_m)
    spacing = float(distance[-1]) / (len(distance) - 1)
    steps = np.diff(distance)
    worst = int(np.argmax(np.abs(steps - spacing)))
    if abs(float(steps[worst]) - spacing) > _SPACING_TOLERANCE * spacing:
        raise InputError(
            msg(
                "The points of the profile are not equally spaced: a step of {step_m:.3f} m at {at_m:.0f} m, where the "
                "mean is {spacing_m:.3f} m.",
                step_m=float(steps[worst]),
                at_m=float(distance[worst]),
                spacing_m=spacing,
            ),
            fix=msg("Give ITM a profile with equal steps."),
        )
    # The step itself where all are the same: a quotient may differ from it in the last bit.
    return float(distance[1]) if float(distance[1]) * (len(distance) - 1) == float(distance[-1]) else spacing


def _check_spacing(spacing_m: NDArray[np.float64]) -> None:
    good = (spacing_m > 0.0) & np.isfinite(spacing_m)
    if not np.all(good):
        raise InputError(
            msg(
                "The points of the profile are {value} m apart; it must be above 0.",
                value=float(spacing_m[int(np.argmin(good))]),
            )
        )


def _check_ground(ground_m: NDArray[np.float64]) -> None:
    if ground_m.ndim != 1 or len(ground_m) < 2:
        raise InputError(msg("A profile has {count} points; it needs two at least.", count=int(ground_m.size)))
    known = np.isfinite(ground_m)
    if not np.all(known):
        raise InputError(msg("The profile has no height at point {index}.", index=int(np.argmin(known))))


def _whole(value: ArrayLike, what: Message) -> NDArray[np.int64]:
    numbers = np.asarray(value, dtype=np.float64)
    good = np.isfinite(numbers) & (np.floor(numbers) == numbers) & (np.abs(numbers) < 2.0**31)
    if not np.all(good):
        raise InputError(
            msg(
                "{what} is {value}; it must be a whole number.",
                what=what,
                value=float(numbers[np.unravel_index(int(np.argmin(good)), numbers.shape)]),
            )
        )
    return numbers.astype(np.int64)


def _floats(value: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(value, dtype=np.float64)


def _radio(
    freq_mhz: ArrayLike, vertical: ArrayLike, surroundings: Surroundings, variability: Variability
) -> tuple[NDArray[Any], ...]:
    """Return the inputs that both kinds of path have in common, in the kernels' order."""
    return (
        _floats(freq_mhz),
        np.asarray(vertical, dtype=np.bool_),
        _whole(surroundings.climate, msg("The radio climate")),
        _floats(surroundings.n0),
        _floats(surroundings.epsilon_r),
        _floats(surroundings.sigma_s_per_m),
        _whole(variability.mdvar, msg("The mode of variability")),
        _floats(variability.time_pct),
        _floats(variability.location_pct),
        _floats(variability.situation_pct),
    )


def _spread(names: tuple[str, ...], values: tuple[NDArray[Any], ...], count: int | None) -> list[Any]:
    """Return the inputs as arrays with one value a path."""
    counts = {value.size for value in values if value.ndim == 1} if count is None else {count}
    paths = max(counts, default=1)
    for name, value in zip(names, values, strict=True):
        if value.ndim > 1 or (value.ndim == 1 and value.size != paths):
            raise InputError(
                msg(
                    "{name} has the shape {shape}; it must be a number, or have one for each of {count} paths.",
                    name=name,
                    shape=str(value.shape),
                    count=paths,
                )
            )
    return [to_read(np.broadcast_to(value, (paths,))) for value in values]


def _refusal(code: int, names: tuple[str, ...], values: list[float], where: str = "") -> InputError:
    """Return the error that says why the model does not apply."""
    name = refused_input(code)
    value = values[names.index(name)] if name in names else 0.0
    return InputError(refusal_in_words(code, int(value) if value.is_integer() else value), where=where)


def code_by_confidence(code: int) -> int:
    """Return a return code by the names of the variant by confidence and reliability."""
    return {BAD_TIME: BAD_RELIABILITY, BAD_SITUATION: BAD_CONFIDENCE}.get(code, code)


def _code_of(code: int, variability: Variability) -> int:
    return code_by_confidence(code) if variability.by_confidence else code


def _losses(
    out: NDArray[np.float64],
    names: tuple[str, ...],
    values: list[NDArray[Any]],
    variability: Variability,
    refuse: bool,
) -> ItmLosses:
    """Return the kernel's rows as columns; raise for the first path to which the model does not apply, if asked."""
    columns = [np.ascontiguousarray(column) for column in out.T]
    codes = out[:, 1].astype(np.int64)
    bad = np.flatnonzero(codes > DONE_WITH_WARNINGS)
    for p in bad.tolist():
        codes[p] = _code_of(int(codes[p]), variability)
    if refuse and len(bad):
        p = int(bad[0])
        raise _refusal(int(codes[p]), names, [float(value[p]) for value in values], f"path {p}")
    warnings = out[:, 2].astype(np.int64)
    mode = out[:, 5].astype(np.int64)
    return ItmLosses(columns[0], codes, warnings, columns[3], columns[4], mode, *columns[6:])


def itm_loss(
    ground_m: ArrayLike,
    spacing_m: float,
    height_a_m: float,
    height_b_m: float,
    freq_mhz: float,
    *,
    vertical: bool = True,
    surroundings: Surroundings = _AVERAGE,
    variability: Variability = _MEDIAN,
) -> ItmLoss:
    """Return the loss of one path over a profile, in plain Python: no compiler is loaded.

    Parameters
    ----------
    ground_m : array_like, shape (n,)
        Ground above sea level from end to end, m, at equal steps; two points at least.
    spacing_m : float
        Distance between neighbouring points, m. `equal_spacing_m` finds it from distances.
    height_a_m, height_b_m : float
        Antennas above ground, m, 0.5 to 3000.
    freq_mhz : float
        Frequency, MHz, 20 to 20000.
    vertical : bool
        Polarisation.
    surroundings : Surroundings
        Ground and air, as numbers.
    variability : Variability
        For how much the loss is not exceeded, as numbers.

    Raises
    ------
    InputError
        Where an input is outside the model's validity, named with its value and range, or a height is missing.

    References
    ----------
    Hufford, the Algorithm, sections 4 to 6; the preparation of profiles as in NTIA Report 82-100.
    """
    ground = np.ascontiguousarray(ground_m, dtype=np.float64)
    _check_ground(ground)
    _check_spacing(np.array([spacing_m], dtype=np.float64))
    values = [
        one.item()
        for one in _spread(
            _NAMES,
            (_floats(height_a_m), _floats(height_b_m), *_radio(freq_mhz, vertical, surroundings, variability)),
            1,
        )
    ]
    # A list: three times as fast as array elements in plain Python.
    profile = EqualProfile(ground.tolist(), 0, len(ground), float(spacing_m))
    found = itm_kernel(profile, ItmAntennas(*values[:4]), ItmTerms(*values[4:]), [0.0] * SCRATCH_SIZE)
    if found.return_code > DONE_WITH_WARNINGS:
        raise _refusal(_code_of(found.return_code, variability), _NAMES, [float(value) for value in values])
    return found


def itm_losses(
    profiles: ItmProfiles,
    height_a_m: ArrayLike,
    height_b_m: ArrayLike,
    freq_mhz: ArrayLike,
    *,
    vertical: ArrayLike = True,
    surroundings: Surroundings = _AVERAGE,
    variability: Variability = _MEDIAN,
    refuse: bool = True,
) -> ItmLosses:
    """Return the losses of many paths over profiles, compiled.

    Parameters
    ----------
    profiles : ItmProfiles
        All profiles end to end, and which of them each path goes over.
    height_a_m, height_b_m, freq_mhz, vertical, surroundings, variability
        As for `itm_loss`; each a number, or with one value a path.
    refuse : bool
        Whether to raise where the model does not apply to a path; else its loss is NaN and its `return_code` says why.

    Raises
    ------
    InputError
        As `itm_loss`, and where the arrays do not fit each other.
    """
    ground = np.ascontiguousarray(profiles.ground_m, dtype=np.float64)
    ends = np.ascontiguousarray(profiles.offsets, dtype=np.int64)
    if ground.ndim != 1 or ends.ndim != 1 or len(ends) == 0 or ends[0] < 0 or ends[-1] > len(ground):
        raise InputError(msg("The offsets do not fit the profiles' points."))
    counts = np.diff(ends)
    if np.any(counts < 2):
        raise InputError(msg("A profile has {count} points; it needs two at least.", count=int(counts.min())))
    (spacing,) = _spread(("spacing_m",), (_floats(profiles.spacing_m),), len(counts))
    _check_spacing(spacing)
    chosen = np.arange(len(counts))
    if profiles.profile is not None:
        chosen = np.ascontiguousarray(profiles.profile, dtype=np.int64)
    if chosen.ndim != 1 or np.any((chosen < 0) | (chosen >= len(counts))):
        raise InputError(msg("A path goes over a profile that is not there."))
    values = _spread(
        _NAMES,
        (_floats(height_a_m), _floats(height_b_m), *_radio(freq_mhz, vertical, surroundings, variability)),
        len(chosen),
    )
    out = np.empty((len(chosen), len(ItmLoss._fields)))
    checked = ItmProfiles(to_read(ground), to_read(ends), spacing, to_read(chosen))
    compiled(itm_many_kernel)(checked, ItmAntennas(*values[:4]), ItmTerms(*values[4:]), np.empty(SCRATCH_SIZE), out)
    if refuse and np.any(out[:, 1] == NO_HEIGHT):
        _check_ground(ground)  # names the point; the kernel only notices that one is missing
    return _losses(out, _NAMES, values, variability, refuse)


def itm_area_loss(
    distance_m: float,
    delta_h_m: float,
    height_a_m: float,
    height_b_m: float,
    freq_mhz: float,
    *,
    siting: tuple[int, int] = (0, 0),
    vertical: bool = True,
    surroundings: Surroundings = _AVERAGE,
    variability: Variability = _MEDIAN_BROADCAST,
) -> ItmLoss:
    """Return the loss over land of which only the roughness is known, in plain Python.

    Parameters
    ----------
    distance_m : float
        Distance, m, above 0.
    delta_h_m : float
        Terrain irregularity, the interdecile range of heights over a long path, m: 0 water, 30 plains, 90 hills, 200
        mountains, 500 rugged mountains.
    height_a_m, height_b_m, freq_mhz, vertical, surroundings, variability
        As for `itm_loss`; the variability between locations is not left out unless asked for.
    siting : (int, int)
        Whether the place of either antenna is chosen at random (0), with care (1) or with great care (2).

    Raises
    ------
    InputError
        Where an input is outside the model's validity, named with its value and range.

    References
    ----------
    Hufford, the Algorithm, section 3; NTIA Report 82-100.
    """
    inputs = _area_inputs(
        distance_m,
        delta_h_m,
        height_a_m,
        height_b_m,
        freq_mhz,
        siting,
        vertical,
        surroundings,
        variability,
        1,
    )
    values = [one.item() for one in inputs]
    found = itm_area_kernel(RoughLand(*values[:4]), ItmAntennas(*values[4:8]), ItmTerms(*values[8:]))
    if found.return_code > DONE_WITH_WARNINGS:
        raise _refusal(_code_of(found.return_code, variability), _AREA_NAMES, [float(value) for value in values])
    return found


def itm_area_losses(
    distance_m: ArrayLike,
    delta_h_m: ArrayLike,
    height_a_m: ArrayLike,
    height_b_m: ArrayLike,
    freq_mhz: ArrayLike,
    *,
    siting: tuple[ArrayLike, ArrayLike] = (0, 0),
    vertical: ArrayLike = True,
    surroundings: Surroundings = _AVERAGE,
    variability: Variability = _MEDIAN_BROADCAST,
    refuse: bool = True,
) -> ItmLosses:
    """Return the losses of many paths over land of which only the roughness is known, compiled.

    Parameters
    ----------
    distance_m, delta_h_m, height_a_m, height_b_m, freq_mhz, siting, vertical, surroundings, variability
        As for `itm_area_loss`; each a number, or with one value a path.
    refuse : bool
        Whether to raise where the model does not apply to a path; else its loss is NaN and its `return_code` says why.

    Raises
    ------
    InputError
        As `itm_area_loss`, and where the arrays do not fit each other.
    """
    values = _area_inputs(
        distance_m,
        delta_h_m,
        height_a_m,
        height_b_m,
        freq_mhz,
        siting,
        vertical,
        surroundings,
        variability,
        None,
    )
    out = np.empty((len(values[0]), len(ItmLoss._fields)))
    compiled(itm_areas_kernel)(RoughLand(*values[:4]), ItmAntennas(*values[4:8]), ItmTerms(*values[8:]), out)
    return _losses(out, _AREA_NAMES, values, variability, refuse)


def _area_inputs(
    distance_m: ArrayLike,
    delta_h_m: ArrayLike,
    height_a_m: ArrayLike,
    height_b_m: ArrayLike,
    freq_mhz: ArrayLike,
    siting: tuple[ArrayLike, ArrayLike],
    vertical: ArrayLike,
    surroundings: Surroundings,
    variability: Variability,
    count: int | None,
) -> list[Any]:
    """Return the inputs of the area kernel in its order, with one value a path."""
    return _spread(
        _AREA_NAMES,
        (
            _floats(distance_m),
            _floats(delta_h_m),
            _whole(siting[0], msg("The siting of the first antenna")),
            _whole(siting[1], msg("The siting of the second antenna")),
            _floats(height_a_m),
            _floats(height_b_m),
            *_radio(freq_mhz, vertical, surroundings, variability),
        ),
        count,
    )
