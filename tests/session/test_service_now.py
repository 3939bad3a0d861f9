"""Who is reached now: the same as the full answer, and only what changed is computed again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cn_planner.links.verdict import VERDICTS
from cn_planner.model import edits
from cn_planner.model.plan import Household, Sector
from cn_planner.report.build import build_report
from cn_planner.service.homes import service
from cn_planner.service.joined import hops
from cn_planner.service.now import ServiceNow, connect_homes
from cn_planner.service.outage import outage_impact
from cn_planner.session import service as session_service
from cn_planner.session.project import Project
from cn_planner.session.service import home_now, service_now
from cn_planner.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def test_every_home_has_the_verdict_of_the_full_answer(network: Project) -> None:
    now = service_now(network.snapshot())
    full = service(network.snapshot().study)
    for one in full:
        if one.site is not None:
            number = now.homes.number[one.home]
            assert VERDICTS[int(now.verdict[number])] is one.verdict
            assert one.margin_db is None or abs(now.margin_db[number] - one.margin_db) < 1e-6
    assert 0 < now.works_weight < now.total


def test_connected_homes_are_what_the_full_answer_calls_served(network: Project) -> None:
    now = service_now(network.snapshot())
    network.apply(connect_homes(network.plan, now))
    again = service_now(network.snapshot())
    full = service(network.snapshot().study)
    assert {one.home for one in full if one.served} == {
        key for key, yes in zip(again.homes.ids, again.connected, strict=True) if yes
    }
    assert again.connected_weight == now.works_weight


def test_moving_one_tower_computes_that_tower_alone(network: Project, monkeypatch) -> None:
    computed: list[str] = []
    real = session_service.tower_coverage

    def watched(study, homes, site, **rest):
        computed.append(site.id)
        return real(study, homes, site, **rest)

    monkeypatch.setattr(session_service, "tower_coverage", watched)
    service_now(network.snapshot())
    assert sorted(computed) == ["C01", "C02", "G01"]
    computed.clear()
    tower = network.plan.sites["C02"]
    network.apply(edits.put(network.plan, [replace(tower, latitude=tower.latitude + 0.001)]))
    service_now(network.snapshot())
    assert computed == ["C02"]
    computed.clear()
    network.undo()
    service_now(network.snapshot())
    assert computed == []  # what was undone is still known


def test_a_home_outside_every_beam_is_not_reached(network: Project) -> None:
    now = service_now(network.snapshot())
    home = next(key for key in now.homes.ids if now.is_seen(key))
    key = now.site_of(home)
    assert key is not None
    place, tower = network.plan.households[home], network.plan.sites[key]
    from cn_planner.geo import geodesic

    azimuth = geodesic(tower.latitude, tower.longitude, place.latitude, place.longitude).azimuth_deg
    for turned, reached in ((0.0, True), (180.0, False)):
        sector = Sector(f"{key}-S1", network.plan.kits.access, (azimuth + turned) % 360.0)
        alone = [replace(one, mast_height_m=None) for one in network.plan.sites.values() if one.id != key]
        plan = edits.put(network.plan, [replace(tower, sectors=(sector,)), *alone]).plan
        assert service_now(network.workspace.snapshot(plan)).is_seen(home) is reached


def test_a_tower_without_a_way_to_the_gateway_is_offline(network: Project) -> None:
    network.apply(edits.remove(network.plan, "links", ["L1"]))
    now = service_now(network.snapshot())
    assert dict(zip(now.sites, now.online.tolist(), strict=True)) == {"G01": True, "C01": False, "C02": False}


def test_a_home_at_the_mast_needs_no_radio(network: Project) -> None:
    tower = network.plan.sites["C01"]
    network.apply(edits.put(network.plan, [Household("at", "At the mast", tower.latitude, tower.longitude)]))
    now = service_now(network.snapshot())
    assert now.is_seen("at")
    assert now.site_of("at") == "C01"


def test_a_plan_without_towers_or_homes_is_answered(valley: Project) -> None:
    now = service_now(valley.snapshot())
    assert now.works_weight == 0.0
    assert (now.site == -1).all()
    valley.apply(edits.remove(valley.plan, "households", list(valley.plan.households)))
    assert service_now(valley.snapshot()).total == 0.0


def test_one_home_is_explained_in_words(network: Project) -> None:
    now = service_now(network.snapshot())
    home = now.homes.ids[int(np.flatnonzero(~now.works)[0])]
    said = home_now(network.snapshot(), home)
    assert said.home == home
    assert str(said.reason)


def test_what_a_towers_failure_loses_is_what_is_reached_with_it_and_not_without(network: Project) -> None:
    before = service_now(network.snapshot())
    lost = before.lost_if_fails()
    assert set(lost) == set(before.sites)
    assert any(lost.values())
    for key in before.sites:
        gone = edits.put(network.plan, [replace(network.plan.sites[key], mast_height_m=None)])
        after = service_now(network.workspace.snapshot(gone.plan))
        # Each home by any tower, whichever it is judged by.
        assert lost[key] == float(before.homes.weight[before.masks.reached() & ~after.masks.reached()].sum())


def test_a_network_without_homes_loses_nobody(network: Project) -> None:
    gone = edits.remove(network.plan, "households", list(network.plan.households))
    now = service_now(network.workspace.snapshot(gone.plan))
    assert set(now.lost_if_fails().values()) <= {0.0}


@pytest.fixture(params=["by hand", "planned"])
def standing(
    request: pytest.FixtureRequest, network: Project, planned_sample: Callable[[float], Path], tmp_path: Path
) -> Iterator[Project]:
    """The valley with towers and links set up by hand, and as the planner has them."""
    if request.param == "by hand":
        yield network
        return
    shutil.copytree(planned_sample(0.5), tmp_path / "planned")
    with Project.open(next((tmp_path / "planned").glob("*.cnplan.gpkg"))) as project:
        yield project


def test_what_rests_on_a_tower_is_who_falls_silent_without_it(standing: Project) -> None:
    network, plan = standing, standing.plan
    now = service_now(network.snapshot())
    behind = 0.0
    mine = now.connected if now.connected.any() else now.works
    for key in now.sites:
        stake = outage_impact(plan, now, key)
        assert stake is not None
        assert stake.online
        left = set(hops(plan, key))
        lost = np.array([mine[n] and now.sites[now.site[n]] not in left for n in range(len(now.homes))], np.bool_)
        assert stake.lost == pytest.approx(now.homes.weight[lost].sum())
        assert stake.own == pytest.approx(now.homes.weight[mine & (now.site == now.sites.index(key))].sum())
        gone = edits.put(plan, [replace(plan.sites[key], mast_height_m=None)]).plan
        after = service_now(network.workspace.snapshot(gone))
        helped = [n for n in np.flatnonzero(lost).tolist() if _reached_by(after, n, left)]
        assert stake.elsewhere == pytest.approx(now.homes.weight[helped].sum())
        assert stake.only == now.lost_if_fails()[key]
        behind += stake.behind
    assert behind > 0.0
    if plan.outcome is not None:  # the report prints the same
        snapshot = network.snapshot()
        report = build_report(
            Study(plan, snapshot.surface, snapshot.catalogue, snapshot.regulations), version=1, date="2026-03-01"
        )
        for site in report.sites:
            if site.id in now.sites:
                stake = outage_impact(plan, now, site.id)
                assert stake is not None
                assert site.homes_lost_if_fails == pytest.approx(stake.lost)


def _reached_by(now: ServiceNow, home: int, sites: set[str]) -> bool:
    return any(now.masks.of_tower(n)[home] for n, key in enumerate(now.sites) if key in sites)


def test_nothing_rests_on_a_tower_without_links_or_on_a_place_without_a_mast(network: Project) -> None:
    plan = edits.remove(network.plan, "links", ["L2"]).plan
    now = service_now(network.workspace.snapshot(plan))
    stake = outage_impact(plan, now, "C02")
    assert stake is not None
    assert not stake.online
    assert stake.lost == 0.0
    assert outage_impact(plan, now, "C05") is None
