"""What a user would miss: a plan that promises more on a short link than the papers set its radios to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from held_power import great_circle_m, set_dbm
from small_network import flat_ground

from cn_planner.geo import destination
from cn_planner.links.radio import radio_end
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Link, Obstacle, Plan, Sector, Site, SiteRole
from cn_planner.planning.loads import standing_mbps
from cn_planner.report.build import build_report
from cn_planner.service.mode_ladder import mode_ladder
from cn_planner.service.path_terms import terms
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.spectrum.band import band_at, ear_of
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF, GATE, KIT = load_catalogue(), (-1.45, 36.55), "long-link-5ghz"


def behind_a_tree(metres: float, tree_m: float = 20.0) -> Study:
    """Return a gateway and a tower with a home, and a tree half way between them."""
    there = destination(*GATE, 90.0, metres)
    roof = destination(*there, 0.0, 800.0)
    things = [
        Site("A", "A", *GATE, role=SiteRole.GATEWAY, mast_height_m=12.0),
        Site("B", "B", *there, mast_height_m=12.0, sectors=(Sector("s", "village-sector-5ghz", 0.0, freq_mhz=5200.0),)),
        Link("L", "A", "B", kit=KIT), Obstacle("o", *destination(*GATE, 90.0, metres / 2.0), tree_m),
        Household("h", "", *roof, server="B"),
    ]  # fmt: skip
    return Study(edits.put(Plan(area=Area(canopy_m=0.0)), things).plan, flat_ground(), SHELF)


@pytest.mark.parametrize("metres", [200.0, 500.0, 6000.0])
def test_planner_panel_channels_and_papers_count_a_link_at_the_power_that_is_set(metres):
    """A tree takes 35 dB: at full power 500 m would carry 176 Mbit/s, as its radios are set 140."""
    study = behind_a_tree(metres)
    link, kit, end = study.plan.links["L"], SHELF.kit(KIT), radio_end(SHELF, KIT)
    view = path_view(study, *(PathEnd(0.0, 0.0, None, "site", key) for key in "AB"), link=link)
    # By hand: of the modes, at the power that the far radio bears over open ground, the fastest with the margin.
    far_m = great_circle_m(*((study.plan.sites[key].latitude, study.plan.sites[key].longitude) for key in "AB"))
    lost = view.budget.losses.total_db - 2.0 * (end.antenna_gain_dbi - end.cable_loss_db)
    margin = study.plan.rules.backhaul_margin_db

    def fastest(power) -> float:
        return max(
            (one.rate_mbps * end.efficiency for one in end.modes if power(one) - lost - one.sensitivity_dbm >= margin),
            default=0.0,
        )

    rate = fastest(lambda one: set_dbm(end, one.tx_power_dbm, far_m, kit.freq_mhz))
    full = fastest(lambda one: one.tx_power_dbm)
    assert rate < full if metres < 1500.0 else rate == full
    assert standing_mbps(study, link) == pytest.approx(rate)
    assert view.budget.rate_mbps == pytest.approx(rate)
    shown = terms(study, view)[0]
    assert (shown.arrives_dbm, shown.power_dbm) == (
        pytest.approx(view.budget.rsl_to_dbm), view.budget.power_from_dbm
    )  # fmt: skip
    ladder = mode_ladder(study, view, at_first=False)
    assert max(one.rate_mbps for one in ladder.steps if one.spare_db >= margin) == pytest.approx(rate)
    report = build_report(study, version=1, date="2026-11-30")
    assert [one.carries_mbps for one in report.links] == [pytest.approx(rate)]
    found = plan_channels(study, keep=True)
    assert next(one.carries_mbps for one in found.uses if one.id == "L") == pytest.approx(rate)


def test_what_is_held_back_is_heard_less_by_others():
    """A link of 200 m sends 5 dBm in place of 27: elsewhere so much less of it arrives."""
    study = behind_a_tree(200.0, 0.0)
    free = replace(SHELF.radios[SHELF.kit(KIT).radio], max_input_dbm=None)
    unheld = replace(study, catalogue=replace(SHELF, radios={**SHELF.radios, free.id: free}))
    heard = [radio_network(one).heard_dbm for one in (study, unheld)]
    link = next(n for n, user in enumerate(radio_network(study).users) if user.link is not None)
    there = np.isfinite(heard[0][link])
    assert there.any()
    end = radio_end(SHELF, KIT)
    most = max(one.tx_power_dbm for one in end.modes)
    less = most - set_dbm(end, most, 200.0, SHELF.kit(KIT).freq_mhz)
    assert heard[1][link][there] - heard[0][link][there] == pytest.approx(less)
    assert np.array_equal(heard[0][1 - link], heard[1][1 - link])
    # Its band says of each channel what it is set to there.
    for one in band_at(study, ear_of(study.plan, SHELF, "L:A")).channels:
        power = set_dbm(end, most, 200.0, one.channel.freq_mhz)
        assert one.sent_dbm == pytest.approx(power + end.antenna_gain_dbi - end.cable_loss_db)
