"""What a user would miss: what a small LTE cell carries by 3GPP's own figures, and how weak it may be heard."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cn_planner.errors import InputError
from cn_planner.links.lte import (
    cqi_rate_mbps,
    cqi_snr_db,
    data_elements,
    every_step,
    lte_modes,
    resource_blocks,
    snr_for,
)
from cn_planner.links.noise import noise_floor_dbm


def test_the_ratio_for_a_throughput_is_that_of_tr_36_942() -> None:
    """TR 36.942, Annex A, table A.1: from -10 dB; 4.4 bit/s/Hz at 22 dB down, 2.0 at 15 dB up."""
    assert snr_for(4.4) == pytest.approx(22.0, abs=0.1)
    assert snr_for(2.0, uplink=True) == pytest.approx(15.0, abs=0.1)
    assert snr_for(0.6) == snr_for(0.4, uplink=True) == pytest.approx(0.0)
    assert snr_for(0.0) == -10.0
    with pytest.raises(InputError, match="Throughput"):
        snr_for(2.1, uplink=True)


def test_elements_for_data_are_those_of_ts_36_101() -> None:
    """TS 36.101, table A.3.9.1-1: 43,200, 64,800 and 86,400 bits of 64QAM in 10, 15 and 20 MHz, two ports."""
    assert [6 * data_elements(width) for width in (10.0, 15.0, 20.0)] == [43_200, 64_800, 86_400]
    assert data_elements(20.0, 3) < data_elements(20.0, 1)
    assert data_elements(20.0, 1, 1) > data_elements(20.0, 1, 2) > data_elements(20.0, 1, 4)
    # Three control symbols of 14, four ports: 12 x 11 less the 16 reference elements of the later symbols.
    assert data_elements(20.0, 3, 4) == 100 * (132 - 16)


def test_steps_carry_what_ts_36_213_prints() -> None:
    """TS 36.213, table 7.2.3-1: code rate x 1024 and bits of the modulation of CQI 1 to 15."""
    printed = [(2, 78), (2, 120), (2, 193), (2, 308), (2, 449), (2, 602), (4, 378), (4, 490), (4, 616)]
    printed += [(6, 466), (6, 567), (6, 666), (6, 772), (6, 873), (6, 948)]
    for cqi, (bits, rate) in enumerate(printed, 1):
        assert cqi_rate_mbps(cqi, 20.0) == pytest.approx(14_400 * bits * rate / 1024 * 1e-3, rel=5e-4)
    # The fastest transport block of one layer in 20 MHz has 75,376 bits in a millisecond (TS 36.213, 7.1.7.2.1).
    assert cqi_rate_mbps(15, 20.0) == pytest.approx(75.4, rel=0.07)


def test_steps_need_what_others_find_for_them() -> None:
    """Published link simulations put CQI 1 at -9.5 to -6.7 dB and CQI 15 at 19 to 20 dB; 2 dB a step."""
    ratios = [cqi_snr_db(cqi, 10.0) for cqi in range(1, 16)]
    known = [ratio for ratio in ratios if ratio is not None]
    assert len(known) == 15
    assert known == sorted(known)
    assert -9.5 <= known[0] <= -6.7
    assert 18.5 <= known[-1] <= 20.5
    # The bound of the uplink ends at 2 bit/s/Hz: the fastest steps are never reached.
    assert cqi_snr_db(15, 10.0, uplink=True) is None
    assert cqi_snr_db(7, 10.0, uplink=True) is not None


def test_levels_rest_on_what_3gpp_works_with() -> None:
    """TS 36.101, table 7.3.1-1, band 1: -100 to -94 dBm; noise 9, ratio -1, modem 2.5 dB, two antennas 3 dB.

    TS 36.104, table 7.2.1-1: -101.5 dBm for 25 blocks; noise 5, ratio -0.5, modem 2 dB.
    """
    for width, level in ((5.0, -100.0), (10.0, -97.0), (15.0, -95.2), (20.0, -94.0)):
        assert noise_floor_dbm(resource_blocks(width) * 0.18, 9.0) - 1.0 + 2.5 - 3.0 == pytest.approx(level, abs=0.1)
    assert noise_floor_dbm(25 * 0.18, 5.0) - 0.5 + 2.0 == pytest.approx(-101.5, abs=0.6)


def test_steps_that_a_source_leaves_out_are_those_of_the_standard() -> None:
    """The shelf's base station lists the steps that it hears; it sends faster ones too, and terminals hear them."""
    listed = lte_modes(10.0, 30.0, 5.0, base_station=True)[:10]
    cell = every_step(listed, 5.0, base_station=True)
    assert cell[:10] == listed
    assert [mode.mcs for mode in cell] == [f"CQI{n}" for n in range(1, 16)]
    assert {mode.tx_power_dbm for mode in cell} == {30.0}
    assert cell[14].sensitivity_dbm == math.inf
    assert math.isfinite(every_step(listed, 9.0, base_station=False)[14].sensitivity_dbm)
    assert every_step((), 5.0, base_station=True) == ()
    other = (replace(listed[0], width_mhz=7.0),)
    assert every_step(other, 5.0, base_station=True) == other


def test_modes_rise_and_a_base_station_does_not_hear_the_fastest() -> None:
    cell = lte_modes(10.0, 37.0, 5.0, base_station=True)
    phone = lte_modes(10.0, 23.0, 9.0, base_station=False)
    assert [mode.mcs for mode in cell] == [mode.mcs for mode in phone] == [f"CQI{n}" for n in range(1, 16)]
    assert all(math.isfinite(mode.sensitivity_dbm) for mode in phone)
    assert cell[-1].sensitivity_dbm == math.inf
    assert cell[0].sensitivity_dbm < -100.0


def test_what_lte_does_not_have_is_refused_by_name() -> None:
    for width in (0.0, 7.0, -10.0, math.nan):
        with pytest.raises(InputError, match=r"Channel width of LTE.*1\.4 MHz, 3 MHz"):
            resource_blocks(width)
    for cqi in (0, 16, 1.5):
        with pytest.raises(InputError, match="CQI of LTE"):
            cqi_rate_mbps(cqi, 10.0)
    with pytest.raises(InputError, match="Control symbols"):
        data_elements(10.0, 4)
    with pytest.raises(InputError, match="Antenna ports"):
        data_elements(10.0, 1, 3)
    with pytest.raises(InputError, match=r"Throughput of LTE.*4\.4 bit/s/Hz"):
        snr_for(5.0)
    with pytest.raises(InputError, match="Transmit power"):
        lte_modes(10.0, 90.0, 9.0, base_station=True)
