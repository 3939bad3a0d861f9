"""A sector on a channel of its own sends, and is heard, with what the law allows there: homes too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.coverage.access import accesses_of_site, ends_of_access
from cn_planner.links.radio import radio_end
from cn_planner.model.plan import Info, Plan, Rules, Sector, Site
from cn_planner.model.regulations import regulations_of
from cn_planner.storage.catalogue import load_catalogue

KIT = "village-sector-5ghz"
LAW = regulations_of(
    Plan(info=Info(country="XX"), rules=Rules(own_limits="5490-5725 MHz 30 dBm EIRP; 5170-5250 MHz 20 dBm EIRP")), None
)


def _plan(freq_mhz: float | None) -> tuple[Plan, Site]:
    site = Site("s", "s", 1.0, 1.0, mast_height_m=12.0, sectors=(Sector("a", KIT, 90.0, freq_mhz=freq_mhz),))
    return Plan(), site


@pytest.mark.parametrize(("freq_mhz", "most_dbm"), [(None, 30.0), (5600.0, 30.0), (5200.0, 20.0)])
def test_power_is_that_of_the_channel_at_both_ends(freq_mhz, most_dbm):
    plan, site = _plan(freq_mhz)
    catalogue = load_catalogue()
    access = accesses_of_site(plan, catalogue, site)[0]
    for end in ends_of_access(plan, catalogue, LAW, access):
        assert end.allowed
        assert max(end.eirp_dbm(mode) for mode in end.modes) <= most_dbm + 1e-9
        assert max(end.eirp_dbm(mode) for mode in end.modes) > most_dbm - 1.0


def test_a_channel_that_is_not_open_is_no_channel():
    plan, site = _plan(5800.0)
    tower, home = ends_of_access(plan, load_catalogue(), LAW, accesses_of_site(plan, load_catalogue(), site)[0])
    assert not tower.allowed
    assert not home.allowed


def test_the_kits_own_channel_gives_the_same_radio_as_no_channel():
    catalogue = load_catalogue()
    kit = catalogue.kit(KIT)
    assert radio_end(catalogue, kit, LAW, freq_mhz=kit.freq_mhz) == radio_end(catalogue, kit, LAW)
    assert radio_end(catalogue, kit, LAW, freq_mhz=5200.0) == radio_end(catalogue, replace(kit, freq_mhz=5200.0), LAW)
