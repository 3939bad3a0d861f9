"""What would reach a home does, costs what it says and takes nothing from anybody: on the sample, on real ground."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from coverage_places import place
from small_network import KIT, flat_ground

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import direction, radio_end
from cn_planner.links.verdict import Verdict
from cn_planner.model import edits
from cn_planner.model.clients import roof_height_m
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    Choice,
    HomeKind,
    Household,
    Link,
    Obstacle,
    Plan,
    Sector,
    Site,
    SiteRole,
    Status,
    Zone,
)
from cn_planner.planning.design import design
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.fixes import TURN_STEP_DEG, home_fixes
from cn_planner.progress import Run
from cn_planner.report import bill
from cn_planner.service.homes import service
from cn_planner.service.joined import hops
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

SHELF = load_catalogue()


@pytest.fixture(scope="module")
def half(sample_ground: tuple[Plan, Surface]) -> tuple[Plan, Surface]:
    """The valley with the planner's network for half of the homes, none of them further than 8 km from its tower."""
    plan, surface = sample_ground
    near = replace(plan, rules=replace(plan.rules, max_access_km=8.0))
    found = design(Study(near, surface, SHELF), cover=0.5)
    assert found.edit is not None
    return found.edit.plan, surface


@pytest.fixture(scope="module")
def by_hand(sample_ground: tuple[Plan, Surface]) -> tuple[Plan, Surface]:
    """Three towers, one of them with no link, and no antennas yet but at one of them."""
    plan, surface = sample_ground
    heights = {"G01": 12.0, "C01": 12.0, "C02": 18.0}
    towers = [replace(plan.sites[key], mast_height_m=height) for key, height in heights.items()]
    towers[1] = replace(towers[1], sectors=(Sector("S1", plan.kits.access, 200.0),))
    return edits.put(plan, [*towers, Link("L1", "G01", "C01")]).plan, surface


@pytest.fixture(scope="module", params=["catalonia", "western-cape", "gulu"])
def real(request: pytest.FixtureRequest, shared_data: Path) -> tuple[Plan, Surface]:
    """Homes drawn by lot round a tower place on real ground, with the planner's network for some of them."""
    surface, middle, _ = place(shared_data, request.param)
    lot = np.random.default_rng(5)

    def drawn(count: int, km: float) -> list[tuple[float, float]]:
        north, east = lot.uniform(-km, km, (2, count)) / 111.2
        return list(
            zip(middle.latitude + north, middle.longitude + east / math.cos(math.radians(middle.latitude)), strict=True)
        )

    sites = [Site("G", "Town", middle.latitude, middle.longitude, SiteRole.GATEWAY)]
    for number in range(8):  # the highest of some places near each other
        near = drawn(12, 6.0)
        best = max(near, key=lambda at: float(np.nan_to_num(surface.heights(*at), nan=-1e9)))
        sites.append(Site(f"T{number}", f"Hill {number}", *best))
    homes = [Household(f"h{n:02}", f"House {n}", *at) for n, at in enumerate(drawn(40, 7.0))]
    plan = replace(Plan(), sites=Items(sites), households=Items(homes))
    found = design(Study(plan, surface, SHELF), cover=0.5)
    assert found.edit is not None, found.reason
    return found.edit.plan, surface


def _left(plan: Plan, surface: Surface) -> list[str]:
    return [one.home for one in service(Study(plan, surface, SHELF)) if not one.served]


def _proven(plan: Plan, surface: Surface, every: int = 1) -> dict[str, tuple]:
    """Do every fix of homes that are not served, and look anew."""
    served = {one.home for one in service(Study(plan, surface, SHELF)) if one.served}
    left = _left(plan, surface)[::every]
    found = home_fixes(Study(plan, surface, SHELF, None), left)
    assert list(found) == left
    before = capital(plan, SHELF).total.total_cents
    for key, own in found.items():
        assert [one.cost for one in own.fixes] == sorted(one.cost for one in own.fixes)
        assert (own.words is None) == (not own.fixes and own.advice is None)
        for fix in own.fixes:
            after = fix.edit(plan).plan
            rise = capital(after, SHELF).total.total_cents - before
            assert rise == round(fix.cost * 100), str(fix.words)
            now = {one.home for one in service(Study(after, surface, SHELF)) if one.served}
            assert now >= served | {key}, str(fix.words)
            assert fix.site in hops(after), str(fix.words)
            assert hops(after)[fix.site] <= plan.rules.max_hops
            assert len(after.sites[fix.site].sectors) <= plan.rules.max_sectors
    assert any(own.fixes for own in found.values())
    return {key: own.fixes for key, own in found.items()}


