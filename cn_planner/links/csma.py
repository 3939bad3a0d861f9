"""What is left of the rate on the air at the IP level where radios listen before they send (CSMA/CA).

The model is of one sender that has always something to send, and one receiver, with no losses: a bound that a good link
comes near to. Stations that do not hear each other, and collisions of many, make it worse.

Radios that take turns in a frame (TDMA) need no model of their own: what a frame loses is in the shelf's efficiencies
(resources/equipment/rates.toml), and what each station takes of it is `cn_planner.links.throughput`.

References
----------
IEEE Std 802.11-2020, clauses 10 (CSMA/CA, A-MPDU), 17 (OFDM); Matthew Gast, "When Is 54 Not Equal to 54?" (O'Reilly,
August 2003), whose figures the model repeats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.links.ranges import positive, whole, within
from cn_planner.message import msg
from cn_planner.units import SPEED_OF_LIGHT_M_PER_S, rate_words

if TYPE_CHECKING:
    from cn_planner.message import Message

FARTHEST_KM = 400.0
_ACK_BYTES, _BLOCK_ACK_BYTES = 14, 32
_SERVICE_AND_TAIL_BITS = 22
_SYMBOL_US, _PREAMBLE_US = 4.0, 20.0  # clause 17, 20 MHz
_DELIMITER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Csma:
    """How a Wi-Fi sends.

    Attributes
    ----------
    frames : int
        Packets in one transmission (A-MPDU); 1 without aggregation, at most 64 with 802.11n and 802.11ac.
    header_bytes : int
        What 802.11 and its link layer put round a packet: 28 + 8, 30 + 8 with quality of service.
    preamble_us : float
        Of the data: 20 for 802.11a/g, 36 to 60 for 802.11n to 802.11ax by the number of streams.
    response_mbps : float
        Rate of the acknowledgement on the air; 24 is the fastest that every radio knows.
    backoff_slots : float
        Mean wait before sending: 7.5 where no one else is heard (a window of 15); 0 for a bound without it.
    slot_us, sifs_us : float
        9 and 16 at 5 GHz.
    longest_us : float
        The longest transmission that is allowed: 5484 us with 802.11n and later.
    """

    frames: int = 1
    header_bytes: int = 36
    preamble_us: float = 20.0
    response_mbps: float = 24.0
    backoff_slots: float = 7.5
    slot_us: float = 9.0
    sifs_us: float = 16.0
    longest_us: float = 5484.0

    def __post_init__(self) -> None:
        whole(msg("Packets in one transmission"), self.frames, 1, 1024)
        whole(msg("Bytes round a packet"), self.header_bytes, 0, 1000)
        within(msg("Preamble"), self.preamble_us, 0.0, 1000.0, "us")
        positive(msg("Rate of the acknowledgement"), self.response_mbps, "Mbit/s")
        within(msg("Mean wait before sending"), self.backoff_slots, 0.0, 1023.0)
        positive(msg("Slot"), self.slot_us, "us")
        positive(msg("Pause before an answer"), self.sifs_us, "us")
        positive(msg("Longest transmission"), self.longest_us, "us")


OFDM = Csma()
"""802.11a and 802.11g without older stations: one packet at a time."""
AGGREGATED = Csma(frames=32, header_bytes=38, preamble_us=40.0)
"""802.11n and later with frame aggregation: up to 32 packets, as drivers do."""


def flight_us(distance_km: float) -> float:
    """Return how long a signal takes over a distance, us.

    Raises
    ------
    InputError
        Where the distance is not 0 to 400 km.
    """
    return within(msg("Distance"), distance_km, 0.0, FARTHEST_KM, "km") * 1e9 / SPEED_OF_LIGHT_M_PER_S


def ack_timeout_us(distance_km: float, timing: Csma = OFDM) -> float:
    """Return how long a sender must wait for the start of an acknowledgement, us: set in radios for long links.

    Parameters
    ----------
    distance_km : float
        Length of the link, km; 0 to 400.
    timing : Csma
        How the Wi-Fi sends.

    References
    ----------
    IEEE Std 802.11-2020, 10.3.2: SIFS + slot + start of reception, the slot longer by the round trip.
    """
    return timing.sifs_us + timing.slot_us + 2.0 * flight_us(distance_km) + _PREAMBLE_US


def ofdm_frame_us(size_bytes: float, rate_mbps: float) -> float:
    """Return the time of a frame of 802.11a or 802.11g at 20 MHz, us.

    Parameters
    ----------
    size_bytes : float
        Of the whole frame.
    rate_mbps : float
        6 to 54 on the air.

    Raises
    ------
    InputError
        Where a value is not above 0.

    References
    ----------
    IEEE Std 802.11-2020, 17.4.3: preamble and header of 20 us, symbols of 4 us, 22 bits of service and tail.
    """
    bits = 8.0 * positive(msg("Bytes of a frame"), size_bytes) + _SERVICE_AND_TAIL_BITS
    a_symbol = positive(msg("Rate on the air"), rate_mbps, "Mbit/s") * _SYMBOL_US
    return _PREAMBLE_US + _SYMBOL_US * math.ceil(bits / a_symbol - 1e-9)


def exchange_us(packet_bytes: int, rate_mbps: float, distance_km: float = 0.0, timing: Csma = OFDM) -> float:
    """Return the time of one exchange, us: wait, data, answer.

    Parameters
    ----------
    packet_bytes : int
        Bytes of an IP packet, 1 to 11,454. As many packets are sent as `timing` gathers and its longest transmission
        holds, and at least one.
    rate_mbps : float
        On the air, Mbit/s.
    distance_km : float
        Length of the link, km; the slots are longer by the round trip.
    timing : Csma
        How the Wi-Fi sends.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    return _exchange(packet_bytes, rate_mbps, distance_km, timing)[0]


