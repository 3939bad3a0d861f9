"""What an antenna gives in a direction: reference patterns from gain and beamwidth, and measured ones.

Angles are those of the antenna's own frame: azimuth clockwise from its axis as seen from above, elevation upwards. A
pattern is asked by `pointing_gain` with where the antenna points and where the other end is; a map asks a table made
once for each antenna as it is mounted (`loss_table`, `table_loss_kernel`).

Measured patterns
    Two cuts say nothing of what lies between them. Their losses are added, the rule of most planning tools and of the
    antennas of 3GPP TR 36.814 (table A.2.1.1-2): exact on both cuts. The vertical cut has a front and a back; between
    them it is interpolated by azimuth. No direction is taken to be weaker than the weakest of either cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.propagation import f1336
from cn_planner.propagation.f699 import LEAST_RATIO, f699_gain_dbi, gain_of_ratio, ratio_of_gain
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.equipment import Antenna, AntennaPattern

    Gain = Callable[[NDArray[np.float64], NDArray[np.float64]], Any]

OMNI_FROM_DEG = 300.0
"""An azimuth beamwidth of so much is taken to be all round."""
_ROUND_UP_TO = 1.5
_DISH_FROM_DBI = 20.0
_LEAST_POINTS = 36
CROSS_POLAR_DB = 25.0
"""What one linear polarisation holds of the other where no data sheet says it: sectors and dishes state 20 to 30 dB."""
TABLE_STEP_DEG = (1.0, 0.5)
"""Steps of a loss table in azimuth and elevation: a beam of 6 degrees is met within 0.03 dB."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A pattern of gain in every direction.

    Attributes
    ----------
    name : str
        The rule that it follows, or the file that it is from.
    peak_dbi : float
        Greatest gain.
    """

    name: str
    peak_dbi: float
    _gain: Gain

    def gain_dbi(self, azimuth_offset_deg: ArrayLike, elevation_deg: ArrayLike) -> Any:
        """Return the gain off the axis, dBi: arrays that go together, or numbers."""
        azimuth, elevation = np.broadcast_arrays(
            np.asarray(azimuth_offset_deg, np.float64), np.asarray(elevation_deg, np.float64)
        )
        gain = np.asarray(self._gain(azimuth, elevation), np.float64)
        return float(gain) if gain.ndim == 0 else gain


def _off_axis(azimuth: NDArray[np.float64], elevation: NDArray[np.float64]) -> NDArray[np.float64]:
    # By the half angle: exact near the axis, where the cosine has no digits left.
    a, e = np.radians(azimuth), np.radians(elevation)
    half = np.sin(e / 2.0) ** 2 + np.cos(e) * np.sin(a / 2.0) ** 2
    off: NDArray[np.float64] = np.degrees(2.0 * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
    return off


def dish(
    freq_mhz: float, *, gain_dbi: float | None = None, diameter_m: float | None = None, width_deg: float | None = None
) -> Pattern:
    """Return a dish by F.699-8, from gain, diameter or half-power beamwidth: the first of them that is given.

    Raises
    ------
    InputError
        Where none is given, or what is given is no dish of the Recommendation.
    """
    for value in (gain_dbi, diameter_m, width_deg):
        if value is not None and not (math.isfinite(value) and (value is gain_dbi or value > 0.0)):
            raise InputError(msg("Gain, diameter or beamwidth of the dish is {value}.", value=value))
    ratio: float | None = None
    if diameter_m is not None:
        ratio = diameter_m * freq_mhz / 299.792458
    if gain_dbi is None:
        if ratio is not None:
            gain_dbi = gain_of_ratio(ratio)
        elif width_deg is not None:
            ratio, gain_dbi = 70.0 / width_deg, 44.5 - 20.0 * math.log10(width_deg)  # recommends 4
        else:
            raise InputError(msg("A dish needs its gain, its diameter or its beamwidth."))
    peak = gain_dbi
    f699_gain_dbi(0.0, peak, freq_mhz, ratio)  # says what is wrong here, and not at the first question
    return Pattern("ITU-R F.699-8", peak, lambda a, e: f699_gain_dbi(_off_axis(a, e), peak, freq_mhz, ratio))


def sector(
    gain_dbi: float,
    azimuth_width_deg: float,
    freq_mhz: float,
    elevation_width_deg: float | None = None,
    side_lobes: f1336.SideLobes = f1336.SideLobes.AVERAGE,
) -> Pattern:
    """Return a sector by F.1336-5 recommends 3; below 400 MHz the rule for 400 MHz to 6 GHz is kept.

    Raises
    ------
    InputError
        Where frequency or beamwidths are out of range.
    """
    if elevation_width_deg is None:
        elevation_width_deg = f1336.sector_elevation_width_deg(gain_dbi, azimuth_width_deg)
    freq, width_el = max(freq_mhz, f1336.LOW_MHZ), elevation_width_deg
    f1336.sector_gain_dbi(0.0, 0.0, gain_dbi, azimuth_width_deg, width_el, freq)
    return Pattern(
        "ITU-R F.1336-5",
        gain_dbi,
        lambda a, e: f1336.sector_gain_dbi(a, e, gain_dbi, azimuth_width_deg, width_el, freq, side_lobes),
    )


def omni(
    gain_dbi: float,
    freq_mhz: float,
    elevation_width_deg: float | None = None,
    side_lobes: f1336.SideLobes = f1336.SideLobes.AVERAGE,
) -> Pattern:
    """Return an omnidirectional antenna by F.1336-5 recommends 2.

    Raises
    ------
    InputError
        Where frequency or beamwidth are out of range.
    """
    width = f1336.omni_elevation_width_deg(gain_dbi) if elevation_width_deg is None else elevation_width_deg
    width, freq = min(width, 180.0), max(freq_mhz, f1336.LOW_MHZ)
    f1336.omni_gain_dbi(0.0, gain_dbi, width, freq)

    def gain(azimuth: NDArray[np.float64], elevation: NDArray[np.float64]) -> Any:
        del azimuth
        return f1336.omni_gain_dbi(elevation, gain_dbi, width, freq, side_lobes)

    return Pattern("ITU-R F.1336-5", gain_dbi, gain)


def small_round(gain_dbi: float) -> Pattern:
    """Return a small round panel by F.1336-5 recommends 4."""
    return Pattern("ITU-R F.1336-5", gain_dbi, lambda a, e: f1336.round_gain_dbi(_off_axis(a, e), gain_dbi))


def round_antenna(gain_dbi: float, freq_mhz: float) -> Pattern:
    """Return an antenna that is as wide as high, by its gain: a dish by F.699 from 20 dBi on, else F.1336's round one.

    Raises
    ------
    InputError
        Where gain and frequency are none that these rules hold for.
    """
    if gain_dbi >= _DISH_FROM_DBI and ratio_of_gain(gain_dbi) >= LEAST_RATIO:
        return dish(freq_mhz, gain_dbi=gain_dbi)
    return small_round(gain_dbi)


def _cut(values: tuple[float, ...], name: Message) -> NDArray[np.float64]:
    cut = np.asarray(values, np.float64)
    if len(cut) < _LEAST_POINTS or not np.isfinite(cut).all():
        raise InputError(
            msg("The {cut} cut of a pattern has {count} points; it needs {least} at least, all of them numbers.",
                cut=name, count=len(cut), least=_LEAST_POINTS)
        )  # fmt: skip
    relative: NDArray[np.float64] = cut - cut.max()
    return relative


def _round(cut: NDArray[np.float64], angle_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    # Linear between the points of a cut that closes on itself.
    at = angle_deg % 360.0 * (len(cut) / 360.0)
    low = np.floor(at).astype(np.int64)
    part = at - low
    low %= len(cut)
    found: NDArray[np.float64] = cut[low] * (1.0 - part) + cut[(low + 1) % len(cut)] * part
    return found


def measured(pattern: AntennaPattern, gain_dbi: float | None = None) -> Pattern:
    """Return a measured pattern, by the rule that the module states.

    Parameters
    ----------
    pattern : AntennaPattern
        The two cuts.
    gain_dbi : float, optional
        Greatest gain, where the file's own is not to be used or it has none.

    Raises
    ------
    InputError
        Where a cut has too few points or holds what is no number, or no gain is known.
    """
    peak = pattern.gain_dbi if gain_dbi is None else gain_dbi
    if peak is None:
        raise InputError(msg("The pattern {name} does not say the gain of the antenna.", name=pattern.name))
    horizontal = _cut(pattern.horizontal_db, msg("horizontal"))
    vertical = _cut(pattern.vertical_db, msg("vertical"))
    least = float(min(horizontal.min(), vertical.min()))
    middle = _axis_deg(horizontal)
    behind = _round(vertical, np.array(180.0))

    def gain(azimuth: NDArray[np.float64], elevation: NDArray[np.float64]) -> Any:
        # The vertical cut goes through the azimuth of the greatest gain; behind, it counts from its own level there.
        back = np.abs((azimuth - middle + 180.0) % 360.0 - 180.0) / 180.0
        front_db = _round(vertical, elevation)
        back_db = _round(vertical, 180.0 - elevation) - behind
        loss = _round(horizontal, azimuth) + (1.0 - back) * front_db + back * back_db
        return peak + np.clip(loss, least, 0.0)

    return Pattern(pattern.name, peak, gain)


def _axis_deg(cut: NDArray[np.float64]) -> float:
    """Return the azimuth of the greatest gain: the axis where it is there too, else the middle of the plateau."""
    if cut[0] >= -0.05:
        return 0.0
    at = np.radians(np.flatnonzero(cut >= -0.05) * (360.0 / len(cut)))
    return float(np.degrees(np.arctan2(np.sin(at).sum(), np.cos(at).sum())) % 360.0)


def pattern_of(antenna: Antenna, freq_mhz: float, side_lobes: f1336.SideLobes = f1336.SideLobes.AVERAGE) -> Pattern:
    """Return the pattern of an antenna of the shelf: its measured one, else the Recommendation's for its kind.

    All round: F.1336 omnidirectional. About as wide as high: F.699 for dishes of 20 dBi and more, F.1336's round
    antenna below. Else: F.1336 sector. The greatest gain is always that of the shelf's entry.

    Raises
    ------
    InputError
        Where gain, beamwidths and frequency are none that these rules hold for.
    """
    if antenna.pattern is not None:
        return measured(antenna.pattern, antenna.gain_dbi)
    gain, wide, high = antenna.gain_dbi, antenna.beamwidth_az_deg, antenna.beamwidth_el_deg
    if wide >= OMNI_FROM_DEG:
        return omni(gain, freq_mhz, high, side_lobes)
    if max(wide, high) <= _ROUND_UP_TO * min(wide, high):
        return round_antenna(gain, freq_mhz)
    return sector(gain, wide, freq_mhz, high, side_lobes)


def _mounted(
    azimuth: NDArray[np.float64],
    elevation: NDArray[np.float64],
    tilt_deg: NDArray[np.float64],
    electrical_tilt_deg: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return directions in the frame of an antenna that is tilted; tilts are positive upwards."""
    if tilt_deg.any():
        # F.1336-5, recommends 3.4, eq. 3b and 3c, with the sign of the azimuth kept; its tilt is positive downwards.
        beta, phi, theta = np.radians(-tilt_deg), np.radians(azimuth), np.radians(elevation)
        along = np.cos(theta) * np.cos(phi)
        up = np.sin(theta) * np.cos(beta) + along * np.sin(beta)
        ahead = along * np.cos(beta) - np.sin(theta) * np.sin(beta)
        turned = tilt_deg != 0.0
        azimuth = np.where(turned, np.degrees(np.arctan2(np.cos(theta) * np.sin(phi), ahead)), azimuth)
        elevation = np.where(turned, np.degrees(np.arcsin(np.clip(up, -1.0, 1.0))), elevation)
    if electrical_tilt_deg:
        # F.1336-5, recommends 2.5 and 3.5, eq. 1e: the beam is bent down alike in every azimuth.
        down = -electrical_tilt_deg
        off = elevation + down
        elevation = np.where(off >= 0.0, 90.0 * off / (90.0 + down), 90.0 * off / (90.0 - down))
    return azimuth, elevation