def test_every_fix_does_what_it_says_for_the_money_it_says_on_the_sample(half: tuple[Plan, Surface]) -> None:
    _proven(*half, every=3)


def test_every_fix_does_what_it_says_for_a_network_made_by_hand(by_hand: tuple[Plan, Surface]) -> None:
    found = _proven(*by_hand, every=9)
    assert {fix.kind for fixes in found.values() for fix in fixes} >= {FixKind.LINK, FixKind.TOWER}


def test_every_fix_does_what_it_says_on_real_ground(real: tuple[Plan, Surface]) -> None:
    _proven(*real)


# Brute force


def _works(plan: Plan, surface: Surface, a: Site, b: Site) -> bool:
    """Whether a link keeps the rules, by the whole budget of its own path."""
    end = radio_end(SHELF, plan.kits.backhaul)
    profile = path_profile(
        surface, (a.latitude, a.longitude), (b.latitude, b.longitude),
        canopy_m=conditions_of(plan).canopy_m, keep_out_m=conditions_of(plan).canopy_keep_out_m,
    )  # fmt: skip
    if profile.length_m > (plan.rules.max_backhaul_km or math.inf) * 1000.0:
        return False
    rules = replace(plan.rules, access_margin_db=plan.rules.backhaul_margin_db)
    budget = link_budget(
        profile, a.mast_height_m or 0.0, b.mast_height_m or 0.0, end, end,
        SHELF.kit(plan.kits.backhaul).freq_mhz, conditions=conditions_of(plan), rules=rules,
    )  # fmt: skip
    access = direction(radio_end(SHELF, plan.kits.access), radio_end(SHELF, plan.kits.client))
    wanted = min(
        float(access.rate_mbps.max()),
        plan.demand.busy_hour_mbps * sum(one.weight for one in plan.households.values()),
        float(direction(end, end).rate_mbps.max()),
    )
    assert budget.rate_down_mbps is not None
    assert budget.rate_up_mbps is not None
    return (
        budget.verdict is Verdict.LIKELY
        and (budget.fade_margin_db or 0.0) >= plan.rules.backhaul_margin_db
        and min(budget.rate_down_mbps, budget.rate_up_mbps) >= wanted
    )


def _aimed(plan: Plan, surface: Surface, site: Site, home: Household) -> list[Site]:
    """Return a site with one more sector, aimed at a home: level, and tilted."""
    kind = geodesic(site.latitude, site.longitude, home.latitude, home.longitude)
    ground = surface.heights([site.latitude, home.latitude], [site.longitude, home.longitude])
    rise = ground[1] + roof_height_m(plan, home) - ground[0] - (site.mast_height_m or 0.0)
    up = math.degrees(math.atan2(rise - kind.distance_m**2 / (2 * 8.495e6), kind.distance_m))
    return [
        replace(
            site, sectors=(*site.sectors, Sector("new", plan.kits.access, round(kind.azimuth_deg, 1) % 360.0, tilt))
        )
        for tilt in (0.0, round(up, 1))
    ]


