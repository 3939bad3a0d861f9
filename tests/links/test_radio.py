"""What a user would miss: a network that breaks no law, and rates that both radios really have."""

from __future__ import annotations

import pytest

from cn_planner.errors import InputError
from cn_planner.links.radio import RadioEnd, direction, radio_end, standard_end
from cn_planner.model.equipment import Antenna, Catalogue, Kit, Radio, RadioMode, Source, Task
from cn_planner.model.law import CountryRules, PowerLimit

SOURCE = Source("a data sheet made up for this test", "nobody")
MODES = (
    RadioMode("MCS0", 20.0, 27.0, -96.0, 6.5),
    RadioMode("MCS7", 20.0, 22.0, -75.0, 65.0),
    RadioMode("MCS0", 40.0, 27.0, -93.0, 13.5),
)
KIT = Kit("kit", "Roof 5 GHz", Task.CLIENT, "radio", "dish", 5500.0, 20.0, 1.0, ())
SHELF = Catalogue(
    version="test",
    radios={"radio": Radio("radio", "Radio", "Maker", "802.11n", (5150.0, 5875.0), MODES, 8.0, 0.5, SOURCE)},
    antennas={"dish": Antenna("dish", "Dish", "Maker", (5150.0, 5875.0), 23.0, 10.0, 10.0, SOURCE)},
    kits={"kit": KIT},
    masts=(),
    items={},
    site_parts=(),
    solar_parts=(),
    grid_parts=(),
)


def regulations(*limits: PowerLimit) -> CountryRules:
    return CountryRules("XX", limits, SOURCE)


def limit(dbm: float, *, eirp: bool, indoor: bool = False) -> PowerLimit:
    return PowerLimit(5470.0, 5725.0, dbm, eirp, 160.0, True, indoor)


def test_a_kit_uses_the_modes_of_its_own_width_alone():
    end = radio_end(SHELF, "kit")
    assert [mode.mcs for mode in end.modes] == ["MCS0", "MCS7"]
    assert end.eirp_dbm(end.modes[0]) == 27.0 - 1.0 + 23.0
    assert end.allowed


def test_a_limit_on_eirp_lowers_the_power_and_never_raises_it():
    end = radio_end(SHELF, "kit", regulations(limit(30.0, eirp=True)))
    assert [end.eirp_dbm(mode) for mode in end.modes] == [30.0, 30.0]
    weak = radio_end(SHELF, "kit", regulations(limit(60.0, eirp=True)))
    assert [weak.tx_power_dbm(mode) for mode in weak.modes] == [27.0, 22.0]


def test_a_limit_on_conducted_power_leaves_the_antenna_s_gain():
    end = radio_end(SHELF, "kit", regulations(limit(24.0, eirp=False)))
    assert end.eirp_dbm(end.modes[0]) == 24.0 + 23.0
    assert end.tx_power_dbm(end.modes[1]) == 22.0


def test_a_lowered_power_is_one_that_the_radio_can_be_set_to():
    """An installer sets -3 dBm, not -2.01: what is computed is what stands on the mast."""
    end = radio_end(SHELF, "kit", regulations(limit(26.99, eirp=True)))
    assert [end.tx_power_dbm(mode) for mode in end.modes] == [4.0, 4.0]
    assert all(end.eirp_dbm(mode) <= 26.99 for mode in end.modes)


def test_one_limit_may_be_given_instead_of_a_country():
    assert radio_end(SHELF, "kit", limit(30.0, eirp=True)).eirp_cap_dbm == 30.0


def test_where_the_law_has_no_entry_or_indoors_alone_nothing_is_allowed():
    assert not radio_end(SHELF, "kit", regulations()).allowed
    assert not radio_end(SHELF, "kit", regulations(limit(30.0, eirp=True, indoor=True))).allowed


def test_an_unknown_kit_and_a_width_that_the_radio_lacks_are_refused():
    with pytest.raises(InputError, match="no kit"):
        radio_end(SHELF, "none")
    narrow = Kit("kit", "Roof", Task.CLIENT, "radio", "dish", 5500.0, 10.0, 1.0, ())
    with pytest.raises(InputError, match="no mode of 10 MHz"):
        radio_end(SHELF, narrow)


def test_a_link_uses_the_modes_that_both_ends_have_with_the_listener_s_ear():
    far = RadioEnd((RadioMode("MCS0", 20.0, 20.0, -90.0, 6.5),), 10.0, 0.0, 0.7, name="far")
    near = radio_end(SHELF, "kit")
    there, back = direction(near, far), direction(far, near)
    assert there.mcs == back.mcs == ("MCS0",)
    assert (there.level_dbm[0], there.sensitivity_dbm[0]) == (27.0 - 1.0 + 23.0 + 10.0, -90.0)
    assert (back.level_dbm[0], back.sensitivity_dbm[0]) == (20.0 + 10.0 + 23.0 - 1.0, -96.0)
    assert there.rate_mbps[0] == 6.5 * 0.5


def test_radios_of_different_kinds_are_refused_in_words():
    other = RadioEnd((RadioMode("SF7", 0.125, 14.0, -123.0, 0.005),), 2.0, 0.0, 1.0, name="LoRa")
    with pytest.raises(InputError, match="no mode in common"):
        direction(radio_end(SHELF, "kit"), other)


def test_the_most_robust_mode_decides_whether_the_link_works():
    assert direction(radio_end(SHELF, "kit"), radio_end(SHELF, "kit")).robust == 0


def test_the_standard_s_radio_hears_less_in_a_wider_channel():
    narrow, wide = standard_end(20.0, 10.0), standard_end(20.0, 10.0, width_mhz=40.0)
    assert wide.modes[0].sensitivity_dbm == pytest.approx(narrow.modes[0].sensitivity_dbm + 3.01, abs=0.01)
    assert wide.modes[0].rate_mbps == 13.0
    with pytest.raises(InputError, match="width"):
        standard_end(20.0, 10.0, width_mhz=0.0)
