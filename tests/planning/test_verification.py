"""What a plan has to keep is looked at, and a plan that does not keep it is refused.

On a plain, with masts of 6 or 12 m: a link of 10 km needs one of 12 m at an end at least, so does a home at 6.5 km.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.geo import destination
from cn_planner.links.pointing import pointing_loss_db
from cn_planner.links.radio import direction
from cn_planner.model import edits
from cn_planner.model.plan import Area, Demand, Household, Plan, Rules, Site, SiteRole, Uplink
from cn_planner.planning import verification
from cn_planner.planning.problem import PlanningProblem, build_problem
from cn_planner.planning.verification import _tilt, has_time, pointed_at_homes, pointed_budgets, solution_works
from cn_planner.service.judge import serves
from cn_planner.solver.instance import Solution, SolutionSite, SolutionStatus, StoppedBy
from cn_planner.solver.sectors import SectorBeam
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from tests.plan_file_radio import sector_loss_db

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
ASH = destination(*GATE, 0.0, 10_000.0)
FAST_MBPS = 101.4  # 20 MHz in the fastest mode, at the IP level


def problem(
    homes: dict[str, tuple[float, float]], *, uplink_mbps: float = 200.0, demand: Demand | None = None, **rules: float
) -> PlanningProblem:
    """Towers at Gate and at Ash, 10 km north of it, and homes so many degrees and kilometres from Ash."""
    gate = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", uplink_mbps, 90.0))
    rows = [
        Household(key, key, *(destination(*ASH, az, 1000.0 * km) if km else ASH)) for key, (az, km) in homes.items()
    ]
    limits = Rules(mast_heights_m=(6.0, 12.0), max_access_km=8.0, **rules)  # type: ignore[arg-type]
    plan = Plan(area=Area(canopy_m=0.0), rules=limits, demand=demand or Demand())
    return build_problem(Study(edits.put(plan, [gate, Site("A", "Ash", *ASH), *rows]).plan, GROUND, SHELF))


def solution(*homes: str, gate_m: float = 12.0, ash_m: float = 12.0, sectors: int = 1, **elsewhere: str) -> Solution:
    """Both towers with the link between them; homes at Ash, and others where it is said."""
    towers = (SolutionSite("G", gate_m, sectors), SolutionSite("A", ash_m, sectors))
    return Solution(
        SolutionStatus.FEASIBLE, StoppedBy.DONE, 0.0, sites=towers, links=(("A", "G"),),
        homes={**dict.fromkeys(homes, "A"), **elsewhere},
    )  # fmt: skip


HAMLET = {"east": (80.0, 3.0), "south": (169.0, 3.0), "far": (90.0, 6.5), "mast": (0.0, 0.0), "gone": (0.0, 20.0)}


@pytest.fixture(scope="module")
def hamlet() -> PlanningProblem:
    return problem(HAMLET)


def test_a_plan_whose_paths_all_work_is_taken(hamlet):
    assert solution_works(hamlet, solution("east", "south", "far", "mast"))
    assert solution_works(hamlet, solution("east", "south", gate_m=6.0))
    assert solution_works(hamlet, solution("east", "south", ash_m=6.0))
    assert solution_works(hamlet, solution())


@pytest.mark.parametrize(
    "bad",
    [
        solution("east", gate_m=6.0, ash_m=6.0),  # the link is too low
        solution("east", "south", "far", ash_m=6.0),  # so is the path to the last home
        solution("far", "east", "south", ash_m=6.0),
        solution("east", "gone"),  # no tower reaches it
        solution("gone", "mast"),
    ],
)
def test_a_plan_with_one_path_that_does_not_work_is_refused(hamlet, bad):
    assert not solution_works(hamlet, bad)


def test_a_gateway_with_more_homes_than_its_connection_carries_is_refused():
    # A home wants 0.75 Mbit/s at the busy hour: 10 shared by 20, and half as much more for growth.
    thin = problem(HAMLET, uplink_mbps=1.5)
    assert solution_works(thin, solution("east", "south"))
    assert not solution_works(thin, solution("east", "south", "far"))


def test_a_link_with_more_homes_than_it_carries_is_refused():
    # Each home wants 100 Mbit/s: the link carries some, the connection all.
    busy = problem(
        {f"h{n}": (90.0 + n, 2.0) for n in range(8)}, uplink_mbps=10_000.0,
        demand=Demand(mbps_per_home=100.0, contention=1.0, growth_pct=0.0),
    )  # fmt: skip
    pair = busy.link_of[0, 1]
    most = int(busy.backhaul_carries[pair, 1, 1])
    assert 0 < most < 8
    assert solution_works(busy, solution(*(f"h{n}" for n in range(most))))
    assert not solution_works(busy, solution(*(f"h{n}" for n in range(most + 1))))


BUSY = Demand(mbps_per_home=40.0, contention=1.0, growth_pct=0.0)


def test_a_tower_needs_the_sectors_that_its_homes_take_the_time_of():
    # Each home takes 40 of 101.4: two fit into the time of one sector, three into that of two.
    found = problem({"a": (80.0, 3.0), "b": (100.0, 3.0), "c": (120.0, 3.0)}, demand=BUSY, uplink_mbps=1000.0)
    assert has_time(found, solution("a", "b", sectors=1))
    assert not has_time(found, solution("a", "b", "c", sectors=1))
    assert has_time(found, solution("a", "b", "c", sectors=2))
    assert not has_time(found, solution("a", sectors=0))
    assert has_time(found, solution(sectors=0))


def test_one_tower_with_time_does_not_make_up_for_another_without():
    homes = {"a": (80.0, 3.0), "b": (100.0, 3.0), "c": (120.0, 3.0), "gate": (180.0, 7.0)}
    found = problem(homes, demand=BUSY, uplink_mbps=1000.0)
    crowded = solution("a", "b", "c", gate="G")
    assert not has_time(found, crowded)
    roomy = replace(crowded, sites=(SolutionSite("G", 12.0, 1), SolutionSite("A", 12.0, 2)))
    assert has_time(found, roomy)


def test_homes_in_the_width_of_a_sector_share_it():
    # A sector of 120 degrees: from 80 to 169 is 89, its middle 124.5; 300 is elsewhere.
    found = problem({"a": (80.0, 3.0), "b": (100.0, 3.0), "c": (169.0, 3.0), "d": (300.0, 3.0)})
    (shared, alone) = pointed_at_homes(found, solution("a", "b", "c", "d"))["A"]
    number = {home.id: n for n, home in enumerate(found.homes)}
    assert (shared.azimuth_deg, shared.homes) == (124.5, (number["a"], number["b"], number["c"]))
    assert (alone.azimuth_deg, alone.homes) == (300.0, (number["d"],))
    assert (shared.tilt_deg, alone.tilt_deg) == (0.0, 0.0)
    assert shared.airtime == pytest.approx(3 * 0.75 / FAST_MBPS)
    assert alone.airtime == pytest.approx(0.75 / FAST_MBPS)


def test_two_sectors_take_what_one_has_no_time_for():
    homes = {"a": (80.0, 3.0), "b": (90.0, 3.0), "c": (100.0, 3.0)}
    found = pointed_at_homes(problem(homes, demand=BUSY), solution(*homes))["A"]
    assert sorted(len(beam.homes) for beam in found) == [1, 2]
    assert sum(beam.airtime for beam in found) == pytest.approx(3 * 40.0 / FAST_MBPS)


def test_homes_at_the_edge_of_a_beam_take_more_of_its_time_and_get_another_where_it_has_not_that_much():
    # 45 of 101.4 each, straight on, fit into one sector. Both stand 59 degrees aside, where 2.9 dB less leave a slower
    # mode: 45 of 84.5 each do not.
    homes = {"a": (60.0, 3.0), "b": (178.0, 3.0)}
    found = pointed_at_homes(spare_is(1.0, homes, replace(BUSY, mbps_per_home=45.0)), solution("a", "b"))["A"]
    assert [beam.azimuth_deg for beam in found] == [60.0, 178.0]
    assert [beam.airtime for beam in found] == [pytest.approx(45.0 / FAST_MBPS)] * 2
    (one,) = pointed_at_homes(spare_is(1.0, homes, replace(BUSY, mbps_per_home=42.0)), solution("a", "b"))["A"]
    assert one.airtime == pytest.approx(2 * 42.0 / 84.5)


def test_a_home_counts_its_weight_in_airtime():
    found = problem({"a": (80.0, 3.0)})
    heavy = edits.put(found.plan, [replace(found.plan.households["a"], weight=4.0)]).plan
    (beam,) = pointed_at_homes(build_problem(Study(heavy, GROUND, SHELF)), solution("a"))["A"]
    assert beam.airtime == pytest.approx(4 * 0.75 / FAST_MBPS)


def test_who_lives_at_the_mast_is_on_a_cable_and_takes_no_airtime(hamlet):
    number = {home.id: n for n, home in enumerate(hamlet.homes)}
    with_radio = pointed_at_homes(hamlet, solution("east", "mast"))["A"]
    alone = pointed_at_homes(hamlet, solution("mast"))["A"]
    assert len(with_radio) == 1
    assert with_radio[0].homes == tuple(sorted((number["east"], number["mast"])))
    assert with_radio[0].airtime == pytest.approx(0.75 / FAST_MBPS)
    assert alone == (SectorBeam(0.0, (number["mast"],), 0.0),)
    assert pointed_budgets(hamlet, solution("mast"), {"A": alone}) == ({}, (1.0, 1.0)), "a cable, and no path"


def spare_is(decibels: float, homes: dict[str, tuple[float, float]], fast: Demand | None = None) -> PlanningProblem:
    """Homes that ask for the fastest mode, and for so much margin that so many decibels are left to the farthest."""
    fast = fast or Demand(mbps_per_home=100.0, contention=200.0, growth_pct=0.0)
    usual = problem(homes, demand=fast)
    level = usual.access_ends[0][0].modes[-1]
    loss = float(usual.access.loss_db[usual.access.first == 0, 1, 0].max())
    site, roof = usual.access_ends[0]
    needs = next(mode.sensitivity_dbm for mode in roof.modes if mode.mcs == level.mcs)
    margin = site.eirp_dbm(level) + roof.antenna_gain_dbi - roof.cable_loss_db - loss - needs
    return problem(homes, demand=fast, access_margin_db=margin - decibels)


def test_homes_with_little_to_spare_stand_near_the_middle_of_their_beam():
    # The gain falls by 12 (angle / 84.9)² dB: a decibel is lost at 24.5 degrees, two homes 45 apart lose 0.84 each, and
    # two 66 apart 1.81.
    close, wide = {"a": (60.0, 3.0), "b": (105.0, 3.0)}, {"a": (60.0, 3.0), "b": (126.0, 3.0)}
    (one,) = pointed_at_homes(spare_is(1.0, close), solution("a", "b"))["A"]
    assert one.azimuth_deg == pytest.approx(82.5, abs=2.0)
    assert len(pointed_at_homes(spare_is(1.0, wide), solution("a", "b"))["A"]) == 2
    assert len(pointed_at_homes(spare_is(2.0, wide), solution("a", "b"))["A"]) == 1
    assert len(pointed_at_homes(spare_is(20.0, wide), solution("a", "b"))["A"]) == 1


@pytest.mark.parametrize(
    ("spare", "apart", "sectors"),
    [
        # F.1336 from 84.9 degrees at half power, and 0.003 dB for the roof that is 0.14 degrees down. At 24.0 degrees
        # 0.96 dB are lost, at 24.5 1.002: 24.0 are allowed, less what rounds off a direction, 0.06.
        (1.0, 47.6, 1),
        (1.0, 48.2, 2),
        # 2.47 dB at 38.5, 2.54 at 39.0.
        (2.5, 76.6, 1),
        (2.5, 77.2, 2),
        # Beyond the half power it falls by 12 x^1.2 - 2.22, x the share of 84.9: 4.98 at 55.5, 5.05 at 56.0.
        (5.0, 110.6, 1),
        (5.0, 111.2, 2),
        # It serves the 120 degrees of its name, 60 to either side, and no more.
        (20.0, 119.9, 1),
        (20.0, 120.1, 2),
    ],
)
def test_a_sector_is_shared_to_the_half_degree(spare, apart, sectors):
    homes = {"a": (60.0, 3.0), "b": (60.0 + apart, 3.0)}
    found = pointed_at_homes(spare_is(spare, homes), solution("a", "b"))["A"]
    assert len(found) == sectors
    aside = {1.0: 24.0, 2.5: 38.5, 5.0: 55.5}.get(spare)
    if aside is not None:
        half_power = {"beamwidth_az_deg": 84.9, "beamwidth_el_deg": 9.6}
        assert (
            sector_loss_db(half_power, aside, -0.144, 0.0)
            < spare
            < sector_loss_db(half_power, aside + 0.5, -0.144, 0.0)
        )
    if sectors == 1:
        assert found[0].azimuth_deg == pytest.approx(60.0 + apart / 2.0, abs=0.36)


def test_every_home_is_served_as_its_sector_points():
    homes = {f"h{n}": (37.0 * n % 360.0, 2.0 + 0.1 * n) for n in range(12)}
    for decibels in (0.4, 1.0, 2.5):
        found = spare_is(decibels, homes)
        plan = solution(*homes)
        assert solution_works(found, plan)
        budgets, _ = pointed_budgets(found, plan, pointed_at_homes(found, plan))
        assert set(budgets) == set(plan.homes)
        for _, down, _ in budgets.values():
            assert down == pytest.approx(FAST_MBPS)


def test_a_home_with_nothing_to_spare_has_a_sector_that_points_at_it():
    homes = {"a": (60.0, 3.0), "b": (61.0, 3.0)}
    found = pointed_at_homes(spare_is(-3.0, homes), solution("a", "b"))["A"]
    assert [beam.azimuth_deg for beam in found] == [60.0, 61.0]
    assert [len(beam.homes) for beam in found] == [1, 1]
    assert all(beam.tilt_deg == pytest.approx(-0.1) for beam in found)  # 12 m down to 5 over 3 km: 0.14 degrees


def test_margins_and_rates_are_those_of_the_direction(hamlet):
    plan = solution("east", "south", "far")
    straight = {"A": (SectorBeam(80.0, tuple(range(len(hamlet.homes))), 0.1, 0.0),)}
    budgets, _ = pointed_budgets(hamlet, plan, straight)
    antenna = SHELF.antennas[SHELF.kit(hamlet.plan.kits.access).antenna]
    off = float(pointing_loss_db(antenna, SHELF.kit(hamlet.plan.kits.access).freq_mhz, 80.0, 0.0, 169.0, -0.1438))
    assert off > 3.0
    # Both at 3 km: one is looked at, the other stands 89 degrees aside and has a slower mode, with that mode's margin.
    way = direction(*hamlet.access_ends[0])
    over = way.level_dbm - way.sensitivity_dbm
    fast, slow = (int(np.argmin(np.abs(way.rate_mbps - budgets[home][1]))) for home in ("east", "south"))
    assert slow < fast
    both_lost = budgets["east"][0] - over[fast], budgets["south"][0] - over[slow]
    assert both_lost[0] - both_lost[1] == pytest.approx(off, abs=0.01)
    assert budgets["east"][1] == pytest.approx(FAST_MBPS)
    far = int(np.argmin(np.abs(way.rate_mbps - budgets["far"][1])))
    assert budgets["far"][0] - over[far] < both_lost[0]
    steep = {"A": (SectorBeam(80.0, straight["A"][0].homes, 0.1, -40.0),)}
    _, down, up = pointed_budgets(hamlet, plan, steep)[0]["east"]
    assert 0.0 < down < FAST_MBPS
    assert 0.0 < up < FAST_MBPS


@pytest.mark.parametrize(
    ("elevation", "slack", "tilt"),
    [
        ([-5.0], lambda t: [10.0 - abs(t + 5.0)], -5.0),
        ([5.0], lambda t: [10.0 - abs(t - 5.0)], 5.0),
        ([-5.0], lambda t: [10.0 - 0.1 * abs(t + 5.0)], 0.0),  # worth half a decibel and no more
        ([-5.0], lambda t: [10.0 - 0.11 * abs(t + 5.0)], -5.0),
        ([-2.0, -10.0], lambda t: [10.0 - abs(t + 2.0), 10.0 - abs(t + 10.0)], -6.0),  # the worse of the two counts
        ([-2.0, -10.0], lambda t: [30.0 - abs(t + 2.0), 10.0 - abs(t + 10.0)], -10.0),
        ([-9.0, -1.0], lambda t: [min(10.0, 12.0 - abs(t + 5.0))], -3.0),  # the least of equal ones
        ([-80.0], lambda t: [100.0 - abs(t + 80.0)], -45.0),  # no mount tilts more
        ([80.0], lambda t: [100.0 - abs(t - 80.0)], 45.0),
    ],
)
def test_a_mount_is_tilted_where_the_worst_off_home_gains(elevation, slack, tilt):
    def of_each(tilts):
        return np.array([slack(one) for one in tilts[:, 0].tolist()])

    assert _tilt(np.array(elevation), of_each) == pytest.approx(tilt, abs=1e-9)


def test_what_homes_have_to_spare_is_worked_out_once_and_is_what_another_problem_of_the_plan_says(monkeypatch):
    """Solution after solution asks it of most homes; each took 23 budgets of all that it serves."""
    first, other = problem(HAMLET), problem(HAMLET)
    asked = []

    def counted(plan, budget, wanted):
        asked.append(np.size(wanted))
        return serves(plan, budget, wanted)

    monkeypatch.setattr(verification, "serves", counted)
    pointed_at_homes(first, solution("east", "far"))
    assert set(asked) == {2}
    asked.clear()
    again = pointed_at_homes(first.with_cover(0.5), solution("far", "east"))
    assert asked == []
    more = pointed_at_homes(first, solution("east", "south", "far"))
    assert set(asked) == {1}
    lower = pointed_at_homes(first, solution("east", ash_m=6.0))
    assert again == pointed_at_homes(other, solution("east", "far"))
    assert more == pointed_at_homes(problem(HAMLET), solution("east", "south", "far"))
    assert lower == pointed_at_homes(problem(HAMLET), solution("east", ash_m=6.0))


def test_a_home_that_hears_nothing_takes_all_the_time_there_is():
    # So much margin is asked for that no mode is left: a rate of nothing is a share of time without end.
    deaf = problem({"a": (80.0, 3.0)}, access_margin_db=90.0)
    (beam,) = pointed_at_homes(deaf, solution("a"))["A"]
    assert beam.airtime == pytest.approx(0.75 / 1e-6)
    assert not has_time(deaf, solution("a", sectors=4))