def _every_way(plan: Plan, surface: Surface, home: Household):
    """Yield every change that the ways allow, as rows."""
    online, full = hops(plan), plan.rules.max_sectors
    for site in plan.sites.values():
        kind = geodesic(site.latitude, site.longitude, home.latitude, home.longitude)
        if kind.distance_m > (plan.rules.max_access_km or math.inf) * 1000.0:
            continue
        stands, here = site.id in plan.used_sites, replace(home, server=site.id)
        masts = [one for one in plan.rules.mast_heights_m if one <= site.max_height_m]
        if not stands:
            for mast in masts:
                new = replace(site, mast_height_m=mast, sectors=())
                links: list[list[Link]] = [[]] if site.role is SiteRole.GATEWAY else [
                    [Link("new", site.id, key)]
                    for key, deep in online.items()
                    if deep + 1 <= plan.rules.max_hops and _works(plan, surface, new, plan.sites[key])
                ]  # fmt: skip
                for link in links:
                    yield from ([one, *link, here] for one in _aimed(plan, surface, new, home))
            continue
        now = site.mast_height_m or 0.0
        poles = [replace(here, antenna_height_m=p, on_pole=True) for p in (6.0, 9.0, 12.0, 15.0)]
        own = [here, *(one for one in poles if (one.antenna_height_m or 0.0) > roof_height_m(plan, home))]
        for mast in [now, *(one for one in masts if one > now)]:
            new = replace(site, mast_height_m=mast)
            for one in own if mast == now else [here]:
                yield [new, one]
                if len(site.sectors) < full:
                    yield from ([turned, one] for turned in _aimed(plan, surface, new, one))
        for number, sector in enumerate(site.sectors):
            for turn in np.arange(TURN_STEP_DEG, 360.0, TURN_STEP_DEG).tolist():
                row = list(site.sectors)
                row[number] = replace(sector, azimuth_deg=round((sector.azimuth_deg + turn) % 360.0, 1) % 360.0)
                yield [replace(site, sectors=tuple(row)), here]


def test_no_way_is_cheaper_than_the_first_by_brute_force(half: tuple[Plan, Surface]) -> None:
    plan, surface = half
    used = set(plan.used_sites)
    near = sorted(used) + [key for key in plan.sites if key not in used][:3]
    served = {one.home for one in service(Study(plan, surface, SHELF)) if one.served}
    left = _left(plan, surface)
    few = [*sorted(served)[::8], *left[::9]]
    # Few enough for each way to be built and looked at; and with time enough for all in every sector.
    small = replace(
        plan,
        sites=Items([plan.sites[key] for key in near]),
        households=Items([plan.households[key] for key in few]),
        demand=replace(plan.demand, contention=500.0),
    )
    served &= set(few)
    before = capital(small, SHELF).total.total_cents
    asked = [key for key in few if key not in served]
    found = home_fixes(Study(small, surface, SHELF, None), asked)
    ways = set()
    for key in asked:
        tries = [edits.put(small, rows).plan for rows in _every_way(small, surface, small.households[key])]
        costs = [capital(after, SHELF).total.total_cents - before for after in tries]
        cheapest = None
        for cost, _, after in sorted(zip(costs, range(len(tries)), tries, strict=True), key=lambda one: one[:2]):
            then = {one.home: one for one in service(Study(after, surface, SHELF))}
            kept = all(then[one].served for one in served | {key})
            if kept and (then[key].margin_db or 0.0) >= small.rules.access_margin_db:
                cheapest = cost
                break
        best = found[key].cost
        assert (None if best is None else round(best * 100)) == cheapest, key
        ways |= {fix.kind for fix in found[key].fixes[:1]}
    assert len(ways) > 1
    assert len(asked) > 4


# What people ruled out, and bad input


def test_no_fix_stands_where_people_ruled_it_out(half: tuple[Plan, Surface]) -> None:
    plan, surface = half
    left = _left(plan, surface)[:8]
    free = [one for one in plan.sites.values() if not one.in_network]
    assert any(
        fix.kind is FixKind.TOWER
        for own in home_fixes(Study(plan, surface, SHELF, None), left).values()
        for fix in own.fixes
    )
    ring = ((-90.0, -180.0), (-90.0, 180.0), (90.0, 180.0), (90.0, -180.0))
    ruled = [
        *(edits.put(plan, [replace(one, choice=Choice.FORBIDDEN) for one in free]).plan,),
        *(edits.put(plan, [replace(one, status=Status.REJECTED) for one in free]).plan,),
        edits.put(plan, [Zone("Z", "Holy hill", ring)]).plan,
        edits.put(
            plan,
            [
                Link(f"X{a.id}{b}", a.id, b, choice=Choice.FORBIDDEN)
                for a in free
                for b in plan.used_sites
                if a.role is not SiteRole.GATEWAY
            ],
        ).plan,
    ]
    for one in ruled:
        found = home_fixes(Study(one, surface, SHELF, None), left)
        assert not any(fix.kind is FixKind.TOWER for own in found.values() for fix in own.fixes)


