"""A profile is kept for the next look, unless it goes right across a country: four of those would push out all else."""

from __future__ import annotations

from cn_planner.service.path_view import PathEnd
from cn_planner.session.link_view import link_view
from cn_planner.session.project import Project


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