def _exchange(packet_bytes: int, rate_mbps: float, distance_km: float, timing: Csma) -> tuple[float, int]:
    size = whole(msg("Bytes of a packet"), packet_bytes, 1, 11_454) + timing.header_bytes
    rate = positive(msg("Rate on the air"), rate_mbps, "Mbit/s")
    flight = flight_us(distance_km)
    slot = timing.slot_us + 2.0 * flight
    frames, answer = 1, _ACK_BYTES
    if timing.frames > 1:
        size = 4 * math.ceil((size + _DELIMITER_BYTES) / 4)  # A-MPDU: a delimiter each, padded to four bytes
        fits = (timing.longest_us - timing.preamble_us) * rate / (8.0 * size)
        frames, answer = max(1, min(timing.frames, int(fits))), _BLOCK_ACK_BYTES
    bits = 8 * size * frames + _SERVICE_AND_TAIL_BITS
    data = timing.preamble_us + _SYMBOL_US * math.ceil(bits / (rate * _SYMBOL_US) - 1e-9)
    wait = timing.sifs_us + (2.0 + timing.backoff_slots) * slot
    return wait + data + flight + timing.sifs_us + ofdm_frame_us(answer, timing.response_mbps) + flight, frames


def csma_throughput_mbps(
    rate_mbps: float, distance_km: float = 0.0, timing: Csma = AGGREGATED, *, packet_bytes: int = 1500
) -> float:
    """Return the throughput at the IP level of one Wi-Fi link that nobody else disturbs, Mbit/s, both ways together.

    Parameters
    ----------
    rate_mbps, distance_km, timing, packet_bytes
        As for `exchange_us`.

    Raises
    ------
    InputError
        Where a value is out of its range.
    """
    time, frames = _exchange(packet_bytes, rate_mbps, distance_km, timing)
    return 8.0 * packet_bytes * frames / time


def csma_in_words(rate_mbps: float, air_mbps: float, distance_km: float) -> Message | None:
    """Return what is to be minded where a rate is more than Wi-Fi without turns by a clock can give; None elsewhere.

    Parameters
    ----------
    rate_mbps : float
        What is counted at the IP level, Mbit/s.
    air_mbps : float
        The rate on the air that this rests on, Mbit/s.
    distance_km : float
        Length of the link, km. Of one that is longer than 400 km nothing is said.
    """
    if not (air_mbps > 0.0 and distance_km <= FARTHEST_KM):
        return None
    bound = csma_throughput_mbps(air_mbps, distance_km)
    if bound >= rate_mbps:
        return None
    return msg(
        "The rate counts on radios that take turns by a clock (TDMA). Plain Wi-Fi, which listens before it sends, "
        "gives at most {rate} over {km:.3g} km.",
        rate=rate_words(bound), km=distance_km,
    )  # fmt: skip