def test_a_mast_that_is_built_or_locked_is_not_raised(half: tuple[Plan, Surface]) -> None:
    plan, surface = half
    towers = list(plan.used_sites.values())
    left = _left(plan, surface)
    for kept in ({"status": Status.BUILT}, {"choice": Choice.LOCKED}):
        one = edits.put(plan, [replace(tower, **kept) for tower in towers]).plan
        found = home_fixes(Study(one, surface, SHELF, None), left)
        assert not any(fix.kind is FixKind.MAST for own in found.values() for fix in own.fixes), kept


def test_a_sector_that_is_full_takes_no_more(by_hand: tuple[Plan, Surface]) -> None:
    """Else one home's fix makes all homes of the sector slow."""
    plan, surface = by_hand
    found = home_fixes(Study(plan, surface, SHELF, None), list(plan.households), only_cheapest=True)
    easy = [own.fixes[0].rows[-1] for own in found.values() if own.fixes and own.fixes[0].site == "C01"]
    easy = [
        replace(plan.households[row.id], server="C01") for row in easy if found[row.id].fixes[0].kind is FixKind.CONNECT
    ]
    assert len(easy) > 8
    last, *others = easy
    plan = edits.put(plan, others).plan
    free = home_fixes(Study(plan, surface, SHELF, None), [last.id])[last.id].fixes[0]
    assert (free.kind, free.site) == (FixKind.CONNECT, "C01")
    rate = {one.home: one.rate_down_mbps for one in service(Study(edits.put(plan, [last]).plan, surface, SHELF))}

    def share(one: Plan) -> float:
        return sum(one.demand.busy_hour_mbps * row.weight / rate[row.id] for row in easy)

    just = plan.demand.contention * share(plan)
    for contention, kind in ((just * 1.01, FixKind.CONNECT), (just * 0.99, None)):
        full = replace(plan, demand=replace(plan.demand, contention=contention))
        fixes = home_fixes(Study(full, surface, SHELF, None), [last.id])[last.id].fixes
        assert ((FixKind.CONNECT, "C01") in {(fix.kind, fix.site) for fix in fixes}) == (kind is FixKind.CONNECT)


def test_no_sector_is_turned_away_from_a_home_onto_one_that_is_full() -> None:
    """The home that it leaves would be taken by the sector beside it, which has no time for two."""
    tower = Site("G", "Town", -1.5, 36.5, SiteRole.GATEWAY, mast_height_m=12.0, sectors=(
        Sector("S1", KIT, 0.0), Sector("S2", KIT, 80.0)))  # fmt: skip
    ways = {"north": 0.0, "east": 45.0, "south": 165.0}
    homes = [
        Household(key, key, -1.5 + 0.004 * math.cos(math.radians(at)), 36.5 + 0.004 * math.sin(math.radians(at)))
        for key, at in ways.items()
    ]
    rules = replace(Plan().rules, max_sectors=2)
    kinds = {}
    for mbps in (1.0, 60.0):
        demand = replace(Plan().demand, mbps_per_home=mbps, contention=1.0, growth_pct=0.0)
        plan = replace(Plan(), area=replace(Plan().area, canopy_m=0.0), rules=rules, demand=demand)
        served = [replace(one, server="G") for one in homes[:2]]
        plan = edits.put(plan, [tower, *served, homes[2]]).plan
        fixes = home_fixes(Study(plan, flat_ground(), SHELF, None), ["south"])["south"].fixes
        kinds[mbps] = {fix.kind for fix in fixes}
    assert FixKind.TURN in kinds[1.0]
    assert FixKind.TURN not in kinds[60.0]


