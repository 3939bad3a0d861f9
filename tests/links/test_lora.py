"""What a user would miss: how long a sensor's message takes, how weak it may be, and how often it may be sent."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from cn_planner.errors import InputError
from cn_planner.links.lora import (
    air_in_words,
    bit_rate_bps,
    every_factor,
    lora_modes,
    lora_sensitivity_dbm,
    messages_per_hour,
    slow,
    snr_limit_db,
    symbol_ms,
    throughput_bps,
    time_on_air_ms,
)
from cn_planner.model.equipment import RadioMode


@pytest.mark.parametrize(
    ("factor", "width_khz", "coding", "milliseconds"),
    [
        # Semtech AN1200.13, tables 2, 3 and 4: 10 bytes. The figures are those without a checksum.
        (12, 250.0, 6, 528.4),
        (10, 250.0, 6, 132.1),
        (8, 250.0, 6, 39.2),
        (10, 125.0, 6, 264.2),
        (10, 500.0, 6, 66.0),
        (10, 250.0, 5, 123.9),
        (10, 250.0, 8, 148.5),
    ],
)
def test_time_on_air_is_that_of_the_designer_s_guide(
    factor: int, width_khz: float, coding: int, milliseconds: float
) -> None:
    assert time_on_air_ms(10, factor, width_khz, coding, checksum=False) == pytest.approx(milliseconds, abs=0.06)


@pytest.mark.parametrize(
    ("factor", "width_khz", "coding", "preamble", "size", "header", "checksum", "milliseconds"),
    [
        # Semtech's SX1261 LoRa Calculator, as recorded in the tests of MicroPython's LoRa driver.
        (12, 500.0, 5, 8, 1, True, True, 206.848),
        (12, 500.0, 5, 12, 64, True, True, 649.216),
        (12, 500.0, 5, 8, 1, True, False, 165.888),
        (12, 500.0, 5, 8, 192, True, True, 1476.608),
        (12, 500.0, 5, 12, 16, False, False, 280.576),
        (8, 125.0, 6, 8, 253, True, True, 827.904),
        (8, 125.0, 6, 12, 10, False, True, 86.528),
        (5, 500.0, 5, 2, 1, True, False, 1.360),
        (5, 500.0, 5, 12, 253, False, True, 34.000),
        (5, 125.0, 8, 12, 253, False, True, 213.568),
        (12, 7.81, 8, 128, 253, True, True, 287_532.907),
        (11, 10.42, 7, 25, 16, True, True, 12_824.568),
    ],
)
def test_time_on_air_is_that_of_semtech_s_calculator(
    factor: int,
    width_khz: float,
    coding: int,
    preamble: int,
    size: int,
    header: bool,
    checksum: bool,
    milliseconds: float,
) -> None:
    found = time_on_air_ms(size, factor, width_khz, coding, preamble=preamble, header=header, checksum=checksum)
    assert found == pytest.approx(milliseconds, rel=1e-5)


def test_bit_rates_are_those_of_lorawan() -> None:
    """LoRaWAN Regional Parameters RP002-1.0.1, table 6 (EU863-870): indicative physical bit rates."""
    printed = {12: 250, 11: 440, 10: 980, 9: 1760, 8: 3125, 7: 5470}
    for factor, rate in printed.items():
        assert bit_rate_bps(factor) == pytest.approx(rate, rel=0.025)
    assert bit_rate_bps(7, 250.0) == pytest.approx(11_000, rel=0.01)
    # SX1272/73 data sheet: up to 37.5 kbit/s.
    assert bit_rate_bps(6, 500.0) == pytest.approx(37_500)


def test_sensitivity_is_that_of_the_guide_and_near_that_of_the_chip() -> None:
    guide = {(12, 250.0): -134, (10, 250.0): -129, (8, 250.0): -124, (10, 125.0): -132, (10, 500.0): -126}
    for (factor, width), level in guide.items():
        assert lora_sensitivity_dbm(factor, width) == pytest.approx(level, abs=0.1)


def test_the_law_s_duty_cycle_counts_messages() -> None:
    """13 bytes at SF9: 164.864 ms; at 1 % one message each 16.4864 s, that is 218 an hour."""
    air = time_on_air_ms(13, 9)
    assert air == pytest.approx(164.864)
    assert messages_per_hour(air, 1.0) == 218
    assert messages_per_hour(air, 10.0) == 2183
    assert messages_per_hour(air, 0.0) == 0
    assert messages_per_hour(36_000.0, 1.0) == 1


def test_a_slow_symbol_turns_the_optimisation_on() -> None:
    assert symbol_ms(12, 125.0) == pytest.approx(32.768)
    assert [slow(factor, 125.0) for factor in (10, 11, 12)] == [False, True, True]
    assert not slow(11, 250.0)


def test_what_a_sensor_gets_through_is_bounded_by_the_law() -> None:
    at_12, at_7 = throughput_bps(20, 12), throughput_bps(20, 7)
    assert 0.0 < at_12 < at_7 < bit_rate_bps(7) * 0.01
    assert throughput_bps(20, 7, duty_cycle_pct=0.0) == 0.0


def test_slower_is_always_heard_further() -> None:
    modes = lora_modes(14.0)
    assert [mode.mcs for mode in modes] == ["SF12", "SF11", "SF10", "SF9", "SF8", "SF7"]
    assert all(a.sensitivity_dbm < b.sensitivity_dbm and a.rate_mbps < b.rate_mbps for a, b in pairwise(modes))
    assert modes[0].snr_db == snr_limit_db(12) == -20.0


def test_factors_that_a_data_sheet_leaves_out_follow_from_those_that_it_gives() -> None:
    given = (RadioMode("SF12", 0.125, 20.0, -137.0, 0.0002441), RadioMode("SF7", 0.125, 20.0, -126.0, 0.0054687))
    modes = {mode.mcs: mode for mode in every_factor(given)}
    assert list(modes) == ["SF12", "SF11", "SF10", "SF9", "SF8", "SF7"]
    # What is given stays: -126 dBm is better than SF12's noise figure would have it.
    assert [modes[one.mcs].sensitivity_dbm for one in given] == [-137.0, -126.0]
    assert modes["SF10"].sensitivity_dbm == pytest.approx(-132.0, abs=0.01)
    assert {mode.tx_power_dbm for mode in modes.values()} == {20.0}
    # -137 dBm less the -20 dB of SF12: the noise of heat in 125 kHz and a noise figure of 6 dB.
    assert modes["SF12"].sensitivity_dbm - (modes["SF12"].snr_db or 0.0) == pytest.approx(-117.0)
    other = (RadioMode("FSK", 0.125, 14.0, -118.0, 0.05),)
    assert every_factor(other) == other
    assert every_factor(()) == ()


def test_a_link_s_words_say_how_long_a_message_takes_and_how_often_the_law_lets_it() -> None:
    """33 bytes at SF9: 60.25 symbols of 4.096 ms, 246.8 ms; 1 % of an hour is 36 s, that is 145 of them."""
    takes, regulations = map(str, air_in_words("SF9", 0.125, 1.0))
    assert takes == "A message of 20 bytes takes 0.25 s of the air, with SF9."
    assert regulations == "The law's 1 % of each hour are 145 such messages, 6 bit/s in the long run."
    assert "No rule was read" in str(air_in_words("SF9", 0.125, None)[1])
    assert air_in_words("FSK", 0.125, 1.0) == ()


@pytest.mark.parametrize("factor", [4, 13, 7.5, math.nan])
def test_a_spreading_factor_that_lora_does_not_have_is_refused(factor: int) -> None:
    for ask in (time_on_air_ms_of, bit_rate_bps, snr_limit_db, lora_sensitivity_dbm):
        with pytest.raises(InputError, match="Spreading factor"):
            ask(factor)


def time_on_air_ms_of(factor: int) -> float:
    return time_on_air_ms(10, factor)


def test_other_settings_that_lora_does_not_have_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"Bandwidth of LoRa: 0 kHz.*from 7\.8 kHz to 500 kHz"):
        bit_rate_bps(7, 0.0)
    with pytest.raises(InputError, match=r"Coding rate.*from 5 to 8"):
        bit_rate_bps(7, 125.0, 4)
    with pytest.raises(InputError, match="Bytes of a LoRa message"):
        time_on_air_ms(-1, 7)
    with pytest.raises(InputError, match="Bytes of a LoRa message"):
        time_on_air_ms(256, 7)
    with pytest.raises(InputError, match="preamble"):
        time_on_air_ms(10, 7, preamble=0)
    with pytest.raises(InputError, match="Duty cycle"):
        messages_per_hour(100.0, 101.0)
    with pytest.raises(InputError, match="Time on air"):
        messages_per_hour(0.0, 1.0)
    with pytest.raises(InputError, match="Transmit power"):
        lora_modes(99.0)
