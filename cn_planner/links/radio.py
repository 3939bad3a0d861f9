"""One end of a radio link: what it sends, what it hears, and what the law lets it send."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.links import lora, lte
from cn_planner.links.noise import noise_floor_dbm, noise_rise_db, sensitivity_dbm, thermal_noise_dbm
from cn_planner.links.ranges import within
from cn_planner.links.wifi import STANDARD_NOISE_FIGURE_DB, least_sensitivity_dbm, wifi_rate_mbps
from cn_planner.message import Message, msg
from cn_planner.model.law import CountryRules
from cn_planner.model.radio_figures import RadioMode, Task, TotalDbm
from cn_planner.model.regulations import closed_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.equipment import Catalogue, Kit, Radio
    from cn_planner.model.law import PowerLimit

_WIFI = frozenset({"802.11n", "802.11ac", "802.11ax"})
"""What the bound of `links.csma` is made for."""
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
        Greatest gain, by which the law's limit is kept, and loss between radio and antenna.
    efficiency : float
        IP rate over air rate.
    eirp_cap_dbm, conducted_cap_dbm : float, optional
        What the law allows to be radiated or to enter the antenna; None where it is not known or does not limit that.
    allowed : bool
        False where the law allows no power on this channel at all.
    closed : Message, optional
        Which law that is, and which channels it leaves; None where it is not known.
    name : str
        What a person calls it.
    pointing_loss_db : float
        By how much the gain in the direction of the other end is less than the greatest: `cn_planner.links.pointing`.
    technology : str
        As on the shelf ("802.11ac", "lte", "lora"); empty where it is not known. Radios of different kinds do not hear
        each other.
    noise_figure_db : float, optional
        Of the receiver; None where it is not known. Ratios are then over the noise of heat alone.
    external_noise_db : float, optional
        Noise figure of the antenna at this place (`noise.man_made_noise_db`), above 0 where people's machines are
        heard: the radio then needs so much more level. None: quiet. It asks for a noise figure.
    duty_pct : float, optional
        Share of each hour that the law gives to one sender, per cent; None where it says nothing of it.
    least_power_dbm, max_input_dbm : float, optional
        The least power that it can be set to, and the strongest level that it still receives right; None where nobody
        says.
    held_dbm : float, optional
        What it is set to at most so that the other end bears it: `cn_planner.links.settable.held_for`.
    listens : bool
        Whether it is loaded with plain Wi-Fi, which listens before it sends and knows no turns by a clock.
    """

    modes: tuple[RadioMode, ...]
    antenna_gain_dbi: float
    cable_loss_db: float
    efficiency: float
    eirp_cap_dbm: float | None = None
    conducted_cap_dbm: float | None = None
    allowed: bool = True
    name: str = ""
    pointing_loss_db: float = 0.0
    technology: str = ""
    noise_figure_db: float | None = None
    external_noise_db: float | None = None
    duty_pct: float | None = None
    closed: Message | None = None
    listens: bool = False
    least_power_dbm: float | None = None
    max_input_dbm: float | None = None
    held_dbm: float | None = None

    def __post_init__(self) -> None:
        if self.external_noise_db is not None and self.noise_figure_db is None:
            raise InputError(
                msg("The noise figure of {name} is not known: noise from outside cannot be added.", name=self.name),
                fix=msg("Give its noise figure."),
            )

    @property
    def family(self) -> str:
        """Which radios it talks to: all Wi-Fi is one family."""
        return "802.11" if self.technology.startswith("802.11") else self.technology

    def noise_rise_db(self) -> float:
        """Return what noise from outside takes of the sensitivity, dB; 0 where none is given."""
        if self.external_noise_db is None or self.noise_figure_db is None:
            return 0.0
        return noise_rise_db(self.noise_figure_db, self.external_noise_db, self.cable_loss_db)

    @property
    def weakest_dbm(self) -> float:
        """The weakest level that it hears in any of its modes, dBm; -inf where it hears none."""
        heard = [mode.sensitivity_dbm for mode in self.modes if math.isfinite(mode.sensitivity_dbm)]
        return min(heard, default=-math.inf) + self.noise_rise_db()

    def noise_dbm(self, mode: RadioMode) -> float:
        """Return the noise at the receiver's input in a mode's channel, dBm, without noise from outside.

        Where the source of the mode gives the ratio that it needs, that of the source; else heat and the receiver's
        noise figure; heat alone where neither is known.
        """
        if mode.snr_db is not None:
            return mode.sensitivity_dbm - mode.snr_db
        if self.noise_figure_db is None:
            return thermal_noise_dbm(mode.width_mhz)
        return noise_floor_dbm(mode.width_mhz, self.noise_figure_db)

    def tx_power_dbm(self, mode: RadioMode) -> TotalDbm:
        """Return the power of a mode, of all chains together, lowered for the law and for the other end, dBm.

        A radio is set in whole dBm: a lowered power is the greatest whole one that keeps the limit.
        """
        power = mode.tx_power_dbm
        if self.held_dbm is not None:
            power = TotalDbm(min(power, self.held_dbm))
        if self.eirp_cap_dbm is not None:
            power = TotalDbm(min(power, self.eirp_cap_dbm - self.antenna_gain_dbi + self.cable_loss_db))
        if self.conducted_cap_dbm is not None:
            # What enters the antenna: the cable's loss may be made up for.
            power = TotalDbm(min(power, self.conducted_cap_dbm + self.cable_loss_db))
        return power if power == mode.tx_power_dbm else TotalDbm(float(math.floor(power + 1e-9)))

    def eirp_dbm(self, mode: RadioMode) -> float:
        """Return what a mode radiates where it radiates most, dBm EIRP."""
        return self.tx_power_dbm(mode) - self.cable_loss_db + self.antenna_gain_dbi