@pytest.mark.parametrize(("rules", "mbps", "said"), [
    ({"max_sectors": 1}, 1.0, "may have only 1 sectors"), ({"max_sectors": 1}, 60.0, "may have only 1 sectors"),
    ({"max_sectors": 2}, 60.0, "are full"), ({"max_sectors": 2}, 1.0, ""),
])  # fmt: skip
def test_sectors_are_full_only_where_they_have_no_time(rules: dict[str, int], mbps: float, said: str) -> None:
    """To the north and beside it homes are served; the third is behind the only sector, or before a busy one."""
    sectors = (Sector("S1", KIT, 0.0), Sector("S2", KIT, 180.0))[: rules["max_sectors"]]
    tower = Site("G", "Town", -1.5, 36.5, SiteRole.GATEWAY, mast_height_m=12.0, sectors=sectors)
    homes = [
        Household(key, key, -1.5 + north, 36.5 + east, server=server)
        for key, north, east, server in (
            ("north", 0.004, 0.0, "G"), ("beside", -0.004, 0.0005, "G" if len(sectors) > 1 else None),
            ("south", -0.004, 0.0, None))
    ]  # fmt: skip
    demand = replace(Plan().demand, mbps_per_home=mbps, contention=1.0, growth_pct=0.0)
    bare = replace(Plan(), area=replace(Plan().area, canopy_m=0.0), rules=replace(Plan().rules, **rules), demand=demand)
    plan = edits.put(bare, [tower, *homes]).plan
    found = home_fixes(Study(plan, flat_ground(), SHELF, None), ["south"])["south"]
    assert bool(found.fixes) == (not said)
    assert said in str(found.words)


def test_who_would_take_service_from_others_is_not_told_that_sectors_are_full() -> None:
    """Trees at the tower hide a home from all but the tallest mast, from where another lacks half a dB for its rate."""
    tower = Site("G", "Town", -1.5, 36.5, SiteRole.GATEWAY, mast_height_m=6.0, sectors=(Sector("S1", KIT, 0.0, 5.0),))
    other = Household("north", "North", -1.47, 36.5, server="G")
    hidden = Household("south", "South", -1.52, 36.5)
    trees = Obstacle("trees", -1.502, 36.5, 10.0, 30.0)
    rules = replace(Plan().rules, mast_heights_m=(6.0, 30.0), access_margin_db=7.6)
    demand = replace(Plan().demand, mbps_per_home=90.0)
    bare = replace(Plan(), area=replace(Plan().area, canopy_m=0.0), rules=rules, demand=demand)
    for server in ("G", None):
        plan = edits.put(bare, [tower, replace(other, server=server), hidden, trees]).plan
        north = [
            next(iter(service(Study(edits.put(plan, [replace(tower, mast_height_m=up)]).plan, flat_ground(), SHELF))))
            for up in (6.0, 30.0)
        ]
        assert [one.served for one in north] == [server is not None, False]
        found = home_fixes(Study(plan, flat_ground(), SHELF, None), ["south"])["south"]
        assert {fix.kind for fix in found.fixes} == (set() if server else {FixKind.MAST})
        assert server is None or str(found.words) == "A tower place nearer to it."


def test_homes_for_which_nothing_helps_are_told_what_could(sample_ground: tuple[Plan, Surface]) -> None:
    plan, surface = sample_ground
    key = next(iter(plan.households))
    home = plan.households[key]
    gateway = replace(plan.sites["G01"], mast_height_m=12.0)
    network = edits.put(plan, [gateway]).plan

    def said(one: Plan) -> str:
        own = home_fixes(Study(one, surface, SHELF, None), [key])[key]
        assert own.fixes == ()
        assert own.cost is None
        return str(own.words)

    far = replace(home, latitude=home.latitude + 2.0)
    assert "nearer" in said(edits.put(network, [far]).plan)
    void = replace(network, sites=Items([replace(gateway, latitude=home.latitude + 0.5)]))
    void = edits.put(void, [replace(home, latitude=home.latitude + 0.48)]).plan
    assert "Elevation files" in said(void)
    nowhere = replace(network, sites=Items([]), links=Items([]))
    assert "tower place" in said(nowhere)
    refused = edits.put(network, [replace(one, choice=Choice.FORBIDDEN) for one in network.sites.values()]).plan
    assert "tower place" in said(refused)


def test_a_home_at_the_place_of_a_mast_needs_its_equipment_alone(half: tuple[Plan, Surface]) -> None:
    plan, surface = half
    tower = next(iter(plan.used_sites.values()))
    home = Household("at-mast", "", tower.latitude, tower.longitude)
    own = home_fixes(Study(edits.put(plan, [home]).plan, surface, SHELF, None), ["at-mast"])["at-mast"]
    assert own.fixes[0].kind is FixKind.CONNECT
    assert own.fixes[0].site == tower.id
    assert own.fixes[0].cost == pytest.approx(
        UnitCosts(plan, SHELF).home(home).total, rel=0.2
    )  # whole spares beside it
    _proven(edits.put(plan, [home]).plan, surface, every=40)