def pointing_gain(
    pattern: Pattern,
    azimuth_deg: ArrayLike,
    tilt_deg: ArrayLike,
    towards_azimuth_deg: ArrayLike,
    elevation_deg: ArrayLike,
    *,
    electrical_tilt_deg: float = 0.0,
) -> Any:
    """Return the gain of a mounted antenna towards a place.

    Parameters
    ----------
    pattern : Pattern
        The antenna.
    azimuth_deg, tilt_deg : array_like
        Where its axis points: azimuth from true north, and tilt of the mount, positive upwards; of one antenna, or of
        each of several alike.
    towards_azimuth_deg, elevation_deg : array_like
        Where the other end is, seen from here.
    electrical_tilt_deg : float
        Tilt made by the antenna and not in its pattern yet, positive upwards; above -90 and below 90.

    Returns
    -------
    float or ndarray
        dBi.

    Raises
    ------
    InputError
        Where a tilt is none.

    References
    ----------
    ITU-R F.1336-5, recommends 2.5, 3.4 and 3.5, for the tilts.
    """
    tilts = np.asarray(tilt_deg, np.float64)
    wrong = tilts[~(np.abs(tilts) <= 90.0)]
    if wrong.size or not -90.0 < electrical_tilt_deg < 90.0:
        tilt = float(wrong.flat[0]) if wrong.size else electrical_tilt_deg
        raise InputError(msg("A tilt is {tilt} degrees; it must be -90 to 90.", tilt=tilt))
    towards, elevation = np.broadcast_arrays(
        np.asarray(towards_azimuth_deg, np.float64), np.asarray(elevation_deg, np.float64)
    )
    off = (towards - np.asarray(azimuth_deg, np.float64) + 180.0) % 360.0 - 180.0
    return pattern.gain_dbi(*_mounted(off, elevation, tilts, electrical_tilt_deg))


