"""The rule itself, by tables worked by hand; who has room; and what is said of towers that are far, full or cut off."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from link_paths import sighted

from cn_planner.geo import WGS84, transform
from cn_planner.gis.raster import RasterGrid
from cn_planner.links.budget import budget_arrays
from cn_planner.links.radio import direction, radio_end
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.model import edits
from cn_planner.model.evidence import Evidence, Seen
from cn_planner.model.plan import Demand, Household, Link, Plan, Rules, Sector, Site, SiteRole, Status
from cn_planner.planning.resilience import resilience
from cn_planner.planning.scenario_figures import figures_of
from cn_planner.report.build import build_report
from cn_planner.report.network import network
from cn_planner.service.heights import seen_by_height
from cn_planner.service.homes import HomeService, service, whole_service
from cn_planner.service.judge import (
    JudgedFigures,
    Standing,
    Why,
    in_want_of,
    least_clearance_f1,
    link_is_good,
    most_loss_db,
    serves,
    standing,
    why_unserved,
    works_loss_db,
)
from cn_planner.service.outage import outage_impact
from cn_planner.service.roofs import home_arrays
from cn_planner.service.room import most_airtime, room_for
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

ASKS = Plan(demand=replace(Demand(), mbps_per_home=10.0), rules=replace(Rules(), access_margin_db=6.0))
COUNTS_CHECK = replace(ASKS, rules=replace(ASKS.rules, serve_on_check=True))
CATALOGUE = load_catalogue()
KIT = "village-sector-5ghz"


def code(verdict: Verdict) -> int:
    return VERDICTS.index(verdict)


@pytest.mark.parametrize(
    ("figures", "near", "in_beam", "why", "where_checks_count"),
    [
        ((Verdict.LIKELY, 6.0, 10.0), True, True, Why.NOTHING, Why.NOTHING),
        ((Verdict.LIKELY, 5.999, 10.0), True, True, Why.MARGIN, Why.MARGIN),
        ((Verdict.LIKELY, 6.0, 9.999), True, True, Why.SLOW, Why.SLOW),
        ((Verdict.LIKELY, 5.0, 5.0), True, True, Why.MARGIN, Why.MARGIN),
        ((Verdict.CHECK_ON_SITE, 20.0, 50.0), True, True, Why.CHECK, Why.NOTHING),
        ((Verdict.CHECK_ON_SITE, 2.0, 50.0), True, True, Why.CHECK, Why.MARGIN),
        ((Verdict.CHECK_ON_SITE, 20.0, 5.0), True, True, Why.CHECK, Why.SLOW),
        ((Verdict.BLOCKED, 20.0, 50.0), True, True, Why.BLOCKED, Why.BLOCKED),
        ((Verdict.NO_DATA, math.nan, math.nan), True, True, Why.NO_DATA, Why.NO_DATA),
        ((Verdict.LIKELY, math.nan, 50.0), True, True, Why.MARGIN, Why.MARGIN),
        ((Verdict.LIKELY, 20.0, math.nan), True, True, Why.SLOW, Why.SLOW),
        ((Verdict.LIKELY, 20.0, 50.0), True, False, Why.NO_BEAM, Why.NO_BEAM),
        ((Verdict.BLOCKED, 20.0, 50.0), True, False, Why.NO_BEAM, Why.NO_BEAM),
        ((Verdict.LIKELY, 20.0, 50.0), False, True, Why.FAR, Why.FAR),
        ((Verdict.LIKELY, 20.0, 50.0), False, False, Why.FAR, Why.FAR),
    ],
)
def test_the_first_thing_that_is_missing_is_why(figures, near, in_beam, why, where_checks_count) -> None:
    one = JudgedFigures(code(figures[0]), *figures[1:])
    many = JudgedFigures(*(np.array([[value] * 3]) for value in one))
    for plan, said in ((ASKS, why), (COUNTS_CHECK, where_checks_count)):
        assert int(why_unserved(plan, one, near=near, in_beam=in_beam)) == said
        assert bool(serves(plan, one, near=near, in_beam=in_beam)) is (said is Why.NOTHING)
        found = why_unserved(plan, many, near=np.array([near] * 3), in_beam=in_beam)
        assert found.tolist() == [[said] * 3]
        assert found.dtype == np.int8


@pytest.mark.parametrize(("seen", "online", "room", "planned"), list(product((False, True), repeat=4)))
def test_three_words_for_three_things(seen: bool, online: bool, room: bool, planned: bool) -> None:
    found = Standing(int(standing(seen, online, room, planned)))
    assert (found >= Standing.SEEN) is seen
    assert (found is Standing.CONNECTED) is (seen and online and planned)
    assert (found is Standing.COULD_JOIN) is (seen and online and room and not planned)


def test_a_sector_takes_homes_while_it_has_time_and_one_home_however_much_it_takes() -> None:
    assert room_for([0, 1, 1, 4], [0.0, 0.4, 0.4, 1.2], [3.0, 0.6, 0.6001, 0.0], 1.0).tolist() == [
        True, True, False, False,
    ]  # fmt: skip
    assert bool(room_for(5, 2.5, 1.5, 4.0))
    bare, aimed = Site("A", "", 0.0, 0.0), Site("B", "", 0.0, 0.0, sectors=(Sector("S", KIT, 0.0),))
    plan = replace(ASKS, rules=replace(ASKS.rules, max_sectors=3))
    assert (most_airtime(plan, bare), most_airtime(plan, aimed)) == (3.0, 1.0)


@pytest.mark.parametrize("mbps", [0.5, 10.0, 60.0, 90.0])
@pytest.mark.parametrize("margin_db", [0.0, 6.0, 20.0])
def test_the_most_that_a_path_may_lose_is_where_the_rule_turns(mbps: float, margin_db: float) -> None:
    plan = replace(
        ASKS, demand=replace(ASKS.demand, mbps_per_home=mbps),
        rules=replace(ASKS.rules, access_margin_db=margin_db, serve_on_check=True, blocked_probability=0.0),
    )  # fmt: skip
    for weaker in (0.0, 15.0):  # a roof that is heard less well than it hears
        tower, home = radio_end(CATALOGUE, KIT), radio_end(CATALOGUE, plan.kits.client)
        home = replace(home, modes=tuple(replace(one, tx_power_dbm=one.tx_power_dbm - weaker) for one in home.modes))
        most = most_loss_db(plan, tower, home)
        loss = most + np.array([-30.0, -0.01, 0.01, 30.0])
        assert serves(plan, budget_arrays(loss, sighted(np.full(4, 1.0)), tower, home, plan.rules)).tolist() == [
            True, True, False, False,
        ]  # fmt: skip
        nothing_left = budget_arrays(works_loss_db(tower, home), sighted(1.0), tower, home, plan.rules)
        assert float(nothing_left.margin_db) == pytest.approx(0.0, abs=1e-9)


def test_where_nothing_is_fast_enough_or_legal_no_loss_is_small_enough() -> None:
    tower, home = radio_end(CATALOGUE, KIT), radio_end(CATALOGUE, ASKS.kits.client)
    asks = replace(ASKS, demand=replace(ASKS.demand, mbps_per_home=200.0))
    assert most_loss_db(asks, tower, home) == -math.inf
    just = replace(ASKS, demand=replace(ASKS.demand, mbps_per_home=float(direction(tower, home).rate_mbps.max())))
    assert most_loss_db(just, tower, home) > 0.0, "just what the fastest mode gives is fast enough"
    assert most_loss_db(ASKS, replace(tower, allowed=False), home) == -math.inf
    assert works_loss_db(tower, replace(home, allowed=False)) == -math.inf


def test_what_is_not_clear_enough_serves_nobody_where_checks_do_not_count() -> None:
    least = least_clearance_f1(ASKS)
    assert least == pytest.approx(ASKS.rules.clearance_f1, abs=1e-6)
    assert least_clearance_f1(COUNTS_CHECK) == -math.inf
    tower, home = radio_end(CATALOGUE, KIT), radio_end(CATALOGUE, ASKS.kits.client)
    budget = budget_arrays([80.0, 80.0], sighted([least - 1e-6, ASKS.rules.clearance_f1]), tower, home, ASKS.rules)
    assert serves(ASKS, budget).tolist() == [False, True]


def test_a_link_between_towers_is_likely_and_has_its_margin() -> None:
    end = radio_end(CATALOGUE, ASKS.kits.backhaul)
    edge = works_loss_db(end, end)
    budget = budget_arrays(
        edge - np.array([20.0, 9.9, 20.0]), sighted([1.0, 1.0, 0.3]), end, end, ASKS.rules, rate_margin_db=10.0
    )
    assert link_is_good(budget, ASKS.rules).tolist() == [True, False, False]


def test_a_link_between_towers_holds_at_the_careful_end_where_certainty_is_asked_for() -> None:
    end = radio_end(CATALOGUE, ASKS.kits.backhaul)
    margin = np.array([11.0, 15.5, 17.0, 40.0])
    budget = budget_arrays(
        works_loss_db(end, end) - margin, sighted([1.0] * 4), end, end, ASKS.rules, rate_margin_db=10.0
    )
    for pct, sure in ((50.0, [True] * 4), (90.0, [False, False, True, True]), (99.0, [False] * 3 + [True])):
        # So much lower are levels in the worst of 100 such places; then nine in ten still work: 1.2816 times 4 dB.
        needed = NormalDist().inv_cdf(pct / 100.0) * 8.5 + 1.2816 * 4.0
        assert (margin >= max(needed, 10.0)).tolist() == sure
        assert link_is_good(budget, replace(ASKS.rules, certainty_pct=pct)).tolist() == sure


# On flat ground, where nothing but distance, beams and the network decides.

EAST, NORTH = 500_000.0, 1_000_000.0


def at(east_m: float, north_m: float = 0.0) -> tuple[float, float]:
    lon, lat = transform("EPSG:32632", WGS84, [EAST + east_m], [NORTH + north_m])
    return float(lat[0]), float(lon[0])


@pytest.fixture(scope="module")
def flat() -> Surface:
    grid = RasterGrid("flat", np.full((400, 400), 100.0, np.float32), "EPSG:32632",
                      (30.0, 0.0, EAST - 6000.0, 0.0, -30.0, NORTH + 6000.0), "", "invented")  # fmt: skip
    return Surface([grid])


def study(flat: Surface, homes: list[Household], *sites: Site, links: tuple[Link, ...] = (), **demand) -> Study:
    plan = replace(ASKS, area=replace(ASKS.area, canopy_m=0.0), demand=replace(ASKS.demand, **demand))
    plan = replace(
        plan, sites=type(plan.sites)(sites), households=type(plan.households)(homes), links=type(plan.links)(links)
    )
    return Study(plan, flat, CATALOGUE)


GATE = Site("G", "Gate", *at(0.0), role=SiteRole.GATEWAY, mast_height_m=18.0)
OTHER = Site("O", "Other", *at(900.0), mast_height_m=18.0)


def homes_on(metres: list[float], server: str | None, weight: float = 1.0) -> list[Household]:
    return [
        Household(f"{server or 'X'}{n}", f"Home {n}", *at(m), server=server, weight=weight)
        for n, m in enumerate(metres)
    ]


def test_a_tower_without_a_way_to_the_gateway_connects_nobody(flat: Surface) -> None:
    homes = [*homes_on([700.0], "O"), *homes_on([1100.0], None)]
    left, planned = sorted(service(study(flat, homes, GATE, OTHER)), key=lambda one: one.server or "")
    assert (planned.works, planned.standing, planned.why, planned.joins) == (True, 2, Why.CUT_OFF, "G")
    assert "no links lead from there" in str(planned.reason)
    assert (left.site, left.standing, left.why, left.joins) == ("O", 2, Why.UNPLANNED, "G")
    link = (Link("L", "G", "O"),)
    for one in service(study(flat, homes, GATE, OTHER, links=link)):
        assert one.standing is (Standing.CONNECTED if one.server else Standing.COULD_JOIN)
        assert one.joins == "O"
    near = replace(study(flat, homes, GATE, OTHER).plan.rules, max_access_km=0.3)
    alone = study(flat, homes, GATE, OTHER)
    alone = replace(alone, plan=replace(alone.plan, rules=near))
    found = service(alone)
    assert {one.standing for one in found} == {Standing.SEEN}
    assert {one.why for one in found} == {Why.CUT_OFF}
    assert {one.joins for one in found} == {None}


def test_nobody_counts_behind_a_link_that_was_seen_hidden_unless_it_is_in_use(flat: Surface) -> None:
    """All homes behind such a link stayed reached in map, list and papers, while the link itself was told blocked."""
    homes = [*homes_on([700.0], "O"), *homes_on([100.0], "G")]
    link, look = Link("L", "O", "G"), Evidence("e", "G", "O", Seen.HIDDEN, date="2026-11-20")

    def judged(*rows: Link | Evidence | Site) -> tuple[HomeService, HomeService]:
        one = study(flat, homes, GATE, OTHER, links=(link,))
        first, second = service(replace(one, plan=edits.put(one.plan, rows).plan))
        return first, second

    beside = replace(OTHER, latitude=GATE.latitude, longitude=GATE.longitude)
    for rows in ((), (look, replace(link, status=Status.BUILT)), (look, beside)):
        assert all(one.served for one in judged(*rows)), rows
    for rows in ((look,), (replace(look, seen=Seen.CLEAR), replace(look, id="f", date="2026-11-21"))):
        near, far = judged(*rows)
        assert near.served
        assert (far.works, far.served, far.why, far.joins) == (True, False, Why.CUT_OFF, "G")
        assert str(far.reason) == (
            "Other reaches it, but nothing gets through on the link Other–Gate on the way to a gateway."
        )
    third = Site("T", "Third", *at(0.0, 900.0), mast_height_m=18.0)
    around = (look, third, Link("M", "G", "T"), Link("N", "T", "O"))
    assert all(one.served for one in judged(*around)), "there is another way"
    one = study(flat, homes, GATE, OTHER, links=(link,))
    last = Household("T0", "Behind", *at(0.0, 1000.0), server="T")
    plan = edits.put(one.plan, [look, third, Link("N", "T", "O"), last]).plan
    found = whole_service(replace(one, plan=plan))
    behind = next(each for each in found.homes if each.home == "T0")
    assert "on the link Other–Gate" in str(behind.reason), "the link that is down, not the nearest"
    assert found.now.down == {"L"}
    impact = outage_impact(plan, found.now, "O")
    assert impact is not None
    assert not impact.online, "nothing rests on a tower to which nothing comes"


def test_a_link_that_is_blocked_is_nobodys_second_way(flat: Surface) -> None:
    """O hangs on T alone, for the link to the gate is hidden: papers, scenarios and resilience said nothing is lost."""
    homes = [*homes_on([700.0, 800.0], "O"), *homes_on([100.0], "G")]
    third = Site("T", "Third", *at(0.0, 900.0), mast_height_m=18.0)
    one = study(flat, homes, GATE, OTHER, links=(Link("L", "O", "G"), Link("M", "G", "T"), Link("N", "T", "O")))
    look = Evidence("e", "G", "O", Seen.HIDDEN, date="2026-11-20")
    own = Household("T0", "Beside it", *at(0.0, 1000.0), server="T")
    for rows, lost, over in (((third, own), 1.0, 0.0), ((third, own, look), 3.0, 2.0)):
        there = replace(one, plan=edits.put(one.plan, rows).plan)
        now = whole_service(there).now
        assert now.connected_weight == 4.0
        impact = outage_impact(there.plan, now, "T")
        assert impact is not None
        figures = figures_of(there, now, {})
        report = build_report(there, version=1, date="2026-12-02")
        told = {(each.kind, each.id): each.homes for each in resilience(there).failures}
        printed = {row.site: row.homes_lost for row in report.failures}
        drawn = {row.id: row.homes_lost_if_fails for row in report.links}
        assert (impact.lost, told["site", "T"], printed["T"]) == (lost, lost, lost)
        assert figures.lost == max(lost, 2.0), "of O its own are lost"
        behind_m = 0.0 if over == 0.0 else lost  # T has another way over O, or none
        assert (drawn["M"], told["link", "M"]) == (behind_m, behind_m)
        assert (drawn["N"], told["link", "N"]) == (over, over)
        assert told.get(("link", "L"), 0.0) == drawn["L"] == 0.0
        net = network(there.plan, {"O": 2.0, "G": 1.0}, down=now.down)
        assert net.downstream_homes("N") == over, "what is behind it goes the other way"
    cut = network(there.plan, {}, down={"L", "N"})
    assert cut.upstream["O"] == ("G", "L"), "who is left hangs where it is drawn"
    assert cut.without_link("L") == 0.0


def test_nobody_counts_behind_a_link_of_which_nobody_knows(flat: Surface) -> None:
    """Where terrain is missing between two towers it cannot be said that anything gets through."""
    ground = np.full((400, 400), 100.0, np.float32)
    ground[:, 212:218] = np.nan
    gap = Surface([RasterGrid("gap", ground, "EPSG:32632", (30.0, 0.0, EAST - 6000.0, 0.0, -30.0, NORTH + 6000.0))])
    homes = [*homes_on([700.0], "O"), *homes_on([100.0], "G")]
    near, far = service(study(gap, homes, GATE, OTHER, links=(Link("L", "O", "G"),)))
    assert near.served
    assert far.why is Why.CUT_OFF
    kit = Link("L", "O", "G", kit="nobody has it")
    near, far = service(study(flat, homes, GATE, OTHER, links=(kit,)))
    assert (near.served, far.served) == (True, False)


def test_a_full_sector_takes_nobody_else(flat: Surface) -> None:
    towards = replace(GATE, sectors=(Sector("S1", KIT, 90.0), Sector("S2", KIT, 270.0)))
    east = homes_on([300.0, 600.0, 900.0], "G")
    more = [Household("E", "East", *at(500.0)), Household("W", "West", *at(-500.0))]
    busy = {"mbps_per_home": 60.0, "contention": 2.0, "growth_pct": 0.0}  # of 101.4 Mbit/s each takes 30
    found = {one.home: one for one in service(study(flat, [*east, *more], towards, **busy))}
    assert found["E"].rate_down_mbps == pytest.approx(101.4, abs=0.05)
    assert (found["E"].works, found["E"].standing, found["E"].why) == (True, Standing.SEEN, Why.FULL)
    assert found["W"].standing is Standing.COULD_JOIN, "nobody is in that sector"
    assert all(found[home.id].standing is Standing.CONNECTED for home in east)
    few = {one.home: one for one in service(study(flat, [*east[:1], *more], towards, **busy))}
    assert few["E"].standing is Standing.COULD_JOIN
    # One home's panel knows of the others.
    alone = service(study(flat, [*east, *more], towards, **busy), only=["E"])
    assert [(one.home, one.standing, one.why) for one in alone] == [("E", Standing.SEEN, Why.FULL)]


def test_a_home_whose_tower_has_no_mast_is_told_so(flat: Surface) -> None:
    gone = replace(OTHER, mast_height_m=None)
    (one,) = service(study(flat, homes_on([400.0], "O"), GATE, gone))
    assert (one.server, one.site, one.works, one.why) == ("O", "G", True, Why.NO_MAST)
    assert (one.standing, one.joins) == (Standing.COULD_JOIN, "G")
    (far,) = service(study(flat, homes_on([5900.0], "O"), replace(GATE, mast_height_m=None), gone))
    assert (far.site, far.why, far.standing) == (None, Why.NO_TOWER, Standing.UNSEEN)


def test_a_home_at_the_mast_needs_no_path_whatever_is_asked_and_wherever_sectors_point(flat: Surface) -> None:
    away = replace(GATE, sectors=(Sector("S", KIT, 45.0),))
    homes = homes_on([0.0], "G")
    (one,) = service(study(flat, homes, away, mbps_per_home=500.0))
    assert (one.standing, one.verdict, one.margin_db, one.budget) == (Standing.CONNECTED, None, None, None)
    asked = study(flat, homes, away, mbps_per_home=500.0)
    assert seen_by_height(asked, home_arrays(asked.plan), away, [6.0, 30.0]).tolist() == [[True], [True]]


def test_a_sector_with_a_height_of_its_own_stays_there_on_a_higher_mast(flat: Surface) -> None:
    """Behind trees of 12 m all round a low sector sees nobody however high the mast above it is."""
    homes = homes_on([200.0], None)
    low = replace(GATE, sectors=(Sector("S", KIT, 90.0, height_m=6.0),))
    top = replace(GATE, sectors=(Sector("S", KIT, 90.0),))
    for site, expected in ((low, [[False], [False]]), (top, [[False], [True]])):
        asked = study(flat, homes, site)
        asked = replace(
            asked, plan=replace(asked.plan, area=replace(asked.plan.area, canopy_m=12.0, canopy_keep_out_m=60.0))
        )
        found = seen_by_height(asked, home_arrays(asked.plan), site, [6.0, 48.0])
        assert found.tolist() == expected
        for height, seen in zip((6.0, 48.0), found[:, 0].tolist(), strict=True):
            stood = replace(site, mast_height_m=height)
            plan = replace(asked.plan, sites=type(asked.plan.sites)([stood]))
            assert service(replace(asked, plan=plan))[0].works is seen


def test_those_asked_for_alone_are_told_what_they_are_told_among_all(flat: Surface) -> None:
    homes = [*homes_on([200.0, 1500.0, 4000.0], "G"), *homes_on([700.0, -800.0], "O"), *homes_on([2500.0], None)]
    asked = study(flat, homes, GATE, OTHER, links=(Link("L", "G", "O"),))
    every = {one.home: one for one in service(asked)}
    for one in service(asked, only=["G1", "X0", "O1"]):
        assert one == every[one.home]
    planned = service(asked, others=False)
    assert [(one.home, one.standing, one.second_choice) for one in planned if one.server] == [
        (one.home, one.standing, None) for one in every.values() if one.server
    ]


@pytest.mark.parametrize(
    ("verdict", "clearance_f1", "loss_db", "free_db", "lacks"),
    [
        (Verdict.CHECK_ON_SITE, 2.0, 110.0, 110.0, Why.CHECK),  # trees that nobody measured
        (Verdict.CHECK_ON_SITE, 2.0, 131.0, 131.0, Why.MARGIN),  # too far, however clear
        (Verdict.BLOCKED, 0.2, 134.0, 125.0, Why.BLOCKED),  # bare it would do
        (Verdict.BLOCKED, 0.2, 142.0, 131.0, Why.MARGIN),
        (Verdict.LIKELY, 0.7, 131.0, 130.0, Why.MARGIN),  # clear enough, and too weak
        (Verdict.NO_DATA, math.nan, math.nan, 120.0, Why.MARGIN),  # nothing is known of it
    ],
)
def test_what_a_path_that_serves_nobody_is_in_want_of(verdict, clearance_f1, loss_db, free_db, lacks):
    most = 130.0
    assert in_want_of(ASKS, code(verdict), clearance_f1, loss_db, free_db, most) == lacks
    careful = replace(ASKS, rules=replace(ASKS.rules, serve_on_check=True, certainty_pct=90.0))
    unsure = Why.UNSURE if lacks is Why.CHECK else lacks
    assert in_want_of(careful, code(verdict), clearance_f1, loss_db, free_db, most) == unsure
    if lacks is Why.CHECK:
        assert in_want_of(COUNTS_CHECK, code(verdict), clearance_f1, loss_db, free_db, most) != Why.CHECK
