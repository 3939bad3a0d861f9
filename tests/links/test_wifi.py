"""What a user would miss: the speeds and levels that are printed in the standard, and none that it does not have."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from cn_planner.errors import InputError
from cn_planner.links.wifi import (
    least_sensitivity_60_ghz_dbm,
    least_sensitivity_dbm,
    modes_60_ghz,
    rate_60_ghz_mbps,
    tv_modes,
    tv_rate_mbps,
    wifi_modes,
    wifi_rate_mbps,
)
from cn_planner.storage.catalogue import load_catalogue


def rows(shared_data: Path, name: str) -> list[dict[str, str]]:
    with (shared_data / "equipment" / name).open(encoding="utf-8") as file:
        return [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize(("standard", "name"), [("802.11n", "mcs-N.csv"), ("802.11ac", "mcs-AC.csv")])
def test_rates_are_those_of_the_published_tables(shared_data: Path, standard: str, name: str) -> None:
    compared = 0
    for row in rows(shared_data, name):
        mcs, streams, width = int(row["MCS"]), int(row["streams"]), float(row["channel"])
        if mcs == 32:  # a mode of 802.11n for bad air, which no data sheet rates
            continue
        for column, guard in (("800 ns GI", 800), ("400 ns GI", 400)):
            if "N/A" in row[column]:
                with pytest.raises(InputError, match="has no MCS"):
                    wifi_rate_mbps(standard, mcs, width, streams, guard)
                continue
            if (standard, mcs, streams, width) == ("802.11ac", 9, 3, 160.0):
                continue  # the table computes it; IEEE Std 802.11-2020 leaves it out
            # The tables multiply rates of one stream that are rounded: up to 0.05 a stream, and 0.4 at one place.
            assert wifi_rate_mbps(standard, mcs, width, streams, guard) == pytest.approx(float(row[column]), abs=0.41)
            compared += 1
    assert compared >= 128


@pytest.mark.parametrize(
    ("mcs", "width_mhz", "streams", "guard_ns", "mbps"),
    [
        # IEEE Std 802.11ax-2021, 27.5, tables of HE-MCS.
        (0, 20.0, 1, 800, 8.6),
        (0, 20.0, 1, 3200, 7.3),
        (7, 20.0, 1, 800, 86.0),
        (11, 20.0, 1, 800, 143.4),
        (11, 20.0, 1, 1600, 135.4),
        (9, 40.0, 2, 800, 458.8),
        (11, 80.0, 1, 800, 600.5),
        (11, 80.0, 2, 800, 1201.0),
        (11, 160.0, 2, 800, 2402.0),
        (11, 160.0, 8, 800, 9607.8),
    ],
)
def test_rates_of_802_11ax_are_those_of_its_tables(
    mcs: int, width_mhz: float, streams: int, guard_ns: int, mbps: float
) -> None:
    assert wifi_rate_mbps("802.11ax", mcs, width_mhz, streams, guard_ns) == pytest.approx(mbps, abs=0.06)


def test_least_sensitivities_are_those_of_the_standard() -> None:
    """IEEE Std 802.11ax-2021, table of the receiver minimum input level sensitivity, 20 to 160 MHz."""
    table = {
        20.0: (-82, -79, -77, -74, -70, -66, -65, -64, -59, -57, -54, -52),
        40.0: (-79, -76, -74, -71, -67, -63, -62, -61, -56, -54, -51, -49),
        80.0: (-76, -73, -71, -68, -64, -60, -59, -58, -53, -51, -48, -46),
        160.0: (-73, -70, -68, -65, -61, -57, -56, -55, -50, -48, -45, -43),
    }
    for width, levels in table.items():
        assert tuple(least_sensitivity_dbm("802.11ax", mcs, width) for mcs in range(12)) == levels
        assert tuple(least_sensitivity_dbm("802.11ac", mcs, width) for mcs in range(10)) == levels[:10]
    assert [least_sensitivity_dbm("802.11n", mcs, 40.0) for mcs in (7, 15, 23)] == [-61, -61, -61]


def test_rates_of_60_ghz_are_those_of_the_standard() -> None:
    """IEEE Std 802.11-2020, DMG SC; 802.11ay goes on to 64QAM 7/8, a shorter guard, and four channels."""
    printed = (385, 770, 962.5, 1155, 1251.25, 1540, 1925, 2310, 2502.5, 3080, 3850, 4620)
    assert tuple(rate_60_ghz_mbps("802.11ad", mcs) for mcs in range(1, 13)) == pytest.approx(printed)
    assert rate_60_ghz_mbps("802.11ay", 21) == pytest.approx(8085.0)
    assert rate_60_ghz_mbps("802.11ay", 21, guard="short") == pytest.approx(8662.5)
    assert rate_60_ghz_mbps("802.11ay", 21, channels=4) == pytest.approx(4 * 8085.0)
    assert rate_60_ghz_mbps("802.11ay", 12) == rate_60_ghz_mbps("802.11ad", 10)


def test_sensitivities_of_60_ghz_are_those_of_the_standard() -> None:
    printed = (-68, -66, -65, -64, -62, -63, -62, -61, -59, -55, -54, -53)
    assert tuple(least_sensitivity_60_ghz_dbm(mcs) for mcs in range(1, 13)) == printed


def test_modes_rise_in_rate_and_never_need_less() -> None:
    ends = [
        wifi_modes("802.11n", 40.0, 20.0, 2),
        wifi_modes("802.11ac", 80.0, 20.0, 3),
        wifi_modes("802.11ax", 160.0, 20.0, 4, 1600, better_db=10.0),
        modes_60_ghz(10.0),
    ]
    for modes in ends:
        rates = [mode.rate_mbps for mode in modes]
        levels = [mode.sensitivity_dbm for mode in modes]
        assert rates == sorted(rates)
        assert len(set(rates)) == len(rates)
        assert levels == sorted(levels)
    assert [mode.mcs for mode in ends[0]] == [f"MCS{n}" for n in range(8, 16)]
    assert "MCS6" not in [mode.mcs for mode in ends[1]]
    assert ends[2][0].sensitivity_dbm == -83.0


def test_the_shelf_computes_the_same_rates() -> None:
    checked = 0
    for radio in load_catalogue().radios.values():
        if radio.technology not in ("802.11n", "802.11ac", "802.11ax"):
            continue
        for mode in radio.modes:
            mcs = int(mode.mcs.removeprefix("MCS"))
            assert mode.rate_mbps == pytest.approx(
                wifi_rate_mbps(radio.technology, mcs, mode.width_mhz, radio.streams), rel=1e-12
            ), radio.id
            # No radio that is sold hears less than the standard asks.
            assert mode.sensitivity_dbm <= least_sensitivity_dbm(radio.technology, mcs, mode.width_mhz) + 0.05
            checked += 1
    assert checked > 150


@pytest.mark.parametrize(
    ("standard", "mcs", "width_mhz", "streams", "guard_ns", "said"),
    [
        ("802.11zz", 0, 20.0, 1, 800, r"Wi-Fi standard: 802\.11zz.*one of 802\.11n, 802\.11ac, 802\.11ax"),
        ("802.11n", 32, 20.0, 4, 800, "MCS of 802.11n: 32.*from 0 to 31"),
        ("802.11n", 8, 20.0, 1, 800, "has 2 streams"),
        ("802.11ac", 10, 20.0, 1, 800, "MCS of 802.11ac: 10.*from 0 to 9"),
        ("802.11ac", -1, 20.0, 1, 800, "from 0 to 9"),
        ("802.11ac", 9, 20.0, 2, 800, "no MCS 9 with 2 streams in 20 MHz"),
        ("802.11ax", 12, 20.0, 1, 800, "from 0 to 11"),
        ("802.11ax", 0, 0.0, 1, 800, "Channel width of 802.11ax: 0 MHz.*20 MHz, 40 MHz"),
        ("802.11n", 0, 80.0, 1, 800, "Channel width of 802.11n: 80 MHz"),
        ("802.11ax", 0, 20.0, 1, 400, "Guard interval of 802.11ax: 400 ns"),
        ("802.11ax", 0, 20.0, 9, 800, "Number of streams: 9.*from 1 to 8"),
        ("802.11ax", 1.5, 20.0, 1, 800, "whole number"),
        ("802.11ax", math.nan, 20.0, 1, 800, "from 0 to 11"),
    ],
)
def test_what_the_standard_does_not_have_is_refused_by_name(
    standard: str, mcs: int, width_mhz: float, streams: int, guard_ns: int, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        wifi_rate_mbps(standard, mcs, width_mhz, streams, guard_ns)


@pytest.mark.parametrize(
    ("standard", "mcs", "channels", "guard", "said"),
    [
        ("802.11ad", 13, 1, "normal", "from 1 to 12"),
        ("802.11ay", 22, 1, "normal", "from 1 to 21"),
        ("802.11ad", 1, 2, "normal", "Bonded channels"),
        ("802.11ay", 1, 5, "normal", "Bonded channels"),
        ("802.11ad", 1, 1, "short", "Guard interval"),
        ("802.11ac", 1, 1, "normal", "60 GHz"),
    ],
)
def test_what_60_ghz_does_not_have_is_refused_by_name(
    standard: str, mcs: int, channels: int, guard: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        rate_60_ghz_mbps(standard, mcs, channels, guard)


@pytest.mark.parametrize("power", [-30.0, 60.0, math.nan])
def test_a_power_that_no_radio_has_is_refused(power: float) -> None:
    with pytest.raises(InputError, match="Transmit power"):
        wifi_modes("802.11n", 20.0, power)
    with pytest.raises(InputError, match="Transmit power"):
        modes_60_ghz(power)


def test_rates_in_television_channels_are_those_published() -> None:
    """802.11af: 26.7 Mbit/s a stream in 6 and 7 MHz, 35.6 in 8 MHz; with four of each, 426.7 and 568.9."""
    assert tv_rate_mbps(9, 6.0, short_guard=True) == tv_rate_mbps(9, 7.0, short_guard=True)
    assert tv_rate_mbps(9, 6.0, short_guard=True) == pytest.approx(26.7, abs=0.05)
    assert tv_rate_mbps(9, 8.0, short_guard=True) == pytest.approx(35.6, abs=0.05)
    assert tv_rate_mbps(9, 6.0, 4, 4, short_guard=True) == pytest.approx(426.7, abs=0.05)
    assert tv_rate_mbps(9, 8.0, 4, 4, short_guard=True) == pytest.approx(568.9, abs=0.05)
    assert tv_rate_mbps(0, 6.0) == pytest.approx(1.8)


def test_a_television_channel_hears_further_for_being_narrow() -> None:
    modes = tv_modes(6.0, 20.0)
    assert modes[0].sensitivity_dbm == pytest.approx(-82.0 + 10 * math.log10(6 / 20))
    assert tv_modes(6.0, 20.0, 5.0)[0].sensitivity_dbm == pytest.approx(modes[0].sensitivity_dbm - 5.0)
    assert tv_modes(8.0, 20.0, channels=2)[0].width_mhz == 16.0
    rates = [mode.rate_mbps for mode in modes]
    assert rates == sorted(rates)


@pytest.mark.parametrize(
    ("mcs", "width_mhz", "channels", "streams", "said"),
    [
        (10, 6.0, 1, 1, r"MCS of 802\.11af: 10"),
        (0, 0.0, 1, 1, r"Television channel: 0 MHz.*6 MHz, 7 MHz, 8 MHz"),
        (0, 6.0, 3, 1, "Bonded channels"),
        (0, 6.0, 1, 5, "Number of streams"),
    ],
)
def test_what_television_channels_do_not_have_is_refused_by_name(
    mcs: int, width_mhz: float, channels: int, streams: int, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        tv_rate_mbps(mcs, width_mhz, channels, streams)
