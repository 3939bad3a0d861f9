"""What a user would miss: a receiver that is as deaf as it really is, where it really stands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cn_planner.errors import InputError
from cn_planner.links.noise import (
    NoiseEnvironment,
    man_made_noise_db,
    noise_floor_dbm,
    noise_rise_db,
    sensitivity_dbm,
    snr_db,
    thermal_noise_dbm,
)


def test_noise_of_heat_is_that_of_p_372() -> None:
    """P.372: -204 dBW in 1 Hz, plus the bandwidth; -101 dBm in a channel of 20 MHz."""
    assert thermal_noise_dbm(1e-3) == pytest.approx(-204.0 + 30.0 + 30.0, abs=0.03)
    assert thermal_noise_dbm(20.0) == pytest.approx(-100.965, abs=1e-3)
    boltzmann = 1.380649e-23
    assert thermal_noise_dbm(20.0) == pytest.approx(10 * math.log10(boltzmann * 290 * 20e6 * 1e3), abs=1e-3)


def test_sensitivity_is_that_of_the_lora_designer_s_guide() -> None:
    """AN1200.13, tables 1 to 3: SF12 needs -20 dB, and hears -134 dBm in 250 kHz with a noise figure of 6 dB."""
    assert sensitivity_dbm(0.25, 6.0, -20.0) == pytest.approx(-134.0, abs=0.05)
    assert sensitivity_dbm(0.125, 6.0, -15.0) == pytest.approx(-132.0, abs=0.05)


def test_ratio_and_sensitivity_are_two_sides_of_one_thing() -> None:
    level = sensitivity_dbm(20.0, 5.0, 12.0)
    assert float(snr_db(level, 20.0, 5.0)) == pytest.approx(12.0)
    ratios = snr_db(np.array([level, np.nan]), 20.0, 5.0)
    assert ratios[0] == pytest.approx(12.0)
    assert np.isnan(ratios[1])


@pytest.mark.parametrize(
    ("surroundings", "at_10_mhz", "at_30_mhz"),
    [
        # P.372: Fam = c - d log f, with its c and d; log 10 = 1, log 30 = 1.4771.
        (NoiseEnvironment.CITY, 49.1, 35.88),
        (NoiseEnvironment.RESIDENTIAL, 44.8, 31.58),
        (NoiseEnvironment.RURAL, 39.5, 26.28),
        (NoiseEnvironment.QUIET_RURAL, 25.0, 11.35),
    ],
)
def test_people_s_machines_are_as_loud_as_p_372_says(
    surroundings: NoiseEnvironment, at_10_mhz: float, at_30_mhz: float
) -> None:
    assert man_made_noise_db(10.0, surroundings) == pytest.approx(at_10_mhz, abs=0.01)
    assert man_made_noise_db(30.0, surroundings) == pytest.approx(at_30_mhz, abs=0.01)


def test_a_city_is_loud_in_the_band_of_television_too() -> None:
    """P.372, business areas from 200 to 900 MHz: 44.3 - 12.3 log f."""
    assert man_made_noise_db(868.0, NoiseEnvironment.CITY) == pytest.approx(44.3 - 12.3 * 2.93852, abs=1e-3)
    assert man_made_noise_db(500.0, NoiseEnvironment.CITY) > man_made_noise_db(868.0, NoiseEnvironment.CITY)


@pytest.mark.parametrize(
    ("freq_mhz", "surroundings"),
    [
        (5500.0, NoiseEnvironment.CITY),
        (868.0, NoiseEnvironment.RURAL),
        (150.0, NoiseEnvironment.QUIET_RURAL),
        (0.1, NoiseEnvironment.CITY),
        (math.nan, NoiseEnvironment.RURAL),
    ],
)
def test_where_p_372_has_no_figure_none_is_made_up(freq_mhz: float, surroundings: NoiseEnvironment) -> None:
    with pytest.raises(InputError, match="Frequency"):
        man_made_noise_db(freq_mhz, surroundings)


def test_noise_from_outside_makes_a_receiver_deaf_by_the_sum_of_powers() -> None:
    # Receiver 3 dB (twice k T0 b), antenna three times: f = fa - 1 + fr = 4, twice the receiver's own.
    twice, thrice = 10 * math.log10(2), 10 * math.log10(3)
    assert noise_rise_db(twice, thrice) == pytest.approx(twice)
    assert noise_rise_db(twice, 0.0) == 0.0
    assert noise_rise_db(twice, -20.0) == 0.0
    # A cable of 3 dB halves what comes from outside.
    assert noise_rise_db(twice, thrice, twice) == pytest.approx(10 * math.log10(1.5))
    # Of a loud place nothing is left of a good receiver.
    assert noise_rise_db(3.0, 40.0) == pytest.approx(37.0, abs=0.01)


@pytest.mark.parametrize("width_mhz", [0.0, -20.0, math.nan, math.inf])
def test_a_channel_without_width_is_refused_with_its_range(width_mhz: float) -> None:
    with pytest.raises(InputError, match=r"Channel width.*from 0\.001 MHz to 1e\+06 MHz"):
        thermal_noise_dbm(width_mhz)


@pytest.mark.parametrize(("noise_figure_db", "ratio"), [(-1.0, 0.0), (99.0, 0.0), (math.nan, 0.0), (5.0, math.nan)])
def test_a_receiver_that_cannot_be_is_refused(noise_figure_db: float, ratio: float) -> None:
    with pytest.raises(InputError, match="must be from"):
        sensitivity_dbm(20.0, noise_figure_db, ratio)


@pytest.mark.parametrize(("figure", "outside", "cable"), [(-1.0, 0.0, 0.0), (5.0, math.nan, 0.0), (5.0, 0.0, -1.0)])
def test_bad_figures_of_noise_from_outside_are_refused(figure: float, outside: float, cable: float) -> None:
    with pytest.raises(InputError, match="must be from"):
        noise_rise_db(figure, outside, cable)


def test_the_floor_is_heat_and_receiver() -> None:
    assert noise_floor_dbm(10.0, 7.0) == thermal_noise_dbm(10.0) + 7.0