class Direction(NamedTuple):
    """One direction of a link: one value a mode that both radios have, in the order of rising rate.

    The same for every technology: Wi-Fi, TDMA, LoRa, LTE.

    Attributes
    ----------
    mcs : tuple of str
        Names of the modes.
    level_dbm : ndarray, shape (modes,)
        Received level over a path without loss.
    sensitivity_dbm, rate_mbps : ndarray, shape (modes,)
        Least level, with noise from outside; and rate at the IP level.
    robust : int
        The mode that bears the most loss: it is the one that decides whether the link works at all.
    noise_dbm : ndarray, shape (modes,)
        Noise at the receiver, with noise from outside: that of heat alone where its noise figure is not known.
    power_dbm : tuple of float
        What the sender's radio gives.
    efficiency : float
        IP rate over air rate.
    listens : bool
        Whether both radios are plain Wi-Fi.
    """

    mcs: tuple[str, ...]
    level_dbm: NDArray[np.float64]
    sensitivity_dbm: NDArray[np.float64]
    rate_mbps: NDArray[np.float64]
    robust: int
    noise_dbm: NDArray[np.float64]
    power_dbm: tuple[float, ...] = ()
    efficiency: float = 1.0
    listens: bool = False

    @property
    def required_snr_db(self) -> NDArray[np.float64]:
        """Signal to noise ratio that each mode needs, dB: the least level over the noise."""
        return self.sensitivity_dbm - self.noise_dbm

    def snr_db(self, loss_db: ArrayLike, mode: int | None = None) -> NDArray[np.float64]:
        """Return the signal to noise ratio over a path, dB.

        Parameters
        ----------
        loss_db : array_like
            Loss of the path, dB, any shape; NaN where it is not known, and stays NaN.
        mode : int, optional
            Index of the mode; the most robust one where not given.
        """
        at = self.robust if mode is None else mode
        ratio: NDArray[np.float64] = self.level_dbm[at] - self.noise_dbm[at] - np.asarray(loss_db, dtype=np.float64)
        return ratio


_MOST_KEPT = 128
_kept: dict[tuple[int, int], tuple[RadioEnd, RadioEnd, Direction]] = {}
"""What was answered last, by the very objects: to compare a dozen modes each time would take as long as to answer."""


