"""One end of a radio link: what it sends, what it hears, and what the law lets it send."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.equipment import CountryRules, PowerLimit, RadioMode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.model.equipment import Catalogue, Kit

_OVERHEAD_EFFICIENCY = 0.6
"""IP rate over air rate where no radio is named: 802.11 with acknowledgements and aggregation, an assumption."""


@dataclass(frozen=True, slots=True)
class RadioEnd:
    """A radio with its antenna and cable, at one channel width.

    Attributes
    ----------
    modes : tuple of RadioMode
        In the order of rising rate, one channel width.
    antenna_gain_dbi, cable_loss_db : float
        Gain in the direction of the other end, and loss between radio and antenna.
    efficiency : float
        IP rate over air rate.
    eirp_cap_dbm, conducted_cap_dbm : float, optional
        What the law allows to be radiated or to enter the antenna; None where it is not known or does not limit that.
    allowed : bool
        False where the law allows no power on this channel at all.
    name : str
        What a person calls it.
    """

    modes: tuple[RadioMode, ...]
    antenna_gain_dbi: float
    cable_loss_db: float
    efficiency: float
    eirp_cap_dbm: float | None = None
    conducted_cap_dbm: float | None = None
    allowed: bool = True
    name: str = ""

    def tx_power_dbm(self, mode: RadioMode) -> float:
        """Return the power of a mode, lowered where the law asks for it, dBm.

        A radio is set in whole dBm: a lowered power is the greatest whole one that keeps the limit.
        """
        power = mode.tx_power_dbm
        if self.eirp_cap_dbm is not None:
            power = min(power, self.eirp_cap_dbm - self.antenna_gain_dbi + self.cable_loss_db)
        if self.conducted_cap_dbm is not None:
            # What enters the antenna: the cable's loss may be made up for.
            power = min(power, self.conducted_cap_dbm + self.cable_loss_db)
        return power if power == mode.tx_power_dbm else float(math.floor(power + 1e-9))

    def eirp_dbm(self, mode: RadioMode) -> float:
        """Return what a mode radiates, dBm EIRP."""
        return self.tx_power_dbm(mode) - self.cable_loss_db + self.antenna_gain_dbi


class Direction(NamedTuple):
    """One direction of a link: one value a mode that both radios have, in the order of rising rate.

    Attributes
    ----------
    mcs : tuple of str
        Names of the modes.
    level_dbm : ndarray, shape (modes,)
        Received level over a path without loss.
    sensitivity_dbm, rate_mbps : ndarray, shape (modes,)
        Least level, and rate at the IP level.
    robust : int
        The mode that bears the most loss: it is the one that decides whether the link works at all.
    """

    mcs: tuple[str, ...]
    level_dbm: NDArray[np.float64]
    sensitivity_dbm: NDArray[np.float64]
    rate_mbps: NDArray[np.float64]
    robust: int


def direction(sender: RadioEnd, receiver: RadioEnd) -> Direction:
    """Return what can be received, mode by mode.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    heard = {(mode.mcs, mode.width_mhz): mode for mode in receiver.modes}
    pairs = [(mode, heard[mode.mcs, mode.width_mhz]) for mode in sender.modes if (mode.mcs, mode.width_mhz) in heard]
    if not pairs:
        raise InputError(
            msg("{sender} and {receiver} have no mode in common.", sender=sender.name, receiver=receiver.name),
            fix=msg("Choose kits of the same technology and channel width for both ends."),
        )
    pairs.sort(key=lambda pair: pair[0].rate_mbps)
    gain = receiver.antenna_gain_dbi - receiver.cable_loss_db
    level = np.array([sender.eirp_dbm(sent) + gain for sent, _ in pairs])
    sensitivity = np.array([listened.sensitivity_dbm for _, listened in pairs])
    efficiency = min(sender.efficiency, receiver.efficiency)
    rate = np.array([min(sent.rate_mbps, listened.rate_mbps) * efficiency for sent, listened in pairs])
    return Direction(
        tuple(sent.mcs for sent, _ in pairs), level, sensitivity, rate, int(np.argmax(level - sensitivity))
    )


