"""A plan whose radios drown each other is made again without far paths, for as many homes."""

from __future__ import annotations

from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Plan, Rules, Site, SiteRole
from cn_planner.planning.design import design_of
from cn_planner.planning.explain import UnservedKind
from cn_planner.planning.narrower import as_coverable, keeps_within, near_where_enough, within_usual_range
from cn_planner.planning.problem import build_problem
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from tests.small_network import flat_ground

GATE = (-1.45, 36.55)


def test_far_paths_are_no_choice_and_as_many_homes_are_asked_for():
    far = destination(*GATE, 180.0, 28_000.0)
    sites = [Site("G", "Gate", *GATE, role=SiteRole.GATEWAY), Site("F", "Far", *far, max_height_m=60.0)]
    homes = [Household(f"H{km}", "", *destination(*GATE, 0.0, 1000.0 * km)) for km in (3, 5, 7, 12)]
    plan = Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(30.0,), cover=0.5))
    problem = build_problem(Study(edits.put(plan, [*sites, *homes]).plan, flat_ground(), load_catalogue()))
    near = within_usual_range(problem)

    def served(of):
        return {of.homes[int(h)].id for _, h, _ in of.instance.serve.tolist()}

    assert served(problem) == {"H3", "H5", "H7", "H12"}
    assert served(near) == {"H3", "H5", "H7"}
    assert problem.network.goal == near.network.goal == 2.0
    assert near.network.coverable == 3.0
    assert not near.access_works[problem.access.distance_m > 8000.0].any()
    assert not near.backhaul_works[problem.backhaul.distance_m > 25_000.0].any()
    assert (near.access_works == problem.access_works)[problem.access.distance_m <= 8000.0].all()
    assert {near.homes[int(h)].id for _, h, _ in near.loose().serve.tolist()} == served(near)
    # A search goes on from what was found before only where that has no far path.
    whole, part = (design_of(of).searched for of in (problem.with_cover(1.0), near))
    assert "H12" in whole.homes
    assert not keeps_within(near, whole)
    assert keeps_within(near, part)
    again = as_coverable(design_of(near, start=part), problem.network.coverable)
    assert (again.served, again.coverable, again.edit.plan.outcome.coverable) == (2.0, 4.0, 4.0)


def test_of_a_home_that_only_a_far_path_reaches_it_is_not_said_that_nothing_does():
    homes = [Household(f"H{km}", "", *destination(*GATE, 0.0, 1000.0 * km)) for km in (3, 5, 7, 12)]
    plan = Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(30.0,), cover=0.75))
    plan = edits.put(plan, [Site("G", "Gate", *GATE, role=SiteRole.GATEWAY), *homes]).plan
    near = near_where_enough(build_problem(Study(plan, flat_ground(), load_catalogue())))
    assert near.near_only
    found = design_of(near)
    assert found.served == 3.0
    (left,) = found.unserved
    assert (left.id, left.kind, left.reason.key) == (
        "H12", UnservedKind.LEFT_OUT,
        "A tower reaches it; it was left out because it is not among the share or the money asked for.",
    )  # fmt: skip
    assert left.fix is not None
    assert dict(left.fix.values)["site"] == "Gate", "and what it takes says the same"
