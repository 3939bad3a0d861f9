"""From a plan to the instance that the optimiser solves, on a plain where every path is worked by hand.

Gate and Ash are 10 km apart, masts are 6, 12 or 18 m. A sector gives at most 101.4 Mbit/s, a long link of 10 km 193.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.economics.costs import UnitCosts
from cn_planner.economics.least_costs import LeastCosts
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.equipment import Part
from cn_planner.model.plan import (
    Area,
    Choice,
    Demand,
    Household,
    Link,
    Obstacle,
    Plan,
    Priority,
    Rules,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.planning import pairs
from cn_planner.planning import problem as problems
from cn_planner.planning.design import design_of
from cn_planner.planning.link_rows import least_upwards, upwards
from cn_planner.planning.narrower import with_sector_homes
from cn_planner.planning.problem import (
    PlanningProblem,
    build_problem,
    check_cover,
)
from cn_planner.planning.sector_homes import most_sector_homes
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface
from tests.plan_file_radio import wifi_mbps

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
ASH = destination(*GATE, 0.0, 10_000.0)
TOWERS = (
    Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0)),
    Site("A", "Ash", *ASH, build_cost=111.0),
)
HAMLET = {"near": (80.0, 3.0), "far": (90.0, 6.5), "mast": (0.0, 0.0), "gone": (0.0, 20.0)}
BUSY = Demand(mbps_per_home=40.0, contention=1.0, growth_pct=0.0)


def house(key: str, azimuth: float, km: float, **more) -> Household:
    return Household(key, key, *(destination(*ASH, azimuth, 1000.0 * km) if km else ASH), **more)


def made(homes=HAMLET, *things, demand: Demand | None = None, cover: float | None = None, **rules) -> PlanningProblem:
    limits = Rules(**{"mast_heights_m": (6.0, 12.0, 18.0), "max_access_km": 8.0, "max_backhaul_km": 25.0, **rules})
    plan = Plan(area=Area(canopy_m=0.0), rules=limits, demand=demand or Demand())
    rows = [house(key, *where) for key, where in homes.items()] if isinstance(homes, dict) else homes
    return build_problem(Study(edits.put(plan, [*TOWERS, *rows, *things]).plan, GROUND, SHELF), cover=cover)


def test_sites_have_their_heights_costs_and_what_they_carry():
    found = made()
    ash, gate = found.instance.sites
    costs = UnitCosts(found.plan, SHELF)
    assert found.instance.heights_m == (6.0, 12.0, 18.0)
    assert [found.height_index(height) for height in (6.0, 18.0)] == [0, 2]
    least = LeastCosts(costs)
    assert ash.cost == tuple(least.site(TOWERS[1], height) for height in (6.0, 12.0, 18.0))
    assert all(
        few <= costs.site(TOWERS[1], height).total for few, height in zip(ash.cost, (6.0, 12.0, 18.0), strict=True)
    )
    assert ash.sector_beside == least.sector_beside(TOWERS[1], 6.0)
    # Its place, less the gateway's lead to the Internet.
    lead = costs.of([Part("patch-lead", 1.0)]).least
    assert ash.cost[0] == pytest.approx(gate.cost[0] + 111.0 * 1.1 - lead, abs=0.05)
    assert (ash.gateway, gate.gateway) == (False, True)
    # A home wants 10 Mbit/s with 20 others, and half as much more in time: 0.75. The connection has 200.
    assert found.busy_mbps == 0.75
    assert (ash.carries, gate.carries) == (math.inf, 200.0 / 0.75)
    assert (ash.must, gate.must) == (False, False)
    assert (ash.latitude, ash.longitude) == ASH
    assert found.instance.sector_cost == costs.sector().least
    assert found.instance.homes[0].cost == costs.home(found.homes[0]).least
    assert (found.instance.max_sectors, found.instance.max_hops, found.instance.cover) == (4, 4, 0.95)


@pytest.mark.parametrize(
    ("change", "must", "carries"),
    [
        ({"choice": Choice.LOCKED}, True, 200.0 / 0.75),
        ({"status": Status.BUILT, "mast_height_m": 12.0}, True, 200.0 / 0.75),
        ({"uplink": None}, False, math.inf),  # not yet said
        ({"uplink": Uplink("fibre", 0.0, 0.0)}, False, math.inf),
        ({"uplink": Uplink("fibre", 0.75, 0.0)}, False, 1.0),
    ],
)
def test_what_people_decided_of_a_site_is_in_the_instance(change, must, carries):
    gate = made(HAMLET, replace(TOWERS[0], **change)).instance.sites[1]
    assert (gate.must, gate.carries) == (must, carries)


def test_a_height_that_a_site_may_not_have_has_no_cost():
    low = made(HAMLET, replace(TOWERS[1], max_height_m=12.0)).instance.sites[0]
    assert [cost is None for cost in low.cost] == [False, False, True]
    kept = made(HAMLET, replace(TOWERS[1], choice=Choice.LOCKED, mast_height_m=12.0)).instance.sites[0]
    assert [cost is None for cost in kept.cost] == [True, False, True]


def test_who_is_reached_from_which_height():
    # 3 km work from 6 m on, 6.5 km from 12 m; the home at the mast needs no path; 20 km are too far.
    found = made()
    assert [home.id for home in found.homes] == ["far", "gone", "mast", "near"]
    assert found.instance.serve.tolist() == [[0, 0, 1], [0, 2, 0], [0, 3, 0]]
    assert found.network.coverable == 3.0
    assert sorted(found.pair_of) == [(0, 0), (0, 3)]
    assert found.access_works[found.pair_of[0, 0]].tolist() == [False, True, True]
    assert found.access_works[found.pair_of[0, 3]].tolist() == [True, True, True]
    assert found.access_budget.rate_down_mbps[found.pair_of[0, 3]].tolist() == [101.4, 101.4, 101.4]


def test_a_home_seems_as_far_down_as_its_tower_is_high():
    found = made()
    pair = found.pair_of[0, 3]
    # From 6, 12, 18 m to a roof of 5 m at 3 km; the earth bends by half of 3000 / 8494667 more.
    down = [math.degrees(math.atan2(5.0 - height - 3000.0**2 / (2 * 8_494_667.0), 3000.0)) for height in (6, 12, 18)]
    assert found.access_elevation_deg[pair] == pytest.approx(down, abs=1e-4)
    tall = made([house("near", 80.0, 3.0, antenna_height_m=12.0)])
    assert tall.access_elevation_deg[tall.pair_of[0, 0], 1] == pytest.approx(-0.01012, abs=1e-4)


def test_what_works_counts_from_the_height_above_which_it_always_does():
    works = np.array([[False, True, False, True, True], [True, True, True, True, False], [True] * 5])
    assert upwards(works, 1).tolist() == [[False, False, False, True, True], [False] * 5, [True] * 5]
    assert upwards(works, 0).tolist()[1] == [True, True, True, True, False]
    carries = np.array([[3.0, 9.0, 5.0, 7.0]])
    assert least_upwards(carries, 1).tolist() == [[3.0, 5.0, 5.0, 7.0]]
    assert least_upwards(carries, 0).tolist() == carries.tolist()


def test_a_height_that_is_not_allowed_is_not_asked_whether_it_works():
    # A house of 7 m half way: the ray of a mast of 18 m passes 4.4 m over it, of which 3.8 must be clear; of 12 m, 1.4.
    wall = Obstacle("wall", *destination(*ASH, 80.0, 1500.0), 7.0, 30.0)
    free = made({"near": (80.0, 3.0)}, wall)
    assert free.access_works[free.pair_of[0, 0]].tolist() == [False, False, True]
    assert free.access_ok[free.pair_of[0, 0]].tolist() == [False, False, True]
    low = made({"near": (80.0, 3.0)}, wall, replace(TOWERS[1], max_height_m=12.0))
    assert low.access_ok[low.pair_of[0, 0]].tolist() == [False, False, True]
    assert low.instance.serve.tolist() == []
    other = made({"near": (80.0, 3.0)}, replace(TOWERS[0], max_height_m=6.0))
    assert other.instance.serve.tolist() == [[0, 0, 0]]


def test_links_are_rows_of_the_least_heights_of_both_ends():
    found = made()
    # With 6 m at both ends 10 km do not clear; 12 at either do.
    assert found.backhaul_works[found.link_of[0, 1]].tolist() == [
        [False, True, True], [True, True, True], [True, True, True],
    ]  # fmt: skip
    assert found.instance.links.tolist() == [[0, 1, 0, 1], [0, 1, 1, 0]]
    costs = UnitCosts(found.plan, SHELF)
    kit = SHELF.kit(found.plan.kits.backhaul)
    beside = [LeastCosts(costs).link_beside(kit, found.sites, ends) for ends in ((6.0, 12.0), (12.0, 6.0))]
    assert found.instance.link_cost.tolist() == [costs.link().least + more for more in beside]
    assert found.instance.link_carries is None
    assert np.isinf(found.backhaul_carries).all()


def test_links_carry_whole_homes_of_the_lesser_way():
    # 324 Mbit/s on the air with 6 and 6 m, 360 above. Of that plain Wi-Fi leaves 181.6 and 193.0 over 10 km: four homes
    # at 40.
    assert (wifi_mbps(324.0, 10_000.0), wifi_mbps(360.0, 10_000.0)) == pytest.approx((181.65, 192.97), abs=0.01)
    found = made({f"h{n}": (80.0 + n, 3.0) for n in range(9)}, demand=BUSY)
    assert found.backhaul_carries[0].tolist() == [[4.0] * 3] * 3
    assert found.instance.link_carries.tolist() == [4.0, 4.0]
    rate = found.backhaul_budget.rate_down_mbps[0]
    assert (rate[0, 0], rate[0, 1]) == pytest.approx((wifi_mbps(324.0, 10_000.0), wifi_mbps(360.0, 10_000.0)))
    finer = made({f"h{n}": (80.0 + n, 3.0) for n in range(9)}, demand=replace(BUSY, mbps_per_home=38.0))
    assert finer.backhaul_carries[0].tolist() == [[4.0, 5.0, 5.0], [5.0] * 3, [5.0] * 3]
    few = made({f"h{n}": (80.0 + n, 3.0) for n in range(4)}, demand=BUSY)
    assert np.isinf(few.backhaul_carries).all(), "all that there are"


def test_a_link_must_carry_what_a_home_should_reach_or_all_that_its_kit_can():
    # 18 km south of Gate 12 and 18 m are clear, and give 324 Mbit/s on the air as 18 and 18 do: 143.6 by plain Wi-Fi.
    # The kit can 360 there: 150.6.
    assert (wifi_mbps(324.0, 18_000.0), wifi_mbps(360.0, 18_000.0)) == pytest.approx((143.59, 150.57), abs=0.05)
    mill = Site("X", "Mill", *destination(*GATE, 180.0, 18_000.0))

    def works(mbps: float) -> list[list[bool]]:
        found = made({"near": (80.0, 3.0)}, mill, demand=replace(BUSY, mbps_per_home=mbps), cover=0.0)
        return found.backhaul_works[found.link_of[1, 2]].tolist()

    clear = [[False, False, False], [False, False, True], [False, True, True]]
    assert works(10.0) == works(143.5) == clear
    assert works(143.7) == works(500.0) == [[False] * 3] * 3


def test_a_link_that_is_kept_has_its_own_kit_and_price():
    own = Link("G-A", "G", "A", kit="relay-sun-5ghz", choice=Choice.LOCKED)
    usual, kept = made(), made(HAMLET, own)
    costs, heights = UnitCosts(kept.plan, SHELF), kept.instance.heights_m
    assert kept.instance.link_cost.tolist() == [
        LeastCosts(costs).kept_link(own, costs.end(own.kit).times(2).least, kept.sites, (heights[low], heights[high]))
        for _, _, low, high in kept.instance.links.tolist()
    ]
    assert kept.instance.link_cost[0] != usual.instance.link_cost[0]
    assert not np.array_equal(kept.backhaul_budget.rate_down_mbps, usual.backhaul_budget.rate_down_mbps)
    built = made(HAMLET, replace(own, choice=Choice.FREE, status=Status.BUILT))
    assert np.array_equal(built.backhaul_budget.rate_down_mbps, kept.backhaul_budget.rate_down_mbps)
    assert set(built.instance.link_cost.tolist()) == {0.0}
    idea = made(HAMLET, replace(own, choice=Choice.FREE))
    assert np.array_equal(idea.backhaul_budget.rate_down_mbps, usual.backhaul_budget.rate_down_mbps)
    assert len(made(HAMLET, own, max_backhaul_km=5.0).backhaul) == 0, "too long, kept or not"
    turned = made(HAMLET, replace(own, from_site="A", to_site="G"))
    assert np.array_equal(turned.backhaul_budget.rate_down_mbps, kept.backhaul_budget.rate_down_mbps)
    narrow = made(HAMLET, Link("G-A", "G", "A", choice=Choice.LOCKED, width_mhz=20.0))
    assert narrow.backhaul_budget.rate_down_mbps.max() < usual.backhaul_budget.rate_down_mbps.max()
    away = made(
        HAMLET, replace(own, choice=Choice.LOCKED, to_site="X"), Site("X", "X", -1.0, 36.0, choice=Choice.FORBIDDEN)
    )
    assert np.array_equal(away.backhaul_budget.rate_down_mbps, usual.backhaul_budget.rate_down_mbps)


def test_a_full_link_carries_a_full_sector_or_all_homes_where_they_want_less():
    # With half as wide a channel a link gives 112 Mbit/s at most: a full sector's 101.4 fit, with 6 m masts or more.
    def full(mbps: float, homes: int) -> list[list[bool]]:
        demand = Demand(mbps_per_home=mbps, contention=1.0, growth_pct=0.0)
        own = Link("G-A", "G", "A", choice=Choice.LOCKED, width_mhz=20.0)
        return made({f"h{n}": (80.0 + n, 3.0) for n in range(homes)}, own, demand=demand).backhaul_full[0].tolist()

    assert full(10.0, 4) == full(100.0, 4) == [[False, True, True], [True, True, True], [True, True, True]]


@pytest.mark.parametrize(
    ("fastest", "weights", "at_mast", "busy", "most"),
    [
        (95.0, (1.0, 2.0), 0.0, 2.0, 47.0),
        (95.0, (1.0, 2.0), 3.0, 2.0, 50.0),
        (95.0, (1.5, 2.0), 0.0, 2.0, 47.5),  # half homes fill it up
        (94.0, (1.0, 2.0), 0.0, 2.0, 47.0),  # just 47, whatever is lost to rounding
        (95.0, (1.0, 60.0), 0.0, 2.0, 60.0),
        (0.0, (0.5,), 0.0, 2.0, 1.0),
        (0.0, (), 2.0, 2.0, 3.0),
    ],
)
def test_what_a_sector_carries_at_most(fastest, weights, at_mast, busy, most):
    assert most_sector_homes(fastest, np.array(weights), at_mast, busy) == pytest.approx(most, rel=1e-8)


def test_a_sector_carries_homes_at_their_mean_airtime():
    # 101.4 and 84.5 Mbit/s at 0.75 each: 2 / (0.75 / 101.4 + 0.75 / 84.5) are 122.9 homes.
    assert made().instance.sector_homes == 122.0
    assert made({"near": (80.0, 3.0)}).instance.sector_homes == 135.0
    assert made({"near": (80.0, 3.0)}, demand=replace(BUSY, mbps_per_home=101.0)).instance.sector_homes == 1.0
    assert made({"near": (80.0, 3.0)}, demand=replace(BUSY, mbps_per_home=150.0)).instance.sector_homes == 1.0


def test_the_bound_asks_for_less_than_the_rules():
    found = made()
    loose = found.loose()
    assert loose.sector_homes == 136.0, "135 at the best rate, and the one at the mast"
    assert loose.serve.tolist() == found.instance.serve.tolist()
    assert loose.cover == 1.0, "of three homes 0.95 are three"
    two = made({"mast": (0.0, 0.0), "also": (0.0, 0.0), "near": (80.0, 3.0)}).loose()
    assert two.sector_homes == 137.0
    beside = made([Household("gate", "", *GATE), Household("same", "", *GATE), house("mast", 0.0, 0.0)])
    assert beside.loose().sector_homes == 2.0 + 1.0, "one that nothing asks for, and the two at the fuller mast"
    assert made(cover=0.5).loose().cover == pytest.approx(2.0 / 3.0), "half of three homes are two"
    nobody = made({"gone": (270.0, 15.0)})
    assert nobody.loose().cover == nobody.instance.cover


def test_another_share_and_another_sector_are_asked_of_the_same_paths():
    found = made()
    half, small = found.with_cover(0.3), with_sector_homes(found, 7.0)
    assert (half.instance.cover, half.network.goal) == (0.3, 1.0)
    assert (small.instance.sector_homes, small.network.goal) == (7.0, found.network.goal)
    assert half.access is small.access is found.access
    assert made(cover=0.5).instance.cover == 0.5


@pytest.mark.parametrize("cover", [-0.01, 1.01, math.nan])
def test_a_share_that_is_none_is_refused(cover):
    with pytest.raises(InputError, match="not between 0 and 1"):
        check_cover(cover)
    with pytest.raises(InputError, match="not between 0 and 1"):
        made(cover=cover)


def test_any_share_from_none_to_all_may_be_asked_for():
    for cover in (None, 0.0, 1.0):
        check_cover(cover)
    assert made(cover=0.0).instance.cover == 0.0


def test_a_home_that_must_be_reached_is_asked_for_where_it_can_be():
    found = made([house("near", 80.0, 3.0, priority=Priority.MUST), house("gone", 0.0, 20.0, priority=Priority.MUST),
                  house("mast", 0.0, 0.0)])  # fmt: skip
    assert {home.id: home.must for home in found.instance.homes} == {"near": True, "gone": False, "mast": False}


def test_what_cannot_be_planned_is_said():
    with pytest.raises(InputError, match="The plan has no homes"):
        made({})
    with pytest.raises(InputError, match="No site that may be used is a gateway"):
        made(HAMLET, replace(TOWERS[0], role=SiteRole.CANDIDATE))
    with pytest.raises(InputError, match="No site that may be used is a gateway"):
        made(HAMLET, replace(TOWERS[0], choice=Choice.FORBIDDEN))
    shut = replace(TOWERS[0], choice=Choice.FORBIDDEN)
    with pytest.raises(InputError) as refused:
        made(HAMLET, shut)
    assert str(refused.value.fix).startswith(f"Gateway {shut.name or shut.id} is forbidden.")
    study = Study(made().plan, Surface([]), SHELF)
    with pytest.raises(MissingTerrainError, match="missing under every site"):
        build_problem(study)
    # Not "no link would join them": whoever mistyped where the Internet enters looks there, not for a mast.
    with pytest.raises(MissingTerrainError, match="missing under every gateway"):
        made(HAMLET, replace(TOWERS[0], latitude=-40.0))
    away = [Household(f"x{n}", "", 10.0, 10.0 + n) for n in range(2)]
    with pytest.raises(MissingTerrainError, match="missing under every home"):
        made(away)
    assert made([*away, house("near", 80.0, 3.0)]).network.coverable == 1.0


def test_more_paths_than_fit_are_refused_before_any_is_computed(monkeypatch):
    found = made()
    # Two pairs with homes at three heights, one pair of towers at nine: 15.
    monkeypatch.setattr(pairs, "_MOST_CELLS", 15)
    assert made().instance.heights_m == found.instance.heights_m
    monkeypatch.setattr(pairs, "_MOST_CELLS", 14)
    with pytest.raises(InputError, match="2 sites and 4 homes make more paths than fit into memory"):
        made()


def test_where_far_paths_are_too_many_the_near_ones_are_looked_at_and_that_is_said(monkeypatch):
    far = {**HAMLET, "beyond": (90.0, 11.0)}
    every = made(far, max_access_km=None, max_backhaul_km=None)
    assert not every.near_only
    assert max(every.access.distance_m) > 8_000.0
    count = 3 * len(every.access) + 9 * len(every.backhaul)
    monkeypatch.setattr(pairs, "_MOST_CELLS", count - 1)
    near = made(far, max_access_km=None, max_backhaul_km=None)
    assert near.near_only
    assert max(near.access.distance_m) <= 8_000.0
    found = design_of(near)
    assert any("no home further than 8 km from a place" in str(note) for note in found.notes)
    # What a person set stands as it is.
    with pytest.raises(InputError, match="more paths than fit into memory"):
        made(far, max_access_km=12.0, max_backhaul_km=25.0)


def test_many_pairs_are_looked_at_in_pieces(monkeypatch):
    whole = made()
    monkeypatch.setattr(problems, "_PAIRS_AT_ONCE", 2)
    pieces = made()
    assert np.array_equal(pieces.access_works, whole.access_works)
    assert np.array_equal(pieces.access_budget.rate_down_mbps, whole.access_budget.rate_down_mbps)
    assert np.array_equal(pieces.access_budget.verdict, whole.access_budget.verdict)


def test_sites_that_are_left_out_are_named_with_the_reason():
    found = made(HAMLET, Site("X", "Mill", -1.4, 36.5, choice=Choice.FORBIDDEN))
    assert {key: str(reason) for key, reason in found.left_out.items()} == {"X": "Mill is forbidden."}
    assert [site.id for site in found.sites] == ["A", "G"]


def test_nobody_wants_nothing():
    free = made(demand=Demand(mbps_per_home=0.01, contention=500.0, growth_pct=0.0))
    assert free.busy_mbps == pytest.approx(2e-5)
