"""Where the law closes the channel of the kits it is said that it is the law: which, of which country, what is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_network import flat_ground

from cn_planner.gis.raster import read_elevation
from cn_planner.message import msg
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Plan, Site, SiteRole
from cn_planner.planning.design import design_of
from cn_planner.planning.explain import Unserved, UnservedKind, alike
from cn_planner.planning.fix_words import LOOK, MANY_MASTS, OTHER_CHANNEL, TALLER_MAST
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.problem import build_problem
from cn_planner.service.homes import service
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface


def test_in_chile_homes_and_links_are_told_the_law_its_source_and_the_channels_that_are_open(sample_ground, designed):
    """Nothing is open to the usual kits at 5560 and 5510 MHz; 5170 to 5330 and 5735 to 5835 MHz are."""
    plan, surface = sample_ground
    catalogue, regulations = load_catalogue(), load_country_rules("CL")
    plan = replace(plan, info=replace(plan.info, country="CL"))
    few = replace(plan, households=plan.households.changed(remove=list(plan.households)[8:]))
    found = design_of(build_problem(Study(few, surface, catalogue, regulations)))
    assert (found.status, len(found.unserved)) == ("infeasible", 8)
    for home in found.unserved:
        assert home.kind is UnservedKind.LAW
        said = str(home.reason)
        where = "5560 MHz, 20 MHz wide, in CL (read in: wireless-regdb"
        assert f"The rules of the country allow no sending outdoors at {where}" in said
        assert said.endswith("Open to its radio are 5170–5250, 5250–5330, 5735–5835 MHz.")
        assert home.fix == OTHER_CHANNEL
        assert home.fix_cost is None
    # As the service of homes and the profile of a link say it.
    planned = designed.edit.plan
    budget = next(
        one for one in service(Study(planned, surface, catalogue, regulations)) if one.site is not None
    ).budget
    assert "in CL (read in: wireless-regdb" in str(budget.explanation)
    assert "Open to its radio" in str(budget.explanation)
    # A kit that is open is no matter of the law.
    home = next(iter(few.households))
    assert home_fixes(Study(few, surface, catalogue, None), [home])[home].words != OTHER_CHANNEL


def test_homes_that_are_told_the_same_are_told_it_together():
    taller = [replace(TALLER_MAST, values=(("height", n), ("site", "Alto"))) for n in (20, 24)]
    told = msg("Ground stands in the way.")
    homes = [
        Unserved("H3", UnservedKind.BLOCKED, told, taller[0], None),
        Unserved("H1", UnservedKind.BLOCKED, told, taller[1], None),
        Unserved("H2", UnservedKind.WEAK, msg("Too weak."), msg("More gain."), 30.0),
        Unserved("H4", UnservedKind.WEAK, msg("Too weak."), msg("More gain."), 20.0),
        Unserved("H5", UnservedKind.WEAK, msg("Too weak."), msg("More gain."), None),
        Unserved("H6", UnservedKind.BLOCKED, msg("Too far."), taller[0], None),
    ]
    found = alike(homes)
    assert [one.homes for one in found] == [("H2", "H4", "H5"), ("H3", "H1"), ("H6",)]
    assert [one.costs for one in found] == [(20.0, 30.0), (), ()]
    assert [one.fix for one in found] == [msg("More gain."), MANY_MASTS, taller[0]]


@pytest.mark.parametrize(("counted", "fast"), [(False, False), (True, False), (False, True)])
def test_more_gain_is_no_advice_where_only_the_ground_is_unsure(shared_data: Path, counted: bool, fast: bool) -> None:
    """1.4 km over ground of which nobody knows the last 3 m: clear by 3 m, 8 dB to spare, sure in 47 of 100."""
    surface = Surface([read_elevation(shared_data / "terrain/N42E001.hgt.zip")])
    gate = Site("gw", "Gate", 42.0932, 1.8082, SiteRole.GATEWAY)
    home = Household("only", "Only", 42.0931, 1.8250)
    plan = replace(Plan(), sites=Items([gate]), households=Items([home]))
    area, rules = replace(plan.area, canopy_m=0.0), replace(plan.rules, serve_on_check=counted)
    plan = replace(plan, area=area, rules=rules)
    if fast:  # no radio gives that, on sure ground or not
        plan = replace(plan, demand=replace(plan.demand, mbps_per_home=5000.0))
    found = design_of(build_problem(Study(plan, surface, load_catalogue(), load_country_rules("ES"))))
    if counted:
        assert found.served == 1.0
        return
    (left,) = found.unserved
    fixes = home_fixes(Study(plan, surface, load_catalogue(), load_country_rules("ES")), ["only"])
    assert left.fix == fixes["only"].words
    gain = "Antennas with more gain, or a tower nearer to it."
    assert str(left.fix) == (gain if fast else "A look on site; then count them in.")


@pytest.mark.parametrize(("to_gate_deg", "kind"), [(0.003, UnservedKind.CHECK), (0.2, UnservedKind.HOPS)])
def test_nobody_is_sent_to_look_at_a_path_from_a_tower_that_reaches_no_gateway(to_gate_deg, kind):
    """A look at the trees on the way to the home would let nobody in: no link from its tower works."""
    sites = [
        Site("G", "Gate", -1.5 + to_gate_deg, 36.5, SiteRole.GATEWAY, max_height_m=6.0),
        Site("T", "Tower", -1.5, 36.5, max_height_m=6.0),
    ]
    home = Household("only", "Only", -1.506, 36.5)
    area = replace(Plan().area, canopy_m=4.0)
    plan = replace(Plan(), area=area, sites=Items(sites), households=Items([home]))
    (left,) = design_of(build_problem(Study(plan, flat_ground(), load_catalogue()))).unserved
    fixes = home_fixes(Study(plan, flat_ground(), load_catalogue(), None), ["only"])
    assert left.kind is kind
    assert left.fix == fixes["only"].words
    assert (left.fix == LOOK) == (kind is UnservedKind.CHECK)


@pytest.mark.parametrize("other", [0.0, 1.0])
def test_of_homes_that_count_for_nobody_it_is_not_said_that_no_link_leads_to_a_gateway(other: float) -> None:
    """A tower stands beside both."""
    gate = Site("G", "Gate", -1.5, 36.5, SiteRole.GATEWAY, max_height_m=12.0)
    homes = [Household("one", "One", -1.503, 36.5, weight=other), Household("none", "None", -1.503, 36.501, weight=0.0)]
    area = replace(Plan().area, canopy_m=0.0)
    plan = replace(Plan(), area=area, sites=Items([gate]), households=Items(homes))
    found = design_of(build_problem(Study(plan, flat_ground(), load_catalogue())))
    assert (found.served, found.reason) == (other, None)
    assert found.edit is not None
    assert {one.id: one.kind for one in found.unserved}["none"] is UnservedKind.LEFT_OUT