@lru_cache(maxsize=32)
def loss_table(pattern: Pattern, tilt_deg: float = 0.0) -> NDArray[np.float32]:
    """Return by how much a mounted antenna gives less than its greatest gain, dB, on a grid of directions.

    Returns
    -------
    float32 array of (361, 361), not writeable
        Rows: azimuth off that of the mount, 0 to 360 degrees; columns: elevation, -90 to 90 degrees in half degrees.
    """
    across, upwards = TABLE_STEP_DEG
    azimuth = np.arange(0.0, 360.0 + across / 2.0, across)[:, np.newaxis]
    elevation = np.arange(-90.0, 90.0 + upwards / 2.0, upwards)[np.newaxis, :]
    gain = pointing_gain(pattern, 0.0, tilt_deg, azimuth, elevation)
    table = np.ascontiguousarray(pattern.peak_dbi - gain, np.float32)
    table.flags.writeable = False
    return table


@kernel
def table_loss_kernel(table: Any, azimuth_offset_deg: float, elevation_deg: float) -> float:
    """Loss of a direction by bilinear interpolation in a `loss_table`."""
    a = azimuth_offset_deg % 360.0
    e = (min(max(elevation_deg, -90.0), 90.0) + 90.0) * 2.0
    i = min(int(a), 359)
    j = min(int(e), 359)
    u = a - i
    v = e - j
    low = table[i, j] * (1.0 - v) + table[i, j + 1] * v
    high = table[i + 1, j] * (1.0 - v) + table[i + 1, j + 1] * v
    loss: float = low * (1.0 - u) + high * u
    return loss


