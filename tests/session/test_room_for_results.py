"""What is kept of a plan for the next look, and how much: a line right across a country would push out all else."""

from __future__ import annotations

from dataclasses import replace

from cn_planner.model.items import Items
from cn_planner.model.plan import Plan
from cn_planner.service.path_view import PathEnd
from cn_planner.session.link_view import link_view
from cn_planner.session.project import Project
from cn_planner.session.workspace import Workspace


def test_a_profile_of_hundreds_of_kilometres_pushes_nothing_out(network: Project) -> None:
    snapshot, place = network.snapshot(), next(iter(network.plan.used_sites.values()))
    cache, here = network.workspace.cache, PathEnd(place.latitude, place.longitude)
    before = cache.bytes_used
    near = link_view(snapshot, here, PathEnd(place.latitude + 0.05, place.longitude))
    kept = cache.bytes_used
    assert kept > before
    far = [link_view(snapshot, here, PathEnd(place.latitude + 15.0 + n, place.longitude)) for n in range(2)]
    assert len(far[0].profile.distance_m) > 50_000
    assert cache.bytes_used == kept
    assert link_view(snapshot, here, PathEnd(place.latitude + 0.05, place.longitude)).profile is near.profile


def test_a_village_s_results_have_less_room_than_a_district_s(network: Project) -> None:
    def kept(plan: Plan) -> int:
        workspace.snapshot(plan)
        for n in range(30):
            workspace.cache.put(str(n), n, 1_000_000)
        return workspace.cache.bytes_used

    workspace, plan = Workspace(network.path), network.plan
    place = next(iter(plan.used_sites.values()))
    district = replace(plan, sites=Items([replace(place, id=f"D{n}") for n in range(200)]))
    assert 12_000_000 <= kept(plan) <= 15_000_000
    assert kept(district) == 25_000_000 == kept(plan)  # what was looked at once may be looked at again


def test_while_the_hand_rests_a_district_keeps_what_its_own_plan_asks_for(network: Project) -> None:
    """What was more than a village's went each time, and the next edit computed most of its towers anew."""
    workspace, plan = Workspace(network.path), network.plan
    place = next(iter(plan.used_sites.values()))
    homes = len(plan.households)
    district = replace(plan, sites=Items([replace(place, id=f"D{n}") for n in range(300)]))
    for one, least in ((district, min(24 * 1024**2, 300 * (30_000 + 130 * homes))), (plan, 5_000_000)):
        workspace.snapshot(one)
        for n in range(30):
            workspace.cache.put(str(n), n, 1_000_000)
        workspace.let_go_old()
        assert least - 1_000_000 <= workspace.cache.bytes_used <= max(least, 6 * 1024**2)
