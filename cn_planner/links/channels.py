"""Channels: which ones a radio may be set to, and how much of one is heard on another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.radio import radio_end

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.law import CountryRules

WIFI_CENTRES_MHZ: dict[float, tuple[float, ...]] = {
    20.0: (
        *(2412.0, 2437.0, 2462.0),
        *(5000.0 + 5.0 * n for first, last in ((36, 64), (100, 144), (149, 177)) for n in range(first, last + 1, 4)),
    ),
    40.0: tuple(
        5000.0 + 5.0 * n for first, last in ((38, 62), (102, 142), (151, 175)) for n in range(first, last + 1, 8)
    ),
    80.0: tuple(5000.0 + 5.0 * n for n in (42, 58, 106, 122, 138, 155, 171)),
    160.0: (5250.0, 5570.0, 5815.0),
}
"""IEEE Std 802.11-2020, Annex E, operating classes, by width. In 2.4 GHz the three channels that do not overlap."""

_MASK = ((0.0, 0.0), (0.45, 0.0), (0.55, -20.0), (1.0, -28.0), (1.5, -40.0), (5.0, -40.0))
"""Least transmit spectrum mask of OFDM (IEEE Std 802.11-2020, 17.3.9.3 and 21.3.17.1): distance from the centre in
channel widths, dB under the density at the centre. What is more than five widths away is not counted."""
_STEPS = 400
_LESS_DB = 1e-6
"""A channel on which the law takes more than this from the power of the kit's own is none for it."""


@dataclass(frozen=True, slots=True, order=True)
class Channel:
    """A channel by its centre and width, MHz; ``dfs``: the radio must look for radars there."""

    freq_mhz: float
    width_mhz: float
    dfs: bool = False

    @property
    def low_mhz(self) -> float:
        """The lower edge."""
        return self.freq_mhz - self.width_mhz / 2.0

    @property
    def high_mhz(self) -> float:
        """The upper edge."""
        return self.freq_mhz + self.width_mhz / 2.0


@lru_cache(maxsize=4096)
def leak(sender: Channel, receiver: Channel) -> float:
    """Return the share of a sender's power that a receiver on another channel takes in: 1 on the same one.

    Notes
    -----
    The sender's spectrum is at its mask; the receiver takes all within its own channel, and of what is outside as much
    as its own mask, turned round, lets in. Real radios do better far from their channel: this is the least that the
    standard asks of them.
    """
    apart = abs(sender.freq_mhz - receiver.freq_mhz)
    if apart >= 5.0 * max(sender.width_mhz, receiver.width_mhz):
        return 0.0
    if apart == 0.0 and sender.width_mhz <= receiver.width_mhz:
        return 1.0
    there = _within(sender.width_mhz, apart - receiver.width_mhz / 2.0, apart + receiver.width_mhz / 2.0)
    heard = _within(receiver.width_mhz, apart - sender.width_mhz / 2.0, apart + sender.width_mhz / 2.0)
    inside = max(0.0, min(sender.high_mhz, receiver.high_mhz) - max(sender.low_mhz, receiver.low_mhz))
    if inside > 0.0:
        return min(1.0, there)
    return min(1.0, there + heard)


def _within(width_mhz: float, low_mhz: float, high_mhz: float) -> float:
    """Return the share of a channel's power between two distances from its centre."""
    at, mask = np.array(_MASK).T
    edges = np.linspace(-5.0, 5.0, 10 * _STEPS + 1)
    middle = (edges[1:] + edges[:-1]) / 2.0
    density = 10.0 ** (np.interp(np.abs(middle), at, mask) / 10.0)
    # As much of each step as lies between.
    part = np.clip(
        (np.minimum(edges[1:], high_mhz / width_mhz) - np.maximum(edges[:-1], low_mhz / width_mhz)) * _STEPS, 0.0, 1.0
    )
    return float((density * part).sum() / density.sum())


def leaks(senders: Iterable[Channel], receivers: Iterable[Channel]) -> NDArray[np.float64]:
    """Return `leak` of every pair, shape (senders, receivers)."""
    sent, heard = tuple(senders), tuple(receivers)
    return np.array([[leak(one, other) for other in heard] for one in sent]).reshape(len(sent), len(heard))