def polarisation_loss_db(angle_deg: float, cross_polar_db: float = CROSS_POLAR_DB) -> float:
    """Return what two linear polarisations lose that are turned against each other.

    Parameters
    ----------
    angle_deg : float
        Angle between them: 0 the same, 45 slant to upright, 90 crossed.
    cross_polar_db : float
        What the antennas hold of the other polarisation, dB under their own: crossed, that is the loss.

    Raises
    ------
    InputError
        Where the cross-polar level is not above 0.

    Notes
    -----
    The power in the wanted polarisation is cos^2 of the angle, in the other sin^2, and the latter is heard by
    ``cross_polar_db`` weaker.
    """
    if not 0.0 < cross_polar_db < math.inf:
        raise InputError(msg("The cross-polar level is {value} dB; it must be above 0.", value=cross_polar_db))
    wanted = math.cos(math.radians(angle_deg)) ** 2
    return -10.0 * math.log10(wanted + (1.0 - wanted) * math.pow(10.0, -cross_polar_db / 10.0))


def directivity_dbi(pattern: Pattern, step_deg: float = 1.0) -> float:
    """Return the greatest gain that a pattern would have without losses: what follows from its integral on the sphere.

    Parameters
    ----------
    pattern : Pattern
        The antenna.
    step_deg : float
        Step of the sum; a quarter of the beamwidth or less.
    """
    azimuth = np.arange(-180.0 + step_deg / 2.0, 180.0, step_deg)[:, np.newaxis]
    elevation = np.arange(-90.0 + step_deg / 2.0, 90.0, step_deg)[np.newaxis, :]
    relative = np.power(10.0, (pattern.gain_dbi(azimuth, elevation) - pattern.peak_dbi) / 10.0)
    weight = np.broadcast_to(np.cos(np.radians(elevation)), relative.shape)
    return float(-10.0 * np.log10((relative * weight).sum() / weight.sum()))


