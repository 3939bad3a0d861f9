"""A tower that serves and carries nobody is not bought, though the heights of a plan are searched with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground

from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Info, Plan, Rules, Site, SiteRole, Uplink
from cn_planner.planning.directions import Directions
from cn_planner.planning.keeping import _pointed
from cn_planner.planning.problem import build_problem
from cn_planner.planning.public_places import planned_for
from cn_planner.solver.incumbent import Known
from cn_planner.solver.instance import SolutionSite
from cn_planner.solver.network import network_of
from cn_planner.solver.optimise import optimise
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

G, A, B = (-1.50, 36.50), (-1.45, 36.55), (-1.53, 36.55)


def _problem():
    homes = [
        Household(f"{prefix}{n}", "", *destination(*middle, 60.0 * n, 600.0))
        for prefix, middle in (("g", G), ("a", A)) for n in range(6)
    ]  # fmt: skip
    sites = [
        Site("G", "Town", *G, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0)),
        Site("A", "Ash hill", *A),
        Site("B", "Bare hill", *B),
    ]
    plan = Plan(info=Info(name="Small"), area=Area(canopy_m=0.0), rules=Rules(max_access_km=4.0, max_backhaul_km=8.2))
    return build_problem(Study(planned_for(edits.put(plan, [*sites, *homes]).plan), flat_ground(), load_catalogue()))


def _search(instance, *, budget, share, start=None):
    return optimise(instance, budget=budget, start=start)


def test_a_tower_at_a_dead_end_leaves_when_homes_are_given_out_anew():
    problem = _problem()
    directions = Directions(problem)
    first = optimise(directions.loose())
    assert {site.id for site in first.sites} == {"G", "A"}
    more = SolutionSite("B", first.sites[0].height_m, 0, False)
    dead = replace(first, sites=(*first.sites, more), links=(*first.links, ("B", "G")))
    # So the search at the heights of a plan keeps it: each of its sites has to stand there.
    held = optimise(directions.at_heights(dead, {}))
    assert "B" in {site.id for site in held.sites}
    assert "B" not in held.homes.values()
    found = _pointed(problem, dead, None, _search, directions)
    assert found is not None
    assert {site.id for site in found.sites} == {"G", "A"}
    assert not any("B" in ends for ends in found.links)
    assert len(found.homes) == 12
    rich = _pointed(problem, dead, 1e6, _search, directions)
    assert rich is not None
    assert {site.id for site in rich.sites} == {"G", "A"}


def test_what_radios_cost_on_a_high_mast_is_known_at_just_its_heights():
    """A search over the heights of a plan took each radio to hang as low as any: links to high masts seemed cheaper."""
    directions = Directions(_problem())
    first = optimise(directions.loose())
    high = max(directions.loose().heights_m)
    raised = replace(first, sites=tuple(replace(site, height_m=high) for site in first.sites))
    costs = []
    for instance in (directions.loose(), directions.at_heights(raised, {})):
        known = Known(network_of(instance), None)
        known.begin(raised)
        costs.append(known.network.cost(known.best))
    assert high > first.sites[0].height_m
    assert costs[1] == pytest.approx(costs[0], abs=0.02)