def radio_end(catalogue: Catalogue, kit: Kit | str, law: CountryRules | PowerLimit | None = None) -> RadioEnd:
    """Return the end that a kit makes.

    Parameters
    ----------
    catalogue : Catalogue
        The shelf.
    kit : Kit or str
        The kit or its id.
    law : CountryRules or PowerLimit, optional
        The country's rules, or the one limit that holds. None where they are unknown: nothing is then capped.

    Raises
    ------
    InputError
        Where there is no such kit, or its radio has no mode of its channel width.
    """
    chosen = catalogue.kit(kit) if isinstance(kit, str) else kit
    radio = catalogue.radios[chosen.radio]
    modes = radio.modes_at(chosen.width_mhz)
    if not modes:
        raise InputError(
            msg("{radio} has no mode of {width_mhz:g} MHz.", radio=radio.name, width_mhz=chosen.width_mhz),
            where=chosen.id,
        )
    limit = _outdoor_limit(law, chosen) if isinstance(law, CountryRules) else law
    return RadioEnd(
        modes=modes,
        antenna_gain_dbi=catalogue.antennas[chosen.antenna].gain_dbi,
        cable_loss_db=chosen.cable_loss_db,
        efficiency=radio.efficiency,
        eirp_cap_dbm=limit.limit_dbm if limit is not None and limit.eirp else None,
        conducted_cap_dbm=limit.limit_dbm if limit is not None and not limit.eirp else None,
        allowed=law is None or limit is not None,
        name=chosen.name,
    )


def _outdoor_limit(law: CountryRules, kit: Kit) -> PowerLimit | None:
    outdoors = tuple(limit for limit in law.limits if not limit.indoor_only)
    return CountryRules(law.country, outdoors, law.source).limit(kit.freq_mhz, kit.width_mhz)


# IEEE Std 802.11-2020, clause 19 (HT): least sensitivity and rate of one stream at 20 MHz with the 800 ns guard
# interval. Twice the width, twice the noise: 3 dB.
_STANDARD_MODES = (
    ("MCS0", -82.0, 6.5),
    ("MCS1", -79.0, 13.0),
    ("MCS2", -77.0, 19.5),
    ("MCS3", -74.0, 26.0),
    ("MCS4", -70.0, 39.0),
    ("MCS5", -66.0, 52.0),
    ("MCS6", -65.0, 58.5),
    ("MCS7", -64.0, 65.0),
)


def standard_end(
    tx_power_dbm: float,
    antenna_gain_dbi: float,
    cable_loss_db: float = 0.0,
    width_mhz: float = 20.0,
    *,
    efficiency: float = _OVERHEAD_EFFICIENCY,
    name: str = "",
) -> RadioEnd:
    """Return an end by its figures, with the least sensitivity that IEEE 802.11 asks of any radio.

    Real radios hear 5 to 15 dB more. Rates and sensitivities are those of one stream scaled with the width.

    Parameters
    ----------
    tx_power_dbm, antenna_gain_dbi, cable_loss_db : float
        As on the data sheet.
    width_mhz : float
        Channel width, MHz.
    efficiency : float
        IP rate over air rate.
    name : str
        What a person calls it.

    Raises
    ------
    InputError
        Where the width is not above 0.

    References
    ----------
    IEEE Std 802.11-2020, clause 19 (receiver minimum input sensitivity; HT MCS of one stream).
    """
    if not width_mhz > 0.0:
        raise InputError(msg("The channel width is {width_mhz} MHz; it must be above 0.", width_mhz=width_mhz))
    times = width_mhz / 20.0
    noise = 10.0 * math.log10(times)
    modes = tuple(
        RadioMode(mcs, width_mhz, tx_power_dbm, sensitivity + noise, rate * times)
        for mcs, sensitivity, rate in _STANDARD_MODES
    )
    return RadioEnd(modes, antenna_gain_dbi, cable_loss_db, efficiency, name=name)
