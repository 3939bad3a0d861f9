"""Where links alone make a plan impossible it is said which towers they leave out, and which link is missing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.model import edits
from cn_planner.model.plan import Choice, SiteRole
from cn_planner.planning.chains import Chains
from cn_planner.planning.design import design_of
from cn_planner.planning.explain import UnservedKind
from cn_planner.planning.problem import build_problem
from cn_planner.propagation.fresnel import fresnel_radius_m
from cn_planner.solver.impossible import why_impossible
from cn_planner.solver.network import network_of
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile

LOW = 6.0


@pytest.fixture(scope="module")
def low(sample_ground):
    """The sample valley with low masts alone, its problem, and the towers that then hang on no gateway."""
    plan, surface = sample_ground
    plan = replace(plan, rules=replace(plan.rules, mast_heights_m=(LOW,)), area=replace(plan.area, canopy_m=25.0))
    sites = [replace(site, sectors=(), mast_height_m=None) for site in plan.sites.values()]
    plan = edits.put(plan, sites).plan
    problem = build_problem(Study(plan, surface, load_catalogue(), None))
    lost = [site.id for site, usable in zip(problem.sites, problem.network.usable, strict=True) if not usable]
    return plan, surface, problem, lost


def test_a_tower_that_must_stand_and_has_no_chain_is_named_with_the_link_that_comes_nearest(low):
    """By link budgets one by one: of all links from what hangs on the gateway that with the least clearance missing."""
    plan, surface, _, lost = low
    assert len(lost) > 3
    catalogue, air = load_catalogue(), conditions_of(plan)
    end, freq = radio_end(catalogue, plan.kits.backhaul), catalogue.kit(plan.kits.backhaul).freq_mhz

    def missing(a, b):
        profile = path_profile(
            surface, (a.latitude, a.longitude), (b.latitude, b.longitude), canopy_m=air.canopy_m,
            keep_out_m=air.canopy_keep_out_m,
        )  # fmt: skip
        budget = link_budget(profile, LOW, LOW, end, end, freq, conditions=air, rules=plan.rules)
        radius = fresnel_radius_m(budget.clearance_at_m, budget.distance_m - budget.clearance_at_m, freq)
        short = max(plan.rules.clearance_f1 - budget.clearance_f1, 0.0)
        return short, max(plan.rules.backhaul_margin_db - budget.fade_margin_db, 0.0), short * radius

    gate = next(site for site in plan.sites.values() if site.role is SiteRole.GATEWAY)
    works = {key: missing(plan.sites[key], gate) for key in lost}
    key = lost[0]
    locked = edits.put(plan, [replace(plan.sites[key], choice=Choice.LOCKED)]).plan
    found = design_of(build_problem(Study(locked, surface, catalogue, None)), fixes=False)
    assert (found.status, found.edit) == ("infeasible", None)
    said = str(found.reason)
    assert said.startswith(f"{plan.sites[key].name}: no chain of likely links leads to a gateway within 4 links")
    # That one itself comes nearest of all that could join it to the gateway, over others or not.
    assert min(works, key=works.get) == key
    assert f"{plan.sites[key].name} – {gate.name}" in said
    assert float(re.search(r"lacks ([0-9.]+) m of clearance", said)[1]) == pytest.approx(works[key][2], abs=0.06)
    assert "dB" not in said
    assert works[key][1] == 0.0
    # Homes that only such towers see are told the same.
    told = {str(one.reason) for one in found.unserved if one.kind is UnservedKind.HOPS}
    assert all("from the sites that see it" in one for one in told)
    assert any(said.split("any height. ")[1] in one for one in told)
    # Of many towers three are told at length.
    every = edits.put(plan, [replace(plan.sites[one], choice=Choice.LOCKED) for one in lost]).plan
    reason = str(design_of(build_problem(Study(every, surface, catalogue, None)), fixes=False).reason)
    assert reason.count("no chain of likely links") == 3
    assert f"{len(lost) - 3} more towers" in reason


def test_where_a_chain_is_only_too_long_the_links_are_counted_and_margin_that_is_missing_is_said(sample_ground):
    plan, surface = sample_ground
    bare = edits.put(plan, [replace(site, sectors=(), mast_height_m=None) for site in plan.sites.values()]).plan
    short = replace(bare, rules=replace(plan.rules, max_hops=1))
    problem = build_problem(Study(short, surface, load_catalogue(), None))
    far = [i for i, usable in enumerate(problem.network.usable) if not usable]
    assert far
    words = [str(Chains(problem).said([i])) for i in far]
    assert all("2 likely links from a gateway; the rules of the plan allow 1" in one for one in words)
    faint = replace(bare, rules=replace(plan.rules, backhaul_margin_db=60.0))
    problem = build_problem(Study(faint, surface, load_catalogue(), None))
    lost = [i for i, usable in enumerate(problem.network.usable) if not usable]
    assert lost
    assert any("dB of margin." in str(Chains(problem).said([i])) for i in lost)


def test_a_home_of_an_instance_that_must_be_served_names_the_sites_that_could(low):
    _, _, problem, lost = low
    served = {int(h) for i, h, _ in problem.instance.serve.tolist() if problem.sites[i].id in lost}
    only = min(h for h in served if not problem.network.serve[h])
    homes = tuple(replace(home, must=n == only) for n, home in enumerate(problem.instance.homes))
    said = str(why_impossible(network_of(replace(problem.instance, homes=homes)), None))
    could = sorted({problem.sites[i].id for i, h, _ in problem.instance.serve.tolist() if h == only})
    assert said.startswith(problem.homes[only].id)
    assert ", ".join(could) in said
    assert "within 4 hops" in said