def half_power_width_deg(cut_db: ArrayLike) -> float:
    """Return the width of a cut between the places 3 dB under its greatest value; 360 where it never falls so far."""
    cut = _cut(tuple(np.asarray(cut_db, np.float64).tolist()), msg("given"))
    count = len(cut)
    at = int(np.argmax(cut))
    width = 0.0
    for way in (1, -1):
        before = float(cut[at])
        for n in range(1, count):
            here = float(cut[(at + way * n) % count])
            if here < -3.0:
                width += (n - 1.0 + (before + 3.0) / (before - here)) * 360.0 / count
                break
            before = here
        else:
            return 360.0
    return float(min(width, 360.0))


_WIDTH_SLACK, _GAIN_SLACK_DB = 1.35, 3.0


def pattern_disagreements(pattern: AntennaPattern, antenna: Antenna | None = None) -> tuple[Message, ...]:
    """Return where a measured pattern does not fit what is said of the antenna: beamwidths, and gain by its integral.

    Parameters
    ----------
    pattern : AntennaPattern
        What was measured, with what its file states.
    antenna : Antenna, optional
        The shelf's entry, in place of what the file states.

    Raises
    ------
    InputError
        Where a cut has too few points or holds what is no number.
    """
    gain = pattern.gain_dbi if antenna is None else antenna.gain_dbi
    stated = (
        (pattern.stated_az_deg, pattern.stated_el_deg)
        if antenna is None
        else (antenna.beamwidth_az_deg, antenna.beamwidth_el_deg)
    )
    found: list[Message] = []
    names = (msg("horizontal"), msg("vertical"))
    cuts = (pattern.horizontal_db, pattern.vertical_db)
    for width, cut, name in zip(stated, cuts, names, strict=True):
        real = half_power_width_deg(cut)
        if width is not None and width > 0.0 and max(width / real, real / width) > _WIDTH_SLACK:
            found.append(
                msg("The {cut} beam of the pattern is {real:.0f} degrees wide; {stated:.0f} are stated.",
                    cut=name, real=real, stated=width)
            )  # fmt: skip
    if gain is not None:
        real = directivity_dbi(measured(pattern, gain))
        if abs(real - gain) > _GAIN_SLACK_DB:
            found.append(
                msg("A pattern of this shape has a gain of about {real:.1f} dBi; {stated:.1f} dBi are stated.",
                    real=real, stated=gain)
            )  # fmt: skip
    return tuple(found)