def _raster(
    radio_band_mhz: tuple[float, float], technology: str, width_mhz: float, spans: list[tuple[float, float]]
) -> list[float]:
    """Return centres whose whole channel lies within the radio's band and one of the spans."""
    listed = WIFI_CENTRES_MHZ.get(width_mhz, ()) if technology.startswith("802.11") else ()
    # Radios of 900 MHz or 3.4 GHz speak Wi-Fi where the standard lists no channel: theirs lie side by side.
    wifi = [one for one in listed if radio_band_mhz[0] <= one <= radio_band_mhz[1]]
    found: set[float] = set()
    for low, high in spans:
        low, high = max(low, radio_band_mhz[0]), min(high, radio_band_mhz[1])
        if not wifi:
            count = int((high - low) / width_mhz + 1e-9)
            found |= {round(low + (n + 0.5) * width_mhz, 6) for n in range(count)}
        else:
            found |= {centre for centre in wifi if low <= centre - width_mhz / 2 and centre + width_mhz / 2 <= high}
    return sorted(found)


def widths_of(catalogue: Catalogue, kits: Iterable[Kit]) -> tuple[float, ...]:
    """Return the channel widths that all of some kits have, MHz: the first one's own, then the narrower, falling."""
    sharing = tuple(kits)
    own = sharing[0].width_mhz
    each = [{mode.width_mhz for mode in catalogue.radios[kit.radio].modes} for kit in sharing]
    return own, *sorted((one for one in set.intersection(*each) if one < own), reverse=True)


def channels_of(
    catalogue: Catalogue, kits: Iterable[Kit], regulations: CountryRules | None, width_mhz: float | None = None
) -> tuple[Channel, ...]:
    """Return the channels of one width that all of some kits may be set to, in the order of their frequency.

    Parameters
    ----------
    catalogue : Catalogue
        The shelf.
    kits : iterable of Kit
        Those that share the channel: the first one's width and own frequency are those of the plan.
    regulations : CountryRules, optional
        The country's; None where it is unknown: then every channel of the radios.
    width_mhz : float, optional
        Another width than the first kit's own: one of `widths_of`.

    Notes
    -----
    Wi-Fi has the channels of the standard, others lie side by side from the lower edge of what is open. A channel on
    which the law takes more power than on the kits' own frequency, or that is not open without a licence that is not
    held, is left out. The kit's own channel is always among those of its own width where it is open.
    """
    kits = tuple(kits)
    own_mhz = {kits[0].freq_mhz} if width_mhz in (None, kits[0].width_mhz) else set()
    sharing = [kit.on(None, width_mhz) for kit in kits]
    width = sharing[0].width_mhz
    low = max(catalogue.radios[kit.radio].band_mhz[0] for kit in sharing)
    high = min(catalogue.radios[kit.radio].band_mhz[1] for kit in sharing)
    spans = (
        [(low, high)] if regulations is None else sorted({(one.low_mhz, one.high_mhz) for one in regulations.limits})
    )
    centres = {*_raster((low, high), catalogue.radios[kits[0].radio].technology, width, spans), *own_mhz}
    own = {kit.id: _on_its_own(catalogue, kit, one, regulations) for kit, one in zip(kits, sharing, strict=True)}
    found = []
    for centre in sorted(centres):
        moved = [replace(kit, freq_mhz=centre) for kit in sharing]
        if all(_as_strong(radio_end(catalogue, kit, regulations), own[kit.id]) for kit in moved):
            limits = [
                None if regulations is None else regulations.limit_of(kit, catalogue.antennas[kit.antenna])
                for kit in moved
            ]
            found.append(Channel(centre, width, any(one is not None and one.dfs for one in limits)))
    return tuple(found)


def _on_its_own(catalogue: Catalogue, kit: Kit, wide: Kit, regulations: CountryRules | None) -> RadioEnd:
    """Return a kit of another width where its own channel lies; the law takes there what it takes at the kit's own.

    So wide a channel may reach beyond what is open round that middle: no power is known there, and none was as strong.
    """
    end = radio_end(catalogue, wide, regulations)
    if end.allowed or regulations is None:
        return end
    limit = regulations.limit_of(kit, catalogue.antennas[kit.antenna]) if regulations.caps else None
    return end if limit is None else radio_end(catalogue, wide, limit)


def _as_strong(end: RadioEnd, own: RadioEnd) -> bool:
    """Return whether a radio may send on a channel, and as strongly as on its own."""
    if not end.allowed:
        return False
    return all(end.tx_power_dbm(mode) >= own.tx_power_dbm(mode) - _LESS_DB for mode in end.modes)
