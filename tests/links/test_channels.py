"""Which channels a radio may be set to, and how much of one is heard on another."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cn_planner.links.channels import Channel, channels_of, leak
from cn_planner.links.radio import radio_end
from cn_planner.model.plan import Info, Plan, Rules
from cn_planner.model.regulations import regulations_of
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules

KIT, ROOF, LONG = "village-sector-5ghz", "roof-client-5ghz", "long-link-5ghz"


def test_all_is_heard_on_the_same_channel_and_less_further_off():
    here = Channel(5500.0, 20.0)
    heard = [leak(here, Channel(5500.0 + off, 20.0)) for off in (0, 5, 10, 15, 20, 30, 40, 60, 99, 100)]
    assert heard[0] == 1.0
    assert heard == sorted(heard, reverse=True)
    assert heard[-1] == 0.0
    # Half of the channel lies within the other one: half of the power, as the spectrum is flat there.
    assert heard[2] == pytest.approx(0.5, abs=0.02)
    assert leak(here, Channel(5520.0, 20.0)) == leak(Channel(5520.0, 20.0), here)


def test_a_neighbour_is_heard_as_the_mask_of_the_standard_says():
    """By hand: between 10 and 30 MHz off the mask falls -10 dB (half way to 0.55 widths) to -20, -28, -40 dB."""
    total = slope = 0.0
    for step in range(100_000):  # a plain sum over 0.001 MHz, of the mask's own words
        off = step * 0.001
        if off < 9.0:
            level = 0.0
        elif off < 11.0:
            level = -20.0 * (off - 9.0) / 2.0
        elif off < 20.0:
            level = -20.0 - 8.0 * (off - 11.0) / 9.0
        elif off < 30.0:
            level = -28.0 - 12.0 * (off - 20.0) / 10.0
        else:
            level = -40.0
        total += 2.0 * 10.0 ** (level / 10.0)
        if 10.0 <= off < 30.0:
            slope += 10.0 ** (level / 10.0)
    # Once through the sender's spectrum, once through the receiver's filter.
    assert leak(Channel(5500.0, 20.0), Channel(5520.0, 20.0)) == pytest.approx(2.0 * slope / total, rel=0.01)


def test_a_wide_sender_gives_a_narrow_receiver_its_part():
    assert leak(Channel(5510.0, 40.0), Channel(5500.0, 20.0)) == pytest.approx(0.5, abs=0.02)
    assert leak(Channel(5500.0, 20.0), Channel(5510.0, 40.0)) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("country", ["ES", "US", "IN", "UG"])
def test_channels_lie_within_the_law_the_band_and_as_strong_as_the_own(country):
    catalogue, regulations = load_catalogue(), load_country_rules(country)
    kits = [catalogue.kits[KIT], catalogue.kits[ROOF]]
    found = channels_of(catalogue, kits, regulations)
    assert found == tuple(sorted(found))
    assert len({one.freq_mhz for one in found}) == len(found) >= 5
    for one in found:
        for kit in kits:
            low, high = catalogue.radios[kit.radio].band_mhz
            assert low <= one.low_mhz
            assert one.high_mhz <= high
            limit = regulations.limit_of(replace(kit, freq_mhz=one.freq_mhz), catalogue.antennas[kit.antenna])
            assert regulations.open(limit)
            assert one.dfs or not limit.dfs
            there, own = (
                radio_end(catalogue, replace(kit, freq_mhz=one.freq_mhz), regulations),
                radio_end(catalogue, kit, regulations),
            )
            assert all(there.tx_power_dbm(m) >= own.tx_power_dbm(m) - 1e-3 for m in own.modes)


def test_where_the_law_is_not_known_every_channel_of_the_radio_is_open():
    catalogue = load_catalogue()
    found = channels_of(catalogue, [catalogue.kits[LONG]], None)
    # 40 MHz: 38 to 62, 102 to 142, 151 to 167 (IEEE 802.11), within 5150 to 5875 MHz.
    assert [one.freq_mhz for one in found] == [
        *(5190.0, 5230.0, 5270.0, 5310.0, 5510.0, 5550.0, 5590.0, 5630.0, 5670.0, 5710.0, 5755.0, 5795.0, 5835.0)
    ]
    assert not any(one.dfs for one in found)


def test_where_the_law_opens_one_channel_there_is_one_and_where_none_there_is_none():
    catalogue = load_catalogue()
    one = regulations_of(Plan(info=Info(country="XX"), rules=Rules(own_limits="5550-5570 MHz 30 dBm EIRP DFS")), None)
    assert channels_of(catalogue, [catalogue.kits[KIT]], one) == (Channel(5560.0, 20.0, dfs=True),)
    other = regulations_of(Plan(info=Info(country="XX"), rules=Rules(own_limits="2400-2483 MHz 20 dBm EIRP")), None)
    assert channels_of(catalogue, [catalogue.kits[KIT]], other) == ()


def test_no_share_is_above_one_or_below_zero():
    for width in (5.0, 20.0, 40.0, 160.0):
        for other in (0.125, 20.0, 80.0):
            for off in (0.0, 0.3, 7.0, 33.0, 250.0, 1e4):
                share = leak(Channel(5000.0, width), Channel(5000.0 + off, other))
                assert 0.0 <= share <= 1.0
                assert math.isfinite(share)


def test_a_wider_channel_is_found_from_wherever_in_the_band_the_radio_stands():
    """Chile opens 5735 to 5835 MHz, one channel of 80 MHz: from 5755 its own middle would reach below the edge."""
    shelf, law = load_catalogue(), load_country_rules("CL")
    kit = shelf.kit("short-link-5ghz")
    wide = {
        freq: [one.freq_mhz for one in channels_of(shelf, (kit.on(freq, None),), law, 80.0)]
        for freq in (5755.0, 5795.0)
    }
    assert 5775.0 in wide[5795.0]
    assert wide[5755.0] == wide[5795.0]
    closed = [one.freq_mhz for one in channels_of(shelf, (kit.on(5500.0, None),), law, 80.0)]
    assert closed == [], "where the own channel is not open no power is known to be as strong"
