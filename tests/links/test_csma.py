"""What a user would miss: a link that is as fast as it will be, over the distance that it really has."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cn_planner.errors import InputError
from cn_planner.links.csma import (
    AGGREGATED,
    OFDM,
    Csma,
    ack_timeout_us,
    csma_in_words,
    csma_throughput_mbps,
    exchange_us,
    flight_us,
    ofdm_frame_us,
)


def test_exchanges_are_those_of_gast_s_when_is_54_not_equal_to_54() -> None:
    """Gast, 2003: with 802.11a at 54 Mbit/s 2,336 TCP transactions a second carry 27.3 Mbit/s. No wait counts."""
    bound = replace(OFDM, backoff_slots=0.0, response_mbps=54.0)
    segment, acknowledgement = exchange_us(1500, 54.0, timing=bound), exchange_us(40, 54.0, timing=bound)
    assert (segment, acknowledgement) == (322.0, 106.0)
    a_second = 1e6 / (segment + acknowledgement)
    assert math.floor(a_second) == 2336
    assert a_second * 1460 * 8 * 1e-6 == pytest.approx(27.3, abs=0.05)


def test_frames_are_as_long_as_the_standard_says() -> None:
    """IEEE Std 802.11, 17.4.3: 1536 bytes at 54 Mbit/s are 57 symbols; an acknowledgement at 24 is 28 us."""
    assert ofdm_frame_us(1536, 54.0) == 20.0 + 57 * 4.0
    assert ofdm_frame_us(14, 24.0) == 28.0
    assert ofdm_frame_us(14, 6.0) == 44.0


def test_aggregation_makes_fast_links_efficient() -> None:
    alone = csma_throughput_mbps(144.4, timing=replace(OFDM, preamble_us=36.0, header_bytes=38)) / 144.4
    together = csma_throughput_mbps(144.4) / 144.4
    assert alone < 0.45
    assert 0.85 < together < 0.95
    # Without it a faster radio hardly helps: the bound of Xiao and Rosdahl (2002).
    slow, fast = (csma_throughput_mbps(rate, timing=OFDM) for rate in (54.0, 5400.0))
    assert fast < 75.0
    assert slow > 25.0


def test_the_longest_transmission_limits_what_a_slow_link_gathers() -> None:
    at_6 = exchange_us(1500, 6.5, timing=AGGREGATED)
    assert at_6 < AGGREGATED.longest_us + 500.0
    assert csma_throughput_mbps(6.5) < 6.5


def test_distance_costs_round_trips() -> None:
    near, far = exchange_us(1500, 54.0, 0.0), exchange_us(1500, 54.0, 15.0)
    # Each slot is longer by a round trip of 100 us, and the answer comes one later.
    assert far - near == pytest.approx((2.0 + 7.5 + 1.0) * 2.0 * flight_us(15.0))
    rates = [csma_throughput_mbps(54.0, km, OFDM) for km in (0.0, 1.0, 5.0, 20.0, 100.0)]
    assert rates == sorted(rates, reverse=True)
    assert csma_throughput_mbps(300.0, 20.0, AGGREGATED) > 5 * csma_throughput_mbps(300.0, 20.0, OFDM)


def test_a_sender_waits_for_the_answer_of_a_far_station() -> None:
    assert ack_timeout_us(0.0) == 16.0 + 9.0 + 20.0
    assert ack_timeout_us(30.0) - ack_timeout_us(0.0) == pytest.approx(200.1, abs=0.1)


def test_where_plain_wi_fi_cannot_hold_the_rate_of_turns_it_is_said() -> None:
    """0.65 of the rate on the air is what turns by a clock leave; the bound without them falls with the distance."""
    assert csma_in_words(84.5, 130.0, 5.0) is None
    said = str(csma_in_words(84.5, 130.0, 60.0))
    assert "TDMA" in said
    assert f"at most {csma_throughput_mbps(130.0, 60.0):.1f} Mbit/s over 60 km" in said
    assert csma_in_words(0.0, 0.0, 60.0) is None
    assert csma_in_words(84.5, 130.0, 500.0) is None


def test_a_link_of_half_a_kilometre_is_not_said_to_be_none() -> None:
    said = csma_in_words(2527.2, 3888.0, 0.468)
    assert said is not None
    assert str(said).endswith(" over 0.468 km.")


def test_bad_figures_are_refused_by_name() -> None:
    for km in (-1.0, 401.0, math.nan):
        with pytest.raises(InputError, match=r"Distance.*from 0 km to 400 km"):
            csma_throughput_mbps(54.0, km)
    for rate in (0.0, -54.0, math.nan, math.inf):
        with pytest.raises(InputError, match="Rate on the air"):
            csma_throughput_mbps(rate)
    with pytest.raises(InputError, match="Bytes of a packet"):
        exchange_us(0, 54.0)
    with pytest.raises(InputError, match="Packets in one transmission"):
        Csma(frames=0)
    with pytest.raises(InputError, match="Slot"):
        Csma(slot_us=0.0)