def test_without_kits_it_is_said_which_and_without_prices_that_it_costs_more(half: tuple[Plan, Surface]) -> None:
    plan, surface = half
    left = _left(plan, surface)[:3]
    with pytest.raises(InputError, match="nothing-here"):
        home_fixes(Study(replace(plan, kits=replace(plan.kits, access="nothing-here")), surface, SHELF, None), left)
    bare = replace(SHELF, items={key: replace(item, price=None) for key, item in SHELF.items.items()})
    for own in home_fixes(Study(plan, surface, bare, None), left).values():
        for fix in own.fixes:
            assert fix.unpriced
            assert fix.cost >= 0.0
    with pytest.raises(InputError, match="nobody"):
        home_fixes(Study(plan, surface, SHELF, None), ["nobody"])


def test_the_first_tower_of_a_plan_needs_no_link(sample_ground: tuple[Plan, Surface]) -> None:
    plan, surface = sample_ground
    places = [replace(one, role=SiteRole.CANDIDATE, uplink=None) for one in plan.sites.values()]
    bare = edits.put(plan, places).plan
    found = home_fixes(Study(bare, surface, SHELF, None), list(bare.households)[:5])
    first = [own.fixes[0] for own in found.values() if own.fixes]
    assert first
    assert all(fix.kind is FixKind.TOWER and not any(isinstance(row, Link) for row in fix.rows) for fix in first)


def test_the_same_answer_with_any_number_of_threads_and_alone(half: tuple[Plan, Surface]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    plan, surface = half
    left = _left(plan, surface)[::4]
    alone = home_fixes(Study(plan, surface, SHELF, None), left)
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            assert home_fixes(Study(plan, surface, SHELF, None), left, run=Run(pool)) == alone
    for key in left[:5]:
        one = home_fixes(Study(plan, surface, SHELF, None), [key])[key]
        assert one == alone[key]
        quick = home_fixes(Study(plan, surface, SHELF, None), [key], only_cheapest=True)[key]
        assert (quick.fixes[:1], quick.words) == (one.fixes[:1], one.words)


def test_a_pole_is_part_of_the_capital_and_of_what_is_bought(half: tuple[Plan, Surface]) -> None:
    plan, _ = half
    home = next(one for one in plan.households.values() if one.server is not None and one.kind is HomeKind.HOME)
    high = edits.put(plan, [replace(home, antenna_height_m=9.0, on_pole=True, weight=2.0)]).plan
    flat = edits.put(plan, [replace(home, antenna_height_m=9.0, weight=2.0)]).plan
    costs = UnitCosts(high, SHELF)
    pole = costs.pole(9.0)
    assert pole is not None
    more = capital(high, SHELF).total.total_cents - capital(flat, SHELF).total.total_cents
    assert more >= 2 * pole.total_cents
    mast = costs.mast(9.0)
    assert mast is not None
    have, had = bill.needs(high, costs), bill.needs(flat, UnitCosts(flat, SHELF))
    assert have.labour_days - had.labour_days == pytest.approx(2 * mast.labour_days)
    for part in mast.parts:
        assert have.parts[""].get(part.item, 0.0) - had.parts[""].get(part.item, 0.0) >= 2 * part.quantity - 1e-9


def test_homes_that_differ_in_their_names_alone_get_the_answers_that_each_would_get_alone(
    by_hand: tuple[Plan, Surface],
) -> None:
    plan, surface = by_hand
    rows = []
    for key in _left(plan, surface)[::25]:
        one = plan.households[key]
        rows += [replace(one, id=f"{key}-{n}", name=("", "Twin")[n % 2], note=str(n), hamlet="H") for n in range(3)]
        rows += [replace(one, id=f"{key}-heavy", weight=3.0), replace(one, id=f"{key}-high", antenna_height_m=12.0)]
    study = Study(edits.put(plan, rows).plan, surface, SHELF, None)
    asked = [row.id for row in rows]
    together = home_fixes(study, asked)
    assert list(together) == asked
    assert any(one.fixes for one in together.values())
    assert together == {key: home_fixes(study, [key])[key] for key in asked}
    said = service(study, only=asked)
    for one in said:
        (alone,) = service(study, only=[one.home])
        assert (one, one.reason, one.budget) == (alone, alone.reason, alone.budget)
