"""What a radio cannot be set to, and what it cannot bear, with the remedy that helps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from held_power import great_circle_m, set_dbm
from link_paths import path

from cn_planner.links.budget import link_budget
from cn_planner.links.radio import RadioEnd, radio_end
from cn_planner.links.regulatory_limits import plan_antennas
from cn_planner.links.settable import held_back, held_for, level_unfit, power_unfit, unfit_words
from cn_planner.model import edits
from cn_planner.model.equipment import RadioMode
from cn_planner.model.plan import Link, Plan, Site, SiteRole
from cn_planner.storage.catalogue import load_catalogue

# 20 + 25 + 25 dBm over a path without loss in the slow mode, 4 dB less in the fast one.
DISH = RadioEnd(
    (RadioMode("slow", 20.0, 20.0, -90.0, 10.0), RadioMode("fast", 20.0, 16.0, -70.0, 100.0)),
    25.0, 0.0, 0.65, name="dish", technology="802.11ac", least_power_dbm=0.0, max_input_dbm=-30.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("loss_db", "fix"),
    [
        (100.0, None),  # just -30 dBm
        (99.0, "Set the other radio to 19 dBm or less."),
        (80.0, "Set the other radio to 0 dBm or less."),
        (79.5, "attenuators of 21 dB in all"),
        (70.0, "attenuators of 30 dB in all"),
    ],
)
def test_a_level_that_is_too_strong_is_lowered_as_far_as_the_radio_can_be(loss_db, fix):
    found = level_unfit(DISH, DISH, loss_db)
    if fix is None:
        assert found is None
        return
    assert fix in str(found.fix)
    assert f"{70.0 - loss_db:.0f} dBm would arrive at dish, which bears -30 dBm" in str(found.what)


def test_what_nobody_says_is_no_finding():
    unknown = replace(DISH, least_power_dbm=None, max_input_dbm=None)
    assert unfit_words(unknown, unknown, 0.0) == ()
    assert "Set the other radio to 0 dBm" in str(level_unfit(unknown, DISH, 80.0).fix)
    assert level_unfit(replace(DISH, allowed=False), DISH, 0.0) is None


def test_a_power_that_nobody_says_a_radio_can_be_set_to_is_not_counted_on():
    """Two masts 100 m apart were told -30 dBm, to which no radio goes: set to its least it harms."""
    unknown = replace(DISH, least_power_dbm=None)
    for said in (level_unfit(unknown, DISH, 50.0).fix, held_back(unknown, DISH, 50.0).words):
        assert "No source says that the radio can be set to -30 dBm" in str(said)
        assert "attenuators of 50 dB in all" in str(said)
    assert not held_back(unknown, DISH, 50.0).safe
    assert held_for(unknown, DISH, 50.0).held_dbm == 0.0
    assert held_back(unknown, DISH, 80.0).safe


def test_a_power_below_the_least_of_the_radio_is_a_finding():
    # 20 dBm EIRP with a dish of 25 dBi leave -5 dBm.
    held = replace(DISH, eirp_cap_dbm=20.0)
    assert "let dish send with -5 dBm at most; its radio cannot be set below 0 dBm." in str(power_unfit(held).what)
    assert power_unfit(replace(held, eirp_cap_dbm=25.0)) is None
    assert power_unfit(replace(held, least_power_dbm=-5.0)) is None
    assert power_unfit(DISH) is None


def test_a_budget_tells_it_once_with_the_remedy():
    near = link_budget(path(100.0), 20.0, 20.0, DISH, DISH, 5500.0)
    # 100 m lose 87.3 dB: -17 dBm arrive both ways.
    (said,) = [str(one) for one in near.warnings if "arrive" in str(one)]
    assert said.startswith("At 20 dBm, -17 dBm would arrive at dish")
    assert said.endswith("Set the other radio to 7 dBm or less.")
    assert not [
        one for one in link_budget(path(5000.0), 20.0, 20.0, DISH, DISH, 5500.0).warnings if "arrive" in str(one)
    ]


def test_what_an_antenna_radiates_is_told_as_its_radio_is_set() -> None:
    """703 m with dishes of 29 dBi at 24 dBm: -22 dBm would arrive, the radio bears -30; nobody knows the law."""
    plan = Plan(kits=replace(Plan().kits, backhaul="long-link-5ghz"))
    sites = [Site("G", "G", -16.6, 179.997, SiteRole.GATEWAY, mast_height_m=6.0),
             Site("S", "S", -16.6, -179.9964, mast_height_m=6.0)]  # fmt: skip
    plan = edits.put(plan, [*sites, Link("L", "G", "S")]).plan
    shelf = load_catalogue()
    kit = shelf.kits["long-link-5ghz"]
    end = radio_end(shelf, kit, None)
    metres = great_circle_m((-16.6, 179.997), (-16.6, -179.9964))
    assert metres == pytest.approx(703.0, abs=4.0)
    full = max(mode.tx_power_dbm for mode in end.modes)
    sent = set_dbm(end, full, metres, kit.freq_mhz)
    assert sent < full - 3.0
    told = [one.regulations.eirp_dbm for one in plan_antennas(plan, shelf, None)]
    assert told == [pytest.approx(sent + end.antenna_gain_dbi - end.cable_loss_db)] * 2