def direction(sender: RadioEnd, receiver: RadioEnd) -> Direction:
    """Return what can be received, mode by mode; whoever asks again of the same two may get the same arrays.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    key = id(sender), id(receiver)
    kept = _kept.get(key)
    if kept is None or kept[0] is not sender or kept[1] is not receiver:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = sender, receiver, _direction(sender, receiver)
    return kept[2]


def _direction(sender: RadioEnd, receiver: RadioEnd) -> Direction:
    # A sensitivity that is not finite: the radio sends that mode and cannot hear it.
    heard = {(mode.mcs, mode.width_mhz): mode for mode in receiver.modes if math.isfinite(mode.sensitivity_dbm)}
    pairs = [(mode, heard[mode.mcs, mode.width_mhz]) for mode in sender.modes if (mode.mcs, mode.width_mhz) in heard]
    strangers = bool(sender.family and receiver.family and sender.family != receiver.family)
    if not pairs or strangers:
        raise InputError(
            msg("{sender} and {receiver} have no mode in common.", sender=sender.name, receiver=receiver.name),
            fix=msg("Choose kits of the same technology and channel width for both ends."),
        )
    pairs.sort(key=lambda pair: pair[0].rate_mbps)
    gain = receiver.antenna_gain_dbi - receiver.cable_loss_db - receiver.pointing_loss_db - sender.pointing_loss_db
    level = np.array([sender.eirp_dbm(sent) + gain for sent, _ in pairs])
    rise = receiver.noise_rise_db()
    sensitivity = np.array([listened.sensitivity_dbm for _, listened in pairs]) + rise
    noise = np.array([receiver.noise_dbm(listened) for _, listened in pairs]) + rise
    efficiency = min(sender.efficiency, receiver.efficiency)
    rate = np.array([min(sent.rate_mbps, listened.rate_mbps) * efficiency for sent, listened in pairs])
    return Direction(
        tuple(sent.mcs for sent, _ in pairs), level, sensitivity, rate, int(np.argmax(level - sensitivity)), noise,
        tuple(sender.tx_power_dbm(sent) for sent, _ in pairs), efficiency, sender.listens and receiver.listens,
    )  # fmt: skip


def radio_end(
    catalogue: Catalogue,
    kit: Kit | str,
    regulations: CountryRules | PowerLimit | None = None,
    *,
    freq_mhz: float | None = None,
    width_mhz: float | None = None,
) -> RadioEnd:
    """Return the end that a kit makes.

    Parameters
    ----------
    catalogue : Catalogue
        The shelf.
    kit : Kit or str
        The kit or its id.
    regulations : CountryRules or PowerLimit, optional
        The country's rules, or the one limit that holds. None where they are unknown: nothing is then capped.
    freq_mhz, width_mhz : float, optional
        The channel that it is set to, where that is not the kit's own: the law may allow less power there.

    Raises
    ------
    InputError
        Where there is no such kit, or its radio has no mode of its channel width.
    """
    chosen = (catalogue.kit(kit) if isinstance(kit, str) else kit).on(freq_mhz, width_mhz)
    radio = catalogue.radios[chosen.radio]
    modes = radio.modes_at(chosen.width_mhz, chosen.freq_mhz)
    if not modes:
        raise InputError(
            msg("{radio} has no mode of {width_mhz:g} MHz.", radio=radio.name, width_mhz=chosen.width_mhz),
            where=chosen.id,
            fix=msg(
                "Its channels are {widths} MHz wide.",
                widths=", ".join(f"{one:g}" for one in sorted({mode.width_mhz for mode in radio.modes})),
            ),
        )
    antenna = catalogue.antennas[chosen.antenna]
    limit = regulations.limit_of(chosen, antenna) if isinstance(regulations, CountryRules) else regulations
    most, allowed, closed = None, True, None
    if limit is not None and (not isinstance(regulations, CountryRules) or regulations.caps):
        most = limit.power_dbm(antenna.gain_dbi, chosen.width_mhz)
    if isinstance(regulations, CountryRules):
        allowed = regulations.open(limit)
        closed = None if allowed else closed_words(regulations, chosen, radio, antenna)
    return RadioEnd(
        modes=_all_modes(radio, modes, chosen.task),
        antenna_gain_dbi=antenna.gain_dbi,
        cable_loss_db=chosen.cable_loss_db,
        efficiency=radio.efficiency,
        eirp_cap_dbm=most if limit is not None and limit.eirp else None,
        conducted_cap_dbm=most if limit is not None and not limit.eirp else None,
        allowed=allowed,
        name=chosen.name,
        technology=radio.technology,
        noise_figure_db=radio.noise_figure_db,
        duty_pct=None if limit is None else limit.duty_pct,
        closed=closed,
        listens=radio.technology in _WIFI and catalogue.systems.drafted(radio.id),
        least_power_dbm=radio.least_tx_power_dbm,
        max_input_dbm=radio.max_input_dbm,
    )


def _all_modes(radio: Radio, given: tuple[RadioMode, ...], task: Task) -> tuple[RadioMode, ...]:
    """Return the modes of a kit's radio with those that its technology has beside the ones of its source."""
    if radio.technology == "lora":
        return lora.every_factor(given)
    if radio.technology == "lte" and radio.noise_figure_db is not None:
        return lte.every_step(given, radio.noise_figure_db, base_station=task is not Task.CLIENT)
    return given


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
    if not 0.0 < width_mhz < math.inf:
        raise InputError(msg("The channel width is {width_mhz} MHz; it must be above 0.", width_mhz=width_mhz))
    times = width_mhz / 20.0
    noise = 10.0 * math.log10(times)
    modes = tuple(
        RadioMode(
            f"MCS{mcs}",
            width_mhz,
            TotalDbm(tx_power_dbm),
            least_sensitivity_dbm("802.11n", mcs, 20.0) + noise,
            wifi_rate_mbps("802.11n", mcs, 20.0) * times,
        )
        for mcs in range(8)
    )
    return RadioEnd(
        modes,
        antenna_gain_dbi,
        cable_loss_db,
        efficiency,
        name=name,
        technology="802.11n",
        noise_figure_db=STANDARD_NOISE_FIGURE_DB,
    )


def modes_from_snr(
    table: Iterable[tuple[str, float, float, float]], width_mhz: float, tx_power_dbm: float, noise_figure_db: float
) -> tuple[RadioMode, ...]:
    """Return the modes of a radio whose maker gives ratios instead of levels, in the order given.

    Parameters
    ----------
    table : iterable of (str, float, float, float)
        Name, signal to noise ratio that the mode needs (dB), rate (Mbit/s), and by how much its power is below the
        greatest (dB). Rates of 0 are left out.
    width_mhz, tx_power_dbm, noise_figure_db : float
        Noise bandwidth, greatest power, and noise figure of the receiver.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    power = within(msg("Transmit power"), tx_power_dbm, -10.0, 46.0, "dBm")
    return tuple(
        RadioMode(
            name,
            width_mhz,
            TotalDbm(power - within(msg("Power below the greatest"), back_off, 0.0, 40.0, "dB")),
            sensitivity_dbm(width_mhz, noise_figure_db, ratio),
            rate,
            ratio,
        )
        for name, ratio, rate, back_off in table
        if within(msg("Rate"), rate, 0.0, 1e6, "Mbit/s") > 0.0
    )
