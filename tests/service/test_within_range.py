"""How far homes and towers are looked for: by hand from the budget, and no pair that could work is left out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cn_planner.coverage.far_pairs import Sightline, hopeful_pairs
from cn_planner.coverage.matrix import near_pairs, pair_matrix
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Plan, Rules, Site, SiteRole
from cn_planner.planning.problem import build_problem
from cn_planner.progress import ALONE
from cn_planner.service.roofs import home_arrays
from cn_planner.service.tower import tower_coverage
from cn_planner.service.within_range import FARTHEST_KM, access_km, backhaul_km
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface
from tests.small_network import flat_ground

SHELF, PLAIN = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)


def study(surface: Surface = PLAIN, *things: Site | Household, shelf=SHELF, **rules) -> Study:
    plan = Plan(area=Area(canopy_m=0.0), rules=Rules(**rules))
    return Study(edits.put(plan, list(things)).plan if things else plan, surface, shelf)


def test_the_range_is_what_free_space_leaves_of_the_budget_by_hand():
    # Of the shelf, 20 MHz: power, both gains, and what the other end hears of the slowest mode, of 10 Mbit/s down.
    tower, home = (SHELF.kits[key] for key in ("village-sector-5ghz", "roof-client-5ghz"))
    rooms = []
    for one, other in ((tower, home), (home, tower)):
        gains = sum(SHELF.antennas[kit.antenna].gain_dbi for kit in (tower, home))
        modes = [mode for mode in SHELF.radios[one.radio].modes if mode.width_mhz == 20.0]
        radio = SHELF.radios[one.radio]
        hears = {mode.mcs: mode for mode in SHELF.radios[other.radio].modes if mode.width_mhz == 20.0}
        rooms.append(
            {
                mode.mcs: mode.tx_power_dbm + gains - hears[mode.mcs].sensitivity_dbm
                for mode in modes
                if mode.mcs in hears and (other is tower or mode.rate_mbps * radio.efficiency >= 10.0)
            }
        )
    best = min(max(rooms[0].values()), max(rooms[1].values())) - 6.0
    km = 10.0 ** ((best - 32.4478 - 20.0 * math.log10(tower.freq_mhz)) / 20.0)
    assert access_km(study()) == pytest.approx(min(km, FARTHEST_KM), rel=2e-3)


def test_a_rule_that_a_person_set_stands_and_timing_limits():
    assert access_km(study(max_access_km=8.0)) == 8.0
    assert backhaul_km(study(max_backhaul_km=25.0)) == 25.0
    radio = SHELF.radios["litebeam-5ac-gen2"]
    slow = replace(SHELF, radios={**SHELF.radios, radio.id: replace(radio, timing_km=11.0)})
    assert access_km(study(shelf=slow)) == 11.0


def test_no_home_is_out_of_range_that_the_ground_leaves_clear_and_no_map_of_the_plain_is_cut():
    # On a plain, from a mast of 30 m to a roof of 5 m: 0.6 F1 is clear at 12 km and is not at 25 km.
    home = [Household(f"H{km}", "", *destination(*GATE, 0.0, 1000.0 * km)) for km in (7, 10, 12, 25)]
    gate = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, mast_height_m=30.0)
    asked = study(PLAIN, gate, *home, mast_heights_m=(30.0,))
    problem = build_problem(asked)
    served = {problem.homes[int(h)].id for _, h, _ in problem.instance.serve.tolist()}
    seen = tower_coverage(asked, home_arrays(asked.plan), gate)
    assert {home_arrays(asked.plan).ids[n] for n in seen.home[seen.answer.served].tolist()} == served
    assert {"H7", "H10", "H12"} <= served
    assert "H25" not in served
    assert len(problem.access) == len(seen.home) == 3, "the farthest is behind the earth's bulge: no profile is cut"
    near = build_problem(replace(asked, plan=replace(asked.plan, rules=replace(asked.plan.rules, max_access_km=8.0))))
    assert {near.homes[int(h)].id for _, h, _ in near.instance.serve.tolist()} == {"H7"}


def test_on_real_ground_only_pairs_are_left_out_that_no_profile_leaves_clear(shared_data):
    surface = Surface.open([shared_data / "terrain/N43W003.hgt.zip"])
    rng = np.random.default_rng(5)
    here = rng.uniform(43.1, 43.5, 14), rng.uniform(-2.5, -2.1, 14)
    there = rng.uniform(43.1, 43.5, 40), rng.uniform(-2.5, -2.1, 40)
    tops = 30.0, rng.uniform(5.0, 10.0, 40)
    asked = Sightline(5560.0, 4.0 / 3.0, 0.6 - 1e-9, 5.0)
    i, j = hopeful_pairs(surface, here, there, tops, asked, 40.0, run=ALONE)
    kept = set(zip(i.tolist(), j.tolist(), strict=True))
    every = near_pairs(here, there, 40.0)
    matrix = pair_matrix(
        surface, here, there, [30.0], tops[1][:, np.newaxis], 5560.0, pairs=every, loss=False, needs=False
    )
    clear = matrix.clearance_f1[:, 0, 0] >= 0.6
    for a, b, good, length in zip(*every, clear, matrix.distance_m, strict=True):
        if good or length <= 5000.0:
            assert (int(a), int(b)) in kept
    assert len(kept) < 0.3 * len(every[0]), "most are left out before a profile is cut"
    assert clear[matrix.distance_m > 5000.0].any()
    low = asked._replace(least_f1=-math.inf)  # may serve behind hills
    assert len(hopeful_pairs(surface, here, there, tops, low, 40.0, run=ALONE)[0]) == len(every[0])
