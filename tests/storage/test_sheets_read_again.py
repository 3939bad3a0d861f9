"""Entries of the shelf against their documents, read again on 3 December 2026: every figure here is typed anew."""

from __future__ import annotations

import math

import pytest

from cn_planner.model.radio_figures import Poe
from cn_planner.storage.catalogue import load_catalogue

# A page of the maker (help.ui.com, 115011641867): level in dBm by width in MHz, for 8x, 6x, 4x, 2x and 1x.
AIRFIBER_5X = {
    50.0: (-60, -67, -74, -81, -83),
    40.0: (-61, -68, -75, -82, -84),
    20.0: (-64, -71, -78, -85, -87),
    10.0: (-66, -74, -81, -88, -90),
}
MODULATIONS = ("256QAM", "64QAM", "16QAM", "QPSK", "1/2 QPSK")
MOST_DBM = dict(zip(MODULATIONS, (20, 22, 24, 26, 26), strict=True))
"""The upper ends of what the same page suggests to send."""


def test_levels_and_power_of_the_airfiber_5x_are_those_of_its_makers_page() -> None:
    modes = load_catalogue().radios["airfiber-5x"].modes
    read = {(one.width_mhz, one.mcs): one.sensitivity_dbm for one in modes}
    assert read == {
        (width, name): dbm for width, row in AIRFIBER_5X.items() for name, dbm in zip(MODULATIONS, row, strict=True)
    }
    assert all(one.tx_power_dbm <= MOST_DBM[one.mcs] for one in modes)


def test_a_gain_far_under_what_its_beam_could_have_is_said_in_the_entry() -> None:
    # A lossless beam has 4 pi over its solid angle. Under 40 % of that, gain and widths are not of one antenna.
    unsaid, said = [], set()
    for key, one in load_catalogue().antennas.items():
        if one.pattern is not None:
            continue
        solid = math.radians(one.beamwidth_az_deg) * math.radians(one.beamwidth_el_deg)
        if 10.0 ** (one.gain_dbi / 10.0) * solid / (4.0 * math.pi) >= 0.4:
            continue
        said.add(key)
        could = 10.0 * math.log10(32_400.0 / (one.beamwidth_az_deg * one.beamwidth_el_deg))
        if f"could have {could:.1f} dBi" not in (one.note or ""):
            unsaid.append(key)
    assert not unsaid
    assert said == {
        "data-alliance-a9y10nf", "ubiquiti-rd-2g24", "ubiquiti-af-2g24-s45", "tp-link-tl-ant2424md", "ubiquiti-nbm5-22",
        "kp-performance-ub24ewifidbi-2ghz", "kp-performance-ub24ewifidbi-5ghz", "tvws-log-periodic-11dbi",
        "tp-link-cpe605-antenna", "tp-link-cpe610-antenna", "tp-link-cpe710-antenna", "powerbridge-m5-antenna",
        "mikrotik-lhg-5-antenna", "mikrotik-lhg-5-ac-antenna",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["rak7240", "rak7249", "rak7258"])
def test_gateways_that_their_sheets_feed_over_the_data_cable_say_so(key: str) -> None:
    radio = load_catalogue().radios[key]
    assert (radio.poe, radio.poe_v) == (Poe.AF, (42.0, 57.0))  # "PoE (IEEE 802.3af), 42~57 VDC"


def test_entries_drawn_by_lot_are_those_of_their_documents() -> None:
    # random.Random(1203) of radios and antennas: AREDN aa4eb799, TerrainAnalysis 0a70086, RAKwireless 5b8a370.
    catalogue = load_catalogue()
    for key, most in (("mikrotik-mantbox-15s", 31.0), ("morse-micro-halowlink-2", 26.0), ("rocket-5ac-lite", 27.0)):
        assert {mode.tx_power_dbm for mode in catalogue.radios[key].modes} == {most}, key
    levels = (-96, -95, -92, -90, -86, -83, -77, -74, -69, -65)
    for key, power, watts, kg, dbi in (
        ("powerbeam-5ac-iso-gen2", (24, 24, 24, 24, 24, 23, 23, 22, 20, 20), 8.5, 3.22, 25.0),
        ("powerbeam-5ac-500", (24, 24, 24, 24, 24, 23, 22, 21, 20, 19), 8.5, 2.35, 27.0),
    ):
        radio = catalogue.radios[key]
        narrow, wide = radio.modes_at(20.0), radio.modes_at(40.0)  # 802.11ac has no MCS 9 in 20 MHz
        assert tuple(one.sensitivity_dbm for one in narrow) == levels[:9], key
        assert [one.sensitivity_dbm for one in wide] == pytest.approx([dbm + 3.0103 for dbm in levels], abs=1e-3), key
        assert tuple(one.tx_power_dbm for one in wide) == power, key
        assert (radio.streams, radio.max_power_w, radio.weight_kg) == (2, watts, kg), key
        assert catalogue.antennas[f"{key}-antenna"].gain_dbi == dbi, key
    for key, dbi, stated in (
        ("mikrotik-mtas-5g-15d120", 15.0, 120.0), ("mikrotik-mantbox-15s-antenna", 15.0, 120.0),
        ("zda-telecommunications-zdadj928-17yg", 17.0, 25.0), ("ubiquiti-af-2g24-s45", 24.0, 6.6),
    ):  # fmt: skip
        assert (catalogue.antennas[key].gain_dbi, catalogue.antennas[key].serves_deg) == (dbi, stated), key
    gateway = catalogue.radios["rak7240"]
    assert [(one.tx_power_dbm, one.sensitivity_dbm) for one in gateway.modes] == [(25.0, -139.0)]
    assert (gateway.max_power_w, gateway.weight_kg, gateway.connector) == (12.0, 1.3, "N")
    lite = catalogue.radios["rocket-5ac-lite"]
    assert (lite.poe, lite.weight_kg) == (Poe.PASSIVE, 0.25)
