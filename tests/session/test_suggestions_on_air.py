"""What is suggested is heard on the channels once it is built, and silences nobody; it comes with its channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from drawn_network import drawn

from cn_planner.gis.raster_write import write_geotiff
from cn_planner.model import edits
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.suggestions import Suggestion
from cn_planner.session.project import Project
from cn_planner.session.suggestions import suggest
from cn_planner.session.workspace import Snapshot
from cn_planner.spectrum.channels import plan_channels

UNSURE = "nobody has looked whether a channel is left for it"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("drawn")
    plan = drawn(4).plan
    plan = replace(plan, rules=replace(plan.rules, max_sectors=6, mast_heights_m=(12.0, 18.0, 24.0)))
    with Project.create(folder / "drawn.cnplan.gpkg", plan) as made:
        plain = np.full((100, 100), 1200.0, np.float32)
        write_geotiff(folder / "plain.tif", plain, "EPSG:4326", (0.005, 0.0, 36.3, 0.0, -0.005, -1.2), None)
        made.add_terrain([folder / "plain.tif"])
        yield made


def misled(snapshot: Snapshot, one: Suggestion) -> bool:
    """Build what is suggested, judge the network anew on its channels, and return whether it does not hold."""
    before = plan_channels(snapshot.study, keep=True).not_served
    silent = plan_channels(replace(snapshot.study, plan=one.edit.plan), keep=True).not_served
    return bool(silent & set(one.home_ids) or silent - before)


def test_what_is_suggested_is_heard_and_silences_nobody(project: Project) -> None:
    snapshot = project.snapshot()
    found = suggest(snapshot)
    assert len(found) > 2
    for one in found:
        assert UNSURE not in str(one.detail)
        assert not misled(snapshot, one), one.id
        assert plan_channels(replace(snapshot.study, plan=one.edit.plan)).edit is None  # nothing is left to give


def test_unasked_some_would_not_hold(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = project.snapshot()
    heard = {one.id: one for one in suggest(snapshot)}
    monkeypatch.setattr(HeldOnAir, "known", lambda _self: False)
    unasked = {one.id: one for one in suggest(snapshot)}
    wrong = {key for key, one in unasked.items() if misled(snapshot, one)}
    assert wrong  # what is asked makes a difference here
    for key, one in unasked.items():
        if key not in wrong:
            assert heard[key].home_ids == one.home_ids
            assert heard[key].cost == one.cost


def test_where_radios_have_no_channel_yet_nothing_is_held_against_them(project: Project) -> None:
    first = next(site for site in project.plan.used_sites.values() if site.sectors)
    bare = replace(first, sectors=(replace(first.sectors[0], freq_mhz=None, width_mhz=None), *first.sectors[1:]))
    found = suggest(project.workspace.snapshot(edits.put(project.plan, [bare]).plan))
    assert found
    assert not any(UNSURE in str(one.detail) for one in found)


def test_of_more_than_are_looked_at_it_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = project.snapshot()
    monkeypatch.setattr(HeldOnAir, "open", property(lambda _self: False))
    found = suggest(snapshot)
    assert found
    assert all(UNSURE in str(one.detail) for one in found)
