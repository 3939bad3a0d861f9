"""The ladder of modes against the shelf's own figures and free space, and against what the path's panel says."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from small_network import KIT, flat_ground

from cn_planner.model import edits
from cn_planner.model.measurement import Calibration, Residual
from cn_planner.model.plan import Household, Info, Link, Plan, Sector, Site, SiteRole, Uplink
from cn_planner.service.mode_ladder import mode_ladder
from cn_planner.service.path_terms import EXPLAINED, terms
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF = load_catalogue()
LAT, LON, STEP_DEG = -1.48, 36.55, 0.02
FREQ_MHZ = 5510.0


@pytest.fixture(scope="module")
def study() -> Study:
    """Two masts of 40 m on flat ground, 2.2 km from each other; no country, so that no law lowers the power."""
    sites = [
        Site("A", "Ash", LAT, LON, role=SiteRole.GATEWAY, uplink=Uplink(), mast_height_m=40.0),
        Site("B", "Birch", LAT + STEP_DEG, LON, mast_height_m=40.0),
    ]
    plan = edits.put(replace(Plan(), info=Info()), [*sites, Link("A-B", "A", "B", freq_mhz=FREQ_MHZ)]).plan
    return Study(plan, flat_ground(), SHELF, None)


@pytest.fixture(scope="module")
def view(study):
    ends = (PathEnd(LAT, LON, kind="site", id=key) for key in ("A", "B"))
    return path_view(study, *ends, link=study.plan.links["A-B"])


@pytest.mark.parametrize("freq_mhz", [FREQ_MHZ, 5670.0])
def test_each_step_recomputed_by_hand(study, view, freq_mhz):
    found = mode_ladder(study, view, at_first=True, freq_mhz=freq_mhz)
    assert (found.far, found.freq_mhz) == ("Birch", freq_mhz)
    kit = SHELF.kit(study.plan.kits.backhaul)
    antenna = SHELF.antennas[kit.antenna]
    # One degree of a meridian at this latitude, by the series of the ellipsoid.
    phi = math.radians(LAT + STEP_DEG / 2)
    length_m = STEP_DEG * (111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi))
    free_db = 20.0 * math.log10(4.0 * math.pi * length_m * freq_mhz * 1e6 / 299_792_458.0)
    modes = {one.mcs: one for one in SHELF.radios[kit.radio].modes if one.width_mhz == kit.width_mhz}
    assert {one.mode for one in found.steps} == set(modes)
    for step in found.steps:
        mode = modes[step.mode]
        arrives = mode.tx_power_dbm + 2.0 * (antenna.gain_dbi - kit.cable_loss_db) - free_db
        # The air takes some hundredths of a dB at this length.
        assert step.level_dbm == pytest.approx(arrives, abs=0.06)
        assert step.needs_dbm == mode.sensitivity_dbm
        assert step.spare_db == pytest.approx(step.level_dbm - mode.sensitivity_dbm)
    assert [one.rate_mbps for one in found.steps] == sorted((one.rate_mbps for one in found.steps), reverse=True)


@pytest.mark.parametrize("at_first", [True, False])
def test_it_says_what_the_panel_of_the_path_says(study, view, at_first):
    found, budget = mode_ladder(study, view, at_first=at_first), view.budget
    counted = next(one for one in found.steps if one.mode == found.counted)
    mode, level, margin, rate = (
        (budget.mcs_up, budget.rsl_from_dbm, budget.margin_up_db, budget.rate_up_mbps)
        if at_first
        else (budget.mcs_down, budget.rsl_to_dbm, budget.margin_down_db, budget.rate_down_mbps)
    )
    assert counted.mode == mode
    assert counted.level_dbm == pytest.approx(level, abs=1e-9)
    assert counted.spare_db == pytest.approx(margin, abs=1e-9)
    assert counted.rate_mbps == pytest.approx(rate, abs=1e-9)
    assert found.wanted_db == study.plan.rules.backhaul_margin_db
    # The fastest that leaves the reserve is the one that is counted on.
    assert found.counted == next(one.mode for one in found.steps if one.spare_db >= found.wanted_db)


def test_where_no_mode_leaves_the_reserve_none_is_counted_on(study):
    rules = replace(study.plan.rules, backhaul_margin_db=80.0)
    strict = replace(study, plan=replace(study.plan, rules=rules))
    ends = (PathEnd(LAT, LON, kind="site", id=key) for key in ("A", "B"))
    path = path_view(strict, *ends, link=strict.plan.links["A-B"])
    found = mode_ladder(strict, path, at_first=False)
    assert (found.counted, found.wanted_db) == ("", 80.0)
    assert path.budget.rate_down_mbps == 0.0
    held = mode_ladder(study, path, at_first=False)
    assert found.steps == held.steps


def test_without_terrain_there_is_no_ladder(study):
    gone = path_view(study, PathEnd(LAT, LON, kind="site", id="A"), PathEnd(LAT + 8.0, LON, 40.0))
    assert mode_ladder(study, gone, at_first=False) is None


def test_panel_bars_and_ladder_say_one_number_where_measurements_count(study):
    """By hand: one sure reading at the home itself, 8 dB under what is predicted, takes some 8 dB."""
    home = Household("H", "Home", LAT + STEP_DEG, LON + 0.001)
    plan = edits.put(study.plan, [home, replace(study.plan.sites["A"], sectors=(Sector("S", KIT, 0.0),))]).plan
    reading = Residual(home.latitude, home.longitude, 0, 5500.0, 2214.0, 0.0, 5.0, -8.0, 0.01)
    ends = PathEnd(0.0, 0.0, kind="site", id="A"), PathEnd(0.0, 0.0, kind="household", id="H")
    found = []
    for calibration in (Calibration(), Calibration(("A",), (reading,), 6.0, 500.0, 0.1, 0.2)):
        there = replace(study, plan=replace(plan, calibration=calibration))
        view = path_view(there, *ends)
        bars = terms(there, view)
        ladders = [mode_ladder(there, view, at_first=first) for first in (False, True)]
        margins = view.budget.margin_down_db, view.budget.margin_up_db
        for one, ladder, margin in zip(bars, ladders, margins, strict=True):
            counted = next(step for step in ladder.steps if step.mode == ladder.counted)
            assert one.spare_db == pytest.approx(margin, abs=1e-9)
            assert counted.spare_db == pytest.approx(margin, abs=1e-9)
            assert sum(getattr(one, name) for name in EXPLAINED) == pytest.approx(one.arrives_dbm, abs=1e-9)
        found.append(bars[0])
    assert found[0].measured_db == 0.0
    assert found[1].measured_db == pytest.approx(-8.0, abs=1.0)
    assert found[1].distance_db == found[0].distance_db
